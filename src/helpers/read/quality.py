"""Checks and types a raw table, and accounts for every row: used, repaired on the way, or set aside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from helpers.columns import TABLES
from helpers.contracts import FileAccount, Issue
from helpers.opening.exports import REPEATED
from helpers.opening.raw import shortened
from helpers.read import cells, rules, sales, survey_rules
from helpers.read import choice_tasks as choices
from helpers.read.ledger import NO_MERGED_IDS, Checked, RawTable
from helpers.read.who_answered import join
from helpers.small_cells import rounded, step_of
from helpers.sources import Reading, SalesSource, SurveySource, TableSource
from helpers.study import Study
from helpers.text import nearest_said
from helpers.words import Said, Text, in_steps, say
from helpers.written import numbers

LEAST_CUSTOMERS = 3
OF_COLUMNS = ("reading.column.extra", "opening.unnamed_left")
"""Texts whose number counts columns; any other may count rows or people, and is published in steps."""
ROUND = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
"""Shares of money as they are published: which of these they are under."""


# --- one table ---------------------------------------------------------------------------------------------------


def check_table(table: str, raw: RawTable, source: TableSource, study: Study) -> Checked:
    """Turn text columns into the canonical columns of a table, with an account of what was found.

    Raises DataError with all errors of the file at once.
    """
    check = Checked(table, raw)
    columns = _find_columns(check, source, study)
    check.refuse()
    if _text_columns(raw) == list(raw.frame) and len(raw.frame.columns):
        empty = np.logical_and.reduce([raw.frame[name].str.strip().fillna("") == "" for name in raw.frame])
        check.note("empty_row", "quarantined", None, empty, say("reading.empty_row"))
    sales.keep_only(check, source)
    if table == "conjoint":
        choices.read_choices(check, columns)
        check.refuse()
    _type_columns(check, columns, source)
    check.refuse()
    for column in TABLES[table].values():
        if (table, column.name) == ("sales", "customer_id"):
            continue  # lines without a customer are sales, too
        if column.required and column.name in check.frame:
            missing = check.frame[column.name].isna()
            text = say("reading.column.no_value", column=column.name)
            check.note("missing_value", "quarantined", columns[column.name], missing, text)
    own_rules = {
        "customers": rules.check_customers,
        "survey": survey_rules.check_survey,
        "conjoint": choices.check_conjoint,
    }
    if table in own_rules:
        own_rules[table](check, columns, source)
    if isinstance(source, SalesSource):
        sales.check_sales(check, columns, source, study)
    rules.check_times(check, columns, study)
    if isinstance(source, SalesSource):
        rules.screen_far_dates(check, columns, study)
        sales.settle(check, columns, source, study)
    rules.warn_of_odd_columns(check, columns)
    check.refuse()
    return check


def _text_columns(raw: RawTable) -> list[str]:
    return [name for name in raw.frame if isinstance(raw.frame[name].dtype, pd.StringDtype)]


def _find_columns(check: Checked, source: TableSource, study: Study) -> dict[str, str]:
    """Which header holds each canonical or named column; missing and repeated ones are errors, extra ones warnings."""
    headers, contract = check.raw.headers, TABLES[check.table]
    named = study.named_columns(check.table)
    columns: dict[str, str] = {}
    for ours in dict.fromkeys([*contract, *named]):
        theirs = cells.header(source.columns.get(ours, ours))
        must = ours in source.columns or named.get(ours, False) or (ours in contract and contract[ours].required)
        if theirs in headers:
            columns[ours] = theirs
        elif must and not _made_later(check.table, ours, source):
            key = "reading.column.missing_unstated" if ours == theirs else "reading.column.missing"
            text = say(key, needed=ours, nearest=nearest_said(theirs, headers))
            check.tell("missing_column", "error", theirs, text)
    for key, theirs in [("where", name) for name in source.where] + [("not_goods", name) for name in _kinds(source)]:
        if cells.header(theirs) not in headers:
            text = say("reading.column.missing_named", key=key, nearest=nearest_said(theirs, headers))
            check.tell("missing_column", "error", theirs, text)
    if check.table == "sales" and not {"amount", "unit_price", "order_total"} & set(columns):
        text = say("reading.column.no_money", nearest=nearest_said("amount", headers))
        check.tell("missing_column", "error", "amount", text)
    again = Counter(issue.column for issue in check.raw.issues if issue.code == REPEATED)
    for theirs, times in (Counter(headers) + again).items():
        if times > 1 and theirs in columns.values() and check.table != "survey":  # which may ask one thing twice
            check.tell("duplicate_column", "error", theirs, say("reading.column.twice", times=times))
    extra = [name for name in dict.fromkeys(headers) if name and name not in columns.values()]
    extra = [name for name in extra if name not in map(cells.header, [*source.where, *_kinds(source)])]
    if extra:
        text = say("reading.column.extra", n=len(extra), names=shortened(extra, 10))
        check.tell("extra_columns", "warning", None, text)
    if check.table == "survey":  # in the order in which the questions were asked
        return dict(sorted(columns.items(), key=lambda pair: headers.index(pair[1])))
    return columns


def _kinds(source: TableSource) -> list[str]:
    """The headers whose texts tell which lines are no goods."""
    return list(source.not_goods) if isinstance(source, SalesSource) else []


def _made_later(table: str, ours: str, source: TableSource) -> bool:
    """Columns that the suite can make where the file has none."""
    if ours in source.columns:
        return False
    joins_otherwise = isinstance(source, SurveySource) and source.join_by not in ((), ("customer_id",))
    made = {("sales", "amount"), ("survey", "respondent_id")}
    return (table, ours) in made or (ours == "customer_id" and joins_otherwise)


# --- types -------------------------------------------------------------------------------------------------------


def _type_columns(check: Checked, columns: dict[str, str], source: TableSource) -> None:
    """Give every column its kind; unreadable cells set their row aside."""
    raw, contract, read = check.raw, TABLES[check.table], source.read
    kinds = {ours: contract[ours].kind if ours in contract else "text" for ours in columns}
    form = _number_form(check, [columns[ours] for ours in columns if kinds[ours] == "number"], read)
    readers = {
        "number": lambda column: cells.numbers(column, *form, sheet=raw.sep is None),
        "time": lambda column: cells.times(
            column,
            read.date_format,
            read.timezone,
            read.ambiguous_time,
            calendar=read.calendar,
            true_dates=raw.dated[column.name][: len(column)] if column.name in raw.dated else None,
        ),
        "flag": cells.flags,
        "id": cells.ids,
        "text": cells.text,
    }

    samples = {name: _first_cells(raw.frame[name]) for name in columns.values()}

    def reads_as(ours: str, kind: str) -> bool:
        found = readers[kind](samples[columns[ours]]).findings
        return not any(one.code.startswith("unreadable") for one in found)

    let_go = set(columns.values()) - sales.read_again(columns, source) if isinstance(source, SalesSource) else set()
    for ours, theirs in columns.items():
        typed = readers[kinds[ours]](raw.frame[theirs])
        check.frame[ours] = typed.values
        if theirs in let_go and list(columns.values()).count(theirs) == 1:
            del raw.frame[theirs]  # of ten million lines the text is half of the memory
        for found in typed.findings:
            spare = found.code == "no_date" and not contract[ours].required  # read as missing
            check.note(found.code, "repaired" if spare else found.severity, theirs, found.rows, found.text)
        if any(found.code.startswith("unreadable") and found.severity == "error" for found in typed.findings):
            for other, kind in kinds.items():
                other_way = kind in ("number", "time") and kind != kinds[ours]
                if other_way and reads_as(ours, kind) and reads_as(other, kinds[ours]):
                    text = say("reading.column.swapped", other=columns[other], ours=ours, theirs=other)
                    check.tell("swapped_columns", "error", theirs, text)
        if kinds[ours] == "id" and not check.frame[ours].drop_duplicates().str.lower().is_unique:
            _merge_spellings(check, ours, theirs, _commonest(check.frame[ours].value_counts()))


def _first_cells(column: pd.Series) -> pd.Series:
    """A thousand cells that do not keep the others in memory."""
    return pd.Series(column.head(1000).tolist(), dtype=column.dtype, name=column.name)


def _number_form(check: Checked, headers: list[str], read: Reading) -> tuple[str, str | None]:
    """The decimal and thousands marks, stated or shown by the number columns; an error where they allow two."""
    texts = {name: check.raw.frame[name] for name in headers if name in _text_columns(check.raw)}
    if not texts or (read.decimal and read.thousands):
        return read.decimal or ".", read.thousands
    shown = ", ".join(texts)
    every = pd.concat(list(texts.values()), ignore_index=True)
    known = read.decimal or {",": ".", ".": ","}.get(read.thousands or "")
    mark, thousands, doubt = numbers.form_of(every, sep=check.raw.sep, decimal=known)
    if doubt:
        check.tell("ambiguous_numbers", "error", shown, say("reading.numbers.ambiguous", doubt=doubt))
    elif mark == "," and not read.decimal:
        rows = np.logical_or.reduce([column.str.contains(r"\d,\d", na=False) for column in texts.values()])
        check.note("decimal_comma", "repaired", shown, rows, say("reading.numbers.decimal_comma"))
    if thousands and not read.thousands:
        check.tell("thousands_proved", "warning", shown, say("reading.numbers.thousands", mark=repr(thousands)))
    return mark, read.thousands or thousands


def _commonest(counts: pd.Series) -> pd.Series:
    """The most frequent spelling (of equals the first) of each id, by its lower-case form; ``counts`` by spelling."""
    ranked = counts.rename_axis("given").reset_index(name="rows")
    ranked = ranked.sort_values(["rows", "given"], ascending=[False, True])
    return ranked.assign(key=ranked["given"].astype("str").str.lower()).drop_duplicates("key").set_index("key")["given"]


def _merge_spellings(check: Checked, ours: str, theirs: str, known: pd.Series) -> None:
    """Read ids that differ in case only as one; ``known`` holds the spelling to use by its lower-case form."""
    given = check.frame[ours].value_counts().rename_axis("given").reset_index(name="rows").sort_values("given")
    merged = given.assign(table=check.table, column=ours, read_as=given["given"].str.lower().map(known))
    merged = merged[merged["read_as"].notna() & (merged["read_as"] != merged["given"])]
    if merged.empty:
        return
    text = say("reading.id.spelling", n=len(merged))
    check.note("id_spelling", "repaired", theirs, check.frame[ours].isin(merged["given"]), text)
    read_as = check.frame[ours].map(merged.set_index("given")["read_as"])
    check.frame[ours] = read_as.fillna(check.frame[ours]).astype("str")
    check.merged = pd.concat([check.merged, merged[NO_MERGED_IDS.columns]], ignore_index=True)


# --- several tables together -------------------------------------------------------------------------------------


def check_together(checked: dict[str, Checked], study: Study) -> list[Said]:
    """What only several tables show: one spelling per customer, the join by e-mail, sign-ups; returns the errors."""
    _spell_customers_alike(list(checked.values()))
    source = study.tables.survey
    if source and source.join_by and source.join_by != ("customer_id",):
        survey, customers = checked["survey"].frame, checked["customers"].used()
        by = list(source.join_by)
        known = [customers[name] for name in by]
        joined = join([survey[name] for name in by], customers["customer_id"], known, source.nobody)
        if len(joined.shared):
            text = say("reading.person.shared_key", n=joined.shared.nunique())
            checked["customers"].tell("shared_key", "warning", ", ".join(by), text, len(joined.shared))
        survey["customer_id"] = joined.customer_id
    if {"sales", "customers"} <= set(checked) and "signed_up_at" in checked["customers"].frame:
        people = checked["customers"].used().set_index("customer_id")["signed_up_at"]
        sales = checked["sales"]
        early = sales.frame["ordered_at"] < sales.frame["customer_id"].map(people).dt.normalize()
        sales.note("before_sign_up", "warning", "ordered_at", early, say("reading.person.before_sign_up"))
    return _too_few(checked)


def _spell_customers_alike(checks: list[Checked]) -> None:
    """Give every customer the spelling that is most frequent in all tables together."""
    counts = [check.frame["customer_id"].value_counts() for check in checks if "customer_id" in check.frame]
    if counts:
        known = _commonest(pd.concat(counts).groupby(level=0).sum())
        for check in checks:
            for name in check.frame.columns.intersection(["customer_id", "referred_by"]):
                _merge_spellings(check, name, name, known)


def _too_few(checked: dict[str, Checked]) -> list[Said]:
    """The errors of a study in which too few customers are left, or respondents where there are no sales, or rows where
    there are neither."""
    keys = {"sales": ("customer_id", "customers"), "survey": ("respondent_id", "respondents")}
    beside = max(checked.keys() - {"customers"}, key=lambda name: len(checked[name].used()), default="customers")
    table = next((name for name in keys if name in checked), beside)
    key, who = keys.get(table, ("", "rows"))
    check = checked[table]
    found = check.used()[key].nunique() if key else len(check.used())
    if found >= LEAST_CUSTOMERS:
        return []
    text = say(f"reading.too_few.{who}", n=found, table=table, least=LEAST_CUSTOMERS)
    check.tell("too_few", "error", None, text)
    return [say("reading.at.file", path=check.raw.path, text=text), *check.lines("quarantined")]


# --- the report --------------------------------------------------------------------------------------------------


def report_lines(accounts: Sequence[FileAccount]) -> list[Said]:
    """The quality report in sentences: per file what became of its rows, then each finding with its first rows."""
    lines = []
    for account in accounts:
        counts = {name: getattr(account, f"rows_{name}") for name in ("used", "repaired", "quarantined")}
        kind = "clean" if account.rows_used == account.rows_in and not account.rows_repaired else "rows"
        named = {"table": account.table, "path": account.path, "rows": account.rows_in}
        lines.append(say(f"data.report.{kind}", **named, **counts))
        lines += [_issue_sentence(issue) for issue in account.issues]
    return lines


OF_ONE = ("customer_id", "respondent_id", "visitor_id", "lead_id", "session_id")
"""Whose row it may be: the most rows that share one of these are what one person may have put into a file."""


def publishable(
    accounts: Sequence[FileAccount], frames: Mapping[str, pd.DataFrame], least: int
) -> tuple[FileAccount, ...]:
    """The accounts as they may be published, so that two publications that differ by one person tell nothing of him.

    Rows are in steps that nobody's rows exceed (``small_cells.rounded``), no row is named by its number (it would move
    by the rows that are gone before it), and money of few rows, which may be one customer's, is left out.
    """
    return tuple(_publishable(account, frames.get(account.table, pd.DataFrame()), least) for account in accounts)


def _publishable(account: FileAccount, frame: pd.DataFrame, least: int) -> FileAccount:
    parts = [frame[name].value_counts().max() for name in OF_ONE if name in frame and frame[name].notna().any()]

    def steps(rows: int) -> int:
        return int(rounded(rows, parts, least))

    def told(issue: Issue) -> Issue:
        rows = (steps(issue.rows) or None) if issue.rows else 0
        money = issue.money if rows and issue.rows >= least else None
        return replace(issue, rows=rows, first_rows=(), text=without_exact(issue.text), money=money)

    def without_exact(text: Text) -> Text:
        """A text whose count of rows or people is in the same steps, and whose share of money is under a round one."""
        if not isinstance(text, Said):
            return text
        if text.key == "opening.where.parts":  # the rows, by the files that they stand in
            return without_exact(text.values["text"])
        values = dict(text.values)
        if isinstance(n := values.get("n"), int) and text.key not in OF_COLUMNS:
            values["n"] = in_steps(steps(n), step_of(parts, least))
        if isinstance(share := values.get("share"), float):
            values["share"] = say("survey.under", share=next((most for most in ROUND if share < most), 1.0))
        return say(text.key, **values)

    used, aside = steps(account.rows_used), steps(account.rows_quarantined)
    return replace(
        account, rows_in=used + aside, rows_used=used, rows_quarantined=aside,
        rows_repaired=min(steps(account.rows_repaired), used), rounded_to=int(step_of(parts, least)),
        issues=tuple(map(told, account.issues)),
    )  # fmt: skip


def _issue_sentence(issue: Issue) -> Said:
    """One finding: what was done, in which column, what was found, in how many rows and which first."""
    key = f"data.report.{issue.severity}"
    lead = say(f"{key}.column", column=issue.column) if issue.column else say(f"{key}.file")
    if not issue.first_rows:
        return say("data.report.finding", lead=lead, text=issue.text)
    first = ", ".join(map(str, issue.first_rows))
    return say("data.report.finding_in_rows", lead=lead, text=issue.text, rows=issue.rows, first=first)
