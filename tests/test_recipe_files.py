"""Recipes as files: named ones, TOML and JSON both ways, and text from a command line."""

import json
import subprocess
import sys
import tomllib
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impasto import recipe_files
from impasto.errors import InputError, RecipeError
from impasto.plain import paths
from impasto.recipe_files import assignment, load, named, names, parse, save, to_json, to_toml


def raw(name: str) -> dict:
    text = (resources.files("impasto") / "recipes" / f"{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def test_the_named_recipes_are_there_the_default_first():
    assert names()[0] == "default"
    assert {"default", "gatys", "draft"} <= set(names())
    for name in names():
        assert named(name).name == name
        assert named(name).description


def test_the_default_names_every_setting_once():
    assert sorted(["name", *paths(raw("default"))]) == sorted(paths(named("default").to_dict()))


@pytest.mark.parametrize("name", [n for n in names() if n != "default"])
def test_the_others_name_only_what_differs_or_could(name):
    own, base = paths(raw(name)), paths(raw("default"))
    assert set(own) <= {*base, "extends"}
    assert len(own) < len(base)


def test_what_a_named_recipe_leaves_out_is_the_default():
    draft, default = named("draft").to_dict(), named("default").to_dict()
    for values in (draft, default):
        for path in paths(raw("draft")):
            *parents, leaf = path.split(".")
            at = values
            for parent in parents:
                at = at[parent]
            at[leaf] = None
        values["name"] = None
    assert draft == default


@pytest.mark.parametrize("name", names())
def test_named_recipes_survive_toml_and_json(name):
    recipe = named(name)
    assert parse(to_toml(recipe), name="other") == recipe
    assert parse(to_json(recipe), name="other", as_json=True) == recipe
    assert tomllib.loads(to_toml(recipe)) == json.loads(to_json(recipe)) == recipe.to_dict()


@given(
    st.text(max_size=50),
    st.floats(0, 1e12),
    st.lists(st.floats(0.001, 1e9), max_size=3),
    st.dictionaries(st.text(min_size=1, max_size=9), st.floats(0, 1e3), min_size=1, max_size=3),
)
def test_any_text_number_list_and_layer_survives_toml_and_json(text, weight, mix, layers):
    recipe = named("default").changed(
        {"description": text, "style.weight": weight, "style.mix": mix, "style.layers": layers}
    )
    assert parse(to_toml(recipe), name="x") == recipe
    assert parse(to_json(recipe), name="x", as_json=True) == recipe


@pytest.mark.parametrize("suffix", [".toml", ".json"])
def test_a_saved_recipe_is_loaded_again(tmp_path, suffix):
    recipe = named("gatys").changed({"description": "Käthe → Öl 🎨", "style.mix": [2.0, 1.0]})
    path = tmp_path / f"mine{suffix}"
    save(recipe, path)
    assert load(path) == load(str(path)) == recipe
    assert list(tmp_path.iterdir()) == [path]


def test_recipes_are_saved_as_toml_or_json_only(tmp_path):
    with pytest.raises(RecipeError, match=r"mine\.yaml"):
        save(named("default"), tmp_path / "mine.yaml")
    with pytest.raises(InputError, match="no folder"):
        save(named("default"), tmp_path / "nowhere" / "mine.toml")


class TestOwnFiles:
    def test_what_is_left_out_comes_from_the_default(self, tmp_path):
        path = tmp_path / "soft.toml"
        path.write_text("[style]\nweight = 0.25\n")
        recipe = load(path)
        assert recipe == named("default").changed({"name": "soft", "style.weight": 0.25})

    def test_or_from_the_recipe_that_it_extends(self, tmp_path):
        path = tmp_path / "soft.json"
        path.write_text('{"extends": "gatys", "optimizer": {"lbfgs": {"history": 5}}}')
        recipe = load(path)
        assert recipe == named("gatys").changed({"name": "soft", "optimizer.lbfgs.history": 5})

    def test_layers_replace_those_of_the_base(self, tmp_path):
        path = tmp_path / "one.toml"
        path.write_text("[style.layers]\nrelu3_1 = 2\n")
        assert load(path).style.layers == {"relu3_1": 2.0}

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ('extends = "gatis"', "gatys"),
            ("extends = 3", "extends must name a recipe"),
            ("[stile]\nweight = 1", "unknown setting 'stile'"),
            ("[style]\nwieght = 1", "did you mean style.weight"),
            ("style = 3", "style must be a table"),
            ("[style", "not valid TOML"),
            ("seed = -3", "seed must be at least 0"),
            ('network = "vgg19"', "network must be a table"),
        ],
    )
    def test_mistakes_are_named(self, tmp_path, text, words):
        path = tmp_path / "mine.toml"
        path.write_text(text)
        with pytest.raises(RecipeError, match=words):
            load(path)

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("{", "not valid JSON"),
            ("[1, 2]", "must hold a table"),
            ("3", "must hold a table"),
            ('{"style": {"weight": NaN}}', "style.weight"),
            ('{"seed": null}', "seed must be a whole number"),
        ],
    )
    def test_mistakes_in_json_are_named(self, text, words):
        with pytest.raises(RecipeError, match=words):
            parse(text, name="mine", as_json=True)

    def test_missing_and_unreadable_files_are_named(self, tmp_path):
        with pytest.raises(RecipeError, match=r"cannot read the recipe .*none\.toml"):
            load(tmp_path / "none.toml")
        (tmp_path / "bytes.json").write_bytes(b"\xff\xfe\x00")
        with pytest.raises(RecipeError, match=r"bytes\.json"):
            load(tmp_path / "bytes.json")
        (tmp_path / "folder.toml").mkdir()
        with pytest.raises(RecipeError, match=r"folder\.toml"):
            load(tmp_path / "folder.toml")


@pytest.mark.parametrize(("asked", "near"), [("gatis", "gatys"), ("Default", "default")])
def test_unknown_recipes_name_the_nearest(asked, near):
    with pytest.raises(RecipeError, match=f"{near}.*toml or .json file"):
        load(asked)


@pytest.mark.parametrize(
    ("text", "key", "value"),
    [
        ("style.weight=2", "style.weight", 2),
        ("style.weight = 0.5", "style.weight", 0.5),
        ("style.mix=[2, 1]", "style.mix", [2, 1]),
        ("start=gray", "start", "gray"),
        ('start="gray"', "start", "gray"),
        ("description=a = b", "description", "a = b"),
        ("network.name=pocket-v1", "network.name", "pocket-v1"),
        ("content.layers={relu4_2 = 1.0}", "content.layers", {"relu4_2": 1.0}),
        ("description=", "description", ""),
        ("x=true", "x", True),
        ("x=1e-3", "x", 0.001),
    ],
)
def test_assignments_are_read_as_toml_or_else_as_text(text, key, value):
    assert assignment(text) == (key, value)


@pytest.mark.parametrize("text", ["style.weight", "=3", " = 3", ""])
def test_what_is_no_assignment_is_refused(text):
    with pytest.raises(RecipeError, match="key=value"):
        assignment(text)


@given(st.text(max_size=20))
def test_any_text_after_the_sign_is_a_value(text):
    key, value = assignment(f"description={text}")
    assert key == "description"
    assert value is not None


def test_plain_values_need_no_torch():
    """Layer 0 is imported by help texts and front ends: it must be quick."""
    code = (
        "import sys, impasto, impasto.recipe, impasto.recipe_files, impasto.events, impasto.trace;"
        "impasto.recipe_files.named('gatys'); impasto.Recipe, impasto.Status, impasto.Trace;"
        "print([m for m in ('torch', 'numpy', 'PIL', 'typer', 'rich') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    assert recipe_files.BASE == "default"
