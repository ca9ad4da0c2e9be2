"""Visits and orders by channel, place and moment, and the steps of a form."""

from helpers.beliefs.belief import SESOI_SHARES, Belief
from helpers.channels.exhibits import EXHIBITS as EXHIBITS

_VISITS = "sessions.converted sessions.visitor_id|customer_id"
_CONVERSION = "helpers.channels.conversion"

STAGES = {"channel_tables": "helpers.channels.tables:channel_tables"}
CARD_CLAIMS = ("helpers.channels.week:for_cards",)
TUNED_BY = {"channel_tables": "08_channels"}
BELIEFS = (
    Belief("conversion_by_channel", "channels", "visitor", 0.01, f"sessions.channel {_VISITS}",
           f"{_CONVERSION}:conversion_by_channel", directed=False, role="screen"),
    Belief("order_value_by_channel", "channels", "customer", 0.10, "sales.channel",
           f"{_CONVERSION}:order_value_by_channel", directed=False, role="screen"),
    Belief("place_language", "channels", "visitor", 0.01, f"sessions.location|language {_VISITS}",
           f"{_CONVERSION}:place_language", directed=False, role="screen"),
    Belief("funnel_stage", "channels", "visitor", 0.01, f"sessions.funnel_stage {_VISITS}",
           f"{_CONVERSION}:funnel_stage", directed=False, role="screen"),
    Belief("new_vs_returning", "channels", "visitor", 0.01, f"sessions.is_new {_VISITS}",
           f"{_CONVERSION}:new_vs_returning"),
    Belief("moments_by_persona", "channels", "customer", 0.25, "sales.ordered_at",
           "helpers.channels.moments:moments_by_persona", directed=False, role="screen"),
    Belief("step_friction", "channels", "session", SESOI_SHARES,
           "steps.step steps.completed steps.session_id steps.at", "helpers.channels.funnel:step_friction",
           role="description"),
)  # fmt: skip
