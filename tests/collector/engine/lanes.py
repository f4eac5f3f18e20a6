"""Lanes: where sections run, one after the other, as seen by who asks for it.

On Linux a lane is a process forked from one that has imported torch (see
``zygote``).  Elsewhere, where a fork is missing or unsafe, each section that
cannot share a process gets a new one (see ``spawned``): correct, but slower.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

GRACE = 30.0
"""Seconds beyond a section's limit after which a silent lane counts as lost."""
LONGEST_PATIENCE = 6.0
"""Times as long as its limit that a section may take on a crowded machine."""
LEAVING = 2.0
"""Seconds that a process may take to end by itself when nobody asks any more."""
FASTER_FORKS = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}
"""Puts the heap on huge pages, whose tables a fork copies faster."""
STARTING = 300.0
"""Seconds that importing torch may take on a machine that does it for the first time."""


class LaneLost(Exception):
    """Raised when a lane ended, or went silent, in the middle of a section."""


def patience(limit: float) -> float:
    """Stretch a limit by as much as everything takes longer while too many want the cores.

    Args:
        limit: Seconds that a section may take where each process has a core.
    """
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0  # Windows has none
    return limit * min(max(load / (os.cpu_count() or 1), 1.0), LONGEST_PATIENCE)


class RunnerError(Exception):
    """Raised when no section can run at all; holds the last words of what should."""


class Lane(Protocol):
    """Runs sections one after the other."""

    def ask(self, request: dict) -> Iterator[dict]:
        """Run sections.

        Args:
            request: See ``execution.execute``; each of its ``sections`` has also a
                ``limit`` in seconds.

        Yields:
            For each section its ``events`` and ``seconds``.

        Raises:
            LaneLost: If the lane itself ends.
            RunnerError: If it never began.
        """

    def kill(self) -> None:
        """End whatever still runs, from another thread than the one that asks."""

    def close(self) -> None:
        """Give back what the lane holds; nobody asks it any more."""


@dataclass
class Zygote:
    """The process that imports torch once and forks lanes.

    Args:
        root: Root of the project.
        libraries: What to import before the first fork.
        environment: All that sections see of the environment.
        count: Number of lanes.
    """

    root: Path
    libraries: Sequence[str]
    environment: Mapping[str, str]
    count: int
    lanes: list[ForkedLane] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._complaints = tempfile.TemporaryFile()
        theirs = []
        for _ in range(self.count):
            reading, asking = os.pipe()
            answering, writing = os.pipe()
            theirs.append((reading, writing))
            self.lanes.append(ForkedLane(self, asking, answering))
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-m", "collector.engine.zygote"),
                ":".join(f"{reading},{writing}" for reading, writing in theirs),
                *self.libraries,
            ],
            cwd=self.root,
            env={**self.environment, **FASTER_FORKS},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self._complaints,
            pass_fds=[descriptor for pair in theirs for descriptor in pair],
            start_new_session=True,
        )
        for pair in theirs:
            for descriptor in pair:
                os.close(descriptor)

    def last_words(self) -> str:
        """What the process wrote to standard error."""
        self._complaints.seek(0)
        return self._complaints.read().decode(errors="replace")

    def kill(self) -> None:
        """End the process and its lanes, all at once."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGTERM)

    def leave(self, lane: ForkedLane) -> None:
        """Let one lane go; with the last one the process ends."""
        self.lanes.remove(lane)
        if self.lanes:
            return
        try:
            self._process.wait(LEAVING)
        except subprocess.TimeoutExpired:
            self.kill()
            self._process.wait()
        self._complaints.close()


@dataclass(eq=False)
class ForkedLane:
    """One lane of a zygote."""

    zygote: Zygote
    asking: int
    """Descriptor that takes requests."""
    answering: int
    """Descriptor that gives answers."""
    _rest: bytes = b""
    _ready: bool = False

    def ask(self, request: dict) -> Iterator[dict]:
        if not self._ready:
            try:
                self._read(STARTING)
            except LaneLost:
                said = self.zygote.last_words()
                raise RunnerError(f"the process that runs sections ended:\n{said}") from None
            self._ready = True
        message = json.dumps(request).encode() + b"\n"
        with contextlib.suppress(BrokenPipeError):
            while message:
                message = message[os.write(self.asking, message) :]
        for section in request["sections"]:
            yield json.loads(self._read(patience(section["limit"]) + GRACE))

    def _read(self, patience: float) -> bytes:
        """Read one line.

        Raises:
            LaneLost: If there comes none.
        """
        deadline = time.monotonic() + patience
        while b"\n" not in self._rest:
            ready, _, _ = select.select([self.answering], [], [], deadline - time.monotonic())
            chunk = os.read(self.answering, 1 << 20) if ready else b""
            if not chunk:
                raise LaneLost
            self._rest += chunk
        line, _, self._rest = self._rest.partition(b"\n")
        return line

    def kill(self) -> None:
        self.zygote.kill()

    def close(self) -> None:
        os.close(self.asking)
        os.close(self.answering)
        self.zygote.leave(self)


@dataclass
class Gathered:
    """Makes answers of the events of sections that share a process."""

    events: list[dict] = field(default_factory=list)
    """Of the section that runs."""
    why: str = ""
    """Which limit it exceeded, if it did."""

    def add(self, event: dict) -> Iterator[dict]:
        """Take an event; yield the answer for the section before, if it begins the next."""
        match event:
            case {"event": "begin"}:
                if self.events:
                    yield self.answer()
                self.events = [event]
            case {"event": "excess", "why": why}:
                self.why = why
            case _:
                self.events.append(event)

    def end(self, status: str) -> None:
        """Note how the process ended, where the section did not reach its own end."""
        if not self.events or self.events[-1]["event"] != "end":
            self.events.append({"event": "died", "why": self.why or status})

    def answer(self) -> dict:
        seconds = next((e["seconds"] for e in self.events if e["event"] == "end"), 0.0)
        return {"events": self.events, "seconds": seconds}


def output_size(folder: Path) -> int:
    """Bytes printed so far by the process that works in a folder."""
    with contextlib.suppress(OSError):  # not there yet
        return sum((folder / name).stat().st_size for name in ("stdout", "stderr"))
    return 0
