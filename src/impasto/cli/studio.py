"""`impasto studio`: the page and the service, with workers beside them."""

import os
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from impasto.cli import exits, given_options, options
from impasto.cli.exits import reporting_errors
from impasto.cli.extras import needing
from impasto.errors import InputError

TOKEN = "IMPASTO_TOKEN"
PORT = 7860
ACCESS, LIMITS = "Access", "Limits"
_MODULES = ("dbos", "sqlalchemy", "fastapi", "starlette", "uvicorn", "python_multipart")
_NEEDED = (*_MODULES, "prometheus_client", "anyio", "pydantic")


def default_home() -> Path:
    """Return the folder where jobs are kept unless another is given."""
    import platformdirs

    return platformdirs.user_data_path("impasto", appauthor=False) / "studio"


def token_from(file: Path | None, given: str) -> str:
    """Return the token: from a file, or as given.

    Raises:
        InputError: the file cannot be read.
    """
    if file is None:
        return given
    try:
        return file.expanduser().read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot read the token in {file}: {error}") from error


@reporting_errors
def studio(
    context: typer.Context,
    host: Annotated[
        str, typer.Option("--host", help="The address to listen at; 0.0.0.0 for every network.")
    ] = "127.0.0.1",
    port: Annotated[
        int,
        typer.Option(
            "--port",
            min=0,
            max=65535,
            help="The next free one is taken if this is left out; 0 for any free one.",
        ),
    ] = PORT,
    home: Annotated[
        Path | None,
        typer.Option(
            "--home",
            metavar="DIR",
            envvar="IMPASTO_HOME",
            help="The folder of the jobs; one in your home folder if left out.",
        ),
    ] = None,
    db: options.Database = "",
    workers: Annotated[
        int,
        typer.Option(
            "--workers",
            min=0,
            max=64,
            help="Workers beside the service for each device; 1 is best, 0 for none here.",
        ),
    ] = 1,
    device: options.Device = "auto",
    page: Annotated[
        bool, typer.Option("--page/--no-page", help="Serve the page, or the service alone.")
    ] = True,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open the page in the browser.")
    ] = True,
    token: Annotated[
        str,
        typer.Option(
            "--token",
            metavar="TOKEN",
            envvar=TOKEN,
            show_envvar=True,
            rich_help_panel=ACCESS,
            help="What clients must know, 16 or more letters; needed where --host lets others in. "
            "Others on this machine can see it here; better in the environment or a file.",
        ),
    ] = "",
    token_file: Annotated[
        Path | None,
        typer.Option("--token-file", metavar="FILE", rich_help_panel=ACCESS, help="Holds it."),
    ] = None,
    insecure: Annotated[
        bool,
        typer.Option("--insecure", rich_help_panel=ACCESS, help="Let others in without a token."),
    ] = False,
    names: Annotated[
        list[str] | None,
        typer.Option(
            "--name",
            metavar="HOST",
            rich_help_panel=ACCESS,
            help="A name by which browsers may call the service, beside addresses. Repeatable.",
        ),
    ] = None,
    proxy: Annotated[
        str,
        typer.Option(
            "--proxy",
            metavar="ADDRESS",
            rich_help_panel=ACCESS,
            help="A reverse proxy, whose X-Forwarded-For is believed.",
        ),
    ] = "",
    upload_mib: Annotated[
        int, typer.Option("--upload-mib", min=1, rich_help_panel=LIMITS, help="Of one upload.")
    ] = 64,
    megapixels: Annotated[
        int,
        typer.Option(
            "--megapixels", min=1, rich_help_panel=LIMITS, help="Of an upload, and of a result."
        ),
    ] = 50,
    queue: Annotated[
        int, typer.Option("--queue", min=1, rich_help_panel=LIMITS, help="Jobs not ended.")
    ] = 200,
    jobs_per_client: Annotated[
        int,
        typer.Option(
            "--jobs-per-client", min=1, rich_help_panel=LIMITS, help="Of them, for one address."
        ),
    ] = 50,
    disk_gib: Annotated[
        int,
        typer.Option(
            "--disk-gib",
            min=1,
            rich_help_panel=LIMITS,
            help="Of uploads and results; the oldest make room.",
        ),
    ] = 20,
) -> None:
    """Open the studio: a page to paint in, and a service for programs, until Ctrl-C.

    Jobs go on where they were after a restart. Other machines get in only with a token.
    """
    with needing("studio", *_NEEDED):
        from contextlib import closing, nullcontext

        from impasto.jobs.jobs import Jobs
        from impasto.jobs.limits import MIB, Limits
        from impasto.jobs.supervise import Workers
        from impasto.studio.access import Access
        from impasto.studio.app import create_app, find_page
        from impasto.studio.server import Place, address, server_for

    access = Access(token=token_from(token_file, token), names=tuple(names or ()))
    place = Place(host, port, exactly=given_options.is_given(context, "port"))
    place.check(access.token, insecure=insecure)
    limits = Limits(
        upload_bytes=upload_mib * MIB,
        pixels=megapixels * 1_000_000,
        result_pixels=megapixels * 1_000_000,
        queue=queue,
        jobs_per_client=jobs_per_client,
        disk_bytes=disk_gib * 1024 * MIB,
    )
    folder = home or default_home()
    listening = place.listen()
    url = address(host, listening)
    if not place.exactly and listening.getsockname()[1] != port:
        exits.say(f"port {port} is taken: using {listening.getsockname()[1]}")
    mount = find_page() if page else None
    with closing(listening), closing(Jobs(folder, db, limits)) as jobs:
        app = create_app(jobs, access, mount)
        beside = Workers(folder, db, device=device, count=workers) if workers else nullcontext()
        with beside:
            ready = partial(_ready, url, browser and mount)
            server_for(app, proxy=proxy, ready=ready).run([listening])
    exits.say("ended; jobs that are not done go on at the next start")


def _ready(url: str, browser: object) -> None:
    print(f"impasto studio at {url}", flush=True)
    if browser and not os.environ.get("IMPASTO_NO_BROWSER"):
        import webbrowser

        webbrowser.open(url)
