"""Which persona is which from run to run.

A refit deals its labels anew, so personas are matched by evidence, one to one (Kuhn 1955): by their members, or by
their profiles where members are not known.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment
from sklearn.metrics.pairwise import cosine_similarity

SAME_JACCARD = 0.5
"""Below this overlap of members a persona is another one; whether of new people is asked in drift.py."""
SAME_PROFILE = 0.5
"""The same for the cosine between log lifts, where members are not known."""
SAME_SHARE = 0.95
"""The same for 1 - |difference of shares|, where no lifts are known either."""

_NUMBERED = re.compile(r"(.*?)(\d+)")

Cards = dict[str, dict[str, Any]]
"""By id, a card of personas.json, or at least the ``size`` and ``claims`` that are compared."""
Pairs = dict[str, tuple[str, float | None]]
"""Today's id: the earlier one, and the overlap of members where those are known."""


def match_ids(
    previous: dict[str, Any] | None, groups: Cards, before: pd.DataFrame | None, after: pd.DataFrame
) -> dict[str, str]:
    """The stable id of every group: that of the persona it was in the previous publication, else one never used.

    Parameters
    ----------
    previous : content of the previous personas.json; None on a first run, when every group keeps its own id. Ids that
        older publications used are read from its ``ids_used`` where it has them.
    groups : today's by id, with the ``size`` and ``claims`` that are compared where members are not known.
    before, after : customer_id, persona of the previous run (None compares shares and lifts instead) and of this one.

    Returns
    -------
    ``{group id: stable id}`` for every group. Ids without a number are names of rules and stay.
    """
    stable = {name: name for name in groups if previous is None or not _NUMBERED.fullmatch(name)}
    if previous is None:
        return stable
    old, new = ({i: card for i, card in cards.items() if i not in stable} for cards in (dividing(previous), groups))
    pairs = pair_up(old, new, before, after)
    taken = {*ids_used(previous), *stable}
    for name in new:
        stable[name] = pairs[name][0] if name in pairs else _unused(name, taken)
        taken.add(stable[name])
    return stable


def ids_used(publication: dict[str, Any] | None, ids: Iterable[str] = ()) -> list[str]:
    """Every id that a publication and those before it have used, and ``ids``, sorted: so that none is dealt twice."""
    if publication is None:
        return sorted(set(ids))
    return sorted({*publication.get("ids_used", ()), *(card["id"] for card in publication["personas"]), *ids})


def dividing(publication: dict[str, Any]) -> Cards:
    """The cards that divide the customers; negative personas lie across them."""
    return {card["id"]: card for card in publication["personas"] if card["kind"] != "negative"}


def pair_up(old: Cards, new: Cards, before: pd.DataFrame | None, after: pd.DataFrame | None) -> Pairs:
    """The best one-to-one matching of today's personas with earlier ones, without pairs that are too unlike.

    Ids without a number are names of rules: they are paired with themselves alone.
    """
    known = before is not None and after is not None and before["customer_id"].isin(after["customer_id"]).any()
    jaccard = overlaps(before, after, list(old), list(new)) if known else None
    found = [(name, name) for name in new if name in old and not _NUMBERED.fullmatch(name)]
    rows, columns = ([name for name in cards if _NUMBERED.fullmatch(name)] for cards in (old, new))
    if rows and columns:
        if jaccard is not None:
            score, least = jaccard.loc[rows, columns].to_numpy(), SAME_JACCARD
        else:
            score, least = _likeness([old[name] for name in rows], [new[name] for name in columns])
        best = zip(*linear_sum_assignment(-score), strict=True)
        found += [(rows[row], columns[column]) for row, column in best if score[row, column] >= least]
    return {name: (was, None if jaccard is None else float(jaccard.at[was, name])) for was, name in found}


def with_ids_kept(pairs: Pairs, old: Cards, new: Cards) -> Pairs:
    """The pairs, and every id that stands in both publications without one: an id keeps its group through drift, so
    that what is gone and what is drawn anew never have the same name."""
    taken = {was for was, _ in pairs.values()}
    return pairs | {name: (name, None) for name in new if name not in pairs and name in old and name not in taken}


def overlaps(before: pd.DataFrame, after: pd.DataFrame, old: list[str], new: list[str]) -> pd.DataFrame:
    """Overlap of members, old ids x new ids, among customers who have a persona in both runs."""
    both = in_both(before, after)
    together = pd.crosstab(both["before"], both["after"]).reindex(index=old, columns=new, fill_value=0)
    union = together.sum(axis=1).to_numpy()[:, None] + together.sum(axis=0).to_numpy()[None, :] - together
    return (together / union.where(union > 0, 1)).astype(float)


def _likeness(old: list[dict[str, Any]], new: list[dict[str, Any]]) -> tuple[np.ndarray, float]:
    """How alike cards are whose members are not known, old x new, and the least that counts as the same.

    The cosine between the log lifts of their claims (0 for a column that only one states), shares breaking ties; where
    no lifts are known either, the shares alone.
    """
    apart = np.abs(np.subtract.outer(*([card["size"]["share"] for card in cards] for cards in (old, new))))
    then, now = ([_lifts(card["claims"]) for card in cards] for cards in (old, new))
    if not any(then) or not any(now):
        return 1 - apart, SAME_SHARE
    lifts = pd.DataFrame([*then, *now]).fillna(0.0).to_numpy()
    return cosine_similarity(lifts[: len(old)], lifts[len(old) :]) - 0.001 * apart, SAME_PROFILE


def _lifts(claims: list[dict[str, Any]]) -> dict[str, float]:
    """Log lifts by column, of the claims that state a lift above zero against all others."""
    stated = [claim for claim in claims if claim["unit"] == "lift" and claim["estimate"] > 0]
    stated = [claim for claim in stated if claim.get("compared_with", "all others") == "all others"]
    return {claim["column"]: float(np.log(claim["estimate"])) for claim in stated}


def in_both(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Customers of both runs: customer_id, before, after (personas)."""
    then, now = (
        frame[["customer_id", "persona"]].rename(columns={"persona": name})
        for frame, name in ((before, "before"), (after, "after"))
    )
    return then.merge(now, on="customer_id", validate="1:1")


def _unused(name: str, taken: set[str]) -> str:
    """``persona-5`` when 4 is the highest number that personas ever had."""
    numbered = _NUMBERED.fullmatch(name)
    stem = numbered[1] if numbered else f"{name}-"
    numbers = [int(found[2]) for other in taken if (found := _NUMBERED.fullmatch(other)) and found[1] == stem]
    return f"{stem}{max(numbers, default=0) + 1}"
