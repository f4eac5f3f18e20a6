"""The landing page and the study plans count pages, questions and minutes."""

import re
from collections import Counter

import claims
import counts
import plans
import pytest
import yaml
from collector.questions import LEVELS, pages_of, read_topics
from collector.words import read_words
from conftest import ROOT, use_material
from content import PLACE

LANGUAGES = ("en", "zh")
FOLDERS = [ROOT / "docs" / language for language in LANGUAGES]
NAV = re.search(r"(?ms)^nav:.*?(?=^\S)", (ROOT / "mkdocs.yml").read_text("utf-8"))[0]
PAGES = pages_of(yaml.safe_load(NAV)["nav"])
TASKS = plans.read_tasks(FOLDERS, PAGES)
TOPICS = {folder.name: read_topics(folder, PAGES) for folder in FOLDERS}
ASKED = [(topic.stem, q.anchor) for topic in TOPICS["en"] for q in topic.questions]
LINK = re.compile(r"\]\(([a-z]+)\.md#([a-z0-9-]+)\)")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("one two three", 18),
        ("`requires_grad` is off, isn't it", 30),
        ("张量与 view", 24),
        ("see [this page](autograd.md#what-it-is)", 18),
        ('one\n\n    ```python\n    --8<-- "a.py:b"\n    ```\n\ntwo', 12),
        ("one\n\n$$\n\\frac{a}{b}\n$$\n\ntwo", 12),
        ("## one { #two data-level=basic } <!-- three -->", 6),
    ],
)
def test_only_what_is_read_takes_time(text, seconds):
    assert plans.Pace(words=10, characters=10).seconds(text) == seconds


@pytest.mark.parametrize("plan", plans.PLANS, ids=lambda plan: plan.anchor)
def test_a_plan_asks_each_question_once_in_the_order_of_the_topics(plan):
    days = plan.deal(TASKS)
    assert len(days) == plan.days
    assert all(day.tasks for day in days)
    assert [(t.topic, t.anchor) for day in days for t in day.tasks] == ASKED
    assert {t.level for day in days for t in day.tasks if t.whole} == set(plan.whole)
    assert all(t.whole == (t.level in plan.whole) for day in days for t in day.tasks)


@pytest.mark.parametrize("plan", plans.PLANS, ids=lambda plan: plan.anchor)
def test_no_day_asks_for_more_than_its_share_and_one_question(plan):
    days = plan.deal(TASKS)
    seconds = [sum(task.seconds for task in day.tasks) for day in days]
    longest = max(task.seconds for day in days for task in day.tasks)
    assert max(seconds) <= sum(seconds) / plan.days + longest
    before = [0, *(sum(task.aloud for task in day.tasks) for day in days)]
    assert [day.repeated for day in days] == before[: plan.days]


def test_the_longest_plan_reads_all_and_takes_longest():
    totals = [sum(t.seconds for day in p.deal(TASKS) for t in day.tasks) for p in plans.PLANS]
    assert totals == sorted(totals)
    assert len(set(totals)) == len(plans.PLANS)
    assert plans.PLANS[-1].whole == LEVELS


@pytest.mark.parametrize("plan", plans.PLANS, ids=lambda plan: plan.anchor)
def test_both_languages_have_the_same_days(plan):
    written = [plans.render(plan, TASKS, TOPICS[code], read_words(code)) for code in LANGUAGES]
    days = [[LINK.findall(day) for day in text.split("??? day ")[1:]] for text in written]
    assert days[0] == days[1]
    assert [link for day in days[0] for link in day] == ASKED
    minutes = [re.findall(r"· (\d+) (?:minutes|分钟)", text) for text in written]
    assert minutes[0] == minutes[1] == [str(day.minutes) for day in plan.deal(TASKS)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_summary_names_the_longest_day_of_each_plan(language):
    rows = plans.summary(TASKS, read_words(language)).split("\n")
    said = [re.search(r"(\d+) (?:minutes|分钟)", row)[1] for row in rows if "plan.md#" in row]
    assert said == [str(max(d.minutes for d in plan.deal(TASKS))) for plan in plans.PLANS]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_rule_states_what_is_reckoned_with(language):
    stated = re.findall(r"\d+", plans.rule(read_words(language)))
    reckoned = [n for pace in (plans.ALOUD, plans.SILENT) for n in (pace.words, pace.characters)]
    assert {str(number) for number in reckoned} <= set(stated)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_counted_is_not_typed(language):
    folder = ROOT / "docs" / language
    text = "".join((folder / name).read_text("utf-8") for name in ("index.md", "plan.md"))
    asked = PLACE.findall(text)
    assert Counter(asked) == Counter(
        [
            "counts",
            "levels",
            "news",
            "plans",
            "plans",
            "rule",
            *(plan.anchor for plan in plans.PLANS),
        ]
    )
    figures = set(re.findall(r'(?a)(?<![\w"-])\d+(?![\w"<])', text))
    assert figures <= {"30"}, "30 seconds is a name, all else is counted"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_landing_page_leads_to_every_page_in_order(language):
    text = (ROOT / f"docs/{language}/index.md").read_text("utf-8")
    listed = re.findall(r"(?m)^- \[.+?\]\(([a-z]+\.md)\)", text)
    assert listed == [page for page in PAGES if page not in ("index.md", "plan.md")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_claim_put_to_the_test_is_one_of_the_register(language):
    text = (ROOT / f"docs/{language}/index.md").read_text("utf-8")
    shown = [
        claim
        for claim in claims.read_claims(ROOT / "docs/claims.yml")
        if claim.refuted and f"    {claim.claim[language]}\n" in text
    ]
    assert [claim.rank for claim in shown] == [1]
    assert f"    {shown[0].holds[language]}\n" in text
    assert f"]({shown[0].page}.md#{shown[0].anchor})" in text
    assert f'--8<-- "{shown[0].page}.py:{shown[0].anchor}' in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_levels_are_counted_and_lead_to_their_questions(language):
    found = Counter(question.level for topic in TOPICS[language] for question in topic.questions)
    listed = re.findall(
        r"\[(\d+) .*?\]\(questions\.md\?level=([a-z]+)\)",
        counts.levels(TOPICS[language], read_words(language)),
    )
    assert listed == [(str(found[level]), level) for level in LEVELS]


def standing(ran_on_gpu: int, *gpus: str) -> counts.Standing:
    return counts.Standing(8, 3, ran_on_gpu, gpus, frozenset(), "")


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (standing(0), "**3** more blocks need a GPU; none has run on one yet"),
        (standing(2, "NVIDIA H200"), "2 of them ran on NVIDIA H200, the others show no output"),
        (
            standing(3, "A100", "H200"),
            "**3** more blocks need a GPU; all of them ran on A100, H200",
        ),
    ],
)
def test_blocks_that_need_a_gpu_are_told_apart(found, said):
    assert said in counts.counts([], found, "en")


def test_the_built_page_counts_what_ran_and_what_did_not(project):
    use_material(project)
    for language, title in (("en", "Home"), ("zh", "首页")):
        project.write(
            f"docs/{language}/index.md",
            f"# {title}\n\nTell. This!\n\n<!-- generated: counts -->\n",
        )
    gpu = '\n# --8<-- [start:gpu] needs: cuda\nprint("on it")\n# --8<-- [end:gpu]\n'
    project.write("snippets/notes.py", project.read("snippets/notes.py") + gpu)
    for language in LANGUAGES:
        page = project.read(f"docs/{language}/notes.md")
        heading = "\n## More { #gpu data-level=advanced }\n"
        project.write(
            f"docs/{language}/notes.md",
            f'{page}{heading}\n```python\n--8<-- "notes.py:gpu"\n```\n',
        )
    result = project.build()
    assert result.returncode == 0, result.stderr
    html = project.read("site/index.html")
    assert "<strong>3</strong> questions: 2 basic, 0 intermediate, 1 advanced" in html
    assert "<strong>2</strong> blocks of code ran" in html
    assert "<strong>1</strong> more blocks need a GPU" in html
    assert re.search(r"<strong>20\d\d-\d\d-\d\d</strong> last run\. Passed on torch", html)
    assert '<meta name="description" content="Tell. This!">' in html
    assert "<strong>3</strong> 道题" in project.read("site/zh/index.html")
    for address, title in (("", "There is no page here"), ("zh/", "这里没有页面")):
        lost = project.read(f"site/{address}404.html")
        assert f"<h1>{title}</h1>" in lost
        assert f'action="/{address}"' in lost

    project.edit("docs/en/index.md", "generated: counts", "generated: count")
    result = project.build()
    assert result.returncode != 0
    assert "docs/en/index.md:5: there is no part 'count'; there are questions, counts" in (
        result.stderr
    )
