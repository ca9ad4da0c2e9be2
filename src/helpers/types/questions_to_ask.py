"""The fewest survey questions that place a newcomer, and how well they do on people who did not choose them.

Greedy forward selection with naive Bayes: each answer adds its own evidence and a missing one adds none. Choosing is
nested inside cross-validation, since accuracy on the people who chose the questions is too good (Varma & Simon 2006).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.model_selection import StratifiedKFold
from sklearn.naive_bayes import CategoricalNB

from helpers.study import Study
from helpers.survey.survey import Survey
from helpers.types.answer_columns import by_unit
from helpers.types.division import Division
from helpers.words import Text, say

LEAST = 100
"""With fewer respondents who are clear members of a group no question is put forward."""
MOST = 8
"""Questions looked at, at most: more are a survey."""
FOLDS = 5
REPEATS = 3
KINDS = ("likert", "categorical", "tick", "importance")
"""What can be asked of somebody who does not know us yet; how well we do and whether they recommend us cannot."""


@dataclass(frozen=True)
class Questions:
    """Which questions to ask, and what they are worth.

    table : one row per number of questions: n_questions, question (the one that is added, as it was asked; a
        message in the first row and the last),
        balanced_accuracy (mean over groups of the share placed rightly, 0 to 1) with its 95 % interval (ci_low,
        ci_high), all on respondents held out. The first row is a guess, the last all questions together; no rows where
        too few respondents are clear members of a group.
    """

    table: pd.DataFrame
    statement: Text


def questions_to_ask(division: Division, survey: Survey | None, study: Study) -> Questions:
    """The shortest list of questions that one more would better by less than a standard error.

    A respondent's group is the one that the model gives by all that it knows; groups made by rule need no question. A
    tick list is one question with all its options.
    """
    nothing = pd.DataFrame(columns=["n_questions", "question", "balanced_accuracy", "ci_low", "ci_high"])
    if survey is None:
        return Questions(nothing, say("questions.no_survey"))
    answers = by_unit(survey.answers)
    persona = division.assignments.set_index("customer_id")["persona"].reindex(answers.index)
    counts = persona[persona.isin(division.model["ids"])].value_counts()
    groups = sorted(counts.index[counts >= max(study.privacy.min_cell, 2 * FOLDS)])
    answers, persona = answers[persona.isin(groups)], persona[persona.isin(groups)]
    questions = _questions(survey.items, answers, study.privacy.protected)
    if len(persona) < LEAST or len(groups) < 2 or not questions:
        return Questions(nothing, say("questions.few", n=len(persona), least=LEAST))
    codes = {name: _codes(answers[columns]) for name, columns in questions.items()}
    order, right = held_out(codes, persona.map(groups.index).to_numpy(dtype=int), study.seed)
    asked = survey.items.set_index("item")["question"]
    named = [say("questions.guess"), *(asked[questions[name][0]] for name in order)]
    rows = [(n, named[n], *right[n]) for n in range(_enough(right) + 1)]
    rows.append((len(questions), say("questions.all", n=len(questions)), *right[-1]))
    table = pd.DataFrame(rows, columns=[*nothing.columns[:3], "error"])
    reach = 1.96 * table.pop("error")
    table["ci_low"] = (table["balanced_accuracy"] - reach).clip(0)
    table["ci_high"] = (table["balanced_accuracy"] + reach).clip(upper=1)
    return Questions(table, _statement(table, len(persona), len(groups)))


def _questions(items: pd.DataFrame, answers: pd.DataFrame, protected: Iterable[str]) -> dict[str, list[str]]:
    """Each question that may be asked, and that at least half answered, with its columns."""
    questions: dict[str, list[str]] = {}
    for item, kind in zip(items["item"], items["kind"], strict=True):
        name = item.split(": ")[0] if kind == "tick" else item
        if kind in KINDS and name not in protected and answers[item].notna().mean() >= 0.5:
            questions.setdefault(name, []).append(item)
    return questions


def _codes(answers: pd.DataFrame) -> np.ndarray:
    """Answers numbered from 0 in each column; -1 where there is none."""
    return np.column_stack([pd.factorize(answers[name], sort=True)[0] for name in answers])


def _enough(right: list[tuple[float, float]]) -> int:
    """The number of questions after which the next gains less than one standard error (Breiman et al. 1984)."""
    steps = right[:-1]
    return next((n for n in range(len(steps) - 1) if steps[n + 1][0] - steps[n][0] < steps[n + 1][1]), len(steps) - 1)


def _statement(table: pd.DataFrame, n: int, k: int) -> Text:
    guess, best, everything = table.iloc[0], table.iloc[-2], table.iloc[-1]
    return say(
        "questions.none" if len(table) == 2 else "questions.answer",
        n=n,
        k=k,
        guess=guess["balanced_accuracy"],
        right=best["balanced_accuracy"],
        interval=(best["ci_low"], best["ci_high"]),
        everything=everything["balanced_accuracy"],
        all=everything["n_questions"],
        questions=[say("questions.one", question=question) for question in table["question"].iloc[1:-1]],
    )


# --- choosing and checking ---------------------------------------------------------------------------------------


def held_out(codes: dict[str, np.ndarray], truth: np.ndarray, seed: int) -> tuple[list[str], list[tuple[float, float]]]:
    """The questions in the order of choice, and accuracy with its standard error for 0, 1, 2 ... and all of them.

    codes : question -> rows x columns of answers numbered from 0, -1 for none. truth : group of each row, from 0.
    The order is chosen on all rows; the accuracy is that of orders chosen without the fold that they are tried on,
    averaged over several ways to make the folds.
    """
    steps = min(MOST, len(codes))
    right = np.zeros((steps + 2, len(truth)))
    for repeat in range(REPEATS):
        for train, test in StratifiedKFold(FOLDS, shuffle=True, random_state=seed + repeat).split(truth, truth):
            inside = {question: answers[train] for question, answers in codes.items()}
            order = choose(_cross_fitted(inside, truth[train], seed), truth[train], steps)
            known = _evidence(codes, truth, train, test)
            guesses = [np.zeros((len(test), truth.max() + 1)), *(known[question] for question in order)]
            guesses = [*np.cumsum(guesses, axis=0), sum(known.values())]
            right[:, test] += [guess.argmax(axis=1) == truth[test] for guess in guesses]
    order = choose(_cross_fitted(codes, truth, seed), truth, steps)
    return order, [_balanced(row / REPEATS, truth) for row in right]


def choose(evidence: dict[str, np.ndarray], truth: np.ndarray, steps: int) -> list[str]:
    """Questions in the order in which each adds most to the balanced accuracy; of equals the one asked first."""
    order: list[str] = []
    total = np.zeros((len(truth), truth.max() + 1))
    for _ in range(steps):
        left = [question for question in evidence if question not in order]
        order.append(max(left, key=lambda q: _balanced((total + evidence[q]).argmax(axis=1) == truth, truth)[0]))
        total += evidence[order[-1]]
    return order


def _cross_fitted(codes: dict[str, np.ndarray], truth: np.ndarray, seed: int) -> dict[str, np.ndarray]:
    """The evidence of each question for each row, learnt from the other folds."""
    evidence = {question: np.zeros((len(truth), truth.max() + 1)) for question in codes}
    for train, test in StratifiedKFold(FOLDS, shuffle=True, random_state=seed).split(truth, truth):
        for question, found in _evidence(codes, truth, train, test).items():
            evidence[question][test] = found
    return evidence


def _evidence(
    codes: dict[str, np.ndarray], truth: np.ndarray, train: np.ndarray, test: np.ndarray
) -> dict[str, np.ndarray]:
    """What answers of the ``test`` rows say for each group, learnt from ``train``: log-likelihoods, 0 for no answer.

    "No answer" is learnt as one more answer and then taken out, so that silence is no trait.
    """
    levels = {question: answers.max(axis=0) + 1 for question, answers in codes.items()}
    least = np.concatenate(list(levels.values()))
    columns = np.hstack(list(codes.values()))
    bayes = CategoricalNB(min_categories=least + 1).fit(np.where(columns < 0, least, columns)[train], truth[train])
    evidence, tables = {}, iter(bayes.feature_log_prob_)
    for question, answers in codes.items():
        evidence[question] = np.zeros((len(test), truth.max() + 1))
        for column, table in zip(answers[test].T, tables, strict=False):
            given = table[:, :-1] - np.log1p(-np.exp(table[:, -1:]))
            evidence[question][column >= 0] += given[:, column[column >= 0]].T
    return evidence


def _balanced(right: np.ndarray, truth: np.ndarray) -> tuple[float, float]:
    """Mean over groups of the share that is right, and its standard error (groups are independent samples)."""
    sizes = np.bincount(truth)
    shares = np.bincount(truth, right) / sizes
    variances = np.bincount(truth, (right - shares[truth]) ** 2) / sizes
    return float(shares.mean()), float(np.sqrt((variances / sizes).sum()) / len(sizes))
