"""A study of fewer customers, drawn by lot from typed Parquet that no process holds: whole people, with all their rows.

Who is drawn follows from the seed and the key alone, by a digest that every engine has: a person is in or out in every
table, on every engine, and today as tomorrow (hash sampling; Duffield & Grossglauser 2001, trajectory sampling).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import ibis

from helpers.contracts import StudyError
from helpers.customers.front_door import key as at_the_front_door
from helpers.customers.typed_lines import files_of, is_nobody
from helpers.sources import TableSource
from helpers.study import Study

BY = {
    "sales": ("customer_id", "order_id"), "sessions": ("customer_id", "visitor_id"), "steps": ("session_id",),
    "survey": ("customer_id", "respondent_id"), "conjoint": ("respondent_id",), "interviews": ("respondent_id",),
    "leads": ("customer_id", "lead_id"),
}  # fmt: skip
"""Whose lot a row shares, the first that is known; of other tables the customer's, of prices nobody's."""
DIGITS = 12
"""Hexadecimal digits of the digest that are compared."""
PARQUET = (".parquet", ".pq")


@dataclass(frozen=True)
class Drawn:
    """Tables of the people drawn, as expressions; the customers of the sales, and the share of them that is drawn.

    whole : tables that are no Parquet, or know no person: they stay as they are.
    """

    tables: dict[str, ibis.Table]
    whole: tuple[str, ...]
    customers: int
    share: float


def draw(backend: ibis.BaseBackend, study: Study, people: int, lines: Sequence[str] = ()) -> Drawn:
    """So many customers of a study, about, and every row of theirs in each of its tables in Parquet.

    lines : order lines in place of the study's own. Orders of nobody are drawn order by order. Raises StudyError for
    sales that are no Parquet, and for tables in a database.
    """
    given = study.tables.given()
    if kept := [name for name, source in given.items() if source.connect]:
        raise StudyError(f"{study.path}: tables.{kept[0]}: people are drawn from Parquet; write that table out first")
    if "sales" not in given or not (lines or _is_parquet(given["sales"])):
        raise StudyError(
            f"{study.path}: tables.sales: people are drawn from typed Parquet, a .parquet file or a folder"
        )
    paths = {name: [str(study.folder / path) for path in source.paths] for name, source in given.items()}
    paths |= {"sales": list(lines)} if lines else {}
    rows = {name: files_of(backend, paths[name]) for name in given if name == "sales" or _is_parquet(given[name])}
    keys = {name: _key(table, name, study) for name, table in rows.items()}
    keys = {name: key for name, key in keys.items() if key is not None}
    customers = int(backend.to_pyarrow(_customers(rows["sales"], study)).as_py())
    share = min(people / max(customers, 1), 1.0)
    border = f"{min(round(share * 16**DIGITS), 16**DIGITS - 1):0{DIGITS}x}"

    def lot(key: ibis.expr.types.StringValue) -> ibis.expr.types.BooleanValue:
        return (ibis.literal(f"{study.seed} ") + key).hexdigest("md5").left(DIGITS) <= border

    drawn = {name: rows[name].filter(lot(key)) for name, key in keys.items()}
    if "sessions" in drawn:
        drawn["sessions"] = _visits(rows["sessions"], study, lot)
    return Drawn(drawn, tuple(name for name in given if name not in drawn), customers, share)


def _customers(sales: ibis.Table, study: Study) -> ibis.expr.types.IntegerScalar:
    """How many customers the lines name."""
    key = _same(sales[study.tables.sales.columns.get("customer_id", "customer_id")])
    return key.nunique(where=~is_nobody(key, study))


def _is_parquet(source: TableSource) -> bool:
    """Whether all files of a table are Parquet, or folders or paths of an engine's own without another ending."""
    return all(path.lower().endswith(PARQUET) or "." not in path.rsplit("/", 1)[-1] for path in source.paths)


def _key(table: ibis.Table, name: str, study: Study, by: Sequence[str] = ()) -> ibis.expr.types.StringValue | None:
    """Whose lot each row shares, as text; None for a table that knows nobody."""
    headers, keys = getattr(study.tables, name).columns, []
    for ours in by or BY.get(name, ("customer_id",)):
        if (header := headers.get(ours, ours)) in table.columns:
            key = _same(table[header])
            if name == "sales" and ours == "customer_id":
                key = ibis.ifelse(is_nobody(key, study), None, key)
            keys.append(key)
    return ibis.coalesce(*keys) if keys else None


def _same(value: ibis.Value) -> ibis.expr.types.StringValue:
    """A key as text, one for all its spellings: 7, 7.0 and " 7 " are one, and so are a and A; None for none."""
    if value.type().is_floating():
        value = ibis.ifelse(value == value.round(), value.cast("int64").cast("string"), value.cast("string"))
    return at_the_front_door(value.cast("string")).value.lower()


def _visits(table: ibis.Table, study: Study, lot: Callable) -> ibis.Table:
    """Visits of the people drawn: of a visitor who is known as a customer in any of them, all."""
    customer, visitor = (_key(table, "sessions", study, (name,)) for name in BY["sessions"])
    if customer is None or visitor is None:
        return table.filter(lot(_key(table, "sessions", study)))
    keyed = table.mutate(_customer=customer, _visitor=visitor)
    met = keyed.filter(keyed._customer.notnull() & keyed._visitor.notnull())
    met = met.group_by("_visitor").agg(_met=met._customer.min())
    joined = keyed.left_join(met, "_visitor")
    own = ibis.coalesce(joined._customer, joined._met, joined._visitor)
    return joined.filter(lot(own)).select(table.columns)
