"""Channels, places and moments: planted contrasts, confounding, clustering, and honest refusals."""

import numpy as np
import pandas as pd
import pytest

from helpers.beliefs.evidence import orders
from helpers.beliefs.registry import put_to_the_test
from helpers.channels.conversion import comparable, conversion_by_channel, funnel_stage, order_value_by_channel, visits
from helpers.channels.moments import moments_by_persona
from helpers.words import ENGLISH, say

START = pd.Timestamp("2025-02-03")  # a Monday inside the window of the tests


def result(evidence, id_):
    return {r.id: r for r in put_to_the_test("channels", evidence)}[id_]


def sessions(*cells: tuple[str, str, int, float]) -> pd.DataFrame:
    """Two visits per visitor: channel, place, visitors, share of visitors who convert (on both visits)."""
    rows = [(c, place, i < n * p) for c, place, n, p in cells for i in range(n)]
    frame = pd.DataFrame(rows, columns=["channel", "location", "converted"])
    frame["visitor_id"] = [f"V{i}" for i in range(len(frame))]
    frame = pd.concat([frame.assign(is_new=True), frame.assign(is_new=False)], ignore_index=True)
    return frame.assign(started_at=START).astype({"converted": "boolean", "is_new": "boolean"})


def test_a_channel_that_only_looks_worse_for_its_place_is_told_apart(make_evidence):
    """Social does better in each town (.10/.20, .50/.60) and worse overall, for it is used where few buy."""
    cells = sessions(
        ("search", "a", 100, 0.10), ("social", "a", 900, 0.20), ("search", "b", 900, 0.50), ("social", "b", 100, 0.60)
    )
    evidence = make_evidence({"sessions": cells})
    found = result(evidence, "conversion_by_channel")
    shares = cells.groupby("channel")["converted"].mean()
    assert shares["social"] < shares["search"]
    contrast = next(e for e in found.effects if e.measure == "risk difference")
    assert (contrast.label, contrast.estimate) == ("social", pytest.approx(0.10, abs=0.015))
    assert (found.verdict, found.arm_source) == ("supported", "observational")
    told = conversion_by_channel(evidence, 0.01)
    assert told.method.values["parts"][1].values["columns"] == ("location",)
    assert ENGLISH.tell(told.sentence) == (
        "Comparing like with like as far as the data allow, 41.2 % of visits with “social” end in a purchase, against "
        "31.2 % with “search”: a difference of 10.0 points (3.9 to 16.1 points)."
    )


def test_two_visits_of_one_visitor_are_one_observation(make_evidence):
    both = sessions(("search", "a", 300, 0.20), ("social", "a", 300, 0.27))
    once = both[both["is_new"]]
    one, two = (result(make_evidence({"sessions": frame}), "conversion_by_channel") for frame in (once, both))
    assert two.n == one.n == {"search": 300, "social": 300}
    assert two.effect.ci_low == pytest.approx(one.effect.ci_low, abs=2e-4)
    assert one.effect.ci_low == pytest.approx(0.0023, abs=5e-4)


def test_equal_conversion_in_many_visits_is_equivalent(make_evidence):
    frame = sessions(("search", "a", 9000, 0.05), ("social", "a", 9000, 0.05))
    assert result(make_evidence({"sessions": frame}), "conversion_by_channel").verdict == "equivalent"


def test_a_visitor_known_as_a_customer_once_is_one_person(make_evidence):
    """Rows: V1 unknown, V1 and V2 as C1, nobody, V1 without an outcome: three visits of one person are left."""
    frame = pd.DataFrame(
        {
            "started_at": START,
            "channel": "web",
            "converted": pd.array([False, True, True, False, None], dtype="boolean"),
            "customer_id": [None, "C1", "C1", None, "C1"],
            "visitor_id": ["V1", "V1", "V2", None, "V1"],
        }
    ).astype({"customer_id": "str", "visitor_id": "str"})
    kept = visits(make_evidence({"sessions": frame}))
    assert kept["cluster"].tolist() == ["customer C1"] * 3
    assert kept["yes"].tolist() == [0.0, 1.0, 1.0]


def test_visits_outside_the_window_take_no_part(make_evidence):
    frame = sessions(("search", "a", 50, 0.2)).assign(started_at=pd.Timestamp("2025-10-13"))
    assert visits(make_evidence({"sessions": frame})).empty


def test_a_channel_that_never_converts_is_left_out_and_said(make_evidence):
    cells = [
        ("search", "a", 300, 0.2),
        ("social", "a", 300, 0.4),
        ("poster", "a", 300, 0.0),
        ("tv", "a", 15, 0.5),
        ("fax", "a", 9, 0.5),
    ]
    found = conversion_by_channel(make_evidence({"sessions": sessions(*cells)}), 0.01)
    assert set(found.n) == {"search", "social"}
    assert (found.notes.values["groups"], found.notes.values["rows"].values) == (3, {"n": 648})
    assert not any(e.label in ("poster", "tv", "fax") for e in found.effects)


@pytest.mark.parametrize("converts", [0.04, 0.96])
def test_a_group_of_few_yeses_or_few_noes_is_not_compared(make_evidence, converts):
    """Fifty visitors of whom two differ, on both visits: four rows are fewer than five."""
    cells = [("search", "a", 100, 0.2), ("social", "a", 100, 0.4), ("fax", "a", 50, converts)]
    evidence = make_evidence({"sessions": sessions(*cells)})
    kept, reference, note = comparable(evidence, "sessions", visits(evidence), "channel")
    assert (set(kept["group"]), reference) == ({"search", "social"}, "search")
    assert (note.values["groups"], note.values["rows"].values) == (1, {"n": 100})


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda t: t.drop(columns="visitor_id"), "needs"),
        (lambda t: t.assign(channel="web"), "few_groups"),
        (lambda t: t.assign(converted=pd.array([False] * len(t), dtype="boolean")), "few_groups"),
    ],
)
def test_sessions_that_cannot_be_compared_say_why(make_evidence, change, reason):
    frame = change(sessions(("search", "a", 100, 0.2), ("social", "a", 100, 0.4)))
    found = result(make_evidence({"sessions": frame}), "conversion_by_channel")
    assert (found.verdict, found.reason.key) == ("not testable", f"hypotheses.reason.{reason}")


def test_sharp_division_by_place_and_channel_gives_no_silent_number(make_evidence):
    """Each channel and each place has yeses and noes, but together they foretell every outcome."""
    cells = [("search", "a", 60, 0.0), ("search", "b", 60, 1.0), ("social", "a", 60, 0.0), ("social", "b", 60, 1.0)]
    found = result(make_evidence({"sessions": sessions(*cells)}), "conversion_by_channel")
    values = [v for e in found.effects for v in (e.estimate, e.ci_low, e.ci_high)]
    assert np.isfinite(values).all()
    assert found.verdict in ("not testable", "inconclusive")


def test_returning_visitors_against_new_ones(make_evidence):
    frame = sessions(("search", "a", 1000, 0.10))
    later = frame.index[(~frame["is_new"]) & (frame["visitor_id"].str[1:].astype(int) < 180)]
    frame.loc[later, "converted"] = True
    found = result(make_evidence({"sessions": frame}), "new_vs_returning")
    assert (found.verdict, ENGLISH.tell(found.effect.label)) == ("supported", "returning")
    assert found.effect.estimate == pytest.approx(0.08, abs=1e-6)
    assert ENGLISH.told(found.n) == {"new": 1000, "returning": 1000}


def test_place_and_language_are_one_family_of_contrasts(make_evidence):
    frame = sessions(("search", "a", 500, 0.1), ("search", "b", 400, 0.3), ("search", "c", 300, 0.1))
    frame["language"] = np.where(frame.index % 2 == 0, "en", "ka")
    found = result(make_evidence({"sessions": frame}), "place_language")
    assert found.effect.label == "b"
    assert found.effect.estimate == pytest.approx(0.2, abs=0.01)
    assert set(found.n) == {"a", "b", "c", "en", "ka"}
    assert found.verdict == "supported"


def test_first_visits_have_their_share_with_wilsons_interval(make_evidence):
    frame = sessions(("search", "a", 300, 0.02), ("social", "a", 300, 0.02))
    frame["funnel_stage"] = np.where(frame["is_new"], "look", "decide")
    frame.loc[~frame["is_new"] & (frame.index % 5 == 0), "converted"] = True
    evidence = make_evidence({"sessions": frame})
    found = result(evidence, "funnel_stage")
    share = next(e for e in found.effects if e.measure == "share")
    assert share.estimate == pytest.approx(12 / 600)
    assert (share.ci_low, share.ci_high) == pytest.approx((0.01148, 0.03463), abs=1e-4)
    assert found.verdict == "supported"
    visits_, first = funnel_stage(evidence, 0.01).sentence.values["parts"]
    assert visits_.key == "hypotheses.facts.visits"
    assert ENGLISH.tell(first).startswith("Of first visits 2.0 % end in a purchase (1 to 3 %);")


def test_new_and_returning_visitors_who_buy_alike_are_equivalent(make_evidence):
    """Two visits of each of 9,000 visitors, of which the same number converts; the bound is one point."""
    frame = sessions(("search", "a", 9000, 0.05))
    frame.loc[~frame["is_new"], "converted"] = frame.loc[~frame["is_new"], "converted"].to_numpy()[::-1]
    assert result(make_evidence({"sessions": frame}), "new_vs_returning").verdict == "equivalent"


def sales(*orders_: tuple[str, str, str, float]) -> pd.DataFrame:
    """Order lines: customer, order, channel, amount."""
    return pd.DataFrame(orders_, columns=["customer_id", "order_id", "channel", "amount"]).assign(ordered_at=START)


def test_order_value_is_a_ratio_of_means_of_whole_orders(make_evidence):
    """Web orders of 10 + 20, app orders of 60; two orders per customer; a returned line takes no part."""
    rows = []
    for i in range(60):
        for o in range(2):
            spread = 1 + 0.1 * ((i + o) % 3)
            rows += [(f"W{i}", f"w{i}{o}", "web", 10 * spread), (f"W{i}", f"w{i}{o}", "web", 20 * spread)]
            rows += [(f"A{i}", f"a{i}{o}", "app", 60 * spread), (f"A{i}", f"a{i}{o}", "app", -60.0)]
    evidence = make_evidence({"sales": sales(*rows)})
    assert orders(evidence).groupby("channel")["value"].mean().tolist() == pytest.approx([66, 33])
    found = result(evidence, "order_value_by_channel")
    assert found.effect.measure == "ratio of means"
    assert sorted([found.effect.estimate, 1 / found.effect.estimate]) == pytest.approx([0.5, 2.0])
    assert found.n == {"web": 60, "app": 60}
    assert found.verdict == "supported"


def test_order_values_are_compared_within_weeks_and_numbers_of_order(make_evidence):
    """First orders are worth 20 and second ones 40, give or take; most first ones come through the app. One busy week
    has half as much again, most of it through the app."""
    rng, rows = np.random.default_rng(8), []
    for i in range(300):
        for o in range(2):
            busy = rng.random() < 0.5
            app = rng.random() < (0.2, 0.7, 0.4, 0.9)[(o == 0) + 2 * busy]
            value = (20, 40)[o] * (1, 1.5)[busy] * rng.lognormal(0, 0.1)
            day = 28 * o + 7 * busy
            rows.append((f"C{i}", f"o{i}{o}", "app" if app else "web", value, START + pd.Timedelta(days=day)))
    frame = pd.DataFrame(rows, columns=["customer_id", "order_id", "channel", "amount", "ordered_at"])
    found = result(make_evidence({"sales": frame}), "order_value_by_channel")
    ratio = frame.groupby("channel")["amount"].mean().loc[["app", "web"]]
    assert found.effect.estimate == pytest.approx(1.0, abs=0.03)
    assert abs(ratio["app"] / ratio["web"] - 1) > 0.04
    assert "Adjusted for week and order." in ENGLISH.tell(
        order_value_by_channel(make_evidence({"sales": frame}), 0.1).method
    )


def test_orders_that_are_all_worth_the_same_are_not_compared(make_evidence):
    rows = [(f"{c}{i}", f"{c}{i}", c, 30.0) for c in ("web", "app") for i in range(40)]
    found = result(make_evidence({"sales": sales(*rows)}), "order_value_by_channel")
    assert (found.verdict, found.reason.key) == ("not testable", "hypotheses.reason.all_alike")


def moments(monday_of_office: float, people: int = 60) -> tuple[pd.DataFrame, dict[str, str]]:
    """Held-out orders, six per customer: the office orders on Mondays in this share of cases, the others evenly."""
    rng = np.random.default_rng(5)
    rows = []
    for persona in ("office", "home"):
        for i in range(people):
            for o in range(6):
                monday = persona == "office" and rng.random() < monday_of_office
                day = 0 if monday else int(rng.integers(0, 7))
                when = pd.Timestamp("2025-08-18") + pd.Timedelta(days=day + 7 * o)
                rows.append((f"{persona}{i}", f"{persona}{i}-{o}", when, 10.0))
    frame = pd.DataFrame(rows, columns=["customer_id", "order_id", "ordered_at", "amount"])
    return frame, {c: c.rstrip("0123456789") for c in frame["customer_id"]}


def test_a_persona_with_its_own_day_is_found_on_later_orders(make_evidence):
    frame, persona_of = moments(0.4)
    evidence = make_evidence({"sales": frame}, persona_of=persona_of)
    found = result(evidence, "moments_by_persona")
    monday = frame["ordered_at"].dt.day_of_week == 0
    office = frame["customer_id"].str.startswith("office")
    assert found.verdict == "supported"
    office_monday = say("channels.moments.cell", persona="office", moment=say("channels.moments.name.monday"))
    cell = next(e for e in found.effects if e.label == office_monday)
    assert cell.estimate == pytest.approx(monday[office].mean() / monday[~office].mean())
    assert moments_by_persona(evidence, 0.25).sentence.values["moment"].key == "hypotheses.moment.monday"
    moments_ = {e.label.values["moment"] for e in found.effects}
    assert say("channels.moments.name.morning") not in moments_  # dates without hours say nothing about hours


def test_personas_alike_in_their_days_are_not_told_apart(make_evidence):
    frame, persona_of = moments(0.0)
    found = result(make_evidence({"sales": frame}, persona_of=persona_of), "moments_by_persona")
    assert found.verdict == "inconclusive"
    assert found.p_adjusted > 0.05


def test_orders_before_the_holdout_take_no_part_in_moments(make_evidence):
    frame, persona_of = moments(0.4)
    early = frame.assign(ordered_at=frame["ordered_at"] - pd.Timedelta(weeks=12))
    found = result(make_evidence({"sales": early}, persona_of=persona_of), "moments_by_persona")
    assert found.verdict == "not testable"
