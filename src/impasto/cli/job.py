"""One picture to make: everything that a command asks for."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from impasto.cli import checks
from impasto.cli.options import Voice
from impasto.recipe import Recipe


@dataclass(frozen=True, kw_only=True)
class Job:
    """What to make, of what, and where it goes."""

    content: Path
    styles: tuple[Path, ...]
    output: Path
    recipe: Recipe
    start: Path | None = None
    weights: Path | None = None
    offline: bool = False
    device: str = "auto"
    threads: int | None = None
    time_limit: float | None = None
    save_every: int | None = None
    """Steps between pictures of the work under way."""
    trace: Path | None = None
    voice: Voice = "display"
    sources: tuple[Path, ...] = ()
    """Other files that went in, such as the recipe's."""

    def frame(self, step: int) -> Path:
        """Name the picture of a step: `out.step00050.png` beside `out.png`."""
        return self.output.with_name(f"{self.output.stem}.step{step:05}{self.output.suffix}")

    def is_frame(self, step: int) -> bool:
        """Tell whether the picture of a step is asked for."""
        return self.save_every is not None and step % self.save_every == 0

    def frames(self) -> Iterator[Path]:
        """Name every picture of the work under way."""
        if self.save_every is not None:
            steps = self.recipe.schedule.steps
            yield from map(self.frame, range(self.save_every, steps + 1, self.save_every))

    def check(self) -> None:
        """Raise InputError for what can be seen to be wrong before the work begins."""
        pictures = [self.content, *self.styles, *([self.start] if self.start else [])]
        inputs = [*pictures, *self.sources, *([self.weights] if self.weights else [])]
        checks.check_inputs(pictures, self.weights)
        checks.check_recipe(self.recipe, len(self.styles), self.time_limit)
        if self.recipe.color.mode != "palette":  # which needs no network
            checks.check_network(self.recipe.network.name, self.weights, offline=self.offline)
        checks.check_outputs(self.output, self.trace, self.frames(), inputs)
