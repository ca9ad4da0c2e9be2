"""Figures of offers: what coupons hold, what decides a choice, and what satisfies."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from helpers.report.style import BLUE, MUTED, ORANGE, finish, grouped_intervals, intervals, label_of, styled
from helpers.words import Words


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
def plot_coupon_trial(groups: pd.DataFrame, *, ax: Axes, words: Words) -> Axes:
    """Expected loss of each group between the two assumptions, and the smallest loss that the trial could see
    (group, loss_if_they_drop_share, loss_if_they_leave_share, smallest_loss_share)."""
    shown = groups.iloc[::-1]
    places = range(len(shown))
    expected, smallest = (words.say(f"report.figure.coupon_trial.{name}") for name in ("expected", "smallest"))
    ax.hlines(places, shown["loss_if_they_drop_share"], shown["loss_if_they_leave_share"], color=ORANGE, lw=5,
              label=expected)  # fmt: skip
    ax.scatter(shown["smallest_loss_share"], places, marker="D", facecolor="white", edgecolor=BLUE, zorder=3,
               label=smallest)  # fmt: skip
    ax.set_yticks(places, [label_of(label) for label in shown["group"]])
    ax.set_xlim(0)
    return finish(ax, "coupon_trial", words, rows=len(shown), x_share=True)


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
