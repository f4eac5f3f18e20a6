"""Reads the settings of the language that is built."""

from __future__ import annotations

from pathlib import Path

from collector.words import Words, read_words


def language_of(config) -> str:
    return config.theme["language"]


def root_of(config) -> str:
    """Return the folder of the language within the site, ``zh/``; empty for the first one."""
    return config.extra["languages"][language_of(config)]["root"]


def words_of(config) -> Words:
    return read_words(language_of(config))


def project_of(config) -> Path:
    return Path(config.config_file_path).parent


def is_serving(config) -> bool:
    """Tell ``mkdocs serve`` from ``mkdocs build``; the gate knows."""
    return config.extra.get("serving", False)
