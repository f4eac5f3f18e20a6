"""Every reader opens a page, looks for a question, copies code, and switches."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urljoin

import pytest
from collector.sections import read_library
from conftest import ROOT
from playwright.sync_api import Page, expect

NAMES = sorted(path.stem for path in (ROOT / "docs/en").glob("*.md"))
FLAWS = """() => [
  document.documentElement.scrollWidth > innerWidth && "scrolls sideways",
  document.cookie && "sets a cookie",
  !document.title && "has no title",
  document.querySelectorAll("h1").length !== 1 && "has no heading, or several",
  ...Array.from(document.images, (image) => image.alt.trim() || `has no text for ${image.src}`)
    .filter((text) => text.startsWith("has no text for ")),
].filter(Boolean)"""
BLOCKS = """() => Array.from(document.querySelectorAll("div.highlight:has(.printed)"))
  .filter((block) => block.checkVisibility())
  .map((block) => ({
    code: block.querySelector("pre").getBoundingClientRect().bottom,
    line: block.querySelector(".evidence").getBoundingClientRect().top,
    says: block.querySelector(".evidence").textContent,
  }))"""
BACKGROUND = "getComputedStyle(document.body).backgroundColor"


def test_what_a_page_may_not_do_is_noticed(page: Page, site: str, complaints: list[str]):
    page.goto(site)
    page.evaluate("console.warn('careful')")
    page.evaluate("setTimeout(() => { throw new Error('thrown') })")
    page.evaluate("fetch('absent.json').then(() => {})")
    page.evaluate("fetch('http://elsewhere.invalid/').catch(() => {})")
    noticed = "\n".join(complaints)
    complaints.clear()
    assert "warning in the console: careful" in noticed
    assert "throws thrown" in noticed
    assert "404" in noticed
    assert "asks another host: http://elsewhere.invalid/" in noticed


@pytest.mark.parametrize("width", [360])
def test_every_page_fits_a_small_phone(page: Page, home: str):
    flaws = {}
    for name in NAMES:
        page.goto(home if name == "index" else f"{home}{name}/")
        flaws[name] = page.evaluate(FLAWS)
    assert {name: found for name, found in flaws.items() if found} == {}
    assert page.context.cookies() == []


def test_every_block_says_below_it_where_it_ran(page: Page, home: str):
    page.goto(f"{home}views/")
    blocks = page.evaluate(BLOCKS)
    assert len(blocks) >= 10
    for block in blocks:
        assert block["line"] >= block["code"]
        assert re.search(r"torch 2\..*Python 3\..*snippets/views\.py:\d+", block["says"])


@pytest.mark.parametrize(
    ("language", "words", "found"),
    [("en", "reshape", "views/"), ("zh", "自动求导", "autograd/")],
)
def test_search_finds_by_keyboard(page: Page, home: str, words: str, found: str):
    page.goto(home)
    page.keyboard.press("/")
    page.keyboard.type(words)
    results = page.locator(".md-search-result__link")
    expect(results.first).to_be_visible()
    assert found in " ".join(link.get_attribute("href") for link in results.all())
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator("h1")).to_be_visible()
    assert page.url.startswith(home)
    assert page.url.partition("?")[0] != home


@pytest.mark.parametrize(("language", "width"), [("en", 390)])
def test_a_block_far_away_costs_nothing_until_a_reader_comes_near(page: Page, home: str):
    page.goto(f"{home}errors/")
    blocks = page.locator(".highlight:visible")
    blocks.first.scroll_into_view_if_needed()
    expect(blocks.first.locator("button")).to_be_attached()
    expect(blocks.last.locator("button")).to_have_count(0)
    blocks.last.scroll_into_view_if_needed()
    expect(blocks.last.locator("button")).to_be_attached()


def test_copied_code_is_the_section_without_its_outputs(new_page: Callable[..., Page], home: str):
    page = new_page(permissions=["clipboard-read", "clipboard-write"])
    page.goto(f"{home}views/")
    page.locator(".md-code__button[data-clipboard-target]").first.click()
    expect(page.locator(".md-dialog--active")).to_be_visible()
    section = read_library(ROOT).modules["views.py"].sections["view-or-reshape"]
    code = [line for line in section.text.split("\n") if not line.startswith("# >")]
    assert page.evaluate("navigator.clipboard.readText()").rstrip("\n").split("\n") == code


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize(("language", "other"), [("en", "zh"), ("zh", "en")])
def test_switch_keeps_page_and_place(page: Page, site: str, home: str, other: str):
    def switch() -> None:
        page.locator(".md-header .md-select > button").hover()
        with page.expect_navigation():
            page.locator(f".md-select__link[hreflang={other}]").click()

    target = urljoin(site, "zh/views/" if other == "zh" else "views/")
    page.goto(f"{home}views/#what-strides-are")
    switch()
    assert page.url == f"{target}#what-strides-are"
    expect(page.locator("html")).to_have_attribute("lang", other)
    expect(page.locator("#what-strides-are")).to_be_in_viewport()

    page.goto(f"{home}views/")
    page.locator("#expand-or-repeat").evaluate("heading => heading.scrollIntoView()")
    page.evaluate("scrollBy(0, 300)")
    switch()
    assert page.url == f"{target}#expand-or-repeat"

    page.goto(f"{home}views/")
    switch()
    assert page.url.rstrip("#") == target


def test_chosen_scheme_is_remembered(new_page: Callable[..., Page], home: str):
    for system, chosen in (("light", "slate"), ("dark", "default")):
        page = new_page(scheme=system)
        page.goto(home)
        before = page.evaluate(BACKGROUND)
        page.locator(".md-header [data-md-component=palette] label:visible").click()
        expect(page.locator("body")).to_have_attribute("data-md-color-scheme", chosen)
        after = page.evaluate(BACKGROUND)
        assert after != before
        page.goto(f"{home}views/")
        assert page.evaluate(BACKGROUND) == after


def test_missing_page_leads_back(page: Page, home: str, language: str):
    page.goto(f"{home}404.html")
    expect(page.locator("html")).to_have_attribute("lang", language)
    expect(page.locator("h1")).to_be_visible()
    with page.expect_navigation():
        page.locator(".md-header .md-logo").click()
    assert page.url.rstrip(".") == home


def test_missing_address_shows_the_page_for_it(page: Page, home: str, complaints: list[str]):
    page.goto(f"{home}no/such/page/")
    expect(page.locator("h1")).to_be_visible()
    expect(page.locator(".md-search")).to_have_count(1)
    assert len(complaints) == 2  # the page itself, twice: the answer and the console
    assert all("404" in complaint for complaint in complaints)
    complaints.clear()
