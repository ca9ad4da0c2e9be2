"""study.yml: what is read, and every kind of fault told with its place and its mend."""

import datetime as dt
from pathlib import Path

import pytest

from helpers.contracts import StudyError
from helpers.study import load_study

SHORTEST = """
study: green-home
tables: {sales: {path: orders.csv, columns: {customer_id: Client, order_id: Order, ordered_at: Date, amount: Sum}}}
"""
FULL = """
study: green-home
title: Green Home, 2025
contact: research@example.org
language: en
currency: EUR
seed: 20251231
window: {start: 2025-01-06, holdout_from: 2025-10-01, as_of: 2025-12-31}
tables:
  sales:
    path: sales.csv
    columns: {customer_id: CustomerID, ordered_at: InvoiceDate}
    read: {encoding: cp1251, sep: ";", decimal: ",", thousands: " ", date_format: "%d.%m.%Y", timezone: Asia/Almaty,
           ambiguous_time: first, sheet: Orders, skip_rows: 2}
  customers: {path: customers.csv, attributes: [country, job_role]}
  survey:
    path: survey.csv
    join: {customers: email}
    likert: {items: [q1, q2], scale: [1, 5], labels: {"Strongly agree": 5}, reverse: [q2], missing: [99]}
    categorical: [diet]
    multiple_choice: {reasons: {column: q5, sep: ";"}}
    importance_performance: {quality: [imp_quality, perf_quality]}
    open_ended: {why_first: {column: q8, about: drivers}}
    codebook: codebook.yml
    nps: q12
    raking: {country: customers}
    gambles: {q13: {a: [[20, 0.5], [-10, 0.5]], b: [[0, 1]], chose_a: [accept], chose_b: [decline]}}
  prices: {path: prices.csv}
unmatched_respondents: 0.5
experiments:
  - id: relative_saving
    table: survey
    arm: {column: frame, treatment: cheap, control: dear}
    randomised: true
    outcome: {column: would_go, success: ["yes"]}
    design: between
    unit: respondent_id
    sesoi: 0.05
leads: {points: {download: 20, unsubscribe: -30}, role_points: {director: 50}, thresholds: [100, 200]}
personas: {k: [2, 4], features: default, survey: default, reserve: [margin, return_share]}
hypotheses: {exclude: [], sesoi: {conversion_by_channel: 0.01}}
privacy: {min_cell: 10, quotes: false, protected: [sex, age, nationality, health, place, language]}
engine: {memory_limit: 4GB}
parameters: {04_personas: {bootstrap: 100}}
"""
FILES = ("orders.csv", "sales.csv", "customers.csv", "survey.csv", "prices.csv", "codebook.yml")


def write(folder: Path, text: str) -> Path:
    """A study folder with the files that the examples name."""
    for name in FILES:
        (folder / name).touch()
    (folder / "study.yml").write_text(text, encoding="utf-8")
    return folder


def message(folder: Path, text: str) -> str:
    with pytest.raises(StudyError) as caught:
        load_study(write(folder, text))
    return str(caught.value)


def test_the_shortest_study_takes_every_default(tmp_path):
    study = load_study(write(tmp_path, SHORTEST))
    assert study.study == "green-home"
    assert study.path == tmp_path / "study.yml"
    assert study.personas.k == (2, 4)
    assert study.tables.sales.columns["amount"] == "Sum"
    assert list(study.tables.given()) == ["sales"]


def test_the_full_study_of_the_contract_is_read_into_types(tmp_path):
    study = load_study(write(tmp_path, FULL) / "study.yml")
    assert study.window.holdout_from == dt.date(2025, 10, 1)
    assert study.tables.survey.likert.scale == (1, 5)
    assert study.tables.survey.importance_performance == {"quality": ("imp_quality", "perf_quality")}
    assert study.tables.sales.read.skip_rows == 2
    assert study.experiments[0].outcome.success == ["yes"]
    assert study.leads.thresholds == (100, 200)
    assert study.parameters == {"04_personas": {"bootstrap": 100}}


def test_columns_that_the_study_names_are_needed_but_for_those_known_otherwise(tmp_path):
    study = load_study(write(tmp_path, FULL))
    named = study.named_columns("survey")
    assert {name for name, needed in named.items() if needed} == {
        "q1", "q2", "diet", "q5", "imp_quality", "perf_quality", "q8", "q12", "q13", "frame", "would_go", "email",
    }  # fmt: skip
    assert named["country"] is False  # the customers table knows it
    assert named["respondent_id"] is False
    assert study.named_columns("customers") == {"country": True, "job_role": True, "email": True}


def test_several_faults_are_told_together_with_line_and_nearest_key(tmp_path):
    told = message(
        tmp_path,
        "study: Green Home\nwindo: {}\ntables:\n  sales: {path: orders.csv, reed: {}, columns: {is_return: no}}\n",
    )
    assert "faults: 4" in told
    assert "line 1: study: String should match pattern" in told
    assert "line 2: windo: unknown key; did you mean 'window'?" in told
    assert "line 4: tables.sales.reed: unknown key; did you mean 'read'?" in told
    assert 'line 4: tables.sales.columns.is_return: should be a valid string; given: no. YAML reads it as bool: ' \
        'put it in quotes, "no"' in told  # fmt: skip


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("title: 007", 'title: YAML reads 007 as 7; put it in quotes if it is a text, "007"'),
        ("title: 12", "title: should be a valid string; given: 12. YAML reads it as int"),
        ("seed: 017", "seed: YAML reads 017 as 15;"),
        ("seed: 4294967296", "seed: should be less than 4294967296; given: 4294967296"),
        ("title: !other name", "the tag !other is not allowed; write it out"),
        ('title: "a\\x1b[31mb"', "title: holds signs that cannot be seen"),
        ("window: {as_of: 9999-12-31}", "window.as_of: 9999-12-31 is no day of a shop"),
        ("engine: {memory_limit: 99999999TB}", "engine.memory_limit: 99999999TB is more than any machine has"),
        ("seed: 1e400", "seed: should be a valid integer; given: 1e400"),
        ("unmatched_respondents: .nan", "unmatched_respondents: should be a finite number; given: .nan"),
        ("unmatched_respondents: nan", "unmatched_respondents: should be a valid number; given: nan"),
        ("language: no", 'put it in quotes, "no"'),
        ("language: fa", "language: the report is not translated into 'fa' yet; it speaks en"),
        ("personas: {k: 8}", "personas.k: must be one number or [from, to], each from 2 to 6"),
        ("seed: '5'", "seed: should be a valid integer; given: 5"),
        ("window: {start: 2025-02-30}", "a value cannot be read"),
        ('window: {start: "2025-02-03"}', "window.start: should be a valid date"),
        ("window: {start: 2025-02-03 10:00:00}", "window.start: should be a valid date"),
        ("window: {start: 2025-02-03, holdout_from: 2025-02-03}", "window.holdout_from: must come after start"),
        ("window: {holdout_from: 2025-02-03, as_of: 2025-02-02}", "window.as_of: must not come before 2025-02-03"),
        ("personas: {k: 1}", "personas.k: must be one number or [from, to], each from 2 to 6"),
        ("personas: {k: [4, 2]}", "personas.k: must be one number or [from, to]"),
        ("leads: {thresholds: [200, 100]}", "leads.thresholds: the first must be below the second"),
        ("privacy: {min_cell: 4}", "privacy.min_cell: should be greater than or equal to 5; given: 4"),
        ("path: x", "path: unknown key"),
        ("no: x", "no: YAML does not read this key as text; put it in quotes"),
        ("seed: 1\nseed: 2", "seed: comes twice (again on line 5)"),
        ("parameters: &a {x: {y: 1}}", "line 4: anchors and aliases"),
        ("parameters: " + "{a: " * 30 + "1" + "}" * 30, "more than 20 levels"),
        ("seed: [1", "not YAML"),
        ("unmatched_respondents: 1.5", "less than or equal to 1"),
        (
            "experiments: [{id: a, table: survey, arm: {column: c, arms: [x]}, outcome: {column: y}}]",
            "experiments[0].table: the study has no such table; known: sales",
        ),
        (
            "experiments:\n- &x {id: a}",
            "anchors and aliases",
        ),
        (
            "experiments:\n- {id: a, table: sales, arm: {column: c, arms: [x, y]}, outcome: {column: z}}\n"
            "- {id: a, table: sales, arm: {column: c, arms: [x, x]}, outcome: {column: z}}\n"
            "- {id: b, table: sales, arm: {column: c}, outcome: {column: z}}",
            "experiments[1].id: another experiment has this id",
        ),
    ],
)  # fmt: skip
def test_single_faults_name_the_key(tmp_path, line, told):
    assert told in message(tmp_path, SHORTEST + line + "\n")


def test_arms_must_be_two_or_more_and_given_one_way(tmp_path):
    start = SHORTEST + "experiments: [{id: a, table: sales, outcome: {column: z}, arm: {column: c"
    assert "give either treatment and control, or arms" in message(tmp_path, start + "}}]")
    assert "give either treatment and control, or arms" in message(tmp_path, start + ", treatment: x}}]")
    assert "must differ" in message(tmp_path, start + ", treatment: x, control: x}}]")
    assert "at least two different arms" in message(tmp_path, start + ", arms: [x, x]}}]")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("arm: {column: c, arms: [x, y], shares: [0.5, 0.6]}", "arm.shares: give one share above 0 for each arm"),
        ("arm: {column: c, arms: [x, y, z], shares: [0.5, 0.5]}", "arm.shares: give one share above 0 for each arm"),
        ("arm: {column: c, arms: [x, y], shares: [1.5, -0.5]}", "arm.shares: give one share above 0 for each arm"),
        ("arm: {column: c, arms: [x, y]}, stopping: {looks: 2, look: 3}", "stopping.look: only 2 looks were planned"),
        ("arm: {column: c, arms: [x, y]}, stopping: {looks: 0}", "stopping.looks: "),
        ("arm: {column: c, arms: [x, y]}, stopping: {bounds: none}", "stopping.bounds: "),
        ("arm: {column: c, arms: [x, y]}, preregistration: plan.yml", "preregistration: no such file 'plan.yml'"),
        (
            "arm: {column: c, arms: [x, y]}, preregistration: ../plan.yml",
            "preregistration: '../plan.yml' must be a file",
        ),
    ],
)
def test_faults_of_an_experiments_plan(tmp_path, line, told):
    assert told in message(
        tmp_path, SHORTEST + f"experiments: [{{id: a, table: sales, outcome: {{column: z}}, {line}}}]"
    )


def test_a_preregistration_is_a_file_of_the_study(tmp_path):
    (tmp_path / "plan.yml").write_text("hypothesis: a\n")
    experiment = (
        "{id: a, table: sales, outcome: {column: z}, arm: {column: c, arms: [x, y]}, preregistration: plan.yml}"
    )
    study = load_study(write(tmp_path, SHORTEST + f"experiments: [{experiment}]\n"))
    assert study.files()["preregistration of a"] == tmp_path / "plan.yml"
    assert (study.experiments[0].stopping.looks, study.experiments[0].arm.shares) == (1, None)


def test_a_study_needs_sales_or_a_survey(tmp_path):
    told = message(tmp_path, "study: a\ntables: {prices: {path: prices.csv}}\n")
    assert "line 2: tables: a study needs sales or survey, or one of sessions" in told


@pytest.mark.parametrize("table", ["sessions", "leads", "interviews"])
def test_a_study_may_have_something_else_to_test(tmp_path, table):
    (tmp_path / "other.csv").write_text("a\n1\n")
    study = load_study(write(tmp_path, f"study: a\ntables: {{{table}: {{path: other.csv}}}}\n"))
    assert list(study.tables.given()) == [table]


@pytest.mark.parametrize(
    ("survey", "told"),
    [
        ("likert: {items: [q1, q2], reverse: [q3]}", "likert.reverse[0]: not among the items; known: q1, q2"),
        ("questions: {deit: 'What?'}", "questions.deit: no question is declared by that name"),
        ("likert: {items: [q1, q1]}", "likert.items[1]: comes twice"),
        ("likert: {items: [q1], labels: {good: 6}}", "likert.labels.good: 6 is outside the scale 1 to 5"),
        ("multiple_choice: {why: {sep: ;}}", "multiple_choice.why: give either column, or columns as option: header"),
        ("multiple_choice: {why: {column: q1, columns: {a: q2}}}", "multiple_choice.why: give either column"),
        ("multiple_choice: {why: {columns: {a: q2}, options: [a]}}", "multiple_choice.why.options: columns name the"),
        ('multiple_choice: {why: {column: q1, sep: ""}}', "multiple_choice.why.sep: "),
        ("likert: {items: [q1], scale: [5, 1]}", "likert.scale: the first must be below the second"),
        ("join: {customers: email}", "join: 'email' is looked up in the table customers"),
        ("raking: {sex: {m: 0.5, f: 0.6}}", "raking.sex: shares must be positive numbers that add up to 1"),
        ("raking: {sex: customers}", "raking.sex: must be `customers`"),
        ("codebook: codebok.yml", "codebook: no such file 'codebok.yml'; did you mean 'codebook.yml'"),
        ("columns: {q1: Question}", "columns.q1: not a column of survey"),
        (
            "gambles: {q9: {a: [[20, 0.5], [-10, 0.4]], b: [[0, 1]], chose_a: [x], chose_b: [y]}}",
            "gambles.q9.a: the chances",
        ),
        (
            "gambles: {q9: {a: [[20, 1]], b: [[9, 0.5], [5, 0.5]], chose_a: [x], chose_b: [y]}}",
            "gambles.q9.b: give at most one gain",
        ),
        ("gambles: {q9: {a: [[20, 1]], b: [[0, 1]], chosen: [x]}}", "gambles.q9.chosen: unknown key"),
        ("gambles: {q9: {a: [20, 1], b: [[0, 1]], chose_a: [x], chose_b: [y]}}", "gambles.q9.a[0]:"),
        ("gambles: {q9: {a: [[20, 1]], b: [], chose_a: [x], chose_b: [y]}}", "gambles.q9.b:"),
        (
            "maxdiff: {m: {tasks: [{worst: w, items: [a, b, c]}]}}",
            "give either columns (item: header), or best and worst",
        ),
        ("read: {encoding: cp9999}", "read.encoding: unknown encoding 'cp9999'"),
        ("read: {encoding: base64}", "read.encoding: unknown encoding 'base64'"),
        ("read: {sep: ';;'}", "read.sep: must be one character"),
        ("read: {decimal: ',', thousands: ','}", "read.thousands: must differ from decimal"),
        ("read: {timezone: Asia/Almatty}", "read.timezone: unknown; did you mean 'Asia/Almaty'"),
        ("read: {date_format: dd.mm.yyyy}", "read.date_format: must be written with % codes"),
    ],
)
def test_faults_of_a_survey_and_of_reading(tmp_path, survey, told):
    assert told in message(tmp_path, f"study: a\ntables:\n  survey:\n    path: survey.csv\n    {survey}\n")


def test_columns_may_rename_what_the_study_names(tmp_path):
    text = "study: a\ntables: {survey: {path: survey.csv, columns: {q1: 'Long question?'}, likert: {items: [q1]}}}\n"
    assert load_study(write(tmp_path, text)).tables.survey.columns == {"q1": "Long question?"}


@pytest.mark.parametrize(
    "path",
    ["../orders.csv", "/etc/passwd", "C:\\orders.csv", "a\\..\\..\\b.csv", "http://example.org/a.csv",
     "\\\\h\\s\\f.csv"],
)  # fmt: skip
def test_tables_lie_inside_the_folder(tmp_path, path):
    told = message(tmp_path, f"study: a\ntables: {{sales: {{path: '{path}'}}}}\n")
    assert "must be a file inside the folder of study.yml" in told


def test_a_link_that_leads_out_is_refused(tmp_path):
    inner = tmp_path / "inner"
    inner.mkdir()
    (tmp_path / "secret.csv").touch()
    (inner / "sales.parquet").mkdir()
    (inner / "sales.parquet" / "part.parquet").symlink_to(tmp_path / "secret.csv")
    (inner / "direct.csv").symlink_to(tmp_path / "secret.csv")
    for path in ("sales.parquet", "direct.csv"):
        told = message(inner, f"study: a\ntables: {{sales: {{path: {path}}}}}\n")
        assert "leads out of the folder of study.yml by a link" in told


def test_a_missing_file_is_told_with_near_names(tmp_path):
    assert "no such file 'order.csv'; did you mean 'orders.csv'" in message(
        tmp_path, "study: a\ntables: {sales: {path: order.csv}}\n"
    )


def test_no_study_no_text_too_much_text(tmp_path):
    with pytest.raises(StudyError, match="no such study"):
        load_study(tmp_path / "nowhere")
    (tmp_path / "study.yml").write_bytes(b"study: \xff\xfe")
    with pytest.raises(StudyError, match="not UTF-8"):
        load_study(tmp_path)
    (tmp_path / "study.yml").write_text("#" * 1_000_001, encoding="utf-8")
    with pytest.raises(StudyError, match="at most 1000000"):
        load_study(tmp_path)
    (tmp_path / "study.yml").write_text("- a\n", encoding="utf-8")
    with pytest.raises(StudyError, match="a study is a list of `key: value` lines"):
        load_study(tmp_path)


def test_five_points_are_written_as_a_share(tmp_path):
    with pytest.raises(StudyError, match=r"experiments\[0\].sesoi: .*5 points as 0.05"):
        load_study(write(tmp_path, FULL.replace("sesoi: 0.05", "sesoi: 5")))


@pytest.mark.parametrize(
    ("experiment", "told"),
    [
        ("arm: {column: a, treatment: x, control: y}, outcome: {column: b}, design: dekoy",
         "design: between, within, or a known experiment, not 'dekoy'; did you mean 'decoy'"),
        ("design: decoy", "experiments[0]: give arm and outcome, or problems"),
        ("outcome: {column: b}", "experiments[0]: arm is missing"),
        ("arm: {column: a, treatment: x, control: y}, problems: {p: {column: b}, q: {column: c}}",
         "experiments[0]: give arm and outcome, or problems"),
        ("problems: {p: {column: b}}", "problems: give at least two"),
        ("problems: {p: {column: b}, q: {column: b}}", "problems: give at least two"),
        ("problems: {p: {column: b, success: [x]}, q: {column: c}}", "problems: are all a yes or no"),
        ("problems: {p: {column: b}, q: {column: c}}, covariate: d", "design: the same people are their own covariate"),
        ("problems: {p: {column: b}, q: {column: c}}, guardrails: [{column: d, margin: 1}]", "are for arm and outcome"),
        ("problems: {p: {column: b, success: [x], among: [x]}, q: {column: c, success: [x]}}",
         "problems.p.among: is for arm and outcome"),
        ("arm: {column: a, treatment: x, control: y}, outcome: {column: b, success: [m], among: [n, o]}",
         "outcome.among: lists the options that count"),
    ],
)  # fmt: skip
def test_faults_of_an_experiment(tmp_path, experiment, told):
    text = (
        f"study: a\ntables: {{survey: {{path: survey.csv}}}}\nexperiments: [{{id: e, table: survey, {experiment}}}]\n"
    )
    assert told in message(tmp_path, text)


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("{}", "tables.sales.path: is required: a file; or connect and table"),
        ("{path: []}", "tables.sales.path: is required"),
        ("{path: orders.csv, table: orders}", "tables.sales.table: goes with connect"),
        ("{path: orders.csv, connect: 'postgres://me@host/shop', table: orders}", "connect: give either path"),
        ("{connect: 'postgres://me@host/shop'}", "tables.sales.table: names no table; write orders, or shop.orders"),
        (
            "{connect: 'postgres://me@host', table: orders}",
            "tables.sales.connect: names no database; write postgres://",
        ),
        ("{connect: 'mysql://me@host/shop', table: orders}", "connect: is no address of a database"),
        ("{connect: 'postgres://me@host:port/shop', table: orders}", "connect: is no address of a database"),
        ("{connect: 'orders.csv', table: orders}", "'orders.csv' is no address of a database"),
        ("{connect: '../shop.duckdb', table: orders}", "must be a file inside the folder of study.yml"),
        ("{connect: 'none.duckdb', table: orders}", "no such file 'none.duckdb'"),
        ("{connect: 'postgres://me@host/shop', table: orders, read: {sep: ';'}}", "read.sep: is about a file"),
        ("{connect: 'postgres://me@host/shop', table: orders, password_env: my word}", "is the name of an environment"),
    ],
)
def test_faults_of_a_database(tmp_path, source, told):
    assert told in message(tmp_path, f"study: a\ntables: {{sales: {source}}}\n")


@pytest.mark.parametrize(
    "where", ["me:hidden@host/shop", "me@host/shop?password=hidden", "me@host/shop?PassFile=hidden"]
)
def test_a_password_in_a_study_is_refused_and_not_repeated(tmp_path, where):
    told = message(tmp_path, f"study: a\ntables: {{sales: {{connect: 'postgres://{where}', table: orders}}}}\n")
    assert "holds a password; take it out and set it in the environment: PGPASSWORD" in told
    assert "hidden" not in told
