"""The process that imports torch once and forks a child for each section.

It reads requests, a JSON object a line, from descriptor 0 and writes a run for
each, in order, to a descriptor of its own.  It never computes with tensors and
runs one thread: a fork is safe only then.  Run it as
``python -m collector.zygote DESCRIPTOR LIBRARY...``.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import select
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

from collector.execution import execute

END = b'{"event": "end"}\n'


def main(descriptor: int, libraries: list[str]) -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    for name in libraries:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()
    with open(descriptor, "w", encoding="utf-8") as answers, open(0, encoding="utf-8") as requests:
        for line in requests:
            print(json.dumps(supervise(json.loads(line), descriptor)), file=answers, flush=True)
    sys.stderr.flush()
    os._exit(0)  # torch's extensions report leaks at a normal exit


def supervise(request: dict, private: int) -> dict:
    """Fork a child for one section; kill it and its children at the limit.

    Args:
        request: See ``execution.execute``; and ``limit`` in seconds.
        private: Descriptor that the child must not keep.

    Returns:
        ``events`` of the child and ``seconds``; where it did not send ``end``,
        a last event ``died`` says why.
    """
    folder = Path(tempfile.mkdtemp(prefix="section-"))
    reading, writing = os.pipe()
    start = time.monotonic()
    pid = os.fork()
    if pid == 0:
        _become_section(request, folder, writing, closing=(reading, private))
    os.close(writing)
    with contextlib.suppress(OSError):  # whoever is first; the group must exist to be killed
        os.setpgid(pid, pid)
    try:
        received = _listen(reading, pid, start + request["limit"])
        late = time.monotonic() - start >= request["limit"]
    finally:
        status = _end(pid)
        os.close(reading)
        shutil.rmtree(folder, ignore_errors=True)
    events = [json.loads(line) for line in received.split(b"\n")[:-1]]
    if not received.endswith(END):
        why = f"did not end within {request['limit']:g} s" if late else _describe(status)
        events.append({"event": "died", "why": why})
    return {"events": events, "seconds": time.monotonic() - start}


def _become_section(request: dict, folder: Path, writing: int, closing: tuple[int, ...]) -> None:
    """Run the section in this freshly forked process; never return."""
    try:
        os.setpgid(0, 0)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        for descriptor in closing:
            os.close(descriptor)
        execute(request, folder, lambda event: _write(writing, event))
    finally:
        os._exit(0)


def _write(descriptor: int, event: dict) -> None:
    with open(descriptor, "wb", closefd=False) as stream:
        stream.write(json.dumps(event).encode() + b"\n")


def _listen(reading: int, pid: int, deadline: float) -> bytes:
    """Collect what the child sends until it ends, dies or is late."""
    received = b""
    while not received.endswith(END) and time.monotonic() < deadline:
        ready, _, _ = select.select([reading], [], [], 0.02)
        if ready:
            chunk = os.read(reading, 1 << 16)
            if not chunk:
                break
            received += chunk
        elif os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            break
    return received


def _end(pid: int) -> int:
    """Kill the child's whole process group and return the child's status."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
    return os.waitpid(pid, 0)[1]


def _describe(status: int) -> str:
    if os.WIFSIGNALED(status):
        return f"was killed by {signal.Signals(os.WTERMSIG(status)).name}"
    return f"ended the interpreter with status {os.WEXITSTATUS(status)}"


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
