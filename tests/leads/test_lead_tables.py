"""The tables of leads for studies that lack this or that, or hold what nobody meant."""

import warnings

from helpers.beliefs.registry import put_to_the_test
from helpers.leads.tables import lead_tables
from helpers.words import ENGLISH


def test_whatever_comes_gives_tables_and_verdicts_and_no_warning(spoiled):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        view, results = lead_tables(spoiled), put_to_the_test("leads", spoiled)
    assert all(result.verdict != "not testable" or result.reason for result in results)
    told = ENGLISH.told([*view.told.values()])
    assert all("nan" not in sentence and "inf " not in sentence for part in told for sentence in part)


def test_a_study_of_one_table_has_what_that_table_gives(one_table):
    assert lead_tables(one_table).told
