"""What can be found wrong with a study before anything is computed from it: whatever ``run`` would refuse, and more."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from helpers.beliefs.evidence import Evidence
from helpers.beliefs.experiments import unreadable
from helpers.beliefs.preregistration import plans_amiss
from helpers.beliefs.registry import check_choices
from helpers.cards.trial import refuse_untriable
from helpers.contracts import SCHEMA, DataError, FileAccount, Issue, UserFault
from helpers.customers.customers import build_customers
from helpers.customers.totals import Totals, add_up, as_json, asked_about, told
from helpers.guesses import read_guesses, read_questions
from helpers.read.load import LoadedTables, load_tables
from helpers.read.quality import report_lines
from helpers.run.parameters import in_a_run, notebooks_folder, own_notebooks, resolve_all
from helpers.study import Study
from helpers.survey.described import describe_survey
from helpers.survey.survey import Survey, code_survey
from helpers.types.division import refuse_undivided
from helpers.wings import arguments, declared, resolve
from helpers.words import Text, Words, say


@dataclass
class Seen:
    """What a check saw, as far as it came; ``fault`` is what the data are refused for, and a run with them."""

    study: Study
    accounts: tuple[FileAccount, ...] = ()
    tables: LoadedTables | None = None
    totals: Totals | None = None
    asked: dict[str, Text] = field(default_factory=dict)
    survey: Survey | None = None
    told: list[Text] = field(default_factory=list)
    fault: DataError | None = None


def check_study(study: Study) -> Seen:
    """The accounts of all files, the totals, the survey, and in sentences: the quality report, the totals, what init
    guessed, the checks on the answers, and what of experiments and wings could not be tested as declared.

    A fault of the data is in what is returned. Raises StudyError for all that would end a run before its personas: a
    parameter of a notebook, a belief that does not exist, the window, the columns that personas are made from, and what
    the wings check: the codebook, a second coder's sheet, interviews.
    """
    every = [*in_a_run(notebooks_folder()), *own_notebooks(study.path.resolve())]
    notebooks = {file.stem: file for file in every}
    settings = resolve_all(notebooks, (), study.parameters)["04_personas"]
    check_choices(study)
    seen = Seen(study)
    try:
        _open_all(study)
        _look(seen, study, {name: value for name, value in settings.items() if name.startswith("try_")})
    except DataError as fault:
        seen.fault = fault
        seen.accounts = seen.accounts or fault.accounts
    return seen


def _open_all(study: Study) -> None:
    """Raise DataError for a file that may not be read."""
    try:
        for file in study.files().values():
            if file.is_file():
                file.open("rb").close()
    except OSError as fault:
        raise DataError(say("run.refused.no_leave", path=fault.filename, fault=fault.strerror)) from fault


def _look(seen: Seen, study: Study, tried: dict[str, Any]) -> None:
    """Fill in what is seen, step by step; ``tried`` are other settings to look at. Raises StudyError or DataError."""
    tables = seen.tables = load_tables(study)
    seen.accounts = tables.accounts
    seen.told += report_lines(tables.accounts)
    seen.totals = add_up(tables, study)
    if seen.totals is not None:
        seen.asked = asked_about(seen.totals, study.window)
        seen.told += [say("totals.heading"), *told(seen.totals), *seen.asked.values()]
    seen.told += _guesses_told(study, seen.asked)
    survey = seen.survey = code_survey(tables, study)
    customers = build_customers(tables, study)
    if survey is not None:
        seen.told += survey.checks["text"].tolist()
    refuse_undivided(customers, survey, study)
    refuse_untriable(customers, survey, study, **tried)
    seen.told += plans_amiss(study)
    evidence = Evidence(study=study, tables=tables, customers=customers, survey=survey, personas=None)
    seen.told += unreadable(evidence)
    known = {"study": study, "tables": tables, "customers": customers, "survey": survey, "evidence": evidence}
    for places in declared("CHECKS"):
        for place in places:
            seen.told += resolve(place)(**{name: known[name] for name in arguments(place).needs})


@dataclass(frozen=True)
class FirstLook:
    """What a study that was just guessed adds up to: in sentences, in numbers, and what is asked of it, by a code."""

    lines: list[str] = field(default_factory=list)
    totals: Totals | None = None
    asked: dict[str, str] = field(default_factory=dict)


def first_look(study: Study) -> FirstLook:
    """The totals of a study that was just guessed, told, or why they cannot be had yet."""
    words = Words(study.language, study.currency)
    try:
        tables = load_tables(study)
        totals = add_up(tables, study)
    except UserFault as fault:
        return FirstLook([words.say("totals.not_yet", fault=str(fault))])
    if totals is None:
        return FirstLook()
    asked = words.told(asked_about(totals, study.window))
    for issue in (issue for account in tables.accounts for issue in account.issues if issue.code == "far_date"):
        rows = ", ".join(map(str, issue.first_rows))
        asked[issue.code] = words.say("totals.asked.aside", column=issue.column, rows=rows, text=issue.text)
    return FirstLook([words.tell(text) for text in (say("totals.heading"), *told(totals))], totals, asked)


# --- what init guessed -------------------------------------------------------------------------------------------


def _guessed(study: Study) -> list[dict[str, Any]]:
    """The guesses of ``personas init`` that still stand in study.yml: what, taken, because, else."""
    return [
        {"what": guess.what, "taken": guess.taken, "because": guess.because, "else": list(guess.other)}
        for guess in read_guesses(study.path)
    ]


def _guesses_told(study: Study, said: dict[str, Text]) -> list[Text]:
    """Every guess and every open question that stands in study.yml, but for those that were said already."""
    lines: list[Text] = [guess.sentence() for guess in read_guesses(study.path)]
    before = set(map(Words(study.language, study.currency).tell, said.values()))
    asked: list[Text] = [question for question in read_questions(study.path) if question not in before]
    told_first = [say("totals.guesses"), *lines] if lines else []
    return [*told_first, *([say("totals.questions"), *asked] if asked else [])]


# --- as JSON -----------------------------------------------------------------------------------------------------


def check_json(seen: Seen) -> dict[str, Any]:
    """What a check saw as one object, the same whether the data are refused or not; see the contract."""
    words = Words(seen.study.language, seen.study.currency)
    issues = [
        {"table": account.table, "path": account.path, **asdict(words.told(issue))}
        for account in seen.accounts
        for issue in account.issues
    ]
    for code, text in seen.asked.items():
        asked = Issue(code, "warning", None, 0, (), text)
        issues.append({"table": "sales", "path": seen.study.tables.sales.shown, **asdict(words.told(asked))})
    if seen.fault is not None and not any(issue["severity"] == "error" for issue in issues):
        refused = Issue("refused", "error", None, 0, (), say("data.refused", fault=seen.fault.said))
        issues.append({"table": None, "path": None, **asdict(words.told(refused))})
    return words.told(
        {
            "schema": SCHEMA,
            "study": seen.study.study,
            "ok": seen.fault is None,
            "totals": as_json(seen.totals),
            "survey": None if seen.tables is None else describe_survey(seen.survey, seen.tables, seen.study),
            "guesses": _guessed(seen.study),
            "issues": issues,
        }
    )
