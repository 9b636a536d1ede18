"""Sealing: what a request to the page may name is what a browser has uploaded, and nothing else.

Mounted in another application, Gradio takes any path of the machine, or the address of any server,
where it expects an uploaded file, and copies what is there to where a browser can get it.
"""

from typing import Any, NoReturn

import gradio as gr
from gradio import processing_utils
from gradio.components.image_editor import EditorData
from PIL import Image

from impasto.studio.page.choices import PICTURES, SAMPLES

CANVAS = 4096
"""Long side in pixels of what an editor may send: browsers with fine screens send more than is
shown."""


async def _refuse(url: str) -> NoReturn:
    raise gr.Error(
        "Addresses are not opened here: save the picture, then drop the file.",
        print_exception=False,
    )


def seal(page: gr.Blocks) -> None:
    """Let a page read uploaded files only, show its own pictures, and open no address."""
    page.has_launched = True  # as far as paths are concerned: they are looked at from then on
    page.allowed_paths = [str(SAMPLES), str(PICTURES)]
    processing_utils.async_ssrf_protected_get = _refuse


def bounded(editor: gr.ImageEditor) -> gr.ImageEditor:
    """Let an editor look at the size of what it was sent before it decodes that.

    The one that is given, not a class of our own: Gradio would write a file beside its source.
    """
    decode = editor.preprocess

    def checked(payload: EditorData | None) -> Any:
        parts = [] if payload is None else [payload.background, *payload.layers, payload.composite]
        for part in parts:
            if part is not None and part.path is not None:
                _check_size(part.path)
        return decode(payload)

    editor.preprocess = checked  # type: ignore[method-assign]
    return editor


def _check_size(path: str) -> None:
    with Image.open(path) as picture:
        if max(picture.size) > CANVAS:
            raise gr.Error(
                f"What was painted has {picture.width} x {picture.height} pixels; expected at most "
                f"{CANVAS} x {CANVAS}: take the picture anew and paint again.",
                print_exception=False,
            )
