"""Colors of one picture for another: what agrees afterwards, what stays."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from impasto.images.color import grays, to_oklab
from impasto.images.coloring import after, before, match_colors, match_lightness, palette
from impasto.images.picture import Picture
from impasto.recipe_files import named

STYLE = named("default").color
CONTENT = replace(STYLE, mode="content")


def picture(seed, height=40, width=50):
    """Colors well inside the gamut, so that nothing is clipped."""
    coarse = torch.rand(1, 3, 6, 7, generator=torch.Generator().manual_seed(seed)) * 0.3
    tint = torch.tensor([0.2, 0.35, 0.45]).roll(seed).view(1, 3, 1, 1)
    size = (height, width)
    smooth = torch.nn.functional.interpolate(coarse, size, mode="bicubic") + tint
    return Picture(smooth.clamp(0.1, 0.9)[0].contiguous())


ONE, OTHER = picture(1), picture(2, 33, 61)


def colors(of):
    return to_oklab(of.batch)[0].flatten(1).T.double().numpy()


@pytest.mark.parametrize("method", ["covariance", "histogram"])
def test_mean_and_covariance_agree(method):
    found, wanted = colors(match_colors(ONE, OTHER, method)), colors(OTHER)
    np.testing.assert_allclose(
        found.mean(0), wanted.mean(0), atol=1e-4 if method[0] == "c" else 1e-3
    )
    np.testing.assert_allclose(np.cov(found.T), np.cov(wanted.T), atol=1e-4)
    assert np.abs(colors(ONE).mean(0) - wanted.mean(0)).max() > 0.02


def test_quantiles_agree():
    levels = np.linspace(0.02, 0.98, 25)
    found, wanted = (
        np.quantile(colors(p), levels, axis=0)
        for p in (match_colors(ONE, OTHER, "histogram"), OTHER)
    )
    np.testing.assert_allclose(found, wanted, atol=2e-3)


def test_lightness_alone_is_matched_and_gray():
    found = colors(match_lightness(ONE, OTHER))
    wanted = colors(OTHER)[:, 0]
    assert found[:, 0].mean() == pytest.approx(wanted.mean(), abs=1e-4)
    assert found[:, 0].std() == pytest.approx(wanted.std(), abs=1e-4)
    assert np.abs(found[:, 1:]).max() < 1e-4


def test_styles_own_colors_change_nothing():
    content, (style,) = before(STYLE, ONE, [OTHER])
    assert content is ONE
    assert style is OTHER
    assert torch.equal(after(STYLE, ONE.batch, OTHER), ONE.batch)


def test_lightness_is_painted_and_colors_are_put_back():
    content, (style,) = before(CONTENT, ONE, [OTHER])
    assert float((content.pixels[0] - content.pixels[2]).abs().max()) < 1e-4
    painted = after(CONTENT, content.batch, ONE)
    torch.testing.assert_close(painted, ONE.batch, rtol=0, atol=2e-3)  # nothing was painted
    assert style.pixels.shape == OTHER.pixels.shape


def test_colors_are_put_back_at_the_images_size():
    gray = grays(torch.full((1, 1, 20, 25), 0.5))
    lab = to_oklab(after(CONTENT, gray, ONE))
    assert lab.shape == (1, 3, 20, 25)
    torch.testing.assert_close(lab[:, :1], torch.full((1, 1, 20, 25), 0.5), rtol=0, atol=1e-3)
    wanted = to_oklab(ONE.batch)[:, 1:].mean((2, 3))
    torch.testing.assert_close(lab[:, 1:].mean((2, 3)), wanted, rtol=0, atol=5e-3)


def test_what_is_transparent_has_no_color():
    half = torch.ones(1, 40, 50)
    half[:, :, 25:] = 0
    left = Picture(ONE.pixels[:, :, :25].contiguous())
    masked = colors(match_colors(OTHER, replace(ONE, alpha=half), "covariance"))
    np.testing.assert_allclose(masked.mean(0), colors(left).mean(0), atol=1e-4)


class TestPalette:
    def test_along_the_axes_nothing_is_lighter_than_the_style(self):
        """Unlike the linear map, which bleaches what was far from the mean."""
        contrast = Picture(ONE.pixels.clone())
        contrast.pixels[:, :, :5] = 0.98
        most = [
            float(
                to_oklab(palette(replace(STYLE, palette=way), contrast.batch, [OTHER]))[:, 0].max()
            )
            for way in ("axes", "covariance")
        ]
        limit = colors(OTHER)[:, 0].max()
        assert most[0] < limit + 0.02
        assert most[1] > limit + 0.05

    @pytest.mark.parametrize("method", ["axes", "covariance", "histogram"])
    def test_has_the_styles_colors_and_the_contents_edges(self, method):
        settings = replace(STYLE, mode="palette", palette=method)
        edge = ONE.pixels.clone()
        edge[:, :, 25:] = (edge[:, :, 25:] + 0.25).clamp(0, 0.9)
        found = palette(settings, edge[None], [OTHER])
        np.testing.assert_allclose(
            to_oklab(found)[0].mean((1, 2)), colors(OTHER).mean(0), atol=0.01
        )
        light, before_it = (to_oklab(p)[0, 0] for p in (found, edge[None]))
        jumps, sharp = light.diff(dim=1).abs(), before_it.diff(dim=1).abs()
        assert (jumps.argmax(1) == 24).float().mean() > 0.9
        assert (sharp.argmax(1) == 24).all()

    def test_several_styles_by_their_shares(self):
        found = palette(STYLE, ONE.batch, [ONE, OTHER], [1.0, 3.0])
        wanted = 0.25 * colors(ONE).mean(0) + 0.75 * colors(OTHER).mean(0)
        np.testing.assert_allclose(to_oklab(found)[0].mean((1, 2)), wanted, atol=0.01)

    def test_a_style_without_a_share_does_not_count(self):
        alone = palette(STYLE, ONE.batch, [OTHER])
        both = palette(STYLE, ONE.batch, [ONE, OTHER], [0.0, 1.0])
        torch.testing.assert_close(both, alone, rtol=0, atol=5e-3)
