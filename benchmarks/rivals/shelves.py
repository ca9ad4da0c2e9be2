"""Prices that nobody remembers and digits that nobody reads, in worlds where something else moves price and orders."""

from __future__ import annotations

import numpy as np
import pandas as pd
from beliefs import MONDAY, sales, study_of

from helpers.beliefs.evidence import Evidence

WEEKS, PRODUCTS, BASE = 40, 40, 12.0


def _evidence(posted: np.ndarray, bought: np.ndarray, category: np.ndarray | None = None) -> Evidence:
    """Weeks x products: posted price and number of orders."""
    week, product = (index.ravel() for index in np.indices(posted.shape))
    count = bought.ravel()
    at, ids = MONDAY + pd.to_timedelta(7 * week, unit="D"), pd.Series(product).map("P{}".format)
    prices = pd.DataFrame({"product_id": ids, "at": at, "price": posted.ravel()})
    sold = sales(np.arange(count.sum()), at.repeat(count), product_id=ids.repeat(count).to_numpy())
    if category is not None:
        sold["category"] = pd.Series(category[product].repeat(count)).map("K{}".format).to_numpy()
    return study_of({"sales": sold, "prices": prices})


def _listed(rng: np.random.Generator) -> np.ndarray:
    listed = np.tile(np.maximum(np.round(rng.lognormal(1.8, 0.5, PRODUCTS) * 2) / 2 - 0.05, 1.45), (WEEKS, 1))
    listed[WEEKS // 2 :, rng.random(PRODUCTS) < 0.5] *= 1.06
    return listed


def _orders(rng: np.random.Generator, log_rate: np.ndarray) -> np.ndarray:
    return rng.poisson(BASE * np.exp(log_rate) * rng.gamma(10, 0.1, log_rate.shape))


def _levels(rng: np.random.Generator) -> np.ndarray:
    return rng.normal(0, 0.5, PRODUCTS) + rng.normal(0, 0.2, (WEEKS, 1))


def _gap(posted: np.ndarray) -> np.ndarray:
    logs, gap, remembered = np.log(posted), np.zeros(posted.shape), np.log(posted[0])
    for week in range(1, len(logs)):
        gap[week] = logs[week] - remembered
        remembered = 0.7 * remembered + 0.3 * logs[week]
    return gap


def category_season(rng: np.random.Generator) -> Evidence:
    """Four categories with seasons of their own; each is on offer in its own slack time."""
    category, listed = np.arange(PRODUCTS) % 4, _listed(rng)
    wave = np.sin(2 * np.pi * (np.arange(WEEKS)[:, None] / 20 + category / 4))
    offered = rng.random(listed.shape) < np.clip(0.2 - 0.2 * wave, 0.02, 1)
    posted = np.round(listed * np.where(offered, rng.choice([0.75, 0.8, 0.85], listed.shape), 1), 2)
    return _evidence(posted, _orders(rng, _levels(rng) + 0.8 * offered + 0.5 * wave), category)


def after_weak_weeks(rng: np.random.Generator) -> Evidence:
    """Demand wanders from week to week, and a product goes on offer after a week in which it sold little."""
    listed, own, drift = _listed(rng), _levels(rng), np.zeros(PRODUCTS)
    posted, bought = np.zeros(listed.shape), np.zeros(listed.shape, dtype=int)
    offered = np.zeros(PRODUCTS, bool)
    for week in range(WEEKS):
        drift = 0.7 * drift + rng.normal(0, 0.3, PRODUCTS)
        posted[week] = np.round(listed[week] * np.where(offered, rng.choice([0.75, 0.8, 0.85], PRODUCTS), 1), 2)
        bought[week] = rng.poisson(BASE * np.exp(own[week] + drift + 0.8 * offered))
        weak = bought[week] < 0.8 * BASE * np.exp(own[week] + 0.8 * offered)
        offered = rng.random(PRODUCTS) < np.where(weak, 0.5, 0.05)
    return _evidence(posted, bought)


def stocking_up(rng: np.random.Generator, dip: float = 0.5) -> Evidence:
    """Half of what an offer brings more is missing in the week after it, a quarter in the second."""
    listed, own = _listed(rng), _levels(rng)
    offered = rng.random(listed.shape) < 0.2
    posted = np.round(listed * np.where(offered, rng.choice([0.75, 0.8, 0.85], listed.shape), 1), 2)
    before = np.pad(offered, ((2, 0), (0, 0)))
    stocked = dip * before[1:-1] + dip / 2 * before[:-2]
    return _evidence(posted, _orders(rng, own + 0.8 * offered - stocked))


def offers_end_in_99(rng: np.random.Generator) -> Evidence:
    """Prices end in .20 or .50, of offers in .99; offers draw by their label, more so the deeper they are."""
    listed = np.tile(np.round(rng.lognormal(1.8, 0.4, PRODUCTS)) + rng.choice([0.2, 0.5], PRODUCTS), (WEEKS, 1))
    listed[WEEKS // 2 :, rng.random(PRODUCTS) < 0.5] += 1
    offered = rng.random(listed.shape) < 0.2
    posted = np.where(offered, np.floor(listed * rng.choice([0.7, 0.8, 0.9], listed.shape)) - 0.01, listed)
    posted = np.maximum(posted, 0.99)
    return _evidence(np.round(posted, 2), _orders(rng, _levels(rng) + 0.5 * offered + 2 * (1 - posted / listed)))


def remembered(rng: np.random.Generator, loss: float = 3.0, gain: float = 3.0) -> Evidence:
    """A per cent above the remembered price costs so many per cent of orders; list prices change too."""
    listed = _listed(rng) * np.exp(np.cumsum(rng.choice([-0.12, 0, 0.12], (WEEKS, PRODUCTS), p=[0.05, 0.9, 0.05]), 0))
    offered = rng.random(listed.shape) < 0.2
    posted = np.round(listed * np.where(offered, rng.choice([0.75, 0.8, 0.85], listed.shape), 1), 2)
    gap = _gap(posted)
    moved = 0.8 * offered - loss * gap.clip(0) + gain * (-gap).clip(0)
    return _evidence(posted, _orders(rng, _levels(rng) + moved))


def digits(rng: np.random.Generator, effect: float = 0.3) -> Evidence:
    """Prices move by single cents over whole ones, on offer or not; those just under one sell more."""
    listed = np.tile(rng.integers(3, 12, PRODUCTS).astype(float), (WEEKS, 1))
    listed += rng.choice([-0.05, 0.05], (WEEKS // 4, PRODUCTS)).repeat(4, axis=0)
    offered = rng.random(listed.shape) < 0.15
    posted = np.round(np.where(offered, listed * 0.8, listed), 2)
    under = posted % 1 >= 0.75
    return _evidence(posted, _orders(rng, _levels(rng) + 0.8 * offered + effect * under))
