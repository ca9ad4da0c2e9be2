"""Totals, second headers and headings: set aside where words and numbers, or numbers and blanks, agree."""

import pytest

from helpers.contracts import DataError
from helpers.read.load import open_table
from helpers.sources import Reading

HEADER = "Order,Date,Client,Product,Sum"
LINES = [f"{n},2025-01-{n:02},c{n},Tea {n},{n}.50" for n in range(1, 10)]
TOTAL = "49.50"


def opened(tmp_path, lines: list[str], header: str = HEADER):
    (tmp_path / "o.csv").write_text("\n".join([header, *lines]), encoding="utf-8")
    return open_table(tmp_path / "o.csv", "o.csv", Reading())


def told(raw) -> dict[str, tuple[int, ...]]:
    return {issue.code: (issue.rows, *issue.first_rows) for issue in raw.issues}


@pytest.mark.parametrize("word", ["Total", "ИТОГО:", "Всего", "Summe", "Jami", "Барлығы", "სულ", "جمع", "Grand Total"])
@pytest.mark.parametrize("shape", ["{word},,,,{total}", ",,,{word},{total}"])
def test_a_total_at_the_end_in_any_language(tmp_path, word, shape):
    raw = opened(tmp_path, [*LINES, shape.format(word=word, total=TOTAL)])
    assert told(raw) == {"total_row": (1, 11)}
    assert (len(raw.rows), raw.lost) == (9, 1)


def test_subtotals_that_fill_every_cell_are_known_by_their_sums(tmp_path):
    days = [[f"2025-01-{d:02},c{n},{n}" for n in range(1, d + 1)] for d in (2, 3, 1)]
    lines = [
        line for d, day in zip((2, 3, 1), days, strict=True) for line in [*day, f"x,Total of {d},{sum(range(d + 1))}"]
    ]
    assert told(opened(tmp_path, lines, "Date,Client,Sum")) == {"total_row": (3, 4, 8, 10)}


def test_a_product_or_a_customer_called_total_stays(tmp_path):
    lines = [*LINES, "10,2025-01-10,Total,Total Repair,3", "11,2025-01-11,Total,Tea,49.50", "12,2025-01-12,Total,Tea,7"]
    raw = opened(tmp_path, lines)
    assert len(raw.rows) == 12
    assert told(raw) == {"total_word": (3, 11, 12, 13)}


def test_a_total_without_a_word_is_known_by_blanks_and_its_sum(tmp_path):
    assert told(opened(tmp_path, [*LINES, f",,,,{TOTAL}"])) == {"total_row": (1, 11)}
    assert told(opened(tmp_path, [*LINES, ",,,,48"])) == {}  # no sum: left to what is asked of a row


def test_order_cells_on_the_first_line_only_are_no_totals(tmp_path):
    lines = [
        line for n in range(1, 9) for line in (f"{n},2025-01-06,c{n},Tea,{n}", f",,,Pot,{n + 1}", f",,,Total care,{n}")
    ]
    raw = opened(tmp_path, lines)
    assert (len(raw.rows), told(raw)) == (24, {})


def test_headings_of_a_grouped_report_are_read_into_their_rows(tmp_path):
    groups = {"Ann": [1, 2, 4], "Bob": [5, 6], "Cid": [8, 9, 10]}
    lines = []
    for name, sums in groups.items():
        lines += [f"{name},,,{sum(sums)}", *(f",doc {value},2025-01-06,{value}" for value in sums)]
    raw = opened(tmp_path, [*lines, "Total,,,45"], "Client,Doc,Date,Sum")
    assert raw.frame["Client"].tolist() == ["Ann"] * 3 + ["Bob"] * 2 + ["Cid"] * 3
    assert told(raw) == {"total_row": (1, 13), "group_heading": (3, 2, 6, 9)}


def test_a_second_header_is_set_aside_and_one_in_another_order_refused(tmp_path):
    raw = opened(tmp_path, [*LINES[:4], HEADER, *LINES[4:]])
    assert told(raw) == {"repeated_header": (1, 6)}
    assert [part.start for part in raw.parts] == [0, 4]
    with pytest.raises(DataError, match="row 6 is a second header with its columns in another order"):
        opened(tmp_path, [*LINES[:4], "Date,Order,Client,Product,Sum", *LINES[4:]])


def test_headings_of_two_levels_and_headings_without_sums(tmp_path):
    lines = []
    for name in ("Ann", "Bob", "Cid"):
        lines += [f"{name},,,{4 * ord(name[0])}"]
        for doc in (1, 3):
            lines += [f",{name} {doc},,{doc * ord(name[0])}"]
            lines += [f",,Tea,{doc * ord(name[0]) - 5}", ",,Pot,5"]
    raw = opened(tmp_path, lines, "Client,Doc,Product,Sum")
    assert raw.frame["Client"].tolist() == ["Ann"] * 4 + ["Bob"] * 4 + ["Cid"] * 4
    assert raw.frame["Doc"].tolist()[:4] == ["Ann 1", "Ann 1", "Ann 3", "Ann 3"]
    bare = [line for name in ("Ann", "Bob") for line in (f"{name},,,", ",1,Tea,5", ",2,Pot,7", ",3,Mug,9")]
    assert opened(tmp_path, bare, "Client,Doc,Product,Sum").frame["Client"].tolist() == ["Ann"] * 3 + ["Bob"] * 3


def test_groups_inside_one_column_are_refused_with_the_setting_of_1c(tmp_path):
    lines = []
    for n in range(8):
        goods = [(2 + n, 31 + 7 * n), (3, 17 + n), (1, 5)]
        lines += [f"Client {n},{6 + n},{53 + 8 * n}", *(f"Tea {q},{q},{value}" for q, value in goods)]
    with pytest.raises(DataError, match=r"groups stand in one column.*detailed records alone"):
        opened(tmp_path, lines, "Client,Qty,Sum")


def test_rounded_subtotals_are_sums(tmp_path):
    lines = [line for d in range(1, 6) for line in (f"{d},a,{d}1.30", f"{d},b,{d}2.35", f"{d},Total,{2 * d}4")]
    assert told(opened(tmp_path, lines, "Day,Client,Sum")) == {"total_row": (5, 4, 7, 10, 13, 16)}
