"""What sets each group apart, as claims with evidence: lifts, tests on what did not make the groups, handles.

A column that made the personas is described and never tested: an ANOVA on pure noise split by k-means is "significant"
97 times in 100. Tests use what was kept out: reserved columns, attributes, later behaviour; Welch or two proportions on
the groups as assigned (errors of assignment pull differences towards none), adjusted over all (Benjamini-Hochberg).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain, combinations, count
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import norm, t
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint, proportions_ztest
from statsmodels.stats.weightstats import ttest_ind

from helpers.contracts import Claim, Grade, Role, StudyError
from helpers.data.customers import Customers
from helpers.data.survey import Survey
from helpers.personas.answers import unit_of
from helpers.personas.prepare import circular, reserved_columns
from helpers.personas.rule import rule_of
from helpers.personas.traits import Trait, collect_traits
from helpers.study import Study
from helpers.wording import Words

Z = norm.ppf(0.975)
PER_SECTION = 3
PROFILE_COLUMNS = [
    *("id", "column", "source", "role", "n", "mean", "mean_others", "lift", "ci_low", "ci_high", "unit"),
    *("measure", "p_adjusted"),
]
SAME = 1.1
"""A lift between 1 / 1.1 and 1.1 says nothing worth a line on a card."""


@dataclass(frozen=True)
class Group:
    """One card to be: a persona, a segment (constructive, or a value tier), or a structural segment (by rule).

    ``structural`` groups (no order yet, one order only) are segments by rule beside the clustered ones.
    """

    id: str
    kind: str
    structural: bool
    handle: str
    n: int
    answered: int
    share: float
    ci_low: float
    ci_high: float
    revenue_share: float | None
    within: float | None
    across: float | None
    prevalence: tuple[float, ...]
    rule: str
    held_out_balanced_accuracy: float | None
    claims: tuple[Claim, ...]


def refuse_circular_test(column: str, defining: Iterable[str]) -> None:
    """Raise StudyError when a test is asked for on a column that made the personas, or that follows from one."""
    if made := circular(column, defining):
        raise StudyError(
            f"{column}: no test on a column that made the personas ({', '.join(made)}); its p-value would be small on "
            f"pure noise. Reserve it (personas.reserve in study.yml) and run again, or test later behaviour."
        )


# --- one trait of one group ---------------------------------------------------------------------------------------


def compare(trait: Trait, members: pd.Index, others: pd.Index, least: int) -> dict[str, Any] | None:
    """Means of a trait in two sets of people and their ratio with its 95 % interval on the log scale.

    A difference of means takes its place where values may be negative. None where a mean is zero or fewer than twice
    ``least`` people have a value. Of a yes/no trait no cell under ``least`` is shown: such a count is taken to be
    ``least``, where that makes the difference smaller (the share is then a bound), and nothing is said where not.
    """
    a, b = _known(trait, members, others)
    if min(len(a), len(b)) < 2 * least:
        return None
    mean, mean_others = a.mean(), b.mean()
    errors = [part.var(ddof=1) / len(part) for part in (a, b)]
    if trait.binary:
        own, theirs = (float(np.clip(part.mean(), least / len(part), 1 - least / len(part))) for part in (a, b))
        if abs(own - theirs) > abs(mean - mean_others) or (own - theirs) * (mean - mean_others) <= 0:
            return None
        mean, mean_others = own, theirs
        errors = [own * (1 - own) / len(a), theirs * (1 - theirs) / len(b)]
    difference = min(a.min(), b.min()) < 0
    if sum(errors) == 0 if difference else min(mean, mean_others) <= 0:
        return None
    if difference:
        lift = mean - mean_others
        freedom = sum(errors) ** 2 / (errors[0] ** 2 / (len(a) - 1) + errors[1] ** 2 / (len(b) - 1))
        half = t.ppf(0.975, freedom) * np.sqrt(sum(errors))
        ends = [lift - half, lift + half]
        strength = max(0.0, abs(lift) - half) / np.sqrt(a.var() + b.var())
    else:
        log_lift = np.log(mean / mean_others)
        half = Z * np.sqrt(errors[0] / mean**2 + errors[1] / mean_others**2)
        lift, *ends = np.exp([log_lift, log_lift - half, log_lift + half])
        strength = max(0.0, abs(log_lift) - half)
    return {
        "n": len(a),
        "mean": mean,
        "mean_others": mean_others,
        "measure": "difference" if difference else "lift",
        "lift": lift,
        "ci_low": ends[0],
        "ci_high": ends[1],
        "strength": strength,
    }


def _known(trait: Trait, *people: pd.Index) -> list[np.ndarray]:
    """The values of each set of people, without those not known."""
    return [trait.values.reindex(some).dropna().to_numpy(dtype=float) for some in people]


def p_value(trait: Trait, members: pd.Index, others: pd.Index, defining: Iterable[str]) -> float:
    """Two proportions or Welch's t. Raises StudyError for a defining column."""
    refuse_circular_test(trait.column, defining)
    a, b = _known(trait, members, others)
    if trait.binary:
        return float(proportions_ztest([a.sum(), b.sum()], [len(a), len(b)])[1])
    return float(ttest_ind(a, b, usevar="unequal")[1]) if a.var() + b.var() > 0 else 1.0


def adjusted(p: pd.Series, method: str = "fdr_bh") -> pd.Series:
    """p-values corrected over all that are known: Benjamini & Hochberg (1995), or ``holm`` (1979)."""
    known = p.dropna()
    corrected = multipletests(known, method=method)[1] if len(known) else []
    return pd.Series(corrected, index=known.index, dtype=float).reindex(p.index)


def grade_claim(row: dict[str, Any], role: Role, p_adjusted: float | None) -> Grade:
    """strong, moderate or weak by number of people, interval, and the test or (defining) the size of the lift."""
    lift = row["measure"] == "lift"
    clear = not row["ci_low"] <= (1.0 if lift else 0.0) <= row["ci_high"]
    far = lift and (row["ci_low"] > 1.25 or row["ci_high"] < 0.8)
    firm = far if role == "defining" else p_adjusted is not None and p_adjusted <= 0.01
    if clear and firm and row["n"] >= 100:
        return "strong"
    return "moderate" if clear and row["n"] >= 30 else "weak"


def claim_of(row: dict[str, Any], role: Role, **said: str) -> Claim:
    """The claim of a row with n, measure, lift, ci_low, ci_high and p_adjusted (NaN where nothing was tested).

    said : section, statement, source, column, unit, compared_with.
    """
    p = None if np.isnan(row["p_adjusted"]) else float(row["p_adjusted"])
    return Claim(
        role=role,
        n=int(row["n"]),
        estimate=float(row["lift"]),
        ci_low=float(row["ci_low"]),
        ci_high=float(row["ci_high"]),
        p_adjusted=p,
        grade=grade_claim(row, role, p),
        **said,
    )


# --- all traits of all groups -------------------------------------------------------------------------------------


def lifts(
    traits: list[Trait], groups: dict[str, tuple[pd.Index, pd.Index]], defining: tuple[str, ...], least: int
) -> pd.DataFrame:
    """One row per group x trait that may be shown, with adjusted p for held-out traits.

    groups : id -> (members, those they are compared with).
    """
    rows = []
    for group, (members, others) in groups.items():
        for position, trait in enumerate(traits):
            found = compare(trait, members, others, least)
            if found is not None:
                p = p_value(trait, members, others, defining) if trait.role == "held out" else np.nan
                about = {name: getattr(trait, name) for name in ("column", "source", "role", "unit")}
                rows.append({"id": group, "trait": position, "p": p} | about | found)
    table = pd.DataFrame(rows, columns=[*PROFILE_COLUMNS[:-1], "trait", "p", "strength"])
    return table.assign(p_adjusted=adjusted(table["p"]))


def claims_of(rows: pd.DataFrame, traits: list[Trait], words: Words) -> tuple[Claim, ...]:
    """The claims of one group, the strongest first: what differs, and a few basics whether it does or not."""
    claims, taken = [], Counter()
    for row in rows.sort_values(["strength", "trait"], ascending=[False, True]).to_dict("records"):
        trait, lift = traits[row["trait"]], row["measure"] == "lift"
        telling = row["strength"] > 0 and (not lift or max(row["lift"], 1 / row["lift"]) >= SAME)
        crowded = taken[trait.section] >= PER_SECTION or taken[trait.attribute] >= 2
        if trait.basic or (telling and not crowded):
            taken.update([trait.section, trait.attribute])
            shown = {"value": trait.show(row["mean"], words), "others": trait.show(row["mean_others"], words)}
            claim = claim_of(
                row,
                trait.role,
                section=trait.section,
                statement=words.say(f"personas.trait.{trait.key}.says", name=trait.name, **shown),
                source=trait.source,
                column=trait.column,
                unit="lift" if lift else f"difference ({trait.unit})",
                compared_with="all others",
            )
            claims.append(claim)
    return tuple(claims)


# --- handle and prevalence ----------------------------------------------------------------------------------------


def _for_handle(rows: pd.DataFrame, traits: list[Trait]) -> list[tuple[Trait, bool]]:
    """Traits that may name a group, the strongest first, one per attribute: (trait, higher than the others).

    What a group has names it better than what it lacks, and what it does better than the text of a question (the others
    count half); a share has to be of some size.
    """
    high = rows["mean"] > rows["mean_others"]
    asked = rows["source"] == "survey"
    small = (rows["unit"] == "share") & (rows[["mean", "mean_others"]].max(axis=1) < 0.1)
    weight = (rows["strength"] * np.where(high, 1, 0.5) * np.where(asked, 0.5, 1)).where(~small, 0)
    found, attributes = [], set()
    for label in weight[weight > 0].sort_values(ascending=False, kind="stable").index:
        trait = traits[rows.at[label, "trait"]]
        if trait.names_groups and trait.attribute not in attributes:
            attributes.add(trait.attribute)
            found.append((trait, bool(high[label])))
    return found


def handle_of(rows: pd.DataFrame, traits: list[Trait], taken: set[str], words: Words) -> str:
    """A short label from the two strongest claims, unlike the handles that are taken."""

    def phrase(part: str, choice: tuple[Trait, bool]) -> str:
        trait, high = choice
        return words.say(f"personas.trait.{trait.key}.{part}_{'high' if high else 'low'}", name=trait.name)

    choices = _for_handle(rows, traits)
    for first, second in combinations(choices, 2):
        handle = words.say("personas.handle.two", head=phrase("head", first), tail=phrase("tail", second))
        if handle not in taken:
            return handle
    alone = phrase("head", choices[0]) if choices else words.say("personas.handle.none")
    again = (words.say("personas.handle.again", handle=alone, number=number) for number in count(2))
    return next(handle for handle in chain([alone], again) if handle not in taken)


def prevalence_of(rows: pd.DataFrame, traits: list[Trait], members: pd.Index, top: int = 5) -> tuple[float, ...]:
    """Share of members who match at least 1, 2, 3 ... of the group's strongest attributes (Chapman et al. 2008).

    A member matches where the value lies on the group's side of the middle between the two means. Attributes known for
    fewer than four in five members are left out; an unknown value does not match.
    """
    matches, attributes = [], set()
    for row in rows[rows["strength"] > 0].sort_values("strength", ascending=False, kind="stable").to_dict("records"):
        trait = traits[row["trait"]]
        values = trait.values.reindex(members)
        if trait.attribute in attributes or values.notna().mean() < 0.8 or len(matches) == top:
            continue
        attributes.add(trait.attribute)
        middle = (row["mean"] + row["mean_others"]) / 2
        matches.append(values > middle if row["mean"] > row["mean_others"] else values < middle)
    counts = sum(matches)
    return tuple(float((counts >= number).mean()) for number in range(1, len(matches) + 1))


# --- everything together ------------------------------------------------------------------------------------------


def describe(
    everybody: pd.DataFrame,
    model: dict[str, Any],
    defining: tuple[str, ...],
    stability: dict[str, tuple[float, float]],
    customers: Customers | None,
    survey: Survey | None,
    study: Study,
    words: Words,
) -> tuple[tuple[Group, ...], pd.DataFrame]:
    """The groups (clustered in falling size, then structural), and the profile table of ``Personas``."""
    people = everybody.set_index("customer_id")
    reserved = reserved_columns(study, study.personas.reserve)
    traits = collect_traits(people.index, customers, survey, defining, reserved, study, words)
    sets = _sets(people["persona"], model)
    table = lifts(traits, sets, defining, study.privacy.min_cell)
    asked, groups, handles = _rule_traits(traits, defining), [], set()
    for group, (members, _) in sets.items():
        rows = table[table["id"] == group]
        structural = group not in model["ids"]
        if structural:
            rows = rows[~rows["trait"].isin([i for i, trait in enumerate(traits) if trait.trivial])]
        handle = _handle(group, rows, traits, model, handles, words)
        handles.add(handle)
        rule, accuracy = _rule(group, model, people, asked, study, words)
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
            prevalence=prevalence_of(rows, traits, members),
            rule=rule,
            held_out_balanced_accuracy=accuracy,
            claims=claims_of(rows, traits, words),
        )
        groups.append(described)
    return tuple(groups), table[PROFILE_COLUMNS].reset_index(drop=True)


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
    weights = pd.Series(1.0, index=people.index)
    revenue = None
    if customers is None:
        answers = survey.answers
        units = unit_of(answers)
        weights = answers["weight"].set_axis(units)[~units.duplicated().to_numpy()].reindex(people.index).fillna(1.0)
    else:
        spend = customers.features.set_index("customer_id")["spend"].replace(np.inf, np.nan)
        revenue = float(spend.reindex(members).sum() / spend.sum()) if spend.sum() > 0 else None
    share = weights[members].sum() / weights.sum()
    effective = weights.sum() ** 2 / (weights**2).sum()
    low, high = proportion_confint(share * effective, effective, method="wilson")
    return {"share": float(share), "ci_low": float(low), "ci_high": float(high), "revenue_share": revenue}


def _handle(
    group: str, rows: pd.DataFrame, traits: list[Trait], model: dict[str, Any], taken: set[str], words: Words
) -> str:
    if group not in model["ids"]:
        return words.say(f"personas.handle.{group}")
    if model["kind"] == "tiers":
        number, of = len(model["ids"]) - model["ids"].index(group), len(model["ids"])
        place = "highest" if number == 1 else "lowest" if number == of else "middle"
        return words.say(f"personas.handle.tier_{place}", column=_tier_label(model, words), number=number, of=of)
    return handle_of(rows, traits, taken, words)


def _tier_label(model: dict[str, Any], words: Words) -> str:
    column = model["tiers"]["column"]
    key = f"personas.trait.{column}.label"
    return words.say(key) if words.has(key) else column


def _rule_traits(traits: list[Trait], defining: tuple[str, ...]) -> list[Trait]:
    """What a rule may ask: behaviour that made the personas; answers only where there is no behaviour."""
    made = [trait for trait in traits if trait.role == "defining" and trait.of in defining]
    return [trait for trait in made if trait.source != "survey"] or made


def _rule(
    group: str, model: dict[str, Any], people: pd.DataFrame, rules: list[Trait], study: Study, words: Words
) -> tuple[str, float | None]:
    if group not in model["ids"]:
        return words.say(f"personas.rule.{group}"), None
    if model["kind"] == "tiers":
        edges = [-np.inf, *model["tiers"]["edges"], np.inf]
        low, high = edges[model["ids"].index(group)], edges[model["ids"].index(group) + 1]
        show = words.money if model["tiers"]["column"] == "spend" else words.number
        part = "under" if np.isinf(low) else "from" if np.isinf(high) else "between"
        label = _tier_label(model, words)
        return words.say(f"personas.rule.tier_{part}", label=label, low=show(low), high=show(high)), None
    clustered = people.index[people[f"p_{group}"].notna()]
    columns = pd.DataFrame({trait.column: trait.values.reindex(clustered) for trait in rules}, index=clustered)
    columns = columns.fillna(columns.median())
    member = (people.loc[clustered, "persona"] == group).to_numpy()
    return rule_of(columns, {trait.column: trait for trait in rules}, member, study.seed, words)
