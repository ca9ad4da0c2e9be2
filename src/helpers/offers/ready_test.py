"""Tests that are ready to run for each persona: who is drawn by lot, how many, how long, and what they could show."""

from __future__ import annotations

from helpers.beliefs.plan import Design, plan_test
from helpers.beliefs.registry import confirmatory_beside
from helpers.cards.cards import Handed, Trial
from helpers.cards.personas import Personas
from helpers.contracts import StudyError
from helpers.customers.customers import Customers
from helpers.study import Study
from helpers.words import say

LEAST_ARM = 50
"""Fewer people in an arm can hardly show anything that is of use."""
USELESS = 0.25
"""A test that shows nothing under 25 points is not worth its while."""
WEEKS = 8
TESTS = (("coupon_share", "fewer_coupons"), ("discount_share", "smaller_reductions"), ("drivers", "their_reason"))
"""What is tried, by the column or the section of the claim that suggests it, the dearest first."""


def for_cards(customers: Customers | None, personas: Personas, study: Study) -> Handed:
    """The tests that a persona could run, as study.yml declares one, with n_per_arm, smallest_change, weeks and stop.

    A card takes the first one that a claim of its own suggests. Measured is whether somebody orders within eight weeks,
    whose share today comes from the held-out part. Nothing for groups by rule and where no order dates are known; no
    test at all for those who are too few for a useful one.
    """
    if customers is None:
        return Handed()
    stayed = ~customers.held_out.set_index("customer_id")["churned"].astype(bool)
    rows = personas.assignments.set_index("customer_id")["persona"]
    level, found = Design(also=confirmatory_beside(study)), {}
    for group in personas.groups:
        own = stayed.reindex(rows.index[rows == group.id]).dropna()
        if not group.structural:
            found[group.id] = _tests(group.id, len(own), float(own.mean() if len(own) else 0.0), level)
    return Handed(experiment=found)


def _tests(group: str, n: int, base: float, level: Design) -> tuple[Trial, ...]:
    """What a group of ``n``, of whom ``base`` order within the weeks as things are, could try; empty if it is no use.

    The smallest change is the one that the verdict could show, at the ``level`` of the page's confirmatory beliefs.
    """
    arm = n // 2
    try:
        smallest = abs(plan_test(base, n=arm, design=level).effect) if arm >= LEAST_ARM else 1.0
    except StudyError:  # nobody or everybody orders today, so that no change can be shown
        return ()
    if smallest > USELESS:
        return ()
    return tuple(
        Trial(
            because,
            {
                "id": f"{about}_{group}".replace("-", "_"),
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
            },
        )
        for because, about in TESTS
    )
