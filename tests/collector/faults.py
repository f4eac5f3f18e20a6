"""Faults: mistakes that keep a page from being published, in one form of message."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

INVISIBLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\x85\u2028-\u202e\u2066-\u2069\ufeff]")
"""Characters that end lines for some readers only, or turn the order of text around."""


@dataclass(frozen=True, order=True)
class Fault:
    """One thing that keeps a page from being published."""

    path: str
    """File, relative to the root of the project, with forward slashes."""
    line: int
    """Line in that file, from 1; 0 where the whole file is meant."""
    message: str
    """The mistake and its cure; further lines hold the evidence."""

    def __str__(self) -> str:
        where = f"{self.path}:{self.line}" if self.line else self.path
        return f"{where}: {self.message}"


class FaultError(Exception):
    """Raised where a fault leaves nothing to go on with."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(str(fault))
        self.fault = fault


def relative(path: Path, root: Path) -> str:
    """Name a file as messages do: relative to the root where it lies there."""
    try:
        return path.relative_to(root).as_posix()
    except ValueError:
        return str(path)


def read_text(path: Path, root: Path) -> str:
    """Read a source file that a page or a section comes from.

    Raises:
        FaultError: If it is a link, starts with a byte order mark, is not UTF-8
            or holds what nobody sees: each is published otherwise than it looks.
    """
    name = relative(path, root)
    if path.is_symlink():
        raise FaultError(Fault(name, 0, "is a symbolic link; put the file itself here"))
    content = path.read_bytes()
    if content.startswith(b"\xef\xbb\xbf"):
        raise FaultError(Fault(name, 1, "starts with a byte order mark; save as plain UTF-8"))
    try:
        text = content.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise FaultError(Fault(name, line, "is not UTF-8 from here on; save as UTF-8")) from None
    if found := INVISIBLE.search(text):
        line = text.count("\n", 0, found.start()) + 1
        message = f"holds an invisible character, U+{ord(found[0]):04X}; delete it"
        raise FaultError(Fault(name, line, message))
    return text
