"""Two small pictures and their report, made once: every section, tiny experiments."""

import pytest
import torch

from impasto import explaining
from impasto.explain.sections import SECTIONS
from impasto.images.picture import Picture
from impasto.teaching import Depth

TINY = Depth(6, 2, 2, (32, 3), (40, 6), (40, 4))
SMALL = {"schedule.size": 64, "schedule.steps": 24}


def picture(seed: int, height: int, width: int) -> Picture:
    generator = torch.Generator().manual_seed(seed)
    coarse = torch.rand(1, 3, 8, 8, generator=generator)
    pixels = torch.nn.functional.interpolate(coarse, (height, width), mode="bicubic")
    return Picture(pixels.clamp(0, 1)[0].contiguous())


def _made(content, style, sections=tuple(SECTIONS), **settings):
    recipe = explaining.chosen_recipe("lesson", settings=SMALL | settings)
    events = explaining.explain_events(
        content, style, recipe=recipe, depth=TINY, sections=sections, command="impasto explain a b"
    )
    return list(events)


@pytest.fixture(scope="session")
def content():
    return picture(1, 48, 64)


@pytest.fixture(scope="session")
def style():
    return picture(2, 60, 50)


@pytest.fixture(scope="session")
def made():
    """Make all events of a report: pictures, sections, settings."""
    return _made


@pytest.fixture(scope="session")
def events(content, style):
    return _made(content, style)


@pytest.fixture(scope="session")
def report(events):
    return events[-1]


@pytest.fixture(scope="session")
def other(style):
    """Another run on other pictures, of another size and from another start."""
    settings = {"start": "gaussian", "schedule.steps": 12, "content.weight": 5.0}
    return _made(style, picture(5, 40, 40), **settings)[-1]


@pytest.fixture(scope="session")
def page(report):
    return report.html()
