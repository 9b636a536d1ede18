"""`impasto stylize` where all is well: tiny pictures, every option."""

import csv
import json
import re

import pytest
import torch

from impasto import recipe_files
from impasto.images import Picture, decode, encode


def events_of(result):
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def recipe_of(path):
    return recipe_files.parse(decode(path).recipe, name="embedded")


def test_it_makes_a_picture_and_says_where(stylize, folder):
    result = stylize("-o", "out.png")
    assert result.exit_code == 0, result.output
    picture = decode(folder / "out.png")
    assert (picture.width, picture.height) == (72, 48)
    assert result.stdout.startswith("saved out.png (72 x 48 px, 4 steps, ")
    head, machine, *stages = result.stderr.splitlines()
    assert head == "photo.png + painting.png: recipe default, 4 steps in 2 stages"
    assert machine == "pocket-v1 on cpu in fp32, 1 thread"
    assert [line.split()[0] for line in stages] == ["1/2", "2/2"]
    assert "content 0." in stages[0]


def test_quiet_prints_nothing(stylize, folder):
    result = stylize("-o", "out.jpg", "--quiet")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "")
    assert (folder / "out.jpg").exists()


@pytest.fixture
def flat_painting(folder):
    encode(Picture(torch.full((3, 40, 40), 0.5)), folder / "painting.png")


FLAT = r"(painting\.png|the style picture) is nearly one color: .+; use a style with [a-z ]+"


@pytest.mark.usefixtures("flat_painting")
def test_what_will_look_bad_is_said_before_the_run(stylize, folder):
    result = stylize("-o", "out.png")
    assert result.exit_code == 0, result.output
    _, _, warning, *stages = result.stderr.splitlines()
    assert re.fullmatch(f"warning: {FLAT}", warning)
    assert len(stages) == 2
    assert (folder / "out.png").exists()


@pytest.mark.usefixtures("flat_painting")
def test_quiet_still_says_what_will_look_bad(stylize):
    result = stylize("-o", "out.png", "--quiet")
    assert (result.exit_code, result.stdout) == (0, "")
    assert re.fullmatch(f"impasto: warning: {FLAT}\n", result.stderr)


@pytest.mark.usefixtures("flat_painting")
def test_json_tells_what_will_look_bad(stylize):
    planned, prepared, warned, started, *_ = events_of(stylize("-o", "out.png", "--json"))
    kinds = [event["event"] for event in (planned, prepared, warned, started)]
    assert kinds == ["planned", "prepared", "warned", "stage_started"]
    assert re.fullmatch(FLAT, warned["message"])


def test_a_warning_names_the_option_that_helps(stylize):
    result = stylize("-o", "out.png", "--set", "style.scale=2")
    assert "or a --style-scale of 1.02 for finer strokes" in result.stderr


def test_the_name_is_made_of_the_inputs_and_never_taken_twice(stylize, folder):
    assert "saved photo-painting.png" in stylize().stdout
    assert "saved photo-painting-2.png" in stylize().stdout
    assert (folder / "photo-painting-2.png").exists()


def test_a_named_output_is_written_over(stylize, folder):
    (folder / "out.png").write_text("old")
    assert stylize("-o", "out.png", "--quiet").exit_code == 0
    assert decode(folder / "out.png").width == 72
    assert not list(folder.glob(".impasto-*"))


def test_options_become_settings_in_the_embedded_recipe(stylize, folder):
    options = (
        "--content-weight 2 --style-weight 3 --tv-weight 0.5 --content-layers relu3_2 "
        "--style-layers relu1_1,relu2_1=0.5 --init gaussian --seed 7 --set style.scale=2 "
        "--set optimizer.adam.average=0"
    )
    assert stylize("-o", "out.png", "--quiet", *options.split()).exit_code == 0
    recipe = recipe_of(folder / "out.png")
    assert (recipe.content.weight, recipe.style.weight) == (2, 3)
    assert recipe.total_variation.weight == 0.5
    assert recipe.content.layers == {"relu3_2": 1}
    assert recipe.style.layers == {"relu1_1": 1, "relu2_1": 0.5}
    assert (recipe.start, recipe.seed, recipe.style.scale) == ("gaussian", 7, 2)
    assert (recipe.schedule.size, recipe.schedule.steps) == (72, 4)
    assert recipe.optimizer.chosen.average == 0
    assert recipe.optimizer.lbfgs == recipe_files.named("default").optimizer.lbfgs


@pytest.mark.parametrize("init", ["uniform", "gray", "start.png"])
def test_starts(stylize, folder, init):
    encode(Picture(torch.rand(3, 20, 20)), folder / "start.png")
    assert stylize("-o", "out.png", "--init", init, "--quiet").exit_code == 0
    expected = "picture" if init == "start.png" else init
    assert recipe_of(folder / "out.png").start == expected


def test_several_styles_in_a_mix(run, folder, small):
    result = run(
        *("stylize", "photo.png", "painting.png", "photo.png"), *small, "--style-mix", "2:1"
    )
    assert "saved photo-painting-photo.png" in result.stdout
    assert recipe_of(folder / "photo-painting-photo.png").style.mix == (2, 1)


def test_mixes_by_layer_scales_and_colors_become_settings(run, folder, small):
    options = "--style-mix 1:2,fine=1:0 --style-scale 0.5:2 --color content:histogram -o out.png"
    pictures = ("stylize", "photo.png", "painting.png", "photo.png")
    assert run(*pictures, *small, *options.split()).exit_code == 0
    recipe = recipe_of(folder / "out.png")
    assert (recipe.style.mix, recipe.style.layer_mix) == ((1, 2), {"fine": (1, 0)})
    assert recipe.style.scales == (0.5, 2)
    assert (recipe.color.mode, recipe.color.content) == ("content", "histogram")
    # What is given takes the place of all that the recipe says of it.
    options = "--recipe out.png --style-mix 2:1 --style-scale 2 --color style -o next.png"
    assert run(*pictures, *small, *options.split()).exit_code == 0
    recipe = recipe_of(folder / "next.png")
    assert (recipe.style.mix, recipe.style.layer_mix) == ((2, 1), {})
    assert (recipe.style.scale, recipe.style.scales) == (2, ())
    assert recipe.color.mode == "style"


def test_a_palette_takes_no_steps_and_no_network(run, folder):
    options = ("--size", "72", "--color", "palette", "--network", "vgg19", "--offline")
    result = run("stylize", "photo.png", "painting.png", "-o", "out.png", *options)
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("saved out.png (72 x 48 px, 0 steps, ")
    assert "vgg19" not in result.stderr
    assert recipe_of(folder / "out.png").color.mode == "palette"


def test_frames_of_the_work_have_the_colors_of_the_result(stylize, folder):
    options = ("--color", "content:luminance", "--save-every", "4", "-o", "out.png")
    assert stylize(*options, "--set", "optimizer.adam.average=0").exit_code == 0
    frame, last = (decode(folder / name).pixels for name in ("out.step00004.png", "out.png"))
    assert float((frame - last).abs().max()) < 0.01
    assert float((frame[0] - frame[2]).abs().max()) > 0.1  # not gray


def test_the_classical_recipe_says_how_it_balanced(stylize, folder):
    result = stylize("--recipe", "gatys", "-o", "out.webp")
    assert result.exit_code == 0, result.output
    assert "balanced: content weight times" in result.stderr
    assert recipe_of(folder / "out.webp").optimizer.name == "lbfgs"


def test_json_tells_every_event(stylize, folder):
    events = events_of(stylize("-o", "out.png", "--json", "--trace", "trace.json"))
    kinds = [event.pop("event") for event in events]
    first = ["stage_started", "step", "step", "step", "stage_finished"]
    second = ["stage_started", "step", "stage_finished"]
    assert kinds == ["planned", "prepared", *first, *second, "finished"]
    assert events[0]["execution"].items() > {"tile": None, "compact": False, "disk": 0}.items()
    assert events[1] == {
        "network": "pocket-v1",
        "device": "cpu",
        "precision": "fp32",
        "stages": [
            {"height": 34, "width": 51, "steps": 3},
            {"height": 48, "width": 72, "steps": 1},
        ],
        "margin": 16,
    }
    assert events[2] == {"stage": 1, "stages": 2, "height": 34, "width": 51, "steps": 3}
    last = events[-1]
    assert (last["status"], last["reason"], last["recipe"]) == ("completed", "", "default")
    assert (last["output"], last["trace"]) == ("out.png", "trace.json")
    assert (last["width"], last["height"], last["steps"]) == (72, 48, 4)
    assert last["seconds"] > 0


def test_json_of_the_balance(stylize):
    events = events_of(stylize("--recipe", "gatys", "--json"))
    (balanced,) = [event for event in events if event["event"] == "balanced"]
    assert balanced["content_factor"] > 0


def test_traces_hold_what_the_events_said(stylize, folder):
    events = events_of(stylize("-o", "out.png", "--json", "--trace", "trace.json"))
    steps = [event for event in events if event["event"] == "step"]
    rows = json.loads((folder / "trace.json").read_text())["steps"]
    assert [row["step"] for row in rows] == [step["step"] for step in steps] == [1, 2, 3, 4]
    for row, step in zip(rows, steps, strict=True):
        assert {name: row[name] for name in step["losses"]} == step["losses"]
    assert stylize("-o", "out.png", "--quiet", "--trace", "trace.csv").exit_code == 0
    with (folder / "trace.csv").open() as file:
        table = list(csv.DictReader(file))
    assert [list(row) for row in table] == [list(row) for row in rows]
    assert [float(row["total"]) for row in table] == [row["total"] for row in rows]


def test_the_same_command_gives_the_same_bytes(stylize, folder):
    for name in ("a.png", "b.png"):
        assert stylize("-o", name, "--init", "gaussian", "--quiet").exit_code == 0
    assert (folder / "a.png").read_bytes() == (folder / "b.png").read_bytes()


def test_a_picture_is_a_recipe(stylize, run, folder, pocket_file):
    assert stylize("-o", "a.png", "--seed", "5", "--init", "uniform", "--quiet").exit_code == 0
    again = ["--recipe", "a.png", "--weights", pocket_file, "-o", "b.png", "--threads", "1", "-q"]
    assert run("stylize", "photo.png", "painting.png", *again).exit_code == 0
    assert torch.equal(decode(folder / "a.png").pixels, decode(folder / "b.png").pixels)


def test_save_every_writes_the_work_under_way(stylize, folder):
    assert stylize("-o", "out.png", "--save-every", "3", "--steps", "7", "-q").exit_code == 0
    assert sorted(path.name for path in folder.glob("out*")) == [
        "out.png",
        "out.step00003.png",
        "out.step00006.png",
    ]
    assert decode(folder / "out.step00006.png").width == 72
    assert decode(folder / "out.step00003.png").width == 51


def test_alpha_is_kept_in_the_work_under_way(stylize, folder):
    encode(Picture(torch.rand(3, 32, 48), alpha=torch.rand(1, 32, 48)), folder / "photo.png")
    assert stylize("-o", "out.png", "--save-every", "2", "-q").exit_code == 0
    assert decode(folder / "out.step00002.png").alpha is not None


def test_a_time_limit_saves_what_there_is(stylize, folder):
    result = stylize("-o", "out.png", "--steps", "100000", "--time-limit", "0.3")
    assert result.exit_code == 0
    first, second = result.stdout.splitlines()
    assert first.startswith("saved out.png (")
    assert " of 100000 steps, " in first
    assert second == "stopped: the time limit of 0.3 s was reached"
    assert decode(folder / "out.png").recipe is not None


def test_threads_are_set(stylize):
    torch.set_num_threads(2)
    assert stylize("--quiet").exit_code == 0
    assert torch.get_num_threads() == 1


def test_another_network_drops_the_hash_of_the_recipes(run, folder, small):
    settings = ["--set", f"network.sha256={'0' * 64}"]
    assert run("recipe", "save", "draft", "mine.toml", *settings).exit_code == 0
    result = run(
        *("stylize", "photo.png", "painting.png", *small, "--recipe", "mine.toml"),
        *("--network", "vgg19"),
    )
    assert "SHA-256" not in result.stderr
    assert result.exit_code == 2  # the file holds weights of another network


def test_names_with_brackets_spaces_and_accents(run, folder, small):
    (folder / "my [red] été.png").write_bytes((folder / "photo.png").read_bytes())
    result = run("stylize", "my [red] été.png", "painting.png", *small, "-o", "[b] ü.png")
    assert result.exit_code == 0, result.output
    assert "my [red] été.png + painting.png" in result.stderr
    assert "saved [b] ü.png (" in result.stdout


def test_a_strength_is_kept_in_the_recipe_and_0_gives_the_photograph(stylize, folder):
    assert stylize("--strength", "0", "-o", "a.png", "--size", "48").exit_code == 0
    assert torch.equal(decode(folder / "a.png").pixels, decode(folder / "photo.png").pixels)
    result = stylize("--strength", "0.5", "-o", "b.png")
    assert result.exit_code == 0, result.output
    assert "by the style alone" in result.stderr
    recipe = recipe_of(folder / "b.png")
    assert (recipe.content.hold, recipe.content.strength) == ("strength", 0.5)
    result = stylize("--like", "b.png", "--content-weight", "2", "-o", "c.png")
    assert result.exit_code == 0, result.output
    assert recipe_of(folder / "c.png").content.hold == "weight"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--strength", "1.5"), "between 0"),
        (("--strength", "-1"), "between 0"),
        (("--strength", "nan"), "between 0"),
        (("--strength", "0.5", "--content-weight", "2"), "got both"),
    ],
)
def test_a_strength_that_cannot_be(stylize, options, words):
    result = stylize(*options)
    assert result.exit_code == 2
    assert words in result.stderr


def test_a_recipe_may_bring_a_style_of_its_own(run, folder, small):
    own = ["--recipe", "sketch", "--set", "guides.protect=none", *small]
    result = run("stylize", "photo.png", *own, "-o", "out.png")
    assert result.exit_code == 0, result.output
    assert "photo.png + ink.jpg: recipe sketch" in result.stderr
    result = run("stylize", "photo.png", *small)
    assert result.exit_code == 2
    assert "--recipe mosaic or oil" in result.stderr
    result = run("stylize", "photo.png", *small, "--set", "style.sample=inc")
    assert "did you mean ink" in result.stderr


def test_tiles_meet_at_their_edges(run, folder, small):
    def seam(*arguments):
        texture = ["--recipe", "texture", *small, "--steps", "60", "--size", "64"]
        layers = ["--style-layers", "relu1_1,relu2_1"]
        result = run(
            "stylize",
            "painting.png",
            "painting.png",
            *texture,
            *layers,
            "-q",
            "-o",
            "t.png",
            *arguments,
        )
        assert result.exit_code == 0, result.output
        pixels = decode(folder / "t.png").pixels
        across = (pixels[:, :, 0] - pixels[:, :, -1]).abs().mean()
        inside = pixels.diff(dim=2).abs().mean()
        return float(across / inside)

    assert seam("--tileable") < 1.5 < seam()
