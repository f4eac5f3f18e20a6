"""A copy of the scripts of ``.ci``, and programs that stand for those that they call."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

RECORDER = 'echo "${0##*/} $*" >> "$LOG"\n[[ ${0##*/} != "${FAILS:-}" ]]\n'
"""Logs how it was called, and fails where FAILS names it."""


@dataclass(frozen=True)
class Scripts:
    """A copy of the scripts, with programs of our own in place of those that they call."""

    root: Path

    @property
    def log(self) -> list[str]:
        path = self.root / "log"
        return path.read_text().splitlines() if path.exists() else []

    def program(self, name: str, code: str) -> None:
        path = self.root / "programs" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/usr/bin/env bash\nset -euo pipefail\n{code}")
        path.chmod(0o755)

    def run(self, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
        programs = self.root / "programs"
        return subprocess.run(
            [str(self.root / command[0]), *command[1:]],
            env={
                **os.environ,
                "PATH": f"{programs}:{os.environ['PATH']}",
                "PROGRAMS": str(programs),
                "LOG": str(self.root / "log"),
                **environment,
            },
            capture_output=True,
            text=True,
        )
