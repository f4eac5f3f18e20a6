"""What runs at night: on which releases, and how often its failures are told."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from conftest import ROOT

GH = """\
if [[ "$1 $2" == "issue list" ]]; then
  echo "$OPEN"
else
  printf '%s\\n' "$@" > "$LOG"
fi
"""
PYTHON = """\
mkdir -p .venv/bin
cp "$PROGRAMS/recorder" .venv/bin/pip
cp "$PROGRAMS/recorder" .venv/bin/pytest
cp "$PROGRAMS/recorder" .venv/bin/mkdocs
"""
RECORDER = 'echo "${0##*/} $*" >> "$LOG"\n[[ ${0##*/} != "${FAILS:-}" ]]\n'
GREEN = "prerelease=success newest=success links=success"
RED = "prerelease=failure newest=success links=cancelled"


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


@pytest.fixture
def scripts(tmp_path: Path) -> Scripts:
    shutil.copytree(ROOT / ".ci", tmp_path / ".ci")
    shutil.copy(ROOT / "requirements.txt", tmp_path)
    scripts = Scripts(tmp_path)
    scripts.program("gh", GH)
    scripts.program("python3", PYTHON)
    scripts.program("recorder", RECORDER)
    return scripts


@pytest.mark.parametrize(
    ("results", "opened", "told"),
    [
        (RED, "", ["issue", "create", "--title", "The nightly run fails"]),
        (RED, "7", ["issue", "edit", "7"]),
        (GREEN, "7", ["issue", "close", "7"]),
        (GREEN, "", []),
    ],
    ids=["opened", "rewritten", "closed", "left alone"],
)
def test_one_issue_is_open_while_a_job_fails(scripts, results, opened, told):
    result = scripts.run(".ci/report", RESULTS=results, OPEN=opened, RUN_URL="https://run")
    assert result.returncode == 0, result.stderr
    assert scripts.log[: len(told)] == told
    assert bool(scripts.log) == bool(told)
    failures = [line for line in scripts.log if "=" in line]
    assert failures == (["prerelease=failure", "links=cancelled"] if results == RED else [])


def test_a_report_that_cannot_look_opens_nothing(scripts):
    scripts.program("gh", f'{GH}[[ "$2" != list ]]\n')
    result = scripts.run(".ci/report", RESULTS=RED, OPEN="", RUN_URL="https://run")
    assert result.returncode != 0
    assert scripts.log == []


def names(requirements: Path) -> list[str]:
    lines = [line for line in requirements.read_text().splitlines() if line[0] != "#"]
    return [re.split("[= ]", line)[0] for line in lines]


def test_prerelease_replaces_torch_alone(scripts):
    assert scripts.run(".ci/nightly", "prerelease").returncode == 0
    torch, rest, *suite = scripts.log
    assert torch.startswith("pip install --pre torch torchvision --index-url https://")
    assert rest == "pip install -r .cache/requirements.txt"
    assert suite == ["pytest ", "mkdocs build --strict"]
    kept = names(scripts.root / ".cache/requirements.txt")
    assert names(ROOT / "requirements.txt") == ["torch", "torchvision", *kept]


def test_newest_pins_nothing(scripts):
    assert scripts.run(".ci/nightly", "newest").returncode == 0
    assert scripts.log == [
        "pip install -r .cache/requirements.txt",
        "pytest ",
        "mkdocs build --strict",
    ]
    kept = scripts.root / ".cache/requirements.txt"
    assert names(kept) == names(ROOT / "requirements.txt")
    assert "==" not in kept.read_text()


@pytest.mark.parametrize("program", ["pip", "pytest", "mkdocs"])
@pytest.mark.parametrize("releases", ["prerelease", "newest"])
def test_what_fails_at_night_fails_the_job(scripts, releases, program):
    assert scripts.run(".ci/nightly", releases, FAILS=program).returncode != 0
    assert scripts.log[-1].startswith(program)


def test_unknown_releases_are_refused(scripts):
    result = scripts.run(".ci/nightly", "newset")
    assert result.returncode == 2
    assert "'newset' is unknown; say prerelease or newest" in result.stderr
