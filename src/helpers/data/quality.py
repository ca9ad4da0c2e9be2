"""Checks and types a raw table, and accounts for every row: used, repaired on the way, or set aside."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Sequence

import numpy as np
import pandas as pd

from helpers.contracts import TABLES, DataError, FileAccount, Issue
from helpers.data import cells, rules
from helpers.data.ledger import MERGED_COLUMNS, Checked, RawTable, issue_line
from helpers.study import Study, SurveySource, TableSource, named_columns
from helpers.wording import Words
from helpers.yamlfile import nearest

LEAST_CUSTOMERS = 3


# --- one table ---------------------------------------------------------------------------------------------------


def check_table(table: str, raw: RawTable, source: TableSource, study: Study) -> Checked:
    """Turn text columns into the canonical columns of a table, with an account of what was found.

    Raises DataError with all errors of the file at once.
    """
    size = len(raw.rows)
    check = Checked(table, raw, pd.DataFrame(index=raw.frame.index), np.zeros(size, bool), np.zeros(size, bool), [])
    check.issues += raw.issues
    columns = _find_columns(check, source, study)
    _refuse(check)
    if _text_columns(raw) == list(raw.frame) and len(raw.frame.columns):
        says = [raw.frame[name].str.strip().fillna("") != "" for name in raw.frame]
        check.note(
            "empty_row", "quarantined", None, ~np.logical_or.reduce(says), "every cell that the study uses is empty"
        )
    _type_columns(check, columns, source)
    _refuse(check)
    for column in TABLES[table].values():
        if column.required and column.name in check.frame and column.name != "amount":
            missing = check.frame[column.name].isna()
            text = f"{column.name} is missing; without it the row cannot be used"
            check.note("missing_value", "quarantined", columns[column.name], missing, text)
    own_rules = {"sales": rules.check_sales, "customers": rules.check_customers, "survey": rules.check_survey}
    if table in own_rules:
        own_rules[table](check, columns, source)
    rules.check_times(check, columns, study)
    rules.warn_of_odd_columns(check, columns)
    _refuse(check)
    return check


def _refuse(check: Checked) -> None:
    """Raise DataError where there are errors."""
    if faults := check.faults():
        raise DataError("\n".join(faults))


def _text_columns(raw: RawTable) -> list[str]:
    return [name for name in raw.frame if isinstance(raw.frame[name].dtype, pd.StringDtype)]


def _find_columns(check: Checked, source: TableSource, study: Study) -> dict[str, str]:
    """Which header holds each canonical or named column; missing and repeated ones are errors, extra ones warnings."""
    raw, contract = check.raw, TABLES[check.table]
    named = named_columns(study, check.table)
    columns: dict[str, str] = {}
    for ours in dict.fromkeys([*contract, *named]):
        theirs = cells.header(source.columns.get(ours, ours))
        must = ours in source.columns or named.get(ours, False) or (ours in contract and contract[ours].required)
        if theirs in raw.headers:
            columns[ours] = theirs
        elif must and not _made_later(check.table, ours, source):
            hint = f"state columns: {{{ours}: their header}}" if ours == theirs else "study.yml names it"
            check.fault(
                "missing_column", theirs, f"no such column, needed as {ours}; {nearest(theirs, raw.headers)} {hint}"
            )
    if check.table == "sales" and not {"amount", "unit_price"} & set(columns):
        text = "sales need amount or unit_price, and neither is there; state columns: {amount: their header}. "
        check.fault("missing_column", "amount", text + nearest("amount", raw.headers))
    for theirs, times in Counter(raw.headers).items():
        if times > 1 and theirs in columns.values():
            check.fault("duplicate_column", theirs, f"comes {times} times in the header; rename all but one")
    extra = [name for name in dict.fromkeys(raw.headers) if name and name not in columns.values()]
    if extra:
        shown = ", ".join(extra[:10]) + (", ..." if len(extra) > 10 else "")
        text = f"{len(extra)} column(s) that the study does not use were left out: {shown}"
        check.issues.append(Issue("extra_columns", "warning", None, 0, (), text))
    return columns


def _made_later(table: str, ours: str, source: TableSource) -> bool:
    """Columns that the suite can make where the file has none."""
    joins_otherwise = isinstance(source, SurveySource) and source.join.get("customers") not in (None, "customer_id")
    made = {"sales": ["amount"], "survey": ["respondent_id", *(["customer_id"] if joins_otherwise else [])]}
    return ours not in source.columns and ours in made.get(table, [])


# --- types -------------------------------------------------------------------------------------------------------


def _type_columns(check: Checked, columns: dict[str, str], source: TableSource) -> None:
    """Give every column its kind; unreadable cells set their row aside."""
    raw, contract, read = check.raw, TABLES[check.table], source.read
    kinds = {ours: contract[ours].kind if ours in contract else "text" for ours in columns}
    decimal = read.decimal or _sniffed_decimal(check, columns, kinds)
    readers = {
        "number": lambda column: cells.numbers(column, decimal, read.thousands, sheet=raw.sep is None),
        "time": lambda column: cells.times(column, read.date_format, read.timezone, read.ambiguous_time),
        "flag": cells.flags,
        "id": cells.ids,
        "text": cells.text,
    }
    for ours, theirs in columns.items():
        typed = readers[kinds[ours]](raw.frame[theirs])
        check.frame[ours] = typed.values
        for found in typed.findings:
            check.note(found.code, found.severity, theirs, found.rows, found.text)
        if any(found.code.startswith("unreadable") and found.severity == "error" for found in typed.findings):
            _name_the_swap(check, ours, columns, kinds, readers)
        if kinds[ours] == "id":
            _merge_spellings(check, ours, theirs)


def _sniffed_decimal(check: Checked, columns: dict[str, str], kinds: dict[str, str]) -> str:
    """The decimal mark that the number columns show; an error where they allow two."""
    texts = _text_columns(check.raw)
    headers = [theirs for ours, theirs in columns.items() if kinds[ours] == "number" and theirs in texts]
    mark, doubt = cells.sniff_decimal([check.raw.frame[name] for name in headers], check.raw.sep)
    if doubt:
        text = f"{doubt} State read.decimal (and read.thousands where there is one)"
        check.fault("ambiguous_numbers", ", ".join(headers), text)
    elif mark == ",":
        commas = [check.raw.frame[name].str.contains(r"\d,\d").fillna(False) for name in headers]
        rows = np.logical_or.reduce([np.asarray(comma, dtype=bool) for comma in commas])
        check.note("decimal_comma", "repaired", ", ".join(headers), rows, "numbers with a decimal comma were read so")
    return mark


def _name_the_swap(
    check: Checked, ours: str, columns: dict[str, str], kinds: dict[str, str], readers: dict[str, object]
) -> None:
    """Say so where an unreadable column and another would both be readable the other way round."""

    def reads_as(theirs: str, kind: str) -> bool:
        sample = check.raw.frame[theirs].head(1000)
        found = readers[kind](sample).findings
        return not any(finding.code.startswith("unreadable") for finding in found)

    for other, kind in kinds.items():
        other_way = kind in ("number", "time") and kind != kinds[ours]
        if other_way and reads_as(columns[ours], kind) and reads_as(columns[other], kinds[ours]):
            text = f"looks swapped with {columns[other]!r}: exchange {ours} and {other} under columns"
            check.fault("swapped_columns", columns[ours], text)


def _merge_spellings(check: Checked, ours: str, theirs: str, known: pd.Series | None = None) -> None:
    """Read ids that differ in case only as one: the ``known`` spelling, else the most frequent, else the first.

    ``known`` holds spellings by their lower-case form.
    """
    known = pd.Series([], dtype="str") if known is None else known
    given = pd.Series(check.frame[ours].dropna().unique(), dtype="str")
    keys = given.str.lower()
    elsewhere = keys.map(known).astype("str") if len(known) else pd.Series(np.nan, index=keys.index, dtype="str")
    if keys.is_unique and (elsewhere.isna() | (elsewhere == given)).all():
        return
    rows = check.frame[ours].value_counts().reindex(given).to_numpy()
    spellings = pd.DataFrame({"given": given, "key": keys, "rows": rows})
    best = spellings.sort_values(["rows", "given"], ascending=[False, True]).drop_duplicates("key")
    read_as = elsewhere.fillna(keys.map(best.set_index("key")["given"]))
    merged = spellings.assign(read_as=read_as)[read_as != given]
    rows = check.frame[ours].isin(merged["given"])
    text = f"{len(merged)} id(s) that differ from another in upper and lower case only were read as one with it"
    check.note("id_spelling", "repaired", theirs, rows, text)
    replacing = merged.set_index("given")["read_as"]
    check.frame[ours] = check.frame[ours].where(~rows, check.frame[ours].map(replacing)).astype("str")
    told = merged.sort_values("given").assign(table=check.table, column=ours)[MERGED_COLUMNS]
    check.merged = pd.concat([check.merged, told], ignore_index=True) if len(check.merged) else told


# --- several tables together -------------------------------------------------------------------------------------


def check_together(checked: dict[str, Checked], study: Study) -> list[str]:
    """What only several tables show: one spelling per customer, the join by e-mail, sign-ups; returns the errors."""
    _spell_customers_alike(checked)
    key = study.tables.survey.join.get("customers") if study.tables.survey else None
    if key and key != "customer_id":
        _look_up_customers(checked["survey"], checked["customers"], key)
    if {"sales", "customers"} <= set(checked) and "signed_up_at" in checked["customers"].frame:
        people = checked["customers"].used().set_index("customer_id")["signed_up_at"]
        sales = checked["sales"]
        early = sales.frame["ordered_at"] < sales.frame["customer_id"].map(people).dt.normalize()
        sales.note("before_sign_up", "warning", "ordered_at", early, "an order before the customer signed up")
    return _too_few(checked)


def _spell_customers_alike(checked: dict[str, Checked]) -> None:
    """Give every customer the spelling that is most frequent in all tables together."""
    counts = [check.frame["customer_id"].value_counts() for check in checked.values() if "customer_id" in check.frame]
    if not counts:
        return
    spellings = pd.concat(counts).groupby(level=0).sum().rename_axis("given").reset_index(name="rows")
    spellings = spellings.sort_values(["rows", "given"], ascending=[False, True])
    spellings["key"] = spellings["given"].astype("str").str.lower()
    known = spellings.drop_duplicates("key").set_index("key")["given"]
    for check in checked.values():
        for name in ("customer_id", "referred_by"):
            if name in check.frame:
                _merge_spellings(check, name, name, known)


def _look_up_customers(survey: Checked, customers: Checked, key: str) -> None:
    """Give respondents the customer_id of the customer with the same key, trimmed and in any case."""
    people = customers.used().dropna(subset=[key])
    people = people.assign(folded=people[key].str.strip().str.casefold())
    shared = people["folded"].duplicated(keep=False)
    if shared.any():
        text = f"{people.loc[shared, 'folded'].nunique()} value(s) belong to several customers and join none of them"
        customers.issues.append(Issue("shared_key", "warning", key, int(shared.sum()), (), text))
    ids = people[~shared].set_index("folded")["customer_id"]
    survey.frame["customer_id"] = survey.frame[key].str.strip().str.casefold().map(ids).astype("str")


def _too_few(checked: dict[str, Checked]) -> list[str]:
    """The errors of tables in which too few customers are left."""
    faults = []
    for table, name in (("sales", "customer_id"), ("survey", "respondent_id")):
        if table in checked and (table == "sales" or "sales" not in checked):
            found = checked[table].used()[name].nunique()
            if found < LEAST_CUSTOMERS:
                who = "customers" if table == "sales" else "respondents"
                text = f"{found} {who} in usable rows; need at least {LEAST_CUSTOMERS} to read a study at all"
                faults += [f"{checked[table].raw.path}: {text}", *_why_aside(checked[table])]
    return faults


def _why_aside(check: Checked) -> list[str]:
    return [issue_line(check.raw.path, issue) for issue in check.issues if issue.severity == "quarantined"]


# --- the report --------------------------------------------------------------------------------------------------


def accounts_frame(accounts: Sequence[FileAccount]) -> pd.DataFrame:
    """One row per file: table, path, rows_in, rows_used, rows_repaired, rows_quarantined (counts)."""
    names = ["table", "path", "rows_in", "rows_used", "rows_repaired", "rows_quarantined"]
    return pd.DataFrame([{name: getattr(account, name) for name in names} for account in accounts], columns=names)


def issues_frame(accounts: Sequence[FileAccount]) -> pd.DataFrame:
    """One row per finding: table, severity, code, column, rows (count), first_rows (text), text."""
    names = ["table", "severity", "code", "column", "rows", "first_rows", "text"]
    findings = [
        {"table": account.table, **dataclasses.asdict(issue), "first_rows": ", ".join(map(str, issue.first_rows))}
        for account in accounts
        for issue in account.issues
    ]
    return pd.DataFrame(findings, columns=names)


def report_lines(accounts: Sequence[FileAccount], words: Words) -> list[str]:
    """The quality report in sentences: per file what became of its rows, then each finding with its first rows."""
    lines = []
    for account in accounts:
        counts = {
            name: words.number(getattr(account, f"rows_{name}")) for name in ("in", "used", "repaired", "quarantined")
        }
        counts["rows"] = counts.pop("in")
        kind = "clean" if account.rows_used == account.rows_in and not account.rows_repaired else "rows"
        lines.append(words.say(f"data.report.{kind}", table=account.table, path=words.theirs(account.path), **counts))
        lines += [_issue_sentence(issue, words) for issue in account.issues]
    return lines


def _issue_sentence(issue: Issue, words: Words) -> str:
    """One finding: what was done, in which column, what was found, in how many rows and which first."""
    key = f"data.report.{issue.severity}"
    lead = words.say(f"{key}.column", column=words.theirs(issue.column)) if issue.column else words.say(f"{key}.file")
    if not issue.first_rows:
        return words.say("data.report.finding", lead=lead, text=issue.text)
    rows, first = words.number(issue.rows), ", ".join(map(str, issue.first_rows))
    return words.say("data.report.finding_in_rows", lead=lead, text=issue.text, rows=rows, first=first)
