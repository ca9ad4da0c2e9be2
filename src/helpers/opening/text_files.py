"""Separated text, packed or not: records, their row numbers, and the rows that cannot be."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import itertools
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, TextIO

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv

from helpers.contracts import DataError, Issue
from helpers.opening import encodings
from helpers.opening.exports import LOOKED_AT, read_header
from helpers.opening.layout import TITLE_ROWS, header_place, refuse_title_rows, unnamed
from helpers.opening.raw import RawTable, set_aside, shortened, wanted
from helpers.progress import STEP, come
from helpers.sources import Reading
from helpers.words import Said, say

SEPARATORS = ",;\t|"
_TEXT = (".csv", ".tsv", ".tab", ".txt")
_BATCH = 100_000
_SAMPLE_LINES = 500
BLANK_LINES = frozenset(("\n", "\r", "\r\n"))
_BLOCK = 1 << 20
LONGEST_LINE = 10_000_000
MOST_OF_PACKED, LEAST_TO_DOUBT = 300, 1 << 30
"""A packed file that gives more than so many times its size, and more than a thousand million letters, is no table."""
_NO_TEXT = (
    (b"PK\x03\x04", "packed"),
    (b"\xd0\xcf\x11\xe0", "workbook"),
    (b"%PDF", "pdf"),
    (b"\x89PNG", "picture"),
    (b"\xff\xd8\xff", "picture"),
    (b"PAR1", "parquet"),
)
"""First bytes of what is no text, and what it is."""
_SEP_LINE = re.compile(r'\ufeff*"?sep=(.)"?[\r\n]*', re.IGNORECASE)


def is_text_file(file: Path) -> bool:
    """Whether a file is separated text, packed or not."""
    name = file.name.lower()
    if name.endswith(".zip") and file.is_file():
        return packed_name(file).lower().endswith(_TEXT)
    return name.removesuffix(".gz").endswith(_TEXT)


def packed_name(file: Path) -> str:
    """The name of the one file in a zip archive. Raises DataError where there are several, or none."""
    try:
        with zipfile.ZipFile(file) as archive:
            names = [name for name in archive.namelist() if not name.endswith("/") and "__MACOSX" not in name]
    except (zipfile.BadZipFile, NotImplementedError, UnicodeDecodeError, OSError) as error:
        raise DataError(say("opening.refused.zip", path=file.name, fault=str(error))) from None
    if len(names) != 1:
        raise DataError(say("opening.refused.zip_files", path=file.name, n=len(names), names=shortened(names, 5)))
    return names[0]


def open_text(file: Path, shown: str, reading: Reading, needed: dict[str, str] | None) -> RawTable:
    """Read a separated text file record by record; without a stated encoding it must be UTF-8."""
    encoding = reading.encoding or "utf-8"
    with readable(shown):
        try:
            refuse_no_text(file)
            if reading.encoding is None and (form := encodings.utf16(_head(file))):
                raise DataError(say("opening.refused.utf16", path=shown, form=form))
            sep = reading.sep or sniff_separator(file, encoding, reading.skip_rows)
            with unpacked(file, "rt", encoding=encoding, newline="") as stream:
                return open_records(lines_of(stream, file), sep, shown, reading, needed)
        except UnicodeError:
            raise DataError(_wrong_encoding(file, shown, encoding)) from None
        except LookupError:
            told = {"path": shown, "encoding": encoding, "known": list(encodings.LANGUAGES)}
            raise DataError(say("opening.refused.encoding_unknown", **told)) from None


@contextmanager
def readable(shown: str) -> Iterator[None]:
    """What a damaged packed file does while it is read becomes a DataError."""
    try:
        yield
    except (EOFError, zlib.error, gzip.BadGzipFile, zipfile.BadZipFile) as error:
        raise DataError(say("opening.refused.packed", path=shown, fault=str(error))) from None
    except OSError as error:
        raise DataError(say("opening.refused.no_reading", path=shown, fault=str(error.strerror or error))) from None
    except (NotImplementedError, RuntimeError) as error:  # zipfile: another way of packing, or a password
        raise DataError(say("opening.refused.no_unpacking", path=shown, fault=str(error))) from None


def lines_of(stream: TextIO, file: Path) -> Iterator[str]:
    """The lines of a file, one by one, telling how far they have come. Raises DataError for an endless one, and for a
    packed file that never ends."""
    size = file.stat().st_size if file.name.lower().endswith((".gz", ".zip")) else None
    left = np.inf if size is None else max(LEAST_TO_DOUBT, MOST_OF_PACKED * size)
    whole, read = file.stat().st_size, 0
    while line := stream.readline(LONGEST_LINE):
        left -= len(line)
        read += 1
        if not read % STEP:
            come(file.name, read, stream.buffer.tell() / whole if size is None else None)
        if len(line) == LONGEST_LINE:
            raise DataError(say("opening.refused.long_line", path=file.name, most=LONGEST_LINE))
        if left < 0:
            raise DataError(say("opening.refused.endless", path=file.name, most=MOST_OF_PACKED))
        yield line


def _wrong_encoding(file: Path, shown: str, given: str) -> Said:
    """What is wrong with a file that the stated encoding, or UTF-8, does not read."""
    likely = likely_encoding(file)
    if likely != "utf-8" and codecs.lookup(likely) == codecs.lookup(given):
        return say("opening.refused.cut_short", path=shown, encoding=given)
    if likely == "utf-8" and codecs.lookup(given) == codecs.lookup("utf-8"):
        rows = _damaged_lines(file)
        return say("opening.refused.damaged_utf8", path=shown, n=len(rows), first=list(map(str, rows[:5])))
    return say("opening.refused.encoding", path=shown, given=given, likely=likely)


def _damaged_lines(file: Path) -> list[int]:
    """The numbers of the lines that are no UTF-8."""
    with unpacked(file, "rt", encoding="utf-8", errors="replace", newline="") as stream:
        return [number for number, line in enumerate(lines_of(stream, file), 1) if "\ufffd" in line]


def unpacked(file: Path, mode: str, **text: str) -> IO[Any]:
    """A file open for reading, unpacked where it is packed."""
    name = file.name.lower()
    if name.endswith(".zip"):
        try:
            stream = zipfile.Path(file, packed_name(file)).open("rb")
        except UnicodeDecodeError as error:  # the name inside, and not the text
            raise zipfile.BadZipFile(str(error)) from None
        return io.TextIOWrapper(stream, **text) if "t" in mode else stream
    return (gzip.open if name.endswith(".gz") else open)(file, mode, **text)


def _head(file: Path) -> bytes:
    with unpacked(file, "rb") as stream:
        return stream.read(1 << 16)


def refuse_no_text(file: Path) -> None:
    """Raise DataError where a file called a text is none: a workbook, a picture, other bytes, or a web page."""
    with readable(file.name):
        head = _head(file)
    if encodings.utf16(head):
        return
    for start, what in _NO_TEXT:
        if head.startswith(start):
            raise DataError(say(f"opening.refused.no_text.{what}", path=file.name))
    if sum(byte < 9 or 13 < byte < 26 for byte in head) > 0.01 * len(head):
        raise DataError(say("opening.refused.no_text.bytes", path=file.name))
    if re.match(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype html|html|head|body|table)\b", head, re.IGNORECASE):
        raise DataError(say("opening.refused.no_text.page", path=file.name))


def likely_encoding(file: Path) -> str:
    """The encoding that makes a text file read like a language: UTF-8, UTF-16, Shift JIS or a single-byte one."""
    with readable(file.name):
        return _likely_encoding(file)


def _likely_encoding(file: Path) -> str:
    head = _head(file)
    if form := encodings.utf16(head):
        return form
    try:
        with unpacked(file, "rt", encoding="utf-8") as lines:
            while lines.read(_BLOCK):
                pass
        return "utf-8"
    except UnicodeError:
        pass
    with unpacked(file, "rb") as stream:
        words = encodings.different_words(iter(lambda: stream.read(_BLOCK), b""))
    if encodings.damaged_utf8(words):
        return "utf-8"
    return "cp932" if encodings.is_japanese(head) else encodings.likely_single_byte(words)


def sniff_separator(file: Path, encoding: str, skip_rows: int = 0) -> str:
    """The separator that the file names itself (``sep=;``), or by which most records have equally many cells.

    Title rows above the header are left out of account.
    """
    with unpacked(file, "rt", encoding=encoding, errors="replace", newline="") as stream:
        lines = lines_of(stream, file)
        top = next(lines, "")
        if named := _SEP_LINE.fullmatch(top):
            return named[1]
        sample = list(itertools.islice(itertools.chain([top], lines), skip_rows, skip_rows + _SAMPLE_LINES))

    def fit(sep: str) -> tuple[bool, int]:
        widths = [len(row) for row in csv.reader(sample, delimiter=sep) if row] or [1]
        usual = max(set(widths), key=lambda width: (width > 1, widths.count(width), width))
        below = widths[widths.index(usual) :]
        if usual > 1 and below.count(usual) > 0.8 * len(below) > 0.4 * len(widths):
            return True, usual
        return False, widths[0] if widths[0] > 1 else 0

    try:
        return max(SEPARATORS, key=fit)
    except csv.Error:
        raise DataError(say("opening.refused.long_cell", path=file.name, most=csv.field_size_limit())) from None


def title_lines(file: Path, encoding: str, sep: str) -> int:
    """How many lines stand above the header of a text file, as ``read.skip_rows`` counts them."""
    with unpacked(file, "rt", encoding=encoding, errors="replace", newline="") as stream:
        lines = lines_of(stream, file)
        first = next(lines, "")
        own = 1 if _SEP_LINE.fullmatch(first) else 0
        rows, ends = _first_records(lines if own else itertools.chain([first], lines), sep)
    place = header_place(rows)
    return ends[place - 1] + own if place else 0


def _first_records(lines: Iterable[str], sep: str) -> tuple[list[list[str]], list[int]]:
    """The first records of a file, and the line with which each ends."""
    reader = csv.reader(itertools.islice(lines, _SAMPLE_LINES), delimiter=sep)
    rows, ends = [], []
    for row in itertools.islice(reader, TITLE_ROWS):
        rows.append(row)
        ends.append(reader.line_num)
    return rows, ends


@dataclass
class _Progress:
    """The last record that was read, and the records that cannot become rows."""

    row: int
    ragged: list[tuple[int, list[str]]] = field(default_factory=list)
    with_nul: list[int] = field(default_factory=list)


def open_records(
    file: Iterator[str], sep: str, shown: str, reading: Reading, needed: dict[str, str] | None
) -> RawTable:
    """Read records in batches; the row number of a record is its place in a spreadsheet, the header being 1."""
    top = next(file, "")
    marked, skip_rows = top.startswith("\ufeff"), reading.skip_rows
    if _SEP_LINE.fullmatch(top):
        skip_rows = max(skip_rows, 1)
    lines = itertools.islice(itertools.chain([top.lstrip("\ufeff")], file), skip_rows, None)
    kept = list(itertools.islice(lines, _SAMPLE_LINES))
    rows, ends = _first_records(kept, sep)
    refuse_title_rows(rows, [skip_rows + 1, *(skip_rows + end + 1 for end in ends)], reading, shown)
    source = itertools.chain(kept, lines)
    reader = csv.reader(source, delimiter=sep, strict=True)
    progress = _Progress(skip_rows)
    try:
        first = list(itertools.islice(_counted(reader, progress), LOOKED_AT))
        top_rows = read_header(first)
        headers, progress.row = list(top_rows.names), skip_rows + top_rows.rows
        nameless = unnamed(headers, first[top_rows.rows :], shown)
        places = wanted(headers, needed)
        schema = pa.schema([(name, pa.large_string()) for name in places])
        parts, numbers_of = [schema.empty_table()], [np.array([], dtype="int64")]
        looked_at = _one_by_one(first[top_rows.rows :], len(headers), places, progress)
        for numbers, cells in itertools.chain(looked_at, _batches(source, sep, len(headers), places, progress)):
            parts.append(pa.table(cells, schema))
            numbers_of.append(numbers)
    except csv.Error as error:
        where = {"path": shown, "row": str(progress.row + 1)}
        if "field limit" in str(error):
            raise DataError(say("opening.refused.long_cell_in_row", **where, most=csv.field_size_limit())) from None
        raise DataError(say("opening.refused.stray_quote", **where, fault=str(error))) from None
    numbers = np.concatenate(numbers_of)
    _refuse_ragged(progress.ragged, len(numbers), len(headers), sep, shown)
    issues = [Issue("byte_order_mark", "repaired", None, 0, (), say("opening.byte_order_mark"))] * marked
    wrong_width = say("opening.wrong_width", width=len(headers))
    issues += [*top_rows.told(), *nameless]
    issues += set_aside("ragged_row", [number for number, _ in progress.ragged], wrong_width)
    issues += set_aside("nul_bytes", progress.with_nul, say("opening.nul_bytes"))
    frame = pa.concat_tables(parts).to_pandas().set_axis(pd.RangeIndex(len(numbers)))
    lost = len(progress.ragged) + len(progress.with_nul)
    return RawTable(shown, tuple(headers), frame, numbers, lost, tuple(issues), sep, top_rows.asked)


Batch = tuple[np.ndarray, Sequence[pa.ChunkedArray | pa.Array]]
"""The numbers of some records, and the cells of each column."""


def _batches(
    source: Iterator[str], sep: str, width: int, places: dict[str, int], progress: _Progress
) -> Iterator[Batch]:
    """The records of all further lines. Once there is a quotation mark a record may go on in the next line, and every
    one that follows is read by itself: eight times as dear."""
    while lines := list(itertools.islice(source, _BATCH)):
        if cells := _at_once(lines, sep, width, places):
            yield np.arange(len(lines)) + progress.row + 1, cells
            progress.row += len(lines)
        else:
            marked = any('"' in line for line in lines)
            following = itertools.chain(lines, source) if marked else lines
            yield from _one_by_one(csv.reader(following, delimiter=sep, strict=True), width, places, progress)


def _at_once(lines: list[str], sep: str, width: int, places: dict[str, int]) -> list[pa.ChunkedArray] | None:
    """The cells of lines that are a record each; None where one is blank, ragged, marked or too long."""
    text = "".join(lines)
    longest = max(map(len, lines))
    if '"' in text or "\0" in text or longest > csv.field_size_limit() or not BLANK_LINES.isdisjoint(lines):
        return None
    asked = {str(place): pa.large_string() for place in places.values()}
    converted = pa.csv.ConvertOptions(column_types=asked, include_columns=list(asked))
    try:
        table = pa.csv.read_csv(
            io.BytesIO(text.encode()),
            pa.csv.ReadOptions(column_names=[str(place) for place in range(width)]),
            pa.csv.ParseOptions(delimiter=sep, quote_char=False),
            converted,
        )
    except pa.ArrowInvalid:
        return None
    return table.columns


def _one_by_one(
    reader: Iterable[list[str]], width: int, places: dict[str, int], progress: _Progress
) -> Iterator[Batch]:
    whole = _whole(reader, width, progress)
    while batch := list(itertools.islice(whole, _BATCH)):
        numbers, records = zip(*batch, strict=True)
        cells = list(zip(*records, strict=True))
        yield np.array(numbers), [pa.array(cells[place], pa.large_string()) for place in places.values()]


def _counted(reader: Iterable[list[str]], progress: _Progress) -> Iterator[list[str]]:
    """Records as they come, with count kept of where they begin."""
    for record in reader:
        progress.row += 1
        yield record


def _whole(reader: Iterable[list[str]], width: int, progress: _Progress) -> Iterator[tuple[int, list[str]]]:
    """Records that have the header's width, with their row numbers; blank lines are no records."""
    for row, record in enumerate(reader, start=progress.row + 1):
        progress.row = row
        if "\0" in "".join(record):
            progress.with_nul.append(row)
        elif len(record) == width:
            yield row, record
        elif record:
            progress.ragged.append((row, record))


def _refuse_ragged(ragged: list[tuple[int, list[str]]], whole: int, width: int, sep: str, shown: str) -> None:
    """Raise DataError where rows of the wrong width mean that the file is not what it seems."""
    told = {"path": shown, "n": len(ragged), "all": whole + len(ragged), "width": width}
    first, total = [str(number) for number, _ in ragged[:5]], whole + len(ragged)
    swallowed = [number for number, record in ragged if any("\n" in cell for cell in record)]
    if swallowed:
        lines = {"path": shown, "n": len(swallowed), "first": str(swallowed[0])}
        raise DataError(say("opening.refused.swallowed", **lines))
    split = sum(
        len(record) > width
        and any(a.lstrip("-").isdigit() and b.isdigit() and len(b) <= 2 for a, b in itertools.pairwise(record))
        for _, record in ragged
    )
    if sep == "," and split > len(ragged) / 2 and (split >= 3 or split > 0.05 * total):
        raise DataError(say("opening.refused.decimal_comma", **told, first=first))
    if len(ragged) > total / 2:
        raise DataError(say("opening.refused.widths", **told, first=first, sep=repr(sep)))
