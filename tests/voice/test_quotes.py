"""Quotes are real, consented and enough to hide in; answers are grouped by why people come."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from helpers.customers.customers import Customers, Period
from helpers.sources import SurveySource, Tables
from helpers.study import Study
from helpers.voice.quotes import LONGEST, quotes
from helpers.voice.voice import by_intent

DAY = dt.date(2025, 1, 1)


def quoted(texts: list[str], *, consent: object = True, allowed: bool = True, language: object = "en") -> pd.DataFrame:
    """What is quoted of answers with one code, each by another customer of persona-1."""
    ids = [f"r{number}" for number in range(len(texts))]
    answers = pd.DataFrame({"respondent_id": ids, "question": "why", "about": "barriers", "text": texts})
    members = pd.DataFrame({"respondent_id": ids, "customer_id": ids, "id": "persona-1"})
    said = pd.DataFrame({"respondent_id": ids, "question": "why", "about": "barriers", "code": "dear"})
    profile = pd.DataFrame({"customer_id": ids, "quotes_consent": pd.array([consent] * len(ids), dtype="boolean")})
    profile["language"] = language
    customers = Customers(Period(DAY, DAY, DAY), pd.DataFrame(), pd.DataFrame(), profile, ())
    study = Study(
        study="s", tables=Tables(survey=SurveySource(path="s.csv")), privacy={"quotes": allowed, "min_cell": 5}
    )
    return quotes(said, answers, members, customers, study)


def test_the_shortest_answer_that_says_something_is_quoted_as_it_is():
    texts = ["dear", "It is  dear to me, truly!", "It is dear.", *["much too dear for me and mine"] * 4]
    assert quoted(texts).to_dict("records") == [{"id": "persona-1", "code": "dear", "text": "It is dear."}]
    long = " ".join(["dear"] * 60)
    text = quoted([long] * 5).loc[0, "text"]
    assert (len(text.split()), text in long) == (LONGEST, True)


def test_the_language_of_the_report_comes_first():
    assert quoted(["дорого мне это", *["It is dear to me."] * 5], language=["ru", *["en"] * 5])["text"].tolist() == [
        "It is dear to me."
    ]
    assert quoted(["дорого мне это"] * 5, language="ru")["text"].tolist() == ["дорого мне это"]


@pytest.mark.parametrize(
    "given", [{"consent": False}, {"consent": None}, {"allowed": False}, {"texts": ["It is dear."] * 4}]
)
def test_no_quote_without_leave_of_study_and_customer_or_of_few(given):
    assert quoted(**{"texts": ["It is dear."] * 9} | given).empty


def test_an_answer_of_which_something_was_scrubbed_is_not_quoted():
    assert quoted(["It is dear, ask [name]."] * 9).empty
    assert quoted(["It is dear (very)."] * 9)["text"].tolist() == ["It is dear (very)."]


def test_who_comes_for_one_reason_and_what_holds_them_back():
    """Twelve come for nature: ten answered what stops them, six of those find it dear. Eight come for a coupon."""
    nature, coupon = [f"n{i}" for i in range(12)], [f"c{i}" for i in range(8)]
    rows = [(who, "drivers", "nature") for who in nature] + [(who, "drivers", "coupon") for who in coupon]
    rows += [(who, "barriers", "dear") for who in [*nature[:6], *coupon[:5]]]
    rows += [(who, "mindset", "steps") for who in nature[:4]]
    said = pd.DataFrame(rows, columns=["respondent_id", "about", "code"])
    asked = [(who, "barriers", "") for who in [*nature[:10], *coupon]] + [(who, "mindset", "") for who in nature]
    answers = pd.DataFrame(asked, columns=["respondent_id", "about", "text"])
    weight = pd.Series(1.0, index=[*nature, *coupon])
    found = by_intent(said, answers, weight, 5)
    assert found[["intent", "about", "code", "n", "people", "share"]].to_numpy().tolist() == [
        ["nature", "barriers", "dear", 10, 6, 0.6],
        ["coupon", "barriers", "dear", 8, 5, 0.625],
    ]
    assert found.loc[0, ["ci_low", "ci_high"]].tolist() == pytest.approx([0.3127, 0.8318], abs=1e-4)  # Wilson, 6 of 10
    heavy = by_intent(said, answers, weight.where(~weight.index.isin(nature[:6]), 3.0), 5)
    assert heavy.loc[0, "share"] == pytest.approx(18 / 22)
    assert by_intent(said.iloc[:0], answers, weight, 5).empty
