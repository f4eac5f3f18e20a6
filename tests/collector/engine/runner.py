"""The runner: runs sections, as many at a time as there are cores."""

from __future__ import annotations

import os
import queue
import re
import secrets
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from collector.engine.events import Died, Request
from collector.engine.forking import ForkServer
from collector.engine.runs import Run, RunnerError, run_of
from collector.engine.spawning import SpawningSupervisor
from collector.engine.supervisor import Supervisor, SupervisorLost
from collector.needs import devices
from collector.sections import Section

__all__ = ["TIME_LIMIT", "Run", "Runner", "RunnerError", "cores", "libraries_of"]

TIME_LIMIT = 20.0
"""Seconds that a section may take."""
SLOWER_WITH_NEED = 6
"""Times as long as that a section with a need may take: starting CUDA is slow."""
AT_A_TIME = 4
"""Sections that run at a time at most, one a core."""
KEPT = (
    *("PATH", "TMPDIR", "LD_LIBRARY_PATH", "CUDA_HOME", "CUDA_VISIBLE_DEVICES"),
    *("SYSTEMROOT", "TEMP", "TMP"),  # Windows cannot do without
)
"""Variables of the environment that reach a section."""
LIBRARIES = {
    "numpy": r"\bnumpy\b",
    "torch": r"\b(torch|snippets)\b",
    "torchvision": r"\btorchvision\b",
    "torch._dynamo": r"\b(compile|export|_dynamo|optim|run_workers|DistributedDataParallel)\b",
    "torch.utils.tensorboard": r"\btensorboard\b",
    "collector.engine.figures": r"\bmatplotlib\b",
}
"""Modules to import before a fork, by the words of a section that call for them."""


def libraries_of(sections: Iterable[Section]) -> list[str]:
    """Name the libraries that sections use and that take long to import."""
    text = "\n".join(section.source for section in sections)
    return [name for name, words in LIBRARIES.items() if re.search(words, text)]


def cores() -> int:
    """Number of sections that this machine runs at a time."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return min(usable or 1, AT_A_TIME)


@dataclass
class Runner:
    """Runs sections, each in a process of its own; see ``engine/README.md``.

    Args:
        root: Root of the project.
        libraries: What to import before the first fork; a section that needs
            more imports it in its own process, which only takes longer.
        seed: Ambient seed of hashes and random numbers.  A section that shows
            no seed of its own prints something else with another one.
        limit: Seconds that a section may take.
        workers: Number of sections that run at a time.
        forking: Whether to fork; only Linux is known to do it safely.
    """

    root: Path
    libraries: Sequence[str] = tuple(LIBRARIES)
    seed: int = field(default_factory=lambda: secrets.randbelow(2**31))
    limit: float = TIME_LIMIT
    workers: int = field(default_factory=cores)
    forking: bool = sys.platform == "linux"

    def __post_init__(self) -> None:
        self._closing = False
        self._temporary = tempfile.TemporaryDirectory(
            prefix="sections-", ignore_cleanup_errors=True
        )
        self._supervisors = self._start(self.workers)
        self._free: queue.SimpleQueue[Supervisor] = queue.SimpleQueue()
        for supervisor in self._supervisors:
            self._free.put(supervisor)
        self._pool = ThreadPoolExecutor(self.workers, "supervisor")

    def _start(self, count: int) -> list[Supervisor]:
        place = self.root, _environment(self.root, self.seed), Path(self._temporary.name)
        if self.forking:
            root, environment, folder = place
            return [*ForkServer(root, self.libraries, environment, folder, count).supervisors]
        return [SpawningSupervisor(*place) for _ in range(count)]

    def run(self, sections: Sequence[Section]) -> Iterator[Run]:
        """Run sections and yield their runs, in order.

        Raises:
            RunnerError: If torch or the collector itself cannot be imported.
        """
        for future in self.start(sections):
            yield future.result()

    def start(self, sections: Sequence[Section]) -> list[Future[Run]]:
        """Begin to run sections; their runs come in any order."""
        return [self._pool.submit(self._run, section) for section in sections]

    def _run(self, section: Section) -> Run:
        """Run a section under the next free supervisor."""
        supervisor = self._free.get()
        try:
            return run_of(section, supervisor.run(self._request(section)))
        except SupervisorLost:
            if self._closing:
                raise
            supervisor = self._replace(supervisor)
            return run_of(section, [Died("ended the process that runs sections")])
        finally:
            self._free.put(supervisor)

    def _replace(self, lost: Supervisor) -> Supervisor:
        (fresh,) = self._start(1)
        self._supervisors[self._supervisors.index(lost)] = fresh
        lost.close()
        return fresh

    def _request(self, section: Section) -> Request:
        return Request(
            path=str(section.path),
            text=section.path.read_text("utf-8"),
            source=section.source,
            first=section.first,
            libraries=libraries_of([section]),
            seed=self.seed,
            limit=self.limit * (SLOWER_WITH_NEED if section.need else 1),
            need=section.need is not None,
            check=bool(devices().why_unmet(section.need)),
        )

    def close(self) -> None:
        """End everything that still runs."""
        self._closing = True
        self._pool.shutdown(wait=False, cancel_futures=True)
        if self._free.qsize() < self.workers:
            for supervisor in self._supervisors:
                supervisor.kill()
        self._pool.shutdown()
        for supervisor in self._supervisors:
            supervisor.close()
        self._temporary.cleanup()

    def __enter__(self) -> Runner:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _environment(root: Path, seed: int) -> dict[str, str]:
    """Choose all that a section may depend on; above all no PYTHONOPTIMIZE."""
    return {
        **{name: os.environ[name] for name in KEPT if name in os.environ},
        "HOME": tempfile.gettempdir(),
        "LANG": "C.UTF-8",
        "MATPLOTLIBRC": str(Path(__file__).with_name("matplotlibrc")),
        "MKL_NUM_THREADS": "1",
        "MPLBACKEND": "module://collector.engine.figures",
        "MPLCONFIGDIR": str(root / ".cache" / "matplotlib"),
        "OMP_NUM_THREADS": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": str(seed),
        "PYTHONPATH": os.pathsep.join(map(str, (root / "tests", root))),
        "PYTHONUTF8": "1",
    }
