"""How much each attribute matters to people, how well it is done, and what to mend first.

Importance-performance analysis (Martilla & James 1977): the means over all attributes draw four quadrants.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.beliefs.estimators import mean_gap
from helpers.beliefs.evidence import Evidence
from helpers.beliefs.verdict import Finding
from helpers.cards.personas import Personas
from helpers.contracts import UNASSIGNED
from helpers.privacy import suppress
from helpers.study import Study
from helpers.survey.survey import Survey
from helpers.types.answer_columns import unit_of
from helpers.words import Words, say

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
        scale points) with its 95 % bootstrap interval over respondents (ci_low, ci_high), n; and for "all" quadrant
        (its name; None for a single attribute) and settled (False: another sample may well place the
        attribute elsewhere). Empty numbers where fewer than the study's smallest cell rated both, and where
        subtraction would give such a cell away.
    told : what to mend first, for all and per group: a sentence each, only where the interval, corrected for the
        number of attributes (and groups), excludes no gap.
    """

    table: pd.DataFrame
    told: tuple[str, ...]


def importance_gaps(survey: Survey | None, personas: Personas, study: Study, words: Words) -> Importance | None:
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
    made = {i: _group(ratings[rows], weight[rows], names, study.seed) for i, rows in parts.items()}
    parts_table = pd.concat([table.assign(id=i) for i, (table, _) in made.items()], ignore_index=True)
    groups = parts_table[parts_table["id"] != EVERYBODY]
    groups = suppress(groups, "n", least, values=_FIGURES, margins=[["attribute"]]).drop(columns="shown")
    table = pd.concat([parts_table[parts_table["id"] == EVERYBODY], groups[groups["id"] != UNASSIGNED]])
    table.loc[table["id"] != EVERYBODY, ["quadrant", "settled"]] = None
    table["quadrant"] = [q and words.say(f"importance.quadrant.{q}") for q in table["quadrant"]]
    table["handle"] = table["id"].map(handles | {EVERYBODY: words.say("importance.everybody")})
    order = ["id", "handle", "attribute", *_FIGURES, "n", "quadrant", "settled"]
    table = table[order].reset_index(drop=True).astype({"n": "Int64"})
    everybody = table[table["id"] == EVERYBODY]
    told = [_first(everybody, made[EVERYBODY][1], (low, high), words)]
    for i in (i for i in handles if i in made):
        told += _of_group(table[table["id"] == i], made[i][1], len(names) * len(handles), words)
    return Importance(table, tuple(told))


def _group(ratings: np.ndarray, weight: np.ndarray, names: list[str], seed: int) -> tuple[pd.DataFrame, np.ndarray]:
    """The rows of one group, and the means in samples drawn again (resamples x importances, then performances).

    ratings : respondents x (importance of each attribute, then performance of each), NaN where not both were rated.
    """
    m = len(names)
    draws = _resampled(ratings, weight, seed)
    means = _means(ratings, weight, np.ones(len(weight)))
    gaps = draws[:, :m] - draws[:, m:]
    quadrant = quadrants(means[None, :m], means[None, m:])[0]
    again = (quadrants(draws[:, :m], draws[:, m:]) == quadrant).mean(axis=0)
    answered = np.isfinite(ratings[:, :m]).sum(axis=0)
    low, high = _quantiles(gaps, 0.05)
    table = pd.DataFrame(
        {
            "attribute": names, "importance": means[:m], "performance": means[m:], "gap": means[:m] - means[m:],
            "ci_low": low, "ci_high": high, "n": answered, "quadrant": quadrant if m > 1 else None,
            "settled": again >= SETTLED if m > 1 else None,
        }
    )  # fmt: skip
    return table.astype({"quadrant": object, "settled": object}), draws


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


def _quantiles(draws: np.ndarray, error: float) -> tuple[np.ndarray, np.ndarray]:
    """Percentile interval of each column; NaN where there is nothing to rank."""
    some = np.isfinite(draws).any(axis=0)
    ends = np.full((2, draws.shape[1]), np.nan)
    ends[:, some] = np.nanquantile(draws[:, some], [error / 2, 1 - error / 2], axis=0)
    return ends[0], ends[1]


# --- what to mend ------------------------------------------------------------------------------------------------


def _first(rows: pd.DataFrame, draws: np.ndarray, scale: tuple[int, int], words: Words) -> str:
    """What everybody's answers say should be mended first, together with what cannot be told from it.

    An attribute that clearly matters less than the mean of all is no candidate, however far it falls short.
    """
    important, gaps = draws[:, : len(rows)], draws[:, : len(rows)] - draws[:, len(rows) :]
    below = (important < np.nanmean(important, axis=1, keepdims=True)).mean(axis=0) >= SETTLED
    places = np.flatnonzero((_quantiles(gaps, 0.05 / len(rows))[0] > 0) & ~below)
    if not len(places):
        return words.say("importance.nothing")
    first = places[np.argmax(rows["gap"].to_numpy()[places])]
    tied = [p for p in places if p != first and np.nanquantile(gaps[:, first] - gaps[:, p], 0.025) <= 0]
    others = words.listing([f"“{words.theirs(rows['attribute'].iloc[p])}”" for p in tied])
    values = _values(rows.iloc[first], words) | {"others": others, "low": scale[0], "high": scale[1]}
    return words.say("importance.tied" if tied else "importance.first", **values)


def _of_group(rows: pd.DataFrame, draws: np.ndarray, tests: int, words: Words) -> list[str]:
    """The largest gap of one group, where it is clear and may be shown."""
    gaps = draws[:, : len(rows)] - draws[:, len(rows) :]
    gap = rows["gap"].where(_quantiles(gaps, 0.05 / tests)[0] > 0)
    return [] if gap.isna().all() else [words.say("importance.group", **_values(rows.loc[gap.idxmax()], words))]


def _values(row: pd.Series, words: Words) -> dict[str, str]:
    """One row of the table for a sentence."""
    return {
        "handle": row["handle"],
        "attribute": words.theirs(row["attribute"]),
        "importance": words.number(row["importance"], 1),
        "performance": words.number(row["performance"], 1),
        "gap": words.number(row["gap"]),
        "interval": words.interval(row["ci_low"], row["ci_high"]),
        "n": words.number(row["n"], 0),
    }


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
    contrasts.sort(key=lambda c: (-c.facts["t"], c.label))
    first = contrasts[0]
    interval = first.low, first.high
    sentence = say("hypotheses.facts.gap", attribute=first.label, difference=first.estimate, interval=interval)
    p = min(1.0, first.p_value * len(contrasts))
    return Finding(tuple(contrasts), p, n, say("hypotheses.method.gap"), sentence, descriptive=True)
