"""Passes: on which versions a section passed as it stands.

``pytest --write-passes FOLDER`` writes the passes of one run.  The build of
the site reads those that lie in ``.cache/passes``, adds its own, and says
below each block on which versions it passed.  A pass is true of one text, so
an edit makes it worthless.
"""

from __future__ import annotations

import datetime
import functools
import json
import platform
import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

from packaging.version import Version

from collector.digests import TextDigests
from collector.faults import Fault, relative
from collector.needs import devices
from collector.sections import Library, Section
from collector.words import Words, read_words

FOLDER = ".cache/passes"
DIGEST = re.compile(r"[0-9a-f]{64}")
CPU = "CPU"


@dataclass(frozen=True)
class Environment:
    """Versions, system and device of one run."""

    python: str
    torch: str
    torchvision: str
    numpy: str
    system: str
    """``Linux x86_64``"""
    device: str
    """``CPU``, or the name of the GPU that torch could use."""

    @classmethod
    def here(cls) -> Environment:
        """Describe this machine without importing torch."""
        return cls(
            python=platform.python_version(),
            torch=metadata.version("torch"),
            torchvision=metadata.version("torchvision"),
            numpy=metadata.version("numpy"),
            system=f"{platform.system()} {platform.machine()}",
            device=devices().name or CPU,
        )

    @property
    def python_minor(self) -> str:
        return ".".join(self.python.split(".")[:2])


@dataclass(frozen=True)
class Passes:
    """The sections that passed in one run."""

    environment: Environment
    date: str
    sections: Mapping[str, str]
    """Digest of the text that passed, by identity."""


def write_passes(folder: Path, sections: Iterable[Section], root: Path) -> Path:
    """Write down which sections passed in this run; return the file."""
    environment, texts = Environment.here(), TextDigests(root)
    digests = {section.identity: texts.of(section) for section in sections}
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    passes = Passes(environment, today, dict(sorted(digests.items())))
    path = folder / _file_name(environment)
    stored = json.dumps(asdict(passes), indent=1, ensure_ascii=False)
    path.write_text(stored + "\n", "utf-8")
    return path


def _file_name(environment: Environment) -> str:
    """Name a file such that the runs of a matrix can be put into one folder."""
    versions = f"python-{environment.python_minor}-torch-{environment.torch}"
    machine = re.sub(r"[^a-z0-9]+", "-", f"{environment.system} {environment.device}".lower())
    return f"{versions}-{machine.strip('-')}.json"


def read_passes(root: Path) -> tuple[list[Passes], list[Fault]]:
    """Read the passes of other runs; a file that holds anything else becomes a fault."""
    found, faults = [], []
    for path in sorted((root / FOLDER).rglob("*.json")):
        try:
            found.append(_passes(json.loads(path.read_text("utf-8"))))
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            message = "holds no passes; delete it, or write it again with pytest --write-passes"
            faults.append(Fault(relative(path, root), 0, message))
    return found, faults


def _passes(stored: dict[str, Any]) -> Passes:
    """Build passes from the fields of a file, each of its type."""
    environment, sections = Environment(**stored["environment"]), stored["sections"]
    datetime.date.fromisoformat(stored["date"])
    for version in (environment.python, environment.torch):
        Version(version)
    texts = [*asdict(environment).values(), *sections]
    if not all(isinstance(text, str) and text for text in texts):
        raise TypeError("a field is no text")
    if not all(DIGEST.fullmatch(digest) for digest in sections.values()):
        raise ValueError("a digest is none")
    return Passes(**{**stored, "environment": environment})


@dataclass(frozen=True)
class Versions:
    """The versions on which each section passed as it stands."""

    environments: Mapping[str, frozenset[Environment]] = field(default_factory=dict)
    """By identity of an outermost section."""
    faults: tuple[Fault, ...] = ()
    """Files of other runs that cannot be read."""

    def of(self, proofs: Iterable[Section]) -> frozenset[Environment]:
        """Gather where any of some sections passed."""
        found = (self.environments.get(proof.identity, frozenset()) for proof in proofs)
        return frozenset().union(*found)


def read_versions(root: Path, library: Library, failed: Container[str]) -> Versions:
    """Read where each section passed, on this machine and on others.

    Args:
        failed: Identities of the sections that did not pass here; they count nowhere.
    """
    others, faults = read_passes(root)
    here, texts = Environment.here(), TextDigests(root)
    environments = {}
    for section in library.runnable():
        if section.need or section.identity in failed:
            continue
        digest = texts.of(section) if others else ""
        there = {p.environment for p in others if p.sections.get(section.identity) == digest}
        environments[section.identity] = frozenset({here, *there})
    return Versions(environments, tuple(faults))


def describe(environments: frozenset[Environment], language: str) -> str:
    """Word a set of environments; every combination that is named was seen."""
    return _say(environments, read_words(language))


@functools.cache
def _say(environments: frozenset[Environment], words: Words) -> str:
    groups = [
        words.text(
            "versions.group",
            torch=_listed(torches, words),
            python=_span(pythons, words),
            device=device,
        )
        for device, pythons, torches in _groups(environments)
    ]
    between = words.text("versions.between_groups")
    return words.text("versions.whole", groups=between.join(groups))


def _listed(items: Sequence[str], words: Words) -> str:
    *others, last = items
    if not others:
        return last
    return words.text("versions.comma").join(others) + words.text("versions.last") + last


def _groups(
    environments: Iterable[Environment],
) -> Iterator[tuple[str, tuple[str, ...], list[str]]]:
    """Put the versions of torch together that passed on the same Pythons and device."""
    pythons: dict[tuple[str, str], set[str]] = {}
    for environment in environments:
        key = (environment.device, environment.torch)
        pythons.setdefault(key, set()).add(environment.python_minor)
    groups: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    order = sorted(pythons, key=lambda key: (key[0] != CPU, key[0], Version(key[1])))
    for device, torch in order:
        minors = tuple(sorted(pythons[device, torch], key=Version))
        groups.setdefault((device, minors), []).append(torch)
    for (device, minors), torches in groups.items():
        yield device, minors, torches


def _span(pythons: Sequence[str], words: Words) -> str:
    """Write three or more Pythons without a gap as a range."""
    first, last = (Version(version) for version in (pythons[0], pythons[-1]))
    gapless = first.major == last.major and last.minor - first.minor == len(pythons) - 1
    if gapless and len(pythons) > 2:
        return words.text("versions.through", first=first, last=last)
    return _listed(pythons, words)
