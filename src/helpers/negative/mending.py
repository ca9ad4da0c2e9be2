"""What could turn those to review into good customers, and the test that would find out."""

from __future__ import annotations

from typing import Any

import pandas as pd

from helpers.beliefs.plan import Design, halves_that_show, safe_margin
from helpers.cards.ready import ready
from helpers.negative.signs import Conditions

TRIED = {
    "return_share": "what_it_is",
    "complaints": "call_back",
    "discount_share": "smaller_reductions",
    "coupon_share": "fewer_coupons",
}
"""What is tried with those of whose rule this is the first such part: much of it."""
PAYS = ("brought_more_than_cost", "pays")


def mending(rule: Conditions) -> str:
    """What a rule suggests to try: the remedy of its first condition that has one, else another offer."""
    return next((TRIED[one.column] for one in rule if one.above and one.column in TRIED), "other_offer")


def trial_of(
    name: str, about: str, n: int, pays: pd.Series, held_out: pd.DataFrame, level: Design
) -> dict[str, Any] | None:
    """The test ``about`` on ``n`` people; None where it could show nothing of use.

    pays : of those who fit and were measured, who brought more than they cost. held_out : margin per customer_id,
    where costs are known. level : that of the verdict.
    """
    base = float(pays.mean())
    shown = halves_that_show(base, n, level)
    if shown is None:
        return None
    plan, alone = shown
    spread = held_out.set_index("customer_id")["margin"].reindex(pays.index).std() if "margin" in held_out else 0.0
    guard = safe_margin(float(spread), plan.n) if spread > 0 else None
    size = {"base": base, "arm": plan.n, "smallest": abs(plan.effect), "alone": alone}
    return ready(name, about, **size, margin=guard, measured=PAYS)
