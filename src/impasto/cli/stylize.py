"""`impasto stylize`: give a picture the look of others."""

from pathlib import Path
from typing import Annotated, Any

import typer

from impasto import recipe_files, timeline
from impasto.checkpoints.folder import EVERY
from impasto.cli import given_options, guide_options, look, memory_options, options, print_options
from impasto.cli.checks import default_output
from impasto.cli.exits import reporting_errors, say
from impasto.cli.job import Job
from impasto.cli.options import LOOK, METHOD, OUTPUT
from impasto.cli.perform import perform
from impasto.errors import InputError
from impasto.files import Encoding


def _weight(name: str, help: str) -> Any:
    return typer.Option(name, metavar="NUMBER", rich_help_panel=LOOK, help=help)


def _layers(name: str, help: str) -> Any:
    return typer.Option(name, metavar="LAYERS", rich_help_panel=METHOD, help=help)


@reporting_errors
def stylize(
    content: Annotated[Path, typer.Argument(metavar="CONTENT", help="What the picture shows.")],
    context: typer.Context,
    styles: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="STYLE",
            help="Whose look it shall have; recipes such as oil bring a style of their own.",
        ),
    ] = None,
    recipe: options.RecipeSource = recipe_files.BASE,
    like: options.Like = None,
    size: options.Size = None,
    print_on: print_options.Print = None,
    strength: options.Strength = None,
    content_weight: Annotated[
        float | None, _weight("--content-weight", "How much the content counts.")
    ] = None,
    style_weight: Annotated[
        float | None, _weight("--style-weight", "How much the style counts.")
    ] = None,
    tv_weight: Annotated[
        float | None, _weight("--tv-weight", "How much smoothness counts (total variation).")
    ] = None,
    style_mix: look.StyleMix = None,
    style_scale: look.StyleScale = None,
    color: look.Color = None,
    protect: guide_options.Protect = None,
    protect_feather: guide_options.Feather = None,
    regions: guide_options.Regions = None,
    style_masks: guide_options.StyleMasks = None,
    pair: guide_options.Pair = None,
    save_guides: guide_options.SaveGuides = None,
    tileable: look.Tileable = False,
    network: options.Network = None,
    weights: options.Weights = None,
    steps: options.Steps = None,
    optimizer: options.Optimizer = None,
    content_layers: Annotated[
        str | None, _layers("--content-layers", "Such as relu4_2, or relu3_2=0.5,relu4_2.")
    ] = None,
    style_layers: Annotated[
        str | None, _layers("--style-layers", "Such as relu1_1,relu2_1=0.5.")
    ] = None,
    init: options.Init = None,
    replay: options.Replay = None,
    seed: options.Seed = None,
    settings: options.Settings = None,
    offline: options.Offline = False,
    device: options.Device = "auto",
    precision: options.Precision = None,
    threads: options.Threads = None,
    memory: memory_options.Memory = None,
    tile: memory_options.Tile = None,
    time_limit: options.TimeLimit = None,
    pixel_limit: options.PixelLimit = None,
    scratch: print_options.Scratch = None,
    server: options.Server = None,
    token: options.Token = "",
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="OUT",
            rich_help_panel=OUTPUT,
            help="A .png, .jpg, .webp, .tif or .avif file; written over if it is there. "
            "If left out: CONTENT-STYLE.png in the current folder.",
        ),
    ] = None,
    save_every: Annotated[
        int | None,
        typer.Option(
            "--save-every",
            metavar="STEPS",
            min=1,
            rich_help_panel=OUTPUT,
            help="Also save the image every so many steps, as OUT.step00050.png.",
        ),
    ] = None,
    trace: Annotated[
        Path | None,
        typer.Option(
            "--trace",
            metavar="FILE",
            rich_help_panel=OUTPUT,
            help="Write every loss at every step to a .json or .csv file.",
        ),
    ] = None,
    animate: Annotated[
        Path | None,
        typer.Option(
            "--animate",
            metavar="FILE",
            rich_help_panel=OUTPUT,
            help="Also save the optimization as an animation: .gif, .webp or .mp4.",
        ),
    ] = None,
    checkpoint: options.Checkpoint = None,
    checkpoint_every: options.CheckpointEvery = EVERY,
    quality: options.Quality = Encoding.quality,
    depth: options.Depth = Encoding.depth,
    dpi: options.Dpi = None,
    pyramid: print_options.Pyramid = False,
    detail: print_options.Detail = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> int:
    """Paint CONTENT in the manner of one or more STYLE pictures.

    Whatever is not given is taken from the recipe.
    """
    if like is not None and given_options.is_given(context, "recipe"):
        raise InputError("expected --recipe or --like, got both; leave one out")
    chosen = (
        given_options.recipe_in(like, pixel_limit) if like else given_options.load_recipe(recipe)
    )
    start_name, start_file = given_options.start(init)
    print_options.use_scratch(scratch)
    paper = print_options.print_size(print_on, content, size, dpi, pixel_limit)
    if paper is not None:
        size, dpi = paper.size, paper.dpi
        if not quiet:
            say(paper.message)
    given = {
        "start": start_name,
        "seed": seed,
        "network.name": network,
        "network.precision": precision,
        **given_options.strength(strength, content_weight),
        "content.weight": content_weight,
        "content.layers": given_options.layers(content_layers),
        "style.weight": style_weight,
        "style.layers": given_options.layers(style_layers),
        "total_variation.weight": tv_weight,
        "schedule.size": size,
        "schedule.steps": steps,
        "optimizer.name": optimizer,
        **look.mix(style_mix),
        **look.scale(style_scale),
        **look.color(color),
        **look.tiles(tileable),
    }
    changed, guides = guide_options.guides(
        given_options.changed(chosen, given, settings),
        protect,
        protect_feather,
        regions,
        style_masks,
        pair,
        save_guides,
    )
    styles = styles or [look.own_style(changed)]
    job = Job(
        content=content,
        styles=tuple(styles),
        output=output or default_output(content, styles),
        recipe=changed,
        guides=guides,
        detail=print_options.detail(detail, content, changed.schedule.size, pixel_limit),
        sources=(like or Path(recipe), *([replay] if replay else [])),
        start=start_file,
        weights=weights,
        offline=offline,
        device=device,
        threads=threads,
        memory=memory_options.checked(memory),
        tile=tile,
        time_limit=time_limit,
        save_every=save_every,
        trace=trace,
        animation=animate,
        checkpoint=checkpoint,
        checkpoint_every=checkpoint_every,
        replay=() if replay is None else timeline.read(replay),
        encoding=Encoding(quality, depth, dpi, pyramid),
        pixel_limit=pixel_limit,
        voice=given_options.voice(quiet=quiet, json=json),
    )
    if server is None:
        return perform(job)
    from impasto.cli.remote import perform_at

    return perform_at(server, token, job)
