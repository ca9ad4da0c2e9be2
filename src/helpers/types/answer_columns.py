"""From coded answers to the columns that personas are made of.

Rating items are centred per respondent as they were asked, so that "says yes to everything" is not a persona; who gave
(nearly) the same mark to all of them, or the same answer to a long list of yes and no, has told nothing by it.
Categories and ticks are coded from 0, and an answer never seen before counts as missing. What is dropped is dropped by
name, with the reason.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import chi2

from helpers.study import Study
from helpers.survey.survey import Survey
from helpers.types.prepare import reserved_columns, unknown_name, width
from helpers.words import Said, say

MODEL_KINDS = ("likert", "tick", "categorical")
UNREAD = ("hurried", "trial")
"""Reasons to leave somebody out (``survey.answering``) for which no answer tells anything."""
LEAST_RATED = 4
"""Of fewer ratings, equal ones mean nothing."""
FLAT, FLAT_BY_CHANCE = 0.25, 0.01
"""Marks that differ less than this part of what is usual are the same mark, where fewer than one in a hundred of those
who mean what they mark would differ so little."""
LEAST_BATTERY = 8
"""Questions of yes and no to all of which nobody gives one answer who reads them."""
HEAP = 2.0
"""So many times as many people gave one answer to all of them as did to all but one: they did not come by degrees."""


def answers_that_count(survey: Survey | None) -> pd.DataFrame | None:
    """The answers of a survey, none of those who cannot have read the questions; the people stay."""
    if survey is None or "left_out" not in survey.behaviour:  # a survey that was not coded from a file
        return None if survey is None else survey.answers
    unread = survey.behaviour.loc[survey.behaviour["left_out"].isin(UNREAD), "respondent_id"]
    items = survey.items.loc[survey.items["kind"].isin(MODEL_KINDS), "item"]
    answers, columns = survey.answers.copy(), [item for item in items if item in survey.answers]
    answers[columns] = answers[columns].mask(answers["respondent_id"].isin(unread))
    return answers


def unit_of(answers: pd.DataFrame) -> pd.Series:
    """Whom an answer stands for where there are no sales: the customer, or else the respondent."""
    return answers["customer_id"].astype("str").fillna(answers["respondent_id"])


def by_unit(answers: pd.DataFrame) -> pd.DataFrame:
    """Answers by whom they stand for; of several respondents with one customer the first counts."""
    answers = answers.set_index(unit_of(answers))
    return answers[~answers.index.duplicated()]


def of_people(answers: pd.DataFrame, people: pd.Index) -> pd.DataFrame:
    """Answers by those who are known among ``people``: by the customer, or else the respondent; the first counts."""
    units = answers["customer_id"].where(answers["customer_id"].isin(people), answers["respondent_id"])
    return answers.set_axis(pd.Index(units)).loc[~units.duplicated().to_numpy()]


def matched_answers(answers: pd.DataFrame | None) -> pd.DataFrame:
    """The answers of customers, by customer; none where there is no survey."""
    if answers is None:
        return pd.DataFrame({"respondent_id": []}, index=pd.Index([], dtype=str))
    return by_unit(answers.dropna(subset=["customer_id"]))


def likert_units(answers: pd.DataFrame, rule: dict[str, Any] | None) -> pd.DataFrame:
    """Ratings minus the respondent's own level; missing where fewer than half of the items are answered, or all alike.

    The level is how far the marks lie above those of all respondents on the same items, as they were asked: who left
    out what few agree to, or agrees to whatever is said, is not measured from another level than the others.
    """
    if rule is None:
        return pd.DataFrame(index=answers.index)
    ratings = answers.reindex(columns=rule["items"]).astype(float)
    ratings = ratings.where(ratings.notna().sum(axis=1) * 2 >= len(rule["items"]))
    if not rule["row_centred"]:
        return ratings
    ratings = ratings.mask(_flat(ratings, rule)) - likert_centres(rule)
    ways = likert_ways(rule)
    return ratings - np.outer((ratings * ways).mean(axis=1), ways)


def likert_ways(rule: dict[str, Any]) -> np.ndarray:
    """-1 for items that were turned, 1 for the others."""
    return np.where(np.isin(rule["items"], rule.get("turned", [])), -1.0, 1.0)


def likert_centres(rule: dict[str, Any]) -> np.ndarray:
    """What all respondents said to each item on average; 0 for a model that measures from no level, or none such."""
    nothing = np.zeros(len(rule["items"]))
    return np.array(rule.get("centres", nothing)) if rule["row_centred"] else nothing


def _flat(ratings: pd.DataFrame, rule: dict[str, Any]) -> pd.Series:
    """Who gave (nearly) the same mark to all items, as they were asked."""
    limits = np.array([*rule.get("flat", []), *[-1.0] * (len(rule["items"]) + 1)])
    return as_asked(ratings, rule).var(axis=1, ddof=0) <= limits[ratings.notna().sum(axis=1)]


def as_asked(ratings: pd.DataFrame, rule: dict[str, Any]) -> pd.DataFrame:
    """Ratings in the direction in which they were given."""
    ways = likert_ways(rule)
    return ratings * ways + np.where(ways < 0, rule.get("span", 0.0), 0.0)


def one_answer(answers: pd.DataFrame, rules: list[dict[str, Any]]) -> pd.Series:
    """Who gave the same answer to every question of yes and no, where that is no opinion (``_with_battery``)."""
    battery = [rule for rule in rules if rule.get("alike")]
    given = answers.reindex(columns=[rule["item"] for rule in battery])
    told = [(given == value).all(axis=1) for value in (battery[0]["alike"] if battery else [])]
    return pd.concat(told, axis=1).any(axis=1) if told else pd.Series(False, index=answers.index)


def tells_nothing(answers: pd.DataFrame, likert: dict[str, Any] | None, rules: list[dict[str, Any]]) -> pd.Series:
    """Whose answers have no variance: the same mark for all ratings, or the same answer to all of yes and no."""
    flat = pd.Series(False, index=answers.index)
    if likert is not None and likert["row_centred"]:
        ratings = answers.reindex(columns=likert["items"]).astype(float)
        flat = _flat(ratings.where(ratings.notna().sum(axis=1) * 2 >= len(likert["items"])), likert)
    return flat | one_answer(answers, rules)


def category_units(answers: pd.DataFrame, rules: list[dict[str, Any]]) -> pd.DataFrame:
    """Category codes from 0; an answer that the model has never seen counts as missing, and so does ``one_answer``."""
    same = one_answer(answers, rules)
    columns = {}
    for rule in rules:
        values = answers[rule["item"]] if rule["item"] in answers else pd.Series(np.nan, index=answers.index)
        codes = values.map({category: float(code) for code, category in enumerate(rule["categories"])}).astype(float)
        if rule["other"] is not None:
            codes = codes.mask(codes.isna() & values.isin(rule["other"]), float(len(rule["categories"])))
        columns[rule["item"]] = codes.mask(same) if rule.get("alike") else codes
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


def learn_ratings(answers: pd.DataFrame, items: list[str], turned: list[str], span: float) -> dict[str, Any]:
    """How ratings are coded; ``turned`` items were asked the other way round on a scale that is ``span`` wide."""
    rule: dict[str, Any] = {"items": items, "row_centred": len(items) >= 3}
    if not rule["row_centred"]:
        return rule
    ratings = answers[items].astype(float)
    rule |= {"centres": ratings.mean().tolist(), "turned": [item for item in items if item in turned], "span": span}
    usual = as_asked(ratings, rule).var(axis=1, ddof=0)[ratings.notna().all(axis=1)].median()
    degrees = np.arange(LEAST_RATED, len(items) + 1) - 1
    limits = np.minimum(FLAT, chi2.ppf(FLAT_BY_CHANCE, degrees) / degrees) * np.nan_to_num(usual)
    return rule | {"flat": [*[-1.0] * LEAST_RATED, *np.maximum(limits, 1e-9).tolist()][: len(items) + 1]}


def _with_battery(rules: list[dict[str, Any]], answers: pd.DataFrame) -> list[dict[str, Any]]:
    """The rules, those of a long list of yes and no with the answers that nobody who reads gives to all of them.

    Such an answer is rarer than one in a hundred where the questions have nothing to do with each other, and is given
    by a heap of people that the others do not come near to by degrees.
    """
    two = [rule for rule in rules if len(rule["categories"]) == 2 and rule["other"] is None]
    battery = [rule["item"] for rule in two if rule["categories"] == two[0]["categories"]]
    if len(battery) < LEAST_BATTERY:
        return rules
    given, alike = answers[battery].dropna(), []
    for value in two[0]["categories"]:
        said = given == value
        times, chance = said.sum(axis=1), said.mean().prod()
        heap, before = (times == len(battery)).sum(), (times == len(battery) - 1).sum()
        if heap and chance <= FLAT_BY_CHANCE and heap >= HEAP * before:
            alike.append(value)
    return [rule | {"alike": alike} if alike and rule["item"] in battery else rule for rule in rules]


def prepare_survey(
    answers: pd.DataFrame,
    kinds: pd.Series,
    wanted: list[str],
    room: int,
    turned: list[str] | None = None,
    span: float = 0.0,
    least: int = 10,
) -> tuple[dict[str, Any] | None, list[dict[str, Any]], dict[str, Said]]:
    """The coding of the wanted items, the most telling first, in at most ``room`` model columns; and what was dropped.

    answers : one row per respondent to fit on. kinds : item -> kind. turned, span : as in ``learn_ratings``.
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
    likert_rule = learn_ratings(answers, items, turned or [], span) if items else None
    return likert_rule, _with_battery(rules, answers), dropped
