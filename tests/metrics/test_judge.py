"""Judging pictures: the record, its notes, and what is passed to each metric."""

import json
from dataclasses import FrozenInstanceError, replace

import pytest
import torch

from impasto import recipe_files
from impasto.errors import LayerError, ShapeError
from impasto.images import Picture
from impasto.metrics.border import border
from impasto.metrics.content import deep_distance, edge_agreement, ssim_luma
from impasto.metrics.grain import flat_grain, grain
from impasto.metrics.judge import NETWORK_SIDE, compare, made_with
from impasto.metrics.patches import sliced_wasserstein
from impasto.metrics.style import moments_distance


@pytest.fixture
def content(pictures) -> Picture:
    return Picture(pictures.scene(64, 80)[0])


@pytest.fixture
def style(pictures) -> Picture:
    return Picture(pictures.scene(72, 72, seed=40)[0])


def recipe_of(network: str) -> str:
    return recipe_files.to_toml(recipe_files.named("draft").changed({"network.name": network}))


def test_the_content_and_the_style_are_the_ends_of_the_scale(content, style, tiny):
    pictures = [("content", content), ("style", style)]
    first, second = compare(pictures, content, style, tiny.extractor(), network="tiny")
    assert (first.picture, first.width, first.height) == ("content", 80, 64)
    assert (first.ssim, first.edges) == pytest.approx((1, 1))
    assert first.deep == 0
    assert min(first.sliced.total, first.moments.total) > 0.01
    assert second.sliced.total == second.moments.total == 0
    assert second.grain == 1
    assert second.ssim < 0.5 < first.ssim
    assert second.deep > 0.1


def test_every_number_is_that_of_its_metric(content, style, tiny, pictures):
    image = pictures.noisy(content.batch, 0.1)
    extractor = tiny.extractor()
    (found,) = compare([("a", Picture(image[0]))], content, style, extractor)
    photo, painting = content.batch, style.batch
    assert found.ssim == ssim_luma(image, photo)
    assert found.edges == edge_agreement(image, photo)
    assert found.deep == deep_distance(image, photo, extractor)
    assert found.sliced == sliced_wasserstein(image, painting)
    assert found.moments == moments_distance(image, painting, extractor)
    assert found.grain == grain(image, painting)
    assert found.flat_grain == flat_grain(image, painting, photo)
    assert found.border == border(image)


def test_a_judgement_is_frozen_and_ready_for_json(content, style, tiny):
    (found,) = compare([("a", content)], content, style, tiny.extractor(), network="tiny")
    with pytest.raises(FrozenInstanceError):
        found.ssim = 0
    values = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert values["moments"]["total"] == found.moments.total
    assert next(iter(values["moments"]["parts"])) == "relu1_1"
    assert values["sliced"]["parts"].keys() == {"1", "1/2"}
    assert values["network"] == "tiny"


def test_pictures_are_read_one_after_the_other(content, style, tiny):
    read = []

    def pictures():
        for name in "ab":
            read.append(name)
            yield name, content

    assert [j.picture for j in compare(pictures(), content, style, tiny.extractor())] == read


def test_a_picture_that_the_judge_painted_gets_a_note(content, style, tiny):
    painted = replace(content, recipe=recipe_of("vgg19"))
    assert made_with(painted) == "vgg19"
    for judge, notes in (("vgg19", 1), ("pocket-v1", 0), ("", 0)):
        (found,) = compare([("a", painted)], content, style, tiny.extractor(), network=judge)
        flattered = [note for note in found.notes if "flatter" in note]
        assert len(flattered) == notes


@pytest.mark.parametrize("recipe", [None, "", "no = [toml", "network = 3", "[network]\nname = 1"])
def test_a_picture_without_a_readable_recipe_is_by_nobody(content, recipe):
    assert made_with(replace(content, recipe=recipe)) is None


def test_other_proportions_and_an_enlarged_style_get_a_note(content, style, tiny):
    square = Picture(content.pixels[:, :, :64].contiguous())
    larger = Picture(torch.nn.functional.interpolate(content.batch, scale_factor=1.5)[0])
    notes = [
        " ".join(j.notes)
        for j in compare(
            [("same", content), ("square", square), ("larger", larger)],
            content,
            Picture(content.pixels.flip(1)),
            tiny.extractor(),
        )
    ]
    assert notes[0] == ""
    assert notes[1] == "has other proportions than the content and is stretched to them"
    assert notes[2].startswith("is larger than the style")


def test_the_network_sees_large_pictures_smaller(style):
    sizes = set()

    def pixels(image, layers):
        sizes.add(max(image.shape[2:]))
        return dict.fromkeys(layers, image[..., ::8, ::8])

    wide = Picture(torch.rand(3, 64, NETWORK_SIDE + 100))
    compare([("wide", wide)], wide, Picture(wide.pixels.flip(2)), pixels)
    assert NETWORK_SIDE in sizes
    assert max(sizes) < NETWORK_SIDE + 10  # the style has that area, not that side


def test_what_cannot_be_judged_is_refused(content, style, tiny):
    tile = Picture(torch.rand(3, 12, 12))
    with pytest.raises(ShapeError):
        compare([("tile", tile)], content, style, tiny.extractor())

    def shallow(image, layers):
        raise LayerError("no such layer")

    with pytest.raises(LayerError):
        compare([("a", content)], content, style, shallow)
