"""The files of the first user to please, written into a folder: Russian orders in Excel and in an old CSV, and a form.

About 400 customers of three kinds, of whom about 220 answered. The e-mail address is the only key, typed as people type
it. Everything is made up and seeded.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

N_CUSTOMERS = 400
FIRST_DAY, DAYS = dt.date(2025, 1, 13), 252
GOODS = {  # article: name, category, price in roubles
    "A-01": ("Мыло твёрдое", "Уход", 240),
    "A-02": ("Шампунь, заправка", "Уход", 690),
    "A-03": ("Крем для рук", "Уход", 450),
    "B-01": ("Порошок", "Стирка", 890),
    "B-02": ("Гель для стирки, заправка", "Стирка", 760),
    "C-01": ("Бумага офисная", "Офис", 420),
    "C-02": ("Полотенца бумажные", "Офис", 310),
    "C-03": ("Мешки для мусора", "Офис", 180),
}
SCALE = ("Совершенно не согласен", "Скорее не согласен", "Трудно сказать", "Скорее согласен", "Полностью согласен")
STATEMENTS = (
    "Мне важно знать, из чего сделан товар",
    "Я готов платить больше за заботу о природе",
    "Я жду скидок, прежде чем купить",
    "Перед оплатой я ищу промокод",
    "Заказ должен отнимать мало времени",
    "Мне нужны закрывающие документы",
)
TICKS = ("Состав", "Цена", "Скорость доставки", "Документы", "Запах")
TICK_QUESTION = "Что для вас важно при выборе? (можно выбрать несколько)"
WHY, STOPS = "Почему вы впервые купили у нас?", "Что мешает покупать чаще?"
RECOMMEND = "Насколько вероятно, что вы порекомендуете нас? (0–10)"
HOUSEHOLD = "С кем вы живёте?"
EMAIL = "Адрес электронной почты"


class Kind(NamedTuple):
    """How one planted kind shops and answers; shares unless said."""

    orders: float  # mean number in the period
    lines: float  # beyond the first
    pieces: float  # beyond the first
    promo: float
    monday_morning: float
    goods: tuple[float, ...]
    agrees: tuple[float, ...]  # means, 1 to 5
    ticks: tuple[float, ...]
    why: str
    stops: str


KINDS = {
    "nature": Kind(
        *(6.5, 1.4, 0.3, 0.06, 0.03),
        goods=(0.20, 0.25, 0.20, 0.05, 0.25, 0.01, 0.03, 0.01),
        agrees=(4.5, 4.2, 2.0, 1.8, 2.7, 1.8),
        ticks=(0.9, 0.2, 0.3, 0.05, 0.4),
        why="Понятный состав и меньше пластика.",
        stops="Не верю надписям «эко» без проверки.",
    ),
    "savings": Kind(
        *(6, 0.4, 0.2, 0.72, 0.04),
        goods=(0.30, 0.10, 0.10, 0.35, 0.10, 0.01, 0.03, 0.01),
        agrees=(2.6, 2.0, 4.5, 4.4, 3.0, 1.7),
        ticks=(0.2, 0.95, 0.4, 0.03, 0.3),
        why="Был промокод на первый заказ.",
        stops="Дорого без скидки.",
    ),
    "office": Kind(
        *(7, 1.9, 3.5, 0.04, 0.70),
        goods=(0.04, 0.01, 0.05, 0.05, 0.05, 0.35, 0.25, 0.20),
        agrees=(2.5, 2.4, 2.4, 2.0, 4.6, 4.7),
        ticks=(0.15, 0.4, 0.8, 0.9, 0.05),
        why="Всё для офиса в одном заказе.",
        stops="Долго ждём документы.",
    ),
}


class FirstUser(NamedTuple):
    """Paths of the written files, and who is who: planted kind by e-mail."""

    orders_xlsx: Path
    orders_csv: Path
    survey_csv: Path
    kinds: pd.Series


def write_first_user(folder: Path, seed: int = 20250113) -> FirstUser:
    """Write orders.xlsx (sheet ``Заказы``), orders.csv (cp1251, ``;``, decimal comma, dd.mm.yyyy) and survey.csv."""
    rng = np.random.default_rng(seed)
    emails = [f"pokupatel{number:03d}@example.org" for number in range(1, N_CUSTOMERS + 1)]
    kinds = pd.Series(rng.choice(list(KINDS), N_CUSTOMERS, p=[0.38, 0.37, 0.25]), index=emails, name="kind")
    orders, survey = make_orders(rng, kinds), make_survey(rng, kinds)
    folder.mkdir(parents=True, exist_ok=True)
    files = FirstUser(folder / "orders.xlsx", folder / "orders.csv", folder / "survey.csv", kinds)
    orders.to_excel(files.orders_xlsx, sheet_name="Заказы", index=False)
    dates = orders["Дата заказа"].dt.strftime("%d.%m.%Y %H:%M")
    as_text = orders.assign(**{"Дата заказа": dates})
    files.orders_csv.write_bytes(
        as_text.to_csv(sep=";", decimal=",", index=False, lineterminator="\r\n").encode("cp1251")
    )
    files.survey_csv.write_bytes(survey.to_csv(index=False, lineterminator="\r\n").encode("utf-8"))
    return files


def make_orders(rng: np.random.Generator, kinds: pd.Series) -> pd.DataFrame:
    """Order lines under Russian headers."""
    rows = []
    for email, name in kinds.items():
        kind = KINDS[name]
        for _ in range(rng.poisson(rng.gamma(6, kind.orders / 6))):
            day = FIRST_DAY + dt.timedelta(days=int(rng.integers(DAYS)))
            hour = int(rng.integers(10, 23))
            if rng.random() < kind.monday_morning:
                day, hour = day - dt.timedelta(days=day.weekday()), int(rng.integers(8, 12))
            at = dt.datetime.combine(day, dt.time(hour, int(rng.integers(60))))
            promo = rng.random() < kind.promo
            for article in rng.choice(list(GOODS), min(1 + rng.poisson(kind.lines), 6), replace=False, p=kind.goods):
                what, category, price = GOODS[article]
                pieces, paid = 1 + int(rng.poisson(kind.pieces)), round(price * (0.85 if promo else 1), 2)
                rows.append((at, email, article, what, category, pieces, paid, round(pieces * paid, 2),
                             round(pieces * (price - paid), 2), "ВЕСНА15" if promo else None))  # fmt: skip
    columns = ["Дата заказа", "E-mail клиента", "Артикул", "Товар", "Категория", "Количество", "Цена", "Сумма"]
    orders = pd.DataFrame(rows, columns=[*columns, "Скидка", "Промокод"]).sort_values(columns[:2], kind="stable")
    number = orders.groupby(columns[:2], sort=False).ngroup() + 10_001
    orders.insert(0, "Номер заказа", number)
    return orders.reset_index(drop=True)


def make_survey(rng: np.random.Generator, kinds: pd.Series) -> pd.DataFrame:
    """A form's download: question texts as headers, ticks joined by ``;``, ratings in words."""
    rows = []
    for email, name in kinds.items():
        kind = KINDS[name]
        if rng.random() >= {"nature": 0.62, "savings": 0.52, "office": 0.50}[name]:
            continue
        at = dt.datetime(2025, 9, 1) + dt.timedelta(minutes=int(rng.integers(14 * 1440)))
        leaning = rng.normal(0, 0.35)
        ratings = np.clip(np.round(np.array(kind.agrees) + leaning + rng.normal(0, 0.8, len(STATEMENTS))), 1, 5)
        typed = f" {email.title()}" if rng.random() < 0.1 else email
        answer = {"Отметка времени": at.strftime("%d.%m.%Y %H:%M:%S"), EMAIL: typed}
        answer |= {text: SCALE[int(value) - 1] for text, value in zip(STATEMENTS, ratings, strict=True)}
        answer[TICK_QUESTION] = ";".join(t for t, p in zip(TICKS, kind.ticks, strict=True) if rng.random() < p)
        answer[HOUSEHOLD] = str(rng.choice(["Один или одна", "Вдвоём", "С детьми"]))
        answer[WHY] = kind.why if rng.random() < 0.6 else ""
        answer[STOPS] = kind.stops if rng.random() < 0.5 else ""
        answer[RECOMMEND] = int(np.clip(round(rng.normal(7.5, 1.8)), 0, 10))
        rows.append(answer)
    return pd.DataFrame(rows)
