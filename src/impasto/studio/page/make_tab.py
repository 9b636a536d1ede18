"""The tab where a picture is made: pictures, look, strength, size and go; the rest folds away."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from impasto.jobs.jobs import Jobs
from impasto.studio.page.choices import LOOKS, PHOTOGRAPHS, STYLES, looks, samples
from impasto.studio.page.making import COLORS, PAIR, PROTECT
from impasto.studio.page.masks import LARGEST
from impasto.studio.page.regions import PALETTE
from impasto.studio.page.sealing import bounded
from impasto.studio.page.words import AREAS, EMPTY

FINEST, BROADEST = 0.25, 3.0
"""Breadths of strokes that can be chosen."""
SIZES = [256, 384, 512, 768, 1024, 1536, 2048]


@dataclass(frozen=True, kw_only=True)
class MakeTab:
    """The parts of the tab that do something."""

    content: Any
    style: Any
    more: Any
    photographs: Any
    paintings: Any
    own: Any
    keep_style: Any
    looks: Any
    saved: Any
    look_name: Any
    strength: Any
    size: Any
    scale: Any
    color: Any
    protect: Any
    pair: Any
    mask: Any
    mask_from: Any
    mask_said: Any
    areas: list[Any]
    """Where regions are painted: on the photograph, and on the style."""
    areas_from: Any
    areas_said: Any
    like: Any
    like_said: Any
    go: Any
    compare: Any
    sheet: Any
    message: Any
    live: Any
    slider: Any
    pause: Any
    stop: Any
    steer: Any
    cancel: Any
    branch: Any
    save_name: Any
    save: Any
    steering: Any
    """The row of buttons that steer a job."""
    keeping: Any
    """The row that keeps its settings."""


def make_tab(jobs: Jobs) -> MakeTab:
    """Lay the tab out, inside of a tab."""
    parts: dict[str, Any] = {}
    with gr.Row(equal_height=False):
        with gr.Column(scale=5, min_width=320):
            _pictures(jobs, parts)
            _look(jobs, parts)
            _go(parts)
            _details(parts)
        with gr.Column(scale=6, min_width=320, elem_id="result"):
            _result(parts)
    return MakeTab(**parts)


def _pictures(jobs: Jobs, parts: dict[str, Any]) -> None:
    with gr.Row():
        for name, label in (("content", "Photograph"), ("style", "Style")):
            parts[name] = gr.Image(
                label=label,
                type="filepath",
                image_mode=None,  # as it is: whoever decodes it knows all its kinds
                height=210,
                sources=["upload", "clipboard"],
                elem_id=name,
                buttons=[],
            )
    with gr.Accordion("Samples and your own styles", open=True):
        common: dict[str, Any] = {
            "height": "auto",
            "allow_preview": False,
            "object_fit": "cover",
            "buttons": [],
            "show_label": False,
        }
        gr.HTML("<small>Photographs</small>")
        parts["photographs"] = gr.Gallery(
            samples(PHOTOGRAPHS), label="Photographs", columns=4, elem_id="photographs", **common
        )
        gr.HTML("<small>Styles</small>")
        parts["paintings"] = gr.Gallery(
            samples(STYLES), label="Styles", columns=6, elem_id="paintings", **common
        )
        parts["own"] = gr.Gallery(
            label="Your own styles", columns=6, elem_id="own-styles", visible=False, **common
        )
        parts["keep_style"] = gr.Button("Keep this style for later", size="sm")


def _look(jobs: Jobs, parts: dict[str, Any]) -> None:
    gr.HTML("<small>Look</small>")
    parts["looks"] = gr.Gallery(
        looks(),
        label="Look",
        columns=5,
        height="auto",
        allow_preview=False,
        object_fit="cover",
        buttons=[],
        show_label=False,
        selected_index=0,
        elem_id="looks",
    )
    parts["look_name"] = gr.State(next(iter(LOOKS)))
    own = [saved.name for saved in jobs.saved_recipes()]
    parts["saved"] = gr.Dropdown(
        own, label="A look of your own", value=None, visible=bool(own), elem_id="saved"
    )
    parts["strength"] = gr.Slider(
        0, 1, 0.7, step=0.05, label="Strength: from the photograph to all style", elem_id="strength"
    )
    parts["size"] = gr.Dropdown(SIZES, value=512, label="Size, long side in pixels", elem_id="size")


def _go(parts: dict[str, Any]) -> None:
    with gr.Row(elem_id="go-row"):
        parts["go"] = gr.Button("Go", variant="primary", elem_id="go", scale=3)
        parts["compare"] = gr.Button("Compare strengths", elem_id="compare", scale=2)
        parts["sheet"] = gr.Button("Contact sheet", elem_id="sheet", scale=2)
    parts["message"] = gr.HTML("", elem_id="message")


def _details(parts: dict[str, Any]) -> None:
    with gr.Accordion("Color, strokes, and what stays as it is", open=False, elem_id="details"):
        parts["color"] = gr.Radio(list(COLORS), value="The style's", label="Whose colors")
        parts["scale"] = gr.Slider(FINEST, BROADEST, 1, step=0.05, label="Breadth of strokes")
        parts["protect"] = gr.Radio(list(PROTECT), value="Nothing", label="Leave as it is")
        parts["pair"] = gr.Radio(list(PAIR), value="One style everywhere", label="Regions")
        parts["more"] = gr.Files(
            label="More styles, mixed in equal parts", file_types=["image"], height=110
        )
    with gr.Accordion("Paint over what is to stay", open=False, elem_id="mask-fold"):
        parts["mask_from"] = gr.Button("Take the photograph", size="sm", elem_id="mask-from")
        parts["mask_said"] = gr.HTML("", elem_id="mask-said")
        parts["mask"] = _painting("Paint with the brush", "mask", ["rgba(255, 59, 48, 0.6)"])
    with gr.Accordion("Pair regions by painting", open=False, elem_id="areas-fold"):
        gr.HTML(AREAS)
        parts["areas_from"] = gr.Button("Take both pictures", size="sm", elem_id="areas-from")
        parts["areas_said"] = gr.HTML("", elem_id="areas-said")
        parts["areas"] = [
            _painting(label, elem_id, [_css(color) for color in PALETTE.values()])
            for label, elem_id in (("The photograph", "areas-photo"), ("The style", "areas-style"))
        ]
    with gr.Accordion("Again like a picture made before", open=False, elem_id="like-fold"):
        parts["like"] = gr.File(label="Drop a picture made by impasto", file_types=["image"])
        parts["like_said"] = gr.HTML("", elem_id="like-said")


def _painting(label: str, elem_id: str, colors: Sequence[str]) -> Any:
    """Lay out an editor that paints over a picture in given colors."""
    editor = gr.ImageEditor(
        label=label,
        type="numpy",
        image_mode="RGBA",
        sources=[],
        transforms=[],
        layers=False,
        brush=gr.Brush(default_size=40, colors=list(colors), color_mode="fixed"),
        elem_id=elem_id,
        canvas_size=(LARGEST, LARGEST),
        height=380,
    )
    return bounded(editor)


def _css(color: tuple[int, int, int]) -> str:
    return "rgba({}, {}, {}, 0.7)".format(*color)


def _result(parts: dict[str, Any]) -> None:
    parts["live"] = gr.HTML(EMPTY, elem_id="live")
    with gr.Row(visible=False) as parts["steering"]:
        small: dict[str, Any] = {"interactive": False, "size": "sm", "min_width": 100}
        parts["pause"] = gr.Button("Pause", elem_id="pause", **small)
        parts["stop"] = gr.Button("Stop and keep", elem_id="stop", **small)
        parts["steer"] = gr.Button("Use this strength", elem_id="steer", **small)
        parts["cancel"] = gr.Button("Cancel", elem_id="cancel", **small)
        small["interactive"] = True
        parts["branch"] = gr.Button("Try it beside", elem_id="branch", **small)
    parts["slider"] = gr.ImageSlider(
        label="Before and after", visible=False, interactive=False, elem_id="before-after"
    )
    with gr.Row(visible=False, equal_height=True) as parts["keeping"]:
        parts["save_name"] = gr.Textbox(
            label="Keep these settings as a look of your own",
            placeholder="A name",
            scale=3,
            elem_id="look-name",
        )
        parts["save"] = gr.Button("Keep", scale=1, min_width=80, elem_id="save-look")
