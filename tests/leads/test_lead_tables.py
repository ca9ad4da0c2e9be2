"""The tables of leads for studies that lack this or that, or hold what nobody meant."""

import warnings

import pandas as pd
import pytest

from helpers.beliefs.evidence import leads_seen
from helpers.beliefs.registry import put_to_the_test
from helpers.contracts import StudyError
from helpers.leads.tables import lead_tables
from helpers.words import ENGLISH, say


def test_whatever_comes_gives_tables_and_verdicts_and_no_warning(spoiled):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        view, results = lead_tables(spoiled), put_to_the_test("leads", spoiled)
    assert all(result.verdict != "not testable" or result.reason for result in results)
    told = ENGLISH.told([*view.told.values()])
    assert all("nan" not in sentence and "inf " not in sentence for part in told for sentence in part)


def test_a_study_of_one_table_has_what_that_table_gives(one_table):
    assert lead_tables(one_table).told


@pytest.fixture
def leads() -> pd.DataFrame:
    """400 leads of one to ten pages in 120 days: of ten one becomes a customer with up to four pages, three with up
    to seven, eight with more."""
    start, rows = pd.Timestamp("2025-01-13"), []
    for i in range(400):
        pages, first = 1 + i % 10, start + pd.Timedelta(days=0.3 * i)
        won = (i // 10) % 10 < (1 if pages <= 4 else 3 if pages <= 7 else 8)
        converted = first + pd.Timedelta(days=30) if won else pd.NaT
        rows += [(f"L{i}", first + pd.Timedelta(hours=k), "page", converted) for k in range(pages)]
    return pd.DataFrame(rows, columns=["lead_id", "at", "activity", "converted_at"])


def test_later_leads_stand_by_both_borders_and_open_ones_are_counted(make_evidence, leads):
    found = lead_tables(make_evidence({"leads": leads}, leads={"points": {"page": 10}, "thresholds": [40, 60]}))
    by_border = dict(tuple(found.classes.groupby("borders", sort=False)))
    given, suggested = by_border
    assert given == say("leads.suggest.given", low=40.0, high=60.0)
    assert ENGLISH.told(by_border[given])[["class", "leads"]].to_numpy().tolist() == [
        ["weak", 60], ["medium", 60], ["strong", 80],
    ]  # fmt: skip
    assert suggested == say("leads.suggest.suggested", low=45.0, high=75.0)
    assert found.told["scores"] == (
        say("leads.suggest.facts", low=45.0, high=75.0, given_low=40.0, given_high=60.0),
        say("leads.suggest.open", n=400 - 4 * (4 + 9 + 24)),
    )
    assert found.open_leads["class"].isin(["weak", "medium", "strong"]).all()


def test_the_score_of_all_who_answered_is_told(make_evidence):
    """Ten answers three times over: five promoters, three passives, two detractors."""
    answers = pd.DataFrame({"nps": [10.0, 9, 9, 10, 9, 8, 7, 7, 6, 0] * 3})
    (told,) = lead_tables(make_evidence({"survey": answers}, survey_keys={"nps": "nps"})).told["nps"]
    assert ENGLISH.tell(told) == (
        "Net promoter score 30 (1 to 54; 30 answers; those who answered are not all customers)."
    )


def test_other_borders_and_days_stand_in_the_place_of_the_study_s(make_evidence):
    evidence = make_evidence({})
    assert leads_seen(evidence, [], 0) is evidence
    leads = leads_seen(evidence, [50.0, 150.0], 28).study.leads
    assert (leads.thresholds, leads.followed, leads.scored_after) == ((50.0, 150.0), 28, 14)
    for borders in ([50.0], [150.0, 50.0]):
        with pytest.raises(StudyError, match=r"09_leads\.borders: two numbers of points, the lower first"):
            leads_seen(evidence, borders, 0)
