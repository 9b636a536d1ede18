"""The recipe's settings of guides: what is protected, and which parts of pictures are paired."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from impasto.errors import InputError, unknown_name
from impasto.plain import between

Protection = Literal["none", "mask", "subject", "faces"]
NAMED = tuple(name for name in get_args(Protection) if name != "mask")
"""What `protect` may say in place of a mask."""


@dataclass(frozen=True, kw_only=True)
class GuideSettings:
    """Where the style goes and where it does not; masks themselves come with the pictures."""

    protect: Protection
    """mask: a picture given with the job; subject and faces are found in the content picture."""
    pair: Literal["none", "labels", "masks", "auto"]
    """labels: maps of colors given with the job; masks: one for each style; auto: by features."""
    regions: int
    """How many kinds of places `auto` tells apart."""
    feather: float
    """Width of soft edges, as a share of the long side of the result."""
    amount: float
    """How much of the protection counts: 1 keeps the content to the bit, 0.5 half of it."""
    hold: float
    """How many times more the content counts where it is protected in part."""

    @property
    def is_used(self) -> bool:
        """Whether something is protected, or styles have places of their own."""
        return self.protect != "none" or self.pair != "none"

    def __post_init__(self) -> None:
        between("guides.regions", self.regions, 2, 12)
        between("guides.feather", self.feather, 0, 0.25)
        between("guides.amount", self.amount, 0, 1)
        between("guides.hold", self.hold, 0, 1000)


def is_named(protect: str) -> bool:
    """Tell the name of a protection from a mask file; the name wins over a file of that name.

    Raises:
        InputError: it is neither.
    """
    if protect in NAMED:
        return True
    if not Path(protect).expanduser().exists():
        raise InputError(unknown_name("protection", protect, NAMED) + ", or give a mask file")
    return False
