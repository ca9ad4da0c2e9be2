"""What notebook 12 says of published figures and of the trap."""

import pandas as pd

from helpers.proof.findings import answer, proof_frame
from helpers.proof.proof import Proof

FIGURES = pd.DataFrame({"method": "m", "quantity": ["r", "alpha", "a"], "passed": [True, False, None]})
TRAP = pd.DataFrame({"tested": ["made", "split", "aside"], "share": [0.93, 0.87, 0.05]})


def test_a_published_figure_that_is_off_is_named():
    failed, skipped, noise = answer(Proof(FIGURES, TRAP))
    assert (failed.key, failed.values) == ("findings.proof.some", {"names": ("alpha",), "failed": 1, "n": 2})
    assert (skipped.key, skipped.values) == ("findings.proof.skipped", {"n": 1})
    assert (noise.key, noise.values) == ("findings.proof.trap", {"made": 0.93, "split": 0.87, "aside": 0.05})
    good, _ = answer(Proof(FIGURES.iloc[:1], TRAP))
    assert (good.key, good.values) == ("findings.proof.all", {"n": 1, "methods": 1})


def test_published_figures_keep_their_digits():
    figures = pd.DataFrame(
        {"method": ["score"], "id": ["x"], "quantity": ["limit"], "published": [0.2553], "ours": [0.25532],
         "tolerance": [5e-5], "passed": [True], "source": ["book"], "note": [""]}
    )  # fmt: skip
    shown = proof_frame(Proof(figures, TRAP)).iloc[0]
    assert (shown["published"], shown["ours"], shown["tolerance"]) == ("0.2553", "0.25532", "5e-05")
