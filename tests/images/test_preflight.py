"""Warnings before a run: each on its case and not on a painting, in words that help."""

import re

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont
from torch.nn import functional

from impasto import recipe_files
from impasto.images import preflight
from impasto.images.picture import Picture
from impasto.images.preflight import content_warnings, pale_warnings, style_warnings

TEXT = (
    "the of and painter canvas with light a in brush that was for colour his it landscape which "
    "river under sky not from were all there stone morning evening through blue water old houses"
)
WORDS = TEXT.split()


def painting(height: int, width: int, seed: int = 0) -> torch.Tensor:
    """Blotches of color with strokes over them, (3, height, width)."""
    generator = torch.Generator().manual_seed(seed)

    def blotches(cells):
        coarse = torch.rand(1, 3, cells, cells, generator=generator)
        return functional.interpolate(coarse, (height, width), mode="bicubic")[0]

    return (0.5 * blotches(4) + 0.3 * blotches(12) + 0.2 * blotches(150)).clamp(0, 1)


def framed(pixels, left, top, right, bottom, color=0.95):
    pads = (left, right, top, bottom)
    return functional.pad(pixels, pads, value=color)


def text_page(
    height=700,
    width=500,
    size=18,
    ink="black",
    paper="white",
    words=WORDS,
    seed=0,
):
    """Ragged lines of words in Pillow's own font."""
    font = ImageFont.load_default(size)
    image = Image.new("RGB", (width, height), paper)
    draw = ImageDraw.Draw(image)
    generator = torch.Generator().manual_seed(seed)
    for y in range(40, height - 40 - size, round(1.4 * size)):
        line = ""
        while True:
            word = words[int(torch.randint(len(words), (), generator=generator))]
            if draw.textlength(f"{line} {word}", font=font) > width - 80:
                break
            line = f"{line} {word}".strip()
        draw.text((40, y), line, fill=ink, font=font)
    return pixels_of(image)


def pixels_of(image):
    data = torch.frombuffer(bytearray(image.tobytes()), dtype=torch.uint8)
    return data.view(image.height, image.width, 3).permute(2, 0, 1).float().div(255).contiguous()


def of_style(pixels, height=384, width=512, scale=1.0):
    return style_warnings(Picture(pixels), "monet.jpg", height, width, scale=scale)


def of_content(pixels, size=512):
    return content_warnings(Picture(pixels), "photo.jpg", size)


def only(messages):
    (message,) = messages
    assert message.count("\n") == 0
    assert not message.endswith(".")
    return message


def box_of(message):
    """Left, top, right and bottom, as a message tells them."""
    return map(int, re.findall(r"\d+", message)[-4:])


@pytest.mark.parametrize("shape", [(400, 500), (900, 700), (1000, 1400), (300, 1100)])
def test_a_painting_and_a_photograph_pass(shape):
    assert of_style(painting(*shape)) == []
    assert of_content(painting(*shape)) == []


class TestSmallStyle:
    def test_it_tells_how_far_it_is_enlarged_and_three_cures(self):
        message = only(of_style(painting(150, 200), 600, 800))
        assert message == (
            "monet.jpg (200 x 150 px) is small for this size: enlarged 4.0 times, its strokes "
            "blur; use a larger scan, a --size of 300 or less, or a --style-scale of 0.37 for "
            "finer strokes"
        )

    def test_each_cure_cures(self):
        style = painting(150, 200)
        assert of_style(style, 225, 300) == []
        assert of_style(style, 600, 800, scale=0.37) == []

    def test_up_to_twice_is_fine(self):
        style = painting(150, 200)
        assert of_style(style, 300, 400) == []
        assert of_style(style, 306, 408)

    def test_the_scale_counts(self):
        style = painting(384, 512)
        assert of_style(style, scale=2.0) == []
        assert "a --style-scale of 1.5 " in only(of_style(style, scale=2.1))

    def test_cures_that_would_make_dust_are_left_out(self):
        message = only(of_style(painting(12, 16), 600, 800))
        assert message.endswith("; use a larger scan")
        assert "--set" not in only(of_style(painting(60, 80), 600, 800))


class TestPale:
    RECIPE = recipe_files.named("default")

    def warned(self, pixels, **settings):
        recipe = self.RECIPE.changed({k.replace("_", "."): v for k, v in settings.items()})
        return pale_warnings(recipe, [("fog.jpg", Picture(pixels))])

    def test_it_tells_what_may_be_lost_and_the_weight_that_helps(self):
        fog = 0.5 + 0.25 * (painting(400, 500) - 0.5)
        assert float(fog.mean(0).std()) < 0.07
        message = only(self.warned(fog))
        assert message.startswith("fog.jpg has little contrast")
        assert message.endswith("try --content-weight 3")
        assert only(self.warned(fog, style_weight=2.0)).endswith("--content-weight 6")
        assert self.warned(fog, content_weight=3.0) == []
        assert self.warned(fog, content_weight=0.0) == []

    def test_contrast_and_flatness_are_not_paleness(self):
        assert self.warned(painting(400, 500)) == []
        assert self.warned(torch.full((3, 400, 500), 0.5)) == []


class TestFlat:
    @pytest.mark.parametrize("color", [0.0, 0.5, 1.0])
    def test_one_color_and_grain(self, color):
        grain = (color + 0.01 * torch.randn(3, 400, 500)).clamp(0, 1)
        assert only(of_style(grain)).startswith("monet.jpg is nearly one color")
        assert "; use a style with visible strokes" in only(of_style(grain))
        assert only(of_content(grain)).startswith("photo.jpg is nearly one color")

    def test_a_gradient_has_no_texture_but_may_be_a_content(self):
        gradient = torch.linspace(0.3, 0.8, 900).expand(3, 700, 900)
        assert only(of_style(gradient)).startswith("monet.jpg is smooth")
        assert of_content(gradient) == []

    def test_faint_strokes_are_enough(self):
        assert of_style(0.5 + 0.3 * (painting(400, 500) - 0.5)) == []

    def test_nothing_else_is_said_of_it(self):
        assert "nearly one color" in only(of_style(torch.full((3, 5, 5), 0.5)))


class TestBorder:
    def test_widths_and_box_are_exact(self):
        message = only(of_style(framed(painting(400, 500), 30, 25, 40, 35)))
        assert message == (
            "monet.jpg has a blank border (px: left 30, top 25, right 40, bottom 35) that counts "
            "as style and washes the result out; crop it to the box from (30, 25) to (530, 425)"
        )

    @pytest.mark.parametrize("color", [0.0, 0.5, 1.0])
    def test_any_even_color_with_grain(self, color):
        picture = framed(painting(400, 500), 40, 40, 40, 40, color) + 0.01 * torch.randn(
            3, 480, 580
        )
        assert "blank border (px: left 40, top 40" in only(of_style(picture.clamp(0, 1)))

    def test_bars_on_two_sides(self):
        bars = framed(painting(400, 500), 0, 50, 0, 60, 0.0)
        assert "(px: top 50, bottom 60)" in only(of_style(bars))
        assert "from (50, 0) to (450, 500)" in only(of_style(bars.mT.contiguous()[:, :, 0:510]))

    LARGE = framed(
        painting(1000, 1300).repeat_interleave(2, 1).repeat_interleave(2, 2), 201, 150, 203, 149
    )

    def test_the_box_of_a_large_scan_holds_nothing_of_the_border(self):
        message = only(of_style(self.LARGE))
        left, top, right, bottom = box_of(message)
        assert 201 <= left < 201 + 8
        assert 150 <= top < 150 + 8
        assert 2801 - 8 < right <= 2801
        assert 2150 - 8 < bottom <= 2150

    def test_a_cropped_picture_is_fine(self):
        left, top, right, bottom = box_of(only(of_style(self.LARGE)))
        assert of_style(self.LARGE[:, top:bottom, left:right].contiguous()) == []

    def test_thin_ones_one_side_and_two_colors_are_none(self):
        assert of_style(framed(painting(400, 500), 4, 4, 4, 4)) == []
        assert of_style(framed(painting(400, 500), 0, 100, 0, 0)) == []
        two = framed(framed(painting(400, 500), 0, 50, 0, 0, 0.0), 0, 0, 0, 50, 1.0)
        assert of_style(two) == []

    def test_a_dark_background_that_ends_gradually_is_none(self):
        rows, columns = torch.meshgrid(
            torch.linspace(-1, 1, 400), torch.linspace(-1, 1, 500), indexing="ij"
        )
        light = (1.2 - 1.5 * (rows.square() + columns.square()).sqrt()).clamp(0, 1)
        assert of_style(painting(400, 500) * light) == []


class TestText:
    @pytest.mark.parametrize(
        "page",
        [
            {},
            {"size": 12},
            {"size": 30},
            {"ink": "#eeeedd", "paper": "#202840"},
            {"ink": "#302010", "paper": "#e8d8b0"},
            {"height": 2800, "width": 2000, "size": 60},
            {"height": 500, "width": 900},
        ],
    )
    def test_pages_are_told(self, page):
        message = only(of_style(text_page(**page)))
        assert message.startswith("monet.jpg looks like a page of text: its letters")
        assert "another style, or crop it" in message

    def test_two_columns(self):
        columns = torch.cat([text_page(width=420), text_page(width=420, seed=1)], dim=2)
        assert "page of text" in only(of_style(columns))

    def test_a_line_on_a_painting_is_none(self):
        picture = painting(700, 500)
        picture[:, 600:660] = text_page()[:, 40:100]
        assert of_style(picture) == []

    @pytest.mark.parametrize("name", ["dots", "checks", "hatching", "lines", "windows", "noise"])
    def test_patterns_are_none(self, name):
        rows, columns = torch.arange(600)[:, None], torch.arange(800)[None]
        dots = ((rows % 24 - 12) ** 2 + (columns % 24 - 12) ** 2 < 49).float()
        patterns = {
            "dots": dots,
            "checks": ((rows // 20 + columns // 20) % 2).float(),
            "hatching": (((rows + columns) % 9 < 3) | ((rows - columns) % 13 < 3)).float(),
            "lines": (rows % 16 < 6).float().expand(600, 800),
            "windows": ((rows % 60 < 34) & (columns % 40 < 22)).float(),
            "noise": (torch.rand(600, 800) < 0.3).float(),
        }
        assert not any("text" in message for message in of_style(patterns[name].expand(3, -1, -1)))

    def test_ink_strokes_in_every_direction_are_none(self):
        image = Image.new("RGB", (800, 600), "white")
        draw = ImageDraw.Draw(image)
        for x, y, dx, dy in torch.rand(700, 4, generator=torch.Generator().manual_seed(1)).tolist():
            start = (800 * x, 600 * y)
            draw.line((start, (start[0] + 60 * dx - 30, start[1] + 60 * dy - 30)), "black", 3)
        assert of_style(pixels_of(image)) == []


class TestContent:
    def test_a_tiny_one(self):
        message = only(of_content(painting(90, 120), 600))
        assert message == (
            "photo.jpg (120 x 90 px) is small for this size: enlarged 5.0 times, it has no details "
            "to keep; use a larger picture or a --size of 180 or less"
        )
        assert of_content(painting(90, 120), 240) == []
        assert only(of_content(painting(90, 120), 241))
        assert only(of_content(painting(9, 12))).endswith("; use a larger picture")

    @pytest.mark.parametrize(
        ("shape", "words"), [((200, 1000), "wide as"), ((1000, 200), "tall as")]
    )
    def test_a_long_narrow_one(self, shape, words):
        message = only(of_content(painting(*shape)))
        assert f"5.0 times as {words}" in message
        assert "only 102 px" in message
        assert "crop the picture, or try a --size of 640 or more" in message
        assert of_content(painting(*shape), 640) == []

    def test_a_wide_one_is_fine(self):
        assert of_content(painting(300, 1100)) == []


class TestWarnings:
    """Of a recipe and its pictures together."""

    GRAY = Picture(torch.full((3, 300, 400), 0.5))
    FINE = Picture(painting(300, 400))

    def told(self, content, *styles, **settings):
        recipe = recipe_files.named("default").changed(settings)
        named = [(f"{number}.jpg", style) for number, style in enumerate(styles, start=1)]
        return preflight.warnings(recipe, 300, 400, ("c.jpg", content), named)

    def test_every_picture_is_looked_at_in_order(self):
        messages = self.told(self.GRAY, self.FINE, self.GRAY)
        assert [message.split()[0] for message in messages] == ["c.jpg", "2.jpg"]

    def test_what_does_not_count_is_not(self):
        assert self.told(self.GRAY, self.FINE, **{"content.weight": 0.0})
        assert not self.told(self.GRAY, self.FINE, **{"content.weight": 0.0, "start": "gray"})
        assert not self.told(self.FINE, self.GRAY, **{"style.weight": 0.0})

    def test_the_scale_is_the_recipes(self):
        assert self.told(self.FINE, self.FINE) == []
        assert "small" in only(self.told(self.FINE, self.FINE, **{"style.scale": 2.1}))
        message = only(self.told(self.FINE, self.FINE, self.FINE, **{"style.scales": [1.0, 2.1]}))
        assert message.startswith("2.jpg (400 x 300 px) is small")

    def test_a_palette_has_no_strokes_to_fail(self):
        assert self.told(self.GRAY, self.GRAY, **{"color.mode": "palette"}) == []


short = st.integers(1, 70)
long = st.sampled_from([1023, 1024, 1025, 2100, 3100])
sizes = st.tuples(short, short) | st.tuples(short, long) | st.tuples(long, short)
KINDS = {
    "noise": lambda *shape: torch.rand(shape),
    "binary": lambda *shape: torch.rand(shape).round(),
    "rows": lambda *shape: torch.rand(3, shape[1], 1).round().expand(shape),
    "columns": lambda *shape: torch.rand(3, 1, shape[2]).expand(shape),
    "framed": lambda *shape: torch.ones(shape).index_fill(2, torch.tensor([shape[2] // 2]), 0.0),
    "white": torch.ones,
    "not a number": lambda *shape: torch.full(shape, torch.nan),
    "infinite": lambda *shape: torch.full(shape, torch.inf) * torch.randn(shape).sign(),
    "far out": lambda *shape: 1e6 * torch.randn(shape),
}


@given(sizes, st.sampled_from(sorted(KINDS)), st.integers(1, 5000), st.integers(1, 5000))
def test_no_picture_fails(size, kind, result_height, result_width):
    pixels = KINDS[kind](3, *size)
    before = pixels.clone()
    found = of_style(pixels, result_height, result_width) + of_content(pixels, result_width)
    assert all(isinstance(message, str) and message for message in found)
    torch.testing.assert_close(pixels, before, rtol=0, atol=0, equal_nan=True)


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 60), st.integers(0, 60))
def test_a_box_lies_inside_the_picture(left, top, right, bottom):
    for message in of_style(framed(painting(90, 120), left, top, right, bottom), 60, 80):
        x0, y0, x1, y1 = box_of(message)
        assert 0 <= x0 < x1 <= 120 + left + right
        assert 0 <= y0 < y1 <= 90 + top + bottom
