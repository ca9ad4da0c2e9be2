"""From customers to personas: the gate's verdict, the model, who belongs to whom, and model.json."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment
from sklearn.metrics.cluster import contingency_matrix

from helpers.cards.profile import Group, describe
from helpers.contracts import UNASSIGNED, DataError, Structure
from helpers.customers.customers import Customers
from helpers.privacy import suppress
from helpers.study import Study
from helpers.survey.survey import Survey
from helpers.types.answer_columns import by_unit, matched_answers
from helpers.types.gate import LABEL_STARTS, Gate, agreement, by_size, divide, entropy_stability, judge
from helpers.types.mixture import THRESHOLD, Fitted, as_model, fit_mixture, posterior
from helpers.types.pool import FIT_ROWS, MIN_CUSTOMERS, NO_ORDER, ONE_ORDER, Pool, gather, values_to_tier
from helpers.types.prepare import gate_matrix
from helpers.types.yardsticks import yardsticks
from helpers.words import Words

MIN_CLUSTERED = 100
"""Fewer than this, or than ten per column, are never clustered: plain value tiers instead."""
PREFIX = {"natural": "persona", "reproducible": "persona", "constructive": "segment"}
STRUCTURAL = {
    ONE_ORDER: {"id": ONE_ORDER, "column": "orders", "at_most": 1},
    NO_ORDER: {"id": NO_ORDER, "text": "known, and no order before the held-out part"},
}
"""Structural segments as rules, for model.json."""


@dataclass(frozen=True)
class Personas:
    """The personas of a study.

    method : how they were made and on what, a sentence ("behaviour and survey answers of 640 respondents ...").
    assignments : one row per customer (or per respondent in a survey-only study): customer_id (str; the respondent_id
        where there is no customer), persona (a Group id or ``unassigned``), probability (of that persona; 1 for rules),
        answered (bool), p_<id> (posterior per clustered group, NaN for structural ones).
    choice : one row per k = 2..6: k, score_clustering, valley_depth, bootstrap_ari, jaccard_min, would_move,
        smallest (customers; NaN for a small cell), cv_loglik, kind (label that this k would earn), chosen (bool).
    profile : one row per group x column: id, column, source (table), role, n, mean, mean_others, lift, ci_low, ci_high
        (interval of the lift), unit.
    defining : names of the columns that made the personas; a p-value on one of them is refused.
    model : the content of model.json, plain JSON values.
    near_ties : one row per clustered group: id, n (fitted people likeliest to be in it), moved (those whom an equally
        good solution would place in another group; NaN where a cell is too small to be shown), to (the group where
        most of them would go). Empty where nothing was fitted.
    """

    method: str
    structure: Structure
    groups: tuple[Group, ...]
    assignments: pd.DataFrame
    choice: pd.DataFrame
    profile: pd.DataFrame
    defining: tuple[str, ...]
    model: dict[str, Any]
    near_ties: pd.DataFrame = field(default_factory=pd.DataFrame)


# --- everything together -------------------------------------------------------------------------------------------


def find_personas(
    customers: Customers | None,
    survey: Survey | None,
    study: Study,
    words: Words,
    *,
    bootstrap: int = 50,
    null_draws: int = 199,
) -> Personas:
    """Judge the structure, choose k, fit, assign and describe.

    Raises DataError when there is too little to slice, StudyError for a k or a column that cannot be.
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
    placed = everybody(model, customers, survey)
    stability = {} if k is None else _stability(model["ids"], gate, k, fitted)
    defining = pool.prepared.defining if k is not None else (model["tiers"]["column"],)
    groups, profile = describe(placed, model, defining, stability, customers, survey, study, words)
    return Personas(
        method=_method(pool, gate, k, fitted, words),
        structure=_structure(kind, gate, k, len(model["ids"]), allowed, words),
        groups=groups,
        assignments=placed,
        choice=_choice(gate, k, study.privacy.min_cell),
        profile=profile,
        defining=defining,
        model=model,
        near_ties=_near_ties(model["ids"], fitted, study.privacy.min_cell),
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


def assign(
    model: dict[str, Any], features: pd.DataFrame | None, answers: pd.DataFrame | None, no_order: Sequence[str] = ()
) -> pd.DataFrame:
    """Place people by a frozen model, with plain numpy.

    Parameters
    ----------
    model : the content of model.json.
    features : customers.features (one row per customer); None in a survey-only study.
    answers : survey.answers, or None; respondents without a customer are left out unless there are no features.
    no_order : customers without an order, whom no model can place.

    Returns
    -------
    One row per customer, sorted: customer_id, persona (an id or ``unassigned``), probability (of the likeliest; 1 for
    rules, NaN where nothing is known), answered, p_<id> per clustered group (NaN for who was not placed by the model).
    """
    asked = set() if answers is None else set(answers["customer_id"].dropna())
    features, answers = aligned(features, answers)
    ids = model["ids"]
    if model["kind"] == "tiers":
        probabilities, known = _tier_posterior(model["tiers"], features, answers, len(ids))
    else:
        probabilities, known = posterior(model, features, answers)
    probabilities[~known] = np.nan
    best, certain = probabilities.argmax(axis=1), probabilities.max(axis=1)
    placed = known & (certain >= model["label_rule"].get("threshold", 1))
    persona = np.where(placed, np.array(ids)[best], UNASSIGNED).astype(object)
    for rule in model["structural"]:
        if "column" in rule and rule["column"] in features:
            ruled = (features[rule["column"]] <= rule["at_most"]).to_numpy()
            persona[ruled], certain[ruled], probabilities[ruled] = rule["id"], 1.0, np.nan
    found = {"customer_id": features.index, "persona": persona, "probability": certain}
    found["answered"] = answers["respondent_id"].notna().to_numpy()
    found |= {f"p_{group}": probabilities[:, c] for c, group in enumerate(ids)}
    by_rule = next(((rule["id"], 1.0) for rule in model["structural"] if "column" not in rule), (UNASSIGNED, np.nan))
    waiting = pd.DataFrame({"customer_id": list(no_order), "answered": [customer in asked for customer in no_order]})
    waiting["persona"], waiting["probability"] = by_rule
    everybody = pd.concat([pd.DataFrame(found), waiting]) if len(waiting) else pd.DataFrame(found)
    return everybody.astype({"customer_id": "str", "persona": "str"}).sort_values("customer_id", ignore_index=True)


def everybody(model: dict[str, Any], customers: Customers | None, survey: Survey | None) -> pd.DataFrame:
    """``assign`` for all customers, those without an order among them, or for all respondents."""
    features, no_order = (None, ()) if customers is None else (customers.features, customers.no_order)
    return assign(model, features, None if survey is None else survey.answers, no_order)


def aligned(features: pd.DataFrame | None, answers: pd.DataFrame | None) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Both tables by unit: customers with their answers, or respondents where there are no features."""
    if features is None:
        answers = by_unit(answers)
        return pd.DataFrame(index=answers.index), answers
    features = features.set_index("customer_id", drop=False)
    return features, matched_answers(answers).reindex(features.index)


def ruled(model: dict[str, Any], features: pd.DataFrame) -> np.ndarray:
    """Who is placed by a rule on a column, before anything else is looked at (bool per row)."""
    rules = [rule for rule in model.get("structural", []) if "column" in rule and rule["column"] in features]
    met = [(features[rule["column"]] <= rule["at_most"]).to_numpy() for rule in rules]
    return np.any(met, axis=0) if met else np.zeros(len(features), dtype=bool)


def _tier_posterior(
    tiers: dict[str, Any], features: pd.DataFrame, answers: pd.DataFrame, k: int
) -> tuple[np.ndarray, np.ndarray]:
    """1 for the tier that a value reaches, the highest tier last; who has no value is not known."""
    source = features if tiers["column"] in features else answers
    values = source[tiers["column"]].to_numpy(dtype=float, na_value=np.nan)
    known = ~np.isnan(values)
    reached = np.searchsorted(tiers["edges"], np.where(known, values, -np.inf), side="right")
    return np.eye(k)[reached], known


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
    moved = suppress(cells, "people", least, margins=[["id"], ["moves"]])["people"].to_numpy()[k:]
    to = np.array(ids)[(flows - np.diag(stay)).argmax(axis=1)]
    return pd.DataFrame({"id": ids, "n": n, "moved": moved, "to": np.where(moved > 0, to, None)})


# --- what is said about it ---------------------------------------------------------------------------------------


def _structure(
    kind: str, gate: Gate | None, k: int | None, groups: int, allowed: tuple[int, int], words: Words
) -> Structure:
    """The verdict as published; where nothing is supported, the best that was seen, so that one can see why."""
    if gate is None:
        return Structure(kind, False, *[None] * 5, groups, None, words.say("personas.kind.too_few", k=groups))
    rows = gate.table.set_index("k")
    row = rows.loc[k] if k is not None else rows.loc[2:4].max(numeric_only=True)
    moved = words.percent(row["would_move"])
    statement = words.say(f"personas.kind.{kind.replace(' ', '_')}", k=groups, moved=moved)
    asked = allowed[0] == allowed[1]
    if k is not None and (gate.k_without_cap > groups or (asked and gate.k_without_cap != groups)):
        key = "asked" if asked else "cap"
        statement += " " + words.say(f"personas.kind.{key}", free=gate.k_without_cap, k=groups)
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


def _method(pool: Pool, gate: Gate | None, k: int | None, fitted: Fitted | None, words: Words) -> str:
    """How the groups were made and on what; what was left out, by name; where gate and model see it differently."""
    n, respondents = words.number(len(pool.answers)), words.number(len(pool.fit))
    sentences = [words.say(f"personas.method.{pool.path.replace(' ', '_')}", n=n, respondents=respondents)]
    sentences += [words.say(f"personas.method.{rule}") for rule in pool.structural]
    sentences += [words.say(key, n=words.number(values.get("n"))) for key, values in pool.notes]
    if pool.path == "behaviour" and len(pool.features) > FIT_ROWS:
        sentences.append(words.say("personas.method.sample", n=respondents))
    if k is None:
        return " ".join([*sentences, words.say("personas.method.tiers")])
    sentences.append(words.say("personas.method.model", k=k, threshold=words.percent(THRESHOLD)))
    _, _, moved = agreement(gate.labels[k], fitted.labels[gate.rows])
    sentences.append(words.say(f"personas.method.{'described' if fitted.described else 'kept'}"))
    sentences.append(words.say("personas.method.compared", share=words.percent(moved)))
    elsewhere = (fitted.elsewhere != fitted.labels).mean()
    if elsewhere >= 0.01:
        sentences.append(words.say("personas.method.near_tie", share=words.percent(elsewhere)))
    sentences.append(words.say("personas.method.corrected"))
    if pool.prepared.dropped:
        left_out = [f"{column} ({reason})" for column, reason in pool.prepared.dropped.items()]
        sentences.append(words.say("personas.method.left_out", columns=words.listing(left_out)))
    return " ".join(sentences)


def rename(personas: Personas, mapping: dict[str, str]) -> Personas:
    """The same personas under other ids (``mapping``: old -> new; ids that are not named stay), everywhere at once.

    Raises ValueError when two groups would share an id.
    """
    new = {group.id: mapping.get(group.id, group.id) for group in personas.groups}
    if len(set(new.values())) < len(new) or UNASSIGNED in new.values():
        raise ValueError(f"two groups would share an id: {new}")
    groups = tuple(replace(group, id=new[group.id]) for group in personas.groups)
    structural = [rule | {"id": new[rule["id"]]} for rule in personas.model["structural"]]
    model = personas.model | {"ids": [new[old] for old in personas.model["ids"]], "structural": structural}
    assignments = personas.assignments.rename(columns={f"p_{old}": f"p_{name}" for old, name in new.items()})
    assignments["persona"] = assignments["persona"].replace(new)
    profile = personas.profile.assign(id=personas.profile["id"].replace(new))
    ties = personas.near_ties.replace({"id": new, "to": new})
    return replace(personas, groups=groups, assignments=assignments, profile=profile, model=model, near_ties=ties)
