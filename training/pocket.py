"""Train the pocket network: a compact VGG distilled from a compressed VGG-19 teacher.

    python training/pocket.py --data FOLDER --teacher compressed_vgg19.safetensors

The student starts from He initialization, and its convolutions first learn their counterparts'
channels one by one (matching.py); deep layers may then come from an earlier version (joining.py),
or everything may (`--start-from`). After that, all of it is trained together: 1 x 1 heads map its
features to the teacher's; the loss is the sum, over the teacher's maps, of the logarithm of the
share of the variance that stays unexplained. The logarithm lets every map count by
how much of its error goes away: the first layers, nearly explained, are not drowned out by the deep
ones. To it come the heads' Gram matrices.

The learning rate warms up, stays, and falls to nothing over the last `--decay` steps; so a run may
be stopped, and started again with fewer or more `--steps`. It writes a checkpoint every few minutes
and goes on from there; `--export` writes the averaged weights as the fp16 file that the package
embeds.
"""

import argparse
import json
import time
from pathlib import Path

import torch
import torch.nn.functional as functional
from safetensors.torch import load_file
from torch import Tensor

from augment import crops
from joining import join
from matching import match
from pictures import load, split
from pocket_file import export
from student import Student
from teacher import Teacher

WARM_UP = 300
FITTED_ON = 48
"""Crops that the heads are fitted to before the first step."""
JOINED_AT = "2_1"
AVERAGE = 0.999
SETTLE = 500
"""Steps before the decay from which on no channel is revived any more."""


def unexplained(prediction: Tensor, target: Tensor) -> Tensor:
    """Mean squared error over the target's variance around its per-channel means."""
    variance = (target.float() - target.float().mean(dim=(0, 2, 3), keepdim=True)).square().mean()
    return functional.mse_loss(prediction.float(), target.float()) / (variance + 1e-6)


def gram_distance(prediction: Tensor, target: Tensor) -> Tensor:
    """Squared distance of Gram matrices over the target's squared size."""
    ours, theirs = (
        torch.einsum("nchw,ndhw->ncd", x.float(), x.float()) for x in (prediction, target)
    )
    size = theirs.square().sum((1, 2)) + 1e-12
    return ((ours - theirs).square().sum((1, 2)) / size).mean()


def edge_distance(prediction: Tensor, target: Tensor) -> Tensor:
    """Unexplained share of the differences between neighbors, down and across."""
    ours, theirs = (
        torch.cat([x.float().diff(dim=2).flatten(2), x.float().diff(dim=3).flatten(2)], dim=2)
        for x in (prediction, target)
    )
    return (ours - theirs).square().mean() / (theirs.square().mean() + 1e-6)


def learning_rate(step: int, steps: int, decay: int, peak: float) -> float:
    """Warm up, stay, and fall along a line to a hundredth over the last `decay` steps."""
    left = min(1.0, max(0.0, (steps - step) / max(1, decay)))
    return peak * min(1.0, (step + 1) / WARM_UP) * (0.01 + 0.99 * left)


class Run:
    """A training run that can be killed at any moment and started again."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        torch.manual_seed(arguments.seed)
        self.arguments = arguments
        self.teacher = Teacher(arguments.teacher).to(memory_format=torch.channels_last)
        shapes = self.teacher(torch.zeros(1, 3, 32, 32))
        self.student = Student({name: f.shape[1] for name, f in shapes.items()})
        if arguments.start_from:
            self.start_from(arguments.start_from)
        self.student.to(memory_format=torch.channels_last)
        self.remember_average()
        self.optimizer = torch.optim.AdamW(self.student.parameters(), lr=2e-3, weight_decay=1e-4)
        self.step = 0
        self.checkpoint = arguments.out / "checkpoint.pt"
        if self.checkpoint.exists():
            self.restore()

    def remember_average(self) -> None:
        self.average = {k: v.clone() for k, v in self.student.state_dict().items()}

    def prepare(self, pictures: list[Tensor]) -> None:
        """Before the first step: match the teacher, join an earlier version, fit the heads."""
        options = self.arguments
        if options.match:
            match(self.student, self.teacher, pictures, options.match, options.seed)
        batch = crops(pictures, side=options.crop, count=FITTED_ON, seed=0)
        if options.deep_from:
            share = join(self.student, options.deep_from, JOINED_AT, batch)
            print(f"joined at conv{JOINED_AT}; the map explains {share:.3f}", flush=True)
        self.student.fit_heads(batch, self.teacher(batch, thin=True))
        self.remember_average()

    def start_from(self, path: Path) -> None:
        """Take the convolutions of an earlier version; the heads start anew."""
        for name, tensor in load_file(path).items():
            layer, kind = name.removeprefix("conv").split(".")
            getattr(self.student.convolutions[layer], kind).data.copy_(tensor)

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

    def maps(self, image: Tensor, *, thin: bool = False) -> tuple[dict[str, Tensor], ...]:
        """The student's predictions and the teacher's maps, by name."""
        with torch.autocast("cpu", torch.bfloat16, enabled=not self.arguments.fp32):
            return self.student(image, thin=thin), self.teacher(image, thin=thin)

    def loss(self, predictions: dict[str, Tensor], targets: dict[str, Tensor]) -> Tensor:
        shares = [unexplained(predictions[name], targets[name]) for name in targets]
        heads = [(predictions[n], targets[n]) for n in targets if n[:4] == "head"]
        total = torch.stack([(share + 1e-4).log() for share in shares]).sum()
        for weight, distance in (
            (self.arguments.gram, gram_distance),
            (self.arguments.edges, edge_distance),
        ):
            if weight:
                total = total + weight * torch.stack([distance(*pair) for pair in heads]).sum()
        return total

    def train_step(self, pictures: list[Tensor]) -> None:
        options = self.arguments
        batch = crops(
            pictures, side=options.crop, count=options.batch, seed=options.seed * 10**9 + self.step
        )
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate(self.step, options.steps, options.decay, options.peak)
        maps = self.maps(batch.contiguous(memory_format=torch.channels_last), thin=True)
        self.optimizer.zero_grad()
        self.loss(*maps).backward()
        torch.nn.utils.clip_grad_norm_(self.student.parameters(), options.clip)
        self.optimizer.step()
        self.step += 1
        keep = min(AVERAGE, self.step / (self.step + 10))
        for name, tensor in self.student.state_dict().items():
            self.average[name].lerp_(tensor, 1 - keep)
        if self.step % options.revive_every == 0 and self.may_revive():
            print(f"revived at step {self.step}: {self.student.revive(self.step)}", flush=True)

    def may_revive(self) -> bool:
        return self.step < self.arguments.steps - self.arguments.decay - SETTLE

    @torch.no_grad()
    def validate(self, pictures: list[Tensor]) -> dict[str, float]:
        """Unexplained variance of the averaged weights on whole held-back pictures."""
        current = {k: v.clone() for k, v in self.student.state_dict().items()}
        self.student.eval()
        self.student.load_state_dict(self.average)
        sums: dict[str, float] = {}
        for picture in pictures:
            predictions, targets = self.maps(picture[None, :, :240, :240].float() / 255)
            for name, target in targets.items():
                share = float(unexplained(predictions[name], target)) / len(pictures)
                sums[name] = sums.get(name, 0.0) + share
        self.student.load_state_dict(current)
        self.student.train()
        return sums


def train(run: Run, pictures: list[Tensor], held_back: list[Tensor]) -> None:
    """Train to the last step, with a line in the log now and then and a checkpoint more often."""
    options, started, first = run.arguments, time.monotonic(), run.step
    saved = started
    with (options.out / "log.jsonl").open("a", encoding="utf-8") as log:
        while run.step < options.steps:
            run.train_step(pictures)
            now = time.monotonic()
            if run.step % options.log_every == 0 or run.step == options.steps:
                row = {"step": run.step, "rate": (run.step - first) / (now - started)}
                print(json.dumps(row | run.validate(held_back)), file=log, flush=True)
            if now - saved > 60:
                run.save()
                saved = now
    run.save()


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with SOURCES.tsv")
    parser.add_argument("--teacher", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path("build/pocket"))
    parser.add_argument("--start-from", type=Path, help="weights of an earlier version")
    parser.add_argument("--match", type=int, default=1400, help="steps of matching; 0: none")
    parser.add_argument("--deep-from", type=Path, help="earlier weights for blocks 2 to 5")
    parser.add_argument("--tiers", default="A", help="licence tiers to train on, such as A or ABC")
    parser.add_argument("--also", type=Path, nargs="*", default=[], help="more pictures")
    parser.add_argument("--steps", type=int, default=20000)
    parser.add_argument("--decay", type=int, default=4000, help="last steps, with falling rate")
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--crop", type=int, default=160)
    parser.add_argument("--peak", type=float, default=2e-3, help="highest learning rate")
    parser.add_argument("--clip", type=float, default=20.0, help="longest gradient")
    parser.add_argument("--gram", type=float, default=0.2, help="weight of the Gram matrices")
    parser.add_argument("--edges", type=float, default=0.0, help="weight of the maps' gradients")
    parser.add_argument("--revive-every", type=int, default=250, help="steps")
    parser.add_argument("--log-every", type=int, default=500, help="steps")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--fp32", action="store_true", help="train without bf16 autocast")
    parser.add_argument("--export", type=Path, help="write the weights here at the end")
    return parser.parse_args()


def main() -> None:
    arguments = parse()
    torch.set_num_threads(arguments.threads)
    arguments.out.mkdir(parents=True, exist_ok=True)
    files = split(arguments.data, arguments.tiers)
    pictures = [load(file) for file in (*files.training, *arguments.also)]
    held_back = [load(file) for file in split(arguments.data, "ABC").held_back]
    run = Run(arguments)
    if run.step == 0:
        run.prepare(pictures)
    train(run, pictures, held_back[::2])
    if arguments.export:
        facts = {"steps": str(run.step), "tiers": arguments.tiers}
        export(run.average, arguments.export, pictures, facts)


if __name__ == "__main__":
    main()
