"""How far a division can be relied on: tables and sentences of notebook 04, without small cells."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.privacy import suppress
from helpers.types.division import Personas
from helpers.words import Words

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


def between_frame(personas: Personas, least: int) -> pd.DataFrame:
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
    pairs = [f"{names[a]} / {names[b]}" for a, b in np.sort(ranked[second >= BETWEEN, :2], axis=1)]
    counts = pd.Series(pairs, dtype="str").value_counts().rename_axis("between").reset_index(name="n")
    counts["share"] = counts["n"] / len(posterior)
    return suppress(counts, "n", least, values=["share"])[["between", "n", "share"]]


def prevalence_frame(personas: Personas, least: int) -> pd.DataFrame:
    """Share of a group's members who match at least 1, 2, 3 ... of its strongest attributes (Chapman et al. 2008).

    One row per group and number that enough people match: handle, matched, share.
    """
    rows = [
        (group.handle, matched, share)
        for group in personas.groups
        for matched, share in enumerate(group.prevalence, 1)
        if share * group.n >= least
    ]
    return pd.DataFrame(rows, columns=["handle", "matched", "share"])


def _handles(personas: Personas) -> dict[str, str]:
    return {group.id: group.handle for group in personas.groups}


# --- sentences ---------------------------------------------------------------------------------------------------


def sentences(personas: Personas, least: int, words: Words) -> dict[str, str]:
    """What each figure says: choice (over the numbers of groups), groups (each, within the solution and across), ties
    (who would change), between (who lies between two groups), prevalence (who matches a whole card)."""
    told = {"choice": _choice(personas, words), "prevalence": _prevalence(personas, least, words)}
    if personas.near_ties.empty:
        return told | dict.fromkeys(("groups", "ties", "between"), words.say("stability.tiers"))
    return told | {
        "groups": _groups(personas, words),
        "ties": _ties(personas, words),
        "between": _between(personas, least, words),
    }


def _choice(personas: Personas, words: Words) -> str:
    if personas.choice.empty:
        return words.say("stability.choice_too_few")
    by_k = personas.choice.set_index("k")["bootstrap_ari"]
    others = words.listing([words.say("stability.at", ari=words.number(ari, 2), k=k) for k, ari in by_k.items()])
    structure = personas.structure
    if structure.would_move is None:
        return words.say("stability.choice_none", others=others)
    said = {"ari": words.number(structure.bootstrap_ari, 2), "moved": words.percent(structure.would_move)}
    return words.say("stability.choice", k=structure.k, others=others, **said)


def _groups(personas: Personas, words: Words) -> str:
    parts = [
        words.say("stability.group", handle=group.handle, within=words.number(group.within, 2),
                  across=words.number(group.across, 2))
        for group in personas.groups
        if group.within is not None
    ]  # fmt: skip
    return words.say("stability.groups", parts=words.listing(parts))


def _ties(personas: Personas, words: Words) -> str:
    ties = ties_frame(personas)
    parts = [
        words.say("stability.tie_few", handle=tie.handle)
        if pd.isna(tie.moved)
        else words.say("stability.tie", share=words.percent(tie.share), handle=tie.handle, to=tie.to)
        for tie in ties[ties["moved"] != 0].itertuples()
    ]
    return words.say("stability.ties", parts=words.listing(parts)) if parts else words.say("stability.no_ties")


def _between(personas: Personas, least: int, words: Words) -> str:
    pairs = between_frame(personas, least)
    shown = pairs.dropna()
    if shown.empty:
        return words.say(f"stability.between_{'none' if pairs.empty else 'few'}")
    parts = [words.say("stability.pair", pair=p.between, share=words.percent(p.share)) for p in shown.itertuples()]
    return words.say("stability.between", low=words.percent(BETWEEN), parts=words.listing(parts))


def _prevalence(personas: Personas, least: int, words: Words) -> str:
    told = [group for group in personas.groups if len(group.prevalence) > 1 and not group.structural]
    if not told:
        return words.say("stability.no_card")
    few, parts = words.say("stability.under", least=least), []
    for group in told:
        enough = group.prevalence[-1] * group.n >= least
        share = words.percent(group.prevalence[-1]) if enough else few
        parts.append(words.say("stability.match", share=share, handle=group.handle))
    whole = np.average([group.prevalence[-1] for group in told], weights=[group.n for group in told])
    first = words.percent(min(group.prevalence[0] for group in told))
    how_many = "few" if whole < FEW else "some"
    return words.say(f"stability.prevalence_{how_many}", parts=words.listing(parts), first=first)
