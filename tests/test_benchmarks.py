"""The benchmarks compare equal work, and their parts run (on tiny sizes; no times are judged)."""

import json
import sys
from importlib import import_module
from pathlib import Path
from typing import ClassVar

import pytest
import torch

from impasto import building

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
SIDE = 48


@pytest.fixture(scope="module", autouse=True)
def _importable():
    """The benchmarks are scripts beside each other; only this file imports them."""
    sys.path.insert(0, str(BENCHMARKS))
    yield
    sys.path.remove(str(BENCHMARKS))


def load(name):
    return import_module(name)


@pytest.fixture(scope="module", params=["pocket", "vgg19"])
def network(request, tmp_path_factory):
    """A network's name and a file of random weights for it."""
    path = tmp_path_factory.mktemp("weights") / f"{request.param}.safetensors"
    load("cases").write_weights(request.param, str(path))
    return request.param, str(path)


def plain_value(name, weights, **weighted):
    plain, cases = load("plain"), load("cases")
    content, style, start = cases.pictures(SIDE)
    loss = plain.StyleTransfer(cases.plain_network(name, weights), content, style, **weighted)
    image = start.requires_grad_()
    terms = loss(image)
    sum(terms).backward()
    return [term.item() for term in terms], image.grad


def impasto_value(name, weights, *, content_weight, style_weight):
    cases = load("cases")
    changes = {"content.weight": content_weight, "style.weight": style_weight}
    recipe = cases.impasto_recipe(name, "fp32", **changes)
    extractor, recipe = building.build_extractor(recipe, weights, torch.device("cpu"))
    content, style, start = cases.pictures(SIDE)
    objective = building.build_objective(recipe, extractor, content, [style])
    losses, gradient = objective.value_and_gradient(start)
    return [float(losses.terms.get(term, 0.0)) for term in ("content", "style")], gradient


@pytest.mark.parametrize("weighted", [(1.0, 1e3), (1.0, 0.0), (0.0, 1.0)])
def test_both_compute_the_same(network, weighted):
    weights = dict(zip(("content_weight", "style_weight"), weighted, strict=True))
    wanted, wanted_gradient = plain_value(*network, **weights)
    found, gradient = impasto_value(*network, **weights)
    assert found == pytest.approx(wanted, rel=1e-5)
    apart = torch.linalg.vector_norm(gradient - wanted_gradient)
    assert apart <= 1e-4 * torch.linalg.vector_norm(wanted_gradient)


def test_steps_of_both_lower_the_same_loss(network):
    """The two Adams differ in their second moment's decay, so only the first losses are equal."""
    cases = load("cases")
    plain_step, step = (
        cases.load(network[0], v, network[1]).start(SIDE) for v in ("plain", "fp32")
    )
    wanted, found = [plain_step() for _ in range(5)], [step() for _ in range(5)]
    assert found[0] == pytest.approx(wanted[0], rel=1e-5)
    assert wanted[-1] < wanted[0]
    assert found[-1] < found[0]


class TestPlainLoop:
    """The yardstick by itself: it must be right to be worth a comparison."""

    @pytest.mark.parametrize("optimizer", ["adam", "lbfgs"])
    def test_lowers_the_loss(self, optimizer, tmp_path):
        cases, plain = load("cases"), load("plain")
        path = str(tmp_path / "pocket.safetensors")
        cases.write_weights("pocket", path)
        content, style, start = cases.pictures(32)
        loss = plain.StyleTransfer(cases.plain_network("pocket", path), content, style)
        image, history = plain.stylize(loss, start, steps=5, optimizer=optimizer)
        assert min(history) < 0.9 * history[0]
        assert image.shape == start.shape
        assert not image.requires_grad

    def test_gram_is_that_of_the_paper(self):
        features = torch.rand(1, 8, 4, 4)
        flat = features.view(8, 16)
        torch.testing.assert_close(load("plain").gram(features)[0] * 16, flat @ flat.T)

    def test_layers_lie_where_torchvision_has_them(self):
        plain = load("plain")
        layers = plain.build_network(plain.VGG19)
        convolutions = [i for i, layer in enumerate(layers) if isinstance(layer, torch.nn.Conv2d)]
        assert convolutions == [0, 2, 5, 7, 10, 12, 14, 16, 19, 21, 23, 25, 28]
        assert len(layers) == 30


class TestReport:
    """Tables and RESULTS.md."""

    ROW: ClassVar = {
        "network": "pocket",
        "side": 64,
        "variant": "fp32",
        "precision": "fp32",
        "seconds": 0.5,
        "fastest": 0.4,
        "ratio": 2.0,
        "peak": 3e8,
        "working": None,
        "threads": 2,
    }
    MACHINE: ClassVar = {"date": "today", "cpu": "a CPU", "cores": 2, "system": "Linux"} | {
        "python": "3.11",
        "torch": "2.13",
        "impasto": "0.1",
        "commit": None,
        "load": 0.1,
    }

    def test_says_what_is_not_measured(self):
        assert load("report").measured({}).count("Not measured yet.") == 3

    def test_writes_one_part_and_keeps_the_others(self, tmp_path):
        run = load("run")
        part = {"machine": self.MACHINE, "rows": [self.ROW]}
        run.write("steps", part, tmp_path)
        memory = {"network": "pocket", "side": 64, "variant": "plain", "held": None, "counted": 1e6}
        run.write("memory", {"machine": self.MACHINE, "rows": [memory]}, tmp_path)
        assert json.loads((tmp_path / "results.json").read_text())["steps"] == part
        text = (tmp_path / "RESULTS.md").read_text()
        assert "2.00 x" in text
        assert "100%" in text
        assert text.count("Not measured yet.") == 1
        assert text.startswith("# Measured")

    def test_a_busy_machine_is_said_aloud(self):
        report = load("report")
        busy = {"machine": self.MACHINE | {"load": 3.0}, "rows": [self.ROW]}
        assert "figures are false" in report.facts(busy)
        assert "false" not in report.facts({"machine": self.MACHINE, "rows": [self.ROW]})

    def test_refuses_a_document_without_markers(self):
        with pytest.raises(ValueError, match="markers"):
            load("report").replaced("# Measured\n", {})

    def test_machine_facts_are_plain(self):
        found = load("machine").facts()
        assert json.loads(json.dumps(found)) == found
        assert found["cores"] >= 1


def test_a_failure_is_told():
    fresh = load("fresh")
    with pytest.raises(fresh.MeasurementError, match="No module named"):
        fresh.call("nowhere", "measure")


def silent(_text):
    pass


def test_sharing_on_paper(capsys):
    paper = load("ranks_on_paper")
    # relu1_1 to relu5_1: 64, 128, 256, 512 and 512 channels.
    assert paper.SUMS == 8 * (2080 + 8256 + 32896 + 2 * 131328 + 1472 + 5)
    alone, eight = paper.estimate(2048, 256, 1), paper.estimate(2048, 256, 8)
    assert (alone.busy, eight.busy) == (1, 8)
    assert alone.flop / 8 < eight.flop < alone.flop / 6
    assert alone.sums == 0 < eight.sums
    paper.main()
    assert capsys.readouterr().out.count("\n") == 8


@pytest.mark.slow
def test_steps_measure():
    rows = load("steps").run(silent, networks=("pocket",), sides=(32,), rounds=1, seconds=0.01)
    assert [row["variant"] for row in rows] == ["plain", "fp32", "auto"]
    assert rows[0]["ratio"] == 1
    assert all(row["steps"] >= 2 and row["seconds"] >= row["fastest"] > 0 for row in rows)
    assert all(row["peak"] is None or row["peak"] > row["working"] > 0 for row in rows)
    assert "impasto, fp32" in load("report").steps_table(rows)


@pytest.mark.slow
def test_memory_counts_agree_and_impasto_keeps_less():
    rows = load("memory").run(silent, networks=("pocket",), side=160, rounds=1)
    kept = {row["variant"]: row["counted"] for row in rows}
    assert kept["bf16"] < kept["fp32"] < 0.6 * kept["plain"]
    for row in rows:
        if row["held"] is not None:
            assert row["held"] == pytest.approx(row["counted"], rel=0.15, abs=2e6)
    assert "100%" in load("report").memory_table(rows)


@pytest.mark.slow
def test_everyday_job():
    options = ("--size", "64", "--steps", "2")
    (row,) = load("default_job").run(silent, recipes={"draft": options}, rounds=1)
    assert max(row["size"]) == 64
    assert row["seconds"] > 0
    assert "draft" in load("report").default_table([row])


@pytest.mark.parametrize("precision", ["fp32"])
def test_every_loss_makes_a_step_and_is_timed(precision):
    losses = load("losses")
    steps = {name: losses.step(name, precision, SIDE) for name in losses.CASES}
    seconds = losses.measured(steps, 1)
    assert set(seconds) == set(losses.CASES)
    assert all(0 < value < 60 for value in seconds.values())


@pytest.mark.slow
def test_every_control_takes_a_step():
    controls = load("controls")
    for settings in controls.WAYS.values():
        before, step, after = controls.prepared(settings, 64)
        assert before > 0
        assert step() > 0
        assert after() >= 0


@pytest.mark.slow
def test_jobs_are_measured(capsys, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["durable.py", "--quick"])
    load("durable").main()
    said = capsys.readouterr().out
    for figure in ("upload again", "accept", "status while a job runs", "a draft"):
        assert figure in said


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads Linux's /proc")
def test_a_print_is_measured_from_file_to_file(tmp_path):
    prints, threads = load("prints"), torch.get_num_threads()
    prints.make_content(str(tmp_path), 96)
    found = prints.job("pocket-v1", 96, 48, 1, None, str(tmp_path), mapped=True)
    torch.set_num_threads(threads)
    assert found["size"] == [96, 96]
    assert list(found["marks"]) == ["read", "step 1", "painted", "saved"]
    assert found["peak_anonymous"] >= found["start"] > 0
