"""Train the pocket network: a compact VGG distilled from a compressed VGG-19 teacher.

    python training/pocket.py --data FOLDER --teacher compressed_vgg19.safetensors

The student starts from He initialization. One learned 1 x 1 head per layer maps its features to the
teacher's; the loss is the mean squared error divided by the target's variance, summed over layers.
The run writes a checkpoint every few minutes and continues from it when started again; `--export`
writes the averaged weights as the fp16 file that the package embeds.
"""

import argparse
import json
import math
import time
from pathlib import Path

import torch
import torch.nn.functional as functional
from safetensors.torch import save_file
from torch import Tensor

from impasto.features.architectures import POCKET
from impasto.features.extractor import Extractor
from pictures import crops, load, split
from teacher import CONVOLUTIONS, POOL_BEFORE, Teacher, thinned

WIDTHS = {"1": 16, "2": 32, "3": 64, "4": 128, "5": 128}
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


class Student(torch.nn.Module):
    """VGG-19's layout to relu5_1, narrow, with average pooling and reflect padding."""

    def __init__(self, target_channels: dict[str, int]) -> None:
        super().__init__()
        self.convolutions, self.heads = torch.nn.ModuleDict(), torch.nn.ModuleDict()
        channels = 3
        for name in CONVOLUTIONS:
            width = WIDTHS[name[0]]
            layer = torch.nn.Conv2d(channels, width, 3)
            torch.nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            torch.nn.init.zeros_(layer.bias)
            self.convolutions[name] = layer
            self.heads[name] = torch.nn.Conv2d(width, target_channels[f"relu{name}"], 1)
            channels = width
        self.active: dict[str, Tensor] = {}
        self.register_buffer("mean", torch.tensor(MEAN).view(1, 3, 1, 1))
        self.register_buffer("deviation", torch.tensor(DEVIATION).view(1, 3, 1, 1))

    def forward(self, image: Tensor, *, thin: bool = False) -> dict[str, Tensor]:
        predictions, x = {}, (image - self.mean) / self.deviation
        for name in CONVOLUTIONS:
            x = functional.avg_pool2d(x, 2) if name in POOL_BEFORE else x
            x = torch.relu(self.convolutions[name](functional.pad(x, (1, 1, 1, 1), mode="reflect")))
            if self.training:
                seen = x.detach().amax((0, 2, 3)) > 0
                self.active[name] = self.active.get(name, seen) | seen
            predictions[f"relu{name}"] = self.heads[name](thinned(x, name) if thin else x)
        return predictions

    @torch.no_grad()
    def revive(self, seed: int) -> dict[str, int]:
        """Draw channels anew that were never active since the last call; return how many by layer.

        A ReLU that is zero everywhere gets no gradient and stays so; without this, two thirds of
        the deep channels died. What follows listens to a revived channel only faintly at
        first, so that the network goes on computing nearly what it did.
        """
        counts, generator = {}, torch.Generator().manual_seed(seed)
        for index, name in enumerate(CONVOLUTIONS):
            dead = ~self.active[name]
            counts[name] = int(dead.sum())
            layer, fresh = self.convolutions[name], torch.empty_like(self.convolutions[name].weight)
            torch.nn.init.kaiming_normal_(fresh, nonlinearity="relu", generator=generator)
            layer.weight[dead], layer.bias[dead] = fresh[dead], 0.0
            following = [self.heads[name]]
            following += [self.convolutions[n] for n in CONVOLUTIONS[index + 1 : index + 2]]
            for heard in following:
                faint = torch.empty_like(heard.weight)
                torch.nn.init.kaiming_normal_(faint, nonlinearity="relu", generator=generator)
                heard.weight[:, dead] = 0.1 * faint[:, dead]
        self.active = {}
        return counts


def unexplained(prediction: Tensor, target: Tensor) -> Tensor:
    """Mean squared error over the target's variance around its per-channel means."""
    variance = (target.float() - target.float().mean(dim=(0, 2, 3), keepdim=True)).square().mean()
    return functional.mse_loss(prediction.float(), target.float()) / (variance + 1e-6)


def learning_rate(step: int, steps: int, peak: float) -> float:
    """Warm up over 300 steps, then decay along a half cosine to a hundredth."""
    if step < 300:
        return peak * (step + 1) / 300
    return peak * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * min(1.0, step / steps))))


class Run:
    """A training run that can be killed at any moment and started again."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        torch.manual_seed(arguments.seed)
        self.arguments = arguments
        self.teacher = Teacher(arguments.teacher).to(memory_format=torch.channels_last)
        shapes = self.teacher(torch.zeros(1, 3, 32, 32))
        self.student = Student({name: f.shape[1] for name, f in shapes.items()})
        self.student.to(memory_format=torch.channels_last)
        self.average = {k: v.clone() for k, v in self.student.state_dict().items()}
        self.optimizer = torch.optim.AdamW(self.student.parameters(), lr=2e-3, weight_decay=1e-4)
        self.step = 0
        self.checkpoint = arguments.out / "checkpoint.pt"
        if self.checkpoint.exists():
            self.restore()
        elif arguments.go_on_from:
            self.average = torch.load(arguments.go_on_from, weights_only=True)["average"]
            self.student.load_state_dict(self.average)

    def restore(self) -> None:
        state = torch.load(self.checkpoint, weights_only=True)
        self.student.load_state_dict(state["student"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.average, self.step = state["average"], state["step"]
        self.student.active = state["active"]
        print(f"resumed at step {self.step}", flush=True)

    def save(self) -> None:
        state = {
            "student": self.student.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "average": self.average,
            "step": self.step,
            "active": self.student.active,
        }
        partial = self.checkpoint.with_suffix(".part")
        torch.save(state, partial)
        partial.replace(self.checkpoint)

    def losses(self, image: Tensor, *, thin: bool = False) -> dict[str, Tensor]:
        with torch.autocast("cpu", torch.bfloat16, enabled=not self.arguments.fp32):
            targets = self.teacher(image, thin=thin)
            predictions = self.student(image, thin=thin)
        return {name: unexplained(predictions[name], targets[name]) for name in targets}

    def train_step(self, pictures: list[Tensor]) -> dict[str, float]:
        options = self.arguments
        side = options.crop if self.step < 0.6 * options.steps else options.late_crop
        batch = crops(
            pictures, side=side, count=options.batch, seed=options.seed * 10**9 + self.step
        )
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate(self.step, options.steps, options.peak)
        losses = self.losses(batch.contiguous(memory_format=torch.channels_last), thin=True)
        self.optimizer.zero_grad()
        sum(losses.values()).backward()
        torch.nn.utils.clip_grad_norm_(self.student.parameters(), 5.0)
        self.optimizer.step()
        decay = min(0.999, (self.step + 1) / (self.step + 10))
        for name, tensor in self.student.state_dict().items():
            self.average[name].lerp_(tensor, 1 - decay)
        self.step += 1
        return {name: float(loss.detach()) for name, loss in losses.items()}

    @torch.no_grad()
    def validate(self, pictures: list[Tensor]) -> dict[str, float]:
        """Unexplained variance of the averaged weights on whole held-back pictures."""
        current = {k: v.clone() for k, v in self.student.state_dict().items()}
        self.student.eval()
        self.student.load_state_dict(self.average)
        sums: dict[str, float] = {}
        for picture in pictures:
            for name, value in self.losses(picture[None, :, :240, :240].float() / 255).items():
                sums[name] = sums.get(name, 0.0) + float(value) / len(pictures)
        self.student.load_state_dict(current)
        self.student.train()
        return sums

    def export(self, path: Path, pictures: list[Tensor]) -> None:
        """Write the averaged, scaled convolutions as fp16 safetensors: conv1_1.weight and so on."""
        trained = {
            name.replace("convolutions.", "conv"): tensor
            for name, tensor in self.average.items()
            if name.startswith("convolutions.")
        }
        scaled = scaled_to_mean_one(trained, pictures)
        tensors = {name: tensor.half().contiguous() for name, tensor in scaled.items()}
        facts = {"network": path.stem, "steps": str(self.step), "tiers": self.arguments.tiers}
        save_file(tensors, path, metadata=facts)


def scaled_to_mean_one(weights: dict[str, Tensor], pictures: list[Tensor]) -> dict[str, Tensor]:
    """Scale whole layers so that the mean activation after each ReLU is one over the pictures.

    Gram matrices of all layers are then of one order, as in the normalized network of Gatys et al.
    (2016, sec. 2), which scales channel by channel; here that made noise of rare channels. A ReLU
    network computes the same as before, but for the factors.
    """
    extractor = Extractor(POCKET, weights, pooling="average", padding="reflect")
    means, seen = dict.fromkeys(CONVOLUTIONS, 0.0), pictures[:: max(1, len(pictures) // 60)]
    with torch.no_grad():
        for picture in seen:
            window = picture[None, :, :240, :240].float() / 255
            features = extractor(window, [f"relu{name}" for name in means])
            means = {n: m + float(features[f"relu{n}"].mean()) for n, m in means.items()}
    scaled, before = {}, 1.0
    for name, total in means.items():
        factor = len(seen) / total
        scaled[f"conv{name}.weight"] = weights[f"conv{name}.weight"] * (factor / before)
        scaled[f"conv{name}.bias"] = weights[f"conv{name}.bias"] * factor
        before = factor
    return scaled


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with SOURCES.tsv")
    parser.add_argument("--teacher", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path("build/pocket"))
    parser.add_argument("--tiers", default="A", help="licence tiers to train on, such as A or ABC")
    parser.add_argument("--steps", type=int, default=14000)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--crop", type=int, default=128)
    parser.add_argument(
        "--late-crop", type=int, default=160, help="crop side after 60%% of the steps"
    )
    parser.add_argument("--peak", type=float, default=2e-3, help="highest learning rate")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument(
        "--go-on-from", type=Path, help="checkpoint of an earlier phase to start at"
    )
    parser.add_argument("--revive-every", type=int, default=400, help="steps; up to half of them")
    parser.add_argument("--fp32", action="store_true", help="train without bf16 autocast")
    parser.add_argument("--export", type=Path, help="write the weights here at the end")
    return parser.parse_args()


def main() -> None:
    arguments = parse()
    torch.set_num_threads(arguments.threads)
    arguments.out.mkdir(parents=True, exist_ok=True)
    files = split(arguments.data, arguments.tiers)
    pictures, held_back = [load(f) for f in files.training], [load(f) for f in files.held_back]
    run, started, first = Run(arguments), time.monotonic(), None
    log = (arguments.out / "log.jsonl").open("a", encoding="utf-8")
    saved = time.monotonic()
    while run.step < arguments.steps:
        losses = run.train_step(pictures)
        first = first or run.step
        if run.step % arguments.revive_every == 0 and run.step <= arguments.steps / 2:
            print(f"revived at step {run.step}: {run.student.revive(run.step)}", flush=True)
        if run.step % 500 == 0 or run.step == arguments.steps:
            rate = (run.step - first) / (time.monotonic() - started)
            row = {
                "step": run.step,
                "rate": rate,
                "train": losses,
                "held_back": run.validate(held_back),
            }
            print(json.dumps(row), file=log, flush=True)
        if time.monotonic() - saved > 120:
            run.save()
            saved = time.monotonic()
    run.save()
    if arguments.export:
        run.export(arguments.export, pictures)


if __name__ == "__main__":
    main()
