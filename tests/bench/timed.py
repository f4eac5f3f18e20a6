"""Runs ``mkdocs`` and reports how long it was inside the gate's hook.

Run it as ``python timed.py REPORT ARGUMENTS...``.  After each build REPORT
holds JSON: ``loading`` (seconds that importing the hook took), ``hooks``
(seconds so far inside each of its functions, by the clock and of CPU) and
``torch`` (whether torch was imported).
"""

from __future__ import annotations

import functools
import json
import sys
import time
from collections.abc import Callable
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType

from mkdocs.__main__ import cli
from mkdocs.plugins import CombinedEvent

GATE = "tests/gate.py"


class Clock:
    """Adds up the time inside the functions of one hook."""

    def __init__(self, report: Path) -> None:
        self.report = report
        self.loading = 0.0
        self.hooks: dict[str, tuple[float, float]] = {}

    def load(self, execute: Callable[[ModuleType], None], module: ModuleType) -> None:
        """Import the hook, then put a timer around each of its functions."""
        start = time.perf_counter()
        execute(module)
        self.loading += time.perf_counter() - start
        for name, value in list(vars(module).items()):
            if isinstance(value, CombinedEvent):
                steps = (self.time(name, step) for step in value.methods)
                setattr(module, name, CombinedEvent(*steps))
            elif name.startswith("on_") and callable(value):
                setattr(module, name, self.time(name, value))

    def time(self, name: str, function: Callable) -> Callable:
        @functools.wraps(function)
        def timed(*arguments, **keywords):
            start, used = time.perf_counter(), time.process_time()
            try:
                return function(*arguments, **keywords)
            finally:
                wall, cpu = self.hooks.get(name, (0.0, 0.0))
                wall += time.perf_counter() - start
                self.hooks[name] = wall, cpu + time.process_time() - used
                if name == "on_post_build":
                    self.write()

        return timed

    def write(self) -> None:
        said = {"loading": self.loading, "hooks": self.hooks, "torch": "torch" in sys.modules}
        fresh = self.report.with_suffix(".new")
        fresh.write_text(json.dumps(said), "utf-8")
        fresh.replace(self.report)


def main(report: Path, arguments: list[str]) -> None:
    clock = Clock(report)
    clock.write()
    execute = SourceFileLoader.exec_module

    def exec_module(loader: SourceFileLoader, module: ModuleType) -> None:
        if module.__name__ == GATE:
            clock.load(functools.partial(execute, loader), module)
        else:
            execute(loader, module)

    SourceFileLoader.exec_module = exec_module
    sys.path.append(str(Path("tests").resolve()))  # hooks use what else the gate brings along
    cli(arguments)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
