"""Captions: lines on a finished page that say where its blocks ran and where they stand.

They are put into the tree of a page's content, which ``finishing`` writes.
"""

from __future__ import annotations

import functools
import html
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from markdown import Markdown

from collector.html import Node, Tree, insert_after, insert_before, read_tree
from collector.outputs import as_comments
from collector.receipts import Receipt, Receipts
from collector.rendering import site_markdown
from collector.sections import Library, Section
from collector.versions import Versions, describe
from collector.words import read_words

BETWEEN = " · "
NOTE = "p.evidence:is(.ran, .not-run)"
UNCOLOURED = re.compile(
    r'<span class="(?:n|nn|nc|nf|ne|fm|kc|o|p|w)">([^<]*)</span>|(?<=<pre>)<span></span>'
)
"""Names, constants, operators, punctuation and white space, as Pygments marks them."""
COMMENT = '<span class="c1">'
PRINTED = re.compile(
    rf"{COMMENT}(?<![^\n]{COMMENT})# ?&gt;[^\n]*(?:\n{COMMENT}# ?&gt;[^\n]*)*(?:\n|\Z)"
)
"""Output lines that stand one below the other; a pattern that begins with a text is fastest."""


@dataclass(frozen=True)
class Captions:
    """Puts versions below blocks; and receipts, or their absence, above those with a need."""

    library: Library
    receipts: Receipts
    versions: Versions = field(default_factory=Versions)
    repository: str = ""
    """Address below which the repository shows its files; empty if none is known."""
    root: Path = Path()

    @functools.cached_property
    def renderer(self) -> Markdown:
        return site_markdown(self.root)

    def annotate(self, tree: Tree, language: str) -> None:
        """Say of each block where it ran, and show the output of one with a need."""
        for code in tree.css("pre > code"):
            pre = code.parent
            shown = self.library.by_text.get(code.text().strip("\n"), ())
            if pre is not None and shown:
                self._annotate(pre, code, shown, language)

    def _annotate(self, pre: Node, code: Node, shown: Sequence[Section], language: str) -> None:
        lines = code.inner_html or ""
        if section := next((s for s in shown if s.need), None):
            receipt = self.receipts.find(section)
            insert_before(pre, self._note(section, receipt, language))
            lines = _with_outputs(lines, section, receipt) if receipt else lines
        code.inner_html = PRINTED.sub(r'<span class="printed">\g<0></span>', lines)
        insert_after(pre, self._whole(shown[0], language))
        insert_after(pre, self._below(shown, language))

    def _note(self, section: Section, receipt: Receipt | None, language: str) -> str:
        """Write the line above a block with a need."""
        said = html.escape(self.note(section, receipt, language))
        state = "ran" if receipt else "not-run"
        return f'<p class="evidence {state}">{said}{BETWEEN}{self.place(section)}</p>'

    def _below(self, shown: Sequence[Section], language: str) -> str:
        """Write the line below a block: its versions and its place."""
        environments = self.versions.of(map(self.library.proof, shown))
        if not environments:
            return ""
        parts = [html.escape(describe(environments, language)), self.place(shown[0])]
        return f'<p class="evidence versions">{BETWEEN.join(parts)}</p>'

    def place(self, section: Section) -> str:
        """Name the lines of the repository that a block shows; link them if it has an address."""
        name = f"{section.name}:{section.first}"
        if not self.repository:
            return name
        address = f"{self.repository}{section.name}#L{section.first}-L{section.last}"
        return f'<a href="{html.escape(address)}">{name}</a>'

    def _whole(self, shown: Section, language: str) -> str:
        """Fold the script that an excerpt is a part of below it, ready to be copied."""
        proof = self.library.proof(shown)
        if proof is shown:
            return ""
        block = self.renderer.reset().convert(f"``````python\n{proof.text}\n``````")
        whole = read_tree(without_uncoloured(block))
        self.annotate(whole, language)
        summary = read_words(language).text("captions.whole")
        return f"<details><summary>{summary}</summary>{whole.html}</details>"

    def note(self, section: Section, receipt: Receipt | None, language: str) -> str:
        """Return the sentence on where a section ran, or that it did not."""
        words = read_words(language)
        if receipt is not None:
            return words.text(
                "captions.ran", device=receipt.device, torch=receipt.torch, date=receipt.date
            )
        known = section.identity in self.receipts.entries
        checked = words.text("captions.checked")
        return words.text("captions.stale" if known else "captions.never", checked=checked)


def without_uncoloured(content: str) -> str:
    """Take away the elements around code that no style touches; they are half of all."""
    return UNCOLOURED.sub(lambda found: found[1] or "", content)


def texts_with_outputs(library: Library, receipts: Receipts) -> dict[str, list[Section]]:
    """Map the texts that pages show of sections with a receipt, outputs included."""
    found: dict[str, list[Section]] = {}
    for section in library.runnable():
        if section.need and (receipt := receipts.find(section)):
            found.setdefault(receipt.show(section), []).append(section)
    return found


def _with_outputs(code: str, section: Section, receipt: Receipt) -> str:
    """Insert printed lines into highlighted code, below the lines that printed them."""
    blank = next(number for number, line in enumerate(section.lines) if line.strip())
    lines = code.split("\n")
    for number, printed in sorted(receipt.printed.items(), key=lambda item: -int(item[0])):
        comments = (html.escape(text, quote=False) for text in as_comments(printed))
        spans = [f"{COMMENT}{comment}</span>" for comment in comments]
        position = int(number) - blank
        lines[position:position] = spans
    return "\n".join(lines)
