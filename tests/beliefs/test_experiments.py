"""Experiments of study.yml: what is read, what is refused with a reason, and what is found."""

import numpy as np
import pandas as pd
import pytest

from helpers.beliefs.estimators import two_proportions
from helpers.beliefs.looks import critical_value
from helpers.beliefs.registry import put_to_the_test
from helpers.contracts import StudyError
from helpers.study import Stopping
from helpers.words import ENGLISH, Quantity, few, say


def result(evidence, id_="relative_saving"):
    return {r.id: r for r in put_to_the_test("framing", evidence)}[id_]


def test_the_jacket_problem_is_supported_with_the_published_odds_ratio(make_evidence, answers, saving):
    found = result(make_evidence({"survey": answers(cheap=(63, 93), dear=(26, 88))}, experiments=[saving]))
    assert (found.verdict, found.arm_source) == ("supported", "randomised")
    assert (found.effect.measure, found.effect.estimate) == ("odds ratio", pytest.approx(63 * 62 / (30 * 26)))
    assert [e.measure for e in found.effects] == ["odds ratio", "risk difference", "risk ratio"]
    assert found.n == {"dear": 88, "cheap": 93}
    assert found.sesoi == 0.05
    assert ENGLISH.tell(found.sentence) == (
        "“cheap”: 68 % of 93 people; “dear”: 30 % of 88. The difference is 38.2 points (23.9 to 50.3 points). "
        "The data support this. Usually found (Klein and others 2018, AMPPS 1: 7,228 people): an odds ratio of 2.06 "
        "(1.87 to 2.27). Here it is more: an odds ratio of 5.01 (2.66 to 9.42)."
    )


def test_the_other_way_round_is_reversed(make_evidence, answers, saving):
    found = result(make_evidence({"survey": answers(cheap=(26, 88), dear=(63, 93))}, experiments=[saving]))
    assert found.verdict == "reversed"
    assert found.effect.estimate < 1


def test_no_difference_in_many_is_equivalent_and_in_few_is_inconclusive(make_evidence, answers, saving):
    many = result(make_evidence({"survey": answers(cheap=(1000, 2000), dear=(1000, 2000))}, experiments=[saving]))
    little = result(make_evidence({"survey": answers(cheap=(50, 100), dear=(50, 100))}, experiments=[saving]))
    assert (many.verdict, little.verdict) == ("equivalent", "inconclusive")
    assert little.mde == pytest.approx(0.19296 * (2.0047 + 0.8416) / (1.9600 + 0.8416), abs=1e-5)  # z(.045), z(.05)
    assert many.reason.values["parts"][0].values["sesoi"] == Quantity(0.05, "points")
    assert little.sentence.values["parts"][1].values["mde"] == Quantity(little.mde, "points")


def test_too_few_people_are_not_compared_and_the_number_needed_is_said(make_evidence, answers, saving):
    found = result(make_evidence({"survey": answers(cheap=(9, 19), dear=(20, 40))}, experiments=[saving]))
    assert found.verdict == "not testable"
    assert found.reason == say("hypotheses.reason.few", least=20, needed=1565)
    assert (found.effect, found.effects, found.n, found.p_value) == (None, (), {}, None)


def test_a_larger_cell_of_the_study_raises_the_smallest_group(make_evidence, answers, saving):
    frames = {"survey": answers(cheap=(20, 40), dear=(20, 60))}
    found = result(make_evidence(frames, experiments=[saving], privacy={"min_cell": 50}))
    assert found.verdict == "not testable"
    assert found.reason.values["least"] == 50


def test_arms_with_other_labels_are_named(make_evidence, answers, saving):
    found = result(make_evidence({"survey": answers(a=(30, 60), dear=(30, 60))}, experiments=[saving]))
    assert found.verdict == "not testable"
    assert found.reason == say("hypotheses.reason.arm_absent", arms="cheap", column="frame", table="survey")


def test_labels_and_answers_match_whatever_their_case_and_spaces(make_evidence, answers, saving):
    frame = answers(cheap=(63, 93), dear=(26, 88))
    frame["frame"] = frame["frame"].map({"cheap": " Cheap", "dear": "DEAR "})
    frame["would_go"] = frame["would_go"].str.upper()
    assert result(make_evidence({"survey": frame}, experiments=[saving])).n == {"dear": 88, "cheap": 93}


def test_rows_without_an_answer_are_left_out_and_counted(make_evidence, answers, saving):
    frame = answers(cheap=(63, 93), dear=(26, 88), neither=(5, 30))
    frame.loc[[*range(6), *range(93, 99)], "would_go"] = np.nan
    found = result(make_evidence({"survey": frame}, experiments=[saving]))
    assert found.n == {"dear": 82, "cheap": 87}
    assert say("hypotheses.note.left_out", n=few(42, 10)) in found.reason.values["parts"][1].values["parts"]
    frame = answers(cheap=(63, 93), dear=(26, 88))
    frame.loc[:2, "would_go"] = np.nan
    reason = result(make_evidence({"survey": frame}, experiments=[saving])).reason
    assert "left out: fewer than 10" in ENGLISH.tell(reason)


@pytest.mark.parametrize(("yes", "reason"), [(0, "no_success"), (40, None)])
def test_outcomes_that_never_or_always_occur(make_evidence, answers, saving, yes, reason):
    found = result(make_evidence({"survey": answers(cheap=(yes, 40), dear=(yes, 40))}, experiments=[saving]))
    if reason:
        assert found.reason.key == f"hypotheses.reason.{reason}"
    else:
        assert found.verdict == "inconclusive"
        assert np.isfinite([found.effect.estimate, found.effect.ci_low, found.effect.ci_high]).all()
        assert found.p_value == 1


@pytest.mark.parametrize(
    ("change", "key", "named"),
    [
        ({"table": "sessions"}, "table_absent", {"table": "sessions"}),
        ({"outcome": {"column": "gone", "success": ["yes"]}}, "column_absent", {"table": "survey", "column": "gone"}),
        ({"unit": "gone"}, "column_absent", {"table": "survey", "column": "gone"}),
        ({"outcome": {"column": "would_go"}}, "not_numbers", {"column": "would_go", "table": "survey"}),
    ],
)
def test_what_is_missing_is_named(make_evidence, answers, saving, change, key, named):
    evidence = make_evidence({"survey": answers(cheap=(30, 60), dear=(30, 60))}, experiments=[saving | change])
    found = result(evidence)
    assert found.verdict == "not testable"
    assert found.reason == say(f"hypotheses.reason.{key}", **named)
    assert found.sentence == say("hypotheses.verdict.not_testable", reason=found.reason)


def _rows(seed: int, people: int, visits: int, gap: float) -> pd.DataFrame:
    """A numeric outcome of people in two arms, several rows each."""
    rng = np.random.default_rng(seed)
    arm = np.arange(people) % 2
    own = rng.normal(10 + gap * arm, 2, people)
    unit = np.repeat(np.arange(people), visits)
    frame = pd.DataFrame({"unit": unit, "y": own[unit] + rng.normal(0, 0.5, len(unit)), "arm": arm[unit]})
    return frame.assign(
        customer_id="C" + frame["unit"].astype("str"),
        frame=frame["arm"].map({0: "old", 1: "new"}),
        paid=frame["y"].astype("str"),
    )


OWN = {
    "id": "posters",
    "title": "Do posters raise what people pay?",
    "table": "survey",
    "arm": {"column": "frame", "treatment": "new", "control": "old"},
    "randomised": True,
    "outcome": {"column": "paid"},
    "sesoi": 0.3,
}


def test_an_own_experiment_with_a_number_comes_last_under_its_title(make_evidence):
    frame = _rows(4, people=200, visits=1, gap=1.5)
    results = put_to_the_test("framing", make_evidence({"survey": frame}, experiments=[OWN]))
    found = results[-1]
    assert (found.id, found.title, found.family) == ("posters", "Do posters raise what people pay?", "framing")
    difference = frame.groupby("frame")["y"].mean().diff().iloc[-1]  # new comes before old
    assert found.effect.measure == "mean difference"
    assert found.effect.estimate == pytest.approx(-difference)
    assert found.effects[1].measure == "standardised difference"
    assert found.effects[1].estimate == pytest.approx(-difference / 2.06, rel=0.1)
    assert (found.verdict, found.sesoi) == ("supported", 0.3)
    told = found.sentence.values["parts"][0].values
    assert (told["difference"], *told["interval"]) == (found.effect.estimate, found.effect.ci_low, found.effect.ci_high)


def test_rows_of_one_person_do_not_count_as_several_people(make_evidence):
    """The same people with 20 rows each: n stays the number of people, and the interval is no narrower than theirs."""
    many = put_to_the_test("framing", make_evidence({"survey": _rows(4, 200, 20, 0.0)}, experiments=[OWN]))[-1]
    assert many.n == {"old": 100, "new": 100}
    assert many.effect.ci_high - many.effect.ci_low == pytest.approx(2 * 1.97 * 2 * np.sqrt(2 / 100), rel=0.2)


def test_repeated_yes_and_no_are_clustered(make_evidence, answers, saving):
    frame = answers(cheap=(60, 100), dear=(40, 100))
    tenfold = pd.concat([frame] * 10, ignore_index=True)
    once = result(make_evidence({"survey": frame}, experiments=[saving]))
    often = result(make_evidence({"survey": tenfold}, experiments=[saving]))
    assert often.n == once.n == {"dear": 100, "cheap": 100}
    assert often.effect.estimate == pytest.approx(once.effect.estimate, rel=1e-6)
    assert often.p_value == pytest.approx(once.p_value, rel=0.2)
    assert often.effect.measure == "odds ratio"


def test_paired_answers_are_compared_within_people(make_evidence, saving):
    """20 yes to both, 30 only to cheap, 10 only to dear, 40 to neither, 5 who saw one arm only."""
    cells = [(1, 1)] * 20 + [(1, 0)] * 30 + [(0, 1)] * 10 + [(0, 0)] * 40
    rows = [
        (f"C{i}", arm, "yes" if yes else "no")
        for i, pair in enumerate(cells)
        for arm, yes in zip(("cheap", "dear"), pair, strict=True)
    ]
    rows += [(f"D{i}", "cheap", "yes") for i in range(5)]
    frame = pd.DataFrame(rows, columns=["customer_id", "frame", "would_go"])
    within = saving | {"design": "within", "unit": "customer_id"}
    found = result(make_evidence({"survey": frame}, experiments=[within]))
    assert found.effect.estimate == pytest.approx(3.0)
    assert found.effects[1].estimate == pytest.approx(0.20)
    assert found.n == {"dear": 100, "cheap": 100}
    assert found.verdict == "supported"
    assert found.method == say("hypotheses.method.shares_within")


def test_three_arms_are_each_compared_with_the_first_and_pay_for_it(make_evidence, answers, saving):
    three = saving | {"arm": {"column": "frame", "arms": ["dear", "cheap", "middle"]}}
    frames = {"survey": answers(cheap=(60, 100), dear=(40, 100), middle=(45, 100))}
    found = result(make_evidence(frames, experiments=[three]))
    two = result(make_evidence({"survey": answers(cheap=(60, 100), dear=(40, 100))}, experiments=[saving]))
    assert [e.label for e in found.effects if e.measure == "odds ratio"] == ["cheap", "middle"]
    # two arms that share a control: Dunnett's correction is less than twice (his table has 2.21 for 2.24)
    assert 1.8 * two.p_value < found.p_value < 2 * two.p_value


@pytest.mark.parametrize("arm", [{"treatment": "cheap", "control": "Cheap "}, {"arms": ["cheap", "dear", "DEAR"]}])
def test_arms_that_differ_in_case_alone_are_a_fault_of_the_study(make_evidence, answers, saving, arm):
    """What else can be wrong with arms is refused when study.yml is read."""
    arm = {"column": "frame"} | arm
    evidence = make_evidence({"survey": answers(cheap=(30, 60), dear=(30, 60))}, experiments=[saving | {"arm": arm}])
    with pytest.raises(StudyError, match="relative_saving: arm needs"):
        put_to_the_test("framing", evidence)


@pytest.mark.parametrize("values", [["3"] * 100, ["3"] * 50 + ["4"] * 50])
def test_numbers_that_do_not_vary_within_an_arm_are_not_compared(make_evidence, values):
    frame = pd.DataFrame(
        {"customer_id": [f"C{i}" for i in range(100)], "frame": ["old"] * 50 + ["new"] * 50, "paid": values}
    )
    found = put_to_the_test("framing", make_evidence({"survey": frame}, experiments=[OWN]))[-1]
    assert (found.verdict, found.reason) == ("not testable", say("hypotheses.reason.all_alike"))


def test_a_true_null_is_rejected_at_its_level():
    p = np.array(
        [two_proportions(x, 120, y, 120).p_value for x, y in np.random.default_rng(7).binomial(120, 0.4, (600, 2))]
    )
    assert 0.03 <= (p <= 0.05).mean() <= 0.07


def test_arms_that_were_not_filled_as_planned_are_not_read(make_evidence, answers, saving):
    """340 and 460 of 800: chi-square 18, p = .00002. As planned (42.5 and 57.5 %) it is no mismatch."""
    frames = {"survey": answers(cheap=(170, 340), dear=(184, 460))}
    found = result(make_evidence(frames, experiments=[saving]))
    assert (found.verdict, found.effect) == ("not testable", None)
    told = ENGLISH.tell(found.reason)
    assert "“cheap” 340 and “dear” 460 people where 50 % and 50 % were planned" in told
    planned = saving | {"arm": saving["arm"] | {"shares": [0.425, 0.575]}}
    assert result(make_evidence(frames, experiments=[planned])).verdict == "supported"
    assert result(make_evidence(frames, experiments=[saving | {"randomised": False}])).verdict == "supported"


def test_a_mismatch_never_shows_a_small_cell(make_evidence, answers, saving):
    found = result(make_evidence({"survey": answers(cheap=(3, 6), dear=(30, 60))}, experiments=[saving]))
    assert found.reason.values["found"][0] == say("hypotheses.arm", name="cheap", n=few(6, 10))


def test_an_arm_in_which_fewer_answer_is_not_read(make_evidence, answers, saving):
    """12 of 93 against 0 of 88 without an answer: chi-square 12.2, p = .0005; 6 of 93 against 0 of 88: p = .016."""
    frame = answers(cheap=(63, 93), dear=(26, 88))
    for missing, told in ((6, "supported"), (12, "not testable")):
        frame.loc[: missing - 1, "would_go"] = np.nan
        found = result(make_evidence({"survey": frame}, experiments=[saving]))
        assert found.verdict == told
    assert found.reason == say("hypotheses.reason.attrition", arm="cheap")
    assert result(make_evidence({"survey": frame}, experiments=[saving | {"randomised": False}])).n["cheap"] == 81


def test_an_arm_that_is_opened_wider_midway_is_not_read(make_evidence, saving):
    """Arm b has 20 of the first 100 visitors and 80 of the last; shares are equal over all of the time."""
    arm = np.array([*["a"] * 80, *["b"] * 20, *["a"] * 20, *["b"] * 80])
    frame = pd.DataFrame({"visitor_id": [f"V{i}" for i in range(200)], "arm": arm, "y": [1.0, 0.0] * 100})
    frame["started_at"] = pd.Timestamp("2025-03-03") + pd.to_timedelta(np.arange(200), unit="h")
    asked = OWN | {
        "table": "sessions", "unit": "visitor_id", "outcome": {"column": "y", "success": ["1"]},
        "arm": {"column": "arm", "control": "a", "treatment": "b"}, "randomised": True,
    }  # fmt: skip
    shuffled = frame.assign(started_at=frame["started_at"].sample(frac=1, random_state=1).to_numpy())
    midway, even = (
        put_to_the_test("framing", make_evidence({"sessions": rows}, experiments=[asked]))[-1]
        for rows in (frame, shuffled)
    )
    assert (midway.verdict, midway.reason) == ("not testable", say("hypotheses.reason.changed_midway"))
    assert even.verdict == "equivalent"


def test_a_covariate_that_the_arms_moved_is_none_from_before(make_evidence):
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"customer_id": [f"C{i}" for i in range(200)], "arm": ["a", "b"] * 100})
    frame["before"] = rng.normal(0, 1, 200)
    frame["after"] = frame["before"] + (frame["arm"] == "b")
    frame["y"] = frame["before"] + rng.normal(0, 1, 200)
    asked = OWN | {"outcome": {"column": "y"}, "arm": {"column": "arm", "control": "a", "treatment": "b"}}
    asked |= {"randomised": True}
    before, after = (
        put_to_the_test("framing", make_evidence({"survey": frame}, experiments=[asked | {"covariate": name}]))[-1]
        for name in ("before", "after")
    )
    assert before.verdict != "not testable"
    assert after.reason == say("hypotheses.reason.covariate_moved", column="after", table="survey")


def test_an_early_look_needs_more_to_be_convinced(make_evidence, answers, saving):
    """z = 2.26: enough for one look (1.96), not for the first of two (O'Brien and Fleming: 2.80), nor by Pocock's 2.18
    once the correction for another test is paid; the last of two looks needs 1.977."""
    frames = {"survey": answers(cheap=(116, 200), dear=(93, 200))}

    def at(**stopping):
        return result(
            make_evidence(frames, experiments=[saving | {"stopping": stopping}], hypotheses={"publications": 1})
        )

    once, first, last, pocock = at(), at(looks=2, look=1), at(looks=2), at(looks=2, look=1, bounds="pocock")
    assert [r.verdict for r in (once, first, last, pocock)] == ["supported", "inconclusive", "supported", "supported"]
    assert once.reason.values["parts"][1] == say("hypotheses.note.one_look")
    look = first.reason.values["parts"][1]
    assert (look.key, look.values["look"], look.values["looks"]) == ("hypotheses.note.looks", 1, 2)
    wider = (first.effect.ci_high / first.effect.estimate, once.effect.ci_high / once.effect.estimate)
    assert np.log(wider[0]) / np.log(wider[1]) == pytest.approx(2.797 / 1.96, abs=1e-3)
    assert first.mde > pocock.mde > last.mde > once.mde


@pytest.mark.parametrize(
    ("bounds", "values"), [("pocock", [2.178, 2.289, 2.361, 2.413]), ("obrien-fleming", [1.977, 2.004, 2.024, 2.040])]
)
def test_the_bounds_are_the_published_ones(bounds, values):
    """Jennison & Turnbull 2000, tables 2.1 and 2.3: two to five looks, alpha .05; the last look."""
    ours = [critical_value(Stopping(looks=looks, bounds=bounds)) for looks in (2, 3, 4, 5)]
    assert ours == pytest.approx(values, abs=6e-4)
    assert critical_value(Stopping(looks=4, look=1)) == pytest.approx(2 * critical_value(Stopping(looks=4)))


def test_five_looks_err_in_one_of_twenty_nulls_and_unguarded_ones_in_one_of_seven():
    z = np.cumsum(np.random.default_rng(3).standard_normal((20_000, 5)), axis=1) / np.sqrt(np.arange(1, 6))
    bound = [critical_value(Stopping(looks=5, look=k)) for k in range(1, 6)]
    assert (np.abs(z) > bound).any(axis=1).mean() == pytest.approx(0.05, abs=0.006)
    assert (np.abs(z) > 1.96).any(axis=1).mean() == pytest.approx(0.142, abs=0.01)  # Armitage et al. 1969


PAIRED = {"design": "within", "unit": "customer_id"}


def _bad(kind: str, number: bool, within: bool) -> pd.DataFrame:
    """60 people per arm (in both where ``within``), with one thing wrong."""
    rng = np.random.default_rng(5)
    frame = pd.DataFrame({"customer_id": [f"C{i}" for i in range(60)] * 2, "frame": ["new"] * 60 + ["old"] * 60})
    if not within:
        frame["customer_id"] += "-" + frame["frame"]
    y = rng.normal(5, 1, 120) if number else rng.integers(0, 2, 120).astype(float)
    new = (frame["frame"] == "new").to_numpy()
    changes = {
        "no success": np.zeros(120), "all successes": np.ones(120), "perfect separation": new.astype(float),
        "constant": np.full(120, 3.0), "constant in one arm": np.where(new, 1.0, y),
        "always one more": np.where(new, np.roll(y, 60) + 1, y), "infinite": np.where(np.arange(120) % 2, np.inf, y),
        "missing": np.full(120, np.nan),
    }  # fmt: skip
    y = changes.get(kind, y)
    frame["paid"] = pd.Series(y).map(str if number else {0.0: "no", 1.0: "yes", 3.0: "yes"}, na_action="ignore")
    if kind == "other labels":
        frame["frame"] = frame["frame"].str.upper() + "!"
    if kind == "one arm":
        frame = frame[new]
    if kind == "one row":
        frame = frame.head(1)
    if kind == "no row":
        frame = frame.head(0)
    if kind == "ten rows each":
        frame = pd.concat([frame] * 10, ignore_index=True)
    if kind == "one person":
        frame["customer_id"] = "C"
    if kind == "nobody":
        frame["customer_id"] = np.nan
    if kind == "two people in all":
        frame["customer_id"] = np.where(new, "A", "B")
    return frame.astype({"paid": "str", "customer_id": "str"})


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("within", [False, True])
@pytest.mark.parametrize("number", [False, True])
@pytest.mark.parametrize(
    "kind",
    ["fine", "no success", "all successes", "perfect separation", "constant", "constant in one arm", "always one more",
     "infinite", "missing", "other labels", "one arm", "one row", "no row", "ten rows each", "one person", "nobody",
     "two people in all"],
)  # fmt: skip
def test_whatever_the_data_there_is_a_verdict_or_a_reason(make_evidence, kind, number, within):
    """Of the experiment, of three arms of which one is empty, and of its difference between personas."""
    frame = _bad(kind, number, within)
    test = OWN | {"id": "relative_saving"} | (PAIRED if within else {})
    if not number:
        test = test | {"outcome": {"column": "paid", "success": ["yes"]}}
    three = test | {"id": "three", "arm": {"column": "frame", "arms": ["old", "new", "never"]}}
    persona_of = {f"C{i}{arm}": "ab"[i % 2] for i in range(60) for arm in ("", "-new", "-old")}
    evidence = make_evidence({"survey": frame}, experiments=[test, three], persona_of=persona_of)
    by_id = {r.id: r for r in put_to_the_test("framing", evidence)}
    assert by_id["three"].verdict == "not testable"
    for found in (by_id["relative_saving"], by_id["framing_by_persona"]):
        assert (found.verdict == "not testable") == (found.effect is None)
        assert len(ENGLISH.tell(found.reason)) > 20
        numbers = [v for e in found.effects for v in (e.estimate, e.ci_low, e.ci_high)]
        assert np.isfinite(numbers).all()
    if kind == "fine":
        assert by_id["relative_saving"].verdict != "not testable"
        assert by_id["framing_by_persona"].verdict != "not testable"
