"""A writer sees edits in the browser while ``mkdocs serve`` follows them."""

from __future__ import annotations

from conftest import Project, serving, use_material, wait_for
from playwright.sync_api import Page, expect


def test_broken_block_is_marked_until_it_is_mended(page: Page, project: Project):
    use_material(project)
    box = page.locator(".fault")
    with serving(project) as address:
        wait_for(f"{address}notes/", "fine")
        page.goto(f"{address}notes/")
        expect(box).to_have_count(0)

        project.edit("snippets/notes.py", 'print("fine")', 'print("broken")')
        expect(box).to_be_visible(timeout=60_000)
        expect(box).to_contain_text("prints something else")
        assert box.evaluate("box => getComputedStyle(box).borderLeftColor") == "rgb(179, 38, 30)"
        edge = box.bounding_box()
        assert edge["y"] < page.locator("pre").first.bounding_box()["y"]

        project.edit("snippets/notes.py", 'print("broken")', 'print("fine")')
        expect(box).to_have_count(0, timeout=60_000)
        expect(page.locator(".evidence.versions")).to_have_count(2)
        page.goto("about:blank")  # it no longer waits for the server
