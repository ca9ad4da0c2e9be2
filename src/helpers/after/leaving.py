"""After what do people leave: a bad experience, or a message, beside comparable others at the same time."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from helpers.after.risk_sets import LEAST_GAPS, after_a_message, after_an_experience, contrast, horizon
from helpers.cards.claims import adjusted
from helpers.customers.customers import Customers, orders
from helpers.customers.facts import asked, of_kind, returned
from helpers.read.load import LoadedTables
from helpers.study import Study
from helpers.words import Text, say, sentences

LEAST = 20
"""People without whom nothing is said of an event (nor of fewer than the study's smallest cell)."""
BAD_RATING = 0.4
"""A bad rating: at most this share of the best one given (two stars of five)."""
EXPERIENCES = ("complaint", "return", "bad_rating")
PRESSED = "before"
"""After a message with others in the seven days before; compared with messages with none."""
WEEK = pd.Timedelta(days=7)
QUOTED = {"experiences": 0.25, "messages": 0.34}
"""As the sources quote them: who switches after one bad experience, who has left a brand over poor messages."""
COLUMNS = ["after", "people", "times", "share", "share_others", "share_difference", "ci_low", "ci_high", "p_adjusted"]


@dataclass(frozen=True)
class Leaving:
    """What people leave after.

    experiences : after (in words), people, times (cases), share (of the cases with no order within ``days`` days),
        share_others (of comparable others, see `risk_sets`), share_difference, ci_low, ci_high (95 %, clustered by
        person), p_adjusted (Holm).
    messages : the same of single messages, with which people unsubscribed: by kind, and by messages of the seven days
        before. In both numbers are empty where too few people stand behind them.
    days : no order for so long counts as leaving; None where that cannot be told.
    told : the findings in sentences, or the reasons why there are none.
    """

    experiences: pd.DataFrame
    messages: pd.DataFrame
    days: int | None
    told: tuple[Text, ...]

    @property
    def events(self) -> pd.DataFrame:
        """Experiences and messages in one table."""
        return pd.concat([self.experiences, self.messages], ignore_index=True)


def after_what(tables: LoadedTables, customers: Customers | None, study: Study) -> Leaving:
    """What share leaves after a bad experience and after a message, beside comparable others."""
    cell = study.privacy.min_cell
    days, experiences, messages = None, _table({}, cell), _table({}, cell)
    told = [say("leaving.no_sales")]
    if customers is not None:
        days, sets = experience_sets(tables, customers, study.seed)
        told = [say("leaving.no_horizon", least=LEAST_GAPS)]
    if days is not None:
        experiences = _table(sets, cell)
        not_held = [say(f"leaving.after.{after}") for after in (*EXPERIENCES, "late") if after not in sets]
        told = [say("leaving.means", days=days), *_sentences(experiences, "experiences", days)]
        told.append(say("leaving.not_held", names=not_held))
    by_message = message_sets(tables, customers, study.seed)
    if by_message is None:
        told.append(say("leaving.no_messages"))
    else:
        enough = {
            name: sets
            for name, sets in by_message.items()
            if name == PRESSED or sets.loc[sets["exposed"], "customer_id"].nunique() >= cell
        }
        messages = _table(enough, cell)
        told += [say("leaving.means_messages"), *_sentences(messages, "messages", days)]
    if experiences["share_difference"].notna().any() or messages["share_difference"].notna().any():
        told.append(say("leaving.no_cause"))
    return Leaving(experiences, messages, days, tuple(told))


def experience_sets(
    tables: LoadedTables, customers: Customers, seed: int
) -> tuple[int | None, dict[str, pd.DataFrame]]:
    """Days without an order that count as leaving, and the sets of each experience (`risk_sets.after_an_experience`).

    None and no sets where too few gaps between orders are known, or they are as long as the window.
    """
    start, end = _window(customers)
    bought = orders(tables)[["customer_id", "ordered_at"]]
    bought = bought[bought["ordered_at"].between(start, end, inclusive="left")]
    days = horizon(bought)
    if days is None or pd.Timedelta(days=days) >= end - start:
        return None, {}
    had = bad_experiences(tables, start, end)
    return days, {
        after: after_an_experience(events, bought, end, days, np.random.default_rng(seed))
        for after, events in had.items()
    }


def message_sets(tables: LoadedTables, customers: Customers | None, seed: int) -> dict[str, pd.DataFrame] | None:
    """Sets by messages of the week before (of the same kind), and by kind (with as many in the week before), each of
    people who have been on the list for about as long (half as long again at most).

    None where no table says who unsubscribed.
    """
    sent = tables.frames.get("messages")
    if sent is None or "unsubscribed" not in sent or not sent["unsubscribed"].notna().any():
        return None
    sent = at_risk(sent, *_window(customers))
    listed = np.floor(2 * sent["since"] / np.log(2))  # who joined lately is written to more, and leaves more, by itself
    alike = sent.assign(band=sent.groupby(["kind", "channel", listed], dropna=False).ngroup())
    pressed = sent["before"] > 0
    found = {PRESSED: after_a_message(alike, pressed, ~pressed, np.random.default_rng(seed))}
    alike = sent.assign(band=sent.groupby([sent["before"].clip(upper=2), listed]).ngroup())
    for kind in sorted(sent["kind"].dropna().unique()):
        own, others = (sent["kind"] == kind).fillna(False), sent["kind"].notna()
        found[f"kind {kind}"] = after_a_message(alike, own, ~own & others, np.random.default_rng(seed))
    return found


def shown(sets: pd.DataFrame, cell: int) -> dict[str, float] | None:
    """The contrast of sets; None of fewer people than may be shown, or fewer who left, or stayed, on either side."""
    counts = sets.groupby(["exposed", "left"])["customer_id"].nunique()
    people = sets.loc[sets["exposed"], "customer_id"].nunique()
    if people < max(LEAST, cell) or ((counts > 0) & (counts < cell)).any():
        return None
    return contrast(sets)


def _window(customers: Customers | None) -> tuple[pd.Timestamp, pd.Timestamp]:
    """The study's window, the end not in it; all times where there are no sales."""
    if customers is None:
        return pd.Timestamp("1900-01-01"), pd.Timestamp("2200-01-01")
    return pd.Timestamp(customers.period.start), customers.period.end


def bad_experiences(tables: LoadedTables, start: pd.Timestamp, end: pd.Timestamp) -> dict[str, pd.DataFrame]:
    """Complaints, returns (by the service table or the sales) and bad ratings in the window: customer_id, at."""
    sales, service = tables.frames["sales"], tables.frames.get("service")
    sent_back = sales.loc[asked(sales, returned)[0], ["customer_id", "ordered_at"]]
    found = {"return": sent_back.rename(columns={"ordered_at": "at"})}
    if service is not None:
        complaint, back = asked(service, partial(of_kind, kind="complaint"), partial(of_kind, kind="return"))
        found["complaint"] = service.loc[complaint, ["customer_id", "at"]]
        found["return"] = pd.concat([found["return"], service.loc[back, ["customer_id", "at"]]], ignore_index=True)
        if "rating" in service:
            bad = service["rating"] <= BAD_RATING * service["rating"].max()
            found["bad_rating"] = service.loc[bad, ["customer_id", "at"]]
    found = {after: rows.dropna() for after, rows in found.items()}
    inside = {after: rows[rows["at"].between(start, end, inclusive="left")] for after, rows in found.items()}
    return {after: inside[after] for after in EXPERIENCES if len(inside.get(after, ()))}


def at_risk(sent: pd.DataFrame, start: pd.Timestamp, end: pd.Timestamp) -> pd.DataFrame:
    """Messages of the window up to each person's first unsubscribing, as `pressure` leaves them.

    Returns customer_id, at, kind, channel, left (bool: unsubscribed with it), before, and as logarithms usual and since
    (weeks since the first message).
    """
    rows = sent.assign(
        left=sent["unsubscribed"].fillna(False).astype(bool),
        kind=sent.get("kind", pd.NA), channel=sent.get("channel", pd.NA),
    )  # fmt: skip
    rows = rows[rows["at"].between(start, end, inclusive="left")].sort_values(["customer_id", "at"], ignore_index=True)
    gone = rows.groupby("customer_id")["left"].cumsum() - rows["left"]
    rows = pressure(rows[gone == 0])
    rows = rows.assign(usual=np.log1p(rows["usual"]), since=np.log1p(rows["since"] / WEEK))
    return rows[["customer_id", "at", "kind", "channel", "left", "before", "usual", "since"]].reset_index(drop=True)


def pressure(messages: pd.DataFrame) -> pd.DataFrame:
    """The messages whose last days are known, with ``before``, the number of messages in the seven days before each,
    ``usual``, how many a week until then, and ``since``, the time since the first.

    Messages within seven days of a customer's first are left out, since what came before is not in the file.
    """
    rows = messages.dropna(subset=["customer_id", "at"]).sort_values(["customer_id", "at"], kind="stable")
    rows = rows.reset_index(drop=True)
    rows["before"] = lately(rows)
    by_customer = rows.groupby("customer_id")
    first = by_customer["at"].transform("min")
    rows["since"] = rows["at"] - first
    rows["usual"] = by_customer.cumcount() / (rows["since"] / WEEK).clip(lower=1)
    return rows[rows["at"] >= first + WEEK]


def lately(sent: pd.DataFrame) -> np.ndarray:
    """The messages to the same person in the seven days before each; sent is sorted by customer_id and at.

    Only earlier ones count: a message that ends in unsubscribing has none after it, so a count over its whole week
    would make leaving look like the work of few messages.
    """
    counted = sent.assign(n=1.0).set_index("at").groupby("customer_id")["n"].rolling(WEEK, closed="left").sum()
    return counted.fillna(0.0).to_numpy()


def _table(sets: dict[str, pd.DataFrame], cell: int) -> pd.DataFrame:
    """One row per event, its numbers empty where they may not be `shown`."""
    rows = []
    for after, part in sets.items():
        key, _, kind = after.partition(" ")
        rows.append({"after": say(f"leaving.after.{key}", kind=kind)} | (shown(part, cell) or {}))
    frame = pd.DataFrame(rows).reindex(columns=["after", *COLUMNS[1:-1], "p_value"])
    frame = frame.astype(dict.fromkeys([*COLUMNS[1:-1], "p_value"], float))
    return frame.assign(p_adjusted=adjusted(frame["p_value"], "holm"))[COLUMNS]


def _sentences(frame: pd.DataFrame, what: str, days: int | None) -> list[Text]:
    """What share leaves after what, the clear differences in so many words; then the figure that the sources quote."""
    told, few = [], []
    for row in frame.itertuples():
        if np.isnan(row.share_difference):
            few.append(row.after)
            continue
        clear = "open" if not row.p_adjusted <= 0.05 else "more" if row.share_difference > 0 else "fewer"
        counts = {"after": row.after, "people": row.people, "times": row.times, "days": days}
        facts = say(f"leaving.{what}", share=row.share, others=row.share_others, **counts)
        told.append(
            sentences(facts, say(f"leaving.{clear}", points=row.share_difference, interval=(row.ci_low, row.ci_high)))
        )
    if few:
        told.append(say("leaving.few", names=few))
    return [*told, say(f"leaving.quoted.{what}", share=QUOTED[what])]
