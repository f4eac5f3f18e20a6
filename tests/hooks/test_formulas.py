"""Formulas: TeX in the pages, rendered by KaTeX from files of the site."""

import json
import re
import shutil
from pathlib import Path

import pytest
from conftest import ROOT, Project, use_material

KATEX = "docs/_theme/assets/vendor/katex"
PAGES = sorted(path.stem for path in (ROOT / "docs/en").glob("*.md"))
FORMULA = re.compile(r"(?m)^\$\$\n((?:.+\n)+?)\$\$$")
WRITTEN = r"""
Before.

$$
a_1 < \frac{b}{c} & d
$$

After.
"""


def formulas(language: str, page: str) -> list[str]:
    return FORMULA.findall((ROOT / f"docs/{language}/{page}.md").read_text("utf-8"))


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("page", PAGES)
def test_a_formula_stands_on_lines_of_its_own(language, page):
    """So none stands in a short answer, which is to be said aloud."""
    text = (ROOT / f"docs/{language}/{page}.md").read_text("utf-8")
    assert text.count("$") == 4 * len(formulas(language, page))


@pytest.mark.parametrize("page", PAGES)
def test_languages_show_the_same_formulas(page):
    assert formulas("en", page) == formulas("zh", page)


def test_formulas_hold_no_code():
    """Code in a formula would not have run."""
    every = "".join(formula for page in PAGES for formula in formulas("en", page))
    assert every.count("=") > 10
    assert re.findall(r"\\(?:texttt|mathtt|tt|verb|url|href|html\w*)\b", every) == []


def test_only_pages_with_formulas_load_what_renders_them(project: Project):
    use_material(project)
    shutil.copytree(ROOT / KATEX, project.root / KATEX)
    project.edit("mkdocs.yml", "plugins:\n", "plugins:\n  search: {}\n")
    for language, title in (("en", "# Title\n"), ("zh", "# 标题\n")):
        project.edit(f"docs/{language}/notes.md", title, f"{title}\n{WRITTEN}")
    assert project.build("-q").returncode == 0
    for root in ("site", "site/zh"):
        html = project.read(f"{root}/notes/index.html")
        loaded = re.findall(r'(?:href|src)="([^"]*(?:katex|formulas)[^"]*)"', html)
        assert [Path(name).name for name in loaded] == [
            "katex.min.css",
            "katex.min.js",
            "formulas.js",
        ]
        assert all((project.root / root / "notes" / name).is_file() for name in loaded)
        assert r"\frac{b}{c} &amp; d" in html
        for other in ("index.html", "404.html"):
            assert "katex" not in project.read(f"{root}/{other}")
        index = json.loads(project.read(f"{root}/search/index.json"))
        page = next(entry for entry in index["docs"] if entry["location"] == "notes/")
        assert "frac" not in str(page)
        assert "Before" in str(page)
        assert "After" in str(page)


def test_the_styles_of_katex_name_only_files_that_are_here():
    styles = (ROOT / KATEX / "katex.min.css").read_text("utf-8")
    named = re.findall(r"url\(([^)]*)\)", styles)
    fonts = {f"fonts/{path.name}" for path in (ROOT / KATEX / "fonts").iterdir()}
    assert len(named) == len(fonts) == 20
    assert set(named) == fonts


def test_katex_is_one_release_with_its_licence():
    script, styles = (
        (ROOT / KATEX / f"katex.min.{kind}").read_text("utf-8") for kind in ("js", "css")
    )
    release = re.search(r"KaTeX (\d+\.\d+\.\d+)", styles)[1]
    assert f'version:"{release}"' in script
    assert "MIT License" in (ROOT / KATEX / "LICENSE").read_text("utf-8")
