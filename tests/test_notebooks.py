"""The notebooks run from top to bottom, and lie in the repository without what they print."""

import json
import time
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent.parent / "docs" / "notebooks"
NOTEBOOKS = sorted(path.name for path in FOLDER.glob("*.ipynb"))


def cells(name, kind):
    book = json.loads((FOLDER / name).read_text(encoding="utf-8"))
    return [cell for cell in book["cells"] if cell["cell_type"] == kind]


def test_both_are_there():
    assert NOTEBOOKS == ["01-representations.ipynb", "02-transfer.ipynb"]


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_outputs_are_cleared(name):
    found = cells(name, "code")
    assert found
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in found)


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_code_is_short_and_explained(name):
    longest = max(len(cell["source"]) for cell in cells(name, "code"))
    assert longest <= 25
    words = sum(len("".join(cell["source"]).split()) for cell in cells(name, "markdown"))
    assert words > 400


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # of Jupyter's own parts
@pytest.mark.parametrize("name", NOTEBOOKS)
def test_it_runs(name, tmp_path, monkeypatch):
    client = pytest.importorskip("nbclient", reason="nbclient is not installed: impasto[test]")
    pytest.importorskip("ipykernel", reason="ipykernel is not installed: impasto[test]")
    nbformat = pytest.importorskip("nbformat", reason="nbformat is not installed: impasto[test]")
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setenv("IMPASTO_OFFLINE", "1")
    book = nbformat.read(FOLDER / name, as_version=4)
    nbformat.validate(book)
    began = time.monotonic()
    client.NotebookClient(
        book, timeout=200, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
    ).execute()
    outputs = [output for cell in book.cells for output in cell.get("outputs", ())]
    assert [o for o in outputs if o.get("name") == "stderr"] == []
    shown = [o["data"]["text/html"] for o in outputs if "text/html" in o.get("data", {})]
    assert sum(text.count("<img") for text in shown) >= 10
    assert time.monotonic() - began < 120  # a core of its own needs less than 30
    assert list(tmp_path.iterdir()) == []
