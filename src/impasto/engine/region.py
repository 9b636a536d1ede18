"""A region of a picture, in shares of its sides: which pixels it is at any size."""

from dataclasses import dataclass

from torch import Tensor

from impasto.errors import InputError


@dataclass(frozen=True)
class Region:
    """Where a rectangle lies, as shares of the picture's width and height.

    Raises:
        InputError: it is empty, or reaches beyond the picture.
    """

    left: float
    top: float
    width: float
    height: float

    def __post_init__(self) -> None:
        """Refuse what is no part of a picture."""
        inside = min(self.left, self.top) >= 0 and min(self.width, self.height) > 0
        if not inside or max(self.left + self.width, self.top + self.height) > 1 + 1e-9:
            shares = f"{self.left:g},{self.top:g},{self.width:g},{self.height:g}"
            raise InputError(
                f"expected a region x,y,width,height inside the picture, got {shares} of its sides"
            )

    @property
    def corner(self) -> tuple[float, float]:
        """Left and top."""
        return self.left, self.top

    @property
    def area(self) -> float:
        """The share of the picture's area."""
        return self.width * self.height

    def size_in(self, height: int, width: int) -> tuple[int, int]:
        """Return the region's (height, width) in a picture of a size."""
        rows, columns = self.rows(height), self.columns(width)
        return rows.stop - rows.start, columns.stop - columns.start

    def rows(self, height: int) -> slice:
        """Return the region's rows in a picture of a height, at least one."""
        return _part(self.top, self.height, height)

    def columns(self, width: int) -> slice:
        """Return the region's columns in a picture of a width, at least one."""
        return _part(self.left, self.width, width)

    def of(self, image: Tensor) -> Tensor:
        """Cut the region out of (..., H, W), without copying."""
        return image[..., self.rows(image.shape[-2]), self.columns(image.shape[-1])]

    def widened(self, height: int, width: int, pixels: int) -> "Region":
        """Return the region with so many pixels more on each side, as far as there is a picture.

        Args:
            height: of the picture.
            width: of the picture.
            pixels: in a picture of this size.
        """
        rows, columns = self.rows(height), self.columns(width)
        top, left = max(0, rows.start - pixels), max(0, columns.start - pixels)
        bottom, right = min(height, rows.stop + pixels), min(width, columns.stop + pixels)
        return Region(left / width, top / height, (right - left) / width, (bottom - top) / height)


def _part(start: float, length: float, side: int) -> slice:
    first = min(round(start * side), side - 1)
    return slice(first, max(first + 1, min(side, round((start + length) * side))))
