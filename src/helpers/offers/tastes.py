"""Whether people want different things of an offer, and groups differ in taste or only in how surely they choose.

One pooled model shows the mean taste: where half want a thing and half do not, that is nought. And groups that choose
less surely have smaller part-worths of everything, which is no other taste (Swait & Louviere 1993, J. Mark. Res. 30).
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import optimize, stats

from helpers.cards.claims import adjusted
from helpers.offers.choice_logit import NONE, Attribute, Fit, Tasks, expected

FEWEST_TASKS = 2
"""Choices a person without which nobody's tastes can be told from chance."""


def differing(tasks: Tasks, fitted: Fit, attributes: list[Attribute]) -> pd.Series:
    """Per attribute p (Holm) that all respondents have the same taste; below .05 they do not.

    A score test of part-worths that vary from person to person (Chesher 1984, Econometrica 52; McFadden & Train 2000):
    what a person's choices exceed expectation by, squared, against its variance if all were alike. Estimated
    part-worths are allowed for by regressing on the scores (outer product of gradients).
    """
    likely, centred = expected(tasks, fitted.worth)
    code = np.unique(tasks.respondent, return_inverse=True)[1]
    people = int(code.max()) + 1
    scores = np.column_stack([np.bincount(code, tasks.chosen * column, people) for column in centred.T])
    told = [attribute for attribute in attributes if attribute.name != NONE]
    p = []
    for attribute in told:
        beyond = np.zeros(people)
        for column in attribute.columns:
            information = np.bincount(code, likely * centred[:, column] ** 2, people)
            size = max(information.sum(), 1e-300) / people
            beyond += (scores[:, column] ** 2 - information) / size
        slope = np.linalg.lstsq(scores, beyond, rcond=None)[0]
        rest = beyond - scores @ slope
        spread = np.sqrt((rest**2).sum())
        p.append(float(stats.norm.sf(rest.sum() / spread)) if spread > 1e-9 else 1.0)
    if tasks.chosen.sum() < FEWEST_TASKS * people:
        p = [1.0] * len(p)
    return pd.Series(adjusted(pd.Series(p), "holm").to_numpy(), index=[a.name for a in told])


def taste_or_scale(fits: list[Fit]) -> tuple[float, float]:
    """p that groups have the same taste up to how surely they choose, and p that they choose equally surely.

    The part-worths of each group are a multiple of common ones (minimum distance, with covariances clustered by
    respondent); the multiples are then compared with one another.
    """
    k, groups = len(fits[0].worth), len(fits)
    roots = [np.linalg.cholesky(np.linalg.pinv(f.covariance, hermitian=True) + 1e-12 * np.eye(k)).T for f in fits]

    def apart(x: np.ndarray, scaled: bool) -> np.ndarray:
        scale = np.r_[1.0, np.exp(x[k:])] if scaled else np.ones(groups)
        return np.concatenate([r @ (f.worth - s * x[:k]) for r, f, s in zip(roots, fits, scale, strict=True)])

    weights = [r.T @ r for r in roots]
    start = np.linalg.solve(sum(weights), sum(w @ f.worth for w, f in zip(weights, fits, strict=True)))
    same = float((apart(start, False) ** 2).sum())
    found = optimize.least_squares(apart, np.r_[start, np.zeros(groups - 1)], args=(True,))
    scaled = min(2 * float(found.cost), same)
    taste = float(stats.chi2.sf(scaled, (groups - 1) * (k - 1))) if k > 1 else 1.0
    return taste, float(stats.chi2.sf(same - scaled, groups - 1))
