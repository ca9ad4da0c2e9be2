"""What notebook 12 says and shows."""

from __future__ import annotations

import pandas as pd

from helpers.proof.proof import Proof
from helpers.words import Text, say


def answer(proof: Proof) -> list[Text]:
    """How many published figures come out (``passed`` is missing where that could not be tried), and the trap."""
    figures, trap = proof.figures, proof.trap
    done = figures[figures["passed"].notna()]
    failed = done[~done["passed"].astype(bool)]
    if failed.empty:
        lines = [say("findings.proof.all", n=len(done), methods=done["method"].nunique())]
    else:
        lines = [say("findings.proof.some", names=list(failed["quantity"]), failed=len(failed), n=len(done))]
    if skipped := len(figures) - len(done):
        lines.append(say("findings.proof.skipped", n=skipped))
    return [*lines, say("findings.proof.trap", **dict(zip(("made", "split", "aside"), trap["share"], strict=True)))]


def proof_frame(proof: Proof, *, only_off: bool = False) -> pd.DataFrame:
    """What was published and what came out, with the digits that the tolerance asks for (no id).

    only_off : only figures outside their tolerance.
    """
    figures = proof.figures
    if only_off:
        figures = figures[~figures["passed"].fillna(True).astype(bool)]
    digits = {name: figures[name].map("{:.5g}".format) for name in ("published", "ours", "tolerance")}
    return figures.assign(**digits)[["method", "quantity", *digits, "passed", "source", "note"]]
