"""Who depends on coupons, and what would be at risk if coupons went (the JCPenney lesson of 2012)."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from helpers.beliefs.estimators import share_interval
from helpers.beliefs.evidence import Evidence, calendar
from helpers.beliefs.verdict import ALPHA, Z95, Z_MDE, Contrast, Finding
from helpers.contracts import Effect
from helpers.customers.customers import orders_of
from helpers.offers.mixing import GRID, likelihoods, mixture, share_above
from helpers.words import Text, say, sentences

DEPENDENT_SHARE, SURE = 0.5, 0.9
"""Dependent on coupons: the share of orders with one is at least a half, with this probability."""
RESAMPLES, AGAIN = 199, 60
"""Samples of customers drawn again, and steps from the fit of all to that of each."""
ASSUMPTIONS = ("drop", "leave")
"""If coupons went, dependent customers would drop only the orders that they placed with one, or leave altogether."""
COLUMNS = ["group", "n", "assumption", "share", "ci_low", "ci_high"]
EVERYBODY = "all"
NOBODY = 0.5
"""Fewer expected customers than this are nobody, who needs no protection."""


@dataclass(frozen=True)
class WithoutCoupons:
    """What share of revenue would be at risk if coupons went, between two assumptions.

    shares : group (everybody first, then handles), n (customers), assumption (drop: dependent customers drop only the
        orders that they placed with a coupon; leave: they stay away altogether), share (of the group's revenue),
        ci_low, ci_high. Customers count with their probability of depending; the others buy as before. Empty where
        nothing can be told; groups with too few (dependent) customers are left out.
    told : it in sentences, or why nothing can be told.
    """

    shares: pd.DataFrame
    told: tuple[Text, ...]


def _orders(evidence: Evidence) -> pd.DataFrame:
    """Orders of the making period with used (a coupon, or a discount where the file knows no coupons)."""
    lines = evidence.in_window("sales", "ordered_at")
    if evidence.customers is not None:
        lines = lines[lines["ordered_at"] < pd.Timestamp(evidence.customers.period.holdout_from)]
    each = orders_of(lines)
    return each.assign(
        used=each["coupon"] if "coupon" in each and each["coupon"].any() else each.get("discounted", False)
    )


def bought_in_coupon_weeks(evidence: Evidence) -> set[str]:
    """Customers half or more of whose orders others would have placed with a coupon, too, in those weeks.

    They do not wait for coupons: they came when everybody had one. Nobody where most orders have one in any week.
    """
    each = _orders(evidence)
    week, by = calendar(each["ordered_at"]), each["customer_id"]
    used, one = each["used"].astype(float), pd.Series(1.0, each.index)
    if used.mean() >= DEPENDENT_SHARE:
        return set()
    yes, n = (x.groupby(week).transform("sum") - x.groupby([week, by]).transform("sum") for x in (used, one))
    others = (yes / n).where(n >= evidence.least, used.mean())
    share = others.groupby(by).mean()
    return set(share.index[share >= DEPENDENT_SHARE])


def coupon_counts(evidence: Evidence) -> pd.DataFrame:
    """One row per customer of the making period: customer_id, orders, with_coupon, spend, coupon_spend.

    ``with_coupon`` counts orders with a coupon, or with a discount where the file knows no coupons. Orders and not
    lines are counted: a coupon covers its whole order, so lines would feign knowledge. ``coupon_spend`` is what those
    orders brought.
    """
    each = _orders(evidence)
    each = each.assign(spend=each["amount"], coupon_spend=each["amount"] * each["used"])
    return each.groupby("customer_id", as_index=False).agg(
        orders=("order_id", "size"), with_coupon=("used", "sum"), spend=("spend", "sum"),
        coupon_spend=("coupon_spend", "sum"),
    )  # fmt: skip


def dependence(with_coupon: np.ndarray, orders: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """Per customer P(share of orders with a coupon >= .5), by empirical Bayes.

    The prior is the nonparametric mixture of all customers (`mixing`), each counted ``weights`` times, so that one
    order with a coupon does not make a coupon hunter, and those who use none do not pull down those who do.
    """
    pairs, which = np.unique(np.column_stack([with_coupon, orders]), axis=0, return_inverse=True)
    table = likelihoods(*pairs.T)
    mass, _ = mixture(table, np.bincount(which.ravel(), weights))
    return _chance(table, mass)[which.ravel()]


def _chance(table: np.ndarray, mass: np.ndarray) -> np.ndarray:
    """Per pair the posterior chance of a share of a half or more."""
    of = table * mass
    return of[:, GRID >= DEPENDENT_SHARE - 1e-9].sum(axis=1) / np.maximum(of.sum(axis=1), 1e-300)


def coupon_dependence(evidence: Evidence, sesoi: float) -> Finding:
    """The share of customers who depend on coupons, every one counted with the probability that he does.

    Supported when that share exceeds the smallest share of interest, and does so without those who bought while
    everybody had a coupon. Those who can be told one by one (P(share >= .5)
    >= .9) are fewer: judged by their number a share that matters would pass for one that does not.
    """
    counts = coupon_counts(evidence)
    if len(counts) < evidence.least:
        raise evidence.not_testable("few", least=evidence.least, needed=_needed(sesoi))
    chance = dependence(counts["with_coupon"].to_numpy(), counts["orders"].to_numpy())
    label, n = say("hypotheses.label.customers"), len(counts)
    head = expected_share(counts, sesoi, label)
    if head.low > sesoi and (passing := bought_in_coupon_weeks(evidence)):
        others = counts[~counts["customer_id"].isin(passing)]
        if not len(others) or expected_share(others, sesoi, label).low * len(others) / n <= sesoi:
            raise evidence.rivalled("coupon_weeks")
    flagged, spend, cell = chance >= SURE, counts["spend"].to_numpy(), evidence.study.privacy.min_cell
    extra: tuple[Effect, ...] = ()
    if NOBODY <= head.estimate * n < cell:  # so few that their share could point at them
        head, sentence = replace(head, effects=()), say("hypotheses.facts.coupons_few", n=n, cell=cell)
    else:
        sentence = say("hypotheses.facts.coupons", expected=head.estimate, n=n, interval=(head.low, head.high))
        if flagged.sum() >= cell:
            revenue = spend[flagged].sum() / spend.sum() if spend.sum() > 0 else 0.0
            sure = say("hypotheses.facts.coupons_sure", share=flagged.mean(), revenue=revenue)
            sentence = sentences(sentence, sure)
            extra = share_interval(int(flagged.sum()), n, say("hypotheses.label.sure")).effects
    method = say("hypotheses.method.coupons")
    return Finding((head,), head.p_value, {label: n}, method, sentence, extra, descriptive=True)


def expected_share(counts: pd.DataFrame, compared_with: float, label: Text) -> Contrast:
    """The share of customers who depend on coupons, with profile-likelihood intervals and p against ``compared_with``.

    counts : as `coupon_counts`.
    """
    pairs, people = np.unique(counts[["with_coupon", "orders"]].to_numpy(), axis=0, return_counts=True)
    share, (outer, inner), p = share_above(
        likelihoods(*pairs.T), people.astype(float), (1 - ALPHA, 1 - 2 * ALPHA), compared_with, DEPENDENT_SHARE
    )
    mde = Z_MDE * (outer[1] - outer[0]) / (2 * Z95)
    effect = Effect("share", share, *outer, label)
    return Contrast(label, "share", share, *outer, *inner, p, float(mde), (effect,), {"n": len(counts)})


def _needed(sesoi: float) -> int:
    """Customers for a Wilson interval of +/- the smallest share of interest around it."""
    return int(np.ceil(sesoi * (1 - sesoi) * (Z95 / sesoi) ** 2)) if sesoi < 1 else 2


def without_coupons(evidence: Evidence) -> WithoutCoupons:
    """What would be at risk if coupons went."""
    if not evidence.has("sales.coupon|discount"):
        return _untold(say("hypotheses.without_coupons.none"))
    counts = coupon_counts(evidence)
    if len(counts) < evidence.least or counts["spend"].sum() <= 0:
        return _untold(say("hypotheses.without_coupons.few", least=evidence.least))
    persona = counts["customer_id"].map(evidence.members().set_index("customer_id")["persona"])
    groups = {EVERYBODY: np.ones(len(counts), dtype=bool)}
    groups |= {i: (persona == i).to_numpy() for i in evidence.handles}
    frame = revenue_at_risk(counts, groups, evidence.study.seed)
    cell = evidence.study.privacy.min_cell
    frame = frame[(frame["n"] >= evidence.least) & ((frame["dependent"] >= cell) | (frame["dependent"] < NOBODY))]
    frame = frame[COLUMNS].reset_index(drop=True)
    if frame.empty:
        return _untold(say("hypotheses.without_coupons.hardly", cell=cell))
    told = []
    for group, rows in frame.groupby("group", sort=False):
        said = {row.assumption: row.share for row in rows.itertuples()}
        said |= {f"{row.assumption}_interval": (row.ci_low, row.ci_high) for row in rows.itertuples()}
        if group == EVERYBODY:
            told.append(say("hypotheses.without_coupons.all", **said))
        else:
            told.append(say("hypotheses.without_coupons.line", group=evidence.handles[group], **said))
    shown = {EVERYBODY: say("hypotheses.without_coupons.everybody")} | evidence.handles
    frame["group"] = frame["group"].map(shown)
    return WithoutCoupons(frame, (*told, say("hypotheses.without_coupons.assumed")))


def _untold(why: Text) -> WithoutCoupons:
    return WithoutCoupons(pd.DataFrame(columns=COLUMNS), (why,))


def revenue_at_risk(counts: pd.DataFrame, groups: dict[str, np.ndarray], seed: int) -> pd.DataFrame:
    """Per group and assumption the share of revenue at risk, with a percentile bootstrap over customers.

    counts : as `coupon_counts`. groups : name to a mask over its rows. The prior is fitted again in every resample, so
    that the interval holds what is not known about the customers as a whole.
    Columns: as `WithoutCoupons`, and dependent (expected number of dependent customers).
    """
    used, orders = counts["with_coupon"].to_numpy(), counts["orders"].to_numpy()
    spend = counts["spend"].to_numpy(float)
    lost = np.column_stack([counts["coupon_spend"].to_numpy(float), spend])  # by assumption
    members = np.column_stack(list(groups.values())).astype(float)

    pairs, which = np.unique(np.column_stack([used, orders]), axis=0, return_inverse=True)
    which, table = which.ravel(), likelihoods(*pairs.T)
    whole, _ = mixture(table, np.bincount(which).astype(float))

    def at_risk(weights: np.ndarray) -> np.ndarray:
        mass, _ = mixture(table, np.bincount(which, weights, len(pairs)), start=whole, steps=AGAIN)
        chance = weights * _chance(table, mass)[which]
        total = members.T @ (weights * spend)
        return np.divide(members.T @ (chance[:, None] * lost), total[:, None], where=total[:, None] > 0,
                         out=np.zeros((len(groups), len(ASSUMPTIONS))))  # fmt: skip

    n, rng = len(counts), np.random.default_rng(seed)
    shares = at_risk(np.ones(n))
    draws = [at_risk(rng.multinomial(n, np.full(n, 1 / n)).astype(float)) for _ in range(RESAMPLES)]
    low, high = np.quantile(draws, [0.025, 0.975], axis=0)
    dependent = members.T @ _chance(table, whole)[which]
    rows = [
        (group, int(members[:, g].sum()), assumption, shares[g, a], low[g, a], high[g, a], dependent[g])
        for g, group in enumerate(groups)
        for a, assumption in enumerate(ASSUMPTIONS)
    ]
    return pd.DataFrame(rows, columns=[*COLUMNS, "dependent"])
