"""What a row of sales is worth, and whose: one currency, orders' totals, refunds, nobody's lines."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.read import cells
from helpers.read.ledger import CHOSEN, MOSTLY, Checked, to_accept
from helpers.read.nobody import is_nobody
from helpers.sources import SalesSource, TableSource
from helpers.study import Study
from helpers.text import fold
from helpers.words import say
from helpers.written import numbers

MONEY = ("amount", "unit_price", "list_price", "discount", "unit_cost", "order_total", "refunded")
"""Columns that are written in the currency of their row."""
DOLLARS = ("USD", "CAD", "AUD", "NZD", "SGD", "HKD", "TWD", "MXN", "ARS", "CLP", "COP", "UYU", "BRL")
"""Currencies that are written with the one sign $."""


def keep_only(check: Checked, source: TableSource) -> None:
    """Set aside the rows that ``where`` does not keep; an empty text in its list keeps rows with an empty cell."""
    for theirs, listed in source.where.items():
        kept = among(check.raw.frame[cells.header(theirs)], listed)
        text = say("reading.sales.not_kept", cells=[say("format.named", text=str(cell)) for cell in listed])
        check.note("not_kept", "quarantined", theirs, ~kept, text)


def among(column: pd.Series, listed: list[str | int | float | bool]) -> np.ndarray:
    """Which cells are one of the listed, whatever their case; each different cell is compared once."""
    wanted = {_plain(cell) for cell in listed}
    codes, different = pd.factorize(column)
    known = np.array([_plain(cell) in wanted for cell in different] + ["" in wanted])  # a missing cell's code is -1
    return known[codes]


def _plain(cell: object) -> str:
    """A cell as it is compared: ``5.0`` of a workbook is 5."""
    text = fold(str(cell))
    return text.removesuffix(".0") if text.removesuffix(".0").lstrip("-").isdigit() else text


# --- what a row is worth -----------------------------------------------------------------------------------------


def check_sales(check: Checked, columns: dict[str, str], source: SalesSource, study: Study) -> None:
    """Amounts in one currency, lines that are no goods, returns, prices that cannot be, and lines that come twice."""
    frame = check.frame
    _one_currency(check, columns, study)
    _derive_amount(check, columns)
    nothing = pd.Series(np.nan, index=frame.index)
    amount, price, quantity = frame["amount"], frame.get("unit_price", nothing), frame.get("quantity", nothing)
    where = next((columns[ours] for ours in ("amount", "unit_price", "order_total") if ours in columns), None)
    check.note("missing_value", "quarantined", where, amount.isna(), say("reading.sales.no_amount"))
    _set_aside_no_goods(check, source)
    returned = quantity < 0
    if "is_return" in columns:
        returned |= frame["is_return"].fillna(False).astype(bool)
    elif "quantity" not in columns:
        check.note("negative_amount", "warning", where, amount < 0, say("reading.sales.returns"))
        returned |= amount < 0
    below = ~returned & ((amount < 0) | (price < 0))
    check.note("negative_price", "quarantined", where, below, say("reading.sales.negative"))
    free = (amount == 0) | (price == 0)
    check.note("zero_price", "warning", where, free, say("reading.sales.free"))
    frame["is_return"] = returned.astype("boolean")
    frame["amount"] = amount.abs().where(~returned, -amount.abs()).where(~check.aside, amount)
    if "quantity" in frame:
        frame["quantity"] = quantity.where(~returned, -quantity.abs())
    if "unit_price" in frame:
        frame["unit_price"] = price.abs().where(returned, price)
    _check_repeats(check)


def read_again(columns: dict[str, str], source: SalesSource) -> set[str]:
    """Headers whose cells are looked at once more as they were written, after they were read."""
    money = {theirs for ours, theirs in columns.items() if ours in MONEY}
    return money | {cells.header(theirs) for theirs in source.not_goods}


def _one_currency(check: Checked, columns: dict[str, str], study: Study) -> None:
    """Money in the study's currency: rows in others by the rates of the study, or an error that names them."""
    if "currency" not in columns:
        _refuse_other_signs(check, columns, study)
        return
    frame, theirs = check.frame, columns["currency"]
    codes = frame["currency"].str.strip().str.upper()
    given = codes[~check.aside].value_counts()
    own = study.currency.upper() or (str(given.index[0]) if len(given) == 1 else "")
    rates = {code.upper(): rate for code, rate in study.rates.items()} | {own: 1.0}
    if unknown := [code for code in given.index if code not in rates]:
        shown = [say("reading.sales.currency_rows", code=code, n=rows) for code, rows in given.items()]
        mend = say("reading.sales.worth_in", own=own) if own else say("reading.sales.worth")
        mends = {"rates": [f"{code}: ..." for code in unknown], "mend": mend, "header": theirs, "code": given.index[0]}
        text = say("reading.sales.currencies", codes=shown, **mends)
        check.note("mixed_currencies", "error", theirs, codes.isin(unknown), text)
        return
    worth = codes.map(rates).fillna(1.0)
    others = worth.ne(1.0)
    check.note("converted", "repaired", theirs, others, say("reading.sales.converted", own=own))
    if others.any():
        for name in frame.columns.intersection(MONEY):
            frame[name] = frame[name] * worth


def _refuse_other_signs(check: Checked, columns: dict[str, str], study: Study) -> None:
    """An error where the cells or headers of money name another currency than the study does."""
    own = numbers.currency_of(pd.Series([f"5 {study.currency}"])) if study.currency else ""
    for ours in MONEY:
        if own and ours in columns:
            theirs = columns[ours]
            cell = check.raw.frame[theirs].astype("str")
            named = numbers.currency_of(cell[~check.aside].drop_duplicates().head(2000), theirs)
            if named and named != own and not {named, own} <= set(DOLLARS):
                text = say("reading.sales.other_currency", named=named, own=study.currency)
                check.tell("other_currency", "error", theirs, text)


def _derive_amount(check: Checked, columns: dict[str, str]) -> None:
    """amount = unit_price x quantity (one where the file has no quantity), wherever the amount is not given.

    Where neither amounts nor prices of lines are there, an order's total is spread over its lines.
    """
    frame = check.frame
    if not {"amount", "unit_price"} & set(columns):
        frame["amount"] = _spread_totals(check, columns)
        return
    if "unit_price" not in frame:
        return
    worth = frame["unit_price"] * frame.get("quantity", 1)
    if "amount" in frame:
        gaps = frame["amount"].isna() & worth.notna()
        check.note("amount_derived", "repaired", columns["amount"], gaps, say("reading.sales.derived"))
    elif "quantity" not in frame:
        check.tell("no_quantity", "warning", columns["unit_price"], say("reading.sales.no_quantity"))
    frame["amount"] = frame["amount"].fillna(worth) if "amount" in frame else worth


def _spread_totals(check: Checked, columns: dict[str, str]) -> pd.Series:
    """Each order's total once, in equal parts over its lines; the first line takes what does not divide."""
    order, total, theirs = check.frame["order_id"], check.frame["order_total"], columns["order_total"]
    by_order = total.groupby([order, pd.Series(check.aside, index=order.index)])
    differs = by_order.transform("nunique") > 1
    if order[differs & ~check.aside].nunique() > 0.02 * order.nunique():
        check.note("order_total_differs", "error", theirs, differs, say("reading.sales.no_totals"))
    other = differs & (total != by_order.transform("first"))
    check.note("order_total_differs", "warning", theirs, other, say("reading.sales.other_total"))
    once, lines, place = by_order.transform("first"), by_order.transform("size"), by_order.cumcount()
    part = (once / lines).round(2)
    if lines.gt(1).any():
        check.note("order_total_once", "repaired", theirs, lines > 1, say("reading.sales.total_once"))
    return part.where(place > 0, once - part * (lines - 1))


def _set_aside_no_goods(check: Checked, source: SalesSource) -> None:
    """Shipping, discounts, gift cards, fees: told as what they are, and neither goods nor returns."""
    for theirs, kinds in source.not_goods.items():
        for kind, texts in kinds.items():
            rows = among(check.raw.frame[cells.header(theirs)], list(texts))
            text = say("reading.sales.not_goods", kind=say(f"reading.sales.no_goods.{kind}"))
            check.note("not_goods", "quarantined", theirs, rows, text)


def _check_repeats(check: Checked) -> None:
    """Lines that come twice: surplus where lines are numbered, perhaps two real ones where they are not."""
    counted = check.frame[~check.aside] if check.aside.any() else check.frame
    hashes = pd.Series(np.zeros(len(counted), "uint64"), index=counted.index)
    for name in counted:  # a column at a time: of ten million lines all at once are a gigabyte
        hashes = hashes * 31 + pd.util.hash_array(pd.factorize(counted[name])[0])
    again = counted[hashes.duplicated(keep=False)].duplicated().reindex(check.frame.index, fill_value=False)
    if "line_id" in check.frame:
        check.note("duplicate_line", "quarantined", None, again, say("reading.sales.duplicate_line"))
    else:
        check.note("repeated_line", "warning", None, again, say("reading.sales.repeated_line"))


# --- whose it is, and what was given back ------------------------------------------------------------------------


def settle(check: Checked, columns: dict[str, str], source: SalesSource, study: Study) -> None:
    """Refunds of whole orders, lines that are nobody's, what should be asked about, and how much money was lost."""
    if "refunded" in columns:
        _give_back(check, columns)
    _find_nobody(check, columns, source, study)
    _refuse_loss(check, study)


def _give_back(check: Checked, columns: dict[str, str]) -> None:
    """Money given back, as a returned line of the order; no more than its goods, less what was taken back."""
    lines = check.frame[~check.aside]
    refunded = lines["refunded"].abs().fillna(0.0)
    by_order = refunded.groupby(lines["order_id"])
    several = by_order.transform("size") > 1
    once = not several.any() or bool((by_order.transform("nunique")[several] == 1).all())
    given = by_order.max() if once else by_order.sum()
    bought = lines["amount"].groupby(lines["order_id"]).sum()
    back = given.clip(upper=bought.clip(lower=0.0)).round(6)
    more = lines["order_id"].map(given - back > 0.005).reindex(check.frame.index, fill_value=False)
    check.note("refund_of_more", "warning", columns["refunded"], more, say("reading.sales.refund_of_more"))
    first = lines.drop_duplicates("order_id").set_index("order_id")
    back = back[back > 0]
    if back.empty:
        return
    rows = lines["order_id"].isin(back.index).reindex(check.frame.index, fill_value=False)
    check.note("refunded", "repaired", columns["refunded"], rows, say("reading.sales.refunded", n=len(back)))
    made = pd.DataFrame({"order_id": back.index, "amount": -back.to_numpy(), "is_return": True})
    for name in ("customer_id", "ordered_at"):
        made[name] = first[name].reindex(back.index).to_numpy()
    check.given_back = made.reindex(columns=check.frame.columns)


def _find_nobody(check: Checked, columns: dict[str, str], source: SalesSource, study: Study) -> None:
    """Lines without a key, or with one that stands for no person: sales, and nobody's."""
    theirs = columns.get("customer_id")
    nobody = _no_person(check.frame["customer_id"], source)
    if nobody.any():
        missing = check.frame["customer_id"].isna().to_numpy()
        check.frame["customer_id"] = check.frame["customer_id"].mask(nobody)
        if columns["order_id"] != columns["ordered_at"]:
            _ask_to_fill_down(check, theirs, missing & ~check.aside, study)
    if len(check.given_back):
        people = check.given_back["customer_id"]
        check.given_back["customer_id"] = people.mask(_no_person(people, source))
    worth = check.frame["amount"].where(~check.aside).abs()
    share = worth[nobody].sum() / (worth.sum() or 1.0)
    check.note("no_person", "quarantined", theirs, nobody, say("reading.sales.nobody", share=share))
    if share > max(MOSTLY, study.accept_set_aside):
        text = say("reading.sales.mostly_nobody", share=share, accept=to_accept(share))
        check.tell("mostly_nobody", "error", theirs, text)


def _no_person(keys: pd.Series, source: SalesSource) -> np.ndarray:
    """Which keys are empty, or stand for no person; each different key is looked at once."""
    stated = {_plain(key) for key in source.nobody}
    codes, different = pd.factorize(keys)
    known = [is_nobody(_plain(key), stated) for key in different]
    return np.array([*known, True])[codes]  # a missing key's code is -1


def _ask_to_fill_down(check: Checked, theirs: str | None, missing: np.ndarray, study: Study) -> None:
    """An error where the key is missing on lines of orders that have one on another line."""
    order = check.frame["order_id"]
    doubtful = order.isin(order[missing].unique()).to_numpy()
    within = missing & order.isin(order[doubtful & ~missing & ~check.aside].unique()).to_numpy()
    if within.sum() > study.accept_set_aside * (~check.aside).sum():
        check.note("blank_within_order", "error", theirs, within, say("reading.sales.fill_down"))


def _refuse_loss(check: Checked, study: Study) -> None:
    """An error where faults set aside more money than the study accepts; an unreadable amount counts as a mean one."""
    worth = check.frame["amount"].abs().to_numpy()
    fault = check.aside & ~check.aside_for(*CHOSEN)
    counted = ~check.aside | check.aside_for("no_person")
    mean = np.nanmean(worth[counted]) if counted.any() else 1.0
    no_loss = sum(i.rows for i in check.raw.issues if i.severity == "quarantined" and i.code in CHOSEN)
    lost = np.where(np.isnan(worth), mean, worth)[fault].sum() + max(0, check.raw.lost - no_loss) * mean
    share = lost / (np.nansum(worth[counted]) + lost or 1.0)
    if share <= study.accept_set_aside:
        return
    codes = dict.fromkeys(issue.code for issue in check.issues if issue.severity == "quarantined")
    told = {"share": share, "accepted": study.accept_set_aside, "accept": to_accept(share)}
    text = say("reading.sales.lost", codes=[code for code in codes if code not in CHOSEN], **told)
    check.tell("too_much_set_aside", "error", None, text)
