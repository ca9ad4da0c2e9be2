"""The command ``personas``: it names what the user may ask for and hands on; heavy rooms are imported when asked."""

from __future__ import annotations

import datetime as dt
import errno
import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TextIO

import typer

from helpers.cli_plan import plan
from helpers.cli_scale import features, place, sample
from helpers.connection import Connection, address_fault, table_fault
from helpers.contracts import UNASSIGNED, StudyError, UserFault

if TYPE_CHECKING:
    from helpers.run.kernels.notebooks import Event
    from helpers.words import Words

app = typer.Typer(
    help="From sales and survey data to two to four evidenced buyer personas.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


_STEERING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def _echo(text: object, err: bool = False, nl: bool = True) -> None:
    """Print what may hold users' text: control characters (but tabs and line ends) stand as codes and steer nothing.

    Where standard error takes nothing more (a full disk), progress and the like are lost, and the work goes on.
    """
    try:
        typer.echo(_STEERING.sub(lambda sign: f"\\x{ord(sign.group()):02x}", str(text)), err=err, nl=nl)
    except OSError:
        if not err:
            raise
        _let_go(sys.stderr)


def _let_go(stream: TextIO) -> None:
    """Send what is left in a stream's buffer nowhere, lest Python ends with a complaint of its own."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


StudyPath = Annotated[Path, typer.Argument(metavar="STUDY", help="a study.yml, or the folder that holds one")]


def main(arguments: list[str] | None = None) -> None:
    """Run the command; what a user can cause ends in a plain sentence on standard error and an exit code."""
    try:
        app(arguments)
    except UserFault as fault:
        _echo(f"personas: {fault}", err=True)
        raise SystemExit(fault.exit_code) from None
    except OSError as fault:  # not a file's, which has its place in its message: what is printed finds no room
        if fault.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise
        _let_go(sys.stdout)
        _echo(f"personas: {fault.filename or 'standard output'}: cannot be written ({fault.strerror})", err=True)
        raise SystemExit(73) from None


@app.command()
def init(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="plain exports: csv, tsv, xlsx, parquet")],
    out: Annotated[Path, typer.Option(help="the folder to write study.yml into")],
    where: Annotated[
        list[str] | None, typer.Option(metavar="COLUMN=A,B", help="rows of orders that count; can be repeated")
    ] = None,
    date_format: Annotated[
        str | None, typer.Option(help="how the day of an order is written, such as %d.%m.%Y")
    ] = None,
    encoding: Annotated[str | None, typer.Option(help="the encoding of text files, such as cp1251")] = None,
    customer: Annotated[str | None, typer.Option(metavar="COLUMN", help="the column that tells who bought")] = None,
) -> None:
    """Write a first study.yml from plain exports, guessing tables, columns and encoding, and saying so.

    On a terminal what cannot be told is asked; elsewhere the questions stand in study.yml as comments.
    Last it says what the sales add up to, read that way.
    """
    from helpers.intake.asking import ask_on_a_terminal
    from helpers.intake.export import Told
    from helpers.intake.guess import write_study

    kept = dict(_kept(text) for text in where or ())
    ask = ask_on_a_terminal if sys.stdin.isatty() and sys.stdout.isatty() else None
    path, notes = write_study(files, out, Told(kept, date_format, encoding, customer), ask)
    _echo("\n".join([*notes, str(path)]))


def _kept(text: str) -> tuple[str, list[str]]:
    """``Status=paid,shipped`` as a header and the cells that count."""
    header, equals, listed = text.partition("=")
    if not equals or not header.strip():
        raise StudyError(f"--where {text}: give a column and the cells that count, such as 'Status=paid,shipped'")
    return header.strip(), [cell.strip() for cell in listed.split(",")]


@app.command()
def check(
    study: StudyPath,
    as_json: Annotated[bool, typer.Option("--json", help="one object for programs, instead of sentences")] = False,
) -> None:
    """Read and check the data only, and print the totals and the quality report."""
    from helpers.cli_reading import reading_shown
    from helpers.run.checking import check_json, check_study
    from helpers.study import load_study
    from helpers.words import Words

    loaded = load_study(study)
    words = Words(loaded.language, loaded.currency)
    with reading_shown(words, lambda text: _echo(text, err=True)):
        seen = check_study(loaded)
    if as_json:
        from helpers.pages.site import strict_json

        _echo(strict_json(check_json(seen), digits=15), nl=False)
    elif seen.told:
        _echo("\n".join(map(words.tell, seen.told)))
    if seen.fault is not None:
        raise seen.fault.told_by(words.plain)


@app.command()
def run(
    study: StudyPath,
    out: Annotated[Path | None, typer.Option(help="where to publish; default personas/<study>")] = None,
    work: Annotated[Path | None, typer.Option(help="for analysts; default runs/<study>/<run_id>")] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="NOTEBOOK.NAME=VALUE", help="a parameter; can be repeated")
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option(metavar="NOTEBOOK", help="run this one and what it needs; never publishes")
    ] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="reuse nothing of earlier runs")] = False,
    jobs: Annotated[int, typer.Option(min=1, help="notebooks at a time")] = 2,
    engine: Annotated[
        Literal["duckdb", "spark"] | None, typer.Option(help="what computes the features; default that of study.yml")
    ] = None,
    timeout: Annotated[float, typer.Option(min=1, help="seconds that the whole run may take")] = 21600,
    fail_on_drift: Annotated[
        bool, typer.Option("--fail-on-drift", help="exit 4 when the personas have drifted")
    ] = False,
) -> None:
    """Run a study and publish its personas; the last line is the path of index.html."""
    from helpers.run.runner import Options, run_study, shown
    from helpers.run.unattended.letter import came_out
    from helpers.words import Words

    words, chosen = Words(), {"fresh": fresh, "jobs": jobs, "timeout": timeout, "fail_on_drift": fail_on_drift}
    chosen["engine"] = engine
    options = Options(out, work, tuple(settings or ()), tuple(only or ()), **chosen)
    with _progress(words) as on_event:
        outcome = run_study(study, options, on_event=on_event)
    if outcome.status not in ("published", "not published", "unchanged"):
        stands = "stands" if outcome.stands else "nothing"
        told = words.say("run.ended", reason=outcome.reason, log=shown(outcome.work / "run.log"))
        _echo(f"personas: {told}\n{words.say(f'run.{stands}')}", err=True)
        raise typer.Exit(outcome.exit_code)
    if outcome.status == "unchanged":
        _echo(words.say("run.unchanged.told", reason=outcome.reason), err=True)
    if outcome.exit_code:
        _echo(words.say("run.drift", reason=outcome.reason), err=True)
    if outcome.index is None:
        _echo(words.say("run.only"), err=True)
    elif found := came_out(outcome.index.parent):
        _echo(words.say("run.published", found=found), err=True)
    _echo(shown(outcome.index or outcome.work / "notebooks"))
    raise typer.Exit(outcome.exit_code)


@app.command()
def schedule(
    study: StudyPath,
    system: Annotated[Literal["cron", "systemd", "airflow", "github"], typer.Option("--as", help="which scheduler")],
    every: Annotated[str, typer.Option(help="day, a weekday such as monday, or month (its first day)")] = "monday",
    at: Annotated[str, typer.Option(metavar="HH:MM", help="when it starts")] = "05:15",
    out: Annotated[Path | None, typer.Option(help="a folder for the files; without it they are printed")] = None,
    to: Annotated[str | None, typer.Option(help="who gets a mail when it failed or drifted")] = None,
    webhook: Annotated[str | None, typer.Option(help="an address that gets the same as JSON")] = None,
    timeout: Annotated[int, typer.Option(min=60, help="seconds that a run may take")] = 3600,
    memory: Annotated[str, typer.Option(help="what a run may take under systemd")] = "4G",
) -> None:
    """Write a recipe that runs a study by the clock; call it where the study is to be run.

    Success is silent; a run that failed, or personas that drifted, are told with what changed and the last lines of the
    log.
    """
    from helpers.run.unattended.schedule import Recipe, write_recipe
    from helpers.study import load_study
    from helpers.words import Words

    files, told = write_recipe(load_study(study), Recipe(every, at, system, to, webhook, timeout, memory), out)
    for name, text in files.items():
        typer.echo(out / name if out else f"# --- {name}\n{text}")
    typer.echo("\n".join(map(Words().tell, told)), err=True)


@app.command()
def letter(
    study: StudyPath,
    code: Annotated[int | None, typer.Option(help="the run's exit code; default that of the newest run")] = None,
    said: Annotated[Path | None, typer.Option(help="a file with what the run printed")] = None,
    out: Annotated[Path | None, typer.Option(help="where it publishes; default personas/<study>")] = None,
    runs: Annotated[Path | None, typer.Option(help="its work folders; default runs/<study>")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="one object, for a webhook")] = False,
) -> None:
    """Say what came of a run that nobody watched: verdict, what changed, where to look. Recipes mail it."""
    from helpers.files import to_text
    from helpers.run.unattended.letter import write_letter

    try:
        heard = said.read_text(encoding="utf-8", errors="replace") if said else None
    except OSError as fault:
        raise StudyError(f"--said {said}: cannot be read ({fault.strerror})") from fault
    made = write_letter(study, code, heard, out, runs)
    typer.echo(to_text(made) if as_json else made.text, nl=False)


@app.command()
def prune(
    study: StudyPath,
    keep: Annotated[int, typer.Option(help="how many of the newest work folders to keep")],
    out: Annotated[Path | None, typer.Option(help="where it publishes; default personas/<study>")] = None,
    runs: Annotated[Path | None, typer.Option(help="its work folders; default runs/<study>")] = None,
) -> None:
    """Remove old work folders of a study; what the publication needs stays, and nothing goes while a run is at work."""
    from helpers.run.runner import shown
    from helpers.run.unattended.prune import prune as remove
    from helpers.study import load_study
    from helpers.words import Words

    gone = remove(load_study(study), keep, out, runs)
    typer.echo(Words().say("run.pruned", n=len(gone)), err=True)
    for folder in gone:
        typer.echo(shown(folder))


@app.command()
def example(
    name: Annotated[str, typer.Argument(help="complete-journey, or another that the command names")],
    out: Annotated[Path, typer.Option(help="the folder to write the study into")],
) -> None:
    """Write a real study from an installed data package."""
    from helpers.intake.examples import write_example

    _echo(write_example(name, out))


@app.command()
def compare(
    old: Annotated[Path, typer.Argument(help="a publication's folder")],
    new: Annotated[Path, typer.Argument(help="a later one's")],
) -> None:
    """Say what changed between two publications."""
    from helpers.run.comparison import compare_publications
    from helpers.words import Words

    _echo("\n".join(map(Words().tell, compare_publications(old, new)[1])))


@app.command()
def assign(
    publication: Annotated[Path, typer.Argument(help="the folder whose model.json to use")],
    study: StudyPath,
    out: Annotated[Path | None, typer.Option(help="the CSV or Parquet file to write")] = None,
    connect: Annotated[
        str | None, typer.Option(metavar="URL", help="or a database: postgres://user@host/database, or a DuckDB file")
    ] = None,
    table: Annotated[str | None, typer.Option(help="the table to make in it")] = None,
    password_env: Annotated[
        str | None, typer.Option(metavar="NAME", help="the variable that holds its password, if not PGPASSWORD")
    ] = None,
    replace: Annotated[bool, typer.Option("--replace", help="where assignments stand in that table already")] = False,
) -> None:
    """Give the customers of another study their persona and probabilities, by the frozen model of a publication."""
    from helpers.harmless import safe_csv
    from helpers.opening.written_back import check_target, write_back
    from helpers.previous import Previous, published
    from helpers.run.publish import check_file
    from helpers.study import load_study
    from helpers.types.newcomers import place_newcomers
    from helpers.words import Words

    frozen = published(publication, "model")
    if frozen is None and "model.json" in Previous(publication).damaged():
        raise StudyError(f"{publication}: model.json is not as it was published; give a publication that is whole")
    if frozen is None:
        raise StudyError(f"{publication}: holds no model.json; give the folder of a publication")
    target = _target(connect, table, password_env)
    if out is None and target is None:
        raise StudyError("assign: give --out FILE, or --connect URL and --table NAME")
    if out is not None:
        if out.suffix not in (".csv", ".parquet"):
            raise StudyError(f"--out {out}: must end in .csv or .parquet")
        check_file(out)
    if target is not None:
        check_target(target, Path(), replace)
    placed, notes = place_newcomers(frozen, load_study(study))
    if target is not None:
        write_back(target, Path(), placed, replace)
    if out is not None:
        safe_csv(placed, out) if out.suffix == ".csv" else placed.to_parquet(out, index=False)
    assigned = (placed["persona"] != UNASSIGNED).sum()
    told = Words().say("run.assigned", assigned=assigned, customers=len(placed), publication=publication)
    _echo("\n".join(map(Words().tell, [*notes, told])), err=True)
    _echo("\n".join(str(made) for made in (target and target.shown, out) if made))


def _target(connect: str | None, table: str | None, password_env: str | None) -> Connection | None:
    """The table to write into; None where none was asked for."""
    if connect is None:
        if table is not None:
            raise StudyError(f"--table {table}: goes with --connect, the database that is to hold it")
        return None
    if fault := address_fault(connect):
        raise StudyError(f"--connect: {fault}")
    if fault := table_fault(table or ""):
        raise StudyError(f"--table: {fault}")
    return Connection(connect, table, password_env)


app.command()(plan)
app.command()(sample)
app.command()(features)
app.command()(place)


@contextmanager
def _progress(words: Words) -> Iterator[Callable[[Event], None]]:
    """What shows a run's events on standard error: bars on a terminal, plain lines elsewhere."""
    from rich.console import Console

    console = Console(stderr=True, highlight=False)
    if not console.is_terminal:

        def say(event: Event) -> None:
            if event.kind != "cell":
                _echo(_line(event, words), err=True)

        yield say
        return
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    bars = Progress(TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), console=console, transient=True)
    tasks: dict[str, int] = {}

    def show(event: Event) -> None:
        if event.kind == "cell":
            told = words.say("run.cell", name=event.name, cell=event.cell, cells=event.cells)
            bars.update(tasks[event.name], completed=event.cell, total=event.cells, description=told)
        elif event.kind == "start":
            tasks[event.name] = bars.add_task(words.say("run.start", name=event.name), total=None)
        else:
            if event.name in tasks:
                bars.remove_task(tasks.pop(event.name))
            console.print(_line(event, words))

    with bars:
        yield show


def _line(event: Event, words: Words) -> str:
    """``05:15:32  3 of 12  04_personas done in 12.3 s``; of what is not over yet the time and the name."""
    key = {"phase": f"phase.{event.name}", "start": "start"}.get(event.kind, event.status)
    told = words.say(f"run.{key}", name=event.name, seconds=words.number(event.seconds, 1))
    if event.kind == "end" and event.of:
        told = words.say("run.over", number=event.number, of=event.of, told=told)
    return f"{dt.datetime.now():%H:%M:%S}  {told}"
