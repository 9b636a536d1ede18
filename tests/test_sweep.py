"""A sweep: every picture as it would be by itself, and what they share made once."""

import pytest
import torch

import impasto.assemble
from impasto.api import resolve_recipe, stylize
from impasto.axes import axis
from impasto.engine.control import Control
from impasto.errors import InputError
from impasto.events import Estimated, Estimating, Step, Warned
from impasto.images.picture import Picture
from impasto.shared import KEPT, Shared
from impasto.sweep import CellStarted, Painted, grid, sweep_events


def picture(seed):
    generator = torch.Generator().manual_seed(seed)
    coarse = torch.rand(1, 3, 5, 5, generator=generator)
    return Picture(torch.nn.functional.interpolate(coarse, (36, 48), mode="bilinear")[0])


CONTENT, STYLES = picture(1), [picture(2), picture(3)]
STRENGTH = axis("content.strength", "0..1:3", name="strength", also={"content.hold": "strength"})
RECIPE = resolve_recipe(
    size=48,
    steps=12,
    settings={
        "network.sha256": "",
        "network.precision": "fp32",
        "schedule.first": 34,
        "schedule.growth": 1.414,
        "content.layers": {"relu2_1": 1.0},
        "style.layers": {"relu1_1": 1.0, "relu2_1": 1.0},
    },
)


@pytest.fixture
def swept(pocket_file):
    def sweep(*axes, styles=STYLES, **options):
        return list(
            sweep_events(CONTENT, styles, axes, recipe=RECIPE, weights=pocket_file, **options)
        )

    return sweep


def painted(items):
    return [item for item in items if isinstance(item, Painted)]


def test_every_picture_is_as_it_would_be_by_itself(swept, pocket_file):
    axes = [axis("style.scale", "0.7,1"), STRENGTH]
    found = painted(swept(*axes))
    assert [item.cell.labels for item in found][:2] == [
        ("scale 0.7", "strength 0"),
        ("scale 0.7", "strength 0.5"),
    ]
    for item in found:
        recipe = RECIPE.changed(item.cell.changes)
        alone = stylize(CONTENT, STYLES, recipe=recipe, weights=pocket_file, device="cpu")
        assert torch.equal(item.result.image, alone.image)
        assert item.result.recipe == alone.recipe


def test_what_the_pictures_share_is_made_once(swept, monkeypatch):
    made = []
    for name in ("build_extractor", "build_objective"):  # as the assembler calls them
        real = getattr(impasto.assemble, name)
        monkeypatch.setattr(
            impasto.assemble,
            name,
            lambda *args, _name=name, _real=real: made.append(_name) or _real(*args),
        )
    strengths = axis("content.strength", "0.4,0.6,0.8", also={"content.hold": "strength"})
    items = swept(strengths)
    assert len(painted(items)) == 3
    assert made.count("build_extractor") == 1
    assert made.count("build_objective") == 2  # one for each size
    assert sum(isinstance(item, Estimated) for item in items) == 1
    first = [type(item) for item in items if isinstance(item, Estimating | CellStarted)]
    assert first.count(CellStarted) == 3
    assert first[-2:] == [CellStarted, CellStarted]  # the pilot ran for the first picture alone


def test_other_looks_have_targets_of_their_own(swept):
    one, other = painted(swept(axis("style.mix", "0:1,1:0")))
    assert not torch.equal(one.result.image, other.result.image)


def test_nothing_is_painted_where_one_recipe_cannot_be(swept):
    with pytest.raises(InputError, match="nonsense"):
        swept(axis("style.statistics", "moments,nonsense"))
    with pytest.raises(InputError, match=r"style\.scale"):
        swept(axis("style.scale", "1,1000"))


def test_a_warning_is_given_once(swept):
    items = swept(STRENGTH, styles=[Picture(torch.full((3, 40, 40), 0.5))])
    messages = [item.message for item in items if isinstance(item, Warned)]
    assert messages
    assert len(messages) == len(set(messages))


def test_a_stop_ends_the_sweep(pocket_file):
    control = Control()
    items = []
    axes = [axis("style.scale", "0.7,0.8,0.9")]
    for item in sweep_events(
        CONTENT, STYLES, axes, recipe=RECIPE, weights=pocket_file, control=control
    ):
        items.append(item)
        if isinstance(item, Step) and len(painted(items)) == 1:
            control.stop()
    assert len(painted(items)) == 1
    assert not any(isinstance(item, CellStarted) and item.number == 3 for item in items)


def test_the_grid_has_the_last_axis_across(swept):
    axes = [axis("style.scale", "0.7,1"), axis("style.weight", "1,2,3")]
    found = painted(swept(*axes))
    laid = grid(axes, found, "title")
    assert laid.columns == ("weight 1", "weight 2", "weight 3")
    assert list(laid.rows) == ["scale 0.7", "scale 1"]
    assert laid.pictures[1][2] is found[5].result.picture
    assert grid(axes, found[:4]).pictures[1][1] is None


def test_the_oldest_things_are_forgotten():
    shared, made = Shared(), []
    for key in [*range(KEPT), 0, KEPT, 0, 1]:
        shared.once(key, lambda key=key: made.append(key))
    assert made == [*range(KEPT + 1), 1]
