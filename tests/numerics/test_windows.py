"""Windows: the same values and gradients as slices."""

import pytest
import torch

from impasto.numerics.windows import box_of, windows


def tensor(layout=torch.contiguous_format) -> torch.Tensor:
    generator = torch.Generator().manual_seed(1)
    values = torch.randn(2, 3, 9, 8, generator=generator, dtype=torch.float64)
    return values.contiguous(memory_format=layout).requires_grad_()


BOXES = [(0, 5, 0, 8), (2, 9, 3, 7), (0, 9, 0, 8), (2, 9, 3, 7)]


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_values_and_gradients_are_those_of_slices(layout):
    ours, plain = tensor(layout), tensor(layout)
    slices = [plain[..., a:b, c:d] for a, b, c, d in BOXES]
    parts = windows(ours, BOXES)
    for part, piece in zip(parts, slices, strict=True):
        assert torch.equal(part, piece)
        assert part.is_contiguous(memory_format=layout)
    for found in (parts, slices):
        sum(((n + 1) * part.square()).sum() for n, part in enumerate(found)).backward()
    torch.testing.assert_close(ours.grad, plain.grad, rtol=1e-12, atol=1e-12)


def test_a_window_that_nothing_looks_at_gets_no_gradient():
    ours = tensor()
    first, _ = windows(ours, [(0, 2, 0, 2), (4, 6, 4, 6)])
    first.sum().backward()
    assert float(ours.grad.sum()) == 2 * 3 * 4
    assert float(ours.grad[..., 4:6, 4:6].abs().max()) == 0


def test_the_box_is_the_smallest():
    mask = torch.zeros(1, 1, 7, 9)
    mask[0, 0, 2, 3] = mask[0, 0, 4, 1] = 0.1
    assert box_of(mask) == (2, 5, 1, 4)
    assert box_of(torch.zeros(1, 1, 7, 9)) == (0, 7, 0, 9)
