"""Training the pocket network: it goes on where it was killed, revives channels, scales layers."""

import sys
from argparse import Namespace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from impasto.features.architectures import POCKET
from impasto.features.extractor import Extractor

TRAINING = Path(__file__).parents[2] / "training"
HEADS = {"1_1": 64, "2_1": 128, "3_1": 256, "4_1": 512, "5_1": 512}


@pytest.fixture(scope="module")
def scripts():
    """The folder of scripts on the path."""
    sys.path.insert(0, str(TRAINING))
    yield
    sys.path.remove(str(TRAINING))


@pytest.fixture(scope="module")
def pocket(scripts):
    """The training script as a module."""
    import pocket

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
    from student import WIDTHS
    from teacher import CONVOLUTIONS

    for name in CONVOLUTIONS:
        width = WIDTHS[name[0]]
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
        start_from=None,
        tiers="A",
        steps=4,
        decay=2,
        batch=1,
        crop=32,
        peak=1e-3,
        clip=20.0,
        gram=0.2,
        edges=0.1,
        revive_every=2,
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


def test_heads_fitted_to_a_batch_explain_more_of_it_than_its_mean_does(run, pictures):
    fitted, image = run(), pictures[0][None].float() / 255
    before, _ = shares(fitted, image)
    fitted.student.fit_heads(image, fitted.teacher(image, thin=True))
    after, count = shares(fitted, image)
    assert count == 18
    assert max(after.values()) < 1 < max(before.values())
    assert after["relu1_1"] < 0.9


def shares(run, image):
    """Unexplained variance of each of the teacher's maps, by name; and how many there are."""
    run.student.eval()
    with torch.no_grad():
        predictions, targets = run.maps(image, thin=True)
    return {n: float(unexplained(predictions[n], targets[n])) for n in targets}, len(targets)


def unexplained(prediction, target):
    rest = target - target.mean((0, 2, 3), keepdim=True)
    return (prediction - target).square().sum() / rest.square().sum()


def test_the_edge_distance_by_hand(pocket):
    target = torch.tensor([[[[0.0, 1.0], [2.0, 3.0]]]])  # differences: down 2, 2; across 1, 1
    assert float(pocket.edge_distance(target + 5, target)) == pytest.approx(0, abs=1e-9)
    assert float(pocket.edge_distance(0 * target, target)) == pytest.approx(1, rel=1e-5)
    steeper = torch.tensor([[[[0.0, 2.0], [2.0, 4.0]]]])  # down 2, 2; across 2, 2
    assert float(pocket.edge_distance(steeper, target)) == pytest.approx(0.2, rel=1e-5)


def test_the_rate_warms_up_stays_and_falls(pocket):
    rates = [pocket.learning_rate(step, 10_000, 2000, 1e-3) for step in (0, 299, 5000, 8000, 9000)]
    assert rates == pytest.approx([1e-3 / 300, 1e-3, 1e-3, 1e-3, 1e-3 * 0.505])


def test_a_run_may_start_from_an_earlier_version(pocket, run, pictures, tmp_path):
    from pocket_file import export

    first = run()
    export(first.average, tmp_path / "earlier.safetensors", pictures, {})
    second = run()
    second.start_from(tmp_path / "earlier.safetensors")
    image = pictures[0][None].float() / 255
    with torch.no_grad():
        ours, theirs = (r.student.features(image)["5_1"] for r in (first, second))
    ratio = theirs[ours > 1e-3] / ours[ours > 1e-3]  # layers are scaled as a whole
    assert float(ratio.std() / ratio.mean()) < 0.05


def test_a_batch_of_crops_depends_on_its_seed_alone(scripts, pictures):
    from augment import crops

    first, again, other = (crops(pictures, side=24, count=6, seed=s) for s in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert first.shape == (6, 3, 24, 24)
    assert 0 <= float(first.min()) < float(first.max()) <= 1


def test_the_exported_layers_have_mean_activation_one(run, pictures, tmp_path):
    from pocket_file import export

    path = tmp_path / "pocket-x.safetensors"
    export(run().average, path, pictures, {"steps": "0"})
    weights = {k: v.float() for k, v in load_file(path).items()}
    extractor = Extractor(POCKET, weights, pooling="average", padding="reflect")
    layers = ["relu1_1", "relu2_2", "relu4_2", "relu5_1"]
    features = extractor(pictures[0][None].float() / 255, layers)
    assert [float(features[layer].mean()) for layer in layers] == pytest.approx([1] * 4, rel=0.01)
