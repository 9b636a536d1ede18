"""What the page offers: samples, looks with their pictures, and the user's own styles."""

from importlib.resources import files
from pathlib import Path

from impasto.jobs.jobs import Jobs
from impasto.jobs.values import Upload

PHOTOGRAPHS = ("harbor", "still_life", "bust", "valley")
STYLES = ("strokes", "woodcut", "mosaic", "watercolor", "ink", "points")
LOOKS = {
    "default": "Painting",
    "draft": "Quick look",
    "oil": "Oil",
    "watercolor": "Watercolor",
    "sketch": "Ink sketch",
    "mosaic": "Mosaic",
    "portrait": "Portrait",
    "photo": "Photo, recolored",
    "gatys": "Classical",
}
"""Recipes by name, with what the page calls them."""


SAMPLES = Path(str(files("impasto") / "samples"))
PICTURES = Path(str(files("impasto.studio.page") / "pictures"))
"""Of the looks."""


def sample(name: str) -> Path:
    """Return the file of a sample picture."""
    return SAMPLES / f"{name}.jpg"


def samples(names: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return files of samples, each with its title, as a gallery takes them."""
    return [(str(sample(name)), name.replace("_", " ").capitalize()) for name in names]


def looks() -> list[tuple[str, str]]:
    """Return the pictures of the looks, each with its title."""
    return [(str(PICTURES / f"{name}.webp"), title) for name, title in LOOKS.items()]


def own_styles(jobs: Jobs) -> list[Upload]:
    """Return the styles of the user's own gallery, the newest first."""
    return jobs.gallery()
