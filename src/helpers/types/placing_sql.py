"""The frozen model as a query: the same persona and probabilities as ``placing.assign``, computed where the data are.

PostgreSQL knows no truth as a number, so none is cast, and it puts subqueries into one another until the query outgrows
its memory: there the steps must be kept apart.

A Gaussian block with one covariance is a linear score per class (the quadratic term is the same for all and cancels),
ratings are quadratic, categories look-ups; an answer that is missing adds nothing. ``assign`` needs no database and the
query no Python, and each is tested against the other.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable
from functools import reduce
from operator import add, and_, or_
from typing import Any, Literal

import ibis
import numpy as np

from helpers.columns import WEEKEND
from helpers.contracts import UNASSIGNED
from helpers.types.answer_columns import likert_centres, likert_ways
from helpers.types.placing import behaviour_columns, rating_columns
from helpers.types.prepare import ROUNDING
from helpers.words import Text, say

LARGEST = 1e300
"""Larger numbers, and what is no number, are not known."""
MOST_ROWS = 2**62
Step = Callable[[dict[str, Any], ibis.Table], ibis.Table]


def kinds_read(model: dict[str, Any]) -> dict[str, str]:
    """Every column that the query reads, and its type."""
    categories = {rule["item"]: _kind(rule["categories"][0]) for rule in model["categories"]}
    numbers = dict.fromkeys([*behaviour_columns(model), *rating_columns(model)], "float64")
    return {"customer_id": "string"} | numbers | categories


def _kind(category: Any) -> str:
    return "string" if isinstance(category, str) else "float64"


def placed(model: dict[str, Any], table: ibis.Table, apart: bool = False) -> ibis.Table:
    """Place customers by a frozen model, as one expression for any engine.

    Parameters
    ----------
    model : the content of model.json.
    table : one row per customer: customer_id, the columns that ``behaviour_columns`` names, and a column per survey
        item of the model, coded as in ``Survey.answers``; NULL where not known or not answered. What cannot
        be (an infinite number, a share under 0 or over 1) counts as not known.
    apart : keep the steps apart, by a limit that no table reaches: what PostgreSQL needs and others are slower for.

    Returns
    -------
    customer_id, persona (an id, ``unassigned``, or a structural group), probability (of the likeliest; 1 for rules) and
    p_<id> per clustered group; NULL where ``placing.assign`` has NaN. Who has no order (NULL or 0) is placed by rule.
    """
    kinds = kinds_read(model)
    typed = table.select(**{name: table[name].cast(kind) for name, kind in kinds.items()})
    for step in _steps(model).values():
        typed = step(model, typed.limit(MOST_ROWS) if apart else typed)
    return typed


def as_sql(model: dict[str, Any], about: Iterable[str] = (), dialect: Literal["duckdb", "postgres"] = "duckdb") -> str:
    """``placed`` as SQL text (DuckDB's, close to ANSI) over a table ``customers``, one named step after another.

    about : sentences to begin with, as comments; a user's column name in them cannot leave its line.
    """
    before, name, steps = ibis.table(kinds_read(model), name="customers"), "", []
    for name, step in _steps(model).items():
        made = step(model, before)
        query = ibis.to_sql(made, dialect=dialect).replace('"t0".', "").replace(' AS "t0"', "")
        steps.append(f"{name} AS {'MATERIALIZED ' if dialect == 'postgres' else ''}(\n{query}\n)")
        before = ibis.table(made.schema(), name=name)
    lines = [line for told in about for line in textwrap.wrap(" ".join(told.split()), 110, subsequent_indent="  ")]
    return "".join(f"-- {line}\n" for line in lines) + f"WITH {', '.join(steps)}\nSELECT * FROM {name};\n"


def reads_and_gives(model: dict[str, Any]) -> list[Text]:
    """What the query of a model reads and gives, in sentences."""
    groups = [*model["ids"], *(rule["id"] for rule in model["structural"]), UNASSIGNED]
    parts = {"behaviour": behaviour_columns(model), "ratings": rating_columns(model)}
    parts["ticks"] = [rule["item"] for rule in model["categories"] if _kind(rule["categories"][0]) != "string"]
    parts["categories"] = [rule["item"] for rule in model["categories"] if _kind(rule["categories"][0]) == "string"]
    told = [say("scoring.sql.about")]
    for part, names in parts.items():
        if names:
            told.append(say(f"scoring.sql.{part}", columns=", ".join(f'"{name}"' for name in names)))
    return [*told, say("scoring.sql.null"), say("scoring.sql.gives", groups=groups)]


# --- the steps ---------------------------------------------------------------------------------------------------


def _steps(model: dict[str, Any]) -> dict[str, Step]:
    if model["kind"] == "tiers":
        return {"posterior": _tiers, "placed": _labels}
    ratings = {"centred": _centred} if model["likert"] else {}
    scored = {"told": _told, "units": _units, **ratings, "scores": _scores}
    return scored | {"likelihoods": _likelihoods, "posterior": _posterior, "placed": _labels}


def _by_rule(model: dict[str, Any], table: ibis.Table, known: ibis.Value) -> ibis.Value:
    """The group of whom the model does not place: by rule, or ``unassigned`` where nothing is known; else NULL."""
    branches = []
    if "orders" in table.columns:
        waiting = [rule["id"] for rule in model["structural"] if "column" not in rule] or [UNASSIGNED]
        branches.append((table["orders"].fill_null(0.0) == 0, waiting[0]))
    ruled = [rule for rule in model["structural"] if "column" in rule]
    branches += [(table[rule["column"]] <= rule["at_most"], rule["id"]) for rule in ruled]
    return ibis.cases(*branches, (~known, UNASSIGNED))


def _told(model: dict[str, Any], table: ibis.Table) -> ibis.Table:
    """What each customer told, once: features as far as they can be (v_), orders that shares are of (t_), an answer as
    1 for the category that was picked (i_), ratings (r_; the item's centre where there is none, so that it adds
    nothing to the level) and whether they were given (g_)."""
    columns = {f"v_{rule['column']}": _feature(rule, table) for rule in model["features"]}
    for name in {rule["trials"]: None for rule in model["features"] if "trials" in rule}:
        told = table[name]
        columns[f"t_{name}"] = ibis.cases((told.between(-LARGEST, LARGEST), ibis.greatest(told, 0.0)))
    for n, rule in enumerate(model["categories"]):
        for i, picked in enumerate(_picked(rule, table[rule["item"]])):
            columns[f"i_{n}_{i}"] = _one(picked)
    columns["counted"] = _one(~_one_answer(model["categories"], table))
    likert = model["likert"]
    for item, centre in zip(likert["items"], likert_centres(likert).tolist(), strict=True) if likert else ():
        given = table[item].notnull()
        columns |= {f"r_{item}": given.ifelse(table[item], centre), f"g_{item}": _one(given)}
    ruled = [rule["column"] for rule in model["structural"] if "column" in rule]
    kept = [name for name in ("orders", *ruled) if name in table.columns]
    return table.select("customer_id", *dict.fromkeys(kept), **columns)


def _one(condition: ibis.Value) -> ibis.Value:
    """1 where a condition holds, as the engine multiplies it: its ``1.0`` would be a decimal, ten times slower."""
    return condition.ifelse(1, 0).cast("float64")


def _picked(rule: dict[str, Any], answer: ibis.Value) -> list[ibis.Value]:
    """Per probability of a category whether it is that of an answer; of one never seen none is."""
    picked = [answer == category for category in rule["categories"]]
    rest = [answer == category for category in rule["other"] or []]
    return [*picked, *([reduce(or_, rest, ibis.literal(False))] if rule["other"] is not None else [])]


def _one_answer(rules: list[dict[str, Any]], table: ibis.Table) -> ibis.Value:
    """As answer_columns.one_answer."""
    battery = [rule for rule in rules if rule.get("alike")]
    given = [
        reduce(and_, [table[rule["item"]] == value for rule in battery])
        for value in (battery[0]["alike"] if battery else [])
    ]
    return reduce(or_, given).fill_null(False) if given else ibis.literal(False)


def _units(model: dict[str, Any], table: ibis.Table) -> ibis.Table:
    """Behaviour in standard units (z_), the answers that count (i_), and the level that ratings are measured from, with
    1 where they count (counts)."""
    columns = {f"z_{rule['column']}": _unit(rule, table) for rule in model["features"]}
    known = [table[f"v_{rule['column']}"].notnull() for rule in model["features"]]
    answers = {}
    for n, rule in enumerate(model["categories"]):
        for i in range(_ways(rule)):
            name = f"i_{n}_{i}"
            answers[name] = table[name] * table["counted"] if rule.get("alike") else table[name]
    if answers:
        known.append(reduce(add, answers.values()) > 0)
    if likert := model["likert"]:
        level = _rating_level(likert, table)
        known.append(level.notnull())
        columns |= {"level": level.fill_null(0.0), "counts": _one(level.notnull())}
        columns |= {f"{part}_{item}": table[f"{part}_{item}"] for part in "rg" for item in likert["items"]}
    return table.select("customer_id", **columns, **answers, by_rule=_by_rule(model, table, reduce(or_, known)))


def _ways(rule: dict[str, Any]) -> int:
    return len(rule["categories"]) + (rule["other"] is not None)


def _rating_level(likert: dict[str, Any], table: ibis.Table) -> ibis.Value:
    """What answer_columns.likert_units takes off; NULL where the ratings count as missing."""
    ratings, given = ([table[f"{part}_{item}"] for item in likert["items"]] for part in "rg")
    answered = reduce(add, given)
    some = answered.nullif(0.0)  # some engines refuse to divide by 0, even where nothing comes of it
    enough = answered * 2 >= len(ratings)
    if not likert["row_centred"]:
        return ibis.cases((enough, 0.0))
    ways, centres = likert_ways(likert).tolist(), likert_centres(likert).tolist()
    level = reduce(add, [(r - c) * way for r, c, way in zip(ratings, centres, ways, strict=True)]) / some
    if "flat" not in likert:
        return ibis.cases((enough, level))
    asked = [r if way > 0 else likert["span"] - r for r, way in zip(ratings, ways, strict=True)]
    marks = [mark * one for mark, one in zip(asked, given, strict=True)]
    mean = reduce(add, marks) / some
    spread = reduce(add, [mark * mark for mark in marks]) / some - mean * mean
    limit = ibis.cases(*((answered == n, flat) for n, flat in enumerate(likert["flat"])), else_=-1.0)
    return ibis.cases((enough & (spread > limit), level))


def _centred(model: dict[str, Any], table: ibis.Table) -> ibis.Table:
    """Ratings from the respondent's own level (r_), and 1 for those that count (g_); 0 for the others."""
    likert, columns = model["likert"], {}
    ways, centres = likert_ways(likert).tolist(), likert_centres(likert).tolist()
    for item, way, centre in zip(likert["items"], ways, centres, strict=True):
        counts = table[f"g_{item}"] * table["counts"]
        columns |= {f"r_{item}": (table[f"r_{item}"] - centre - table["level"] * way) * counts, f"g_{item}": counts}
    read = [name for name in table.columns if name not in columns and name not in ("level", "counts")]
    return table.select(*read, **columns)


def _feature(rule: dict[str, Any], table: ibis.Table) -> ibis.Value:
    """A feature as the table tells it; NULL where it cannot be (as in prepare)."""
    name = rule["column"]
    value = table[WEEKEND[0]] + table[WEEKEND[1]] if name == "weekend_share" else table[name]
    if "trials" not in rule:
        return ibis.cases((value.between(-LARGEST, LARGEST), value))
    slips = [(value.between(-ROUNDING, 0.0), 0.0), (value.between(1.0, 1 + ROUNDING), 1.0)]
    return ibis.cases((value.between(0.0, 1.0), value), *slips)


def _unit(rule: dict[str, Any], table: ibis.Table) -> ibis.Value:
    """As prepare.behaviour_units; what is logged is filled and winsorised in its own units, before the logarithm."""
    value, edges = table[f"v_{rule['column']}"], [rule["fill"], rule["high"], rule["low"]]
    if rule["transform"] == "log1p":
        edges = [float(np.expm1(edge)) for edge in edges]
    elif rule["transform"] == "logit of posterior mean":
        trials = table[f"t_{rule['trials']}"]
        value = ((value * trials + rule["alpha"]) / (trials - value * trials + rule["beta"])).ln()
    fill, high, low = edges
    value = value.fill_null(fill)
    value = ibis.cases((value < low, low), (value > high, high), else_=value)
    value = (value + 1).ln() if rule["transform"] == "log1p" else value
    return (value - rule["centre"]) / rule["scale"]


def _scores(model: dict[str, Any], table: ibis.Table) -> ibis.Table:
    """log weight + log density per class (s_<id>), but for what is the same in all of them."""
    classes, likert, scores = model["classes"], model["likert"], {}
    for c, group in enumerate(model["ids"]):
        constant, terms = float(np.log(classes["weights"][c])), []
        if "behaviour" in classes:
            mean = np.array(classes["behaviour"]["means"][c])
            slopes = np.linalg.solve(np.array(classes["behaviour"]["covariance"]), mean)
            constant -= float(mean @ slopes) / 2
            terms += [
                table[f"z_{rule['column']}"] * float(b) for rule, b in zip(model["features"], slopes, strict=True)
            ]
        for i, item in enumerate(likert["items"] if likert else []):
            mean, variance = classes["likert"]["means"][c][i], classes["likert"]["variances"][c][i]
            rating, given = table[f"r_{item}"], table[f"g_{item}"]
            nought = -float(np.log(2 * np.pi * variance) + mean**2 / variance) / 2
            terms += [rating * (mean / variance - rating * (0.5 / variance)), given * nought]
        for n, shares in enumerate(classes.get("categories", [])):
            logs = np.log(np.clip(shares[c], 1e-15, 1 - 1e-15)).tolist()
            terms += [table[f"i_{n}_{i}"] * log for i, log in enumerate(logs)]
        scores[f"s_{group}"] = reduce(add, terms, ibis.literal(constant))
    return table.select("customer_id", "by_rule", **scores)


def _likelihoods(model: dict[str, Any], table: ibis.Table) -> ibis.Table:
    """Likelihood of each class relative to the likeliest, tempered as the posterior is (e_<id>)."""
    scores = {group: table[f"s_{group}"] for group in model["ids"]}
    best, temper = ibis.greatest(*scores.values()), model.get("temper", 1.0)
    relative = {f"e_{group}": ((score - best) / temper).exp() for group, score in scores.items()}
    return table.select("customer_id", "by_rule", **relative)


def _posterior(model: dict[str, Any], table: ibis.Table) -> ibis.Table:
    """Probabilities (p_<id>); NULL where a rule decides."""
    relative = {group: table[f"e_{group}"] for group in model["ids"]}
    total, free = reduce(add, relative.values()), table["by_rule"].isnull()
    shares = {f"p_{group}": ibis.cases((free, value / total)) for group, value in relative.items()}
    return table.select("customer_id", "by_rule", **shares)


def _tiers(model: dict[str, Any], table: ibis.Table) -> ibis.Table:
    """1 for the tier that a value reaches, the highest last."""
    value, edges = table[model["tiers"]["column"]], model["tiers"]["edges"]
    rule = _by_rule(model, table, value.notnull())
    reached = reduce(add, [(value >= edge).ifelse(1, 0) for edge in edges])
    shares = {
        f"p_{group}": ibis.cases((rule.isnull(), (reached == i).cast("float64")))
        for i, group in enumerate(model["ids"])
    }
    return table.select("customer_id", by_rule=rule, **shares)


def _labels(model: dict[str, Any], table: ibis.Table) -> ibis.Table:
    """The group by rule, or the one whose probability reaches the threshold; else ``unassigned``."""
    shares = {group: table[f"p_{group}"] for group in model["ids"]}
    threshold, rule = model["label_rule"].get("threshold", 1), table["by_rule"]
    likely = ibis.cases(*((share >= threshold, group) for group, share in shares.items()), else_=UNASSIGNED)
    probability = ibis.cases((rule.isnull(), ibis.greatest(*shares.values())), (rule != UNASSIGNED, 1.0))
    named = {"persona": rule.coalesce(likely), "probability": probability}
    return table.select("customer_id", **named, **{f"p_{group}": share for group, share in shares.items()})
