"""The publication: what is written, its JSON against the contract, and that nothing in it runs or is fetched."""

import json
import math
import re
import time
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

from helpers.pages.pdf import can_write
from helpers.pages.site import page_values, publication_json, strict_json, write_site
from helpers.report.page import CSP, render, script
from helpers.words import Words

WORDS = Words("en", "EUR")
FETCHING = {
    "script",
    "link",
    "iframe",
    "object",
    "embed",
    "audio",
    "video",
    "source",
    "base",
    "form",
    "track",
    "image",
    "use",
}


class Markup(HTMLParser):
    """Tags of a page with their attributes, in order, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data


@pytest.fixture(scope="module")
def built(sample, tmp_path_factory):
    """Two publications: a plain one and one full of markup."""
    folder = tmp_path_factory.mktemp("site")
    for name, report in (("plain", sample.make_report()), ("hostile", sample.hostile_report())):
        (folder / name).mkdir()
        notebook = sample.make_notebook(folder / "02_customers.ipynb", hostile=name == "hostile")
        write_site(report, [notebook], folder / name)
    return folder


def _pages(folder):
    return sorted(folder.rglob("*.html"))


def test_the_publication_is_whole(built):
    assert {str(path.relative_to(built / "plain")) for path in (built / "plain").rglob("*") if path.is_file()} == {
        "index.html", "evidence.html", "assign.sql", "notebooks/02_customers.html", "personas.json", "hypotheses.json",
        "data_quality.json", "drift.json", "model.json",
        *(f"cards/{name}.{kind}" for name in ("p1", "p2", "p3", "one-order", "n1") for kind in ("html", "md", "json")),
        *(["report.pdf"] if can_write() else []),
    }  # fmt: skip


def test_the_evidence_page_says_what_each_tested_belief_compares_and_what_would_matter(built):
    page = (built / "plain" / "evidence.html").read_text(encoding="utf-8")
    row = next(part for part in page.split("<details") if "Does the same saving move more people" in part)
    assert "cheap minus dear" in row
    assert "5.0 points" in row
    assert "13.0 points" in row
    assert "step of a form" not in page  # not testable


@pytest.mark.parametrize("kind", ["plain", "hostile"])
def test_nothing_runs_and_nothing_is_fetched(built, kind):
    pages = _pages(built / kind)
    assert len(pages) >= 4
    for page in pages:
        tags = Markup(page.read_text(encoding="utf-8")).tags
        allowed = {"script", "form"} if page.name == "evidence.html" else set()  # one of ours, let run by its digest
        assert (FETCHING - allowed).isdisjoint(tag for tag, _ in tags), page
        assert [attributes for tag, attributes in tags if tag == "script"] == [{}] * bool(allowed), page
        for tag, attributes in tags:
            assert not [name for name in attributes if name.startswith("on")], (page, tag)
            assert (attributes.get("src") or "data:image/").startswith("data:image/"), (page, tag)
            assert "srcset" not in attributes
            assert not (attributes.get("href") or "").lower().startswith(("javascript:", "data:", "http")), (page, tag)


@pytest.mark.parametrize("kind", ["plain", "hostile"])
def test_the_policy_stands_before_any_content_and_styles_fetch_nothing(built, kind):
    for page in _pages(built / kind):
        text = page.read_text(encoding="utf-8")
        tags = Markup(text).tags
        metas = [attributes for tag, attributes in tags if attributes.get("http-equiv")]
        policy = script("evidence.js")["csp"] if page.name == "evidence.html" else CSP
        assert metas == [{"http-equiv": "Content-Security-Policy", "content": policy}]
        assert [tag for tag, _ in tags][:4] == ["html", "head", "meta", "meta"]
        assert "url(" not in text
        assert "@import" not in text


def test_a_users_markup_arrives_as_text(built, sample):
    for name in ("index.html", "evidence.html", "cards/p2.html"):
        page = Markup((built / "hostile" / name).read_text(encoding="utf-8"))
        assert sample.HOSTILE in page.text
        assert "img" not in [tag for tag, _ in page.tags]
    places = Markup((built / "hostile" / "index.html").read_text(encoding="utf-8")).text.count(sample.HOSTILE)
    assert places >= 12, "title, contact, method, statement, drift, card, belief, file, issue and run"


def test_the_page_to_forward_tells_what_a_stakeholder_asks(built):
    text = " ".join(
        Markup((built / "plain" / "index.html").read_text(encoding="utf-8")).text.replace("\u00a0", " ").split()
    )
    for said in (
        "Green Home, 2025", "6 January 2025 to 31 December 2025", "5 January 2026", "research@example.org",
        "1,571 customers, 520 survey answers", "A repeatable division of a continuum, not types",
        "another sample would move 12 %",
        "26 % of customers (24 to 28 %, 412 people)", "96 answered the survey", "2.9 times (2.5 to 3.3) · n = 412",
        "strong · made the group", "Not testable", "there is no table of steps", "Open", "The other way round",
        "odds ratio 2.1 (95 %: 1.42 to 2.99)", "продажи 2025.csv", "18,244", "one group is new and one is gone.",
        "Without a card: 23 customers (1 %)",
    ):  # fmt: skip
        assert said in text, said


def test_small_arms_are_withheld_everywhere(built):
    results = json.loads((built / "plain" / "hypotheses.json").read_text(encoding="utf-8"))["results"]
    assert next(r for r in results if r["id"] == "conversion_by_channel")["n"] == {
        "newsletter": 912, "поиск": 2210, "fair": None,
    }  # fmt: skip
    assert "fair under 10" in (built / "plain" / "index.html").read_text(encoding="utf-8")


def test_a_survey_alone_and_a_first_run_have_their_words(sample, tmp_path):
    report = sample.make_report()
    first = replace(report.drift, previous=None, alert=False, matches=(), new=(), retired=(), noise=None)
    first = replace(first, statement=WORDS.say("drift.first"))
    write_site(replace(report, period=None, as_of=None, sql=None, drift=first, cards=(), hypotheses=()), [], tmp_path)
    text = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert "520 survey answers, no sales" in text
    assert "This is the first report of this study" in text
    assert not (tmp_path / "assign.sql").exists()
    assert json.loads((tmp_path / "personas.json").read_text())["as_of"] is None


def test_json_has_the_contracts_keys(sample):
    content = publication_json(sample.make_report())
    assert set(content) == {"personas", "hypotheses", "data_quality", "drift", "model"}
    assert list(content["personas"]) == [
        "schema",
        "study",
        "run_id",
        "as_of",
        "structure",
        "coverage",
        "personas",
        "ids_used",
        "headline",
        "decisions",
        "tests",
        "totals",
    ]
    assert set(content["personas"]["structure"]) == {
        "kind", "supported", "p_clustering", "p_valley", "valley_depth", "bootstrap_ari", "would_move", "k",
        "k_without_cap", "statement", "placed_alike", "seen_from", "apart",
    }  # fmt: skip
    assert content["personas"]["coverage"] == {
        "customers": 1571,
        "respondents": 520,
        "assigned": 1548,
        "unassigned": 23,
    }
    assert set(content["hypotheses"]["results"][0]) == {
        "id", "title", "theory", "family", "arm_source", "verdict", "reason", "effect", "effects", "n", "p_value",
        "p_adjusted", "sesoi", "mde", "method", "sentence", "estimand", "scale", "preregistration", "confirmatory",
        "description", "level", "looks", "arms", "rival", "usual",
    }  # fmt: skip
    assert set(content["data_quality"]["files"][0]) == {
        "table", "path", "rows_in", "rows_used", "rows_repaired", "rows_quarantined", "issues", "rounded_to",
    }  # fmt: skip
    assert set(content["drift"]) == {
        "schema", "previous", "alert", "matches", "new", "retired", "migration", "noise", "statement",
        "redrawn", "dissolved", "by_chance", "prices", "negatives", "since", "changes",
        "busier",
    }  # fmt: skip


def test_json_is_strict_readable_and_equal_for_equal_facts(built, sample, tmp_path):
    text = strict_json(
        {"a": math.nan, "b": np.float64(1 / 3), "c": (np.int64(2), math.inf), "д": "ქ", 5: np.array([1.0])}
    )
    assert json.loads(text, parse_constant=lambda name: pytest.fail(name)) == {
        "a": None, "b": 0.3333333333, "c": [2, None], "д": "ქ", "5": [1.0],
    }  # fmt: skip
    assert "ქ" in text
    assert text.endswith("}\n")
    write_site(sample.make_report(), [sample.make_notebook(tmp_path / "02_customers.ipynb")], tmp_path)
    for file in (built / "plain").rglob("*"):
        if file.is_file():
            assert file.read_bytes() == (tmp_path / file.relative_to(built / "plain")).read_bytes(), file


def test_every_picture_has_words(built):
    for page in _pages(built / "plain"):
        for tag, attributes in Markup(page.read_text(encoding="utf-8")).tags:
            if tag == "img":
                assert attributes["alt"] == "Spend per customer"
            if tag == "svg" and attributes.get("aria-hidden") != "true":  # a tile says what its picture shows
                assert re.search(r"\d", attributes["aria-label"])
                assert attributes["role"] == "img"


def test_citations_and_contents_lead_to_statements_and_sections(built):
    tags = Markup((built / "plain" / "index.html").read_text(encoding="utf-8")).tags
    ids = {attributes["id"] for _, attributes in tags if "id" in attributes}
    cited = {a["href"][1:] for tag, a in tags if tag == "a" and a.get("href", "").startswith("#")}
    assert {"p1-2", "p1-3", "n1-1", "p1", "n1"} <= cited
    assert cited <= ids


def test_the_page_that_is_forwarded_alone_leads_to_no_other_file(built):
    tags = Markup((built / "plain" / "index.html").read_text(encoding="utf-8")).tags
    assert [a["href"] for tag, a in tags if tag == "a" and not a["href"].startswith("#")] == []
    tags = Markup((built / "plain" / "evidence.html").read_text(encoding="utf-8")).tags
    assert "notebooks/02_customers.html" in [a["href"] for tag, a in tags if tag == "a"]


def test_a_notebook_is_shown_without_code_warnings_or_paths(built):
    page = (built / "plain" / "notebooks" / "02_customers.html").read_text(encoding="utf-8")
    assert "secret" not in page
    assert "UserWarning" not in page
    shown = Markup(page)
    assert "Some prose & more." in shown.text
    assert ("td", {"dir": "auto"}) in shown.tags
    assert [a["alt"] for tag, a in shown.tags if tag == "img"] == ["Spend per customer"]
    assert "Who buys <b>what</b>?" in page.replace("&lt;", "<").replace("&gt;", ">")


def test_a_hostile_notebook_loses_what_runs(built):
    page = (built / "hostile" / "notebooks" / "02_customers.html").read_text(encoding="utf-8")
    assert "document.title" not in page
    assert "example.org" not in page


def test_parameters_that_are_not_at_their_defaults_are_told_under_how_sure(sample, tmp_path):
    told = "Parameters that are not at their defaults: 02_customers.grain is week and not month."
    for name, report in (("plain", sample.make_report()), ("other", replace(sample.make_report(), changed=told))):
        (tmp_path / name).mkdir()
        write_site(report, [], tmp_path / name)
    plain, other = ((tmp_path / name / "index.html").read_text(encoding="utf-8") for name in ("plain", "other"))
    assert told not in plain
    assert told in other[other.index('id="sure"') :].partition("</details>")[0]


def test_an_overlap_is_with_another_card_in_json_and_a_week_is_there(sample):
    report = sample.make_report()
    card = next(card for card in publication_json(report)["personas"]["personas"] if card["id"] == "p1")
    assert [(one["with"], one["n"]) for one in card["overlaps"]] == [("n1", 40)]
    assert "other" not in card["overlaps"][0]
    assert card["week"][0] == {"day": "monday", "part": "night", "share": None}


def test_what_to_say_to_whom_is_a_row_a_persona_and_asks_where_nothing_is_known(sample):
    report = sample.make_report()
    page = render("index.html", WORDS, **page_values(report, WORDS))
    table = page.partition('class="stack messages"')[2].partition("</table>")[0]
    assert table.count('scope="row"') == 3
    assert "Speak of what they save, in figures." in table
    assert "Ask: “What would you say about us to a friend?”" in table


def test_the_page_costs_no_more_than_thirty_times_its_json(sample):
    """A ratio and no clock: of CPU time, the least of five each, on whatever machine this is."""
    report = sample.make_report()

    def least(work) -> float:
        taken = []
        for _ in range(5):
            begin = time.process_time()
            work()
            taken.append(time.process_time() - begin)
        return min(taken)

    page = least(lambda: render("index.html", WORDS, **page_values(report, WORDS)))
    plain = least(lambda: [strict_json(part) for part in publication_json(report).values()])
    assert page / plain < 30
