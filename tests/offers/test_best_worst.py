"""Best and worst of several: answers as forms write them, counts by hand, and scores that hold what is planted."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from helpers.contracts import DataError, StudyError
from helpers.offers.asked.best_worst import balance, best_and_worst, picks_of, tasks_of
from helpers.offers.asked.figures import plot_scores
from helpers.offers.choice_logit import fit
from helpers.read.load import load_tables
from helpers.sources import BestWorst
from helpers.study import load_study
from helpers.survey.survey import code_survey
from helpers.words import Words

ITEMS = ["taste", "price", "seal", "brand"]
PAIR = {"tasks": [{"best": "b1", "worst": "w1", "items": ITEMS}, {"best": "b2", "worst": "w2", "items": ITEMS[:3]}]}


def test_answers_are_counted_and_what_names_nothing_shown_is_not():
    answers = pd.DataFrame(
        {
            "b1": ["taste", "Taste ", "seal", "price", None],
            "w1": ["brand", "price", "seal", "hat", None],  # the third names one twice, the fourth something else
            "b2": ["taste", "price", "brand", None, None],  # brand was not shown in the second
            "w2": ["seal", "seal", "price", None, None],
        }
    )
    picks = picks_of(answers, BestWorst.model_validate(PAIR))
    assert picks.items == ITEMS
    assert picks.respondent.tolist() == [0, 1, 0, 1]
    assert picks.unused == 3
    assert [picks.items[at] for at in picks.best] == ["taste", "taste", "taste", "price"]
    # taste 3 times best of 4; price once best, once worst of 4; seal twice worst of 4; brand once worst of 2
    assert balance(picks, np.array([0, 1])).tolist() == [0.75, 0.0, -0.5, -0.5]


def test_a_grid_has_one_best_and_one_worst_in_a_row():
    asked = BestWorst.model_validate({"tasks": [{"columns": {"taste": "q1", "price": "q2", "seal": "q3"}}]})
    answers = pd.DataFrame(
        {"q1": ["Most", None, "best", None], "q2": ["", "worst", "best", None], "q3": ["Least", "best", "worst", None]}
    )
    picks = picks_of(answers, asked)
    assert (picks.best.tolist(), picks.worst.tolist(), picks.unused) == ([0, 2], [2, 1], 1)


def test_what_was_shown_may_differ_from_person_to_person():
    asked = BestWorst.model_validate({"tasks": [{"best": "b", "worst": "w", "shown": ["s1", "s2", "s3"]}]})
    answers = pd.DataFrame(
        {"b": ["taste", "brand"], "w": ["seal", "taste"], "s1": ["taste", "brand"], "s2": ["price", "taste"],
         "s3": ["seal", "seal"]}
    )  # fmt: skip
    picks = picks_of(answers, asked)
    assert picks.items == ["brand", "price", "seal", "taste"]
    assert picks.shown.tolist() == [[False, True, True, True], [True, False, True, True]]


def test_an_item_that_answers_alone_name_is_named_for_enough_people_only():
    """What twelve were shown is an item; what one was shown is his own text, and his answer cannot be used."""
    answers = pd.DataFrame({"b": ["taste"] * 12, "w": ["seal"] * 11 + ["Ann"], "s1": ["taste"] * 12,
                            "s2": ["price"] * 12, "s3": ["seal"] * 11 + ["Ann"]})  # fmt: skip
    asked = BestWorst.model_validate({"tasks": [{"best": "b", "worst": "w", "shown": ["s1", "s2", "s3"]}]})
    picks = picks_of(answers, asked, least=10)
    assert (picks.items, len(picks.best), picks.unused) == (["price", "seal", "taste"], 11, 1)


def test_the_best_is_chosen_of_all_and_the_worst_of_the_others():
    """Of three, 6 in 8 take the first as the best and 2 the second; the worst is the third throughout but twice."""
    answers = pd.DataFrame({"b1": ["taste"] * 6 + ["price"] * 2, "w1": ["seal"] * 5 + ["price", "taste", "seal"]})
    asked = {"tasks": [{"best": "b1", "worst": "w1", "items": ITEMS[:3]}]}
    tasks = tasks_of(picks_of(answers, BestWorst.model_validate(asked)))
    assert np.bincount(tasks.task).tolist() == [3, 2] * 8
    assert tasks.chosen.sum() == 16
    worth = np.r_[0, fit(tasks).worth]
    best = np.exp(worth) / np.exp(worth).sum()
    assert best[0] > best[1] > best[2]


def study_of(folder, frame: pd.DataFrame, more: str):
    frame.to_csv(folder / "survey.csv", index=False)
    text = f"study: a\ncurrency: EUR\ntables:\n  survey:\n    path: survey.csv\n{more}"
    (folder / "study.yml").write_text(text, encoding="utf-8")
    study = load_study(folder)
    tables = load_tables(study)
    return code_survey(tables, study), study


def planted(seed: int, people: int = 80) -> pd.DataFrame:
    """Four sets of three of four items; the first half of the people want taste, the second the seal."""
    rng = np.random.default_rng(seed)
    worth = np.where(np.arange(people)[:, None] < people // 2, [2.0, 0, 0, 0], [0, 0, 2.0, 0])
    frame = pd.DataFrame({"respondent_id": [f"R{i:03d}" for i in range(people)]})
    for place, left_out in enumerate((3, 2, 1, 0)):
        shown = [i for i in range(4) if i != left_out]
        liked = worth[:, shown] + rng.gumbel(size=(people, 3))
        best = liked.argmax(axis=1)
        disliked = np.where(np.eye(3, dtype=bool)[best], -np.inf, -worth[:, shown] + rng.gumbel(size=(people, 3)))
        names = np.array(ITEMS)[shown]
        frame[f"b{place}"], frame[f"w{place}"] = names[best], names[disliked.argmax(axis=1)]
    return frame


SETS = "".join(
    f"          - {{best: b{place}, worst: w{place}, items: [{', '.join(i for i in ITEMS if i != out)}]}}\n"
    for place, out in enumerate(("brand", "seal", "price", "taste"))
)
ASKED = f"    maxdiff:\n      reasons:\n        tasks:\n{SETS}"


def test_each_group_has_its_first_item_and_each_person_his_scores(tmp_path, personas_by_hand):
    survey, study = study_of(tmp_path, planted(1), ASKED)
    people = survey.answers["respondent_id"]
    found = best_and_worst(survey, personas_by_hand({n: "p1" if int(n[1:]) < 40 else "p2" for n in people}), study)
    assert found.table.groupby("id")["score"].sum().tolist() == pytest.approx([1, 1, 1])
    first = found.table.sort_values("score").groupby("id")["item"].last()
    assert first[["p1", "p2"]].to_dict() == {"p1": "taste", "p2": "seal"}
    assert found.table["n"].unique().tolist() == [80, 40]
    own = found.own.pivot(index="respondent_id", columns="item", values="score")
    assert (own.sum(axis=1) - 1).abs().max() < 1e-9
    assert (own.iloc[:40]["taste"].mean(), own.iloc[40:]["taste"].mean()) == pytest.approx((0.6, 0.12), abs=0.15)
    assert [line.key for line in found.told][:2] == ["best_worst.who", "best_worst.tied"]
    assert "best_worst.group" in [line.key for line in found.told]
    drawn = plot_scores(found.table, words=Words())
    assert drawn.get_title(loc="left") == "What matters most? reasons"
    assert len(drawn.get_yticklabels()) == 4


def test_too_few_people_and_an_item_that_is_always_best_are_told(tmp_path, personas_by_hand):
    survey, study = study_of(tmp_path, planted(1).head(19), ASKED)
    assert best_and_worst(survey, personas_by_hand({"R": "p"}), study).told[0].key == "best_worst.few"
    always = planted(1).assign(b0="taste", b1="taste", b2="taste", w0="price", w1="price", w2="seal")
    survey, study = study_of(tmp_path, always, ASKED)
    found = best_and_worst(survey, personas_by_hand({"R": "p"}), study)
    assert (found.told[0].key, found.table.empty) == ("best_worst.untold", True)


def test_columns_that_are_only_named_are_no_exercise(tmp_path, personas_by_hand):
    survey, study = study_of(tmp_path, planted(1), "    maxdiff: [b0, w0]\n    categorical: [b1]\n")
    assert best_and_worst(survey, personas_by_hand({"R": "p"}), study).told[0].key == "best_worst.none"


def test_a_column_that_the_file_has_not_is_named(tmp_path):
    with pytest.raises(DataError, match="column 'b9': no such column"):
        study_of(tmp_path, planted(1), ASKED.replace("best: b0", "best: b9"))


@pytest.mark.parametrize(
    ("task", "said"),
    [
        ("{best: b0}", "give either columns (item: header), or best and worst"),
        ("{best: b0, worst: w0}", "say what was offered"),
        ("{best: b0, worst: w0, items: [a, b]}", "at least three different items"),
        ("{columns: {a: b0, b: w0, c: b1}, best: b2, worst: w2}", "give either columns"),
        ("{best: b0, worst: w0, items: [a, b, c], shwon: [x]}", "unknown key"),
    ],
)
def test_faults_of_an_exercise_name_the_key(tmp_path, task, said):
    with pytest.raises(StudyError) as refused:
        study_of(tmp_path, planted(1), f"    maxdiff:\n      reasons: {{tasks: [{task}]}}\n")
    assert said in str(refused.value)
    assert "survey" in str(refused.value)
