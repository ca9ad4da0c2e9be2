"""Figures of the notebooks: each takes a table and an Axes, returns the Axes, and never shows.

Titles ask the question that the figure answers; nothing is said by colour alone.
"""

from __future__ import annotations

from itertools import cycle

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MultipleLocator, PercentFormatter

from helpers.beliefs.verdict import RATIOS
from helpers.report.style import (
    BLUE,
    FAINT,
    GREEN,
    INK,
    MOST,
    MUTED,
    ORANGE,
    PALETTE,
    PURPLE,
    SKY,
    VERMILION,
    finish,
    intervals,
    label_of,
    ratio_axis,
    styled,
)
from helpers.words import Words

# --- what we hold ------------------------------------------------------------------------------------------------


@styled
def plot_accounts(accounts: pd.DataFrame, *, ax: Axes, words: Words) -> Axes:
    """Bars per file of rows used as they are, repaired and set aside (table, rows_in, rows_used, ...)."""
    total = accounts["rows_in"].clip(lower=1)
    parts = {
        "used": (accounts["rows_used"] - accounts["rows_repaired"], BLUE),
        "repaired": (accounts["rows_repaired"], SKY),
        "quarantined": (accounts["rows_quarantined"], VERMILION),
    }
    labels = [f"{label_of(row.table)}\n{words.number(row.rows_in)}" for row in accounts.itertuples()]
    left = np.zeros(len(accounts))
    for name, (rows, colour) in parts.items():
        share = (rows / total).to_numpy(dtype=float)
        ax.barh(labels, share, left=left, color=colour, height=0.6, label=words.say(f"report.figure.accounts.{name}"))
        left += share
    return finish(ax, "accounts", words, rows=len(accounts), x_share=True)


@styled
def plot_spend(bins: pd.DataFrame, *, ax: Axes, words: Words) -> Axes:
    """Histogram of money spent per customer on a log scale, quartiles marked (low, high, steps, people, q1, median,
    q3)."""
    _histogram(bins, ax)
    ax.set_xscale("log")
    for name in ("q1", "median", "q3"):
        value = bins[name].iloc[0]
        ax.axvline(value, color=INK, lw=1.4 if name == "median" else 0.8, ls="-" if name == "median" else "--")
        ax.annotate(words.money(value), (value, 1), xycoords=("data", "axes fraction"), xytext=(4, -10),
                    textcoords="offset points", fontsize=8)  # fmt: skip
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: words.number(value)))
    return finish(ax, "spend", words, unit=words.currency or words.say("report.figure.money"))


def _histogram(bins: pd.DataFrame, ax: Axes) -> None:
    """Bars of people per step: one that is several steps wide is as high as one of its steps would be on average."""
    width, heights = bins["high"] - bins["low"], bins["people"] / bins["steps"]
    ax.bar(bins["low"], heights, width, align="edge", color=BLUE, alpha=0.75, edgecolor="white")


@styled
def plot_moments(counts: pd.DataFrame, *, ax: Axes, words: Words) -> Axes:
    """Heat map of orders: rows weekdays (names), columns hours."""
    days = [words.say(f"report.weekday.{str(day).lower()}") for day in counts.index]
    sns.heatmap(counts.set_axis(days, axis=0), cmap="Blues", linewidths=0.6, linecolor="white", ax=ax,
                cbar_kws={"label": words.say("report.figure.orders")})  # fmt: skip
    ax.tick_params(axis="y", rotation=0)
    return finish(ax, "moments", words)


@styled
def plot_channels(features: pd.DataFrame, *, ax: Axes, words: Words) -> Axes:
    """Average share of a customer's orders per channel (columns channel_<name>_share)."""
    shares = features.filter(regex=r"^channel_.*_share$").mean().sort_values()
    labels = [label_of(name.removeprefix("channel_").removesuffix("_share").replace("_", " ")) for name in shares.index]
    bars = ax.barh(labels, shares, color=BLUE, height=0.6)
    ax.bar_label(bars, [words.percent(share) for share in shares], padding=4)
    return finish(ax, "channels", words, rows=len(shares), x_share=True)


# --- the groups --------------------------------------------------------------------------------------------------


@styled
def plot_choice(choice: pd.DataFrame, *, ax: Axes, words: Words) -> Axes:
    """Agreement of samples and of two sights of the same people, weakest group and valley per k, the chosen marked."""
    markers = {"bootstrap_ari": ("o", BLUE), "jaccard_min": ("s", GREEN), "valley_depth": ("^", VERMILION)}
    if choice["repeated_ari"].notna().any():
        markers["repeated_ari"] = ("D", PURPLE)
    for column, (marker, colour) in markers.items():
        label = words.say(f"report.figure.choice.{column}")
        ax.plot(choice["k"], choice[column], marker=marker, color=colour, lw=1.6, label=label)
    for k in choice.loc[choice["chosen"].astype(bool), "k"]:
        ax.axvspan(k - 0.25, k + 0.25, color=FAINT, alpha=0.6, lw=0)
    ax.set(xticks=choice["k"], ylim=(min(0, ax.get_ylim()[0]), 1.02))
    return finish(ax, "choice", words)


@styled
def plot_sizes(groups: pd.DataFrame, *, ax: Axes, words: Words) -> Axes:
    """Share of customers per group with its interval (handle, share, ci_low, ci_high, kind)."""
    shown = groups.iloc[::-1]
    colours = [BLUE if kind == "persona" else MUTED for kind in shown["kind"]]
    intervals(ax, shown["handle"], shown["share"], shown["ci_low"], shown["ci_high"], colours)
    ax.set_xlim(0)
    return finish(ax, "sizes", words, rows=len(shown), x_share=True)


@styled
def plot_stability(groups: pd.DataFrame, *, ax: Axes, words: Words) -> Axes:
    """How far each clustered group comes back in other samples, and stays whole across k (handle, within, across)."""
    shown = groups[groups["within"].notna()].iloc[::-1]
    places = range(len(shown))
    ax.hlines(places, shown["within"], shown["across"], color=FAINT, lw=3)
    for column, marker, colour in (("within", "o", BLUE), ("across", "s", GREEN)):
        label = words.say(f"report.figure.stability.{column}")
        ax.scatter(shown[column], places, color=colour, marker=marker, s=48, zorder=3, label=label)
    ax.set_yticks(places, [label_of(handle) for handle in shown["handle"]])
    ax.set_xlim(0, 1.02)
    return finish(ax, "stability", words, rows=len(shown))


@styled
def plot_ties(ties: pd.DataFrame, *, ax: Axes, words: Words) -> Axes:
    """Share of each group whom an equally good solution would move, and where to (handle, share, to)."""
    shown = ties.iloc[::-1]
    bars = ax.barh([label_of(handle) for handle in shown["handle"]], shown["share"].fillna(0), color=ORANGE, height=0.6)
    says = [
        words.say("report.figure.ties.few")
        if pd.isna(row.share)
        else words.say("report.figure.ties.to", share=words.percent(row.share), to=row.to)
        if row.share
        else words.say("report.figure.ties.nobody")
        for row in shown.itertuples()
    ]
    ax.bar_label(bars, [label_of(text, 60) for text in says], padding=4, color=MUTED)
    ax.set_xlim(0, 1)
    return finish(ax, "ties", words, rows=len(shown), x_share=True)


@styled
def plot_between(pairs: pd.DataFrame, *, ax: Axes, words: Words) -> Axes:
    """Share of people who lie between each pair of groups, where enough do to be shown (between, share)."""
    shown = pairs[pairs["share"].notna()].iloc[::-1]
    bars = ax.barh([label_of(pair) for pair in shown["between"]], shown["share"], color=SKY, height=0.6)
    ax.bar_label(bars, [words.percent(share, 1) for share in shown["share"]], padding=4)
    return finish(ax, "between", words, rows=len(shown), x_share=True)


@styled
def plot_prevalence(prevalence: pd.DataFrame, *, ax: Axes, words: Words) -> Axes:
    """Share of each group's members who match at least so many of its attributes (handle, matched, share)."""
    groups = prevalence.groupby("handle", sort=False)
    for (handle, rows), colour, marker in zip(groups, cycle(PALETTE), cycle("os^DvP"), strict=False):
        ax.plot(rows["matched"], rows["share"], color=colour, marker=marker, lw=1.6, label=label_of(handle))
    ax.set(xticks=sorted(prevalence["matched"].unique()), ylim=(0, 1.03))
    ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
    return finish(ax, "prevalence", words)


@styled
def plot_lifts(profile: pd.DataFrame, *, ax: Axes, words: Words) -> Axes:
    """Lift of one group (handle) against the others per column, on a log scale; hollow dots are held-out columns.

    Columns measured as a difference (money that may be negative) have no lift and are left to the table.
    """
    handle = next(iter(profile["handle"]), "")
    if "measure" in profile:
        profile = profile[profile["measure"] == "lift"]
    known = profile[(profile["lift"] > 0) & (profile["ci_low"] > 0) & np.isfinite(profile["ci_high"])]
    order = np.log(known["lift"]).abs().sort_values(kind="stable").index[-MOST:]
    shown = known.loc[order].sort_values("lift", kind="stable")
    colours = [PURPLE if role == "held out" else BLUE for role in shown["role"]]
    intervals(ax, [name.replace("_", " ") for name in shown["column"]], shown["lift"], shown["ci_low"],
               shown["ci_high"], colours, hollow=[role == "held out" for role in shown["role"]])  # fmt: skip
    ratio_axis(ax, words)
    return finish(ax, "lifts", words, rows=len(shown), handle=handle)


@styled
def plot_posteriors(bins: pd.DataFrame, *, ax: Axes, words: Words) -> Axes:
    """Histogram of each customer's highest probability; .8 is what membership takes (low, high, steps, people)."""
    _histogram(bins, ax)
    ax.axvline(0.8, color=INK, lw=1, ls="--")
    ax.set_xlim(0, 1)
    return finish(ax, "posteriors", words)


@styled
def plot_codes(codes: pd.DataFrame, *, ax: Axes, words: Words) -> Axes:
    """Share of a group's people that were given each code, groups told apart by colour and marker
    (handle, says, share)."""
    most = codes.groupby("says")["n"].sum().sort_values(kind="stable").index[-MOST:]
    groups = codes[codes["says"].isin(most)].groupby("handle", sort=False)
    for (name, told), colour, marker in zip(groups, cycle(PALETTE), cycle("os^DvP"), strict=False):
        places, label = most.get_indexer(told["says"]), label_of(name)
        ax.scatter(told["share"], places, color=colour, marker=marker, s=42, label=label, alpha=0.9)
    ax.set_yticks(range(len(most)), [label_of(code) for code in most])
    ax.grid(axis="y", color=FAINT, lw=0.6)
    return finish(ax, "codes", words, rows=len(most), x_share=True)


@styled
def plot_margins(segments: pd.DataFrame, *, ax: Axes, words: Words) -> Axes:
    """Estimate per segment with its interval, those wholly below zero in another colour (first measure in money)."""
    money = segments[segments["unit"] == "money"] if "unit" in segments else segments
    measure = money["measure"].iloc[0]
    shown = money[money["measure"] == measure].sort_values("estimate", kind="stable", ascending=False).tail(MOST)
    colours = [VERMILION if high < 0 else BLUE for high in shown["ci_high"]]
    intervals(ax, shown["segment"], shown["estimate"], shown["ci_low"], shown["ci_high"], colours)
    ax.axvline(0, color=INK, lw=0.8)
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: words.number(value)))
    return finish(ax, "margins", words, rows=len(shown), measure=measure)


@styled
def plot_parts(parts: pd.DataFrame, *, ax: Axes, words: Words) -> Axes:
    """What of the revenue is used up, part by part; past the line money is lost. Under each name what is left.

    parts : segment; revenue, cost_of_goods, returned, service_cost, acquisition_cost, contribution (per customer).
    """
    shown = parts[parts["revenue"] > 0].iloc[::-1].tail(MOST)
    used = np.zeros(len(shown))
    colours = {"cost_of_goods": MUTED, "returned": ORANGE, "service_cost": PURPLE, "acquisition_cost": SKY}
    for name, colour in colours.items():
        part = (shown[name] / shown["revenue"]).to_numpy(dtype=float)
        label = words.say(f"report.figure.parts.{name}")
        ax.barh(range(len(shown)), part, left=used, color=colour, height=0.6, label=label)
        used += part
    ax.axvline(1, color=INK, lw=1.2)
    left = [words.say("report.figure.parts.left", money=words.money(value)) for value in shown["contribution"]]
    names = [f"{label_of(name)}\n{money}" for name, money in zip(shown["segment"], left, strict=True)]
    ax.set_yticks(range(len(shown)), names)
    ax.xaxis.set_major_locator(MultipleLocator(0.25 if used.max(initial=0) < 2 else 1))
    return finish(ax, "parts", words, rows=len(shown), x_share=True)


@styled
def plot_ideal(attributes: pd.DataFrame, *, ax: Axes, words: Words) -> Axes:
    """How much more common an attribute is among the best customers, the clearest ones (attribute, value, lift)."""
    known = attributes[(attributes["lift"] > 0) & (attributes["ci_low"] > 0) & np.isfinite(attributes["ci_high"])]
    order = np.log(known["lift"]).abs().sort_values(kind="stable").index[-MOST:]
    shown = known.loc[order].sort_values("lift", kind="stable")
    colours = [
        BLUE if low > 1 else VERMILION if high < 1 else MUTED
        for low, high in zip(shown["ci_low"], shown["ci_high"], strict=True)
    ]
    labels = [f"{row.attribute}: {row.value}" for row in shown.itertuples()]
    intervals(ax, labels, shown["lift"], shown["ci_low"], shown["ci_high"], colours)
    ratio_axis(ax, words)
    return finish(ax, "ideal", words, rows=len(shown))


@styled
def plot_questions(questions: pd.DataFrame, *, ax: Axes, words: Words) -> Axes:
    """Share placed rightly after each question, with its interval; hollow: a guess, and all questions.

    Takes question, balanced_accuracy, ci_low, ci_high, the guess in the first row and all questions in the last.
    """
    shown, last = questions.iloc[::-1], len(questions) - 1
    labels = [f"{n}. {question}" if 0 < n < last else question for n, question in enumerate(questions["question"])]
    intervals(ax, labels[::-1], shown["balanced_accuracy"], shown["ci_low"], shown["ci_high"], [BLUE] * len(shown),
              hollow=[n in (0, last) for n in range(len(shown))])  # fmt: skip
    ax.set_xlim(0, 1)
    return finish(ax, "questions", words, rows=len(shown), x_share=True)


# --- beliefs and runs --------------------------------------------------------------------------------------------


@styled
def plot_effects(effects: pd.DataFrame, *, ax: Axes, words: Words) -> Axes:
    """Effects with intervals (id, label, measure, estimate, ci_low, ci_high, verdict).

    The ratios on a log scale, or the differences where there is no ratio: both on one axis would mislead, and the table
    beside the figure holds all.
    """
    ratios = effects[effects["measure"].isin(RATIOS) & (effects["ci_low"] > 0)]
    shown = (ratios if len(ratios) else effects[~effects["measure"].isin(RATIOS)]).iloc[::-1].tail(MOST)
    colours = [{"supported": BLUE, "reversed": VERMILION}.get(verdict, MUTED) for verdict in shown["verdict"]]
    names = shown["label"].where(shown["label"] != "", shown["id"].str.replace("_", " "))
    labels = [f"{name} ({measure})" for name, measure in zip(names, shown["measure"], strict=True)]
    intervals(ax, labels, shown["estimate"], shown["ci_low"], shown["ci_high"], colours)
    if len(ratios):
        ratio_axis(ax, words)
    else:
        ax.axvline(0, color=INK, lw=0.8)
    return finish(ax, "effects" if len(ratios) else "differences", words, rows=len(shown))


@styled
def plot_drift(matches: pd.DataFrame, *, ax: Axes, words: Words) -> Axes:
    """Share of customers per persona, before (hollow) and now (id, share, previous_share)."""
    places = range(len(matches))
    before = matches["previous_share"].astype(float)
    ax.hlines(places, before.fillna(matches["share"]), matches["share"], color=FAINT, lw=3)
    said = {time: words.say(f"report.figure.{time}") for time in ("before", "now")}
    ax.scatter(before, places, facecolor="white", edgecolor=BLUE, s=48, zorder=3, label=said["before"])
    ax.scatter(matches["share"], places, color=BLUE, s=48, zorder=4, label=said["now"])
    ax.set_yticks(places, [label_of(name) for name in matches["id"]])
    ax.set_xlim(0)
    return finish(ax, "drift", words, rows=len(matches), x_share=True)


@styled
def plot_migration(migration: pd.DataFrame, *, ax: Axes, words: Words) -> Axes:
    """Heat map of where each earlier group's customers are now, in brackets what chance alone would bring
    (was, to, share, by_chance); cells of too few customers stay empty."""
    shares = migration.pivot(index="was", columns="to", values="share")
    states = [*shares.index, *shares.columns.difference(shares.index)]
    told = migration.assign(
        text=[
            words.percent(row.share) + (f"\n({words.percent(row.by_chance)})" if pd.notna(row.by_chance) else "")
            for row in migration.itertuples()
        ]
    )
    shares, texts = (
        frame.reindex(index=shares.index, columns=states)
        for frame in (shares, told.pivot(index="was", columns="to", values="text"))
    )
    sns.heatmap(shares, mask=shares.isna(), annot=texts.fillna(""), fmt="", cmap="Blues", vmin=0, vmax=1, ax=ax,
                linewidths=0.6, linecolor="white", annot_kws={"fontsize": 8},
                cbar_kws={"format": FuncFormatter(lambda share, _: words.percent(share)),
                          "label": words.say("report.figure.migration.share")})  # fmt: skip
    ax.tick_params(axis="y", rotation=0)
    ax.get_figure().set_figheight(1.8 + 0.5 * len(shares))
    return finish(ax, "migration", words)


@styled
def plot_negatives(negatives: pd.DataFrame, *, ax: Axes, words: Words) -> Axes:
    """Share of customers per negative persona with its interval, before (hollow) and now
    (handle, share, ci_low, ci_high, and the same with _before)."""
    for ending, shift, fill, time in (("_before", 0.12, "white", "before"), ("", -0.12, BLUE, "now")):
        places = np.arange(len(negatives)) + shift
        share, low, high = (negatives[f"{name}{ending}"].astype(float) for name in ("share", "ci_low", "ci_high"))
        ax.hlines(places, low, high, color=BLUE, lw=1.8, zorder=2)
        label = words.say(f"report.figure.{time}")
        ax.scatter(share, places, facecolor=fill, edgecolor=BLUE, s=42, zorder=3, label=label)
    ax.set_yticks(range(len(negatives)), [label_of(handle) for handle in negatives["handle"]])
    ax.set_xlim(0)
    return finish(ax, "negatives", words, rows=len(negatives), x_share=True)


@styled
def plot_proof(proof: pd.DataFrame, *, ax: Axes, words: Words) -> Axes:
    """Distance of our figures from the published ones in tolerances, a row a method (method, published, ours,
    tolerance)."""
    done = proof[proof["ours"].notna()].iloc[::-1]
    distance = (done["ours"] - done["published"]) / done["tolerance"].where(done["tolerance"] > 0, np.nan)
    shown = distance.fillna(0).clip(-1.5, 1.5)
    within = (done["ours"] - done["published"]).abs() <= done["tolerance"]
    places, methods = pd.factorize(done["method"])
    ax.axvspan(-1, 1, color=FAINT, alpha=0.5, lw=0)
    for place, x, good in zip(places, shown, within, strict=True):
        ax.plot(x, place, marker="o" if good else "X", ms=6.5, color=BLUE if good else VERMILION)
    ax.set_yticks(range(len(methods)), [label_of(name) for name in methods])
    ax.set_xlim(-1.6, 1.6)
    return finish(ax, "proof", words, rows=len(methods))
