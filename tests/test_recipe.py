"""The recipe: plain values in and out, and settings that are refused."""

import itertools
import json
from dataclasses import MISSING, fields, is_dataclass
from typing import get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impasto.errors import InputError, RecipeError
from impasto.plain import paths
from impasto.recipe import Recipe
from impasto.recipe_files import named, names, parse
from impasto.weights import catalog

DEFAULT = named("default")

# Every setting with some values that it may have.
POSSIBLE = {
    "name": st.text(max_size=20),
    "description": st.text(max_size=60),
    "seed": st.integers(0, 2**63 - 1),
    "start": st.sampled_from(["content", "gaussian", "uniform", "gray", "picture"]),
    "network.name": st.text(max_size=20),
    "network.sha256": st.text("0123456789abcdef", max_size=64),
    "network.pooling": st.sampled_from(["own", "max", "average", "average-rescaled"]),
    "network.padding": st.sampled_from(["own", "zeros", "replicate", "reflect"]),
    "network.precision": st.sampled_from(["auto", "fp32", "bf16"]),
    "content.weight": st.floats(1e-9, 1e12),
    "content.statistics": st.sampled_from(["features", "self-similarity"]),
    "content.hold": st.sampled_from(["weight", "strength"]),
    "content.strength": st.floats(0, 1),
    "content.form": st.sampled_from(["paper", "mean", "relative"]),
    "content.layers": st.dictionaries(
        st.sampled_from(["relu1_1", "conv4_2", "pool3", "pixels"]), st.floats(0, 1e6), min_size=1
    ),
    "style.weight": st.floats(0, 1e12),
    "style.sample": st.text(max_size=20),
    "objective.edges": st.sampled_from(["reflect", "wrap"]),
    "guides.amount": st.floats(0, 1),
    "style.statistics": st.sampled_from(["gram", "moments", "wasserstein", "sliced", "nearest"]),
    "style.form": st.sampled_from(["mean", "relative"]),
    "style.combine": st.sampled_from(["sum", "root"]),
    "style.scale": st.floats(0.05, 20),
    "style.scales": st.lists(st.floats(0.05, 20), max_size=4),
    "style.layer_mix": st.dictionaries(
        st.sampled_from(["fine", "coarse"]), st.lists(st.floats(0.1, 1e6), min_size=1, max_size=4)
    ),
    "style.mix": st.lists(st.floats(0.1, 1e6), max_size=4),
    "style.layers": st.dictionaries(
        st.sampled_from(["relu1_1", "relu5_1"]), st.floats(0, 1e6), min_size=1
    ),
    "histogram.weight": st.floats(0, 1e12),
    "histogram.layers": st.dictionaries(
        st.sampled_from(["relu1_1", "relu4_1"]), st.floats(0, 1e6), min_size=1
    ),
    "laplacian.weight": st.floats(0, 1e12),
    "laplacian.pools": st.lists(st.integers(1, 1024), min_size=1, max_size=3),
    "color.mode": st.sampled_from(["style", "content", "palette"]),
    "color.content": st.sampled_from(["luminance", "covariance", "histogram"]),
    "color.palette": st.sampled_from(["axes", "covariance", "histogram"]),
    "total_variation.weight": st.floats(0, 1e12),
    "total_variation.form": st.sampled_from(["l1", "l2"]),
    "guides.protect": st.sampled_from(["none", "mask", "subject", "faces"]),
    "guides.pair": st.sampled_from(["none", "labels", "masks", "auto"]),
    "guides.regions": st.integers(2, 12),
    "guides.feather": st.floats(0, 0.25),
    "guides.hold": st.floats(0, 1000),
    "objective.balance": st.sampled_from(["none", "equal"]),
    "objective.margin": st.integers(16, 128),
    "objective.shifts": st.integers(1, 64),
    "schedule.size": st.integers(16, 1_000_000),
    "schedule.first": st.integers(16, 1_000_000),
    "schedule.growth": st.floats(1.05, 16),
    "schedule.steps": st.integers(1, 10**6),
    "schedule.decay": st.floats(0.05, 2),
    "schedule.least": st.floats(0, 1),
    "schedule.late": st.integers(16, 1_000_000),
    "optimizer.name": st.sampled_from(["adam", "gradient_descent"]),
    "optimizer.adam.learning_rate": st.floats(1e-9, 1e6),
    "optimizer.adam.average": st.floats(0, 0.9999),
    "optimizer.adam.smoothing": st.floats(0, 16),
    "optimizer.lbfgs.learning_rate": st.floats(1e-9, 1e6),
    "optimizer.lbfgs.average": st.floats(0, 0.9999),
    "optimizer.lbfgs.history": st.integers(1, 1000),
    "optimizer.gradient_descent.learning_rate": st.floats(1e-9, 1e6),
    "optimizer.gradient_descent.average": st.floats(0, 0.9999),
}
CHANGES = st.fixed_dictionaries({}, optional=POSSIBLE).filter(
    lambda changes: changes.get("content.hold") != "strength" or changes.get("style.weight", 1) > 0
)


def test_the_settings_above_are_all_there_are():
    assert sorted(POSSIBLE) == sorted(paths(DEFAULT.to_dict()))


@pytest.mark.parametrize("name", names())
def test_named_recipes_survive_plain_values(name):
    recipe = named(name)
    assert Recipe.from_dict(recipe.to_dict()) == recipe
    assert Recipe.from_dict(json.loads(json.dumps(recipe.to_dict()))) == recipe


@given(CHANGES)
def test_any_possible_change_is_made_and_survives(changes):
    recipe = DEFAULT.changed(changes)
    values = recipe.to_dict()
    for path, value in changes.items():
        at = values
        for part in path.split("."):
            at = at[part]
        assert at == value
    assert Recipe.from_dict(values) == recipe
    assert recipe.changed({}) == recipe


def test_a_change_leaves_all_else_and_the_original_alone():
    before = DEFAULT.to_dict()
    changed = DEFAULT.changed({"style.weight": 3.0})
    assert DEFAULT.to_dict() == before
    expected = DEFAULT.to_dict()
    expected["style"]["weight"] = 3.0
    assert changed.to_dict() == expected


def test_plain_values_given_out_are_copies():
    DEFAULT.to_dict()["style"]["layers"]["relu1_1"] = 99.0
    assert DEFAULT.style.layers["relu1_1"] != 99


def test_layers_may_be_added_one_by_one():
    changed = DEFAULT.changed({"content.layers.relu3_1": 0.5})
    assert changed.content.layers == {"relu4_2": 1.0, "relu3_1": 0.5}


def test_a_whole_number_may_stand_for_a_decimal():
    weight = DEFAULT.changed({"style.weight": 3}).style.weight
    assert weight == 3.0
    assert isinstance(weight, float)


@pytest.mark.parametrize(
    ("path", "near"),
    [
        ("style.wieght", "style.weight"),
        ("sede", "seed"),
        ("optimiser.name", "optimizer.name"),
        ("style.weight.x", "style.weight"),
        ("style.", "style."),
        ("", "seed"),
    ],
)
def test_unknown_settings_name_the_nearest(path, near):
    with pytest.raises(RecipeError, match=f"unknown setting.*{near}"):
        DEFAULT.changed({path: 1})


@pytest.mark.parametrize(
    ("path", "value", "near"),
    [
        ("start", "gausian", "gaussian"),
        ("optimizer.name", "l-bfgs", "lbfgs"),
        ("optimizer.name", "gradient-descent", "gradient_descent"),
        ("network.pooling", "avg", "average"),
        ("style.statistics", "grams", "gram"),
        ("color.mode", "pallet", "palette"),
        ("color.palette", "covarience", "covariance"),
    ],
)
def test_unknown_choices_name_the_nearest(path, value, near):
    with pytest.raises(RecipeError, match=f"{path}.*{near}"):
        DEFAULT.changed({path: value})


@pytest.mark.parametrize(
    ("path", "value", "wanted"),
    [
        ("seed", 1.5, "a whole number"),
        ("seed", "1", "a whole number"),
        ("seed", True, "a whole number"),
        ("schedule.steps", 10.0, "a whole number"),
        ("style.weight", "heavy", "a number"),
        ("style.weight", True, "a number"),
        ("style.weight", [1.0], "a number"),
        ("style.mix", 2.0, "a list"),
        ("style.mix", "2:1", "a list"),
        ("style.mix", ["a"], "a number"),
        ("style.layers", ["relu1_1"], "a table"),
        ("style.layers.relu1_1", None, "a number"),
        ("start", 3, "a text"),
        ("name", 3, "a text"),
        ("style", 3, "a table"),
    ],
)
def test_values_of_the_wrong_type_are_refused_by_name(path, value, wanted):
    with pytest.raises(RecipeError, match=f"{path}.* must be {wanted}"):
        DEFAULT.changed({path: value})


@pytest.mark.parametrize(
    ("path", "value"),
    ids=itertools.count(),
    argvalues=[
        *(("seed", -1), ("seed", 2**63), ("seed", 10**400)),
        *(("style.weight", -1.0), ("style.weight", float("nan")), ("content.weight", 10**400)),
        *(("style.weight", float("inf")), ("style.layers.relu1_1", -1.0), ("style.layers", {})),
        *(("style.scale", 0.0), ("style.scale", 21.0), ("style.mix", [0.0, 0.0])),
        *(("style.scales", [1.0, 0.0]), ("style.layer_mix.fine", [-1.0, 2.0])),
        *(("style.layer_mix.relu1_1", [0.0, 0.0]), ("style.mix", [0.0, float("nan")])),
        *(("style.mix", [-1.0, 2.0]), ("total_variation.weight", -1.0)),
        *(("histogram.weight", -1.0), ("histogram.layers", {}), ("laplacian.weight", -1.0)),
        *(("laplacian.pools", []), ("laplacian.pools", [4, 0])),
        *(("objective.margin", -1), ("objective.margin", 129), ("objective.shifts", 0)),
        *(("schedule.size", 15), ("schedule.first", 0), ("schedule.growth", 1.0)),
        *(("schedule.steps", 0), ("schedule.steps", 10**400), ("schedule.decay", 0.0)),
        *(("optimizer.adam.learning_rate", 0.0), ("optimizer.gradient_descent.average", 1.0)),
        *(("optimizer.lbfgs.history", 0), ("optimizer.adam.average", -0.1)),
    ],
)
def test_impossible_values_are_refused_by_name(path, value):
    name = path if path != "style.layers.relu1_1" else "style.layers"
    with pytest.raises(RecipeError, match=name):
        DEFAULT.changed({path: value})


@pytest.mark.parametrize(
    "changes",
    [
        {"objective.margin": 8},  # phases need room to move
        {"optimizer.name": "lbfgs", "network.precision": "bf16"},  # the line search needs fp32
        {"style.form": "paper"},  # moments have no form in the paper
        {"content.weight": 0.0, "style.weight": 0.0},
    ],
)
def test_settings_that_do_not_fit_together_are_refused(changes):
    with pytest.raises(RecipeError):
        DEFAULT.changed(changes)


@pytest.mark.parametrize(
    ("name", "near"), [("fin", "fine"), ("coarser", "coarse"), ("relu1_2", "relu1_1")]
)
def test_a_mix_of_an_unknown_layer_names_the_nearest(name, near):
    with pytest.raises(RecipeError, match=f"style.layer_mix '{name}': did you mean.* {near}"):
        DEFAULT.changed({f"style.layer_mix.{name}": [1.0, 0.0]})


def test_mixes_of_groups_and_layers_become_mixes_of_layers():
    mix = {"fine": [1.0, 0.0], "coarse": [0.0, 1.0], "relu4_1": [2.0, 3.0]}
    style = DEFAULT.changed({"style.layer_mix": mix}).style
    fine = dict.fromkeys(["relu1_1", "relu2_1"], (1.0, 0.0))
    coarse = dict.fromkeys(["relu3_1", "relu5_1"], (0.0, 1.0))
    assert style.mixes() == fine | coarse | {"relu4_1": (2.0, 3.0)}
    assert DEFAULT.style.mixes() == {}


def test_scales_of_each_style_or_one_for_all():
    style = DEFAULT.changed({"style.scale": 3.0}).style
    assert [style.scale_of(index) for index in (0, 1)] == [3, 3]
    style = DEFAULT.changed({"style.scale": 3.0, "style.scales": [0.5, 2.0]}).style
    assert [style.scale_of(index) for index in (0, 1)] == [0.5, 2]


@pytest.mark.parametrize("name", ["style.mix", "style.scales", "style.layer_mix.fine"])
def test_as_many_numbers_as_styles(name):
    style = DEFAULT.changed({name: [1.0, 2.0]}).style
    style.check_styles(2)
    with pytest.raises(RecipeError, match=f"{name} has 2 .* for 3 styles"):
        style.check_styles(3)


def test_recipes_of_before_colors_and_mixes_are_still_read():
    values = DEFAULT.to_dict()
    del values["color"], values["style"]["layer_mix"], values["style"]["scales"]
    assert parse(json.dumps(values), name="old", as_json=True) == DEFAULT


def test_a_missing_setting_is_named():
    values = DEFAULT.to_dict()
    del values["style"]["combine"]
    with pytest.raises(RecipeError, match=r"lacks style\.combine"):
        Recipe.from_dict(values)


def test_errors_are_input_errors():
    assert issubclass(RecipeError, InputError)


def test_there_are_no_defaults_in_the_code():
    """Nothing is defaulted twice: what is left out comes from recipes/default.toml alone."""
    kinds = [Recipe]
    for kind in kinds:
        for field in fields(kind):
            assert field.default is MISSING
            assert field.default_factory is MISSING
            hint = get_type_hints(kind)[field.name]
            if is_dataclass(hint):
                kinds.append(hint)
    assert len(kinds) > 5


@pytest.mark.parametrize("name", ["adam", "lbfgs", "gradient_descent"])
def test_each_optimizer_has_settings_of_its_own(name):
    path = f"optimizer.{name}.learning_rate"
    recipe = DEFAULT.changed({"optimizer.name": name, path: 0.125})
    assert recipe.optimizer.chosen.learning_rate == 0.125
    others = {"adam", "lbfgs", "gradient_descent"} - {name}
    for other in others:
        assert getattr(recipe.optimizer, other) == getattr(DEFAULT.optimizer, other)


def test_the_default_recipe_names_the_frozen_weights():
    network = DEFAULT.network
    assert network.sha256 == catalog.network(network.name).sha256
    assert len(network.sha256) == 64


def test_another_network_goes_without_the_hash():
    assert DEFAULT.changed({"network.name": "vgg19"}).network.sha256 == ""
    assert DEFAULT.changed({"network.name": "pocket-v1"}) == DEFAULT
    named = {"network.name": "vgg19", "network.sha256": "12"}
    assert DEFAULT.changed(named).network.sha256 == "12"
    other = parse('[network]\nname = "vgg16"', name="mine")
    assert (other.network.name, other.network.sha256) == ("vgg16", "")
    same = parse('[network]\npooling = "max"', name="mine")
    assert same.network.sha256 == DEFAULT.network.sha256
