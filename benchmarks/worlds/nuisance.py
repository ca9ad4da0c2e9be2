"""Surveys in which some answer as no customer thinks: whoever they are, they are no type.

Each says who they are (``Base.nuisance``). They make up a sixth or a fifth of the respondents, beside a continuum or
beside the three types of ``surveys.rated_types``.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from worlds import Base, surveys

PAGES = np.repeat([0.9, -0.9], [6, 4])
"""The second page asks what fewer agree to."""


def opinions(rng: np.random.Generator, n: int) -> np.ndarray:
    """Leanings behind ten questions on two pages, of two continua."""
    return surveys.factors(rng, n, 0.8 * surveys.ONE, surveys.TWO) + PAGES


def leanings(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Types of 55, 30 and 15 % that each stress three questions, as ``surveys.rated_types``, and whose they are."""
    truth = rng.choice(3, n, p=[0.55, 0.3, 0.15])
    lean = np.kron(np.eye(3), np.ones(3))[:, :9]
    latent = 2.0 * np.c_[lean, np.zeros(3)][truth] - 0.6 + 0.8 * rng.standard_normal((n, surveys.ITEMS))
    return latent + 0.4 * rng.standard_normal((n, 1)), truth


def same_mark(rng: np.random.Generator, latent: np.ndarray, share: float = 0.2) -> tuple[np.ndarray, np.ndarray]:
    """Leanings of whom a share gives every question the same mark, and who they are."""
    who = rng.random(len(latent)) < share
    latent = latent.copy()
    latent[who] = rng.normal(0.3, 1, (who.sum(), 1))
    return latent, who


def stopped(rng: np.random.Generator, latent: np.ndarray, share: float = 1 / 6) -> tuple[np.ndarray, np.ndarray]:
    """Leanings of whom a share stopped after the first page, and who they are."""
    who = rng.random(len(latent)) < share
    return np.where(who[:, None] & (np.arange(surveys.ITEMS) >= 6), np.nan, latent), who


# --- without types -----------------------------------------------------------------------------------------------


def same_mark_all_the_way(rng: np.random.Generator, n: int) -> Base:
    """Two continua; one in five gave every question the same mark."""
    latent, who = same_mark(rng, opinions(rng, n))
    return replace(surveys.rated(latent), nuisance=who)


def nearly_the_same_mark(rng: np.random.Generator, n: int) -> Base:
    """Two continua; one in five gave every question the same mark but for one in ten."""
    latent, who = same_mark(rng, opinions(rng, n))
    slips = who[:, None] & (rng.random(latent.shape) < 0.1)
    latent[slips] += 1.2 * rng.choice([-1, 1], slips.sum())
    return replace(surveys.rated(latent), nuisance=who)


def stopped_after_a_page(rng: np.random.Generator, n: int) -> Base:
    """Two continua on two pages; one in six stopped after the first, and the survey tool notes the last page seen."""
    latent, who = stopped(rng, opinions(rng, n))
    base = surveys.rated(latent)
    survey = base.survey | {"categorical": ["Last page"]}
    return replace(
        base, answers=base.answers.assign(**{"Last page": np.where(who, "1", "2")}), survey=survey, nuisance=who
    )


def first_page_skipped(rng: np.random.Generator, n: int) -> Base:
    """Two continua on two pages; one in five left out four questions of the first, to which most agree."""
    latent, who = opinions(rng, n), rng.random(n) < 0.2
    latent[np.ix_(who, np.arange(surveys.ITEMS) < 4)] = np.nan
    return replace(surveys.rated(latent), nuisance=who)


def sped(rng: np.random.Generator, n: int) -> Base:
    """Two continua; one in five clicked anything, in a fifth of the time."""
    latent, who = opinions(rng, n), rng.random(n) < 0.2
    latent[who] = 1.5 * rng.standard_normal((who.sum(), surveys.ITEMS))
    base = surveys.rated(latent)
    took = np.where(who, 60, 300) * np.exp(0.2 * rng.standard_normal(n))
    survey = base.survey | {"meta": ["Duration (in seconds)"]}
    return replace(
        base,
        answers=base.answers.assign(**{"Duration (in seconds)": took.round().astype(int).astype(str)}),
        survey=survey,
        nuisance=who,
    )


def said_yes_to_all(rng: np.random.Generator, n: int) -> Base:
    """Twelve ticks of one continuum; one in six ticked all of them."""
    base = surveys.ticked(rng, n)
    who = rng.random(n) < 1 / 6
    answers = base.answers.copy()
    answers.loc[who, answers.columns.drop("respondent_id")] = "Yes"
    return replace(base, answers=answers, nuisance=who)


def yes_to_both_sides(rng: np.random.Generator, n: int) -> Base:
    """One continuum asked from both sides, half of the questions turned; one in four agrees to whatever is asked."""
    turned = np.arange(surveys.ITEMS) % 2 == 1
    latent = surveys.factors(rng, n, np.where(turned, -0.6, 0.6))
    who = rng.random(n) < 0.25
    latent[who] = 1.1 + 0.5 * latent[who]
    base = surveys.rated(latent)
    reverse = [item for item, way in zip(base.survey["likert"]["items"], turned, strict=True) if way]
    return replace(base, survey={"likert": base.survey["likert"] | {"reverse": reverse}}, nuisance=who)


# --- with types --------------------------------------------------------------------------------------------------


def types_and_same_mark(rng: np.random.Generator, n: int) -> Base:
    """Three types of 55, 30 and 15 %; one in five gave every question the same mark."""
    latent, truth = leanings(rng, n)
    latent, who = same_mark(rng, latent)
    return replace(surveys.rated(latent, truth), nuisance=who)


def types_and_stopped(rng: np.random.Generator, n: int) -> Base:
    """Three types of 55, 30 and 15 % asked on two pages; one in six stopped after the first."""
    latent, truth = leanings(rng, n)
    latent, who = stopped(rng, latent + PAGES / 2)
    return replace(surveys.rated(latent, truth), nuisance=who)


WITHOUT = (
    same_mark_all_the_way, nearly_the_same_mark, stopped_after_a_page, first_page_skipped, sped, said_yes_to_all,
    yes_to_both_sides,
)  # fmt: skip
WORLDS = dict.fromkeys(WITHOUT, 0) | {types_and_same_mark: 3, types_and_stopped: 3}
