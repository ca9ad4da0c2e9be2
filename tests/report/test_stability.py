"""How far a division can be relied on: the tables and messages of notebook 04, from numbers counted by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from helpers.report import stability
from helpers.report.stability import between_frame, how_stable, prevalence_frame, ties_frame
from helpers.report.tables import groups_frame
from helpers.study import Privacy, Study
from helpers.words import Said, Words


@pytest.fixture
def personas(sample):
    """Three clustered groups, and customers of whom twenty lie between the first two and six between the others."""
    groups = [group for group in sample.make_groups() if not group.structural][:3]
    groups = [
        replace(group, id=f"p{i}", handle=name) for i, (group, name) in enumerate(zip(groups, "ABC", strict=True))
    ]
    groups[0] = replace(groups[0], n=100, within=0.9, across=0.75, prevalence=(1.0, 0.6, 0.2), answered=4)
    groups[1] = replace(groups[1], n=60, within=0.8, across=0.5, prevalence=(0.9, 0.5, 0.1), answered=30)
    groups[2] = replace(groups[2], n=40, within=0.7, across=0.4, prevalence=(0.8, 0.4), answered=40)
    posterior = [[0.9, 0.1, 0]] * 150 + [[0.7, 0.3, 0]] * 12 + [[0.2, 0.8, 0]] * 8 + [[0, 0.25, 0.75]] * 6
    posterior += [[0, 0.01, 0.99]] * 24 + [[np.nan] * 3] * 50
    assignments = pd.DataFrame(posterior, columns=["p_p0", "p_p1", "p_p2"])
    ties = pd.DataFrame({"id": ["p0", "p1", "p2"], "n": [100, 60, 40], "moved": [25, 12, 0], "to": ["p1", "p0", None]})
    choice = pd.DataFrame({"k": [2, 3], "bootstrap_ari": [0.9, 0.81]})
    found = sample.make_personas(tuple(groups))
    return replace(found, assignments=assignments, near_ties=ties, choice=choice)


@pytest.fixture
def least_of(sample):
    """The made-up study with another smallest cell."""

    def study(least: int) -> Study:
        return sample.make_study().model_copy(update={"privacy": Privacy(min_cell=least)})

    return study


def rows(said: Said, name: str = "parts") -> list[dict]:
    """What fills each of the messages that a message lists."""
    return [part.values for part in said.values[name]]


def test_near_ties_name_the_groups_and_where_their_members_would_go(personas, least_of):
    ties = ties_frame(personas)
    assert ties["handle"].tolist() == ["A", "B", "C"]
    assert ties["share"].tolist() == [0.25, 0.2, 0]
    assert ties["to"].fillna("").tolist() == ["B", "A", ""]
    told = how_stable(personas, least_of(10)).ties
    assert told.key == "stability.ties"
    assert rows(told) == [{"share": 0.25, "handle": "A", "to": "B"}, {"share": 0.2, "handle": "B", "to": "A"}]


def test_near_ties_too_few_to_be_counted_and_none_at_all(personas, least_of):
    few = replace(personas, near_ties=personas.near_ties.assign(moved=[np.nan, np.nan, 0], to=None))
    parts = how_stable(few, least_of(10)).ties.values["parts"]
    assert [(part.key, part.values) for part in parts] == [("stability.tie_few", {"handle": name}) for name in "AB"]
    none = replace(personas, near_ties=personas.near_ties.assign(moved=0.0, to=None))
    assert how_stable(none, least_of(10)).ties.key == "stability.no_ties"


def test_people_between_are_counted_by_pair_of_groups_whichever_is_the_likelier(personas, least_of):
    pairs = between_frame(personas, least_of(5))
    assert [pair.values for pair in pairs["between"]] == [{"a": "A", "b": "B"}, {"a": "B", "b": "C"}]
    assert pairs["n"].tolist() == [20, 6]
    assert pairs["share"].tolist() == [0.1, 0.03]  # of the 200 whom the model placed
    told = how_stable(personas, least_of(5)).between
    assert (told.key, told.values["low"]) == ("stability.between", 0.2)
    assert [row["share"] for row in rows(told)] == [0.1, 0.03]
    assert Words().tell(told).endswith("A / B (10 %) and B / C (3 %).")


def test_a_pair_with_few_people_takes_another_with_it(personas, least_of):
    assert between_frame(personas, least_of(10))[["n", "share"]].isna().all(axis=None)
    assert how_stable(personas, least_of(10)).between.key == "stability.between_few"


def test_prevalence_leaves_out_what_too_few_match(personas, least_of):
    frame = prevalence_frame(personas, least_of(10))
    assert frame[frame["handle"] == "B"]["share"].tolist() == [0.9, 0.5]
    told = how_stable(personas, least_of(10)).prevalence
    assert (told.key, told.values["first"]) == ("stability.prevalence_few", 0.8)
    assert rows(told) == [{"share": 0.2, "handle": "A"}, {"least": 10, "handle": "B"}, {"share": 0.4, "handle": "C"}]
    many = replace(personas, groups=tuple(replace(group, prevalence=(1.0, 0.9)) for group in personas.groups))
    assert how_stable(many, least_of(10)).prevalence.key == "stability.prevalence_some"


def test_stability_over_the_numbers_of_groups_and_of_each_group(personas, least_of):
    told = how_stable(personas, least_of(10))
    assert told.choice.key == "stability.choice"
    assert {name: told.choice.values[name] for name in ("k", "ari", "moved")} == {"k": 3, "ari": 0.81, "moved": 0.12}
    assert rows(told.choice, "others") == [{"ari": 0.9, "k": 2}, {"ari": 0.81, "k": 3}]
    assert [tuple(row.values()) for row in rows(told.groups)] == [("A", 0.9, 0.75), ("B", 0.8, 0.5), ("C", 0.7, 0.4)]


def test_tiers_say_that_there_is_nothing_to_repeat(personas, sample, least_of):
    structure = replace(sample.make_structure("not supported"), would_move=None)
    tiers = replace(personas, near_ties=personas.near_ties.iloc[:0], structure=structure)
    told = how_stable(tiers, least_of(10))
    assert {told.ties.key, told.groups.key, told.between.key} == {"stability.tiers"}
    assert told.choice.key == "stability.choice_none"
    untried = replace(tiers, choice=pd.DataFrame())
    assert how_stable(untried, least_of(10)).choice.key == "stability.choice_too_few"
    assert between_frame(tiers, least_of(10)).empty
    assert ties_frame(tiers).empty


def test_few_answers_of_a_group_are_not_told(personas, least_of):
    assert groups_frame(personas, least_of(10))["answered"].fillna(-1).tolist() == [-1, 30, 40]


def test_a_person_lies_between_from_one_fifth_on(personas, least_of):
    edge = replace(
        personas,
        assignments=pd.DataFrame([[0.81, 0.19, 0]] * 5 + [[0.8, 0.2, 0]] * 5, columns=["p_p0", "p_p1", "p_p2"]),
    )
    assert between_frame(edge, least_of(5))["n"].tolist() == [5]
    assert stability.BETWEEN == 0.2
