"""`impasto weights`: list, fetch, import and verify networks that do not come with impasto."""

import json as json_text
from pathlib import Path
from typing import Annotated, Any

import typer

from impasto.cli import options
from impasto.cli.exits import reporting_errors
from impasto.errors import InputError, WeightsError
from impasto.weights import cache, catalog
from impasto.weights.catalog import Item, Network

app = typer.Typer(no_args_is_help=True, help="List, fetch, import and verify networks.")

Name = Annotated[str, typer.Argument(metavar="NAME", help=", ".join(catalog.ITEMS) + ".")]
AnyName = Annotated[
    str | None, typer.Argument(metavar="NAME", help="One of the list; all if left out.")
]
PREPROCESSINGS = ("auto", "torchvision", "caffe")


@app.command("list")
@reporting_errors
def list_weights(json: options.AsJson = False) -> None:
    """List what there is, where it lies, and whether it is verified."""
    found = [facts(item) for item in catalog.ITEMS.values()]
    if json:
        print(json_text.dumps(found, indent=2))
        return
    for entry in found:
        size = cache.megabytes(entry["size"]) if entry["size"] else "size unknown"
        print(f"{entry['name']:18}{entry['state']:16}{size:>14}  {entry['about']}")
        for key in ("licence", "path", "address"):
            if entry[key]:
                print(f"{'':18}{key}: {entry[key]}")


def facts(item: Item, *, verify: bool = True) -> dict[str, Any]:
    """Tell what is known of an item and of what is here of it.

    Args:
        item: from the catalog.
        verify: read the whole file; else it only is `present`.
    """
    source, record = item.source, cache.find(item.name)
    size = record.size if record else source.size if source else None
    if isinstance(item, Network) and item.embedded is not None:
        path: Path | None = _embedded(item.embedded)
        state, size = ("embedded", path.stat().st_size) if path else ("missing", None)
    else:
        path = record.path if record else None
        state = _state(record, verify=verify)
    return {
        "name": item.name,
        "about": item.about,
        "state": state,
        "size": size,
        "licence": item.licence,
        "path": str(path) if path else None,
        "address": source.address if source else None,
        "sha256": record.origin_sha256 if record else source.sha256 if source else None,
        "published": record.published if record else None,
        "preprocessing": record.preprocessing if record else None,
    }


def _state(record: cache.Record | None, *, verify: bool) -> str:
    if record is None:
        return "not here"
    if not verify:
        return "present"
    return "verified" if cache.is_intact(record) else "damaged"


def _embedded(name: str) -> Path | None:
    from importlib import resources

    path = Path(str(resources.files("impasto.weights") / "data" / name))
    return path if path.is_file() else None


@app.command("fetch")
@reporting_errors
def fetch(
    name: Name,
    offline: options.Offline = False,
    mirror: Annotated[
        list[str] | None,
        typer.Option(
            "--mirror",
            metavar="ADDRESS",
            help="Address of a folder that holds the file, tried first. Repeatable.",
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Also if it is here and intact.")] = False,
) -> None:
    """Download a network, verify it, and keep what is needed of it in the cache."""
    item = catalog.item(name)
    if isinstance(item, Network) and item.embedded is not None:
        print(f"{name} comes with impasto: nothing to fetch")
        return
    from impasto.cli.fetching import show
    from impasto.features import provision

    show(provision.fetch(item, offline=offline, again=force, mirrors=mirror))
    print(_told(cache.find(name), name))


@app.command("import")
@reporting_errors
def import_file(
    name: Name,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A PyTorch state dict or safetensors.")
    ],
    preprocessing: Annotated[
        str,
        typer.Option(
            "--preprocessing",
            metavar="KIND",
            help="How the weights expect pixels: torchvision, caffe, or auto, told by the weights.",
        ),
    ] = "auto",
) -> None:
    """Take a file that you have into the cache."""
    item = catalog.item(name)
    if isinstance(item, Network) and item.embedded is not None:
        raise InputError(f"{name} comes with impasto; to use another file, give --weights FILE")
    if preprocessing not in PREPROCESSINGS:
        choices = ", ".join(PREPROCESSINGS)
        raise InputError(f"unknown preprocessing '{preprocessing}': choose from {choices}")
    from impasto.features import provision

    kind: Any = None if preprocessing == "auto" else preprocessing
    print(_told(provision.bring(item, file, kind), name))


@app.command("path")
@reporting_errors
def path(name: AnyName = None) -> None:
    """Print where the file of a network is, or the folder of all."""
    if name is None:
        print(cache.folder())
        return
    found = facts(catalog.item(name), verify=False)["path"]
    if found is None:
        raise _not_here(name)
    print(found)


@app.command("verify")
@reporting_errors
def verify(name: AnyName = None) -> None:
    """Read files again and compare their SHA-256 with the one on record."""
    if name is not None and cache.find(catalog.item(name).name) is None:
        raise _not_here(name)
    records = [r for n in ([name] if name else catalog.ITEMS) if (r := cache.find(n)) is not None]
    broken = [record for record in records if not cache.is_intact(record)]
    for record in records:
        print(f"{record.name}: {'damaged' if record in broken else 'verified'}")
    if not records:
        print("nothing in the cache to verify")
    if broken:
        raise cache.damaged(broken[0])


def _not_here(name: str) -> WeightsError:
    return WeightsError(
        f"{name} is not in the cache: `impasto weights fetch {name}` or "
        f"`impasto weights import {name} FILE` puts it there"
    )


def _told(record: cache.Record | None, name: str) -> str:
    if record is None:
        raise _not_here(name)
    kind = f", {record.preprocessing} preprocessing" if record.preprocessing else ""
    origin = "verified" if record.published else "not the published file, kept as your own"
    return (
        f"{name}: {origin} (SHA-256 {record.origin_sha256[:12]}...{kind}), "
        f"{cache.megabytes(record.size)} in {record.path}"
    )
