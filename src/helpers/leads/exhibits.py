"""What notebook 09 shows."""

from helpers.report.exhibits import Exhibit

_OURS = "helpers.leads.figures"
EXHIBITS = {
    "leads.stages": Exhibit("lead_tables.stages"),
    "leads.cycle": Exhibit("lead_tables.cycle"),
    "leads.classes_drawn": Exhibit("lead_tables.classes", draw=f"{_OURS}:plot_classes", largest=("share", "class")),
    "leads.classes": Exhibit("lead_tables.classes"),
    "leads.nps": Exhibit("lead_tables.nps"),
    "leads.referrers_drawn": Exhibit(
        "lead_tables.referrers", draw=f"{_OURS}:plot_referrers", largest=("share", "answer")
    ),
    "leads.referrers": Exhibit("lead_tables.referrers"),
    "leads.brought": Exhibit("lead_tables.brought"),
}
