"""Downloads over HTTP, against a server on this machine that can misbehave."""

import errno
import hashlib
import random

import pytest

from impasto.errors import InputError, WeightsError
from impasto.weights import download
from impasto.weights.catalog import VGG19, Source
from impasto.weights.download import Connection

CONTENT = random.Random(1).randbytes(300_000)
OTHER = random.Random(2).randbytes(300_000)
SHA256 = hashlib.sha256(CONTENT).hexdigest()
QUICK = Connection(timeout=5, attempts=3, pause=0)
ONCE = Connection(timeout=5, attempts=1, pause=0)


@pytest.fixture
def source(server):
    server.files["net.pth"] = CONTENT
    return Source(server.address("net.pth"), len(CONTENT), SHA256[:8])


@pytest.fixture
def target(tmp_path):
    return tmp_path / "net.part"


def fetch(source, target, connection=QUICK, **options):
    return list(download.download(source, target, connection=connection, **options))


def test_a_good_file_arrives_with_progress(source, target):
    progress = fetch(source, target)
    assert target.read_bytes() == CONTENT
    assert (progress[0].received, progress[-1].received) == (0, len(CONTENT))
    assert {p.size for p in progress} == {len(CONTENT)}
    received = [p.received for p in progress]
    assert received == sorted(received)


def test_a_cut_download_goes_on_where_it_ended(source, server, target):
    server.cut_after, server.cuts = 100_000, 2
    fetch(source, target)
    assert target.read_bytes() == CONTENT
    assert server.statuses == [200, 206, 206]
    assert server.asked("Range") == [None, "bytes=100000-", "bytes=200000-"]
    assert server.asked("If-Range")[1:] == ['"one"', '"one"']


def test_the_next_call_resumes_what_the_last_one_left(source, server, target):
    server.cut_after, server.cuts = 100_000, 1
    with pytest.raises(WeightsError, match="cut at 100,000 of 300,000 bytes"):
        fetch(source, target, ONCE)
    assert target.read_bytes() == CONTENT[:100_000]
    assert fetch(source, target, ONCE)[0].received == 100_000
    assert target.read_bytes() == CONTENT


def test_a_generator_that_is_left_can_be_resumed(source, server, target):
    steps = download.download(source, target, connection=ONCE)
    assert (next(steps).received, next(steps).received) == (0, download.CHUNK)
    steps.close()
    assert fetch(source, target, ONCE)[0].received == download.CHUNK
    assert target.read_bytes() == CONTENT


def test_a_file_changed_in_between_is_not_glued_together(source, server, target):
    server.files["net.pth"], server.etag = OTHER, '"old"'
    server.cut_after, server.cuts = 100_000, 1
    with pytest.raises(WeightsError):
        fetch(source, target, ONCE)
    server.files["net.pth"], server.etag = CONTENT, '"new"'
    assert fetch(source, target, ONCE)[0].received == 0
    assert target.read_bytes() == CONTENT


def test_a_change_that_the_server_hides_is_found_by_the_hash_and_mended(source, server, target):
    server.files["net.pth"] = OTHER
    server.cut_after, server.cuts = 100_000, 1
    with pytest.raises(WeightsError):
        fetch(source, target, ONCE)
    server.files["net.pth"] = CONTENT  # under the same ETag
    fetch(source, target)
    assert target.read_bytes() == CONTENT
    assert server.statuses == [200, 206, 200]


def test_a_server_without_ranges_sends_all_again(source, server, target):
    server.ranges, server.cut_after, server.cuts = False, 100_000, 1
    fetch(source, target)
    assert target.read_bytes() == CONTENT
    assert server.statuses == [200, 200]


def test_all_bytes_here_but_unverified_need_no_request(source, server, target):
    steps = download.download(source, target, connection=ONCE)
    while next(steps).received < len(CONTENT):
        pass
    steps.close()
    fetch(source, target)
    assert len(server.requests) == 1


def test_a_wrong_hash_is_refused_and_nothing_stays(source, server, target):
    server.files["net.pth"] = OTHER
    with pytest.raises(WeightsError, match=f"SHA-256 is not {SHA256[:8]}"):
        fetch(source, target)
    assert list(target.parent.glob("net.*")) == []
    assert len(server.requests) == 1  # the same again would not help


def test_a_full_digest_asked_for_counts_over_the_published_digits(source, target):
    with pytest.raises(WeightsError, match="is not"):
        fetch(source, target, sha256=SHA256[:8] + "0" * 56)


@pytest.mark.parametrize("content", [CONTENT[:-1], b"version https://git-lfs.github.com/spec/v1"])
def test_a_wrong_size_is_refused_before_a_byte_is_taken(source, server, target, content):
    server.files["net.pth"] = content
    with pytest.raises(WeightsError, match=f"{len(content):,} bytes instead of 300,000"):
        fetch(source, target)
    assert not target.exists()


def test_a_missing_file_is_not_asked_for_again(source, server, target):
    server.status = 404
    with pytest.raises(WeightsError, match="HTTP 404"):
        fetch(source, target)
    assert len(server.requests) == 1


def test_a_busy_server_is_asked_again(source, server, target):
    server.status = 503
    with pytest.raises(WeightsError, match="HTTP 503"):
        fetch(source, target)
    assert len(server.requests) == QUICK.attempts


def test_redirects_are_followed(source, server, target):
    server.redirect = server.address("moved/net.pth")
    fetch(source, target)
    assert target.read_bytes() == CONTENT
    assert server.statuses == [302, 200]


@pytest.mark.parametrize("place", ["http://example.com/net.pth", "ftp://127.0.0.1/net.pth"])
def test_redirects_out_of_https_are_refused(source, server, target, place):
    server.redirect = place
    with pytest.raises(WeightsError, match="only https"):
        fetch(source, target)
    assert server.statuses == [302]


@pytest.mark.parametrize("place", ["http://example.com/x", "ftp://example.com/x", "file:///x"])
def test_addresses_other_than_https_are_refused(target, place):
    with pytest.raises(WeightsError, match="only https"):
        fetch(Source(place, None, ""), target)


def test_a_silent_server_is_given_up_in_time(source, server, target):
    server.pause = 1.0
    with pytest.raises(WeightsError, match="does not answer in time"):
        fetch(source, target, Connection(timeout=0.1, attempts=1))


def test_nobody_there_is_told(target):
    with pytest.raises(WeightsError, match=r"127\.0\.0\.1.*[Rr]efused"):
        fetch(Source("http://127.0.0.1:9/net.pth", None, ""), target)


def test_mirrors_come_first_in_order_and_the_publisher_last(source, server, mirror, monkeypatch):
    gone, there = server.address("gone"), mirror.address("models/")
    monkeypatch.setenv("IMPASTO_MIRRORS", f"{gone}, {there}")
    assert download.addresses(source) == [
        f"{gone}/net.pth",
        f"{there}net.pth",
        source.address,
    ]
    assert download.addresses(source, [there])[0] == f"{there}net.pth"


def test_the_next_mirror_helps_out(source, server, mirror, target):
    mirror.files["net.pth"] = OTHER  # wrong hash
    fetch(source, target, mirrors=[server.address("a"), mirror.address("b")])
    assert target.read_bytes() == CONTENT
    server.files.clear()
    mirror.files["net.pth"] = CONTENT
    target.unlink()
    fetch(source, target, mirrors=[server.address("a"), mirror.address("b")])
    assert target.read_bytes() == CONTENT


def test_a_cut_download_is_not_resumed_from_another_place(source, server, mirror, target):
    server.cut_after, server.cuts = 100_000, 1
    with pytest.raises(WeightsError):
        fetch(source, target, ONCE)
    mirror.files["net.pth"] = CONTENT
    fetch(source, target, mirrors=[mirror.address("b")])
    assert mirror.asked("Range") == [None]
    assert target.read_bytes() == CONTENT


def test_the_proxy_of_the_environment_is_used(server, target, monkeypatch):
    server.files["net.pth"] = CONTENT
    monkeypatch.setenv("http_proxy", server.address(""))
    fetch(Source("http://localhost:9/net.pth", None, SHA256), target)
    assert server.requests[0][0] == "http://localhost:9/net.pth"


def test_a_full_disk_is_passed_on(source, target, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")
        yield

    monkeypatch.setattr(download, "_received", full)
    with pytest.raises(OSError, match="No space"):
        fetch(source, target)


@pytest.mark.parametrize("text", ["soon", "0", "-1", "inf", "nan"])
def test_a_timeout_must_be_a_number(monkeypatch, text):
    monkeypatch.setenv("IMPASTO_TIMEOUT", text)
    with pytest.raises(InputError, match="IMPASTO_TIMEOUT"):
        Connection.from_environment()


def test_a_timeout_is_taken_from_the_environment(monkeypatch):
    monkeypatch.setenv("IMPASTO_TIMEOUT", "2.5")
    assert Connection.from_environment().timeout == 2.5


@pytest.mark.parametrize(
    ("text", "offline"), [("1", True), ("yes", True), ("0", False), ("", False), ("off", False)]
)
def test_offline_by_the_environment(monkeypatch, text, offline):
    monkeypatch.setenv("IMPASTO_OFFLINE", text)
    assert download.is_offline() is offline


def test_published_names_carry_the_digits_of_the_catalog():
    assert VGG19.source.filename == "vgg19-dcbb9e9d.pth"
    assert VGG19.source.sha256.startswith("dcbb9e9d")
    assert len(VGG19.source.sha256) == 64
