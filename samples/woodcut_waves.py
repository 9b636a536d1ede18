"""Breaking waves for the woodcut sample: banded bodies, cuts along the swell, clawed foam."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from drawing import Array, disk, spline
from woodcut_block import Blocks, clear, outline, pieces

# A wave one unit high that breaks toward +x: its back from trough to lip, and its hollow face.
BACK = (
    (-4.2, -1.05),
    (-3.2, -0.72),
    (-2.35, -0.42),
    (-1.70, -0.15),
    (-1.15, 0.06),
    (-0.70, 0.34),
    (-0.33, 0.67),
    (0.0, 0.92),
    (0.28, 1.0),
    (0.50, 0.93),
    (0.64, 0.74),
)
FACE = (
    (3.6, -1.05),
    (2.7, -0.68),
    (1.95, -0.36),
    (1.35, -0.15),
    (0.85, -0.02),
    (0.47, 0.10),
    (0.25, 0.27),
    (0.18, 0.47),
    (0.24, 0.65),
    (0.38, 0.77),
    (0.52, 0.79),
    (0.64, 0.74),
)


@dataclass(frozen=True)
class Wave:
    """Place of one wave: the point under its crest, its height, and where it breaks (-1, 1)."""

    x: float
    foot: float
    tall: float
    side: int = -1
    lean: float = 0.0

    def put(self, points: Array) -> Array:
        """Turn wave units into shares of the sheet."""
        points = np.asarray(points, np.float32)
        across = points[:, 0] + self.lean * points[:, 1]
        return np.stack(
            [self.x + self.side * self.tall * across, self.foot - self.tall * points[:, 1]], axis=1
        )

    def line(self, t: float, count: int = 140) -> Array:
        """A line up the body to the lip: ``t`` 0 is the back, 1 the hollow face."""
        back, face = spline(BACK, count), spline(FACE, count)
        return self.put(back + (face - back) * np.float32(t))


def carve(blocks: Blocks, rng: np.random.Generator, waves: tuple[Wave, ...]) -> None:
    """Cut waves into all blocks, far ones first."""
    for wave in waves:
        body(blocks, wave, rng)
        foam(blocks, wave, rng)


def body(blocks: Blocks, wave: Wave, rng: np.random.Generator) -> None:
    """The water: pale and deep blue bands that rise to the lip, black in the hollow's shade."""
    shape = np.concatenate([wave.line(0), wave.line(1)[::-1]])
    floor = [(shape[-1][0], 0.9), (shape[0][0], 0.9)]
    shape = np.concatenate([shape, floor])
    clear(blocks, outline(shape, 0.0038))
    clear(blocks, shape)
    blocks["pale"].ink(shape)
    for low, high in ((0.0, 0.20), (0.31, 0.47), (0.56, 0.70), (0.78, 0.88)):
        stripe(blocks, "blue", wave, low, high)
    for low, high in ((0.03, 0.12), (0.80, 0.86), (0.92, 1.0)):
        stripe(blocks, "key", wave, low, high)
    grain_lines(blocks, wave, rng)
    for t in (0, 1):
        blocks["key"].ink(outline(wave.line(t), 0.0010 + 0.004 * wave.tall))


def stripe(blocks: Blocks, ink: str, wave: Wave, low: float, high: float) -> None:
    """Leave the band between two lines of the body standing, down to the bottom of the sheet."""
    left, right = wave.line(low), wave.line(high)
    shape = np.concatenate([left, right[::-1], [(right[0][0], 0.9), (left[0][0], 0.9)]])
    blocks[ink].ink(shape)


def grain_lines(blocks: Blocks, wave: Wave, rng: np.random.Generator) -> None:
    """Cuts along the swell: grooves in blue and black, fine black ridges in the light bands."""
    count = max(int(84 * wave.tall**0.6), 14)
    for t in (np.arange(count) + 0.5) / count:
        line = wave.line(t + rng.normal(0, 0.002))
        length = 0.05 + 0.16 * wave.tall
        for path in pieces(line, length, 0.012 + 0.02 * wave.tall, rng):
            rise = (wave.foot - path[:, 1].mean()) / wave.tall
            wide = (
                (0.0016 + 0.0085 * wave.tall)
                * (1.05 - 0.75 * np.clip(rise, 0, 1))
                * rng.uniform(0.5, 1.0)
            )
            blocks["key"].gouge(path, wide * 0.9)
            blocks["blue"].gouge(path, wide)
            if 0.2 < t < 0.78 and rng.random() < 0.55:
                offset = np.array([0.4, 0.6]) * (0.004 + 0.004 * wave.tall)
                blocks["key"].gouge(path + offset, wide * 0.8, 255)
            elif rng.random() < 0.45:
                blocks["pale"].gouge(path, wide * 0.8)


def rim(wave: Wave) -> Array:
    """The breaking edge: along the back's upper part, over the lip, under into the hollow."""
    back, face = spline(BACK[3:], 200), spline(FACE[3:], 200)
    return np.concatenate([back[96:], face[::-1][:62]])


def foam(blocks: Blocks, wave: Wave, rng: np.random.Generator) -> None:
    """White foam with a black edge: a scalloped cap, hooked claws, spray."""
    edge, lumps = rim(wave), []
    inward = np.array([0.34, 0.60])
    for t in np.linspace(0, 1, 46):
        spot = edge[int(t * (len(edge) - 1))]
        thick = 0.085 * np.sin(np.pi * min(t * 0.75 + 0.08, 1)) ** 0.8
        toward = (inward - spot) / np.hypot(*(inward - spot))
        size = thick * rng.uniform(0.42, 0.66)
        lumps.append((spot + toward * thick * rng.uniform(0.15, 0.75), size))
    shapes = [wave.put(disk(*spot, size, size * 0.9)) for spot, size in lumps if size > 0.006]
    for claw in claws(edge, rng):
        shapes.append(wave.put(claw))
        tip = claw[len(claw) // 2 - 1 : len(claw) // 2 + 1].mean(axis=0)
        shapes.append(wave.put(disk(*tip, rng.uniform(0.010, 0.017))))
    line = 0.0011 + 0.0038 * wave.tall
    for shape in shapes:
        blocks["key"].ink(outline(np.concatenate([shape, shape[:2]]), line))
    for shape in shapes:
        clear(blocks, shape)
    curls(blocks, wave, lumps, rng)
    spray(blocks, wave, edge, rng)


def claws(edge: Array, rng: np.random.Generator) -> list[Array]:
    """Hooks that hang from the lip and reach forward."""
    found = []
    for t in np.linspace(0.22, 0.97, 25):
        k = int(t * (len(edge) - 2))
        along = edge[k + 1] - edge[k]
        along = along / np.hypot(*along)
        out = np.array([-along[1], along[0]])
        length = rng.uniform(0.075, 0.125) * (
            0.6 + 0.7 * np.sin(np.pi * np.clip((t - 0.25) / 0.75, 0, 1))
        )
        for bend, share in ((0.0, 1.0), (0.75, 0.62), (-0.5, 0.55)):
            found.append(hook(edge[k], out, along, length * share, bend))
    return found


def hook(root: Array, out: Array, along: Array, length: float, bend: float) -> Array:
    """One claw: thick at the root, curling down to a rounded point."""
    t = np.linspace(0, 1, 14)[:, None]
    aim = out * np.cos(bend) + along * np.sin(bend)
    fall = np.array([0.25, -1.0])
    path = root + length * (t * aim + 0.55 * t**2 * (0.5 * along + 0.6 * fall))
    half = length * (0.20 * (1 - t[:, 0]) + 0.055)
    return outline(path.astype(np.float32), half)


def curls(blocks: Blocks, wave: Wave, lumps: list, rng: np.random.Generator) -> None:
    """Small arcs that round the foam."""
    for spot, size in [*lumps, *lumps[::3]]:
        if size * wave.tall < 0.004:
            continue
        turn = rng.uniform(0, 2 * np.pi) + np.linspace(0, 2.2, 10)
        arc = spot + 0.55 * size * np.stack([np.cos(turn), np.sin(turn)], axis=1)
        blocks["key" if rng.random() < 0.35 else "pale"].gouge(
            wave.put(arc), 0.0012 + 0.0042 * wave.tall, 255
        )


def spray(blocks: Blocks, wave: Wave, edge: Array, rng: np.random.Generator) -> None:
    """Drops of bare paper thrown ahead of the lip."""
    for _ in range(int(110 * wave.tall**0.5)):
        spot = edge[rng.integers(len(edge) // 4, len(edge) - 12)]
        fly = np.array([0.02 + 0.30 * rng.random() ** 1.5, rng.uniform(-0.14, 0.17)])
        size = 0.003 + 0.0075 * rng.random() ** 2.5 * (0.4 + 1.1 * wave.tall) / wave.tall * 0.55
        clear(blocks, wave.put(disk(*(spot + fly), size)))
