"""Who of a survey's rows counts, which customer each is, and choices in the ways that tools code them."""

import numpy as np
import pandas as pd
import pytest

from helpers.contracts import DataError
from helpers.opening.exports import read_header
from helpers.read.load import load_tables
from helpers.read.nobody import nobody
from helpers.read.who_answered import join
from helpers.sources import Likert
from helpers.study import load_study


def checked(folder, text: str, **tables: str):
    """The account of every table of a small study, and its frames."""
    for name, rows in tables.items():
        (folder / f"{name}.csv").write_text(rows, encoding="utf-8")
    (folder / "study.yml").write_text(f"study: a\ntables:\n{text}", encoding="utf-8")
    loaded = load_tables(load_study(folder))
    return {account.table: account for account in loaded.accounts}, loaded.frames


def found(account) -> dict[str, tuple[str, int]]:
    return {issue.code: (issue.severity, issue.rows) for issue in account.issues}


def test_status_of_a_response(tmp_path):
    rows = "Status,q\n" + "Complete,1\nPartial,2\nDisqualified,3\nOver quota,4\nPreview,5\n" + "Complete,5\n" * 5
    accounts, _ = checked(tmp_path, "  survey: {path: survey.csv, meta: [Status], likert: {items: [q]}}", survey=rows)
    told = found(accounts["survey"])
    assert told["disqualified"] == ("quarantined", 2)
    assert told["preview"] == ("quarantined", 1)
    assert told["unfinished"] == ("warning", 1)
    assert accounts["survey"].rows_used == 7


def test_who_sent_no_last_page_is_told_and_kept(tmp_path):
    rows = "submitdate,q\n2024-01-05,1\n,2\n2024-01-06,3\n"
    accounts, _ = checked(
        tmp_path, "  survey: {path: survey.csv, meta: [submitdate], likert: {items: [q]}}", survey=rows
    )
    assert found(accounts["survey"])["unfinished"] == ("warning", 1)
    assert accounts["survey"].rows_used == 3


def test_trials_and_impossible_numbers_are_told(tmp_path):
    rows = "why,age\ntest,30\nasdf,-4\nI like it,211\nTest!,44\nthe test went well,45\n"
    text = "  survey: {path: survey.csv, numbers: [age], open_ended: {w: {column: why, about: drivers}}}"
    told = found(checked(tmp_path, text, survey=rows)[0]["survey"])
    assert told["trial"] == ("warning", 3)
    assert told["impossible_number"] == ("repaired", 2)


def test_a_question_asked_twice_under_one_header_is_told_apart(tmp_path):
    rows = "Comment,Comment,q\nfine,late,1\ngood,dear,2\nwell,slow,3\n"
    text = "  survey: {path: survey.csv, likert: {items: [q]}, categorical: [Comment, Comment (2)]}"
    accounts, frames = checked(tmp_path, text, survey=rows)
    assert frames["survey"]["Comment (2)"].tolist() == ["late", "dear", "slow"]
    assert found(accounts["survey"])["repeated_header"] == ("warning", 0)


@pytest.mark.parametrize("key", ["-", "no", "нет", "N/A", "", "—", "anonymous"])
def test_placeholders_are_nobodys_key(key):
    given = pd.Series([key, "u1@example.org"], dtype="str")
    joined = join([given], pd.Series(["a", "b"]), [pd.Series([key, "U1@example.org "], dtype="str")])
    assert joined.customer_id.isna().tolist() == [True, False]
    assert nobody(pd.Series([key.lower()], dtype="str"))[0]


def test_phones_meet_in_any_writing_and_ids_stay_text():
    known = pd.Series(["+77011000000", "+995555123456", "+998901234567"])
    given = pd.Series(["8 (701) 100-00-00", "555 12 34 56", "90 123-45-67", "0099 890 123 45 67"])
    assert join([given], pd.Series(["a", "b", "c"]), [known]).customer_id.tolist()[:3] == ["a", "b", "c"]
    ids = pd.Series(["11870000000", "21870000000"])
    assert join([pd.Series(["1870000000"])], ids, [ids]).customer_id.isna().all()


QUALTRICS = [["StartDate", "Status", "Finished", "ResponseId", "Q1", "mine"],
             ["Start Date", "Response Type", "Finished", "Response ID", "How old are you?", "mine"]]  # fmt: skip


@pytest.mark.parametrize(
    "ids",
    [["{'ImportId': 'startDate'}", "{'ImportId': 'status'}", "{'ImportId': 'f'}", "{'ImportId': 'r'}", "", ""],
     ['{"ImportId":"startDate"}', '{"ImportId":"s"}', '{"ImportId":"f"}', '{"ImportId":"r"}', '{"ImportId":"Q"}', "x"]],
    ids=["single quotes, a header without", "an appended column"],
)  # fmt: skip
def test_qualtrics_headers_are_known_whatever_stands_beside_them(ids):
    found = read_header([*QUALTRICS, ids])
    assert (found.rows, found.asked["Q1"]) == (3, ("How old are you?", ""))


def test_qualtrics_without_its_row_of_ids_has_two_header_rows():
    found = read_header([*QUALTRICS, ["2024-01-05", "0", "1", "R_1", "44", ""]])
    assert (found.rows, found.asked["Q1"]) == (2, ("How old are you?", ""))


CHOICES = "  survey: {path: survey.csv, likert: {items: [q]}}\n  conjoint: {path: cbc.csv, attributes: [size]}"
ROWS = [(person, task, place) for person in (1, 2, 3) for task in (1, 2) for place in (1, 2, 3)]


@pytest.mark.parametrize("code", ["0/1", "0/100", "number"])
def test_choices_are_read_however_they_are_coded(tmp_path, code):
    """Person p chooses alternative p in every task."""
    write = {
        "0/1": lambda person, place: int(person == place),
        "0/100": lambda person, place: 100 * int(person == place),
        "number": lambda person, place: person,
    }[code]
    lines = [f"{p},{t},{a},size {a},{write(p, a)}" for p, t, a in ROWS]
    cbc = "\n".join(["respondent_id,task,alternative,size,chosen", *lines])
    accounts, frames = checked(tmp_path, CHOICES, survey="respondent_id,q\n1,1\n2,2\n3,3\n", cbc=cbc)
    used = frames["conjoint"]
    assert accounts["conjoint"].rows_used == 18
    assert (used["chosen"].astype(bool) == (used["alternative"] == used["respondent_id"])).all()


def test_choices_none_of_which_can_be_used_are_an_error(tmp_path):
    lines = [f"{p},{t},{a},size {a},{[60, 40, 0][a - 1]}" for p, t, a in ROWS]
    cbc = "\n".join(["respondent_id,task,alternative,size,chosen", *lines])
    with pytest.raises(DataError, match="points shared out among several alternatives"):
        checked(tmp_path, CHOICES, survey="respondent_id,q\n1,1\n2,2\n3,3\n", cbc=cbc)


def test_an_items_own_scale_and_labels():
    likert = Likert(items=["a", "b"], labels={"Agree": 4}, scales_of={"b": (1, 7)}, labels_of={"b": {"Agree": 6}},
                    missing=[99, 6])  # fmt: skip
    assert (likert.of("a").scale, likert.of("a").labels, likert.of("a").missing) == ((1, 5), {"Agree": 4}, [99, 6])
    assert (likert.of("b").scale, likert.of("b").labels, likert.of("b").missing) == ((1, 7), {"Agree": 6}, [99])
    assert np.ptp(likert.of("b").scale) == 6
