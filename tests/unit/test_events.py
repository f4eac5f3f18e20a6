"""Events keep their fields on the way between processes."""

import pytest
from collector.engine.events import (
    KINDS,
    Began,
    Broken,
    Died,
    Ended,
    Failed,
    Printed,
    Request,
    Shown,
    Statement,
    WroteErrors,
    decode,
    encode,
)

EVENTS = [
    Began(),
    Statement(3),
    Printed(4, "two\nlines, and 中文"),
    WroteErrors("oh"),
    Shown({"light": "<svg/>", "dark": "<svg/>"}),
    Failed(None, "leaves a process"),
    Failed(3, "ValueError: 1", "line 3"),
    Ended(0.25),
    Died("was killed by SIGKILL"),
    Broken("no torch here"),
]


def test_events_arrive_as_they_were_sent():
    line = encode(EVENTS)
    assert line.count(b"\n") == 1
    assert decode(line) == EVENTS
    assert {type(event).__name__ for event in EVENTS} == KINDS.keys()


@pytest.mark.parametrize("line", [b"x", b"", b"1", b'{"a": 1}', b'[["Unknown"]]', b'[["Ended"]]'])
def test_what_is_no_event_is_refused(line):
    with pytest.raises(ValueError):  # noqa: PT011 - what json says differs
        decode(line)


def test_requests_arrive_as_they_were_sent():
    request = Request("a.py", "x\n", "x\n", 2, ["torch"], 7, 20.0, False, True)
    assert Request.decode(request.encode()) == request
