"""Personal data in text that a pattern can tell: addresses, accounts, cards, plates, phones, spelled-out e-mails."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from helpers.listed import listed

_EMAIL = re.compile(r"(?<![\w.+%'-])[\w.+%'-]+(?:@| ?[(\[](?:at|собака)[)\]] ?)[\w-]+(?:\.[\w-]+)+", re.IGNORECASE)
_LINK = re.compile(
    r"(?:(?:https?://|ftp://|www\.)[^\s<>\"]+|(?<![\w@])(?:[\w-]+\.)+[a-z]{2,}/[^\s<>\"]*)(?<![.,;:!?)])", re.IGNORECASE
)
_ACCOUNT = re.compile(r"(?<!\w)@\w{3,}")
_IBAN = re.compile(r"(?<!\w)[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]){11,30}(?!\w)", re.IGNORECASE)
_DAY, _MONTH = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:0?[1-9]|1[0-2])"
_DIGITS = re.compile(
    rf"(?<!\d)(?:(?P<date>\d{{4}}-{_MONTH}-{_DAY}|{_DAY}[./]{_MONTH}[./](?:\d{{4}}|\d\d)|{_MONTH}/{_DAY}/\d{{4}})(?![-./]?\d)"
    r"|(?:\+|00)?\(?\d(?:[ \t\u00a0().\u2010-\u2013/-]{0,3}\d){5,})(?!\d)"
)
_THOUSANDS = re.compile(r"\d{1,3}(?:[ \u00a0.]\d{3}){1,2}")
_RUSSIAN = "[АВЕКМНОРСТУХABEKMHOPCTYX]"
_PLATE = re.compile(
    rf"(?<!\w){_RUSSIAN} ?\d{{3}} ?{_RUSSIAN}{{2}} ?\d{{2,3}}(?!\w)"
    r"|(?<!\w)\d\d ?[آ-ی] ?\d{3} ?-? ?(?:ایران ?)?\d\d(?!\w)",
    re.IGNORECASE,
)
_PLATE_OF_A_CAR = re.compile(
    r"(?<![\w-])(?:\d{3} ?[A-Z]{3} ?\d\d|[A-Z]{2}[ -]?\d{3}[ -]?[A-Z]{2}|\d\d ?[A-Z] ?\d{3} ?[A-Z]{2}"
    r"|\d\d ?\d{3} ?[A-Z]{3}|[A-Z]{2}\d\d ?[A-Z]{3}|[A-ZÄÖÜ]{1,3}-[A-Z]{1,2} ?\d{1,4}|\d?[A-Z]{3}[ -]?\d{3,4}"
    r"|[A-Z]\d{3}[A-Z]{2,3})(?![\w-])"
)
"""Kinds of plates that order numbers look like too: taken for plates where the text speaks of a car."""


@cache
def _lists() -> dict[str, dict[str, list[str]]]:
    """``locale/private.yml``."""
    return listed("private.yml")


def _any_of(key: str, *, but: str = "") -> str:
    """A pattern of any of the words of a list; an apostrophe stands for all its kinds."""
    words = {str(word) for listed in _lists()[key].values() for word in listed} - {but}
    parts = (re.escape(word.rstrip("*")) + (r"\w*" if word.endswith("*") else "") for word in words)
    return f"(?:{'|'.join(sorted(parts, key=len, reverse=True))})".replace("'", "['ʻ‘’`]")


@cache
def _addresses() -> re.Pattern[str]:
    """A street with the number of a house, in the orders that languages have."""
    number = r"\d{1,4}(?:-?[^\W\d_](?!\w))?(?:[/-]\d{1,4})?(?:[ -]?(?:үй|uy|й|го)(?!\w))?"
    name = rf"(?!{_any_of('address')}(?!\w))(?:\d{{1,3}}[- ])?[^\W\d_][\w'ʻ‘’.\u200c-]*"
    flat = rf"(?:[,،;]? *(?:{_any_of('flat')}[. ]*{number}|{number}[- ]{_any_of('flat')})(?!\w))*"
    amount = (
        r" ?(?:[€$₽₸]|(?:(?:руб|минут|дн|чел|год|балл|процент)[а-я]*|час(?:а|ов)|день|раза?|шт|сум|тг|мин|км|м|лет)\b)"
    )
    house = rf"[,،;. ]*(?:{_any_of('house')}(?![^\W\d_])[. ]*)?{number}(?![\w%]|{amount})"
    capital = r"(?:(?-i:[A-ZА-ЯЁӘІҢҒҮҰҚӨҺ])[\w'ʻ‘’.]* +)?"
    large = r"(?:\d{1,3}[- ])?(?-i:[A-ZА-ЯЁӘІҢҒҮҰҚӨҺ])[\w'ʻ‘’.-]*"
    plain = rf"(?!{_any_of('no_street')}(?!\w)){name}"
    kinds = [
        rf"(?<!\w){_any_of('street_before')}(?!\w)\.? *(?:{plain} *)?{large}(?: +{name}){{0,3}}?{house}{flat}",
        rf"(?<!\w){_any_of('street_before')}(?!\w)\.? *{plain}{house}{flat}",
        rf"(?<!\w){large} +{_any_of('street_before')}(?!\w){house}{flat}",
        rf"(?<!\w){_any_of('persian')} +{name}(?:[،,]? +{name}){{0,5}}?[،, ]+{_any_of('house')} *{number}{flat}",
        rf"(?<!\w)(?!{_any_of('address')}(?!\w)){capital}{name} +{_any_of('street_after')}(?!\w)\.?{house}{flat}",
        rf"(?<!\w)\d{{1,5}}[a-z]? +(?:(?!{_any_of('no_street')}\b){name} +){{1,2}}{_any_of('street_last')}\b\.?{flat}",
        rf"(?<!\w)\d{{1,4}},? +(?:rue|avenue|boulevard|chemin|impasse) +(?:(?:des?|du|la|les?) +){{0,2}}{name}",
        rf"(?<!\w)[A-ZÄÖÜ][\wäöüß-]*(?:straße|strasse|str\.|weg|allee|gasse|platz) +{number}(?!\w){flat}",
        r"(?<!\w)(?:д|дом)[. ]+\d{1,4}\w?[, ]+кв(?:артира)?[. ]*\d{1,4}(?!\w)",
        rf"(?<!\w){number}[- ](?:үй|uy),? *{number}[- ](?:пәтер|xonadon)\w*",
    ]
    return re.compile("|".join(f"(?:{kind})" for kind in kinds), re.IGNORECASE)


@cache
def _spelled_out() -> re.Pattern[str]:
    """An e-mail address in words: ``ann at example dot org``, ``анна собака мейл точка ру``."""
    at, dot = _any_of("at"), _any_of("dot")
    local = rf"[\w.+-]+(?: +(?:{dot}|underscore|dash|подч[её]ркивание|дефис|тире) +[\w.+-]+){{0,4}}"
    host = r"(?!(?:the|a|an|my|your|this|that|home)\b)[\w-]+"
    ends = rf"{host}(?:(?: +{dot} +|\.)[\w-]+){{0,4}} +{dot} +[a-zа-яა-ჰ\u0600-\u06ff]{{2,}}"
    known = (
        r"(?:gmail|yahoo|hotmail|outlook|icloud|proton(?:mail)?|mail|yandex|bk|inbox|rambler|umail|ya)\.[a-zа-я]{2,3}"
    )
    known = rf"{at} +{known}|{_any_of('at', but='at')} +[\w-]+\.[a-zа-я]{{2,}}"
    return re.compile(rf"(?<!\w){local}(?: +{at} +{ends}| +(?:{known})| ?@ ?{ends})(?!\w)", re.IGNORECASE)


@cache
def _dots() -> re.Pattern[str]:
    """What an address in words cannot do without: the word for a dot, or a dot inside a word."""
    return re.compile(rf"(?<!\w){_any_of('dot')}(?!\w)|\w\.\w", re.IGNORECASE)


@cache
def _before_numbers() -> re.Pattern[str]:
    """What ends in a word that tells that the next number is no phone."""
    sign = r"(?:(?:№|no\.?|nr\.?|number|номер|#|is)\W{0,2})?"
    return re.compile(rf"(?<!\w){_any_of('numbered')}(?: +[^\W\d]+)?\W{{0,3}}{sign}$", re.IGNORECASE)


@cache
def _vehicles() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){_any_of('vehicle')}(?!\w)", re.IGNORECASE)


def scrub_private(text: str) -> str:
    """Replace what a pattern can tell by ``[e-mail]``, ``[address]`` and so on.

    >>> scrub_private("ann at example dot org, DE89 3704 0044 0532 0130 00")
    '[e-mail], [iban]'
    """
    text = _EMAIL.sub("[e-mail]", text)
    if "@" in text or _dots().search(text):
        text = _spelled_out().sub("[e-mail]", text)
    text = _LINK.sub("[link]", text)
    text = _ACCOUNT.sub("[account]", text)
    if not any(map(str.isdecimal, text)):
        return text
    text = _IBAN.sub(_name_iban, text)
    text = _addresses().sub("[address]", text)
    text = _PLATE.sub("[plate]", text)
    if _vehicles().search(text):
        text = _PLATE_OF_A_CAR.sub("[plate]", text)
    return _DIGITS.sub(_name_number, text)


def _name_iban(match: re.Match[str]) -> str:
    """An account by its check digits (ISO 13616: with its head at its end, it leaves 1 divided by 97)."""
    plain = re.sub(r"[ -]", "", match.group()).upper()
    for end in range(len(plain), 14, -1):  # a word may follow
        moved = plain[4:end] + plain[:4]
        if moved.isascii() and int("".join(str(int(sign, 36)) for sign in moved)) % 97 == 1:
            signs = [place for place, sign in enumerate(match.group()) if sign not in " -"]
            return "[iban]" + match.group()[signs[end - 1] + 1 :]
    return match.group()


def _name_number(match: re.Match[str]) -> str:
    written = match.group()
    digits = [int(sign) for sign in written if sign.isdecimal()]
    international = written.startswith(("+", "00"))
    if match["date"] or (not international and (len(digits) < 7 or _THOUSANDS.fullmatch(written))):
        return written
    if 13 <= len(digits) <= 19 and luhn(digits):
        return "[card]"
    before = match.string[max(0, match.start() - 30) : match.start()]
    if not international and written.isdecimal() and _before_numbers().search(before):
        return written
    return "[phone]" if len(digits) <= 15 else "[number]"


def luhn(digits: Sequence[int]) -> bool:
    """The check digit of card numbers (ISO/IEC 7812-1, annex B)."""
    doubled = (digit if i % 2 == 0 else digit * 2 - 9 * (digit > 4) for i, digit in enumerate(reversed(digits)))
    return sum(doubled) % 10 == 0
