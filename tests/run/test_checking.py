"""What `personas check` tells before anything is run, on the sample study with one fault put in."""

import shutil
from pathlib import Path

import pytest

from helpers.contracts import StudyError
from helpers.run.checking import check_study
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
        return check_study(load_study(tmp_path / "study"))

    return check


def test_the_sample_is_told_file_by_file_and_answer_by_answer_and_nothing_is_untestable(checked):
    lines = checked()
    assert lines[0].values["path"] == "sales.csv"
    assert [line.values["n"] for line in lines if line.key == "survey.checks.respondents"] == [574]
    assert {line.key.split(".")[0] for line in lines} == {"data", "survey"}


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
