"""The explain report of a job, made when it is first asked for, by the command in its own process.

It explains a small run of the job's recipe on its content and its first style: what it computes
does not grow with the job's size.
"""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from impasto import recipe_files
from impasto.errors import InternalError
from impasto.jobs.errors import Conflict
from impasto.jobs.home import Home
from impasto.jobs.incoming import file_name
from impasto.jobs.values import Job
from impasto.recipe import Recipe

SECONDS = 600
"""How long making a report may take."""
BAD_INPUT = 2


def report(job: Job, home: Home, names: Mapping[str, str], seconds: float = SECONDS) -> Path:
    """Return the report of a job, an HTML page that asks nothing of any server; made once.

    Args:
        job: which.
        home: where its pictures lie.
        names: what the user calls them, by their ids; so does the report.
        seconds: how long it may take.

    Raises:
        Conflict: this recipe cannot be explained.
        InternalError: the command failed, or took too long.
    """
    folder = home.job(job.id).exports
    target = folder / "report.html"
    if target.exists():
        return target
    folder.mkdir(exist_ok=True)
    # Masks and label maps belong to the job's size; the report is about losses and features.
    plain = {"guides.protect": "none", "guides.pair": "none"}
    recipe = Recipe.from_dict(job.request.recipe).changed(plain)
    with tempfile.TemporaryDirectory(prefix="report-", dir=folder) as place:
        text, made = Path(place) / "recipe.toml", Path(place) / "report.html"
        text.write_text(recipe_files.to_toml(recipe), encoding="utf-8")
        ids = {"content": job.request.content, "style": job.request.styles[0]}
        pictures = [_named(home, id, names, Path(place) / part) for part, id in ids.items()]
        _explain([*map(str, pictures), "--recipe", str(text), "-o", str(made)], seconds)
        made.replace(target)
    return target


def _named(home: Home, id: str, names: Mapping[str, str], folder: Path) -> Path:
    """Return a picture under the user's name for it, as far as that can be a file's."""
    folder.mkdir()
    return Path(shutil.copyfile(home.upload(id), folder / file_name(names[id])))


def _explain(arguments: list[str], seconds: float) -> None:
    fixed = ["explain", "--quick", "--offline", "--quiet", "--threads", "1"]
    try:
        done = subprocess.run(
            [sys.executable, "-m", "impasto", *fixed, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise InternalError(f"the report was not done after {seconds:g} s") from error
    if done.returncode == BAD_INPUT:
        told = done.stderr.strip().splitlines()[-1:] or ["it cannot be explained"]
        raise Conflict(f"there is no report of this job: {told[0].partition('error: ')[2]}")
    if done.returncode != 0:
        raise InternalError(f"the report could not be made: {done.stderr.strip()[-500:]}")
