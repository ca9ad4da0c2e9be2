"""Shops with a survey: types that answer, and answer more or less often by type; a continuum that answers alike."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from worlds import Base, shops, surveys


def answered(rng: np.random.Generator, base: Base, latent: np.ndarray, chance: np.ndarray | float) -> Base:
    """A shop whose customers rate by their leanings, each with a chance of answering at all."""
    given = surveys.rated(latent)
    answers = given.answers.assign(customer_id=[f"c{i:06d}" for i in range(len(latent))])
    return replace(base, answers=answers[rng.random(len(latent)) < chance].reset_index(drop=True), survey=given.survey)


def response_by_type(rng: np.random.Generator, n: int) -> Base:
    """Three types of 60, 25 and 15 % of whom 60, 30 and 15 % answer, by what moves their type."""
    base = shops.types(rng, n)
    lean = np.c_[np.kron(np.eye(3), np.ones(3)), np.zeros(3)]
    latent = 1.5 * lean[base.truth] - 0.4 + 0.9 * rng.standard_normal((n, surveys.ITEMS))
    return answered(rng, base, latent, np.array([0.6, 0.3, 0.15])[base.truth])


def continuum_answered(rng: np.random.Generator, n: int) -> Base:
    """One continuum of coupon use, and answers of another, by four in ten."""
    coupon = shops.logistic(-1 + 1.5 * rng.standard_normal(n))
    base = shops.base(rng, shops.few(rng, n), coupon=coupon)
    return answered(rng, base, surveys.factors(rng, n, surveys.ONE), 0.4)


WORLDS = {continuum_answered: 0, response_by_type: 3}
