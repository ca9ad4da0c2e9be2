"""MaxDiff: how much each of several items matters, from choices of the best and the worst; for all, groups and each.

The best of a set is chosen by worth and the worst of the others by worth turned round (Louviere, Flynn & Marley 2015,
Best-Worst Scaling; the sequential model), and worths differ between people as those of offers do (`mixed_logit`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.cards.personas import Personas
from helpers.offers.asked.market import between, fits_of
from helpers.offers.asked.mixed_logit import choose, fit_mixed, shares_of
from helpers.offers.asked.who import least_of, who_answered
from helpers.offers.choice_logit import Attribute, Tasks, decided, fit, untold
from helpers.small_cells import nameable
from helpers.sources import BestWorst, BestWorstTask
from helpers.study import Study
from helpers.survey.survey import Survey
from helpers.text import fold, folded
from helpers.words import Text, say

SCORES = ["exercise", "id", "handle", "item", "score", "ci_low", "ci_high", "balance", "n"]


@dataclass(frozen=True)
class Scores:
    """What matters most of several items.

    table : exercise, id, handle, item, score (share of people who would take the item as the best of all) with its
        interval, balance (times best less times worst, of the times it was shown; as it was counted), n (people).
    own : exercise, respondent_id, item, score; for the analyst, never published.
    """

    table: pd.DataFrame
    own: pd.DataFrame
    told: tuple[Text, ...]


@dataclass(frozen=True)
class Picks:
    """Answers that can be used, a row each: respondent (place in the survey), shown (flags of items), best and worst.

    unused : answers that name no best and worst of what was shown.
    """

    items: list[str]
    respondent: np.ndarray
    shown: np.ndarray
    best: np.ndarray
    worst: np.ndarray
    unused: int


def best_and_worst(survey: Survey | None, personas: Personas, study: Study) -> Scores:
    """Scores of the items of every MaxDiff exercise."""
    source = study.tables.survey
    nobody = pd.DataFrame(columns=["exercise", "respondent_id", "item", "score"])
    if survey is None or source is None or not source.best_worst:
        return Scores(pd.DataFrame(columns=SCORES), nobody, (say("best_worst.none"),))
    tables, own, told = [], [], []
    for name, asked in source.best_worst.items():
        question = source.questions.get(name, name.replace("_", " "))
        picks = picks_of(survey.answers, asked, study.privacy.min_cell)
        people = np.unique(picks.respondent)
        if len(people) < least_of(study):
            told.append(say("best_worst.few", question=question, least=least_of(study)))
            continue
        tasks = tasks_of(picks)
        items = [Attribute(item, (), (at,)) for at, item in enumerate(picks.items[1:])]
        if untold(tasks) or decided(tasks, items):
            told.append(say("best_worst.untold", question=question))
            continue
        who = who_answered(survey.answers["respondent_id"].iloc[people], survey, personas, study)
        mixed = fit_mixed(tasks, fit(tasks).worth, seed=study.seed)
        alone = np.vstack([np.zeros(len(items)), np.eye(len(items))])
        inside = {i: flags for i, (_, flags) in who.groups("").items()}
        rows, silent = [], list(who.silent)
        for i, handle, own_fit in fits_of(mixed, tasks, items, who, study.seed):
            if own_fit is None:
                silent.append(handle)
                continue
            counted = balance(picks, people[inside[i]])
            for item, share, error, count in zip(picks.items, *shares_of(own_fit, alone), counted, strict=True):
                rows.append((question, i, handle, item, share, *between(share, error), count, int(inside[i].sum())))
        tables.append(pd.DataFrame(rows, columns=SCORES))
        ids = survey.answers["respondent_id"].iloc[people].to_numpy()
        scores = pd.DataFrame(choose(mixed, alone), columns=picks.items).assign(exercise=question, respondent_id=ids)
        own.append(scores.melt(["exercise", "respondent_id"], var_name="item", value_name="score"))
        told += _told(tables[-1], question, picks, len(people), study)
        told += [say("best_worst.silent", question=question, handles=silent)] if silent else []
    told += [say("best_worst.limits")] if tables else []
    whole = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=SCORES)
    return Scores(whole, pd.concat(own, ignore_index=True) if own else nobody, tuple(told))


def scores_file(best_worst: Scores) -> pd.DataFrame | None:
    """Each person's scores for the analyst; None where there are none."""
    return None if best_worst.own.empty else best_worst.own


# --- the answers -------------------------------------------------------------------------------------------------


def picks_of(answers: pd.DataFrame, asked: BestWorst, least: int = 1) -> Picks:
    """The answers to one exercise; a task of which nothing is filled was not answered and is not counted.

    least : people who must have been shown an item whose name stands in the answers only.
    """
    items = list(dict.fromkeys(item for task in asked.tasks for item in _items_of(task, answers, least)))
    codes = {fold(item): code for code, item in enumerate(items)}
    parts, unused = [], 0
    for task in asked.tasks:
        best, worst, shown = _grid(task, asked, answers, codes) if task.columns else _pair(task, answers, codes)
        given = (best != -1) | (worst != -1)
        known = (best >= 0) & (worst >= 0) & (best != worst) & (shown.sum(axis=1) > 2)
        known[known] = shown[known, best[known]] & shown[known, worst[known]]
        unused += int((given & ~known).sum())
        parts.append((np.flatnonzero(known), shown[known], best[known], worst[known]))
    who, shown, best, worst = (np.concatenate(part) for part in zip(*parts, strict=True))
    return Picks(items, who, shown, best, worst, unused)


def _items_of(task: BestWorstTask, answers: pd.DataFrame, least: int) -> list[str]:
    """The items of a task: those listed, or what its columns name for enough people, in the order of the alphabet."""
    if not task.shown:
        return task.items or list(task.columns)
    given = answers[task.shown].stack().str.strip()
    people = pd.Series(given.index.get_level_values(0), given.index)
    return sorted(item for item in nameable(given, least, people) if item)


def _codes(cells: pd.Series, codes: dict[str, int]) -> np.ndarray:
    """Codes of the items that cells name; -1 where a cell is empty, -2 where it names none."""
    text = folded(cells)
    filled = text.notna() & (text != "")
    return np.where(filled, text.map(codes).fillna(-2), -1).astype(int)


def _pair(
    task: BestWorstTask, answers: pd.DataFrame, codes: dict[str, int]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Best, worst and what was shown, from a column each."""
    shown = np.zeros((len(answers), len(codes)), dtype=bool)
    if task.shown:
        for name in task.shown:
            at = _codes(answers[name], codes)
            shown[np.flatnonzero(at >= 0), at[at >= 0]] = True
    else:
        shown[:, [codes[fold(item)] for item in task.items]] = True
    return _codes(answers[task.best], codes), _codes(answers[task.worst], codes), shown


def _grid(
    task: BestWorstTask, asked: BestWorst, answers: pd.DataFrame, codes: dict[str, int]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Best, worst and what was shown, from a column per item; -2 where one mark was given to none or to several."""
    at = np.array([codes[fold(item)] for item in task.columns])
    cells = pd.concat([folded(answers[header]) for header in task.columns.values()], axis=1).to_numpy()
    filled = (pd.notna(cells) & (cells != "")).any(axis=1)
    marks = []
    for words in (asked.best, asked.worst):
        hit = np.isin(cells.astype(str), [fold(word) for word in words])
        marks.append(np.where(hit.sum(axis=1) == 1, at[hit.argmax(axis=1)], np.where(filled, -2, -1)))
    shown = np.zeros((len(answers), len(codes)), dtype=bool)
    shown[:, at] = True
    return marks[0], marks[1], shown


def tasks_of(picks: Picks) -> Tasks:
    """Two choices an answer: the best of what was shown, and of the others the worst, with worths turned round."""
    size, m = len(picks.best), len(picks.items)
    rows, items = np.nonzero(picks.shown)
    others = items != picks.best[rows]
    task = np.concatenate([2 * rows, 2 * rows[others] + 1])
    item = np.concatenate([items, items[others]])
    sign = np.concatenate([np.ones(len(rows)), -np.ones(others.sum())])
    chosen = np.concatenate([items == picks.best[rows], items[others] == picks.worst[rows[others]]])
    X = (np.eye(m)[item] * sign[:, None])[:, 1:]
    order = np.argsort(task, kind="stable")
    respondent = np.unique(picks.respondent, return_inverse=True)[1][np.concatenate([rows, rows[others]])]
    assert len(np.unique(task)) == 2 * size
    return Tasks(X[order], chosen[order], np.unique(task[order], return_inverse=True)[1], respondent[order])


def balance(picks: Picks, people: np.ndarray) -> np.ndarray:
    """Of the times that each item was shown to some people, how often it was best less how often it was worst."""
    own, m = np.isin(picks.respondent, people), len(picks.items)
    net = np.bincount(picks.best[own], minlength=m) - np.bincount(picks.worst[own], minlength=m)
    return net / np.maximum(picks.shown[own].sum(axis=0), 1)


def _told(table: pd.DataFrame, question: str, picks: Picks, people: int, study: Study) -> list[Text]:
    """The first and the last item of all, and of each group whose first is another."""
    told = [say("best_worst.who", question=question, n=people, answers=len(picks.best), items=len(picks.items))]
    first_of_all = None
    for _, rows in table.groupby("id", sort=False):
        ranked = rows.sort_values("score", ascending=False, kind="stable")
        first, second, last = ranked.iloc[0], ranked.iloc[1], ranked.iloc[-1]
        values = {"item": first["item"], "score": first["score"], "low": first["ci_low"], "high": first["ci_high"]}
        if first_of_all is None:
            first_of_all = first["item"]
            tied = first["ci_low"] <= second["score"]
            key = "best_worst.tied" if tied else "best_worst.first"
            told.append(say(key, **values, second=second["item"], last=last["item"], least=last["score"]))
        elif first["item"] != first_of_all and first["ci_low"] > second["score"]:
            told.append(say("best_worst.group", handle=first["handle"], **values))
    few = picks.unused < study.privacy.min_cell
    if picks.unused:
        told.append(say("best_worst.unused_few" if few else "best_worst.unused", n=picks.unused))
    return told
