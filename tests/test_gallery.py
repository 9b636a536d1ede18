"""The regression gallery: what the default recipe paints still looks as it did, and looks good.

The references were looked at by a person (`samples/gallery.py references`). Rounding differs from
machine to machine, and the optimizer carries it far; so what is compared is what a person sees.
"""

import sys
from pathlib import Path

import pytest

import impasto
from impasto.images.codec import decode
from impasto.metrics.border import border
from impasto.metrics.content import ssim_luma
from impasto.metrics.grain import grain
from impasto.metrics.patches import sliced_wasserstein

ROOT = Path(__file__).parents[1]
GALLERY = ROOT / "tests" / "gallery"


@pytest.fixture(scope="module")
def scripts():
    """The script that made the references."""
    sys.path.insert(0, str(ROOT / "samples"))
    import gallery

    yield gallery
    sys.path.remove(str(ROOT / "samples"))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["bust-ink", "harbor-strokes", "valley-woodcut"])
def test_the_default_recipe_paints_as_it_did(scripts, name):
    assert tuple(name.split("-")) in scripts.REFERENCES
    content, style = (decode(scripts.picture(part)).batch for part in name.split("-"))
    painted = impasto.stylize(*map(scripts.picture, name.split("-")), settings=scripts.SMALL)
    image, reference = painted.image[None], decode(GALLERY / f"{name}.png").batch
    assert ssim_luma(image, reference, side=144) > 0.85
    assert abs((image - reference).mean()) < 0.02
    assert sliced_wasserstein(image, reference).total < 0.05
    assert ssim_luma(image, content) > 0.9 * ssim_luma(reference, content)
    before, now = (sliced_wasserstein(x, style).total for x in (reference, image))
    assert now < 1.15 * before
    assert grain(image, style) < 1.1 * grain(reference, style) < 1.4
    assert 0.85 < border(image) < 1.15


@pytest.mark.slow
def test_the_gallery_tells_a_picture_that_went_wrong(scripts):
    """The comparison can fail: an unpainted content is far from its reference."""
    content = decode(scripts.picture("bust")).batch
    reference = decode(GALLERY / "bust-ink.png").batch
    assert ssim_luma(content, reference, side=144) < 0.85
    assert sliced_wasserstein(content, reference).total > 0.05
