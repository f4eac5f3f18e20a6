"""A record is true of one text and environment, and worthless after an edit."""

import datetime
import json
from pathlib import Path

import pytest
from collector import records
from collector.records import Record, Records
from collector.sections import Section, read_module
from conftest import Project

TODAY = datetime.datetime.now(datetime.UTC).date().isoformat()
SVG = {"light": "<svg>light</svg>", "dark": "<svg>dark</svg>"}


def section(project: Project, slug: str = "passes") -> Section:
    return read_module(project.root / "snippets/notes.py", project.root).sections[slug]


def passed(found: Records, section: Section) -> bool:
    record = found.find(section)
    return record is not None and record.passed


def test_a_run_of_pytest_leaves_a_record(project):
    record = Records(project.root).find(section(project))
    assert record.passed
    assert record.faults == ()
    assert record.date == TODAY


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        pytest.param("snippets/notes.py", 'print("fine")', 'print("other")', id="its code"),
        pytest.param("snippets/notes.py", "# > fine", "# > other", id="its output"),
        pytest.param("tests/collector/outputs.py", "0.500001", "5", id="the collector"),
        pytest.param("snippets/notes.py", "passes]", "renamed]", id="its name"),
    ],
)
def test_an_edit_makes_a_record_worthless(project, name, old, new):
    project.edit(name, old, new)
    slug = "renamed" if new == "renamed]" else "passes"
    assert Records(project.root).find(section(project, slug)) is None


def test_an_edit_beside_a_section_leaves_its_record_alone(project):
    project.edit("snippets/notes.py", 'print("too")', 'print("much")')
    project.edit("snippets/notes.py", "Sections of", "Many\n\nlines of")
    assert passed(Records(project.root), section(project))
    assert not passed(Records(project.root), section(project, "also"))


def test_the_toolbox_counts_only_for_sections_that_use_it(project):
    code = "from snippets.toolbox import storage\n\nprint(storage.__name__)"
    project.snippet("notes", passes='print("fine")\n# > fine', also=code)
    before = {s: Records(project.root).digest(section(project, s)) for s in ("passes", "also")}
    project.edit("snippets/toolbox/storage.py", "Compute the strides", "Work out the strides")
    after = {s: Records(project.root).digest(section(project, s)) for s in ("passes", "also")}
    assert before["passes"] == after["passes"]
    assert before["also"] != after["also"]


@pytest.mark.parametrize("name", ["torch", "python", "machine", "torchvision", "system"])
def test_a_record_of_another_environment_does_not_count(project, monkeypatch, name):
    assert passed(Records(project.root), section(project))
    other = {**records.environment(), name: "another"}
    monkeypatch.setattr(records, "environment", lambda: other)
    assert not passed(Records(project.root), section(project))


@pytest.mark.parametrize("text", ["", "{", "[]", '{"passed": true}', "null"])
def test_a_damaged_record_does_not_count(project, text):
    path: Path = Records(project.root).file(section(project))
    path.write_text(text)
    assert Records(project.root).find(section(project)) is None


def test_a_failed_record_says_why_and_does_not_pass(project):
    found = Records(project.root)
    digest = found.digest(section(project))
    found.write(section(project), Record(digest, ("it broke",), False, TODAY), {})
    assert found.find(section(project)).faults == ("it broke",)
    assert not passed(found, section(project))


def test_a_record_without_its_figure_does_not_count(project):
    found = Records(project.root)
    record = Record(found.digest(section(project)), (), True, TODAY)
    found.write(section(project), record, SVG)
    assert passed(found, section(project))
    assert found.figure(section(project), "dark").read_text() == SVG["dark"]
    found.figure(section(project), "dark").unlink()
    assert not passed(found, section(project))


def test_a_record_is_written_whole(project):
    found = Records(project.root)
    record = Record(found.digest(section(project)), (), True, TODAY)
    found.write(section(project), record, SVG)
    names = {path.name for path in found.file(section(project)).parent.glob("passes*")}
    assert names == {"passes.dark.svg", "passes.light.svg", "passes.json"}
    assert json.loads(found.file(section(project)).read_text())["faults"] == []


def test_an_outcome_edited_by_hand_does_not_count(project):
    found = Records(project.root)
    digest = found.digest(section(project))
    found.write(section(project), Record(digest, ("it broke",), False, TODAY), {})
    path = found.file(section(project))
    text = path.read_text()
    path.write_text(text.replace('\n  "it broke"\n ', ""))
    assert path.read_text() != text
    assert found.find(section(project)) is None


def test_a_figure_edited_by_hand_does_not_count(project):
    found = Records(project.root)
    record = Record(found.digest(section(project)), (), True, TODAY)
    found.write(section(project), record, SVG)
    found.figure(section(project), "light").write_text("<svg>another</svg>")
    assert not passed(found, section(project))
