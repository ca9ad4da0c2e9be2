"""The same people seen twice: by two halves of their orders, and by two halves of the questions."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

from helpers.types.pool import Pool
from helpers.types.prepare import Prepared
from helpers.types.repeated import (
    LEAST_REPEATED,
    Twice,
    agreement,
    bootstrap_agreement,
    placed_alike,
    placed_twice,
    seen_twice,
)

CENTRES = np.array([[0.0, 0.0], [10.0, 10.0]])
BOTH = np.array([0, 1])


def test_people_are_placed_at_the_nearest_centre_by_what_each_sight_knows():
    first, second = np.array([[1.0, 99], [9, -99], [4, 0]]), np.array([[99.0, 1], [-99, 9], [0, 6]])
    known = np.array([0]), np.array([1])
    (one, other), *_ = placed_twice(CENTRES, [Twice(first, second, known, np.arange(3))])
    assert (one.tolist(), other.tolist()) == ([0, 1, 0], [0, 1, 1])


def test_the_adjusted_rand_index_is_that_of_scikit_learn():
    rng = np.random.default_rng(0)
    for _ in range(100):
        n, k = rng.integers(5, 200), rng.integers(1, 6)
        labels = np.unique(rng.integers(0, k, n), return_inverse=True)[1]
        other = np.where(rng.random(n) < rng.random(), labels, rng.integers(0, 5, n))
        assert agreement(labels, other)[0] == pytest.approx(adjusted_rand_score(labels, other), abs=1e-12)


def test_agreement_of_two_sights_is_counted_by_hand():
    first = np.array([[0.0, 0], [0, 0], [10, 10], [10, 10]])
    second = np.array([[0.0, 0], [10, 10], [10, 10], [10, 10]])
    alike = placed_alike(CENTRES, [Twice(first, second, (BOTH, BOTH), np.arange(4))])
    # 2 + 2 against 1 + 3: of six pairs one is together in both, expected 2 * 3 / 6, at most (2 + 3) / 2
    assert alike == pytest.approx(((1 - 1) / (2.5 - 1), 3 / 4, 0.5 * 0.25 + 0.5 * 0.75))
    assert placed_alike(CENTRES, [Twice(first, first, (BOTH, BOTH), np.arange(4))])[:2] == (1.0, 1.0)
    assert np.isnan(placed_alike(CENTRES, [])).all()


def test_two_samples_are_compared_with_one_another_and_their_groups_with_the_judged_ones():
    """Both place one of four elsewhere than judged, and the same one: another sample would move nobody."""
    judged, again = np.array([0, 0, 1, 1]), np.array([0, 0, 0, 1])
    fit = SimpleNamespace(predict=lambda X: again)
    ari, jaccard, moved = bootstrap_agreement(np.zeros((4, 1)), judged, 2, 1, lambda *given: fit)
    assert (ari, moved) == (1, 0)
    assert jaccard == pytest.approx([2 / 3, 1 / 2])


def a_pool(behaviour: int, ratings: int, n: int) -> Pool:
    index = pd.Index([f"c{i}" for i in range(n)])
    names = [f"b{i}" for i in range(behaviour)], [f"q{i}" for i in range(ratings)]
    frames = [pd.DataFrame(0.0, index, columns) for columns in names]
    rules = [{"column": name, "fill": 0.0, "low": -9.0, "high": 9.0, "centre": 0.0, "scale": 1.0, "transform": "none"}
             for name in frames[0]]  # fmt: skip
    likert = {"items": list(frames[1]), "row_centred": True} if ratings else None
    prepared = Prepared(*frames, pd.DataFrame(index=index), rules, likert, [], {})
    path = "behaviour" if not ratings else "behaviour and survey" if behaviour else "survey"
    return Pool(path, frames[0], frames[1], prepared, np.arange(n), ())


def test_questions_are_parted_in_five_ways_and_every_one_is_in_just_one_half():
    rng = np.random.default_rng(1)
    matrix = rng.standard_normal((120, 5))
    found = seen_twice(a_pool(0, 5, 120), matrix, np.arange(120), None, 1)
    assert len(found) == 5
    for twice in found:
        assert sorted(np.concatenate(twice.columns)) == [0, 1, 2, 3, 4]
        assert sorted(map(len, twice.columns)) == [2, 3]
        assert (twice.first == matrix).all()


def test_customers_are_seen_by_either_half_of_their_orders_and_those_with_one_half_are_left_out():
    rng, n = np.random.default_rng(2), LEAST_REPEATED + 20
    halves = [pd.DataFrame({"orders": 2.0, "b0": rng.integers(1, 9, n)}, [f"c{i}" for i in range(n)]) for _ in "12"]
    halves[1].loc[["c3", "c4"]] = np.nan
    pool, matrix = a_pool(1, 0, n), rng.standard_normal((n, 1))
    (twice,) = seen_twice(pool, matrix, np.arange(n), tuple(halves), 1)
    assert len(twice.rows) == n - 2
    assert not {3, 4} & set(twice.rows)
    kept = halves[0]["b0"].drop(["c3", "c4"]).to_numpy()
    assert np.corrcoef(twice.first[:, 0], np.log1p(kept))[0, 1] == pytest.approx(1, abs=0.01)
    assert [columns.tolist() for columns in twice.columns] == [[0], [0]]


def test_where_nobody_can_be_seen_twice_there_is_no_sight():
    n = LEAST_REPEATED - 1
    half = pd.DataFrame({"orders": 1.0, "b0": 1.0}, [f"c{i}" for i in range(n)])
    assert seen_twice(a_pool(1, 0, n), np.zeros((n, 1)), np.arange(n), (half, half), 1) == []
    assert seen_twice(a_pool(1, 0, 300), np.zeros((300, 1)), np.arange(300), None, 1) == []
    assert seen_twice(a_pool(0, 1, 300), np.zeros((300, 1)), np.arange(300), None, 1) == []
