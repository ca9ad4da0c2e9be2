"""Several files of one shop: the same table in parts, and orders beside their items and their people."""

from __future__ import annotations

from helpers.guesses import Guess
from helpers.intake.column_looks import LOOKED_AT
from helpers.intake.export import Export
from helpers.intake.roles import PER_ORDER, SALES, assign, looks_of
from helpers.read import cells
from helpers.read.parts import same_layout, stack

MONEY = ("amount", "unit_price", "order_total")
OVERLAP = 0.5
"""Share of the keys of a table that another must have to be joined to it."""


def put_together(exports: list[Export]) -> list[Export]:
    """Files of one layout as one table; items joined with their orders, and orders with their people."""
    exports = _parts_of_one(exports)
    lines = [export for export in exports if _has(export, "order_id") and _has(export, *MONEY)]
    dated = [export for export in exports if _has(export, "ordered_at") and _has(export, "order_id")]
    if not lines or not dated or len(exports) == 1:
        return exports
    main = max(
        lines, key=lambda export: (_has(export, "unit_price", "amount"), len(export.frame), len(export.frame.columns))
    )
    left = [export for export in exports if export is not main]
    while other := next((export for export in left if _needs(main, export) and _joins(main, export)), None):
        left.remove(other)
    return [main, *left]


def _has(export: Export, *roles: str) -> bool:
    return bool({*roles} & set(export.roles))


def _parts_of_one(exports: list[Export]) -> list[Export]:
    """Files with the same headers are one table, one below the other."""
    groups: list[list[Export]] = []
    for export in exports:
        money = _has(export, *MONEY) and not export.raw.asked
        alike = (group for group in groups if money and same_layout([export.raw.headers, group[0].raw.headers]))
        if (group := next(alike, None)) is not None:
            group.append(export)
        else:
            groups.append([export])
    whole = []
    for parts in groups:
        first, *others = parts
        if others:
            parts.sort(key=lambda part: part.name)
            first = parts[0]
            first.frame = stack([part.raw for part in parts], first.name).frame
            first.more = [part.file for part in parts if part is not first]
            first.looks = looks_of(first.frame)
            first.keys["path"] = [part.name for part in parts]
            because = f"the same headers; {' and '.join(str(len(part.raw.frame)) for part in parts)} rows"
            first.guesses.append(Guess("path", ", ".join(first.keys["path"]), because, ("one of them only",)))
        whole.append(first)
    return whole


def _needs(main: Export, other: Export) -> bool:
    """Whether another file has what the lines lack: the order's day, the person, the status, a category."""
    lacking = {role for role in ("ordered_at", "status", "category") if role not in main.roles and role in other.roles}
    people = {"customer_id", "email", "phone"}
    without = not people & set(main.roles) or _per_order(main)
    return bool(lacking) or (without and bool(people & set(other.roles)))


def _per_order(main: Export) -> bool:
    """Whether what looks like a customer's id is one of each order."""
    if "customer_id" not in main.roles or "order_id" not in main.roles:
        return False
    pairs = main.frame[[main.roles["order_id"].header, main.roles["customer_id"].header]].drop_duplicates()
    return len(pairs) > 20 and pairs.iloc[:, 1].nunique() >= PER_ORDER * pairs.iloc[:, 0].nunique()


def _joins(main: Export, other: Export) -> bool:
    """Join another file by a header that both have, whose cells are unique there and known here."""
    for header in other.frame.columns.intersection(main.frame.columns):
        theirs = other.frame[header].astype("str").str.strip()
        theirs = theirs[~cells.blank(theirs)]
        own = main.frame[header].head(LOOKED_AT).astype("str").str.strip()
        own = own[~cells.blank(own)]
        if own.empty or theirs.duplicated().mean() > 0.001 or own.isin(theirs).mean() < OVERLAP:
            continue
        lookup = {"path": other.name, "on": header} | ({"read": other.read} if other.read else {})
        main.keys.setdefault("lookup", []).append(lookup)
        added = other.frame[[header, *other.frame.columns.difference(main.frame.columns, sort=False)]]
        keyed = added.assign(**{header: added[header].astype("str").str.strip()}).drop_duplicates(header)
        on = main.frame[header].astype("str").str.strip()
        main.frame = main.frame.drop(columns=header).assign(**{header: on}).merge(keyed, on=header, how="left")
        main.looks = looks_of(main.frame)
        main.roles = assign(main.frame, SALES, main.looks)
        main.more.append(other.file)
        share = f"{own.isin(theirs).mean():.0%} of its cells are known there"
        main.guesses.append(Guess("lookup", f"{other.name} on {header}", share, ("a table of its own",)))
        return True
    return False
