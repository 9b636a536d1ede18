"""The bust's skin: skull, face, ears, neck and upper chest, in voxel clay.

The origin lies between the eyes' height and the ear canals: crown at y 11.5, chin at y -11.5.
"""

from __future__ import annotations

import numpy as np

from bust_clay import Array, Clay, Shape, curve, ellipsoid, tube

EYE = np.array([3.2, 0.0, 7.35])
EYE_RADIUS = 1.25
SIDES = (-1, 1)
TOP_LID, LOW_LID = 0.56, 0.42  # half heights of the eye opening


def mirrored(points, side: int) -> Array:
    """Return points with x multiplied by ``side``."""
    points = np.array(points, float)
    points[..., 0] *= side
    return points


def skull(clay: Clay) -> None:
    """Block in cranium, face, jaw and cheekbones."""
    clay.add(ellipsoid((0, 3.2, -0.7), (7.35, 8.3, 9.3)), 2.0)
    clay.add(ellipsoid((0, 3.6, 3.0), (5.9, 5.0, 6.3)), 2.5)
    clay.add(ellipsoid((0, -2.8, 2.2), (5.6, 7.4, 6.6)), 2.0)
    clay.add(ellipsoid((0, -6.2, 6.2), (3.3, 3.4, 3.45)), 2.2)
    clay.add(ellipsoid((0, -9.85, 7.6), (1.2, 1.35, 1.4)), 2.2)
    for side in SIDES:
        jaw = [(4.8, -1.5, 0.6), (4.3, -6.0, 1.5), (3.0, -8.9, 4.5), (1.0, -10.1, 7.2)]
        clay.add(tube(mirrored(curve(jaw, 12), side), np.linspace(1.0, 1.15, 12)), 2.4)
        clay.add(ellipsoid((side * 4.0, -2.6, 5.8), (1.8, 1.5, 2.1), turn=-35 * side), 2.4)
        clay.add(ellipsoid((side * 3.3, -5.6, 5.6), (2.2, 2.6, 2.6)), 2.0)
        clay.add(tube(mirrored([(5.0, -1.8, 5.0), (6.4, -0.9, 1.2)], side), 0.5), 2.0)


def brow(clay: Clay) -> None:
    """Shape forehead, brow ridge, eye sockets and temples."""
    for side in SIDES:
        arch = [(0.9, 1.55, 8.75), (2.4, 2.1, 8.55), (4.0, 2.2, 7.6), (5.2, 1.2, 6.1)]
        clay.add(tube(mirrored(curve(arch, 14), side), np.linspace(0.7, 0.45, 14)), 1.5)
        clay.press((side * 1.9, 0.2, 8.6), (0.9, 1.1, 1.4), -0.75)
        clay.press((side * 3.3, 0.35, 8.3), (1.9, 1.0, 1.6), -0.5)
        clay.press((side * 4.3, 0.2, 7.3), (1.3, 1.1, 1.6), -0.25)
        clay.press((side * 6.1, 2.6, 4.2), (1.5, 2.2, 2.0), -0.25)


def almond(side: int, grow: float = 0.0) -> Shape:
    """Return the eye opening, a pointed almond run through along z."""
    inner, outer = np.array([1.52, -0.2]), np.array([4.78, 0.16])
    middle, span = (inner + outer) / 2, outer - inner
    half = np.linalg.norm(span) / 2
    along = span / (2 * half)

    def distance(x, y, z):
        u = (side * x - middle[0]) * along[0] + (y - middle[1]) * along[1]
        v = (y - middle[1]) * along[0] - (side * x - middle[0]) * along[1]
        w = np.clip(u / half, -1, 1)
        top = TOP_LID * (1 - w**2) ** 0.75 * (1 - 0.22 * w)
        bottom = -LOW_LID * (1 - w**2) ** 0.95 * (1 + 0.25 * w)
        flat = np.maximum(np.maximum(v - top, bottom - v), np.abs(u) - half) - grow
        off = (side * x - EYE[0]) ** 2 + (y - EYE[1]) ** 2
        floor = EYE[2] - 0.03 + np.sqrt(np.maximum(EYE_RADIUS**2 - off, 0.2))
        return np.maximum(flat, floor - z)

    low = np.array([side * 3.15 - 1.9, -0.9, 6.0])
    return Shape(distance, low, np.array([side * 3.15 + 1.9, 1.2, 10.0]))


def lids(clay: Clay) -> None:
    """Lay eyelids over the eyeballs and cut their openings and folds."""
    for side in SIDES:
        eye = EYE * (side, 1, 1)
        clay.add(ellipsoid(eye, [EYE_RADIUS + 0.24] * 3), 0.75)
        fold = [
            (1.5, 0.28, 8.3),
            (2.3, 0.86, 8.62),
            (3.3, 1.05, 8.6),
            (4.3, 0.8, 8.1),
            (5.0, 0.3, 7.4),
        ]
        fold = clay.settle(mirrored(curve(fold, 20), side))
        taper = 0.04 + 0.075 * np.sin(np.linspace(0.25, 2.9, 20))
        clay.carve(tube(fold, taper), 0.16)
        clay.carve(almond(side), 0.07)
        clay.press((side * 3.2, -1.5, 8.4), (1.5, 0.4, 1.2), -0.06)
        clay.add(ellipsoid((side * 1.72, -0.14, 8.0), (0.24, 0.16, 0.3)), 0.1)


def nose(clay: Clay) -> None:
    """Build bridge, tip, wings and nostrils."""
    ridge = [(0, 1.7, 8.55), (0, 0.3, 8.6), (0, -1.6, 9.45), (0, -3.2, 10.55), (0, -3.85, 10.95)]
    clay.add(tube(curve(ridge, 18), np.linspace(0.62, 0.74, 18)), 1.25)
    clay.add(ellipsoid((0, -3.85, 10.95), (0.86, 0.74, 0.85)), 0.55)
    clay.add(ellipsoid((0, -4.45, 10.3), (0.42, 0.42, 1.0)), 0.4)
    for side in SIDES:
        clay.add(ellipsoid((side * 1.08, -4.15, 9.75), (0.56, 0.62, 1.0), turn=28 * side), 0.6)
        hole = [(0.62, -4.75, 10.35), (0.72, -4.35, 10.1), (0.7, -3.9, 9.8)]
        clay.carve(tube(mirrored(hole, side), [0.26, 0.25, 0.12]), 0.16)
        crease = [(1.45, -3.35, 9.55), (1.82, -4.1, 9.25), (1.6, -4.8, 9.3)]
        clay.press((side * 1.75, -3.5, 9.4), (0.4, 0.6, 0.8), -0.12)
        clay.carve(tube(clay.settle(mirrored(curve(crease, 8), side)), 0.04), 0.22)


def mouth(clay: Clay) -> None:
    """Model philtrum, lips, corners and chin groove."""
    for side in SIDES:
        upper = [(0, -6.42, 9.55), (0.75, -6.28, 9.5), (1.6, -6.58, 9.0), (2.4, -6.78, 8.3)]
        clay.add(tube(mirrored(curve(upper, 14), side), np.linspace(0.5, 0.2, 14)), 0.35)
        lower = [(0, -7.42, 9.3), (0.8, -7.42, 9.2), (1.6, -7.18, 8.85), (2.3, -6.86, 8.3)]
        clay.add(tube(mirrored(curve(lower, 14), side), np.linspace(0.62, 0.25, 14)), 0.3)
        clay.press((side * 2.7, -6.75, 8.5), (0.4, 0.35, 0.8), -0.16)
        clay.press((side * 0.35, -5.5, 9.9), (0.18, 0.6, 0.8), 0.06)
        clay.press((side * 3.0, -5.0, 8.6), (0.5, 1.3, 1.0), -0.10)
    clay.press((0, -5.5, 9.9), (0.25, 0.7, 0.8), -0.14)
    clay.press((0, -6.75, 10.1), (0.4, 0.25, 0.6), 0.08)
    clay.press((0, -8.5, 9.4), (1.5, 0.45, 0.9), -0.3)
    line = [
        (-2.5, -6.74),
        (-1.6, -6.84),
        (-0.6, -6.82),
        (0, -6.92),
        (0.6, -6.82),
        (1.6, -6.84),
        (2.5, -6.74),
    ]
    line = clay.settle([(x, y, 9.6 - 0.18 * x * x) for x, y in curve(line, 30)])
    depth = 0.05 + 0.08 * np.sin(np.linspace(0.3, 2.84, 30))
    clay.carve(tube(line, depth), 0.2)


def ear(clay: Clay, side: int) -> None:
    """Build an ear: shell, rim, inner fold, lobe and canal."""

    def at(points):
        back, up, out = np.array(points, float).T
        return np.stack([side * (6.15 + out + 0.42 * back), up, -0.2 - back + 0.12 * up], axis=1)

    clay.add(ellipsoid(at([(0.9, -1.1, 0.1)])[0], (0.45, 2.5, 1.5), turn=22 * side), 0.5)
    rim = [
        (0.1, -0.9, 0.1),
        (-0.1, 0.5, 0.3),
        (0.7, 1.55, 0.5),
        (1.9, 1.3, 0.6),
        (2.4, 0.0, 0.6),
        (2.0, -1.7, 0.5),
        (1.2, -3.0, 0.4),
    ]
    clay.add(tube(at(curve(rim, 26)), np.linspace(0.24, 0.3, 26)), 0.15)
    inner = [
        (0.9, 0.9, 0.35),
        (1.5, 0.3, 0.45),
        (1.6, -0.9, 0.45),
        (1.1, -2.0, 0.4),
        (0.4, -2.3, 0.35),
    ]
    clay.add(tube(at(curve(inner, 16)), 0.22), 0.2)
    clay.add(ellipsoid(at([(0.75, -3.0, 0.35)])[0], (0.36, 0.75, 0.62)), 0.3)
    clay.add(ellipsoid(at([(-0.2, -1.2, 0.4)])[0], (0.25, 0.5, 0.35)), 0.2)
    clay.carve(ellipsoid(at([(0.65, -0.9, 0.55)])[0], (0.5, 0.95, 0.55)), 0.25)


def torso(clay: Clay) -> None:
    """Build neck, chest and shoulders, smooth as the mantle needs them."""
    clay.add(tube([(0, -4, -2.2), (0, -12, -1.6), (0, -22, -3.4)], [4.6, 4.45, 5.3]), 2.0)
    clay.add(ellipsoid((0, -33.5, -2.6), (16.5, 14.0, 9.6)), 4.0)
    for side in SIDES:
        clay.add(ellipsoid((side * 14.2, -25.3, -3.2), (4.6, 4.8, 4.8)), 4.0)
        slope = [(3.0, -12, -4.5), (7.0, -18.5, -4.6), (13, -21.8, -3.6)]
        clay.add(tube(mirrored(curve(slope, 10), side), np.linspace(1.5, 2.2, 10)), 4.0)


def throat(clay: Clay) -> None:
    """Add throat, neck straps, collarbones and the notch between them."""
    clay.add(ellipsoid((0, -12.8, 3.0), (1.5, 2.0, 1.2)), 2.2)
    for side in SIDES:
        strap = [(4.7, -4.5, -2.2), (3.7, -11, 0.2), (2.1, -17, 1.9), (1.3, -20.6, 3.2)]
        clay.add(tube(mirrored(curve(strap, 14), side), np.linspace(0.6, 0.4, 14)), 1.8)
        bone = [(1.7, -20.7, 4.8), (4.5, -20.2, 4.7), (8.6, -20.0, 2.6)]
        bone = clay.settle(mirrored(curve(bone, 16), side), -0.3)
        clay.add(tube(bone, 0.2 + 0.35 * np.sin(np.linspace(0.1, 3.0, 16))), 1.4)
    clay.press((0, -20.0, 5.2), (0.9, 0.9, 1.5), -0.12)


def head(cell: float) -> Clay:
    """Return the whole skin at the given grid step."""
    clay = Clay((-13, -29, -11.5), (13, 12.5, 13), cell)
    skull(clay)
    brow(clay)
    torso(clay)
    throat(clay)
    nose(clay)
    mouth(clay)
    lids(clay)
    for side in SIDES:
        ear(clay, side)
    return clay
