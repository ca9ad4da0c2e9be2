"""What a row of sales is worth, and whose it is: each rule on a handful of lines that can be added up by hand."""

from pathlib import Path

import pytest

from helpers.contracts import DataError
from helpers.read.load import LoadedTables, load_tables
from helpers.study import load_study

HEADER = "customer_id,order_id,ordered_at,amount"
THREE = ["A,1,2025-01-06,10", "B,2,2025-01-07,20", "C,3,2025-01-08,30"]


def sales(folder: Path, lines: list[str], keys: str = "", top: str = "") -> LoadedTables:
    """Load sales given as lines; ``keys`` are further keys of the table, ``top`` of the study."""
    (folder / "s.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    text = f"study: a\n{top}\ntables:\n  sales:\n    path: s.csv\n    {keys}\n"
    (folder / "study.yml").write_text(text, encoding="utf-8")
    return load_tables(load_study(folder))


def refusal(folder: Path, lines: list[str], keys: str = "", top: str = "") -> str:
    with pytest.raises(DataError) as caught:
        sales(folder, lines, keys, top)
    return str(caught.value)


def money(tables: LoadedTables) -> dict[str, tuple[int, float | None]]:
    """Rows and money of what was set aside, by code."""
    issues = tables.accounts[0].issues
    return {issue.code: (issue.rows, issue.money) for issue in issues if issue.severity == "quarantined"}


def net(tables: LoadedTables) -> float:
    return tables.frames["sales"]["amount"].sum()


# --- which rows count --------------------------------------------------------------------------------------------


def test_where_keeps_the_listed_cells_whatever_their_case_and_tells_the_money_of_the_others(tmp_path):
    lines = [HEADER + ",State", *(f"{line},paid" for line in THREE), "A,4,2025-01-09,40,PAID", "B,5,2025-01-09,70,void"]
    tables = sales(tmp_path, lines, "where: {State: [Paid]}")
    assert (net(tables), money(tables)) == (100, {"not_kept": (1, 70)})


def test_an_empty_text_in_where_keeps_rows_whose_cell_is_empty(tmp_path):
    lines = [HEADER + ",Cancelled at", *(f"{line}," for line in THREE), "B,5,2025-01-09,70,2025-01-10"]
    assert net(sales(tmp_path, lines, "where: {Cancelled at: ['']}")) == 60


def test_a_column_that_where_names_must_be_there(tmp_path):
    told = refusal(tmp_path, [HEADER, *THREE], "where: {Status: [paid]}")
    assert "column 'Status': no such column, and study.yml names it under where" in told


def test_rows_that_where_leaves_out_are_no_loss_but_unreadable_ones_are(tmp_path):
    lines = [HEADER + ",State", *(f"{line},paid" for line in THREE)]
    assert net(sales(tmp_path, [*lines, "B,5,2025-01-09,900,void"], "where: {State: [paid]}")) == 60
    told = refusal(tmp_path, [*lines, "B,5,not a day,20,paid"], "where: {State: [paid]}")
    assert "25.0 % of the money would be set aside (unreadable_date), more than the 2 % that are accepted" in told
    assert "state accept_set_aside: 0.25" in told
    tables = sales(tmp_path, [*lines, "B,5,not a day,20,paid"], "where: {State: [paid]}", "accept_set_aside: 0.25")
    assert money(tables)["unreadable_date"] == (1, 20)


def test_shipping_and_discounts_are_told_apart_and_are_neither_goods_nor_returns(tmp_path):
    lines = [HEADER + ",Item", *(f"{line},Tea" for line in THREE), "A,1,2025-01-06,5,Shipping", "A,1,2025-01-06,-2,Off"]
    tables = sales(tmp_path, lines, "not_goods: {Item: {shipping: [shipping], discount: ['OFF']}}")
    assert net(tables) == 60
    assert not tables.frames["sales"]["is_return"].any()
    told = {i.text.values["kind"].key: i.money for i in tables.accounts[0].issues if i.code == "not_goods"}
    assert told == {"reading.sales.no_goods.shipping": 5, "reading.sales.no_goods.discount": -2}


# --- orders' totals and refunds ----------------------------------------------------------------------------------


def test_an_orders_total_on_each_line_counts_once(tmp_path):
    lines = ["customer_id,order_id,ordered_at,order_total"]
    lines += ["A,1,2025-01-06,10", "A,1,2025-01-06,10", "A,1,2025-01-06,10", "B,2,2025-01-07,20", "C,3,2025-01-08,30"]
    tables = sales(tmp_path, lines)
    assert tables.frames["sales"]["amount"].tolist() == [3.34, 3.33, 3.33, 20, 30]


def test_a_total_that_differs_within_orders_is_none(tmp_path):
    lines = [
        "customer_id,order_id,ordered_at,order_total",
        "A,1,2025-01-06,10",
        "A,1,2025-01-06,15",
        "B,2,2025-01-07,20",
    ]
    assert "not the same on all lines of an order, so no total of orders; state it as amount" in refusal(
        tmp_path, lines
    )


@pytest.mark.parametrize("second", ["12", ""], ids=["on every line", "on the first line"])
def test_money_given_back_is_a_return_once_an_order_and_no_more_than_the_goods(tmp_path, second):
    lines = [HEADER + ",refunded", *(f"{line},0" for line in THREE)]
    lines += ["A,4,2025-01-09,10,12", f"A,4,2025-01-09,5,{second}", "B,5,2025-01-09,8,9.5"]
    tables = sales(tmp_path, lines)
    back = tables.frames["sales"].query("is_return")
    assert back[["order_id", "amount", "customer_id"]].values.tolist() == [["4", -12, "A"], ["5", -8, "B"]]
    assert tables.accounts[0].rows_used == 6
    assert any(issue.code == "refund_of_more" and issue.rows == 1 for issue in tables.accounts[0].issues)


# --- nobody ------------------------------------------------------------------------------------------------------


def test_lines_without_a_person_are_sales_and_nobodys(tmp_path):
    lines = [
        HEADER,
        *THREE,
        "till@x.org,4,2025-01-09,5",
        ",5,2025-01-09,6",
        "guest@x.org,6,2025-01-09,7",
        "нет,7,2025-01-09,8",
    ]
    tables = sales(tmp_path, lines, "nobody: [TILL@x.org]")
    assert sorted(tables.frames["sales"]["customer_id"]) == ["A", "B", "C"]
    assert tables.nobody["amount"].tolist() == [5, 6, 7, 8]
    assert money(tables) == {"no_person": (4, 26)}


def test_most_of_the_money_without_a_person_is_an_error(tmp_path):
    told = refusal(tmp_path, [HEADER, *THREE, ",5,2025-01-09,100"])
    assert "62.5 % of the money is nobody's; state another column as customer_id, or accept_set_aside: 0.63" in told


def test_a_key_on_the_first_line_of_an_order_only_asks_for_fill_down(tmp_path):
    lines = [HEADER, *THREE, ",1,2025-01-06,5", ",2,2025-01-07,5"]
    assert "state read.fill_down with the columns of the order (2 rows; first: 5, 6)" in refusal(tmp_path, lines)
    assert net(sales(tmp_path, lines[:2] + lines[4:5] + lines[2:4], "read: {fill_down: [order_id, customer_id]}")) == 65


# --- currency ----------------------------------------------------------------------------------------------------

IN_TWO = [
    HEADER + ",currency",
    "A,1,2025-01-06,10,EUR",
    "B,2,2025-01-07,20,EUR",
    "C,3,2025-01-08,30,eur",
    "C,4,2025-01-09,8,usd",
]


def test_two_currencies_are_refused_with_both_ways_on(tmp_path):
    told = refusal(tmp_path, IN_TWO)
    assert "column 'currency': money in EUR (3 rows), USD (1 row); state rates: {EUR: ..., USD: ...}" in told
    assert "or keep one by where: {currency: [EUR]} with currency: EUR" in told


def test_rates_convert_and_where_chooses(tmp_path):
    assert net(sales(tmp_path, IN_TWO, top="currency: EUR\nrates: {USD: 0.5}")) == 64
    assert net(sales(tmp_path, IN_TWO, "where: {currency: [EUR]}", "currency: EUR")) == 60


def test_another_currency_than_the_studys_is_refused(tmp_path):
    assert "money in EUR (3 rows)" in refusal(tmp_path, IN_TWO[:4], top="currency: KZT")


def test_a_day_and_its_time_in_two_columns_are_one_moment(tmp_path):
    lines = [HEADER + ",Time", *(f"{line},1{n}:30" for n, line in enumerate(THREE))]
    tables = sales(tmp_path, lines, "read: {time_column: Time}")
    assert tables.frames["sales"]["ordered_at"].dt.strftime("%d %H:%M").tolist() == ["06 10:30", "07 11:30", "08 12:30"]
