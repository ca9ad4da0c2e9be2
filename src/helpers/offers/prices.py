"""Whether remembered prices, losses against them, and left digits move orders: posted prices and weekly orders.

The remembered price comes from POSTED prices. The price that a customer last PAID picks out who bought dear and who
bought cheap, and so finds a loss aversion that nobody has (Bell & Lattin 2000).
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
import pandas as pd
from scipy import sparse, stats
from statsmodels.tools.sm_exceptions import PerfectSeparationError

from helpers.beliefs.estimators import conditional_poisson
from helpers.beliefs.evidence import Evidence
from helpers.beliefs.verdict import ALPHA, NO_SPREAD, POWER, RATIOS, Contrast, Finding
from helpers.contracts import Effect
from helpers.words import Said, Text, say

MEMORY = 0.7
"""Weight of the remembered price against last week's, fixed beforehand: fitting it would be one more way to find
something. It lies within what scanner panels gave (Briesch, Krishnamurthi, Mazumdar & Raj 1997)."""
BURN_IN, USUAL, LONGEST = 4, 8, 364
"""Weeks before a product's remembered price counts; weeks whose highest price is the usual one; days before the first
order that prices are looked at, older ones standing as of then."""
LEAST_CHANGES, LEAST_PRODUCTS, MOST_PRODUCTS = 2, 10, 500
"""Price changes of a product that takes part, the fewest such products, and the most (those ordered most often)."""
NEAR = 0.25
"""How near to a whole price is near: a quarter of the step from one whole price to the next."""
YARDSTICK = (1.955, 1.820, 2.102)
"""Loss aversion with its interval in the meta-analysis of Brown, Imai, Vieider & Camerer (2024)."""


def price_weeks(evidence: Evidence) -> pd.DataFrame:
    """One row per product and week at one posted price, for products with at least two price changes.

    Returns
    -------
    DataFrame
        product_id, week (number), price (as posted), orders (number of orders with the product), gap (log of the price
        over the remembered one: an exponentially weighted average of the log prices of earlier weeks), offer (the
        price is below the highest of the last eight weeks). Weeks run from the weekday on which prices change most;
        weeks in which the price changed midway count for memory only, and so do a product's first four. A product's
        rows end with its first and its last order.

    Orders and not units are counted, since one large order is one decision. Weeks and not days, since a product with
    few orders tells nothing from day to day; the honesty of either rests on the products as clusters.
    """
    lines = evidence.bought_lines().dropna(subset=["product_id"])
    posted = evidence.tables.frames["prices"]
    posted = posted[np.isfinite(posted["price"].astype(float)) & (posted["price"] > 0) & posted["at"].notna()]
    posted = posted[posted["product_id"].isin(lines["product_id"])].sort_values("at", kind="stable")
    columns = ["product_id", "week", "price", "orders", "gap", "offer"]
    if posted.empty:
        return pd.DataFrame(columns=columns)
    first = lines["ordered_at"].min().normalize() - pd.Timedelta(days=LONGEST)
    by_day = posted.assign(day=posted["at"].dt.normalize().clip(lower=first))
    by_day = by_day.pivot_table(index="day", columns="product_id", values="price", aggfunc="last").astype(float)
    start = min(by_day.index[0], lines["ordered_at"].min().normalize())
    by_day = by_day.reindex(pd.date_range(start, lines["ordered_at"].max())).ffill()
    changes = (by_day != by_day.shift()) & by_day.shift().notna()
    weekday = changes.sum(axis=1).groupby(by_day.index.day_of_week).sum().idxmax()
    start = by_day.index[by_day.index.day_of_week == weekday][0]
    weeks = len(by_day[start:]) // 7
    cube = by_day[start:].to_numpy()[: 7 * weeks].reshape(weeks, 7, -1)
    price = pd.DataFrame(cube[:, 0], columns=by_day.columns).rename_axis(index="week")
    log_price = pd.DataFrame(np.log(cube).mean(axis=1), columns=by_day.columns)
    remembered = log_price.ewm(alpha=1 - MEMORY, adjust=False, ignore_na=True).mean().shift()
    sold = lines.assign(week=(lines["ordered_at"] - start).dt.days // 7).groupby(["week", "product_id"])["order_id"]
    sold = sold.nunique().unstack().reindex(index=price.index, columns=price.columns)
    between = sold.bfill().notna() & sold.ffill().notna()
    parts = {
        "price": price, "orders": sold.fillna(0.0).astype(float), "gap": np.log(price) - remembered,
        "offer": price < price.rolling(USUAL, min_periods=1).max() * (1 - NO_SPREAD),
        "kept": between & (cube == cube[:, :1]).all(axis=1) & (log_price.notna().cumsum() > BURN_IN),
    }  # fmt: skip
    most = sold.loc[:, changes.sum() >= LEAST_CHANGES].sum().sort_values(ascending=False, kind="stable")
    names = most.index[most > 0][:MOST_PRODUCTS]
    long = pd.concat({name: part[names].stack(future_stack=True) for name, part in parts.items()}, axis=1)
    return long[long["kept"].astype(bool)].reset_index()[columns]


def fixed_effects_poisson(
    y: np.ndarray, X: np.ndarray, cell: np.ndarray, cluster: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Slopes of a Poisson model with one free level per cell, and their covariance clustered by product.

    y : counts, n. X : n x k. cell, cluster : codes from 0; a cell lies within one cluster and has an event.

    The covariance is the linearised cluster jackknife CV3L of MacKinnon, Nielsen & Webb (2024), to be read with t
    quantiles on clusters - 1 degrees of freedom: it stays honest with a dozen products. Raises as
    `conditional_poisson`.
    """
    beta, within, mu = conditional_poisson(y, X, cell)
    clusters = sparse.csr_array((np.ones(len(y)), (cluster, np.arange(len(y)))))
    scores = clusters @ (within * (y - mu)[:, None])
    of_each = [cluster == g for g in range(len(scores))]
    parts = np.stack([within[own].T @ (mu[own, None] * within[own]) for own in of_each])
    without = np.linalg.pinv(parts.sum(axis=0) - parts, rcond=1e-10, hermitian=True)
    left_out = np.einsum("gij,gj->gi", without, scores)
    return beta, left_out.T @ left_out * (len(parts) - 1) / len(parts)


def slopes(weeks: pd.DataFrame, columns: list[str], same_price: bool = True) -> tuple[np.ndarray, np.ndarray, int]:
    """Slopes of log orders on ``columns`` of `price_weeks` at equal week, their covariance, and how many products.

    Compared is the same product at the same price (``same_price``), so that whatever a price or the label of an offer
    does by itself cancels; otherwise the same product. Cells and weeks that tell nothing are left out.
    """
    key = ["product_id", "price"] if same_price else ["product_id"]
    kept = pd.Series([False])
    while not kept.all():
        by_cell, by_week = weeks.groupby(key)["orders"], weeks.groupby("week")["orders"]
        kept = (by_cell.transform("sum") > 0) & (by_cell.transform("size") > 1) & (by_week.transform("sum") > 0)
        weeks = weeks[kept]
        if weeks.empty:
            raise PerfectSeparationError("no product was sold twice at one price")
    dummies = pd.get_dummies(weeks["week"], drop_first=True, dtype=float)
    product = pd.factorize(weeks["product_id"])[0]
    X = np.column_stack([weeks[columns].to_numpy(float), dummies])
    cell = weeks.groupby(key).ngroup().to_numpy()
    beta, covariance = fixed_effects_poisson(weeks["orders"].to_numpy(float), X, cell, product)
    k = len(columns)
    return beta[:k], covariance[:k, :k], int(product.max()) + 1


def reference_price(evidence: Evidence, sesoi: float) -> Finding:
    """Orders of the same product at the same price, by how far that price stands above the remembered one.

    The slope is per cent of orders lost per per cent above. Stocking up during an offer would look the same.
    """
    (slope,), covariance, n = _fitted(evidence, price_weeks(evidence), ["gap"], np.array([[-1.0]]))
    found = _by_t("slope", slope, covariance[0, 0], n)
    said = say("hypotheses.facts.reference", change=_orders(_after(found, above=1)), products=n)
    return _finding("prices", n, found, said)


def loss_asymmetry(evidence: Evidence, sesoi: float) -> Finding:
    """Orders lost per per cent above the remembered price, minus orders won per per cent below it.

    Their ratio, loss aversion, is told only where the interval of the slope below excludes 0; its own interval is
    Fieller's (1954), which is bounded under that very condition.
    """
    weeks = price_weeks(evidence)
    parts = weeks.assign(loss=weeks["gap"].clip(lower=0), gain=(-weeks["gap"]).clip(lower=0))
    signs = np.array([[-1.0, -1.0], [-1.0, 0.0], [0.0, 1.0]])  # asymmetry, above, below
    slope, covariance, n = _fitted(evidence, parts, ["loss", "gain"], signs)
    names = [say(f"hypotheses.label.{name}") for name in ("asymmetry", "above", "below")]
    head, above, below = (_by_t("slope", slope[i], covariance[i, i], n, name) for i, name in enumerate(names))
    extra, losses = (*above.effects, *below.effects), say("hypotheses.facts.no_losses")
    if below.low > 0:
        ratio = _fieller(slope[1:], covariance[1:, 1:], n, say("hypotheses.label.losses"))
        extra = (*extra, ratio)
        losses = say(
            "hypotheses.facts.losses",
            ratio=ratio.estimate, interval=(ratio.ci_low, ratio.ci_high),
            yardstick=YARDSTICK[0], published=YARDSTICK[1:],
        )  # fmt: skip
    moved = {"above": _orders(_after(above, above=1)), "below": _orders(_after(below, above=-1))}
    said = say("hypotheses.facts.asymmetry", products=n, losses=losses, **moved)
    return _finding("prices", n, head, said, extra)


def left_digit(evidence: Evidence, sesoi: float) -> Finding:
    """Orders at prices just under a whole price against those just above one, beyond what price and offers do.

    The same product at any price; log price and being on offer are held equal. A whole price is a multiple of 1; where
    the median price is 100 or more, of its first digit, so that prices without cents have one too.
    """
    weeks = price_weeks(evidence)
    if weeks.empty:
        raise evidence.not_testable("few_prices", least=LEAST_PRODUCTS)
    typical = weeks["price"].median()
    step = 1.0 if typical < 100 else 10.0 ** math.floor(math.log10(typical))
    part = np.round(weeks["price"] / step % 1, 6) % 1
    weeks = weeks.assign(under=part >= 1 - NEAR, over=part < NEAR, log_price=np.log(weeks["price"]))
    both = int(weeks.groupby("product_id")[["under", "over"]].any().all(axis=1).sum())
    if both < LEAST_PRODUCTS:
        raise evidence.not_testable("few_digits", least=LEAST_PRODUCTS, step=step)
    columns, signs = ["under", "over", "log_price", "offer"], np.array([[1.0, -1.0, 0.0, 0.0]])
    (jump,), covariance, n = _fitted(evidence, weeks, columns, signs, same_price=False)
    found = _by_t("ratio of means", jump, covariance[0, 0], n)
    change = _orders((found.estimate, found.low, found.high))
    told = {"near": NEAR * step, "step": step, "both": both, "products": n}
    return _finding("left_digit", n, found, say("hypotheses.facts.left_digit", change=change, **told))


def _fitted(
    evidence: Evidence, weeks: pd.DataFrame, columns: list[str], signs: np.ndarray, same_price: bool = True
) -> tuple[np.ndarray, np.ndarray, int]:
    """``signs`` times the slopes, their covariance, and how many products; NotTestable with too few of them."""
    try:
        beta, covariance, n = slopes(weeks, columns, same_price)
    except PerfectSeparationError:
        n = 0
    if n < LEAST_PRODUCTS:
        raise evidence.not_testable("few_prices", least=LEAST_PRODUCTS)
    return signs @ beta, signs @ covariance @ signs.T, n


def _by_t(measure: str, estimate: float, variance: float, products: int, label: Text = "") -> Contrast:
    """A contrast with t quantiles on products - 1 degrees of freedom; for a ratio the estimate is its logarithm."""
    se, t = math.sqrt(max(variance, 0.0)), stats.t(products - 1)
    back = math.exp if measure in RATIOS else float
    outer, inner = ([back(estimate + sign * t.isf(a) * se) for sign in (-1, 1)] for a in (ALPHA / 2, ALPHA))
    p = float(2 * t.sf(abs(estimate) / se)) if se > NO_SPREAD else math.nan
    mde = float((t.isf(ALPHA / 2) + t.ppf(POWER)) * se)
    mde = math.expm1(mde) if measure in RATIOS else mde
    shown = (Effect(measure, back(estimate), *outer, label),)
    return Contrast(label, measure, back(estimate), *outer, *inner, p, mde, shown)


def _fieller(slope: np.ndarray, covariance: np.ndarray, products: int, label: Text) -> Effect:
    """The ratio of the first slope to the second with Fieller's interval; the second lies t errors or more from 0."""
    t2 = stats.t.isf(ALPHA / 2, products - 1) ** 2
    terms = np.outer(slope, slope) - t2 * covariance
    low, high = np.sort(np.roots([terms[1, 1], -2 * terms[0, 1], terms[0, 0]]).real)
    return Effect("ratio of slopes", float(slope[0] / slope[1]), float(low), float(high), label)


def _orders(ratios: Iterable[float]) -> Said:
    """``4 % fewer orders (8 % fewer to 2 % more)``: a ratio of orders and the ends of its interval."""
    change, low, high = (
        say("hypotheses.fewer" if ratio < 1 else "hypotheses.more", share=abs(ratio - 1)) for ratio in ratios
    )
    return say("hypotheses.orders", change=change, low=low, high=high)


def _after(slope: Contrast, above: int) -> list[float]:
    """Ratio of orders 10 % above (1) or below (-1) the remembered price by a slope, and the ends of its interval."""
    return [1.1 ** (-above * value) for value in (slope.estimate, *(slope.high, slope.low)[::above])]


def _finding(method: str, n: int, found: Contrast, sentence: Said, extra: tuple[Effect, ...] = ()) -> Finding:
    """The finding of one contrast over ``n`` products."""
    people = {say("hypotheses.label.products"): n}
    return Finding((found,), found.p_value, people, say(f"hypotheses.method.{method}"), sentence, extra)
