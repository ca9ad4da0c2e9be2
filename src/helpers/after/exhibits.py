"""What notebooks 05, 08 and 09 of what follows a bad experience or a message shows."""

from helpers.report.exhibits import Exhibit

_OURS = "helpers.after.figures"
_FOUND = "helpers.pages.alternatives"
EXHIBITS = {
    "leaving.events": Exhibit("leaving.events"),
    "leaving.events_drawn": Exhibit(
        "leaving.events", draw=f"{_OURS}:plot_leaving", needs="share_difference", largest=("share_difference", "after")
    ),
    "leaving.pressure_drawn": Exhibit(
        "message_tables.pressure", draw=f"{_OURS}:plot_pressure", told_by=f"{_FOUND}:of_pressure"
    ),
    "leaving.pressure": Exhibit("message_tables.pressure"),
    "leaving.returns": Exhibit("message_tables.returns"),
    "leaving.not_back": Exhibit(
        "time_to_return.curves", draw=f"{_OURS}:plot_not_back", told_by=f"{_FOUND}:of_last_day"
    ),
}
