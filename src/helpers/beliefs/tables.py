"""The tables of notebooks 08 and 09 as their stages keep them; made in channel_tables and lead_tables."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class ChannelTables:
    """Frames as their makers describe them (mix, moments, messages, tailored), empty where the data are not there.

    ``told`` holds the sentences of each part: mix, intent, moments, returns.
    """

    mix: pd.DataFrame
    order_values: pd.DataFrame
    intent: pd.DataFrame
    heat_map: pd.DataFrame
    best_moments: pd.DataFrame
    steps: pd.DataFrame
    pressure: pd.DataFrame
    returns: pd.DataFrame
    told: dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class LeadTables:
    """Frames as their makers describe them (pipeline, lead_score, referral, leaving), empty where data are not there.

    ``classes`` holds what later leads made of the study's borders and of the suggested ones. ``open_leads`` has lead
    ids: it is written for the analyst and never shown. ``told`` holds the sentences of each part.
    """

    stages: pd.DataFrame
    cycle: pd.DataFrame
    classes: pd.DataFrame
    open_leads: pd.DataFrame
    nps: pd.DataFrame
    referrers: pd.DataFrame
    brought: pd.DataFrame
    not_back: pd.DataFrame
    told: dict[str, tuple[str, ...]]
