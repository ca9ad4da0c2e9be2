"""The personas of a study: its division, each group of it described."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from helpers.contracts import UNASSIGNED, Claim, Structure
from helpers.words import Text


@dataclass(frozen=True)
class Group:
    """One card to be: a persona, a segment (constructive, or a value tier), or a structural segment (by rule).

    ``structural`` groups (no order yet, one order only) are segments by rule beside the clustered ones. ``open`` :
    outcomes of which too few are known to tell whether it differs in them.
    """

    id: str
    kind: str
    structural: bool
    handle: Text
    n: int
    answered: int
    share: float
    ci_low: float
    ci_high: float
    revenue_share: float | None
    within: float | None
    across: float | None
    prevalence: tuple[float, ...]
    rule: Text
    held_out_balanced_accuracy: float | None
    claims: tuple[Claim, ...]
    open: tuple[Text, ...] = ()


@dataclass(frozen=True)
class Personas:
    """The personas of a study: what ``Division`` holds, and what sets each group apart.

    method, structure, assignments, choice, defining, model, near_ties : as in ``Division``.
    groups : clustered ones in falling size, then structural ones.
    profile : one row per group x column: id, column, source (table), role, n, mean, mean_others, lift, ci_low, ci_high
        (interval of the lift), unit, measure, p_adjusted.
    """

    method: Text
    structure: Structure
    groups: tuple[Group, ...]
    assignments: pd.DataFrame
    choice: pd.DataFrame
    profile: pd.DataFrame
    defining: tuple[str, ...]
    model: dict[str, Any]
    near_ties: pd.DataFrame = field(default_factory=pd.DataFrame)


def rename(personas: Personas, mapping: dict[str, str]) -> Personas:
    """The same personas under other ids (``mapping``: old -> new; ids that are not named stay), everywhere at once.

    Raises ValueError when two groups would share an id.
    """
    new = {group.id: mapping.get(group.id, group.id) for group in personas.groups}
    if len(set(new.values())) < len(new) or UNASSIGNED in new.values():
        raise ValueError(f"two groups would share an id: {new}")
    groups = tuple(
        replace(group, id=new[group.id], claims=tuple(_against(claim, new) for claim in group.claims))
        for group in personas.groups
    )
    structural = [rule | {"id": new[rule["id"]]} for rule in personas.model["structural"]]
    model = personas.model | {"ids": [new[old] for old in personas.model["ids"]], "structural": structural}
    assignments = personas.assignments.rename(columns={f"p_{old}": f"p_{name}" for old, name in new.items()})
    assignments["persona"] = assignments["persona"].replace(new)
    profile = personas.profile.assign(id=personas.profile["id"].replace(new))
    ties = personas.near_ties.replace({"id": new, "to": new})
    return replace(personas, groups=groups, assignments=assignments, profile=profile, model=model, near_ties=ties)


def _against(claim: Claim, new: dict[str, str]) -> Claim:
    """A claim whose other group has its new id."""
    return replace(claim, compared_with=new[claim.compared_with]) if claim.compared_with in new else claim
