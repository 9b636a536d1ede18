"""A distance with the parts it is made of."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Distance:
    """A distance from 0 (the same) upward."""

    total: float
    parts: Mapping[str, float]
    """By layer or by scale."""
