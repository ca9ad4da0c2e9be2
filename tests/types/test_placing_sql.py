"""The frozen model as a query: equal to plain numpy to 1e-9, as an expression and as SQL text in plain DuckDB."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import duckdb
import ibis
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.contracts import UNASSIGNED
from helpers.pages.site import strict_json
from helpers.types.division import STRUCTURAL, divide_customers
from helpers.types.placing import assign, behaviour_columns
from helpers.types.placing_sql import as_sql, placed, reads_and_gives
from helpers.types.pool import NO_ORDER, ONE_ORDER
from helpers.words import Words

WAITING = ("w1", "w2")
RATINGS = ("q1", "q2", 'q "3"\n', "q4")
HOSTILE = "o'brien\n'; DROP TABLE customers; --"


def by_query(model: dict[str, Any], people: pd.DataFrame) -> list[pd.DataFrame]:
    """The same customers placed by the expression and by the SQL text."""
    arrow = pa.Table.from_pandas(people, preserve_index=False)
    engine, plain = ibis.duckdb.connect(), duckdb.connect()
    plain.register("customers", arrow)
    found = [
        engine.to_pyarrow(placed(model, ibis.memtable(arrow))),
        plain.sql(as_sql(model)).to_arrow_table(),
    ]
    engine.disconnect()
    return [table.to_pandas().sort_values("customer_id", ignore_index=True) for table in found]


def one_table(features: pd.DataFrame | None, answers: pd.DataFrame | None, waiting: tuple[str, ...]) -> pd.DataFrame:
    """The table ``customers`` that a warehouse would hold."""
    if features is None:
        return answers.assign(customer_id=answers["customer_id"].fillna(answers["respondent_id"]))
    people = pd.concat([features, pd.DataFrame({"customer_id": list(waiting)})], ignore_index=True)
    if answers is None:
        return people
    return people.merge(answers.drop(columns="respondent_id"), on="customer_id", how="left")


def check(
    model: dict[str, Any], features: pd.DataFrame | None, answers: pd.DataFrame | None, waiting: tuple[str, ...] = ()
) -> pd.DataFrame:
    """Hold all three equal, and return what plain numpy gives."""
    model = json.loads(strict_json(model))
    ours = assign(model, features, answers, waiting)
    for table in by_query(model, one_table(features, answers, waiting)):
        assert list(table.columns) == [name for name in ours if name != "answered"]
        assert table["customer_id"].tolist() == ours["customer_id"].tolist()
        assert table["persona"].tolist() == ours["persona"].tolist()
        numbers = table.iloc[:, 2:].astype(float)
        pd.testing.assert_frame_equal(numbers, ours[numbers.columns], rtol=0, atol=1e-9)
    return ours


# --- models that the suite makes


def test_behaviour_and_survey(planted):
    """With one-order customers by rule, and most customers without an answer."""
    ours = check(planted.personas.model, planted.customers.features, planted.survey.answers, WAITING)
    assert set(ours["persona"]) == {"persona-1", "persona-2", "persona-3", ONE_ORDER, UNASSIGNED}
    assert ours["answered"].mean() < 0.6


def test_behaviour_only(simulate, a_study):
    customers, _, _ = simulate(seed=8, n=220)
    known = replace(customers, no_order=tuple(f"w{i:02d}" for i in range(12)))
    found = divide_customers(known, None, a_study(), bootstrap=2, null_draws=3)
    ours = check(found.model, customers.features, None, known.no_order)
    pd.testing.assert_frame_equal(ours, found.assignments, rtol=1e-6)
    assert (ours["persona"] == NO_ORDER).sum() == 12


def test_survey_only(simulate, a_study):
    _, survey, _ = simulate(seed=8, n=400, separation=1.6, respondents=0.8)
    answers = survey.answers.assign(customer_id=pd.Series(np.nan, index=survey.answers.index, dtype="str"))
    found = divide_customers(None, replace(survey, answers=answers), a_study(), bootstrap=4, null_draws=39)
    assert found.model["kind"] == "mixture"
    answers.loc[3, survey.items["item"][:9].tolist()] = np.nan  # answered nothing that the model reads
    ours = check(found.model, None, answers)
    silent = ours.set_index("customer_id").loc[answers["respondent_id"][3]]
    assert silent["persona"] == UNASSIGNED
    assert silent.drop(["persona", "answered"]).isna().all()


def test_tiers(simulate, a_study):
    customers, survey, _ = simulate(seed=8, n=95, respondents=1)
    spend = divide_customers(customers, None, a_study()).model
    assert spend["tiers"]["table"] == "customers"
    features = customers.features.copy()
    features.loc[0, "spend"] = np.nan
    features.loc[1, "spend"] = spend["tiers"]["edges"][0]  # on the edge: the higher tier
    ours = check(spend, features, None, WAITING).set_index("customer_id")
    assert ours.loc["c00000", "persona"] == UNASSIGNED
    assert ours.loc["c00001", "persona"] == spend["ids"][1]
    answers = survey.answers.assign(customer_id=pd.Series(np.nan, index=survey.answers.index, dtype="str"))
    nps = divide_customers(None, replace(survey, answers=answers), a_study()).model
    assert nps["tiers"] == {"table": "survey", "column": "nps", "edges": nps["tiers"]["edges"]}
    answers.loc[0, "nps"] = np.nan
    assert check(nps, None, answers)["probability"].isna().sum() == 1


def test_what_cannot_be_is_not_known_to_either(planted):
    """Shares under 0 and over 1, infinite and negative numbers: as if they were missing, or at the model's limit."""
    features = planted.customers.features.copy()
    shares = [
        rule["column"] for rule in planted.personas.model["features"] if "trials" in rule and rule["column"] in features
    ]
    features.loc[:9, shares[0]] = [-0.2, 1.4, np.inf, -np.inf, 1 + 1e-9, -1e-9, 25.0, -3.0, np.nan, 0.5]
    features.loc[10:12, "average_order_value"] = [np.inf, -50.0, 1e12]
    features.loc[13:14, "orders"] = [7, 9]
    ours = check(planted.personas.model, features, planted.survey.answers, WAITING).set_index("customer_id")
    gap = features.copy()
    gap.loc[[0, 1, 2, 3, 6, 7], shares[0]] = np.nan
    same = check(planted.personas.model, gap, planted.survey.answers, WAITING).set_index("customer_id")
    pd.testing.assert_frame_equal(ours, same)


# --- any model, any table


def a_feature(column: str, transform: str, rng: np.random.Generator) -> dict[str, Any]:
    low, fill, high = np.sort(rng.uniform(0.1, 2, 3) - 2 * (transform.startswith("logit")))
    rule = {"column": column, "transform": transform, "fill": fill, "low": low, "high": high}
    if transform.startswith("logit"):
        rule |= {"trials": "orders", "alpha": rng.uniform(0.5, 3), "beta": rng.uniform(0.5, 3), "spread_z": 3.0}
    return rule | {"centre": rng.normal(), "scale": rng.uniform(0.3, 2)}


def a_scale(rng: np.random.Generator, centred: bool) -> dict[str, Any]:
    """Ratings as an earlier edition kept them, or with the means of all, an item turned and what counts as one mark."""
    rule = {"items": list(RATINGS), "row_centred": centred}
    if rng.random() < 0.3:
        return rule
    told = {"centres": rng.normal(2, 1, len(RATINGS)), "turned": [RATINGS[1]], "span": 4.0}
    return rule | told | {"flat": [-1.0, -1.0, 0.01, 0.3, 0.5]}


def a_battery(rng: np.random.Generator) -> dict[str, Any]:
    """Perhaps an answer that tells nothing where all give it."""
    return {"alike": [1.0]} if rng.random() < 0.5 else {}


def a_model(rng: np.random.Generator, blocks: set[str], rules: tuple[str, ...], centred: bool) -> dict[str, Any]:
    """A mixture of two to four classes with the given blocks, its numbers drawn at random."""
    k = int(rng.integers(2, 5))
    kinds = {"spend": "log1p", "margin": "none", "weekend_share": "logit of posterior mean"}
    classes: dict[str, Any] = {"weights": rng.dirichlet(np.full(k, 3.0))}
    if "behaviour" in blocks:
        root = rng.normal(size=(3, 3))
        classes["behaviour"] = {"means": rng.normal(size=(k, 3)), "covariance": root @ root.T + np.eye(3)}
    if "likert" in blocks:
        classes["likert"] = {"means": rng.normal(size=(k, 4)), "variances": rng.uniform(0.3, 2, (k, 4))}
    if "categories" in blocks:
        classes["categories"] = [rng.dirichlet(np.ones(3), k), rng.dirichlet(np.ones(2), k)]
    diet = {"item": "diet", "categories": ["fish", HOSTILE], "other": ["meat", "vegan"]}
    return {
        "schema": 1,
        "kind": "mixture",
        "features": [a_feature(name, how, rng) for name, how in kinds.items()] if "behaviour" in blocks else [],
        "likert": a_scale(rng, centred) if "likert" in blocks else None,
        "categories": [diet, {"item": "why: low price", "categories": [0.0, 1.0], "other": None} | a_battery(rng)]
        if "categories" in blocks
        else [],
        "classes": classes,
        "temper": rng.uniform(1, 3),
        "label_rule": {"threshold": 0.8},
        "structural": [STRUCTURAL[rule] for rule in rules],
        "ids": [f"persona-{c}" for c in range(k)],
    }


def some_people(rng: np.random.Generator, n: int = 60) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Features and answers full of gaps: answers never seen before, rows where everything is missing."""
    gaps = rng.random((n, 3)) < 0.3
    gaps[0] = True
    saturday = rng.random(n)
    features = pd.DataFrame({"customer_id": [f"c{i:02d}" for i in range(n)], "orders": rng.integers(1, 6, n)})
    features["spend"] = np.where(gaps[:, 0], np.nan, np.exp(rng.normal(1, 2, n)))
    features["margin"] = np.where(gaps[:, 1], np.nan, rng.normal(0, 3, n))
    features["saturday_share"] = np.where(gaps[:, 2], np.nan, saturday)
    features["sunday_share"] = rng.random(n) * (1 - saturday)
    answers = pd.DataFrame({"respondent_id": [f"r{i:02d}" for i in range(n)], "customer_id": features["customer_id"]})
    for item in RATINGS:
        answers[item] = np.where(rng.random(n) < 0.4, np.nan, rng.integers(0, 5, n))
    answers["diet"] = pd.Series(rng.choice(["fish", HOSTILE, "meat", "never seen", "Fish"], n)).mask(
        rng.random(n) < 0.3
    )
    answers["why: low price"] = rng.choice([0.0, 1.0, np.nan], n)
    answers.loc[:1, answers.columns[2:]] = np.nan
    return features, answers


@settings(max_examples=12, deadline=None)
@given(
    st.integers(0, 10_000),
    st.sets(st.sampled_from(["behaviour", "likert", "categories"]), min_size=1),
    st.sets(st.sampled_from([ONE_ORDER, NO_ORDER])),
    st.booleans(),
)
def test_every_model_places_everybody_alike(seed, blocks, rules, centred):
    rng = np.random.default_rng(seed)
    model, (features, answers) = a_model(rng, blocks, tuple(sorted(rules)), centred), some_people(rng)
    if not blocks & {"likert", "categories"}:
        answers = None
    of_respondents = "behaviour" not in blocks and not rules
    ours = check(model, None if of_respondents else features, answers, () if of_respondents else WAITING)
    shares = ours.filter(regex="^p_")
    assert (shares.isna().all(axis=1) == shares.isna().any(axis=1)).all()
    assert shares.dropna().sum(axis=1).to_numpy() == pytest.approx(1)
    by_rule = ours["persona"].isin(rules)
    assert (ours["probability"].isna() <= (ours["persona"] == UNASSIGNED)).all()
    assert (ours.loc[by_rule, "probability"] == 1).all()


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_an_answer_never_seen_is_no_answer(seed):
    rng = np.random.default_rng(seed)
    model, (features, answers) = a_model(rng, {"behaviour", "likert", "categories"}, (), True), some_people(rng)
    unseen = answers["diet"].isin(["never seen", "Fish"])
    silent = answers.assign(diet=answers["diet"].mask(unseen))
    assert unseen.any()
    pd.testing.assert_frame_equal(assign(model, features, answers), assign(model, features, silent))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([{"likert"}, {"categories"}, {"likert", "categories"}]))
def test_who_said_nothing_gets_no_probability_and_no_persona(seed, blocks):
    """A mixture would give the prior, which looks like knowledge."""
    rng = np.random.default_rng(seed)
    model, (_, answers) = a_model(rng, blocks, (), True), some_people(rng)
    found = assign(model, None, answers).set_index("customer_id").loc[["c00", "c01"]]
    assert (found["persona"] == UNASSIGNED).all()
    assert found.drop(columns=["persona", "answered"]).isna().all(axis=None)


def test_without_anything_known_behaviour_takes_the_medians():
    rng = np.random.default_rng(1)
    model, (features, _) = a_model(rng, {"behaviour"}, (), True), some_people(rng)
    blank = features.assign(spend=np.nan, margin=np.nan, saturday_share=np.nan)
    assert len(assign(model, blank, None).filter(regex="^p_").round(12).drop_duplicates()) == 1


# --- the text


def test_the_text_says_what_it_needs_and_gives():
    rng = np.random.default_rng(2)
    model = a_model(rng, {"behaviour", "likert", "categories"}, (ONE_ORDER, NO_ORDER), True)
    sql = as_sql(model, map(Words().tell, reads_and_gives(model)))
    assert sql.endswith(as_sql(model))
    head = sql.split("\nWITH ")[0].splitlines()
    told = " ".join(line.removeprefix("-- ").strip() for line in head)
    assert all(line.startswith("-- ") for line in head), "a name with a line break stays in its comment"
    assert behaviour_columns(model) == ["orders", "spend", "margin", "saturday_share", "sunday_share"]
    for name in (*behaviour_columns(model), "q1", "diet", "why: low price", *model["ids"], ONE_ORDER, NO_ORDER):
        assert name in told
    assert "NULL means not known" in told
    assert all(line.startswith("-- ") for line in as_sql(model, ["a\u2028b\x85c\nd"]).split("WITH ")[0].splitlines())
