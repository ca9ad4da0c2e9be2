"""Figures of what follows a bad experience or a message."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from helpers.report.style import (
    BLUE,
    GREEN,
    INK,
    MUTED,
    VERMILION,
    finish,
    intervals,
    label_of,
    styled,
)
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


@styled
def plot_pressure(pressure: pd.DataFrame, *, ax: Axes, words: Words) -> Axes:
    """Shares of messages opened, clicked and followed by unsubscribing, by messages in the seven days before
    (before, share_opened, share_opened_low, share_opened_high, ...)."""
    markers = {"opened": ("o", BLUE), "clicked": ("s", GREEN), "unsubscribed": ("^", VERMILION)}
    for shift, (name, (marker, colour)) in zip((-0.06, 0.0, 0.06), markers.items(), strict=True):
        if f"share_{name}" in pressure:
            places, share = pressure["before"] + shift, pressure[f"share_{name}"]
            reach = [share - pressure[f"share_{name}_low"], pressure[f"share_{name}_high"] - share]
            label = words.say(f"channels.outcome.{name}")
            ax.errorbar(places, share, yerr=reach, color=colour, marker=marker, lw=1.4, elinewidth=1.2, label=label)
    last = pressure["before"].max()
    ax.set_xticks(pressure["before"], [f"{n}+" if n == last else str(n) for n in pressure["before"]])
    ax.set_ylim(0)
    ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
    return finish(ax, "pressure", words)


@styled
def plot_not_back(not_back: pd.DataFrame, *, ax: Axes, words: Words) -> Axes:
    """Share not back yet by day, a curve with its band per group (group, day, share, ci_low, ci_high)."""
    for (name, part), colour, style in zip(
        not_back.groupby("group", sort=False), (VERMILION, MUTED), ("-", "--"), strict=False
    ):
        ax.step(part["day"], part["share"], where="post", color=colour, ls=style, lw=1.6, label=label_of(name))
        ax.fill_between(part["day"], part["ci_low"], part["ci_high"], step="post", color=colour, alpha=0.18, lw=0)
    ax.set(xlim=(0, None), ylim=(0, 1.02))
    ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
    return finish(ax, "not_back", words)
