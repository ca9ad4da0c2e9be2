"""How arms are compared, of different people or the same: cut tails, ratios of sums, covariates, relative lift."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import stats
from scipy.stats import chisquare

from helpers.beliefs.estimators import (
    RARE,
    clustered_risks,
    paired_means,
    paired_proportions,
    paired_shares,
    two_means,
    two_proportions,
)
from helpers.beliefs.evidence import Evidence, estimated
from helpers.beliefs.plan import plan_means, plan_proportions
from helpers.beliefs.verdict import ALPHA, NO_SPREAD, Contrast
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
    planned = arm.shares if arm else None
    if experiment.within or not (experiment.randomised or planned):
        return
    names = list(people.index) if arm is None else arm.arms or [arm.treatment, arm.control]
    counts, shares = people[names], np.array(planned or [1 / len(names)] * len(names))
    if chisquare(counts, shares / shares.sum() * counts.sum()).pvalue < MISMATCH:
        found = [say("hypotheses.arm", name=name, n=evidence.counted(int(counts[name]))) for name in names]
        planned = [Quantity(float(share), "percent") for share in shares]
        raise evidence.not_testable("mismatch", found=found, planned=planned)


def between(
    evidence: Evidence, data: pd.DataFrame, binary: bool, names: tuple[str, ...], sesoi: float, spread: float | None
) -> tuple[list[Contrast], str]:
    """Arms of different people; people with several rows are clustered, never counted as several people."""
    control, *treatments = names
    repeated = data["unit"].duplicated().any()
    people = data.groupby("arm")["unit"].nunique().reindex(names, fill_value=0)
    base = float(data.loc[data["arm"] == control, "y"].mean()) if binary else None
    _enough(evidence, int(people.min()), sesoi, base)
    if repeated and binary:
        return _clustered(evidence, data, control, people), "shares_clustered"
    if repeated:
        # the mean per person is the observation: exact for a treatment that is given to persons
        ways = {"y": "sum", "per": "sum"} if "per" in data else {"y": "mean"}
        ways |= {"before": "mean"} if "before" in data else {}
        data = data.groupby(["unit", "arm"], as_index=False).agg(ways)
    if binary:
        totals = {arm: (int(y.sum()), len(y)) for arm, y in data.groupby("arm")["y"]}
        return [two_proportions(*totals[t], *totals[control], t) for t in treatments], "shares_between"
    if "per" in data and not (data.groupby("arm")["per"].sum() > 0).all():
        raise evidence.not_testable("all_alike")
    found = measured(data)
    if any(_flat(y) for y in found.values.values()):
        raise evidence.not_testable("all_alike")
    how = "ratios_between" if "per" in data else "means_covariate" if "before" in data else "means_between"
    return [compare_means(found, t, control, spread) for t in treatments], how


def _clustered(evidence: Evidence, data: pd.DataFrame, control: str, people: pd.Series) -> list[Contrast]:
    """Shares of arms whose people have several rows; the odds ratio comes first, as for every two shares."""
    yes = data.groupby("arm")["y"].agg(["sum", "size"])
    if min(yes["sum"].min(), (yes["size"] - yes["sum"]).min()) < RARE:
        raise evidence.not_testable("all_alike")
    frame = data.rename(columns={"y": "yes", "arm": "group", "unit": "cluster"})
    contrasts = []
    for found in estimated(evidence, "arm", clustered_risks, frame, control):
        difference, odds, ratio = found.effects
        n = {"n": int(people[found.label]), "n_control": int(people[control])}
        contrasts.append(replace(found, effects=(odds, difference, ratio), facts=found.facts | n))
    return contrasts


def within(
    evidence: Evidence, data: pd.DataFrame, binary: bool, names: tuple[str, ...], sesoi: float, spread: float | None
) -> tuple[list[Contrast], str]:
    """Arms of the same people: only those who answered under both are compared, and each counts once."""
    control, *treatments = names
    repeated = bool(data.duplicated(["unit", "arm"]).any())
    if repeated:  # the mean of a person's answers under an arm is the observation
        data = data.groupby(["unit", "arm"], as_index=False)["y"].mean()
    wide = data.pivot(index="unit", columns="arm", values="y").reindex(columns=names)
    contrasts = []
    for treatment in treatments:
        pair = wide[[treatment, control]].dropna()
        if pair.empty:
            raise evidence.not_testable("no_pairs", treatment=treatment, control=control)
        a, b = pair[treatment].to_numpy(), pair[control].to_numpy()
        _enough(evidence, len(pair), sesoi, float(b.mean()) if binary else None)
        if binary and not repeated:
            cells = [int(((a == i) & (b == j)).sum()) for i, j in ((1, 1), (1, 0), (0, 1), (0, 0))]
            contrasts.append(paired_proportions(*cells, treatment))
        elif _flat(a - b):
            raise evidence.not_testable("all_alike")
        else:
            contrasts.append(paired_shares(a, b, treatment) if binary else paired_means(a, b, treatment, spread))
    return contrasts, f"{'shares' if binary else 'means'}_within{'_repeated' if repeated else ''}"


def _flat(values: np.ndarray) -> bool:
    """Whether numbers differ by no more than rounding."""
    return bool(np.ptp(values) <= NO_SPREAD * max(1.0, np.abs(values).max()))


def _enough(evidence: Evidence, people: int, sesoi: float, base: float | None) -> None:
    """Raise NotTestable, naming the number needed, when the smallest arm has too few people."""
    least = evidence.least
    if people >= least:
        return
    if base is None:
        needed = plan_means(effect=sesoi).n
    else:
        base = min(max(base, 0.01), 0.99)
        needed = plan_proportions(base, effect=sesoi if base + sesoi < 1 else -sesoi).n
    raise evidence.not_testable("few", least=least, needed=max(needed, least))
