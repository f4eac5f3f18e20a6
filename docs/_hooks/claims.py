"""Writes the lists of the page of claims, from the register ``docs/claims.yml``.

Each entry of the register is one claim of the notes: its verdict and the
question that settles it.  Refuted claims, and doubts that the notes leave open at
a candidate's cost, also say in each language what the notes claim and what holds;
the page lists these, worst first, each with a link to the block that proves it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml
from collector.faults import Fault, FaultError
from collector.words import Words

VERDICTS = ("true", "outdated", "false", "typo", "open", "undelivered", "extra")
REFUTED = ("false", "outdated", "typo")
KINDS = ("ranked", *REFUTED)
HEADING = r"(?m)^## (.+?) \{{ #{anchor}[ }}]"
LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # ten times faster where it exists
LANGUAGES = ["en", "zh"]


@dataclass(frozen=True)
class Claim:
    """One claim of the notes and where it is settled."""

    identity: str
    verdict: str
    page: str
    """Stem of the page."""
    anchor: str
    """Of the question on that page."""
    rank: int | None
    """Place among the claims that hurt a candidate most, 1 being the worst."""
    claim: dict[str, str]
    """The claim of the notes, by language; empty unless listed."""
    holds: dict[str, str]
    """The right answer, by language; empty unless listed."""
    line: int

    @property
    def refuted(self) -> bool:
        return self.verdict in REFUTED

    @property
    def listed(self) -> bool:
        return self.refuted or self.rank is not None

    def question(self, docs: Path) -> str:
        """Read the heading that settles the claim.

        Raises:
            FaultError: If the page has no such question.
        """
        page = docs / f"{self.page}.md"
        text = page.read_text("utf-8") if page.exists() else ""
        if found := re.search(HEADING.format(anchor=re.escape(self.anchor)), text):
            return found[1]
        where = page.relative_to(docs.parents[1])
        message = f"{self.identity} is settled by #{self.anchor}, no such question in {where}"
        raise _error(self.line, message)


def read_claims(path: Path) -> tuple[Claim, ...]:
    """Read the register.

    Raises:
        FaultError: ``path:line: what is wrong``, for the first entry that is not complete.
    """
    try:
        root = yaml.compose(path.read_text("utf-8"), LOADER)
    except yaml.MarkedYAMLError as error:
        raise _error(error.problem_mark.line + 1, f"is no YAML: {error.problem}") from None
    claims: dict[str, Claim] = {}
    for key, value in root.value:
        claim = _claim(key, value)
        if claim.identity in claims:
            first = claims[claim.identity].line
            raise _error(claim.line, f"{claim.identity} stands already in line {first}")
        claims[claim.identity] = claim
    return tuple(claims.values())


def _claim(key: yaml.Node, value: yaml.Node) -> Claim:
    line, entry = key.start_mark.line + 1, _plain(value)
    if not isinstance(entry, dict):
        raise _error(line, f"{key.value} needs a verdict and `settled: page#question`")
    page, _, anchor = entry.pop("settled", "").partition("#")
    rank = entry.pop("rank", "")
    if rank and not rank.isdigit():
        raise _error(line, f"the rank of {key.value} must be a number")
    claim = Claim(
        identity=key.value,
        verdict=entry.pop("verdict", ""),
        page=page,
        anchor=anchor,
        rank=int(rank) if rank else None,
        claim=entry.pop("claim", {}),
        holds=entry.pop("holds", {}),
        line=line,
    )
    if entry:
        raise _error(line, f"{claim.identity} has an unknown key: {next(iter(entry))}")
    if claim.verdict not in VERDICTS:
        raise _error(line, f"the verdict of {claim.identity} must be one of {', '.join(VERDICTS)}")
    if not (page and anchor):
        raise _error(line, f"{claim.identity} needs `settled: page#question`")
    languages = LANGUAGES if claim.listed else []
    if list(claim.claim) != languages or list(claim.holds) != languages:
        message = "needs claim and holds, each in en and zh, if refuted or ranked, else neither"
        raise _error(line, f"{claim.identity} {message}")
    return claim


def _plain(node: yaml.Node) -> str | dict:
    if isinstance(node, yaml.MappingNode):
        return {key.value: _plain(value) for key, value in node.value}
    return node.value


def _error(line: int, message: str) -> FaultError:
    return FaultError(Fault("docs/claims.yml", line, message))


def listing(claims: Sequence[Claim], kind: str) -> list[Claim]:
    """Choose the claims of one list: the ranked ones, or the others of one verdict."""
    if kind == "ranked":
        return sorted((c for c in claims if c.rank), key=lambda c: (c.rank, c.verdict != "false"))
    return [c for c in claims if c.verdict == kind and not c.rank]


def render(claims: Sequence[Claim], docs: Path, words: Words) -> str:
    """Write claims as a numbered list in Markdown, in the language of a docs folder."""
    items = "\n".join(_items(claims, docs, words))
    return f'<div class="claims" markdown="1">\n\n{items}\n</div>'


def _items(claims: Sequence[Claim], docs: Path, words: Words) -> Iterator[str]:
    language = docs.name
    notes, torch = words.text("claims.notes"), words.text("claims.torch")
    for number, claim in enumerate(claims, start=1):
        address = f"{claim.page}.md#{claim.anchor}"
        yield f"{number}.  *{notes}* {claim.claim[language]}\n"
        yield f"    **{torch}** {claim.holds[language]}\n"
        yield f"    → [{claim.question(docs)}]({address})\n"
