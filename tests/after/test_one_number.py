"""What a reader meets twice is one number: the page's beliefs, notebooks 05, 08 and 09 and the curve tell the same."""

import html
import re

import pytest

from helpers.words import Words

WORDS = Words("en", "EUR")
PRESSED = "followed by unsubscribing"


@pytest.fixture(scope="module")
def beliefs(sample_run):
    return {result["id"]: result for result in sample_run.published("hypotheses")["results"]}


def effect(belief: dict, measure: str, label: str) -> dict:
    return next(e for e in belief["effects"] if (e["measure"], e["label"]) == (measure, label))


def in_words(effect: dict) -> tuple[str, str]:
    return WORDS.points(effect["estimate"]), WORDS.interval(effect["ci_low"], effect["ci_high"], "points")


def rows_of(notebook: str) -> list[list[str]]:
    """The cells of every row of every table that a notebook shows."""
    rows = re.findall(r"<tr>(.*?)</tr>", notebook, flags=re.DOTALL)
    return [[html.unescape(re.sub("<[^>]+>", "", cell)).strip() for cell in re.findall(r"<td.*?</td>", row, re.DOTALL)]
            for row in rows]  # fmt: skip


def test_the_gap_after_a_complaint_is_one_number(sample_run, beliefs):
    told = effect(beliefs["bad_experience"], "risk difference", "complained")
    assert told["ci_low"] > 0.05
    for notebook in ("05_voice", "09_leads"):
        for number in in_words(told):
            assert number in sample_run.notebook(notebook)
    row = next(row for row in rows_of(sample_run.notebook("05_voice")) if row[:1] == ["a complaint"])
    assert row[5:8] == [WORDS.percent(told[key], 1) for key in ("estimate", "ci_low", "ci_high")]


def test_unsubscribing_after_messages_is_one_number(sample_run, beliefs):
    """The belief's interval holds for all that it compares and is wider than that of the curve."""
    told = effect(beliefs["contact_pressure"], "risk difference", PRESSED)
    for notebook in ("05_voice", "08_channels"):
        assert in_words(told)[0] in sample_run.notebook(notebook)


def test_the_gap_between_importance_and_performance_is_one_number(sample_run, beliefs):
    told = {e["label"]: e for e in beliefs["importance_performance"]["effects"]}
    every = [row for row in rows_of(sample_run.notebook("05_voice")) if row[:1] == ["everybody who answered"]]
    rows = {row[1]: row[4] for row in every if "%" not in row[4]}
    assert len(told) == len(rows) == 4
    for attribute, gap in rows.items():  # the belief's intervals hold for all four together
        assert gap == f"{told[attribute]['estimate']:.2f}".replace("-", "−")
