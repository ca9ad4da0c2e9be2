"""Shops that know what their goods, their service and the winning of customers cost; who truly costs more than is
brought is known.

Every customer has chances of their own, the same before and after ``holdout_from``: a margin per unit of order value,
a chance that a line is sent back, contacts with service per order. ``SHOPS`` names them; none holds types for the gate.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from helpers.customers.customers import Customers, build_customers
from helpers.read.load import LoadedTables
from helpers.study import Study
from worlds import WINDOW

WORLDS: dict = {}
START = np.datetime64("2025-01-01")
DAYS = 300
ORDERS = 4
COMPLAINT, SENT_BACK = 40.0, 9.0
"""What a contact costs."""
Baskets = Callable[[np.random.Generator, int], np.ndarray]


@dataclass(frozen=True)
class Shop:
    """The tables of a shop and its truth.

    worth : per customer, what an order leaves on average before the cost of winning, by the customer's own chances.
    planted : who was made to cost more than is brought.
    """

    tables: LoadedTables
    study: Study
    customers: Customers
    worth: pd.Series
    planted: pd.Series


def even(rng: np.random.Generator, n: int) -> np.ndarray:
    """Lines of some 20."""
    return 20 * np.exp(0.3 * rng.standard_normal(n) - 0.045)


def pareto(rng: np.random.Generator, n: int) -> np.ndarray:
    """Lines of some 20 with a heavy tail."""
    return 8 + 12 * rng.pareto(2.2, n) * 1.2


def shop(
    rng: np.random.Generator,
    n: int,
    *,
    orders: int | None = None,
    baskets: Baskets = even,
    margin: float = 0.35,
    spread: float = 0.0,
    noise: float = 0.25,
    sent_back: float = 0.08,
    complaints: float = 0.0,
    returners: float = 0.0,
    served: float = 0.0,
    uneven: float = 0.0,
    winning: float = 0.0,
) -> Shop:
    """``n`` customers with ``orders`` orders each, or one and a Poisson number of more.

    margin, spread : of order value, what is left on average, and the normal spread of it between customers. noise : of
    one line's margin. sent_back, complaints : chance of a line and of an order. returners : share who send back 60 % of
    their lines. served : share who complain about half of their orders. uneven : spread of the logarithm of the chance
    to complain. winning : spread of the logarithm of what it cost to win one.
    """
    count = np.full(n, orders) if orders else 1 + rng.poisson(ORDERS - 1, n)
    rate = margin + spread * rng.standard_normal(n)
    draw = rng.random(n)
    returner, heavy = draw < returners, (draw >= returners) & (draw < returners + served)
    back = np.where(returner, 0.6, sent_back)
    contacts = complaints * np.exp(uneven * rng.standard_normal(n) - uneven**2 / 2)
    contacts = np.where(heavy, 0.6, contacts)
    who = np.repeat(np.arange(n), count)
    day = rng.integers(0, DAYS, len(who))
    size = 1 + rng.poisson(1.0, len(who))
    at = np.repeat(np.arange(len(who)), size)
    amount = baskets(rng, len(at)).round(2)
    cost = (amount * (1 - rate[who[at]] - noise * rng.standard_normal(len(at)))).round(2)
    ids = np.char.add("c", np.char.zfill(np.arange(n).astype(str), 6))
    moment = START + day.astype("timedelta64[D]") + np.timedelta64(11, "h")
    lines = pd.DataFrame(
        {
            "customer_id": ids[who[at]],
            "order_id": np.char.add("o", at.astype(str)),
            "ordered_at": moment[at],
            "quantity": 1.0,
            "amount": amount,
            "unit_cost": cost,
            "is_return": False,
        }
    )
    gone = rng.random(len(at)) < back[who[at]]
    returns = lines[gone].assign(quantity=-1.0, amount=-lines["amount"][gone], is_return=True)
    complained = rng.poisson(contacts[who])
    again = np.repeat(np.arange(len(who)), complained)
    service = pd.DataFrame(
        {
            "customer_id": np.r_[ids[who[again]], returns["customer_id"]],
            "at": np.r_[moment[again], returns["ordered_at"]],
            "kind": np.r_[np.full(len(again), "complaint", object), np.full(len(returns), "return", object)],
            "cost": np.r_[COMPLAINT * np.exp(0.3 * rng.standard_normal(len(again))), np.full(len(returns), SENT_BACK)],
        }
    )
    profile = pd.DataFrame(
        {
            "customer_id": ids,
            "acquisition_channel": rng.choice(["search", "friends", "fair", "advert"], n),
            "acquisition_cost": (4 * np.exp(winning * rng.standard_normal(n))).round(2),
            "job_role": rng.choice(["chef", "clerk", "nurse", "smith", "baker"], n),
        }
    )
    sales = pd.concat([lines, returns], ignore_index=True).astype({"is_return": "boolean"})
    frames = {"sales": sales, "service": service, "customers": profile}
    paths = {name: {"path": f"{name}.csv"} for name in frames}
    study = Study.model_validate({"study": "world", "tables": paths, "seed": 1, "window": WINDOW})
    tables = LoadedTables(frames, ())
    mean = baskets(np.random.default_rng(0), 400_000).mean()
    worth = 2 * (mean * rate * (1 - back) - SENT_BACK * back) - COMPLAINT * np.exp(0.045) * contacts
    known = pd.Series(worth, index=ids), pd.Series(returner | heavy, index=ids)
    return Shop(tables, study, build_customers(tables, study), *known)


ALIKE = {
    "two orders each": partial(shop, orders=2),
    "three orders each": partial(shop, orders=3),
    "any number": shop,
    "two orders, Pareto baskets": partial(shop, orders=2, baskets=pareto),
    "two orders, rare complaints": partial(shop, orders=2, complaints=0.02),
    "two orders, many returns": partial(shop, orders=2, sent_back=0.25),
    "three orders, all of it": partial(shop, orders=3, baskets=pareto, complaints=0.02, sent_back=0.2),
    "three orders, hardly a margin": partial(shop, orders=3, margin=0.12, complaints=0.02),
}
"""Everybody has the same chances, and nobody costs more than is brought."""
PLANTED = {
    f"{share:.0%} {what}": partial(shop, baskets=pareto, complaints=0.02, winning=0.5, **{key: share})
    for what, key in (("send back 60 %", "returners"), ("complain of every other order", "served"))
    for share in (0.05, 0.1, 0.2)
}
"""Some cost more than they bring."""
DIFFERING = {
    "margins differ": partial(shop, margin=0.25, spread=0.25, baskets=even),
    "margins differ, Pareto baskets": partial(shop, margin=0.25, spread=0.25, baskets=pareto, noise=0.5),
    "margins differ, rare complaints": partial(shop, margin=0.25, spread=0.2, complaints=0.02),
    "the same, two orders": partial(shop, orders=2, margin=0.25, spread=0.2, complaints=0.02, noise=0.4),
    "all of it": partial(shop, margin=0.2, spread=0.2, baskets=pareto, noise=0.5, complaints=0.03, uneven=1.0),
    "10 % send back 60 %, Pareto": partial(shop, baskets=pareto, complaints=0.02, returners=0.1, spread=0.05),
    "10 % complain of every other order": partial(shop, baskets=pareto, complaints=0.02, served=0.1),
    "all alike, rare complaints": partial(shop, margin=0.12, complaints=0.03),
}
"""What an order leaves differs from customer to customer, or seems to."""
SHOPS = ALIKE | PLANTED | DIFFERING
