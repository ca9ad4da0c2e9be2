"""Figures of gains, losses and coupons: how value bends, what a loss weighs, and what coupons hold."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MultipleLocator

from helpers.offers.gambles import value
from helpers.report.style import BLUE, FAINT, INK, MUTED, ORANGE, finish, grouped_intervals, intervals, label_of, styled
from helpers.words import Words


@styled
def plot_value(parameters: pd.DataFrame, *, ax: Axes, words: Words) -> Axes:
    """Value of gains and losses up to the largest amount, with its band, and the published curve dashed
    (parameter, estimate, ci_low, ci_high, published; rows alpha and lambda)."""
    at = parameters.set_index("parameter")
    x = np.linspace(-1, 1, 201)
    curves = {
        (a, b): value(x, at.loc["alpha", a], at.loc["lambda", b])
        for a in ("estimate", "ci_low", "ci_high", "published")
        for b in ("estimate", "ci_low", "ci_high", "published")
    }
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
def plot_without_coupons(shares: pd.DataFrame, *, ax: Axes, words: Words) -> Axes:
    """Share of each group's revenue that would be at risk without coupons, under either assumption
    (group, assumption, share, ci_low, ci_high)."""
    groups = list(dict.fromkeys(shares["group"]))[::-1]
    named = {key: words.say(f"hypotheses.without_coupons.{key}") for key in shares["assumption"].unique()}
    shown = shares.assign(assumption=shares["assumption"].map(named))
    grouped_intervals(ax, shown, groups, group="assumption", row="group", estimate="share", colours=(BLUE, ORANGE))
    ax.set_xlim(0)
    return finish(ax, "without_coupons", words, rows=len(groups), x_share=True)


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
def plot_drivers(drivers: pd.DataFrame, *, ax: Axes, words: Words) -> Axes:
    """Derived importance of each attribute with its interval, under each name the stated one; the line is what each
    would have if all were alike (attribute, stated, share, ci_low, ci_high)."""
    shown = drivers.sort_values("share", kind="stable")
    labels = [
        f"{label_of(row.attribute)}\n{words.say('report.figure.drivers.stated', mean=row.stated)}"
        for row in shown.itertuples()
    ]
    intervals(ax, labels, shown["share"], shown["ci_low"], shown["ci_high"], [BLUE] * len(shown))
    ax.set_yticks(range(len(labels)), labels)
    ax.axvline(1 / len(shown), color=MUTED, lw=0.8, zorder=1)
    ax.set_xlim(0)
    return finish(ax, "drivers", words, rows=len(shown), x_share=True)
