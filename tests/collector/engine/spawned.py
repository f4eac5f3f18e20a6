"""Lanes where a fork is missing or unsafe: each process starts from nothing.

``SpawnedLane`` is the side of who asks; run as ``python -m collector.engine.spawned``
this module is the process that runs sections.  It reads a request from
descriptor 0 and writes events, a JSON object a line, to what was descriptor 1.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from collector.engine.isolation import LARGEST_MEMORY, LARGEST_OUTPUT
from collector.engine.lanes import STARTING, Gathered, RunnerError, output_size, patience

TICK = 0.05
"""Seconds between two looks at a process."""
PATIENCE = 1.0
"""Seconds that what a section started may take to notice its end."""


@dataclass(eq=False)
class SpawnedLane:
    """Runs sections in processes that import what they need themselves."""

    root: Path
    environment: Mapping[str, str]
    _child: psutil.Popen | None = field(default=None, init=False)

    def ask(self, request: dict) -> Iterator[dict]:
        """Yield an answer for each section; see ``lanes.Lane``."""
        sections = request["sections"]
        while sections:
            for answer in self._answers({**request, "sections": sections}):
                yield answer
                sections = sections[1:]

    def _answers(self, request: dict) -> Iterator[dict]:
        folder = Path(tempfile.mkdtemp(prefix="section-"))
        complaints = tempfile.TemporaryFile()
        self._child = psutil.Popen(
            [sys.executable, "-m", "collector.engine.spawned", str(folder)],
            cwd=self.root,
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=complaints,
        )
        gathered = Gathered()
        try:
            for event in self._listen(request, folder):
                yield from gathered.add(event)
            if not gathered.events and not gathered.why:
                complaints.seek(0)
                said = complaints.read().decode(errors="replace")
                raise RunnerError(f"the process that runs sections ended:\n{said}")
        finally:
            self.kill()
            status = self._child.wait()
            complaints.close()
            shutil.rmtree(folder, ignore_errors=True)
        gathered.end(_describe(status))
        yield gathered.answer()

    def _listen(self, request: dict, folder: Path) -> Iterator[dict]:
        """Yield what the process sends until it has ended or exceeds a limit."""
        lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        threading.Thread(target=_pass_on, args=[self._child.stdout, lines], daemon=True).start()
        with contextlib.suppress(OSError):
            self._child.stdin.write(json.dumps(request).encode())
            self._child.stdin.close()
        limits = iter([section["limit"] for section in request["sections"]])
        limit, deadline = STARTING, time.monotonic() + STARTING
        while True:
            try:
                line = lines.get(timeout=TICK)
            except queue.Empty:
                line = None
                if self._child.poll() is not None and lines.empty():
                    return  # what it started may keep the pipe open
            if line == b"":
                return
            if line:
                event = json.loads(line)
                if event["event"] == "begin":
                    limit = next(limits)
                    deadline = time.monotonic() + patience(limit)
                yield event
            if why := self._excess(folder, limit, deadline):
                yield {"event": "excess", "why": why}
                return

    def _excess(self, folder: Path, limit: float, deadline: float) -> str:
        """Say which limit the process exceeds, if any."""
        if time.monotonic() > deadline:
            return f"did not end within {limit:g} s"
        if output_size(folder) > LARGEST_OUTPUT:
            return f"prints more than {LARGEST_OUTPUT >> 20} MiB"
        if sum(_memory(process) for process in self._family()) > LARGEST_MEMORY:
            return f"takes more memory than a section may: {LARGEST_MEMORY >> 30} GiB"
        return ""

    def _family(self) -> list[psutil.Process]:
        with contextlib.suppress(psutil.Error):
            return [self._child, *self._child.children(recursive=True)]
        return []

    def kill(self) -> None:
        """End whatever still runs."""
        for process in reversed(self._family() if self._child else []):
            with contextlib.suppress(psutil.Error):
                process.kill()

    def close(self) -> None:
        """Nothing is kept between requests."""


def _describe(status: int) -> str:
    if status < 0:  # as subprocess reports a signal
        return f"was killed by {signal.Signals(-status).name}"
    return f"ended the interpreter with status {status}"


def _memory(process: psutil.Process) -> int:
    with contextlib.suppress(psutil.Error):
        return process.memory_info().rss
    return 0


def _pass_on(stream, lines: queue.SimpleQueue[bytes]) -> None:
    """Put lines into a queue, which, unlike a pipe, can be waited for on Windows."""
    with stream:
        for line in stream:
            lines.put(line)
    lines.put(b"")


def _processes_left() -> list[str]:
    """End the processes that this one started and that do not end with it; name them."""
    _, left = psutil.wait_procs(psutil.Process().children(recursive=True), PATIENCE)
    names = [" ".join(process.cmdline()) for process in left]
    for process in left:
        process.kill()
    return names


def main(folder: Path) -> None:
    """Run the sections of one request; never return."""
    from collector.engine.execution import execute

    sending = os.dup(1)
    request = json.load(sys.stdin)
    for descriptor in (0, 2):
        os.set_inheritable(descriptor, False)
    with open(sending, "wb", buffering=0) as stream:

        def send(event: dict) -> None:
            stream.write(json.dumps(event).encode() + b"\n")

        try:
            execute(request, folder, send, _processes_left)
        finally:
            os._exit(0)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
