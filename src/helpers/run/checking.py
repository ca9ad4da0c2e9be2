"""What can be found wrong with a study before anything is computed from it: whatever ``run`` would refuse, and more."""

from __future__ import annotations

from helpers.beliefs.evidence import Evidence
from helpers.beliefs.experiments import unreadable
from helpers.beliefs.registry import check_choices
from helpers.customers.customers import build_customers
from helpers.read.load import load_tables
from helpers.read.quality import report_lines
from helpers.run.parameters import notebooks_folder, resolve_all
from helpers.study import Study
from helpers.survey.survey import code_survey
from helpers.types.pool import gather
from helpers.wings import arguments, declared, resolve
from helpers.words import Text


def check_study(study: Study) -> list[Text]:
    """The quality report in sentences, the checks on the survey's answers, and what of experiments and wings could not
    be tested as declared.

    Raises StudyError or DataError for all that would end a run before its personas: a parameter of a notebook, a belief
    that does not exist, the data, the window, the survey and its weights, the columns that personas are made from, and
    what the wings check: the codebook, a second coder's sheet, interviews.
    """
    resolve_all({file.stem: file for file in notebooks_folder().glob("[0-9][0-9]_*.ipynb")}, (), study.parameters)
    check_choices(study)
    tables = load_tables(study)
    lines: list[Text] = report_lines(tables.accounts)
    customers, survey = build_customers(tables, study), code_survey(tables, study)
    if survey is not None:
        lines += survey.checks["text"].tolist()
    gather(customers, survey, study)
    evidence = Evidence(study=study, tables=tables, customers=customers, survey=survey, personas=None)
    lines += unreadable(evidence)
    known = {"study": study, "tables": tables, "customers": customers, "survey": survey, "evidence": evidence}
    for places in declared("CHECKS"):
        for place in places:
            lines += resolve(place)(**{name: known[name] for name in arguments(place).needs})
    return lines
