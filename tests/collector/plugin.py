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
from collections.abc import Generator, Iterable, Iterator
from pathlib import Path
from typing import Any

import markdown
import pytest
from pytest_markdown_docs.definitions import FenceTestDefinition
from pytest_markdown_docs.plugin import (
    MarkdownDocstringCodeModule,
    MarkdownInlinePythonItem,
    MarkdownTextFile,
)

from collector.engine import TIME_LIMIT, RunnerError
from collector.faults import Fault, FaultError
from collector.needs import devices
from collector.pages import Embed, read_page
from collector.receipts import NAME as RECEIPTS
from collector.receipts import write_receipts
from collector.rendering import site_markdown
from collector.rules import faults_of_page
from collector.sections import Section
from collector.updating import Update
from collector.verifier import Verifier
from collector.versions import write_passes


class SectionFailed(Exception):
    """Holds the faults of one block; its text is all that a report shows."""


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
    session.config.stash[Session.key].make_folder_of_passes()


def pytest_unconfigure(config: pytest.Config) -> None:
    config.stash[Session.key].close()


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(
    file_path: Path, parent: pytest.Collector
) -> Generator[None, list[pytest.Collector], list[pytest.Collector]]:
    """Replace the nodes of pytest-markdown-docs by our pages."""
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


@pytest.hookimpl(tryfirst=True, optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Run blocks in this process: their runner has processes of its own."""
    return 0


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Collect the summary lines of a pytest-xdist worker."""
    said = getattr(node, "workeroutput", {})  # nothing if it crashed, which xdist reports
    ours = node.config.stash[Session.key]
    ours.summary += said.get("summary", [])
    ours.lacks_proof |= said.get("lacks_proof", False)


def pytest_sessionfinish(session: pytest.Session) -> None:
    ours = session.config.stash[Session.key]
    ours.write()
    ours.lacks_proof |= ours.has_run and not ours.is_proven
    if ours.is_one_of_many:
        output = vars(session.config)["workeroutput"]  # xdist sends it to the first process
        output["summary"] = ours.summary
        output["lacks_proof"] = ours.lacks_proof
    elif ours.lacks_proof:
        ours.summary.append("the planted sections, which must fail, did not run; no run counts")
        session.exitstatus = pytest.ExitCode.INTERNAL_ERROR


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    summary = terminalreporter.config.stash[Session.key].summary
    for line in dict.fromkeys(summary):  # two processes may say the same
        terminalreporter.write_line(line)


class Session:
    """The state that the tests of one pytest run share."""

    key = pytest.StashKey["Session"]()

    def __init__(self, config: pytest.Config) -> None:
        self.option = config.option
        self.root = config.rootpath
        self.verifier = Verifier(self.root, self.option.time_limit, self.option.write_receipts)
        self.passed: dict[str, Section] = {}
        self.skipped: dict[str, str] = {}
        """By identity of a section, why its need is not met."""
        self.summary: list[str] = []
        self.is_one_of_many = hasattr(config, "workerinput")
        """Whether pytest-xdist shares the tests between this process and others."""
        self.has_run = False
        """Whether a block ran in this process."""
        self.lacks_proof = False
        """Whether blocks ran, here or elsewhere, while no planted section was found to fail."""

    @functools.cached_property
    def update(self) -> Update | None:
        """The update asked for, if one is."""
        if not self.option.update:
            return None
        return Update(self.root, self.verifier.library, self.option.time_limit)

    @functools.cached_property
    def renderer(self) -> markdown.Markdown:
        return site_markdown(self.root, coloured=False)

    def prepare(self) -> None:
        """Import torch while pages are still read, where it is sure to be used."""
        if not (self.option.collectonly or self.option.update or self.is_one_of_many):
            self.verifier.prepare()

    def check(self, section: Section, items: Iterable[pytest.Item]) -> tuple[str, ...]:
        """Return the messages of a section; the first one asked for starts those of all tests."""
        runs = self.update or self.verifier
        if section.identity not in runs.started:
            runs.start([section, *self._sections(items)])
        if isinstance(runs, Update):
            return tuple(map(str, runs.check(section)))
        return runs.check(section).faults

    def _sections(self, items: Iterable[pytest.Item]) -> Iterator[Section]:
        """Yield the sections that the tests of a session will ask for."""
        for item in items:
            if isinstance(item, Block) and item.embed:
                with contextlib.suppress(FaultError):  # its own test says why
                    yield self.find(item.embed)

    def find(self, embed: Embed) -> Section:
        """Find the section whose run proves an embed.

        Raises:
            FaultError: If there is none.
        """
        library = self.verifier.library
        return library.proof(embed.section(library))

    @property
    def is_proven(self) -> bool:
        return bool(self.option.update) or self.verifier.is_proven

    def make_folder_of_passes(self) -> None:
        """Make the folder of passes before anything runs, so that no run is in vain.

        Raises:
            pytest.UsageError: If passes cannot be written, or there will be none.
        """
        folder: Path | None = self.option.write_passes
        if folder is None or self.option.collectonly:
            return
        if self.option.update:
            raise pytest.UsageError("--update certifies nothing; leave out --write-passes")
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise pytest.UsageError(f"--write-passes {folder}: {error.strerror}") from None

    def write(self) -> None:
        """Write the files that this run was asked for, and name them in the summary."""
        for name, why in sorted(self.skipped.items()):
            self.summary.append(f"{name} was checked by its names only: {why}")
        if self.update:
            self.summary += self.update.write()
        if self.option.write_receipts:
            write_receipts(self.root, self.verifier.renewed_receipts())
            self.summary.append(f"{RECEIPTS}: {len(self.verifier.fresh)} receipts written")
        if self.option.write_passes and not self.option.collectonly:
            path = write_passes(self.option.write_passes, self.passed.values(), self.root)
            self.summary.append(f"{path}: {len(self.passed)} passes written")

    def close(self) -> None:
        if self.option.update and self.update:
            self.update.close()
        self.verifier.close()


class PageFile(MarkdownTextFile):
    """A Markdown page: a test for each block of code that it shows, and for each fault."""

    def collect(self) -> Iterator[Block]:
        session = self.config.stash[Session.key]
        session.prepare()
        try:
            page = read_page(self.path, session.root, session.renderer)
            rules = faults_of_page(self.path, session.root, session.verifier.library)
        except FaultError as error:
            yield Block.of(self, "page", error.fault.line, fault=error.fault)
            return
        for embed in page.embeds:
            yield Block.of(self, embed.slug, embed.line, embed=embed)
        for fault in [*page.faults, *rules]:
            yield Block.of(self, f"line-{fault.line}", fault.line, fault=fault)


class Block(MarkdownInlinePythonItem):
    """The test of one block: its section ran, and printed the lines shown."""

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
        block: Block = cls.from_parent(page, name=name, test_definition=definition)
        block.embed, block.fault = embed, fault
        return block

    def setup(self) -> None:
        """Sections take no fixtures: the shown code is all there is."""

    def runtest(self) -> None:
        session = self.config.stash[Session.key]
        session.has_run = True
        if self.embed is None:
            raise SectionFailed(str(self.fault))
        try:
            section = session.find(self.embed)
        except FaultError as error:
            raise SectionFailed(str(error.fault)) from None
        if messages := session.check(section, self.session.items):
            shows = str(self.embed.fault(f"shows {section.identity}"))
            raise SectionFailed("\n".join([*messages, shows]))
        if why := devices().why_unmet(section.need):
            session.skipped[section.identity] = why
            pytest.skip(why)  # named in the summary, and on the page
        session.passed[section.identity] = section

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> str:
        if isinstance(excinfo.value, SectionFailed | RunnerError):
            return str(excinfo.value)
        return str(excinfo.getrepr(style="short"))

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, self.start_line - 1, self.name
