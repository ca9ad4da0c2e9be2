"""Make the sample shop: household goods with less harm to nature, sold online and in two towns. All of it is invented.

    python data/sample/generate.py [FOLDER]

writes the tables beside this file (or into FOLDER) and what was planted into ``truth/``. The same seed gives the same
bytes. Every table has a random stream of its own, so that a change in one leaves the others alone; dirt is added last.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import yaml
from dirt import RAGGED, spoil, with_ragged_lines
from planted import (
    ACQUISITION,
    AGE_ANSWERS,
    ATTRIBUTES,
    BETS,
    CATEGORIES,
    CHANCES,
    CHANNEL_LOGIT,
    CHANNELS,
    CHOOSERS,
    CONSISTENCY,
    COUPONS,
    CURVATURE,
    DEVICES,
    END,
    HABITS,
    HOLDOUT,
    HOME_ROLES,
    INFLUENCED,
    LIKERT,
    LOSS_AVERSION,
    N_CUSTOMERS,
    NATURE,
    NEGATIVE,
    OFFERS,
    OFFICE_ROLES,
    OPEN,
    ORDINARY,
    PLACE_LOGIT,
    POINTS,
    REASONS,
    REFILL,
    REFILL_PRICES,
    ROLE_POINTS,
    SESSIONS,
    SHARE_FEMALE,
    SHARES,
    SHOP_TOWNS,
    STAGE_LOGIT,
    START,
    STEPS,
    TASKS,
    THINGS,
    TOWNS,
    USUAL_AGE,
    VISIT_CHANNELS,
    WEEKS,
    WORTH,
    WORTH_VARIES,
    YES_NO,
    Habit,
    blend,
    stream,
)

HERE = Path(__file__).parent
PHRASES = yaml.safe_load((HERE / "phrases.yml").read_text(encoding="utf-8"))
SERVICE = ["customer_id", "at", "kind", "cost", "minutes", "rating", "text"]
LINES = ["customer_id", "at", "product_id", "category", "quantity", "unit_price", "list_price", "coupon", "channel",
         "unit_cost", "returns"]  # fmt: skip


def stamp(moment: dt.datetime) -> str:
    """A timestamp as the shop's system writes it."""
    return moment.strftime("%Y-%m-%d %H:%M")


def logistic(x: float) -> float:
    """The logistic function."""
    return float(1 / (1 + np.exp(-x)))


# --- who there is ------------------------------------------------------------------------------------------------


def make_people() -> tuple[pd.DataFrame, dict[str, Habit]]:
    """One row per customer with what is planted in them, and the habit of each."""
    rng = stream("people")
    people, habits = [], {}
    for number in range(1, N_CUSTOMERS + 1):
        customer = f"C{number:05d}"
        persona = str(rng.choice(list(SHARES), p=list(SHARES.values())))
        first = persona if persona in HABITS else str(rng.choice(list(HABITS)))
        second = str(rng.choice([name for name in HABITS if name != first]))
        purity = rng.uniform(0.4, 0.6) if persona == "between" else rng.uniform(0.65, 1.0)  # nobody is a type
        habits[customer] = blend(HABITS[first], HABITS[second], purity)
        negative = rng.random() < NEGATIVE[persona]
        satisfaction = rng.normal(habits[customer].satisfaction - 1.2 * negative, 0.8)
        started = rng.choice(["regular", "tried once", "never ordered"], p=[0.89, 0.08, 0.03])
        people.append((customer, persona, first, negative, satisfaction, started))
    columns = ["customer_id", "persona", "nearest", "negative", "satisfaction", "started"]
    return pd.DataFrame(people, columns=columns), habits


def make_customers(people: pd.DataFrame) -> pd.DataFrame:
    """The customers table: who they are, where they came from and what winning them cost."""
    rng = stream("customers")
    names = rng.permutation([f"{a}.{b}" for a in NATURE for b in THINGS])
    rows = []
    for i, person in enumerate(people.itertuples()):
        town = str(rng.choice(list(TOWNS), p=[share for _, share, _ in TOWNS.values()]))
        country, _, languages = TOWNS[town]
        office = person.persona == "office"
        age = np.clip(rng.normal(USUAL_AGE[person.persona], 10), 18, 80)
        role = rng.choice(OFFICE_ROLES if office else HOME_ROLES)
        came_from = rng.choice(list(ACQUISITION), p=INFLUENCED if person.negative else ORDINARY)
        earlier = i and came_from == "referral"  # satisfied customers recommend
        weights = np.exp(1.2 * people["satisfaction"].to_numpy()[:i]) if earlier else None
        referred_by = rng.choice(people["customer_id"].to_numpy()[:i], p=weights / weights.sum()) if earlier else ""
        days = rng.integers(0, 730) if rng.random() < 0.7 else rng.integers(730, 730 + 210)
        female = 0.95 * SHARE_FEMALE[person.persona]
        contact = [0.7, 0.2, 0.1] if office else [0.5, 0.1, 0.4]
        hours = [0.6, 0.35, 0.05] if office else [0.2, 0.3, 0.5]
        rows.append(
            {
                "customer_id": person.customer_id,
                "email": f"{names[i % len(names)]}{i % 97:02d}@example.org",
                "signed_up_at": (START - dt.timedelta(days=730) + dt.timedelta(days=int(days))).strftime("%Y-%m-%d"),
                "birth_year": str(2025 - int(age)) if rng.random() < 0.93 else "",
                "sex": str(rng.choice(["female", "male", "other", ""], p=[female, 0.94 - female, 0.01, 0.05])),
                "country": country,
                "location": town,
                "language": str(rng.choice(list(languages), p=list(languages.values()))),
                "job_role": str(role) if rng.random() < (0.9 if office else 0.6) else "",
                "acquisition_channel": str(came_from),
                "acquisition_cost": f"{rng.gamma(6, ACQUISITION[came_from] / 6):.2f}",
                "referred_by": str(referred_by),
                "preferred_channel": str(rng.choice(["email", "phone", "messenger"], p=contact)),
                "contact_hours": str(rng.choice(["morning", "afternoon", "evening"], p=hours)),
                "quotes_consent": str(rng.choice(["yes", "no"], p=[0.6, 0.4])),
            }
        )
    return pd.DataFrame(rows)


# --- what is sold ------------------------------------------------------------------------------------------------


def make_catalogue() -> pd.DataFrame:
    """Sixty products: category, list price and cost (EUR)."""
    rng = stream("catalogue")
    centre = dict(zip(CATEGORIES, (7.5, 6.0, 5.0, 13.0, 9.0, 19.0), strict=True))
    rows = []
    for number in range(60):
        category = CATEGORIES[number % len(CATEGORIES)]
        listed = max(1.9, round(centre[category] * rng.lognormal(0, 0.35) * 2) / 2 - 0.05)
        rows.append((f"P{number + 1:02d}", category, listed, round(listed * rng.uniform(0.48, 0.56), 2)))
    return pd.DataFrame(rows, columns=["product_id", "category", "list_price", "unit_cost"])


def make_prices(catalogue: pd.DataFrame) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """Posted prices when they change, and posted and list price per week and product."""
    rng = stream("prices")
    listed = np.tile(catalogue["list_price"].to_numpy(), (WEEKS, 1))
    dearer = rng.random(len(catalogue)) < 0.5  # half of the products cost 6 % more from May
    listed[17:, dearer] = np.round(listed[17:, dearer] * 1.06, 2)
    lowered = rng.random(listed.shape) < 0.17
    posted = np.where(lowered, np.round(listed * rng.choice([0.75, 0.8, 0.85], listed.shape), 2), listed)
    rows = [
        (product, stamp(START + dt.timedelta(weeks=week)), f"{posted[week, p]:.2f}", f"{listed[week, p]:.2f}")
        for p, product in enumerate(catalogue["product_id"])
        for week in range(WEEKS)
        if week == 0 or posted[week, p] != posted[week - 1, p] or listed[week, p] != listed[week - 1, p]
    ]
    return pd.DataFrame(rows, columns=["product_id", "at", "price", "list_price"]), posted, listed


# --- what was ordered --------------------------------------------------------------------------------------------


def own(rng: np.random.Generator, shares: np.ndarray, like: float = 14) -> np.ndarray:
    """One customer's shares, scattered around those of the kind."""
    return rng.dirichlet(like * shares + 0.05)


def order_moments(rng: np.random.Generator, of: Habit, joined: dt.datetime) -> list[dt.datetime]:
    """When one customer orders: a rate, days and hours of their own, from joining until they quietly leave."""
    rate = rng.gamma(5, of.rate / 5)
    weekdays, hours = own(rng, of.weekdays), own(rng, of.hours)
    first = max(START, joined)
    leaves = first + dt.timedelta(weeks=float(rng.exponential(85)))
    moments = []
    for week in range(WEEKS):
        for _ in range(rng.poisson(rate)):
            day, part = int(rng.choice(7, p=weekdays)), int(rng.choice(4, p=hours))
            minute = int(rng.integers(120, 330)) if part == 1 else int(rng.integers(0, 345))
            moment = START + dt.timedelta(weeks=week, days=day, hours=6 * part, minutes=minute)
            if first <= moment < min(leaves, END):
                moments.append(moment)
    return sorted(moments)


def make_sales(
    people: pd.DataFrame, habits: dict[str, Habit], customers: pd.DataFrame, catalogue: pd.DataFrame,
    posted: np.ndarray, listed: np.ndarray,
) -> tuple[pd.DataFrame, pd.DataFrame]:  # fmt: skip
    """Order lines with returns, and the service contacts that orders bring about."""
    rng = stream("sales")
    sales, service = [], []
    goods = list(zip(catalogue["product_id"], catalogue["category"], catalogue["unit_cost"], strict=True))
    kinds = [CATEGORIES.index(category) for category in catalogue["category"]]
    for person, customer in zip(people.itertuples(), customers.itertuples(), strict=True):
        of = habits[person.customer_id]
        moments = order_moments(rng, of, dt.datetime.fromisoformat(customer.signed_up_at))
        moments = moments[: {"regular": None, "tried once": 1, "never ordered": 0}[person.started]]
        channels = own(rng, of.channels)
        if customer.location not in SHOP_TOWNS:
            channels = np.array([channels[0] + channels[2], channels[1], 0])
        tastes = own(rng, of.categories)[kinds]
        coupon_share = rng.beta(10 * of.coupon + 0.1, 10 * (1 - of.coupon) + 0.1)
        for moment in moments:
            week = (moment - START).days // 7
            appeal = tastes * np.exp(of.promo * (posted[week] < listed[week]) + of.dear * np.log(listed[week]))
            lines = min(1 + rng.poisson(of.lines), 9)
            chosen = np.sort(rng.choice(len(catalogue), lines, replace=False, p=appeal / appeal.sum()))
            channel = str(rng.choice(CHANNELS, p=channels))
            coupon = str(rng.choice(list(COUPONS))) if channel != "shop" and rng.random() < coupon_share else ""
            sent_back = 0
            for p in chosen:
                quantity = 1 + int(rng.poisson(of.units))
                paid = round(posted[week, p] * (1 - COUPONS.get(coupon, 0)), 2)
                product, category, cost = goods[p]
                terms = (paid, listed[week, p], coupon, channel)
                sales.append((person.customer_id, moment, product, category, quantity, *terms, cost, ""))
                if rng.random() < (0.50 if person.negative else 0.02) and moment + dt.timedelta(days=21) < END:
                    back = moment + dt.timedelta(days=int(rng.integers(3, 20)), minutes=int(rng.integers(0, 120)))
                    worth = round(0.25 * cost, 2)  # opened goods are worth a quarter of their cost
                    line = len(sales) - 1
                    sales.append((person.customer_id, back, product, category, -quantity, *terms, worth, line))
                    sent_back += 1
                    service.append((person.customer_id, back, "return", rng.gamma(8, 0.55), rng.gamma(4, 2), "", ""))
            upset = rng.random() < (0.30 if person.negative else 0.025) + 0.08 * (sent_back > 0)
            service += contacts(rng, person, customer.language, moment, upset)
            if upset and not person.negative and rng.random() < 0.35:
                break  # one bad experience, and gone
    return number_orders(sales), pd.DataFrame(service, columns=SERVICE)


def contacts(rng: np.random.Generator, person: object, language: str, moment: dt.datetime, upset: bool) -> list[tuple]:
    """Complaint, question and review that follow one order."""
    says, rows = PHRASES[language], []
    if upset:
        at = moment + dt.timedelta(days=int(rng.integers(1, 6)))
        text = str(rng.choice(says["complaint"]))
        rows.append((person.customer_id, at, "complaint", rng.gamma(5, 1.6), rng.gamma(5, 4), "", text))
    if rng.random() < 0.03 + 0.10 * person.negative:
        at = moment + dt.timedelta(days=int(rng.integers(0, 4)))
        rows.append((person.customer_id, at, "support", rng.gamma(4, 0.7), rng.gamma(4, 2.5), "", ""))
    if rng.random() < 0.05 + 0.05 * upset:
        at = moment + dt.timedelta(days=int(rng.integers(3, 12)))
        rating = int(np.clip(round(rng.normal(4.1 + 0.6 * person.satisfaction - 1.6 * upset, 0.7)), 1, 5))
        text = rng.choice(says["praise" if rating >= 4 else "blame"]) if rng.random() < 0.7 else ""
        rows.append((person.customer_id, at, "review", 0.0, 0.0, str(rating), text))
    return [row for row in rows if row[1] < END]


def number_orders(sales: list[tuple]) -> pd.DataFrame:
    """Order lines as text in order of time, with order and line numbers; a return carries the number of its order."""
    frame = pd.DataFrame(sales, columns=LINES)
    bought_at = frame["at"].where(frame["returns"] == "", frame["returns"].map(frame["at"]))
    keys = pd.MultiIndex.from_arrays([bought_at, frame["customer_id"]])
    frame["order_id"] = [f"O{number + 1:05d}" for number in keys.factorize(sort=True)[0]]
    frame = frame.sort_values(["at", "order_id", "product_id"], kind="stable").reset_index(drop=True)
    money = frame[["unit_price", "list_price", "unit_cost"]].map("{:.2f}".format)
    discount = (frame["list_price"] - frame["unit_price"]) * frame["quantity"]
    return pd.DataFrame(
        {
            "customer_id": frame["customer_id"],
            "order_id": frame["order_id"],
            "line_id": [f"L{number + 1:06d}" for number in range(len(frame))],
            "ordered_at": frame["at"].map(stamp),
            "product_id": frame["product_id"],
            "category": frame["category"],
            "quantity": frame["quantity"].astype(str),
            "unit_price": money["unit_price"],
            "list_price": money["list_price"],
            "discount": (discount.round(2) + 0.0).map("{:.2f}".format),
            "coupon": frame["coupon"],
            "channel": frame["channel"],
            "unit_cost": money["unit_cost"],
        }
    )


def as_text(service: pd.DataFrame) -> pd.DataFrame:
    """The service table in order of time, as text."""
    service = service.sort_values(["at", "customer_id", "kind"], kind="stable").reset_index(drop=True)
    minutes = service["minutes"].map("{:.0f}".format)
    return service.assign(at=service["at"].map(stamp), cost=service["cost"].map("{:.2f}".format), minutes=minutes)


# --- what was answered -------------------------------------------------------------------------------------------


def make_survey(
    people: pd.DataFrame, habits: dict[str, Habit], customers: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The survey that some answer and not at random, and the codes that were planted in its open answers."""
    rng = stream("survey")
    rows, codes = [], []
    for person, customer in zip(people.itertuples(), customers.itertuples(), strict=True):
        of = habits[person.customer_id]
        age = 2025 - int(customer.birth_year or 1985)
        if rng.random() >= of.answers * (1 + AGE_ANSWERS * (age - 40)) * (0.6 if person.negative else 1):
            continue
        answer = {"email": customer.email, **rating_answers(rng, of)}
        answer["household"] = str(rng.choice(["alone", "couple", "family with children", "shared flat"]))
        bought_for = [0.10, 0.60, 0.30] if person.persona == "office" else [0.88, 0.02, 0.10]
        answer["buys_for"] = str(rng.choice(["home", "work", "both"], p=bought_for))
        answer["reasons"] = ";".join(r for r, p in zip(REASONS, tick_shares(of), strict=True) if rng.random() < p)
        for i, attribute in enumerate(ATTRIBUTES):
            answer[f"imp_{attribute}"] = scale(rng.normal(of.importance[i], 0.8))
            level = (4.2, 3.4, 3.3, 2.9)[i]  # information falls short of what it matters
            answer[f"perf_{attribute}"] = scale(rng.normal(level + 0.4 * person.satisfaction, 0.8))
        answer |= open_answers(rng, of, customer.language, codes, len(rows))
        answer["nps"] = str(int(np.clip(round(rng.normal(7.0 + 1.6 * person.satisfaction, 1.6)), 0, 10)))
        answer |= experiments(rng, HABITS[person.nearest])
        rows.append(answer)
    numbers = [f"R{i + 1:04d}" for i in rng.permutation(len(rows))]
    survey = pd.DataFrame(rows)
    survey.insert(0, "respondent_id", numbers)
    planted = pd.DataFrame(codes, columns=["respondent_id", "question", "code"])
    planted["respondent_id"] = [numbers[row] for row in planted["respondent_id"]]
    planted = planted.sort_values(["respondent_id", "question", "code"])
    return survey.sort_values("respondent_id").reset_index(drop=True), planted


def scale(value: float) -> str:
    """A rating from 1 to 5."""
    return str(int(np.clip(round(value), 1, 5)))


def rating_answers(rng: np.random.Generator, of: Habit) -> dict[str, str]:
    """Ten ratings with a person's own leaning to say yes; some items left empty, some answered 99 (do not know)."""
    leaning = rng.normal(0, 0.4)
    answers = {item: scale(mean + leaning + rng.normal(0, 0.95)) for item, mean in zip(LIKERT, of.likert, strict=True)}
    for item in LIKERT:
        missing = rng.random()
        answers[item] = "" if missing < 0.02 else "99" if missing < 0.03 else answers[item]
    return answers


def tick_shares(of: Habit) -> list[float]:
    """How often each reason is ticked, from what matters to this kind."""
    nature, invoice = (of.likert[0] - 1) / 4.4, (of.likert[8] - 1) / 5
    return [nature, (of.importance[1] - 1) / 4.6, 0.55, (of.importance[2] - 1) / 5, 0.25, invoice]


def open_answers(rng: np.random.Generator, of: Habit, language: str, codes: list[tuple], row: int) -> dict[str, str]:
    """Answers to the open questions in the customer's language; a third leaves each empty."""
    answers, at = {}, 0
    for question, possible in OPEN.items():
        shares = of.codes[at : at + len(possible)]
        at += len(possible)
        if rng.random() < 0.35:
            answers[question] = ""
            continue
        if rng.random() < 0.10:
            answers[question] = str(rng.choice(PHRASES[language]["none"]))
            continue
        said = rng.choice(possible, 2 if rng.random() < 0.15 else 1, replace=False, p=shares / shares.sum())
        answers[question] = " ".join(str(rng.choice(PHRASES[language][code])) for code in said)
        codes += [(row, question, str(code)) for code in said]
    return answers


def experiments(rng: np.random.Generator, of: Habit) -> dict[str, str]:
    """Three randomised questions: a real relative-saving effect, a true null, and a real anchor."""
    frame = str(rng.choice(["cheap", "dear"]))
    wording = str(rng.choice(["gain", "loss"]))
    anchor = str(rng.choice(["low", "high"]))
    goes = rng.random() < (of.saves_cheap if frame == "cheap" else of.saves_dear)
    buys = rng.random() < 0.46
    pays = rng.lognormal(np.log(4.0 if anchor == "low" else 4.8), 0.45)
    return {"frame": frame, "would_go": YES_NO[goes], "wording": wording, "would_buy": YES_NO[buys], "anchor": anchor,
            "would_pay": f"{round(pays * 2) / 2:.1f}"}  # fmt: skip


def bet_answers(people: int) -> pd.DataFrame:
    """Accepted and declined bets, one row per respondent; one answer in thirty is missing."""
    rng = stream("gambles")
    weight = {p: p**CHANCES / (p**CHANCES + (1 - p) ** CHANCES) ** (1 / CHANCES) for p in (0.1, 0.2, 0.5, 0.8, 0.9)}
    answers = {}
    for name, (gain, chance, loss, sure) in BETS.items():
        bent = [(amount / 100) ** CURVATURE for amount in (gain, loss, sure)]
        lead = weight[chance] * bent[0] - weight[round(1 - chance, 1)] * LOSS_AVERSION * bent[1] - bent[2]
        accepts = rng.random(people) < logistic(CONSISTENCY * lead)
        answers[name] = np.where(rng.random(people) < 1 / 30, "", np.where(accepts, "accept", "decline"))
    return pd.DataFrame(answers)


def make_conjoint(people: pd.DataFrame, customers: pd.DataFrame, survey: pd.DataFrame) -> pd.DataFrame:
    """Choices between offers of a refill by some of the respondents, who differ by kind and from person to person."""
    rng = stream("conjoint")
    kind = dict(zip(customers["email"], people["nearest"], strict=True))
    asked = survey.iloc[np.sort(rng.choice(len(survey), CHOOSERS, replace=False))]
    rows = []
    for person in asked.itertuples():
        worth = {name: mean + rng.normal(0, WORTH_VARIES) for name, mean in WORTH[kind[person.email]].items()}
        for task in range(1, TASKS + 1):
            offers = [[str(rng.choice(levels)) for levels in REFILL.values()] for _ in range(OFFERS)]
            prices = [float(rng.choice(REFILL_PRICES)) for _ in range(OFFERS)]
            liked = [
                sum(worth.get(level, 0) for level in offer) + worth["price"] * price + rng.gumbel()
                for offer, price in zip(offers, prices, strict=True)
            ]
            for place, (offer, price) in enumerate(zip(offers, prices, strict=True)):
                chosen = YES_NO[place == int(np.argmax(liked))]
                rows.append((person.respondent_id, str(task), "ABC"[place], chosen, *offer, f"{price:.2f}"))
    return pd.DataFrame(rows, columns=["respondent_id", "task", "alternative", "chosen", *REFILL, "price"])


# --- what was visited, sent and begun ----------------------------------------------------------------------------


def make_sessions(customers: pd.DataFrame) -> pd.DataFrame:
    """A sample of visits, several per visitor. Social brings few buyers, but Almaty uses it most and buys most."""
    rng = stream("sessions")
    rows = []
    for number in range(1, 5_201):
        town = str(rng.choice(list(TOWNS), p=[share for _, share, _ in TOWNS.values()]))
        languages = TOWNS[town][2]
        language = str(rng.choice(list(languages), p=list(languages.values())))
        social = 0.62 if town == "Almaty" else 0.14
        usual = np.array([0.44, 0.0, 0.20, 0.22, 0.14]) * (1 - social) + np.array([0, social, 0, 0, 0])
        visitor_logit, customer = rng.normal(0, 0.7), ""
        at = START + dt.timedelta(minutes=int(rng.integers(0, WEEKS * 7 * 1440)))
        device = str(rng.choice(DEVICES, p=[0.6, 0.34, 0.06]))
        for visit in range(1 + rng.poisson(1.1)):
            channel = str(rng.choice(VISIT_CHANNELS, p=own(rng, usual, 6)))
            stage = str(rng.choice(list(STAGE_LOGIT), p=[0.62, 0.28, 0.10] if visit == 0 else [0.25, 0.45, 0.30]))
            planted = CHANNEL_LOGIT[channel] + PLACE_LOGIT[town] + STAGE_LOGIT[stage] + 0.45 * (visit > 0)
            converted = rng.random() < logistic(-3.55 + visitor_logit + planted)
            if converted and not customer:
                customer = str(rng.choice(customers.loc[customers["location"] == town, "customer_id"]))
            value = f"{rng.gamma(3, 11) * (1.25 if channel == 'newsletter' else 1):.2f}" if converted else ""
            if at < END:
                who, where = (customer, f"V{number:05d}"), (town, language)
                rows.append(
                    (stamp(at), channel, YES_NO[converted], *who, *where, stage, YES_NO[visit == 0], value, device)
                )
            at += dt.timedelta(minutes=int(rng.exponential(9 * 1440)) + 30)
    return pd.DataFrame(sorted(rows), columns=SESSIONS)


def make_steps() -> pd.DataFrame:
    """Four hundred tries to check out, step by step."""
    rng = stream("steps")
    rows = []
    for number in range(1, 401):
        at = START + dt.timedelta(minutes=int(rng.integers(0, WEEKS * 7 * 1440 - 60)))
        for step, passes in STEPS.items():
            completed = rng.random() < passes
            error = "" if completed or rng.random() < 0.4 else f"{step} not accepted"
            rows.append((f"S{number:04d}", step, stamp(at), YES_NO[completed], error))
            at += dt.timedelta(minutes=int(rng.integers(1, 5)))
            if not completed:
                break
    return pd.DataFrame(rows, columns=["session_id", "step", "at", "completed", "error"])


def make_messages(people: pd.DataFrame) -> pd.DataFrame:
    """Messages to three hundred customers: the more in a week, the fewer are opened and the more people leave."""
    rng = stream("messages")
    rows = []
    for customer in rng.choice(people["customer_id"], 300, replace=False):
        pressure, likes = rng.choice([0.15, 0.35, 0.7]), rng.normal(0, 0.6)
        for week in range(WEEKS):
            sent = int(rng.poisson(pressure))
            for _ in range(sent):
                at = START + dt.timedelta(weeks=week, days=int(rng.integers(0, 5)), hours=int(rng.integers(8, 19)))
                opened = rng.random() < logistic(0.1 + likes - 0.5 * (sent - 1))
                clicked = opened and rng.random() < 0.2
                leaves = rng.random() < 0.004 + 0.012 * (sent - 1)
                what = (str(rng.choice(["email", "push"])), str(rng.choice(["offer", "news"])))
                rows.append((customer, stamp(at), *what, YES_NO[opened], YES_NO[clicked], YES_NO[leaves], "0.02"))
                if leaves:
                    break
            if sent and leaves:
                break
    columns = ["customer_id", "at", "channel", "kind", "opened", "clicked", "unsubscribed", "cost"]
    return pd.DataFrame(sorted(rows, key=lambda row: (row[1], row[0])), columns=columns)


def make_leads() -> pd.DataFrame:
    """Two hundred leads from offices and what they did; more points, more likely a customer within eight weeks."""
    rng = stream("leads")
    rows = []
    for number in range(1, 201):
        role = str(rng.choice([*ROLE_POINTS, "teacher"], p=[0.3, 0.2, 0.1, 0.15, 0.25]))
        done = rng.choice(list(POINTS), 1 + rng.poisson(4), p=[0.42, 0.12, 0.12, 0.14, 0.14, 0.06])
        score = sum(POINTS[activity] for activity in done) + ROLE_POINTS.get(role, 0)
        at = START + dt.timedelta(hours=int(rng.integers(0, (WEEKS - 14) * 168)))
        moments = [at := at + dt.timedelta(hours=int(rng.exponential(60)) + 1) for _ in done]
        wins = rng.random() < logistic(-2.6 + score / 55)
        converted_at = stamp(at + dt.timedelta(days=int(rng.integers(2, 40)))) if wins else ""
        rows += [(f"D{number:03d}", stamp(m), str(a), role, converted_at) for m, a in zip(moments, done, strict=True)]
    return pd.DataFrame(rows, columns=["lead_id", "at", "activity", "job_role", "converted_at"])


def make_interviews() -> pd.DataFrame:
    """Ninety customers and twenty of the shop's people, who hear mostly of delivery and invoices."""
    rng = stream("interviews")
    rows, languages = [], [language for language in PHRASES if language != "sales"]
    for number in range(1, 91):
        of, language = HABITS[str(rng.choice(list(HABITS)))], str(rng.choice(languages))
        answers = open_answers(rng, of, language, [], 0)
        rows += [("customer", f"I{number:02d}", question, text) for question, text in answers.items() if text]
    for number in range(1, 21):
        says = PHRASES["sales"][str(rng.choice(languages))]
        heard = rng.choice(["too_dear", "delivery", "paperwork", "doubts_claims"], 2, False, p=[0.15, 0.4, 0.35, 0.1])
        rows.append(("sales", f"T{number:02d}", "what_stops", " ".join(says[code] for code in heard)))
        rows.append(("sales", f"T{number:02d}", "team", says["team"]))
    return pd.DataFrame(rows, columns=["speaker", "respondent_id", "question", "text"])


# --- writing -----------------------------------------------------------------------------------------------------


def csv_text(frame: pd.DataFrame) -> str:
    """The frame as CSV text."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(frame.columns)
    writer.writerows(frame.to_numpy())
    return out.getvalue()


def effects() -> dict:
    """What was planted, for the tests: shares that say yes per frame and kind, and the rest as named."""
    return {
        "relative_saving": {name: {"cheap": of.saves_cheap, "dear": of.saves_dear} for name, of in HABITS.items()},
        "framing_wording": {"gain": 0.46, "loss": 0.46},
        "anchor_price": {"ratio_of_medians": 1.2},
        "gambles": {"lambda": LOSS_AVERSION, "alpha": CURVATURE, "gamma": CHANCES},
        "channel_logit": CHANNEL_LOGIT,
        "place_logit": PLACE_LOGIT,
        "steps": STEPS,
        "conjoint": WORTH,
    }


def truth_of(people: pd.DataFrame, sales: pd.DataFrame) -> pd.DataFrame:
    """Who is who, and how many orders each made before the held-out part of the window."""
    bought = sales[~sales["quantity"].str.startswith("-") & (sales["ordered_at"] < stamp(HOLDOUT))]
    orders = people["customer_id"].map(bought.groupby("customer_id")["order_id"].nunique()).fillna(0).astype(int)
    return people[["customer_id", "persona", "nearest", "negative"]].assign(orders=orders)


def main(folder: Path) -> None:
    """Write every table and the truth."""
    people, habits = make_people()
    customers = make_customers(people)
    catalogue = make_catalogue()
    prices, posted, listed = make_prices(catalogue)
    sales, service = make_sales(people, habits, customers, catalogue, posted, listed)
    survey, codes = make_survey(people, habits, customers)
    survey = survey.join(bet_answers(len(survey)))
    clean = {"sales": sales, "customers": customers, "survey": survey, "sessions": make_sessions(customers),
             "service": as_text(service), "prices": prices, "messages": make_messages(people), "leads": make_leads(),
             "steps": make_steps(), "conjoint": make_conjoint(people, customers, survey)}  # fmt: skip
    tables, dirt = spoil(clean)
    dirt["sales"]["ragged_row"] = RAGGED
    written = {f"{name}.csv": csv_text(table) for name, table in tables.items()}
    written["sales.csv"] = with_ragged_lines(written["sales.csv"])
    written["interviews.csv"] = csv_text(make_interviews())
    written["truth/personas.csv"] = csv_text(truth_of(people, sales))
    written["truth/verbatims.csv"] = csv_text(codes)
    written["truth/dirt.json"] = json.dumps(dirt, indent=1) + "\n"
    written["truth/effects.json"] = json.dumps(effects(), indent=1) + "\n"
    (folder / "truth").mkdir(parents=True, exist_ok=True)
    for name, text in written.items():
        (folder / name).write_bytes(text.encode("utf-8"))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
