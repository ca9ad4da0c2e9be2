"""From features to the columns that personas are made of, with every transform kept as plain values.

Money, counts and recency are logged, shares become the logit of their beta-binomial posterior mean (so that a spike
of zeros is not a class of its own), everything is winsorised at 1 and 99 %. What is dropped is dropped by name, with
the reason. Answers are coded in answer_columns.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from helpers.columns import FEATURES, WEEKEND, feature, stand_ins
from helpers.contracts import StudyError
from helpers.customers.customers import Customers
from helpers.small_cells import coarse
from helpers.study import Study
from helpers.text import spelt_like
from helpers.words import Said, Text, say

WHOLES = ("day", "daypart", "channel")
"""What shares are shares of, and personas are made of by the two in which customers differ most."""
IDENTITY = 0.95
ROUNDING = 1e-6
"""A share may miss 0 or 1 by this much."""
EXPECTED = 0.05
SAME_ZEROS, IN_STEP = 0.98, 0.80
"""Columns that are zero for the same customers (this share of them) and rank the others alike are one fact."""


@dataclass(frozen=True)
class Prepared:
    """Columns in model units; all frames are indexed by the id of the customer (or respondent).

    behaviour : features in standard units, nothing missing; no columns in a survey-only study.
    likert, categories : answers used by the model, NaN where missing: row-centred ratings and category codes; one row
        per row of ``behaviour`` (all NaN for who did not answer).
    features, likert_rule, category_rules : the transforms as plain JSON values, read by ``behaviour_units`` here and by
        ``likert_units`` and ``category_units`` in answer_columns.py.
    dropped : column -> reason.
    """

    behaviour: pd.DataFrame
    likert: pd.DataFrame
    categories: pd.DataFrame
    features: list[dict[str, Any]]
    likert_rule: dict[str, Any] | None
    category_rules: list[dict[str, Any]]
    dropped: dict[str, Said]

    @property
    def answered(self) -> pd.Series:
        """Who answered at least one of the items that the model uses."""
        return self.likert.notna().any(axis=1) | self.categories.notna().any(axis=1)

    def at(self, rows: np.ndarray) -> Prepared:
        """The same columns for some of the rows."""
        return replace(
            self,
            behaviour=self.behaviour.iloc[rows],
            likert=self.likert.iloc[rows],
            categories=self.categories.iloc[rows],
        )

    @property
    def defining(self) -> tuple[str, ...]:
        """Names of all columns that make the personas."""
        return (*self.behaviour.columns, *self.likert.columns, *self.categories.columns)


# --- transforms --------------------------------------------------------------------------------------------------


def beta_prior(successes: np.ndarray, trials: np.ndarray) -> tuple[float, float, float]:
    """Moment estimate of a beta-binomial: alpha, beta and z of the spread beyond the binomial.

    Kleinman (1973, JASA 68:46) with weights equal to the trials. Neither alpha nor beta falls under one half, so that
    no prior pulls a customer without successes far away from one with a single success.
    """
    n, total = len(trials), trials.sum()
    mean = np.clip(successes.sum() / total, 1e-6, 1 - 1e-6)
    scatter = (trials * (successes / trials - mean) ** 2).sum() / (mean * (1 - mean))
    free = (1 - trials / total).sum()
    room = (trials * (1 - trials / total)).sum() - free
    intraclass = np.clip((scatter - free) / room if room > 0 else 0.0, 0.001, 0.5)
    strength = max(1 / intraclass - 1, 0.5 / min(mean, 1 - mean))
    return float(mean * strength), float((1 - mean) * strength), float((scatter - free) / np.sqrt(2 * n))


def with_weekend(features: pd.DataFrame) -> pd.DataFrame:
    """``features`` and, where Saturday and Sunday are known, ``weekend_share``."""
    if set(WEEKEND) <= set(features.columns):
        return features.assign(weekend_share=features[WEEKEND[0]] + features[WEEKEND[1]])
    return features


def _raw(features: pd.DataFrame, column: str) -> np.ndarray:
    if column not in features:  # a frozen model may ask for what later data no longer hold
        return np.full(len(features), np.nan)
    values = features[column].to_numpy(dtype=float, na_value=np.nan)
    return np.where(np.isfinite(values), values, np.nan)


def _possible(features: pd.DataFrame, rule: dict[str, Any]) -> np.ndarray:
    """A column of a model; what cannot be (an infinite number, a share under 0 or over 1) is not known."""
    values = _raw(features, rule["column"])
    if "trials" not in rule:
        return values
    inside = (values >= -ROUNDING) & (values <= 1 + ROUNDING)
    return np.where(inside, np.clip(values, 0, 1), np.nan)


def _scored(features: pd.DataFrame, rule: dict[str, Any]) -> np.ndarray:
    """A column after its transform, before filling, winsorising and scaling."""
    values = _possible(features, rule)
    if rule["transform"] == "logit of posterior mean":
        trials = np.maximum(_raw(features, rule["trials"]), 0)
        hits = values * trials
        return np.log((hits + rule["alpha"]) / (trials - hits + rule["beta"]))
    return np.log1p(np.maximum(values, 0)) if rule["transform"] == "log1p" else values


def behaviour_units(features: pd.DataFrame, rules: list[dict[str, Any]]) -> pd.DataFrame:
    """Apply the stored transforms: one column per rule in standard units; a missing value becomes the stored median."""
    features, columns = with_weekend(features), {}
    for rule in rules:
        scored = _scored(features, rule)
        filled = np.clip(np.where(np.isnan(scored), rule["fill"], scored), rule["low"], rule["high"])
        columns[rule["column"]] = (filled - rule["centre"]) / rule["scale"]
    return pd.DataFrame(columns, index=features.index)


def any_known(features: pd.DataFrame, rules: list[dict[str, Any]]) -> np.ndarray:
    """Rows of which at least one of the columns is known."""
    features = with_weekend(features)
    return ~np.isnan([np.full(len(features), np.nan), *(_possible(features, rule) for rule in rules)]).all(axis=0)


def learn_feature(features: pd.DataFrame, column: str) -> dict[str, Any] | Said:
    """The transform of one column as plain values, or the reason why it cannot be used.

    Limits and median are published with the model: they are rounded, so that they are nobody's own.
    """
    values = _raw(features, column)
    known = ~np.isnan(values)
    if known.mean() < 0.5:
        return say("personas.dropped.missing")
    rule: dict[str, Any] = {"column": column, "transform": "log1p" if np.nanmin(values) >= 0 else "none"}
    row = feature(column)
    trials = row.trials if row else "orders"
    if column.endswith("_share") and trials in features:
        counted = known & (_raw(features, trials) > 0)
        if not counted.any():
            return say("personas.dropped.no_whole")
        n = _raw(features, trials)[counted]
        alpha, beta, z = beta_prior(values[counted] * n, n)
        rule |= {"transform": "logit of posterior mean", "trials": trials, "alpha": alpha, "beta": beta, "spread_z": z}
    scored = _scored(features, rule)
    low, fill, high = (coarse(limit, 4) for limit in np.nanquantile(scored, [0.01, 0.5, 0.99]))
    clipped = np.clip(np.where(np.isnan(scored), fill, scored), low, high)
    if clipped.std() < 1e-9:
        return say("personas.dropped.constant")
    rule |= {"fill": fill, "low": low, "high": high, "centre": clipped.mean(), "scale": clipped.std()}
    return {key: value if isinstance(value, str) else float(value) for key, value in rule.items()}


def outside(features: pd.DataFrame, rules: list[dict[str, Any]]) -> dict[str, int]:
    """Per column of a model how many hold what it has not learned from: beyond its limits, or what cannot be.

    The model takes the first at its limit and the others as not known; two in a hundred lay beyond the limits when it
    was made, and columns with no more than ``EXPECTED`` are left out.
    """
    features, found = with_weekend(features), {}
    for rule in rules:
        scored, given = _scored(features, rule), features.get(rule["column"], pd.Series(np.nan, features.index)).notna()
        impossible = given.to_numpy() & np.isnan(_possible(features, rule))
        beyond = (scored < rule["low"] - ROUNDING) | (scored > rule["high"] + ROUNDING)
        if (beyond.sum() > EXPECTED * len(features)) or impossible.any():
            found[rule["column"]] = int((beyond | impossible).sum())
    return found


# --- which columns -----------------------------------------------------------------------------------------------


def unknown_name(what: str, given: str, allowed: Iterable[str]) -> StudyError:
    """A fault that names the wrong value, its nearest neighbours and what is allowed."""
    allowed = sorted(allowed)
    near = spelt_like(given, allowed)
    hint = f"Did you mean {', '.join(near)}?" if near else f"Known: {', '.join(allowed) or 'none'}."
    return StudyError(f"study.yml, {what}: there is no column {given!r}. {hint}")


def in_words(column: str) -> Text:
    """A column as readers know it: a feature by its words, a question by its own name."""
    row = feature(column)
    if row is None or not row.shown or row.wording == "day":
        return column.replace("_", " ") if row else column
    return say(f"personas.trait.{row.wording or row.name}.label", name=row.name_in(column).replace("_", " "))


def check_reserved(study: Study, known: Iterable[str]) -> None:
    """Raise StudyError for a name in ``personas.reserve`` that nothing knows."""
    survey = study.tables.survey
    known = {*known, *(row.name for row in FEATURES), *(name for name, _ in (survey.declared if survey else ()))}
    for name in study.personas.reserve:
        if name not in known:
            raise unknown_name("personas.reserve", name, known)


def reserved_columns(study: Study) -> set[str]:
    """Everything kept for tests: reserved columns, what stands for them, and the columns of experiments."""
    experiments = {column for e in study.experiments for column in e.tested}
    return stand_ins(study.personas.reserve) | experiments


def _spread(rule: dict[str, Any]) -> float:
    """Between-customer variance of a true share, by its beta prior; 0 where it does not exceed chance (z < 2.33)."""
    total = rule["alpha"] + rule["beta"]
    return rule["alpha"] * rule["beta"] / total**2 / (total + 1) if rule["spread_z"] > 2.33 else 0.0


def default_features(features: pd.DataFrame) -> list[str]:
    """The compact default: the core, and from weekdays, parts of the day and channels at most two each.

    Of those sets the shares are taken in which customers differ most, and only where they differ more than chance would
    have it; one of each set is always left out, since shares of one whole determine one another.
    """
    core = sorted((row for row in FEATURES if row.makes), key=lambda row: row.makes)
    chosen = [row.name for row in core if row.name in features]
    known = {name: row.attribute for name in features if (row := feature(name))}
    for whole in WHOLES:
        rules = {name: learn_feature(features, name) for name in known if known[name] == whole}
        spread = {name: _spread(rule) for name, rule in rules.items() if isinstance(rule, dict) and "spread_z" in rule}
        ranked = sorted((name for name in spread if spread[name] > 0), key=lambda name: (-spread[name], name))
        chosen += ranked[: min(2, len(rules) - 1)]
    return chosen


def same_fact(one: pd.Series, other: pd.Series) -> bool:
    """Whether two columns are zero for the same customers and in step beyond: a coupon that makes the discount."""
    values = pd.DataFrame({"one": one, "other": other}).astype(float).dropna()
    zero = values == 0
    if len(values) < 2 or not zero.mean().between(0.05, 0.95).all():
        return False
    alike = (zero["one"] == zero["other"]).mean()
    return bool(alike >= SAME_ZEROS and values["one"].corr(values["other"], method="spearman") >= IN_STEP)


def prepare_behaviour(
    customers: Customers, study: Study, rows: np.ndarray
) -> tuple[pd.DataFrame, list[dict[str, Any]], dict[str, Said]]:
    """Behaviour of the customers at ``rows`` of ``customers.features`` in standard units, its rules, what was dropped.

    Raises StudyError for an unknown name in ``personas.features`` or ``personas.reserve``.
    """
    features = with_weekend(customers.features).iloc[rows].set_index("customer_id")
    check_reserved(study, [*features, *customers.held_out, *customers.profile])
    reserved = reserved_columns(study)
    default = study.personas.features == "default"
    rules, dropped, scored = [], {}, {}
    for name in default_features(features) if default else dict.fromkeys(study.personas.features):
        if name not in features:
            raise unknown_name("personas.features", name, features)
        rule = say("personas.dropped.reserved") if name in reserved else learn_feature(features, name)
        if default and isinstance(rule, dict) and "spread_z" in rule and not _spread(rule):
            rule = say("personas.dropped.by_chance")
        if isinstance(rule, dict):
            column = behaviour_units(features, [rule])[name]
            twin = next((kept for kept in scored if abs(np.corrcoef(scored[kept], column)[0, 1]) > IDENTITY), None)
            fact = next((kept for kept in scored if default and same_fact(features[kept], features[name])), None)
            rule = say("personas.dropped.same_fact", column=in_words(fact)) if fact else rule
            rule = say("personas.dropped.twin", column=in_words(twin)) if twin else rule
        if isinstance(rule, Said):
            dropped[name] = rule
        else:
            rules.append(rule)
            scored[name] = column
    most = max(len(features) // 10, 1) if default else len(rules)
    dropped |= {rule["column"]: say("personas.dropped.few_customers", most=most) for rule in rules[most:]}
    return behaviour_units(features, rules[:most]), rules[:most], dropped


# --- the matrix that the gate sees -------------------------------------------------------------------------------


def width(rule: dict[str, Any]) -> int:
    """How many categories a rule codes."""
    return len(rule["categories"]) + (rule["other"] is not None)


def gate_matrix(prepared: Prepared, by: Prepared | None = None, gaps: bool = False) -> np.ndarray:
    """One matrix without gaps: behaviour in standard units, ratings on their pooled scale, categories as dummies.

    Binary columns are centred and never scaled, since z-scores let rare answers dominate. A missing answer takes the
    item's mean, so that it neither joins nor parts anybody; with ``gaps`` it stays NaN. by : the people whose means and
    scale are taken, where they are others.
    """
    by = by or prepared
    blocks = [prepared.behaviour.to_numpy()]
    if prepared.likert.shape[1]:
        ratings, centre = by.likert.to_numpy(), np.nanmean(by.likert.to_numpy(), axis=0)
        blocks.append((prepared.likert.to_numpy() - centre) / np.sqrt(np.nanmean((ratings - centre) ** 2)))
    for rule in prepared.category_rules:
        blocks.append(_dummies(prepared, rule) - np.nanmean(_dummies(by, rule), axis=0))
    matrix = np.hstack(blocks)
    return matrix if gaps else np.nan_to_num(matrix)


def _dummies(prepared: Prepared, rule: dict[str, Any]) -> np.ndarray:
    """A column for each category of an item but the first."""
    codes = prepared.categories[rule["item"]].to_numpy()
    dummies = (codes[:, None] == np.arange(1, width(rule))).astype(float)
    dummies[np.isnan(codes)] = np.nan
    return dummies


def gate_columns(prepared: Prepared) -> list[Text]:
    """What the columns of the gate's matrix are, in words."""
    named: list[Text] = [in_words(column) for column in (*prepared.behaviour.columns, *prepared.likert.columns)]
    for rule in prepared.category_rules:
        values = [*rule["categories"], *([say("map.other")] if rule["other"] is not None else [])][1:]
        ticked = rule["categories"] == [0.0, 1.0]
        named += [rule["item"] if ticked else say("map.answer", item=rule["item"], answer=value) for value in values]
    return named
