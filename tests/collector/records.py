"""Records: the outcome of each section's last run, as it stands, in this environment.

A record is true of one digest only: of the section's text, the toolbox if the section
uses it, the collector, and the environment.  Records lie in ``.cache/`` and are never
committed.
"""

from __future__ import annotations

import datetime
import functools
import json
import os
import platform
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from collector.digests import TextDigests, digest_of, digest_of_folder
from collector.faults import Fault
from collector.needs import devices
from collector.sections import Section

VARIANTS = ("light", "dark")
"""Colour schemes of pages; each figure is drawn for both."""
DISTRIBUTIONS = ("torch", "torchvision", "numpy", "matplotlib")


@dataclass(frozen=True)
class Record:
    """The outcome of one run of one section."""

    digest: str
    faults: tuple[str, ...]
    """Messages, empty if it passed."""
    figure: bool
    """Whether the run drew a figure; it lies beside the record."""
    date: str
    """Of the run, ``2026-11-30``."""

    @classmethod
    def of(cls, faults: Iterable[Fault], figure: bool, digest: str) -> Record:
        """Write down the outcome of a run of today."""
        today = datetime.datetime.now(datetime.UTC).date().isoformat()
        return cls(digest, tuple(map(str, faults)), figure, today)

    @property
    def passed(self) -> bool:
        return not self.faults


def environment() -> dict[str, str]:
    """Describe all that a result depends on beside the text, without importing torch."""
    versions = {name: metadata.version(name) for name in DISTRIBUTIONS}
    machine = {"system": platform.platform(), "machine": platform.node()}
    found = devices()
    return {"python": sys.version, **versions, **machine, "gpu": f"{found.count} {found.name}"}


class Records:
    """The records of one project: a file per outermost section, in a folder per topic."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = root / ".cache" / "records"
        collector = digest_of_folder(root / "tests" / "collector")
        self._surroundings = json.dumps(environment(), sort_keys=True) + collector
        self._texts = TextDigests(root)

    def digest(self, section: Section) -> str:
        """Compute the digest of everything that the outcome of a section depends on."""
        return digest_of(section.identity, self._texts.of(section), self._surroundings)

    def file(self, section: Section) -> Path:
        """Name the file of a section's record."""
        return self.folder / section.path.stem / f"{section.slug}.json"

    def figure(self, section: Section, variant: str) -> Path:
        """Name the file of a section's figure; variant is ``light`` or ``dark``."""
        return self.file(section).with_suffix(f".{variant}.svg")

    def find(self, section: Section) -> Record | None:
        """Return the record that is true of a section as it stands now."""
        try:
            entries = json.loads(_read(self.file(section)))
            seal = entries.pop("seal")
            record = Record(**{**entries, "faults": tuple(entries["faults"])})
            variants = VARIANTS if record.figure else ()
            figure = [_read(self.figure(section, variant)) for variant in variants]
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return None
        is_true = record.digest == self.digest(section) and seal == _seal(record, figure)
        return record if is_true else None

    def write(self, section: Section, record: Record, figure: Mapping[str, str]) -> None:
        """Store a record and its figure's variants; the record comes last."""
        self._make_folder(section.path.stem)
        for variant, svg in figure.items():
            _write_whole(self.figure(section, variant), svg)
        seal = _seal(record, [figure[variant] for variant in VARIANTS if figure])
        entries = json.dumps({**vars(record), "seal": seal}, indent=1, ensure_ascii=False)
        _write_whole(self.file(section), entries)

    @functools.cache  # noqa: B019 - as many as there are topics
    def _make_folder(self, topic: str) -> None:
        (self.folder / topic).mkdir(parents=True, exist_ok=True)


def _seal(record: Record, figure: Sequence[str]) -> str:
    """Compute the digest of an outcome, so that one edited by hand does not count."""
    return digest_of(record.digest, record.date, *record.faults, *figure)


def _read(path: Path) -> str:
    """Read a file as it is; there are hundreds, and ``read_text`` takes twice as long."""
    with open(path, "rb", buffering=0) as file:
        return file.read().decode()


def _write_whole(path: Path, text: str) -> None:
    """Write a file so that no reader ever sees half of it."""
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    fresh.write_bytes(text.encode())  # no platform's line ends
    path.unlink(missing_ok=True)  # to replace it, ext4 would wait for the disk
    fresh.replace(path)
