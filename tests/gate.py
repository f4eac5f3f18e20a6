"""The MkDocs hook that lets nothing out that has not run.

``mkdocs build`` and ``mkdocs serve`` first run each section that has no true
record.  Then every block of code in the rendered HTML, however it got there,
must be the text of a section that passed.  A build is made aside and moved to
``site/`` only without a fault; ``serve`` stays up and shows each fault in
place.
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
from collector.engine import RunnerError
from collector.evidence import BOX, Evidence
from collector.faults import Fault, FaultError, relative
from collector.inspection import Inspector, Rendered, as_comment
from collector.markup import Element, read_around, read_content, read_html
from collector.pages import EMBED, EMBED_MARK, NOT_ALONE, foreign, is_fenced
from collector.receipts import read_receipts
from collector.records import Records
from collector.rules import faults_of_page
from collector.sections import Library, Section
from collector.verifier import Verifier
from mkdocs.exceptions import PluginError
from mkdocs.plugins import CombinedEvent, event_priority
from mkdocs.structure.files import File

FIGURE = re.compile(r'<img ([^>]*)src="([^"]*figures/[^"]+)\.svg"([^>]*)>')
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
    library: Library = field(default_factory=lambda: Library({}, {}))
    evidence: Evidence = field(
        default_factory=lambda: Evidence(Library({}, {}), read_receipts(Path("nowhere")))
    )
    figures: list[tuple[str, str]] = field(default_factory=list)
    """Addresses of the figures that the runs drew, and their files."""
    failed: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Messages of the sections that did not pass, by identity."""
    read: dict[str, tuple[str, list[Element] | None]] = field(default_factory=dict)
    """The content of each page built and what was read in it, by the page's path."""
    faults: set[Fault] = field(default_factory=set)
    warnings: Warnings | None = None

    @property
    def aside(self) -> Path:
        return self.root / ".cache" / "site"

    @property
    def inspector(self) -> Inspector:
        return Inspector(self.library, self.failed, self.faults, self.evidence.texts)

    def begin(self, config) -> None:
        """Bring every section's record up to date; turn a build aside."""
        self.root = Path(config.config_file_path).parent
        self.verifier = Verifier(self.root, runner=self.verifier and self.verifier.runner)
        self.library = self.verifier.library
        self.faults = {*self.library.faults.values(), *self.strays()}
        self.faults.update(self.verifier.receipts.refusals(self.library.runnable()))
        if not self.serving:
            self.target = Path(config.site_dir)
            self.clear()
            config.site_dir = str(self.aside)
            self.warnings = Warnings()
            if sys.flags.optimize:
                message = "python -O drops assertions; run without it and PYTHONOPTIMIZE"
                raise PluginError(message)
            if unreadable := list(self.unreadable_pages()):
                self.faults.update(unreadable)
                raise PluginError("there are pages that cannot be read")
        self.verify()
        self.failed = self.verifier.failed
        self.faults.update(self.verifier.versions.faults)
        receipts, versions = self.verifier.receipts, self.verifier.versions
        self.evidence = Evidence(
            self.library, receipts, versions, repository_of(config), self.root
        )

    def clear(self) -> None:
        """Leave nothing that could be taken for this site.

        The last one goes where this one is made: MkDocs empties that folder, but for
        what is hidden there.
        """
        shutil.rmtree(self.aside, ignore_errors=True)
        with contextlib.suppress(OSError):  # no site, or one on another file system
            self.target.rename(self.aside)
        shutil.rmtree(self.target, ignore_errors=True)
        for hidden in self.aside.glob(".*"):
            shutil.rmtree(hidden) if hidden.is_dir() else hidden.unlink()

    def strays(self) -> Iterator[Fault]:
        """Find what would be published beside the pages, as it is and never run."""
        for path in sorted(self.root.glob("docs/[a-z]*/**/*")):
            name = relative(path, self.root)
            if path.suffix == ".md" or "/." in name:  # MkDocs publishes no hidden files
                continue
            if path.is_symlink():
                yield Fault(name, 0, "is a symbolic link; delete it")
            elif path.is_file():
                yield Fault(name, 0, "is no page; only .md files stand here")

    def unreadable_pages(self) -> Iterator[Fault]:
        """Find the pages that MkDocs would read otherwise than they look, or not at all."""
        for path in sorted(self.root.glob("docs/[a-z]*/**/*.md")):
            try:
                self.faults.update(faults_of_page(path, self.root, self.library))
            except FaultError as error:
                yield error.fault

    def verify(self) -> None:
        """Run the sections without a record; a build runs again those that failed before."""

        def progress(sections: list[Section]) -> Iterator[Section]:
            with click.progressbar(sections, label="Running sections") as bar:
                yield from bar

        known = self.verifier.verify(again=not self.serving, progress=progress)
        sections = list(self.library.runnable())
        drawn = [section for section in sections if known[section.identity].figure]
        self.figures = [figure for s in drawn for figure in variants(s, self.verifier.store)]

    def release(self) -> None:
        """End the process that runs sections; ``serve`` keeps it between saves."""
        if self.verifier is not None:
            self.verifier.close()
        if self.warnings is not None:
            self.warnings.detach()
        self.warnings = None

    def replace_faulty_embeds(self, page: str, first: int, text: str) -> str:
        """Put the reason where an embed shows nothing, so that rendering goes on.

        Args:
            first: Line of the page on which the text starts.
        """
        lines = text.split("\n")
        for position, line in enumerate(lines):
            if EMBED_MARK not in line:
                continue
            reason = f'{line.strip()} must read: --8<-- "topic.py:slug"'
            fault = Fault(page, first + position, reason)
            try:
                if not (match := EMBED.fullmatch(line.strip())):
                    raise FaultError(fault)
                self.library.find(match["file"], match["slug"], fault)
                if not is_fenced(lines, position):
                    raise FaultError(replace(fault, message=NOT_ALONE))
            except FaultError as error:
                self.faults.add(error.fault)
                indent = line[: len(line) - len(line.lstrip())]
                lines[position] = indent + as_comment(error.fault)
        return "\n".join(lines)

    def finish(self, config) -> None:
        """Publish what was built, or list every fault and publish nothing."""
        self.faults.update(self.inspect(config.extra["languages"]))
        if self.messages():
            raise PluginError("the site has faults")
        self.target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(self.aside, self.target)
        config.site_dir = str(self.target)
        log.info("Every block of code has passed; the site is in %s", self.target)
        self.release()

    def inspect(self, languages: dict) -> list[Fault]:
        """Compare all pages built with the sections and with each other."""
        pages = {
            code: self.rendered(code, settings["root"], [s["root"] for s in languages.values()])
            for code, settings in languages.items()
        }
        every = [page for built in pages.values() for page in built.values()]
        if not self.inspector.inspect(NEVER_RAN):
            raise PluginError("a block that never ran was let through; nothing counts")
        faults = [fault for page in every for fault in self.inspector.inspect(page)]
        faults += self.inspector.unshown(every)
        first, *others = pages.values()
        for other in others:
            for name in first.keys() ^ other.keys():
                page = (first | other)[name]
                faults.append(page.fault("", "this page is missing in another language"))
            for name in first.keys() & other.keys():
                faults += self.inspector.differences(first[name], other[name])
        return faults

    def rendered(self, language: str, root: str, roots: list[str]) -> dict[str, Rendered]:
        """Read the pages of one language from disk, by their path below its root."""
        folder = self.aside / root
        nested = [self.aside / other for other in roots if other and other != root]
        pages = {}
        for path in sorted(folder.rglob("*.html")):
            if any(path.is_relative_to(other) for other in nested):
                continue
            name = path.relative_to(folder).as_posix()
            stem = name.removesuffix("/index.html").removesuffix(".html")
            source = self.root / "docs" / language / f"{stem}.md"
            text = source.read_text("utf-8") if source.is_file() else ""
            where = f"docs/{language}/{stem}.md" if text else f"site/{root}{name}"
            html = path.read_text("utf-8")
            elements = read_around(html, *self.read.get(str(path), ("", None)))
            pages[name] = Rendered(where, text, tuple(elements), html.count(BOX))
        return pages

    def messages(self) -> list[str]:
        """Everything that keeps the site from being published."""
        failures = [message for messages in self.failed.values() for message in messages]
        warnings = self.warnings.messages if self.warnings else []
        return list(dict.fromkeys([*map(str, sorted(self.faults)), *failures, *warnings]))

    def abandon(self) -> None:
        """Leave nothing that could be taken for a site, and say why."""
        shutil.rmtree(self.aside, ignore_errors=True)
        if messages := self.messages():
            log.error("Nothing is published, because of:\n\n%s\n", "\n\n".join(messages))
        self.faults, self.failed = set(), {}
        self.release()


def variants(section: Section, records: Records) -> Iterator[tuple[str, str]]:
    """Yield the addresses that pages link a section's figure by, and the files."""
    for variant, suffix in (("light", ".svg"), ("dark", ".dark.svg")):
        address = f"figures/{section.path.stem}/{section.slug}{suffix}"
        yield address, str(records.figure(section, variant))


NEVER_RAN = Rendered("planted", "", tuple(read_html("<pre><code>never()</code></pre>")))
"""A page that must be refused on every build; what lets it through is broken."""

gate = Gate()  # MkDocs calls a hook's functions and hands on_startup and on_build_error no config


def repository_of(config) -> str:
    """The address below which the repository shows its files; nothing if none is known."""
    branch = re.match("edit/(.+?)/docs/", config.edit_uri or "")
    return f"{config.repo_url.rstrip('/')}/blob/{branch[1]}/" if config.repo_url and branch else ""


def is_first_language(config) -> bool:
    return not config.extra["languages"][config.theme["language"]]["root"]


def on_startup(command: str, dirty: bool) -> None:
    gate.serving = command == "serve"


def on_config(config):
    if is_first_language(config):
        try:
            gate.begin(config)
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
    for address, figure in gate.figures:
        files.append(File.generated(config, address, abs_src_path=figure))
    return files


def name_of(page, config) -> str:
    return f"docs/{Path(config.docs_dir).name}/{page.file.src_uri}"


@event_priority(-100)
def on_page_markdown(markdown, page, config, files):
    above = page.file.content_string.count("\n") - markdown.count("\n")  # front matter
    return gate.replace_faulty_embeds(name_of(page, config), above + 1, markdown)


@event_priority(-25)
def _with_evidence(html, page, config, files):
    """Show each figure in the variant of the page's scheme, and say where blocks ran."""
    pair = r'<img \1src="\2.svg#only-light"\3><img \1src="\2.dark.svg#only-dark"\3>'
    gate.faults.update(foreign(name_of(page, config), page.file.content_string, html))
    return gate.evidence.annotate(FIGURE.sub(pair, html), config.theme["language"])


@event_priority(-100)
def _with_faults(html, page, config, files):
    """Mark, in serve, the faults in what all hooks have made of a page."""
    return gate.inspector.mark(html) if gate.serving else html


on_page_content = CombinedEvent(_with_evidence, _with_faults)


@event_priority(-100)
def on_page_context(context, page, config, nav):
    """Read what the search plugin, too, has left of a page's content."""
    if not gate.serving:
        gate.read[page.file.abs_dest_path] = page.content, read_content(page.content)
    return context


@event_priority(-100)  # when both languages are built and packed
def on_post_build(config):
    if is_first_language(config) and not gate.serving:
        gate.finish(config)


def on_build_error(error):
    if not gate.serving:
        gate.abandon()


def on_shutdown():
    gate.release()
