"""What is read aloud of a figure tells its finding: the numbers of the largest, by hand."""

import re

import numpy as np
import pandas as pd
import pytest

from helpers.pages import alternatives
from helpers.report.exhibits import Exhibit
from helpers.run.stages import exhibits
from helpers.words import Words, catalogue

DRAWN = sorted(name for name, exhibit in exhibits().items() if exhibit.draw and not exhibit.alt)


@pytest.mark.parametrize("name", DRAWN)
def test_every_figure_has_a_finding_and_a_sentence_with_a_number_for_it(name):
    exhibit, (file, _, own) = exhibits()[name], name.partition(".")
    assert exhibit.largest or exhibit.told_by
    template = catalogue("en")[f"{file}.exhibit.{own}.alt"]
    assert re.search(r"\{[\w.]+:(number|count|percent|points|money|ratio|times)", template)


def alt(name: str, frame: pd.DataFrame) -> str:
    file, _, own = name.partition(".")
    told = alternatives.finding(exhibits()[name], frame)
    return Words("en", "EUR").say(f"{file}.exhibit.{own}.alt", each="A", **told)


SIZES = pd.DataFrame(
    {"handle": ["A", "B", "C"], "share": [0.2, 0.5, 0.3], "ci_low": [0.1, 0.4, 0.2], "ci_high": [0.3, 0.6, 0.4]}
)


def test_the_largest_and_the_smallest_are_told_with_the_interval():
    assert alt("personas.sizes", SIZES) == (
        "Share of customers in each of 3 groups: from 20 % in “A” to 50 % in “B” (40 to 60 %)."
    )


def test_what_may_not_be_shown_is_not_told():
    assert "C" not in str(alternatives.extremes(SIZES.assign(share=[0.2, 0.5, np.nan]), "share", "handle"))
    assert alt("personas.between_drawn", pd.DataFrame({"between": ["A / B"], "share": [np.nan]})).endswith(
        "between – (–)."
    )


def test_half_as_much_is_as_far_from_none_as_twice_as_much():
    lifts = pd.DataFrame({"name": ["more", "less"], "lift": [2.0, 0.4]})
    assert alternatives.extremes(lifts, "lift", "name")["far"] == "less"
    points = pd.DataFrame({"name": ["more", "less"], "points": [2.0, -3.0]})
    assert alternatives.extremes(points, "points", "name")["far_value"] == -3


def test_a_feature_that_is_no_ratio_is_left_out_as_in_the_figure():
    row = {"handle": "A", "ci_low": 1.5, "ci_high": 9.0}
    rows = [
        {"column": "margin", "measure": "difference", "lift": 8.0},
        {"column": "visits", "measure": "lift", "lift": 2.0},
    ]
    assert "visits, 2.0 times" in alt("personas.lifts", pd.DataFrame([one | row for one in rows]))


def test_the_busiest_hour_of_the_week_is_told():
    counts = pd.DataFrame([[1, 1], [6, 2]], index=["Monday", "Tuesday"], columns=[9, 10])
    assert alt("customers.moments", counts).endswith("60.0 %, in the hour that begins on Tuesday at 9.")


def test_changes_since_the_report_before_are_told():
    matches = pd.DataFrame({"id": ["p1", "p2"], "share": [0.3, 0.2], "previous_share": [0.32, 0.1]})
    assert alt("drift.matches_drawn", matches).endswith("p2 changed most, by 10.0 points.")
    negatives = pd.DataFrame({"handle": ["Many returns"], "share": [0.1], "share_before": [0.15]})
    assert alt("drift.negatives_drawn", negatives).endswith("Many returns changed most, by −5.0 points.")
    moves = pd.DataFrame({"was": ["a", "a"], "to": ["a", "b"], "share": [0.9, 0.1], "by_chance": [0.8, 0.2]})
    assert alt("drift.migration_drawn", moves).endswith("the largest move is a: b (10 %).")


def test_without_a_column_to_tell_nothing_is_told():
    assert alternatives.finding(Exhibit("a.b"), SIZES) == {}
