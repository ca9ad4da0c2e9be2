"""The sentences that answer a notebook's question, from numbers that can be counted by hand."""

from dataclasses import replace
from types import SimpleNamespace

import pandas as pd

from helpers.cards.knowledge import Knowledge
from helpers.contracts import Drift, Effect, FileAccount, HypothesisResult, NegativeMatch
from helpers.customers.customers import Customers
from helpers.report import findings
from helpers.survey.survey import Survey
from helpers.voice.voice import Voice
from helpers.words import Words

WORDS = Words()


def belief(name: str, verdict: str, effect: Effect | None = None) -> HypothesisResult:
    return HypothesisResult(
        name, f"{name}?", "", "", "observational", verdict, "no table", effect, (effect,) if effect else (),
        n={"a": 30, "b": 12}, sentence="" if verdict == "not testable" else f"{name} said.",
    )  # fmt: skip


def test_rows_are_summed_over_files_and_the_worst_is_named() -> None:
    accounts = [FileAccount("sales", "s.csv", 100, 90, 5, 10), FileAccount("survey", "a.csv", 20, 20, 0, 0)]
    first, worst = findings.of_quality(accounts, WORDS)
    assert "120 rows" in first
    assert "110" in first
    assert "sales: 10.0 %" in worst


def test_clean_files_are_said_to_be_clean() -> None:
    told = findings.of_quality([FileAccount("sales", "s.csv", 7, 7, 0, 0)], WORDS)
    assert len(told) == 1
    assert "every row is used" in told[0]


def test_beliefs_are_counted_by_verdict_and_only_tested_ones_told() -> None:
    results = [belief("one", "supported"), belief("two", "not testable"), belief("three", "supported")]
    count, *told = findings.of_beliefs(results, WORDS)
    assert count.startswith("Of 3 beliefs")
    assert "2 supported" in count
    assert told == ["one said.", "three said."]


def test_the_effects_table_holds_each_effect_once() -> None:
    effect = Effect("odds ratio", 2.0, 1.5, 2.7, "cheap")
    frame = findings.effects_frame([belief("one", "supported", effect), belief("two", "not testable")])
    assert frame[["id", "measure", "estimate"]].values.tolist() == [["one", "odds ratio", 2.0]]


def test_the_verdicts_table_gives_the_reason_where_there_is_no_sentence() -> None:
    frame = findings.verdicts_frame([belief("one", "supported"), belief("two", "not testable")])
    assert frame["answer"].tolist() == ["one said.", "no table"]
    assert frame["n"].tolist() == [42, 42]
    sized = replace(belief("one", "supported"), scale="risk difference", sesoi=0.05, mde=0.081, estimand="a minus b")
    row = findings.verdicts_frame([sized]).iloc[0]
    assert row[["what_is_compared", "smallest_that_matters", "smallest_that_would_show"]].tolist() == [
        "a minus b", "5.0 points", "8.1 points"
    ]  # fmt: skip


def test_a_published_figure_that_is_off_is_named() -> None:
    figures = pd.DataFrame({"method": "m", "quantity": ["r", "alpha", "a"], "passed": [True, False, None]})
    trap = pd.DataFrame({"tested": ["made", "split", "aside"], "share": [0.93, 0.87, 0.05]})
    failed, skipped, noise = findings.of_proof(figures, trap, WORDS)
    assert all(share in noise for share in ("93 %", "87 %", "5 %"))
    assert failed.startswith("1 of 2 ")
    assert "alpha" in failed
    assert skipped.startswith("1 more")
    assert findings.of_proof(figures.iloc[:1], trap, WORDS)[0].startswith("All 1 ")


def test_drift_is_told_in_rows_and_a_first_run_has_none():
    moves, chance = {"p1": {"p1": 0.75, "other": 0.25}}, {"p1": {"p1": 0.9}}
    returns = NegativeMatch("Many returns", None, None, None, None, 0.2, 0.17, 0.23, "-")
    told = Drift("a", False, (), (), (), moves, 0.1, "", by_chance=chance, negatives=(returns,))
    frame = findings.migration_frame(told)
    assert frame.fillna(-1).to_numpy().tolist() == [["p1", "p1", 0.75, 0.9], ["p1", "other", 0.25, -1]]
    negatives = findings.negatives_frame(told)
    assert negatives[["handle", "share_before", "ci_high_before"]].to_numpy().tolist() == [["Many returns", 0.2, 0.23]]
    assert negatives["share"].isna().all()
    first = Drift(None, False, (), (), (), None, None, "")
    assert findings.migration_frame(first).empty
    assert findings.negatives_frame(first).empty


def test_habits_are_told_of_each_group_that_may_be_shown() -> None:
    ids = [f"c{i}" for i in range(30)]
    numbers = {"spend": [10.0] * 12 + [40.0] * 18, "orders": [1] * 12 + [4] * 18, "single_item_share": [0.5] * 30}
    features = pd.DataFrame({"customer_id": ids} | numbers)
    customers = Customers(None, features, features, features, ("waiting",))
    assignments = pd.DataFrame({"customer_id": ids, "persona": ["a"] * 12 + ["b"] * 9 + ["unassigned"] * 9})
    groups = [SimpleNamespace(id=name, handle=f"Group {name}") for name in ("a", "b")]
    told = findings.habits_frame(customers, SimpleNamespace(assignments=assignments, groups=groups), least=10)
    table = told.set_index("measure")
    assert list(table.columns) == ["all", "Group a"]  # nine people in b
    assert table.loc["orders"].tolist() == [84, 12]
    assert table.loc["spend per customer, median"].tolist() == [40, 10]
    assert list(findings.habits_frame(None, None, 10).columns) == ["measure"]


def test_published_figures_keep_their_digits() -> None:
    figures = pd.DataFrame(
        {"method": ["score"], "id": ["x"], "quantity": ["limit"], "published": [0.2553], "ours": [0.25532],
         "tolerance": [5e-5], "passed": [True], "source": ["book"], "note": [""]}
    )  # fmt: skip
    shown = findings.proof_frame(figures).iloc[0]
    assert (shown["published"], shown["ours"], shown["tolerance"]) == ("0.2553", "0.25532", "5e-05")


def survey_of(matched: int, unmatched: int) -> Survey:
    checks = pd.DataFrame({"check": ["matched", "straight_lining"], "text": ["Matched.", "Nobody ticked one box."]})
    opened = pd.DataFrame({"question": ["why"], "text": ["dear"]})
    answers = pd.DataFrame({"customer_id": ["c"] * matched + [None] * unmatched})
    return Survey(answers, pd.DataFrame(), opened, checks, matched, unmatched)


def test_a_survey_of_nobody_known_speaks_of_respondents() -> None:
    customers = Customers(None, pd.DataFrame({"customer_id": ["c", "d"]}), pd.DataFrame(), pd.DataFrame(), ())
    alone = findings.of_survey(survey_of(0, 40), None, WORDS)
    assert alone == [
        "40 people answered. There are no purchases to set beside their answers: what follows is about respondents.",
        "Nobody ticked one box.",
        "1 open answers were given, to 1 questions.",
    ]
    strangers = findings.of_survey(survey_of(0, 40), customers, WORDS)
    assert strangers[0].startswith("40 people answered, and none of them could be tied to a customer")
    assert len(strangers) == 3
    known = findings.of_survey(survey_of(30, 10), customers, WORDS)
    assert known[:2] == ["40 people answered; 30 of them are known customers.",
                         "Of the customers who bought 50 % answered; the others may think differently."]  # fmt: skip


def test_knowledge_stands_with_a_column_per_group_in_their_order() -> None:
    shares = pd.DataFrame(
        {
            "id": ["all", "p1"] * 2, "handle": ["everybody", "Coupon users"] * 2, "by": ["kind"] * 4,
            "name": ["semantic"] * 2 + ["value"] * 2, "what": ["who they are"] * 2 + ["what they hold dear"] * 2,
            "fields": [9] * 2 + [3] * 2, "share": [0.5, None, 0.25, 0.1],
        }
    )  # fmt: skip
    frame = findings.knowledge_frame(Knowledge(shares, pd.DataFrame(), ()), WORDS)
    assert list(frame) == ["by", "what", "fields", "everybody", "Coupon users"]
    assert frame.to_numpy().tolist() == [
        ["kind", "who they are", 9, "50 %", "–"],
        ["kind", "what they hold dear", 3, "25 %", "10 %"],
    ]


def heard() -> tuple[Voice, SimpleNamespace]:
    """Two codes of two groups: the first sets group a apart upwards and b downwards, the second nobody."""
    rows = [
        ("a", "drivers", "saving", 30, 100, 0.3, 0.1, 3.0, 2.0, 4.5, 0.001, 0.002, "there is a coupon"),
        ("b", "drivers", "saving", 10, 100, 0.1, 0.3, 0.33, 0.2, 0.6, 0.001, 0.002, "there is a coupon"),
        ("a", "mindset", "own_way", 20, 100, 0.2, 0.1, 2.0, 1.1, 3.6, 0.03, 0.06, ""),
        ("b", "mindset", "own_way", None, 100, None, None, None, None, None, None, None, ""),
    ]
    columns = ["id", "about", "code", "n", "n_coded", "share", "share_others", "lift", "ci_low", "ci_high", "p_value",
               "p_adjusted", "says"]  # fmt: skip
    spoken = pd.DataFrame([("a", "coupon", 3.2, 2.5, 12), ("a", "cheap", 2.7, 2.5, 11)],
                          columns=["id", "word", "z", "threshold", "n"])  # fmt: skip
    intents = pd.DataFrame({"intent": ["saving"], "about": ["mindset"], "code": ["own_way"], "n": [30]})
    groups = [SimpleNamespace(id="a", handle="Coupon users"), SimpleNamespace(id="b", handle="Others")]
    codes = pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(columns[3:-1], float))
    return Voice(codes, spoken, pd.DataFrame(), intents=intents), SimpleNamespace(groups=groups)


def test_codes_stand_with_a_column_per_group_and_marks_where_one_is_set_apart() -> None:
    voice, personas = heard()
    codes = findings.codes_by_handle(voice, personas)
    frame = findings.codes_frame(codes, WORDS)
    assert list(frame) == ["about", "says", "Coupon users", "Others"]
    assert frame.to_numpy().tolist() == [
        ["drivers", "there is a coupon", "30 % ▲", "10 % ▼"], ["mindset", "own way", "20 %", "–"],
    ]  # fmt: skip
    apart = findings.apart_frame(codes)
    assert apart[["handle", "says"]].to_numpy().tolist() == [
        ["Coupon users", "there is a coupon"], ["Others", "there is a coupon"],
    ]  # fmt: skip
    assert findings.intents_frame(voice)[["intent", "code"]].to_numpy().tolist() == [["there is a coupon", "own_way"]]


def test_two_codes_of_which_people_mean_the_same_stand_apart_by_their_names() -> None:
    voice, personas = heard()
    twice = pd.concat([voice.codes, voice.codes[voice.codes["code"] == "saving"].assign(code="late_sale")])
    codes = findings.codes_by_handle(replace(voice, codes=twice), personas)
    assert findings.codes_frame(codes, WORDS)["says"].tolist() == [
        "there is a coupon (saving)", "own way", "there is a coupon (late sale)",
    ]  # fmt: skip


def test_words_that_set_a_group_apart_are_told_with_their_people() -> None:
    voice, personas = heard()
    (line,) = findings.of_words(voice, personas, 10, WORDS)
    assert line.startswith("Coupon users: more than others")
    assert "coupon” (12 people)" in line
    (none,) = findings.of_words(replace(voice, words=voice.words.head(0)), personas, 10, WORDS)
    assert none.startswith("No single word")
    assert "at least 10 of its people" in none


def test_what_a_group_says_is_told_in_a_sentence_or_its_silence_is() -> None:
    rows = [
        ("a", "barriers", "too_dear", 0.4, 100, "it costs too much"),
        ("a", "barriers", "late", 0.2, 100, "delivery is late"),
        ("a", "drivers", "saving", 0.5, 100, "there is a coupon"),
        ("a", "mindset", "own_way", 0.3, 100, ""),
        ("b", "drivers", "saving", None, None, "there is a coupon"),
    ]
    codes = pd.DataFrame(rows, columns=["id", "about", "code", "share", "n_coded", "says"])
    groups = [SimpleNamespace(id="a", handle="Coupon users"), SimpleNamespace(id="b", handle="Others")]
    told = findings.of_voice(SimpleNamespace(codes=codes), SimpleNamespace(groups=groups), 10, WORDS)
    assert told == [
        "Coupon users: most often they come because there is a coupon (50 % of 100), hesitate because it costs too "
        "much (40 % of 100) and speak of “own way” (30 % of 100).",
        "Others: fewer than 10 coded answers, so nothing is said for them.",
    ]
