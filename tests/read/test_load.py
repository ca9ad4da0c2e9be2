"""Opening files: every kind, every encoding, exactly; and the files that cannot be opened."""

import datetime as dt
import gzip
import time
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helpers.contracts import DataError
from helpers.read.load import LoadedTables, likely_encoding, load_tables
from helpers.study import load_study

HEADER = "customer_id,order_id,ordered_at,amount"
LINES = ["00123,NA,2025-01-06 10:00,12.50", "null,9007199254740993,2025-01-07,3", "C3,0,2025-01-08,4"]
ORDERS = "\n".join([HEADER, *LINES]) + "\n"


def load(folder: Path, name: str, content: bytes | str | None, more: str = "") -> LoadedTables:
    """Load one file as the sales of a study; ``more`` are further keys of the table, in YAML flow style."""
    if content is not None:
        (folder / name).write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
    (folder / "study.yml").write_text(
        f"study: a\naccept_set_aside: 1\ntables: {{sales: {{path: '{name}'{more}}}}}\n", encoding="utf-8"
    )
    return load_tables(load_study(folder))


def refusal(folder: Path, name: str, content: bytes | str | None, more: str = "") -> str:
    with pytest.raises(DataError) as caught:
        load(folder, name, content, more)
    return str(caught.value)


def codes(tables: LoadedTables) -> dict[str, tuple[str, int]]:
    return {issue.code: (issue.severity, issue.rows) for issue in tables.accounts[0].issues}


def counts(tables: LoadedTables) -> tuple[int, int, int, int]:
    account = tables.accounts[0]
    return account.rows_in, account.rows_used, account.rows_repaired, account.rows_quarantined


def assert_orders(tables: LoadedTables) -> None:
    """The three orders above, exactly, in the types of the contract."""
    sales = tables.frames["sales"]
    assert sales["customer_id"].tolist() == ["00123", "null", "C3"]
    assert sales["order_id"].tolist() == ["NA", "9007199254740993", "0"]
    assert sales["ordered_at"].tolist() == [
        pd.Timestamp("2025-01-06 10:00"),
        pd.Timestamp("2025-01-07"),
        pd.Timestamp("2025-01-08"),
    ]
    assert sales["amount"].tolist() == [12.5, 3, 4]
    assert sales["is_return"].tolist() == [False, False, False]
    assert sales.dtypes.astype(str).to_dict() == {
        "customer_id": "str",
        "order_id": "str",
        "ordered_at": "datetime64[us]",
        "amount": "float64",
        "is_return": "boolean",
    }
    assert sales.index.tolist() == [0, 1, 2]


@pytest.mark.parametrize("sep", [",", ";", "\t", "|"])
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_separators_are_sniffed_and_ids_kept_to_the_letter(tmp_path, sep, ends):
    tables = load(tmp_path, "o.csv", ORDERS.replace(",", sep).replace("\n", ends))
    assert_orders(tables)
    assert counts(tables) == (3, 3, 0, 0)
    assert tables.accounts[0].issues == ()


@pytest.mark.parametrize("marks", [1, 2])
def test_byte_order_marks_are_dropped_and_told(tmp_path, marks):
    quoted = ORDERS.replace("customer_id", '"customer_id"', 1)
    tables = load(tmp_path, "o.csv", b"\xef\xbb\xbf" * marks + quoted.encode())
    assert_orders(tables)
    assert codes(tables) == {"byte_order_mark": ("repaired", 0)}


def test_gzip_is_unpacked_and_a_short_one_refused(tmp_path):
    packed = gzip.compress(ORDERS.encode() * 50)
    assert_orders(load(tmp_path, "o.tsv.gz", gzip.compress(ORDERS.encode())))
    assert "the packed file is cut short or damaged" in refusal(tmp_path, "o.csv.gz", packed[: len(packed) // 2])
    assert "the packed file is cut short or damaged" in refusal(tmp_path, "o.csv.gz", ORDERS)


SCRIPTS = {
    "cp1251": "Клиентская история: покупатель заказал доставку",
    "koi8-r": "Клиентская история: покупатель заказал доставку",
    "cp866": "Клиентская история: покупатель заказал доставку",
    "cp1252": "Käufer aus Köln mögen süße Brötchen, a plain order otherwise",
    "utf-16": "Клиентская история, ქართული, سلام",
}


@pytest.mark.parametrize("encoding", SCRIPTS)
def test_other_encodings_are_refused_with_the_likely_one_and_read_when_stated(tmp_path, encoding):
    text = "\n".join([f"{HEADER},category", f"{LINES[0]},x", f"{LINES[1]},x", f'{LINES[2]},"{SCRIPTS[encoding]}"'])
    told = refusal(tmp_path, "o.csv", text.encode(encoding))
    assert f"State read.encoding: {encoding}" in told or f"state read.encoding: {encoding}" in told
    assert likely_encoding(tmp_path / "o.csv") == encoding
    tables = load(tmp_path, "o.csv", text.encode(encoding), f", read: {{encoding: {encoding}}}")
    assert tables.frames["sales"]["category"].tolist()[2] == SCRIPTS[encoding]


def test_every_script_comes_through_byte_exact(tmp_path):
    texts = [
        "ქართული ენა",
        "Қазақ тілі ә і ң ғ ү ұ қ ө һ",
        "Oʻzbek tili",
        "زبان فارسی\u200c",
        "<b>&amp;</b> 🙂",
        "=1+1",
        " 空 ",
    ]
    lines = [f'C{i},{i},2025-01-06,1,"{text}"' for i, text in enumerate(texts)]
    tables = load(tmp_path, "o.csv", "\n".join([HEADER + ",category", *lines]))
    assert tables.frames["sales"]["category"].tolist() == texts


def test_nul_bytes_and_ragged_rows_are_set_aside_with_their_row_numbers(tmp_path):
    lines = [*LINES, "C4,4,2025-01-09", "C5,5,2025-01-09,5,6", "C6,6,2025\0-01-09,5", "", *LINES]
    tables = load(tmp_path, "o.csv", "\n".join([HEADER, *lines]))
    assert counts(tables) == (9, 6, 0, 3)
    found = {issue.code: issue.first_rows for issue in tables.accounts[0].issues}
    assert found["ragged_row"] == (5, 6)
    assert found["nul_bytes"] == (7,)


@pytest.mark.parametrize("batch", [1, 2, 100])
def test_row_numbers_hold_after_lost_rows_and_from_batch_to_batch(tmp_path, monkeypatch, batch):
    monkeypatch.setattr("helpers.opening.text_files._BATCH", batch)
    lines = [*LINES, "ragged", "", "C4,4,soon,4", *LINES, "C5,5,2025-01-06,much"]
    tables = load(tmp_path, "o.csv", "\n".join([HEADER, *lines]))
    found = {issue.code: issue.first_rows for issue in tables.accounts[0].issues}
    assert found["ragged_row"] == (5,)
    assert found["unreadable_date"] == (7,)
    assert found["unreadable_number"] == (11,)


def test_lines_above_the_header_are_skipped_and_rows_numbered_as_in_a_spreadsheet(tmp_path):
    text = f'Report "of 2025\n\n{ORDERS}C9,9,2025-01-09\n'
    tables = load(tmp_path, "o.csv", text, ", read: {skip_rows: 2}")
    assert_orders(tables)
    assert tables.accounts[0].issues[0].first_rows == (7,)


@pytest.mark.parametrize(
    ("line", "row"),
    [('C4,4,"2025-01-09,4', 5), ('C4,4,"2025"-01-09,4', 5), ('C4,4,"2025-01-09,4\nC5,5,2025-01-09,5\nC6,6,"x,6', 5)],
)
def test_stray_quotation_marks_are_an_error_that_names_the_row(tmp_path, line, row):
    told = refusal(tmp_path, "o.csv", "\n".join([HEADER, *LINES, line, *LINES]))
    assert "stray quotation mark" in told
    assert f"row {row}" in told


def test_a_pair_of_stray_marks_that_swallows_rows_is_an_error(tmp_path):
    told = refusal(tmp_path, "o.csv", "\n".join([HEADER, *LINES, 'C4,4,"2025-01-09,4', '",x,y', *LINES]))
    assert "run over several lines (first: 5)" in told


def test_a_decimal_comma_in_a_comma_separated_file_is_an_error(tmp_path):
    lines = [f"C{i},{i},2025-01-06,{i},50" for i in range(9)]
    assert "decimal comma in a comma-separated file" in refusal(tmp_path, "o.csv", "\n".join([HEADER, *lines, *LINES]))
    quoted = [f'C{i},{i},2025-01-06,"{i},50"' for i in range(9)]
    told = refusal(tmp_path, "o.csv", "\n".join([HEADER, *quoted]))
    assert "column 'amount': decimal comma in a comma-separated file" in told
    stated = load(tmp_path, "o.csv", "\n".join([HEADER, *quoted]), ", read: {decimal: ','}")
    assert stated.frames["sales"]["amount"].tolist() == [i + 0.5 for i in range(9)]


def test_semicolons_with_a_decimal_comma_are_read_and_counted(tmp_path):
    text = ORDERS.replace(",", ";").replace("12.50", "12,50")
    tables = load(tmp_path, "o.csv", text)
    assert_orders(tables)
    assert codes(tables) == {"decimal_comma": ("repaired", 1)}
    assert counts(tables) == (3, 3, 1, 0)


def test_files_of_mostly_ragged_rows_are_not_what_they_seem(tmp_path):
    told = refusal(tmp_path, "o.csv", "\n".join([HEADER, "a,b", "c,d", "e,f,g", LINES[0]]))
    assert "3 of 4 rows have not the header's 4 cells (first rows: 2, 3, 4)" in told


@pytest.mark.parametrize(
    ("content", "told"), [("", "no header"), (HEADER, "only a header"), (HEADER + "\n\n\n", "only a header")]
)
def test_empty_files(tmp_path, content, told):
    assert f"the file is empty ({told}, no rows)" in refusal(tmp_path, "o.csv", content)


def test_unknown_kinds_of_file(tmp_path):
    assert "o.pdf: unknown kind of file; give csv, tsv or txt (also .gz or .zip), xlsx" in refusal(
        tmp_path, "o.pdf", "x"
    )
    assert "o.xls: not a readable workbook" in refusal(tmp_path, "o.xls", "x")


# --- workbooks and Parquet ---------------------------------------------------------------------------------------


def workbook(file: Path, rows: list[list[object]], **sheets: list[list[object]]) -> None:
    book = openpyxl.Workbook()
    book.active.title = "Orders"
    for row in rows:
        book.active.append(row)
    for title, more in sheets.items():
        sheet = book.create_sheet(title)
        for row in more:
            sheet.append(row)
    book.save(file)


ROWS = [
    HEADER.split(","),
    ["00123", "NA", dt.datetime(2025, 1, 6, 10), 12.5],
    ["null", "9007199254740993", dt.date(2025, 1, 7), 3],
    ["C3", 0, "2025-01-08", "4"],
]


def test_workbooks_keep_dates_numbers_and_ids(tmp_path):
    workbook(tmp_path / "o.xlsx", ROWS)
    tables = load(tmp_path, "o.xlsx", None)
    assert_orders(tables)
    assert tables.accounts[0].issues == ()


def test_empty_rows_of_a_sheet_are_no_records_and_cells_beyond_the_header_are_told(tmp_path):
    workbook(tmp_path / "o.xlsx", [*ROWS, [None] * 4, ["C4", 4, "2025-01-09", 4, "note"], [None, None, None, None]])
    tables = load(tmp_path, "o.xlsx", None)
    assert counts(tables) == (4, 3, 0, 1)
    assert tables.accounts[0].issues[0].first_rows == (6,)


def test_text_with_a_decimal_comma_beside_true_numbers(tmp_path):
    rows = [ROWS[0], ["A", 1, "2025-01-06", 12.5], ["B", 2, "2025-01-06", "12,5"], ["C", 3, 45663, 1]]
    workbook(tmp_path / "o.xlsx", rows)
    sales = load(tmp_path, "o.xlsx", None).frames["sales"]
    assert sales["amount"].tolist() == [12.5, 12.5, 1]
    assert sales["ordered_at"].tolist()[2] == pd.Timestamp("2025-01-06")  # Excel's serial day number


def test_which_sheet_must_be_stated_where_there_are_several(tmp_path):
    workbook(tmp_path / "o.xlsx", [["x"]], Lines=ROWS)
    assert "2 sheets with cells; state read.sheet, one of: 'Orders', 'Lines'" in refusal(tmp_path, "o.xlsx", None)
    assert "no sheet 'Line'; state read.sheet" in refusal(tmp_path, "o.xlsx", None, ", read: {sheet: Line}")
    assert_orders(load(tmp_path, "o.xlsx", None, ", read: {sheet: Lines}"))


def test_a_broken_workbook(tmp_path):
    assert "not a readable workbook" in refusal(tmp_path, "o.xlsx", b"PK\x03\x04 broken")


def parquet_orders() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "customer_id": ["00123", "null", "C3"],
            "order_id": ["NA", "9007199254740993", "0"],
            "ordered_at": pd.to_datetime(["2025-01-06 10:00", "2025-01-07 00:00", "2025-01-08 00:00"]),
            "amount": [12.5, 3, 4],
        }
    )


def test_parquet_files_and_folders(tmp_path):
    frame = parquet_orders()
    frame.to_parquet(tmp_path / "o.parquet")
    assert_orders(load(tmp_path, "o.parquet", None))
    (tmp_path / "parts").mkdir()
    frame[:1].to_parquet(tmp_path / "parts" / "a.parquet")
    frame[1:].to_parquet(tmp_path / "parts" / "b.parquet")
    assert_orders(load(tmp_path, "parts", None))


def test_numbers_as_ids_in_parquet_become_exact_text(tmp_path):
    frame = parquet_orders().assign(customer_id=[2**53 + 1, 7, 8], order_id=[1.0, np.nan, 3.0])
    frame.assign(category=pd.Categorical(["x", "y", "x"])).to_parquet(tmp_path / "o.parquet")
    with pytest.raises(DataError, match="2 customers in usable rows; need at least 3"):
        load(tmp_path, "o.parquet", None)  # the second row has no order id
    frame.assign(order_id=[1.0, 2.0, 3.0]).to_parquet(tmp_path / "o.parquet")
    sales = load(tmp_path, "o.parquet", None).frames["sales"]
    assert sales["customer_id"].tolist() == ["9007199254740993", "7", "8"]
    assert sales["order_id"].tolist() == ["1", "2", "3"]


def test_nested_binary_and_truncated_parquet(tmp_path):
    parquet_orders().assign(category=[["a"], ["b"], []]).to_parquet(tmp_path / "o.parquet")
    assert "column 'category': holds list" in refusal(tmp_path, "o.parquet", None)
    whole = (tmp_path / "o.parquet").read_bytes()
    assert "not readable Parquet" in refusal(tmp_path, "o.parquet", whole[: len(whole) // 2])


def test_zoned_times_in_parquet_go_to_the_declared_zone(tmp_path):
    frame = parquet_orders()
    frame["ordered_at"] = frame["ordered_at"].dt.tz_localize("UTC")
    frame.to_parquet(tmp_path / "o.parquet")
    sales = load(tmp_path, "o.parquet", None, ", read: {timezone: Asia/Tbilisi}").frames["sales"]
    assert sales["ordered_at"].tolist()[0] == pd.Timestamp("2025-01-06 14:00")


# --- the account of rows -----------------------------------------------------------------------------------------

CELLS = {
    "customer": st.sampled_from(["c1", "C1", "c2", " c2", "c3", "", "00123", "NA"]),
    "order": st.sampled_from(["1", "2", "3", ""]),
    "time": st.sampled_from(["2025-01-06", "2025-01-06 10:00", "45663", "soon", "", "2099-01-01"]),
    "amount": st.sampled_from(["1", "2.5", "-1", "0", "€3", "x", "", "1e308"]),
    "line": st.sampled_from(["1", "2", "3"]),
}
RECORD = st.tuples(*CELLS.values())
BASE = [("c1", "1", "2025-01-06", "1", "9"), ("c2", "1", "2025-01-06", "1", "9"), ("c3", "1", "2025-01-06", "1", "9")]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(records=st.lists(RECORD, max_size=10), ragged=st.integers(0, 3), data=st.data())
def test_every_row_is_accounted_for_and_the_order_of_rows_does_not_matter(tmp_path, records, ragged, data):
    lines = [",".join(record) for record in [*BASE * 8, *records]] + ["a,b"] * ragged
    shuffled = data.draw(st.permutations(lines))
    header = "customer_id,order_id,ordered_at,amount,line_id\n"
    first, second = (load(tmp_path, "o.csv", header + "\n".join(some) + "\n") for some in (lines, shuffled))
    rows_in, used, repaired, aside = counts(first)
    assert rows_in == len(lines)
    assert rows_in == used + aside
    assert repaired <= used == len(first.frames["sales"])
    assert counts(second) == counts(first)
    assert codes(second) == codes(first)
    columns = list(first.frames["sales"])
    same = [tables.frames["sales"].sort_values(columns, ignore_index=True) for tables in (first, second)]
    pd.testing.assert_frame_equal(*same)


def test_a_hundred_thousand_lines_take_seconds(tmp_path):
    size = 100_000
    frame = pd.DataFrame({"customer_id": [f"C{i % 5000}" for i in range(size)], "order_id": np.arange(size) // 3})
    frame["ordered_at"] = pd.Timestamp("2025-01-06") + pd.to_timedelta(np.arange(size), unit="min")
    frame["amount"] = np.arange(size) / 100 + 1
    frame.to_csv(tmp_path / "o.csv", index=False)
    start = time.process_time()
    sales = load(tmp_path, "o.csv", None).frames["sales"]
    assert time.process_time() - start < 20
    assert sales["amount"].sum() == pytest.approx(frame["amount"].sum())
