"""How much each attribute matters to people, how well it is done, and what to mend first.

Importance-performance analysis (Martilla & James 1977): the means over all attributes draw four quadrants.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.beliefs.estimators import mean_gap
from helpers.beliefs.evidence import Evidence
from helpers.beliefs.verdict import Finding, held_together
from helpers.cards.personas import Personas
from helpers.contracts import UNASSIGNED
from helpers.small_cells import withheld
from helpers.study import Study
from helpers.survey.survey import Survey
from helpers.survey.weights import weighted_gap
from helpers.types.answer_columns import unit_of
from helpers.words import Text, say

RESAMPLES = 1999
SETTLED = 0.95
"""An attribute's quadrant is settled when this share of the samples drawn again puts it into the same one."""
EVERYBODY = "all"
_FIGURES = ["importance", "performance", "gap", "ci_low", "ci_high"]


@dataclass(frozen=True)
class Importance:
    """What matters, and what falls short of it.

    table : one row per group x attribute: id ("all", or a group's), handle, attribute, importance and performance
        (weighted means of those who rated both, on the scale as it was asked), gap (importance minus performance,
        scale points) with its 95 % t interval (ci_low, ci_high; `weighted_gap`), n; and for "all" quadrant (its name;
        None for a single attribute) and settled (False: another sample may well place the
        attribute elsewhere). Empty numbers where fewer than the study's smallest cell rated both, and where
        subtraction would give such a cell away.
    told : what to mend first, for all and per group: a sentence each, only where the interval, corrected for the
        number of attributes (and groups), excludes no gap.
    """

    table: pd.DataFrame
    told: tuple[Text, ...]


def importance_gaps(survey: Survey | None, personas: Personas, study: Study) -> Importance | None:
    """Importance, performance and gap per attribute and group; None where no pair was asked and rated."""
    pairs = study.tables.survey.importance_performance if study.tables.survey else {}
    least = study.privacy.min_cell
    if survey is None or not pairs:
        return None
    rated = {name: survey.answers[[*pair]].dropna() for name, pair in pairs.items()}
    names = [name for name, both in rated.items() if len(both) >= least]
    if not names:
        return None
    low, high = study.tables.survey.likert.scale if study.tables.survey.likert else (1, 5)
    columns = [*(rated[name].iloc[:, 0] for name in names), *(rated[name].iloc[:, 1] for name in names)]
    ratings = pd.concat(columns, axis=1).reindex(survey.answers.index).to_numpy() + low
    weight = survey.answers["weight"].to_numpy()
    persona = personas.assignments.set_index("customer_id")["persona"]
    member = unit_of(survey.answers).map(persona).fillna(UNASSIGNED).to_numpy()
    handles = {group.id: group.handle for group in personas.groups}
    spoke = np.isfinite(ratings).any(axis=1)
    parts = {EVERYBODY: spoke} | {i: spoke & (member == i) for i in (*handles, UNASSIGNED)}
    parts = {i: rows for i, rows in parts.items() if rows.any()}
    tests = {i: len(names) * (1 if i == EVERYBODY else len(handles)) for i in parts}
    made = {i: _group(ratings[rows], weight[rows], names, study.seed, tests[i]) for i, rows in parts.items()}
    parts_table = pd.concat([table.assign(id=i) for i, (table, _, _) in made.items()], ignore_index=True)
    groups = parts_table[parts_table["id"] != EVERYBODY]
    groups = withheld(groups, ["n"], least, values=_FIGURES, margins=[["attribute"]])
    table = pd.concat([parts_table[parts_table["id"] == EVERYBODY], groups[groups["id"] != UNASSIGNED]])
    table.loc[table["id"] != EVERYBODY, ["quadrant", "settled"]] = None
    table["quadrant"] = [q and say(f"importance.quadrant.{q}") for q in table["quadrant"]]
    table["handle"] = table["id"].map(handles | {EVERYBODY: say("importance.everybody")})
    order = ["id", "handle", "attribute", *_FIGURES, "n", "quadrant", "settled"]
    table = table[order].reset_index(drop=True).astype({"n": "Int64"})
    everybody = table[table["id"] == EVERYBODY]
    told = [_first(everybody, *made[EVERYBODY][1:], (low, high))]
    for i in (i for i in handles if i in made):
        told += _of_group(table[table["id"] == i], made[i][2])
    return Importance(table, tuple(told))


def _group(
    ratings: np.ndarray, weight: np.ndarray, names: list[str], seed: int, tests: int
) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """The rows of one group, the means in samples drawn again (resamples x importances, then performances), and which
    gaps are clearly above nothing, as one of so many tests.

    ratings : respondents x (importance of each attribute, then performance of each), NaN where not both were rated.
    """
    m = len(names)
    draws = _resampled(ratings, weight, seed)
    means = _means(ratings, weight, np.ones(len(weight)))
    quadrant = quadrants(means[None, :m], means[None, m:])[0]
    again = (quadrants(draws[:, :m], draws[:, m:]) == quadrant).mean(axis=0)
    answered = np.isfinite(ratings[:, :m]).sum(axis=0)
    low, high = _gaps(ratings, weight, 0.05)
    table = pd.DataFrame(
        {
            "attribute": names, "importance": means[:m], "performance": means[m:], "gap": means[:m] - means[m:],
            "ci_low": low, "ci_high": high, "n": answered, "quadrant": quadrant if m > 1 else None,
            "settled": again >= SETTLED if m > 1 else None,
        }
    )  # fmt: skip
    return table.astype({"quadrant": object, "settled": object}), draws, _gaps(ratings, weight, 0.05 / tests)[0] > 0


def quadrants(importance: np.ndarray, performance: np.ndarray) -> np.ndarray:
    """The quadrant of each attribute, per row of means: at the mean over the attributes, or above it, is high."""
    matters = importance >= np.nanmean(importance, axis=1, keepdims=True)
    done = performance >= np.nanmean(performance, axis=1, keepdims=True)
    return np.where(matters, np.where(done, "keep", "mend"), np.where(done, "spare", "leave"))


def _means(ratings: np.ndarray, weight: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Weighted mean of each column, every respondent counted ``counts`` times; NaN where nobody rated."""
    heavy = counts * weight
    total = heavy @ np.isfinite(ratings)
    return np.divide(heavy @ np.nan_to_num(ratings), total, out=np.full(len(total), np.nan), where=total > 0)


def _resampled(ratings: np.ndarray, weight: np.ndarray, seed: int) -> np.ndarray:
    """The means in samples of respondents drawn again, so that both ratings and all attributes stay together."""
    rng, n = np.random.default_rng(seed), len(ratings)
    drawn = (np.bincount(rng.integers(n, size=n), minlength=n) for _ in range(RESAMPLES))
    return np.array([_means(ratings, weight, counts) for counts in drawn])


def _gaps(ratings: np.ndarray, weight: np.ndarray, error: float) -> np.ndarray:
    """Ends of the interval of each gap, 2 x attributes; NaN where fewer than two rated both."""
    m = ratings.shape[1] // 2
    ends = np.full((2, m), np.nan)
    for place, gap in enumerate((ratings[:, :m] - ratings[:, m:]).T):
        both = np.isfinite(gap) & (weight > 0)
        if both.sum() > 1:
            ends[:, place] = weighted_gap(gap[both], weight[both]).tconfint_mean(error)
    return ends


# --- what to mend ------------------------------------------------------------------------------------------------


def _first(rows: pd.DataFrame, draws: np.ndarray, clear: np.ndarray, scale: tuple[int, int]) -> Text:
    """What everybody's answers say should be mended first, together with what cannot be told from it.

    An attribute that clearly matters less than the mean of all is no candidate, however far it falls short.
    """
    important, gaps = draws[:, : len(rows)], draws[:, : len(rows)] - draws[:, len(rows) :]
    below = (important < np.nanmean(important, axis=1, keepdims=True)).mean(axis=0) >= SETTLED
    places = np.flatnonzero(clear & ~below)
    if not len(places):
        return say("importance.nothing")
    first = places[np.argmax(rows["gap"].to_numpy()[places])]
    tied = [p for p in places if p != first and np.nanquantile(gaps[:, first] - gaps[:, p], 0.025) <= 0]
    others = [say("importance.quoted", attribute=rows["attribute"].iloc[p]) for p in tied]
    values = _values(rows.iloc[first]) | {"low": scale[0], "high": scale[1]}
    return say("importance.tied", others=others, **values) if tied else say("importance.first", **values)


def _of_group(rows: pd.DataFrame, clear: np.ndarray) -> list[Text]:
    """The largest gap of one group, where it is clear and may be shown."""
    gap = rows["gap"].where(clear)
    return [] if gap.isna().all() else [say("importance.group", **_values(rows.loc[gap.idxmax()]))]


def _values(row: pd.Series) -> dict[str, object]:
    """One row of the table for a sentence."""
    names = ["handle", "attribute", "importance", "performance", "gap", "n"]
    return row[names].to_dict() | {"interval": (row["ci_low"], row["ci_high"])}


def of_everybody(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of ``Importance.table`` of all who answered."""
    return table[table["id"] == EVERYBODY]


# --- the belief about the largest gap ---------------------------------------------------------------------------------


def importance_performance(evidence: Evidence, sesoi: float) -> Finding:
    """Importance minus performance per attribute, paired by respondent (weighted; t interval); the largest gap first.

    Both questions of a pair must have the same scale. The p-value of the largest gap is corrected for the attributes.
    """
    answers = evidence.survey.answers
    contrasts, n = [], {}
    for attribute, pair in evidence.study.tables.survey.importance_performance.items():
        importance, performance = (pd.to_numeric(answers[question], errors="coerce") for question in pair)
        gap = (importance - performance).dropna()
        if len(gap) >= evidence.least and np.ptp(gap) > 0:
            contrasts.append(mean_gap(gap.to_numpy(), attribute, answers["weight"][gap.index].to_numpy()))
            n[attribute] = len(gap)
    if not contrasts:
        raise evidence.not_testable("few_answers", least=evidence.least)
    contrasts = held_together(sorted(contrasts, key=lambda c: (-c.facts["t"], c.label)))
    first = contrasts[0]
    interval = first.low, first.high
    sentence = say("hypotheses.facts.gap", attribute=first.label, difference=first.estimate, interval=interval)
    return Finding(contrasts, first.p_joint, n, say("hypotheses.method.gap"), sentence, descriptive=True)
