"""Raw beside adjusted: a sign that turns, mixes that change nothing, and the best of many that is only the luckiest."""

import numpy as np
import pandas as pd
import pytest

from helpers.beliefs.estimators import clustered_risks, drawn_together, two_proportions
from helpers.channels.mix import (
    _held_equal,
    conversion_by_mix,
    most_intent,
    order_values,
    raw_and_adjusted,
    told_of_mix,
)
from helpers.channels.tables import _from_places
from helpers.contracts import StudyError
from helpers.words import ENGLISH, say

START = pd.Timestamp("2025-02-03")


def sessions(*cells: tuple[str, str, int, float]) -> pd.DataFrame:
    """One visit per visitor: channel, place, visitors, share who convert."""
    rows = [(c, place, i < round(n * p)) for c, place, n, p in cells for i in range(n)]
    frame = pd.DataFrame(rows, columns=["channel", "location", "converted"]).astype({"converted": "boolean"})
    return frame.assign(visitor_id=[f"V{i}" for i in range(len(frame))], started_at=START)


TURNED = [
    ("search", "a", 100, 0.10),
    ("social", "a", 900, 0.20),
    ("search", "b", 900, 0.50),
    ("social", "b", 100, 0.60),
]


def test_a_sign_that_turns_is_shown_and_told(make_evidence):
    """Raw, social converts .24 and search .46; in each town social does better by ten points."""
    table = conversion_by_mix(make_evidence({"sessions": sessions(*TURNED)}))
    row = table[table["column"] == "channel"].iloc[0]
    assert (row["group"], row["reference"], row["people"], row["visits"]) == ("social", "search", 1000, 1000)
    assert row["raw_share"] == pytest.approx(0.24)
    assert row["raw_points"] == pytest.approx(-22)
    assert row["points"] == pytest.approx(10, abs=1.5)
    assert row["points_low"] > 0
    assert row["turned"]
    assert row["shift"] == pytest.approx(row["points"] - row["raw_points"])
    said = told_of_mix(table, 0.01)
    assert said[0].key == "channels.mix.turned"
    assert ENGLISH.tell(said[0]).startswith("social against search (channel): −22.0 points as the visits come, and ")


def test_where_nothing_hangs_on_the_mix_nothing_is_told(make_evidence):
    cells = [(c, place, 500, 0.2 if c == "social" else 0.1) for c in ("search", "social") for place in "ab"]
    table = conversion_by_mix(make_evidence({"sessions": sessions(*cells)}))
    assert table["shift"].abs().max() < 0.1
    assert not table["turned"].any()
    assert told_of_mix(table, 0.01) == [say("channels.mix.none")]
    assert told_of_mix(table.head(0), 0.01) == []


def test_first_and_later_visits_are_named_in_the_readers_language(make_evidence):
    new, returning = say("channels.visit.new"), say("channels.visit.returning")
    first, later = sessions(("web", "a", 200, 0.2)), sessions(("web", "a", 200, 0.4))
    frame = pd.concat([first.assign(is_new=True), later.assign(is_new=False)]).astype({"is_new": "boolean"})
    evidence = make_evidence({"sessions": frame.assign(order_value=10.0)})
    mix, values = conversion_by_mix(evidence), order_values(evidence)
    assert mix[["group", "reference"]].to_numpy().tolist() == [[returning, new]]
    assert values.loc[values["column"] == "is_new", "group"].tolist() == [new, returning]
    (told,) = told_of_mix(mix.assign(shift=-20.0, shift_low=-21.0, shift_high=-19.0), 0.01)
    assert told.key == "channels.mix.worse"
    assert ENGLISH.tell(told).startswith("returning against new (first or later visit): 20.0 points")


def test_shares_and_their_errors_are_those_of_the_clustered_model():
    frame = sessions(*TURNED).assign(yes=lambda t: t["converted"].astype(float), group=lambda t: t["channel"])
    frame["cluster"] = [f"P{i // 3}" for i in range(len(frame))]
    (contrast,) = clustered_risks(frame, "search", ["location"])
    table = raw_and_adjusted(frame, "search", ["location"]).set_index("group")
    assert table.loc["social", "gap"] == pytest.approx(contrast.estimate)
    assert table.loc["search", "adjusted"] == pytest.approx(contrast.facts["share_control"])
    assert table.loc["search", ["gap", "shift"]].tolist() == [0, 0]
    assert table.loc["social", "raw"] == pytest.approx(0.24)
    alone = raw_and_adjusted(frame.assign(cluster=range(len(frame))), "search", [])
    assert alone["se"].tolist() == pytest.approx([np.sqrt(0.46 * 0.54 / 1000), np.sqrt(0.24 * 0.76 / 1000)], rel=1e-3)
    assert alone["shift_se"].tolist() == pytest.approx([0, 0], abs=1e-12)


def test_the_shift_has_the_spread_that_drawing_people_again_gives():
    """Bootstrap over people: 80 draws."""
    frame = sessions(*TURNED).assign(yes=lambda t: t["converted"].astype(float), group=lambda t: t["channel"])
    frame["cluster"] = frame["visitor_id"]
    table = raw_and_adjusted(frame, "search", ["location"]).set_index("group")
    rng = np.random.default_rng(1)
    within = frame.groupby(["channel", "location"], sort=False).indices.values()  # the model takes the mix as given
    drawn = []
    for _ in range(80):
        picks = np.concatenate([rng.choice(rows, len(rows)) for rows in within])
        drawn.append(
            raw_and_adjusted(frame.iloc[picks], "search", ["location"]).set_index("group").loc["social", "shift"]
        )
    assert table.loc["social", "shift_se"] == pytest.approx(np.std(drawn), rel=0.25)


def test_the_place_that_stands_out_is_named_and_the_luckiest_of_equals_is_not(make_evidence):
    clear = sessions(("web", "a", 900, 0.05), ("web", "b", 900, 0.20), ("web", "c", 900, 0.06))
    table, (said,) = most_intent(make_evidence({"sessions": clear}))
    assert table["place"].tolist() == ["b", "c", "a"]
    first, told = said.values["parts"]
    assert first.values["place"] == "b"
    assert told == say("channels.intent.clear")
    rng = np.random.default_rng(5)
    lucky = sessions(*[("web", place, 150, rng.binomial(150, 0.1) / 150) for place in "abcdefgh"])
    table, (said,) = most_intent(make_evidence({"sessions": lucky}))
    assert said.values["parts"][1].key == "channels.cannot_tell"
    assert np.ptp(table["share"]) < 0.5 * np.ptp(table["raw_share"])
    assert table["ci_high"].iloc[0] - table["ci_low"].iloc[0] < 0.12


def test_the_first_place_pays_for_having_been_picked(make_evidence):
    """b against a: z = 2.2, p = .03 alone; of three pairs of places that is no proof."""
    frame = sessions(("web", "a", 400, 0.12), ("web", "b", 400, 0.175), ("web", "c", 400, 0.05))
    (said,) = most_intent(make_evidence({"sessions": frame}))[1]
    assert said.values["parts"][1] == say("channels.cannot_tell", others=["a"])


def test_equal_places_are_seldom_set_apart(make_evidence):
    rng, apart = np.random.default_rng(6), 0
    for _ in range(40):
        frame = sessions(*[("web", place, 200, rng.binomial(200, 0.1) / 200) for place in "abcd"])
        (said,) = most_intent(make_evidence({"sessions": frame}))[1]
        apart += said.values["parts"][1].key == "channels.intent.clear"
    assert apart <= 3


def test_shrinking_keeps_clear_differences_and_drops_noise():
    """Eight schools (Gelman et al. 2013, table 5.2): the common mean is about 7.7, and the largest effect of 28 shrinks
    to between 8 and 12."""
    effects = np.array([28, 8, -3, 7, -1, 1, 18, 12.0])
    errors = np.array([15, 10, 16, 11, 9, 11, 10, 18.0])
    values, spread, _ = drawn_together(effects, errors**2)
    assert values == pytest.approx(np.full(8, 7.69), abs=4)
    assert (spread < errors).all()
    far, *_ = drawn_together(np.array([0.0, 100.0]), np.array([1.0, 1.0]))
    assert far == pytest.approx([0, 100], abs=0.1)


def test_order_values_by_group_with_ratios_and_without_small_groups(make_evidence):
    rows = [
        (c, f"{c}{i}", v * (1 + 0.2 * (i % 3)))
        for c, v, n in (("web", 10, 60), ("app", 20, 40), ("tv", 90, 4))
        for i in range(n)
    ]
    frame = pd.DataFrame(rows, columns=["channel", "visitor_id", "order_value"]).assign(
        converted=True, started_at=START
    )
    table = order_values(make_evidence({"sessions": frame.astype({"converted": "boolean"})})).set_index("group")
    assert set(table.index) == {"web", "app"}
    assert table.loc["app", "ratio"] == pytest.approx(2, abs=0.05)
    assert np.isnan(table.loc["web", "ratio"])
    assert table.loc["web", "mean"] == pytest.approx(11.887843905526262)  # geometric
    assert table.loc["app", "p_adjusted"] < 0.001


def test_visits_counted_one_by_one_find_differences_that_are_not_there():
    """Six visits per visitor who converts or not by nature: a plain test of visits rejects a true null often."""
    rng, plain, clustered = np.random.default_rng(7), [], []
    for _ in range(200):
        taste = rng.beta(0.5, 2.0, 120)
        visits = rng.random((120, 6)) < taste[:, None]
        group = np.repeat(["web", "app"], 60)
        yes, n = visits[group == "web"].sum(), visits[group == "app"].sum()
        plain.append(two_proportions(int(yes), 360, int(n), 360).p_value)
        frame = pd.DataFrame(
            {"yes": visits.ravel().astype(float), "group": group.repeat(6), "cluster": np.arange(120).repeat(6)}
        )
        clustered.append(clustered_risks(frame, "web")[0].p_value)
    assert np.mean(np.array(plain) < 0.05) > 0.15
    assert 0.03 <= np.mean(np.array(clustered) < 0.05) <= 0.07


def test_what_is_held_equal_can_be_asked_for_and_a_column_is_never_held_equal_to_itself():
    assert _held_equal("channel", ()) == ["location", "language", "week"]
    assert _held_equal("channel", ["device", "channel"]) == ["device"]


def test_visits_from_some_places_alone(make_evidence):
    visits = pd.DataFrame({"session_id": ["1", "2", "3"], "location": ["Almaty", "Astana", None]})
    evidence = make_evidence({"sessions": visits})
    seen = _from_places(evidence, ["Astana"]).tables.frames["sessions"]
    assert seen["session_id"].tolist() == ["2"]
    assert _from_places(evidence, []) is evidence
    with pytest.raises(StudyError, match=r"08_channels\.places: no visit came from \"Astna\"; did you mean 'Astana'"):
        _from_places(evidence, ["Astna"])
