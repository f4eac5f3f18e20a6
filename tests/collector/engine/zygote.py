"""The process that imports torch once and forks a child for what must run alone.

It forks lanes, as many as sections may run at a time.  A lane reads requests, a
JSON list of sections a line, and writes an answer for each section, in order.
No process here computes with tensors or runs a second thread: a fork is safe
only then.  Run it as ``python -m collector.engine.zygote LANES LIBRARY...`` with the
descriptors of each lane, ``reading,writing``, separated by colons.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import json
import os
import select
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from collector.engine.execution import execute, prepare
from collector.engine.isolation import (
    LARGEST_OUTPUT,
    adopt_orphans,
    attempts_to_leave,
    leave_network,
)
from collector.engine.lanes import FASTER_FORKS, Gathered, output_size, patience

READY = {"ready": True}
"""The first answer of a lane, before any request."""
PATIENCE = 1.0
"""Seconds that what a section started may take to notice its end."""
TICK = 0.05
"""Seconds between two looks at a child that sends nothing."""


def main(lanes: list[tuple[int, int]], libraries: list[str]) -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    prepare(libraries, int(os.environ["PYTHONHASHSEED"]))
    for name in FASTER_FORKS:
        os.environ.pop(name, None)  # they have done their work; a section need not know
    atexit._clear()  # a section runs its own at its end, not those of what was imported
    gc.collect()
    gc.freeze()
    children = [_start_lane(lane, lanes) for lane in lanes]
    for lane in lanes:
        _close(lane)
    try:
        for pid in children:
            os.waitpid(pid, 0)
    except SystemExit:
        for pid in children:
            os.kill(pid, signal.SIGTERM)
    os._exit(0)  # torch's extensions report leaks at a normal exit


def _start_lane(own: tuple[int, int], lanes: list[tuple[int, int]]) -> int:
    pid = os.fork()
    if pid:
        return pid
    try:
        for lane in lanes:
            if lane != own:
                _close(lane)
        _serve(*own)
    finally:
        os._exit(0)


def _close(lane: tuple[int, int]) -> None:
    for descriptor in lane:
        os.close(descriptor)


def _serve(reading: int, writing: int) -> None:
    """Answer requests until there are no more."""
    adopt_orphans()
    has_own_network = leave_network()
    with open(reading, "rb") as requests, open(writing, "w", encoding="utf-8") as answers:
        print(json.dumps(READY), file=answers, flush=True)
        for line in requests:
            for answer in _answer(json.loads(line), (reading, writing), has_own_network):
                print(json.dumps(answer), file=answers, flush=True)


def _answer(request: dict, closing: tuple[int, int], has_own_network: bool) -> Iterator[dict]:
    """Run sections in as few processes as keeps each one alone with its effects.

    Yields:
        For each section ``events`` and ``seconds``.  Where it did not reach its
        end, a last event ``died`` says why.
    """
    sections = request["sections"]
    while sections:
        child = Child({**request, "sections": sections}, closing, has_own_network)
        for answer in child.answers():
            yield answer
            sections = sections[1:]


@dataclass
class Child:
    """A forked process and the sections that may run in it, one after the other.

    Args:
        request: See ``lanes.Lane.ask``.
        closing: Descriptors that the child must not keep.
        has_own_network: Whether what the network counts is the child's doing; on the
            machine's own network it may be anybody's.
    """

    request: dict
    closing: tuple[int, ...]
    has_own_network: bool
    folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="section-")))

    def answers(self) -> Iterator[dict]:
        """Yield what became of the first section, and of those that shared its process."""
        attempts = attempts_to_leave()
        reading, writing = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            self._become_sections(writing, (reading, *self.closing))
        os.close(writing)
        with contextlib.suppress(OSError):  # whoever is first; the group must exist to be killed
            os.setpgid(self.pid, self.pid)
        gathered = Gathered()
        try:
            for event in self._listen(reading):
                yield from gathered.add(event)
        finally:
            status, left = self._end()
            os.close(reading)
            shutil.rmtree(self.folder, ignore_errors=True)
        gathered.end(_describe(status))
        if left:
            gathered.events.append(_failure(f"leaves a process running: {', '.join(left)}"))
        if self.has_own_network and attempts_to_leave() > attempts:
            why = "asks for something on the network; a section has none"
            gathered.events.append(_failure(why))
        yield gathered.answer()

    def _become_sections(self, writing: int, closing: tuple[int, ...]) -> None:
        """Run the sections in this freshly forked process; never return."""
        try:
            os.setpgid(0, 0)
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            for descriptor in closing:
                os.close(descriptor)
            own = os.getpid()  # a copy that a section forks has nothing to say
            execute(self.request, self.folder, lambda e: own == os.getpid() and _write(writing, e))
        finally:
            os._exit(0)

    def _listen(self, reading: int) -> Iterator[dict]:
        """Yield what the child sends until it has ended or exceeds a limit."""
        sources = [reading, os.pidfd_open(self.pid)]
        limits = [section["limit"] for section in self.request["sections"]]
        limit, deadline, rest = limits[0], time.monotonic() + patience(limits[0]), b""
        beginnings = iter(limits)
        try:
            while True:
                ready, _, _ = select.select(sources, [], [], TICK)
                if reading in ready:
                    chunk = os.read(reading, 1 << 16)
                    if not chunk:  # it may have closed the pipe and go on
                        sources.remove(reading)
                    *lines, rest = (rest + chunk).split(b"\n")
                    for line in lines:
                        if (event := json.loads(line))["event"] == "begin":
                            limit = next(beginnings)
                            deadline = time.monotonic() + patience(limit)
                        yield event
                elif ready:
                    return
                if time.monotonic() > deadline:
                    yield {"event": "excess", "why": f"did not end within {limit:g} s"}
                    return
                if not ready and output_size(self.folder) > LARGEST_OUTPUT:
                    why = f"prints more than {LARGEST_OUTPUT >> 20} MiB"
                    yield {"event": "excess", "why": why}
                    return
        finally:
            os.close(sources[-1])

    def _end(self) -> tuple[int, list[str]]:
        """Kill the child, unless it has ended, and all that it started.

        Returns:
            The child's status, and the commands that outlived it if it was not killed.
        """
        in_peace = os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        if not in_peace:
            self._kill([self.pid])
        status = os.waitpid(self.pid, 0)[1]
        deadline = time.monotonic() + PATIENCE
        while (orphans := _orphans()) and in_peace and time.monotonic() < deadline:
            time.sleep(TICK)
        left = [_command(pid) for pid in orphans]
        while orphans:
            self._kill(orphans)
            orphans = _orphans()
        return status, left if in_peace else []

    def _kill(self, pids: list[int]) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def _failure(message: str) -> dict:
    return {"event": "failure", "line": None, "message": message, "traceback": ""}


def _orphans() -> list[int]:
    """Processes that lost the parent that a section gave them and came to this lane."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    task = Path(f"/proc/self/task/{os.getpid()}/children")
    return [int(pid) for pid in task.read_text().split()]


def _command(pid: int) -> str:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
    return str(pid)


def _write(descriptor: int, event: dict) -> None:
    if event["event"] == "statement":  # most are
        message = b'{"event": "statement", "line": %d}\n' % event["line"]
    else:
        message = json.dumps(event).encode() + b"\n"
    while message:
        message = message[os.write(descriptor, message) :]


def _describe(status: int) -> str:
    if os.WIFSIGNALED(status):
        return f"was killed by {signal.Signals(os.WTERMSIG(status)).name}"
    return f"ended the interpreter with status {os.WEXITSTATUS(status)}"


def _descriptors(text: str) -> list[tuple[int, int]]:
    """Read the lanes of the command line: ``3,4:5,6``."""
    return [tuple(map(int, pair.split(","))) for pair in text.split(":")]


if __name__ == "__main__":
    main(_descriptors(sys.argv[1]), sys.argv[2:])
