"""The state of a run as two files: tensors as safetensors, numbers as JSON."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from impasto import timeline
from impasto.engine.losses import below
from impasto.engine.state import AverageState, GuardState, RunState, StageState
from impasto.engine.strength import Steering
from impasto.errors import InputError
from impasto.files import replacing
from impasto.numerics.storage import MEMORY, Storage
from impasto.trace import TraceRow

Layout = dict[str, Any]


def write(state: RunState, path: Path) -> None:
    """Write PATH.safetensors, then PATH.json; each whole or not at all.

    Raises:
        InputError, OSError, SafetensorError: the files cannot be written.
    """
    stored, layouts = _packed(_tensors(state.stage))
    with replacing(path.with_suffix(".safetensors")) as partial:
        save_file(stored, partial)
        digest = _digest(partial)
    values = _numbers(state) | {"sha256": digest, "tensors": layouts}
    with replacing(path.with_suffix(".json")) as partial:
        partial.write_text(json.dumps(values), encoding="utf-8")


def read(path: Path, device: torch.device | str = "cpu", storage: Storage = MEMORY) -> RunState:
    """Read what `write` wrote; tensors go to a device, or into a mapped storage.

    Raises:
        InputError: it is damaged, or cannot be read.
    """
    try:
        values = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        file = path.with_suffix(".safetensors")
        if _digest(file) != values["sha256"]:
            raise ValueError("the tensors are not those that were written")
        return _state(values, _unpacked(load_file(file), values["tensors"], device, storage))
    except (OSError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(
            f"the checkpoint {path} is damaged ({type(error).__name__}: {error})"
        ) from error


# --- tensors ---------------------------------------------------------------------------------


def _tensors(stage: StageState) -> dict[str, Tensor]:
    own = {"image": stage.image, "good": stage.good}
    if stage.average.total is not None:
        own["average"] = stage.average.total
    return own | {f"optimizer.{name}": tensor for name, tensor in stage.optimizer.items()}


def _packed(tensors: Mapping[str, Tensor]) -> tuple[dict[str, Tensor], dict[str, Layout]]:
    """Make each tensor a contiguous one of its own; say how to get it back.

    The order in memory decides in which order sums are taken, and so the last bits. A tensor that
    stands under two names is stored once. safetensors sorts by name; the layouts keep the order.
    """
    stored: dict[str, Tensor] = {}
    layouts: dict[str, Layout] = {}
    names: dict[int, str] = {}
    for name, tensor in tensors.items():
        last = tensor.dim() == 4 and not tensor.is_contiguous() and _is_channels_last(tensor)
        source = names.setdefault(id(tensor), name)
        if source == name:
            plain = tensor.detach().permute(0, 2, 3, 1) if last else tensor.detach()
            stored[name] = plain.cpu().contiguous()  # as a rule no copy: it may be very large
        layouts[name] = {"source": source, "channels_last": last}
    return stored, layouts


def _unpacked(
    stored: Mapping[str, Tensor],
    layouts: Mapping[str, Layout],
    device: torch.device | str,
    storage: Storage,
) -> dict[str, Tensor]:
    found: dict[str, Tensor] = {}
    for name, layout in layouts.items():
        if layout["source"] != name:
            found[name] = found[layout["source"]]
            continue
        # A copy is aligned, a slice of a file may not be.
        tensor = storage.copy(stored[name]).to(device)
        found[name] = tensor.permute(0, 3, 1, 2) if layout["channels_last"] else tensor
    return found


def _is_channels_last(tensor: Tensor) -> bool:
    return tensor.is_contiguous(memory_format=torch.channels_last)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# --- numbers ---------------------------------------------------------------------------------


def _numbers(state: RunState) -> dict[str, Any]:
    stage = state.stage
    return {
        "step": state.step,
        "stage": {
            "index": stage.index,
            "tries": stage.tries,
            "converged": stage.converged,
            "image_is_start": stage.image_is_start,
            "good_is_start": stage.good_is_start,
        },
        "average_count": stage.average.count,
        "guard": asdict(stage.guard),
        "weights": dict(state.weights),
        "content_factor": state.content_factor,
        "steering": None if state.steering is None else asdict(state.steering),
        "retries": state.retries,
        "seconds": state.seconds,
        "pending": [entry.to_dict() for entry in state.pending],
        "timeline": [entry.to_dict() for entry in state.timeline],
        "rows": [asdict(row) for row in state.rows],
    }


def _state(values: Mapping[str, Any], tensors: Mapping[str, Tensor]) -> RunState:
    return RunState(
        stage=StageState(
            **values["stage"],
            image=tensors["image"],
            good=tensors["good"],
            average=AverageState(values["average_count"], tensors.get("average")),
            guard=GuardState(**values["guard"]),
            optimizer=below(tensors, "optimizer."),
        ),
        steering=_steering(values["steering"]),
        rows=tuple(TraceRow(**row) for row in values["rows"]),
        timeline=timeline.from_plain(values["timeline"]),
        pending=timeline.from_plain(values["pending"]),
        **{name: values[name] for name in ("weights", "content_factor", "retries", "seconds")},
    )


def _steering(values: Mapping[str, Any] | None) -> Steering | None:
    if values is None:
        return None
    return Steering(
        tuple(values["distances"]),
        values["weight"],
        values.get("lag", 1.0),
        values.get("error"),
        values.get("mean"),
        values.get("share"),
    )
