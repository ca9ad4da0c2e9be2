"""The look of every figure: Okabe and Ito's colours (2008), told apart by people with any kind of colour vision."""

from __future__ import annotations

import functools
import io
import textwrap
from collections.abc import Callable, Sequence
from itertools import cycle

import matplotlib as mpl
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from helpers.words import ENGLISH, Words

BLUE, GREEN, VERMILION, ORANGE, SKY, PURPLE = "#0072B2", "#009E73", "#D55E00", "#E69F00", "#56B4E9", "#CC79A7"
PALETTE = (BLUE, GREEN, PURPLE, ORANGE, SKY, VERMILION)
INK, MUTED, FAINT = "#1c2429", "#5c6870", "#d9dee1"
TITLE = 62
"""Letters of a title or the name of an axis in a line."""
MOST = 18
"""Rows that a figure can show and still be read."""

STYLE = {
    **sns.axes_style("white"),
    "axes.edgecolor": FAINT,
    "axes.labelcolor": MUTED,
    "axes.labelsize": 9,
    "axes.prop_cycle": mpl.cycler(color=PALETTE),
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlecolor": INK,
    "axes.titlelocation": "left",
    "axes.titlepad": 12,
    "axes.titlesize": 11.5,
    "axes.titleweight": "bold",
    "figure.dpi": 100,
    "font.size": 9,
    "legend.fontsize": 8.5,
    "legend.frameon": False,
    "savefig.dpi": 150,
    "svg.hashsalt": "helpers",
    "text.color": INK,
    "xtick.color": MUTED,
    "ytick.color": INK,
}


def styled(plot: Callable[..., Axes]) -> Callable[..., Axes]:
    """Draw in the house style, on a new figure where no Axes is given (made without pyplot, so nothing shows twice)."""

    @functools.wraps(plot)
    def draw(frame: pd.DataFrame, *, ax: Axes | None = None, words: Words = ENGLISH) -> Axes:
        with mpl.rc_context(STYLE):
            ax = Figure(figsize=(7.2, 3.6), layout="constrained").add_subplot() if ax is None else ax
            plot(words.told(frame), ax=ax, words=words)
        return ax

    return draw


def as_png(drawn: Axes | Figure) -> bytes:
    """The figure as PNG, without date or software in it."""
    figure = drawn if isinstance(drawn, Figure) else drawn.get_figure()
    buffer = io.BytesIO()
    with mpl.rc_context(STYLE):
        figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()


# --- strokes that figures share --------------------------------------------------------------------------------------


def intervals(
    ax: Axes,
    labels: Sequence[str],
    estimate: Sequence[float],
    low: Sequence[float],
    high: Sequence[float],
    colours: Sequence[str],
    hollow: Sequence[bool] | None = None,
) -> None:
    """A dot and its interval per row, labels wrapped."""
    for place, (x, left, right, colour) in enumerate(zip(estimate, low, high, colours, strict=True)):
        fill = "white" if hollow is not None and hollow[place] else colour
        ax.plot([left, right], [place, place], color=colour, lw=1.8, solid_capstyle="butt", zorder=2)
        ax.plot(x, place, marker="o", ms=6.5, color=colour, markerfacecolor=fill, zorder=3)
    ax.set_yticks(range(len(labels)), [label_of(label) for label in labels])


def hollow_marks(ax: Axes, values: pd.Series, colours: str | Sequence[str], label: str) -> None:
    """A hollow mark above each interval of ``intervals``."""
    places = np.arange(len(values)) + 0.28
    ax.scatter(values, places, marker="D", facecolor="white", edgecolor=colours, s=28, zorder=3, label=label)


def grouped_intervals(
    ax: Axes,
    rows: pd.DataFrame,
    names: Sequence[str],
    *,
    group: str,
    row: str,
    estimate: str,
    colours: Sequence[str] = (INK, *PALETTE),
) -> None:
    """A dot and its interval per group in each named row, groups told apart by colour, marker and place.

    rows : the columns that ``group``, ``row`` and ``estimate`` name, and ci_low, ci_high. names : of the rows, from
    below; a line is drawn between them.
    """
    groups = rows.groupby(group, sort=False)
    shifts = 0.3 * np.linspace(1, -1, 2 * len(groups) + 1)[1::2]
    for (name, part), shift, colour, marker in zip(groups, shifts, cycle(colours), cycle("osD^vP*"), strict=False):
        places = pd.Index(names).get_indexer(part[row]) + shift
        ax.hlines(places, part["ci_low"], part["ci_high"], color=colour, lw=1.6)
        ax.scatter(part[estimate], places, color=colour, marker=marker, s=34, zorder=3, label=label_of(name))
    for place in range(1, len(names)):
        ax.axhline(place - 0.5, color=FAINT, lw=0.6)
    ax.set_yticks(range(len(names)), [label_of(name) for name in names])


def ratio_axis(ax: Axes, words: Words) -> None:
    """A log axis about 1, with ticks that people read."""
    ax.axvline(1, color=INK, lw=0.8, zorder=1)
    ax.set_xscale("log")
    low, high = ax.get_xlim()
    close = (0.8, 1.25) if high / low < 8 else ()
    ticks = sorted(t for t in (0.05, 0.1, 0.25, 0.5, 1, 2, 4, 10, 20, *close) if low <= t <= high)
    ax.set_xticks(ticks, [words.number(tick) for tick in ticks])
    ax.set_xticks([], minor=True)


def finish(ax: Axes, name: str, words: Words, *, rows: int = 0, x_share: bool = False, **values: object) -> Axes:
    """Title, axis labels and legend; height by rows where the figure is ours alone."""
    for part, write in (("title", ax.set_title), ("x", ax.set_xlabel), ("y", ax.set_ylabel)):
        key = f"report.figure.{name}.{part}"
        lines = words.say(key, **values).splitlines() if words.has(key) else []
        write("\n".join(label_of(line, TITLE) for line in lines))
    if x_share:
        ax.xaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
    if ax.get_legend_handles_labels()[0]:
        ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
    figure = ax.get_figure()
    if rows and len(figure.axes) == 1:
        figure.set_figheight(1.5 + 0.38 * max(rows, 2))
        ax.set_ylim(-0.7, rows - 0.3)
    return ax


def label_of(text: object, width: int = 34) -> str:
    """A user's words as a label: wrapped to three lines at most, dollar signs not read as formulas."""
    lines = textwrap.wrap(str(text), width, max_lines=3, placeholder=" …")
    return "\n".join(lines).replace("$", r"\$")
