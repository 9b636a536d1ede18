"""The Python interface from pictures to a result, on the embedded network's table."""

from pathlib import Path

import pytest
import torch

import impasto
from impasto import executing, recipe_files
from impasto.api import Result, resolve_recipe, stylize, stylize_events
from impasto.engine.control import Control
from impasto.errors import (
    ImpastoError,
    InputError,
    LayerError,
    PictureError,
    RecipeError,
    WeightsError,
)
from impasto.events import Finished, Planned, Prepared, Status, Step, Warned
from impasto.execution import ExecutionPlan
from impasto.images.codec import decode, encode
from impasto.images.color import to_oklab
from impasto.images.picture import Picture
from impasto.images.resize import resize
from impasto.images.streaming import decode_sized

SAMPLES = Path(impasto.__file__).parent / "samples"
QUICK = {
    "network.sha256": "",  # the weights are a random stand-in
    "network.precision": "fp32",
    "schedule.first": 32,
    "schedule.growth": 2.0,
    "content.layers": {"relu2_1": 1.0},
    "style.layers": {"relu1_1": 1.0, "relu2_1": 1.0},
}


def picture(height: int, width: int, seed: int) -> Picture:
    """Smooth random colors, so that resizing means something."""
    generator = torch.Generator().manual_seed(seed)
    coarse = torch.rand(1, 3, 5, 5, generator=generator)
    size = (height, width)
    smooth = torch.nn.functional.interpolate(coarse, size, mode="bilinear", align_corners=True)
    return Picture(smooth[0].contiguous())


CONTENT, STYLE, OTHER = picture(30, 40, 1), picture(33, 25, 2), picture(20, 60, 3)


@pytest.fixture(scope="module")
def quick(pocket_file):
    """Stylize in a few steps of a small picture."""

    def run(content=CONTENT, styles=STYLE, **options) -> Result:
        settings = QUICK | options.pop("settings", {})
        plain = {"size": 40, "steps": 3, "weights": pocket_file, "device": "cpu"}
        return stylize(content, styles, settings=settings, **(plain | options))

    return run


@pytest.fixture(scope="module")
def plain(quick):
    return quick()


@pytest.fixture
def files(tmp_path):
    encode(CONTENT, tmp_path / "content.png")
    encode(STYLE, tmp_path / "style.png")
    return tmp_path / "content.png", tmp_path / "style.png"


def test_a_result_has_all_it_promises(plain):
    assert plain.image.shape == (3, 30, 40)
    assert plain.image.dtype == torch.float32
    assert 0 <= float(plain.image.min()) <= float(plain.image.max()) <= 1
    assert torch.equal(plain.image, plain.picture.pixels)
    assert plain.status is Status.COMPLETED
    assert plain.reason == ""
    assert plain.timeline == ()
    assert len(plain.trace.rows) == 3
    assert not torch.equal(plain.image, CONTENT.pixels)


def test_the_loss_falls(quick):
    totals = quick(steps=12, settings={"schedule.first": 40}).trace.column("total")
    assert totals[-1] < 0.9 * totals[0]


@pytest.mark.parametrize("recipe", ["default", "gatys"])
def test_same_recipe_seed_and_threads_give_the_same_bytes(quick, tmp_path, recipe):
    options = {"recipe": recipe, "settings": {"schedule.first": 40, "start": "uniform"}}
    images = []
    for run in ("first", "second"):
        quick(**options).save(tmp_path / f"{run}.png")
        images.append((tmp_path / f"{run}.png").read_bytes())
    assert images[0] == images[1]


def test_another_seed_gives_other_pixels(quick):
    noise = {"start": "gaussian"}
    one, other = (quick(seed=seed, settings=noise, steps=1) for seed in (1, 2))
    assert not torch.equal(one.image, other.image)
    assert (one.recipe.seed, other.recipe.seed) == (1, 2)


def test_the_recipe_in_a_result_replays_it(quick, plain, pocket_file):
    assert plain.recipe.network.precision in ("fp32", "bf16")
    assert len(plain.recipe.network.sha256) == 64
    again = stylize(CONTENT, STYLE, recipe=plain.recipe, weights=pocket_file, device="cpu")
    assert torch.equal(again.image, plain.image)
    assert again.recipe == plain.recipe


def test_the_recipe_in_a_saved_picture_replays_it(plain, pocket_file, tmp_path):
    plain.save(tmp_path / "out.png")
    text = decode(tmp_path / "out.png").recipe
    (tmp_path / "found.toml").write_text(text, encoding="utf-8")
    recipe = recipe_files.load(tmp_path / "found.toml")
    assert recipe == plain.recipe
    again = stylize(CONTENT, STYLE, recipe=recipe, weights=pocket_file, device="cpu")
    assert torch.equal(again.image, plain.image)


def test_a_recipe_made_with_other_weights_is_refused(plain, pocket_file, tmp_path):
    altered = tmp_path / "altered.safetensors"
    altered.write_bytes(pocket_file.read_bytes()[:-1] + b"\x01")
    with pytest.raises(WeightsError, match="SHA-256"):
        stylize(CONTENT, STYLE, recipe=plain.recipe, weights=altered)


@pytest.mark.parametrize(("name", "error"), [("o.png", 0.002), ("o.webp", 0.03), ("o.jpg", 0.03)])
def test_a_saved_result_is_the_picture(plain, tmp_path, name, error):
    plain.save(tmp_path / name)
    assert float((decode(tmp_path / name).pixels - plain.image).abs().mean()) < error


def test_a_result_is_saved_with_depth_dpi_and_quality(plain, tmp_path):
    plain.save(tmp_path / "o.tif", depth=16, dpi=150)
    back = decode(tmp_path / "o.tif")
    torch.testing.assert_close(back.pixels, plain.image.clamp(0, 1), atol=1e-5, rtol=0)
    assert back.dpi == 150
    for quality in (10, 100):
        plain.save(tmp_path / f"{quality}.webp", quality=quality)
    small, large = ((tmp_path / f"{quality}.webp").stat().st_size for quality in (10, 100))
    assert small < large


def test_the_pixel_limit_is_passed_on(quick, files):
    with pytest.raises(PictureError, match="expected at most 10"):
        quick(files[0], files[1], pixel_limit=10)


def test_files_and_pictures_are_the_same_to_it(quick, files):
    decoded = quick(decode(files[0]), [decode(files[1])])
    assert torch.equal(quick(files[0], str(files[1])).image, decoded.image)
    assert torch.equal(quick(str(files[0]), [files[1]]).image, decoded.image)


def test_alpha_and_resolution_of_the_content_are_kept(quick):
    clear = Picture(CONTENT.pixels, alpha=torch.full((1, 30, 40), 0.5), dpi=300.0)
    result = quick(clear, steps=1)
    torch.testing.assert_close(result.picture.alpha, clear.alpha)
    assert result.picture.dpi == 300


def test_the_long_side_is_the_size(quick):
    stages = []
    result = quick(size=64, listen=lambda event: stages.append(event))
    assert result.image.shape == (3, 48, 64)
    started = [event for event in stages if hasattr(event, "stages") and hasattr(event, "height")]
    assert [(event.height, event.width) for event in started] == [(24, 32), (48, 64)]


def test_every_step_is_told_as_it_comes(quick):
    events, steps = [], []
    result = quick(listen=events.append, on_step=lambda step: steps.append(step.step))
    assert steps == [row.step for row in result.trace.rows]
    assert steps == [event.step for event in events if isinstance(event, Step)]


class TestStyles:
    def test_several_styles_differ_from_each_alone(self, quick):
        both, one, other = quick(styles=[STYLE, OTHER]), quick(), quick(styles=OTHER)
        assert not torch.equal(both.image, one.image)
        assert not torch.equal(both.image, other.image)

    def test_a_style_without_weight_does_not_count(self, quick, plain):
        alone = quick(styles=[STYLE, OTHER], settings={"style.mix": [1.0, 0.0]})
        torch.testing.assert_close(alone.image, plain.image, rtol=0, atol=1e-4)

    def test_the_same_style_twice_is_that_style(self, quick, plain):
        twice = quick(styles=[STYLE, STYLE])
        torch.testing.assert_close(twice.image, plain.image, rtol=0, atol=1e-4)

    def test_more_weights_than_styles_are_refused(self, quick):
        with pytest.raises(RecipeError, match=r"style\.mix has 2 weights for 1 styles"):
            quick(settings={"style.mix": [1.0, 2.0]})

    def test_none_are_refused(self, quick):
        with pytest.raises(InputError, match="at least one style"):
            quick(styles=[])

    def test_a_style_that_counts_at_no_layer_does_not_count(self, quick, plain):
        mix = {"fine": [1.0, 0.0]}  # both layers are fine
        alone = quick(styles=[STYLE, OTHER], settings={"style.layer_mix": mix})
        torch.testing.assert_close(alone.image, plain.image, rtol=0, atol=1e-4)

    def test_layers_of_two_styles_differ_from_a_mix_at_all(self, quick):
        mix = {"relu1_1": [1.0, 0.0], "relu2_1": [0.0, 1.0]}
        by_layer = quick(styles=[STYLE, OTHER], settings={"style.layer_mix": mix})
        assert not torch.equal(by_layer.image, quick(styles=[STYLE, OTHER]).image)

    def test_the_same_scale_for_each_is_the_scale_of_all(self, quick):
        each = quick(styles=[STYLE, OTHER], settings={"style.scales": [2.0, 2.0]})
        both = quick(styles=[STYLE, OTHER], settings={"style.scale": 2.0})
        assert torch.equal(each.image, both.image)
        other = quick(styles=[STYLE, OTHER], settings={"style.scales": [2.0, 0.5]})
        assert not torch.equal(each.image, other.image)

    def test_unequal_counts_are_refused(self, quick):
        for settings in ({"style.scales": [1.0, 2.0]}, {"style.layer_mix.fine": [1.0, 2.0]}):
            with pytest.raises(RecipeError, match="for 1 styles"):
                quick(settings=settings)


def hues(result):
    """What Oklab says of a picture's colors, without its lightness."""
    return to_oklab(result.picture.batch)[:, 1:]


class TestColors:
    @pytest.mark.parametrize("recipe", ["default", "gatys"])
    @pytest.mark.parametrize("optimizer", ["adam", "lbfgs"])
    def test_the_contents_colors_stay_in_place(self, quick, recipe, optimizer):
        settings = {"color.mode": "content", "optimizer.name": optimizer}
        result = quick(recipe=recipe, settings=settings, styles=[STYLE, OTHER])
        wanted = to_oklab(CONTENT.batch)[:, 1:]
        apart = (hues(result) - wanted).abs()
        assert float(apart.median()) < 1e-3  # all but colors out of the gamut
        free = hues(quick(recipe=recipe, settings={"optimizer.name": optimizer}))
        assert float((free - wanted).abs().median()) > 3e-3
        assert result.recipe.color.mode == "content"

    @pytest.mark.parametrize("method", ["covariance", "histogram"])
    def test_a_style_of_the_contents_colors(self, quick, method):
        settings = {"color.mode": "content", "color.content": method}
        noise = {"start": "uniform", "content.weight": 0.0}
        kept = quick(settings=noise | settings, steps=60, size=40)
        free = quick(settings=noise, steps=60, size=40)
        wanted = to_oklab(CONTENT.batch)[:, 1:].mean((2, 3))
        apart = [float((hues(r).mean((2, 3)) - wanted).norm()) for r in (kept, free)]
        assert apart[0] < 0.5 * apart[1]

    @pytest.mark.parametrize("method", ["axes", "covariance", "histogram"])
    def test_a_palette_needs_no_network(self, method):
        clear = Picture(CONTENT.pixels, alpha=torch.full((1, 30, 40), 0.5), dpi=300.0)
        settings = {
            "color.mode": "palette",
            "color.palette": method,
            "network.name": "vgg19",  # which is not here
        }
        result = stylize(clear, STYLE, size=40, settings=settings, device="cpu")
        assert result.status is Status.COMPLETED
        assert result.trace.rows == []
        assert result.recipe.color.mode == "palette"
        torch.testing.assert_close(result.picture.alpha, clear.alpha)
        found, wanted = (to_oklab(p.batch).mean((2, 3)) for p in (result.picture, STYLE))
        assert float((found - wanted).abs().max()) < 0.02

    def test_alpha_is_kept(self, quick):
        clear = Picture(CONTENT.pixels, alpha=torch.full((1, 30, 40), 0.5))
        result = quick(clear, settings={"color.mode": "content"})
        torch.testing.assert_close(result.picture.alpha, clear.alpha)

    def test_a_start_is_painted_in_gray_as_well(self, quick):
        seen = []
        quick(start=OTHER, steps=1, settings={"color.mode": "content"}, listen=seen.append)
        image = next(event.image for event in seen if isinstance(event, Step))
        moved = 0.11  # one step of Adam moves each channel by 0.05 at most
        assert float((image[:, 0] - image[:, 2]).abs().max()) < moved
        assert float((OTHER.pixels[0] - OTHER.pixels[2]).abs().max()) > 2 * moved

    def test_its_recipe_replays_it(self, quick, pocket_file):
        result = quick(settings={"color.mode": "content"})
        again = stylize(CONTENT, STYLE, recipe=result.recipe, weights=pocket_file, device="cpu")
        assert torch.equal(again.image, result.image)


class TestSettings:
    def test_short_names_and_dotted_paths_reach_the_recipe(self, quick):
        result = quick(seed=7, steps=2, settings={"style.weight": 2.5, "start": "gray"})
        assert result.recipe.seed == 7
        assert result.recipe.schedule.steps == 2
        assert result.recipe.style.weight == 2.5
        assert result.recipe.start == "gray"

    def test_what_is_not_given_is_the_recipes(self):
        recipe = recipe_files.named("gatys")
        assert resolve_recipe("gatys") == resolve_recipe(recipe) == recipe
        assert resolve_recipe(recipe, size=100).schedule.steps == recipe.schedule.steps

    def test_a_recipe_file(self, tmp_path):
        (tmp_path / "mine.toml").write_text("seed = 11\n")
        assert resolve_recipe(tmp_path / "mine.toml", size=99).seed == 11

    def test_terms_without_weight_are_left_out(self, quick):
        for recipe in ("default", "gatys"):
            columns = quick(recipe=recipe, settings={"content.weight": 0.0}).trace.rows[0].losses
            assert "content" not in columns
            assert "style" in columns
        columns = quick(settings={"style.weight": 0.0, "total_variation.weight": 1.0})
        assert set(columns.trace.rows[0].losses) >= {"content", "total_variation"}
        assert "style" not in columns.trace.rows[0].losses

    @pytest.mark.parametrize("name", ["adam", "lbfgs", "gradient_descent"])
    def test_every_optimizer_runs_from_every_recipe(self, quick, name):
        for recipe in ("default", "gatys"):
            result = quick(recipe=recipe, steps=2, settings={"optimizer.name": name})
            assert result.status is Status.COMPLETED


class TestStart:
    def test_a_picture_given_is_where_the_run_starts(self, quick):
        seen = []
        result = quick(start=OTHER, steps=1, listen=seen.append)
        assert result.recipe.start == "picture"
        step = next(event for event in seen if isinstance(event, Step))
        # One step of Adam moves pixels by the learning rate at most.
        wanted = resize(OTHER.batch, *step.image.shape[-2:])
        moved = (step.image - wanted).abs().max()
        assert float(moved) <= result.recipe.optimizer.adam.learning_rate * 1.01

    def test_a_start_by_picture_without_one_says_how_to_give_it(self, quick):
        with pytest.raises(RecipeError, match="needs a picture"):
            quick(settings={"start": "picture"})


class TestEvents:
    def test_come_in_order_and_the_result_last(self, pocket_file):
        recipe = resolve_recipe(size=64, steps=4, settings=QUICK)
        events = list(
            stylize_events(CONTENT, STYLE, recipe=recipe, weights=pocket_file, device="cpu")
        )
        planned, first = events[:2]
        assert isinstance(planned, Planned)
        assert planned.execution.is_plain
        assert isinstance(first, Prepared)
        assert (first.network, first.device, first.precision) == ("pocket-v1", "cpu", "fp32")
        assert (len(first.stages), first.steps) == (2, 4)
        assert isinstance(events[-2], Finished)
        assert isinstance(events[-1], Result)
        assert sum(isinstance(event, Step) for event in events) == 4

    def test_a_content_that_goes_into_files_is_read_into_one(self, pocket_file, monkeypatch):
        from impasto import given, stylizing

        read = []

        def sized(*arguments, storage, **options):
            read.append(storage)
            return decode_sized(*arguments, storage=storage, **options)

        def tight(*arguments, **options):
            found = executing.planned(*arguments, **options)
            return executing.Execution(
                ExecutionPlan(tile=48, mapped=True), found.stages, found.estimates
            )

        monkeypatch.setattr(given, "decode_sized", sized)
        monkeypatch.setattr(stylizing, "planned", tight)
        recipe = resolve_recipe(size=64, steps=4, settings=QUICK)
        content = str(SAMPLES / "valley.jpg")
        events = stylize_events(content, STYLE, recipe=recipe, weights=pocket_file, device="cpu")
        assert isinstance(next(events), Planned)
        assert not read  # planned first, read then
        *_, result = events
        assert isinstance(result, Result)
        assert [storage.mapped for storage in read] == [True]

    def test_a_picture_that_is_none_is_told_before_anything_is_fetched(self, tmp_path):
        (tmp_path / "a.png").write_bytes(b"no picture")
        recipe = resolve_recipe(size=64, settings=QUICK | {"network.name": "vgg19"})
        with pytest.raises(PictureError):
            next(stylize_events(tmp_path / "a.png", STYLE, recipe=recipe, device="cpu"))

    def test_a_listener_hears_all_but_the_result(self, quick):
        heard = []
        quick(listen=heard.append)
        assert isinstance(heard[1], Prepared)
        assert isinstance(heard[-1], Finished)

    def test_a_control_stops_it_with_the_image_so_far(self, quick):
        control = Control()

        def listen(event):
            if isinstance(event, Step) and event.step == 2:
                control.stop("enough")

        result = quick(steps=500, control=control, listen=listen)
        assert (result.status, result.reason) == (Status.STOPPED, "enough")
        assert len(result.trace.rows) == 2
        assert result.image.isfinite().all()

    def test_a_time_limit_stops_it(self, quick):
        result = quick(steps=100_000, time_limit=0.3)
        assert result.status is Status.STOPPED
        assert "time limit" in result.reason
        assert max(result.image.shape) >= 32


class TestErrors:
    def test_missing_pictures_are_named(self, quick, tmp_path):
        with pytest.raises(PictureError, match=r"none\.png"):
            quick(tmp_path / "none.png")
        with pytest.raises(PictureError, match=r"none\.png"):
            quick(styles=[STYLE, tmp_path / "none.png"])

    def test_unknown_recipes_settings_layers_networks_and_devices(self, quick):
        with pytest.raises(RecipeError, match="gatys"):
            quick(recipe="gatis")
        with pytest.raises(RecipeError, match=r"style\.weight"):
            quick(settings={"style.wieght": 1})
        with pytest.raises(LayerError, match="relu4_2"):
            quick(settings={"content.layers": {"relu4-2": 1.0}})
        with pytest.raises(LayerError, match="relu5_2"):
            quick(settings={"style.layers": {"relu5_2": 1.0}})
        with pytest.raises(WeightsError, match="vgg19"):
            quick(settings={"network.name": "vgg18"})
        with pytest.raises(InputError, match="cpu"):
            quick(device="cpux")

    def test_networks_that_are_not_here_say_how_to_bring_them(self):
        with pytest.raises(WeightsError, match="weights import vgg19 FILE"):
            stylize(CONTENT, STYLE, settings={"network.name": "vgg19"})

    def test_all_are_of_one_family(self):
        for error in (PictureError, RecipeError, LayerError, WeightsError):
            assert issubclass(error, InputError)
            assert issubclass(error, ImpastoError)


class TestWarnings:
    """What tests/images/test_preflight.py finds in pictures reaches whoever listens."""

    GRAY = Picture(torch.full((3, 40, 40), 0.5))

    def heard(self, quick, *pictures, **options):
        events = []
        result = quick(*pictures, steps=1, listen=events.append, **options)
        assert result.status is Status.COMPLETED
        assert isinstance(events[1], Prepared)
        messages = [event.message for event in events if isinstance(event, Warned)]
        assert messages == [event.message for event in events[2 : 2 + len(messages)]]
        return messages

    def test_fine_pictures_give_none(self, quick):
        assert self.heard(quick) == []

    def test_a_picture_without_a_file_is_named_by_its_part(self, quick):
        (flat,) = self.heard(quick, CONTENT, self.GRAY)
        assert flat.startswith("the style picture is nearly one color")
        (flat,) = self.heard(quick, CONTENT, [STYLE, self.GRAY])
        assert flat.startswith("style 2 is nearly one color")
        (flat,) = self.heard(quick, self.GRAY, STYLE)
        assert flat.startswith("the content picture is nearly one color")

    def test_a_file_is_named_as_such(self, quick, tmp_path):
        for name in ("fog.png", "wall.png"):
            encode(self.GRAY, tmp_path / name)
        messages = self.heard(quick, tmp_path / "fog.png", [STYLE, str(tmp_path / "wall.png")])
        assert [message.split(" is ")[0] for message in messages] == ["fog.png", "wall.png"]

    def test_they_are_about_the_size_and_scale_of_the_recipe(self, quick):
        (small,) = self.heard(quick, settings={"style.scale": 2.0})
        assert small.startswith("the style picture (25 x 33 px) is small for this size")
        content, style = self.heard(quick, size=100)
        assert "the content picture (40 x 30 px) is small" in content
        assert "the style picture (25 x 33 px) is small" in style

    def test_what_does_not_count_is_not_looked_at(self, quick):
        assert self.heard(quick, CONTENT, self.GRAY, settings={"style.weight": 0.0}) == []
        noise = {"content.weight": 0.0, "start": "uniform"}
        assert self.heard(quick, self.GRAY, STYLE, settings=noise) == []


class TestSmallAndLongPictures:
    def test_a_panorama_in_the_style_of_a_scroll(self, quick):
        """Neither may fall below what the network needs in any stage."""
        panorama, scroll = picture(50, 300, 4), picture(400, 40, 5)
        deep = {"style.layers": {"relu5_1": 1.0}, "content.layers": {"relu4_2": 1.0}}
        result = quick(panorama, scroll, size=240, steps=4, settings=deep)
        assert result.image.shape == (3, 40, 240)

    def test_a_size_too_small_for_the_network_is_refused_in_words(self, quick):
        deep = {"style.layers": {"relu5_1": 1.0}, "objective.margin": 0, "objective.shifts": 1}
        with pytest.raises(InputError):
            quick(size=16, settings=deep)


def test_the_package_names_all_it_promises():
    for name in impasto.__all__:
        assert getattr(impasto, name) is not None
    assert set(dir(impasto)) >= set(impasto.__all__)
    with pytest.raises(AttributeError, match="nothing"):
        impasto.nothing  # noqa: B018


class TestStrength:
    def test_0_is_the_content_picture(self, quick):
        result = quick(settings={"content.hold": "strength", "content.strength": 0.0})
        assert torch.equal(result.image, CONTENT.pixels)
        assert result.status is Status.COMPLETED
        assert result.trace.rows == []
        noisy = {"content.hold": "strength", "content.strength": 0.0, "start": "gaussian"}
        assert torch.equal(quick(settings=noisy).image, CONTENT.pixels)

    def test_1_is_the_style_alone(self, quick):
        strong = quick(settings={"content.hold": "strength", "content.strength": 1.0})
        assert torch.equal(strong.image, quick(settings={"content.weight": 0.0}).image)

    def test_between_them_the_recipe_replays_it(self, quick, plain, pocket_file):
        settings = {"content.hold": "strength", "content.strength": 0.5}
        result = quick(steps=8, settings=settings)
        assert not torch.equal(result.image, quick(steps=8).image)
        assert (result.recipe.content.strength, result.recipe.content.weight) == (
            0.5,
            plain.recipe.content.weight,
        )
        again = stylize(CONTENT, STYLE, recipe=result.recipe, weights=pocket_file, device="cpu")
        assert torch.equal(again.image, result.image)

    def test_it_needs_a_style(self, quick):
        with pytest.raises(RecipeError, match="style"):
            quick(settings={"content.hold": "strength", "style.weight": 0.0})
