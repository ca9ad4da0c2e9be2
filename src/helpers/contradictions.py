"""What is wrong with a study.yml of which every value is of its type: values that contradict each other."""

from __future__ import annotations

import codecs
import datetime as dt
import itertools
import re
import zoneinfo
from collections import Counter
from collections.abc import Iterator
from pathlib import Path, PureWindowsPath
from typing import TYPE_CHECKING

from helpers.columns import TABLES
from helpers.connection import HOW, address_fault, table_fault
from helpers.contracts import K_RANGE
from helpers.text import fold, nearest
from helpers.words import languages
from helpers.yamlfile import Keys

if TYPE_CHECKING:
    from helpers.sources import ConjointSource, SurveySource, TableSource
    from helpers.study import Experiment, Study


TESTABLE = ("sessions", "steps", "leads", "conjoint", "interviews")
"""Tables of which something can be told without sales or a survey."""
DAYS = dt.date(1900, 1, 1), dt.date(2199, 12, 31)
"""Days that a window may have."""
MOST_MEMORY = 1e6
"""The largest memory limit, in GB."""
DESIGN_IDS = (
    "relative_saving", "framing_wording", "risky_frame", "attribute_frame", "was_price", "setting_price", "anchoring",
    "charm_price", "partitioned_price", "certainty", "allais", "reflection", "isolation", "decoy", "compromise",
    "endowment", "default", "sunk_cost", "mental_accounting", "scarcity",
)  # fmt: skip
"""Known experiments that a study may name as ``design``; `designs.known` has a row of each."""
PLAIN_DESIGNS = ("between", "within")
OF_FILES = {"encoding", "sep", "skip_rows", "sheet", "fill_down"}
"""What ``read`` says of files alone."""
ONE_FILE = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm")


def contradictions(study: Study) -> Iterator[tuple[Keys, str]]:
    """The way to each value that types alone cannot refuse, and what is wrong with it."""
    if not study.tables.sales and not study.tables.survey and not testable_apart(study):
        yield ("tables",), f"a study needs sales or survey, or one of {', '.join(TESTABLE)}, or an experiment"
    spoken = ", ".join(languages())
    if study.language not in languages():
        yield (
            ("language",),
            f"the report is not translated into {study.language!r} yet; it speaks {spoken}",
        )
    if study.own is not None:
        fault = _path_fault(study.folder, study.own)
        if fault or not study.own_files():
            yield ("own",), fault or f"{study.own!r} must be a folder with Python files (.py) in it"
    window = study.window
    for name, day in window:
        if day is not None and not DAYS[0] <= day <= DAYS[1]:
            yield ("window", name), f"{day} is no day of a shop: from {DAYS[0]} to {DAYS[1]}"
    amount, unit = re.fullmatch(r"([\d.]+) ?([KMGT])i?B", study.engine.memory_limit).groups()
    if float(amount) * 1000.0 ** ("KMGT".index(unit) - 2) > MOST_MEMORY:
        yield ("engine", "memory_limit"), f"{study.engine.memory_limit} is more than any machine has; such as 4GB"
    if window.start and window.holdout_from and not window.start < window.holdout_from:
        yield ("window", "holdout_from"), "must come after start"
    if window.as_of and (last := window.holdout_from or window.start) and not last <= window.as_of:
        yield ("window", "as_of"), f"must not come before {last}"
    low, high = (study.personas.k, study.personas.k) if isinstance(study.personas.k, int) else study.personas.k
    if not K_RANGE[0] <= low <= high <= K_RANGE[-1]:
        yield ("personas", "k"), f"must be one number or [from, to], each from {K_RANGE[0]} to {K_RANGE[-1]}"
    if not study.leads.thresholds[0] < study.leads.thresholds[1]:
        yield ("leads", "thresholds"), "the first must be below the second"
    for table, source in study.tables.given().items():
        yield from _of_table(study, table, source)
    if study.tables.survey:
        yield from _of_survey(study, study.tables.survey)
    if study.tables.conjoint:
        yield from _of_conjoint(study.tables.conjoint)
    yield from _of_experiments(study)


def testable_apart(study: Study) -> bool:
    """Whether a study holds something to put to a test though nobody in it can be divided into personas."""
    return bool(study.experiments or set(TESTABLE) & set(study.tables.given()))


def _of_table(study: Study, table: str, source: TableSource) -> Iterator[tuple[Keys, str]]:
    """Path, columns and reading of one table."""
    here = ("tables", table)
    yield from _of_connection(here, study.folder, source)
    for path in source.paths:
        if not path:
            yield (*here, "path"), "is required: a file; or connect and table, where a database holds the table"
        elif fault := _path_fault(study.folder, path):
            yield (*here, "path"), fault
        elif path.lower().removesuffix(".gz").endswith(ONE_FILE) and (study.folder / path).is_dir():
            yield (*here, "path"), f"{path!r} is a folder; name the file in it (only Parquet may be a folder of files)"
    if repeated := {path for path in source.paths if source.paths.count(path) > 1}:
        yield (*here, "path"), f"the same file twice: {', '.join(sorted(repeated))}"
    for place, other in enumerate(source.lookup):
        if fault := _path_fault(study.folder, other.path):
            yield (*here, "lookup", place, "path"), fault
    for header, kept in source.where.items():
        if not kept:
            yield (*here, "where", header), "lists nothing, so no row would be left; give the cells of rows that count"
    known = [*TABLES[table], *study.named_columns(table)]
    for ours in source.columns:
        if ours not in known:
            yield (*here, "columns", ours), f"not a column of {table} (write ours: theirs); {nearest(ours, known)}"
    read = source.read
    if read.encoding is not None and not _is_encoding(read.encoding):
        yield (*here, "read", "encoding"), f"unknown encoding {read.encoding!r}; such as utf-8, cp1251, cp1252, utf-16"
    for name in ("sep", "thousands"):
        if (mark := getattr(read, name)) is not None and len(mark) != 1:
            yield (*here, "read", name), f"must be one character; given: {mark!r}"
    if read.thousands is not None and read.thousands == (read.decimal or "."):
        yield (*here, "read", "thousands"), "must differ from decimal"
    if read.timezone is not None and read.timezone not in zoneinfo.available_timezones():
        yield (*here, "read", "timezone"), f"unknown; {nearest(read.timezone, zoneinfo.available_timezones())[:200]}"
    if read.date_format is not None and "%" not in read.date_format:
        yield (*here, "read", "date_format"), 'must be written with % codes, such as "%d.%m.%Y %H:%M"'


def _of_connection(here: Keys, folder: Path, source: TableSource) -> Iterator[tuple[Keys, str]]:
    """What is wrong with the database that holds a table, or with a table of which it is not clear what holds it."""
    connection = source.connection
    if connection is None:
        for key in ("table", "password_env"):
            if getattr(source, key) is not None:
                yield (*here, key), f"goes with connect, the database that holds the table: {HOW}"
        if source.path == []:
            yield (*here, "path"), "is required: a file; or connect and table, where a database holds the table"
        return
    if source.path:
        yield (*here, "connect"), "give either path, a file, or connect, a database"
    fault = address_fault(connection.address)
    if fault or (not connection.is_server and (fault := _path_fault(folder, connection.address))):
        yield (*here, "connect"), fault
    if fault := table_fault(connection.table):
        yield (*here, "table"), fault
    if source.password_env is not None and not re.fullmatch(r"[A-Z][A-Z0-9_]*", source.password_env):
        yield (*here, "password_env"), "is the name of an environment variable, such as SHOP_PASSWORD, and no password"
    elif source.password_env is not None and not connection.is_server:
        yield (*here, "password_env"), "is for a server; a DuckDB file has no password: leave it out"
    for key in sorted(OF_FILES & source.read.model_fields_set):
        yield (*here, "read", key), "is about a file; a database tells it by itself, and its rows have no order"


def _is_encoding(name: str) -> bool:
    try:
        return codecs.lookup(name)._is_text_encoding
    except (LookupError, ValueError):
        return False


def _of_survey(study: Study, source: SurveySource) -> Iterator[tuple[Keys, str]]:
    """Rating items, the join, raking shares and the codebook of the survey."""
    here = ("tables", "survey")
    for part in ("codebook", "second_coder"):
        if (file := getattr(source, part)) and (fault := _path_fault(study.folder, file)):
            yield (*here, part), fault
    known = [
        *(name for name, _ in source.declared),
        *source.columns,
        *source.attributes,
        *source.marks.values(),
        *source.best_worst_columns,
        *source.best_worst,
        *source.price_columns,
    ]
    known += [column for e in study.experiments for column in (*e.tested, *e.beside)]
    yield from _asked_once(source)
    yield from _of_stated(source)
    for name in source.questions:
        if name not in known:
            yield (*here, "questions", name), f"no question is declared by that name; {nearest(name, known)}"
    for key in source.join_by:
        if key == "customer_id" and not (study.tables.customers or study.tables.sales):
            yield (*here, "join"), "there are no customers to join: the study has neither sales nor customers"
        elif key != "customer_id" and not study.tables.customers:
            yield (*here, "join"), f"{key!r} is looked up in the table customers, which the study does not have"
    for name, shares in source.raking.items():
        if isinstance(shares, dict):
            good = all(isinstance(share, int | float) and share > 0 for share in shares.values())
            if not good or abs(sum(shares.values()) - 1) > 0.01:
                yield (*here, "raking", name), "shares must be positive numbers that add up to 1"
        elif shares != "customers" or not study.tables.customers:
            yield (*here, "raking", name), "must be `customers` (a table of the study) or a mapping of shares"
    for name, cut in source.bands.items():
        if sorted(set(cut.edges)) != cut.edges:
            yield (*here, "bands", name, "edges"), "must rise from one to the next"
    for name, gamble in source.gambles.items():
        for side, option in (("a", gamble.a), ("b", gamble.b)):
            chances = [chance for _, chance in option]
            if min(chances) < 0 or abs(sum(chances) - 1) > 0.01:
                yield (*here, "gambles", name, side), "the chances of its outcomes must add up to 1"
            if max(sum(x > 0 for x, _ in option), sum(x < 0 for x, _ in option)) > 1:
                yield (*here, "gambles", name, side), "give at most one gain, one loss and nothing (0) as outcomes"
    for name, question in source.multiple_choice.items():
        if bool(question.column) == bool(question.columns):
            yield (*here, "multiple_choice", name), "give either column, or columns as option: header"
        elif question.options and question.columns:
            yield (*here, "multiple_choice", name, "options"), "columns name the options already; leave options out"
        elif question.closed and not question.options:
            yield (*here, "multiple_choice", name, "closed"), "needs options: those that there are"
    if likert := source.likert:
        low, high = likert.scale
        if not low < high:
            yield (*here, "likert", "scale"), "the first must be below the second"
        for position, item in enumerate(likert.reverse):
            if item not in likert.items:
                yield (*here, "likert", "reverse", position), f"not among the items; {nearest(item, likert.items)}"
        for scale, names in likert.scales.items():
            for position, item in enumerate(names):
                if item not in likert.items:
                    yield (*here, "likert", "scales", scale, position), f"not an item; {nearest(item, likert.items)}"
        widest = max([likert.scale, *likert.scales_of.values()], key=lambda scale: scale[1] - scale[0])
        for label, value in likert.labels.items():
            if not min(low, widest[0]) <= value <= max(high, widest[1]):
                yield (*here, "likert", "labels", label), f"{value} is outside the scale {low} to {high}"
        for key in ("scales_of", "labels_of"):
            for item in getattr(likert, key):
                if item not in likert.items:
                    yield (*here, "likert", key, item), f"not among the items; {nearest(item, likert.items)}"
        for item, (first, last) in likert.scales_of.items():
            if not first < last:
                yield (*here, "likert", "scales_of", item), "the first must be below the second"
        for item, labels in likert.labels_of.items():
            first, last = likert.of(item).scale
            for label, value in labels.items():
                if not first <= value <= last:
                    yield (*here, "likert", "labels_of", item, label), f"{value} is outside the scale {first} to {last}"
        for position, item in enumerate(likert.items):
            if item in likert.items[:position]:
                yield (*here, "likert", "items", position), "comes twice; keep one"


def _of_stated(source: SurveySource) -> Iterator[tuple[Keys, str]]:
    """Best and worst of several, and prices that people were asked about."""
    here = ("tables", "survey")
    for name, asked in source.best_worst.items():
        for place, task in enumerate(asked.tasks):
            at = (*here, "maxdiff", name, "tasks", place)
            picked = bool(task.best and task.worst)
            if bool(task.columns) == picked or bool(task.best) != bool(task.worst):
                yield at, "give either columns (item: header), or best and worst with items or shown"
            elif picked and bool(task.items) == bool(task.shown):
                yield at, "say what was offered: items, the same for everybody, or shown, the columns that name them"
            elif len({*task.columns, *task.items, *task.shown}) < 3:
                yield at, "best and worst want at least three different items"
        if both := sorted({*map(fold, asked.best)} & {*map(fold, asked.worst)}):
            yield (*here, "maxdiff", name), f"{', '.join(both)} cannot mean both best and worst"
    if source.van_westendorp and len(set(source.van_westendorp.headers)) < 4:
        yield (*here, "van_westendorp"), "name four different columns"
    offered = list(source.gabor_granger.prices.values()) if source.gabor_granger else []
    if len(set(offered)) < len(offered):
        yield (*here, "gabor_granger", "prices"), "two columns have the same price; each asks about another one"


def _asked_once(source: SurveySource) -> Iterator[tuple[Keys, str]]:
    """Columns that are no question, and those that are declared as two kinds of question."""
    kinds = {
        "likert": source.likert.items if source.likert else [],
        **{kind: list(getattr(source, kind)) for kind in ("categorical", "numbers", "gambles", "multiple_choice")},
        **{kind: list(getattr(source, kind)) for kind in ("ranks", "bands", "open_ended")},
    }
    times = Counter(name for names in kinds.values() for name in dict.fromkeys(names))
    for kind, names in kinds.items():
        for name in dict.fromkeys(names):
            if name in TABLES["survey"]:
                yield ("tables", "survey", kind), f"{name} tells who answered and is no question; leave it out here"
            elif times[name] > 1:
                others = ", ".join(other for other, listed in kinds.items() if name in listed and other != kind)
                yield ("tables", "survey", kind), f"{name!r} stands under {others}, too; keep one of them"


def _of_conjoint(source: ConjointSource) -> Iterator[tuple[Keys, str]]:
    """Attributes, the price among them, and levels of a choice exercise."""
    here = ("tables", "conjoint")
    if not source.attributes:
        yield (*here, "attributes"), "name the columns that describe the alternatives, such as [size, label, price]"
    for name in [*([source.price] if source.price else []), *source.levels]:
        if name not in source.attributes:
            key = ("levels", name) if name in source.levels else ("price",)
            yield (*here, *key), f"not among the attributes; {nearest(name, source.attributes)}"
    for name, levels in source.levels.items():
        if not 2 <= len(levels) == len(set(levels)):
            yield (*here, "levels", name), "give at least two different levels"
        elif name == source.paid_in:
            yield (*here, "levels", name), "a price is a number and has no levels"
    if len(source.offers) == 1:
        yield (*here, "offers"), "give at least two offers: shares are of those that are named here"
    for offer, levels in source.offers.items():
        for name in (name for name in source.attributes if name not in levels):
            yield (*here, "offers", offer), f"does not say its {name}"
        for name, level in levels.items():
            if name not in source.attributes:
                yield (*here, "offers", offer, name), f"not among the attributes; {nearest(name, source.attributes)}"
            elif name in source.levels and str(level) not in source.levels[name]:
                yield (*here, "offers", offer, name), f"no level of it; {nearest(str(level), source.levels[name])}"
            elif name == source.paid_in and not isinstance(level, int | float):
                yield (*here, "offers", offer, name), f"a price is a number; given: {level!r}"


def _of_experiments(study: Study) -> Iterator[tuple[Keys, str]]:
    """Ids, tables and arms of the declared experiments."""
    given = study.tables.given()
    for position, experiment in enumerate(study.experiments):
        here = ("experiments", position)
        if experiment.id in [earlier.id for earlier in study.experiments[:position]]:
            yield (*here, "id"), "another experiment has this id"
        if experiment.table not in given:
            yield (*here, "table"), f"the study has no such table; {nearest(experiment.table, given)}"
        if experiment.design not in (*PLAIN_DESIGNS, *DESIGN_IDS):
            near = nearest(experiment.design, [*PLAIN_DESIGNS, *DESIGN_IDS])
            yield (*here, "design"), f"between, within, or a known experiment, not {experiment.design!r}; {near}"
        if bool(experiment.problems) == (experiment.arm is not None or experiment.outcome is not None):
            yield (
                here,
                "give arm and outcome, or problems: two or more questions, answered by all or (between) one each",
            )
            continue
        success = [outcome.success for outcome in experiment.outcomes]
        if experiment.sesoi is not None and any(success) and experiment.sesoi >= 1:
            yield (*here, "sesoi"), "is a difference of shares, above 0 and below 1: write 5 points as 0.05"
        yield from _of_problems(here, experiment) if experiment.problems else _of_arms(here, experiment)
        numbers_only = [name for name in ("covariate", "winsorise") if getattr(experiment, name) is not None]
        numbers_only += ["outcome"] if any(outcome.per is not None for outcome in experiment.outcomes) else []
        if numbers_only and any(success):
            yield (*here, numbers_only[0]), "covariate, winsorise and per are for a number; leave success out"
        elif experiment.within and any(name != "winsorise" for name in numbers_only):
            yield (*here, "design"), "the same people are their own covariate; covariate and per are for between"
        stopping = experiment.stopping
        if stopping.look is not None and stopping.look > stopping.looks:
            yield (*here, "stopping", "look"), f"only {stopping.looks} looks were planned"
        if experiment.preregistration and (fault := _path_fault(study.folder, experiment.preregistration)):
            yield (*here, "preregistration"), fault


def _of_arms(here: Keys, experiment: Experiment) -> Iterator[tuple[Keys, str]]:
    """The arms of an experiment whose people are told apart by a column."""
    arm, outcome = experiment.arm, experiment.outcome
    if arm is None or outcome is None:
        yield here, f"{'outcome' if arm else 'arm'} is missing"
        return
    given_of_pair = 2 - [arm.treatment, arm.control].count(None)
    if given_of_pair != (2 if arm.arms is None else 0):
        yield (*here, "arm"), "give either treatment and control, or arms"
    elif arm.arms is None and arm.treatment == arm.control:
        yield (*here, "arm"), "treatment and control must differ"
    elif arm.arms is not None and not 2 <= len(arm.arms) == len(set(arm.arms)):
        yield (*here, "arm", "arms"), "give at least two different arms"
    elif arm.shares is not None and not _splits(arm.shares, len(arm.arms or "ab")):
        yield (*here, "arm", "shares"), "give one share above 0 for each arm; together they are 1"
    if outcome.among is not None and not set(outcome.success or ["-"]) <= set(outcome.among):
        yield (*here, "outcome", "among"), "lists the options that count, and so the answers under success, too"


def _of_problems(here: Keys, experiment: Experiment) -> Iterator[tuple[Keys, str]]:
    """Questions that the same people answer, or each person one of."""
    columns = [outcome.column for outcome in experiment.outcomes]
    if not 2 <= len(columns) == len(set(columns)):
        yield (*here, "problems"), "give at least two, each with a column of its own"
    if len({outcome.success is None for outcome in experiment.outcomes}) > 1:
        yield (*here, "problems"), "are all a yes or no (each with its success), or all a number"
    if experiment.guardrails:
        yield (*here, "guardrails"), "are for arm and outcome, not for problems; leave them out"
    for name, outcome in experiment.problems.items():
        if outcome.among is not None:
            yield (*here, "problems", name, "among"), "is for arm and outcome, not for problems; leave it out"


def _splits(shares: list[float], parts: int) -> bool:
    """Whether positive shares divide a whole into so many parts."""
    return len(shares) == parts and min(shares) > 0 and abs(sum(shares) - 1) < 0.001


def _path_fault(folder: Path, path: str) -> str:
    """Why a path cannot be used: it must lie inside the study's folder, links followed, and exist."""
    pure = PureWindowsPath(path)  # reads both kinds of slash
    if "://" in path or pure.anchor or ".." in pure.parts or "\0" in path:
        return f"{path!r} must be a file inside the folder of study.yml: no web address, no absolute path, no `..`"
    file, root = folder / path, folder.resolve()
    if not file.exists():
        others = (other for other in folder.rglob("*") if other.is_file())
        names = [str(other.relative_to(folder)) for other in itertools.islice(others, 1000)]
        return f"no such file {path!r}; {nearest(path, names)}"
    inside = [file, *file.rglob("*")] if file.is_dir() else [file]
    if not all(part.resolve().is_relative_to(root) for part in inside):
        return f"{path!r} leads out of the folder of study.yml by a link; copy the file into it"
    return ""
