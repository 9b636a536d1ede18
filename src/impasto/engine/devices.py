"""Where to compute, and in which precision: probed, not assumed."""

import time
from collections.abc import Callable, Hashable
from functools import cache
from typing import Literal

import torch
from torch import Tensor

from impasto.errors import InputError, unknown_name

PROBE_SIDE = 192
PROBE_RUNS = 4
WORTH_IT = 0.87
"""bf16 is taken only where it needs less than this share of the time of fp32."""


def choose_device(name: str = "auto") -> torch.device:
    """Return a device by name: auto (CUDA, else Apple's MPS, else the CPU), cpu, cuda, cuda:1, mps.

    Raises:
        InputError: the device is unknown or not on this machine.
    """
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "mps" if _has_mps() else "cpu"
    kind = name.split(":")[0]
    if kind not in ("cpu", "cuda", "mps"):
        raise InputError(unknown_name("device", name, ("auto", "cpu", "cuda", "mps")))
    if (kind == "cuda" and not torch.cuda.is_available()) or (kind == "mps" and not _has_mps()):
        raise InputError(
            f"device {name} is not available on this machine: use --device auto or cpu"
        )
    try:
        return torch.device(name)
    except RuntimeError as error:
        raise InputError(f"device {name} is not available on this machine") from error


def _has_mps() -> bool:
    return torch.backends.mps.is_available()


Precision = Literal["fp32", "bf16"]

_probed: dict[Hashable, Precision] = {}


def faster_precision(
    make: Callable[[Precision], Callable[[Tensor], Tensor]],
    device: torch.device,
    *,
    key: Hashable,
) -> Precision:
    """Time forward and backward passes of a small image in fp32 and bf16; return the faster one.

    Args:
        make: builds a function in a precision, from an image (1, 3, H, W) to a scalar.
        device: to probe on.
        key: what the answer depends on; it is asked once per process, so that runs repeat.
    """
    if not has_bf16(device):
        return "fp32"
    if key not in _probed:
        image = torch.rand(1, 3, PROBE_SIDE, PROBE_SIDE, generator=torch.Generator().manual_seed(0))
        image = image.to(device).requires_grad_()
        half, full = _seconds(make("bf16"), image), _seconds(make("fp32"), image)
        _probed[key] = "bf16" if half < WORTH_IT * full else "fp32"
    return _probed[key]


@cache
def has_bf16(device: torch.device) -> bool:
    """Tell whether there is hardware for bf16; emulated, it is slow and not worth a probe."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    return device.type == "cpu" and torch.ops.mkldnn._is_mkldnn_bf16_supported()


def _seconds(function: Callable[[Tensor], Tensor], image: Tensor) -> float:
    """The best of a few runs, as other work on the machine only ever adds."""
    times = []
    for _ in range(PROBE_RUNS):
        began = time.perf_counter()
        torch.autograd.grad(function(image), image)
        if image.device.type == "cuda":
            torch.cuda.synchronize(image.device)
        times.append(time.perf_counter() - began)
    return min(times[1:])
