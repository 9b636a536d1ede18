"""A framed image by parts: what `Framing.frame` makes of the whole, forth and back."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from impasto.engine.framing import Framing
from impasto.engine.tiled.framed import Frame
from impasto.numerics.windows import window

SIDES = st.integers(1, 40)


@given(
    height=SIDES,
    width=SIDES,
    margin=st.sampled_from((0, 3, 16)),
    phase=st.integers(0, 5),
    edges=st.sampled_from(("reflect", "wrap")),
    where=st.tuples(*[st.floats(0, 1)] * 4),
)
def test_boxes_are_those_of_the_framed_image_and_gradients_go_back(
    height, width, margin, phase, edges, where
):
    framing = Framing(margin, 4 if margin == 16 else 1, edges)
    image = torch.rand(1, 3, height, width, dtype=torch.float64, requires_grad=True)
    framed = framing.frame(image, phase)
    frame = Frame.of(framing, height, width, phase)
    assert frame.size == tuple(framed.shape[-2:])
    torch.testing.assert_close(window(framed, frame.bare), image, rtol=0, atol=0)
    top, left = int(where[0] * (frame.size[0] - 1)), int(where[1] * (frame.size[1] - 1))
    bottom = top + 1 + int(where[2] * (frame.size[0] - top - 1))
    right = left + 1 + int(where[3] * (frame.size[1] - left - 1))
    box = (top, bottom, left, right)
    part = window(framed, box)
    assert torch.equal(frame.read(image.detach(), box), part)
    inflow = torch.rand_like(part)
    (wanted,) = torch.autograd.grad(part, image, inflow)
    total = torch.ones_like(image)
    for source, piece in frame.sources(inflow, box):
        window(total, source).add_(piece)
    torch.testing.assert_close(total - 1, wanted, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("edges", ["reflect", "wrap"])
def test_reading_leaves_the_image_alone(edges):
    image = torch.rand(1, 3, 8, 9)
    before = image.clone()
    Frame.of(Framing(3, 1, edges), 8, 9, 0).read(image, (0, 14, 0, 15)).zero_()
    assert torch.equal(image, before)
