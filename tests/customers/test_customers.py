"""Customer features against hand counts, against plain pandas, and against what they must never see."""

from __future__ import annotations

import datetime as dt

import ibis
import ibis.expr.operations as ops
import numpy as np
import pandas as pd
import pytest

from helpers.contracts import DataError, StudyError
from helpers.customers import features as customer_features
from helpers.customers.customers import (
    as_of_today,
    build_customers,
    customers_summary,
    orders,
    resolve_period,
    weekday_hour,
)
from helpers.customers.facts import as_table, engine
from helpers.customers.features import Vocabulary, feature_expression, slug_of
from helpers.read.load import LoadedTables
from helpers.study import Study

WINDOW = {"start": dt.date(2025, 1, 6), "holdout_from": dt.date(2025, 1, 20), "as_of": dt.date(2025, 1, 26)}

WINDOW_DAYS = (WINDOW["start"], WINDOW["holdout_from"])


def study_of(window: dict | None = None, **tables: dict) -> Study:
    named = {"sales": {"path": "sales.csv"}, **tables}
    study = Study.model_validate({"study": "test", "window": window or {}, "tables": named})
    few = study.privacy.model_copy(update={"min_cell": 1})  # channels of one customer count, to be counted by hand
    return study.model_copy(update={"privacy": few})


def frame_of(header: str, *rows: tuple) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=header.split())
    for name in frame:
        if name in ("ordered_at", "at"):
            frame[name] = pd.to_datetime(frame[name]).astype("datetime64[us]")
        elif name == "is_return":
            frame[name] = frame[name].astype("boolean")
        elif name in ("quantity", "amount", "discount", "unit_cost", "list_price", "cost", "birth_year"):
            frame[name] = frame[name].astype("float64")
        else:
            frame[name] = frame[name].astype("str")
    return frame


# 6 January 2025 is a Monday. Anna: order 1 on Monday morning (two lines, one of them reduced), order 2 on the second
# Tuesday evening with a coupon, one piece of order 1 sent back; after the split one order. Bea: one order at night.
# Chen only returns something before the split and buys after it. Dina is seen in the customers table alone.
SALES = frame_of(
    "customer_id order_id ordered_at quantity amount discount coupon category channel unit_cost is_return",
    ("anna", "1", "2025-01-06 09:00", 2, 20, 0, None, "Soap", "Web shop", 4, False),
    ("anna", "1", "2025-01-06 09:00", 1, 10, 2.5, None, "Tea", "Web shop", 6, False),
    ("anna", "2", "2025-01-14 19:30", 5, 50, 0, "SAVE5", "Soap", "Магазин", 4, False),
    ("anna", "R1", "2025-01-15 12:00", -1, -10, 0, None, "Soap", "Web shop", 4, True),
    ("anna", "3", "2025-01-20 00:00", 1, 99, 0, None, "Tea", "Web shop", 6, False),
    ("bea", "4", "2025-01-19 23:59", 1, 7, 0, "-", "Tea", "Web shop", 6, False),
    ("bea", "4", "2025-01-19 05:00", 3, 12, 0, "0", None, "Web shop", 2, False),
    ("chen", "R2", "2025-01-10 10:00", -1, -5, 0, None, "Soap", "Web shop", 4, True),
    ("chen", "5", "2025-01-26 23:59", 1, 30, 0, None, "Soap", "Web shop", 4, False),
    ("eva", "6", "2025-01-27 00:00", 1, 30, 0, None, "Soap", "Web shop", 4, False),
    ("fay", "7", "2025-01-05 23:59", 1, 30, 0, None, "Soap", "Web shop", 4, False),
)
SERVICE = frame_of(
    "customer_id at kind cost",
    ("anna", "2025-01-07", " Complaint ", 3),
    ("anna", "2025-01-08", "support", 1.5),
    ("anna", "2025-01-21", "complaint", 4),
    ("bea", "2025-01-05", "complaint", 100),
)
PEOPLE = frame_of(
    "customer_id email birth_year country",
    ("anna", "a@x.org", 1980, "Georgia"),
    ("dina", "d@x.org", np.nan, "Қазақстан"),
)


def tables(**frames: pd.DataFrame) -> LoadedTables:
    return LoadedTables({"sales": SALES, **frames}, ())


@pytest.fixture(scope="module")
def counted():
    study = study_of(
        WINDOW,
        customers={"path": "c.csv", "attributes": ["email"]},
        service={"path": "s.csv"},
        survey={"path": "q.csv", "join": {"customers": "email"}},
    )
    return build_customers(tables(service=SERVICE, customers=PEOPLE), study)


def test_features_as_counted_by_hand(counted):
    assert counted.features["customer_id"].tolist() == ["anna", "bea"]
    anna = counted.features.iloc[0].drop("customer_id").to_dict()
    expected = {
        "orders": 2, "lines": 3, "units": 8, "spend": 80, "returned": 10, "average_order_value": 40,
        "order_value_min": 30, "order_value_q25": 35, "order_value_median": 40, "order_value_q75": 45,
        "order_value_max": 50, "recency_days": 6, "tenure_days": 14, "basket_size": 4, "single_item_share": 0.5,
        "days_between_orders_median": 8,
        "monday_share": 0.5, "tuesday_share": 0.5, "wednesday_share": 0, "thursday_share": 0, "friday_share": 0,
        "saturday_share": 0, "sunday_share": 0, "night_share": 0, "morning_share": 0.5, "afternoon_share": 0,
        "evening_share": 0.5, "channel_web_shop_share": 0.5, "channel_магазин_share": 0.5,
        "category_soap_share": 70 / 80, "category_tea_share": 10 / 80, "discount_lines": 1, "discount_share": 1 / 3,
        "coupon_orders": 1, "coupon_share": 0.5, "return_lines": 1, "return_share": 1 / 4,
        "margin": 80 - 10 - (2 * 4 + 6 + 5 * 4 - 4), "complaints": 1, "service_cost": 4.5,
    }  # fmt: skip
    assert anna == pytest.approx(expected, abs=1e-12)
    bea = counted.features.iloc[1]
    assert (bea["orders"], bea["lines"], bea["coupon_orders"], bea["complaints"]) == (1, 2, 0, 0)
    assert bea["category_tea_share"] == pytest.approx(7 / 19)
    assert (bea["recency_days"], bea["night_share"], bea["sunday_share"]) == (1, 1, 1)  # the first line decides


def test_days_between_orders_are_counted_from_midnight_to_midnight_between_neighbours():
    days = [("anna", "2025-01-06 23:00"), ("anna", "2025-01-07 01:00"), ("anna", "2025-01-07 09:00"),
            ("anna", "2025-01-11 09:00"), ("anna", "2025-01-19 09:00"), ("bea", "2025-01-08 09:00"),
            ("anna", "2025-01-25 09:00")]  # fmt: skip
    rows = [(customer, str(number), day, 10) for number, (customer, day) in enumerate(days)]
    frame = frame_of("customer_id order_id ordered_at amount", *rows)
    found = build_customers(LoadedTables({"sales": frame}, ()), study_of(WINDOW))
    median = found.features.set_index("customer_id")["days_between_orders_median"]
    assert median["anna"] == 2.5  # 1, 0, 4 and 8 days
    assert np.isnan(median["bea"])
    assert found.held_out["days_between_orders_median"].isna().all()


def test_held_out_part_as_counted_by_hand(counted):
    held_out = counted.held_out.set_index("customer_id")
    assert held_out.index.tolist() == ["anna", "bea"]
    seen = held_out.loc["anna", ["orders", "spend", "margin", "complaints", "service_cost", "recency_days", "churned"]]
    assert seen.tolist() == [1, 99, 93, 1, 4, 7, False]
    gone = held_out.loc["bea", ["orders", "lines", "spend", "returned", "margin", "complaints", "churned"]]
    assert gone.tolist() == [0, 0, 0, 0, 0, 0, True]
    assert np.isnan(held_out.loc["bea", "return_share"])
    assert held_out[["orders", "return_lines", "complaints"]].dtypes.eq("int64").all()


def test_everybody_known_is_somewhere(counted):
    assert counted.no_order == ("chen", "dina")  # eva comes after as_of, fay went before start
    assert counted.profile["customer_id"].tolist() == ["anna", "bea", "dina"]
    assert counted.profile["age"].tolist()[0] == 45
    assert counted.profile["country"].tolist()[::2] == ["Georgia", "Қазақстан"]
    assert not {"email", "birth_year"} & set(counted.profile)  # the key of the survey is no attribute


def test_who_first_ordered_after_the_split_is_known_as_a_newcomer(counted):
    assert counted.newcomers == ("chen",)


def test_today_knows_every_order_up_to_as_of(counted):
    """By hand: anna's order after the split is her third, and chen's is his first."""
    today = as_of_today(tables(service=SERVICE, customers=PEOPLE), counted, study_of(WINDOW))
    orders = today.features.set_index("customer_id")["orders"]
    before = counted.features.set_index("customer_id")["orders"]
    assert orders.index.tolist() == ["anna", "bea", "chen"]
    assert (orders["anna"], orders["bea"]) == (before["anna"] + 1, before["bea"])
    assert today.no_order == ("dina",)
    assert list(today.features) == list(counted.features)
    assert as_of_today(tables(), None, study_of(WINDOW)) is None


def test_returns_after_the_split_count_without_an_order():
    late = frame_of(SALES.columns.str.cat(sep=" "), *SALES[SALES["order_id"] != "3"].itertuples(index=False))
    back = late[late["order_id"] == "R1"].assign(ordered_at=pd.Timestamp("2025-01-21"))
    held_out = build_customers(LoadedTables({"sales": pd.concat([late, back])}, ()), study_of(WINDOW)).held_out
    anna = held_out.set_index("customer_id").loc["anna"]
    assert (anna["orders"], anna["return_lines"], anna["return_share"], anna["margin"]) == (0, 1, 1, -10 + 4)
    assert anna["churned"]


def test_absent_columns_stay_absent_and_dates_have_no_hours():
    bare = SALES[["customer_id", "order_id", "ordered_at", "amount"]]
    dated = bare.assign(ordered_at=bare["ordered_at"].dt.normalize())
    features = build_customers(LoadedTables({"sales": dated}, ()), study_of(WINDOW)).features
    named = ("units", "basket", "channel", "category", "discount", "coupon", "margin", "complaints", "night", "morning")
    assert [name for name in features if name.startswith(named)] == []
    assert features["return_lines"].tolist() == [1, 0]  # a negative amount is a return
    assert features["monday_share"].tolist() == [0.5, 0]


def test_margin_is_not_known_where_a_cost_is_missing():
    sales = SALES.assign(unit_cost=SALES["unit_cost"].mask(SALES["order_id"] == "4"))
    built = build_customers(LoadedTables({"sales": sales}, ()), study_of(WINDOW))
    assert built.features["margin"].isna().tolist() == [False, True]
    assert built.held_out["margin"].tolist() == [93, 0]


def test_a_slip_of_the_keyboard_breaks_no_sum():
    sales = SALES.assign(amount=SALES["amount"].mask(SALES["order_id"] == "2", 9e14))
    spend = build_customers(LoadedTables({"sales": sales}, ()), study_of(WINDOW)).features["spend"]
    assert spend.tolist() == pytest.approx([9e14 + 30, 19], rel=1e-15)


def test_a_price_under_the_list_price_is_a_discount_where_nothing_else_tells():
    sales = SALES.drop(columns="discount").assign(list_price=[10, 10.0049, 12, 10, 1, 7.02, 4, 5, 1, 1, 1])
    features = build_customers(LoadedTables({"sales": sales}, ()), study_of(WINDOW)).features
    assert features["discount_lines"].tolist() == [1, 1]


# --- the same numbers as plain pandas ----------------------------------------------------------------------------


def random_sales(rng: np.random.Generator, n: int) -> pd.DataFrame:
    order = rng.integers(0, n // 3 + 1, n)
    quantity = rng.integers(1, 6, n) * np.where(rng.random(n) < 0.15, -1.0, 1.0)
    price = rng.gamma(2, 10, n).round(2)
    minutes = rng.integers(0, 60 * 24 * 60, n // 3 + 1)[order] + rng.integers(0, 30, n)
    return pd.DataFrame(
        {
            "customer_id": pd.Series((order % (n // 15 + 1)).astype(str), dtype="str"),
            "order_id": pd.Series(order.astype(str), dtype="str"),
            "ordered_at": (pd.Timestamp("2025-01-06") + pd.to_timedelta(minutes, unit="min")).astype("datetime64[us]"),
            "quantity": quantity,
            "amount": (quantity * price).round(2),
            "discount": np.where(rng.random(n) < 0.3, price * 0.1, 0.0),
            "coupon": pd.Series(rng.choice(["X1", "", None], n), dtype="str"),
            "category": pd.Series(rng.choice([*"abcdefghijkl", None], n), dtype="str"),
            "channel": pd.Series(rng.choice(["web", "app", "Shop 1", None], n), dtype="str"),
            "unit_cost": np.where(rng.random(n) < 0.01, np.nan, price.round(1) * 0.6),
            "is_return": pd.array(quantity < 0, dtype="boolean"),
        }
    )


def plain_features(sales: pd.DataFrame, start: pd.Timestamp, end: pd.Timestamp, categories: list[str]) -> pd.DataFrame:
    """The definitions of ``Customers.features``, customer by customer."""
    sales = sales[(sales["ordered_at"] >= start) & (sales["ordered_at"] < end)]
    rows = {}
    for customer, all_lines in sales.groupby("customer_id"):
        back, bought = all_lines[all_lines["quantity"] < 0], all_lines[all_lines["quantity"] > 0]
        if bought.empty:
            continue
        by_order = bought.groupby("order_id")
        value, first = by_order["amount"].sum(), by_order["ordered_at"].min()
        channel = by_order["channel"].min()
        cost = (all_lines["quantity"] * all_lines["unit_cost"]).sum(skipna=False)
        spend, n = bought["amount"].sum(), len(value)
        weekday, hour = first.dt.day_of_week.to_numpy(), first.dt.hour.to_numpy()
        row = {
            "orders": n, "lines": len(bought), "units": bought["quantity"].sum(), "spend": spend,
            "returned": -back["amount"].sum(), "average_order_value": value.mean(), "order_value_min": value.min(),
            "order_value_q25": np.quantile(value, 0.25), "order_value_median": np.median(value),
            "order_value_q75": np.quantile(value, 0.75), "order_value_max": value.max(),
            "recency_days": (end - first.max().normalize()).days, "tenure_days": (end - first.min().normalize()).days,
            "days_between_orders_median": first.dt.normalize().sort_values().diff().dt.days.median(),
            "basket_size": bought["quantity"].sum() / n, "single_item_share": (by_order.size() == 1).mean(),
            "discount_lines": (bought["discount"] != 0).sum(), "discount_share": (bought["discount"] != 0).mean(),
            "coupon_orders": (by_order["coupon"].apply(lambda used: used.eq("X1").any())).sum(),
            "return_lines": len(back), "return_share": len(back) / len(all_lines),
            "margin": spend + back["amount"].sum() - cost,
        }  # fmt: skip
        row["coupon_share"] = row["coupon_orders"] / n
        for i, day in enumerate(["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]):
            row[f"{day}_share"] = np.mean(weekday == i)
        for i, part in enumerate(["night", "morning", "afternoon", "evening"]):
            row[f"{part}_share"] = np.mean(hour // 6 == i)
        for slug, name in (("web", "web"), ("app", "app"), ("shop_1", "Shop 1")):
            row[f"channel_{slug}_share"] = (channel == name).sum() / n
        for name in categories:
            row[f"category_{name}_share"] = bought.loc[bought["category"] == name, "amount"].sum() / spend
        other = bought["category"].notna() & ~bought["category"].isin(categories)
        row["category_other_share"] = bought.loc[other, "amount"].sum() / spend
        rows[customer] = row
    return pd.DataFrame.from_dict(rows, orient="index").sort_index()


@pytest.mark.parametrize(("seed", "n"), [(1, 40), (2, 500)])
def test_same_numbers_as_plain_pandas(seed, n):
    sales = random_sales(np.random.default_rng(seed), n)
    built = build_customers(LoadedTables({"sales": sales}, ()), study_of())
    period = built.period
    assert (period.start, period.as_of) == (sales["ordered_at"].min().date(), sales["ordered_at"].max().date())
    start, split = pd.Timestamp(period.start), pd.Timestamp(period.holdout_from)
    window = sales[(sales["ordered_at"] >= start) & (sales["ordered_at"] < split)]
    money = window.assign(size=window["amount"].abs()).groupby("category")["size"].sum()
    largest = money.sort_values(ascending=False).index[:8].tolist()

    after = pd.Timestamp(period.as_of) + pd.Timedelta(days=1)
    for ours, (first, end) in ((built.features, (start, split)), (built.held_out, (split, after))):
        plain = plain_features(sales, first, end, largest)
        mine = ours[ours["orders"] > 0].set_index("customer_id").drop(columns="churned", errors="ignore")
        if ours is built.held_out:
            plain = plain.loc[mine.index]
        assert mine.index.tolist() == plain.index.tolist()
        assert set(mine.columns) == set(plain.columns)
        pd.testing.assert_frame_equal(
            mine.astype("float64"), plain[mine.columns].astype("float64"), rtol=1e-9, atol=1e-9, check_names=False
        )


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_order_of_rows_changes_nothing_at_all(seed):
    rng = np.random.default_rng(seed)
    sales = random_sales(rng, 120)
    shuffled = sales.sample(frac=1, random_state=seed)[list(rng.permutation(sales.columns))]
    one, other = (build_customers(LoadedTables({"sales": frame}, ()), study_of()) for frame in (sales, shuffled))
    pd.testing.assert_frame_equal(one.features, other.features, check_exact=True)
    pd.testing.assert_frame_equal(one.held_out, other.held_out, check_exact=True)


def test_what_is_held_out_never_reaches_a_feature():
    sales = random_sales(np.random.default_rng(5), 600)
    later = sales["ordered_at"] >= pd.Timestamp("2025-02-20")
    window = {"start": dt.date(2025, 1, 6), "holdout_from": dt.date(2025, 2, 20), "as_of": dt.date(2025, 3, 31)}
    changed = sales.assign(
        amount=sales["amount"].mask(later, sales["amount"] * 1000),
        channel=sales["channel"].mask(later, "fax"),
        category=sales["category"].mask(later, "zz"),
        coupon=sales["coupon"].mask(later, "ALL"),
        order_id=sales["order_id"].mask(later, "one"),
        unit_cost=sales["unit_cost"].mask(later),
    )
    one, other = (build_customers(LoadedTables({"sales": frame}, ()), study_of(window)) for frame in (sales, changed))
    pd.testing.assert_frame_equal(one.features, other.features, check_exact=True)
    assert other.held_out["spend"].sum() > 100 * one.held_out["spend"].sum()
    dates_only = sales.assign(ordered_at=sales["ordered_at"].where(later, sales["ordered_at"].dt.normalize()))
    assert "night_share" not in build_customers(LoadedTables({"sales": dates_only}, ()), study_of(window)).features


def test_the_expression_uses_nothing_that_spark_lacks():
    kinds = {
        "customer_id": "string", "order_id": "string", "ordered_at": "timestamp", "amount": "float64",
        "quantity": "float64", "channel": "string", "category": "string", "coupon": "string",
        "discount": "float64", "unit_cost": "float64", "is_return": "boolean",
    }  # fmt: skip
    vocabulary = Vocabulary({"web": ("web",), "other": ()}, {"a": ("a", "A")}, clock=True)
    expression = feature_expression(ibis.table(kinds, name="sales"), *WINDOW_DAYS, vocabulary)
    lacking = (ops.Mode, ops.First, ops.Last, ops.Kurtosis, ops.TimestampDelta, ops.DateDelta, ops.ApproxQuantile)
    assert expression.op().find(lacking) == []
    assert len(expression.op().find(ops.MultiQuantile)) == 1


# --- window, names and other views -------------------------------------------------------------------------------


def test_the_last_fifth_of_the_days_is_held_out():
    days = pd.Series(pd.date_range("2025-01-01 08:00", periods=10, freq="D"))
    period = resolve_period(days, study_of())
    assert (period.start, period.holdout_from, period.as_of) == (
        dt.date(2025, 1, 1), dt.date(2025, 1, 9), dt.date(2025, 1, 10),
    )  # fmt: skip
    given_end = resolve_period(days, study_of({"as_of": dt.date(2025, 1, 6)}))
    assert (given_end.holdout_from, given_end.as_of) == (dt.date(2025, 1, 6), dt.date(2025, 1, 6))


def test_a_window_that_cannot_be_split_is_refused():
    one_day = pd.Series(pd.to_datetime(["2025-01-01 08:00", "2025-01-01 20:00"]))
    with pytest.raises(DataError, match="at least two days"):
        resolve_period(one_day, study_of())
    with pytest.raises(StudyError, match="holdout_from 2025-02-01"):
        resolve_period(one_day, study_of({"holdout_from": dt.date(2025, 2, 1)}))


@pytest.mark.parametrize(
    ("window", "days"),
    [
        ({**WINDOW, "start": dt.date(2024, 1, 1), "holdout_from": dt.date(2025, 1, 1)}, "2024-01-01 to 2024-12-31"),
        ({**WINDOW, "holdout_from": dt.date(2025, 1, 28), "as_of": dt.date(2025, 2, 2)}, "2025-01-28 to 2025-02-02"),
    ],
)
def test_a_part_of_the_window_without_orders_is_refused(window, days):
    with pytest.raises(DataError, match=rf"sales\.csv: no orders from {days}"):
        build_customers(tables(), study_of(window))


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Web shop", "web_shop"),
        (" Интернет-магазин! ", "интернет_магазин"),
        ("ფეისბუქი", "ფეისბუქი"),
        ("فروشگاه ۲", "فروشگاه_۲"),
        ("★", "2605"),
    ],
)
def test_slugs_keep_every_script(name, slug):
    assert slug_of(name) == slug


def test_many_channels_share_other_and_spellings_are_one():
    names = ["web", "Web ", *[f"c{i}" for i in range(12)]]
    sales = pd.DataFrame(
        {
            "customer_id": pd.Series(["a"] * 15, dtype="str"),
            "order_id": pd.Series([str(i) for i in range(15)], dtype="str"),
            "ordered_at": pd.date_range("2025-01-01", periods=15, freq="D").astype("datetime64[us]"),
            "amount": 1.0,
            "channel": pd.Series([*names, "web"], dtype="str"),
        }
    )
    window = {"holdout_from": dt.date(2025, 1, 15)}
    features = build_customers(LoadedTables({"sales": sales}, ()), study_of(window)).features
    channels = features.filter(regex="^channel_").iloc[0]
    assert len(channels) == 9
    assert channels["channel_web_share"] == 2 / 14
    assert channels["channel_other_share"] == 5 / 14
    assert channels.sum() == pytest.approx(1)


def test_one_row_per_purchase_order():
    table = orders(tables())
    assert table["order_id"].tolist() == ["1", "2", "3", "4", "5", "6", "7"]
    assert table.loc[0].to_dict() == {
        "customer_id": "anna", "order_id": "1", "ordered_at": pd.Timestamp("2025-01-06 09:00"), "amount": 30.0,
        "lines": 2, "units": 3.0, "channel": "Web shop", "discounted": True, "coupon": False,
    }  # fmt: skip
    assert table["coupon"].tolist() == [False, True, False, False, False, False, False]
    assert table.loc[3, "ordered_at"] == pd.Timestamp("2025-01-19 05:00")


def test_moments_are_counted_by_weekday_and_hour():
    table = orders(tables())
    counts = weekday_hour(table)
    assert counts.shape == (7, 24)
    assert (counts.loc["Monday", "09"], counts.loc["Monday", "00"], counts.loc["Sunday", "23"]) == (1, 2, 2)
    assert counts.to_numpy().sum() == 7
    by_day = weekday_hour(table.assign(ordered_at=table["ordered_at"].dt.normalize()))
    assert by_day.columns.tolist() == ["all day"]
    assert by_day["all day"].tolist() == [3, 1, 0, 0, 0, 0, 3]


def test_summary_shows_nobody_alone(counted):
    few = customers_summary(counted).set_index("measure")["value"]
    assert few["customers"] == 2
    assert few[["customers without an order before 2025-01-20", "orders", "spend, all customers"]].isna().all()
    assert few[["spend per customer, median", "spend per customer, mean of the 10 lowest"]].isna().all()
    assert few["share of orders with a single item"] == pytest.approx(1 / 3)
    two = customers_summary(counted, min_cell=2).set_index("measure")["value"]
    assert two["spend per customer, mean of the 2 highest"] == two["spend per customer, median"] == 49.5


def test_channels_of_enough_customers_are_found_in_few_lines_or_in_all(monkeypatch):
    """Three customers by web in the first lines, three by app only in all, two in the shop."""
    monkeypatch.setattr(customer_features, "FEW", 3)
    channels = ["web"] * 3 + ["app"] * 4 + ["shop"] * 9
    people = ["a", "b", "c", "a", "b", "c", "c", *"ab" * 4, "a"]
    frame = pd.DataFrame(
        {"customer_id": people, "ordered_at": pd.Timestamp("2025-03-01"), "channel": channels, "amount": 1.0}
    )
    with engine() as backend:
        table = as_table(frame)
        found = customer_features.read_vocabulary(backend, table, dt.date(2025, 1, 1), dt.date(2026, 1, 1), 3)
    assert found.channels == {"app": ("app",), "web": ("web",), "other": ()}
