"""Nearest neighbors against NumPy; the size of the largest matrix."""

import numpy as np
import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from impasto.numerics.nearest import nearest


def vectors(*shape: int, seed: int = 1) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


class Largest(TorchDispatchMode):
    """Notes the most numbers in any tensor that an operation returns."""

    def __init__(self) -> None:
        super().__init__()
        self.numbers = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        result = func(*args, **(kwargs or {}))
        for tensor in result if isinstance(result, tuple | list) else (result,):
            if isinstance(tensor, torch.Tensor):
                self.numbers = max(self.numbers, tensor.numel())
        return result


ROWS, CANDIDATES = vectors(150, 3), vectors(90, 3, seed=2)


def test_equals_numpys_largest_cosine():
    unit = [
        v / np.linalg.norm(v, axis=1, keepdims=True) for v in map(np.asarray, (ROWS, CANDIDATES))
    ]
    assert nearest(ROWS, CANDIDATES).tolist() == (unit[0] @ unit[1].T).argmax(1).tolist()


@pytest.mark.parametrize("largest", [1, 90, 91, 1000, 10**6])
def test_chunks_do_not_change_the_answer(largest):
    assert torch.equal(nearest(ROWS, CANDIDATES, largest), nearest(ROWS, CANDIDATES))


@pytest.mark.parametrize(("largest", "numbers"), [(900, 900), (4000, 3960), (10**6, 150 * 90)])
def test_no_matrix_is_larger_than_allowed(largest, numbers):
    with Largest() as seen:
        nearest(ROWS, CANDIDATES, largest)
    assert seen.numbers == numbers


def test_length_does_not_count_but_direction_does():
    candidates = torch.tensor([[100.0, 1.0], [0.0, 0.01]])
    assert nearest(torch.tensor([[0.1, 5.0], [3.0, 0.0]]), candidates).tolist() == [1, 0]


def test_a_row_of_zeros_has_some_neighbor():
    assert nearest(torch.zeros(1, 3), torch.zeros(2, 3)).tolist() in ([0], [1])
