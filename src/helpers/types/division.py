"""From customers to groups: the gate's verdict, the model that it allows, who belongs to whom, and model.json."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment
from sklearn.metrics.cluster import contingency_matrix

from helpers.contracts import FEW_BETWEEN, Apart, Kind, Structure, StudyError
from helpers.customers.customers import Customers
from helpers.customers.halves import order_halves
from helpers.previous import Previous
from helpers.read.load import LoadedTables
from helpers.small_cells import withheld
from helpers.study import Study
from helpers.survey.survey import Survey
from helpers.types.gate import ALPHA, RANKED, Gate, choose_k, floor_of, judge, judged_rows
from helpers.types.groups import as_judged
from helpers.types.mixture import THRESHOLD, Fitted, as_model, fit_mixture, posterior
from helpers.types.placing import everybody
from helpers.types.pool import FIT_ROWS, NO_ORDER, ONE_ORDER, Pool, Unsliced, gather
from helpers.types.prepare import gate_matrix, in_words
from helpers.types.repeated import LABEL_STARTS, agreement, by_size, divide, entropy_stability, seen_twice, too_alike
from helpers.types.tiers import CHOICE, is_error, tiers_of, undivided
from helpers.types.yardsticks import yardsticks
from helpers.words import Text, say, sentences

MIN_CLUSTERED = 100
"""Fewer than this, or than ten per column, are never clustered: plain value tiers instead."""
LEAST_ALIKE = {"behaviour": (0.25, 0.10), "behaviour and survey": (0.25, 0.10), "survey": (0.30, -1.0)}
"""The agreement of two halves of a customer's orders, or of the questions, that separate types reach; and the one under
which a division is made of luck: no persona. Other questions may ask about other things, so that they cannot say so."""
SLACK = 0.04
"""How far beyond a threshold a figure must lie before label or number of groups differ from the last report's."""
SEEN_FROM = {200: 5.0, 300: 4.5, 600: 4.0}
"""By people looked at: from how many standard deviations on three groups of 70, 20 and 10 % are called separate in four
of five data sets (``benchmarks/calibration/seen.md``). Of 150 people the second group is as often as not too small for
a card, however far apart it is."""
SEEN_BY = {"behaviour": "orders", "behaviour and survey": "orders_and_questions", "survey": "questions"}
PREFIX = {"natural": "persona", "reproducible": "persona", "constructive": "segment"}
STRUCTURAL = {
    ONE_ORDER: {"id": ONE_ORDER, "column": "orders", "at_most": 1},
    NO_ORDER: {"id": NO_ORDER, "text": "known, and no order"},
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
    customers: Customers | None,
    survey: Survey | None,
    study: Study,
    tables: LoadedTables | None = None,
    previous: Previous | None = None,
    *,
    bootstrap: int = 50,
    null_draws: int = 199,
) -> Division:
    """Judge the structure, choose k, fit and assign.

    tables : as they were read, so that customers can be seen by one half of their orders and by the other. previous :
    the last publication, whose label and number of groups stay unless they are clearly refused.
    bootstrap : samples drawn again for stability. null_draws : data sets without types that the gate ranks against.
    Raises DataError when there is too little to tell anything of, StudyError for a column that cannot be.
    """
    try:
        return divided(customers, survey, study, tables, previous, bootstrap, null_draws)
    except Unsliced as why:
        if is_error(customers, survey, study):
            raise
        return Division(**undivided(customers, survey, why))


def divided(
    customers: Customers | None,
    survey: Survey | None,
    study: Study,
    tables: LoadedTables | None,
    previous: Previous | None,
    bootstrap: int,
    null_draws: int,
    anyway: bool = False,
) -> Division:
    """As ``divide_customers``, of people who can be divided at all (else Unsliced is raised).

    anyway : to look at, the smallest number of groups that is allowed is made where the data support none; StudyError
    for so many that they cannot be shown.
    """
    allowed = _allowed_k(study)
    pool = gather(customers, survey, study)
    earlier = None if previous is None else earlier_verdict(previous, pool, allowed)
    gate = judged_pool(pool, customers, study, tables, allowed, bootstrap, null_draws, earlier)
    kinds = {} if gate is None or gate.kind == "not supported" else gate.table.set_index("k")["kind"].to_dict()
    wanted = {k: kinds[k] for k in sorted(kinds, reverse=True) if k <= gate.k and kinds[k] != "not supported"}
    sliced = _sliced(pool, wanted, study, gate)
    if anyway and sliced is None:
        sliced = None if gate is None else _sliced(pool, {allowed[0]: "constructive"}, study, gate)
        if sliced is None:
            least = study.privacy.min_cell
            raise StudyError(f"{allowed[0]} groups of {least} people or more cannot be made of these columns")
    k, fitted = sliced[1:] if sliced else (None, None)
    model = sliced[0] if sliced else tiers_of(pool, study, allowed)
    model["structural"] = [STRUCTURAL[group] for group in pool.structural]
    if customers is not None:
        model["window"] = {"days": (customers.period.holdout_from - customers.period.start).days}
    model |= yardsticks(model, pool.features, pool.answers)
    placed = everybody(model, customers, survey)
    kind = "not supported" if k is None else gate.table.set_index("k")["kind"][k]
    return Division(
        method=_method(pool, gate, k, fitted),
        structure=_structure(kind, gate, k, len(model["ids"]), allowed, pool, _between(placed, model), study),
        assignments=placed,
        choice=_choice(gate, k, study.privacy.min_cell),
        defining=pool.prepared.defining if k is not None else (model["tiers"]["column"],),
        model=model,
        near_ties=_near_ties(model["ids"], fitted, study.privacy.min_cell),
        stability={} if k is None else _stability(model["ids"], gate, k, fitted),
    )


def refuse_undivided(customers: Customers | None, survey: Survey | None, study: Study) -> None:
    """Raise DataError, before anything is computed, where nobody can be divided and nothing else can be told."""
    try:
        pool = gather(customers, survey, study)
        if _too_small(pool):
            tiers_of(pool, study, _allowed_k(study))
    except Unsliced:
        if is_error(customers, survey, study):
            raise


def _allowed_k(study: Study) -> tuple[int, int]:
    """The range of k that the study allows."""
    k = study.personas.k
    return (k, k) if isinstance(k, int) else k


# --- slicing -----------------------------------------------------------------------------------------------------


def judged_pool(
    pool: Pool,
    customers: Customers | None,
    study: Study,
    tables: LoadedTables | None,
    allowed: tuple[int, int],
    bootstrap: int,
    draws: int,
    earlier: tuple[Kind, int] | None = None,
) -> Gate | None:
    """The gate's verdict, or that of the last report where it is not clearly refused; None for too little to judge."""
    if _too_small(pool):
        return None
    matrix = gate_matrix(pool.prepared.at(pool.fit))
    rows, halves = judged_rows(len(matrix), study.seed), None
    if customers is not None and tables is not None:
        halves = order_halves(tables, customers, pool.features.index[pool.fit[rows]], study)
    sights = seen_twice(pool, matrix[rows], rows, halves, study.seed)
    repeated = None if customers is not None and tables is None else LEAST_ALIKE[pool.path]
    gate = judge(
        matrix,
        seed=study.seed,
        allowed=allowed,
        bootstrap=bootstrap,
        draws=draws,
        sights=sights,
        repeated=repeated,
        alpha=ALPHA + SLACK if earlier and earlier[0] == "natural" else ALPHA,
    )
    return gate if earlier is None else held(gate, earlier, allowed, repeated)


def earlier_verdict(previous: Previous, pool: Pool, allowed: tuple[int, int]) -> tuple[Kind, int] | None:
    """Label and number of groups of the last publication, where it divided by the same columns and may still."""
    publication, model = previous.published("personas"), previous.published("model")
    if not publication or not model or model["kind"] != "mixture":
        return None
    columns = [rule["column"] for rule in model["features"]] + (model["likert"]["items"] if model["likert"] else [])
    columns += [rule["item"] for rule in model["categories"]]
    kind, k = publication["structure"]["kind"], publication["structure"]["k"]
    return (kind, k) if set(columns) == set(pool.prepared.defining) and allowed[0] <= k <= allowed[1] else None


def held(gate: Gate, earlier: tuple[Kind, int], allowed: tuple[int, int], repeated: tuple[float, float] | None) -> Gate:
    """The verdict of the last report where today's figures do not clearly refuse it; else today's.

    It is refused where it misses a threshold by more than ``SLACK``, and where something as good or better holds with
    as much to spare.
    """

    kind, k = earlier
    still = RANKED.index(dict(zip(gate.table["k"], gate.kinds(repeated, SLACK), strict=True))[k]) <= RANKED.index(kind)
    clearly, as_clear = choose_k(gate.table.assign(kind=gate.kinds(repeated, -SLACK)), allowed)
    today = gate.kind, gate.k
    changes = (clearly, as_clear) == today and RANKED.index(clearly) <= RANKED.index(kind)
    if today == earlier or changes or not still:
        return gate
    table = gate.table.assign(kind=gate.table["kind"].where(gate.table["k"] != k, kind))
    return replace(gate, kind=kind, k=k, table=table, alone=today)


def _too_small(pool: Pool) -> bool:
    """Whether there is too little to judge."""
    if not pool.prepared.defining or len(pool.fit) < MIN_CLUSTERED:
        return True
    matrix = gate_matrix(pool.prepared.at(pool.fit))
    return len(pool.fit) < 10 * matrix.shape[1] or too_alike(matrix)


def _sliced(
    pool: Pool, kinds: dict[int, Kind], study: Study, gate: Gate | None
) -> tuple[dict[str, Any], int, Fitted] | None:
    """The model, classes in falling size, of the first k of ``kinds`` whose every class can be shown; None of none."""
    if not kinds:
        return None
    prepared = pool.prepared.at(pool.fit)
    matrix = gate_matrix(prepared)
    for k in kinds:
        if gate.table.set_index("k")["grown"][k]:
            first = as_judged(matrix, gate.rows, gate.labels[k])
        else:
            first = by_size(divide(matrix, k, study.seed, LABEL_STARTS).labels_)
        fitted = fit_mixture(prepared, matrix, k, first, smallest=int(max(30, 0.05 * len(matrix))), seed=study.seed)
        certain, known = posterior(
            as_model(pool.prepared, fitted.mixture, temper=fitted.temper), pool.features, pool.answers
        )
        placed = np.bincount(certain.argmax(axis=1)[known & (certain.max(axis=1) >= THRESHOLD)], minlength=k)
        if placed.min() >= study.privacy.min_cell:
            order = np.argsort(-placed, kind="stable")
            ids = [f"{PREFIX[kinds[k]]}-{number}" for number in range(1, k + 1)]
            model = as_model(pool.prepared, fitted.mixture, order, fitted.temper) | {"ids": ids}
            place = np.argsort(order)
            return model, k, replace(fitted, labels=place[fitted.labels], elsewhere=place[fitted.elsewhere])
    return None


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


def _between(placed: pd.DataFrame, model: dict[str, Any]) -> float:
    """The share of the people whom the model looked at that lie between its groups."""
    looked_at = placed["persona"].isin([*model["ids"], "unassigned"])
    return float((placed.loc[looked_at, "persona"] == "unassigned").mean()) if looked_at.any() else 0.0


def _structure(
    kind: Kind,
    gate: Gate | None,
    k: int | None,
    groups: int,
    allowed: tuple[int, int],
    pool: Pool,
    between: float,
    study: Study,
) -> Structure:
    """The verdict as published; where nothing is supported, the best that was seen, so that one can see why."""
    if gate is None:
        told = say("personas.kind.too_few", k=groups)
        return Structure(kind, False, *[None] * 5, groups, None, told)
    rows = gate.table.set_index("k")
    p = gate.p_of(k is not None and rows["grown"][k])
    row = rows.loc[k] if k is not None else rows.loc[2:4].max(numeric_only=True)
    near = kind == "natural" and row["valley_depth"] < FEW_BETWEEN
    found = "natural_near" if near else kind.replace(" ", "_")
    told = [say(f"personas.kind.{found}", k=groups, moved=row["would_move"], between=between)]
    alike = None if k is None or np.isnan(row["placed_alike"]) else float(row["placed_alike"])
    if alike is not None:
        told.append(say(f"personas.alike.{SEEN_BY[pool.path]}", share=alike, chance=row["alike_by_chance"]))
    seen_from = None if kind == "natural" else _seen_from(len(gate.rows))
    if kind != "natural" and np.isnan(row["placed_alike"]) and max(gate.p_clustering, gate.p_valley) <= ALPHA:
        told.append(say("personas.unseen.once"))
    elif kind != "natural":
        told.append(say(f"personas.unseen.{'some' if seen_from else 'any'}", apart=seen_from, n=len(gate.rows)))
    asked = allowed[0] == allowed[1]
    free = None if k is None else gate.k_without_cap
    if free is not None and (free > groups or (asked and free != groups)):
        why = "personas.kind.asked" if asked else "personas.kind.cap"
        told.append(say(why, free=free, k=groups))
    if gate.alone is not None:
        told.append(say(f"personas.kind.held_{gate.alone[0].replace(' ', '_')}", k=gate.alone[1]))
    apart = _apart(gate, pool, study)
    return Structure(
        kind=kind,
        supported=kind in ("natural", "reproducible"),
        p_clustering=p[0],
        p_valley=p[1],
        valley_depth=float(row["valley_depth"]),
        bootstrap_ari=float(row["bootstrap_ari"]),
        would_move=None if k is None else float(row["would_move"]),
        k=groups,
        k_without_cap=gate.k_without_cap,
        statement=sentences(*told, *(group.statement for group in apart)),
        placed_alike=alike,
        seen_from=seen_from,
        apart=apart,
    )


def _seen_from(people: int) -> float | None:
    """The separation that would have been seen among so many people; None where none would."""
    return next((apart for n, apart in reversed(SEEN_FROM.items()) if n <= people), None)


def _apart(gate: Gate, pool: Pool, study: Study) -> tuple[Apart, ...]:
    """Separate groups too small for a card, as many as there are among all who were looked at."""
    scale, needed, least = len(pool.fit) / len(gate.rows), int(floor_of(len(pool.fit))), study.privacy.min_cell
    found = []
    for judged in gate.apart:
        n = round(judged * scale)
        key = "few" if n < least else "about" if scale > 1 else "people"
        told = say(f"personas.apart.{key}", n=max(n, least), needed=needed)
        found.append(Apart(None if n < least else n, told))
    return tuple(found)


def _choice(gate: Gate | None, k: int | None, least: int) -> pd.DataFrame:
    if gate is None:
        return pd.DataFrame(columns=CHOICE)
    smallest = gate.table["smallest"].where(gate.table["smallest"] >= least)
    return gate.table.assign(smallest=smallest, chosen=gate.table["k"] == (k or 0))


def _method(pool: Pool, gate: Gate | None, k: int | None, fitted: Fitted | None) -> Text:
    """How the groups were made and on what; what was left out, by name; where gate and model see it differently."""
    n, respondents = len(pool.answers), len(pool.fit)
    made_of = "totals" if pool.of_totals else pool.path.replace(" ", "_")
    told = [say(f"personas.method.{made_of}", n=n, respondents=respondents)]
    told += [say(f"personas.method.{rule}", day=pool.until) for rule in pool.structural]
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
    natural = gate.table.set_index("k")["kind"][k] == "natural"
    told.append(say("personas.method.corrected" if natural else "personas.method.as_placed"))
    dropped = pool.prepared.dropped.items()
    left_out = [say("personas.dropped.column", column=in_words(column), reason=reason) for column, reason in dropped]
    return sentences(*told, say("personas.method.left_out", columns=left_out) if left_out else "")
