"""Who depends on coupons, and what would be at risk if coupons went (the JCPenney lesson of 2012)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from scipy import stats

from helpers.contracts import Effect
from helpers.hypotheses.estimators import fit_beta_binomial, share_interval
from helpers.hypotheses.evidence import Evidence
from helpers.hypotheses.verdict import Z95, Finding

DEPENDENT_SHARE, SURE = 0.5, 0.9
"""Dependent on coupons: the share of orders with one is at least a half, with this probability."""
RESAMPLES = 199
ASSUMPTIONS = ("drop", "leave")
"""If coupons went, dependent customers would drop only the orders that they placed with one, or leave altogether."""
COLUMNS = ["group", "n", "assumption", "share", "ci_low", "ci_high"]
NOBODY = 0.5
"""Fewer expected customers than this are nobody, who needs no protection."""


def coupon_counts(evidence: Evidence) -> pd.DataFrame:
    """One row per customer of the making period: customer_id, orders, with_coupon, spend, coupon_spend.

    ``with_coupon`` counts orders with a coupon, or with a discount where the file knows no coupons. Orders and not
    lines are counted: a coupon covers its whole order, so lines would feign knowledge. ``coupon_spend`` is what those
    orders brought.
    """
    lines = evidence.bought_lines()
    if evidence.customers is not None:
        lines = lines[lines["ordered_at"] < pd.Timestamp(evidence.customers.period.holdout_from)]
    coupons = "coupon" in lines and lines["coupon"].notna().any()
    lines = lines.assign(used=lines["coupon"].notna() if coupons else lines["discount"] > 0)
    by_order = lines.groupby(["customer_id", "order_id"], as_index=False)
    each = by_order.agg(used=("used", "max"), spend=("amount", "sum"))
    each = each.assign(spend=each["spend"].clip(lower=0), coupon_spend=each["spend"].clip(lower=0) * each["used"])
    return each.groupby("customer_id", as_index=False).agg(
        orders=("order_id", "size"), with_coupon=("used", "sum"), spend=("spend", "sum"),
        coupon_spend=("coupon_spend", "sum"),
    )  # fmt: skip


def dependence(with_coupon: np.ndarray, orders: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """Per customer P(share of orders with a coupon >= .5), by empirical Bayes.

    The beta prior is fitted to all customers (beta-binomial likelihood; Gelman et al. 2013, ch. 5), each counted
    ``weights`` times, so that one order with a coupon does not make a coupon hunter.
    """
    pairs, which = np.unique(np.column_stack([with_coupon, orders]), axis=0, return_inverse=True)
    a, b = fit_beta_binomial(pairs[:, 0], pairs[:, 1], np.bincount(which.ravel(), weights))
    return stats.beta.sf(DEPENDENT_SHARE, a + with_coupon, b + orders - with_coupon)


def coupon_dependence(evidence: Evidence, sesoi: float) -> Finding:
    """The share of customers who can be told to depend on coupons, and their share of revenue.

    Flagged are customers with P(share >= .5) >= .9. Supported when that share exceeds the smallest share of interest
    (exact binomial test, Wilson interval).
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
    flagged_spend, spend = counts["spend"].to_numpy()[flagged].sum(), counts["spend"].sum()
    values |= {"share": words.percent(yes / n), "interval": words.interval(head.low, head.high, "percent")}
    sentence = words.say(
        "hypotheses.facts.coupons", revenue=words.percent(flagged_spend / spend if spend > 0 else 0.0), **values
    )
    return Finding((head,), p, {label: n}, method, sentence, (likely,), descriptive=True)


def _needed(sesoi: float) -> int:
    """Customers for a Wilson interval of +/- the smallest share of interest around it."""
    return int(np.ceil(sesoi * (1 - sesoi) * (Z95 / sesoi) ** 2)) if sesoi < 1 else 2


def _mean_share(chance: np.ndarray, label: str) -> Effect:
    """Expected share of dependent customers, the unsure ones counted with their probability."""
    half = Z95 * chance.std(ddof=1) / np.sqrt(len(chance))
    mean = float(chance.mean())
    return Effect("share", mean, max(0.0, mean - half), min(1.0, mean + half), label)


def without_coupons(evidence: Evidence) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """What share of revenue would be at risk if coupons went, between two assumptions; and it in sentences.

    Returns
    -------
    DataFrame
        group (everybody first, then handles), n (customers), assumption (drop: dependent customers drop only
        the orders that they placed with a coupon; leave: they stay away altogether), share (of the group's
        revenue), ci_low, ci_high. Customers count with their probability of depending; the others buy as before.
        Empty, with the reason as sentence, where nothing can be told; groups with too few (dependent) customers are
        left out.
    """
    words = evidence.words
    if not evidence.has("sales.coupon|discount"):
        return pd.DataFrame(columns=COLUMNS), (words.say("hypotheses.without_coupons.none"),)
    counts = coupon_counts(evidence)
    if len(counts) < evidence.least or counts["spend"].sum() <= 0:
        return pd.DataFrame(columns=COLUMNS), (words.say("hypotheses.without_coupons.few", least=evidence.least),)
    persona = counts["customer_id"].map(evidence.members().set_index("customer_id")["persona"])
    groups = {words.say("hypotheses.without_coupons.everybody"): np.ones(len(counts), dtype=bool)}
    groups |= {handle: (persona == i).to_numpy() for i, handle in evidence.handles.items()}
    frame = revenue_at_risk(counts, groups, evidence.study.seed)
    cell = evidence.study.privacy.min_cell
    frame = frame[(frame["n"] >= evidence.least) & ((frame["dependent"] >= cell) | (frame["dependent"] < NOBODY))]
    frame = frame[COLUMNS].reset_index(drop=True)
    if frame.empty:
        return frame, (words.say("hypotheses.without_coupons.hardly", cell=cell),)
    lines = []
    for group, rows in frame.groupby("group", sort=False):
        said = {}
        for row in rows.itertuples():
            interval = words.interval(row.ci_low, row.ci_high, "percent")
            said |= {row.assumption: words.percent(row.share), f"{row.assumption}_interval": interval}
        key = "line" if group in evidence.handles.values() else "all"
        lines.append(words.say(f"hypotheses.without_coupons.{key}", group=group, **said))
    return frame, (*lines, words.say("hypotheses.without_coupons.assumed"))


def revenue_at_risk(counts: pd.DataFrame, groups: dict[str, np.ndarray], seed: int) -> pd.DataFrame:
    """Per group and assumption the share of revenue at risk, with a percentile bootstrap over customers.

    counts : as `coupon_counts`. groups : name to a mask over its rows. The prior is fitted again in every resample, so
    that the interval holds what is not known about the customers as a whole.
    Columns: as `without_coupons`, and dependent (expected number of dependent customers).
    """
    used, orders = counts["with_coupon"].to_numpy(), counts["orders"].to_numpy()
    spend = counts["spend"].to_numpy(float)
    lost = np.column_stack([counts["coupon_spend"].to_numpy(float), spend])  # by assumption
    members = np.column_stack(list(groups.values())).astype(float)

    def at_risk(weights: np.ndarray) -> np.ndarray:
        chance = weights * dependence(used, orders, weights)
        total = members.T @ (weights * spend)
        return np.divide(members.T @ (chance[:, None] * lost), total[:, None], where=total[:, None] > 0,
                         out=np.zeros((len(groups), len(ASSUMPTIONS))))  # fmt: skip

    n, rng = len(counts), np.random.default_rng(seed)
    shares = at_risk(np.ones(n))
    draws = [at_risk(rng.multinomial(n, np.full(n, 1 / n)).astype(float)) for _ in range(RESAMPLES)]
    low, high = np.quantile(draws, [0.025, 0.975], axis=0)
    dependent = members.T @ dependence(used, orders)
    rows = [
        (group, int(members[:, g].sum()), assumption, shares[g, a], low[g, a], high[g, a], dependent[g])
        for g, group in enumerate(groups)
        for a, assumption in enumerate(ASSUMPTIONS)
    ]
    return pd.DataFrame(rows, columns=[*COLUMNS, "dependent"])
