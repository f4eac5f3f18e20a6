"""Runs: what happened when sections ran, and the process that runs them."""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from collector.faults import Fault
from collector.needs import devices
from collector.outputs import differences, expected
from collector.sections import Section

TIME_LIMIT = 20.0
"""Seconds that a section may take."""
SLOWER_WITH_NEED = 6
"""Times as long as that a section with a need may take: starting CUDA is slow."""
KEPT = ("PATH", "TMPDIR", "LD_LIBRARY_PATH", "CUDA_HOME", "CUDA_VISIBLE_DEVICES")
"""Variables of the environment that reach a section."""
LIBRARIES = {
    "numpy": r"\bnumpy\b",
    "torch": r"\b(torch|snippets)\b",
    "torchvision": r"\btorchvision\b",
    "torch._dynamo": r"\b(compile|export|_dynamo|optim|run_workers|DistributedDataParallel)\b",
    "collector.figures": r"\bmatplotlib\b",
}
"""What is imported before a fork, by the words of a section that call for it."""


def libraries_of(sections: Iterable[Section]) -> list[str]:
    """Name the libraries that sections use and that take long to import."""
    text = "\n".join(section.source for section in sections)
    return [name for name, words in LIBRARIES.items() if re.search(words, text)]


class ZygoteError(Exception):
    """Raised when the process that runs sections has ended; says its last words."""


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

    def faults(self, section: Section) -> list[Fault]:
        """Say what keeps the section from being published after this run."""
        if self.failure is not None:
            return [self.failure]
        if section.need is not None:
            return [*self.complaints(section), *_outputs_of_need(section)]
        return [*self.complaints(section), *differences(section, self.printed)]

    def complaints(self, section: Section) -> list[Fault]:
        """Say what no output line could put right."""
        faults = []
        if self.stderr.strip():
            message = f"writes to standard error, which no page shows\n{_indent(self.stderr)}"
            faults.append(section.fault(section.first, message))
        if len(self.figures) > 1:
            message = f"shows {len(self.figures)} figures; a section shows one"
            faults.append(section.fault(section.first, message))
        return faults

    @property
    def figure(self) -> Mapping[str, str]:
        """The figure, as SVG by variant; empty if none was shown."""
        return self.figures[0] if self.figures else {}


def _outputs_of_need(section: Section) -> list[Fault]:
    """What runs on few machines shows the output of its receipt, not lines of its own."""
    message = "a section with a need shows the output of its receipt; delete this line"
    lines = (output.last for output in expected(section).values() if output.lines)
    return [section.fault(last + 1, message) for last in lines]


def _indent(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.rstrip().splitlines())


@dataclass
class Zygote:
    """The process that imports torch once and runs sections; see ``zygote``.

    Args:
        root: Root of the project.
        libraries: What to import before the first fork; a section that needs
            more imports it in its own process, which only takes longer.
        seed: Ambient seed of hashes and random numbers.  A section that shows
            no seed of its own prints something else with another one.
    """

    root: Path
    libraries: Sequence[str] = tuple(LIBRARIES)
    seed: int = field(default_factory=lambda: secrets.randbelow(2**31))
    limit: float = TIME_LIMIT

    def __post_init__(self) -> None:
        reading, writing = os.pipe()
        self._complaints = tempfile.TemporaryFile()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "collector.zygote", str(writing), *self.libraries],
            cwd=self.root,
            env=self._environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=self._complaints,
            pass_fds=[writing],
            start_new_session=True,
        )
        os.close(writing)
        self._answers = open(reading, encoding="utf-8")

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
            "MPLBACKEND": "module://collector.figures",
            "MPLCONFIGDIR": str(self.root / ".cache" / "matplotlib"),
            "OMP_NUM_THREADS": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONHASHSEED": str(self.seed),
            "PYTHONPATH": os.pathsep.join(map(str, folders)),
        }

    def run(self, sections: Sequence[Section]) -> Iterator[Run]:
        """Run sections one after the other, each in a child of its own.

        Raises:
            ZygoteError: If torch or the collector itself cannot be imported.
        """
        for section in sections:
            answer = self._ask(section)
            if not answer:
                self._complaints.seek(0)
                said = self._complaints.read().decode(errors="replace")
                raise ZygoteError(f"the process that runs sections ended:\n{said}")
            yield _run(section, **json.loads(answer))

    def _ask(self, section: Section) -> str:
        request = {
            "path": str(section.path),
            "text": section.path.read_text("utf-8"),
            "source": section.source,
            "first": section.first,
            "libraries": libraries_of([section]),
            "seed": self.seed,
            "limit": self.limit * (SLOWER_WITH_NEED if section.need else 1),
            "check": bool(devices().lack(section.need)),
        }
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            self._process.stdin.flush()
        return self._answers.readline()

    def close(self) -> None:
        """End the process and whatever it still runs."""
        self._process.terminate()
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        self._process.wait()
        self._answers.close()
        self._complaints.close()

    def __enter__(self) -> Zygote:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _run(section: Section, events: list[dict], seconds: float) -> Run:
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
                failure = section.fault(at or line, f"{message}\n{_indent(traceback)}")
            case {"event": "died", "why": why}:
                failure = section.fault(line, f"{section.slug!r} {why}")
    return Run(printed, stderr, failure, figures, seconds)
