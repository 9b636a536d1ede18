"""Strength: how far from the content a result ends, held in a closed loop.

What a weight does depends on the pictures, the network and the losses; strength is defined by its
outcome instead. A pilot run by the style alone (`pilot.py`) tells how far a picture gets from a
content that nothing holds on to; the run then steers its content weight towards a share of that
distance.
"""

from dataclasses import dataclass, replace
from math import exp, isfinite, log, sqrt

GAIN = 0.12
"""Share of the way to the aim, in logits, that one step makes up for."""
DAMPING = 0.6
"""Share of the last step's move, in logits, that is answered at once, so as not to overshoot; with
1 a picture that follows at once would swing for ever."""
LAG_MEASURED = (16, 8)
"""So many steps before the end the lag of the average is measured."""
SETTLE = 4
"""Steps of a stage before it is steered: enlarging has just moved the picture."""
FIRST_GUESS = 0.3
"""Content weight, in units of the recipe's, at which the distance is about a half."""
SLOWEST, UNPACED = 0.1, 0.75
"""Share of its length that a step keeps at any strength; the strength from which it keeps all."""
LIGHTEST, HEAVIEST = 1e-6, 1e6
"""Bounds of the content weight, in units of the recipe's."""


def aimed_share(strength: float) -> float:
    """Return the share of the style-only result's content distance that a strength stands for.

    It is the square: eyes tell small distances better than large ones.
    """
    return strength**2


def pace(share: float) -> float:
    """Return the factor on the length of steps towards a share of the style-only distance.

    Pixels move about as far as the root of the features' squared distance, the strength. Full steps
    would tremble about a content that a large weight holds, farther from it than is aimed at and no
    nearer to the style. Near the style alone they are full, as with it.
    """
    return min(1.0, max(SLOWEST, sqrt(share) / UNPACED))


@dataclass(frozen=True)
class Strength:
    """What a run with a strength between 0 and 1 aims at."""

    share: float
    """Of the style-only result's content distance, in (0, 1)."""
    unit: float
    """The recipe's content weight."""
    distances: tuple[float, ...] = ()
    """Of the style-only result, for each stage, where they are known already."""

    @property
    def first_weight(self) -> float:
        """Content weight to begin with; the loop corrects it in the first stage."""
        return self.unit * FIRST_GUESS * (1 / self.share - 1)


@dataclass(frozen=True)
class Steering:
    """The state of the loop: the distances it measures by, and the content weight at present."""

    distances: tuple[float, ...]
    """Of the style-only result, for each stage."""
    weight: float
    lag: float = 1.0
    """Distance of the average of iterates, which is the result, over that of the iterate."""
    error: float | None = None
    """How far from the aim the last step began, in logits; None where a stage begins."""
    mean: float | None = None
    """Of the iterates' distances, averaged as they are; None where a stage begins."""
    share: float | None = None
    """Aimed at in place of the job's, since the strength was changed from outside."""

    def at_new_size(self) -> "Steering":
        """Forget the last error: enlarging moves a picture by itself."""
        return replace(self, error=None, mean=None)

    def lagging(self, distance: float) -> "Steering":
        """Learn the distance of the average of iterates: they differ, and their differences go."""
        return replace(self, lag=distance / self.mean) if self.mean else self

    def aiming(self, strength: Strength, wanted: float) -> "Steering":
        """Aim at another strength from now on.

        The weight jumps by what the model in `after` says, and the loop corrects the rest.

        Args:
            strength: what the job aims at.
            wanted: the strength, from 0 to 1.
        """
        share, before = aimed_share(wanted), self.aimed(strength)
        jump = exp(_logit(before) - _logit(share))
        return replace(
            self, share=share, error=None, weight=_bounded(self.weight * jump, strength.unit)
        )

    def aimed(self, strength: Strength) -> float:
        """Return the share that is aimed at."""
        return strength.share if self.share is None else self.share

    def after(
        self,
        strength: Strength,
        distance: float,
        *,
        stage: int,
        steps: int = 1,
        memory: float = 0.0,
    ) -> "Steering":
        """Steer once.

        With a content weight w the share of the style-only distance is about 1 / (1 + c w), c a
        constant of the pictures: the share's logit falls as the logarithm of w rises.

        Args:
            strength: what is aimed at.
            distance: content loss of the present image, without its weight.
            stage: the stage under way, from 1.
            steps: for how many steps the weight has been in force.
            memory: decay of the average of iterates.
        """
        far = self.distances[stage - 1]
        if not (isfinite(distance) and isfinite(far) and far > 0):
            return self
        error = _logit(self.lag * distance / far) - _logit(self.aimed(strength))
        change = (1 - (1 - GAIN) ** steps) * error
        if self.error is not None and steps == 1:  # after several, the picture has settled
            change += DAMPING * (error - self.error)
        weight = self.weight * exp(change)
        mean = distance if self.mean is None else memory * self.mean + (1 - memory) * distance
        return replace(self, weight=_bounded(weight, strength.unit), error=error, mean=mean)


def _bounded(weight: float, unit: float) -> float:
    return min(HEAVIEST * unit, max(LIGHTEST * unit, weight))


def _logit(share: float) -> float:
    held = min(0.99, max(0.01, share))
    return log(held / (1 - held))
