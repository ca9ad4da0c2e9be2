"""How far a division can be relied on: the tables and sentences of notebook 04, from numbers counted by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from helpers.report import stability
from helpers.report.findings import groups_frame
from helpers.report.stability import between_frame, prevalence_frame, sentences, ties_frame
from helpers.words import Words

WORDS = Words()


@pytest.fixture
def personas(sample):
    """Three clustered groups, and customers of whom twenty lie between the first two and four between the others."""
    groups = [group for group in sample.make_groups() if not group.structural][:3]
    groups = [
        replace(group, id=f"p{i}", handle=name) for i, (group, name) in enumerate(zip(groups, "ABC", strict=True))
    ]
    groups[0] = replace(groups[0], n=100, within=0.9, across=0.75, prevalence=(1.0, 0.6, 0.2), answered=4)
    groups[1] = replace(groups[1], n=60, within=0.8, across=0.5, prevalence=(0.9, 0.5, 0.1), answered=30)
    groups[2] = replace(groups[2], n=40, within=0.7, across=0.4, prevalence=(0.8, 0.4), answered=40)
    posterior = [[0.9, 0.1, 0]] * 150 + [[0.7, 0.3, 0]] * 12 + [[0.2, 0.8, 0]] * 8 + [[0, 0.25, 0.75]] * 4
    posterior += [[0, 0.01, 0.99]] * 26 + [[np.nan] * 3] * 50
    assignments = pd.DataFrame(posterior, columns=["p_p0", "p_p1", "p_p2"])
    ties = pd.DataFrame({"id": ["p0", "p1", "p2"], "n": [100, 60, 40], "moved": [25, 12, 0], "to": ["p1", "p0", None]})
    choice = pd.DataFrame({"k": [2, 3], "bootstrap_ari": [0.9, 0.81]})
    found = sample.make_personas(tuple(groups))
    return replace(found, assignments=assignments, near_ties=ties, choice=choice)


def test_near_ties_name_the_groups_and_where_their_members_would_go(personas):
    ties = ties_frame(personas)
    assert ties["handle"].tolist() == ["A", "B", "C"]
    assert ties["share"].tolist() == [0.25, 0.2, 0]
    assert ties["to"].fillna("").tolist() == ["B", "A", ""]
    told = sentences(personas, 10, WORDS)["ties"]
    assert told.endswith("would move 25 % of “A” (most of them to “B”) and 20 % of “B” (most of them to “A”).")


def test_near_ties_too_few_to_be_counted_and_none_at_all(personas):
    few = replace(personas, near_ties=personas.near_ties.assign(moved=[np.nan, np.nan, 0], to=None))
    assert "some of “A” (too few to be counted) and some of “B”" in sentences(few, 10, WORDS)["ties"]
    none = replace(personas, near_ties=personas.near_ties.assign(moved=0.0, to=None))
    assert sentences(none, 10, WORDS)["ties"].endswith("put every customer in the same group.")


def test_people_between_are_counted_by_pair_of_groups_whichever_is_the_likelier(personas):
    pairs = between_frame(personas, 2)
    assert pairs["between"].tolist() == ["A / B", "B / C"]
    assert pairs["n"].tolist() == [20, 4]
    assert pairs["share"].tolist() == [0.1, 0.02]  # of the 200 whom the model placed
    assert sentences(personas, 2, WORDS)["between"].endswith("A / B (10 %) and B / C (2 %).")


def test_a_pair_with_few_people_takes_another_with_it(personas):
    assert between_frame(personas, 10)[["n", "share"]].isna().all(axis=None)
    assert "Too few" in sentences(personas, 10, WORDS)["between"]


def test_prevalence_leaves_out_what_too_few_match(personas):
    frame = prevalence_frame(personas, 10)
    assert frame[frame["handle"] == "B"]["share"].tolist() == [0.9, 0.5]
    told = sentences(personas, 10, WORDS)["prevalence"]
    assert told.startswith("Few real people match their whole card: 20 % of “A”, fewer than 10 people of “B” and 40 %")
    assert "80 % match at least one" in told
    many = replace(personas, groups=tuple(replace(group, prevalence=(1.0, 0.9)) for group in personas.groups))
    assert sentences(many, 10, WORDS)["prevalence"].startswith("Not everybody matches")


def test_stability_over_the_numbers_of_groups_and_of_each_group(personas):
    told = sentences(personas, 10, WORDS)
    assert "into 3 groups at 0.81 on average" in told["choice"]
    assert "would place 12 % of the customers elsewhere" in told["choice"]
    assert told["choice"].endswith("0.90 with 2 and 0.81 with 3.")
    assert told["groups"].endswith("“A” 0.90 and 0.75, “B” 0.80 and 0.50 and “C” 0.70 and 0.40.")


def test_tiers_say_that_there_is_nothing_to_repeat(personas, sample):
    structure = replace(sample.make_structure("not supported"), would_move=None)
    tiers = replace(personas, near_ties=personas.near_ties.iloc[:0], structure=structure)
    told = sentences(tiers, 10, WORDS)
    assert "plain tiers" in told["ties"] == told["groups"] == told["between"]
    assert told["choice"].startswith("No number of groups comes back")
    assert "too few people" in sentences(replace(tiers, choice=pd.DataFrame()), 10, WORDS)["choice"]
    assert between_frame(tiers, 10).empty
    assert ties_frame(tiers).empty


def test_few_answers_of_a_group_are_not_told(personas):
    assert groups_frame(personas, 10)["answered"].fillna(-1).tolist() == [-1, 30, 40]


def test_a_person_lies_between_from_one_fifth_on(personas):
    edge = replace(
        personas,
        assignments=pd.DataFrame([[0.81, 0.19, 0]] * 5 + [[0.8, 0.2, 0]] * 5, columns=["p_p0", "p_p1", "p_p2"]),
    )
    assert between_frame(edge, 2)["n"].tolist() == [5]
    assert stability.BETWEEN == 0.2
