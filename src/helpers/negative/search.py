"""Which descriptions of customers are put to the test, and what came afterwards says of each.

What a customer brought up to ``holdout_from`` is in good part luck, and so are the early shares of returns that go with
it. So descriptions are found on the first part, from what is likely of each customer rather than from what happened,
and are judged on the later part alone, over which everybody had the same time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from statsmodels.stats.weightstats import ttest_ind

from helpers.beliefs.verdict import ALPHA
from helpers.cards.claims import adjusted
from helpers.cards.rule import DEPTH, LEAF
from helpers.columns import attribute
from helpers.customers.customers import Customers
from helpers.negative.chance import chance_of_loss
from helpers.negative.signs import (
    Conditions,
    exclusion,
    find_signs,
    grow_rules,
    halves,
    matches,
    meets,
    recognised_by,
    rule_text,
    unsure_sign,
)
from helpers.negative.worth import LOSS, contribution, later_part, measure
from helpers.read.load import LoadedTables
from helpers.study import Study
from helpers.words import Text

LEAST = 4 * LEAF
"""Two halves, each of which can be cut in two."""
SEGMENT = ["segment", "n", "measure", "estimate", "ci_low", "ci_high", "detectable", "unit"]
SEGMENT += ["p_value", "p_adjusted", "verdict"]
ALIKE = 0.5
"""Of all whom two descriptions meet, the part that both meet; above it they are one."""
TESTED = 3
"""Descriptions that are put to the test, at most: each more makes the others harder to show."""


@dataclass(frozen=True)
class Segment:
    """A description that was tested: who meets it, what was measured afterwards, whether they brought less than others.

    judged : the measure that decides. What it cost to win someone can be saved only where the description is known
    before; a description by orders is judged without it.
    """

    rule: Conditions
    text: Text
    inside: pd.Series
    measured: pd.DataFrame
    worse: bool
    judged: str


@dataclass(frozen=True)
class Found:
    """All that was looked for: segments by their rules, those that lose money by card id, and single signs.

    unsure : where no sign known at the start is clear, the one that may be, with its figures, if one may.
    """

    segments: list[Segment]
    losing: dict[str, Segment]
    signs: pd.DataFrame
    exclusion: pd.DataFrame
    unsure: Text


def search(
    traits: pd.DataFrame, values: pd.DataFrame, customers: Customers, tables: LoadedTables, study: Study
) -> Found:
    """Segments by descriptions found on the first part and measured on the later one, and early signs.

    values : ``worth.outcomes`` of the later part. Signs that are known when a customer is won come before all orders:
    they are found on one half of the customers, and judged on the other by all that followed.
    """
    least, whole = study.privacy.min_cell, contribution(customers)["contribution"].dropna()
    grown, unseen = halves(whole.index, study.seed)
    enough = len(whole) >= LEAST
    rules = candidates(traits, expected(customers, tables), study.seed) if enough else ()
    segments = tested(rules, traits, values)
    losing = {f"negative-{n}": part for n, part in enumerate(_apart([s for s in segments if is_negative(s, study)]), 1)}
    early = find_signs(traits.loc[grown], whole[grown] < 0, study.seed) if enough else ()
    own = [c for segment in losing.values() for c in segment.rule if c not in early]
    cost = {name: values[name].dropna() for name in LOSS if name in values}
    signs = [recognised_by(early, traits, whole[unseen] < 0, least)]
    signs += [recognised_by(tuple(dict.fromkeys(own)), traits, cost[LOSS[1]] < 0, least)] if own else []
    refused = [
        exclusion({s.text: s.inside}, cost[s.judged], least) for s in segments if s.rule not in {(c,) for c in early}
    ]
    refused.append(exclusion({rule_text((sign,)): meets(traits, sign) for sign in early}, whole[unseen], least))
    shown = [part for part in signs if len(part)] or signs[:1]
    unsure = unsure_sign(traits, whole < 0, least) if enough and not early else ""
    return Found(segments, losing, pd.concat(shown, ignore_index=True), _stacked(refused), unsure)


def _apart(segments: list[Segment]) -> list[Segment]:
    """Without those of whom most are told of already."""
    told, kept = pd.Series(dtype=bool), []
    for segment in segments:
        known = told.reindex(segment.inside.index, fill_value=False).astype(bool)
        if (segment.inside & known).sum() <= ALIKE * segment.inside.sum():
            kept.append(segment)
            told = known | segment.inside
    return kept


def _stacked(tables: list[pd.DataFrame]) -> pd.DataFrame:
    """Tables one under another; those without rows have no types to keep."""
    return pd.concat([part for part in tables if len(part)] or tables[-1:], ignore_index=True)


# --- descriptions ------------------------------------------------------------------------------------------------


def expected(customers: Customers, tables: LoadedTables) -> pd.DataFrame:
    """What every customer is expected to bring, orders to come included, by the first part alone: columns as in LOSS.

    Expected is what is left after shrinkage (``chance``): a dear complaint or a returned order is mostly luck. Where
    the noise of single orders is not known, what happened has to do.
    """
    early = customers.features.set_index("customer_id")
    profile = customers.profile.set_index("customer_id").reindex(early.index)
    due = profile["acquisition_cost"].fillna(0.0) if "acquisition_cost" in profile else pd.Series(0.0, early.index)
    before = early.get("margin", pd.Series(np.nan, early.index)) - early.get("service_cost", 0.0)
    balance = pd.DataFrame({"before_acquisition": before, "acquisition_cost": due})
    split = pd.Timestamp(customers.period.holdout_from)
    chance = chance_of_loss(customers.period, balance, tables.frames, split)
    brings = (chance["mean"] * early["orders"]).fillna(before) / (1 - later_part(customers))
    return pd.DataFrame(dict(zip(LOSS, (brings - due, brings), strict=True))).dropna()


def candidates(traits: pd.DataFrame, brings: pd.DataFrame, seed: int) -> tuple[Conditions, ...]:
    """Readable descriptions whose customers are expected to lose money, the clearest loss first.

    By all traits and by those known at the start; such as meet most of those who lose, and such as meet few others. Of
    descriptions that meet mostly the same customers one is kept.
    """
    traits = traits.loc[brings.index]
    loses, early = brings[LOSS[0]] < 0, [name for name in traits if attribute(name.split("=")[0]).early]
    grown = [
        rule
        for columns in (list(traits), early)
        for even in (True, False)
        for depth in range(1, DEPTH + 1)
        for rule in grow_rules(traits[columns], loses, seed, depth, even=even)
    ]
    met = {rule: matches(traits, rule) for rule in grown}
    clear = {rule: brings.loc[inside, judged_by(rule)].sum() / np.sqrt(inside.sum()) for rule, inside in met.items()}
    kept: list[Conditions] = []
    for rule in sorted((rule for rule in met if clear[rule] < 0), key=clear.__getitem__):
        if all((met[rule] & met[other]).sum() <= ALIKE * (met[rule] | met[other]).sum() for other in kept):
            kept.append(rule)
    return tuple(kept[:TESTED])


def judged_by(rule: Conditions) -> str:
    """The measure that decides of a rule: after the cost of winning only where it was known before that was paid."""
    return LOSS[0 if all(attribute(c.column.split("=")[0]).early for c in rule) else 1]


def tested(rules: tuple[Conditions, ...], traits: pd.DataFrame, values: pd.DataFrame) -> list[Segment]:
    """Every rule with what came afterwards; p-values are corrected (Holm 1979).

    The two losses are families of their own, each over all rules; all else that is measured is another. A rule made of
    the acquisition cost says nothing new about it: no p-value there.
    """
    segments = []
    for rule in rules:
        text, inside = rule_text(rule), matches(traits, rule)
        table = pd.DataFrame(measure(text, values, inside, len(rules)), columns=SEGMENT)
        if "acquisition_cost" in {condition.column for condition in rule}:
            table.loc[table["measure"] == "acquisition_cost", "p_value"] = np.nan
        judged = judged_by(rule)
        segments.append(Segment(rule, text, inside, table, _worse(values[judged].dropna(), inside), judged))
    if segments:
        p = pd.concat([s.measured.set_index("measure")["p_value"] for s in segments], keys=range(len(segments)))
        names = p.index.get_level_values(1)
        corrected = [adjusted(p[names == name], "holm") for name in LOSS]
        corrected = pd.concat([*corrected, adjusted(p[~names.isin(LOSS)], "holm")])
        for number, segment in enumerate(segments):
            segment.measured["p_adjusted"] = corrected[number].reindex(segment.measured["measure"]).to_numpy()
    return segments


def _worse(brought: pd.Series, inside: pd.Series) -> bool:
    """Whether those inside clearly brought less than the others: where all lose alike, nobody is a negative persona."""
    members = inside.reindex(brought.index)
    own, others = brought[members], brought[~members]
    if min(len(own), len(others)) < 2 or own.std() + others.std() == 0:
        return False
    return bool(own.mean() < others.mean() and ttest_ind(own, others, usevar="unequal")[1] <= ALPHA)


def is_negative(segment: Segment, study: Study) -> bool:
    """The interval of what they brought lies below zero, on enough customers, after correction, and below others."""
    row = segment.measured.set_index("measure").loc[segment.judged]
    clear = row["ci_high"] < 0 and row["p_adjusted"] <= ALPHA and segment.worse
    return bool(clear and row["n"] >= max(30, study.privacy.min_cell))
