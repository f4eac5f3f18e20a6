"""Evidence: what a page says of where its blocks ran."""

from __future__ import annotations

import functools
import html
from collections.abc import Iterable
from dataclasses import dataclass, field

from collector.markup import Block, read_html
from collector.outputs import as_comments
from collector.passes import Versions
from collector.receipts import Receipt, Receipts
from collector.sections import Library, Section

WORDS = {
    "en": {
        "ran": "Ran on {device}, torch {torch}, {date}.",
        "stale": "Not run on a GPU since it was edited. {checked}",
        "never": "Not run on a GPU since it was written. {checked}",
        "checked": "Only its names and calls were checked, so it shows no output.",
    },
    "zh": {
        "ran": "在 {device} 上跑过：torch {torch}，{date}。",
        "stale": "改动之后还没有在 GPU 上跑过。{checked}",
        "never": "写成之后还没有在 GPU 上跑过。{checked}",
        "checked": "只检查过其中的名字和调用，所以没有输出。",
    },
}
BOX = '<p class="evidence '


@dataclass(frozen=True)
class Evidence:
    """Puts versions below blocks; and receipts, or their absence, above those with a need."""

    library: Library
    receipts: Receipts
    versions: Versions = field(default_factory=Versions)

    @functools.cached_property
    def texts(self) -> dict[str, list[Section]]:
        """The texts that pages show of sections with a receipt: outputs included."""
        found: dict[str, list[Section]] = {}
        for section in self.library.runnable():
            if section.need and (receipt := self.receipts.find(section)):
                found.setdefault(receipt.show(section), []).append(section)
        return found

    def annotate(self, content: str, language: str) -> str:
        """Say of each block where it ran, and show what one with a need printed."""
        pieces, done = [], 0
        for element in read_html(content):
            if not isinstance(element, Block):
                continue
            shown = self.library.by_text.get(element.text, ())
            if section := next((s for s in shown if s.need), None):
                end, piece = self._with_note(content, element.offset, section, language)
            else:
                end, piece = self._with_versions(content, element.offset, shown, language)
            pieces += [content[done : element.offset], piece]
            done = end
        return "".join([*pieces, content[done:]])

    def _with_note(
        self, content: str, offset: int, section: Section, language: str
    ) -> tuple[int, str]:
        """Write a block with a need anew: a note above it, its receipt's output in it."""
        receipt = self.receipts.find(section)
        start = content.index("<code>", offset) + len("<code>")
        end = content.index("</code>", start)
        code = content[start:end]
        if receipt is not None:
            code = _with_outputs(code, section, receipt)
        note = html.escape(self.say(section, receipt, language))
        state = "ran" if receipt else "not-run"
        return end, f'{BOX}{state}">{note}</p>{content[offset:start]}{code}'

    def _with_versions(
        self, content: str, offset: int, shown: Iterable[Section], language: str
    ) -> tuple[int, str]:
        """Put below a block, outside of its ``<pre>``, on which versions it passed."""
        end = content.find("</pre>", offset)
        if end < 0 or not content.startswith("<pre", offset):
            return offset, ""
        end += len("</pre>")
        line = self.versions.line(map(self.library.proof, shown), language)
        return end, content[offset:end] + line

    def say(self, section: Section, receipt: Receipt | None, language: str) -> str:
        """Word where a section ran, or that it did not."""
        words = WORDS[language]
        if receipt is not None:
            date = receipt.date
            return words["ran"].format(device=receipt.device, torch=receipt.torch, date=date)
        known = section.identity in self.receipts.entries
        return words["stale" if known else "never"].format(checked=words["checked"])


def _with_outputs(code: str, section: Section, receipt: Receipt) -> str:
    """Insert printed lines into highlighted code, below the lines that printed them."""
    blank = next(number for number, line in enumerate(section.lines) if line.strip())
    lines = code.split("\n")
    for number, printed in sorted(receipt.printed.items(), key=lambda item: -int(item[0])):
        comments = (html.escape(text, quote=False) for text in as_comments(printed))
        spans = [f'<span class="c1">{comment}</span>' for comment in comments]
        position = int(number) - blank
        lines[position:position] = spans
    return "\n".join(lines)
