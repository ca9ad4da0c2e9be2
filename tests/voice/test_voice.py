"""What each persona says: shares counted by hand, words against Monroe's formula, silence where cells are small."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.cards.cards import Handed
from helpers.cards.claims import bch_weights
from helpers.cards.personas import Group, Personas
from helpers.contracts import UNASSIGNED, Quote, Structure
from helpers.sources import SurveySource, Tables
from helpers.study import Study
from helpers.survey.survey import Survey
from helpers.voice.voice import (
    Voice,
    compare_codes,
    distinctive_words,
    for_cards,
    hear,
    voice_claims,
    weighted_log_odds,
)
from helpers.words import Words

IDS = ["persona-1", "persona-2"]


def personas(labels: list[str], prefix: str = "c") -> Personas:
    """One customer per label."""
    ids = [f"{prefix}{number:03d}" for number in range(len(labels))]
    groups = tuple(
        Group(name, "persona", False, name, labels.count(name), 0, 0.5, 0.4, 0.6, None, None, None, (), "", None, ())
        for name in sorted(set(labels) - {UNASSIGNED})
    )
    structure = Structure("reproducible", True, None, None, None, None, None, len(groups), None, "")
    frame = pd.DataFrame({"customer_id": ids, "persona": labels}, dtype="str")
    return Personas("", structure, groups, frame, pd.DataFrame(), pd.DataFrame(), (), {})


def respondents(labels: list[str], weights: list[float] | None = None) -> pd.DataFrame:
    ids = [f"r{number:03d}" for number in range(len(labels))]
    return pd.DataFrame({"respondent_id": ids, "id": labels, "weight": weights or [1.0] * len(labels)})


def given_code(people: list[int], code: str = "price", about: str = "barriers") -> pd.DataFrame:
    return pd.DataFrame({"respondent_id": [f"r{number:03d}" for number in people], "about": about, "code": code})


def counted(first: int, second: int, size: int = 50) -> pd.DataFrame:
    """Rows of two personas of ``size`` respondents each, of whom so many were given the code."""
    labels = ["persona-1"] * size + ["persona-2"] * size
    said = given_code([*range(first), *range(size, size + second)])
    return compare_codes(said, respondents(labels), IDS, least=10).set_index("id")


# --- codes -------------------------------------------------------------------------------------------------------


def test_shares_and_katz_interval_counted_by_hand():
    row = counted(30, 15).loc["persona-1"]
    assert (row["n"], row["n_coded"], row["share"], row["share_others"], row["lift"]) == (30, 50, 0.6, 0.3, 2.0)
    error = np.sqrt(1 / 30 - 1 / 50 + 1 / 15 - 1 / 50)
    assert row["ci_low"] == pytest.approx(2 * np.exp(-1.959964 * error), rel=1e-6)
    assert row["ci_high"] == pytest.approx(2 * np.exp(1.959964 * error), rel=1e-6)


def test_only_those_who_answered_a_question_about_it_count():
    """Of each persona 20 say so; of the first 50 answered the question about barriers, of the second 40 of its 80."""
    people = respondents(["persona-1"] * 50 + ["persona-2"] * 80)
    said = given_code([*range(20), *range(50, 70)])
    asked = pd.DataFrame({"respondent_id": people["respondent_id"], "about": ["barriers"] * 90 + ["drivers"] * 40})
    row = compare_codes(said, people, IDS, least=10, asked=asked).set_index("id").loc["persona-1"]
    assert (row["n_coded"], row["share"], row["share_others"]) == (50, 0.4, 0.5)
    of_all = compare_codes(said.assign(about="mindset"), people, IDS, least=10, asked=asked).set_index("id")
    assert of_all.loc["persona-1", "share_others"] == 0.25  # nobody was asked about that, so all count


def test_several_codes_of_one_respondent_count_once_each():
    twice = pd.concat([given_code([*range(20), *range(50, 70)])] * 2)
    codes = compare_codes(twice, respondents(["persona-1"] * 50 + ["persona-2"] * 50), IDS, least=10)
    assert codes["n"].tolist() == [20, 20]
    assert codes["lift"].tolist() == [1.0, 1.0]


def test_weights_count_and_widen_the_interval():
    labels = ["persona-1"] * 50 + ["persona-2"] * 50
    said = given_code([*range(30), *range(50, 65)])
    heavy = [4.0] * 10 + [1.0] * 40 + [1.0] * 50
    weighted = compare_codes(said, respondents(labels, heavy), IDS, least=10).set_index("id").loc["persona-1"]
    assert weighted["share"] == pytest.approx((10 * 4 + 20) / (10 * 4 + 40))
    base = 80**2 / (10 * 16 + 40)  # Kish: 32 of 50
    error = np.sqrt((1 - 0.75) / (0.75 * base) + (1 - 0.3) / (0.3 * 50))
    assert weighted["ci_low"] == pytest.approx(weighted["share"] / 0.3 * np.exp(-1.959964 * error), rel=1e-6)


def test_under_the_smallest_cell_nothing_is_said():
    rows = counted(9, 30)
    assert rows.loc["persona-1", ["n", "share", "lift", "ci_low", "p_value"]].isna().all()
    assert rows.loc["persona-1", "n_coded"] == 50
    few = compare_codes(
        given_code([*range(9), *range(9, 40)]), respondents(["persona-1"] * 9 + ["persona-2"] * 50), IDS, least=10
    )
    assert few["lift"].isna().all()  # nine against the rest, and the rest against nine
    assert few["n_coded"].tolist()[1] == 50
    assert np.isnan(few["n_coded"].tolist()[0])


def test_a_small_cell_among_the_others_cannot_be_worked_out():
    three, none = counted(30, 3).loc["persona-1"], counted(30, 0).loc["persona-1"]
    pd.testing.assert_series_equal(three, none)
    assert three["share_others"] == 10 / 50
    assert three["lift"] == pytest.approx(3.0)


@pytest.mark.parametrize("weights", [[1.0] * 150, [2.0, *[1.0] * 149]])
def test_a_third_group_of_few_cannot_be_had_from_the_shares_of_the_others(weights):
    """30, 3 and 40 of fifty each: the share of the others of the first is 43 of 100, so 3 beside the third's 40.

    With weights that differ no count follows from a share."""
    said, ids = given_code([*range(30), *range(50, 53), *range(100, 140)]), [*IDS, "persona-3"]
    people = respondents([name for name in ids for _ in range(50)], weights)
    rows = compare_codes(said, people, ids, least=10).set_index("id")
    assert rows["n"].fillna(-1).tolist() == [-1 if len(set(weights)) == 1 else 30, -1, 40]
    assert rows["lift"].isna().tolist() == rows["n"].isna().tolist()
    assert rows["n_coded"].tolist() == [50, 50, 50]


def test_those_without_a_persona_are_among_the_others():
    labels = ["persona-1"] * 40 + [UNASSIGNED] * 40
    codes = compare_codes(given_code([*range(20), *range(40, 50)]), respondents(labels), ["persona-1"], least=10)
    assert codes.loc[0, "share_others"] == 10 / 40


def test_p_values_are_corrected_over_the_whole_table():
    labels = ["persona-1"] * 100 + ["persona-2"] * 100
    said = pd.concat([given_code([*range(40), *range(100, 110)], "a"), given_code([*range(30), *range(100, 129)], "b")])
    codes = compare_codes(said, respondents(labels), IDS, least=10)
    ranked = codes["p_value"].sort_values()
    # two personas are each other's others: each p appears twice, the smaller pair is doubled
    assert codes.loc[ranked.index[:2], "p_adjusted"].tolist() == pytest.approx((ranked.iloc[:2] * 2).tolist())
    assert codes.loc[ranked.index[2:], "p_adjusted"].tolist() == pytest.approx(ranked.iloc[2:].tolist())


def test_chance_differences_are_rarely_called_clear():
    rng = np.random.default_rng(4)
    labels = ["persona-1"] * 100 + ["persona-2"] * 100
    clear = 0
    for _ in range(40):
        people = np.flatnonzero(rng.random(200) < 0.3).tolist()
        row = compare_codes(given_code(people), respondents(labels), ["persona-1"], least=10).iloc[0]
        clear += row["ci_low"] > 1 or row["ci_high"] < 1
    assert clear <= 5


def test_errors_of_assignment_are_undone():
    """Two classes say so at .6 and .2; one in five is assigned wrongly, which pulls the shares to .52 and .28."""
    rng = np.random.default_rng(12)
    n = 4_000
    posterior = rng.choice([0.8, 0.2], n)
    second = rng.random(n) < posterior
    said = given_code(np.flatnonzero(rng.random(n) < np.where(second, 0.2, 0.6)).tolist())
    said["respondent_id"] = [f"r{int(name[1:]):03d}" for name in said["respondent_id"]]
    people = respondents(
        np.where(posterior > 0.5, "persona-2", "persona-1").tolist(), rng.choice([0.5, 1.5], n).tolist()
    )
    both = np.column_stack([1 - posterior, posterior])
    placed = pd.DataFrame(bch_weights(both), columns=IDS)
    as_assigned = compare_codes(said, people, IDS, least=10).set_index("id").loc["persona-1"]
    corrected = compare_codes(said, people, IDS, least=10, placed=placed).set_index("id").loc["persona-1"]
    assert (as_assigned["share"], as_assigned["share_others"]) == (
        pytest.approx(0.52, abs=0.03),
        pytest.approx(0.28, abs=0.03),
    )
    assert (corrected["share"], corrected["share_others"]) == (
        pytest.approx(0.6, abs=0.04),
        pytest.approx(0.2, abs=0.04),
    )
    assert corrected["ci_low"] < 3 < corrected["ci_high"]
    assert as_assigned["ci_high"] < 3
    assert corrected[["n", "n_coded"]].tolist() == as_assigned[["n", "n_coded"]].tolist()  # people, as assigned


# --- words -------------------------------------------------------------------------------------------------------


def test_weighted_log_odds_by_hand():
    """Monroe et al. 2008, eq. 16, 20 and 22, for the first of three words."""
    counts, others, prior = np.array([30.0, 60.0, 10.0]), np.array([10.0, 170.0, 20.0]), np.array([4.0, 23.0, 3.0])
    delta = np.log((30 + 4) / (100 + 30 - 30 - 4)) - np.log((10 + 4) / (200 + 30 - 10 - 4))
    expected = delta / np.sqrt(1 / (30 + 4) + 1 / (10 + 4))
    assert expected == pytest.approx(5.3479, abs=1e-4)
    assert weighted_log_odds(counts, others, prior)[0] == pytest.approx(expected)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=2, max_size=8))
def test_what_sets_one_apart_sets_the_other_apart_the_other_way(pairs):
    counts, others = np.array(pairs, dtype=float).T
    prior = counts + others + 1
    np.testing.assert_allclose(weighted_log_odds(counts, others, prior), -weighted_log_odds(others, counts, prior))


def answers(texts: list[str], labels: list[str]) -> pd.DataFrame:
    return respondents(labels).assign(text=texts)


FILLER = ["good shop with nice soap", "nice soap and fast parcel", "fast parcel from the good shop", "the soap is good"]


def test_a_planted_word_is_found_in_its_persona_and_in_any_script():
    labels = ["persona-1"] * 40 + ["persona-2"] * 40
    for planted in ("Дорого", "ძვირია", "گران‌قیمت", "dear"):
        texts = [FILLER[i % 4] + (f" {planted}!" if i < 25 or i == 50 else "") for i in range(80)]
        found = distinctive_words(answers(texts, labels), IDS, least=10, seed=1, draws=99)
        (row,) = found[found["id"] == "persona-1"].to_dict("records")
        assert (row["word"], row["n"]) == (planted.casefold(), 25)
        assert row["z"] > row["threshold"] > 1.5


def test_one_talkative_respondent_is_not_a_word_of_many():
    labels = ["persona-1"] * 40 + ["persona-2"] * 40
    texts = [FILLER[i % 4] for i in range(80)]
    texts[0] = "dear " * 200
    for i in range(40, 52):
        texts[i] += " dear"
    assert (
        "dear"
        not in distinctive_words(answers(texts, labels), ["persona-1"], least=1, seed=1, draws=99)["word"].tolist()
    )


def test_words_of_fewer_people_than_the_smallest_cell_are_not_shown():
    labels = ["persona-1"] * 40 + ["persona-2"] * 40
    texts = [FILLER[i % 4] + (" unusual" if i < 14 or i > 78 else "") for i in range(80)]
    shown = distinctive_words(answers(texts, labels), IDS, least=14, seed=1, draws=99)
    assert shown[["word", "n"]].to_dict("records") == [{"word": "unusual", "n": 14}]
    # fifteen use it, but fourteen of the persona
    assert distinctive_words(answers(texts, labels), IDS, least=15, seed=1, draws=99).empty


def test_without_difference_one_data_set_in_twenty_has_a_distinctive_word():
    """The threshold is the 95 % point over all words and personas: 5 % of data sets, about 4 % measured."""
    rng = np.random.default_rng(8)
    vocabulary = np.array([f"word{chr(97 + i)}{chr(97 + j)}" for i in range(8) for j in range(8)])
    popular = rng.dirichlet(np.full(64, 0.5))  # few words are frequent, as in any language
    labels = ["persona-1"] * 40 + ["persona-2"] * 40
    found = 0
    for seed in range(80):
        texts = [" ".join(rng.choice(vocabulary, rng.poisson(8) + 1, p=popular)) for _ in labels]
        found += len(distinctive_words(answers(texts, labels), IDS, least=5, seed=seed, draws=99)) > 0
    assert found <= 9  # binomial(80, .05): 1 in 100 above


def test_answers_without_words_have_no_distinctive_one():
    labels = ["persona-1"] * 20
    assert distinctive_words(answers(["..."] * 20, labels), IDS, least=10, seed=1).empty
    assert distinctive_words(answers(["soap"] * 20, labels), IDS, least=10, seed=1).empty
    assert distinctive_words(answers(["soap"] * 20, [UNASSIGNED] * 20), IDS, least=10, seed=1).empty


# --- all of it ---------------------------------------------------------------------------------------------------


def survey_of(labels: list[str]) -> Survey:
    """One respondent per customer of ``labels`` and three unknown ones; every second of the first persona says dear."""
    n = len(labels) + 3
    ids = [f"r{number:03d}" for number in range(n)]
    frame = pd.DataFrame(
        {"respondent_id": ids, "weight": 1.0, "diet": ["vegan", np.nan] * (n // 2) + ["vegan"] * (n % 2)}
    )
    frame["customer_id"] = pd.Series([f"c{number:03d}" for number in range(len(labels))] + [np.nan] * 3, dtype="str")
    items = pd.DataFrame({"item": ["diet", "why_not"], "kind": ["categorical", "open"]})
    texts = ["far too dear" if i % 2 == 0 and i < labels.count("persona-1") else "fine soap" for i in range(n)]
    opened = pd.DataFrame({"respondent_id": ids, "question": "why_not", "about": "barriers", "text": texts})
    return Survey(frame, items, opened, pd.DataFrame(), len(labels), 3)


def study_of(tmp_path, codebook: bool = True) -> Study:
    (tmp_path / "codebook.yml").write_text("price: {about: barriers, words: {en: [dear]}}\n", encoding="utf-8")
    source = SurveySource(
        path="survey.csv",
        codebook="codebook.yml" if codebook else None,
    )
    return Study(study="shop", tables=Tables(survey=source), path=tmp_path / "study.yml")


def test_without_a_survey_there_is_no_voice(tmp_path):
    assert hear(None, None, personas(["persona-1"]), study_of(tmp_path)) is None


def test_the_whole_voice_of_a_small_shop(tmp_path):
    labels = ["persona-1"] * 60 + ["persona-2"] * 40
    voice = hear(survey_of(labels), None, personas(labels), study_of(tmp_path))
    assert voice.answered.to_dict("list") == {"id": IDS, "n": [60, 40]}
    first = voice.codes.set_index("id").loc["persona-1"]
    assert (first["about"], first["code"], first["n"], first["n_coded"]) == ("barriers", "price", 30, 60)
    assert first["share"] == 0.5
    assert first["share_others"] == 10 / 43  # nobody else says so, and that nobody does is not told
    assert voice.words.set_index("word").loc[["dear", "far", "too"], "n"].tolist() == [30, 30, 30]


def test_a_survey_without_sales_is_heard_by_respondent(tmp_path):
    labels = ["persona-1"] * 60 + ["persona-2"] * 43
    survey = survey_of(labels[:100])
    survey.answers["customer_id"] = pd.Series(np.nan, index=survey.answers.index, dtype="str")
    voice = hear(survey, None, personas(labels, "r"), study_of(tmp_path, codebook=False))
    assert voice.codes.empty
    assert voice.answered["n"].tolist() == [60, 43]


def test_equal_surveys_give_equal_voices(tmp_path):
    labels = ["persona-1"] * 60 + ["persona-2"] * 40
    heard = [hear(survey_of(labels), None, personas(labels), study_of(tmp_path)) for _ in range(2)]
    for name in ("codes", "words"):
        pd.testing.assert_frame_equal(getattr(heard[0], name), getattr(heard[1], name))


# --- claims ------------------------------------------------------------------------------------------------------


def voice_of(codes: pd.DataFrame, says: str = "") -> Voice:
    empty = pd.DataFrame()
    return Voice(codes.assign(says=says), empty, empty)


def test_claims_say_share_and_n_and_are_held_out():
    codes = counted(90, 40, size=150).reset_index().assign(code="high_price")
    claims = voice_claims(voice_of(codes), personas(["persona-1", "persona-2"]))
    (claim,) = claims["persona-1"]
    assert Words().tell(claim.statement) == (
        "“high price” makes them hesitate: 60 % of the 150 who answered that in their own words say so, "
        "against 27 % of the others."
    )
    assert (claim.section, claim.column, claim.role, claim.unit) == ("barriers", "high_price", "held out", "lift")
    assert (claim.n, claim.estimate, claim.grade) == (150, 90 / 40, "strong")
    assert claim.p_adjusted == codes.loc[0, "p_adjusted"]
    assert claims["persona-2"][0].statement.key == "voice.barriers.code.less"
    assert claims["persona-2"][0].statement.values["share"] == 40 / 150


def test_what_the_number_of_codes_and_groups_explains_sets_nobody_apart():
    codes = counted(90, 40, size=150).reset_index().assign(code="high_price", p_adjusted=0.08)
    (claim,) = voice_claims(voice_of(codes), personas(["persona-1", "persona-2"]))["persona-1"]
    assert claim.statement.key == "voice.barriers.code.same"


@pytest.mark.parametrize("about", ["drivers", "barriers", "mindset"])
def test_a_codebook_that_tells_what_a_code_says_makes_a_sentence_of_it(about):
    voice = voice_of(counted(90, 40, size=150).reset_index().assign(about=about), "it costs too much")
    claims = voice_claims(voice, personas(["persona-1", "persona-2"]))
    first, second = (claims[name][0].statement for name in IDS)
    assert (first.key, second.key) == (f"voice.{about}.says.more", f"voice.{about}.says.less")
    assert first.values["says"] == "it costs too much"


def test_what_is_not_clearly_different_is_said_once_and_left_open():
    labels = ["persona-1"] * 100 + ["persona-2"] * 100
    said = pd.concat([given_code([*range(40), *range(100, 140)], "a"), given_code([*range(50), *range(100, 150)], "b")])
    codes = compare_codes(said, respondents(labels), IDS, least=10)
    (claim,) = voice_claims(voice_of(codes), personas(labels))["persona-1"]
    assert (claim.column, claim.grade) == ("b", "weak")
    assert (claim.statement.key, claim.statement.values["share"]) == ("voice.barriers.code.same", 0.5)


def test_the_clearest_three_of_a_section_are_kept():
    labels = ["persona-1"] * 100 + ["persona-2"] * 100
    said = pd.concat(
        [given_code([*range(20 + 10 * i), *range(100, 112)], f"code{i}") for i in range(5)]
        + [given_code([*range(60), *range(100, 120)], "other", "drivers")]
    )
    claims = voice_claims(voice_of(compare_codes(said, respondents(labels), IDS, least=10)), personas(labels))
    assert [claim.column for claim in claims["persona-1"]] == ["code4", "code3", "code2", "other"]


def test_a_persona_that_said_too_little_has_no_claim():
    codes = counted(9, 30).reset_index()
    assert voice_claims(voice_of(codes), personas(["persona-1", "persona-2"]))["persona-1"] == ()


def test_the_cards_are_handed_claims_and_quotes_by_group_and_nothing_without_a_survey():
    quoted = pd.DataFrame([("persona-1", "high_price", "So dear.")], columns=["id", "code", "text"])
    voice = replace(voice_of(counted(90, 40, size=150).reset_index()), quotes=quoted)
    people = personas(["persona-1", "persona-2"])
    handed = for_cards(voice, people)
    assert handed.claims == voice_claims(voice, people)
    assert handed.quotes == {"persona-1": (Quote("So dear.", "high_price"),)}
    assert for_cards(None, people) == Handed()
