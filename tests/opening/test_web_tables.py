"""Pages and XML that shops call a workbook, and cells of workbooks that hold an error."""

import openpyxl
import pytest

from helpers.contracts import DataError
from helpers.read.load import how_to_read, open_table
from helpers.sources import Reading
from helpers.words import say

PAGE = """<html><head><meta charset="{charset}"></head><body><table><tr><td>menu</td></tr></table>
<table><tr><td colspan="3">Продажи</td></tr><tr><th>Дата</th><th>Клиент</th><th>Сумма</th></tr>
<tr><td rowspan="2">05.01.2024</td><td>Аня &amp; Ко</td><td>1 234,50</td></tr><tr><td>Б</td><td>3</td></tr></table>
</body></html>"""
XML = """<?xml version="1.0" encoding="utf-8"?><?mso-application progid="Excel.Sheet"?>
<Workbook xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="S"><Table>
<Row><Cell><Data>Day</Data></Cell><Cell><Data>Who</Data></Cell><Cell><Data>Sum</Data></Cell></Row>
<Row><Cell><Data>2024-01-05</Data></Cell><Cell ss:Index="3"><Data>4.5</Data></Cell></Row></Table>
</Worksheet></Workbook>"""


@pytest.mark.parametrize("charset", ["utf-8", "windows-1251"])
def test_the_largest_table_of_a_page_is_read_whatever_it_is_called(tmp_path, charset):
    file = tmp_path / "export.xls"
    file.write_bytes(PAGE.format(charset=charset).encode(charset))
    read, why = how_to_read(file)
    assert read == {"skip_rows": 1}
    assert why[0].startswith("it is a web page or XML")
    raw = open_table(file, file.name, Reading(**read))
    assert raw.headers == ("Дата", "Клиент", "Сумма")
    assert raw.frame.to_numpy().tolist() == [["05.01.2024", "Аня & Ко", "1 234,50"], ["", "Б", "3"]]
    assert raw.rows.tolist() == [3, 4]


def test_xml_of_old_excel_is_read_with_its_gaps(tmp_path):
    file = tmp_path / "export.xls"
    file.write_text(XML, encoding="utf-8")
    raw = open_table(file, file.name, Reading(**how_to_read(file)[0]))
    assert raw.frame.to_dict("list") == {"Day": ["2024-01-05"], "Who": [""], "Sum": ["4.5"]}


def test_a_page_without_a_table_is_refused_with_what_to_do(tmp_path):
    file = tmp_path / "export.xls"
    file.write_text("<html><body><h1>Log in</h1></body></html>", encoding="utf-8")
    with pytest.raises(DataError, match="export again as"):
        how_to_read(file)
    with pytest.raises(DataError, match="without a table, perhaps the page to log in"):
        open_table(file, file.name, Reading())


def test_errors_of_a_sheet_are_told_by_column(tmp_path):
    book = openpyxl.Workbook()
    for row in [["Day", "Sum"], ["2024-01-05", 3], ["2024-01-06", "#REF!"], ["2024-01-07", "#N/A"], ["2024-01-08", 4]]:
        book.active.append(row)
    for cell in ("B3", "B4"):
        book.active[cell].data_type = "e"
    book.save(tmp_path / "o.xlsx")
    (issue,) = open_table(tmp_path / "o.xlsx", "o.xlsx", Reading()).issues
    assert (issue.code, issue.column, issue.rows, issue.first_rows) == ("error_cell", "Sum", 2, (3, 4))
    assert issue.text == say("opening.error_cell", n=2, kinds=["#N/A", "#REF!"])
