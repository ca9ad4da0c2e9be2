"""Where a table begins, and files of other programs."""

import json
import zipfile

import numpy as np
import openpyxl
import pandas as pd
import pyreadstat
import pytest

from helpers.contracts import DataError
from helpers.opening.layout import header_place
from helpers.read.load import how_to_read, open_table
from helpers.sources import Reading

TITLES = ["Sales of a year", "Company: A, B", ""]
TABLE = ["Date;Client;Sum", "06.01.2025;A;3,50", "07.01.2025;B;4"]


def refusal(file, **reading) -> str:
    with pytest.raises(DataError) as caught:
        open_table(file, file.name, Reading(**reading))
    return str(caught.value)


def test_the_header_below_title_rows_is_named_and_found_by_init(tmp_path):
    file = tmp_path / "o.csv"
    file.write_text("\n".join(TITLES + TABLE), encoding="utf-8")
    told = refusal(file)
    assert "row 4 seems to be the header (Date, Client, Sum)" in told
    assert told.endswith("state read.skip_rows: 3")
    read, _ = how_to_read(file)
    assert read == {"sep": ";", "skip_rows": 3}
    raw = open_table(file, "o.csv", Reading(**read))
    assert raw.headers == ("Date", "Client", "Sum")
    assert raw.rows.tolist() == [5, 6]


def test_title_rows_of_a_sheet_are_counted_with_its_blank_rows(tmp_path):
    book = openpyxl.Workbook()
    for row in [["Sales"], [], ["Date", "Client", "Sum"], ["06.01.2025", "A", 3], ["07.01.2025", "B", 4]]:
        book.active.append(row)
    book.save(tmp_path / "o.xlsx")
    assert "state read.skip_rows: 2" in refusal(tmp_path / "o.xlsx")
    assert how_to_read(tmp_path / "o.xlsx")[0] == {"skip_rows": 2}
    assert open_table(tmp_path / "o.xlsx", "o.xlsx", Reading(skip_rows=2)).rows.tolist() == [4, 5]


@pytest.mark.parametrize(
    ("rows", "place"),
    [
        ([["a", "b", "c"], ["1", "", ""], ["2", "3", "4"]], 0),  # a header is never below a full row
        ([["Period", "2025", ""], ["a", "b", "c"], ["1", "2", "3"]], 0),  # nearly as full: it may be a header
        ([["Report", "", "", ""], ["a", "b", "c", "d"], ["1", "2", "3", "4"]], 1),
        ([["Report", "", "", ""], ["1", "2", "3", "4"], ["5", "6", "7", "8"]], 0),  # no names below
        ([], 0),
    ],
)
def test_header_place(rows, place):
    assert header_place(rows) == place


def test_a_line_that_names_the_separator_is_obeyed(tmp_path):
    file = tmp_path / "o.csv"
    file.write_text("\ufeffsep=;\n" + "\n".join(TABLE), encoding="utf-8")
    raw = open_table(file, "o.csv", Reading())
    assert raw.frame["Sum"].tolist() == ["3,50", "4"]
    assert raw.rows.tolist() == [3, 4]
    assert open_table(file, "o.csv", Reading(skip_rows=1)).headers == raw.headers


def test_damaged_utf_8_names_its_lines(tmp_path):
    file = tmp_path / "o.csv"
    lines = ["Kunde;Größe", *["Müller;groß"] * 5, "Jörg;süß", "Käthe;grün", "Bär;blöd"]
    file.write_bytes("\n".join(lines).encode() + b"\nM\xfcller;x\n")
    assert "UTF-8, but for damaged letters in 1 line (first: 10)" in refusal(file)


def test_an_archive_of_one_file_is_unpacked_and_of_two_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "o.zip", "w") as archive:
        archive.writestr("export/o.csv", "\n".join(TABLE))
    assert open_table(tmp_path / "o.zip", "o.zip", Reading()).frame["Client"].tolist() == ["A", "B"]
    with zipfile.ZipFile(tmp_path / "two.zip", "w") as archive:
        archive.writestr("a.csv", "x")
        archive.writestr("b.csv", "x")
    assert "an archive of 2 files (a.csv, b.csv); unpack it" in refusal(tmp_path / "two.zip")


def test_a_text_file_or_a_web_page_that_is_called_xls(tmp_path):
    (tmp_path / "o.xls").write_text("\n".join(TABLE), encoding="utf-8")
    assert open_table(tmp_path / "o.xls", "o.xls", Reading()).headers == ("Date", "Client", "Sum")
    (tmp_path / "p.xls").write_text("<html><table></table></html>", encoding="utf-8")
    assert "a web page without a table; export it again as xlsx or CSV" in refusal(tmp_path / "p.xls")


def test_true_dates_are_told_from_texts(tmp_path):
    book = openpyxl.Workbook()
    for row in [["Date", "Sum"], [pd.Timestamp("2025-02-01").to_pydatetime(), 1], ["13.02.2025", 2]]:
        book.active.append(row)
    book.save(tmp_path / "o.xlsx")
    raw = open_table(tmp_path / "o.xlsx", "o.xlsx", Reading())
    assert raw.frame["Date"].tolist() == ["2025-02-01", "13.02.2025"]
    assert {name: marks.tolist() for name, marks in raw.dated.items()} == {"Date": [True, False]}


def test_a_sheet_of_an_open_document(tmp_path):
    office = "urn:oasis:names:tc:opendocument:xmlns"
    names = " ".join(f'xmlns:{short}="{office}:{short}:1.0"' for short in ("office", "table", "text"))

    def cell(value: str) -> str:
        return f'<table:table-cell office:value-type="string"><text:p>{value}</text:p></table:table-cell>'

    rows = "".join(
        f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in (["Id", "Қала"], ["007", "A"])
    )
    content = f"<office:document-content {names}><office:body><office:spreadsheet>"
    content += (
        f'<table:table table:name="S">{rows}</table:table></office:spreadsheet></office:body></office:document-content>'
    )
    with zipfile.ZipFile(tmp_path / "o.ods", "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", f'<manifest:manifest xmlns:manifest="{office}:manifest:1.0"/>')
        archive.writestr("content.xml", content)
    raw = open_table(tmp_path / "o.ods", "o.ods", Reading())
    assert raw.frame.to_dict("list") == {"Id": ["007"], "Қала": ["A"]}


@pytest.mark.parametrize("ending", ["sav", "dta"])
def test_labels_of_spss_and_stata_are_the_answers(tmp_path, ending):
    frame = pd.DataFrame({"id": [1.0, 2.0, 3.0], "q1": [1.0, 5.0, np.nan], "t": ["a", "б", ""]})
    labels = {"q1": {1: "Bad", 5: "Good"}}
    file = tmp_path / f"s.{ending}"
    if ending == "sav":
        frame.loc[2, "q1"] = 99.0
        pyreadstat.write_sav(
            frame, file, column_labels=["", "How good?", ""], variable_value_labels=labels, missing_ranges={"q1": [99]}
        )
    else:
        pyreadstat.write_dta(frame, file, column_labels=["", "How good?", ""], variable_value_labels=labels)
    raw = open_table(file, file.name, Reading())
    assert raw.frame.to_dict("list") == {"id": ["1", "2", "3"], "q1": ["Bad", "Good", ""], "t": ["a", "б", ""]}
    assert raw.asked == {"q1": ("How good?", "")}


@pytest.mark.parametrize(("packed", "rows"), [(False, 50_000_000), (True, 50_000_000)])
def test_rows_for_which_a_file_of_spss_has_no_room_are_refused_at_once(tmp_path, packed, rows):
    """The library would make room for all of them first: a minute and 17 GB for half a billion rows of four columns."""
    file = tmp_path / "s.sav"
    frame = pd.DataFrame({"id": [1.0, 2.0] * 500, "t": ["a", "b"] * 500})
    pyreadstat.write_sav(frame, file, compress=packed)
    assert len(open_table(file, "s.sav", Reading()).frame) == 1000
    content = bytearray(file.read_bytes())
    assert content[80:84] == (1000).to_bytes(4, "little")  # where the format states its cases
    content[80:84] = rows.to_bytes(4, "little")
    file.write_bytes(content)
    assert f"it says that it has {rows:,} rows, for which its {len(content):,} bytes have no room" in refusal(file)


def test_records_of_json_keep_their_digits(tmp_path):
    records = [{"id": 9007199254740993, "sum": 1.50, "who": {"mail": "a@b.c"}}, {"id": 2, "tags": ["x", "y"]}]
    lines = "\n".join(map(json.dumps, records)).replace("1.5,", "1.50,")
    (tmp_path / "o.jsonl").write_text(lines, encoding="utf-8")
    raw = open_table(tmp_path / "o.jsonl", "o.jsonl", Reading())
    cells = {"id": ["9007199254740993", "2"], "sum": ["1.50", ""], "who.mail": ["a@b.c", ""], "tags": ["", "x;y"]}
    assert raw.frame.to_dict("list") == cells
    (tmp_path / "o.json").write_text(json.dumps(records), encoding="utf-8")
    assert open_table(tmp_path / "o.json", "o.json", Reading()).frame["who.mail"].tolist() == ["a@b.c", ""]
    (tmp_path / "p.json").write_text('{"a": 1', encoding="utf-8")
    assert "not readable as records of JSON" in refusal(tmp_path / "p.json")
