"""Words: every sentence and label that the site itself says, by language.

They stand in ``docs/_hooks/words``, one file a language, as ``section: {name: text}``.
A text may have fields in braces.  All files hold the same keys and fields.
"""

from __future__ import annotations

import functools
import string
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from collector.faults import Fault, FaultError

FOLDER = Path(__file__).parents[2] / "docs/_hooks/words"
LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # ten times faster where it exists


@dataclass(frozen=True, eq=False)
class Words:
    """The words of one language."""

    file: str
    """As messages name it."""
    texts: Mapping[str, Mapping[str, str]]
    """By section and name."""
    lines: Mapping[str, int]
    """Where each section and each key stands."""

    def text(self, key: str, **values: object) -> str:
        """Return a text with its fields filled in.

        Args:
            key: Section and name, ``plans.days``.

        Raises:
            FaultError: If there is no such text, or it has a field that nothing fills.
        """
        section, _, name = key.partition(".")
        if name not in self.texts.get(section, {}):
            raise FaultError(self.fault(section, f"{key} is missing"))
        try:
            return self.texts[section][name].format(**values)
        except (LookupError, AttributeError, ValueError):
            known = ", ".join(f"{{{value}}}" for value in values) or "none"
            raise FaultError(self.fault(key, f"{key} may have these fields: {known}")) from None

    def fault(self, key: str, message: str) -> Fault:
        return Fault(self.file, self.lines.get(key, 1), message)

    def faults(self, model: Words) -> list[Fault]:
        """Compare with the words of the first language."""
        found = []
        for section, texts in model.texts.items():
            own = self.texts.get(section, {})
            for name, text in texts.items():
                key = f"{section}.{name}"
                if name not in own:
                    found.append(self.fault(section, f"{key} is missing"))
                elif fields(own[name]) != fields(text):
                    wanted = ", ".join(sorted(fields(text))) or "none"
                    found.append(self.fault(key, f"{key} must have these fields: {wanted}"))
        for key in sorted(self.lines.keys() - model.lines.keys()):
            found.append(self.fault(key, f"{key} is not in {model.file}"))
        return found


def fields(text: str) -> set[str]:
    """List the fields of a text, ``aloud.words``."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def read_words(language: str, folder: Path = FOLDER) -> Words:
    """Read the words of one language.

    Raises:
        FaultError: If the file is not as this module says.
    """
    path = folder / f"{language}.yml"
    return _parse(f"docs/_hooks/words/{path.name}", path.read_text("utf-8"))


def faults_of_words(languages: Iterable[str], folder: Path = FOLDER) -> list[Fault]:
    """Compare the words of each language with those of the first."""
    model, *others = (read_words(language, folder) for language in languages)
    return [fault for words in others for fault in words.faults(model)]


@functools.lru_cache(16)  # each page asks
def _parse(file: str, text: str) -> Words:
    try:
        root = yaml.compose(text, LOADER)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise FaultError(Fault(file, line, f"is no YAML: {error.problem}")) from None
    texts: dict[str, dict[str, str]] = {}
    lines: dict[str, int] = {}
    for section, entries in _pairs(file, root):
        lines[section.value] = section.start_mark.line + 1
        named = texts[section.value] = {}
        for name, node in _pairs(file, entries):
            key, line = f"{section.value}.{name.value}", name.start_mark.line + 1
            if key in lines or not isinstance(node, yaml.ScalarNode):
                raise FaultError(Fault(file, line, f"{key} must be one text, given once"))
            lines[key], named[name.value] = line, node.value
    return Words(file, texts, lines)


def _pairs(file: str, node: yaml.Node | None) -> list[tuple[yaml.Node, yaml.Node]]:
    if not isinstance(node, yaml.MappingNode):
        line = node.start_mark.line + 1 if node else 1
        raise FaultError(Fault(file, line, "must hold `section:` and below it `name: text`"))
    pairs: list[tuple[yaml.Node, yaml.Node]] = node.value
    return pairs
