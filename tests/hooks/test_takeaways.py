"""Takeaways, used as readers use them."""

from __future__ import annotations

import ast
import dataclasses
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urldefrag

import jupytext
import nbformat
import pytest
from anki.collection import Collection, ImportAnkiPackageOptions, ImportAnkiPackageRequest
from collector.engine.runner import Runner
from collector.outputs import judge, matches, printed_lines
from collector.questions import read_topics
from collector.sections import read_library
from collector.verifier import Verifier
from collector.words import read_words
from conftest import ADDRESSES, ROOT, Built, Project
from exports.anki import Deck, predictions
from exports.downloads import LISTS
from exports.portable import plain, published
from exports.sections import read_exported
from nbclient import NotebookClient

SITE = os.environ.get("SITE_URL") or ADDRESSES["SITE_URL"]
TOPICS = sorted(path.stem for path in (ROOT / "snippets").glob("*.py") if path.stem[0] != "_")
LANGUAGES = ("en", "zh")
SHORT = ("gpu", "pytorch", "visualization")
"""Topics whose scripts run in a few seconds; one has cells that need a GPU."""
FORKS = "run_workers"
"""Stands in notebooks whose cells fork workers."""
PERCENT = {"extension": ".py", "format_name": "percent", "comment_magics": False}
"""Else jupytext takes the heading ``cat or stack?`` for a command, also in files of its own."""
OUTPUT = re.compile(r"# ?>(?: .*)?")
IMPORTED_BEFORE_FORKS = "import torch._dynamo"
"""Saves every process that a cell forks the import."""
EXPECTED_COMPLAINTS = {
    "read-a-profile": "Memory block of unknown size was allocated before the profiling started"
}
"""Cells that write to standard error where others ran before them."""


@pytest.fixture(scope="module")
def site(built: Built) -> Path:
    """The site as it is published."""
    return built.folder


def folder_of(site: Path, language: str) -> Path:
    return site if language == "en" else site / language


def read_notebook(site: Path, topic: str, language: str = "en"):
    path = folder_of(site, language) / "takeaways" / f"{topic}.ipynb"
    return nbformat.reads(path.read_text("utf-8"), as_version=4)


def code_cells(notebook) -> list:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def printed(cell) -> tuple[str, ...]:
    streams = [o for o in cell.outputs if o.output_type == "stream" and o.name == "stdout"]
    return printed_lines("".join(output.text for output in streams))


def without_outputs(code: str) -> str:
    """Remove the output lines."""
    lines = (line for line in code.split("\n") if not OUTPUT.fullmatch(line.strip()))
    return "\n".join(lines).strip("\n")


@dataclass(frozen=True)
class Reader:
    """Where a reader runs notebooks."""

    home: Path

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "IPYTHONDIR": str(self.home / "ipython"),
            "MPLBACKEND": "module://matplotlib_inline.backend_inline",
            "MPLCONFIGDIR": str(ROOT / ".cache" / "matplotlib"),
        }

    def run_in_a_kernel(self, topic: str, notebook):
        """Run a notebook as Jupyter does."""
        forks = FORKS in str(notebook)
        preface = [nbformat.v4.new_code_cell(IMPORTED_BEFORE_FORKS)] if forks else []
        notebook.cells = preface + notebook.cells
        folder = self.home / topic
        folder.mkdir()
        resources = {"metadata": {"path": str(folder)}}
        options = {"timeout": 300, "extra_arguments": ["--log-level=ERROR"]}
        client = NotebookClient(notebook, resources=resources, **options)
        threads = "4" if forks else "1"  # more than one would make a fork hang, if cells used them
        client.execute(env={**self.environment, "OMP_NUM_THREADS": threads})
        notebook.cells = notebook.cells[len(preface) :]
        return notebook

    def run_forked(self, notebooks: dict) -> dict:
        """Run notebooks in children of one process, and return them with their outputs."""
        paths = {topic: self.home / f"{topic}.ipynb" for topic in notebooks}
        for topic, path in paths.items():
            nbformat.write(notebooks[topic], path)
        command = [sys.executable, Path(__file__).with_name("notebooks.py"), *paths.values()]
        environment = {**self.environment, "OMP_NUM_THREADS": "1"}
        subprocess.run(command, env=environment, check=True, timeout=600)
        errors = [path.with_suffix(".error") for path in paths.values()]
        assert [error.read_text("utf-8") for error in errors if error.exists()] == []
        ran = {topic: path.with_suffix(".ran.ipynb") for topic, path in paths.items()}
        return {topic: nbformat.read(path, as_version=4) for topic, path in ran.items()}


@pytest.fixture(scope="module")
def executed(
    site: Path, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> dict:
    """The notebooks of one language that tests ask for, run from the first cell to the last."""
    asking = [item for item in request.session.items if "executed" in item.fixturenames]
    topics = [item.callspec.params["topic"] for item in asking]
    notebooks = {topic: read_notebook(site, topic) for topic in topics}
    whole = [topic for topic, book in notebooks.items() if topic in SHORT or FORKS in str(book)]
    reader = Reader(tmp_path_factory.mktemp("reader"))
    rest = {topic: book for topic, book in notebooks.items() if topic not in whole}
    forked = reader.run_forked(rest) if rest else {}
    return {
        **forked,
        **{topic: reader.run_in_a_kernel(topic, notebooks[topic]) for topic in whole},
    }


@pytest.mark.parametrize("topic", TOPICS)
def test_notebook_runs_and_prints_what_it_holds(topic, site, executed):
    held = code_cells(read_notebook(site, topic))
    for cell, ran in zip(held, code_cells(executed[topic]), strict=True):
        assert matches(printed(cell), printed(ran)), f"{cell.id}: {printed(ran)}"
        drawn = [o for o in ran.outputs if o.output_type == "display_data"]
        held_figures = [o for o in cell.outputs if o.output_type == "display_data"]
        assert len(drawn) == len(held_figures), cell.id
        complaints = [o.text for o in ran.outputs if o.get("name") == "stderr"]
        expected = EXPECTED_COMPLAINTS.get(cell.id)
        assert all(expected and expected in text for text in complaints), complaints


@pytest.mark.parametrize("topic", TOPICS)
def test_notebooks_of_both_languages_hold_the_same_code(topic, site):
    english, chinese = (read_notebook(site, topic, language) for language in LANGUAGES)
    assert [cell.id for cell in english.cells] == [cell.id for cell in chinese.cells]
    for one, other in zip(code_cells(english), code_cells(chinese), strict=True):
        assert one.source == other.source
        assert printed(one) == printed(other)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("topic", TOPICS)
def test_notebook_is_valid_and_holds_every_section(topic, language, site):
    notebook = read_notebook(site, topic, language)
    nbformat.validate(notebook)
    assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)
    text = "\n".join(cell.source for cell in notebook.cells)
    for left in ("--8<--", "!!! ", "??? ", ".md)", "](#", "{ #"):
        assert left not in text
    cells = {cell.id.removesuffix("-code"): cell for cell in notebook.cells}
    for section in read_library(ROOT).modules[f"{topic}.py"].sections.values():
        if section.slug != section.outermost:
            continue  # an excerpt, which the page of the topic shows as a part of the whole
        slug = section.slug
        code = without_outputs(section.text)
        if section.need:
            _, _, guard, body = cells[slug].source.split("\n", 3)
            assert guard == f"if torch.cuda.device_count() >= {section.need.count}:"
            assert ast.dump(ast.parse(code)) == ast.dump(ast.parse(_dedented(body)))
        elif cells[slug].cell_type == "code":
            assert cells[slug].source == code
        else:
            assert f"```python\n{section.text}\n```" in cells[slug].source


def _dedented(code: str) -> str:
    return "\n".join(line.removeprefix("    ") for line in code.split("\n"))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("topic", TOPICS)
def test_script_has_the_cells_of_its_notebook(topic, language, site):
    notebook = read_notebook(site, topic, language)
    path = folder_of(site, language) / "takeaways" / f"{topic}.py"
    script = jupytext.reads(path.read_text("utf-8"), fmt=PERCENT)
    assert [cell.cell_type for cell in script.cells] == [c.cell_type for c in notebook.cells]
    for cell, expected in zip(script.cells, notebook.cells, strict=True):
        if expected.cell_type == "markdown":
            assert cell.source == expected.source
            continue
        assert without_outputs(cell.source) == expected.source
        comments = [line.strip() for line in cell.source.split("\n")]
        comments = [line for line in comments if OUTPUT.fullmatch(line)]
        assert [c.removeprefix("# >").removeprefix(" ") for c in comments] == [*printed(expected)]


@pytest.mark.parametrize("topic", SHORT)
def test_script_prints_what_its_comments_say(topic, site, tmp_path):
    script = site / "takeaways" / f"{topic}.py"
    wanted = [line for cell in code_cells(read_notebook(site, topic)) for line in printed(cell)]
    environment = {**os.environ, "MPLBACKEND": "agg", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-W", "ignore", script]
    result = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120
    )
    assert result.returncode == 0, result.stderr
    assert matches(tuple(wanted), printed_lines(result.stdout))


def import_package(collection: Collection, package: Path):
    """Import a package as Anki does when nobody changes its options."""
    options = ImportAnkiPackageOptions(merge_notetypes=True)
    request = ImportAnkiPackageRequest(package_path=str(package), options=options)
    return collection.import_anki_package(request).log


@pytest.fixture
def collection(tmp_path: Path) -> Iterator[Collection]:
    """The collection of a learner in Anki."""
    opened = Collection(str(tmp_path / "learner.anki2"))
    yield opened
    opened.close()


def package(site: Path, language: str) -> Path:
    return folder_of(site, language) / "takeaways" / f"pytorch-interview-{language}.apkg"


@pytest.fixture(scope="module")
def sections(built: Built):
    verifier = Verifier(ROOT)
    verifier.verify()  # the build has left a record of each
    found = read_exported(verifier, "en")
    assert found, "there are sections that have not passed"
    return found


def topics_of(language: str):
    return tuple(read_topics(ROOT / "docs" / language, [f"{topic}.md" for topic in TOPICS]))


def test_decks_of_both_languages_lie_side_by_side(site, collection):
    questions = sum(len(topic.questions) for topic in topics_of("en"))
    for language in LANGUAGES:
        log = import_package(collection, package(site, language))
        assert len(log.new) > questions
        assert not log.conflicting
    for language in LANGUAGES:
        name = read_words(language).text("anki.name")
        deck, kind = f'deck:"{name}"', f'note:"{name}: question"'
        assert len(collection.find_notes(f"{deck} {kind}")) == questions
        assert collection.find_notes(f"{deck} tag:topic::views tag:level::advanced")


def test_importing_a_deck_again_adds_nothing(site, collection):
    first = import_package(collection, package(site, "en"))
    again = import_package(collection, package(site, "en"))
    assert len(again.duplicate) == len(first.new)
    assert not [*again.new, *again.updated]


def test_a_later_edition_updates_the_answer_and_keeps_the_progress(sections, collection, tmp_path):
    topics = topics_of("en")
    file = tmp_path / "deck.apkg"
    file.write_bytes(deck_of("en", topics, sections).write(1_000_000))
    import_package(collection, file)
    note_id = collection.find_notes('"note:PyTorch interview: question"')[0]
    title = collection.get_note(note_id)["Question"]
    (card,) = collection.get_note(note_id).cards()
    card.ivl, card.reps, card.queue, card.type = 21, 5, 2, 2
    collection.update_card(card)

    edited = [edit(topic, title) for topic in topics]
    file.write_bytes(deck_of("en", edited, sections).write(2_000_000))
    log = import_package(collection, file)
    assert not log.new
    assert "An edited answer." in collection.get_note(note_id)["Answer"]
    assert (collection.get_card(card.id).ivl, collection.get_card(card.id).reps) == (21, 5)


def deck_of(language, topics, sections) -> Deck:
    return Deck(language, tuple(topics), sections, SITE, lambda text: f"<p>{text}</p>")


def edit(topic, title: str):
    """Change the answer to the question of a title."""
    questions = (
        dataclasses.replace(question, answer="An edited answer.")
        if question.title == title
        else question
        for question in topic.questions
    )
    return dataclasses.replace(topic, questions=tuple(questions))


def test_the_same_input_makes_the_same_deck(sections):
    decks = [deck_of("zh", topics_of("zh"), sections).write(1_000_000) for _ in range(2)]
    assert decks[0] == decks[1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_cards_ask_first_and_answer_then(language, site, collection):
    import_package(collection, package(site, language))
    name = read_words(language).text("anki.name")
    for kind, asked, told in (
        ("question", "Question", "Answer"),
        ("output", "Code", "Printed"),
    ):
        notes = collection.find_notes(f'"note:{name}: {kind}"')
        assert notes
        for note_id in notes:
            note = collection.get_note(note_id)
            (card,) = note.cards()
            assert note[asked] in card.question()
            assert note[told] not in card.question()
            assert note[told] in card.answer()
            assert SITE in card.answer()
            assert "&gt;" in note[told] or kind == "question"


def test_cards_that_ask_what_is_printed_print_it(sections):
    library = read_library(ROOT)
    starts = []
    for topic in topics_of("en"):
        for found in (p for question in topic.questions for p in predictions(question, sections)):
            section = library.modules[f"{topic.stem}.py"].sections[found.section.slug]
            assert section.text.startswith(found.text)
            assert without_outputs(found.text) == found.code.strip("\n")
            starts.append(dataclasses.replace(section, lines=tuple(found.text.split("\n"))))
    assert len(starts) >= 40
    with Runner(ROOT) as runner:
        for start, run in zip(starts, runner.run(starts), strict=True):
            assert not judge(start, run)


def addresses(markdown: str) -> set[str]:
    """The addresses of this site that a text links to, outside of code."""
    prose = re.sub(r"(?s)^```.*?^```$", "", markdown, flags=re.M)
    return {urldefrag(a)[0] for a in re.findall(r"\]\((https?://[^)]+)\)", prose) if SITE in a}


@pytest.mark.parametrize("language", LANGUAGES)
def test_language_models_find_every_page(language, site):
    folder = folder_of(site, language)
    index = (folder / "llms.txt").read_text("utf-8")
    everything = (folder / "llms-full.txt").read_text("utf-8")
    assert re.match(r"# .+\n\n> .+\n\n", index)
    linked = re.findall(r"(?m)^- \[.+?\]\((.+?)\): \S", index)
    pages = {path.stem for path in (ROOT / "docs" / language).glob("*.md")} - set(LISTS)
    home = SITE + folder.relative_to(site).as_posix().strip(".")
    home = home if home.endswith("/") else f"{home}/"
    wanted = {home + ("" if page == "index" else f"{page}/") + "index.md" for page in pages}
    assert set(linked) == wanted
    for address in addresses(index) | addresses(everything):
        path = site / address.removeprefix(SITE)
        assert path.is_file() or (path / "index.html").is_file(), address
    for topic in TOPICS:
        assert (folder / topic / "index.md").read_text("utf-8") in everything
    for section in read_library(ROOT).runnable():
        assert f"```python\n{section.text}\n```" in everything
    fences = re.findall(r"(?m)^```(.*)$", everything)
    assert set(fences[::2]) == {"python"}
    assert set(fences[1::2]) == {""}
    for left in ("--8<--", "\n!!! ", "\n??? ", "<!--", "data-level", "\n::: "):
        assert left not in everything


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_lead_to_files_that_exist(language, site):
    folder = folder_of(site, language)
    html = (folder / "takeaways" / "index.html").read_text("utf-8")
    names = {f"{topic}{end}" for topic in TOPICS for end in (".ipynb", ".py")}
    assert {*names, f"pytorch-interview-{language}.apkg"} <= set(re.findall(r'href="(.+?)"', html))
    for topic in TOPICS:
        html = (folder / topic / "index.html").read_text("utf-8")
        line = re.search(r'<p class="takeaways"[^>]*>(.+)</p>', html)[1]
        assert line.count("<a ") == 3
        for target in re.findall(r'href="(.+?)"', line):
            assert (folder / topic / target).resolve().exists()


def with_takeaways(project: Project) -> Project:
    """Give a small project the hook and its page."""
    hook = "docs/_hooks/takeaways.py"
    project.write(hook, (ROOT / hook).read_text("utf-8"))
    project.edit("mkdocs.yml", "notes.md]", "notes.md, takeaways.md]")
    for language in LANGUAGES:
        page = (ROOT / f"docs/{language}/takeaways.md").read_text("utf-8")
        project.write(f"docs/{language}/takeaways.md", page)
    return project


def test_a_site_without_an_address_makes_files_without_links(project):
    with_takeaways(project)
    for language in LANGUAGES:
        with (project.root / f"docs/{language}/notes.md").open("a", encoding="utf-8") as page:
            page.write("\nSee [the home page](index.md) and [above](#passes).\n")
    result = project.run("mkdocs", "build", "--strict")
    assert result.returncode == 0, result.stderr
    notebook = json.loads(project.read("site/takeaways/notes.ipynb"))
    text = json.dumps(notebook)
    assert "See the home page and above." in text
    assert "127.0.0.1" not in text
    assert "(http://127.0.0.1:8000/notes/#passes)" in project.read("site/llms-full.txt")


def test_takeaways_are_left_out_while_a_section_fails(project):
    with_takeaways(project)
    project.edit("snippets/notes.py", "# > fine", "# > something else")
    result = project.build()
    assert result.returncode != 0
    assert "prints something else" in result.stderr
    assert not (project.root / "site").exists()


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ('!!! abstract "In short"\n    One.\n\n    Two.\n\nAfter.',
         "> **In short**\n>\n> One.\n>\n> Two.\n\nAfter."),
        ('??? question "Next: why?"\n    Because.\n', "**Next: why?**\n\nBecause.\n"),
        ('???+ example "Code"\n    ```python\n    x\n    ```', "**Code**\n\n```python\nx\n```\n"),
        ("[a](tensors.md#b)", f"[a]({SITE}tensors/#b)"),
        ("[a](index.md)", f"[a]({SITE})"),
        ("[a](#b)", f"[a]({SITE}views/#b)"),
        ("[`x[0]`](tensors.md)", f"[`x[0]`]({SITE}tensors/)"),
        ("[a](https://example.org/x.md)", "[a](https://example.org/x.md)"),
        ("`f[0](x)` stays", "`f[0](x)` stays"),
        ("## Why? { #why data-level=basic }", "## Why?"),
    ],
)  # fmt: skip
def test_prose_can_be_read_anywhere(markdown, expected):
    assert plain(markdown, "views", SITE) == expected


@pytest.mark.parametrize(
    ("address", "home"),
    [(SITE, SITE), ("http://127.0.0.1:8000/", ""), ("http://localhost/zh/", ""), ("", "")],
)
def test_only_a_published_site_is_linked_to(address, home):
    assert published(address) == home
