"""Nested plain values, as TOML and JSON hold them, and the frozen dataclasses made of them."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from impasto.errors import RecipeError, unknown_name

T = TypeVar("T")
OPEN = ("layers", "layer_mix")
"""Tables that may have new names: those of layers."""


def assign(values: dict[str, Any], path: str, value: Any) -> None:
    """Replace one of nested values, named by its dotted path; layers may be new.

    Raises:
        RecipeError: there is no such path.
    """
    *parents, leaf = path.split(".")
    at: Any = values
    for depth, parent in enumerate(parents):
        if not isinstance(at, dict) or parent not in at:
            unknown = ".".join(parents[: depth + 1])
            raise RecipeError(unknown_name("setting", unknown, paths(values)))
        at = at[parent]
    inside_layers = bool(parents) and parents[-1] in OPEN
    if not isinstance(at, dict) or not (leaf in at or inside_layers):
        raise RecipeError(unknown_name("setting", path, paths(values)))
    at[leaf] = value


def paths(values: Mapping[str, Any], prefix: str = "") -> list[str]:
    """List the dotted paths of all settings in nested values."""
    found: list[str] = []
    for name, value in values.items():
        nested = isinstance(value, Mapping) and name not in OPEN
        found += paths(value, f"{prefix}{name}.") if nested else [prefix + name]
    return found


def build(kind: type[T], values: object, path: str = "") -> T:
    """Build a frozen dataclass from nested plain values, checking every name and type.

    Raises:
        RecipeError: a name is unknown or missing, or a value has the wrong type.
    """
    if not isinstance(values, Mapping):
        where = path.rstrip(".") or "the recipe"
        raise RecipeError(f"{where} must be a table of settings, got {values!r}")
    hints = get_type_hints(kind)
    assert is_dataclass(kind)
    names = [field.name for field in fields(kind)]
    for name in values:
        if name not in names:
            raise RecipeError(unknown_name("setting", path + name, [path + n for n in names]))
    missing = [path + name for name in names if name not in values]
    if missing:
        raise RecipeError(f"the recipe lacks {', '.join(missing)}")
    return kind(**{name: _convert(hints[name], values[name], path + name) for name in names})


def between(field: str, value: float, low: float, high: float = float("inf")) -> None:
    """Check the range of a setting; infinity is never a value.

    Raises:
        RecipeError: it lies outside.
    """
    if not (low <= value <= high) or value == float("inf"):
        upper = "" if high == float("inf") else f" and at most {high:g}"
        raise RecipeError(f"{field} must be at least {low:g}{upper}, got {value!r}")


def _decimal(value: float, path: str) -> float:
    try:
        return float(value)
    except OverflowError:
        raise RecipeError(f"{path} is too large a number") from None


def _convert(kind: Any, value: Any, path: str) -> Any:
    """Check a plain value against the field's type; a whole number may stand for a decimal."""
    if is_dataclass(kind):
        assert isinstance(kind, type)
        return build(kind, value, path + ".")
    if get_origin(kind) is Literal and isinstance(value, str):
        if value not in get_args(kind):
            raise RecipeError(unknown_name(f"value for {path}", value, get_args(kind)))
        return value
    if get_origin(kind) is tuple and isinstance(value, list | tuple):
        return tuple(_convert(get_args(kind)[0], v, path) for v in value)
    if get_origin(kind) is dict and isinstance(value, Mapping):
        return {str(k): _convert(get_args(kind)[1], v, f"{path}.{k}") for k, v in value.items()}
    if kind is float and isinstance(value, int | float) and not isinstance(value, bool):
        return _decimal(value, path)
    if kind in (int, str) and type(value) is kind:
        return value
    wanted = {int: "a whole number", float: "a number", dict: "a table", tuple: "a list"}
    expected = wanted.get(get_origin(kind) or kind, "a text")
    raise RecipeError(f"{path} must be {expected}, got {value!r}")
