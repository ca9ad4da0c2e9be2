"""Tables of the spine's notebooks."""

from __future__ import annotations

from helpers.contracts import FileAccount, Issue
from helpers.report.tables import accounts_frame, issues_frame

ACCOUNTS = (
    FileAccount(
        "sales", "s.csv", 1200, 1190, 3, 10,
        (Issue("x", "quarantined", "amount", 10, (2, 3), "not a number"), Issue("y", "warning", None, 0, (), "look")),
    ),
    FileAccount("customers", "c.csv", 5, 5, 0, 0),
)  # fmt: skip


def test_the_quality_report_as_tables():
    files = accounts_frame(ACCOUNTS)
    assert files["rows_in"].tolist() == [1200, 5]
    assert (files["rows_in"] == files["rows_used"] + files["rows_quarantined"]).all()
    issues = issues_frame(ACCOUNTS)
    assert issues[["table", "severity", "rows", "first_rows"]].to_numpy().tolist() == [
        ["sales", "quarantined", 10, "2, 3"],
        ["sales", "warning", 0, ""],
    ]
    assert list(issues_frame(())) == list(issues)
    assert accounts_frame(()).empty
