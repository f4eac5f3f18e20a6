"""The rules of the house: each mistake is named with its line and the cure."""

from dataclasses import dataclass

import pytest
from collector.rules import MOST_QUESTIONS, faults_of_project
from conftest import Project

ALT = "Two curves that cross at the third step"
SECTION = """\
# --8<-- [start:{slug}]
import torch

t = torch.arange(6)  # (6,)
u = t.reshape(2, 3)  # (2, 3)
v = u.sum(dim=0)  # (3,)
print(v.tolist())
# > [3, 5, 7]
# --8<-- [end:{slug}]
"""
DRAWING = """\
# --8<-- [start:first-curve]
import matplotlib.pyplot as plt

x = [0, 1, 2]
y = [0, 1, 4]
plt.plot(x, y)
plt.show()
# --8<-- [end:first-curve]
"""
QUESTION = """\
## {title} {{ #{slug} data-level=basic }}

!!! abstract "{label}"
    {answer}

```python
--8<-- "notes.py:{slug}"
```

"""
IMAGE = f"![{ALT}](figures/notes/first-curve.svg)"
CURVE = f"""\
```python
--8<-- "notes.py:first-curve"
```

{IMAGE}

"""
LABELS = {"en": "In 30 seconds", "zh": "30 秒回答"}
SLUGS = ("first", "second", "third")


@pytest.fixture
def sound(tmp_path) -> Project:
    """A topic of three questions that keeps all rules."""
    project = Project(tmp_path)
    sections = [SECTION.format(slug=slug) for slug in SLUGS]
    project.write("snippets/notes.py", "\n".join([sections[0], DRAWING, *sections[1:]]))
    for language, label in LABELS.items():
        first, *others = (
            QUESTION.format(title="Why?", slug=slug, label=label, answer="Because.")
            for slug in SLUGS
        )
        project.write(f"docs/{language}/notes.md", "# Notes\n\n" + first + CURVE + "".join(others))
    assert faults_of_project(tmp_path) == []
    return project


def written(slug: str) -> str:
    return SECTION.format(slug=slug)


@dataclass(frozen=True)
class Mistake:
    """One edit, and the fault that it is."""

    name: str
    file: str
    old: str
    new: str
    at: str
    """Text of the line that the fault names; empty for the whole file."""
    says: str
    fault_in: str = ""
    """The file that the fault names, if it is not the edited one."""


PAGE, MODULE, CHINESE = "docs/en/notes.md", "snippets/notes.py", "docs/zh/notes.md"
MISTAKES = [
    Mistake("no level", PAGE, "#second data-level=basic", "#second", "{ #second }", "a level of"),
    Mistake("a level of our own", PAGE, "#first data-level=basic", "#first data-level=easy",
            "data-level=easy", "basic, intermediate, advanced"),
    Mistake("no anchor", PAGE, " { #third data-level=basic }", "", "## Why?", "is no question"),
    Mistake("no short answer", CHINESE, '!!! abstract "30 秒回答"\n    Because.\n\n', "",
            "```python", "the short answer stands first"),
    Mistake("another label", PAGE, "In 30 seconds", "In short", "In short",
            '!!! abstract "In 30 seconds"'),
    Mistake("a long answer", PAGE, "    Because.", "    " + "word " * 101, "word word",
            "has 101 words; more than 100"),
    Mistake("a long Chinese answer", CHINESE, "    Because.", "    " + "字" * 221, "字字",
            "has 221 signs; more than 220"),
    Mistake("two paragraphs", PAGE, "    Because.", "    Because.\n\n    And then.",
            "abstract", "is one paragraph"),
    Mistake("another section first", PAGE, 'notes.py:second"', 'notes.py:third"',
            "#second", "#second shows first a section of its own name"),
    Mistake("no section", PAGE, '```python\n--8<-- "notes.py:second"\n```\n', "", "#second",
            "it shows none"),
    Mistake("a section of another name", PAGE, 'notes.py:first-curve"', 'notes.py:second"',
            "#first", "#first shows 'second'; name it first-second"),
    Mistake("a section of another topic", PAGE, '"notes.py:third"', '"others.py:third"', "#third",
            "a page shows those of notes.py only"),
    Mistake("another order", MODULE, "\n".join(map(written, ("second", "third"))),
            "\n".join(map(written, ("third", "second"))), "#second",
            "shows 'second' where notes.py has 'third'; keep one order", PAGE),
    Mistake("bold underscores", PAGE, "Because.", "Because of __init__.", "__init__",
            "__init__ shows in bold; put it in backticks"),
    Mistake("no alternative text", PAGE, ALT, "A curve", "![A curve]", "has 7 characters"),
    Mistake("a figure twice", PAGE, IMAGE, f"{IMAGE}\n\n{IMAGE}", "![", "a second time"),
    Mistake("a figure that nothing draws", PAGE, "notes/first-curve", "notes/first", "![",
            "no section 'first' of this topic draws"),
    Mistake("a drawing without its figure", PAGE, IMAGE, "",
            "", "'first-curve' draws a figure that the page does not show"),
    Mistake("a short section", MODULE, "u = t.reshape(2, 3)  # (2, 3)\nv = u.sum(dim=0)  # (3,)\n",
            "", "import torch", "fewer than 5 lines"),
    Mistake("a long section", MODULE, "x = [0, 1, 2]\n", "x = [0, 1, 2]\n" * 40,
            "import matplotlib.pyplot as plt", "has 45 lines; more than 40"),
    Mistake("a wide line", MODULE, "y = [0, 1, 4]", f"y = [0, 1, 4]  # {'wide ' * 14}",
            "wide wide", "pages show 79, so break the line"),
    Mistake("imports last", MODULE, "import matplotlib.pyplot as plt\n\nx = [0, 1, 2]\n",
            "x = [0, 1, 2]\nimport matplotlib.pyplot as plt\n\n", "x = [0, 1, 2]",
            "imports come first"),
    Mistake("a package that readers lack", MODULE, "import matplotlib.pyplot as plt\n",
            "import matplotlib.pyplot as plt\nimport pandas\n", "import pandas",
            "imports pandas, which readers do not have"),
    Mistake("another module of sections", MODULE, "import matplotlib.pyplot as plt\n",
            "import matplotlib.pyplot as plt\nfrom snippets import notes\n", "from snippets",
            "imports snippets, which readers do not have"),
    Mistake("no evidence", MODULE, "plt.show()\n", "plt.plot(x, x)\n",
            "import matplotlib.pyplot as plt", "shows no evidence"),
]  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.name)
def test_a_mistake_is_named_with_its_line_and_the_cure(sound: Project, mistake: Mistake):
    text = sound.read(mistake.file)
    assert mistake.old in text
    changed = text.replace(mistake.old, mistake.new)
    (sound.root / mistake.file).write_text(changed, "utf-8")
    lines = enumerate(sound.read(mistake.fault_in or mistake.file).split("\n"), 1)
    numbers = {number for number, line in lines if mistake.at and mistake.at in line} or {0}
    faults = faults_of_project(sound.root)
    found = [fault for fault in faults if mistake.says in fault.message]
    assert found, faults
    assert any(fault.line in numbers for fault in found), found
    assert all(len(fault.message.split()) > 4 for fault in faults)


@pytest.mark.parametrize(
    ("count", "says"),
    [
        (2, "answers 2 questions; a topic has 3 or more"),
        (MOST_QUESTIONS, ""),
        (MOST_QUESTIONS + 1, f"is question {MOST_QUESTIONS + 1}; in a longer list"),
    ],
)
def test_a_topic_has_as_many_questions_as_readers_find_again(sound: Project, count: int, says):
    slugs = [f"question-{'abcdefghijklmnopqrstuvwxyz'[n]}" for n in range(count)]
    sound.write("snippets/notes.py", "\n".join(SECTION.format(slug=slug) for slug in slugs))
    for language, label in LABELS.items():
        questions = (
            QUESTION.format(title="Why?", slug=slug, label=label, answer="Because.")
            for slug in slugs
        )
        sound.write(f"docs/{language}/notes.md", "# Notes\n\n" + "".join(questions))
    faults = faults_of_project(sound.root)
    assert [says in fault.message for fault in faults] == [True] * (2 if says else 0)
