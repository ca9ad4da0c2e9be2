"""A kernel that dies before its first cell is started anew; one that dies later is a fault at once."""

from __future__ import annotations

import nbformat
import pytest

from helpers.run.kernels import notebooks
from helpers.run.kernels.notebooks import KERNEL_STARTS, Task, _execute


@pytest.fixture
def task(tmp_path):
    return Task("n", tmp_path / "n.ipynb", tmp_path / "out.ipynb", {}, tmp_path / "run.log", 10.0)


def dying(times: int, cell: int | None, starts: list[int]):
    """A stand-in for papermill whose kernel dies ``times`` times, at ``cell``."""

    def papermill(task, partial, seen, connection):
        starts.append(1)
        seen.cell = cell
        if len(starts) <= times:
            raise RuntimeError("Kernel died before replying to kernel_info")
        partial.write_text("{}", encoding="utf-8")
        return nbformat.v4.new_notebook()

    return papermill


@pytest.mark.parametrize(
    ("times", "cell", "started", "ends_well"),
    [(1, None, 2, True), (KERNEL_STARTS, None, KERNEL_STARTS, False), (1, 3, 1, False)],
)
def test_only_an_unheard_death_is_tried_again(monkeypatch, task, times, cell, started, ends_well):
    starts: list[int] = []
    monkeypatch.setattr(notebooks, "_papermill", dying(times, cell, starts))
    monkeypatch.setattr(notebooks, "_send_output_to", lambda log: None)
    fault = _execute(task, None).fault
    assert (len(starts), fault is None, task.output.exists()) == (started, ends_well, ends_well)
