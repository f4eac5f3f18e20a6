"""The overridden parts of Material for MkDocs."""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import material
import pytest
from conftest import ROOT
from jinja2 import Environment, nodes

THEME = ROOT / "docs/_theme"
MATERIAL = Path(material.__file__).parent / "templates"
COPIED = re.compile(r"\{#- Copied from Material, sha256 ([0-9a-f]{16})\b.*?-?#\}", re.DOTALL)
TRANSLATION = "lang.t"
"""The one method that templates may call: it is Material's own macro."""


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


def outdated(theme: Path, originals: Path) -> Iterator[str]:
    """Find the overrides whose original is no longer the one they were copied from."""
    for override in sorted(path for path in theme.rglob("*") if path.is_file()):
        name = override.relative_to(theme).as_posix()
        original = originals / name
        if not original.is_file():
            continue
        note = COPIED.search(override.read_text("utf-8"))
        now = digest(original)
        if note is None:
            yield f"{name}: does not say what it overrides; begin it with sha256 {now}"
        elif note[1] != now:
            yield f"{name}: Material's file has changed; merge {original}, then write sha256 {now}"


def methods(template: str) -> list[str]:
    """List the methods that a template calls; only Python has them."""
    called = []
    for call in Environment().parse(template).find_all(nodes.Call):
        if isinstance(call.node, nodes.Getattr):
            owner = call.node.node
            called.append(
                f"{owner.name if isinstance(owner, nodes.Name) else '…'}.{call.node.attr}"
            )
    return [method for method in called if method != TRANSLATION]


def test_overridden_files_have_not_changed_upstream():
    assert list(outdated(THEME, MATERIAL)) == []


def test_a_change_upstream_is_noticed(tmp_path: Path):
    theme, originals = tmp_path / "theme", tmp_path / "originals"
    for folder in (theme, originals):
        (folder / "partials").mkdir(parents=True)
    (originals / "partials/same.html").write_text("<p>")
    (originals / "partials/moved.html").write_text("<p>")
    (originals / "silent.html").write_text("<p>")
    noted = (
        f"{{#- Copied from Material, sha256 {digest(originals / 'silent.html')}: a word. -#}}\n"
    )
    (theme / "partials/same.html").write_text(noted)
    (theme / "partials/moved.html").write_text(noted)
    (theme / "silent.html").write_text("<b>")
    (theme / "own.html").write_text("<b>")
    (originals / "partials/moved.html").write_text("<p>moved")
    found = list(outdated(theme, originals))
    assert [message.split(";")[0] for message in found] == [
        "partials/moved.html: Material's file has changed",
        "silent.html: does not say what it overrides",
    ]


@pytest.mark.parametrize("path", sorted(THEME.rglob("*.html")), ids=lambda path: path.stem)
def test_templates_are_plain_jinja_so_that_other_engines_read_them(path: Path):
    """Zensical's engine, for one, knows filters and tests but no methods of Python."""
    assert methods(path.read_text("utf-8")) == [], "use a filter: `| items` instead of `.items()`"


@pytest.mark.parametrize(
    ("template", "called"),
    [
        ("{% for a, b in c.d.items() %}{% endfor %}", ["….items"]),
        ("{{ name.upper() }}", ["name.upper"]),
        ("{{ lang.t('source') }}{{ super() }}{{ c | items }}", []),
    ],
)
def test_methods_of_python_are_noticed(template: str, called: list[str]):
    assert methods(template) == called
