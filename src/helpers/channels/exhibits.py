"""What notebook 08 shows."""

from helpers.report.exhibits import Exhibit

_OURS, _COMPARED = "helpers.channels.figures", {"compared": "column"}
_FOUND = "helpers.pages.alternatives"
EXHIBITS = {
    "channels.mix_drawn": Exhibit(
        "channel_tables.mix", draw=f"{_OURS}:plot_mix", largest=("points", "group", "reference"), only=_COMPARED
    ),
    "channels.mix": Exhibit("channel_tables.mix", drop=("shift", "shift_low", "shift_high"), only=_COMPARED),
    "channels.order_values": Exhibit("channel_tables.order_values", only=_COMPARED),
    "channels.intent_drawn": Exhibit("channel_tables.intent", draw=f"{_OURS}:plot_intent", largest=("share", "place")),
    "channels.intent": Exhibit("channel_tables.intent"),
    "channels.week": Exhibit(
        "channel_tables.heat_map", draw=f"{_OURS}:plot_week", each="persona", told_by=f"{_FOUND}:of_week"
    ),
    "channels.best_moments": Exhibit("channel_tables.best_moments"),
    "channels.steps_drawn": Exhibit("channel_tables.steps", draw=f"{_OURS}:plot_steps", largest=("share", "step")),
    "channels.steps": Exhibit("channel_tables.steps"),
}
