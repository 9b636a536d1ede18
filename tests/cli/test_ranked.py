"""Several processes under torchrun: the bytes of one, clear errors, and what is left of a kill."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from PIL import Image
from torch.nn.functional import interpolate

pytestmark = pytest.mark.slow
PATIENCE = 240


@pytest.fixture
def work(tmp_path):
    """A folder with a smooth content and style picture."""
    for number, name in enumerate(("content.png", "style.png")):
        coarse = torch.rand(1, 3, 20, 15, generator=torch.Generator().manual_seed(number))
        pixels = interpolate(coarse, (160, 120), mode="bicubic").clamp(0, 1)
        Image.fromarray((pixels[0].permute(1, 2, 0) * 255).byte().numpy()).save(tmp_path / name)
    return tmp_path


def begin(folder, count, *arguments):
    launch = ["torch.distributed.run", "--standalone", "--nproc-per-node", str(count)]
    command = [sys.executable, "-m", *launch, "-m", "impasto", *map(str, arguments), "--quiet"]
    return subprocess.Popen(
        command,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )


def run(folder, count, *arguments):
    process = begin(folder, count, *arguments)
    text, _ = process.communicate(timeout=PATIENCE)
    said = [line for line in text.splitlines() if line.startswith("impasto:")]
    return process.returncode, said


def stylized(folder, count, output, *more, tile=64, steps=6):
    fixed = ["--size", 160, "--steps", steps, "--tile", tile, "--precision", "fp32"]
    code, said = run(
        folder, count, "stylize", "content.png", "style.png", "-o", output, *fixed, *more
    )
    assert (code, said) == (0, [])
    return (folder / output).read_bytes()


def test_two_and_three_processes_give_the_bytes_of_one(work):
    one = stylized(work, 1, "1.png")
    assert stylized(work, 2, "2.png") == one
    assert stylized(work, 3, "3.png") == one


def test_controls_give_the_same_bytes_too(work):
    mask = Image.new("L", (120, 160), 0)
    mask.paste(255, (30, 40, 90, 120))
    mask.save(work / "mask.png")
    look = ["--strength", "0.6", "--protect", "mask.png", "--color", "content"]
    for count in (1, 2):
        kept = ["--save-every", 4, "--animate", f"{count}.gif", "--trace", f"{count}.json"]
        stylized(work, count, f"{count}.png", *look, *kept, steps=8)
    for name in ("{}.png", "{}.step00004.png", "{}.step00008.png", "{}.gif"):
        one, two = (work / name.format(count) for count in (1, 2))
        assert one.read_bytes() == two.read_bytes(), name
    one, two = (json.loads((work / f"{count}.json").read_text()) for count in (1, 2))
    losses = [
        [
            {name: value for name, value in row.items() if name != "seconds"}
            for row in trace["steps"]
        ]
        for trace in (one, two)
    ]
    assert losses[0] == losses[1]
    plain = Image.open(work / "content.png")
    assert Image.open(work / "2.png").getpixel((60, 80)) == plain.getpixel((60, 80))


def test_another_plan_ends_at_nearly_the_same_loss(work):
    stylized(work, 1, "a.png", "--trace", "a.json", tile=64, steps=20)
    stylized(work, 2, "b.png", "--trace", "b.json", tile=96, steps=20)
    first, other = (json.loads((work / name).read_text()) for name in ("a.json", "b.json"))
    ends = [trace["steps"][-1]["total"] for trace in (first, other)]
    assert ends[1] == pytest.approx(ends[0], rel=0.01)


def test_bad_input_is_said_once(work):
    process = begin(work, 2, "stylize", "missing.png", "style.png", "-o", "x.png")
    text, _ = process.communicate(timeout=PATIENCE)
    said = [line for line in text.splitlines() if line.startswith("impasto:")]
    assert said == ["impasto: error: there is no file missing.png; check the name and the folder"]
    assert "exitcode  : 2" in text


def rank_of(pid):
    """The rank of a process that torchrun has started."""
    settings = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    return next((int(s[5:]) for s in settings if s.startswith(b"RANK=")), None)


@pytest.mark.skipif(sys.platform != "linux", reason="finds the ranks by /proc")
def test_a_killed_rank_ends_the_others_and_the_run_resumes(work):
    whole = stylized(work, 2, "whole.png", steps=60)
    fixed = ["--size", 160, "--steps", 60, "--tile", 64, "--precision", "fp32"]
    kept = ["--checkpoint", "kept", "--checkpoint-every", 5]
    process = begin(work, 2, "stylize", "content.png", "style.png", "-o", "out.png", *fixed, *kept)
    until = time.monotonic() + PATIENCE
    while not (work / "kept" / "000002.json").exists():
        assert time.monotonic() < until
        assert process.poll() is None, process.communicate()[0]
        time.sleep(0.05)
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    (victim,) = [pid for pid in children if rank_of(pid) == 1]
    os.kill(int(victim), signal.SIGKILL)
    began = time.monotonic()
    text, _ = process.communicate(timeout=PATIENCE)
    assert time.monotonic() - began < 20
    assert process.returncode == 1
    (said,) = [line for line in text.splitlines() if line.startswith("impasto:")]
    assert said.startswith("impasto: error: rank 1 of 2 has gone; the checkpoint of step ")
    assert "impasto resume kept" in said
    assert not (work / "out.png").exists()
    assert run(work, 3, "resume", "kept") == (0, [])
    assert (work / "out.png").read_bytes() == whole
