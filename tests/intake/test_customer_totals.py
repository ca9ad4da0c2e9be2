"""A table of customers with their totals and no orders is a study of its own: bands, personas, their name."""

import datetime as dt
import random

import pandas as pd
import pytest

from helpers.answers.questions import in_bands, read_numbers
from helpers.contracts import StudyError
from helpers.guesses import read_guesses
from helpers.intake.guess import write_study
from helpers.intake.surveys.customer_totals import edges_of
from helpers.read.load import load_tables
from helpers.report.findings import of_survey
from helpers.sources import Bands, Reading
from helpers.study import load_study
from helpers.survey.survey import code_survey
from helpers.types.division import divide_customers
from helpers.words import Words

KINDS = [("1 234,50", "2025-05-{:02}", "plus"), ("60,00", "2024-02-{:02}", "free"), ("310,75", "2024-11-{:02}", "free")]


def customers(folder, header="Customer ID;Orders;Total spent;Last order;Plan", n=150):
    """Customers of three kinds, in equal parts."""
    chance = random.Random(2)
    rows = []
    for number in range(n):
        spent, day, plan = KINDS[number % 3]
        orders = (14, 1, 5)[number % 3] + chance.randrange(2)
        rows.append(f"{1000 + number};{orders};{spent};{day.format(number % 27 + 1)};{plan}")
    file = folder / "customers.csv"
    file.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return file


def test_days_that_are_written_in_two_ways_are_not_read_in_one(tmp_path):
    rows = [
        f"{i},{i % 12 + 1:02}/{i % 28 + 1:02}/2024,{i % 28 + 1:02}/{i % 12 + 1:02}/2025,{i % 7 + 1},{i % 90}"
        for i in range(150)
    ]
    file = tmp_path / "a.csv"
    file.write_text("\n".join(["Customer ID,First order,Last order,Orders,Total spent", *rows]), encoding="utf-8")
    path, _ = write_study([file], tmp_path / "s")
    survey = load_study(path).tables.survey
    assert survey.read.date_format == "%d/%m/%Y"
    assert "First order (bands)" not in survey.bands
    assert ("First order", "left out") in {(guess.what, guess.taken) for guess in read_guesses(path)}


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("totals")
    return load_study(write_study([customers(folder)], folder / "out")[0])


def test_its_numbers_and_days_are_cut_and_its_kinds_kept(study):
    source = study.tables.survey
    assert (source.rows, source.columns["respondent_id"]) == ("customers", "Customer ID")
    assert source.categorical == ["Plan"]
    assert source.numbers == ["Orders", "Total spent"]
    cut = {name: band.edges for name, band in source.bands.items()}
    assert cut == {
        "Last order (bands)": [dt.date(2024, 11, 3), dt.date(2025, 5, 1)],
        "Orders (bands)": [5, 14],
        "Total spent (bands)": [310, 1200],
    }
    assert "nothing can be tested on later orders" in {g.what: g.because for g in read_guesses(study.path)}["rows"]


def test_personas_are_made_of_them_and_said_to_be_of_totals(study):
    tables = load_tables(study)
    survey = code_survey(tables, study)
    division = divide_customers(None, survey, study, tables, bootstrap=8, null_draws=19)
    sizes = division.assignments["persona"].value_counts()
    assert sizes.tolist() == [50, 50, 50]
    assert division.assignments["customer_id"].isin([str(1000 + n) for n in range(150)]).all()
    assert "Made from the totals of 150 customers" in Words().tell(division.method)
    heard = Words().tell(of_survey(survey, None)[0])
    assert heard.startswith("150 customers, a row each with their totals; nobody was asked.")
    assert not survey.checks["text"].map(Words().tell).str.contains("answered").any()


def described(folder, header, row, n=150):
    """Customers who are described and have no totals by our names."""
    chance = random.Random(4)
    file = folder / "people.csv"
    file.write_text("\n".join([header, *(row(number, chance) for number in range(n))]) + "\n", encoding="utf-8")
    return load_study(write_study([file], folder / "out")[0]).tables.survey


def test_a_score_and_an_income_are_numbers_and_an_id_in_a_row_is_none(tmp_path):
    survey = described(
        tmp_path, "CustomerID,Gender,Age,Annual Income (k$),Spending Score (1-100)",
        lambda n, chance: f"{n},{'MF'[n % 2]},{18 + n % 50},{chance.randint(15, 137)},{chance.randint(1, 99)}",
    )  # fmt: skip
    assert (survey.rows, survey.columns["respondent_id"], survey.categorical) == ("customers", "CustomerID", ["Gender"])
    assert survey.numbers == ["Age", "Annual Income (k$)", "Spending Score (1-100)"]
    assert len(survey.bands) == 3


def test_an_id_of_anything_is_the_customers_where_a_year_of_birth_stands_beside_it(tmp_path):
    """Codes of areas, and a yes or no of 1 and 0, are kinds."""
    survey = described(
        tmp_path, "row,ID,Year_Birth,area_code,Children,Response,Wine",
        lambda n, chance: f"{n},{9000 - 7 * n},{chance.randint(1940, 1999)},{chance.choice([408, 415, 510])},"
        f"{n % 3},{n % 2},{chance.expovariate(0.01):.0f}",
    )  # fmt: skip
    assert (survey.rows, survey.columns["respondent_id"]) == ("customers", "ID")
    assert survey.categorical == ["area_code", "Response"]
    assert survey.numbers == ["Year_Birth", "Children", "Wine"]


def test_rows_of_nobody_known_are_refused(tmp_path):
    with pytest.raises(StudyError, match="no file looks like orders"):
        described(tmp_path, "Fresh,Milk,Frozen", lambda n, chance: f"{n * 31 % 997},{n * 17 % 991},{n * 7 % 983}")


def test_customers_without_anything_that_tells_them_apart_are_refused_with_a_way_on(tmp_path):
    file = tmp_path / "c.csv"
    file.write_text("Customer ID,Orders,Total spent\n" + "".join(f"{n},3,20\n" for n in range(50)))
    with pytest.raises(StudyError, match="export the orders or payments themselves"):
        write_study([file], tmp_path / "out")


def texts(*cells: str) -> pd.Series:
    return pd.Series(cells, dtype="str")


@pytest.mark.parametrize(
    ("cells", "edges", "bands"),
    [
        (("1", "3", "5", "6", "x", ""), [3, 6], ["< 3", "3–5", "3–5", "≥ 6", None, None]),
        (("1", "3", "2"), [2, 3], ["< 2", "≥ 3", "2"]),
        (("0.5", "3", "1,250.00"), [1, 1000], ["< 1", "1–<1\u202f000", "≥ 1\u202f000"]),
        (("2024-01-02", "2024-02-03"), [dt.date(2024, 2, 3)], ["< 2024-02-03", "≥ 2024-02-03"]),
        (("2024-01-02",), [dt.date(2024, 1, 1), dt.date(2024, 2, 1)], ["2024-01-01–2024-01-31"]),
    ],
)
def test_bands_hold_their_lowest_number(cells, edges, bands):
    found = in_bands(texts(*cells), Bands(column="a", edges=edges), Reading())
    assert found.astype("object").where(found.notna(), None).tolist() == bands


def test_edges_leave_a_tenth_in_every_band():
    assert edges_of(pd.Series([1.0] * 95 + [2.0] * 5)) == []
    assert edges_of(pd.Series([1.0] * 60 + [2.0] * 40)) == [2]
    assert edges_of(pd.Series([161.75, 20.0, 999.0] * 10)) == [160, 1000 - 1]


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        (("45,000", "120,000"), [45000, 120000]),
        (("1,234.50", "12"), [1234.5, 12]),
        (("12,5", "7"), [12.5, 7]),
        (("about 3", "(4)", "25 %"), [3, 4, 25]),
    ],
)
def test_numbers_are_read_by_the_marks_of_their_column(cells, numbers):
    assert read_numbers(texts(*cells)).tolist() == numbers
