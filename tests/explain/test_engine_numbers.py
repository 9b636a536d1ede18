"""What the report says is what the engine computed."""

import pytest
import torch

from impasto.assemble import prepare
from impasto.engine.run import run
from impasto.events import Finished, Step
from impasto.explain.loss_story import noted_steps
from impasto.explain.recording import moments
from impasto.explain.seeing import look


@pytest.fixture(scope="module")
def engine(report, content, style):
    """The same run by the engine alone: prepared, images after each step, its end."""
    prepared = prepare(report.recipe, content, [style])
    events = list(run(prepared.job))
    images = {e.step: e.image for e in events if isinstance(e, Step)}
    return prepared, images, next(e for e in events if isinstance(e, Finished))


def test_the_losses_are_the_traces(report, engine):
    _, _, finished = engine
    assert [r.losses for r in report.losses.trace.rows] == [r.losses for r in finished.trace.rows]
    assert [n.row.step for n in report.losses.table] == [1, 10, 20, 24]
    assert torch.equal(report.recording.last.image, finished.image)


def test_the_iteration_is_that_of_the_engine(report, engine):
    _, images, finished = engine
    it = report.iteration
    assert it.losses == dict(finished.trace.rows[it.step - 1].losses)
    assert torch.equal(it.before, images[it.step - 1])
    assert torch.equal(it.after, images[it.step])
    weighted = sum(term.value for term in it.terms)
    assert it.total == pytest.approx(weighted, rel=1e-6)
    for term in it.terms:
        parts = sum(term.layer_weights[name] * d for name, d in term.distances.items())
        assert term.value == pytest.approx(term.weight * parts, rel=1e-5)


def test_the_gradient_of_the_iteration_is_a_slope(report, engine):
    prepared, _, _ = engine
    it, objective = report.iteration, prepared.job.objective(prepared.job.stages[-1])
    direction = it.gradient / it.gradient.norm()
    ahead, back = (
        float(objective.losses(it.before + sign * 0.01 * direction, it.step - 1).total)
        for sign in (1, -1)
    )
    assert (ahead - back) / 0.02 == pytest.approx(float(it.gradient.norm()), rel=0.05)


def test_pulls_are_the_gradients_of_the_terms(report, engine):
    prepared, images, _ = engine
    objective = prepared.job.objective(prepared.job.stages[-1])
    pulls = {p.term: p for p in report.losses.pulls if p.moment == "end"}
    for term, weight in objective.weights().items():
        alone = objective.reweighted({n: weight * (n == term) for n in objective.weights()})
        _, gradient = alone.value_and_gradient(images[24], 24)
        assert pulls[term].norm == pytest.approx(float(gradient.double().norm()), rel=1e-6)
        assert pulls[term].map.shape == images[24].shape[-2:]
    assert sum(report.losses.shares("end").values()) == pytest.approx(1)


def test_content_pulls_nothing_at_its_own_copy(report):
    assert report.losses.pull("content", "start").norm == 0
    assert report.losses.table[0].row.losses["content"] == 0
    assert "content itself" in report.losses.table[0].observation


def test_the_style_is_the_engines_style(report, engine):
    prepared, _, _ = engine
    objective = prepared.job.objective(prepared.job.stages[-1])
    (target,) = (t for t in objective.targets if t.term.name == "style")
    for gram in report.gram.style:
        wanted = target.at(0)[gram.layer].per_position().second[0]
        torch.testing.assert_close(gram.values / gram.positions, wanted)


def test_balanced_weights_are_those_of_the_run(content, style, made):
    balanced = made(content, style, ("losses",), **{"objective.balance": "equal"})[-1]
    last = balanced.recording.trace.rows[-1].losses
    effective = last["content"] / last["content.relu4_2"]
    assert balanced.losses.weights["content"] == pytest.approx(effective, rel=1e-5)
    assert balanced.losses.content_factor != 1


def test_frames_are_the_images_of_their_steps(report, engine):
    _, images, _ = engine
    frames = report.recording.frames
    assert (frames[0].step, frames[-1].step) == (0, 24)
    for frame in frames[1:]:
        assert torch.equal(frame.image, images[frame.step])


def test_measured_layers_are_the_extractors(report):
    subject = report.subject
    names = [layer.shape.name for layer in report.pipeline.layers]
    assert names[-1] == "relu5_1"
    found = subject.extractor(subject.content, names)
    for layer in report.pipeline.layers:
        features = found[layer.shape.name]
        assert tuple(features.shape) == layer.shape.nchw
        assert layer.low == pytest.approx(float(features.min()), abs=1e-4)
        assert layer.high == pytest.approx(float(features.max()), rel=1e-4)
        assert layer.size == features.numel() * 4
        assert layer.forward > 0
        assert layer.backward > 0
    assert report.pipeline.parameters == 810_128


def test_the_most_active_channels_are_found(report):
    (view, *_) = report.layers
    means = view.content.values.mean((1, 2))
    assert view.channels[0] == int(means.argmax())
    assert view.closest.content_mean == pytest.approx(float(means.max()), rel=1e-5)
    activations = [patch.activation for patch in view.closest.patches]
    assert activations == sorted(activations, reverse=True)


def test_climbing_raises_the_activation(report):
    (view, *_) = look(report.subject, channels=1, patches=1, steps=25, side=32)
    assert view.closest.favorite_mean > 2 * view.closest.content_mean


def test_rebuilding_comes_nearer(report):
    for rebuilt in (*report.content, *report.style):
        assert rebuilt.last < rebuilt.first
    assert [one.layers for one in report.style][:2] == [("relu1_1",), ("relu1_1", "relu2_1")]


def test_rows_and_frames_are_chosen_well():
    assert noted_steps(35) == (1, 10, 20, 30, 35)
    assert noted_steps(1) == (1,)
    chosen = moments(100, 11)
    assert (chosen[0], chosen[1], chosen[-1]) == (0, 1, 100)


def test_the_iteration_of_a_recipe_with_sizes_and_phases(made, content, style):
    settings = {
        "schedule.size": 72,
        "schedule.first": 51,
        "schedule.growth": 1.414,
        "schedule.steps": 40,
        "objective.shifts": 4,
        "style.statistics": "wasserstein",
        "style.combine": "root",
    }
    report = made(content, style, ("pipeline",), **settings)[-1]
    rows, it = report.recording.trace.rows, report.iteration
    assert rows[0].width < rows[-1].width == it.before.shape[-1]
    # Each phase sees another framing: only the step's own gives the step's numbers.
    assert it.losses == pytest.approx(dict(rows[it.step - 1].losses), rel=1e-6)
    assert rows[it.step - 1].width == it.before.shape[-1]


def test_the_network_looks_at_the_colors_in_which_a_picture_is_painted(made, content, style):
    settings = {"color.mode": "content", "schedule.steps": 3}
    found = made(content, style, ("pictures",), **settings)[-1]
    seen, shown = found.subject.content, found.files[0]
    assert float((seen[:, 0] - seen[:, 1]).abs().max()) < 1e-5  # gray
    assert torch.equal(shown, content.batch)
