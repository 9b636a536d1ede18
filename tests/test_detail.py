"""A region at full size, held to the statistics of the whole picture."""

from pathlib import Path

import numpy as np
import pytest
import torch

import impasto
from impasto import api, executing, stylizing
from impasto import detail as detail_module
from impasto.detail import detail_events
from impasto.engine.region import Region
from impasto.errors import InputError, ShapeError
from impasto.events import Planned, Prepared, StageStarted, Step
from impasto.execution import ExecutionPlan
from impasto.images.codec import decode
from impasto.images.picture import Picture
from impasto.images.resize import resize
from impasto.losses.anchored import Anchor, AnchoredLoss
from impasto.losses.wasserstein import WassersteinLoss
from impasto.numerics.moments import raw_moments
from impasto.result import Result


def test_a_region_is_a_box_of_pixels():
    region = Region(0.25, 0.5, 0.5, 0.25)
    image = torch.arange(8 * 16).view(1, 1, 8, 16)
    assert torch.equal(region.of(image), image[..., 4:6, 4:12])
    assert region.size_in(8, 16) == (2, 8)
    wide = region.widened(8, 16, 3)
    assert torch.equal(wide.of(image), image[..., 1:8, 1:15])  # the picture ends below
    tiny = Region(0.999, 0.0, 0.001, 0.001)
    assert tiny.size_in(8, 16) == (1, 1)


@pytest.mark.parametrize("shares", [(-0.1, 0, 0.5, 0.5), (0.6, 0, 0.5, 0.5), (0, 0, 0, 0.5)])
def test_a_region_beyond_the_picture_is_refused(shares):
    with pytest.raises(InputError, match="inside the picture"):
        Region(*shares)


def test_a_part_and_its_rest_are_the_whole():
    whole, wanted = torch.rand(1, 4, 6, 10), raw_moments(torch.rand(1, 4, 5, 5))
    part, rest = whole[..., :4], whole[..., 4:]
    loss = WassersteinLoss()
    anchor = Anchor(wanted, raw_moments(rest).per_position(), 0.4)
    found = AnchoredLoss(loss).distance(raw_moments(part), anchor)
    assert float(found) == pytest.approx(float(loss.distance(raw_moments(whole), wanted)), rel=1e-5)


def test_the_gradient_of_a_part_is_that_of_the_whole():
    whole = torch.rand(1, 4, 6, 10, dtype=torch.float64, requires_grad=True)
    wanted, loss = raw_moments(torch.rand(1, 4, 5, 5, dtype=torch.float64)), WassersteinLoss()
    (expected,) = torch.autograd.grad(loss.distance(raw_moments(whole), wanted), whole)
    part = whole.detach()[..., :4].requires_grad_()
    anchor = Anchor(wanted, raw_moments(whole.detach()[..., 4:]).per_position(), 0.4)
    (found,) = torch.autograd.grad(AnchoredLoss(loss).distance(raw_moments(part), anchor), part)
    torch.testing.assert_close(found, expected[..., :4], rtol=1e-5, atol=1e-9)


def pictures(height, width):
    """A content with a dark and a bright half, and a style of broad colored bands."""
    generator = torch.Generator().manual_seed(8)
    coarse = torch.rand(1, 3, 5, 7, generator=generator)
    content = resize(coarse, height, width)[0]
    content[:, :, : width // 2] *= 0.4
    bands = torch.rand(1, 3, 9, 9, generator=generator)
    style = torch.nn.functional.interpolate(bands, (height, height), mode="nearest")[0]
    return Picture(content), Picture(style)


def recipe(size=256, steps=40, **settings):
    fixed = {"schedule.first": size // 4, "network.precision": "fp32"}
    return api.resolve_recipe(size=size, steps=steps, settings=fixed | settings)


def detail(content, style, region, chosen, **options):
    return list(detail_events(content, style, region, recipe=chosen, **options))


def test_the_region_alone_comes_out_at_full_size():
    content, style = pictures(144, 192)
    region = Region(0.25, 0.25, 0.5, 0.5)
    chosen = recipe(size=192, steps=6)
    events = detail(content, style, region, chosen, small=96)
    result = events[-1]
    assert isinstance(result, Result)
    assert result.image.shape == (3, 72, 96)
    assert "Detail 0.25,0.25,0.5,0.5 of a picture of 192 x 144 px" in result.picture.recipe
    planned = [event for event in events if isinstance(event, Prepared)]
    assert [max(stage.width, stage.height) for stage in planned[0].stages[:2]] == [48, 96]
    steps = [event for event in events if isinstance(event, Step)]
    assert [step.step for step in steps] == list(range(1, planned[0].steps + 1))
    assert {step.steps for step in steps} == {planned[0].steps}
    started = [event for event in events if isinstance(event, StageStarted)]
    assert [(event.stage, event.stages) for event in started] == [(1, 3), (2, 3), (3, 3)]
    sizes = [(stage.height, stage.width) for stage in planned[0].stages]
    assert [(event.height, event.width) for event in started] == sizes


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"color.mode": "palette"}, "palette"),
        ({"guides.pair": "auto"}, "guides"),
        ({"objective.edges": "wrap"}, "--tileable"),
        ({"schedule.first": 192}, "larger --size"),
    ],
)
def test_what_has_no_details_is_refused(settings, problem):
    content, style = pictures(48, 64)
    with pytest.raises(InputError, match=problem):
        detail(content, style, Region(0, 0, 0.5, 0.5), recipe(size=192, **settings))


def test_a_region_too_small_for_the_layers_is_refused():
    content, style = pictures(96, 96)
    chosen = recipe(size=256, steps=3, **{"schedule.first": 16})
    with pytest.raises(ShapeError, match="larger part of the picture"):
        detail(content, style, Region(0, 0, 0.01, 0.01), chosen, small=16)


@pytest.mark.parametrize("mode", ["content", "style"])
@pytest.mark.parametrize("hold", ["weight", "strength"])
def test_colors_and_strength_go_with_a_detail(mode, hold):
    content, style = pictures(96, 128)
    chosen = recipe(size=128, steps=6, **{"color.mode": mode, "content.hold": hold})
    result = detail(content, style, Region(0, 0, 0.5, 1), chosen, small=64)[-1]
    assert result.image.shape == (3, 96, 64)
    assert torch.isfinite(result.image).all()


def test_a_detail_in_tiles_is_the_detail():
    content, style = pictures(144, 192)
    region = Region(0.25, 0.25, 0.5, 0.5)
    chosen = recipe(size=192, steps=6)
    whole, tiled = (
        detail(content, style, region, chosen, small=96, tile=tile)[-1].image for tile in (None, 64)
    )
    # Adam divides a gradient by its size: rounding moves a pixel without one by a step.
    assert float((whole - tiled).abs().mean()) < 1e-3
    start = float((whole - region.of(content.pixels)).abs().mean())
    assert start > 0.02  # both have come a long way


def test_both_parts_of_a_detail_are_planned_to_fit(monkeypatch):
    content, style = pictures(144, 192)
    asked = []

    def tight(*arguments, **options):
        asked.append(options)
        found = executing.planned(*arguments, **options)
        plan = ExecutionPlan(tile=64, mapped=options.get("part") is not None)
        return executing.Execution(plan, found.stages, found.estimates)

    monkeypatch.setattr(stylizing, "planned", tight)
    monkeypatch.setattr(detail_module, "planned", tight)
    chosen = recipe(size=192, steps=6)
    region = Region(0.25, 0.25, 0.5, 0.5)
    events = detail(content, style, region, chosen, small=96, memory="3GB")
    assert [options["memory"] for options in asked] == ["3GB", "3GB"]
    plans = [event.execution for event in events if isinstance(event, Planned)]
    assert [(plan.tile, plan.mapped) for plan in plans] == [(64, False), (64, True)]
    part = asked[1]["part"]
    # 64 pixels of context reach the borders above and below, not those at the sides.
    assert [(stage.height, stage.width) for stage in part.stages] == [(144, 192)]
    assert part.share == pytest.approx(1)
    assert isinstance(events[-1], Result)


def test_memory_that_a_detail_cannot_do_with_is_refused():
    content, style = pictures(144, 192)
    with pytest.raises(InputError, match="need at least"):
        detail(content, style, Region(0, 0, 1, 1), recipe(size=192), small=96, memory=10**7)


@pytest.mark.slow
def test_a_detail_is_nearer_to_the_whole_than_a_crop_styled_by_itself():
    samples = Path(impasto.__file__).parent / "samples"
    content, style = decode(samples / "valley.jpg"), decode(samples / "strokes.jpg")
    region = Region(0.3, 0.4, 0.35, 0.4)
    chosen = recipe(size=512, steps=60)
    whole = api.stylize(content, style, recipe=chosen).image
    expected = region.of(whole)
    found = detail(content, style, region, chosen, small=256)[-1].image
    crop = Picture(region.of(content.pixels).contiguous())
    long_side = max(expected.shape[-2:])
    alone = api.stylize(crop, style, recipe=chosen.changed({"schedule.size": long_side})).image
    small = api.stylize(content, style, recipe=chosen.changed({"schedule.size": 256})).image
    enlarged = region.of(resize(small[None], *whole.shape[-2:]))[0]

    def shapes(image):
        return resize(image[None], 24, 24)[0].numpy()

    def colors(image):
        return np.sort(resize(image[None], 96, 96)[0].flatten(1).numpy(), axis=1)

    def apart(measure, image):
        return np.abs(measure(image) - measure(expected)).mean()

    for measure in (shapes, colors):
        assert apart(measure, found) < 0.6 * apart(measure, alone)

    def fineness(image):
        return image.diff(dim=-1).abs().mean().numpy()

    assert apart(fineness, found) < 0.5 * apart(fineness, enlarged)
