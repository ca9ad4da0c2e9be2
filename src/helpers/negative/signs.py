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

from helpers.beliefs.estimators import share_interval
from helpers.cards.rule import DEPTH, LEAF, branches, small_tree
from helpers.columns import CUSTOMERS, attribute, feature, protected_columns
from helpers.customers.customers import Customers
from helpers.negative.worth import mean_of
from helpers.study import Study
from helpers.words import ENGLISH, Text, say


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


def grow_rules(
    traits: pd.DataFrame, loses: pd.Series, seed: int, depth: int = DEPTH, *, even: bool = True
) -> tuple[Conditions, ...]:
    """Readable rules for the customers who cost more than they bring, each met by at least 50 of them and not by all.

    Thresholds are rounded to what is printed, so that the rule that is read is the rule that was measured.
    """
    if loses.nunique() < 2 or traits.empty:
        return ()
    tree = small_tree(LEAF, seed, depth, even=even).fit(traits.to_numpy(), loses.to_numpy())
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


def rule_text(rule: Conditions) -> Text:
    """A rule as a sentence: ``Customers who return more than 30 % of their order lines and ...``."""
    return say("negative.rule", conditions=map(phrase, rule))


def handle_of(rule: Conditions) -> Text:
    """A short label from the first two conditions: ``Many returns, dear to win``."""
    first, *more = rule[:2]
    head = phrase(first, "head")
    return say("negative.handle", head=head, tail=phrase(more[0], "tail")) if more else head


def phrase(condition: Condition, part: str = "trait") -> Text:
    """One condition in words (``trait``), or as what a label begins (``head``) or goes on with (``tail``)."""
    column, _, value = condition.column.partition("=")
    row = feature(condition.column)
    if row and row.wording:
        column, value = row.wording, row.name_in(condition.column).replace("_", " ")
    key = f"negative.{part}.{column}.{'above' if condition.above else 'below'}"
    if condition.threshold == 0 and ENGLISH.has(f"{key}_nothing"):
        key = f"{key}_nothing"
    return say(key, value=condition.threshold, name=value)


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


def recognised_by(signs: Conditions, traits: pd.DataFrame, loses: pd.Series, least: int) -> pd.DataFrame:
    """How well each sign alone tells customers who cost more than they bring, on what it was not found on.

    Returns
    -------
    sign, known (when it can be seen), n (customers who show it), right (of those, how many cost more than they bring),
    of_all (the same of all customers), caught (of those who cost more, how many show it): shares with their Wilson
    intervals, as messages; the surest sign first, those known at acquisition before the others. A sign of too few
    customers is left out; a count under ``least`` is taken to be ``least``, so that a share is then a lower bound.
    """
    rows = []
    losers = int(loses.sum())
    for sign in signs:
        shown = meets(traits.loc[loses.index], sign)
        n = int(shown.sum())
        hits = min(int((shown & loses).sum()), n - least, losers - least)
        if hits >= least:
            early = attribute(sign.column.split("=")[0]).early
            known = say(f"negative.known.{'at_acquisition' if early else 'after_orders'}")
            of_all = say("negative.of_all", share=losers / len(loses))
            place = not early, -share_interval(hits, n).low, sign.column, sign.above
            rows.append((place, phrase(sign), known, n, _share(hits, n), of_all, _share(hits, losers)))
    rows.sort(key=lambda row: row[0])
    return pd.DataFrame([row[1:] for row in rows], columns=["sign", "known", "n", "right", "of_all", "caught"])


def unsure_sign(traits: pd.DataFrame, loses: pd.Series, least: int) -> Text:
    """Of all values of traits known at the start the one that may well go with costing more, which too few show.

    None of them is clear. One whose interval holds half as much again as the share of all could not be told from no
    sign: it is named with its figures, the one that goes furthest; empty where every sign can be ruled out.
    """
    usual, found = float(loses.mean()), []
    for name in traits:
        column = name.split("=")[0]
        if not attribute(column).early:
            continue
        cut = 0.5 if "=" in name else traits[name].median()
        sign = Condition(name, True, cut if "=" in name else _readable(name, cut))
        shown = meets(traits.loc[loses.index], sign)
        n, hits = int(shown.sum()), int((shown & loses).sum())
        if least <= hits <= n - least and (share := share_interval(hits, n)).high > 1.5 * usual:
            found.append((share.estimate, name, say("negative.unsure", sign=phrase(sign), n=n, right=_share(hits, n),
                                                    of_all=say("negative.of_all", share=usual))))  # fmt: skip
    return max(found, key=lambda row: row[:2])[2] if found else ""


def exclusion(groups: dict[Text, pd.Series], brought: pd.Series, least: int) -> pd.DataFrame:
    """What refusing everybody whom a rule or a sign meets would have cost and saved.

    Parameters
    ----------
    groups : who is met, by customer_id. brought : contribution (money), none of which the rule was made on.

    Returns
    -------
    refused, n, paid (share who brought more than they cost), and as money per customer refused: forgone (what those
    brought), avoided (what the others cost), saved (the difference); all with 95 % intervals, as messages. Where one of
    the two sides is under ``least`` people, only a bound of their share and what is saved are shown.
    """
    rows = []
    for name, inside in groups.items():
        own = brought[inside.reindex(brought.index, fill_value=False)]
        paid, n = int((own > 0).sum()), len(own)
        if n < 2 * least:
            continue
        if least <= paid <= n - least:
            told = _share(paid, n), _money(own.clip(lower=0)), _money(-own.clip(upper=0))
        else:
            side = "few" if paid < least else "most"
            told = say(f"negative.exclusion.{side}", least=least, share=least / n), None, None
        rows.append((name, n, *told, _money(-own)))
    return pd.DataFrame(rows, columns=["refused", "n", "paid", "forgone", "avoided", "saved"])


def _share(hits: int, n: int) -> Text:
    """A share with its Wilson interval."""
    found = share_interval(hits, n)
    return say("negative.share", share=found.estimate, low=found.low, high=found.high)


def _money(values: pd.Series) -> Text:
    """A mean amount with its interval."""
    mean, low, high, _ = mean_of(values.to_numpy(float))
    return say("negative.mean", mean=mean, low=low, high=high)
