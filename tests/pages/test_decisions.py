"""What the page says first: the largest finding, and three things to do that follow from claims or beliefs."""

from dataclasses import replace

import pytest
import yaml

from helpers.card_parts import Overlap
from helpers.contracts import Effect, Line, Worth
from helpers.listed import LOCALE
from helpers.pages.decisions import _ask_next, counted, decisions, front, headline, what_it_changes
from helpers.pages.queue import RUN_BY, queue, ready_in_order
from helpers.words import Words

WORDS = Words("en", "EUR")
TEST = {"id": "fewer_coupons_p2", "title": "Do they need it?", "do": "Half get none.", "n_per_arm": 205, "weeks": 8,
        "smallest_change": 0.2, "base": 0.62}  # fmt: skip


@pytest.fixture
def report(sample):
    return sample.make_report()


def test_the_headline_is_who_brings_most_for_their_number(report):
    """Persona 1 is 26 % of customers with 47 % of revenue: 1.8 times its share, more than any other."""
    assert WORDS.tell(headline(report.cards, report.hypotheses, report.structure)) == (
        "26 % of customers brought 47 % of the revenue"
    )


def test_profit_goes_before_revenue(report):
    cards = tuple(replace(card, worth=Worth(0.58, 120.0)) if card.id == "p1" else card for card in report.cards)
    assert WORDS.tell(headline(cards, (), report.structure)) == "26 % of customers brought 58 % of the profit"
    all_of_it = tuple(replace(card, worth=Worth(1.2, 120.0)) if card.id == "p1" else card for card in report.cards)
    assert "more than all of the profit" in WORDS.tell(headline(all_of_it, (), report.structure))


def test_where_nothing_was_sold_nobody_is_said_to_bring_anything(report):
    cards = tuple(replace(card, size=replace(card.size, revenue_share=None), worth=None) for card in report.cards)
    told = WORDS.tell(headline(cards, (), report.structure))
    assert told.startswith(f"The largest of {report.structure.k} groups, ")
    assert "bring" not in told


def test_where_nobody_brings_more_than_their_share_no_number_is_made_of_it(report):
    even = tuple(replace(card, size=replace(card.size, revenue_share=card.size.share)) for card in report.cards)
    told = WORDS.tell(headline(even, report.hypotheses, report.structure))
    assert told.startswith("No group brings much more than its share; the largest, ")
    assert not [d for d in decisions(even, ()) if "Win more" in WORDS.tell(d.text)]


def test_without_groups_the_beliefs_are_counted(report):
    assert WORDS.tell(headline((), report.hypotheses, report.structure)) == "2 of 4 beliefs that could be tested hold"


def test_three_decisions_of_three_kinds_each_with_its_card_and_how_sure(report):
    cards = tuple(replace(card, experiment=TEST) if card.id == "p2" else card for card in report.cards)
    win, review, test = WORDS.told(decisions(cards, report.hypotheses))
    assert (win.card, win.sure) == ("p1", "likely")
    assert win.text.startswith("Win more like ")
    assert (review.card, review.because) == ("n1", (0,))
    assert "Refuse nobody." in review.text
    assert (test.card, test.sure) == ("p2", "open")
    assert "205 in each half, 8 weeks" in test.text


def test_whoever_wins_more_asks_first_where_they_are_found(report):
    open_lines = tuple(Line(topic, "Not known yet.", asks=topic.upper()) for topic in ("tone", "channel", "speaker"))
    for brief, asked in ((open_lines, "SPEAKER"), (open_lines[:2], "CHANNEL"), (open_lines[:1], "TONE"), ((), "")):
        cards = tuple(replace(card, brief=brief) for card in report.cards)
        assert WORDS.tell(_ask_next(cards)).partition(": ")[2].strip("“”") == asked


def test_where_there_is_nothing_to_try_the_best_group_is_asked_first(report):
    """The cards before it have open lines, too; of its own the one is asked that tells where they are found."""
    brief = tuple(Line(topic, "Not known yet.", asks=f"{topic}?") for topic in ("tone", "speaker"))
    cards = tuple(replace(card, brief=brief) for card in report.cards if card.kind != "negative")
    asked = decisions(tuple(sorted(cards, key=lambda card: card.id == "p1")), ())[-1]
    assert (asked.card, WORDS.tell(asked.text).endswith("speaker?")) == ("p1", True)


def test_winning_more_says_first_how_they_are_reached(report):
    (win, *_) = WORDS.told(decisions(report.cards, ()))
    assert win.text.endswith(
        "Be there, too, where they come to us more often than others: sales call. "
        "Write to them ahead of Monday, when they buy more often than others."
    )
    card = next(card for card in report.cards if card.id == "p1")
    assert {card.claims[index].section for index in win.because} == {"channels", "moments"}


def test_winning_more_says_who_most_of_them_are(report, sample):
    role = sample.claim("profile", "x", "job_role: director", 9.0, 7.0, 11.0, source="customers", shares=(0.8, 0.1))
    cards = tuple(replace(card, claims=(*card.claims, role)) if card.id == "p1" else card for card in report.cards)
    assert "Mostly: director. Where more of them can be won is not known" in WORDS.tell(decisions(cards, ())[0].text)


def test_winning_more_says_where_they_are_won_more_often_and_never_by_a_way_that_costs(report, sample):
    social = {"source": "customers", "shares": (0.24, 0.15)}
    way = sample.claim("channels", "x", "acquisition_channel: social", 1.6, 1.2, 2.1, **social)
    costs = sample.claim("risk", "It cost.", way.column, -30.0, -50.0, -9.0, unit="money", compared_with="zero")
    cards = tuple(replace(card, claims=(*card.claims, way)) if card.id == "p1" else card for card in report.cards)
    won = decisions(cards, ())[0]
    assert "won through social more often than others (24 % of them, 15 % of others)" in WORDS.tell(won.text)
    assert cards[[card.id for card in cards].index("p1")].claims[won.because[0]] == way
    cards = tuple(replace(card, claims=(*card.claims, costs)) if card.kind == "negative" else card for card in cards)
    assert "through social, where a customer costs more than" in WORDS.tell(decisions(cards, ())[0].text)
    fewer = replace(way, estimate=0.4, ci_low=0.2, ci_high=0.8)
    cards = tuple(replace(card, claims=(*card.claims, fewer)) if card.id == "p1" else card for card in report.cards)
    assert "no way of winning them stands out" in WORDS.tell(decisions(cards, ())[0].text)


def test_the_money_of_a_way_of_winning_goes_before_the_segment(report, sample):
    costs = sample.claim("risk", "Each brought −30 EUR.", "acquisition_channel: ads", -30.0, -50.0, -9.0, unit="money",
                         compared_with="zero")  # fmt: skip
    cards = tuple(
        replace(card, claims=(*card.claims, costs)) if card.kind == "negative" else card for card in report.cards
    )
    _, review, *_ = WORDS.told(decisions(cards, ()))
    assert review.text.startswith("Pause paying for customers from “ads” until")
    assert review.text.index("Each brought −30 EUR.") < review.text.index("Look, too, at “")
    card = next(card for card in cards if card.id == review.card)
    assert (card.claims[review.because[0]], review.because[1]) == (costs, 0)


def test_ready_ones_stand_by_the_money_that_hangs_on_them_and_by_what_they_can_show(report):
    """100 people x 50 EUR / .20 = 25,000; 200 x 10 / .10 = 20,000; 60 x 40 / .20 = 12,000."""
    first, second, *_ = (card for card in report.cards if card.kind != "negative")
    reviewed = next(card for card in report.cards if card.kind == "negative")

    def ready(card, name, n, each, smallest):
        size, test = replace(card.size, n=n), TEST | {"id": name, "smallest_change": smallest}
        return replace(card, id=name, size=size, worth=Worth(0.1, each), experiment=test, overlaps=())

    rich, many = ready(first, "their_reason_a", 100, 50.0, 0.2), ready(second, "call_back_b", 200, 10.0, 0.1)
    loses = ready(reviewed, "what_it_is_c", 60, -40.0, 0.2)
    loses = replace(loses, overlaps=(Overlap("call_back_b", 30, 0.5, name="the many"),))
    cards = (many, loses, rich)
    assert [card.id for card in ready_in_order(cards)] == ["their_reason_a", "call_back_b", "what_it_is_c"]
    told = WORDS.told(queue(cards))
    assert "100 people who leave 50 EUR each; shows a change from 20 points on. For whoever writes" in told[0]
    assert "60 people who lose us 40 EUR each" in told[2]
    assert told[2].endswith("Some of them are in “the many”, too: not at the same time.")
    assert [one.card for one in decisions(cards, ())][:2] == ["what_it_is_c", "their_reason_a"]
    assert queue((rich,)) == ()


def test_the_next_question_is_one_that_nobody_can_answer_of_the_best_group(report):
    told = WORDS.told(front(report.cards, report.hypotheses, report.structure))
    assert told.ask.startswith("Ask next, of “The Monday full-basket buyer”: “Where did you look, and whom ")
    assert front((), report.hypotheses, report.structure).ask == ""


def test_beliefs_stand_by_verdict_and_then_by_what_they_change(report):
    held = replace(report.hypotheses[0], verdict="supported")
    acted, lots, seen, missed = (
        replace(held, id="bad_experience", arm_source="observational"), replace(held, id="a", arm_source="randomised"),
        replace(held, id="b", arm_source="observational"), replace(held, id="relative_saving", verdict="inconclusive"),
    )  # fmt: skip
    assert sorted([missed, seen, lots, acted], key=what_it_changes) == [acted, lots, seen, missed]


def test_what_lots_have_shown_is_sure_and_what_was_seen_is_likely(report):
    shown = replace(
        report.hypotheses[0], id="relative_saving", verdict="supported", arm_source="randomised", confirmatory=True,
        effects=(Effect("odds ratio", 2.0, 1.4, 2.8), Effect("risk difference", 0.166, 0.08, 0.24)),
    )  # fmt: skip
    (one, *_) = WORDS.told(decisions((), (shown,)))
    assert (one.because, one.sure) == (("relative_saving",), "sure")
    assert "16.6 points" in one.text
    (seen, *_) = decisions((), (replace(shown, arm_source="observational"),))
    assert seen.sure == "likely"
    (screened, *_) = decisions((), (replace(shown, confirmatory=False),))
    assert screened.sure == "open", "what a screen finds is a hint"
    assert decisions((), (replace(shown, verdict="inconclusive"),)) == ()


def test_the_beliefs_are_counted_by_verdict_and_by_what_chance_would_give(report):
    marked = tuple(replace(r, confirmatory=r.verdict != "inconclusive") for r in report.hypotheses)
    told = WORDS.told(front(report.cards, marked, report.structure))
    assert told.beliefs == (
        "Of 6 beliefs put to the data: 1 supported, 1 the other way round, 1 without a difference that matters, "
        "1 still open and 2 not testable with these data. By luck alone about 0.2 of the 4 that were tested "
        "would come out though none were true, each judged alone."
    )
    assert told.judged == (
        "So the confirmatory ones (3) are judged together: where none is true, 95 of 100 such pages show none of them. "
        "Exploratory screens (1) look through groups for whatever differs; about 5 % of what they find is chance. "
        "Confirm it before acting on it."
    )


def test_what_could_hardly_fail_counts_for_nothing(report):
    told = tuple(replace(r, description=True) for r in report.hypotheses[:1])
    assert WORDS.told(front(report.cards, told, report.structure)).beliefs == "No belief was put to the test."


def test_every_ready_test_has_somebody_who_runs_it():
    """A title of the catalogue is what makes a ready test."""
    told = yaml.safe_load((LOCALE / "en" / "report.yml").read_text(encoding="utf-8"))["experiment"]
    ready = {name for name, entry in told.items() if isinstance(entry, dict) and "title" in entry}
    assert ready == {name for tests in RUN_BY.values() for name in tests}


def test_what_only_describes_is_counted_beside_the_beliefs(report):
    described = replace(report.hypotheses[0], description=True)
    told = WORDS.tell(counted((described, *report.hypotheses[1:]))[0])
    assert f"Of {len(report.hypotheses) - 1} beliefs" in told
    assert "1 more is listed that only describes" in told


def test_a_decision_to_test_tells_what_the_test_can_show(report):
    cards = tuple(replace(card, experiment=TEST) if card.id == "p2" else card for card in report.cards)
    (test,) = (one for one in WORDS.told(decisions(cards, ())) if one.card == "p2" and one.sure == "open")
    assert "it shows a change of 20 points or more from today’s 62 %" in test.text
