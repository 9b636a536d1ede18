"""`impasto weights`: what is printed, and the exit codes."""

import io
import json
from dataclasses import replace

import pytest
import torch
from rich.console import Console
from typer.testing import CliRunner

from impasto.cli.display import LiveDisplay
from impasto.cli.main import app
from impasto.events import Fetching
from impasto.features import architectures
from impasto.features.architectures import Architecture
from impasto.images import Picture, encode
from impasto.weights import cache, catalog
from impasto.weights.catalog import VGG19, YUNET, Source

CONTENT = b"\x08\x07onnx" * 100


@pytest.fixture
def run(monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    return lambda *arguments: CliRunner().invoke(app, ["weights", *map(str, arguments)])


@pytest.fixture
def yunet(server, monkeypatch):
    """YuNet as the catalog has it, published on this machine, its digest unknown."""
    server.files["face.onnx"] = CONTENT
    found = replace(YUNET, source=Source(server.address("face.onnx"), len(CONTENT), ""))
    monkeypatch.setitem(catalog.ITEMS, "yunet", found)
    return found


def entry(run, name):
    return {e["name"]: e for e in json.loads(run("list", "--json").stdout)}[name]


def test_the_list_tells_name_place_size_licence_and_state(run, yunet):
    before = entry(run, "yunet")
    assert (before["state"], before["size"], before["licence"]) == ("not here", 600, "MIT")
    assert before["address"] == yunet.source.address
    assert run("fetch", "yunet").exit_code == 0
    after = entry(run, "yunet")
    assert (after["state"], after["published"]) == ("verified", True)
    path = cache.find("yunet").path
    assert after["path"] == str(path)
    path.write_bytes(CONTENT[:-1] + b"y")
    assert entry(run, "yunet")["state"] == "damaged"
    pocket = entry(run, "pocket-v1")
    assert (pocket["state"], pocket["licence"]) == ("embedded", "MIT")
    text = run("list").stdout
    for name in catalog.ITEMS:
        assert f"\n{name} " in "\n" + text
    assert "CC BY 4.0" in text


def test_fetch_tells_the_size_and_the_place(run, yunet, cache_folder):
    result = run("fetch", "yunet")
    assert result.exit_code == 0, result.output
    assert "fetching yunet, 1 kB, from http://127.0.0.1" in result.stderr
    assert result.stdout.startswith("yunet: verified (SHA-256 ")
    assert str(cache_folder) in result.stdout
    again = run("fetch", "yunet")
    assert (again.exit_code, again.stderr) == (0, "")


def test_a_mirror_can_be_given(run, yunet, server, mirror):
    mirror.files["face.onnx"] = CONTENT
    assert run("fetch", "yunet", "--mirror", mirror.address("m")).exit_code == 0
    assert server.requests == []


def test_offline_is_an_error_of_the_user(run, yunet):
    result = run("fetch", "yunet", "--offline")
    assert result.exit_code == 2
    assert "weights import yunet FILE" in result.stderr


def test_what_comes_with_impasto_needs_no_fetch(run):
    result = run("fetch", "pocket-v1")
    assert (result.exit_code, "nothing to fetch" in result.stdout) == (0, True)
    assert run("import", "pocket-v1", "x.pth").exit_code == 2


@pytest.mark.parametrize("command", ["fetch", "path", "verify"])
def test_unknown_names(run, command):
    result = run(command, "vgg91")
    assert result.exit_code == 2
    assert "did you mean vgg" in result.stderr


def test_path_and_verify(run, yunet, cache_folder):
    assert run("path").stdout.strip() == str(cache_folder)
    for command in ("path", "verify"):
        result = run(command, "yunet")
        assert (result.exit_code, "weights fetch yunet" in result.stderr) == (2, True)
    assert "nothing" in run("verify").stdout
    run("fetch", "yunet")
    path = cache.find("yunet").path
    assert run("path", "yunet").stdout.strip() == str(path)
    assert run("verify").stdout == "yunet: verified\n"
    path.write_bytes(b"")
    result = run("verify", "yunet")
    assert (result.exit_code, result.stdout) == (2, "yunet: damaged\n")
    assert "weights fetch yunet" in result.stderr


def test_import_says_what_it_took_the_file_for(run, tmp_path, monkeypatch):
    table = Architecture("vgg19", ((8,), (8,)))
    monkeypatch.setitem(architectures.ARCHITECTURES, "vgg19", table)
    shapes = table.weight_shapes()
    torch.save({name: torch.randn(shape) for name, shape in shapes.items()}, tmp_path / "a.pth")
    result = run("import", "vgg19", tmp_path / "a.pth", "--preprocessing", "caffe")
    assert result.exit_code == 0, result.output
    assert "caffe preprocessing" in result.stdout
    assert "not the published file" in result.stdout
    assert entry(run, "vgg19")["preprocessing"] == "caffe"
    result = run("import", "vgg19", tmp_path / "a.pth", "--preprocessing", "bgr")
    assert (result.exit_code, "auto, torchvision, caffe" in result.stderr) == (2, True)


def test_stylize_offline_is_refused_before_anything_is_read(tmp_path):
    (tmp_path / "a.png").write_bytes(b"no picture, but nobody looks")
    arguments = ["stylize", str(tmp_path / "a.png"), str(tmp_path / "a.png"), "--offline"]
    out = ["-o", str(tmp_path / "out.png")]
    result = CliRunner().invoke(app, [*arguments, "--network", VGG19.name, *out])
    assert result.exit_code == 2
    assert f"weights import {VGG19.name} FILE" in result.stderr
    result = CliRunner().invoke(app, [*arguments, "--network", "vgg19-compressed", *out])
    assert "published at no fixed address" in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]


class TestOnFirstUse:
    """A network that a command names is fetched, and the size is told."""

    SIZE = ("--size", "40", "--steps", "1", "--precision", "fp32", "--recipe", "draft")
    LAYERS = ("--content-layers", "relu1_2", "--style-layers", "relu1_1")

    @pytest.fixture
    def vgg(self, server, monkeypatch, tmp_path):
        table = Architecture("vgg19", ((8, 8), (8,), (8,), (8,), (8,)))
        monkeypatch.setitem(architectures.ARCHITECTURES, "vgg19", table)
        weights = {name: torch.randn(shape) / 5 for name, shape in table.weight_shapes().items()}
        file = io.BytesIO()
        torch.save(weights, file)
        server.files["net.pth"] = file.getvalue()
        source = Source(server.address("net.pth"), len(file.getvalue()), "")
        for known in (catalog.NETWORKS, catalog.ITEMS):
            monkeypatch.setitem(known, "vgg19", replace(VGG19, source=source))
        monkeypatch.chdir(tmp_path)
        for name in ("a.png", "b.png"):
            encode(Picture(torch.rand(3, 40, 40)), name)
        return server

    def stylize(self, *more):
        arguments = ["stylize", "a.png", "b.png", "--network", "vgg19", *self.SIZE, *self.LAYERS]
        return CliRunner().invoke(app, [*arguments, *more, "-o", "out.png"])

    @pytest.mark.parametrize("more", [(), ("--quiet",)])
    def test_stylize_says_so_once(self, vgg, more):
        result = self.stylize(*more)
        assert result.exit_code == 0, result.output
        assert " ".join(result.stderr.split()).count("fetching vgg19, ") == 1
        again = self.stylize(*more)
        assert (again.exit_code, "fetching" in again.stderr) == (0, False)
        assert len(vgg.requests) == 1

    def test_stylize_tells_programs(self, vgg):
        lines = [json.loads(line) for line in self.stylize("--json").stdout.splitlines()]
        assert (lines[0]["event"], lines[0]["received"]) == ("fetching", 0)
        assert lines[0]["size"] == len(vgg.files["net.pth"])

    def test_a_failed_download_leaves_no_picture(self, vgg, tmp_path):
        vgg.status = 404
        result = self.stylize()
        assert result.exit_code == 2
        assert "weights import vgg19 FILE" in result.stderr
        assert not (tmp_path / "out.png").exists()

    def test_compare_fetches_its_judge(self, vgg):
        arguments = ["compare", "a.png", "--content", "a.png", "--style", "b.png"]
        refused = CliRunner().invoke(app, [*arguments, "--network", "vgg19", "--offline"])
        assert (refused.exit_code, len(vgg.requests)) == (2, 0)
        CliRunner().invoke(app, [*arguments, "--network", "vgg19"])
        assert cache.find("vgg19") is not None


def test_the_live_display_shows_how_far_a_download_is():
    console = Console(file=io.StringIO(), width=100, force_terminal=True)
    display = LiveDisplay(console, "a + b", "default", lambda: False)
    for received, words in ((20_000_000, "20 of 80 MB"), (80_000_000, "verifying")):
        display.event(Fetching("vgg19", "https://example.com/x", received, 80_000_000))
        shown = Console(file=io.StringIO(), width=100)
        shown.print(display._view())
        assert words in shown.file.getvalue()
    assert console.file.getvalue().count("fetching vgg19, 80 MB") == 1
