"""Measures commands: wall time, CPU time with all children, and memory of the command itself."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

NOT_INHERITED = ("PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED", "PYTHONPATH")
"""With these, pytest would compile its plugins anew in each run."""
ONE_THREAD = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
"""Given to every contender: more threads make small tensors slower."""


@dataclass(frozen=True)
class Cost:
    """Time and memory of one run of a command."""

    wall: float
    """Seconds."""
    cpu: float
    """User and system seconds, those of all ended children included."""
    peak: int | None = None
    """Largest memory of the command's own process in bytes, where it was asked for."""


@dataclass(frozen=True)
class Command:
    """Arguments after the interpreter, the folder to run in, and added variables."""

    arguments: Sequence[str | os.PathLike[str]]
    folder: Path
    variables: Mapping[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name not in NOT_INHERITED}
        return {**kept, **ONE_THREAD, "NO_MKDOCS_2_WARNING": "1", **self.variables}

    def run(self) -> tuple[Cost, str, int]:
        """Run to the end; return the cost, standard output and the exit status."""
        with tempfile.TemporaryFile("w+", encoding="utf-8") as output:
            start = time.perf_counter()
            process = subprocess.Popen(
                [sys.executable, *self.arguments],
                cwd=self.folder,
                env=self.environment,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
            _, status, usage = os.wait4(process.pid, 0)
            wall = time.perf_counter() - start
            process.returncode = os.waitstatus_to_exitcode(status)
            output.seek(0)
            return Cost(wall, usage.ru_utime + usage.ru_stime), output.read(), process.returncode


def least(costs: Sequence[Cost]) -> Cost:
    """The least of several runs, as disturbances only add."""
    peaks = [cost.peak for cost in costs if cost.peak is not None]
    return Cost(
        min(cost.wall for cost in costs),
        min(cost.cpu for cost in costs),
        max(peaks) if peaks else None,
    )


def interleave(trials: Mapping[str, Callable[[], Cost]], repeats: int) -> dict[str, Cost]:
    """Run trials in turn, so that a busy minute hits all of them, and keep the least."""
    costs: dict[str, list[Cost]] = {name: [] for name in trials}
    for _ in range(repeats):
        for name, trial in trials.items():
            costs[name].append(trial())
            print(f"  {name}: {costs[name][-1].wall:.2f} s", file=sys.stderr, flush=True)
    return {name: least(found) for name, found in costs.items()}
