"""Rules a person can read, grown by small trees: who belongs to a group, and who costs more than is brought."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce

import numpy as np
import pandas as pd
from sklearn.metrics import balanced_accuracy_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.tree import DecisionTreeClassifier

from helpers.data.customers import Customers
from helpers.personas.traits import Trait
from helpers.study import Study
from helpers.wording import Words

LEAF = 50
DEPTH = 3

TRAITS = ("return_share", "discount_share", "coupon_share", "complaints", "single_item_share", "average_order_value")
"""Features that a rule may use, beside shares of orders by channel."""
AT_ACQUISITION = ("acquisition_cost", "acquisition_channel", "job_role", "preferred_channel", "location", "language")
"""What a profile tells of a customer before the first order; a rule may use what is not protected."""
NEVER = ("sex", "age", "nationality", "country", "health")
"""Never in a rule, whatever the study says; a country tells nationality."""
COLUMNS = {"place": ("location",)}
"""Protected attributes that have a column under another name."""


@dataclass(frozen=True)
class Condition:
    """One step of a rule: a column above the threshold, or not above it."""

    column: str
    above: bool
    threshold: float


Conditions = tuple[Condition, ...]


# --- rules for those who cost more than they bring ---------------------------------------------------------------


def rule_traits(customers: Customers, study: Study) -> pd.DataFrame:
    """What a rule may be made of, per customer_id: no protected attribute, numbers with gaps filled by the median.

    Texts become ``column=value`` (0 or 1) for values of at least 50 customers.
    """
    protected = {*NEVER, *study.privacy.protected}
    protected |= {column for name in study.privacy.protected for column in COLUMNS.get(name, ())}
    features = customers.features.set_index("customer_id")
    profile = customers.profile.set_index("customer_id").reindex(features.index)
    channels = [name for name in features if name.startswith("channel_") and name.endswith("_share")]
    traits = {name: features[name].astype(float) for name in (*TRAITS, *channels) if name in features}
    for name in AT_ACQUISITION:
        if name in profile and pd.api.types.is_numeric_dtype(profile[name]):
            traits[name] = profile[name]
        elif name in profile:
            counts = profile[name].value_counts()
            for value in sorted(counts.index[counts >= LEAF]):
                traits[f"{name}={value}"] = (profile[name] == value).astype(float)
    kept = {name: column for name, column in traits.items() if name.split("=")[0] not in protected}
    frame = pd.DataFrame(kept, index=features.index)
    return frame.fillna(frame.median()).dropna(axis="columns")


def halves(ids: pd.Index, seed: int) -> tuple[pd.Index, pd.Index]:
    """Two random halves of the customers: one to grow rules on, one to measure them on."""
    mixed = pd.Index(np.random.default_rng(seed).permutation(ids.sort_values().to_numpy()))
    return mixed[: len(mixed) // 2], mixed[len(mixed) // 2 :]


def grow_rules(traits: pd.DataFrame, loses: pd.Series, seed: int) -> tuple[Conditions, ...]:
    """Readable rules for the customers who cost more than they bring: the leaves of a tree of depth 3, 50 in each.

    Leaves that only cut a losing branch in two are merged. Thresholds are rounded to what is printed, so that the rule
    that is read is the rule that was measured. No rule where all customers, or none, would meet it.
    """
    if loses.nunique() < 2 or traits.empty:
        return ()
    tree = DecisionTreeClassifier(max_depth=DEPTH, min_samples_leaf=LEAF, class_weight="balanced", random_state=seed)
    found = tree.fit(traits.to_numpy(), loses.to_numpy()).tree_

    def losing(node: int) -> list[Conditions]:
        if found.children_left[node] == -1:
            return [()] if found.value[node][0].argmax() == 1 else []
        low, high = losing(found.children_left[node]), losing(found.children_right[node])
        if low == high == [()]:
            return [()]
        column = traits.columns[found.feature[node]]
        cut = _readable(column, float(found.threshold[node]))
        return [(Condition(column, False, cut), *path) for path in low] + [
            (Condition(column, True, cut), *path) for path in high
        ]

    return tuple(_tightest(rule) for rule in losing(0) if rule)


def _readable(column: str, threshold: float) -> float:
    """A threshold as it is printed: whole per cents, whole complaints, money as Words.money rounds it."""
    if column.endswith("_share"):
        return round(threshold, 2)
    if column == "complaints":
        return float(np.floor(threshold))
    return threshold if "=" in column else float(round(threshold, 0 if abs(threshold) >= 100 else 2))


def _tightest(rule: Conditions) -> Conditions:
    """A rule without conditions that a later one on the same column implies; the order of splits is kept."""
    last = {(condition.column, condition.above): condition for condition in rule}
    return tuple(last.values())


def matches(traits: pd.DataFrame, rule: Conditions) -> pd.Series:
    """Who meets every condition of a rule."""
    inside = pd.Series(True, index=traits.index)
    for condition in rule:
        inside &= meets(traits, condition)
    return inside


def meets(traits: pd.DataFrame, condition: Condition) -> pd.Series:
    """Who meets one condition."""
    above = traits[condition.column] > condition.threshold
    return above if condition.above else ~above


def rule_text(rule: Conditions, words: Words) -> str:
    """A rule as a sentence: ``Customers who return more than 30 % of their order lines and ...``."""
    return words.say("negative.rule", conditions=words.listing([phrase(condition, words) for condition in rule]))


def phrase(condition: Condition, words: Words, part: str = "trait") -> str:
    """One condition in words (``trait``) or as a short label (``short``)."""
    column, _, value = condition.column.partition("=")
    if column.startswith("channel_"):
        column, value = "channel", column.removeprefix("channel_").removesuffix("_share").replace("_", " ")
    key = f"negative.{part}.{column}.{'above' if condition.above else 'below'}"
    if condition.threshold == 0 and words.has(f"{key}_nothing"):
        return words.say(f"{key}_nothing")
    show = {"complaints": words.number, "average_order_value": words.money, "acquisition_cost": words.money}
    return words.say(key, value=show.get(column, words.percent)(condition.threshold), name=words.theirs(value))


# --- rules for the members of a group ----------------------------------------------------------------------------


def rule_of(
    columns: pd.DataFrame, names: dict[str, Trait], member: np.ndarray, seed: int, words: Words
) -> tuple[str, float | None]:
    """A tree of at most three questions in natural units, in words, and its balanced accuracy on people not seen.

    columns : one row per person, nothing missing. member : True for the group.
    """
    leaf = int(min(50, max(10, member.sum() // 3)))
    if not columns.shape[1] or min(member.sum(), (~member).sum()) < 2 * leaf:
        return words.say("personas.rule.none"), None
    tree = DecisionTreeClassifier(max_depth=3, min_samples_leaf=leaf, class_weight="balanced", random_state=seed)
    folds = StratifiedKFold(5, shuffle=True, random_state=seed)
    accuracy = balanced_accuracy_score(member, cross_val_predict(tree, columns.to_numpy(), member, cv=folds))
    tree.fit(columns.to_numpy(), member)
    clauses = [
        words.listing([_bounds(names[column], low, high, words) for column, (low, high) in path.items()])
        for path in _member_paths(tree, list(columns))
    ]
    if not clauses or not all(clauses):
        return words.say("personas.rule.none"), None
    return reduce(lambda first, last: words.say("personas.rule.or", first=first, last=last), clauses), float(accuracy)


def _member_paths(tree: DecisionTreeClassifier, columns: list[str]) -> list[dict[str, tuple[float, float]]]:
    """Per branch whose leaves all say "member": column -> (above, up to)."""
    nodes, paths = tree.tree_, []

    def verdicts(node: int) -> set[bool]:
        if nodes.children_left[node] < 0:
            return {bool(nodes.value[node][0][1] > nodes.value[node][0][0])}
        return verdicts(nodes.children_left[node]) | verdicts(nodes.children_right[node])

    def walk(node: int, path: dict[str, tuple[float, float]]) -> None:
        said_here = verdicts(node)
        if said_here == {True}:
            paths.append(path)
        elif True in said_here:
            column, cut = columns[nodes.feature[node]], float(nodes.threshold[node])
            low, high = path.get(column, (-np.inf, np.inf))
            walk(nodes.children_left[node], path | {column: (low, min(high, cut))})
            walk(nodes.children_right[node], path | {column: (max(low, cut), high)})

    walk(0, {})
    return paths


def _bounds(trait: Trait, low: float, high: float, words: Words) -> str:
    """``orders over 4``, ``orders from 2 to 5`` in the column's unit."""
    show = {"share": words.percent, "money": words.money}.get(trait.unit, words.number)
    label = words.say(f"personas.trait.{trait.key}.label", name=trait.name)
    if trait.binary:
        return words.say(f"personas.rule.{'yes' if np.isfinite(low) else 'no'}", label=label)
    part = "between" if np.isfinite(low) and np.isfinite(high) else "over" if np.isfinite(low) else "up_to"
    return words.say(f"personas.rule.{part}", label=label, low=show(low), high=show(high))
