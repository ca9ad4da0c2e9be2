"""Whom not to court: segments that cost more than they bring, and whom to look for instead."""

from helpers.beliefs.belief import SESOI_MEANS, Belief

BELIEFS = (
    Belief("profit_by_persona", "leads", "customer", SESOI_MEANS, "sales.unit_cost",
           "helpers.negative.profit:profit_by_persona", directed=False),
)  # fmt: skip
CARD_CLAIMS = ("helpers.negative.segments:for_cards",)
