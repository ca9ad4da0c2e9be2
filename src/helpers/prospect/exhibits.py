"""What notebook 07 shows of losses, and of known experiments."""

from helpers.report.exhibits import Exhibit

_FIGURES, _FOUND = "helpers.prospect.figures", "helpers.pages.alternatives"
_WEIGHTS, _KNOWN = "helpers.prospect.loss_aversion", "helpers.prospect.known_here"
EXHIBITS = {
    "framing.loss_weights_drawn": Exhibit(
        "loss_aversion.weights",
        f"{_WEIGHTS}:measured_here",
        f"{_FIGURES}:plot_loss_weights",
        told_by=f"{_FOUND}:of_ours",
    ),
    "framing.loss_weights": Exhibit("loss_aversion.weights", by=f"{_WEIGHTS}:measured_here", drop=("ours",)),
    "framing.value": Exhibit("loss_aversion.parameters", draw=f"{_FIGURES}:plot_value", told_by=f"{_FOUND}:of_value"),
    "framing.parameters": Exhibit("loss_aversion.parameters", drop=("ranged",)),
    "framing.loss_by_persona_drawn": Exhibit(
        "loss_aversion.by_persona", draw=f"{_FIGURES}:plot_loss_by_persona", largest=("estimate", "handle")
    ),
    "framing.loss_by_persona": Exhibit("loss_aversion.by_persona", drop=("id",), digits=2),
    "framing.known_drawn": Exhibit(
        "framing.results", f"{_KNOWN}:on_one_scale", f"{_FIGURES}:plot_beside", largest=("here", "experiment")
    ),
    "framing.known": Exhibit(by=f"{_KNOWN}:known_frame"),
}
