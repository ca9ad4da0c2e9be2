"""From the export of a well-known tool to a check without a fault: in two commands, without an answer.

The files are as the tools write them, some 300 rows each, of people and orders that were made up; what must come out is
counted while they are written.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from helpers import cli
from helpers.guesses import read_questions

GOODS = {"Tea 100 g": 4.5, "Mug, blue": 12.0, "Pot": 31.9}
STARTS = dt.datetime(2024, 1, 8, 9, 5)


@dataclass
class Story:
    """A file, and what the totals or the survey must say of it."""

    name: str
    content: bytes
    right: dict[str, Any]


def orders(n=200):
    """Orders of 45 people: number, moment, person, lines of goods and pieces, and how it ended."""
    chance = random.Random(11)
    for number in range(n):
        lines = [(goods, chance.randint(1, 3)) for goods in chance.sample(list(GOODS), chance.randint(1, 2))]
        ended = "good" if number % 10 else "bad"
        yield number, STARTS + dt.timedelta(hours=47 * number), chance.randrange(45), lines, ended


def names(*lines):
    """Headers that were written with commas between them."""
    return ",".join(lines).split(",")


def worth(lines):
    return round(sum(GOODS[goods] * pieces for goods, pieces in lines), 2)


def text(header, rows, sep=",", encoding="utf-8", top=()):
    out = io.StringIO()
    writer = csv.writer(out, delimiter=sep, lineterminator="\r\n")
    writer.writerows([*top, header, *rows])
    return out.getvalue().encode(encoding)


def counted(kept, lines):
    """The totals of the orders that are kept."""
    return {
        "customers": len({who for _, _, who, _, _ in kept}),
        "orders": len(kept),
        "lines": lines,
        "net": round(sum(worth(bought) for _, _, _, bought, _ in kept), 2),
        "first": kept[0][1].date().isoformat(),
        "last": kept[-1][1].date().isoformat(),
    }


SHOPIFY = names(
    "Name,Email,Financial Status,Paid at,Fulfillment Status,Fulfilled at,Accepts Marketing,Currency",
    "Subtotal,Shipping,Taxes,Total,Discount Code,Discount Amount,Shipping Method,Created at",
    "Lineitem quantity,Lineitem name,Lineitem price,Lineitem compare at price,Lineitem sku",
    "Lineitem requires shipping,Lineitem taxable,Lineitem fulfillment status,Billing Name",
    "Billing Street,Billing Address1,Billing Address2,Billing Company,Billing City,Billing Zip",
    "Billing Province,Billing Country,Billing Phone,Shipping Name,Notes,Note Attributes,Cancelled at",
    "Payment Method,Payment Reference,Refunded Amount,Vendor,Outstanding Balance,Employee,Location",
    "Device ID,Id,Tags,Risk Level,Source,Lineitem discount,Tax 1 Name,Tax 1 Value,Phone",
    "Receipt Number,Duties,Billing Province Name,Payment ID,Payment Terms Name,Next Payment Due At",
)


def shopify():
    """Order cells on the first line of an order only, the shop's own time with summer and winter offsets."""
    rows, kept, lines = [], [], 0
    for order in orders():
        number, at, who, bought, ended = order
        stamp = f"{at:%Y-%m-%d %H:%M:%S} +0{2 if 4 <= at.month <= 9 else 1}00"
        first = {
            "Financial Status": "paid" if ended == "good" else "voided", "Paid at": stamp, "Currency": "EUR",
            "Fulfillment Status": "fulfilled", "Accepts Marketing": "no", "Subtotal": worth(bought), "Shipping": "4.90",
            "Taxes": "0.00", "Total": round(worth(bought) + 4.9, 2), "Discount Amount": "0.00", "Created at": stamp,
            "Billing Name": f"Ann Moss{chr(97 + who % 26)}", "Billing City": "Town", "Billing Zip": "'01067",
            "Refunded Amount": "0.00", "Id": 7410000000000 + number, "Source": "web", "Payment Method": "Card",
            "Cancelled at": "" if ended == "good" else stamp, "Outstanding Balance": "0.00",
        }  # fmt: skip
        for place, (goods, pieces) in enumerate(bought):
            row = first if place == 0 else {}
            row = row | {"Name": f"#{1001 + number}", "Email": f"p{who}@example.org", "Lineitem name": goods}
            row |= {"Lineitem quantity": pieces, "Lineitem price": GOODS[goods], "Lineitem discount": "0.00"}
            row |= {"Lineitem requires shipping": "true", "Lineitem taxable": "true", "Vendor": "House"}
            rows.append([row.get(name, "") for name in SHOPIFY])
        if ended == "good":
            kept.append(order)
            lines += len(bought)
    return Story("orders_export_1.csv", text(SHOPIFY, rows), counted(kept, lines) | {"currency": "EUR"})


def woocommerce():
    """An order a row, its items packed into cells; only completed orders count, guests have the id 0."""
    header = names(
        "order_number,order_date,paid_date,status,shipping_total,shipping_tax_total,fee_total,tax_total",
        "discount_total,order_total,order_currency,payment_method,shipping_method,customer_user",
        "billing_first_name,billing_last_name,billing_email,billing_phone,billing_city,billing_postcode",
        "billing_country,customer_note,line_item_1,line_item_2",
    )
    rows, kept = [], []
    for order in orders(300):
        number, at, who, bought, ended = order
        items = [f"name:{goods}|quantity:{pieces}|total:{GOODS[goods] * pieces:.2f}" for goods, pieces in bought]
        status = "completed" if ended == "good" else ("cancelled", "failed")[number % 20 > 0]
        rows.append(
            [5000 + number, f"{at:%Y-%m-%d %H:%M:%S}", f"{at:%Y-%m-%d %H:%M:%S}", status, *["0.00"] * 5,
             f"{worth(bought):.2f}", "GBP", "stripe", "Free", 0 if who % 3 else who + 2, "Ann", "Moss",
             f"p{who}@example.org", "0301234567", "Town", "01067", "GB", "ring twice" if number % 4 else "",
             *[*items, ""][:2]]
        )  # fmt: skip
        if ended == "good":
            kept.append(order)
    return Story("order_export_2024.csv", text(header, rows), counted(kept, len(kept)) | {"currency": "GBP"})


def of_1c():
    """Old Russian encoding, settings above the header, decimal commas with spaces for thousands, a total below."""
    rows, kept, lines = [], [], 0

    def money(value):
        return f"{100 * value:,.2f}".replace(",", "\u00a0").replace(".", ",")

    for order in orders():
        number, at, who, bought, _ = order
        for goods, pieces in bought:
            lines += 1
            rows.append(
                [f"Реализация РБ-{number:08}", f"{at:%d.%m.%Y %H:%M:%S}", f"К-{who:05}", f"Покупатель {who}", goods,
                 pieces, money(GOODS[goods]), money(GOODS[goods] * pieces)]
            )  # fmt: skip
        kept.append(order)
    header = names("Документ,Дата,Код контрагента,Контрагент,Номенклатура,Количество,Цена,Сумма")
    top = [["Продажи", *[""] * 7], ["Период:", "08.01.2024 - 31.12.2024", *[""] * 6], [""] * 8]
    rows.append(["Итого", *[""] * 6, money(sum(worth(bought) for _, _, _, bought, _ in kept))])
    right = counted(kept, lines)
    return Story("Продажи.csv", text(header, rows, ";", "cp1251", top), right | {"net": round(100 * right["net"], 2)})


AGREES = ("Strongly disagree", "Disagree", "Neither agree nor disagree", "Agree", "Strongly agree")
ITEMS = ("I read the list of ingredients", "I wait for a sale", "Ordering must take little time", "I look for a coupon")
REASONS = ("Price, with delivery", "Quality", "Smell")


def answers(n=300):
    """Marks from 0 to 4, reasons, household, likelihood and a text of each respondent."""
    chance = random.Random(4)
    for number in range(n):
        marks = [min(4, max(0, round(chance.gauss((1.2, 2.8)[(number + item) % 2], 1)))) for item in range(len(ITEMS))]
        why = chance.choice(("my sister told me", "cheap and good", "near my house", "I liked the smell at once"))
        yield (
            number,
            marks,
            chance.sample(REASONS, chance.randint(1, 2)),
            chance.choice(("alone", "couple", "family")),
            (chance.randint(3, 10)),
            f"{why} {number % 7}",
        )


def heard(given):
    """What a survey must say: the mean of each item from 1, the mark of recommendation, who ticked the first reason."""
    n = len(given)
    return {
        "means": [round(1 + sum(marks[item] for _, marks, *_ in given) / n, 3) for item in range(len(ITEMS))],
        "nps": round(sum(row[4] for row in given) / n, 3),
        "ticked": round(sum(REASONS[0] in row[2] for row in given) / n, 3),
        "respondents": n,
    }


def google_forms():
    header = [
        "Timestamp", "Email Address", *(f"How far do you agree? [{item}]" for item in ITEMS),
        "What matters when you choose? (tick all that apply)", "Who lives in your household?",
        "How likely are you to recommend us to a friend?", "Why did you first buy from us?",
    ]  # fmt: skip
    given = list(answers())
    rows = [
        [f"2025/03/{number % 28 + 1:02} {number % 9 + 1}:14:07 PM GMT+1", f"p{number}@example.org",
         *(AGREES[mark] for mark in marks), ", ".join(reasons), home, likely, why]
        for number, marks, reasons, home, likely, why in given
    ]  # fmt: skip
    return Story("Customer survey (Responses) - Form responses 1.csv", text(header, rows), heard(given))


def qualtrics():
    """Three header rows, a preview by the author, ticks in a column each."""
    meta = names(
        "StartDate,EndDate,Status,IPAddress,Progress,Duration (in seconds),Finished,RecordedDate",
        "ResponseId,RecipientLastName,RecipientFirstName,RecipientEmail,ExternalReference",
        "LocationLatitude,LocationLongitude,DistributionChannel,UserLanguage",
    )
    own = [f"Q1_{n}" for n in range(1, 5)] + [f"Q2_{n}" for n in range(1, 4)] + ["Q3", "Q4_NPS_GROUP", "Q4", "Q5"]
    asked = [f"How far do you agree? - {item}" for item in ITEMS]
    asked += [f"What matters when you choose? - Selected Choice - {reason}" for reason in REASONS]
    asked += ["Who lives in your household?", "How likely are you to recommend us? - Group",
              "How likely are you to recommend us?", "Why did you first buy from us?"]  # fmt: skip
    ids = [f"QID1_{n}" for n in range(1, 5)] + [f"QID2_{n}" for n in range(1, 4)]
    ids += ["QID3", "QID4_NPS_GROUP", "QID4", "QID5_TEXT"]
    given, rows = list(answers()), []
    for number, marks, reasons, home, likely, why in given:
        day = f"2025-03-{number % 28 + 1:02} 10:14:07"
        group = "Promoter" if likely > 8 else "Passive" if likely > 6 else "Detractor"
        told = [day, day, "IP Address", "10.0.0.1", 100, 200 + number % 90, "True", day, f"R_{number:015}", *[""] * 4,
                "51.05", "13.74", "anonymous", "EN"]  # fmt: skip
        ticks = [reason if reason in reasons else "" for reason in REASONS]
        rows.append([*told, *(AGREES[mark] for mark in marks), *ticks, home, group, likely, why])
    preview = [*rows[0]]
    preview[2], preview[8] = "Survey Preview", "R_999999999999999"
    told_as = {"StartDate": "Start Date", "EndDate": "End Date", "Status": "Response Type", "ResponseId": "Response ID",
               "RecordedDate": "Recorded Date", "IPAddress": "IP Address"}  # fmt: skip
    spaced = [told_as.get(name, name) for name in meta]
    top = [[*meta, *own], [*spaced, *asked]]
    imports = [json.dumps({"ImportId": name}, separators=(",", ":")) for name in [*meta, *ids]]
    return Story("Shop+survey_March 3, 2025_10.14.csv", text(imports, [preview, *rows], top=top), heard(given))


def call(*arguments: object) -> int | str:
    """Run the command in this process; its exit code."""
    with pytest.raises(SystemExit) as ended:
        cli.main([str(argument) for argument in arguments])
    return ended.value.code or 0


def through(folder: Path, story: Story, capsys) -> tuple[dict[str, Any], list[str]]:
    """What ``check --json`` says after init, and which questions there were."""
    file = folder / story.name
    file.write_bytes(story.content)
    assert call("init", file, "--out", folder / "study") == 0
    questions = read_questions(folder / "study" / "study.yml")
    capsys.readouterr()
    assert call("check", folder / "study", "--json") == 0
    return json.loads(capsys.readouterr().out), questions


@pytest.mark.parametrize("story", [shopify, woocommerce, of_1c])
def test_a_shop_is_read_to_the_cent(tmp_path, capsys, story):
    told = story()
    checked, questions = through(tmp_path, told, capsys)
    assert {name: checked["totals"][name] for name in told.right} == told.right
    assert questions == []


@pytest.mark.parametrize("story", [google_forms, qualtrics])
def test_a_form_is_read_to_the_answer(tmp_path, capsys, story):
    told = story()
    checked, questions = through(tmp_path, told, capsys)
    asked = checked["survey"]["questions"]
    (nps,) = [question["mean"] for question in asked if question["kind"] == "nps"]
    (ticks,) = [question["shares"] for question in asked if question["kind"] == "tick"]
    assert {
        "means": [round(question["mean"], 3) for question in asked if question["kind"] == "likert"],
        "nps": round(nps, 3),
        "ticked": round(ticks[REASONS[0]], 3),
        "respondents": checked["survey"]["respondents"],
    } == told.right
    kinds = {question["kind"] for question in asked}
    assert {"categorical", "open"} <= kinds
    assert questions == []
