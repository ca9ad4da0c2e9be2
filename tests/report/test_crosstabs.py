"""Crosstabs: cells counted by hand, letters as another library tests them, few people withheld, no circular test."""

from dataclasses import replace
from types import SimpleNamespace

import pandas as pd
import pytest
from statsmodels.stats.proportion import proportions_ztest

from helpers.contracts import StudyError
from helpers.report.crosstabs import crosstabs, differences
from helpers.words import Words

WORDS = Words("en", "EUR")


def made(answers, *, kind="categorical", defining=(), banners=(), persona=None, weight=1.0):
    """Crosstabs of one question asked of a hundred people, fifty of each of two personas."""
    ids = [f"r{n:03}" for n in range(len(answers))]
    frame = pd.DataFrame({"respondent_id": ids, "customer_id": pd.NA, "weight": weight, "q": answers})
    survey = SimpleNamespace(answers=frame, items=pd.DataFrame({"item": ["q"], "kind": [kind], "question": ["Why?"]}))
    placed = pd.DataFrame({"customer_id": ids, "persona": persona or ["a"] * 50 + ["b"] * 50})
    groups = tuple(SimpleNamespace(id=name, handle=f"The {name}") for name in ("a", "b"))
    personas = SimpleNamespace(assignments=placed, groups=groups, defining=defining)
    study = SimpleNamespace(privacy=SimpleNamespace(min_cell=10), crosstabs=SimpleNamespace(banners=list(banners)))
    return WORDS.told(crosstabs(None, survey, personas, study).cells)


YES_NO = ["yes"] * 40 + ["no"] * 10 + ["yes"] * 20 + ["no"] * 30


def cell(cells, option, letter):
    return cells[(cells["option"] == option) & (cells["letter"] == letter)].iloc[0]


def test_cells_are_counted_by_hand():
    cells = made(YES_NO)
    assert (cell(cells, "yes", "")["base"], cell(cells, "yes", "")["value"]) == (100, 0.60)
    assert (cell(cells, "yes", "A")["count"], cell(cells, "yes", "A")["value"]) == (40, 0.80)
    assert cell(cells, "no", "B")["value"] == 0.60


def test_letters_follow_the_test_of_two_proportions_with_holm():
    """p of 40 in 50 against 20 in 50 is .00004; two options make two pairs."""
    p = proportions_ztest([40, 20], [50, 50])[1]
    assert 2 * p < 0.05
    cells = made(YES_NO)
    assert (cell(cells, "yes", "A")["higher_than"], cell(cells, "yes", "B")["higher_than"]) == ("B", "")
    assert cell(cells, "no", "B")["higher_than"] == "A"
    near = made(["yes"] * 30 + ["no"] * 20 + ["yes"] * 20 + ["no"] * 30)  # p = .046, and .09 after Holm
    assert 0.04 < proportions_ztest([30, 20], [50, 50])[1] < 0.05
    assert set(near["higher_than"]) == {""}


def test_what_made_the_personas_bears_no_letters():
    cells = made(YES_NO, defining=("q",))
    assert set(cells["higher_than"]) == {"-"}
    assert cell(cells, "yes", "A")["value"] == 0.80


def test_few_people_are_withheld_and_cannot_be_had_by_subtraction():
    """Nine of persona a say no: the cell goes, and so does their yes, which the base would give it away by."""
    cells = made(["yes"] * 41 + ["no"] * 9 + ["yes"] * 20 + ["no"] * 30)
    assert pd.isna(cell(cells, "no", "A")["value"])
    assert pd.isna(cell(cells, "yes", "A")["value"])
    assert pd.isna(cell(cells, "no", "B")["value"])


def test_a_mean_is_weighted_and_compared_by_welch():
    scale = [5.0] * 25 + [4.0] * 25 + [2.0] * 25 + [1.0] * 25
    cells = made(scale, kind="likert")
    assert cell(cells, "", "A")["value"] == 4.5
    assert cell(cells, "", "A")["higher_than"] == "B"
    heavy = made(scale, kind="likert", weight=[3.0] * 25 + [1.0] * 75)
    assert cell(heavy, "", "A")["value"] == pytest.approx((3 * 5 + 4) / 4)


def test_a_notebook_shows_differences_only():
    found = differences(made(YES_NO))
    assert found[["option", "group", "higher_than"]].values.tolist() == [["yes", "The a", "B"], ["no", "The b", "A"]]


def test_a_banner_that_is_not_there_is_named(sample):
    study = sample.make_study()
    study = study.model_copy(update={"crosstabs": study.crosstabs.model_copy(update={"banners": ["contry"]})})
    with pytest.raises(
        StudyError, match=r"crosstabs\.banners: no column 'contry' of customers; did you mean 'country'"
    ):
        crosstabs(sample.make_customers(), None, replace(sample.make_personas()), study)
