"""A table of customers with their totals and no orders: what each row says of a customer, as answers would."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from helpers.answers.questions import read_numbers
from helpers.guesses import Guess
from helpers.intake.cells_written import look_at_dates
from helpers.intake.column_looks import header_fit, tokens
from helpers.intake.export import Export
from helpers.intake.roles import PEOPLE, assign
from helpers.read import cells
from helpers.written.dates import times

TOTALS = ("orders_count", "total_spent", "last_order_at")
AMOUNTS = ("orders_count", "total_spent", "age", "birth_year")
DAYS = ("last_order_at", "first_order_at", "signed_up_at")
OF_PEOPLE = ("age", "birth_year", "sex", "country", "location", "job_role", "signed_up_at")
SURELY = 0.85
"""How well a column must fit the number of an order for rows to be orders, and its header say what a person is."""
BANDS, LEAST_IN_BAND, MOST_KINDS = 3, 0.1, 12
"""Numbers and days are cut into so many bands, none with a smaller share of the customers; a column of kinds has no
more kinds than this."""


def is_customer_totals(export: Export) -> bool:
    """Whether there is one row per person with counts of orders, what was spent, and a last order: no orders."""
    if of_orders(export):
        return False
    found = assign(export.frame, PEOPLE, export.looks)
    said = [role for role in TOTALS if role in found and header_fit(found[role].header, role) >= 0.9]
    key = found.get("customer_id", found.get("email", found.get("phone", found.get("name"))))
    one_row = key is not None and export.frame[key.header].astype("str").nunique() > 0.95 * len(export.frame)
    return len(said) >= 2 and one_row


def describes_people(export: Export) -> bool:
    """Whether there is one row per id, whosever it is, and an age, a sex or where somebody lives beside it."""
    found = assign(export.frame, PEOPLE, export.looks)
    said = [role for role in OF_PEOPLE if role in found and header_fit(found[role].header, role) >= SURELY]
    return bool(said) and _own_id(export.frame) is not None and not of_orders(export)


def _own_id(frame: pd.DataFrame) -> str | None:
    """The column that is called an id and has another one in every row."""
    ids = (header for header in frame if {"id", "ids", "key", "no", "nr"} & set(tokens(header)))
    return next((header for header in ids if frame[header].is_unique and not cells.blank(frame[header]).any()), None)


def of_orders(export: Export) -> bool:
    """Whether a column surely is the number of an order."""
    return "order_id" in export.roles and export.roles["order_id"].score > SURELY


def look_at_totals(export: Export) -> bool:
    """Make of such a table what a study without orders can use; False where fewer than two columns tell people apart.

    The numbers stay numbers, too: where no personas are found, customers are put in the order of one of them.
    """
    frame, taken = export.frame, {role: found.header for role, found in export.roles.items()}
    bands: dict[str, dict[str, object]] = {}
    numbers: list[str] = []
    as_it_was = dict(export.read), len(export.guesses), len(export.questions)
    days = [taken[role] for role in DAYS if role in taken]
    days += [header for header in frame if header not in taken.values() and export.looks[header].date > 0.9]
    for header in days:
        form = export.read.get("date_format")
        look_at_dates(export, frame[header])
        if form not in (None, own := export.read.get("date_format")):
            export.read["date_format"] = form
            why = f"its days are written as {own}, those of another column as {form}, and a file is read in one way"
            export.guesses.append(Guess(header, "left out", why, ("a file in which all days are written alike",)))
            continue
        read = times(frame[header].astype("str"), export.read.get("date_format"),
                     calendar=export.read.get("calendar", "gregorian"))  # fmt: skip
        if edges := edges_of(read.values):
            bands[f"{header} (bands)"] = {"column": header, "edges": edges}
    said = [taken[role] for role in AMOUNTS if role in taken]
    used = {*days, *said, *(taken[role] for role in ("email", "customer_id", "phone", "name") if role in taken)}
    for header in [*said, *(header for header in frame if header not in used and _is_measure(export, header))]:
        numbers.append(header)
        if edges := edges_of(read_numbers(frame[header])):
            bands[f"{header} (bands)"] = {"column": header, "edges": edges}
    kinds = [header for header in frame if header not in {*used, *numbers} and _is_kind(frame[header])]
    if len(bands) + len(kinds) < 2:
        export.read = as_it_was[0]
        del export.guesses[as_it_was[1] :], export.questions[as_it_was[2] :]
        return False
    key = next((taken[role] for role in ("customer_id", "email", "phone") if role in taken), _own_id(frame))
    export.columns = {"respondent_id": key} if key else {}
    export.survey = {"rows": "customers", "categorical": kinds, "numbers": numbers, "bands": bands}
    told = (
        "one row per customer with totals, and no days of orders: personas are made from these columns as they stand, "
        "and nothing can be tested on later orders; the orders themselves, one row each, would tell more"
    )
    export.guesses.append(Guess("rows", "customers", told, ("answers",)))
    return True


def edges_of(values: pd.Series) -> list[float] | list[dt.date]:
    """Where to cut numbers or days into bands of about equal size; none where too many are alike.

    Numbers are cut at two digits, so that a band can be said: 161.75 becomes 160.
    """
    known = values.dropna().sort_values(ignore_index=True)
    if len(known) < 0.5 * len(values) or known.nunique() < 2:
        return []
    edges, below = [], 0.0
    above = known[known > known.iloc[0]].iloc[0]
    for part in range(1, BANDS):
        edge = max(known.iloc[len(known) * part // BANDS], above)
        edge = edge.normalize() if isinstance(edge, pd.Timestamp) else _plain(float(edge), known)
        share = float((known < edge).mean())
        if min(share - below, 1 - share) >= LEAST_IN_BAND:
            edges.append(edge.date() if isinstance(edge, pd.Timestamp) else edge)
            below = share
    return edges


def _plain(edge: float, known: pd.Series) -> float:
    """An edge of two digits, unless that would leave the range of the numbers."""
    digits = 1 - int(np.floor(np.log10(abs(edge)))) if edge else 0
    short = round(edge, digits)
    plain = short if known.iloc[0] < short <= known.iloc[-1] else edge
    return int(plain) if plain.is_integer() else plain


def _is_measure(export: Export, header: str) -> bool:
    """Whether a column counts or measures something: no ids, no numbers of rows, and no codes such as 408 and 415."""
    values = read_numbers(export.frame[header]).dropna()
    if export.looks[header].number < 0.9 or len(values) < 0.5 * len(export.frame):
        return False
    different = values.nunique()
    whole = bool((values % 1 == 0).all())
    codes = different <= MOST_KINDS and whole and values.abs().min() > MOST_KINDS
    counted = different == len(values) and bool((values.sort_values().diff().dropna() == 1).mean() > 0.9)
    return different > 2 and not codes and not counted and header != _own_id(export.frame)


def _is_kind(column: pd.Series) -> bool:
    """Whether a column says one of a few things of most people: no day, and no number but a yes or no or a code."""
    text = column.astype("str").str.strip()
    text = text[~cells.blank(text)]
    few = 2 <= text.nunique() <= min(MOST_KINDS, len(text) / 5)
    return bool(few and len(text) >= 0.5 * len(column))
