"""Pages that moved: their old addresses lead on, in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest
from hooks.links import Site
from mkdocs.exceptions import PluginError
from redirects import Redirect, read_redirects, render

ADDRESS = "https://owner.github.io/handbook/"
REDIRECT = Redirect("old.md", "new.md", "#x", 3)


def test_old_addresses_lead_on_in_both_languages(project):
    entries = "redirects:\n    old.md: notes.md#also\n    deep/older.md: index.md\n"
    project.edit("mkdocs.yml", "redirects: {}", entries)
    result = project.build()
    assert result.returncode == 0, result.stderr
    site = Site(project.root / "site", "http://127.0.0.1:8000/")
    assert site.broken() == []
    for root, language, moved, title in [
        ("", "en", "This page has moved:", "Title - PyTorch Interview Handbook"),
        ("zh/", "zh", "本页已移至：", "标题 - PyTorch 面试手册"),
    ]:
        html = project.read(f"site/{root}old/index.html")
        assert f'<html lang="{language}">' in html
        assert f'<link rel="canonical" href="{site.address}{root}notes/">' in html
        assert f'{moved} <a href="../notes/#also">{title}</a>' in html
        assert 'content="0; url=../notes/#also"' in html
        home = project.read(f"site/{root}deep/older/index.html")
        assert f'<link rel="canonical" href="{site.address}{root}">' in home
        assert '<a href="../../">' in home
    assert "old" not in project.read("site/sitemap.xml")


def test_a_redirect_to_no_page_stops_the_build(project):
    project.edit("mkdocs.yml", "redirects: {}", "redirects:\n    old.md: absent.md\n")
    line = project.read("mkdocs.yml").split("\n").index("    old.md: absent.md") + 1
    result = project.build()
    assert result.returncode == 1
    assert f"mkdocs.yml:{line}: old.md → absent.md leads to no page" in result.stderr
    assert not (project.root / "site").exists()


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        (["old.md"], "mkdocs.yml:2: redirects must be a map, a line `old.md: new.md` for"),
        ({"old": "new.md"}, "mkdocs.yml:3: old → new.md must read `old.md: new.md` or"),
        ({"../old.md": "new.md"}, "../old.md → new.md must read"),
        ({"/old.md": "new.md"}, "/old.md → new.md must read"),
        ({"old.md#x": "new.md"}, "old.md#x → new.md must read"),
        ({"old.md": "new/"}, "old.md → new/ must read"),
        ({"old.md": "https://example.org/"}, "old.md → https://example.org/ must read"),
        ({"old.md": "new.md#x y"}, "old.md → new.md#x y must read"),
        ({"old.md": None}, "old.md → None must read"),
    ],
)
def test_a_wrong_entry_is_named_with_its_line(entries, message):
    configuration = "extra:\n  redirects:\n    old: new.md\n"
    with pytest.raises(PluginError, match=r"^mkdocs\.yml:") as error:
        list(read_redirects(entries, configuration))
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("name", "html", "message"),
    [
        ("old/index.html", "", "old.md is still a page; delete it, or this line"),
        ("other/index.html", "", "old.md → new.md leads to no page"),
        ("new/index.html", '<h2 id="y">', "old.md → new.md has no #x in zh"),
    ],
)
def test_a_redirect_that_cannot_be_is_refused(tmp_path, name, html, message):
    path = tmp_path / name
    path.parent.mkdir()
    path.write_text(html, "utf-8")
    with pytest.raises(PluginError) as error:
        render(REDIRECT, "zh", tmp_path, ADDRESS)
    assert str(error.value) == f"mkdocs.yml:3: {message}"


def test_a_page_that_took_several_places_is_one_target(tmp_path: Path):
    (tmp_path / "new").mkdir()
    (tmp_path / "new/index.html").write_text('<title>New</title><h2 id="x">', "utf-8")
    for old in ("old.md", "deep/older.md"):
        html = render(Redirect(old, "new.md", "", 1), "en", tmp_path, ADDRESS)
        assert f'href="{ADDRESS}new/"' in html
