"""Numbers and dates as many countries write them, held against Babel (CLDR); and arbitrary cells, none of them lost."""

import datetime as dt
import sys
import unicodedata

import numpy as np
import pandas as pd
import pytest
from babel.dates import format_date, format_datetime
from babel.numbers import format_currency, format_decimal
from hypothesis import example, given, settings
from hypothesis import strategies as st

from helpers.read import cells
from helpers.words import say
from helpers.written import dates, numbers
from helpers.written.typed import ANY_DIGIT

NUMBER_LOCALES = (
    "de", "fr", "ru", "fa", "ar", "ar_EG", "en", "en_IN", "de_CH", "pl", "pt", "es", "kk", "uz", "ka", "it", "nb", "sv",
    "cs", "hu", "tr", "hi", "bn", "mr", "uk", "nl", "my", "fr_CH", "en_ZA", "ja",
)  # fmt: skip
DATE_LOCALES = (
    "en", "en_GB", "ru", "ka", "kk", "uz", "uz_Cyrl", "fa", "de", "fr", "es", "pl", "it", "pt", "pt_PT", "tr", "uk",
    "nl",
)  # fmt: skip
AMOUNTS = [1234567.5, -1234.56, 0.5, 12, 1000, -7.25, 98765.43]
DAYS = [dt.datetime(2024, 1, 8, 10, 52), dt.datetime(2025, 12, 31, 23, 9), dt.datetime(2023, 7, 17)]
DAYS += [dt.datetime(2024, month, 13 + month, 15, 4) for month in range(1, 13)]


def column(*texts: str) -> pd.Series:
    return pd.Series(texts, dtype="str")


def codes(typed: cells.Typed) -> dict[str, tuple[str, int]]:
    return {finding.code: (finding.severity, int(finding.rows.sum())) for finding in typed.findings}


# --- numbers -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("locale", NUMBER_LOCALES)
def test_numbers_read_as_every_country_writes_them(locale):
    written = column(*(format_decimal(amount, locale=locale, numbering_system="default") for amount in AMOUNTS))
    decimal, thousands, doubt = numbers.form_of(written)
    assert doubt == ""
    assert cells.numbers(written, decimal, thousands).values.tolist() == AMOUNTS


@pytest.mark.parametrize("locale", NUMBER_LOCALES)
@pytest.mark.parametrize("currency", ["EUR", "USD", "RUB", "KZT", "INR", "PLN", "CHF"])
def test_money_reads_as_every_country_writes_it(locale, currency):
    written = column(*(format_currency(x, currency, locale=locale, numbering_system="default") for x in AMOUNTS))
    read = cells.numbers(written, *numbers.form_of(written)[:2])
    if read.values.notna().all():  # a currency's own name in a script that is not known here is set aside
        assert read.values.tolist() == AMOUNTS
        assert numbers.currency_of(written) == currency
    else:
        assert codes(read)["unreadable_number"][0] == "error"


@pytest.mark.parametrize(
    ("texts", "form"),
    [
        (("1,234", "12,345,678"), (".", ",", "")), (("1.234", "1.234.567"), (",", ".", "")),
        (("1,234", "12.50"), (".", ",", "")), (("1.234", "12,5"), (",", ".", "")),
        (("1,234.50", "405.00"), (".", ",", "")),
        (("1 234", "5"), (".", " ", "")), (("1 234,5", "5"), (",", " ", "")), (("1’234.50", "5"), (".", "'", "")),
        (("١٬٢٣٤٫٥",), (".", None, "")), (("12,34,567",), (".", ",", "")), (("5", "7"), (".", None, "")),
        (("1.234,56 €", "3,00 €"), (",", ".", "")), (("(1,234.00)",), (".", ",", "")), (("5.00-",), (".", None, "")),
    ],
)  # fmt: skip
def test_marks_are_proved_by_the_column(texts, form):
    assert numbers.form_of(column(*texts)) == form


@pytest.mark.parametrize(
    ("texts", "doubt"),
    [
        (("1,234", "2,500"), "three_digits"), (("1,234", "56"), "three_digits"),
        (("1,234", "1.234"), "three_digits"), (("1,234.5", "1.234,5"), "either"),
    ],
)  # fmt: skip
def test_marks_that_prove_nothing_are_asked_about(texts, doubt):
    assert numbers.form_of(column(*texts))[2].key == f"written.doubt.{doubt}"


def test_a_slip_among_many_proofs_changes_nothing():
    assert numbers.form_of(column(*["12,5"] * 200, "12.5")) == (",", None, "")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("($5.00)", -5), ("$(5.00)", -5), ("(5.00) €", -5), ("5.00-", -5), ("+5", 5), ("5.00- €", -5), ("−5 ₽", -5),
        ("$5.00 USD", 5), ("CA$5", 5), ("5 CAD", 5), ("$5 CAD", 5), ("5 грн.", 5), ("5 ლარი", 5), ("5 تومان", 5),
        ("12.–", 12), ("12.-", 12), ("\u200e5\u200f", 5), ("5\u00a0zł", 5), ("Rs. 5", 5), ("R$ 5", 5), ("5 евро", 5),
        ("US$ 5", 5), ("۵٬۰۰۰", 5000), ("٥٫٥", 5.5),
    ],
)  # fmt: skip
def test_money_as_accountants_and_shops_write_it(text, value):
    assert cells.numbers(column(text)).values.tolist() == [value]


@pytest.mark.parametrize(
    "text", ["5%", "٪٥", "5 %", "(5", "-(5)", "--5", "5-7", "$5€", "5 cups", "1/2", "5 000 apples", "()"]
)
def test_shares_ranges_and_other_things_are_no_numbers(text):
    assert codes(cells.numbers(column("1", "2", text))) == {"unreadable_number": ("quarantined", 1)}


def test_text_numbers_beside_true_numbers_of_a_workbook():
    mixed = column("12.5", "1.234,56 €", "1.234.567", "99")
    assert numbers.form_of(column("12,5", "1.234,56 €"), sep=None) == (",", ".", "")
    assert (
        numbers.form_of(mixed, sep=None)[2].key == "written.doubt.either"
    )  # 1.234: a text's thousand, or a true 1.234?
    assert cells.numbers(mixed, ",", ".", sheet=True).values.tolist() == [12.5, 1234.56, 1234567, 99]


@pytest.mark.parametrize(
    ("texts", "header", "code"),
    [
        (("5 €",), "", "EUR"), (("5",), "Betrag EUR", "EUR"), (("5",), "Сумма, руб", "RUB"), (("5",), "Sum", ""),
        (("5 zł", "6 zł"), "Total", "PLN"), (("5",), "Total (USD)", "USD"), (("5",), "NOK", "NOK"), ((), "Order", ""),
        (("5 тг",), "", "KZT"), (("5 ₾",), "", "GEL"),
    ],
)  # fmt: skip
def test_the_currency_is_named_by_cells_or_header(texts, header, code):
    assert numbers.currency_of(column(*texts), header) == code


# --- dates -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("locale", DATE_LOCALES)
@pytest.mark.parametrize("form", ["long", "medium", "short", "full"])
def test_dates_read_as_every_country_writes_them(locale, form):
    written = column(*(format_date(day, form, locale=locale) for day in DAYS))
    assert dates.times(written).values.dt.date.tolist() == [day.date() for day in DAYS]


@pytest.mark.parametrize("locale", DATE_LOCALES)
def test_moments_read_as_every_country_writes_them(locale):
    written = column(*(format_datetime(day, "medium", locale=locale) for day in DAYS))
    assert dates.times(written).values.tolist() == [pd.Timestamp(day) for day in DAYS]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("20240108", "2024-01-08"), ("20240108 105239", "2024-01-08 10:52:39"), ("202401081052", "2024-01-08 10:52"),
        ("1704711159", "2024-01-08 10:52:39"), ("1704711159000", "2024-01-08 10:52:39"),
        ("1704711159.5", "2024-01-08 10:52:39.5"), ("2024-01-08 10:52:39 +0300", "2024-01-08 10:52:39"),
        ("2024-01-08 10:52:39 UTC", "2024-01-08 10:52:39"), ("2024-01-08T10:52:39+03", "2024-01-08 10:52:39"),
        ("8 января 2024, 10:52", "2024-01-08 10:52"), ("Jan 08, 2024, 10:52:39 AM", "2024-01-08 10:52:39"),
        ("8-yanvar 2024", "2024-01-08"), ("2024 жылғы 8 қаңтар", "2024-01-08"), ("8. Januar 2024", "2024-01-08"),
        ("8 იანვრის 2024", "2024-01-08"), ("8 қаңтарда 2024", "2024-01-08"), ("۸ ژانویه ۲۰۲۴", "2024-01-08"),
        ("Mon, 08 Jan 2024 10:52:39 +0000", "2024-01-08 10:52:39"), ("08-Jan-24", "2024-01-08"),
        ("Jan 8, 2024 3:52:39 PM PST", "2024-01-08 15:52:39"), ("January 8th, 2024", "2024-01-08"),
        ("45299,5", "2024-01-08 12:00"),
    ],
)  # fmt: skip
def test_dates_of_programs_and_in_words(text, moment):
    assert dates.times(column(text)).values.tolist() == [pd.Timestamp(moment)]


@pytest.mark.parametrize(
    "text", ["1402/10/18 10:52", "۱۴۰۲/۱۰/۱۸ ۱۰:۵۲", "1402-10-18 10:52", "۱۸ دی ۱۴۰۲ ۱۰:۵۲", "١٤٠٢/١٠/١٨ 10:52"]
)
def test_solar_hijri_dates_are_read_where_stated_and_never_taken_for_gregorian(text):
    assert dates.times(column(text), calendar="jalali").values.tolist() == [pd.Timestamp("2024-01-08 10:52")]
    assert dates.times(column(text)).values.isna().all()
    assert {severity for severity, _ in codes(dates.times(column(text))).values()} == {"error"}
    assert dates.format_of(column(text)) == (None, "jalali", "")


def test_a_stated_format_is_obeyed_in_either_calendar():
    assert dates.times(column("18.10.1402"), "%d.%m.%Y", calendar="jalali").values.tolist() == [
        pd.Timestamp("2024-01-08")
    ]
    assert dates.times(column("٠٨.٠١.٢٠٢٤"), "%d.%m.%Y").values.tolist() == [pd.Timestamp("2024-01-08")]


@pytest.mark.parametrize(("text", "told"), [("1445-06-26", "hijri"), ("2567-01-08", "buddhist")])
def test_other_calendars_are_named(text, told):
    assert dates.times(column(text)).findings[0].text.key == f"written.date.{told}"


@pytest.mark.parametrize(
    "none", ["0000-00-00", "0000-00-00 00:00:00", "1900-01-00", "1970-01-01", "1970-01-01 03:00:00", "01.01.0001", "0"]
)
def test_signs_for_no_date_set_their_row_aside_and_not_the_file(none):
    typed = dates.times(column("2024-01-08", "2024-02-29", none))
    assert codes(typed) == {"no_date": ("quarantined", 1)}
    assert typed.values.isna().tolist() == [False, False, True]


@pytest.mark.parametrize("stated", ["%s", "%Q", "%", "dd.mm.yyyy", "%d.%d.%Y", "%Y-%m-%d %", "", "%e"])
def test_a_format_that_cannot_be_used_is_told(stated):
    found = codes(dates.times(column("2024-01-08"), stated))
    assert found == {"date_format": ("error", 1)} or found == {}


@pytest.mark.parametrize(
    ("texts", "code"),
    [
        (("01.02.2024", "13.02.2024", "02/03/2024", "02/04/2024"), "ambiguous_dates"),
        (("13.02.2024", "02/15/2024"), "mixed_date_orders"), (("01.02.2024", "2024-03-01"), "ambiguous_dates"),
        (("13.02.2024", "2024-03-01", "28.02.2024"), "swapped_dates"),
        (tuple(f"24-01-{day:02}" for day in range(1, 31)), "ambiguous_dates"),
    ],
)  # fmt: skip
def test_two_forms_in_one_column_are_asked_about(texts, code):
    assert codes(dates.times(column(*texts)))[code][0] == "error"
    assert dates.format_of(column(*texts))[2]


def test_an_own_form_beside_iso_is_read_where_both_are_clear():
    typed = dates.times(column("13.02.2024", "01.02.2024", "2024-03-28"))
    assert typed.values.dt.day.tolist() == [13, 1, 28]
    assert typed.findings[0].text == say("written.date.beside", order=say("written.date.day_first"), n=1)


def test_a_workbook_of_a_swapped_country_is_refused():
    texts, true = column("2024-08-01", "2024-11-02", "13.01.2024", "31.01.2024"), np.array([True, True, False, False])
    assert codes(dates.times(texts, true_dates=true)) == {"swapped_dates": ("error", 2)}
    clear = column("2024-08-01", "2024-11-22", "13.01.2024", "31.01.2024")
    assert codes(dates.times(clear, true_dates=true)) == {"date_order": ("repaired", 2)}


def test_summer_and_winter_of_one_shop_are_its_clock_and_other_offsets_are_asked_about():
    shop = column("2024-01-08 10:52:39 +0100", "2024-07-08 10:52:39 +0200")
    assert dates.times(shop).values.dt.hour.tolist() == [10, 10]
    assert dates.times(shop, timezone="UTC").values.dt.hour.tolist() == [9, 8]
    other = column("2024-01-08 10:52:39 +0200", "2024-07-08 10:52:39 +0100", "2024-01-09 10:52:39 +0100")
    assert codes(dates.times(other)) == {"mixed_zones": ("error", 3)}


@pytest.mark.parametrize(
    ("texts", "stated"),
    [
        (("31.01.2024", "01.02.2024"), "%d.%m.%Y"), (("01/31/2024 3:04 PM",), "%m/%d/%Y %I:%M %p"),
        (("2024-01-31",), None),
        (("2024/01/31",), "%Y/%m/%d"), (("31 января 2024",), None), (("1704711159",), None),
        (("31.01.24, 10:05",), "%d.%m.%y, %H:%M"), (("20240131",), None),
    ],
)  # fmt: skip
def test_the_format_to_be_stated(texts, stated):
    assert dates.format_of(column(*texts)) == (stated, "gregorian", "")


def test_date_and_time_apart_are_joined():
    both = dates.joined(column("2024-01-08 00:00:00", "2024-01-09", ""), column("10:52:39", "", "10:00"))
    assert dates.times(both).values.astype("str").tolist()[:2] == ["2024-01-08 10:52:39", "2024-01-09 00:00:00"]


# --- whatever comes ----------------------------------------------------------------------------------------------

SIGNS = st.sampled_from(
    [*"0123456789.,-/:' ()$€%T٣٫٬۵،ЯяaжZ+", "\u00a0", "\u200f", " января ", "Jan", " 2024", "-", "UTC", "٢٠٢٤"]
)
CELLS = st.lists(st.one_of(st.lists(SIGNS, max_size=14).map("".join), st.text(max_size=12)), min_size=1, max_size=12)


def accounted(texts: pd.Series, typed: cells.Typed) -> bool:
    """Whether every cell was read, says nothing, or is told of; an error refuses the whole file."""
    if any(finding.severity == "error" for finding in typed.findings):
        return True
    told = np.logical_or.reduce([np.zeros(len(texts), bool), *(finding.rows for finding in typed.findings)])
    return bool((typed.values.notna() | cells.blank(texts) | told | texts.str.strip().eq("")).all())


@settings(max_examples=300, deadline=None)
@given(CELLS)
@example(["()"])
@example(["1.-"])
@example(["٬"])
def test_any_cells_read_as_numbers_are_accounted_for(texts):
    written = column(*texts)
    for form in (numbers.form_of(written)[:2], (",", "."), (".", " "), (".", None)):
        assert accounted(written, cells.numbers(written, *form))
    assert isinstance(numbers.currency_of(written, texts[0]), str)


@settings(max_examples=200, deadline=None)
@given(CELLS, st.sampled_from([None, "%d.%m.%Y", "%Y-%m-%d %H:%M %z"]), st.sampled_from(["gregorian", "jalali"]),
       st.sampled_from([None, "Asia/Almaty", "Europe/Berlin"]))  # fmt: skip
@example(["13ႧႧႧ24"], None, "gregorian", None)
def test_any_cells_read_as_dates_are_accounted_for(texts, stated, calendar, zone):
    written = column(*texts)
    assert accounted(written, dates.times(written, stated, zone, calendar=calendar))
    dates.format_of(written)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.decimals(-(10**9), 10**9, places=2), min_size=3, max_size=20), st.sampled_from(NUMBER_LOCALES))
def test_a_column_of_any_country_is_read_right_or_asked_about(amounts, locale):
    written = column(*(format_decimal(amount, locale=locale, numbering_system="default") for amount in amounts))
    decimal, thousands, doubt = numbers.form_of(written)
    read = cells.numbers(written, decimal, thousands).values
    assert doubt or read.tolist() == [float(amount) for amount in amounts]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.datetimes(dt.datetime(1991, 1, 1), dt.datetime(2035, 1, 1)), min_size=1, max_size=20),
       st.sampled_from(DATE_LOCALES), st.sampled_from(["short", "medium", "long"]))  # fmt: skip
def test_dates_of_any_country_are_read_right_or_asked_about(moments, locale, form):
    written = column(*(format_date(moment, form, locale=locale) for moment in moments))
    typed = dates.times(written)
    wrong = [
        (text, found)
        for text, found, moment in zip(written, typed.values, moments, strict=True)
        if pd.notna(found) and found.date().timetuple()[1:3] != moment.date().timetuple()[1:3]
    ]
    assert wrong == []
    assert any(found.severity == "error" for found in typed.findings) or typed.values.notna().all()


def test_the_digits_of_every_script_are_known():
    every = {code: unicodedata.decimal(chr(code), None) for code in range(128, sys.maxunicode + 1)}
    assert {code: str(digit) for code, digit in every.items() if digit is not None} == ANY_DIGIT
