"""Inspection: whether rendered pages show what passed, and the same in each language."""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import zip_longest

from collector.faults import Fault
from collector.markup import Block, Element, Figure, Heading, foreign_markup, read_html
from collector.pages import Lines, why_foreign, why_not_an_embed
from collector.sections import Library, Section


@dataclass(frozen=True)
class Rendered:
    """One page of the site as it would be published."""

    source: str
    """The Markdown file it comes from: ``docs/en/views.md``."""
    text: str
    """That file's text; empty if the page comes from a template."""
    elements: tuple[Element, ...]
    notes: int = 0
    """How often it says where a block with a need ran, or that it did not."""

    def fault(self, needle: str, message: str) -> Fault:
        """Say what is wrong at the first line that holds the needle."""
        lines = enumerate(self.text.split("\n"), 1)
        line = next((number for number, line in lines if needle in line), 0) if needle else 0
        return Fault(self.source, line, message)


@dataclass(frozen=True)
class Inspector:
    """Compares rendered pages with the sections that passed."""

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

    def mark(self, content: str) -> str:
        """Put a red box before what would not be published."""
        blocks = [e for e in read_html(content) if isinstance(e, Block) and e.is_python]
        reasons = [(block.offset, why) for block in blocks if (why := self.why_not(block))]
        reasons += [(found.start(), why_foreign(found[0])) for found in foreign_markup(content)]
        for offset, why in sorted(reasons, reverse=True):
            box = f'<div class="fault" role="alert">{html.escape(why)}</div>'
            content = content[:offset] + box + content[offset:]
        return content

    def inspect(self, page: Rendered) -> list[Fault]:
        """Find the blocks of a page that may not be published, and anchors that clash."""
        anchors = Counter(e.anchor for e in page.elements if isinstance(e, Heading))
        faults = [
            page.fault(f"#{anchor}", f"anchor #{anchor} stands here more than once; rename one")
            for anchor, count in anchors.items()
            if count > 1
        ]
        lines = Lines(page.text)
        for block in page.elements:
            if not isinstance(block, Block) or not block.is_python or not self.why_not(block):
                continue
            if shown := self.shown(block):
                message = f"shows {shown[0].identity}, which did not pass"
                faults.append(page.fault(shown[0].embed, message))
            else:
                why = Fault(page.source, lines.of(block), why_not_an_embed(block))
                faults.append(self.explanation(block) or why)
        return faults + self.unexplained(page)

    def unexplained(self, page: Rendered) -> list[Fault]:
        """Find a page on which a block with a need stands without a note."""
        shown = [self.shown(element) for element in page.elements if isinstance(element, Block)]
        needing = [found[0] for found in shown if any(section.need for section in found)]
        if len(needing) <= page.notes:
            return []
        message = f"shows {needing[0].identity} without saying where it ran; embed it"
        return [page.fault(needing[0].embed, message)]

    def outline(self, page: Rendered) -> list[Element]:
        """What every language must share: all but titles, and code by its section."""
        elements = []
        for element in page.elements:
            if isinstance(element, Block) and (shown := self.shown(element)):
                element = replace(element, text=shown[0].embed)
            if not (isinstance(element, Heading) and element.level == 1):
                elements.append(element)
        return elements

    def differences(self, first: Rendered, second: Rendered) -> list[Fault]:
        """Find the first place where two languages of a page part."""
        for one, other in zip_longest(self.outline(first), self.outline(second)):
            if one != other:
                there = first.fault(_needle(one), f"has {_describe(one)}")
                return [second.fault(_needle(other), f"has {_describe(other)} where {there}")]
        return []

    def unshown(self, pages: Sequence[Rendered]) -> list[Fault]:
        """Find the sections that no page shows."""
        blocks = [e for page in pages for e in page.elements if isinstance(e, Block)]
        shown = {proof.identity for block in blocks for proof in self.proofs(block)}
        message = "no page shows this section; embed it or delete it"
        runnable = self.library.runnable()
        return [s.fault(s.first - 1, message) for s in runnable if s.identity not in shown]


def as_comment(fault: Fault) -> str:
    """Word a fault so that it can stand where the block it explains would."""
    return f"# {fault}".split("\n")[0]


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
