"""Shows the newest entries of ``CHANGELOG.md``.

An entry is a list item below the heading of its day.  One that readers may want to
know says below it, as an item of its own, the same in Chinese; others are not shown.
"""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass, replace
from pathlib import Path

from collector.faults import Fault, FaultError

FILE = "CHANGELOG.md"
MOST_SHOWN = 5
DAY = re.compile(r"## (\d{4}-\d\d-\d\d)")
ENTRY = re.compile(r"- (?P<text>\S.*)")
TRANSLATION = re.compile(r"  - (?P<text>\S.*)")


@dataclass(frozen=True)
class Entry:
    """One change and its day."""

    date: str
    english: str
    chinese: str = ""
    """Empty where readers need not know of it."""


def read_changelog(path: Path) -> list[Entry]:
    """Read the entries, the newest first; above the first day anything may stand.

    Raises:
        FaultError: For the first line that is no part of a list of changes.
    """
    entries: list[Entry] = []
    date = ""
    for number, line in enumerate(path.read_text("utf-8").split("\n"), 1):
        if found := DAY.fullmatch(line):
            _check_day(found[1], date, number)
            date = found[1]
        elif not date or not line.strip():
            continue
        elif found := ENTRY.fullmatch(line):
            entries.append(Entry(date, found["text"]))
        elif (found := TRANSLATION.fullmatch(line)) and _lacks_translation(entries, date):
            entries[-1] = replace(entries[-1], chinese=found["text"])
        else:
            message = (
                "write `## 2026-11-30`, `- one change`, or `  - the same in Chinese` below it"
            )
            raise FaultError(Fault(FILE, number, message))
    return entries


def _lacks_translation(entries: list[Entry], date: str) -> bool:
    return bool(entries) and entries[-1].date == date and not entries[-1].chinese


def _check_day(date: str, newer: str, number: int) -> None:
    try:
        datetime.date.fromisoformat(date)
    except ValueError:
        raise FaultError(Fault(FILE, number, f"there is no day {date}")) from None
    if newer and date >= newer:
        raise FaultError(Fault(FILE, number, f"{date} must stand above {newer}: newest first"))


def render(entries: list[Entry], language: str) -> str:
    """Write the newest entries that concern readers, as a list in Markdown."""
    shown = [entry for entry in entries if entry.chinese][:MOST_SHOWN]
    lines = (
        f"- **{entry.date}** {entry.english if language == 'en' else entry.chinese}"
        for entry in shown
    )
    return (
        '<div class="news" data-search-exclude markdown="1">\n\n' + "\n".join(lines) + "\n\n</div>"
    )
