"""What can be found wrong with a study before anything is computed from it: its data, its answers, its experiments."""

from __future__ import annotations

from helpers.beliefs.evidence import Evidence
from helpers.beliefs.experiments import unreadable
from helpers.customers.customers import build_customers
from helpers.offers.gambles import from_gambles
from helpers.read.load import load_tables
from helpers.read.quality import report_lines
from helpers.study import Study
from helpers.survey.survey import code_survey
from helpers.types.pool import gather
from helpers.voice.coding import code_answers
from helpers.voice.interviews import hear_interviews
from helpers.words import Words


def check_study(study: Study) -> list[str]:
    """The quality report in sentences, the checks on the survey's answers, and each experiment and set of gambles that
    could not be tested as declared.

    Raises StudyError or DataError for all that would end a run before its personas: the data, the window, the survey,
    its weights, the codebook, a second coder's sheet, the interviews, the columns that personas are made from.
    """
    words, tables = Words(study.language, study.currency), load_tables(study)
    lines = [*map(words.tell, report_lines(tables.accounts))]
    customers = build_customers(tables, study) if study.tables.sales else None
    survey = code_survey(tables, study)
    code_answers(survey, study)
    if survey is not None:
        lines += [*map(words.tell, survey.checks["text"])]
    hear_interviews(tables, study)
    gather(customers, survey, study)
    evidence = Evidence(study, words, tables, customers, survey, personas=None)
    lines += unreadable(evidence)
    if survey is not None and study.tables.survey.gambles:
        parameters, told = from_gambles(evidence)
        lines += told if parameters.empty else ()
    return lines
