"""Planting: proof, on every run, that a failing section would be found.

A runner that runs nothing, or a comparison that finds everything equal, says
that all is well.  So sections that must fail run beside the real ones, on the
same way through runner, comparison and report.
"""

from __future__ import annotations

from pathlib import Path

from collector.engine.runner import RunnerError
from collector.sections import Module, read_module

MODULE = "tests/collector/planted.py"
REASONS = {
    "prints-something-else": f"{MODULE}:7: prints something else",
    "ends-in-an-error": f"{MODULE}:12: ZeroDivisionError: division by zero",
}
"""What must be said of each planted section, by slug."""


def read_planted(root: Path) -> Module:
    """Read the sections that must fail."""
    return read_module(root / MODULE, root)


def require_found(slug: str, said: str) -> None:
    """Refuse to go on where a planted section was not found to fail.

    Args:
        slug: Of the planted section.
        said: What was reported of it.

    Raises:
        RunnerError: If that is not the reason it fails for.
    """
    if REASONS[slug] not in said:
        message = f"the planted section {slug!r} must fail and was not found to; no run counts"
        raise RunnerError(f"{message}\nsaid was: {said or 'nothing'}")
