"""Formulas, as a browser renders them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from conftest import ROOT
from playwright.sync_api import Page, expect

PAGES = {
    path.stem: path.read_text("utf-8").count("\n$$\n") // 2
    for path in sorted((ROOT / "docs/en").glob("*.md"))
    if "\n$$\n" in path.read_text("utf-8")
}
"""How many formulas each page holds, if any."""
STATE = """() => [...document.querySelectorAll('.arithmatex')].map(formula => ({
  spoken: formula.querySelectorAll('math').length,
  errors: formula.querySelectorAll('.katex-error').length,
  flat: [...formula.querySelectorAll('svg')].filter(root => root.clientHeight < 10).length,
}))"""
LOADED = """[...document.fonts].filter(
  font => font.family === 'KaTeX_Math' && font.status === 'loaded').length"""
RENDERED = {"spoken": 1, "errors": 0, "flat": 0}
"""Roots are drawn: styles of the theme can press them flat."""


@pytest.mark.parametrize("width", [360])
def test_every_formula_is_rendered(page: Page, home: str):
    assert sum(PAGES.values()) >= 10
    for name, count in PAGES.items():
        page.goto(f"{home}{name}/")
        page.evaluate("document.fonts.ready")
        assert page.evaluate(STATE) == [RENDERED] * count, name
        assert page.evaluate("document.documentElement.scrollWidth") == 360, name
        assert page.evaluate(LOADED) >= 1, name


def test_a_page_without_formulas_loads_nothing_for_them(page: Page, home: str):
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{home}views/")
    assert asked
    assert not [url for url in asked if "katex" in url or "formulas" in url]


def test_the_keyboard_reaches_a_formula_only_while_it_scrolls(page: Page, home: str):
    page.goto(f"{home}optimizers/")
    widest = page.locator(".arithmatex").nth(2)
    expect(widest.locator("math")).to_have_count(1)
    expect(widest).not_to_have_attribute("tabindex", "0")
    page.set_viewport_size({"width": 240, "height": 700})
    expect(widest).to_have_attribute("tabindex", "0")
    expect(widest).to_have_accessible_name("公式" if "/zh/" in home else "Formula")
    page.set_viewport_size({"width": 1440, "height": 700})
    expect(widest).not_to_have_attribute("tabindex", "0")


def test_without_scripts_the_tex_can_be_read(new_page: Callable[..., Page], home: str):
    page = new_page(java_script_enabled=False)
    page.goto(f"{home}speed/")
    formula = page.locator(".arithmatex")
    expect(formula).to_contain_text(r"\operatorname{softmax}")
    expect(formula).to_have_css("white-space-collapse", "preserve")
