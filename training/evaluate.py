"""How much of the teacher a pocket network explains, on pictures held back from its training.

    python training/evaluate.py --data FOLDER --teacher compressed_vgg19.safetensors NETWORK...

For relu1_1 .. relu5_1 a linear map from the network's features to the teacher's ReLU'd head outputs
is fitted by least squares on training pictures; printed is, on held-back pictures, one minus the
residual sum of squares over the sum of squares around the channels' means.
"""

import argparse
from collections.abc import Iterable
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor

from impasto.features.architectures import POCKET
from impasto.features.extractor import Extractor
from pictures import load, split
from teacher import HEADS, Teacher

SIDE = 256
FITTED_ON, MEASURED_ON = 60, 48
LAYERS = [f"relu{name}" for name in HEADS]


def window(path: Path) -> Tensor:
    """The upper left window of a picture, (1, 3, up to SIDE, up to SIDE) in [0, 1]."""
    return load(path)[None, :, :SIDE, :SIDE].float() / 255


def rows(features: Tensor) -> Tensor:
    """Positions as rows, (positions, channels), in float64."""
    return features.flatten(2)[0].T.double()


@torch.no_grad()
def explained(
    student: Extractor, teacher: Teacher, fit: list[Path], held: list[Path]
) -> list[float]:
    """Share of the teacher's variance that linear maps of the student explain, by layer."""
    maps = {layer: torch.linalg.solve(*equations(student, teacher, fit, layer)) for layer in LAYERS}
    shares = []
    for layer, linear in maps.items():
        residual, total, count, first = 0.0, 0.0, 0, torch.zeros(linear.shape[1]).double()
        for inputs, targets in pairs(student, teacher, held, layer):
            residual += float((targets - inputs @ linear).square().sum())
            total += float(targets.square().sum())
            first, count = first + targets.sum(0), count + len(targets)
        shares.append(1 - residual / (total - float(first.square().sum()) / count))
    return shares


def equations(
    student: Extractor, teacher: Teacher, files: list[Path], layer: str
) -> tuple[Tensor, Tensor]:
    """The normal equations of the least squares fit, lightly ridged against dead channels."""
    gram, cross = torch.zeros(()).double(), torch.zeros(()).double()
    for inputs, targets in pairs(student, teacher, files, layer):
        gram, cross = gram + inputs.T @ inputs, cross + inputs.T @ targets
    ridge = 1e-9 * gram.diagonal().mean() * torch.eye(len(gram)).double()
    return gram + ridge, cross


def pairs(
    student: Extractor, teacher: Teacher, files: list[Path], layer: str
) -> Iterable[tuple[Tensor, Tensor]]:
    """Student's features with a column of ones, and the teacher's, picture by picture."""
    for file in files:
        image = window(file)
        inputs = rows(student(image, [layer])[layer])
        ones = torch.ones(len(inputs), 1).double()
        yield torch.cat([inputs, ones], 1), rows(teacher(image)[layer.replace("relu", "head")])


def spread(files: list[Path], count: int) -> list[Path]:
    """So many files, evenly spread over the list."""
    return files[:: max(1, len(files) // count)][:count]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with SOURCES.tsv")
    parser.add_argument("--teacher", type=Path, required=True)
    parser.add_argument("--tiers", default="ABC", help="licence tiers of the pictures measured on")
    parser.add_argument("networks", type=Path, nargs="+", help="pocket weights as safetensors")
    options = parser.parse_args()
    files, teacher = split(options.data, options.tiers), Teacher(options.teacher)
    fit, held = spread(files.training, FITTED_ON), spread(files.held_back, MEASURED_ON)
    print(f"fitted on {len(fit)}, measured on {len(held)} pictures; tiers {options.tiers}")
    print("network", *LAYERS)
    for path in options.networks:
        weights = {name: tensor.float() for name, tensor in load_file(path).items()}
        student = Extractor(POCKET, weights, pooling="average", padding="reflect")
        print(path.name, *(f"{share:.3f}" for share in explained(student, teacher, fit, held)))


if __name__ == "__main__":
    main()
