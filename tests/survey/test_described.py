"""Every question of a survey described as it was asked, weighted where there are weights, and who makes no persona."""

import pandas as pd
import pytest

from helpers.read.load import load_tables
from helpers.sources import SurveySource
from helpers.study import load_study
from helpers.survey import answering
from helpers.survey.described import describe_survey
from helpers.survey.survey import code_survey

STUDY = """\
study: a
tables:
  survey:
    path: survey.csv
    columns: {weight: Вес}
    meta: [when]
    likert: {items: [q5, q7], scale: [1, 5], scales_of: {q7: [1, 7]}}
    multiple_choice: {why: {column: why, options: [Price, Smell], closed: true, about: drivers}}
    numbers: [age]
    nps: [shop, app]
    ranks: {first: {A: r1, B: r2}}
    categorical: [home]
    no_answer: [Select]
"""
ROWS = """\
Вес,when,q5,q7,why,age,shop,app,r1,r2,home
3,1,5,7,Price;Smell,30,10,0,1,2,flat
1,2,1,1,Price;my own,40,0,10,2,1,house
1,3,1,4,,x,5,5,1,2,Select
1,4,3,,Smell,50 years,5,5,1,2,flat
"""


@pytest.fixture(scope="module")
def described(tmp_path_factory):
    folder = tmp_path_factory.mktemp("described")
    (folder / "survey.csv").write_text(ROWS, encoding="utf-8")
    (folder / "study.yml").write_text(STUDY, encoding="utf-8")
    study = load_study(folder)
    tables = load_tables(study)
    return describe_survey(code_survey(tables, study), tables, study)


def test_every_question_on_its_own_scale_and_weighted(described):
    rows = {row["name"]: row for row in described["questions"]}
    assert (described["respondents"], described["matched"], described["set_aside"]) == (4, 0, 0)
    assert rows["q5"]["mean"] == pytest.approx((3 * 5 + 1 + 1 + 3) / 6)
    assert rows["q7"]["mean"] == pytest.approx((3 * 7 + 1 + 4) / 5)
    assert rows["q7"]["shares"] == pytest.approx({"1": 0.2, "4": 0.2, "7": 0.6})
    assert rows["age"]["mean"] == pytest.approx((3 * 30 + 40 + 50) / 5)
    assert (rows["nps"]["kind"], rows["app"]["kind"]) == ("nps", "nps")
    assert rows["app"]["mean"] == pytest.approx(20 / 6)
    assert rows["home"]["shares"] == pytest.approx({"flat": 0.8, "house": 0.2})
    assert rows["first: A"] | {"shares": None} == {
        "name": "first: A", "question": "first: A", "kind": "rank", "n": 4, "mean": pytest.approx(7 / 6), "shares": None
    }  # fmt: skip
    assert [row["kind"] for row in described["questions"]][-2:] == ["weight", "meta"]


def test_few_options_and_own_texts_are_pooled(described):
    (ticks,) = [row for row in described["questions"] if row["kind"] == "tick"]
    assert (ticks["n"], ticks["shares"]) == (3, {"other": 1.0})  # each was chosen less than five times


def test_who_takes_too_little_time_or_tries_the_form_makes_no_persona():
    source = SurveySource(path="", meta=["Duration (in seconds)"])
    frame = pd.DataFrame({"Duration (in seconds)": ["300", "310", "290", "20", ""]}, dtype="str")
    assert answering.hurried(frame, source).tolist() == [False, False, False, True, False]
    begun = pd.DataFrame({"Start time": ["2024-01-05 10:00"] * 3,
                          "Completion time": [f"2024-01-05 10:{end}" for end in ("09", "10", "01")]})  # fmt: skip
    source = SurveySource(path="", meta=list(begun))
    assert answering.hurried(begun, source).tolist() == [False, False, True]


def test_the_first_reason_counts_and_one_that_most_share_is_none():
    rows = pd.Series([True, False, False, False])
    most = pd.Series([True, True, True, False])
    found = answering.left_out({"stopped": most, "trial": rows, "hurried": rows | most.shift(fill_value=False) & rows})
    assert found.tolist()[0] == "trial"
    assert found[1:].isna().all()


def test_prices_that_people_named_and_whether_they_would_buy(tmp_path):
    asked = "    van_westendorp: {too_cheap: a, cheap: b, expensive: c, too_expensive: d}\n"
    asked += "    gabor_granger: {prices: {p3: 3, p4: 4}}\n    numbers: [d]\n"
    rows = 'a,b,c,d,p3,p4\n"1,00 €",2,3,4,yes,no\n3,4,5,6,yes,\n2,3,4,5,yes,no\n'
    (tmp_path / "survey.csv").write_text(rows, encoding="utf-8")
    text = f"study: a\ntables:\n  survey:\n    path: survey.csv\n{asked}"
    (tmp_path / "study.yml").write_text(text, encoding="utf-8")
    study = load_study(tmp_path)
    tables = load_tables(study)
    found = {row["name"]: row for row in describe_survey(code_survey(tables, study), tables, study)["questions"]}
    assert [found[name]["mean"] for name in "abcd"] == [2, 3, 4, 5]
    assert (found["p3"]["n"], found["p3"]["shares"]) == (3, {"yes": 1.0})
    assert (found["p4"]["n"], found["p4"]["shares"]) == (2, {"no": 1.0})
