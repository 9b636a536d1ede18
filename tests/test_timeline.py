"""The timeline as plain values, in words, and in a saved trace."""

import json

import pytest

from impasto import timeline
from impasto.errors import InputError
from impasto.timeline import Kind, TimelineEntry
from impasto.trace import Trace

ENTRIES = (
    TimelineEntry(2, Kind.WEIGHT, "content", 1 / 3),
    TimelineEntry(3, Kind.STRENGTH, value=0.5),
    TimelineEntry(4, Kind.ROLLED_BACK, text="the loss became nan"),
    TimelineEntry(4, Kind.STOPPED, text="enough", retries=1),
)


def test_a_saved_trace_gives_it_back(tmp_path):
    Trace(timeline=list(ENTRIES)).save(tmp_path / "trace.json")
    assert timeline.read(tmp_path / "trace.json") == ENTRIES


def test_the_form_in_json_is_the_one_in_the_docs():
    assert ENTRIES[3].to_dict() == {
        "step": 4,
        "kind": "stopped",
        "term": "",
        "value": None,
        "text": "enough",
        "retries": 1,
    }


def test_entries_in_words():
    assert [str(entry) for entry in ENTRIES] == [
        "weight of content set to 0.333333",
        "strength set to 0.5",
        "rolled back: the loss became nan",
        "stopped: enough",
    ]
    assert str(TimelineEntry(1, Kind.PAUSED)) == "paused"


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "bent"},
        {"step": 1.5},
        {"step": "1"},
        {"value": None},
        {"value": "3"},
        {"value": True},
        {"kind": "paused"},
        {"term": 3},
        {"color": "red"},
    ],
)
def test_other_values_are_refused(change):
    values = ENTRIES[0].to_dict()
    assert timeline.from_plain([values]) == ENTRIES[:1]
    with pytest.raises(InputError, match="timeline"):
        timeline.from_plain([values | change])


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"timeline": 1}', '{"timeline": [1]}'])
def test_files_without_one_are_refused(tmp_path, text):
    (tmp_path / "trace.json").write_text(text)
    with pytest.raises(InputError, match="timeline"):
        timeline.read(tmp_path / "trace.json")


def test_a_file_that_is_missing_is_named(tmp_path):
    with pytest.raises(InputError, match=r"gone\.json"):
        timeline.read(tmp_path / "gone.json")


def test_infinite_weights_do_not_come_in_through_a_file(tmp_path):
    values = ENTRIES[0].to_dict() | {"value": float("inf")}
    with pytest.raises(InputError, match="timeline"):
        timeline.from_plain(json.loads(json.dumps([values])))
