"""How the distances of a term's layers become one number."""

import pytest
import torch

from impasto.losses.gram import GramLoss
from impasto.losses.term import Term

LAYERS = {"relu1_1": 2.0, "relu2_1": 0.5}
DISTANCES = {"relu1_1": torch.tensor(3.0), "relu2_1": torch.tensor(20.0)}


def test_sum_weighs_layers():
    assert float(Term("style", GramLoss(), LAYERS).combined(DISTANCES)) == 2 * 3 + 0.5 * 20


def test_root_is_the_square_root_of_the_sum():
    term = Term("style", GramLoss(), LAYERS, combine="root")
    assert float(term.combined(DISTANCES)) == pytest.approx(4.0)


def test_the_terms_own_weight_is_left_to_the_objective():
    heavy = Term("style", GramLoss(), LAYERS, weight=7.0)
    assert float(heavy.combined(DISTANCES)) == 16


def test_the_root_has_a_finite_gradient_at_zero():
    distance = torch.zeros((), requires_grad=True)
    Term("style", GramLoss(), {"relu1_1": 1.0}, combine="root").combined(
        {"relu1_1": distance}
    ).backward()
    assert distance.grad.isfinite()
