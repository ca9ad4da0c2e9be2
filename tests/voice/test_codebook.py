"""The codebook: reading it, and coding answers in several scripts with the words that earned each code."""

from __future__ import annotations

import time

import pandas as pd
import pytest

from helpers.contracts import StudyError
from helpers.sources import SurveySource, Tables
from helpers.study import Study
from helpers.voice.codebook import apply_codebook, codebook_of, read_codebook

CODEBOOK = """
too_dear:
  about: barriers
  words: {en: [price, expens*, too dear], ru: [дорог*, счёт], ka: [ძვირ*], fa: [گران*, کیفیت]}
nature:
  about: drivers
  words: {en: [plastic], kk: [табиғат*], uz: [oʻyla*], fa: [بی خطر]}
"""


@pytest.fixture
def codebook(tmp_path):
    (tmp_path / "codebook.yml").write_text(CODEBOOK, encoding="utf-8")
    return read_codebook(tmp_path / "codebook.yml")


def coded(codebook, text: str, question: str = "why", about: str = "drivers") -> list[tuple[str, str, str]]:
    answers = pd.DataFrame({"respondent_id": ["r1"], "question": [question], "about": [about], "text": [text]})
    found = apply_codebook(answers, codebook)
    return list(found[["about", "code", "matched"]].itertuples(index=False, name=None))


@pytest.mark.parametrize(
    ("text", "matched"),
    [
        ("The PRICE is high", "PRICE"),
        ("prices", None),
        ("so Expensive!", "Expensive"),
        ("inexpensive", None),
        ("it is too  dear for me", "too  dear"),
        ("today", None),
        ("Дороговато", "Дороговато"),
        ("недорого", None),
        ("Счет был большой", "Счет"),
        ("ძალიან ძვირია", "ძვირია"),
        ("خیلی گرانه", "گرانه"),
        ("كيفيت", "كيفيت"),
    ],
)
def test_words_prefixes_and_phrases(codebook, text, matched):
    assert coded(codebook, text) == ([("barriers", "too_dear", matched)] if matched else [])


@pytest.mark.parametrize(
    ("text", "matched"),
    [
        ("چیز بی‌خطر می‌خواهم", "بی‌خطر"),
        ("Табиғатты аялаймын", "Табиғатты"),
        ("ko'p o'ylayman", "o'ylayman"),
        ("kop oylayman", "oylayman"),
        ("Табигатты аялаймын", "Табигатты"),
    ],
)
def test_joints_apostrophes_and_letters_that_people_type_differently(codebook, text, matched):
    assert coded(codebook, text) == [("drivers", "nature", matched)]


def test_each_code_has_one_row_per_answer_with_its_provenance(codebook):
    answers = pd.DataFrame(
        {
            "respondent_id": ["r1", "r2", "r3", "r3"],
            "question": ["why", "why", "why", "stop"],
            "about": ["drivers", "drivers", "drivers", "barriers"],
            "text": ["less plastic, good price, low price", "nothing", "plastic", "price"],
        }
    )
    assert apply_codebook(answers, codebook).to_dict("list") == {
        "respondent_id": ["r1", "r1", "r3", "r3"],
        "question": ["why", "why", "why", "stop"],
        "about": ["barriers", "drivers", "drivers", "barriers"],
        "code": ["too_dear", "nature", "nature", "too_dear"],
        "matched": ["price", "plastic", "plastic", "price"],
    }
    assert apply_codebook(answers.iloc[:0], codebook).columns.tolist()[-1] == "matched"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[1, 2]", "a codebook is a list of"),
        ("a: {about: wishes, words: {en: [x]}}", "allowed are drivers, barriers, mindset"),
        ("a: {about: drivers, words: {en: [no]}}", "put it in quotes"),
        ("a: {about: drivers, words: {en: ['*']}}", "is not a word"),
        ("a: {about: drivers, words: {en: x}}", "a list per language"),
        ("a: {about: drivers}", "keys about and words"),
        ("a: {about: drivers, words: {en: [x]}, pattern: '(a+)+b'}", "keys about and words"),
        ("a: {about: drivers, words: {en: ['*x']}}", "begin with a letter"),
        ("a: {about: drivers, words: {en: ['... x']}}", "begin with a letter"),
        ("a: {about: drivers, asked: {en: []}}", "asked is a list per language"),
        ("a: {about: drivers, words: {en: [x]}, says: dear}", "says is a text per language"),
        ("a: [", "not YAML"),
    ],
)
def test_a_wrong_codebook_is_refused(tmp_path, text, message):
    (tmp_path / "codes.yml").write_text(text, encoding="utf-8")
    with pytest.raises(StudyError, match=message) as error:
        read_codebook(tmp_path / "codes.yml")
    assert str(error.value).startswith("codes.yml")


def one_code(tmp_path, entry: str) -> tuple:
    (tmp_path / "one.yml").write_text(f"it: {entry}", encoding="utf-8")
    return read_codebook(tmp_path / "one.yml")


@pytest.mark.parametrize(
    ("word", "text", "matched"),
    [
        ("not... sure", "I am not really at all sure", "not really at all sure"),
        ("not... sure", "not one two three four sure", None),
        ("not... sure", "Not sure", "Not sure"),
        ("not... sure", "notsure", None),
        ("wait* for... order*", "waited for my order", "waited for my order"),
        ("out of stock*", "out  of stocks", "out  of stocks"),
        ("c*r", "my colour", "colour"),
        ("c*r", "the color", "color"),
        ("co*r*", "the colours", "colours"),
        ("ارزان تر", "ارزانتر", "ارزانتر"),
        ("آب", "اب", "اب"),
        ("eco-*", "eco-friendly", "eco-friendly"),
        ("c++", "c++", "c++"),
    ],
)
def test_stars_and_gaps(tmp_path, word, text, matched):
    (code,) = one_code(tmp_path, f"{{about: drivers, words: {{en: ['{word}']}}}}")
    assert code.found(text, "drivers") == matched


def test_words_that_count_only_where_the_question_was_about_it(tmp_path):
    (code,) = one_code(tmp_path, "{about: barriers, words: {en: [courier]}, asked: {en: [delivery]}}")
    assert [code.found("delivery", about) for about in ("barriers", "drivers", "")] == ["delivery", None, "delivery"]
    assert [code.found("courier, delivery", about) for about in ("barriers", "drivers")] == ["courier", "courier"]
    (alone,) = one_code(tmp_path, "{about: barriers, asked: {en: [delivery]}, says: {en: it is slow}}")
    assert (alone.found("delivery", "drivers"), alone.says) == (None, {"en": "it is slow"})


def test_no_codebook_makes_an_answer_hang(tmp_path):
    (code,) = one_code(tmp_path, "{about: drivers, words: {en: ['a*a*a*a*... a*a*a*... a*b']}}")
    started = time.perf_counter()
    assert code.found("a" * 60 + " " + "aaaa " * 400, "drivers") is None
    assert time.perf_counter() - started < 20


def test_a_study_is_coded_by_its_own_codebook_or_else_by_the_one_to_start_with(tmp_path):
    (tmp_path / "own.yml").write_text(CODEBOOK, encoding="utf-8")
    asked = {"why": {"column": "why", "about": "drivers"}}

    def codes(**source) -> list[str]:
        survey = SurveySource(path="s.csv", **source)
        return [
            code.name for code in codebook_of(Study(study="s", tables=Tables(survey=survey), path=tmp_path / "s.yml"))
        ]

    assert codes(codebook="own.yml", open_ended=asked) == ["too_dear", "nature"]
    assert len(codes(open_ended=asked)) == 20
    assert codes() == []


def test_what_people_mean_by_a_code_is_told_in_the_studys_language_or_else_in_english(tmp_path):
    (code,) = one_code(tmp_path, "{about: barriers, words: {en: [dear]}, says: {en: it is dear, ru: дорого}}")
    studies = [Study(study="s", language=language, tables=Tables()) for language in ("ru", "ka")]
    assert [code.meant(study) for study in studies] == ["дорого", "it is dear"]


def test_a_codebook_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(StudyError, match=r"none\.yml: the codebook cannot be opened"):
        read_codebook(tmp_path / "none.yml")
