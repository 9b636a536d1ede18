"""What several runs on the same pictures have in common: made once, found again by its key."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import TypeVar, cast

T = TypeVar("T")

KEPT = 16
"""Large things that are remembered; more sizes and looks than one run has."""


class Shared:
    """Remembers what runs on the same pictures make and measure; one for each pair of pictures.

    Keys name everything that a value depends on, but for the pictures themselves.

    Args:
        lasting: another one, for what depends on no picture, the network; runs on other pictures
            have it too. None keeps it here.
    """

    def __init__(self, lasting: "Shared | None" = None) -> None:
        self.lasting = lasting or self
        self._things: OrderedDict[Hashable, object] = OrderedDict()
        self._distances: dict[Hashable, tuple[float, ...]] = {}

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return the value of a key, made when it is first asked for; the oldest are forgotten."""
        if key not in self._things:
            self._things[key] = make()
        self._things.move_to_end(key)
        while len(self._things) > KEPT:
            self._things.popitem(last=False)
        return cast(T, self._things[key])

    def estimated(self, key: Hashable, distances: tuple[float, ...]) -> None:
        """Remember how far the style alone leads."""
        self._distances[key] = distances

    def estimate(self, key: Hashable) -> tuple[float, ...]:
        """Return how far the style alone leads, empty if nobody has found out."""
        return self._distances.get(key, ())
