"""What notebook 05 says and shows of open answers, from shares that can be counted by hand."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pandas as pd
import pytest

from helpers.contracts import StudyError
from helpers.study import Study
from helpers.voice import findings
from helpers.voice.voice import Voice

STUDY = Study.model_validate({"study": "s", "tables": {"survey": {"path": "s.csv"}}})
PERSONAS = SimpleNamespace(
    groups=[SimpleNamespace(id="a", handle="Coupon users"), SimpleNamespace(id="b", handle="Others")]
)


def heard() -> Voice:
    """Two codes of two groups: the first sets group a apart upwards and b downwards, the second nobody."""
    rows = [
        ("a", "drivers", "saving", 30, 100, 0.3, 0.1, 3.0, 2.0, 4.5, 0.001, 0.002, "there is a coupon"),
        ("b", "drivers", "saving", 10, 100, 0.1, 0.3, 0.33, 0.2, 0.6, 0.001, 0.002, "there is a coupon"),
        ("a", "mindset", "own_way", 20, 100, 0.2, 0.1, 2.0, 1.1, 3.6, 0.03, 0.06, ""),
        ("b", "mindset", "own_way", None, 100, None, None, None, None, None, None, None, ""),
    ]
    columns = ["id", "about", "code", "n", "n_coded", "share", "share_others", "lift", "ci_low", "ci_high", "p_value",
               "p_adjusted", "says"]  # fmt: skip
    spoken = pd.DataFrame([("a", "coupon", 3.2, 2.5, 12), ("a", "cheap", 2.7, 2.5, 11)],
                          columns=["id", "word", "z", "threshold", "n"])  # fmt: skip
    intents = pd.DataFrame({"intent": ["saving"], "about": ["mindset"], "code": ["own_way"], "n": [30]})
    codes = pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(columns[3:-1], float))
    return Voice(codes, spoken, pd.DataFrame(), intents=intents)


def marks(frame: pd.DataFrame, handle: str) -> list[tuple[str, float]]:
    """How the codes of a group are marked, with its shares; -1 for none."""
    cells = ((said.key.removeprefix("findings.codes."), said.values["share"]) for said in frame[handle])
    return [(mark, -1 if pd.isna(share) else share) for mark, share in cells]


def test_codes_stand_with_a_column_per_group_and_marks_where_one_is_set_apart():
    frame = findings.codes_frame(heard(), PERSONAS)
    assert list(frame) == ["about", "says", "Coupon users", "Others"]
    assert frame[["about", "says"]].to_numpy().tolist() == [["drivers", "there is a coupon"], ["mindset", "own way"]]
    assert marks(frame, "Coupon users") == [("more", 0.3), ("alike", 0.2)]
    assert marks(frame, "Others") == [("fewer", 0.1), ("alike", -1)]
    apart = findings.apart_frame(heard(), PERSONAS)
    assert apart[["handle", "says"]].to_numpy().tolist() == [
        ["Coupon users", "there is a coupon"], ["Others", "there is a coupon"],
    ]  # fmt: skip
    intents = findings.intents_frame(heard())
    assert intents[["intent", "code"]].to_numpy().tolist() == [["there is a coupon", "own_way"]]


def test_two_codes_of_which_people_mean_the_same_stand_apart_by_their_names():
    voice = heard()
    twice = pd.concat([voice.codes, voice.codes[voice.codes["code"] == "saving"].assign(code="late_sale")])
    frame = findings.codes_frame(replace(voice, codes=twice), PERSONAS)
    assert frame["says"].tolist() == ["there is a coupon (saving)", "own way", "there is a coupon (late sale)"]


def test_words_that_set_a_group_apart_are_told_with_their_people():
    (line,) = findings.of_words(heard(), PERSONAS, STUDY)
    assert (line.key, line.values["handle"]) == ("findings.words.line", "Coupon users")
    assert [word.values for word in line.values["words"]] == [{"word": "coupon", "n": 12}, {"word": "cheap", "n": 11}]
    (none,) = findings.of_words(replace(heard(), words=heard().words.head(0)), PERSONAS, STUDY)
    assert (none.key, none.values) == ("findings.words.none", {"least": 10})


def test_what_a_group_says_most_is_told_or_its_silence_is():
    rows = [
        ("a", "barriers", "too_dear", 0.4, 100, "it costs too much"),
        ("a", "barriers", "late", 0.2, 100, "delivery is late"),
        ("a", "drivers", "saving", 0.5, 100, "there is a coupon"),
        ("a", "mindset", "own_way", 0.3, 100, ""),
        ("b", "drivers", "saving", None, None, "there is a coupon"),
    ]
    codes = pd.DataFrame(rows, columns=["id", "about", "code", "share", "n_coded", "says"])
    line, silent = findings.of_voice(replace(heard(), codes=codes), PERSONAS, STUDY)
    assert (line.key, line.values["handle"]) == ("findings.voice.line", "Coupon users")
    assert [(part.key, part.values["share"]) for part in line.values["parts"]] == [
        ("findings.voice.drivers.says", 0.5),
        ("findings.voice.barriers.says", 0.4),
        ("findings.voice.mindset.code", 0.3),
    ]  # fmt: skip
    assert [part.values["says"] or part.values["code"] for part in line.values["parts"]] == [
        "there is a coupon", "it costs too much", "own way",
    ]  # fmt: skip
    assert (silent.key, silent.values) == ("findings.voice.silent", {"handle": "Others", "least": 10})


def test_groups_kinds_and_the_commonest_themes_can_be_asked_for():
    assert list(findings.codes_frame(heard(), PERSONAS, groups=["b"])) == ["about", "says", "Others"]
    assert findings.codes_frame(heard(), PERSONAS, about=["mindset"])["says"].tolist() == ["own way"]
    more = heard().codes.query("about == 'drivers'").assign(code="price", says="", n=5.0)
    voice = replace(heard(), codes=pd.concat([heard().codes, more], ignore_index=True))
    assert len(findings.codes_frame(voice, PERSONAS)) == 3
    assert findings.codes_frame(voice, PERSONAS, themes=1)["says"].tolist() == ["there is a coupon", "own way"]
    assert findings.apart_frame(heard(), PERSONAS, groups=["b"])["handle"].tolist() == ["Others"]
    with pytest.raises(StudyError, match=r'05_voice\.groups: there is no persona "c"'):
        findings.codes_frame(heard(), PERSONAS, groups=["c"])
