"""What the workflows and the scripts that they call may do.

Publishing is safe as long as the workflow means what it seems to mean. So whatever is not
written down here is refused by `violations`: a job, a key, a step, an input, a variable, a
permission.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

LONGEST_JOB = 30
"""Minutes after which a job must be ended."""
READ = {"contents": "read"}
HOSTED = "ubuntu-24.04"
PUBLISHER = (".github/workflows/docs.yml", "deploy")
"""The one job that may publish, and its file."""
STRICT = "set -euo pipefail"

WORKFLOW_KEYS = {"name", "on", "permissions", "concurrency", "jobs"}
JOB_KEYS = {
    "name", "needs", "if", "runs-on", "timeout-minutes", "permissions", "environment",
    "strategy", "env", "steps",
}  # fmt: skip
STEP_KEYS = {"id", "uses", "with", "run", "shell"}
SHELL = "bash"
"""The one shell to be named; GitHub runs it with ``-eo pipefail``."""

INPUTS = {
    "actions/checkout": {"persist-credentials": "false"},
    "actions/setup-python": {"python-version": r"3\.\d\d|\$\{\{ matrix\.python \}\}"},
    "actions/download-artifact": {
        "pattern": r"passes-\*",
        "path": r"\.cache/passes",
        "merge-multiple": "true",
    },
    "actions/upload-artifact": {
        "name": "receipts|passes-.+",
        "path": r"docs/receipts\.json|passes",
        "if-no-files-found": "error",
    },
    "actions/upload-pages-artifact": {"path": "site"},
    "actions/deploy-pages": {},
    "lycheeverse/lychee-action": {"args": ".*", "failIfEmpty": "false"},
}
"""The inputs that each action must be given, as patterns, and no others."""


@dataclass(frozen=True)
class Job:
    """What a job must be."""

    steps: tuple[str, ...]
    """Actions without their version, and commands, in order."""
    needs: str | list[str] = ""
    condition: str = ""
    runner: str | list[str] = HOSTED
    permissions: Mapping[str, str] = field(default_factory=lambda: READ)
    environment: str = ""
    variables: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Workflow:
    """What a workflow must be."""

    triggers: Mapping[str, object]
    concurrency: Mapping[str, str]
    jobs: Mapping[str, Job]


INSTALL = ("actions/checkout", "actions/setup-python")
WORKFLOWS = {
    ".github/workflows/docs.yml": Workflow(
        triggers={"push": {"branches": ["main"]}, "pull_request": "", "workflow_dispatch": ""},
        concurrency={
            "group": "docs-${{ github.ref }}",
            "cancel-in-progress": "${{ github.event_name == 'pull_request' }}",
        },
        jobs={
            "versions": Job(
                steps=(*INSTALL, ".ci/versions", "actions/upload-artifact"),
                variables=frozenset({"TORCH", "TORCHVISION"}),
            ),
            "platforms": Job(
                steps=(*INSTALL, ".ci/platforms"),
                runner="${{ matrix.runner }}",
                variables=frozenset(
                    {"GIT_CONFIG_COUNT", "GIT_CONFIG_KEY_0", "GIT_CONFIG_VALUE_0"}
                ),
            ),
            "verify": Job(
                steps=(
                    *INSTALL,
                    "actions/download-artifact",
                    ".ci/run",
                    "actions/upload-pages-artifact",
                ),
                needs="versions",
                variables=frozenset({"SITE_URL", "REPO_URL", "REPO_NAME", "EDIT_URI"}),
            ),
            "deploy": Job(
                steps=("actions/deploy-pages",),
                needs="verify",
                condition="github.event_name == 'push' && github.ref == 'refs/heads/main'",
                permissions={"pages": "write", "id-token": "write"},
                environment="github-pages",
            ),
        },
    ),
    ".github/workflows/gpu.yml": Workflow(
        triggers={"workflow_dispatch": ""},
        concurrency={"group": "gpu", "cancel-in-progress": "false"},
        jobs={
            "receipts": Job(
                steps=("actions/checkout", ".ci/gpu", "actions/upload-artifact"),
                runner=["self-hosted", "gpu"],
                environment="gpu",
            ),
        },
    ),
    ".github/workflows/nightly.yml": Workflow(
        triggers={"schedule": [{"cron": "23 3 * * *"}], "workflow_dispatch": ""},
        concurrency={"group": "nightly", "cancel-in-progress": "false"},
        jobs={
            "prerelease": Job(steps=(*INSTALL, ".ci/nightly prerelease")),
            "newest": Job(steps=(*INSTALL, ".ci/nightly newest")),
            "links": Job(steps=("actions/checkout", "lycheeverse/lychee-action")),
            "report": Job(
                steps=("actions/checkout", ".ci/report"),
                needs=["prerelease", "newest", "links"],
                condition="always()",
                permissions={**READ, "issues": "write"},
                variables=frozenset({"GH_TOKEN", "GH_REPO", "RUN_URL", "RESULTS"}),
            ),
        },
    ),
}
BY_HAND = {".ci/zensical"}
"""Scripts that no workflow calls."""

GATE = (
    STRICT,
    'cd "$(dirname "$0")/.."',
    "(",
    "python3 -m venv .venv && .venv/bin/pip install -r requirements.txt && .ci/browser"
    " && .venv/bin/pytest",
    ")",
    ".venv/bin/ruff check .",
    ".venv/bin/ruff format --check .",
    ".venv/bin/zizmor --offline --strict-collection --persona pedantic .github",
    ".venv/bin/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml",
    ".venv/bin/check-jsonschema --builtin-schema vendor.dependabot .github/dependabot.yml",
    ".venv/bin/mkdocs build --strict",
    "git status --porcelain | (! grep .)",
)
"""The commands of `.ci/run`: all of them, in this order, and nothing between them."""
