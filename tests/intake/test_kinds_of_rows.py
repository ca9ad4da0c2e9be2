"""What exports of further tools taught: flags, statuses under any header, numbers of orders, totals beside lines."""

import pandas as pd
import pytest
import yaml

from helpers.intake import guess, row_kinds
from helpers.intake.which_count import Counting, _is_draft, what_became
from helpers.study import load_study

ORDERS = 40


def a_study(folder, header, line, sep=",", more=""):
    """The study that init writes of an export: ``line`` makes the lines of an order from its number."""
    rows = [row for order in range(ORDERS) for row in line(order)]
    (folder / "shop.csv").write_text("\n".join([header, *rows, *([more] if more else [])]) + "\n", encoding="utf-8")
    path, notes = guess.write_study([folder / "shop.csv"], folder / "out")
    load_study(path)
    return yaml.safe_load(path.read_text(encoding="utf-8"))["tables"]["sales"], " ".join(notes), path


def day(order):
    return f"2025-{order % 9 + 1:02}-{order % 27 + 1:02}"


def mail(order):
    return f"p{order % 15}@example.org"


@pytest.mark.parametrize(
    ("flag", "yes", "no"), [("Refunded?", "1", "0"), ("Test Mode", "Yes", "No"), ("CANCELED", "Y", "N")]
)
def test_a_marked_row_does_not_count(tmp_path, flag, yes, no):
    def line(order):
        return [f"A{order},{mail(order)},{day(order)},{order % 7 + 3}.50,{yes if order % 10 == 0 else no}"]

    sales, *_ = a_study(tmp_path, f"Order,Email,Date,Total,{flag}", line)
    assert sales["where"] == {flag: [no]}
    assert "refunded" not in sales["columns"]


def test_a_column_of_statuses_is_known_by_its_cells(tmp_path):
    def line(order):
        return [f"A{order},{mail(order)},{day(order)},{order % 7 + 3}.50,{'cancelled' if order % 8 == 0 else 'paid'}"]

    sales, *_ = a_study(tmp_path, "Order,Email,Date,Total,Zzz", line)
    assert sales["where"] == {"Zzz": ["paid"]}


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("[8] Storniert", "cancelled"),
        ("7 - Delivered", "paid"),
        ("İade Edildi", "refunded"),
        ("Pending Approval", "open"),
        ("Ожидает передачи курьеру", "open"),
        ("45", None),
    ],
)
def test_what_a_tool_writes_around_a_status_is_no_part_of_it(status, kind):
    assert what_became(status) == kind


@pytest.mark.parametrize(
    "status", ["[1] Draft", "Draft invoice", "quotation sent", "checkout-draft", "neu", "Черновик"]
)
def test_what_was_never_issued_is_a_draft_however_it_is_written(status):
    assert _is_draft(status)
    assert not any(map(_is_draft, ("Overdue", "Unpaid", "[2] Open", "ожидает оплаты")))


def test_credit_notes_in_rows_of_their_own_take_money_back(tmp_path):
    def line(order):
        own = f"{mail(order)},{day(order)},{order % 7 + 3}.50"
        back = [f"B{order},Gutschrift,[11] Gutschrift,{own}"] if order % 8 == 0 else []
        return [f"A{order},Auftrag,[7] Warenausgang gebucht,{own}", *back]

    sales, *_ = a_study(tmp_path, "Order,Auftragstyp,Status,Email,Date,Total", line)
    assert sales["columns"]["is_return"] == "Auftragstyp"
    assert "where" not in sales


def test_refunds_below_zero_with_pieces_above_it_are_returns(tmp_path):
    def line(order):
        own = f"{mail(order)},{day(order)},2"
        back = [f"B{order},Refund,{own},-9.50"] if order % 8 == 0 else []
        return [f"A{order},Sale,{own},9.50", *back]

    sales, *_ = a_study(tmp_path, "Order,Receipt type,Email,Date,Quantity,Net sales", line)
    assert sales["columns"]["is_return"] == "Receipt type"


@pytest.mark.parametrize(("header", "number"), [("Case No", "Case No"), ("Line No", "Date")])
def test_a_number_of_its_own_header_is_the_orders(tmp_path, header, number):
    def line(order):
        return [f"A{order},{mail(order)},{day(order)},{order % 7 + 3}.50"]

    sales, *_ = a_study(tmp_path, f"{header},Email,Date,Total", line)
    assert sales["columns"]["order_id"] == number


def test_a_number_that_spans_days_or_people_is_no_order():
    frame = pd.DataFrame({"Case No": ["1", "1", "2", "2"]})
    days, people = pd.Series(["a", "b", "c", "c"]), pd.Series(["x", "x", "y", "y"])
    assert row_kinds.number_of_orders(frame, days, people, ["Case No"]) is None
    assert row_kinds.number_of_orders(frame, pd.Series(["a", "a", "c", "c"]), people, ["Case No"]) == "Case No"


def totals(kinds):
    """Orders of two lines (5 and 7) and a row with their sum; ``kinds`` are the cells that tell them."""
    rows = [(f"A{n}", *row) for n in range(12) for row in zip((12.0, 5.0, 7.0), kinds, strict=True)]
    frame = pd.DataFrame(rows, columns=["o", "m", "k"])
    found = Counting()
    row_kinds.by_totals(found, frame, frame["o"], frame["m"])
    return found


def test_a_row_with_the_sum_of_its_order_does_not_count_beside_its_lines():
    assert totals(("Sale", "Sale Line", "Sale Line")).where == {"k": ["Sale Line"]}


def test_totals_that_nothing_tells_are_asked():
    found = totals(("a", "a", "a"))
    assert not found.where
    assert "twice" in found.questions[0].text


def test_heads_of_orders_are_known_in_a_run_as_they_were_by_init(tmp_path):
    def line(order):
        own = f"SO{order},{mail(order)},{day(order)}"
        a, b = order % 7 + 3, order % 5 + 20
        return [f"*,{own},,,,{a + b}.00", f",{own},T1,1,{a}.00,{a}.00", f",{own},T2,1,{b}.00,{b}.00"]

    sales, *_ = a_study(tmp_path, "*,Document Number,Email,Date,Item,Quantity,Item Rate,Amount", line)
    assert sales["where"] == {"*": ["*"]}


@pytest.mark.parametrize(
    ("money", "read", "asked"),
    [("12,500", {"thousands": ","}, True), ("۱۲,۵۰۰", {"thousands": ","}, False), ("12,50", {"decimal": ","}, False)],
)
def test_three_digits_after_every_mark_are_thousands_until_somebody_says_otherwise(tmp_path, money, read, asked):
    def line(order):
        return [f"A{order};{mail(order)};{day(order)};{money}"]

    sales, notes, _ = a_study(tmp_path, "Order;Email;Date;Total", line)
    assert {key: sales["read"].get(key) for key in read} == read
    assert ("three digits" in notes) == asked


def test_an_answer_says_in_whose_place_it_goes_and_holds_the_rest(tmp_path):
    def line(order):
        status = ("Paid", "Cancelled", "Zzz")[order % 3]
        return [f"A{order},{mail(order)},{day(order)},{order % 7 + 3}.50,{status},{'Yes' if order % 10 == 0 else 'No'}"]

    *_, path = a_study(tmp_path, "Order,Email,Date,Total,Status,Test Mode", line)
    answers = [text for text in path.read_text(encoding="utf-8").splitlines() if "they do not" in text]
    assert "in place of `where` below" in answers[0]
    answer = yaml.safe_load(answers[0].strip().removeprefix("#"))
    assert answer == {"where": {"Status": ["Paid"], "Test Mode": ["No"]}}


def test_no_folder_below_a_file_is_a_plain_sentence(tmp_path):
    (tmp_path / "file").write_text("x")
    (tmp_path / "a.csv").write_text("Order,Email,Date,Total\n1,a@example.org,2025-01-02,5.5\n")
    with pytest.raises(guess.StudyError, match="no folder can be made"):
        guess.write_study([tmp_path / "a.csv"], tmp_path / "file" / "out")
