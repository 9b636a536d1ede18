"""The control, seen from both sides."""

import threading

import pytest

from impasto.engine.control import Control
from impasto.errors import InputError
from impasto.timeline import Kind, TimelineEntry


def test_the_first_reason_to_stop_is_kept():
    control = Control()
    assert control.stopped is None
    control.stop("enough")
    control.stop("too late")
    assert control.stopped == "enough"


def test_pausing_and_resuming():
    control = Control()
    assert not control.paused
    control.pause()
    assert control.paused
    control.resume()
    assert not control.paused
    control.wait()


def test_a_stop_ends_a_pause():
    control = Control()
    control.pause()
    waiting = threading.Thread(target=control.wait, daemon=True)
    waiting.start()
    control.stop()
    waiting.join(timeout=10)
    assert not waiting.is_alive()


def test_a_pause_after_a_stop_holds_nobody():
    control = Control()
    control.stop()
    control.pause()
    waiting = threading.Thread(target=control.wait, daemon=True)
    waiting.start()
    waiting.join(timeout=0.5)
    held = waiting.is_alive()
    control.resume()
    assert not held


def test_changes_of_weight_are_taken_once_the_last_one_of_each():
    control = Control()
    control.change_weight("style", 2.0)
    control.change_weight("style", 3.0)
    control.change_weight("content", 0.5)
    assert control.take_weights() == {"style": 3.0, "content": 0.5}
    assert control.take_weights() == {}


@pytest.mark.parametrize("strength", [-0.1, 1.1, float("nan")])
def test_a_strength_out_of_range_is_refused(strength):
    with pytest.raises(InputError, match="a number from 0 to 1"):
        Control().change_strength(strength)


def test_of_strength_and_content_weight_the_last_one_counts():
    control = Control()
    control.change_weight("content", 2.0)
    control.change_weight("style", 3.0)
    control.change_strength(0.5)
    assert (control.take_weights(), control.take_strength()) == ({"style": 3.0}, 0.5)
    assert control.take_strength() is None


def test_a_timeline_is_followed_place_by_place():
    control = Control.replaying(
        [
            TimelineEntry(2, Kind.WEIGHT, "content", 3.0),
            TimelineEntry(2, Kind.PAUSED),
            TimelineEntry(2, Kind.WEIGHT, "style", 0.5, retries=1),
            TimelineEntry(4, Kind.STOPPED, text="enough"),
        ]
    )
    places = [(0, 0), (1, 0), (2, 0), (2, 1), (3, 1)]
    taken = []
    for place in places:
        control.arrive(*place)
        taken.append(control.take_weights())
    assert taken == [{}, {}, {"content": 3.0}, {"style": 0.5}, {}]
    assert not control.paused
    assert control.stopped is None
    assert control.pending == (TimelineEntry(4, Kind.STOPPED, text="enough"),)
    control.arrive(5, 1)  # a place that this run never came to is made up for
    assert control.stopped == "enough"
