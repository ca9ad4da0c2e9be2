"""From coded answers to the columns that personas are made of.

Rating items are centred per respondent, so that "says yes to everything" is not a persona; categories and ticks are
coded from 0, and an answer never seen before counts as missing. What is dropped is dropped by name, with the reason.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from helpers.study import Study
from helpers.survey.survey import Survey
from helpers.types.prepare import reserved_columns, unknown_name, width
from helpers.words import Said, say

MODEL_KINDS = ("likert", "tick", "categorical")


def unit_of(answers: pd.DataFrame) -> pd.Series:
    """Whom an answer stands for where there are no sales: the customer, or else the respondent."""
    return answers["customer_id"].astype("str").fillna(answers["respondent_id"])


def by_unit(answers: pd.DataFrame) -> pd.DataFrame:
    """Answers by whom they stand for; of several respondents with one customer the first counts."""
    answers = answers.set_index(unit_of(answers))
    return answers[~answers.index.duplicated()]


def matched_answers(answers: pd.DataFrame | None) -> pd.DataFrame:
    """The answers of customers, by customer; none where there is no survey."""
    if answers is None:
        return pd.DataFrame({"respondent_id": []}, index=pd.Index([], dtype=str))
    return by_unit(answers.dropna(subset=["customer_id"]))


def likert_units(answers: pd.DataFrame, rule: dict[str, Any] | None) -> pd.DataFrame:
    """Ratings minus the respondent's own mean; missing where fewer than half of the items are answered."""
    if rule is None:
        return pd.DataFrame(index=answers.index)
    ratings = answers.reindex(columns=rule["items"]).astype(float)
    ratings = ratings.where(ratings.notna().sum(axis=1) * 2 >= len(rule["items"]))
    return ratings.sub(ratings.mean(axis=1), axis=0) if rule["row_centred"] else ratings


def category_units(answers: pd.DataFrame, rules: list[dict[str, Any]]) -> pd.DataFrame:
    """Category codes from 0; an answer that the model has never seen counts as missing."""
    columns = {}
    for rule in rules:
        values = answers[rule["item"]] if rule["item"] in answers else pd.Series(np.nan, index=answers.index)
        codes = values.map({category: float(code) for code, category in enumerate(rule["categories"])}).astype(float)
        if rule["other"] is not None:
            codes = codes.mask(codes.isna() & values.isin(rule["other"]), float(len(rule["categories"])))
        columns[rule["item"]] = codes
    return pd.DataFrame(columns, index=answers.index)


def learn_category(answers: pd.Series, item: str, kind: str, least: int = 10) -> dict[str, Any] | Said:
    """How to code one categorical item (the seven most frequent, then "other") or a tick; or why it cannot be used.

    An answer of fewer than ``least`` people stands in no rule, since rules are published: it counts as missing.
    """
    counts = answers.value_counts()
    common = counts[counts >= max(10, least, 0.05 * counts.sum())]
    if kind == "tick":
        usable = len(common) == 2
        return {"item": item, "categories": [0.0, 1.0], "other": None} if usable else say("personas.dropped.alike")
    kept = sorted(common.index[:7])
    if len(counts) < 2 or counts[kept].sum() < 0.5 * counts.sum():
        return say("personas.dropped.constant" if len(counts) < 2 else "personas.dropped.too_many")
    other = sorted(level for level in counts.index.difference(kept) if counts[level] >= least)
    if len(kept) + bool(other) < 2 or (other and len(kept) == 1 and counts[other].sum() < 10):
        return say("personas.dropped.alike")
    return {"item": item, "categories": kept, "other": other if counts[other].sum() >= 10 else None}


def survey_choice(survey: Survey, study: Study) -> tuple[list[str], dict[str, Said]]:
    """Items that may enter the model, and those that may not. Raises StudyError for a name that is no question."""
    kinds = survey.items.set_index("item")["kind"]
    named = study.personas.survey
    if named == "none":
        return [], {}
    reserved = reserved_columns(study) | set(study.privacy.protected)
    wanted = [item for item in kinds.index if kinds[item] in MODEL_KINDS]
    if named != "default":
        wanted = []
        for name in named:
            found = [item for item in kinds.index if item == name or item.startswith(f"{name}: ")]
            if not found:
                raise unknown_name("personas.survey", name, kinds.index)
            wanted += found
    kept = [item for item in wanted if item in reserved or item.split(": ")[0] in reserved]
    dropped = dict.fromkeys(kept, say("personas.dropped.kept"))
    return [item for item in wanted if item not in dropped and item in survey.answers], dropped


def prepare_survey(
    answers: pd.DataFrame, kinds: pd.Series, wanted: list[str], room: int, least: int = 10
) -> tuple[dict[str, Any] | None, list[dict[str, Any]], dict[str, Said]]:
    """The coding of the wanted items, the most telling first, in at most ``room`` model columns; and what was dropped.

    answers : one row per respondent to fit on. kinds : item -> kind.
    """
    dropped: dict[str, Said] = {}
    ratings, categories = {}, {}
    for item in wanted:
        values = answers[item]
        if values.isna().mean() > 0.5:
            dropped[item] = say("personas.dropped.unanswered")
        elif kinds[item] in ("categorical", "tick"):
            rule = learn_category(values, item, kinds[item], least)
            if isinstance(rule, Said):
                dropped[item] = rule
            else:
                categories[item] = rule
        elif values.std() < 1e-9:
            dropped[item] = say("personas.dropped.constant")
        else:
            ratings[item] = values.var()
    likert = sorted(ratings, key=lambda item: (-ratings[item], item))
    dropped |= dict.fromkeys(likert[room:], say("personas.dropped.few_respondents"))
    items = [item for item in wanted if item in likert[:room]]
    room -= len(items)
    rules = []
    for item, rule in categories.items():
        if width(rule) - 1 <= room:
            rules.append(rule)
            room -= width(rule) - 1
        else:
            dropped[item] = say("personas.dropped.few_respondents")
    return ({"items": items, "row_centred": len(items) >= 3} if items else None), rules, dropped
