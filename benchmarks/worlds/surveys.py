"""Surveys without sales: ratings that shade into one another, ways of answering that look like groups, and types."""

from __future__ import annotations

import numpy as np
import pandas as pd

from worlds import Base

ITEMS = 10
SCALE = {"likert": {"items": [f"q{i:02d}" for i in range(1, ITEMS + 1)], "scale": [1, 5]}}
CUTS = (-1.3, -0.4, 0.4, 1.3)


def ids(n: int) -> list[str]:
    return [f"r{i:06d}" for i in range(n)]


def rated(latent: np.ndarray, truth: np.ndarray | None = None, cuts: tuple[float, ...] = CUTS) -> Base:
    """Answers from 1 to 5 by where a leaning falls; a leaning that is not known was not answered."""
    given = pd.DataFrame(np.digitize(latent, cuts) + 1.0, columns=SCALE["likert"]["items"]).mask(np.isnan(latent))
    text = given.map(lambda value: f"{value:.0f}", na_action="ignore").astype("str")
    text.insert(0, "respondent_id", ids(len(text)))
    return Base(truth, answers=text, survey=SCALE)


def factors(rng: np.random.Generator, n: int, *loadings: np.ndarray) -> np.ndarray:
    """Leanings of unit spread behind ten questions, from independent continua with these loadings."""
    common = sum(np.outer(rng.standard_normal(n), loading) for loading in loadings)
    own = np.sqrt(1 - sum(np.square(loading) for loading in loadings))
    return common + own * rng.standard_normal((n, ITEMS))


ONE = np.linspace(0.75, -0.75, ITEMS)
TWO = np.where(np.arange(ITEMS) % 2, 0.6, -0.2)


# --- without types -----------------------------------------------------------------------------------------------


def one_opinion(rng: np.random.Generator, n: int) -> Base:
    """Ten ratings of one continuum, some for and some against."""
    return rated(factors(rng, n, ONE))


def two_opinions(rng: np.random.Generator, n: int) -> Base:
    """Ten ratings of two continua."""
    return rated(factors(rng, n, 0.8 * ONE, TWO))


def polarised(rng: np.random.Generator, n: int) -> Base:
    """One continuum, answered mostly at the two ends of the scale."""
    return rated(factors(rng, n, ONE), cuts=(-0.25, -0.1, 0.1, 0.25))


def page_skipped(rng: np.random.Generator, n: int) -> Base:
    """One continuum; three in ten left out the second page."""
    latent = factors(rng, n, ONE)
    latent[np.ix_(rng.random(n) < 0.3, np.arange(ITEMS) >= 6)] = np.nan
    return rated(latent)


def dropped_out(rng: np.random.Generator, n: int) -> Base:
    """Two continua; a quarter stopped after four, five or six questions."""
    latent = factors(rng, n, 0.8 * ONE, TWO)
    last = np.where(rng.random(n) < 0.25, rng.integers(4, 7, n), ITEMS)
    return rated(np.where(np.arange(ITEMS) < last[:, None], latent, np.nan))


def straight_lined(rng: np.random.Generator, n: int) -> Base:
    """One continuum; one in five gave every question the same answer."""
    latent, same = factors(rng, n, ONE), rng.random(n) < 0.2
    latent[same] = rng.normal(0.3, 1, (same.sum(), 1))
    return rated(latent)


def yea_said(rng: np.random.Generator, n: int) -> Base:
    """Weak opinions under a strong habit of saying yes."""
    return rated(0.9 * rng.standard_normal((n, 1)) + 0.6 * factors(rng, n, 0.6 * ONE))


def ticked(rng: np.random.Generator, n: int) -> Base:
    """Twelve ticks of one continuum, rare and frequent."""
    latent = 0.6 * rng.standard_normal((n, 1)) * np.resize([1, -1], 12) + 0.8 * rng.standard_normal((n, 12))
    return tick_list(latent > np.linspace(-0.8, 1.6, 12), None)


def tick_list(ticks: np.ndarray, truth: np.ndarray | None, names: tuple[str, ...] = ()) -> Base:
    """Yes and no, a column per option."""
    names = names or tuple(f"reason {i:02d}" for i in range(1, ticks.shape[1] + 1))
    text = pd.DataFrame(np.where(ticks, "Yes", "No"), columns=list(names)).astype("str")
    text.insert(0, "respondent_id", ids(len(text)))
    return Base(truth, answers=text, survey={"categorical": list(names)})


# --- with types --------------------------------------------------------------------------------------------------


def rated_types(rng: np.random.Generator, n: int) -> Base:
    """Three types of 55, 30 and 15 % that each stress three questions by one and a half answers or more."""
    truth = rng.choice(3, n, p=[0.55, 0.3, 0.15])
    lean = np.kron(np.eye(3), np.ones(3))[:, :9]
    latent = 2.0 * np.c_[lean, np.zeros(3)][truth] - 0.6 + 0.8 * rng.standard_normal((n, ITEMS))
    return rated(latent + 0.4 * rng.standard_normal((n, 1)), truth)


RESTAURANT = {
    "yummy": (0.90, 0.88, 0.12, 0.03),
    "convenient": (0.98, 0.95, 0.93, 0.72),
    "spicy": (0.08, 0.12, 0.07, 0.08),
    "fattening": (0.88, 0.88, 0.92, 0.93),
    "greasy": (0.45, 0.50, 0.68, 0.80),
    "fast": (0.95, 0.90, 0.92, 0.78),
    "cheap": (0.93, 0.08, 0.90, 0.15),
    "tasty": (0.97, 0.93, 0.20, 0.05),
    "expensive": (0.05, 0.90, 0.05, 0.80),
    "healthy": (0.30, 0.22, 0.08, 0.04),
    "disgusting": (0.05, 0.08, 0.30, 0.80),
}
"""Invented, in the spirit of the survey that Dolnicar, Grün & Leisch (2018, Market Segmentation Analysis) divide."""
GUESTS = (580, 330, 303, 240)


def restaurant(rng: np.random.Generator, n: int) -> Base:
    """1,453 people on a restaurant by eleven yes and no: cheap and tasty (580), dear and tasty (330), cheap and not
    tasty (303), and 240 who dislike it. Their rates are invented; ``n`` other than 1,453 keeps the shares."""
    counts = np.round(np.array(GUESTS) * n / sum(GUESTS)).astype(int)
    truth = rng.permutation(np.repeat(np.arange(4), counts))
    rates = np.array(list(RESTAURANT.values())).T
    return tick_list(rng.random((len(truth), len(RESTAURANT))) < rates[truth], truth, tuple(RESTAURANT))


WITHOUT = (one_opinion, two_opinions, polarised, page_skipped, dropped_out, straight_lined, yea_said, ticked)
WORLDS = dict.fromkeys(WITHOUT, 0) | {rated_types: 3, restaurant: 4}
