"""The fault table: every fault that is injected, what is expected, and what came of it; kept in benchmarks/faults.md.

Run with ``make faults``; ``OPTIONS="--only codebook"`` runs the rows whose fault or test has that word.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import platform
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[1]
KEPT = Path(__file__).with_name("faults.md")
OF_NOTEBOOKS, OF_PROCESSES = "tests/faults/test_notebook_faults.py", "tests/faults/test_process_faults.py"
OF_ENDS, OF_INPUT = "tests/faults/test_safe_ends.py", "tests/faults/test_bad_input.py"
OF_STUDIES = "tests/faults/test_any_study.py"
OF_FILES, OF_RUNS = "tests/faults/test_damaged_files.py", "tests/faults/test_whole_runs.py"
ROWS = (
    ("a cell raises, exits, is killed, runs out of memory or disk", "1, 2, 3 or 73, with the cell", OF_NOTEBOOKS,
     "a_cell_that_goes_wrong"),
    ("MemoryError", "1, with the peak memory", OF_NOTEBOOKS, "out_of_memory_tells_the_peak"),
    ("bad data found in a cell", "3", OF_NOTEBOOKS, "a_fault_of_the_data_in_a_cell_ends_the_run_with_its_own_code"),
    ("a notebook that others need fails", "1, and they are not run", OF_NOTEBOOKS,
     "what_needs_a_failed_notebook_is_not_run"),
    ("a hung cell", "124", OF_NOTEBOOKS, "a_hung_cell"),
    ("a hung run, busy in C", "124", OF_NOTEBOOKS, "a_hung_run_while_python_is_busy_in_c"),
    ("an input changes under the run", "3, and which one", OF_ENDS, "an_input_that_changes_is_named"),
    ("an unknown or wrong parameter", "2, before anything is written", OF_NOTEBOOKS,
     "a_wrong_parameter_is_refused_before_anything_is_written"),
    ("SIGINT, SIGTERM to the runner", "130, 143; no process is left", OF_PROCESSES, "a_signal_to_the_runner"),
    ("kill -9 of the runner", "no process is left, the next run says so", OF_PROCESSES,
     "kill_9_of_the_runner_leaves_no_process_and_the_next_run_says_so"),
    ("kill -9 of runner and guard", "the next run ends what is left", OF_PROCESSES,
     "the_next_run_ends_what_even_the_guard_missed"),
    ("kill -9 at random moments", "the publication is whole", OF_PROCESSES, "kill_9_at_random_moments"),
    ("two runs at once", "75, with the holder's process", OF_PROCESSES, "two_runs_at_once"),
    ("a stale lock", "recovered", OF_PROCESSES, "a_stale_lock_is_recovered"),
    ("no place to publish", "73, before a kernel starts", OF_PROCESSES,
     "no_place_to_publish_is_said_before_a_kernel_starts"),
    ("a read-only place", "73", OF_PROCESSES, "a_read_only_place"),
    ("a full disk", "73", OF_PROCESSES, "a_full_disk"),
    ("a limit on the size of files", "73", OF_PROCESSES, "a_limit_on_the_size_of_files"),
    ("half-written earlier output", "made again", OF_PROCESSES, "a_half_written_earlier_output_is_made_again"),
    ("a run cut short", "resumed to the same facts", OF_PROCESSES, "a_run_cut_short_is_resumed_to_the_same_facts"),
    ("a damaged work folder, used again", "verified, made again where it does not hold", OF_RUNS,
     "a_work_folder_can_be_used_again"),
    ("helpers.py, duckdb.py and others beside the study", "never imported", OF_ENDS,
     "what_lies_in_the_current_folder_or_beside_the_study_is_never_imported"),
    ("a grandchild with a cleared environment", "ended with the run", OF_ENDS,
     "a_grandchild_with_a_cleared_environment_is_ended"),
    ("the same, the runner killed", "ended by the guard", OF_ENDS,
     "such_a_grandchild_is_ended_when_the_runner_is_killed"),
    ("quit() in a cell", "1, with that cell", OF_ENDS, "a_cell_that_quits_is_the_one_that_is_named"),
    ("a worker is killed", "1, with the cell", OF_ENDS, "a_killed_worker_names_the_cell"),
    ("a full work disk", "73, and the manifest says so", OF_ENDS,
     "a_full_work_disk_still_tells_how_the_run_ended"),
    ("a foreign manifest.json beside the work folder", "left alone", OF_ENDS,
     "a_foreign_manifest_beside_the_work_folder"),
    ("a damaged old publication", "2, and it is left", OF_ENDS, "a_damaged_publication_is_told_and_left"),
    ("folders of the machine in published records", "none", OF_ENDS,
     "no_published_record_says_where_on_a_machine_it_was_made"),
    ("one mistyped year", "set aside and counted; windows stay", OF_INPUT,
     "one_mistyped_year_is_set_aside_and_moves_no_window"),
    ("far days that are right", "kept", OF_INPUT,
     "a_day_that_the_window_holds_is_not_far_and_returns_after_the_last_order_stay"),
    ("what run would refuse", "refused by check", OF_INPUT, "what_run_would_refuse_check_refuses"),
    ("ids declared as a question", "2", OF_INPUT, "a_column_that_is_no_question"),
    ("a survey without any answer", "said so", OF_INPUT, "a_survey_without_any_answer_says_that_nobody_answered"),
    ("a cell of 140,000 letters, an endless line, a packed bomb", "3, each by its name", OF_INPUT,
     "a_cell_that_is_too_long_an_endless_line_and_what_unpacks_to_too_much"),
    ("a damaged sheet, a stray cell far away", "3", OF_INPUT, "a_damaged_sheet_and_a_stray_cell_far_away"),
    ("16-digit ids stored as numbers", "3", OF_INPUT, "ids_that_a_spreadsheet_has_rounded_are_refused"),
    ("ids of Parquet: missing, infinite, with NUL", "set aside and counted", OF_INPUT,
     "ids_of_parquet_that_are_missing_infinite_or_hold_nul"),
    ("ids with zero-width signs, in NFC and NFD, with quotation marks", "alike and told",
     "tests/read/test_cells.py", "ids_that_look_alike_are_one_and_damaged_ones_are_told"),
    ("money in EUR under currency USD", "3", OF_INPUT, "money_in_another_currency_than_the_study_says"),
    ("seed 017 or 2^32, tags, days and limits that cannot be", "2, with the line", "tests/test_study.py",
     "single_faults_name_the_key"),
    ("a codebook without end", "2, or bounded", OF_INPUT, "a_codebook_without_end"),
    ("assign to a missing folder, with a damaged model", "73, 2", OF_INPUT,
     "assign_to_a_missing_folder_is_told_before_anything_is_read"),
    ("codes that steer a terminal", "shown, not obeyed", OF_INPUT, "nothing_in_a_file_steers_the_terminal"),
    ("addresses in users' text", "no links", OF_INPUT, "addresses_in_users_text_become_no_links"),
    ("80 MB of cell output", "printed is not published; shown has a limit", OF_INPUT,
     "what_a_cell_prints_is_not_published_and_what_it_shows_has_a_limit"),
    ("files of nine kinds damaged at random", "read, or refused in a sentence", OF_FILES,
     "a_damaged_file_is_read_or_refused_in_a_sentence"),
    ("study.yml and codebook damaged at random", "read, or refused in a sentence", OF_FILES,
     "a_damaged_study_or_codebook_is_read_or_refused_in_a_sentence"),
    ("keys and values of study.yml and codebook put elsewhere", "checked, or refused in a sentence", OF_STUDIES,
     "a_rearranged_study_or_codebook_is_checked_or_refused_in_a_sentence"),
    ("an old publication damaged at random", "refused before anything is built on it", OF_FILES,
     "a_damaged_publication_is_refused_before_anything_is_built_on_it"),
)  # fmt: skip
"""Fault, what is expected, and the test that injects it."""


def outcomes(rows: tuple[tuple[str, str, str, str], ...]) -> dict[tuple[str, str], Counter[str]]:
    """How often each test passed, failed or was skipped, by its file's and its own name."""
    names = [f"{file}::test_{test}" for _, _, file, test in rows]
    with tempfile.TemporaryDirectory() as folder:
        record = Path(folder) / "record.xml"
        options = ["-q", "-p", "no:cacheprovider", f"--junitxml={record}", "-o", "junit_family=xunit1"]
        subprocess.run([sys.executable, "-m", "pytest", *options, *names], cwd=ROOT, check=False, stdout=sys.stderr)
        cases = ET.parse(record).iter("testcase")
    found: dict[tuple[str, str], Counter[str]] = {}
    for case in cases:
        name = re.sub(r"\[.*", "", case.get("name", "")).removeprefix("test_")
        ended = next((child.tag for child in case if child.tag in ("failure", "error", "skipped")), "passed")
        found.setdefault((case.get("file", ""), name), Counter())[ended] += 1
    return found


def table(rows: tuple[tuple[str, str, str, str], ...], found: dict[tuple[str, str], Counter[str]]) -> str:
    """The table in Markdown."""
    lines = ["| fault | expected | test | what came out |", "|---|---|---|---|"]
    for fault, expected, file, test in rows:
        ended = found.get((file, test), Counter({"not run": 1}))
        told = ", ".join(f"{times} {how}" for how, times in sorted(ended.items()))
        lines.append(f"| {fault} | {expected} | `{Path(file).name}` {test.replace('_', ' ')} | {told} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    """Run the rows, print the table and keep it where all rows were run; 1 where something failed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", help="rows whose fault or test has this word")
    parser.add_argument("--out", type=Path, default=KEPT, help="where the whole table is kept")
    given = parser.parse_args()
    rows = tuple(row for row in ROWS if given.only in row[0] or given.only in row[3])
    found = outcomes(rows)
    made = table(rows, found)
    print(made, end="")
    if not given.only:
        machine = (
            f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
        )
        head = (
            f"# Faults\n\nMade by `make faults` on {dt.datetime.now(dt.UTC).date()}: {machine}. In every row of a run "
        )
        head += "the published folder is byte for byte as it was until the one switch.\n\n"
        given.out.write_text(head + made, encoding="utf-8")
    good = {"passed", "skipped"}
    return 0 if all((row[2], row[3]) in found and found[row[2], row[3]].keys() <= good for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
