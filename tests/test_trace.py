"""The trace as JSON and CSV."""

import csv
import json

import pytest

from impasto.errors import InputError
from impasto.trace import Trace, TraceRow, check_suffix


def trace() -> Trace:
    first = {"total": 3.0, "content": 1.0, "style": 2.0, "style.relu1_1": 0.1}
    second = {"total": 1.5, "content": 0.5, "style": 1.0, "style.relu1_1": 1e-17}
    return Trace([TraceRow(1, 1, 30, 40, first, 0.25), TraceRow(2, 2, 60, 80, second, 1 / 3)])


def test_a_column_is_one_loss_at_every_step():
    assert trace().column("style") == [2.0, 1.0]
    with pytest.raises(KeyError):
        trace().column("grain")


@pytest.mark.parametrize("suffix", [".json", ".csv"])
def test_a_saved_trace_has_every_number(tmp_path, suffix):
    path = tmp_path / f"trace{suffix}"
    trace().save(path)
    text = path.read_text(encoding="utf-8")
    rows = (
        json.loads(text)["steps"] if suffix == ".json" else list(csv.DictReader(text.splitlines()))
    )
    for row, wanted in zip(rows, trace().rows, strict=True):
        place = {"step": wanted.step, "stage": wanted.stage}
        place |= {"height": wanted.height, "width": wanted.width}
        for name, value in (place | wanted.losses).items():
            assert float(row[name]) == value
        assert float(row["seconds"]) == pytest.approx(wanted.seconds, abs=1e-4)
    assert len(rows) == 2
    assert list(tmp_path.iterdir()) == [path]


def test_csv_leaves_what_a_step_does_not_have_empty():
    one, other = trace().rows
    mixed = Trace([one, TraceRow(2, 1, 30, 40, {"total": 1.0, "total_variation": 0.5}, 1.0)])
    rows = list(csv.DictReader(mixed.to_csv().splitlines()))
    assert (rows[0]["total_variation"], rows[1]["style"]) == ("", "")
    assert other.step == 2


def test_a_trace_without_steps_is_still_a_file_of_its_kind(tmp_path):
    assert json.loads(Trace().to_json()) == {"timeline": [], "steps": []}
    assert list(csv.DictReader(Trace().to_csv().splitlines())) == []
    assert Trace().to_csv().strip()
    Trace().save(tmp_path / "empty.csv")


@pytest.mark.parametrize("name", ["trace", "trace.txt", "trace.jsonl"])
def test_other_endings_are_refused_and_leave_no_file(tmp_path, name):
    with pytest.raises(InputError, match=r"\.json or \.csv"):
        trace().save(tmp_path / name)
    with pytest.raises(InputError):
        check_suffix(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_missing_is_named(tmp_path):
    with pytest.raises(InputError, match="no folder"):
        trace().save(tmp_path / "nowhere" / "trace.json")
