"""Figures of what people were asked outright: shares of offers, best and worst of several, prices."""

from __future__ import annotations

from itertools import cycle

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from helpers.report.style import INK, PALETTE, finish, grouped_intervals, label_of, styled
from helpers.words import Words


@styled
def plot_shares(shares: pd.DataFrame, *, ax: Axes, words: Words) -> Axes:
    """Share of people who would take each offer, with its interval (handle, offer, share, ci_low, ci_high)."""
    return _by_group(shares, "offer", "share", "offer_shares", ax, words)


@styled
def plot_scores(scores: pd.DataFrame, *, ax: Axes, words: Words) -> Axes:
    """Share of people who would take each item as the best of all, the first at the top
    (exercise, handle, item, score, ci_low, ci_high)."""
    return _by_group(scores, "item", "score", "best_worst", ax, words, question=scores["exercise"].iloc[0])


def _by_group(
    rows: pd.DataFrame, row: str, estimate: str, figure: str, ax: Axes, words: Words, **values: object
) -> Axes:
    names = rows.groupby(row, sort=False)[estimate].first().sort_values(kind="stable").index
    grouped_intervals(ax, rows, list(names), group="handle", row=row, estimate=estimate)
    ax.set_xlim(0)
    finish(ax, figure, words, rows=2 * len(names), x_share=True, **values)
    ax.set_ylim(-0.6, len(names) - 0.4)
    return ax


@styled
def plot_named(prices: pd.DataFrame, *, ax: Axes, words: Words) -> Axes:
    """The prices between which people would buy, lowest at the bottom (handle, point, price, ci_low, ci_high)."""
    names = list(dict.fromkeys(prices["point"]))
    grouped_intervals(ax, prices, names, group="handle", row="point", estimate="price")
    finish(ax, "named_prices", words, rows=2 * len(names))
    ax.set_ylim(-0.6, len(names) - 0.4)
    return ax


@styled
def plot_buying(buying: pd.DataFrame, *, ax: Axes, words: Words) -> Axes:
    """Share of people who would buy at each price, with its interval (handle, price, share, ci_low, ci_high)."""
    groups = buying.dropna(subset="share").groupby("handle", sort=False)
    step = 0.02 * (buying["price"].max() - buying["price"].min())
    for place, ((name, part), colour, marker) in enumerate(
        zip(groups, cycle((INK, *PALETTE)), cycle("osD^vP*"), strict=False)
    ):
        x = part["price"] + step * place  # beside one another, or intervals hide intervals
        ax.plot(x, part["share"], color=colour, marker=marker, ms=5, lw=1.4, label=label_of(name))
        ax.vlines(x, part["ci_low"], part["ci_high"], color=colour, lw=1)
    ax.set_ylim(0, 1)
    ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
    return finish(ax, "buying", words)
