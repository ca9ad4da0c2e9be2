"""Interviews: voices kept apart, shares of speakers counted by hand, silence where few spoke."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.read.load import LoadedTables
from helpers.sources import InterviewSource, SurveySource, Tables
from helpers.study import Study
from helpers.voice.interviews import hear_interviews
from helpers.words import Words, say

CODES = """
dear: {about: barriers, words: {en: [dear]}}
late: {about: barriers, asked: {en: [late], ru: [поздно]}}
coupon: {about: drivers, words: {en: [coupon]}}
"""


def study(folder) -> Study:
    (folder / "codes.yml").write_text(CODES, encoding="utf-8")
    asked = {"why": {"column": "why", "about": "drivers"}, "stops": {"column": "stops", "about": "barriers"}}
    survey = SurveySource(path="s.csv", open_ended=asked, codebook="codes.yml", questions={"stops": "What stops you?"})
    tables = Tables(survey=survey, interviews=InterviewSource(path="i.csv", about={"the team's view": "barriers"}))
    return Study(study="shop", tables=tables, path=folder / "study.yml", privacy={"min_cell": 5})


def said(speaker: str, people: int, text: str, question: str = "stops", start: int = 0) -> pd.DataFrame:
    ids = [f"P{start + number}" for number in range(people)]
    return pd.DataFrame({"speaker": speaker, "respondent_id": ids, "question": question, "text": text}, dtype="str")


def heard(folder, *parts: pd.DataFrame):
    return hear_interviews(LoadedTables({"interviews": pd.concat(parts, ignore_index=True)}, ()), study(folder))


def test_shares_of_speakers_side_by_side(tmp_path):
    interviews = heard(
        tmp_path,
        said("customer", 12, "It is dear, so dear."),
        said("customer", 8, "late", start=12),
        said(" Sales ", 6, "they say it is dear", "what do they say?"),
        said("sales", 10, "late; приходит поздно", " what stops YOU? ", start=6),
        said("sales", 6, "dear, again"),  # the same six people once more
    )
    codes = interviews.codes.set_index("code")
    assert interviews.codes["code"].tolist() == ["dear", "late", "coupon"]
    assert codes.loc["dear"].tolist() == ["barriers", 12, 12 / 20, 6, 6 / 16]
    assert codes.loc["late"].tolist() == ["barriers", 8, 8 / 20, 10, 10 / 16]
    assert codes.loc["coupon"].isna().tolist() == [False, True, True, True, True]  # nobody was asked why they come
    assert interviews.heard.to_dict("list") == {
        "speaker": ["customer", "sales"],
        "people": [20, 16],
        "answers": [20, 22],
    }
    assert tuple(map(Words().tell, interviews.told)) == (
        "An interview represents nobody but the speaker: these are shares of those who were asked, not of customers, "
        "and nothing of them reaches the cards.",
        "Customers (20 interviewed) speak most of “dear” (60 %) and “late” (40 %).",
        "The sales team (16 interviewed) speaks most of “late” (62 %) and “dear” (38 %).",
        "The sales team speaks of “late” more often than customers do: 62 % of them against 40 %.",
        "The sales team speaks of “dear” less often than customers do: 38 % of them against 60 %.",
        "What these questions are about is not known: “what do they say?”. The words of every code counted there, "
        "which is less sure; study.yml can tell it (interviews: about: {question: drivers, barriers or mindset}).",
        "study.yml tells what these questions are about, but no interview asks them: “the team's view”.",
    )


def test_what_a_question_is_about_can_be_declared(tmp_path):
    interviews = heard(tmp_path, said("sales", 6, "late", "The team's view"), said("sales", 6, "late", "why", start=6))
    assert (
        interviews.codes.set_index("code").loc["late", "people_sales"] == 6
    )  # asked why they come, late tells nothing
    assert "voice.interviews.unsure" not in [line.key for line in interviews.told]
    unasked = heard(tmp_path, said("sales", 6, "late", "why")).told[-1]
    assert unasked == say("voice.interviews.unasked", questions=[say("format.quoted", text="the team's view")])


def test_of_many_questions_three_are_named(tmp_path):
    parts = [said("sales", 6, "late", f"question {number}") for number in range(4)]
    (unsure,) = (line for line in heard(tmp_path, *parts).told if line.key == "voice.interviews.unsure")
    assert [say("format.quoted", text=f"question {number}") for number in range(3)] + ["…"] == [
        *unsure.values["questions"]
    ]


def test_fewer_than_the_smallest_cell_are_not_shown(tmp_path):
    interviews = heard(
        tmp_path, said("customer", 4, "dear"), said("visitor", 5, "dear"), said("visitor", 4, "late", start=5)
    )
    codes = interviews.codes.set_index("code")
    assert codes.loc["dear", ["people_customer", "share_customer"]].isna().all()
    assert codes.loc["dear", ["people_visitor", "share_visitor"]].tolist() == [5, 5 / 9]
    assert np.isnan(codes.loc["late", "people_visitor"])
    assert interviews.heard["people"].fillna(-1).tolist() == [-1, 9]
    assert interviews.told[1] == say("voice.interviews.few.customer", least=5)


def test_answers_without_a_name_are_one_speaker_each_and_unknown_speakers_are_left_out(tmp_path):
    parts = [said("customer", 6, "dear"), said("boss", 9, "dear"), said("customer", 1, "dear")]
    nameless = pd.concat(parts).drop(columns="respondent_id")
    assert heard(tmp_path, nameless).heard["people"].tolist() == [7]
    assert heard(tmp_path, nameless).told[-1] == say("voice.interviews.left_out", n=say("format.just", n=9))
    assert heard(tmp_path, said("boss", 9, "dear")) is None
    assert heard(tmp_path, said("customer", 9, "dear").assign(text=None)) is None
    assert hear_interviews(LoadedTables({}, ()), study(tmp_path)) is None
