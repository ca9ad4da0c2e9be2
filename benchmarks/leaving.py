"""Simulated shops in which a complaint drives nobody away, or a known share, and what is then said of complaints; and
messages that make nobody unsubscribe, or as many more as is known.

The published comparison stands beside those it was chosen from: without history, without reading a complaint as a sign
of frequency, and the hazard of leaving order by order.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy.special import expit

from helpers.after.leaving import at_risk
from helpers.after.risk_sets import HISTORY, after_a_message, after_an_experience, contrast, horizon
from helpers.beliefs.estimators import clustered_risks

START, DAYS = pd.Timestamp("2025-01-06"), 364
END = START + pd.Timedelta(days=DAYS)
MOST = 60
"""Orders that one customer can have."""
WAIT, WATCHED = 14, 56
"""Of the hazard by order: days in which a complaint may come, and days after them in which a return is watched for."""
PUBLISHED = "risk sets (published)"


class Shop(NamedTuple):
    """Orders and complaints of the window, and the orders that there would be if complaints drove nobody away."""

    bought: pd.DataFrame
    complaints: pd.DataFrame
    unharmed: pd.DataFrame


def shop(
    rng: np.random.Generator,
    n: int = 1200,
    chance: Callable[..., np.ndarray] | None = None,
    alike: bool = False,
    lapsing: bool = True,
    busy: bool = False,
    season: float = 0.0,
    early: bool = False,
    delay: tuple[float, float] = (1, 10),
    leaves: float = 0.0,
) -> Shop:
    """A year of customers who joined in it or the year before, with rates of their own (gamma, mean 25 days).

    chance : of a complaint by rate (relative to the mean), day, gap before and number of an order; by default .06.
    alike : everybody has the same rate. lapsing : after each order a customer quietly goes with a chance of their own
    (beta). busy : spells in which customers order five times as often as in others. season : by how much the year's
    peak exceeds its mean. early : the first orders are the ones after which people go. delay : days from the order to
    the complaint. leaves : share of complaints after which there are no more orders.
    """
    own = np.ones(n) if alike else rng.gamma(2.0, 0.5, n)
    gaps = rng.exponential(25, (n, MOST)) / own[:, None]
    if busy:
        turns = np.cumsum(rng.random((n, MOST)) < 0.2, axis=1) + rng.integers(0, 2, (n, 1))
        gaps /= np.where(turns % 2, 2.5, 0.5)
    day = rng.uniform(-365, 300, (n, 1)) + np.cumsum(gaps, axis=1) - gaps[:, :1]
    grid = np.linspace(-400, 6000, 64001)
    day = np.interp(day, grid + season * 365 / (2 * np.pi) * np.sin(2 * np.pi * (grid - 330) / 365), grid)
    number = np.broadcast_to(np.arange(1, MOST + 1), day.shape)
    goes = np.repeat(rng.beta(1, 6, (n, 1)) * lapsing, MOST, axis=1)
    goes = expit(0.2 - 1.2 * np.log1p(number)) if early else goes
    gone = rng.random(day.shape) < goes
    there = (np.cumsum(gone, axis=1) - gone == 0) & (day < DAYS)
    before = np.diff(day, axis=1, prepend=-np.inf)
    level = chance(rate=own[:, None], day=day, gap=before, number=number) if chance else 0.06
    upset = there & (rng.random(day.shape) < level)
    at = day + rng.uniform(*delay, day.shape)
    harmed = upset & (rng.random(day.shape) < leaves) & (at >= 0)
    last = np.where(harmed, at, np.inf).min(axis=1, keepdims=True)
    kept, told = there & (day >= 0) & (day <= last), upset & (at >= 0) & (at < DAYS) & (day <= last)
    return Shop(_dated(kept, day, "ordered_at"), _dated(told, at, "at"), _dated(there & (day >= 0), day, "ordered_at"))


def _dated(which: np.ndarray, day: np.ndarray, column: str) -> pd.DataFrame:
    """The chosen cells of customers x events as customer_id and time."""
    ids = pd.Series(np.nonzero(which)[0]).map("C{:05d}".format).astype("str")
    at = (START + pd.to_timedelta(day[which], unit="D")).astype("datetime64[us]")
    return pd.DataFrame({"customer_id": ids, column: at})


def complains_any_time(rng: np.random.Generator) -> Shop:
    """Complaints at moments that have nothing to do with orders, also of customers who have gone."""
    made = shop(rng)
    at = np.where(np.arange(3) < rng.poisson(0.4, (1200, 1)), rng.uniform(0, DAYS, (1200, 3)), np.inf)
    return made._replace(complaints=_dated(np.isfinite(at), at, "at"))


NULLS: dict[str, Callable[[np.random.Generator], Shop]] = {
    "complaints at any time": complains_any_time,
    "all customers alike": partial(shop, n=800, alike=True, lapsing=False),
    "frequent buyers, equal per order": partial(shop, n=800, lapsing=False),
    "frequent buyers, more per order": partial(shop, n=800, lapsing=False, chance=lambda rate, **_: 0.06 * rate**0.5),
    "frequent buyers, more per order, lapsing": partial(shop, chance=lambda rate, **_: 0.08 * rate**0.5),
    "chance proportional to the rate": partial(
        shop, n=800, lapsing=False, chance=lambda rate, **_: np.minimum(0.06 * rate, 0.4)
    ),
    "chance proportional to the rate, lapsing": partial(shop, chance=lambda rate, **_: np.minimum(0.08 * rate, 0.4)),
    "lately active": partial(shop, chance=lambda gap, **_: np.where(gap < 15, 0.12, 0.04)),
    "busy spells": partial(shop, busy=True),
    "season": partial(
        shop, season=0.8, chance=lambda day, **_: 0.06 * (1 + 0.9 * np.cos(2 * np.pi * (day - 330) / 365))
    ),
    "lapsing": shop,
    "lapsing, complaints up to 40 days late": partial(shop, delay=(1, 40)),
    "first orders": partial(shop, early=True, chance=lambda number, **_: expit(-1.2 - np.log1p(number))),
}
"""Shops in which no complaint makes anybody leave."""
EFFECTS: dict[str, Callable[[np.random.Generator], Shop]] = {
    "one in ten leaves": partial(shop, leaves=0.10),
    "one in four leaves": partial(shop, leaves=0.25),
    "one in four leaves, frequent buyers more per order": partial(
        shop, leaves=0.25, chance=lambda rate, **_: 0.08 * rate**0.5
    ),
}
SHOPS = NULLS | EFFECTS


# --- messages ----------------------------------------------------------------------------------------------------


def letters(
    rng: np.random.Generator, n: int = 600, weeks: int = 26, own: float = 0.0, leaves: float = 0.0
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Messages of customers who are written to more or less, and more in some weeks, until they unsubscribe; and the
    chance of each to end in unsubscribing as it is and without others before.

    own : how the chance goes with the customer's usual number (an exponent), which is no effect of the messages before.
    leaves : by what part it grows with each message of the seven days before.
    """
    often = rng.gamma(4, 0.25, (n, 1))
    sent = rng.random((n, 7 * weeks)) < often / 7 * np.repeat(rng.choice([0.4, 1.6], (n, weeks)), 7, axis=1)
    total = np.cumsum(sent, axis=1)
    before = total - sent - np.pad(total, ((0, 0), (8, 0)))[:, : 7 * weeks]
    plain = 0.02 * rng.gamma(2, 0.5, (n, 1)) * often**own * np.ones(sent.shape)
    chance = np.minimum(plain * (1 + leaves * before), 0.9)
    left = sent & (rng.random(sent.shape) < chance)
    kept = sent & (np.cumsum(left, axis=1) - left == 0)
    day = np.broadcast_to(np.arange(7.0 * weeks), sent.shape)
    frame = _dated(kept, day, "at").assign(unsubscribed=pd.array(left[kept], "boolean"), kind="news")
    return frame, frame[["customer_id", "at"]].assign(more=(chance - plain)[kept])


LETTERS = {
    "messages: customers of unequal habits": partial(letters),
    "messages: who is written to more leaves more": partial(letters, own=0.5),
    "messages: half as many more leave with each before": partial(letters, leaves=0.5),
}
KINDS = [*SHOPS, *LETTERS]


# --- what is said of them ----------------------------------------------------------------------------------------


def trial(kind: str, seed: int) -> list[dict[str, Any]]:
    """One simulated data set: per method its estimate, interval and p, and the true effect on the cases compared."""
    rng = np.random.default_rng([seed, 5])
    made = _of_letters(LETTERS[kind](rng), rng) if kind in LETTERS else _of_shop(SHOPS[kind](rng), rng)
    null = kind in NULLS or (kind in LETTERS and "leaves" not in LETTERS[kind].keywords)
    return [{"kind": kind, "null": null, "method": method} | row for method, row in made.items()]


def _of_shop(made: Shop, rng: np.random.Generator) -> dict[str, dict[str, float]]:
    """The methods on one shop."""
    days = horizon(made.bought)
    sets = after_an_experience(made.complaints, made.bought, END, days, rng)
    own = sets[sets["exposed"]]
    first = made.complaints.groupby("customer_id")["at"].min().rename("at")
    cases = own.join(first, on="customer_id").sort_values("at")
    next_ = pd.merge_asof(
        cases[["customer_id", "at"]], made.unharmed.sort_values("ordered_at"), left_on="at", right_on="ordered_at",
        by="customer_id", direction="forward", allow_exact_matches=False,
    )  # fmt: skip
    stays = (next_["ordered_at"] - next_["at"] <= pd.Timedelta(days=days)).to_numpy()
    truth = float((cases["left"].to_numpy() & stays).mean())
    rows = {
        PUBLISHED: contrast(sets),
        "no sign of frequency": contrast(sets, (0.0, 0.0)),
        "no history": contrast(sets.drop(columns=HISTORY, errors="ignore")),
    }
    found = {method: _row(row, truth) for method, row in rows.items()}
    return found | {"hazard by order": by_order(made)}


def _of_letters(made: tuple[pd.DataFrame, pd.DataFrame], rng: np.random.Generator) -> dict[str, dict[str, float]]:
    """The methods on one set of messages; what is true is the mean growth of the chance of those compared."""
    frame, truths = made
    sent = at_risk(frame, START, END).assign(band=0)
    pressed = sent["before"] > 0
    truth = float(sent[pressed].merge(truths, on=["customer_id", "at"])["more"].mean())
    sets = after_a_message(sent, pressed, ~pressed, rng)
    x = sm.add_constant(pd.DataFrame({"before": sent["before"].astype(float), "usual": sent["usual"]}))
    fit = sm.GLM(sent["left"].astype(float), x, sm.families.Poisson()).fit(
        cov_type="cluster", cov_kwds={"groups": pd.factorize(sent["customer_id"])[0]}
    )
    return {
        PUBLISHED: _row(contrast(sets), truth),
        "no history": _row(contrast(sets.drop(columns=HISTORY, errors="ignore")), truth),
        "hazard by message": {"p_value": float(fit.pvalues["before"])},
    }


def _row(row: dict[str, float], truth: float) -> dict[str, float]:
    return {name: row[name] for name in ("share_difference", "ci_low", "ci_high", "p_value")} | {"truth": truth}


def by_order(made: Shop) -> dict[str, float]:
    """No order in weeks three to ten after an order on a complaint in its first two weeks, of customers who had not
    ordered again by then nor complained before; logit on number, gap so far and month, clustered by customer."""
    rows = made.bought.sort_values(["customer_id", "ordered_at"], ignore_index=True)
    by_customer = rows.groupby("customer_id")["ordered_at"]
    number, day = by_customer.cumcount() + 1, pd.Timedelta(days=1)
    gap = ((rows["ordered_at"] - by_customer.transform("min")) / day / (number - 1)).where(number > 1)
    first = rows["customer_id"].map(made.complaints.groupby("customer_id")["at"].min())
    decided, following = rows["ordered_at"] + WAIT * day, by_customer.shift(-1)
    rows = rows.assign(
        yes=(~(following <= decided + WATCHED * day)).astype(float), cluster=rows["customer_id"],
        group=np.where((first > rows["ordered_at"]) & (first <= decided), "complained", "not"),
        number=np.log1p(number), gap=np.log1p(gap.fillna(gap.median())), month=rows["ordered_at"].dt.strftime("%m"),
    )  # fmt: skip
    new = (decided + WATCHED * day <= END) & ~(following <= decided) & ~(first <= rows["ordered_at"])
    (found,) = clustered_risks(rows[new], "not", ["number", "gap", "month"])
    return {"share_difference": found.estimate, "ci_low": found.low, "ci_high": found.high, "p_value": found.p_value}


def summary(found: pd.DataFrame) -> pd.DataFrame:
    """Per kind and method: sets, share with p <= .05, mean estimate less the truth, share of intervals that hold the
    mean truth; where nothing is true, the published method first, by how far it lies from .05."""
    found = found.assign(rejected=found["p_value"] <= 0.05)
    by = found.groupby(["kind", "null", "method"], sort=False)
    truth = by["truth"].transform("mean").where(~found["null"], 0.0)
    found = found.assign(off=100 * (found["share_difference"] - truth), true=100 * truth)
    inside = (found["ci_low"] <= truth) & (truth <= found["ci_high"])
    found["covered"] = inside.where(found["share_difference"].notna() & truth.notna()).astype(float)
    table = found.groupby(["kind", "null", "method"], sort=False).agg(
        sets=("rejected", "size"), rejected=("rejected", "mean"), true=("true", "mean"), bias=("off", "mean"),
        spread=("share_difference", "std"), covered=("covered", "mean"),
    )  # fmt: skip
    table = table.assign(spread=100 * table["spread"]).reset_index()
    table["far"] = (table["rejected"] - 0.05).abs()
    order = table.assign(other=~table["null"], second=table["method"] != PUBLISHED)
    table = table.loc[order.sort_values(["second", "other", "far"], ascending=[True, True, False]).index]
    names = {"rejected": "p <= .05", "true": "true effect, points", "bias": "mean error, points",
             "spread": "spread, points", "covered": "intervals that hold the truth"}  # fmt: skip
    table = table.drop(columns=["far", "null"]).rename(columns=names)
    table = table.set_index("kind")
    return table.round(dict.fromkeys([names["true"], names["bias"], names["spread"]], 2) | {"p <= .05": 3}).round(3)
