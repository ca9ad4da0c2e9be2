"""Which column plays which role: all are scored for all, by header, cells and arithmetic, and assigned together."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import product

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

from helpers.intake.column_looks import LOOKED_AT, Look, header_fit, look, seconds_like
from helpers.read import cells

SALES = (
    "email", "customer_id", "phone", "name", "order_id", "line_id", "ordered_at", "time_of_day", "quantity",
    "unit_price", "amount", "order_total", "refunded", "list_price", "discount", "coupon", "product_id", "category",
    "channel", "unit_cost", "currency", "status", "cancelled_at", "is_return",
)  # fmt: skip
PEOPLE = (
    "email", "customer_id", "phone", "name", "orders_count", "total_spent", "last_order_at", "first_order_at",
    "signed_up_at", "birth_year", "age", "sex", "country", "location", "language", "job_role", "acquisition_channel",
)  # fmt: skip
"""Roles of a table of sales and of one of customers."""
MONEY = ("unit_price", "amount", "order_total", "refunded", "list_price", "discount", "unit_cost", "total_spent")
LEAST = 0.35
"""A column with less for a role does not take it."""
CLOSE = 0.45
"""Another column that scores so near is named as what it might have been."""
PER_ORDER = 0.98
"""An id with at least so many different ones as there are orders is an id of orders, not of people."""


@dataclass(frozen=True)
class Role:
    """A column in a role: why, how sure (0 to 1), and which other columns might have it."""

    header: str
    score: float
    because: str
    other: tuple[str, ...] = ()


@dataclass(frozen=True)
class Levels:
    """At what level a column stands within the orders of a file.

    ``order``: the same on all lines of every order. ``first``: on the first line of an order only. ``line``: else.
    """

    of: dict[str, str] = field(default_factory=dict)
    several: bool = False

    def get(self, header: str) -> str:
        return self.of.get(header, "line")


def looks_of(frame: pd.DataFrame) -> dict[str, Look]:
    return {header: look(frame[header]) for header in frame}


def assign(
    frame: pd.DataFrame, roles: tuple[str, ...], looks: dict[str, Look], taken: dict[str, str] | None = None
) -> dict[str, Role]:
    """The best assignment of all roles together; ``taken`` are roles that were told, and are not looked for.

    First by headers and cells; then again with what only the orders of a first reading show: which money is of a line
    and which of an order, which id repeats from order to order, and where price times quantity is the amount.
    """
    taken = taken or {}
    scores = {header: {role: _score(header, frame[header], role, looks[header]) for role in roles} for header in frame}
    first = _best(scores, roles, taken)
    if "order_id" not in first or "ordered_at" not in roles:
        return _told(first, scores, taken)
    second = _with_orders(frame.head(LOOKED_AT), scores, first, looks)
    return _told(_best(second, roles, taken), second, taken)


def _told(best: dict[str, str], scores: dict[str, dict[str, float]], taken: dict[str, str]) -> dict[str, Role]:
    found = {}
    for role, header in best.items():
        score = scores[header].get(role, 1.0)
        near = [
            other for other in scores if other != header and scores[other].get(role, 0.0) > max(LEAST, score - CLOSE)
        ]
        near.sort(key=lambda other: -scores[other][role])
        fit = header_fit(header, role)
        because = (
            "its header says so" if fit >= 0.9 else "its header says so in part" if fit > 0 else "its cells say so"
        )
        found[role] = Role(header, score, "stated" if role in taken else because, tuple(near[:3]))
    return found


def _best(scores: dict[str, dict[str, float]], roles: tuple[str, ...], taken: dict[str, str]) -> dict[str, str]:
    """Role -> header with the greatest sum of scores, each column in one role."""
    headers = [header for header in scores if header not in taken.values()]
    open_roles = [role for role in roles if role not in taken]
    if not headers or not open_roles:
        return dict(taken)
    matrix = np.array([[scores[header][role] for role in open_roles] for header in headers])
    matrix[matrix < LEAST] = 0.0
    matrix -= 1e-6 * np.arange(len(headers))[:, None]  # of equals the first column
    rows, columns = linear_sum_assignment(matrix, maximize=True)
    chosen = {open_roles[j]: headers[i] for i, j in zip(rows, columns, strict=True) if matrix[i, j] >= LEAST - 0.01}
    return taken | {role: chosen[role] for role in open_roles if role in chosen}


# --- one column and one role -------------------------------------------------------------------------------------


def _score(header: str, column: pd.Series, role: str, seen: Look) -> float:
    """How much header and cells speak for a role, 0 to about 1.2."""
    if seen.filled == 0:
        return 0.0
    fit = header_fit(header, role)
    if role in ("email", "phone", "customer_id", "name"):
        return _as_person(role, fit, seen)
    if role in ("ordered_at", "last_order_at", "first_order_at", "signed_up_at", "cancelled_at"):
        date = seen.date > 0.9 or (fit >= 0.9 and seconds_like(column)) or seen.date > 0.6 * (fit >= 0.9)
        if not date:
            return 0.0
        if role == "cancelled_at":
            return fit
        return fit + 0.05 * seen.filled if fit else 0.2 * (role == "ordered_at")
    if role == "time_of_day":
        return fit if seen.clock > 0.9 else 0.0
    if role in (*MONEY, "quantity", "orders_count"):
        return _as_number(role, fit, seen)
    if role == "order_id":
        if fit == 0 or seen.digits < 0.8 or seen.date > 0.9 or seen.email > 0.5 or seen.decimals > 0.2:
            return 0.0
        if (
            column.head(500).astype("str").str.strip().str.contains(r"[^\W\d_]{3,} ", na=False).mean() > 0.5
            and fit < 0.95
        ):
            return 0.0  # words: a person or a thing
        own = fit - 0.25 * (header.strip().casefold() in ("id", "number", "no", "номер", "код", "reference", "ref"))
        own -= 0.3 * (1 - seen.filled)
        return own if seen.distinct > max(3, 0.02 * seen.filled * min(len(column), LOOKED_AT)) else 0.1 * fit
    if role == "line_id":
        return fit if fit >= 0.9 and seen.digits > 0.9 else 0.0
    if role in ("status", "currency", "category", "channel", "is_return", "sex", "country", "language"):
        return fit if seen.distinct <= 200 and seen.email < 0.5 else 0.0
    return fit


def _as_person(role: str, fit: float, seen: Look) -> float:
    """Keys of people: addresses by their look, ids by header and repetition, never a note or a bare name as an id."""
    if role == "email":
        return 0.5 * (seen.email > 0.6) + 0.5 * fit * (seen.email > 0.1) + 0.1 * seen.email
    if role == "phone":
        return fit + 0.2 * seen.phone if fit and seen.phone > 0.5 else 0.0
    if role == "name":
        return fit if seen.digits < 0.3 and seen.email < 0.3 else 0.0
    if seen.distinct < 3 or seen.decimals > 0.1 or seen.length > 60 or (seen.date > 0.9 and seen.digits > 0.9):
        return 0.0
    if seen.name > 0.8 and seen.digits < 0.3:
        return 0.0  # a bare name
    return fit


def _as_number(role: str, fit: float, seen: Look) -> float:
    if seen.number < 0.6 or (seen.date > 0.9 and seen.decimals == 0):
        return 0.0
    if role in ("quantity", "orders_count"):
        return fit - 0.4 * (seen.decimals > 0.2) if fit else 0.0
    if fit == 0:
        return 0.0
    return fit + 0.1 * (seen.decimals > 0.05) + 0.05 * (seen.filled > 0.9)


# --- what the orders show ----------------------------------------------------------------------------------------


def levels(frame: pd.DataFrame, order: pd.Series) -> Levels:
    """At what level every column stands; ``order`` has the order of each row."""
    size = order.groupby(order).transform("size")
    several = size > 1
    if several.sum() < 4:
        return Levels()
    lines, codes = frame[several], pd.factorize(order[several])[0]
    place = pd.Series(codes).groupby(codes).cumcount().to_numpy()
    orders = codes.max() + 1
    found = {}
    for header in frame:
        text = lines[header].astype("str").str.strip()
        empty = cells.blank(text).to_numpy()
        if empty.all():
            continue
        filled_later = (~empty & (place > 0)).sum()
        value = pd.factorize(text)[0]
        if filled_later <= 0.02 * (place > 0).sum() and (~empty & (place == 0)).sum() > 0.02 * orders:
            found[header] = "first"
        elif not empty.all():
            pairs = len(np.unique(np.column_stack([codes, value]), axis=0))
            found[header] = "order" if pairs <= 1.02 * orders else "line"
    return Levels(found, True)


def _with_orders(
    frame: pd.DataFrame, scores: dict[str, dict[str, float]], first: dict[str, str], looks: dict[str, Look]
) -> dict[str, dict[str, float]]:
    """The scores, with what the orders of a first reading add and take."""
    scores = {header: dict(own) for header, own in scores.items()}
    key = frame[first["order_id"]].astype("str")
    order = key.mask(cells.blank(key)).ffill()
    at = levels(frame, order)
    orders = order.nunique()
    for header, own in scores.items():
        level = at.get(header)
        if at.several and header in at.of:
            if own["amount"] and (level == "first" or (level == "order" and looks[header].distinct > 1)):
                own["order_total"] = max(own["order_total"], 0.95 * own["amount"])
                own["amount"] = 0.0
            elif own["order_total"] and level == "line":
                own["amount"] = max(own["amount"], 0.9 * own["order_total"])
                own["order_total"] = 0.0
            if level in ("order", "first"):
                for role in ("quantity", "unit_price", "line_id", "list_price", "unit_cost", "product_id"):
                    own[role] *= 0.4
            if level == "line":
                for role in ("customer_id", "ordered_at", "email", "order_id"):
                    own[role] *= 0.5 if header != first["order_id"] else 1.0
        if own["customer_id"] and orders > 20:
            each = frame[header].astype("str")
            each = each[~cells.blank(each)]
            if each.nunique() >= PER_ORDER * min(orders, order[each.index].nunique()):
                own["customer_id"] *= 0.4  # an id per order
    for own in scores.values():
        own["line_id"] *= at.several
    if not at.several:
        for own in scores.values():  # one line per order: its total is its amount
            own["amount"] = max(own["amount"], 0.85 * own["order_total"])
    _by_arithmetic(frame, scores)
    _price_of_what(frame, scores)
    return scores


def _by_arithmetic(frame: pd.DataFrame, scores: dict[str, dict[str, float]]) -> None:
    """Where price times quantity is another column, the three are what they seem, whatever their headers say.

    A price and an amount that are the same in nearly all rows prove nothing.
    """

    def best(*roles: str) -> list[str]:
        fits = {header: max(own[role] for role in roles) for header, own in scores.items()}
        return sorted((h for h, fit in fits.items() if fit >= LEAST), key=lambda h: -fits[h])[:4]

    pieces, money = best("quantity"), best("unit_price", "amount")
    numbers = {header: plain_numbers(frame[header]) for header in {*pieces, *money}}
    for quantity, price, amount in product(pieces, money, money):
        if len({quantity, price, amount}) < 3 or numbers[quantity].nunique() < 2:
            continue
        worth = numbers[price] * numbers[quantity]
        both = worth.notna() & numbers[amount].notna()
        apart = both & ((numbers[price] - numbers[amount]).abs() > 0.011)
        if both.sum() > 10 and apart.sum() > 3 and ((worth - numbers[amount]).abs() <= 0.011)[both].mean() > 0.95:
            of_price, of_amount = scores[price], scores[amount]
            scores[quantity]["quantity"] += 0.25
            of_price["unit_price"] = max(of_price["unit_price"], of_price["amount"]) + 0.25
            of_amount["amount"] = max(of_amount["amount"], of_amount["unit_price"]) + 0.25
            of_price["amount"] = of_amount["unit_price"] = 0.0
            return


def _price_of_what(frame: pd.DataFrame, scores: dict[str, dict[str, float]]) -> None:
    """A price that grows with the quantity of a product is the amount of a line: Amazon's ``item-price``."""
    top = {role: max(scores, key=lambda h: scores[h][role]) for role in ("quantity", "unit_price", "product_id")}
    if len(set(top.values())) < 3 or any(scores[header][role] < LEAST for role, header in top.items()):
        return
    price, quantity = plain_numbers(frame[top["unit_price"]]), plain_numbers(frame[top["quantity"]]).abs()
    lines = pd.DataFrame({"product": frame[top["product_id"]], "price": price, "each": (price / quantity).round(2)})
    lines = lines[(quantity > 0) & price.notna()]
    many = lines[quantity.reindex(lines.index) > 1]
    if len(many) < 10:
        return
    as_price, as_amount = (len(lines[["product", name]].drop_duplicates()) for name in ("price", "each"))
    own = scores[top["unit_price"]]
    if as_amount < 0.7 * as_price:
        own["amount"], own["unit_price"] = max(own["amount"], own["unit_price"]), 0.0


def plain_numbers(column: pd.Series) -> pd.Series:
    """Cells as numbers in a rough reading, for arithmetic between columns only."""
    text = column.astype("str").str.replace(r"[^\d.,\-]", "", regex=True)
    comma = text.str.contains(r",\d{1,2}$", na=False).mean() > 0.2
    text = text.str.replace("." if comma else ",", "", regex=False).str.replace(",", ".", regex=False)
    return pd.to_numeric(text, errors="coerce")
