"""The fork server: one process imports torch, and each section runs in a fork of it.

It forks supervisors, one a socket; each of them reads requests from its socket
and forks a worker for each.  No process here computes with tensors or runs a
second thread before it forks: a fork is safe only then.  Run it as
``python -m collector.engine.fork_server FOLDER SOCKETS LIBRARY...`` with the
descriptors of the sockets, separated by commas.
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import gc
import os
import re
import select
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

from collector.engine.events import Request, encode
from collector.engine.forking import HUGE_HEAP
from collector.engine.isolation import (
    adopt_orphans,
    attempts_to_leave,
    die_with_parent,
    leave_network,
)
from collector.engine.supervisor import TICK, supervise
from collector.engine.worker import PATIENCE, prepare, run_and_exit

HUGE_PAGE = 2 * 1024 * 1024
COLLAPSE = 25
"""Advice MADV_COLLAPSE, from Linux 6.1 on: put this onto a huge page now."""
ANONYMOUS = re.compile(r"(?m)^([0-9a-f]+)-([0-9a-f]+) rw-p 00000000 \S+ 0 ")
"""Memory of a process that belongs to no file, in ``/proc/self/maps``."""


def main(folder: Path, sockets: list[int], libraries: list[str]) -> None:
    """Import libraries, fork supervisors and wait for them."""
    gc.disable()  # nearly all that imports make stays
    prepare(libraries, int(os.environ["PYTHONHASHSEED"]))
    for name in HUGE_HEAP:
        os.environ.pop(name, None)  # it has done its work; a section need not know
    atexit._clear()  # a section runs its own at its end, not those of what was imported
    gc.enable()
    gc.collect()
    gc.freeze()  # a collection in a worker would write to, and so copy, what is here
    _use_huge_pages()
    supervisors = [_start_supervisor(own, sockets, folder) for own in sockets]
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # supervisors hear it too, and end
    for descriptor in sockets:
        os.close(descriptor)
    for process in supervisors:
        os.waitpid(process, 0)
    shutil.rmtree(folder, ignore_errors=True)  # whoever made it may have been killed
    os._exit(0)  # torch's extensions report leaks at a normal exit


def _use_huge_pages() -> None:
    """Put memory onto huge pages, which makes a fork and its end three times cheaper.

    Where the kernel cannot, nothing changes.
    """
    advise = ctypes.CDLL(None).madvise
    advise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
    for first, last in ANONYMOUS.findall(Path("/proc/self/maps").read_text()):
        start = -(-int(first, 16) // HUGE_PAGE) * HUGE_PAGE
        for address in range(start, int(last, 16) - HUGE_PAGE + 1, HUGE_PAGE):
            advise(address, HUGE_PAGE, COLLAPSE)


def _start_supervisor(own: int, sockets: list[int], folder: Path) -> int:
    process = os.fork()
    if process:
        return process
    try:
        for descriptor in sockets:
            if descriptor != own:
                os.close(descriptor)
        _serve(own, folder)
    finally:
        os._exit(0)


def _serve(connection: int, folder: Path) -> None:
    """Answer requests until there are no more."""
    signal.signal(signal.SIGTERM, _stop)
    adopt_orphans()
    has_own_network = leave_network()
    with open(connection, "rb", closefd=False) as requests:
        _write(connection, encode([]))
        for line in requests:
            request = Request.decode(line)
            worker = ForkedWorker(request, folder, connection, has_own_network)
            _write(connection, encode(supervise(worker, request.limit)))


def _stop(*_: object) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # cleaning up is not interrupted
    sys.exit(1)


def _write(descriptor: int, message: bytes) -> None:
    while message:
        message = message[os.write(descriptor, message) :]


class ForkedWorker:
    """A forked process that runs one section; see ``supervisor.Worker``.

    Args:
        request: The section.
        folder: Where to make the worker's own folder.
        connection: Descriptor that the worker must not keep.
        has_own_network: Whether what the network counts is the worker's doing; on the
            machine's own network it may be anybody's.
    """

    def __init__(
        self, request: Request, folder: Path, connection: int, has_own_network: bool
    ) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="section-", dir=folder))
        self._attempts = attempts_to_leave() if has_own_network else None
        self._pipe, writing = os.pipe()
        self._process = os.fork()
        if self._process == 0:
            die_with_parent()
            os.setpgid(0, 0)
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            os.close(self._pipe)
            os.close(connection)
            run_and_exit(request, self.folder, writing)
        os.close(writing)
        with contextlib.suppress(OSError):  # whoever is first; the group must exist to be killed
            os.setpgid(self._process, self._process)
        self._end = os.pidfd_open(self._process)
        self._sources = [self._pipe, self._end]

    def receive(self, seconds: float) -> bytes | None:
        ready, _, _ = select.select(self._sources, [], [], seconds)
        if self._pipe not in ready:
            return b"" if ready else None
        chunk = os.read(self._pipe, 1 << 16)
        if not chunk:  # it may have closed the pipe and go on
            self._sources.remove(self._pipe)
        return chunk or None

    def memory(self) -> int:
        return 0

    def end(self) -> tuple[str, list[str]]:
        in_peace = os.waitid(os.P_PID, self._process, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        if not in_peace:
            self._kill([self._process])
        status = os.waitpid(self._process, 0)[1]
        deadline = time.monotonic() + PATIENCE
        while (orphans := _orphans()) and in_peace and time.monotonic() < deadline:
            time.sleep(TICK)
        left = [_command(process) for process in orphans]
        while orphans:
            self._kill(orphans)
            orphans = _orphans()
        os.close(self._pipe)
        os.close(self._end)
        shutil.rmtree(self.folder, ignore_errors=True)
        complaints = []
        if in_peace and left:
            complaints.append(f"leaves a process running: {', '.join(left)}")
        if self._attempts is not None and attempts_to_leave() > self._attempts:
            complaints.append("asks for something on the network; a section has none")
        return _describe(status), complaints

    def _kill(self, processes: list[int]) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process, signal.SIGKILL)
        for process in processes:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)


def _orphans() -> list[int]:
    """Find processes that lost the parent that a section gave them and came to this one."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    task = Path(f"/proc/self/task/{os.getpid()}/children")
    return [int(process) for process in task.read_text().split()]


def _command(process: int) -> str:
    with contextlib.suppress(OSError):
        text = Path(f"/proc/{process}/cmdline").read_bytes().replace(b"\0", b" ")
        return text.decode().strip()
    return str(process)


def _describe(status: int) -> str:
    if os.WIFSIGNALED(status):
        return f"was killed by {signal.Signals(os.WTERMSIG(status)).name}"
    return f"ended the interpreter with status {os.WEXITSTATUS(status)}"


if __name__ == "__main__":
    main(Path(sys.argv[1]), [int(part) for part in sys.argv[2].split(",")], sys.argv[3:])
