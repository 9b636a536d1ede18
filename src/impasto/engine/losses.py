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

    def named(self) -> dict[str, Tensor]:
        """Return every number by a name that `from_named` understands."""
        terms = {f"terms.{name}": value for name, value in self.terms.items()}
        layers = {f"layers.{name}": value for name, value in self.layers.items()}
        return {"total": self.total} | terms | layers

    @classmethod
    def from_named(cls, named: Mapping[str, Tensor]) -> "Losses":
        """Put together what `named` took apart."""
        return cls(named["total"], below(named, "terms."), below(named, "layers."))

    def values(self) -> dict[str, float]:
        """Return plain numbers: `total`, then terms, then layers."""
        named = {"total": self.total, **self.terms, **self.layers}
        return {name: float(value.detach()) for name, value in named.items()}


def below(named: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """Pick what begins with a prefix, in the same order, and leave the prefix out."""
    return {k.removeprefix(prefix): v for k, v in named.items() if k.startswith(prefix)}
