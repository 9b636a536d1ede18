"""Broken and malicious files: one line that says what to do, exit code 2, bounded memory.

Every file is made here. Those that are cut or lie must be refused; of the files with flipped bits,
those that still decode are pictures.
"""

import io
import os
import random
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from typer.testing import CliRunner

from impasto.cli.main import app
from impasto.errors import PictureError
from impasto.images import Picture, decode, encode

ROOM = 250 << 20  # bytes of address space that decoding all files may take
PNG_START = b"\x89PNG\r\n\x1a\n"


def photo(height=48, width=40):
    generator = np.random.default_rng(5)
    y, x = np.mgrid[0:height, 0:width]
    ramp = np.stack([x * 5, y * 4, x + y], axis=-1)
    return (ramp + generator.integers(0, 12, ramp.shape)).clip(0, 255).astype(np.uint8)


def saved(kind, **options):
    buffer = io.BytesIO()
    Image.fromarray(photo()).save(buffer, kind, **options)
    return buffer.getvalue()


def encoded(folder, name, **options):
    pixels = torch.from_numpy(photo().transpose(2, 0, 1).astype(np.float32) / 255)
    encode(Picture(pixels, recipe="steps = 1", dpi=300), folder / name, **options)
    return (folder / name).read_bytes()


def whole_files(folder):
    """One whole file of every kind that is read, by name."""
    files = {
        "baseline.jpg": saved("JPEG"),
        "progressive.jpg": saved("JPEG", progressive=True),
        "plain.png": saved("PNG"),
        "deep.png": encoded(folder, "deep.png", depth=16),
        "lossy.webp": saved("WEBP"),
        "lossless.webp": saved("WEBP", lossless=True),
        "raw.tif": saved("TIFF"),
        "lzw.tif": saved("TIFF", compression="tiff_lzw"),
        "deep.tif": encoded(folder, "deep.tif", depth=16),
        "plain.bmp": saved("BMP"),
        "plain.gif": saved("GIF"),
        "plain.avif": saved("AVIF"),
    }
    if heif := pytest.importorskip("pillow_heif"):
        buffer = io.BytesIO()
        heif.from_pillow(Image.fromarray(photo())).save(buffer)
        files["plain.heic"] = buffer.getvalue()
    return files


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(width=4, height=4, depth=8, *, before=b"", pixels=None):
    """A PNG of nothing, with what the test wants in it."""
    if pixels is None:
        pixels = zlib.compress(bytes(height * (1 + width * 3 * depth // 8)))
    header = struct.pack(">IIBBBBB", width, height, depth, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + before + chunk(b"IDAT", pixels)
    return PNG_START + body + chunk(b"IEND", b"")


def zeros(megabytes):
    return zlib.compress(bytes(megabytes << 20), 1)


def tiff(*, strip=b"\0" * 96, places=None, **changed):
    """A 4 x 4 TIFF of 16-bit RGB with any tag changed: a list of values under `t` and its number.

    LONGs throughout, the strip behind the directory.
    """
    tags = {256: [4], 257: [4], 258: [16], 259: [1], 262: [2], 273: None, 277: [3], 278: [4]}
    tags[279] = [len(strip)]
    tags |= {int(name[1:]): values for name, values in changed.items()}
    tags = {tag: values for tag, values in sorted(tags.items()) if values != []}
    end = 8 + 2 + 12 * len(tags) + 4
    tags[273] = places or [end]
    entries = [struct.pack("<HHII", t, 4, len(v), v[0]) for t, v in tags.items()]
    return b"II*\0\x08\0\0\0" + struct.pack("<H", len(tags)) + b"".join(entries) + bytes(4) + strip


def patched(data, mark, offset, new):
    """Overwrite what stands `offset` bytes behind every occurrence of a mark."""
    content, at = bytearray(data), data.find(mark)
    assert at >= 0
    while at >= 0:
        content[at + offset : at + offset + len(new)] = new
        at = data.find(mark, at + 1)
    return bytes(content)


def size_of_jpeg(data, width, height):
    at = next(at for at in range(len(data)) if data[at : at + 2] in (b"\xff\xc0", b"\xff\xc2"))
    return data[: at + 5] + struct.pack(">HH", height, width) + data[at + 9 :]


def liars(whole):
    """Headers that promise what does not follow, and bombs: small files that unpack to much."""
    huge, text = 0x7FFFFFF0, zeros(300)
    profile = random.Random(1).randbytes(8 << 20)
    gif, bmp, avif = whole["plain.gif"], whole["plain.bmp"], whole["plain.avif"]
    webp_bomb = b"RIFF\x1a\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0" + b"\xff" * 6
    return {
        "bomb-header.png": png(100_000, 100_000, pixels=zlib.compress(b"")),
        "bomb-true.png": png(14_000, 14_000, pixels=zeros(60)),
        "bomb-deep.png": png(14_000, 14_000, 16, pixels=zeros(100)),
        "bomb-deep-small.png": png(4, 4, 16, pixels=zlib.compress(bytes(99)) + text),
        "bomb-deep-long.png": png(4, 4, 16, pixels=text),
        "bomb-ztxt.png": png(before=chunk(b"zTXt", b"impasto\0\0" + text)),
        "bomb-itxt.png": png(before=chunk(b"iTXt", b"impasto\0\1\0\0\0" + text)),
        "bomb-icc.png": png(before=chunk(b"iCCP", b"icc\0\0" + text)),
        "bomb-icc-deep.png": png(4, 4, 16, before=chunk(b"iCCP", b"icc\0\0" + text)),
        "bomb-ztxt-deep.png": png(4, 4, 16, before=chunk(b"zTXt", b"impasto\0\0" + text)),
        "many-texts.png": png(before=chunk(b"iTXt", b"impasto\0\0\0\0\0" + b"x" * (1 << 20)) * 80),
        "zero-width.png": png(0, 4),
        "zero-height-deep.png": png(4, 0, 16),
        "short-pixels.png": png(40, 40, pixels=zlib.compress(b"\0" * 500)),
        "short-pixels-deep.png": png(40, 40, 16, pixels=zlib.compress(b"\0" * 500)),
        "filter-9-deep.png": png(4, 4, 16, pixels=zlib.compress((b"\x09" + b"\0" * 24) * 4)),
        "color-type-7-deep.png": patched(whole["deep.png"], b"IHDR", 9, b"\x07"),
        "chunk-too-long.png": patched(whole["plain.png"], b"IDAT", -4, b"\x7f\xff\xff\xff"),
        "chunk-too-long-deep.png": patched(whole["deep.png"], b"IDAT", -4, b"\x7f\xff\xff\xff"),
        "bomb-header.tif": tiff(t256=[100_000], t257=[100_000]),
        "bomb-strip.tif": tiff(strip=text, t259=[8], t256=[14_000], t257=[14_000]),
        "short-strip.tif": tiff(strip=b"\0" * 20),
        "lying-strip-size.tif": tiff(strip=b"\0" * 8, t279=[huge]),
        "strip-elsewhere.tif": tiff(places=[huge]),
        "no-strips.tif": tiff(t278=[1]),
        "zero-width.tif": tiff(t256=[0]),
        "no-width.tif": tiff(t256=[]),
        "no-samples.tif": tiff(t277=[0]),
        "many-samples.tif": tiff(t277=[60_000]),
        "odd-compression.tif": tiff(t259=[12_345]),
        "broken-deflate.tif": tiff(strip=b"not deflated at all.", t259=[8]),
        "broken-lzw.tif": tiff(strip=b"\xff" * 40, t259=[5]),
        "float.tif": tiff(t339=[3]),
        "deep-lab.tif": tiff(t262=[8]),
        "24-bits.tif": tiff(t258=[24]),
        "huge-tiles.tif": tiff(t322=[65_520], t323=[65_520], t324=[8], t325=[8], t278=[]),
        "directory-nowhere.tif": b"II*\0" + struct.pack("<I", huge) + bytes(100),
        "directory-in-itself.tif": b"II*\0\0\0\0\0" + bytes(100),
        "long-tag.tif": patched(tiff(), struct.pack("<HH", 258, 4), 4, b"\xff\xff\xff\x7f"),
        "big-count.tif": b"II+\0\x08\0\0\0" + struct.pack("<QQ", 16, 1 << 62) + bytes(100),
        "bomb.webp": webp_bomb,
        "bomb-lossless.webp": b"RIFF\x20\0\0\0WEBPVP8L\x14\0\0\0\x2f" + b"\xff" * 40,
        "zero.webp": patched(whole["lossy.webp"], b"\x9d\x01\x2a", 3, bytes(4)),
        "bomb.gif": patched(gif, b"GIF8", 6, b"\xff" * 4),
        "bomb-frame.gif": patched(gif, b"\x2c\0\0\0\0", 5, b"\xff" * 4),
        "bomb.avif": patched(avif, b"ispe", 8, struct.pack(">II", 60_000, 60_000)),
        "zero.avif": patched(avif, b"ispe", 8, bytes(8)),
        "bomb.jpg": size_of_jpeg(whole["baseline.jpg"], 65_500, 65_500),
        "zero.jpg": size_of_jpeg(whole["baseline.jpg"], 0, 48),
        "bomb.bmp": patched(bmp, b"BM", 18, struct.pack("<ii", 60_000, 60_000)),
        "lying.bmp": patched(bmp, b"BM", 18, struct.pack("<ii", 4_000, 4_000)),
        "zero.bmp": patched(bmp, b"BM", 18, struct.pack("<ii", 0, 48)),
        "bomb.heic": patched(whole["plain.heic"], b"ispe", 8, struct.pack(">II", 60_000, 60_000)),
        "text.png": b"dear diary\n" * 50,
        "page.jpg": b"%PDF-1.7\n" + bytes(200),
        "drawing.png": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        "drawing.svg": b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'c'>]><svg>&b;</svg>",
        "film.jpg": b"\0\0\0\x18ftypisom\0\0\0\0mp41isom" + bytes(500),
        "film.mkv": b"\x1aE\xdf\xa3" + bytes(100),
        "bytes.jpg": profile[:2000],
        "nothing.jpg": b"",
        "one-byte.png": b"\x89",
    }


def cut_files(whole):
    """Every whole file, cut at every eighth."""
    return {
        f"cut-{eighth}-{name}": data[: len(data) * eighth // 8]
        for name, data in whole.items()
        for eighth in range(1, 8)
    }


def flipped_files(whole, each=8):
    """Every whole file with a few bits flipped."""
    files = {}
    for name, data in whole.items():
        for seed in range(each):
            chance, content = random.Random(f"{name} {seed}"), bytearray(data)
            for _ in range(1 + seed):
                content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
            files[f"flip-{seed}-{name}"] = bytes(content)
    files["zero.gif"] = patched(whole["plain.gif"], b"GIF8", 6, bytes(4))  # frames tell the size
    lie = struct.pack(">II", 400, 480)  # libavif scales to it
    files["lying.avif"] = patched(whole["plain.avif"], b"ispe", 8, lie)
    files["lying.jpg"] = size_of_jpeg(whole["baseline.jpg"], 1_000, 1_000)  # libjpeg fills it up
    return files


def other_places(folder):
    """What has a name but is no file."""
    (folder / "folder.png").mkdir()
    (folder / "loop.png").symlink_to(folder / "loop.png")
    (folder / "dangling.png").symlink_to(folder / "gone.png")
    os.mkfifo(folder / "pipe.png")
    names = ["folder.png", "loop.png", "dangling.png", "pipe.png"]
    return [*(folder / name for name in names), Path("/dev/zero"), folder / ("x" * 300)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("hostile")


@pytest.fixture(scope="module")
def whole(folder):
    return whole_files(folder)


@pytest.fixture(scope="module")
def refused(folder, whole):
    """Paths that must be refused."""
    written = liars(whole) | cut_files(whole)
    for name, data in written.items():
        (folder / name).write_bytes(data)
    return [*(folder / name for name in written), *other_places(folder)]


@pytest.fixture(scope="module")
def flipped(folder, whole):
    """Paths that may hold a picture or may not."""
    written = flipped_files(whole)
    for name, data in written.items():
        (folder / name).write_bytes(data)
    return [folder / name for name in written]


def complaint(line, path):
    """What is wrong with the line that a refusal prints, if anything."""
    if not line.startswith("impasto: error: "):
        return "is not an error of ours"
    if str(path) not in line:
        return "does not name the file"
    message = line.replace(str(path), "")
    if not any(said in message for said in ("; expected", "there is no file", "cannot open")):
        return "does not say what was expected"
    if not any(said in message for said in (": ", "; check")):
        return "does not say what to try"
    return None


def test_the_whole_files_are_pictures(folder, whole):
    for name, data in whole.items():
        (folder / name).write_bytes(data)
        assert decode(folder / name).width == 40, name
    assert decode(folder / "deep.png").recipe == "steps = 1"


def test_every_bad_file_is_refused_in_one_line(tmp_path, monkeypatch, folder, refused, flipped):
    """By the command, in this process; nothing may be written."""
    (tmp_path / "style.png").write_bytes((folder / "plain.png").read_bytes())
    monkeypatch.chdir(tmp_path)
    bad = [*refused, *(path for path in flipped if not is_picture(path))]
    assert len(refused) + len(flipped) >= 200
    wrong = []
    for path in bad:
        result = CliRunner().invoke(app, ["stylize", str(path), "style.png", "--steps", "1"])
        lines = result.stderr.splitlines()
        fault = complaint(lines[0], path) if len(lines) == 1 else "not one line"
        if fault or result.exit_code != 2 or result.stdout:
            wrong.append((path.name, result.exit_code, fault, result.output[-200:]))
    assert not wrong
    assert [path.name for path in tmp_path.iterdir()] == ["style.png"]


def is_picture(path):
    try:
        picture = decode(path)
    except PictureError:
        return False
    assert bool(torch.isfinite(picture.pixels).all())
    assert picture.pixels.min() >= 0
    assert picture.pixels.max() <= 1
    return True


def test_some_flipped_bits_are_found_and_some_leave_a_picture(flipped):
    kept = sum(map(is_picture, flipped))
    assert 0 < kept < len(flipped)


BOUNDED = """
import resource, sys
from impasto.images import decode
from impasto.errors import PictureError

taken = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (taken + int(sys.argv[1]),) * 2)
for line in sys.stdin:
    try:
        decode(line.rstrip("\\n"))
    except PictureError:
        pass
    except BaseException as error:
        print(line, repr(error))
print("done")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="limits address space as Linux does")
def test_memory_is_bounded(folder, refused, flipped):
    paths = "\n".join(map(str, [*refused, *flipped]))
    command = [sys.executable, "-c", BOUNDED, str(ROOM)]
    ran = subprocess.run(command, input=paths, capture_output=True, text=True, timeout=120)
    assert ran.stdout == "done\n", ran


def test_the_bound_can_be_broken(tmp_path):
    """A picture that is allowed but large breaks it, so that the test above can fail."""
    (tmp_path / "large.png").write_bytes(png(13_000, 13_000, pixels=zeros(1)))
    command = [sys.executable, "-c", BOUNDED, str(ROOM)]
    name = str(tmp_path / "large.png")
    ran = subprocess.run(command, input=name, capture_output=True, text=True, timeout=120)
    assert "MemoryError" in ran.stdout or "not enough memory" in ran.stdout, ran


FEW = ["broken-lzw.tif", "cut-7-progressive.jpg"]
DOZEN = [
    "bomb-true.png",
    "bomb-ztxt-deep.png",
    "bomb-strip.tif",
    "bomb-icc.png",
    "bomb.webp",
    "bomb-frame.gif",
    "zero.avif",
    "cut-4-baseline.jpg",
    "cut-6-lzw.tif",
    "cut-7-plain.heic",
    "pipe.png",
    "film.jpg",
]


@pytest.mark.parametrize(
    "name", [*FEW, *(pytest.param(name, marks=pytest.mark.slow) for name in DOZEN)]
)
@pytest.mark.usefixtures("refused")
def test_real_processes_end_with_code_2_and_one_line(tmp_path, folder, name):
    """Decoders in C print to stderr past Python: only a real process shows that they do not."""
    bad = folder / name
    command = [sys.executable, "-m", "impasto", "stylize", bad, bad]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    environment.pop("IMPASTO_DEBUG", None)
    ran = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=environment)
    assert (ran.returncode, ran.stdout) == (2, ""), ran
    (line,) = ran.stderr.splitlines()
    assert complaint(line, bad) is None, line
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission(tmp_path):
    (tmp_path / "a.png").write_bytes(png())
    (tmp_path / "a.png").chmod(0)
    with pytest.raises(PictureError, match="no permission to read"):
        decode(tmp_path / "a.png")
