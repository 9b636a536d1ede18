"""Work aside: what a hostile upload does to the process that decodes it, and to no other."""

import os
import signal
import struct
import zlib
from contextlib import suppress

import pytest

from impasto.errors import InternalError, PictureError
from impasto.images.codec import decode
from impasto.jobs import aside_main
from impasto.jobs.aside import Aside
from impasto.jobs.errors import TooLarge
from impasto.jobs.limits import MIB, Limits


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def bomb(side: int) -> bytes:
    """A PNG of a few kilobytes that unpacks to side x side pixels."""
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    rows = zlib.compress(bytes((1 + 3 * side) * side), 9)
    parts = chunk(b"IHDR", header), chunk(b"IDAT", rows), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


@pytest.fixture(scope="module")
def aside():
    made = Aside(Limits(pixels=30_000_000, decode_bytes=256 * MIB, decode_seconds=20))
    yield made
    made.close()


@pytest.fixture
def photo(tmp_path, tools):
    path = tmp_path / "ab12"
    path.write_bytes(tools.picture(1))
    return path


def test_it_says_what_a_picture_is(aside, photo):
    seen = aside.look(photo, "photo.png")
    assert (seen.kind, seen.width, seen.height) == ("png", 64, 48)


def test_it_makes_a_picture_small(aside, photo, tmp_path):
    aside.shrink(photo, tmp_path / "small.png", 16, "photo.png")
    assert (decode(tmp_path / "small.png").height, decode(tmp_path / "small.png").width) == (12, 16)
    photo.write_bytes(bomb(6000))
    with pytest.raises(TooLarge, match=r"^photo\.png has more than"):
        aside.shrink(photo, tmp_path / "large.png", 16, "photo.png")
    assert not (tmp_path / "large.png").exists()


def test_a_bomb_takes_too_much_memory_and_nothing_down(aside, photo):
    pid = aside._process and aside._process.pid
    photo.with_name("bomb").write_bytes(bomb(5000))  # 75 MB of bytes, 300 MB of floats
    with pytest.raises(TooLarge, match=r"^bomb\.png takes too much memory"):
        aside.look(photo.with_name("bomb"), "bomb.png")
    assert aside.look(photo, "photo.png").width == 64
    assert pid is None or aside._process.pid == pid


def test_a_size_that_is_not_allowed_is_seen_before_decoding(aside, photo):
    photo.write_bytes(bomb(6000))
    with pytest.raises(TooLarge, match="more than 30,000,000 pixels"):
        aside.look(photo, "photo.png")


def test_a_damaged_picture_is_called_by_the_users_name(aside, photo):
    photo.write_bytes(photo.read_bytes()[:500])
    with pytest.raises(PictureError, match=r"^photo\.png is damaged"):
        aside.look(photo, "photo.png")


def test_a_process_that_was_killed_is_started_again(aside, photo):
    aside.look(photo, "photo.png")
    os.kill(aside._process.pid, signal.SIGKILL)
    assert aside.look(photo, "photo.png").width == 64


def test_another_format_of_a_picture_of_ours(aside, photo):
    target = photo.with_suffix(".tif")
    aside.export(photo, target, 16)
    assert target.read_bytes()[:4] == b"II*\0"
    assert abs(decode(target).pixels - decode(photo).pixels).max() < 1 / 255 / 2
    with pytest.raises(InternalError):
        aside.export(photo, photo.parent / "none" / "x.tif", 16)


# what a decoder may do, by stand-ins in the fork's own code


def answer(monkeypatch, work, **limits):
    monkeypatch.setattr(aside_main, "_answer", lambda request: work())
    return aside_main._aside({"bytes": 4096 * MIB, "seconds": 1, **limits}, os.fork)


def test_a_decoder_that_takes_forever_is_ended(monkeypatch):
    def forever():
        while True:
            signal.sigtimedwait([], 1)

    assert answer(monkeypatch, forever, seconds=0.2) == {"failed": "time"}


def test_a_decoder_that_crashes_is_a_damaged_picture(monkeypatch):
    crash = lambda: os.kill(os.getpid(), signal.SIGKILL)  # noqa: E731
    assert answer(monkeypatch, crash) == {"failed": "crash"}


def test_no_fork_is_left(monkeypatch):
    answer(monkeypatch, lambda: {"kind": "png"})
    with suppress(ChildProcessError):  # there is no child at all
        assert os.waitpid(-1, os.WNOHANG) == (0, 0)  # none has ended and waits to be reaped
