"""study.yml as text: what is sure, what was guessed, what must be asked; and a draft where nothing is sure."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import yaml

from helpers.columns import TABLES
from helpers.guesses import Question
from helpers.intake.column_looks import header_fit
from helpers.intake.export import Export
from helpers.intake.roles import LEAST, SALES
from helpers.read import cells
from helpers.text import fold


def study_text(name: str, chosen: dict[str, Export], notes: list[str], top: dict[str, Any]) -> str:
    """The study as YAML with comments."""
    slug = re.sub(r"[^a-z0-9]+", "-", fold(name)).strip("-") or "study"
    files = " and ".join(export.name for export in chosen.values())
    study = {"study": slug, "title": slug.replace("-", " ").capitalize()} | top
    lines = [
        f"# A first study, guessed from {files}.",
        "# Read it through: under columns stands ours: theirs. Lines with `question:` are for you: state one of",
        "# the answers below them. Then: personas check, personas run.",
        *(f"# Note: {note}" for note in notes),
        as_yaml(study),
        "# contact: name@example.org      # printed on the report",
        "# window: {start: 2025-01-01, holdout_from: 2025-10-01, as_of: 2025-12-31}   # default: all days",
        "tables:",
        *(_table_text(table, chosen[table]) for table in TABLES if table in chosen),
    ]
    return "\n".join(lines) + "\n"


def _table_text(table: str, export: Export) -> str:
    """One table, with what was guessed and asked of it and the columns that are not used in comments."""
    renamed = {ours: theirs for ours, theirs in export.columns.items() if ours != theirs}
    keys = {"path": export.name, "columns": renamed, "read": export.read} | export.keys | export.survey
    lines = [f"{table}:   # {len(export.frame)} rows"]
    comments = [guess.line() for guess in export.guesses]
    comments += [line for question in export.questions for line in _beside(question, keys).lines()]
    lines += ["  " + comment for comment in comments]
    lines.append(textwrap.indent(as_yaml({key: value for key, value in keys.items() if value}), "  "))
    used = {*export.columns.values(), *_all_texts(export.survey), *export.keys.get("where", ())}
    used |= set(export.keys.get("not_goods", ())) | set(export.read.get("fill_down", ()))
    if left := [json.dumps(header, ensure_ascii=False) for header in export.frame if header not in used]:
        lines.append(f"  # not used: {', '.join(left)}")
    return textwrap.indent("\n".join(lines), "  ")


def _beside(question: Question, stated: dict[str, Any]) -> Question:
    """A question whose answers say where they go, as a key stands once only: into what is stated, or in its place."""
    answers = []
    for answer in question.answers:
        table, said = dict(answer.table), answer.said
        for key in [key for key in table if stated.get(key)]:
            if key in ("columns", "read"):
                said += f"; as a line of `{key}` below"
                continue
            if isinstance(table[key], dict):
                table[key] = stated[key] | table[key]
            else:
                table[key] = [*stated[key], *(item for item in table[key] if item not in stated[key])]
            said += f"; in place of `{key}` below"
        answers.append(replace(answer, table=table, said=said))
    return replace(question, answers=tuple(answers))


def as_yaml(value: dict[str, Any]) -> str:
    return yaml.safe_dump(value, allow_unicode=True, sort_keys=False, width=1000).rstrip("\n")


def _all_texts(value: Any) -> list[str]:
    """Every text inside a nested value."""
    if isinstance(value, dict):
        return [text for item in value.values() for text in _all_texts(item)]
    return [text for item in value for text in _all_texts(item)] if isinstance(value, list) else [value]


# --- where nothing fits ------------------------------------------------------------------------------------------

NEEDED = {"who bought": ("customer_id", "email", "phone"), "when": ("ordered_at",),
          "for how much": ("amount", "unit_price", "order_total")}  # fmt: skip
"""What a table of sales cannot do without, and the roles that give it."""


def draft_text(exports: Sequence[Export]) -> str:
    """What was seen: per file its columns with the shapes of their cells, what is missing and why, a next step."""
    lines = ["# No study could be guessed. What was seen in each file, and what is missing:"]
    for export in exports:
        lines += ["", f"# {export.name}: {len(export.frame)} rows{'; ' + export.kind if export.kind else ''}"]
        for header in export.frame:
            lines.append(f"#   {header!r}: {_examples(export, header)}")
        lines += [f"#   {why}" for why in missing(export)]
    lines += [
        "",
        f"# Next step: {next_step(exports)}",
        "study: study",
        "tables:",
        "  sales:",
        f"    path: {json.dumps(exports[0].name, ensure_ascii=False)}",
        "    columns:",
        *(
            f"      {role}: {_guess_or_gap(exports[0], role)}"
            for role in ("customer_id", "order_id", "ordered_at", "amount")
        ),
    ]
    return "\n".join(lines) + "\n"


def _guess_or_gap(export: Export, role: str) -> str:
    found = export.roles.get(role)
    return json.dumps(found.header, ensure_ascii=False) if found else f"THE HEADER OF {role}"


def _examples(export: Export, header: str) -> str:
    """The shapes of a column's cells, without their content, and what it might be."""
    column = export.frame[header].astype("str").str.strip()
    column = column[~cells.blank(column)]
    shapes = column.head(200).map(cells.shape).value_counts().index[:3]
    roles = [role for role in SALES if header_fit(header, role) >= LEAST]
    seen = ", ".join(shapes) if len(column) else "empty"
    filled = f"{len(column) / max(len(export.frame), 1):.0%} filled, {column.nunique()} different"
    return f"{seen} ({filled}){'; perhaps ' + ' or '.join(roles) if roles else ''}"


def missing(export: Export) -> list[str]:
    """Why each thing that sales need is not there."""
    if export.kind == "customer totals":
        return ["one row per customer with totals (orders, money spent, last order); these are no orders"]
    lines = []
    for what, roles in NEEDED.items():
        if set(roles) & set(export.roles):
            continue
        near = [header for header in export.frame if any(header_fit(header, role) > 0 for role in roles)]
        unlike = (
            "cells that do not look so" if roles[0] in ("ordered_at", "amount") else "names, notes or too few values"
        )
        why = f"{', '.join(map(repr, near[:4]))} sound like it, and have {unlike}" if near else "no header says so"
        lines.append(f"{what} ({' or '.join(roles)}): {why}")
    return lines


def next_step(exports: Sequence[Export]) -> str:
    """One thing to do next."""
    if any(export.kind == "customer totals" for export in exports):
        return (
            "this is a table of customers (one row each, with their totals), not of orders: export the orders or "
            "payments themselves, one row per order or order line with the customer's e-mail address or id, its day "
            "and amount; and give both files to personas init"
        )
    return (
        "export order lines (or orders) with the customer's e-mail address or id, the order's number, its day and the "
        "amount; or write your headers into the lines below, rename this file study.yml, and run personas check"
    )
