"""Answers that tell nothing make no persona: one mark, yes to all, yes to both sides, half a page, a tool's note."""

import numpy as np
import pandas as pd
import pytest
import worlds

from helpers.survey.answering import noted_by_the_tool
from helpers.survey.survey import code_survey
from helpers.types.answer_columns import (
    answers_that_count,
    category_units,
    learn_ratings,
    likert_units,
    prepare_survey,
    tells_nothing,
)
from helpers.types.pool import gather
from helpers.types.prepare import gate_matrix

ITEMS = list("abcd")


def rated(*rows):
    return pd.DataFrame(rows, columns=ITEMS, dtype=float)


def test_who_skipped_what_few_agree_to_has_no_other_level():
    all_four = rated((4, 4, 0, 0), (3, 3, 1, 1), (4, 3, 1, 0))
    rule = learn_ratings(all_four, ITEMS, [], 4.0) | {"flat": []}
    half = rated((4, 4, np.nan, np.nan))
    told, known = likert_units(half, rule).iloc[0], likert_units(all_four, rule).iloc[0]
    # the means are 11/3, 10/3, 2/3, 1/3: over a and b the half lies 1/2 above all, 4 - 11/3 - 1/2 = -1/6
    np.testing.assert_allclose(told[["a", "b"]], [-1 / 6, 1 / 6])
    np.testing.assert_allclose(known, [1 / 3, 2 / 3, -2 / 3, -1 / 3])


def test_yes_to_both_sides_is_taken_out_where_a_question_is_turned():
    rule = {"items": ITEMS, "row_centred": True, "centres": [2.0] * 4, "turned": ["b", "d"], "span": 4.0}
    agrees = likert_units(rated((4, 0, 4, 0), (3, 1, 3, 1)), rule)  # as asked 4 4 4 4 and 3 3 3 3
    opinion = likert_units(rated((4, 4, 4, 4)), rule)  # as asked 4 0 4 0
    assert np.abs(agrees).to_numpy().max() == 0
    np.testing.assert_allclose(opinion, [[2, 2, 2, 2]])


def test_the_same_mark_tells_nothing_and_four_answers_must_be_the_very_same():
    rng = np.random.default_rng(1)
    honest = pd.DataFrame(rng.integers(0, 5, (200, 10)).astype(float), columns=list("abcdefghij"))
    ten, four = (learn_ratings(honest[items], items, [], 4.0) for items in (list(honest), ITEMS))
    same, nearly = [2.0] * 10, [2.0] * 9 + [3.0]
    given = pd.DataFrame([same, nearly, [0.0, 4.0] * 5], columns=list(honest))
    assert tells_nothing(given, ten, []).tolist() == [True, True, False]
    assert likert_units(given, ten).isna().all(axis=1).tolist() == [True, True, False]
    assert tells_nothing(rated((2, 2, 2, 2), (2, 2, 2, 3)), four, []).tolist() == [True, False]
    assert tells_nothing(honest, ten, []).mean() < 0.03


def test_fewer_than_four_equal_ratings_are_an_opinion():
    three = pd.DataFrame({"a": [4.0, 0, 2], "b": [4.0, 1, 0], "c": [4.0, 3, 1]})
    assert not tells_nothing(three, learn_ratings(three, list("abc"), [], 4.0), []).any()


@pytest.mark.parametrize(("ticked_all", "nothing"), [(40, True), (0, False)])
def test_yes_to_all_is_no_answer_where_a_heap_of_people_says_so(ticked_all, nothing):
    rng = np.random.default_rng(2)
    names = [f"q{i}" for i in range(8)]
    ticks = pd.DataFrame((rng.random((200, 8)) < 0.4).astype(float), columns=names)
    ticks.iloc[:ticked_all] = 1.0
    _, rules, _ = prepare_survey(ticks, pd.Series("tick", names), names, 20)
    everything = pd.DataFrame(1.0, index=[0], columns=names)
    assert tells_nothing(everything, None, rules).item() is nothing
    assert category_units(everything, rules).isna().to_numpy().all() == nothing
    assert not category_units(everything * 0, rules).isna().to_numpy().any()


def test_the_last_page_is_a_note_of_the_tool_and_a_question_at_the_end_is_not():
    stopped = np.arange(40) < 10
    answered = pd.DataFrame(True, index=range(40), columns=["a", "b", "c", "d", "page", "diet"])
    answered.loc[stopped, ["b", "c", "d"]] = False
    page = pd.Series(np.where(stopped, "1", "2"))
    diet = pd.Series(["fish", "meat"] * 20).mask(stopped)
    answered["diet"] = diet.notna()
    assert noted_by_the_tool(answered, {"page": page, "diet": diet}, 5) == ["page"]
    assert noted_by_the_tool(answered, {"page": page}, 11) == []


@pytest.mark.parametrize("name", ["same_mark_all_the_way", "stopped_after_a_page", "sped", "said_yes_to_all"])
def test_they_take_no_part_in_what_makes_the_personas(name):
    base = worlds.every()[name].make(np.random.default_rng(4), 300)
    study, tables = worlds.study_of(base, 1), worlds.tables_of(base)
    pool = gather(None, code_survey(tables, study), study)
    who = base.nuisance[pool.answers.index.str[1:].astype(int)]
    assert who[pool.fit].mean() < 0.02
    assert (~who)[pool.fit].sum() > 0.95 * (~who).sum()
    assert "Last page" not in pool.prepared.defining
    assert any(note.key == "personas.method.careless" for note in pool.notes)


def test_who_cannot_have_read_the_questions_is_placed_by_no_answer():
    base = worlds.every()["sped"].make(np.random.default_rng(4), 300)
    study, tables = worlds.study_of(base, 1), worlds.tables_of(base)
    survey = code_survey(tables, study)
    counted = answers_that_count(survey)
    hurried = (survey.behaviour["left_out"] == "hurried").to_numpy()
    assert 30 < hurried.sum() < 90
    assert counted.loc[hurried, "q01"].isna().all()
    assert counted["respondent_id"].tolist() == survey.answers["respondent_id"].tolist()
    assert counted.loc[~hurried, "q01"].equals(survey.answers.loc[~hurried, "q01"])


def test_others_are_measured_by_the_means_of_those_who_were_judged():
    base = worlds.every()["one_opinion"].make(np.random.default_rng(4), 120)
    study, tables = worlds.study_of(base, 1), worlds.tables_of(base)
    prepared = gather(None, code_survey(tables, study), study).prepared
    some = np.arange(60)
    whole = gate_matrix(prepared, by=prepared.at(some))
    np.testing.assert_allclose(whole[some], gate_matrix(prepared.at(some)))
