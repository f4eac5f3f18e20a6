"""Evidence: what a page says of where its blocks ran, how long, and where they stand."""

from __future__ import annotations

import functools
import html
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from markdown import Markdown

from collector.markup import text_of
from collector.outputs import as_comments
from collector.receipts import Receipt, Receipts
from collector.rendering import site_markdown
from collector.sections import Library, Section
from collector.versions import Versions, say
from collector.words import read_words

BETWEEN = " · "
BOX = '<p class="evidence '
OPENING = re.compile(r"<pre[^>]*>(?:<span></span>)?<code[^>]*>")
ENDING = "</code></pre>"
"""The ends of a block as Markdown writes it; of any other nothing is said."""
COMMENT = '<span class="c1">'
PRINTED = re.compile(
    rf"{COMMENT}(?<![^\n]{COMMENT})# ?&gt;[^\n]*(?:\n{COMMENT}# ?&gt;[^\n]*)*(?:\n|\Z)"
)
"""Output lines that stand one below the other; what begins with a text is found soonest."""


@dataclass(frozen=True)
class Evidence:
    """Puts versions below blocks; and receipts, or their absence, above those with a need."""

    library: Library
    receipts: Receipts
    versions: Versions = field(default_factory=Versions)
    repository: str = ""
    """Address below which the repository shows its files; empty if none is known."""
    root: Path = Path()

    @functools.cached_property
    def texts(self) -> dict[str, list[Section]]:
        """The texts that pages show of sections with a receipt: outputs included."""
        found: dict[str, list[Section]] = {}
        for section in self.library.runnable():
            if section.need and (receipt := self.receipts.find(section)):
                found.setdefault(receipt.show(section), []).append(section)
        return found

    @functools.cached_property
    def renderer(self) -> Markdown:
        return site_markdown(self.root)

    def annotate(self, content: str, language: str) -> str:
        """Say of each block where it ran, and show what one with a need printed."""
        pieces, done = [], 0
        for opening in OPENING.finditer(content):
            end = content.find(ENDING, opening.end())
            if end < 0 or opening.start() < done:
                continue
            code = content[opening.end() : end]
            annotated = self._annotate(opening[0], code, language)
            pieces += [content[done : opening.start()], annotated]
            done = end + len(ENDING)
        return "".join([*pieces, content[done:]])

    def _annotate(self, opening: str, code: str, language: str) -> str:
        shown = self.library.by_text.get(text_of(code).strip("\n"), ())
        if not shown:
            return f"{opening}{code}{ENDING}"
        if section := next((s for s in shown if s.need), None):
            receipt = self.receipts.find(section)
            opening = self._note(section, receipt, language) + opening
            code = _with_outputs(code, section, receipt) if receipt else code
        marked = PRINTED.sub(r'<span class="printed">\g<0></span>', code)
        below = self._below(shown, language) + self._whole(shown[0], language)
        return f"{opening}{marked}{ENDING}{below}"

    def _note(self, section: Section, receipt: Receipt | None, language: str) -> str:
        """Write what stands above a block with a need."""
        said = html.escape(self.say(section, receipt, language))
        state = "ran" if receipt else "not-run"
        return f'{BOX}{state}">{said}{BETWEEN}{self.place(section)}</p>'

    def _below(self, shown: Sequence[Section], language: str) -> str:
        """Write what stands below a block: its versions and its place."""
        environments = self.versions.of(map(self.library.proof, shown))
        if not environments:
            return ""
        parts = [html.escape(say(environments, language)), self.place(shown[0])]
        return f'{BOX}versions" data-search-exclude>{BETWEEN.join(parts)}</p>'

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
        whole = self.annotate(block, language)
        summary = read_words(language).say("captions.whole")
        return f"<details><summary>{summary}</summary>{whole}</details>"

    def say(self, section: Section, receipt: Receipt | None, language: str) -> str:
        """Word where a section ran, or that it did not."""
        words = read_words(language)
        if receipt is not None:
            return words.say(
                "captions.ran", device=receipt.device, torch=receipt.torch, date=receipt.date
            )
        known = section.identity in self.receipts.entries
        checked = words.say("captions.checked")
        return words.say("captions.stale" if known else "captions.never", checked=checked)


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
