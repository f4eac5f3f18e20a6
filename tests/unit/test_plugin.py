"""pytest as authors use it: collecting pages, reporting faults, updating outputs."""

import re
import shutil
from importlib import metadata
from inspect import signature

import pytest
from conftest import ROOT, Project, copy_machinery, use_light_theme
from pytest_markdown_docs import definitions, plugin


def outcomes(text: str) -> dict[str, str]:
    """Outcome by test, from the output of ``pytest -v``."""
    return dict(re.findall(r"(docs/\S+::\S+) (PASSED|FAILED|SKIPPED|ERROR)", text))


@pytest.fixture(scope="module")
def faulty(tmp_path_factory) -> tuple[Project, str]:
    """A project with each fault once among good sections, and pytest's output."""
    project = Project(tmp_path_factory.mktemp("faulty"))
    copy_machinery(project.root)
    project.snippet(
        "notes",
        passes='print("fine")\n# > fine',
        digit="import torch\n\nprint(torch.tensor([0.25, 0.5]))\n# > tensor([0.2500, 0.5001])",
        misspelt="import torch\n\ntorch.aranje(3)",
        type_error='print("once")\n# > once\nlen(1)',
        skips="import pytest\n\npytest.skip()",
        hangs="while True:\n    pass",
        leaves="import os\n\nos._exit(0)",
        passes_too='print("still here")\n# > still here',
    )
    slugs = ("passes", "digit", "misspelt", "type-error", "skips", "hangs", "leaves", "passes-too")
    project.page("notes", *slugs, "gone")
    good = '# --8<-- [start:fine]\nprint("fine")\n# > fine\n# --8<-- [end:fine]\n'
    project.write("snippets/unclosed.py", good.replace("# --8<-- [end:fine]\n", ""))
    project.write("snippets/twice.py", good + "\n" + good)
    for topic in ("unclosed", "twice"):
        project.page(topic, "fine")
    with (project.root / "docs/en/notes.md").open("a") as page:
        page.write("\n!!! note\n\n    ```python\n    import torch\n    ```\n")
    result = project.run("pytest", "-v", "--time-limit", "2")
    assert result.returncode == 1
    return project, result.stdout


def test_one_test_per_section_of_each_page(faulty):
    _, said = faulty
    found = outcomes(said)
    for language in ("en", "zh"):
        page = f"docs/{language}/notes.md"
        assert found[f"{page}::passes"] == found[f"{page}::passes-too"] == "PASSED"
        for slug in ("digit", "misspelt", "type-error", "skips", "hangs", "leaves", "gone"):
            assert found[f"{page}::{slug}"] == "FAILED"
        assert found[f"docs/{language}/unclosed.md::fine"] == "FAILED"
        assert found[f"docs/{language}/twice.md::fine"] == "FAILED"
    assert "SKIPPED" not in said
    assert len(found) == 2 * (9 + 2) + 1


@pytest.mark.parametrize(
    ("test", "snippet", "reason"),
    [
        ("notes.md::digit", "notes.py:11", "+ tensor([0.2500, 0.5000])"),
        ("notes.md::misspelt", "notes.py:18", "has no attribute 'aranje'"),
        ("notes.md::type-error", "notes.py:24", "TypeError: object of type 'int' has no len()"),
        ("notes.md::skips", "notes.py:30", "Skipped"),
        ("notes.md::hangs", "notes.py:34", "'hangs' did not end within 2 s"),
        ("notes.md::leaves", "notes.py:41", "'leaves' ended the interpreter with status 0"),
        ("unclosed.md::fine", "unclosed.py:1", "section 'fine' is never closed"),
        ("twice.md::fine", "twice.py:6", "section 'fine' is already at line 1"),
        ("notes.md::gone", "notes.py", "has no section 'gone'"),
        ("notes.md::line-60", "", "literal code, which never ran"),
    ],
)
def test_failure_names_page_snippet_line_and_reason(faulty, test, snippet, reason):
    _, said = faulty
    name = test.partition("::")[2]
    blocks = re.split(r"(?m)^_{3,} (\S+) _{3,}$", said)
    texts = [text for title, text in zip(blocks[1::2], blocks[2::2], strict=True) if title == name]
    page = test.partition("::")[0]
    text = next(text for text in texts if f"docs/en/{page}:" in text)
    assert f"snippets/{snippet}" in text or not snippet
    assert reason in text


@pytest.mark.parametrize("arguments", [(), ("--markdown-docs", "docs/en/notes.md")])
def test_both_ways_to_call_pytest_collect_each_section_once(project, arguments):
    result = project.run_anew("pytest", "-q", "--collect-only", *arguments)
    ids = re.findall(r"^docs/en/\S+", result.stdout, re.MULTILINE)
    assert ids == ["docs/en/notes.md::passes", "docs/en/notes.md::also"]


@pytest.mark.parametrize("processes", ["0", "2"])
def test_what_processes_have_to_say_is_summed_up(project, processes):
    project.edit("snippets/notes.py", "[start:also]", "[start:also] needs: cuda")
    project.edit("snippets/notes.py", "\n# > too", "")
    result = project.pytest("--numprocesses", processes)
    assert result.returncode == 0, result.stdout
    assert result.stdout.count("notes.py:also was checked by its names only") == 1


@pytest.mark.parametrize("processes", ["0", "2"])
def test_blocks_that_ran_beside_no_planted_section_prove_nothing(project, processes):
    project.edit("tests/collector/verifier.py", ".is_proven = True", ".is_proven = False")
    result = project.pytest("--numprocesses", processes)
    assert result.returncode == pytest.ExitCode.INTERNAL_ERROR, result.stdout
    assert "the planted sections, which must fail, did not run" in result.stdout


def test_update_writes_what_is_printed_and_does_not_certify(project):
    project.snippet(
        "notes",
        passes='for n in (1, 2):\n    print(n)\nprint("end")\n# > old\n# > older',
        unchanged='print(2 / 3)\n# > 0.67\nprint("a b c")\n# > a ... c',
    )
    project.page("notes", "passes", "unchanged")
    shutil.rmtree(project.root / ".cache/records")
    result = project.pytest("--update", "docs/en/notes.md")
    assert result.returncode == 0, result.stdout
    assert "outputs written" in result.stdout
    assert not (project.root / ".cache/records").exists()
    text = project.read("snippets/notes.py")
    assert '    print(n)\n# > 1\n# > 2\nprint("end")\n# > end\n# --8<--' in text
    assert "# > 0.67\n" in text
    assert "# > a ... c\n" in text
    assert project.pytest().returncode == 0
    assert len(list(project.root.glob(".cache/records/notes/*.json"))) == 2


def test_update_refuses_what_a_second_run_prints_otherwise(project):
    start = "import os\nimport random\n\nimport torch\n\n"
    lines = ("torch.rand(2)", "random.random()", "hash('word')", "os.getpid()")
    names = ("tensor", "float", "hash", "process")
    codes = {n: f"{start}print({line})" for n, line in zip(names, lines, strict=True)}
    project.snippet("notes", **codes)
    project.page("notes", *names)
    before = project.read("snippets/notes.py")
    result = project.pytest("--update", "docs/en/notes.md")
    assert "4 failed" in result.stdout
    assert "snippets/notes.py:9: prints something else in a second run" in result.stdout
    assert project.read("snippets/notes.py") == before


def test_update_refuses_a_section_that_fails(project):
    project.snippet("notes", passes='print("a")\nlen(1)')
    before = project.read("snippets/notes.py")
    assert project.pytest("--update", "docs/en/notes.md").returncode == 1
    assert project.read("snippets/notes.py") == before


def test_excerpt_is_proved_by_the_section_around_it(project):
    code = "x = 1\n# --8<-- [start:passes-part]\nprint(x)\n# > 1\n# --8<-- [end:passes-part]"
    project.snippet("notes", passes=code)
    project.page("notes", "passes", "passes-part")
    assert project.pytest().returncode == 0
    project.edit("snippets/notes.py", "x = 1", "x = 3")
    result = project.run("pytest", "-v")
    assert outcomes(result.stdout)["docs/en/notes.md::passes-part"] == "FAILED"


def readme_blocks(language: str) -> list[str]:
    """The indented blocks of README's four steps, as an author would paste them."""
    text = (ROOT / "README.md").read_text("utf-8")
    found = re.findall(r"(?ms)^    (`{3,4})(\w+)\n(.*?)^    \1$", text)
    return [re.sub(r"(?m)^    ", "", block) for _, name, block in found if name == language]


def test_the_four_steps_of_readme_add_a_question(tmp_path):
    copy_machinery(tmp_path, with_rules=True)
    for name in ("docs/en", "docs/zh"):
        copy_tree(name, tmp_path)
    for path in (ROOT / "snippets").glob("*.py"):
        (tmp_path / "snippets" / path.name).write_text(path.read_text("utf-8"), "utf-8")
    if (ROOT / ".cache/records").exists():  # what has run already need not run here
        shutil.copytree(ROOT / ".cache/records", tmp_path / ".cache/records")
    project = Project(tmp_path)
    use_light_theme(project)
    name = "numel-counts"
    while f"[start:{name}]" in project.read("snippets/views.py"):  # an author has added it
        name += "-again"
    (section,) = readme_blocks("python")
    english, chinese = readme_blocks("markdown")
    for path, text in (
        ("snippets/views.py", section),
        ("docs/en/views.md", english),
        ("docs/zh/views.md", chinese),
    ):
        with (project.root / path).open("a", encoding="utf-8") as file:
            file.write("\n" + text.replace("numel-counts", name))
    assert project.pytest("--update", "docs/en/views.md").returncode == 0
    assert "# > elements stored: 6" in project.read("snippets/views.py")
    result = project.run("pytest", "-v", "docs/en/views.md", "docs/zh/views.md")
    assert result.returncode == 0, result.stdout
    assert outcomes(result.stdout)[f"docs/zh/views.md::{name}"] == "PASSED"
    built = project.build()
    assert built.returncode == 0, built.stderr
    assert f'id="{name}"' in project.read("site/zh/views/index.html")


def copy_tree(name: str, target) -> None:
    for path in (ROOT / name).rglob("*.md"):
        copy = target / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(path.read_text("utf-8"), "utf-8")


def test_what_the_collector_overrides_has_not_moved():
    """The collector stands on these; a new release must be read before it is used."""
    assert metadata.version("pytest-markdown-docs") == "0.9.2"
    assert list(signature(definitions.FenceTestDefinition).parameters) == [
        "source",
        "fixture_names",
        "start_line",
        "source_path",
        "runner_name",
        "max_retries",
    ]
    assert list(signature(plugin.MarkdownInlinePythonItem.__init__).parameters) == [
        "self",
        "name",
        "parent",
        "test_definition",
    ]
    for overridden in ("setup", "runtest", "repr_failure", "reportinfo"):
        assert overridden in vars(plugin.MarkdownInlinePythonItem)
    assert "collect" in vars(plugin.MarkdownTextFile)
    assert issubclass(plugin.MarkdownDocstringCodeModule, pytest.Module)
