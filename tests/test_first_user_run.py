"""The first user to please: Russian orders and a Google Forms export become cards, the CRM file and a page to forward.

What it takes the person: two commands and one look at study.yml, no edit.
"""

import json
import re
from pathlib import Path
from types import SimpleNamespace

import first_user
import pandas as pd
import pytest
import yaml


@pytest.fixture(scope="module")
def exports(tmp_path_factory) -> SimpleNamespace:
    return first_user.write_first_user(tmp_path_factory.mktemp("exports"))


@pytest.fixture(scope="module")
def from_xlsx(exports, cli, tmp_path_factory) -> Path:
    """Both commands on the workbook; returns the folder with study, publication and work."""
    folder = tmp_path_factory.mktemp("friday")
    for command in (
        ["init", exports.orders_xlsx, exports.survey_csv, "--out", folder / "study"],
        ["run", folder / "study", "--out", folder / "out", "--work", folder / "work" / "1"],
    ):
        done = cli(*command)
        assert done.returncode == 0, done.stderr
    return folder


def test_init_reads_the_form_as_a_person_would(from_xlsx: Path) -> None:
    survey = yaml.safe_load((from_xlsx / "study" / "study.yml").read_text(encoding="utf-8"))["tables"]["survey"]
    assert len(survey["likert"]["items"]) == 6
    assert survey["likert"]["labels"]["Полностью согласен"] == 5
    assert [question["about"] for question in survey["open_ended"].values()] == ["drivers", "barriers"]
    assert [question["sep"] for question in survey["multiple_choice"].values()] == [";"]
    assert survey["nps"].startswith("Насколько вероятно")


def test_the_planted_kinds_come_out_as_cards(from_xlsx: Path, exports) -> None:
    published = json.loads((from_xlsx / "out" / "personas.json").read_text(encoding="utf-8"))
    assert published["structure"]["supported"]
    assert 2 <= sum(card["kind"] == "persona" for card in published["personas"]) <= 4
    assert all((from_xlsx / "out" / "cards" / f"{card['id']}.html").is_file() for card in published["personas"])


def test_the_file_for_the_crm_has_the_persons_own_keys(from_xlsx: Path) -> None:
    rows = pd.read_csv(from_xlsx / "work" / "1" / "assignments.csv")
    assert rows["customer_id"].str.casefold().str.endswith("@example.org").all()
    assert (rows["persona"] != "unassigned").mean() > 0.5


def test_the_page_quotes_the_questions_and_holds_no_address(from_xlsx: Path) -> None:
    page = (from_xlsx / "out" / "index.html").read_text(encoding="utf-8")
    assert "Перед оплатой я ищу промокод" in page
    assert "@example.org" not in page


def test_the_same_orders_as_a_cp1251_file_are_read_the_same(exports, from_xlsx: Path, cli, tmp_path: Path) -> None:
    assert cli("init", exports.orders_csv, exports.survey_csv, "--out", tmp_path / "study").returncode == 0
    checked = cli("check", tmp_path / "study")
    assert checked.returncode == 0, checked.stderr
    declared = yaml.safe_load((tmp_path / "study" / "study.yml").read_text(encoding="utf-8"))["tables"]["sales"]
    assert declared["read"]["encoding"] == "cp1251"
    quality = json.loads((from_xlsx / "out" / "data_quality.json").read_text(encoding="utf-8"))
    sales = next(file for file in quality["files"] if file["table"] == "sales")
    exact = int(re.search(r"([\d,]+) used", checked.stdout)[1].replace(",", ""))
    assert abs(sales["rows_used"] - exact) <= sales["rounded_to"] / 2


def test_a_typing_mistake_is_answered_in_a_sentence(from_xlsx: Path, cli, tmp_path: Path) -> None:
    text = (from_xlsx / "study" / "study.yml").read_text(encoding="utf-8")
    (tmp_path / "study.yml").write_text(text.replace("likert:", "lickert:"), encoding="utf-8")
    for file in (from_xlsx / "study").glob("*.[cx]*"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    done = cli("run", tmp_path, "--out", tmp_path / "out", "--work", tmp_path / "work")
    assert done.returncode == 2
    assert "lickert" in done.stderr
    assert "likert" in done.stderr.replace("lickert", "")
    assert "Traceback" not in done.stderr
