"""Sampled positions: one from each stratum, by weight, the same for the same generator."""

import numpy as np
import pytest
import torch

from impasto.numerics.sampling import even_positions, picked, positions, rows_of


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize(("total", "count"), [(10, 4), (12, 12), (7, 6), (1000, 300)])
def test_even_positions_are_different_and_one_of_each_stratum(total, count):
    for generator in (None, seeded(), seeded(1)):
        drawn = even_positions(total, count, generator).numpy()
        ends = [total * i // count for i in range(count + 1)]
        assert all(a <= at < b for at, a, b in zip(drawn, ends, ends[1:], strict=False))
        assert len(drawn) == count


def test_all_positions_where_fewer_are_there_than_asked_for():
    assert even_positions(5, 9, seeded()).tolist() == [0, 1, 2, 3, 4]


def test_every_position_gets_its_turn():
    drawn = torch.cat([even_positions(10, 3, seeded(s)) for s in range(200)])
    counts = np.bincount(drawn, minlength=10)
    assert counts.min() > 200 * 3 / 10 / 2
    assert counts.max() < 200 * 3 / 10 * 2


def test_weighted_positions_by_hand():
    # Strata of the weights 1, 0, 3 end at 1, 2, 3, 4; their middles lie in the first, then thrice
    # in the last.
    weight = torch.tensor([[1.0, 0.0, 3.0], [0.0, 2.0, 0.0]])
    assert positions(weight, 4).tolist() == [[0, 2, 2, 2], [1, 1, 1, 1]]


def test_what_weighs_nothing_is_never_drawn_and_the_rest_by_weight():
    weight = torch.tensor([[0.0, 2.0, 0.0, 1.0, 0.0]])
    drawn = torch.cat([positions(weight, 2, seeded(s))[0] for s in range(600)])
    counts = np.bincount(drawn, minlength=5)
    assert counts[[0, 2, 4]].sum() == 0
    assert counts[1] / counts[3] == pytest.approx(2, rel=0.15)


def test_the_same_seed_draws_the_same_and_another_does_not():
    one, two, other = (even_positions(5000, 50, seeded(s)) for s in (3, 3, 4))
    assert torch.equal(one, two)
    assert not torch.equal(one, other)


def test_rows_are_picked_by_sample_or_for_all():
    features = torch.arange(24.0).view(2, 3, 2, 2)
    rows = rows_of(features)
    assert rows[1, 2].tolist() == features[1, :, 1, 0].tolist()
    assert torch.equal(picked(rows, torch.tensor([3, 0])), rows[:, [3, 0]])
    each = picked(rows, torch.tensor([[3, 0], [1, 1]]))
    assert torch.equal(each, torch.stack([rows[0, [3, 0]], rows[1, [1, 1]]]))
