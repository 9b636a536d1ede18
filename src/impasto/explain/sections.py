"""The sections of a report."""

from dataclasses import dataclass

SECTIONS = {
    "pictures": "The three pictures",
    "pipeline": "The pipeline, step by step",
    "layers": "What the layers see",
    "invariance": "What stays when the picture changes",
    "content": "Content, rebuilt from one layer",
    "gram": "The Gram matrix by hand",
    "style": "Style, rebuilt from Gram matrices",
    "losses": "The losses",
    "tradeoff": "The trade-off",
    "insight": "Key insight, and check yourself",
    "papers": "The papers behind this recipe",
}
"""The sections in order, with their headings."""


@dataclass(frozen=True)
class SectionStarted:
    """Work on a section begins."""

    name: str
    number: int
    """From 1, of those that are run."""
    sections: int
