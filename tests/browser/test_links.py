"""The links of the built site: all of them, in both languages."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable

import yaml
from conftest import ADDRESSES, ROOT, Built
from hooks.links import Site

OURS = os.environ.get("REPO_URL") or ADDRESSES["REPO_URL"]
"""The repository of the built site."""
THEME = "https://squidfunk.github.io/mkdocs-material/"
"""Where the foot of each page leads."""


def test_no_link_leads_nowhere(built: Built):
    assert Site(built.folder, built.address).broken() == []


def test_links_to_other_sites_are_checked_at_night(built: Built):
    external = {link for _, link in Site(built.folder, built.address).external()}
    assert THEME in external
    strange = "https://unchecked.invalid/"
    assert unchecked({*external, strange}) == {strange}


def unchecked(links: Iterable[str]) -> set[str]:
    """Choose the links that stand in none of the files that the nightly run checks."""
    workflow = yaml.safe_load((ROOT / ".github/workflows/nightly.yml").read_text("utf-8"))
    arguments = shlex.split(workflow["jobs"]["links"]["steps"][-1]["with"]["args"])
    *_, extensions, readme, folder = arguments
    endings = {f".{ending}" for ending in extensions.split(",")}
    files = [path for path in sorted((ROOT / folder).rglob("*")) if path.suffix in endings]
    checked = "\n".join(path.read_text("utf-8") for path in [ROOT / readme, *files])
    return {link for link in links if link not in checked and not link.startswith((OURS, THEME))}
