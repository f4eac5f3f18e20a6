"""Outputs: printed lines, written below the statement that printed them.

An output line is a comment ``# > text`` at the left margin.  It is compared
with what the statement prints on every run: text exactly, floats at the
precision written, ``...`` for any text within a line, and a line that is only
``...`` for any lines.
"""

from __future__ import annotations

import difflib
import functools
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from collector.engine.runner import Run
from collector.faults import Fault, FaultError
from collector.sections import Section, span, statements

OUTPUT = re.compile(r"# ?>(?: (?P<text>.*))?")
FLOAT = re.compile(r"(?<![\w.])[-+]?\d+(?:\.\d+(?:e[-+]?\d+)?|e[-+]?\d+)(?![\w.])", re.IGNORECASE)
WIDEST = 200
"""Printed characters per line that a message shows."""
READ_AHEAD = 1024
"""Sections whose output lines are kept; memory must not grow with their number."""


@dataclass(frozen=True)
class Output:
    """The output lines of one statement."""

    last: int
    """Last line of the statement; its output lines start one below."""
    lines: tuple[str, ...]


@functools.lru_cache(READ_AHEAD)
def expected(section: Section) -> dict[int, Output]:
    """Read the output lines of a section, by last line of their statement.

    Raises:
        FaultError: If output lines stand under no statement.
        SyntaxError: If the section does not parse.
    """
    found: dict[int, Output] = {}
    claimed: set[int] = set()
    for node in statements(section):
        first, last = span(node)
        claimed.update(range(first, last + 1))
        lines = []
        for number in range(last + 1, section.last + 1):
            match = OUTPUT.fullmatch(section.lines[number - section.first].rstrip())
            if match is None:
                break
            lines.append((match["text"] or "").rstrip())
            claimed.add(number)
        found[last] = Output(last, tuple(lines))
    for number, line in enumerate(section.lines, section.first):
        if number not in claimed and OUTPUT.fullmatch(line.rstrip()):
            message = "output line below no statement; it must follow what printed it at once"
            raise FaultError(section.fault(number, message))
    return found


def printed_lines(text: str) -> tuple[str, ...]:
    """Split printed text into lines, without blanks at their ends."""
    return tuple(line.rstrip() for line in text.removesuffix("\n").split("\n")) if text else ()


def as_comments(printed: Iterable[str]) -> list[str]:
    """Write printed lines as output lines."""
    return [f"# > {line}".rstrip() for line in printed]


def matches(wanted: tuple[str, ...], got: tuple[str, ...]) -> bool:
    """Tell whether printed lines match the output lines."""
    if wanted == got or not wanted or not got:
        return wanted == got
    pattern = "\n".join(_line_pattern(line) for line in wanted)
    found = re.fullmatch(pattern, "\n".join(got))
    if found is None:
        return False
    floats = [text for line in wanted if line.strip() != "..." for text in FLOAT.findall(line)]
    return all(_close(want, have) for want, have in zip(floats, found.groups(), strict=True))


def _line_pattern(line: str) -> str:
    if line.strip() == "...":
        return r"(?:[^\n]*\n)*?[^\n]*"
    parts = FLOAT.split(line)
    anything = [re.escape(part).replace(r"\.\.\.", r"[^\n]*?") for part in parts]
    return r"([-+]?[\d.]+(?:e[-+]?\d+)?)".join(anything)


def _close(want: str, have: str) -> bool:
    """Compare at the precision written: at most half a unit of its last digit."""
    digits, _, exponent = want.lower().partition("e")
    unit = 10.0 ** (int(exponent or 0) - len(digits.partition(".")[2]))
    try:
        return math.isclose(float(have), float(want), rel_tol=0, abs_tol=unit * 0.500001)
    except ValueError:
        return False


def judge(section: Section, run: Run) -> list[Fault]:
    """List the faults of a run that keep its section from being published."""
    if run.failure is not None:
        return [run.failure]
    if section.need is not None:
        return [*complaints(section, run), *_outputs_of_need(section)]
    return [*complaints(section, run), *differences(section, run.printed)]


def complaints(section: Section, run: Run) -> list[Fault]:
    """List the faults of a run that no output line could put right."""
    faults = []
    if run.stderr.strip():
        shown = "\n".join(f"    {line}" for line in run.stderr.rstrip().splitlines())
        message = f"writes to standard error, which no page shows\n{shown}"
        faults.append(section.fault(section.first, message))
    if len(run.figures) > 1:
        message = f"shows {len(run.figures)} figures; a section shows one"
        faults.append(section.fault(section.first, message))
    return faults


def _outputs_of_need(section: Section) -> list[Fault]:
    """Refuse output lines below a need: few machines run it, so its receipt shows the output."""
    message = "a section with a need shows the output of its receipt; delete this line"
    lines = (output.last for output in expected(section).values() if output.lines)
    return [section.fault(last + 1, message) for last in lines]


def differences(section: Section, printed: Mapping[int, str]) -> list[Fault]:
    """Compare the output of each statement with its output lines.

    Args:
        printed: Text by last line of the statement that printed it.
    """
    try:
        outputs = expected(section)
    except FaultError as error:
        return [error.fault]
    faults = []
    for last, output in outputs.items():
        got = printed_lines(printed.get(last, ""))
        if not matches(output.lines, got):
            diff = [line for line in difflib.ndiff(output.lines, got) if line[0] != "?"]
            shown = "\n".join(f"    {line[:WIDEST]}".rstrip() for line in diff)
            message = f"prints something else (- the page, + this run)\n{shown}"
            faults.append(section.fault(last, message))
    return faults


def rewrite(section: Section, printed: Mapping[int, str]) -> tuple[str, ...]:
    """Return the section's lines with its output lines brought up to date.

    Output lines that already match stay as they are written, shortened floats
    and ``...`` included.
    """
    replaced = {}
    for last, output in expected(section).items():
        got = printed_lines(printed.get(last, ""))
        kept = output.lines if matches(output.lines, got) else got
        replaced[last] = (len(output.lines), as_comments(kept))
    lines: list[str] = []
    skip = 0
    for number, line in enumerate(section.lines, section.first):
        if skip:
            skip -= 1
            continue
        lines.append(line)
        if number in replaced:
            skip, fresh = replaced[number]
            lines.extend(fresh)
    return tuple(lines)
