"""Order lines in typed Parquet: accounted for and counted as by the front door, which holds them in memory."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata

import numpy as np
import pandas as pd
import pytest
from typed_shop import SALES, lines_of, study_with

from helpers.contracts import DataError, StudyError
from helpers.customers.customers import as_of_today, build_customers
from helpers.customers.facts import engine
from helpers.customers.front_door import signs
from helpers.customers.typed_lines import features_of_lines, read_lines
from helpers.read.load import load_tables
from helpers.study import load_study


def test_the_account_and_the_features_are_those_of_the_front_door(tmp_path):
    study = load_study(study_with(tmp_path, lines_of(np.random.default_rng(3))))
    tables = load_tables(study)
    known = next(account for account in tables.accounts if account.table == "sales")
    today = as_of_today(tables, build_customers(tables, study), study).features
    with engine() as backend:
        found, account = features_of_lines(backend, study)
        frame = backend.to_pyarrow(found).to_pandas().sort_values("customer_id", ignore_index=True)
    counts = ("rows_in", "rows_used", "rows_repaired", "rows_quarantined")
    assert [getattr(account, name) for name in counts] == [getattr(known, name) for name in counts]
    assert counted(account) == counted(known)
    assert {i.code: i.rows for i in account.issues}["no_person"] == 5
    pd.testing.assert_frame_equal(frame, today, check_dtype=False, rtol=1e-12)


def counted(account) -> list[tuple]:
    """What is told of rows, but for findings that this reading says it does not look for."""
    return sorted(
        (i.code, i.severity, i.column, i.rows, i.money) for i in account.issues if i.rows and i.code != "outlier"
    )


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("amount", [1e16, -1e16, np.inf, -np.inf, np.nan, 1e15, 0.0, -0.0]),
        ("quantity", [1e16, np.inf, np.nan, 0.0, -1.0]),
        ("unit_cost", [1e300, -np.inf, np.nan, -5.0]),
        (
            "ordered_at",
            [
                pd.Timestamp("0001-01-01"),
                pd.Timestamp("1989-12-31"),
                pd.Timestamp("9999-12-31"),
                pd.NaT,
                pd.Timestamp("1970-01-01"),
                pd.Timestamp("2200-01-01"),
            ],
        ),
        ("who", ["", "   ", "0", "-1", "NaN", "null", "Guest", "guest@x.org", "c\tx"]),
        ("order_id", ["", "  ", "nan", "NA", " 7 "]),
        (
            "who",
            [
                "c\u200b01",
                "\u00a0c02",
                "c03\u3000",
                "\ufeffc04",
                "c\x0105",
                "c\u200c06",
                " \u2003\tc07",
                "\u200b",
                "ёж",
            ],
        ),
        ("order_id", ["1\u00ad", "\u20602", "\x1f3", "\x85\u200f4\u200f ", "caf\u00e9 1"]),
        ("Status", ["ＰＡＩＤ", "paid\u00a0", "PA\u0130D", "pa\u200bid", "\u3000"]),
        ("channel", ["", " ", "web ", "€"]),
        ("Status", ["PAID", " paid", "Paid ", "", "pa id"]),
    ],
)
def test_odd_values_are_what_they_are_at_the_front_door(tmp_path, column, values):
    """Row accounts and findings by both doors, of a table into which only these values are put."""
    frame = lines_of(np.random.default_rng(4)).iloc[100:].reset_index(drop=True)
    frame["Status"] = "paid"
    if column == "ordered_at":
        frame[column] = frame[column].astype("M8[us]")
    frame.loc[: len(values) - 1, column] = pd.Series(values, dtype=frame[column].dtype)
    study = load_study(study_with(tmp_path, frame))
    known = next(account for account in load_tables(study).accounts if account.table == "sales")
    with engine() as backend:
        account = read_lines(backend, study).account
    left_out = {"far_date", "repeated_line"}  # what wants all lines beside one another
    assert [one for one in counted(account) if one[0] not in left_out] == [
        one for one in counted(known) if one[0] not in left_out
    ]


@pytest.mark.parametrize(
    ("cells", "listed", "kept"),
    [
        (np.array([5.0, 5.5, np.nan]), "[5]", 1),
        (np.array([5.0, 5.5, np.nan]), "[5, '']", 2),
        (np.array([5, 6, 50]), "['5.0', 6]", 2),
        (np.array([True, False, True]), "['true']", 2),
        (np.array(["5.0", "5", "5.00"], object), "[5]", 2),
    ],
)
def test_cells_that_are_listed_are_compared_as_at_the_front_door(tmp_path, cells, listed, kept):
    frame = lines_of(np.random.default_rng(5)).iloc[100:].reset_index(drop=True)
    frame["Status"] = np.tile(cells, len(frame))[: len(frame)]
    sales = f"path: lines, columns: {{customer_id: who}}, where: {{Status: {listed}}}"
    study = load_study(study_with(tmp_path, frame, sales, "accept_set_aside: 0.99\n"))
    known = next(account for account in load_tables(study).accounts if account.table == "sales")
    with engine() as backend:
        account = read_lines(backend, study).account
    gone = [sum(i.rows for i in one.issues if i.code == "not_kept") for one in (account, known)]
    assert gone[0] == gone[1]
    assert abs(len(frame) - gone[0] - len(frame) * kept / 3) <= 2


def test_a_column_that_is_none_to_choose_by_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("helpers.customers.front_door.MOST_CELLS", 1)
    study = load_study(study_with(tmp_path, lines_of(np.random.default_rng(5))))
    with engine() as backend, pytest.raises(StudyError, match="Status has more than 1 different cells"):
        read_lines(backend, study)


def test_ids_that_want_composing_are_set_aside_and_told_and_so_is_what_is_not_compared(tmp_path):
    frame = lines_of(np.random.default_rng(4)).iloc[100:].reset_index(drop=True)
    frame["Status"], frame["line_id"] = "paid", 7
    frame.loc[:1, "who"] = ["cafe\u0301", "caf\u00e9"]  # the front door reads them as one
    with engine() as backend:
        account = read_lines(backend, load_study(study_with(tmp_path, frame))).account
    told = {issue.code: (issue.severity, issue.rows) for issue in account.issues}
    assert told["id_composed"] == ("quarantined", 1)
    assert told["lines_not_compared"] == ("warning", 0)


def test_classes_of_signs_say_what_unicode_says():
    """Of 40,000 random texts: what has none of the signs that compose is in NFC; Python strips the blanks alone."""
    rng, (unseen, blank, composed) = np.random.default_rng(6), signs()
    known = [chr(code) for code in range(0x20, 0x110000) if unicodedata.category(chr(code)) not in ("Cn", "Cs", "Co")]
    marks = ["", *(sign for sign in known if unicodedata.combining(sign))]
    drawn = zip(rng.integers(0, len(known), (40_000, 3)), rng.integers(0, len(marks), 40_000), strict=True)
    for places, mark in drawn:
        text = "".join(known[place] for place in places) + marks[mark]
        assert re.search(f"[{composed}]", text) or unicodedata.is_normalized("NFC", text)
    for sign in known:
        assert bool(re.match(f"[{unseen}]", sign)) == (
            unicodedata.category(sign) == "Cf" and sign not in "\u200c\u200d"
        )
        assert ord(sign) < 0x80 or bool(re.match(f"[{blank}]", sign)) == (not sign.strip())


def test_a_table_counted_by_hand(tmp_path):
    day = pd.Timestamp("2025-03-01")
    frame = pd.DataFrame(
        {
            "customer_id": [7, 7, 8], "order_id": [1, 2, 3], "ordered_at": [day, day, day + pd.Timedelta(days=9)],
            "unit_price": [5, 2, 4], "quantity": [2, -1, 1],
        }
    )  # fmt: skip
    study = load_study(study_with(tmp_path, frame, "path: lines"))
    with engine() as backend:
        lines = read_lines(backend, study)
        kept = backend.to_pyarrow(lines.kept).to_pandas().sort_values("order_id", ignore_index=True)
    assert (lines.first, lines.last) == (dt.date(2025, 3, 1), dt.date(2025, 3, 10))
    assert kept["customer_id"].tolist() == ["7", "7", "8"]
    assert kept["amount"].tolist() == [10.0, -2.0, 4.0]
    assert kept["is_return"].tolist() == [False, True, False]


def test_what_it_cannot_do_is_refused_with_the_mend(tmp_path):
    frame = lines_of(np.random.default_rng(3))
    for place, (sales, changes, fault, words) in enumerate(
        [
            ("path: lines", {"who": "nobody"}, DataError, "column customer_id .* is missing"),
            (SALES, {"amount": "text"}, DataError, "column amount is string, and amount must be typed as integer"),
            (f"{SALES}, read: {{decimal: ','}}", {}, StudyError, r"read.decimal cannot be followed"),
            (SALES, {"currency": ["EUR", "USD"] * 300}, DataError, "money in EUR and USD|money in EUR, USD"),
            (SALES, {"order_total": 5.0}, DataError, "order_total .* is not followed"),
            (SALES, {"who": "Guest"}, DataError, "of the money is nobody's|no line is left"),
        ]
    ):
        study = load_study(study_with(tmp_path / str(place), frame.assign(**changes), sales))
        with engine() as backend, pytest.raises(fault, match=words):
            features_of_lines(backend, study)


def test_more_set_aside_than_the_study_accepts_is_refused(tmp_path):
    study = load_study(study_with(tmp_path, lines_of(np.random.default_rng(3)), more="accept_set_aside: 0.0\n"))
    with engine() as backend, pytest.raises(DataError, match=r"would be set aside \(.*missing_value.*accept_set_aside"):
        features_of_lines(backend, study)


def test_other_lines_of_the_same_layout(tmp_path):
    study = load_study(study_with(tmp_path, lines_of(np.random.default_rng(3))))
    with engine() as backend:
        one = features_of_lines(backend, study, [str(tmp_path / "lines" / "a.parquet")])[1]
        with pytest.raises(DataError, match=r"nothing.parquet"):
            features_of_lines(backend, study, [str(tmp_path / "nothing.parquet")])
    assert one.rows_in == 300


def test_white_space_at_either_end_of_a_key_is_taken_off(tmp_path):
    keys = ["a", " a", "a ", "\ta\n", "b\u00e9 "]
    frame = pd.DataFrame(
        {"customer_id": keys, "order_id": list("12345"), "ordered_at": pd.Timestamp("2025-03-01"), "amount": 1.0}
    )
    study = load_study(study_with(tmp_path, frame, "path: lines"))
    with engine() as backend:
        lines = read_lines(backend, study)
        kept = backend.to_pyarrow(lines.kept).to_pandas().sort_values("order_id")
    assert kept["customer_id"].tolist() == ["a", "a", "a", "a", "b\u00e9"]
    assert {issue.code: issue.rows for issue in lines.account.issues} == {"id_spaces": 4}
