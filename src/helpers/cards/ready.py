"""A test that is ready to run, as study.yml declares one, with what it takes and what it can show."""

from __future__ import annotations

from typing import Any

from helpers.small_cells import coarse
from helpers.words import say

WEEKS = 8
"""How long orders are counted."""
ORDERED = ("ordered_again", "orders")
STILL = ("ordered_again", "still")
"""What most tests measure, and those of people who have not ordered since: the column of the outcome, and how the
catalogue words it."""


def ready(
    group: str,
    about: str,
    *,
    base: float,
    arm: int,
    smallest: float,
    alone: bool,
    margin: float | None,
    measured: tuple[str, str],
) -> dict[str, Any]:
    """The test ``about`` (its words in the catalogue) for a group: halves of ``arm`` people drawn by lot.

    base : share of those who do today what is ``measured`` (its column, its words). smallest : the change of it that
    the test can show, ``alone`` only with a plan that is written down beforehand. margin : by how
    much the margin per customer must not fall; None where no costs are known.
    """
    column, words = measured
    guards = [] if margin is None else [{"column": "margin", "worse": "lower", "margin": coarse(margin, 2)}]
    kind = f"report.experiment.measure.{words}"
    name = f"{about}_{group}".replace("-", "_")
    return {
        "id": name,
        "title": say(f"report.experiment.{about}.title"),
        "table": "customers",
        "arm": {"column": f"{about}_arm", "treatment": "changed", "control": "as now"},
        "randomised": True,
        "outcome": {"column": column, "success": ["yes"]},
        "design": "between",
        "unit": "customer_id",
        "sesoi": round(smallest, 2),
        "guardrails": guards,
        "preregistration": f"{name}_plan.yml" if alone else None,
        "do": say(f"report.experiment.{about}.do"),
        "measure": say(kind, base=round(base, 2)),
        "base": round(base, 2),
        "n_per_arm": arm,
        "smallest_change": round(smallest, 2),
        "weeks": WEEKS,
        "stop": say("report.experiment.stop"),
    }
