"""Ink on toned paper: wet and dry brush strokes, washes, dots and spatter.

The scroll keeps optical density, so ink layers darken each other and pale paper glows through.
A stroke runs dry as it goes: where its hairs carry too little ink to fill the paper's tooth, the
paper stays bare in streaks ("flying white").
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from paper import Array, Tiles, Window, blur, fill, noise, smooth, tooth, window
from strokes_scene import rgb

PAPER = rgb("ead9b4")


def ink(code: str) -> Array:
    """Absorption of an ink, from its color as a full-strength stroke."""
    return -np.log(rgb(code).clip(0.03, 0.985))


BLACK, WARM, BLUE = ink("15131a"), ink("2a2018"), ink("1d2f52")
INDIGO, VERMILION, OCHER, PINE = ink("274a86"), ink("cf2f1e"), ink("b9793a"), ink("2f4f46")


@dataclass(frozen=True)
class Touch:
    """How a stroke is made: ink load, dryness, streakiness, softness of its edge, ink fade.

    ``fade`` is the share of ink lost toward the stroke's end.
    """

    load: float = 1.0
    dry: float = 0.25
    streak: float = 0.5
    soft: float = 0.12
    fade: float = 0.35


class Scroll:
    """A sheet of toned paper and the ink on it."""

    def __init__(self, width: int, height: int, rng: np.random.Generator) -> None:
        """Start with bare, slightly stained paper."""
        self.px, self.rng = width, rng
        self.density = np.zeros((height, width, 3), np.float32)
        fibers = noise((height, width), 0.0022 * width, rng, 5.0)
        fibers = fibers + noise((width, height), 0.0022 * width, rng, 5.0).T
        self.tooth = 0.65 * tooth((height, width), 0.0034 * width, rng) + 0.35 * (
            0.5 + 0.5 * np.tanh(fibers * 0.6)
        )
        self.fibers = fibers
        self.tiles = Tiles(width / 1228, rng)

    def field(self, size: float, stretch: float = 1.0) -> Array:
        """Noise over the whole sheet, with features of ``size`` shares of the width."""
        return noise(self.density.shape[:2], size * self.px, self.rng, stretch)

    def grid(self) -> tuple[Array, Array]:
        """Coordinates of every pixel, in shares of the width."""
        height, width = self.density.shape[:2]
        ys, xs = np.mgrid[0:height, 0:width].astype(np.float32)
        return xs / self.px, ys / self.px

    def flood(self, amount: Array, color: Array) -> None:
        """Lay a wash over the whole sheet."""
        settle = 1 + 0.35 * (0.5 - self.tooth)
        self.density += (amount.clip(0) * settle)[..., None] * color

    def stroke(self, line: Array, half: Array, color: Array, touch: Touch = Touch()) -> None:
        """Draw one brush stroke: a center line with a half width (pressure) at each point."""
        points = (line * self.px).astype(np.float32)
        width = np.maximum(np.asarray(half, np.float32) * self.px, 0.35)
        place = window(points, float(width.max()) + 2, self.density.shape)
        if place is None:
            return
        along, gap, local = ribbon(points, width, place)
        across = gap / local
        hairs = self.hairs(along, across, touch)
        edge = (1 - np.abs(across)) * local
        cover = smooth(
            edge + 0.35 * local * touch.streak * (hairs - 0.5), -0.5, 0.6 + touch.soft * local
        )
        amount = 1.25 - touch.dry * (0.55 + 1.1 * along) + 0.9 * touch.streak * (hairs - 0.5)
        bite = smooth(amount - self.tooth[place], -0.06, 0.20)
        pool = 1 + 0.30 * np.exp(-(((np.abs(across) - 0.85) / 0.16) ** 2)) * (1 - touch.streak)
        tone = touch.load * (1 - touch.fade * along) * (0.85 + 0.3 * hairs) * pool
        self.density[place] += (cover * bite * tone)[..., None] * color

    def hairs(self, along: Array, across: Array, touch: Touch) -> Array:
        """Ink carried by each hair of the brush, 0..1, wandering a little along the stroke."""
        fine, coarse = self.rng.random(48), self.rng.random(9)
        bend = across + 0.05 * np.sin(along * 5 + self.rng.uniform(0, 6))
        lane = 0.6 * np.interp(bend, np.linspace(-1, 1, 48), fine)
        lane += 0.4 * np.interp(bend, np.linspace(-1, 1, 9), coarse)
        patchy = 0.10 * self.tiles.cut(along.shape, 0.012 * self.px)
        return (lane + patchy).clip(0, 1).astype(np.float32)

    def wash(
        self, outline: Array, color: Array, load: float, soft: float, rim: float = 0.25
    ) -> None:
        """A wash with a wandering edge; ``soft`` is its blur in shares of the width."""
        points = outline * np.float32(self.px)
        sigma = max(soft * self.px, 0.7)
        place = window(points, 3 * sigma + 2, self.density.shape)
        if place is None:
            return
        depth = blur(fill(points, place), sigma) - 0.5
        depth += 0.10 * self.tiles.cut(depth.shape, sigma * 3)
        body = smooth(depth, -0.35, 0.35)
        edge = rim * np.exp(-(((depth - 0.12) / 0.12) ** 2))
        uneven = 1 + 0.15 * self.tiles.cut(depth.shape, 0.05 * self.px)
        grain = 1 + 0.5 * (0.5 - self.tooth[place])
        self.density[place] += (load * (body * uneven.clip(0.3) * grain + edge * body))[
            ..., None
        ] * color

    def cover(self, outline: Array, soft: float, keep: float, fade: tuple[float, float]) -> None:
        """Clear what is behind a nearer shape: fully at height ``fade[0]``, not at ``fade[1]``."""
        points = outline * np.float32(self.px)
        sigma = max(soft * self.px, 0.7)
        place = window(points, 3 * sigma + 2, self.density.shape)
        if place is None:
            return
        mask = smooth(blur(fill(points, place), sigma), 0.25, 0.75)
        ys = np.arange(place[0].start, place[0].stop, dtype=np.float32)[:, None] / self.px
        mask = mask * (1 - keep) * smooth(ys, fade[1], fade[0])
        self.density[place] *= (1 - mask)[..., None]

    def picture(self) -> Array:
        """Look at the scroll: paper with fibers and age, and ink that saturates."""
        age = 0.028 * self.field(0.25) + 0.014 * self.field(0.012) + 0.012 * self.fibers
        xs, ys = self.grid()
        far = np.hypot(xs - 0.5, ys - ys.max() / 2) / np.hypot(0.5, ys.max() / 2)
        stain = (age + 0.16 * smooth(far, 0.5, 1.1))[..., None] * ink("c9a466") * 1.6
        gy, gx = np.gradient(blur(self.tooth, 0.0008 * self.px))
        relief = 1 + 0.22 * np.tanh((gx + gy) * 0.9)
        deep = 3.0 * (1 - np.exp(-self.density / 3.0))
        return (PAPER * relief[..., None] * np.exp(-deep - stain)).clip(0, 1)


def ribbon(points: Array, width: Array, place: Window) -> tuple[Array, Array, Array]:
    """Position along a stroke (0..1), signed offset and half width for pixels of a window."""
    ys, xs = np.mgrid[place].astype(np.float32)
    best = np.full(xs.shape, np.inf, np.float32)
    along, gap, local = np.zeros_like(xs), np.zeros_like(xs), np.ones_like(xs)
    count = len(points) - 1
    for index, (start, end) in enumerate(pairwise(points)):
        step = end - start
        dx, dy = xs - start[0], ys - start[1]
        t = ((dx * step[0] + dy * step[1]) / (step @ step + 1e-6)).clip(0, 1)
        half = width[index] + t * (width[index + 1] - width[index])
        distance = np.hypot(dx - t * step[0], dy - t * step[1])
        nearer = distance / half < best
        best = np.where(nearer, distance / half, best)
        side = np.sign(dx * step[1] - dy * step[0])
        along = np.where(nearer, (index + t) / count, along)
        gap = np.where(nearer, side * distance, gap)
        local = np.where(nearer, half, local)
    return along, gap, local
