"""Who is sliced into personas, and on which columns; who stands apart by rule."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from helpers.contracts import DataError
from helpers.customers.customers import Customers
from helpers.study import Study
from helpers.survey.survey import Survey
from helpers.types.answer_columns import (
    answers_that_count,
    by_unit,
    category_units,
    likert_units,
    matched_answers,
    prepare_survey,
    survey_choice,
    tells_nothing,
)
from helpers.types.prepare import Prepared, any_known, check_reserved, prepare_behaviour
from helpers.words import Said, few, say

MIN_CUSTOMERS = 30
"""Fewer customers (or respondents, where there are no sales) than this are not sliced at all."""
MIN_RESPONDENTS = 100
"""Respondents among the customers to be sliced; with fewer the survey does not enter the model."""
FIT_ROWS = 20_000
NO_ORDER, ONE_ORDER = "no-order", "one-order"


class Unsliced(DataError):
    """Nobody can be divided into personas; ``why`` is the sentence for the report."""

    def __init__(self, message: Said, why: Said) -> None:
        super().__init__(message)
        self.why = why


@dataclass(frozen=True)
class Pool:
    """The people to be sliced, beside those whom a rule has placed already.

    path : behaviour and survey, behaviour, or survey. features, answers : one row per person, by id (of the
    customer, or respondent in a survey-only study); answers are all NaN for who did not answer.
    prepared : the model's columns. fit : positions of the rows that gate and model see.
    structural : ids of the groups placed by rule, of what was known before ``until``. notes : sentences that the method
    adds. of_totals : whether the answers are totals of customers, whom nobody asked.
    """

    path: str
    features: pd.DataFrame
    answers: pd.DataFrame
    prepared: Prepared
    fit: np.ndarray
    structural: tuple[str, ...]
    notes: tuple[Said, ...] = ()
    until: dt.date | None = None
    of_totals: bool = False


def gather(customers: Customers | None, survey: Survey | None, study: Study) -> Pool:
    """Decide who is sliced and on which columns. Raises Unsliced under MIN_CUSTOMERS."""
    if customers is None:
        return _respondents(survey, study)
    features = customers.features.set_index("customer_id", drop=False)
    if len(features) < MIN_CUSTOMERS:
        raise Unsliced(
            say(
                "personas.refused.few_customers",
                path=study.path,
                n=len(features),
                least=MIN_CUSTOMERS,
                day=customers.period.holdout_from.isoformat(),
            ),
            say("personas.not_asked.few_customers", least=MIN_CUSTOMERS),
        )
    once = features["orders"].to_numpy() <= 1
    structural, notes = [], []
    if once.sum() >= study.privacy.min_cell:
        if (~once).sum() >= MIN_CUSTOMERS:
            structural.append(ONE_ORDER)
        else:
            notes.append(say("personas.method.few_repeat", n=(~once).sum()))
    if len(customers.no_order) >= study.privacy.min_cell:
        structural.append(NO_ORDER)
    rows = np.flatnonzero(~once) if ONE_ORDER in structural else np.arange(len(features))
    features = features.iloc[rows]
    behaviour, rules, dropped = prepare_behaviour(customers, study, rows)
    nothing = pd.DataFrame(index=features.index)
    prepared = Prepared(behaviour, nothing, nothing, rules, None, [], dropped)
    answers = matched_answers(answers_that_count(survey)).reindex(features.index)
    known = np.flatnonzero(any_known(features, rules))
    if rules and len(known) < len(features):
        notes.append(say("personas.method.nothing_known", n=len(features) - len(known)))
    fit = known[_sample(features.iloc[known], study.seed)]
    pool = Pool(
        "behaviour", features, answers, prepared, fit, tuple(structural), tuple(notes), customers.period.holdout_from
    )
    return pool if survey is None else _with_survey(pool, survey, study)


def _sample(features: pd.DataFrame, seed: int) -> np.ndarray:
    """At most FIT_ROWS rows, stratified: a random start and equal steps through the customers in order of spend."""
    if len(features) <= FIT_ROWS:
        return np.arange(len(features))
    order = np.argsort(features["spend"].to_numpy(), kind="stable")
    step = len(features) / FIT_ROWS
    start = np.random.default_rng(seed).uniform(0, step)
    return np.sort(order[(start + step * np.arange(FIT_ROWS)).astype(int)])


def _with_survey(pool: Pool, survey: Survey, study: Study) -> Pool:
    """The pool with answers in its model, where enough of its people answered enough; else as it was, with a note."""

    def noted(note: Said) -> Pool:
        return replace(pool, notes=(*pool.notes, note))

    wanted, kept_out = survey_choice(survey, study)
    respondents = np.flatnonzero(pool.answers["respondent_id"].notna())
    room = len(respondents) // 10 - pool.prepared.behaviour.shape[1]
    if not wanted:
        return noted(say("personas.method.survey_kept"))
    if not len(respondents):
        return noted(say("personas.method.no_respondents"))
    if len(respondents) < MIN_RESPONDENTS or room < 3:
        return noted(say("personas.method.few_respondents", n=len(respondents)))
    prepared, careless = _with_items(pool.prepared, pool.answers, respondents, survey, study, wanted, kept_out, room)
    usable = np.flatnonzero(prepared.answered & ~careless)
    if len(usable) < MIN_RESPONDENTS:
        return noted(say("personas.method.few_respondents", n=len(usable)))
    rows = np.random.default_rng(study.seed).permutation(usable)[:FIT_ROWS]
    pool = replace(pool, path="behaviour and survey", prepared=prepared, fit=np.sort(rows))
    pool = replace(pool, notes=(*pool.notes, *_told_careless(careless, study)))
    silent = len(respondents) - int((prepared.answered | careless).sum())
    return noted(say("personas.method.nothing_answered_behaviour", n=silent)) if silent else pool


def _careless(survey: Survey, answers: pd.DataFrame) -> pd.Series:
    """Whose way of answering makes no persona: all alike, broken off, too fast, or a trial of the form."""
    if "left_out" not in survey.behaviour:  # a survey that was not coded from a file
        return pd.Series(False, index=answers.index)
    careless = survey.behaviour.loc[survey.behaviour["left_out"].notna(), "respondent_id"]
    return answers["respondent_id"].isin(careless)


def _told_careless(rows: pd.Series, study: Study) -> tuple[Said, ...]:
    """That some answers were left out of what makes the personas."""
    n = few(int(rows.sum()), study.privacy.min_cell)
    return (say("personas.method.careless", n=n),) if rows.any() else ()


def _with_items(
    prepared: Prepared,
    answers: pd.DataFrame,
    respondents: np.ndarray,
    survey: Survey,
    study: Study,
    wanted: list[str],
    kept_out: dict[str, Said],
    room: int,
) -> tuple[Prepared, pd.Series]:
    """The columns with answers among them, and who of ``respondents`` answered so that it makes no persona.

    Everything is learned of the others: what the tool notes of those who stopped is the same for all of them.
    """
    kinds = survey.items.set_index("item")["kind"]
    careless = _careless(survey, answers)
    learned = answers.iloc[respondents][~careless.iloc[respondents]]
    if len(learned) < MIN_CUSTOMERS:
        learned = answers.iloc[respondents]
    asked = study.tables.survey.likert
    turned, span = (asked.reverse, float(np.ptp(asked.scale))) if asked else ([], 0.0)
    likert, categories, dropped = prepare_survey(learned, kinds, wanted, room, turned, span, study.privacy.min_cell)
    prepared = replace(
        prepared,
        likert=likert_units(answers, likert),
        categories=category_units(answers, categories),
        likert_rule=likert,
        category_rules=categories,
        dropped=prepared.dropped | kept_out | dropped,
    )
    careless |= tells_nothing(answers, likert, categories)
    return prepared, careless & answers["respondent_id"].notna()


def _respondents(survey: Survey | None, study: Study) -> Pool:
    """The pool of a study without sales: its respondents."""
    n = 0 if survey is None else len(survey.answers)
    if n < MIN_CUSTOMERS:
        raise Unsliced(
            say("personas.refused.few_respondents", path=study.path, n=n, least=MIN_CUSTOMERS),
            say(f"personas.not_asked.{'nobody' if survey is None else 'few_respondents'}", least=MIN_CUSTOMERS),
        )
    attributes = [name for source in study.tables.given().values() for name in [*source.columns, *source.attributes]]
    check_reserved(study, [*survey.answers, *attributes])
    answers = by_unit(answers_that_count(survey))
    wanted, kept_out = survey_choice(survey, study)
    nothing = pd.DataFrame(index=answers.index)
    empty = Prepared(nothing, nothing, nothing, [], None, [], {})
    everybody, room = np.arange(len(answers)), len(answers) // 10
    prepared, careless = _with_items(empty, answers, everybody, survey, study, wanted, kept_out, room)
    fit = np.flatnonzero(prepared.answered & ~careless) if prepared.defining else np.arange(0)
    silent = len(answers) - int((prepared.answered | careless).sum()) if prepared.defining else 0
    notes = (say("personas.method.nothing_answered_survey", n=silent),) if silent else ()
    notes += _told_careless(careless, study) if prepared.defining else ()
    fit = np.sort(np.random.default_rng(study.seed).permutation(fit)[:FIT_ROWS])  # ids may follow the day of answering
    return Pool("survey", nothing, answers, prepared, fit, (), notes, of_totals=survey.of_totals)


def values_to_tier(pool: Pool) -> list[tuple[str, pd.Series]]:
    """Columns to make tiers from, the best first."""
    if pool.path != "survey":
        return [(name, pool.features[name].astype(float)) for name in ("spend", "orders", "recency_days")]
    numeric = pool.answers.select_dtypes("number").drop(columns="weight")
    first = [name for name in numeric if name == "nps"]
    varied = numeric.drop(columns=first).var().sort_values(ascending=False, kind="stable").index
    return [(name, numeric[name]) for name in [*first, *varied]]
