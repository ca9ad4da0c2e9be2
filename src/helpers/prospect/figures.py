"""Figures of prospect theory: how value bends, what a loss weighs and for whom, and known effects."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MultipleLocator

from helpers.designs.gambles import PUBLISHED, value
from helpers.report.style import BLUE, FAINT, INK, MUTED, finish, hollow_marks, intervals, styled
from helpers.words import Words


@styled
def plot_value(parameters: pd.DataFrame, *, ax: Axes, words: Words) -> Axes:
    """Value of gains and losses up to the largest amount, with its band, and the published curve dashed
    (parameter, estimate, ci_low, ci_high, published; rows alpha and lambda)."""
    at = parameters.set_index("parameter")
    x = np.linspace(-1, 1, 201)
    parts = ("estimate", "ci_low", "ci_high", "published")
    bent = at.loc["alpha"] if "alpha" in at.index else pd.Series(1.0, [*parts[:3]])  # untold: as it is
    bent = bent.reindex(parts).fillna(PUBLISHED["alpha"]).astype(float)
    curves = {(a, b): value(x, bent[a], at.loc["lambda", b]) for a in parts for b in parts}
    corners = [curves[a, b] for a in ("ci_low", "ci_high") for b in ("ci_low", "ci_high")]
    ax.axhline(0, color=FAINT, lw=0.8)
    ax.axvline(0, color=FAINT, lw=0.8)
    ax.fill_between(x, np.min(corners, axis=0), np.max(corners, axis=0), color=BLUE, alpha=0.2, lw=0)
    ours, published = (words.say(f"report.figure.value.{name}") for name in ("ours", "published"))
    ax.plot(x, curves["estimate", "estimate"], color=BLUE, lw=2, label=ours)
    ax.plot(x, curves["published", "published"], color=MUTED, lw=1.4, ls="--", label=published)
    ax.xaxis.set_major_locator(MultipleLocator(0.5))
    return finish(ax, "value", words, x_share=True)


@styled
def plot_loss_weights(weights: pd.DataFrame, *, ax: Axes, words: Words) -> Axes:
    """Weight of a loss against a gain of the same size, published figures hollow
    (label, estimate, ci_low, ci_high, ours)."""
    shown = weights.iloc[::-1]
    intervals(ax, list(shown["label"]), shown["estimate"], shown["ci_low"], shown["ci_high"],
              [BLUE if ours else MUTED for ours in shown["ours"]], hollow=list(~shown["ours"]))  # fmt: skip
    ax.axvline(1, color=INK, lw=0.8)
    ax.set_xlim(left=min(0.8, ax.get_xlim()[0]))
    return finish(ax, "loss_weights", words, rows=len(shown))


@styled
def plot_loss_by_persona(weights: pd.DataFrame, *, ax: Axes, words: Words) -> Axes:
    """Weight of a loss per persona with its interval, and hollow where it lies once chance is allowed for
    (handle, estimate, ci_low, ci_high, drawn)."""
    shown = weights.sort_values("estimate", kind="stable")
    intervals(ax, list(shown["handle"]), shown["estimate"], shown["ci_low"], shown["ci_high"], [BLUE] * len(shown))
    hollow_marks(ax, shown["drawn"], BLUE, words.say("report.figure.loss_by_persona.drawn"))
    ax.axvline(1, color=INK, lw=0.8)
    return finish(ax, "loss_by_persona", words, rows=len(shown))


@styled
def plot_beside(known: pd.DataFrame, *, ax: Axes, words: Words) -> Axes:
    """Effects of known experiments in standard deviations: this study's, and under each the usual one hollow
    (experiment, here, ci_low, ci_high, usual, usual_low, usual_high)."""
    shown = known.iloc[::-1]
    places = np.arange(len(shown))
    intervals(ax, list(shown["experiment"]), shown["here"], shown["ci_low"], shown["ci_high"], [BLUE] * len(shown))
    ax.hlines(places - 0.28, shown["usual_low"], shown["usual_high"], color=MUTED, lw=1.8)
    named = words.say("report.figure.known.usual")
    ax.scatter(shown["usual"], places - 0.28, s=40, facecolor="white", edgecolor=MUTED, zorder=3, label=named)
    ax.axvline(0, color=INK, lw=0.8)
    return finish(ax, "known", words, rows=len(shown))
