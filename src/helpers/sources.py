"""The tables of a study.yml: their files, how each is read, and what the survey's questions are."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from helpers.columns import TABLES
from helpers.connection import Connection

Whole = Annotated[tuple[int, int], Field(strict=False)]
"""Two whole numbers; YAML has lists and no tuples, so a list of two will do."""
Numbers = Annotated[tuple[float, float], Field(strict=False)]
Names = Annotated[tuple[str, str], Field(strict=False)]


class Part(BaseModel):
    """A part of study.yml: frozen, unknown keys refused, no silent conversion of types."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Reading(Part):
    """How a file is to be read where sniffing must not decide.

    ``sheet`` is one sheet of a workbook or several that are read one below the other. ``fill_down`` names columns that
    stand on the first line of an order only, the order's own number first. ``time_column`` holds the time of day of
    ``ordered_at`` where it stands in a column of its own. ``calendar`` is the one that dates are written in: a Solar
    Hijri year is some 621 years behind.
    """

    encoding: str | None = None
    sep: str | None = None
    decimal: Literal[".", ","] | None = None
    thousands: str | None = None
    date_format: str | None = None
    timezone: str | None = None
    ambiguous_time: Literal["first", "last"] | None = None
    sheet: str | int | list[str | int] | None = None
    skip_rows: int = Field(0, ge=0)
    fill_down: list[str] = []
    time_column: str | None = None
    calendar: Literal["gregorian", "jalali"] = "gregorian"

    @property
    def sheets(self) -> tuple[str, ...]:
        """The sheets by name, in their order; none where the only one is meant."""
        given = self.sheet if isinstance(self.sheet, list) else [self.sheet]
        return tuple(str(name) for name in given if name is not None)


class Lookup(Part):
    """Another file whose columns are added to each row that has the same cell ``on``: orders to their lines."""

    path: str
    on: str
    read: Reading = Reading()


NotGoods = Literal["shipping", "discount", "gift_card", "fee", "tip", "tax", "test"]
"""What a line of an order can be beside goods; a gift card is money paid before, not a thing that was wanted."""


class TableSource(Part):
    """One table: a file inside the study's folder (or several of one layout), and ``columns`` as ours: theirs.

    In place of ``path`` a database may hold it: ``connect`` is the URL of a PostgreSQL server, without a password, or
    the path of a DuckDB file, and ``table`` the name of a table or view; ``password_env`` names the environment
    variable of the password where it is not PGPASSWORD.

    ``where`` keeps the rows whose cell under a header is one of those listed, whatever its case; the others are counted
    and told. ``nobody`` lists keys that stand for no person, such as the till's own e-mail address.
    """

    path: str | list[str] = ""
    connect: str | None = None
    table: str | None = None
    password_env: str | None = None
    columns: dict[str, str] = {}
    read: Reading = Reading()
    attributes: list[str] = []
    lookup: list[Lookup] = []
    where: dict[str, list[str | int | float | bool]] = {}
    nobody: list[str | int] = []

    @property
    def paths(self) -> tuple[str, ...]:
        """The files of the table, one below the other; none where a database holds it."""
        given = [self.path] if isinstance(self.path, str) else self.path
        return () if self.connect is not None else tuple(given)

    @property
    def connection(self) -> Connection | None:
        """The table of a database; None where files hold it."""
        return None if self.connect is None else Connection(self.connect, self.table or "", self.password_env)

    @property
    def shown(self) -> str:
        """The table's files, or its place in a database, as messages name them."""
        return self.connection.shown if self.connection else " and ".join(self.paths)


class SalesSource(TableSource):
    """The sales. ``not_goods`` lists, under a header, the texts of lines that are no goods, by what they are."""

    not_goods: dict[str, dict[NotGoods, list[str | int]]] = {}


class Likert(Part):
    """Rating items: their answer scale, text labels, reversed items, codes for 'no answer', and which make a scale.

    ``scales_of`` and ``labels_of`` are the scale and the labels of single items that differ from those of the others.
    """

    items: list[str]
    scale: Whole = (1, 5)
    scales_of: dict[str, Whole] = {}
    labels: dict[str, int] = {}
    labels_of: dict[str, dict[str, int]] = {}
    reverse: list[str] = []
    missing: list[int | str] = []
    scales: dict[str, list[str]] = {}

    def of(self, item: str) -> Likert:
        """The scale and labels by which one item is read; a code for 'no answer' that is a mark on its scale is one."""
        low, high = scale = self.scales_of.get(item, self.scale)
        shared = {label: value for label, value in self.labels.items() if low <= value <= high}
        off = [code for code in self.missing if isinstance(code, str) or not low <= code <= high]
        return self.model_copy(update={"scale": scale, "labels": shared | self.labels_of.get(item, {}), "missing": off})


About = Literal["drivers", "barriers", "mindset"]
"""What a question is about: what draws people, what holds them back, how they think about it."""


class MultipleChoice(Part):
    """A tick list: one column whose answers are joined by ``sep``, or a column per option that is filled if ticked.

    ``options`` names those that hold the separator themselves (others may be among them); with ``closed`` they are all
    that there are, and whatever else was given is a text of the respondent's own. ``chosen`` is what the cells of
    ``columns`` say where an option was ticked, where another code than a word for no says that it was not (SoSci: 2).
    ``about`` is what the list is about; ``profile`` for who people are and what they have.
    """

    column: str = ""
    sep: str = Field(";", min_length=1)
    options: list[str] = []
    closed: bool = False
    columns: dict[str, str] = {}
    chosen: list[str] = []
    about: About | Literal["profile"] | None = None


class OpenEnded(Part):
    """An open question and which of the three kinds of knowledge it is about."""

    column: str
    about: About


class Gamble(Part):
    """A choice between two gambles of (outcome, chance) pairs, and the answers that take the one and the other.

    Any other answer ("I do not know") takes neither and is left out.
    """

    a: list[Numbers] = Field(min_length=1)
    b: list[Numbers] = Field(min_length=1)
    chose_a: list[str] = Field(min_length=1)
    chose_b: list[str] = Field(min_length=1)


class Bands(Part):
    """A column of numbers or days as a category: ``edges`` cut it, each the lowest of the band above it."""

    column: str
    edges: list[float] | list[dt.date] = Field(min_length=1)


class BestWorstTask(Part):
    """One choice of the best and the worst of several items.

    Either ``columns``, item: header, whose cells say best or worst, or the headers of the ``best`` and the ``worst``
    and what was offered: ``items``, the same for everybody, or ``shown``, headers whose cells name them.
    """

    columns: dict[str, str] = {}
    best: str = ""
    worst: str = ""
    items: list[str] = []
    shown: list[str] = []

    @property
    def headers(self) -> tuple[str, ...]:
        """The columns that hold it."""
        return tuple(name for name in (*self.columns.values(), self.best, self.worst, *self.shown) if name)


class BestWorst(Part):
    """A MaxDiff exercise: its tasks, and the words of a grid for best and worst."""

    tasks: list[BestWorstTask] = Field(min_length=1)
    best: list[str] = ["best", "most", "most important", "1"]
    worst: list[str] = ["worst", "least", "least important", "2"]


class VanWestendorp(Part):
    """The headers of four prices: where it would be too cheap to be good, a bargain, expensive, and too expensive."""

    too_cheap: str
    cheap: str
    expensive: str
    too_expensive: str

    @property
    def headers(self) -> tuple[str, ...]:
        """The columns from cheap to dear."""
        return self.too_cheap, self.cheap, self.expensive, self.too_expensive


class GaborGranger(Part):
    """Whether somebody would buy at each price: header -> price, and the answers by which he would."""

    prices: dict[str, Annotated[float, Field(strict=False, gt=0)]] = Field(min_length=2)
    buys: list[str] = ["yes"]

    @property
    def rising(self) -> list[tuple[float, str]]:
        """Each price and its header, the lowest first."""
        return sorted((price, header) for header, price in self.prices.items())


class SurveySource(TableSource):
    """The survey: its file, how respondents join customers, what each question is, and how open answers are coded.

    rows : ``customers`` where the file is no survey but a table of customers with their totals, one row each, whose
    columns are looked at as answers are; there are no days of orders then to test anything on. bands : numbers and days
    that make personas as categories.

    join : the column, or several that tell only together, which the survey and the customers share. nps : one mark from
    0 to 10, or several, of which the first stands for the shop. ranks : question -> option -> header. numbers : counts
    and sizes such as an age. maxdiff : best and worst of several, by the name of the exercise, or only the columns that
    hold such choices. van_westendorp, gabor_granger : what was asked about prices. meta : what the tool wrote.
    no_answer : what stands in a cell that nobody filled ("Select", -99). same_person : columns that tell rows of one
    person where no id does.
    """

    join: dict[Literal["customers"], str | list[str]] = {}
    questions: dict[str, str] = {}
    likert: Likert | None = None
    categorical: list[str] = []
    multiple_choice: dict[str, MultipleChoice] = {}
    importance_performance: dict[str, Names] = {}
    open_ended: dict[str, OpenEnded] = {}
    codebook: str | None = None
    second_coder: str | None = None
    nps: str | list[str] | None = None
    ranks: dict[str, dict[str, str]] = {}
    numbers: list[str] = []
    bands: dict[str, Bands] = {}
    rows: Literal["answers", "customers"] = "answers"
    maxdiff: list[str] | dict[str, BestWorst] = []
    van_westendorp: VanWestendorp | None = None
    gabor_granger: GaborGranger | None = None
    meta: list[str] = []
    no_answer: list[str | int] = []
    same_person: list[str] = []
    raking: dict[str, Any] = {}
    gambles: dict[str, Gamble] = {}

    @property
    def join_by(self) -> tuple[str, ...]:
        """The columns by which respondents are known as customers; none where the study does not say."""
        given = self.join.get("customers", [])
        return (given,) if isinstance(given, str) else tuple(given)

    @property
    def marks(self) -> dict[str, str]:
        """The marks from 0 to 10 by the item that each is: the first is ``nps``, others bear their header."""
        given = [self.nps] if isinstance(self.nps, str) else self.nps or []
        return {"nps" if place == 0 else header: header for place, header in enumerate(given)}

    @property
    def best_worst(self) -> dict[str, BestWorst]:
        """The MaxDiff exercises of which it is said what was offered."""
        return self.maxdiff if isinstance(self.maxdiff, dict) else {}

    @property
    def best_worst_columns(self) -> tuple[str, ...]:
        """All columns of best and worst choices."""
        if isinstance(self.maxdiff, list):
            return tuple(self.maxdiff)
        return tuple(dict.fromkeys(h for asked in self.maxdiff.values() for task in asked.tasks for h in task.headers))

    @property
    def price_columns(self) -> tuple[str, ...]:
        """The columns of questions about prices."""
        named = self.van_westendorp.headers if self.van_westendorp else ()
        return (*named, *(self.gabor_granger.prices if self.gabor_granger else ()))

    @property
    def declared(self) -> list[tuple[str, tuple[str, ...]]]:
        """Every question: the name that stands for it, and the columns of its answers."""
        own_name = [*(self.likert.items if self.likert else []), *self.categorical, *self.gambles, *self.numbers]
        own_name += [column for pair in self.importance_performance.values() for column in pair]
        return [
            *((name, (name,)) for name in own_name),
            *((name, tuple(asked.columns.values()) or (asked.column,)) for name, asked in self.multiple_choice.items()),
            *((name, tuple(options.values())) for name, options in self.ranks.items()),
            *((name, (cut.column,)) for name, cut in self.bands.items()),
            *((name, (asked.column,)) for name, asked in self.open_ended.items()),
            *((name, (header,)) for name, header in self.marks.items()),
        ]


class InterviewSource(TableSource):
    """Interviews and polls; ``about`` tells of questions that the survey does not ask what they are about."""

    about: dict[str, About] = {}


class ConjointSource(TableSource):
    """A choice exercise: its ``attributes``, which of them is the price, and the levels of those that are no numbers.

    The first level of a list is the one that the others are compared with; an attribute without a list is a number
    where all its cells are, and otherwise has its levels in the order of the alphabet. ``offers`` are those whose
    shares are asked for, name -> attribute -> level.
    """

    price: str | None = None
    levels: dict[str, list[str]] = {}
    offers: dict[str, dict[str, str | int | float]] = {}

    @property
    def paid_in(self) -> str | None:
        """The attribute that is a price: the one named, or the one called price."""
        return self.price or next((name for name in self.attributes if name == "price"), None)


class Tables(Part):
    """The files of a study: sales or a survey, or at least something that can be put to a test."""

    sales: SalesSource | None = None
    customers: TableSource | None = None
    survey: SurveySource | None = None
    sessions: TableSource | None = None
    steps: TableSource | None = None
    messages: TableSource | None = None
    service: TableSource | None = None
    prices: TableSource | None = None
    leads: TableSource | None = None
    conjoint: ConjointSource | None = None
    interviews: InterviewSource | None = None

    def given(self) -> dict[str, TableSource]:
        """The declared tables by name, in the order of the contract."""
        return {name: source for name in TABLES if (source := getattr(self, name)) is not None}

    def known_of_customers(self, name: str) -> bool:
        """Whether the customers table may hold a column, so that the survey need not."""
        return self.customers is not None and (name in TABLES["customers"] or name in self.customers.attributes)
