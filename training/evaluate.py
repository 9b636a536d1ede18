"""How much of the teacher a pocket network explains, on pictures held back from its training.

    python training/evaluate.py --data FOLDER --teacher compressed_vgg19.safetensors NETWORK...

For relu1_1 .. relu5_1 a linear map from the network's features to the teacher's ReLU'd head outputs
is fitted by least squares on training pictures; printed is, on held-back pictures, one minus the
residual sum of squares over the sum of squares around the channels' means. Beside it stand the
teacher's own features, as they are and with average pooling. Then, for each network and layer: the
largest activation (fp16 ends at 65,504), and how many channels no held-back picture activates.
"""

import argparse
from collections.abc import Iterable
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor

from impasto.features import networks
from impasto.features.architectures import POCKET
from impasto.features.extractor import Extractor
from least_squares import rows, solved, with_ones
from pictures import load, split
from teacher import HEADS, Teacher

SIDE, RIDGE = 256, 1e-9
FITTED_ON, MEASURED_ON = 60, 48
LAYERS = [f"relu{name}" for name in HEADS]


def window(path: Path) -> Tensor:
    """The upper left window of a picture, (1, 3, up to SIDE, up to SIDE) in [0, 1]."""
    return load(path)[None, :, :SIDE, :SIDE].float() / 255


@torch.no_grad()
def explained(
    student: Extractor, teacher: Teacher, fit: list[Path], held: list[Path]
) -> list[float]:
    """Share of the teacher's variance that linear maps of the student explain, by layer."""
    maps = {layer: solved(*equations(student, teacher, fit, layer), RIDGE) for layer in LAYERS}
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
    """The sums of products that the least squares fit needs."""
    gram, cross = torch.zeros(()).double(), torch.zeros(()).double()
    for inputs, targets in pairs(student, teacher, files, layer):
        gram, cross = gram + inputs.T @ inputs, cross + inputs.T @ targets
    return gram, cross


def pairs(
    student: Extractor, teacher: Teacher, files: list[Path], layer: str
) -> Iterable[tuple[Tensor, Tensor]]:
    """Student's features with a column of ones, and the teacher's, picture by picture."""
    for file in files:
        image = window(file)
        inputs = rows(student(image, [layer])[layer])
        yield with_ones(inputs), rows(teacher(image)[layer.replace("relu", "head")])


def spread(files: list[Path], count: int) -> list[Path]:
    """So many files, evenly spread over the list."""
    return files[:: max(1, len(files) // count)][:count]


def activity(student: Extractor, files: list[Path]) -> dict[str, tuple[float, int, int]]:
    """By layer: the largest activation, channels that are never active, and channels in all."""
    layers = [node.name for node in POCKET.nodes if node.kind == "relu"]
    peaks = {layer: torch.zeros(POCKET.node(layer).channels) for layer in layers}
    with torch.no_grad():
        for file in files:
            for layer, features in student(window(file), layers).items():
                peaks[layer] = torch.maximum(peaks[layer], features.amax((0, 2, 3)))
    return {n: (float(p.max()), int((p == 0).sum()), len(p)) for n, p in peaks.items()}


def pocket(path: Path) -> Extractor:
    """A pocket network from its file."""
    weights = {name: tensor.float() for name, tensor in load_file(path).items()}
    return Extractor(POCKET, weights, pooling="average", padding="reflect")


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
    own = networks.load("vgg19-compressed", options.teacher)
    rows = {"teacher": own.extractor(), "with average pooling": own.extractor(pooling="average")}
    rows |= {path.name: pocket(path) for path in options.networks}
    for name, student in rows.items():
        shares = explained(student, teacher, fit, held)
        print(name, *(f"{share:.3f}" for share in shares), flush=True)
    for path in options.networks:
        print(path.name, "layer: largest activation, never active of all channels")
        for layer, (peak, dead, channels) in activity(pocket(path), held).items():
            print(f"  {layer}: {peak:.1f}, {dead} of {channels}")


if __name__ == "__main__":
    main()
