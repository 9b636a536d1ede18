"""Axes of a sweep: short texts to values, and values to pictures."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impasto.axes import MOST, axis, cells
from impasto.errors import InputError


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("0.2..1:5", (0.2, 0.4, 0.6, 0.8, 1.0)),
        ("0..1", (0.0, 0.25, 0.5, 0.75, 1.0)),
        ("1..0:2", (1.0, 0.0)),
        ("-1..1:3", (-1.0, 0.0, 1.0)),
        ("0.5,1,2", (0.5, 1, 2)),
        ("2", (2,)),
        ("gram, moments", ("gram", "moments")),
        ("0:1..1:0:3", ([0.0, 1.0], [0.5, 0.5], [1.0, 0.0])),
        ("1:2,2:1", ([1.0, 2.0], [2.0, 1.0])),
    ],
)
def test_texts_become_values(text, values):
    assert axis("style.scale", text).values == values


def test_a_range_of_shares_has_five_unless_it_says():
    found = axis("style.mix", "0:1..1:0").values
    assert found == ([0.0, 1.0], [0.25, 0.75], [0.5, 0.5], [0.75, 0.25], [1.0, 0.0])


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), st.integers(2, MOST))
def test_a_range_begins_and_ends_where_it_says_and_is_even(low, high, count):
    values = axis("x", f"{low!r}..{high!r}:{count}").values
    assert len(values) == count
    assert (values[0], values[-1]) == (low, high)
    steps = [b - a for a, b in itertools.pairwise(values)]
    assert steps == pytest.approx([(high - low) / (count - 1)] * (count - 1), abs=1e-5)


@pytest.mark.parametrize(
    "text", ["", "a..b", "1..", "..1", "1..2:x", "1..2:1", "1..2:0:3:4", "0:1..1", "1,,2", "a:b"]
)
def test_what_cannot_be_read_says_what_to_try(text):
    with pytest.raises(InputError, match=r"try|from 2"):
        axis("style.scale", text)


def test_labels_name_the_setting():
    assert axis("style.scale", "0.5,1").labels == ("scale 0.5", "scale 1")
    assert axis("style.mix", "0:1", name="mix").labels == ("mix 0:1",)


def test_cells_go_row_by_row():
    rows, columns = axis("a.b", "1,2", also={"c": True}), axis("d", "x,y,z")
    found = cells([rows, columns])
    assert [cell.indices for cell in found] == [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)]
    assert found[4].labels == ("b 2", "d y")
    assert found[4].changes == {"c": True, "a.b": 2, "d": "y"}


def test_a_sweep_has_bounds():
    with pytest.raises(InputError, match="twice"):
        cells([axis("a", "1,2"), axis("a", "3,4")])
    with pytest.raises(InputError, match="121 pictures"):
        cells([axis("a", "1..2:11"), axis("b", "1..2:11")])
    with pytest.raises(InputError, match="values"):
        axis("a", ",".join("1" * (MOST + 1)))
