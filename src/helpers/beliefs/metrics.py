"""How arms are compared, of different people or the same: cut tails, ratios of sums, covariates, relative lift."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import stats
from scipy.stats import chi2_contingency, chisquare

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
MOVED = 0.01
"""A covariate that differs so between arms that were drawn by lot is none from before: chance alone does it less."""
QUARTERS = 4
"""Parts of the time of an experiment in which the arms must have equal shares of those who came."""
HEAVY = 0.05
"""With so much of an arm's sum in one person, a ratio moves by what it is without them (jackknife): their own pull on
it makes the delta method's error too small."""
SKEWED, DRAWS = 0.1, 1999
"""Skewness of a difference of means from which t quantiles are not to be trusted, and how often arms are drawn anew."""


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
            moved, part = (rows["y"] - ratio * rows["per"]) / mean, rows["per"] / rows["per"].sum()
            if part.max() > HEAVY:
                moved /= 1 - part
                moved -= moved.mean()
            values[rows.index] = ratio + moved
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
    """Two means by Welch's t test, in standard deviations from before any adjustment, and the relative lift.

    Where one arm is much smaller and values are skewed, t quantiles reject up to one true null in five: there they are
    those of arms drawn anew (`_by_lot`).
    """
    a, b = found.values[treatment], found.values[control]
    own = math.sqrt((found.spread[treatment] ** 2 + found.spread[control] ** 2) / 2)
    contrast = two_means(a, b, treatment, spread or own)
    if _skewness(a, b) > SKEWED:
        contrast = _by_lot(contrast, a, b)
    lift = relative_lift(a, b, treatment)
    return contrast if lift is None else replace(contrast, effects=(*contrast.effects, lift))


def _skewness(a: np.ndarray, b: np.ndarray) -> float:
    """How skewed the difference of means is, by the third moment of both arms together."""
    apart = np.concatenate([a - a.mean(), b - b.mean()])
    third = (apart**3).mean() * (1 / len(a) ** 2 - 1 / len(b) ** 2)
    return float(abs(third) / ((apart**2).mean() * (1 / len(a) + 1 / len(b))) ** 1.5)


def _by_lot(contrast: Contrast, a: np.ndarray, b: np.ndarray) -> Contrast:
    """The contrast with quantiles, and p, of t values of arms drawn anew from both together (studentised permutation:
    Janssen 1997, Stat. Probab. Lett. 36; Chung & Romano 2013, Ann. Stat. 41). The draw is always the same one."""
    rng, pool, few = np.random.default_rng(DRAWS), np.concatenate([a, b]), min(len(a), len(b))
    mine = np.stack([pool[rng.choice(len(pool), few, replace=False, shuffle=False)] for _ in range(DRAWS)])
    size, rest = few, len(pool) - few
    mean, square = mine.mean(axis=1), (mine**2).sum(axis=1)
    other = (pool.sum() - size * mean) / rest
    spread = (square - size * mean**2) / (size - 1), ((pool**2).sum() - square - rest * other**2) / (rest - 1)
    drawn = (mean - other) / np.sqrt(spread[0] / size + spread[1] / rest) * (1 if few == len(a) else -1)
    error = math.sqrt(a.var(ddof=1) / len(a) + b.var(ddof=1) / len(b))
    difference = float(a.mean() - b.mean())
    least = min((drawn <= difference / error).sum(), (drawn >= difference / error).sum())
    ends = np.quantile(drawn, [1 - ALPHA / 2, ALPHA / 2, 1 - ALPHA, ALPHA])
    widths = [e.ci_high - e.ci_low for e in contrast.effects]
    scales = [widths[0] / width for width in widths]  # the first is the difference as it is
    limits = [[float(difference - z * error) / scale for z in ends] for scale in scales]
    effects = [
        replace(e, ci_low=low, ci_high=high) for e, (low, high, *_) in zip(contrast.effects, limits, strict=True)
    ]
    low, high, inner_low, inner_high = limits[-1]
    return replace(
        contrast, low=low, high=high, inner_low=inner_low, inner_high=inner_high,
        p_value=float(min(1.0, 2 * (least + 1) / (DRAWS + 1))), effects=tuple(effects),
    )  # fmt: skip


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


def refuse_faulty_draw(evidence: Evidence, experiment: Experiment, data: pd.DataFrame, used: pd.DataFrame) -> None:
    """Raise NotTestable where what a draw by lot makes alike is not alike in the arms.

    How many have no outcome (who would say no may not answer); the share of each arm over the time in which people came
    (an arm that is opened wider midway meets another season); the covariate, which is then one from after the draw.
    data : all rows of the experiment; used : those that count.
    """
    if experiment.within or experiment.problems or not experiment.randomised:
        return
    known = data.dropna(subset=["unit", "arm"])
    known = known[known.groupby("unit")["arm"].transform("nunique") == 1].drop_duplicates("unit")
    told = known["unit"].isin(used["unit"])
    if _hangs_together(known["arm"], told):
        raise evidence.not_testable("attrition", arm=str(told.groupby(known["arm"]).mean().idxmin()))
    once = used.groupby("unit").agg({"arm": "first"} | {name: "min" for name in ("at", "before") if name in used})
    if "at" in once:
        quarter = np.ceil(once["at"].rank(pct=True) * QUARTERS)
        if _hangs_together(once["arm"], quarter):
            raise evidence.not_testable("changed_midway")
    if "before" in once:
        filled = once["before"].fillna(once["before"].mean())
        parts = [values for _, values in filled.groupby(once["arm"])]
        if filled.nunique() > 1 and stats.kruskal(*parts).pvalue < MOVED:
            raise evidence.not_testable("covariate_moved", column=experiment.covariate, table=experiment.table)


def _hangs_together(arm: pd.Series, other: pd.Series) -> bool:
    """Whether the arms differ in it by more than chance would once in a thousand times."""
    counts = pd.crosstab(arm, other)
    return min(counts.shape) > 1 and chi2_contingency(counts, correction=False).pvalue < MISMATCH


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
    if "per" in data and not ((data["per"] > 0).groupby(data["arm"]).sum() > 1).all():
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
