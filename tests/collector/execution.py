"""Runs one section, statement by statement, in a process of its own.

Only a child forked by ``zygote`` comes here, and it never returns: it sends
events, the last of them ``end``, and leaves.
"""

from __future__ import annotations
import __future__

import ast
import ctypes
import gc
import importlib
import linecache
import os
import random
import resource
import sys
import threading
import traceback
import types
import warnings
from collections.abc import Callable
from pathlib import Path

from collector.names import unresolved
from collector.sections import parse

Send = Callable[[dict], None]

LARGEST_FILE = 64 * 1024 * 1024
"""Bytes that a section may write to one file, standard output included."""
LONGEST_OUTPUT = 100_000
"""Characters of output that are kept per statement."""


def execute(request: dict, folder: Path, send: Send) -> None:
    """Run the section that a request describes and send what happens.

    Args:
        request: ``path``, ``source``, ``first`` (line of its first line), ``text``
            (of the whole file, for tracebacks), ``libraries``, ``seed``, and
            ``check``: whether to look at the names only, as a need is absent.
        folder: Empty folder of this run; the section works in ``work`` below it.
        send: Takes one event; see ``runs.Run`` for what becomes of them.
    """
    out, err = _redirect(folder)
    _isolate(folder)
    _seed(request["seed"], request["libraries"])
    warnings.resetwarnings()
    warnings.simplefilter("error")
    module = _main_module(request["path"], request["text"])
    try:
        nodes = parse(request["source"], request["first"], request["path"])
        if request["check"]:
            _check(nodes, send)
        else:
            _run(nodes, module, request["path"], out, send)
            _require_nothing_left()
    except BaseException as error:  # SystemExit and pytest's Skipped end a section too
        send(_failure(error, request["path"]))
    _flush()
    if not request["check"]:  # what imports complain of here is not the section's output
        send({"event": "stderr", "text": err()[:LONGEST_OUTPUT]})
    figures = sys.modules.get("collector.figures")
    for figure in figures.kept if figures else []:
        send({"event": "figure", "variants": figure})
    send({"event": "end"})


def _redirect(folder: Path) -> tuple[Callable[[], str], Callable[[], str]]:
    """Send descriptors 1 and 2 to files; return what reads their news.

    Descriptors, not ``sys.stdout``: C++ and child processes print there too.
    """
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_FILE, LARGEST_FILE))
    readers = []
    for descriptor, name in ((1, "stdout"), (2, "stderr")):
        path = folder / name
        os.dup2(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND), descriptor)
        stream = path.open(encoding="utf-8", errors="backslashreplace")
        readers.append(stream.read)
    sys.stdin = open(0, encoding="utf-8", closefd=False)
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = open(2, "w", encoding="utf-8", closefd=False, buffering=1)
    return readers[0], readers[1]


def _isolate(folder: Path) -> None:
    """Give the section an empty folder to work in."""
    work = folder / "work"
    work.mkdir()
    os.chdir(work)
    os.environ["HOME"] = str(work)


def _seed(seed: int, libraries: list[str]) -> None:
    """Set the ambient seeds; what shows no seed of its own then varies by run."""
    random.seed(seed)
    for name in libraries:
        importlib.import_module(name)
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed(seed)
    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(seed)


def _main_module(path: str, text: str) -> types.ModuleType:
    """Make a fresh ``__main__`` whose source tracebacks and inspect can find."""
    module = types.ModuleType("__main__")
    module.__file__ = path
    sys.modules["__main__"] = module
    sys.argv = [path]
    linecache.cache[path] = (len(text), None, text.splitlines(keepends=True), path)
    return module


def _check(nodes: list, send: Send) -> None:
    """Check a section that cannot run here by its names alone."""
    if faults := unresolved(nodes):
        text = "\n".join(f"line {line}: {message}" for line, message in faults)
        line, message = faults[0]
        send({"event": "failure", "line": line, "message": message, "traceback": text})


def _run(nodes: list, module: types.ModuleType, path: str, out, send: Send) -> None:
    flags = 0
    for node in nodes:
        send({"event": "statement", "line": node.lineno})
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            flags |= sum(getattr(__future__, name.name).compiler_flag for name in node.names)
        code = compile(ast.Module([node], []), path, "exec", flags, dont_inherit=True)
        try:
            exec(code, module.__dict__)
        finally:
            _flush()
            send({"event": "printed", "last": node.end_lineno, "text": out()[:LONGEST_OUTPUT]})


def _require_nothing_left() -> None:
    """Refuse threads that would keep a pasted script from ending."""
    gc.collect()
    left = [t for t in threading.enumerate() if t is not threading.main_thread() and not t.daemon]
    if left:
        raise RuntimeError(f"a thread is still running at the end: {left[0].name}")


def _flush() -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    ctypes.CDLL(None).fflush(None)


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
    message = f"{type(error).__name__}: {error}".splitlines()[0]
    text = "".join(summary.format()).rstrip()
    return {"event": "failure", "line": line, "message": message, "traceback": text}
