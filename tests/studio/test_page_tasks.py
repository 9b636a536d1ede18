"""Things that people do, in a real browser: no error on the console, nothing asked outside.

With IMPASTO_SHOTS=FOLDER, pictures of each task are left there, for docs/studio.md.
"""

import io
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from PIL import Image

from impasto.images.codec import decode
from impasto.studio.page.choices import sample

sync_api = pytest.importorskip("playwright.sync_api")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium"),
]
DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WAIT = 120_000
COMMAND = [sys.executable, "-m", "impasto", "studio", "--no-browser"]


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """A studio of its own: the command, as people start it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    home = tmp_path_factory.mktemp("studio")
    process = subprocess.Popen(
        [*COMMAND, "--home", str(home), "--port", str(port)],
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )
    where = f"http://127.0.0.1:{port}"
    for _ in range(240):
        try:
            urllib.request.urlopen(f"{where}/api/v1/ready", timeout=2).close()
            break
        except OSError:
            time.sleep(0.25)
    yield where
    process.send_signal(signal.SIGTERM)
    process.wait(60)


@pytest.fixture(scope="module")
def browser():
    with sync_api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


class Visitor:
    """Somebody at the page, whose console and requests are watched."""

    def __init__(self, browser, address, size=DESKTOP):
        self.address = address
        self.page = browser.new_page(viewport=size, accept_downloads=True)
        self.page.set_default_timeout(WAIT)
        self.problems = []
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("request", self._request)

    def _console(self, message):
        if message.type == "error":
            self.problems.append(message.text)

    def _request(self, request):
        if not request.url.startswith((self.address, "data:", "blob:")):
            self.problems.append(f"asked {request.url}")

    def open(self, path="/"):
        self.page.goto(self.address + path)
        self.page.wait_for_selector("#go")
        self.page.wait_for_timeout(500)
        return self

    def sample(self, gallery, number):
        self.page.locator(f"#{gallery} button.thumbnail-lg").nth(number).click()

    def look(self, number):
        self.page.locator("#looks button.thumbnail-lg").nth(number).click()
        self.page.wait_for_timeout(300)

    def choose(self, photograph, painting, size=256):
        """Choose two samples, the second look, and a size."""
        self.sample("photographs", photograph)
        self.sample("paintings", painting)
        self.page.wait_for_selector("#content img")
        self.page.wait_for_selector("#style img")
        self.look(1)
        self.size(size)
        self.page.wait_for_timeout(700)  # what was chosen has arrived

    def size(self, pixels):
        box = self.page.locator("#size input")
        box.fill(str(pixels))
        box.press("Enter")

    def drop(self, part, file):
        self.page.locator(f"#{part} input[type=file]").set_input_files(str(file))
        self.page.wait_for_selector(f"#{part} img")

    def tab(self, name):
        self.page.get_by_role("tab", name=name).click()

    def go(self):
        self.page.wait_for_timeout(700)  # what was chosen has arrived
        self.page.click("#go")
        self.page.wait_for_selector("#live figcaption")

    def load(self, path=None):
        """Load a page anew; the old one may say that a request was cut off, and nothing else."""
        before = len(self.problems)
        self.page.goto(self.page.url if path is None else self.address + path)
        self.page.wait_for_selector("#go", state="attached")
        self.page.wait_for_timeout(1500)
        cut = ("AbortError", "Connection errored out")
        self.problems[before:] = [
            text for text in self.problems[before:] if not any(word in text for word in cut)
        ]

    def go_anyway(self):
        """Press Go where it will be refused."""
        self.page.wait_for_timeout(700)
        self.page.click("#go")

    def until(self, word, part="#live"):
        script = "([part, word]) => document.querySelector(part)?.innerText.includes(word)"
        self.page.wait_for_function(script, arg=[part, word])

    @property
    def job(self):
        return re.search(r"job=(\w+)", self.page.url).group(1)

    def result(self, job=None):
        url = f"{self.address}/api/v1/jobs/{job or self.job}/result"
        with urllib.request.urlopen(url) as answer:
            return Image.open(io.BytesIO(answer.read())).convert("RGB")

    def shot(self, name):
        if folder := os.environ.get("IMPASTO_SHOTS"):
            self.page.wait_for_timeout(1500)
            self.page.screenshot(path=Path(folder) / f"{name}.png")

    def stroke(self, part, *points, steps=2):
        """Draw over an editor: points are shares of its canvas."""
        canvas = self.page.locator(f"#{part} canvas").first
        canvas.scroll_into_view_if_needed()
        box, mouse = canvas.bounding_box(), self.page.mouse
        places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
        mouse.move(*places[0])
        mouse.down()
        for place in places[1:]:
            mouse.move(*place, steps=steps)
        mouse.up()
        self.page.wait_for_timeout(500)

    def leave(self):
        self.page.close()
        assert self.problems == []


@pytest.fixture(params=["desktop", "phone"])
def screen(request):
    return request.param


@pytest.fixture
def visitor(browser, address, screen):
    someone = Visitor(browser, address, DESKTOP if screen == "desktop" else PHONE)
    yield someone
    someone.leave()


def files_of(folder, *names):
    """Small pictures of somebody's own."""
    found = []
    for name in names:
        found.append(folder / f"mine-{name}.jpg")
        with Image.open(sample(name)) as picture:
            picture.resize((320, 240)).save(found[-1])
    return found


def test_a_first_picture_from_samples(visitor, screen):
    visitor.open()
    visitor.shot(f"first-{screen}-0")
    visitor.choose(0, 0)
    visitor.go()
    visitor.until("step")
    visitor.until("done")
    visitor.page.wait_for_selector("#before-after")
    visitor.shot(f"first-{screen}-1")
    assert visitor.result().size == (256, 192)


def test_own_pictures_stopped_reloaded_found_and_downloaded(visitor, screen, tmp_path):
    photo, painting = files_of(tmp_path, "valley", "woodcut")
    visitor.open()
    visitor.drop("content", photo)
    visitor.drop("style", painting)
    visitor.size(512)
    visitor.go()
    visitor.until("step")
    job = visitor.job
    visitor.page.click("#stop")
    visitor.until("stopped")
    visitor.load()
    visitor.page.wait_for_selector("#live figcaption")
    assert visitor.job == job
    visitor.until("mine-valley")
    visitor.load("/")  # even without the address it is in the history
    visitor.tab("History")
    visitor.page.locator("#history button.thumbnail-lg").first.click()
    visitor.until("mine-valley", "#about")
    visitor.shot(f"history-{screen}")
    with visitor.page.expect_download() as download:
        visitor.page.click("#download-png")
    picture = decode(download.value.path())
    assert picture.recipe is not None
    assert max(picture.height, picture.width) <= 512


def test_a_face_protected_by_painting(visitor, screen):
    visitor.open().choose(2, 1)
    visitor.page.get_by_text("Paint over what is to stay").click()
    visitor.page.click("#mask-from")
    visitor.page.wait_for_timeout(2500)
    canvas = visitor.page.locator("#mask canvas").first
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    middle, top = box["x"] + box["width"] / 2, box["y"] + box["height"] * 0.4
    mouse = visitor.page.mouse
    mouse.move(middle - 20, top)
    mouse.down()
    for across, down in ((20, 0), (20, 20), (-20, 20), (-20, 40), (20, 40)):
        mouse.move(middle + across, top + down, steps=5)
    mouse.up()
    visitor.page.wait_for_timeout(1500)
    visitor.shot(f"mask-{screen}")
    visitor.go()
    visitor.until("done")
    visitor.shot(f"mask-{screen}-done")
    with urllib.request.urlopen(f"{visitor.address}/api/v1/jobs/{visitor.job}") as answer:
        assert b'"protect":null' not in answer.read().replace(b" ", b"")


def test_an_old_result_repeated_on_another_photograph(visitor, screen):
    visitor.open()
    visitor.tab("History")
    visitor.page.fill("#search input, #search textarea", "bust")
    visitor.page.wait_for_timeout(1500)
    visitor.page.locator("#history button.thumbnail-lg").first.click()
    visitor.until("bust", "#about")
    visitor.page.click("#repeat")
    visitor.page.wait_for_selector("#style img")
    visitor.sample("photographs", 3)
    visitor.page.wait_for_selector("#content img")
    visitor.go()
    visitor.until("valley")
    visitor.until("done")
    visitor.shot(f"repeat-{screen}")
    assert visitor.result().size == (256, 192)


def test_three_strengths_compared_and_one_kept(visitor, screen):
    visitor.open().choose(1, 3)
    visitor.page.click("#compare")
    for number in range(3):
        visitor.until("done", f"#compared-{number}")
    visitor.shot(f"compare-{screen}")
    visitor.page.click("#keep-1")
    visitor.page.get_by_text("Kept, as a favorite").wait_for()
    visitor.tab("History")
    visitor.page.get_by_text("Favorites only").click()
    visitor.page.wait_for_timeout(1500)
    assert visitor.page.locator("#history button.thumbnail-lg").count() >= 1
    with urllib.request.urlopen(f"{visitor.address}/api/v1/jobs?search=Strength") as answer:
        assert answer.read().count(b'"Strength 0.65"') >= 1


def test_a_contact_sheet_of_which_one_is_kept(visitor, screen):
    visitor.open().choose(3, 0)
    visitor.page.click("#sheet")
    for number in range(9):
        visitor.until("done", f"#compared-{number}")
    visitor.shot(f"sheet-{screen}")
    visitor.page.click("#keep-8")
    visitor.page.get_by_text("Kept, as a favorite").wait_for()
    with urllib.request.urlopen(f"{visitor.address}/api/v1/jobs?search=strokes") as answer:
        titles = {job["title"] for job in json.load(answer)["items"]}
    sheet = {title for title in titles if title.startswith("Strength")}  # a style is named strokes
    assert sheet == {"Strength 0.9, broader strokes"}  # the others are gone


def test_a_look_found_by_choosing_between_pictures(visitor, screen):
    visitor.open().choose(1, 2)
    visitor.tab("Taste")
    visitor.page.click("#taste-begin")
    visitor.until("1 of 4", "#question")
    for letter in "ab":
        visitor.until("done", f"#taste-{letter}")
    visitor.shot(f"taste-{screen}")
    visitor.page.click("#choose-b")
    visitor.until("2 of 4", "#question")
    visitor.load()  # what was answered is not lost
    visitor.tab("Taste")
    visitor.until("2 of 4", "#question")
    visitor.page.click("#choose-neither")
    visitor.until("3 of 4", "#question")
    visitor.page.click("#choose-a")
    visitor.until("4 of 4", "#question")
    visitor.page.click("#choose-a")
    visitor.until("your look", "#question")
    visitor.page.fill("#taste-name input, #taste-name textarea", f"mine {screen}")
    visitor.page.click("#taste-keep")
    visitor.until("Kept", "#taste-said")
    visitor.shot(f"taste-{screen}-kept")
    visitor.tab("Make")
    assert visitor.page.locator("#saved input").input_value() == f"mine {screen}"
    with urllib.request.urlopen(f"{visitor.address}/api/v1/recipes") as answer:
        assert f"mine {screen}".encode() in answer.read()


def test_regions_paired_by_painting(visitor, screen):
    visitor.open().choose(0, 2)
    visitor.page.get_by_text("Pair regions by painting").click()
    visitor.page.click("#areas-from")
    visitor.page.wait_for_timeout(3000)
    visitor.stroke("areas-photo", (0.3, 0.45), (0.7, 0.45), (0.7, 0.55), (0.3, 0.55))
    visitor.go_anyway()
    visitor.until("not over the style", "#message")
    visitor.stroke("areas-style", (0.4, 0.45), (0.6, 0.45), (0.6, 0.55), (0.4, 0.55))
    visitor.page.locator("#areas-fold").scroll_into_view_if_needed()
    visitor.shot(f"regions-{screen}")
    visitor.go()
    visitor.until("done")
    with urllib.request.urlopen(f"{visitor.address}/api/v1/jobs/{visitor.job}") as answer:
        made = json.loads(answer.read())
    assert len(made["request"]["regions"]) == 2


def test_keys_and_jobs_under_way(visitor, screen):
    visitor.open()
    keyboard = visitor.page.keyboard
    keyboard.press("?")
    visitor.page.wait_for_selector("#keys[open]")
    visitor.shot(f"keys-{screen}")
    keyboard.press("Escape")
    visitor.page.wait_for_selector("#keys:not([open])", state="attached")
    keyboard.press("4")
    visitor.page.wait_for_selector("#search")
    visitor.page.locator("#search input, #search textarea").focus()
    keyboard.press("1")  # typed, and no command
    assert visitor.page.locator("#search").is_visible()
    visitor.page.locator("#search input, #search textarea").blur()
    keyboard.press("1")
    visitor.page.wait_for_selector("#go")
    visitor.sample("photographs", 2)
    visitor.sample("paintings", 0)
    visitor.size(1024)  # long enough not to be done before it is stopped
    visitor.page.wait_for_timeout(700)
    visitor.page.locator("body").click(position={"x": 2, "y": 2})
    keyboard.press("g")
    visitor.until("step")
    first = visitor.job
    visitor.load("/")  # a page of somebody who follows nothing yet
    visitor.until("bust", "#running")
    visitor.shot(f"running-{screen}")
    link = visitor.page.locator("#running a").first.get_attribute("href")
    visitor.load("/" + link)
    visitor.page.wait_for_selector("#live figcaption")
    assert visitor.job == first
    visitor.until("step")
    keyboard.press("s")
    visitor.until("stopped")
