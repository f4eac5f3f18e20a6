"""The offline edition, unpacked and read from disk: no server, no network."""

from __future__ import annotations

from pathlib import Path
from zipfile import ZipFile

import pytest
from collector.html import read_html
from exports.offline import ARCHIVE, FOLDER
from hooks.links import Site
from playwright.sync_api import Page, expect

QUERIES = {"en": "contiguous", "zh": "梯度"}
REDIRECT = 'http-equiv="refresh"'
"""Stands in pages that only lead on."""


@pytest.fixture(scope="module")
def edition(site: str, site_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder to which the archive unpacks; a space in its path is no obstacle."""
    target = tmp_path_factory.mktemp("my downloads")
    with ZipFile(site_folder / ARCHIVE) as archive:
        archive.extractall(target)
    return target / FOLDER


@pytest.fixture
def host() -> None:
    """No host may be asked for anything."""


@pytest.fixture
def home(edition: Path, language: str) -> str:
    """Address of the edition in one language."""
    folder = edition if language == "en" else edition / language
    return f"{folder.as_uri()}/"


def test_no_link_leads_nowhere(edition: Path):
    assert Site(edition, served=False).broken() == []


def test_edition_shows_what_the_site_shows(edition: Path, site_folder: Path):
    shown, built = (
        {
            path.relative_to(folder): read_html(html)
            for path in folder.rglob("*.html")
            if path.name != "404.html" and REDIRECT not in (html := path.read_text("utf-8"))
        }
        for folder in (edition, site_folder)
    )
    assert len(shown) > 50
    assert shown == built


def test_pages_have_their_styles_figures_and_formulas(page: Page, home: str):
    page.goto(f"{home}convolution/index.html")
    assert page.locator("article pre").count() > 5
    figure = page.locator("img[src*='#only-light']").first
    figure.scroll_into_view_if_needed()
    expect(figure).to_be_visible()
    page.wait_for_function("image => image.naturalWidth > 100", arg=figure.element_handle())
    color = "body => getComputedStyle(body).getPropertyValue('--md-typeset-a-color')"
    assert page.locator("body").evaluate(color)
    expect(page.locator(".katex").first).to_be_attached()
    loaded = "document.fonts.ready.then(all => [...all].map(font => font.status))"
    assert "loaded" in page.evaluate(loaded)


def test_search_finds_a_page_and_leads_to_it(page: Page, home: str, language: str):
    page.goto(f"{home}index.html")
    page.locator(".md-search__input").click()
    page.keyboard.type(QUERIES[language])
    page.keyboard.press("End")  # the search listens to keys, which Chinese text has none of
    result = page.locator(".md-search-result__link").first
    expect(result).to_be_visible()
    result.click()
    page.wait_for_url("**/index.html?h=*")
    assert page.url.startswith(home)
    expect(page.locator("article h1")).to_have_count(1)
    expect(page.locator("article")).to_contain_text(QUERIES[language])


def test_switch_of_language_keeps_the_place(page: Page, edition: Path):
    english, chinese = (
        f"{(edition / root / 'views/index.html').as_uri()}#contiguous-copies"
        for root in ("", "zh")
    )
    page.goto(english)
    for code, there in (("zh", chinese), ("en", english)):
        page.locator(".md-select").hover()
        page.locator(f".md-select__link[hreflang={code}]").click()
        page.wait_for_url(there)
        assert page.locator("html").get_attribute("lang") == code


def test_links_between_pages_lead_to_files(page: Page, home: str):
    page.goto(f"{home}index.html")
    page.locator("article a[href^='views/']").first.click()
    page.wait_for_url(f"{home}views/index.html")
    page.locator(".md-header .md-logo").click()
    page.wait_for_url(f"{home}index.html")


def test_dark_scheme_is_remembered_on_other_pages(page: Page, home: str):
    page.goto(f"{home}index.html")
    assert page.locator("body").get_attribute("data-md-color-scheme") == "default"
    page.locator("[data-md-component=palette] label:visible").click()
    for name in ("index.html", "views/index.html"):
        page.goto(home + name)
        assert page.locator("body").get_attribute("data-md-color-scheme") == "slate"
