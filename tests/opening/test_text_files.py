"""Lines that are read many at once are the records that Python's csv reads one by one."""

from __future__ import annotations

import csv

import numpy as np
import pandas as pd
import pytest

from helpers.contracts import DataError
from helpers.opening import text_files
from helpers.opening.text_files import open_text
from helpers.sources import Reading
from helpers.written.numbers import numbers

ODD = {
    "none": {},
    "blank": {130: "\n", 131: "\r\n"},
    "ragged": {140: "only one\n", 260: "a,b,c,d\n"},
    "nul": {150: "a\0,b,c\n"},
    "quoted": {160: '"x, y",b,c\n', 170: '"two\n', 171: 'lines",b,c\n', 180: 'stray 5" pipe,b,c\n'},
    "across two batches": {214: '"two\n', 215: 'lines",b,c\n'},
    "all": {130: "\n", 140: "only one\n", 150: "a\0,b,c\n", 170: '"two\n', 171: 'lines",b,c\n', 300: "\n"},
    "spaces": {133: " , ,\n", 134: "\u00a0,ü,\u2028\n", 135: "a,b\x0b,c\x85\n"},
}


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_batches_are_what_csv_reads_record_by_record(tmp_path, monkeypatch, odd, end):
    monkeypatch.setattr(text_files, "_BATCH", 50)
    lines = [f"k{place},{place * 7 % 31}.50,name {place}\n" for place in range(400)]
    for place, line in ODD[odd].items():
        lines[place] = line
    file = tmp_path / "sales.csv"
    file.write_bytes("".join(["key,amount,text\n", *lines]).replace("\n", end).encode())
    with file.open(encoding="utf-8", newline="") as stream:
        records = list(enumerate(csv.reader(stream, strict=True), 1))[1:]
    whole = [(row, record) for row, record in records if len(record) == 3 and "\0" not in "".join(record)]
    raw = open_text(file, file.name, Reading(sep=","), None)
    assert raw.frame.to_numpy().tolist() == [record for _, record in whole]
    assert raw.rows.tolist() == [row for row, _ in whole]
    assert raw.lost == sum(bool(record) for _, record in records) - len(whole)


def test_a_cell_that_csv_refuses_is_refused_far_down_too(tmp_path):
    file = tmp_path / "sales.csv"
    file.write_text("key,amount\n" + "k,1\n" * 600 + f"{'x' * (csv.field_size_limit() + 1)},1\n")
    with pytest.raises(DataError, match="row 602"):
        open_text(file, file.name, Reading(sep=","), None)


def test_numbers_read_at_once_are_those_read_one_by_one():
    rng = np.random.default_rng(0)
    values = np.concatenate([rng.lognormal(0, 8, 500), -rng.random(500), rng.integers(0, 10**15, 500).astype(float)])
    cells = pd.Series([repr(float(value)) for value in values], dtype="str")
    assert np.array_equal(numbers(cells).values.to_numpy(dtype=float), values)
    odd = pd.concat([cells, pd.Series([" 1 ", "", "x"], dtype="str")], ignore_index=True)
    assert numbers(odd).values.to_numpy(dtype=float, na_value=np.nan)[-3] == 1.0
