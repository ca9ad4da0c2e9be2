"""How far a division can be relied on: tables and sentences of notebook 04, without small cells."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.cards.personas import Personas
from helpers.small_cells import withheld
from helpers.study import Study
from helpers.words import Said, Text, say

BETWEEN = 0.2
"""From this probability of a second group on, a person lies between two."""
FEW = 1 / 3
"""Under this share of members, few match a whole card."""


# --- tables ------------------------------------------------------------------------------------------------------


def ties_frame(personas: Personas) -> pd.DataFrame:
    """Who would change persona under a solution that fits equally well.

    One row per clustered group: handle, n (people likeliest to be in it), moved, share (of them, whom such a solution
    would move; NaN where too few to be shown), to (handle of the group where most of them would go).
    """
    ties, handles = personas.near_ties, _handles(personas)
    if ties.empty:
        return pd.DataFrame(columns=["handle", "n", "moved", "share", "to"])
    told = ties.assign(handle=ties["id"].map(handles), to=ties["to"].map(handles), share=ties["moved"] / ties["n"])
    return told[["handle", "n", "moved", "share", "to"]]


def between_frame(personas: Personas, study: Study) -> pd.DataFrame:
    """Between which two groups people lie: those whose second-best group has a probability of ``BETWEEN`` or more.

    One row per pair of groups, the most people first: between (both handles), n, share (of all whom the model placed);
    NaN where too few to be shown. No rows where nobody lies between, or no model was fitted.
    """
    if personas.near_ties.empty:
        return pd.DataFrame({"between": [], "n": [], "share": []})
    posterior = personas.assignments[[f"p_{group}" for group in personas.near_ties["id"]]].dropna()
    ranked = np.argsort(-posterior.to_numpy(), axis=1, kind="stable")
    second = np.take_along_axis(posterior.to_numpy(), ranked, axis=1)[:, 1]
    names = personas.near_ties["id"].map(_handles(personas)).tolist()
    pairs = pd.DataFrame(np.sort(ranked[second >= BETWEEN, :2], axis=1), columns=["a", "b"])
    counts = pairs.value_counts().reset_index(name="n")
    counts["between"] = [
        say("stability.both", a=names[a], b=names[b]) for a, b in zip(counts["a"], counts["b"], strict=True)
    ]
    counts["share"] = counts["n"] / len(posterior)
    return withheld(counts, ["n"], study.privacy.min_cell, values=["share"])[["between", "n", "share"]]


def prevalence_frame(personas: Personas, study: Study) -> pd.DataFrame:
    """Share of a group's members who match at least 1, 2, 3 ... of its strongest attributes (Chapman et al. 2008).

    One row per group and number that enough people match: handle, matched, share.
    """
    rows = [
        (group.handle, matched, share)
        for group in personas.groups
        for matched, share in enumerate(group.prevalence, 1)
        if share * group.n >= study.privacy.min_cell
    ]
    return pd.DataFrame(rows, columns=["handle", "matched", "share"])


def _handles(personas: Personas) -> dict[str, Text]:
    return {group.id: group.handle for group in personas.groups}


# --- sentences ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Stability:
    """What each figure says: ``choice`` (over the numbers of groups), ``groups`` (each, within the solution and
    across), ``ties`` (who would change), ``between`` (who lies between two groups), ``prevalence`` (who matches a whole
    card)."""

    choice: Text
    groups: Text
    ties: Text
    between: Text
    prevalence: Text


def how_stable(personas: Personas, study: Study) -> Stability:
    """Sentences on how far the division can be relied on."""
    choice, prevalence = _choice(personas), _prevalence(personas, study.privacy.min_cell)
    if not personas.groups:
        return Stability(*[say("stability.not_asked")] * 5)
    if personas.near_ties.empty:
        return Stability(choice, *[say("stability.tiers")] * 3, prevalence)
    return Stability(choice, _groups(personas), _ties(personas), _between(personas, study), prevalence)


def _choice(personas: Personas) -> Said:
    if personas.choice.empty:
        return say("stability.choice_too_few")
    by_k = personas.choice.set_index("k")["bootstrap_ari"]
    others = [say("stability.at", ari=ari, k=k) for k, ari in by_k.items()]
    found = personas.structure
    if found.would_move is None:
        return say("stability.choice_none", others=others)
    return say("stability.choice", k=found.k, others=others, ari=found.bootstrap_ari, moved=found.would_move)


def _groups(personas: Personas) -> Said:
    parts = [
        say("stability.group", handle=group.handle, within=group.within, across=group.across)
        for group in personas.groups
        if group.within is not None
    ]
    return say("stability.groups", parts=parts)


def _ties(personas: Personas) -> Said:
    ties = ties_frame(personas)
    parts = [
        say("stability.tie_few", handle=tie.handle)
        if pd.isna(tie.moved)
        else say("stability.tie", share=tie.share, handle=tie.handle, to=tie.to)
        for tie in ties[ties["moved"] != 0].itertuples()
    ]
    return say("stability.ties", parts=parts) if parts else say("stability.no_ties")


def _between(personas: Personas, study: Study) -> Said:
    pairs = between_frame(personas, study)
    told = pairs.dropna()
    if told.empty:
        return say(f"stability.between_{'none' if pairs.empty else 'few'}")
    parts = [say("stability.pair", pair=pair.between, share=pair.share) for pair in told.itertuples()]
    return say("stability.between", low=BETWEEN, parts=parts)


def _prevalence(personas: Personas, least: int) -> Said:
    told = [group for group in personas.groups if len(group.prevalence) > 1 and not group.structural]
    if not told:
        return say("stability.no_card")
    parts = [
        say("stability.match", share=group.prevalence[-1], handle=group.handle)
        if group.prevalence[-1] * group.n >= least
        else say("stability.match_few", least=least, handle=group.handle)
        for group in told
    ]
    whole = np.average([group.prevalence[-1] for group in told], weights=[group.n for group in told])
    how_many = "few" if whole < FEW else "some"
    first = min(group.prevalence[0] for group in told)
    return say(f"stability.prevalence_{how_many}", parts=parts, first=first)
