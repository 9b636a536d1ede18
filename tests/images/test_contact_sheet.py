"""Contact sheets: every picture at its place, with a label for each row and column."""

import pytest
import torch

from impasto.errors import ShapeError
from impasto.images.contact_sheet import BACKGROUND, GAP, Grid, contact_sheet
from impasto.images.picture import Picture

COLORS = {
    "red": (1.0, 0.0, 0.0),
    "green": (0.0, 1.0, 0.0),
    "blue": (0.0, 0.0, 1.0),
    "gold": (1.0, 0.8, 0.0),
}


def plain(name, height=40, width=60, alpha=None):
    pixels = torch.tensor(COLORS[name]).view(3, 1, 1).expand(3, height, width).contiguous()
    return Picture(pixels, alpha=alpha)


def box(sheet, name):
    """Left, top, right and bottom of the pixels of a color."""
    wanted = torch.tensor(COLORS[name]).view(3, 1, 1)
    ys, xs = ((sheet.pixels - wanted).abs().amax(0) < 1 / 255).nonzero(as_tuple=True)
    return int(xs.min()), int(ys.min()), int(xs.max()) + 1, int(ys.max()) + 1


def test_pictures_stand_in_rows_and_columns():
    rows = [[plain("red"), plain("green")], [plain("blue"), None]]
    sheet = contact_sheet(Grid(rows, ["", ""], ["", ""]))
    assert (sheet.width, sheet.height) == (GAP + 2 * (60 + GAP), GAP + 2 * (40 + GAP))
    assert box(sheet, "red") == (8, 8, 68, 48)
    assert box(sheet, "green") == (76, 8, 136, 48)
    assert box(sheet, "blue") == (8, 56, 68, 96)
    corner = (sheet.pixels[:, -20, -20] * 255).round().int().tolist()
    assert tuple(corner) == BACKGROUND


def test_labels_take_room_beside_and_above():
    rows = [[plain("red"), plain("green")]]
    bare = contact_sheet(Grid(rows, ["", ""], [""]))
    sheet = contact_sheet(Grid(rows, ["one", "two"], ["a row"], title="the title"))
    moved = box(sheet, "red")
    assert moved[0] > box(bare, "red")[0]
    assert moved[1] > box(bare, "red")[1]
    for area in (sheet.pixels[:, : moved[1]], sheet.pixels[:, :, : moved[0]]):
        assert float(area.min()) < 0.4  # letters are dark


def test_pictures_are_made_smaller_never_larger():
    rows = [[plain("red", 300, 200), plain("blue", 20, 30)]]
    sheet = contact_sheet(Grid(rows, ["", ""], [""]), side=150)
    assert box(sheet, "red") == (8, 8, 108, 158)
    left, top, right, bottom = box(sheet, "blue")
    assert (right - left, bottom - top) == (30, 20)


def test_transparent_pictures_are_shown_over_white():
    clear = plain("red", alpha=torch.zeros(1, 40, 60))
    sheet = contact_sheet(Grid([[clear]], [""], [""]))
    assert torch.equal(sheet.pixels[:, 10, 10], torch.ones(3))


def test_a_grid_needs_a_label_for_each():
    with pytest.raises(ShapeError, match="2 rows and 1 columns"):
        Grid([[plain("red")]], [""], ["", ""])
    with pytest.raises(ShapeError):
        Grid([[plain("red")], [plain("red"), plain("blue")]], ["", ""], ["", ""])
