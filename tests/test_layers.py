"""Imports point down: the layers of src/impasto, held by reading its source.

Every import counts, also those inside functions; those under `if TYPE_CHECKING:` do not.
"""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[1] / "src" / "impasto"

LAYERS = (
    # 0: no torch
    {
        "axes",
        "errors",
        "events",
        "execution",
        "recipe",
        "recipe_color",
        "recipe_mix",
        "recipe_guides",
        "recipe_terms",
        "plain",
        "recipe_files",
        "trace",
        "timeline",
        "sketch",
        "files",
        "types",
    },
    {"images", "numerics", "weights"},
    {"features", "losses"},
    {"engine", "metrics"},
    {"checkpoints", "planning", "explain", "instant", "video", "guides"},
    {
        "aims",
        "assemble",
        "building",
        "api",
        "closeup",
        "detail",
        "executing",
        "explaining",
        "given",
        "guided",
        "result",
        "resuming",
        "shared",
        "sharing",
        "stage_pictures",
        "stylizing",
        "sweep",
        "teaching",
        "terms",
        "timing",
    },
    {"jobs"},
    {"cli", "client", "studio", "cluster"},
    {"__main__"},
)
SIBLINGS = {  # rooms that may import these rooms of their own layer
    "events": {"errors", "execution", "timeline", "trace", "types"},
    "plain": {"errors", "types"},
    "recipe": {"errors", "plain", "recipe_color", "recipe_guides", "recipe_terms", "types"},
    "recipe_mix": {"errors"},
    "recipe_guides": {"errors", "plain"},
    "recipe_terms": {"errors", "plain", "recipe_mix", "types"},
    "recipe_files": {"errors", "files", "plain", "recipe"},
    "axes": {"errors", "recipe_files"},
    "timeline": {"errors"},
    "trace": {"errors", "files", "sketch", "timeline", "types"},
    "files": {"errors"},
    "types": {"errors"},
    "api": {"executing", "given", "result", "stylizing"},
    "stylizing": {"assemble", "executing", "given", "result", "shared", "sharing"},
    "resuming": {"assemble", "executing", "result", "shared", "sharing"},
    "executing": {"given"},
    "given": {"shared"},
    "sharing": {"assemble"},
    "assemble": {"aims", "building", "guided", "shared", "stage_pictures"},
    "building": {"guided", "terms"},
    "guided": {"terms"},
    "sweep": {"stylizing", "given", "result", "shared"},
    "closeup": {"building", "guided", "stage_pictures"},
    "detail": {"stylizing", "building", "closeup", "executing", "given", "result"},
    "images": {"numerics"},  # colors are matched by transport
    "explaining": {"api", "assemble", "building", "given", "teaching"},
    "teaching": {"assemble"},
    "timing": {"building"},
    "cli": {"client", "studio"},
}
NO_TORCH = LAYERS[0]


class Import(NamedTuple):
    """One import of one module: from where, at which line, of what."""

    module: str
    line: int
    target: str


def complaints(root: Path) -> list[str]:
    """Say, one line each, what is wrong with the imports of the package at `root`."""
    imports = list(all_imports(root))
    rooms = {room(module, root.name) for module in modules(root)}
    return [
        *unknown_rooms(rooms),
        *(f"{at(i)}: {fault}" for i in imports if (fault := layer_fault(i, root.name))),
        *cycles(imports, root.name),
    ]


def modules(root: Path) -> dict[str, Path]:
    """The dotted name of every module of a package, with its file."""
    found = {}
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root.parent).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def all_imports(root: Path) -> Iterator[Import]:
    known = modules(root)
    for module, path in known.items():
        package = module if path.name == "__init__.py" else module.rpartition(".")[0]
        for node in runtime_nodes(ast.parse(path.read_text(encoding="utf-8"))):
            for target in targets(node, package, known):
                yield Import(module, node.lineno, target)


def runtime_nodes(node: ast.AST) -> Iterator[ast.Import | ast.ImportFrom]:
    """Every import statement below `node` that may run."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        yield node
    typing_only = isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
    for child in node.orelse if typing_only else ast.iter_child_nodes(node):
        yield from runtime_nodes(child)


def targets(node: ast.Import | ast.ImportFrom, package: str, known: dict[str, Path]) -> list[str]:
    """The modules that a statement imports; `from a import b` means a.b where that is a module."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    base = node.module or ""
    if node.level:
        above = package.split(".")[: len(package.split(".")) - node.level + 1]
        base = ".".join([*above, base] if base else above)
    inside = [f"{base}.{alias.name}" for alias in node.names]
    return sorted({name if name in known else base for name in inside})


def room(module: str, package: str) -> str:
    """The first name below the package; empty for the package root."""
    return module.removeprefix(package).lstrip(".").split(".")[0]


def layer_of(name: str) -> int | None:
    return next((number for number, names in enumerate(LAYERS) if name in names), None)


def at(found: Import) -> str:
    return f"{found.module}, line {found.line}"


def unknown_rooms(rooms: set[str]) -> list[str]:
    return [
        f"'{name}' is in no layer: add it to LAYERS in tests/test_layers.py"
        for name in sorted(rooms - {""})
        if layer_of(name) is None
    ]


def layer_fault(found: Import, package: str) -> str | None:
    """What is wrong with one import by itself, if anything."""
    here = room(found.module, package)
    if not here:
        return None  # the root shows names of any layer
    top = found.target.split(".")[0]
    if top == "torch" and here in NO_TORCH:
        return f"'{here}' is a plain value and must not import torch"
    if top != package:
        return None
    if found.target == package:
        return f"imports the package root; import the module that has the name: {package}.…"
    return direction_fault(here, room(found.target, package))


def direction_fault(here: str, there: str) -> str | None:
    mine, other = layer_of(here), layer_of(there)
    if here == there or mine is None or other is None or other < mine:
        return None
    if other > mine:
        return f"'{here}' (layer {mine}) imports '{there}' (layer {other}) above it"
    if there not in SIBLINGS.get(here, set()):
        return f"'{here}' imports '{there}' beside it (layer {mine})"
    return None


def cycles(imports: list[Import], package: str) -> list[str]:
    """Each circle of modules once, as a path."""
    graph: dict[str, set[str]] = {}
    for found in imports:
        if found.target.split(".")[0] == package:
            graph.setdefault(found.module, set()).add(found.target)
    circles: dict[frozenset[str], str] = {}
    done: set[str] = set()

    def visit(module: str, path: list[str]) -> None:
        if module in path:
            circle = path[path.index(module) :]
            circles.setdefault(frozenset(circle), " -> ".join([*circle, module]))
        elif module not in done:
            for target in sorted(graph.get(module, ())):
                visit(target, [*path, module])
            done.add(module)

    for module in sorted(graph):
        visit(module, [])
    return [f"circular import: {circle}" for circle in circles.values()]


def test_imports_point_down():
    found = complaints(ROOT)
    assert not found, "\n" + "\n".join(found)


# --- the checker itself, on small trees ------------------------------------------------------


def tree(folder, **files):
    """A package whose files are given as room__module="source"."""
    root = folder / "impasto"
    root.mkdir()
    (root / "__init__.py").touch()
    for name, source in files.items():
        path = root / (name.replace("__", "/", 1) + ".py")
        path.parent.mkdir(exist_ok=True)
        path.write_text(source)
    return root


def test_downward_imports_are_fine(tmp_path):
    root = tree(
        tmp_path,
        errors="class ImpastoError(Exception): ...",
        images__codec="from impasto.errors import ImpastoError\nimport torch",
        losses__gram="from ..errors import ImpastoError\nfrom impasto.images import codec",
        losses__total="from impasto.losses.gram import loss\nfrom . import gram",
        stylizing="from impasto import assemble\nimport impasto.losses.gram",
        assemble="",
    )
    assert complaints(root) == []


UPWARD = [
    "from impasto.engine.run import run",
    "import impasto.engine.run",
    "import impasto.engine.run as run",
    "from impasto.engine import run",
    "from ..engine.run import run",
    "from ..engine import run",
    "from .. import engine",
    "def late():\n    from impasto.engine.run import run",
    "try:\n    import impasto.engine.run\nexcept ImportError:\n    pass",
    "class Lazy:\n    def load(self):\n        import impasto.engine.run",
]


@pytest.mark.parametrize("source", UPWARD)
def test_an_upward_import_is_caught(tmp_path, source):
    root = tree(tmp_path, images__codec=source, engine__run="", engine____init__="")
    (complaint,) = complaints(root)
    assert complaint.startswith("impasto.images.codec, line ")
    assert complaint.endswith("'images' (layer 1) imports 'engine' (layer 3) above it")


@pytest.mark.parametrize("test", ["TYPE_CHECKING", "typing.TYPE_CHECKING"])
def test_imports_for_types_alone_are_free(tmp_path, test):
    source = f"if {test}:\n    from impasto.engine.run import run\n    import torch\n"
    assert complaints(tree(tmp_path, events=source, engine__run="")) == []
    (tmp_path / "impasto" / "events.py").write_text(source + "else:\n    import torch\n")
    assert complaints(tmp_path / "impasto") == [
        "impasto.events, line 5: 'events' is a plain value and must not import torch"
    ]


def test_a_sibling_import_is_caught(tmp_path):
    root = tree(tmp_path, features__vgg="import impasto.losses.gram", losses__gram="")
    assert complaints(root) == [
        "impasto.features.vgg, line 1: 'features' imports 'losses' beside it (layer 2)"
    ]


def test_an_allowed_sibling_goes_one_way(tmp_path):
    root = tree(tmp_path, api="import impasto.stylizing", stylizing="")
    assert complaints(root) == []
    (root / "api.py").write_text("")
    (root / "stylizing.py").write_text("import impasto.api")
    (complaint,) = complaints(root)
    assert "'stylizing' imports 'api' beside it" in complaint


@pytest.mark.parametrize(
    "source", ["import impasto", "from impasto import __version__", "from .. import __version__"]
)
def test_an_import_of_the_root_is_caught(tmp_path, source):
    (complaint,) = complaints(tree(tmp_path, losses__gram=source))
    assert complaint.startswith("impasto.losses.gram, line 1: imports the package root")


def test_the_root_may_show_names_of_any_layer(tmp_path):
    root = tree(tmp_path, api="")
    (root / "__init__.py").write_text("def __getattr__(name):\n    from impasto import api\n")
    assert complaints(root) == []


def test_a_circle_within_a_room_is_caught(tmp_path):
    root = tree(
        tmp_path,
        engine__a="from impasto.engine import b",
        engine__b="def late():\n    from impasto.engine.c import name",
        engine__c="from .a import name",
        engine__d="from .a import name",
    )
    assert complaints(root) == [
        "circular import: impasto.engine.a -> impasto.engine.b -> impasto.engine.c"
        " -> impasto.engine.a"
    ]


def test_a_circle_through_the_rooms_front_is_caught(tmp_path):
    root = tree(
        tmp_path,
        images____init__="from impasto.images.codec import decode",
        images__codec="from impasto.images import Picture",
    )
    assert complaints(root) == [
        "circular import: impasto.images -> impasto.images.codec -> impasto.images"
    ]


@pytest.mark.parametrize("source", ["import torch", "from torch import Tensor", "import torch.nn"])
def test_torch_in_a_plain_value_is_caught(tmp_path, source):
    root = tree(tmp_path, recipe=source, images__codec=source)
    assert complaints(root) == [
        "impasto.recipe, line 1: 'recipe' is a plain value and must not import torch"
    ]


def test_an_unknown_room_asks_to_be_added(tmp_path):
    root = tree(tmp_path, attic__box="", cellar="")
    assert complaints(root) == [
        "'attic' is in no layer: add it to LAYERS in tests/test_layers.py",
        "'cellar' is in no layer: add it to LAYERS in tests/test_layers.py",
    ]


def test_no_room_is_listed_twice():
    names = [name for layer in LAYERS for name in layer]
    assert len(names) == len(set(names))
    assert all(layer_of(a) == layer_of(b) for a, others in SIBLINGS.items() for b in others)
