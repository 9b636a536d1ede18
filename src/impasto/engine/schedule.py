"""The schedule: stages that grow from small to large, and how the steps are shared among them.

Small stages lay down the broad strokes in a fraction of the time; large ones add the fine ones.
"""

from dataclasses import dataclass

from impasto.images.resize import scaled_size
from impasto.recipe import ScheduleSettings


@dataclass(frozen=True)
class Stage:
    """One size of the schedule."""

    index: int
    """From 1."""
    height: int
    width: int
    steps: int


def stages(
    settings: ScheduleSettings, height: int, width: int, smallest: int = 1
) -> tuple[Stage, ...]:
    """Plan the stages for a content picture of a size in pixels.

    Long sides grow by `growth` and end at exactly `size`; steps shrink by `decay` and add up to
    `steps`, but no stage has less than the share `least` of them, or less than one: a picture of
    more sizes gets more steps, so that its last sizes are not left soft. Stages beyond `late`
    pixels, but for the first one, get `late` / long side of that: they only sharpen what is there,
    and a step costs four times that of the stage before it. Stages whose short side is under
    `smallest` pixels are left out, but never the last.
    """
    sizes = [scaled_size(height, width, side) for side in _long_sides(settings)]
    sizes = [size for size in sizes[:-1] if min(size) >= smallest] + sizes[-1:]
    shares = _fewer_late(settings, sizes, _shares(settings, len(sizes)))
    return tuple(
        Stage(index, *size, steps)
        for index, (size, steps) in enumerate(zip(sizes, shares, strict=True), start=1)
    )


def _fewer_late(
    settings: ScheduleSettings, sizes: list[tuple[int, int]], shares: list[int]
) -> list[int]:
    parts = [1.0, *(min(1.0, settings.late / max(size)) for size in sizes[1:])]
    return [max(1, round(share * part)) for share, part in zip(shares, parts, strict=True)]


def _long_sides(settings: ScheduleSettings) -> list[int]:
    """Count down from the last size, so that every ratio is the growth asked for."""
    sides = [float(settings.size)]
    while sides[-1] / settings.growth >= settings.first * 0.98:
        sides.append(sides[-1] / settings.growth)
    return [round(side) for side in reversed(sides)]


def _shares(settings: ScheduleSettings, count: int) -> list[int]:
    """One step for each stage, the others by powers of the decay; the largest gets what is over."""
    weights = [settings.decay**index for index in range(count)]
    free = max(0, settings.steps - count)
    shares = [1 + int(free * weight / sum(weights) + 1e-9) for weight in weights]
    largest = weights.index(max(weights))
    shares[largest] += max(0, count + free - sum(shares))
    least = round(settings.steps * settings.least)
    return [max(share, least) for share in shares]
