"""What customers are worth: the contribution with its parts, the chance that one loses money, measures of a segment."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial

import numpy as np
import pandas as pd
from scipy.stats import norm
from statsmodels.stats.meta_analysis import combine_effects
from statsmodels.stats.weightstats import DescrStatsW

from helpers.cards.claims import direction
from helpers.contracts import Section
from helpers.customers.customers import Customers
from helpers.customers.facts import MILLION, asked, gain, of_kind
from helpers.words import Text, say

COSTS = ("returned", "cost_of_goods", "service_cost", "acquisition_cost")
PARTS = ("revenue", *COSTS[:3], "before_acquisition", COSTS[3], "contribution")
"""Revenue, what is taken from it, and what is left without and with the cost of winning the customer."""
LOSS = ("contribution", "before_acquisition")
MEASURES: dict[str, tuple[Section, str]] = {
    "contribution": ("value", "sales"),
    "before_acquisition": ("value", "sales"),
    "acquisition_cost": ("value", "customers"),
    "sales_cycle": ("value", "leads"),
    "return_share": ("service", "sales"),
    "complaints": ("service", "service"),
    "bad_reviews": ("service", "service"),
    "churned": ("risk", "sales"),
}
"""What is measured of a segment: section, source. Returns, complaints and leaving are those of the held-out part."""
NULL = {"money": 0.0, "lift": 1.0}
NUMBERS = ["estimate", "ci_low", "ci_high", "p_value"]
UNKNOWN = (np.nan,) * len(NUMBERS)
BAD = 0.4
"""Ratings up to this part of the highest one in use are bad: 1 and 2 of 5."""
FLAG, WATCH, LEAVE = 0.9, 0.8, 0.5
"""Review is entered at WATCH and left under LEAVE, so that nobody goes in and out by chance from run to run."""
REVIEW = ("flag", "watch")
"""States of a customer under review."""


# --- what a customer brings --------------------------------------------------------------------------------------


def contribution(customers: Customers) -> pd.DataFrame:
    """What every customer brought over the whole window, in money.

    Returns
    -------
    Per customer_id (index) of ``features``: orders, revenue, returned, cost_of_goods (of goods kept) and margin
    (revenue - returned - cost_of_goods; both NaN where costs are not known), service_cost and acquisition_cost (0 where
    not known), before_acquisition (margin - service_cost) and contribution (the same - acquisition_cost). With unknown
    costs a contribution is an upper bound.
    """
    early, late = (frame.set_index("customer_id") for frame in (customers.features, customers.held_out))
    profile = customers.profile.set_index("customer_id").reindex(early.index)
    balance = pd.DataFrame({"orders": early["orders"] + late["orders"]})
    for name, column in (("revenue", "spend"), ("returned", "returned"), ("service_cost", "service_cost")):
        balance[name] = early.get(column, 0.0) + late.get(column, 0.0)
    balance["margin"] = early.get("margin", np.nan) + late.get("margin", np.nan)
    balance["cost_of_goods"] = balance["revenue"] - balance["returned"] - balance["margin"]
    balance["acquisition_cost"] = profile["acquisition_cost"].fillna(0.0) if "acquisition_cost" in profile else 0.0
    balance["before_acquisition"] = balance["margin"] - balance["service_cost"]
    balance["contribution"] = balance["before_acquisition"] - balance["acquisition_cost"]
    return balance


def mean_parts(balance: pd.DataFrame, groups: dict[Text, pd.Index], least: int) -> pd.DataFrame:
    """Each part of the contribution as a mean per customer: segment, n, and PARTS (money).

    Customers whose costs are not known are left out, and so are groups of fewer than ``least``.
    """
    known = balance.dropna(subset=["contribution"])
    own = {name: known[known.index.isin(ids)] for name, ids in groups.items()}
    rows = [(name, len(part), *part[list(PARTS)].mean()) for name, part in own.items() if len(part) >= least]
    return pd.DataFrame(rows, columns=["segment", "n", *PARTS])


def bad_reviews(service: pd.DataFrame | None) -> pd.DataFrame:
    """The rated reviews, and whether each is bad (lower two fifths of the ratings in use): customer_id, rating, bad."""
    if service is None or "rating" not in service:
        return pd.DataFrame({"customer_id": [], "rating": [], "bad": []})
    reviews = service[asked(service, partial(of_kind, kind="review"))[0]].dropna(subset=["rating"])
    return reviews[["customer_id", "rating"]].assign(bad=reviews["rating"] <= BAD * reviews["rating"].max())


def deals(leads: pd.DataFrame | None) -> pd.DataFrame:
    """One row per lead: first, won (NaT where not), activities, days from first to won, job_role, customer_id."""
    if leads is None or "converted_at" not in leads:
        return pd.DataFrame(columns=["first", "won", "activities", "days"], dtype=float)
    named = {name: (name, "first") for name in ("job_role", "customer_id") if name in leads}
    found = leads.groupby("lead_id").agg(
        first=("at", "min"), won=("converted_at", "max"), activities=("at", "size"), **named
    )
    return found.assign(days=(found["won"] - found["first"]) / pd.Timedelta(days=1))


def outcomes(customers: Customers, balance: pd.DataFrame, frames: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """What is measured, per customer_id: returns, complaints, leaving of the later part; the rest of the whole window.

    Neither reviews nor leads make a rule or a persona, so that all of them may be used.
    """
    later = customers.held_out.set_index("customer_id")
    profile = customers.profile.set_index("customer_id").reindex(balance.index)
    reviews, won = bad_reviews(frames.get("service")), deals(frames.get("leads"))
    extra = pd.DataFrame(index=balance.index)
    if len(reviews):
        extra["bad_reviews"] = reviews.groupby("customer_id")["bad"].sum().reindex(balance.index, fill_value=0)
    if "customer_id" in won:
        extra["sales_cycle"] = won.groupby("customer_id")["days"].mean().reindex(balance.index)
    sources = {**dict.fromkeys(LOSS, balance), "acquisition_cost": profile, **dict.fromkeys(extra, extra)}
    found = {name: sources.get(name, later) for name in MEASURES}
    return pd.DataFrame({name: frame[name].astype(float) for name, frame in found.items() if name in frame})


# --- single customers --------------------------------------------------------------------------------------------


def order_variance(sales: pd.DataFrame, customers: Customers) -> float:
    """Variance of the margin of one order around its customer's mean, pooled over customers; NaN where not known."""
    if "unit_cost" not in sales:
        return np.nan
    period = customers.period
    lines = sales[sales["ordered_at"].between(pd.Timestamp(period.start), period.end, inclusive="left")]
    margin = asked(lines, gain)[0] / MILLION
    orders = margin.groupby([lines["customer_id"], lines["order_id"]]).sum(min_count=1).dropna()
    spread = orders.groupby(level="customer_id").agg(["var", "size"])
    freedom = spread["size"] - 1
    return float((spread["var"] * freedom).sum() / freedom.sum()) if freedom.sum() > 0 else np.nan


def chance_of_loss(balance: pd.DataFrame, variance: float) -> pd.DataFrame:
    """Probability that a customer's margin lies below zero, shrunk by normal-normal empirical Bayes.

    A customer's mean margin per order, known with variance ``variance / orders``, is drawn towards the mean of all; the
    spread between customers is the Paule-Mandel estimate (DerSimonian & Kacker 2007).

    Returns
    -------
    Per customer_id: mean (shrunk, money per order, before acquisition), probability (that ``orders`` times the mean
    does not repay the acquisition), before_acquisition (that the mean is below zero); NaN where costs are not known.
    """
    chance = pd.DataFrame(np.nan, index=balance.index, columns=["mean", "probability", "before_acquisition"])
    known = balance["before_acquisition"].notna() & (balance["orders"] > 0)
    if known.sum() < 2 or not variance > 0:
        return chance
    orders = balance.loc[known, "orders"].to_numpy(float)
    observed, noise = balance.loc[known, "before_acquisition"].to_numpy() / orders, variance / orders
    with np.errstate(divide="ignore"):  # the heterogeneity index of customers who are all alike, which is not used
        prior = combine_effects(observed, noise, method_re="iterated")
    weight = prior.tau2 / (prior.tau2 + noise)
    mean = prior.mean_effect_re + weight * (observed - prior.mean_effect_re)
    # with no spread between customers at all, what is left of doubt is that about the common mean
    sd = np.sqrt(np.where(weight > 0, weight * noise, prior.var_eff_w_re))
    due = balance.loc[known, "acquisition_cost"].to_numpy() / orders
    chance.loc[known, "mean"] = mean
    chance.loc[known, "probability"] = norm.cdf((due - mean) / sd)
    chance.loc[known, "before_acquisition"] = norm.cdf((0.0 - mean) / sd)
    return chance


def reviewed(met: dict[str, pd.Series], chance: pd.DataFrame, previous: Collection[str] = ()) -> pd.DataFrame:
    """Customers who meet a negative persona's rule, or were under review at the last run: ``Negative.members``.

    met : who meets the rule, per card id. previous : customer_ids under review at the last run. Review is entered at
    WATCH and kept down to LEAVE; those who fell below are ``back``.
    """
    frame = chance.rename_axis("customer_id").assign(negative=pd.Series(np.nan, index=chance.index, dtype="str"))
    for name, inside in met.items():
        frame.loc[inside, "negative"] = name
    before, p = frame.index.isin(previous), frame["probability"]
    entered = frame["negative"].notna() & (p >= WATCH) | before & (p >= LEAVE)
    frame["state"] = np.select([entered & (p >= FLAG), entered, before & (p < LEAVE)], [*REVIEW, "back"], "")
    frame = frame[frame["negative"].notna() | (frame["state"] != "")].reset_index()
    return frame[["customer_id", "negative", "probability", "before_acquisition", "state"]]


# --- what is measured of a segment -------------------------------------------------------------------------------


def measure(segment: Text, values: pd.DataFrame, inside: pd.Series) -> list[dict]:
    """Rows of ``Negative.segments`` for one segment: mean money per customer, or ratio of means against all others."""
    rows = []
    for name in values:
        known = values[name].dropna()
        members = inside.reindex(known.index)
        own, others = known[members].to_numpy(float), known[~members].to_numpy(float)
        unit = "money" if name in LOSS else "lift"
        found = mean_of(own) if unit == "money" else _ratio_of_means(own, others)
        numbers = {key: float(value) for key, value in zip(NUMBERS, found, strict=True)}
        verdict = say(f"negative.verdict.{unit}.{direction(numbers, NULL[unit])}")
        rows.append({"segment": segment, "n": len(own), "measure": name, "unit": unit, "verdict": verdict} | numbers)
    return rows


def mean_of(own: np.ndarray) -> tuple[float, ...]:
    """Mean with its 95 % t interval, and the p-value against zero."""
    if len(own) < 2 or own.std() == 0:
        return UNKNOWN
    described = DescrStatsW(own)
    return described.mean, *described.tconfint_mean(), described.ttest_mean(0)[1]


def _ratio_of_means(own: np.ndarray, others: np.ndarray) -> tuple[float, ...]:
    """Ratio of means with the interval of its logarithm (delta method), and its p-value."""
    if min(len(own), len(others)) < 2 or min(own.mean(), others.mean()) <= 0:
        return UNKNOWN
    ratio = own.mean() / others.mean()
    error = np.sqrt(sum(part.var(ddof=1) / len(part) / part.mean() ** 2 for part in (own, others)))
    if error == 0:
        return UNKNOWN
    low, high = ratio * np.exp(np.array([-1, 1]) * norm.ppf(0.975) * error)
    return ratio, low, high, 2 * norm.sf(abs(np.log(ratio)) / error)
