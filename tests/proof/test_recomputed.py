"""Analyses recomputed by another library or another way, to 1e-6 or nearer."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import optimize, stats
from scipy.special import expit, roots_hermite
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from statsmodels.discrete.conditional_models import ConditionalLogit
from statsmodels.stats.proportion import confint_proportions_2indep

from helpers.beliefs.estimators import clustered_risks, two_proportions
from helpers.beliefs.metrics import compare_means, measured
from helpers.leads.lead_score import auc
from helpers.offers.asked import mixed_logit
from helpers.offers.choice_logit import Tasks, fit
from helpers.survey.weights import rake


def choices(seed: int, people: int = 40, tasks: int = 6) -> Tasks:
    """Choices between three offers of two attributes."""
    rng = np.random.default_rng(seed)
    n = people * tasks
    X = rng.normal(size=(3 * n, 2))
    liked = (X @ [0.8, -0.5] + rng.gumbel(size=3 * n)).reshape(n, 3)
    chosen = (liked == liked.max(axis=1, keepdims=True)).ravel()
    return Tasks(X, chosen, np.repeat(np.arange(n), 3), np.repeat(np.arange(people), 3 * tasks))


def test_part_worths_are_those_of_statsmodels():
    tasks = choices(1)
    model = ConditionalLogit(tasks.chosen.astype(int), tasks.X, groups=tasks.task)
    theirs = model.fit(disp=False, method="newton", maxiter=100)  # its default stops a hundred times too early
    assert fit(tasks).worth == pytest.approx(theirs.params, rel=1e-6)
    assert fit(tasks).log_likelihood == pytest.approx(model.loglike(theirs.params), rel=1e-9)


def test_the_likelihood_of_tastes_that_differ_is_the_integral():
    """One attribute: the mean over draws against Gauss and Hermite's rule with as many nodes as it takes."""
    tasks = choices(2, people=10)
    tasks = Tasks(tasks.X[:, :1], tasks.chosen, tasks.task, tasks.respondent)
    panel = mixed_logit.panel_of(tasks)
    mean, spread = 0.7, 0.6
    nodes, weights = roots_hermite(60)
    tastes = mean + spread * np.sqrt(2) * nodes
    utility = panel.X[:, :, 0][panel.person, panel.row][:, None] * tastes
    odds = np.exp(utility)
    likely = odds / np.add.reduceat(odds, panel.task_starts)[panel.task]
    logs = np.add.reduceat(np.log(likely[panel.chosen]), panel.person_starts)
    integral = np.log(np.exp(logs) @ weights / np.sqrt(np.pi))
    grid = (np.arange(100_000) + 0.5) / 100_000
    draws = np.tile(stats.norm.ppf(grid), (10, 1))[:, None]
    model = mixed_logit.Model(np.array([0]), False, draws)
    at = mixed_logit._at(np.array([mean, spread]), panel, model)
    assert at.log_likelihood == pytest.approx(integral, abs=1e-6)


def test_raked_weights_are_those_of_the_nearest_table():
    """Raking minimises the distance of Kullback and Leibler: here by its dual, with scipy."""
    rng = np.random.default_rng(3)
    people = pd.DataFrame({"a": rng.choice(list("xyz"), 300), "b": rng.choice(list("uv"), 300, p=[0.3, 0.7])})
    targets = {"a": pd.Series({"x": 0.5, "y": 0.3, "z": 0.2}), "b": pd.Series({"u": 0.6, "v": 0.4})}
    ours = rake(pd.Series(1.0, people.index), people, targets)
    dummies = pd.get_dummies(people).to_numpy(float)
    goal = np.r_[0.5, 0.3, 0.2, 0.6, 0.4]

    def dual(x: np.ndarray) -> tuple[float, np.ndarray]:
        weight = np.exp(dummies @ x)
        return weight.mean() - goal @ x, dummies.T @ weight / len(people) - goal

    found = optimize.minimize(dual, np.zeros(5), jac=True, method="BFGS", options={"gtol": 1e-12})
    theirs = np.exp(dummies @ found.x)
    assert ours.to_numpy() == pytest.approx(theirs / theirs.mean(), rel=1e-6)


def test_a_covariate_from_before_is_the_residual_of_a_regression_and_the_interval_scipy_s():
    rng = np.random.default_rng(4)
    before = rng.normal(size=200)
    data = pd.DataFrame({"arm": np.repeat(["a", "b"], 100), "y": before + rng.normal(size=200), "before": before})
    found = measured(data)
    left = sm.OLS(data["y"], sm.add_constant(data["before"])).fit().resid + data["y"].mean()
    assert found.values["a"] == pytest.approx(left[:100].to_numpy(), rel=1e-9)
    contrast = compare_means(found, "a", "b", None)
    theirs = stats.ttest_ind(left[:100], left[100:], equal_var=False)
    assert contrast.p_value == pytest.approx(theirs.pvalue, rel=1e-9)
    interval = theirs.confidence_interval()
    effect = contrast.effects[0]
    assert (effect.ci_low, effect.ci_high) == pytest.approx((interval.low, interval.high), rel=1e-9)


def test_the_area_under_the_curve_is_that_of_scikit_learn():
    rng = np.random.default_rng(5)
    points, won = rng.integers(0, 9, 300).astype(float), rng.integers(0, 2, 300)
    assert auc(points, won).estimate == pytest.approx(roc_auc_score(won, points), rel=1e-12)


def test_a_difference_of_shares_has_the_interval_of_statsmodels():
    ours = two_proportions(56, 70, 48, 80)
    theirs = confint_proportions_2indep(56, 70, 48, 80, method="newcomb", compare="diff")
    assert (ours.low, ours.high) == pytest.approx(theirs, rel=1e-9)


def test_an_adjusted_odds_ratio_is_that_of_scikit_learn():
    rng = np.random.default_rng(6)
    n = 400
    frame = pd.DataFrame({"group": rng.choice(["p", "q"], n), "x": rng.normal(size=n)})
    frame["yes"] = rng.binomial(1, expit(0.4 * (frame["group"] == "q") - 0.7 * frame["x"]))
    ours = clustered_risks(frame.assign(cluster=frame.index), "p", ["x"])[0].effects[1].estimate
    X = np.column_stack([frame["group"] == "q", frame["x"]]).astype(float)
    model = LogisticRegression(C=np.inf, tol=1e-12, max_iter=5000, solver="newton-cg").fit(X, frame["yes"])
    assert np.log(ours) == pytest.approx(model.coef_[0, 0], rel=1e-6)
