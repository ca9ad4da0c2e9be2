"""A still life for each card: objects, place and moment, each drawn only because a claim of the card says so.

No person is drawn: a picture of one would imply looks that no figure tells of.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml
from markupsafe import Markup, escape

from helpers.cards.naming import far
from helpers.cards.prose import direction_of, firm_of, matter_of, of_many
from helpers.contracts import Card, Claim
from helpers.words import Words, say

CHANNELS = (
    ("phone", r"app|mobile|phone app|smartphone|telegram|whatsapp|messenger|приложен|აპ|қосымша|ilova"),
    ("call", r"call|telephone|phone|tel\b|звон|телефон|qo.ng.iroq|تلفن"),
    ("letter", r"mail|newsletter|letter|почт|рассыл|хат|pochta|ایمیل"),
    ("shop", r"shop|store|branch|boutique|outlet|pos\b|retail|магазин|მაღაზ|дүкен|do.kon|فروشگاه"),
    ("screen", r"web|site|online|desktop|search|сайт|интернет|საიტ|sayt|وب"),
)
"""What stands for a channel, by words in its name; a parcel where none fits."""


@dataclass(frozen=True)
class Object:
    """One thing of the picture and the claim that it stands for."""

    name: str
    claim: Claim


def still_life(card: Card, words: Words, *, small: bool = False) -> Markup:
    """The picture of a card as inline SVG; its text alternative tells what stands for what.

    Beside the card's name on a tile it is ``small`` and says nothing that the tile does not. Empty where
    no claim can be drawn.
    """
    found = _objects(card)
    if not found:
        return Markup("")
    told = words.say("report.picture.alt", parts=[_short(thing, words) for thing in found])
    kind = "still night" if any(thing.name == "moon" for thing in found) else "still"
    told_by = 'aria-hidden="true"' if small else f'role="img" aria-label="{escape(told)}"'
    scene = '<rect class="sky" width="96" height="96" rx="14"/>' + "".join(_draw(found, words))
    return Markup(f'<svg class="{kind}" viewBox="0 0 96 96" {told_by}>{scene}</svg>')


def _objects(card: Card) -> list[Object]:
    """What may be drawn: one object each for the day, the time of day, the channel (else the goods), the way of buying
    and its size."""
    places: dict[str, Object] = {}
    for claim in filter(far, (card.claims[i] for i in firm_of(card.claims) if of_many(card.claims[i]))):
        if (drawn := _drawn(claim)) is not None:
            places.setdefault(drawn[0], Object(drawn[1], claim))
    if "channel" in places and places.get("way", places["channel"]).name == "tag":  # it lies where the channel stands
        del places["way"]
    goods = places.pop("goods", None)
    if goods is not None and "channel" not in places:  # a bag stands where the channel would
        places["channel"] = goods
    return list(places.values())


def _drawn(claim: Claim) -> tuple[str, str] | None:
    """The place in the picture and the object for a claim; None where nothing stands for it."""
    matter, more = matter_of(claim)[0], direction_of(claim) == "more"
    if more and claim.column.startswith(("evening", "night")):
        return "moment", "moon"
    if more and claim.column.startswith(("morning", "afternoon")):
        return "moment", "sun"
    if more and (matter == "weekday" or claim.column == "weekend_share"):
        return "day", "calendar"
    if more and matter == "channel":
        name = claim.column.removeprefix("channel_").removesuffix("_share").casefold()
        return "channel", next((thing for thing, known in CHANNELS if re.search(known, name)), "parcel")
    if more and matter == "category":
        return "goods", "bag"
    if matter in ("coupon_share", "discount_share"):
        return "way", "ticket" if more else "tag"
    if matter in ("basket_size", "average_order_value", "order_value_median"):
        return ("size", "boxes") if more else ("size", "bottle")
    return None


def _short(thing: Object, words: Words) -> str:
    return words.say(f"report.picture.{thing.name}", says=thing.claim.statement.rstrip("."))


@cache
def _shapes() -> dict[str, str]:
    """The objects, from the back to the front."""
    file = Path(__file__).parent / "templates" / "still_life.yml"
    return yaml.safe_load(file.read_text(encoding="utf-8"))


def _draw(found: list[Object], words: Words) -> list[str]:
    """The objects that are there, each before those that it hides; a calendar shows its day."""
    there = {thing.name: thing.claim for thing in found}
    drawn = [shape for name, shape in _shapes().items() if name in there]
    if "calendar" in there:
        claim = there["calendar"]
        day = say("report.picture.weekend") if claim.column == "weekend_share" else matter_of(claim)[1]
        drawn.append(f'<text class="day" x="22" y="27" text-anchor="middle">{escape(words.tell(day)[:2])}</text>')
    return drawn
