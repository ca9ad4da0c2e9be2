"""What a pattern tells to be private in six languages and more, and what looks like it and stays."""

import re
from pathlib import Path

import pytest
import yaml

from helpers.harmless import scrub

WRITTEN = yaml.safe_load(Path(__file__).with_name("private_in_answers.yml").read_text(encoding="utf-8"))
GONE = [text for texts in WRITTEN["gone"].values() for text in texts]
KEPT = [text for texts in WRITTEN["kept"].values() for text in texts]


def left(text: str) -> list[str]:
    """What can still be read of a text's private part: its numbers, and its words of three letters or more."""
    private = re.search("⟦(.*)⟧", text)[1]
    scrubbed = re.sub(r"\[[a-z-]+\]", "", scrub(text.replace("⟦", "").replace("⟧", "")))
    return [part for part in re.findall(r"\d+|[^\W\d_]{3,}", private) if re.search(rf"(?<!\w){part}(?!\w)", scrubbed)]


@pytest.mark.parametrize("text", GONE)
def test_private_parts_go_and_the_rest_stays(text):
    assert left(text) == []
    before, after = re.split("⟦.*⟧", text)
    scrubbed = scrub(text.replace("⟦", "").replace("⟧", ""))
    words = re.findall(r"[^\W\d_]{4,}", before + " " + after)
    gone = [word for word in words if word not in scrubbed]
    assert gone == []


@pytest.mark.parametrize("text", KEPT)
def test_orders_years_prices_and_plain_words_stay(text):
    assert scrub(text) == text


def test_an_account_is_told_by_its_check_digits():
    assert scrub("DE89370400440532013000") == "[iban]"
    assert scrub("DE88370400440532013000") != "[iban]"
