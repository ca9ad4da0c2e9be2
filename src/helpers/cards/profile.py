"""What sets each group apart: claims on its strongest traits, a handle, a rule, and how many members match."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce
from itertools import chain, combinations, count
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import norm

from helpers.cards.claims import ALL_OTHERS, SURELY, adjusted, compare, corrected, p_value, weights_of
from helpers.cards.claims_told import against_each, claims_of, left_open, strongest_first, united
from helpers.cards.held_out import after_selection, defining_values, direct_effect, predicted, threshold
from helpers.cards.personas import Group, Personas
from helpers.cards.prose import MOST, TENTH
from helpers.cards.rule import rule_of
from helpers.cards.traits import Trait, collect_traits
from helpers.columns import feature
from helpers.customers.customers import Customers
from helpers.read.load import LoadedTables
from helpers.small_cells import wilson
from helpers.study import Study
from helpers.survey.survey import Survey
from helpers.survey.weights import effective_n
from helpers.types.answer_columns import by_unit
from helpers.types.division import Division, divide_customers
from helpers.words import Quantity, Text, say

PROFILE_COLUMNS = [
    *("id", "column", "source", "role", "n", "mean", "mean_others", "lift", "ci_low", "ci_high", "unit"),
    *("measure", "p_adjusted"),
]
LOOKED_AT = [
    *("trait", "p", "strength", "z", "error", "bounded", "bound", "bound_others", "compared_with"),
    *("of_most", "median", "median_others", "members"),
]


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
    made, least = defining_values(people.index, customers, survey, defining), study.privacy.min_cell
    traits = [
        replace(trait, role="defining") if trait.role == "held out" and predicted(trait, made) else trait
        for trait in collect_traits(people.index, customers, survey, defining, study)
    ]
    sets, weights = _sets(people["persona"], model), weights_of(people, model, division.structure.kind)
    posterior = people[[f"p_{group}" for group in model["ids"]]].dropna() if len(weights.columns) else None
    table = lifts(traits, sets, defining, least, weights, made, posterior)
    pairs = lifts(traits, _pairs(sets, model["ids"]), defining, least, pd.DataFrame())
    reach = threshold(table["p"], table["p_adjusted"])
    asked, groups, taken = _rule_traits(traits, defining), [], set()
    for group, (members, others) in sets.items():
        rows = united(table[table["id"] == group], members, others, least, reach)
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
            handle = handle_of(rows, taken, members)
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
            open=left_open(traits, table[table["id"] == group], members),
        )
        groups.append(described)
    handles = {group.id: group.handle for group in groups}
    groups = [
        replace(group, claims=group.claims + against_each(pairs[pairs["id"] == group.id], group.claims, handles))
        for group in groups
    ]
    return Personas(
        method=division.method,
        structure=division.structure,
        groups=tuple(groups),
        assignments=division.assignments,
        choice=division.choice,
        profile=table.assign(ci_low=table["ci_low_raw"], ci_high=table["ci_high_raw"])[PROFILE_COLUMNS].reset_index(
            drop=True
        ),
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


def _pairs(
    sets: dict[str, tuple[pd.Index, pd.Index]], ids: list[str]
) -> dict[tuple[str, str], tuple[pd.Index, pd.Index]]:
    """Members of each clustered group, and of each other one."""
    return {(one, other): (sets[one][0], sets[other][0]) for one in ids for other in ids if one != other}


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
    groups: dict[str, tuple[pd.Index, pd.Index]] | dict[tuple[str, str], tuple[pd.Index, pd.Index]],
    defining: tuple[str, ...],
    least: int,
    weights: pd.DataFrame,
    made: pd.DataFrame | None = None,
    posterior: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """One row per group x trait that may be shown, with p adjusted over all held-out traits (Benjamini-Hochberg).

    A row that is no difference by its corrected p has no ``strength``; one that is has the interval of what was
    selected (``ci_low_raw`` and ``ci_high_raw`` are those of a single look). Rows of what made the groups are held to
    the same bar, and have no p.

    groups : id, or id and that of the other group -> (members, those they are compared with). weights : BCH weights,
    people x natural groups made by a model, used where the trait shows no direct effect of the defining columns
    (``made``) beyond the classes (``posterior``).
    """
    rows, direct = [], {}
    if posterior is not None and made is not None:
        held = [trait for trait in traits if trait.role == "held out"]
        direct = {trait.column: direct_effect(trait, posterior, made) for trait in held}
    # numbers of people in the place of their names, which would be looked up again at every comparison
    everybody = reduce(pd.Index.union, (people for both in groups.values() for people in both), pd.Index([]))
    numbered = [(trait, trait.of_people(everybody)) for trait in traits]
    weights = weights.set_axis(everybody.get_indexer(weights.index)) if len(weights.columns) else weights
    for key, both in groups.items():
        group, against = (key, ALL_OTHERS) if isinstance(key, str) else key
        members, others = (pd.Index(everybody.get_indexer(people)) for people in both)
        for named, trait in numbered:
            found = compare(trait, members, others, least)
            if found is None:
                continue
            if trait.role == "held out":
                by_class = against == ALL_OTHERS and group in weights and not direct.get(trait.column)
                better = (
                    corrected(found, trait, weights[group], defining, least)
                    if by_class and not found["bounded"]
                    else None
                )
                found = better or found | {"p": p_value(trait, members, others, defining)}
            about = {name: getattr(trait, name) for name in ("column", "source", "role", "unit")}
            about |= {"members": len(members)} if trait.source == "customers" else {}
            about |= {"id": group, "trait": named, "compared_with": against}
            rows.append(about | found | _of_most(trait, members, others, found))
    table = pd.DataFrame(rows, columns=[*PROFILE_COLUMNS[:-1], *LOOKED_AT])
    return _selected(table.assign(p_adjusted=adjusted(table["p"])))


def _selected(table: pd.DataFrame) -> pd.DataFrame:
    """Rows with the strength and the interval that they have once all were looked at."""
    tested, reach = table["role"] == "held out", threshold(table["p"], table["p_adjusted"])
    described = adjusted(pd.Series(2 * norm.sf(table["z"].abs().astype(float)), table.index).where(~tested))
    surely = table["p_adjusted"].where(tested, described) <= SURELY
    table = table.assign(ci_low_raw=table["ci_low"], ci_high_raw=table["ci_high"])
    for at in table.index[tested & surely & ~table["bounded"].astype(bool)]:
        ends = np.array(after_selection(table.at[at, "z"], reach)) * table.at[at, "error"]
        table.loc[at, ["ci_low", "ci_high"]] = np.exp(ends) if table.at[at, "measure"] == "lift" else ends
    return table.assign(strength=table["strength"].where(surely, 0.0))


def _of_most(trait: Trait, members: pd.Index, others: pd.Index, found: dict[str, Any]) -> dict[str, Any]:
    """Whether the medians differ as the means do: else a few members make the difference."""
    if trait.binary:
        return {"of_most": True, "median": np.nan, "median_others": np.nan}
    own, theirs = (float(trait.values.reindex(people).median()) for people in (members, others))
    more = found["mean"] > found["mean_others"]
    return {"of_most": own > theirs if more else own <= theirs, "median": own, "median_others": theirs}


def prevalence_of(rows: pd.DataFrame, members: pd.Index, top: int = 5) -> tuple[float, ...]:
    """Share of members who match at least 1, 2, 3 ... of the group's strongest attributes (Chapman et al. 2008).

    A member matches where the value lies on the group's side of the middle between the two means. Attributes known for
    fewer than four in five members are left out; an unknown value does not match.
    """
    matches: dict[str, pd.Series] = {}
    for row in strongest_first(rows[rows["strength"] > 0]).itertuples():
        values = row.trait.values.reindex(members)
        if row.trait.attribute not in matches and values.notna().mean() >= 0.8 and len(matches) < top:
            middle = (row.mean + row.mean_others) / 2
            matches[row.trait.attribute] = values > middle if row.mean > row.mean_others else values < middle
    counts = sum(matches.values())
    return tuple(float((counts >= number).mean()) for number in range(1, len(matches) + 1))


# --- handles and rules -------------------------------------------------------------------------------------------


def holds(row: Any, members: pd.Index) -> bool:
    """Whether at least half of the members have a trait: a yes, or a value on the group's side of the middle; and of a
    share whether it is half of what they do, to the nearest tenth."""
    values, high = row.trait.values.reindex(members).dropna(), row.mean > row.mean_others
    if row.trait.unit == "share" and (row.mean if high else 1 - row.mean) < MOST - TENTH:
        return False
    if row.trait.binary:
        return bool((values.mean() if high else 1 - values.mean()) >= 0.5)
    middle = (row.mean + row.mean_others) / 2
    return bool((values > middle if high else values < middle).mean() >= 0.5)


def _for_handle(rows: pd.DataFrame, members: pd.Index | None) -> list[tuple[Trait, bool]]:
    """Traits that may name a group, the strongest first, one per attribute: (trait, higher than the others).

    Each holds for at least half of the ``members``, where those are given.

    What a group has names it better than what it lacks, and what made it better than what was found of it later or the
    text of a question (the others count half); a share has to be of some size.
    """
    high = rows["mean"] > rows["mean_others"]
    asked = (rows["source"] == "survey") | (rows["role"] == "held out")
    small = (rows["unit"] == "share") & (rows[["mean", "mean_others"]].max(axis=1) < 0.1)
    weight = (rows["strength"] * np.where(high, 1, 0.5) * np.where(asked, 0.5, 1)).where(~small, 0)
    found: dict[str, tuple[Trait, bool]] = {}
    for row in strongest_first(rows.assign(high=high, weight=weight)[weight > 0], "weight").itertuples():
        if row.trait.names_groups and (members is None or holds(row, members)):
            found.setdefault(row.trait.attribute, (row.trait, row.high))
    return list(found.values())


def handle_of(rows: pd.DataFrame, taken: set[Text], members: pd.Index | None = None) -> Text:
    """A short label from the two strongest claims, unlike the handles that are taken."""

    def phrase(part: str, choice: tuple[Trait, bool]) -> Text:
        trait, high = choice
        key = trait.handle or trait.key
        return say(f"personas.trait.{key}.{part}_{'high' if high else 'low'}", name=trait.name)

    def two(first: tuple[Trait, bool], second: tuple[Trait, bool]) -> Text:
        key = "both" if first[0].source == second[0].source == "survey" else "two"  # "those who ... and who ..."
        return say(f"personas.handle.{key}", head=phrase("head", first), tail=phrase("tail", second))

    choices = _for_handle(rows, members)
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
