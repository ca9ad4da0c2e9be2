"""Whether customers have changed groups: the same people in two windows of equal length, by one frozen model.

Two windows are looked at, one as long as that of the personas and a quarter of a year, in which a change shows sooner.
A change is told where the people of both windows moved beyond chance and by enough to matter, and where everybody who
bought in the windows says the same: the first is no matter of who came, the second none of who grew older.

Runs that follow one another share one error rate: of the ``YEARLY`` of false alarms that a year may have, each spends
what has passed since the last (Lan & DeMets 1983), whatever the rhythm. All are compared with the report since which
nothing was told, so that a slow change adds up.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import norm

from helpers.columns import feature
from helpers.customers.facts import ONE_MACHINE
from helpers.customers.windows import CLOCKED, DAY, Windows, equal_windows
from helpers.study import Engine
from helpers.types.placing import assign, behaviour_columns, ruled
from helpers.types.yardsticks import deflated, price_change

YEARLY, AT_MOST = 0.05, 0.01
"""False alarms of a year of runs, and the level of one run at most."""
ALERT_CHANGE = 0.03
EVERYBODY_Z = 2.0
"""How clearly everybody in the windows must have changed in the same way."""
QUARTER = 91
LEAST = 30
"""People in both windows without whom nothing is compared."""


@dataclass(frozen=True)
class Shift:
    """The groups of the people who are in both of two windows, then and now.

    then, now : as ``placing.assign`` gives them, of those people. groups : one row per group: then, now (shares by the
    model's probabilities), change, error (its standard error), p, everybody (change among all in the windows),
    everybody_z. level : below which p must lie. busier, prices : what was taken out first, as a ratio and as a change
    of logarithms. bar : the smallest change of a share that is news.
    """

    windows: Windows
    then: pd.DataFrame
    now: pd.DataFrame
    groups: pd.DataFrame
    level: float
    prices: float | None
    bar: float = ALERT_CHANGE

    @property
    def people(self) -> pd.Index:
        """Who is compared."""
        return pd.Index(self.then["customer_id"])

    @property
    def told(self) -> pd.Series:
        """Per group whether its change is news."""
        g = self.groups
        agree = (np.sign(g["change"]) == np.sign(g["everybody"])) & (g["everybody_z"].abs() >= EVERYBODY_Z)
        return (g["p"] < self.level) & (g["change"].abs() >= self.bar - 1e-12) & agree

    @property
    def noise(self) -> pd.Series:
        """Per group the change that chance alone reaches at this level."""
        return self.groups["error"] * norm.isf(self.level / 2)


def earliest(
    model: dict[str, Any] | None,
    sales: pd.DataFrame | None,
    ends: Sequence[str],
    until: dt.date | None,
    limits: Engine = ONE_MACHINE,
) -> tuple[str | None, list[Shift]]:
    """The shifts since the first of some days whose windows the sales still hold, and that day; none without either.

    ends : last days of earlier reports, in order; the last is that of the previous one. until : today's last day.
    """
    if model is None or sales is None or until is None or not ends:
        return None, []
    passed = (until - dt.date.fromisoformat(ends[-1])).days
    for end in ends if passed > 0 else ():
        if found := shifts(model, sales, dt.date.fromisoformat(end), until, passed, limits):
            return end, found
    return None, []


def shifts(
    model: dict[str, Any],
    sales: pd.DataFrame,
    since: dt.date,
    until: dt.date,
    passed: int,
    limits: Engine = ONE_MACHINE,
) -> list[Shift]:
    """The changes from the windows that end with ``since`` to those that end with ``until``, the longer one first.

    passed : days since the run before. Empty where the model holds no habits, or the sales do not reach back.
    """
    found: list[Shift] = []
    for days in lengths(model):
        windows = equal_windows(sales, since + DAY, until + DAY, days, limits)
        shift = None if windows is None else shift_of(model, windows, passed, found[0].people if found else None)
        found += [] if shift is None else [shift]
    return found


def lengths(model: dict[str, Any]) -> list[int]:
    """The days of the windows that are looked at: those of the personas, and a quarter; none without habits."""
    if model["kind"] == "none" or not behaviour_columns(model) or "window" not in model:
        return []
    own = model["window"]["days"]
    return [own, QUARTER] if own >= 1.5 * QUARTER else [own]


def shift_of(model: dict[str, Any], windows: Windows, passed: int, among: pd.Index | None = None) -> Shift | None:
    """The change between two windows; None for too few people in both.

    among : people who are known to have been customers throughout, by longer windows: one order in each is then enough.
    """
    level = min(AT_MOST, YEARLY * max(passed, 1) / 365) / len(lengths(model)) / max(len(model["ids"]), 1)
    model = _at_length(model, windows.days) | ({} if among is None else {"structural": []})
    (all_then, paid_then), (all_now, paid_now) = (_placed(model, part) for part in (windows.then, windows.now))
    columns = [f"p_{group}" for group in model["ids"]]
    judged = [part.dropna(subset=columns).set_index("customer_id") for part in (all_then, all_now)]
    known = pd.Index(windows.throughout) if among is None else among
    people = known.intersection(judged[0].index).intersection(judged[1].index)
    if len(people) < LEAST:
        return None
    before, after = (part.loc[people, columns].to_numpy(float) for part in judged)
    moved = after - before
    error = moved.std(axis=0, ddof=1) / np.sqrt(len(people))
    everybody, spread = _of_everybody(*(part[columns] for part in judged))
    change = moved.mean(axis=0)
    quiet = np.maximum(error, 1e-12)
    groups = {
        "then": before.mean(axis=0),
        "now": after.mean(axis=0),
        "change": change,
        "error": error,
        "p": np.where(error > 0, 2 * norm.sf(np.abs(change) / quiet), np.where(np.abs(change) > 0, 0.0, 1.0)),
        "everybody": everybody,
        "everybody_z": everybody / np.maximum(spread, 1e-12),
    }
    prices = None if paid_then is None or paid_now is None else paid_now - paid_then
    both = (part.loc[people].reset_index() for part in judged)
    return Shift(windows, *both, pd.DataFrame(groups, index=model["ids"]), level, prices)


def _of_everybody(then: pd.DataFrame, now: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Change of the mean among all in the windows, and its standard error: who is in both counts as one person."""
    parts = [(part - part.mean()) / len(part) for part in (then, now)]
    people = parts[0].index.union(parts[1].index)
    pull = parts[1].reindex(people, fill_value=0.0) - parts[0].reindex(people, fill_value=0.0)
    return (now.mean() - then.mean()).to_numpy(), np.sqrt((pull**2).sum()).to_numpy()


def _placed(model: dict[str, Any], features: pd.DataFrame) -> tuple[pd.DataFrame, float | None]:
    """Customers of a window by their habits alone, at the prices of the model; and the change that was taken out."""
    known = features.set_index("customer_id", drop=False)
    sliced = known[~ruled(model, known)]
    change = price_change(model, sliced, pd.DataFrame(index=sliced.index))
    if change is not None:
        features = deflated(features, change)
    return assign(model, _with_all(features, model), None), change


def _with_all(features: pd.DataFrame, model: dict[str, Any]) -> pd.DataFrame:
    """0 for the share of a channel or category that nobody chose in either window."""
    wanted = [name for name in behaviour_columns(model) if name not in features]
    return features.assign(**{name: 0.0 for name in wanted if name.startswith(("channel_", "category_"))})


def _at_length(model: dict[str, Any], days: int) -> dict[str, Any]:
    """The model for windows of another length: what a longer one makes more of is measured from where it lies there."""
    ratio = model["window"]["days"] / days
    if ratio == 1:
        return model
    rules = [rule | dict(_moved(rule, ratio)) for rule in model["features"]]
    made = model | {"features": rules}
    if model.get("tiers") and _extensive(model["tiers"]["column"]):
        made["tiers"] = model["tiers"] | {"edges": [edge / ratio for edge in model["tiers"]["edges"]]}
    return made


def _moved(rule: dict[str, Any], ratio: float) -> Iterator[tuple[str, float]]:
    if _extensive(rule["column"]) and rule["transform"] in ("log1p", "none"):
        for name in ("fill", "low", "high", "centre"):
            yield name, rule[name] - np.log(ratio) if rule["transform"] == "log1p" else rule[name] / ratio


def _extensive(column: str) -> bool:
    """Whether a longer window makes a column larger."""
    row = feature(column)
    return column in CLOCKED or (row is not None and row.zero)
