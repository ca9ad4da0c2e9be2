"""The figure of what people leave after."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from helpers.report.style import BLUE, INK, MUTED, VERMILION, finish, intervals, label_of, styled
from helpers.words import Words


@styled
def plot_leaving(events: pd.DataFrame, *, ax: Axes, words: Words) -> Axes:
    """Difference to comparable others in the share who leave, with its interval; under each name the two shares
    (after, share, share_others, share_difference, ci_low, ci_high; rows without a difference are left to the table)."""
    shown = events[events["share_difference"].notna()].iloc[::-1]
    colours = [
        VERMILION if low > 0 else BLUE if high < 0 else MUTED
        for low, high in zip(shown["ci_low"], shown["ci_high"], strict=True)
    ]
    intervals(ax, shown["after"], shown["share_difference"], shown["ci_low"], shown["ci_high"], colours)
    both = [
        words.say("report.figure.leaving.shares", share=words.percent(share, 1), others=words.percent(others, 1))
        for share, others in zip(shown["share"], shown["share_others"], strict=True)
    ]
    names = [f"{label_of(after, 44)}\n{shares}" for after, shares in zip(shown["after"], both, strict=True)]
    ax.set_yticks(range(len(shown)), names)
    ax.axvline(0, color=INK, lw=0.8)
    return finish(ax, "leaving", words, rows=len(shown), x_share=True)
