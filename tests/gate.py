"""The MkDocs hook that lets nothing out that has not run.

``mkdocs build`` and ``mkdocs serve`` first run each section that has no true record.
When all languages are built, each page is finished and judged (``collector.gate``).
A build is made aside and moved to ``site/`` only without a fault; ``serve`` stays up
and shows each fault in place.
"""

from __future__ import annotations

import contextlib
import logging
import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import click
from collector.captions import Captions
from collector.engine import RunnerError
from collector.faults import Fault, FaultError, read_text
from collector.finishing import Finisher
from collector.gate import Site, as_comment, judge_site, pages_of
from collector.pages import EMBED, EMBED_MARK, NOT_ALONE, is_fenced
from collector.sections import Library, Section
from collector.verifier import Verifier
from mkdocs.exceptions import PluginError
from mkdocs.plugins import CombinedEvent, event_priority
from mkdocs.structure.files import File

log = logging.getLogger("mkdocs.gate")


class Warnings(logging.Handler):
    """Keeps MkDocs' warnings: with ``-q`` it would forget them, strict or not."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: list[str] = []
        logger = logging.getLogger("mkdocs")
        if logger.level > logging.WARNING:  # -q: keep the console quiet, not the gate
            for handler in logger.handlers:
                handler.setLevel(logger.level)
            logger.setLevel(logging.WARNING)
        logger.addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())

    def detach(self) -> None:
        logging.getLogger("mkdocs").removeHandler(self)


@dataclass
class Gate:
    """The gate of one ``mkdocs`` command; ``serve`` passes it at each save."""

    serving: bool = False
    verifier: Verifier | None = None
    root: Path = Path()
    target: Path = Path()
    faults: set[Fault] = field(default_factory=set)
    warnings: Warnings | None = None

    @property
    def staging(self) -> Path:
        return self.root / ".cache" / "site"

    def start(self, config) -> None:
        """Bring every section's record up to date; turn a build aside."""
        self.root = Path(config.config_file_path).parent
        self.verifier = Verifier(self.root, runner=self.verifier and self.verifier.runner)
        self.faults = set()
        if not self.serving:
            self.target = Path(config.site_dir)
            self.clear()
            config.site_dir = str(self.staging)
            self.warnings = Warnings()
            if sys.flags.optimize:
                message = "python -O drops assertions; run without it and PYTHONOPTIMIZE"
                raise PluginError(message)
            self.require_readable_pages()
        self.verifier.verify(again=not self.serving, progress=progress)

    def clear(self) -> None:
        """Remove everything that could be taken for this site.

        The last one goes where this one is made: MkDocs empties that folder, but for
        what is hidden there.
        """
        shutil.rmtree(self.staging, ignore_errors=True)
        with contextlib.suppress(OSError):  # no site, or one on another file system
            self.target.rename(self.staging)
        shutil.rmtree(self.target, ignore_errors=True)
        for hidden in self.staging.glob(".*"):
            shutil.rmtree(hidden) if hidden.is_dir() else hidden.unlink()

    def require_readable_pages(self) -> None:
        """Refuse the pages that MkDocs would read otherwise than they look, or not at all."""
        for path in pages_of(self.root):
            try:
                read_text(path, self.root)
            except FaultError as error:
                self.faults.add(error.fault)
        if self.faults:
            raise PluginError("there are pages that cannot be read")

    def release(self) -> None:
        """End the process that runs sections; ``serve`` keeps it between saves."""
        if self.verifier is not None:
            self.verifier.close()
        if self.warnings is not None:
            self.warnings.detach()
        self.warnings = None

    def judge(self, config) -> None:
        """Finish and judge all pages that were built."""
        verifier = self.verifier
        captions = Captions(
            verifier.library,
            verifier.receipts,
            verifier.versions,
            repository_of(config),
            self.root,
        )
        languages = {code: s["root"] for code, s in config.extra["languages"].items()}
        site = Site(
            Path(config.site_dir),
            languages,
            verifier,
            Finisher(captions),
            explained=self.faults,
            is_marked=self.serving,
        )
        self.faults = {*self.faults, *(site.judge_pages() if self.serving else judge_site(site))}

    def publish(self, config) -> None:
        """Move the site to its place, or list every fault and publish nothing."""
        if self.messages():
            raise PluginError("the site has faults")
        self.target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(self.staging, self.target)
        config.site_dir = str(self.target)
        log.info("Every block of code has passed; the site is in %s", self.target)
        self.release()

    def messages(self) -> list[str]:
        """List everything that keeps the site from being published."""
        failed = self.verifier.failed if self.verifier else {}
        failures = [message for messages in failed.values() for message in messages]
        warnings = self.warnings.messages if self.warnings else []
        return list(dict.fromkeys([*map(str, sorted(self.faults)), *failures, *warnings]))

    def abandon(self) -> None:
        """Leave nothing that could be taken for a site, and say why."""
        shutil.rmtree(self.staging, ignore_errors=True)
        if messages := self.messages():
            log.error("Nothing is published, because of:\n\n%s\n", "\n\n".join(messages))
        self.release()


def progress(sections: list[Section]) -> Iterator[Section]:
    """Show how many sections have run."""
    with click.progressbar(sections, label="Running sections") as bar:
        yield from bar


def figures_of(verifier: Verifier) -> Iterator[tuple[str, str]]:
    """Yield the addresses that pages link figures by, and the files that the runs drew."""
    for section in verifier.library.runnable():
        if verifier.records[section.identity].figure:
            for variant, suffix in (("light", ".svg"), ("dark", ".dark.svg")):
                address = f"figures/{section.path.stem}/{section.slug}{suffix}"
                yield address, str(verifier.store.figure(section, variant))


def explain_faulty_embeds(page: str, first: int, text: str, library: Library) -> tuple[str, set]:
    """Put the reason where an embed shows nothing, so that rendering goes on.

    Args:
        page: The page as messages name it.
        first: Line of the page on which the text starts.
        text: Its Markdown.

    Returns:
        The new text, and the faults.
    """
    lines, faults = text.split("\n"), set()
    for position, line in enumerate(lines):
        if EMBED_MARK not in line:
            continue
        fault = Fault(page, first + position, f'{line.strip()} must read: --8<-- "topic.py:slug"')
        try:
            if not (match := EMBED.fullmatch(line.strip())):
                raise FaultError(fault)
            library.find(match["file"], match["slug"], fault)
            if not is_fenced(lines, position):
                raise FaultError(replace(fault, message=NOT_ALONE))
        except FaultError as error:
            faults.add(error.fault)
            indent = line[: len(line) - len(line.lstrip())]
            lines[position] = indent + as_comment(error.fault)
    return "\n".join(lines), faults


def repository_of(config) -> str:
    """The address below which the repository shows its files; nothing if none is known."""
    branch = re.match("edit/(.+?)/docs/", config.edit_uri or "")
    return f"{config.repo_url.rstrip('/')}/blob/{branch[1]}/" if config.repo_url and branch else ""


gate = Gate()  # MkDocs calls a hook's functions and hands on_startup and on_build_error no config


def is_first_language(config) -> bool:
    return not config.extra["languages"][config.theme["language"]]["root"]


def on_startup(command: str, dirty: bool) -> None:
    gate.serving = command == "serve"


def on_config(config):
    if is_first_language(config):
        try:
            gate.start(config)
        except RunnerError as error:
            gate.release()
            raise PluginError(str(error)) from None
    config.extra["verifier"] = gate.verifier
    config.extra["serving"] = gate.serving
    if gate.serving:  # a missing section shows its fault in place
        config.mdx_configs["pymdownx.snippets"]["check_paths"] = False
    return config


def on_files(files, config):
    """Add the figures that the runs drew, under the addresses pages link to."""
    for address, figure in figures_of(gate.verifier):
        files.append(File.generated(config, address, abs_src_path=figure))
    return files


@event_priority(-100)
def on_page_markdown(markdown, page, config, files):
    above = page.file.content_string.count("\n") - markdown.count("\n")  # front matter
    name = f"docs/{Path(config.docs_dir).name}/{page.file.src_uri}"
    text, faults = explain_faulty_embeds(name, above + 1, markdown, gate.verifier.library)
    gate.faults |= faults
    return text


@event_priority(-50)  # when all languages are built
def _judge(config):
    if is_first_language(config):
        try:
            gate.judge(config)
        except RunnerError as error:
            raise PluginError(str(error)) from None


@event_priority(-100)  # when the pages are packed, too
def _publish(config):
    if is_first_language(config) and not gate.serving:
        gate.publish(config)


on_post_build = CombinedEvent(_judge, _publish)


def on_build_error(error):
    if not gate.serving:
        gate.abandon()


def on_shutdown():
    gate.release()
