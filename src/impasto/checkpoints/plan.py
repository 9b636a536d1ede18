"""The plan of a run: everything that does not change in it, as JSON."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from importlib import metadata
from os import PathLike
from pathlib import Path
from typing import Any, Literal, Self, cast, get_args

from impasto import timeline
from impasto.errors import InputError
from impasto.events import PlannedStage
from impasto.execution import ExecutionPlan
from impasto.recipe import Recipe
from impasto.timeline import Timeline

FORMAT = 1
"""Of everything in the folder; raised when older and newer ones could be misread."""

Role = Literal[
    "content", "style", "start", "weights", "protect", "regions", "style_masks", "detector"
]
_WORDS: dict[Role, str] = {
    "content": "content picture",
    "style": "style picture",
    "start": "picture to start from",
    "weights": "weights file",
    "protect": "mask of what is protected",
    "regions": "label map",
    "style_masks": "style mask",
    "detector": "model that finds faces",
}


@dataclass(frozen=True)
class InputFile:
    """A file that goes in, known again by its hash."""

    role: Role
    path: Path
    sha256: str

    @classmethod
    def of(cls, role: Role, path: str | PathLike[str]) -> Self:
        """Hash a file.

        Raises:
            InputError: it cannot be read.
        """
        where = Path(path).expanduser().absolute()
        try:
            with where.open("rb") as file:
                return cls(role, where, hashlib.file_digest(file, "sha256").hexdigest())
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise InputError(
                f"cannot read the {_WORDS[role]} {where}: {reason}; a run with checkpoints needs "
                "the files that it begins with until its end"
            ) from error

    def check(self) -> None:
        """Raise InputError unless the file is there and the same."""
        if self.of(self.role, self.path).sha256 != self.sha256:
            raise InputError(
                f"{self.path} is not the {_WORDS[self.role]} that the run began with: its SHA-256 "
                f"is no longer {self.sha256[:12]}...; put that file back, or start anew"
            )


@dataclass(frozen=True, kw_only=True)
class RunPlan:
    """What a run is to do, decided when it began."""

    recipe: Recipe
    """As run: with the weights' hash and the precision filled in."""
    inputs: tuple[InputFile, ...]
    stages: tuple[PlannedStage, ...]
    device: str
    threads: int
    every: int
    """Steps between two checkpoints."""
    time_limit: float | None
    """Seconds for each process."""
    replay: Timeline
    command: Mapping[str, Any]
    """What whoever began the run needs to finish it; plain values."""
    versions: Mapping[str, str]
    execution: ExecutionPlan = field(default_factory=ExecutionPlan)
    """Whole or in tiles, in memory or in files: decided once, as it changes last bits."""

    def files(self, role: Role) -> list[Path]:
        """Return the inputs of a role, in order."""
        return [file.path for file in self.inputs if file.role == role]

    def file(self, role: Role) -> Path | None:
        """Return the only input of a role, if there is one."""
        return next(iter(self.files(role)), None)

    def differences(self) -> list[str]:
        """Say which versions are not those that the run began with."""
        now = versions()
        return [
            f"the run began with {name} {began}, this is {now.get(name)}: "
            "the result may differ from that of an uninterrupted run"
            for name, began in self.versions.items()
            if now.get(name) != began
        ]

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, from which `from_dict` builds the same plan."""
        return asdict(self) | {
            "format": FORMAT,
            "recipe": self.recipe.to_dict(),
            "inputs": [asdict(file) | {"path": str(file.path)} for file in self.inputs],
            "replay": [entry.to_dict() for entry in self.replay],
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Build a plan from plain values.

        Raises:
            InputError: they are of another format.
            KeyError, TypeError, ValueError: they are damaged.
        """
        if values["format"] != FORMAT:
            raise InputError(
                f"its format is {values['format']}, this impasto reads format {FORMAT}: "
                f"go on with impasto {values.get('versions', {}).get('impasto', 'as it was')}"
            )
        roles = {file["role"] for file in values["inputs"]}
        if not roles >= {"content", "style"}:
            raise ValueError("pictures are missing")
        kept = ("device", "threads", "every", "time_limit", "command", "versions")
        return cls(
            recipe=Recipe.from_dict(values["recipe"]),
            inputs=tuple(_input_file(file) for file in values["inputs"]),
            stages=tuple(PlannedStage(**stage) for stage in values["stages"]),
            replay=timeline.from_plain(values["replay"]),
            execution=ExecutionPlan.from_dict(values.get("execution")),
            **{name: values[name] for name in kept},
        )


def input_files(**sources: Iterable[object]) -> tuple[InputFile, ...]:
    """Hash the inputs of a run, by role; None stands for one that there is not.

    Raises:
        InputError: one is no file, or cannot be read.
    """
    return tuple(
        _hashed(cast(Role, role), source)
        for role, given in sources.items()
        for source in given
        if source is not None
    )


def _hashed(role: Role, source: object) -> InputFile:
    if not isinstance(source, str | PathLike):
        raise InputError(
            f"a checkpoint remembers pictures by their files, and the {_WORDS[role]} is given as "
            "pixels: save it first, and give its path"
        )
    return InputFile.of(role, source)


def versions() -> dict[str, str]:
    """Return the versions that decide the pixels."""
    return {name: _version(name) for name in ("impasto", "torch")}


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "not installed"


def _input_file(values: Mapping[str, str]) -> InputFile:
    if values["role"] not in get_args(Role):
        raise ValueError(f"unknown role {values['role']}")
    return InputFile(cast(Role, values["role"]), Path(values["path"]), values["sha256"])
