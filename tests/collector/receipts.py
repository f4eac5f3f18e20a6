"""Receipts: outcomes of sections with a need, on a machine that met it.

``docs/receipts.json`` is written by ``pytest --write-receipts`` and committed,
so that pages can show what a GPU printed and CI can tell whether that still
belongs to the text.  A receipt is sealed over all its fields: a text that was
edited makes it stale, a receipt that was edited is a fault.
"""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path

from collector.digests import TextDigests, digest_of
from collector.engine import Run
from collector.faults import Fault
from collector.needs import Devices
from collector.outputs import as_comments, judge, printed_lines
from collector.sections import Section

NAME = "docs/receipts.json"
MEASURED = re.compile(
    r"\d[\d.,]*(?:e[-+]?\d+)? ?(?:[mun]?s|[KMG]i?B|bytes|times|TFLOPS|%)(?!\w)", re.IGNORECASE
)
"""A number with a unit: measured on one card, not compared with another."""


@dataclass(frozen=True)
class Receipt:
    """One run of one section on a machine that met its need."""

    text: str
    """Digest of the section's text, and of the toolbox if it uses it."""
    printed: Mapping[str, list[str]]
    """Printed lines by line of the section, from 1, after which they stand."""
    faults: list[str]
    """Why it did not pass; empty if it did."""
    device: str
    torch: str
    torchvision: str
    cuda: str
    driver: str
    date: str
    seconds: float

    @property
    def passed(self) -> bool:
        return not self.faults

    @property
    def seal(self) -> str:
        """Digest of all fields, so that no field can be edited alone."""
        return digest_of(json.dumps(asdict(self), sort_keys=True))

    def show(self, section: Section) -> str:
        """The section's text with printed lines below each statement."""
        shown = []
        for number, line in enumerate(section.lines, 1):
            shown.append(line)
            shown += as_comments(self.printed.get(str(number), ()))
        return "\n".join(shown).strip("\n")


def of_run(section: Section, run: Run, found: Devices, digest: str) -> Receipt:
    """Write down a run on a machine that met the section's need.

    Args:
        digest: Of the section's text.
    """
    printed = {
        str(last - section.first + 1): list(lines)
        for last, text in sorted(run.printed.items())
        if (lines := printed_lines(text))
    }
    return Receipt(
        text=digest,
        printed=printed,
        faults=list(map(str, judge(section, run))),
        device=found.name,
        torch=metadata.version("torch"),
        torchvision=metadata.version("torchvision"),
        cuda=found.cuda,
        driver=found.driver,
        date=datetime.datetime.now(datetime.UTC).date().isoformat(),
        seconds=round(run.seconds, 2),
    )


def differences(section: Section, run: Run, receipt: Receipt) -> list[Fault]:
    """Compare a run with the receipt, apart from measured numbers."""
    faults = []
    for number, line in enumerate(section.lines, 1):
        got = printed_lines(run.printed.get(section.first + number - 1, ""))
        wanted = tuple(receipt.printed.get(str(number), ()))
        if list(map(_unmeasured, got)) != list(map(_unmeasured, wanted)):
            message = f"prints {list(got)}, but {list(wanted)} on {receipt.device}: {line.strip()}"
            faults.append(section.fault(section.first + number - 1, message))
    return faults


def _unmeasured(line: str) -> str:
    return MEASURED.sub("(measured)", line)


@dataclass(frozen=True)
class Receipts:
    """The receipts of one project, and the faults of their file."""

    texts: TextDigests
    entries: Mapping[str, Receipt]
    """By identity of the section."""
    faults: tuple[Fault, ...]

    def find(self, section: Section) -> Receipt | None:
        """Return the receipt for exactly this text, if there is one."""
        receipt = self.entries.get(section.identity)
        return receipt if receipt and receipt.text == self.texts.of(section) else None

    def refusals(self, sections: Iterable[Section]) -> list[Fault]:
        """List the faults of receipts that keep the site from being published."""
        known = {section.identity: section for section in sections if section.need}
        faults = list(self.faults)
        for identity in self.entries:
            if identity not in known:
                message = f"{identity} is no section with a need; run pytest --write-receipts"
                faults.append(Fault(NAME, 0, message))
        for section in known.values():
            receipt = self.find(section)
            if receipt is not None and not receipt.passed:
                why = "\n".join(receipt.faults)
                message = f"{section.slug!r} failed on {receipt.device}:\n{why}"
                faults.append(section.fault(section.first, message))
        return faults


def read_receipts(root: Path) -> Receipts:
    """Read the committed receipts; one that was edited by hand becomes a fault."""
    path, texts = root / NAME, TextDigests(root)
    if not path.exists():
        return Receipts(texts, {}, ())
    try:
        stored = json.loads(path.read_text("utf-8"))
        parts = {name: dict(fields) for name, fields in stored.items()}
    except (ValueError, AttributeError, TypeError) as error:
        fault = Fault(NAME, getattr(error, "lineno", 1), f"cannot be read: {error}")
        return Receipts(texts, {}, (fault,))
    entries, faults = {}, []
    for name, fields in parts.items():
        seal = fields.pop("seal", "")
        try:
            receipt = Receipt(**fields)
        except TypeError:
            receipt = None
        if receipt is None or receipt.seal != seal:
            message = f"the receipt of {name} was edited by hand; run pytest --write-receipts"
            faults.append(Fault(NAME, 0, message))
        else:
            entries[name] = receipt
    return Receipts(texts, entries, tuple(faults))


def write_receipts(root: Path, entries: Mapping[str, Receipt]) -> None:
    """Write receipts, sorted by section, one field a line."""
    stored = {name: {**asdict(r), "seal": r.seal} for name, r in sorted(entries.items())}
    (root / NAME).write_text(json.dumps(stored, indent=1, ensure_ascii=False) + "\n", "utf-8")
