"""Maintainers' scripts: ``.ci/check`` between two commits, ``.ci/run`` before a change lands."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from ci.scripts import Scripts

PROGRAMS = ("check-jsonschema", "mkdocs", "mypy", "pip", "pytest", "python", "ruff", "zizmor")
PAGES = {
    "docs/en/views.md": '```python\n--8<-- "views.py:stride"\n```\n',
    "docs/zh/views.md": '```python\n--8<-- "views.py:stride"\n```\n',
    "docs/en/index.md": '```python\n--8<-- "data.py:batch"\n```\n',
    "docs/en/data.md": '```python\n--8<-- "data.py:batch"\n```\n',
    "docs/en/plan.md": "# A plan, without code\n",
    "snippets/views.py": "",
    "snippets/data.py": "",
    "snippets/toolbox/devices.py": "",
    ".gitignore": ".venv\nlog\nprograms\n",
}
CHEAP = ["ruff check .", "ruff format --check .", "mypy ", "python -m collector.rules"]
FOUND = "== pages and sections that changed since the last commit"


def git(scripts: Scripts, *arguments: str) -> None:
    author = ["-c", "user.name=Author", "-c", "user.email=author@example.org"]
    subprocess.run(["git", *author, *arguments], cwd=scripts.root, check=True)


@pytest.fixture
def checkout(scripts: Scripts) -> Scripts:
    """A repository with all committed, and recorders in its `.venv`."""
    install = "mkdir -p .venv/bin\n"
    install += "".join(f'cp "$PROGRAMS/recorder" .venv/bin/{name}\n' for name in PROGRAMS)
    scripts.program("python3", install)
    for name in ("chromium", "fc-list"):  # all is there that .ci/browser looks for
        scripts.program(name, "echo Noto\n")
    for name, text in PAGES.items():
        path = scripts.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    git(scripts, "init", "--quiet")
    git(scripts, "add", "--all")
    git(scripts, "commit", "--quiet", "--message", "All")
    return scripts


@pytest.fixture
def installed(checkout: Scripts) -> Scripts:
    programs = checkout.root / ".venv/bin"
    programs.mkdir(parents=True)
    for name in PROGRAMS:
        shutil.copy(checkout.root / "programs/recorder", programs / name)
    return checkout


@pytest.mark.parametrize(
    ("changed", "pages"),
    [
        pytest.param([], "", id="nothing"),
        pytest.param(["README.md"], "", id="no page"),
        pytest.param(["docs/en/plan.md"], "", id="a page without code"),
        pytest.param(["docs/zh/views.md"], "docs/en/views.md docs/zh/views.md", id="one language"),
        pytest.param(["snippets/views.py"], "docs/en/views.md docs/zh/views.md", id="sections"),
        pytest.param(
            ["snippets/data.py", "docs/en/data.md"],
            "docs/en/data.md docs/en/index.md",
            id="sections that another page shows too",
        ),
        pytest.param(["docs/en/new.md"], "docs/en/new.md", id="a new page"),
        pytest.param(["snippets/toolbox/devices.py"], "docs", id="code that any section imports"),
    ],
)
def test_a_check_runs_the_pages_that_changed(installed, changed, pages):
    for name in changed:
        path = installed.root / name
        path.write_text(f"{path.read_text() if path.exists() else '```python'}\nchanged\n")
    result = installed.run(".ci/check")
    assert result.returncode == 0, result.stderr
    assert installed.log == [*CHEAP, *([f"pytest -q {pages}"] if pages else [])]
    assert result.stdout.partition(f"{FOUND}\n")[2] == ("" if pages else "none\n")


def test_a_check_runs_the_language_that_was_not_deleted(installed):
    (installed.root / "docs/zh/views.md").unlink()
    assert installed.run(".ci/check").returncode == 0
    assert installed.log[-1] == "pytest -q docs/en/views.md"


@pytest.mark.parametrize("program", ["ruff", "mypy", "python", "pytest"])
def test_a_check_ends_at_the_first_failure(installed, program):
    (installed.root / "snippets/views.py").write_text("changed")
    assert installed.run(".ci/check", FAILS=program).returncode != 0
    assert installed.log[-1].startswith(f"{program} ")


def test_a_check_names_its_stages(installed):
    stages = installed.run(".ci/check").stdout.splitlines()
    assert stages == ["== style", "== types", "== rules of the house", FOUND, "none"]


def test_a_check_without_an_installation_says_what_to_do(checkout):
    result = checkout.run(".ci/check")
    assert (result.returncode, checkout.log) == (1, [])
    assert result.stderr == "install first: run README's test command once\n"


def test_a_run_makes_every_check_and_names_its_stages(checkout):
    result = checkout.run(".ci/run")
    assert result.returncode == 0, result.stderr
    programs = [line.partition(" ")[0] for line in checkout.log]
    assert list(dict.fromkeys(programs)) == [
        *("pip", "pytest", "ruff", "mypy", "zizmor", "check-jsonschema", "mkdocs")
    ]
    stages = [line for line in result.stdout.splitlines() if line.startswith("== ")]
    assert len(stages) == 7


def test_a_run_asks_to_commit_before_it_takes_minutes(checkout):
    (checkout.root / "snippets/views.py").write_text("changed")
    (checkout.root / "new.md").touch()
    result = checkout.run(".ci/run")
    assert (result.returncode, checkout.log) == (1, [])
    assert result.stderr == "commit first: M snippets/views.py ?? new.md\n"


def test_a_run_that_changes_the_checkout_fails(checkout):
    path = checkout.root / "programs/recorder"
    path.write_text(f"{path.read_text()}echo changed > snippets/views.py\n")
    result = checkout.run(".ci/run")
    assert result.returncode == 1
    assert result.stderr == "these files were changed by the checks: M snippets/views.py\n"
    assert checkout.log[-1] == "mkdocs build --strict"


@pytest.mark.parametrize("program", ["pip", "pytest", "ruff", "mypy", "zizmor", "mkdocs"])
def test_a_run_ends_at_the_first_failure(checkout, program):
    assert checkout.run(".ci/run", FAILS=program).returncode != 0
    assert checkout.log[-1].startswith(f"{program} ")
