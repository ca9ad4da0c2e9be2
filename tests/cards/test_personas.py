"""Divisions described: the groups, their sizes and roles; other ids everywhere at once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from helpers.cards.personas import rename
from helpers.cards.profile import find_personas
from helpers.types.placing import assign
from helpers.types.pool import ONE_ORDER


def test_groups_stand_in_falling_size_and_those_by_rule_last(planted):
    groups = planted.personas.groups
    assert [group.id for group in groups] == ["persona-1", "persona-2", "persona-3", ONE_ORDER]
    assert [group.kind for group in groups] == ["persona"] * 3 + ["segment"]
    sizes = [group.n for group in groups[:3]]
    assert sizes == sorted(sizes, reverse=True)
    assert all(0.5 < group.within <= 1 for group in groups[:3])
    assert (groups[3].structural, groups[3].within, groups[3].across) == (True, None, None)


def test_groups_and_assignments_tell_the_same_story(planted):
    counts = planted.personas.assignments["persona"].value_counts()
    answered = planted.personas.assignments.groupby("persona")["answered"].sum()
    for group in planted.personas.groups:
        assert (group.n, group.answered) == (counts[group.id], answered[group.id])
        assert group.share == pytest.approx(group.n / 700)
        assert group.ci_low < group.share < group.ci_high
    assert planted.personas.assignments["customer_id"].tolist() == sorted(planted.customers.features["customer_id"])


def test_respondents_without_sales_have_no_share_of_revenue(simulate, a_study):
    _, survey, _ = simulate(seed=8, n=200, separation=1.6, respondents=0.8)
    anonymous = replace(survey, answers=survey.answers.assign(customer_id=np.nan))
    found = find_personas(None, anonymous, a_study(), bootstrap=2, null_draws=3)
    assert [group.revenue_share for group in found.groups] == [None] * len(found.groups)


def test_answers_that_did_not_make_the_groups_describe_them(simulate, a_study):
    customers, survey, _ = simulate(seed=8, n=420, respondents=0.2)
    profile = find_personas(customers, survey, a_study(), bootstrap=8, null_draws=3).profile
    assert set(profile.loc[profile["source"] == "survey", "role"]) == {"held out"}


def test_tiers_by_value_are_segments_and_what_follows_from_value_is_no_test(simulate, a_study):
    customers, _, _ = simulate(seed=8, n=95)
    waiting = tuple(f"w{i:02d}" for i in range(12))
    found = find_personas(replace(customers, no_order=waiting), None, a_study())
    assert {group.kind for group in found.groups} == {"segment"}
    assert found.groups[-1].share == pytest.approx(12 / 107)
    assert set(found.profile.loc[found.profile["column"] == "margin", "role"]) == {"defining"}


def test_ids_are_renamed_everywhere_at_once(planted):
    swapped = rename(planted.personas, {"persona-1": "persona-2", "persona-2": "persona-1", ONE_ORDER: "once"})
    assert [group.id for group in swapped.groups] == ["persona-2", "persona-1", "persona-3", "once"]
    before, after = planted.personas.assignments, swapped.assignments
    assert (after["persona"] == "persona-2").sum() == (before["persona"] == "persona-1").sum()
    assert after["p_persona-2"].equals(before["p_persona-1"])
    assert swapped.near_ties["id"].tolist() == ["persona-2", "persona-1", "persona-3"]
    counts = planted.personas.profile["id"].value_counts()
    assert swapped.profile["id"].value_counts()["once"] == counts[ONE_ORDER]
    again = assign(swapped.model, planted.customers.features, planted.survey.answers)
    assert (again["persona"].to_numpy() == after["persona"].to_numpy()).all()
    with pytest.raises(ValueError, match="share an id"):
        rename(planted.personas, {"persona-1": "persona-3"})
