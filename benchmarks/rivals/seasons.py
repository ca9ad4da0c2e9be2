"""Busy weeks in which other people come, by other ways, and more is bought; alike within every week."""

from __future__ import annotations

import numpy as np
import pandas as pd
from beliefs import LATE, MONDAY, sales, study_of

from helpers.beliefs.evidence import Evidence

NAMES = {"channel": ("app", "web"), "location": ("Almaty", "Tbilisi"), "funnel_stage": ("do", "see")}
WEEK = 7


def _at(day: np.ndarray) -> pd.DatetimeIndex:
    return MONDAY + pd.to_timedelta(day, unit="D")


def visits(rng: np.random.Generator, by: str = "channel", n: int = 900) -> Evidence:
    """From day 90 on most visits come through the app (or to a place, step, or anew); from day 100 on all buy more."""
    visitor = np.repeat(np.arange(n), rng.integers(1, 5, n))
    day = rng.integers(0, 140, len(visitor))
    app = rng.random(len(visitor)) < np.where(day > 90, 0.6, 0.1)
    chance = np.where(day > 100, 0.28, 0.10) * rng.gamma(4, 0.25, n)[visitor]
    frame = pd.DataFrame({"started_at": _at(day), "visitor_id": pd.Series(visitor).map("V{}".format), "channel": "web"})
    frame["converted"] = pd.array(rng.random(len(chance)) < chance, "boolean")
    frame[by] = pd.array(app, "boolean") if by == "is_new" else np.where(app, *NAMES[by])
    return study_of({"sessions": frame})


def order_values(rng: np.random.Generator, n: int = 500) -> Evidence:
    """The app spreads from day 120 on; from day 140 on everybody's orders are a third larger."""
    customer = np.repeat(np.arange(n), rng.integers(1, 6, n))
    day = rng.integers(0, 200, len(customer))
    app = rng.random(len(customer)) < np.where(day > 120, 0.7, 0.15)
    value = rng.lognormal(3, 0.5, n)[customer] * rng.lognormal(0, 0.4, len(customer)) * np.where(day > 140, 1.35, 1)
    return study_of({"sales": sales(customer, _at(day), amount=value).assign(channel=np.where(app, "app", "web"))})


def first_orders(rng: np.random.Generator, n: int = 600) -> Evidence:
    """First orders are small, and mostly come through the app."""
    number = np.concatenate([np.arange(k) for k in rng.integers(1, 7, n)])
    customer = np.cumsum(number == 0) - 1
    app = rng.random(len(customer)) < np.where(number == 0, 0.7, 0.2)
    value = rng.lognormal(3, 0.4, n)[customer] * rng.lognormal(0, 0.4, len(customer)) * np.where(number == 0, 0.7, 1)
    day = rng.integers(0, 60, n)[customer] + 20 * number + rng.integers(0, 15, len(customer))
    return study_of({"sales": sales(customer, _at(day), amount=value).assign(channel=np.where(app, "app", "web"))})


def leads(rng: np.random.Generator, n: int = 500) -> Evidence:
    """From day 110 on every lead is seen on four pages more, and more than twice as many buy."""
    first_day = rng.uniform(0, 150, n)
    late, first = first_day > 110, MONDAY + pd.to_timedelta(first_day, unit="D")
    won = pd.Series(first + pd.Timedelta(days=30)).where(rng.random(n) < np.where(late, 0.45, 0.2))
    lead = np.repeat(np.arange(n), rng.integers(1, 8, n) + 4 * late)
    later = pd.to_timedelta(2 * pd.Series(lead).groupby(lead).cumcount(), unit="h")
    frame = pd.DataFrame({"lead_id": pd.Series(lead).map("L{}".format), "at": first[lead] + later, "activity": "page"})
    scoring = {"points": {"page": 5}, "scored_after": 21}
    return study_of({"leads": frame.assign(converted_at=won[lead].to_numpy())}, leads=scoring)


def late_weeks(rng: np.random.Generator, n: int = 300) -> Evidence:
    """One persona buys most in the last two weeks, in which everybody buys in the evening."""
    customer = np.repeat(np.arange(n), rng.integers(2, 9, n))
    last = rng.choice(6, len(customer), p=[0.05, 0.05, 0.1, 0.2, 0.3, 0.3])
    week = np.where(customer % 2 == 0, last, rng.integers(0, 6, len(customer)))
    evening = rng.random(len(customer)) < np.where(week >= 4, 0.6, 0.3)
    hour = np.where(evening, rng.uniform(18, 22, len(customer)), rng.uniform(8, 17.9, len(customer)))
    day = WEEK * week + rng.integers(0, WEEK, len(customer))
    at = LATE + pd.to_timedelta(24 * day + hour, unit="h")
    return study_of({"sales": sales(customer, at)}, {f"C{i}": f"p{i % 2}" for i in range(n)})


def coupon_weeks(rng: np.random.Generator, n: int = 800) -> Evidence:
    """Two weeks in ten everybody has a coupon, else nobody; customers buy for a fortnight and are gone."""
    customer = np.repeat(np.arange(n), 1 + rng.poisson(3, n))
    day = rng.uniform(0, 200, n)[customer] + rng.uniform(0, 15, len(customer))
    used = (day // WEEK % 10 < 2) & (rng.random(len(customer)) < 0.95)
    return study_of({"sales": sales(customer, _at(day), coupon=pd.Series(np.where(used, "SAVE", None), dtype="str"))})


def liked_in_one_town(rng: np.random.Generator, n: int = 900) -> Evidence:
    """In one town people like us more, and more of their friends come; satisfaction itself brings nobody."""
    town, ids = rng.random(n) < 0.4, pd.Series(range(n)).map("C{}".format)
    brings = rng.random(n) < np.where(town, 0.35, 0.10)
    nps = np.clip(np.round(6.5 + 1.8 * town + rng.normal(0, 2, n)), 0, 10)
    joined = LATE - pd.to_timedelta(30 * rng.uniform(1, 36, n), unit="D")
    theirs = pd.DataFrame({"customer_id": ids, "signed_up_at": joined, "location": np.where(town, "here", "there")})
    brought = pd.DataFrame({"referred_by": ids[brings].to_numpy(), "signed_up_at": LATE})
    brought = brought.assign(customer_id=brought.index.map("N{}".format))
    customers = pd.concat([theirs.assign(referred_by=pd.Series(pd.NA, ids.index)), brought], ignore_index=True)
    return study_of({"survey": pd.DataFrame({"customer_id": ids, "nps": nps}), "customers": customers})
