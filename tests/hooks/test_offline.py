"""The offline edition: its files, and where its links lead."""

from __future__ import annotations

import json
import os
from pathlib import Path
from types import SimpleNamespace
from zipfile import ZipFile

import pytest
import takeaways
from exports.offline import ARCHIVE, FOLDER, UNREACHABLE, read_edition, write_archive

ADDRESS = "https://owner.github.io/handbook/"
ROOTS = ("", "zh/")
HTML = (
    '<html><head><title>T</title></head><body><a class="x" href="{link}">there</a></body></html>'
)
FILES = [
    "404.html",
    "index.html",
    "views/index.html",
    "takeaways/index.html",
    "takeaways/views.py",
    "assets/site.css",
    "assets/site.css.map",
    "figures/views/a.svg",
    "search/search_index.json",
]
ROOT_FILES = ["sitemap.xml", "llms.txt"]
INDEX = {"config": {"lang": ["en"]}, "docs": [{"location": "views/#x", "text": "梯度"}]}


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A built site in two languages."""
    folder = tmp_path / "site"
    for name in [*ROOT_FILES, *(root + name for root in ROOTS for name in FILES)]:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(INDEX) if path.suffix == ".json" else HTML, "utf-8")
    return folder


def unpack(archive: Path) -> dict[str, str]:
    with ZipFile(archive) as opened:
        return {name: opened.read(name).decode() for name in opened.namelist()}


def test_edition_holds_what_is_read_in_both_languages(site):
    packed = unpack(write_archive(read_edition(site, ROOTS, ADDRESS)))
    read = [
        "index.html",
        "views/index.html",
        "takeaways/index.html",
        "assets/site.css",
        "figures/views/a.svg",
        "search/search_index.js",
    ]
    assert set(packed) == {f"{FOLDER}/{root}{name}" for root in ROOTS for name in read}


@pytest.mark.parametrize(
    ("page", "link", "written"),
    [
        ("index.html", "views/", "views/index.html"),
        ("index.html", "./", "./index.html"),
        ("index.html", ".", "./index.html"),
        ("index.html", "%76iews/#x", "%76iews/index.html#x"),
        ("index.html", "views/?q=a&amp;p=b#x", "views/index.html?q=a&amp;p=b#x"),
        ("views/index.html", "..", "../index.html"),
        ("views/index.html", "../takeaways/", "../takeaways/index.html"),
        ("views/index.html", "../zh/views/", "../zh/views/index.html"),
        ("zh/views/index.html", "../../views/", "../../views/index.html"),
        ("zh/views/index.html", "../", "../index.html"),
        ("index.html", "#x", "#x"),
        ("index.html", "?q=a", "?q=a"),
        ("index.html", "views/index.html", "views/index.html"),
        ("index.html", "figures/views/a.svg", "figures/views/a.svg"),
        ("index.html", "https://example.org/views/", "https://example.org/views/"),
        ("index.html", "mailto:a@example.org", "mailto:a@example.org"),
        ("index.html", "takeaways/views.py", f"{ADDRESS}takeaways/views.py"),
        ("zh/index.html", "takeaways/views.py", f"{ADDRESS}zh/takeaways/views.py"),
        ("zh/takeaways/index.html", f"../../{ARCHIVE}", f"{ADDRESS}{ARCHIVE}"),
    ],
)
def test_links_name_files_of_the_edition_or_lead_to_the_site(site, page, link, written):
    html = read_edition(site, ROOTS, ADDRESS).page(page, HTML.format(link=link))
    assert f'<a class="x" href="{written}">there</a>' in html


@pytest.mark.parametrize("address", ["http://127.0.0.1:8000/", "http://localhost/", ""])
def test_downloads_are_out_of_reach_where_no_site_is_published(site, address):
    html = HTML.format(link="takeaways/views.py")
    page = read_edition(site, ROOTS, address).page("index.html", html)
    assert f'<a class="x" {UNREACHABLE}>there</a>' in page


def test_only_the_links_of_a_page_are_rewritten(site):
    text = '<p title="a > b">href="views/"</p><code>&lt;a href="views/"&gt;</code>'
    page = read_edition(site, ROOTS, ADDRESS).page("index.html", text)
    assert page == text


@pytest.mark.parametrize(
    ("page", "shim"),
    [
        ("index.html", "assets/"),
        ("views/index.html", "../assets/"),
        ("zh/index.html", "assets/"),
        ("zh/views/index.html", "../assets/"),
    ],
)
def test_every_page_loads_what_stands_for_a_worker(site, page, shim):
    html = read_edition(site, ROOTS, ADDRESS).page(page, HTML)
    assert f'<script src="{shim}vendor/iframe-worker/shim.js"></script></head>' in html


def test_sections_that_the_search_keeps_aside_come_with_the_edition(site):
    aside = {"config": {}, "docs": [{"location": "views/"}]}
    (site / "zh/search/index.json").write_text(json.dumps(aside), "utf-8")
    packed = unpack(write_archive(read_edition(site, ROOTS, ADDRESS)))
    script = packed[f"{FOLDER}/zh/search/search_index.js"]
    assert json.loads(script.removeprefix("var __index = "))["docs"] == [
        {"location": "views/index.html"}
    ]
    assert f"{FOLDER}/zh/search/index.json" not in packed


def test_results_of_the_search_lead_to_files(site):
    packed = unpack(write_archive(read_edition(site, ROOTS, ADDRESS)))
    for root in ROOTS:
        script = packed[f"{FOLDER}/{root}search/search_index.js"]
        index = json.loads(script.removeprefix("var __index = "))
        assert index["docs"] == [{"location": "views/index.html#x", "text": "梯度"}]
        assert index["config"] == INDEX["config"]


def test_equal_sites_give_equal_archives(site):
    first = write_archive(read_edition(site, ROOTS, ADDRESS)).read_bytes()
    os.utime(site / "index.html", (0, 10**9))
    assert write_archive(read_edition(site, ROOTS, ADDRESS)).read_bytes() == first


@pytest.mark.parametrize("serving", [False, True])
def test_a_save_under_serve_packs_nothing(site, serving):
    languages = {"en": {"root": ""}, "zh": {"root": "zh/"}}
    for language in ("zh", "en"):
        assert not (site / ARCHIVE).exists()
        config = SimpleNamespace(
            site_dir=site / languages[language]["root"],
            site_url=ADDRESS,
            theme={"language": language},
            extra={"languages": languages, "serving": serving},
        )
        takeaways.on_post_build(config)
    assert (site / ARCHIVE).exists() != serving
