"""Runs sections, statement by statement, in a process made for them.

Only a child of ``zygote`` or ``spawned`` comes here.  For each section it sends
events, ``begin`` first and ``end`` last; whoever listens knows from the last
one how far a process came that ended itself.
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
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from collector.engine.isolation import LARGEST_FILE, Watch, confine, move_in
from collector.engine.names import unresolved
from collector.engine.purity import shareable
from collector.sections import parse

Send = Callable[[dict], None]

LIBC = ctypes.CDLL(None) if os.name == "posix" else None
LONGEST_OUTPUT = 100_000
"""Characters of output that are kept per statement."""


@dataclass(frozen=True)
class Stage:
    """What the sections of one process have in common."""

    out: TextIO
    """Reads what was printed since it was last read."""
    err: TextIO
    watch: Watch
    send: Send
    left: Callable[[], list[str]]


def execute(request: dict, folder: Path, send: Send, left: Callable[[], list[str]] = list) -> None:
    """Run sections and send what happens.

    Args:
        request: ``texts`` of modules by path, and ``sections``.  The first of them
            runs, and as many of the next ones as may share its process (see
            ``purity``).  Each has its ``path``, ``source``, ``first`` (line of its
            first line), ``libraries``, ``seed``, ``need`` and ``check``: whether to
            look at the names only, as a need is absent.
        folder: Empty folder of this process; sections work in ``work`` below it.
        send: Takes one event; see ``runs.Run`` for what becomes of them.
        left: Names the processes that a section leaves running, where whoever
            listens cannot find them.
    """
    sections = request["sections"]
    for path, text in request["texts"].items():
        linecache.cache[path] = _cached(path, text)
    out, err = _redirect(folder)
    move_in(folder)
    if missing := [name for name in sections[0]["libraries"] if name not in sys.modules]:
        prepare(missing, sections[0]["seed"])
    confine(folder, sections[0]["need"])
    stage = Stage(out, err, Watch(folder), send, left)
    gc.freeze()  # what is here already, each section's end need not look through
    state, sharing = _state(), shareable(sections[0])
    for position, section in enumerate(sections):
        if position and not (sharing and shareable(section)):
            break  # whoever asked runs the others in a fresh process
        send({"event": "begin"})
        start = time.perf_counter()
        passed = _execute(section, stage)
        send({"event": "end", "seconds": time.perf_counter() - start})
        sharing = sharing and passed and _state() == state


def _state() -> tuple:
    """What a section that shares a process must leave as it was, seen again from outside."""
    torch, plt = sys.modules.get("torch"), sys.modules.get("matplotlib.pyplot")
    modes = (torch.get_default_dtype(), torch.is_grad_enabled()) if torch else ()
    drawing = (dict(plt.rcParams), plt.get_fignums()) if plt else ()
    place = (os.getcwd(), dict(os.environ), tuple(sys.path), os.listdir())
    return (*modes, *drawing, *place, threading.active_count())


def _execute(section: dict, stage: Stage) -> bool:
    """Run one section; return whether it reached its end."""
    _reset(section["seed"])
    path = section["path"]
    module = _main_module(path)
    stage.watch.follow(path)
    failure = None
    try:
        nodes = parse(section["source"], section["first"], path)
        if section["check"]:
            _check(nodes, stage.send)
        else:
            _run(nodes, module, stage)
            _leave(module, nodes[-1], stage)
    except BaseException as error:  # SystemExit and pytest's Skipped end a section too
        failure = _failure(error, path)
        stage.send(failure)
    with contextlib.suppress(OSError):
        _flush()
    for line, why in stage.watch.attempts[:1]:  # told even if the section swallowed it
        failure = {"event": "failure", "line": line, "message": why, "traceback": ""}
        stage.send(failure)
    if not section["check"]:  # what imports complain of here is not the section's output
        stage.send({"event": "stderr", "text": stage.err.read()[:LONGEST_OUTPUT]})
    if figures := sys.modules.get("collector.engine.figures"):
        for figure in figures.kept:
            stage.send({"event": "figure", "variants": figure})
        figures.kept.clear()
    return failure is None


def _redirect(folder: Path) -> tuple[TextIO, TextIO]:
    """Send descriptors 1 and 2 to files; return what reads their news.

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
    """Import what sections need and seed every generator there is, of GPUs too.

    In a process that forks this happens once, before: it takes milliseconds.
    """
    for name in libraries:
        importlib.import_module(name)
    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(seed)
    if "collector.engine.figures" in sys.modules:
        sys.modules["collector.engine.figures"].warm()


def _reset(seed: int) -> None:
    """Set the ambient seeds, so that what shows no seed of its own varies by run."""
    random.seed(seed)
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed(seed)
    if "torch" in sys.modules:
        sys.modules["torch"].default_generator.manual_seed(seed)
    warnings.resetwarnings()
    warnings.simplefilter("error")


def _cached(path: str, text: str) -> tuple:
    """Make an entry of ``linecache``, for tracebacks and inspect."""
    return len(text), None, text.splitlines(keepends=True), path


def _main_module(path: str) -> types.ModuleType:
    """Make a fresh ``__main__``, as of a script at this path."""
    module = types.ModuleType("__main__")
    module.__file__ = path
    sys.modules["__main__"] = module
    sys.argv = [path]
    return module


def _check(nodes: list[ast.stmt], send: Send) -> None:
    """Check a section that cannot run here by its names alone."""
    if faults := unresolved(nodes):
        text = "\n".join(f"line {line}: {message}" for line, message in faults)
        line, message = faults[0]
        send({"event": "failure", "line": line, "message": message, "traceback": text})


def _run(nodes: list[ast.stmt], module: types.ModuleType, stage: Stage) -> None:
    flags = 0
    for node in nodes:
        stage.send({"event": "statement", "line": node.lineno})
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            flags |= sum(getattr(__future__, name.name).compiler_flag for name in node.names)
        code = compile(ast.Module([node], []), module.__file__, "exec", flags, dont_inherit=True)
        try:
            exec(code, module.__dict__)
            _flush()
        finally:
            _send_printed(node, stage)


def _send_printed(node: ast.stmt, stage: Stage) -> None:
    with contextlib.suppress(OSError):  # told already
        _flush()
    if text := stage.out.read():
        stage.send({"event": "printed", "last": node.end_lineno, "text": text[:LONGEST_OUTPUT]})


def _leave(module: types.ModuleType, last: ast.stmt, stage: Stage) -> None:
    """Do what Python does at a script's end, and refuse what would keep it from ending.

    Processes of ``multiprocessing`` end here.  What ``atexit`` and destructors
    print now stands below the last statement.
    """
    if threading.active_count() > 1:
        gc.collect()  # a loader that is no more ends its thread
    left = [t for t in threading.enumerate() if t is not threading.main_thread() and not t.daemon]
    if left:
        raise RuntimeError(f"a thread is still running at the end: {left[0].name}")
    if multiprocessing.active_children():
        multiprocessing.util._exit_function()
    atexit._run_exitfuncs()
    if processes := stage.left():
        raise RuntimeError(f"leaves a process running: {', '.join(processes)}")
    module.__dict__.clear()
    gc.collect()
    _send_printed(last, stage)


def _flush() -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    if LIBC is not None:
        LIBC.fflush(None)


def _failure(error: BaseException, path: str) -> dict:
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
    return {"event": "failure", "line": line, "message": _message(error), "traceback": text}


def _message(error: BaseException) -> str:
    """Word an exception; say of a limit that it is one."""
    message = f"{type(error).__name__}: {error}".splitlines()[0]
    if isinstance(error, OSError) and error.errno == errno.EFBIG:
        return f"prints more than {LARGEST_FILE >> 20} MiB, or writes as much to one file"
    if isinstance(error, MemoryError) or "can't allocate memory" in message:
        return f"takes more memory than a section may: {message}"
    return message
