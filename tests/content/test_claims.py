"""The register of claims, its page, and the pages that it points to."""

import re
from collections import Counter
from pathlib import Path

import claims
import pytest
from collector.faults import FaultError
from collector.words import read_words
from conftest import ROOT
from content import PLACE

LANGUAGES = ("en", "zh")
BOX = {"en": '!!! quote "What the notes claim"', "zh": '!!! quote "笔记里的说法"'}
LAST_ROW = dict(G=14, T=32, A=14, V=16, M=38, F=13, C=17, O=16, FT=16, P=15, TV=21, D=18)
LAST_ROW |= dict(L=13, U=7, DP=13, R=6, E=6, Z=5, K=8)
OPINIONS = {"G-02", "G-10", "A-10", "F-09", "FT-14", "E-06", "K-07"}
"""Rows of the notes that say nothing one could test."""


CLAIMS = claims.read_claims(ROOT / "docs/claims.yml")
LISTED = [claim for claim in CLAIMS if claim.listed]


def questions(page: str, language: str) -> dict[str, str]:
    """The text of each question of a page, by anchor."""
    text = (ROOT / f"docs/{language}/{page}.md").read_text("utf-8")
    parts = re.split(r"(?m)^## .*\{ #([a-z-]+)[^}]*\}$", text)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


PAGES = sorted({claim.page for claim in CLAIMS})
QUESTIONS = {(page, lang): questions(page, lang) for page in PAGES for lang in LANGUAGES}


def test_every_claim_that_can_be_tested_is_registered():
    rows = {f"{group}-{n:02}" for group, last in LAST_ROW.items() for n in range(1, last + 1)}
    assert {claim.identity for claim in CLAIMS} == rows - OPINIONS


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.identity)
def test_a_claim_is_settled_in_both_languages(claim):
    for language in LANGUAGES:
        assert claim.anchor in QUESTIONS[claim.page, language]
        if claim.listed:
            assert f'--8<-- "{claim.page}.py:' in QUESTIONS[claim.page, language][claim.anchor]
            assert claim.question(ROOT / "docs" / language)


@pytest.mark.parametrize("page", PAGES)
def test_pages_and_register_name_the_same_mistakes(page):
    false = {c.anchor for c in CLAIMS if c.page == page and c.verdict == "false"}
    settled = {c.anchor for c in CLAIMS if c.page == page}
    for language in LANGUAGES:
        answers = QUESTIONS[page, language]
        boxed = {anchor for anchor, text in answers.items() if BOX[language] in text}
        assert false <= boxed, "a false claim is not named where it is disproved"
        assert boxed <= settled, "a box names a claim that is not registered there"


def test_ranks_are_complete_and_name_refuted_claims_or_open_doubts():
    ranked = Counter(claim.rank for claim in CLAIMS if claim.rank)
    assert sorted(ranked) == list(range(1, 35))
    assert {claim.verdict for claim in CLAIMS if claim.rank} <= {*claims.REFUTED, "open"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_lists_every_refuted_claim_once_worst_first(language):
    docs = ROOT / "docs" / language
    page = (docs / "claims.md").read_text("utf-8")
    kinds = [part.removeprefix("claims-") for part in PLACE.findall(page)]
    listed = [claim for kind in kinds for claim in claims.listing(CLAIMS, kind)]
    assert Counter(c.identity for c in listed) == Counter(c.identity for c in LISTED)
    assert kinds[0] == "ranked"
    ranks = [claim.rank for claim in listed if claim.rank]
    assert ranks == sorted(ranks)
    text = claims.render(listed, docs, read_words(language))
    assert text.count("→ [") == len(LISTED)
    for claim in listed:
        assert claim.claim[language] in text
        assert claim.holds[language] in text


GOOD = """\
A-01: {verdict: true, settled: views#view-or-reshape}
A-02:
  verdict: false
  settled: views#view-or-reshape
  claim: {en: a, zh: b}
  holds: {en: c, zh: d}
"""


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("verdict: true", "verdict: yes", 1, "the verdict of A-01 must be one of true, outdated"),
        ("settled: views#view-or-reshape}", "settled: views}", 1, "A-01 needs `settled: page#"),
        ("holds: {en: c, zh: d}", "", 2, "A-02 needs claim and holds"),
        ("{en: c, zh: d}", "{en: c}", 2, "A-02 needs claim and holds, each in en and zh"),
        ("verdict: false", "verdict: true", 2, "if refuted or ranked, else neither"),
        ("A-02:", "A-01:", 2, "A-01 stands already in line 1"),
        ("settled: views#view-or-reshape\n", "setled: x\n", 2, "A-02 has an unknown key: setled"),
        ("A-02:\n", "A-02\n", 3, "is no YAML"),
        ("verdict: false", "verdict: false\n  rank: first", 2, "rank of A-02 must be a number"),
        ("{verdict: true, settled: views#view-or-reshape}", "true", 1, "A-01 needs a verdict"),
    ],
)
def test_a_mistake_in_the_register_is_one_clear_error(tmp_path, old, new, line, message):
    path = tmp_path / "claims.yml"
    path.write_text(GOOD)
    assert len(claims.read_claims(path)) == 2
    assert old in GOOD
    path.write_text(GOOD.replace(old, new, 1))
    with pytest.raises(FaultError) as error:
        claims.read_claims(path)
    assert str(error.value).startswith(f"docs/claims.yml:{line}: ")
    assert message in str(error.value)


def test_a_question_that_has_moved_is_named(tmp_path):
    path = tmp_path / "claims.yml"
    path.write_text(GOOD.replace("#view-or-reshape}", "#no-such-question}"))
    with pytest.raises(FaultError, match="A-01 is settled by #no-such-question, no"):
        claims.read_claims(path)[0].question(Path(ROOT / "docs/en"))


def test_the_built_page_follows_the_register(project):
    project.write("docs/claims.yml", GOOD.replace("views#view-or-reshape", "notes#passes"))
    for language, title in (("en", "Claims"), ("zh", "说法")):
        project.write(
            f"docs/{language}/claims.md", f"# {title}\n\n<!-- generated: claims-false -->\n"
        )
    project.edit("mkdocs.yml", "nav: [index.md, notes.md]", "nav: [index.md, notes.md, claims.md]")
    assert project.build().returncode == 0
    for address, claim, holds in (("", "a", "c"), ("zh/", "b", "d")):
        page = project.read(f"site/{address}claims/index.html")
        assert f"</em> {claim}</p>" in page
        assert f"</strong> {holds}</p>" in page
        assert 'href="../notes/#passes"' in page

    project.edit("docs/claims.yml", "notes#passes}\nA-02", "notes#gone}\nA-02")
    project.edit("docs/claims.yml", "notes#passes\n", "notes#gone\n")
    result = project.build()
    assert result.returncode != 0
    assert "docs/claims.yml:2: A-02 is settled by #gone, no such question" in result.stderr
    assert not (project.root / "site").exists()
