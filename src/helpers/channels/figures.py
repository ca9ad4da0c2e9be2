"""Figures of notebook 08, under the same rules as those of ``report.figures``."""

from __future__ import annotations

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from helpers.report.style import (
    BLUE,
    FAINT,
    INK,
    MOST,
    VERMILION,
    finish,
    hollow_marks,
    intervals,
    label_of,
    styled,
)
from helpers.words import Words


@styled
def plot_mix(mix: pd.DataFrame, *, ax: Axes, words: Words) -> Axes:
    """Differences in conversion from the reference, as they come (hollow) and at an equal mix with their interval
    (group, reference, raw_points, points, points_low, points_high, shift, turned); those that adjusting moves most."""
    shown = mix.loc[sorted(mix["shift"].abs().nlargest(MOST).index, reverse=True)]
    labels = [
        words.say("report.figure.mix.against", group=row.group, reference=row.reference) for row in shown.itertuples()
    ]
    colours = [VERMILION if turned else BLUE for turned in shown["turned"]]
    intervals(ax, labels, shown["points"], shown["points_low"], shown["points_high"], colours)
    hollow_marks(ax, shown["raw_points"], colours, words.say("report.figure.mix.raw"))
    ax.axvline(0, color=INK, lw=0.8, zorder=1)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda points, _: words.number(points, 0)))
    return finish(ax, "mix", words, rows=len(shown))


@styled
def plot_intent(intent: pd.DataFrame, *, ax: Axes, words: Words) -> Axes:
    """Conversion by place, drawn towards the mean, with its interval; hollow: as it comes
    (place, raw_share, share, ci_low, ci_high)."""
    shown = intent.head(MOST).iloc[::-1]
    intervals(ax, shown["place"], shown["share"], shown["ci_low"], shown["ci_high"], [BLUE] * len(shown))
    hollow_marks(ax, shown["raw_share"], BLUE, words.say("report.figure.mix.raw"))
    ax.set_xlim(0)
    return finish(ax, "intent", words, rows=len(shown), x_share=True)


@styled
def plot_week(cells: pd.DataFrame, *, ax: Axes, words: Words) -> Axes:
    """Heat map of one persona's later orders over the week (persona, weekday, hour, share; NaN: too few customers)."""
    grid = cells.pivot(index="weekday", columns="hour", values="share").reindex(list(dict.fromkeys(cells["weekday"])))
    step = int(np.diff(grid.columns[:2])[0]) if len(grid.columns) > 1 else 24
    grid.index = [words.say(f"report.weekday.{day}") for day in grid.index]
    grid.columns = [f"{hour}–{hour + step}" for hour in grid.columns]
    ax.set_facecolor(FAINT)
    sns.heatmap(grid, cmap="Blues", vmin=0, linewidths=0.6, linecolor="white", ax=ax,
                cbar_kws={"label": words.say("report.figure.week.share"),
                          "format": FuncFormatter(lambda share, _: words.percent(share))})  # fmt: skip
    ax.tick_params(axis="y", rotation=0)
    return finish(ax, "week", words, persona=label_of(next(iter(cells["persona"]), ""), 60))


@styled
def plot_steps(steps: pd.DataFrame, *, ax: Axes, words: Words) -> Axes:
    """Share lost at each step with its interval, in the order of the form (step, reached, share, ci_low, ci_high)."""
    shown = steps.iloc[::-1]
    labels = [f"{label_of(row.step)}\n{words.number(row.reached, 0)}" for row in shown.itertuples()]
    intervals(ax, labels, shown["share"], shown["ci_low"], shown["ci_high"], [BLUE] * len(shown))
    ax.set_yticks(range(len(labels)), labels)
    ax.set_xlim(0)
    return finish(ax, "steps", words, rows=len(shown), x_share=True)
