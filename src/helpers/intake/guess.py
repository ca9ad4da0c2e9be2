"""A first study.yml from plain exports: which file is which table, what its columns are, and why it seems so."""

from __future__ import annotations

import json
import re
import shutil
import textwrap
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from helpers.columns import TABLES
from helpers.contracts import StudyError
from helpers.intake.guess_choices import look_at_choices
from helpers.intake.guess_survey import look_at_questions
from helpers.intake.people_keys import shared_key
from helpers.intake.survey_columns import survey_keys
from helpers.intake.vocabulary import EMAIL, SAMPLE, listed_words, says, share, vocabulary
from helpers.read import cells, dates, numbers
from helpers.read.ledger import RawTable
from helpers.read.load import is_text_file, likely_encoding, open_table, sheet_names, sniff_separator
from helpers.sources import Reading
from helpers.study import load_study
from helpers.text import fold


@dataclass(eq=False)
class Export:
    """One file, and what is guessed of it: ``columns`` are ours: theirs, ``why`` gives reasons to be looked at."""

    file: Path
    raw: RawTable
    read: dict[str, Any]
    columns: dict[str, str]
    table: str | None = None
    why: list[str] = field(default_factory=list)
    survey: dict[str, Any] = field(default_factory=dict)

    @property
    def email(self) -> str | None:
        """The header of the column of e-mail addresses."""
        return self.columns.get("email")


def write_study(files: list[Path], out: Path) -> tuple[Path, list[str]]:
    """Copy exports into ``out`` and write a study.yml beside them.

    Returns the path of study.yml and one sentence per decision that a person should look at. Raises StudyError where
    ``out`` already has a study or a file is not there, DataError where a file cannot be read.
    """
    target = out / "study.yml"
    if target.exists():
        raise StudyError(f"{target}: there is a study already; give another --out, or remove it")
    if out.is_file():
        raise StudyError(f"--out {out}: a file stands there; give a folder")
    names = [file.name for file in files]
    if len(set(names)) < len(names):
        raise StudyError(f"two files have the same name: {', '.join(sorted(names))}; rename one")
    text, notes = _guess(files, out.resolve().name)
    out.mkdir(parents=True, exist_ok=True)
    for file in files:
        if file.resolve() != (out / file.name).resolve():
            copy = shutil.copytree if file.is_dir() else shutil.copyfile
            copy(file, out / file.name)
    target.write_text(text, encoding="utf-8")
    load_study(target)
    return target, notes


def _guess(files: list[Path], name: str) -> tuple[str, list[str]]:
    """The text of a study.yml for exports that lie beside it, and the notes that stand in its comments."""
    if missing := [str(file) for file in files if not file.exists()]:
        raise StudyError(f"no such file: {', '.join(missing)}")
    exports = [_look_at(file) for file in files]
    notes: list[str] = []
    chosen: dict[str, Export] = {}
    for export in exports:
        file, other = export.file.name, chosen.setdefault(export.table, export) if export.table else None
        if other is None:
            notes.append(f"{file}: neither orders nor customers nor answers were recognised; it is left out.")
        elif other is not export:
            notes.append(f"{file}: {other.file.name} is {export.table} already; left out.")
    if not {"sales", "survey"} & set(chosen):
        raise StudyError(
            "no file looks like orders (a customer, a date and an amount) or like answers of a survey; columns found: "
            + "; ".join(f"{export.file.name}: {', '.join(export.raw.headers[:12])}" for export in exports)
        )
    _agree_on_the_key(chosen, notes)
    notes += [f"{export.file.name}: {reason}" for export in chosen.values() for reason in export.why]
    return _text(name, chosen, notes), notes


# --- one file ----------------------------------------------------------------------------------------------------


def _look_at(file: Path) -> Export:
    """Open a file in the way that suits it and guess its table and columns."""
    read, why = _reading(file)
    raw = open_table(file, file.name, Reading(**read))
    if choices := look_at_choices(raw.frame):
        return Export(file, raw, read, choices[0], "conjoint", why, choices[1])
    export = Export(file, raw, read, _match_headers(raw), why=why)
    export.table = _which_table(export)
    if export.table == "survey":
        export.columns, told = survey_keys(raw.frame, export.columns)
        export.survey, unclear = look_at_questions(raw.frame, list(export.columns.values()), raw.asked)
        export.why += [*told, *unclear]
    elif export.table is not None:
        _look_at_columns(export)
    return export


def _reading(file: Path) -> tuple[dict[str, Any], list[str]]:
    """How to open a file: encoding and separator of a text file, the fullest sheet of a workbook."""
    read, why = {}, []
    if is_text_file(file):
        encoding = likely_encoding(file)
        if encoding != "utf-8":
            read["encoding"] = encoding
            why.append(f"the encoding is not UTF-8; the letters make sense as {encoding}.")
        if (sep := sniff_separator(file, encoding)) != ",":
            read["sep"] = sep
    elif len(sheets := sheet_names(file)) > 1:
        read["sheet"] = max(sheets, key=sheets.__getitem__)
        why.append(f"of its sheets {', '.join(map(repr, sheets))} the fullest was taken, {read['sheet']!r}.")
    return read, why


def _match_headers(raw: RawTable) -> dict[str, str]:
    """Our columns among the headers of a file, the surest matches first; e-mails are known by their look too."""
    fits = [
        (says(theirs, listed), -place, ours, theirs)
        for place, (ours, listed) in enumerate(vocabulary()["headers"].items())
        for theirs in raw.frame
    ]
    columns: dict[str, str] = {}
    for fit, _, ours, theirs in sorted(fits, key=lambda item: item[:2], reverse=True):
        if fit and ours not in columns and theirs not in columns.values() and _could_be(raw.frame[theirs], ours, fit):
            columns[ours] = theirs
    for theirs in raw.frame:
        if "email" not in columns and share(raw.frame[theirs], EMAIL) > 0.8:
            columns = {ours: header for ours, header in columns.items() if header != theirs} | {"email": theirs}
    return columns


def _could_be(column: pd.Series, ours: str, fit: int) -> bool:
    """Whether the cells of a column read as what its header promises."""
    kind = next((table[ours].kind for table in TABLES.values() if ours in table), "text")
    sample = column.head(SAMPLE)
    if cells.blank(sample).all():
        return False
    if kind == "time":
        return not any(finding.code == "unreadable_date" for finding in cells.times(sample).findings)
    if kind == "number":
        return _unreadable_numbers(sample, *_number_form(sample)) < 0.5
    if ours in ("customer_id", "order_id") and fit < 2:
        return sample.nunique() > max(3, 0.05 * len(sample))
    return True


def _which_table(export: Export) -> str | None:
    """Sales have a date and money, a survey has questions, customers have one row each; our own names need no guess."""
    columns, headers = export.columns, list(export.raw.frame)
    for table, contract in TABLES.items():
        required = {name for name, column in contract.items() if column.required} - {"amount"}
        if fold(export.file.name.split(".")[0]) == table and required and required <= set(headers):
            email = {"email": export.email} if export.email else {}
            export.columns = {name: name for name in contract if name in headers} | email
            return table
    if "ordered_at" in columns and {"amount", "unit_price"} & set(columns):
        return "sales"
    if export.raw.asked:
        return "survey"
    asked = any(says(header, vocabulary()["asked_at"]) for header in headers)
    named = any(word in fold(export.file.name) for word in listed_words("survey_files"))
    questions = sum(len(header) > 30 or "?" in header or "؟" in header for header in headers)
    if asked or named or questions >= 3:
        return "survey"
    key = columns.get("customer_id", export.email)
    if key and export.raw.frame[key].nunique() > 0.9 * len(export.raw.frame):
        return "customers"
    return None


# --- sales and customers -----------------------------------------------------------------------------------------


def _look_at_columns(export: Export) -> None:
    """Keep the columns of the table, and find out how its numbers and dates are written."""
    frame, contract = export.raw.frame, TABLES[export.table]
    export.columns = {ours: theirs for ours, theirs in export.columns.items() if ours in contract or ours == "email"}
    if export.table == "sales" and "order_id" not in export.columns:
        export.columns["order_id"] = export.columns["ordered_at"]
        export.why.append("there is no order number: what a customer bought at one moment counts as one order.")
    kinds = {ours: contract[ours].kind for ours in export.columns if ours in contract}
    amounts = [frame[export.columns[ours]].head(SAMPLE) for ours, kind in kinds.items() if kind == "number"]
    if amounts and export.raw.sep is not None:
        decimal, thousands = _number_form(pd.concat(amounts, ignore_index=True))
        if decimal != ".":
            export.read["decimal"] = decimal
        if thousands is not None:
            export.read["thousands"] = thousands
            export.why.append(f"{thousands!r} in the numbers was taken for a thousands mark.")
    for ours, kind in kinds.items():
        if kind == "time":
            _look_at_dates(export, frame[export.columns[ours]])


def _number_form(sample: pd.Series) -> tuple[str, str | None]:
    """The decimal and thousands marks of number cells, the likelier where they allow two."""
    return numbers.form_of(sample)[:2]


def _unreadable_numbers(sample: pd.Series, decimal: str, thousands: str | None) -> float:
    """Share of the filled cells that are no numbers."""
    filled = sample[~cells.blank(sample)]
    return float(cells.numbers(filled, decimal, thousands).values.isna().mean()) if len(filled) else 0.0


def _look_at_dates(export: Export, column: pd.Series) -> None:
    """State the format and the calendar of dates that are not ISO; ask where the dates allow two."""
    stated, calendar, doubt = dates.format_of(column)
    if stated:
        export.read["date_format"] = stated
    if calendar == "jalali":
        export.read["calendar"] = calendar
    if doubt:
        export.why.append(f"{column.name!r}: {doubt}.")


# --- several files together --------------------------------------------------------------------------------------


def _agree_on_the_key(chosen: dict[str, Export], notes: list[str]) -> None:
    """Settle what a customer is known by in all files, and how the survey joins."""
    sales, customers, survey = (chosen.get(name) for name in ("sales", "customers", "survey"))
    by_email = survey is not None and survey.email is not None and "customer_id" not in survey.columns
    looked_up = customers is not None and customers.email is not None and "customer_id" in customers.columns
    for export in (sales, customers):
        if export is None or export.email is None:
            continue
        filled = share(export.raw.frame[export.email], EMAIL) > 0.8
        if "customer_id" not in export.columns or (by_email and not looked_up and filled):
            export.columns["customer_id"] = export.email
            export.why.append("customers are known by their e-mail address.")
    if sales is not None and "customer_id" not in sales.columns:
        notes.append(f"{sales.file.name}: no column of customers was recognised; add customer_id under columns.")
    if survey is not None:
        others = sales or customers
        if by_email and looked_up and customers.columns["customer_id"] != customers.email:
            survey.survey["join"] = {"customers": "email"}
        elif others and ("customer_id" in survey.columns or survey.email):
            survey.columns.setdefault("customer_id", survey.email)
            survey.survey["join"] = {"customers": "customer_id"}
        elif survey.email and not others:
            survey.survey["same_person"] = [survey.email]
        elif customers and "customer_id" in customers.columns and _join_by_content(survey, customers):
            pass
        elif others:
            name = survey.file.name
            notes.append(f"{name}: no key joins the answers to customers; they are read as strangers' answers.")
    key = survey.survey.get("join", {}).get("customers") if survey else None
    for export in chosen.values():
        if key != "email" or export not in (survey, customers):
            export.columns.pop("email", None)


def _join_by_content(survey: Export, customers: Export) -> bool:
    """State the key that the cells of both files share, where there is one."""
    people = customers.raw.frame
    key = shared_key(survey.raw.frame, people, people[customers.columns["customer_id"]])
    for ours, (asked, known) in key.items():
        survey.columns[ours], customers.columns[ours] = asked, known
    if key:
        survey.survey["join"] = {"customers": next(iter(key)) if len(key) == 1 else list(key)}
        survey.survey["meta"] = [h for h in survey.survey.get("meta", []) if h not in survey.columns.values()]
        shown = " and ".join(f"{asked!r} ({known!r} there)" for asked, known in key.values())
        survey.why.append(f"respondents are known as customers by {shown}.")
    return bool(key)


# --- study.yml ---------------------------------------------------------------------------------------------------


def _text(name: str, chosen: dict[str, Export], notes: list[str]) -> str:
    """The study as YAML with comments."""
    slug = re.sub(r"[^a-z0-9]+", "-", fold(name)).strip("-") or "study"
    files = " and ".join(export.file.name for export in chosen.values())
    study = {"study": slug, "title": slug.replace("-", " ").capitalize(), "currency": _currency(chosen.get("sales"))}
    lines = [
        f"# A first study, guessed from {files}.",
        "# Read it through: under columns stands ours: theirs. Then: personas check, personas run.",
        *(f"# Note: {note}" for note in notes),
        _yaml(study),
        "# contact: name@example.org      # printed on the report",
        "# window: {start: 2025-01-01, holdout_from: 2025-10-01, as_of: 2025-12-31}   # default: all days",
        "tables:",
        *(_table_text(table, chosen[table]) for table in TABLES if table in chosen),
    ]
    return "\n".join(lines) + "\n"


def _table_text(table: str, export: Export) -> str:
    """One table, with the number of its rows and the columns that are not used in comments."""
    renamed = {ours: theirs for ours, theirs in export.columns.items() if ours != theirs}
    keys = {"path": export.file.name, "columns": renamed, "read": export.read} | export.survey
    lines = [f"{table}:   # {export.raw.rows_in} rows"]
    lines.append(textwrap.indent(_yaml({key: value for key, value in keys.items() if value}), "  "))
    used = {*export.columns.values(), *_all_texts(export.survey)}
    if left := [json.dumps(header, ensure_ascii=False) for header in export.raw.frame if header not in used]:
        lines.append(f"  # not used: {', '.join(left)}")
    return textwrap.indent("\n".join(lines), "  ")


def _yaml(value: dict[str, Any]) -> str:
    return yaml.safe_dump(value, allow_unicode=True, sort_keys=False, width=1000).rstrip("\n")


def _all_texts(value: Any) -> list[str]:
    """Every text inside a nested value."""
    if isinstance(value, dict):
        return [text for item in value.values() for text in _all_texts(item)]
    return [text for item in value for text in _all_texts(item)] if isinstance(value, list) else [value]


def _currency(sales: Export | None) -> str:
    """The currency that a header or the numbers of the sales name; empty when none does."""
    if sales is None:
        return ""
    money = [theirs for ours, theirs in sales.columns.items() if ours in ("amount", "unit_price")]
    named = (numbers.currency_of(sales.raw.frame[theirs].head(20), theirs) for theirs in money)
    return next(filter(None, named), "")
