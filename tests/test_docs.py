"""The Python in README and docs runs as it stands, on small pictures and with few steps."""

import re
from pathlib import Path

import pytest
import torch

from impasto.images.codec import encode
from impasto.images.picture import Picture

ROOT = Path(__file__).parent.parent
SMALLER = {
    "size=512": "size=64, steps=3",
    'recipe="draft",': 'recipe="draft", size=64, steps=3,',
    "control=control, listen=print": "control=control, listen=print, size=64, steps=3",
    "steps=100": "steps=3",
}


def python_of(page: str) -> list[str]:
    """The Python blocks of a page, in order."""
    return re.findall(r"```python\n(.*?)```", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL)


def smaller(code: str) -> str:
    for long, short in SMALLER.items():
        code = code.replace(long, short)
    return code


@pytest.mark.parametrize("page", ["README.md", "docs/library.md"])
def test_the_python_of_a_page_runs(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    generator = torch.Generator().manual_seed(0)
    for name in ("photo.jpg", "painting.jpg", "woodcut.jpg"):
        encode(Picture(torch.rand(3, 48, 64, generator=generator)), name)
    code = "\n".join(python_of(page))
    assert "stylize" in code
    exec(compile(smaller(code), page, "exec"), {})  # our own pages
    assert (tmp_path / "out.png").exists()


def test_the_readme_is_short():
    assert len((ROOT / "README.md").read_text(encoding="utf-8").split()) < 500


@pytest.mark.parametrize(
    "page", ["README.md", *(f"docs/{p.name}" for p in (ROOT / "docs").glob("*.md"))]
)
def test_links_and_pictures_of_a_page_exist(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    targets = re.findall(r"\]\(([^)#]+)", text)
    local = [target for target in targets if "://" not in target]
    assert [t for t in local if not ((ROOT / page).parent / t).exists()] == []
