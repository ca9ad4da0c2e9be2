"""What customers are worth: the contribution with its parts, the chance that one loses money, measures of a segment."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial

import numpy as np
import pandas as pd
from scipy.stats import norm, t

from helpers.beliefs.verdict import ALPHA, POWER
from helpers.cards.claims import direction
from helpers.contracts import Section
from helpers.customers.customers import Customers
from helpers.customers.facts import asked, of_kind
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
"""Of the test whose power is told."""
SKEWED, RESAMPLES, DRAWS = 20, (1999, 4999), 20_000_000
"""From so many values on the bootstrap says how a mean scatters: with so many samples, of so many values in all."""
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


def afterwards(customers: Customers) -> pd.DataFrame:
    """What every customer brought from ``holdout_from`` on, columns as of ``contribution``: nobody had less time.

    Winning a customer was paid before: these weeks bear of it what they bear of all orders of all customers, so that
    neither those who came late nor those who order seldom are charged more than their part.
    """
    early, late = (frame.set_index("customer_id") for frame in (customers.features, customers.held_out))
    profile = customers.profile.set_index("customer_id").reindex(early.index)
    nothing = pd.Series(0.0, index=early.index)
    balance = pd.DataFrame({"orders": late["orders"]})
    for name, column in (("revenue", "spend"), ("returned", "returned"), ("service_cost", "service_cost")):
        balance[name] = late.get(column, nothing)
    balance["margin"] = late.get("margin", nothing + np.nan)
    balance["cost_of_goods"] = balance["revenue"] - balance["returned"] - balance["margin"]
    due = profile["acquisition_cost"].fillna(0.0) if "acquisition_cost" in profile else nothing
    balance["acquisition_cost"] = due * later_part(customers)
    balance["before_acquisition"] = balance["margin"] - balance["service_cost"]
    balance["contribution"] = balance["before_acquisition"] - balance["acquisition_cost"]
    return balance


def later_part(customers: Customers) -> float:
    """The part of all orders that was placed from ``holdout_from`` on."""
    later = customers.held_out["orders"].sum()
    return float(later / (customers.features["orders"].sum() + later))


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


def reviewed(
    met: dict[str, pd.Series],
    chance: pd.DataFrame,
    previous: Collection[str] = (),
    *,
    flag: float = FLAG,
    watch: float = WATCH,
) -> pd.DataFrame:
    """Customers who meet a negative persona's rule, or were under review at the last run: ``Negative.members``.

    met : who meets the rule, per card id. previous : customer_ids under review at the last run. Review is entered at
    ``watch`` and kept down to LEAVE; those who fell below are ``back``.
    """
    frame = chance.rename_axis("customer_id").assign(negative=pd.Series(np.nan, index=chance.index, dtype="str"))
    for name, inside in met.items():
        frame.loc[inside, "negative"] = name
    before, p = frame.index.isin(previous), frame["probability"]
    entered = frame["negative"].notna() & (p >= watch) | before & (p >= LEAVE)
    frame["state"] = np.select([entered & (p >= flag), entered, before & (p < LEAVE)], [*REVIEW, "back"], "")
    frame = frame[frame["negative"].notna() | (frame["state"] != "")].reset_index()
    return frame[["customer_id", "negative", "probability", "before_acquisition", "state"]]


# --- what is measured of a segment -------------------------------------------------------------------------------


def measure(segment: Text, values: pd.DataFrame, inside: pd.Series, tests: int = 1) -> list[dict]:
    """Rows of ``Negative.segments`` for one segment: mean money per customer, or ratio of means against all others.

    tests : segments whose loss is put to the test, which the loss that could be seen allows for.
    """
    rows = []
    for name in values:
        known = values[name].dropna()
        members = inside.reindex(known.index)
        own, others = known[members].to_numpy(float), known[~members].to_numpy(float)
        unit = "money" if name in LOSS else "lift"
        found = mean_of(own) if unit == "money" else _ratio_of_means(own, others)
        numbers = {key: float(value) for key, value in zip(NUMBERS, found, strict=True)}
        seen = visible_loss(own, len(own), tests) if unit == "money" else np.nan
        usual = abs(known.mean()) if unit == "money" else np.nan
        row = {"segment": segment, "n": len(own), "measure": name, "unit": unit, "detectable": seen} | numbers
        rows.append(row | {"verdict": _verdict(row, usual)})
    return rows


def _verdict(row: dict, usual: float) -> Text:
    """On which side the interval lies; where it is open, whether so few could have told.

    Too few are those of whom a loss as large as what customers usually bring could have been missed, or of whom neither
    half nor twice as much is ruled out.
    """
    side = direction(row, NULL[row["unit"]])
    few = row["detectable"] > usual if row["unit"] == "money" else row["ci_low"] < 0.5 or row["ci_high"] > 2
    return say(f"negative.verdict.{row['unit']}.{'few' if side == 'same' and few else side}")


def visible_loss(values: np.ndarray, n: int, tests: int = 1) -> float:
    """The loss per customer that would have been shown in four of five cases with ``n`` customers like these.

    Of several tests the first of Holm's steps has to be passed.
    """
    if len(values) < 2 or n < 2:
        return np.nan
    apart = t.ppf(1 - ALPHA / (2 * max(1, tests)), n - 1) + t.ppf(POWER, n - 1)
    return float(apart * values.std(ddof=1) / np.sqrt(n))


def mean_of(own: np.ndarray, together: int = 1) -> tuple[float, ...]:
    """Mean with its 95 % interval and the p-value against zero, by the bootstrap of t (Efron 1981; Hall 1988).

    together : means whose intervals are to hold at once (Bonferroni).

    What customers bring is skewed: a few rare costs pull the mean down and its error up together, and t alone is then
    wrong on one side. Of fewer than SKEWED values there is not enough to draw from, and t is taken.
    """
    own, n = np.sort(own), len(own)
    if n < 2 or own[0] == own[-1]:
        return UNKNOWN
    mean, error = own.mean(), own.std(ddof=1) / np.sqrt(n)
    if n < SKEWED:
        half = t.ppf(1 - ALPHA / 2 / together, n - 1) * error
        return mean, mean - half, mean + half, 2 * t.sf(abs(mean / error), n - 1)
    drawn = np.sort(_studentised(own, mean))
    low, high = np.quantile(drawn, [ALPHA / 2 / together, 1 - ALPHA / 2 / together])
    under, most = np.searchsorted(drawn, mean / error, side="right"), len(drawn)
    p = min(1.0, 2 * (min(under, most - under) + 1) / (most + 1))
    return mean, mean - high * error, mean - low * error, p


def _studentised(own: np.ndarray, mean: float) -> np.ndarray:
    """t of the mean in samples drawn from the values themselves."""
    n, rng, found = len(own), np.random.default_rng(len(own)), []
    samples = int(np.clip(DRAWS // n, *RESAMPLES))
    at_once = max(1, 1_000_000 // n)
    for first in range(0, samples, at_once):
        part = own[rng.integers(0, n, (min(at_once, samples - first), n))]
        error = part.std(axis=1, ddof=1) / np.sqrt(n)
        some = error > 0
        found.append((part.mean(axis=1)[some] - mean) / error[some])
    return np.concatenate(found)


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
