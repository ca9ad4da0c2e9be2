"""One row per customer: recency, frequency, spend, baskets, moments, channels, discounts, returns, margin."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import pandas as pd

from helpers.data.load import LoadedTables
from helpers.study import Study


@dataclass(frozen=True)
class Period:
    """The window with nothing left open: personas from [start, holdout_from), tests from [holdout_from, as_of]."""

    start: dt.date
    holdout_from: dt.date
    as_of: dt.date


@dataclass(frozen=True)
class Customers:
    """Customer features, and the held-out part that persona making never sees.

    features : one row per customer with an order in [start, holdout_from), sorted by customer_id (str). Columns:
        orders, lines, units (counts); spend (money, returns not subtracted), average_order_value, order_value_min,
        order_value_q25, order_value_median, order_value_q75, order_value_max (money per order);
        recency_days (last order to holdout_from), tenure_days (first order to holdout_from);
        basket_size (units per order), single_item_share (share of orders with one line);
        monday_share .. sunday_share, night_share 0-6 h, morning_share 6-12, afternoon_share 12-18, evening_share 18-24
        (shares of orders; hours absent where the file has dates only); channel_<name>_share (shares of orders);
        category_<name>_share (shares of spend, the largest categories); discount_lines, discount_share (of lines),
        coupon_orders, coupon_share (of orders), return_lines, return_share (of lines);
        margin (money: spend - returned money - cost of goods; only where unit_cost is known).
        Columns whose source column is absent are absent.
    held_out : one row per customer of ``features``: the same counts and money after holdout_from
        (orders, spend, return_share, margin, ...; orders = 0 for nobody seen), ``churned`` (no order), and
        ``complaints`` where there is a service table.
    profile : one row per customer of the customers table (or of features): customer_id and its attributes
        (age in years at as_of, sex, country, location, language, job_role, acquisition_channel, ...).
    no_order : customer_ids (sorted) that are known but have no order before holdout_from.
    """

    period: Period
    features: pd.DataFrame
    held_out: pd.DataFrame
    profile: pd.DataFrame
    no_order: tuple[str, ...]


def build_customers(tables: LoadedTables, study: Study) -> Customers:
    """Compute every customer's features. Raises DataError when a window holds no orders."""
    raise NotImplementedError
