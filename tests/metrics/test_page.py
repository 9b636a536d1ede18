"""The page: all that it shows lies inside, names are escaped, and it is written whole."""

import re
from base64 import b64decode

import pytest
import torch

from impasto.errors import InputError
from impasto.images import Picture, decode
from impasto.metrics.columns import COLUMNS
from impasto.metrics.page import THUMBNAIL, html_page, thumbnail, write_page


@pytest.fixture
def good(judgement):
    return judgement("out/good.png")


@pytest.fixture
def bad(judgement):
    return judgement("out/bad.png", ("is odd",), ssim=0.1, border=2.5)


@pytest.fixture
def uri(photo) -> str:
    return thumbnail(Picture(photo[0]))


def test_a_thumbnail_is_a_small_jpeg_of_the_picture(tmp_path, photo):
    for width, wanted in ((128, 128), (900, THUMBNAIL)):
        large = torch.nn.functional.interpolate(photo, (96, width))[0]
        kind, _, data = thumbnail(Picture(large)).partition(",")
        assert kind == "data:image/jpeg;base64"
        (tmp_path / "small.jpg").write_bytes(b64decode(data))
        small = decode(tmp_path / "small.jpg")
        assert small.width == wanted
        assert small.recipe is None
    assert torch.allclose(small.pixels.mean(), photo.mean(), atol=0.02)


def test_a_thumbnail_shows_transparency_as_white(tmp_path):
    clear = Picture(torch.zeros(3, 400, 20), alpha=torch.zeros(1, 400, 20))
    (tmp_path / "small.jpg").write_bytes(b64decode(thumbnail(clear).partition(",")[2]))
    assert float(decode(tmp_path / "small.jpg").pixels.min()) > 0.98


def test_the_page_holds_all_it_shows(uri, good, bad):
    page = html_page([good, bad], [uri, uri], content=uri, style=uri)
    assert page.count('<img src="data:image/jpeg;base64,') == 4
    assert not re.search(r"https?://|<script|@import|url\(|<link", page)
    assert "default-src 'none'" in page
    for column in COLUMNS:
        assert f">{column.title}<small>" in page
    assert page.count("<tr>") == 3
    assert page.count('<td class="best">') == 2  # SSIM and border tell the two apart
    assert "* bad.png: is odd" in page


def test_names_are_escaped(uri, judgement):
    evil = judgement('<img src=x onerror="alert(1)">&.png', ("about <b>",))
    page = html_page([evil], [uri], content=uri, style=uri)
    assert "<img src=x" not in page
    assert "&lt;img src=x onerror=&quot;alert(1)&quot;&gt;&amp;.png" in page
    assert "about &lt;b&gt;" in page


def test_the_page_is_written_whole_or_not_at_all(tmp_path):
    write_page(tmp_path / "page.html", "<p>→</p>")
    assert (tmp_path / "page.html").read_text(encoding="utf-8") == "<p>→</p>"
    with pytest.raises(InputError, match="there is no folder"):
        write_page(tmp_path / "none" / "page.html", "")
    with pytest.raises(UnicodeEncodeError):
        write_page(tmp_path / "page.html", "\ud800")
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]
    assert (tmp_path / "page.html").read_text(encoding="utf-8") == "<p>→</p>"
