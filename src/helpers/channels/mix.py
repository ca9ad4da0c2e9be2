"""Raw beside adjusted: which channels and places look good only for their company, and where intent is highest."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.genmod import families
from statsmodels.stats.multitest import multipletests

from helpers.beliefs.estimators import clustered_risks, drawn_together, fitted, standardised_risk
from helpers.beliefs.evidence import Evidence, NotTestable, estimated
from helpers.beliefs.verdict import ALPHA, Z95
from helpers.channels.conversion import ADJUSTED_FOR, comparable, covariates, named_visits, shown_group
from helpers.channels.typical import typical, typical_ratios
from helpers.words import Text, say, sentences

LOOKED_AT = ("channel", "location", "language", "device", "is_new", "funnel_stage")
"""Columns of sessions by which conversion and order value are compared."""
MIX = ["column", "group", "reference", "people", "visits", "raw_share", "adjusted_share", "raw_points", "points",
       "points_low", "points_high", "p_adjusted", "shift", "shift_low", "shift_high", "turned"]  # fmt: skip
IN_POINTS = [*MIX[7:11], "shift", "shift_low", "shift_high"]
VALUES = ["column", "group", "reference", "people", "orders", "mean", "ratio", "ci_low", "ci_high", "p_adjusted"]
INTENT = ["place", "people", "visits", "raw_share", "share", "ci_low", "ci_high"]


def _held_equal(column: str, asked: Sequence[str]) -> list[str]:
    """What is held equal when the values of a column are compared: what was asked for, else the usual."""
    return [name for name in asked or ADJUSTED_FOR[column] if name != column]


def conversion_by_mix(evidence: Evidence, held_equal: Sequence[str] = ()) -> pd.DataFrame:
    """Conversion by every column of sessions that says something about a visit, as it is and at an equal mix.

    held_equal : columns to hold equal in place of the usual ones.

    Returns
    -------
    One row per group that is not the reference of its column: column, group, reference, people, visits, raw_share,
    adjusted_share, raw_points, points, points_low, points_high (differences from the reference in points of 100; 95 %),
    p_adjusted (Benjamini & Hochberg over all rows: a screen), shift, shift_low, shift_high (points that adjusting adds
    to the difference), turned (the sign changes, and the adjusted interval leaves out 0). Groups with too few people
    are left out, as in the tests.
    """
    frame, parts = named_visits(evidence), []
    for column in (name for name in LOOKED_AT if name in frame):
        adjust = covariates(frame, *_held_equal(column, held_equal))
        try:
            kept, reference, _ = comparable(evidence, "sessions", frame, column)
            found = estimated(evidence, column, clustered_risks, kept, reference, adjust)
        except NotTestable:
            continue
        shares = raw_and_adjusted(kept, reference, adjust).set_index("group")
        count = kept.groupby("group")["cluster"].agg(people="nunique", visits="size")
        contrasts = pd.DataFrame([(c.label, c.low, c.high, c.p_value) for c in found]).set_index(0)
        part = shares.join(count).loc[contrasts.index].assign(column=column, reference=reference)
        part[["points_low", "points_high", "p_adjusted"]] = contrasts
        parts.append(part.rename_axis("group").reset_index())
    if not parts:
        return pd.DataFrame(columns=MIX)
    table = pd.concat(parts, ignore_index=True)
    table["p_adjusted"] = multipletests(table["p_adjusted"], method="fdr_bh")[1]
    table["shift_low"], table["shift_high"] = (table["shift"] + z * table["shift_se"] for z in (-Z95, Z95))
    table = table.rename(
        columns={"raw": "raw_share", "adjusted": "adjusted_share", "gap_raw": "raw_points", "gap": "points"}
    )
    table[IN_POINTS] *= 100
    clear = (table["points_low"] > 0) | (table["points_high"] < 0)
    return _shown(table.assign(turned=clear & (table["raw_points"] * table["points"] < 0))[MIX])


def _shown(table: pd.DataFrame) -> pd.DataFrame:
    """A table by column and group with its groups, and those they are compared with, as a reader sees them."""
    shown = {
        name: [shown_group(*pair) for pair in zip(table["column"], table[name], strict=True)]
        for name in ("group", "reference")
    }
    return table.assign(**shown)


def told_of_mix(table: pd.DataFrame, sesoi: float) -> list[Text]:
    """A sentence for each group whose difference changes by more than ``sesoi`` when the mix is held equal.

    Changes are corrected for their number (Holm). That nothing changes is said only where every interval shows it.
    """
    said = []
    if not len(table):
        return said
    spread = (table["shift_high"] - table["shift_low"]) / (2 * Z95)
    p = 2 * stats.norm.sf((table["shift"] / spread.where(spread > 0)).abs().fillna(0.0))
    moved = table[(multipletests(p, method="holm")[1] <= ALPHA) & (table["shift"].abs() >= 100 * sesoi)]
    for row in moved.sort_values("shift", key=abs, ascending=False, kind="stable").itertuples():
        flattered = "channels.mix.better" if row.shift > 0 else "channels.mix.worse"
        said.append(say(
            "channels.mix.turned" if row.turned else flattered,
            column=say(f"channels.column.{row.column}"), group=row.group, reference=row.reference,
            raw=row.raw_points / 100, adjusted=row.points / 100,
            interval=(row.points_low / 100, row.points_high / 100),
        ))  # fmt: skip
    alike = max(table["shift_high"].max(), -table["shift_low"].min()) <= 100 * sesoi
    return said or [say("channels.mix.none" if alike else "channels.mix.open")]


def order_values(evidence: Evidence, held_equal: Sequence[str] = ()) -> pd.DataFrame:
    """Value of the order of visits that end in one, by the same columns.

    Returns
    -------
    One row per group: column, group, reference, people, orders, mean, and, but for the reference, ratio to the
    reference with ci_low and ci_high (of typical orders at an equal mix, see `typical_ratios`), and p_adjusted
    (Benjamini & Hochberg over all rows). mean is the typical order too.
    """
    frame = named_visits(evidence)
    if "order_value" not in frame:
        return pd.DataFrame(columns=VALUES)
    paid = frame[(frame["yes"] == 1) & (frame["order_value"] > 0)].drop(columns="yes")
    paid, parts = paid.assign(value=paid["order_value"].astype(float)), []
    for column in (name for name in LOOKED_AT if name in paid):
        try:
            kept, reference, _ = comparable(evidence, "sessions", paid, column)
            adjust = covariates(kept, *_held_equal(column, held_equal))
            given = (typical_ratios, kept, reference, adjust)
            found = estimated(evidence, column, *given) if kept["value"].nunique() > 1 else []
        except NotTestable:
            continue
        part = kept.groupby("group").agg(people=("cluster", "nunique"), orders=("value", "size"))
        part["mean"] = typical(kept)
        ratios = pd.DataFrame(
            [(c.label, c.estimate, c.low, c.high, c.p_value) for c in found], columns=["group", *VALUES[6:]]
        )
        parts.append(part.reset_index().merge(ratios, "left").assign(column=column, reference=reference))
    if not parts:
        return pd.DataFrame(columns=VALUES)
    table = pd.concat(parts, ignore_index=True)[VALUES]
    known = table["p_adjusted"].notna()
    if known.any():
        table.loc[known, "p_adjusted"] = multipletests(table.loc[known, "p_adjusted"], method="fdr_bh")[1]
    return _shown(table)


def most_intent(evidence: Evidence, held_equal: Sequence[str] = ()) -> tuple[pd.DataFrame, list[Text]]:
    """Places by the share of visits that end in a purchase at an equal mix, and whether the first one stands out.

    Shares are drawn towards their mean by as much as chance alone would scatter them (empirical Bayes, variance
    between places by Paule & Mandel): the best of many is else the luckiest. The first place is compared with every
    other; p-values are corrected for all pairs, since it was not named beforehand.

    Returns
    -------
    place, people, visits, raw_share, share, ci_low, ci_high in falling order, and sentences.
    """
    frame = named_visits(evidence)
    if "location" not in frame:
        return pd.DataFrame(columns=INTENT), []
    adjust = covariates(frame, *_held_equal("location", held_equal))
    try:
        kept, reference, _ = comparable(evidence, "sessions", frame, "location")
        estimated(evidence, "location", clustered_risks, kept, reference, adjust)
    except NotTestable as reason:
        return pd.DataFrame(columns=INTENT), [reason.reason]
    table = raw_and_adjusted(kept, reference, adjust).set_index("group")
    table["share"], spread, _ = drawn_together(table["adjusted"].to_numpy(), table["se"].to_numpy() ** 2)
    table["ci_low"] = (table["share"] - Z95 * spread).clip(lower=0)
    table["ci_high"] = (table["share"] + Z95 * spread).clip(upper=1)
    table = table.join(kept.groupby("group")["cluster"].agg(people="nunique", visits="size"))
    table = table.sort_values("share", ascending=False, kind="stable").rename_axis("place").reset_index()
    first, pairs = table.iloc[0], len(table) * (len(table) - 1) / 2
    others = estimated(evidence, "location", clustered_risks, kept, first["place"], adjust)
    alike = [c.label for c in others if c.p_value * pairs > ALPHA]
    interval = first["ci_low"], first["ci_high"]
    said = say("channels.intent.first", place=first["place"], share=first["share"], interval=interval)
    told = say("channels.cannot_tell", others=alike) if alike else say("channels.intent.clear")
    return table.rename(columns={"raw": "raw_share"})[INTENT], [sentences(said, told)]


def raw_and_adjusted(frame: pd.DataFrame, reference: str, adjust: Sequence[str]) -> pd.DataFrame:
    """Shares as they are and with other columns held equal, and how far adjusting moves each difference.

    Takes what `clustered_risks` takes. Returns one row per group, the reference among them: group, raw, adjusted
    (shares), se (of the adjusted share), gap_raw, gap (differences from the reference), shift (gap minus gap_raw),
    shift_se. The standard error of the shift is that of the difference of the two estimates' influence functions,
    summed by person (Tsiatis 2006, Semiparametric Theory and Missing Data, ch. 3).
    """
    raw, adjusted = (_shares_with_influence(frame, reference, columns) for columns in ((), adjust))
    rows = []
    for group in raw:
        (p, of_p), (q, of_q) = raw[group], adjusted[group]
        (p0, of_p0), (q0, of_q0) = raw[reference], adjusted[reference]
        moved = (of_q - of_q0) - (of_p - of_p0)
        rows.append((group, p, q, _norm(of_q), p - p0, q - q0, q - q0 - p + p0, _norm(moved)))
    names = ["group", "raw", "adjusted", "se", "gap_raw", "gap", "shift", "shift_se"]
    return pd.DataFrame(rows, columns=names)


def _shares_with_influence(
    frame: pd.DataFrame, reference: str, adjust: Sequence[str]
) -> dict[str, tuple[float, np.ndarray]]:
    """Per group the standardised share of the logit model and each person's influence on it."""
    fit, X, levels = fitted(frame, "yes", families.Binomial(), reference, adjust)
    x, mean = X.to_numpy(), np.asarray(fit.fittedvalues)
    scores = x * (frame["yes"].to_numpy(float) - mean)[:, None]
    people = pd.DataFrame(scores).groupby(pd.factorize(frame["cluster"])[0]).sum().to_numpy()
    of_beta = np.linalg.solve((x * (mean * (1 - mean))[:, None]).T @ x, people.T)
    found = {}
    for level in [reference, *levels]:
        share, gradient = standardised_risk(X, levels, None if level == reference else level, fit.params.to_numpy())
        found[level] = (share, gradient @ of_beta)
    return found


def _norm(influence: np.ndarray) -> float:
    """The standard error that people's influences add up to."""
    n = len(influence)
    return math.sqrt((influence**2).sum() * n / max(n - 1, 1))
