"""What init makes of exports of sales: the shape of orders, which rows count, who is a person, and what it asks."""

import re
from pathlib import Path

import pytest

from helpers.contracts import DataError, StudyError
from helpers.guesses import read_guesses, read_questions
from helpers.intake.export import Told
from helpers.intake.guess import write_study
from helpers.read.load import LoadedTables, load_tables
from helpers.sources import SalesSource
from helpers.study import load_study

DAYS = [f"2025-{number % 9 + 1:02}-{number % 27 + 1:02} 10:30" for number in range(60)]


def export(folder: Path, header: str, rows: list[str], name: str = "orders.csv") -> Path:
    file = folder / name
    file.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return file


def made(folder: Path, *files: Path, **told: object) -> tuple[SalesSource, Path]:
    path, _ = write_study(list(files), folder / "out", Told(**told))
    return load_study(path).tables.sales, path


def loaded(path: Path) -> LoadedTables:
    return load_tables(load_study(path))


def mail(number: int) -> str:
    return f"p{number % 15}@example.org"


def test_cells_on_an_orders_first_line_are_filled_down_and_refunds_and_voided_orders_known(tmp_path):
    rows = []
    for n, day in enumerate(DAYS):
        state, back = ("voided", 0) if n % 10 == 9 else ("refunded", 5) if n % 10 == 8 else ("paid", 0)
        rows += [f"#{n},{mail(n)},{state},{day},7,{back},Tea,2,1.5", f"#{n},{mail(n)},,,,,Mug,1,2"]
    header = (
        "Name,Email,Financial Status,Created at,Total,Refunded Amount,Lineitem name,Lineitem quantity,Lineitem price"
    )
    sales, path = made(tmp_path, export(tmp_path, header, rows))
    assert sales.read.fill_down == ["Name", "Financial Status", "Created at", "Refunded Amount"]
    assert sales.where == {"Financial Status": ["paid", "refunded"]}
    assert (sales.columns["customer_id"], sales.columns["order_id"]) == ("Email", "Name")
    amounts = loaded(path).frames["sales"]["amount"]
    assert (amounts[amounts > 0].sum(), amounts[amounts < 0].sum()) == (54 * 5, -6 * 5)
    guesses = {guess.what: guess for guess in read_guesses(path)}
    assert guesses["where Financial Status"].taken == "paid, refunded"
    assert "voided (12 rows, cancelled)" in guesses["where Financial Status"].because


def test_an_orders_own_number_on_its_first_line_only(tmp_path):
    rows = [row for n, day in enumerate(DAYS) for row in (f"S{n},{day},C {n % 15},Tea,4", ",,,Mug,6")]
    sales, path = made(tmp_path, export(tmp_path, "Order Reference,Order Date,Customer,Product,Amount", rows))
    assert sales.read.fill_down == ["Order Reference", "Order Date", "Customer"]
    assert loaded(path).frames["sales"]["amount"].sum() == 600


def test_an_orders_total_on_every_line_is_not_the_lines_money(tmp_path):
    rows = [row for n, day in enumerate(DAYS) for row in (f"{n},{day},{mail(n)},{n + 9}",) * 2]
    sales, path = made(tmp_path, export(tmp_path, "Номер заказа,Дата,Клиент,Сумма заказа", rows))
    assert sales.columns["order_total"] == "Сумма заказа"
    assert loaded(path).frames["sales"]["amount"].sum() == sum(range(9, 69))


def test_a_price_that_grows_with_the_quantity_is_the_lines_amount(tmp_path):
    rows = [
        f"{n},{day},{mail(n)},Tea {n % 3},{n % 4 + 1},{(n % 4 + 1) * (n % 3 + 1) * 1.5}" for n, day in enumerate(DAYS)
    ]
    sales, _ = made(
        tmp_path, export(tmp_path, "order-id,purchase-date,buyer-email,product-name,quantity,item-price", rows)
    )
    assert sales.columns["amount"] == "item-price"


@pytest.mark.parametrize(
    ("states", "kept"),
    [
        (["Completed", "Cancelled", "Failed", "Refunded"], ["Completed"]),
        (["Сделка успешна", "Сделка провалена", "В работе"], ["Сделка успешна"]),
        (["Livré", "Annulé"], ["Livré"]),
        (["Versendet", "Storniert"], ["Versendet"]),
        (["დასრულებული", "გაუქმებული"], ["დასრულებული"]),
        (["Yetkazildi", "Bekor qilindi"], ["Yetkazildi"]),
        (["Жеткізілді", "Бас тартылды"], ["Жеткізілді"]),
        (["تحویل شده", "لغو شده"], ["تحویل شده"]),
    ],
)
def test_statuses_say_which_orders_count(tmp_path, states, kept):
    rows = [f"{n},{day},{mail(n)},5,{states[n % len(states)]}" for n, day in enumerate(DAYS)]
    sales, path = made(tmp_path, export(tmp_path, "Order,Date,Email,Total,Status", rows))
    assert sales.where == {"Status": kept}
    assert loaded(path).frames["sales"]["amount"].sum() == 5 * -(-60 // len(states))


def test_a_status_that_is_not_known_is_asked_about_and_counts_until_then(tmp_path):
    rows = [f"{n},{day},{mail(n)},5,{('Shipped', 'Zork', 'Cancelled')[n % 3]}" for n, day in enumerate(DAYS)]
    sales, path = made(tmp_path, export(tmp_path, "Order,Date,Email,Total,Status", rows))
    assert sales.where == {"Status": ["Shipped", "Zork"]}
    assert "'Zork' (20 rows, 100.00 of money); until it is said they count" in read_questions(path)[0]
    assert "#   where: {Status: [Shipped]}   # they do not" in path.read_text(encoding="utf-8")


def test_a_refund_that_is_not_negative_is_known_by_its_type(tmp_path):
    rows = [f"{n},{day},{mail(n)},5,{('refund', 'sale')[n % 6 > 0]}" for n, day in enumerate(DAYS)]
    sales, _ = made(tmp_path, export(tmp_path, "Order,Date,Email,Total,Type", rows))
    assert (sales.columns["is_return"], sales.where) == ("Type", {})


def test_lines_that_are_no_goods_and_test_customers_are_told_apart(tmp_path):
    items = ["Tea", "Mug", "Pot", "Cup", "Shipping", "Discount SPRING", "Gift card", "Delivery van toy"]
    rows = [f"{n},{day},{mail(n)},{items[n % 8]},{-3 if n % 8 == 5 else 5}" for n, day in enumerate(DAYS)]
    rows.append("900,2025-03-03 10:30,test@example.org,Tea,5")
    sales, path = made(tmp_path, export(tmp_path, "Order,Date,Email,Product,Amount", rows))
    assert sales.not_goods == {
        "Email": {"test": ["test@example.org"]},
        "Product": {"shipping": ["Shipping"], "discount": ["Discount SPRING"], "gift_card": ["Gift card"]},
    }
    assert loaded(path).frames["sales"]["amount"].sum() == 5 * 39


def test_a_tills_address_is_nobody_and_a_large_customer_is_asked_about(tmp_path):
    who = ["sales@shop.example", "big@example.org"]
    rows = [f"{n},{day},{who[n % 4] if n % 4 < 2 else f'p{n}@example.org'},5" for n, day in enumerate(DAYS)]
    sales, path = made(tmp_path, export(tmp_path, "Order,Date,Email,Total", rows))
    assert sales.nobody == ["sales@shop.example"]
    assert "one customer, 'big@example.org', has 25.0% of the orders (15); a person?" in read_questions(path)[0]


def test_names_are_no_key_until_the_user_says_so(tmp_path):
    rows = [f"{n},{day},Ann {'ABCDEFGHIJKLMNO'[n % 15]}moss,5" for n, day in enumerate(DAYS)]
    file = export(tmp_path, "Order,Date,Customer,Total", rows)
    sales, path = made(tmp_path, file)
    assert "customer_id" not in sales.columns
    assert "names are no key: 'Customer' has 15 different names in 60 rows" in read_questions(path)[0]
    with pytest.raises(DataError, match="needed as customer_id"):
        loaded(path)
    path.unlink()
    assert made(tmp_path, file, customer="Customer")[0].columns["customer_id"] == "Customer"


def test_an_id_of_every_order_gives_way_to_one_of_people(tmp_path):
    rows = [f"o{n},c{n}x,{day},u{n % 15}a,5" for n, day in enumerate(DAYS)]
    sales, _ = made(tmp_path, export(tmp_path, "order_id,customer_id,date,customer_unique_id,price", rows))
    assert sales.columns["customer_id"] == "customer_unique_id"


@pytest.mark.parametrize(
    ("header", "taken"),
    [
        ("Order,Customer Note,Date,Billing Email,Total tax,Line value", ("Billing Email", "Date", "Line value")),
        ("Заказ,Примечание клиента,Дата оплаты,Эл. почта,Сумма НДС,Сумма", ("Эл. почта", "Дата оплаты", "Сумма")),
    ],
)
def test_a_note_is_no_customer_and_a_tax_no_amount(tmp_path, header, taken):
    rows = [f"{n},{'ring twice' if n % 3 else ''},{day},{mail(n)},1,{n + 0.5}" for n, day in enumerate(DAYS)]
    sales, _ = made(tmp_path, export(tmp_path, header, rows))
    assert (sales.columns["customer_id"], sales.columns["ordered_at"], sales.columns["amount"]) == taken


def test_a_birthday_before_the_day_of_payment_is_no_order_day(tmp_path):
    rows = [f"К {n % 15},1990-02-03,{day},5" for n, day in enumerate(DAYS)]
    sales, _ = made(tmp_path, export(tmp_path, "Клиент,Дата рождения,Дата оплаты,Сумма", rows))
    assert sales.columns["ordered_at"] == "Дата оплаты"


@pytest.mark.parametrize(
    "header",
    [
        "Customer ID,Email,Orders,Total Spent,Date",
        "Клиент,Почта,Количество заказов,Сумма покупок,Дата последнего заказа",
    ],
)
def test_a_table_of_customers_totals_is_no_table_of_orders(tmp_path, header):
    rows = [f"{n},q{n}@example.org,3,20,2025-01-02" for n, day in enumerate(DAYS)]  # all alike: no personas of it
    with pytest.raises(
        StudyError, match=r"(?s)one row per customer with totals.*export the orders or payments themselves"
    ):
        made(tmp_path, export(tmp_path, header, rows))
    assert (tmp_path / "out" / "study.yml.draft").exists()


def test_several_currencies_are_asked_about(tmp_path):
    rows = [f"{n},{day},{mail(n)},5,{('EUR', 'USD')[n % 4 == 0]}" for n, day in enumerate(DAYS)]
    _, path = made(tmp_path, export(tmp_path, "Order,Date,Email,Total,Currency", rows))
    assert "EUR (45 rows), USD (15 rows); which counts?" in read_questions(path)[0]
    with pytest.raises(DataError, match="money in EUR"):
        loaded(path)


def test_what_the_user_says_is_not_guessed(tmp_path):
    rows = [f"{n},0{n % 9 + 1}/0{n % 7 + 1}/2025,{mail(n)},5,{('good', 'bad')[n % 4 == 0]}" for n in range(60)]
    file = export(tmp_path, "Order,Date,Email,Total,Status", rows)
    sales, path = made(tmp_path, file, where={"Status": ["good"]}, date_format="%m/%d/%Y")
    assert (sales.where, sales.read.date_format) == ({"Status": ["good"]}, "%m/%d/%Y")
    assert len(loaded(path).frames["sales"]) == 45


@pytest.mark.parametrize(("own", "first"), [("Asia/Tbilisi", "Asia/Tbilisi"), ("Etc/GMT-3", "???")])
def test_the_zone_of_times_with_many_offsets_is_asked_and_never_made_up(tmp_path, monkeypatch, own, first):
    monkeypatch.setenv("TZ", own)
    rows = [f"{n},{day}:00+0{n % 3 * 2}:00,{mail(n)},5" for n, day in enumerate(DAYS)]
    _, path = made(tmp_path, export(tmp_path, "Order,Date,Email,Total", rows))
    text = path.read_text(encoding="utf-8")
    assert "times of several zones" in text
    assert re.findall(r"timezone: '?([^'}]+)", text)[0] == first
