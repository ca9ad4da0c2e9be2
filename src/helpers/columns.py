"""Every column that the suite knows by name, one row each: what it is, and what may be told, tested and shown of it.

A new feature of customers is a row of ``FEATURES`` here, its expression in ``customers/features.py`` and its words in
the catalogue (``personas.trait.<name>``); one that may be in a rule (``in_rules``) has words in ``negative``, too.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Literal

from helpers.contracts import Section

Unit = Literal["count", "share", "money", "days", "years"]
Block = Literal["background", "interaction", "relationship"]

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DAYPARTS = {"night": 0, "morning": 6, "afternoon": 12, "evening": 18}
"""Parts of the day and the hour at which each begins."""


# --- columns that users give -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Column:
    """One canonical column: its name, kind and whether a table is useless without it.

    ``kind`` is ``id`` (text, kept exactly), ``time`` (timestamp without zone, local to the study), ``number``,
    ``flag`` (true or false) or ``text``. The rest is about attributes of customers:

    section : of a card, where it is told; None is never told. unit : of a number. block : of the customer's file. early
    : known before the first order, so that it may be a sign of losing money. protected : never in an exclusion rule,
    ``always`` or where the study says so; who is met by such a rule is looked at by it. also : another name by which
    ``privacy.protected`` of study.yml means it.
    """

    name: str
    kind: Literal["id", "time", "number", "flag", "text"]
    required: bool = False
    section: Section | None = None
    unit: Unit = "count"
    block: Block | None = None
    early: bool = False
    protected: Literal["", "always", "if named"] = ""
    also: str = ""


WON_BY = "acquisition_channel"
"""The column that tells in which way a customer was won."""
CUSTOMERS = (
    Column("customer_id", "id", required=True),
    Column("signed_up_at", "time"),
    Column("birth_year", "number"),
    Column("age", "number", section="profile", unit="years", block="background", protected="always"),
    Column("sex", "text", section="profile", block="background", protected="always"),
    Column("country", "text", section="profile", block="background", protected="always"),  # it tells nationality
    Column("location", "text", section="profile", block="background", early=True, protected="if named", also="place"),
    Column("language", "text", section="profile", block="background", early=True, protected="if named"),
    Column("job_role", "text", section="profile", block="background", early=True),
    Column(WON_BY, "text", section="channels", block="interaction", early=True),
    Column("acquisition_cost", "number", section="risk", unit="money", early=True),
    Column("referred_by", "id"),
    Column("preferred_channel", "text", section="channels", block="interaction", early=True),
    Column("contact_hours", "text", section="moments", block="interaction"),
    Column("quotes_consent", "flag"),
    Column("name", "text"),
    Column("surname", "text"),
)
"""The customers table; attributes that a study adds are told in the section ``profile``."""
ALWAYS_PROTECTED = ("nationality", "health")
"""Never in an exclusion rule either, where a study brings an attribute of that name."""


def _columns(text: str) -> tuple[Column, ...]:
    """Read ``customer_id*:id amount:number`` into columns; a star marks a required one."""
    pairs = (item.split(":") for item in text.split())
    return tuple(Column(name.rstrip("*"), kind, name.endswith("*")) for name, kind in pairs)


_TABLES = {
    "sales": _columns(
        "customer_id*:id order_id*:id ordered_at*:time line_id:id quantity:number unit_price:number amount:number "
        "order_total:number refunded:number currency:text "
        "list_price:number discount:number coupon:text product_id:id category:text channel:text unit_cost:number "
        "is_return:flag"
    ),
    "customers": CUSTOMERS,
    "survey": _columns("respondent_id:id customer_id:id weight:number"),
    "sessions": _columns(
        "started_at*:time channel*:text converted*:flag customer_id:id visitor_id:id location:text language:text "
        "funnel_stage:text is_new:flag order_value:number device:text"
    ),
    "steps": _columns("session_id*:id step*:text at*:time completed*:flag error:text"),
    "messages": _columns(
        "customer_id*:id at*:time channel*:text kind:text opened:flag clicked:flag unsubscribed:flag cost:number"
    ),
    "service": _columns("customer_id*:id at*:time kind*:text cost:number minutes:number rating:number text:text"),
    "prices": _columns("product_id*:id at*:time price*:number list_price:number"),
    "leads": _columns("lead_id*:id at*:time activity*:text job_role:text converted_at:time customer_id:id"),
    "conjoint": _columns("respondent_id*:id task*:text alternative*:text chosen*:flag"),
    "interviews": _columns("speaker*:text respondent_id:id question*:text text*:text"),
}
TABLES: dict[str, dict[str, Column]] = {
    table: {column.name: column for column in columns} for table, columns in _TABLES.items()
}
"""The canonical tables (``amount`` is derived from quantity and unit_price where only those are given)."""


def attribute(name: str) -> Column:
    """The row of an attribute of customers, or that of one which the study adds."""
    return TABLES["customers"].get(name) or Column(name, "text", section="profile")


def protected_columns(named: Iterable[str]) -> set[str]:
    """What never enters an exclusion rule: what always is protected, and what ``privacy.protected`` names."""
    named = set(named)
    known = {column.name for column in CUSTOMERS if column.protected == "always" or column.also in named - {""}}
    return {*ALWAYS_PROTECTED, *named, *known}


# --- features of customers ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Feature:
    """One column of ``Customers.features``, or all of a kind where the name has a star (``channel_*_share``).

    unit : shares are a part of ``trials``, another column. section : of a card. source : the table it comes from.
    wording : the entry of the catalogue ``personas.trait`` for several columns that differ by a name alone; else a
    column has an entry of its own. handle : the entry that names a group by it, where that is another's. attribute :
    what it is one value of, of which a card or a handle takes few; else it is one of its own. family : columns that
    stand for one another: what is reserved or may not be tested takes its family with it. made_of : columns that it
    follows from, or grows with: no test on it where one of them, or what they follow from, made the personas. rate :
    the total and the exposure that it is the ratio of; no column of the features, but told, and tested, of each group.
    per : of so many its mean is told: of what is rare not 0.046 each but 4.6 in a hundred.

    makes : its place among the few that make personas by default, 0 for none; the last ones go first where there are
    too few customers. outcome : of the first period kept for tests, unless it makes personas. later : told of the
    held-out period, too. basic : told whether it sets a group apart or not. shown : False for parts of what is shown,
    and for extremes, which would show single customers. trivial : says nothing of who has one order or none. zero : 0
    and not unknown where nothing was seen. fractional : a count that need not be whole. in_rules : may be in a rule for
    those who cost more than they bring.
    """

    name: str
    unit: Unit = "count"
    section: Section = "habits"
    source: Literal["sales", "service"] = "sales"
    wording: str = ""
    handle: str = ""
    attribute: str = ""
    trials: str = "orders"
    family: str = ""
    made_of: tuple[str, ...] = ()
    rate: tuple[str, str] | None = None
    per: int = 1
    makes: int = 0
    outcome: bool = False
    later: bool = False
    basic: bool = False
    shown: bool = True
    trivial: bool = False
    zero: bool = False
    fractional: bool = False
    in_rules: bool = False

    def name_in(self, column: str) -> str:
        """What stands for the star in a column of the kind: ``web_shop`` in ``channel_web_shop_share``; else empty."""
        head, _, tail = self.name.partition("*")
        return column.removeprefix(head).removesuffix(tail)

    def covers(self, column: str) -> bool:
        """Whether a column is this one, or one of the kind."""
        head, star, tail = self.name.partition("*")
        return column == head if not star else column.startswith(head) and column.endswith(tail)


FEATURES = (
    Feature("orders", makes=2, later=True, basic=True, trivial=True, zero=True),
    Feature("lines", shown=False, zero=True),
    Feature("spend", "money", "value", made_of=("orders", "average_order_value"), later=True, trivial=True, zero=True),
    Feature("returned", "money", shown=False, zero=True),
    Feature("average_order_value", "money", "value", makes=3, later=True, basic=True, in_rules=True),
    Feature("order_value_min", "money", shown=False),
    Feature("order_value_q25", "money", shown=False),
    Feature("order_value_median", "money", "value", attribute="average_order_value", handle="average_order_value",
            made_of=("orders",), trivial=True),
    Feature("order_value_q75", "money", shown=False),
    Feature("order_value_max", "money", shown=False),
    Feature("recency_days", "days", made_of=("orders",), makes=1),
    Feature("tenure_days", "days", made_of=("orders",), trivial=True),
    Feature("days_between_orders_median", "days", made_of=("orders",)),
    Feature("single_item_share", "share", made_of=("basket_size",), in_rules=True),
    *(Feature(f"{day}_share", "share", "moments", wording="day", attribute="day") for day in DAYS),
    *(Feature(f"{part}_share", "share", "moments", attribute="daypart") for part in DAYPARTS),
    Feature("units", made_of=("orders", "basket_size"), shown=False, zero=True, fractional=True),
    Feature("basket_size", makes=4),
    Feature("channel_*_share", "share", "channels", wording="channel", attribute="channel", in_rules=True),
    Feature("discount_lines", family="discount", shown=False, zero=True),
    Feature("discount_share", "share", family="discount", makes=5, in_rules=True),
    Feature("coupon_orders", family="coupon", shown=False, zero=True),
    Feature("coupon_share", "share", family="coupon", makes=6, in_rules=True),
    Feature("return_lines", family="return", shown=False, zero=True),
    Feature("return_share", "share", "risk", trials="lines", family="return", outcome=True, later=True, in_rules=True),
    Feature("margin", "money", "value", made_of=("spend", "discount_share", "coupon_share"), outcome=True, later=True),
    Feature("margin_rate", "share", "value", made_of=("discount_share", "coupon_share"), rate=("margin", "spend"),
            outcome=True),
    Feature("category_*_share", "share", wording="category", attribute="category"),
    Feature("complaints", section="service", source="service", made_of=("orders",), per=100, outcome=True, later=True,
            zero=True, in_rules=True),
    Feature("complaints_per_order", section="service", source="service", rate=("complaints", "orders"), per=100,
            outcome=True),
    Feature("service_cost", "money", "service", "service", made_of=("orders",), outcome=True, later=True, zero=True),
    Feature("service_cost_per_order", "money", "service", "service", rate=("service_cost", "orders"), outcome=True),
    Feature("weekend_share", "share", "moments", attribute="day"),
    Feature("churned", "share", "risk", outcome=True, later=True),
)  # fmt: skip
"""Features in the order of their columns; ``weekend_share`` follows from two, ``churned`` is of the later period."""
WEEKEND = ("saturday_share", "sunday_share")
"""What ``weekend_share`` is the sum of."""
_BY_NAME = {row.name: row for row in FEATURES}
_KINDS = tuple(row for row in FEATURES if "*" in row.name)


@cache
def feature(column: str) -> Feature | None:
    """The row of a column; None for what is no feature (an answer, an attribute, a later figure)."""
    return _BY_NAME.get(column) or next((row for row in _KINDS if row.covers(column)), None)


def in_order(columns: Iterable[str]) -> list[str]:
    """Features in the order of their rows; those of one kind stay as they come."""
    return sorted(columns, key=lambda column: FEATURES.index(feature(column)))


def stand_ins(columns: Iterable[str]) -> set[str]:
    """The columns and all that stand for one of them."""
    columns = set(columns)
    families = {row.family for column in columns if (row := feature(column))} - {""}
    return columns | {row.name for row in FEATURES if row.family in families}


def circular(column: str, defining: Iterable[str]) -> list[str]:
    """The defining columns because of which a test on ``column`` would be circular: both follow from one thing.

    What a column follows from is followed to the end, whatever stands for a part of it counts, and so do the other
    shares of one whole, whose last follows from the rest.
    """
    own = _roots(column)
    return sorted(name for name in set(defining) if own & _roots(name))


@cache
def _roots(column: str) -> frozenset[str]:
    """A column, what it stands for and follows from, and the whole that it is a share of."""
    found, waiting = set(), [column]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            row = feature(name)
            waiting += [*stand_ins([name]), *(row.made_of if row else ())]
            found |= {f"share of {row.attribute}"} if row and row.attribute else set()
            found |= {f"share of {name}"}  # a median order value is named by the average
            found |= {row.rate[0]} if row and row.rate else set()  # the total, and not the exposure taken out of it
    return frozenset(found)
