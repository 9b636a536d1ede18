"""From a report to its page: Jinja2 templates, with every text escaped."""

import json
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from impasto.explain.gram_example import FILTERS as EXAMPLE_FILTERS
from impasto.explain.invariance import BLUR, SHIFT
from impasto.explain.layers import VGG_SIDE, shapes
from impasto.explain.page import charts, formulas, pictures
from impasto.explain.page.diagram import diagram
from impasto.explain.page.formats import FILTERS
from impasto.explain.sections import SECTIONS
from impasto.features.architectures import VGG19

if TYPE_CHECKING:
    from impasto.explain.report import Report

FRAME_SIDE = 384
"""Long side of the frames under the scrubber, in pixels."""
VGG_CONTENT = ("relu4_2",)
VGG_STYLE = ("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1")
"""The layers that Gatys et al. chose."""


def page(report: "Report") -> str:
    """Return the whole page as HTML."""
    return _environment().get_template("page.html").render(_context(report))


def fragment(template: str, **values: Any) -> str:
    """Return one small template by itself."""
    return _environment().get_template(template).render(values)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("impasto.explain.page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= FILTERS
    environment.globals |= {
        "photo": pictures.photo,
        "heat": pictures.heat,
        "log_heat": pictures.log_heat,
        "signed": pictures.signed,
        "chart": charts,
        "diagram": diagram,
        "formulas": formulas,
        "json_text": _json,
        "static": _static,
        "zip": zip,
    }
    return environment


def _context(report: "Report") -> dict[str, Any]:
    return {
        "report": report,
        "headings": SECTIONS,
        "vgg": {
            "layers": shapes(VGG19, VGG_SIDE, VGG_SIDE),
            "side": VGG_SIDE,
            "content": VGG_CONTENT,
            "style": VGG_STYLE,
        },
        "example_filters": EXAMPLE_FILTERS,
        "frame_side": FRAME_SIDE,
        "shift": SHIFT,
        "blur": BLUR,
    }


def _static(name: str) -> Markup:
    """Read one of our own style sheets or scripts; they are trusted."""
    folder = resources.files("impasto.explain.page") / "static"
    return Markup((folder / name).read_text(encoding="utf-8"))


def _json(value: Any) -> Markup:
    """Write JSON that can stand inside a script element."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    for char, escaped in (("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026")):
        text = text.replace(char, escaped)
    return Markup(text)
