"""Everything that may be said of a person, as one column of numbers each: where it belongs, its unit and its role."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from helpers.contracts import Role, Section
from helpers.data.customers import Customers
from helpers.data.survey import Survey
from helpers.personas.prepare import DAYPARTS, DAYS, circular, with_weekend
from helpers.study import Study
from helpers.wording import Words

MONEY = ("spend", "average_order_value", "order_value_median", "margin", "service_cost", "acquisition_cost")
VALUE = ("spend", "average_order_value", "order_value_median", "margin")
SERVICE = ("complaints", "service_cost")
RISK = ("return_share", "churned")
BASIC = ("average_order_value", "orders")
NOT_SHOWN = {
    *("lines", "units", "returned", "discount_lines", "coupon_orders", "return_lines"),
    *("order_value_min", "order_value_q25", "order_value_q75", "order_value_max"),
}
"""Components of what is shown, and extremes, which would show single customers."""
OUTCOMES = {"complaints", "service_cost", "margin", "return_share"}
"""Columns of the first period that never make personas unless the study says so: they may be tested."""
OF_ONE_ORDER = {"orders", "spend", "tenure_days", "order_value_median"}
"""Trivial to say of customers with one order or none."""
ATTRIBUTE_SECTIONS: dict[str, Section] = {
    "acquisition_channel": "channels",
    "preferred_channel": "channels",
    "contact_hours": "moments",
    "acquisition_cost": "risk",
}
NO_ATTRIBUTES = {"customer_id", "signed_up_at", "birth_year", "referred_by", "quotes_consent"}
SURVEY_SECTIONS: dict[Section, tuple[str, ...]] = {
    "barriers": ("barrier", "obstacle", "doubt", "objection"),
    "drivers": ("driver", "reason", "why", "motive"),
}
"""How the name that study.yml gives to a question tells its section; mindset otherwise."""
VALUES_PER_ATTRIBUTE = 6


@dataclass(frozen=True)
class Trait:
    """One column of numbers per person.

    column : its name in claims ("country: KZ" for one value of an attribute, "later_orders" for the held-out part).
    key : which entry of the catalogue words it, with ``name`` filled in. attribute : what it is one value of; a handle
    takes one trait per attribute. of : the model column it was made from. values : float, by person.
    """

    column: str
    source: str
    section: Section
    unit: str
    role: Role
    values: pd.Series
    key: str
    name: str
    attribute: str
    of: str
    binary: bool = False
    basic: bool = False
    trivial: bool = False
    names_groups: bool = True


def collect_traits(
    people: pd.Index,
    customers: Customers | None,
    survey: Survey | None,
    defining: tuple[str, ...],
    reserved: set[str],
    study: Study,
    words: Words,
) -> list[Trait]:
    """All traits of the people, behaviour first, then later behaviour, attributes and answers."""
    traits: list[Trait] = []
    if customers is not None:
        features = with_weekend(customers.features).set_index("customer_id")
        later = with_weekend(customers.held_out).set_index("customer_id")
        traits += _behaviour(features, defining, reserved, words)
        traits += _later(later, features, defining, words)
        traits += _attributes(customers.profile.set_index("customer_id"), study.privacy.min_cell)
    if survey is not None:
        traits += _answers(survey, people, defining, study)
    return traits


def _behaviour(features: pd.DataFrame, defining: tuple[str, ...], reserved: set[str], words: Words) -> list[Trait]:
    """Traits of the first period: descriptions, but for what was reserved and had no part in the personas."""
    open_to_test = {column for column in reserved | OUTCOMES if not circular(column, defining)}
    return [
        behaviour_trait(
            column, features[column].astype(float), "held out" if column in open_to_test else "defining", words
        )
        for column in features.select_dtypes(["number", "bool"])
        if column not in NOT_SHOWN
    ]


def _later(later: pd.DataFrame, features: pd.DataFrame, defining: tuple[str, ...], words: Words) -> list[Trait]:
    """Traits of the held-out period: outcomes, and whether what made the personas persists."""
    wanted = ["orders", "spend", "average_order_value", *sorted(OUTCOMES), "churned"]
    wanted += [column for column in defining if column in features and column != "recency_days"]
    traits = []
    for column in dict.fromkeys(wanted):
        if column in later:
            now = behaviour_trait(column, later[column].astype(float), "held out", words)
            own = words.has(f"personas.trait.later_{now.key}.says")
            traits.append(
                replace(
                    now,
                    column=f"later_{column}",
                    key=f"later_{now.key}" if own else "later",
                    name=words.say(f"personas.trait.{now.key}.label", name=now.name),
                    attribute=f"later {now.attribute}",
                    of="",
                    basic=False,
                    trivial=False,
                    names_groups=False,
                )
            )
    return traits


def behaviour_trait(column: str, values: pd.Series, role: Role, words: Words) -> Trait:
    """The trait of one feature, its section and unit known from its name."""
    key, name, attribute, section = column, "", column, "habits"
    share = column.endswith("_share")
    if column in DAYS and column != "weekend_share":
        key, name, attribute, section = "day", words.say(f"personas.day.{column.split('_')[0]}"), "day", "moments"
    elif column in (*DAYPARTS, "weekend_share"):
        attribute, section = "day" if column == "weekend_share" else "daypart", "moments"
    elif column.startswith("channel_") and share:
        key, name, attribute, section = "channel", _plain(column), "channel", "channels"
    elif column.startswith("category_") and share:
        key, name, attribute = "category", _plain(column), "category"
    elif column in VALUE:
        section, attribute = "value", "order value" if column in VALUE[1:3] else column
    elif column in SERVICE or column in RISK:
        section = "service" if column in SERVICE else "risk"
    if not words.has(f"personas.trait.{key}.says"):
        key, name = "feature", _plain(column)
    unit = (
        "money"
        if column in MONEY
        else "share"
        if share or column == "churned"
        else "days"
        if "_days" in column
        else "count"
    )
    return Trait(
        column=column,
        source="service" if column in SERVICE else "sales",
        section=section,
        unit=unit,
        role=role,
        values=_winsorised(values.replace([np.inf, -np.inf], np.nan)),
        key=key,
        name=name,
        attribute=attribute,
        of=column,
        binary=column == "churned",
        basic=column in BASIC,
        trivial=column in OF_ONE_ORDER,
    )


def _winsorised(values: pd.Series) -> pd.Series:
    """Values held to their 1st and 99th percentile, as in the model: one wild order must not make a group's average."""
    return values.clip(values.quantile(0.01), values.quantile(0.99))


def _plain(column: str) -> str:
    """``channel_web_shop_share`` as ``web shop``."""
    return column.removeprefix("channel_").removeprefix("category_").removesuffix("_share").replace("_", " ")


def _attributes(profile: pd.DataFrame, least: int) -> list[Trait]:
    """Attributes of the customers table: numbers as they are, categories as one yes/no trait per frequent value."""
    traits = []
    for column in profile:
        values = profile[column]
        if column in NO_ATTRIBUTES or pd.api.types.is_datetime64_any_dtype(values):
            continue
        section = ATTRIBUTE_SECTIONS.get(column, "profile")
        common = {"source": "customers", "section": section, "role": "held out", "attribute": column, "of": column}
        if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
            key = column if column in ("age", "acquisition_cost") else "feature"
            unit = "money" if column in MONEY else "years" if column == "age" else "count"
            traits.append(Trait(column, values=values.astype(float), unit=unit, key=key, name=_plain(column), **common))
        else:
            traits += _one_per_value(values.astype("str"), column, column.replace("_", " "), "attribute", least, common)
    return traits


def _one_per_value(
    values: pd.Series, column: str, name: str, key: str, least: int, common: dict[str, object]
) -> list[Trait]:
    """A yes/no trait for each of the most frequent values; missing stays missing."""
    counts = values.value_counts()
    kept = sorted(counts[counts >= least].index[:VALUES_PER_ATTRIBUTE])
    return [
        Trait(
            f"{column}: {value}",
            values=(values == value).astype(float).where(values.notna()),
            unit="share",
            key=key,
            name=f"“{value}” to “{name}”" if key == "answer" else f"{name} “{value}”",
            binary=True,
            **common,
        )
        for value in kept
    ]


def _answers(survey: Survey, people: pd.Index, defining: tuple[str, ...], study: Study) -> list[Trait]:
    """Answers as yes/no traits: agrees (the top quarter of the scale), ticked, chose, would recommend (9 or 10)."""
    answers = survey.answers
    units = answers["customer_id"].where(answers["customer_id"].isin(people), answers["respondent_id"])
    answers = answers.set_axis(pd.Index(units)).loc[~units.duplicated().to_numpy()]
    low, high = study.tables.survey.likert.scale if study.tables.survey and study.tables.survey.likert else (1, 5)
    traits = []
    for item, kind, question in survey.items[["item", "kind", "question"]].itertuples(index=False):
        if item not in answers or kind not in ("likert", "tick", "categorical", "nps"):
            continue
        role: Role = "defining" if item in defining else "held out"
        common = {
            "source": "survey",
            "section": _survey_section(item, kind),
            "role": role,
            "attribute": item,
            "of": item,
        }
        values = answers[item]
        if kind == "categorical":
            traits += _one_per_value(values, item, _short(question), "answer", study.privacy.min_cell, common)
            continue
        least = {"likert": 0.75 * (high - low), "tick": 1.0, "nps": 9.0}[kind]
        yes = (values >= least).astype(float).where(values.notna())
        name = _short(item.partition(": ")[2] or question) if kind == "tick" else _short(question)
        traits.append(Trait(item, values=yes, unit="share", key=kind, name=name, binary=True, **common))
    return traits


def _survey_section(item: str, kind: str) -> Section:
    if kind == "nps":
        return "service"
    found = (s for s, stems in SURVEY_SECTIONS.items() if any(stem in item.casefold() for stem in stems))
    return next(found, {"tick": "drivers", "categorical": "profile"}.get(kind, "mindset"))


def _short(text: str, longest: int = 70) -> str:
    """A question cut at a word, so that a sentence that quotes it stays readable."""
    text = " ".join(str(text).split())
    return text if len(text) <= longest else text[:longest].rsplit(" ", 1)[0] + " …"
