"""One table from several files and sheets: stacked, overlaps once, filled down, looked up."""

import openpyxl
import pytest

from helpers.contracts import DataError
from helpers.read.load import how_to_read, load_tables, open_source
from helpers.sources import Lookup, Reading, TableSource
from helpers.study import load_study
from helpers.words import ENGLISH

HEADER = "order_id,customer_id,ordered_at,amount"


def write(folder, **files: list[str]) -> None:
    for name, lines in files.items():
        (folder / f"{name}.csv").write_text("\n".join(lines), encoding="utf-8")


def lines(first: int, last: int) -> list[str]:
    return [f"{n},c{n % 4},2025-01-{n:02},{n}" for n in range(first, last + 1)]


def test_two_files_are_one_table_and_messages_name_the_file(tmp_path):
    write(tmp_path, a=[HEADER, *lines(1, 4), "5,c1,soon,5"], b=[HEADER, *lines(6, 9), "10,c2,later,1"])
    (tmp_path / "study.yml").write_text(
        "study: a\naccept_set_aside: 0.5\ntables: {sales: {path: [a.csv, b.csv]}}\n", encoding="utf-8"
    )
    tables = load_tables(load_study(tmp_path))
    account = tables.accounts[0]
    assert (account.rows_in, account.rows_used) == (10, 8)
    texts = {issue.code: issue.text for issue in account.issues}
    assert ENGLISH.tell(texts["unreadable_date"]).endswith("(a.csv 6; b.csv 6)")


def test_rows_that_stand_in_two_files_count_once(tmp_path):
    twice = "3,c3,2025-01-03,3"
    write(tmp_path, a=[HEADER, *lines(1, 3), twice], b=[HEADER, twice, *lines(3, 6)])
    raw = open_source(tmp_path, TableSource(path=["a.csv", "b.csv"]))
    assert raw.frame["order_id"].tolist() == ["1", "2", "3", "3", "4", "5", "6"]  # two equal lines of one order stay
    assert [(issue.code, issue.rows) for issue in raw.issues] == [("overlap", 2)]


def test_numbers_that_begin_anew_in_the_second_file_are_refused(tmp_path):
    write(tmp_path, a=[HEADER, *lines(1, 5)], b=[HEADER, *(line + "0" for line in lines(1, 5))])
    with pytest.raises(DataError, match="5 numbers stand in several files or sheets with other cells"):
        open_source(tmp_path, TableSource(path=["a.csv", "b.csv"]))


def test_an_order_that_is_cut_in_two_by_the_end_of_a_file_is_whole(tmp_path):
    write(tmp_path, a=[HEADER, *lines(1, 3)], b=[HEADER, "3,c3,2025-01-03,8", *lines(4, 6)])
    assert len(open_source(tmp_path, TableSource(path=["a.csv", "b.csv"])).rows) == 7


def test_files_of_other_columns_are_refused_and_a_lacking_one_is_told(tmp_path):
    longer = [f"{line},x" for line in lines(5, 8)]
    write(tmp_path, a=[HEADER, *lines(1, 4)], b=[HEADER + ",category", *longer], c=["x,y", "1,2"])
    raw = open_source(tmp_path, TableSource(path=["a.csv", "b.csv"]))
    assert raw.frame["category"].tolist() == [""] * 4 + ["x"] * 4
    assert [ENGLISH.tell(issue.text) for issue in raw.issues] == [
        "a.csv has no column 'category'; it is empty in its rows"
    ]
    with pytest.raises(DataError, match=r"a\.csv and c\.csv are not one table: only the first has order_id"):
        open_source(tmp_path, TableSource(path=["a.csv", "c.csv"]))


def test_sheets_of_one_layout_are_found_and_stacked(tmp_path):
    book = openpyxl.Workbook()
    for title, rows in {"2009": lines(1, 3), "2010": lines(4, 8), "Notes": ["a,b"]}.items():
        sheet = book.create_sheet(title)
        for row in [HEADER, *rows] if title != "Notes" else rows:
            sheet.append(row.split(","))
    del book["Sheet"]
    book.save(tmp_path / "o.xlsx")
    assert how_to_read(tmp_path / "o.xlsx")[0] == {"sheet": ["2009", "2010"]}
    raw = open_source(tmp_path, TableSource(path="o.xlsx", read=Reading(sheet=[2009, 2010])))
    assert len(raw.rows) == 8
    assert [part.name for part in raw.parts] == ["o.xlsx [2009]", "o.xlsx [2010]"]


def test_cells_of_an_order_are_filled_down_within_it(tmp_path):
    rows = ["1,c1,2025-01-06,5", ",,,6", "2,,2025-01-07,7", ",,,8"]
    write(tmp_path, a=[HEADER, *rows])
    reading = Reading(fill_down=["ordered_at", "customer_id", "order_id"])
    frame = open_source(tmp_path, TableSource(path="a.csv", read=reading)).frame
    assert frame["order_id"].tolist() == ["1", "1", "2", "2"]
    assert frame["customer_id"].tolist() == ["c1", "c1", "", ""]  # the second order has no customer
    assert frame["ordered_at"].tolist() == ["2025-01-06"] * 2 + ["2025-01-07"] * 2


def test_columns_are_looked_up_by_a_key_with_one_row(tmp_path):
    items = ["order_id,price", "1,3", "1,4", "2,5", "9,6"]
    write(tmp_path, items=items, orders=["order_id,customer_id", "1,a", "2,b"], twice=["order_id,who", "1,a", "1,b"])
    source = TableSource(path="items.csv", lookup=[Lookup(path="orders.csv", on="order_id")])
    raw = open_source(tmp_path, source)
    assert raw.frame["customer_id"].tolist() == ["a", "a", "b", ""]
    assert [(issue.code, issue.rows, issue.first_rows) for issue in raw.issues] == [("not_looked_up", 1, (5,))]
    with pytest.raises(DataError, match="1 key has several rows that differ"):
        open_source(tmp_path, TableSource(path="items.csv", lookup=[Lookup(path="twice.csv", on="order_id")]))
