"""All that can be done with a mouse can be done by keyboard, and one sees where one is."""

from __future__ import annotations

import re

import pytest
from conftest import Built
from playwright.sync_api import Page, expect

FOCUSED = """() => {
  const element = document.activeElement;
  const label = element.matches(".md-option") ? element.nextElementSibling : element;
  const box = label.getBoundingClientRect();
  const style = getComputedStyle(label);
  return {
    what: element.localName + "." + element.className.replace(" focus-visible", ""),
    text: label.innerText || label.getAttribute("aria-label") || label.title || "",
    outlined: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 1,
    inside: box.width > 0 && box.right > 0 && box.left < innerWidth && label.checkVisibility(),
  };
}"""
ON_TOP = """() => {
  const element = document.activeElement;
  const { x, y, width, height } = element.getBoundingClientRect();
  return element.contains(document.elementFromPoint(x + width / 2, y + height / 2));
}"""
CARET = "input.md-search__input"
"""Shows the focus by its caret."""


def tab(page: Page) -> dict:
    page.keyboard.press("Tab")
    return page.evaluate(FOCUSED)


def stops_until(page: Page, pattern: str) -> list[dict]:
    """Press Tab until the focused element matches."""
    stops = []
    while not stops or not re.search(pattern, stops[-1]["what"]):
        assert len(stops) < 80, f"never reached {pattern}"
        stops.append(tab(page))
    return stops


def require_seen(stops: list[dict]) -> None:
    """Each stop is on the screen and outlined."""
    stops = [stop for stop in stops if "md-search__scrollwrap" not in stop["what"]]
    hidden = [stop for stop in stops if not stop["inside"]]
    assert hidden == []
    assert [s for s in stops if not s["outlined"] and not s["what"].startswith(CARET)] == []


@pytest.mark.parametrize(
    ("language", "scheme"), [("en", "light"), ("zh", "dark")], ids=["en-light", "zh-dark"]
)
def test_tab_reaches_the_header_and_then_the_code(page: Page, home: str, built: Built):
    page.goto(f"{home}views/")
    expect(page.locator(".md-code__button").first).to_be_attached()
    header = stops_until(page, r"a\.md-nav__link")
    require_seen(header)
    reached = [stop["what"] for stop in header]
    order = ["a.md-skip", "a.md-header__button", "input.md-option", "button.md-header__button"]
    order += ["a.md-select__link", "a.md-select__link", CARET]
    order += ["a.md-source"] if built.repository else []
    places = iter(reached)
    assert all(any(name in place for place in places) for name in order), reached

    page.goto(f"{home}views/")
    assert "md-skip" in tab(page)["what"]
    page.keyboard.press("Enter")
    content = stops_until(page, r"button\.md-code__button")
    content += stops_until(page, r"^summary")
    require_seen(content)
    page.keyboard.press("Enter")
    expect(page.locator("details[open] > summary").first).to_be_focused()


@pytest.mark.parametrize(
    ("language", "scheme", "other"), [("en", "light", "slate"), ("zh", "dark", "default")]
)
def test_scheme_changes_by_keyboard(page: Page, home: str, other: str):
    page.goto(home)
    body = page.locator("body")
    first = body.get_attribute("data-md-color-scheme")
    stops_until(page, r"input\.md-option")
    for key, scheme in (("Enter", other), ("Enter", first), ("ArrowRight", other)):
        page.keyboard.press(key)
        expect(body).to_have_attribute("data-md-color-scheme", scheme)
        require_seen([page.evaluate(FOCUSED)])


@pytest.mark.parametrize(("language", "width"), [("en", 390), ("zh", 768)])
def test_menu_opens_by_keyboard_and_is_out_of_the_way_when_closed(page: Page, home: str):
    page.goto(f"{home}views/")
    sign = page.locator("button.md-header__button[for=__drawer]")
    link = page.locator(".md-sidebar--primary a.md-nav__link:visible").first
    expect(sign).to_have_attribute("aria-expanded", "false")
    closed = stops_until(page, r"a\.headerlink")
    require_seen(closed)
    assert not any("md-nav__link" in stop["what"] for stop in closed)

    sign.focus()
    page.keyboard.press("Enter")
    expect(sign).to_have_attribute("aria-expanded", "true")
    expect(link).to_be_in_viewport()
    for _ in range(8):  # through more than one of its panels
        assert page.evaluate("document.activeElement.closest('.md-sidebar--primary') !== null")
        page.wait_for_function(ON_TOP)
        tab(page)
    page.keyboard.press("Escape")
    expect(sign).to_have_attribute("aria-expanded", "false")
    expect(sign).to_be_focused()
    expect(link).not_to_be_attached()


@pytest.mark.parametrize(("language", "width"), [("en", 390)])
def test_wide_figure_scrolls_by_keyboard(page: Page, home: str):
    page.goto(f"{home}views/")
    figure = page.locator("p:has(> img[src*='figures/']:visible)").first
    figure.scroll_into_view_if_needed()
    expect(figure).to_have_attribute("tabindex", "0")
    figure.focus()
    page.keyboard.press("End")
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    page.wait_for_function("figure => figure.scrollLeft > 0", arg=figure.element_handle())
    page.set_viewport_size({"width": 1440, "height": 900})
    expect(figure).not_to_have_attribute("tabindex", "0")
