"""The messages that answer a notebook's question, from numbers that can be counted by hand."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from types import SimpleNamespace

import pandas as pd

from helpers.contracts import FileAccount, HypothesisResult
from helpers.customers.customers import Customers, Period, Today
from helpers.read.load import LoadedTables
from helpers.report import findings
from helpers.study import Study
from helpers.survey.survey import Survey
from helpers.types.placing import assign
from helpers.words import Said, few


def belief(name: str, verdict: str) -> HypothesisResult:
    return HypothesisResult(
        name, f"{name}?", "", "", "observational", verdict, "no table", None, (), {},
        sentence="" if verdict == "not testable" else f"{name} said.",
    )  # fmt: skip


def told(lines: list) -> list[tuple[str, dict] | str]:
    """Each message as its key and what fills it; a sentence that somebody else made stays one."""
    return [
        (line.key.removeprefix("findings."), line.values) if isinstance(line, Said) else line for line in lines
    ]  # fmt: skip


STUDY = Study.model_validate({"study": "s", "tables": {"survey": {"path": "s.csv"}}})


def read(*accounts: FileAccount) -> LoadedTables:
    return LoadedTables({}, accounts)


def test_rows_are_summed_over_files_and_the_worst_is_named() -> None:
    tables = read(FileAccount("sales", "s.csv", 100, 90, 5, 10), FileAccount("survey", "a.csv", 20, 20, 0, 0))
    assert told(findings.of_quality(tables, STUDY)) == [
        ("quality.rows", {"files": 2, "rows_in": 120, "rows_used": 110, "quarantined": 10, "repaired": few(5, 10)}),
        ("quality.worst", {"table": "sales", "share": 0.1}),
        ("quality.worrying", {"share": 0.02, "tables": ("sales",)}),
    ]


def test_clean_files_are_said_to_be_clean() -> None:
    assert told(findings.of_quality(read(FileAccount("sales", "s.csv", 7, 7, 0, 0)), STUDY)) == [("quality.clean", {})]


def test_beliefs_are_counted_by_verdict_and_only_tested_ones_told() -> None:
    results = [belief("one", "supported"), belief("two", "not testable"), belief("three", "supported")]
    results[0] = replace(results[0], confirmatory=True)
    count, *answered = findings.of_beliefs(results)
    assert (count.key, count.values["n"]) == ("findings.beliefs.count", 3)
    assert told(count.values["answers"]) == [
        ("beliefs.supported", {"n": 1}), ("beliefs.lead", {"n": 1}), ("beliefs.not_testable", {"n": 1}),
    ]  # fmt: skip
    assert answered == ["one said.", "three said."]


def survey_of(matched: int, unmatched: int) -> Survey:
    checks = pd.DataFrame({"check": ["matched", "straight_lining"], "text": ["Matched.", "Nobody ticked one box."]})
    opened = pd.DataFrame({"question": ["why"], "text": ["dear"]})
    answers = pd.DataFrame({"customer_id": ["c"] * matched + [None] * unmatched})
    return Survey(answers, pd.DataFrame(), opened, checks, matched, unmatched)


def test_a_survey_of_nobody_known_speaks_of_respondents() -> None:
    customers = Customers(None, pd.DataFrame({"customer_id": ["c", "d"]}), pd.DataFrame(), pd.DataFrame(), ())
    common = ["Nobody ticked one box.", ("survey.open", {"n": 1, "questions": 1})]
    alone = findings.of_survey(survey_of(0, 40), None)
    assert told(alone) == [("survey.alone", {"n": 40, "matched": 0}), *common]
    strangers = findings.of_survey(survey_of(0, 40), customers)
    assert told(strangers) == [("survey.strangers", {"n": 40, "matched": 0}), *common]
    known = findings.of_survey(survey_of(30, 10), customers)
    assert told(known) == [
        ("survey.who", {"n": 40, "matched": 30}),
        ("survey.share", {"share": 0.5}),
        ("survey.unmatched", {"n": 10}),
        *common,
    ]


def test_the_file_for_the_crm_places_customers_by_all_orders_and_says_who_stands_elsewhere() -> None:
    """Two tiers cut at 100: twelve of forty spent more since, eleven first ordered since."""
    ids = [f"c{i:02d}" for i in range(51)]
    model = {"kind": "tiers", "features": [], "likert": None, "categories": [], "ids": ["tier-1", "tier-2"],
             "tiers": {"table": "customers", "column": "spend", "edges": [100.0]}, "label_rule": {},
             "structural": [{"id": "no-order", "text": ""}]}  # fmt: skip
    before = pd.DataFrame({"customer_id": ids[:40], "spend": 50.0})
    now = pd.DataFrame({"customer_id": ids, "spend": [150.0] * 12 + [50.0] * 28 + [120.0] * 11})
    cards = assign(model, before, None, ids[40:])
    personas = SimpleNamespace(model=model, assignments=cards)
    period = Period(dt.date(2025, 1, 1), dt.date(2025, 10, 1), dt.date(2025, 12, 31))
    none = pd.DataFrame()
    customers = Customers(period, before, none, none, tuple(ids[40:]), tuple(ids[40:]))
    today = Today(now, ())
    file = findings.for_the_crm(personas, today, None).set_index("customer_id")["persona"]
    assert file.value_counts().to_dict() == {"tier-2": 23, "tier-1": 28}
    study = Study.model_validate({"study": "s", "tables": {"sales": {"path": "s.csv"}}})
    _, said = findings.of_crm_file(personas, customers, today, None, study)
    assert [said.values[name].values["n"] for name in ("moved", "newcomers")] == [23, 11]
    assert (said.values["day"], said.values["as_of"]) == (period.holdout_from, period.as_of)


def test_the_file_for_the_crm_of_a_survey_has_respondents() -> None:
    placed = pd.DataFrame({"customer_id": ["r1"], "persona": ["persona-1"], "probability": [0.9], "answered": [True]})
    personas = SimpleNamespace(model={}, assignments=placed)
    assert findings.for_the_crm(personas, None, None).to_dict("list") == {
        "customer_id": ["r1"], "persona": ["persona-1"], "probability": [0.9]
    }  # fmt: skip
    assert told(findings.of_crm_file(personas, None, None, None, STUDY)) == [("cards.saved", {"n": 1})]


def test_files_of_which_more_is_set_aside_than_is_bearable_are_named() -> None:
    tables = read(FileAccount("sales", "s.csv", 1000, 970, 0, 30), FileAccount("survey", "q.csv", 100, 99, 0, 1))
    worrying = "quality.worrying"
    assert told(findings.of_quality(tables, STUDY))[-1] == (worrying, {"share": 0.02, "tables": ("sales",)})
    assert told(findings.of_quality(tables, STUDY, worrying_share=0.005))[-1][1]["tables"] == ("sales", "survey")
    assert worrying not in dict(told(findings.of_quality(tables, STUDY, worrying_share=0.03)))
