"""Messages between processes: the request to a worker, and the events that it reports.

A message is one line of JSON, written and read here only.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import get_args


@dataclass(frozen=True)
class Request:
    """A section to run."""

    path: str
    """Its module."""
    text: str
    """The whole module, for tracebacks and ``inspect``."""
    source: str
    first: int
    """Line of the module at which the source starts."""
    libraries: list[str]
    """Modules to import before its time begins."""
    seed: int
    limit: float
    """Seconds that it may take."""
    need: bool
    """Whether it runs on a GPU."""
    check: bool
    """Whether only its names are checked, as this machine does not meet its need."""

    def encode(self) -> bytes:
        return json.dumps(vars(self)).encode() + b"\n"

    @classmethod
    def decode(cls, line: bytes) -> Request:
        return cls(**json.loads(line))


@dataclass(frozen=True)
class Began:
    """All that the section needs is imported; its time begins."""


@dataclass(frozen=True)
class Statement:
    """A statement is about to run."""

    line: int


@dataclass(frozen=True)
class Printed:
    """A statement wrote to standard output."""

    last: int
    """Last line of the statement."""
    text: str


@dataclass(frozen=True)
class WroteErrors:
    """The section wrote to standard error."""

    text: str


@dataclass(frozen=True)
class Shown:
    """A figure was shown."""

    variants: dict[str, str]
    """SVG by variant: ``light`` and ``dark``."""


@dataclass(frozen=True)
class Failed:
    """The section raised an exception, or broke a limit."""

    line: int | None
    """None where no line is known; it is that of the last statement then."""
    message: str
    traceback: str = ""


@dataclass(frozen=True)
class Ended:
    """The worker has nothing more to run or report."""

    seconds: float


@dataclass(frozen=True)
class Died:
    """The worker ended, or was ended, before the section was at its end."""

    why: str


@dataclass(frozen=True)
class Broken:
    """No section can run: the worker ended before its section began."""

    words: str
    """The text on standard error."""


Event = Began | Statement | Printed | WroteErrors | Shown | Failed | Ended | Died | Broken
KINDS: dict[str, Callable[..., Event]] = {kind.__name__: kind for kind in get_args(Event)}


def encode(events: Iterable[Event]) -> bytes:
    """Write events as one line."""
    named = [[type(event).__name__, *vars(event).values()] for event in events]
    return json.dumps(named).encode() + b"\n"


def decode(line: bytes) -> list[Event]:
    """Read the events of one line.

    Raises:
        ValueError: If it is no line of events.
    """
    try:
        return [KINDS[name](*fields) for name, *fields in json.loads(line)]
    except (KeyError, TypeError) as error:
        raise ValueError(f"no line of events: {line[:99]!r}") from error
