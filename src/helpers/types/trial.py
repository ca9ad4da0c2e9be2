"""What if: the personas under other settings beside those of the study, to look at and never to publish."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd
from scipy.optimize import linear_sum_assignment

from helpers.cards.profile import Group
from helpers.contracts import UNASSIGNED
from helpers.types.division import Personas
from helpers.words import NOT_KNOWN, Words


@dataclass(frozen=True)
class Trial:
    """Two divisions of the same customers.

    table : one row per figure and per pair of groups that share the most customers: what, as_it_is, as_tried (text).
    told : what the trial shows, in sentences.
    """

    table: pd.DataFrame
    told: tuple[str, ...]


def side_by_side(now: Personas, tried: Personas, settings: dict[str, Any], least: int, words: Words) -> Trial:
    """The study's personas beside those of other ``settings``, which the sentence names; no count under ``least``."""
    twins, changed = twin_groups(now.assignments, tried.assignments)
    n = len(now.assignments)
    few = 0 < changed < least
    count = words.say("trial.few", least=least) if few else f"{words.number(changed)} ({words.percent(changed / n)})"
    ours, theirs = _figures(now, words), _figures(tried, words)
    rows = [(words.say(f"trial.{what}"), ours[what], theirs[what]) for what in ours]
    rest = {group.id: group for group in tried.groups}
    pairs = [(group, rest.pop(twins.get(group.id, ""), None)) for group in now.groups]
    pairs += [(None, group) for group in rest.values()]
    rows += [(words.say("trial.group", number=i), *(_group(g, words) for g in pair)) for i, pair in enumerate(pairs, 1)]
    rows.append((words.say("trial.changed"), NOT_KNOWN, count))
    made = [f"{name} {', '.join(value) if isinstance(value, list) else value}" for name, value in settings.items()]
    kinds = {"now": now.structure.kind, "tried": tried.structure.kind}
    label = words.say("trial.label", settings=words.listing(made), **kinds)
    told = (label, words.say("trial.moved", count=count, n=words.number(n)), tried.structure.statement, tried.method)
    return Trial(pd.DataFrame(rows, columns=["what", "as_it_is", "as_tried"]), told)


def twin_groups(now: pd.DataFrame, tried: pd.DataFrame) -> tuple[dict[str, str], int]:
    """Match the groups of two assignments (customer_id, persona) so that as many customers as can be stay.

    Returns the twin of each group, and how many customers are not in the twin of theirs; who belongs to none both times
    has stayed.
    """
    both = now.merge(tried, on="customer_id", suffixes=("_now", "_tried"))
    shared = pd.crosstab(both["persona_now"], both["persona_tried"])
    shared = shared.drop(index=UNASSIGNED, errors="ignore").drop(columns=UNASSIGNED, errors="ignore")
    rows, columns = linear_sum_assignment(-shared.to_numpy())
    twins = dict(zip(shared.index[rows], shared.columns[columns], strict=True))
    stayed = both["persona_now"].map(twins | {UNASSIGNED: UNASSIGNED}) == both["persona_tried"]
    return twins, int((~stayed).sum())


def _figures(personas: Personas, words: Words) -> dict[str, str]:
    structure = personas.structure
    return {
        "kind": structure.kind,
        "k": words.number(structure.k),
        "ari": words.number(structure.bootstrap_ari, 2),
        "would_move": words.percent(structure.would_move, 1),
        "unassigned": words.percent((personas.assignments["persona"] == UNASSIGNED).mean(), 1),
    }


def _group(group: Group | None, words: Words) -> str:
    return NOT_KNOWN if group is None else f"{group.handle} ({words.percent(group.share)})"
