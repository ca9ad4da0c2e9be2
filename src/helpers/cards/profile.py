"""What sets each group apart: claims on its strongest traits, a handle, a rule, and how many members match."""

from __future__ import annotations

from collections import Counter
from itertools import chain, combinations, count
from typing import Any

import numpy as np
import pandas as pd

from helpers.cards.claims import adjusted, claim_of, compare, corrected, p_value, weights_of
from helpers.cards.personas import Group, Personas
from helpers.cards.rule import rule_of
from helpers.cards.traits import Trait, collect_traits
from helpers.columns import feature
from helpers.contracts import Claim
from helpers.customers.customers import Customers
from helpers.people import wilson
from helpers.read.load import LoadedTables
from helpers.study import Study
from helpers.survey.survey import Survey
from helpers.survey.weights import effective_n
from helpers.types.answer_columns import by_unit
from helpers.types.division import Division, divide_customers
from helpers.words import Quantity, Text, say

PER_SECTION = 3
PROFILE_COLUMNS = [
    *("id", "column", "source", "role", "n", "mean", "mean_others", "lift", "ci_low", "ci_high", "unit"),
    *("measure", "p_adjusted"),
]
SAME = 1.1
"""A lift between 1 / 1.1 and 1.1 says nothing worth a line on a card."""


def find_personas(
    customers: Customers | None,
    survey: Survey | None,
    study: Study,
    tables: LoadedTables | None = None,
    *,
    bootstrap: int = 50,
    null_draws: int = 199,
) -> Personas:
    """Divide the customers and describe what was found, as ``divide_customers`` and ``describe`` do one by one."""
    division = divide_customers(customers, survey, study, tables, bootstrap=bootstrap, null_draws=null_draws)
    return describe(division, customers, survey, study)


def describe(division: Division, customers: Customers | None, survey: Survey | None, study: Study) -> Personas:
    """The groups of a division and what sets each apart: its ``Personas``."""
    model, defining, stability = division.model, division.defining, division.stability
    people = division.assignments.set_index("customer_id")
    traits = collect_traits(people.index, customers, survey, defining, study)
    sets = _sets(people["persona"], model)
    table = lifts(traits, sets, defining, study.privacy.min_cell, weights_of(people, model))
    asked, groups, taken = _rule_traits(traits, defining), [], set()
    for group, (members, _) in sets.items():
        rows = table[table["id"] == group]
        structural = group not in model["ids"]
        if structural:
            rows = rows[~rows["trait"].map(lambda trait: trait.trivial).astype(bool)]
            ends = {"start": customers.period.start, "day": customers.period.holdout_from}
            handle, rule, accuracy = (
                say(f"personas.handle.{group}", **ends),
                say(f"personas.rule.{group}", **ends),
                None,
            )
        elif model["kind"] == "tiers":
            handle, rule, accuracy = *_tier(group, model), None
        else:
            handle = handle_of(rows, taken)
            rule, accuracy = _rule(group, people, asked, study)
        taken.add(handle)
        within, across = stability.get(group, (None, None))
        described = Group(
            id=group,
            kind="persona" if group.startswith("persona-") else "segment",
            structural=structural,
            handle=handle,
            n=len(members),
            answered=int(people.loc[members, "answered"].sum()),
            **_size(members, people, customers, survey),
            within=within,
            across=across,
            prevalence=prevalence_of(rows, members),
            rule=rule,
            held_out_balanced_accuracy=accuracy,
            claims=claims_of(rows),
        )
        groups.append(described)
    return Personas(
        method=division.method,
        structure=division.structure,
        groups=tuple(groups),
        assignments=division.assignments,
        choice=division.choice,
        profile=table[PROFILE_COLUMNS].reset_index(drop=True),
        defining=defining,
        model=model,
        near_ties=division.near_ties,
    )


def _sets(persona: pd.Series, model: dict[str, Any]) -> dict[str, tuple[pd.Index, pd.Index]]:
    """Members of each group and those they are compared with.

    Clustered groups are compared with everybody else whom the model placed, unassigned people among them; structural
    ones with everybody who is not in them.
    """
    structural = [rule["id"] for rule in model["structural"]]
    clustered = persona[~persona.isin(structural)]
    sets = [(group, clustered) for group in model["ids"]] + [(group, persona) for group in structural]
    return {group: (among.index[among == group], among.index[among != group]) for group, among in sets}


def _size(
    members: pd.Index, people: pd.DataFrame, customers: Customers | None, survey: Survey | None
) -> dict[str, Any]:
    """Share of all customers with Wilson's interval, and share of revenue; respondents count by their weight."""
    if customers is None:
        weights, revenue = by_unit(survey.answers)["weight"].reindex(people.index), None
    else:
        weights = pd.Series(1.0, index=people.index)
        spend = customers.features.set_index("customer_id")["spend"].replace(np.inf, np.nan)
        revenue = float(spend.reindex(members).sum() / spend.sum()) if spend.sum() > 0 else None
    share = weights[members].sum() / weights.sum()
    effective = effective_n(weights)
    low, high = wilson(share * effective, effective)
    return {"share": float(share), "ci_low": low, "ci_high": high, "revenue_share": revenue}


# --- traits of a group -------------------------------------------------------------------------------------------


def lifts(
    traits: list[Trait],
    groups: dict[str, tuple[pd.Index, pd.Index]],
    defining: tuple[str, ...],
    least: int,
    weights: pd.DataFrame,
) -> pd.DataFrame:
    """One row per group x trait that may be shown, with p adjusted over all held-out traits (Benjamini-Hochberg).

    groups : id -> (members, those they are compared with). weights : BCH weights, people x groups made by a model.
    """
    rows = []
    for group, (members, others) in groups.items():
        for trait in traits:
            found = compare(trait, members, others, least)
            if found is None:
                continue
            if trait.role == "held out":
                made_by_model = group in weights and not found["bounded"]
                better = corrected(found, trait, weights[group], defining) if made_by_model else None
                found = better or found | {"p": p_value(trait, members, others, defining)}
            about = {name: getattr(trait, name) for name in ("column", "source", "role", "unit")}
            rows.append({"id": group, "trait": trait} | about | found)
    table = pd.DataFrame(rows, columns=[*PROFILE_COLUMNS[:-1], "trait", "p", "strength"])
    return table.assign(p_adjusted=adjusted(table["p"]))


def _strongest_first(rows: pd.DataFrame, by: str = "strength") -> pd.DataFrame:
    return rows.sort_values(by, ascending=False, kind="stable")


def claims_of(rows: pd.DataFrame) -> tuple[Claim, ...]:
    """The claims of one group, the strongest first: what differs, and a few basics whether it does or not."""
    claims, taken = [], Counter()
    for row in _strongest_first(rows).to_dict("records"):
        trait, lift = row["trait"], row["measure"] == "lift"
        telling = row["strength"] > 0 and (not lift or max(row["lift"], 1 / row["lift"]) >= SAME)
        crowded = taken[trait.section] >= PER_SECTION or taken[trait.attribute] >= 2
        if trait.basic or (telling and not crowded):
            taken.update([trait.section, trait.attribute])
            shown = {"value": trait.shown(row["mean"]), "others": trait.shown(row["mean_others"])}
            claim = claim_of(
                row,
                trait.role,
                section=trait.section,
                statement=say(f"personas.trait.{trait.key}.says", name=trait.name, **shown),
                source=trait.source,
                column=trait.column,
                unit="lift" if lift else f"difference ({trait.unit})",
                shares=(float(row["mean"]), float(row["mean_others"])) if trait.unit == "share" else None,
            )
            claims.append(claim)
    return tuple(claims)


def prevalence_of(rows: pd.DataFrame, members: pd.Index, top: int = 5) -> tuple[float, ...]:
    """Share of members who match at least 1, 2, 3 ... of the group's strongest attributes (Chapman et al. 2008).

    A member matches where the value lies on the group's side of the middle between the two means. Attributes known for
    fewer than four in five members are left out; an unknown value does not match.
    """
    matches: dict[str, pd.Series] = {}
    for row in _strongest_first(rows[rows["strength"] > 0]).itertuples():
        values = row.trait.values.reindex(members)
        if row.trait.attribute not in matches and values.notna().mean() >= 0.8 and len(matches) < top:
            middle = (row.mean + row.mean_others) / 2
            matches[row.trait.attribute] = values > middle if row.mean > row.mean_others else values < middle
    counts = sum(matches.values())
    return tuple(float((counts >= number).mean()) for number in range(1, len(matches) + 1))


# --- handles and rules -------------------------------------------------------------------------------------------


def _for_handle(rows: pd.DataFrame) -> list[tuple[Trait, bool]]:
    """Traits that may name a group, the strongest first, one per attribute: (trait, higher than the others).

    What a group has names it better than what it lacks, and what made it better than what was found of it later or the
    text of a question (the others count half); a share has to be of some size.
    """
    high = rows["mean"] > rows["mean_others"]
    asked = (rows["source"] == "survey") | (rows["role"] == "held out")
    small = (rows["unit"] == "share") & (rows[["mean", "mean_others"]].max(axis=1) < 0.1)
    weight = (rows["strength"] * np.where(high, 1, 0.5) * np.where(asked, 0.5, 1)).where(~small, 0)
    found: dict[str, tuple[Trait, bool]] = {}
    for row in _strongest_first(rows.assign(high=high, weight=weight)[weight > 0], "weight").itertuples():
        if row.trait.names_groups:
            found.setdefault(row.trait.attribute, (row.trait, row.high))
    return list(found.values())


def handle_of(rows: pd.DataFrame, taken: set[Text]) -> Text:
    """A short label from the two strongest claims, unlike the handles that are taken."""

    def phrase(part: str, choice: tuple[Trait, bool]) -> Text:
        trait, high = choice
        key = trait.handle or trait.key
        return say(f"personas.trait.{key}.{part}_{'high' if high else 'low'}", name=trait.name)

    def two(first: tuple[Trait, bool], second: tuple[Trait, bool]) -> Text:
        key = "both" if first[0].source == second[0].source == "survey" else "two"  # "those who ... and who ..."
        return say(f"personas.handle.{key}", head=phrase("head", first), tail=phrase("tail", second))

    choices = _for_handle(rows)
    pairs = (two(first, second) for first, second in combinations(choices, 2))
    alone = phrase("head", choices[0]) if choices else say("personas.handle.none")
    again = (say("personas.handle.again", handle=alone, number=number) for number in count(2))
    return next(handle for handle in chain(pairs, [alone], again) if handle not in taken)


def _rule_traits(traits: list[Trait], defining: tuple[str, ...]) -> list[Trait]:
    """What a rule may ask: behaviour that made the personas; answers only where there is no behaviour."""
    made = [trait for trait in traits if trait.role == "defining" and trait.of in defining]
    return [trait for trait in made if trait.source != "survey"] or made


def _rule(group: str, people: pd.DataFrame, asked: list[Trait], study: Study) -> tuple[Text, float | None]:
    """The rule of a clustered group, told apart from all whom the model placed, and its accuracy."""
    clustered = people.index[people[f"p_{group}"].notna()]
    columns = pd.DataFrame({trait.column: trait.values.reindex(clustered) for trait in asked}, index=clustered)
    member = (people.loc[clustered, "persona"] == group).to_numpy()
    names = {trait.column: trait for trait in asked}
    return rule_of(columns.fillna(columns.median()), names, member, study.seed)


def _tier(group: str, model: dict[str, Any]) -> tuple[Text, Text]:
    """Handle and rule of a value tier."""
    column, position, of = model["tiers"]["column"], model["ids"].index(group), len(model["ids"])
    row, edges = feature(column), model["tiers"]["edges"]
    label = say(f"personas.trait.{column}.label") if row else column
    place, part = ("lowest", "under") if position == 0 else ("middle", "between")
    if position == of - 1:
        place, part = "highest", "from"
    unit = "money" if row and row.unit == "money" else "number"
    low, high = (Quantity(edge, unit) for edge in [None, *edges, None][position : position + 2])
    handle = say(f"personas.handle.tier_{place}", column=label, number=of - position, of=of)
    return handle, say(f"personas.rule.tier_{part}", label=label, low=low, high=high)
