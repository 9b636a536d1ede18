"""Tiles from the recipe to the result: which stages are tiled, and that the picture is the same."""

import pytest
import torch

import impasto
from impasto.assemble import prepare
from impasto.engine.objective import Objective
from impasto.engine.tiled.measure import TiledMeasure
from impasto.engine.tiled.objective import TiledObjective
from impasto.guides.guides import Guides, Region
from impasto.images.picture import Picture
from impasto.numerics.storage import Storage
from impasto.recipe_files import named

CHANCE = torch.Generator().manual_seed(1)
PICTURES = (
    torch.rand(3, 120, 160, generator=CHANCE),
    torch.rand(3, 90, 110, generator=CHANCE).square(),
)
SMALL = {
    "schedule.size": 160,
    "schedule.first": 80,
    "schedule.steps": 4,
    "network.precision": "fp32",
    "network.sha256": "",
    # A few positions of relu5_1 have a singular covariance, whose root would magnify rounding.
    "style.statistics": "moments",
    "optimizer.name": "gradient_descent",
    "optimizer.gradient_descent.learning_rate": 0.01,
}


def pictures() -> tuple[Picture, Picture]:
    return Picture(PICTURES[0]), Picture(PICTURES[1])


def regions() -> Guides:
    left = torch.zeros(1, 1, 120, 160)
    left[..., :70] = 1
    protected = torch.zeros(1, 1, 120, 160)
    protected[..., 20:60, 90:140] = 1
    return Guides(protected, (Region("a", left, {0: None}), Region("b", 1 - left, {0: None})), 0.02)


@pytest.mark.parametrize(
    ("changes", "guides", "bound"),
    [
        # In fp32 the whole picture's own gradient is 3e-5 from that in float64 here.
        ({"laplacian.weight": 1.0, "total_variation.weight": 1.0}, None, 1e-4),
        ({}, regions(), 1e-4),
        # Sorting, and absolute values around zero, turn the last bit into another sign.
        ({"style.statistics": "sliced", "content.statistics": "self-similarity"}, None, 1e-3),
        ({"histogram.weight": 1.0}, None, 1e-3),
    ],
)
def test_a_recipes_objective_is_the_same_in_tiles(pocket_file, changes, guides, bound):
    content, style = pictures()
    recipe = named("default").changed(SMALL | changes)
    jobs = [
        prepare(recipe, content, [style], weights=pocket_file, guides=guides, tile=tile).job
        for tile in (None, 64)
    ]
    stage = jobs[0].stages[-1]
    whole, tiled = (job.objective(stage) for job in jobs)
    assert isinstance(whole, Objective)
    assert isinstance(tiled, TiledObjective)
    image = torch.rand(1, 3, stage.height, stage.width)
    wanted, gradient = whole.value_and_gradient(image, 5)
    found, pulled = tiled.value_and_gradient(image, 5)
    assert found.values() == pytest.approx(wanted.values(), rel=1e-5)
    assert (pulled - gradient).norm() <= bound * gradient.norm()


def test_only_stages_larger_than_a_tile_are_tiled(pocket_file):
    content, style = pictures()
    recipe = named("default").changed(SMALL)
    job = prepare(recipe, content, [style], weights=pocket_file, tile=144).job
    kinds = [type(job.objective(stage)) for stage in job.stages]
    assert kinds[0] is Objective
    assert kinds[-1] is TiledObjective


def test_a_run_in_tiles_paints_the_same_picture(pocket_file):
    content, style = pictures()
    whole, tiled = (
        impasto.stylize(content, style, weights=pocket_file, settings=SMALL, tile=tile)
        for tile in (None, 48)
    )
    assert (whole.picture.pixels - content.pixels).abs().max() > 1e-2
    apart = (tiled.picture.pixels - whole.picture.pixels).abs()
    assert apart.max() < 1e-2
    assert apart.mean() < 1e-4


def test_large_targets_lie_in_files(pocket_file, tmp_path):
    made = []

    def storage() -> Storage:
        made.append(Storage(tmp_path))
        return made[-1]

    content, style = pictures()
    recipe = named("default").changed(SMALL)
    job = prepare(recipe, content, [style], weights=pocket_file, tile=48).job
    objective = job.objective(job.stages[-1])
    target = next(t for t in objective.targets if t.term.name == "content")
    picture = torch.rand(1, 3, 120, 160)
    measure = TiledMeasure(48, storage, large=100_000)
    places = (target.where, objective.framing, 0)
    (mapped,) = measure(objective.extractor, target.term, picture, *places).values()
    (held,) = TiledMeasure(48, storage)(objective.extractor, target.term, picture, *places).values()
    assert len(made) == 1
    assert mapped.numel() * 4 >= 100_000
    assert torch.equal(mapped, held)
    assert list(tmp_path.iterdir()) == []  # the files have no name
