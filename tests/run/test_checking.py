"""What `personas check` tells before anything is run, on the sample study with one fault put in."""

import datetime as dt
import json
import shutil
from pathlib import Path

import pytest

from helpers import cli, words
from helpers.contracts import DataError, StudyError
from helpers.run.checking import check_study
from helpers.run.stages import Session
from helpers.study import load_study

SAMPLE = Path(__file__).parents[2] / "data" / "sample"


@pytest.fixture
def checked(tmp_path):
    """Lines of a check of the sample with edits in study.yml, and with other files in place of its own."""
    shutil.copytree(SAMPLE, tmp_path / "study")

    def check(*edits, **files):
        text = (SAMPLE / "study.yml").read_text(encoding="utf-8")
        for wrong, right in edits:
            assert wrong in text
            text = text.replace(wrong, right)
        (tmp_path / "study" / "study.yml").write_text(text, encoding="utf-8")
        for name, content in files.items():
            (tmp_path / "study" / f"{name}.yml").write_text(content, encoding="utf-8")
        seen = check_study(load_study(tmp_path / "study"))
        assert seen.fault is None
        return seen.told

    return check


def test_the_sample_is_told_file_by_file_and_answer_by_answer_and_nothing_is_untestable(checked):
    lines = checked()
    assert lines[0].values["path"] == "sales.csv"
    assert [line.values["n"] for line in lines if line.key == "survey.checks.respondents"] == [575]
    assert {line.key.split(".")[0] for line in lines} == {"data", "survey", "totals"}


def test_arms_and_gambles_that_nobody_answered_are_named(checked):
    *_, arm, gambles, neither = checked(
        ("treatment: cheap", "treatment: cheep"), ("chose_a: [accept]", "chose_a: [acept]")
    )
    assert (arm.key, arm.values["id"]) == ("hypotheses.unreadable", "relative_saving")
    assert arm.values["reason"].values["arms"] == "cheep"
    assert gambles.key == "hypotheses.gambles.alike"
    assert neither.key == "hypotheses.gambles.neither"


def test_a_reserved_column_that_nothing_knows_ends_the_check(checked):
    with pytest.raises(StudyError, match=r"personas\.reserve: .*marjin"):
        checked(("reserve: [margin", "reserve: [marjin"))


def test_a_codebook_that_cannot_be_read_ends_the_check(checked):
    with pytest.raises(StudyError, match=r"codebook\.yml: not YAML"):
        checked(codebook="x: [")


# --- as one object -----------------------------------------------------------------------------------------------


def lines_of(customers, days=40):
    """An order of 10 a customer every day but the last ten, when every second one orders."""
    header = "customer_id,order_id,ordered_at,amount\n"
    rows = [
        f"c{i},{i}-{day},{dt.date(2025, 1, 1) + dt.timedelta(days=day)},10.00"
        for i in range(customers)
        for day in range(0, days, 3)
        if day < days - 10 or i % 2
    ]
    return header + "\n".join(rows) + "\n"


@pytest.fixture
def shop(tmp_path, capsys):
    """Write a small shop and run ``check --json``: exit code, the object, standard error."""

    def run(sales, more="", name="sales.csv"):
        (tmp_path / name).write_text(sales, encoding="utf-8")
        study = f"study: shop\ncurrency: EUR\ntables: {{sales: {{path: sales.csv}}}}\n{more}"
        (tmp_path / "study.yml").write_text(study, encoding="utf-8")
        with pytest.raises(SystemExit) as ended:
            cli.main(["check", str(tmp_path), "--json"])
        out, err = capsys.readouterr()
        return ended.value.code or 0, json.loads(out) if out else None, err

    return run


def test_a_good_study_is_one_object_with_its_totals_and_the_guesses_of_init(shop):
    guess = (
        "# guessed: sales.amount = Sum | its sum is the total | else Total; Tax\n# guessed: language = en | all words\n"
    )
    code, found, err = shop(lines_of(40), guess)
    assert (code, err) == (0, "")
    assert list(found) == ["schema", "study", "ok", "totals", "survey", "guesses", "issues"]
    assert (found["schema"], found["study"], found["ok"], found["survey"]) == (1, "shop", True, None)
    assert found["totals"]["customers"] == 40
    assert found["guesses"] == [
        {"what": "sales.amount", "taken": "Sum", "because": "its sum is the total", "else": ["Total", "Tax"]},
        {"what": "language", "taken": "en", "because": "all words", "else": []},
    ]
    assert {issue["severity"] for issue in found["issues"]} <= {"warning"}


@pytest.mark.parametrize(
    ("sales", "code", "totals"),
    [
        (lines_of(29), "refused", True),  # too few to be sliced, and yet counted
        (lines_of(40).replace("amount", "sum"), "missing_column", False),
        (lines_of(2), "too_few", False),
        ("", "not_readable", False),
    ],
)
def test_refused_data_are_the_same_object_with_the_error_among_its_issues(shop, sales, code, totals):
    exit_code, found, err = shop(sales)
    assert exit_code == 3
    assert err.startswith("personas: ")
    assert not found["ok"]
    assert [issue["code"] for issue in found["issues"] if issue["severity"] == "error"] == [code]
    assert (found["totals"] is not None) is totals


def test_what_is_wrong_with_the_data_is_said_in_the_studys_language(shop, tmp_path, monkeypatch):
    for language in ("en", "fr"):
        shutil.copytree(words.LOCALE / "en", tmp_path / "locale" / language)
    french = tmp_path / "locale" / "fr" / "reading.yml"
    french.write_text(french.read_text(encoding="utf-8").replace("need at least", "il en faut"), encoding="utf-8")
    monkeypatch.setattr(words, "LOCALE", tmp_path / "locale")
    words.catalogue.cache_clear()
    try:
        _, found, err = shop(lines_of(2), "language: fr\n")
        with pytest.raises(DataError, match="il en faut 3"):  # in a run, too
            Session("", load_study(tmp_path), tmp_path / "work", {})["tables"]
    finally:
        words.catalogue.cache_clear()
    told = "2 customers in usable rows; il en faut 3 to read a study at all"
    assert err.startswith(f"personas: sales.csv: {told}")
    assert told in [issue["text"] for issue in found["issues"]]


def test_a_wrong_study_has_no_object(shop):
    code, found, err = shop(lines_of(40), "colour: red\n")
    assert (code, found) == (2, None)
    assert "colour" in err


def test_a_survey_is_told_with_its_questions(tmp_path, capsys):
    answers = "".join(f"{i % 5 + 1},{'tea' if i % 4 else 'coffee'}\n" for i in range(40))
    (tmp_path / "survey.csv").write_text("rate,drink\n" + answers, encoding="utf-8")
    study = "study: asked\ntables: {survey: {path: survey.csv, likert: {items: [rate]}, categorical: [drink]}}\n"
    (tmp_path / "study.yml").write_text(study, encoding="utf-8")
    with pytest.raises(SystemExit) as ended:
        cli.main(["check", str(tmp_path), "--json"])
    assert ended.value.code in (None, 0)
    found = json.loads(capsys.readouterr().out)
    assert found["totals"] is None
    survey = found["survey"]
    assert (survey["respondents"], survey["matched"], survey["set_aside"]) == (40, 0, 0)
    rate, drink = sorted(survey["questions"], key=lambda question: question["name"], reverse=True)
    assert (rate["kind"], rate["n"], rate["mean"]) == ("likert", 40, 3.0)
    assert (drink["kind"], drink["mean"], drink["shares"]) == ("categorical", None, {"tea": 0.75, "coffee": 0.25})
