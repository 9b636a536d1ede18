"""What users give as guides: read, compared with their pictures, or refused in a sentence."""

import pytest
import torch

from impasto.errors import InputError, ShapeError
from impasto.guides.guides import Guides
from impasto.guides.labels import check_paired, label_map, shown
from impasto.guides.make import make_guides
from impasto.guides.sources import GuideSources, asked, fitting, read_labels, read_mask
from impasto.images.codec import encode
from impasto.images.picture import Picture
from impasto.recipe_files import named

RECIPE = named("default")
CONTENT, STYLE = Picture(torch.rand(3, 48, 64)), Picture(torch.rand(3, 40, 40))


def half(height: int = 48, width: int = 64, value: float = 1.0) -> torch.Tensor:
    mask = torch.zeros(height, width)
    mask[:, : width // 2] = value
    return mask


def colored(*colors: tuple[int, int, int], height: int = 48, width: int = 64) -> Picture:
    """Upright stripes of colors."""
    stripes = torch.tensor(colors, dtype=torch.float32).T / 255
    at = torch.arange(width) * len(colors) // width
    return Picture(stripes[:, at][:, None].expand(3, height, width).contiguous())


def made(sources: GuideSources, styles=(STYLE,), recipe=RECIPE) -> Guides:
    recipe, sources = sources.settled(recipe)
    return make_guides(recipe, sources, CONTENT, styles)


class TestMasks:
    def test_gray_is_partial_and_transparent_is_black(self):
        gray = half(value=0.5).expand(3, -1, -1).contiguous()
        opacity = torch.ones(1, 48, 64)
        opacity[:, :24] = 0
        mask, _ = read_mask(Picture(gray, alpha=opacity), "mask")
        assert mask.shape == (1, 1, 48, 64)
        assert mask[0, 0, 40, 3].item() == pytest.approx(0.5, abs=1e-6)
        assert float(mask[0, 0, :24].max()) == 0

    @pytest.mark.parametrize("shape", [(48, 64), (1, 48, 64), (1, 1, 48, 64)])
    def test_tensors_and_files_say_the_same(self, tmp_path, shape):
        encode(Picture(half().expand(3, -1, -1).contiguous()), tmp_path / "m.png")
        from_file, name = read_mask(tmp_path / "m.png", "mask")
        assert name == "m.png"
        torch.testing.assert_close(from_file, read_mask(half().reshape(shape), "mask")[0])

    def test_black_and_values_beyond_white_are_refused(self):
        with pytest.raises(InputError, match="the mask is black everywhere"):
            read_mask(torch.zeros(4, 4), "the mask")
        with pytest.raises(InputError, match="values from 0 to 1"):
            read_mask(half(value=255.0), "mask")
        with pytest.raises(ShapeError):
            read_mask(torch.ones(3, 4, 4), "mask")

    def test_white_everywhere_leaves_nothing_to_paint(self):
        with pytest.raises(InputError, match="white everywhere"):
            made(GuideSources(protect=torch.ones(48, 64)))

    def test_another_size_is_resized_with_a_warning_and_another_shape_refused(self):
        assert fitting(half(), "m", CONTENT, "c") == []
        (warning,) = fitting(half(24, 32), "m", CONTENT, "c")
        assert "32 x 24 px and c 64 x 48" in warning
        assert fitting(half(100, 135), "m", CONTENT, "c")  # 1.3% off
        for shape in ((100, 137), (64, 48)):
            with pytest.raises(InputError, match="the same proportions"):
                fitting(half(*shape), "m", CONTENT, "c")


class TestLabels:
    def test_colors_near_each_other_are_one_and_edges_are_none(self):
        values = (colored((255, 0, 0), (0, 0, 255)).pixels * 255).round().long()
        values[:, 0, :5] += torch.tensor([-9, 4, 6])[:, None]  # what JPEG does
        values[:, 5, 32] = torch.tensor([128, 0, 128])  # a softened edge
        found = label_map(values, "map")
        assert sorted(map(shown, found.labels)) == ["#0000ff", "#ff0000"]
        red = found.mask((255, 0, 0))
        assert float(red[..., :32].min()) == 1
        assert float(red[..., 33:].max()) == 0
        assert found.mask((0, 255, 0)) is None

    def test_numbers_of_a_tensor_are_labels_exactly(self):
        values, _ = read_labels(half().long() + 1, "map", None)
        found = label_map(values, "map")
        assert set(found.labels) == {(1,), (2,)}
        assert torch.equal(found.mask((2,))[0, 0], half())
        with pytest.raises(InputError, match="whole numbers"):
            read_labels(half(), "map", None)

    def test_a_photograph_is_no_label_map(self):
        noise = torch.randint(0, 256, (3, 64, 64))
        with pytest.raises(InputError, match=r"photo\.png is no label map"):
            label_map(noise, "photo.png")

    def test_labels_on_one_side_only_are_refused_by_name(self):
        red, green, blue = (200, 0, 0), (0, 200, 0), (0, 0, 200)
        maps = [
            label_map((colored(*colors).pixels * 255).round().long(), name)
            for name, colors in (("a.png", (red, green)), ("b.png", (red, blue)))
        ]
        with pytest.raises(InputError, match=r"#00c800 is in a\.png and not in b\.png"):
            check_paired(maps[0], maps[1:])
        check_paired(maps[0], maps[:1])

    def test_regions_pair_by_color_in_any_order(self):
        red, blue = (220, 20, 20), (20, 20, 220)
        content, style = colored(red, blue), colored(blue, red, height=40, width=40)
        guides = made(GuideSources(regions=[content, style]))
        regions = {region.name: region for region in guides.regions}
        assert set(regions) == {"region #dc1414", "region #1414dc"}
        found = regions["region #dc1414"]
        assert float(found.where[..., :32].min()) == 1 > float(found.where[..., 32:].max())
        assert float(found.styles[0][..., 20:].min()) == 1 > float(found.styles[0][..., :20].max())

    def test_a_label_that_one_of_two_styles_has_takes_that_one_alone(self):
        red, blue = (220, 20, 20), (20, 20, 220)
        square = {"height": 40, "width": 40}
        maps = [colored(red, blue), colored(red, **square), colored(red, blue, **square)]
        guides = made(GuideSources(regions=maps), styles=(STYLE, STYLE))
        assert {r.name: list(r.styles) for r in guides.regions} == {
            "region #dc1414": [0, 1],
            "region #1414dc": [1],
        }


class TestGuides:
    def test_wrong_numbers_of_masks_are_refused(self):
        with pytest.raises(InputError, match="one style mask for each of 2 styles, got 1"):
            made(GuideSources(style_masks=[half()]), styles=(STYLE, STYLE))
        with pytest.raises(InputError, match="expected 2 label maps"):
            made(GuideSources(regions=[colored((9, 9, 9))]))

    def test_a_recipe_that_asks_for_a_mask_wants_one(self):
        for setting, option in (("protect", "--protect"), ("pair", "--regions")):
            value = "mask" if setting == "protect" else "labels"
            recipe = RECIPE.changed({f"guides.{setting}": value})
            with pytest.raises(InputError, match=f"none was given: add {option}"):
                made(GuideSources(), recipe=recipe)

    def test_two_ways_to_pair_are_refused(self):
        labels = colored((9, 9, 9))
        sources = GuideSources(regions=[labels, labels], style_masks=[half()])
        with pytest.raises(InputError, match="not from two"):
            made(sources)
        for regions in ("auto", [labels, labels]):
            with pytest.raises(InputError, match="got both: keep one"):
                asked(RECIPE, None, regions, [half()])

    def test_names_and_masks_are_told_apart(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        recipe, sources = asked(RECIPE, "subject", None, ())
        assert (recipe.guides.protect, sources.protect) == ("subject", None)
        with pytest.raises(InputError, match="did you mean subject"):
            asked(RECIPE, "subjekt", None, ())
        with pytest.raises(InputError, match="regions = 'auto'"):
            asked(RECIPE, None, "labels.png", ())

    def test_places_share_overlaps_and_leave_out_what_is_protected(self):
        both = torch.ones(48, 64)
        protect = half().flip(1)
        guides = made(GuideSources(protect=protect, style_masks=[both, half()]), (STYLE, STYLE))
        sharp = Guides(guides.protection, guides.regions)
        first, second = sharp.places_at(48, 64)
        assert first[0, 0, 5].tolist() == [0.5] * 32 + [0.0] * 32
        assert second[0, 0, 5].tolist() == [0.5] * 32 + [0.0] * 32

    def test_white_protection_stays_white_at_any_size(self):
        guides = Guides(half()[None, None], (), 0.1)
        for height, width in ((96, 128), (37, 49), (480, 640)):
            mask = guides.protection_at(height, width)[0, 0]
            assert float(mask[:, : width // 2 - 3].min()) == 1
            assert float(mask[:, -width // 4 :].max()) == 0
