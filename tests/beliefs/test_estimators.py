"""Estimators against published figures, hand counts and seeded simulations."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import betabinom
from scipy.stats import t as t_distribution
from statsmodels.stats.proportion import proportions_ztest
from statsmodels.tools.sm_exceptions import PerfectSeparationError

from helpers.beliefs.estimators import (
    clustered_ratios,
    clustered_risks,
    fit_beta_binomial,
    paired_means,
    paired_proportions,
    share_interval,
    two_means,
    two_proportions,
)
from helpers.beliefs.verdict import usable

NEWCOMBE_1998 = [  # Stat. Med. 17:873, table II, method 10
    ((56, 70, 48, 80), 0.0524, 0.3339),
    ((9, 10, 3, 10), 0.1705, 0.8090),
    ((6, 7, 2, 7), 0.0582, 0.8062),
    ((5, 56, 0, 29), -0.0381, 0.1926),
    ((0, 10, 0, 20), -0.1611, 0.2775),
    ((10, 10, 0, 20), 0.6791, 1.0),
]


@pytest.mark.parametrize(("cells", "low", "high"), NEWCOMBE_1998)
def test_the_difference_of_two_shares_has_newcombes_published_limits(cells, low, high):
    found = two_proportions(*cells)
    assert (found.low, found.high) == pytest.approx((low, high), abs=6e-5)
    assert found.low <= found.inner_low <= found.inner_high <= found.high


def test_two_shares_by_hand():
    """20 of 40 against 10 of 40: odds 1 and 1/3, chi-squared 5.333 (80 x 400^2 / (40 x 40 x 30 x 50))."""
    found = two_proportions(20, 40, 10, 40, "new")
    effects = {e.measure: e for e in found.effects}
    assert [e.measure for e in found.effects] == ["odds ratio", "risk difference", "risk ratio"]
    assert effects["odds ratio"].estimate == pytest.approx(3.0)
    se = np.sqrt(1 / 20 + 1 / 20 + 1 / 10 + 1 / 30)
    assert effects["odds ratio"].ci_low == pytest.approx(3 * np.exp(-1.959964 * se), rel=1e-6)
    assert effects["risk difference"].estimate == pytest.approx(0.25)
    assert effects["risk ratio"].estimate == pytest.approx(2.0)
    assert found.p_value == pytest.approx(0.020921335, rel=1e-6)
    assert {e.label for e in found.effects} == {"new"}


def test_small_expected_counts_use_the_exact_test():
    """Fisher's tea taster: 3 of 4 against 1 of 4, two-sided p = 34/70."""
    assert two_proportions(3, 4, 1, 4).p_value == pytest.approx(34 / 70)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 200), st.integers(1, 200), st.floats(0, 1), st.floats(0, 1))
def test_two_shares_are_finite_and_turn_round_with_the_arms(n, m, a, b):
    x, y = round(a * n), round(b * m)
    there, back = two_proportions(x, n, y, m), two_proportions(y, m, x, n)
    assert usable(there)
    assert there.low == pytest.approx(-back.high, abs=1e-9)
    assert there.effects[0].estimate == pytest.approx(1 / back.effects[0].estimate)
    assert there.p_value == pytest.approx(back.p_value)
    assert -1 - 1e-9 <= there.low <= there.estimate + 1e-9  # the method itself may miss -1 by rounding
    assert there.estimate - 1e-9 <= there.high <= 1 + 1e-9


def test_all_yes_in_both_arms_says_no_difference_and_no_p():
    found = two_proportions(30, 30, 40, 40)
    assert found.estimate == 0
    assert found.p_value == 1
    assert found.effects[0].ci_low < 1 < found.effects[0].ci_high


def test_mcnemar_reproduces_agrestis_approval_ratings():
    """Agresti, matched pairs: 794, 150, 86, 570; z squared 17.36; the fall is .02 to .06."""
    found = paired_proportions(794, 150, 86, 570)
    assert found.p_value == pytest.approx(3.0993e-05, rel=1e-4)
    assert (found.low, found.high) == pytest.approx((0.02, 0.06), abs=0.005)
    assert found.effects[0].estimate == pytest.approx(150 / 86)
    assert found.effects[1].estimate == pytest.approx(64 / 1600)
    assert found.effects[2].estimate == pytest.approx(944 / 880)


def test_few_discordant_pairs_use_the_exact_binomial():
    assert paired_proportions(10, 6, 1, 10).p_value == pytest.approx(2 * (1 + 7) / 2**7)


def test_pairs_without_any_discord_are_finite():
    found = paired_proportions(20, 0, 0, 5)
    assert usable(found)
    assert found.p_value == 1
    assert found.low < 0 < found.high


SLEEP = np.array(
    [[0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0], [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]]
)


def test_means_reproduce_students_sleep_data():
    """R documentation of `sleep`: Welch p .07939 [-3.365, .205]; paired p .002833 [-2.460, -.700]."""
    welch, paired = two_means(*SLEEP), paired_means(*SLEEP)
    assert welch.p_value == pytest.approx(0.07939, abs=5e-6)
    assert (welch.effects[0].ci_low, welch.effects[0].ci_high) == pytest.approx((-3.3654832, 0.2054832), abs=1e-6)
    assert paired.p_value == pytest.approx(0.002833, abs=5e-7)
    assert (paired.effects[0].ci_low, paired.effects[0].ci_high) == pytest.approx((-2.4598858, -0.7001142), abs=1e-6)
    spread = np.sqrt((1.789010**2 + 2.002249**2) / 2)
    assert welch.estimate == pytest.approx(-1.58 / spread, rel=1e-5)
    assert welch.measure == "standardised difference"


def _visits(seed: int, people: int = 150, effect: float = 0.0) -> pd.DataFrame:
    """Visits of people who each keep to one channel and differ in how readily they buy."""
    rng = np.random.default_rng(seed)
    own = rng.normal(0, 1.5, people)
    group = rng.integers(0, 2, people)
    n = 1 + rng.poisson(6, people)
    rows = np.repeat(np.arange(people), n)
    p = 1 / (1 + np.exp(1.0 - own[rows] - effect * group[rows]))
    return pd.DataFrame(
        {
            "yes": (rng.random(len(rows)) < p).astype(float),
            "group": np.where(group[rows] == 1, "b", "a"),
            "cluster": rows,
        }
    )


def test_a_true_null_on_visits_is_rejected_at_its_level_only_when_clustered():
    """methods.md 4: sessions counted as customers reject a true null about one time in five."""
    ours, naive = [], []
    for seed in range(1000, 1120):
        frame = _visits(seed)
        counts = frame.groupby("group")["yes"].agg(["sum", "size"])
        naive.append(proportions_ztest(counts["sum"], counts["size"])[1] <= 0.05)
        ours.append(clustered_risks(frame, "a")[0].p_value <= 0.05)
    assert np.mean(naive) >= 0.15
    assert 0.01 <= np.mean(ours) <= 0.11  # 120 draws: .05 within three standard errors


def test_without_covariates_the_standardised_risk_is_the_plain_share():
    frame = _visits(3, effect=0.8)
    found = clustered_risks(frame, "a")[0]
    shares = frame.groupby("group")["yes"].mean()
    assert found.label == "b"
    assert found.estimate == pytest.approx(shares["b"] - shares["a"], abs=1e-8)
    plain = sm.OLS(frame["yes"], sm.add_constant((frame["group"] == "b").astype(float)))
    robust = plain.fit(cov_type="cluster", cov_kwds={"groups": frame["cluster"]})
    assert (found.high - found.low) / (2 * 1.959964) == pytest.approx(robust.bse.iloc[1], rel=0.05)  # 150 people


def test_errors_are_those_of_leaving_out_each_person_in_turn():
    """Six people, one with half of all visits: the jackknife of the difference, refitted without each; and Kish's
    number of people: (10 + 1 + 1)^2 / (100 + 1 + 1) = 1.41 in the one group, 3 in the other."""
    rows = [("p", "a", 3, 10), ("q", "a", 1, 1), ("r", "a", 0, 1), ("s", "b", 2, 4), ("t", "b", 1, 4), ("u", "b", 3, 4)]
    frame = pd.DataFrame(
        [(person, group, float(i < yes)) for person, group, yes, n in rows for i in range(n)],
        columns=["cluster", "group", "yes"],
    )
    found = clustered_risks(frame, "a")[0]

    def gap(rest):
        shares = rest.groupby("group")["yes"].mean()
        return shares["b"] - shares["a"]

    moved = [gap(frame[frame["cluster"] != person]) - gap(frame) for person in "pqrstu"]
    parts = np.array([sum(m**2 for m in half) for half in (moved[:3], moved[3:])])
    freedom = parts.sum() ** 2 / (parts[0] ** 2 / max(144 / 102 - 1, 1) + parts[1] ** 2 / 2)
    error = np.sqrt(5 / 6 * parts.sum())
    assert (found.high - found.estimate) / t_distribution.isf(0.025, freedom) == pytest.approx(error, rel=0.1)


def test_a_few_heavy_visitors_make_no_difference():
    """Visits of Pareto's form, 25 people in one group: usual clustered errors reject a true null one time in seven."""
    ours = []
    for seed in range(150):
        rng = np.random.default_rng(seed)
        rows = np.repeat(np.arange(400), np.minimum(1 + rng.pareto(1.2, 400).astype(int), 200))
        yes = (rng.random(len(rows)) < rng.beta(0.8, 6, 400)[rows]).astype(float)
        frame = pd.DataFrame({"yes": yes, "group": np.where(rows < 25, "b", "a"), "cluster": rows})
        counts = frame.groupby("group")["yes"].agg(["sum", "size"])
        if min(counts["sum"].min(), (counts["size"] - counts["sum"]).min()) >= 5:
            ours.append(clustered_risks(frame, "a")[0].p_value <= 0.05)
    assert np.mean(ours) <= 0.08


def test_adjusting_for_place_turns_a_confounded_contrast_round():
    """In each place b converts less (.10 to .20, .50 to .60), yet more overall, being at home in the better place."""
    cells = [("a", "x", 900, 0.20), ("b", "x", 100, 0.10), ("a", "y", 100, 0.60), ("b", "y", 900, 0.50)]
    rows = [(g, place, float(i < n * p)) for g, place, n, p in cells for i in range(n)]
    frame = pd.DataFrame(rows, columns=["group", "place", "yes"]).assign(cluster=range(2000))
    raw, adjusted = clustered_risks(frame, "a")[0], clustered_risks(frame, "a", ["place"])[0]
    assert raw.estimate == pytest.approx(0.46 - 0.24)
    assert adjusted.high < 0
    assert adjusted.estimate == pytest.approx(-0.10, abs=0.015)


def test_separation_is_refused():
    frame = pd.DataFrame({"yes": [0.0] * 30 + [1.0] * 30, "group": ["a"] * 30 + ["b"] * 30, "cluster": range(60)})
    with pytest.raises(PerfectSeparationError):
        clustered_risks(frame, "a")


def test_a_ratio_of_means_is_the_ratio_of_the_means():
    frame = pd.DataFrame(
        {"value": [10.0, 30.0, 20.0, 60.0, 40.0, 20.0], "group": list("aaabbb"), "cluster": [1, 1, 2, 3, 4, 4]}
    )
    found = clustered_ratios(frame, "a", "ratio of means", sm.families.Gamma(sm.families.links.Log()))[0]
    assert found.estimate == pytest.approx(40 / 20)
    assert found.low < 2 < found.high
    assert found.effects[0].measure == "ratio of means"


def test_wilson_limits_as_published():
    """Newcombe 1998, Stat. Med. 17:857: 81 of 263 is .2553 to .3662; none of 20 is 0 to .1611."""
    found = share_interval(81, 263)
    assert (found.low, found.high) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert share_interval(0, 20).high == pytest.approx(0.1611, abs=5e-5)


def test_the_beta_binomial_is_found_again():
    rng = np.random.default_rng(1)
    n = 1 + rng.poisson(8, 4000)
    a, b = fit_beta_binomial(betabinom.rvs(n, 0.6, 1.8, random_state=rng), n)
    assert a / (a + b) == pytest.approx(0.25, abs=0.02)
    assert a + b == pytest.approx(2.4, rel=0.1)


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_shares_that_do_not_vary_have_a_finite_precision(share):
    n = np.full(200, 10)
    a, b = fit_beta_binomial((share * n).astype(int), n)
    assert np.isfinite([a, b]).all()
    assert a / (a + b) == pytest.approx(share, abs=0.01)
