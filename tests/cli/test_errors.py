"""Every error path: exit code 2, one line on stderr, and nothing left in the folder."""

import json
import os

import pytest
import torch
from safetensors.torch import save_file

PAIR = ("stylize", "photo.png", "painting.png")


@pytest.fixture
def refused(run, folder):
    """Run a command that must be refused; return its one line."""

    def invoke(*arguments: object, code: int = 2) -> str:
        before = sorted(folder.rglob("*"))
        result = run(*arguments)
        assert result.exit_code == code, result.output
        assert result.stdout == ""
        assert sorted(folder.rglob("*")) == before, "the command left a file behind"
        (line,) = result.stderr.splitlines()
        assert line.startswith("impasto: error: ")
        return line.removeprefix("impasto: error: ")

    return invoke


REFUSED = {
    "missing content": (
        ["stylize", "phoot.png", "painting.png"],
        "there is no file phoot.png; check the name and the folder",
    ),
    "missing style": (["stylize", "photo.png", "none.jpg"], "there is no file none.jpg"),
    "content is text": (["stylize", "notes.txt", "painting.png"], "notes.txt is not a picture"),
    "style is empty": (["stylize", "photo.png", "empty.png"], "empty.png is empty"),
    "content is a folder": (["stylize", "sub", "painting.png"], "sub is a folder"),
    "content is cut off": (["stylize", "half.png", "painting.png"], "half.png is damaged"),
    "unknown recipe": ([*PAIR, "--recipe", "gatsy"], "unknown recipe 'gatsy': did you mean gatys?"),
    "missing recipe file": ([*PAIR, "--recipe", "my.toml"], "cannot read the recipe my.toml"),
    "recipe is not TOML": ([*PAIR, "--recipe", "bad.toml"], "bad.toml is not valid TOML"),
    "picture without recipe": ([*PAIR, "--recipe", "photo.png"], "photo.png holds no recipe"),
    "missing picture for recipe": ([*PAIR, "--recipe", "gone.png"], "there is no file gone.png"),
    "setting without value": ([*PAIR, "--set", "style.weight"], "a setting is given as key=value"),
    "unknown setting": (
        [*PAIR, "--set", "style.wieght=2"],
        "unknown setting 'style.wieght': did you mean style.weight",
    ),
    "setting of wrong type": (
        [*PAIR, "--set", "style.weight=much"],
        "style.weight must be a number, got 'much'",
    ),
    "impossible setting": (
        [*PAIR, "--set", "optimizer.adam.average=2"],
        "optimizer.adam.average must be",
    ),
    "size too small": ([*PAIR, "--size", "3"], "schedule.size must be at least 16"),
    "no steps": ([*PAIR, "--steps", "0"], "schedule.steps must be at least 1"),
    "negative weight": ([*PAIR, "--style-weight", "-1"], "style.weight must be at least 0"),
    "infinite weight": ([*PAIR, "--content-weight", "inf"], "content.weight must be at least 0"),
    "unknown network": ([*PAIR, "--network", "vgg18"], "unknown network 'vgg18': did you mean"),
    "unknown optimizer": ([*PAIR, "--optimizer", "adm"], "did you mean adam?"),
    "unknown precision": ([*PAIR, "--precision", "fp16"], "unknown value for network.precision"),
    "unknown layer": (
        [*PAIR, "--style-layers", "relu1_1,relu9_1"],
        "unknown layer of pocket 'relu9_1': did you mean",
    ),
    "layer past the network": ([*PAIR, "--content-layers", "relu5_4"], "unknown layer of pocket"),
    "bad layer weight": (
        [*PAIR, "--content-layers", "relu4_2=high"],
        "a weight of layer relu4_2 must be a number, got 'high'; try relu2_1=0.5",
    ),
    "negative layer weight": (
        [*PAIR, "--content-layers", "relu4_2=-1"],
        "content.layers.relu4_2 must be at least 0",
    ),
    "empty layer": ([*PAIR, "--style-layers", "relu1_1,,relu2_1"], "has an empty name"),
    "layer twice": ([*PAIR, "--style-layers", "relu1_1,relu1_1=2"], "names relu1_1 twice"),
    "bad mix": ([*PAIR, "--style-mix", "2:x"], "a part of --style-mix must be a number, got 'x'"),
    "mix of another count": ([*PAIR, "--style-mix", "2:1"], "style.mix has 2 weights for 1 styles"),
    "mix of nothing": ([*PAIR, "--style-mix", "0"], "style.mix sums to zero"),
    "mix of a layer of another count": (
        [*PAIR, "--style-mix", "fine=1:0"],
        "style.layer_mix.fine has 2 weights for 1 styles",
    ),
    "mix of an unknown layer": (
        [*PAIR, "--style-mix", "fime=1"],
        "unknown style layer in style.layer_mix 'fime': did you mean fine?",
    ),
    "mix of a layer twice": (
        [*PAIR, "--style-mix", "fine=1,fine=2"],
        "--style-mix 'fine=1,fine=2' must name each layer once; try 2:1 or fine=1:0,coarse=0:1",
    ),
    "negative mix": ([*PAIR, "--style-mix", "fine=-1"], "style.layer_mix.fine must be at least 0"),
    "bad scale": ([*PAIR, "--style-scale", "big"], "a --style-scale must be a number, got 'big'"),
    "scale of nothing": ([*PAIR, "--style-scale", "0"], "style.scale must be at least 0.05"),
    "scales of another count": (
        [*PAIR, "--style-scale", "1:2"],
        "style.scales has 2 scales for 1 styles",
    ),
    "unknown colors": ([*PAIR, "--color", "pallet"], "unknown mode of --color 'pallet': did you"),
    "unknown way of colors": (
        [*PAIR, "--color", "content:luminence"],
        "unknown variant of --color content 'luminence': did you mean luminance?",
    ),
    "a way of the style's colors": ([*PAIR, "--color", "style:x"], "--color style has no variants"),
    "unknown start": ([*PAIR, "--init", "gausian"], "unknown start 'gausian': did you mean gaussi"),
    "start not a picture": ([*PAIR, "--init", "notes.txt"], "notes.txt is not a picture"),
    "bf16 with L-BFGS": (
        [*PAIR, "--recipe", "gatys", "--precision", "bf16"],
        "optimizer lbfgs needs network.precision = fp32",
    ),
    "no time": ([*PAIR, "--time-limit", "0"], "--time-limit must be more than 0 seconds"),
    "endless time": ([*PAIR, "--time-limit", "nan"], "--time-limit must be more than 0 seconds"),
    "no suffix": ([*PAIR, "-o", "out"], "cannot write out: unknown suffix ''; choose from .png"),
    "wrong suffix": ([*PAIR, "-o", "out.gif"], "GIF is read, not written; choose from .png, .jpg"),
    "no output folder": ([*PAIR, "-o", "none/out.png"], "there is no folder"),
    "output is a folder": ([*PAIR, "-o", "folder.png"], "it is a folder; add a file name"),
    "deep JPEG": (
        [*PAIR, "-o", "out.jpg", "--depth", "16"],
        "cannot write out.jpg with 16 bits per channel; expected a PNG or TIFF",
    ),
    "odd depth": ([*PAIR, "--depth", "12"], "expected a depth of 8 or 16 bits, got 12"),
    "no dpi": ([*PAIR, "--dpi", "0"], "expected 2 to 65,535 dpi, got 0; 300 is usual for print"),
    "too many pixels": (
        [*PAIR, "--pixel-limit", "1000"],
        "photo.png has 48 x 32 = 1,536 pixels; expected at most 1,000",
    ),
    "like and recipe": (
        [*PAIR, "--like", "made.png", "--recipe", "default"],
        "expected --recipe or --like, got both; leave one out",
    ),
    "like without recipe": ([*PAIR, "--like", "photo.png"], "photo.png holds no recipe"),
    "like is missing": ([*PAIR, "--like", "gone.png"], "there is no file gone.png"),
    "output is the picture it is like": (
        [*PAIR, "--like", "made.png", "-o", "made.png"],
        "made.png is an input",
    ),
    "output is the content": ([*PAIR, "-o", "photo.png"], "photo.png is an input and would be"),
    "output is the style": ([*PAIR, "-o", "sub/../painting.png"], "is an input and would be"),
    "output is the start": ([*PAIR, "--init", "half.png", "-o", "half.png"], "is an input"),
    "output is the recipe": ([*PAIR, "--recipe", "made.png", "-o", "made.png"], "is an input"),
    "frame is the content": (
        ["stylize", "out.step00002.png", "painting.png", "-o", "out.png", "--save-every", "1"],
        "out.step00002.png is an input",
    ),
    "trace suffix": ([*PAIR, "--trace", "trace.txt"], "a trace is saved as .json or .csv"),
    "trace folder": ([*PAIR, "--trace", "none/trace.csv"], "there is no folder"),
    "no weights for vgg19": (
        [*PAIR, "--network", "vgg19"],
        "vgg19 is not here, and fetching is off; get https://download.pytorch.org/models/vgg19-",
    ),
    "missing weights": ([*PAIR, "--weights", "w.safetensors"], "there is no weights file w.safet"),
    "weights are a folder": ([*PAIR, "--weights", "sub"], "there is no weights file sub"),
    "damaged weights": ([*PAIR, "--weights", "bad.safetensors"], "holds no network weights that"),
    "damaged state dict": ([*PAIR, "--weights", "notes.txt"], "holds no network weights that can"),
    "unknown device": ([*PAIR, "--device", "gpu"], "unknown device 'gpu'"),
}


@pytest.fixture
def obstacles(folder, originals):
    """What else may lie about in a folder."""
    (folder / "notes.txt").write_text("not a picture\n" * 20)
    (folder / "empty.png").touch()
    (folder / "bad.toml").write_text("size = = 3")
    (folder / "bad.safetensors").write_bytes(b"\x40\0\0\0\0\0\0\0{broken")
    photo = (originals / "photo.png").read_bytes()
    (folder / "half.png").write_bytes(photo[: len(photo) // 2])
    (folder / "out.step00002.png").write_bytes(photo)
    (folder / "sub").mkdir()
    (folder / "folder.png").mkdir()


@pytest.fixture
def _made_picture(folder):
    from impasto import recipe_files
    from impasto.images import Picture, encode

    text = recipe_files.to_toml(recipe_files.named("draft"))
    encode(Picture(torch.zeros(3, 20, 20), recipe=text), folder / "made.png")


@pytest.mark.usefixtures("obstacles", "_made_picture")
@pytest.mark.parametrize(("arguments", "message"), REFUSED.values(), ids=list(REFUSED))
def test_bad_input_is_refused_in_one_line(refused, arguments, message):
    assert message in refused(*arguments)


def test_a_device_that_is_not_there(refused):
    if torch.cuda.is_available():
        pytest.skip("this machine has one")
    assert "not available on this machine" in refused(*PAIR, "--device", "cuda")


def test_weights_of_another_network(refused, folder):
    save_file({"conv1_1.weight": torch.zeros(2, 3, 3, 3)}, folder / "other.safetensors")
    line = refused(*PAIR, "--weights", "other.safetensors")
    assert "--network" in line
    line = refused(*PAIR, "--weights", "other.safetensors", "--network", "vgg19")
    assert "conv1_1" in line


def test_weights_other_than_the_recipes(refused, pocket_file):
    line = refused(*PAIR, "--weights", pocket_file, "--set", f"network.sha256={'0' * 64}")
    assert "the recipe asks for pocket-v1 of SHA-256 000000000000" in line


def test_a_picture_start_needs_a_picture(refused, small):
    line = refused(*PAIR, *small, "--set", "start=picture", "--quiet")
    assert line == "start = picture needs a picture: give one with --init FILE"


@pytest.mark.skipif(os.name == "nt" or getattr(os, "geteuid", lambda: 0)() == 0, reason="rights")
def test_a_read_only_folder(refused, folder):
    (folder / "sub").mkdir(mode=0o500)
    assert "choose a folder that you can write to" in refused(*PAIR, "-o", "sub/out.png")


def test_a_hard_link_to_the_content_is_the_content(refused, folder):
    os.link(folder / "photo.png", folder / "same.png")
    assert "same.png is an input" in refused(*PAIR, "-o", "same.png")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["recipe", "show", "defalt"], "unknown recipe 'defalt': did you mean default"),
        (["recipe", "save", "default", "my.txt"], "a recipe is saved as .toml or .json"),
        (["recipe", "save", "default", "none/my.toml"], "there is no folder"),
        (["recipe", "save", "default", "my.toml", "--set", "seed=-1"], "seed must be at least 0"),
        (["demo", "-o", "demo.psd"], "unknown suffix '.psd'"),
        (["demo", "--size", "2"], "schedule.size must be at least 16"),
    ],
)
def test_other_commands_refuse_in_one_line_too(refused, arguments, message):
    assert message in refused(*arguments)


@pytest.mark.parametrize(
    "arguments",
    [
        [*PAIR, "--sise", "3"],
        [*PAIR, "--size", "large"],
        [*PAIR, "--threads", "0"],
        [*PAIR, "--quality", "0"],
        [*PAIR, "--quality", "101"],
        [*PAIR, "--pixel-limit", "0"],
        [*PAIR, "--save-every", "0"],
        ["stylize"],
        ["stylise"],
        ["recipe", "shaw"],
    ],
)
def test_usage_errors_exit_with_2(run, folder, arguments):
    result = run(*arguments)
    assert result.exit_code == 2
    assert "Usage:" in result.stderr
    assert "Traceback" not in result.output


# --- failures that are not the caller's ------------------------------------------------------


@pytest.fixture
def failing(monkeypatch, stylize):
    """Run `stylize` whose engine raises an error."""

    def invoke(error: BaseException, *arguments: str):
        def fail(*args, **kwargs):
            raise error
            yield

        monkeypatch.setattr("impasto.cli.work.stylize_events", fail)
        result = stylize("--quiet", *arguments)
        assert result.stdout == ""
        return result

    return invoke


OUT_OF_MEMORY = [
    MemoryError(),
    RuntimeError("[enforce fail at alloc_cpu.cpp:127] DefaultCPUAllocator: can't allocate memory"),
    torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB."),
]


@pytest.mark.parametrize("error", OUT_OF_MEMORY, ids=["python", "cpu", "cuda"])
def test_out_of_memory_has_a_remedy(failing, error):
    result = failing(error)
    assert result.exit_code == 1
    assert result.stderr == (
        "impasto: error: not enough memory for this size: try a smaller --size, or --memory 2GB\n"
    )


def test_a_system_error_names_the_file(failing):
    result = failing(OSError(28, "No space left on device", "out.png"))
    assert result.exit_code == 1
    assert result.stderr == "impasto: error: out.png: No space left on device\n"


def test_a_bug_says_how_to_report_it(failing, monkeypatch):
    result = failing(ZeroDivisionError("division\nby zero"))
    assert result.exit_code == 1
    (line,) = result.stderr.splitlines()
    assert line.startswith("impasto: internal error: ZeroDivisionError: division by zero; set IMPA")
    monkeypatch.setenv("IMPASTO_DEBUG", "1")
    result = failing(ZeroDivisionError("division by zero"))
    assert "Traceback (most recent call last)" in result.stderr
    assert result.stderr.splitlines()[-1] == line


def test_a_diverged_run_saves_the_last_good_image_and_exits_with_1(stylize, folder, monkeypatch):
    monkeypatch.setattr(
        "impasto.engine.guard.Guard.problem", lambda self, update: "the loss became nan"
    )
    result = stylize("-o", "out.png", "--json")
    assert result.exit_code == 1
    events = [json.loads(line) for line in result.stdout.splitlines()]
    assert [e["event"] for e in events].count("warned") == 2
    assert events[-1]["status"] == "diverged"
    assert (folder / "out.png").exists()
    (line,) = result.stderr.splitlines()
    assert line == (
        "impasto: error: the run diverged: the loss became nan; the last good image is in "
        "out.png; try --set optimizer.adam.learning_rate=0.0125"
    )


def test_quiet_still_warns(stylize, monkeypatch):
    monkeypatch.setattr("impasto.engine.guard.Guard.problem", lambda self, update: "oh")
    result = stylize("-o", "out.png", "--quiet")
    warning = "impasto: warning: oh; going back to the last good image with smaller steps"
    assert result.stdout == ""
    assert result.stderr.splitlines()[:2] == [warning, warning]


def test_a_picture_that_cannot_be_saved_at_the_end_is_rescued(
    stylize, folder, monkeypatch, tmp_path_factory
):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    monkeypatch.setattr("tempfile.tempdir", str(elsewhere))
    (folder / "results").mkdir()

    def lose_the_folder(self, event):
        if (folder / "results").exists():
            (folder / "results").rmdir()

    monkeypatch.setattr("impasto.cli.listeners.Silent.event", lose_the_folder)
    result = stylize("-o", "results/out.png", "--quiet")
    assert result.exit_code == 1
    (rescued,) = elsewhere.rglob("out.png")
    assert result.stderr.rstrip().endswith(f"the picture is safe in {rescued}")
