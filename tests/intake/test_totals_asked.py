"""What init asks of the totals, and that each answer, put where it says, is obeyed."""

import dataclasses
import datetime as dt
from pathlib import Path

import pandas as pd
import yaml

from helpers.customers.totals import asked_about
from helpers.guesses import read_questions
from helpers.intake.export import Export
from helpers.intake.guess import write_study
from helpers.intake.totals_asked import questions_of
from helpers.run.checking import check_study
from helpers.study import Window, load_study
from helpers.words import Words

PLAIN = [(f"A{n}", f"p{n % 25}@example.org", f"2025-{n % 9 + 1:02}-{n % 27 + 1:02}", "5") for n in range(180)]
RESELLER = [*PLAIN, ("B1", "big@example.org", "2025-03-03", "400")]
GAP = [row for row in PLAIN if row[2][5:7] not in ("04", "05")]
SLIP = [*PLAIN, ("B1", "p1@example.org", "2019-03-03", "5")]


def asked(folder, rows, ask=None):
    """The study that init writes of orders, and its questions with their answers as values."""
    folder.mkdir()
    file = folder / "orders.csv"
    file.write_text("\n".join(map(",".join, [("Order", "Email", "Date", "Total"), *rows])), encoding="utf-8")
    path, _ = write_study([file], folder / "out", ask=ask)
    lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    stated = [line.removeprefix("#").strip() for line in lines if line.startswith("#   ")]
    return path, read_questions(path), [line for line in stated if line.startswith(("at the top", "n", "c"))]


def totals(path, **more):
    """What the study adds up to with more stated of its sales."""
    study = yaml.safe_load(path.read_text(encoding="utf-8"))
    study["tables"]["sales"] |= more
    changed = path.with_name("changed.yml")
    changed.write_text(yaml.safe_dump(study), encoding="utf-8")
    return check_study(load_study(changed)).totals


def test_nothing_is_asked_of_a_plain_shop(tmp_path):
    assert asked(tmp_path / "a", PLAIN)[1:] == ([], [])


def test_a_customer_with_much_of_the_money_is_asked_about_once(tmp_path):
    path, questions, answers = asked(tmp_path / "a", RESELLER)
    assert len(questions) == 1
    assert "big@example.org" in questions[0]
    assert [yaml.safe_load(answer) for answer in answers] == [
        {"nobody": ["big@example.org"]},
        {"not_goods": {"Email": {"test": ["big@example.org"]}}},
        "nothing to state",
    ]
    nobody, left_out = (totals(path, **yaml.safe_load(answer)) for answer in answers[:2])
    assert (nobody.customers, nobody.net) == (25, 1300)
    assert (left_out.customers, left_out.net) == (25, 900)


def test_a_month_without_orders_is_asked_about_until_the_window_leaves_it_out(tmp_path):
    path, questions, answers = asked(tmp_path / "a", GAP)
    assert "2 months have no order, 2025-04 and 2025-05 among them" in questions[0]
    stated = yaml.safe_load(answers[2].removeprefix("at the top: "))
    assert stated == {"window": {"start": dt.date(2025, 6, 1)}}
    assert "empty_month" in asked_about(totals(path))
    assert asked_about(totals(path), Window(**stated["window"])) == {}


def test_an_empty_month_is_one_of_the_bulk_and_not_before_a_stray_day(tmp_path):
    found = totals(asked(tmp_path / "a", GAP)[0])
    every = pd.period_range(found.months["month"].iloc[0], "2030-01", freq="M").astype("str")
    months = found.months.set_index("month").reindex(every).fillna(0).rename_axis("month").reset_index()
    months = months.assign(orders=10 * months["orders"])
    months.loc[months.index[-1], "orders"] = 1
    stray = dataclasses.replace(found, months=months)
    (question,) = questions_of(stray, {"empty_month": ""}, Export(Path("a.csv"), None, {}, None))
    assert question.answers[2].study == {"window": {"start": dt.date(2025, 6, 1)}}


def test_days_far_from_the_others_are_asked_about_one_by_one_or_as_a_bulk(tmp_path):
    _, questions, answers = asked(tmp_path / "a", SLIP)
    assert "Date, row 182: far from all other orders, which are from 2025-01-01 to 2025-09-27" in questions[0]
    assert len(answers) == 2
    found = totals(asked(tmp_path / "b", PLAIN)[0])
    every = found.months.set_index("month").reindex(pd.period_range("2021-01", "2025-09", freq="M").astype("str"))
    orders = (2 * every["orders"]).fillna(0).rename_axis("month").reset_index()  # 360, and one long before them
    stray = dataclasses.replace(found, months=orders.assign(orders=orders["orders"].where(orders.index > 0, 1)))
    told = Words().told(asked_about(stray))
    assert "1 order lies far from all others, in 2021-01" in told["stray_date"]
    (question,) = questions_of(stray, {"stray_date": told["stray_date"]}, Export(Path("a.csv"), None, {}, None))
    whole = {"start": dt.date(2025, 1, 1), "as_of": dt.date(2025, 9, 30)}
    assert question.answers[0].study == {"window": whole}
    assert asked_about(stray, Window(**whole)) == {}


def test_check_says_a_question_once(tmp_path):
    path, questions, _ = asked(tmp_path / "a", RESELLER)
    told = check_study(load_study(path)).told
    assert questions[0] not in told
    assert sum("customer" in getattr(text, "values", {}) for text in told) == 1


def test_what_is_answered_on_a_terminal_is_stated_and_not_asked_again(tmp_path):
    path, questions, _ = asked(tmp_path / "a", RESELLER, ask=lambda file, question: question.answers[0])
    assert questions == []
    assert load_study(path).tables.sales.nobody == ["big@example.org"]
