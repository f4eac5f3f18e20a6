"""Pages that moved, as browsers follow them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Route
from redirects import Redirect, render

OLD = "http://127.0.0.1/handbook/old/"


@pytest.fixture
def answer(tmp_path: Path) -> Callable[[Route], None]:
    """Answer requests with a page whose question ``x`` has moved, and with that one."""
    (tmp_path / "new").mkdir()
    (tmp_path / "new/index.html").write_text('<title>New</title><h2 id="x">x</h2>', "utf-8")
    html = render(Redirect("old.md", "new.md", "#x", 1), "en", tmp_path, "https://example.org/")
    (tmp_path / "old").mkdir()
    (tmp_path / "old/index.html").write_text(html, "utf-8")

    def answer(route: Route) -> None:
        path = urlsplit(route.request.url).path.removeprefix("/handbook/")
        route.fulfill(path=tmp_path / path / "index.html")

    return answer


@pytest.mark.parametrize(
    ("asked", "reached"),
    [
        ("", "new/#x"),
        ("#y", "new/#y"),
        ("?level=basic", "new/?level=basic#x"),
        ("#%E6%AD%A5%E9%95%BF", "new/#%E6%AD%A5%E9%95%BF"),
    ],
)
def test_readers_are_led_to_the_heading_that_they_asked_for(page: Page, answer, asked, reached):
    page.route("**/*", answer)
    page.goto(OLD + asked)
    page.wait_for_url(lambda address: "/new/" in address)
    assert page.url == f"http://127.0.0.1/handbook/{reached}"
    assert page.title() == "New"


def test_without_scripts_readers_are_led_on_as_well(new_page: Callable[..., Page], answer):
    page = new_page(java_script_enabled=False)
    page.route("**/*", answer)
    page.goto(OLD)
    page.wait_for_url("http://127.0.0.1/handbook/new/#x")
