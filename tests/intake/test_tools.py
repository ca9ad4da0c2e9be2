"""Headers of well-known tools: which column is the person, the order, its day, its money, and which only sound so."""

import random
from pathlib import Path

import pandas as pd
import pytest
import yaml

from helpers.intake.roles import SALES, assign, looks_of

ROWS = 60
TOOLS = yaml.safe_load((Path(__file__).parent / "tools.yml").read_text(encoding="utf-8"))
"""Headers as the tools write them, each with what stands below it."""


def made(spec: str) -> tuple[pd.DataFrame, dict[str, str]]:
    """A table with the headers of a tool, three lines in every two orders, and the kind of each header."""
    chance = random.Random(5)
    kinds = dict(pair.strip().rsplit(":", 1) for pair in spec.split(" | "))
    lined = any(kind.startswith("line_") for kind in kinds.values())
    orders = [row * 2 // 3 if lined else row for row in range(ROWS)]
    people = {order: chance.randrange(15) for order in orders}
    price, count = ([chance.choice(options) for _ in range(ROWS)] for options in ((4.5, 7.25, 19.9), (1, 2, 3)))
    worth = [round(p * n, 2) for p, n in zip(price, count, strict=True)]
    goods = {order: round(sum(w for w, o in zip(worth, orders, strict=True) if o == order), 2) for order in orders}
    cells = {
        "order": lambda row: f"A-{1000 + orders[row]}", "order2": lambda row: f"A-{1000 + orders[row]}-1",
        "person": lambda row: f"K{100 + people[orders[row]]}",
        "name": lambda row: f"Ann Moss{'abcdefghijklmno'[people[orders[row]]]}",
        "mail": lambda row: f"p{people[orders[row]]}@example.org", "shop_mail": lambda row: "shop@example.org",
        "phone": lambda row: f"+99890{1000000 + people[orders[row]]}",
        "day": lambda row: f"2025-{orders[row] % 12 + 1:02}-{orders[row] % 27 + 1:02}",
        "day2": lambda row: f"2025-{orders[row] % 12 + 1:02}-{orders[row] % 27 + 2:02}",
        "later": lambda row: f"2025-{orders[row] % 12 + 1:02}-{orders[row] % 27 + 2:02}",
        "clock": lambda row: f"1{orders[row] % 9}:30", "status": lambda row: ("Paid", "Open")[orders[row] % 9 == 0],
        "money": lambda row: str(goods[orders[row]]), "goods": lambda row: str(goods[orders[row]]),
        "net": lambda row: str(round(goods[orders[row]] * 0.97, 2)),
        "total": lambda row: str(round(goods[orders[row]] + 4.9, 2)),
        "tax": lambda row: str(round(worth[row] * 0.2, 2)),
        "line_money": lambda row: str(worth[row]), "line_total": lambda row: str(round(worth[row] * 1.2, 2)),
        "price": lambda row: str(price[row]), "cost": lambda row: str(price[row] / 2),
        "line_count": lambda row: str(count[row]), "count": lambda row: str(count[row]), "zero": lambda row: "0",
        "code": lambda row: "EUR", "note": lambda row: "ring twice" if row % 4 == 0 else "", "blank": lambda row: "",
        "thing": lambda row: f"Tea {price[row]}", "sku": lambda row: f"T-{int(price[row])}",
    }  # fmt: skip
    return pd.DataFrame({h: [cells[k](row) for row in range(ROWS)] for h, k in kinds.items()}, dtype="str"), kinds


@pytest.mark.parametrize("tool", TOOLS)
def test_the_columns_of_a_tool_are_known(tool):
    frame, kinds = made(TOOLS[tool])
    found = {role: kinds[column.header] for role, column in assign(frame, SALES, looks_of(frame)).items()}
    assert found["order_id"] == "order"
    assert found["ordered_at"] == "day"
    assert {found.get("customer_id", "person"), found.get("email", "mail"), found.get("phone", "phone")} <= {
        "person", "mail", "phone",
    }  # fmt: skip
    assert {"customer_id", "email", "phone"} & set(found)
    own = "line_count" in kinds.values()
    assert found.get("quantity") == ("line_count" if own else found.get("quantity"))
    if "price" in kinds.values():
        assert found["unit_price"] == "price"
    if "line_money" in kinds.values():
        assert found["amount"] == "line_money"
    if not own:
        assert found.get("amount", found.get("order_total")) == "money"
    assert found.get("order_total", "total") in ("total", "goods", "money")
    assert found.get("refunded", "zero") == "zero"
