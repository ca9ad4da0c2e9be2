"""Outcomes of experiments as they are practised: cut tails, ratios of sums, covariates from before, relative lift."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import stats
from scipy.stats import chisquare

from helpers.beliefs.estimators import two_means
from helpers.beliefs.evidence import Evidence
from helpers.beliefs.verdict import ALPHA, Contrast
from helpers.contracts import Effect
from helpers.study import Experiment
from helpers.words import Quantity, Text, say

MISMATCH = 0.001
"""Arms whose sizes come about by chance more rarely than this were not filled as planned (Fabijan et al. 2019)."""


@dataclass(frozen=True)
class Measured:
    """One value per person whose means are compared; ``spread`` is the standard deviation before any adjustment."""

    values: dict[str, np.ndarray]
    spread: dict[str, float]
    kept: float
    """Share of the variance that is left after the covariate; 1 without one."""


def cut(values: pd.Series, share: float | None) -> pd.Series:
    """Values with the lowest and the highest ``share`` of all arms together drawn in (winsorised)."""
    if not share:
        return values
    low, high = values.quantile([share, 1 - share])
    return values.clip(low, high)


def measured(data: pd.DataFrame) -> Measured:
    """What each person adds to the mean of an arm.

    data : one row per person: arm, y; ``per`` where the outcome is a ratio of sums (each person's share in it by the
    delta method; Deng et al. 2018, KDD), ``before`` where a covariate from before takes out what was there already
    (CUPED; Deng et al. 2013, WSDM: one slope for all arms). Somebody without a covariate has the average one.
    """
    values = data["y"].copy()
    if "per" in data:
        for _, rows in data.groupby("arm"):
            ratio, mean = rows["y"].sum() / rows["per"].sum(), rows["per"].mean()
            values[rows.index] = ratio + (rows["y"] - ratio * rows["per"]) / mean
    spread = values.groupby(data["arm"]).std()
    left = 1.0
    if "before" in data:
        x = data["before"].fillna(data["before"].mean())
        apart = x - x.mean()
        total, whole = float(apart @ apart), float(((values - values.mean()) ** 2).sum())
        if total > 0 and whole > 0:
            slope = float(apart @ (values - values.mean())) / total
            left = 1 - slope**2 * total / whole
            values = values - slope * apart
    arms = {arm: rows.to_numpy() for arm, rows in values.groupby(data["arm"])}
    return Measured(arms, spread.to_dict(), left)


def compare_means(found: Measured, treatment: str, control: str, spread: float | None) -> Contrast:
    """Two means by Welch's t test, in standard deviations from before any adjustment, and the relative lift."""
    a, b = found.values[treatment], found.values[control]
    own = math.sqrt((found.spread[treatment] ** 2 + found.spread[control] ** 2) / 2)
    contrast = two_means(a, b, treatment, spread or own)
    lift = relative_lift(a, b, treatment)
    return contrast if lift is None else replace(contrast, effects=(*contrast.effects, lift))


def relative_lift(values: np.ndarray, control: np.ndarray, label: Text, alpha: float = ALPHA) -> Effect | None:
    """The ratio of two means with Fieller's interval (1954); None where the control's mean may as well be nothing."""
    mean, base = float(values.mean()), float(control.mean())
    v, v0 = values.var(ddof=1) / len(values), control.var(ddof=1) / len(control)
    if v + v0 <= 0:
        return None
    df = (v + v0) ** 2 / (v**2 / (len(values) - 1) + v0**2 / (len(control) - 1))
    t2 = stats.t.isf(alpha / 2, df) ** 2
    g = base**2 - t2 * v0
    if g <= 0 or mean <= 0 or base <= 0:
        return None
    root = math.sqrt(max((mean * base) ** 2 - g * (mean**2 - t2 * v), 0.0))
    low, high = (mean * base - root) / g, (mean * base + root) / g
    return Effect("ratio of means", mean / base, float(low), float(high), label) if low > 0 else None


def refuse_mismatch(evidence: Evidence, experiment: Experiment, people: pd.Series) -> None:
    """Raise NotTestable where the arms hold other shares of the people than planned (sample-ratio mismatch).

    Chi-square test of the people whose outcome counts, equal shares where none were planned. Something has then sorted
    people into or out of the arms, and no reading of the outcome mends that: experiments with a mismatch are to be
    explained and not to be read (Fabijan et al. 2019, KDD; Kohavi, Tang & Xu 2020, ch. 21).
    """
    arm = experiment.arm
    if experiment.within or not (experiment.randomised or arm.shares):
        return
    names = arm.arms or [arm.treatment, arm.control]
    counts, shares = people[names], np.array(arm.shares or [1 / len(names)] * len(names))
    if chisquare(counts, shares / shares.sum() * counts.sum()).pvalue < MISMATCH:
        found = [say("hypotheses.arm", name=name, n=evidence.counted(int(counts[name]))) for name in names]
        planned = [Quantity(float(share), "percent") for share in shares]
        raise evidence.not_testable("mismatch", found=found, planned=planned)
