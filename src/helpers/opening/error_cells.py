"""Cells of a workbook that hold an error instead of a value, which the reader of workbooks gives back as empty."""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from helpers.contracts import Issue
from helpers.words import say

_BLOCK = 1 << 20
_CELL = re.compile(rb'<c (?=[^>]*?\bt="e")[^>]*?\br="([A-Z]+)(\d+)"[^>]*>.{0,2000}?<v>(#[^<]*)</v>', re.DOTALL)


def error_cells(file: Path, sheet: str) -> dict[str, dict[int, str]]:
    """The errors in a sheet of an xlsx file, by column letter and row: ``{"B": {2: "#REF!"}}``; of other files none."""
    found: dict[str, dict[int, str]] = {}
    try:
        with zipfile.ZipFile(file) as book:
            part = _part(book, sheet)
            for column, row, text in _errors(book, part) if part else ():
                found.setdefault(column, {})[row] = text
    except (zipfile.BadZipFile, KeyError, OSError):
        return {}
    return found


def _part(book: zipfile.ZipFile, sheet: str) -> str | None:
    """The file in a workbook that holds a sheet."""
    names = set(book.namelist())
    if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= names:
        return None
    listed = book.read("xl/workbook.xml").decode("utf-8", "replace")
    rels = book.read("xl/_rels/workbook.xml.rels").decode("utf-8", "replace")
    targets = {}
    for rel in re.findall(r"<Relationship\b[^>]*>", rels):
        told = dict(re.findall(r'(\w+)="([^"]*)"', rel))
        targets[told.get("Id", "")] = posixpath.normpath(posixpath.join("xl", told.get("Target", ""))).lstrip("/")
    of = {}
    for tag in re.findall(r"<(?:\w+:)?sheet\b[^>]*>", listed):
        told = dict(re.findall(r'([\w:]+)="([^"]*)"', tag))
        of[_plain(told.get("name", ""))] = targets.get(told.get("r:id", ""), "").removeprefix("xl/xl/")
    part = of.get(sheet, "")
    return part if part in names else None


def _plain(text: str) -> str:
    """Text of XML as it is shown."""
    for sign, letter in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'"), ("&amp;", "&")):
        text = text.replace(sign, letter)
    return text


def _errors(book: zipfile.ZipFile, part: str) -> Iterator[tuple[str, int, str]]:
    """Column, row and text of every error of a sheet, read in blocks that overlap."""
    with book.open(part) as stream:
        rest = b""
        while block := stream.read(_BLOCK):
            rest += block
            end = rest.rfind(b"</c>") + 4 if b"</c>" in rest else 0
            if b't="e"' in rest[:end]:
                for column, row, text in _CELL.findall(rest[:end]):
                    yield column.decode(), int(row), text.decode("utf-8", "replace")
            rest = rest[end:]


def told(errors: dict[str, dict[int, str]], headers: list[str], rows: np.ndarray) -> list[Issue]:
    """One finding per column with errors: how many, which, and in which rows; only of rows that were read."""
    issues = []
    for letters, cells in errors.items():
        place = _number(letters) - 1
        hit = sorted(set(cells) & {*rows.tolist()})
        if not hit or place >= len(headers) or not headers[place]:
            continue
        text = say("opening.error_cell", n=len(hit), kinds=sorted({cells[row] for row in hit}))
        issues.append(Issue("error_cell", "warning", headers[place], len(hit), tuple(hit[:5]), text))
    return issues


def _number(letters: str) -> int:
    """The number of a column: A 1, Z 26, AA 27."""
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - 64
    return number
