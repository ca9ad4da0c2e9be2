"""What notebook 08 shows beside its verdicts: tables with small cells withheld, and a sentence or two for each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from helpers.beliefs.belief import built_in
from helpers.beliefs.estimators import share_interval
from helpers.beliefs.evidence import Evidence, NotTestable
from helpers.channels import mix, moments
from helpers.channels.funnel import furthest_steps
from helpers.contracts import StudyError
from helpers.small_cells import shown
from helpers.text import nearest
from helpers.words import Text

CONVERSION = "conversion_by_channel"
STEPS = ["step", "reached", "share", "ci_low", "ci_high", "error_share"]


@dataclass(frozen=True)
class ChannelTables:
    """Frames as their makers describe them (mix, moments, losses), empty where the data are not there.

    ``told`` holds the sentences of each part: mix, intent, moments.
    """

    mix: pd.DataFrame
    order_values: pd.DataFrame
    intent: pd.DataFrame
    heat_map: pd.DataFrame
    best_moments: pd.DataFrame
    steps: pd.DataFrame
    told: dict[str, tuple[Text, ...]]


def channel_tables(
    evidence: Evidence, *, smallest: float = 1.0, held_equal: Sequence[str] = (), places: Sequence[str] = ()
) -> ChannelTables:
    """What notebook 08 shows of visits, moments and steps.

    smallest : times the smallest change that matters. held_equal : columns of visits to be held equal in place of the
    usual ones. places : only visits from these.
    Raises StudyError for a place that no visit came from.
    """
    told, evidence = {}, _from_places(evidence, places)
    visits = all(map(evidence.has, ("sessions.channel", "sessions.converted", "sessions.visitor_id|customer_id")))
    no_intent, no_moments = (pd.DataFrame(columns=mix.INTENT), []), (pd.DataFrame(columns=moments.BEST), [])
    by_mix = mix.conversion_by_mix(evidence, held_equal) if visits else pd.DataFrame(columns=mix.MIX)
    told["mix"] = mix.told_of_mix(by_mix, smallest * _least_change(evidence))
    intent, told["intent"] = mix.most_intent(evidence, held_equal) if visits else no_intent
    orders = evidence.customers is not None and evidence.has("sales.ordered_at")
    best, told["moments"] = _or(lambda: moments.best_moments(evidence), no_moments) if orders else no_moments
    no_cells = pd.DataFrame(columns=moments.CELLS)
    return ChannelTables(
        by_mix,
        mix.order_values(evidence, held_equal) if visits else pd.DataFrame(columns=mix.VALUES),
        intent,
        _or(lambda: moments.heat_map(evidence), no_cells) if orders else no_cells,
        best,
        losses(evidence) if evidence.has("steps.session_id") else pd.DataFrame(columns=STEPS),
        {part: tuple(sentences) for part, sentences in told.items()},
    )


def _from_places(evidence: Evidence, places: Sequence[str]) -> Evidence:
    """The evidence with the visits from some places alone, all where none is named."""
    sessions = evidence.tables.frames.get("sessions")
    if not places or sessions is None:
        return evidence
    known = sessions["location"].dropna().unique() if "location" in sessions else ()
    for unknown in (place for place in places if place not in known):
        raise StudyError(f'08_channels.places: no visit came from "{unknown}"; {nearest(unknown, known)}')
    frames = evidence.tables.frames | {"sessions": sessions[sessions["location"].isin(places)]}
    return replace(evidence, tables=replace(evidence.tables, frames=frames))


def losses(evidence: Evidence) -> pd.DataFrame:
    """The share lost at each step, in the order of the form.

    Returns
    -------
    step, reached, share (of those who go no further; Wilson's ci_low and ci_high), error_share (of those lost, how many
    met an error there; NaN where either is few). Steps that too few sessions reach are left out.
    """
    cell, rows = evidence.study.privacy.min_cell, []
    for step in furthest_steps(evidence.in_window("steps", "at")).itertuples():
        if step.reached >= evidence.least:
            found = share_interval(int(step.lost), int(step.reached))
            error = step.with_error / step.lost if step.lost >= cell and shown(step.with_error, cell) else float("nan")
            rows.append((step.step, step.reached, found.estimate, found.low, found.high, error))
    return pd.DataFrame(rows, columns=STEPS)


def _least_change(evidence: Evidence) -> float:
    """The smallest change of a conversion that would matter, as the study or the belief about channels has it."""
    return evidence.study.hypotheses.sesoi.get(CONVERSION, built_in()[CONVERSION].sesoi)


def _or(make: Callable, otherwise: object) -> object:
    """What ``make`` gives, or something else where these data cannot speak to it."""
    try:
        return make()
    except NotTestable:
        return otherwise
