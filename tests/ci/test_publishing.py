"""The workflow itself, run by act without a network or containers."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from conftest import ROOT, Project

PROGRAMS = Path(sys.executable).parent
WORKFLOW = ".github/workflows/docs.yml"
ACTIONS = {
    "actions/checkout": "true",  # act itself copies what is committed
    "actions/setup-python": "true",
    "actions/upload-artifact": 'mkdir -p "$STORE/$NAME"; cp -r "$FROM/." "$STORE/$NAME"',
    "actions/download-artifact": 'mkdir -p "$FROM"; cp -r "$STORE"/$PATTERN/. "$FROM"',
    "actions/upload-pages-artifact": 'cp -r "$FROM" "$STORE/verified"',
    "actions/deploy-pages": 'touch "$STORE/deployed"; cp -r "$STORE/verified" "$STORE/published"',
}
"""Commands that stand for each action and move files the same way."""
INSTALLATION = """\
#!/usr/bin/env bash
# Stands for `python3 -m venv .venv`: all is installed already.
set -euo pipefail
mkdir -p .venv/bin
ln -s "$PROGRAMS"/* .venv/bin/
rm .venv/bin/pip .venv/bin/mypy
printf '#!/usr/bin/env bash\\nexit %s\\n' "${PIP_EXIT:-0}" > .venv/bin/pip
echo '#!/usr/bin/env bash' > .venv/bin/mypy # takes seconds, for the types of this checkout
chmod +x .venv/bin/pip .venv/bin/mypy
"""
PUSH = {"ref": "refs/heads/main"}
PULL_REQUEST = {"pull_request": {"head": {"ref": "topic"}, "base": {"ref": "main"}}}


@dataclass(frozen=True)
class Outcome:
    """Result of a run of the workflow."""

    succeeded: bool
    store: Path
    log: str

    @property
    def verified(self) -> bool:
        return (self.store / "verified").exists()

    @property
    def deployed(self) -> bool:
        return (self.store / "deployed").exists()


@dataclass(frozen=True)
class Repository:
    """A repository with the real workflow, and stubs for the world around it."""

    project: Project
    around: Path

    def script(self, name: str, *commands: str) -> None:
        lines = ["#!/usr/bin/env bash", "set -euo pipefail", *commands, ""]
        self.project.write(f".ci/{name}", "\n".join(lines)).chmod(0o755)

    def happen(self, event: str, payload: dict, **environment: str) -> Outcome:
        """Commit all there is and let an event start the workflow."""
        store = self.around / "store"
        store.mkdir()
        (self.around / "event.json").write_text(
            json.dumps({**payload, "repository": {"name": "x"}})
        )
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "All")
        result = subprocess.run(
            [str(PROGRAMS / "act"), event, *self.options()],
            cwd=self.project.root,
            env={
                **os.environ,
                "NO_MKDOCS_2_WARNING": "1",
                "PATH": f"{self.around / 'programs'}:{os.environ['PATH']}",
                "PROGRAMS": str(PROGRAMS),
                "STORE": str(store),
                **environment,
            },
            capture_output=True,
            text=True,
            timeout=300,
        )
        return Outcome(result.returncode == 0, store, result.stdout + result.stderr)

    def options(self) -> list[str]:
        options = ["--workflows", WORKFLOW, "--eventpath", str(self.around / "event.json")]
        options += ["--platform", "ubuntu-24.04=-self-hosted", "--container-daemon-socket", "-"]
        options += ["--action-cache-path", str(self.around / "act"), "--no-cache-server"]
        pins = set(re.findall(r"uses: ((\S+)@[0-9a-f]{40})", self.project.read(WORKFLOW)))
        for pin, action in sorted(pins):
            options += ["--local-repository", f"{pin}={self.around / 'actions' / action}"]
        return options

    def git(self, *arguments: str) -> None:
        author = ["-c", "user.name=Author", "-c", "user.email=author@example.org"]
        subprocess.run(["git", *author, *arguments], cwd=self.project.root, check=True)


def write_action(folder: Path, command: str) -> None:
    """Write an action that runs one command."""
    inputs = {"name": "NAME", "path": "FROM", "pattern": "PATTERN"}
    step = {
        "run": f"set -euo pipefail; {command}",
        "shell": "bash",
        "env": {variable: f"${{{{ inputs.{name} }}}}" for name, variable in inputs.items()},
    }
    action = {
        "name": folder.name,
        "description": command,
        "inputs": {name: {"description": name} for name in inputs},
        "runs": {"using": "composite", "steps": [step]},
    }
    folder.mkdir(parents=True)
    (folder / "action.yml").write_text(yaml.safe_dump(action))


@pytest.fixture
def around(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Actions and an installation that need no network, and a store for artifacts."""
    folder = tmp_path_factory.mktemp("around")
    for action, command in ACTIONS.items():
        write_action(folder / "actions" / action, command)
    programs = folder / "programs"
    programs.mkdir()
    (programs / "python3").write_text(INSTALLATION)
    (programs / "python3").chmod(0o755)
    return folder


def repository_of(project: Project, around: Path) -> Repository:
    repository = Repository(project, around)
    shutil.copytree(ROOT / ".github", project.root / ".github")
    shutil.copytree(ROOT / ".ci", project.root / ".ci")
    shutil.copy(ROOT / ".gitignore", project.root)
    repository.script("versions", "mkdir passes", 'mktemp "passes/$TORCH-XXXXXX"')
    repository.git("init", "--quiet", "--initial-branch=main")
    repository.git("remote", "add", "origin", "https://github.com/owner/handbook")
    return repository


@pytest.fixture
def repository(project: Project, around: Path) -> Repository:
    """The small project with the real gate."""
    return repository_of(project, around)


@pytest.fixture
def quick(tmp_path: Path, around: Path) -> Repository:
    """A repository whose gate only copies the records that it was handed."""
    repository = repository_of(Project(tmp_path), around)
    repository.script("run", "cp -r .cache/passes site")
    return repository


def test_a_push_to_main_publishes_what_the_gate_built(repository):
    outcome = repository.happen("push", PUSH)
    assert outcome.succeeded, outcome.log
    page = (outcome.store / "published/notes/index.html").read_text("utf-8")
    assert "fine" in page
    assert "https://owner.github.io/x/" in page


def test_a_broken_snippet_is_not_published(repository):
    repository.project.edit("snippets/notes.py", "# > fine", "# > broken")
    outcome = repository.happen("push", PUSH)
    assert not outcome.succeeded
    assert "snippets/notes.py:4: " in outcome.log
    assert not outcome.verified
    assert not outcome.deployed


def test_a_failed_installation_is_not_published(repository):
    outcome = repository.happen("push", PUSH, PIP_EXIT="1")
    assert not outcome.succeeded
    assert "ruff" not in outcome.log, "the gate went on"
    assert not outcome.deployed


def test_the_gate_gets_the_records_of_all_versions(quick):
    outcome = quick.happen("push", PUSH)
    records = [path.name.rpartition("-")[0] for path in (outcome.store / "published").iterdir()]
    assert sorted(records) == ["2.11.0"] * 3 + ["2.15.0"] * 3


@pytest.mark.parametrize(
    ("event", "payload"),
    [
        ("pull_request", PULL_REQUEST),
        ("workflow_dispatch", PUSH),
        ("push", {"ref": "refs/heads/topic"}),
        ("push", {"ref": "refs/tags/main"}),
    ],
    ids=["pull request", "manual dispatch", "push to a branch", "push of a tag"],
)
def test_nothing_else_publishes(quick, event, payload):
    """Even a site that was verified; act runs the workflow for any branch and tag."""
    outcome = quick.happen(event, payload)
    assert outcome.succeeded, outcome.log
    assert outcome.verified
    assert not outcome.deployed


@pytest.mark.parametrize("script", ["versions", "run"])
def test_a_failed_job_stops_the_push(quick, script):
    quick.script(script, "false")
    outcome = quick.happen("push", PUSH)
    assert not outcome.succeeded
    assert not outcome.deployed


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("    needs: verify\n", ""),
        ("    if: github.event", "    if: always() && github.event"),
        (
            "      - run: .ci/run\n",
            "      - run: .ci/run\n        continue-on-error: true\n",
        ),
    ],
    ids=["no needs", "always", "continue-on-error"],
)
def test_a_loosened_workflow_would_publish(quick, old, new):
    """Without the workflow's own words nothing stops it, which the policy is for."""
    quick.script("run", "mkdir site", "false")
    quick.project.edit(WORKFLOW, old, new)
    assert quick.happen("push", PUSH).deployed
