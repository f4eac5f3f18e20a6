"""Code that did not run is not published, however it is written, and its line is named."""

import pytest
from conftest import Project
from faults.pages import LINKS, MODULES, PAGES, PAIRS, BadModule, BadPage, LostLink, UnlikePair
from faults.trial import Trial, complaints, require_complaint, selected, set_nav

LANGUAGES = ("en", "zh")
TOP = """\
# {title}

## {title} {{ #top data-level=basic }}

```python
--8<-- "notes.py:passes"
```

"""


@pytest.fixture(scope="module")
def trial(request, new_project) -> Trial:
    project = new_project()
    project.snippet(
        "notes",
        passes='print("fine")\n# > fine',
        also='print("too")\n# > too',
        third='print("third")\n# > third',
    )
    project.page("notes", "passes", "also", "third")
    for page in selected(request, "page"):
        write(project, page.name, page.text, page.text)
    for module in selected(request, "module"):
        path = project.root / "snippets" / f"{module.topic}.py"
        path.write_bytes(module.text.encode(module.encoding))
        block = f'```python\n--8<-- "{module.topic}.py:a"\n```\n'
        write(project, module.name, block, block)
    for pair in selected(request, "pair"):
        write(project, pair.name, pair.english, pair.chinese)
    for link in selected(request, "link"):
        write(project, link.name, link.text, link.text)
    set_nav(project, [path.stem for path in project.root.glob("docs/en/[!i]*.md")])
    return Trial.of(project)


def write(project: Project, name: str, english: str, chinese: str) -> None:
    """Write a page in both languages: a sound block, then the fault."""
    for language, title, text in (("en", "Title", english), ("zh", "标题", chinese)):
        path = project.root / "docs" / language / f"{name}.md"
        path.write_text(TOP.format(title=title) + text, "utf-8")


def place(project: Project, page: str, text: str) -> str:
    """Name a page as messages do, with the first line below its sound block that holds a text."""
    lines = project.read(page).split("\n")
    found = (n for n, line in enumerate(lines, 1) if text in line and n > TOP.count("\n"))
    return f"{page}:{next(found)}" if text else page


def require_others_reported(trial: Trial, name: str) -> None:
    for language in LANGUAGES:
        assert trial.outcomes[f"docs/{language}/{name}.md::passes"] == "PASSED"
        assert trial.outcomes[f"docs/{language}/notes.md::third"] == "PASSED"
    assert complaints(trial.built.stderr, "docs/en/notes.md") == []


@pytest.mark.parametrize("page", PAGES, ids=lambda case: case.name)
def test_bad_page_is_named_with_its_line(trial, page: BadPage):
    trial.require_refusal()
    for language in LANGUAGES:
        name = f"docs/{language}/{page.name}.md"
        require_complaint(trial.tested.stdout, place(trial.project, name, page.at), page.says)
        at = page.at if page.built_at is None else page.built_at
        where = place(trial.project, name, at)
        require_complaint(trial.built.stderr, where, page.built or page.says)
    require_others_reported(trial, page.name)


@pytest.mark.parametrize("module", MODULES, ids=lambda case: case.name)
def test_bad_module_is_named_with_its_line(trial, module: BadModule):
    trial.require_refusal()
    for said in (trial.tested.stdout, trial.built.stderr):
        for language in LANGUAGES:
            page = f"docs/{language}/{module.name}.md"
            require_complaint(
                said, place(trial.project, page, f"{module.topic}.py:a"), module.says
            )
    if module.line:
        where = f"snippets/{module.topic}.py:{module.line}"
        require_complaint(trial.built.stderr, where, module.says)
        assert where in trial.tested.stdout
    require_others_reported(trial, module.name)


@pytest.mark.parametrize("pair", PAIRS, ids=lambda case: case.name)
def test_languages_that_part_are_named_both(trial, pair: UnlikePair):
    trial.require_refusal()
    where = place(trial.project, f"docs/zh/{pair.name}.md", pair.at)
    said = complaints(trial.built.stderr, where)
    assert any(pair.says in text and f"docs/en/{pair.name}.md" in text for text in said), said
    require_others_reported(trial, pair.name)


@pytest.mark.parametrize("link", LINKS, ids=lambda case: case.name)
def test_what_leads_nowhere_is_named_with_its_page(trial, link: LostLink):
    trial.require_refusal()
    said = trial.built.stderr.split("Nothing is published, because of:")[1]
    assert any(link.says in line and link.name in line for line in said.split("\n")), said
    require_others_reported(trial, link.name)
