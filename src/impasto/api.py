"""The Python interface: pictures and a recipe in, a result out.

import impasto

result = impasto.stylize("photo.jpg", "painting.jpg", size=512)
result.save("out.png")
"""

from collections.abc import Callable, Mapping, Sequence
from os import PathLike
from typing import Any

from impasto import recipe_files
from impasto.checkpoints.folder import EVERY
from impasto.engine.control import Control
from impasto.errors import InternalError
from impasto.events import Event, Step
from impasto.executing import Memory
from impasto.given import Source
from impasto.guides.sources import Mask, asked
from impasto.recipe import Recipe
from impasto.result import Result
from impasto.stylizing import Replay, stylize_events

__all__ = ["Result", "resolve_recipe", "stylize", "stylize_events"]


def stylize(
    content: Source,
    styles: Source | Sequence[Source],
    *,
    recipe: str | PathLike[str] | Recipe = "default",
    size: int | None = None,
    steps: int | None = None,
    seed: int | None = None,
    settings: Mapping[str, Any] | None = None,
    weights: str | PathLike[str] | None = None,
    start: Source | None = None,
    offline: bool = False,
    device: str = "auto",
    time_limit: float | None = None,
    pixel_limit: int | None = None,
    control: Control | None = None,
    listen: Callable[[Event], None] | None = None,
    on_step: Callable[[Step], None] | None = None,
    checkpoint: str | PathLike[str] | None = None,
    checkpoint_every: int = EVERY,
    replay: Replay = (),
    protect: Mask | None = None,
    regions: Sequence[Mask] | str | None = None,
    style_masks: Sequence[Mask] = (),
    save_guides: str | PathLike[str] | None = None,
    tile: int | None = None,
    memory: Memory = None,
) -> Result:
    """Give a content picture the look of one or more style pictures.

    Args:
        content: what the picture shows: a file or a Picture.
        styles: one or more pictures whose look it shall have.
        recipe: a recipe's name (default, draft, fine, gatys), a .toml or .json file, or a Recipe.
        size: long side of the result in pixels; None keeps the recipe's.
        steps: optimizer steps in all; None keeps the recipe's.
        seed: of the noise start; None keeps the recipe's.
        settings: any other settings by dotted path: `{"style.weight": 2.0}`.
        weights: a weights file, for networks that do not come with impasto.
        start: a picture to start from, in place of the recipe's start.
        offline: never download a network that is not on this machine; IMPASTO_OFFLINE=1 does so
            everywhere.
        device: auto, cpu, cuda or mps.
        time_limit: seconds after which the run stops with the image so far.
        pixel_limit: refuse picture files with more pixels, before decoding them; None for the
            environment's IMPASTO_PIXEL_LIMIT, or 178,956,970.
        control: to stop, pause or steer the run from another thread.
        listen: is called with every event.
        on_step: is called with the event of every step, which has the image and the losses.
        checkpoint: a folder that the run's state is kept in, so that `impasto.resume` can go on
            with it; pictures must be given as files then.
        checkpoint_every: steps between two checkpoints; there is one at the end of each stage too.
        replay: a timeline, or a trace saved as JSON: what was done to that run is done again.
        protect: where the content is kept: a mask (file, Picture, or tensor (H, W) in [0, 1]; white
            keeps, gray keeps in part), or subject or faces, which are found.
        regions: label maps of the content and of each style (files, Pictures, or tensors (H, W) of
            whole numbers): what has the same color is paired; or auto.
        style_masks: for each style a mask of where in the content it goes.
        save_guides: a picture file that shows the masks and regions used.
        tile: side in pixels of the tiles that the picture is computed in, to save memory; the
            result is the same, to rounding. None leaves it to what fits into memory.
        memory: what the run may take: bytes, `"4GB"`, or a share of what is free such as `"70%"`;
            None takes what is free less a margin. Whether the picture is computed whole, in tiles
            or from files is chosen to fit.

    Returns:
        The result; its status tells whether the run completed, was stopped or diverged.

    Raises:
        InputError: a picture, setting or weights file cannot be used.
    """
    resolved = resolve_recipe(recipe, size=size, steps=steps, seed=seed, settings=settings)
    chosen, guides = asked(resolved, protect, regions, style_masks, pixel_limit)
    for event in stylize_events(
        content,
        styles,
        recipe=chosen,
        weights=weights,
        start=start,
        offline=offline,
        device=device,
        time_limit=time_limit,
        pixel_limit=pixel_limit,
        control=control,
        checkpoint=checkpoint,
        checkpoint_every=checkpoint_every,
        replay=replay,
        guides=guides,
        save_guides=save_guides,
        tile=tile,
        memory=memory,
    ):
        if isinstance(event, Result):
            return event
        if listen is not None:
            listen(event)
        if on_step is not None and isinstance(event, Step):
            on_step(event)
    raise InternalError("the run ended without a result")


def resolve_recipe(
    recipe: str | PathLike[str] | Recipe = "default",
    *,
    size: int | None = None,
    steps: int | None = None,
    seed: int | None = None,
    settings: Mapping[str, Any] | None = None,
) -> Recipe:
    """Load a recipe and change the settings given.

    Raises:
        RecipeError: no such recipe or setting, or an impossible value.
    """
    found = recipe if isinstance(recipe, Recipe) else recipe_files.load(recipe)
    short = {"schedule.size": size, "schedule.steps": steps, "seed": seed}
    changes = {path: value for path, value in short.items() if value is not None}
    return found.changed(changes | dict(settings or {}))
