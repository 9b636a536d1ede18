"""A picture holds pixels of one shape and type, and what travels with them."""

import dataclasses

import pytest
import torch

from impasto.errors import ShapeError
from impasto.images import Picture


def test_size_and_batch():
    picture = Picture(torch.rand(3, 4, 7))
    assert (picture.height, picture.width) == (4, 7)
    assert picture.batch.shape == (1, 3, 4, 7)
    assert torch.equal(picture.batch[0], picture.pixels)
    assert (picture.alpha, picture.dpi, picture.recipe) == (None, None, None)


def test_a_picture_is_frozen():
    picture = Picture(torch.rand(3, 4, 7))
    with pytest.raises(dataclasses.FrozenInstanceError):
        picture.dpi = 300


@pytest.mark.parametrize("shape", [(4, 7), (1, 4, 7), (4, 7, 3), (1, 3, 4, 7), (3, 0, 7)])
def test_pixels_of_another_shape_are_refused(shape):
    with pytest.raises(ShapeError, match=r"pixels of shape \(3, height, width\)") as caught:
        Picture(torch.zeros(shape))
    assert caught.value.actual == shape


@pytest.mark.parametrize("dtype", [torch.uint8, torch.float64, torch.bfloat16])
def test_pixels_of_another_type_are_refused(dtype):
    with pytest.raises(ShapeError, match="float32"):
        Picture(torch.zeros(3, 4, 7, dtype=dtype))


@pytest.mark.parametrize("shape", [(4, 7), (3, 4, 7), (1, 7, 4)])
def test_alpha_must_fit_the_pixels(shape):
    with pytest.raises(ShapeError, match="alpha"):
        Picture(torch.zeros(3, 4, 7), alpha=torch.zeros(shape))


def test_from_batch_detaches_and_converts():
    image = torch.rand(1, 3, 4, 7, dtype=torch.float64, requires_grad=True)
    picture = Picture.from_batch(image)
    assert picture.pixels.dtype == torch.float32
    assert not picture.pixels.requires_grad
    assert torch.equal(picture.pixels, image.detach()[0].float())


def test_from_batch_takes_over_alpha_and_dpi_but_not_the_recipe():
    like = Picture(torch.rand(3, 4, 7), torch.full((1, 4, 7), 0.25), dpi=300, recipe="steps = 1")
    picture = Picture.from_batch(torch.rand(1, 3, 8, 14), like)
    assert picture.alpha.shape == (1, 8, 14)
    torch.testing.assert_close(picture.alpha, torch.full((1, 8, 14), 0.25))
    assert picture.dpi == 300
    assert picture.recipe is None


@pytest.mark.parametrize("shape", [(3, 4, 7), (2, 3, 4, 7), (1, 1, 4, 7)])
def test_from_batch_wants_a_batch_of_one(shape):
    with pytest.raises(ShapeError, match="batch"):
        Picture.from_batch(torch.zeros(shape))
