"""The losses of one evaluation, by term and by layer."""

from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True)
class Losses:
    """Scalars of one evaluation; `total` is what the optimizer lowers."""

    total: Tensor
    terms: Mapping[str, Tensor]
    """Each term times its weight; they add up to the total."""
    layers: Mapping[str, Tensor]
    """Each distance by itself, unweighted: `style.relu3_1`."""

    def detached(self) -> "Losses":
        """Return the same numbers without their graph."""
        return Losses(
            self.total.detach(),
            {name: value.detach() for name, value in self.terms.items()},
            {name: value.detach() for name, value in self.layers.items()},
        )

    def values(self) -> dict[str, float]:
        """Return plain numbers: `total`, then terms, then layers."""
        named = {"total": self.total, **self.terms, **self.layers}
        return {name: float(value.detach()) for name, value in named.items()}
