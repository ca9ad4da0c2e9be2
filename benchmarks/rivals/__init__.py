"""Worlds in which a belief is false and something else looks like it, and worlds in which it is true and can be told.

To add one: a function that draws a study in which its belief is false (by default), and a line in ``RIVALS``.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from beliefs import VERDICTS, alone

from helpers.beliefs.evidence import Evidence
from rivals import mail, seasons, shelves, shop, trials

RIVALS: dict[str, tuple[str, Callable[..., Evidence]]] = {
    "contact_pressure: a busy season": ("channels", mail.busy_season),
    "contact_pressure: lists that fade": ("channels", mail.fading_list),
    "contact_pressure: mail after silence": ("channels", mail.win_back),
    "contact_pressure: mail after weeks without an order": ("channels", partial(mail.win_back, known=True)),
    "contact_pressure: mail after a visit": ("channels", mail.triggered),
    "contact_pressure: sent again where it was not opened": ("channels", mail.sent_again),
    "contact_pressure: mail of a calendar week": ("channels", mail.by_calendar_week),
    "contact_pressure: spells of mail": ("channels", mail.spells),
    "contact_pressure: those new on the list": ("channels", mail.new_on_the_list),
    "conversion_by_channel: a busy season": ("channels", seasons.visits),
    "place_language: a busy season": ("channels", partial(seasons.visits, by="location")),
    "funnel_stage: a busy season": ("channels", partial(seasons.visits, by="funnel_stage")),
    "new_vs_returning: a busy season": ("channels", partial(seasons.visits, by="is_new")),
    "order_value_by_channel: a busy season": ("channels", seasons.order_values),
    "order_value_by_channel: first orders": ("channels", seasons.first_orders),
    "moments_by_persona: late weeks": ("channels", seasons.late_weeks),
    "lead_score: a busy season": ("leads", seasons.leads),
    "referral_satisfaction: liked in one town": ("leads", seasons.liked_in_one_town),
    "coupon_dependence: weeks in which all have one": ("framing", seasons.coupon_weeks),
    "relative_saving: fewer answer in one arm": ("framing", trials.fewer_answer),
    "relative_saving: an arm opened wider midway": ("framing", trials.opened_midway),
    "relative_saving: a covariate that the arm moved": ("framing", trials.covariate_moved),
    "relative_saving: a covariate from before": ("framing", partial(trials.covariate_moved, by=0.0)),
    "relative_saving: a small arm, skewed": ("framing", trials.small_skewed_arm),
    "relative_saving: a ratio of few people": ("framing", trials.ratio_of_few),
    "reference_price: the category's season": ("framing", shelves.category_season),
    "reference_price: offers after weak weeks": ("framing", shelves.after_weak_weeks),
    "reference_price: stocking up": ("framing", shelves.stocking_up),
    "loss_asymmetry: the category's season": ("framing", shelves.category_season),
    "loss_asymmetry: offers after weak weeks": ("framing", shelves.after_weak_weeks),
    "loss_asymmetry: stocking up": ("framing", shelves.stocking_up),
    "left_digit: offers end in .99": ("framing", shelves.offers_end_in_99),
    "left_digit: offers after weak weeks": ("framing", shelves.after_weak_weeks),
    "left_digit: prices move by cents": ("framing", partial(shelves.digits, effect=0.0)),
    "moments_by_persona: one offer day": ("channels", shop.offer_day),
    "moments_by_persona: two zones on one clock": ("channels", shop.two_zones),
    "order_value_by_channel: 25 customers against 800, skewed": ("channels", shop.skewed_orders),
    "conversion_by_channel: heavy visitors": ("channels", shop.one_column("channel", shop.heavy_visitors)),
    "place_language: heavy visitors": ("channels", shop.one_column("location", shop.heavy_visitors)),
    "place_language: two zones on one clock": ("channels", shop.local_hours),
    "funnel_stage: heavy visitors": ("channels", shop.one_column("funnel_stage", shop.heavy_visitors)),
    "new_vs_returning: heavy visitors": ("channels", shop.one_column("is_new", shop.heavy_visitors)),
    "lead_score: role asked at the purchase": ("leads", shop.role_at_conversion),
    "lead_score: role asked at the purchase, on all rows": ("leads", partial(shop.role_at_conversion, repeated=True)),
    "referral_satisfaction: tenure": ("leads", shop.tenure),
    "coupon_dependence: exactly the share that matters": ("framing", shop.coupon_habits),
    "coupon_dependence: the same, others seldom": ("framing", partial(shop.coupon_habits, spread=True)),
}
"""``id: rival`` -> its room, and a draw of a study in which the belief is false."""
REAL: dict[str, tuple[str, Callable[..., Evidence]]] = {
    "contact_pressure: spells of mail, an effect": ("channels", partial(mail.spells, effect=0.15)),
    "contact_pressure: mail of a calendar week, an effect": ("channels", partial(mail.by_calendar_week, effect=0.25)),
    "contact_pressure: a busy season, an effect": ("channels", partial(mail.busy_season, effect=0.15)),
    "reference_price: remembered, list prices change": ("framing", shelves.remembered),
    "loss_asymmetry: losses count twice, list prices change": ("framing", partial(shelves.remembered, loss=6.0)),
    "left_digit: prices move by cents, an effect": ("framing", shelves.digits),
    "moments_by_persona: a weekly habit": ("channels", shop.weekly_habit),
    "order_value_by_channel: half as much again": ("channels", partial(shop.skewed_orders, effect=0.5, few=120)),
    "lead_score: directors, asked at once": ("leads", partial(shop.role_at_conversion, effect=0.3)),
    "referral_satisfaction: promoters bring more": ("leads", partial(shop.tenure, effect=0.3)),
    "coupon_dependence: three in ten": ("framing", partial(shop.coupon_habits, share=0.3)),
}
"""The same with an effect that can be told from the rival."""
KINDS = [*RIVALS, *REAL]


def trial(kind: str, seed: int) -> dict[str, Any]:
    """What one simulated study says: whether p <= .05 before correction, the verdict, and whether it names a rival."""
    room, draw = (RIVALS | REAL)[kind]
    result = alone(kind, room, draw(np.random.default_rng([seed, 13])))
    rejected = result.p_value is not None and result.p_value <= 0.05
    return {"kind": kind, "rejected": rejected, "verdict": result.verdict, "rival": result.rival is not None}


def several(kinds: list[str], sets: int) -> pd.DataFrame:
    """The summary of so many studies of each kind, one after the other."""
    return summary(pd.DataFrame([trial(kind, seed) for kind in kinds for seed in range(sets)]))


def summary(found: pd.DataFrame) -> pd.DataFrame:
    """Per kind, the worst first: sets, truth, p <= .05, rival named, and the share of each verdict.

    Worst is what rejects a true null most often; then, where there is an effect, what sees it least often.
    """
    by_kind = found.groupby("kind", sort=False)
    shares = pd.crosstab(found["kind"], found["verdict"], normalize="index").reindex(columns=VERDICTS, fill_value=0.0)
    columns = {"p <= .05": by_kind["rejected"].mean().round(3), "rival named": by_kind["rival"].mean().round(3)}
    table = pd.concat([by_kind.size().rename("sets"), pd.DataFrame(columns), shares.round(3)], axis=1)
    table.insert(0, "truth", ["an effect" if kind in REAL else "none" for kind in table.index])
    worst = table["p <= .05"].where(table["truth"] == "none", -table["p <= .05"] - 1)
    return table.loc[worst.sort_values(ascending=False, kind="stable").index]
