"""Where the workflows and their scripts do what the policy does not let them do."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise

import yaml
from ci.policy import (
    GATE,
    INPUTS,
    JOB_KEYS,
    LONGEST_JOB,
    PUBLISHER,
    SHELL,
    STEP_KEYS,
    STRICT,
    WORKFLOW_KEYS,
    WORKFLOWS,
    Job,
)

PUBLISHING = re.compile(
    r"(contents|packages|pages|id-token|deployments): write|write-all"
    r"|deploy-pages|github-pages|gh-pages"
)
STATUS = re.compile(r"\b(always|cancelled|failure|success)\s*\(", re.IGNORECASE)
CACHE = re.compile(r"\bcache\b", re.IGNORECASE)
PIN = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}")
SWALLOWS = re.compile(
    r"\|\|\s*(true|:|echo|return 0)|;\s*(true|:)\s*$"
    r"|\bset \+|\bexit 0\b|(?<!&)&\s*$|^\s*!\s"
)
"""What makes a script go on, or end well, after a command has failed."""
CONDITION = re.compile(r"\[\[.*?\]\]")


def violations(files: Mapping[str, str]) -> list[str]:
    """Compare the workflows and their scripts with what they may be.

    Args:
        files: Text of every file in `.github/workflows` and `.ci`, by path.

    Returns:
        One line for each violation: file, job, what is wrong and what to do.
    """
    workflows = {path for path in files if path.startswith(".github/")}
    found = [f"{path}: is missing; restore it" for path in WORKFLOWS.keys() - workflows]
    for path in sorted(workflows - WORKFLOWS.keys()):
        found.append(f"{path}: is not known; enter it in the policy or remove it")
    for path in sorted(files):
        if path in workflows:
            found += workflow_violations(path, files[path])
        else:
            found += [f"{path}: {wrong}" for wrong in script_violations(path, files[path])]
    return sorted(found)


def workflow_violations(path: str, text: str) -> Iterator[str]:
    """Compare one workflow, and each of its jobs, with what it may be."""
    document = yaml.load(text, yaml.BaseLoader)  # reads `on` and `false` as they are written
    if path != PUBLISHER[0] and (match := PUBLISHING.search(text)):
        yield f"{path}: `{match[0]}` can publish; only {' of '.join(PUBLISHER[::-1])} may"
    if "secrets" in text:
        yield f"{path}: names secrets; do without them"
    workflow = WORKFLOWS.get(path)
    if workflow is None:
        return
    for key in document.keys() - WORKFLOW_KEYS:
        yield f"{path}: `{key}` can change what every job does; remove it"
    if document.get("on") != workflow.triggers:
        yield f"{path}: has other triggers than the policy; restore {sorted(workflow.triggers)}"
    if document.get("permissions") != {}:
        yield f"{path}: all jobs get permissions; write `permissions: {{}}` and grant per job"
    if document.get("concurrency") != workflow.concurrency:
        yield f"{path}: concurrency differs; restore {workflow.concurrency}"
    jobs = document.get("jobs", {})
    for name in workflow.jobs.keys() - jobs.keys():
        yield f"{path}: {name}: is missing; restore it"
    for name, job in jobs.items():
        if name not in workflow.jobs:
            yield f"{path}: {name}: is not known; enter it in the policy or remove it"
            continue
        for wrong in job_violations(job, workflow.jobs[name]):
            yield f"{path}: {name}: {wrong}"
        for wrong in unpinned(job, text):
            yield f"{path}: {name}: {wrong}"
        if (path, name) != PUBLISHER and (match := PUBLISHING.search(yaml.safe_dump(job))):
            yield f"{path}: {name}: `{match[0]}` can publish; only {PUBLISHER[1]} may"


def job_violations(job: dict, policy: Job) -> Iterator[str]:
    """Compare one job with what it may be."""
    if "continue-on-error" in yaml.safe_dump(job):
        yield "`continue-on-error` hides a failure; remove it"
    for key in job.keys() - JOB_KEYS:
        yield f"`{key}` can change what its steps do; remove it"
    expected = {
        "needs": policy.needs,
        "if": policy.condition,
        "runs-on": policy.runner,
        "permissions": policy.permissions,
    }
    for key, value in expected.items():
        if job.get(key, "") != value:
            yield f"`{key}` is {job.get(key, 'missing')!r}; restore {value!r}"
    environment = job.get("environment", "")
    if isinstance(environment, dict):
        environment = environment.get("name", "")
    if environment != policy.environment:
        yield f"runs in the environment {environment!r}; restore {policy.environment!r}"
    minutes = job.get("timeout-minutes", "")
    if not minutes.isdecimal() or not 1 <= int(minutes) <= LONGEST_JOB:
        yield f"has no `timeout-minutes` from 1 to {LONGEST_JOB}; give it one"
    for name in job.get("env", {}).keys() - policy.variables:
        yield f"the variable {name} can change what its commands do; remove it"
    for value in scalars({key: job[key] for key in job.keys() - {"if"}}):
        if match := STATUS.search(value):
            yield f"`{match[0]})` makes it depend on what failed before; remove it"
    if policy.condition == "" and STATUS.search(job.get("if", "")):
        yield "runs after a failure; remove its `if`"
    yield from step_violations(job.get("steps", []), policy)


def step_violations(steps: list[dict], policy: Job) -> Iterator[str]:
    """Compare the steps of one job with those that it must have."""
    names = [step.get("uses", "").partition("@")[0] or step.get("run", "") for step in steps]
    if names != list(policy.steps):
        yield f"its steps are {names}; restore {list(policy.steps)}"
    for name, step in zip(names, steps, strict=True):
        for key in step.keys() - STEP_KEYS:
            yield f"`{key}` at `{name}` can skip or bend the step; remove it"
        if "${{" in step.get("run", ""):
            yield f"`{name}` pastes an expression into a command; hand it over in `env`"
        if step.get("shell", SHELL) != SHELL:
            yield f"the shell of `{name}` may go on after a failure; use {SHELL}"
        yield from input_violations(name, step.get("with", {}))


def input_violations(action: str, given: Mapping[str, str]) -> Iterator[str]:
    """Compare what an action is given with what it must be given."""
    inputs = INPUTS.get(action, {})
    for key in given.keys() - inputs.keys():
        reason = "can bring in what nobody verified" if CACHE.search(key) else "is not known"
        yield f"the input `{key}` of `{action}` {reason}; remove it"
    for key, pattern in inputs.items():
        if not re.fullmatch(pattern, given.get(key, ""), re.DOTALL):
            yield f"the input `{key}` of `{action}` is {given.get(key)!r}; restore {pattern!r}"


def unpinned(job: dict, text: str) -> Iterator[str]:
    """Find the actions of a job whose code can change without a commit here."""
    for step in job.get("steps", []):
        action = step.get("uses")
        if action is None:
            continue
        if not PIN.fullmatch(action):
            yield f"`{action}` is not pinned; name a commit by all its 40 digits"
        elif not re.search(rf"uses: {re.escape(action)} # v\d+\.\d+\.\d+\n", text):
            yield f"`{action}` does not tell its version; write `# vX.Y.Z` behind it"
        if CACHE.search(action):
            yield f"`{action}` can bring in what nobody verified; remove it"


def scalars(node: object) -> Iterator[str]:
    """Walk all texts of a parsed document, those of keys left out."""
    if isinstance(node, dict):
        node = list(node.values())
    if isinstance(node, list):
        for child in node:
            yield from scalars(child)
    else:
        yield str(node)


def script_violations(path: str, text: str) -> Iterator[str]:
    """Find where a script could go on after a failure, or leave a check out."""
    lines = [line for line in text.splitlines() if line.strip()]
    commands = [line for line in lines if not line.lstrip().startswith("#")]
    if lines[:1] != ["#!/usr/bin/env bash"]:
        yield "is not run by bash; begin it with `#!/usr/bin/env bash`"
    if commands[:1] != [STRICT]:
        yield f"goes on after a failure; let `{STRICT}` be its first command"
    for line, following in pairwise([*commands, ")"]):
        if match := SWALLOWS.search(line):
            yield f"`{match[0].strip()}` in `{line.strip()}` hides a failure; remove it"
        if "&&" in CONDITION.sub("", line) and following != ")":
            yield f"`{line}` can fail before its last `&&` unnoticed; put it in parentheses"
    if path == ".ci/run":
        given = tuple(line.partition("  #")[0] for line in commands)
        yield from (f"`{line}` is missing; restore it" for line in GATE if line not in given)
        yield from (f"`{line}` is not known; remove it" for line in given if line not in GATE)
        if given != GATE and set(given) == set(GATE):
            yield "its commands are in another order; restore it"
