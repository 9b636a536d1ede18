"""What a job is: frozen values, as stored and as shown to callers."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from typing import Any, Generic, Literal, Self, TypeVar

from impasto.errors import InputError

T = TypeVar("T")


class JobStatus(StrEnum):
    """Where a job is in its life."""

    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    COMPLETED = "completed"
    STOPPED = "stopped"
    """Ended early on request, with the picture so far."""
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        """Whether nothing will happen to the job any more."""
        return self not in ACTIVE


ACTIVE = (JobStatus.QUEUED, JobStatus.RUNNING, JobStatus.PAUSED)
"""Of jobs that have not ended."""

Action = Literal["pause", "resume", "stop", "weight", "strength"]
"""What can be done to a job that has not ended."""


@dataclass(frozen=True, kw_only=True)
class Upload:
    """A picture that was handed in, and that could be decoded."""

    id: str
    """From its content: the same file is stored once."""
    name: str
    """As the caller called it; never a path."""
    kind: str
    """`png`, `jpeg`, ..., by its first bytes."""
    bytes: int
    width: int
    height: int
    created: float
    """Seconds since 1970, UTC; so are all times here."""


@dataclass(frozen=True, kw_only=True)
class Output:
    """How the result is written: always as PNG, which others are made of on demand."""

    depth: Literal[8, 16] = 8
    """Bits per channel."""
    dpi: float | None = None

    def __post_init__(self) -> None:
        if self.depth not in (8, 16):
            raise InputError(f"a depth must be 8 or 16 bits, got {self.depth!r}")
        if self.dpi is not None and not 1 <= self.dpi <= 10_000:
            raise InputError(f"dpi must be between 1 and 10000, got {self.dpi!r}")


@dataclass(frozen=True, kw_only=True)
class JobRequest:
    """What is asked for; pictures are named by their uploads."""

    recipe: Mapping[str, Any]
    """As `Recipe.to_dict` gives it."""
    content: str
    styles: tuple[str, ...]
    start: str | None = None
    protect: str | None = None
    """A mask; subjects and faces are asked for in the recipe."""
    regions: tuple[str, ...] = ()
    style_masks: tuple[str, ...] = ()
    title: str = ""
    client: str = ""
    """Who asks, for the limits of each client."""
    parent: str | None = None
    """The job that this one was branched from."""
    output: Output = field(default_factory=Output)

    @property
    def uploads(self) -> tuple[str, ...]:
        """Every upload that the job needs."""
        single = [name for name in (self.start, self.protect) if name is not None]
        return (self.content, *self.styles, *single, *self.regions, *self.style_masks)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, from which `from_dict` builds the same request."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Build a request from plain values.

        Raises:
            InputError: a name is unknown or missing.
        """
        known = {item.name for item in fields(cls)}
        if unknown := values.keys() - known:
            raise InputError(f"a job has no {', '.join(sorted(unknown))}; it has {sorted(known)}")
        given = dict(values)
        try:
            for name in given.keys() & {"styles", "regions", "style_masks"}:
                given[name] = tuple(given[name])
            if "output" in given:
                given["output"] = Output(**given["output"])
            return cls(**given)
        except TypeError as error:
            raise InputError(f"this is no request for a job: {error}") from error


@dataclass(frozen=True, kw_only=True)
class Job:
    """A job as it stands."""

    id: str
    status: JobStatus
    request: JobRequest
    title: str
    created: float
    started: float | None = None
    finished: float | None = None
    step: int = 0
    """Steps done."""
    steps: int = 0
    """In all; 0 until it is known."""
    losses: Mapping[str, float] = field(default_factory=dict)
    """Of the last step."""
    seconds_left: float | None = None
    error: str = ""
    """Why it failed, as a sentence; or why it was stopped."""
    warnings: tuple[str, ...] = ()
    favorite: bool = False
    result: tuple[int, int] | None = None
    """Width and height of the picture, once there is one."""


@dataclass(frozen=True)
class StoredEvent:
    """An event of a run, with its number in the job's log."""

    number: int
    """From 1, without gaps."""
    event: str
    """Its kind: `step`, `stage_started`, ..."""
    values: Mapping[str, Any]
    """Its fields as plain values, without images."""
    time: float


@dataclass(frozen=True)
class Page(Generic[T]):
    """Some of many."""

    items: tuple[T, ...]
    before: str | None
    """Ask with this for what comes after; None at the end."""
    total: int
    """How many there are on all pages together."""


@dataclass(frozen=True, kw_only=True)
class SavedRecipe:
    """A recipe that the user keeps under a name."""

    name: str
    recipe: Mapping[str, Any]
    created: float


@dataclass(frozen=True, kw_only=True)
class WorkerSeen:
    """A worker, as it last said of itself."""

    id: str
    device: str
    seen: float
    job: str | None
    """What it works on."""


@dataclass(frozen=True, kw_only=True)
class Counts:
    """How much there is of everything, for metrics and readiness."""

    jobs: Mapping[JobStatus, int]
    uploads: int
    workers: tuple[WorkerSeen, ...]
    """Those heard of in the last 15 seconds."""
    disk_bytes: int
    disk_quota: int
    seconds_waiting: float
    """Of the job that has waited longest."""
