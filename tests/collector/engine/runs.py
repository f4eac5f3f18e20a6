"""A run: the output and end of one section, read from the events of its worker."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from collector.engine.events import (
    Broken,
    Died,
    Ended,
    Event,
    Failed,
    Printed,
    Shown,
    Statement,
    WroteErrors,
)
from collector.faults import Fault
from collector.sections import Section


class RunnerError(Exception):
    """Raised when no section can run at all; holds the last words of the process."""


@dataclass(frozen=True)
class Run:
    """The outcome of one run of one section."""

    printed: Mapping[int, str]
    """Standard output by last line of the statement that printed it."""
    stderr: str
    failure: Fault | None
    """Why it did not reach its end; None if it did."""
    figures: Sequence[Mapping[str, str]]
    """Figures shown, each as SVG by variant."""
    seconds: float

    @property
    def figure(self) -> Mapping[str, str]:
        """The figure, as SVG by variant; empty if none was shown."""
        return self.figures[0] if self.figures else {}


def run_of(section: Section, events: Iterable[Event]) -> Run:
    """Read a run from events.

    Raises:
        RunnerError: If the worker could not begin.
    """
    printed: dict[int, str] = {}
    figures: list[Mapping[str, str]] = []
    failure: Fault | None = None
    stderr, seconds, current = "", 0.0, section.first
    for event in events:
        match event:
            case Statement(line):
                current = line
            case Printed(last, text):
                printed[last] = printed.get(last, "") + text
            case WroteErrors(stderr):
                pass
            case Shown(variants):
                figures.append(variants)
            case Failed(line, message, traceback):
                text = f"{message}\n{_indent(traceback)}" if traceback else message
                failure = failure or section.fault(line or current, text)
            case Ended(seconds):
                pass
            case Died(why):
                failure = section.fault(current, f"{section.slug!r} {why}")
            case Broken(words):
                raise RunnerError(f"the process that runs sections ended:\n{words}")
    return Run(printed, stderr, failure, figures, seconds)


def _indent(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.rstrip().splitlines())
