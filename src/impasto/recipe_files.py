"""Reading and writing recipes: the named ones, and the user's own as TOML or JSON."""

import json
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from os import PathLike
from pathlib import Path
from typing import Any

import tomli_w

from impasto.errors import RecipeError, unknown_name
from impasto.files import replacing
from impasto.plain import OPEN
from impasto.recipe import Recipe

BASE = "default"
"""The recipe that others extend: it alone names every setting."""


def _folder() -> Traversable:
    return resources.files(__package__) / "recipes"


def names() -> list[str]:
    """List the recipes that come with impasto, the default first."""
    found = [f.name.removesuffix(".toml") for f in _folder().iterdir() if f.name.endswith(".toml")]
    return sorted(found, key=lambda name: (name != BASE, name))


@cache
def named(name: str) -> Recipe:
    """Load one of the recipes that come with impasto.

    Raises:
        RecipeError: there is no recipe of that name.
    """
    if name not in names():
        raise RecipeError(unknown_name("recipe", name, names()) + ", or give a .toml or .json file")
    text = (_folder() / f"{name}.toml").read_text(encoding="utf-8")
    values = {"name": name} | tomllib.loads(text)
    return Recipe.from_dict(values) if name == BASE else _complete(values)


def load(name_or_path: str | PathLike[str]) -> Recipe:
    """Load a recipe by name, or from a `.toml` or `.json` file.

    Settings that a file leaves out are those of the recipe it `extends`, or of the default one.

    Raises:
        RecipeError: no such recipe or file, not valid TOML or JSON, or an impossible setting.
    """
    path = Path(name_or_path)
    if path.suffix not in (".toml", ".json"):
        return named(str(name_or_path))
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RecipeError(f"cannot read the recipe {path}: {error}") from error
    return parse(text, name=path.stem, source=str(path), as_json=path.suffix == ".json")


def parse(text: str, *, name: str, source: str = "recipe", as_json: bool = False) -> Recipe:
    """Build a recipe from TOML or JSON text; see `load`."""
    try:
        values = json.loads(text) if as_json else tomllib.loads(text)
    except ValueError as error:
        kind = "JSON" if as_json else "TOML"
        raise RecipeError(f"{source} is not valid {kind}: {error}") from error
    if not isinstance(values, dict):
        raise RecipeError(f"{source} must hold a table of settings, got {type(values).__name__}")
    return _complete({"name": name} | values)


def _complete(values: dict[str, Any]) -> Recipe:
    """Fill in what `values` leaves out from the recipe they extend."""
    parent = values.get("extends", BASE)
    if not isinstance(parent, str):
        raise RecipeError(f"extends must name a recipe, got {parent!r}")
    own = {key: value for key, value in values.items() if key != "extends"}
    return Recipe.from_dict(_merged(_base(named(parent), own), own))


def _base(parent: Recipe, own: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parent's settings; the hash of its weights is not handed to another network."""
    base, network = parent.to_dict(), own.get("network")
    if isinstance(network, dict) and network.get("name", parent.network.name) != (
        parent.network.name
    ):
        base["network"]["sha256"] = ""
    return base


def _merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for name, value in over.items():
        nested = isinstance(merged.get(name), dict) and isinstance(value, dict) and name not in OPEN
        merged[name] = _merged(merged[name], value) if nested else value
    return merged


def to_toml(recipe: Recipe) -> str:
    """Write every setting of a recipe as TOML."""
    return tomli_w.dumps(recipe.to_dict())


def to_json(recipe: Recipe) -> str:
    """Write every setting of a recipe as JSON."""
    return json.dumps(recipe.to_dict(), indent=2) + "\n"


def save(recipe: Recipe, path: str | PathLike[str]) -> None:
    """Write a recipe to a `.toml` or `.json` file, atomically.

    Raises:
        RecipeError: the name ends otherwise.
        InputError: the file cannot be written there.
    """
    path = Path(path)
    writers = {".toml": to_toml, ".json": to_json}
    if path.suffix not in writers:
        raise RecipeError(f"a recipe is saved as .toml or .json, got '{path.name}'")
    with replacing(path) as partial:
        partial.write_text(writers[path.suffix](recipe), encoding="utf-8")


def assignment(text: str) -> tuple[str, Any]:
    """Split `key=value`; the value is TOML (2, 0.5, true, [1, 2], "text"), else bare text.

    Raises:
        RecipeError: there is no `=`.
    """
    key, equals, value = text.partition("=")
    if not equals or not key.strip():
        raise RecipeError(
            f"a setting is given as key=value, got '{text}'; try --set style.weight=2"
        )
    try:
        parsed: Any = tomllib.loads(f"value = {value.strip()}")["value"]
    except tomllib.TOMLDecodeError:
        parsed = value.strip()
    return key.strip(), parsed
