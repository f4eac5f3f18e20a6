"""Pages: which sections they show, read from rendered HTML.

A page is rendered by the site's own Markdown extensions, so a fence counts
wherever it stands: in an admonition, a tab, a list, a table, or written as
raw HTML.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import markdown
from mkdocs.config.config_options import MarkdownExtensions
from mkdocs.utils import meta
from mkdocs.utils.yaml import yaml_load

from collector.faults import Fault, read_text, relative
from collector.markup import OTHER_LANGUAGES, Block, Element, parse_html
from collector.sections import Library, Section

EMBED = re.compile(r'--8<-- "(?P<file>[a-z][a-z0-9_]*\.py):(?P<slug>[a-z][a-z0-9-]*)"')
PYTHON = frozenset({"python", "py", "python3"})
HOW_TO_SHOW = 'show a section instead: --8<-- "topic.py:slug"'


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
    elements, prose = parse_html(renderer.reset().convert(body))
    lines = _Lines(name, text)
    embeds, faults = [], []
    for block in elements:
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
    faults += lines.loose(prose)
    return Page(path, name, tuple(elements), tuple(embeds), tuple(faults))


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
