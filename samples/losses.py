"""Stylize two pairs of samples by each loss, for docs/losses.md: the default on the left.

python samples/losses.py docs/images/losses     # about 3 minutes on a quiet core
"""

import argparse
from pathlib import Path

import torch
from PIL import Image

import impasto
from triptych import side_by_side

PICTURES = Path(impasto.__file__).parent / "samples"
PAIRS = (("bust", "strokes"), ("harbor", "woodcut"))
SIZE, HEIGHT, QUALITY = 384, 190, 74
CASES: dict[str, dict[str, object]] = {
    "default": {},
    "sliced": {"style.statistics": "sliced", "content.weight": 0.9},
    "nearest": {"style.statistics": "nearest", "content.weight": 0.7},
    "histogram": {"histogram.weight": 1.0},
    "self-similarity": {"content.statistics": "self-similarity", "content.weight": 4.0},
    "laplacian": {"laplacian.weight": 3.0, "content.weight": 0.4},
}


def painted(case: str, pair: tuple[str, str], folder: Path) -> Path:
    """Stylize a pair by a case, unless that was done before; return the file."""
    path = folder / f"{'-'.join(pair)}-{case}.png"
    if not path.exists():
        content, style = (PICTURES / f"{name}.jpg" for name in pair)
        impasto.stylize(content, style, size=SIZE, settings=CASES[case]).save(path)
    return path


def sheet(case: str, work: Path) -> Image.Image:
    """Each pair by the default and by a case, in a row."""
    found = [painted(name, pair, work) for pair in PAIRS for name in ("default", case)]
    return side_by_side(found, HEIGHT)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--work", type=Path, default=Path("build/losses"), help="full pictures")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    for folder in (options.out, options.work):
        folder.mkdir(parents=True, exist_ok=True)
    for case in list(CASES)[1:]:
        sheet(case, options.work).save(options.out / f"{case}.jpg", quality=QUALITY)


if __name__ == "__main__":
    main()
