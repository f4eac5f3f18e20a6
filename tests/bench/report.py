"""The table that the benchmarks print."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from importlib import metadata

from bench.measure import Cost

HEADINGS = ("Measured", "With", "Wall", "CPU", "Wall ratio", "CPU ratio", "Memory", "Target")
PACKAGES = (
    *("torch", "pytest", "mkdocs"),
    *("pytest-markdown-docs", "sybil", "pytest-examples"),
)


@dataclass(frozen=True)
class Row:
    """One line: a cost, beside the cost that it is divided by."""

    measured: str
    contender: str
    cost: Cost
    base: Cost | None = None
    target: str = ""

    def cells(self) -> tuple[str, ...]:
        wall = f"{self.cost.wall / self.base.wall:.2f}" if self.base else ""
        cpu = f"{self.cost.cpu / self.base.cpu:.2f}" if self.base and self.cost.cpu else ""
        peak = f"{self.cost.peak / 2**20:.0f} MiB" if self.cost.peak else ""
        seconds = [f"{value:.2f} s" if value else "" for value in (self.cost.wall, self.cost.cpu)]
        return (self.measured, self.contender, *seconds, wall, cpu, peak, self.target)


def table(rows: Iterable[Row]) -> str:
    """Write rows as a Markdown table."""
    lines = [HEADINGS, ("---",) * len(HEADINGS), *(row.cells() for row in rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def machine() -> str:
    """Describe date and machine of the figures."""
    found = []
    for package in PACKAGES:
        try:
            found.append(f"{package} {metadata.version(package)}")
        except metadata.PackageNotFoundError:
            continue
    cores, python = os.cpu_count(), platform.python_version()
    return f"{date.today()}, {cores} cores, Python {python}, {', '.join(found)}."
