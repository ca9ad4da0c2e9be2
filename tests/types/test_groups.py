"""Groups of unequal size that k-means fills from the large, and what lies between groups."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.metrics import adjusted_rand_score

from helpers.types.gate import BENT, judge, label_of
from helpers.types.groups import (
    along_bow,
    as_judged,
    bend,
    grow,
    grow_again,
    standing_apart,
    valley_between,
    valley_depth,
    without_one_column,
)
from helpers.types.repeated import Twice, divide


def nine_to_one(seed: int, n: int = 500) -> tuple[np.ndarray, np.ndarray, list[Twice]]:
    """Two round types of 90 and 10 %, 4 standard deviations apart by eight columns alike, seen twice, and the truth."""
    rng = np.random.default_rng(seed)
    truth = (rng.random(n) < 0.1).astype(int)
    lasting = 4 / np.sqrt(8) * truth[:, None] + np.sqrt(0.5) * rng.standard_normal((n, 8))
    halves = [lasting + rng.standard_normal((n, 8)) for _ in range(2)]
    X, one, other = ((part - part.mean(axis=0)) / part.std(axis=0) for part in (sum(halves), *halves))
    every = np.arange(8)
    return X, truth, [Twice(one, other, (every, every), np.arange(n))]


def spiked(seed: int, n: int = 600) -> np.ndarray:
    """Four columns of one hill, and a fifth that is 0 for seven in ten: no types."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, 5))
    X[:, 4] = np.where(rng.random(n) < 0.7, 0, 2 + 0.3 * X[:, 4])
    return (X - X.mean(axis=0)) / X.std(axis=0)


def begun(X: np.ndarray, most: int = 2) -> dict[int, np.ndarray]:
    return {k: divide(X, k, 1, 10).labels_ for k in range(2, most + 1)}


def test_a_small_group_is_grown_where_k_means_fills_it_from_the_large():
    found = []
    for seed in range(6):
        X, truth, _ = nine_to_one(seed)
        starts = begun(X)
        found.append([adjusted_rand_score(truth, labels) for labels in (starts[2], grow(X, starts, 30)[2].labels)])
    k_means, grown = np.median(found, axis=0)
    assert k_means < 0.75 < 0.85 < grown


def test_a_group_of_too_few_is_not_taken_and_the_same_is_found_twice():
    X, _, _ = nine_to_one(1)
    assert grow(X, begun(X), 100)[2] is None
    first, second = (grow(X, begun(X, 3), 1) for _ in range(2))
    assert all((first[k].labels == second[k].labels).all() for k in (2, 3))
    assert first[2].gain > 0.05  # one hill alone gains next to nothing:
    assert grow(np.random.default_rng(1).standard_normal(X.shape), begun(X), 1)[2].gain < 0.05


def test_other_samples_and_other_rows_are_divided_as_the_judged_ones():
    X, truth, _ = nine_to_one(2, 1000)
    rows = np.arange(0, 1000, 2)
    judged = grow(X[rows], begun(X[rows]), 30)[2].labels
    assert adjusted_rand_score(truth, grow_again(X[1::2], truth[1::2], 1).predict(X)) > 0.8
    everybody = as_judged(X, rows, judged)
    assert (everybody[rows] == judged).all()
    assert adjusted_rand_score(truth[1::2], everybody[1::2]) > 0.8


def test_a_threshold_in_one_column_is_known_by_leaving_it_out():
    X, truth, _ = nine_to_one(3)
    assert without_one_column(X, truth) > 0.6
    X = spiked(3)
    spike = (X[:, 4] > 0).astype(int)
    assert without_one_column(X, spike) < 0.1
    assert without_one_column(X[:, 4:], spike) == 0  # nothing is left
    third = np.where(X[:, 0] > 1, 2, spike)  # of three groups the two that one column parts
    assert without_one_column(X, third) < 0.1


def test_the_gate_sees_types_of_unequal_size_that_k_means_hides():
    X, truth, sights = nine_to_one(4)
    gate = judge(X, seed=1, draws=39, bootstrap=12, sights=sights, repeated=(0.25, 0.10))
    row = gate.table.set_index("k").loc[2]
    assert (gate.kind, gate.k, bool(row["grown"])) == ("natural", 2, True)
    assert max(gate.p_clustering, gate.p_valley) > 0.05 >= max(gate.p_grown)
    assert adjusted_rand_score(truth, gate.labels[2]) > 0.8


def test_a_spike_is_no_type_however_well_it_repeats():
    X = spiked(1)
    every = np.arange(5)
    sights = [Twice(X, X, (every, every), np.arange(len(X)))]
    gate = judge(X, seed=1, draws=39, bootstrap=12, sights=sights, repeated=(0.25, 0.10))
    assert gate.kind != "natural"
    assert not gate.table["grown"].any()


@pytest.mark.parametrize(
    ("grown", "ari", "twice", "label"),
    [
        (False, 0.79, 0.34, "natural"),
        (True, 0.80, 0.35, "natural"),
        (True, 0.79, 0.35, "reproducible"),
        (True, 0.80, 0.34, "reproducible"),
    ],
)
def test_groups_that_were_grown_must_repeat_more(grown, ari, twice, label):
    row = {"smallest": 60, "valley_depth": 0.3, "bend": 0, "bootstrap_ari": ari, "jaccard_min": 0.8}
    row |= {"repeated_ari": twice, "grown": grown}
    assert label_of(pd.Series(row), 0.01, 0.01, 1000, (0.25, 0.10)) == label


def arc(n: int, whole: float) -> tuple[np.ndarray, np.ndarray]:
    """People evenly along a part of a circle of radius 3, and where."""
    rng = np.random.default_rng(5)
    angle = whole * (np.arange(n) + 0.5) / n
    return np.c_[3 * np.cos(angle), 3 * np.sin(angle)] + 0.2 * rng.standard_normal((n, 2)), angle


def test_people_along_a_half_circle_lie_evenly_along_its_bow_and_thin_in_the_middle_across():
    X, angle = arc(600, np.pi)
    half = (angle > np.pi / 2).astype(int)
    a, b = along_bow(X[half == 0], X[half == 1])
    assert abs(np.corrcoef(np.r_[a, b], angle)[0, 1]) > 0.99
    assert valley_between(X[half == 0, 0], X[half == 1, 0]) > 0.4  # on the straight line between the centres
    assert valley_depth(X, half) < 0.25


@pytest.mark.parametrize("seed", range(3))
def test_between_few_people_of_round_types_the_bow_is_the_straight_line(seed):
    """That of scikit-learn's discriminant: twenty people lie off it by chance, which is taken off."""
    hills, own = np.random.default_rng(seed).standard_normal((80, 6)), np.repeat([0, 1], 40)
    hills[40:, 0] += 4
    a, b = along_bow(hills[:40], hills[40:])
    straight = LinearDiscriminantAnalysis(solver="lsqr").fit(hills, own).decision_function(hills)
    assert abs(np.corrcoef(np.r_[a, b], straight)[0, 1]) > 0.999
    assert valley_between(a, b) > 0.5


def test_a_ring_of_few_people_is_a_bow():
    X, angle = arc(300, 2 * np.pi)
    half = (angle > np.pi).astype(int)
    assert bend(X, half) > BENT
    assert valley_depth(X, half) > 0.5  # so that only the two crowds between the halves tell it


@pytest.mark.parametrize(
    ("people", "ari", "label"),
    [(120, 0.84, "reproducible"), (200, 0.85, "natural"), (350, 0.77, "reproducible"), (350, 0.78, "natural")],
)
def test_among_few_people_two_samples_must_agree_more(people, ari, label):
    row = {"smallest": 60, "valley_depth": 0.5, "bend": 0, "bootstrap_ari": ari, "jaccard_min": 0.8}
    assert label_of(pd.Series(row | {"repeated_ari": 0.9}), 0.01, 0.01, people, (0.25, 0.10)) == label


def test_a_few_far_away_stand_apart_only_where_both_sights_see_them_there():
    X = np.random.default_rng(7).standard_normal((200, 2))
    X[:10, 0] += 12
    few, every = (X[:, 0] > 6).astype(int), np.arange(2)
    moved = np.where(few[:, None] == 1, X - [12, 0], X)

    def told(second: np.ndarray) -> list[int]:
        sights = [Twice(X, second, (every, every), np.arange(200))]
        return [int(members.sum()) for members in standing_apart(X, {2: few}, {2: np.ones(2)}, sights)]

    assert (told(X), told(moved)) == ([10], [])
    assert told(X + np.array([12, 0])) == []  # the second sight sees everybody there


def test_a_few_who_stand_apart_in_several_divisions_are_told_once():
    X = np.random.default_rng(7).standard_normal((200, 2))
    X[:10, 0] += 12
    few = (X[:, 0] > 6).astype(int)
    divisions = {2: few, 3: np.where((few == 0) & (X[:, 1] > 0), 2, few)}
    assert [int(members.sum()) for members in standing_apart(X, divisions, {2: np.ones(2), 3: np.ones(3)}, [])] == [10]
