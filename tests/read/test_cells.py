"""Cells of a column: numbers, times, flags and ids, as people and programs write them."""

import numpy as np
import pandas as pd
import pytest

from helpers.read import cells
from helpers.written import numbers


def column(*texts: str) -> pd.Series:
    return pd.Series(texts, dtype="str")


def codes(typed: cells.Typed) -> dict[str, tuple[str, int]]:
    """Severity and number of rows of each finding."""
    return {finding.code: (finding.severity, int(finding.rows.sum())) for finding in typed.findings}


@pytest.mark.parametrize(
    ("text", "decimal", "thousands", "value"),
    [
        ("12.5", ".", None, 12.5), (" -3 ", ".", None, -3), ("1e3", ".", None, 1000), ("12,50", ",", None, 12.5),
        ("1 250,50", ",", " ", 1250.5), ("1\u00a0250,50", ",", " ", 1250.5), ("1\u202f250\u202f000", ",", " ", 1250000),
        ("1.250,50", ",", ".", 1250.5), ("1,250.50", ".", ",", 1250.5), ("1'250.50", ".", "'", 1250.5),
        ("€12.50", ".", None, 12.5), ("12,50 €", ",", None, 12.5), ("-$5", ".", None, -5), ("$-5", ".", None, -5),
        ("10 руб.", ".", None, 10), ("1 000 ₽", ",", " ", 1000), ("−7", ".", None, -7), ("۱۲٫۵", ".", None, 12.5),
        ("١٢", ".", None, 12), ("500 so'm", ".", None, 500),
    ],
)  # fmt: skip
def test_numbers_as_people_write_them(text, decimal, thousands, value):
    assert cells.numbers(column(text), decimal, thousands).values.tolist() == [value]


@pytest.mark.parametrize(
    ("text", "decimal", "thousands"),
    [
        ("1,250.50", ".", None), ("1 250", ".", None), ("1.250", ",", None), ("12 34", ".", " "), ("1,25", ".", ","),
        ("0x1A", ".", None), ("1_000", ".", None), ("abc", ".", None), ("12.5.6", ".", None), ("5 apples", ".", None),
        ("$5€", ".", None), ("True", ".", None),
    ],
)  # fmt: skip
def test_what_is_no_number_is_set_aside_and_never_guessed(text, decimal, thousands):
    typed = cells.numbers(column("1", "2", text), decimal, thousands)
    assert typed.values.isna().tolist() == [False, False, True]
    assert codes(typed) == {"unreadable_number": ("quarantined", 1)}


def test_wild_numbers_are_set_aside():
    typed = cells.numbers(column("1", "1e308", "inf", "-inf", "1e400"))
    assert codes(typed) == {"number_too_large": ("quarantined", 4)}
    assert typed.values.notna().sum() == 1


def test_one_currency_is_dropped_and_two_are_an_error():
    assert codes(cells.numbers(column("€5", "7 eur", "8"))) == {"currency_sign": ("repaired", 2)}
    mixed = cells.numbers(column("€5", "$7", "8"))
    assert codes(mixed) == {"mixed_currencies": ("error", 2)}
    assert mixed.findings[0].text.values == {"signs": ("$", "€")}


def test_signs_for_nothing_are_missing_and_not_unreadable():
    typed = cells.numbers(column("", "NA", "null", "-", "5"))
    assert typed.values.tolist()[-1] == 5
    assert typed.values.isna().sum() == 4
    assert typed.findings == ()


def test_most_cells_unreadable_is_an_error_that_shows_shapes_and_no_content():
    typed = cells.numbers(column("Anna", "Olga", "5"))
    assert codes(typed) == {"unreadable_number": ("error", 2)}
    assert typed.findings[0].text.values["shapes"] == ("Aaaa",)


@pytest.mark.parametrize(
    ("texts", "sep", "decimal", "doubt"),
    [
        (("1.5", "2"), ",", ".", ""), (("1,5", "2"), ";", ",", ""), (("1,5",), ",", ",", "comma_separated"),
        (("1,5", "1.5"), ";", ".", "two_marks"),
        (("1,5", "1.5"), None, ",", ""), (("1,250", "2,500"), ";", ",", "three_digits"),
        (("1.250", "2.500"), ";", ".", "three_digits"), (("1.250", "2.500"), ",", ".", ""),
        (("0,125",), ";", ",", ""), (("1.250,5", "3,5"), ";", ",", ""), (("1,250.5",), ",", ".", ""),
        ((), ";", ".", ""),
    ],
)  # fmt: skip
def test_the_decimal_mark_is_told_from_the_data_or_doubted(texts, sep, decimal, doubt):
    mark, _, told = numbers.form_of(column(*texts), sep=sep)
    assert mark == decimal
    assert told.key == f"written.doubt.{doubt}" if doubt else told == ""


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2025-03-01", "2025-03-01"), ("2025-03-01 10:20", "2025-03-01 10:20"),
        ("2025-03-01T10:20:30", "2025-03-01 10:20:30"),
        ("2025/03/04", "2025-03-04"), ("25.03.2025", "2025-03-25"), ("25/3/25 9:05", "2025-03-25 09:05"),
        ("3/25/2025 9:05 PM", "2025-03-25 21:05"), ("3/25/2025 12:05:01 AM", "2025-03-25 00:05:01"),
        ("25-03-2025, 10:20", "2025-03-25 10:20"), ("45741", "2025-03-25"), ("45741.5", "2025-03-25 12:00"),
        ("۲۵.۰۳.۲۰۲۵", "2025-03-25"),
    ],
)  # fmt: skip
def test_times_as_people_and_spreadsheets_write_them(text, moment):
    assert cells.times(column(text)).values.tolist() == [pd.Timestamp(moment)]


def test_day_and_month_are_told_from_the_whole_column():
    day_first = cells.times(column("01.02.2025", "13.02.2025"))
    assert day_first.values.tolist() == [pd.Timestamp("2025-02-01"), pd.Timestamp("2025-02-13")]
    assert codes(day_first) == {"date_order": ("repaired", 2)}
    month_first = cells.times(column("01/02/2025", "02/13/2025"))
    assert month_first.values.tolist() == [pd.Timestamp("2025-01-02"), pd.Timestamp("2025-02-13")]


def test_dates_that_both_orders_fit_are_an_error_unless_a_format_is_stated():
    both = column("01/02/2025", "03/04/2025")
    assert codes(cells.times(both)) == {"ambiguous_dates": ("error", 2)}
    stated = cells.times(both, "%d/%m/%Y")
    assert stated.values.tolist() == [pd.Timestamp("2025-02-01"), pd.Timestamp("2025-04-03")]
    assert stated.findings == ()


def test_the_same_day_and_month_is_no_doubt():
    assert cells.times(column("05.05.2025")).values.tolist() == [pd.Timestamp("2025-05-05")]


def test_two_orders_in_one_column_are_an_error_that_names_the_few():
    typed = cells.times(column("13/02/2025", "14/02/2025", "02/15/2025"))
    assert codes(typed) == {"mixed_date_orders": ("error", 1)}
    assert typed.findings[0].rows.tolist() == [False, False, True]


@pytest.mark.parametrize("text", ["31.02.2025", "2025-13-01", "yesterday", "2025-01-01 25:00", "1.2.3.4", "10:20"])
def test_what_is_no_date_is_set_aside(text):
    typed = cells.times(column("2025-01-01", "2025-01-02", text))
    assert codes(typed) == {"unreadable_date": ("quarantined", 1)}


def test_serial_day_numbers_are_repaired():
    assert codes(cells.times(column("45741", "2025-01-01"))) == {"excel_serial_date": ("repaired", 1)}


def test_offsets_go_to_the_declared_zone_or_must_agree():
    same = column("2025-01-01T10:00:00Z", "2025-07-01T10:00:00Z")
    assert cells.times(same, timezone="Europe/Berlin").values.dt.hour.tolist() == [11, 12]
    as_written = cells.times(same)
    assert as_written.values.dt.hour.tolist() == [10, 10]
    assert codes(as_written) == {"offset_kept": ("warning", 2)}
    mixed = cells.times(column("2025-01-01T10:00:00Z", "2025-07-01T10:00:00+02:00"))
    assert codes(mixed) == {"mixed_zones": ("error", 2)}


def test_a_format_with_an_offset_needs_a_zone():
    moments = column("06.01.2025 10:00 +0200", "06.01.2025 10:00 +0300")
    assert codes(cells.times(moments, "%d.%m.%Y %H:%M %z")) == {"mixed_zones": ("error", 2)}
    assert cells.times(moments, "%d.%m.%Y %H:%M %z", "Asia/Tbilisi").values.dt.hour.tolist() == [12, 11]


def test_an_hour_that_comes_twice_needs_a_policy_and_one_that_never_was_is_set_aside():
    autumn = column("2025-10-26 02:30", "2025-10-26 12:00")
    assert codes(cells.times(autumn, timezone="Europe/Berlin")) == {"ambiguous_time": ("error", 1)}
    assert cells.times(autumn, timezone="Europe/Berlin", ambiguous_time="first").findings == ()
    spring = column("2025-03-30 02:30", "2025-03-30 12:00")
    assert codes(cells.times(spring, timezone="Europe/Berlin")) == {"time_never_was": ("quarantined", 1)}


def test_true_datetimes_pass_as_they_are():
    moments = pd.Series(pd.to_datetime(["2025-03-01 10:00", None]))
    assert cells.times(moments).values.isna().tolist() == [False, True]
    aware = pd.Series(pd.to_datetime(["2025-03-01 10:00"])).dt.tz_localize("UTC")
    assert cells.times(aware, timezone="Asia/Tbilisi").values.tolist() == [pd.Timestamp("2025-03-01 14:00")]


def test_flags_in_several_languages():
    typed = cells.flags(column("Yes", "нет", "1", "0", "TRUE", "ja", "", "maybe"))
    assert typed.values.tolist() == [True, False, True, False, True, True, pd.NA, pd.NA]
    assert codes(typed) == {"unreadable_flag": ("quarantined", 1)}
    assert cells.flags(pd.Series([True, False])).values.tolist() == [True, False]


def test_ids_are_kept_to_the_letter():
    texts = ("00123", "NA", "null", "None", "9007199254740993", "1.0")
    typed = cells.ids(column(*texts))
    assert typed.values.tolist() == list(texts)
    assert typed.findings == ()
    spaced = cells.ids(column(" 7 ", "", "8"))
    assert codes(spaced) == {"id_spaces": ("repaired", 1)}
    assert spaced.values.tolist()[0] == "7"
    assert np.isnan(spaced.values.tolist()[1])
    assert codes(cells.ids(column("1.23457E+15", "a", "b"))) == {"id_rounded": ("warning", 1)}
    assert codes(cells.ids(column("1.23457E+15"))) == {"id_rounded": ("error", 1)}


def test_ids_that_look_alike_are_one_and_damaged_ones_are_told():
    looks = cells.ids(column("C\u200b1", "C1", "\ufeffe\u0301", "\u00e9", "می\u200cروم"))
    assert looks.values.tolist() == ["C1", "C1", "\u00e9", "\u00e9", "می\u200cروم"]
    assert codes(looks) == {"id_unseen": ("repaired", 2)}
    assert codes(cells.ids(column("a\x00b", "c"))) == {"id_control": ("quarantined", 1)}
    assert codes(cells.ids(column("Tea\nblue", "c\td"))) == {}
    assert codes(cells.ids(column('O"4', "O5"))) == {"id_quote": ("warning", 1)}
    long = [f"{number}0" for number in (400000000000001, 400000000000002, 400000000000003)]
    assert codes(cells.ids(column(*long, "7"))) == {"id_rounded": ("warning", 3)}
    assert codes(cells.ids(column(*long, "4000000000000017"))) == {}
    assert codes(cells.ids(pd.Series(["a", None], dtype="str"))) == {}


def test_text_is_byte_exact():
    answers = ("  გამარჯობა 🙂 ", "=1+1", "سلام", "Оʻzbekcha", "қазақша")
    assert cells.text(column(*answers)).values.tolist() == list(answers)


def test_headers_are_compared_on_one_line():
    assert cells.header("\ufeff Сумма,\n  руб ") == "Сумма, руб"
    assert cells.header("й") == "й"
    assert cells.shape("Ann, 12.5") == "Aaa, 99.9"
