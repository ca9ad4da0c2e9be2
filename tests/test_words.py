"""Golden tests: how numbers look to a reader."""

import datetime as dt
import json
import math
import shutil

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from helpers import words
from helpers.words import NOT_KNOWN, Quantity, Text, Words, packed, say, sentences, unpacked
from helpers.words import few as few_people

WORDS = Words("en", "EUR")


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (7, "7"), (1234.5, "1,234"), (1234567, "1,234,567"), (12.34, "12.3"), (3.14159, "3.14"), (0.5, "0.50"),
     (0.056, "0.056"), (0.0034, "0.0034"), (-2.5, "−2.50"), (-0.00001, "0.0000"), (100.4, "100")],
)  # fmt: skip
def test_numbers_keep_about_three_figures(value, text):
    assert WORDS.number(value) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.123, "12 %"),
        (0, "0 %"),
        (1, "100 %"),
        (0.004, "under 1 %"),
        (0.996, "over 99 %"),
        (0.005, "under 1 %"),
        (-0.1, "−10 %"),
    ],
)
def test_shares_never_round_to_none_or_all(share, text):
    assert WORDS.percent(share) == text


def test_percent_with_digits():
    assert WORDS.percent(0.1234, 1) == "12.3 %"


@pytest.mark.parametrize(
    ("value", "text"), [(1234.56, "1,235 EUR"), (12.5, "12.50 EUR"), (-23.0, "−23 EUR"), (0.5, "0.50 EUR")]
)
def test_money_has_cents_only_where_they_matter(value, text):
    assert WORDS.money(value) == text


def test_money_without_a_currency_is_a_number():
    assert Words().money(12.5) == "12.50"


@pytest.mark.parametrize(("value", "text"), [(0.71, "0.71"), (1.04, "1.04"), (2.13, "2.1"), (12.4, "12")])
def test_ratios_keep_the_digits_that_tell_them_from_one(value, text):
    assert WORDS.ratio(value) == text
    assert WORDS.times(value) == f"{text} times"


@pytest.mark.parametrize(
    ("low", "high", "unit", "text"),
    [
        (0.24, 0.3, "percent", "24 to 30 %"),
        (0.001, 0.03, "percent", "under 1 % to 3 %"),
        (-0.01, 0.026, "points", "−1.0 to 2.6 points"),
        (1200, 1300.4, "money", "1,200 to 1,300 EUR"),
        (0.97, 3.2, "ratio", "0.97 to 3.20"),
        (2.4, 3.25, "times", "2.4 to 3.2 times"),
        (1.5, 2.25, "number", "1.50 to 2.25"),
        (None, 0.2, "percent", f"{NOT_KNOWN} to 20 %"),
    ],
)
def test_intervals_say_their_unit_once(low, high, unit, text):
    assert WORDS.interval(low, high, unit) == text


@pytest.mark.parametrize(
    ("p", "text"), [(0.032, "p = .032"), (0.0004, "p < .001"), (1.0, "p = 1.000"), (None, NOT_KNOWN)]
)
def test_p_values(p, text):
    assert WORDS.p_value(p) == text


def test_dates_do_not_depend_on_the_machine():
    assert WORDS.date(dt.date(2025, 3, 5)) == "5 March 2025"
    assert WORDS.date(None) == NOT_KNOWN


def test_listings():
    assert [WORDS.listing(items) for items in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == [
        NOT_KNOWN, "a", "a and b", "a, b and c",
    ]  # fmt: skip


@pytest.mark.parametrize("method", ["number", "percent", "points", "money", "ratio", "times", "p_value"])
@pytest.mark.parametrize("missing", [None, math.nan, math.inf])
def test_what_is_missing_is_a_dash(method, missing):
    assert getattr(WORDS, method)(missing) == NOT_KNOWN


def test_a_right_to_left_word_is_isolated_and_its_own_controls_are_taken_out():
    assert WORDS.theirs("کیفیت") == "\u2068کیفیت\u2069"
    assert WORDS.theirs("plain\u202e \n text") == "plain text"
    assert WORDS.theirs("سازگار\u200cتر") == "\u2068سازگار\u200cتر\u2069", "the non-joiner is spelling, not a control"


def test_a_message_is_filled_and_a_missing_one_is_an_error():
    assert WORDS.say("report.name.persona", number=2) == "Persona 2"
    assert WORDS.has("report.name.persona")
    assert not WORDS.has("report.name.hero")
    with pytest.raises(KeyError):
        WORDS.say("report.name.hero")
    with pytest.raises(KeyError):
        WORDS.say("report.name.persona")


@pytest.fixture
def messages(tmp_path, monkeypatch):
    """Writes catalogues: ``messages(en="...", ru="...")`` with the messages of the file ``room``."""

    def write(**templates: str) -> None:
        for language, text in templates.items():
            shutil.copytree(words.LOCALE / "en", tmp_path / language)
            (tmp_path / language / "room.yml").write_text(text, encoding="utf-8")
        monkeypatch.setattr(words, "LOCALE", tmp_path)
        words.catalogue.cache_clear()

    yield write
    words.catalogue.cache_clear()


@pytest.mark.parametrize(
    ("template", "values", "text"),
    [
        ("{x:percent}", {"x": 0.123}, "12 %"),
        ("{x:percent.1}", {"x": 0.1234}, "12.3 %"),
        ("{low..high:percent}", {"low": 0.24, "high": 0.3}, "24 to 30 %"),
        ("{x:points}", {"x": (-0.01, 0.026)}, "−1.0 to 2.6 points"),
        ("{x:number.2}", {"x": 3.0}, "3.00"),
        ("{x:count}", {"x": 1234}, "1,234"),
        ("{x:money}", {"x": 12.5}, "12.50 EUR"),
        ("{x:p}", {"x": 0.032}, "p = .032"),
        ("{x:times}", {"x": 2.13}, "2.1 times"),
        ("{x}", {"x": 1234.5}, "1,234"),
        ("{x}", {"x": dt.date(2025, 3, 5)}, "5 March 2025"),
        ("{x}", {"x": Quantity((0.24, 0.3), "percent")}, "24 to 30 %"),
        ("{x:list}", {"x": ["a", "b", "c"]}, "a, b and c"),
        ("{x:list}", {"x": [say("format.just", n=1), "b"]}, "1 and b"),
        ("{x:list.comma}", {"x": ["a", "b", "c"]}, "a, b, c"),
        ("{x:list.semicolon}", {"x": ["a", "b", "c"]}, "a; b; c"),
        ("{x:list.line}", {"x": ["a", say("format.just", n=2)]}, "a\n2"),
        ("{x:list.or}", {"x": ["a"]}, "a"),
        ("{x}", {"x": say("format.just", n=2)}, "2"),
        ("{x}", {"x": None}, NOT_KNOWN),
        ("{n:count} {n:plural(card|cards)}", {"n": 1}, "1 card"),
        ("{n:count} {n:plural(card|cards)}", {"n": 0}, "0 cards"),
    ],
)
def test_a_placeholder_says_how_its_value_is_shown(messages, template, values, text):
    messages(en=f'said: "{template}"')
    assert WORDS.say("room.said", **values) == text


def test_a_users_text_is_isolated_without_being_asked(messages):
    messages(en='said: "the {name} ones"')
    assert WORDS.say("room.said", name="مريم\n\u202e") == "the \u2068مريم\u2069 ones"


def test_an_error_in_a_terminal_has_no_signs_that_isolate(messages):
    messages(en='said: "the {name} ones"')
    assert WORDS.plain(say("room.said", name="مريم")) == "the مريم ones"
    assert WORDS.plain("\u2068theirs\u2069") == "\u2068theirs\u2069", "text stays as it is"


@pytest.mark.parametrize(
    ("n", "text"), [(1, "1 карта"), (3, "3 карты"), (5, "5 карт"), (21, "21 карта"), (11, "11 карт")]
)
def test_a_language_brings_its_own_plurals(messages, n, text):
    messages(en='cards: "{n:count} {n:plural(card|cards)}"', ru='cards: "{n:count} {n:plural(карта|карты|карт)}"')
    assert Words("ru").say("room.cards", n=n) == text
    assert Words("en").say("room.cards", n=21) == "21 cards"


def test_a_language_brings_its_own_numbers_and_dates(messages):
    messages(ru='said: "{n:number.1}, {day:date}"')
    assert Words("ru").say("room.said", n=1234.5, day=dt.date(2025, 3, 5)) == "1\xa0234,5, 5 марта 2025"


def test_a_message_has_no_text_of_its_own():
    with pytest.raises(TypeError, match=r"report\.drift\.mark"):
        f"{say('report.drift.mark', previous='x', share='y')}"


@pytest.mark.parametrize("found", [None, "x", say("format.just", n=1)])
def test_sentences_leave_out_what_is_empty(found):
    told = WORDS.tell(sentences("", found or "", say("format.just", n=3)))
    assert told == " ".join([WORDS.tell(found)] * bool(found) + ["3"])


NESTED = say("format.and", first=say("format.just", n=np.int64(3)), last=Quantity((0.1, math.inf), "percent"),
             day=dt.date(2025, 1, 2), parts=["a", say("format.just", n=np.float64(2.5))])  # fmt: skip


def test_messages_come_back_from_json_as_they_were():
    kept = json.loads(json.dumps(packed({"a": NESTED, "b": ["plain", NESTED], NESTED: 3})))
    assert unpacked(kept) == {"a": NESTED, "b": ["plain", NESTED], NESTED: 3}
    assert TypeAdapter(dict[str, Text]).validate_python({"a": NESTED, "b": "plain"}) == {"a": NESTED, "b": "plain"}


def test_tables_of_messages_come_back_from_a_file_as_they_were(tmp_path):
    frame = pd.DataFrame({"text": [NESTED, "plain", None], "n": [1.0, 2.0, 3.0]})
    packed(frame).to_parquet(tmp_path / "frame.parquet")
    back = unpacked(pd.read_parquet(tmp_path / "frame.parquet"))
    assert back["text"].iloc[0] == NESTED
    assert back["text"].iloc[1] == "plain"
    assert pd.isna(back["text"].iloc[2])
    assert back["n"].tolist() == [1.0, 2.0, 3.0]


def test_a_whole_result_is_told_and_what_holds_no_message_stays_itself():
    few, plain = few_people(3, 10), pd.DataFrame({"n": [1]})
    told = WORDS.told({few: [few, ("x", few)], "frame": pd.DataFrame({"n": [few]}), "plain": plain})
    assert told["fewer than 10"] == ["fewer than 10", ("x", "fewer than 10")]
    assert told["frame"]["n"].tolist() == ["fewer than 10"]
    assert told["plain"] is not None
    assert told["plain"]["n"].tolist() == [1]


def test_braces_in_a_users_text_are_text():
    assert WORDS.say("report.quality.issue_plain", text="{x} {0}", rows=1) == "{x} {0} (rows: 1)"


@given(st.floats(-1e12, 1e12))
def test_a_number_reads_back_to_what_was_meant(value):
    text = WORDS.number(value).replace("−", "-").replace(",", "")
    decimals = len(text.partition(".")[2])
    assert abs(float(text) - value) <= 0.5000001 * 10**-decimals
    assert decimals <= 4
    assert abs(value) < 0.00005 or float(text) != 0, "only what is next to nothing is shown as 0"
