"""Pictures for the page: made small in the process aside, and lent to the browser as files."""

import shutil
import tempfile
from pathlib import Path

from gradio.utils import get_upload_folder
from PIL import Image

from impasto.files import replacing
from impasto.jobs.incoming import file_name
from impasto.jobs.jobs import Jobs


def small(jobs: Jobs, path: str | Path, side: int, name: str = "") -> Image.Image:
    """Open a picture at a long side of so many pixels at most, upright and in sRGB.

    Args:
        jobs: whose process aside decodes it, under limits.
        path: of the picture, which may be anything.
        side: in pixels.
        name: what the user calls it, for errors.

    Raises:
        InputError: it is no picture, is damaged, or takes too much to decode.
    """
    with tempfile.TemporaryDirectory(prefix="small-") as folder:
        target = Path(folder) / "small.png"
        jobs.shrink(Path(path), target, side, name or Path(path).name)
        with Image.open(target) as picture:
            return picture.convert("RGB")


def lent(jobs: Jobs, upload: str) -> str:
    """Return an upload as a file that the page may hand to the browser, as it was handed in.

    Raises:
        NotFound: there is no such upload.
    """
    found, path = jobs.uploaded(upload), jobs.picture(upload)
    stem = found.name.rpartition(".")[0] or found.name
    folder = Path(get_upload_folder()).absolute() / found.id
    target = folder / f"{file_name(stem)}.{found.kind}"
    if not target.exists():
        folder.mkdir(parents=True, exist_ok=True)
        with replacing(target) as part:
            shutil.copyfile(path, part)
    return str(target)
