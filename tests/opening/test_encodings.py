"""Encodings: few words of a language among many Latin cells must do."""

import pytest

from helpers.opening.text_files import likely_encoding

LATIN = "order;date;client;sum\n" + "".join(
    f"{n};2025-01-06;c{n}@example.org;{n},50;TEA-{n % 9}\n" for n in range(2000)
)
WORDS = [
    ("cp1251", "Номер заказа; Клиент; Сумма"),
    ("koi8-r", "Номер заказа; Клиент; Сумма"),
    ("cp866", "Номер заказа; Клиент; Сумма"),
    ("kz1048", "Тапсырыс нөмірі; Сатып алушы; Күні; Қала"),
    ("cp1252", "Stückzahl; Käufer; Größe; Rückgabe"),
    ("cp1252", "Quantité; Prénom; Société; Expédié"),
    ("cp1250", "Wartość; Ilość; Łódź; Książka"),
    ("cp1250", "Číslo objednávky; Zákazník; Množství; Částka"),
    ("cp1254", "Sipariş; Müşteri; Ürün Adı; Şehir; Ödeme"),
    ("cp1256", "سفارش; تاريخ; مبلغ; تهران; ارسال"),
    ("mac-roman", "Número; Dirección; Teléfono; Señor; Artículo; envío"),
]


@pytest.mark.parametrize(("encoding", "words"), WORDS)
def test_a_few_words_among_two_thousand_latin_lines_tell_the_encoding(tmp_path, encoding, words):
    file = tmp_path / "o.csv"
    file.write_bytes((LATIN + words).encode(encoding))
    assert file.read_bytes().decode(likely_encoding(file)).endswith(words)


@pytest.mark.parametrize(
    ("encoding", "cell"), [("cp1252", "320,00 €"), ("cp1252", "1\u00a0320,00"), ("cp1251", "№ 12")]
)
def test_signs_beside_numbers(tmp_path, encoding, cell):
    file = tmp_path / "o.csv"
    file.write_bytes("\n".join(["Bestellung;Betrag", *[f"1;{cell}"] * 9]).encode(encoding))
    assert cell in file.read_bytes().decode(likely_encoding(file))


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("words", ["order;sum", "Заказ;Сумма", "შეკვეთა;თანხა"])
def test_utf_16_without_a_mark_is_known_by_its_zeros(tmp_path, encoding, words):
    file = tmp_path / "o.csv"
    file.write_bytes((words + "\n1;2\n" * 50).encode(encoding))
    assert likely_encoding(file) == encoding
