"""The page without a browser: what it makes of what is chosen, and what it writes."""

import socket
import subprocess
import sys
import time

import httpx
import numpy as np
import pytest
from PIL import Image

from impasto import recipe_files
from impasto.errors import InputError
from impasto.jobs.values import Job, JobRequest, JobStatus
from impasto.studio.page import making, words
from impasto.studio.page.choices import LOOKS, PHOTOGRAPHS, STYLES, looks, sample
from impasto.studio.page.making import Controls, Wish
from impasto.studio.page.masks import painted_mask

PLAIN = {"content": None, "styles": [], "look": "default", "strength": None, "size": 256}


def wish(**values) -> Wish:
    return Wish(**PLAIN | values)


@pytest.fixture
def jobs(served):
    return served.jobs


def test_every_look_is_a_recipe_with_a_picture():
    for name, (path, title) in zip(LOOKS, looks(), strict=True):
        assert recipe_files.named(name).name == name
        assert LOOKS[name] == title
        with Image.open(path) as picture:
            assert max(picture.size) == 224
    assert all(sample(name).exists() for name in (*PHOTOGRAPHS, *STYLES))


@pytest.mark.parametrize("name", LOOKS)
def test_a_look_chosen_and_left_alone_is_its_recipe(jobs, name):
    recipe = recipe_files.named(name)
    shown = Controls.of(recipe)
    chosen = wish(
        look=name,
        size=recipe.schedule.size,
        scale=shown.scale,
        color=making.COLORS[shown.color],
        protect=making.PROTECT[shown.protect],
        pair=making.PAIR[shown.pair],
    )
    assert making.recipe_of(jobs, chosen) == recipe


def test_a_strength_that_was_moved_counts(jobs):
    recipe = making.recipe_of(jobs, wish(look="oil", strength=0.3))
    assert (recipe.content.hold, recipe.content.strength) == ("strength", 0.3)


def test_a_look_of_ones_own_is_found(jobs):
    own = recipe_files.named("sketch").changed({"style.scale": 1.5})
    jobs.save_recipe("mine", own.to_dict())
    assert making.look_of(jobs, "mine") == own


@pytest.mark.parametrize(
    ("content", "told"), [(None, "photograph"), (str(sample("harbor")), "style")]
)
def test_what_is_missing_is_said(jobs, content, told):
    with pytest.raises(InputError, match=f"Choose a {told}"):
        making.start(jobs, wish(content=content), "")


def test_a_look_with_a_style_needs_a_photograph_alone(jobs):
    job = making.start(jobs, wish(content=str(sample("harbor")), look="oil"), "")
    assert job.title == "harbor as strokes"


def test_a_mask_is_white_where_it_was_painted():
    layer = np.zeros((4, 6, 4), np.uint8)
    assert painted_mask({"layers": [layer]}) is None
    assert painted_mask(None) is None
    layer[1, 2, 3] = 150
    with Image.open(painted_mask({"layers": [layer]})) as mask:
        pixels = np.asarray(mask)
    assert pixels[1, 2] == 255
    assert pixels.sum() == 255


def test_what_comes_from_outside_is_escaped():
    request = JobRequest(recipe={"name": "<b>"}, content="a", styles=("b",))
    bad = "<script>alert(1)</script>"
    job = Job(
        id="0" * 20,
        status=JobStatus.FAILED,
        request=request,
        title=bad,
        created=0.0,
        error=bad,
        result=(3, 2),
    )
    for text in (words.about(job), words.live(job, [], has_preview=True)):
        assert "<script" not in text
        assert "<b>&lt;" in text or "&lt;script" in text


def test_it_is_served_and_may_ask_nothing_outside(tmp_path):
    # In a process of its own: Gradio leaves loops and sockets open, which would fail later tests.
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "impasto", "studio", "--no-browser", "--workers", "0"]
    process = subprocess.Popen([*command, "--home", str(tmp_path), "--port", str(port)])
    try:
        deadline, answer = time.monotonic() + 60, None
        while answer is None and time.monotonic() < deadline:
            try:
                answer = httpx.get(f"http://127.0.0.1:{port}/", trust_env=False)
            except httpx.TransportError:
                time.sleep(0.1)
        assert answer is not None
        assert answer.status_code == 200
        assert "a photograph in the manner of a picture" in answer.text
        assert "default-src 'self'" in answer.headers["content-security-policy"]
        health = httpx.get(f"http://127.0.0.1:{port}/api/v1/health", trust_env=False)
        assert health.status_code == 200
    finally:
        process.terminate()
        process.wait(30)
