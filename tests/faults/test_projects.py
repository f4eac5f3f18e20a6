"""The build names the faults of a project as a whole, and leaves nothing."""

import subprocess
import sys

import pytest
from configuration import require_strict
from conftest import Project, use_material
from faults.projects import (
    AFTER_RUN,
    BROKEN_RUNNERS,
    LOOSENED,
    OWN_BUILD,
    SHARED_BUILD,
    UNREADABLE_PAGES,
    BrokenRunner,
    Change,
    ChangeAfterRun,
    Loosening,
)
from faults.trial import Trial, require_nothing_published, selected, set_nav

name_of = dict(ids=lambda case: case.name)


@pytest.fixture(scope="module")
def shared(request, new_project):
    project = new_project()
    use_material(project)
    for change in selected(request, "together"):
        change.make(project)
    return project, project.build()


def require_refusal(project: Project, built, change: Change) -> None:
    require_nothing_published(project, built)
    reasons = built.stdout + built.stderr
    assert change.says in reasons, reasons[-6000:]


@pytest.mark.parametrize("together", SHARED_BUILD, **name_of)
def test_each_fault_of_a_project_is_listed(shared, together: Change):
    require_refusal(*shared, together)
    assert "docs/en/notes.md:6" not in shared[1].stderr


@pytest.fixture(scope="module")
def unreadable(request, new_project):
    project = new_project()
    for change in selected(request, "page"):
        change.make(project)
    return Trial.of(project)


@pytest.mark.parametrize("page", UNREADABLE_PAGES, **name_of)
def test_unreadable_page_is_named(unreadable, page: Change):
    unreadable.require_refusal()
    assert page.says in unreadable.built.stderr
    assert page.says in unreadable.tested.stdout
    assert unreadable.outcomes["docs/zh/notes.md::also"] == "PASSED"


@pytest.fixture(scope="module")
def changed(request, new_project):
    """A project in which each topic has run, and was changed then."""
    project = new_project()
    changes = list(selected(request, "after"))
    project.write("snippets/toolbox/word.py", 'WORD = "fine"\n')
    for change in changes:
        project.snippet(change.topic, passes=change.code)
        project.page(change.topic, "passes")
    set_nav(project, ["notes", *(change.topic for change in changes)])
    project.pytest()
    for change in changes:
        change.change(project, change.topic)
    return project, project.build()


@pytest.mark.parametrize("after", AFTER_RUN, **name_of)
def test_a_run_proves_nothing_of_what_changed_after_it(changed, after: ChangeAfterRun):
    project, built = changed
    require_nothing_published(project, built)
    assert after.says.replace("TOPIC", after.topic) in built.stderr
    assert "docs/en/notes.md" not in built.stderr


@pytest.mark.parametrize("change", OWN_BUILD, **name_of)
def test_nothing_is_published_after(project, change: Change):
    assert not (project.root / "site").exists()
    (project.root / "site").mkdir()
    project.write("site/index.html", "built before\n")
    change.make(project)
    built = project.run("mkdocs", *change.arguments, "build", **change.environment)
    require_refusal(project, built, change)


@pytest.mark.parametrize("runner", BROKEN_RUNNERS, **name_of)
def test_a_runner_that_passes_everything_is_found_out(project, runner: BrokenRunner):
    project.edit(runner.file, runner.old, runner.new)
    tested, built = project.pytest(), project.build()
    assert tested.returncode not in (0, 5), tested.stdout
    assert "planted" in tested.stdout + tested.stderr
    require_nothing_published(project, built)
    assert "planted" in built.stderr


@pytest.mark.parametrize("option", ["-O", "-OO"])
@pytest.mark.parametrize(
    "command", [["pytest", "-q"], ["mkdocs", "build"]], ids=["pytest", "mkdocs"]
)
def test_python_that_drops_asserts_is_refused(project, option, command):
    result = subprocess.run(
        [sys.executable, option, "-m", *command], cwd=project.root, capture_output=True, text=True
    )
    assert result.returncode != 0
    assert "python -O" in result.stdout + result.stderr
    assert not (project.root / "site").exists()


def test_pytest_refuses_an_environment_that_drops_asserts(project):
    result = project.run("pytest", PYTHONOPTIMIZE="1")
    assert result.returncode != 0
    assert "python -O" in result.stdout + result.stderr


@pytest.mark.parametrize("loosening", LOOSENED, **name_of)
def test_a_loosened_configuration_fails_a_test(project, loosening: Loosening):
    use_material(project)
    require_strict(project.root / "mkdocs.yml")
    project.edit("mkdocs.yml", loosening.old, loosening.new)
    with pytest.raises(AssertionError):
        require_strict(project.root / "mkdocs.yml")
