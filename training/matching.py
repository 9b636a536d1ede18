"""The first minutes of training: each convolution by itself learns its counterpart's channels.

Student and teacher have the same channels, and differ in how they pool. So every convolution of the
student is asked for the very maps of its counterpart, channel by channel, from what the student's
layers before it give; no gradient goes further back. All layers learn at once. From random weights,
heads that may mix channels freely never find so good a place: the first layer, which could explain
everything, stayed at 96%.
"""

import math

import torch
import torch.nn.functional as functional
from torch import Tensor

from augment import crops
from student import Student
from teacher import POOL_BEFORE, Teacher

PEAK = 3e-2
"""Over the root of the number of inputs."""
BATCH, SIDE = 8, 112
MEASURED_ON = 24


def match(
    student: Student, teacher: Teacher, pictures: list[Tensor], steps: int, seed: int
) -> None:
    """Train the student's convolutions in place, in units in which every map's deviation is one."""
    targets = teacher(crops(pictures, side=SIDE, count=MEASURED_ON, seed=seed))
    scales = {name: float(target.std()) for name, target in targets.items()}
    groups = [
        {"params": layer.parameters(), "peak": PEAK / math.sqrt(layer.weight[0].numel())}
        for layer in student.convolutions.values()
    ]
    optimizer = torch.optim.Adam(groups, betas=(0.9, 0.99))
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = group["peak"] * math.cos(math.pi / 2 * step / steps) ** 2
        batch = crops(pictures, side=SIDE, count=BATCH, seed=seed * 10**9 + step)
        batch = batch.contiguous(memory_format=torch.channels_last)
        optimizer.zero_grad()
        loss = sum(local_losses(student, teacher, batch, scales).values())
        loss.backward()
        optimizer.step()


def local_losses(
    student: Student, teacher: Teacher, image: Tensor, scales: dict[str, float]
) -> dict[str, Tensor]:
    """Squared error of each convolution alone, by its name.

    Where the target is above zero it is the convolution that is compared, not its ReLU: the loss is
    convex in its weights, and no channel can die.
    """
    targets, losses = teacher(image), {}
    x = student.normalized(image)
    for name, layer in student.convolutions.items():
        x = functional.avg_pool2d(x, 2) if name in POOL_BEFORE else x
        before = layer(functional.pad(x.detach(), (1, 1, 1, 1), mode="reflect"))
        x = torch.relu(before)
        target = targets[f"relu{name}"] / scales[f"relu{name}"]
        losses[name] = functional.mse_loss(torch.where(target > 0, before, x), target)
    return losses
