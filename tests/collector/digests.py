"""Digests: fingerprints of texts, one way for records, receipts and versions."""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path

from collector.sections import Section

TOOLBOX = "snippets.toolbox"


def digest_of(*parts: str) -> str:
    """Compute the digest of some texts."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def digest_of_folder(folder: Path) -> str:
    """Compute the digest of all files of a folder; files of editors and systems do not count."""
    files = [f for f in sorted(folder.rglob("*")) if f.is_file() and _counts(f.name)]
    return digest_of(*(text for f in files for text in (f.name, f.read_text("utf-8"))))


def _counts(name: str) -> bool:
    return not name.startswith((".", "#")) and not name.endswith((".pyc", "~"))


class TextDigests:
    """Computes the digest of a section's text, and of the toolbox if the section imports it."""

    def __init__(self, root: Path) -> None:
        self._root = root

    @functools.cached_property
    def _toolbox(self) -> str:
        return digest_of_folder(self._root / "snippets" / "toolbox")

    def of(self, section: Section) -> str:
        return digest_of(section.source, self._toolbox if TOOLBOX in section.source else "")
