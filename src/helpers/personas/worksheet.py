"""The worksheet of negative personas: what customers bring, the six questions, fairness of the rules, early signs.

Answers come from the tables where there are any; what data do not tell is left blank, and says what is missing.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from statsmodels.stats.weightstats import ttest_ind

from helpers.contracts import Card, Section
from helpers.data.customers import Customers
from helpers.data.load import LoadedTables
from helpers.personas.model import Personas
from helpers.personas.rule import AT_ACQUISITION, COLUMNS, NEVER, Conditions, phrase
from helpers.privacy import suppress
from helpers.study import Study
from helpers.wording import Words

RATIO = 0.8
"""A protected group whose members are flagged so often that everybody else's rate is under this share of theirs."""

MEASURES: dict[str, tuple[Section, str]] = {
    "contribution": ("value", "sales"),
    "before_acquisition": ("value", "sales"),
    "acquisition_cost": ("value", "customers"),
    "return_share": ("service", "sales"),
    "complaints": ("service", "service"),
    "churned": ("risk", "sales"),
}
"""What is measured of a segment: section, source. Returns, complaints and leaving are those of the held-out part."""


# --- what a customer brings --------------------------------------------------------------------------------------


def contribution(customers: Customers) -> pd.DataFrame:
    """What every customer brought over the whole window, in money.

    Returns
    -------
    Per customer_id (index) of ``features``: orders, margin (revenue - returns - cost of goods; NaN where costs are not
    known), service_cost and acquisition_cost (0 where not known), before_acquisition (margin - service_cost) and
    contribution (the same - acquisition_cost). With unknown costs a contribution is an upper bound.
    """
    early, late = (frame.set_index("customer_id") for frame in (customers.features, customers.held_out))
    profile = customers.profile.set_index("customer_id").reindex(early.index)
    balance = pd.DataFrame({"orders": early["orders"] + late["orders"]})
    balance["margin"] = early.get("margin", np.nan) + late.get("margin", np.nan)
    balance["service_cost"] = early.get("service_cost", 0.0) + late.get("service_cost", 0.0)
    balance["acquisition_cost"] = profile["acquisition_cost"].fillna(0.0) if "acquisition_cost" in profile else 0.0
    balance["before_acquisition"] = balance["margin"] - balance["service_cost"]
    balance["contribution"] = balance["before_acquisition"] - balance["acquisition_cost"]
    return balance


def outcomes(customers: Customers, balance: pd.DataFrame) -> pd.DataFrame:
    """What is measured, per customer_id: money of the whole window; returns, complaints, leaving of the later part."""
    later = customers.held_out.set_index("customer_id")
    profile = customers.profile.set_index("customer_id").reindex(balance.index)
    frames = {"contribution": balance, "before_acquisition": balance, "acquisition_cost": profile}
    found = {name: frames.get(name, later) for name in MEASURES}
    return pd.DataFrame({name: frame[name].astype(float) for name, frame in found.items() if name in frame})


def belongs(ids: pd.Index, personas: Personas, group: str) -> pd.Series:
    """Who of these customers is in a persona or segment."""
    return personas.assignments.set_index("customer_id")["persona"].reindex(ids) == group


# --- the six questions -------------------------------------------------------------------------------------------


def worksheet(
    customers: Customers,
    tables: LoadedTables,
    personas: Personas,
    cards: tuple[Card, ...],
    study: Study,
    words: Words,
) -> pd.DataFrame:
    """The six questions about customers one would rather not have, answered from data where there are any.

    Groups by rule (no order, one order) are left out: that they bring and return least is no news.

    Returns
    -------
    question, answer, source (tables; "" where the answer is left blank, which then says what is missing).
    """
    least = study.privacy.min_cell
    frames, values = tables.frames, outcomes(customers, contribution(customers))
    found = [group for group in personas.groups if not group.structural]
    groups = {group.handle: belongs(values.index, personas, group.id) for group in found}
    answers = {
        "team": _team(frames.get("interviews"), words),
        "deal": _slow_deals(frames.get("leads"), least, words),
        "left": _who(values, groups, "churned", least, words) or (words.say("negative.blank.left"), ""),
        "reviews": _reviews(frames.get("service"), least, words),
        "profit": _losing(cards, values, words)
        or _who(values, groups, "contribution", least, words)
        or (words.say("negative.blank.profit"), ""),
        "cost": _dear(customers.profile, least, words),
    }
    rows = [(words.say(f"negative.question.{name}"), *answer) for name, answer in answers.items()]
    return pd.DataFrame(rows, columns=["question", "answer", "source"], dtype="str")


def _team(interviews: pd.DataFrame | None, words: Words) -> tuple[str, str]:
    """What the sales team says is for people to read: here only whether there is something to read."""
    notes = 0 if interviews is None else int((interviews["speaker"].str.strip().str.casefold() == "sales").sum())
    return words.say("negative.blank.notes" if notes else "negative.blank.team", n=words.number(notes)), ""


def _slow_deals(leads: pd.DataFrame | None, least: int, words: Words) -> tuple[str, str]:
    """How long the slowest deals took, from first activity to conversion: a mean, since one deal is one person."""
    days = pd.Series(dtype=float)
    if leads is not None and "converted_at" in leads:
        deals = leads.groupby("lead_id").agg(first=("at", "min"), won=("converted_at", "max")).dropna()
        days = ((deals["won"] - deals["first"]) / pd.Timedelta(days=1)).sort_values()
    if len(days) < 2 * least:
        return words.say("negative.blank.deal", least=words.number(2 * least)), ""
    slow, median = (words.number(value, 0) for value in (days.tail(least).mean(), days.median()))
    return words.say("negative.answer.deal", k=least, n=words.number(len(days)), slow=slow, median=median), "leads"


def _losing(cards: tuple[Card, ...], values: pd.DataFrame, words: Words) -> tuple[str, str] | None:
    """The negative persona that costs most per customer, as measured on the unseen half."""
    if not cards:
        return None
    worst = min(cards, key=lambda card: card.claims[0].estimate)
    shown = {"worst": worst.handle, "mean": words.money(worst.claims[0].estimate)}
    return words.say("negative.answer.contribution", all=words.money(values["contribution"].mean()), **shown), "sales"


def _who(
    values: pd.DataFrame, groups: dict[str, pd.Series], name: str, least: int, words: Words
) -> tuple[str, str] | None:
    """Those who left, or what customers bring: over all, and the group where it is worst, if any is clearly worse."""
    known = values[name].dropna() if name in values else pd.Series(dtype=float)
    if len(known) < least:
        return None
    show, sign = (words.percent, 1) if name == "churned" else (words.money, -1)
    found = {}
    for handle, inside in groups.items():
        own, others = known[inside.reindex(known.index)], known[~inside.reindex(known.index)]
        if min(len(own), len(others)) >= least and own.std() + others.std() > 0:
            worse = sign * own.mean() > sign * others.mean()
            if worse and ttest_ind(own, others, usevar="unequal")[1] <= 0.05 / len(groups):
                found[handle] = own.mean()
    if not found:
        return words.say(f"negative.answer.{name}_alike", all=show(known.mean())), "sales"
    worst = max(found, key=lambda handle: sign * found[handle])
    return words.say(f"negative.answer.{name}", all=show(known.mean()), worst=worst, mean=show(found[worst])), "sales"


def _reviews(service: pd.DataFrame | None, least: int, words: Words) -> tuple[str, str]:
    """How many reviews are bad: the lower two fifths of the ratings that are in use."""
    ratings = pd.Series(dtype=float)
    if service is not None and "rating" in service:
        ratings = service.loc[service["kind"].str.strip().str.casefold() == "review", "rating"].dropna()
    if len(ratings) < least:
        return words.say("negative.blank.reviews", least=words.number(least)), ""
    cut = 0.4 * ratings.max()
    bad = int((ratings <= cut).sum())
    share = words.percent(max(bad, least) / len(ratings) if bad else 0.0)
    shown = {
        "n": words.number(len(ratings)),
        "cut": words.number(cut),
        "share": f"< {share}" if 0 < bad < least else share,
    }
    return words.say("negative.answer.reviews", **shown), "service"


def _dear(profile: pd.DataFrame, least: int, words: Words) -> tuple[str, str]:
    """What winning a customer cost, and the channel where it cost most."""
    costs = profile.get("acquisition_cost", pd.Series(dtype=float)).dropna()
    if len(costs) < least:
        return words.say("negative.blank.cost"), ""
    overall = words.money(costs.mean())
    if "acquisition_channel" in profile:
        by = costs.groupby(profile["acquisition_channel"]).agg(["mean", "size"])
        by = by[by["size"] >= least]
        if len(by):
            channel = {"name": words.theirs(by["mean"].idxmax()), "mean": words.money(by["mean"].max())}
            return words.say("negative.answer.cost_by_channel", all=overall, **channel), "customers"
    return words.say("negative.answer.cost", all=overall), "customers"


# --- fairness and early signs ------------------------------------------------------------------------------------


def fairness(customers: Customers, flagged: pd.Series, study: Study) -> pd.DataFrame:
    """How often each protected group meets a negative persona's rule, against everybody else.

    Groups smaller than the study's smallest cell are put together, and shares of fewer flagged customers than that are
    withheld. ``ratio`` is the rate of all others divided by this group's; under 0.8 (the four-fifths rule) there is a
    warning.
    """
    profile = customers.profile.set_index("customer_id").reindex(customers.features["customer_id"])
    hit = pd.Series(profile.index.isin(flagged), index=profile.index)
    names = {*NEVER, *study.privacy.protected, *COLUMNS.values()}
    rows = []
    for attribute in sorted(names & set(profile.columns)) if hit.any() else ():
        groups = _pooled(_grouped(profile[attribute]), study.privacy.min_cell)
        for value in sorted(groups.dropna().unique()):
            own, others = hit[groups == value], hit[(groups != value) & groups.notna()]
            ratio = others.mean() / own.mean() if own.any() and len(others) else np.nan
            rows.append((attribute, value, len(own), own.sum(), own.mean(), ratio, bool(ratio < RATIO)))
    columns = ["attribute", "value", "n", "flagged", "flagged_share", "ratio", "warning"]
    table = pd.DataFrame(rows, columns=columns).astype({"attribute": "str", "value": "str"})
    shares = ["flagged_share", "ratio"]
    shown = suppress(table, "flagged", study.privacy.min_cell, values=shares, margins=[["attribute"]])
    return shown.drop(columns=["flagged", "shown"])


def _grouped(values: pd.Series) -> pd.Series:
    """Texts as they are, ages in bands."""
    if not pd.api.types.is_numeric_dtype(values):
        return values
    names = ["under 30", "30 to 44", "45 to 59", "60 and over"]
    bands = pd.cut(values, [0, 30, 45, 60, np.inf], right=False, labels=names)
    return bands.astype("str").where(values.notna())


def _pooled(groups: pd.Series, least: int) -> pd.Series:
    """Groups under ``least`` put together as ``others``, with the next smallest until they are enough; NaN if never."""
    counts = groups.value_counts().sort_values(kind="stable")
    small = int((counts < least).sum())
    while small and counts.iloc[:small].sum() < least and small < len(counts):
        small += 1
    pooled = groups.where(~groups.isin(counts.index[:small]), "others")
    return pooled if small == 0 or counts.iloc[:small].sum() >= least else pooled.where(pooled != "others")


def early_signs(rules: dict[str, Conditions], words: Words) -> pd.DataFrame:
    """The traits of every card's rule, and when a team can see each of them: card, trait, known."""
    rows = []
    for card, rule in rules.items():
        for condition in rule:
            when = "at_acquisition" if condition.column.split("=")[0] in AT_ACQUISITION else "after_orders"
            rows.append((card, phrase(condition, words), words.say(f"negative.known.{when}")))
    return pd.DataFrame(rows, columns=["card", "trait", "known"], dtype="str")
