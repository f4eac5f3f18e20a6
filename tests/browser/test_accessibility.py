"""axe-core finds no violation of WCAG 2 A and AA on any kind of page."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from conftest import ROOT
from playwright.sync_api import Page, expect

EVERYWHERE = ["index", "views"]
"""The home page and a page with questions, boxes, code and figures."""
OTHERS = [
    *("gpu", "errors"),  # blocks that have not run, and the longest page
    *sorted(
        path.stem
        for path in (ROOT / "docs/en").glob("*.md")
        if path.stem != "index" and "data-level=" not in path.read_text("utf-8")
    ),
]
"""Every other kind of page: all that ask no questions, and two that do."""
RULES = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
}
UNFOLD = """() => {
  document.querySelectorAll("details").forEach((details) => { details.open = true; });
  const style = document.createElement("style");
  style.textContent = "* { content-visibility: visible !important; }";
  document.head.append(style);
}"""
THIN_OUT = """() => {
  const seen = new Set();
  for (const token of document.querySelectorAll(".highlight code span[class]:not(.printed)")) {
    const kind = `${token.className} ${token.closest(".printed") !== null}`;
    if (seen.has(kind)) token.replaceWith(...token.childNodes);
    seen.add(kind);
  }
  for (const list of document.querySelectorAll(".md-content :is(ul, ol, tbody)")) {
    Array.from(list.children).slice(8).forEach((item) => item.remove());
  }
}"""
"""Thousands of tokens have a dozen colours, and hundreds of items one look; axe takes its time."""
READERS = pytest.mark.parametrize(
    ("language", "width", "scheme", "kinds"),
    [
        pytest.param("en", 390, "light", EVERYWHERE + OTHERS, id="en-phone-light"),
        pytest.param("zh", 390, "dark", EVERYWHERE, id="zh-phone-dark"),
        pytest.param("en", 1440, "light", EVERYWHERE, id="en-desktop-light"),
        pytest.param("zh", 1440, "dark", EVERYWHERE + OTHERS, id="zh-desktop-dark"),
    ],
)
axe = Axe()


def violations(page: Page) -> list[str]:
    """List axe's findings: the rule, the element, and the cure."""
    page.evaluate(UNFOLD)
    page.evaluate(THIN_OUT)
    found = axe.run(page, options=RULES).response["violations"]
    return [
        f"{rule['id']}: {node['html'][:200]}: {node['failureSummary']}"
        for rule in found
        for node in rule["nodes"]
    ]


@READERS
def test_no_violation_on_any_kind_of_page(page: Page, home: str, kinds: list[str]):
    found = {}
    for kind in kinds:
        page.goto(home if kind == "index" else f"{home}{kind}/")
        found[kind] = violations(page)
    page.goto(f"{home}404.html")
    found["404"] = violations(page)
    assert {kind: said for kind, said in found.items() if said} == {}


@pytest.mark.parametrize(
    ("language", "width", "scheme"), [("en", 390, "light"), ("zh", 1440, "dark")]
)
def test_no_violation_while_searching(page: Page, home: str):
    page.goto(home)
    page.keyboard.press("/")
    page.keyboard.type("dropout")
    expect(page.locator(".md-search-result__link").first).to_be_visible()
    assert violations(page) == []


@pytest.mark.parametrize(
    ("language", "width", "scheme"), [("en", 390, "dark"), ("zh", 768, "light")]
)
def test_no_violation_with_the_menu_open(page: Page, home: str):
    page.goto(f"{home}views/")
    page.locator(".md-header__button[for=__drawer]").click()
    expect(page.locator(".md-sidebar--primary a.md-nav__link:visible").first).to_be_in_viewport()
    assert violations(page) == []


def test_what_axe_would_find_is_noticed(page: Page, site: str):
    page.goto(site)
    page.evaluate("document.querySelector('h1').style.color = '#ddd'")
    page.evaluate("document.querySelector('h1').parentElement.append(new Image())")
    assert {said.partition(":")[0] for said in violations(page)} == {"color-contrast", "image-alt"}
