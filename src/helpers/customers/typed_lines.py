"""Order lines in typed Parquet, read and accounted for as one expression: no line comes to this process.

The rules are those of the front door (``helpers.read``), under the same codes, where columns are typed already: rows
that do not count, missing keys, days and amounts, negative prices, days to come, nobody's lines. What wants all lines
beside one another (spellings of one key, lines that come twice without a number, days far from all others) or a
person's eye (currencies, totals of orders, text to be read as numbers) is left to the front door, and refused here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import or_
from pathlib import Path
from typing import Any

import duckdb
import ibis
import pandas as pd

from helpers.columns import TABLES
from helpers.contracts import DataError, FileAccount, Issue, StudyError
from helpers.customers.facts import MILLION, millionths
from helpers.customers.features import feature_expression, read_vocabulary
from helpers.customers.front_door import cells_among, key
from helpers.read.ledger import CHOSEN, MOSTLY, not_opened, to_accept
from helpers.read.nobody import listed_nobodies
from helpers.read.rules import OLDEST
from helpers.sources import Reading
from helpers.study import Study
from helpers.text import fold, nearest_said
from helpers.words import Text, say
from helpers.written.dates import DAY_AFTER_ZERO, EPOCH, FAR_DAY, FIRST_DAY
from helpers.written.numbers import LARGEST

ALLOWED = {
    "id": ("string", "integer"), "text": ("string", "integer", "boolean"), "number": ("integer", "floating", "decimal"),
    "time": ("timestamp", "date"), "flag": ("boolean",),
}  # fmt: skip
"""What a column of each kind may be typed as."""
NOT_HERE = ("order_total", "refunded")
OF_KEYS = {
    "id_spaces": ("repaired", say("reading.id.spaces")), "id_unseen": ("repaired", say("reading.id.unseen")),
    "id_composed": ("quarantined", say("engine.lines.composed")),
    "id_control": ("quarantined", say("reading.id.control")),
}  # fmt: skip
"""What is told of a key: code, severity and text, in the order of ``front_door.Key``."""
_EMPTY = r"^([0\s!-/:-@\[-`{-~]*|-1)$"


@dataclass(frozen=True)
class Rule:
    """One kind of finding; ``holds`` says of which rows, ``column`` is the user's header.

    ``text`` is empty where it tells a share that is not known yet.
    """

    code: str
    severity: str
    column: str | None
    holds: ibis.expr.types.BooleanValue
    text: Text = ""


@dataclass(frozen=True)
class Lines:
    """Lines that count, as an expression, the account of all, and the days of the first and the last that counts."""

    kept: ibis.Table
    account: FileAccount
    first: dt.date
    last: dt.date


def read_lines(backend: ibis.BaseBackend, study: Study, paths: Sequence[str] = ()) -> Lines:
    """The sales of a study, or of other ``paths`` of the same layout, read by the engine itself.

    ``kept`` has customer_id, order_id, ordered_at, amount (negative for what was given back), is_return, and what else
    of the contract is there: the columns of ``LoadedTables.frames["sales"]``.

    Raises StudyError for what study.yml asks and this cannot do, DataError for columns and for too much set aside.
    """
    source = study.tables.sales
    if source is None:
        raise StudyError(f"{study.path}: names no sales table; its columns say how lines are to be read")
    unread = {"lookup": source.lookup, "not_goods": source.not_goods, "connect": source.connect and not paths}
    asked = [name for name, given in unread.items() if given]
    asked += [f"read.{name}" for name, value in source.read if value != getattr(Reading(), name)]
    if asked:
        raise StudyError(
            f"{study.path}: tables.sales: {', '.join(asked)} cannot be followed in typed Parquet; leave it out, or "
            "make such lines into plain ones first"
        )
    shown = " and ".join(paths or source.paths)
    table = files_of(backend, paths or [str(study.folder / path) for path in source.paths])
    columns = _columns(table, study, shown)
    chosen = {cell: cells_among(backend, table, cell, listed, shown) for cell, listed in source.where.items()}
    typed = _typed(table, columns, chosen)
    rules = list(_rules(typed, columns, study))
    account, counts = _account(backend, typed, rules, study, shown)
    aside = [rules[place].holds for place in _aside(rules) if counts[f"rows {place}"]]  # the others hold nowhere
    kept = typed.filter(~reduce(or_, aside)) if aside else typed
    kept = kept.drop(*(name for name in kept.columns if name.startswith("given ")))
    return Lines(kept, account, counts["first"].date(), counts["last"].date())


def features_of_lines(
    backend: ibis.BaseBackend, study: Study, paths: Sequence[str] = ()
) -> tuple[ibis.Table, FileAccount]:
    """One row per customer with an order up to ``as_of``: the columns of ``Today.features`` that sales make, as an
    expression, and the account of the lines.

    Channels and categories of few customers have columns, too: a frozen model may know them.
    """
    lines = read_lines(backend, study, paths)
    start, end = study.window.start or lines.first, (study.window.as_of or lines.last) + dt.timedelta(days=1)
    vocabulary = read_vocabulary(backend, lines.kept, start, end, 1)
    found = feature_expression(lines.kept, start, end, vocabulary)
    return found.filter(found.orders > 0), lines.account


# --- columns -----------------------------------------------------------------------------------------------------


def files_of(backend: ibis.BaseBackend, paths: Sequence[str]) -> ibis.Table:
    """The rows of several files with all the columns that each of them has."""
    parts = [parquet(backend, path) for path in paths]
    common = [name for name in parts[0].columns if all(name in part.columns for part in parts)]
    return ibis.union(*(part.select(common) for part in parts)) if len(parts) > 1 else parts[0]


def parquet(backend: ibis.BaseBackend, path: str) -> ibis.Table:
    """A Parquet file, or a folder of them, as the engine reads it. Raises DataError for what is none."""
    if backend.name == "pyspark":
        return backend.read_parquet(path)
    backend.raw_sql("SET TimeZone = 'UTC'")
    try:
        return backend.read_parquet(f"{path}/**/*.parquet" if Path(path).is_dir() else path)
    except duckdb.Error as fault:
        raise DataError(say("opening.refused.parquet", path=path, fault=str(fault).splitlines()[0][:200])) from None


def _columns(table: ibis.Table, study: Study, shown: str) -> dict[str, str]:
    """Our names and the headers that hold them. Raises DataError for one that is missing or of another type."""
    source, contract, faults = study.tables.sales, TABLES["sales"], []
    columns = {ours: source.columns.get(ours, ours) for ours in contract}
    columns = {ours: theirs for ours, theirs in columns.items() if theirs in table.columns}
    needed = [ours for ours, column in contract.items() if column.required or ours in source.columns]
    needed += [] if "unit_price" in columns else ["amount"]
    for ours in dict.fromkeys(needed):
        if ours not in columns:
            theirs = source.columns.get(ours, ours)
            near = nearest_said(theirs, table.columns)
            faults.append(say("engine.lines.missing", needed=ours, column=theirs, nearest=near))
    for theirs in source.where:
        if theirs not in table.columns:
            near = nearest_said(theirs, table.columns)
            faults.append(say("engine.lines.missing", needed="where", column=theirs, nearest=near))
    for ours, theirs in columns.items():
        kind, allowed = table[theirs].type(), ALLOWED[contract[ours].kind]
        if not any(getattr(kind, f"is_{name}")() for name in allowed):
            faults.append(say("engine.lines.kind", column=theirs, kind=str(kind), needed=ours, allowed=list(allowed)))
        if ours in NOT_HERE:
            faults.append(say("engine.lines.not_here", column=theirs, ours=ours))
    if faults:
        text = say("engine.lines.faults", path=shown, lines=faults)
        raise DataError(text, [not_opened("sales", shown, text)])
    return columns


def _typed(table: ibis.Table, columns: dict[str, str], chosen: dict[str, ibis.expr.types.BooleanValue]) -> ibis.Table:
    """The lines under our names, as the front door has them; what rules need beside them is called ``given ...``.

    ``chosen`` : which cells of a column the study wants, by its header.
    """
    found: dict[str, ibis.Value] = {}
    for ours, theirs in columns.items():
        kind, value = TABLES["sales"][ours].kind, table[theirs]
        if kind == "id" and value.type().is_string():
            found[ours], *told = key(value)
            found |= {f"given {what} {ours}": holds for what, holds in zip(OF_KEYS, told, strict=True)}
        elif kind in ("id", "text"):
            text = value.cast("string")
            found[ours] = text if kind == "id" else ibis.ifelse(_stripped(text) == "", None, text)
        elif kind == "number":
            number = value.cast("float64")
            found[ours] = ibis.ifelse(number.between(-LARGEST, LARGEST), number, None)
            found[f"given wild {ours}"] = (number.abs() > LARGEST).fill_null(False) & ~number.isnan().fill_null(False)
        else:
            found[ours] = value.cast("timestamp") if kind == "time" else value
    found |= {f"given {theirs}": wanted for theirs, wanted in chosen.items()}
    amount, quantity, price = (found.get(name) for name in ("amount", "quantity", "unit_price"))
    if price is not None:
        made = price * (1.0 if quantity is None else quantity)
        amount = made if amount is None else amount.coalesce(made)
    back = ibis.literal(False) if quantity is None else (quantity < 0).fill_null(False)
    if "is_return" in found:
        back |= found["is_return"].fill_null(False)
    elif quantity is None:
        back = (amount < 0).fill_null(False)
    found["given amount"] = amount
    found |= {"is_return": back, "amount": ibis.ifelse(back, -amount.abs(), amount)}
    if quantity is not None:
        found["quantity"] = ibis.ifelse(back, -quantity.abs(), quantity)
    if price is not None:
        found["unit_price"] = ibis.ifelse(back, price.abs(), price)
    return table.select(**found)


def _stripped(text: ibis.expr.types.StringValue) -> ibis.expr.types.StringValue:
    """Without white space about it; most has none at either end, and is not gone through."""
    return ibis.ifelse((text < "!") | (text.right(1) < "!"), text.strip(), text)


# --- rules -------------------------------------------------------------------------------------------------------


def _rules(lines: ibis.Table, columns: dict[str, str], study: Study) -> Iterator[Rule]:
    """What is looked for, in the order of the front door: of a row that is set aside the first reason counts."""
    source, amount, moment = study.tables.sales, lines["given amount"], lines.ordered_at
    for theirs, listed in source.where.items():
        text = say("reading.sales.not_kept", cells=[say("format.named", text=str(cell)) for cell in listed])
        yield Rule("not_kept", "quarantined", theirs, ~lines[f"given {theirs}"], text)
    for ours, theirs in columns.items():
        for what, (severity, text) in OF_KEYS.items():
            if f"given {what} {ours}" in lines.columns:
                yield Rule(what, severity, theirs, lines[f"given {what} {ours}"], text)
    for ours, theirs in columns.items():
        if f"given wild {ours}" in lines.columns:
            text = say("written.number.too_large", most=f"{LARGEST:g}")
            yield Rule("number_too_large", "quarantined", theirs, lines[f"given wild {ours}"], text)
    yield Rule("no_date", "quarantined", columns["ordered_at"], _no_date(moment), say("written.date.none"))
    for name in ("order_id", "ordered_at"):
        text = say("reading.column.no_value", column=name)
        yield Rule("missing_value", "quarantined", columns[name], lines[name].isnull(), text)
    where = columns.get("amount") or columns["unit_price"]
    yield Rule("missing_value", "quarantined", where, amount.isnull(), say("reading.sales.no_amount"))
    below = (amount < 0).fill_null(False)
    if "unit_price" in lines.columns:
        below |= (lines.unit_price < 0).fill_null(False)
    yield Rule("negative_price", "quarantined", where, below & ~lines.is_return, say("reading.sales.negative"))
    yield Rule("zero_price", "warning", where, _free(lines, amount), say("reading.sales.free"))
    as_of = study.window.as_of
    latest = pd.Timestamp(max(dt.date.today(), as_of or dt.date.min)) + pd.Timedelta(days=2)
    day = columns["ordered_at"]
    yield Rule("future_date", "quarantined", day, (moment >= latest).fill_null(False), say("reading.time.future"))
    if as_of:
        after = (moment >= pd.Timestamp(as_of) + pd.Timedelta(days=1)).fill_null(False)
        yield Rule("after_as_of", "warning", day, after, say("reading.time.after_as_of", as_of=as_of.isoformat()))
    old = (moment < OLDEST).fill_null(False)
    yield Rule("old_date", "warning", day, old, say("reading.time.old"))
    yield Rule("no_person", "quarantined", columns["customer_id"], is_nobody(lines.customer_id, study))


def _no_date(moment: ibis.Value) -> ibis.expr.types.BooleanValue:
    """Days that stand for none; a table most of whose days are the clock's zero is refused for what it would lose."""
    zero = moment.between(EPOCH - pd.Timedelta(hours=14), DAY_AFTER_ZERO)
    return (zero | (moment < FIRST_DAY) | (moment > FAR_DAY)).fill_null(False)


def _free(lines: ibis.Table, amount: ibis.Value) -> ibis.expr.types.BooleanValue:
    """Lines that cost nothing, by their amount or by the price of a piece."""
    free = (amount == 0).fill_null(False)
    return free | (lines.unit_price == 0).fill_null(False) if "unit_price" in lines.columns else free


def is_nobody(keys: ibis.expr.types.StringValue, study: Study) -> ibis.expr.types.BooleanValue:
    """Keys that stand for no person, as ``read.nobody`` has them, by signs of ASCII alone in what holds none."""
    words, mailboxes = listed_nobodies()
    key = keys.lower()
    stated = [*words, *(fold(str(word)) for word in study.tables.sales.nobody)]
    guests = key.contains("@") & key.split("@")[0].isin(sorted(mailboxes))
    return (keys.isnull() | key.isin(sorted(set(stated))) | key.re_search(_EMPTY) | guests).fill_null(True)


# --- the account -------------------------------------------------------------------------------------------------


def _account(
    backend: ibis.BaseBackend, lines: ibis.Table, rules: Sequence[Rule], study: Study, shown: str
) -> tuple[FileAccount, dict[str, Any]]:
    """Where every line went, counted by the engine in one pass; and what was counted (``_counts``).

    Raises DataError where no line is left, where lines are in several currencies, or where more money is set aside, or
    nobody's, than the study accepts.
    """
    counts = backend.to_pyarrow(_counts(lines, rules)).to_pylist()[0]
    money = {place: value and value / MILLION for place in _aside(rules) for value in (counts[f"money {place}"],)}
    worth = (counts["worth"] or 0.0) / MILLION
    nobodys = sum((counts[f"lost {i}"] or 0.0) / MILLION for i in money if rules[i].code == "no_person")
    share = nobodys / (worth or 1.0)
    texts = [rule.text or say("reading.sales.nobody", share=share) for rule in rules]
    issues = [
        Issue(rule.code, rule.severity, rule.column, n, (), text, _rounded(money.get(place)))
        for place, (rule, text) in enumerate(zip(rules, texts, strict=True))
        if (n := int(counts[f"rows {place}"] or 0))
    ]
    aside = sum(issue.rows for issue in issues if issue.severity == "quarantined")
    rows, repaired = int(counts["rows"]), int(counts["repaired"] or 0)
    if "line_id" in lines.columns:
        issues.append(Issue("lines_not_compared", "warning", None, 0, (), say("engine.lines.not_compared")))
    account = FileAccount("sales", shown, rows, rows - aside, repaired, aside, tuple(issues))
    if fault := _refused(counts, rules, account, study, share):
        told = Issue("refused", "error", None, rows, (), fault)
        raise DataError(
            say("reading.at.file", path=shown, text=fault), [replace(account, issues=(*account.issues, told))]
        )
    return account, counts


def _aside(rules: Sequence[Rule]) -> list[int]:
    """The places of the rules that set rows aside."""
    return [place for place, rule in enumerate(rules) if rule.severity == "quarantined"]


def _counts(lines: ibis.Table, rules: Sequence[Rule]) -> ibis.Table:
    """One row: lines, those of each rule that no rule before it set aside, and their money in millionths."""
    because = ibis.cases(*((rules[place].holds, place) for place in _aside(rules)), else_=len(rules))
    holds = {f"holds {place}": rule.holds for place, rule in enumerate(rules)}
    told = lines.mutate(because=because, worth=millionths(lines["given amount"].abs()), **holds)
    kept, no_person = told.because == len(rules), [i for i in _aside(rules) if rules[i].code == "no_person"]
    counted = kept | told.because.isin(no_person)
    sums = {
        "rows": told.count(),
        "first": told.ordered_at.min(where=kept),
        "last": told.ordered_at.max(where=kept),
        "worth": told.worth.sum(where=counted),
        "counted": told.worth.count(where=counted),
        "repaired": (kept & reduce(or_, [told[f"holds {i}"] for i in _repaired(rules)], ibis.literal(False))).sum(),
    }
    if "currency" in lines.columns:
        code = told.currency.strip().upper()
        sums |= {"currency": code.min(where=kept), "other currency": code.max(where=kept)}
    for place in range(len(rules)):
        met = told.because == place if place in _aside(rules) else told[f"holds {place}"] & (told.because >= place)
        sums[f"rows {place}"] = met.sum()
        if place in _aside(rules):
            sums[f"money {place}"] = millionths(told.amount).sum(where=met)
            sums |= {f"lost {place}": told.worth.sum(where=met), f"blank {place}": (met & told.worth.isnull()).sum()}
    return told.aggregate(**sums)


def _repaired(rules: Sequence[Rule]) -> list[int]:
    return [place for place, rule in enumerate(rules) if rule.severity == "repaired"]


def _refused(counts: dict[str, Any], rules: Sequence[Rule], account: FileAccount, study: Study, nobodys: float) -> Text:
    """Why these lines are not counted at all; empty where they are. ``nobodys``: the share of the money."""
    if not account.rows_used:
        return say("engine.lines.nothing")
    codes = sorted({counts[name] for name in ("currency", "other currency") if counts.get(name)})
    if codes and codes != [study.currency.upper() or codes[0]]:
        return say("engine.lines.currencies", codes=codes, own=study.currency or codes[0])
    worth, accepted = (counts["worth"] or 0.0) / MILLION, study.accept_set_aside
    if nobodys > max(MOSTLY, accepted):
        return say("reading.sales.mostly_nobody", share=nobodys, accept=to_accept(nobodys))
    faults = [place for place in _aside(rules) if rules[place].code not in CHOSEN]
    mean = worth / counts["counted"] if counts["counted"] else 1.0  # an unreadable amount counts as a mean one
    lost = sum((counts[f"lost {i}"] or 0.0) / MILLION + (counts[f"blank {i}"] or 0) * mean for i in faults)
    share = lost / (worth + lost or 1.0)
    if share > accepted:
        named = [issue.code for issue in account.issues if issue.severity == "quarantined" and issue.code not in CHOSEN]
        told = {"share": share, "accepted": accepted, "accept": to_accept(share)}
        return say("reading.sales.lost", codes=list(dict.fromkeys(named)), **told)
    return ""


def _rounded(money: float | None) -> float | None:
    return None if money is None else round(money, 2)
