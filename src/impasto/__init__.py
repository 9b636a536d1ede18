"""impasto: neural style transfer that explains itself.

    import impasto

    result = impasto.stylize("photo.jpg", "painting.jpg", size=512)
    result.save("out.png")

Names are loaded when first used, so that importing the package costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from impasto.api import stylize
    from impasto.detail import detail_events
    from impasto.engine.control import Control
    from impasto.engine.region import Region
    from impasto.errors import ImpastoError, InputError
    from impasto.events import Event, Status
    from impasto.explain.report import Report
    from impasto.images.picture import Picture
    from impasto.recipe import Recipe
    from impasto.result import Result
    from impasto.resuming import resume, resume_events
    from impasto.stylizing import stylize_events
    from impasto.timeline import TimelineEntry
    from impasto.trace import Trace

_HOMES = {
    "Control": "impasto.engine.control",
    "Event": "impasto.events",
    "ImpastoError": "impasto.errors",
    "InputError": "impasto.errors",
    "Picture": "impasto.images.picture",
    "Recipe": "impasto.recipe",
    "Region": "impasto.engine.region",
    "Report": "impasto.explain.report",
    "Result": "impasto.result",
    "Status": "impasto.events",
    "TimelineEntry": "impasto.timeline",
    "Trace": "impasto.trace",
    "detail_events": "impasto.detail",
    "resume": "impasto.resuming",
    "resume_events": "impasto.resuming",
    "stylize": "impasto.api",
    "stylize_events": "impasto.stylizing",
}

__all__ = [
    "Control",
    "Event",
    "ImpastoError",
    "InputError",
    "Picture",
    "Recipe",
    "Region",
    "Report",
    "Result",
    "Status",
    "TimelineEntry",
    "Trace",
    "detail_events",
    "resume",
    "resume_events",
    "stylize",
    "stylize_events",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'impasto' has no attribute '{name}'")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__
