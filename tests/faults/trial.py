"""A trial: the two commands that publish, run on a project with faults in it.

Faults of one kind share a project, a page each, so that they cost two processes
together; what each of them promises is still a test of its own.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass

import pytest
from conftest import Project

LIMIT = 3.0
"""Seconds per section, for both commands."""
LEFT = "left"
"""Name of files that cases try to leave somewhere, also where runs may write."""
ENTRY = re.compile(
    r"(?m)^(?P<where>(?:docs|snippets)/[^\s:]+(?::\d+)?): (?P<text>.*(?:\n    .*)*)"
)


@dataclass(frozen=True)
class Trial:
    """Outputs of pytest and MkDocs on one project."""

    project: Project
    tested: subprocess.CompletedProcess[str]
    built: subprocess.CompletedProcess[str]
    before: dict[str, bytes]
    """The files of the checkout, and beside it, before both."""

    @classmethod
    def of(cls, project: Project) -> Trial:
        """Test a project, then build it."""
        shorten_time_limit(project)
        before = checkout(project)
        tested = project.run("pytest", "-v", "--time-limit", str(LIMIT))
        return cls(project, tested, project.build(), before)

    @property
    def outcomes(self) -> dict[str, str]:
        """Outcome by test."""
        return dict(
            re.findall(r"(docs/\S+::\S+) (PASSED|FAILED|SKIPPED|ERROR)", self.tested.stdout)
        )

    def require_refusal(self) -> None:
        """Both commands fail, and leave the checkout as it was and no site."""
        assert self.tested.returncode == 1, self.tested.stdout + self.tested.stderr
        require_nothing_published(self.project, self.built)
        assert checkout(self.project) == self.before


def checkout(project: Project) -> dict[str, bytes]:
    """Read every file that a run must leave alone, and name the files beside the project."""
    files = [path for path in project.root.rglob("*") if path.is_file()]
    kept = [
        path for path in files if not {".cache", ".pytest_cache", "__pycache__"} & set(path.parts)
    ]
    return {
        **{path.relative_to(project.root).as_posix(): path.read_bytes() for path in kept},
        **{f"../{path.name}": b"" for path in project.root.parent.iterdir()},
        **{str(path): b"" for path in project.root.rglob(LEFT)},
    }


def require_nothing_published(project: Project, built: subprocess.CompletedProcess[str]) -> None:
    """A build says why it failed and leaves nothing that could be taken for a site."""
    assert built.returncode == 1, built.stdout + built.stderr
    assert not (project.root / "site").exists()
    assert not (project.root / ".cache" / "site").exists()
    assert "mkdocs/commands/build.py" not in built.stderr, "a traceback is no message"


def shorten_time_limit(project: Project) -> None:
    """MkDocs takes no time limit on its command line."""
    text = project.read("tests/collector/engine/runner.py")
    text, count = re.subn(r"(?m)^TIME_LIMIT = .*$", f"TIME_LIMIT = {LIMIT}", text)
    assert count == 1
    project.write("tests/collector/engine/runner.py", text)


def complaints(said: str, where: str) -> list[str]:
    """Extract the messages about a file and line, each with the evidence indented below it."""
    return [entry["text"] for entry in ENTRY.finditer(said) if entry["where"] == where]


def require_complaint(said: str, where: str, text: str) -> None:
    """Some complaint about a place says a text."""
    found = complaints(said, where)
    assert any(text in complaint for complaint in found), f"{where}: {found}\n\n{said[-6000:]}"


def selected(request: pytest.FixtureRequest, parameter: str) -> Iterable:
    """The cases of the tests that this session runs, so that ``-k`` runs a few only."""
    found = {}
    for item in request.session.items:
        callspec = getattr(item, "callspec", None)
        if item.path == request.path and callspec and parameter in callspec.params:
            case = callspec.params[parameter]
            found[case.name] = case
    return found.values()


def set_nav(project: Project, names: Iterable[str]) -> None:
    """Put pages into the navigation, so that MkDocs has nothing to say of them."""
    pages = ", ".join(["index.md", *(f"{name}.md" for name in names)])
    text = re.sub(r"(?m)^nav:.*$", f"nav: [{pages}]", project.read("mkdocs.yml"))
    project.write("mkdocs.yml", text)
