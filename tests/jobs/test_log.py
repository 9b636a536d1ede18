"""The log of events: numbered, torn lines dropped, nothing said twice."""

from impasto.events import Balanced, PlannedStage, Prepared, Warned
from impasto.jobs import log
from impasto.jobs.log import EventLog, plain_event


def step(number):
    return "step", {"step": number, "losses": {"total": 1.0}}


def test_numbers_count_from_one_and_go_on(tmp_path):
    path = tmp_path / "events.jsonl"
    for number in (1, 2):
        EventLog(path).add(*step(number))
    events = log.read(path)
    assert [(e.number, e.event, e.values["step"]) for e in events] == [
        (1, "step", 1),
        (2, "step", 2),
    ]
    assert log.read(path, after=1) == events[1:]
    assert log.read(tmp_path / "none") == []


def test_a_torn_last_line_is_dropped_and_written_over(tmp_path):
    path = tmp_path / "events.jsonl"
    written = EventLog(path)
    written.add(*step(1))
    written.add(*step(2))
    path.write_bytes(path.read_bytes()[:-5])
    assert [event.number for event in log.read(path)] == [1]
    EventLog(path).add(*step(2))
    assert [(e.number, e.values["step"]) for e in log.read(path)] == [(1, 1), (2, 2)]


def test_a_run_that_goes_on_says_nothing_twice(tmp_path):
    path = tmp_path / "events.jsonl"
    begun = EventLog(path)
    begun.add("prepared", {"network": "x"})
    for number in (1, 2, 3):
        begun.add(*step(number))
    again = EventLog(path)
    again.add("prepared", {"network": "x"})
    again.add("resumed", {"step": 2})
    for number in (3, 4):
        again.add(*step(number))
    third = EventLog(path)
    third.add("resumed", {"step": 2})
    kinds = [(e.event, e.values.get("step")) for e in log.read(path)]
    steps = [("step", 1), ("step", 2), ("step", 3), ("resumed", 2), ("step", 4), ("resumed", 2)]
    assert kinds == [("prepared", None), *steps]


def test_events_as_plain_values():
    prepared = Prepared("net", "cpu", "fp32", (PlannedStage(3, 4, 5),), 16)
    stages = [{"height": 3, "width": 4, "steps": 5}]
    expected = {"network": "net", "device": "cpu", "precision": "fp32", "stages": stages}
    assert plain_event(prepared) == ("prepared", expected | {"margin": 16})
    assert plain_event(Warned("look out")) == ("warned", {"message": "look out"})
    assert plain_event(Balanced(float("inf"))) == ("balanced", {"content_factor": None})
