"""Lead scoring put to the test: points set beforehand, and what became of the leads afterwards."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
from scipy import optimize, stats
from scipy.special import expit, logit
from sklearn.tree import DecisionTreeClassifier
from statsmodels.discrete.discrete_model import Logit
from statsmodels.stats.contingency_tables import Table
from statsmodels.tools.sm_exceptions import PerfectSeparationError
from statsmodels.tools.tools import add_constant

from helpers.beliefs.estimators import RARE, share_interval
from helpers.beliefs.evidence import Evidence, calendar
from helpers.beliefs.verdict import ALPHA, Z90, Z95, Z_MDE, Contrast, Finding
from helpers.contracts import Effect
from helpers.study import LeadScoring
from helpers.text import fold, folded
from helpers.words import Said, Text, say, sentences

CLASSES = ("weak", "medium", "strong")
TINY = 1e-9
DATED = 0.05
"""Rows of so many leads differ where a table dates what it knows of a lead; fewer are slips."""


def score(leads: pd.DataFrame, scoring: LeadScoring, until: pd.Series | None = None) -> pd.DataFrame:
    """Points per lead.

    Parameters
    ----------
    leads : one row per activity: lead_id, at, activity, and job_role, converted_at where known.
    scoring : points per activity and role; spelling differs in case and spaces at most. Unsubscribing takes points
        away, whatever its sign in study.yml.
    until : per lead_id the moment up to which activities count; without it all that came before the conversion do.

    Returns
    -------
    One row per lead: lead_id, first (moment of its first activity), converted_at, points, and unknown, how many of its
    activities have no points in the study. An activity at or after the conversion never counts, nor a
    job role that no counted row states; where `roles_are_dated` does not hold, none does.
    """
    rows = leads.dropna(subset=["lead_id", "at"])
    by_lead = rows.groupby("lead_id")
    table = pd.DataFrame({"first": by_lead["at"].min(), "converted_at": pd.NaT})
    if "converted_at" in rows:
        table["converted_at"] = by_lead["converted_at"].min()
    late = rows["at"] >= table["converted_at"].reindex(rows["lead_id"]).to_numpy()
    if until is not None:
        late |= rows["at"] > until.reindex(rows["lead_id"]).to_numpy()
    counted = rows[~late]
    worth = _points(scoring.points)
    points = folded(counted["activity"]).map(worth)
    each = pd.DataFrame({"points": points.fillna(0.0).astype(float), "unknown": points.isna().astype(int)})
    table = table.join(each.groupby(counted["lead_id"]).sum().reindex(table.index, fill_value=0))
    if scoring.role_points and roles_are_dated(rows):
        role = folded(counted.groupby("lead_id")["job_role"].first()).reindex(table.index)
        table["points"] += role.map(_points(scoring.role_points)).astype(float).fillna(0.0)
    return table.reset_index()


def roles_are_dated(leads: pd.DataFrame) -> bool:
    """Whether the rows tell when a lead's job role became known: one in twenty leads has rows that differ in it.

    A table that repeats it on every row of a lead may have learned it from the purchase.
    """
    if "job_role" not in leads:
        return False
    roles = (
        folded(leads["job_role"]).groupby(leads["lead_id"]).agg(["size", "count", lambda r: r.nunique(dropna=False)])
    )
    several = roles[(roles["size"] > 1) & (roles["count"] > 0)]
    return bool(len(several) and (several.iloc[:, 2] > 1).mean() >= DATED)


def _points(given: dict[str, float]) -> dict[str, float]:
    """Points by folded name, unsubscribing below zero."""
    ours = {fold(name): float(points) for name, points in given.items()}
    return {name: -abs(points) if name.startswith("unsubscri") else points for name, points in ours.items()}


def class_of(points: pd.Series, thresholds: tuple[float, float]) -> pd.Series:
    """weak < first threshold <= medium <= second threshold < strong."""
    low, high = thresholds
    return pd.Series(np.select([points < low, points <= high], CLASSES[:2], CLASSES[2]), points.index, dtype="str")


def followed_leads(evidence: Evidence) -> pd.DataFrame:
    """Leads scored some days after their first activity, with what happened in the weeks after that (study.yml: leads).

    Returns
    -------
    One row per lead that was no customer yet when it was scored and could be watched to the end: lead_id, first,
    points, unknown, won (0/1), later (whether it is of the later half, by first activity), week (of its half, by first
    activity; see `calendar`), class (by the study's thresholds), chance (that the earlier half gives its points; NaN
    without a fit). Nothing of the outcome's weeks
    enters the points.
    """
    leads, scoring = evidence.in_window("leads", "at"), evidence.study.leads
    first = leads.groupby("lead_id")["at"].min()
    scored_at = first + pd.Timedelta(days=scoring.scored_after)
    table = score(leads, scoring, scored_at)
    table["frozen"] = scored_at.reindex(table["lead_id"]).to_numpy()
    table["end"] = table["frozen"] + pd.Timedelta(days=scoring.followed)
    watched = table["end"] <= evidence.end_after(leads["at"])
    table = table[watched & ~(table["converted_at"] <= table["frozen"])].copy()
    table["won"] = (table["converted_at"] <= table["end"]).astype(float)
    table["later"] = table["first"] > table["first"].median()
    table["week"] = ""
    for half in (~table["later"], table["later"]):
        won = table.loc[half, "won"]
        table.loc[half, "week"] = calendar(table.loc[half, "first"], won, 1 - won, least=1)
    table["class"] = class_of(table["points"], scoring.thresholds)
    table["chance"] = chance_of(table["points"], table)
    return (
        table.drop(columns=["converted_at", "frozen", "end"])
        .sort_values(["first", "lead_id"], kind="stable")
        .reset_index(drop=True)
    )


def lead_score(evidence: Evidence, sesoi: float) -> Finding:
    """Whether, among the later leads, those who became customers had more points than others of the same weeks.

    A season, or a page that is counted from some day on, changes both points and luck of all leads at once. The area
    under the ROC curve with the score interval of Newcombe (2006, Statistics in Medicine 25, 559-573, method 5); p by
    the test of van Elteren. Beside it: all leads, the trend over the classes (Cochran & Armitage), and the slope of
    calibration of the chance that the earlier leads gave to each score.
    """
    scoring = evidence.study.leads
    if not scoring.points:
        raise evidence.not_testable("no_points")
    table = followed_leads(evidence)
    later = table[table["later"]]
    won = int(later["won"].sum())
    if len(later) < 2 * evidence.least or min(won, len(later) - won) < RARE:
        days = scoring.scored_after + scoring.followed
        raise evidence.not_testable("few_leads", least=2 * evidence.least, rare=RARE, days=days)
    if later["points"].nunique() < 2:
        raise evidence.not_testable("all_alike")
    columns = ("points", "won", "week")
    found = auc(*(later[name].to_numpy() for name in columns[:2]), say("leads.label.later"), later["week"].to_numpy())
    weeks = (table["week"] + table["later"].astype("str")).to_numpy()
    extra = auc(table["points"].to_numpy(), table["won"].to_numpy(), say("leads.label.all"), weeks).effects
    slope = calibration_slope(table)
    if slope is not None:
        extra += (replace(slope, label=say("leads.label.calibration")),)
    facts = say(
        "leads.score.facts",
        n=len(later), auc=found.estimate, interval=(found.low, found.high), days=scoring.scored_after,
        follow=scoring.followed,
    )  # fmt: skip
    sentence = sentences(facts, _told_of_trend(table))
    unknown = int(table["unknown"].sum())
    undated = (
        evidence.has("leads.job_role")
        and scoring.role_points
        and not roles_are_dated(evidence.in_window("leads", "at").dropna(subset=["lead_id", "at"]))
    )
    note = sentences(
        say("leads.score.unknown", n=evidence.counted(unknown)) if unknown else "",
        say("leads.score.undated") if undated else "",
    )
    n = {say("leads.label.later"): len(later), say("leads.label.earlier"): len(table) - len(later)}
    return Finding((found,), found.p_value, n, say("leads.score.method"), sentence, extra, note)


def _told_of_trend(table: pd.DataFrame) -> Text:
    """Whether the share that becomes a customer changes from class to class; "" with one class."""
    if (found := trend(table["class"], table["won"])) is None:
        return ""
    z, p = found
    way = "unclear" if p > ALPHA else "rises" if z > 0 else "falls"
    return say(f"leads.score.trend.{way}", p=p)


def auc(points: np.ndarray, won: np.ndarray, label: Text = "", week: np.ndarray | None = None) -> Contrast:
    """The chance that one who became a customer had more points than one who did not (ties count half).

    week : only those of one week are compared, each week weighted by what it tells (van Elteren 1960). Judged against
    1/2. Newcombe's score interval holds at 0 and 1 too, and is Mann and Whitney's test at 1/2; of weeks it is as much
    wider as their test is.
    """
    m, n = int((won == 1).sum()), int((won == 0).sum())
    week = np.zeros(len(won)) if week is None else week
    told = np.array([_of_week(points[week == each], won[week == each]) for each in np.unique(week)])
    weight = told[:, 1] / told[:, 1].sum()
    estimate, by_ranks, tied = weight @ told[:, 0], weight**2 @ told[:, 2], weight**2 @ told[:, 3]
    wider = math.sqrt(by_ranks / ((m + n + 1) / (12 * m * n)))
    p = float(2 * stats.norm.sf(abs(estimate - 0.5) / math.sqrt(tied))) if tied > 0 else math.nan

    def spread(theta: float) -> float:
        extra = (m + n) / 2 - 1
        return wider * math.sqrt(
            theta * (1 - theta) * (1 + extra * ((1 - theta) / (2 - theta) + theta / (1 + theta))) / (m * n)
        )

    low, high, inner_low, inner_high = (_limit(spread, estimate, z) for z in (-Z95, Z95, -Z90, Z90))
    effect = Effect("auc", estimate, low, high, label)
    mde = Z_MDE * spread(0.5)
    return Contrast(label, "auc", estimate, low, high, inner_low, inner_high, p, mde, (effect,), {"n": m + n})


def _of_week(points: np.ndarray, won: np.ndarray) -> tuple[float, float, float, float]:
    """The area of one week, its weight, and its variance at 1/2, plain and of tied points; no weight where nobody, or
    everybody, became a customer."""
    yes, no = points[won == 1], points[won == 0]
    m, n = len(yes), len(no)
    if not m * n:
        return 0.5, 0.0, 0.0, 0.0
    area = float(stats.mannwhitneyu(yes, no, use_continuity=False, method="asymptotic").statistic) / (m * n)
    ties = np.unique(points, return_counts=True)[1].astype(float)
    lost = (ties**3 - ties).sum() / ((m + n) * (m + n - 1))
    return area, m * n / (m + n + 1), (m + n + 1) / (12 * m * n), (m + n + 1 - lost) / (12 * m * n)


def _limit(spread: Callable[[float], float], estimate: float, z: float) -> float:
    """The value on one side of the estimate that lies ``z`` of its own standard errors away; 0 or 1 at the edge."""
    edge = float(z > 0)
    if estimate == edge:
        return edge
    start = min(max(estimate, TINY), 1 - TINY)  # at 0 and 1 the standard error is 0, which is no limit
    return float(optimize.brentq(lambda theta: theta - estimate - z * spread(theta), start, edge))


def chance_of(points: pd.Series, followed: pd.DataFrame) -> pd.Series:
    """The chance to win at these points by a logit model of the earlier followed leads; NaN where it has no fit."""
    earlier = followed[~followed["later"]]
    params, _ = _logit(earlier["points"].to_numpy() / 100, earlier["won"].to_numpy())
    return pd.Series(math.nan, points.index) if params is None else expit(params[0] + params[1] * points / 100)


def calibration_slope(table: pd.DataFrame) -> Effect | None:
    """By how much later leads' log odds rise with those that the earlier leads foretold (Cox 1958: 1 is perfect)."""
    later = table[table["later"]].dropna(subset=["chance"])
    params, errors = _logit(logit(later["chance"].to_numpy()), later["won"].to_numpy())
    if params is None:
        return None
    slope, half = float(params[1]), Z95 * float(errors[1])
    return Effect("slope", slope, slope - half, slope + half)


def _logit(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray | None, np.ndarray | None]:
    """Intercept and slope with their standard errors; None where there is no finite fit."""
    if min(y.sum(), len(y) - y.sum()) < RARE or np.ptp(x) == 0:
        return None, None
    try:
        fit = Logit(y, add_constant(x)).fit(disp=0)
    except (PerfectSeparationError, np.linalg.LinAlgError):
        return None, None
    finite = np.isfinite(fit.bse).all() and np.abs(fit.params).max() < 50
    return (fit.params, fit.bse) if finite else (None, None)


def trend(classes: pd.Series, won: pd.Series) -> tuple[float, float] | None:
    """z (above 0: the share rises) and p of a trend over the classes (Cochran & Armitage); None with one class."""
    counts = pd.crosstab(classes, won).reindex(CLASSES).dropna()
    if counts.shape != (len(counts), 2) or len(counts) < 2:
        return None
    places = np.array([CLASSES.index(name) for name in counts.index], dtype=float)
    test = Table(counts.to_numpy(), shift_zeros=False).test_ordinal_association(places, np.array([0.0, 1.0]))
    return float(test.zscore), float(test.pvalue)


def suggested_thresholds(table: pd.DataFrame, least: int) -> tuple[float, float] | None:
    """The two borders that divide the earlier leads best (a tree of three leaves, Gini); None where there are none."""
    earlier = table[~table["later"]]
    if len(earlier) < 3 * least or earlier["won"].nunique() < 2:
        return None
    tree = DecisionTreeClassifier(max_leaf_nodes=3, min_samples_leaf=least, random_state=0)
    tree.fit(earlier[["points"]].to_numpy(), earlier["won"].to_numpy())
    borders = sorted(tree.tree_.threshold[tree.tree_.feature == 0])
    return (float(borders[0]), float(borders[1])) if len(borders) == 2 else None


def by_class(table: pd.DataFrame, thresholds: tuple[float, float], least: int) -> pd.DataFrame:
    """What became of the leads of each class.

    Returns
    -------
    One row per class: class, leads, share (that became a customer), ci_low, ci_high (Wilson), expected_share (that the
    earlier leads' calibration gives these scores). Neighbouring classes of fewer than ``least`` leads are put together.
    """
    classes, rows = class_of(table["points"], thresholds), []
    for names in _wide_enough(classes, least):
        inside = classes.isin(names)
        found = share_interval(int(table.loc[inside, "won"].sum()), int(inside.sum()))
        expected = float(table.loc[inside, "chance"].mean())
        rows.append((_joined(names), int(inside.sum()), found.estimate, found.low, found.high, expected))
    return pd.DataFrame(rows, columns=["class", "leads", "share", "ci_low", "ci_high", "expected_share"])


def _joined(names: list[str]) -> Said:
    """``weak``, or ``weak or medium``."""
    return functools.reduce(
        lambda first, second: say("leads.class.or", first=first, second=second),
        [say(f"leads.class.{name}") for name in names],
    )


def _wide_enough(classes: pd.Series, least: int) -> list[list[str]]:
    """Classes from strong to weak, a small one joined to the next; none where all leads together are too few."""
    groups: list[list[str]] = [[]]
    for name in reversed(CLASSES):
        groups[-1].insert(0, name)
        if classes.isin(groups[-1]).sum() >= least:
            groups.append([])
    rest = groups.pop()
    if rest and groups:
        groups[-1] = [*rest, *groups[-1]]
    return groups[::-1]


def open_leads(evidence: Evidence) -> pd.DataFrame:
    """Today's points of the leads that are no customers: lead_id, points, class, chance (of the earlier leads' model).

    For the analyst's work folder: no lead id is published.
    """
    table = score(evidence.in_window("leads", "at"), evidence.study.leads)
    table = table[table["converted_at"].isna()]
    table = table.assign(chance=chance_of(table["points"], followed_leads(evidence)))
    table["class"] = class_of(table["points"], tuple(evidence.study.leads.thresholds))
    ordered = table.sort_values(["points", "lead_id"], ascending=[False, True], kind="stable")
    return ordered[["lead_id", "points", "class", "chance"]].reset_index(drop=True)
