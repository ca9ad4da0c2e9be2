"""Rules a person can read, grown by small trees: who belongs to a group."""

from __future__ import annotations

from functools import reduce

import numpy as np
import pandas as pd
from sklearn.metrics import balanced_accuracy_score
from sklearn.model_selection import StratifiedKFold
from sklearn.tree import DecisionTreeClassifier

from helpers.cards.traits import Trait
from helpers.words import Quantity, Text, say

LEAF = 50
DEPTH = 3
MOVED = 0.02
"""So many people may stand on the other side of a threshold once it is rounded."""
Branch = dict[tuple[str, bool], float]
"""(column, above) -> the tightest threshold."""


def rule_of(columns: pd.DataFrame, names: dict[str, Trait], member: np.ndarray, seed: int) -> tuple[Text, float | None]:
    """A tree of at most three questions in natural units, in words, and its balanced accuracy on people not seen.

    columns : one row per person, nothing missing. member : True for the group.
    """
    leaf = int(min(LEAF, max(10, member.sum() // 3)))
    if not columns.shape[1] or min(member.sum(), (~member).sum()) < 2 * leaf:
        return say("personas.rule.none"), None

    def grown(at: np.ndarray) -> list[Branch]:
        tree = small_tree(leaf, seed).fit(columns.to_numpy()[at], member[at])
        return [as_said(branch, names, columns) for branch in branches(tree, list(columns))]

    right = np.zeros(len(member), dtype=bool)
    for others, unseen in StratifiedKFold(5, shuffle=True, random_state=seed).split(columns, member):
        right[unseen] = meet(columns.iloc[unseen], grown(others))
    accuracy = balanced_accuracy_score(member, right)
    clauses = []
    for branch in grown(np.arange(len(member))):
        asked = dict.fromkeys(column for column, _ in branch)
        clauses.append(say("personas.rule.all", bounds=[_bounds(names[column], branch) for column in asked]))
    if not clauses:
        return say("personas.rule.none"), None
    return reduce(lambda first, last: say("personas.rule.or", first=first, last=last), clauses), float(accuracy)


def as_said(branch: Branch, names: dict[str, Trait], columns: pd.DataFrame) -> Branch:
    """A branch with its thresholds as people say them: ``56 EUR`` and not ``55.77``, whole per cents.

    The rule that is read is the rule whose accuracy is told. Whole numbers are cut between two of them anyway; another
    threshold keeps a digit more where two would move more than one person in fifty across.
    """

    def said(trait: Trait, cut: float, values: pd.Series) -> float:
        if trait.binary:
            return cut
        if trait.unit == "share":
            return round(cut, 2)
        if trait.unit == "count" and (values % 1 == 0).all():
            return float(np.floor(cut))
        plain = (float(f"{cut:.{digits}g}") for digits in (2, 3))
        return next((one for one in plain if ((values > one) != (values > cut)).mean() <= MOVED), cut)

    return {(column, above): said(names[column], cut, columns[column]) for (column, above), cut in branch.items()}


def meet(columns: pd.DataFrame, found: list[Branch]) -> np.ndarray:
    """Who meets every bound of one of the branches."""
    met = np.zeros(len(columns), dtype=bool)
    for branch in found:
        bounds = [(columns[name] > cut) == above for (name, above), cut in branch.items()]
        met |= np.logical_and.reduce(bounds)
    return met


def _bounds(trait: Trait, branch: Branch) -> Text:
    """``orders over 4``, ``orders from 2 to 5`` in the column's unit."""
    low, high = branch.get((trait.column, True)), branch.get((trait.column, False))
    label = say(f"personas.trait.{trait.key}.label", name=trait.name)
    if trait.binary:
        return say(f"personas.rule.{'no' if low is None else 'yes'}", label=label)
    part = "up_to" if low is None else "over" if high is None else "between"
    return say(f"personas.rule.{part}", label=label, low=_shown(trait, low), high=_shown(trait, high))


def _shown(trait: Trait, cut: float | None) -> Quantity:
    """A threshold in the trait's unit, without a nought that nobody would say: ``9.4``."""
    shown = trait.shown(cut)
    tenths = cut is not None and shown.type == "number" and round(cut) != cut == round(cut, 1)
    return Quantity(shown.value, "number.1") if tenths else shown


def small_tree(leaf: int, seed: int, depth: int = DEPTH, *, even: bool = True) -> DecisionTreeClassifier:
    """At most ``depth`` questions, at least ``leaf`` people behind each answer.

    even : both classes as heavy, so that many of a rare one are met; else a branch says yes where most in it do.
    """
    weight = "balanced" if even else None
    return DecisionTreeClassifier(max_depth=depth, min_samples_leaf=leaf, class_weight=weight, random_state=seed)


def branches(tree: DecisionTreeClassifier, columns: list[str]) -> list[Branch]:
    """Per branch whose leaves all say yes: (column, above) -> the tightest threshold, in the order of the splits."""
    nodes = tree.tree_

    def below(node: int) -> list[Branch]:
        if nodes.children_left[node] == -1:
            return [{}] if nodes.value[node][0].argmax() == 1 else []
        low, high = below(nodes.children_left[node]), below(nodes.children_right[node])
        if low == high == [{}]:
            return [{}]
        column, cut = columns[nodes.feature[node]], float(nodes.threshold[node])
        return [{(column, False): cut} | path for path in low] + [{(column, True): cut} | path for path in high]

    return [branch for branch in below(0) if branch]
