"""Text cells to typed columns: numbers, times, flags, ids and text, with a finding for all that is not plain."""

from __future__ import annotations

import pandas as pd

from helpers.text import header
from helpers.written.dates import times
from helpers.written.numbers import numbers
from helpers.written.typed import Finding, Typed, blank, shape, typed, unreadable

__all__ = ["Finding", "Typed", "blank", "flags", "header", "ids", "numbers", "shape", "text", "times"]

_FLAGS = {
    **dict.fromkeys(("true", "yes", "y", "1", "да", "ja", "oui", "ha", "иә", "კი", "დიახ", "بله", "بلی"), True),
    **dict.fromkeys(("false", "no", "n", "0", "нет", "nein", "non", "yo'q", "yoʻq", "жоқ", "არა", "خیر"), False),
    **dict.fromkeys(("refund", "refunded", "return", "returned", "возврат", "retoure", "gutschrift", "retour"), True),
    **dict.fromkeys(
        ("remboursement", "devolución", "zwrot", "reso", "iade", "qaytarish", "қайтару", "დაბრუნება"), True
    ),
    **dict.fromkeys(("مرجوعی", "credit", "credit note"), True),
    **dict.fromkeys(("sale", "sales", "payment", "charge", "order", "invoice", "продажа", "verkauf", "vente"), False),
    **dict.fromkeys(("credit memo", "sales credit note", "refund receipt", "avoir", "возврат товара"), True),
    **dict.fromkeys(("auftrag", "rechnung", "bestellung", "facture", "factura", "заказ", "реализация"), False),
    **dict.fromkeys(("sales invoice", "sales receipt", "sales order"), False),
    **dict.fromkeys(("venta", "sprzedaż", "vendita", "satış", "sotuv", "сату", "გაყიდვა", "فروش"), False),
}


def flags(cells: pd.Series) -> Typed:
    """Read yes and no, true and false, 1 and 0 (and the words of six more languages) as ``boolean``."""
    if pd.api.types.is_bool_dtype(cells) or pd.api.types.is_numeric_dtype(cells):
        cells = cells.astype("str").str.removesuffix(".0")
    values = cells.str.strip().str.lower().map(_FLAGS).astype("boolean")
    bad = values.isna() & ~blank(cells)
    return typed(values, unreadable(cells, bad, "flag", "allowed: yes and no, true and false, 1 and 0"))


def ids(cells: pd.Series) -> Typed:
    """Ids as text, exactly, but for spaces around them: ``00123``, ``NA`` and numbers above 2^53 stay what they are."""
    bare = cells.astype("str").str.strip()
    spaced = (bare != cells) & (bare != "")
    rounded = bare.str.fullmatch(r"\d[.,]\d+[eE]\+?\d+")
    text = "looks like a number that a spreadsheet has rounded; export the column as text"
    return typed(
        bare.mask(bare == ""),
        Finding("id_spaces", "repaired", spaced, "spaces around ids dropped"),
        Finding("id_rounded", "warning", rounded, text),
    )


def text(cells: pd.Series) -> Typed:
    """Text exactly as it came; cells of nothing but space are missing."""
    return Typed(cells.mask(cells.str.strip() == ""))
