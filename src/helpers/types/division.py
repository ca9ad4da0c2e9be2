"""From customers to groups: the gate's verdict, the model that it allows, who belongs to whom, and model.json."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment
from sklearn.metrics.cluster import contingency_matrix

from helpers.contracts import DataError, Kind, Structure
from helpers.customers.customers import Customers
from helpers.people import withheld
from helpers.study import Study
from helpers.survey.survey import Survey
from helpers.types.gate import LABEL_STARTS, Gate, agreement, by_size, divide, entropy_stability, judge
from helpers.types.mixture import THRESHOLD, Fitted, as_model, fit_mixture, posterior
from helpers.types.placing import everybody
from helpers.types.pool import FIT_ROWS, MIN_CUSTOMERS, NO_ORDER, ONE_ORDER, Pool, gather, values_to_tier
from helpers.types.prepare import gate_matrix
from helpers.types.yardsticks import yardsticks
from helpers.words import Text, say, sentences

MIN_CLUSTERED = 100
"""Fewer than this, or than ten per column, are never clustered: plain value tiers instead."""
PREFIX = {"natural": "persona", "reproducible": "persona", "constructive": "segment"}


STRUCTURAL = {
    ONE_ORDER: {"id": ONE_ORDER, "column": "orders", "at_most": 1},
    NO_ORDER: {"id": NO_ORDER, "text": "known, and no order before the held-out part"},
}
"""Structural segments as rules, for model.json."""


@dataclass(frozen=True)
class Division:
    """The customers of a study in groups that nobody has described yet.

    method : how it was made and on what, in sentences.
    assignments : one row per customer (or per respondent in a survey-only study): customer_id (str; the respondent_id
        where there is no customer), persona (a group's id or ``unassigned``), probability (of that group; 1 for rules),
        answered (bool), p_<id> (posterior per clustered group, NaN for structural ones).
    choice : one row per k = 2..6: k, score_clustering, valley_depth, bootstrap_ari, jaccard_min, would_move,
        smallest (customers; NaN for a small cell), cv_loglik, kind (label that this k would earn), chosen (bool).
    defining : names of the columns that made the groups; a p-value on one of them is refused.
    model : the content of model.json, plain JSON values; it holds the groups' ids, clustered ones in falling size.
    near_ties : one row per clustered group: id, n (fitted people likeliest to be in it), moved (those whom an equally
        good solution would place in another group; NaN where a cell is too small to be shown), to (the group where
        most of them would go). Empty where nothing was fitted.
    stability : clustered group -> how well it comes back in bootstrap samples (Jaccard) and holds across k, 0 to 1.
    """

    method: Text
    structure: Structure
    assignments: pd.DataFrame
    choice: pd.DataFrame
    defining: tuple[str, ...]
    model: dict[str, Any]
    near_ties: pd.DataFrame
    stability: dict[str, tuple[float, float]]


def divide_customers(
    customers: Customers | None, survey: Survey | None, study: Study, *, bootstrap: int = 50, null_draws: int = 199
) -> Division:
    """Judge the structure, choose k, fit and assign.

    bootstrap : samples drawn again for stability. null_draws : data sets without types that the gate ranks against.
    Raises DataError when there is too little to slice, StudyError for a column that cannot be.
    """
    allowed = _allowed_k(study)
    pool = gather(customers, survey, study)
    gate = _judged(pool, study, allowed, bootstrap, null_draws)
    sliced = _sliced(pool, gate, study)
    k, fitted = sliced[1:] if sliced else (None, None)
    model = sliced[0] if sliced else _tiers(pool, study, allowed)
    model["structural"] = [STRUCTURAL[group] for group in pool.structural]
    model |= yardsticks(model, pool.features, pool.answers)
    kind = "not supported" if k is None else gate.table.set_index("k")["kind"][k]
    return Division(
        method=_method(pool, gate, k, fitted),
        structure=_structure(kind, gate, k, len(model["ids"]), allowed),
        assignments=everybody(model, customers, survey),
        choice=_choice(gate, k, study.privacy.min_cell),
        defining=pool.prepared.defining if k is not None else (model["tiers"]["column"],),
        model=model,
        near_ties=_near_ties(model["ids"], fitted, study.privacy.min_cell),
        stability={} if k is None else _stability(model["ids"], gate, k, fitted),
    )


def _allowed_k(study: Study) -> tuple[int, int]:
    """The range of k that the study allows."""
    k = study.personas.k
    return (k, k) if isinstance(k, int) else k


# --- slicing -----------------------------------------------------------------------------------------------------


def _judged(pool: Pool, study: Study, allowed: tuple[int, int], bootstrap: int, draws: int) -> Gate | None:
    """The gate's verdict; None where there is too little to judge."""
    if not pool.prepared.defining or len(pool.fit) < MIN_CLUSTERED:
        return None
    matrix = gate_matrix(pool.prepared.at(pool.fit))
    if len(matrix) < 10 * matrix.shape[1]:
        return None
    return judge(matrix, seed=study.seed, allowed=allowed, bootstrap=bootstrap, draws=draws)


def _sliced(pool: Pool, gate: Gate | None, study: Study) -> tuple[dict[str, Any], int, Fitted] | None:
    """The model, classes in falling size, of the largest k from the chosen one down whose every class can be shown.

    None where nothing is supported or no k can be shown.
    """
    if gate is None or gate.kind == "not supported":
        return None
    prepared = pool.prepared.at(pool.fit)
    matrix = gate_matrix(prepared)
    kinds = gate.table.set_index("k")["kind"]
    for k in [k for k in range(gate.k, 1, -1) if kinds[k] != "not supported"]:
        first = by_size(divide(matrix, k, study.seed, LABEL_STARTS).labels_)
        fitted = fit_mixture(prepared, matrix, k, first, smallest=int(max(30, 0.05 * len(matrix))), seed=study.seed)
        certain, known = posterior(as_model(pool.prepared, fitted.mixture), pool.features, pool.answers)
        placed = np.bincount(certain.argmax(axis=1)[known & (certain.max(axis=1) >= THRESHOLD)], minlength=k)
        if placed.min() >= study.privacy.min_cell:
            order = np.argsort(-placed, kind="stable")
            ids = [f"{PREFIX[kinds[k]]}-{number}" for number in range(1, k + 1)]
            model = as_model(pool.prepared, fitted.mixture, order) | {"ids": ids}
            place = np.argsort(order)
            return model, k, replace(fitted, labels=place[fitted.labels], elsewhere=place[fitted.elsewhere])
    return None


def _tiers(pool: Pool, study: Study, allowed: tuple[int, int]) -> dict[str, Any]:
    """Two or three tiers of about equal size by spend, or by what the survey offers in its place.

    Raises DataError when nothing differs between people.
    """
    for column, values in values_to_tier(pool):
        tiers = int(np.clip(values.notna().sum() // MIN_CUSTOMERS, 2, min(allowed[1], 3)))
        edges = sorted(set(values.quantile(np.arange(1, tiers) / tiers)) - {values.min()})
        if edges and min(np.bincount(np.searchsorted(edges, values.dropna(), side="right"))) >= study.privacy.min_cell:
            return {
                "schema": 1,
                "kind": "tiers",
                "features": [],
                "likert": None,
                "categories": [],
                "tiers": {
                    "table": "survey" if pool.path == "survey" else "customers",
                    "column": column,
                    "edges": [float(edge) for edge in edges],
                },
                "label_rule": {"tier": "number of edges that the value reaches"},
                "ids": [f"tier-{number}" for number in range(len(edges) + 1, 0, -1)],
            }
    raise DataError(
        f"{study.path}: no column differs enough between people to slice them into two groups of "
        f"{study.privacy.min_cell}; need sales with different amounts, or a survey with rating items."
    )


def _stability(ids: list[str], gate: Gate, k: int, fitted: Fitted) -> dict[str, tuple[float, float]]:
    """Per group: bootstrap Jaccard and stability across k of the k-means cluster that it matches."""
    overlap = contingency_matrix(gate.labels[k], fitted.labels[gate.rows])
    cluster_of = dict(zip(*reversed(linear_sum_assignment(-overlap)), strict=True))
    across = entropy_stability(gate.labels, k)
    return {group: (float(gate.jaccard[k][cluster_of[c]]), float(across[cluster_of[c]])) for c, group in enumerate(ids)}


def _near_ties(ids: list[str], fitted: Fitted | None, least: int) -> pd.DataFrame:
    """The table ``near_ties``: who stays and who goes are cells of one table, and no total may tell a small one."""
    if fitted is None:
        return pd.DataFrame({"id": [], "n": [], "moved": [], "to": []})
    k = len(ids)
    flows = np.bincount(fitted.labels * k + fitted.elsewhere, minlength=k * k).reshape(k, k)
    n, stay = flows.sum(axis=1), np.diag(flows)
    cells = pd.DataFrame({"id": ids * 2, "moves": np.repeat([False, True], k), "people": [*stay, *(n - stay)]})
    moved = withheld(cells, ["people"], least, margins=[["id"], ["moves"]])["people"].to_numpy()[k:]
    to = np.array(ids)[(flows - np.diag(stay)).argmax(axis=1)]
    return pd.DataFrame({"id": ids, "n": n, "moved": moved, "to": np.where(moved > 0, to, None)})


# --- what is said about it ---------------------------------------------------------------------------------------


def _structure(kind: Kind, gate: Gate | None, k: int | None, groups: int, allowed: tuple[int, int]) -> Structure:
    """The verdict as published; where nothing is supported, the best that was seen, so that one can see why."""
    if gate is None:
        return Structure(kind, False, *[None] * 5, groups, None, say("personas.kind.too_few", k=groups))
    rows = gate.table.set_index("k")
    row = rows.loc[k] if k is not None else rows.loc[2:4].max(numeric_only=True)
    statement = say(f"personas.kind.{kind.replace(' ', '_')}", k=groups, moved=row["would_move"])
    asked = allowed[0] == allowed[1]
    if k is not None and (gate.k_without_cap > groups or (asked and gate.k_without_cap != groups)):
        why = "personas.kind.asked" if asked else "personas.kind.cap"
        statement = sentences(statement, say(why, free=gate.k_without_cap, k=groups))
    return Structure(
        kind=kind,
        supported=kind in ("natural", "reproducible"),
        p_clustering=gate.p_clustering,
        p_valley=gate.p_valley,
        valley_depth=float(row["valley_depth"]),
        bootstrap_ari=float(row["bootstrap_ari"]),
        would_move=None if k is None else float(row["would_move"]),
        k=groups,
        k_without_cap=gate.k_without_cap,
        statement=statement,
    )


def _choice(gate: Gate | None, k: int | None, least: int) -> pd.DataFrame:
    columns = ["k", "score_clustering", "valley_depth", "bootstrap_ari", "jaccard_min", "would_move", "smallest"]
    if gate is None:
        return pd.DataFrame(columns=[*columns, "cv_loglik", "kind", "chosen"])
    smallest = gate.table["smallest"].where(gate.table["smallest"] >= least)
    return gate.table.assign(smallest=smallest, chosen=gate.table["k"] == (k or 0))


def _method(pool: Pool, gate: Gate | None, k: int | None, fitted: Fitted | None) -> Text:
    """How the groups were made and on what; what was left out, by name; where gate and model see it differently."""
    n, respondents = len(pool.answers), len(pool.fit)
    told = [say(f"personas.method.{pool.path.replace(' ', '_')}", n=n, respondents=respondents)]
    told += [say(f"personas.method.{rule}") for rule in pool.structural]
    told += pool.notes
    if pool.path == "behaviour" and len(pool.features) > FIT_ROWS:
        told.append(say("personas.method.sample", n=respondents))
    if k is None:
        return sentences(*told, say("personas.method.tiers"))
    told.append(say("personas.method.model", k=k, threshold=THRESHOLD))
    _, _, moved = agreement(gate.labels[k], fitted.labels[gate.rows])
    told.append(say("personas.method.described" if fitted.described else "personas.method.kept"))
    told.append(say("personas.method.compared", share=moved))
    elsewhere = (fitted.elsewhere != fitted.labels).mean()
    if elsewhere >= 0.01:
        told.append(say("personas.method.near_tie", share=elsewhere))
    told.append(say("personas.method.corrected"))
    dropped = pool.prepared.dropped.items()
    left_out = [say("personas.dropped.column", column=column, reason=reason) for column, reason in dropped]
    return sentences(*told, say("personas.method.left_out", columns=left_out) if left_out else "")
