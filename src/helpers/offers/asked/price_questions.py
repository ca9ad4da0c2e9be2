"""Prices that people were asked about: where it is too cheap or too dear (Van Westendorp), and who would buy at each.

Both are what people say and no purchases, and say so. Van Westendorp 1976, ESOMAR; Gabor & Granger 1966, Economica 33.
Intervals by drawing respondents anew (scipy's percentile bootstrap), each with all of his answers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import bootstrap

from helpers.answers.questions import given, read_numbers, uncoded
from helpers.cards.personas import Personas
from helpers.offers.asked.who import least_of, who_answered
from helpers.small_cells import shown, wilson
from helpers.sources import GaborGranger, SurveySource, VanWestendorp
from helpers.study import Study
from helpers.survey.survey import Survey
from helpers.survey.weights import effective_n
from helpers.text import fold, folded
from helpers.words import Text, say, sentences

RESAMPLES = 999
SETTLED = 0.95
POINTS = ("lowest", "optimal", "indifference", "highest")
NAMED = ["id", "handle", "point", "price", "ci_low", "ci_high", "n"]
BUYING = ["id", "handle", "price", "share", "ci_low", "ci_high", "earned", "n"]


@dataclass(frozen=True)
class Prices:
    """What people say of prices.

    named : id, handle, point (its name), price with its interval, n; empty where nobody was asked four prices.
    buying : id, handle, price, share who would buy at it with its interval, earned (price times share: of each person
        asked), n; empty where nobody was asked whether he would buy.
    """

    named: pd.DataFrame
    buying: pd.DataFrame
    told: tuple[Text, ...]


def asked_prices(survey: Survey | None, personas: Personas, study: Study) -> Prices:
    """What respondents, all and by persona, say of prices."""
    source = study.tables.survey
    named, told = pd.DataFrame(columns=NAMED), []
    if survey is None or source is None or not source.price_columns:
        return Prices(named, pd.DataFrame(columns=BUYING), (say("prices.none"),))
    if source.van_westendorp:
        named, told = _named(survey, personas, study, source, source.van_westendorp)
    buying = pd.DataFrame(columns=BUYING)
    if source.gabor_granger:
        buying, more = _buying(survey, personas, study, source, source.gabor_granger)
        told += more
    return Prices(named, buying, (*told, say("prices.limits")))


# --- four prices -------------------------------------------------------------------------------------------------


def _named(
    survey: Survey, personas: Personas, study: Study, source: SurveySource, asked: VanWestendorp
) -> tuple[pd.DataFrame, list[Text]]:
    """`Prices.named` and what is said of it."""
    answers = survey.answers
    prices = pd.concat([_numbers(answers[name], source) for name in asked.headers], axis=1).to_numpy(float)
    full = np.isfinite(prices).all(axis=1) & (prices > 0).all(axis=1)
    steps = np.diff(np.where(full[:, None], prices, 0.0), axis=1)
    rising = full & (steps >= 0).all(axis=1) & (steps.sum(axis=1) > 0)
    rows = np.flatnonzero(rising)
    left_out, notes = int((full & ~rising).sum()), []
    if left_out:
        key = "prices.not_rising" if left_out >= study.privacy.min_cell else "prices.not_rising_few"
        notes = [say(key, n=left_out)]
    if len(rows) < least_of(study):
        return pd.DataFrame(columns=NAMED), [say("prices.few", least=least_of(study)), *notes]
    who = who_answered(answers["respondent_id"].iloc[rows], survey, personas, study)
    found, weight = [], answers["weight"].to_numpy()[rows]
    for i, (handle, inside) in who.groups(say("conjoint.everybody")).items():
        own, heavy = prices[rows][inside], weight[inside]
        ends = resampled(lambda at, own=own, heavy=heavy: crossings(own[at], heavy[at]), len(own), study.seed)
        values = zip(POINTS, crossings(own, heavy), *ends, strict=True)
        found += [(i, handle, say(f"prices.point.{name}"), *each, len(own)) for name, *each in values]
    frame = pd.DataFrame(found, columns=NAMED)
    told = [say("prices.who", n=len(rows)), *(_range(part) for _, part in frame.groupby("id", sort=False))]
    silent = [say("prices.silent", handles=who.silent)] if who.silent else []
    return frame, [*told, *notes, *silent]


def crossings(prices: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """The lowest price, the optimal one, that of indifference and the highest, from four prices a person.

    prices : people x (too cheap, cheap, expensive, too expensive). At each price some find it too cheap, cheap,
    expensive, too expensive; the lowest acceptable price is where as many find it too cheap as no bargain, the highest
    where as many find it too expensive as not expensive; at the optimal one as many too cheap as too expensive, at that
    of indifference as many a bargain as expensive. Between prices that were named shares run straight.
    """
    at = np.unique(prices)
    total = weight.sum()
    below = np.column_stack([_share_below(column, weight, at) for column in prices.T]) / total
    strictly = np.column_stack([_share_below(column, weight, at, strict=True) for column in prices.T]) / total
    too_cheap, cheap = 1 - strictly[:, 0], 1 - strictly[:, 1]
    expensive, too_expensive = below[:, 2], below[:, 3]
    return np.array(
        [
            _crossing(at, too_cheap, 1 - cheap),
            _crossing(at, too_cheap, too_expensive),
            _crossing(at, cheap, expensive),
            _crossing(at, 1 - expensive, too_expensive),
        ]
    )


def _share_below(values: np.ndarray, weight: np.ndarray, at: np.ndarray, strict: bool = False) -> np.ndarray:
    """The weight of values up to each price, or below it."""
    order = np.argsort(values)
    sums = np.concatenate([[0.0], np.cumsum(weight[order])])
    return sums[np.searchsorted(values[order], at, side="left" if strict else "right")]


def _crossing(at: np.ndarray, falling: np.ndarray, rising: np.ndarray) -> float:
    """Where a falling line meets a rising one; the middle of the stretch where they do not differ."""
    ahead = rising - falling
    ends = []
    for flags, side in ((ahead >= -1e-12, 1), (ahead > 1e-12, 1)):
        place = int(np.argmax(flags)) if flags.any() else len(at) - 1
        if place == 0 or not flags.any():
            ends.append(at[place])
            continue
        step = ahead[place] - ahead[place - side]
        ends.append(at[place - side] - ahead[place - side] / step * (at[place] - at[place - side]))
    return float(np.mean(ends))


def _range(rows: pd.DataFrame) -> Text:
    """The acceptable range of one group."""
    lowest, optimal, _, highest = (row for row in rows.itertuples())
    return say(
        "prices.range",
        handle=optimal.handle, lowest=lowest.price, lowest_low=lowest.ci_low, lowest_high=lowest.ci_high,
        highest=highest.price, highest_low=highest.ci_low, highest_high=highest.ci_high,
        optimal=optimal.price, low=optimal.ci_low, high=optimal.ci_high,
    )  # fmt: skip


# --- buying at a price -------------------------------------------------------------------------------------------


def _buying(
    survey: Survey, personas: Personas, study: Study, source: SurveySource, asked: GaborGranger
) -> tuple[pd.DataFrame, list[Text]]:
    """`Prices.buying` and what is said of it."""
    prices = np.array([price for price, _ in asked.rising])
    answers = survey.answers
    yes = {fold(word) for word in asked.buys}
    cells = [folded(given(answers[header].astype("str"), source)) for _, header in asked.rising]
    said = np.column_stack([cell.isin(yes).where(cell.notna() & (cell != "")).astype(float) for cell in cells])
    most, contradicts = would_pay(said)
    rows = np.flatnonzero(most >= 0)
    notes, turned = [], int(contradicts.sum())
    if turned:
        notes = [say("prices.turned" if turned >= study.privacy.min_cell else "prices.turned_few", n=turned)]
    if len(rows) < least_of(study):
        return pd.DataFrame(columns=BUYING), [say("prices.few_buying", least=least_of(study)), *notes]
    who = who_answered(answers["respondent_id"].iloc[rows], survey, personas, study)
    weight, buys = answers["weight"].to_numpy()[rows], most[rows][:, None] > np.arange(len(prices))
    found, told = [], [say("prices.asked", n=len(rows), prices=len(prices))]
    for i, (handle, inside) in who.groups(say("conjoint.everybody")).items():
        own, heavy = buys[inside], weight[inside]
        share = heavy @ own / heavy.sum()
        n = effective_n(pd.Series(heavy))
        told_apart = apart(own.sum(axis=0), len(own), study.privacy.min_cell)
        for price, part, enough in zip(prices, share, told_apart, strict=True):
            values = (part, *wilson(part * n, n), price * part) if enough else (np.nan,) * 4
            found.append((i, handle, price, *values, len(own)))
        told.append(_best(handle, prices, own, heavy, study.seed))
    silent = [say("prices.silent", handles=who.silent)] if who.silent else []
    return pd.DataFrame(found, columns=BUYING), [*told, *notes, *silent]


def would_pay(said: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How many of the rising prices each person would pay, and who contradicts himself.

    said : people x prices, 1 for yes, 0 for no, NaN where it was not asked: who buys at a price buys at a lower one,
    and who refuses refuses a higher one. -1 for whoever leaves it open between prices, was not asked, or says yes to a
    price above one that he refused (the flags).
    """
    places = np.arange(said.shape[1])
    highest_yes = np.where(said == 1, places, -1).max(axis=1)
    lowest_no = np.where(said == 0, places, said.shape[1]).min(axis=1)
    contradicts = highest_yes > lowest_no
    return np.where(highest_yes + 1 == lowest_no, lowest_no, -1), contradicts


def apart(buyers: np.ndarray, people: int, least: int) -> np.ndarray:
    """At which of the rising prices the number of buyers may be told: steps between those that are, and both ends,
    hold nobody or no small cell."""
    told, last = np.zeros(len(buyers), dtype=bool), people
    for place, count in enumerate(buyers):
        if shown(last - count, least) and shown(count, least):
            told[place], last = True, count
    return told


def _best(handle: Text, prices: np.ndarray, buys: np.ndarray, weight: np.ndarray, seed: int) -> Text:
    """The price that earns most of each person asked, and whether another sample would name the same one."""

    def earned(at: np.ndarray) -> np.ndarray:
        return prices * (weight[at] @ buys[at]) / weight[at].sum()

    best = int(np.argmax(earned(np.arange(len(buys)))))
    rng = np.random.default_rng(seed)
    again = np.array([np.argmax(earned(rng.integers(len(buys), size=len(buys)))) for _ in range(RESAMPLES)])
    often = np.bincount(again, minlength=len(prices)) >= (1 - SETTLED) * RESAMPLES
    others = np.flatnonzero(often | (np.arange(len(prices)) == best))
    values = {"handle": handle, "price": prices[best]}
    beyond = say("prices.edge", price=prices[best]) if best in (0, len(prices) - 1) else ""
    if len(others) == 1:
        return sentences(say("prices.best", **values), beyond)
    return sentences(say("prices.best_open", **values, low=prices[others[0]], high=prices[others[-1]]), beyond)


# --- shared ------------------------------------------------------------------------------------------------------


def _numbers(cells: pd.Series, source: SurveySource) -> pd.Series:
    """Prices as numbers; a column that is declared as a number is one already."""
    return cells if pd.api.types.is_numeric_dtype(cells) else read_numbers(uncoded(cells, source))


def resampled(statistic: Callable[[np.ndarray], np.ndarray], n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Ends of the 95 % intervals of what is computed from the places of people."""
    found = bootstrap(
        (np.arange(n),), lambda at: statistic(at.astype(int)), n_resamples=RESAMPLES, vectorized=False,
        method="percentile", rng=np.random.default_rng(seed),
    )  # fmt: skip
    return found.confidence_interval.low, found.confidence_interval.high
