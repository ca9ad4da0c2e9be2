"""Scrubbing, small cells and spreadsheet cells: examples by hand and properties."""

from __future__ import annotations

import csv
import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.privacy import neutralise, pair_direction_controls, safe_csv, scrub, suppress

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


# --- small cells -------------------------------------------------------------------------------------------------


def cells(*counts: int) -> pd.DataFrame:
    return pd.DataFrame({"n": counts, "share": np.arange(len(counts)) / 10})


def test_a_small_cell_takes_the_next_smallest_with_it():
    shown = suppress(cells(3, 40, 25, 0), "n", 10, values=["share"])
    assert shown["shown"].tolist() == ["<10", "40", "withheld", "0"]
    assert shown["n"].tolist()[1::2] == [40, 0]
    assert shown["n"].isna().tolist() == shown["share"].isna().tolist() == [True, False, True, False]


def test_two_small_cells_need_no_third_when_they_hold_enough_together():
    assert suppress(cells(6, 7, 50), "n", 10)["shown"].tolist() == ["<10", "<10", "50"]
    assert suppress(cells(3, 4, 50), "n", 10)["shown"].tolist() == ["<10", "<10", "withheld"]


def test_a_total_that_is_a_small_cell_itself_goes_whole():
    assert suppress(cells(4, 0, 0), "n", 10)["shown"].tolist() == ["<10", "withheld", "withheld"]


def test_nothing_is_withheld_without_need():
    frame = cells(10, 11, 0).set_axis([7, 8, 9])
    shown = suppress(frame, "n", 10)
    assert shown["n"].tolist() == [10, 11, 0]
    assert shown.index.tolist() == [7, 8, 9]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 40), min_size=1, max_size=12), st.integers(5, 12))
def test_nothing_under_k_is_left_after_subtracting_from_the_total(counts, k):
    hidden = suppress(cells(*counts), "n", k)["n"].isna().to_numpy()
    people = np.array(counts)
    assert not ((people[~hidden] > 0) & (people[~hidden] < k)).any()
    if hidden.any() and people.sum() >= k:
        assert people[hidden].sum() >= k
        assert (people[hidden] > 0).sum() >= 2 or hidden.all()


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 4), st.integers(2, 4), st.randoms(use_true_random=False))
def test_nothing_under_k_is_left_in_any_row_or_column(rows, columns, random):
    table = pd.DataFrame(
        [(row, column, random.randint(0, 30)) for row in range(rows) for column in range(columns)],
        columns=["row", "column", "n"],
    )
    shown = suppress(table, "n", 10, margins=[["row"], ["column"]])
    for margin in ("row", "column"):
        for _, line in table.assign(hidden=shown["n"].isna()).groupby(margin):
            lost = line.loc[line["hidden"], "n"]
            assert line.loc[~line["hidden"], "n"].between(1, 9).sum() == 0
            enough = lost.sum() >= 10 and (lost > 0).sum() >= 2  # one alone would be the total less the rest
            assert lost.empty or enough or len(lost) == len(line)


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
