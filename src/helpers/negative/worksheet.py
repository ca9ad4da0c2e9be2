"""The worksheet of negative personas: the six questions, prospects who never bought, fairness of the rules.

Answers come from the tables and from interviews with the sales team where there are any; what neither tells is left
blank, and says what is missing.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from statsmodels.stats.proportion import confint_proportions_2indep
from statsmodels.stats.weightstats import ttest_ind

from helpers.beliefs.estimators import share_interval
from helpers.cards.personas import Personas
from helpers.columns import CUSTOMERS, WON_BY, protected_columns
from helpers.contracts import Card
from helpers.customers.customers import Customers
from helpers.harmless import scrub
from helpers.negative.ideal import AGE_BANDS, AGES
from helpers.negative.worth import BAD, afterwards, bad_reviews, deals, outcomes
from helpers.read.load import LoadedTables
from helpers.small_cells import shown, together, withheld
from helpers.study import Study
from helpers.text import fold, folded
from helpers.words import Text, Words, languages, say, sentences

QUESTIONS = ("team", "deal", "left", "reviews", "profit", "cost")
QUOTED, LONGEST = 3, 25
"""Answers of the sales team that are quoted per question, and words of each."""
RATIO = 0.8
"""A protected group whose members are flagged so often that everybody else's rate is under this share of theirs."""
OTHERS = "others"
TOLD = {band: say(f"negative.age.{band}") for band in AGE_BANDS} | {OTHERS: say("negative.others")}
"""Groups that are not named in the user's own words."""

Answer = tuple[Text, str] | None
"""What the data say to a question, and the table that says it."""


def belongs(ids: pd.Index, personas: Personas, group: str) -> pd.Series:
    """Who of these customers is in a persona or segment."""
    return personas.assignments.set_index("customer_id")["persona"].reindex(ids) == group


# --- the six questions -------------------------------------------------------------------------------------------


def worksheet(
    customers: Customers, tables: LoadedTables, personas: Personas, cards: tuple[Card, ...], study: Study
) -> pd.DataFrame:
    """The six questions about customers one would rather not have, answered from data where there are any.

    Groups by rule (no order, one order) are left out: that they bring and return least is no news. An interview is
    about a question where it repeats its text or its short name (team, deal, left, reviews, profit, cost). What the
    sales team said is scrubbed, and quoted only where the study allows quotes; else it is counted.

    Returns
    -------
    question, answer, source (tables; "" where the answer is left blank, which then says what is missing).
    """
    least = study.privacy.min_cell
    frames, values = tables.frames, outcomes(customers, afterwards(customers), tables.frames)
    found = [group for group in personas.groups if not group.structural]
    groups = {group.handle: belongs(values.index, personas, group.id) for group in found}
    from_data = {
        "team": None,
        "deal": _slow_deals(frames.get("leads"), least),
        "left": _who(values, groups, "churned", least),
        "reviews": _reviews(frames.get("service"), least),
        "profit": _losing(cards, values) or _who(values, groups, "contribution", least),
        "cost": _dear(customers.profile, least),
    }
    told = {"left": "churned", "reviews": "bad_reviews", "cost": "acquisition_cost", "deal": "sales_cycle"}
    interviews = said_by_sales(frames.get("interviews"))
    rows = []
    for name, answer in from_data.items():
        parts = [] if answer is None else [answer[0], *_of_cards(cards, told.get(name, ""))]
        if name == "cost":
            parts += _lost(prospects(customers, frames, least))
        if name in interviews:
            parts.append(_team_says(interviews[name], study.privacy.quotes))
        sources = [*([answer[1]] if answer else []), *(["interviews"] if name in interviews else [])]
        blank = say(f"negative.blank.{name}", least=2 * least if name == "deal" else least)
        rows.append((say(f"negative.question.{name}"), sentences(*parts) or blank, ", ".join(sources)))
    return pd.DataFrame(rows, columns=["question", "answer", "source"])


def said_by_sales(interviews: pd.DataFrame | None) -> dict[str, list[str]]:
    """The sales team's answers, scrubbed, by the short name of the question; ``other`` for any other question.

    An interviewer may have asked in any language that the suite speaks.
    """
    if interviews is None:
        return {}
    asked = {Words(language).say(f"negative.question.{name}"): name for language in languages() for name in QUESTIONS}
    known = {_plain(question): name for question, name in asked.items()} | {name: name for name in QUESTIONS}
    team = interviews[folded(interviews["speaker"]) == "sales"].dropna(subset=["text"])
    name = team["question"].map(_plain).map(known).fillna("other")
    return {key: [scrub(text) for text in texts] for key, texts in team["text"].groupby(name, sort=True)}


def _plain(question: str) -> str:
    """A question without what changes when it is typed again: case, spaces and the mark at its end."""
    return fold(question).rstrip(" ?.")


def _team_says(texts: list[str], quotes: bool) -> Text:
    """Up to three answers in their own words, or only how many there are."""
    if not quotes:
        return say("negative.team.counted", n=len(texts))
    cut = [
        " ".join(text.split()[:LONGEST]) + (" …" if len(text.split()) > LONGEST else "")
        for text in dict.fromkeys(texts)
    ]
    return say("negative.team.quoted", n=len(texts), quotes=[say("format.quoted", text=text) for text in cut[:QUOTED]])


def _of_cards(cards: tuple[Card, ...], column: str) -> list[Text]:
    """What the negative personas clearly do more of, as the weeks afterwards say it."""
    more = [(card, claim) for card in cards for claim in card.claims if claim.column == column and claim.ci_low > 1]
    return [say("negative.of_card", handle=card.handle, statement=claim.statement) for card, claim in more]


def _slow_deals(leads: pd.DataFrame | None, least: int) -> Answer:
    """How long the slowest deals took, from first activity to conversion: a mean, since one deal is one person."""
    days = deals(leads)["days"].dropna().sort_values()
    if len(days) < 2 * least:
        return None
    slow, median = days.tail(least).mean(), days.median()
    return say("negative.answer.deal", k=least, n=len(days), slow=slow, median=median), "leads"


def _losing(cards: tuple[Card, ...], values: pd.DataFrame) -> Answer:
    """The negative persona that costs most per customer, as measured afterwards."""
    if not cards:
        return None
    worst = min(cards, key=lambda card: card.claims[0].estimate)
    shown = {"worst": worst.handle, "mean": worst.claims[0].estimate}
    return say("negative.answer.contribution", all=values["contribution"].mean(), **shown), "sales"


def _who(values: pd.DataFrame, groups: dict[Text, pd.Series], name: str, least: int) -> Answer:
    """Those who left, or what customers bring: over all, and the group where it is worst, if any is clearly worse."""
    known = values[name].dropna() if name in values else pd.Series(dtype=float)
    if len(known) < least:
        return None
    sign = 1 if name == "churned" else -1
    found = {}
    for handle, inside in groups.items():
        own, others = known[inside.reindex(known.index)], known[~inside.reindex(known.index)]
        if min(len(own), len(others)) >= least and own.std() + others.std() > 0:
            worse = sign * own.mean() > sign * others.mean()
            if worse and ttest_ind(own, others, usevar="unequal")[1] <= 0.05 / len(groups):
                found[handle] = own.mean()
    if not found:
        return say(f"negative.answer.{name}_alike", all=known.mean()), "sales"
    worst = max(found, key=lambda handle: sign * found[handle])
    return say(f"negative.answer.{name}", all=known.mean(), worst=worst, mean=found[worst]), "sales"


def _reviews(service: pd.DataFrame | None, least: int) -> Answer:
    """How many reviews are bad."""
    reviews = bad_reviews(service)
    if len(reviews) < least:
        return None
    bad = int(reviews["bad"].sum())
    share = bad / len(reviews) if shown(bad, least) else say("negative.under", share=least / len(reviews))
    return say("negative.answer.reviews", n=len(reviews), cut=BAD * reviews["rating"].max(), share=share), "service"


def _dear(profile: pd.DataFrame, least: int) -> Answer:
    """What winning a customer cost, and the channel where it cost most."""
    costs = profile.get("acquisition_cost", pd.Series(dtype=float)).dropna()
    if len(costs) < least:
        return None
    if WON_BY in profile:
        by = costs.groupby(profile[WON_BY]).agg(["mean", "size"])
        mean = by.loc[by["size"] >= least, "mean"]
        if len(mean):
            dearest = {"name": mean.idxmax(), "mean": mean.max()}
            return say("negative.answer.cost_by_channel", all=costs.mean(), **dearest), "customers"
    return say("negative.answer.cost", all=costs.mean()), "customers"


def missing(customers: Customers, frames: dict[str, pd.DataFrame]) -> list[str]:
    """What is not known for want of a table or a column, as keys of ``negative.missing``."""
    held = {
        "margin": "margin" in customers.features,
        "service_cost": "service_cost" in customers.features,
        "acquisition_cost": "acquisition_cost" in customers.profile,
        "reviews": len(bad_reviews(frames.get("service"))) > 0,
        "leads": len(deals(frames.get("leads"))) > 0,
        "team": "team" in said_by_sales(frames.get("interviews")),
    }
    return [name for name, known in held.items() if not known]


# --- prospects who never bought ----------------------------------------------------------------------------------


def prospects(customers: Customers, frames: dict[str, pd.DataFrame], least: int) -> pd.DataFrame:
    """Who never bought, what was done for them and what they cost: leads by role, known people by acquisition channel.

    Leads that had less time than nine in ten deals took are left out, since they may still buy.

    Returns
    -------
    table (leads or customers), by, value, n, share_never (of them), ci_low, ci_high (Wilson), activities (mean per lead
    who never bought), cost (mean per person who never bought: winning, messages, service; money). Groups under
    ``least`` are put together, and small cells withheld.
    """
    parts = []
    won = deals(frames.get("leads"))
    if len(won):
        latest = frames["leads"]["at"].max() - pd.Timedelta(days=won["days"].quantile(0.9) if won["days"].any() else 0)
        ripe = won[won["first"] <= latest]
        roles = {"job_role": ripe["job_role"]} if "job_role" in ripe else {}
        parts.append(_never(ripe["won"].isna(), {"activities": ripe["activities"]}, roles, "leads", least))
    profile = customers.profile.set_index("customer_id")
    spent = [profile[["acquisition_cost"]].set_axis(["cost"], axis=1)] if "acquisition_cost" in profile else []
    spent += [frame.set_index("customer_id")[["cost"]] for name, frame in frames.items()
              if name in ("messages", "service") and "cost" in frame]  # fmt: skip
    if spent:
        cost = pd.concat(spent).groupby(level=0)["cost"].sum().reindex(profile.index, fill_value=0.0)
        never = ~profile.index.to_series().isin(frames["sales"]["customer_id"])
        channels = {WON_BY: profile[WON_BY]} if WON_BY in profile else {}
        parts.append(_never(never, {"cost": cost}, channels, "customers", least))
    columns = ["table", "by", "value", "n", "share_never", "ci_low", "ci_high", "activities", "cost"]
    found = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
    return found.reindex(columns=columns)


def _lost(table: pd.DataFrame) -> list[Text]:
    """In a sentence per table, how many never bought and what was spent on each of them."""
    rows = table[(table["by"] == "all") & table["share_never"].notna()].to_dict("records")
    spent = {"leads": "activities", "customers": "cost"}
    return [
        say(f"negative.never.{row['table']}", n=row["n"], share=row["share_never"], each=row[spent[row["table"]]])
        for row in rows
    ]


def _never(
    never: pd.Series, amounts: dict[str, pd.Series], by: dict[str, pd.Series], table: str, least: int
) -> pd.DataFrame:
    """Rows of ``prospects`` for one table."""
    rows = []
    for name, groups in {"all": pd.Series("all", index=never.index), **by}.items():
        told = {"all": say("negative.all")} if name == "all" else TOLD
        pooled = _pooled(groups, least)
        for value in sorted(pooled.dropna().unique()):
            inside = pooled == value
            lost = inside & never
            share = share_interval(int(lost.sum()), int(inside.sum()))
            means = {key: amount[lost].mean() for key, amount in amounts.items()}
            shares = {"share_never": share.estimate, "ci_low": share.low, "ci_high": share.high}
            counts = {"n": int(inside.sum()), "never": int(lost.sum()), "bought": int((inside & ~never).sum())}
            rows.append({"table": table, "by": name, "value": told.get(value, value)} | counts | shares | means)
    values = ["share_never", "ci_low", "ci_high", *amounts]
    made = pd.DataFrame(rows)
    return withheld(made, ["never", "bought"], least, values=values, margins=[["by"]]) if rows else made


# --- fairness ----------------------------------------------------------------------------------------------------


def fairness(customers: Customers, flagged: pd.Series, study: Study) -> pd.DataFrame:
    """How often each protected group meets a negative persona's rule, against everybody else.

    Groups smaller than the study's smallest cell are put together, and shares of fewer flagged customers than that are
    withheld. ``ratio`` is the rate of all others divided by this group's, with its 95 % interval on the log scale (Katz
    et al. 1978); under 0.8 (the four-fifths rule) there is a warning, however wide the interval.
    """
    profile = customers.profile.set_index("customer_id").reindex(customers.features["customer_id"])
    hit = pd.Series(profile.index.isin(flagged), index=profile.index)
    names = protected_columns(study.privacy.protected) | {row.name for row in CUSTOMERS if row.protected}
    rows = []
    for attribute in sorted(names & set(profile.columns)) if hit.any() else ():
        groups = _pooled(_grouped(profile[attribute]), study.privacy.min_cell)
        for value in sorted(groups.dropna().unique()):
            own, others = hit[groups == value], hit[(groups != value) & groups.notna()]
            ratio = others.mean() / own.mean() if own.any() and len(others) else np.nan
            low, high = np.nan, np.nan
            if own.any() and others.any():
                counts = (others.sum(), len(others), own.sum(), len(own))
                low, high = confint_proportions_2indep(*counts, compare="ratio", method="log")
            share = own.mean()
            name = TOLD.get(value, value)
            rows.append((attribute, name, len(own), own.sum(), share, ratio, low, high, bool(ratio < RATIO)))
    columns = ["attribute", "value", "n", "flagged", "flagged_share", "ratio", "ci_low", "ci_high", "warning"]
    table = pd.DataFrame(rows, columns=columns).astype({"attribute": "str"})
    shares = ["flagged_share", "ratio", "ci_low", "ci_high"]
    # few who were spared are no small cell: that nearly all of a group were flagged is what the table is there to tell
    told = withheld(table, ["flagged"], study.privacy.min_cell, values=shares, margins=[["attribute"]])
    return told.drop(columns="flagged")


def _grouped(values: pd.Series) -> pd.Series:
    """Texts as they are, ages in bands."""
    if not pd.api.types.is_numeric_dtype(values):
        return values
    bands = pd.cut(values, AGES, right=False, labels=AGE_BANDS)
    return bands.astype("str").where(values.notna())


def _pooled(groups: pd.Series, least: int) -> pd.Series:
    """Groups under ``least`` put together as ``OTHERS``, with the next smallest until they are enough; NaN if never."""
    counts = groups.value_counts()
    small = together(counts, least)
    return groups.mask(groups.isin(small), OTHERS if counts[small].sum() >= least else np.nan)
