"""The table: rows, headings, names, and which picture is the best in a column."""

import pytest

from impasto.metrics.columns import COLUMNS, legend, short_names, written
from impasto.metrics.table import text_table


@pytest.fixture
def good(judgement):
    return judgement("out/good.png")


@pytest.fixture
def bad(judgement):
    return judgement("out/bad.png", ("is odd",), ssim=0.1, border=2.5)


def test_the_table_has_a_row_for_each_picture_under_both_headings(good, bad):
    lines = text_table([good, bad]).splitlines()
    heads = "picture size SSIM edges deep sliced W moments grain flat grain border"
    assert lines[0].split() == heads.split()
    ways = "higher higher lower lower lower near 1 near 1 near 1"
    assert lines[1].split() == ways.split()
    row = "good.png 512 x 384 0.500 0.250 0.125 0.100 12.3 1.000 1.000 1.000"
    assert lines[2].split() == row.split()
    assert lines[3].split()[:6] == ["bad.png", "*", "512", "x", "384", "0.100"]
    assert len({len(line) for line in (lines[0], lines[2], lines[3])}) == 1


def test_the_table_is_ascii_and_ends_with_the_legend(good, bad):
    text = text_table([good, bad])
    assert text.isascii()
    assert text.endswith("\n* bad.png: is odd\n")
    assert "deep and moments measured in vgg19\n" in text
    assert "which way is better" in text


def test_names_that_are_alike_keep_their_folders_and_long_ones_their_end(good, bad, judgement):
    assert short_names([good, bad]) == ["good.png", "bad.png"]
    assert short_names([good, judgement("b/good.png")]) == ["out/good.png", "b/good.png"]
    row = text_table([judgement("x" * 50 + "end.png")]).splitlines()[2].split()[0]
    assert row.startswith("...x")
    assert row.endswith("xend.png")
    assert len(row) == 32


def test_numbers_have_three_digits_that_count():
    assert [written(v) for v in (0, 0.0123, 9.87654, -0.5, 12.345, 1234.5)] == [
        *("0.000", "0.012", "9.877", "-0.500"),
        *("12.3", "1.23e+03"),
    ]


def test_the_best_is_found_whichever_way_is_better(good, bad, judgement):
    columns = {column.title: column for column in COLUMNS}
    assert columns["SSIM"].best([good, bad]) == [good]
    assert columns["border"].best([good, bad, judgement("c", border=0.5)]) == [good]
    low, high = judgement("low", grain=0.5), judgement("high", grain=1.8)
    assert columns["grain"].best([low, high]) == [high]  # 1/2 is as far as 2
    less = judgement("less", deep=0.1)
    assert columns["deep"].best([less, good]) == [less]
    assert columns["deep"].best([good, bad]) == []  # nobody is better


def test_the_legend_names_no_network_where_none_is_known(judgement):
    assert "measured" not in legend([judgement("a", network="")])[0]
