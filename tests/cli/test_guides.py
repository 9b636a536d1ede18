"""`impasto stylize` with guides: masks, names, and everything that is refused."""

import json

import pytest
import torch

from impasto import recipe_files
from impasto.images import Picture, decode, encode


def save(path, plane):
    encode(Picture(plane.expand(3, -1, -1).contiguous().float()), path)


@pytest.fixture
def masks(folder):
    """mask.png (48 x 32) with a white left half, its opposite, and others that do not fit."""
    half = torch.zeros(32, 48)
    half[:, :24] = 1
    save(folder / "mask.png", half)
    save(folder / "rest.png", 1 - half)
    save(folder / "black.png", torch.zeros(32, 48))
    save(folder / "white.png", torch.ones(32, 48))
    save(folder / "double.png", half.repeat_interleave(2, 0).repeat_interleave(2, 1))
    save(folder / "square.png", half[:, :32])
    square = torch.zeros(40, 40)
    square[:20] = 1
    save(folder / "upper.png", square)
    encode(Picture(torch.stack([square, 1 - square, square * 0])), folder / "colored.png")
    return folder


def test_protect_keeps_the_content_and_is_in_the_recipe(stylize, masks):
    result = stylize(
        "-o", "out.png", "--protect", "mask.png", "--protect-feather", "7.2", "--quiet"
    )
    assert result.exit_code == 0, result.output
    out, same = decode(masks / "out.png"), decode(masks / "photo.png")
    recipe = recipe_files.parse(out.recipe, name="out")
    assert recipe.guides.protect == "mask"
    assert recipe.guides.feather == pytest.approx(0.1)  # of 72 px
    again = stylize("-o", "plain.png", "--quiet")
    assert again.exit_code == 0
    from impasto.images.resize import resize

    wanted = resize(same.batch, 48, 72)[0, ..., :34]
    assert float((out.pixels[..., :34] - wanted).abs().max()) <= 1 / 255
    assert float((decode(masks / "plain.png").pixels[..., :34] - wanted).abs().mean()) > 0.01


def test_a_mask_of_another_size_is_resized_with_a_warning(stylize, masks):
    result = stylize("-o", "out.png", "--protect", "double.png")
    assert result.exit_code == 0, result.output
    assert "warning: double.png is 96 x 64 px and the content picture 48 x 32" in result.stderr
    assert (masks / "out.png").exists()


def test_styles_by_masks_label_maps_and_pairs(run, stylize, masks, small):
    two = ["stylize", "photo.png", "painting.png", "painting.png", *small, "--quiet"]
    options = ["--style-mask", "mask.png", "--style-mask", "rest.png"]
    assert run(*two, "-o", "masks.png", *options).exit_code == 0
    result = stylize("-o", "labels.png", "--regions", "mask.png", "upper.png", "--quiet")
    assert result.exit_code == 0, result.output
    result = stylize("-o", "auto.png", "--pair", "auto", "--save-guides", "sheet.png", "--quiet")
    assert result.exit_code == 0, result.output
    pairs = {
        name: recipe_files.parse(decode(masks / f"{name}.png").recipe, name=name).guides.pair
        for name in ("masks", "labels", "auto")
    }
    assert pairs == {"masks": "masks", "labels": "labels", "auto": "auto"}
    assert decode(masks / "sheet.png").height == 384


def test_faces_without_the_model_protect_the_subject_and_say_how_to_get_it(stylize, masks):
    pytest.importorskip("cv2")
    pixels = torch.full((3, 64, 96), 0.4)
    pixels[:, 16:56, 30:66] = torch.rand(3, 40, 36)
    encode(Picture(pixels), masks / "photo.png")
    result = stylize("-o", "out.png", "--protect", "faces", "--json")
    assert result.exit_code == 0, result.output
    warned = [e["message"] for e in map(json.loads, result.stdout.splitlines()) if "message" in e]
    assert any("impasto weights fetch yunet" in message for message in warned)
    recipe = recipe_files.parse(decode(masks / "out.png").recipe, name="out")
    assert recipe.guides.protect == "subject"


REFUSED = {
    "unknown name": (["--protect", "subjct"], "unknown protection 'subjct': did you mean subject?"),
    "missing mask": (["--style-mask", "gone.png"], "there is no file gone.png"),
    "no picture": (["--protect", "notes.txt"], "notes.txt is not a picture"),
    "black": (["--protect", "black.png"], "black.png is black everywhere"),
    "white": (["--protect", "white.png"], "white.png is white everywhere"),
    "another shape": (["--protect", "square.png"], "expected the same proportions"),
    "count of masks": (
        ["--style-mask", "mask.png", "--style-mask", "rest.png"],
        "one style mask for each of 1 styles, got 2",
    ),
    "labels of one side": (
        ["--regions", "mask.png", "colored.png"],
        "is in mask.png and not in colored.png",
    ),
    "no label map": (["--regions", "photo.png", "upper.png"], "photo.png is no label map"),
    "two ways": (
        ["--pair", "auto", "--style-mask", "mask.png"],
        "got --style-mask and --pair auto; keep one",
    ),
    "unknown pairing": (["--pair", "atuo"], "unknown value for --pair 'atuo': did you mean auto?"),
    "negative feather": (["--protect-feather", "-1"], "guides.feather must be at least 0"),
    "recipe without mask": (["--set", "guides.protect=mask"], "none was given: add --protect"),
    "guides over an input": (
        ["--protect", "mask.png", "--save-guides", "mask.png"],
        "mask.png is an input and would be overwritten",
    ),
    "guides over the output": (
        ["--protect", "mask.png", "--save-guides", "out.png"],
        "out.png is the picture itself",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_bad_guides_are_refused_in_a_line(stylize, masks, case):
    (masks / "notes.txt").write_text("no picture")
    options, message = REFUSED[case]
    before = sorted(masks.iterdir())
    result = stylize("-o", "out.png", *options)
    assert result.exit_code == 2, result.output
    assert sorted(masks.iterdir()) == before
    (line,) = result.stderr.splitlines()
    assert message in line
    assert result.stdout == ""


def test_help_tells_of_guides(run):
    text = run("stylize", "--help").stdout
    for option in ("--protect", "--regions", "--style-mask", "--pair", "--save-guides"):
        assert option in text
