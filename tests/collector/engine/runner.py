"""Runs: what happened when sections ran, and the runner that lets them run."""

from __future__ import annotations

import os
import queue
import re
import secrets
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from collector.engine.lanes import Lane, LaneLost, RunnerError, Zygote
from collector.engine.spawned import SpawnedLane
from collector.faults import Fault
from collector.needs import devices
from collector.sections import Section

__all__ = ["TIME_LIMIT", "Run", "Runner", "RunnerError", "cores", "libraries_of"]

TIME_LIMIT = 20.0
"""Seconds that a section may take."""
SLOWER_WITH_NEED = 6
"""Times as long as that a section with a need may take: starting CUDA is slow."""
AT_A_TIME = 4
"""Sections that run at a time at most, one a core."""
SHARES = 8
"""Pieces per lane that a long list of sections is cut into, so that lanes end together."""
SMALLEST = 8
"""Sections that a lane takes at least, if there are as many."""
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
"""What is imported before a fork, by the words of a section that call for it."""


def libraries_of(sections: Iterable[Section]) -> list[str]:
    """Name the libraries that sections use and that take long to import."""
    text = "\n".join(section.source for section in sections)
    return [name for name, words in LIBRARIES.items() if re.search(words, text)]


@dataclass(frozen=True)
class Run:
    """What one run of one section did."""

    printed: Mapping[int, str]
    """Standard output by last line of the statement that printed it."""
    stderr: str
    failure: Fault | None
    """Why it did not reach its end; None if it did."""
    figures: Sequence[Mapping[str, str]]
    """Figures shown, each as SVG by variant."""
    seconds: float

    @property
    def figure(self) -> Mapping[str, str]:
        """The figure, as SVG by variant; empty if none was shown."""
        return self.figures[0] if self.figures else {}


def _indent(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.rstrip().splitlines())


def cores() -> int:
    """Number of sections that this machine runs at a time."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return min(usable or 1, AT_A_TIME)


@dataclass
class Runner:
    """Runs sections, as many at a time as there are lanes; see ``lanes``.

    Args:
        root: Root of the project.
        libraries: What to import before the first fork; a section that needs
            more imports it in its own process, which only takes longer.
        seed: Ambient seed of hashes and random numbers.  A section that shows
            no seed of its own prints something else with another one.
        limit: Seconds that a section may take.
        lanes: Number of sections that run at a time.
        forking: Whether lanes fork; only Linux is known to do it safely.
    """

    root: Path
    libraries: Sequence[str] = tuple(LIBRARIES)
    seed: int = field(default_factory=lambda: secrets.randbelow(2**31))
    limit: float = TIME_LIMIT
    lanes: int = field(default_factory=cores)
    forking: bool = sys.platform == "linux"

    def __post_init__(self) -> None:
        self._free: queue.SimpleQueue[Lane] = queue.SimpleQueue()
        self._open = self._start(self.lanes)
        for lane in self._open:
            self._free.put(lane)
        self._closing = False
        self._pool = ThreadPoolExecutor(self.lanes, "lane")

    def _start(self, count: int) -> list[Lane]:
        environment = self._environment()
        if self.forking:
            return list(Zygote(self.root, self.libraries, environment, count).lanes)
        return [SpawnedLane(self.root, environment) for _ in range(count)]

    def _environment(self) -> dict[str, str]:
        """Only what a section may depend on; above all no PYTHONOPTIMIZE."""
        kept = {name: os.environ[name] for name in KEPT if name in os.environ}
        folders = [self.root / "tests", self.root]
        return {
            **kept,
            "HOME": tempfile.gettempdir(),
            "LANG": "C.UTF-8",
            "MATPLOTLIBRC": str(Path(__file__).with_name("matplotlibrc")),
            "MKL_NUM_THREADS": "1",
            "MPLBACKEND": "module://collector.engine.figures",
            "MPLCONFIGDIR": str(self.root / ".cache" / "matplotlib"),
            "OMP_NUM_THREADS": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONHASHSEED": str(self.seed),
            "PYTHONPATH": os.pathsep.join(map(str, folders)),
            "PYTHONUTF8": "1",
        }

    def run(self, sections: Sequence[Section]) -> Iterator[Run]:
        """Run sections and yield their runs, in order.

        Raises:
            RunnerError: If torch or the collector itself cannot be imported.
        """
        for future in self.start(sections):
            yield future.result()

    def start(self, sections: Sequence[Section]) -> list[Future[Run]]:
        """Begin to run sections; their runs come in any order."""
        futures: list[Future[Run]] = [Future() for _ in sections]
        pairs = list(zip(sections, futures, strict=True))
        size = max(SMALLEST, len(pairs) // (self.lanes * SHARES))
        for position in range(0, len(pairs), size):
            self._pool.submit(self._run, pairs[position : position + size])
        return futures

    def _run(self, piece: list[tuple[Section, Future[Run]]]) -> None:
        """Run sections on the next free lane."""
        lane = self._free.get()
        try:
            while piece:
                try:
                    for answer in lane.ask(self._request([section for section, _ in piece])):
                        section, future = piece.pop(0)
                        future.set_result(_read(section, **answer))
                except LaneLost:
                    if self._closing:
                        raise
                    section, future = piece.pop(0)
                    events = [{"event": "died", "why": "ended the process that runs sections"}]
                    future.set_result(_read(section, events, 0.0))
                    lane = self._replace(lane)
        except Exception as error:
            for _, future in piece:
                future.set_exception(error)
        finally:
            self._free.put(lane)

    def _replace(self, lost: Lane) -> Lane:
        (lane,) = self._start(1)
        self._open[self._open.index(lost)] = lane
        lost.close()
        return lane

    def _request(self, sections: list[Section]) -> dict:
        texts = {str(path): path.read_text("utf-8") for path in {s.path for s in sections}}
        return {"texts": texts, "sections": [self._describe(section) for section in sections]}

    def _describe(self, section: Section) -> dict:
        return {
            "path": str(section.path),
            "source": section.source,
            "first": section.first,
            "libraries": libraries_of([section]),
            "seed": self.seed,
            "limit": self.limit * (SLOWER_WITH_NEED if section.need else 1),
            "need": section.need is not None,
            "check": bool(devices().lack(section.need)),
        }

    def close(self) -> None:
        """End whatever still runs."""
        self._closing = True
        if self._free.qsize() < self.lanes:
            for lane in self._open:
                lane.kill()
        self._pool.shutdown(cancel_futures=True)
        for lane in self._open:
            lane.close()

    def __enter__(self) -> Runner:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _read(section: Section, events: list[dict], seconds: float) -> Run:
    """Read a run from the events that ``execution.execute`` sent."""
    printed: dict[int, str] = {}
    stderr, line, failure, figures = "", section.first, None, []
    for event in events:
        match event:
            case {"event": "statement", "line": line}:
                pass
            case {"event": "printed", "last": last, "text": text}:
                printed[last] = printed.get(last, "") + text
            case {"event": "stderr", "text": stderr}:
                pass
            case {"event": "figure", "variants": figure}:
                figures.append(figure)
            case {"event": "failure", "line": at, "message": message, "traceback": traceback}:
                failure = failure or section.fault(at or line, _with(message, traceback))
            case {"event": "died", "why": why}:
                failure = section.fault(line, f"{section.slug!r} {why}")
    return Run(printed, stderr, failure, figures, seconds)


def _with(message: str, traceback: str) -> str:
    return f"{message}\n{_indent(traceback)}" if traceback else message
