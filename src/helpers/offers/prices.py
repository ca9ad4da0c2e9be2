"""Whether remembered prices, losses against them, and left digits move orders: posted prices and weekly orders.

The remembered price comes from POSTED prices. The price that a customer last PAID picks out who bought dear and who
bought cheap, and so finds a loss aversion that nobody has (Bell & Lattin 2000).
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.tools.sm_exceptions import PerfectSeparationError

from helpers.beliefs.evidence import Evidence
from helpers.beliefs.verdict import ALPHA, NO_SPREAD, POWER, RATIOS, Contrast, Finding
from helpers.contracts import Effect
from helpers.designs.known import LOSS_WEIGHT
from helpers.offers.price_rivals import AFTER, SAME_PRICE, check_answers, check_stocks
from helpers.offers.weekly import price_weeks, slopes
from helpers.words import Said, Text, say

LEAST_PRODUCTS = 10
"""The fewest products that may take part."""
NEAR = 0.25
"""How near to a whole price is near: a quarter of the step from one whole price to the next."""


def reference_price(evidence: Evidence, sesoi: float) -> Finding:
    """Orders of the same product at the same price, by how far that price stands above the remembered one.

    The slope is per cent of orders lost per per cent above. Stocking up during an offer would look much the same, and
    so would offers in weak weeks: see `price_rivals`.
    """
    weeks = _parted(price_weeks(evidence))
    (slope,), covariance, n = _fitted(evidence, weeks, ["gap"], np.array([[-1.0]]))
    found = _by_t("slope", slope, covariance[0, 0], n)
    _against_rivals(evidence, weeks, np.array([-1.0, 1.0]), found)
    said = say("hypotheses.facts.reference", change=_orders(_after(found, above=1)), products=n)
    return _finding("prices", n, found, said)


def loss_asymmetry(evidence: Evidence, sesoi: float) -> Finding:
    """Orders lost per per cent above the remembered price, minus orders won per per cent below it.

    Their ratio, loss aversion, is told only where the interval of the slope below excludes 0; its own interval is
    Fieller's (1954), which is bounded under that very condition.
    """
    parts = _parted(price_weeks(evidence))
    signs = np.array([[-1.0, -1.0], [-1.0, 0.0], [0.0, 1.0]])  # asymmetry, above, below
    slope, covariance, n = _fitted(evidence, parts, ["loss", "gain"], signs)
    names = [say(f"hypotheses.label.{name}") for name in ("asymmetry", "above", "below")]
    head, above, below = (_by_t("slope", slope[i], covariance[i, i], n, name) for i, name in enumerate(names))
    _against_rivals(evidence, parts, signs[0], head)
    extra, losses = (*above.effects, *below.effects), say("hypotheses.facts.no_losses")
    if below.low > 0:
        ratio = _fieller(slope[1:], covariance[1:, 1:], n, say("hypotheses.label.losses"))
        extra = (*extra, ratio)
        losses = say(
            "hypotheses.facts.losses",
            ratio=ratio.estimate, interval=(ratio.ci_low, ratio.ci_high),
            yardstick=LOSS_WEIGHT.estimate, published=(LOSS_WEIGHT.low, LOSS_WEIGHT.high),
        )  # fmt: skip
    moved = {"above": _orders(_after(above, above=1)), "below": _orders(_after(below, above=-1))}
    said = say("hypotheses.facts.asymmetry", products=n, losses=losses, **moved)
    return _finding("prices", n, head, said, extra)


def left_digit(evidence: Evidence, sesoi: float) -> Finding:
    """Orders at prices just under a whole price against those just above one, beyond what price and offers do.

    The same product, on offer or not, each with a slope of log price of its own; offers in the weeks before are held
    equal. A step by cents is no offer: taken for one, what the label does would be read as what the price does, and a
    slope so made too steep takes its due from prices just under a whole one. A whole price is a
    multiple of 1; where the median price is 100 or more, of its first digit, so that prices without cents have one too.
    """
    weeks = price_weeks(evidence)
    if weeks.empty:
        raise evidence.not_testable("few_prices", least=LEAST_PRODUCTS)
    typical = weeks["price"].median()
    step = 1.0 if typical < 100 else 10.0 ** math.floor(math.log10(typical))
    part = np.round(weeks["price"] / step % 1, 6) % 1
    weeks = weeks.assign(under=part >= 1 - NEAR, over=part < NEAR, log_price=np.log(weeks["price"]))
    weeks["log_price_on"] = weeks["log_price"] * weeks["offer"]
    either = weeks.groupby("product_id")[["under", "over"]].any().all(axis=1).sum()
    if either < LEAST_PRODUCTS:
        raise evidence.not_testable("few_digits", least=LEAST_PRODUCTS, step=step)
    sides = weeks.groupby(["product_id", "offer"])[["under", "over"]].any().all(axis=1)
    both = int(sides.groupby("product_id").any().sum())
    if both < LEAST_PRODUCTS:
        raise evidence.rivalled("digits_of_offers", least=LEAST_PRODUCTS)
    own, same = ["under", "over", "log_price", "log_price_on"], ["offer"]
    columns = [*own, *AFTER]
    signs = np.eye(1, len(columns)) - np.eye(1, len(columns), 1)
    (jump,), covariance, n = _fitted(evidence, weeks, columns, signs, same)
    check_answers(evidence, weeks, own, same)
    found = _by_t("ratio of means", jump, covariance[0, 0], n)
    change = _orders((found.estimate, found.low, found.high))
    told = {"near": NEAR * step, "step": step, "both": both, "products": n}
    return _finding("left_digit", n, found, say("hypotheses.facts.left_digit", change=change, **told))


def _fitted(
    evidence: Evidence, weeks: pd.DataFrame, columns: list[str], signs: np.ndarray, same: list[str] | bool = True
) -> tuple[np.ndarray, np.ndarray, int]:
    """``signs`` times the slopes, their covariance, and how many products; NotTestable with too few of them."""
    try:
        beta, covariance, n = slopes(weeks, columns, same)
    except PerfectSeparationError:
        n = 0
    if n < LEAST_PRODUCTS:
        raise evidence.not_testable("few_prices", least=LEAST_PRODUCTS)
    return signs @ beta, signs @ covariance @ signs.T, n


def _parted(weeks: pd.DataFrame) -> pd.DataFrame:
    """With loss and gain: how far the price stands above, and below, the remembered one."""
    return weeks.assign(loss=weeks["gap"].clip(lower=0), gain=(-weeks["gap"]).clip(lower=0))


def _against_rivals(evidence: Evidence, weeks: pd.DataFrame, signs: np.ndarray, found: Contrast) -> None:
    """Raise NotTestable where prices answer sales, or where what is found may be customers who stocked up.

    signs : of the slopes on loss and gain, which both beliefs hold apart here.
    """
    check_answers(evidence, weeks, ["loss", "gain"], SAME_PRICE)
    if found.p_value <= ALPHA:
        check_stocks(evidence, weeks, ["loss", "gain"], signs)


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
