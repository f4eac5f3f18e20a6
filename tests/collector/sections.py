"""Sections: the marked parts of ``snippets/*.py`` that pages show.

pymdownx.snippets publishes an unclosed section to the end of the file, the
first of two same-named ones and an empty one without a word, so this strict
reader decides what a section is.
"""

from __future__ import annotations

import ast
import functools
import re
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from collector.faults import Fault, FaultError, read_text, relative
from collector.needs import Need

MARKER = re.compile(
    r"\s*# --8<-- \[(?P<kind>start|end):(?P<slug>[a-z][a-z0-9]*(-[a-z0-9]+)*)\]"
    r"(?: needs: (?P<need>\S+))?"
)
NEED = re.compile(r"cuda(?::(?P<count>[2-8]))?")
LOOKS_LIKE_MARKER = re.compile(r"-8<-")


@dataclass(frozen=True)
class Section:
    """The lines between ``[start:slug]`` and ``[end:slug]`` of one module."""

    path: Path
    """The module, absolute."""
    name: str
    """The module as pages and messages name it: ``snippets/views.py``."""
    slug: str
    first: int
    """Line of the first line after the start marker, from 1."""
    lines: tuple[str, ...]
    """The lines as they stand in the file, markers of excerpts included."""
    outermost: str
    """Slug of the section that is run to prove this one: itself, or the one
    that this one is an excerpt of."""
    need: Need | None = None
    """CUDA devices that it requires."""

    @property
    def identity(self) -> str:
        """Name for tests and records: ``views.py:slug``."""
        return f"{self.name.removeprefix('snippets/')}:{self.slug}"

    @property
    def embed(self) -> str:
        """The line that shows this section on a page."""
        return f'--8<-- "{self.identity}"'

    @property
    def source(self) -> str:
        """The text that runs, line for line as in the file."""
        return "\n".join(self.lines) + "\n"

    @functools.cached_property
    def text(self) -> str:
        """The text that a page shows: without markers, dedented."""
        shown = (line for line in self.lines if "-8<-" not in line or not MARKER.fullmatch(line))
        return textwrap.dedent("\n".join(shown)).strip("\n")

    @property
    def last(self) -> int:
        """Line of the last line before the end marker."""
        return self.first + len(self.lines) - 1

    def fault(self, line: int, message: str) -> Fault:
        return Fault(self.name, line, message)


@dataclass(frozen=True)
class Module:
    """One file of sections."""

    path: Path
    text: str
    sections: dict[str, Section]


def read_module(path: Path, root: Path) -> Module:
    """Read the sections of one module.

    Raises:
        FaultError: If a marker is malformed, unbalanced or named twice, a
            section is empty or holds a tab, or code stands outside every section.
    """
    text = read_text(path, root)
    name = relative(path, root)
    lines = text.split("\n")
    if tab := next((number for number, line in enumerate(lines, 1) if "\t" in line), 0):
        _refuse(name, tab, "holds a tab, which pages show as blanks; write blanks, or \\t")
    sections: dict[str, Section] = {}
    for slug, start, end, outermost in _spans(lines, name):
        need = _need(lines[start - 1], name, start, slug == outermost)
        inner = tuple(lines[start : end - 1])
        section = Section(path, name, slug, start + 1, inner, outermost, need)
        if not section.text or not _has_code(section):
            raise FaultError(Fault(name, start, f"section {slug!r} holds no code"))
        sections[slug] = section
    for section in sections.values():
        if section.slug != section.outermost and sections[section.outermost].need:
            _refuse(name, section.first - 1, "a section with a need is shown whole")
    _refuse_code_outside(lines, sections.values(), name)
    in_order = sorted(sections.values(), key=lambda section: section.first)
    return Module(path, text, {section.slug: section for section in in_order})


def _spans(lines: list[str], name: str) -> Iterator[tuple[str, int, int, str]]:
    """Yield slug, line of start marker, line of end marker, outermost slug."""
    opened: list[tuple[str, int]] = []
    seen: dict[str, int] = {}
    for number, line in enumerate(lines, 1):
        if not LOOKS_LIKE_MARKER.search(line):
            continue
        marker = MARKER.fullmatch(line)
        if marker is None:
            _refuse(name, number, "write '# --8<-- [start:slug]' or '# --8<-- [end:slug]' alone")
        slug = marker["slug"]
        if marker["kind"] == "end" and marker["need"]:
            _refuse(name, number, "a need stands behind the start marker")
        if marker["kind"] == "start":
            if slug in seen:
                _refuse(name, number, f"section {slug!r} is already at line {seen[slug]}; rename")
            seen[slug] = number
            opened.append((slug, number))
            continue
        if not opened:
            _refuse(name, number, f"section {slug!r} ends here but starts nowhere")
        inner, start = opened.pop()
        if inner != slug:
            _refuse(name, number, f"section {inner!r} of line {start} must end before {slug!r}")
        yield slug, start, number, opened[0][0] if opened else slug
    if opened:
        slug, start = opened[-1]
        _refuse(name, start, f"section {slug!r} is never closed; add '# --8<-- [end:{slug}]'")


def _need(marker: str, name: str, line: int, is_outermost: bool) -> Need | None:
    """Read the need behind a start marker."""
    found = MARKER.fullmatch(marker)
    text = found["need"] if found else None
    if text is None:
        return None
    if not (need := NEED.fullmatch(text)):
        _refuse(name, line, f"the need {text!r} is unknown; there are cuda and cuda:2 to cuda:8")
    if not is_outermost:
        _refuse(name, line, "an excerpt has no need of its own; the section around it has one")
    return Need(int(need["count"] or 1))


def _refuse(name: str, line: int, message: str) -> NoReturn:
    raise FaultError(Fault(name, line, message))


def _has_code(section: Section) -> bool:
    return any(line.strip() and not line.strip().startswith("#") for line in section.lines)


def _refuse_code_outside(lines: list[str], sections: Iterable[Section], name: str) -> None:
    """Nothing but a docstring may stand outside: readers never see the rest."""
    inside = {n for s in sections for n in range(s.first - 1, s.last + 2)}
    outside = ["" if n in inside else line for n, line in enumerate(lines, 1)]
    try:
        statements = ast.parse("\n".join(outside)).body
    except SyntaxError as error:
        _refuse(name, error.lineno or 1, f"{error.msg}, outside every section")
    for node in statements:
        if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
            _refuse(name, node.lineno, "code outside every section; move it into one")


def statements(section: Section) -> list[ast.stmt]:
    """Parse a section to its top-level statements, with the file's line numbers.

    Raises:
        SyntaxError: With the file's line number, if it does not parse.
    """
    return parse(section.source, section.first, str(section.path))


@functools.lru_cache(4)  # two ask in turn
def parse(source: str, first: int, filename: str) -> list[ast.stmt]:
    """Parse source whose first line is line ``first`` of ``filename``."""
    above = "\n" * (first - 1)  # cheaper than moving every node down afterwards
    try:
        return ast.parse(above + source, filename).body
    except SyntaxError as error:
        error.end_lineno = None
        raise


def span(node: ast.stmt) -> tuple[int, int]:
    """First and last line of a statement, decorators included."""
    decorators = getattr(node, "decorator_list", [])
    return min([node.lineno, *(d.lineno for d in decorators)]), node.end_lineno or node.lineno


@dataclass(frozen=True)
class Library:
    """All modules of sections of one project, and their faults."""

    modules: dict[str, Module]
    """By file name: ``views.py``."""
    faults: dict[str, Fault]
    """By file name, the modules that could not be read."""

    def sections(self) -> Iterator[Section]:
        for module in self.modules.values():
            yield from module.sections.values()

    @functools.cached_property
    def by_text(self) -> dict[str, list[Section]]:
        """The sections, or excerpts, that show a text."""
        found: dict[str, list[Section]] = {}
        for section in self.sections():
            found.setdefault(section.text, []).append(section)
        return found

    def runnable(self) -> Iterator[Section]:
        """The outermost sections: one run proves each and its excerpts."""
        return (section for section in self.sections() if section.slug == section.outermost)

    def proof(self, section: Section) -> Section:
        """The section whose run proves this one: itself or the outermost around it."""
        if section.slug == section.outermost:
            return section
        return self.modules[section.path.name].sections[section.outermost]

    def find(self, file: str, slug: str, where: Fault) -> Section:
        """Find an embedded section.

        Args:
            where: The fault to raise if there is none; its message is replaced.

        Raises:
            FaultError: If the module is faulty, or module or section is missing.
        """
        if file in self.faults:
            fault = self.faults[file]
            raise FaultError(Fault(where.path, where.line, f"cannot show {slug!r}: {fault}"))
        module = self.modules.get(file)
        if module is None:
            raise FaultError(Fault(where.path, where.line, f"there is no snippets/{file}"))
        if slug not in module.sections:
            known = ", ".join(module.sections)
            message = f"snippets/{file} has no section {slug!r}; it has: {known}"
            raise FaultError(Fault(where.path, where.line, message))
        return module.sections[slug]


def read_library(root: Path) -> Library:
    """Read every module of sections under ``snippets/`` (not the toolbox)."""
    modules: dict[str, Module] = {}
    faults: dict[str, Fault] = {}
    for path in sorted((root / "snippets").glob("*.py")):
        if path.name == "__init__.py":
            continue
        try:
            modules[path.name] = read_module(path, root)
        except FaultError as error:
            faults[path.name] = error.fault
    return Library(modules, faults)
