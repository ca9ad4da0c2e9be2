"""Lead scoring: what counts and until when, how well it tells, and that nothing leaks from what happened later."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import mannwhitneyu, norm

from helpers.beliefs.registry import put_to_the_test
from helpers.leads.lead_score import (
    auc,
    by_class,
    chance_of,
    class_of,
    followed_leads,
    lead_score,
    open_leads,
    score,
    suggested_thresholds,
    trend,
)
from helpers.study import LeadScoring
from helpers.words import ENGLISH, say

START = pd.Timestamp("2025-01-13")
SCORING = {"points": {"page": 5, "form": 50, "Unsubscribe": 30}, "role_points": {"director": 50}, "scored_after": 21}


def day(number: float) -> pd.Timestamp:
    return START + pd.Timedelta(days=number)


def activities(*rows: tuple) -> pd.DataFrame:
    """lead, day, activity, role, day of conversion"""
    frame = pd.DataFrame(rows, columns=["lead_id", "at", "activity", "job_role", "converted_at"])
    frame["at"] = frame["at"].map(day)
    frame["converted_at"] = pd.to_datetime(frame["converted_at"].map(day, na_action="ignore"))
    return frame.astype({"lead_id": "str", "activity": "str", "job_role": "str"})


def leads(rng: np.random.Generator, n: int, slope: float, base: float = -1.0) -> pd.DataFrame:
    """Leads with none to ten page visits in their first days, who win by them (log odds per ten points)."""
    rows = []
    for i in range(n):
        pages, first = int(rng.integers(1, 11)), i * 150 / n
        wins = rng.random() < 1 / (1 + np.exp(-base - slope * (pages - 5.5) / 2))
        won = first + 30 if wins else None
        rows += [(f"L{i:03d}", first + k / 10, "page", "nurse", won) for k in range(pages)]
    return activities(*rows)


def result(make_evidence, frame, **keys):
    return judged(make_evidence({"leads": frame}, leads=SCORING | keys))


def judged(evidence):
    return {r.id: r for r in put_to_the_test("leads", evidence)}["lead_score"]


def test_points_are_those_of_the_study_until_the_moment_and_never_after_the_conversion():
    """A: form 50 + page 5 + director 50, a page after the moment. B: 2 pages, the form came with the purchase.
    C: unsubscribed (its plus sign counts as minus), and something that has no points."""
    frame = activities(
        ("A", 0, " Form ", "Director", None), ("A", 3, "page", None, None), ("A", 9, "page", "Director", None),
        ("B", 0, "page", None, 4), ("B", 2, "page", None, 4), ("B", 4, "form", None, 4), ("B", 5, "page", None, 4),
        ("C", 1, "unsubscribe", "nurse", None), ("C", 1, "webinar", "nurse", None),
    )  # fmt: skip
    scoring = LeadScoring.model_validate(SCORING)
    until = pd.Series({"A": day(7), "B": day(7), "C": day(7)})
    table = score(frame, scoring, until).set_index("lead_id")
    assert table["points"].to_dict() == {"A": 105, "B": 10, "C": -30}
    assert table["unknown"].to_dict() == {"A": 0, "B": 0, "C": 1}
    assert score(frame, scoring).set_index("lead_id")["points"].to_dict() == {"A": 110, "B": 10, "C": -30}


def test_thresholds_are_weak_below_100_and_strong_above_200():
    assert class_of(pd.Series([99.9, 100, 200, 200.1]), (100, 200)).tolist() == ["weak", "medium", "medium", "strong"]


def test_only_leads_that_could_be_watched_and_were_no_customers_yet_are_judged(make_evidence):
    """Scored on day 21, watched to day 77; the window ends 272 days after START."""
    frame = activities(
        ("early", 0, "page", None, 20), ("won", 0, "page", None, 30), ("edge", 0, "page", None, 77),
        ("late", 0, "page", None, 78), ("never", 0, "page", None, None), ("recent", 200, "page", None, 230),
    )  # fmt: skip
    table = followed_leads(make_evidence({"leads": frame}, leads=SCORING)).set_index("lead_id")
    assert table["won"].to_dict() == {"won": 1, "edge": 1, "late": 0, "never": 0}


def test_what_leads_do_in_the_weeks_of_the_outcome_gives_no_points(make_evidence):
    """Winners fill in a form on day 25, others never: a score that looked there would tell them perfectly."""
    frame = leads(np.random.default_rng(3), 300, slope=0.0)
    form = frame.drop_duplicates("lead_id").dropna(subset=["converted_at"])
    form = form.assign(activity="form", at=form["at"] + pd.Timedelta(days=25))
    honest, tempted = (result(make_evidence, t) for t in (frame, pd.concat([frame, form])))
    assert tempted.effect == honest.effect
    assert honest.verdict == "inconclusive"


def test_more_points_more_customers_is_found_in_later_leads(make_evidence):
    frame = leads(np.random.default_rng(4), 900, slope=0.5)
    evidence = make_evidence({"leads": frame}, leads=SCORING | {"thresholds": [20, 40]})
    found, later = judged(evidence), say("leads.label.later")
    assert (found.verdict, found.effect.measure, found.effect.label) == ("supported", "auc", later)
    assert found.effect.ci_low > 0.53
    assert found.n == {later: 450, say("leads.label.earlier"): 450}
    facts, trend_ = lead_score(evidence, 0.05).sentence.values["parts"]
    assert ENGLISH.tell(facts) == (
        "Of two later leads of the same weeks, one who became a customer and one who did not, the first had more "
        "points in 71 % of cases (65 to 76 %; half would be chance; 450 leads, scored 21 days after their first "
        "activity and followed for 56 days more)."
    )
    assert trend_.key == "leads.score.trend.rises"
    slope = next(e for e in found.effects if e.measure == "slope")
    assert slope.ci_low < 1 < slope.ci_high


def test_a_season_in_which_all_leads_have_more_points_and_more_luck_is_no_score(make_evidence):
    """From day 110 on every lead has four pages more and wins twice as often, whatever its points."""
    rng, rows = np.random.default_rng(6), []
    for i in range(600):
        first = i * 150 / 600
        late = first > 110
        won = first + 30 if rng.random() < 0.2 + 0.3 * late else None
        rows += [(f"L{i:03d}", first + k / 10, "page", "nurse", won) for k in range(int(rng.integers(1, 8)) + 4 * late)]
    evidence = make_evidence({"leads": activities(*rows)}, leads=SCORING)
    table = followed_leads(evidence).query("later")
    assert auc(table["points"].to_numpy(), table["won"].to_numpy()).low > 0.55
    assert judged(evidence).verdict == "inconclusive"


def test_leads_of_two_weeks_by_hand():
    """Week 1: three of four pairs; week 2: none of one. The weeks weigh 4/5 and 1/3 (m n / (m + n + 1))."""
    points, won = np.array([3.0, 2, 1, 2.5, 1, 2]), np.array([1, 1, 0, 0, 1, 0])
    found = auc(points, won, week=np.array([1, 1, 1, 1, 2, 2]))
    assert found.estimate == pytest.approx((4 / 5 * 3 / 4 + 1 / 3 * 0) / (4 / 5 + 1 / 3))
    variance = ((4 / 5) ** 2 * 5 / 48 + (1 / 3) ** 2 * 3 / 12) / (4 / 5 + 1 / 3) ** 2
    assert found.p_value == pytest.approx(2 * norm.sf(abs(found.estimate - 0.5) / variance**0.5))


def test_more_points_fewer_customers_is_the_opposite(make_evidence):
    assert result(make_evidence, leads(np.random.default_rng(4), 400, slope=-0.5)).verdict == "reversed"


def test_points_that_tell_nothing_of_many_leads_are_equivalent_to_chance(make_evidence):
    assert result(make_evidence, leads(np.random.default_rng(3), 5000, slope=0.0)).verdict == "equivalent"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda t: t.assign(converted_at=pd.NaT), "needs"),
        (lambda t: t.head(40), "few_leads"),
        (lambda t: t.assign(converted_at=t["at"] + pd.Timedelta(days=9)), "few_leads"),
        (lambda t: t.drop_duplicates("lead_id"), "all_alike"),
        (lambda t: t.assign(at=t["at"] - pd.Timedelta(days=900)), "few_leads"),
    ],
)
def test_leads_that_say_nothing_say_why(make_evidence, change, reason):
    found = result(make_evidence, change(leads(np.random.default_rng(4), 400, slope=0.5)))
    assert (found.verdict, found.reason.key) == ("not testable", f"hypotheses.reason.{reason}")


def test_without_points_in_the_study_nothing_is_scored(make_evidence):
    found = judged(make_evidence({"leads": leads(np.random.default_rng(4), 400, slope=0.5)}))
    assert (found.verdict, found.reason.key) == ("not testable", "hypotheses.reason.no_points")


def test_the_area_is_the_share_of_pairs_told_rightly_and_holds_at_its_edges():
    """Winners 3, 2 and losers 1, 2: of four pairs three are told, one is a tie."""
    found = auc(np.array([3.0, 2.0, 1.0, 2.0]), np.array([1, 1, 0, 0]))
    assert found.estimate == pytest.approx(3.5 / 4)
    perfect = auc(np.arange(40.0), (np.arange(40) >= 20).astype(int))
    assert (perfect.estimate, perfect.high) == (1.0, 1.0)
    assert 0.75 < perfect.low < 0.95
    assert perfect.p_value == pytest.approx(
        mannwhitneyu(range(20, 40), range(20), use_continuity=False, method="asymptotic").pvalue
    )


def test_the_interval_of_the_area_holds_the_truth_in_95_of_100_and_chance_is_called_a_finding_in_five():
    """Normal scores: the area is Phi(difference / sqrt 2)."""
    rng, won = np.random.default_rng(8), np.repeat([1, 0], [20, 80])
    for difference, truth in ((0.0, 0.5), (1.0, 0.7602), (2.0, 0.9214)):
        found = [auc(rng.normal(0, 1, 100) + difference * won, won) for _ in range(400)]
        assert 0.925 <= np.mean([c.low <= truth <= c.high for c in found]) <= 0.985
        if difference == 0:
            assert 0.03 <= np.mean([c.p_value <= 0.05 for c in found]) <= 0.07


def test_the_trend_is_cochran_and_armitages():
    """10, 20 and 30 of 50: by hand the sum of place times deviation is 20, its variance .4 x .6 x 100 x 150 / 149."""
    classes = pd.Series(np.repeat(["weak", "medium", "strong"], 50))
    won = pd.Series(np.concatenate([np.repeat([1, 0], [k, 50 - k]) for k in (10, 20, 30)]))
    z, p = trend(classes, won)
    assert z == pytest.approx(20 / np.sqrt(0.4 * 0.6 * 100 * 150 / 149))
    assert p < 0.001
    assert trend(classes[:50], won[:50]) is None


def test_suggested_thresholds_are_learned_from_the_earlier_leads_alone():
    points = np.tile(np.arange(0, 300, 5.0), 4)
    won = (points > 250) * 1.0 + ((points > 60) & (points <= 250)) * (np.arange(240) % 3 == 0)
    table = pd.DataFrame({"points": points, "won": won, "later": np.repeat([False, True], 120)})
    low, high = suggested_thresholds(table, 10)
    assert (low, high) == (pytest.approx(62.5, abs=15), pytest.approx(252.5, abs=5))
    assert suggested_thresholds(table.assign(won=np.where(table["later"], 0, won)), 10) == (low, high)
    assert suggested_thresholds(table, 60) is None


def test_small_classes_are_joined_and_expected_shares_stand_beside():
    points = pd.Series([50.0] * 60 + [150.0] * 40 + [250.0] * 5)
    table = pd.DataFrame({"points": points, "won": (np.arange(105) % 3 == 0) * 1.0, "later": np.arange(105) % 2 == 0})
    table["chance"] = chance_of(table["points"], table)
    shown = by_class(table, (100, 200), 10)
    assert ENGLISH.told(shown)[["class", "leads"]].to_numpy().tolist() == [["weak", 60], ["medium or strong", 45]]
    assert shown["share"].tolist() == pytest.approx([20 / 60, 15 / 45])
    assert shown["expected_share"].between(0.15, 0.5).all()
    assert by_class(table.head(7), (100, 200), 10).empty


def test_open_leads_are_those_who_are_no_customers(make_evidence):
    frame = leads(np.random.default_rng(4), 300, slope=0.5)
    table = open_leads(make_evidence({"leads": frame}, leads=SCORING))
    assert set(table["lead_id"]) == set(frame.loc[frame["converted_at"].isna(), "lead_id"])
    assert table["points"].is_monotonic_decreasing
    assert table["chance"].is_monotonic_decreasing
