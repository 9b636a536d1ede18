"""Which pixels a layer sees: against the formula, gradients, and the network."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from impasto.features import geometry
from impasto.features.architectures import POCKET, VGG19
from impasto.numerics.windows import window, within

# By hand, with r += 2 j at a convolution and r += j, j *= 2 at a pooling.
KNOWN = {
    (VGG19, "relu1_1"): 3,
    (VGG19, "pool1"): 6,
    (VGG19, "relu3_1"): 24,
    (VGG19, "relu4_2"): 84,
    (VGG19, "relu5_1"): 156,
    (POCKET, "relu5_1"): 156,
}


@pytest.mark.parametrize(("table", "layer"), KNOWN)
def test_receptive_fields_are_those_of_the_formula(table, layer):
    field, stride = KNOWN[table, layer], table.node(layer).stride
    assert geometry.receptive_field(table, layer) == field
    assert geometry.halo(table, layer) == (field - stride) // 2


def test_pixels_see_themselves():
    assert geometry.receptive_field(VGG19, "pixels") == 1
    assert geometry.halo(VGG19, "pixels") == 0
    assert geometry.stride(VGG19, "pixels") == 1
    assert geometry.grid(VGG19, "pixels", (5, 7)) == (5, 7)
    assert geometry.channels(VGG19, "pixels") == 3
    assert geometry.channels(VGG19, "relu4_2") == 512


LAYERS = ("relu1_1", "pool1", "conv2_2", "relu3_1", "relu4_2", "pool4", "relu5_1")


@given(
    layer=st.sampled_from(LAYERS),
    height=st.integers(32, 75),
    width=st.integers(32, 75),
    where=st.tuples(*[st.floats(0, 1)] * 4),
    padding=st.sampled_from(("zeros", "replicate", "reflect")),
)
def test_a_box_of_pixels_is_what_a_box_of_positions_needs(
    tiny, layer, height, width, where, padding
):
    """Nothing outside of it has a gradient, and the network computes the same from it alone."""
    extractor = tiny.extractor(padding=padding, pooling="average")
    rows, columns = geometry.grid(tiny.architecture, layer, (height, width))
    top, left = int(where[0] * (rows - 1)), int(where[1] * (columns - 1))
    bottom = top + 1 + int(where[2] * (rows - top - 1))
    right = left + 1 + int(where[3] * (columns - left - 1))
    box = (top, bottom, left, right)
    image = torch.rand(1, 3, height, width, dtype=torch.float64, requires_grad=True)
    wanted = window(extractor(image, [layer])[layer], box)
    (gradient,) = torch.autograd.grad(wanted.square().sum(), image)
    seen = gradient[0].abs().sum(0)
    spans = [
        geometry.needed_span(tiny.architecture, layer, span, size)
        for span, size in (((top, bottom), height), ((left, right), width))
    ]
    outside = seen.clone()
    outside[slice(*spans[0]), slice(*spans[1])] = 0
    assert outside.abs().max() == 0

    given_box = geometry.input_box(tiny.architecture, [(layer, box)], (height, width))
    step = geometry.stride(tiny.architecture, layer)
    found = extractor(window(image.detach(), given_box), [layer])[layer]
    corner = tuple(edge // step for edge in given_box)
    torch.testing.assert_close(
        window(found, within(box, corner)), wanted.detach(), rtol=1e-12, atol=1e-12
    )


def test_work_counts_the_multiplications_of_convolutions():
    # conv1_1: 3 to 16, conv1_2: 16 to 16, at full size; conv2_1: 16 to 32 at half of it.
    full = 9 * (3 * 16 + 16 * 16) * 20 * 30
    assert geometry.work(POCKET, ["relu1_2"], (20, 30)) == full
    assert geometry.work(POCKET, ["pool1", "relu1_1"], (20, 30)) == full
    assert geometry.work(POCKET, ["relu2_1"], (20, 31)) == (
        9 * (3 * 16 + 16 * 16) * 20 * 31 + 9 * 16 * 32 * 10 * 15
    )
    assert geometry.work(POCKET, ["pixels"], (20, 30)) == 0
