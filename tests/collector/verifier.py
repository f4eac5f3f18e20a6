"""The verifier knows of every section whether it passed, and runs those that have no record.

It reads sections, records, receipts and versions once.  The pytest plugin, the gate,
the captions, the counts and the exports ask it; only ``updating`` runs sections besides.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path

from collector.engine import TIME_LIMIT, Run, Runner, RunnerError, libraries_of
from collector.faults import Fault
from collector.needs import devices
from collector.outputs import judge
from collector.receipts import Receipt, Receipts, differences, of_run, read_receipts
from collector.records import Record, Records
from collector.rules import faults_of_section
from collector.sections import Library, Module, Section, read_library, read_module
from collector.versions import Versions, read_versions

PLANTED = "tests/collector/planted.py"
REASONS = {
    "prints-something-else": f"{PLANTED}:7: prints something else",
    "ends-in-an-error": f"{PLANTED}:12: ZeroDivisionError: division by zero",
}
"""The fault that must be found in each planted section, by slug."""


@dataclass
class Verifier:
    """Verifies the sections of one project.

    Args:
        root: Root of the project.
        limit: Seconds that a section may take.
        renew_receipts: Whether runs that met their need replace their receipts, instead of
            being compared with them.
        runner: A runner to go on with, as ``mkdocs serve`` does after each edit.
    """

    root: Path
    limit: float = TIME_LIMIT
    renew_receipts: bool = False
    runner: Runner | None = None
    fresh: dict[str, Receipt] = field(default_factory=dict)
    """Receipts of this process, by identity."""
    is_proven: bool = False
    """Whether the planted sections were found to fail."""
    started: set[str] = field(default_factory=set)
    """Identities of the sections that run or ran."""
    _runs: dict[str, Future[Run]] = field(default_factory=dict)
    _records: dict[str, Record] = field(default_factory=dict)

    @functools.cached_property
    def library(self) -> Library:
        return read_library(self.root)

    @functools.cached_property
    def planted(self) -> Module:
        """Sections that must fail, run beside the real ones: proof that failures are found."""
        return read_module(self.root / PLANTED, self.root)

    @functools.cached_property
    def store(self) -> Records:
        return Records(self.root)

    @functools.cached_property
    def receipts(self) -> Receipts:
        return read_receipts(self.root)

    @functools.cached_property
    def versions(self) -> Versions:
        """The versions on which each section passed, other machines' included."""
        return read_versions(self.root, self.library, self.failed)

    @property
    def faults(self) -> list[Fault]:
        """Faults of the sources themselves, which no run could mend."""
        sections = self.library.runnable()
        stored = [*self.receipts.refusals(sections), *self.versions.faults]
        return [*self.library.faults.values(), *stored]

    def prepare(self) -> Runner:
        """Start the process that imports torch, while others still read."""
        if self.runner is None:
            libraries = libraries_of(self.library.runnable())
            self.runner = Runner(self.root, libraries, limit=self.limit)
        return self.runner

    def start(self, sections: Iterable[Section]) -> None:
        """Begin to run sections, the planted ones first; each runs once."""
        every = [*self.planted.sections.values(), *sections]
        todo = {s.identity: s for s in every if s.identity not in self.started}
        self.started.update(todo)
        futures = self.prepare().start(list(todo.values()))
        self._runs.update(zip(todo, futures, strict=True))

    def check(self, section: Section) -> Record:
        """Run a section, unless it was started, and record its outcome.

        Raises:
            RunnerError: If a planted section was not found to fail, or nothing can run.
        """
        self._require_proof()
        if section.identity not in self._records:
            self.start([section])
            self._records[section.identity] = self._certify(section)
        return self._records[section.identity]

    def verify(
        self,
        again: bool = True,
        progress: Callable[[list[Section]], Iterable[Section]] = list,
    ) -> Mapping[str, Record]:
        """Run the sections that have no record of their present text.

        Args:
            again: Whether to run those that failed before once more.
            progress: Wraps the sections to run, for example in a progress bar.

        Returns:
            The record of each runnable section, by identity.
        """
        found = {section: self.store.find(section) for section in self.library.runnable()}
        self._records = {s.identity: r for s, r in found.items() if r and (r.passed or not again)}
        todo = [section for section in found if section.identity not in self._records]
        if todo:
            self.start(todo)
            for section in progress(todo):
                self.check(section)
        return self._records

    @property
    def records(self) -> Mapping[str, Record]:
        """The records known so far, by identity."""
        return self._records

    @property
    def failed(self) -> dict[str, tuple[str, ...]]:
        """Messages of the sections that did not pass, by identity."""
        return {name: r.faults for name, r in self._records.items() if not r.passed}

    def passed(self, section: Section) -> bool:
        """Tell whether a section, or the one that it is an excerpt of, has passed."""
        record = self._records.get(self.library.proof(section).identity)
        return record is not None and record.passed

    def _certify(self, section: Section) -> Record:
        run = self._runs.pop(section.identity).result()  # its output is no longer needed
        faults = [*faults_of_section(section), *judge(section, run)]
        if section.need and not devices().why_unmet(section.need):
            faults += self._compare_with_receipt(section, run)
        record = Record.of(faults, bool(run.figure), self.store.digest(section))
        self.store.write(section, record, run.figure)
        return record

    def _compare_with_receipt(self, section: Section, run: Run) -> list[Fault]:
        """Compare a run that met its need with its receipt, or replace the receipt."""
        self.fresh[section.identity] = of_run(
            section, run, devices(), self.receipts.texts.of(section)
        )
        receipt = self.receipts.find(section)
        if self.renew_receipts or receipt is None:
            return []
        return differences(section, run, receipt)

    def renewed_receipts(self) -> dict[str, Receipt]:
        """Return the receipts of this process, and those of sections that did not run here."""
        known = {s.identity for s in self.library.runnable() if s.need}
        kept = {name: r for name, r in self.receipts.entries.items() if name in known}
        return {**kept, **self.fresh}

    def _require_proof(self) -> None:
        """Refuse to go on unless the planted sections are found to fail."""
        if self.is_proven:
            return
        self.start(())
        for slug, section in self.planted.sections.items():
            run = self._runs[section.identity].result()
            said = "\n".join(map(str, judge(section, run)))
            if REASONS[slug] not in said:
                message = f"the planted section {slug!r} must fail and was not found to"
                raise RunnerError(f"{message}; no run counts\nsaid was: {said or 'nothing'}")
        self.is_proven = True

    def close(self) -> None:
        """End everything that still runs."""
        if self.runner is not None:
            self.runner.close()
            self.runner = None
