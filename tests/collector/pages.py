"""Pages: what a reader sees of them, read from rendered HTML.

A page is rendered by the site's own Markdown extensions, so a fence counts
wherever it stands: in an admonition, a tab, a list, a table, or written as
raw HTML.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

import markdown
from mkdocs.config.config_options import MarkdownExtensions
from mkdocs.utils import meta
from mkdocs.utils.yaml import yaml_load

from collector.faults import Fault, read_text, relative
from collector.sections import Library, Section

EMBED = re.compile(r'--8<-- "(?P<file>[a-z][a-z0-9_]*\.py):(?P<slug>[a-z][a-z0-9-]*)"')
PYTHON = frozenset({"python", "py", "python3"})
OTHER_LANGUAGES = frozenset({"bash", "console", "yaml", "toml", "json"})
"""Languages of blocks that are not Python.  Any other block must have run."""
HOW_TO_SHOW = 'show a section instead: --8<-- "topic.py:slug"'


@dataclass(frozen=True)
class Heading:
    level: int
    anchor: str
    difficulty: str
    """``data-level`` of a question: basic, intermediate or advanced."""


@dataclass(frozen=True)
class Figure:
    source: str
    alt: str = field(compare=False)
    """Differs between languages, so equal figures may differ in it."""


@dataclass(frozen=True)
class Block:
    """A block of code as a reader sees it."""

    language: str
    text: str
    offset: int = field(compare=False, default=0)
    """Where its ``<pre>`` starts in the HTML."""

    @property
    def is_python(self) -> bool:
        return self.language not in OTHER_LANGUAGES


Element = Heading | Figure | Block


class _Reader(HTMLParser):
    """Collects elements in order, and the text outside of code.

    A block of code is a ``<pre>``, closed or not, or a ``<code>`` of several
    lines.
    """

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[Element] = []
        self.prose: list[str] = []
        self._language = ""
        self._opened: list[str] = []
        """The tags, ``pre`` or ``code``, that the reader is inside of."""
        self._code: list[str] = []
        self._offset = 0
        self._line_starts = [0, *(m.end() for m in re.finditer("\n", html))]
        self.feed(html)
        self.close()
        while self._opened:
            self.handle_endtag(self._opened[-1])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        language = re.search(r"(?:^|\s)language-(\S+)", values.get("class", ""))
        if language and tag in ("div", "pre", "code"):
            self._language = language[1].lower()
        if tag in ("pre", "code"):
            if not self._opened:
                line, column = self.getpos()
                self._offset = self._line_starts[line - 1] + column
                self._code = []
            self._opened.append(tag)
        elif re.fullmatch("h[1-6]", tag) and "id" in values:
            difficulty = values.get("data-level", "")
            self.elements.append(Heading(int(tag[1]), values["id"], difficulty))
        elif tag == "img":
            self.elements.append(Figure(values.get("src", ""), values.get("alt", "")))

    def handle_endtag(self, tag: str) -> None:
        if tag in self._opened:
            while self._opened.pop() != tag:
                pass
            text = "".join(self._code).strip("\n")
            if not self._opened and (tag == "pre" or "\n" in text):
                self.elements.append(Block(self._language, text, self._offset))
        if tag in ("pre", "div"):
            self._language = ""

    def handle_data(self, data: str) -> None:
        if self._opened:
            self._code.append(data)
        elif self.cdata_elem is None:  # the text of scripts and styles is no prose
            self.prose.append(data)


def read_html(html: str) -> list[Element]:
    """List headings with anchors, figures and blocks of code, in order."""
    return _Reader(html).elements


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


def site_markdown(root: Path) -> markdown.Markdown:
    """Build Markdown as mkdocs.yml configures it, but leave embeds as they are."""
    with (root / "mkdocs.yml").open(encoding="utf-8") as file:
        wanted = yaml_load(file)["markdown_extensions"]
    option = MarkdownExtensions(builtins=["toc", "tables", "fenced_code"])
    names = [name for name in option.validate(wanted) if name != "pymdownx.snippets"]
    configs = {name: option.configdata[name] for name in names if name in option.configdata}
    return markdown.Markdown(extensions=names, extension_configs=configs)


def read_page(path: Path, root: Path, renderer: markdown.Markdown) -> Page:
    """Read what a page shows.

    Raises:
        FaultError: If the file itself cannot be read.
    """
    text = read_text(path, root)
    name = relative(path, root)
    body, _ = meta.get_data(text)
    reader = _Reader(renderer.reset().convert(body))
    lines = _Lines(name, text)
    embeds, faults = [], []
    for block in reader.elements:
        if not isinstance(block, Block) or not block.is_python:
            continue
        match = EMBED.fullmatch(block.text.strip())
        line = lines.next(block.text)
        if not match or block.language not in PYTHON:
            faults.append(Fault(name, line, why_not_an_embed(block)))
            continue
        embed = Embed(name, line, match["file"], match["slug"])
        if embed.slug in (other.slug for other in embeds):
            faults.append(embed.fault(f"shows section {embed.slug!r} a second time"))
        else:
            embeds.append(embed)
    faults += lines.loose("".join(reader.prose))
    return Page(path, name, tuple(reader.elements), tuple(embeds), tuple(faults))


def why_not_an_embed(block: Block) -> str:
    """Say what is wrong with a block that is not one embed line."""
    text = block.text.strip()
    if not text:
        return f"empty block of code; {HOW_TO_SHOW}"
    if block.language not in PYTHON:
        language = block.language or "no language"
        others = ", ".join(sorted(OTHER_LANGUAGES))
        return f"a block in {language}; write ```python and {HOW_TO_SHOW}, or use one of {others}"
    if "--8<--" in text:
        return f"a Python fence holds one embed line and nothing else; {HOW_TO_SHOW}"
    return f"literal code, which never ran; {HOW_TO_SHOW}"


class _Lines:
    """Finds the line of a page that a rendered piece came from."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.lines = text.split("\n")
        self.used: set[int] = set()

    def next(self, rendered: str) -> int:
        """The first line not given out yet that holds the piece's first line."""
        first = rendered.strip().split("\n")[0].strip()
        found = (n for n, line in enumerate(self.lines, 1) if first in line and n not in self.used)
        number = next(found, 0) if first else 0
        self.used.add(number)
        return number

    def loose(self, prose: str) -> Iterator[Fault]:
        """Find fences and embeds that Markdown took for prose."""
        if re.search(r"```|~~~", prose):
            fences = [n for n, line in enumerate(self.lines, 1) if re.search(r"```|~~~", line)]
            yield Fault(
                self.name, fences[-1] if fences else 0, "a fence is not closed, or not open"
            )
        if "--8<--" in prose:
            message = "an embed outside a Python fence; put ```python above and ``` below it"
            yield Fault(self.name, self.next("--8<--"), message)
