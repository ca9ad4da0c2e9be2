"""What a notebook shows: figures with alt text, sentences, and tables that cannot smuggle markup."""

from __future__ import annotations

import base64
import html
from collections.abc import Sequence

import pandas as pd
from IPython.display import HTML, Markdown, display
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from pandas.api.types import is_bool_dtype, is_integer_dtype, is_numeric_dtype

from helpers.report.page import plain_markdown
from helpers.report.style import as_png
from helpers.words import ENGLISH, NOT_KNOWN, Quantity, Words

ROWS = 60
"""Rows of a table that are shown; a table that is longer says so."""


def show(drawn: Axes | Figure, alt: str) -> None:
    """Display a figure inline with its text alternative, which reaches the rendered page."""
    figure = drawn if isinstance(drawn, Figure) else drawn.get_figure()
    width = round(figure.get_figwidth() * 96)
    png = base64.b64encode(as_png(figure)).decode()
    display({"image/png": png, "text/plain": alt}, metadata={"image/png": {"alt": alt, "width": width}}, raw=True)


def tell(text: str | Sequence[str], markdown: bool = False) -> None:
    """Display sentences, one paragraph each; users' words in them cannot become markup.

    ``markdown`` is for text that is Markdown already, such as a card.
    """
    paragraphs = [text] if isinstance(text, str) else list(text)
    if not paragraphs:
        return
    display(Markdown("\n\n".join(paragraphs if markdown else map(plain_markdown, paragraphs))))


def table(frame: pd.DataFrame, caption: str, words: Words = ENGLISH, digits: int | None = None) -> None:
    """Display a table with a caption, numbers as the report writes them, everything escaped.

    ``digits`` after the point of all numbers that are neither counts nor shares; each by its size where not given.
    """
    display(HTML(table_html(frame, caption, words, digits)))


def table_html(frame: pd.DataFrame, caption: str, words: Words = ENGLISH, digits: int | None = None) -> str:
    """The table as HTML: no index, missing values as a dash, shares in per cent, user text in its own direction."""
    shown = words.told(frame.head(ROWS))
    cells = pd.DataFrame({name: [_cell(v, name, shown, words, digits) for v in shown[name]] for name in shown.columns})
    cells.columns = [str(name).replace("_", " ") for name in shown.columns]
    with pd.option_context("display.max_colwidth", None):
        body = cells.to_html(index=False, escape=True, border=0, justify="left", classes="data")
    note = words.say("report.table.more", shown=len(shown), all=words.number(len(frame))) if len(frame) > ROWS else ""
    title = f"<figcaption>{html.escape(caption)}{'. ' + note if note else ''}</figcaption>"
    directed = body.replace("<td>", '<td dir="auto">')  # a user's own "<td>" is escaped by now
    return f'<figure class="table">{title}{directed}</figure>'


def _cell(value: object, column: str, frame: pd.DataFrame, words: Words, digits: int | None) -> str:
    """One cell as text."""
    kind = frame[column]
    if isinstance(value, Quantity):
        return words.shown(value)
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value)) or NOT_KNOWN
    if pd.isna(value):
        return NOT_KNOWN
    if isinstance(value, bool) or is_bool_dtype(kind):
        return words.say(f"report.table.{'yes' if value else 'no'}")
    if is_integer_dtype(kind):
        return words.number(value, 0)
    if column in ("p_value", "p_adjusted"):
        return words.p_value(value).removeprefix("p ").removeprefix("= ")
    if is_numeric_dtype(kind):
        return words.percent(value, 1) if _is_share(column, frame) else words.number(value, digits)
    return str(value).replace("_", " ") if column == "measure" else str(value)


def _is_share(column: str, frame: pd.DataFrame) -> bool:
    """Whether a column holds shares: by its name, or as the interval of one."""
    if column in ("ci_low", "ci_high"):
        return "share" in frame.columns and not {"lift", "estimate"} & set(frame.columns)
    return (
        column in ("missing", "unassigned", "would_move")
        or column.split("_")[-1] == "share"
        or column.startswith("share_")
    )
