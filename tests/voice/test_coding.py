"""Coding open answers: agreement against Krippendorff's own examples, the second coder's sheet, topics of the rest."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from helpers.contracts import DataError, StudyError
from helpers.harmless import safe_csv
from helpers.read.load import LoadedTables
from helpers.sources import SurveySource, Tables
from helpers.study import Study
from helpers.survey.survey import Survey
from helpers.voice.coding import agree, code_answers, disagreement, read_sheet
from helpers.voice.findings import amiss
from helpers.voice.topics import script_of, suggest
from helpers.words import Words, say

GAP = np.nan


def alpha(ratings: np.ndarray) -> float:
    unlike, by_chance = disagreement(ratings)
    return 1 - unlike / by_chance if by_chance else np.nan


def test_alpha_of_krippendorffs_examples():
    """Krippendorff (2011), Computing Krippendorff's alpha-reliability, sections A and C: .095 and .743."""
    binary = [[0, 1, 0, 0, 0, 0, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]]
    assert alpha(np.array(binary, dtype=float)) == pytest.approx(0.095, abs=0.001)
    four = [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, GAP, GAP, GAP],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, GAP, 3],
        [GAP, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, GAP],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, GAP],
    ]
    assert alpha(np.array(four)) == pytest.approx(0.743, abs=0.001)


def test_alpha_of_full_agreement_of_chance_and_of_nothing():
    ones = np.array([1.0, 0, 1, 0, 1, 0])
    assert alpha(np.array([ones, ones])) == 1.0
    rng = np.random.default_rng(3)
    assert alpha(rng.integers(0, 2, (2, 5_000)).astype(float)) == pytest.approx(0, abs=0.03)
    assert np.isnan(alpha(np.ones((2, 5))))
    assert np.isnan(alpha(np.full((2, 3), GAP)))


def test_knowing_which_codes_are_rare_is_no_agreement():
    """Two readers who toss coins of .6 for one code and of .02 for nineteen: none over all codes, .36 over the heap."""
    rng = np.random.default_rng(7)
    chances = [0.6] + [0.02] * 19
    first, second = (pd.DataFrame(rng.random((400, 20)) < chances).astype(int) for _ in range(2))
    heap = np.array([first.to_numpy().ravel(), second.to_numpy().ravel()], dtype=float)
    assert alpha(heap) > 0.3
    assert agree(first, second, 5).set_index("code").loc["all", "alpha"] == pytest.approx(0, abs=0.1)


# --- the sheet ---------------------------------------------------------------------------------------------------

TEXTS = ["too dear", "nice", "dear me", "plastic and dear", "plastic"] * 6


def survey(texts: list[str]) -> Survey:
    opened = pd.DataFrame(
        {"respondent_id": [f"R{i}" for i in range(len(texts))], "question": "why", "about": "barriers", "text": texts}
    ).astype("str")
    return Survey(pd.DataFrame(), pd.DataFrame(), opened, pd.DataFrame(), 0, 0)


def study(folder, **source) -> Study:
    asked = {"why": {"column": "why", "about": "barriers"}}
    (folder / "codes.yml").write_text(
        'price: {about: barriers, words: {en: [dear]}, says: {en: "it is dear"}}\n'
        "less_harm: {about: drivers, words: {en: [plastic]}}\n",
        encoding="utf-8",
    )
    given = SurveySource(path="s.csv", open_ended=asked, **source)
    return Study(study="shop", tables=Tables(survey=given), path=folder / "study.yml", privacy={"min_cell": 5})


def test_answers_are_counted_and_laid_out_for_a_second_reader(tmp_path):
    coding = code_answers(survey(TEXTS), study(tmp_path, codebook="codes.yml"))
    assert coding.codes.to_dict("list") == {
        "code": ["price", "less_harm"],
        "about": ["barriers", "drivers"],
        "says": ["it is dear", ""],
        "answers": [18, 12],
    }
    assert (coding.answers, coding.coded) == (30, 24)
    assert coding.sheet.columns.tolist() == ["answer", "text", "price", "less_harm", "none of these"]
    assert sorted(coding.sheet["answer"]) == sorted(f"R{i}: why" for i in range(30))
    assert coding.sheet["answer"].tolist() != [f"R{i}: why" for i in range(30)]  # the order tells nothing
    assert (coding.sheet[["price", "less_harm", "none of these"]] == "").all(axis=None)
    assert Words().tell(coding.told[0]) == "80 % of the 30 open answers were given a code by the study's codebook."
    assert coding.told[1:] == (say("voice.coding.one_coder"),)


def test_a_study_without_codebook_is_coded_by_the_one_to_start_with_and_says_so(tmp_path):
    coding = code_answers(survey(["Too expensive.", "It is late.", "xyz"]), study(tmp_path))
    assert coding.codes.set_index("code")["answers"].loc[["too_dear", "delivery"]].tolist() == [1, 1]
    assert coding.told[0] == say("voice.coding.start", coded=2 / 3, n=3)
    nothing = code_answers(survey([]), study(tmp_path))
    assert (nothing.answers, nothing.told) == (0, (say("voice.coding.no_answers"),))
    assert code_answers(None, study(tmp_path)) is None


def filled(folder, marks) -> pd.DataFrame:
    """The sheet as a second reader sends it back: ``marks`` gives the codes of a text."""
    sheet = code_answers(survey(TEXTS), study(folder, codebook="codes.yml")).sheet
    for row in sheet.index:
        for code in marks(sheet.loc[row, "text"]):
            sheet.loc[row, code] = "x"
    safe_csv(sheet, folder / "second.csv")
    return sheet


def test_a_second_coder_who_agrees_and_one_who_does_not(tmp_path):
    def same(text):
        return [code for code, word in (("price", "dear"), ("less_harm", "plastic")) if word in text] or [
            "none of these"
        ]

    filled(tmp_path, same)
    named = study(tmp_path, codebook="codes.yml", second_coder="second.csv")
    agreement = code_answers(survey(TEXTS), named).agreement.set_index("code")
    assert agreement.loc["price", ["n", "codebook", "second", "alpha"]].tolist() == [30, 18, 18, 1.0]
    assert agreement.loc["all", "alpha"] == 1.0
    filled(tmp_path, lambda text: ["price"] if "nice" in text or text == "too dear" else ["less_harm"])
    coding = code_answers(survey(TEXTS), named)
    apart = coding.agreement.set_index("code")
    assert apart.loc["price", ["codebook", "second"]].tolist() == [18, 12]
    assert apart.loc["all", "alpha"] < 0.3
    assert coding.told[1] == say("voice.coding.exploratory", alpha=apart.loc["all", "alpha"], n=30)
    assert coding.told[2] == say("voice.coding.weak", codes=["price", "less harm"])


def test_rows_left_empty_are_not_coded_and_small_counts_are_not_shown(tmp_path):
    filled(tmp_path, lambda text: ["less_harm"] if text == "plastic" else [])
    coding = code_answers(survey(TEXTS), study(tmp_path, codebook="codes.yml", second_coder="second.csv"))
    agreement = coding.agreement.set_index("code")
    assert agreement.loc["less_harm", ["n", "codebook", "second"]].tolist() == [6, 6, 6]
    assert np.isnan(agreement.loc["less_harm", "alpha"])  # both gave it to all six: nothing to disagree on
    assert agreement.loc["price", ["codebook", "second", "alpha"]].isna().all()
    assert coding.told[-1] == say("voice.coding.left_empty", n=24, none="none of these")
    both = pd.DataFrame({"a": [1] * 4 + [0] * 30}, index=[f"r{i}" for i in range(34)])
    assert agree(both, both, 5)["alpha"].isna().all()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("answer,price\nR1: why,1\n", r"second\.csv: .* lacks the column less_harm"),
        ("answer,price,less_harm\nR99: why,1,0\n", r"second\.csv: none of its rows is a coded answer of this survey"),
        ("answer,price,less_harm\nR1: why,,\n", r"second\.csv: none of its rows"),
        ("", r"second\.csv: the file is empty"),
    ],
)
def test_a_sheet_that_cannot_be_used_is_refused(tmp_path, text, message):
    (tmp_path / "second.csv").write_text(text, encoding="utf-8")
    given = pd.DataFrame(0, index=["R1: why"], columns=["price", "less_harm"])
    with pytest.raises(DataError, match=message):
        read_sheet(tmp_path / "second.csv", "second.csv", given)


# --- before a run ------------------------------------------------------------------------------------------------


def test_a_check_ends_with_a_second_coders_sheet_or_a_codebook_that_cannot_be_used(tmp_path):
    named = study(tmp_path, codebook="codes.yml", second_coder="second.csv")
    (tmp_path / "second.csv").write_text("answer\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"second\.csv"):
        amiss(survey(TEXTS), LoadedTables({}, ()), named)
    assert amiss(None, LoadedTables({}, ()), named) == []
    spoken = LoadedTables({"interviews": pd.DataFrame({"speaker": ["sales"], "question": "why", "text": "dear"})}, ())
    with pytest.raises(StudyError, match=r"none\.yml"):
        amiss(survey([]), spoken, study(tmp_path, codebook="none.yml"))


# --- topics ------------------------------------------------------------------------------------------------------

DELIVERY = {
    "Latin": ("the courier was {} late", "parking at the shop is {}"),
    "Cyrillic": ("курьер {} опоздал", "парковка у магазина {} занята"),
    "Georgian": ("კურიერმა {} დააგვიანა", "მაღაზიასთან პარკინგი {} დაკავებულია"),
    "Arabic": ("پیک {} دیر رسید", "پارکینگ مغازه {} پر است"),
}


@pytest.mark.parametrize("script", DELIVERY)
def test_two_topics_are_told_apart_in_every_script(script):
    late, parking = DELIVERY[script]
    fill = {"Latin": "abcdefghijkl", "Cyrillic": "абвгдежзиклм", "Georgian": "აბგდევზთიკლმ", "Arabic": "ابپتثجچحخدذر"}[
        script
    ]
    texts = pd.Series([template.format(letter * 3) for template in (late, parking) for letter in fill])
    topics = suggest(texts, seed=1)
    assert topics["script"].unique().tolist() == [script]
    examples = topics.set_index("topic")[["example_1", "example_2", "example_3"]]
    stems = [set(text.split()) for text in (late, parking)]
    for number in examples.index:
        alike = [len(set(examples.loc[number, "example_1"].split()) & stem) for stem in stems]
        own = stems[int(np.argmax(alike))]
        assert all(len(set(text.split()) & own) >= 2 for text in examples.loc[number])
        assert own & set(topics.set_index("topic").loc[number, "words"].split(", "))
    assert topics["answers"].sum() == 24
    pd.testing.assert_frame_equal(topics, suggest(texts, seed=1))


def test_few_answers_or_answers_without_words_have_no_topics():
    assert suggest(pd.Series(["one", "two"], dtype="str"), seed=1).empty
    assert suggest(pd.Series(["..."] * 40), seed=1).empty
    assert suggest(pd.Series([f"q{i} x" for i in range(40)]), seed=1).shape[1] == 7
    assert suggest(pd.Series([], dtype="str"), seed=1).empty
    assert [script_of(text) for text in ("дорого ok", "ძვირი", "گران", "dear", "123")] == [
        "Cyrillic", "Georgian", "Arabic", "Latin", "",
    ]  # fmt: skip
