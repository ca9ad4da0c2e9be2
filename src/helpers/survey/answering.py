"""How people answered: the same mark all the way down, questions left out together, and ratings that make a scale."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
from sklearn.decomposition import FactorAnalysis
from sklearn.exceptions import ConvergenceWarning

from helpers.answers.survey_words import survey_words
from helpers.sources import SurveySource
from helpers.text import fold

LEAST_ITEMS = 4
"""With fewer rating items, equal answers to all of them mean nothing."""
LEAST_FOR_RUNS = 10
"""With so many rating items, of honest answers that have nothing to do with each other fewer than 1 in 100 give more
than half of them in one run; with four it is 1 in 10 (a test simulates it)."""
TRAILING = 3
"""Whoever leaves so many of the last closed questions empty, or more, has stopped before the end."""
MOST_PATTERNS = 10
NOTED = 0.9
"""What stands for nobody but those who stopped (this part of its people, or more) is no answer."""
HURRIED = 1 / 3
"""Who took less than this part of the median time cannot have read the questions (Greszki, Meyer & Schoen 2015)."""
MOST_LEFT_OUT = 0.5
"""A reason that would leave out more of the respondents than this says something of the survey and not of them."""


def behaviour(ratings: pd.DataFrame) -> pd.DataFrame:
    """How each respondent went through the rating items.

    Parameters
    ----------
    ratings : one row per respondent, one column per rating item, in the order and the direction in which they were
        asked; NaN for no answer.

    Returns
    -------
    The same rows: rated (answers), longest_run (equal answers one after the other; a gap ends no run), spread (standard
    deviation of the respondent's own answers, scale points; 0: all equal), straight_lining (all of at least
    ``LEAST_ITEMS`` answers are equal), long_string (not all, but more than half of at least ``LEAST_FOR_RUNS`` in one
    run: Curran 2016).
    """
    answers = ratings.to_numpy(dtype=float)
    rated = np.isfinite(answers).sum(axis=1)
    longest = np.array([_longest_run(row[np.isfinite(row)]) for row in answers], dtype=int)
    return pd.DataFrame(
        {
            "rated": rated,
            "longest_run": longest,
            "spread": ratings.std(axis=1, ddof=0).to_numpy(),
            "straight_lining": (rated >= LEAST_ITEMS) & (longest == rated),
            "long_string": (rated >= LEAST_FOR_RUNS) & (longest < rated) & (longest > rated / 2),
        },
        index=ratings.index,
    )


def _longest_run(answers: np.ndarray) -> int:
    """The length of the longest run of equal answers."""
    if not len(answers):
        return 0
    ends = np.flatnonzero(np.append(np.diff(answers) != 0, True))
    return int(np.diff(ends, prepend=-1).max())


def patterns(answered: pd.DataFrame, least: int) -> pd.DataFrame:
    """Which questions are left out together, and by how many.

    answered : respondents x questions, in the order asked. Returns left_out (tuple of questions; None for all the rest
    together), n, share: the commonest first. Patterns of fewer than ``least`` people are pooled, and so are as many
    others as it takes to make the pool that large.
    """
    if not answered.shape[1]:
        return pd.DataFrame({"left_out": pd.Series(dtype=object), "n": pd.Series(dtype="int64"), "share": []})
    flags = pd.DataFrame(~answered.to_numpy())
    ranked = flags.value_counts(sort=False).sort_values(ascending=False, kind="stable")
    shown = min(int((ranked >= least).sum()), MOST_PATTERNS)
    while shown and 0 < ranked.iloc[shown:].sum() < least:
        shown -= 1
    names = [tuple(answered.columns[np.array(key, dtype=bool)]) for key in ranked.index[:shown]]
    rest = int(ranked.iloc[shown:].sum())
    counts = [*ranked.iloc[:shown].tolist(), *[rest] * (rest >= least)]
    frame = pd.DataFrame({"left_out": [*names, *[None] * (rest >= least)], "n": counts})
    return frame.astype({"n": "int64"}).assign(share=frame["n"] / max(len(answered), 1))


def stopped_after(answered: pd.DataFrame) -> pd.Series:
    """The last question that each respondent who stopped before the end did answer.

    Stopped has who answered something, and none of the last ``TRAILING`` questions (in the order asked).
    """
    flags = answered.to_numpy(dtype=bool)
    if not flags.any():
        return pd.Series(dtype="str")
    last = np.where(flags.any(axis=1), flags.shape[1] - 1 - flags[:, ::-1].argmax(axis=1), -1)
    stopped = (last >= 0) & (last < flags.shape[1] - TRAILING)
    return pd.Series(answered.columns[last[stopped]], index=answered.index[stopped], dtype="str")


def noted_by_the_tool(answered: pd.DataFrame, choices: dict[str, pd.Series], least: int) -> list[str]:
    """Questions that are none: the survey tool's note of where people stopped, such as the last page that they saw.

    It is there for (nearly) all who stopped by the other questions, and each of its values stands for them or for the
    others. answered : respondents x closed questions, in the order asked. choices : the answers to single choices.
    """
    found = []
    for name, values in choices.items():
        stopped = answered.index.isin(stopped_after(answered.drop(columns=[name, *found])).index)
        if stopped.sum() < least or stopped.all() or values[stopped].notna().mean() < NOTED:
            continue
        by_value = pd.Series(stopped, answered.index).groupby(values).mean()
        if ((by_value >= NOTED) | (by_value <= 1 - NOTED)).all():
            found.append(name)
    return found


def hurried(frame: pd.DataFrame, source: SurveySource) -> pd.Series:
    """Who took less than ``HURRIED`` of the median time, by the tool's own columns; nobody where it tells no times."""
    named = {fold(source.columns.get(name, name)): name for name in (*source.meta, *source.attributes) if name in frame}

    def first(key: str) -> pd.Series | None:
        return next((frame[named[header]] for header in survey_words(key) if header in named), None)

    took, began, ended = first("took"), first("began"), first("ended")
    seconds = pd.Series(np.nan, index=frame.index) if took is None else pd.to_numeric(took, errors="coerce")
    if seconds.isna().all() and began is not None and ended is not None:
        moments = [pd.to_datetime(c, format="mixed", errors="coerce", utc=True) for c in (began, ended)]
        seconds = (moments[1] - moments[0]).dt.total_seconds()
    seconds = seconds.where(seconds > 0)
    return seconds < HURRIED * seconds.median()


def left_out(reasons: dict[str, pd.Series]) -> pd.Series:
    """Who makes no persona, and why: the first reason for each, missing for the others.

    A reason that more than ``MOST_LEFT_OUT`` of the respondents share is none.
    """
    found = pd.Series(np.nan, index=next(iter(reasons.values())).index, dtype="str")
    for reason, rows in reasons.items():
        if rows.mean() <= MOST_LEFT_OUT:
            found = found.mask(found.isna() & rows, reason)
    return found


def cronbach_alpha(ratings: pd.DataFrame) -> float:
    """Internal consistency of complete ratings, one column per item; NaN when the sums do not vary.

    Source: Cronbach (1951), k / (k - 1) * (1 - sum of item variances / variance of the sums).
    """
    k, total = ratings.shape[1], ratings.sum(axis=1).var()
    return float(k / (k - 1) * (1 - ratings.var().sum() / total)) if total > 0 else np.nan


def mcdonald_omega(ratings: pd.DataFrame) -> float:
    """Share of the variance of the sum that one common factor explains; NaN where no factor can be fitted.

    Source: McDonald (1999), (sum of loadings)^2 / ((sum of loadings)^2 + sum of uniquenesses) of the standardised
    items, fitted by maximum likelihood (scikit-learn). Three items at least.
    """
    spread = ratings.std(ddof=0)
    if ratings.shape[1] < 3 or len(ratings) <= ratings.shape[1] or (spread < 1e-9).any():
        return np.nan
    with warnings.catch_warnings():
        warnings.simplefilter("error", ConvergenceWarning)
        try:
            fitted = FactorAnalysis(n_components=1, tol=1e-6, max_iter=20_000, svd_method="lapack").fit(
                ((ratings - ratings.mean()) / spread).to_numpy()
            )
        except ConvergenceWarning:
            return np.nan
    common = fitted.components_.sum() ** 2
    return float(common / (common + fitted.noise_variance_.sum()))
