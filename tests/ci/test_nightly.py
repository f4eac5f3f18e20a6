"""Nightly runs: on which releases, and how often failures are told."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from ci.scripts import Scripts
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
GREEN = "prerelease=success newest=success links=success"
RED = "prerelease=failure newest=success links=cancelled"


@pytest.fixture
def scripts(scripts: Scripts) -> Scripts:
    scripts.program("gh", GH)
    scripts.program("python3", PYTHON)
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
