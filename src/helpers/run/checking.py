"""What can be found wrong with a study before anything is computed from it: its data, its answers, its experiments."""

from __future__ import annotations

from helpers.data.coding import code_answers
from helpers.data.customers import build_customers
from helpers.data.interviews import hear_interviews
from helpers.data.load import load_tables
from helpers.data.quality import report_lines
from helpers.data.survey import code_survey
from helpers.hypotheses.evidence import Evidence
from helpers.hypotheses.experiments import unreadable
from helpers.hypotheses.gambles import from_gambles
from helpers.personas.pool import gather
from helpers.study import Study
from helpers.wording import Words


def check_study(study: Study) -> list[str]:
    """The quality report in sentences, the checks on the survey's answers, and each experiment and set of gambles that
    could not be tested as declared.

    Raises StudyError or DataError for all that would end a run before its personas: the data, the window, the survey,
    its weights, the codebook, a second coder's sheet, the interviews, the columns that personas are made from.
    """
    words, tables = Words(study.language, study.currency), load_tables(study)
    lines = report_lines(tables.accounts, words)
    customers = build_customers(tables, study) if study.tables.sales else None
    survey = code_survey(tables, study)
    if survey is not None:
        code_answers(survey, study, words)
        lines += survey.checks["text"].tolist()
    hear_interviews(tables.frames.get("interviews"), study, words)
    gather(customers, survey, study)
    evidence = Evidence(study, words, tables, customers, survey, personas=None)
    lines += unreadable(evidence)
    if survey is not None and study.tables.survey.gambles:
        parameters, told = from_gambles(evidence)
        lines += told if parameters.empty else ()
    return lines
