"""Which of all comparisons a card tells: one line a fact, values of an attribute that go together as one, and what sets
a group apart from each other group."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from helpers.cards.claims import ALL_OTHERS, SURELY, claim_of, compare
from helpers.cards.held_out import after_selection
from helpers.cards.traits import Trait
from helpers.columns import WON_BY, feature
from helpers.contracts import Claim, Repeated
from helpers.words import Said, Text, say

PER_SECTION = 3
SAME = 1.1
"""A lift between 1 / 1.1 and 1.1 says nothing worth a line on a card."""
TOGETHER, MOST_TOGETHER = 1.25, 5
"""Values of one attribute that are so much more frequent here are told as one, so many at most."""
OPEN = (0.8, 1.25)
"""An interval that holds both ends leaves open whether there is a difference that would matter; one that lies between
them says that there is about as much."""
FOUND_AT = (WON_BY,)
"""Attributes that tell where more of a group are found: told wherever they differ, however crowded their section is."""


def strongest_first(rows: pd.DataFrame, by: str = "strength") -> pd.DataFrame:
    """Rows by falling strength, those alike as they stand."""
    return rows.sort_values(by, ascending=False, kind="stable")


def telling(row: dict[str, Any]) -> bool:
    """Whether a row is a difference worth a line."""
    return row["strength"] > 0 and (row["measure"] != "lift" or max(row["lift"], 1 / row["lift"]) >= SAME)


def more(row: dict[str, Any]) -> bool:
    """Whether there is more of it here."""
    return row["mean"] > row["mean_others"]


def united(rows: pd.DataFrame, members: pd.Index, others: pd.Index, least: int, reach: float) -> pd.DataFrame:
    """The rows of one group, values of an attribute that are all far more frequent in it told as one.

    Each passed the corrected test alone; that the attribute goes with the group is as sure as the surest of them.
    ``reach`` is the threshold that each of them exceeded, in standard errors.
    """
    made, gone = [], set()
    kinds = [(row["trait"].source, row["trait"].of) if row["trait"].key in ("attribute", "answer") else None
             for row in rows.to_dict("records")]  # fmt: skip
    for kind in dict.fromkeys(kind for kind in kinds if kind):
        values = rows[[kind == other for other in kinds]]
        high = strongest_first(values[(values["strength"] > 0) & (values["lift"] >= TOGETHER)], "mean")
        if not 2 <= len(high) <= len(values) - 1:
            continue
        high = high.head(MOST_TOGETHER)
        traits = list(high["trait"])
        one = replace(
            traits[0],
            column=f"{kind[1]}: {', '.join(trait.column.partition(': ')[2] for trait in traits)}",
            values=sum(trait.values for trait in traits),
            name=_any_of([trait.name for trait in traits]),
        )
        found = compare(one, members, others, least)
        if found is None or found["lift"] <= 1:
            continue
        low, high_end = after_selection(found["z"], reach) if not found["bounded"] else (None, None)
        if low is not None:
            found |= {"ci_low": np.exp(low * found["error"]), "ci_high": np.exp(high_end * found["error"])}
        found |= {
            "ci_low_raw": found["ci_low"],
            "ci_high_raw": found["ci_high"],
            "p_adjusted": high["p_adjusted"].min(),
        }
        made.append(high.iloc[0].to_dict() | found | {"trait": one, "column": one.column})
        gone |= set(high.index)
    kept = rows.drop(index=list(gone))
    return pd.concat([kept, pd.DataFrame(made)], ignore_index=True) if made else rows


def _any_of(names: list[Text]) -> Text:
    """Several values of one attribute, or answers to one question, by one name."""
    first = names[0].values if isinstance(names[0], Said) else {}
    values = [name.values["value"] if isinstance(name, Said) else name for name in names]
    quoted = [say("personas.trait.quoted", value=value) for value in values]
    several = {"values": quoted, "first": quoted[:-1], "last": quoted[-1]}
    if "question" in first:
        return say("personas.trait.any_said", question=first["question"], **several)
    return say("personas.trait.any_of", attribute=first.get("attribute", ""), **several)


def claims_of(rows: pd.DataFrame) -> tuple[Claim, ...]:
    """The claims of one group, the strongest first: what differs, and a few basics whether it does or not.

    One line a fact: what there is more of and not its mirror, and what the held-out weeks say of it on the same line.
    """
    records = strongest_first(rows).to_dict("records")
    later = {row["column"]: row for row in records if row["column"].startswith("later_")}
    mirrored = {row["trait"].attribute for row in records if telling(row) and more(row)}
    repeats = {row["column"]: again for row in records if telling(row) and (again := _repeat(row, later))}
    told = {again["column"] for again in repeats.values()}
    claims, taken = [], Counter()
    for row in records:
        trait = row["trait"]
        crowded = taken[trait.section] >= PER_SECTION and trait.attribute not in FOUND_AT
        crowded |= taken[trait.attribute] >= 2
        mirror = trait.attribute in mirrored and not more(row)
        if row["column"] not in told and (trait.basic or (telling(row) and not crowded and not mirror)):
            taken.update([trait.section, trait.attribute])
            if again := repeats.get(row["column"]):
                row["repeated"] = Repeated(float(again["lift"]), float(again["p_adjusted"]))
            claims.append(_claim(row))
    return tuple(claims)


def _repeat(row: dict[str, Any], later: dict[str, dict[str, Any]]) -> dict[str, Any] | None:
    """What the held-out weeks say of the same column; None where they were not asked."""
    again = later.get(f"later_{row['column']}")
    asked = again is not None and again["measure"] == row["measure"] and not np.isnan(again["p_adjusted"])
    return again if asked else None


def _claim(row: dict[str, Any]) -> Claim:
    """A claim against all others."""
    trait = row["trait"]
    said = say(f"personas.trait.{trait.key}.says", name=trait.name, **_both(row))
    if row["n"] < row.get("members", 0):
        said = say("personas.then", first=said, then=say("personas.known", n=row["n"], members=row["members"]))
    if telling(row) and not row.get("of_most", True) and not level_of(row):
        shown = {"value": trait.told(row["median"]), "others": trait.told(row["median_others"])}
        said = say("personas.then", first=said, then=say(f"personas.minority.{_made_by(row)}", **shown))
    return _told(row, said)


def _made_by(row: dict[str, Any]) -> str:
    """Whose few make a difference of means that the medians do not have: ``members`` or ``others``.

    The difference of the means is that of the medians and what lies between each mean and its median: the side that
    adds more of it is named.
    """
    own, others = row["mean"] - row["median"], row["mean_others"] - row["median_others"]
    return "members" if (own >= -others if more(row) else -own >= others) else "others"


def _told(row: dict[str, Any], statement: Text) -> Claim:
    trait, level = row["trait"], level_of(row)
    return claim_of(
        row,
        trait.role,
        section=trait.section,
        statement=say("personas.then", first=statement, then=say(f"personas.level.{level}")) if level else statement,
        source=trait.source,
        column=row["column"],
        unit="lift" if row["measure"] == "lift" else f"difference ({trait.unit})",
        compared_with=row.get("compared_with", ALL_OTHERS),
        shares=(float(row["mean"]), float(row["mean_others"])) if trait.unit == "share" else None,
    )


def level_of(row: dict[str, Any]) -> str:
    """Where the interval holds no difference: ``same`` where it says about as much, ``open`` where it tells too little;
    ``torn``
    where only the test sees one; empty where there is a difference to tell."""
    none, (low, high) = 1.0 if row["measure"] == "lift" else 0.0, (row["ci_low"], row["ci_high"])
    if not low <= none <= high or row["bounded"]:
        return ""
    if row["measure"] == "lift" and OPEN[0] <= low and high <= OPEN[1]:
        return "same"
    return "torn" if row.get("p_adjusted", np.nan) <= SURELY else "open"


def _both(row: dict[str, Any]) -> dict[str, Text]:
    """Both figures, each as a bound where a small cell made it one."""
    trait, sides = row["trait"], {"value": row["mean"], "others": row["mean_others"]}
    shown: dict[str, Any] = {name: trait.told(value) for name, value in sides.items()}
    for name, which in (("value", "bound"), ("others", "bound_others")):
        if isinstance(row.get(which), str):
            shown[name] = say(f"personas.{row[which]}", value=shown[name])
    return shown


def against_each(pairs: pd.DataFrame, told: tuple[Claim, ...], handles: dict[str, Text]) -> tuple[Claim, ...]:
    """What sets a group apart most from each other one, beside what is told of it against all: a claim a neighbour.

    No mirror of what is told: where there is more of one value of an attribute, less of another is no news.

    pairs : rows of one group, ``compared_with`` the others' ids.
    """
    said, claims = {claim.column for claim in told}, []
    higher = {claim.column for claim in told if claim.estimate > (claim.unit == "lift")}
    mirrored = {row.attribute for row in pairs["trait"] if row.column in higher}
    for other, rows in pairs.groupby("compared_with", sort=False):
        ranked = [row for row in strongest_first(rows).to_dict("records") if telling(row)]
        ranked = [row for row in ranked if more(row) or row["trait"].attribute not in mirrored] or ranked
        ranked = [row for row in ranked if not row["column"].startswith("later_") and row["of_most"]] or ranked
        fresh = [row for row in ranked if row["column"] not in said and row["strength"] >= ranked[0]["strength"] / 2]
        if best := next(iter(fresh or ranked), None):
            trait = best["trait"]
            label = say(f"personas.trait.{trait.key}.label", name=trait.name)
            statement = say("personas.against", label=label, handle=handles[other], **_both(best))
            claims.append(_told(best, statement))
    return tuple(claims)


def left_open(traits: list[Trait], rows: pd.DataFrame, members: pd.Index) -> tuple[Text, ...]:
    """Outcomes of which too few are known to tell whether the group differs in them: no sign is not a sign of none."""
    by_column, names = rows.set_index("column"), []
    for trait in traits:
        row = feature(trait.column.removeprefix("later_"))
        if trait.role != "held out" or row is None or not row.outcome:
            continue
        if not trait.values.reindex(members).notna().any():
            continue
        if trait.column in by_column.index:
            found = by_column.loc[trait.column]
            wide = found["measure"] == "lift" and found["ci_low_raw"] <= OPEN[0] and found["ci_high_raw"] >= OPEN[1]
            if not wide or found["p_adjusted"] <= SURELY:
                continue
        label = f"personas.trait.{row.wording or row.name}.label"
        names.append(say(label, name=trait.name if trait.column == trait.of else ""))
    return tuple(dict.fromkeys(names))
