"""Shops whose customers differ by degrees, and shops that hold types: their order lines, of the window and after it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from worlds import Base

START = np.datetime64("2025-01-01")
DAYS, LATER = 300, 182
CATEGORIES = np.array(["tea", "coffee", "cups", "sweets"])


def logistic(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def base(
    rng: np.random.Generator,
    orders: np.ndarray,
    truth: np.ndarray | None = None,
    **habits: np.ndarray | float,
) -> Base:
    """Customers with ``orders`` orders each over 300 days, and as often in the half year after; habits as in ``lines``.

    The same chances hold later: a customer's later orders tell what lasts and what was luck.
    """
    now = lines(rng, orders, 0, DAYS, **habits)
    later = lines(rng, rng.poisson(orders * LATER / DAYS), DAYS, LATER, **habits)
    return Base(truth, sales=now, later=later)


def lines(
    rng: np.random.Generator,
    orders: np.ndarray,
    first: int,
    days: int,
    *,
    coupon: np.ndarray | float = 0.1,
    channel: np.ndarray | None = None,
    value: np.ndarray | float = 3.3,
    size: np.ndarray | float = 1.8,
    evening: np.ndarray | float = 0.3,
    category: np.ndarray | None = None,
    discount: np.ndarray | float = 0.0,
    returned: np.ndarray | float = 0.05,
    season: float = 0.0,
) -> pd.DataFrame:
    """Order lines of customers with ``orders`` orders each, over some days from the ``first`` on.

    coupon, evening, discount, returned : a customer's chance that an order has a coupon (which discounts all its
    lines), comes in the evening, that a line of another order is discounted, that a line is returned. channel, category
    : customer x channel (or category) chances. value : mean of a customer's log price. size : mean lines an order.
    season : share of all orders that fall into forty days of the window.
    """
    n, total = len(orders), int(orders.sum())
    who = np.repeat(np.arange(n), orders)

    def of(given: np.ndarray | float) -> np.ndarray:
        return np.broadcast_to(np.asarray(given, dtype=float), n)[who]

    def pick(chances: np.ndarray, owner: np.ndarray) -> np.ndarray:
        drawn = (chances[owner].cumsum(axis=1) < rng.random((len(owner), 1))).sum(axis=1)
        return np.minimum(drawn, chances.shape[1] - 1)

    peak = first + days * 2 // 3
    day = np.where(
        rng.random(total) < season, rng.integers(peak, peak + 40, total), first + rng.integers(0, days, total)
    )
    hour = np.where(rng.random(total) < of(evening), rng.integers(18, 23, total), rng.integers(8, 18, total))
    used = rng.random(total) < of(coupon)
    count = 1 + rng.poisson(np.maximum(of(size) - 1, 0))
    where = pick(channel, who) if channel is not None else (rng.random(total) < 0.3).astype(int)
    at = np.repeat(np.arange(total), count)
    amount = np.exp(of(value)[at] + 0.5 * rng.standard_normal(len(at))).round(2)
    off = used[at] | (rng.random(len(at)) < of(discount)[at])
    is_return = rng.random(len(at)) < of(returned)[at]
    sign = np.where(is_return, -1.0, 1.0)
    frame = {
        "customer_id": np.char.add("c", np.char.zfill(who[at].astype(str), 6)),
        "order_id": np.char.add(f"o{first}-", at.astype(str)),
        "ordered_at": (START + day.astype("timedelta64[D]") + hour.astype("timedelta64[h]"))[at],
        "quantity": sign,
        "amount": sign * amount,
        "coupon": np.where(used[at], "SAVE", ""),
        "channel": np.array(["web", "app", "shop"])[where[at]],
        "discount": np.where(off, (0.1 * amount).round(2), 0.0),
        "is_return": is_return,
    }
    return pd.DataFrame(frame | ({} if category is None else {"category": CATEGORIES[pick(category, who[at])]}))


def few(rng: np.random.Generator, n: int) -> np.ndarray:
    """Two to six orders a customer."""
    return rng.integers(2, 7, n)


# --- without types -----------------------------------------------------------------------------------------------


def coupon_continuum(rng: np.random.Generator, n: int) -> Base:
    """One logistic-normal coupon propensity and few orders."""
    return base(rng, few(rng, n), coupon=logistic(-1 + 1.5 * rng.standard_normal(n)))


def rare_coupons(rng: np.random.Generator, n: int) -> Base:
    """The same with coupons on one order in ten."""
    return base(rng, few(rng, n), coupon=logistic(-3 + 1.5 * rng.standard_normal(n)))


def coupons_in_season(rng: np.random.Generator, n: int) -> Base:
    """A coupon continuum with a third of the orders within forty days."""
    return base(rng, few(rng, n), coupon=logistic(-1 + 1.5 * rng.standard_normal(n)), season=0.35)


def loyal_channels(rng: np.random.Generator, n: int) -> Base:
    """A coupon continuum, and customers who mostly keep to a channel, each to a degree of their own."""
    return base(
        rng,
        few(rng, n),
        coupon=logistic(-1 + 1.5 * rng.standard_normal(n)),
        channel=rng.dirichlet([0.6, 0.4, 0.3], n),
    )


def product_mix(rng: np.random.Generator, n: int) -> Base:
    """Many orders, a product mix and an evening share on continua."""
    mix = np.exp(1.2 * rng.standard_normal((n, 4)))
    return base(
        rng,
        2 + rng.poisson(6, n),
        category=mix / mix.sum(axis=1, keepdims=True),
        evening=logistic(-1 + rng.standard_normal(n)),
        coupon=logistic(-2 + rng.standard_normal(n)),
    )


def pareto_spend(rng: np.random.Generator, n: int) -> Base:
    """A heavy tail of orders and money, half of the customers with one order."""
    orders = np.minimum(1 + np.floor(rng.pareto(1.6, n)), 60).astype(int)
    return base(rng, orders, value=2.5 + 0.5 * rng.pareto(3, n))


def all_alike(rng: np.random.Generator, n: int) -> Base:
    """Everybody has the same chances."""
    return base(rng, 2 + rng.poisson(2, n))


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
        size=2 + 0.5 * np.tanh(f),
    )


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
        truth,
        coupon=logistic(by_type(-2.5, 1.5, -3.0, -2.5)),
        evening=logistic(by_type(0.0, 0.5, -3.0, 2.5)),
        value=by_type(3.3, 2.7, 4.2, 3.3),
        size=1 + np.exp(by_type(0.0, -0.5, 1.3, 0.3)),
        channel=np.c_[web, (1 - web) * 0.6, (1 - web) * 0.4],
    )


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


WITHOUT = (
    coupon_continuum, rare_coupons, coupons_in_season, loyal_channels, product_mix, pareto_spend, all_alike, one_factor,
)  # fmt: skip
WORLDS = dict.fromkeys(WITHOUT, 0) | {
    two_types: 2,
    three_types: 3,
    three_types_small: 3,
    three_types_few_orders: 3,
    three_types_near: 3,
}
