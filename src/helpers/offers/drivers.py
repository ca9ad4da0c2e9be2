"""What satisfaction hangs on: the importance of each attribute derived from answers, beside the one that people state.

How much of R2 each attribute brings, averaged over all orders in which the attributes can enter: the Shapley value, as
Lindeman, Merenda & Gold (1980, "LMG"). Exact, over all sets of attributes. It tells what goes with what, and no cause.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from math import factorial

import numpy as np
import pandas as pd
from scipy.stats import f as f_distribution

from helpers.beliefs.verdict import ALPHA
from helpers.cards.cards import Counsel, Handed
from helpers.cards.personas import Personas
from helpers.contracts import UNASSIGNED, Line
from helpers.small_cells import withheld
from helpers.study import Study
from helpers.survey.survey import Survey
from helpers.survey.weights import effective_n
from helpers.types.answer_columns import unit_of
from helpers.words import Text, say

LEAST = 30
"""With fewer answers nothing is derived."""
MOST = 12
"""Attributes, at most: their sets double with each."""
ALIKE = 0.999
"""Attributes whose ratings agree more than this cannot be told apart."""
RESAMPLES = 999
EVERYBODY = "all"
KINDS = ("hidden", "claimed", "both", "neither")
COLUMNS = ["id", "handle", "attribute", "stated", "share", "ci_low", "ci_high", "n", "reading", "kind"]
RIDGE = 1e-9
"""Lets attributes that are exactly alike share what they bring."""


@dataclass(frozen=True)
class Drivers:
    """What the willingness to recommend hangs on, and what people say matters to them.

    table : one row per group x attribute: id ("all", or a group's), handle, attribute, stated (weighted mean of stated
        importance, on the scale as it was asked), share (of the R2 that the ratings explain, 0 to 1), ci_low, ci_high
        (95 %, people drawn again), n (who rated every attribute and said whether they would recommend), reading (the
        kind in words) and kind: "hidden" (hangs on it, stated as less important), "claimed" (the other way round),
        "both", "neither", each only where clear beyond chance; None otherwise. Empty where fewer than 30 answered,
        where the ratings explain nothing, and where a cell would be small.
    told : what was found, or why nothing was.
    """

    table: pd.DataFrame
    told: tuple[Text, ...]


def drivers_of_satisfaction(survey: Survey | None, personas: Personas, study: Study) -> Drivers | None:
    """Derived and stated importance per group; None where nobody was asked for both ratings and recommendation."""
    pairs = study.tables.survey.importance_performance if study.tables.survey else {}
    if survey is None or not pairs or "nps" not in survey.answers:
        return None
    nothing = pd.DataFrame(columns=COLUMNS)
    rated = {name: int(survey.answers[[performance, "nps"]].notna().all(axis=1).sum())
             for name, (_, performance) in pairs.items()}  # fmt: skip
    names = [name for name, n in rated.items() if n >= LEAST]
    if len(names) < 2:
        return Drivers(nothing, (say("drivers.one" if names else "drivers.few", least=LEAST, n=len(names)),))
    if len(names) > MOST:
        return Drivers(nothing, (say("drivers.many", n=len(names), most=MOST),))
    low = (study.tables.survey.likert.scale if study.tables.survey.likert else (1, 5))[0]
    asked = survey.answers[[*(pairs[name][1] for name in names), *(pairs[name][0] for name in names), "nps", "weight"]]
    whole = asked.iloc[:, : len(names)].notna().all(axis=1) & asked["nps"].notna() & (asked["weight"] > 0)
    if whole.sum() < LEAST:
        return Drivers(nothing, (say("drivers.few", least=LEAST),))
    values = asked[whole].to_numpy(dtype=float, copy=True)
    values[:, len(names) : -2] += low
    persona = personas.assignments.set_index("customer_id")["persona"]
    member = unit_of(survey.answers).map(persona).fillna(UNASSIGNED)[whole].to_numpy()
    handles = {group.id: group.handle for group in personas.groups}
    parts = {EVERYBODY: np.full(len(values), True)} | {i: member == i for i in (*handles, UNASSIGNED)}
    parts = {i: rows for i, rows in parts.items() if rows.any()}
    made = [_group(values[rows], names, study.seed).assign(id=i) for i, rows in parts.items()]
    table = pd.concat(made, ignore_index=True)
    table["handle"] = table["id"].map(handles | {EVERYBODY: say("importance.everybody")})
    figures = ["stated", "share", "ci_low", "ci_high"]
    groups = withheld(table[table["id"] != EVERYBODY], ["n"], study.privacy.min_cell, values=figures,
                      margins=[["attribute"]])  # fmt: skip
    table = pd.concat([table[table["id"] == EVERYBODY], groups[groups["id"] != UNASSIGNED]], ignore_index=True)
    clear = table["share"].notna() & table["kind"].isin(KINDS)
    table["kind"] = pd.Series([kind if is_clear else None for kind, is_clear in zip(table["kind"], clear, strict=True)],
                              dtype=object)  # fmt: skip
    table["reading"] = [kind and say(f"drivers.kind.{kind}") for kind in table["kind"]]
    told = (*_of_everybody(table[table["id"] == EVERYBODY], values, names), *_of_groups(table))
    return Drivers(table[COLUMNS].astype({"n": "Int64"}), told)


def for_cards(drivers_of_satisfaction: Drivers | None) -> Handed:
    """What to prove to a persona that recommends by something else than it says; only where that is clear."""
    if drivers_of_satisfaction is None:
        return Handed()
    table = drivers_of_satisfaction.table
    hidden = table[(table["kind"] == "hidden") & (table["id"] != EVERYBODY)].sort_values("share", ascending=False)
    first = hidden.drop_duplicates("id")
    return Handed(
        advice={
            row["id"]: (Counsel(Line("proof", say("drivers.proof", **_values(row)))),) for _, row in first.iterrows()
        }
    )


# --- the sums -----------------------------------------------------------------------------------------------------


def shapley(correlations: np.ndarray) -> np.ndarray:
    """How much of R2 each attribute brings, by the correlations of the attributes and, last, of the outcome.

    correlations : (..., m + 1, m + 1). Returns (..., m); they sum to R2. Each set of attributes is fitted once.
    """
    m = correlations.shape[-1] - 1
    explained = {(): np.zeros(correlations.shape[:-2])}
    for size in range(1, m + 1):
        for chosen in combinations(range(m), size):
            among = correlations[..., chosen, :][..., chosen] + RIDGE * np.eye(size)
            outcome = correlations[..., chosen, m]
            explained[chosen] = (outcome * np.linalg.solve(among, outcome[..., None])[..., 0]).sum(axis=-1)
    weight = [factorial(size) * factorial(m - size - 1) / factorial(m) for size in range(m)]
    brought = np.zeros((*correlations.shape[:-2], m))
    for before in (chosen for chosen in explained if len(chosen) < m):
        for one in set(range(m)) - set(before):
            after = tuple(sorted((*before, one)))
            brought[..., one] += weight[len(before)] * (explained[after] - explained[before])
    return brought


def correlations_of(values: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Weighted correlations of the columns, per row of ``weight``; 0 where a column is all alike.

    values : people x columns. weight : (..., people).
    """
    share = weight / weight.sum(axis=-1, keepdims=True)
    mean = share @ values
    people, k = values.shape
    products = (share @ (values[:, :, None] * values[:, None, :]).reshape(people, k * k)).reshape(
        *share.shape[:-1], k, k
    )
    covariance = products - mean[..., :, None] * mean[..., None, :]
    spread = np.sqrt(np.clip(np.einsum("...jj->...j", covariance), 0, None))
    scale = spread[..., :, None] * spread[..., None, :]
    found = np.divide(covariance, scale, out=np.zeros_like(covariance), where=scale > 1e-12)
    found[..., range(values.shape[1]), range(values.shape[1])] = 1.0
    return found


def _group(values: np.ndarray, names: list[str], seed: int) -> pd.DataFrame:
    """The rows of one group: attribute, stated, share, ci_low, ci_high, n, kind, tied (may be the first as well).

    values : people x (performance of each attribute, importance of each, recommendation, weight).
    """
    m, weight = len(names), values[:, -1]
    nothing = pd.DataFrame({"attribute": names, "n": len(values), "kind": None, "tied": False}).assign(
        stated=np.nan, share=np.nan, ci_low=np.nan, ci_high=np.nan
    )
    if len(values) < LEAST:
        return nothing
    columns = np.column_stack([values[:, :m], values[:, -2]])
    columns = columns - columns.mean(axis=0)
    whole = shapley(correlations_of(columns, weight))
    stated = _stated(values[:, m:-2], weight)
    if not _explains(whole.sum(), effective_n(weight), m):
        return nothing.assign(stated=stated)
    rng, n = np.random.default_rng(seed), len(values)
    drawn = np.array([np.bincount(rng.integers(n, size=n), minlength=n) for _ in range(RESAMPLES)]) * weight
    draws = shapley(correlations_of(columns, drawn))
    shares = draws / draws.sum(axis=1, keepdims=True)
    low, high = np.quantile(shares, [ALPHA / 2, 1 - ALPHA / 2], axis=0)
    said = np.array([_stated(values[:, m:-2], one) for one in drawn])
    behind = np.quantile(shares[:, [whole.argmax()]] - shares, ALPHA / 2, axis=0) > 0
    return nothing.assign(
        tied=~behind, stated=stated, share=whole / whole.sum(), ci_low=low, ci_high=high,
        kind=_kinds(shares - 1 / m, said - said.mean(axis=1, keepdims=True)),
    )  # fmt: skip


def _stated(importance: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """The weighted mean of each attribute's stated importance, of those who stated it."""
    known = np.isfinite(importance)
    total = weight @ known
    return np.divide(weight @ np.nan_to_num(importance), total, out=np.full(len(total), np.nan), where=total > 0)


def _explains(r2: float, n: float, m: int) -> bool:
    """Whether the ratings explain more than chance would: the F test of all of them together."""
    if n <= m + 1:
        return False
    f = (r2 / m) / (max(1 - r2, 1e-12) / (n - m - 1))
    return bool(f_distribution.sf(f, m, n - m - 1) < ALPHA)


def _kinds(derived: np.ndarray, stated: np.ndarray) -> list[str | None]:
    """What is clear of each attribute: whether it brings more, and is stated as more, than the mean of all.

    Resamples x attributes, above or below 0; corrected for the number of attributes.
    """
    tail = ALPHA / derived.shape[1] / 2
    more, less = (derived > 0).mean(axis=0) >= 1 - tail, (derived < 0).mean(axis=0) >= 1 - tail
    over, under = (stated > 0).mean(axis=0) >= 1 - tail, (stated < 0).mean(axis=0) >= 1 - tail
    kinds = np.select(
        [more & under, less & over, more & over, less & under], ["hidden", "claimed", "both", "neither"], ""
    )
    return [str(kind) or None for kind in kinds]


# --- what is said -------------------------------------------------------------------------------------------------


def _of_everybody(rows: pd.DataFrame, values: np.ndarray, names: list[str]) -> list[Text]:
    """What everybody's recommendation hangs on most, what cannot be told apart, and where people say otherwise."""
    m, n = len(names), len(values)
    if rows["share"].isna().all():
        return [say("drivers.nothing", n=n)]
    columns = values[:, :m] - values[:, :m].mean(axis=0)
    together = np.triu(correlations_of(columns, values[:, -1]), 1)
    alike = [say("drivers.alike", a=names[a], b=names[b]) for a, b in np.argwhere(together > ALIKE)]
    first = rows.loc[rows["share"].idxmax()]
    others = [say("importance.quoted", attribute=name) for name in rows.loc[rows["tied"].astype(bool), "attribute"]
              if name != first["attribute"]]  # fmt: skip
    told = [say("drivers.tied" if others else "drivers.first", **_values(first), n_attributes=m, others=others)]
    told += [
        say(f"drivers.{row['kind']}", **_values(row))
        for _, row in rows.iterrows()
        if row["kind"] in ("hidden", "claimed")
    ]
    return [*told, *alike]


def _of_groups(table: pd.DataFrame) -> list[Text]:
    """Where a group's recommendation hangs on what it does not say, or the other way round."""
    apart = table[(table["id"] != EVERYBODY) & table["kind"].isin(["hidden", "claimed"])]
    return [say(f"drivers.group_{row['kind']}", **_values(row)) for _, row in apart.iterrows()]


def _values(row: pd.Series) -> dict[str, object]:
    """One row of the table for a sentence."""
    return row[["handle", "attribute", "share", "n", "stated"]].to_dict() | {
        "interval": (row["ci_low"], row["ci_high"])
    }


def of_everybody(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of all who answered that have a share."""
    return table[(table["id"] == EVERYBODY) & table["share"].notna()]
