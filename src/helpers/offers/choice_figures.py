"""Figures of what decides between offers, and of what people leave after."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from helpers.report.style import BLUE, INK, MUTED, VERMILION, finish, grouped_intervals, intervals, label_of, styled
from helpers.words import Words


@styled
def plot_choices(weights: pd.DataFrame, *, ax: Axes, words: Words) -> Axes:
    """Weight of each attribute in a choice with its interval, groups told apart by colour and marker
    (handle, attribute, share, ci_low, ci_high), the heaviest at the top."""
    names = weights.groupby("attribute", sort=False)["share"].first().sort_values(kind="stable").index
    weights = weights.assign(attribute=weights["attribute"].str.replace("_", " "))
    names = [name.replace("_", " ") for name in names]
    grouped_intervals(ax, weights, names, group="handle", row="attribute", estimate="share")
    ax.set_xlim(0)
    finish(ax, "choices", words, rows=2 * len(names), x_share=True)
    ax.set_ylim(-0.6, len(names) - 0.4)
    return ax


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
