"""When each persona buys: weekdays and hours of the orders that came after the personas were made."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import t

from helpers.beliefs.evidence import Evidence, orders
from helpers.beliefs.verdict import ALPHA, Contrast, Finding, by_clarity, relabelled, usable, widened
from helpers.channels.lasting import LEAST_WEEKS, as_contrast, lasting
from helpers.columns import DAYPARTS, DAYS
from helpers.small_cells import withheld
from helpers.words import Said, Text, say

HOURS = 3
"""Hours that are one column of the heat map: single hours would all be small cells."""
MOST_MOMENTS = 2
"""Moments that are named for a persona."""
CELLS = ["persona", "weekday", "hour", "customers", "orders", "share"]
BEST = ["persona", "weekday", "part", "orders", "share", "others_share", "lift", "ci_low", "ci_high"]


def later_orders(evidence: Evidence) -> pd.DataFrame:
    """Orders after holdout_from of the members of a persona (at least two personas with enough people).

    customer_id, ordered_at, persona, weekday, part (of the day; missing where the times have no hours), week, and place
    ("" where none is known).
    """
    later = orders(evidence).loc[lambda t: t["ordered_at"] >= pd.Timestamp(evidence.customers.period.holdout_from)]
    later = later.merge(evidence.members(), on="customer_id")
    people = later.groupby("persona")["customer_id"].nunique()
    people = people[people >= evidence.least]
    if len(people) < 2:
        raise evidence.not_testable("few_personas", least=evidence.least)
    later = later[later["persona"].isin(people.index)].assign(
        weekday=lambda t: t["ordered_at"].dt.day_name().str.lower()
    )
    part = pd.cut(later["ordered_at"].dt.hour, [*DAYPARTS.values(), 24], right=False, labels=list(DAYPARTS))
    timed = (later["ordered_at"].dt.hour != 0).any()
    start = pd.Timestamp(evidence.customers.period.holdout_from)
    profile = evidence.customers.profile
    places = [c for c in ("location", "country") if c in profile and profile[c].notna().any()][:1]
    of = profile.set_index("customer_id")[places[0]] if places else pd.Series(dtype="str")
    return later.assign(
        part=part.astype("str") if timed else pd.Series(pd.NA, later.index, dtype="str"),
        week=(later["ordered_at"] - start) // pd.Timedelta(days=7),
        place=later["customer_id"].map(of[~of.index.duplicated()]).astype("str").fillna(""),
    )


def moments_by_persona(evidence: Evidence, sesoi: float) -> Finding:
    """Whether a persona orders at its own weekday or part of the day, on orders that came after personas were made.

    Per persona and moment the ratio of its share of orders to everybody else's (`lasting`); Holm over all cells.
    Held-out orders make this a test of persistence, even for a trait that defined
    the personas.
    """
    later = later_orders(evidence)
    if later["week"].nunique() < LEAST_WEEKS:
        raise evidence.rivalled("one_day", least=LEAST_WEEKS)
    moments = {
        name: later[column] == name for column in ("weekday", "part") for name in sorted(set(later[column].dropna()))
    }
    contrasts, cells = [], {}
    for group in sorted(set(later["persona"])):
        for moment, hit in moments.items():
            if (found := _lift(evidence, later, group, hit, f"{group}: {moment}")) is not None:
                contrasts.append(found)
                cells[found.label] = (group, moment)
    if not contrasts and later["place"].nunique() > 1:
        raise evidence.rivalled("clock")
    if not contrasts:
        raise evidence.not_testable("few_orders")
    ordered, p = by_clarity(contrasts)
    first = ordered[0]
    group, moment = cells[first.label]
    sentence = say(
        "hypotheses.facts.moments",
        persona=evidence.handles[group], moment=say(f"hypotheses.moment.{moment}"),
        share=first.facts["share"], others=first.facts["others"],
        ratio=first.estimate, interval=(first.low, first.high),
    )  # fmt: skip
    people = later.groupby("persona")["customer_id"].nunique().to_dict()
    ordered = tuple(relabelled(c, _cell(*cells[c.label])) for c in ordered)
    one_clock = later["part"].notna().any() and (later["place"] == "").all()
    note = say("channels.moments.one_clock") if one_clock else ""
    return Finding(ordered, p, people, say("hypotheses.method.moments"), sentence, notes=note)


def _cell(persona: str, moment: str) -> Said:
    """``P1: monday``: a persona, and a weekday or part of the day."""
    return say("channels.moments.cell", persona=persona, moment=_name(moment))


def _name(moment: str) -> Text:
    """A weekday or part of the day; "" where there is none."""
    return say(f"channels.moments.name.{moment}") if moment else ""


def _lift(evidence: Evidence, later: pd.DataFrame, group: str, hit: pd.Series, label: str) -> Contrast | None:
    """How many times as large a share of a persona's orders falls on a moment as of all others'; None for few."""
    mine = later["persona"] == group
    fewest = min(hit.mean() * mine.sum(), hit.groupby(mine).sum().min())
    # an expected count this small gives no honest interval, and is a small cell besides
    if fewest < evidence.study.privacy.min_cell or hit.all():
        return None
    found = lasting(mine, hit, later["customer_id"], later["week"], later["place"])
    if found is None:
        return None
    shares = {"share": float(hit[mine].mean()), "others": float(hit[~mine].mean()), "orders": int((hit & mine).sum())}
    made = as_contrast(found, label, shares)
    return made if usable(made) else None


def heat_map(evidence: Evidence) -> pd.DataFrame:
    """Where in the week each persona's later orders fall.

    Returns
    -------
    One row per persona, weekday and three hours: persona (handle), weekday, hour (the first one), customers, orders,
    share (of the persona's orders). Cells of fewer customers than the study's smallest are withheld, and as many more
    as subtraction from the persona's total needs; empty where the times have no hours.
    """
    later = later_orders(evidence)
    if later["part"].isna().all():
        return pd.DataFrame(columns=CELLS)
    later = later.assign(hour=later["ordered_at"].dt.hour // HOURS * HOURS)
    keys = ["persona", "weekday", "hour"]
    grid = pd.MultiIndex.from_product([sorted(set(later["persona"])), DAYS, range(0, 24, HOURS)], names=keys)
    counts = later.groupby(keys).agg(customers=("customer_id", "nunique"), orders=("customer_id", "size"))
    table = counts.reindex(grid, fill_value=0).reset_index()
    table["share"] = table["orders"] / table.groupby("persona")["orders"].transform("sum")
    cell = evidence.study.privacy.min_cell
    told = withheld(table, ["customers"], cell, values=["orders", "share"], margins=[["persona"]])
    return told.assign(persona=told["persona"].map(evidence.handles))[CELLS]


def best_moments(evidence: Evidence) -> tuple[pd.DataFrame, list[Text]]:
    """The moments at which a persona orders more than others do, for certain, and a sentence per persona.

    Weekday and part of the day together (weekdays alone where the times have no hours); the intervals hold for all
    cells of all personas at once (Bonferroni).

    Returns
    -------
    persona (handle), weekday, part, orders, share (of its orders), others_share, lift, ci_low, ci_high; at most two
    rows a persona, the largest share first; and the sentences.
    """
    later = later_orders(evidence)
    if later["week"].nunique() < LEAST_WEEKS:
        raise evidence.rivalled("one_day", least=LEAST_WEEKS)
    timed = later["part"].notna().any()
    cells = later["weekday"] + (" " + later["part"] if timed else "")
    personas = sorted(set(later["persona"]))
    found = {
        (group, cell): lift
        for group in personas
        for cell in sorted(set(cells))
        if (lift := _lift(evidence, later, group, cells == cell, cell)) is not None
    }
    rows = []
    for (group, cell), lift in found.items():
        low, high = _at_once(lift, len(found))
        if low > 1:
            weekday, _, part = cell.partition(" ")
            facts = lift.facts
            rows.append(
                (group, weekday, part, facts["orders"], facts["share"], facts["others"], lift.estimate, low, high)
            )
    table = pd.DataFrame(rows, columns=BEST).sort_values(["persona", "share"], ascending=[True, False], kind="stable")
    table = table.groupby("persona").head(MOST_MOMENTS).reset_index(drop=True)
    said = []
    for group in personas:
        own = [
            say(
                "channels.moments.one",
                moment=_when(row), share=row.share, others=row.others_share,
                times=row.lift, interval=(row.ci_low, row.ci_high),
            )
            for row in table[table["persona"] == group].itertuples()
        ]  # fmt: skip
        persona = evidence.handles[group]
        best = say("channels.moments.best", persona=persona, moments=own)
        said.append(best if own else say("channels.moments.none", persona=persona))
    shown = {name: table[name].map(_name) for name in ("weekday", "part")}
    return table.assign(persona=table["persona"].map(evidence.handles), **shown), said


def _at_once(lift: Contrast, cells: int) -> tuple[float, ...]:
    """The interval that holds for so many cells at once (Bonferroni), from the one that holds for this cell alone."""
    quantiles = t.isf(np.array([ALPHA / 2 / cells, ALPHA / 2]), lift.facts["freedom"])
    return widened(lift.measure, lift.estimate, (lift.low, lift.high), float(quantiles[0] / quantiles[1]))


def _when(row: tuple) -> Said:
    """``on Mondays in the morning (6 to 12 h)``."""
    day = say(f"hypotheses.moment.{row.weekday}")
    return say("channels.moments.both", day=day, part=say(f"hypotheses.moment.{row.part}")) if row.part else day
