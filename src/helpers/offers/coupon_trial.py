"""What if coupons went? The trial that would tell, for whom, how many people it takes and what it could show.

J. C. Penney took its coupons away from everybody at once in 2012, and lost a quarter of its sales within the year. Here
half of the customers, drawn by lot, go without; what each persona would lose is a guess between two assumptions
(`coupons.without_coupons`), and the trial is sized so that it could see it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.beliefs.metrics import cut
from helpers.beliefs.plan import Design, plan_test
from helpers.beliefs.registry import confirmatory_beside
from helpers.cards.personas import Personas
from helpers.contracts import StudyError
from helpers.customers.customers import Customers
from helpers.offers.coupons import WithoutCoupons
from helpers.study import Study
from helpers.words import Text, say

WINSORISED = 0.01
"""The share of spends drawn in at either end, in sizing and in the trial."""
BELIEF = "coupon_dependence"
"""The belief whose place the trial takes."""
LEAST_ARM = 20
"""Fewer people in each half carry no mean."""
COLUMNS = ["group", "customers", "spend_each", "loss_if_they_drop_share", "loss_if_they_leave_share", "in_each_half",
           "smallest_loss_share", "needed_if_they_drop", "needed_if_they_leave", "could_show"]  # fmt: skip


@dataclass(frozen=True)
class CouponTrial:
    """A trial that withdraws coupons by lot.

    groups : group (everybody first), customers, spend_each (money of a customer within the weeks, as things are),
    loss_if_they_drop_share and loss_if_they_leave_share (of that money, under the two assumptions), in_each_half,
    smallest_loss_share (seen four times in five by so many), needed_if_they_drop and needed_if_they_leave (people in
    each half who show these losses), could_show (in words). told : it in sentences, or why there is none.
    """

    groups: pd.DataFrame
    told: tuple[Text, ...]


def coupon_trial(
    without_coupons: WithoutCoupons, customers: Customers | None, personas: Personas, study: Study
) -> CouponTrial:
    """The trial for everybody and for each persona whose revenue at risk is known.

    Measured is what a customer spends in as many weeks as are held out, whose mean and spread come from those weeks;
    what customers spent before takes out what was there already (CUPED). Two-sided, power 80 %, at the level that the
    verdict will have: the error of 5 % is shared with the other confirmatory beliefs of the page.
    """
    if customers is None or without_coupons.shares.empty:
        return CouponTrial(pd.DataFrame(columns=COLUMNS), ())
    spend = pd.DataFrame(
        {
            "before": customers.features.set_index("customer_id")["spend"],
            "after": customers.held_out.set_index("customer_id")["spend"],
        }
    ).fillna(0.0)
    persona = personas.assignments.set_index("customer_id")["persona"].reindex(spend.index)
    beside = confirmatory_beside(study, BELIEF)
    known = {group.handle: group.id for group in personas.groups}
    rows = []
    for label, at_risk in without_coupons.shares.groupby("group", sort=False):
        own = spend[persona == known[label]] if label in known else spend
        losses = at_risk.set_index("assumption")["share"]
        if row := _sized(own, losses["drop"], losses["leave"], Design(also=beside)):
            rows.append((label, *row))
    groups = pd.DataFrame(rows, columns=COLUMNS)
    if groups.empty:
        return CouponTrial(groups, (say("hypotheses.coupon_trial.few", least=2 * LEAST_ARM),))
    weeks = max(1, round((customers.period.end - pd.Timestamp(customers.period.holdout_from)).days / 7))
    return CouponTrial(groups, tuple(_told(groups, weeks, beside)))


def _sized(spend: pd.DataFrame, drop: float, leave: float, level: Design) -> tuple | None:
    """The row of a group from before and after (money of each customer); None where nothing could be compared."""
    after, before = (cut(spend[name], WINSORISED) for name in ("after", "before"))
    half, mean, spread = len(spend) // 2, float(after.mean()), float(after.std())
    if half < LEAST_ARM or not mean > 0 or not spread > 0:
        return None
    same = float(np.corrcoef(before, after)[0, 1]) if before.std() > 0 else 0.0
    left = spread * math.sqrt(1 - same**2)
    if not left > 0:
        return None
    smallest = plan_test(None, n=half, design=level).effect * left / mean
    needed = [_needed(share * mean / left, level) for share in (drop, leave)]
    could = "either" if smallest <= drop else "leave" if smallest <= leave else "neither"
    shown = say(f"hypotheses.coupon_trial.could.{could}")
    return len(spend), mean, drop, leave, half, smallest, *needed, shown


def _needed(deviations: float, level: Design) -> int | None:
    """People in each half for a loss of so many standard deviations; None for one too small to plan for."""
    try:
        return plan_test(None, deviations, design=level).n
    except StudyError:
        return None


def _told(groups: pd.DataFrame, weeks: int, beside: int) -> list[Text]:
    """The trial in sentences: what is done, what each group could show, and how it is declared."""
    lines = [say("hypotheses.coupon_trial.do", weeks=weeks)]
    for row in groups.itertuples():
        values = {
            "group": row.group, "half": row.in_each_half, "smallest": row.smallest_loss_share,
            "drop": row.loss_if_they_drop_share, "leave": row.loss_if_they_leave_share, "could": row.could_show,
        }  # fmt: skip
        lines.append(say("hypotheses.coupon_trial.line", **values))
    seen = groups[groups["smallest_loss_share"] <= groups["loss_if_they_leave_share"]]["group"]
    where = [say("hypotheses.coupon_trial.where", groups=list(seen))] if 0 < len(seen) < len(groups) else []
    level = say("hypotheses.coupon_trial.level", beside=beside)
    return [*lines, *where, level, say("hypotheses.coupon_trial.read"), say("hypotheses.coupon_trial.declare")]
