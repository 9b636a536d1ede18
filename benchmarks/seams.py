"""Whether guides leave seams: gradient energy where a mask ends, over that of both sides.

    python benchmarks/seams.py build/masks     # full pictures of samples/masks.py

The energy of a band is the mean square of differences between neighboring pixels. The edge is the
band in which the mask, softened as in the run, is between 0.02 and 0.98; the sides are bands of the
same reach beside it. Beside the guided picture stand two others: the same mask as a hard cut
between the content and the picture without guides, and that picture itself.
"""

import argparse
from pathlib import Path

import torch
from torch import Tensor

import impasto
from impasto.guides.guides import Guides, at_size
from impasto.guides.sources import read_mask
from impasto.images.codec import decode
from impasto.images.resize import resize

SAMPLES = Path(impasto.__file__).parent / "samples"
FEATHER = 0.02
CASES = {
    "bust, face protected": ("bust", "face", "protect", "bust-strokes", True),
    "harbor, sky and town": ("harbor", "sky", "styles", "harbor-strokes-woodcut", False),
}


def energy(image: Tensor) -> Tensor:
    """Squared differences to the right and below, (H, W), mean over channels."""
    padded = torch.nn.functional.pad(image[None], (0, 1, 0, 1), mode="replicate")[0]
    right, below = padded[:, :-1, 1:] - image, padded[:, 1:, :-1] - image
    return (right.square() + below.square()).mean(0)


def bands(soft: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The edge, and as much beside it inside and outside, each (H, W) of bool."""
    edge = (soft > 0.02) & (soft < 0.98)
    reach = round(FEATHER * max(soft.shape))
    size, pad = 2 * reach + 1, reach
    near = torch.nn.functional.max_pool2d(edge.float()[None], size, 1, pad)[0] > 0
    return edge, near & (soft >= 0.98), near & (soft <= 0.02)


def row(image: Tensor, parts: tuple[Tensor, Tensor, Tensor]) -> str:
    edge, inside, outside = (1e4 * float(energy(image)[part].mean()) for part in parts)
    return f"{edge:.1f} | {inside:.1f} | {outside:.1f} | {edge / max(inside, outside):.2f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    print("| picture, 10^-4 | edge | inside | outside | edge / larger side |")
    print("|---|--:|--:|--:|--:|")
    for name, (content, mask_name, guided, plain, protects) in CASES.items():
        image = decode(folder / f"{guided}.png").pixels
        size = image.shape[-2:]
        unguided = decode(folder / f"{plain}.png").pixels
        mask, _ = read_mask(folder / f"{mask_name}.png", mask_name)
        soft = Guides(mask, (), FEATHER).protection_at(*size)
        assert soft is not None
        parts = bands(soft[0, 0])
        print(f"| {name} | {row(image, parts)} |")
        if protects:
            photo = resize(decode(SAMPLES / f"{content}.jpg").batch, *size)[0]
            cut = torch.where(at_size(mask, *size)[0] > 0.5, photo, unguided)
            print(f"| ... as a hard cut | {row(cut, bands(soft[0, 0]))} |")
        print(f"| ... without guides | {row(unguided, parts)} |")


if __name__ == "__main__":
    main()
