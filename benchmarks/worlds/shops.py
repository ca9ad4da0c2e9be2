"""Shops whose customers differ by degrees, and shops that hold types: order lines of customers, and the truth.

Each world is a function of a random generator and a number of customers. It gives the order lines as a sales export
has them, and the true type of every customer (None where the world holds none).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

START = np.datetime64("2025-01-01")
DAYS = 300
Base = tuple[pd.DataFrame, np.ndarray | None]


def logistic(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def base(
    rng: np.random.Generator,
    orders: np.ndarray,
    *,
    coupon: np.ndarray | float = 0.1,
    channel: np.ndarray | None = None,
    value: np.ndarray | float = 3.3,
    lines: np.ndarray | float = 1.8,
    evening: np.ndarray | float = 0.3,
    category: np.ndarray | None = None,
    discount: np.ndarray | float = 0.0,
    returned: np.ndarray | float = 0.05,
    season: float = 0.0,
) -> pd.DataFrame:
    """Order lines of customers with ``orders`` orders each, over 300 days.

    coupon, evening, discount, returned : a customer's chance that an order has a coupon (which discounts all its
    lines), comes in the evening, that a line of another order is discounted, that a line is returned. channel, category
    : customer x channel (or category) chances. value : mean of a customer's log price. lines : mean lines an order.
    season : share of all orders that fall into the last forty days before Christmas.
    """
    n, total = len(orders), int(orders.sum())
    who = np.repeat(np.arange(n), orders)

    def of(given: np.ndarray | float) -> np.ndarray:
        return np.broadcast_to(np.asarray(given, dtype=float), n)[who]

    def pick(chances: np.ndarray) -> np.ndarray:
        return (chances[who].cumsum(axis=1) < rng.random((total, 1))).sum(axis=1)

    day = np.where(rng.random(total) < season, rng.integers(220, 260, total), rng.integers(0, DAYS, total))
    hour = np.where(rng.random(total) < of(evening), rng.integers(18, 23, total), rng.integers(8, 18, total))
    used = rng.random(total) < of(coupon)
    count = 1 + rng.poisson(np.maximum(of(lines) - 1, 0))
    where = pick(channel) if channel is not None else (rng.random(total) < 0.3).astype(int)
    at = np.repeat(np.arange(total), count)
    lined = len(at)
    frame = pd.DataFrame(
        {
            "customer_id": np.char.add("c", np.char.zfill(who[at].astype(str), 6)),
            "order_id": np.char.add("o", np.char.zfill(at.astype(str), 7)),
            "ordered_at": (START + day.astype("timedelta64[D]") + hour.astype("timedelta64[h]"))[at],
            "quantity": 1.0,
            "amount": np.exp(of(value)[at] + 0.5 * rng.standard_normal(lined)).round(2),
            "coupon": np.where(used[at], "SAVE", ""),
            "channel": np.array(["web", "app", "shop"])[where[at]],
        }
    )
    off = used[at] | (rng.random(lined) < of(discount)[at])
    frame["discount"] = np.where(off, (0.1 * frame["amount"]).round(2), 0.0)
    frame["is_return"] = rng.random(lined) < of(returned)[at]
    if category is not None:
        chances = category[who[at]]
        chosen = (chances.cumsum(axis=1) < rng.random((lined, 1))).sum(axis=1)
        frame["category"] = np.array(["tea", "coffee", "cups", "sweets"])[np.minimum(chosen, 3)]
    sign = np.where(frame["is_return"], -1.0, 1.0)
    return frame.assign(amount=frame["amount"] * sign, quantity=sign)


def few(rng: np.random.Generator, n: int) -> np.ndarray:
    """Two to six orders a customer."""
    return rng.integers(2, 7, n)


# --- without types -----------------------------------------------------------------------------------------------


def coupon_continuum(rng: np.random.Generator, n: int) -> Base:
    """One logistic-normal coupon propensity and few orders."""
    return base(rng, few(rng, n), coupon=logistic(-1 + 1.5 * rng.standard_normal(n))), None


def rare_coupons(rng: np.random.Generator, n: int) -> Base:
    """The same with coupons on one order in ten."""
    return base(rng, few(rng, n), coupon=logistic(-3 + 1.5 * rng.standard_normal(n))), None


def coupons_in_season(rng: np.random.Generator, n: int) -> Base:
    """A coupon continuum with a third of the orders before Christmas."""
    return base(rng, few(rng, n), coupon=logistic(-1 + 1.5 * rng.standard_normal(n)), season=0.35), None


def loyal_channels(rng: np.random.Generator, n: int) -> Base:
    """A coupon continuum, and customers who mostly keep to a channel, each to a degree of their own."""
    return base(
        rng,
        few(rng, n),
        coupon=logistic(-1 + 1.5 * rng.standard_normal(n)),
        channel=rng.dirichlet([0.6, 0.4, 0.3], n),
    ), None


def product_mix(rng: np.random.Generator, n: int) -> Base:
    """Many orders, a product mix and an evening share on continua."""
    mix = np.exp(1.2 * rng.standard_normal((n, 4)))
    return base(
        rng,
        2 + rng.poisson(6, n),
        category=mix / mix.sum(axis=1, keepdims=True),
        evening=logistic(-1 + rng.standard_normal(n)),
        coupon=logistic(-2 + rng.standard_normal(n)),
    ), None


def pareto_spend(rng: np.random.Generator, n: int) -> Base:
    """A heavy tail of orders and money, half of the customers with one order."""
    orders = np.minimum(1 + np.floor(rng.pareto(1.6, n)), 60).astype(int)
    return base(rng, orders, value=2.5 + 0.5 * rng.pareto(3, n)), None


def all_alike(rng: np.random.Generator, n: int) -> Base:
    """Everybody has the same chances."""
    return base(rng, 2 + rng.poisson(2, n)), None


def one_factor(rng: np.random.Generator, n: int) -> Base:
    """Heavy buyers buy dearer, with fewer coupons and more on the web: one continuum in everything."""
    f = rng.standard_normal(n)
    web = logistic(f)
    channel = np.c_[web, (1 - web) * 0.7, (1 - web) * 0.3]
    return base(
        rng,
        2 + rng.poisson(np.exp(1 + 0.5 * f)),
        value=3.3 + 0.4 * f,
        coupon=logistic(-1 - f),
        channel=channel,
        lines=2 + 0.5 * np.tanh(f),
    ), None


# --- with types --------------------------------------------------------------------------------------------------


def types(
    rng: np.random.Generator, n: int, sizes: tuple[float, ...] = (0.6, 0.25, 0.15), apart: float = 1.0, rate: float = 6
) -> Base:
    """Everyday buyers, coupon buyers and office buyers (mornings, large baskets), ``apart`` in their chances."""
    truth = rng.choice(len(sizes), n, p=sizes)

    def by_type(*levels: float) -> np.ndarray:
        first = levels[0]
        return first + apart * (np.array(levels)[: len(sizes)] - first)[truth] + 0.3 * rng.standard_normal(n)

    web = logistic(by_type(0.0, 2.5, -1.5, 0.0))
    return base(
        rng,
        2 + rng.poisson(rate, n),
        coupon=logistic(by_type(-2.5, 1.5, -3.0, -2.5)),
        evening=logistic(by_type(0.0, 0.5, -3.0, 2.5)),
        value=by_type(3.3, 2.7, 4.2, 3.3),
        lines=1 + np.exp(by_type(0.0, -0.5, 1.3, 0.3)),
        channel=np.c_[web, (1 - web) * 0.6, (1 - web) * 0.4],
    ), truth


def two_types(rng: np.random.Generator, n: int) -> Base:
    """Two types of 80 and 20 %."""
    return types(rng, n, (0.8, 0.2))


def three_types(rng: np.random.Generator, n: int) -> Base:
    """Three types of 60, 25 and 15 %."""
    return types(rng, n)


def three_types_small(rng: np.random.Generator, n: int) -> Base:
    """Three types of 70, 20 and 10 %."""
    return types(rng, n, (0.7, 0.2, 0.1))


def three_types_few_orders(rng: np.random.Generator, n: int) -> Base:
    """Three types, some four orders each."""
    return types(rng, n, rate=2)


def three_types_near(rng: np.random.Generator, n: int) -> Base:
    """Three types that overlap."""
    return types(rng, n, apart=0.5)


WITHOUT: dict[str, Callable[[np.random.Generator, int], Base]] = {
    f.__name__: f
    for f in (
        coupon_continuum,
        rare_coupons,
        coupons_in_season,
        loyal_channels,
        product_mix,
        pareto_spend,
        all_alike,
        one_factor,
    )
}
WITH = {f.__name__: f for f in (two_types, three_types, three_types_small, three_types_few_orders, three_types_near)}
