"""What the columns of a file of sales are: who bought, when, for how much, and which rows count."""

from __future__ import annotations

import re

import numpy as np

from helpers.columns import TABLES
from helpers.guesses import TO_FILL, Answer, Guess, Question
from helpers.intake import row_kinds, which_count
from helpers.intake.column_looks import LOOKED_AT, header_fit
from helpers.intake.export import Export, Told
from helpers.intake.roles import PER_ORDER, SALES, Levels, assign, levels, plain_numbers
from helpers.opening.raw import RawTable
from helpers.read import cells
from helpers.read.nobody import nobody
from helpers.read.parts import filled_down
from helpers.text import folded

ANOTHER = Answer("another column", {"columns": {"customer_id": TO_FILL}})
STATED = {"ordered_at": "the order's day", "amount": "the money of a line", "unit_price": "the price of one piece",
          "quantity": "pieces", "order_total": "the money of an order", "order_id": "the order's number",
          "refunded": "money given back"}  # fmt: skip
"""Roles whose choice is told, and what they are."""


def look_at_sales(export: Export, told: Told) -> None:
    """Give a file of sales its columns, and state which of its rows count."""
    stated = {"customer_id": told.customer} if told.customer in export.frame else {}
    export.roles = assign(export.frame, SALES, export.looks, stated)
    if "order_id" not in export.roles and (number := _order_number(export)):
        export.roles = assign(export.frame, SALES, export.looks, stated | {"order_id": number})
    taken = export.taken()
    at = _levels(export, taken)
    _choose_money(export, taken, at)
    kept = {ours: theirs for ours, theirs in taken.items() if ours in TABLES["sales"]}
    kept.pop("customer_id", None)
    if "order_id" not in kept and "ordered_at" in kept:
        kept["order_id"] = kept["ordered_at"]
        told_so = "there is no order number: what a customer bought at one moment counts as one order"
        export.guesses.append(Guess("order_id", kept["ordered_at"], told_so))
    export.columns = kept
    _fill_down(export, taken, at)
    _choose_key(export, taken, told)
    _which_rows_count(export, taken, told)
    _choose_currency(export)
    for role, meaning in STATED.items():
        if role in {guess.what for guess in export.guesses}:
            continue
        if role in export.columns and role in export.roles and export.roles[role].header == export.columns[role]:
            found = export.roles[role]
            export.guesses.append(Guess(role, found.header, f"{meaning}: {found.because}", found.other))


def _order_number(export: Export) -> str | None:
    """A column that numbers the orders though its header does not say so."""
    frame, taken = export.frame, export.taken()
    if "ordered_at" not in taken:
        return None
    key = next((taken[role] for role in ("customer_id", "email", "phone") if role in taken), None)
    free = [header for header in frame if header not in taken.values()]
    people = frame[key].astype("str") if key else None
    number = row_kinds.number_of_orders(frame, frame[taken["ordered_at"]].astype("str"), people, free)
    if number is not None:
        told = "its cells number the orders: each belongs to one moment and one customer"
        export.guesses.append(Guess("order_id", number, told, (taken["ordered_at"],)))
    return number


def _levels(export: Export, taken: dict[str, str]) -> Levels:
    if "order_id" not in taken:
        return Levels()
    frame = export.frame.head(5 * LOOKED_AT)
    number = frame[taken["order_id"]].astype("str")
    return levels(frame, number.mask(cells.blank(number)).ffill())


# --- money -------------------------------------------------------------------------------------------------------


def _choose_money(export: Export, taken: dict[str, str], at: Levels) -> None:
    """Goods by their lines where these are told; an order's total only where nothing else is."""
    lines = "amount" in taken or "unit_price" in taken
    if "order_total" in taken and lines:
        total = taken.pop("order_total")
        if at.several and at.get(total) in ("order", "first"):
            goods = taken.get("amount", "quantity x unit_price")
            because = "it stands for a whole order (shipping and tax may be in it), and the lines have their own money"
            export.guesses.append(Guess("money", goods, f"{total} is not used: {because}", (total,)))
    if "order_total" in taken and at.several:
        because = "it is the same on all lines of an order, so it counts once an order"
        export.guesses.append(Guess("order_total", taken["order_total"], because, ("amount: once a line",)))
    if "refunded" in taken:
        back = export.frame[taken["refunded"]]
        if row_kinds.is_flag(back) or not plain_numbers(back).fillna(0).any():
            taken.pop("refunded")  # a mark or nothing, no money
    if "is_return" in taken and header_fit(taken["is_return"], "is_return") < 0.9:
        taken.pop("is_return")


def _choose_currency(export: Export) -> None:
    """One currency is stated; of several one must be chosen."""
    if "currency" not in export.columns:
        return
    column = export.frame[export.columns["currency"]].astype("str").str.strip().str.upper()
    counts = column[~cells.blank(column)].value_counts()
    if not len(counts) or not counts.index.str.fullmatch(r"[^\W\d_]{2,5}\.?|[$€£₽₸₾]").all():
        del export.columns["currency"]
        return
    if len(counts) == 1:
        if re.fullmatch("[A-Z]{3}", counts.index[0]):
            export.currency = str(counts.index[0])
        else:
            del export.columns["currency"]
        return
    shown = ", ".join(f"{code} ({rows} rows)" for code, rows in counts.items())
    theirs, first = export.columns["currency"], counts.index[0]
    rates = dict.fromkeys(counts.index[1:], TO_FILL)
    answers = (
        Answer(f"only {first}", {"where": {theirs: [first]}}, {"currency": first}),
        Answer("all, converted; write what one unit is worth", {}, {"currency": first, "rates": rates}),
    )
    export.questions.append(Question("currency", f"money in several currencies: {shown}; which counts?", answers))


# --- the shape of orders -----------------------------------------------------------------------------------------


def _fill_down(export: Export, taken: dict[str, str], at: Levels) -> None:
    """State the columns whose cells stand on the first line of an order only."""
    number = taken.get("order_id")
    if number is None or not at.several:
        return
    used = {*export.columns.values(), *taken.values()}
    first = [header for header in export.frame if at.get(header) == "first" and header in used and header != number]
    if not first or (
        export.looks[number].filled < 0.98 and at.get(taken.get("ordered_at", "")) not in ("first", "order")
    ):
        return
    export.read["fill_down"] = [number, *first]
    table = RawTable(export.name, tuple(export.frame), export.frame, np.arange(len(export.frame)))
    export.frame = filled_down(table, [number, *first], number).frame
    because = "these cells stand on the first line of an order only; they are given to its other lines"
    export.guesses.append(Guess("fill_down", ", ".join(export.read["fill_down"]), because))


# --- who bought --------------------------------------------------------------------------------------------------


def _choose_key(export: Export, taken: dict[str, str], told: Told) -> None:
    """An id, an e-mail address or a phone that stands for a person, in the most of the lines."""
    frame, why = export.frame, {}
    order = frame[export.columns["order_id"]].astype("str") if "order_id" in export.columns else None
    if told.customer:
        export.columns["customer_id"] = told.customer
        return
    shares: dict[str, float] = {}
    for role in ("customer_id", "email", "phone"):
        if role not in taken:
            continue
        keys = frame[taken[role]].astype("str").str.strip()
        none = cells.blank(keys) | nobody(folded(keys))
        people, orders = keys[~none].nunique(), order[~none].nunique() if order is not None else len(keys)
        shares[role] = float((~none).mean())
        if (
            orders > 20
            and people >= PER_ORDER * orders
            and taken["order_id" if order is not None else role] != taken[role]
        ):
            shares[role] -= 0.5
            why[role] = f"{people} different ones in {orders} orders: nearly one an order, so perhaps an id of orders"
    if not shares:
        _without_key(export, taken)
        return
    role = max(shares, key=lambda name: shares[name] + 0.02 * (name == "customer_id"))
    export.columns["customer_id"] = taken[role]
    if "email" in taken:
        export.columns.setdefault("email", taken["email"])
    other = tuple(f"{taken[name]}{': ' + why[name] if name in why else ''}" for name in shares if name != role)
    what = {"customer_id": "an id", "email": "an e-mail address", "phone": "a phone number"}[role]
    told_of = (
        f"{what} that stands for a person; filled in {min(1.0, shares[role] + 0.5 * (role in why)):.0%} of the rows"
    )
    export.guesses.append(Guess("customer_id", taken[role], why.get(role, told_of), other))
    if role in why:
        text = (
            f"{taken[role]}: {why[role]}. Is there another column, or another export, with the person's id or e-mail?"
        )
        export.questions.append(Question("customer", text, (ANOTHER,)))


def _without_key(export: Export, taken: dict[str, str]) -> None:
    """Names are no key: say how many there are, and leave the key to the user."""
    named = [
        h for h in export.frame if export.looks[h].name > 0.6 and header_fit(h, "name") + header_fit(h, "customer_id")
    ]
    named = named or [h for h in export.frame if header_fit(h, "name") >= 0.9 and export.looks[h].digits < 0.3]
    if not named:
        text = "no column tells who bought: no id, e-mail address or phone number of customers was recognised"
        export.questions.append(Question("customer", text, (ANOTHER,)))
        return
    header = max(named, key=lambda h: (header_fit(h, "customer_id"), export.looks[h].distinct))
    names = export.frame[header].astype("str").str.strip()
    several = names.map(names.value_counts()) > 1
    text = (
        f"names are no key: {header!r} has {names.nunique()} different names in {len(names)} rows, {several.mean():.0%}"
        " of them under a name that comes again, and who shares a name would be one person. Export the e-mail address, "
        "phone number or id of the customer, too"
    )
    answers = (Answer("take names all the same", {"columns": {"customer_id": header}}),)
    export.questions.append(Question("customer", text, answers))


# --- which rows count --------------------------------------------------------------------------------------------


def _which_rows_count(export: Export, taken: dict[str, str], told: Told) -> None:
    """State where, not_goods and nobody."""
    frame, found = export.frame, which_count.Counting()
    money = which_count.money_of(frame, export.columns)
    if told.where:
        found.where |= told.where
    else:
        refunds = "refunded" in export.columns
        used = {*export.columns.values(), *(export.roles[r].header for r in ("name", "category") if r in export.roles)}
        free = [header for header in frame if header not in used]
        statuses = row_kinds.statuses_by_cells(frame, free)
        if "status" in taken and taken["status"] not in statuses:
            statuses.append(taken["status"])
        also = (h for h in free if row_kinds.says_status(h) and frame[h].astype("str").nunique() > 1)
        for header in dict.fromkeys([*statuses, *also]):
            which_count.by_status(found, frame, header, money, refunds_told=refunds)
        if (kinds := row_kinds.refunds_below_zero(found, frame, export.columns.get("quantity"), money)) is not None:
            found.is_return = kinds
        row_kinds.by_flags(found, frame, free, refunds_told=refunds)
        if "cancelled_at" in taken and taken["cancelled_at"] not in found.where:
            which_count.by_cancellation(found, frame, taken["cancelled_at"])
        number = export.columns.get("order_id")
        if number is not None and number != export.columns.get("ordered_at"):
            row_kinds.by_totals(found, frame, frame[number].astype("str"), money)
    which_count.by_tests(found, frame, taken)
    products = [h for h in frame if header_fit(h, "product_id") >= 0.45 and export.looks[h].number < 0.9]
    which_count.by_goods(found, frame, products, money)
    if "customer_id" in export.columns and "order_id" in export.columns:
        order = frame[export.columns["order_id"]].astype("str")
        which_count.by_key(found, frame, export.columns["customer_id"], order)
    if found.is_return and "is_return" not in export.columns:
        export.columns["is_return"] = found.is_return
    keys = {"where": found.where, "not_goods": found.not_goods, "nobody": found.nobody}
    export.keys |= {key: value for key, value in keys.items() if value}
    export.guesses += found.guesses
    export.questions += found.questions
