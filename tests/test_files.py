"""Files are written whole or not at all."""

import os
from pathlib import Path

import pytest

from impasto.errors import InputError
from impasto.files import check_target, replacing


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_the_new_content_replaces_the_old(tmp_path):
    target = tmp_path / "trace.json"
    target.write_text("old")
    with replacing(target) as part:
        part.write_text("new")
        assert target.read_text() == "old"
    assert target.read_text() == "new"
    assert names(tmp_path) == ["trace.json"]


def test_the_temporary_file_is_a_neighbor_with_the_same_suffix(tmp_path):
    with replacing(tmp_path / "picture.PNG") as part:
        assert part.parent == tmp_path.resolve()
        assert part.suffix == ".PNG"
        assert part.exists()
        assert part.name != "picture.PNG"


def write_half(target, interruption):
    with replacing(target) as part:
        part.write_bytes(b"half of the n")
        raise interruption


@pytest.mark.parametrize("interruption", [ValueError, KeyboardInterrupt, SystemExit])
def test_an_interruption_leaves_the_old_file_and_nothing_else(tmp_path, interruption):
    target = tmp_path / "picture.png"
    target.write_bytes(b"old")
    with pytest.raises(interruption):
        write_half(target, interruption)
    assert target.read_bytes() == b"old"
    assert names(tmp_path) == ["picture.png"]


def test_an_interruption_leaves_nothing_where_nothing_was(tmp_path):
    with pytest.raises(KeyboardInterrupt), replacing(tmp_path / "new.png"):
        raise KeyboardInterrupt
    assert names(tmp_path) == []


def test_a_failed_move_is_reported_and_cleaned_up(tmp_path, monkeypatch):
    target = tmp_path / "picture.png"
    target.write_bytes(b"old")

    def in_use(self, other):
        raise PermissionError(13, "The file is in use")

    monkeypatch.setattr(Path, "replace", in_use)
    with pytest.raises(InputError, match=r"picture\.png: the file is in use"), replacing(target):
        pass
    assert target.read_bytes() == b"old"
    assert names(tmp_path) == ["picture.png"]


def test_new_files_have_the_usual_permissions(tmp_path):
    (tmp_path / "plain").touch()
    with replacing(tmp_path / "written") as part:
        part.write_text("x")
    assert (tmp_path / "written").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_a_link_is_followed(tmp_path):
    real = tmp_path / "real.txt"
    link = tmp_path / "link.txt"
    real.write_text("old")
    try:
        link.symlink_to(real)
    except OSError:
        pytest.skip("this system does not let us make links")
    with replacing(link) as part:
        part.write_text("new")
    assert link.is_symlink()
    assert real.read_text() == "new"


def write(path):
    with replacing(path) as part:
        part.write_text("x")


@pytest.mark.parametrize("attempt", [check_target, write])
def test_a_missing_folder_is_named(tmp_path, attempt):
    with pytest.raises(InputError, match=r"there is no folder .*nowhere; create it") as caught:
        attempt(tmp_path / "nowhere" / "a.png")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("attempt", [check_target, write])
def test_a_folder_is_not_a_file(tmp_path, attempt):
    with pytest.raises(InputError, match="it is a folder; add a file name"):
        attempt(tmp_path)


@pytest.mark.parametrize("attempt", [check_target, write])
def test_a_file_is_not_a_folder(tmp_path, attempt):
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="there is no folder"):
        attempt(tmp_path / "file" / "a.png")


@pytest.mark.parametrize("attempt", [check_target, write])
def test_a_read_only_file_is_kept(tmp_path, attempt, monkeypatch):
    target = tmp_path / "a.png"
    target.write_text("old")
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(InputError, match="read-only; choose another name"):
        attempt(target)
    assert target.read_text() == "old"


@pytest.mark.parametrize(
    ("attempt", "maker"), [(check_target, "tempfile.TemporaryFile"), (write, "pathlib.Path.touch")]
)
def test_a_folder_without_permission_is_named(tmp_path, attempt, maker, monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(maker, refuse)
    with pytest.raises(InputError, match=r"a\.png: permission denied; choose a folder"):
        attempt(tmp_path / "a.png")
    assert names(tmp_path) == []


def test_checking_leaves_no_trace(tmp_path):
    check_target(tmp_path / "a.png")
    assert names(tmp_path) == []
