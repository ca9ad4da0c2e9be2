"""What notebook 12 shows."""

from helpers.report.exhibits import Exhibit

_FOUND = "helpers.pages.alternatives"
EXHIBITS = {
    "proof.figures": Exhibit(by="helpers.proof.findings:proof_frame", only={"methods": "method"}),
    "proof.figures_drawn": Exhibit(
        "proof.figures",
        draw="helpers.report.figures:plot_proof",
        told_by=f"{_FOUND}:of_proof",
        only={"methods": "method"},
    ),
    "proof.trap": Exhibit("proof.trap"),
}
