"""The memory of an evaluation, against what PyTorch's own allocator hands out."""

import json

import pytest
import torch
from torch.profiler import ProfilerActivity, profile

from impasto.engine.framing import Framing
from impasto.engine.objective import Objective
from impasto.engine.targets import Target, content_target, style_target
from impasto.engine.tiled.objective import TiledObjective
from impasto.engine.tiled.plan import TilePlan
from impasto.features.architectures import Architecture
from impasto.features.extractor import Extractor
from impasto.losses.content import ContentLoss
from impasto.losses.gram import GramLoss
from impasto.losses.term import Term
from impasto.planning.ledger import Ledger
from impasto.planning.network_memory import Looks, NetworkMemory

STYLE = ("relu1_1", "relu2_1", "relu3_1")
CONTENT = ("relu2_2",)
SIDE = 160


def test_a_ledger_remembers_the_most():
    ledger = Ledger()
    first = ledger.take(5)
    ledger.pass_by(10)
    ledger.free(first)
    ledger.take(7)
    assert (ledger.held, ledger.peak, ledger.turned) == (7, 15, 22)


def weights(table: Architecture) -> dict[str, torch.Tensor]:
    return {name: torch.randn(shape) * 0.1 for name, shape in table.weight_shapes().items()}


def allocated(tmp_path, objective: Objective, image: torch.Tensor) -> int:
    """The most bytes that PyTorch had handed out at once, beyond what it had before."""
    objective.value_and_gradient(image)
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as profiler:
        objective.value_and_gradient(image)
    profiler.export_chrome_trace(str(tmp_path / "trace.json"))
    events = json.loads((tmp_path / "trace.json").read_text())["traceEvents"]
    changes = sorted(
        (event["ts"], event["args"]["Bytes"]) for event in events if event.get("name") == "[memory]"
    )
    held = peak = 0
    for _, size in changes:
        held += size
        peak = max(peak, held)
    return peak


def painter(table: Architecture, dtype, pooling, padding) -> tuple[Extractor, list[Target]]:
    """A network, and a content and a style to paint with it."""
    extractor = Extractor(table, weights(table), dtype=dtype, pooling=pooling, padding=padding)
    style = Term("style", GramLoss("mean"), dict.fromkeys(STYLE, 1.0))
    content = Term("content", ContentLoss("mean"), dict.fromkeys(CONTENT, 1.0))
    return extractor, [
        content_target(extractor, content, torch.rand(1, 3, SIDE, SIDE), Framing()),
        style_target(extractor, style, [torch.rand(1, 3, 64, 64)]),
    ]


def counted(table: Architecture, dtype, pooling, padding) -> NetworkMemory:
    return NetworkMemory(
        table,
        Looks(dict.fromkeys(CONTENT, 1), dict.fromkeys(STYLE, 1)),
        width=dtype.itemsize,
        pads=padding != "zeros",
        max_pools=pooling == "max",
    )


KINDS = [
    pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=["fp32", "bf16"]),
    pytest.mark.parametrize(("pooling", "padding"), [("max", "zeros"), ("average", "reflect")]),
    pytest.mark.parametrize("blocks", [((8, 8), (16, 16), (32,)), ((4, 4), (24, 24), (48, 48))]),
]


def of_all_kinds(test):
    for kind in KINDS:
        test = kind(test)
    return test


@of_all_kinds
def test_an_evaluation_holds_what_was_counted(tmp_path, dtype, pooling, padding, blocks):
    table = Architecture("test", blocks)
    objective = Objective(*painter(table, dtype, pooling, padding))
    real = allocated(tmp_path, objective, torch.rand(1, 3, SIDE, SIDE))
    memory = counted(table, dtype, pooling, padding)
    assert memory.evaluation(SIDE, SIDE) == pytest.approx(real, rel=0.1)


@of_all_kinds
def test_a_tile_holds_what_was_counted(tmp_path, dtype, pooling, padding, blocks):
    table = Architecture("test", blocks)
    objective = TiledObjective(*painter(table, dtype, pooling, padding), tile=SIDE // 2)
    image = torch.rand(1, 3, SIDE, SIDE)
    real = allocated(tmp_path, objective, image) - image.nbytes  # the whole gradient
    plan = TilePlan.of(table, objective.layers, (SIDE, SIDE), SIDE // 2)
    height, width = max(plan.sizes(table, objective.layers))  # corners, all alike
    own = (SIDE // 2) ** 2 / (height * width)
    memory = counted(table, dtype, pooling, padding)
    assert memory.evaluation(height, width, own) == pytest.approx(real, rel=0.1)


def test_features_of_a_layer_follow_the_table():
    table = Architecture("test", ((8,), (16,)))
    memory = NetworkMemory(table, Looks(), width=2, pads=False, max_pools=True)
    assert memory.features("relu2_1", 33, 50) == 2 * 16 * 16 * 25
    assert memory.features("pixels", 3, 5) == 3 * 5 * 3 * 4


def test_a_measurement_takes_less_than_an_evaluation():
    table = Architecture("test", ((8, 8), (16, 16)))
    memory = NetworkMemory(table, Looks({}, {"relu2_1": 1}), width=4, pads=True, max_pools=True)
    assert 0 < memory.measurement(64, 64) < memory.evaluation(64, 64)
