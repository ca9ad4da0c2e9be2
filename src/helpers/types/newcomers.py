"""The customers of another study, placed by a frozen model: what it needs is asked for by name, what is new is said."""

from __future__ import annotations

from typing import Any

import ibis
import pandas as pd

from helpers.contracts import SCHEMA, DataError, StudyError
from helpers.customers.customers import build_customers
from helpers.read.load import load_tables
from helpers.study import Study
from helpers.survey.survey import code_survey
from helpers.text import fold
from helpers.types.answer_columns import answers_that_count, category_units
from helpers.types.placing import assign, behaviour_columns, rating_columns, ruled
from helpers.types.placing_sql import kinds_read, placed
from helpers.types.prepare import outside
from helpers.words import Text, say

WHOLES = ("channel_", "category_")
"""Features that are parts of a whole."""


def place_newcomers(model: dict[str, Any], study: Study) -> tuple[pd.DataFrame, list[Text]]:
    """Everybody in a study, customers without an order among them, as ``placing.assign`` places them; and what to know.

    A model of answers alone places respondents. An answer that it has never seen counts as not given; a study without
    a survey is placed by behaviour where the model has any.

    Raises StudyError for a table or question that the study lacks and the model needs, DataError for such a column.
    """
    _refuse_other_models(model)
    behaviour, ratings = behaviour_columns(model), rating_columns(model)
    asked = [*ratings, *(rule["item"] for rule in model["categories"])]
    if behaviour and study.tables.sales is None:
        raise StudyError(f"{study.path}: the model places customers by what they buy; name a sales table under tables:")
    if not behaviour and study.tables.survey is None:
        raise StudyError(f"{study.path}: the model places people by their answers; name a survey under tables:")
    tables = load_tables(study)
    answers, notes = None, []
    if asked and study.tables.survey is None:
        notes.append(say("scoring.no_survey", n=len(asked)))
    elif asked:
        answers = _in_the_models_words(answers_that_count(code_survey(tables, study)), model, asked, study)
        for item, codes in category_units(answers, model["categories"]).items():
            if unseen := int((codes.isna() & answers.get(item, codes).notna()).sum()):
                notes.append(say("scoring.unseen", n=unseen, question=item))
    if not behaviour:
        return assign(model, None, answers), notes
    every = study.privacy.model_copy(update={"min_cell": 1})  # rare channels too: nothing of this is published
    customers = build_customers(tables, study.model_copy(update={"privacy": every}))
    features = _complete(customers.features, behaviour, study)
    for column, n in outside(features[~ruled(model, features)], model["features"]).items():
        notes.append(say("scoring.outside", n=n, column=column))
    return assign(model, features, answers, customers.no_order), notes


def place_table(model: dict[str, Any], people: ibis.Table, shown: str) -> tuple[ibis.Table, list[Text]]:
    """Everybody in a table of features (one row per customer) as ``placing_sql.placed`` places them; and what to know.

    people : customer_id, the features that the model reads, and the answers that it reads where they are known. shown :
    the table as messages name it.

    Raises StudyError for a model that cannot be used, DataError for features that the table lacks.
    """
    _refuse_other_models(model)
    behaviour, kinds = behaviour_columns(model), kinds_read(model)
    missing = [name for name in behaviour if name not in people.columns]
    made = {name: people[part] * 0.0 for name in missing if (part := _part_beside(people, name))}
    answers = [name for name in kinds if name not in ("customer_id", *behaviour)]
    silent = [name for name in answers if name not in people.columns]
    made |= {name: ibis.null(kinds[name]) for name in silent}
    absent = [name for name in kinds if name not in people.columns and name not in made]
    if absent or (not behaviour and silent):
        raise DataError(say("scoring.refused.table", path=shown, columns=absent or silent))
    notes = [say("scoring.not_answered", n=len(silent), path=shown)] if silent else []
    return placed(model, people.mutate(**made)), notes


def _part_beside(people: ibis.Table, name: str) -> str | None:
    """Another part of the whole of which nobody chose this one; None where an ``other`` may hide it."""
    whole = next((whole for whole in WHOLES if name.startswith(whole)), None)
    if whole is None or f"{whole}other_share" in people.columns:
        return None
    return next((known for known in people.columns if known.startswith(whole)), None)


def _refuse_other_models(model: dict[str, Any]) -> None:
    """Raises StudyError for a model without personas, a damaged one, and one of another edition."""
    if model.get("schema") != SCHEMA:
        raise StudyError(f"model.json: schema is {model.get('schema')!r}; this edition reads {SCHEMA}")
    if model.get("ids") == []:
        raise StudyError("model.json: that publication has no personas, so there is nobody to place; give another one")
    if not {"kind", "ids", "features", "likert", "categories", "structural", "label_rule"} <= model.keys():
        raise StudyError("model.json: damaged, parts of it are missing; give the folder of an intact publication")


def _complete(features: pd.DataFrame, needed: list[str], study: Study) -> pd.DataFrame:
    """The features, with a share of 0 for a channel or category that nobody chose; refuses a lack of others."""
    for whole in WHOLES:
        features = _with_unchosen(features, [name for name in needed if name.startswith(whole)], whole, "other_share")
    absent = [name for name in needed if name not in features]
    if absent:
        raise DataError(say("scoring.refused.columns", path=study.tables.sales.shown, columns=absent))
    return features


def _in_the_models_words(answers: pd.DataFrame, model: dict[str, Any], asked: list[str], study: Study) -> pd.DataFrame:
    """The answers in the model's spelling, 0 for options that nobody ticked; refuses a question that was not asked."""
    ours = {fold(item): item for item in asked}
    answers = answers.rename(columns={name: ours.get(fold(name), name) for name in answers})
    absent = [item for item in asked if item not in answers]
    for rule in model["categories"]:
        item, seen = rule["item"], [*rule["categories"], *(rule["other"] or [])]
        question = f"{item.split(': ')[0]}: "
        if not isinstance(seen[0], str) and any(name.startswith(question) for name in answers):
            answers = _with_unchosen(answers, [item], question, "other")
            absent = [name for name in absent if name != item]
        elif item in answers:
            spelling = {fold(answer): answer for answer in seen}
            answers[item] = answers[item].map(lambda given, seen=spelling: seen.get(fold(given), given), "ignore")
    if absent:
        raise StudyError(
            f"{study.path}: the model needs the survey questions {', '.join(map(repr, absent))}; name them under "
            f"survey: in study.yml as in the study that made the model."
        )
    return answers


def _with_unchosen(frame: pd.DataFrame, needed: list[str], whole: str, pooled: str) -> pd.DataFrame:
    """0 for absent parts of a whole (``channel_``, ``reasons: ``) whose other parts are known and hide none of them."""
    parts = [name for name in frame if name.startswith(whole)]
    if not parts or f"{whole}{pooled}" in frame:
        return frame
    return frame.assign(**{name: frame[parts[0]] * 0 for name in needed if name not in [*parts, f"{whole}{pooled}"]})
