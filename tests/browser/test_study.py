"""Readers study with the page of all questions, marks, and outputs to predict."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from collector.questions import Question, pages_of, read_topics
from conftest import ROOT
from mkdocs.config import load_config
from playwright.sync_api import Page, expect

LABELS = {
    "en": {
        "text": "Words in questions and answers",
        "topic": "Topic",
        "level": "Level",
        "mark": "Mark",
        "clear": "Show all",
        "known": "Known",
        "again": "Again",
        "show": "Show the output",
        "predict": "Predict the output",
        "save": "Export marks",
        "load": "Import marks",
    },
    "zh": {
        "text": "题目和回答里的词",
        "topic": "专题",
        "level": "难度",
        "mark": "标记",
        "clear": "显示全部",
        "known": "已掌握",
        "again": "再复习",
        "show": "显示输出",
        "predict": "先猜输出",
        "save": "导出标记",
        "load": "导入标记",
    },
}
PAGES = pages_of(load_config(str(ROOT / "mkdocs.yml")).nav)
VIEW = "views#view-or-reshape"
RUN = "pre .printed"
REFUSE = "Storage.prototype.setItem = () => { throw new DOMException('', 'SecurityError') }"


@pytest.fixture
def words(language: str) -> dict[str, str]:
    return LABELS[language]


@pytest.fixture
def questions(language: str) -> list[Question]:
    topics = read_topics(ROOT / "docs" / language, PAGES)
    return [question for topic in topics for question in topic.questions]


def key(question: Question) -> str:
    return f"{question.topic}#{question.anchor}"


def entry(page: Page, name: str):
    return page.locator(f'li[data-question="{name}"]')


def shown(page: Page) -> list[str]:
    """Keys of the questions that the page of all questions shows."""
    script = "all => all.filter(e => e.checkVisibility()).map(e => e.dataset.question)"
    return page.locator("li[data-question]").evaluate_all(script)


def query(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def violations(page: Page, *parts: str) -> list[str]:
    """List violations of WCAG A and AA in parts of a page."""
    present = [[part] for part in parts if page.locator(part).count()]
    assert present
    options = {
        "resultTypes": ["violations"],
        "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    }
    found = Axe().run(page, context={"include": present}, options=options).response["violations"]
    return [f"{v['id']}: {node['html']}" for v in found for node in v["nodes"]]


# The page of all questions


def test_without_javascript_everything_is_there_to_read(new_page, home, questions):
    page = new_page(java_script_enabled=False)
    page.goto(f"{home}questions/")
    expect(page.locator("li[data-question]")).to_have_count(len(questions))
    first = entry(page, key(questions[0]))
    answer = first.locator("details > p")
    expect(answer).to_be_hidden()
    first.locator("summary").click()
    expect(answer).to_be_visible()
    expect(page.locator(".question-filter *, .question-marks *, .marks, .predict")).to_have_count(
        0
    )
    assert page.locator(".question-filter, .question-marks").evaluate_all(
        "all => all.map(e => e.offsetHeight)"
    ) == [0, 0]
    first.get_by_role("link").click()
    assert page.url == f"{home}{questions[0].topic}/#{questions[0].anchor}"
    assert page.locator(RUN).first.is_visible()
    expect(page.locator(".marks, .predict")).to_have_count(0)


@pytest.mark.parametrize(
    ("language", "choices", "fits"),
    [
        ("en", {"text": "STRIDE"}, lambda q: "stride" in (q.title + q.answer).lower()),
        ("zh", {"text": "梯度"}, lambda q: "梯度" in q.title + q.answer),
        ("zh", {"text": "ＢＡＴＣＨ"}, lambda q: "batch" in (q.title + q.answer).lower()),
        (
            "en",
            {"text": " view  copy "},
            lambda q: all(word in (q.title + q.answer).lower() for word in ("view", "copy")),
        ),
        ("en", {"topic": "views"}, lambda q: q.topic == "views"),
        ("zh", {"level": "advanced"}, lambda q: q.level == "advanced"),
        (
            "en",
            {"topic": "gpu", "level": "basic", "text": "device"},
            lambda q: (q.topic, q.level) == ("gpu", "basic") and "device" in q.title + q.answer,
        ),
        ("en", {"text": "no such words"}, lambda q: False),
    ],
)
def test_the_filter_shows_what_fits_and_can_be_shared(page, home, words, questions, choices, fits):
    page.goto(f"{home}questions/")
    status = page.locator(".question-filter").get_by_role("status")
    expect(status).to_contain_text(str(len(questions)))
    assert shown(page) == [key(question) for question in questions]
    for name, value in choices.items():
        field = page.get_by_label(words[name], exact=True)
        if name == "text":
            field.press_sequentially(value)
        else:
            field.select_option(value)
    fitting = [key(q) for q in questions if fits(q)]
    assert shown(page) == fitting
    counts = {int(count) for count in re.findall(r"\d+", status.inner_text())}
    assert counts == {len(fitting), len(questions)}
    topics = list(dict.fromkeys(name.partition("#")[0] for name in fitting))
    visible = "all => all.filter(e => e.checkVisibility()).map(e => e.id)"
    assert page.locator("h2[id]").evaluate_all(visible) == topics

    wanted = {name: [value.strip()] for name, value in choices.items()}
    page.wait_for_url(lambda address: parse_qs(urlsplit(address).query) == wanted)
    page.reload()
    assert shown(page) == fitting
    page.get_by_role("button", name=words["clear"]).click()
    assert shown(page) == [key(question) for question in questions]
    assert query(page) == {}
    expect(page.get_by_role("button", name=words["clear"])).to_be_hidden()


def test_an_address_with_unknown_choices_shows_all(page, home, questions):
    page.goto(f"{home}questions/?topic=cooking&level=master&mark=lost&other=1#views")
    assert len(shown(page)) == len(questions)


@pytest.mark.parametrize("language", ["en"])
def test_the_language_switch_leads_to_no_heading_that_is_filtered_out(page, home):
    page.goto(f"{home}questions/?topic=gpu")
    page.locator(".md-header .md-select").hover()
    page.get_by_role("link", name="简体中文").click()
    page.wait_for_url("**/zh/questions/**")
    assert urlsplit(page.url).fragment in ("", "gpu")


# Marks


def test_a_mark_is_kept_and_shared_by_languages_pages_and_tabs(page, home, site, words, language):
    other = LABELS["zh" if language == "en" else "en"]
    elsewhere = f"{site}zh/" if language == "en" else site
    second = page.context.new_page()
    second.goto(f"{elsewhere}views/#view-or-reshape")
    there = second.get_by_role("group").filter(has_text=other["known"]).first

    page.goto(f"{home}questions/")
    here = entry(page, VIEW)
    known, again = (here.get_by_role("button", name=words[n]) for n in ("known", "again"))
    known.click()
    expect(known).to_have_attribute("aria-pressed", "true")
    expect(there.get_by_role("button", pressed=True)).to_have_text(other["known"])

    there.get_by_role("button", name=other["again"]).click()
    expect(again).to_have_attribute("aria-pressed", "true")
    expect(known).to_have_attribute("aria-pressed", "false")

    page.reload()
    expect(again).to_have_attribute("aria-pressed", "true")
    again.press("Enter")
    expect(here.get_by_role("button", pressed=True)).to_have_count(0)
    expect(there.get_by_role("button", pressed=True)).to_have_count(0)


@pytest.mark.parametrize("language", ["en"])
def test_each_question_of_a_topic_page_has_its_own_marks(page, home, questions):
    page.goto(f"{home}views/")
    asked = [q for q in questions if q.topic == "views"]
    groups = page.locator(".marks")
    expect(groups).to_have_count(len(asked))
    assert groups.first.get_attribute("aria-label") == f"Mark: {asked[0].title}"
    groups.last.get_by_role("button").first.click()
    page.goto(f"{home}questions/?mark=known")
    assert shown(page) == [key(asked[-1])]


def test_questions_are_filtered_and_counted_by_mark(page, home, words, questions):
    first, second, *others = map(key, questions)
    page.goto(f"{home}questions/")
    entry(page, first).get_by_role("button", name=words["known"]).click()
    entry(page, second).get_by_role("button", name=words["again"]).click()
    counts = page.locator(".question-marks__line > p")
    assert re.findall(r"\d+", counts.inner_text()) == ["1", "1", str(len(others))]
    for mark, fitting in {"known": [first], "again": [second], "none": others}.items():
        page.get_by_label(words["mark"], exact=True).select_option(mark)
        assert shown(page) == fitting
    page.wait_for_url("**/questions/?mark=none")

    entry(page, others[0]).get_by_role("button", name=words["known"]).click()
    assert shown(page) == others[1:]
    assert re.findall(r"\d+", counts.inner_text()) == ["2", "1", str(len(others) - 1)]
    expect(entry(page, others[1]).get_by_role("link").first).to_be_focused()


def upload(page: Page, label: str, name: str, text: str | bytes) -> None:
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name=label).click()
    body = text if isinstance(text, bytes) else text.encode()
    chooser.value.set_files({"name": name, "mimeType": "application/json", "buffer": body})


def stored(page: Page) -> dict[str, str]:
    return json.loads(page.evaluate("localStorage.getItem('handbook.marks')"))


def test_marks_are_carried_to_another_browser(new_page, home, words, questions):
    first, second, third = (key(question) for question in questions[:3])
    page, other = new_page(), new_page()
    page.goto(f"{home}questions/")
    entry(page, first).get_by_role("button", name=words["known"]).click()
    entry(page, second).get_by_role("button", name=words["again"]).click()
    with page.expect_download() as download:
        page.get_by_role("button", name=words["save"]).click()
    assert download.value.suggested_filename == "pytorch-interview-marks.json"
    text = Path(download.value.path()).read_text("utf-8")
    assert json.loads(text) == {"marks": {first: "known", second: "again"}}

    other.goto(f"{home}questions/")
    entry(other, second).get_by_role("button", name=words["known"]).click()
    entry(other, third).get_by_role("button", name=words["known"]).click()
    upload(other, words["load"], "mine.json", text)
    message = other.locator(".question-marks").get_by_role("status")
    expect(message).to_contain_text("mine.json")
    assert stored(other) == {first: "known", second: "again", third: "known"}
    expect(entry(other, second).get_by_role("button", pressed=True)).to_have_text(words["again"])


BROKEN_FILES = {
    "{": "is not JSON",
    b"\xff\xfe\x00": "is not JSON",
    "[]": "is not a file of exported marks",
    "null": "is not a file of exported marks",
    '{"marks": []}': "is not a file of exported marks",
    '{"marks": {"views": "known"}}': "holds “views”, which is not the address of a question",
    '{"marks": {"__proto__": "known"}}': "holds “__proto__”, which is not the address",
    '{"marks": {"data#a": "known", "views#b": "later"}}': "marks views#b with something else",
    " " * (1 << 20) + "{}": "is too large for a file of marks",
}


@pytest.mark.parametrize("language", ["en"])
def test_a_broken_file_changes_nothing_and_is_named(page, home, words):
    page.goto(f"{home}questions/")
    entry(page, VIEW).get_by_role("button", name=words["known"]).click()
    message = page.locator(".question-marks").get_by_role("status")
    for number, (text, why) in enumerate(BROKEN_FILES.items()):
        upload(page, words["load"], f"broken-{number}.json", text)
        expect(message).to_contain_text(f"broken-{number}.json {why}")
        expect(message).to_contain_text("Nothing was changed.")
        assert stored(page) == {VIEW: "known"}
    expect(entry(page, VIEW).get_by_role("button", pressed=True)).to_have_text(words["known"])


def test_where_nothing_can_be_stored_the_page_says_so_and_offers_no_marks(
    page, home, words, questions
):
    page.add_init_script(REFUSE)
    page.goto(f"{home}questions/")
    expect(page.locator(".question-marks > p")).to_have_count(1)
    expect(page.locator(".question-marks button, .mark")).to_have_count(0)
    expect(page.get_by_label(words["mark"], exact=True)).to_have_count(0)
    page.get_by_label(words["topic"], exact=True).select_option("views")
    assert set(shown(page)) == {key(q) for q in questions if q.topic == "views"}
    page.goto(f"{home}views/")
    expect(page.locator(".mark")).to_have_count(0)
    page.keyboard.press("o")
    expect(page.get_by_role("button", name=words["show"]).first).to_be_visible()


@pytest.mark.parametrize("language", ["en"])
def test_a_spoilt_store_counts_as_no_marks(page, home):
    page.goto(f"{home}questions/")
    for text in ("{", "[1]", '"known"', f'{{"{VIEW}": "lost"}}'):
        page.evaluate("text => localStorage.setItem('handbook.marks', text)", text)
        page.reload()
        expect(page.locator('.mark[aria-pressed="true"]')).to_have_count(0)
        entry(page, VIEW).get_by_role("button").first.click()
        assert stored(page) == {VIEW: "known"}


# Outputs to predict


def heights(page: Page) -> list[int]:
    return page.locator("pre").evaluate_all("all => all.map(e => e.offsetHeight)")


@pytest.mark.parametrize("width", [390, 1440])
def test_outputs_are_hidden_until_asked_for(page, home, words):
    page.goto(f"{home}views/")
    block = page.locator("pre", has=page.locator(".printed")).first
    before, texts = heights(page), page.locator(RUN).all_text_contents()
    assert len(texts) > 50
    toggle = page.get_by_role("button", name=words["predict"])
    toggle.click()
    expect(toggle).to_have_attribute("aria-pressed", "true")
    runs = page.get_by_role("button", name=words["show"])
    expect(runs).to_have_count(len(texts))
    assert heights(page) == before
    spoken = block.aria_snapshot()
    assert words["show"] in spoken
    assert "# >" not in spoken
    assert "# >" not in block.inner_text()

    first, second, third = (page.locator(RUN).nth(n) for n in range(3))
    first.click()
    second.press("Enter")
    third.press(" ")
    for run, text in zip((first, second, third), texts, strict=False):
        assert run.text_content() == text
    expect(third).to_be_focused()
    expect(runs).to_have_count(len(texts) - 3)
    assert heights(page) == before

    toggle.click()
    expect(runs).to_have_count(0)
    assert page.locator(RUN).all_text_contents() == texts
    toggle.click()
    expect(runs).to_have_count(len(texts))


def test_the_key_flips_the_switch_and_the_choice_is_kept(page, home, words):
    page.goto(f"{home}views/")
    toggle = page.get_by_role("button", name=words["predict"])
    assert "O" in toggle.get_attribute("title")
    page.keyboard.press("o")
    expect(toggle).to_have_attribute("aria-pressed", "true")
    page.goto(f"{home}autograd/")
    expect(toggle).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("button", name=words["show"]).first).to_be_visible()
    page.keyboard.press("Control+o")
    page.keyboard.press("/")
    page.keyboard.type("zoo")
    query = page.locator("[data-md-component=search-query]")
    expect(query).to_have_value("zoo")
    expect(page.locator("#__search")).to_be_checked()  # until then Escape closes nothing
    page.keyboard.press("Escape")
    expect(query).not_to_be_focused()
    expect(toggle).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("o")
    expect(toggle).to_have_attribute("aria-pressed", "false")
    page.reload()
    expect(page.get_by_role("button", name=words["show"])).to_have_count(0)


@pytest.mark.parametrize("language", ["en"])
def test_no_output_flashes_up_before_the_script_has_run(page, home):
    page.goto(f"{home}views/")
    page.keyboard.press("o")
    page.route("**/assets/predict.js", lambda route: route.fulfill(body="", status=200))
    page.goto(f"{home}autograd/")
    expect(page.locator(RUN).first).to_be_hidden()


@pytest.mark.parametrize("language", ["en"])
def test_copied_code_is_the_same_while_outputs_are_hidden(new_page, home):
    page = new_page(permissions=["clipboard-read", "clipboard-write"])
    page.goto(f"{home}views/")
    copied = []
    for _ in range(2):
        page.locator(".md-code__button").first.click()
        copied.append(page.evaluate("navigator.clipboard.readText()"))
        page.keyboard.press("o")
    assert copied[0] == copied[1]
    assert "print(" in copied[0]
    assert "# >" not in copied[0]


@pytest.mark.parametrize("language", ["en"])
def test_a_page_without_outputs_has_no_switch(page, home):
    page.goto(f"{home}questions/")
    expect(page.locator(".predict")).to_have_count(0)


@pytest.mark.parametrize("language", ["en"])
def test_what_was_hidden_is_printed(page, home):
    page.goto(f"{home}views/")
    page.keyboard.press("o")
    expect(page.locator(f"{RUN} > span").first).to_be_hidden()
    page.emulate_media(media="print")
    expect(page.locator(f"{RUN} > span").first).to_be_visible()
    expect(page.locator(".marks").first).to_be_hidden()


# All of it


@pytest.mark.parametrize(
    ("language", "width", "scheme"),
    [("en", 390, "light"), ("zh", 390, "dark"), ("zh", 1440, "light"), ("en", 1440, "dark")],
)
def test_controls_are_accessible(page, home, words):
    page.goto(f"{home}questions/?topic=views")
    entry(page, VIEW).get_by_role("button", name=words["known"]).click()
    entry(page, VIEW).locator("summary").click()
    assert violations(page, ".question-filter", ".question-marks", "ul.questions") == []
    page.goto(f"{home}views/")
    page.keyboard.press("o")
    expect(page.get_by_role("button", name=words["show"]).first).to_be_visible()
    assert violations(page, ".marks", ".printed", ".predict") == []
