"""Claims of a study's own on the cards, and a hand for those who write them."""

from __future__ import annotations

from collections.abc import Collection

from helpers.beliefs.estimators import share_interval
from helpers.beliefs.evidence import Evidence
from helpers.cards.cards import Handed
from helpers.contracts import Claim, Section, StudyError
from helpers.own import called, own_of
from helpers.small_cells import shown, withheld


def for_cards(evidence: Evidence) -> Handed:
    """What the functions of ``CARD_CLAIMS`` in the study's own folder say of each group.

    Each takes the evidence and returns the id of a group -> its claims. Raises StudyError for one that fails, or
    returns anything else.
    """
    if evidence.personas is None:
        return Handed()
    claims: dict[str, tuple[Claim, ...]] = {}
    for function in own_of(evidence.study).card_claims:
        found = called(evidence.study, function, evidence)
        each = found.values() if isinstance(found, dict) else [None]
        if not all(isinstance(some, (list, tuple)) and all(isinstance(c, Claim) for c in some) for some in each):
            told = (
                f"{evidence.study.own}: {function.__name__} must return a dict of lists of claims by the id of a group"
            )
            raise StudyError(told)
        for group, some in found.items():
            claims[group] = (*claims.get(group, ()), *some)
    return Handed(claims)


def share_claims(
    evidence: Evidence, who: Collection[str], says: str, *, column: str, section: Section = "habits"
) -> dict[str, list[Claim]]:
    """A claim for each group on the share of its members who are among ``who`` (customer_ids).

    ``says`` is the sentence, with ``{share}`` and ``{others}`` in it: ``"{share} of them write reviews; {others} of all
    others."`` The claim describes and is not tested. Groups in which a cell would be small are left out, in all others
    too, and further ones until nobody's answer follows from what is told of the rest.
    """
    members, claims, least = evidence.members(), {}, evidence.study.privacy.min_cell
    inside = members["customer_id"].isin(set(map(str, who)))
    cells = inside.groupby(members["persona"].astype("str").fillna("")).agg(n="size", yes="sum").reset_index()
    cells["no"] = cells["n"] - cells["yes"]
    open_cells = withheld(cells, ["yes", "no"], least).set_index("persona")["yes"].notna()
    for group in (group for group in evidence.handles if open_cells.get(group, False)):
        own = members["persona"] == group
        n, yes = int(own.sum()), int(inside[own].sum())
        n_others, yes_others = len(own) - n, int(inside.sum()) - yes
        if not (shown(yes_others, least) and shown(n_others - yes_others, least)):
            continue
        share = share_interval(yes, n)
        others = yes_others / n_others if n_others else 0.0
        told = says.format(share=f"{100 * share.estimate:.0f} %", others=f"{100 * others:.0f} %")
        claims[group] = [
            Claim(section, told, "own", column, "defining", n, share.estimate, "share", share.low,
                  share.high, "", None, "weak", shares=(share.estimate, others))
        ]  # fmt: skip
    return claims
