"""The questions of a page, read from its Markdown."""

from pathlib import Path

import pytest
from collector.questions import LEVELS, pages_of, read_topic, read_topics

ROOT = Path(__file__).parents[2]
PAGE = """---
tags: none
---
# Views { #views }

What this is.

## Does `view` copy? { #view-copies data-level=basic }

!!! abstract "In 30 seconds"
    Never. It describes

    the same memory.

```python
--8<-- "views.py:view-copies"
```

```bash
## not a heading { #x data-level=basic }
```

## See also { #see-also }

## And `reshape`? { #reshape-copies data-level=advanced }

!!! abstract "In 30 seconds"
    At times.
"""


@pytest.fixture
def topic(tmp_path):
    path = tmp_path / "views.md"
    path.write_text(PAGE, "utf-8")
    return read_topic(path)


def test_a_page_is_read_question_by_question(topic):
    assert (topic.stem, topic.title, topic.introduction) == ("views", "Views", "What this is.")
    assert [(q.anchor, q.title, q.level) for q in topic.questions] == [
        ("view-copies", "Does `view` copy?", "basic"),
        ("reshape-copies", "And `reshape`?", "advanced"),
    ]
    assert [PAGE.split("\n")[q.line - 1].split(" {")[0] for q in topic.questions] == [
        "## Does `view` copy?",
        "## And `reshape`?",
    ]


def test_the_short_answer_stands_without_its_box(topic):
    first, second = topic.questions
    assert first.answer == "Never. It describes\n\nthe same memory."
    assert second.answer == "At times."


def test_a_question_knows_the_sections_that_it_shows(topic):
    assert [q.embeds for q in topic.questions] == [(("views.py", "view-copies"),), ()]


def test_pages_stand_in_the_order_of_the_navigation():
    nav = ["index.md", {"Foundations": ["views.md", {"More": ["data.md"]}]}, {"Look up": "x.md"}]
    assert pages_of(nav) == ["index.md", "views.md", "data.md", "x.md"]


def test_a_page_without_headings_asks_nothing(tmp_path):
    path = tmp_path / "index.md"
    path.write_text("# Home\n\nWelcome.\n", "utf-8")
    assert read_topic(path).questions == ()
    assert read_topic(path).introduction == "Welcome."


def test_both_languages_ask_the_same_and_answer_each_question():
    names = [path.name for path in sorted(ROOT.glob("docs/en/*.md"))]
    english, chinese = (read_topics(ROOT / "docs" / code, names) for code in ("en", "zh"))
    of_each = [
        [(q.topic, q.anchor, q.level) for topic in topics for q in topic.questions]
        for topics in (english, chinese)
    ]
    assert of_each[0] == of_each[1]
    assert {level for _, _, level in of_each[0]} == set(LEVELS)
    for topic in english + chinese:
        assert [q.anchor for q in topic.questions if not q.answer] == []
