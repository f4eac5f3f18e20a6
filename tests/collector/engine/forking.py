"""The fork server and its supervisors, as seen by who asks them; see ``fork_server``."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from collector.engine.events import Event, Request, decode
from collector.engine.runs import RunnerError
from collector.engine.supervisor import STARTING, SupervisorLost, patience

GRACE = 30.0
"""Seconds beyond a section's limit after which a silent supervisor counts as lost."""
LEAVING = 2.0
"""Seconds that the fork server may take to end by itself when nobody asks any more."""
HUGE_HEAP = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}
"""Puts the heap on huge pages, whose tables a fork copies faster."""


@dataclass
class ForkServer:
    """The process that has imported torch, and forks.

    Args:
        root: Root of the project.
        libraries: What to import before the first fork.
        environment: All that sections see of the environment.
        folder: Where workers get their folders.
        count: Number of supervisors.
    """

    root: Path
    libraries: Sequence[str]
    environment: Mapping[str, str]
    folder: Path
    count: int
    supervisors: list[ForkedSupervisor] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._complaints = tempfile.TemporaryFile()
        pairs = [socket.socketpair() for _ in range(self.count)]
        self.supervisors += [ForkedSupervisor(self, ours) for ours, _ in pairs]
        descriptors = [theirs.fileno() for _, theirs in pairs]
        sockets = ",".join(map(str, descriptors))
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-m", "collector.engine.fork_server"),
                *(str(self.folder), sockets, *self.libraries),
            ],
            cwd=self.root,
            env={**self.environment, **HUGE_HEAP},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self._complaints,
            pass_fds=descriptors,
            start_new_session=True,
        )
        for _, theirs in pairs:
            theirs.close()

    def last_words(self) -> str:
        """Read the fork server's standard error."""
        self._complaints.seek(0)
        return self._complaints.read().decode(errors="replace")

    def kill(self) -> None:
        """End the fork server, its supervisors and their workers, all at once."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGTERM)

    def leave(self, supervisor: ForkedSupervisor) -> None:
        """Let one supervisor go; with the last one the fork server ends."""
        self.supervisors.remove(supervisor)
        if self.supervisors:
            return
        try:
            self._process.wait(LEAVING)
        except subprocess.TimeoutExpired:
            self.kill()
            self._process.wait()
        self._complaints.close()


class ForkedSupervisor:
    """A supervisor that a fork server has forked.

    Args:
        server: The fork server.
        connection: The socket to it.
    """

    def __init__(self, server: ForkServer, connection: socket.socket) -> None:
        self.server = server
        self._connection = connection
        self._answers = connection.makefile("rb")
        self._ready = False

    def run(self, request: Request) -> list[Event]:
        if not self._ready:
            try:
                self._read(STARTING)
            except SupervisorLost:
                words = self.server.last_words()
                raise RunnerError(f"the process that runs sections ended:\n{words}") from None
            self._ready = True
        with contextlib.suppress(ConnectionError):  # reading tells
            self._connection.sendall(request.encode())
        return self._read(STARTING + patience(request.limit) + GRACE)

    def _read(self, seconds: float) -> list[Event]:
        self._connection.settimeout(seconds)
        line = b""
        with contextlib.suppress(OSError):
            line = self._answers.readline()
        if not line.endswith(b"\n"):
            raise SupervisorLost
        return decode(line)

    def kill(self) -> None:
        self.server.kill()

    def close(self) -> None:
        self._answers.close()
        self._connection.close()
        self.server.leave(self)
