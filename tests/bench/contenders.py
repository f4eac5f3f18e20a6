"""The contenders: commands that run all sections of a corpus, each in its own way."""

from __future__ import annotations

import dataclasses
import importlib.util
import json
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

from bench.corpus import FLOOR, Corpus
from bench.measure import Command, Cost

PLUGINS = Path(__file__).with_name("plugins")


class ContenderError(Exception):
    """Raised when a contender did not run every section."""


@dataclass(frozen=True)
class Outcome:
    """Counts of one contender on a corpus."""

    passed: int
    failed: int
    cost: Cost


@dataclass(frozen=True)
class Contender:
    """A runner of code in documentation, under pytest."""

    name: str
    form: str
    """The form of the corpus that it reads; see ``Corpus.home``."""
    options: tuple[str, ...]
    package: str

    @property
    def is_installed(self) -> bool:
        return importlib.util.find_spec(self.package) is not None

    def run(self, corpus: Corpus) -> Outcome:
        """Run all sections of a corpus.

        Raises:
            ContenderError: If pytest ended otherwise than by its summary.
        """
        with tempfile.TemporaryDirectory() as folder:
            peak = Path(folder) / "peak"
            command = Command(
                ["-m", "pytest", "-q", "-p", "peak", *self.options],
                corpus.home(self.form),
                {"PYTHONPATH": str(PLUGINS), "BENCH_PEAK": str(peak)},
            )
            cost, output, status = command.run()
            if status not in (0, 1):
                raise ContenderError(f"{self.name} ended with status {status}:\n{output[-2000:]}")
            cost = dataclasses.replace(cost, peak=int(peak.read_text("utf-8")))
        return Outcome(_count("passed", output), _count("failed", output), cost)


def _count(word: str, output: str) -> int:
    found = re.search(rf"(\d+) {word}", output.rstrip().split("\n")[-1])
    return int(found[1]) if found else 0


def without(*plugins: str) -> tuple[str, ...]:
    """Options that leave plugins out that are installed for another contender."""
    return tuple(option for plugin in plugins for option in ("-p", f"no:{plugin}"))


ALONE = without("examples", "hypothesispytest")
OURS = Contender("ours", "ours", ("docs", *without("examples")), "pytest_markdown_docs")
MARKDOWN_DOCS = Contender(
    "pytest-markdown-docs", "fences", ("--markdown-docs", "docs", *ALONE), "pytest_markdown_docs"
)
CONTENDERS = (
    OURS,
    MARKDOWN_DOCS,
    dataclasses.replace(
        MARKDOWN_DOCS,
        name="pytest-markdown-docs, no:logging",
        options=(*MARKDOWN_DOCS.options, *without("logging")),
    ),
    Contender("Sybil", "sybil", ("docs", *ALONE, *without("pytest_markdown_docs")), "sybil"),
    Contender(
        "pytest-examples, print check",
        "examples",
        # its tracebacks break pytest's longer styles; nothing fails where time counts
        ("--tb=line", *without("hypothesispytest", "pytest_markdown_docs")),
        "pytest_examples",
    ),
)


def run_floor(
    scripts: Path, folder: Path, libraries: tuple[str, ...] = (), **variables: str
) -> tuple[Outcome, dict[str, str]]:
    """Execute scripts with nothing around them; return those that raised, too, by name."""
    imports = [option for library in libraries for option in ("--import", library)]
    cost, output, status = Command(["-P", FLOOR, scripts, *imports], folder, variables).run()
    if status != 0:
        raise ContenderError(f"the floor ended with status {status}:\n{output[-2000:]}")
    line = next(line for line in output.split("\n") if line.startswith('{"ran"'))
    said = json.loads(line)
    failed = len(said["raised"])
    return Outcome(said["ran"] - failed, failed, cost), said["raised"]
