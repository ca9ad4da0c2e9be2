"""Figures of the survey: what was left unanswered, what matters and falls short, what is not known."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from helpers.report.style import BLUE, FAINT, INK, MOST, MUTED, ORANGE, finish, grouped_intervals, label_of, styled
from helpers.words import Words


@styled
def plot_survey_items(items: pd.DataFrame, *, ax: Axes, words: Words) -> Axes:
    """Share of answers missing per item, the mean beside it (item, missing, mean)."""
    shown = items.sort_values("missing", kind="stable").tail(MOST)
    bars = ax.barh([label_of(name) for name in shown["item"]], shown["missing"], color=ORANGE, height=0.6)
    means = [words.say("report.figure.mean", mean=words.number(m)) if pd.notna(m) else "" for m in shown["mean"]]
    ax.bar_label(bars, means, padding=4, color=MUTED)
    return finish(ax, "survey_items", words, rows=len(shown), x_share=True)


@styled
def plot_importance(importance: pd.DataFrame, *, ax: Axes, words: Words) -> Axes:
    """Importance against performance, the means over the attributes drawing four quadrants; hollow: not settled.

    Takes attribute, importance, performance and settled of one group.
    """
    for place, row in enumerate(importance.sort_values("performance").itertuples()):
        fill = "white" if row.settled is False else BLUE
        ax.plot(row.performance, row.importance, "o", ms=7, color=BLUE, markerfacecolor=fill, zorder=3)
        # so that the names of neighbours never meet
        aside, below, side = (-7, -11, "right") if place % 2 else (7, 5, "left")
        ax.annotate(label_of(row.attribute), (row.performance, row.importance), xytext=(aside, below), ha=side,
                    textcoords="offset points", fontsize=8)  # fmt: skip
    ax.axvline(importance["performance"].mean(), color=FAINT)
    ax.axhline(importance["importance"].mean(), color=FAINT)
    for name, x, y in (("mend", 0.01, 0.97), ("keep", 0.99, 0.97), ("leave", 0.01, 0.03), ("spare", 0.99, 0.03)):
        place = {"ha": "left" if x < 0.5 else "right", "va": "top" if y > 0.5 else "bottom"}
        text = words.say(f"importance.quadrant.{name}")
        ax.text(x, y, text, transform=ax.transAxes, color=MUTED, style="italic", **place)
    ax.margins(0.3)
    return finish(ax, "importance", words)


@styled
def plot_gaps(gaps: pd.DataFrame, *, ax: Axes, words: Words) -> Axes:
    """The gap of each attribute with its interval, one colour and mark per group (handle, attribute, gap, ci_low, ...).

    Attributes by everybody's gap, the largest on top; groups that may not be shown are left out.
    """
    attributes = list(gaps[gaps["id"] == "all"].sort_values("gap")["attribute"])
    shown = gaps[gaps["gap"].notna()]
    grouped_intervals(ax, shown, attributes, group="handle", row="attribute", estimate="gap")
    ax.axvline(0, color=INK, lw=0.8, zorder=1)
    finish(ax, "gaps", words, rows=2 * len(attributes))
    ax.set_ylim(-0.6, len(attributes) - 0.4)
    return ax


@styled
def plot_wishes(missing: pd.DataFrame, *, ax: Axes, words: Words) -> Axes:
    """How much each missing field would help, the most helpful on top (field, helps)."""
    shown = missing.head(MOST).iloc[::-1]
    ax.barh([label_of(name) for name in shown["field"]], shown["helps"], color=BLUE, height=0.6)
    return finish(ax, "wishes", words, rows=len(shown))
