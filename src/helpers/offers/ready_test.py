"""A test that is ready to run for each persona: who is drawn by lot, how many, how long, and what it could show."""

from __future__ import annotations

from typing import Any

from helpers.beliefs.plan import plan_proportions
from helpers.cards.cards import Handed
from helpers.cards.personas import Group, Personas
from helpers.contracts import StudyError
from helpers.customers.customers import Customers
from helpers.words import say

LEAST_ARM = 50
"""Fewer people in an arm can hardly show anything that is of use."""
USELESS = 0.25
"""A test that shows nothing under 25 points is not worth its while."""
WEEKS = 8
TESTS = (("coupon_share", "fewer_coupons"), ("discount_share", "smaller_reductions"))
"""What is tried, by the column of the claim that suggests it; a message on what brings them where none does."""


def for_cards(customers: Customers | None, personas: Personas) -> Handed:
    """One experiment per persona, as study.yml declares one, with n_per_arm, smallest_change, weeks and stop.

    Measured is whether somebody orders within eight weeks, whose share today comes from the held-out part. Nothing for
    groups by rule, for those who are too few for a useful test, and where no order dates are known.
    """
    if customers is None:
        return Handed()
    stayed = ~customers.held_out.set_index("customer_id")["churned"].astype(bool)
    rows = personas.assignments.set_index("customer_id")["persona"]
    found = {}
    for group in personas.groups:
        own = stayed.reindex(rows.index[rows == group.id]).dropna()
        if not group.structural and (test := _test(group, len(own), float(own.mean() if len(own) else 0.0))):
            found[group.id] = test
    return Handed(experiment=found)


def _test(group: Group, n: int, base: float) -> dict[str, Any] | None:
    """The test for a group of ``n``, of whom ``base`` order within the weeks as things are; None where it is no use."""
    arm = n // 2
    try:
        smallest = abs(plan_proportions(base, n=arm).effect) if arm >= LEAST_ARM else 1.0
    except StudyError:  # nobody or everybody orders today, so that no change can be shown
        return None
    if smallest > USELESS:
        return None
    more = {
        claim.column for claim in group.claims if claim.unit == "lift" and claim.estimate > 1 and claim.grade != "weak"
    }
    about = next((test for column, test in TESTS if column in more), "their_reason")
    return {
        "id": f"{about}_{group.id}".replace("-", "_"),
        "title": say(f"report.experiment.{about}.title"),
        "table": "customers",
        "arm": {"column": f"{about}_arm", "treatment": "changed", "control": "as now"},
        "randomised": True,
        "outcome": {"column": "ordered_again", "success": ["yes"]},
        "design": "between",
        "unit": "customer_id",
        "sesoi": round(smallest, 2),
        "do": say(f"report.experiment.{about}.do"),
        "base": round(base, 2),
        "n_per_arm": arm,
        "smallest_change": round(smallest, 2),
        "weeks": WEEKS,
        "stop": say("report.experiment.stop"),
    }
