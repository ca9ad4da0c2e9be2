"""Whole runs of studies that have nothing but a survey, and of one whose respondents are nobody that we know."""

import html
import json
import re
from pathlib import Path

import first_user
import pandas as pd
import pytest

pytestmark = pytest.mark.slow
QUICK = ["--set", "04_personas.bootstrap=8", "--set", "04_personas.null_draws=39"]


def visible(page: Path) -> str:
    """The text that a page shows."""
    text = re.sub(r"<(style|script|svg).*?</\1>", " ", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


class Ran:
    """A finished run of a study that ``init`` wrote for some files."""

    def __init__(self, folder: Path, cli, files: list[Path], addition: str = "") -> None:
        made = cli("init", *files, "--out", folder / "study")
        assert made.returncode == 0, made.stderr
        declared = folder / "study" / "study.yml"
        declared.write_text(addition + declared.read_text(encoding="utf-8"), encoding="utf-8")
        done = cli("run", folder / "study", "--out", folder / "out", "--work", folder / "work", *QUICK)
        assert done.returncode == 0, done.stderr
        self.out, self.work = folder / "out", folder / "work"

    def published(self, name: str) -> dict:
        return json.loads((self.out / f"{name}.json").read_text(encoding="utf-8"))

    def answer(self, notebook: str) -> list[str]:
        return json.loads((self.work / "answers" / f"{notebook}.json").read_text(encoding="utf-8"))

    def pages(self) -> list[Path]:
        return [self.out / "index.html", self.out / "evidence.html", *(self.out / "cards").glob("*.html")]


@pytest.fixture(scope="module")
def alone(cli, tmp_path_factory) -> Ran:
    exports = first_user.write_first_user(tmp_path_factory.mktemp("exports"))
    return Ran(tmp_path_factory.mktemp("alone"), cli, [exports.survey_csv])


@pytest.fixture(scope="module")
def strangers(cli, tmp_path_factory) -> Ran:
    folder = tmp_path_factory.mktemp("exports")
    exports = first_user.write_first_user(folder)
    survey = pd.read_csv(exports.survey_csv, dtype="str")
    survey[first_user.EMAIL] = "other." + survey[first_user.EMAIL].str.strip()
    survey.to_csv(exports.survey_csv, index=False)
    allowed = "unmatched_respondents: 1\n"
    return Ran(tmp_path_factory.mktemp("strangers"), cli, [exports.orders_csv, exports.survey_csv], allowed)


@pytest.fixture(scope="module")
def totals(cli, tmp_path_factory) -> Ran:
    """Customers of three kinds by their totals, without orders."""
    kinds = [
        ("14", "620.50", "2025-05-01", "plus"),
        ("1", "30.00", "2024-02-01", "free"),
        ("5", "155.75", "2024-11-01", "free"),
    ]
    rows = ["Customer ID,Orders,Total spent,Last order,Plan", *(",".join([f"{n}", *kinds[n % 3]]) for n in range(150))]
    file = tmp_path_factory.mktemp("exports") / "customers.csv"
    file.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return Ran(tmp_path_factory.mktemp("totals"), cli, [file])


def test_a_study_of_totals_says_so_and_tests_nothing_on_later_orders(totals):
    published = totals.published("personas")
    assert [card["size"]["n"] for card in published["personas"]] == [50, 50, 50]
    claims = [claim for card in published["personas"] for claim in card["claims"]]
    assert {claim["role"] for claim in claims if claim["column"] != "Plan"} == {"defining"}
    assert {claim["p_adjusted"] for claim in claims if claim["role"] == "defining"} == {None}
    page = visible(totals.out / "index.html")
    assert "the totals of 150 customers, one row each; no days of orders" in page
    assert "answered the survey" not in page


@pytest.mark.parametrize("which", ["alone", "strangers", "totals"])
def test_every_page_is_there_and_shows_nothing_that_is_no_number(which, request):
    ran = request.getfixturevalue(which)
    manifest = ran.published("manifest")
    assert {notebook["status"] for notebook in manifest["notebooks"]} == {"done"}
    assert len(ran.published("hypotheses")["results"]) == 20
    assert len(ran.published("personas")["personas"]) >= 2
    for page in ran.pages():
        text = visible(page)
        assert not re.search(r"\b(nan|NaN|None|NaT|inf)\b", text), page
        assert "@example.org" not in text


def test_personas_of_a_survey_alone_are_made_of_its_answers(alone):
    published = alone.published("personas")
    assert published["structure"]["supported"]
    assert published["coverage"]["respondents"] == published["coverage"]["customers"] > 200
    cards = [card for card in published["personas"] if card["kind"] == "persona"]
    assert {claim["source"] for card in cards for claim in card["claims"]} == {"survey"}
    assert all(card["size"]["revenue_share"] is None for card in cards)
    missing = "What they buy, when, through which channel, and what they are worth: there are no sales to see it in."
    assert all(missing in card["unknowns"] for card in cards)


def test_a_survey_alone_says_whom_it_is_about(alone):
    assert alone.answer("03_survey")[0].endswith("what follows is about respondents.")
    assert "“customers” on this page are those who answered" in visible(alone.out / "index.html")
    assert alone.answer("02_customers") == [
        "This study has no sales table, so nothing is known here of what people bought."
    ]
    assert not any("belong to no known customer" in line for line in alone.answer("03_survey"))
    assert "What would help most is" in alone.answer("05_voice")[-1]


def test_a_survey_alone_cannot_test_what_needs_purchases(alone):
    results = alone.published("hypotheses")["results"]
    assert {result["verdict"] for result in results} == {"not testable"}
    assert all(result["reason"] for result in results)


def test_strangers_answers_stay_apart_from_purchases(strangers):
    assert "none of them could be tied to a customer" in strangers.answer("03_survey")[0]
    told = " ".join(strangers.answer("04_personas"))
    assert "No customer in these data answered the survey, so it neither made the groups nor describes them." in told
    published = strangers.published("personas")
    assert all(card["answered"] is None for card in published["personas"])
    sources = {claim["source"] for card in published["personas"] for claim in card["claims"]}
    assert "survey" not in sources
    asked = "What they want, fear and expect: none of them answered the survey."
    assert all(asked in card["unknowns"] for card in published["personas"] if card["kind"] == "persona")
