"""Rules and early signs of those who cost more than they bring.

Also: how early a single trait tells them, and what it would cost to refuse everybody whom a rule meets.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import and_

import numpy as np
import pandas as pd
from scipy.stats import fisher_exact
from statsmodels.stats.proportion import proportion_confint

from helpers.cards.rule import DEPTH, LEAF, branches, small_tree
from helpers.columns import CUSTOMERS, attribute, feature, protected_columns
from helpers.customers.customers import Customers
from helpers.negative.worth import mean_of
from helpers.study import Study
from helpers.words import NOT_KNOWN, Words


@dataclass(frozen=True)
class Condition:
    """One step of a rule: a column above the threshold, or not above it."""

    column: str
    above: bool
    threshold: float


Conditions = tuple[Condition, ...]


def rule_traits(customers: Customers, study: Study) -> pd.DataFrame:
    """What a rule may be made of, per customer_id: no protected attribute, numbers with gaps filled by the median.

    Texts become ``column=value`` (0 or 1) for values of at least 50 customers.
    """
    protected = protected_columns(study.privacy.protected)
    features = customers.features.set_index("customer_id")
    profile = customers.profile.set_index("customer_id").reindex(features.index)
    traits = {name: features[name].astype(float) for name in features if (row := feature(name)) and row.in_rules}
    for name in (column.name for column in CUSTOMERS if column.early):
        if name in profile and pd.api.types.is_numeric_dtype(profile[name]):
            traits[name] = profile[name]
        elif name in profile:
            counts = profile[name].value_counts()
            for value in sorted(counts.index[counts >= LEAF]):
                traits[f"{name}={value}"] = (profile[name] == value).astype(float)
    kept = {name: column for name, column in traits.items() if name.split("=")[0] not in protected}
    frame = pd.DataFrame(kept, index=features.index)
    return frame.fillna(frame.median()).dropna(axis="columns")


def halves(ids: pd.Index, seed: int) -> tuple[pd.Index, pd.Index]:
    """Two random halves of the customers: one to grow rules on, one to measure them on."""
    mixed = pd.Index(np.random.default_rng(seed).permutation(ids.sort_values().to_numpy()))
    return mixed[: len(mixed) // 2], mixed[len(mixed) // 2 :]


def grow_rules(traits: pd.DataFrame, loses: pd.Series, seed: int, depth: int = DEPTH) -> tuple[Conditions, ...]:
    """Readable rules for the customers who cost more than they bring, each met by at least 50 of them and not by all.

    Thresholds are rounded to what is printed, so that the rule that is read is the rule that was measured.
    """
    if loses.nunique() < 2 or traits.empty:
        return ()
    tree = small_tree(LEAF, seed, depth).fit(traits.to_numpy(), loses.to_numpy())
    return tuple(
        tuple(Condition(column, above, _readable(column, cut)) for (column, above), cut in branch.items())
        for branch in branches(tree, list(traits))
    )


def _readable(column: str, threshold: float) -> float:
    """A threshold as it is printed: whole per cents, whole counts, money as Words.money rounds it."""
    if row := feature(column):
        if row.unit == "share":
            return round(threshold, 2)
        if row.unit == "count":
            return float(np.floor(threshold))
    return threshold if "=" in column else float(round(threshold, 0 if abs(threshold) >= 100 else 2))


def matches(traits: pd.DataFrame, rule: Conditions) -> pd.Series:
    """Who meets every condition of a rule."""
    return reduce(and_, (meets(traits, condition) for condition in rule))


def meets(traits: pd.DataFrame, condition: Condition) -> pd.Series:
    """Who meets one condition."""
    above = traits[condition.column] > condition.threshold
    return above if condition.above else ~above


def rule_text(rule: Conditions, words: Words) -> str:
    """A rule as a sentence: ``Customers who return more than 30 % of their order lines and ...``."""
    return words.say("negative.rule", conditions=words.listing([phrase(condition, words) for condition in rule]))


def phrase(condition: Condition, words: Words, part: str = "trait") -> str:
    """One condition in words (``trait``) or as a short label (``short``)."""
    column, _, value = condition.column.partition("=")
    if column.startswith("channel_"):
        column, value = "channel", column.removeprefix("channel_").removesuffix("_share").replace("_", " ")
    key = f"negative.{part}.{column}.{'above' if condition.above else 'below'}"
    if condition.threshold == 0 and words.has(f"{key}_nothing"):
        return words.say(f"{key}_nothing")
    unit = (feature(condition.column) or attribute(column)).unit
    show = {"share": words.percent, "money": words.money}.get(unit, words.number)
    return words.say(key, value=show(condition.threshold), name=words.theirs(value))


# --- early signs, and the cost of being wrong --------------------------------------------------------------------


def find_signs(traits: pd.DataFrame, loses: pd.Series, seed: int) -> tuple[Condition, ...]:
    """Single traits known when a customer is won that go with costing more than is brought, one threshold each.

    Kept are those that clearly do so among these customers (Fisher's exact test, corrected by Bonferroni).
    """
    early = [name for name in traits if attribute(name.split("=")[0]).early]
    found = [rule[0] for name in early for rule in grow_rules(traits[[name]], loses, seed, depth=1)]
    kept = []
    for sign in found:
        table = pd.crosstab(meets(traits, sign), loses).to_numpy()
        if (sign.above or "=" not in sign.column) and fisher_exact(table)[1] * len(early) <= 0.05:
            kept.append(sign)
    return tuple(kept)


def recognised_by(
    signs: tuple[Condition, ...], traits: pd.DataFrame, loses: pd.Series, least: int, words: Words
) -> pd.DataFrame:
    """How well each sign alone tells customers who cost more than they bring, on customers that it was not found on.

    Returns
    -------
    sign, known (when it can be seen), n (customers who show it), right (of those, how many cost more than they bring),
    of_all (the same of all customers), caught (of those who cost more, how many show it): shares with their Wilson
    intervals, as text; the surest sign first, those known at acquisition before the others. A sign of too few
    customers is left out; a count under ``least`` is taken to be ``least``, so that a share is then a lower bound.
    """
    rows = []
    losers = int(loses.sum())
    for sign in signs:
        shown = meets(traits.loc[loses.index], sign)
        n = int(shown.sum())
        hits = min(int((shown & loses).sum()), n - least, losers - least)
        if hits >= least:
            when = "at_acquisition" if attribute(sign.column.split("=")[0]).early else "after_orders"
            told = words.say(f"negative.known.{when}"), n, _share(hits, n, words), words.percent(losers / len(loses))
            surest = proportion_confint(hits, n, method="wilson")[0]
            rows.append((when, -surest, phrase(sign, words), *told, _share(hits, losers, words)))
    rows.sort(key=lambda row: (row[0] != "at_acquisition", *row[1:3]))
    return pd.DataFrame([row[2:] for row in rows], columns=["sign", "known", "n", "right", "of_all", "caught"])


def exclusion(groups: dict[str, pd.Series], brought: pd.Series, least: int, words: Words) -> pd.DataFrame:
    """What refusing everybody whom a rule or a sign meets would have cost and saved.

    Parameters
    ----------
    groups : who is met, by customer_id. brought : contribution (money) of customers that the rule was not made on.

    Returns
    -------
    refused, n, paid (share who brought more than they cost), and as money per customer refused: forgone (what those
    brought), avoided (what the others cost), saved (the difference); all with 95 % intervals, as text. Where one of the
    two sides is under ``least`` people, only a bound of their share and what is saved are shown.
    """
    rows = []
    for name, inside in groups.items():
        own = brought[inside.reindex(brought.index, fill_value=False)]
        paid, n = int((own > 0).sum()), len(own)
        if n < 2 * least:
            continue
        saved = _money(-own, words)
        if least <= paid <= n - least:
            rows.append(
                (
                    name,
                    n,
                    _share(paid, n, words),
                    _money(own.clip(lower=0), words),
                    _money(-own.clip(upper=0), words),
                    saved,
                )
            )
        else:
            few = "few" if paid < least else "most"
            bound = words.say(f"negative.exclusion.{few}", least=words.number(least), share=words.percent(least / n))
            rows.append((name, n, bound, NOT_KNOWN, NOT_KNOWN, saved))
    return pd.DataFrame(rows, columns=["refused", "n", "paid", "forgone", "avoided", "saved"])


def _share(hits: int, n: int, words: Words) -> str:
    """A share with its Wilson interval."""
    interval = words.interval(*proportion_confint(hits, n, method="wilson"), "percent")
    return words.say("negative.with_interval", value=words.percent(hits / n), interval=interval)


def _money(values: pd.Series, words: Words) -> str:
    """A mean amount with its t interval."""
    mean, low, high, _ = mean_of(values.to_numpy(float))
    return words.say("negative.with_interval", value=words.money(mean), interval=words.interval(low, high, "money"))
