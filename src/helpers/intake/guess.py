"""A first study.yml from plain exports: which file is which table, what its columns are, and why it seems so."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from helpers.columns import TABLES
from helpers.contracts import StudyError
from helpers.guesses import Answer, Guess, Question
from helpers.intake.cells_written import look_at_cells
from helpers.intake.column_looks import header_fit
from helpers.intake.export import Export, Told
from helpers.intake.roles import PEOPLE, SALES, Role, assign, looks_of
from helpers.intake.sales_export import look_at_sales
from helpers.intake.surveys import scales
from helpers.intake.surveys.customer_totals import describes_people, is_customer_totals, look_at_totals, of_orders
from helpers.intake.surveys.guess_choices import look_at_choices
from helpers.intake.surveys.guess_survey import look_at_questions
from helpers.intake.surveys.people_keys import shared_key
from helpers.intake.surveys.survey_columns import survey_keys, tool_shows
from helpers.intake.together import MONEY, put_together
from helpers.intake.totals_asked import questions_of
from helpers.intake.vocabulary import EMAIL, SAMPLE, listed_words, says, share, vocabulary
from helpers.intake.writing import draft_text, missing, next_step, study_text
from helpers.read import cells
from helpers.read.load import how_to_read, is_text_file, open_table, sniff_separator
from helpers.run.checking import first_look
from helpers.sources import Reading
from helpers.study import Study, load_study
from helpers.text import fold
from helpers.written import numbers

NOTHING_TOLD = Told()
_QUESTION = re.compile(r"[?\u061f]|^(?:q\d+|\d+)[.:)]\s*\S+ \S+", re.IGNORECASE)
"""A header that asks, or is numbered as questions are: ``Q1. The shop is easy to use``."""
LEAST_MARKS, MOST_MARKS, LEAST_MARKED = 3, 11, 4
"""Different marks of a coded answer, and columns of them that make a table one of answers though nothing is asked."""
Ask = Callable[[str, Question], "Answer | None"]
"""Asks a person a question about a file; None where it stays open."""


def write_study(
    files: list[Path], out: Path, told: Told = NOTHING_TOLD, ask: Ask | None = None
) -> tuple[Path, list[str]]:
    """Copy exports into ``out`` and write a study.yml beside them; ``ask`` puts to a person what could not be told.

    Returns the path of study.yml and one sentence per decision that a person should look at. Raises StudyError where
    ``out`` already has a study or a file is not there, or no study can be guessed: then ``study.yml.draft`` says what
    was seen; DataError where a file cannot be read.
    """
    target = out / "study.yml"
    if target.exists():
        raise StudyError(f"{target}: there is a study already; give another --out, or remove it")
    if out.is_file():
        raise StudyError(f"--out {out}: a file stands there; give a folder")
    names = [file.name for file in files]
    if len(set(names)) < len(names):
        raise StudyError(f"two files have the same name: {', '.join(sorted(names))}; rename one")
    if missing_files := [str(file) for file in files if not file.exists()]:
        raise StudyError(f"no such file: {', '.join(missing_files)}")
    exports = put_together([_open(file, told) for file in files])
    chosen, notes = _choose(exports, told)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StudyError(f"--out {out}: no folder can be made there ({error.strerror}); give another") from None
    totals = chosen.get("customers")
    if set(chosen) == {"customers"} and look_at_totals(totals):
        totals.table, chosen = "survey", {"survey": totals}
    if not {"sales", "survey"} & set(chosen):
        draft = target.with_name("study.yml.draft")
        draft.write_text(draft_text(exports), encoding="utf-8")
        lines = [f"  {export.name}: {why}" for export in exports for why in missing(export)]
        raise StudyError(
            "no file looks like orders (a customer, a date and an amount) or like answers of a survey\n"
            + "\n".join([*lines, f"  next: {next_step(exports)}", f"  what was seen stands in {draft}"])
        )
    top = {"currency": _currency(chosen.get("sales"))}
    for export in chosen.values() if ask else ():
        top |= _ask_all(export, ask)
    for file in files:
        if file.resolve() != (out / file.name).resolve():
            copy = shutil.copytree if file.is_dir() else shutil.copyfile
            copy(file, out / file.name)
    noted = list(notes)
    seen = first_look(_written(target, chosen, noted, top))
    if seen.asked:
        sales = chosen["sales"]
        before, sales.questions = sales.questions, questions_of(seen.totals, seen.asked, sales)
        if ask:
            top |= _ask_all(sales, ask)
        sales.questions = before + sales.questions
        study = _written(target, chosen, noted, top)
        seen = first_look(study) if ask else seen
    for export in chosen.values():
        notes += [f"{export.name}: {guess.sentence()}." for guess in export.guesses]
        notes += [f"{export.name}: {question.sentence()}." for question in export.questions]
    return target, notes + seen.lines


def _written(target: Path, chosen: dict[str, Export], notes: list[str], top: dict[str, Any]) -> Study:
    """The study as it was written to ``target``."""
    target.write_text(study_text(target.parent.resolve().name, chosen, notes, top), encoding="utf-8")
    return load_study(target)


def _ask_all(export: Export, ask: Ask) -> dict[str, Any]:
    """Put the questions to a person and state the answers; what is stated of the whole study is returned."""
    top: dict[str, Any] = {}
    still_open = []
    for question in export.questions:
        answer = ask(export.name, question)
        if answer is None:
            still_open.append(question)
            continue
        for key, value in answer.study.items():  # a second answer on the window keeps what the first one said
            top[key] = {**value, **top.get(key, {})} if isinstance(value, dict) else value
        for key, value in answer.table.items():
            held = {"columns": export.columns, "read": export.read}.get(key)
            if held is not None:
                held.update(value)
            elif isinstance(value, dict):
                export.keys[key] = export.keys.get(key, {}) | value
            else:
                export.keys[key] = [*export.keys.get(key, []), *value]
        export.guesses.append(Guess(question.about, answer.said, "you said so"))
    export.questions = still_open
    return top


def _choose(exports: list[Export], told: Told) -> tuple[dict[str, Export], list[str]]:
    """Which export is which table, with its columns looked at; and notes about what is left out."""
    notes: list[str] = []
    chosen: dict[str, Export] = {}
    for export in exports:
        export.table = export.table or _which_table(export)
        other = chosen.setdefault(export.table, export) if export.table else None
        if other is None:
            notes.append(f"{export.name}: neither orders nor customers nor answers were recognised; it is left out.")
        elif other is not export:
            notes.append(f"{export.name}: {other.name} is {export.table} already; left out.")
        else:
            _look_at(export, told)
    _agree_on_the_key(chosen, notes)
    return chosen, notes + [f"{export.name}: {reason}" for export in chosen.values() for reason in export.why]


# --- one file ----------------------------------------------------------------------------------------------------


def _open(file: Path, told: Told) -> Export:
    """Open a file in the way that suits it, and see what its columns could be."""
    read, why = how_to_read(file)
    if told.encoding and is_text_file(file):
        read = {key: value for key, value in read.items() if key not in ("encoding", "sep")}
        read |= {"encoding": told.encoding, "sep": sniff_separator(file, told.encoding)}
    raw = open_table(file, file.name, Reading(**read))
    if choices := look_at_choices(raw.frame):
        return Export(file, raw, read, raw.frame, choices[0], "conjoint", "choices", why=why, survey=choices[1])
    export = Export(file, raw, read, raw.frame, why=why)
    export.looks = looks_of(raw.frame)
    export.roles = assign(raw.frame, SALES, export.looks)
    return export


def _look_at(export: Export, told: Told) -> None:
    """Guess the columns of a table, and how its cells are written."""
    headers = list(export.frame)
    if export.kind == "own names":
        email = {"email": export.roles["email"].header} if "email" in export.roles else {}
        export.columns = {name: name for name in TABLES[export.table] if name in headers} | email
    elif export.table == "survey":
        _look_at_survey(export)
        return
    elif export.table == "conjoint":
        return
    elif export.table == "sales":
        look_at_sales(export, told)
        _keep_headings(export)
    else:
        export.roles = assign(export.frame, PEOPLE, export.looks)
        taken = export.taken()
        export.columns = {
            ours: theirs for ours, theirs in taken.items() if ours in TABLES["customers"] or ours == "email"
        }
    look_at_cells(export, told)


def _keep_headings(export: Export) -> None:
    """Where heads of groups are known by a column that nothing else needs, name it, so that a run knows them too."""
    if not any(issue.code == "group_heading" for issue in export.raw.issues):
        return
    needed = dict.fromkeys(
        [*export.columns.values(), *export.keys.get("where", ()), *export.read.get("fill_down", ())], "text"
    )

    def rows(more: dict[str, str]) -> int:
        return len(open_table(export.file, export.name, Reading(**export.read), needed | more).frame)

    if rows({}) == len(export.frame):
        return
    for header in export.frame:
        value = export.frame[header].astype("str")
        if header not in needed and value.nunique() == 1 and rows({header: "text"}) == len(export.frame):
            export.keys.setdefault("where", {})[header] = [value.iloc[0]]
            told = "it stands at the heads of orders, whose sums are no lines; it must be read to know them"
            export.guesses.append(Guess(f"where {header}", value.iloc[0], told))
            return
    text = "some rows are heads of groups with sums of the rows below them, and count beside these"
    export.questions.append(Question("totals", text, (Answer("export without these rows", {}),)))


def _look_at_survey(export: Export) -> None:
    """The keys of those who answered, and what was asked."""
    export.columns, told = survey_keys(export.raw.frame, _match_headers(export.raw.frame))
    export.survey, unclear = look_at_questions(export.raw.frame, list(export.columns.values()), export.raw.asked)
    export.why += [*told, *unclear]


def _match_headers(frame: pd.DataFrame) -> dict[str, str]:
    """Who answered, by headers, the surest matches first; e-mails are known by their look too."""
    columns: dict[str, str] = {}
    for ours in ("respondent_id", "customer_id", "email"):
        fits = [(says(theirs, vocabulary()["headers"][ours]), -place) for place, theirs in enumerate(frame)]
        fit, place = max(fits, default=(0, 0))
        theirs = list(frame)[-place] if fit else None
        if theirs is None or theirs in columns.values() or cells.blank(frame[theirs].head(SAMPLE)).all():
            continue
        if fit == 2 or ours != "customer_id" or frame[theirs].nunique() > max(3, 0.05 * len(frame)):
            columns[ours] = theirs
    for theirs in frame:
        if "email" not in columns and share(frame[theirs], EMAIL) > 0.8:
            columns = {ours: header for ours, header in columns.items() if header != theirs} | {"email": theirs}
    return columns


def _which_table(export: Export) -> str | None:
    """Sales have a date and money, a survey has questions, customers have one row each; our own names need no guess."""
    roles, headers = export.roles, list(export.frame)
    for table, contract in TABLES.items():
        required = {name for name, column in contract.items() if column.required} - {"amount"}
        if fold(export.name.split(".")[0]) == table and required and required <= set(headers):
            export.kind = "own names"
            return table
    if tool_shows(headers):
        return "survey"
    questions = sum(len(header) > 30 or bool(_QUESTION.search(header)) for header in headers)
    asked = any(says(header, vocabulary()["asked_at"]) == 2 for header in headers) and questions > 0
    if (
        (export.raw.asked and not _is_sold(roles))
        or (questions >= 3 and not {"order_id", "unit_price"} & set(roles))
        or asked
    ):
        return "survey"
    if is_customer_totals(export):
        export.kind = "customer totals"
        return "customers"
    if "ordered_at" in roles and set(MONEY) & set(roles) and _sure_of_money(export):
        return "sales"
    if any(says(header, vocabulary()["asked_at"]) for header in headers):
        return "survey"
    if any(word in fold(export.name) for word in listed_words("survey_files")):
        return "survey"
    if questions >= 3:
        return "survey"
    key = roles.get("customer_id", roles.get("email"))
    if key and export.frame[key.header].nunique() > 0.9 * len(export.frame) and not of_orders(export):
        return "customers"
    if marked := _marked(export.frame):
        export.why.append(f"no header asks anything; taken for answers, since {len(marked)} columns hold marks.")
        return "survey"
    return "customers" if describes_people(export) else None


def _marked(frame: pd.DataFrame) -> list[str]:
    """Columns of small whole numbers, as answers are coded, where they are many of all; none where they are few."""
    found = []
    for header in frame:
        marks = scales.numbers_of(frame[header][~cells.blank(frame[header])].head(SAMPLE)).dropna().unique()
        few = LEAST_MARKS <= len(marks) <= MOST_MARKS
        if few and (marks % 1 == 0).all() and marks.min() >= -MOST_MARKS and marks.max() <= MOST_MARKS:
            found.append(header)
    return found if len(found) >= max(LEAST_MARKED, len(frame.columns) / 3) else []


def _is_sold(roles: dict[str, Role]) -> bool:
    """Whether headers say, each by its own words, who bought, when and for how much."""
    said = {role for role, found in roles.items() if header_fit(found.header.split(": ")[-1], role) >= 0.85}
    return "ordered_at" in said and bool(said & {*MONEY}) and bool(said & {"customer_id", "email", "order_id"})


def _sure_of_money(export: Export) -> bool:
    return any(export.roles[role].score >= 0.5 for role in MONEY if role in export.roles)


# --- several files together --------------------------------------------------------------------------------------


def _agree_on_the_key(chosen: dict[str, Export], notes: list[str]) -> None:
    """Settle what a customer is known by in all files, and how the survey joins."""
    sales, customers, survey = (chosen.get(name) for name in ("sales", "customers", "survey"))
    by_email = survey is not None and survey.email is not None and "customer_id" not in survey.columns
    looked_up = customers is not None and customers.email is not None and "customer_id" in customers.columns
    for export in (sales, customers):
        if export is None or export.email is None:
            continue
        filled = share(export.frame[export.email], EMAIL) > 0.8
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
        elif others and "customer_id" in others.columns and _join_by_content(survey, customers or others):
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
    if customers.table == "sales":  # a line per order: the key that customers are known by, once each
        people = people[[customers.columns["customer_id"]]].drop_duplicates()
    key = shared_key(survey.raw.frame, people, people[customers.columns["customer_id"]])
    if key and customers.table == "sales":
        ((asked, known),) = key.values()
        key = {"customer_id": (asked, known)}
    for ours, (asked, known) in key.items():
        survey.columns[ours], customers.columns[ours] = asked, known
    if key:
        survey.survey["join"] = {"customers": next(iter(key)) if len(key) == 1 else list(key)}
        survey.survey["meta"] = [h for h in survey.survey.get("meta", []) if h not in survey.columns.values()]
        shown = " and ".join(f"{asked!r} ({known!r} there)" for asked, known in key.values())
        survey.why.append(f"respondents are known as customers by {shown}.")
    return bool(key)


# --- currency ----------------------------------------------------------------------------------------------------


def _currency(sales: Export | None) -> str:
    """The currency that a header or the numbers of the sales name; empty when none does."""
    if sales is None or sales.currency:
        return sales.currency if sales else ""
    money = [theirs for ours, theirs in sales.columns.items() if ours in ("amount", "unit_price", "order_total")]
    named = (numbers.currency_of(sales.frame[theirs].astype("str").head(20), theirs) for theirs in money)
    return next(filter(None, named), "")
