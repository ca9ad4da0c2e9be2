"""Everything that may be said of a person, as one column of numbers each: where it belongs, its unit and its role."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from helpers.columns import FEATURES, attribute, circular, feature
from helpers.contracts import Role, Section
from helpers.customers.customers import Customers
from helpers.own import own_of
from helpers.study import Study
from helpers.survey.survey import Survey
from helpers.types.answer_columns import of_people
from helpers.types.prepare import reserved_columns, with_weekend
from helpers.words import ENGLISH, Quantity, Text, say

SURVEY_SECTIONS: dict[Section, tuple[str, ...]] = {
    "barriers": ("barrier", "obstacle", "doubt", "objection"),
    "drivers": ("driver", "reason", "why", "motive"),
}
"""How the name that study.yml gives to a question tells its section; mindset otherwise."""
VALUES_PER_ATTRIBUTE = 40
"""Of an attribute with more values the most frequent ones are compared; which of them are told is for their differences
to say, and all of them count as tested."""
WORDS_THAT_STATE = 3
"""A rated text of fewer words states nothing that one could agree with."""
LONGEST = 70
"""Letters of a question that a sentence quotes."""


@dataclass(frozen=True)
class Trait:
    """One column of numbers per person.

    column : its name in claims ("country: KZ" for one value of an attribute, "later_orders" for the held-out part).
    key : which entry of the catalogue words it, with ``name`` filled in. handle : the entry that names a group by it,
    where that is another. attribute : what it is one value of; a handle takes one trait per attribute. of : the model
    column it was made from. values : float, by person. weight : of each person's answer; None where all count alike.
    per : of so many people, or orders, sentences tell the value.
    """

    column: str
    source: str
    section: Section
    unit: str
    role: Role
    values: pd.Series
    key: str
    name: Text
    attribute: str
    of: str
    handle: str = ""
    binary: bool = False
    basic: bool = False
    trivial: bool = False
    names_groups: bool = True
    weight: pd.Series | None = None
    per: int = 1

    def of_people(self, people: pd.Index) -> Trait:
        """The same trait with the numbers of these people in the place of their names."""
        weight = None if self.weight is None else self.weight.reindex(people).reset_index(drop=True)
        return replace(self, values=self.values.reindex(people).reset_index(drop=True), weight=weight)

    def shown(self, value: float | None) -> Quantity:
        """A value in the trait's unit."""
        known = None if value is None else float(value)
        return Quantity(known, {"share": "percent", "money": "money"}.get(self.unit, "number"))

    def told(self, value: float | None) -> Quantity:
        """A mean as a sentence tells it: of so rare a thing not for one but for a hundred."""
        if self.per == 1 or value is None:
            return self.shown(value)
        many = self.per * float(value)
        return Quantity(many, "count" if many >= 9.95 or many == 0 else "number.1")


def collect_traits(
    people: pd.Index, customers: Customers | None, survey: Survey | None, defining: tuple[str, ...], study: Study
) -> list[Trait]:
    """All traits of the people, behaviour first, then later behaviour, attributes and answers."""
    traits: list[Trait] = []
    if customers is not None:
        features = with_weekend(customers.features).set_index("customer_id")
        later = with_weekend(customers.held_out).set_index("customer_id")
        traits += _behaviour(features, defining, reserved_columns(study))
        traits += _later(later, features, defining)
        traits += _own(customers, defining, study)
        traits += _attributes(customers.profile.set_index("customer_id"), study.privacy.min_cell)
    if survey is not None:
        traits += _answers(survey, people, defining, study)
    return traits


def _behaviour(features: pd.DataFrame, defining: tuple[str, ...], reserved: set[str]) -> list[Trait]:
    """Traits of the first period: descriptions, but for what was reserved and had no part in the personas."""
    traits = []
    for column in features.select_dtypes(["number", "bool"]):
        row = feature(column)
        if row.shown:
            traits.append(behaviour_trait(column, features[column], _role(column, defining, reserved)))
    for row in FEATURES:
        if row.rate and set(row.rate) <= set(features.columns):
            total, exposure = (features[name].astype(float) for name in row.rate)
            # any weight that the rate does not follow gives the same mean; one wild customer must not make it
            weight = exposure.where(exposure > 0).clip(upper=exposure.quantile(0.99))
            told = behaviour_trait(row.name, total / exposure.where(exposure > 0), "held out", clipped=False)
            traits.append(replace(told, role=_role(row.name, defining, reserved), weight=weight))
    return traits


def _own(customers: Customers, defining: tuple[str, ...], study: Study) -> list[Trait]:
    """Traits of the features of the study's own."""
    values = customers.own.set_index("customer_id")
    return [
        Trait(one.name, "own", one.section, one.unit, one.role(defining), values[one.name], "feature", one.label,
              attribute=one.name, of=one.name, names_groups=False)
        for one in own_of(study).features
    ]  # fmt: skip


def _role(column: str, defining: tuple[str, ...], reserved: set[str]) -> Role:
    """Whether a column of the first period may be tested: an outcome, or reserved, that follows from no part of it."""
    tested = (feature(column).outcome or column in reserved) and not circular(column, defining)
    return "held out" if tested else "defining"


def _later(later: pd.DataFrame, features: pd.DataFrame, defining: tuple[str, ...]) -> list[Trait]:
    """Traits of the held-out period: outcomes, and whether what made the personas persists."""
    wanted = [row.name for row in FEATURES if row.later]
    wanted += [column for column in defining if column in features and column != "recency_days"]
    traits = []
    for column in dict.fromkeys(wanted):
        if column in later:
            now = behaviour_trait(column, later[column], "held out")
            own = ENGLISH.has(f"personas.trait.later_{now.key}.says")
            traits.append(
                replace(
                    now,
                    column=f"later_{column}",
                    key=f"later_{now.key}" if own else "later",
                    name=say(f"personas.trait.{now.key}.label", name=now.name),
                    attribute=f"later {now.attribute}",
                    of="",
                    basic=False,
                    trivial=False,
                    names_groups=False,
                )
            )
    return traits


def behaviour_trait(column: str, values: pd.Series, role: Role, *, clipped: bool = True) -> Trait:
    """The trait of one feature as its row in ``columns`` tells it.

    Values are held to their 1st and 99th percentile, as in the model: one wild order must not make a group's average.
    """
    row = feature(column)
    name: Text = row.name_in(column).replace("_", " ")
    if row.wording == "day":
        name = say(f"personas.day.{column.removesuffix('_share')}")
    known = values.astype(float).replace([np.inf, -np.inf], np.nan)
    return Trait(
        column=column,
        source=row.source,
        section=row.section,
        unit=row.unit,
        role=role,
        values=known.clip(known.quantile(0.01), known.quantile(0.99)) if clipped else known,
        key=row.wording or column,
        name=name,
        attribute=row.attribute or column,
        of=column,
        handle=row.handle,
        binary=column == "churned",
        basic=row.basic,
        per=row.per,
        trivial=row.trivial,
    )


def _attributes(profile: pd.DataFrame, least: int) -> list[Trait]:
    """Attributes of the customers table: numbers as they are, categories as one yes/no trait per frequent value."""
    traits = []
    for column in profile:
        values, row, name = profile[column], attribute(column), column.replace("_", " ")
        if row.section is None or pd.api.types.is_datetime64_any_dtype(values):
            continue
        common = {"source": "customers", "section": row.section, "role": "held out", "attribute": column, "of": column}
        if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
            key = column if row.kind == "number" else "feature"
            traits.append(Trait(column, values=values.astype(float), unit=row.unit, key=key, name=name, **common))
        else:
            values = values.astype("str")
            named = {
                value: say("personas.trait.has", attribute=name, value=value) for value in _frequent(values, least)
            }
            traits += _one_per_value(values, column, named, "attribute", common)
    return traits


def _frequent(values: pd.Series, least: int) -> list[str]:
    """The values that enough people have, of very many the most frequent ones."""
    counts = values.value_counts()
    return sorted(counts[counts >= least].index[:VALUES_PER_ATTRIBUTE])


def _one_per_value(
    values: pd.Series, column: str, named: dict[str, Text], key: str, common: dict[str, object]
) -> list[Trait]:
    """A yes/no trait for each of some values, by what it is called; missing stays missing."""
    return [
        Trait(
            f"{column}: {value}",
            values=(values == value).astype(float).where(values.notna()),
            unit="share",
            key=key,
            name=name,
            binary=True,
            **common,
        )
        for value, name in named.items()
    ]


def _answers(survey: Survey, people: pd.Index, defining: tuple[str, ...], study: Study) -> list[Trait]:
    """Answers as yes/no traits: agrees (the top quarter of the scale), ticked, chose, would recommend (9 or 10).

    Who agrees with a turned item is who does not with its text, so the text is quoted with a ``not``. What is rated by
    a word or two, such as a product, is marked high: nobody agrees with it.
    """
    answers = of_people(survey.answers, people)
    low, high = study.tables.survey.likert.scale if study.tables.survey.likert else (1, 5)
    about = {name: question.about for name, question in study.tables.survey.multiple_choice.items()}
    asked_of_all = [str(text) for text in survey.items["question"]]
    options = [item.partition(": ")[2] for item in survey.items["item"]]
    traits = []
    for item, kind, question, turned in survey.items[["item", "kind", "question", "turned"]].itertuples(index=False):
        if item not in answers or kind not in ("likert", "tick", "categorical", "nps"):
            continue
        # a band follows from its number, and one total from another: they describe, and are never tested
        described = item in defining or item in study.tables.survey.bands
        role: Role = "defining" if described else "held out"
        common = {
            "source": "survey",
            "section": _survey_section(
                item, kind, next((about[name] for name in about if item.startswith(f"{name}: ")), None)
            ),
            "role": role,
            "attribute": item,
            "of": item,
            "weight": answers["weight"],
        }
        values = answers[item]
        if kind == "categorical":
            asked, frequent = shortened(question, asked_of_all), _frequent(values, study.privacy.min_cell)
            if survey.of_totals:
                named = {value: say("personas.trait.has", attribute=asked, value=value) for value in frequent}
            else:
                named = {value: say("personas.trait.said", value=value, question=asked) for value in frequent}
            key = "attribute" if survey.of_totals else "answer"
            traits += _one_per_value(values, item, named, key, common)
            continue
        least = {"likert": 0.75 * (high - low), "tick": 1.0, "nps": 9.0}[kind]
        yes = (values >= least).astype(float).where(values.notna())
        option = item.partition(": ")[2] if kind == "tick" else ""
        name = shortened(option, options) if option else shortened(question, asked_of_all)
        name = say("personas.trait.turned", name=name) if turned else name
        states = kind != "likert" or turned or len(str(question).split()) >= WORDS_THAT_STATE
        key = kind if states else "marked"
        traits.append(Trait(item, values=yes, unit="share", key=key, name=name, binary=True, **common))
    return traits


def _survey_section(item: str, kind: str, about: Section | None) -> Section:
    """Where an answer belongs: a tick where the study says what its list is about, and never guessed to be a driver."""
    if kind == "nps":
        return "service"
    if about is not None:
        return about
    found = (s for s, stems in SURVEY_SECTIONS.items() if any(stem in item.casefold() for stem in stems))
    return next(found, "mindset" if kind == "likert" else "profile")


def shortened(text: str, among: Iterable[str] = (), longest: int = LONGEST) -> str:
    """A question cut at a word, so that a sentence that quotes it stays readable, and still no other one of ``among``.

    Where others begin alike it is told from where it differs from all of them on.
    """
    text = " ".join(str(text).split())
    if len(text) <= longest:
        return text
    words, others = text.split(), [" ".join(str(other).split()).split() for other in among]
    alike = [_shared(words, other) for other in others if other != words]
    start = max((shared for shared in alike if len(" ".join(words[: shared + 1])) > longest), default=0)
    start = min(start, len(words) - 1)
    rest = " ".join(words[start:])
    cut = rest if len(rest) <= longest else rest[:longest].rsplit(" ", 1)[0] + " …"
    return f"… {cut}" if start else cut


def _shared(one: list[str], other: list[str]) -> int:
    """With how many words both begin."""
    both = zip(one, other, strict=False)
    return next((at for at, (first, second) in enumerate(both) if first != second), min(len(one), len(other)))
