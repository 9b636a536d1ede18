"""Guided runs: what is protected stays, regions wear their own style, and nothing shows a seam."""

import pytest
import torch
from torch.nn import functional

import impasto
from impasto import assemble, building
from impasto.errors import InputError
from impasto.events import StageFinished, Step
from impasto.guides.guides import Guides, Region
from impasto.images.codec import decode, encode
from impasto.images.picture import Picture
from impasto.images.resize import resize
from impasto.numerics.moments import raw_moments
from impasto.recipe_files import named

SETTINGS = {"network.precision": "fp32", "schedule.first": 96, "style.combine": "root"}
OTHERS = ("gram", "moments", "sliced", "nearest")
SLOW = pytest.mark.slow
STATISTICS = ["wasserstein", *(pytest.param(n, marks=SLOW) for n in OTHERS)]
SHALLOW = {"style.layers": {"relu1_1": 1.0, "relu2_1": 1.0, "relu3_1": 1.0}}
"""Stripes have next to no covariance at deeper layers, and moments relative to it go wild."""


def smooth(height: int, width: int, seed: int, cells: int = 6) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    coarse = torch.rand(1, 3, cells, cells, generator=generator)
    return functional.interpolate(coarse, (height, width), mode="bicubic").clamp(0, 1)[0]


def stripes(
    height: int, width: int, color: tuple[float, float, float], *, upright: bool
) -> Picture:
    at = torch.arange(width)[None] if upright else torch.arange(height)[:, None]
    wave = 0.5 + 0.5 * torch.sin(at / 2.0)
    plane = wave.expand(height, width)
    return Picture(torch.stack([plane * channel for channel in color]))


CONTENT = Picture(smooth(96, 128, 1))
RED = stripes(96, 96, (1.0, 0.25, 0.1), upright=True)
BLUE = stripes(96, 96, (0.1, 0.35, 1.0), upright=False)


def left_half(height: int = 96, width: int = 128) -> torch.Tensor:
    mask = torch.zeros(height, width)
    mask[:, : width // 2] = 1
    return mask


def paint(styles=RED, content=CONTENT, **options) -> torch.Tensor:
    settings = SETTINGS | options.pop("settings", {})
    plain = {"size": 128, "steps": 12, "device": "cpu"} | options
    return impasto.stylize(content, styles, settings=settings, **plain).image


@pytest.mark.parametrize(("optimizer", "moved"), [("adam", 0.05), ("lbfgs", 0.003)])
def test_white_is_the_content_to_the_bit_and_black_is_painted(optimizer, moved):
    image = paint(protect=left_half(), settings={"optimizer.name": optimizer}, steps=6)
    assert torch.equal(image[..., :64], CONTENT.pixels[..., :64])
    assert float((image - CONTENT.pixels)[..., 72:].abs().mean()) > moved


@pytest.mark.parametrize("mode", ["content", "palette"])
def test_white_is_the_content_whatever_becomes_of_the_colors(mode):
    image = paint(protect=left_half(), settings={"color.mode": mode}, steps=2)
    whole = paint(settings={"color.mode": mode}, steps=2)
    assert torch.equal(image[..., :20], CONTENT.pixels[..., :20])
    assert not torch.equal(whole[..., :20], CONTENT.pixels[..., :20])


def test_a_part_of_the_protection():
    half = paint(protect=left_half(), settings={"guides.amount": 0.5})
    gray = paint(protect=left_half() * 0.5)
    assert torch.equal(half, gray)


def test_protected_pixels_are_those_of_the_content_at_the_size_of_the_result():
    image = paint(protect=left_half(), size=96, steps=2)
    assert torch.equal(image[..., :46], resize(CONTENT.batch, 72, 96)[0, ..., :46])


def test_gray_keeps_in_part():
    """Nearer to the content than the painted picture, and not the content."""
    painted, partly = paint(), paint(protect=left_half() * 0.5)
    apart = [float((i - CONTENT.pixels)[..., :56].abs().mean()) for i in (painted, partly)]
    assert 0.15 * apart[0] < apart[1] < 0.6 * apart[0]


def gradient_energy(image: torch.Tensor) -> torch.Tensor:
    """Squared differences across columns, by column."""
    return image.diff(dim=2).square().mean((0, 1))


@pytest.mark.slow
def test_no_seam_where_the_protection_ends():
    """Gradient energy in the soft edge is not above that of both sides."""
    energy = gradient_energy(paint(protect=left_half(), steps=30))
    edge, inside, outside = energy[62:70], energy[30:60], energy[74:104]
    assert float(edge.mean()) <= 1.1 * max(float(inside.mean()), float(outside.mean()))
    sharp = gradient_energy(torch.cat([CONTENT.pixels[..., :64], paint(steps=30)[..., 64:]], 2))
    assert float(energy[62:70].max()) < float(sharp[62:70].max())


def region_distance(image: torch.Tensor, style: Picture, columns: slice) -> float:
    """Distance of means and covariances of relu1_1 and relu2_1 of a part, relative."""
    extractor, _ = building.build_extractor(
        named("default").changed({"network.precision": "fp32"}), None, torch.device("cpu")
    )
    layers = ("relu1_1", "relu2_1")
    with torch.no_grad():
        ours = extractor(image[None][..., columns], layers)
        theirs = extractor(style.batch, layers)
    total = 0.0
    for layer in layers:
        a, b = (raw_moments(f[layer]).per_position() for f in (ours, theirs))
        total += float((a.second - b.second).square().sum() / b.second.square().sum())
    return total


@pytest.mark.parametrize("statistics", STATISTICS)
def test_each_region_wears_its_own_style(statistics):
    """By masks of styles; each side is clearly nearer to its own than to the other."""
    image = paint(
        [RED, BLUE],
        style_masks=[left_half(), 1 - left_half()],
        steps=16,
        settings={"style.statistics": statistics, "content.weight": 0.3} | SHALLOW,
    )
    left, right = slice(0, 58), slice(70, 128)
    assert region_distance(image, RED, left) < 0.5 * region_distance(image, BLUE, left)
    assert region_distance(image, BLUE, right) < 0.5 * region_distance(image, RED, right)


def test_label_maps_pair_parts_of_one_style():
    style = Picture(torch.cat([RED.pixels, BLUE.pixels], 2))  # red on the left
    content_labels = left_half().long()  # and here blue on the left
    style_labels = 1 - left_half(96, 192).long()
    image = paint(
        style,
        regions=[content_labels, style_labels],
        steps=16,
        settings={"content.weight": 0.3},
    )
    left, right = slice(0, 58), slice(70, 128)
    assert region_distance(image, BLUE, left) < 0.5 * region_distance(image, RED, left)
    assert region_distance(image, RED, right) < 0.5 * region_distance(image, BLUE, right)


@pytest.mark.slow
def test_no_seam_between_two_regions():
    image = paint(
        [RED, BLUE], style_masks=[left_half(), 1 - left_half()], steps=30, content=CONTENT
    )
    energy = gradient_energy(image)
    edge = float(energy[59:69].mean())
    assert edge <= 1.15 * max(float(energy[24:54].mean()), float(energy[74:104].mean()))


def test_transparency_is_kept():
    opacity = left_half()[None]
    content = Picture(CONTENT.pixels, alpha=opacity)
    result = impasto.stylize(
        content, RED, size=128, steps=2, settings=SETTINGS, protect=left_half().flip(1)
    )
    assert torch.equal(result.picture.alpha, opacity)


def test_events_show_the_content_where_it_is_protected():
    seen = []
    impasto.stylize(
        CONTENT, RED, size=128, steps=2, settings=SETTINGS, protect=left_half(), listen=seen.append
    )
    images = [event.image for event in seen if isinstance(event, Step | StageFinished)]
    full = [image for image in images if image.shape[-1] == 128]
    assert len(full) >= 2
    for image in full:
        assert torch.equal(image[0, ..., :64], CONTENT.pixels[..., :64])


def test_the_recipe_says_what_guided_and_wants_it_again():
    result = impasto.stylize(
        CONTENT, RED, size=128, steps=1, settings=SETTINGS, protect=left_half()
    )
    assert result.recipe.guides.protect == "mask"
    with pytest.raises(InputError, match="none was given: add --protect"):
        impasto.stylize(CONTENT, RED, recipe=result.recipe)
    again = impasto.stylize(CONTENT, RED, recipe=result.recipe, protect=left_half())
    assert torch.equal(again.image, result.image)


def test_the_guides_used_are_shown(tmp_path):
    paint(protect=left_half(), regions="auto", steps=1, save_guides=tmp_path / "guides.png")
    sheet = decode(tmp_path / "guides.png")
    assert sheet.height == 384
    assert sheet.width > 3 * 384
    mask = sheet.pixels[:, :, 520:1032]  # after the content and a gap
    assert float(mask[..., :200].min()) == 1
    assert float(mask[..., -200:].max()) == 0


def test_unequal_regions_pull_as_hard_on_each_pixel():
    """A region's style pulls on its pixels as an unguided style does, whatever its size."""
    recipe = named("default").changed(SETTINGS | {"content.weight": 0.0})
    extractor, recipe = building.build_extractor(recipe, None, torch.device("cpu"))
    image = smooth(96, 128, 7)[None]
    mask = left_half()[None, None]
    for combine in ("sum", "root"):
        changed = recipe.changed({"style.combine": combine, "style.layers": {"relu1_1": 1.0}})
        halves = torch.cat([image[..., :64]] * 2, 3)  # both sides alike: the same distances
        pulls = []
        for guides in (Guides(), Guides(1 - mask)):
            objective = building.build_objective(changed, extractor, halves, [RED.batch], guides)
            _, gradient = objective.value_and_gradient(halves)
            pulls.append(float(gradient[..., 8:56].square().mean().sqrt()))
        assert pulls[1] == pytest.approx(pulls[0], rel=0.1)


@pytest.mark.parametrize("side", [0, 1])
def test_a_region_smaller_than_a_feature_is_refused(side):
    speck = torch.zeros(1, 1, 96, 128)
    speck[..., 40:46, 40:46] = 1
    wide = torch.ones(1, 1, 96, 128)
    region = Region("the speck", *((speck, {0: None}) if side == 0 else (wide, {0: speck})))
    recipe = named("default").changed(SETTINGS | {"schedule.size": 128})
    with pytest.raises(InputError, match=r"the speck covers .* at least 16 x 16"):
        assemble.prepare(recipe, CONTENT, [RED], guides=Guides(None, (region,)))


def test_protection_of_all_but_a_rim_is_refused():
    mask = torch.ones(96, 128)
    mask[0] = 0
    with pytest.raises(InputError, match="next to nothing is left to paint"):
        paint(protect=mask, steps=1)


def test_a_region_too_small_for_a_first_stage_joins_where_it_can():
    spot = torch.zeros(96, 128)
    spot[20:40, 20:40] = 1
    image = paint(
        [RED, BLUE], style_masks=[spot, 1 - spot], steps=12, settings={"schedule.first": 32}
    )
    assert bool(torch.isfinite(image).all())
    assert float(image[0, 24:36, 24:36].mean()) > float(image[0, :, 64:].mean()) + 0.1


def test_auto_regions_and_masks_resume_from_files(tmp_path):
    """A run with a mask and label maps goes on to the same bytes; a changed mask is refused."""
    encode(CONTENT, tmp_path / "content.png")
    encode(RED, tmp_path / "style.png")
    encode(Picture(left_half().expand(3, -1, -1).contiguous()), tmp_path / "mask.png")
    labels = torch.stack([left_half(), 1 - left_half(), torch.zeros(96, 128)])
    encode(Picture(labels), tmp_path / "content-labels.png")
    encode(Picture(labels[:, :, 16:112].contiguous()), tmp_path / "style-labels.png")
    files = {
        "protect": tmp_path / "mask.png",
        "regions": [tmp_path / "content-labels.png", tmp_path / "style-labels.png"],
    }
    pictures = tmp_path / "content.png", tmp_path / "style.png"
    options = {"size": 128, "steps": 6, "settings": SETTINGS, "device": "cpu"} | files

    class Killed(BaseException):
        pass

    def kill(event):
        if getattr(event, "step", 0) == 5 and hasattr(event, "losses"):
            raise Killed

    wanted = impasto.stylize(*pictures, **options)
    with pytest.raises(Killed):
        impasto.stylize(
            *pictures, **options, checkpoint=tmp_path / "run", checkpoint_every=2, listen=kill
        )
    heard = []
    result = impasto.resume(tmp_path / "run", listen=heard.append)
    assert any(type(e).__name__ == "Resumed" and e.step > 0 for e in heard)
    assert torch.equal(result.image, wanted.image)
    encode(Picture(1 - left_half().expand(3, -1, -1).contiguous()), tmp_path / "mask.png")
    with pytest.raises(InputError, match="is not the mask of what is protected"):
        impasto.resume(tmp_path / "run")
