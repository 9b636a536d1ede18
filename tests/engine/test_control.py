"""The control, seen from both sides."""

import threading

from impasto.engine.control import Control


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
