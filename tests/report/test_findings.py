"""The messages that answer a notebook's question, from numbers that can be counted by hand."""

from __future__ import annotations

import pandas as pd

from helpers.contracts import FileAccount, HypothesisResult
from helpers.customers.customers import Customers
from helpers.read.load import LoadedTables
from helpers.report import findings
from helpers.survey.survey import Survey
from helpers.words import Said


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


def read(*accounts: FileAccount) -> LoadedTables:
    return LoadedTables({}, accounts)


def test_rows_are_summed_over_files_and_the_worst_is_named() -> None:
    tables = read(FileAccount("sales", "s.csv", 100, 90, 5, 10), FileAccount("survey", "a.csv", 20, 20, 0, 0))
    assert told(findings.of_quality(tables)) == [
        ("quality.rows", {"files": 2, "rows_in": 120, "rows_used": 110, "quarantined": 10, "repaired": 5}),
        ("quality.worst", {"table": "sales", "share": 0.1}),
    ]


def test_clean_files_are_said_to_be_clean() -> None:
    assert told(findings.of_quality(read(FileAccount("sales", "s.csv", 7, 7, 0, 0)))) == [("quality.clean", {})]


def test_beliefs_are_counted_by_verdict_and_only_tested_ones_told() -> None:
    results = [belief("one", "supported"), belief("two", "not testable"), belief("three", "supported")]
    count, *answered = findings.of_beliefs(results)
    assert (count.key, count.values["n"]) == ("findings.beliefs.count", 3)
    assert told(count.values["answers"]) == [("beliefs.supported", {"n": 2}), ("beliefs.not_testable", {"n": 1})]
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
