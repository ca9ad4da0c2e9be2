"""Every row of the benchmarks with so little work that only its way is tried, not what it says of speed."""

import math
from pathlib import Path

import bench
import pandas as pd
import pytest
from growth import plot_growth

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


def test_growth_is_drawn_as_it_was_measured() -> None:
    """Ten times the lines in five times the time lie below the line that goes in step with them."""
    points = pd.DataFrame({"lines": [1_000, 10_000], "cpu": [2.0, 10.0], "peak": [100.0, 300.0]})
    seconds, memory = plot_growth(points).axes
    measured, in_step = (list(line.get_ydata()) for line in seconds.lines)
    assert (measured, in_step) == ([2, 10], [2, 20])
    assert [list(line.get_ydata()) for line in memory.lines] == [[100, 300], [4096, 4096]]
    assert {ax.get_xscale() for ax in (seconds, memory)} == {"log"}


def test_growth_is_drawn_where_it_was_asked_for(tmp_path: Path) -> None:
    drawn = tmp_path / "growth.png"
    bench.rows_of_growth(tmp_path, bench.Size(lines=2_000, repeats=1, figure=drawn))
    assert drawn.read_bytes().startswith(b"\x89PNG")
