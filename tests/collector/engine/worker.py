"""The worker: runs one section, statement by statement, in a process made for it.

A forked worker calls ``run_section``; a spawned one is this module, run as
``python -m collector.engine.worker FOLDER``.  It reads the request from
descriptor 0 and writes events to what was descriptor 1.
"""

from __future__ import annotations
import __future__

import ast
import atexit
import contextlib
import ctypes
import errno
import gc
import importlib
import linecache
import multiprocessing.util
import os
import random
import sys
import threading
import time
import traceback
import types
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn, TextIO

from collector.engine.events import (
    Began,
    Ended,
    Event,
    Failed,
    Printed,
    Request,
    Shown,
    Statement,
    WroteErrors,
    encode,
)
from collector.engine.isolation import LARGEST_FILE, Guard, confine, move_in
from collector.engine.static_checks import unresolved
from collector.sections import parse

LIBC = ctypes.CDLL(None) if os.name == "posix" else None
LONGEST_OUTPUT = 100_000
"""Characters of output that are kept per statement."""
PATIENCE = 1.0
"""Seconds that processes of a section may take to notice its end."""


@dataclass(frozen=True)
class Sender:
    """Writes events to a descriptor, for one process only: a copy that a section forks is mute."""

    descriptor: int
    process: int = field(default_factory=os.getpid)

    def __call__(self, event: Event) -> None:
        if os.getpid() != self.process:
            return
        message = encode([event])
        while message:
            message = message[os.write(self.descriptor, message) :]


@dataclass(frozen=True)
class Script:
    """A section as the script that this process runs."""

    request: Request
    module: types.ModuleType
    out: TextIO
    """Standard output, from the end of the last reading on."""
    send: Sender
    left: Callable[[], list[str]]
    """Names the processes that were left running, where no supervisor can find them."""

    def run(self) -> None:
        """Run all statements, then end as scripts do; or only check the names."""
        nodes = parse(self.request.source, self.request.first, self.request.path)
        if self.request.check:
            self._check(nodes)
            return
        flags = 0
        for node in nodes:
            self.send(Statement(node.lineno))
            if isinstance(node, ast.ImportFrom) and node.module == "__future__":
                flags |= sum(getattr(__future__, name.name).compiler_flag for name in node.names)
            self._execute(node, flags)
        self._leave(nodes[-1])

    def _check(self, nodes: list[ast.stmt]) -> None:
        if faults := unresolved(nodes):
            text = "\n".join(f"line {line}: {message}" for line, message in faults)
            self.send(Failed(*faults[0], text))

    def _execute(self, node: ast.stmt, flags: int) -> None:
        tree = ast.Module([node], [])
        code = compile(tree, self.request.path, "exec", flags, dont_inherit=True)
        try:
            exec(code, self.module.__dict__)
            _flush()
        finally:
            self._send_printed(node)

    def _send_printed(self, node: ast.stmt) -> None:
        with contextlib.suppress(OSError):  # told already
            _flush()
        if text := self.out.read():
            self.send(Printed(node.end_lineno or node.lineno, text[:LONGEST_OUTPUT]))

    def _leave(self, last: ast.stmt) -> None:
        """Do as Python does at a script's end, and refuse threads that would keep it from ending.

        Processes of ``multiprocessing`` end here.  Output of ``atexit`` and of
        destructors now stands below the last statement.
        """
        if threading.active_count() > 1:
            gc.collect()  # a loader that is no more ends its thread
        main = threading.main_thread()
        left = [t for t in threading.enumerate() if t is not main and not t.daemon]
        if left:
            raise RuntimeError(f"a thread is still running at the end: {left[0].name}")
        if multiprocessing.active_children():
            multiprocessing.util._exit_function()  # type: ignore[attr-defined]
        atexit._run_exitfuncs()
        if processes := self.left():
            raise RuntimeError(f"leaves a process running: {', '.join(processes)}")
        self.module.__dict__.clear()
        gc.collect()
        self._send_printed(last)


def run_section(
    request: Request, folder: Path, descriptor: int, left: Callable[[], list[str]] = list
) -> None:
    """Run a section and report it.

    Args:
        request: The section.
        folder: An empty folder; the section works in ``work`` below it.
        descriptor: Where events go.
        left: See ``Script``.
    """
    send = Sender(descriptor)
    lines = request.text.splitlines(keepends=True)
    linecache.cache[request.path] = len(request.text), None, lines, request.path
    out, err = _redirect(folder)
    move_in(folder)
    if missing := [name for name in request.libraries if name not in sys.modules]:
        prepare(missing, request.seed)
    confine(folder, request.need)
    guard = Guard(folder, request.path)
    gc.freeze()  # the end need not look through what is here already
    send(Began())
    start = time.perf_counter()
    _seed(request.seed)
    warnings.resetwarnings()
    warnings.simplefilter("error")
    try:
        Script(request, _main_module(request.path), out, send, left).run()
    except BaseException as error:  # SystemExit and pytest's Skipped end a section too
        send(_failure(error, request.path))
    with contextlib.suppress(OSError):
        _flush()
    for line, why in guard.attempts[:1]:  # told even if the section swallowed it
        send(Failed(line, why))
    if not request.check:  # complaints of imports are not the section's output
        send(WroteErrors(err.read()[:LONGEST_OUTPUT]))
    if figures := sys.modules.get("collector.engine.figures"):
        for variants in figures.kept:
            send(Shown(variants))
    send(Ended(time.perf_counter() - start))


def _redirect(folder: Path) -> tuple[TextIO, TextIO]:
    """Send descriptors 1 and 2 to files; return readers of their news.

    Descriptors, not ``sys.stdout``: C++ and child processes print there too.
    """
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    readers = []
    for descriptor, name in ((1, "stdout"), (2, "stderr")):
        path = folder / name
        os.dup2(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND), descriptor)
        readers.append(path.open(encoding="utf-8", errors="backslashreplace", newline=""))
    sys.stdin = open(0, encoding="utf-8", closefd=False)
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = open(2, "w", encoding="utf-8", closefd=False, buffering=1)
    return readers[0], readers[1]


def prepare(libraries: list[str], seed: int) -> None:
    """Import libraries and seed every generator there is, of GPUs too.

    Seeding all takes milliseconds, so a fork server does it once, before it forks.
    """
    for name in libraries:
        importlib.import_module(name)
    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(seed)
        str(sys.modules["torch"].empty(0))  # imports parts of torch that only printing needs
    if "collector.engine.figures" in sys.modules:
        sys.modules["collector.engine.figures"].warm()


def _seed(seed: int) -> None:
    """Set the ambient seeds, so that a section that shows no seed of its own varies by run."""
    random.seed(seed)
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed(seed)
    if "torch" in sys.modules:
        sys.modules["torch"].default_generator.manual_seed(seed)


def _main_module(path: str) -> types.ModuleType:
    """Make a fresh ``__main__``, as of a script at this path."""
    module = types.ModuleType("__main__")
    module.__file__ = path
    sys.modules["__main__"] = module
    sys.argv = [path]
    return module


def _flush() -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    if LIBC is not None:
        LIBC.fflush(None)


def _failure(error: BaseException, path: str) -> Failed:
    """Describe an exception by the section's own frames only."""
    summary = traceback.TracebackException.from_exception(error)
    cut: traceback.TracebackException | None = summary
    while cut is not None:
        start = next((i for i, f in enumerate(cut.stack) if f.filename == path), None)
        del cut.stack[: len(cut.stack) if start is None else start]
        cut = cut.__cause__ or cut.__context__
    lines = [frame.lineno for frame in summary.stack if frame.filename == path]
    line = error.lineno if isinstance(error, SyntaxError) else lines[-1] if lines else None
    text = "".join(summary.format()).rstrip()
    return Failed(line, _message(error), text)


def _message(error: BaseException) -> str:
    """Word an exception; say of a limit that it is one."""
    message = f"{type(error).__name__}: {error}".splitlines()[0]
    if isinstance(error, OSError) and error.errno == errno.EFBIG:
        return f"prints more than {LARGEST_FILE >> 20} MiB, or writes as much to one file"
    if isinstance(error, MemoryError) or "can't allocate memory" in message:
        return f"takes more memory than a section may: {message}"
    return message


def _processes_left() -> list[str]:
    """End the processes that this one started and that do not end with it; name them."""
    import psutil  # forked workers do without

    _, left = psutil.wait_procs(psutil.Process().children(recursive=True), PATIENCE)
    names = [" ".join(process.cmdline()) for process in left]
    for process in left:
        process.kill()
    return names


def run_and_exit(
    request: Request, folder: Path, descriptor: int, left: Callable[[], list[str]] = list
) -> NoReturn:
    """Run a section as the whole of this process; see ``run_section``."""
    status = 1
    try:
        run_section(request, folder, descriptor, left)
        status = 0
    except BaseException:
        traceback.print_exc()  # the last words, if no section could begin
    finally:
        os._exit(status)


def main(folder: Path) -> NoReturn:
    """Run the section that descriptor 0 asks for."""
    request = Request.decode(sys.stdin.buffer.read())
    descriptor = os.dup(1)
    for standard in (0, 2):
        os.set_inheritable(standard, False)
    run_and_exit(request, folder, descriptor, _processes_left)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
