"""The estimators that hypotheses share: each takes counts or a table and gives contrasts with intervals.

Statistics come from statsmodels and scipy; what neither has (a paired difference of shares, standardisation over
covariates, the empirical-Bayes beta-binomial) stands here with its source.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
from scipy import optimize, sparse, stats
from scipy.special import expit
from statsmodels.genmod import families
from statsmodels.genmod.generalized_linear_model import GLM
from statsmodels.stats.contingency_tables import Table2x2, mcnemar
from statsmodels.stats.meta_analysis import CombineResults, combine_effects
from statsmodels.stats.proportion import confint_proportions_2indep
from statsmodels.tools.sm_exceptions import PerfectSeparationError, PerfectSeparationWarning

from helpers.beliefs.plan import smallest_difference
from helpers.beliefs.verdict import ALPHA, NO_SPREAD, POWER, Z90, Z95, Z_MDE, Contrast, wald
from helpers.contracts import Effect
from helpers.small_cells import wilson
from helpers.survey.weights import weighted_gap
from helpers.words import Text

RESAMPLES = 999
"""Samples of people drawn again for an interval, where no estimator says otherwise."""
RARE = 5
"""A group with fewer yeses, or fewer noes, than this carries no estimate of a logit model."""
SERIES = 1000
"""The most terms by which a person's own information is allowed for."""
MOST_PLACES = 53
"""Categories that are only adjusted for: the most frequent ones (a year of weeks), the others together."""


def two_proportions(yes: int, n: int, yes_control: int, n_control: int, label: Text = "") -> Contrast:
    """Two independent shares, judged by their difference (a - b).

    Difference with Newcombe's hybrid score interval (1998, method 10); odds ratio and risk ratio with log intervals,
    half a case added to every cell when one is empty; p from the score test, Fisher's exact test when an expected
    count is below 5. The effect is the odds ratio.
    """
    table = np.array([[yes, n - yes], [yes_control, n_control - yes_control]])
    outer, inner = (
        confint_proportions_2indep(yes, n, yes_control, n_control, method="newcomb", alpha=a)
        for a in (ALPHA, 2 * ALPHA)
    )
    pooled = (yes + yes_control) / (n + n_control)
    if pooled in (0, 1):
        p = 1.0
    elif min(n, n_control) * min(pooled, 1 - pooled) < RARE:
        p = float(stats.fisher_exact(table).pvalue)
    else:
        p = float(stats.chi2_contingency(table, correction=False).pvalue)
    difference = yes / n - yes_control / n_control
    ratios = Table2x2(table, shift_zeros=True)
    effects = (
        _effect("odds ratio", ratios.oddsratio, ratios.oddsratio_confint(ALPHA), label),
        _effect("risk difference", difference, outer, label),
        _effect("risk ratio", ratios.riskratio, ratios.riskratio_confint(ALPHA), label),
    )
    base = min(max(yes_control / n_control, 0.5 / n_control), 1 - 0.5 / n_control)
    mde = smallest_difference(base, n, n_control, POWER, ALPHA)
    facts = {"share": yes / n, "share_control": yes_control / n_control, "n": n, "n_control": n_control}
    return Contrast(label, "risk difference", difference, *map(float, (*outer, *inner)), p, mde, effects, facts)


def paired_proportions(both: int, only: int, only_control: int, neither: int, label: Text = "") -> Contrast:
    """Two shares of the same people: yes to both, only to the treatment, only to the control, to neither.

    McNemar's test (exact under 25 discordant pairs); difference with the adjusted Wald interval of Bonett & Price
    (2012, J. Educ. Behav. Stat. 37); odds ratio of the discordant pairs (half a pair added when a side is empty) and
    ratio of the marginal shares with the log interval of Desu & Raghavarao (2004), both by the delta method.
    """
    n = both + only + only_control + neither
    discordant = only + only_control
    p = float(mcnemar([[both, only], [only_control, neither]], exact=discordant < 25, correction=False).pvalue)
    b, c = (only + 1) / (n + 2), (only_control + 1) / (n + 2)
    se = math.sqrt((b + c - (b - c) ** 2) / (n + 2))
    difference = (only - only_control) / n
    outer, inner = ((max(-1.0, b - c - z * se), min(1.0, b - c + z * se)) for z in (Z95, Z90))
    half = 0.5 if 0 in (only, only_control) else 0.0
    odds = math.log((only + half) / (only_control + half))
    odds_se = math.sqrt(1 / (only + half) + 1 / (only_control + half))
    yes, yes_control = both + only + half, both + only_control + half
    risk, risk_se = math.log(yes / yes_control), math.sqrt((discordant + 2 * half) / (yes * yes_control))
    effects = (
        _ratio("odds ratio", odds, odds_se, label),
        _effect("risk difference", difference, outer, label),
        _ratio("risk ratio", risk, risk_se, label),
    )
    facts = {"share": (both + only) / n, "share_control": (both + only_control) / n, "n": n, "n_control": n}
    return Contrast(label, "risk difference", difference, *outer, *inner, p, Z_MDE * se, effects, facts)


def two_means(values: np.ndarray, control: np.ndarray, label: Text = "", spread: float | None = None) -> Contrast:
    """Two independent means by Welch's t test, judged in pooled standard deviations, or in ``spread``.

    Both arms must vary.
    """
    return _of_two(stats.ttest_ind(values, control, equal_var=False), values, control, label, spread)


def paired_means(values: np.ndarray, control: np.ndarray, label: Text = "", spread: float | None = None) -> Contrast:
    """Two means of the same people by the paired t test, judged in standard deviations of the two arms' average, or in
    ``spread``."""
    return _of_two(stats.ttest_rel(values, control), values, control, label, spread)


def paired_shares(values: np.ndarray, control: np.ndarray, label: Text = "") -> Contrast:
    """Two shares of the same people who answered several times each, a share per person, by the paired t test."""
    facts = {"share": float(values.mean()), "share_control": float(control.mean())}
    facts |= {"n": len(values), "n_control": len(control)}
    gap = facts["share"] - facts["share_control"]
    return _by_t_test("risk difference", stats.ttest_rel(values, control), gap, 1.0, label, facts)


def mean_gap(gap: np.ndarray, label: Text, weight: np.ndarray) -> Contrast:
    """The mean of paired differences against 0 (`weighted_gap`), judged in its own unit."""
    described = weighted_gap(gap, weight)
    statistic, p, df = described.ttest_mean(0)
    test = SimpleNamespace(pvalue=p, df=df, confidence_interval=lambda level: described.tconfint_mean(1 - level))
    return _by_t_test("mean difference", test, float(described.mean), 1.0, label, {"t": float(statistic)})


def _of_two(test, values: np.ndarray, control: np.ndarray, label: Text, spread: float | None) -> Contrast:
    """The difference of two means in standard deviations (the intervals take those as known), and as it is."""
    spread = spread or math.sqrt((values.var(ddof=1) + control.var(ddof=1)) / 2)
    means = {"mean": float(values.mean()), "mean_control": float(control.mean())}
    facts = means | {"n": len(values), "n_control": len(control)}
    plain = _by_t_test("mean difference", test, means["mean"] - means["mean_control"], 1.0, label, facts)
    scaled = _by_t_test("standardised difference", test, plain.estimate, spread, label, facts)
    return replace(scaled, effects=(*plain.effects, *scaled.effects))


def _by_t_test(measure: str, test, difference: float, spread: float, label: Text, facts: dict[str, float]) -> Contrast:
    """A difference of means with the intervals of a scipy t test, both divided by ``spread``."""
    outer, inner = test.confidence_interval(1 - ALPHA), test.confidence_interval(1 - 2 * ALPHA)
    limits = [float(limit) / spread for limit in (*outer, *inner)]
    mde = float(Z_MDE * (limits[1] - limits[0]) / (2 * stats.t.ppf(1 - ALPHA / 2, test.df)))
    effect = _effect(measure, difference / spread, limits, label)
    return Contrast(label, measure, effect.estimate, *limits, float(test.pvalue), mde, (effect,), facts)


def of_sets(row: dict[str, float], measure: str, label: Text) -> Contrast:
    """A contrast of risk sets (``after/``), judged by the ``risk difference`` or ``risk ratio`` of its shares.

    Both are among the effects, by t quantiles. The p-value is that of the difference.
    """
    quantiles = stats.t.ppf((ALPHA / 2, 1 - ALPHA / 2, ALPHA, 1 - ALPHA), row["people"] - 1)
    ratio = math.log(row["share"] / row["share_others"]) if math.isfinite(row["ratio_error"]) else math.nan
    limits = {
        "risk difference": [row["share_difference"] + q * row["error"] for q in quantiles],
        "risk ratio": [math.exp(ratio + q * row["ratio_error"]) for q in quantiles],
    }
    estimates = {"risk difference": row["share_difference"], "risk ratio": math.exp(ratio)}
    mde = Z_MDE * row["error"] if measure == "risk difference" else math.expm1(Z_MDE * row["ratio_error"])
    effects = [_effect(name, estimates[name], limits[name], label) for name in sorted(limits, key=measure.__ne__)]
    facts = {name: float(row[name]) for name in ("people", "share", "share_others", "share_difference")}
    facts |= {"share_control": facts["share_others"], "ci_low": row["ci_low"], "ci_high": row["ci_high"]}
    low, high, inner_low, inner_high = map(float, limits[measure])
    return Contrast(
        label, measure, float(estimates[measure]), low, high, inner_low, inner_high, row["p_value"], mde,
        tuple(effects), facts,
    )  # fmt: skip


def clustered_risks(frame: pd.DataFrame, reference: str, adjust: Sequence[str] = ()) -> list[Contrast]:
    """Shares of each group against the reference group, many rows per person, adjusted for other columns.

    frame : one row per event: ``yes`` (0/1), ``group`` (str), ``cluster`` (person), and the columns of ``adjust``
        (numbers as they are, anything else as categories). Each group has at least RARE yeses and noes.

    A logit model; risks are standardised over everybody's covariates (g-computation) and contrasted by the delta
    method. Errors by leaving out each person in turn (CV3L: MacKinnon, Nielsen & Webb 2023, J. Appl. Econometrics 38),
    t quantiles by how many people the rows amount to (`_freedom`): where some have a hundred rows and others one, the
    usual clustered errors reject a true null one time in seven. Raises PerfectSeparationError when the model has no
    finite fit.
    """
    fit, X, levels = fitted(frame, "yes", families.Binomial(), reference, adjust)
    beta, person = fit.params.to_numpy(), pd.factorize(frame["cluster"])[0]
    moved = _without_each(X.to_numpy(), np.asarray(fit.fittedvalues), frame["yes"].to_numpy(float), person)
    p0, g0 = standardised_risk(X, levels, None, beta)
    found = []
    for level in levels:
        p1, g1 = standardised_risk(X, levels, level, beta)
        at = X.columns.get_loc(level)
        each = moved @ np.column_stack([g1 - g0, g1 / p1 - g0 / p0, np.eye(len(beta))[at]])
        se, se_ratio, se_odds = np.sqrt((each**2).sum(axis=0))
        freedom = _freedom(each[:, 0] ** 2, person, X[level].to_numpy() > 0)
        t = float(stats.t.isf(ALPHA / 2, freedom))
        others = (
            _ratio("odds ratio", beta[at], se_odds, level, t),
            _ratio("risk ratio", math.log(p1 / p0), se_ratio, level, t),
        )
        facts = {"share": p1, "share_control": p0}
        found.append(wald(level, "risk difference", p1 - p0, float(se), others, facts, freedom))
    return found


def _without_each(x: np.ndarray, mean: np.ndarray, yes: np.ndarray, person: np.ndarray) -> np.ndarray:
    """How far the coefficients of a logit model move as each person is left out, to first order; people x columns.

    Their products add up to the covariance. A person's own information is allowed for by a series, whose terms soon
    vanish but for those who have a good part of all rows.
    """
    spread, people = mean * (1 - mean), int(person.max()) + 1

    def summed(rows: np.ndarray, of: np.ndarray) -> np.ndarray:
        return np.column_stack([np.bincount(of, column, people) for column in rows.T]) @ inverse

    inverse = np.linalg.pinv((x * spread[:, None]).T @ x, hermitian=True)
    own = summed(x * (yes - mean)[:, None], person)
    moved, rows, still = own.copy(), np.arange(len(x)), np.ones(people, bool)
    for _ in range(SERIES):
        pulled = spread[rows] * (x[rows] * moved[person[rows]]).sum(axis=1)
        new = own + summed(x[rows] * pulled[:, None], person[rows])
        still &= np.abs(new - moved).max(axis=1) > NO_SPREAD * np.abs(new).max()
        moved[still] = new[still]
        rows = rows[still[person[rows]]]
        if not len(rows):
            break
    return moved * math.sqrt(max(people - 1, 1) / people)


def _freedom(parts: np.ndarray, person: np.ndarray, inside: np.ndarray) -> float:
    """Degrees of freedom of a sum of ``parts`` of each person, of those in a group and of all others (Satterthwaite).

    Each half has as many as the people that its rows amount to, less one: the square of their number over the sum of
    the squares of each person's (Kish 1965).
    """
    whole, own = np.bincount(person), np.bincount(person, inside)
    halves = [(parts[here].sum(), rows[here]) for here, rows in ((own > 0, own), (own == 0, whole))]
    weight = [part**2 / max(n.sum() ** 2 / (n**2).sum() - 1, 1.0) for part, n in halves if len(n)]
    return max(float(parts.sum() ** 2 / max(sum(weight), 1e-300)), 1.0)


def clustered_ratios(
    frame: pd.DataFrame, reference: str, measure: str, family: families.Family, adjust: Sequence[str] = ()
) -> list[Contrast]:
    """Ratios of means (or shares) of each group to the reference group, many rows per person.

    frame : as in `clustered_risks`, with ``value`` in place of ``yes``. A log-link model whose only use is the mean:
    Gamma for amounts, Poisson for 0/1 (Zou 2004); covariance clustered by person, so the family need not be true.
    """
    fit, _, levels = fitted(frame, "value", family, reference, adjust)
    return [wald(level, measure, float(fit.params[level]), float(fit.bse[level])) for level in levels]


def conditional_poisson(y: np.ndarray, X: np.ndarray, cell: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Slopes of a Poisson model with one free level per cell; X less its mean within cells; and the expected counts.

    y : counts or 0/1, n. X : n x k. cell : codes from 0; every cell has an event.

    Levels are concentrated out (Hausman, Hall & Griliches 1984), so that many cells bias nothing. The counts need not
    be Poisson: slopes are right for any outcome with this mean (Wooldridge 1999, J. Econometrics 90). statsmodels fits
    the model without what a covariance that holds for such counts needs. Raises PerfectSeparationError where there is
    no finite solution.
    """
    cells = sparse.csr_array((np.ones(len(y)), (cell, np.arange(len(y)))))
    beta, total = np.zeros(X.shape[1]), cells @ y
    for _ in range(60):
        rate = np.exp(np.clip(X @ beta, -50, 50))
        mu = rate * (total / (cells @ rate))[cell]
        within = X - ((cells @ (mu[:, None] * X)) / total[:, None])[cell]
        step = np.linalg.lstsq(within.T @ (mu[:, None] * within), within.T @ (y - mu), rcond=1e-10)[0]
        beta = beta + step
        if np.abs(step).max() < NO_SPREAD:
            return beta, within, mu
    raise PerfectSeparationError("the model has no finite solution")


def _design(frame: pd.DataFrame, reference: str, adjust: Sequence[str]) -> tuple[pd.DataFrame, list[str]]:
    """Design matrix with a constant, one column per group but the reference, and the covariates; and those groups."""
    levels = sorted(set(frame["group"]) - {reference})
    columns = {"const": np.ones(len(frame))} | {level: (frame["group"] == level).to_numpy(float) for level in levels}
    for name in adjust:
        if pd.api.types.is_numeric_dtype(frame[name]) and not pd.api.types.is_bool_dtype(frame[name]):
            values = frame[name].to_numpy(float)
            if (spread := values.std()) > 0:
                columns[f"{name}="] = (values - values.mean()) / spread
            continue
        pooled = _pool(frame[name], frame.get("yes"))
        for value in sorted(set(pooled))[1:]:
            columns[f"{name}={value}"] = (pooled == value).to_numpy(float)
    return pd.DataFrame(columns, index=frame.index), levels


def _pool(values: pd.Series, yes: pd.Series | None) -> pd.Series:
    """A covariate as categories: missing is one of its own; rare ones, or ones without a yes or a no, go together."""
    values = values.astype("str").fillna("(not stated)")
    keep = values.value_counts().loc[lambda n: n >= RARE].index[:MOST_PLACES]
    if yes is not None:
        counts = yes.groupby(values).agg(["sum", "size"])
        keep = keep.intersection(counts.index[(counts["sum"] >= RARE) & (counts["size"] - counts["sum"] >= RARE)])
    return values.where(values.isin(keep), "(other)")


def fitted(frame: pd.DataFrame, outcome: str, family: families.Family, reference: str, adjust: Sequence[str]):
    """Fit with covariance clustered by person, the design, and the groups that are compared with ``reference``.

    Separation and rank deficiency raise PerfectSeparationError.
    """
    X, levels = _design(frame, reference, adjust)
    X = told_apart(X, levels)
    model = GLM(frame[outcome].to_numpy(float), X, family)
    with warnings.catch_warnings():
        warnings.simplefilter("error", PerfectSeparationWarning)
        try:
            fit = model.fit(cov_type="cluster", cov_kwds={"groups": pd.factorize(frame["cluster"])[0]})
        except PerfectSeparationWarning as e:
            raise PerfectSeparationError(str(e)) from e
    if not fit.converged or np.abs(fit.params).max() > 25:
        raise PerfectSeparationError("the model has no finite solution")
    return fit, X, levels


def told_apart(X: pd.DataFrame, levels: list[str]) -> pd.DataFrame:
    """A design without covariates that repeat others; PerfectSeparationError where a group repeats them."""
    ordered = X[[*X.columns.difference(levels, sort=False), *levels]]
    size = np.abs(np.diag(np.linalg.qr(ordered, mode="r")))
    own = size > 1e-7 * np.linalg.norm(ordered, axis=0)[: len(size)]
    if len(own) < X.shape[1] or not own[X.shape[1] - len(levels) :].all():
        raise PerfectSeparationError("the columns of the model repeat one another")
    return X[[name for name in X.columns if name in set(ordered.columns[own])]]


def standardised_risk(
    X: pd.DataFrame, levels: list[str], level: str | None, beta: np.ndarray
) -> tuple[float, np.ndarray]:
    """Mean predicted risk when everybody is in one group, and its gradient in the coefficients."""
    everyone = X.assign(**dict.fromkeys(levels, 0.0))
    if level is not None:
        everyone[level] = 1.0
    p = expit(everyone.to_numpy() @ beta)
    return float(p.mean()), (p * (1 - p)) @ everyone.to_numpy() / len(X)


def drawn_together(estimates: np.ndarray, variances: np.ndarray) -> tuple[np.ndarray, np.ndarray, CombineResults]:
    """Estimates drawn to their common mean as far as chance explains how they differ, and their posterior spreads.

    Normal-normal empirical Bayes (Efron & Morris 1975; Morris 1983, JASA 78): the variance between the true values by
    Paule & Mandel (1982; at least as good as DerSimonian & Laird's: Veroniki et al. 2016), 0 where chance alone
    explains them. The spread allows for the error of the common mean, and not for that of the variance. The third is
    the random-effects mean itself.
    """
    with np.errstate(divide="ignore", invalid="ignore"):  # of values that are all equal it divides by their spread
        found = combine_effects(estimates, variances, method_re="pm")
    between = max(float(found.tau2), 0.0)
    kept = between / (between + variances)
    centre = found.mean_effect_re + kept * (estimates - found.mean_effect_re)
    return centre, np.sqrt(kept * variances + (1 - kept) ** 2 * found.sd_eff_w_re**2), found


def share_interval(yes: int, n: int, label: Text = "") -> Contrast:
    """A share with Wilson's interval; p is left to the caller, who knows what it is compared with."""
    outer, inner = (wilson(yes, n, a) for a in (ALPHA, 2 * ALPHA))
    mde = Z_MDE * math.sqrt(max(yes * (n - yes), 1) / n**3)
    effects = (_effect("share", yes / n, outer, label),)
    return Contrast(label, "share", yes / n, *outer, *inner, math.nan, mde, effects, {"n": n})


def fit_beta_binomial(yes: np.ndarray, n: np.ndarray, weights: np.ndarray | None = None) -> tuple[float, float]:
    """Maximum-likelihood alpha and beta of a beta-binomial: how a share varies from person to person.

    ``weights`` counts persons with the same (yes, n). Searched on logit mean and log precision (alpha + beta between
    0.02 and 20,000), so shares that do not vary give a large, finite precision.
    """
    weights = np.ones(len(n)) if weights is None else weights
    mean = np.clip((weights @ yes) / (weights @ n), 1e-6, 1 - 1e-6)

    def loss(theta: np.ndarray) -> float:
        a, b = expit(theta[0]) * np.exp(theta[1]), expit(-theta[0]) * np.exp(theta[1])
        return -float(weights @ stats.betabinom.logpmf(yes, n, a, b))

    start = np.array([math.log(mean / (1 - mean)), 1.0])
    bounds = [(-14, 14), (math.log(0.02), math.log(2e4))]
    theta = optimize.minimize(loss, start, method="L-BFGS-B", bounds=bounds).x
    return float(expit(theta[0]) * np.exp(theta[1])), float(expit(-theta[0]) * np.exp(theta[1]))


def _ratio(measure: str, log_estimate: float, se: float, label: Text, half: float = Z95) -> Effect:
    """A ratio with its 95 % interval from its logarithm, ``half`` standard errors to either side."""
    low, high = math.exp(log_estimate - half * se), math.exp(log_estimate + half * se)
    return Effect(measure, math.exp(log_estimate), low, high, label)


def _effect(measure: str, estimate: float, interval: Sequence[float], label: Text) -> Effect:
    """An effect of plain floats."""
    return Effect(measure, float(estimate), float(interval[0]), float(interval[1]), label)
