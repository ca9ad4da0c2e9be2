"""What customers order in the days after a message, per kind of message and per money spent on it."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from helpers.after.leaving import WEEK
from helpers.beliefs.estimators import RESAMPLES
from helpers.beliefs.evidence import Evidence, orders
from helpers.words import Text, say, sentences

RETURNS = ["kind", "customers", "messages", "cost", "ordered", "usual", "beyond", "ci_low", "ci_high",
           "beyond_per_spent", "spent_low", "spent_high"]  # fmt: skip


def after_messages(evidence: Evidence) -> pd.DataFrame:
    """One row per message of a known kind: customer_id, kind, cost, ordered, usual.

    ``ordered`` is the value of the customer's orders from the message until the next one, for seven days at most, so
    that no order counts twice; ``usual`` is what the same customer orders on average in as many days, from the first
    message on.
    """
    end = evidence.customers.period.end
    sent = evidence.in_window("messages", "at").dropna(subset=["customer_id", "kind"])
    if sent.empty:
        return pd.DataFrame(columns=["customer_id", "kind", "cost", "ordered", "usual"])
    sent = sent.sort_values(["customer_id", "at"], kind="stable").reset_index(drop=True)
    following = sent.groupby("customer_id")["at"].shift(-1).fillna(end)
    until = pd.concat([following, sent["at"] + WEEK], axis=1).min(axis=1).clip(upper=end)
    bought = orders(evidence).sort_values("ordered_at")
    first = sent.groupby("customer_id")["at"].min()  # before it somebody may have been no customer yet
    since = bought.join(first.rename("first"), on="customer_id")
    since = since[since["ordered_at"] >= since["first"]]
    daily = since.groupby("customer_id")["value"].sum() / ((end - first) / pd.Timedelta(days=1))
    sent["usual"] = sent["customer_id"].map(daily).astype(float).fillna(0.0) * (
        (until - sent["at"]) / pd.Timedelta(days=1)
    )
    spans = sent[["customer_id", "at"]].assign(until=until, row=sent.index)
    hits = bought.merge(spans, on="customer_id")
    hits = hits[(hits["ordered_at"] >= hits["at"]) & (hits["ordered_at"] < hits["until"])]
    sent["ordered"] = hits.groupby("row")["value"].sum().reindex(sent.index, fill_value=0.0)
    sent["cost"] = sent["cost"].astype(float) if "cost" in sent else math.nan
    return sent[["customer_id", "kind", "cost", "ordered", "usual"]]


def tailored_return(evidence: Evidence) -> tuple[pd.DataFrame, list[Text]]:
    """Orders in the days after each kind of message, against what the same customers order in as many days anyway.

    Returns
    -------
    One row per kind with enough customers: kind, customers, messages, cost (a message), ordered, usual and beyond
    (their difference; money a message) with ci_low and ci_high, and beyond_per_spent with spent_low and spent_high
    where the cost is known (percentile bootstrap over customers); and a sentence per kind. An association: who is
    written to, and when, was not drawn by lot.
    """
    if evidence.customers is None or not (evidence.has("messages.kind") and evidence.has("sales.customer_id")):
        return pd.DataFrame(columns=RETURNS), [say("channels.returns.unknown")]
    rows, made, said = after_messages(evidence), [], []
    for kind, part in rows.groupby("kind"):
        each = part.groupby("customer_id")[["ordered", "usual", "cost"]].sum(min_count=1)
        each["messages"] = part.groupby("customer_id").size()
        if len(each) < evidence.least:
            continue
        total = each.sum()
        beyond, per_spent = _bootstrap(each, evidence.study.seed)
        numbers = dict(
            zip(("cost", "ordered", "usual"), total[["cost", "ordered", "usual"]] / total["messages"], strict=True)
        )
        known = total["cost"] > 0 and part["cost"].notna().all()
        row = {"kind": kind, "customers": len(each), "messages": int(total["messages"]), **numbers}
        row |= dict(zip(("beyond", "ci_low", "ci_high"), beyond, strict=True))
        row |= dict(
            zip(("beyond_per_spent", "spent_low", "spent_high"), per_spent if known else [math.nan] * 3, strict=True)
        )
        made.append(row)
        interval = row["ci_low"], row["ci_high"]
        way = "none" if interval[0] <= 0 <= interval[1] else "some"
        told = [
            say("channels.returns.facts", kind=kind, days=WEEK.days, ordered=row["ordered"], usual=row["usual"]),
            say(f"channels.returns.{way}", beyond=row["beyond"], interval=interval),
        ]
        if known and way == "some":
            spent = {"spent": row["beyond_per_spent"], "spent_interval": (row["spent_low"], row["spent_high"])}
            told.append(
                say("channels.returns.spent", currency=evidence.study.currency or say("report.figure.money"), **spent)
            )
        said.append(sentences(*told))
    if not made:
        return pd.DataFrame(columns=RETURNS), [say("channels.returns.few", least=evidence.least)]
    return pd.DataFrame(made)[RETURNS], [*said, say("hypotheses.no_cause")]


def _bootstrap(each: pd.DataFrame, seed: int) -> tuple[list[float], list[float]]:
    """Money beyond the usual per message, and per money spent, each with its 95 % interval over customers."""
    draws = np.random.default_rng(seed).multinomial(len(each), np.full(len(each), 1 / len(each)), RESAMPLES)
    beyond = (each["ordered"] - each["usual"]).to_numpy()
    found = []
    for base in (each["messages"].to_numpy(float), each["cost"].fillna(0.0).to_numpy(float)):
        sums = draws @ base
        ratios = (draws @ beyond)[sums > 0] / sums[sums > 0]
        limits = np.quantile(ratios, [0.025, 0.975]) if len(ratios) else [math.nan, math.nan]
        found.append([float(beyond.sum() / base.sum()) if base.sum() > 0 else math.nan, *map(float, limits)])
    return found[0], found[1]
