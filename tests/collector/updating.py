"""Updating: writes below each statement the lines that it prints.

``pytest --update`` runs each section twice, under different ambient seeds, and writes
only lines on which both runs agree.  It certifies nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path

from collector.engine import Run, Runner, libraries_of
from collector.faults import Fault, FaultError, read_text, relative
from collector.outputs import complaints, expected, judge, rewrite
from collector.sections import Library, Section

RUNS = 2


@dataclass
class Update:
    """The output lines of one project, on their way into its modules."""

    root: Path
    library: Library
    limit: float
    started: set[str] = field(default_factory=set)
    """Identities of the sections that run or ran."""
    _runners: list[Runner] = field(default_factory=list)
    _runs: dict[str, list[Future[Run]]] = field(default_factory=dict)
    _faults: dict[str, list[Fault]] = field(default_factory=dict)
    _agreed: dict[Path, list[tuple[Section, Run]]] = field(default_factory=dict)

    def start(self, sections: Iterable[Section]) -> None:
        """Begin to run sections; each runs twice."""
        if not self._runners:
            libraries = libraries_of(self.library.runnable())
            runners = (
                Runner(self.root, libraries, limit=self.limit, workers=1) for _ in range(RUNS)
            )
            self._runners += runners
        todo = {s.identity: s for s in sections if s.identity not in self.started}
        self.started.update(todo)
        for runner in self._runners:
            for name, run in zip(todo, runner.start(list(todo.values())), strict=True):
                self._runs.setdefault(name, []).append(run)

    def check(self, section: Section) -> list[Fault]:
        """Compare the two runs of a section; keep their output if they agree."""
        if section.identity not in self._faults:
            self.start([section])
            runs = [run.result() for run in self._runs[section.identity]]
            self._faults[section.identity] = self._compare(section, *runs)
        return self._faults[section.identity]

    def _compare(self, section: Section, first: Run, second: Run) -> list[Fault]:
        for run in (first, second):
            if run.failure is not None:
                return [run.failure]
        if section.need is not None:  # its outputs are kept in its receipt
            return judge(section, first)
        for last in first.printed.keys() | second.printed.keys():
            one, other = (run.printed.get(last, "") for run in (first, second))
            if one != other:
                message = "prints something else in a second run; seed it, or print a fact"
                return [section.fault(last, f"{message}\n    - {one!r}\n    + {other!r}")]
        try:
            expected(section)
        except FaultError as error:
            return [error.fault]
        self._agreed.setdefault(section.path, []).append((section, first))
        return complaints(section, first)

    def write(self) -> list[str]:
        """Write output lines, from the end of each file up; return a line on each file."""
        return [line for path in self._agreed if (line := self._write(path))]

    def _write(self, path: Path) -> str:
        before = self.library.modules[path.name].text
        lines = before.split("\n")
        for section, run in sorted(self._agreed[path], key=lambda agreed: -agreed[0].first):
            lines[section.first - 1 : section.last] = rewrite(section, run.printed)
        after, name = "\n".join(lines), relative(path, self.root)
        if read_text(path, self.root) != before:
            return f"{name} changed while it ran; nothing written, run it again"
        if after == before:
            return ""
        path.write_text(after, "utf-8")
        return f"{name}: outputs written; read them, then run pytest"

    def close(self) -> None:
        for runner in self._runners:
            runner.close()
