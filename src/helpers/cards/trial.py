"""What if: the personas under other settings beside those of the study, to look at and never to publish."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
from scipy.optimize import linear_sum_assignment

from helpers.cards.personas import Group, Personas
from helpers.cards.profile import find_personas
from helpers.contracts import K_RANGE, UNASSIGNED, StudyError
from helpers.customers.customers import Customers
from helpers.read.load import LoadedTables
from helpers.study import Study
from helpers.survey.survey import Survey
from helpers.types.pool import Unsliced, gather
from helpers.words import NOT_KNOWN, Quantity, Said, Text, few, say

QUICK_DRAWS = 99
"""Data sets without types against which other settings are tried; the samples drawn again are as many as the study's,
since labels other than natural rest on them."""


@dataclass(frozen=True)
class Trial:
    """Two divisions of the same customers.

    table : one row per figure and per pair of groups that share the most customers: what, as_it_is, as_tried (text).
    told : what the trial shows, in sentences.
    """

    table: pd.DataFrame
    told: tuple[Text, ...]


def what_if(
    customers: Customers | None,
    survey: Survey | None,
    personas: Personas,
    study: Study,
    tables: LoadedTables | None = None,
    *,
    try_features: str = "",
    try_k: int = 0,
    try_reserve: str = "",
    bootstrap: int = 50,
    null_draws: int = 199,
) -> Trial:
    """The personas under other settings beside those of the study, judged by ``QUICK_DRAWS`` data sets without types.

    try_features, try_reserve : names separated by commas; empty ones, and a ``try_k`` of 0, stay as in the study. In a
    study without sales the features are survey items. Raises StudyError for what cannot be.
    """
    other, tried = _otherwise(customers, study, try_features, try_k, try_reserve)
    if personas.structure.kind == "not asked":
        return Trial(pd.DataFrame(), (say("trial.none"),))
    if not tried:
        names = survey.items["item"] if customers is None else customers.features.columns.drop("customer_id")
        return Trial(pd.DataFrame(), (say("trial.how", names=names),))
    draws = min(null_draws, QUICK_DRAWS)
    try:
        found = find_personas(customers, survey, other, tables, bootstrap=bootstrap, null_draws=draws)
    except StudyError as fault:
        raise StudyError(f"what if: {fault}") from fault
    trial = side_by_side(personas, found, tried, study.privacy.min_cell)
    hurried = say("trial.quick", draws=draws, all=null_draws)
    return trial if draws == null_draws else replace(trial, told=(*trial.told, hurried))


def refuse_untriable(
    customers: Customers | None,
    survey: Survey | None,
    study: Study,
    *,
    try_features: str = "",
    try_k: int = 0,
    try_reserve: str = "",
) -> None:
    """Raise StudyError for other settings that ``what_if`` could not look at."""
    other, tried = _otherwise(customers, study, try_features, try_k, try_reserve)
    if tried:
        try:
            gather(customers, survey, other)
        except Unsliced:
            return
        except StudyError as fault:
            raise StudyError(f"what if: {fault}") from fault


def _otherwise(
    customers: Customers | None, study: Study, features: str, k: int, reserve: str
) -> tuple[Study, dict[str, Any]]:
    """The study under other settings, written as a notebook's parameters are, and which they are."""
    listed, kept = ([part.strip() for part in text.split(",") if part.strip()] for text in (features, reserve))
    return with_settings(customers, study, listed, k, kept)


def with_settings(
    customers: Customers | None, study: Study, features: list[str], k: int, reserve: list[str]
) -> tuple[Study, dict[str, Any]]:
    """The study under other settings, and which they are. Raises StudyError for a k that cannot be."""
    lists = {"survey" if customers is None else "features": features, "reserve": reserve}
    tried: dict[str, Any] = {name: columns for name, columns in lists.items() if columns}
    if k and k not in K_RANGE:
        raise StudyError(f"what if: try_k is {k}; allowed are {K_RANGE[0]} to {K_RANGE[-1]}")
    tried |= {"k": k} if k else {}
    return study.model_copy(update={"personas": study.personas.model_copy(update=tried)}), tried


def side_by_side(now: Personas, tried: Personas, settings: dict[str, Any], least: int) -> Trial:
    """The study's personas beside those of other ``settings``, which the sentence names; no count under ``least``."""
    twins, changed = twin_groups(now.assignments, tried.assignments)
    n = len(now.assignments)
    count = few(changed, least) if 0 < changed < least else say("trial.count", n=changed, share=changed / n)
    ours, theirs = _figures(now), _figures(tried)
    rows = [(what, ours[what], theirs[what]) for what in ours]
    rest = {group.id: group for group in tried.groups}
    pairs = [(group, rest.pop(twins.get(group.id, ""), None)) for group in now.groups]
    pairs += [(None, group) for group in rest.values()]
    rows += [(say("trial.group", number=i), *map(_group, pair)) for i, pair in enumerate(pairs, 1)]
    rows.append((say("trial.changed"), NOT_KNOWN, count))
    made = [
        say("trial.setting", name=name, value=", ".join(value) if isinstance(value, list) else value)
        for name, value in settings.items()
    ]
    label = say("trial.label", settings=made, now=_kind(now), tried=_kind(tried))
    told = (label, say("trial.moved", count=count, n=n), tried.structure.statement, tried.method)
    return Trial(pd.DataFrame(rows, columns=["what", "as_it_is", "as_tried"]), told)


def twin_groups(now: pd.DataFrame, tried: pd.DataFrame) -> tuple[dict[str, str], int]:
    """Match the groups of two assignments (customer_id, persona) so that as many customers as can be stay.

    Returns the twin of each group, and how many customers are not in the twin of theirs; who belongs to none both times
    has stayed.
    """
    both = now.merge(tried, on="customer_id", suffixes=("_now", "_tried"))
    shared = pd.crosstab(both["persona_now"], both["persona_tried"])
    shared = shared.drop(index=UNASSIGNED, errors="ignore").drop(columns=UNASSIGNED, errors="ignore")
    rows, columns = linear_sum_assignment(-shared.to_numpy())
    twins = dict(zip(shared.index[rows], shared.columns[columns], strict=True))
    stayed = both["persona_now"].map(twins | {UNASSIGNED: UNASSIGNED}) == both["persona_tried"]
    return twins, int((~stayed).sum())


def _figures(personas: Personas) -> dict[Said, Text]:
    structure = personas.structure
    unassigned = float((personas.assignments["persona"] == UNASSIGNED).mean())
    return {
        say("trial.kind"): _kind(personas),
        say("trial.k"): say("format.just", n=structure.k),
        say("trial.ari"): say("trial.figure", value=Quantity(structure.bootstrap_ari, "number.2")),
        say("trial.would_move"): say("trial.figure", value=Quantity(structure.would_move, "percent.1")),
        say("trial.unassigned"): say("trial.figure", value=Quantity(unassigned, "percent.1")),
    }


def _kind(personas: Personas) -> Text:
    return say(f"personas.label.{personas.structure.kind.replace(' ', '_')}")


def _group(group: Group | None) -> Text:
    return NOT_KNOWN if group is None else say("trial.member", handle=group.handle, share=group.share)
