"""What cards claim of worlds whose truth is known: differences that are none, and intervals that miss.

Every shop of ``worlds`` is dressed with what cannot differ between its customers by habit: goods that cost the same
share of every price, complaints that are as frequent at every order, attributes drawn by lot; and with attributes whose
chance is known of everybody: by type, by coupon use, by nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import worlds

from helpers.cards.profile import find_personas
from helpers.customers.customers import build_customers
from helpers.read.load import LoadedTables
from helpers.small_cells import wilson
from helpers.study import Study
from helpers.survey.survey import code_survey

KINDS = [name for name, world in worlds.every().items() if world.kind in ("shops", "answered_shops")]
BY_LOT = 8
"""Attributes that nothing makes."""
SLOPES = {"by_type_some": 0.4, "by_type": 0.8, "by_type_much": 1.6, "by_coupon_some": 0.5, "by_coupon": 1.0,
          "by_coupon_much": 2.0}  # fmt: skip
"""Attributes that a customer has by a chance that rises so much, in log odds, from type to type or with coupon use."""
NOTHING = ("margin", "complaints", "service_cost", "return_share", "later_return_share", "lot_", "age", "role")
"""Columns of which the truth is that nobody differs; totals of the first window are not among them."""


@dataclass(frozen=True)
class Dressed:
    """A world with more tables, and the true chance of each made attribute: one row per customer."""

    study: Study
    tables: LoadedTables
    chance: pd.DataFrame
    truth: pd.Series | None


def dressed(kind: str, seed: int, people: int) -> Dressed:
    """The tables of a world with costs, complaints and attributes, whose truth is stated."""
    base = worlds.every()[kind].make(np.random.default_rng([seed, 7]), people)
    rng = np.random.default_rng([seed, 8])
    study, tables = worlds.study_of(base, seed), worlds.tables_of(base)
    sales = tables.frames["sales"]
    sales = sales.assign(unit_cost=0.6 * sales["amount"].abs() * np.exp(0.1 * rng.standard_normal(len(sales))))
    orders = sales.drop_duplicates("order_id")
    contacts = orders[rng.random(len(orders)) < 0.08]
    service = pd.DataFrame(
        {
            "customer_id": contacts["customer_id"],
            "at": contacts["ordered_at"],
            "kind": "complaint",
            "cost": rng.exponential(6, len(contacts)),
        }
    )
    used = orders["coupon"].ne("").groupby(orders["customer_id"]).mean()
    n = len(used)
    kinds = np.zeros(n) if base.truth is None else base.truth[used.index.str[1:].astype(int)]
    of = {"type": kinds - kinds.mean(), "coupon": 3 * (used - used.mean())}
    chance = pd.DataFrame(
        {name: 1 / (1 + np.exp(0.8 - slope * of[name.split("_")[1]])) for name, slope in SLOPES.items()}, used.index
    )
    chance = chance.assign(**{f"lot_{number}": rng.uniform(0.1, 0.6) for number in range(BY_LOT)})
    drawn = pd.DataFrame(np.where(rng.random(chance.shape) < chance, "yes", "no"), used.index, chance.columns)
    customers = drawn.assign(
        age=rng.normal(40, 12, n).round(), role=rng.choice(["nurse", "clerk", "cook", "buyer", "smith"], n)
    ).reset_index()
    frames = tables.frames | {"sales": sales, "service": service.reset_index(drop=True), "customers": customers}
    given = study.model_dump(exclude_unset=True)
    for table in ("service", "customers"):
        given["tables"][table] = {"path": f"{table}.csv"}
    truth = None if base.truth is None else pd.Series(kinds, used.index)
    return Dressed(Study.model_validate(given), LoadedTables(frames, ()), chance, truth)


def trial(kind: str, seed: int, people: int, bootstrap: int, draws: int) -> dict[str, Any]:
    """One study of a world: its false claims, and how many intervals cover the truth, of all and of those shown."""
    made = dressed(kind, seed, people)
    customers = build_customers(made.tables, made.study)
    survey = code_survey(made.tables, made.study) if "survey" in made.tables.frames else None
    personas = find_personas(customers, survey, made.study, made.tables, bootstrap=bootstrap, null_draws=draws)
    natural = personas.structure.kind == "natural"
    persona = personas.assignments.set_index("customer_id")["persona"]
    structural = [rule["id"] for rule in personas.model["structural"]]
    false = loud = 0
    shown: list[bool] = []
    for group in personas.groups:
        for claim in group.claims:
            if claim.role != "held out":
                continue
            false += claim.column.startswith(NOTHING) and claim.grade != "weak"
            loud += claim.column.startswith(NOTHING) and not (claim.p_adjusted or 1) <= 0.05
            others = personas_compared(persona, structural, group.id, claim.compared_with)
            true = true_lift(claim.column, made, persona, group.id, others, natural)
            if true is not None and claim.unit == "lift" and not getattr(claim, "bound", None):
                shown.append(claim.ci_low <= true <= claim.ci_high)
    every: list[bool] = []
    for row in personas.profile.query("role == 'held out' and measure == 'lift'").itertuples():
        others = personas_compared(persona, structural, row.id, getattr(row, "compared_with", "all others"))
        true = true_lift(row.column, made, persona, row.id, others, natural)
        if true is not None and not getattr(row, "bound", None):
            every.append(row.ci_low <= true <= row.ci_high)
    return {
        "kind": kind, "label": personas.structure.kind, "false": false, "loud": loud, "every": len(every),
        "every covers": sum(every), "shown": len(shown), "shown covers": sum(shown),
    }  # fmt: skip


def personas_compared(persona: pd.Series, structural: list[str], group: str, with_whom: str) -> pd.Index:
    """With whom a group is compared: another group, or all that are not in it."""
    if with_whom in set(persona):
        return persona.index[persona == with_whom]
    among = persona if group in structural else persona[~persona.isin(structural)]
    return among.index[among != group]


def true_lift(
    column: str, made: Dressed, persona: pd.Series, group: str, others: pd.Index, natural: bool
) -> float | None:
    """The true ratio of chances behind a column; None where it is not known.

    Of who is in a group; where it stands for a type and the column for types, that of the type and all others.
    """
    name, _, value = column.partition(": ")
    if name not in made.chance or value not in ("yes", "no"):
        return 1.0 if column.startswith(NOTHING) else None
    chance = made.chance[name] if value == "yes" else 1 - made.chance[name]
    members = persona.index[persona == group]
    if natural and name.startswith("by_type") and made.truth is not None and group.startswith("persona"):
        others = others[persona[others] != "unassigned"]
        members, others = (people[made.truth[people] == made.truth[people].mode()[0]] if people is members else people
                           for people in (members, others))  # fmt: skip
    own, theirs = (chance.reindex(people).dropna().mean() for people in (members, others))
    return float(own / theirs)


def summary(found: pd.DataFrame) -> pd.DataFrame:
    """By world, without types first and the worst first: false claims a study, and coverage with its interval."""
    by_kind = found.groupby("kind", sort=False)
    total = by_kind[["false", "loud", "every", "every covers", "shown", "shown covers"]].sum()
    types = pd.Series({name: worlds.every()[name].types for name in total.index})
    table = pd.DataFrame(
        {
            "types": types,
            "studies": by_kind.size(),
            "natural": by_kind["label"].agg(lambda label: (label == "natural").sum()),
            "false claims a study": by_kind["false"].mean().round(2),
            "of them shown at p over .05": by_kind["loud"].mean().round(2),
        }
    )
    for which in ("every", "shown"):
        covers, n = total[f"{which} covers"], total[which]
        table[f"intervals, {which}"] = n
        table[f"cover, {which}"] = [
            f"{c / m:.3f} ({wilson(c, m)[0]:.3f} to {wilson(c, m)[1]:.3f})" if m else ""
            for c, m in zip(covers, n, strict=True)
        ]
    order = np.lexsort((-table["false claims a study"], table["types"] > 0))
    return table.iloc[order]
