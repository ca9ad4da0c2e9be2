"""What people do after an experience or a message: they stay away, unsubscribe, or buy."""

from helpers.after.exhibits import EXHIBITS as EXHIBITS
from helpers.beliefs.belief import SESOI_SHARES, Belief

STAGES = {
    "leaving": "helpers.after.leaving:after_what",
    "message_tables": "helpers.after.messages:message_tables",
    "time_to_return": "helpers.after.complaints:time_to_return",
}
BELIEFS = (
    Belief("contact_pressure", "channels", "customer and week", 0.10, "messages.customer_id messages.at",
           "helpers.after.messages:contact_pressure"),
    Belief("bad_experience", "leads", "customer", SESOI_SHARES, "service.kind sales.ordered_at",
           "helpers.after.complaints:bad_experience"),
)  # fmt: skip
