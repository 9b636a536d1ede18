"""Training the pocket network: it goes on where it was killed, revives channels, scales layers."""

import sys
from argparse import Namespace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

TRAINING = Path(__file__).parents[2] / "training"
HEADS = {"1_1": 64, "2_1": 128, "3_1": 256, "4_1": 512, "5_1": 512}


@pytest.fixture(scope="module")
def pocket():
    """The training script as a module."""
    sys.path.insert(0, str(TRAINING))
    try:
        import pocket
    finally:
        sys.path.remove(str(TRAINING))
    return pocket


@pytest.fixture
def run(pocket, tmp_path):
    """Makes runs that share a folder, on a teacher with random weights."""
    generator = torch.Generator().manual_seed(3)
    tensors = {
        "preprocess.weight": torch.eye(3).view(3, 3, 1, 1),
        "preprocess.bias": torch.zeros(3),
    }
    channels = 3
    for name in pocket.CONVOLUTIONS:
        width = pocket.WIDTHS[name[0]]
        size = (2 / (9 * channels)) ** 0.5
        tensors[f"conv{name}.weight"] = size * torch.randn(
            width, channels, 3, 3, generator=generator
        )
        tensors[f"conv{name}.bias"] = torch.zeros(width)
        channels = width
        if name in HEADS:
            shape = (HEADS[name], width, 1, 1)
            tensors[f"head{name}.weight"] = torch.randn(shape, generator=generator) / width**0.5
            tensors[f"head{name}.bias"] = torch.zeros(HEADS[name])
    save_file(tensors, tmp_path / "teacher.safetensors")
    options = Namespace(
        teacher=tmp_path / "teacher.safetensors",
        out=tmp_path,
        go_on_from=None,
        tiers="A",
        steps=4,
        batch=1,
        crop=32,
        late_crop=32,
        peak=1e-3,
        seed=1,
        fp32=True,
    )
    return lambda: pocket.Run(options)


@pytest.fixture
def pictures():
    generator = torch.Generator().manual_seed(5)
    return [torch.randint(0, 256, (3, 64, 80), generator=generator).to(torch.uint8)]


def test_a_resumed_run_equals_an_uninterrupted_one(run, pictures):
    whole = run()
    for _ in range(4):
        whole.train_step(pictures)
    first = run()
    for _ in range(2):
        first.train_step(pictures)
    first.save()
    second = run()
    assert second.step == 2
    for _ in range(2):
        second.train_step(pictures)
    assert all(torch.equal(second.average[name], whole.average[name]) for name in whole.average)
    assert not list(first.checkpoint.parent.glob("*.part"))


def test_a_dead_channel_is_drawn_anew_and_others_stay(run, pictures):
    student = run().student
    layer = student.convolutions["3_2"]
    with torch.no_grad():
        layer.bias[5] = -1e6
    student(pictures[0][None].float() / 255)
    before, alive, heard = layer.weight.detach().clone(), *map(student.active.get, ("3_2", "3_1"))
    counts = student.revive(seed=0)
    assert counts["3_2"] == int((~alive).sum()) >= 1
    after = layer.weight.detach()
    assert not torch.equal(after[5], before[5])
    assert torch.equal(after[alive][:, heard], before[alive][:, heard])
    assert float(layer.bias.detach()[5]) == 0
    assert student.active == {}


def test_the_exported_layers_have_mean_activation_one(pocket, run, pictures, tmp_path):
    trained = run()
    trained.export(tmp_path / "pocket-x.safetensors", pictures)
    weights = {k: v.float() for k, v in load_file(tmp_path / "pocket-x.safetensors").items()}
    extractor = pocket.Extractor(pocket.POCKET, weights, pooling="average", padding="reflect")
    layers = ["relu1_1", "relu2_2", "relu4_2", "relu5_1"]
    features = extractor(pictures[0][None].float() / 255, layers)
    assert [float(features[layer].mean()) for layer in layers] == pytest.approx([1] * 4, rel=0.01)
