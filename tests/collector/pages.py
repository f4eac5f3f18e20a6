"""Pages: which sections they show, read from rendered HTML.

A page is rendered by the site's own Markdown extensions, so a fence counts
wherever it stands: in an admonition, a tab, a list, a table, or written as
raw HTML.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import markdown
from mkdocs.utils import meta

from collector.faults import Fault, read_text, relative
from collector.html import (
    FENCE_MARKS,
    OTHER_LANGUAGES,
    Block,
    Element,
    elements_of,
    foreign_to,
    read_tree,
)
from collector.sections import Library, Section

EMBED = re.compile(r'--8<-- "(?P<file>[a-z][a-z0-9_]*\.py):(?P<slug>[a-z][a-z0-9-]*)"')
PYTHON = frozenset({"python", "py", "python3"})
EMBED_MARK = "-8<-"  # pymdownx takes any number of dashes
FENCE = re.compile(r"\s*(?P<marks>`{3,}|~{3,})\s*(?:\{\s*\.)?(?P<language>[A-Za-z0-9]*)")
HOW_TO_SHOW = 'show a section instead: --8<-- "topic.py:slug"'
NOT_ALONE = "an embed stands alone in a Python fence; put ```python above and ``` below it"


@dataclass(frozen=True)
class Embed:
    """One section shown by one page."""

    page: str
    """The page, relative to the root: ``docs/en/views.md``."""
    line: int
    file: str
    """The module below ``snippets/``: ``views.py``."""
    slug: str

    def fault(self, message: str) -> Fault:
        return Fault(self.page, self.line, message)

    def section(self, library: Library) -> Section:
        """Find the section shown.

        Raises:
            FaultError: If there is none.
        """
        return library.find(self.file, self.slug, self.fault(""))


@dataclass(frozen=True)
class Page:
    """One Markdown page, read without replacing its embeds."""

    path: Path
    name: str
    elements: tuple[Element, ...]
    embeds: tuple[Embed, ...]
    faults: tuple[Fault, ...]


def read_page(path: Path, root: Path, renderer: markdown.Markdown) -> Page:
    """Read the embeds and faults of a page.

    Raises:
        FaultError: If the file itself cannot be read.
    """
    text = read_text(path, root)
    name = relative(path, root)
    body, _ = meta.get_data(text)
    tree = read_tree(renderer.reset().convert(body))
    elements = tuple(elements_of(tree))
    blocks = [element for element in elements if isinstance(element, Block)]
    lines = Lines(text)
    embeds: dict[str, Embed] = {}
    faults = []
    for block in blocks:
        if not block.is_python and EMBED_MARK not in block.text:
            continue
        match = EMBED.fullmatch(block.text.strip())
        line = lines.of(block)
        if not match or block.language not in PYTHON:
            faults.append(Fault(name, line, why_not_an_embed(block)))
            continue
        embed = Embed(name, line, match["file"], match["slug"])
        if embed.slug in embeds:
            faults.append(embed.fault(f"shows section {embed.slug!r} a second time"))
        else:
            embeds[embed.slug] = embed
    in_blocks = sum(block.text.count(EMBED_MARK) for block in blocks)
    if tree.text().count(EMBED_MARK) > in_blocks:
        faults.append(Fault(name, lines.next(EMBED_MARK), NOT_ALONE))
    faults += foreign_faults(name, text, [node.tag or "" for node in foreign_to(tree)])
    return Page(path, name, elements, tuple(embeds.values()), tuple(faults))


def foreign_faults(name: str, text: str, tags: Iterable[str]) -> list[Fault]:
    """Find the lines of tags that could show, or make, code that is read as no block.

    Args:
        name: The page as messages name it.
        text: Its Markdown.
        tags: The tags in its content.
    """
    lines = Lines(text)
    return [Fault(name, lines.of_tag(tag), why_foreign(tag)) for tag in tags]


def why_foreign(tag: str) -> str:
    return f"<{tag} begins HTML that no page may hold; write Markdown, or put it in backticks"


def why_not_an_embed(block: Block) -> str:
    """Explain why a block is not one embed line."""
    text = block.text.strip()
    if not text:
        return f"empty block of code; {HOW_TO_SHOW}"
    if block.is_session:
        return f"an interactive session, which never ran; {HOW_TO_SHOW}"
    if FENCE_MARKS.match(text):
        return "a fence is not closed, or not open"
    if block.language not in PYTHON:
        language = block.language or "no language"
        others = ", ".join(sorted(OTHER_LANGUAGES))
        return f"a block in {language}; write ```python and {HOW_TO_SHOW}, or use one of {others}"
    if EMBED_MARK in text:
        return f"a Python fence holds one embed line and nothing else; {HOW_TO_SHOW}"
    return f"literal code, which never ran; {HOW_TO_SHOW}"


def is_fenced(lines: Sequence[str], position: int) -> bool:
    """Tell whether a line stands alone between the two ends of a Python fence."""
    above = next((line for line in reversed(lines[:position]) if line.strip()), "")
    below = next((line for line in lines[position + 1 :] if line.strip()), "")
    opening = FENCE.match(above)
    return (
        opening is not None
        and opening["language"].lower() in PYTHON
        and below.strip() == opening["marks"]
    )


def fences(lines: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield the positions of both ends of each fence; its own twice if it is not closed."""
    position = 0
    while position < len(lines):
        if opening := FENCE.match(lines[position]):
            below = range(position + 1, len(lines))
            ends = (n for n in below if lines[n].strip() == opening["marks"])
            end = next(ends, position)
            yield position, end
            position = end
        position += 1


class Lines:
    """Finds the lines of a page that rendered pieces came from, in their order."""

    def __init__(self, text: str) -> None:
        self._lines = text.split("\n")
        self._used: set[int] = set()
        self._last = 0

    def of(self, block: Block) -> int:
        """The line that a faulty block, or an embed, begins on."""
        text = block.text.strip()
        if not text:
            found = (start for start, end in fences(self._lines) if self._is_blank(start, end))
        elif FENCE_MARKS.match(text):
            found = (start for start, end in fences(self._lines) if start == end)
        else:
            return self.next(text)
        return self._use(found)

    def next(self, rendered: str) -> int:
        """The next line not given out yet that holds the piece's first line."""
        first = rendered.strip().split("\n")[0].strip()
        if not first:
            return 0
        positions = chain(range(self._last, len(self._lines)), range(self._last))
        return self._use(n for n in positions if first in self._lines[n])

    def of_tag(self, tag: str) -> int:
        """The next line not given out yet that holds an opening tag."""
        opening = re.compile(rf"<{re.escape(tag)}\b", re.IGNORECASE)
        return self._use(n for n, line in enumerate(self._lines) if opening.search(line))

    def _use(self, positions: Iterable[int]) -> int:
        position = next((n for n in positions if n not in self._used), None)
        if position is None:
            return 0
        self._used.add(position)
        self._last = position + 1
        return position + 1

    def _is_blank(self, start: int, end: int) -> bool:
        return start < end and not "".join(self._lines[start + 1 : end]).strip()
