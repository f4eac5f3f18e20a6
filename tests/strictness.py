"""Settings of mkdocs.yml that no build can miss, so that a test must."""

from pathlib import Path

from mkdocs.config import load_config


def require_strict(path: Path) -> None:
    """Hold a configuration against all that lets faults through."""
    config = load_config(str(path))
    snippets = config.mdx_configs["pymdownx.snippets"]
    assert snippets == {
        "base_path": ["snippets"],
        "check_paths": True,
        "dedent_subsections": True,
        "restrict_base_path": True,
    }
    assert list(config.hooks) == [
        "tests/gate.py",
        "docs/_hooks/content.py",
        "docs/_hooks/cache.py",
        "docs/_hooks/search.py",
        "docs/_hooks/languages.py",
        "docs/_hooks/takeaways.py",
    ]
    validation = [config.validation.nav.omitted_files, config.validation.nav.not_found]
    links = config.validation.links
    validation += [links.not_found, links.anchors, links.absolute_links, links.unrecognized_links]
    assert {level for level in validation} == {30}  # logging.WARNING
    assert (config.exclude_docs, config.draft_docs, config.not_in_nav) == (None, None, None)
    assert list(config.extra["languages"]) == ["en", "zh"]
    assert config.extra_javascript == []
    assert config.theme["font"] is False
    assert "navigation.instant" not in config.theme["features"]
    mkdocstrings = config.plugins["mkdocstrings"].config.handlers["python"]["options"]
    assert mkdocstrings["show_source"] is False
    assert mkdocstrings["show_docstring_examples"] is False
