"""The guard: it notices a run that goes wrong, from its losses and pixels."""

from math import isfinite

from impasto.engine.optimizers.optimizer import Update
from impasto.engine.state import GuardState
from impasto.numerics.bands import all_finite

EXPLODED = 1e3
"""A loss so many times the highest of the stage's first steps will not come back by itself."""
FIRST_STEPS = 5
EXPLODED_AT_FIRST = 1e5
"""At first a loss may rise far: from next to nothing, where the start is almost a solution."""
RETRIES = 2
SLOWER = 0.25


class Guard:
    """Watches one stage; ask after every step."""

    def __init__(self) -> None:
        self.reference, self.seen = 0.0, 0

    def state(self) -> GuardState:
        """Return what the next verdict depends on."""
        return GuardState(self.reference, self.seen)

    def restore(self, state: GuardState) -> None:
        """Go on from a state."""
        self.reference, self.seen = state.reference, state.seen

    def problem(self, update: Update) -> str | None:
        """Tell what is wrong with a step, or None."""
        total = float(update.losses.total)
        if not isfinite(total):
            return f"the loss became {total}"
        if not all_finite(update.image):
            return "pixels became non-finite"
        at_first = self.seen < FIRST_STEPS
        factor = EXPLODED_AT_FIRST if at_first else EXPLODED
        if total > factor * self.reference and self.reference > 0:
            return f"the loss exploded from {self.reference:.3g} to {total:.3g}"
        if at_first:
            self.reference = max(self.reference, total)
        self.seen += 1
        return None
