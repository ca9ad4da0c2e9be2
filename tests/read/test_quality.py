"""The rules of the tables, each with a case small enough to count by hand."""

from pathlib import Path

import pytest

from helpers.contracts import DataError, FileAccount, Issue
from helpers.read.load import LoadedTables, load_tables
from helpers.read.quality import report_lines
from helpers.study import load_study
from helpers.words import Words, say

SALES = "customer_id,order_id,ordered_at,amount"
THREE = ["A,1,2025-01-06,10", "B,2,2025-01-07,20", "C,3,2025-01-08,30"]


def study(folder: Path, tables: dict[str, list[str]], more: str = "", **keys: str) -> LoadedTables:
    """Load tables given as lines; ``keys`` are further keys of single tables, ``more`` of the study."""
    entries = []
    for name, lines in tables.items():
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
        entries.append(f"  {name}: {{path: {name}.csv{keys.get(name, '')}}}")
    (folder / "study.yml").write_text(
        "\n".join(["study: a", "accept_set_aside: 1", "tables:", *entries, more]) + "\n", encoding="utf-8"
    )
    return load_tables(load_study(folder))


def refusal(folder: Path, tables: dict[str, list[str]], more: str = "", **keys: str) -> str:
    with pytest.raises(DataError) as caught:
        study(folder, tables, more, **keys)
    return str(caught.value)


def found(tables: LoadedTables, table: str = "sales") -> dict[str, tuple[str, str | None, int, tuple[int, ...]]]:
    """Severity, column, number of rows and first rows of every finding in a table."""
    account = next(account for account in tables.accounts if account.table == table)
    assert account.rows_in == account.rows_used + account.rows_quarantined
    assert account.rows_repaired <= account.rows_used == len(tables.frames[table])
    return {issue.code: (issue.severity, issue.column, issue.rows, issue.first_rows) for issue in account.issues}


# --- columns -----------------------------------------------------------------------------------------------------


def test_missing_and_repeated_columns_are_told_together_with_near_matches(tmp_path):
    told = refusal(tmp_path, {"sales": ["customer,order_id,order_id,ordered_at", "A,1,1,2025-01-06"]})
    assert "sales.csv, column 'customer_id': no such column, needed as customer_id; did you mean 'customer'" in told
    assert "sales.csv, column 'order_id': comes 2 times in the header; rename all but one" in told
    assert "sales need amount, unit_price or order_total, and none is there" in told


def test_a_column_that_the_study_names_must_be_there(tmp_path):
    told = refusal(tmp_path, {"sales": [SALES, *THREE]}, sales=", columns: {channel: Kanal}")
    assert "column 'Kanal': no such column, needed as channel" in told


def test_faults_of_all_files_come_at_once(tmp_path):
    told = refusal(tmp_path, {"sales": ["x", "1"], "customers": ["y", "1"]})
    assert "sales.csv, column 'ordered_at'" in told
    assert "customers.csv, column 'customer_id'" in told


def test_extra_columns_are_left_out_and_told(tmp_path):
    tables = study(tmp_path, {"sales": [SALES + ",note,order_note", *(f"{line},x,y" for line in THREE)]})
    assert "note" not in tables.frames["sales"]
    assert found(tables) == {"extra_columns": ("warning", None, 0, ())}
    assert tables.accounts[0].issues[0].text == say("reading.column.extra", n=2, names=["note", "order_note"])


def test_headers_match_through_spaces_and_line_breaks(tmp_path):
    header = f'"{"Sum"} ",order_id,customer_id,"ordered\n_at"'
    lines = [header, "10,1,A,2025-01-06", "10,1,B,2025-01-06", "10,1,C,2025-01-06"]
    tables = study(tmp_path, {"sales": lines}, sales=", columns: {amount: Sum, ordered_at: ordered _at}")
    assert tables.frames["sales"]["amount"].tolist() == [10, 10, 10]


def test_swapped_columns_are_an_error_that_names_both(tmp_path):
    lines = [f"A{i},{i},{i}.5,2025-01-{i:02}" for i in range(1, 10)]
    told = refusal(tmp_path, {"sales": [SALES, *lines]})
    assert "column 'ordered_at': looks swapped with 'amount'" in told
    assert "column 'amount': looks swapped with 'ordered_at'" in told


# --- sales -------------------------------------------------------------------------------------------------------


def test_the_amount_is_made_from_price_and_quantity(tmp_path):
    header = "customer_id,order_id,ordered_at,quantity,unit_price,amount"
    lines = [header, "A,1,2025-01-06,2,5,", "B,2,2025-01-06,3,5,14", "C,3,2025-01-06,,5,"]
    tables = study(tmp_path, {"sales": [*lines, "D,4,2025-01-06,1,1,1"]})
    assert tables.frames["sales"]["amount"].tolist() == [10, 14, 1]
    assert found(tables)["amount_derived"] == ("repaired", "amount", 1, (2,))
    assert found(tables)["missing_value"] == ("quarantined", "amount", 1, (4,))


def test_without_quantity_a_line_is_one_piece(tmp_path):
    header = "customer_id,order_id,ordered_at,unit_price"
    tables = study(tmp_path, {"sales": [header, *THREE]})
    assert tables.frames["sales"]["amount"].tolist() == [10, 20, 30]
    assert found(tables)["no_quantity"][0] == "warning"


def test_returns_have_negative_amounts_and_negative_prices_else_are_set_aside(tmp_path):
    header = "customer_id,order_id,ordered_at,quantity,unit_price,is_return"
    lines = [
        "A,1,2025-01-06,-1,10,", "B,2,2025-01-06,1,10,yes", "C,3,2025-01-06,-1,-10,no",
        "D,4,2025-01-06,1,-10,", "E,5,2025-01-06,2,10,no", "F,6,2025-01-06,1,0,", "G,7,2025-01-06,0,5,",
    ]  # fmt: skip
    tables = study(tmp_path, {"sales": [header, *lines]})
    sales = tables.frames["sales"].set_index("customer_id")
    assert sales["is_return"].tolist() == [True, True, True, False, False, False]
    assert sales["amount"].tolist() == [-10, -10, -10, 20, 0, 0]
    assert sales["quantity"].tolist() == [-1, -1, -1, 2, 1, 0]
    assert sales["unit_price"].tolist() == [10, 10, 10, 10, 0, 5]
    assert found(tables)["negative_price"] == ("quarantined", "unit_price", 1, (5,))
    assert found(tables)["zero_price"] == ("warning", "unit_price", 2, (7, 8))


def test_negative_amounts_alone_are_returns(tmp_path):
    tables = study(tmp_path, {"sales": [SALES, *THREE, "A,4,2025-01-09,-5"]})
    assert tables.frames["sales"]["is_return"].tolist() == [False, False, False, True]
    assert found(tables) == {"negative_amount": ("warning", "amount", 1, (5,))}


def test_lines_that_come_twice_are_surplus_only_where_they_are_numbered(tmp_path):
    unnumbered = study(tmp_path, {"sales": [SALES, *THREE, THREE[0]]})
    assert found(unnumbered) == {"repeated_line": ("warning", None, 1, (5,))}
    assert len(unnumbered.frames["sales"]) == 4
    numbered = [f"{line},{place}" for place, line in enumerate(THREE)]
    tables = study(tmp_path, {"sales": [SALES + ",line_id", *numbered, numbered[0], THREE[0] + ",9"]})
    assert found(tables) == {"duplicate_line": ("quarantined", None, 1, (5,))}
    assert len(tables.frames["sales"]) == 4


def test_ids_that_differ_in_case_or_space_are_one_customer_in_every_table(tmp_path):
    lines = [*THREE, "a,4,2025-01-09,1", "A,5,2025-01-09,1", " B,6,2025-01-09,1"]
    tables = study(tmp_path, {"sales": [SALES, *lines], "customers": ["customer_id,referred_by", "a,c", "b,", "C,"]})
    assert tables.frames["sales"]["customer_id"].tolist() == ["A", "B", "C", "A", "A", "B"]
    assert tables.frames["customers"]["customer_id"].tolist() == ["A", "B", "C"]
    assert tables.frames["customers"]["referred_by"].tolist()[0] == "C"
    assert found(tables)["id_spelling"] == ("repaired", "customer_id", 1, (5,))
    assert found(tables)["id_spaces"] == ("repaired", "customer_id", 1, (7,))
    merged = tables.merged_ids.sort_values(["table", "column", "given"])
    assert merged[["table", "column", "given", "read_as", "rows"]].to_numpy().tolist() == [
        ["customers", "customer_id", "a", "A", 1],
        ["customers", "customer_id", "b", "B", 1],
        ["customers", "referred_by", "c", "C", 1],
        ["sales", "customer_id", "a", "A", 1],
    ]


def test_missing_required_cells_and_empty_rows_are_set_aside(tmp_path):
    tables = study(tmp_path, {"sales": [SALES, *THREE, ",4,2025-01-09,1", "A,5,,1", ",,,", "A,6,2025-01-09,"]})
    issues = {(issue.code, issue.column): issue.first_rows for issue in tables.accounts[0].issues}
    assert issues == {
        ("empty_row", None): (7,),
        ("no_person", "customer_id"): (5,),
        ("missing_value", "ordered_at"): (6,),
        ("missing_value", "amount"): (8,),
    }


def test_the_first_five_rows_are_named_and_all_counted(tmp_path):
    lines = [f"A{i},{i},2025-01-06,{'x' if i % 2 else '1'}" for i in range(1, 15)]
    tables = study(tmp_path, {"sales": [SALES, *lines, *THREE]})
    assert found(tables)["unreadable_number"] == ("quarantined", "amount", 7, (2, 4, 6, 8, 10))
    assert tables.accounts[0].issues[0].text.values["shapes"] == ("a",)


def test_future_orders_are_set_aside_and_those_after_the_window_told(tmp_path):
    lines = [*THREE, "A,4,2099-01-01,1", "A,5,1985-01-01,1", "A,6,2025-02-01,1", "A,7,1970-01-01,1"]
    tables = study(tmp_path, {"sales": [SALES, *lines]}, "window: {as_of: 2025-01-31}")
    assert found(tables)["future_date"] == ("quarantined", "ordered_at", 1, (5,))
    assert found(tables)["old_date"] == ("warning", "ordered_at", 1, (6,))
    assert found(tables)["no_date"] == ("quarantined", "ordered_at", 1, (8,))
    assert found(tables)["after_as_of"] == ("warning", "ordered_at", 1, (7,))


def test_orders_before_the_sign_up_are_told(tmp_path):
    people = ["customer_id,signed_up_at", "A,2025-01-06 12:00", "B,2025-01-08", "C,"]
    tables = study(tmp_path, {"sales": [SALES, *THREE], "customers": people})
    assert found(tables)["before_sign_up"] == ("warning", "ordered_at", 1, (3,))


def test_outliers_are_told_with_their_influence_and_constants_by_name(tmp_path):
    lines = [f"A{i},{i},2025-01-06,10,shop" for i in range(20)]
    tables = study(tmp_path, {"sales": [SALES + ",channel", *lines, "B,1,2025-01-06,10000000,shop"]})
    assert found(tables)["outlier"] == ("warning", "amount", 1, (22,))
    assert found(tables)["constant_column"][:2] == ("warning", "channel")
    text = next(issue.text for issue in tables.accounts[0].issues if issue.code == "outlier")
    assert "make 100.0 % of the column's total" in Words().tell(text)


@pytest.mark.parametrize("lines", [THREE[:1], THREE[:2], [THREE[0]] * 5])
def test_one_and_two_customers_are_too_few(tmp_path, lines):
    assert "need at least 3" in refusal(tmp_path, {"sales": [SALES, *lines]})


def test_too_few_customers_says_why_rows_were_set_aside(tmp_path):
    told = refusal(tmp_path, {"sales": [SALES, *THREE[:2], ",3,2025-01-08,1"]})
    assert "2 customers in usable rows; need at least 3" in told
    assert "no customer, or a word for none: nobody's lines, 3.2 % of the money; they count in orders and" in told


# --- customers and surveys ---------------------------------------------------------------------------------------


def test_one_row_per_customer_the_fullest_whatever_the_order(tmp_path):
    people = ["A,1980,", "A,1980,f", "B,1800,m", "C,2001,f"]
    for lines in (people, people[::-1]):
        tables = study(tmp_path, {"sales": [SALES, *THREE], "customers": ["customer_id,birth_year,sex", *lines]})
        customers = tables.frames["customers"].set_index("customer_id").sort_index()
        assert customers["sex"].tolist() == ["f", "m", "f"]
        assert customers["birth_year"].fillna(0).tolist() == [1980, 0, 2001]
        assert found(tables, "customers")["duplicate_row"][2] == 1
        assert found(tables, "customers")["impossible_age"][:3] == ("repaired", "birth_year", 1)


def test_a_survey_joins_by_email_in_any_case(tmp_path):
    tables = study(
        tmp_path,
        {
            "sales": [SALES, *THREE],
            "customers": ["customer_id,mail", "A,ann@example.org", "B,bo@example.org", "C,x@y.org", "D,x@y.org"],
            "survey": ["Your e-mail,diet", " ANN@example.org ,a", "nobody@example.org,b", "x@y.org,c", ",d"],
        },
        customers=", columns: {email: mail}",
        survey=", columns: {email: Your e-mail}, join: {customers: email}, categorical: [diet]",
    )  # fmt: skip
    survey = tables.frames["survey"]
    assert survey["customer_id"].fillna("").tolist() == ["A", "", "", ""]
    assert survey["respondent_id"].tolist() == ["row 000002", "row 000003", "row 000004", "row 000005"]
    assert found(tables, "customers")["shared_key"][:3] == ("warning", "email", 2)


def test_a_survey_joins_by_customer_id_in_any_case(tmp_path):
    survey = ["customer_id,diet", "a ,x", "B,y", "Z,z"]
    tables = study(
        tmp_path,
        {"sales": [SALES, *THREE], "survey": survey},
        survey=", join: {customers: customer_id}, categorical: [diet]",
    )
    assert tables.frames["survey"]["customer_id"].tolist() == ["A", "B", "Z"]


LIKERT = ", likert: {items: [q1], labels: {Agree: 5}, missing: [99, skipped]}, nps: nps"


def test_answers_out_of_range_are_set_aside_but_for_labels_and_missing_codes(tmp_path):
    answers = [f"{answer},{mark}" for answer, mark in [("1", 0), ("5", 10), (" agree ", 3), ("99", 3), ("Skipped", 3)]]
    lines = ["q1,nps", *answers, "6,3", "2.5,3", "3,11", ",5", "4,"]
    tables = study(tmp_path, {"survey": lines}, survey=LIKERT)
    assert found(tables, "survey")["answer_out_of_range"][2] == 1  # the last of the two findings: nps
    issues = [(issue.column, issue.first_rows) for issue in tables.accounts[0].issues]
    assert issues == [("q1", (7, 8)), ("nps", (9,))]
    assert len(tables.frames["survey"]) == 7


def test_many_unknown_answers_are_an_error_that_shows_them(tmp_path):
    lines = ["q1,nps", *["Rather agree,5"] * 5, *["3,5"] * 20]
    told = refusal(tmp_path, {"survey": lines}, survey=LIKERT)
    assert "column 'q1': outside the scale 1 to 5, and no declared label or missing code" in told
    assert "'Rather agree' (5 rows; first: 2, 3, 4, 5, 6)" in told


def test_answers_are_checked_as_they_will_be_read(tmp_path):
    answers = ["5 - rather,10", "۴,۷", "2: no,99"] * 3
    tables = study(tmp_path, {"survey": ["q1,nps", *answers]}, survey=LIKERT)
    assert tables.accounts[0].issues == ()
    assert len(tables.frames["survey"]) == 9


def test_respondents_that_come_twice_count_once_and_weights_are_not_negative(tmp_path):
    lines = ["respondent_id,weight,diet", "r1,1,a", "r1,1,", "r2,-1,b", "r3,2,c", "r4,,c"]
    tables = study(tmp_path, {"survey": lines}, survey=", categorical: [diet]")
    assert tables.frames["survey"]["respondent_id"].tolist() == ["r1", "r3", "r4"]
    assert found(tables, "survey") == {
        "duplicate_row": ("quarantined", "respondent_id", 1, (3,)),
        "negative_weight": ("quarantined", "weight", 1, (4,)),
    }


def test_a_survey_of_nothing_but_empty_rows_leaves_the_sales(tmp_path):
    survey = ["q1,q2", ",", ","]
    tables = study(tmp_path, {"sales": [SALES, *THREE], "survey": survey}, survey=", categorical: [q1, q2]")
    assert len(tables.frames["survey"]) == 0
    assert found(tables, "survey") == {"empty_row": ("quarantined", None, 2, (2, 3))}


def test_answers_stay_as_they_were_given(tmp_path):
    lines = ["q8", '"  =1+1, ""quoted"" "', "NA", "سلام"]
    tables = study(tmp_path, {"survey": lines}, survey=", open_ended: {why: {column: q8, about: drivers}}")
    assert tables.frames["survey"]["q8"].tolist() == ['  =1+1, "quoted" ', "NA", "سلام"]


def test_a_persian_header_is_isolated_in_the_report_and_plain_in_an_error(tmp_path):
    tables = study(tmp_path, {"sales": [SALES + ",سفارش,note", *(f"{line},x,y" for line in THREE)]})
    assert "(2): \u2068سفارش\u2069, note." in Words().tell(report_lines(tables.accounts)[-1])
    told = refusal(tmp_path, {"sales": [SALES.replace("amount", "مبلغ"), *THREE]}, sales=", columns: {amount: مبالغ}")
    first = "sales.csv, column 'مبالغ': no such column, needed as amount; did you mean 'مبلغ'? study.yml names it"
    assert told.splitlines()[0] == first


# --- the report --------------------------------------------------------------------------------------------------

ACCOUNTS = (
    FileAccount(
        "sales", "s.csv", 1200, 1190, 3, 10,
        (Issue("x", "quarantined", "amount", 10, (2, 3), "not a number"), Issue("y", "warning", None, 0, (), "look")),
    ),
    FileAccount("customers", "c.csv", 5, 5, 0, 0),
)  # fmt: skip


def test_the_report_in_sentences():
    assert [*map(Words().tell, report_lines(ACCOUNTS))] == [
        "sales (s.csv): 1,200 rows read, 1,190 used, 3 of them repaired, 10 set aside.",
        "Set aside for amount: not a number (rows: 10; first: 2, 3).",
        "Please look: look.",
        "customers (c.csv): 5 rows read, all of them used as they are.",
    ]
