"""Dirty rows of each kind in small numbers, and their true counts."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from planted import LIKERT, stream

RAGGED = 5
"""So many lines of sales.csv have one cell too many or too few."""


class Dirt:
    """Spoils rows of one table, no row twice, and keeps the count of each kind."""

    def __init__(self, name: str, frame: pd.DataFrame, *, spare: pd.Series | None = None) -> None:
        """``spare`` marks rows that stay as they are."""
        self.frame, self.counts = frame.copy(), {}
        self.rng = stream(f"dirt {name}")
        free = np.arange(len(frame)) if spare is None else np.flatnonzero(~spare)
        self.free = list(self.rng.permutation(free))

    def cells(self, kind: str, column: str, values: list) -> None:
        """Write ``values`` (texts, or functions of the old text) into as many cells of ``column``."""
        for value in values:
            row = self.free.pop()
            old = self.frame.at[row, column]
            self.frame.at[row, column] = value(old) if callable(value) else value
        self.counts[kind] = self.counts.get(kind, 0) + len(values)

    def same(self, kind: str, columns: tuple[str, ...], value: str, times: int) -> None:
        """Write one value into all of ``columns`` in ``times`` rows: answers ticked straight down the page."""
        for _ in range(times):
            self.frame.loc[self.free.pop(), list(columns)] = value
        self.counts[kind] = times

    def repeat(self, kind: str, times: int) -> None:
        """Append exact copies of ``times`` rows. Comes last, so that only clean rows are repeated."""
        rows = [self.free.pop() for _ in range(times)]
        self.frame = pd.concat([self.frame, self.frame.loc[rows]], ignore_index=True)
        self.counts[kind] = times


def loose(text: str) -> str:
    """An id or address with another case and stray spaces."""
    return f" {text.lower() if text != text.lower() else text.title()} "


def ending(text: str) -> Callable[[str], str]:
    """Add ``text`` to what a cell says."""
    return lambda old: f"{old} {text}".strip()


def spoil(tables: dict[str, pd.DataFrame]) -> tuple[dict[str, pd.DataFrame], dict[str, dict[str, int]]]:
    """Dirty rows of each kind in small numbers, and their true counts."""
    sales = Dirt("sales", tables["sales"], spare=tables["sales"]["quantity"].str.startswith("-"))
    sales.cells("missing_id", "customer_id", [""] * 7)
    sales.cells("loose_id", "customer_id", [loose] * 9)
    sales.cells("bad_number", "quantity", ["two", "1 pc", "?", "one", "x"])
    sales.cells("infinite_number", "unit_price", ["inf", "1e999"])
    sales.cells("bad_date", "ordered_at", ["2025-02-31 10:00", "not yet", "2025-13-01 09:00", ""])
    sales.cells("future_date", "ordered_at", ["2031-03-04 12:00", "2031-07-01 08:30", "2062-01-01 00:00"])
    sales.cells("negative_price", "unit_price", [lambda old: f"-{old}"] * 3)
    sales.cells("zero_price", "unit_price", ["0.00"] * 4)
    sales.repeat("duplicate_row", 12)

    customers = Dirt("customers", tables["customers"])
    customers.cells("bad_birth_year", "birth_year", ["1850", "19", "2035"])
    customers.cells("loose_id", "customer_id", [loose] * 3)
    customers.repeat("duplicate_row", 4)

    survey = Dirt("survey", tables["survey"])
    survey.cells("out_of_range", "origin", ["7", "0", "55"])
    survey.cells("out_of_range", "compare", ["6", "11", "-1"])
    survey.cells("bad_number", "nps", ["ten", "8/10"])
    survey.same("straight_line", LIKERT, "3", 6)
    survey.cells("unmatched", "email", [f"nobody{i}@example.org" for i in range(11)])
    survey.cells("loose_email", "email", [loose] * 14)
    contact = ("Call +995 555 010 203.", "Write to fern.lamp00@example.org.")
    survey.cells("personal_data", "why_first", [ending(text) for text in contact])
    survey.cells("markup", "why_first", [ending("<script>alert(1)</script>"), lambda old: f"=1+1 {old}"])
    survey.repeat("duplicate_row", 3)

    sessions = Dirt("sessions", tables["sessions"])
    sessions.cells("missing_channel", "channel", [""] * 5)
    sessions.cells("bad_flag", "converted", ["maybe"] * 3)
    service = Dirt("service", tables["service"])
    service.cells("future_date", "at", ["2031-01-01 10:00"])
    service.cells("bad_number", "cost", ["free"])
    dirty = {"sales": sales, "customers": customers, "survey": survey, "sessions": sessions, "service": service}
    spoilt = tables | {name: dirt.frame for name, dirt in dirty.items()}
    return spoilt, {name: dirt.counts for name, dirt in dirty.items()}


def with_ragged_lines(text: str) -> str:
    """Append lines of a width of their own; they are no order of anybody else."""
    lines = [f"C0000{i},O9999{i},L99999{i},2025-03-0{i} 10:00,P0{i},paper,1,4.95" for i in range(1, RAGGED + 1)]
    lines[0] += ",4.95,0.00,,web,2.40,stray"
    return text + "\n".join(lines) + "\n"
