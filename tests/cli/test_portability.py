"""Other systems, odd folders, poor terminals and read-only installations."""

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src"
FILES = sorted(SOURCE.rglob("*.py"))
POSIX_MODULES = {"fcntl", "grp", "pwd", "pty", "resource", "syslog", "termios", "tty"}
POSIX_NAMES = {
    "os": {
        *("fork", "forkpty", "getuid", "geteuid", "getgid", "getloadavg", "getpgid", "killpg"),
        *("mkfifo", "nice", "setsid", "sysconf", "uname", "wait", "sched_getaffinity", "statvfs"),
    },
    "signal": {"SIGKILL", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGALRM", "SIGCHLD", "alarm", "pause"},
    "errno": {"EDQUOT"},
}


def posix_only(tree: ast.AST) -> list[str]:
    """Names that Windows lacks, used outside a `try` that expects them to be missing."""
    found = []
    for node in unguarded(tree):
        if isinstance(node, ast.Import):
            found += [a.name for a in node.names if a.name in POSIX_MODULES]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = POSIX_NAMES.get(node.module, set())
            found += [f"{node.module}.{a.name}" for a in node.names if a.name in names]
            found += [node.module] * (node.module in POSIX_MODULES)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            known = POSIX_NAMES.get(node.value.id, set())
            found += [f"{node.value.id}.{node.attr}"] * (node.attr in known)
    return found


def unguarded(node: ast.AST):
    yield node
    for child in ast.iter_child_nodes(node):
        if isinstance(node, ast.Try) and child in node.body and expects_absence(node):
            continue
        yield from unguarded(child)


def expects_absence(node: ast.Try) -> bool:
    handled = {n.id for h in node.handlers if h.type for n in ast.walk(h.type) if hasattr(n, "id")}
    return bool(handled & {"AttributeError", "ImportError"})


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_nothing_that_windows_lacks(path):
    assert posix_only(ast.parse(path.read_text(encoding="utf-8"))) == []


def test_what_windows_lacks_would_be_found():
    assert posix_only(ast.parse("import os\ndef f():\n    os.fork()")) == ["os.fork"]
    assert posix_only(ast.parse("import fcntl")) == ["fcntl"]
    assert posix_only(ast.parse("from signal import SIGKILL")) == ["signal.SIGKILL"]
    guarded = "try:\n    os.sysconf('x')\nexcept AttributeError:\n    pass"
    assert posix_only(ast.parse(guarded)) == []
    assert posix_only(ast.parse(guarded.replace("Attribute", "Value"))) == ["os.sysconf"]


def test_every_text_file_is_opened_with_an_encoding():
    """Where the locale's encoding is used, Windows and the C locale read something else."""
    bad = []
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            given = {keyword.arg for keyword in node.keywords}
            if node.func.attr in ("read_text", "write_text") and "encoding" not in given:
                bad.append(f"{path.name}:{node.lineno}")
    assert bad == []


@pytest.mark.parametrize("minor", [11, 12, 13])
def test_the_sources_are_of_each_python_we_promise(minor):
    for path in FILES:
        ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, minor))


# --- the command in another process ----------------------------------------------------------

SMALL = ("--recipe", "draft", "--size", "48", "--steps", "2", "--precision", "fp32")


@pytest.fixture
def command(monkeypatch):
    """Run `python -m impasto` with an environment of its own."""

    def invoke(*arguments, flags=(), cwd=None, without=(), source=SOURCE, **environment):
        kept = {name: value for name, value in os.environ.items() if name not in without}
        shared = {"PYTHONPATH": str(source), "OMP_NUM_THREADS": "1", "IMPASTO_OFFLINE": "1"}
        return subprocess.run(
            [sys.executable, *flags, "-m", "impasto", *map(str, arguments)],
            env=kept | shared | environment,
            cwd=cwd,
            capture_output=True,
            timeout=120,
            check=False,
        )

    return invoke


def fine(result) -> bytes:
    assert result.returncode == 0, result.stderr.decode(errors="replace")
    return result.stdout


POOR = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii", "PYTHONCOERCECLOCALE": "0"}


@pytest.mark.parametrize(
    "arguments", [["--help"], ["stylize", "--help"], ["recipe", "list"], ["weights", "list"]]
)
def test_a_poor_locale_can_print(command, arguments):
    out = fine(command(*arguments, **POOR))
    assert out
    assert out.isascii()


def test_a_poor_locale_names_files_it_cannot_spell(command, tmp_path):
    result = command("stylize", "nichts-für-ungut.png", "b.png", cwd=tmp_path, **POOR)
    assert result.returncode == 2
    assert b"there is no file nichts-f" in result.stderr


@pytest.mark.slow
def test_a_picture_in_a_poor_locale(command, folder):
    result = command("stylize", "photo.png", "painting.png", *SMALL, "-o", "out.png", **POOR)
    assert b"saved out.png" in fine(result)


ODD = "Ünïcode folder, 絵 & (co)"


def test_spaces_and_other_letters_in_paths(stylize, folder):
    odd = folder / ODD
    odd.mkdir()
    for name in ("photo.png", "painting.png"):
        (folder / name).rename(odd / f"мой {name}")
    (folder / "photo.png").write_bytes((odd / "мой photo.png").read_bytes())
    (folder / "painting.png").write_bytes((odd / "мой painting.png").read_bytes())
    trace = odd / "trace ß.json"
    result = stylize("-o", odd / "out ñ.png", "--trace", trace, "--init", odd / "мой photo.png")
    assert result.exit_code == 0, result.output
    assert (odd / "out ñ.png").exists()
    assert trace.exists()


def test_a_cache_in_an_odd_folder(command, tmp_path):
    place = tmp_path / ODD
    out = fine(command("weights", "path", IMPASTO_CACHE=str(place), PYTHONUTF8="1"))
    assert out.decode().strip() == str(place / "weights")
    fine(command("weights", "verify", IMPASTO_CACHE=str(place)))
    assert not place.exists()  # looking makes nothing


HOMES = ("HOME", "XDG_CACHE_HOME", "USERPROFILE", "LOCALAPPDATA", "IMPASTO_CACHE")


@pytest.mark.parametrize("home", [None, "/nonexistent/home", "read-only"])
def test_without_a_home(command, tmp_path, home):
    environment = {} if home is None else {"HOME": home}
    if home == "read-only":
        (tmp_path / "home").mkdir(mode=0o500)
        environment = {"HOME": str(tmp_path / "home")}
    for arguments in (["recipe", "list"], ["weights", "list"], ["weights", "path"]):
        assert fine(command(*arguments, without=HOMES, **environment))
    missing = ("a.png", "a.png", "--network", "vgg19", "-o", "b.png")
    (tmp_path / "a.png").write_bytes(b"")
    result = command("stylize", *missing, without=HOMES, cwd=tmp_path, **environment)
    assert result.returncode == 2
    assert b"weights import vgg19 FILE" in result.stderr


@pytest.mark.slow
def test_a_picture_without_a_home(command, folder):
    arguments = ("stylize", "photo.png", "painting.png", *SMALL, "-o", "out.png")
    fine(command(*arguments, without=HOMES, HOME="/nonexistent/home", cwd=folder))
    assert (folder / "out.png").exists()


@pytest.mark.slow
def test_a_read_only_installation_stays_as_it_is(command, folder, tmp_path):
    place = tmp_path / "installed"
    shutil.copytree(SOURCE / "impasto", place / "impasto", ignore=shutil.ignore_patterns("__py*"))
    before = {path: path.stat().st_mtime_ns for path in place.rglob("*")}
    for path in (place, *before):
        path.chmod(0o555 if path.is_dir() else 0o444)
    arguments = ("stylize", "photo.png", "painting.png", *SMALL, "-o", "out.png")
    # Root may write anywhere, so what counts is that nothing does; bytecode is Python's own.
    result = command(*arguments, source=place, flags=["-B"], cwd=folder)
    for path in (place, *before):
        path.chmod(0o755 if path.is_dir() else 0o644)
    fine(result)
    assert {path: path.stat().st_mtime_ns for path in place.rglob("*")} == before


def test_help_under_strict_warnings(command):
    assert b"stylize" in fine(command("--help", flags=["-W", "error"]))


@pytest.mark.slow
def test_a_picture_under_strict_warnings(command, folder):
    arguments = ("stylize", "photo.png", "painting.png", *SMALL, "-o", "out.png")
    result = command(*arguments, flags=["-W", "error", "-X", "utf8"], cwd=folder)
    fine(result)
    assert b"Warning" not in result.stderr
