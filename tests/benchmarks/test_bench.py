"""Every row of the benchmarks with so little work that only its way is tried, not what it says of speed."""

import math
from pathlib import Path

import bench
import pytest

LITTLE = bench.Size(lines=2_000, repeats=1, customers=150, draws=1, refits=8, only="12_proof")
TARGETS = {"features": 3, "growth": 3, "assigning": 1, "gate": 3, "study": 2}
"""How many ratios each row gives."""


def test_no_row_is_left_out() -> None:
    assert bench.ROWS.keys() == TARGETS.keys()


@pytest.mark.parametrize("row", TARGETS)
def test_a_row_gives_finite_ratios_with_targets(row: str, tmp_path: Path) -> None:
    found = bench.ROWS[row](tmp_path, LITTLE)
    assert len(found) == len({(what, against) for what, against, _, _ in found}) == TARGETS[row]
    for what, _, ratio, target in found:
        assert math.isfinite(ratio), what
        assert ratio > 0 or "ARI" in what, what
        assert float(target.removeprefix("<= ")) > 0
