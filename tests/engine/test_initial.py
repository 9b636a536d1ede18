"""Where runs start."""

import pytest
import torch

from impasto.engine.initial import initial_image
from impasto.errors import RecipeError

CONTENT = torch.rand(1, 3, 64, 80, generator=torch.Generator().manual_seed(1))


def test_content_is_a_copy():
    start = initial_image("content", CONTENT, seed=0)
    assert torch.equal(start, CONTENT)
    assert start.data_ptr() != CONTENT.data_ptr()


def test_gray_is_one_half_everywhere():
    start = initial_image("gray", CONTENT, seed=0)
    assert start.shape == CONTENT.shape
    assert bool((start == 0.5).all())


def test_gaussian_noise_lies_around_gray():
    start = initial_image("gaussian", CONTENT, seed=0)
    assert start.shape == CONTENT.shape
    assert start.dtype == CONTENT.dtype
    assert float(start.mean()) == pytest.approx(0.5, abs=0.005)
    assert float(start.std()) == pytest.approx(0.1, abs=0.005)
    assert 0 <= float(start.min()) < float(start.max()) <= 1


def test_uniform_noise_covers_all_values():
    start = initial_image("uniform", CONTENT, seed=0)
    assert float(start.mean()) == pytest.approx(0.5, abs=0.01)
    assert float(start.std()) == pytest.approx(12**-0.5, abs=0.01)
    assert float(start.min()) < 0.01
    assert float(start.max()) > 0.99


@pytest.mark.parametrize("kind", ["gaussian", "uniform"])
def test_one_seed_makes_one_noise_and_another_another(kind):
    once = initial_image(kind, CONTENT, seed=5)
    torch.rand(100)  # the global generator is not used
    assert torch.equal(once, initial_image(kind, CONTENT, seed=5))
    assert not torch.equal(once, initial_image(kind, CONTENT, seed=6))


def test_the_noise_leaves_the_global_generator_alone():
    before = torch.get_rng_state()
    initial_image("gaussian", CONTENT, seed=5)
    assert torch.equal(torch.get_rng_state(), before)


def test_noise_does_not_depend_on_the_content():
    other = initial_image("gaussian", torch.zeros_like(CONTENT), seed=5)
    assert torch.equal(initial_image("gaussian", CONTENT, seed=5), other)


def test_a_picture_is_brought_to_the_contents_size():
    flat = torch.full((1, 3, 10, 10), 0.25)
    start = initial_image("picture", CONTENT, seed=0, picture=flat)
    assert start.shape == CONTENT.shape
    torch.testing.assert_close(start, torch.full_like(CONTENT, 0.25))
    same = initial_image("picture", CONTENT, seed=0, picture=CONTENT.flip(-1))
    assert torch.equal(same, CONTENT.flip(-1))


def test_a_missing_picture_says_how_to_give_one():
    with pytest.raises(RecipeError, match="--init FILE"):
        initial_image("picture", CONTENT, seed=0)


def test_unknown_starts_are_refused():
    with pytest.raises(RecipeError, match="plasma"):
        initial_image("plasma", CONTENT, seed=0)
