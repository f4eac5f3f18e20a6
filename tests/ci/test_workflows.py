"""The policy of the workflows holds, and notices what would get round it."""

import os
from dataclasses import dataclass

import pytest
import yaml
from ci.policy import BY_HAND, GATE, WORKFLOWS
from ci.violations import violations
from conftest import ROOT

DOCS = ".github/workflows/docs.yml"
GPU = ".github/workflows/gpu.yml"
NIGHTLY = ".github/workflows/nightly.yml"
CHECKOUT = "actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1"


@pytest.fixture(scope="module")
def files() -> dict[str, str]:
    """Text of every workflow, and of every script that workflows call, by path."""
    paths = [*(ROOT / ".github/workflows").iterdir(), *(ROOT / ".ci").iterdir()]
    return {path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for path in paths}


def test_workflows_and_scripts_keep_to_the_policy(files):
    assert violations(files) == []


@dataclass(frozen=True)
class Mutation:
    """A change that could get something unverified published, and what is said of it."""

    name: str
    file: str
    old: str
    new: str
    says: str


MUTATIONS = [
    # What the job that publishes waits for
    Mutation("no needs", DOCS, "    needs: verify\n", "", "deploy: `needs` is"),
    Mutation("needs less", DOCS, "needs: verify", "needs: versions", "deploy: `needs` is"),
    Mutation("verify waits for nothing", DOCS, "    needs: versions\n", "", "verify: `needs` is"),
    Mutation("any event", DOCS, "github.event_name == 'push' && ", "", "deploy: `if` is"),
    Mutation("any branch", DOCS, " && github.ref == 'refs/heads/main'", "", "deploy: `if` is"),
    Mutation("or", DOCS, "'push' &&", "'push' ||", "deploy: `if` is"),
    Mutation(
        "always", DOCS, "if: github.event", "if: always() && github.event", "deploy: `if` is"
    ),
    Mutation(
        "verify after a failure",
        DOCS,
        "    needs: versions\n",
        "    needs: versions\n    if: ${{ !Cancelled() }}\n",
        "verify: runs after a failure; remove its `if`",
    ),
    Mutation(
        "verify never",
        DOCS,
        "    needs: versions\n",
        "    needs: versions\n    if: false\n",
        "verify: `if` is 'false'",
    ),
    Mutation(
        "no versions", DOCS, "\n  versions:\n", "\n  others:\n", "docs.yml: versions: is missing"
    ),
    # What hides a failure
    Mutation(
        "another gate after a failure",
        DOCS,
        "      REPO_NAME: ${{ github.repository }}",
        "      REPO_NAME: ${{ failure() && 'loose' }}",
        "verify: `failure()` makes it depend on what failed before",
    ),
    Mutation(
        "job may fail",
        DOCS,
        "    needs: versions\n",
        "    needs: versions\n    continue-on-error: true\n",
        "verify: `continue-on-error` hides a failure",
    ),
    Mutation(
        "step may fail",
        DOCS,
        "      - run: .ci/run\n",
        "      - run: .ci/run\n        continue-on-error: true\n",
        "verify: `continue-on-error` hides a failure",
    ),
    Mutation("swallowed", DOCS, "run: .ci/run", "run: .ci/run || true", "verify: its steps are"),
    Mutation("pipe", DOCS, "run: .ci/run", "run: .ci/run | tail", "verify: its steps are"),
    Mutation("two commands", DOCS, "run: .ci/run", "run: .ci/run; echo", "verify: its steps are"),
    Mutation(
        "step only sometimes",
        DOCS,
        "      - run: .ci/run\n",
        "      - run: .ci/run\n        if: github.actor != 'me'\n",
        "verify: `if` at `.ci/run` can skip or bend the step",
    ),
    Mutation(
        "step in another folder",
        DOCS,
        "      - run: .ci/run\n",
        "      - run: .ci/run\n        working-directory: docs\n",
        "verify: `working-directory` at `.ci/run`",
    ),
    Mutation(
        "shell without -e",
        DOCS,
        "      - run: .ci/run\n",
        "      - run: .ci/run\n        shell: bash {0}\n",
        "verify: the shell of `.ci/run` may go on after a failure",
    ),
    Mutation(
        "default shell without -e",
        DOCS,
        "\njobs:\n",
        "\ndefaults:\n  run:\n    shell: bash {0}\n\njobs:\n",
        "docs.yml: `defaults` can change what every job does",
    ),
    Mutation(
        "a shell of its own",
        DOCS,
        "      REPO_NAME:",
        "      BASH_ENV: docs/_hooks/anything\n      REPO_NAME:",
        "verify: the variable BASH_ENV can change",
    ),
    Mutation(
        "pytest's options",
        DOCS,
        "      REPO_NAME:",
        "      PYTEST_ADDOPTS: --collect-only\n      REPO_NAME:",
        "verify: the variable PYTEST_ADDOPTS can change",
    ),
    Mutation(
        "variables of the workflow",
        DOCS,
        "\njobs:\n",
        "\nenv:\n  PYTEST_ADDOPTS: --collect-only\n\njobs:\n",
        "docs.yml: `env` can change what every job does",
    ),
    Mutation(
        "an endless job", DOCS, "    timeout-minutes: 10\n", "", "deploy: has no `timeout-minutes`"
    ),
    Mutation(
        "a long job",
        DOCS,
        "timeout-minutes: 10",
        "timeout-minutes: 360",
        "deploy: has no `timeout-minutes` from 1 to 30",
    ),
    # What is published
    Mutation("another folder", DOCS, "path: site", "path: docs", "verify: the input `path` of"),
    Mutation("no build", DOCS, "      - run: .ci/run\n", "", "verify: its steps are"),
    Mutation(
        "built again",
        DOCS,
        "      - id: deployment\n",
        "      - run: .venv/bin/mkdocs build\n      - id: deployment\n",
        "deploy: its steps are",
    ),
    Mutation(
        "another artifact",
        DOCS,
        "cd2ce8fcbc39b97be8ca5fce6e763baed58fa128 # v5.0.0\n",
        "cd2ce8fcbc39b97be8ca5fce6e763baed58fa128 # v5.0.0\n"
        "        with:\n          artifact_name: other\n",
        "deploy: the input `artifact_name` of `actions/deploy-pages` is not known",
    ),
    Mutation(
        "another commit",
        DOCS,
        "          persist-credentials: false\n",
        "          persist-credentials: false\n          ref: other\n",
        "verify: the input `ref` of `actions/checkout` is not known",
    ),
    Mutation(
        "a token left behind",
        DOCS,
        "persist-credentials: false",
        "persist-credentials: true",
        "verify: the input `persist-credentials`",
    ),
    Mutation(
        "a cache of pip",
        DOCS,
        'python-version: "3.11"\n',
        'python-version: "3.11"\n          cache: pip\n',
        "verify: the input `cache` of `actions/setup-python` can bring in",
    ),
    Mutation(
        "a cache of records",
        DOCS,
        "      - run: .ci/run\n",
        "      - uses: actions/cache@0123456789012345678901234567890123456789 # v5.0.0\n"
        "        with:\n          path: .cache\n          key: records\n"
        "      - run: .ci/run\n",
        "verify: `actions/cache@0123456789012345678901234567890123456789` can bring in",
    ),
    Mutation(
        "records of other workflows",
        DOCS,
        "pattern: passes-*",
        "pattern: '*'",
        "verify: the input `pattern` of `actions/download-artifact`",
    ),
    Mutation(
        "records that are missing",
        DOCS,
        "if-no-files-found: error",
        "if-no-files-found: ignore",
        "versions: the input `if-no-files-found`",
    ),
    Mutation(
        "a runner that remembers",
        DOCS,
        "needs: versions\n    runs-on: ubuntu-24.04",
        "needs: versions\n    runs-on: self-hosted",
        "verify: `runs-on` is 'self-hosted'",
    ),
    Mutation(
        "a container",
        DOCS,
        "    needs: versions\n",
        "    needs: versions\n    container: python\n",
        "verify: `container` can change what its steps do",
    ),
    Mutation(
        "an expression in a command",
        DOCS,
        "run: .ci/run",
        "run: .ci/run ${{ github.head_ref }}",
        "pastes an expression into a command",
    ),
    # Who may do what, and when
    Mutation("no bounds", DOCS, "permissions: {}\n", "", "docs.yml: all jobs get permissions"),
    Mutation(
        "all permissions",
        DOCS,
        "permissions: {}",
        "permissions: write-all",
        "docs.yml: all jobs get permissions",
    ),
    Mutation(
        "verify may write",
        DOCS,
        "contents: read",
        "contents: write",
        "verify: `contents: write` can publish",
    ),
    Mutation(
        "deploy may write more",
        DOCS,
        "      pages: write",
        "      contents: write\n      pages: write",
        "deploy: `permissions` is",
    ),
    Mutation(
        "an unprotected environment",
        DOCS,
        "name: github-pages",
        "name: anywhere",
        "deploy: runs in the environment 'anywhere'",
    ),
    Mutation(
        "code of forks with our permissions",
        DOCS,
        "  pull_request:\n",
        "  pull_request_target:\n",
        "docs.yml: has other triggers",
    ),
    Mutation(
        "after another workflow",
        DOCS,
        "  pull_request:\n",
        "  pull_request:\n  workflow_run:\n    workflows: [gpu]\n",
        "docs.yml: has other triggers",
    ),
    Mutation(
        "all branches",
        DOCS,
        "    branches: [main]\n",
        "    branches: ['**']\n",
        "docs.yml: has other triggers",
    ),
    Mutation(
        "side by side",
        DOCS,
        "  group: docs-${{ github.ref }}",
        "  group: docs-${{ github.run_id }}",
        "docs.yml: concurrency differs",
    ),
    Mutation(
        "cut short",
        DOCS,
        "cancel-in-progress: ${{ github.event_name == 'pull_request' }}",
        "cancel-in-progress: true",
        "docs.yml: concurrency differs",
    ),
    Mutation(
        "a secret",
        DOCS,
        "      REPO_NAME: ${{ github.repository }}",
        "      REPO_NAME: ${{ secrets.NAME }}",
        "docs.yml: names secrets",
    ),
    # Whose code runs
    Mutation(
        "a tag",
        DOCS,
        CHECKOUT,
        "actions/checkout@v7 # v7.0.1",
        "verify: `actions/checkout@v7` is not pinned",
    ),
    Mutation(
        "a short pin",
        DOCS,
        CHECKOUT,
        "actions/checkout@3d3c42e # v7.0.1",
        "verify: `actions/checkout@3d3c42e` is not pinned",
    ),
    Mutation(
        "a pin of what version",
        DOCS,
        CHECKOUT,
        CHECKOUT.replace("v7.0.1", "v7"),
        "does not tell its version",
    ),
    Mutation(
        "an action of one's own",
        DOCS,
        "      - run: .ci/run\n",
        "      - uses: ./.github/gate\n",
        "verify: its steps are",
    ),
    Mutation(
        "somebody else's job",
        DOCS,
        "\n  deploy:\n",
        "\n  publish:\n    uses: somebody/docs/.github/workflows/publish.yml@main\n\n  deploy:\n",
        "publish: is not known",
    ),
    # The other workflows
    Mutation(
        "nightly deploys",
        NIGHTLY,
        "issues: write",
        "pages: write",
        "report: `pages: write` can publish",
    ),
    Mutation(
        "gpu pushes",
        GPU,
        "contents: read",
        "contents: write",
        "receipts: `contents: write` can publish",
    ),
    Mutation(
        "gpu on every request",
        GPU,
        "  workflow_dispatch:\n",
        "  pull_request:\n",
        "gpu.yml: has other triggers",
    ),
    Mutation(
        "gpu without being asked",
        GPU,
        "    environment: gpu # ",
        "    # ",
        "receipts: runs in the environment ''",
    ),
    Mutation(
        "nightly hides a failure",
        NIGHTLY,
        "    timeout-minutes: 15\n",
        "    timeout-minutes: 15\n    if: always()\n",
        "links: runs after a failure",
    ),
    Mutation("no report", NIGHTLY, "    if: always()\n", "", "report: `if` is 'missing'"),
    # The scripts
    Mutation("no -e", ".ci/run", "set -euo pipefail", "set -u", ".ci/run: goes on after"),
    Mutation(
        "no pipefail", ".ci/versions", "set -euo pipefail", "set -eu", ".ci/versions: goes on"
    ),
    Mutation(
        "-e taken back",
        ".ci/run",
        ".venv/bin/ruff check .",
        "set +e\n.venv/bin/ruff check .",
        ".ci/run: `set +` in `set +e` hides a failure",
    ),
    Mutation(
        "not strict",
        ".ci/run",
        "mkdocs build --strict",
        "mkdocs build",
        ".ci/run: `.venv/bin/mkdocs build --strict` is missing",
    ),
    Mutation(
        "a chain that -e overlooks",
        ".ci/run",
        "\n)\n",
        "\n",
        "can fail before its last `&&` unnoticed",
    ),
    Mutation(
        "no tests",
        ".ci/run",
        " && .venv/bin/pytest\n",
        "\n",
        "&& .venv/bin/pytest` is missing",
    ),
    Mutation(
        "no browser",
        ".ci/run",
        " && .ci/browser",
        "",
        ".ci/run: `python3 -m venv .venv",
    ),
    Mutation(
        "no browser, and nobody told",
        ".ci/browser",
        "apt-get $step;",
        "apt-get $step || true;",
        ".ci/browser: `|| true` in",
    ),
    Mutation(
        "a failure swallowed in a script",
        ".ci/platforms",
        "docs/en/tensors.md",
        "docs/en/tensors.md || true",
        ".ci/platforms: `|| true` in",
    ),
    Mutation("another shell", ".ci/run", "env bash", "env sh", ".ci/run: is not run by bash"),
    Mutation(
        "a command that nobody knows",
        ".ci/run",
        ".venv/bin/ruff check .",
        "export PYTEST_ADDOPTS=--collect-only\n.venv/bin/ruff check .",
        ".ci/run: `export PYTEST_ADDOPTS=--collect-only` is not known",
    ),
    Mutation(
        "built before it was tested",
        ".ci/run",
        "(\npython3",
        ".venv/bin/mkdocs build --strict\n(\npython3",
        ".ci/run: its commands are in another order",
    ),
    Mutation(
        "done early",
        ".ci/run",
        ".venv/bin/ruff check .",
        "exit 0\n.venv/bin/ruff check .",
        ".ci/run: `exit 0` in",
    ),
    Mutation(
        "a changed checkout",
        ".ci/run",
        "git status --porcelain | (! grep .)",
        "git status",
        ".ci/run: `git status --porcelain | (! grep .)` is missing",
    ),
]


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_a_loosened_workflow_is_refused(files, mutation):
    changed = files[mutation.file].replace(mutation.old, mutation.new)
    assert changed != files[mutation.file]
    found = violations({**files, mutation.file: changed})
    assert any(mutation.says in violation for violation in found), found


def test_a_second_file_cannot_publish(files):
    second = files[DOCS].replace("name: docs", "name: second")
    found = violations({**files, ".github/workflows/second.yml": second})
    assert [violation.partition(": ")[2] for violation in found] == [
        "`pages: write` can publish; only deploy of .github/workflows/docs.yml may",
        "is not known; enter it in the policy or remove it",
    ]


@pytest.mark.parametrize("file", sorted(WORKFLOWS))
def test_a_workflow_cannot_be_dropped(files, file):
    rest = {path: text for path, text in files.items() if path != file}
    assert violations(rest) == [f"{file}: is missing; restore it"]


def test_every_script_that_a_workflow_calls_can_be_run():
    jobs = [job for workflow in WORKFLOWS.values() for job in workflow.jobs.values()]
    scripts = {step.partition(" ")[0] for job in jobs for step in job.steps if step[0] == "."}
    scripts |= BY_HAND | {
        word for command in GATE for word in command.split() if word.startswith(".ci/")
    }
    assert scripts == {path.relative_to(ROOT).as_posix() for path in (ROOT / ".ci").iterdir()}
    assert all(os.access(ROOT / script, os.X_OK) for script in scripts)


def test_every_python_runs_the_oldest_and_the_published_torch(files):
    matrix = yaml.safe_load(files[DOCS])["jobs"]["versions"]["strategy"]["matrix"]
    pairs = {pair["torch"]: pair["torchvision"] for pair in matrix["include"]}
    pins = dict(
        line.partition("  #")[0].split("==")
        for line in (ROOT / "requirements.txt").read_text().splitlines()
        if not line.startswith("#")
    )
    assert matrix.keys() == {"python", "torch", "include"}
    assert list(pairs) == matrix["torch"]
    assert pairs == {"2.11.0": "0.26.0", pins["torch"]: pins["torchvision"]}
    assert matrix["python"] == ["3.11", "3.12", "3.13"]
