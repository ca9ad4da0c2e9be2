"""How CPU and memory grow with order lines, as a figure: ``make bench OPTIONS="growth --figure docs/growth.png"``."""

from __future__ import annotations

import matplotlib as mpl
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter, LogLocator, NullFormatter, StrMethodFormatter

from helpers.report.style import BLUE, MUTED, STYLE, VERMILION

LIMIT = 4096
"""MB that a laptop is held to."""


def plot_growth(points: pd.DataFrame) -> Figure:
    """CPU seconds and peak memory of the features by number of order lines (lines, cpu, peak in MB), on logarithmic
    scales, beside growth in step with the lines from the first point on, and beside 4 GB."""
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(7.2, 3.2), layout="constrained")
        seconds, memory = figure.subplots(1, 2)
        _curve(seconds, points["lines"], points["cpu"], "CPU, seconds")
        first = points.iloc[0]
        seconds.plot(
            points["lines"],
            first["cpu"] * points["lines"] / first["lines"],
            "--",
            color=MUTED,
            label="in step with lines",
        )
        _curve(memory, points["lines"], points["peak"], "peak memory, MB")
        memory.axhline(LIMIT, color=VERMILION, linestyle="--", label="4 GB")
        for ax in (seconds, memory):
            ax.legend(loc="lower right")
    return figure


def _curve(ax: Axes, lines: pd.Series, values: pd.Series, title: str) -> None:
    ax.plot(lines, values, "o-", color=BLUE, label="measured")
    ax.set(xscale="log", yscale="log", xlabel="order lines", title=title)
    ax.xaxis.set_major_formatter(EngFormatter(sep=""))
    ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    ax.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    ax.yaxis.set_minor_formatter(NullFormatter())
