"""`impasto compare`: judge finished pictures by numbers."""

import json as json_text
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from impasto import recipe_files
from impasto.cli import checks, native_stderr, options
from impasto.cli.exits import reporting_errors
from impasto.cli.options import OUTPUT
from impasto.errors import InputError
from impasto.files import check_target

if TYPE_CHECKING:
    from impasto.images.picture import Picture
    from impasto.metrics.judge import Judgement

PAGES = (".html", ".htm")


@dataclass(frozen=True)
class Question:
    """What to judge, by what, and with which network."""

    images: list[Path]
    content: Path
    style: Path
    network: str
    weights: Path | None
    offline: bool
    html: Path | None

    def check(self) -> None:
        """Raise InputError for what can be seen to be wrong before torch is loaded."""
        pictures = [*self.images, self.content, self.style]
        checks.check_inputs(pictures, self.weights)
        checks.check_network(self.network, self.weights, offline=self.offline)
        if self.html is None:
            return
        if self.html.suffix.lower() not in PAGES:
            raise InputError(f"a page is written as {' or '.join(PAGES)}, got '{self.html.name}'")
        check_target(self.html)


@reporting_errors
def compare(
    images: Annotated[list[Path], typer.Argument(metavar="IMAGES", help="Pictures to judge.")],
    content: Annotated[
        Path, typer.Option("--content", metavar="FILE", help="What they should show.")
    ],
    style: Annotated[
        Path, typer.Option("--style", metavar="FILE", help="Whose look they should have.")
    ],
    network: options.Network = None,
    weights: options.Weights = None,
    offline: options.Offline = False,
    threads: options.Threads = None,
    html: Annotated[
        Path | None,
        typer.Option(
            "--html",
            metavar="FILE",
            rich_help_panel=OUTPUT,
            help="Also write a page with the pictures and the numbers.",
        ),
    ] = None,
    json: Annotated[
        bool, typer.Option("--json", rich_help_panel=OUTPUT, help="Print a JSON list instead.")
    ] = False,
) -> None:
    """Judge pictures: how much content each keeps, how near it is to the style, and its flaws.

    The network judges; one that did not paint the pictures judges more fairly.
    """
    judge = network or recipe_files.named(recipe_files.BASE).network.name
    question = Question(images, content, style, judge, weights, offline, html)
    question.check()
    judgements = _judged(question, threads)
    if json:
        print(json_text.dumps([judgement.to_dict() for judgement in judgements], indent=2))
    else:
        from impasto.metrics.table import text_table

        print(text_table(judgements), end="")
    if html is not None:
        print(f"saved {html}", file=sys.stderr if json else sys.stdout)


def _judged(question: Question, threads: int | None) -> "list[Judgement]":
    """Decode and judge, one picture after the other; write the page if one is wanted."""
    import torch

    from impasto.cli.fetching import show
    from impasto.features import networks, provision
    from impasto.images.codec import decode
    from impasto.metrics.judge import compare as judged
    from impasto.metrics.page import html_page, thumbnail, write_page

    if threads is not None:
        torch.set_num_threads(threads)
    weights = question.weights and question.weights.expanduser()
    if weights is None and (item := provision.missing(question.network)) is not None:
        show(provision.fetch(item, offline=question.offline))
    extractor = networks.load(question.network, weights).extractor()
    with native_stderr.silenced():
        content, style = decode(question.content), decode(question.style)
    thumbnails: list[str] = []

    def pictures() -> "Iterator[tuple[str, Picture]]":
        for path in question.images:
            with native_stderr.silenced():
                picture = decode(path)
            thumbnails.append(thumbnail(picture) if question.html else "")
            yield str(path), picture

    judgements = judged(pictures(), content, style, extractor, network=question.network)
    if question.html is not None:
        ends = {"content": thumbnail(content), "style": thumbnail(style)}
        write_page(question.html, html_page(judgements, thumbnails, **ends))
    return judgements
