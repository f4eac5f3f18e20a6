"""Supervision of one worker: its events, its limits, and its end.

Forked and spawned workers differ only in what the ``Worker`` protocol names.
"""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path
from typing import Protocol

from collector.engine.events import Broken, Died, Ended, Event, Failed, Request, decode
from collector.engine.isolation import LARGEST_MEMORY, LARGEST_OUTPUT

TICK = 0.05
"""Seconds between two looks at a worker that reports nothing."""
STARTING = 300.0
"""Seconds that imports may take on a machine that does them for the first time."""
LONGEST_PATIENCE = 6.0
"""Times as long as its limit that a section may take on a crowded machine."""


class SupervisorLost(Exception):
    """Raised when a supervisor ended, or went silent, in the middle of a section."""


class Supervisor(Protocol):
    """Runs sections one after the other, each in a worker of its own."""

    def run(self, request: Request) -> list[Event]:
        """Run a section.

        Raises:
            SupervisorLost: If the supervisor itself ends.
        """

    def kill(self) -> None:
        """End everything that still runs, for good, from any thread."""

    def close(self) -> None:
        """Release resources; nothing runs any more."""


class Worker(Protocol):
    """The process that runs one section."""

    @property
    def folder(self) -> Path:
        """Where it may write; its output lies here."""

    def receive(self, seconds: float) -> bytes | None:
        """Wait for its next bytes; return ``b""`` once it has ended."""

    def memory(self) -> int:
        """Bytes that it takes, where the kernel does not limit them."""

    def end(self) -> tuple[str, list[str]]:
        """Kill all its processes and remove its folder.

        Returns:
            How it ended, and what is wrong with what it left behind.
        """


def supervise(worker: Worker, limit: float) -> list[Event]:
    """Listen to a worker until it has ended or exceeds a limit, then end it.

    Args:
        limit: Seconds that its section may take.
    """
    events: list[Event] = []
    try:
        excess = _listen(worker, limit, events)
        words = _last_words(worker.folder)
    finally:
        status, complaints = worker.end()
    if not events:
        return [Broken(words or status)]
    if not isinstance(events[-1], Ended):
        events.append(Died(excess or status))
    return [*events, *(Failed(None, complaint) for complaint in complaints)]


def _listen(worker: Worker, limit: float, events: list[Event]) -> str:
    """Collect events; say which limit the worker exceeded, if it did."""
    deadline, rest = time.monotonic() + STARTING, b""
    while (chunk := worker.receive(TICK)) != b"":
        *lines, rest = (rest + (chunk or b"")).split(b"\n")
        for line in lines:
            if not events:  # the first one is that it began
                deadline = time.monotonic() + patience(limit)
            try:
                events += decode(line)
            except ValueError:
                return "writes into the pipe that its events go through"
        if time.monotonic() > deadline:
            return f"did not end within {limit:g} s"
        if chunk is None and output_size(worker.folder) > LARGEST_OUTPUT:
            return f"prints more than {LARGEST_OUTPUT >> 20} MiB"
        if worker.memory() > LARGEST_MEMORY:
            return f"takes more memory than a section may: {LARGEST_MEMORY >> 30} GiB"
    return ""


def patience(limit: float) -> float:
    """Stretch a limit by as much as everything takes longer while too many want the cores.

    Args:
        limit: Seconds that a section may take where each process has a core.
    """
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0  # Windows has none
    return limit * min(max(load / (os.cpu_count() or 1), 1.0), LONGEST_PATIENCE)


def output_size(folder: Path) -> int:
    """Count the bytes that the worker of a folder has printed so far."""
    with contextlib.suppress(OSError):  # not there yet
        return sum((folder / name).stat().st_size for name in ("stdout", "stderr"))
    return 0


def _last_words(folder: Path) -> str:
    with contextlib.suppress(OSError):
        return (folder / "stderr").read_text("utf-8", "replace")
    return ""
