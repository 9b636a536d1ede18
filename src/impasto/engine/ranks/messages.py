"""Messages: tensors and plain values as bytes, described by JSON; nothing is ever pickled."""

import json
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from impasto.errors import InternalError

_DTYPES = {
    str(dtype): dtype
    for dtype in (torch.float32, torch.float64, torch.bfloat16, torch.int64, torch.uint8)
}


def packed(tensors: Sequence[Tensor], values: Any = None) -> tuple[bytes, Tensor]:
    """Return a header, and all numbers as one tensor of bytes, on the device of the first tensor.

    Args:
        tensors: of any shapes; their layout in memory is not kept.
        values: what JSON can say.
    """
    header = {
        "values": values,
        "tensors": [{"dtype": str(t.dtype), "shape": list(t.shape)} for t in tensors],
    }
    where = tensors[0].device if tensors else None
    flat = [t.detach().to(where).contiguous().reshape(-1).view(torch.uint8) for t in tensors]
    payload = torch.cat(flat) if flat else torch.empty(0, dtype=torch.uint8)
    return json.dumps(header).encode(), payload


def size_of(header: bytes) -> int:
    """Return the bytes of the payload that a header tells of."""
    return sum(size for _, _, size in _described(header))


def unpacked(header: bytes, payload: Tensor) -> tuple[list[Tensor], Any]:
    """Return what `packed` was given."""
    tensors, at = [], 0
    for dtype, shape, size in _described(header):
        # A copy begins where its type may begin, a slice of bytes may not.
        tensors.append(payload[at : at + size].clone().view(dtype).reshape(shape))
        at += size
    return tensors, json.loads(header)["values"]


def _described(header: bytes) -> list[tuple[torch.dtype, list[int], int]]:
    found = []
    for item in json.loads(header)["tensors"]:
        if item["dtype"] not in _DTYPES:
            raise InternalError(f"no message has a tensor of type {item['dtype']}")
        dtype, shape = _DTYPES[item["dtype"]], item["shape"]
        found.append((dtype, shape, dtype.itemsize * torch.Size(shape).numel()))
    return found
