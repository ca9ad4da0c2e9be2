"""Tests that are ready to run for each group: who is drawn by lot, how many, how long, and what they could show."""

from __future__ import annotations

import pandas as pd

from helpers.beliefs.plan import Design, halves_that_show, safe_margin
from helpers.beliefs.registry import confirmatory_beside
from helpers.cards.cards import Handed, Trial
from helpers.cards.personas import Personas
from helpers.cards.ready import ORDERED, STILL, ready
from helpers.customers.customers import Customers
from helpers.study import Study
from helpers.types.pool import NO_ORDER, ONE_ORDER

TESTS = (("coupon_share", "fewer_coupons"), ("discount_share", "smaller_reductions"), ("drivers", "their_reason"),
         ("recency_days", "come_back"))  # fmt: skip
"""What is tried, by the column or the section of the claim that suggests it, the dearest first."""
BY_RULE = {ONE_ORDER: (("", "come_back"),), NO_ORDER: (("", "first_order"),)}
"""What is tried with a group by rule, which its rule suggests."""


def for_cards(customers: Customers | None, personas: Personas, study: Study) -> Handed:
    """The tests that a group could run, as study.yml declares one, with n_per_arm, smallest_change, weeks and stop.

    A card takes the first one that a claim of its own suggests; a group by rule has one, for those of its people who
    are in it still. Measured is whether somebody orders within eight weeks, whose share today comes from the held-out
    part; guarded is the margin. Nothing where no order dates are known; no test at all for those who are too few for a
    useful one.
    """
    if customers is None:
        return Handed()
    held_out = customers.held_out.set_index("customer_id")
    came = ~held_out["churned"].astype(bool)
    came = pd.concat([came, pd.Series({who: who in customers.newcomers for who in customers.no_order}, dtype=bool)])
    margin = held_out["margin"] if "margin" in held_out else pd.Series(dtype=float)
    rows = personas.assignments.set_index("customer_id")["persona"]
    level, found = Design(also=confirmatory_beside(study)), {}
    for group in personas.groups:
        own = came.reindex(rows.index[rows == group.id]).dropna().astype(bool)
        n = int((~own).sum()) if group.structural else len(own)
        spread = float(margin.reindex(own.index).std())
        base = float(own.mean()) if len(own) else 0.0
        found[group.id] = _tests(group.id, n, base, spread, BY_RULE.get(group.id, TESTS), level)
    return Handed(experiment=found)


def _tests(
    group: str, n: int, base: float, spread: float, tests: tuple[tuple[str, str], ...], level: Design
) -> tuple[Trial, ...]:
    """What a group of ``n``, of whom ``base`` order within the weeks as things are, could try; empty if it is no use.

    The smallest change is the one that the verdict could show, at the ``level`` of the page's confirmatory beliefs;
    where that is none of use, by itself, with a plan written down beforehand.
    """
    shown = halves_that_show(base, n, level)
    if shown is None:
        return ()
    plan, alone = shown
    size = {"base": base, "arm": plan.n, "smallest": abs(plan.effect), "alone": alone,
            "measured": STILL if group in BY_RULE else ORDERED}  # fmt: skip
    size["margin"] = safe_margin(spread, plan.n) if spread > 0 else None
    return tuple(Trial(because, ready(group, about, **size)) for because, about in tests)
