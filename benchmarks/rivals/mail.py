"""Messages that change nothing, in worlds where something else makes the mail and the response."""

from __future__ import annotations

import numpy as np
import pandas as pd
from beliefs import MONDAY, sales, study_of

from helpers.beliefs.evidence import Evidence

WEEKS = 30


def _evidence(sent: np.ndarray, opened: np.ndarray, bought: np.ndarray | None = None) -> Evidence:
    """People x days: whether mail went out, was opened, and (where known) whether an order came."""
    customer, day = np.nonzero(sent)
    frame = pd.DataFrame({"customer_id": pd.Series(customer).map("C{}".format), "channel": "email"})
    frame["opened"] = pd.array(opened[sent], "boolean")
    frames = {"messages": frame.assign(at=MONDAY + pd.to_timedelta(day, unit="D") + pd.Timedelta(hours=9))}
    if bought is not None:
        customer, day = np.nonzero(bought)
        frames["sales"] = sales(customer, MONDAY + pd.to_timedelta(day, unit="D"))
    return study_of(frames)


def _likes(rng: np.random.Generator, n: int) -> np.ndarray:
    return 0.3 * np.exp(rng.normal(0, 0.3, (n, 1)))


def _before(sent: np.ndarray) -> np.ndarray:
    """Messages of the seven days before each day."""
    sums = np.cumsum(np.pad(sent.astype(float), ((0, 0), (8, 0))), axis=1)
    return sums[:, 7:-1] - sums[:, :-8]


def _respond(rng: np.random.Generator, chance: np.ndarray, sent: np.ndarray, effect: float) -> np.ndarray:
    return rng.random(sent.shape) < np.clip(chance * np.exp(-effect * _before(sent)), 0, 1)


def busy_season(rng: np.random.Generator, effect: float = 0.0, n: int = 250) -> Evidence:
    """Six busy weeks with three times the mail, in which everybody opens less."""
    week = np.repeat(np.arange(WEEKS), 7)
    busy = (week >= 20) & (week < 26)
    sent = rng.random((n, len(week))) < np.where(busy, 0.3, 0.1)
    return _evidence(sent, _respond(rng, _likes(rng, n) * np.where(busy, 0.7, 1), sent, effect))


def fading_list(rng: np.random.Generator, effect: float = 0.0, n: int = 250) -> Evidence:
    """People join week by week and open less the longer they are on the list, while the shop writes more and more."""
    day = np.arange(WEEKS * 7)
    joined = rng.integers(0, 70, (n, 1))
    sent = (rng.random((n, len(day))) < 0.08 + 0.12 * day / len(day)) & (day >= joined)
    fade = 0.5 + 0.5 * np.exp(-np.clip(day - joined, 0, None) / 40)
    return _evidence(sent, _respond(rng, 1.5 * _likes(rng, n) * fade, sent, effect))


def win_back(rng: np.random.Generator, effect: float = 0.0, n: int = 250, known: bool = False) -> Evidence:
    """People are keen or absent for weeks; who has not ordered (or opened) for two weeks is written to more."""
    days, keen = WEEKS * 7, rng.random(n) < 0.5
    sent, opened, bought = (np.zeros((n, days), bool) for _ in range(3))
    likes = _likes(rng, n)[:, 0]
    for day in range(days):
        keen ^= rng.random(n) < 1 / 30
        recent = (bought if known else opened)[:, max(day - 14, 0) : day].any(axis=1)
        sent[:, day] = rng.random(n) < np.where(recent, 0.08, 0.2)
        opened[:, day] = sent[:, day] & (rng.random(n) < likes * np.where(keen, 1.4, 0.5))
        bought[:, day] = rng.random(n) < np.where(keen, 0.12, 0.01)
    return _evidence(sent, opened, bought if known else None)


def triggered(rng: np.random.Generator, effect: float = 0.0, n: int = 250) -> Evidence:
    """A visit that no table holds brings up to three messages in the days after it, and interest that soon fades."""
    days = WEEKS * 7
    visits = rng.random((n, days)) < 0.03
    interest = np.zeros((n, days))
    for day in range(1, days):
        interest[:, day] = np.maximum(interest[:, day - 1] * 0.8, visits[:, day - 1])
    sent = rng.random((n, days)) < 0.06
    for lag, share in ((1, 0.9), (3, 0.7), (5, 0.5)):
        sent[:, lag:] |= visits[:, :-lag] & (rng.random((n, days - lag)) < share)
    return _evidence(sent, _respond(rng, _likes(rng, n) * (0.6 + interest), sent, effect))


def spells(rng: np.random.Generator, effect: float = 0.0, n: int = 250) -> Evidence:
    """Spells of more and less mail that the shop deals out by itself: an effect is real, and can be told."""
    busy = np.repeat(rng.choice([0.08, 0.25], (n, WEEKS // 3)), 21, axis=1)
    sent = rng.random(busy.shape) < busy
    return _evidence(sent, _respond(rng, _likes(rng, n), sent, effect))


def by_calendar_week(rng: np.random.Generator, effect: float = 0.0, n: int = 250) -> Evidence:
    """The same where people open by how much mail they get in that calendar week, before and after."""
    busy = np.repeat(rng.choice([0.04, 0.15], (n, WEEKS)), 7, axis=1)
    sent = rng.random(busy.shape) < busy
    of_week = np.repeat(sent.reshape(n, WEEKS, 7).sum(axis=2), 7, axis=1)
    opened = rng.random(sent.shape) < np.clip(1.5 * _likes(rng, n) * np.exp(-effect * (of_week - 1)), 0, 1)
    return _evidence(sent, opened)


def sent_again(rng: np.random.Generator, effect: float = 0.0, n: int = 250) -> Evidence:
    """What is not opened is sent again three days later, and people have weeks in which they open more or less."""
    days = WEEKS * 7
    sent, opened = rng.random((n, days)) < 0.1, np.zeros((n, days), bool)
    mood = np.repeat(np.exp(rng.normal(0, 0.7, (n, WEEKS))), 7, axis=1)
    chance = np.clip(_likes(rng, n) * mood, 0, 0.95)
    for day in range(days):
        opened[:, day] = sent[:, day] & (rng.random(n) < chance[:, day])
        if day + 3 < days:
            sent[:, day + 3] |= sent[:, day] & ~opened[:, day] & (rng.random(n) < 0.7)
    return _evidence(sent, opened)


def new_on_the_list(rng: np.random.Generator, n: int = 600, days: int = 140) -> Evidence:
    """For three weeks people are written to more, and leave more, by whatever message."""
    joined = rng.integers(0, 70, n)
    age = np.arange(days) - joined[:, None]
    fresh = age < 21
    sent = (age >= 0) & (rng.random(age.shape) < np.where(fresh, 0.35, 0.10))
    left = sent & (rng.random(age.shape) < np.where(fresh, 0.05, 0.015))
    sent &= np.cumsum(left, axis=1) == left
    customer, day = np.nonzero(sent)
    frame = pd.DataFrame({"customer_id": pd.Series(customer).map("C{}".format), "channel": "email"})
    frame["unsubscribed"] = pd.array(left[sent], "boolean")
    return study_of({"messages": frame.assign(at=MONDAY + pd.to_timedelta(day, unit="D") + pd.Timedelta(hours=9))})
