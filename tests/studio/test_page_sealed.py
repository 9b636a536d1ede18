"""What a request to the page may name: uploads of a browser; no path, no address, no bomb."""

import io
import json
import os
import subprocess
import sys
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from PIL import Image

from impasto.studio.page.choices import sample


class Page:
    """The page as programs see it: its parts by their ids, and calls as its script makes them."""

    def __init__(self, url: str) -> None:
        self.http = httpx.Client(base_url=url, trust_env=False, timeout=60)
        config = self.http.get("config").json()
        named = {c["id"]: c["props"].get("elem_id") for c in config["components"]}
        defaults = {c["id"]: c["props"].get("value") for c in config["components"]}
        self.defaults = {
            call["id"]: [defaults[i] for i in call["inputs"]] for call in config["dependencies"]
        }
        self.calls = {
            (
                tuple(named[i] for i in call["inputs"]),
                tuple(named[i] for i in call["outputs"]),
            ): call["id"]
            for call in config["dependencies"]
        }

    def uploaded(self, name: str, content: bytes) -> dict:
        answer = self.http.post("gradio_api/upload", files={"files": (name, content)})
        return self.named(answer.json()[0], name)

    @staticmethod
    def named(path: str, name: str = "a.png") -> dict:
        return {"path": path, "orig_name": name, "meta": {"_type": "gradio.FileData"}}

    def call(self, inputs: tuple, outputs: tuple, *values) -> dict:
        session = os.urandom(8).hex()
        call = {"fn_index": self.calls[inputs, outputs], "session_hash": session}
        self.http.post("gradio_api/queue/join", json=call | {"data": values}).raise_for_status()
        with self.http.stream("GET", f"gradio_api/queue/data?session_hash={session}") as stream:
            for line in stream.iter_lines():
                told = json.loads(line[5:]) if line.startswith("data:") else {}
                if told.get("msg") == "process_completed":
                    return told["output"]
        raise AssertionError("no answer")

    def paint_on(self, photograph: dict) -> dict:
        return self.call(("content",), ("mask", "mask-said"), photograph)


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """The command, in a folder that is neither ours nor the system's for temporary files."""
    home = tmp_path_factory.mktemp("home")
    words = ["studio", "--no-browser", "--workers", "0", "--port", "0", "--home"]
    process = subprocess.Popen(
        [sys.executable, "-m", "impasto", *words, str(home)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=Path(__file__).anchor,
        env=os.environ | {"OMP_NUM_THREADS": "1", "GRADIO_TEMP_DIR": str(home / "gradio")},
    )
    page = Page(process.stdout.readline().split()[-1])
    page.home = home
    yield page
    page.http.close()
    process.terminate()
    process.communicate(timeout=30)


def everything_below(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*") if path.is_file()}


def test_an_upload_is_painted_on(page):
    answer = page.paint_on(page.uploaded("harbor.jpg", sample("harbor").read_bytes()))
    background, said = answer["data"]
    assert said == ""
    picture = page.http.get(background["background"]["url"])
    with Image.open(io.BytesIO(picture.content)) as small:
        assert max(small.size) == 480


def test_a_sample_is_one_of_the_pages_own(page):
    answer = page.paint_on(page.named(str(sample("harbor"))))
    assert "not uploaded by a user" in answer["error"]  # it comes from us, never from a browser


def test_paths_of_the_machine_are_not_read(page, tmp_path):
    for path in (tmp_path / "mine.png", page.home / "secret.txt"):
        path.write_bytes(sample("harbor").read_bytes())
        answer = page.paint_on(page.named(str(path)))
        assert "not uploaded by a user" in answer["error"]
        assert path.name not in everything_below(page.home / "gradio")
        assert page.http.get(f"gradio_api/file={path}").status_code == 403


@contextmanager
def listening():
    """A server, and what it was asked for."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(sample("harbor").read_bytes())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/a.png", asked
    server.shutdown()
    thread.join()
    server.server_close()


def test_addresses_are_not_opened(page):
    with listening() as (url, asked):
        assert "Addresses are not opened" in page.paint_on(page.named(url))["error"]
        assert page.http.get(f"gradio_api/proxy={url}").status_code >= 400
        assert page.http.get(f"gradio_api/file={url}", follow_redirects=False).status_code >= 300
        assert asked == []
    public = page.paint_on(page.named("https://192.0.2.1/a.png"))
    assert "Addresses are not opened" in public["error"]


def test_what_is_no_picture_is_said_where_it_is(page):
    broken = sample("harbor").read_bytes()[:4000]
    answer = page.paint_on(page.uploaded("broken.jpg", broken))
    assert "role='alert'" in answer["data"][1]
    assert "broken.jpg" in answer["data"][1]
    assert "Choose a photograph first" in page.paint_on(None)["data"][1]


def test_a_canvas_larger_than_any_is_refused_before_it_is_decoded(page):
    file = io.BytesIO()
    Image.new("L", (9000, 9000)).save(file, "PNG")
    bomb = page.uploaded("canvas.png", file.getvalue())
    painted = {"background": None, "layers": [bomb], "composite": None}
    call = next(call for call in page.calls if "mask" in call[0] and "message" in call[1])
    defaults = zip(call[0], page.defaults[page.calls[call]], strict=True)
    values = [painted if name == "mask" else value for name, value in defaults]
    assert "expected at most 4096 x 4096" in page.call(*call, *values)["error"]
