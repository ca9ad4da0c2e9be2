"""What each way of winning customers brought: the money behind a sign that is known when a customer is won."""

from __future__ import annotations

import numpy as np
import pandas as pd
from statsmodels.stats.weightstats import ttest_ind

from helpers.beliefs.verdict import ALPHA
from helpers.cards.claims import adjusted, claim_of, direction
from helpers.cards.rule import LEAF
from helpers.columns import WON_BY
from helpers.contracts import Claim
from helpers.customers.customers import Customers
from helpers.negative.worth import mean_of
from helpers.words import say

WAYS = ["way", "n", "each", "low", "high", "p_adjusted", "cost", "others", "p_others"]


def ways_of_winning(customers: Customers, balance: pd.DataFrame) -> pd.DataFrame:
    """What customers won in each way brought, those of at least 50, the least first.

    balance : ``worth.contribution``.

    Returns
    -------
    way, n, each (mean money, after all costs), low, high (its interval, that of all ways held together), p_adjusted
    (against nothing; Bonferroni), cost (of winning one), others (mean of those won
    in other ways), p_others (Welch's t against those, Holm).
    """
    profile = customers.profile.set_index("customer_id")
    if WON_BY not in profile or "acquisition_cost" not in profile:
        return pd.DataFrame(columns=WAYS)
    known = balance.dropna(subset=["contribution"])
    way = profile[WON_BY].reindex(known.index).dropna()
    counts, brought, rows = way.value_counts(), known["contribution"].loc[way.index], []
    ways = sorted(counts.index[counts >= LEAF]) if len(counts) > 1 else []
    for name in ways:
        own, others = (brought[(way == name) == inside].to_numpy(float) for inside in (True, False))
        mean, low, high, p = mean_of(own, len(ways))
        cost = known.loc[way.index[way == name], "acquisition_cost"].mean()
        apart = ttest_ind(own, others, usevar="unequal")[1] if own.std() + others.std() > 0 else 1.0
        rows.append((name, len(own), mean, low, high, min(1.0, p * len(ways)), cost, others.mean(), apart))
    table = pd.DataFrame(rows, columns=WAYS)
    return table.assign(p_others=adjusted(table["p_others"], "holm")).sort_values("each", ignore_index=True)


def costly_way(ways: pd.DataFrame) -> Claim | None:
    """The way whose customers brought least, where that is less than nothing and clearly less than others brought.

    Whether the loss itself is clear, the interval tells, which allows for all ways that were looked at.
    """
    found = ways[(ways["each"] < 0) & (ways["each"] < ways["others"]) & (ways["p_others"] <= ALPHA)]
    if found.empty or np.isnan(found.iloc[0]["low"]):
        return None
    way = found.iloc[0].to_dict()
    row = {"n": way["n"], "measure": "difference", "lift": way["each"], "ci_low": way["low"], "ci_high": way["high"],
           "p_adjusted": way["p_adjusted"]}  # fmt: skip
    told = {name: way[name] for name in ("n", "each", "low", "high", "cost", "others")}
    return claim_of(
        row,
        "held out",
        section="risk",
        statement=say(f"negative.way.{direction(row, 0.0)}", name=way["way"], **told),
        source="customers",
        column=f"{WON_BY}: {way['way']}",
        unit="money",
        compared_with="zero",
    )
