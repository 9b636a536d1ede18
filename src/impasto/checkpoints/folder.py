"""The folder of a run: its plan, its last states, a note when it is complete, and a lock.

run.json              the plan; written once, when the run begins
000002.safetensors    tensors of a state
000002.json           its numbers, and the hash of its tensors; a state counts once this is there
complete.json         the run has completed; where its picture is
lock                  held by the process that works here
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from impasto.checkpoints.lock import Lock
from impasto.checkpoints.plan import RunPlan
from impasto.errors import InputError
from impasto.files import check_target, replacing

EVERY = 25
"""Steps between two checkpoints, unless told otherwise."""
KEPT = 2
"""States; the one before the last is for the case that the last is damaged."""

_PLAN, _COMPLETE, _LOCK = "run.json", "complete.json", "lock"


class Folder:
    """A folder of checkpoints, held by this process."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def begin(self, plan: RunPlan) -> None:
        """Write the plan: from now on the run can be resumed."""
        _write(self.path / _PLAN, plan.to_dict())

    def states(self) -> list[Path]:
        """List the states, the oldest first: paths without a suffix."""
        found = (path.with_suffix("") for path in self.path.glob("*.json"))
        return sorted(path for path in found if path.name.isdecimal())

    def add(self, write: Callable[[Path], None]) -> Path:
        """Add a state, and forget the oldest ones.

        Args:
            write: writes NAME.safetensors, then NAME.json.

        Raises:
            Exception: what `write` raises; the states there were are still there then.
        """
        states = self.states()
        new = self.path / f"{int(states[-1].name) + 1 if states else 1:06}"
        try:
            write(new)
        except BaseException:
            _forget(new)
            raise
        for old in [*states, new][:-KEPT]:
            _forget(old)
        return new

    def note_complete(self) -> None:
        """Note that the run is complete."""
        _write(self.path / _COMPLETE, {"output": None})

    def tidy(self) -> None:
        """Remove what a process that was killed left half done."""
        states = {path.name for path in self.states()}
        tensors = [p for p in self.path.glob("*.safetensors") if p.stem not in states]
        for path in (*tensors, *self.path.glob(".impasto-*")):
            with suppress(OSError):
                path.unlink()


@contextmanager
def claimed(path: Path) -> Iterator[Folder]:
    """Hold a folder for a new run; it is made if need be, and unmade if the run does not begin.

    Raises:
        InputError: it is a file, cannot be written, is in use, or holds a run already.
    """
    check_new(path)
    made = not path.exists()
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unusable(path, error) from error
    try:
        with _locked(path):
            check_new(path)
            check_target(path / _PLAN)
            yield Folder(path)
    finally:
        if not (path / _PLAN).exists():
            _unmake(path, made)


@contextmanager
def reopened(path: Path) -> Iterator[Folder]:
    """Hold the folder of a run that has begun.

    Raises:
        InputError: it is none, or is in use.
    """
    read_plan(path)  # a folder without a run is not to get a lock
    with _locked(path):
        folder = Folder(path)
        folder.tidy()
        yield folder


def check_new(path: Path) -> None:
    """Raise InputError for a folder that no new run can have."""
    if path.exists() and not path.is_dir():
        raise InputError(f"--checkpoint needs a folder, and {path} is a file; choose another name")
    if (path / _COMPLETE).exists():
        raise InputError(
            f"{path} holds a run that is complete; choose another folder, or remove this one"
        )
    if (path / _PLAN).exists():
        raise InputError(
            f"{path} holds the checkpoints of another run; go on with that one by "
            f"`impasto resume {path}`, or choose another folder"
        )


def check_every(steps: int) -> None:
    """Raise InputError for a number of steps that no cadence can have."""
    if steps < 1:
        raise InputError(f"steps between two checkpoints must be at least 1, got {steps}")


def read_plan(path: Path) -> RunPlan:
    """Read the plan of the run in a folder.

    Raises:
        InputError: there is none, or it is damaged or of another format.
    """
    if not path.exists():
        raise InputError(f"there is no folder {path}; check the name")
    if not path.is_dir():
        raise InputError(
            f"{path} is a file; give the folder that --checkpoint named when the run began"
        )
    if not (path / _PLAN).exists():
        raise InputError(
            f"{path} holds no run; give the folder that --checkpoint named when the run began"
        )
    try:
        return RunPlan.from_dict(_read(path / _PLAN))
    except InputError as error:
        raise InputError(f"the run in {path} cannot go on: {error}") from error
    except (OSError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(
            f"{path / _PLAN} is damaged ({type(error).__name__}: {error}); start anew"
        ) from error


def last_step(path: Path) -> int | None:
    """Return the step of the last state in a folder, as far as one can tell without reading it."""
    for state in reversed(Folder(path).states()):
        try:
            return int(_read(state.with_suffix(".json"))["step"])
        except (OSError, KeyError, TypeError, ValueError):
            continue
    return None


def is_complete(path: Path) -> bool:
    """Tell whether the run in a folder is complete."""
    return (path / _COMPLETE).exists()


def saved_output(path: Path) -> Path | None:
    """Return where the picture of a complete run was saved, if it was."""
    try:
        output = _read(path / _COMPLETE)["output"]
    except (OSError, KeyError, TypeError, ValueError):
        return None
    return Path(output) if isinstance(output, str) else None


def note_saved(path: Path, output: Path) -> None:
    """Note in the folder of a complete run where its picture is."""
    if is_complete(path):
        _write(path / _COMPLETE, {"output": str(output.expanduser().absolute())})


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    try:
        lock = Lock(path / _LOCK)
    except BlockingIOError as error:
        raise InputError(
            f"another process is at work in {path}; wait until it ends, or choose another folder"
        ) from error
    except OSError as error:
        raise _unusable(path, error) from error
    try:
        yield
    finally:
        lock.release()


def _unusable(path: Path, error: OSError) -> InputError:
    reason = (error.strerror or str(error)).lower()
    return InputError(f"cannot keep checkpoints in {path}: {reason}; choose another folder")


def _unmake(path: Path, made: bool) -> None:
    with suppress(OSError):
        (path / _LOCK).unlink(missing_ok=True)
        if made:
            path.rmdir()


def _forget(state: Path) -> None:
    """Remove a state; without its numbers, tensors count for nothing."""
    for suffix in (".json", ".safetensors"):
        with suppress(OSError):
            state.with_suffix(suffix).unlink(missing_ok=True)


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _write(path: Path, values: Any) -> None:
    with replacing(path) as partial:
        partial.write_text(json.dumps(values, indent=1) + "\n", encoding="utf-8")
