"""What notebook 06 shows."""

from helpers.report.exhibits import Exhibit

_FIGURES = "helpers.report.figures"
_FOUND = "helpers.pages.alternatives"
EXHIBITS = {
    "negative.ideal": Exhibit("ideal.attributes"),
    "negative.ideal_values": Exhibit("ideal.order_values"),
    "negative.ideal_drawn": Exhibit(
        "ideal.attributes", draw=f"{_FIGURES}:plot_ideal", needs="lift", largest=("lift", "attribute", "value")
    ),
    "negative.parts": Exhibit("negative.parts"),
    "negative.parts_drawn": Exhibit(
        "negative.parts", draw=f"{_FIGURES}:plot_parts", largest=("contribution", "segment")
    ),
    "negative.segments": Exhibit("negative.segments"),
    "negative.margins": Exhibit(
        "negative.segments",
        "helpers.negative.findings:in_money",
        f"{_FIGURES}:plot_margins",
        told_by=f"{_FOUND}:of_margins",
    ),
    "negative.early_signs": Exhibit("negative.early_signs"),
    "negative.exclusion": Exhibit("negative.exclusion"),
    "negative.worksheet": Exhibit("negative.worksheet"),
    "negative.prospects": Exhibit("negative.prospects"),
    "negative.fairness": Exhibit("negative.fairness"),
}
