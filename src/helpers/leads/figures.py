"""Figures of notebook 09, under the same rules as those of ``report.figures``."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from helpers.report.style import BLUE, ORANGE, finish, hollow_marks, intervals, styled
from helpers.words import Words


@styled
def plot_classes(classes: pd.DataFrame, *, ax: Axes, words: Words) -> Axes:
    """Share of each class of leads that became customers with its interval; hollow: what earlier leads foretold
    (borders, class, leads, share, ci_low, ci_high, expected_share)."""
    shown = classes.iloc[::-1]
    parts = shown[["class", "borders"]].itertuples(index=False)
    labels = [words.say("leads.class.by", name=name, borders=borders) for name, borders in parts]
    colours = [BLUE if borders == classes["borders"].iloc[0] else ORANGE for borders in shown["borders"]]
    intervals(ax, labels, shown["share"], shown["ci_low"], shown["ci_high"], colours)
    hollow_marks(ax, shown["expected_share"], colours, words.say("report.figure.classes.expected"))
    ax.set_xlim(0)
    return finish(ax, "classes", words, rows=len(shown), x_share=True)


@styled
def plot_referrers(referrers: pd.DataFrame, *, ax: Axes, words: Words) -> Axes:
    """Share who brought somebody by what they say of recommending us (answer, share, ci_low, ci_high)."""
    shown = referrers.iloc[::-1]
    intervals(ax, shown["answer"], shown["share"], shown["ci_low"], shown["ci_high"], [BLUE] * len(shown))
    ax.set_xlim(0)
    return finish(ax, "referrers", words, rows=len(shown), x_share=True)
