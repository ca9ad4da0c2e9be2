"""The commands for more lines than memory holds: typed Parquet in, Parquet out, all rows within the engine."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from helpers.contracts import StudyError

if TYPE_CHECKING:
    from helpers.words import Text

EngineName = Annotated[Literal["duckdb", "spark"], typer.Option(help="what reads, computes and writes")]
Written = Annotated[
    str, typer.Option(help="the Parquet file to make; with Spark a folder, or a path that it can write")
]


def features(
    study: Annotated[Path, typer.Argument(metavar="STUDY", help="a study.yml; its sales say which column is what")],
    out: Written,
    lines: Annotated[
        list[str] | None, typer.Option(metavar="PARQUET", help="these lines instead of the study's; can be repeated")
    ] = None,
    engine: EngineName = "duckdb",
) -> None:
    """Order lines in typed Parquet to one row per customer, without holding the lines: what `place` reads.

    All orders up to the window's end count, as in assignments.csv. The last line is the path.
    """
    from helpers.customers.facts import engine as started
    from helpers.customers.typed_lines import features_of_lines
    from helpers.read.quality import report_lines
    from helpers.study import by_engine, load_study

    loaded = by_engine(load_study(study), engine)
    with started(loaded.engine) as backend, _made_at(out, engine) as place:
        found, account = features_of_lines(backend, loaded, lines or ())
        _tell(report_lines([account]))
        backend.to_parquet(found, place)
    typer.echo(out)


def sample(
    study: Annotated[Path, typer.Argument(metavar="STUDY", help="a study.yml whose tables are Parquet")],
    out: Annotated[str, typer.Option(help="the folder to make: a study of its own, for `personas run`")],
    people: Annotated[int, typer.Option(min=1, help="about so many customers")] = 100_000,
    lines: Annotated[
        list[str] | None, typer.Option(metavar="PARQUET", help="these lines instead of the study's; can be repeated")
    ] = None,
    engine: EngineName = "duckdb",
) -> None:
    """Draw customers by lot, each with all rows in every table of typed Parquet, without holding the tables.

    Files of other kinds are taken over whole. The last line is the path.
    """
    from helpers.customers.drawn import draw
    from helpers.customers.facts import engine as started
    from helpers.intake.writing import as_yaml
    from helpers.study import by_engine, load_study
    from helpers.words import Words, say

    loaded = by_engine(load_study(study), engine)
    with started(loaded.engine) as backend, _made_at(out, engine) as place:
        drawn, folder = draw(backend, loaded, people, lines or ()), Path(place)
        folder.mkdir()
        given = loaded.model_dump(exclude_unset=True) | {"study": f"{loaded.study}-sample"}  # a publication of its own
        for table, rows in drawn.tables.items():
            given["tables"][table]["path"] = f"{table}.parquet"
            backend.to_parquet(rows, str(folder / f"{table}.parquet"))
        for name, file in loaded.files().items():
            if name != "study" and name.partition(" ")[0] not in drawn.tables:
                _take_over(file, loaded.folder, folder)
        told = say("engine.sample.drawn", customers=drawn.customers, share=drawn.share, tables=sorted(drawn.tables))
        given["title"] = Words(loaded.language).tell(
            say("engine.sample.title", title=loaded.title or loaded.study, share=drawn.share)
        )
        (folder / "study.yml").write_text(as_yaml(given) + "\n", encoding="utf-8")
    _tell([told, *([say("engine.sample.whole", tables=list(drawn.whole))] if drawn.whole else [])])
    typer.echo(out)


def place(
    publication: Annotated[Path, typer.Argument(help="the folder whose model.json to use")],
    people: Annotated[str, typer.Argument(metavar="PARQUET", help="one row per customer: what `features` made")],
    out: Written,
    engine: EngineName = "duckdb",
) -> None:
    """Give every customer of a Parquet table a persona and probabilities, by the frozen model of a publication.

    Survey answers count where the table holds them, under the model's names. The last line is the path.
    """
    from helpers.contracts import UNASSIGNED
    from helpers.customers.facts import engine as started
    from helpers.customers.typed_lines import parquet
    from helpers.previous import published
    from helpers.study import Engine
    from helpers.types.newcomers import place_table
    from helpers.words import say

    frozen = published(publication, "model")
    if frozen is None:
        raise StudyError(f"{publication}: holds no model.json that is whole; give the folder of a publication")
    with started(Engine(name=engine)) as backend, _made_at(out, engine) as target:
        placed, notes = place_table(frozen, parquet(backend, people), people)
        backend.to_parquet(placed, target)
        made = parquet(backend, target)
        counts = made.aggregate(customers=made.count(), assigned=(made.persona != UNASSIGNED).sum())
        told = backend.to_pyarrow(counts).to_pylist()[0]
    _tell([*notes, say("run.assigned", publication=publication, **told)])
    typer.echo(out)


def _take_over(file: Path, source: Path, folder: Path) -> None:
    """A file of the study, or a folder of Parquet, at the same place in the sample's folder."""
    target = folder / file.relative_to(source)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(file, target) if file.is_dir() else shutil.copyfile(file, target)


def _tell(texts: Iterable[Text]) -> None:
    """Sentences on standard error, one a line."""
    from helpers.words import Words

    typer.echo("\n".join(map(Words().tell, texts)), err=True)


@contextmanager
def _made_at(out: str, engine: str) -> Iterator[str]:
    """Where to write: beside the place, and moved there when it is whole. A path of Spark's own is written directly.

    Raises StudyError for a place that is taken, CannotWrite for one that cannot be written.
    """
    from helpers.run.publish import CannotWrite, check_file

    if "://" in out:
        if engine != "spark":
            raise StudyError(f"--out {out}: only Spark writes there; give a file, or --engine spark")
        yield out
        return
    place = Path(out)
    if place.exists():
        raise StudyError(f"--out {out}: stands there already; name another, or remove it")
    check_file(place)
    building = place.with_name(f"{place.name}.{os.getpid()}.building")  # Spark overlooks what begins with a dot
    try:
        yield str(building)
        building.replace(place)
    except OSError as fault:
        raise CannotWrite(f"--out {out}: cannot be written ({fault.strerror}); choose another") from fault
    finally:
        shutil.rmtree(building) if building.is_dir() else building.unlink(missing_ok=True)
