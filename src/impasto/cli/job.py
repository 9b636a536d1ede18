"""One picture to make: everything that a command asks for."""

import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

from impasto.checkpoints.folder import EVERY, check_new
from impasto.checkpoints.plan import RunPlan
from impasto.cli import checks
from impasto.cli.given_options import Voice
from impasto.cli.guide_options import GuideFiles
from impasto.cli.print_options import Shares
from impasto.errors import InputError
from impasto.files import Encoding
from impasto.recipe import Recipe
from impasto.timeline import Timeline


@dataclass(frozen=True, kw_only=True)
class Job:
    """What to make, of what, and where it goes."""

    content: Path
    styles: tuple[Path, ...]
    output: Path
    recipe: Recipe
    guides: GuideFiles = field(default_factory=GuideFiles)
    detail: Shares | None = None
    """The region that alone is painted at full size."""
    start: Path | None = None
    weights: Path | None = None
    offline: bool = False
    device: str = "auto"
    threads: int | None = None
    memory: str | None = None
    """What the run may take; None: what is free, less a margin."""
    tile: int | None = None
    """Side of tiles in pixels; None: what fits into memory."""
    time_limit: float | None = None
    save_every: int | None = None
    """Steps between pictures of the work under way."""
    trace: Path | None = None
    animation: Path | None = None
    """The optimization as an animation; not kept for who resumes the run."""
    encoding: Encoding = field(default_factory=Encoding)
    pixel_limit: int | None = None
    voice: Voice = "display"
    sources: tuple[Path, ...] = ()
    """Other files that went in, such as the recipe's."""
    checkpoint: Path | None = None
    """The folder of checkpoints."""
    checkpoint_every: int = EVERY
    resumed: bool = False
    """Go on with the run in that folder."""
    replay: Timeline = ()
    """What is to be done again that was done to another run."""

    @classmethod
    def resuming(
        cls,
        folder: Path,
        plan: RunPlan,
        *,
        output: Path | None,
        time_limit: float | None,
        voice: Voice,
    ) -> Self:
        """Make the job that goes on with the run in a folder.

        Raises:
            InputError: the run was not begun by this command, and there is no output.
        """
        command = plan.command
        output = output or _path(command.get("output"))
        if output is None:
            raise InputError(f"the run in {folder} names no output: give one with -o")
        return cls(
            content=plan.files("content")[0],
            styles=tuple(plan.files("style")),
            output=output,
            recipe=plan.recipe,
            start=plan.file("start"),
            weights=plan.file("weights"),
            device=plan.device,
            threads=plan.threads,
            time_limit=plan.time_limit if time_limit is None else time_limit,
            save_every=command.get("save_every"),
            trace=_path(command.get("trace")),
            pixel_limit=sys.maxsize,  # the run has let its inputs in
            encoding=Encoding(**command.get("encoding", {})),
            voice=voice,
            checkpoint=folder,
            resumed=True,
        )

    def command(self) -> dict[str, Any]:
        """Return what `resuming` needs and no plan has; paths hold in any folder."""
        return {
            "output": _text(self.output),
            "trace": _text(self.trace),
            "save_every": self.save_every,
            "encoding": asdict(self.encoding),
        }

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
        pictures += self.guides.inputs
        if self.detail is not None:
            self._check_detail()
        inputs = [*pictures, *self.sources, *([self.weights] if self.weights else [])]
        checks.check_inputs(pictures, self.weights)
        if self.checkpoint is not None and not self.resumed:
            check_new(self.checkpoint.expanduser())
        checks.check_recipe(self.recipe, len(self.styles), self.time_limit)
        self.encoding.check(self.output)
        if not self.recipe.color.only_recolors:
            checks.check_network(self.recipe.network.name, self.weights, offline=self.offline)
        checks.check_outputs(self.output, self.trace, self.frames(), inputs)
        if self.animation is not None:
            single = [path for path in (self.output, self.trace, self.guides.sheet) if path]
            checks.check_animation(self.animation, [*single, *self.frames()], inputs)
        if self.guides.sheet is not None:
            checks.check_outputs(self.guides.sheet, None, (), inputs)
            if self.guides.sheet.expanduser().absolute() == self.output.expanduser().absolute():
                raise InputError(f"{self.output} is the picture itself: give another --save-guides")

    def _check_detail(self) -> None:
        """Refuse what a detail cannot be painted with."""
        given = {
            "--checkpoint": self.checkpoint,
            "--replay": self.replay,
            "--init with a file": self.start,
            "--save-every": self.save_every,
            "--animate": self.animation,
            "--protect, --regions or --style-mask": self.guides.inputs,
            "--save-guides": self.guides.sheet,
        }
        both = [name for name, value in given.items() if value]
        if both:
            raise InputError(f"expected --detail without {' or '.join(both)}; leave one out")


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path.expanduser().absolute())


def _path(text: str | None) -> Path | None:
    """Read a path again; below the current folder, by its short name."""
    if text is None:
        return None
    path = Path(text)
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
