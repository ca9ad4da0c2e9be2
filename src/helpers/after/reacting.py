"""Responses within people at equal calendar time, and whether mail reacts to the people whom it is sent to.

Busy seasons bring more mail and another response, and lists fade: weeks, weekdays and time on the list are held equal.
Mail that reacts (to silence, or to a visit) cannot be mended so: what makes people respond then also makes the mail.
It shows by mail yet to come, which cannot have an effect: where it goes together with a response now, sending was not
set apart from the people (strict exogeneity; Wooldridge 2010, ch. 10.7.1 and 18.7; Lipsitch, Tchetgen & Cohen 2010).
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from scipy.stats import norm
from statsmodels.tools.sm_exceptions import PerfectSeparationError

from helpers.beliefs.estimators import RARE, conditional_poisson
from helpers.beliefs.verdict import NO_SPREAD

MOST_LOG = 10
"""A log risk ratio beyond this is no estimate: an outcome that a term decides."""
WEEK, DAY = pd.Timedelta(days=7), pd.Timedelta(days=1)
SURE = 0.01
"""Mail reacts where chance alone would show so much less often: the worlds of ``benchmarks/rivals`` are all seen."""
LEVELS = 3
"""So many messages in a week, or more, are one level where they are only held equal."""
LAGS, LEADS = 4, 2
"""Weeks of mail before that orders are compared at, and weeks of mail to come."""


def within_person(y: np.ndarray, x: np.ndarray, person: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Log risk ratios per unit of ``x`` within people, and their covariance.

    y : 0/1 or counts; x : one column per term; person : labels. The covariance is true however one person's rows hang
    together (Wooldridge 1999). Raises PerfectSeparationError where there is no finite solution.
    """
    informative = pd.Series(y).groupby(person).transform("sum").to_numpy() > 0
    y, code = y[informative], pd.factorize(person[informative])[0]
    beta, within, mu = conditional_poisson(y, x[informative], code)
    information = within.T @ (mu[:, None] * within)
    if np.linalg.matrix_rank(information) < len(beta) or np.abs(beta).max() > MOST_LOG:
        raise PerfectSeparationError("the model has no finite solution")
    by_person = pd.DataFrame(within * (y - mu)[:, None]).groupby(code).sum().to_numpy()
    bread = np.linalg.inv(information)
    n = len(by_person)
    return beta, bread @ (by_person.T @ by_person) @ bread * n / max(n - 1, 1)


def slope_at_equal_time(
    y: np.ndarray, asked: np.ndarray, person: np.ndarray, at: pd.Series, held: dict[str, np.ndarray]
) -> tuple[np.ndarray, np.ndarray] | None:
    """Log risk ratios per unit of the columns ``asked`` and their covariance; None where there is no finite estimate.

    Held equal are the person, the calendar week, the weekday, the time since the person's first row (and how often it
    has doubled), and ``held``.
    Weeks, people and terms that tell nothing are left out.
    """
    week = ((at - at.min()) // WEEK).to_numpy()
    since = np.log1p(((at - at.groupby(person).transform("min")) / WEEK).to_numpy(float))
    kept = np.ones(len(y), dtype=bool)
    while True:
        told = [pd.Series(y[kept]).groupby(by[kept]).transform("sum").to_numpy() > 0 for by in (person, week)]
        if np.logical_and(*told).all():
            break
        kept[np.flatnonzero(kept)[~np.logical_and(*told)]] = False
    if y[kept].sum() < RARE:
        return None
    terms = [
        pd.get_dummies(week[kept], drop_first=True),
        pd.get_dummies(at.dt.day_of_week.to_numpy()[kept]),
        since[kept],
        pd.get_dummies(np.floor(since / np.log(2))[kept], drop_first=True),
    ]
    x = np.column_stack([*terms, *(column[kept] for column in held.values()), asked[kept]]).astype(float)
    k = asked.shape[1]
    if len(x) <= x.shape[1]:
        return None
    code = pd.factorize(person[kept])[0]
    apart = x - pd.DataFrame(x).groupby(code).transform("mean").to_numpy()
    size = np.abs(np.diag(np.linalg.qr(apart, mode="r")))
    own = size > 1e-7 * np.maximum(np.linalg.norm(x, axis=0), 1.0)
    if not own[-k:].all():
        return None
    try:
        beta, covariance = within_person(y[kept], x[:, own], code)
    except (PerfectSeparationError, np.linalg.LinAlgError):
        return None
    errors = np.sqrt(np.diag(covariance)[-k:].clip(min=0))
    known = (errors > NO_SPREAD).all() and np.isfinite(errors).all()
    return (beta[-k:], covariance[-k:, -k:]) if known else None


def reacts(rows: pd.DataFrame, sent: pd.DataFrame, outcomes: list[str], bought: pd.DataFrame | None) -> bool:
    """Whether mail yet to come goes together with a response, or an order, at equal mail until now.

    rows : messages as `pressure` leaves them. sent : all messages, customer_id, at, and unsubscribed where known.
    bought : customer_id and ordered_at of orders. Each is tested at SURE over their number.
    """
    asked = [_response(rows.dropna(subset=[name]), name, sent) for name in outcomes]
    if bought is not None and len(bought):
        asked.append(_orders(sent, bought))
    p = [each for each in asked if each is not None]
    return bool(p) and min(p) * len(p) <= SURE


def _response(rows: pd.DataFrame, outcome: str, sent: pd.DataFrame) -> float | None:
    """Whether a response goes with mail to come, which is known and not ended by leaving: the smallest of three p.

    In the second and third week: in any way. In the first it may go as with the mail of the week before, if people take
    a week's mail as a whole; but not more steeply down, and not up.
    """
    end = sent["at"].max()
    rows = rows[rows["at"] + 3 * WEEK <= end]
    if "unsubscribed" in sent:
        gone = sent[sent["unsubscribed"].fillna(False).astype(bool)].groupby("customer_id")["at"].min()
        left = gone.reindex(rows["customer_id"]).to_numpy()
        rows = rows[~(left <= (rows["at"] + 3 * WEEK).to_numpy())]
    if rows.empty:
        return None
    counted = [rows["before"].to_numpy(float), *(_between(rows, sent, *ends) for ends in ((0, 7), (7, 21)))]
    earlier = _between(rows, sent, -14, -7)
    held = {f"earlier {n}": (np.minimum(earlier, LEVELS) == n).astype(float) for n in range(1, LEVELS + 1)}
    y, person = rows[outcome].to_numpy(float), rows["customer_id"].to_numpy()
    found = slope_at_equal_time(y, np.column_stack(counted), person, rows["at"], held)
    if found is None:
        return None
    (before, near, far), covariance = found
    steeper = np.array([-1.0 if before < 0 else 0.0, 1.0, 0.0])
    z = [near / math.sqrt(covariance[1, 1]), (min(before, 0.0) - near) / math.sqrt(steeper @ covariance @ steeper)]
    return float(min(3 * norm.sf(z[0]), 3 * norm.sf(z[1]), 6 * norm.sf(abs(far) / math.sqrt(covariance[2, 2])), 1.0))


def _between(rows: pd.DataFrame, sent: pd.DataFrame, low: int, high: int) -> np.ndarray:
    """Messages to the same person between so many days after each row, its own moment and the first end not in it."""
    people = pd.Index(sent["customer_id"].unique())
    far = 10 * (sent["at"].max() - sent["at"].min() + 4 * WEEK) / DAY
    origin = sent["at"].min()
    all_times = np.sort(people.get_indexer(sent["customer_id"]) * far + ((sent["at"] - origin) / DAY).to_numpy(float))
    own = people.get_indexer(rows["customer_id"]) * far + ((rows["at"] - origin) / DAY).to_numpy(float)
    ends = [np.searchsorted(all_times, own + days, side="right" if days >= 0 else "left") for days in (low, high)]
    return (ends[1] - ends[0]).astype(float)


def _orders(sent: pd.DataFrame, bought: pd.DataFrame) -> float | None:
    """p of how a person's orders of a week go with the mail of the two weeks after it, at equal mail of it and before.

    From the week after the first message to the last one's.
    """
    start = sent["at"].min().normalize()
    weeks = int((sent["at"].max() - start) // WEEK) + 1
    people = pd.Index(sent["customer_id"].unique())

    def panel(frame: pd.DataFrame, at: str) -> np.ndarray:
        frame = frame[frame["customer_id"].isin(people)]
        week = ((frame[at] - start) // WEEK).to_numpy()
        inside = (week >= 0) & (week < weeks)
        cells = np.zeros((len(people), weeks))
        np.add.at(cells, (people.get_indexer(frame["customer_id"])[inside], week[inside]), 1.0)
        return cells

    mail, orders = panel(sent, "at"), panel(bought, "ordered_at")
    if weeks < LAGS + LEADS + 2:
        return None
    known = np.arange(LAGS, weeks - LEADS)
    first, last = (mail > 0).argmax(axis=1), weeks - 1 - (mail[:, ::-1] > 0).argmax(axis=1)
    watched = (known > first[:, None]) & (known + LEADS <= np.maximum(last, first + LEADS)[:, None])
    person, place = np.nonzero(watched)
    week = known[place]
    if not len(week):
        return None
    ahead = sum(mail[person, week + lead] for lead in range(1, LEADS + 1))
    levels = range(1, LEVELS + 1)
    held = {
        f"{lag} {n}": (np.minimum(mail[person, week - lag], LEVELS) == n).astype(float)
        for lag in range(LAGS)
        for n in levels
    }
    at = pd.Series(start + week * WEEK)
    found = slope_at_equal_time(orders[person, week], np.log1p(ahead)[:, None], person, at, held)
    return None if found is None else float(2 * norm.sf(abs(found[0][0]) / math.sqrt(found[1][0, 0])))
