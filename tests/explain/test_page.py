"""The page: well-formed, self-contained, escaped, small, and true to the report."""

import base64
import json
import re
import struct
from html.parser import HTMLParser

import pytest
import torch

from impasto.explain.page.formats import milliseconds, number, shape, share, size, whole
from impasto.explain.page.pictures import heat
from impasto.explain.sections import SECTIONS
from impasto.images.picture import Picture

VOID = {"meta", "img", "input", "br", "link", "hr", "col", "wbr"}


class Reader(HTMLParser):
    """Reads a page; every element must be closed in order."""

    def __init__(self):
        super().__init__()
        self.open, self.faults, self.elements, self.texts = [], [], [], []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append((tag, self.getpos()))

    def handle_data(self, data):
        if not {"script", "style"} & set(self.open):
            self.texts.append(data)


def read(html):
    reader = Reader()
    reader.feed(html)
    reader.close()
    return reader


@pytest.fixture(scope="module")
def reader(page):
    return read(page)


def test_every_element_is_closed(reader):
    assert reader.faults == []
    assert reader.open == []
    assert len(reader.elements) > 500


def test_ids_are_unique_and_links_lead_somewhere(reader):
    ids = [attrs["id"] for _, attrs in reader.elements if "id" in attrs]
    assert len(ids) == len(set(ids))
    links = [attrs["href"] for tag, attrs in reader.elements if tag == "a"]
    assert {link.removeprefix("#") for link in links} <= set(ids)
    assert set(SECTIONS) <= set(ids)


def test_nothing_is_loaded_from_anywhere(page, reader):
    addresses = [a[name] for _, a in reader.elements for name in ("src", "href") if name in a]
    assert all(address.startswith(("data:image/", "#")) for address in addresses)
    assert not [tag for tag, _ in reader.elements if tag in ("link", "object", "embed")]
    assert not re.search(r"@import|url\(|fetch\(|XMLHttpRequest", page)
    assert re.findall(r"https?://[^\s\"')]+", page) == ["https://github.com/leeoniya/uPlot"]
    assert "default-src 'none'" in page


def test_every_picture_has_a_text(reader):
    pictures = [attrs for tag, attrs in reader.elements if tag == "img"]
    assert len(pictures) > 60
    assert all(len(attrs["alt"]) > 5 for attrs in pictures)
    assert all(
        attrs.get("aria-label") for _, attrs in reader.elements if attrs.get("role") == "img"
    )


def test_the_page_is_light(page):
    assert len(page) < 3_000_000


def test_charts_hold_the_traces_numbers(page, report):
    charts = {
        name: json.loads(data)
        for name, data in re.findall(
            r'data-chart="([^"]+)".*?<script type="application/json">(.*?)</script>',
            page,
            re.DOTALL,
        )
    }
    assert set(charts) == {
        *("losses", "style-layers", "invariance-content", "invariance-style", "starts"),
    }
    trace = report.recording.trace
    curves = {one["label"]: one["values"] for one in charts["losses"]["series"]}
    assert curves["total"] == trace.column("total")
    assert curves["content"] == [None, *trace.column("content")[1:]]
    layers = {one["label"]: one["values"] for one in charts["style-layers"]["series"]}
    assert layers["relu3_1"] == trace.column("style.relu3_1")


def test_numbers_stand_in_the_text(reader, report):
    text = " ".join(" ".join(reader.texts).split())
    last = report.recording.trace.rows[-1].losses
    for name in ("total", "content", "style"):
        assert number(last[name]) in text
    assert "20,024,384" in text
    assert "1 × 512 × 28 × 28" in text
    assert "1 × 28 × 28 × 512" in text
    assert number(report.iteration.total) in text
    assert report.command in text
    assert all(sentence in text for sentence in report.sentences)
    assert str(report.gram.example.gram[0][0]) in text


def test_vgg19_is_labeled_as_computed_where_pocket_ran(reader):
    text = " ".join(" ".join(reader.texts).split())
    assert "The network of this run: pocket-v1" in text
    assert "VGG-19 at 224 × 224 px, as the papers have it" in text
    assert "The table below is not measured" in text


def test_sections_that_were_not_run_say_so(made, content, style):
    html = made(content, style, ("gram",))[-1].html()
    reader = read(html)
    assert (reader.faults, reader.open) == ([], [])
    assert html.count("This section was not run") == len(SECTIONS) - 1
    assert "--sections losses" in html
    assert "shuffle experiment" in html


def test_names_of_files_are_escaped(made, content, style):
    from dataclasses import replace

    hostile = '<script>alert(1)</script>&".jpg'
    report = replace(made(content, style, ("papers",))[-1], content_name=hostile, command=hostile)
    html = report.html()
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&amp;&#34;.jpg" in html
    assert read(html).faults == []


@pytest.mark.parametrize(
    "settings",
    [
        {"style.statistics": "wasserstein", "style.combine": "root"},
        {"style.form": "paper", "content.form": "paper", "objective.balance": "equal"},
        {"style.form": "mean", "content.form": "mean", "total_variation.weight": 0.0},
        {"style.statistics": "sliced", "content.statistics": "self-similarity"},
        {"total_variation.form": "l1", "optimizer.name": "lbfgs"},
    ],
)
def test_the_formulas_are_those_of_the_recipe(made, content, style, settings):
    report = made(content, style, ("losses",), **{"schedule.steps": 3}, **settings)[-1]
    html = report.html()
    reader = read(html)
    assert (reader.faults, reader.open) == ([], [])
    told = settings.get("style.statistics") == "sliced"
    assert ("projected on random directions" in html) == told
    assert ("Wasserstein-2" in html) == (settings.get("style.statistics") == "wasserstein")
    assert ("as in the paper" in html) == (settings.get("style.form") == "paper")
    assert ("balances by pulls" in html) == (settings.get("objective.balance") == "equal")
    assert ("no weight, so it has no curve" in html) == (
        settings.get("total_variation.weight") == 0.0
    )


def test_a_report_is_saved_whole(report, page, tmp_path):
    report.save(tmp_path / "report.html")
    assert (tmp_path / "report.html").read_text(encoding="utf-8") == page
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]


def test_a_report_shows_itself_in_a_frame(report):
    assert report._repr_html_().startswith('<iframe srcdoc="')
    assert read(report._repr_html_()).faults == []


def test_pieces_show_themselves(report, content):
    for piece in (report.layers[0].content, report.gram.style[0], report.recording.trace):
        html = piece._repr_html_()
        reader = read(html)
        assert (reader.faults, reader.open) == ([], [])
    from impasto import api
    from impasto.events import Status

    trace = report.recording.trace
    result = api.Result(Picture(content.pixels), report.recipe, trace, Status.COMPLETED, "", ())
    html = result._repr_html_()
    assert "data:image/jpeg;base64," in html
    assert f"<td>{trace.rows[-1].losses['style']:.4g}</td>" in html
    assert "<polyline" in html


def test_large_maps_are_averaged_down():
    ramp = torch.arange(1000.0).repeat(700, 1)
    data = base64.b64decode(heat(ramp).partition(",")[2])
    width, height = struct.unpack(">II", data[16:24])  # of the PNG's header
    assert (width, height) == (250, 175)
    small = base64.b64decode(heat(ramp[:20, :30]).partition(",")[2])
    assert struct.unpack(">II", small[16:24]) == (30, 20)


def test_formats():
    assert shape((1, 3, 224, 224)) == "1 × 3 × 224 × 224"
    assert (whole(1234567), number(0), number(0.6), number(1234.5)) == (
        "1,234,567",
        "0",
        "0.6",
        "1,234",
    )
    assert number(1.4e-7) == "1.40 × 10⁻⁷"
    assert (size(512), size(1536), size(3 * 2**20)) == ("512 B", "1.5 KB", "3.0 MB")
    assert (milliseconds(0.123), milliseconds(41.6)) == ("0.12 ms", "42 ms")
    assert (share(0.004), share(0.5), share(0)) == ("under 1%", "50%", "0%")
