"""The pytest plugin: one test per section that a page shows.

It stands on pytest-markdown-docs: the option ``--markdown-docs``, the marker
and the file and item classes are its own.  Its file class misses fences in
tabs, admonitions and ``{.python}``, and its items are named by line numbers
and run in pytest's own process; both are replaced here.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import sys
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import replace
from itertools import islice
from pathlib import Path

import markdown
import pytest
from pytest_markdown_docs.definitions import FenceTestDefinition
from pytest_markdown_docs.plugin import (
    MarkdownDocstringCodeModule,
    MarkdownInlinePythonItem,
    MarkdownTextFile,
)

from collector.engine.runner import (
    TIME_LIMIT,
    Run,
    Runner,
    RunnerError,
    cores,
    libraries_of,
)
from collector.faults import Fault, FaultError, read_text
from collector.needs import devices
from collector.outputs import READ_AHEAD, complaints, expected, judge, rewrite
from collector.pages import Embed, read_page
from collector.planting import MODULE, REASONS, read_planted, require_found
from collector.receipts import (
    NAME,
    Receipt,
    differences,
    of_run,
    read_receipts,
    write_receipts,
)
from collector.records import Records, verdict
from collector.rendering import site_markdown
from collector.sections import Library, Section, read_library
from collector.versions import write_passes


class SectionFailed(Exception):
    """Holds the faults of one block; its text is all that a report shows."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("\n".join(map(str, faults)))


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("collect")
    group.addoption("--update", action="store_true", help="write what sections print below them")
    group.addoption(
        "--write-receipts", action="store_true", help="commit to what sections with a need did"
    )
    group.addoption(
        "--write-passes", metavar="FOLDER", type=Path, help="write which sections passed"
    )
    group.addoption("--time-limit", type=float, default=TIME_LIMIT, help="seconds per section")


def pytest_configure(config: pytest.Config) -> None:
    if sys.flags.optimize:
        raise pytest.UsageError("python -O drops assertions; run without it and PYTHONOPTIMIZE")
    config.stash[Session.key] = Session(config)


def pytest_sessionstart(session: pytest.Session) -> None:
    session.config.stash[Session.key].prepare_passes()


def pytest_unconfigure(config: pytest.Config) -> None:
    config.stash[Session.key].close()


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> Iterator:
    """Put our pages in the place of what pytest-markdown-docs collects."""
    nodes = yield
    for position, node in enumerate(nodes):
        if isinstance(node, MarkdownTextFile):
            nodes[position] = PageFile.from_parent(parent, path=file_path)
    return [node for node in nodes if not isinstance(node, MarkdownDocstringCodeModule)]


def pytest_collection_finish() -> None:
    gc.freeze()  # what was collected lives to the end; looking through it takes long


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    """Run and report a block in one phase: it has nothing to set up or to tear down."""
    if not isinstance(item, Block):
        return None
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    call = pytest.CallInfo.from_call(item.runtest, "call", reraise=(pytest.exit.Exception,))
    report = item.ihook.pytest_runtest_makereport(item=item, call=call)
    item.ihook.pytest_runtest_logreport(report=report)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


def pytest_sessionfinish(session: pytest.Session) -> None:
    ours = session.config.stash[Session.key]
    ours.write_updates()
    ours.write_receipts()
    ours.write_passes()
    if ours.has_proof_to_give(session):
        ours.summary.append("the planted sections, which must fail, did not run; no run counts")
        session.exitstatus = pytest.ExitCode.INTERNAL_ERROR


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for line in terminalreporter.config.stash[Session.key].summary:
        terminalreporter.write_line(line)


class Session:
    """What the tests of one pytest run share."""

    key = pytest.StashKey["Session"]()

    def __init__(self, config: pytest.Config) -> None:
        self.root = config.rootpath
        self.updating: bool = config.option.update
        self.writing_receipts: bool = config.option.write_receipts
        self.limit: float = config.option.time_limit
        running = not config.option.collectonly
        self.passes_folder: Path | None = config.option.write_passes if running else None
        self.passed: dict[str, Section] = {}
        self.summary: list[str] = []
        self._runners: list[Runner] = []
        self._runs: dict[str, list[Future[Run]]] = {}
        self._checked: dict[str, list[Fault]] = {}
        self._updates: dict[Path, dict[str, tuple[Section, Run]]] = {}
        self._receipts = read_receipts(self.root)
        self._fresh: dict[str, Receipt] = {}
        self._lacking: dict[str, str] = {}
        self._proven = False

    @functools.cached_property
    def library(self) -> Library:
        library = read_library(self.root)
        return replace(library, modules={**library.modules, MODULE: read_planted(self.root)})

    def prove(self, block: Block) -> None:
        """Show once that a failing section is found, on the way that all of them go.

        Raises:
            RunnerError: If it is not.
        """
        if self._proven or self.updating:  # an update certifies nothing
            return
        self._proven = True
        for slug in REASONS:
            embed = Embed(MODULE, 1, MODULE, slug)
            planted = Block.of(block.parent, slug, 1, embed=embed)
            try:
                planted.runtest()
                said = ""
            except SectionFailed as error:
                said = str(error)
            try:
                require_found(slug, said)
            except RunnerError:
                self._proven = False  # so that every block fails
                raise

    def has_proof_to_give(self, session: pytest.Session) -> bool:
        """Tell whether blocks should have run, and no planted section was found."""
        blocks = any(isinstance(item, Block) for item in session.items)
        return blocks and not (self._proven or self.updating or session.config.option.collectonly)

    @functools.cached_property
    def records(self) -> Records:
        return Records(self.root)

    @functools.cached_property
    def renderer(self) -> markdown.Markdown:
        return site_markdown(self.root, coloured=False)

    def prepare(self) -> None:
        """Start what runs sections: torch is imported while pages are still read."""
        if not self._runners:
            libraries = libraries_of(self.library.runnable())
            count = 2 if self.updating else 1  # two, as an update compares two runs
            lanes = max(1, cores() // count)
            for _ in range(count):
                runner = Runner(self.root, libraries, limit=self.limit, lanes=lanes)
                self._runners.append(runner)

    def runs(self, section: Section, items: Sequence[pytest.Item]) -> list[Run]:
        """Return the runs of a section; the first one asked for starts those of all tests.

        Returns:
            One run, or when updating two under different ambient seeds.
        """
        if section.identity not in self._runs:
            proof = () if self.updating else self.library.modules[MODULE].sections.values()
            self._start([section, *proof, *_sections(items, self.library)])
        return [run.result() for run in self._runs[section.identity]]

    def _start(self, sections: Iterable[Section]) -> None:
        self.prepare()
        todo = {s.identity: s for s in sections if s.identity not in self._runs}
        for runner in self._runners:
            for name, run in zip(todo, runner.start(list(todo.values())), strict=True):
                self._runs.setdefault(name, []).append(run)
        for section in islice(todo.values(), READ_AHEAD):  # while torch is imported
            with contextlib.suppress(FaultError, SyntaxError):  # its own test says so
                expected(section)

    def check(self, section: Section, items: Sequence[pytest.Item]) -> list[Fault]:
        """Say what is wrong with a section; asked again for another page, say it again."""
        name = section.identity
        if name not in self._checked:
            check = self.plan_update if self.updating else self.certify
            self._checked[name] = check(section, *self.runs(section, items))
            self._runs[name] = []  # what it printed is no longer needed
        return self._checked[name]

    def certify(self, section: Section, run: Run) -> list[Fault]:
        """Compare a run and record its outcome."""
        faults = judge(section, run)
        record = verdict(run, faults, self.records.digest(section))
        self.records.write(section, record, run.figure)
        if section.need and not devices().lack(section.need):
            return [*faults, *self._confirm(section, run)]
        return faults

    def _confirm(self, section: Section, run: Run) -> list[Fault]:
        """Hold a run that met its need against the receipt, or keep it as the next one."""
        if self.writing_receipts:
            self._fresh[section.identity] = of_run(section, run, devices(), self.root)
            return []
        receipt = self._receipts.find(section)
        return differences(section, run, receipt) if receipt else []

    def lack(self, section: Section) -> str:
        """Say why a section's need is not met, and remember it for the summary."""
        if why := devices().lack(section.need):
            self._lacking[section.identity] = why
        return why

    def write_receipts(self) -> None:
        """Write the receipts of this run; keep those of sections that did not run."""
        for name, why in sorted(self._lacking.items()):
            self.summary.append(f"{name} was checked by its names only: {why}")
        if not self.writing_receipts:
            return
        known = {s.identity for s in self.library.runnable() if s.need}
        kept = {name: r for name, r in self._receipts.entries.items() if name in known}
        write_receipts(self.root, {**kept, **self._fresh})
        self.summary.append(f"{NAME}: {len(self._fresh)} receipts written")

    def prepare_passes(self) -> None:
        """Make the folder of passes before anything runs, so that no run is in vain.

        Raises:
            pytest.UsageError: If passes cannot be written, or there will be none.
        """
        if self.passes_folder is None:
            return
        if self.updating:
            raise pytest.UsageError("--update certifies nothing; leave out --write-passes")
        try:
            self.passes_folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            reason = f"--write-passes {self.passes_folder}: {error.strerror}"
            raise pytest.UsageError(reason) from None

    def write_passes(self) -> None:
        """Write which sections passed in this run."""
        if self.passes_folder is not None:
            path = write_passes(self.passes_folder, self.passed.values(), self.root)
            self.summary.append(f"{path}: {len(self.passed)} passes written")

    def plan_update(self, section: Section, first: Run, second: Run) -> list[Fault]:
        """Keep a run to be written at the end, if two runs agree."""
        for run in (first, second):
            if run.failure is not None:
                return [run.failure]
        if section.need is not None:  # its outputs are kept in its receipt
            return judge(section, first)
        for last in first.printed.keys() | second.printed.keys():
            said = [run.printed.get(last, "") for run in (first, second)]
            if said[0] != said[1]:
                message = "prints something else in a second run; seed it, or print a fact"
                return [section.fault(last, f"{message}\n    - {said[0]!r}\n    + {said[1]!r}")]
        try:
            expected(section)
        except FaultError as error:
            return [error.fault]
        self._updates.setdefault(section.path, {})[section.slug] = (section, first)
        return complaints(section, first)

    def write_updates(self) -> None:
        """Write output lines, from the end of each file up; certify nothing."""
        for path, updates in self._updates.items():
            before = self.library.modules[path.name].text
            lines = before.split("\n")
            for section, run in sorted(updates.values(), key=lambda u: -u[0].first):
                lines[section.first - 1 : section.last] = rewrite(section, run.printed)
            after = "\n".join(lines)
            name = f"snippets/{path.name}"
            if read_text(path, self.root) != before:
                self.summary.append(f"{name} changed while it ran; nothing written, run it again")
            elif after != before:
                path.write_text(after, "utf-8")
                self.summary.append(f"{name}: outputs written; read them, then run pytest")

    def close(self) -> None:
        for runner in self._runners:
            runner.close()


class PageFile(MarkdownTextFile):
    """A Markdown page: a test for each block of code that it shows."""

    def collect(self) -> Iterator[Block]:
        session = self.config.stash[Session.key]
        if not self.config.option.collectonly:
            session.prepare()
        try:
            page = read_page(self.path, session.root, session.renderer)
        except FaultError as error:
            yield Block.of(self, "page", error.fault.line, fault=error.fault)
            return
        for embed in page.embeds:
            yield Block.of(self, embed.slug, embed.line, embed=embed)
        for fault in page.faults:
            yield Block.of(self, f"line-{fault.line}", fault.line, fault=fault)


def _sections(items: Sequence[pytest.Item], library: Library) -> Iterator[Section]:
    """The sections that the tests of a session will ask for."""
    for item in items:
        if isinstance(item, Block) and item.embed:
            with contextlib.suppress(FaultError):  # its own test says why
                yield library.proof(item.embed.section(library))


class Block(MarkdownInlinePythonItem):
    """The test of one block: it is a section, which ran and printed what it shows."""

    embed: Embed | None
    fault: Fault | None

    @classmethod
    def of(
        cls,
        page: PageFile,
        name: str,
        line: int,
        *,
        embed: Embed | None = None,
        fault: Fault | None = None,
    ) -> Block:
        definition = FenceTestDefinition("", [], line, page.path, runner_name=None)
        block = cls.from_parent(page, name=name, test_definition=definition)
        block.embed, block.fault = embed, fault
        return block

    def setup(self) -> None:
        """Sections take no fixtures: what is shown is all there is."""

    def runtest(self) -> None:
        session = self.config.stash[Session.key]
        if self.embed is None:
            raise SectionFailed([self.fault])
        session.prove(self)
        section = self._proof(session.library)
        faults = session.check(section, self.session.items)
        if not faults and (why := session.lack(section)):
            pytest.skip(why)  # named in the summary, and on the page
        if faults:
            raise SectionFailed([*faults, self.embed.fault(f"shows {section.identity}")])
        session.passed[section.identity] = section

    def _proof(self, library: Library) -> Section:
        try:
            return library.proof(self.embed.section(library))
        except FaultError as error:
            raise SectionFailed([error.fault]) from None

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style=None) -> str:
        if isinstance(excinfo.value, SectionFailed | RunnerError):
            return str(excinfo.value)
        return str(excinfo.getrepr(style="short"))

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, self.start_line - 1, self.name
