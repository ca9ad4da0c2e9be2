"""Whom not to court: segments that cost more than they bring, and whom to look for instead."""

from helpers.beliefs.belief import SESOI_MEANS, Belief
from helpers.negative.exhibits import EXHIBITS as EXHIBITS

STAGES = {
    "under_review": "helpers.negative.segments:under_review",
    "ideal": "helpers.negative.ideal:ideal_customer",
    "negative": "helpers.negative.segments:negative_personas",
}
TUNED_BY = {"negative": "06_negative_personas"}
ANSWERS = {"06_negative_personas": "helpers.negative.findings:answer"}
BELIEFS = (
    Belief("profit_by_persona", "leads", "customer", SESOI_MEANS, "sales.unit_cost",
           "helpers.negative.profit:profit_by_persona", directed=False, role="screen"),
)  # fmt: skip
CARD_CLAIMS = ("helpers.negative.crossed:for_cards", "helpers.negative.profit:worth_of_groups")
