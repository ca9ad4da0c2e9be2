"""Text cells to typed columns: numbers, times, flags, ids and text, with a finding for all that is not plain."""

from __future__ import annotations

import unicodedata

import pandas as pd

from helpers.text import header
from helpers.words import say
from helpers.written.dates import times
from helpers.written.numbers import numbers
from helpers.written.typed import Finding, Typed, blank, shape, typed, unreadable

__all__ = ["Finding", "Typed", "blank", "flags", "header", "ids", "numbers", "shape", "text", "times"]

JOINTS = "\u200c\u200d"
"""Signs of no width that are spelling, of Persian words among others."""
LEAST_CUT = 3
"""Different long numbers that end in zeros, before it is said that something has rounded them."""
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
    return typed(values, unreadable(cells, bad, "flag", say("written.mend.flag")))


def ids(cells: pd.Series) -> Typed:
    """Ids as text, exactly, but for spaces around them and what nobody sees: ``00123``, ``NA`` and numbers above 2^53
    stay what they are, and an accent is the same however it is written."""
    given = cells.astype("str")
    bare = given.str.strip()
    odd = bare.str.contains(r"[^\x20\x21\x23-\x7e]", na=False)
    seen = bare.where(~odd, bare[odd].map({text: _as_seen(text) for text in bare[odd].unique()}).reindex(bare.index))
    spaced = bare.notna() & (bare != given) & (bare != "")
    steering = odd & seen.str.contains(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", na=False)  # a cell may have lines
    powers = seen.str.fullmatch(r"\d[.,]\d+[eE]\+?\d+").fillna(False).astype(bool)
    long = seen[seen.str.len() > 15]
    long = long[long.str.fullmatch(r"\d+")]
    cut = pd.Series(False, index=seen.index)
    if long.nunique() >= LEAST_CUT and long.str.fullmatch(r"\d{15}0+").all():
        cut[long.index] = True
    severity = "error" if powers.any() and powers.sum() > (~blank(seen)).sum() / 2 else "warning"
    return typed(
        seen.mask(seen == ""),
        Finding("id_spaces", "repaired", spaced, say("reading.id.spaces")),
        Finding("id_unseen", "repaired", odd & (seen != bare), say("reading.id.unseen")),
        Finding("id_control", "quarantined", steering, say("reading.id.control")),
        Finding("id_quote", "warning", odd & seen.str.contains('"', regex=False, na=False), say("reading.id.quote")),
        Finding("id_rounded", severity, powers, say("reading.id.rounded")),
        Finding("id_rounded", "warning", cut, say("reading.id.zeros")),
    )


def _as_seen(text: str) -> str:
    """An id without signs that have no width, its letters composed; the joints of Persian words are spelling."""
    shown = "".join(sign for sign in text if unicodedata.category(sign) != "Cf" or sign in JOINTS)
    return unicodedata.normalize("NFC", shown).strip()


def text(cells: pd.Series) -> Typed:
    """Text exactly as it came; cells of nothing but space are missing."""
    return Typed(cells.mask(cells.str.strip() == ""))
