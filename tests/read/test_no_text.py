"""Files that are not what their names say: refused in a sentence with a way on."""

import pytest

from helpers.contracts import DataError
from helpers.opening.text_files import likely_encoding
from helpers.read.load import how_to_read


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.csv", b"PK\x03\x04" + b"x" * 99, "call it .xlsx"),
        ("a.csv", b"%PDF-1.7 ...", "a PDF"),
        ("a.csv", bytes(range(256)) * 20, "no text"),
        ("a.csv", b"\n<!DOCTYPE html><html><body>Log in</body></html>", "a web page"),
        ("a.csv", b"a,b;" * 100_000, "more than 131,072 letters"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le") + bytes(600), "take the password off"),
    ],
)
def test_what_is_no_table_is_refused_with_a_way_on(tmp_path, name, content, says):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=says):
        how_to_read(tmp_path / name)


def test_shift_jis_is_known_by_its_kana(tmp_path):
    (tmp_path / "a.csv").write_bytes("注文ステータス,キャンセル\n".encode("cp932") * 50)
    assert likely_encoding(tmp_path / "a.csv") == "cp932"
    (tmp_path / "b.csv").write_bytes("Имя;Заказ;Дата\n".encode("cp1251") * 50)
    assert likely_encoding(tmp_path / "b.csv") == "cp1251"
