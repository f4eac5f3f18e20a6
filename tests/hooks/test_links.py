"""The finder of broken links finds them, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from hooks.links import Site

ADDRESS = "https://owner.github.io/handbook/"
PAGE = '<h2 id="strides">Strides</h2><h2 id="步长">步长</h2><a name="old"></a>'
FILES = {
    "index.html": PAGE,
    "404.html": PAGE,
    "views/index.html": PAGE,
    "zh/index.html": PAGE,
    "zh/404.html": PAGE,
    "zh/views/index.html": PAGE,
    "takeaways/views.py": "",
    "figures/a.svg": "",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return folder


@pytest.mark.parametrize(
    ("page", "link", "fault"),
    [
        ("index.html", "tensors/", "tensors/index.html is missing"),
        ("index.html", "views/#absent", "views/index.html has no #absent"),
        ("index.html", "#absent", "index.html has no #absent"),
        ("index.html", "views/#Strides", "views/index.html has no #Strides"),
        ("index.html", "views/?q=a#absent", "views/index.html has no #absent"),
        ("index.html", "views/#%E7%BC%BA", "views/index.html has no #缺"),
        ("index.html", "Views/", "Views/index.html is missing; there is views/index.html"),
        ("index.html", "figures/A.svg", "figures/A.svg is missing; there is figures/a.svg"),
        ("index.html", "figures/a.svg?v=2#only-dark", ""),
        ("index.html", "figures/b%2Esvg", "figures/b.svg is missing"),
        ("index.html", "views", "is a folder; write views/"),
        ("index.html", "figures/", "figures/index.html is missing"),
        ("index.html", "#", "leads nowhere; name a page or a heading"),
        ("index.html", "", "leads nowhere; name a page or a heading"),
        ("index.html", "../views/", "leaves the site"),
        ("index.html", "/views/", "leaves the site"),
        ("views/index.html", "../tensors/", "tensors/index.html is missing"),
        ("views/index.html", "../zh/tensors/", "zh/tensors/index.html is missing"),
        ("zh/views/index.html", "../../tensors/", "tensors/index.html is missing"),
        ("zh/views/index.html", "../views/#absent", "zh/views/index.html has no #absent"),
        ("takeaways/index.html", "tensors.py", "takeaways/tensors.py is missing"),
        ("404.html", "/handbook/tensors/", "tensors/index.html is missing"),
        ("404.html", "views/", "is relative, but this page is shown at any address"),
        ("zh/404.html", "../views/", "is relative, but this page is shown at any address"),
        ("index.html", f"{ADDRESS}tensors/", "tensors/index.html is missing"),
    ],
)
def test_a_broken_link_is_found(folder, page, link, fault):
    assert Site(folder, ADDRESS).fault(page, link) == fault


@pytest.mark.parametrize(
    ("page", "link"),
    [
        ("index.html", "views/"),
        ("index.html", "./"),
        ("index.html", "#strides"),
        ("index.html", "#old"),
        ("index.html", "?q=a#strides"),
        ("index.html", "views/?q=a#strides"),
        ("index.html", "%76iews/#%E6%AD%A5%E9%95%BF"),
        ("index.html", "views/#步长"),
        ("index.html", "views/index.html#strides"),
        ("index.html", "takeaways/views.py"),
        ("views/index.html", ".."),
        ("views/index.html", "../zh/views/#strides"),
        ("zh/views/index.html", "../../views/"),
        ("404.html", "/handbook/views/"),
        ("404.html", "/handbook/zh/../views/"),
        ("404.html", "#strides"),
        ("zh/404.html", f"{ADDRESS}zh/../"),
        ("index.html", f"{ADDRESS}views/#strides"),
        ("index.html", "https://example.org/absent#absent"),
        ("index.html", "//example.org/absent"),
        ("index.html", "mailto:a@example.org"),
        ("index.html", "data:image/svg+xml,%3Csvg%3E"),
    ],
)
def test_a_sound_link_is_let_pass(folder, page, link):
    assert Site(folder, ADDRESS).fault(page, link) == ""


@pytest.mark.parametrize(
    ("name", "text", "link"),
    [
        ("a.html", '<a class="x" href="absent/">a</a>', "absent/"),
        ("a.html", "<A HREF=absent/>a</A>", "absent/"),
        ("a.html", '<a href="?a=1&amp;b=2#c">a</a>', "?a=1&b=2#c"),
        ("a.html", '<span class="x"><img src="absent.svg"></span>', "absent.svg"),
        ("a.html", '<img srcset="figures/a.svg 1x, absent.svg 2x">', "absent.svg"),
        ("a.html", '<script src="absent.js"></script>', "absent.js"),
        ("a.html", '<link rel="stylesheet" href="absent.css">', "absent.css"),
        ("a.html", '<meta http-equiv="refresh" content="0; url=absent/">', "absent/"),
        ("a.html", '<video poster="absent.png"></video>', "absent.png"),
        ("assets/a.css", 'a { background: url("absent.svg") }', "absent.svg"),
        ("search/search_index.json", '{"docs": [{"location": "absent/#x"}]}', "../absent/#x"),
        ("search/index.json", '{"docs": [{"location": "absent/#x"}]}', "../absent/#x"),
        ("sitemap.xml", f"<url><loc>{ADDRESS}absent/</loc></url>", f"{ADDRESS}absent/"),
        ("sitemap.xml", f'<xhtml:link href="{ADDRESS}absent/"/>', f"{ADDRESS}absent/"),
    ],
)
def test_links_are_read_wherever_browsers_read_them(tmp_path, name, text, link):
    for file, content in {**FILES, name: text}.items():
        path = tmp_path / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, "utf-8")
    (message,) = Site(tmp_path, ADDRESS).broken()
    assert message.startswith(f"{name}: {link} → ")


def test_code_that_shows_a_link_has_none(tmp_path):
    code = '<code>&lt;a href="absent/"&gt;</code><p>href="absent/"</p><!-- <a href="absent/"> -->'
    (tmp_path / "index.html").write_text(code, "utf-8")
    assert Site(tmp_path).broken() == []


@pytest.mark.parametrize(
    ("link", "fault"),
    [
        ("views/index.html#strides", ""),
        ("views/index.html#absent", "views/index.html has no #absent"),
        ("views/", "is a folder, not a page"),
        ("views", "is a folder, not a page"),
        (".", "is a folder, not a page"),
        ("../views/index.html", "leaves the site"),
    ],
)
def test_a_disk_shows_no_index(folder, link, fault):
    assert Site(folder, served=False).fault("index.html", link) == fault


def test_links_to_other_sites_are_told(tmp_path):
    links = ["views/", f"{ADDRESS}views/", "//example.org/a", "https://example.org/", "mailto:a@b"]
    html = "".join(f'<a href="{link}">a</a>' for link in links)
    (tmp_path / "index.html").write_text(html, "utf-8")
    external = list(Site(tmp_path, ADDRESS).external())
    assert external == [("index.html", "//example.org/a"), ("index.html", "https://example.org/")]
