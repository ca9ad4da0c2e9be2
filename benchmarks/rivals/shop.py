"""Orders, visits, coupons and referrals in which nothing is to be found, and something else looks like it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from beliefs import EARLY, LATE, MONDAY, sales, study_of

from helpers.beliefs.evidence import Evidence


def _habits(rng: np.random.Generator, n: int, effect: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Customers and days of their later orders; each has a favourite weekday, half of them Monday by ``effect``."""
    customer = np.repeat(np.arange(n), rng.integers(2, 9, n))
    favourite = np.where((rng.random(n) < effect) & (np.arange(n) % 2 == 0), 0, rng.integers(0, 7, n))[customer]
    day = np.where(rng.random(len(customer)) < 0.4, favourite, rng.integers(0, 7, len(customer)))
    return customer, day + 7 * rng.integers(0, 6, len(customer))


def _moments(customer: np.ndarray, at: pd.DatetimeIndex, n: int, profile: pd.DataFrame | None = None) -> Evidence:
    found = study_of({"sales": sales(customer, at)}, {f"C{i}": f"p{i % 2}" for i in range(n)})
    return found if profile is None else replace(found, customers=replace(found.customers, profile=profile))


def offer_day(rng: np.random.Generator, n: int = 300) -> Evidence:
    """One Wednesday has an offer that one persona's customers take up."""
    customer, day = _habits(rng, n)
    takers = np.flatnonzero((np.arange(n) % 2 == 0) & (rng.random(n) < 0.5))
    customer, day = np.r_[customer, takers], np.r_[day, np.full(len(takers), 16)]
    return _moments(customer, LATE + pd.to_timedelta(day, unit="D"), n)


def weekly_habit(rng: np.random.Generator, n: int = 300) -> Evidence:
    """Half of one persona's customers like Mondays."""
    customer, day = _habits(rng, n, effect=0.5)
    return _moments(customer, LATE + pd.to_timedelta(day, unit="D"), n)


def two_zones(rng: np.random.Generator, n: int = 300, known: bool = True) -> Evidence:
    """Everybody orders in the evening by his own clock; more of one persona live four hours further east."""
    east = rng.random(n) < np.where(np.arange(n) % 2 == 0, 0.7, 0.3)
    customer, day = _habits(rng, n)
    hour = np.clip(rng.normal(19, 1.5, len(customer)), 13, 23.9) - 4 * east[customer]
    at = LATE + pd.to_timedelta(day * 24 + hour, unit="h")
    place = pd.DataFrame({"customer_id": [f"C{i}" for i in range(n)], "location": np.where(east, "Almaty", "Tbilisi")})
    return _moments(customer, at, n, place if known else None)


def skewed_orders(rng: np.random.Generator, effect: float = 0.0, few: int = 25, many: int = 800) -> Evidence:
    """Order values of one heavy-tailed kind, by 25 customers through one channel and 800 through the other."""
    n = few + many
    customer = np.repeat(np.arange(n), rng.integers(1, 7, n))
    app = customer < few
    value = rng.lognormal(3, 1.3, n)[customer] * rng.lognormal(0, 0.4, len(customer)) * np.exp(effect * app)
    return study_of({"sales": sales(customer, EARLY, amount=value).assign(channel=np.where(app, "app", "web"))})


def heavy_visitors(rng: np.random.Generator, effect: float = 0.0, n: int = 400, few: int = 25) -> Evidence:
    """Visitors whose number of visits and whose conversion differ widely; 25 of them come through the app."""
    each = np.minimum(1 + rng.pareto(1.2, n).astype(int), 200)
    visitor = np.repeat(np.arange(n), each)
    own = rng.beta(0.8, 6, n)[visitor]
    app = visitor < few
    frame = pd.DataFrame(
        {
            "started_at": EARLY, "visitor_id": pd.Series(visitor).map("V{}".format),
            "converted": pd.array(rng.random(len(own)) < np.clip(own + effect * app, 0, 1), "boolean"),
        }
    )  # fmt: skip
    names = {"channel": ("app", "web"), "location": ("Almaty", "Tbilisi"), "funnel_stage": ("see", "do")}
    frame = frame.assign(**{name: np.where(app, *pair) for name, pair in names.items()})
    return study_of({"sessions": frame.assign(is_new=pd.array(~app, "boolean"))})


def one_column(column: str, draw) -> object:
    """A draw of visits with only one of the columns that name a group."""

    def drawn(rng: np.random.Generator) -> Evidence:
        found = draw(rng)
        others = {"channel", "location", "funnel_stage", "is_new"} - {column, "channel"}
        frame = found.tables.frames["sessions"].drop(columns=list(others))
        return study_of({"sessions": frame if column == "channel" else frame.assign(channel="web")})

    return drawn


def local_hours(rng: np.random.Generator, n: int = 600) -> Evidence:
    """Visits of two places on one clock: conversion follows each visitor's own hour, alike at both."""
    visitor = np.repeat(np.arange(n), rng.integers(1, 6, n))
    east = (rng.random(n) < 0.4)[visitor]
    hour = rng.uniform(8, 23, len(visitor))
    converted = rng.random(len(visitor)) < np.where(hour > 18, 0.25, 0.08) * rng.gamma(4, 0.25, n)[visitor]
    at = EARLY + pd.to_timedelta(24 * rng.integers(0, 60, len(visitor)) + hour - 4 * east, unit="h")
    frame = pd.DataFrame({"started_at": at, "visitor_id": pd.Series(visitor).map("V{}".format), "channel": "web"})
    frame["location"] = np.where(east, "Almaty", "Tbilisi")
    return study_of({"sessions": frame.assign(converted=pd.array(converted, "boolean"))})


def tenure(rng: np.random.Generator, effect: float = 0.0, n: int = 900) -> Evidence:
    """Those who have been with us longer, and order more, like us more and have had more time to bring somebody."""
    months, rate = rng.uniform(1, 36, n), rng.gamma(2, 0.2, n)
    joined = LATE - pd.to_timedelta(30 * months, unit="D")
    nps = np.clip(np.round(4.5 + 0.12 * months + 2 * rate + rng.normal(0, 1.8, n)), 0, 10)
    brings = rng.random(n) < 1 - np.exp(-0.012 * months * (1 + rate)) * (1 - effect * (nps >= 9))
    ids = pd.Series(range(n)).map("C{}".format)
    customers = pd.DataFrame({"customer_id": ids, "signed_up_at": joined, "referred_by": pd.Series(pd.NA, ids.index)})
    brought = pd.DataFrame({"referred_by": ids[brings].to_numpy(), "signed_up_at": LATE})
    brought = brought.assign(customer_id=brought.index.map("N{}".format))
    customer = np.repeat(np.arange(n), 1 + rng.poisson(rate * 7, n))
    frames = {"survey": pd.DataFrame({"customer_id": ids, "nps": nps}), "sales": sales(customer, EARLY)}
    return study_of(frames | {"customers": pd.concat([customers, brought], ignore_index=True)})


def coupon_habits(rng: np.random.Generator, share: float = 0.05, spread: bool = False, n: int = 800) -> Evidence:
    """So many depend on coupons; the others use them never, or (``spread``) now and then, few much."""
    depends = rng.random(n) < share
    seldom = rng.beta(1, 9, n).clip(0, 0.45) if spread else np.full(n, 0.25)
    customer = np.repeat(np.arange(n), 1 + rng.poisson(5, n))
    used = rng.random(len(customer)) < np.where(depends, 0.8, seldom)[customer]
    return study_of({"sales": sales(customer, EARLY, coupon=pd.Series(np.where(used, "SAVE", None), dtype="str"))})


def role_at_conversion(rng: np.random.Generator, effect: float = 0.0, n: int = 400, repeated: bool = False) -> Evidence:
    """Leads buy whatever their role; the role is asked at the purchase (and, ``repeated``, then copied to all rows).

    With an effect directors buy more often, and say who they are at once.
    """
    director = rng.random(n) < 0.3
    first = MONDAY + pd.to_timedelta(np.arange(n) * 150 / n, unit="D")
    wins = rng.random(n) < 0.25 + effect * director
    won = pd.Series(first + pd.Timedelta(days=40)).where(wins)
    rows = []
    for lead in range(n):
        role, known = "director" if director[lead] else "nurse", bool(effect) and rng.random() < 0.8
        rows += [(lead, first[lead] + pd.Timedelta(hours=2 * k), "page", None) for k in range(rng.integers(1, 6))]
        rows.append((lead, first[lead] + pd.Timedelta(days=1), "form", role if known else None))
        if wins[lead]:
            rows.append((lead, won[lead], "form", role))
    frame = pd.DataFrame(rows, columns=["lead_id", "at", "activity", "job_role"])
    frame["converted_at"] = frame["lead_id"].map(won)
    if repeated:
        frame["job_role"] = frame.groupby("lead_id")["job_role"].transform("first")
    frame = frame.assign(lead_id=frame["lead_id"].map("L{}".format)).astype({"job_role": "str"})
    scoring = {"points": {"page": 5, "form": 10}, "role_points": {"director": 50, "nurse": 10}, "scored_after": 21}
    return study_of({"leads": frame}, leads=scoring)
