"""A year of reports on one shop: how often drift is told where there is none, and how soon where there is some."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

import numpy as np
import pandas as pd
from worlds.shops import START, lines, logistic

from helpers.customers.customers import build_customers
from helpers.customers.facts import as_table, engine
from helpers.customers.features import feature_expression, read_vocabulary
from helpers.customers.windows import cut_windows, measured
from helpers.read.load import LoadedTables
from helpers.since.drift import homogeneity
from helpers.since.shift import lengths, shift_of
from helpers.study import Study
from helpers.types.mixture import as_model, fit_mixture
from helpers.types.placing import assign
from helpers.types.pool import gather
from helpers.types.prepare import gate_matrix
from helpers.types.repeated import LABEL_STARTS, by_size, divide
from helpers.types.yardsticks import yardsticks

HISTORY, WEEKS, RAMP = 364, 52, 91
"""Days before the first report, weekly reports after it, and days in which a fifth of the customers becomes 30 %."""
FIRST_DAY = START.astype(dt.date)
KINDS = ("stationary", "stationary, rolling file", "heavy season", "3 % new customers a week", "customers come and go",
         "nobody moves, no types", "20 to 30 % in a quarter", "20 to 30 %, heavy season")  # fmt: skip


def day(number: int) -> dt.date:
    return FIRST_DAY + dt.timedelta(days=number)


def habits(rng: np.random.Generator, truth: np.ndarray, apart: float = 1.0) -> dict[str, Any]:
    """Everyday, coupon and office buyers, as in ``worlds.shops.types``."""

    def by_type(*levels: float) -> np.ndarray:
        return levels[0] + apart * (np.array(levels) - levels[0])[truth] + 0.3 * rng.standard_normal(len(truth))

    web = logistic(by_type(0.0, 2.5, -1.5))
    return {
        "coupon": logistic(by_type(-2.5, 1.5, -3.0)),
        "evening": logistic(by_type(0.0, 0.5, -3.0)),
        "value": by_type(3.3, 2.7, 4.2),
        "size": 1 + np.exp(by_type(0.0, -0.5, 1.3)),
        "channel": np.c_[web, (1 - web) * 0.6, (1 - web) * 0.4],
    }


def year(kind: str, seed: int, people: int) -> pd.DataFrame:
    """Order lines of the history and of the year after it."""
    rng = np.random.default_rng([seed, 9])
    days = HISTORY + 7 * WEEKS
    joining = people * 3 * WEEKS // 100 if "new customers" in kind else people if "come and go" in kind else 0
    n = people + joining
    truth = rng.choice(3, n, p=(0.6, 0.2, 0.2))
    weekly = rng.gamma(3.0, 0.2 / 3.0, n)  # orders a week, unequal between people
    orders = rng.poisson(weekly * days / 7)
    apart = 0.0 if "no types" in kind else 1.0
    season = {"season": 0.25} if "season" in kind else {}
    sales = _yearly(rng, orders, days, habits(rng, truth, apart), season)
    if "30 %" in kind:
        movers = rng.permutation(np.flatnonzero(truth == 0))[: n // 10]
        when = np.full(n, days)
        when[movers] = HISTORY + rng.integers(0, RAMP, len(movers))
        later = truth.copy()
        later[movers] = 1
        after = _yearly(rng, orders, days, habits(rng, later, apart), season)
        sales = pd.concat([_until(sales, when), _until(after, when, after=True)])
    if joining:
        comes = np.zeros(n, int)
        goes = np.full(n, days)
        if "come and go" in kind:  # half a life of a year and a half, new ones as many
            born = rng.integers(-days, days, n)
            comes, goes = np.maximum(born, 0), born + rng.integers(200, 2 * days - 200, n)
        else:
            comes[people:] = HISTORY + rng.integers(0, 7 * WEEKS, joining)
        sales = _until(_until(sales, comes, after=True), goes)
    return sales.sort_values(["ordered_at", "order_id"], ignore_index=True)


def _yearly(
    rng: np.random.Generator, orders: np.ndarray, days: int, how: dict[str, Any], season: dict[str, float]
) -> pd.DataFrame:
    """Two years, each with its own season."""
    first = rng.binomial(orders, HISTORY / days)
    parts = [lines(rng, first, 0, HISTORY, **how, **season)]
    parts.append(lines(rng, orders - first, HISTORY, days - HISTORY, **how, **season))
    made = pd.concat(parts, ignore_index=True)
    return made.assign(order_id=made["order_id"] + f"-{rng.integers(1 << 30)}")


def _until(sales: pd.DataFrame, when: np.ndarray, *, after: bool = False) -> pd.DataFrame:
    """Lines of each customer before a day of their own, or from it on."""
    number = sales["customer_id"].str[1:].astype(int).to_numpy()
    at = (sales["ordered_at"].to_numpy().astype("datetime64[D]") - START).astype(int)
    return sales[(at >= when[number]) if after else (at < when[number])]


def study_on(number: int, first: int = 0) -> Study:
    """The study of a report on a day, by default windows: the last fifth of the days is kept for tests."""
    days = number - first + 1
    window = {"start": day(first), "holdout_from": day(number + 1 - max(1, days // 5)), "as_of": day(number)}
    tables = {"sales": {"path": "sales.csv"}}
    return Study.model_validate({"study": "weekly", "tables": tables, "currency": "EUR", "window": window})


def customers_on(sales: pd.DataFrame, number: int, first: int = 0) -> Any:
    return build_customers(LoadedTables({"sales": sales}, ()), study_on(number, first))


def frozen(customers: Any, study: Study, seed: int, k: int = 3) -> dict[str, Any]:
    """model.json of the first report, but for the gate."""
    pool = gather(customers, None, study)
    prepared = pool.prepared.at(pool.fit)
    matrix = gate_matrix(prepared)
    first = by_size(divide(matrix, k, seed, LABEL_STARTS).labels_)
    fitted = fit_mixture(prepared, matrix, k, first, smallest=int(max(30, 0.05 * len(matrix))), seed=seed)
    ids = [f"persona-{number}" for number in range(1, k + 1)]
    model = as_model(pool.prepared, fitted.mixture, temper=fitted.temper)
    model |= {"ids": ids, "structural": [{"id": "one-order", "column": "orders", "at_most": 1}]}
    return model | yardsticks(model, pool.features, pool.answers)


def of_a_year(kind: str, seed: int, people: int, every: int = 1) -> dict[str, Any]:
    """The week of the first alarm as it was told before (labels of the last report's members) and as it is now."""
    sales = year(kind, seed, people)
    rolling = "rolling" in kind
    weeks = range(0, WEEKS + 1, every)
    customers = customers_on(sales[sales["ordered_at"] < pd.Timestamp(day(HISTORY))], HISTORY - 1)
    study = study_on(HISTORY - 1)
    model = frozen(customers, study, seed)
    return {
        "kind": kind,
        "every": every,
        "before": _first(weeks, _told_before(sales, model, weeks, rolling)),
        "after": _first(weeks, _told_now(sales, model, weeks, every, rolling)),
    }


def _first(weeks: range, told: list[bool]) -> float:
    return next((float(week) for week, is_told in zip(weeks, [False, *told], strict=True) if is_told), np.nan)


def _told_before(sales: pd.DataFrame, model: dict[str, Any], weeks: range, rolling: bool) -> list[bool]:
    """Alarms as they were: labels by the orders before the held-out part, beside those of the report before."""
    parts = {}
    for week in weeks:
        study = study_on(HISTORY + 7 * week - 1, 7 * week if rolling else 0)
        parts[week] = _between(sales, study.window.start, study.window.holdout_from), study.window.holdout_from
    features = _all_at_once(parts)
    placed = [assign(model, features[week], None) for week in weeks]
    return [_as_before(then, now) for then, now in itertools.pairwise(placed)]


def _told_now(sales: pd.DataFrame, model: dict[str, Any], weeks: range, every: int, rolling: bool) -> list[bool]:
    """Alarms as they are: since the first report, or the earliest whose window a rolling file still holds."""
    cuts, models = {}, {}
    for week in weeks[1:]:
        today, first = HISTORY + 7 * week - 1, 7 * week if rolling else 0
        before = study_on(today - 7 * every, first - 7 * every if rolling else 0).window
        models[week] = model | {"window": {"days": (before.holdout_from - before.start).days}}
        for days in lengths(models[week]):
            for since in weeks[: weeks.index(week)]:
                cut = cut_windows(sales, day(HISTORY + 7 * since), day(today + 1), days, day(first))
                if cut is not None:
                    cuts[week, days] = cut
                    break
    parts = {(*key, i): (cut.left[i], cut.untils[i]) for key, cut in cuts.items() for i in (0, 1)}
    features = _all_at_once(parts)
    told = dict.fromkeys(weeks[1:], False)
    among = {}
    for (week, days), cut in cuts.items():
        windows = measured(cut, features[week, days, 0], features[week, days, 1])
        shift = shift_of(models[week], windows, 7 * every, among.get(week))
        if shift is not None:
            among.setdefault(week, shift.people)
        told[week] |= shift is not None and bool(shift.told.any())
    return list(told.values())


def _all_at_once(parts: dict[Any, tuple[pd.DataFrame, dt.date]]) -> dict[Any, pd.DataFrame]:
    """The features of many windows by one query: their days are moved to one end, customers numbered by window."""
    last = max(until for _, until in parts.values())
    moved = []
    for number, (bought, until) in enumerate(parts.values()):
        names = bought["customer_id"] + f"#{number}"
        moved.append(bought.assign(customer_id=names, ordered_at=bought["ordered_at"] + pd.Timedelta(last - until)))
    frame = pd.concat(moved, ignore_index=True)
    with engine() as backend:
        words = read_vocabulary(backend, as_table(frame), day(-2000), last, 10)
        made = backend.to_pyarrow(feature_expression(as_table(frame), day(-2000), last, words)).to_pandas()
    made = made[made["orders"] > 0]
    owner = made["customer_id"].str.split("#").str
    made = made.assign(customer_id=owner[0].astype("str")).groupby(owner[1].astype(int))
    return {key: made.get_group(i).sort_values("customer_id", ignore_index=True) for i, key in enumerate(parts)}


def _between(sales: pd.DataFrame, start: dt.date, end: dt.date) -> pd.DataFrame:
    return sales[(sales["ordered_at"] >= pd.Timestamp(start)) & (sales["ordered_at"] < pd.Timestamp(end))]


def _as_before(then: pd.DataFrame, now: pd.DataFrame) -> bool:
    """The alert as it was: Stuart-Maxwell on common customers and three points, structural groups among them."""
    both = then.merge(now, on="customer_id")
    states = sorted({*both["persona_x"], *both["persona_y"]})
    moves = pd.crosstab(both["persona_x"], both["persona_y"]).reindex(index=states, columns=states, fill_value=0)
    net = (moves.sum(axis=0) - moves.sum(axis=1)) / moves.to_numpy().sum()
    return bool(homogeneity(moves)[1] < 0.01 and net.abs().max() >= 0.03)
