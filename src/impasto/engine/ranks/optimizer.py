"""An optimizer on a band: what looks beyond the pixel itself is done here, the rest by its own."""

from collections.abc import Callable

import torch
from torch import Tensor

from impasto.engine.losses import Losses
from impasto.engine.optimizers.optimizer import Evaluate, Optimizer, Update
from impasto.engine.ranks.shards import Bands
from impasto.engine.state import State


class BandOptimizer:
    """An elementwise optimizer of a band (1, 3, h, W).

    Args:
        inner: the optimizer, which smooths nothing.
        bands: who holds what.
        smoothing: deviation in pixels of a Gaussian blur of the gradient.
    """

    def __init__(self, inner: Optimizer, bands: Bands, smoothing: float = 0.0) -> None:
        self.inner, self.bands, self.smoothing = inner, bands, smoothing
        self.settling = inner.settling

    def step(self, image: Tensor, evaluate: Evaluate, pace: float = 1.0) -> Update:
        """Take one step; where pixels of any band are not finite, all bands are not."""

        def smoothed(band: Tensor) -> tuple[Losses, Tensor]:
            losses, gradient = evaluate(band)
            return losses, self.bands.blurred(gradient, self.smoothing)

        update = self.inner.step(image, smoothed, pace)
        if not self.bands.all_agree(bool(update.image.isfinite().all())):
            update.image.fill_(torch.nan)
        return update

    def objective_changed(self, *, slightly: bool = False) -> None:
        """Forget what was measured."""
        self.inner.objective_changed(slightly=slightly)

    def resized(self, height: int, width: int) -> "BandOptimizer":
        """Resize what is remembered as a whole."""
        whole = _changed(self.inner.state(), self.bands.everywhere)
        large = self.inner.restored(whole).resized(height, width)
        held = _changed(large.state(), self.bands.own)
        return self._with(large.restored(held))

    def slower(self, factor: float) -> "BandOptimizer":
        """Start afresh with a smaller learning rate."""
        return self._with(self.inner.slower(factor))

    def state(self) -> State:
        """Return the state, of the band."""
        return self.inner.state()

    def restored(self, state: State) -> "BandOptimizer":
        """Return one that goes on from a state of the band."""
        return self._with(self.inner.restored(state))

    def _with(self, inner: Optimizer) -> "BandOptimizer":
        return BandOptimizer(inner, self.bands, self.smoothing)


def _changed(state: State, change: Callable[[Tensor], Tensor]) -> State:
    """Change what is as large as the image."""
    return {name: change(t) if t.ndim == 4 else t for name, t in state.items()}
