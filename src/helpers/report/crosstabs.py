"""Every question, attribute and feature by persona and by banner: weighted, with bases, letters and withheld cells."""

from __future__ import annotations

import string
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from scipy.stats import ttest_ind_from_stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportions_ztest

from helpers.beliefs.verdict import ALPHA
from helpers.cards.personas import Personas
from helpers.cards.traits import behaviour_trait
from helpers.columns import circular
from helpers.contracts import UNASSIGNED, StudyError
from helpers.customers.customers import Customers
from helpers.small_cells import shown, withheld
from helpers.study import Study
from helpers.survey.survey import Survey
from helpers.survey.weights import effective_n
from helpers.text import nearest
from helpers.types.answer_columns import of_people
from helpers.words import ENGLISH, Text, say

CELLS = ["table", "question", "option", "measure", "banner", "group", "letter", "base", "count", "value", "higher_than"]
EVERYBODY = ""
"""The letter of the column of everybody, with which nothing is compared."""
MOST_OPTIONS, MOST_GROUPS = 12, 12


@dataclass(frozen=True)
class Crosstabs:
    """Crosstabs, one row per cell.

    cells : table, question, option ("" for a mean), measure (share, mean, money), banner (persona, or a column), group,
        letter of its column, base (people asked, unweighted), count (of them, this option), value (weighted share or
        mean), higher_than (letters of the groups of the banner that it exceeds, Holm over the pairs of a question at
        .05; ``-`` where the column made the groups, so that nothing is tested). Withheld cells are missing.
    """

    cells: pd.DataFrame


@dataclass(frozen=True)
class _Question:
    """One question: a column of numbers per person for each option, and the weights of the people."""

    table: str
    column: str
    question: Text
    measure: str
    options: dict[Text, pd.Series]
    weight: pd.Series
    exclusive: bool = True


def crosstabs(customers: Customers | None, survey: Survey | None, personas: Personas, study: Study) -> Crosstabs:
    """All crosstabs of a study; banners are the personas, and what ``crosstabs.banners`` of study.yml names."""
    placed = personas.assignments.set_index("customer_id")["persona"]
    names = {group.id: group.handle for group in personas.groups}
    banners: dict[Text, pd.Series] = {say("crosstabs.persona"): placed[placed != UNASSIGNED]}
    for column in study.crosstabs.banners if customers is not None else ():
        if column not in customers.profile:
            near = nearest(column, customers.profile.columns[1:])
            raise StudyError(f"{study.path}: crosstabs.banners: no column {column!r} of customers; {near}")
        banners[column] = customers.profile.set_index("customer_id")[column].dropna().astype(str)
    rows: list[dict] = []
    for question in _questions(customers, survey, placed.index, study.privacy.min_cell):
        for number, (banner, groups) in enumerate(banners.items()):
            made = number == 0 and bool(circular(question.column, personas.defining))
            columns = _columns(groups, names if number == 0 else {})
            rows += _cells(question, banner, groups, columns, study.privacy.min_cell, tested=not made)
    return Crosstabs(pd.DataFrame(rows, columns=CELLS))


def differences(cells: pd.DataFrame, *, differences: int = 40) -> pd.DataFrame:
    """For a notebook: the cells that exceed another of their row, the first so many."""
    found = cells[~cells["higher_than"].isin(["", "-"]) & cells["value"].notna()]
    return (
        found[["question", "option", "group", "base", "value", "higher_than"]].head(differences).reset_index(drop=True)
    )


def _columns(groups: pd.Series, names: dict[str, Text]) -> dict[str, tuple[str, Text]]:
    """Letter and heading of each group, the personas in their order, others by size."""
    found = [name for name in names if name in set(groups)] or list(groups.value_counts().index[:MOST_GROUPS])
    return {name: (letter, names.get(name, name)) for letter, name in zip(string.ascii_uppercase, found, strict=False)}


# --- what is asked -----------------------------------------------------------------------------------------------


def _questions(customers: Customers | None, survey: Survey | None, people: pd.Index, least: int) -> Iterator[_Question]:
    """Every question of the survey, attribute of the customers, and feature of their behaviour."""
    if survey is not None:
        yield from _asked(survey, people, least)
    if customers is None:
        return
    profile = customers.profile.set_index("customer_id")
    for column in profile:
        yield from _described("customers", column, column, profile[column], least)
    features = customers.features.set_index("customer_id")
    for column in features.select_dtypes(["number", "bool"]):
        trait = behaviour_trait(column, features[column], "defining")
        key = f"personas.trait.{trait.key}.label"
        name = say(key, name=trait.name) if ENGLISH.has(key) else column.replace("_", " ")
        yield from _described("sales", column, name, features[column], least, trait.unit)


def _described(
    table: str, column: str, name: Text, values: pd.Series, least: int, unit: str = "count"
) -> Iterator[_Question]:
    """A number by its mean, texts by their frequent values; nothing where each value is another."""
    weight = pd.Series(1.0, index=values.index)
    if pd.api.types.is_numeric_dtype(values) or pd.api.types.is_bool_dtype(values):
        measure = {"share": "share", "money": "money"}.get(unit, "mean")
        yield _Question(table, column, name, measure, {"": values.astype(float)}, weight)
    elif pd.api.types.is_datetime64_any_dtype(values):
        return
    elif options := _options(values.astype("str").where(values.notna()), least):
        yield _Question(table, column, name, "option", options, weight)


def _options(values: pd.Series, least: int) -> dict[Text, pd.Series]:
    """A yes/no column for each frequent value; what is left is one option of its own."""
    counts = values.value_counts()
    kept = counts.index[counts >= least][:MOST_OPTIONS]
    if len(kept) == 0:
        return {}
    found: dict[Text, pd.Series] = {v: (values == v).astype(float).where(values.notna()) for v in kept}
    if len(kept) < len(counts):
        found[say("crosstabs.other")] = (~values.isin(kept)).astype(float).where(values.notna())
    return found


def _asked(survey: Survey, people: pd.Index, least: int) -> Iterator[_Question]:
    """The questions of the survey, people by the id under which they have a persona."""
    answers = of_people(survey.answers, people)
    weight = answers["weight"]
    for item, kind, question in survey.items[["item", "kind", "question"]].itertuples(index=False):
        if item not in answers:
            continue
        values = answers[item]
        if kind == "tick":
            text, _, option = item.partition(": ")
            yield _Question("survey", item, text, "option", {option: values}, weight, exclusive=False)
        elif kind == "categorical":
            if options := _options(values, least):
                yield _Question("survey", item, question, "option", options, weight)
        elif kind == "nps":
            yield _Question("survey", item, question, "option", _recommend(values), weight)
        elif pd.api.types.is_numeric_dtype(values):
            yield _Question("survey", item, question, "mean", {"": values.astype(float)}, weight)


def _recommend(values: pd.Series) -> dict[Text, pd.Series]:
    """Promoters (9 and 10), passives, detractors (0 to 6)."""
    parts = {"promoters": values >= 9, "passives": values.between(7, 8.99), "detractors": values < 7}
    return {say(f"crosstabs.{name}"): part.astype(float).where(values.notna()) for name, part in parts.items()}


# --- cells -------------------------------------------------------------------------------------------------------


def _cells(
    question: _Question,
    banner: Text,
    groups: pd.Series,
    columns: dict[str, tuple[str, Text]],
    least: int,
    *,
    tested: bool,
) -> list[dict]:
    """The cells of one question by one banner, everybody first."""
    yes_no, found = question.measure == "option", []
    for option, values in question.options.items():
        known = values.dropna()
        inside = groups.reindex(known.index)
        for group in (None, *columns):
            own = known if group is None else known[inside == group]
            letter, heading = (EVERYBODY, say("crosstabs.everybody")) if group is None else columns[group]
            found.append(
                _cell(own, question.weight[own.index]) | {"option": option, "letter": letter, "group": heading}
            )
    table = pd.DataFrame(found)
    table["place"] = table.groupby("letter", sort=False).cumcount()
    if yes_no:
        hidden = _small(table[table["letter"] != EVERYBODY], least, exclusive=question.exclusive)
        everybody = table["letter"] == EVERYBODY
        hidden |= set(table.index[everybody & ~table["count"].map(lambda n: shown(n, least))])
    else:
        hidden = set(table.index[~shown(table["base"], least)])
    table["higher_than"] = _letters(table.drop(index=list(hidden)), yes_no) if tested else "-"
    table["higher_than"] = table["higher_than"].fillna("")
    if not yes_no:
        table["count"] = np.nan
    table.loc[list(hidden), ["base", "count", "value"]] = np.nan
    table.loc[~shown(table["base"].fillna(0), least), "base"] = np.nan
    about = {"table": question.table, "question": question.question, "banner": banner}
    measure = "share" if yes_no else question.measure
    return (table.assign(**about, measure=measure))[CELLS].to_dict("records")


def _cell(own: pd.Series, weight: pd.Series) -> dict:
    """Base, count, weighted mean with its variance, and the effective number of people."""
    if own.empty:
        return {"base": 0, "count": 0, "value": np.nan, "variance": np.nan, "effective": 0.0}
    mean = float(np.average(own, weights=weight))
    spread = float(np.average((own - mean) ** 2, weights=weight))
    return {
        "base": len(own),
        "count": int((own > 0).sum()),
        "value": mean,
        "variance": spread,
        "effective": effective_n(weight),
    }


def _small(table: pd.DataFrame, least: int, *, exclusive: bool) -> set[int]:
    """Rows that would tell of few people: directly, or by taking others from a total.

    The options of one question add up to its base; of a tick list each option stands beside those who left it out.
    """
    counts = table[["letter", "place", "count", "base"]].reset_index(names="row")
    if not exclusive or table["place"].max() == 0:
        rest = counts.assign(count=counts["base"] - counts["count"], place=-1, row=-1)
        counts = pd.concat([counts, rest], ignore_index=True)
    told = withheld(counts, ["count"], least, margins=[["letter"], ["place"]])
    return set(counts.loc[told["count"].isna() & (counts["row"] >= 0), "row"])


def _letters(table: pd.DataFrame, yes_no: bool) -> pd.Series:
    """For each cell the letters of the groups that it exceeds, by Holm over all pairs and options of the question."""
    own = table[(table["letter"] != EVERYBODY) & (table["effective"] >= 2)]
    pairs = [
        (high, low, p)
        for _, part in own.groupby("place")
        for first, second in combinations(part.index, 2)
        for high, low, p in [_compared(part, first, second, yes_no)]
        if np.isfinite(p)
    ]
    higher = pd.Series("", index=table.index)
    if pairs:
        clear = multipletests([p for *_, p in pairs], alpha=ALPHA, method="holm")[0]
        for (high, low, _), sure in zip(pairs, clear, strict=True):
            higher[high] += table.loc[low, "letter"] if sure else ""
    return higher.map(lambda letters: "".join(sorted(letters)))


def _compared(part: pd.DataFrame, first: int, second: int, yes_no: bool) -> tuple[int, int, float]:
    """The higher and the lower of two cells and p: two proportions (pooled), or Welch's t, on effective numbers."""
    a, b = part.loc[first], part.loc[second]
    sizes = a["effective"], b["effective"]
    if yes_no:
        p = proportions_ztest(np.multiply([a["value"], b["value"]], sizes), sizes)[1] if _varies(a, b) else np.nan
    else:
        own, other = ((c["value"], np.sqrt(c["variance"] * n / (n - 1)), n) for c, n in zip((a, b), sizes, strict=True))
        p = ttest_ind_from_stats(*own, *other, equal_var=False)[1] if a["variance"] + b["variance"] > 0 else np.nan
    return (first, second, float(p)) if a["value"] >= b["value"] else (second, first, float(p))


def _varies(a: pd.Series, b: pd.Series) -> bool:
    """Whether not everybody in both cells says the same."""
    return 0 < a["value"] * a["effective"] + b["value"] * b["effective"] < a["effective"] + b["effective"]
