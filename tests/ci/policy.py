"""Rules for the workflows and the scripts of ``.ci``, and a snapshot of both.

The rules hold whatever the snapshot says. The snapshot, ``workflows.txt``, holds each value of
each workflow as GitHub reads it, and the digest of each script: nothing else can change unseen.
After a change that is meant, ``python tests/ci/policy.py`` rewrites it, prints each line that
became another, and refuses while a rule is broken. Read those lines: they are the change.
"""

from __future__ import annotations

import difflib
import hashlib
import re
import sys
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path

import yaml

ROOT = Path(__file__).parent.parent.parent
SNAPSHOT = Path(__file__).with_name("workflows.txt")
DOCS = ".github/workflows/docs.yml"
DEPLOY = (DOCS, "deploy")
READ = {"contents": "read"}
EXPECTED = {
    DEPLOY: {
        "permissions": {"pages": "write", "id-token": "write"},
        "needs": "verify",
        "run": [],
        "if": "github.event_name == 'push' && github.ref == 'refs/heads/main'",
    },
    (DOCS, "verify"): {"needs": "versions", "run": [".ci/run"]},
    (DOCS, "versions"): {"run": [".ci/versions"]},
    (".github/workflows/nightly.yml", "report"): {
        "permissions": {**READ, "issues": "write"},
        "if": "always()",
    },
}
"""Values that these jobs must have, `run` of all steps; others only read, unconditionally."""
TRIGGERS = {"push", "pull_request", "schedule", "workflow_dispatch"}  # none arms foreign code
PUBLISHES = re.compile(r"deploy-pages|github-pages|gh-pages|gh-deploy|git push")
STATUS = re.compile(r"\b(always|cancelled|failure|success)\s*\(", re.IGNORECASE)
NOWHERE = re.compile(r"secrets|continue-on-error|(?<!\.)\bcache\b")
"""Hides a failure, or brings in files that nobody has verified."""
PIN = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}")
SCRIPT = re.compile(r"(\.ci/\w+)( \w+)?")
TESTS = re.compile(r"^[^#\n]*\bpytest\b", re.MULTILINE)
SWALLOWS = re.compile(
    r"\|\||(?<![&>])&(?![&>\d])|\bset \+|\bexit 0\b|\btrap\b|;\s*(true|:)\s*$|^\s*!\s"
    r"|(\b(if|while|until)\b|!|<\(|\$\(|`).*\b(pytest|mkdocs build|mypy|ruff|zizmor|pip install)\b"
)
"""Makes a script go on, or end well, after a command has failed."""
CONDITION = re.compile(r"\[\[.*?\]\]")
STRICT = ["#!/usr/bin/env bash", "set -euo pipefail"]
GATE = """\
cd "$(dirname "$0")/.."
shopt -s extglob
.ci/clean "commit first"
(
python3 -m venv .venv && .venv/bin/pip install -r requirements.txt && .ci/browser && .venv/bin/pytest
)
.venv/bin/ruff check .
.venv/bin/ruff format --check .
.venv/bin/mypy
.venv/bin/zizmor --offline --strict-collection --persona pedantic .github
.venv/bin/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
.venv/bin/check-jsonschema --builtin-schema vendor.dependabot .github/dependabot.yml
.venv/bin/check-jsonschema --builtin-schema vendor.github-issue-config .github/ISSUE_TEMPLATE/config.yml
.venv/bin/check-jsonschema --builtin-schema vendor.github-issue-forms .github/ISSUE_TEMPLATE/!(config).yml
.venv/bin/mkdocs build --strict
.ci/clean "these files were changed by the checks"
""".splitlines()  # noqa: E501
"""All commands of `.ci/run`, in order; it also names its stages, `echo "== stage"`."""


def read_files() -> dict[str, str]:
    """Read all workflows and all scripts, by path."""
    paths = [*(ROOT / ".github/workflows").iterdir(), *(ROOT / ".ci").iterdir()]
    return {path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for path in paths}


def broken_rules(files: Mapping[str, str]) -> list[str]:
    """Judge workflows and scripts, given by path; one line for each rule that is broken."""
    found = []
    for path, name in EXPECTED:
        if name not in parse(files.get(path, "")).get("jobs", {}):
            found.append(f"{path}: {name} is missing; restore it")
    for path, text in sorted(files.items()):
        judged = (judge_script if path.startswith(".ci/") else judge_workflow)(path, text, files)
        found += [f"{path}: {wrong}" for wrong in judged]
    return found


def judge_workflow(path: str, text: str, files: Mapping[str, str]) -> Iterator[str]:
    """Permissions are given per job, and nothing may hide a failure or bring in foreign code."""
    workflow = parse(text)
    for word in set(NOWHERE.findall(str(workflow))):
        yield f"names `{word}`, which hides a failure or brings in code or keys; remove it"
    if workflow.get("permissions") != {}:
        yield "gives permissions to all jobs; write `permissions: {}` and give them per job"
    for trigger in set(workflow.get("on", {})) - TRIGGERS:
        yield f"starts on `{trigger}`, which can give permissions to foreign code; remove it"
    for name, job in workflow.get("jobs", {}).items():
        yield from (f"jobs.{name}{wrong}" for wrong in judge_job((path, name), job))
    for key, value in leaves(workflow):
        wrongs = judge_value(key, str(value), text, files)
        yield from (f"{key}: `{value}` {wrong}" for wrong in wrongs)


def judge_job(job: tuple[str, str], body: dict) -> Iterator[str]:
    """Only deploy publishes: after verify, after versions, and for a push to main alone."""
    body = {**body, "run": [step["run"] for step in body.get("steps", []) if "run" in step]}
    for key, value in {"permissions": READ, "if": None, **EXPECTED.get(job, {})}.items():
        if body.get(key) != value:
            cure = f"write {value!r}" if value else "remove it"
            yield f".{key} is {body.get(key, 'missing')!r}; {cure}"
    if not re.fullmatch("[1-9]|[12][0-9]|30", body.get("timeout-minutes", "")):
        yield " can run for hours; give it `timeout-minutes` from 1 to 30"
    if job != DEPLOY and (match := PUBLISHES.search(str(body))):
        yield f" names `{match[0]}`; only deploy may publish"


def judge_value(key: str, value: str, text: str, files: Mapping[str, str]) -> Iterator[str]:
    """Actions are pinned, steps always run, each command is a bare script, each shell strict."""
    name, script = key.rpartition(".")[2], SCRIPT.fullmatch(value)
    if re.fullmatch(r"jobs\.[\w-]+\.if", key):
        return  # judged with its job
    if STATUS.search(value):
        yield "depends on failures before; remove it"
    if name == "if":
        yield "can skip a step; remove it"
    if name == "uses" and not PIN.fullmatch(value):
        yield "is not pinned; name a commit by all its 40 digits"
    elif name == "uses" and not re.search(rf"uses: {value} # v\d+\.\d+\.\d+\n", text):
        yield "does not tell its version; write `# vX.Y.Z` behind it"
    if name == "run" and (script is None or script[1] not in files):
        yield "is not a bare script of .ci; move the commands into one"
    elif name == "run" and not TESTS.search(files[script[1]]) and script[1] != ".ci/report":
        yield "tests nothing; call pytest in it"
    if name == "shell" and value != "bash":
        yield "can go on after a failure; write bash"


def judge_script(path: str, text: str, files: Mapping[str, str]) -> Iterator[str]:
    """A script ends at its first failure; `.ci/run` makes all checks, in their order."""
    lines = [line for line in text.splitlines() if line.strip()]
    commands = [re.sub(" # .*", "", line) for line in lines if line.lstrip()[0] != "#"]
    if [*lines[:1], *commands[:1]] != STRICT:
        yield f"can go on after a failure; begin with {STRICT}"
    for line, following in pairwise([*commands, ")"]):
        if match := SWALLOWS.search(CONDITION.sub("", line)) or PUBLISHES.search(line):
            yield f"`{line.strip()}` hides a failure or publishes (`{match[0]}`); write another"
        if "&&" in CONDITION.sub("", line) and following != ")":
            yield f"`{line}` can fail before its last `&&` unnoticed; put it in parentheses"
    given = [line for line in commands[1:] if not re.fullmatch('echo "== [a-z ]+"', line)]
    if path == ".ci/run" and given != GATE:
        yield f"makes other checks: {changes(GATE, given)}; restore them, in their order"


def parse(text: str) -> dict:
    """Parse a workflow; BaseLoader leaves `on` and `false` as they are written."""
    return yaml.load(text, yaml.BaseLoader) or {}


def leaves(node: object, key: str = "") -> Iterator[tuple[str, object]]:
    """Walk the values of a parsed document, each with its path."""
    if not isinstance(node, dict | list) or not node:
        yield key.lstrip("."), node
        return
    for name, child in node.items() if isinstance(node, dict) else enumerate(node):
        yield from leaves(child, f"{key}.{name}")


def snapshot(files: Mapping[str, str]) -> list[str]:
    """Write down the values of the files; versions of actions are left to the pins."""
    lines = []
    for path, text in files.items():
        if path.startswith(".ci/"):
            lines.append(f"{path}: {hashlib.sha256(text.encode()).hexdigest()}")
        else:
            lines += [f"{path}: {key}: {value!r}" for key, value in leaves(parse(text))]
    return sorted(PIN.sub(lambda pin: pin[0].partition("@")[0], line) for line in lines)


def changes(old: list[str], new: list[str]) -> list[str]:
    """List the lines that went, and those that came."""
    return [line for line in difflib.ndiff(old, new) if line.startswith(("- ", "+ "))]


if __name__ == "__main__":
    files = read_files()
    if broken := broken_rules(files):
        sys.exit("\n".join([*broken, "Nothing was written."]))
    print("\n".join(changes(SNAPSHOT.read_text("utf-8").splitlines(), snapshot(files))))
    SNAPSHOT.write_text("\n".join([*snapshot(files), ""]), "utf-8")
