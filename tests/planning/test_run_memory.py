"""The estimate of a run's peak: by hand for what can be counted, and against real runs (slow)."""

import pytest

from impasto import recipe_files
from impasto.engine.schedule import Stage
from impasto.execution import ExecutionPlan
from impasto.features import geometry
from impasto.planning.run_memory import LIBRARIES, PictureSizes, RunMemory

WHOLE, COMPACT = ExecutionPlan(), ExecutionPlan(compact=True)
PICTURES = PictureSizes((600, 800), ((500, 500),))
STAGE = Stage(1, 768, 1024, 10)
PIXELS = 768 * 1024


def memory(recipe="default", **changes) -> RunMemory:
    settings = {name.replace("__", "."): value for name, value in changes.items()}
    settings = {"network.precision": "fp32"} | settings
    return RunMemory(recipe_files.load(recipe).changed(settings), PICTURES)


def test_resident_are_images_moments_and_content_features():
    # pocket-v1's relu4_2: 128 channels at an eighth, 4 phases, framed by 16 px.
    content = 4 * 4 * 128 * ((768 + 32) // 8) * ((1024 + 32) // 8)
    assert memory().resident([STAGE]) == 5 * 12 * PIXELS + content


def test_the_history_of_lbfgs_is_resident():
    ten, three = (
        memory("gatys", optimizer__lbfgs__history=pairs).resident([STAGE]) for pairs in (10, 3)
    )
    assert ten - three == 7 * 2 * 12 * PIXELS


def test_targets_of_earlier_stages_stay():
    first = Stage(1, 384, 512, 10)
    found = memory()
    assert found.resident([first, STAGE]) == found.resident([STAGE]) + found.targets(first)


def test_weights_end_at_the_deepest_layer():
    # conv1_1 and conv1_2 of VGG-19, 3 to 64 to 64 channels.
    found = memory(
        network__name="vgg19", content__layers={"relu1_2": 1.0}, style__layers={"relu1_1": 1.0}
    )
    assert found.weights == 4 * 9 * (3 * 64 + 64 * 64)


def test_bf16_takes_less_and_tiles_take_less():
    half = memory(network__precision="bf16").peak([STAGE], WHOLE)
    assert half < memory().peak([STAGE], WHOLE)
    tiled = memory().peak([STAGE], ExecutionPlan(tile=256))
    assert tiled < memory().peak([STAGE], WHOLE)


def test_files_keep_images_out_of_memory():
    tiles, files = ExecutionPlan(tile=256), ExecutionPlan(tile=256, mapped=True)
    both = 2 * 12 * PIXELS  # the gradient and the next image
    assert memory().disk([STAGE], files) == memory().resident([STAGE]) + both
    assert memory().disk([STAGE], tiles) == 0
    assert memory().peak([STAGE], files) < memory().peak([STAGE], tiles)


def test_a_tile_larger_than_the_picture_is_the_picture():
    found = memory()
    large = ExecutionPlan(tile=4096)
    gradient = 12 * PIXELS  # tiles add to one that is there before them
    assert found.stepping(STAGE, large) == found.stepping(STAGE, WHOLE) + gradient
    assert found.measuring(STAGE, large) == found.measuring(STAGE, WHOLE)
    assert found.overhead(STAGE, ExecutionPlan(tile=4096)) == 1


def test_a_broad_style_is_measured_at_its_own_size():
    broad, plain = memory(style__scale=3.0), memory()
    assert broad.measuring(STAGE, WHOLE) > 2 * plain.measuring(STAGE, WHOLE)
    assert broad.stepping(STAGE, WHOLE) == plain.stepping(STAGE, WHOLE)
    compact = ExecutionPlan(compact=True)
    assert broad.peak([STAGE], compact) > plain.peak([STAGE], compact)


def test_a_picture_measured_once_leaves_fewer_gaps_than_steps_do():
    broad = memory(style__scale=3.0)
    held = broad.resident([STAGE]) + broad.measuring(STAGE, WHOLE)
    fixed = broad.weights + PICTURES.taken(mapped=False) + LIBRARIES
    assert held < broad.at([STAGE], WHOLE) - fixed < 2 * held


def test_the_style_of_a_detail_is_measured_at_the_size_of_the_whole():
    found = memory()
    whole = Stage(1, 1536, 2048, 10)
    part = RunMemory(found.recipe, PICTURES, shown=0.25)
    assert part._styles(STAGE) == found._styles(whole)
    here, there = found.measuring(STAGE, WHOLE), found.measuring(whole, WHOLE)
    assert here < part.measuring(STAGE, WHOLE) <= there


def test_a_content_that_is_made_smaller_while_it_is_read_is_never_whole_in_memory():
    large = PictureSizes((6000, 8000), ((500, 500),), streamed=True)
    assert large.taken(mapped=False) == 12 * (6000 * 8000 + 500 * 500)
    assert large.taken(mapped=True) == 12 * 500 * 500
    decoded = PictureSizes((6000, 8000), ((500, 500),))
    assert decoded.taken(mapped=True) == large.taken(mapped=False)


def test_guides_and_terms_on_pixels_take_more():
    recipe = memory().recipe
    plain = memory().stepping(STAGE, WHOLE)
    assert RunMemory(recipe, PICTURES, guided=True).stepping(STAGE, WHOLE) > plain
    assert memory(total_variation__weight=1.0).stepping(STAGE, WHOLE) > plain


def test_what_tiles_see_is_counted_by_size():
    """A tile at the picture's edge has a halo on one side alone."""
    found, tile = memory(network__precision="fp32"), 1024
    framed = (1792 + 32, 1024)
    plan = found._tiles(framed, tile)
    table, layers = found.network.architecture, tuple(found.network.looks.layers)
    boxes = [plan.input_box(table, layers, n) for n in range(len(plan.boxes))]
    assert found._sizes(framed, tile) == {(b[1] - b[0], b[3] - b[2]) for b in boxes}
    reach = max(geometry.halo(table, layer) for layer in layers)
    assert 0 < max(h for h, _ in found._sizes(framed, tile)) - 912 <= reach + 16


@pytest.mark.parametrize("size", [(1000, 1300), (517, 2049), (300, 300)])
@pytest.mark.parametrize("tile", [128, 256, 640])
def test_sizes_are_those_of_all_tiles(size, tile):
    found = memory()
    plan = found._tiles(size, tile)
    table, layers = found.network.architecture, tuple(found.network.looks.layers)
    boxes = (plan.input_box(table, layers, n) for n in range(len(plan.boxes)))
    sizes = {(b[1] - b[0], b[3] - b[2]) for b in boxes if b is not None}
    assert plan.sizes(table, layers) == sizes


def test_bf16_keeps_something_for_each_size_of_tile():
    tiled = ExecutionPlan(tile=256, compact=True)
    more = [
        memory(network__precision=precision).at([STAGE], tiled)
        - memory(network__precision=precision)._for_sizes([STAGE], 256)
        for precision in ("fp32", "bf16")
    ]
    assert memory(network__precision="fp32")._for_sizes([STAGE], 256) == 0
    assert memory(network__precision="bf16")._for_sizes([STAGE], 256) > 0
    assert more[0] > more[1]  # wider features


def test_a_deeper_layer_under_reflection_needs_a_larger_stage():
    assert memory().smallest == 32  # relu5_1 at a sixteenth, reflected
    assert memory(network__padding="zeros").smallest == 16


@pytest.mark.parametrize("device", [False, True])
def test_what_libraries_take_lies_not_on_the_gpu(device):
    found = RunMemory(memory().recipe, PICTURES, base=7, on_gpu=device)
    fixed = found.at([Stage(1, 32, 32, 1)], COMPACT)
    assert (fixed > 55_000_000) != device
