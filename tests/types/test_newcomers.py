"""A frozen model meets another study: who appears, what is refused by name, what is new."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from helpers.contracts import UNASSIGNED, DataError, StudyError
from helpers.study import Study, load_study
from helpers.types.newcomers import place_newcomers
from helpers.words import Text, say

MODEL = {
    "schema": 1,
    "kind": "mixture",
    "features": [
        {"column": "channel_web_share", "transform": "none", "fill": 0.5, "low": 0, "high": 1, "centre": 0, "scale": 1}
    ],
    "likert": None,
    "categories": [
        {"item": "diet", "categories": ["fish", "meat"], "other": None},
        {"item": "why: price", "categories": [0.0, 1.0], "other": None},
    ],
    "classes": {
        "weights": [0.5, 0.5],
        "behaviour": {"means": [[1.0], [0.0]], "covariance": [[0.1]]},
        "categories": [[[0.9, 0.1], [0.1, 0.9]], [[0.2, 0.8], [0.8, 0.2]]],
    },
    "label_rule": {"threshold": 0.8},
    "structural": [{"id": "no-order", "text": "known, and no order"}],
    "ids": ["web", "shop"],
}
"""Two groups that a person can tell apart: web or shop, fish or meat, price or not."""

SALES = """customer_id,order_id,ordered_at,amount,channel
a,1,2025-01-01,10,web
b,2,2025-01-02,10,shop
a,3,2025-01-03,10,web
late,4,2025-01-10,10,web
"""
SURVEY = """respondent_id,customer_id,diet,why
1,a,Fish,price;taste
2,b,insects,taste
3,late,meat,
""" + "".join(f"{i},,Fish,price;taste\n" for i in range(10, 15))


def a_study(folder: Path, sales: str | None = SALES, survey: str | None = SURVEY, asked: str = "[diet]") -> Study:
    tables = []
    if sales:
        (folder / "sales.csv").write_text(sales, encoding="utf-8")
        tables.append("sales: {path: sales.csv}")
    if survey:
        (folder / "survey.csv").write_text(survey, encoding="utf-8")
        why = "{why: {column: why, sep: ';'}}"
        tables.append(f"survey: {{path: survey.csv, categorical: {asked}, multiple_choice: {why}}}")
    text = (
        f"study: next\nunmatched_respondents: 1\nwindow: {{holdout_from: 2025-01-09}}\ntables: {{{', '.join(tables)}}}"
    )
    (folder / "study.yml").write_text(text, encoding="utf-8")
    return load_study(folder)


def place(study: Study, **changes: object) -> tuple[pd.DataFrame, list[Text]]:
    placed, notes = place_newcomers(MODEL | changes, study)
    return placed.set_index("customer_id"), notes


def test_everybody_appears_those_without_an_order_too(tmp_path):
    placed, notes = place(a_study(tmp_path))
    assert placed["persona"].to_dict() == {"a": "web", "b": "shop", "late": "no-order"}
    assert placed["answered"].all()
    # a: web against shop is exp((1 - 0) / (2 * .1)) * (.9 / .1) for fish * (.8 / .2) for price
    odds = 148.4131591 * 9 * 4
    assert placed.loc["a", "probability"] == pytest.approx(odds / (odds + 1))
    assert placed.loc["late", "probability"] == 1
    assert notes == [say("scoring.unseen", n=1, question="diet")]
    assert place(a_study(tmp_path), structural=[])[0].loc["late", "persona"] == UNASSIGNED


def test_a_channel_that_nobody_used_is_nothing_and_not_unknown(tmp_path):
    placed, _ = place(a_study(tmp_path, SALES.replace("web", "phone"), None))
    assert placed.loc["a", "persona"] == "shop"
    with pytest.raises(DataError, match=r"sales\.csv: the model needs the customer features channel_web_share"):
        place(a_study(tmp_path, SALES.replace(",channel", "").replace(",web", "").replace(",shop", ""), None))


def test_an_option_that_nobody_ticked_is_not_ticked(tmp_path):
    named = SURVEY.replace("price;", "")
    for_price, against = (place(a_study(tmp_path, survey=text))[0].loc["b"] for text in (SURVEY, named))
    assert for_price["probability"] == pytest.approx(against["probability"])
    rare = SURVEY.replace("price;", "") + "20,,fish,price;taste\n"  # pooled under "other": not known
    assert place(a_study(tmp_path, survey=rare))[0].loc["b", "probability"] < against["probability"]


def test_without_a_survey_behaviour_places_alone_and_says_so(tmp_path):
    placed, notes = place(a_study(tmp_path, survey=None))
    assert placed.loc["a", "probability"] == pytest.approx(148.4131591 / 149.4131591)
    assert notes == [say("scoring.no_survey", n=2)]


def test_a_question_that_was_not_asked_is_refused_by_name(tmp_path):
    with pytest.raises(StudyError, match="the model needs the survey questions 'diet'"):
        place(a_study(tmp_path, asked="[]"))


def test_a_table_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(StudyError, match="by what they buy; name a sales table"):
        place(a_study(tmp_path, sales=None))
    of_answers = {"features": [], "structural": [], "classes": {**MODEL["classes"]}}
    of_answers["classes"].pop("behaviour")
    with pytest.raises(StudyError, match="by their answers; name a survey"):
        place(a_study(tmp_path, survey=None), **of_answers)
    placed, _ = place(a_study(tmp_path), **of_answers)
    assert len(placed) == 8
    assert placed.loc["a", "persona"] == "web"


def test_a_model_of_another_edition_is_refused(tmp_path):
    with pytest.raises(StudyError, match="schema is 2"):
        place(a_study(tmp_path), schema=2)


def test_a_publication_without_personas_places_nobody(a_study):
    with pytest.raises(StudyError, match="has no personas"):
        place_newcomers({"schema": 1, "kind": "none", "ids": []}, a_study())
