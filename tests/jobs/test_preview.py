"""The preview: small, in the result's colors, and never half written."""

import pytest
import torch

from impasto import recipe_files
from impasto.images import Picture, encode
from impasto.images.codec import decode
from impasto.jobs.preview import Preview
from impasto.recipe import Recipe


def flat(red, green, blue, height=40, width=60):
    return torch.tensor([red, green, blue]).view(1, 3, 1, 1).expand(1, 3, height, width).clone()


@pytest.fixture
def preview(tmp_path):
    def make(mode):
        content = tmp_path / "content.png"
        encode(Picture(flat(0.8, 0.2, 0.2)[0]), content)
        recipe: Recipe = recipe_files.named("default").changed({"color.mode": mode})
        return Preview(tmp_path / "preview.jpg", recipe.color, content)

    return make


def shown(tmp_path):
    return decode(tmp_path / "preview.jpg").pixels


def test_large_images_are_made_small(preview, tmp_path):
    preview("style").work(flat(0.5, 0.5, 0.5, 1000, 1600))
    assert shown(tmp_path).shape == (3, 480, 768)


def test_what_is_out_of_range_is_cut_off(preview, tmp_path):
    preview("style").work(flat(1.7, 0.5, -3.0))
    expected = torch.tensor([1.0, 0.5, 0.0]).view(3, 1, 1)
    assert float((shown(tmp_path) - expected).abs().max()) < 0.02


def test_the_contents_colors_are_in_it_where_they_will_be_in_the_result(preview, tmp_path):
    gray = flat(0.5, 0.5, 0.5)
    preview("style").work(gray)
    red, green, _ = shown(tmp_path).mean((1, 2))
    assert abs(float(red - green)) < 0.02
    preview("content").work(gray)
    red, green, _ = shown(tmp_path).mean((1, 2))
    assert float(red - green) > 0.2


def test_nothing_is_left_beside_it(preview, tmp_path):
    preview("style").work(flat(0.1, 0.2, 0.3))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["content.png", "preview.jpg"]
