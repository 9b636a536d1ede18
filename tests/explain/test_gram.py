"""The worked example by hand, real Gram matrices, and the shuffle experiment."""

import numpy as np
import pytest
import torch

from impasto.errors import ShapeError
from impasto.explain.gram_example import FILTERS, work_out
from impasto.explain.gram_matrices import GramMatrix, shuffle


@pytest.fixture
def example(content):
    return work_out(content.batch)


def test_the_image_has_small_whole_numbers(example):
    values = np.array(example.image)
    assert values.shape == (4, 4)
    assert (values.min(), values.max()) == (0, 9)


def test_maps_are_convolutions_over_a_border_of_zeros(example):
    padded = np.pad(np.array(example.image), 1)
    for (_, weights), found in zip(FILTERS, example.maps, strict=True):
        kernel = np.array(weights).reshape(3, 3)
        for y in range(4):
            for x in range(4):
                answer = (padded[y : y + 3, x : x + 3] * kernel).sum()
                assert found[y][x] == max(0, answer)


def test_the_gram_matrix_is_f_times_its_transpose(example):
    rows = np.array(example.rows)
    assert rows.shape == (8, 16)
    assert (np.array(example.maps).reshape(8, 16) == rows).all()
    assert (np.array(example.gram) == rows @ rows.T).all()


def test_the_entry_that_is_followed_adds_up(example):
    first, second = example.pair
    assert first != second
    assert len(example.products) == 16
    assert sum(a * b for a, b in example.products) == example.gram[first][second]
    off = np.array(example.gram) - np.diag(np.diag(example.gram))
    assert example.gram[first][second] == off.max()


def test_a_gray_picture_is_no_error():
    assert set(np.array(work_out(torch.full((1, 3, 20, 20), 0.5)).image).flatten()) == {0}


def features(seed=0):
    return torch.rand(1, 5, 6, 7, generator=torch.Generator().manual_seed(seed))


def test_a_gram_matrix_against_numpy():
    flat = features()[0].flatten(1).double().numpy()
    gram = GramMatrix.of("relu1_1", features())
    np.testing.assert_allclose(gram.values.numpy(), flat @ flat.T, rtol=1e-6)
    assert (gram.channels, gram.positions) == (5, 42)
    order = gram.order(2)
    assert list(order) == np.argsort(-np.diag(flat @ flat.T))[:2].tolist()
    assert float(gram.part(order)[0, 1]) == float(gram.values[order[0], order[1]])


def test_what_is_no_square_is_no_gram_matrix():
    with pytest.raises(ShapeError, match="Gram matrix"):
        GramMatrix("relu1_1", torch.zeros(2, 3), 6)


def test_a_shuffle_moves_features_and_not_the_gram_matrix():
    numbers, shuffled = shuffle("relu1_1", features(), seed=4)
    before, after = features()[0].flatten(1), shuffled[0].flatten(1)
    assert sorted(map(tuple, before.T.tolist())) == sorted(map(tuple, after.T.tolist()))
    expected = float((after - before).norm() / before.norm())
    assert numbers.content == pytest.approx(expected, rel=1e-5)
    assert numbers.content > 0.3
    assert numbers.gram < 1e-6
    assert numbers.positions == 42


def test_the_shuffles_of_a_report(report):
    assert [one.layer for one in report.gram.shuffles] == list(report.recipe.style.layers)
    assert all(one.gram < 1e-5 < 0.1 < one.content for one in report.gram.shuffles)
