"""The floor: one process imports torch once and executes code, nothing around it.

Run it as ``python floor.py SCRIPTS [--import LIBRARY]... [--outputs FILE]``.
SCRIPTS holds a JSON list of ``{"name", "path", "code"}``.  It prints one line
of JSON: how many scripts it ran, and by name what those raised that did.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import importlib
import io
import json
import linecache
import sys
import types
from pathlib import Path


def run(script: dict) -> None:
    """Execute a script in a fresh ``__main__``, its output kept in a string."""
    exec(compile(script["code"], script["path"], "exec"), _namespace(script))


def printed(script: dict) -> dict[int, list[str]]:
    """Execute a script statement by statement; return what each printed by last line."""
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
    stdout, raised = sys.stdout, {}
    for script in every:
        with contextlib.redirect_stdout(io.StringIO()):
            try:
                run(script)
            except BaseException as error:  # the rest counts all the same
                raised[script["name"]] = f"{type(error).__name__}: {error}"
    print(json.dumps({"ran": len(every), "raised": raised}), file=stdout)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scripts", type=Path)
    parser.add_argument("--import", dest="libraries", action="append", default=[])
    parser.add_argument("--outputs", type=Path)
    arguments = parser.parse_args()
    main(arguments.scripts, arguments.libraries, arguments.outputs)
