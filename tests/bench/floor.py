"""The floor: one process imports torch once and forks a child for each script, nothing more.

A child executes its script and ends; two run at a time.

Run it as ``python floor.py SCRIPTS [--import LIBRARY]... [--outputs FILE]``.
SCRIPTS holds a JSON list of ``{"name", "path", "code"}``.  It prints one line
of JSON: how many scripts it ran, and by name what those raised that did.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import gc
import importlib
import io
import json
import linecache
import os
import sys
import types
from pathlib import Path
from typing import NoReturn

AT_A_TIME = 2
SHORTEST_PIPE = 400
"""Characters of an error that are told; a pipe takes as many at once."""


def run_and_exit(script: dict, errors: int) -> NoReturn:
    """Execute a script in a fresh ``__main__``, its output thrown away; return its exception."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    try:
        exec(compile(script["code"], script["path"], "exec"), _namespace(script))
        sys.stdout.flush()
    except BaseException as error:  # the rest counts all the same
        said = json.dumps({script["name"]: f"{type(error).__name__}: {error}"[:SHORTEST_PIPE]})
        os.write(errors, f"{said}\n".encode())
    finally:
        os._exit(0)


def printed(script: dict) -> dict[int, list[str]]:
    """Execute a script statement by statement; return the output of each by last line."""
    namespace, found = _namespace(script), {}
    for node in ast.parse(script["code"]).body:
        with contextlib.redirect_stdout(io.StringIO()) as output:
            exec(compile(ast.Module([node], []), script["path"], "exec"), namespace)
        if output.getvalue():
            found[node.end_lineno] = output.getvalue().splitlines()
    return found


def _namespace(script: dict) -> dict:
    """Make a ``__main__`` that pickling, inspect and worker processes can find."""
    module = types.ModuleType("__main__")
    module.__file__ = script["path"]
    sys.modules["__main__"] = module
    lines = script["code"].splitlines(keepends=True)
    linecache.cache[script["path"]] = (len(script["code"]), None, lines, script["path"])
    return module.__dict__


def main(scripts: Path, libraries: list[str], outputs: Path | None) -> None:
    for name in libraries:
        importlib.import_module(name)
    every = json.loads(scripts.read_text("utf-8"))
    if outputs is not None:
        outputs.write_text(json.dumps([printed(script) for script in every]), "utf-8")
        return
    gc.freeze()
    raised: dict[str, str] = {}
    reading, writing = os.pipe()
    running = 0
    for script in every:
        if running == AT_A_TIME:
            os.wait()
        else:
            running += 1
        if os.fork() == 0:
            run_and_exit(script, writing)
    os.close(writing)
    with open(reading, encoding="utf-8") as errors:
        for line in errors:
            raised.update(json.loads(line))
    print(json.dumps({"ran": len(every), "raised": raised}))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scripts", type=Path)
    parser.add_argument("--import", dest="libraries", action="append", default=[])
    parser.add_argument("--outputs", type=Path)
    arguments = parser.parse_args()
    main(arguments.scripts, arguments.libraries, arguments.outputs)
