"""What every reader does: look for a question, read it, take its code along."""

from __future__ import annotations

from playwright.sync_api import Page


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
