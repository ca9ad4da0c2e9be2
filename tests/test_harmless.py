"""Scrubbing, small cells and spreadsheet cells: examples by hand and properties."""

from __future__ import annotations

import csv
import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.harmless import neutralise, pair_direction_controls, safe_csv, scrub

# --- text --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "scrubbed"),
    [
        ("Пишите: anna.k+shop@mail.example.ru!", "Пишите: [e-mail]!"),
        ("see https://x.example/a?b=1 or www.shop.ge", "see [link] or [link]"),
        ("t.me/ivan_k, @ivan_k", "[link], [account]"),
        ("+7 (701) 123-45-67 или 8 701 123 45 67", "[phone] или [phone]"),
        ("тел.87011234567", "тел.[phone]"),
        ("۰۹۱۲۳۴۵۶۷۸۹ زنگ بزنید", "[phone] زنگ بزنید"),
        ("555-12-34, 123-4567", "[phone], [phone]"),
        ("card 4111 1111 1111 1111.", "card [card]."),
        ("no card 4111 1111 1111 1112", "no card [number]"),
        ("2025-01-06 10:30, 12.05.2024, 12/31/2024", "2025-01-06 10:30, 12.05.2024, 12/31/2024"),
        ("1 500 000 сум, 12.50, 3 шт.", "1 500 000 сум, 12.50, 3 шт."),
        ("იყიდა ორი ქილა", "იყიდა ორი ქილა"),
    ],
)
def test_scrub_replaces_what_leads_to_a_person_and_nothing_else(text, scrubbed):
    assert scrub(text) == scrubbed


@settings(max_examples=150, deadline=None)
@given(
    st.text("aб ქس,.-", max_size=12),
    st.from_regex(r"\A[a-z][a-z0-9._]{0,8}@[a-z]{2,8}\.(com|ru|ge)\Z"),
    st.from_regex(r"\A\+[1-9][0-9]{2} ?[0-9]{3}[- ]?[0-9]{2}[- ]?[0-9]{2}\Z"),
    st.text("aб ქس,", max_size=12),
)
def test_no_address_and_no_number_survives(before, email, phone, after):
    scrubbed = scrub(f"{before} {email} {phone} {after}")
    assert "@" not in scrubbed
    assert re.search(r"\d{2}", scrubbed) is None
    assert scrubbed.endswith(after)
    assert scrub(scrubbed) == scrubbed


# --- spreadsheets ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "'="])
def test_text_like_a_formula_is_prefixed(start):
    assert neutralise(f"{start}1+1") == f"'{start}1+1"


@pytest.mark.parametrize("value", [-5, 2.5, -0.0, None, True, "a=b", "'quoted'", "", "۱۲", "5-6"])
def test_numbers_and_harmless_text_stay(value):
    assert neutralise(value) is value or neutralise(value) == value


@settings(max_examples=300, deadline=None)
@given(st.text(st.sampled_from("='+-@\t\r\nab 1ქ"), max_size=8))
def test_the_original_can_be_had_back(text):
    safe = neutralise(text)
    assert not safe.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "\0"))
    prefixed = re.match(r"''*[=+\-@\t\r\n\0]", safe) is not None
    assert (safe[1:] if prefixed else safe) == text


def test_lone_direction_controls_go_and_pairs_stay():
    assert pair_direction_controls("a\u202eb") == "ab"
    assert pair_direction_controls("\u2067سلام\u2069\u2069") == "\u2067سلام\u2069"
    assert pair_direction_controls("\u202a\u2067a\u202c\u2069") == "\u2067a\u2069"
    assert pair_direction_controls("می\u200cشود\u200f") == "می\u200cشود\u200f"
    assert neutralise("\u202e=1") == "'=1"


def test_a_csv_opens_without_running_anything(tmp_path):
    frame = pd.DataFrame(
        {
            "=id": ["+7701", "00123", 'x"\r=1+1'],
            "name": pd.Series(["@анна", None, "ფულა"], dtype="str"),
            "value": [-1.5, 2, np.nan],
            "kind": pd.Categorical(["-a", "b", "b"]),
        }
    )
    safe_csv(frame, tmp_path / "a.csv")
    raw = (tmp_path / "a.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert rows == [
        ["'=id", "name", "value", "kind"],
        ["'+7701", "'@анна", "-1.5", "'-a"],
        ["00123", "", "2.0", "b"],
        ['x"\r=1+1', "ფულა", "", "b"],
    ]
    assert frame["=id"].tolist()[0] == "+7701"  # the caller's frame is as it was
