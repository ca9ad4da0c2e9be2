"""Executed notebooks as pages: no code, no script, nothing fetched from anywhere."""

from __future__ import annotations

import re
from pathlib import Path

import nh3
from bs4 import BeautifulSoup, Tag
from markupsafe import Markup
from traitlets.config import Config

from helpers.contracts import StudyError
from helpers.files import spare_a_grammar
from helpers.report.page import heading, render
from helpers.words import Words

spare_a_grammar()

import nbformat  # noqa: E402
from nbconvert.exporters import HTMLExporter  # noqa: E402

NARROW = 3
"""Columns that fit a phone beside one another."""
LARGEST_OUTPUT = 10_000_000
ATTRIBUTES = {
    "*": {"class", "dir", "lang", "title"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "td": {"colspan", "rowspan", "align"},
    "th": {"colspan", "rowspan", "align", "scope"},
    "ol": {"start"},
}


def notebook_page(path: Path, words: Words) -> str:
    """The page of an executed notebook: prose, tables and figures only.

    Code, prompts and what is printed are left out (warnings name paths); what is left is sanitised as a whole. Raises
    StudyError for a cell that shows more than a page can hold.
    """
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if output.output_type != "stream"]
            if sum(len(str(output)) for output in cell.outputs) > LARGEST_OUTPUT:
                told = f"a cell shows more than {LARGEST_OUTPUT:,} letters"
                raise StudyError(f"{path.name}: {told}; nobody reads that: show less of it")
    exporter = HTMLExporter(
        config=Config(TemplateExporter={"exclude_input": True, "exclude_output_prompt": True}),
        template_name="basic",
        exclude_input_prompt=True,
        exclude_anchor_links=True,
    )
    body, _ = exporter.from_notebook_node(notebook)
    clean = fit_a_phone(sanitise(body))
    return render("notebook.html", words, title=heading(path), body=Markup(clean))  # sanitised just above


def sanitise(body: str) -> str:
    """HTML without anything that runs or is fetched: nh3's tags (text, lists, tables, images), images as data only."""
    return nh3.clean(
        body,
        attributes=ATTRIBUTES,
        url_schemes={"https", "http", "mailto", "data"},
        attribute_filter=_keep,
        link_rel="noopener noreferrer nofollow",
    )


def fit_a_phone(clean: str) -> str:
    """The same HTML with every table in a figure that the keyboard reaches, and wide ones told row by row on a phone.

    A cell of a table of more than ``NARROW`` columns bears its column's name as ``data-label``, which the style sheet
    shows where the table has no room.
    """
    parts = re.split(r"(<figure class=\"table\">.*?</figure>|<table.*?</table>)", clean, flags=re.DOTALL)
    return "".join(_fitted(part) if place % 2 else part for place, part in enumerate(parts))


def _fitted(html: str) -> str:
    """One table, or the figure that holds one."""
    soup = BeautifulSoup(html, "html.parser")
    for empty in soup.find_all(lambda one: one.name == "th" and not one.get_text(strip=True)):
        empty.name = "td"  # the corner above an index heads nothing
    for table in soup.find_all("table"):
        heads = [row for row in table.find_all("tr") if row.find("td") is None or row.parent.name == "thead"]
        if len(heads) == 1 and len(cells := _cells(heads[0])) > NARROW:
            table["class"] = [*table.get("class", []), "stack"]
            names = [cell.get_text(" ", strip=True) for cell in cells]
            for row in table.find_all("tr"):
                for name, cell in zip(names, _cells(row) if row is not heads[0] else (), strict=False):
                    cell["data-label"] = name
    figure = soup.find("figure") or soup.find("table").wrap(soup.new_tag("figure", attrs={"class": "table"}))
    figure["tabindex"] = "0"
    return str(soup)


def _cells(row: Tag) -> list[Tag]:
    return row.find_all(["td", "th"], recursive=False)


def _keep(tag: str, attribute: str, value: str) -> str | None:
    """Images are data and links are not."""
    if attribute == "src":
        return value if re.match(r"data:image/(png|jpeg|gif);base64,[A-Za-z0-9+/=\s]+$", value) else None
    if attribute == "href" and value.strip().lower().startswith("data:"):
        return None
    return value
