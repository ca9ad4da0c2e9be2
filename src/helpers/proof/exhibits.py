"""What notebook 12 shows."""

from helpers.report.exhibits import Exhibit

EXHIBITS = {
    "proof.figures": Exhibit(by="helpers.proof.findings:proof_frame", only={"methods": "method"}),
    "proof.figures_drawn": Exhibit(
        "proof.figures", draw="helpers.report.figures:plot_proof", only={"methods": "method"}
    ),
    "proof.trap": Exhibit("proof.trap"),
}
