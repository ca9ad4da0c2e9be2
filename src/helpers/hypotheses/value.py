"""Money: who depends on coupons, and whether profit differs from persona to persona."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from scipy import stats

from helpers.contracts import Effect
from helpers.hypotheses.estimators import fit_beta_binomial, share_interval
from helpers.hypotheses.evidence import Evidence
from helpers.hypotheses.verdict import Z95, Finding, by_clarity, wald
from helpers.personas.claims import bch_weights

DEPENDENT_SHARE, SURE = 0.5, 0.9
"""Dependent on coupons: the share of orders with one is at least a half, with this probability."""
RESAMPLES = 999


def coupon_counts(evidence: Evidence) -> pd.DataFrame:
    """One row per customer of the making period: customer_id, orders, with_coupon, spend.

    ``with_coupon`` counts orders with a coupon, or with a discount where the file knows no coupons. Orders and not
    lines are counted: a coupon covers its whole order, so lines would feign knowledge.
    """
    lines = evidence.bought_lines()
    if evidence.customers is not None:
        lines = lines[lines["ordered_at"] < pd.Timestamp(evidence.customers.period.holdout_from)]
    coupons = "coupon" in lines and lines["coupon"].notna().any()
    lines = lines.assign(used=lines["coupon"].notna() if coupons else lines["discount"] > 0)
    by_order = lines.groupby(["customer_id", "order_id"], as_index=False)
    each = by_order.agg(used=("used", "max"), spend=("amount", "sum"))
    return each.groupby("customer_id", as_index=False).agg(
        orders=("order_id", "size"), with_coupon=("used", "sum"), spend=("spend", "sum")
    )


def dependence(with_coupon: np.ndarray, orders: np.ndarray) -> np.ndarray:
    """Per customer P(share of orders with a coupon >= .5), by empirical Bayes.

    The beta prior is fitted to all customers (beta-binomial likelihood; Gelman et al. 2013, ch. 5), so that one order
    with a coupon does not make a coupon hunter.
    """
    cells, weights = np.unique(np.column_stack([with_coupon, orders]), axis=0, return_counts=True)
    a, b = fit_beta_binomial(cells[:, 0], cells[:, 1], weights)
    return stats.beta.sf(DEPENDENT_SHARE, a + with_coupon, b + orders - with_coupon)


def coupon_dependence(evidence: Evidence, sesoi: float) -> Finding:
    """The share of customers who can be told to depend on coupons, and their share of revenue.

    Flagged are customers with P(share >= .5) >= .9. Supported when that share exceeds the smallest share of interest
    (exact binomial test, Wilson interval); revenue share with a bootstrap interval over customers.
    """
    words = evidence.words
    counts = coupon_counts(evidence)
    if len(counts) < evidence.least:
        raise evidence.not_testable("few", least=evidence.least, needed=words.number(_needed(sesoi), 0))
    chance = dependence(counts["with_coupon"].to_numpy(), counts["orders"].to_numpy())
    flagged = chance >= SURE
    yes, n = int(flagged.sum()), len(counts)
    label = words.say("hypotheses.label.customers")
    p = float(stats.binomtest(yes, n, min(sesoi, 1.0)).pvalue)
    head = replace(share_interval(yes, n, label), p_value=p)
    likely = _mean_share(chance, words.say("hypotheses.label.expected"))
    values = {"n": words.number(n, 0), "expected": words.percent(likely.estimate)}
    method = words.say("hypotheses.method.coupons")
    if 0 < yes < (cell := evidence.study.privacy.min_cell):  # so few that their share and revenue could point at them
        sentence = words.say("hypotheses.facts.coupons_few", cell=cell, **values)
        return Finding((replace(head, effects=()),), p, {label: n}, method, sentence, (likely,), descriptive=True)
    revenue = _revenue_share(counts["spend"].to_numpy(), flagged, evidence)
    values |= {"share": words.percent(yes / n), "interval": words.interval(head.low, head.high, "percent")}
    sentence = words.say("hypotheses.facts.coupons", revenue=words.percent(revenue.estimate), **values)
    return Finding((head,), p, {label: n}, method, sentence, (revenue, likely), descriptive=True)


def _needed(sesoi: float) -> int:
    """Customers for a Wilson interval of +/- the smallest share of interest around it."""
    return int(np.ceil(sesoi * (1 - sesoi) * (Z95 / sesoi) ** 2)) if sesoi < 1 else 2


def _revenue_share(spend: np.ndarray, flagged: np.ndarray, evidence: Evidence) -> Effect:
    """Share of revenue from flagged customers, percentile bootstrap over customers."""
    label = evidence.words.say("hypotheses.label.revenue")
    spend = np.clip(spend, 0, None)
    total = spend.sum()
    share = float(spend[flagged].sum() / total) if total > 0 else 0.0
    if total <= 0 or not flagged.any() or flagged.all():
        return Effect("share", share, share, share, label)
    draws = np.random.default_rng(evidence.study.seed).multinomial(
        len(spend), np.full(len(spend), 1 / len(spend)), RESAMPLES
    )
    shares = (draws @ (spend * flagged)) / (draws @ spend)
    low, high = np.quantile(shares, [0.025, 0.975])
    return Effect("share", share, float(low), float(high), label)


def _mean_share(chance: np.ndarray, label: str) -> Effect:
    """Expected share of dependent customers, the unsure ones counted with their probability."""
    half = Z95 * chance.std(ddof=1) / np.sqrt(len(chance))
    mean = float(chance.mean())
    return Effect("share", mean, max(0.0, mean - half), min(1.0, mean + half), label)


def profit_by_persona(evidence: Evidence, sesoi: float) -> Finding:
    """Held-out margin of each persona against all others, corrected for uncertain assignment, bootstrapped.

    Margin after holdout_from took no part in making the personas. Judged in standard deviations of the margin.
    """
    words = evidence.words
    if evidence.customers is None or "margin" not in evidence.customers.held_out:
        raise evidence.not_testable("needs", missing="sales.unit_cost")
    margin, weights, groups = _margins(evidence)
    spread = float(margin.std(ddof=1))
    if spread == 0:
        raise evidence.not_testable("all_alike")
    estimates = _against_others(margin, weights)
    rng = np.random.default_rng(evidence.study.seed)
    picks = (rng.integers(0, len(margin), len(margin)) for _ in range(RESAMPLES))
    se = np.std([_against_others(margin[i], weights[i]) for i in picks], axis=0, ddof=1)
    contrasts = []
    for group, estimate, error in zip(groups, estimates, se, strict=True):
        money = wald(group, "mean difference", float(estimate), float(error)).effects
        scaled = wald(group, "standardised difference", float(estimate / spread), float(error / spread))
        contrasts.append(replace(scaled, effects=(*money, *scaled.effects)))
    ordered, p = by_clarity(contrasts)
    first = ordered[0].effects[0]
    sentence = words.say(
        "hypotheses.facts.profit",
        persona=evidence.handles[first.label], difference=words.money(first.estimate),
        interval=words.interval(first.ci_low, first.ci_high, "money"),
    )  # fmt: skip
    n = dict(zip(groups, np.bincount(weights.argmax(axis=1), minlength=len(groups)).tolist(), strict=True))
    return Finding(ordered, p, n, words.say("hypotheses.method.profit"), sentence)


def _margins(evidence: Evidence) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Held-out margin, BCH weights and group ids of customers in a compared group (at least two groups)."""
    groups = list(evidence.handles)
    margins = evidence.customers.held_out[["customer_id", "margin"]].dropna()
    rows = evidence.personas.assignments.merge(margins, on="customer_id")
    posterior = rows.reindex(columns=[f"p_{g}" for g in groups]).astype(float)
    clustered = posterior.notna().all(axis=1) & (posterior.sum(axis=1) > 0.5)
    if clustered.any():
        rows, posterior = rows[clustered], posterior[clustered]
    else:  # tiers by rule: everybody is in one group for certain
        rows = rows[rows["persona"].isin(groups)]
        posterior = pd.DataFrame({f"p_{g}": (rows["persona"] == g).astype(float) for g in groups})
    modal = posterior.to_numpy().argmax(axis=1) if groups else np.array([])
    kept = [k for k in range(len(groups)) if (modal == k).sum() >= evidence.least]
    if len(kept) < 2:
        raise evidence.not_testable("few_personas", least=evidence.least)
    inside = np.isin(modal, kept)
    share = posterior.to_numpy()[inside][:, kept]
    share = share / share.sum(axis=1, keepdims=True)
    return rows["margin"].to_numpy(float)[inside], bch_weights(share), [groups[k] for k in kept]


def _against_others(margin: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Weighted mean of each class minus that of all other classes together."""
    sums, totals = weights.T @ margin, weights.sum(axis=0)
    return sums / totals - (sums.sum() - sums) / (totals.sum() - totals)
