"""Runs whose images lie in files, and updates by bands, against runs in memory."""

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
import torch

from impasto import api, assemble
from impasto.engine.optimizers.adam import Adam
from impasto.engine.optimizers.gradient_descent import GradientDescent
from impasto.engine.run import run
from impasto.errors import InputError
from impasto.events import Finished, Step
from impasto.images.codec import encode
from impasto.images.picture import Picture
from impasto.numerics.storage import MEMORY, Storage

BANDED = ("impasto.numerics.bands", "impasto.images.resize", "impasto.images.resample")


@pytest.fixture
def narrow_bands(monkeypatch):
    for module in BANDED:
        monkeypatch.setattr(import_module(module), "BAND", 3 * 40 * 7)


def target_losses(target):
    class Losses:
        total = torch.tensor(1.0)

    return lambda image: (Losses(), image - target)


@pytest.mark.parametrize("smoothing", [0.0, 1.0])
@pytest.mark.parametrize("mapped", [False, True])
def test_adam_by_bands_takes_the_same_steps(monkeypatch, tmp_path, smoothing, mapped):
    start, target = torch.rand(2, 1, 3, 33, 40)
    evaluate = target_losses(target)
    whole, images = Adam(0.05, smoothing), [start]
    for _ in range(4):
        images.append(whole.step(images[-1], evaluate).image)
    monkeypatch.setattr(import_module("impasto.numerics.bands"), "BAND", 3 * 40 * 7)
    banded, image = Adam(0.05, smoothing, Storage(tmp_path) if mapped else MEMORY), start.clone()
    for expected in images[1:]:
        before = image.clone()
        update = banded.step(image, evaluate)
        assert torch.equal(image, before)  # the given image is not changed
        image = update.image
        torch.testing.assert_close(image, expected, rtol=0, atol=1e-6)


def test_gradient_descent_by_bands_takes_the_same_steps(narrow_bands, tmp_path):
    start, target = torch.rand(2, 1, 3, 33, 40)
    gradient = start - target
    rate = 0.02 / gradient.double().square().mean().sqrt()
    moved = GradientDescent(0.02, Storage(tmp_path)).step(start, target_losses(target)).image
    torch.testing.assert_close(moved, (start - rate.float() * gradient).clamp(0, 1))


def pictures():
    torch.manual_seed(4)
    return Picture(torch.rand(3, 72, 96)), Picture(torch.rand(3, 70, 60))


def recipe(**settings):
    return api.resolve_recipe(
        size=96,
        steps=6,
        settings={"schedule.first": 48, "network.precision": "fp32"} | settings,
    )


def finished(storage, **settings):
    content, style = pictures()
    job = assemble.prepare(recipe(**settings), content, [style], storage=storage).job
    *steps, last = run(job)
    assert isinstance(last, Finished)
    return last.image, [step.losses["total"] for step in steps if isinstance(step, Step)]


@pytest.mark.parametrize("name", ["adam", "gradient_descent"])
def test_a_mapped_run_is_the_run_in_memory(name, tmp_path):
    settings = {"optimizer.name": name}
    kept, kept_losses = finished(MEMORY, **settings)
    mapped, mapped_losses = finished(Storage(tmp_path), **settings)
    assert torch.equal(kept, mapped)
    assert kept_losses == mapped_losses


def test_a_banded_run_is_the_run_at_once_to_rounding(tmp_path, monkeypatch):
    whole, _ = finished(MEMORY)
    for module in BANDED:
        monkeypatch.setattr(import_module(module), "BAND", 3 * 40 * 7)
    banded, _ = finished(Storage(tmp_path))
    # Rounding grows along the run, as Adam's first steps have the gradient's sign.
    assert (banded - whole).abs().mean() < 1e-3


def test_a_tiled_and_mapped_run_from_a_file_is_the_whole_one_to_rounding(tmp_path):
    pytest.importorskip("pyvips")
    content, style = pictures()
    encode(content, tmp_path / "content.tif", depth=16)
    chosen, results = recipe(), []
    for options in ({}, {"storage": Storage(tmp_path), "tile": 48}):
        events = api.stylize_events(tmp_path / "content.tif", style, recipe=chosen, **options)
        *_, last = events
        results.append(last)
    whole, tiled = (result.image for result in results)
    assert (tiled - whole).abs().mean() < 1e-3
    losses = [[row.losses["total"] for row in result.trace.rows] for result in results]
    assert losses[0] == pytest.approx(losses[1], rel=1e-2)


def test_a_tiled_gradient_lies_where_it_is_told(tmp_path):
    content, style = pictures()
    made = []

    class Noting(Storage):
        def zeros(self, shape, *options):
            made.append(tuple(shape))
            return super().zeros(shape, *options)

    job = assemble.prepare(recipe(), content, [style], storage=Noting(tmp_path), tile=48).job
    objective = job.objective(job.stages[-1])
    objective.value_and_gradient(content.batch)
    assert (1, 3, 72, 96) in made


def test_lbfgs_is_refused_with_its_reason(tmp_path):
    content, style = pictures()
    with pytest.raises(InputError, match=r"L-BFGS keeps 20 images.*--optimizer adam"):
        assemble.prepare(
            recipe(**{"optimizer.name": "lbfgs"}), content, [style], storage=Storage(tmp_path)
        )


STEPS = """
import re, sys, torch
from pathlib import Path
from impasto.engine.optimizers.adam import Adam
from impasto.numerics.storage import Storage

def anonymous():
    status = Path("/proc/self/status").read_text()
    return 1024 * int(re.search(r"RssAnon:\\s+(\\d+)", status).group(1))

size = (1, 3, 4000, 4000)  # 192 MB
storage = Storage(Path(sys.argv[1]))
image, gradient = storage.zeros(size), storage.zeros(size)
optimizer = Adam(0.05, 1.0, storage)
optimizer.step(torch.zeros(1, 3, 64, 64), lambda image: (None, image))  # warms up
optimizer = optimizer.slower(1.0)
before = anonymous()
for _ in range(2):
    image = optimizer.step(image, lambda _: (None, gradient)).image
print(anonymous() - before)
"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux's /proc")
def test_a_mapped_step_needs_little_anonymous_memory(tmp_path):
    # in a fresh process: what this one has freed before would be counted as its own
    done = subprocess.run(
        [sys.executable, "-c", STEPS, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert int(done.stdout) < 120e6  # some bands
