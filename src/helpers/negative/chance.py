"""How likely it is that a single customer costs more than is brought: empirical Bayes on what each order told.

What an order leaves is a margin, whose noise grows with the order's value, less what serving costs: contacts of a kind
come at a rate per order and cost what such a contact costs. One dear contact is mostly bad luck, so rates are drawn
towards those of all customers, and so are margins, by as much as the customers themselves say they differ: no shape is
assumed for how they do (Kiefer & Wolfowitz 1956; Koenker & Mizera 2014).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import xlogy
from scipy.stats import norm, qmc

from helpers.customers.customers import Period
from helpers.customers.facts import MILLION, asked, gain, returned

POWERS = (0.0, 0.25, 0.5, 0.75, 1.0)
"""The noise of an order's margin goes with its value to one of these powers, the likeliest."""
POINTS, STEPS, RATE_STEPS, LEARNT = 81, 400, 3000, 5000
"""Levels of a margin or a rate, steps of their fits, and customers whom they are learnt from."""
DRAWN, JOINT, AT_ONCE = 800, 100, 10_000
"""Kindred, steps of how common each is, and customers that are looked at at once."""
CHANCE = ["mean", "probability", "before_acquisition"]


def chance_of_loss(
    period: Period, balance: pd.DataFrame, frames: dict[str, pd.DataFrame], until: pd.Timestamp | None = None
) -> pd.DataFrame:
    """Probability that a customer's orders leave less than nothing, by all that is known at ``until``, or ``as_of``.

    balance : before_acquisition (of whom it is not known, nothing is said) and acquisition_cost, per customer_id.

    Returns
    -------
    Per customer_id of ``balance``: mean (expected, money per order, before acquisition), probability (that ``orders``
    times what an order truly leaves does not repay the acquisition), before_acquisition (that an order truly leaves
    less than nothing); NaN where costs are not known.
    """
    chance = pd.DataFrame(np.nan, index=balance.index, columns=CHANCE)
    until = period.end if until is None else until
    orders = orders_with_margin(_within(frames["sales"], "ordered_at", period, until))
    known = balance.index[balance["before_acquisition"].notna()]
    orders = orders[orders["customer_id"].isin(known)]
    margins = rates_of(orders)
    if margins is None:
        return chance
    kinds = _contacts(frames.get("service"), margins, period, until)
    due = balance["acquisition_cost"].reindex(margins.index).to_numpy() / margins["orders"].to_numpy()
    kindred = _kindred(margins, kinds)
    parts = [
        _of_customers(margins[first : first + AT_ONCE], due[first : first + AT_ONCE], first, kinds, kindred)
        for first in range(0, len(margins), AT_ONCE)
    ]
    chance.loc[margins.index, CHANCE] = np.concatenate(parts)
    return chance


def _within(table: pd.DataFrame, column: str, period: Period, until: pd.Timestamp) -> pd.DataFrame:
    return table[table[column].between(pd.Timestamp(period.start), until, inclusive="left")]


def orders_with_margin(lines: pd.DataFrame) -> pd.DataFrame:
    """One row per order of these lines: customer_id, value (money bought) and margin (money left, returns taken off).

    What was given back under another number than it was bought under has a value of 0.
    """
    columns = ["customer_id", "value", "margin"]
    if "unit_cost" not in lines:
        return pd.DataFrame(columns=columns)
    left, back = asked(lines, gain, returned)
    bought = lines["amount"].abs().where(~back.astype(bool), 0.0)
    parts = pd.DataFrame({"value": bought, "margin": left / MILLION})
    orders = parts.groupby([lines["customer_id"], lines["order_id"]]).sum(min_count=1)
    return orders.dropna().reset_index()[columns]


def rates_of(orders: pd.DataFrame) -> pd.DataFrame | None:
    """Per customer_id: orders, value (expected of an order), rate (margin per money) and error of the rate.

    None where no customer has two orders that differ, so that the noise of one order is not known.
    """
    bought = orders[orders["value"] > 0]
    least = bought["value"].quantile(0.01)
    value, margin = np.maximum(bought["value"].to_numpy(), least), bought["margin"].to_numpy()
    who, ids = pd.factorize(bought["customer_id"], sort=True)
    n = np.bincount(who)
    if len(n) < 2 or (n > 1).sum() < 2:
        return None
    fits = {power: _noise(who, n, value, margin, power) for power in POWERS}
    power = min(fits, key=lambda power: fits[power][0])
    _, noise, rate, weights = fits[power]
    if not noise > 0:
        return None
    total = np.bincount(who, weights)
    error = np.sqrt(noise * np.bincount(who, weights**2 * value ** (2 * power - 2))) / total
    late = orders[orders["value"] == 0].groupby("customer_id")["margin"].sum()
    found = pd.DataFrame(
        {"orders": n, "value": _expected_value(who, n, value)}, index=pd.Index(ids, name="customer_id")
    )
    late = late.reindex(found.index, fill_value=0.0).to_numpy() / np.bincount(who, value)
    return found.assign(rate=rate + late, error=error)


def _noise(
    who: np.ndarray, n: np.ndarray, value: np.ndarray, margin: np.ndarray, power: float
) -> tuple[float, float, np.ndarray, np.ndarray]:
    """How badly a power fits, the noise at a value of 1, every customer's margin per money, and what orders weigh."""
    weights = value ** min(1.0, 2 - 2 * power)
    rate = np.bincount(who, weights * margin / value) / np.bincount(who, weights)
    several = n[who] > 1
    left = (margin - rate[who] * value)[several] ** 2 / value[several] ** (2 * power)
    # what a customer's own mean took from the spread of each order
    share = (weights / np.bincount(who, weights)[who])[several]
    kept = 1 - share
    noise = float((left / kept).mean()) if several.any() else 0.0
    misfit = np.log(max(noise, 1e-300)) + 2 * power * np.log(value[several]).mean()
    return float(misfit), noise, rate, weights


def _expected_value(who: np.ndarray, n: np.ndarray, value: np.ndarray) -> np.ndarray:
    """What an order of each customer is worth: the own mean of logarithms, drawn towards that of all."""
    logs = np.log(value)
    own = np.bincount(who, logs) / n
    within = ((logs - own[who]) ** 2).sum() / max(1, (n - 1).sum())
    between = max(0.0, own.var() - (within / n).mean())
    weight = between / (between + within / n) if between > 0 else np.zeros(len(n))
    shrunk = np.exp(own.mean() + weight * (own - own.mean()))
    return shrunk * value.mean() / np.average(shrunk, weights=n)


@dataclass(frozen=True)
class _Kind:
    """Contacts of one kind: how many each customer made, and what one costs each of them."""

    count: np.ndarray
    each: np.ndarray


def _contacts(service: pd.DataFrame | None, margins: pd.DataFrame, period: Period, until: pd.Timestamp) -> list[_Kind]:
    """The kinds of contact that cost something."""
    if service is None or "cost" not in service:
        return []
    seen = _within(service, "at", period, until)
    known = seen[seen["cost"].notna() & seen["customer_id"].isin(margins.index)]
    kinds = []
    for _, contacts in known.groupby(known["kind"].astype("str").str.strip().str.lower(), sort=True):
        paid = contacts.groupby("customer_id")["cost"].agg(["size", "sum"]).reindex(margins.index, fill_value=0)
        kinds.append(_Kind(paid["size"].to_numpy(), _each(contacts, paid)))
    return kinds


def _each(contacts: pd.DataFrame, paid: pd.DataFrame) -> np.ndarray:
    """What a contact costs each customer: the own mean drawn towards that of all (Buehlmann 1967)."""
    overall, own = contacts["cost"].mean(), contacts.groupby("customer_id")["cost"].agg(["mean", "size"])
    within = contacts["cost"].sub(contacts["customer_id"].map(own["mean"])).pow(2).sum()
    within /= max(1, len(contacts) - len(own))
    between = (own["size"] * (own["mean"] - overall) ** 2).sum() - (len(own) - 1) * within
    freedom = len(contacts) - (own["size"] ** 2).sum() / len(contacts)
    between = between / freedom if freedom > 0 and len(contacts) > len(own) else 0.0
    own_weight = within / between if between > 0 else np.inf
    if np.isinf(own_weight):
        return np.full(len(paid), overall)
    return ((paid["sum"] + own_weight * overall) / (paid["size"] + own_weight)).to_numpy()


# --- how customers differ ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Kindred:
    """Customers that there may be, as all say together: a margin, rates of contact, and how common each is."""

    rate: np.ndarray
    contacts: np.ndarray
    share: np.ndarray


def _kindred(margins: pd.DataFrame, kinds: list[_Kind]) -> _Kindred:
    """What is likely of each thing by itself, drawn of some customers, and then how common that is all together.

    So that what goes together (those who send much back also ask more often) is learnt from the customers too.
    """
    levels = np.linspace(margins["rate"].min(), margins["rate"].max(), POINTS)
    seen = norm.logpdf(margins["rate"].to_numpy()[:, None], levels, margins["error"].to_numpy()[:, None])
    spread = qmc.Halton(len(kinds) + 2, scramble=False).random(DRAWN + 1)[1:]
    some = (spread[:, 0] * len(margins)).astype(int)
    step = levels[1] - levels[0]
    rate = np.array([
        np.interp(u, np.r_[0.0, row / row[-1]], np.r_[levels[0] - step / 2, levels + step / 2])
        for row, u in zip(np.cumsum(_posterior(seen)[some], axis=1), spread[:, 1], strict=True)
    ])  # fmt: skip
    orders = margins["orders"].to_numpy()
    contacts = [_rates_drawn(kind.count, orders, some, spread[:, 2 + n]) for n, kind in enumerate(kinds)]
    kindred = _Kindred(rate, np.array(contacts).reshape(len(kinds), DRAWN), np.full(DRAWN, 1 / DRAWN))
    learnt = np.arange(0, len(margins), max(1, len(margins) // LEARNT))
    likely = _likely(margins.iloc[learnt], learnt, kinds, kindred)
    share = kindred.share
    for _ in range(JOINT):
        share = share * (likely.T @ (1 / (likely @ share))) / len(learnt)
    return _Kindred(kindred.rate, kindred.contacts, share)


def _likely(margins: pd.DataFrame, places: np.ndarray, kinds: list[_Kind], kindred: _Kindred) -> np.ndarray:
    """Customers x kindred: how likely what was seen of each would be."""
    orders = margins["orders"].to_numpy()[:, None]
    seen = norm.logpdf(margins["rate"].to_numpy()[:, None], kindred.rate, margins["error"].to_numpy()[:, None])
    for kind, rate in zip(kinds, kindred.contacts, strict=True):
        seen += xlogy(kind.count[places][:, None], orders * rate) - orders * rate
    likely = np.exp(seen - seen.max(axis=1, keepdims=True))
    return likely / likely.sum(axis=1, keepdims=True)


def _of_customers(
    margins: pd.DataFrame, due: np.ndarray, first: int, kinds: list[_Kind], kindred: _Kindred
) -> np.ndarray:
    """Columns of CHANCE for some of the customers, from the place ``first`` on."""
    places = np.arange(first, first + len(margins))
    found = _likely(margins, places, kinds, kindred) * kindred.share
    found /= found.sum(axis=1, keepdims=True)
    left = margins["value"].to_numpy()[:, None] * kindred.rate
    for kind, rate in zip(kinds, kindred.contacts, strict=True):
        left -= kind.each[places][:, None] * rate
    return np.c_[
        (found * left).sum(axis=1), (found * (left < due[:, None])).sum(axis=1), (found * (left < 0)).sum(axis=1)
    ]


def _rates_drawn(contacts: np.ndarray, orders: np.ndarray, some: np.ndarray, spread: np.ndarray) -> np.ndarray:
    """Contacts per order that some customers may have, by what all of them say of how such rates differ."""
    pairs, place, heavy = np.unique(np.c_[contacts, orders], axis=0, return_inverse=True, return_counts=True)
    count, exposure = pairs[:, :1].astype(float), pairs[:, 1:].astype(float)
    overall, largest = contacts.sum() / orders.sum(), (contacts / orders).max()
    levels = np.geomspace(overall / 50, 1.5 * largest + overall, POINTS)
    below = np.cumsum(_posterior(xlogy(count, exposure * levels) - exposure * levels, heavy), axis=1)
    rows = below[place.ravel()[some]]
    return levels[(rows < spread[:, None] * rows[:, -1:]).sum(axis=1).clip(max=POINTS - 1)]


def _posterior(seen: np.ndarray, heavy: np.ndarray | None = None) -> np.ndarray:
    """Customers x levels: where each lies, the shares of the levels fitted to all of them.

    seen : logarithm of how likely what was seen is at each level. heavy : customers that a row stands for.
    """
    likely = np.exp(seen - seen.max(axis=1, keepdims=True))
    every = 1 if heavy is not None else max(1, len(likely) // LEARNT)
    learnt = likely[::every]
    weight = np.ones(len(learnt)) if heavy is None else heavy
    shares = np.full(likely.shape[1], 1 / likely.shape[1])
    for _ in range(STEPS if heavy is None else RATE_STEPS):
        shares = shares * (learnt.T @ (weight / weight.sum() / (learnt @ shares)))
    found = likely * shares
    return found / found.sum(axis=1, keepdims=True)
