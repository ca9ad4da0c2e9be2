"""Identity from run to run, and changes told apart from noise."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from helpers.changed import Drift
from helpers.contracts import UNASSIGNED
from helpers.customers.windows import Windows
from helpers.previous import Previous
from helpers.since.drift import Scored, compare, homogeneity
from helpers.since.identity import ids_used, match_ids, with_ids_kept
from helpers.since.shift import Shift
from helpers.words import Said, Words, say


def told(drift: Drift, key: str) -> list[Said]:
    """The sentences of this key in a statement."""
    said = drift.statement
    return [part for part in (said.values["parts"] if said.key == "" else (said,)) if part.key == f"drift.{key}"]


def assignments(labels: list[str], first: int = 0) -> pd.DataFrame:
    """One customer per label, ids counting from ``first``."""
    ids = [f"c{number:05d}" for number in range(first, first + len(labels))]
    return pd.DataFrame({"customer_id": ids, "persona": labels}, dtype="str")


def groups(shares: dict[str, float], lifts: dict[str, dict[str, float]] | None = None) -> dict:
    """What of today's groups is compared where members are not known."""
    return {
        name: {
            "size": {"share": share},
            "claims": [{"column": c, "unit": "lift", "estimate": v} for c, v in (lifts or {}).get(name, {}).items()],
        }
        for name, share in shares.items()
    }


def publication(
    sizes: dict[str, int], lifts: dict[str, dict[str, float]] | None = None, noise: float | None = 0.1
) -> dict:
    """personas.json with a card per size; the coverage is their sum and 100 without a persona."""
    total = sum(sizes.values()) + 100
    cards = [
        {
            "id": name,
            "kind": "persona",
            "handle": f"The {name}",
            "size": {"n": n, "share": n / total, "ci_low": 0.0, "ci_high": 1.0},
            "claims": [
                {"column": column, "unit": "lift", "estimate": value}
                for column, value in (lifts or {}).get(name, {}).items()
            ],
        }
        for name, n in sizes.items()
    ]
    negative = {"id": "negative-1", "kind": "negative", "handle": "x", "size": {"n": 5, "share": 0.0}, "claims": []}
    return {
        "run_id": "run-1",
        "structure": {"would_move": noise},
        "coverage": {"customers": total},
        "personas": [*cards, negative],
    }


# --- Stuart-Maxwell ----------------------------------------------------------------------------------------------


def test_an_id_stays_in_both_unless_its_group_has_gone_on_under_another():
    cards = groups({"persona-1": 0.5, "persona-2": 0.5})
    assert with_ids_kept({}, cards, cards)["persona-1"] == ("persona-1", None)
    paired = {"persona-2": ("persona-1", 0.9)}
    assert with_ids_kept(paired, cards, cards) == paired


def test_homogeneity_gives_the_published_value_for_unaided_distance_vision():
    """7,477 women, right eye by left eye (Stuart 1953; Stuart 1955, Biometrika 42: chi-square 11.96 on 3 degrees)."""
    vision = [[1520, 266, 124, 66], [234, 1512, 432, 78], [117, 362, 1772, 205], [36, 82, 179, 492]]
    statistic, p = homogeneity(pd.DataFrame(vision))
    assert np.sum(vision) == 7477
    assert statistic == pytest.approx(11.957, abs=0.001)
    assert p == pytest.approx(0.007533, abs=1e-6)


def test_homogeneity_of_two_states_is_mcnemar():
    assert homogeneity(pd.DataFrame([[50, 30], [10, 60]]))[0] == pytest.approx((30 - 10) ** 2 / (30 + 10))


def test_homogeneity_leaves_out_states_that_nobody_entered_or_left():
    with_idle_state = pd.DataFrame([[50, 30, 0], [10, 60, 0], [0, 0, 40]])
    assert homogeneity(with_idle_state) == pytest.approx(homogeneity(pd.DataFrame([[50, 30], [10, 60]])))


def test_homogeneity_without_any_move_is_certain():
    assert homogeneity(pd.DataFrame(np.diag([10, 20, 30]))) == (0.0, 1.0)


@pytest.mark.parametrize("order", [[0, 1, 2, 3], [2, 3, 0, 1]])
def test_homogeneity_is_defined_when_moves_fall_into_two_separate_pairs(order):
    moves = pd.DataFrame([[100, 9, 0, 0], [9, 100, 0, 0], [0, 0, 100, 60], [0, 0, 5, 100]]).iloc[order, order]
    statistic, p = homogeneity(moves)
    assert 30 < statistic < (60 - 5) ** 2 / (60 + 5)
    assert p < 1e-6


# --- ids ---------------------------------------------------------------------------------------------------------


def test_first_run_keeps_the_ids_of_the_groups():
    found = groups({"persona-1": 0.6, "persona-2": 0.4})
    assert match_ids(None, found, None, assignments(["persona-1"])) == {
        "persona-1": "persona-1",
        "persona-2": "persona-2",
    }


def test_ids_follow_the_members_when_the_labels_are_dealt_anew():
    before = assignments(["persona-1"] * 60 + ["persona-2"] * 40)
    after = assignments(["persona-2"] * 60 + ["persona-1"] * 40)
    found = groups({"persona-1": 0.4, "persona-2": 0.6})
    stable = match_ids(publication({"persona-1": 60, "persona-2": 40}), found, before, after)
    assert stable == {"persona-1": "persona-2", "persona-2": "persona-1"}


def test_a_new_persona_gets_an_id_that_nobody_ever_had():
    before = assignments(["persona-1"] * 60 + ["persona-2"] * 40)
    after = assignments(["persona-1"] * 60 + ["persona-2"] * 10 + ["persona-3"] * 30)
    found = groups({"persona-1": 0.6, "persona-2": 0.1, "persona-3": 0.3})
    earlier = publication({"persona-1": 60, "persona-2": 40}) | {"ids_used": ["persona-7"]}
    stable = match_ids(earlier, found, before, after)
    # persona-2 of old lives on in persona-3 (Jaccard 30/40); the ten others (10/40) are new, after the retired seventh
    assert stable == {"persona-1": "persona-1", "persona-3": "persona-2", "persona-2": "persona-8"}


def test_half_of_the_members_in_common_is_just_enough():
    before = assignments(["persona-1"] * 40 + ["persona-2"] * 20)
    stays = assignments(["persona-1"] * 20 + ["persona-2"] * 40)
    found = groups({"persona-1": 0.3, "persona-2": 0.7})
    assert match_ids(publication({"persona-1": 40, "persona-2": 20}), found, before, stays)["persona-1"] == "persona-1"
    leaves = assignments(["persona-1"] * 19 + ["persona-2"] * 41)
    found = groups({"persona-1": 0.3, "persona-2": 0.7})
    assert match_ids(publication({"persona-1": 40, "persona-2": 20}), found, before, leaves)["persona-1"] == "persona-3"


def test_customers_without_a_persona_say_nothing_about_identity():
    before = assignments(["persona-1"] * 10 + [UNASSIGNED] * 90)
    after = assignments(["persona-2"] * 100)
    found = groups({"persona-2": 1.0})
    assert match_ids(publication({"persona-1": 10}), found, before, after) == {"persona-2": "persona-1"}


def test_without_members_the_lifts_decide():
    earlier = publication(
        {"persona-1": 500, "persona-2": 500},
        {"persona-1": {"coupon_share": 3.0}, "persona-2": {"monday_share": 4.0, "coupon_share": 0.5}},
    )
    found = groups(
        {"persona-1": 0.5, "persona-2": 0.4, "persona-3": 0.1},
        {
            "persona-1": {"monday_share": 3.5},
            "persona-2": {"coupon_share": 2.5},
            "persona-3": {"return_share": 5.0},
        },
    )
    assert match_ids(earlier, found, None, assignments(["persona-1"])) == {
        "persona-1": "persona-2",
        "persona-2": "persona-1",
        "persona-3": "persona-3",
    }


def test_what_sets_a_group_apart_from_one_other_says_nothing_of_who_it_was():
    lifts = {"persona-1": {"coupon_share": 3.0}, "persona-2": {"coupon_share": 0.5}}
    sizes = {"persona-1": 500, "persona-2": 500}
    found = groups({"persona-1": 0.5, "persona-2": 0.5}, lifts)
    for name, other, lift in (("persona-1", "persona-2", 0.3), ("persona-2", "persona-1", 4.0)):
        found[name]["claims"].append(
            {"column": "coupon_share", "unit": "lift", "estimate": lift, "compared_with": other}
        )
    kept = match_ids(publication(sizes, lifts), found, None, assignments(["persona-1"]))
    assert kept == {"persona-1": "persona-1", "persona-2": "persona-2"}


def test_of_groups_with_the_same_lifts_the_larger_stays_the_larger():
    lifts = {"coupon_share": 3.0}
    earlier = publication({"persona-1": 700, "persona-2": 300}, {"persona-1": lifts, "persona-2": lifts})
    found = groups({"persona-1": 0.3, "persona-2": 0.7}, {"persona-1": lifts, "persona-2": lifts})
    stable = match_ids(earlier, found, None, assignments(["persona-1"]))
    assert stable == {"persona-1": "persona-2", "persona-2": "persona-1"}


def test_a_rule_that_is_gone_gives_its_name_to_no_persona():
    before = assignments(["one-order"] * 60 + ["persona-1"] * 40)
    after = assignments(["persona-1"] * 60 + ["persona-2"] * 40)
    found = groups({"persona-1": 0.6, "persona-2": 0.4})
    stable = match_ids(publication({"one-order": 60, "persona-1": 40}), found, before, after)
    assert stable == {"persona-1": "persona-2", "persona-2": "persona-1"}


def test_groups_by_rule_keep_their_names_and_take_no_part_in_the_matching():
    before = assignments(["one-order"] * 50 + ["persona-1"] * 50)
    after = assignments(["persona-1"] * 50 + ["one-order"] * 50)
    found = groups({"persona-1": 0.5, "one-order": 0.5})
    stable = match_ids(publication({"one-order": 50, "persona-1": 50}), found, before, after)
    assert stable == {"one-order": "one-order", "persona-1": "persona-2"}


def test_who_came_from_a_rule_does_not_make_a_persona_another_one():
    """Sixty had one order then: of those with a persona both times, persona-2 holds all."""
    before = assignments(["one-order"] * 60 + ["persona-1"] * 40)
    after = assignments(["persona-2"] * 100)
    found = groups({"persona-2": 0.9, "one-order": 0.1, "no-order": 0.0})
    stable = match_ids(publication({"one-order": 60, "persona-1": 40}), found, before, after)
    assert stable == {"persona-2": "persona-1", "one-order": "one-order", "no-order": "no-order"}


@settings(max_examples=20, deadline=None)
@given(st.permutations(range(4)), st.integers(0, 10_000))
def test_any_relabelling_of_the_same_division_is_undone(order, seed):
    labels = np.random.default_rng(seed).integers(0, 4, 200)
    before = assignments([f"persona-{label + 1}" for label in labels])
    after = assignments([f"persona-{order[label] + 1}" for label in labels])
    sizes = before["persona"].value_counts().to_dict()
    found = groups((after["persona"].value_counts() / 200).to_dict())
    stable = match_ids(publication(sizes), found, before, after)
    assert after["persona"].map(stable).tolist() == before["persona"].tolist()


def test_ids_used_gathers_all_that_were_ever_dealt():
    earlier = publication({"persona-2": 10}) | {"ids_used": ["persona-1"]}
    assert ids_used(earlier, ["persona-3"]) == ["negative-1", "persona-1", "persona-2", "persona-3"]
    assert ids_used(None, ["b", "a"]) == ["a", "b"]


# --- changes -----------------------------------------------------------------------------------------------------


def test_a_first_run_has_nothing_to_compare():
    drift = compare(None, publication({"persona-1": 900}), None, assignments(["persona-1"]), frozen=None)
    assert (drift.previous, drift.alert, drift.new, drift.retired, drift.migration) == (None, False, (), (), None)
    assert [(match.id, match.previous_id, match.share) for match in drift.matches] == [("persona-1", None, 0.9)]
    assert drift.noise == 0.1
    assert drift.statement == say("drift.first")


@pytest.mark.parametrize("with_members", [True, False])
def test_dealing_labels_anew_is_no_drift(with_members):
    before = assignments(["persona-1"] * 600 + ["persona-2"] * 400)
    after = assignments(["persona-2"] * 600 + ["persona-1"] * 400)
    lifts = {"persona-1": {"coupon_share": 3.0}, "persona-2": {"monday_share": 4.0}}
    swapped = {"persona-2": lifts["persona-1"], "persona-1": lifts["persona-2"]}
    drift = compare(
        publication({"persona-1": 600, "persona-2": 400}, lifts),
        publication({"persona-1": 400, "persona-2": 600}, swapped),
        before if with_members else None,
        after if with_members else None,
        frozen=None,
    )
    assert not drift.alert
    assert {match.id: match.previous_id for match in drift.matches} == {
        "persona-1": "persona-2",
        "persona-2": "persona-1",
    }
    assert [match.share for match in drift.matches] == [match.previous_share for match in drift.matches]
    assert drift.new == drift.retired == ()
    if with_members:
        assert drift.migration == {"persona-1": {"persona-1": 1.0}, "persona-2": {"persona-2": 1.0}}
        assert [match.jaccard for match in drift.matches] == [1.0, 1.0]
    else:
        assert drift.migration is None
        assert told(drift, "shares_only")


def moved(count: int) -> pd.DataFrame:
    """1,000 customers, 600 in the first persona, of whom ``count`` have gone to the second."""
    return assignments(["persona-1"] * (600 - count) + ["persona-2"] * (400 + count))


@pytest.mark.parametrize(
    ("count", "frozen_alert", "refit_alert"), [(29, False, False), (30, True, False), (131, True, True)]
)
def test_the_alert_needs_three_points_and_with_two_fits_three_beyond_the_noise(count, frozen_alert, refit_alert):
    """Noise is 10 points; 30 of 1,000 that all go one way are significant (McNemar chi-square 30)."""
    earlier = publication({"persona-1": 600, "persona-2": 400})
    now = publication({"persona-1": 600 - count, "persona-2": 400 + count})
    frozen = compare(earlier, now, moved(0), moved(count), frozen=Scored(moved(count)))
    refit = compare(earlier, now, moved(0), moved(count), frozen=None)
    assert (frozen.alert, refit.alert) == (frozen_alert, refit_alert)
    if count > 30:
        assert frozen.migration["persona-1"] == {"persona-1": (600 - count) / 600, "persona-2": count / 600}
        (alert,) = told(frozen, "alert")
        assert alert.values["handle"] in ("The persona-1", "The persona-2")
        assert alert.values["change"] == pytest.approx(0.131)
        down = alert.values["handle"] == "The persona-1"
        assert alert.values["direction"] == say("drift.down" if down else "drift.up")


@pytest.mark.parametrize(("prices", "direction"), [(1.25, "drift.higher"), (0.75, "drift.lower")])
def test_prices_that_were_taken_out_are_told(prices, direction):
    sizes = publication({"persona-1": 600, "persona-2": 400})
    drift = compare(sizes, sizes, moved(0), moved(0), frozen=Scored(moved(0), float(np.log(prices))))
    assert told(drift, "prices")[0].values == {"change": pytest.approx(0.25), "direction": say(direction)}


def test_many_moves_that_balance_are_no_alert():
    before = assignments(["persona-1"] * 500 + ["persona-2"] * 500)
    swap = assignments(["persona-2"] * 100 + ["persona-1"] * 400 + ["persona-1"] * 100 + ["persona-2"] * 400)
    sizes = publication({"persona-1": 500, "persona-2": 500})
    drift = compare(sizes, sizes, before, swap, frozen=Scored(swap))
    assert not drift.alert
    assert drift.migration == {
        "persona-1": {"persona-1": 0.8, "persona-2": 0.2},
        "persona-2": {"persona-1": 0.2, "persona-2": 0.8},
    }
    assert told(drift, "moved")[0].values == {"moved": pytest.approx(0.2), "n": 1000}


def test_a_large_change_in_few_customers_is_no_alert():
    before, after = (
        assignments(["persona-1"] * 25 + ["persona-2"] * 25),
        assignments(["persona-1"] * 28 + ["persona-2"] * 22),
    )
    sizes = publication({"persona-1": 25, "persona-2": 25})
    drift = compare(sizes, sizes, before, after, frozen=Scored(after))
    assert not drift.alert  # 3 moves: chi-square 3, p = .083


def test_shares_alone_raise_an_alert_only_beyond_the_noise():
    lifts = {"persona-1": {"coupon_share": 3.0}, "persona-2": {"monday_share": 4.0}}
    earlier = publication({"persona-1": 600, "persona-2": 300}, lifts)
    for count, alert in ((100, False), (135, True)):
        now = publication({"persona-1": 600 - count, "persona-2": 300 + count}, lifts)
        assert compare(earlier, now, None, None, frozen=None).alert is alert


def test_without_a_figure_of_its_own_the_noise_is_the_simulated_one():
    earlier = publication({"persona-1": 600, "persona-2": 400})
    now = publication({"persona-1": 440, "persona-2": 560}, noise=None)
    assert not compare(earlier, now, moved(0), moved(160), frozen=None).alert
    assert compare(earlier, now, moved(0), moved(175), frozen=None).alert


def test_new_and_retired_personas_are_named_and_raise_no_alert_by_their_name_alone():
    before = assignments(["persona-1"] * 500 + ["persona-2"] * 500)
    after = assignments(["persona-1"] * 500 + ["persona-3"] * 200 + [UNASSIGNED] * 300)
    drift = compare(
        publication({"persona-1": 500, "persona-2": 500}),
        publication({"persona-1": 500, "persona-3": 200}),
        before,
        after,
        frozen=None,
    )
    # of those with a persona both times, persona-3 holds 200 of persona-2's 200: the same persona, grown smaller
    assert drift.matches[1].previous_id == "persona-2"
    assert drift.matches[1].jaccard == 1.0
    assert drift.alert
    split = assignments(["persona-1"] * 500 + ["persona-4"] * 240 + ["persona-5"] * 260)
    now = publication({"persona-1": 500, "persona-4": 240, "persona-5": 260})
    drift = compare(publication({"persona-1": 500, "persona-2": 500}), now, before, split, frozen=None)
    assert (drift.new, drift.retired) == (("persona-4",), ())
    third = assignments(["persona-1"] * 500 + ["persona-4"] * 160 + ["persona-5"] * 170 + ["persona-6"] * 170)
    now = publication({"persona-1": 500, "persona-4": 160, "persona-5": 170, "persona-6": 170})
    drift = compare(publication({"persona-1": 500, "persona-2": 500}), now, before, third, frozen=None)
    assert (drift.new, drift.retired) == (("persona-4", "persona-5", "persona-6"), ("persona-2",))
    assert not drift.alert
    assert told(drift, "retired") == [say("drift.retired", names=["The persona-2"])]


def test_no_move_of_fewer_than_the_smallest_cell_can_be_worked_out():
    before = assignments(["persona-1"] * 104 + ["persona-2"] * 9)
    after = assignments(["persona-1"] * 80 + ["persona-2"] * 4 + ["persona-3"] * 20 + ["persona-2"] * 9)
    sizes = publication({"persona-1": 84, "persona-2": 9, "persona-3": 20})
    drift = compare(sizes, sizes, before, after, frozen=Scored(after))
    assert set(drift.migration) == {"persona-1"}  # a row of nine customers is not shown
    # the four are told together with the next smallest cell, not as what is missing to a whole
    assert drift.migration["persona-1"] == {"persona-1": 80 / 104, "other": 24 / 104}


def test_moves_of_the_smallest_cell_itself_are_shown():
    same, sizes = assignments(["persona-1"] * 30 + ["persona-2"] * 10), publication({"persona-1": 30, "persona-2": 10})
    assert compare(sizes, sizes, same, same, frozen=Scored(same)).migration["persona-2"] == {"persona-2": 1.0}


@settings(max_examples=20, deadline=None)
@given(st.lists(st.lists(st.integers(0, 40), min_size=4, max_size=4), min_size=4, max_size=4))
def test_every_shown_migration_stands_for_enough_customers(table):
    pairs = [
        (f"persona-{i}", f"persona-{j}") for i, row in enumerate(table) for j, n in enumerate(row) for _ in range(n)
    ]
    before, after = assignments([a for a, _ in pairs]), assignments([b for _, b in pairs])
    sizes = publication({f"persona-{i}": 50 for i in range(4)})
    drift = compare(sizes, sizes, before, after, frozen=None)
    was = {match.id: match.previous_id for match in drift.matches}
    for name, row in (drift.migration or {}).items():
        total = sum(table[int((was.get(name) or name.removesuffix(" (before)"))[-1])])
        assert sum(row.values()) == pytest.approx(1)
        assert min(row.values()) * total >= 10 - 1e-9


# --- who is new, who is gone, and what chance would bring --------------------------------------------------------


def three_ways(outside: int | None) -> tuple[dict, dict, pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Persona-2's 500 split into 4, 5 and 6, of whose 160 members of 4 so many lie outside the old radius."""
    before = assignments(["persona-1"] * 500 + ["persona-2"] * 500)
    after = assignments(["persona-1"] * 500 + ["persona-4"] * 160 + ["persona-5"] * 170 + ["persona-6"] * 170)
    placed = before.copy()
    if outside is not None:
        placed["outside"] = [500 <= row < 500 + outside for row in range(1000)]
    now = publication({"persona-1": 500, "persona-4": 160, "persona-5": 170, "persona-6": 170})
    return publication({"persona-1": 500, "persona-2": 500}), now, before, after, placed


@pytest.mark.parametrize(("outside", "new"), [(0, ()), (6, ()), (7, ("persona-4",))])
def test_new_people_are_told_from_a_new_cut_by_the_radius_of_then(outside, new):
    """The Wilson lower bound of 6 of 160 is 1.73 %, of 7 of 160 2.14 %."""
    *runs, placed = three_ways(outside)
    drift = compare(*runs, frozen=Scored(placed))
    assert drift.new == new
    assert drift.redrawn == tuple(name for name in ("persona-4", "persona-5", "persona-6") if name not in new)
    assert (drift.retired, drift.dissolved) == ((), ("persona-2",))
    assert told(drift, "dissolved") == [say("drift.dissolved", names=["The persona-2"])]
    assert not told(drift, "by_members_only")


def test_an_earlier_model_without_radius_falls_back_to_members_and_says_so():
    *runs, placed = three_ways(None)
    drift = compare(*runs, frozen=Scored(placed))
    assert drift.new == ("persona-4", "persona-5", "persona-6")
    assert drift.redrawn == ()
    assert told(drift, "by_members_only")


@pytest.mark.parametrize(("left", "retired"), [(202, ()), (201, ("persona-2",)), (0, ("persona-2",))])
def test_a_persona_is_retired_when_its_people_are_gone(left, retired):
    """It had 500 of 1,100, half of which is 22.73 %; the upper bound of 201 of 1,000 is 22.70 %, of 202 22.80 %."""
    *runs, placed = three_ways(0)
    placed["persona"] = ["persona-1"] * (1000 - left) + ["persona-2"] * left
    drift = compare(*runs, frozen=Scored(placed))
    assert drift.retired == retired
    assert drift.dissolved == (() if retired else ("persona-2",))


def test_moves_stand_beside_what_chance_would_bring():
    before = assignments(["persona-1"] * 600 + ["persona-2"] * 400)
    sure = np.repeat([0.9, 0.1], [600, 400])
    placed = moved(0).assign(**{"p_persona-1": sure, "p_persona-2": 1 - sure})
    sizes = publication({"persona-1": 600, "persona-2": 400})
    drift = compare(sizes, sizes, before, before, frozen=Scored(placed))
    # of 580 in class 1, 540 are labelled so; of 420 in class 2, 360
    stays = 0.9 * 540 / 580 + 0.1 * 60 / 420
    assert drift.by_chance["persona-1"] == {"persona-1": pytest.approx(stays)}
    assert drift.migration["persona-1"] == {"persona-1": 1.0}
    assert drift.noise == pytest.approx(1 - (600 * stays + 400 * (0.9 * 360 / 420 + 0.1 * 40 / 580)) / 1000)
    assert told(drift, "within")[0].values["noise"] == drift.noise


def test_without_a_common_customer_shares_by_the_earlier_model_are_compared():
    others = assignments(["persona-1"] * 600 + ["persona-2"] * 400, first=5000)
    placed = others.assign(**{"p_persona-1": [0.9] * 600 + [0.1] * 400, "p_persona-2": [0.1] * 600 + [0.9] * 400})
    sizes = publication({"persona-1": 600, "persona-2": 400})
    drift = compare(sizes, sizes, moved(0), others, frozen=Scored(placed))
    assert drift.migration is None
    assert [match.previous_id for match in drift.matches] == ["persona-1", "persona-2"]
    assert 0.1 < drift.noise < 0.3
    assert told(drift, "frozen_shares")


# --- negative personas -------------------------------------------------------------------------------------------


def with_negatives(**shares: tuple[float, float]) -> dict:
    """A publication whose negative cards have these shares, and this mean (interval of +/- 1) before acquisition."""
    content = publication({"persona-1": 900})
    content["personas"] = content["personas"][:1] + [
        {
            "id": f"negative-{number}",
            "kind": "negative",
            "handle": handle,
            "size": {"n": 1000 * share, "share": share, "ci_low": share - 0.01, "ci_high": share + 0.01},
            "claims": [{"column": "before_acquisition", "unit": "money", "ci_low": mean - 1, "ci_high": mean + 1}],
        }
        for number, (handle, (share, mean)) in enumerate(shares.items(), 1)
    ]
    return content


def test_negative_personas_are_followed_by_their_traits():
    then = with_negatives(Returns=(0.2, -5.0), Dear=(0.1, -5.0))
    now = with_negatives(Coupons=(0.05, -5.0), Returns=(0.12, 0.5))
    drift = compare(then, now, None, None, frozen=None)
    assert [(match.handle, match.share, match.share_before) for match in drift.negatives] == [
        ("Returns", 0.12, 0.2),
        ("Dear", None, 0.1),
        ("Coupons", 0.05, None),
    ]
    assert (drift.negatives[0].sign_before, drift.negatives[0].sign) == ("-", "0")
    assert (
        Words()
        .tell(drift.statement)
        .endswith(
            "To review, then and now, “Returns”: 12 % (11 to 13 %) of customers, 20 % (19 to 21 %) before. "
            "Before the cost of winning them is counted, it is now open whether they cost money or bring some. "
            "Not to be reviewed any more, “Dear”: 10 % (9 to 11 %) of customers before; today nothing shows that such "
            "customers cost more than they bring. New to review, “Coupons”: 5 % (4 to 6 %) of customers."
        )
    )
    assert not told(compare(then, then, None, None, frozen=None), "negative.sign.open")
    assert told(drift, "negative.sign.open")


# --- the same people in two windows ------------------------------------------------------------------------------


def a_shift(grown: int) -> Shift:
    """1,000 people, 200 of whom were persona-2 and some more are now; surely placed."""

    def placed(rows: int) -> pd.DataFrame:
        two = np.arange(1000) < rows
        persona = np.where(two, "persona-2", "persona-1")
        return assignments(list(persona)).assign(**{"p_persona-1": 1.0 - two, "p_persona-2": 1.0 * two})

    change = grown / 1000
    groups = pd.DataFrame({"then": [0.8, 0.2], "change": [-change, change]}, index=["persona-1", "persona-2"])
    groups["now"] = groups["then"] + groups["change"]
    groups = groups.assign(
        error=0.01, p=2 * norm.sf(change / 0.01), everybody=groups["change"], everybody_z=[-9.0, 9.0]
    )
    then, now = placed(200), placed(200 + grown)
    windows = Windows(91, dt.date(2025, 6, 1), dt.date(2025, 9, 1), then, now, (), 1.25)
    return Shift(windows, then, now, groups, 0.001, None)


def told_of(grown: int) -> Drift:
    shift = a_shift(grown)
    sizes = publication({"persona-1": 800, "persona-2": 200})
    before = shift.then[["customer_id", "persona"]]
    return compare(sizes, sizes, before, before, frozen=Scored(before), shifts=[shift], since="2025-05-31")


def test_who_grew_is_told_by_how_much_against_noise_since_when_and_from_where():
    drift = told_of(100)
    assert drift.alert
    assert (drift.since.as_of, drift.busier) == ("2025-05-31", 0.25)
    facts = [(change.id, change.then, change.told) for change in drift.changes]
    assert facts == [("persona-1", 0.8, True), ("persona-2", 0.2, True)]
    assert drift.changes[1].now == pytest.approx(0.3)
    text = Words().tell(drift.statement)
    assert "Since the report of 31 May 2025, " in text
    assert "“The persona-2” grew by 10.0 points, from 20 % to 30 % of the customers who were there throughout" in text
    assert "compared over 91 days (chance alone: up to 3.3 points)" in text
    assert "Most moved from “The persona-1” to “The persona-2”: 12 % of those who were there." in text
    assert "Customers order 25 % more often than then" in text
    assert drift.migration["persona-1"] == {"persona-1": 0.875, "persona-2": 0.125}


@pytest.mark.parametrize("grown", [0, 20])
def test_a_change_within_noise_is_told_as_none(grown):
    drift = told_of(grown)
    assert not drift.alert
    assert "no group has grown or shrunk beyond chance" in Words().tell(drift.statement)


@pytest.mark.parametrize("share", [0.0, 0.3])
def test_what_is_drawn_anew_and_what_is_gone_never_have_one_name(share):
    """Under the same ids hardly anybody is where they were."""
    before = assignments(["persona-1"] * 500 + ["persona-2"] * 500)
    stay = int(500 * share)
    after = assignments(["persona-1"] * stay + ["persona-2"] * (1000 - 2 * stay) + ["persona-1"] * stay)
    sizes = publication({"persona-1": 500, "persona-2": 500})
    drift = compare(sizes, sizes, before, after, frozen=None)
    assert not {*drift.new, *drift.redrawn} & {*drift.retired, *drift.dissolved}
    if stay:
        assert [match.previous_id for match in drift.matches] == ["persona-1", "persona-2"]


# --- since which report ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("alert", "since", "ends"),
    [
        (False, None, ("2025-09-01",)),
        (False, "2025-05-31", ("2025-05-31", "2025-09-01")),
        (True, "2025-05-31", ("2025-09-01",)),  # what was told is not told again
        (False, "2024-08-31", ("2025-09-01",)),  # more than a year ago
    ],
)
def test_changes_are_counted_from_the_report_after_which_none_was_told(tmp_path, alert, since, ends):
    drift = {"alert": alert, "since": since and {"run_id": "a", "as_of": since}}
    for name, content in (("personas", {"as_of": "2025-09-01"}), ("drift", drift)):
        (tmp_path / f"{name}.json").write_text(json.dumps(content))
    assert Previous(tmp_path).ends() == ends
    assert Previous(None).ends() == ()


def test_a_change_is_news_from_the_size_that_was_asked_for():
    assert a_shift(50).told.all()
    assert not replace(a_shift(50), bar=0.06).told.any()
