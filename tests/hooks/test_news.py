"""The newest changes, as the landing page shows them."""

import pytest
from collector.faults import FaultError
from conftest import ROOT
from news import MOST_SHOWN, read_changelog, render

GOOD = """\
# Changes

Anything may stand here.

## 2026-02-01

- Three.
  - 三。
- For maintainers.

## 2026-01-01

- One.
  - 一。
"""


def test_readers_see_the_entries_that_concern_them_in_their_language(tmp_path):
    path = tmp_path / "CHANGELOG.md"
    path.write_text(GOOD, "utf-8")
    entries = read_changelog(path)
    assert [entry.english for entry in entries] == ["Three.", "For maintainers.", "One."]
    assert "- **2026-02-01** Three.\n- **2026-01-01** One.\n" in render(entries, "en")
    assert "- **2026-02-01** 三。\n- **2026-01-01** 一。\n" in render(entries, "zh")


def test_only_the_newest_are_shown():
    entries = read_changelog(ROOT / "CHANGELOG.md")
    assert 0 < render(entries, "zh").count("\n- ") <= MOST_SHOWN
    assert render(entries * 9, "en").count("\n- ") == MOST_SHOWN


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("- For", "* For", "9: write `## 2026-11-30`"),
        ("- For", "For", "9: write `## 2026-11-30`"),
        ("- For maintainers.", "  - 三。", "9: write `## 2026-11-30`"),
        ("- Three.\n  - 三。", "  - 三。", "7: write `## 2026-11-30`"),
        ("- One.\n  - 一。", "  - 一。", "13: write `## 2026-11-30`"),
        ("## 2026-01-01", "## January", "11: write `## 2026-11-30`"),
        ("2026-01-01", "2026-02-31", "11: there is no day 2026-02-31"),
        ("2026-01-01", "2026-03-01", "11: 2026-03-01 must stand above 2026-02-01"),
        ("2026-01-01", "2026-02-01", "11: 2026-02-01 must stand above 2026-02-01"),
    ],
)
def test_a_mistake_in_the_change_log_is_one_clear_error(tmp_path, old, new, fault):
    path = tmp_path / "CHANGELOG.md"
    assert old in GOOD
    path.write_text(GOOD.replace(old, new), "utf-8")
    with pytest.raises(FaultError) as error:
        read_changelog(path)
    assert str(error.value).startswith(f"CHANGELOG.md:{fault}")


def test_the_built_page_shows_them(project):
    project.write("CHANGELOG.md", GOOD)
    for language, title in (("en", "Home"), ("zh", "首页")):
        project.write(f"docs/{language}/index.md", f"# {title}\n\n<!-- generated: news -->\n")
    assert project.build().returncode == 0
    assert "<strong>2026-02-01</strong> Three." in project.read("site/index.html")
    assert "<strong>2026-02-01</strong> 三。" in project.read("site/zh/index.html")

    project.edit("CHANGELOG.md", "- One.", "One.")
    result = project.build()
    assert result.returncode != 0
    assert "CHANGELOG.md:13: write" in result.stderr
