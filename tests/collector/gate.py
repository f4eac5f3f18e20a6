"""The gate: checks that a finished site shows passed sections only, alike in each language.

``python -m collector.gate FOLDER`` judges a site that any generator built from ``docs``.
"""

from __future__ import annotations

import argparse
import html
import sys
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from pathlib import Path

from collector.captions import NOTE, Captions, texts_with_outputs
from collector.engine import RunnerError
from collector.faults import Fault, FaultError, relative
from collector.finishing import Finisher
from collector.html import (
    Block,
    Element,
    Figure,
    Heading,
    Page,
    elements_of,
    foreign_to,
    insert_before,
    read_page,
)
from collector.pages import Lines, foreign_faults, why_foreign, why_not_an_embed
from collector.rules import faults_of_page
from collector.sections import Library, Section
from collector.verifier import Verifier

LANGUAGES = {"en": "", "zh": "zh/"}


@dataclass(frozen=True)
class BuiltPage:
    """One page of a finished site."""

    source: str
    """The Markdown file it comes from: ``docs/en/views.md``."""
    text: str
    """That file's text; empty if the page comes from a template."""
    elements: tuple[Element, ...]
    foreign: tuple[str, ...] = ()
    """Tags in its content that no page may hold."""
    notes: int = 0
    """How often it says where a block with a need ran, or that it did not."""

    @classmethod
    def of(cls, page: Page, source: str, text: str) -> BuiltPage:
        elements = (*elements_of(page.content), *elements_of(page.frame))
        foreign = [node.tag or "" for node in foreign_to(page.content)] if text else []
        return cls(source, text, elements, tuple(foreign), len(page.content.css(NOTE)))

    def fault(self, needle: str, message: str) -> Fault:
        """Report a fault at the first line that holds the needle."""
        lines = enumerate(self.text.split("\n"), 1)
        line = next((number for number, line in lines if needle in line), 0) if needle else 0
        return Fault(self.source, line, message)


NEVER_RAN = BuiltPage.of(read_page("<pre><code>never()</code></pre>"), "planted", "")
"""A page that must be refused on every run; a judge that lets it through is broken."""


@dataclass(frozen=True)
class Judge:
    """Compares finished pages with the sections that passed."""

    library: Library
    failed: Mapping[str, Sequence[str]]
    """Messages of the outermost sections that did not pass, by identity."""
    explained: Collection[Fault] = ()
    """Faults that stand, as a comment, in the place of the block they explain."""
    receipted: Mapping[str, list[Section]] = field(default_factory=dict)
    """Sections by the text that pages show of them with a receipt's outputs."""

    def shown(self, block: Block) -> list[Section]:
        """The sections, or excerpts, whose text a block shows."""
        return self.library.by_text.get(block.text) or self.receipted.get(block.text, [])

    def proofs(self, block: Block) -> list[Section]:
        """The outermost sections whose runs could prove a block."""
        return [self.library.proof(section) for section in self.shown(block)]

    def explanation(self, block: Block) -> Fault | None:
        lines = block.text.split("\n")
        return next((fault for fault in self.explained if as_comment(fault) in lines), None)

    def why_not(self, block: Block) -> str:
        """Say why a block may not be published; nothing if it may."""
        proofs = self.proofs(block)
        if not proofs:
            return str(self.explanation(block) or why_not_an_embed(block))
        if any(proof.identity not in self.failed for proof in proofs):
            return ""
        return "\n".join(m for proof in proofs for m in self.failed[proof.identity])

    def mark(self, page: Page, rules: Sequence[Fault]) -> None:
        """Put a red box before all that would not be published.

        Args:
            rules: Faults of the page as a whole; they stand at the top.
        """
        blocks = [e for e in elements_of(page.content) if isinstance(e, Block) and e.is_python]
        for block in blocks:
            if block.node and (why := self.why_not(block)):
                insert_before(block.node, _box(why))
        for node in foreign_to(page.content):
            insert_before(node, _box(why_foreign(node.tag or "")))
        for fault in rules:
            if page.content.root is not None:
                insert_before(page.content.root, _box(str(fault)))

    def inspect(self, page: BuiltPage) -> list[Fault]:
        """Find everything on a page that may not be published, and anchors that clash."""
        return [
            *self._clashes(page),
            *self._unproved(page),
            *self._unexplained(page),
            *foreign_faults(page.source, page.text, page.foreign),
        ]

    def _clashes(self, page: BuiltPage) -> Iterator[Fault]:
        anchors = Counter(e.anchor for e in page.elements if isinstance(e, Heading))
        for anchor, count in anchors.items():
            if count > 1:
                message = f"anchor #{anchor} stands here more than once; rename one"
                yield page.fault(f"#{anchor}", message)

    def _unproved(self, page: BuiltPage) -> Iterator[Fault]:
        """Find the blocks that are no section that passed."""
        lines = Lines(page.text)
        for block in page.elements:
            if not isinstance(block, Block) or not block.is_python or not self.why_not(block):
                continue
            if shown := self.shown(block):
                message = f"shows {shown[0].identity}, which did not pass"
                yield page.fault(shown[0].embed, message)
            else:
                why = Fault(page.source, lines.of(block), why_not_an_embed(block))
                yield self.explanation(block) or why

    def _unexplained(self, page: BuiltPage) -> Iterator[Fault]:
        """Find a page on which a block with a need stands without a note."""
        shown = [self.shown(element) for element in page.elements if isinstance(element, Block)]
        needing = [found[0] for found in shown if any(section.need for section in found)]
        if len(needing) > page.notes:
            message = f"shows {needing[0].identity} without saying where it ran; embed it"
            yield page.fault(needing[0].embed, message)

    def outline(self, page: BuiltPage) -> list[Element]:
        """List the elements that languages share: all but titles, and code by its section."""
        elements = []
        for element in page.elements:
            if isinstance(element, Block) and (shown := self.shown(element)):
                element = replace(element, text=shown[0].embed)
            if not (isinstance(element, Heading) and element.level == 1):
                elements.append(element)
        return elements

    def differences(self, first: BuiltPage, second: BuiltPage) -> list[Fault]:
        """Find the first place where two languages of a page part."""
        for one, other in zip_longest(self.outline(first), self.outline(second)):
            if one != other:
                there = first.fault(_needle(one), f"has {_describe(one)}")
                return [second.fault(_needle(other), f"has {_describe(other)} where {there}")]
        return []

    def unshown(self, pages: Sequence[BuiltPage]) -> list[Fault]:
        """Find the sections that no page shows."""
        blocks = [e for page in pages for e in page.elements if isinstance(e, Block)]
        shown = {proof.identity for block in blocks for proof in self.proofs(block)}
        message = "no page shows this section; embed it or delete it"
        runnable = self.library.runnable()
        return [s.fault(s.first - 1, message) for s in runnable if s.identity not in shown]


@dataclass(frozen=True)
class Site:
    """A finished site."""

    folder: Path
    languages: Mapping[str, str]
    """Roots of the languages in the folder, ``zh/``, by their codes; the first one's is empty."""
    verifier: Verifier
    finisher: Finisher | None = None
    """Finishes and writes each page before it is judged."""
    explained: Collection[Fault] = ()
    is_marked: bool = False
    """Whether faults are shown on the pages themselves."""

    @property
    def judge(self) -> Judge:
        library, receipts = self.verifier.library, self.verifier.receipts
        texts = texts_with_outputs(library, receipts)
        return Judge(library, self.verifier.failed, self.explained, texts)

    def judge_pages(self) -> list[Fault]:
        """Compare all pages with the sections and with each other.

        Raises:
            RunnerError: If a block that never ran is let through.
        """
        judge = self.judge
        if not judge.inspect(NEVER_RAN):
            raise RunnerError("a block that never ran was let through; nothing counts")
        pages = {code: dict(self._pages(code, judge)) for code in self.languages}
        every = [page for built in pages.values() for page in built.values()]
        faults = [fault for page in every for fault in judge.inspect(page)]
        faults += judge.unshown(every)
        first, *others = pages.values()
        for other in others:
            for name in first.keys() ^ other.keys():
                page = (first | other)[name]
                faults.append(page.fault("", "this page is missing in another language"))
            for name in first.keys() & other.keys():
                faults += judge.differences(first[name], other[name])
        return faults

    def _pages(self, language: str, judge: Judge) -> Iterator[tuple[str, BuiltPage]]:
        """Read the pages of one language, and finish them, by their path below its root."""
        root = self.languages[language]
        folder = self.folder / root
        nested = [
            self.folder / other for other in self.languages.values() if len(other) > len(root)
        ]
        for path in sorted(folder.rglob("*.html")):
            if not any(path.is_relative_to(other) for other in nested):
                name = path.relative_to(folder).as_posix()
                yield name, self._page(path, language, name, judge)

    def _page(self, path: Path, language: str, name: str, judge: Judge) -> BuiltPage:
        stem = name.removesuffix("/index.html").removesuffix(".html")
        source = self.verifier.root / "docs" / language / f"{stem}.md"
        html = path.read_text("utf-8")
        if not source.is_file():
            where = f"{self.folder.name}/{self.languages[language]}{name}"
            return BuiltPage.of(read_page(html), where, "")
        page = self.finisher.finish(html, path, language) if self.finisher else read_page(html)
        found = BuiltPage.of(page, f"docs/{language}/{stem}.md", source.read_text("utf-8"))
        if self.is_marked:
            judge.mark(page, faults_of_source(source, self.verifier))
        if self.finisher:
            path.write_text(page.html, "utf-8")
        return found


def judge_site(site: Site) -> list[Fault]:
    """Judge a finished site, and all that it was made of."""
    faults = [*site.verifier.faults, *strays(site.verifier.root)]
    for path in pages_of(site.verifier.root):
        faults += faults_of_source(path, site.verifier)
    return sorted({*faults, *site.judge_pages()})


def pages_of(root: Path) -> list[Path]:
    """List the Markdown of all languages."""
    return sorted(root.glob("docs/[a-z]*/**/*.md"))


def faults_of_source(path: Path, verifier: Verifier) -> list[Fault]:
    """Find the rules that a page breaks, or the reason why it cannot be read."""
    try:
        return faults_of_page(path, verifier.root, verifier.library)
    except FaultError as error:
        return [error.fault]


def strays(root: Path) -> Iterator[Fault]:
    """Find the files that would be published beside the pages, unread and never run."""
    for path in sorted(root.glob("docs/[a-z]*/**/*")):
        name = relative(path, root)
        if path.suffix == ".md" or "/." in name:  # generators publish no hidden files
            continue
        if path.is_symlink():
            yield Fault(name, 0, "is a symbolic link; delete it")
        elif path.is_file():
            yield Fault(name, 0, "is no page; only .md files stand here")


def as_comment(fault: Fault) -> str:
    """Word a fault so that it can stand where the block it explains would."""
    return f"# {fault}".split("\n")[0]


def _box(why: str) -> str:
    return f'<div class="fault" role="alert">{html.escape(why)}</div>'


def _describe(element: Element | None) -> str:
    match element:
        case Heading(level, anchor, difficulty):
            rating = f" data-level={difficulty}" if difficulty else ""
            return f"heading {'#' * level} {{ #{anchor}{rating} }}"
        case Figure(source):
            return f"figure {source}"
        case Block():
            return f"block {_needle(element)}"
    return "nothing more"


def _needle(element: Element | None) -> str:
    match element:
        case Heading():
            return f"#{element.anchor}"
        case Figure():
            return element.source.removeprefix("../").partition("#")[0]
        case Block():
            return element.text.strip().split("\n")[0]
    return ""


def main(arguments: Sequence[str] | None = None) -> int:
    """Judge a site from the command line."""
    parser = argparse.ArgumentParser(prog="python -m collector.gate", description=main.__doc__)
    parser.add_argument("folder", type=Path, help="the site; the project is the working folder")
    parser.add_argument("--language", choices=LANGUAGES, help="the only one that was built")
    parser.add_argument("--write", action="store_true", help="put captions into the pages first")
    chosen = parser.parse_args(arguments)
    languages = {chosen.language: ""} if chosen.language else LANGUAGES
    verifier = Verifier(Path.cwd())
    try:
        verifier.verify()
        captions = Captions(
            verifier.library, verifier.receipts, verifier.versions, root=Path.cwd()
        )
        finisher = Finisher(captions) if chosen.write else None
        faults = judge_site(Site(chosen.folder.resolve(), languages, verifier, finisher))
    finally:
        verifier.close()
    for message in [*map(str, faults), *(m for found in verifier.failed.values() for m in found)]:
        print(message)
    return 1 if faults or verifier.failed else 0


if __name__ == "__main__":
    sys.exit(main())
