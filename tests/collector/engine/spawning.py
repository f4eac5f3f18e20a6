"""Spawned workers, where a fork is missing or unsafe: each starts from nothing."""

from __future__ import annotations

import contextlib
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import psutil

from collector.engine.events import Event, Request
from collector.engine.supervisor import supervise


@dataclass
class SpawningSupervisor:
    """Runs each section in a process that imports its libraries itself.

    Args:
        root: Root of the project.
        environment: All that sections see of the environment.
        folder: Where workers get their folders.
    """

    root: Path
    environment: Mapping[str, str]
    folder: Path
    _worker: SpawnedWorker | None = field(default=None, init=False)
    _stopped: bool = field(default=False, init=False)

    def run(self, request: Request) -> list[Event]:
        worker = self._worker = SpawnedWorker(request, self)
        if self._stopped:
            worker.kill()
        return supervise(worker, request.limit)

    def kill(self) -> None:
        self._stopped = True
        if self._worker:
            self._worker.kill()

    def close(self) -> None:
        """Nothing is kept between sections."""


class SpawnedWorker:
    """A process that runs one section; see ``supervisor.Worker``."""

    def __init__(self, request: Request, supervisor: SpawningSupervisor) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="section-", dir=supervisor.folder))
        with (self.folder / "stderr").open("ab") as complaints:
            self._process = psutil.Popen(
                [sys.executable, "-m", "collector.engine.worker", str(self.folder)],
                cwd=supervisor.root,
                env=supervisor.environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=complaints,
            )
        self._chunks: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        reading = [self._process.stdout, self._chunks]
        threading.Thread(target=_pass_on, args=reading, daemon=True).start()
        with contextlib.suppress(OSError), self._process.stdin as stream:
            stream.write(request.encode())

    def receive(self, seconds: float) -> bytes | None:
        chunk = b""
        with contextlib.suppress(queue.Empty):
            chunk = self._chunks.get(timeout=seconds)
        has_ended = self._process.poll() is not None and self._chunks.empty()
        return chunk or (b"" if has_ended else None)  # its children may keep the pipe open

    def memory(self) -> int:
        return sum(_memory(process) for process in self._family())

    def end(self) -> tuple[str, list[str]]:
        self.kill()
        status = self._process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
        return _describe(status), []  # it ends what it started itself, and tells

    def kill(self) -> None:
        """End it and all that it started."""
        for process in reversed(self._family()):
            with contextlib.suppress(psutil.Error):
                process.kill()

    def _family(self) -> list[psutil.Process]:
        with contextlib.suppress(psutil.Error):
            return [self._process, *self._process.children(recursive=True)]
        return []


def _pass_on(stream: IO[bytes], chunks: queue.SimpleQueue[bytes]) -> None:
    """Put lines into a queue, which, unlike a pipe, can be waited for on Windows."""
    with stream:
        for line in stream:
            chunks.put(line)


def _memory(process: psutil.Process) -> int:
    with contextlib.suppress(psutil.Error):
        return int(process.memory_info().rss)
    return 0


def _describe(status: int) -> str:
    if status < 0:  # as subprocess reports a signal
        return f"was killed by {signal.Signals(-status).name}"
    return f"ended the interpreter with status {status}"
