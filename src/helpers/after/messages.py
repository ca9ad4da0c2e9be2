"""What further messages go with: less response to each, more people who unsubscribe; and what tailored ones return."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from helpers.after.leaving import PRESSED, message_sets, pressure, shown
from helpers.after.reacting import reacts, slope_at_equal_time
from helpers.after.tailored import tailored_return
from helpers.beliefs.estimators import RARE, of_sets
from helpers.beliefs.evidence import Evidence, orders
from helpers.beliefs.verdict import Z95, Contrast, Finding, by_clarity, wald
from helpers.columns import DAYPARTS
from helpers.words import Text, say, sentences

RESPONSES, UNSUBSCRIBED = ("opened", "clicked"), "unsubscribed"
"""What may follow a message: the belief expects less response, and more who unsubscribe."""
MOST_PRIOR = 3
"""So many messages before, or more, are one row of the table."""


@dataclass(frozen=True)
class MessageTables:
    """What notebook 08 shows of messages: ``pressure`` as `by_pressure`, ``returns`` as `tailored_return`, and the
    latter in sentences; empty where the data are not there."""

    pressure: pd.DataFrame
    returns: pd.DataFrame
    told: tuple[Text, ...]


def message_tables(evidence: Evidence) -> MessageTables:
    """The tables of messages."""
    if not evidence.has("messages.customer_id"):
        return MessageTables(pd.DataFrame(), pd.DataFrame(), ())
    returns, told = tailored_return(evidence)
    return MessageTables(by_pressure(evidence), returns, tuple(told))


def contact_pressure(evidence: Evidence, sesoi: float) -> Finding:
    """How opening and clicking change per further message in the seven days before, and unsubscribing with any.

    Opening and clicking within customers, so that those who like us and are written to more do not count as an effect;
    at an equal kind and channel of message, week, weekday, part of the day and time on the list, so that busy seasons
    and fading lists do not either. Mail that `reacts` to the customer is no test. Unsubscribing happens once and ends
    the messages, for which a comparison within customers is biased (Allison & Christakis 2006): `leaving` compares with
    other people's messages instead. One contrast per outcome with enough cases.
    """
    rows = pressure(evidence.in_window("messages", "at"))
    if not any(name in rows and rows[name].notna().any() for name in (*RESPONSES, UNSUBSCRIBED)):
        raise evidence.not_testable("no_outcome")
    label = {name: say(f"channels.outcome.{name}") for name in (*RESPONSES, UNSUBSCRIBED)}
    asked = [name for name in RESPONSES if name in rows and rows[name].notna().any()]
    bought = orders(evidence) if evidence.has("sales.ordered_at") else None
    if reacts(rows, evidence.in_window("messages", "at").dropna(subset=["customer_id", "at"]), asked, bought):
        raise evidence.rivalled("reacting_mail")
    found = [per_message(rows.dropna(subset=[name]), name, label[name], evidence.least) for name in asked]
    found = [contrast for contrast in found if contrast is not None]
    said, gone = [], unsubscribing(evidence, label[UNSUBSCRIBED])
    if found:
        changes = [
            say("channels.pressure.change", outcome=c.label, ratio=c.estimate, interval=(c.low, c.high)) for c in found
        ]
        said.append(say("channels.pressure.facts", changes=changes))
    if gone is not None:
        found.append(gone)
        shares = {name: gone.facts[name] for name in ("share", "share_others", "share_difference", "ci_low", "ci_high")}
        said.append(say("channels.pressure.unsubscribed", **shares))
    if not found:
        raise evidence.not_testable("few_responses", least=evidence.least)
    contrasts, p = by_clarity(found)
    n = {c.label: int(c.facts["people"]) for c in found}
    return Finding(contrasts, p, n, say("channels.pressure.method"), sentences(*said))


def unsubscribing(evidence: Evidence, label: Text) -> Contrast | None:
    """What share unsubscribes with a message with others in the seven days before, to comparable messages with none.

    None where `leaving` shows nothing, or nobody unsubscribed on one side.
    """
    sets = message_sets(evidence.tables, evidence.customers, evidence.study.seed)
    row = None if sets is None else shown(sets[PRESSED], evidence.study.privacy.min_cell)
    return None if row is None or not np.isfinite(row["ratio_error"]) else of_sets(row, "risk ratio", label)


def per_message(rows: pd.DataFrame, outcome: str, label: Text, least: int) -> Contrast | None:
    """The risk ratio per further message; None where too few customers tell anything or there is no finite estimate."""
    y, person = rows[outcome].to_numpy(dtype=float), rows["customer_id"]
    each = rows.assign(y=y).groupby("customer_id").agg(yes=("y", "sum"), low=("before", "min"), high=("before", "max"))
    telling = int(((each["yes"] > 0) & (each["low"] < each["high"])).sum())
    if telling < least or len(y) - y.sum() < RARE:
        return None
    terms = {}
    for name in (name for name in ("kind", "channel") if name in rows):
        values = rows[name].astype("str").fillna("")
        common = values.value_counts().loc[lambda k: k >= least].index[1:]
        terms |= {f"{name}={value}": (values == value).to_numpy(float) for value in sorted(common)}
    part = pd.cut(rows["at"].dt.hour, [*DAYPARTS.values(), 24], right=False, labels=list(DAYPARTS)).astype("str")
    terms |= {f"part={name}": (part == name).to_numpy(float) for name in sorted(set(part))[1:]}
    found = slope_at_equal_time(y, rows[["before"]].to_numpy(float), person.to_numpy(), rows["at"], terms)
    if found is None:
        return None
    slope, error = float(found[0][0]), math.sqrt(found[1][0, 0])
    return replace(wald(label, "risk ratio", slope, error, facts={"people": telling}), falls=True)


def by_pressure(evidence: Evidence) -> pd.DataFrame:
    """What followed messages, by how many came in the seven days before.

    Returns
    -------
    One row per number of messages before (``3`` stands for three and more): before, customers, messages, and per
    outcome its share with a 95 % interval clustered by customer (``share_opened``,
    ``share_opened_low``, ``share_opened_high``, ...).
    Rows of fewer customers than the study's smallest cell are left out. Raw shares: customers differ between the rows.
    """
    rows = pressure(evidence.in_window("messages", "at"))
    rows = rows.assign(before=rows["before"].clip(upper=MOST_PRIOR))
    made = []
    for before, part in rows.groupby("before"):
        people = part["customer_id"].nunique()
        if people < evidence.study.privacy.min_cell:
            continue
        row = {"before": int(before), "customers": people, "messages": len(part)}
        for outcome in (name for name in (*RESPONSES, UNSUBSCRIBED) if name in part and part[name].notna().any()):
            names = (f"share_{outcome}", f"share_{outcome}_low", f"share_{outcome}_high")
            row |= dict(zip(names, _share(part, outcome), strict=True))
        made.append(row)
    return pd.DataFrame(made, columns=None if made else ["before", "customers", "messages"])


def _share(rows: pd.DataFrame, outcome: str) -> tuple[float, float, float]:
    """A share over messages with its interval, many messages per customer (ratio estimator; Cochran 1977, ch. 11)."""
    each = rows.dropna(subset=[outcome]).assign(y=lambda t: t[outcome].astype(float))
    each = each.groupby("customer_id")["y"].agg(["sum", "size"])
    share, n = each["sum"].sum() / each["size"].sum(), len(each)
    residuals = (each["sum"] - share * each["size"]) / each["size"].sum()
    half = Z95 * math.sqrt((residuals**2).sum() * n / max(n - 1, 1))
    return share, max(0.0, share - half), min(1.0, share + half)
