"""The reflected margin and its phases against NumPy."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from impasto.engine.framing import PERIOD, Framing


def picture(height: int, width: int, batch: int = 1) -> torch.Tensor:
    count = batch * 3 * height * width
    return torch.arange(float(count)).view(batch, 3, height, width)


@given(st.integers(1, 20), st.integers(21, 40), st.integers(21, 40), st.integers(1, 2))
def test_without_phases_the_margin_is_numpys_reflection(margin, height, width, batch):
    image = picture(height, width, batch)
    border = ((0, 0), (0, 0), (margin, margin), (margin, margin))
    wanted = np.pad(image.numpy(), border, mode="reflect")
    assert np.array_equal(Framing(margin).frame(image).numpy(), wanted)


def test_without_a_margin_the_image_is_itself():
    image = picture(5, 6)
    assert Framing().frame(image) is image


@given(st.integers(16, 40), st.integers(2, 64), st.integers(0, 200))
def test_a_phase_moves_the_image_inside_a_frame_of_the_same_size(margin, shifts, phase):
    image, framing = picture(60, 60), Framing(margin, shifts)
    down, across = framing.offset(phase)
    assert 0 <= down < PERIOD
    assert 0 <= across < PERIOD
    framed = framing.frame(image, phase)
    assert framed.shape == (1, 3, 60 + 2 * margin, 60 + 2 * margin)
    top, left = margin - down, margin - across
    assert torch.equal(framed[..., top : top + 60, left : left + 60], image)
    border = ((0, 0), (0, 0), (top, margin + down), (left, margin + across))
    assert np.array_equal(framed.numpy(), np.pad(image.numpy(), border, mode="reflect"))


def test_phases_take_turns_and_begin_without_an_offset():
    framing = Framing(16, 4)
    offsets = [framing.offset(phase) for phase in range(8)]
    assert offsets[0] == (0, 0)
    assert offsets[:4] == offsets[4:]
    assert len(set(offsets[:4])) == 4


@pytest.mark.parametrize("shifts", [2, 4, 9, 16, 64])
def test_phases_differ_and_fill_the_period_evenly(shifts):
    offsets = {Framing(16, shifts).offset(phase) for phase in range(shifts)}
    assert len(offsets) >= 0.9 * shifts
    if shifts >= 4:  # every half of the period, down and across, gets its share
        for axis in (0, 1):
            upper = sum(offset[axis] >= PERIOD / 2 for offset in offsets)
            assert 0.25 <= upper / len(offsets) <= 0.75


@given(st.integers(1, 12), st.integers(1, 12), st.integers(0, 7))
def test_tiny_pictures_get_as_much_margin_as_they_can_reflect(height, width, phase):
    image, framing = picture(height, width), Framing(16, 8)
    framed = framing.frame(image, phase)
    down, across = framing.offset(phase)
    top, left = min(16 - down, height - 1), min(16 - across, width - 1)
    assert torch.equal(framed[..., top : top + height, left : left + width], image)
    assert framed.shape[-2] == top + height + min(16 + down, height - 1)
    assert framed.shape[-1] == left + width + min(16 + across, width - 1)


def test_the_frame_is_differentiable_and_pulls_every_pixel_as_often_as_it_is_shown():
    image = torch.zeros(1, 3, 6, 6, requires_grad=True)
    Framing(2).frame(image).sum().backward()
    shown = np.zeros((6, 6))
    rows = np.pad(np.arange(6), 2, mode="reflect")
    for row in rows:
        for column in rows:
            shown[row, column] += 1
    assert np.array_equal(image.grad[0, 0].numpy(), shown)


def test_wrapped_edges_show_the_other_side():
    image = torch.arange(2 * 3 * 40 * 50, dtype=torch.float64).view(2, 3, 40, 50)
    for phase in range(4):
        framing = Framing(16, 4, "wrap")
        down, across = framing.offset(phase)
        rows = (torch.arange(72) - (16 - down)) % 40
        columns = (torch.arange(82) - (16 - across)) % 50
        expected = image[:, :, rows][:, :, :, columns]
        assert torch.equal(framing.frame(image, phase), expected)


def test_what_is_measured_of_a_wrapped_image_does_not_depend_on_where_it_begins(tiny):
    extractor, framing = tiny.extractor(), Framing(48, edges="wrap")
    image = torch.rand(1, 3, 48, 64, dtype=torch.float64)
    rolled = image.roll((16, 32), dims=(2, 3))

    def inside(batch):
        return extractor(framing.frame(batch), ["relu3_1"])["relu3_1"][:, :, 12:24, 12:28]

    assert torch.allclose(inside(rolled), inside(image).roll((4, 8), dims=(2, 3)), atol=1e-12)
