"""Cards: from groups, their claims and what wings hand in to what a team can read and act on."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, field, replace
from typing import Any, get_args

from helpers.card_parts import Moment, Overlap
from helpers.cards.naming import essence, named
from helpers.cards.personas import Group, Personas
from helpers.cards.prose import (
    GRADES,
    MINDS,
    advise,
    brief_of,
    direction_of,
    firm_of,
    matter_of,
    of_many,
    own_words,
    summarise,
)
from helpers.columns import feature
from helpers.contracts import (
    FEW_BETWEEN,
    Card,
    Claim,
    Coverage,
    Grade,
    HypothesisResult,
    Line,
    Quote,
    Rule,
    Section,
    Size,
    Stability,
    Structure,
    Worth,
)
from helpers.customers.customers import Customers
from helpers.small_cells import rounded
from helpers.study import Study
from helpers.survey.survey import Survey
from helpers.words import Text, few, say, sentences

QUOTED = 4
"""Quotes on a card, at most."""
FIRST = 3
"""Claims by which a reader must be able to tell any two cards apart."""
SECTIONS: tuple[Section, ...] = get_args(Section)


@dataclass(frozen=True)
class Cards:
    """The cards of the report, and how many customers they cover."""

    cards: tuple[Card, ...]
    coverage: Coverage


@dataclass(frozen=True)
class Trial:
    """An experiment that is ready where a firm claim says that most of a group have more of ``because``: a column, or a
    section; wherever that is empty."""

    because: str
    experiment: dict[str, Any]


@dataclass(frozen=True)
class Counsel:
    """A line of the brief that a wing hands in, and the columns of its claims that the line follows from."""

    line: Line
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Handed:
    """What a wing hands to the cards, from a function of its ``CARD_CLAIMS``.

    claims, quotes : per group id. A quote is shown where a claim of the same wing stands on the card whose column is
    the quote's code, and which more of the group say than others do. worth : per group id. experiment : per group id
    what it could try, none where it is too small for any. advice : per group id, lines of the brief for topics on which
    its claims advise nothing. overlaps, week : per group id. cards : cards of the wing's own, as they are but for what
    all have: name, summary, label, sorted claims.
    """

    claims: dict[str, tuple[Claim, ...]] = field(default_factory=dict)
    quotes: dict[str, tuple[Quote, ...]] = field(default_factory=dict)
    worth: dict[str, Worth] = field(default_factory=dict)
    experiment: dict[str, tuple[Trial, ...]] = field(default_factory=dict)
    advice: dict[str, tuple[Counsel, ...]] = field(default_factory=dict)
    overlaps: dict[str, tuple[Overlap, ...]] = field(default_factory=dict)
    week: dict[str, tuple[Moment, ...]] = field(default_factory=dict)
    cards: tuple[Card, ...] = ()


def build_cards(
    personas: Personas,
    customers: Customers | None,
    survey: Survey | None,
    hypotheses: tuple[HypothesisResult, ...],
    handed: tuple[Handed, ...],
    study: Study,
) -> Cards:
    """One card per group (clustered ones first, each by size), then those that wings hand in, and whom they cover.

    Groups and claims on fewer people than ``study.privacy.min_cell`` are left out; members of such a group count as
    unassigned, so that no subtraction reveals them. Nothing is said on a card but what its claims say; ``customers``,
    ``survey`` and ``hypotheses`` serve to name what is not known.
    """
    least = study.privacy.min_cell
    groups = sorted((g for g in personas.groups if g.n >= least), key=lambda g: (g.structural, -g.n, g.id))
    numbers = _numbers(groups)
    common = _unknown_of_all(customers, hypotheses)
    cards, told = [], {}
    for group in groups:
        theirs = [claim for part in handed for claim in part.claims.get(group.id, ())]
        told_better = {claim.column for claim in theirs}
        own = [claim for claim in group.claims if claim.column not in told_better]
        claims = [claim for claim in (*own, *theirs) if claim.n >= least]
        claims = sorted(claims, key=lambda claim: SECTIONS.index(claim.section))
        told[group.id] = tuple(replace(c, about=own_words(c)) if c.section in MINDS else c for c in claims)
    told = told_apart(told)
    for group in groups:
        claims = told[group.id]
        card = _group_card(group, numbers[group.id], personas.structure, claims, least)
        if survey is not None and survey.of_totals:  # nobody was asked anything
            card = replace(card, answered=None)
        if group.structural and customers is not None:
            card = replace(card, label=sentences(card.label, _since(group, personas, customers, least)))
        open_ones = say("personas.few", names=group.open) if group.open else ""
        trials = next((part.experiment[group.id] for part in handed if group.id in part.experiment), None)
        ready = _suggested(claims, trials or ())
        untried = say(f"report.unknown.{'no_reason' if trials else 'too_small'}") if trials is not None else ""
        unknowns = (open_ones, _unknown_answers(group, claims, survey, least), *common, "" if ready else untried)
        heard = tuple(quote for part in handed for quote in _quotes(part, group.id, claims))[:QUOTED]
        cards.append(
            replace(
                card,
                unknowns=tuple(filter(None, unknowns)),
                quotes=heard,
                worth=next((part.worth[group.id] for part in handed if group.id in part.worth), None),
                experiment=ready,
                overlaps=tuple(one for part in handed for one in part.overlaps.get(group.id, ())),
                week=next((part.week[group.id] for part in handed if group.id in part.week), ()),
                brief=brief_of(
                    card,
                    () if group.structural else hypotheses,
                    [_because(one, claims) for part in handed for one in part.advice.get(group.id, ())],
                ),
            )
        )
    whole = (card for part in handed for card in part.cards if card.size.n >= least)
    cards += [_handed_card(card, number, least) for number, card in enumerate(whole, 1)]
    cards = _crossed(named(cards))
    everybody, shown = len(personas.assignments), [card.id for card in cards]
    assigned = int(personas.assignments["persona"].isin(shown).sum())
    respondents = 0 if survey is None else len(survey.answers)
    counted = (int(rounded(n, (), least)) for n in (everybody, respondents, assigned))
    everybody, respondents, assigned = counted
    return Cards(cards, Coverage(everybody, respondents, assigned, everybody - assigned))


def _group_card(group: Group, number: int, structure: Structure, claims: tuple[Claim, ...], least: int) -> Card:
    """A group's card but for its unknowns."""
    kind = "persona" if group.kind == "persona" else "segment"
    grade = median_grade([claim.grade for claim in claims])
    chosen = structure.kind in ("constructive", "not supported") and not group.structural
    return Card(
        id=group.id,
        kind=kind,
        name=say(f"report.name.{kind}", number=number),
        handle=group.handle,
        summary=summarise(claims),
        essence="" if group.structural else essence(claims),
        size=Size(group.n, group.share, group.ci_low, group.ci_high, group.revenue_share),
        stability=Stability(group.within, group.across),
        prevalence=tuple(share for share in group.prevalence if share * group.n >= least),
        grade="moderate" if chosen and grade == "strong" else grade,
        claims=claims,
        rule=Rule(group.rule, group.held_out_balanced_accuracy),
        actions=advise(claims),
        label=say("report.label.structural") if group.structural else structure_label(structure),
        answered=group.answered if group.answered >= least else None,
    )


def told_apart(told: dict[str, tuple[Claim, ...]]) -> dict[str, tuple[Claim, ...]]:
    """The claims of each group so ordered that no two groups begin with the same ``FIRST``, column and direction.

    Where two do, what the one has and the other does not begin with comes first, best what was found between the two.
    """

    def first(claims: tuple[Claim, ...]) -> set[tuple[str, str | None]]:
        return {(claim.column, direction_of(claim)) for claim in claims[:FIRST]}

    ordered = dict(told)
    for _ in range(len(told)):
        alike = [
            (a, b)
            for a, b in itertools.combinations(ordered, 2)
            if ordered[a] and first(ordered[a]) == first(ordered[b])
        ]
        for one, other in alike:
            for group, beside in ((one, other), (other, one)):
                claims, taken = ordered[group], first(ordered[beside])
                apart = [claim for claim in claims if (claim.column, direction_of(claim)) not in taken]
                apart.sort(key=lambda claim: (claim.compared_with != beside, claim.grade == "weak"))
                if apart:
                    ordered[group] = (apart[0], *(claim for claim in claims if claim is not apart[0]))
                    break
        if not alike:
            break
    return ordered


def _since(group: Group, personas: Personas, customers: Customers, least: int) -> Text:
    """As of when the rule of a group holds, and how many of its people have ordered since."""
    back = customers.held_out.loc[~customers.held_out["churned"], "customer_id"]
    rows = personas.assignments
    members = rows.loc[rows["persona"] == group.id, "customer_id"]
    n = int(members.isin([*back, *customers.newcomers]).sum())
    said = say("report.label.all_but", least=least) if 0 < len(members) - n < least else few(n, least)
    ends = {"day": customers.period.holdout_from, "as_of": customers.period.as_of}
    return say("report.label.since", n=len(members), since=said, **ends)


def _crossed(cards: tuple[Card, ...]) -> tuple[Card, ...]:
    """The cards whose overlaps are called by the names of the others; those with a group that has no card are gone."""
    names = {card.id: card.name for card in cards}
    return tuple(
        replace(card, overlaps=tuple(replace(o, name=names[o.other]) for o in card.overlaps if o.other in names))
        for card in cards
    )


def _suggested(claims: tuple[Claim, ...], trials: tuple[Trial, ...]) -> dict[str, Any] | None:
    """The first experiment for which a firm claim says that most have more of it here; None where none does.

    What people say themselves is quoted in what to do.
    """
    firm = [claim for index in firm_of(claims) if direction_of(claim := claims[index]) == "more" and of_many(claim)]
    for trial in trials:
        because = next((claim for claim in firm if trial.because in (claim.column, claim.section)), None)
        if because is not None and trial.because in MINDS:
            return {**trial.experiment, "do": say("report.experiment.opens", reason=matter_of(because)[1])}
        if because is not None or not trial.because:
            return dict(trial.experiment)
    return None


def _because(counsel: Counsel, claims: tuple[Claim, ...]) -> Line:
    """A line that a wing hands in, with the claims of the card that it follows from."""
    because = tuple(index for index, claim in enumerate(claims) if claim.column in counsel.columns)
    return replace(counsel.line, because=because)


def _handed_card(card: Card, number: int, least: int) -> Card:
    """A card as its wing made it, with what the others have too: small cells out, summary, advice, label."""
    numbered = [(index, claim) for index, claim in enumerate(card.claims) if claim.n >= least]
    numbered.sort(key=lambda pair: SECTIONS.index(pair[1].section))
    claims, place = tuple(claim for _, claim in numbered), {old: new for new, (old, _) in enumerate(numbered)}
    because = [(action, tuple(place[i] for i in action.because if i in place)) for action in card.actions]
    return replace(
        card,
        name=card.name or say("report.name.negative", number=number),
        summary=card.summary or summarise(claims),
        claims=claims,
        actions=tuple(replace(action, because=left) for action, left in because if left),
        label=card.label or say("report.label.negative"),
    )


def median_grade(grades: list[Grade]) -> Grade:
    """The median of the claims' grades, the lower of two in the middle; weak where there is no claim."""
    return sorted(grades, key=GRADES.index)[(len(grades) - 1) // 2] if grades else "weak"


def structure_label(structure: Structure) -> Text:
    """What kind of group the data support, in plain words."""
    kind = structure.kind.replace(" ", "_")
    if kind == "natural" and (structure.valley_depth or 0) < FEW_BETWEEN:
        kind = "natural_near"
    if kind in ("natural", "natural_near", "not_supported"):
        return say(f"report.label.{kind}")
    if structure.would_move is None:
        return say(f"report.label.{kind}_unmeasured")
    return say(f"report.label.{kind}", moved=structure.would_move)


def _numbers(groups: list[Group]) -> dict[str, int]:
    """The number in a card's name: the one in its id, which stays from run to run, else the next that is free."""
    numbers = {g.id: int(found[1]) for g in groups if (found := re.search(r"(\d+)$", g.id))}
    free = itertools.count(max(numbers.values(), default=0) + 1)
    return {g.id: numbers[g.id] if g.id in numbers else next(free) for g in groups}


def _quotes(handed: Handed, group: str, claims: tuple[Claim, ...]) -> list[Quote]:
    """Real words for what a wing's claims say of the group, but for what fewer of it say than others do."""
    own = {claim.column for claim in handed.claims.get(group, ())}
    found = {quote.code: quote for quote in handed.quotes.get(group, ())}
    told = [claim.column for claim in claims if claim.column in own and claim.estimate >= 1]
    return [found[code] for code in told if code in found]


# --- what is not known ---------------------------------------------------------------------------------------------


def _unknown_of_all(customers: Customers | None, hypotheses: tuple[HypothesisResult, ...]) -> list[Text]:
    """What the data do not tell about any group."""
    gaps = [say("report.unknown.no_sales")]
    if customers is not None:
        columns = customers.features.columns
        held = {
            "profile": len(customers.profile.columns) > 1,
            "hours": "morning_share" in columns,
            "channels": any(row.wording == "channel" for name in columns if (row := feature(name))),
            "profit": "margin" in columns,
        }
        gaps = [say(f"report.unknown.{gap}") for gap, known in held.items() if not known]
    for result in hypotheses:
        if result.id == "framing_by_persona" and result.verdict in ("not testable", "inconclusive"):
            why = say(f"report.unknown.framing_why.{result.verdict}")
            gaps.append(say("report.unknown.framing", why=why))
    return gaps


def _unknown_answers(group: Group, claims: tuple[Claim, ...], survey: Survey | None, least: int) -> Text:
    """How much of the group's mind the survey leaves in the dark; empty where it leaves little."""
    if survey is None and group.answered == 0:
        return say("report.unknown.no_survey")
    if group.answered == 0:
        return say("report.unknown.no_answers")
    if group.answered < least:
        return say("report.unknown.few_answers", least=least)
    if survey is not None and not any(claim.section in ("drivers", "barriers", "mindset") for claim in claims):
        return say("report.unknown.nothing_said")
    silent = 1 - group.answered / group.n
    return say("report.unknown.most_silent", silent=silent) if silent > 0.5 else ""
