"""A bad section fails alone: it is named with its line, and all others are reported."""

import pytest
from conftest import Project, kernel_gives_networks
from faults.sections import SECTIONS, BadSection
from faults.state import LEAKS, Leak
from faults.trial import Trial, require_complaint, selected, set_nav

SOUND = 'print("sound")\n# > sound'
LANGUAGES = ("en", "zh")


@pytest.fixture(scope="module")
def trial(request, new_project) -> Trial:
    project = new_project()
    for case in selected(request, "case"):
        add_case(project, case)
    for leak in selected(request, "leak"):
        add_leak(project, leak)
    set_nav(project, [path.stem for path in project.root.glob("docs/en/[!i]*.md")])
    return Trial.of(project)


def add_case(project: Project, case: BadSection) -> None:
    """Write a page with the section and a sound one."""
    sections = {case.name: case.code, "sound": SOUND}
    write(project, case.topic, dict(reversed(sections.items())) if case.second else sections)


def add_leak(project: Project, leak: Leak) -> None:
    """Write a page that spoils and looks, and one behind it that looks too."""
    write(project, leak.topic, {leak.name: leak.spoiling, "look": leak.looking})
    write(project, f"{leak.topic}_not", {"look": leak.looking})


def write(project: Project, topic: str, sections: dict[str, str]) -> None:
    project.snippet(topic, **{name.replace("-", "_"): code for name, code in sections.items()})
    project.page(topic, *sections)


def line_of(project: Project, name: str, text: str) -> int:
    return project.read(name).split("\n").index(text) + 1


@pytest.mark.parametrize("case", SECTIONS, ids=lambda case: case.name)
def test_bad_section_fails_alone(trial, case):
    if case.name == "connects-in-a-child" and not kernel_gives_networks():
        pytest.skip("needs a network namespace, which this kernel does not give")
    trial.require_refusal()
    module = f"snippets/{case.topic}.py"
    start = line_of(trial.project, module, f"# --8<-- [start:{case.name}]")
    embed = f'--8<-- "{case.topic}.py:{case.name}"'
    for said in (trial.tested.stdout, trial.built.stderr):
        require_complaint(said, f"{module}:{start + case.line}", case.says)
        for language in LANGUAGES:
            page = f"docs/{language}/{case.topic}.md"
            line = line_of(trial.project, page, embed)
            require_complaint(said, f"{page}:{line}", f"shows {case.topic}.py:{case.name}")
    for language in LANGUAGES:
        assert trial.outcomes[f"docs/{language}/{case.topic}.md::{case.name}"] == "FAILED"
        assert trial.outcomes[f"docs/{language}/{case.topic}.md::sound"] == "PASSED"
        assert trial.outcomes[f"docs/{language}/notes.md::passes"] == "PASSED"
    assert f"{case.topic}.py:sound" not in trial.built.stderr


@pytest.mark.parametrize("leak", LEAKS, ids=lambda leak: leak.name)
def test_state_of_a_section_reaches_no_other(trial, leak):
    for language in LANGUAGES:
        page = f"docs/{language}/{leak.topic}"
        assert trial.outcomes[f"{page}.md::{leak.name}"] == "PASSED"
        assert trial.outcomes[f"{page}.md::look"] == "PASSED"
        assert trial.outcomes[f"{page}_not.md::look"] == "PASSED"
    assert leak.topic not in trial.built.stderr
