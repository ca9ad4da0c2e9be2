"""Faults of what users hand over: each is refused in one sentence with its exit code, or set aside and counted."""

import datetime as dt
import gzip
import time
import zipfile

import nbformat
import pandas as pd
import pytest

from helpers import cli
from helpers.contracts import DataError, StudyError
from helpers.opening.workbooks import open_sheet
from helpers.pages.notebook_page import LARGEST_OUTPUT, notebook_page, sanitise
from helpers.read.load import load_tables
from helpers.report.page import plain_markdown
from helpers.run.checking import check_study
from helpers.sources import Reading
from helpers.study import load_study
from helpers.voice.codebook import read_codebook
from helpers.words import ENGLISH

FIRST = dt.date(2025, 1, 1)


def lines(customers=40, orders=4):
    """Orders of a shop, one line each: customer C01 on day 1, 61, 121, 181, C02 a day later, and so on."""
    rows = [
        (f"C{c:02d}", f"O{c:02d}{o}", (FIRST + dt.timedelta(days=c + 60 * o)).isoformat(), f"{10 + c + o}.50")
        for o in range(orders)
        for c in range(customers)
    ]
    return pd.DataFrame(rows, columns=["customer_id", "order_id", "ordered_at", "amount"])


def study(folder, frame=None, top="", survey=""):
    """A study.yml of these orders."""
    (lines() if frame is None else frame).to_csv(folder / "orders.csv", index=False)
    (folder / "study.yml").write_text(f"study: shop\n{top}\ntables:\n  sales: {{path: orders.csv}}\n{survey}")
    return folder


def ends(capsys, *arguments):
    """Exit code and what was said on standard error and output, of the command itself."""
    with pytest.raises(SystemExit) as ended:
        cli.main(list(map(str, arguments)))
    said = capsys.readouterr()
    return ended.value.code or 0, said.err, said.out


# --- dates, before windows are made -------------------------------------------------------------------------------


@pytest.mark.parametrize("slip", ["1900-02-01", "2015-02-01", "2026-03-01"])
def test_one_mistyped_year_is_set_aside_and_moves_no_window(tmp_path, slip):
    frame = lines()
    frame.loc[5, "ordered_at"] = slip
    seen = check_study(load_study(study(tmp_path, frame)))
    assert seen.fault is None
    assert (seen.totals.first.isoformat(), seen.totals.last.isoformat()) == ("2025-01-01", "2025-08-08")
    (issue,) = [issue for issue in seen.accounts[0].issues if issue.code == "far_date"]
    assert (issue.severity, issue.column, issue.rows, issue.first_rows) == ("quarantined", "ordered_at", 1, (7,))
    assert issue.text.key == "reading.time.far"


def test_a_day_that_the_window_holds_is_not_far_and_returns_after_the_last_order_stay(tmp_path):
    frame = lines()
    frame.loc[5, "ordered_at"] = "2015-02-01"
    window = "window: {start: 2015-01-01, holdout_from: 2025-07-01, as_of: 2025-08-31}"
    kept = load_tables(load_study(study(tmp_path, frame, window)))
    assert len(kept.frames["sales"]) == 160
    back = lines().assign(is_return="no")
    late = back.tail(1).assign(ordered_at="2025-09-20", is_return="yes")
    kept = load_tables(load_study(study(tmp_path, pd.concat([back, late]))))
    assert len(kept.frames["sales"]) == 161


def test_a_shop_with_two_seasons_loses_no_order(tmp_path):
    frame = lines()
    frame.loc[frame.index[:20], "ordered_at"] = "2023-05-01"  # one in eight: no slip
    assert len(load_tables(load_study(study(tmp_path, frame))).frames["sales"]) == 160


# --- study.yml: check knows what run knows ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("top", "says"),
    [
        ("parameters: {99_no: {a: 1}}", '"99_no" is not known'),
        ("parameters: {04_personas: {nope: 1}}", '04_personas has no parameter "nope"'),
        ("hypotheses: {exclude: [nothing]}", "there is no hypothesis 'nothing'"),
        ("hypotheses: {sesoi: {left_digit: -1}}", "must be above 0"),
        ("personas: {k: 8}", "each from 2 to 6"),
        ("seed: 4294967296", "seed: should be less than 4294967296"),
        ("engine: {memory_limit: 1KB}", "memory_limit: 1KB is too little"),
        ("title: !!python/object:os.system x", "line 2: the tag !!python/object:os.system is not allowed"),
    ],
)
def test_what_run_would_refuse_check_refuses(tmp_path, capsys, top, says):
    code, err, _ = ends(capsys, "check", study(tmp_path, top=top))
    assert code == 2
    assert says in err


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ("categorical: [respondent_id]", "respondent_id tells who answered and is no question"),
        ("categorical: [why], numbers: [why]", "'why' stands under numbers, too; keep one of them"),
    ],
)
def test_a_column_that_is_no_question(tmp_path, capsys, asked, says):
    pd.DataFrame({"respondent_id": ["r1"], "why": ["x"]}).to_csv(tmp_path / "s.csv", index=False)
    code, err, _ = ends(capsys, "check", study(tmp_path, survey=f"  survey: {{path: s.csv, {asked}}}\n"))
    assert code == 2
    assert says in err


def test_a_survey_without_any_answer_says_that_nobody_answered(tmp_path, capsys):
    pd.DataFrame({"respondent_id": [f"r{i}" for i in range(30)], "why": ""}).to_csv(tmp_path / "s.csv", index=False)
    code, _, out = ends(capsys, "check", study(tmp_path, survey="  survey: {path: s.csv, categorical: [why]}\n"))
    assert code == 0
    assert "nobody is counted as having answered" in out
    assert "30 people answered" not in out


# --- files --------------------------------------------------------------------------------------------------------


def test_a_cell_that_is_too_long_an_endless_line_and_what_unpacks_to_too_much(tmp_path, capsys, monkeypatch):
    frame = lines()
    frame.loc[3, "order_id"] = "x" * 140_000
    code, err, _ = ends(capsys, "check", study(tmp_path, frame))
    assert code == 3
    assert "a cell has more than 131,072 letters" in err
    (tmp_path / "orders.csv").write_text(lines().to_csv(index=False) * 20 + "C,O,2025-01-01," + "9" * 140_000 + "\n")
    assert "row 3221: a cell has more than" in ends(capsys, "check", tmp_path)[1]
    packed = tmp_path / "orders.csv.gz"
    with gzip.open(packed, "wb") as out:
        out.writelines([b"a" * 1_000_000] * 200)
    (tmp_path / "study.yml").write_text("study: shop\ntables: {sales: {path: orders.csv.gz}}\n")
    for command in (("check", tmp_path), ("init", packed, "--out", tmp_path / "new")):
        code, err, _ = ends(capsys, *command)
        assert code == 3
        assert "a line has more than 10,000,000 letters" in err
    monkeypatch.setattr("helpers.opening.text_files.LEAST_TO_DOUBT", 100_000)
    packed.write_bytes(gzip.compress(lines().to_csv(index=False).encode() + b"C01,O011,2025-01-02,11.50\n" * 200_000))
    assert "unpacks to more than 300 times its size" in ends(capsys, "check", tmp_path)[1]


def with_sheet(file, change):
    """The workbook with its sheet's XML changed."""
    with zipfile.ZipFile(file) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    parts["xl/worksheets/sheet1.xml"] = change(parts["xl/worksheets/sheet1.xml"])
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as book:
        for name, content in parts.items():
            book.writestr(name, content)


def test_a_damaged_sheet_and_a_stray_cell_far_away(tmp_path):
    file = tmp_path / "o.xlsx"
    lines().to_excel(file, index=False)
    with_sheet(file, lambda xml: xml[: len(xml) // 2])
    with pytest.raises(DataError, match=r"o\.xlsx: the sheet 'Sheet1' is damaged"):
        open_sheet(file, "o.xlsx", Reading(), None)
    lines().to_excel(file, index=False)
    far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    with_sheet(file, lambda xml: xml.replace(b"</sheetData>", far))
    with pytest.raises(DataError, match="1,048,576 rows and 16,384 columns, more than 20,000,000 cells"):
        open_sheet(file, "o.xlsx", Reading(), None)


def test_ids_that_a_spreadsheet_has_rounded_are_refused(tmp_path):
    frame = lines().assign(customer_id=[4e15 + 10 * int(c[1:]) for c in lines().customer_id])
    frame.to_excel(tmp_path / "orders.xlsx", index=False)
    (tmp_path / "study.yml").write_text("study: shop\ntables: {sales: {path: orders.xlsx}}\n")
    with pytest.raises(DataError, match="column 'customer_id': ids of more than 15 digits are stored as numbers"):
        load_tables(load_study(tmp_path))


def test_ids_of_parquet_that_are_missing_infinite_or_hold_nul(tmp_path):
    frame = lines()
    frame.loc[0, "customer_id"], frame.loc[1, "order_id"] = None, "a\0b"
    frame.to_parquet(tmp_path / "orders.parquet")
    (tmp_path / "study.yml").write_text("study: shop\ntables: {sales: {path: orders.parquet}}\n")
    account = load_tables(load_study(tmp_path)).accounts[0]
    told = {issue.code: issue.rows for issue in account.issues}
    assert (told["no_person"], told["id_control"], account.rows_repaired) == (1, 1, 0)
    frame = lines().assign(customer_id=[float(c[1:]) for c in lines().customer_id])
    frame.loc[0, "customer_id"] = float("inf")
    frame.to_parquet(tmp_path / "orders.parquet")
    tables = load_tables(load_study(tmp_path))
    assert sorted(tables.frames["sales"]["customer_id"].unique())[:2] == ["1", "10"]  # 0 is nobody
    assert len(tables.nobody) >= 1


@pytest.mark.parametrize(
    ("currency", "cell", "fits"),
    [
        ("USD", "€{}", False),
        ("USD", "{} EUR", False),
        ("€", "{} EUR", True),
        ("CAD", "${}", True),
        ("points", "€{}", True),
    ],
)
def test_money_in_another_currency_than_the_study_says(tmp_path, currency, cell, fits):
    shop = study(tmp_path, lines().assign(amount=lines().amount.map(cell.format)), f"currency: {currency}")
    if fits:
        assert len(load_tables(load_study(shop)).frames["sales"]) == 160
        return
    with pytest.raises(DataError, match=r"column 'amount': money in EUR, and study\.yml says currency: USD"):
        load_tables(load_study(shop))


def test_a_codebook_without_end(tmp_path):
    file = tmp_path / "cb.yml"
    wide = "a0: &a0 [x, x]\n" + "".join(f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]\n" for i in range(1, 40))
    for text, says in (
        ("[" * 100_000, "more than 20 levels"),
        (wide, "anchors and aliases"),
        ("p: {about: barriers, words: {en: [a*a*a*a*a*a*a*a*a*b]}}", "too open a pattern"),
        ("p: {about: barriers, words: {en: ['a ... a ... a ... a ... b']}}", "too open a pattern"),
    ):
        file.write_text(text)
        with pytest.raises(StudyError, match=says):
            read_codebook(file)
    words = "[a*a*a*a*a*a*a*a*b, 'ا* ا* ا* ا* ا* ا* ا*ب']"
    file.write_text(f"p: {{about: barriers, words: {{en: {words}}}}}\n", encoding="utf-8")
    (code,) = read_codebook(file)
    started = time.perf_counter()
    for text in ("a" * 5000, ("a" * 41 + " ") * 50, ("ا" * 41 + " ") * 50):
        assert code.found(text, "barriers") is None
    assert time.perf_counter() - started < 20


# --- what goes out ------------------------------------------------------------------------------------------------


def test_assign_to_a_missing_folder_is_told_before_anything_is_read(tmp_path, capsys):
    (tmp_path / "model.json").write_text('{"schema": 1}')
    code, err, _ = ends(capsys, "assign", tmp_path, tmp_path / "no.yml", "--out", tmp_path / "nowhere" / "a.csv")
    assert code == 73
    assert "nowhere/a.csv: cannot be written (No such file or directory)" in err
    code, err, _ = ends(capsys, "assign", tmp_path, study(tmp_path), "--out", tmp_path / "a.csv")
    assert code == 2
    assert "model.json: damaged" in err


def test_nothing_in_a_file_steers_the_terminal(tmp_path, capsys):
    _, err, out = ends(capsys, "check", study(tmp_path, lines().rename(columns={"amount": "\x1b[2J\x1b[31msum"})))
    assert "\x1b" not in err + out
    assert "\\x1b[2J" in err + out


@pytest.mark.parametrize(
    "text", ["see https://evil.example/x", "WWW.evil.example", "mailto:a@evil.example", "ftp://e.x"]
)
def test_addresses_in_users_text_become_no_links(tmp_path, text):
    cells = [nbformat.v4.new_markdown_cell("# Why?"), nbformat.v4.new_markdown_cell(plain_markdown(text))]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "n.ipynb")
    body = notebook_page(tmp_path / "n.ipynb", ENGLISH).partition("<main")[2]
    assert "<a " not in body
    assert text in body
    assert "<a " in sanitise('<a href="https://ours.example">ours</a>')


def test_what_a_cell_prints_is_not_published_and_what_it_shows_has_a_limit(tmp_path):
    title, cell = nbformat.v4.new_markdown_cell("# Why?"), nbformat.v4.new_code_cell("x")
    cell.outputs = [nbformat.v4.new_output("stream", text="printed " * 10)]
    nbformat.write(nbformat.v4.new_notebook(cells=[title, cell]), tmp_path / "n.ipynb")
    assert "printed" not in notebook_page(tmp_path / "n.ipynb", ENGLISH)
    cell.outputs = [nbformat.v4.new_output("display_data", data={"text/plain": "x" * LARGEST_OUTPUT})]
    nbformat.write(nbformat.v4.new_notebook(cells=[title, cell]), tmp_path / "n.ipynb")
    with pytest.raises(StudyError, match=r"n\.ipynb: a cell shows more than"):
        notebook_page(tmp_path / "n.ipynb", ENGLISH)
