"""The other commands: demo, recipe, info, help and version."""

import json
import os
import subprocess
import sys
import tomllib

import pytest

from impasto import recipe_files
from impasto.images import decode


def test_the_demo_makes_a_picture_of_the_samples(run, folder):
    result = run("demo", "--size", "64", "--steps", "2", "--recipe", "draft", "--threads", "1")
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("saved impasto-demo.png (64 x ")
    assert "harbor.jpg + strokes.jpg" in result.stderr
    assert max(decode(folder / "impasto-demo.png").pixels.shape) == 64


def test_recipes_are_listed_with_what_they_are_for(run):
    result = run("recipe", "list")
    assert [line.split()[0] for line in result.stdout.splitlines()] == recipe_files.names()
    assert "Gatys" in result.stdout


def test_a_recipe_is_shown_as_toml_and_json(run):
    expected = recipe_files.named("gatys").to_dict()
    assert tomllib.loads(run("recipe", "show", "gatys").stdout) == expected
    assert json.loads(run("recipe", "show", "gatys", "--json").stdout) == expected


@pytest.mark.parametrize("suffix", ["toml", "json"])
def test_a_saved_recipe_is_read_again(run, stylize, folder, suffix):
    file = f"mine.{suffix}"
    result = run("recipe", "save", "draft", file, "--set", "style.weight=2", "--set", "seed=9")
    assert (result.exit_code, result.stdout) == (0, f"saved {file}\n")
    saved = recipe_files.load(file)
    expected = recipe_files.named("draft").changed({"style.weight": 2, "seed": 9, "name": "mine"})
    assert saved == expected
    result = stylize("--recipe", file, "-o", "out.png")
    assert "recipe mine" in result.stderr
    embedded = recipe_files.parse(decode("out.png").recipe, name="")
    assert (embedded.style.weight, embedded.seed, embedded.name) == (2, 9, "mine")


def test_info_is_useful_in_a_bug_report(run):
    facts = json.loads(run("info", "--json").stdout)
    assert facts["devices"][0] == "cpu"
    assert facts["packages"]["torch"].startswith("2.")
    assert set(facts["networks"]) == {"pocket-v1", "vgg16", "vgg19", "vgg19-compressed"}
    assert facts["recipes"] == recipe_files.names()
    text = run("info").stdout
    for name in ("impasto", "python", "platform", "packages", "threads", "cpu bf16", "cache"):
        assert f"\n{name} " in "\n" + text


def test_the_version(run):
    assert run("--version").stdout.startswith("impasto 0.")


@pytest.mark.parametrize("arguments", [["--help"], ["-h"], ["recipe", "-h"], ["demo", "--help"]])
def test_help(run, arguments):
    result = run(*arguments)
    assert result.exit_code == 0
    assert "Usage: " in result.stdout


OPTIONS = """
recipe size content-weight style-weight tv-weight style-mix style-scale color network weights steps
optimizer content-layers style-layers init seed set device precision threads time-limit output
save-every trace json quiet
"""


def test_help_of_stylize_names_every_option(run):
    text = run("stylize", "--help").stdout
    for option in OPTIONS.split():
        assert f"--{option} " in text, option
    assert "gatys" in text
    assert "lbfgs" in text


WITHOUT_TORCH = """
import sys
from typer.testing import CliRunner
from impasto.cli.main import app
for line, code in (
    ("--help", 0), ("--version", 0), ("stylize --help", 0), ("demo --help", 0),
    ("recipe list", 0), ("recipe show gatys", 0), ("info --help", 0),
    ("stylize none.png none.png", 2), ("stylize {0} {0} -o out.gif", 2),
    ("stylize {0} {0} -o out.png --style-layers relu9_9", 2), ("stylize {0} {0} --set a=b", 2),
    ("stylize {0} {0} -o {0}", 2), ("stylize {0} {0} --trace out.txt", 2),
):
    result = CliRunner().invoke(app, line.format("photo.png").split())
    assert result.exit_code == code, (line, result.output)
    heavy = {"torch", "numpy", "PIL"} & set(sys.modules)
    assert not heavy, (line, heavy)
"""


def test_help_and_early_errors_do_not_load_torch(folder):
    subprocess.run([sys.executable, "-c", WITHOUT_TORCH], check=True, cwd=folder)


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_a_terminal_of_few_letters_is_no_error(encoding):
    command = [sys.executable, "-c", "from impasto.cli.main import main; main()", "recipe", "-h"]
    environment = os.environ | {"PYTHONIOENCODING": encoding}
    result = subprocess.run(command, env=environment, capture_output=True, check=True)
    assert b"save" in result.stdout
    assert result.stderr == b""
