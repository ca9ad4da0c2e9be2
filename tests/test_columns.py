"""The rows of columns: what follows from them, and that each has its words."""

from __future__ import annotations

from helpers.columns import CUSTOMERS, FEATURES, attribute, circular, feature, in_order, protected_columns, stand_ins
from helpers.words import catalogue


def test_every_feature_that_is_shown_has_its_words():
    entries = {row.wording or row.name for row in FEATURES if row.shown}
    named = {row.handle or row.wording or row.name for row in FEATURES if row.shown}
    wanted = {f"{entry}.{part}" for entry in entries for part in ("label", "says")}
    wanted |= {f"{entry}.{part}_{end}" for entry in named for part in ("head", "tail") for end in ("high", "low")}
    assert {key for key in wanted if f"personas.trait.{key}" not in catalogue("en")} == set()


def test_a_column_of_a_kind_has_the_row_of_the_kind_and_its_own_name():
    row = feature("channel_web_shop_share")
    assert (row.wording, row.name_in("channel_web_shop_share")) == ("channel", "web_shop")
    assert feature("category_channel_x_share").wording == "category"
    assert feature("orders").name_in("orders") == ""
    assert feature("later_orders") is None
    assert feature("channel") is None


def test_features_stand_in_the_order_of_their_rows_and_those_of_a_kind_as_they_come():
    given = ["margin", "channel_web_share", "orders", "channel_app_share", "lines"]
    assert in_order(given) == ["orders", "lines", "channel_web_share", "channel_app_share", "margin"]


def test_what_stands_for_a_column_goes_with_it_and_what_follows_from_one_is_circular():
    assert stand_ins(["return_share", "x"]) == {"return_share", "return_lines", "x"}
    assert stand_ins(["orders"]) == {"orders"}
    assert circular("coupon_orders", ["orders", "coupon_share"]) == ["coupon_share"]
    assert circular("spend", ["orders", "average_order_value", "x"]) == ["average_order_value", "orders"]
    assert circular("margin", ["orders"]) == ["orders"], "by way of spend"
    assert circular("margin", ["coupon_orders", "x"]) == ["coupon_orders"], "by what stands for a part of it"
    assert circular("channel_web_share", ["channel_app_share", "category_tea_share"]) == ["channel_app_share"]
    assert circular("order_value_median", ["average_order_value"]) == ["average_order_value"]
    assert circular("complaints", ["recency_days"]) == ["recency_days"], "both follow from the number of orders"
    for rate in ("complaints_per_order", "service_cost_per_order", "margin_rate", "return_share"):
        assert circular(rate, ["orders", "recency_days", "average_order_value", "basket_size"]) == [], rate


def test_a_country_is_protected_and_a_place_is_a_location():
    assert protected_columns([]) == {"age", "sex", "country", "nationality", "health"}
    assert protected_columns(["place", "job_role"]) - protected_columns([]) == {"place", "location", "job_role"}


def test_an_attribute_that_the_study_adds_is_part_of_the_profile():
    assert (attribute("hobby").section, attribute("contact_hours").section) == ("profile", "moments")
    assert {row.name for row in CUSTOMERS if row.section is None} == {
        "customer_id", "signed_up_at", "birth_year", "referred_by", "quotes_consent", "name", "surname",
    }  # fmt: skip


def test_made_of_trials_and_handles_name_rows():
    names = {row.name for row in FEATURES}
    for row in FEATURES:
        assert {*row.made_of, *(row.rate or ()), row.trials, row.handle or row.name} <= names
