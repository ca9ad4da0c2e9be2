"""The first user's files are what they claim to be: an old Russian CSV, a workbook, a form's download."""

from __future__ import annotations

import first_user
import pandas as pd
import pytest


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return first_user.write_first_user(tmp_path_factory.mktemp("first_user"))


@pytest.fixture(scope="module")
def book(files):
    return pd.read_excel(files.orders_xlsx, sheet_name="Заказы")


def test_the_csv_is_cp1251_with_semicolons_and_decimal_commas(files):
    raw = files.orders_csv.read_bytes()
    with pytest.raises(UnicodeDecodeError):
        raw.decode("utf-8")
    header, first = raw.decode("cp1251").split("\r\n")[:2]
    assert header == (
        "Номер заказа;Дата заказа;E-mail клиента;Артикул;Товар;Категория;Количество;Цена;Сумма;Скидка;Промокод"
    )
    cells = first.split(";")
    assert cells[1].startswith("13.01.2025 ")
    assert "," in cells[7]


def test_workbook_and_csv_hold_the_same_orders(files, book):
    text = pd.read_csv(files.orders_csv, sep=";", decimal=",", encoding="cp1251")
    assert len(book) == len(text)
    assert book["Сумма"].tolist() == text["Сумма"].tolist()
    assert book["Дата заказа"].dt.strftime("%d.%m.%Y %H:%M").tolist() == text["Дата заказа"].tolist()
    assert (text["Цена"] * text["Количество"] - text["Сумма"]).abs().max() < 0.005
    assert text.groupby("Номер заказа")["E-mail клиента"].nunique().max() == 1
    assert 395 <= text["E-mail клиента"].nunique() <= 400


def test_the_form_has_questions_as_headers_and_answers_in_words(files):
    form = pd.read_csv(files.survey_csv)
    assert 200 <= len(form) <= 240
    assert set(first_user.STATEMENTS) <= set(form.columns)
    assert set(form[list(first_user.STATEMENTS)].stack()) == set(first_user.SCALE)
    assert form[first_user.TICK_QUESTION].str.contains(";").mean() > 0.4
    keys = form[first_user.EMAIL]
    assert not keys.isin(files.kinds.index).all(), "some addresses are typed loosely"
    assert keys.str.strip().str.lower().isin(files.kinds.index).all()


def test_three_kinds_are_planted(files, book):
    kind = book["E-mail клиента"].map(files.kinds)
    monday = (book["Дата заказа"].dt.day_of_week == 0) & (book["Дата заказа"].dt.hour < 12)
    assert kind.nunique() == 3
    assert monday.groupby(kind).mean().idxmax() == "office"
    assert book["Промокод"].notna().groupby(kind).mean().idxmax() == "savings"


def test_written_twice_it_is_the_same(files, tmp_path, monkeypatch):
    monkeypatch.setattr(pd.DataFrame, "to_excel", lambda *_, **__: None)  # a workbook carries the time of its making
    again = first_user.write_first_user(tmp_path)
    assert again.orders_csv.read_bytes() == files.orders_csv.read_bytes()
    assert again.survey_csv.read_bytes() == files.survey_csv.read_bytes()
