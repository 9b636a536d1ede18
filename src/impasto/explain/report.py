"""The report: what every section found, before it is a page."""

from dataclasses import dataclass
from os import PathLike

from torch import Tensor

from impasto.explain.gram_example import WorkedExample
from impasto.explain.gram_matrices import GramMatrix, Shuffle
from impasto.explain.insight import RunFacts
from impasto.explain.invariance import Invariance
from impasto.explain.iteration import Iteration
from impasto.explain.loss_story import LossStory
from impasto.explain.papers import Paper
from impasto.explain.pipeline import PipelineTrace
from impasto.explain.quiz import Question
from impasto.explain.reconstruction import Rebuilt
from impasto.explain.recording import Recording
from impasto.explain.seeing import LayerView
from impasto.explain.subject import Subject
from impasto.explain.tradeoff import TradeOff
from impasto.files import replacing
from impasto.recipe import Recipe


@dataclass(frozen=True, eq=False)
class GramLesson:
    """The section on Gram matrices."""

    example: WorkedExample
    content: tuple[GramMatrix, ...]
    """At each style layer; so the next two."""
    style: tuple[GramMatrix, ...]
    generated: tuple[GramMatrix, ...]
    shuffles: tuple[Shuffle, ...]
    """Of the style's features."""


@dataclass(frozen=True, eq=False)
class Report:
    """Everything found; a section that was not run is None, pictures and run are always there."""

    content_name: str
    style_name: str
    files: tuple[Tensor, Tensor]
    """Content and style as decoded, (1, 3, h, w)."""
    recipe: Recipe
    """As run."""
    recipe_text: str
    command: str
    """What makes this report again."""
    subject: Subject
    recording: Recording
    sections: tuple[str, ...]
    """Those that were run."""
    known: RunFacts
    pipeline: PipelineTrace | None = None
    iteration: Iteration | None = None
    layers: tuple[LayerView, ...] | None = None
    invariance: Invariance | None = None
    content: tuple[Rebuilt, ...] | None = None
    gram: GramLesson | None = None
    style: tuple[Rebuilt, ...] | None = None
    losses: LossStory | None = None
    tradeoff: TradeOff | None = None
    sentences: tuple[str, ...] | None = None
    questions: tuple[Question, ...] | None = None
    papers: tuple[Paper, ...] | None = None

    def html(self) -> str:
        """Return the report as one page that needs nothing else."""
        from impasto.explain.page.render import page

        return page(self)

    def save(self, path: str | PathLike[str]) -> None:
        """Write the page, whole or not at all.

        Raises:
            InputError: the file cannot be written there.
        """
        text = self.html()
        with replacing(path) as part:
            part.write_text(text, encoding="utf-8")

    def _repr_html_(self) -> str:
        """Show the page in a notebook, in a frame of its own."""
        from impasto.explain.page.notebook import framed

        return framed(self.html())
