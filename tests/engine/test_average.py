"""The average of iterates against the sum it stands for."""

import numpy as np
import pytest
import torch

from impasto.engine.average import IterateAverage


@pytest.mark.parametrize("decay", [0.5, 0.9, 0.99])
@pytest.mark.parametrize("count", [1, 2, 7])
def test_weights_are_powers_of_the_decay_that_add_up_to_one(decay, count):
    images = torch.rand(count, 1, 3, 4, 5, dtype=torch.float64)
    average = IterateAverage(decay)
    for image in images:
        average.update(image)
    weights = np.array([decay ** (count - 1 - i) for i in range(count)])
    wanted = np.tensordot(weights / weights.sum(), images.numpy(), 1)
    np.testing.assert_allclose(average.value().numpy(), wanted, rtol=1e-12)


def test_the_average_of_one_image_is_that_image():
    image = torch.rand(1, 3, 2, 2)
    average = IterateAverage(0.95)
    average.update(image)
    torch.testing.assert_close(average.value(), image)


def test_without_decay_it_is_the_last_one():
    average = IterateAverage(0.0)
    first, last = torch.rand(2, 1, 3, 2, 2)
    average.update(first)
    average.update(last)
    assert torch.equal(average.value(), last)


@pytest.mark.parametrize("decay", [0.0, 0.9])
def test_images_given_are_not_changed_and_may_change_later(decay):
    average, image = IterateAverage(decay), torch.full((1, 3, 2, 2), 0.25)
    average.update(image)
    kept = average.value().clone()
    average.update(torch.ones(1, 3, 2, 2))
    assert bool((image == 0.25).all())
    other = IterateAverage(decay)
    other.update(image)
    image.fill_(1)
    torch.testing.assert_close(other.value(), kept)
