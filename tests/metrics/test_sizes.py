"""Sizes at which pictures are compared."""

import torch

from impasto.metrics.sizes import at_most, long_side, same_area, same_size


def test_the_other_is_brought_to_the_size_or_the_area():
    image, other = torch.zeros(1, 3, 60, 80), torch.rand(1, 3, 100, 25)
    assert same_size(image, other).shape == (1, 3, 60, 80)
    height, width = same_area(image, other).shape[2:]
    assert (height, width) == (139, 35)
    assert same_area(other, other) is other


def test_a_long_side_is_met_or_kept():
    image = torch.rand(1, 3, 60, 80)
    assert long_side(image, 160).shape == (1, 3, 120, 160)
    assert at_most(image, 40).shape == (1, 3, 30, 40)
    assert at_most(image, 100) is image
