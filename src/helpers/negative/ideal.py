"""The ideal customer: what the best quarter have in common, read from the margin that also shows its opposite."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np
import pandas as pd
from scipy.special import comb, stirling2
from scipy.stats import chi2_contingency, fisher_exact
from scipy.stats.contingency import expected_freq
from statsmodels.stats.proportion import confint_proportions_2indep

from helpers.columns import DAYPARTS, DAYS, feature
from helpers.customers.customers import Customers
from helpers.negative.worth import contribution
from helpers.small_cells import named, withheld
from helpers.study import Study
from helpers.words import Text, say, sentences

BEST = 0.75
LEAST = 200
"""A quarter of fewer is no group to describe."""
ALIKE = 0.05
"""Levels of an attribute whose difference has a larger p-value than this show the same trend."""
LEVELS = 12
"""Levels of an attribute that are looked at one by one, the most common ones; the rest are taken together."""
OTHERS = "less_common"
AGES = [0, 30, 45, 60, np.inf]
AGE_BANDS = ["under_30", "from_30", "from_45", "from_60"]
PROFILE = ("job_role", "country", "location", "language", "sex", "acquisition_channel", "preferred_channel")
COLUMNS = ["attribute", "value", "merged", "n", "share_best", "share_rest", "lift", "ci_low", "ci_high"]


@dataclass(frozen=True)
class Ideal:
    """The best quarter of customers against the rest: a description and no test, since worth also makes order value.

    attributes : attribute, value (levels with the same trend are merged and named together), merged (how many levels),
        n, share_best and share_rest (of each side's customers whose attribute is known), lift (their ratio), ci_low,
        ci_high; a single row with no lift where no two levels of an attribute differ. Small cells are withheld.
    order_values : customers (best quarter, the rest), n, and of their average order value in money: lowest and highest
        (means of the smallest cell, since one customer's figure is not shown), lower_quarter, median, upper_quarter.
    statement : how the best were chosen and what they have in common, or why nothing is said.
    """

    attributes: pd.DataFrame
    order_values: pd.DataFrame
    statement: Text


def ideal_customer(customers: Customers | None, study: Study) -> Ideal | None:
    """Describe the best quarter of customers by contribution; by revenue less returns where no costs are known.

    None in a study without sales.
    """
    if customers is None:
        return None
    balance, least = contribution(customers), study.privacy.min_cell
    priced = bool(balance["contribution"].notna().any())
    worth = (balance["contribution"] if priced else balance["revenue"] - balance["returned"]).dropna()
    if len(worth) < LEAST:
        few = say("negative.ideal.few", n=len(worth), least=LEAST)
        return Ideal(compare_attributes({}, worth > 0, least), order_values(customers, worth > 0, least).iloc[:0], few)
    best = worth > worth.quantile(BEST)
    found = compare_attributes(attributes(customers), best, least)
    statement = _statement(found, worth.quantile(BEST), priced)
    found["attribute"] = [_name(attribute) for attribute in found["attribute"]]
    return Ideal(found, order_values(customers, best, least), statement)


def _statement(found: pd.DataFrame, border: float, priced: bool) -> Text:
    """How they were chosen; the attributes with the largest clear lift; those that make no difference."""
    said = [say(f"negative.ideal.by_{'contribution' if priced else 'revenue'}", least=border)]
    marked = found[found["ci_low"] > 1].sort_values("ci_low", ascending=False, kind="stable")
    marked = marked.drop_duplicates("attribute").head(4)
    if len(marked):
        more = [
            say("negative.ideal.mark", attribute=_name(row.attribute), value=row.value, lift=row.lift)
            for row in marked.itertuples()
        ]
        said.append(say("negative.ideal.marked", names=more))
    levels = found["attribute"].value_counts(sort=False)
    if (levels == 1).any():
        said.append(say("negative.ideal.alike", names=map(_name, levels.index[levels == 1])))
    return sentences(*said)


def compare_attributes(levels_of: dict[str, pd.Series], best: pd.Series, least: int) -> pd.DataFrame:
    """``Ideal.attributes``, attributes by their keys: merged levels, those of the best against those of the rest."""
    rows = []
    for attribute, levels in levels_of.items():
        levels = levels.reindex(best.index).dropna()
        top = best[levels.index]
        if levels.nunique() < 2 or min(top.sum(), (~top).sum()) < least:
            continue
        if levels.dtype != "category":
            common = levels.value_counts().sort_index().sort_values(ascending=False, kind="stable").index[:LEVELS]
            levels = named(levels.where(levels.isin(common), OTHERS), least, OTHERS)
            if levels.nunique() < 2:
                continue
        for group in merge_levels(levels, top, least):
            inside = levels.isin(group)
            counts = inside & top, top, inside & ~top, ~top
            value = say("negative.ideal.levels", names=[_level(attribute, level) for level in group])
            rows.append((attribute, value, len(group), int(inside.sum()), *(int(count.sum()) for count in counts)))
    table = pd.DataFrame(rows, columns=[*COLUMNS[:4], "own", "best", "rest", "others"])
    table["share_best"], table["share_rest"] = table["own"] / table["best"], table["rest"] / table["others"]
    table["lift"] = table["share_best"] / table["share_rest"].where(table["share_rest"] > 0)
    table[["ci_low", "ci_high"]] = np.nan
    for place, row in table[(table["own"] > 0) & (table["rest"] > 0)].iterrows():
        counts = (row["own"], row["best"], row["rest"], row["others"])
        table.loc[place, ["ci_low", "ci_high"]] = confint_proportions_2indep(*counts, compare="ratio", method="log")
    numbers = COLUMNS[4:]
    table.loc[table.groupby("attribute")["value"].transform("size") == 1, numbers[2:]] = np.nan
    return withheld(table, ["own", "rest"], least, values=numbers, margins=[["attribute"]])[COLUMNS]


def merge_levels(levels: pd.Series, top: pd.Series, least: int) -> list[list[str]]:
    """Levels put together until every two groups differ in their share of ``top``: CHAID (Kass 1980).

    The two most alike go together first (chi-square, or Fisher's exact test where fewer than five are expected); levels
    that have an order only with a neighbour. A level of fewer than ``least`` people always joins another. What is left
    must differ after Kass's correction for all the ways of merging so many levels, or else everything is one group.
    """
    table = pd.crosstab(levels, top)
    groups, ordered = [([level], row.to_numpy()) for level, row in table.iterrows()], levels.dtype == "category"
    while len(groups) > 1:
        places = range(len(groups))
        pairs = list(pairwise(places)) if ordered else list(combinations(places, 2))
        alike = [_alike(groups[one][1], groups[two][1], least) for one, two in pairs]
        if max(alike) <= ALIKE:
            break
        one, two = pairs[int(np.argmax(alike))]
        names, counts = groups.pop(two)
        groups[one] = (groups[one][0] + names, groups[one][1] + counts)
    if len(groups) > 1:
        sizes = len(table), len(groups)
        ways = comb(sizes[0] - 1, sizes[1] - 1) if ordered else stirling2(*sizes)
        p = chi2_contingency(np.array([counts for _, counts in groups]), correction=False)[1]
        groups = groups if p * ways <= ALIKE else [(list(table.index), None)]
    return [names for names, _ in groups]


def _alike(one: np.ndarray, two: np.ndarray, least: int) -> float:
    """p-value of two levels' difference; above one where one of them is too small to stand alone."""
    table = np.array([one, two])
    if (table.sum(axis=0) == 0).any():
        return 1.0 + (table.sum(axis=1).min() < least)
    exact = expected_freq(table).min() < 5
    p = fisher_exact(table)[1] if exact else chi2_contingency(table, correction=False)[1]
    return float(p + (table.sum(axis=1).min() < least))


def attributes(customers: Customers) -> dict[str, pd.Series]:
    """Per attribute, by its key, the level of every customer; levels with an order are categories."""
    features = customers.features.set_index("customer_id")
    profile = customers.profile.set_index("customer_id").reindex(features.index)
    found = {name: profile[name] for name in PROFILE if name in profile}
    if "age" in profile:
        found["age"] = pd.cut(profile["age"], AGES, right=False, labels=AGE_BANDS)
    rows = {name: row for name in features if (row := feature(name))}
    most = {
        "weekday": {f"{day}_share": day for day in DAYS},
        "daypart": {f"{part}_share": part for part in DAYPARTS},
        "channel": {
            name: row.name_in(name).replace("_", " ") for name, row in rows.items() if row.attribute == "channel"
        },
    }
    for name, shares in most.items():
        present = features[[column for column in shares if column in features]].dropna(how="all")
        if present.shape[1] > 1:
            found[name] = present.idxmax(axis=1).map(shares)
    if "single_item_share" in features:
        single = features["single_item_share"].dropna() >= 0.5
        found["items"] = single.map({True: "one", False: "several"})
    if "average_order_value" in features:
        value = features["average_order_value"]
        cuts = np.unique(value.quantile([0.25, 0.5, 0.75]))
        found["order_value"] = pd.cut(value, pd.IntervalIndex.from_breaks([-np.inf, *cuts, np.inf]))
    return found


def _name(attribute: str) -> Text:
    return say(f"negative.ideal.attribute.{attribute}")


def _level(attribute: str, level: str | pd.Interval) -> Text:
    """A level as it is told; those of the profile are the user's own words."""
    if level == OTHERS:
        return say("negative.ideal.others")
    if attribute in ("weekday", "daypart"):
        return say(f"report.{attribute}.{level}")
    if attribute == "items":
        return say(f"negative.ideal.items.{level}")
    if attribute == "age":
        return say(f"negative.age.{level}")
    if attribute == "order_value":
        end = "up_to" if np.isinf(level.left) else "over" if np.isinf(level.right) else "between"
        return say(f"negative.ideal.{end}", low=level.left, high=level.right)
    return level


def order_values(customers: Customers, best: pd.Series, least: int) -> pd.DataFrame:
    """``Ideal.order_values``: what an order is worth on average to the best customers and to the rest."""
    value = customers.features.set_index("customer_id").reindex(best.index).get("average_order_value")
    rows = []
    for name, part in (("best", best), ("rest", ~best)) if value is not None else ():
        own = value[part].sort_values(kind="stable")
        if len(own) >= 2 * least:
            quarters = own.quantile([0.25, 0.5, 0.75])
            label = say(f"negative.ideal.{name}")
            rows.append((label, len(own), own.head(least).mean(), *quarters, own.tail(least).mean()))
    return pd.DataFrame(
        rows, columns=["customers", "n", "lowest", "lower_quarter", "median", "upper_quarter", "highest"]
    )
