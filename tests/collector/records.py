"""Records: which section passed, as it stands, in this environment.

A record is true of one digest only: of the section's text, the toolbox if it
uses it, the collector, and the environment.  Records lie in ``.cache/`` and
are never committed.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
import platform
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from collector.engine.runner import Run
from collector.faults import Fault
from collector.needs import devices
from collector.sections import Section

VARIANTS = ("light", "dark")
"""Of a figure, by the pages that it is for."""
DISTRIBUTIONS = ("torch", "torchvision", "numpy", "matplotlib")


@dataclass(frozen=True)
class Record:
    """The outcome of one run of one section."""

    digest: str
    passed: bool
    faults: tuple[str, ...]
    """Messages, empty if it passed."""
    figure: bool
    """Whether the run drew a figure; it lies beside the record."""
    seconds: float


def environment() -> dict[str, str]:
    """Say what a result depends on beside the text, without importing torch."""
    versions = {name: metadata.version(name) for name in DISTRIBUTIONS}
    machine = {"system": platform.platform(), "machine": platform.node()}
    found = devices()
    return {"python": sys.version, **versions, **machine, "gpu": f"{found.count} {found.name}"}


def digest_of(*parts: str) -> str:
    """Fingerprint texts."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def sources(folder: Path) -> str:
    """Fingerprint all files of a folder."""
    files = sorted(f for f in folder.rglob("*") if f.is_file() and f.suffix != ".pyc")
    return digest_of(*(text for f in files for text in (f.name, f.read_text("utf-8"))))


class Records:
    """The records of one project: a file per outermost section, in a folder per topic."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = root / ".cache" / "records"
        collector = sources(root / "tests" / "collector")
        self.surroundings = json.dumps(environment(), sort_keys=True) + collector

    @functools.cached_property
    def toolbox(self) -> str:
        return sources(self.root / "snippets" / "toolbox")

    def digest(self, section: Section) -> str:
        """Fingerprint everything that the outcome of a section depends on."""
        toolbox = self.toolbox if "snippets.toolbox" in section.source else ""
        return digest_of(section.identity, section.source, toolbox, self.surroundings)

    def file(self, section: Section) -> Path:
        """Where the record of a section lies."""
        return self.folder / section.path.stem / f"{section.slug}.json"

    def figure(self, section: Section, variant: str) -> Path:
        """Where the figure of a section lies; variant is ``light`` or ``dark``."""
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

    def passed(self, section: Section) -> bool:
        record = self.find(section)
        return record is not None and record.passed

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
    """Fingerprint an outcome, so that one edited by hand is no outcome."""
    return digest_of(record.digest, str(record.passed), *record.faults, *figure)


def _read(path: Path) -> str:
    """Read a file as it is; there are hundreds, and ``read_text`` takes twice as long."""
    with open(path, "rb", buffering=0) as file:
        return file.read().decode()


def verdict(run: Run, faults: Sequence[Fault], digest: str) -> Record:
    """Turn the run of a section, and what it was found to be at fault for, into its record."""
    messages = tuple(map(str, faults))
    return Record(digest, not messages, messages, bool(run.figure), round(run.seconds, 6))


def _write_whole(path: Path, text: str) -> None:
    """Write a file so that no reader ever sees half of it."""
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    fresh.write_bytes(text.encode())  # no platform's line ends
    path.unlink(missing_ok=True)  # to replace it, ext4 would wait for the disk
    fresh.replace(path)
