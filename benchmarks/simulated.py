"""Data with and without types: what the gate must not be fooled by, and what it must find.

Each function gives rows x columns as the gate sees them: continuous columns in standard units, binary ones centred,
ordinal ones on their pooled scale; planted data come with the true type of every row.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from helpers.changed import Drift
from helpers.customers.customers import Customers, Period
from helpers.since.drift import compare, score
from helpers.study import Study
from helpers.survey.survey import Survey
from helpers.types.mixture import as_model, fit_mixture
from helpers.types.placing import everybody
from helpers.types.pool import gather
from helpers.types.prepare import Prepared, gate_matrix
from helpers.types.repeated import LABEL_STARTS, by_size, divide
from helpers.types.yardsticks import yardsticks

DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
PARTS = ["night", "morning", "afternoon", "evening"]
CHANNELS = ["web", "shop", "phone"]
ITEMS = ("harm", "values", "labels", "price", "deals", "saving", "speed", "invoice", "effort")
"""Nine rating items: three that each planted persona stresses."""
PERIOD = Period(dt.date(2025, 1, 6), dt.date(2025, 10, 1), dt.date(2025, 12, 31))


def standard(X: np.ndarray) -> np.ndarray:
    """Columns of mean 0 and spread 1."""
    return (X - X.mean(axis=0)) / X.std(axis=0)


def independent(rng: np.random.Generator, n: int) -> np.ndarray:
    """Eight columns that have nothing to do with each other."""
    return standard(rng.standard_normal((n, 8)))


def one_factor(rng: np.random.Generator, n: int) -> np.ndarray:
    """Eight columns of one continuum, with loadings of .3 to .9."""
    loadings = rng.uniform(0.3, 0.9, 8)
    factor = rng.standard_normal((n, 1))
    return standard(factor * loadings + np.sqrt(1 - loadings**2) * rng.standard_normal((n, 8)))


def skewed_money(rng: np.random.Generator, n: int) -> np.ndarray:
    """Six lognormal amounts that go together, as skewed after a logarithm as heavy-tailed money still is."""
    return standard(np.exp(0.4 * rng.standard_normal((n, 1)) + rng.uniform(0.2, 0.7) * rng.standard_normal((n, 6))))


def binary_and_ordinal(rng: np.random.Generator, n: int) -> np.ndarray:
    """Six ticks, rare and frequent, and six ratings of five points, cut from one weak continuum."""
    latent = 0.5 * rng.standard_normal((n, 1)) + np.sqrt(0.75) * rng.standard_normal((n, 12))
    ticks = (latent[:, :6] > rng.uniform(0, 1.6, 6)).astype(float)
    ratings = np.digitize(latent[:, 6:], [-1.2, -0.4, 0.4, 1.2]).astype(float)
    ratings -= ratings.mean(axis=0)
    return np.hstack([ticks - ticks.mean(axis=0), ratings / np.sqrt((ratings**2).mean())])


def nominal(rng: np.random.Generator, n: int) -> np.ndarray:
    """Four nominal questions of three to five answers as dummies, beside four continuous columns; all independent."""
    blocks = [standard(rng.standard_normal((n, 4)))]
    for width in (3, 4, 4, 5):
        dummies = np.eye(width)[rng.choice(width, n, p=rng.dirichlet(np.full(width, 3.0)))][:, 1:]
        blocks.append(dummies - dummies.mean(axis=0))
    return np.hstack(blocks)


def planted(rng: np.random.Generator, n: int, k: int, distance: float = 4.5) -> tuple[np.ndarray, np.ndarray]:
    """``k`` types of unequal size, ``distance`` standard deviations apart in nine columns, and the type of each row."""
    sizes = np.array([0.6, 0.4] if k == 2 else [0.5, 0.3, 0.2] if k == 3 else [0.4, 0.25, 0.2, 0.15])
    truth = rng.choice(k, n, p=sizes)
    corners = np.linalg.qr(rng.standard_normal((9, 9)))[0][:k] * distance / np.sqrt(2)
    return standard(corners[truth] + rng.standard_normal((n, 9))), truth


# --- a simulated shop, with and without types --------------------------------------------------------------------


def make_study(**settings: object) -> Study:
    """A study with sales and a survey of the nine items; keyword arguments as in study.yml."""
    tables = {
        "sales": {"path": "sales.csv"},
        "survey": {"path": "survey.csv", "likert": {"items": list(ITEMS), "scale": (1, 5)}, "nps": "nps"},
    }
    return Study.model_validate({"study": "planted", "tables": tables, "currency": "EUR", "seed": 7} | settings)


def shop(
    rng: np.random.Generator,
    n: int = 1000,
    types: int = 3,
    separation: float = 1.0,
    respondents: float = 0.4,
    once: float = 0.0,
    outliers: float = 0.01,
    orders_rng: np.random.Generator | None = None,
) -> tuple[Customers, Survey, pd.Series]:
    """Customers, their survey and the true type of each; ``types=1`` has none but one common factor in everything.

    Type 0 is led by values, 1 lives on coupons, 2 buys for an office on Monday mornings. Heavier buyers answer more.
    ``orders_rng`` draws what a customer's orders happen to be: equal ``rng`` and another ``orders_rng`` give another
    year of the very same customers. Without it all is drawn by ``rng``.
    """
    luck = orders_rng or rng
    truth = rng.choice(types, n, p={1: [1.0], 2: [0.6, 0.4], 3: [0.5, 0.3, 0.2]}[types])
    lean = np.eye(3)[truth] * separation if types > 1 else np.zeros((n, 3))
    factor = rng.standard_normal(n)
    orders = 2 + luck.poisson(rng.gamma(2.5, 2.0, n) * np.exp(0.2 * factor + 0.3 * lean[:, 2]))
    orders[rng.random(n) < once] = 1

    def shares(alpha: np.ndarray) -> np.ndarray:
        drawn = rng.gamma(alpha)
        return luck.multinomial(orders, drawn / drawn.sum(axis=1, keepdims=True))

    def hits(level: np.ndarray, trials: np.ndarray) -> np.ndarray:
        logit = level + 0.8 * rng.standard_normal(n)
        return luck.binomial(trials, 1 / (1 + np.exp(-logit)))

    def own() -> np.ndarray:
        """What sets a customer apart; with ``orders_rng`` a third of its variance is this year's luck."""
        lasting = rng.standard_normal(n)
        return lasting if orders_rng is None else np.sqrt(2 / 3) * lasting + np.sqrt(1 / 3) * luck.standard_normal(n)

    days = shares(3 * np.exp(np.outer(lean[:, 2], 2.2 * (np.arange(7) == 0))))
    parts = shares(3 * np.exp(np.outer(lean[:, 2], 1.8 * (np.arange(4) == 1))) * [0.2, 1, 1.5, 1.3])
    channels = shares(3 * np.exp(np.outer(lean[:, 1], 1.0 * (np.arange(3) == 0))) * [1.2, 1.0, 0.3])
    lines = orders + luck.poisson(orders * np.exp(0.3 * lean[:, 2]))
    value = np.exp(3.5 + 0.3 * factor + 0.8 * lean[:, 2] - 0.5 * lean[:, 1] + 0.4 * own())
    value = np.where(rng.random(n) < outliers, value * 1e6, value)
    coupon, discount = hits(-2.2 + 2.8 * lean[:, 1], orders), hits(-1.6 + 1.8 * lean[:, 1], lines)
    returned = hits(-3 + 0.8 * lean[:, 1], lines)
    features = pd.DataFrame(
        {
            "customer_id": [f"c{i:05d}" for i in range(n)],
            "orders": orders,
            "lines": lines,
            "units": lines * 2,
            "spend": value * orders,
            "average_order_value": value,
            "recency_days": np.exp(3.5 - 0.2 * factor + 0.7 * own()).round(),
            "basket_size": lines / orders * np.exp(0.2 * own() + 0.4 * lean[:, 2]),
            "discount_lines": discount,
            "discount_share": discount / lines,
            "coupon_orders": coupon,
            "coupon_share": coupon / orders,
            "return_lines": returned,
            "return_share": returned / lines,
            "margin": value * orders * (0.3 - 0.2 * lean[:, 1] / max(separation, 1)) + 20 * rng.standard_normal(n),
        }
        | {f"{day}_share": days[:, i] / orders for i, day in enumerate(DAYS)}
        | {f"{part}_share": parts[:, i] / orders for i, part in enumerate(PARTS)}
        | {f"channel_{channel}_share": channels[:, i] / orders for i, channel in enumerate(CHANNELS)}
    )
    later = luck.poisson(orders * 0.3)
    held_out = pd.DataFrame(
        {
            "customer_id": features["customer_id"],
            "orders": later,
            "spend": later * np.minimum(value, 1e4),
            "margin": later * np.minimum(value, 1e4) * (0.3 - 0.2 * lean[:, 1] / max(separation, 1)),
            "return_share": rng.beta(1, 20, n),
            "churned": later == 0,
        }
    )
    profile = pd.DataFrame(
        {
            "customer_id": features["customer_id"],
            "country": rng.choice(["GE", "KZ", "UZ"], n),
            "job_role": np.where((truth == 2) & (rng.random(n) < 0.7), "office manager", "other"),
            "age": rng.normal(40, 10, n).round(),
        }
    )
    customers = Customers(PERIOD, features, held_out, profile, ())
    return customers, _survey(rng, features, lean, factor, respondents), pd.Series(truth, index=features["customer_id"])


def _survey(
    rng: np.random.Generator, features: pd.DataFrame, lean: np.ndarray, factor: np.ndarray, respondents: float
) -> Survey:
    """Who answers is not random (heavier buyers more), some say yes to everything, one answer in fifty is missing."""
    n = len(features)
    answers = rng.random(n) < respondents * (1 + 0.3 * np.tanh(factor))
    yes_saying = 0.7 * rng.standard_normal(n)
    ratings = {
        item: np.clip(np.round(2 + yes_saying + 1.1 * lean[:, i // 3] + 0.8 * rng.standard_normal(n)), 0, 4)
        for i, item in enumerate(ITEMS)
    }
    frame = pd.DataFrame({"customer_id": features["customer_id"], "weight": 1.0} | ratings)
    frame["nps"] = np.clip(np.round(7 + 2 * rng.standard_normal(n)), 0, 10)
    frame = frame[answers].reset_index(drop=True)
    frame.insert(0, "respondent_id", [f"r{i:05d}" for i in range(len(frame))])
    frame[list(ITEMS)] = frame[list(ITEMS)].mask(rng.random((len(frame), len(ITEMS))) < 0.02)
    kinds = dict.fromkeys(ITEMS, "likert") | {"nps": "nps"}
    items = pd.DataFrame(
        {
            "item": list(kinds),
            "kind": list(kinds.values()),
            "question": [f"How much does {item} matter to you?" for item in kinds],
            "n": frame[list(kinds)].notna().sum().to_numpy(),
            "missing": frame[list(kinds)].isna().mean().to_numpy(),
            "mean": frame[list(kinds)].mean().to_numpy(),
            "turned": False,
        }
    )
    empty = pd.DataFrame(columns=["respondent_id", "question", "about", "text"])
    checks = pd.DataFrame(columns=["check", "value", "n", "text"])
    return Survey(frame, items, empty, checks, len(frame), 0)


def prepared_shop(rng: np.random.Generator, n: int, **settings: float) -> tuple[Prepared, np.ndarray, np.ndarray]:
    """Columns of a simulated shop after the suite's own preparation: the model's, the gate's matrix, and the types."""
    customers, survey, truth = shop(rng, n, **settings)
    pool = gather(customers, survey if len(survey.answers) else None, make_study())
    prepared = pool.prepared.at(pool.fit)
    return prepared, gate_matrix(prepared), truth[pool.features.index[pool.fit]].to_numpy()


def shop_with_types(rng: np.random.Generator, n: int, **settings: float) -> tuple[np.ndarray, np.ndarray]:
    """The gate's matrix and the types."""
    return prepared_shop(rng, n, **settings)[1:]


def shop_without_types(rng: np.random.Generator, n: int, **settings: float) -> np.ndarray:
    """The gate's matrix of a shop whose customers differ by one factor only; at least 150 of them answered."""
    return prepared_shop(rng, max(n, 500), types=1, **settings)[1]


# --- two periods of the same customers ---------------------------------------------------------------------------

Drawn = tuple[Customers, Survey | None, pd.Series]
"""Customers of one period, their answers, and their true types."""


def two_periods(seed: int, n: int, **settings: float) -> tuple[Drawn, Drawn]:
    """Two periods of the very same customers, who answer alike and order anew."""
    people = partial(shop, n=n, **settings)
    drawn = [
        people(np.random.default_rng([seed, 4]), orders_rng=np.random.default_rng([seed, year])) for year in (5, 6)
    ]
    return tuple((customers, survey if len(survey.answers) else None, truth) for customers, survey, truth in drawn)


def frozen_model(period: Drawn, seed: int, k: int = 3) -> dict[str, Any]:
    """model.json of ``k`` personas of one period, made as a run makes it but for the gate."""
    pool = gather(*period[:2], make_study())
    prepared = pool.prepared.at(pool.fit)
    matrix = gate_matrix(prepared)
    first = by_size(divide(matrix, k, seed, LABEL_STARTS).labels_)
    fitted = fit_mixture(prepared, matrix, k, first, smallest=int(max(30, 0.05 * len(matrix))), seed=seed)
    ids = [f"persona-{number}" for number in range(1, k + 1)]
    model = as_model(pool.prepared, fitted.mixture) | {"ids": ids, "structural": []}
    return model | yardsticks(model, pool.features, pool.answers)


def with_changed_kind(period: Drawn, points: float, seed: int, **settings: float) -> Drawn:
    """The same period, ``points`` of all customers having gone from the first type to the second: they order and
    answer as customers of another shop of this kind do."""
    customers, survey, truth = period
    other, answered, types = shop(np.random.default_rng([seed, 7]), len(truth), **settings)
    gone, models = np.flatnonzero(truth == 0), np.flatnonzero(types == 1)
    n = min(round(points * len(truth)), len(gone), len(models))
    gone, models = gone[:n], models[:n]
    now = dict(
        zip(other.features["customer_id"].iloc[models], customers.features["customer_id"].iloc[gone], strict=True)
    )
    features = customers.features.copy()
    features.loc[gone] = other.features.iloc[models].assign(customer_id=list(now.values())).set_axis(gone)
    if survey is not None:
        moved = answered.answers[answered.answers["customer_id"].isin(now)]
        moved = moved.assign(customer_id=moved["customer_id"].map(now), respondent_id="n" + moved["respondent_id"])
        kept = survey.answers[~survey.answers["customer_id"].isin(now.values())]
        survey = replace(survey, answers=pd.concat([kept, moved], ignore_index=True))
    return replace(customers, features=features), survey, truth


def dearer(period: Drawn, factor: float) -> Drawn:
    """The same period at prices ``factor`` times as high."""
    features = period[0].features
    money = {name: features[name] * factor for name in ("spend", "average_order_value", "margin")}
    return replace(period[0], features=features.assign(**money)), *period[1:]


def drift_between(model: dict[str, Any], then: Drawn, now: Drawn) -> Drift:
    """What a run of the second period says of the first by its frozen model, no new division being made."""
    before, frozen = everybody(model, *then[:2]), score(model, *now[:2])
    publications = []
    for placed in (before, frozen.placed):
        sizes = placed["persona"].value_counts().reindex(model["ids"], fill_value=0)
        cards = [
            {"id": name, "kind": "persona", "handle": name, "claims": [], "size": {"n": n, "share": n / len(placed)}}
            for name, n in sizes.items()
        ]
        of_run = {"run_id": "", "structure": {"would_move": None}, "coverage": {"customers": len(placed)}}
        publications.append(of_run | {"personas": cards})
    return compare(*publications, before, frozen.placed, frozen=frozen)
