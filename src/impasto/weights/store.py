"""Reading weights: safetensors, or a state dict of PyTorch (never an arbitrary pickle)."""

import hashlib
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from os import PathLike
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load as parse_safetensors
from safetensors.torch import save_file
from torch import Tensor

from impasto.errors import WeightsError
from impasto.weights import cache
from impasto.weights.catalog import Network, Preprocessing


@dataclass(frozen=True)
class Weights:
    """Tensors by the names of their file, and the SHA-256 of that file."""

    tensors: dict[str, Tensor]
    sha256: str
    preprocessing: Preprocessing | None = None
    """How their input is prepared, where that is on record."""


def embedded(network: Network) -> Weights:
    """Read the weights that come with impasto, verified against the catalog.

    Raises:
        WeightsError: the network is not embedded, or its file is missing or damaged.
    """
    if network.embedded is None:
        raise WeightsError(
            f"{network.name} does not come with impasto: get it with `impasto weights fetch "
            f"{network.name}`, give its weights with --weights FILE (safetensors, or a PyTorch "
            "state dict), or use --network pocket-v1"
        )
    file = resources.files(__package__) / "data" / network.embedded
    try:
        content = file.read_bytes()
    except OSError as error:
        raise WeightsError(f"the embedded {network.name} is missing: reinstall impasto") from error
    digest = hashlib.sha256(content).hexdigest()
    if digest != network.sha256:
        raise WeightsError(
            f"the embedded {network.name} is damaged: expected SHA-256 {network.sha256}, "
            f"got {digest}; reinstall impasto"
        )
    return Weights(_floats(parse_safetensors(content)), digest)


def cached(network: Network) -> Weights | None:
    """Read weights that were fetched or imported, verified; None where there are none.

    Their hash is that of the file they came from, whatever was left out of it since.

    Raises:
        WeightsError: they are damaged.
    """
    record = cache.find(network.name)
    if record is None:
        return None
    tensors = parse_safetensors(cache.content(record))
    kind: Preprocessing = "caffe" if record.preprocessing == "caffe" else "torchvision"
    return Weights(_floats(tensors), record.origin_sha256, kind)


def write(tensors: Mapping[str, Tensor], path: Path) -> None:
    """Write tensors as safetensors."""
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, path)


def read(path: str | PathLike[str], *, sha256: str = "") -> Weights:
    """Read a weights file: `.safetensors`, or a state dict saved by PyTorch (`.pth`, `.pt`).

    PyTorch files are read with `weights_only`, so that nothing in them is executed.

    Args:
        path: of the file.
        sha256: its hash, where it is known already.

    Raises:
        WeightsError: the file is missing, damaged or holds something else.
    """
    path = Path(path)
    try:
        digest = sha256 or cache.digest(path)
        is_safetensors = path.suffix == ".safetensors"
        tensors = parse_safetensors(path.read_bytes()) if is_safetensors else _state_dict(path)
    except OSError as error:
        reason = error.strerror or error
        raise WeightsError(f"cannot read the weights file {path}: {reason}") from error
    except (SafetensorError, ValueError) as error:
        raise WeightsError(
            f"{path} holds no network weights that can be read safely: expected safetensors or a "
            "PyTorch state dict of tensors; try exporting it again as safetensors"
        ) from error
    return Weights(_floats(tensors), digest)


def _state_dict(path: Path) -> dict[str, Tensor]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch warns of what we refuse in words of our own
            loaded = torch.load(path, map_location="cpu", weights_only=True)
    except OSError:
        raise
    except Exception as error:  # on damaged files the unpickler raises almost anything
        raise ValueError("not a PyTorch file") from error
    if not isinstance(loaded, dict) or not all(isinstance(v, Tensor) for v in loaded.values()):
        raise ValueError("not a dictionary of tensors")
    return {str(name): tensor for name, tensor in loaded.items()}


def _floats(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name: tensor.float() for name, tensor in tensors.items()}
