"""Sections that passed, with code, output and figure apart."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from collector.captions import Captions
from collector.outputs import expected
from collector.sections import MARKER

TOOLBOX = re.compile(r"^from snippets\.toolbox\.(\w+) import", re.M)
LASTING = re.compile(r'register_package\(|torch\.hub\.\w+ = |environ\["CUDA_VISIBLE_DEVICES"\] =')
"""Calls that change a process for all code that runs in it later."""
IMPORT = re.compile(r"^\s*(?:import|from) ([\w.]+)", re.M)
DISTRIBUTIONS = {"torch", "torchvision", "numpy", "matplotlib", "tensorboard"}
"""Imports that a reader may have to install; pip brings the rest with them."""


@dataclass(frozen=True)
class ExportedSection:
    """One section that passed, or whose need this machine does not meet."""

    topic: str
    slug: str
    text: str
    """As pages show it, with output below each statement, as comments."""
    code: str
    """The same without output."""
    printed: tuple[str, ...]
    figure: Path | None
    """SVG for light pages."""
    count: int
    """CUDA devices that it needs."""
    note: str
    """Says where a section with a need ran, as pages do; else empty."""
    is_excerpt: bool
    """Whether it runs only as a part of another section."""

    @property
    def runs_alone(self) -> bool:
        """Whether it must not share a process with others, as cells of a notebook do."""
        return LASTING.search(self.code) is not None

    @property
    def toolbox(self) -> tuple[str, ...]:
        """Modules of the toolbox that it imports."""
        return tuple(TOOLBOX.findall(self.code))

    @property
    def imports(self) -> set[str]:
        """Distributions that it imports."""
        words = {word for found in IMPORT.findall(self.code) for word in found.split(".")}
        return words & DISTRIBUTIONS

    def guarded(self, code: str) -> str:
        """Let code run only where its need is met, so that all else runs anywhere."""
        if not self.count:
            return code
        test = f"if torch.cuda.device_count() >= {self.count}:"
        return f"import torch\n\n{test}\n{textwrap.indent(code, '    ')}"


Sections = Mapping[tuple[str, str], ExportedSection]
"""By topic and slug."""


def read_exported(verifier, language: str) -> dict[tuple[str, str], ExportedSection]:
    """Read the sections of a project; none if there is one that has not passed."""
    library = verifier.library
    captions = Captions(library, verifier.receipts)
    if library.faults or not all(map(verifier.passed, library.runnable())):
        return {}
    found: dict[tuple[str, str], ExportedSection] = {}
    for section in library.sections():
        proof = library.proof(section)
        receipt = verifier.receipts.find(section) if section.need else None
        printed = _printed(section)
        if receipt is not None:
            printed = {int(number) - 1: tuple(lines) for number, lines in receipt.printed.items()}
        is_excerpt = section is not proof
        has_figure = verifier.records[proof.identity].figure and not is_excerpt
        found[section.path.stem, section.slug] = ExportedSection(
            topic=section.path.stem,
            slug=section.slug,
            text=receipt.show(section) if receipt else section.text,
            code=_code(section),
            printed=tuple(line for _, lines in sorted(printed.items()) for line in lines),
            figure=verifier.store.figure(section, "light") if has_figure else None,
            count=section.need.count if section.need else 0,
            note=captions.note(section, receipt, language) if section.need else "",
            is_excerpt=is_excerpt,
        )
    return found


def _printed(section) -> dict[int, tuple[str, ...]]:
    """Map lines of the section, from 0, to the output that stands below them."""
    if section.slug != section.outermost:
        return {}
    return {last - section.first: output.lines for last, output in expected(section).items()}


def _code(section) -> str:
    """Remove output and the markers of excerpts."""
    if not (below := _printed(section)):
        return section.text
    lines = (line for line in _without(section.lines, below) if not MARKER.fullmatch(line))
    return "\n".join(lines).strip("\n")


def _without(lines: Iterable[str], below: Mapping[int, tuple[str, ...]]) -> Iterator[str]:
    skip = 0
    for number, line in enumerate(lines):
        if skip:
            skip -= 1
            continue
        yield line
        skip = len(below.get(number, ()))
