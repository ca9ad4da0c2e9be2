"""Everything that may be said of a person, as one column of numbers each: where it belongs, its unit and its role."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from helpers.contracts import Role, Section
from helpers.customers.customers import Customers
from helpers.study import Study
from helpers.survey.survey import Survey
from helpers.types.prepare import DAYPARTS, DAYS, circular, reserved_columns, with_weekend
from helpers.words import Words

VALUE = ("spend", "margin", "average_order_value", "order_value_median")
SERVICE = ("complaints", "service_cost")
SECTIONS: dict[str, Section] = (
    dict.fromkeys(VALUE, "value")
    | dict.fromkeys(SERVICE, "service")
    | dict.fromkeys(("return_share", "churned"), "risk")
    | dict.fromkeys((*DAYS, *DAYPARTS), "moments")
)
ATTRIBUTES = dict.fromkeys(DAYS, "day") | dict.fromkeys(DAYPARTS, "daypart") | dict.fromkeys(VALUE[2:], "order value")
"""Features that are one value of something; the others are attributes of their own."""
UNITS = dict.fromkeys((*VALUE, "service_cost", "acquisition_cost"), "money") | {"age": "years"}
BASIC = ("average_order_value", "orders")
NOT_SHOWN = [
    *("lines", "units", "returned", "discount_lines", "coupon_orders", "return_lines"),
    *("order_value_min", "order_value_q25", "order_value_q75", "order_value_max"),
]
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
    takes one trait per attribute. of : the model column it was made from. values : float, by person. weight : of each
    person's answer; None where all count alike.
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
    weight: pd.Series | None = None

    def show(self, value: float | None, words: Words) -> str:
        """A value in the trait's unit."""
        return {"share": words.percent, "money": words.money}.get(self.unit, words.number)(value)


def collect_traits(
    people: pd.Index,
    customers: Customers | None,
    survey: Survey | None,
    defining: tuple[str, ...],
    study: Study,
    words: Words,
) -> list[Trait]:
    """All traits of the people, behaviour first, then later behaviour, attributes and answers."""
    traits: list[Trait] = []
    if customers is not None:
        features = with_weekend(customers.features).set_index("customer_id")
        later = with_weekend(customers.held_out).set_index("customer_id")
        traits += _behaviour(features, defining, reserved_columns(study), words)
        traits += _later(later, features, defining, words)
        traits += _attributes(customers.profile.set_index("customer_id"), study.privacy.min_cell)
    if survey is not None:
        traits += _answers(survey, people, defining, study, words)
    return traits


def _behaviour(features: pd.DataFrame, defining: tuple[str, ...], reserved: set[str], words: Words) -> list[Trait]:
    """Traits of the first period: descriptions, but for what was reserved and had no part in the personas."""
    traits = []
    for column in features.select_dtypes(["number", "bool"]).drop(columns=NOT_SHOWN, errors="ignore"):
        tested = column in reserved | OUTCOMES and not circular(column, defining)
        traits.append(behaviour_trait(column, features[column], "held out" if tested else "defining", words))
    return traits


def _later(later: pd.DataFrame, features: pd.DataFrame, defining: tuple[str, ...], words: Words) -> list[Trait]:
    """Traits of the held-out period: outcomes, and whether what made the personas persists."""
    wanted = ["orders", "spend", "average_order_value", *sorted(OUTCOMES), "churned"]
    wanted += [column for column in defining if column in features and column != "recency_days"]
    traits = []
    for column in dict.fromkeys(wanted):
        if column in later:
            now = behaviour_trait(column, later[column], "held out", words)
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
    """The trait of one feature, its section and unit known from its name.

    Values are held to their 1st and 99th percentile, as in the model: one wild order must not make a group's average.
    """
    key, name, share = column, "", column.endswith("_share")
    section, attribute = SECTIONS.get(column, "habits"), ATTRIBUTES.get(column, column)
    first_word = column.partition("_")[0]
    if column in DAYS and column != "weekend_share":
        key, name = "day", words.say(f"personas.day.{first_word}")
    elif share and first_word in ("channel", "category"):
        key, name, attribute = first_word, _plain(column), first_word
        section = "channels" if first_word == "channel" else section
    elif not words.has(f"personas.trait.{key}.says"):
        key, name = "feature", _plain(column)
    known = values.astype(float).replace([np.inf, -np.inf], np.nan)
    unit = "share" if share or column == "churned" else "days" if "_days" in column else UNITS.get(column, "count")
    return Trait(
        column=column,
        source="service" if column in SERVICE else "sales",
        section=section,
        unit=unit,
        role=role,
        values=known.clip(known.quantile(0.01), known.quantile(0.99)),
        key=key,
        name=name,
        attribute=attribute,
        of=column,
        binary=column == "churned",
        basic=column in BASIC,
        trivial=column in OF_ONE_ORDER,
    )


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
            unit = UNITS.get(column, "count")
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


def _answers(survey: Survey, people: pd.Index, defining: tuple[str, ...], study: Study, words: Words) -> list[Trait]:
    """Answers as yes/no traits: agrees (the top quarter of the scale), ticked, chose, would recommend (9 or 10).

    Who agrees with a turned item is who does not with its text, so the text is quoted with a ``not``.
    """
    answers = survey.answers
    units = answers["customer_id"].where(answers["customer_id"].isin(people), answers["respondent_id"])
    answers = answers.set_axis(pd.Index(units)).loc[~units.duplicated().to_numpy()]
    low, high = study.tables.survey.likert.scale if study.tables.survey.likert else (1, 5)
    traits = []
    for item, kind, question, turned in survey.items[["item", "kind", "question", "turned"]].itertuples(index=False):
        if item not in answers or kind not in ("likert", "tick", "categorical", "nps"):
            continue
        role: Role = "defining" if item in defining else "held out"
        common = {
            "source": "survey",
            "section": _survey_section(item, kind),
            "role": role,
            "attribute": item,
            "of": item,
            "weight": answers["weight"],
        }
        values = answers[item]
        if kind == "categorical":
            traits += _one_per_value(values, item, _short(question), "answer", study.privacy.min_cell, common)
            continue
        least = {"likert": 0.75 * (high - low), "tick": 1.0, "nps": 9.0}[kind]
        yes = (values >= least).astype(float).where(values.notna())
        name = _short(item.partition(": ")[2] or question) if kind == "tick" else _short(question)
        name = words.say("personas.trait.turned", name=name) if turned else name
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
