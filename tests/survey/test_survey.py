"""Survey coding: a hand-countable export in several scripts, joining, weights, and answers that cannot be used."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from helpers.contracts import DataError, FileAccount, Issue, StudyError
from helpers.read.load import LoadedTables
from helpers.study import Privacy, Study
from helpers.survey.checks import first_few
from helpers.survey.survey import Survey, code_survey
from helpers.survey.weights import MOST_WEIGHT, effective_n, rake, trim
from helpers.words import Said, Words, few, say

TASTE, PRICE, WAIT, CARE = "Мне нравится вкус", "ფასი კარგია", "زمان انتظار", "Мне всё равно"
REASONS, DIET, WHY, NPS = "Почему вы покупаете у нас?", "დიეტა", "چرا ما؟", "Порекомендуете?"
AGREE = {"Совсем не согласен": 1, "Не согласен": 2, "Не знаю": 3, "Согласен": 4, "კი, სრულად": 5, "کاملاً موافقم": 5}
LIKERT = {"items": [TASTE, PRICE, WAIT, CARE], "scale": [1, 5], "labels": AGREE, "reverse": [CARE], "missing": [99]}
DECLARED = {
    "path": "answers.csv",
    "join": {"customers": "email"},
    "likert": LIKERT,
    "categorical": [DIET],
    "multiple_choice": {"reasons": {"column": REASONS, "sep": ";"}},
    "open_ended": {"why_first": {"column": WHY, "about": "drivers"}},
    "nps": NPS,
}


def study_of(survey: dict | None = None, *, beside: dict | None = None, least: int = 1, **settings: object) -> Study:
    """A study that shows cells of ``least`` people, which a study.yml could not ask for, so that few can be counted."""
    listed = {"sales": {"path": "sales.csv"}, "survey": DECLARED | (survey or {})} if beside is None else beside
    study = Study.model_validate({"study": "test", "tables": listed, **settings})
    return study.model_copy(update={"privacy": Privacy.model_construct(min_cell=least)})


def text(*values: object) -> pd.Series:
    return pd.Series(values, dtype="str")


ANSWERS = pd.DataFrame(
    {
        "respondent_id": text("r1", "r2", "r3", "r4", "r5", "r6"),
        "email": text(" Anna@X.org", "bea@x.org", "БОРИС@x.org ", None, "nobody@x.org", "anna@x.org"),
        TASTE: text("Согласен", " СОГЛАСЕН ", "5", "3", "Не знаю", "1"),
        PRICE: text("კი, სრულად", "7", "۴", "3", "99", None),
        WAIT: text("کاملاً موافقم", "2 - не согласен", "2,0", "3", "как-нибудь", None),
        CARE: text("1", "Совсем не согласен", "5", "3", None, None),
        DIET: text("ვეგანი", "ვეგანი ", "Мясо", "мясо", "Мясо", None),
        REASONS: text("цена;вкус", "цена", "цена; вкус", "цена ;редкость", None, "цена"),
        WHY: text("Пишите на anna@x.org", None, "قیمت خوب بود", "  ", "გემო", "повтор"),
        NPS: text("10", "0", "11", "7", "9", None),
    }
)
SALES = pd.DataFrame({"customer_id": text("anna@x.org", "bea@x.org", "борис@x.org", "dina@x.org", "dina@x.org")})


def code(study: Study, **frames: pd.DataFrame) -> Survey:
    return code_survey(LoadedTables({"sales": SALES, "survey": ANSWERS, **frames}, ()), study)


@pytest.fixture(scope="module")
def coded() -> Survey:
    return code(study_of())


def alone(answers: pd.DataFrame, keys: dict, *, least: int = 1, accounts: tuple[FileAccount, ...] = ()) -> Survey:
    """The survey of a study that has nothing else."""
    study = study_of(beside={"survey": {"path": "s.csv", **keys}}, least=least)
    return code_survey(LoadedTables({"survey": answers}, accounts), study)


def said_of(survey: Survey, name: str) -> list[Said]:
    return survey.checks.loc[survey.checks["check"] == name, "text"].tolist()


def values_of(survey: Survey, name: str) -> dict[str, object]:
    """What fills the one sentence of a check."""
    (said,) = said_of(survey, name)
    return said.values


def check(survey: Survey, name: str) -> tuple[float, int]:
    row = survey.checks.set_index("check").loc[name]
    return row["value"], row["n"]


def test_no_survey_is_none():
    study = study_of(beside={"sales": {"path": "sales.csv"}})
    assert code_survey(LoadedTables({"sales": SALES}, ()), study) is None


def test_ratings_are_coded_from_zero_in_any_script(coded):
    answers = coded.answers.set_index("respondent_id")
    assert answers.index.tolist() == ["r1", "r2", "r3", "r4", "r5"]  # r6 is Anna again, with fewer answers
    nan = pytest.approx(np.nan, nan_ok=True)
    assert answers[TASTE].tolist() == [3, 3, 4, 2, 2]
    assert answers[PRICE].tolist() == [4, nan, 3, 2, nan]
    assert answers[WAIT].tolist() == [4, 1, 1, 2, nan]
    assert answers[CARE].tolist() == [4, 4, 0, 2, nan]  # reversed: "not at all" turns into 4
    assert answers["nps"].tolist() == [10, 0, nan, 7, 9]


def test_a_code_for_no_answer_that_is_a_mark_is_a_mark_from_0_to_10():
    survey = code(study_of({"likert": {**LIKERT, "missing": [9, 99]}}), survey=ANSWERS.assign(**{NPS: text(*"990799")}))
    assert survey.answers["nps"].tolist() == [9, 9, 0, 7, 9]


def test_what_cannot_be_used_is_counted(coded):
    assert check(coded, "missing_codes") == (pytest.approx(1 / 24), 1)  # of 19 ratings and 5 NPS answers given
    assert check(coded, "out_of_range") == (pytest.approx(2 / 24), 2)
    assert check(coded, "unknown_answers") == (pytest.approx(1 / 24), 1)
    (said,) = said_of(coded, "out_of_range")
    assert Words().tell(said) == f"2 ratings lay outside their scale and count as missing ({PRICE} and nps)."


def test_categories_and_ticks(coded):
    answers = coded.answers.set_index("respondent_id")
    assert answers[DIET].tolist() == ["ვეგანი", "ვეგანი", "Мясо", "Мясо", "Мясо"]
    assert [name for name in answers if name.startswith("reasons: ")] == ["reasons: цена", "reasons: other"]
    nan = pytest.approx(np.nan, nan_ok=True)
    assert answers["reasons: цена"].tolist() == [1, 1, 1, 1, nan]
    assert answers["reasons: other"].tolist() == [1, 0, 1, 1, nan]


def test_a_tick_list_spread_over_columns_is_one_question():
    spread = ANSWERS.assign(
        q5_a=text("цена", "1", " ", "1", "0", None), q5_b=text(None, "0", None, "0", "0", None), q5_c=text(*[None] * 6)
    )
    columns = {"цена": "q5_a", "вкус": "q5_b", "запах": "q5_c"}
    survey = code(study_of({"multiple_choice": {"reasons": {"columns": columns}}}), survey=spread)
    nan = pytest.approx(np.nan, nan_ok=True)  # r3 left the question empty; r5 ticked nothing, which the zeros tell
    assert survey.answers["reasons: other"].tolist() == [1, 1, nan, 1, 0]  # too few ticks to stand alone
    assert survey.items.loc[survey.items["kind"] == "tick", "item"].tolist() == ["reasons: other"]


def test_items_tell_how_each_question_was_answered(coded):
    items = coded.items.set_index("item")
    kinds = ["likert"] * 4 + ["categorical", "tick", "tick", "nps", "open"]
    assert items["kind"].tolist() == kinds
    assert items.loc[PRICE, ["n", "missing", "mean"]].tolist() == [3, 0.4, 4]  # on the scale as asked
    assert items.loc["reasons: other", ["question", "n", "mean"]].tolist() == [REASONS, 4, 0.75]
    assert items.loc["why_first", ["question", "n"]].tolist() == [WHY, 3]
    assert np.isnan(items.loc[DIET, "mean"])
    assert items.index[items["turned"]].tolist() == [CARE]
    assert items.loc[CARE, "mean"] == 1 + (4 + 4 + 0 + 2) / 4  # of the turned answers


def test_open_answers_are_scrubbed(coded):
    assert coded.open_answers.to_dict("list") == {
        "respondent_id": ["r1", "r3", "r5"],
        "question": ["why_first"] * 3,
        "about": ["drivers"] * 3,
        "text": ["Пишите на [e-mail]", "قیمت خوب بود", "გემო"],
    }
    assert "email" not in coded.answers


def test_respondents_meet_their_customers(coded):
    customers = coded.answers["customer_id"]
    assert customers[:3].tolist() == ["anna@x.org", "bea@x.org", "борис@x.org"]
    assert customers[3:].isna().all()
    assert (coded.matched, coded.unmatched) == (3, 2)
    assert check(coded, "matched") == (0.6, 3)
    assert check(coded, "answered") == (0.75, 3)  # Dina bought twice and did not answer
    assert check(coded, "repeated") == (pytest.approx(1 / 6), 1)


def test_straight_lining_is_judged_before_items_are_turned(coded):
    assert check(coded, "straight_lining") == (pytest.approx(1 / 3), 1)  # r4 said 3 throughout; r1 did not
    same = ANSWERS.assign(**{name: text("4", "4", "4", "3", None, None) for name in (TASTE, PRICE, WAIT, CARE)})
    assert check(code(study_of(), survey=same), "straight_lining") == (1, 4)
    few = ANSWERS.assign(**{TASTE: text(*[None] * 6)})  # three ratings at most tell nothing
    assert "straight_lining" not in code(study_of(), survey=few).checks["check"].tolist()


def test_a_key_that_stands_in_the_customers_table():
    people = pd.DataFrame(
        {
            "customer_id": text("c1", "c2", "c3", "c4"),
            "email": text("ANNA@x.org", "bea@x.org", "Bea@x.org", None),
        }
    )
    sales = pd.DataFrame({"customer_id": text("c1", "c9")})
    survey = code(study_of(unmatched_respondents=0.9), survey=ANSWERS, customers=people, sales=sales)
    assert survey.answers["customer_id"].tolist()[0] == "c1"
    assert (survey.matched, survey.unmatched) == (1, 4)
    assert check(survey, "ambiguous") == (0.2, 1)  # two customers share Bea's address
    assert check(survey, "answered") == (0.2, 1)  # c1 .. c4 and c9


def test_too_many_strangers_are_an_error_that_counts_both_ways():
    with pytest.raises(DataError) as error:
        code(study_of(unmatched_respondents=0.3))
    said = str(error.value)
    assert "answers.csv: column 'email': 2 of 5 respondents match no customer (1 gave nothing" in said
    assert "first in answers 4, 5" in said
    assert "customers without an answer: 1." in said
    assert "nobody@x.org" not in said  # a key may be an address


def test_an_anonymous_survey_and_one_without_customers_have_nothing_to_match():
    unnamed = ANSWERS.drop(columns=["email", "respondent_id"])
    anonymous = code(study_of({"join": {}}), survey=unnamed)
    assert anonymous.answers["respondent_id"].tolist() == ["r1", "r2", "r3", "r4", "r5", "r6"]
    assert anonymous.answers["customer_id"].isna().all()
    assert check(anonymous, "anonymous") == (1, 6)
    alone = study_of(beside={"survey": DECLARED})
    survey = code_survey(LoadedTables({"survey": ANSWERS}, ()), alone)
    assert (survey.matched, len(survey.answers)) == (0, 5)
    assert "anonymous" not in survey.checks["check"].tolist()


def test_experiment_columns_come_as_they_were_written():
    arms = ANSWERS.assign(frame=text(*"aabbab"), would_go=text("yes", "no", None, "yes", "no", "yes"))
    experiment = {
        "id": "relative_saving",
        "table": "survey",
        "arm": {"column": "frame", "treatment": "a", "control": "b"},
        "outcome": {"column": "would_go", "success": ["yes"]},
    }
    survey = code(study_of(experiments=[experiment]), survey=arms)
    assert survey.answers["frame"].tolist() == ["a", "a", "b", "b", "a"]
    assert survey.answers["would_go"].dropna().tolist() == ["yes", "no", "yes", "no"]


def test_labels_that_nobody_declared_are_an_error_that_names_them():
    answers = ANSWERS.assign(**{WAIT: text("да", "нет", "да", "да", None, None)})
    with pytest.raises(DataError) as error:
        code(study_of({"likert": {**LIKERT, "labels": {}}}), survey=answers.drop(columns=TASTE).assign(**{TASTE: "4"}))
    assert "column 'زمان انتظار': 4 of 4 answers are neither a number from 1 to 5" in str(error.value)
    assert "(first in answers 1, 2: 'да', 'нет')" in str(error.value)
    assert "Declare the labels under likert: labels: in study.yml" in str(error.value)


def test_a_question_that_is_not_there_is_named_with_its_neighbours():
    with pytest.raises(StudyError) as error:
        code(study_of({"likert": {**LIKERT, "items": ["Мне нравится вкуз"]}}))
    assert "'Мне нравится вкуз', which the file does not have; the nearest are 'Мне нравится вкус'" in str(error.value)


def test_importance_items_share_the_scale_of_the_ratings():
    survey = code(study_of({"importance_performance": {"taste": [TASTE, PRICE]}}))
    assert survey.items.set_index("item")["kind"][[TASTE, PRICE, WAIT]].tolist() == [
        "importance", "performance", "likert",
    ]  # fmt: skip


# --- weights and scales ------------------------------------------------------------------------------------------


def test_weights_have_mean_one_and_gaps_count_as_average():
    survey = code(study_of(), survey=ANSWERS.assign(weight=[1.0, 3.0, np.nan, 2.0, 2.0, 9.0]))
    assert survey.answers["weight"].tolist() == [0.5, 1.5, 1.0, 1.0, 1.0]
    assert check(survey, "weights") == (pytest.approx(5 / 5.5), 5)  # Kish: 25 / 5.5 of 5


@pytest.mark.parametrize("weights", [[1, 1, -1, 1, 1, 1], [1, np.inf, 1, 1, 1, 1], [0] * 6])
def test_weights_that_cannot_be_used_are_an_error(weights):
    with pytest.raises(DataError, match="column 'weight'"):
        code(study_of(), survey=ANSWERS.assign(weight=np.array(weights, dtype=float)))


def test_raking_meets_both_margins():
    groups = pd.DataFrame({"sex": text(*"ffffffmm"), "place": text(*"xxxxyyxy")})
    targets = {"sex": pd.Series({"f": 0.5, "m": 0.5}), "place": pd.Series({"x": 0.3, "y": 0.5, "z": 0.2})}
    weight = rake(pd.Series(np.ones(8)), groups, targets)
    assert weight.mean() == pytest.approx(1)
    assert weight[groups["sex"] == "m"].sum() / 8 == pytest.approx(0.5)
    assert weight[groups["place"] == "y"].sum() / 8 == pytest.approx(0.5 / 0.8)  # nobody stands for z
    assert effective_n(weight) < 8


def test_raking_to_the_customers_of_a_study():
    people = pd.DataFrame({"customer_id": text("a", "b", "c", "d"), "country": text("GE", "ge", "ge", "KZ")})
    answers = pd.DataFrame({"customer_id": text("a", "b", "d", "x"), NPS: text("1", "2", "3", "4")})
    tables = {
        "customers": {"path": "c.csv"},
        "survey": {"path": "s.csv", "nps": NPS, "raking": {"country": "customers"}},
    }
    loaded = LoadedTables({"customers": people, "survey": answers}, ())
    survey = code_survey(loaded, study_of(beside=tables))
    assert survey.answers["weight"].tolist() == pytest.approx([1.125, 1.125, 0.75, 1])  # 3 known: 3/4 and 1/4 of 3
    heavy = 1.125 * 1 + 1.125 * 2 + 0.75 * 3 + 1 * 4
    assert survey.items.set_index("kind").loc["nps", "mean"] == pytest.approx(heavy / 4)
    tables["survey"]["raking"] = {"country": {"GE": "most"}}
    with pytest.raises(StudyError, match="raking: country"):
        code_survey(loaded, study_of(beside=tables))


def test_cutting_keeps_the_mean_and_goes_on_until_nobody_is_above():
    weight = pd.Series([60.0, 30.0, *[1.0] * 98])
    cut = trim(weight / weight.mean())
    assert cut.tolist() == pytest.approx([MOST_WEIGHT, MOST_WEIGHT, *[90 / 98] * 98])
    assert trim(pd.Series([1.0, 1.0])).tolist() == [1, 1]


def test_cut_weights_are_said_with_what_they_miss():
    answers = pd.DataFrame({"country": text(*["KZ"], *["GE"] * 99), NPS: text(*["5"] * 100)})
    survey_keys = {"survey": {"path": "s.csv", "nps": NPS, "raking": {"country": {"KZ": 0.2, "GE": 0.8}}}}
    survey = code_survey(LoadedTables({"survey": answers}, ()), study_of(beside=survey_keys))
    said = values_of(survey, "trimmed")
    assert (said["n"], said["most"], survey.answers["weight"].max()) == (1, 5, 5)
    assert said["miss"] == pytest.approx(0.15)
    effective = 100**2 / (25 + 99 * (95 / 99) ** 2)
    weights = values_of(survey, "weights")
    assert [weights["effective"], weights["effect"]] == pytest.approx([effective, 100 / effective])


REGION = {"region": {"Nord": 0.5, "South": 0.5}}


def test_a_margin_of_customers_that_nobody_who_answered_is_gives_no_weights_and_is_said():
    people = pd.DataFrame({"customer_id": text("a", "b"), "country": text("GE", "KZ")})
    answers = pd.DataFrame({"customer_id": text("x", "y", "z"), "sex": text("f", "f", "m"), NPS: text("1", "2", "3")})
    source = {"path": "s.csv", "nps": NPS, "raking": {"country": "customers", "sex": {"f": 0.5, "m": 0.5}}}
    tables = {"customers": {"path": "c.csv"}, "survey": source}
    loaded = LoadedTables({"customers": people, "survey": answers}, ())
    survey = code_survey(loaded, study_of(beside=tables, unmatched_respondents=1))
    assert survey.answers["weight"].tolist() == pytest.approx([0.75, 0.75, 1.5])  # by their own answers alone
    (weights,) = said_of(survey, "weights")
    assert (weights.key, weights.values["columns"]) == ("survey.checks.raking", ("sex",))
    assert values_of(survey, "not_raked")["column"] == "country"
    del source["raking"]["sex"]
    survey = code_survey(loaded, study_of(beside=tables, unmatched_respondents=1))
    assert survey.answers["weight"].tolist() == [1, 1, 1]
    assert said_of(survey, "weights") == []


@pytest.mark.parametrize("shares", ["customers", {"GE": 1}])
def test_a_raked_column_that_no_table_has_is_named_with_its_neighbours(shares):
    people = pd.DataFrame({"customer_id": text("a"), "country": text("GE")})
    answers = pd.DataFrame({"customer_id": text("a"), NPS: text("1")})
    tables = {
        "customers": {"path": "c.csv", "attributes": ["county"]},
        "survey": {"path": "s.csv", "nps": NPS, "raking": {"county": shares}},
    }
    with pytest.raises(StudyError) as error:
        code_survey(LoadedTables({"customers": people, "survey": answers}, ()), study_of(beside=tables))
    assert (
        "s.csv: raking: county: neither the survey nor the customers table has this column; did you mean 'country'?"
        in (str(error.value))
    )


def test_answers_that_no_share_is_given_for_are_named():
    answers = pd.DataFrame({"region": text(*["North"] * 4, *["South"] * 5, "north ", " "), NPS: text(*["5"] * 11)})
    survey = alone(answers, {"nps": NPS, "raking": REGION})
    assert said_of(survey, "weights")[0].key == "survey.checks.raking_partly"
    assert values_of(survey, "not_heard")["values"] == ("Nord",)
    (told,) = said_of(survey, "no_share")
    assert Words().tell(told) == (
        "5 of 10 respondents (50 %) have a value of region that no share is given for, such as North (the share of "
        "“Nord” may be meant for it). They keep their weight, so the shares hold among the others only."
    )
    assert check(survey, "no_share") == (0.5, 5)
    few = alone(answers, {"nps": NPS, "raking": REGION}, least=6)
    assert values_of(few, "no_share")["n"] == say("survey.fewer_than", least=6)
    assert values_of(few, "no_share")["share"] == say("survey.under", share=0.6)
    assert values_of(few, "no_share")["values"] == ""


@pytest.mark.parametrize(("north", "shares"), [(6, {"Nord": 0.5, "South": 0.5}), (11, {"Nord": 0.6, "Sued": 0.4})])
def test_shares_that_most_answers_are_not_in_are_an_error(north, shares):
    answers = pd.DataFrame({"region": text(*["North"] * north, *["South"] * (11 - north)), NPS: text(*["5"] * 11)})
    with pytest.raises(StudyError) as error:
        alone(answers, {"nps": NPS, "raking": {"region": shares}})
    assert f"s.csv: raking: region: {north} of 11 respondents have a value that no share is given for: 'North' " in (
        said := str(error.value)
    )
    assert f"({north}, near 'Nord'). There are shares for 'Nord', {list(shares)[1]!r}. Write them as the survey" in said


def test_weights_of_zero_are_told():
    columns = {"sex": text(*"ffffmm"), NPS: text(*"555555")}
    keys = {"nps": NPS, "raking": {"sex": {"f": 0.5, "M": 0.5}}}
    survey = alone(pd.DataFrame(columns | {"weight": [1.0, 1, 1, 0, 0, 0]}), keys)
    assert survey.answers["weight"].tolist() == [2, 2, 2, 0, 0, 0]
    zero, unweighted = values_of(survey, "zero_weight"), values_of(survey, "not_weighted")
    assert (zero["n"], zero["share"]) == (3, 0.5)
    assert (unweighted["column"], unweighted["values"]) == ("sex", ("M",))
    assert said_of(survey, "weights")[0].key == "survey.checks.raking_partly"
    nobody = alone(pd.DataFrame(columns | {"weight": [0.0, 0, 0, 0, 1, 1]}), {"nps": NPS, "raking": {"sex": {"f": 1}}})
    assert said_of(nobody, "not_raked")
    assert said_of(nobody, "weights")[0].key == "survey.checks.weights"


# --- how people answered -----------------------------------------------------------------------------------------


def test_alike_in_a_row_is_told_apart_from_alike_throughout():
    rows = ["4444443333", "4444444444", "1234512345"]
    items = [TASTE, PRICE, WAIT, CARE, "q5", "q6", "q7", "q8", "q9", "q10"]
    columns = {name: text(*(row[place] for row in rows)) for place, name in enumerate(items)}
    keys = {"nps": NPS, "likert": LIKERT | {"items": items[::-1], "labels": {}}}
    survey = alone(pd.DataFrame(columns | {NPS: text("1", "2", "3")}), keys)
    behaviour = survey.behaviour
    assert behaviour["longest_run"].tolist() == [
        6,
        10,
        1,
    ]  # in the order of the file, reversed items as they were asked
    assert behaviour["straight_lining"].tolist() == [False, True, False]
    assert behaviour["long_string"].tolist() == [True, False, False]
    assert behaviour["spread"].tolist() == pytest.approx([np.sqrt(0.24), 0, np.sqrt(2)])
    assert check(survey, "straight_lining") == check(survey, "long_string") == (pytest.approx(1 / 3), 1)


def test_what_is_left_out_together_is_counted_and_small_groups_are_pooled():
    filled = {"a": 30, "b": 12, "c": 11, "d": 3, "e": 2}
    shapes = {"a": "111", "b": "100", "c": "000", "d": "011", "e": "101"}
    rows = [shapes[kind] for kind, n in filled.items() for _ in range(n)]
    columns = {name: text(*("x" if row[place] == "1" else None for row in rows)) for place, name in enumerate("pqr")}
    answers = pd.DataFrame(columns | {"why": text(*["because"] * 58)})
    keys = {
        "path": "s.csv",
        "categorical": ["r", "q", "p"],
        "open_ended": {"why": {"column": "why", "about": "drivers"}},
    }
    survey = code_survey(LoadedTables({"survey": answers}, ()), study_of(beside={"survey": keys}, least=10))
    assert survey.patterns[["left_out", "n"]].to_numpy().tolist() == [
        [say("survey.patterns.nothing"), 30],
        [say("survey.patterns.these", questions=["q", "r"]), 12],
        [say("survey.patterns.rest"), 16],  # five alone would give themselves away
    ]
    assert survey.patterns["share"].sum() == pytest.approx(1)


def test_who_stopped_before_the_end_is_counted_with_the_question_they_left_at():
    rows = ["11111", "11000", "11000", "10000", "11110", "00000"]
    answers = pd.DataFrame(
        {f"q{place}": text(*("x" if row[place] == "1" else None for row in rows)) for place in range(5)}
    )
    keys = {"path": "s.csv", "categorical": ["q4", "q2", "q0", "q1", "q3"]}
    survey = code_survey(LoadedTables({"survey": answers}, ()), study_of(beside={"survey": keys}))
    said = values_of(survey, "stopped")
    assert (said["n"], said["share"], said["item"]) == (3, 0.5, "q1")


def test_a_survey_of_open_questions_alone_has_no_closed_ones_to_leave_out():
    keys = {"path": "s.csv", "open_ended": {"why": {"column": WHY, "about": "drivers"}}}
    survey = code_survey(LoadedTables({"survey": ANSWERS}, ()), study_of(beside={"survey": keys}))
    assert survey.patterns.empty
    assert survey.checks["check"].tolist() == ["respondents", "empty"]


@pytest.mark.parametrize(
    "answers",
    [
        ANSWERS.iloc[:0],
        ANSWERS.iloc[[1]],
        ANSWERS.assign(**dict.fromkeys([TASTE, PRICE, WAIT, CARE, DIET, REASONS, WHY, NPS], text(*[None] * 6))),
        ANSWERS.assign(**dict.fromkeys([TASTE, PRICE, WAIT, CARE], text(*["99"] * 6))),
        ANSWERS.assign(**dict.fromkeys([TASTE, PRICE, WAIT, CARE], text(*["4"] * 6))),
        ANSWERS.assign(**dict.fromkeys([TASTE, PRICE, WAIT, CARE], text(*["1e308", "-7", "0", "6", "5", "5"]))),
    ],
    ids=["no rows", "one row", "nothing answered", "only missing codes", "all alike", "out of range"],
)
def test_hardly_usable_answers_are_coded_without_a_warning_or_a_silent_number(answers):
    survey = code(
        study_of(unmatched_respondents=1), survey=answers.assign(respondent_id=text("a", *"bcdef")[: len(answers)])
    )
    checks = survey.checks.set_index("check")
    assert np.isfinite(checks["value"]).all()
    assert not survey.checks["text"].map(Words().tell).str.contains("nan|None|–").any()
    ratings = survey.answers[[TASTE, PRICE, WAIT, CARE]].to_numpy()
    assert ((ratings >= 0) & (ratings <= 4) | np.isnan(ratings)).all()
    assert len(survey.answers) == len(survey.behaviour)
    assert "alpha" not in checks.index or abs(checks.loc["alpha", "value"]) < 2


def test_declared_scales_are_judged_each_by_itself():
    rng = np.random.default_rng(6)
    trait, n = rng.normal(size=300), 300
    good = {f"g{i}": text(*np.clip(np.round(3 + trait + rng.normal(0, 0.6, n)), 1, 5).astype(int)) for i in range(3)}
    loose = {f"l{i}": text(*rng.integers(1, 6, n)) for i in range(3)}
    likert = {"items": [*good, *loose], "scales": {"taste": [*good], "rest": [*loose]}}
    keys = {"survey": {"path": "s.csv", "likert": likert}}
    survey = code_survey(LoadedTables({"survey": pd.DataFrame(good | loose)}, ()), study_of(beside=keys))
    said = said_of(survey, "alpha")
    assert [line.key for line in said] == ["survey.checks.alpha_good_scale", "survey.checks.alpha_mixed_scale"]
    assert [line.values["scale"] for line in said] == ["taste", "rest"]
    assert said[0].values["alpha"] > 0.7 > said[1].values["alpha"]
    whole = code_survey(
        LoadedTables({"survey": pd.DataFrame(good | loose)}, ()),
        study_of(beside={"survey": {"path": "s.csv", "likert": {"items": [*good, *loose]}}}),
    )
    assert said_of(whole, "alpha")[0].key == "survey.checks.alpha_mixed"


# --- tick columns that are filled in every row --------------------------------------------------------------------

YES_NO = {
    "numbers": ("1.0", "0.0"), "truth": ("TRUE", "FALSE"), "boxes": ("Checked", "Unchecked"), "en": ("Yes", " no "),
    "chosen": ("Selected", "Not selected"), "ru": ("Да", "Нет"), "ka": ("დიახ", "არა"), "kk": ("Иә", "Жоқ"),
    "uz": ("Ha", "Yo‘q"), "fa": ("بله", "خیر"), "fr": ("oui", "non"),
}  # fmt: skip
SPREAD = {"path": "s.csv", "multiple_choice": {"why": {"columns": {"Price": "a", "No": "b"}}}}


@pytest.mark.parametrize("pair", YES_NO.values(), ids=YES_NO)
def test_a_word_for_no_is_no_tick(pair):
    said = {"1": pair[0], "0": pair[1], " ": None}
    frame = pd.DataFrame({"a": text(*map(said.get, "10101011 ")), "b": text(*map(said.get, "00011111 "))})
    survey = code_survey(LoadedTables({"survey": frame}, ()), study_of(beside={"survey": SPREAD}))
    nan = pytest.approx(np.nan, nan_ok=True)  # the last left the question empty
    assert survey.answers["why: Price"].tolist() == [1, 0, 1, 0, 1, 0, 1, 1, nan]
    assert survey.answers["why: No"].tolist() == [0, 0, 0, 1, 1, 1, 1, 1, nan]


def test_a_cell_that_repeats_its_option_is_a_tick_even_where_the_option_is_no():
    frame = pd.DataFrame({"a": text(*["Price"] * 4, *[None] * 5), "b": text(*[None] * 4, *["No"] * 5)})
    survey = code_survey(LoadedTables({"survey": frame}, ()), study_of(beside={"survey": SPREAD}))
    assert survey.answers["why: No"].tolist() == [0, 0, 0, 0, 1, 1, 1, 1, 1]


# --- what is not shown -------------------------------------------------------------------------------------------


def test_rows_that_were_set_aside_are_told():
    gone = (Issue("empty_row", "quarantined", None, 12, (), "empty"),)
    account = FileAccount("survey", "s.csv", 118, rows_used=106, rows_repaired=0, rows_quarantined=12, issues=gone)
    survey = alone(ANSWERS, {"nps": NPS}, accounts=(account,), least=10)
    assert values_of(survey, "set_aside") == {"n": 10, "all": 120}  # rounded as the quality report
    two = replace(account, rows_quarantined=2)
    said = values_of(alone(ANSWERS, {"nps": NPS}, accounts=(two,), least=10), "set_aside")
    assert said == {"n": few(2, 10), "all": 110}
    whole = FileAccount("survey", "s.csv", rows_in=6, rows_used=6, rows_repaired=0, rows_quarantined=0)
    assert said_of(alone(ANSWERS, {"nps": NPS}, accounts=(whole,)), "set_aside") == []


def test_options_that_few_ticked_or_nearly_everybody_show_no_share():
    """Of 29: a 13, b 10, c 5, d 2 (pooled as other); and where nine of 29 did not tick a."""
    keys = {"multiple_choice": {"why": {"column": "why", "sep": ";"}}}
    answers = pd.DataFrame({"why": text(*["a"] * 12, *["b"] * 9, *["c"] * 5, *["d"] * 2, "a;b", *[None] * 3)})
    survey = alone(answers, keys, least=10)
    shares = {"why: a": 13 / 29, "why: b": 10 / 29, "why: c": np.nan, "why: other": np.nan}
    assert survey.items.set_index("item")["mean"].to_dict() == pytest.approx(shares, nan_ok=True)
    assert survey.items["n"].tolist() == [29] * 4
    assert survey.answers["why: c"].sum() == 5  # what the model reads keeps every answer
    nearly = alone(pd.DataFrame({"why": text(*["a"] * 20, *["b;c"] * 9)}), keys, least=10).items
    assert nearly["mean"].isna().all()


def test_a_question_that_few_answered_shows_no_figure():
    answers = pd.DataFrame({"q1": text(*["4"] * 9, *[None] * 11), "q2": text(*["4"] * 20), "q3": text(*[None] * 20)})
    items = alone(answers, {"likert": {"items": ["q1", "q2", "q3"]}}, least=10).items.set_index("item")
    assert items.loc["q1", ["n", "missing", "mean"]].isna().all()
    assert items.loc["q2", ["n", "missing", "mean"]].tolist() == [20, 0, 4]
    assert items.loc["q3", ["n", "missing"]].tolist() == [0, 1]


def test_of_many_names_the_first_are_named_and_the_rest_counted():
    assert first_few([*"abc"], 3) == [*"abc"]
    assert first_few([*"abcde"], 3) == [*"abc", say("survey.patterns.more", n=2)]


def test_a_small_count_inside_a_sentence_begins_small():
    people = pd.DataFrame(
        {"customer_id": text("c1", "c2", "c3"), "email": text("bea@x.org", "bea@x.org", "anna@x.org")}
    )
    study = study_of(unmatched_respondents=0.9, least=5)
    survey = code(study, survey=ANSWERS, customers=people, sales=SALES.iloc[:0])
    (told,) = said_of(survey, "ambiguous")
    assert Words().tell(told).startswith("What fewer than 5 respondents gave as their key")


def test_counts_of_few_people_are_not_said():
    rows = ["4444"] * 3 + ["1234"] * 27
    columns = {f"q{place}": text(*(row[place] for row in rows)) for place in range(4)}
    survey = alone(pd.DataFrame(columns), {"likert": {"items": [*columns]}}, least=10)
    (told,) = said_of(survey, "straight_lining")
    assert Words().tell(told) == (
        "Fewer than 10 of 30 respondents (under 34 %) gave the same rating to every item, which may mean that they did "
        "not read them."
    )
    assert survey.checks.set_index("check").loc["straight_lining", ["value", "n"]].isna().all()
    assert check(survey, "respondents") == (1, 30)
