"""What others build on: the records of the published JSON files, and the two kinds of user fault.

Everything here is data without behaviour. A change to a published record needs a new ``SCHEMA`` number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from helpers.card_parts import Moment, Overlap
from helpers.effects import Effect as Effect
from helpers.effects import Usual as Usual
from helpers.words import ENGLISH, Text

SCHEMA = 1
FEW_BETWEEN = 0.5
"""Only where the density between two groups falls to half of the lower peak may it be said that few lie there."""
K_RANGE = range(2, 7)
"""Numbers of personas that may be asked for, and that are looked at."""
BELIEF_ROOMS = ("framing", "channels", "leads")
"""Rooms of beliefs, a notebook each (07, 08, 09)."""
BELIEF_IDS = (
    "relative_saving", "framing_wording", "framing_by_persona", "reference_price", "loss_asymmetry",
    "coupon_dependence", "left_digit", "conversion_by_channel", "order_value_by_channel", "place_language",
    "funnel_stage", "new_vs_returning", "moments_by_persona", "step_friction", "contact_pressure", "lead_score",
    "referral_satisfaction", "bad_experience", "profit_by_persona", "importance_performance",
)  # fmt: skip
"""Beliefs of hypotheses.json in the order of the report; any others follow in the order of the alphabet."""
UNASSIGNED = "unassigned"
"""The persona of a customer whose posterior stays under the threshold."""

Role = Literal["defining", "held out"]
Grade = Literal["strong", "moderate", "weak"]
Kind = Literal["natural", "reproducible", "constructive", "not supported", "not asked"]
Sure = Literal["sure", "likely", "open"]
Verdict = Literal["supported", "reversed", "equivalent", "inconclusive", "not testable"]
Section = Literal[
    "drivers", "barriers", "mindset", "profile", "habits", "moments", "channels", "value", "framing", "service", "risk"
]


class UserFault(Exception):
    """Something the user can mend; shown as plain text, never as a traceback.

    ``said`` is the message, of which the exception's text is the English sentence: whoever knows the study's language
    tells it.
    """

    exit_code = 1

    def __init__(self, message: Text) -> None:
        super().__init__(ENGLISH.plain(message))
        self.said = message


class StudyError(UserFault):
    """Wrong use: the command line, a parameter, or study.yml."""

    exit_code = 2


class DataError(UserFault):
    """The data cannot be used as they are; the message names file, column, rows and the mend.

    ``accounts`` tells of the files as far as they were read, errors among their issues.
    """

    exit_code = 3

    def __init__(self, message: Text, accounts: Iterable[FileAccount] = ()) -> None:
        super().__init__(message)
        self.accounts = tuple(accounts)

    def told_by(self, voice: Callable[[Text], str]) -> DataError:
        """The same fault in another voice than the English one."""
        return DataError(voice(self.said), self.accounts)


# --- data_quality.json -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Issue:
    """One kind of finding in one column of one file; ``rows`` counts it, ``first_rows`` names up to five.

    Published, ``rows`` is rounded (None: fewer than a step) and no row is named: which they are ``check`` tells.
    ``money`` is what the rows are worth together, where they were set aside from the sales and their amounts read.
    """

    code: str
    severity: Literal["error", "repaired", "quarantined", "warning"]
    column: str | None
    rows: int | None
    first_rows: tuple[int, ...]
    text: Text
    money: float | None = None


@dataclass(frozen=True)
class FileAccount:
    """The account of one file: ``rows_in == rows_used + rows_quarantined`` and ``rows_repaired <= rows_used``.

    Exact where ``rounded_to`` is 1; published in steps of it, 0 being fewer than one step.
    """

    table: str
    path: str
    rows_in: int
    rows_used: int
    rows_repaired: int
    rows_quarantined: int
    issues: tuple[Issue, ...] = ()
    rounded_to: int = 1


# --- personas.json -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Apart:
    """A separate group that is too small for a card; ``n`` is None where it is a small cell."""

    n: int | None
    statement: Text


@dataclass(frozen=True)
class Structure:
    """What the data support: the gate's two p-values, the valley, and how far the division repeats itself.

    ``would_move`` is the share of customers that another sample would place elsewhere, ``placed_alike`` the share of
    those seen twice whom other orders (or other questions) of their own would place alike; None where not measured.
    ``seen_from``: how many standard deviations apart three groups of 70, 20 and 10 % had to be to be seen among so many
    people; None where no types could have been, and where types were. ``not asked``: the tables hold nobody who could
    be divided, and there are no groups (``k`` is 0).
    """

    kind: Kind
    supported: bool
    p_clustering: float | None
    p_valley: float | None
    valley_depth: float | None
    bootstrap_ari: float | None
    would_move: float | None
    k: int
    k_without_cap: int | None
    statement: Text
    placed_alike: float | None = None
    seen_from: float | None = None
    apart: tuple[Apart, ...] = ()


@dataclass(frozen=True)
class Size:
    """Customers of one card: count, share of all customers with its 95 % interval, share of revenue."""

    n: int
    share: float
    ci_low: float
    ci_high: float
    revenue_share: float | None


@dataclass(frozen=True)
class Stability:
    """Per persona: Jaccard within the chosen solution, and entropy-based stability across k; 0 to 1."""

    within: float | None
    across: float | None


@dataclass(frozen=True)
class Repeated:
    """What the held-out weeks say of the same column: their estimate in the claim's unit, and its corrected p."""

    estimate: float
    p_adjusted: float


@dataclass(frozen=True)
class Claim:
    """One statement of a card with its evidence.

    ``estimate``, ``ci_low`` and ``ci_high`` are in ``unit``; ``lift`` is a unit for ratios against ``compared_with``.
    ``p_adjusted`` is None for every defining column: those made the persona, so testing them is circular.
    ``compared_with`` is a card's id where it is one other group. ``bound`` : the estimate is a bound and no figure,
    since a cell is too small to be shown. ``repeated`` : the same in the held-out weeks. ``of_most`` is False where a
    few members make the difference, which says nothing of the others. ``shares`` : of the group and of those it is
    compared with, where the statement is about shares. ``about`` : the answer or option that a statement on drivers,
    barriers or mindset quotes.
    """

    section: Section
    statement: Text
    source: str
    column: str
    role: Role
    n: int
    estimate: float
    unit: str
    ci_low: float | None
    ci_high: float | None
    compared_with: str
    p_adjusted: float | None
    grade: Grade
    shares: tuple[float, float] | None = None
    about: Text = ""
    bound: Literal["under", "over"] | None = None
    repeated: Repeated | None = None
    of_most: bool = True


@dataclass(frozen=True)
class Rule:
    """A readable rule for membership and its balanced accuracy on customers it has not seen."""

    text: Text
    held_out_balanced_accuracy: float | None


@dataclass(frozen=True)
class Quote:
    """An exact substring of a real, consented answer, and the code it was given."""

    text: str
    code: str


@dataclass(frozen=True)
class Action:
    """Advice on one topic, because of claims (indices); ``first`` is its first sentence, where it has several."""

    topic: str
    text: Text
    because: tuple[int, ...]
    first: Text = ""


@dataclass(frozen=True)
class Worth:
    """What a group brings after all known costs: its share of what all bring together, and what one leaves (money)."""

    profit_share: float | None
    left_each: float


@dataclass(frozen=True)
class Line:
    """One line of the brief: what to do on a topic because of claims (indices), or what to ask where nothing tells."""

    topic: str
    text: Text
    because: tuple[int, ...] = ()
    asks: Text | None = None


@dataclass(frozen=True)
class Card:
    """One persona, segment or negative persona as every format of the report shows it.

    name : a phrase (``The evening coupon shopper``). handle : its two strongest traits. essence : at most thirty words.
    label : in plain words what kind of group it is. answered : members who answered the survey, None where there was
    none. experiment : as study.yml declares one, with n_per_arm, smallest_change, weeks and stop. week : their orders.
    """

    id: str
    kind: Literal["persona", "segment", "negative"]
    name: Text
    handle: Text
    summary: Text
    size: Size
    stability: Stability
    prevalence: tuple[float, ...]
    grade: Grade
    claims: tuple[Claim, ...]
    rule: Rule
    quotes: tuple[Quote, ...] = ()
    actions: tuple[Action, ...] = ()
    unknowns: tuple[Text, ...] = ()
    label: Text = ""
    answered: int | None = None
    essence: Text = ""
    worth: Worth | None = None
    brief: tuple[Line, ...] = ()
    experiment: dict[str, Any] | None = None
    overlaps: tuple[Overlap, ...] = ()
    week: tuple[Moment, ...] = ()


@dataclass(frozen=True)
class Decision:
    """What to do this month: because of claims of a card (indices) or of a belief (its id), and how sure it is."""

    text: Text
    card: str | None
    because: tuple[int | str, ...]
    sure: Sure


@dataclass(frozen=True)
class Coverage:
    """How many customers and respondents there are, and how many of the customers have a persona: rounded, so that
    nobody is told by what is missing of the whole."""

    customers: int
    respondents: int
    assigned: int
    unassigned: int


# --- hypotheses.json ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Preregistration:
    """The plan that was written down before the data: its hash, and whether the test was the planned one."""

    sha256: str
    kept: bool
    differences: tuple[Text, ...] = ()


@dataclass(frozen=True)
class Looks:
    """How often a belief has been put to data that had changed: which publication with new data this is, and how much
    of the 5 % all of them have spent, ``level`` by this one. ``found`` is what was found first, ``found_at`` at which
    look."""

    this: int
    alpha_spent: float
    found: Verdict | None = None
    found_at: int | None = None
    level: float = 0.0


@dataclass(frozen=True)
class ArmVerdict:
    """One arm of an experiment against its control; p is adjusted for the other arms and for the other beliefs."""

    label: Text
    verdict: Verdict
    p_adjusted: float
    effect: Effect | None


@dataclass(frozen=True)
class HypothesisResult:
    """The answer to one belief.

    ``estimand`` says what is compared; ``sesoi`` and ``mde`` are in units of the measure ``scale`` (empty where nothing
    was tested). ``confirmatory`` beliefs share an error of 5 % over the page, ``p_adjusted`` being corrected for all of
    them and held against the level of this look (``looks``); the others are screens, or a ``description``. ``mde`` and
    ``level``, the alpha that a p-value of this belief had to meet, are those of the verdict. ``arms`` has a verdict
    each where there are several. ``rival``: what else it may be; ``usual``: what the literature found.
    """

    id: str
    title: Text
    theory: Text
    family: str
    arm_source: Literal["randomised", "observational"]
    verdict: Verdict
    reason: Text
    effect: Effect | None = None
    effects: tuple[Effect, ...] = ()
    n: dict[Text, int] = field(default_factory=dict)
    p_value: float | None = None
    p_adjusted: float | None = None
    sesoi: float | None = None
    mde: float | None = None
    method: Text = ""
    sentence: Text = ""
    estimand: Text = ""
    scale: str = ""
    rival: Text | None = None
    preregistration: Preregistration | None = None
    confirmatory: bool = False
    description: bool = False
    level: float | None = None
    looks: Looks | None = None
    arms: tuple[ArmVerdict, ...] = ()
    usual: Usual | None = None
