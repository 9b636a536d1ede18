"""Guides that are found: subjects, faces and pairs."""

import builtins
import sys

import numpy as np
import pytest
import torch

from impasto.errors import InputError
from impasto.guides import faces
from impasto.guides.make import NO_DETECTOR, make_guides
from impasto.guides.pairing import paired_regions
from impasto.guides.saliency import saliency, threshold
from impasto.guides.sources import GuideSources
from impasto.guides.subject import subject_mask
from impasto.images.picture import Picture
from impasto.recipe_files import named

RECIPE = named("default")


def textures(height: int, width: int, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Soft green waves, and red checks."""
    generator = torch.Generator().manual_seed(seed)
    down, across = torch.arange(height)[:, None], torch.arange(width)[None]
    waves = 0.5 + 0.1 * torch.sin(down / 9.0 + across / 17.0)
    calm = torch.stack([waves * 0.3, waves, waves * 0.5])
    checks = (((down // 6) + (across // 6)) % 2).float()
    lively = torch.stack([0.5 + 0.5 * checks, 0.2 * checks, 0.1 + 0.1 * checks])
    noise = 0.02 * torch.rand(3, height, width, generator=generator)
    return (calm + noise).clamp(0, 1), (lively + noise).clamp(0, 1)


def with_disc(height: int = 160, width: int = 200) -> tuple[Picture, torch.Tensor]:
    calm, lively = textures(height, width, 1)
    down, across = torch.arange(height)[:, None], torch.arange(width)[None]
    disc = ((down - 90) ** 2 + (across - 80) ** 2 < 45**2).float()
    return Picture(torch.lerp(calm, lively, disc)), disc


def overlap(mask: torch.Tensor, truth: torch.Tensor) -> float:
    """Intersection over union."""
    return float((mask * truth).sum() / torch.maximum(mask, truth).sum())


def test_the_threshold_parts_two_heaps():
    values = torch.cat([torch.linspace(0, 0.2, 70), torch.linspace(0.7, 0.9, 30)])
    assert 0.2 < threshold(values) < 0.7


def test_what_is_unlike_the_border_is_salient():
    picture, disc = with_disc()
    found = saliency(picture)
    disc = torch.nn.functional.interpolate(disc[None, None], found.shape, mode="area")[0, 0]
    assert float(found[disc > 0.9].mean()) > 4 * float(found[disc < 0.1].mean())


def test_the_subject_is_cut_out_the_same_each_time():
    pytest.importorskip("cv2")
    picture, disc = with_disc()
    mask = subject_mask(picture)
    assert set(mask.unique().tolist()) == {0.0, 1.0}
    assert overlap(mask[0, 0], disc) > 0.85
    assert torch.equal(mask, subject_mask(picture))


def test_a_picture_without_subject_says_so():
    pytest.importorskip("cv2")
    with pytest.raises(InputError, match="found no subject"):
        subject_mask(Picture(torch.full((3, 96, 128), 0.5)))


def test_without_opencv_the_message_says_how_to_install_it(monkeypatch):
    monkeypatch.delitem(sys.modules, "cv2", raising=False)
    real = builtins.__import__

    def without(name, *rest, **more):
        if name == "cv2":
            raise ImportError(name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(InputError, match=r"pip install 'impasto\[guides\]'"):
        subject_mask(with_disc()[0])


class StandIn:
    """Answers as FaceDetectorYN does: rows of box, five landmarks and score; and remembers."""

    def __init__(self, rows: list[list[float]]) -> None:
        self.rows = rows

    def create(self, model, config, size, score):
        self.asked = (model, config, size, score)
        return self

    def detect(self, image):
        self.image = image
        return 1, np.array(self.rows, np.float32) if self.rows else None


@pytest.fixture
def stand_in(monkeypatch):
    cv2 = pytest.importorskip("cv2")

    def put(rows):
        found = StandIn(rows)
        monkeypatch.setattr(cv2, "FaceDetectorYN", found)
        return found

    return put


def test_faces_become_ellipses_around_their_boxes(stand_in):
    detector = stand_in([[40, 30, 40, 50, *[0] * 10, 0.9], [120, 60, 20, 24, *[0] * 10, 0.8]])
    pixels = torch.zeros(3, 120, 200)
    pixels[0] = 1  # red: the last channel in BGR
    mask = faces.face_mask(Picture(pixels), "yunet.onnx")[0, 0]
    assert detector.asked[:3] == ("yunet.onnx", "", (200, 120))
    assert detector.image.shape == (120, 200, 3)
    assert detector.image[0, 0].tolist() == [0, 0, 255]
    for left, top, wide, high in ((40, 30, 40, 50), (120, 60, 20, 24)):
        middle = mask[top + high // 2, left : left + wide]
        assert bool((middle == 1).all())  # as wide as the box
        assert float(mask[top : top + high, left + wide // 2].min()) == 1  # and as high
    assert mask[10, 10] == mask[100, 190] == 0
    assert 0.05 < float(mask.mean()) < 0.2


def test_no_face_says_what_to_try(stand_in):
    stand_in([])
    with pytest.raises(InputError, match=r"found no face .* --protect subject"):
        faces.face_mask(Picture(torch.rand(3, 40, 40)), "yunet.onnx")


def test_opencv_itself_refuses_what_is_no_model(tmp_path):
    """The real class, as far as it can be called without the model: its signature and its error."""
    pytest.importorskip("cv2")
    (tmp_path / "yunet.onnx").write_bytes(b"no model")
    with pytest.raises(InputError, match="weights fetch yunet"):
        faces.face_mask(Picture(torch.rand(3, 40, 40)), tmp_path / "yunet.onnx")


def test_without_the_model_the_subject_is_protected_and_the_recipe_says_so():
    pytest.importorskip("cv2")
    picture, disc = with_disc()
    recipe, sources = GuideSources().settled(RECIPE.changed({"guides.protect": "faces"}))
    guides = make_guides(recipe, sources, picture, [picture])
    assert guides.warnings == (NO_DETECTOR,)
    assert "weights fetch yunet" in NO_DETECTOR
    assert "weights import yunet" in NO_DETECTOR
    assert guides.settings.protect == "subject"
    assert overlap(guides.protection[0, 0], disc) > 0.85


def test_the_model_in_the_cache_is_used(stand_in, tmp_path, monkeypatch):
    from impasto.weights import cache

    monkeypatch.setenv("IMPASTO_CACHE", str(tmp_path))
    assert faces.detector_file() is None
    origin = cache.Origin("here", "0" * 64, True)
    record = cache.put("yunet", ".onnx", lambda part: part.write_bytes(b"model"), origin)
    detector = stand_in([[40, 30, 40, 50, *[0] * 10, 0.9]])
    recipe, sources = GuideSources().settled(RECIPE.changed({"guides.protect": "faces"}))
    guides = make_guides(recipe, sources, Picture(torch.rand(3, 120, 200)), [])
    assert (guides.warnings, guides.settings.protect) == ((), "faces")
    assert detector.asked[0] == str(record.path) == str(sources.detector)
    record.path.write_bytes(b"other")
    with pytest.raises(InputError, match="damaged"):
        faces.detector_file()


def test_like_places_are_paired_wherever_they_lie():
    calm, lively = textures(128, 192, 1)
    content = Picture(torch.cat([calm[:, :, :96], lively[:, :, 96:]], 2))
    calm, lively = textures(160, 160, 2)
    style = Picture(torch.cat([lively[:, :, :64] * 0.6, calm[:, :, 64:] * 0.6], 2).contiguous())
    regions = paired_regions(content, [style], 2)
    assert len(regions) == 2
    for region in regions:
        on_left = float(region.where[..., :20].mean()) > 0.5
        where, part = region.where[0, 0], region.styles[0][0, 0]
        left = torch.arange(where.shape[1]) < where.shape[1] // 2
        assert overlap(where, (left == on_left).float().expand_as(where)) > 0.8
        # The calm side, on the left of the content, is on the right of the style.
        left = torch.arange(part.shape[1]) < part.shape[1] * 0.4
        assert overlap(part, (left != on_left).float().expand_as(part)) > 0.8
    again = paired_regions(content, [style], 2)
    assert all(torch.equal(a.where, b.where) for a, b in zip(regions, again, strict=True))


def test_every_place_is_in_one_region_and_rare_kinds_in_none():
    calm, lively = textures(128, 192, 1)
    lively[:, :, 8:] = calm[:, :, 8:]
    regions = paired_regions(Picture(lively.contiguous()), [Picture(calm)], 6)
    total = sum(region.where for region in regions)
    assert torch.equal(total, torch.ones_like(total))
    for region in regions:
        assert float(region.where.mean()) >= 0.03
        assert float(region.styles[0].mean()) >= 0.03
