"""From what the tests found to verdicts: all beliefs of a page together, and in the light of earlier publications."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.stats import norm

from helpers.beliefs.belief import Belief
from helpers.beliefs.looks import level_of, spent_by
from helpers.beliefs.one_error import Family, Held, Tested, held_to_one_error
from helpers.beliefs.preregistration import read_plan
from helpers.beliefs.verdict import (
    ALPHA,
    Contrast,
    Finding,
    at_bound,
    decide,
    decide_each,
    interval_in_words,
    size_in_words,
    together,
    widened,
)
from helpers.contracts import ArmVerdict, HypothesisResult, Looks, Verdict
from helpers.study import Experiment, Study
from helpers.words import Quantity, Text, say, sentences

ALIKE = 1e-8
"""What was found lies so near to what was published, which is rounded, where the data are the same."""
FOUND: tuple[Verdict, ...] = ("supported", "reversed")


@dataclass(frozen=True)
class Asked:
    """A belief as this study asks it, the experiment that tells, and the result as it stands untested."""

    belief: Belief
    experiment: Experiment | None
    untested: Callable[[Text], HypothesisResult]


Before = Mapping[str, Mapping[str, Any]]
"""Results of the publication before, by their ids, as hypotheses.json has them."""


def judge(
    asked: Sequence[Asked], found: Sequence[Finding | Text], study: Study, before: Before
) -> list[HypothesisResult]:
    """A result for every belief, each held to the error that it shares with the others and with earlier looks."""
    looks = [_looks(a, f, study, before.get(a.belief.id, {})) for a, f in zip(asked, found, strict=True)]
    places = [i for i, f in enumerate(found) if isinstance(f, Finding)]
    tests = [_test(asked[i], found[i], looks[i]) for i in places]
    held = dict(zip(places, held_to_one_error(tests), strict=True))
    families = dict(zip(places, tests, strict=True))
    return [
        _judged(a, found[i], looks[i], families[i], held[i], tests)
        if i in held
        else replace(a.untested(found[i]), looks=looks[i].kept)
        for i, a in enumerate(asked)
    ]


# --- looks -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Look:
    """The look that a publication is for one belief: its place, the alpha it has, and what is published of it."""

    this: int
    level: float
    spent: float
    kept: Looks | None
    """As an earlier publication left it; stands where nothing could be tested now."""


def _looks(asked: Asked, found: Finding | Text, study: Study, before: Mapping[str, Any]) -> _Look:
    """Which look this is, and its alpha; data that say the very same as those published are no new look."""
    kept = _kept(before)
    if not isinstance(found, Finding):
        return _Look(0, 0.0, 0.0, kept)
    again = kept is not None and _same(found, before)
    this = 1 if kept is None else kept.this if again else kept.this + 1
    earlier = 0.0 if kept is None else kept.alpha_spent
    if again:  # what was spent up to the look before this one
        earlier -= kept.level
    level = min(_planned(asked.experiment, found, this, earlier, study), max(0.0, ALPHA - earlier))
    return _Look(this, level, earlier + level, kept)


def _planned(experiment: Experiment | None, found: Finding, this: int, spent: float, study: Study) -> float:
    """The alpha of a look by its plan: the experiment's, where it has one, else that of the study's publications."""
    if experiment is not None and _family_of_its_own(found):
        planned = read_plan(study.folder / experiment.preregistration)["n_per_arm"]
        return max(0.0, spent_by(min(found.n.values()) / planned) - spent) if planned else ALPHA
    if experiment is not None and experiment.stopping.looks > 1:  # its bounds, which are wider, hold all looks
        return ALPHA if this <= experiment.stopping.looks else 0.0
    return level_of(this, study.hypotheses.publications)


def _kept(before: Mapping[str, Any]) -> Looks | None:
    """What an earlier publication says of its looks; one that could not count them had one."""
    if looks := before.get("looks"):
        return Looks(**looks)
    if before.get("p_value") is None:
        return None
    verdict = before.get("verdict")
    held = (verdict, 1) if verdict in FOUND else (None, None)
    return Looks(1, level_of(1, None), *held, level_of(1, None))


def _same(found: Finding, before: Mapping[str, Any]) -> bool:
    """Whether these data say what was published, to the digit: the p-value, every effect, every count that is told."""
    published = [before.get("p_value"), *(e["estimate"] for e in before.get("effects") or [])]
    ours = [found.p_value, *(e.estimate for e in found.effects)]
    counts = list((before.get("n") or {}).values())
    if None in published or len(published) != len(ours) or len(counts) != len(found.n):
        return False
    told = {n for n in counts if n is not None}
    return bool(np.allclose(sorted(published), sorted(ours), rtol=ALIKE, atol=1e-12)) and told <= set(found.n.values())


# --- the verdict -------------------------------------------------------------------------------------------------


def _test(asked: Asked, found: Finding, look: _Look) -> Tested:
    """The test as its family sees it. What was found at an earlier look has been paid for, and pays no more."""
    earlier = look.kept is not None and look.kept.found_at is not None and look.kept.found_at < look.this
    stands = earlier and _direction(asked.belief, found) == look.kept.found
    return Tested(found.p_value, ALPHA if stands else look.level, _family(asked.belief, found))


def _direction(belief: Belief, found: Finding) -> Verdict:
    """What the verdict would be if the p-value were small."""
    return _verdict(belief, found, Held(0.0, ALPHA, ALPHA), 0.0)[0]


def _family(belief: Belief, found: Finding) -> Family:
    return "own" if _family_of_its_own(found) else belief.role


def _family_of_its_own(found: Finding) -> bool:
    """Whether an experiment was read as it was preregistered, or falls short of nothing but people so far."""
    plan = found.preregistration
    return plan is not None and all(d.key == "hypotheses.plan.n" for d in plan.differences)


def _verdict(belief: Belief, found: Finding, held: Held, times: float) -> tuple[Verdict, tuple[Verdict, ...]]:
    """The verdict, and that of each arm where there are several."""
    if found.by_arm and len(found.contrasts) > 1:
        each = decide_each(found.contrasts, times, belief.sesoi, belief.directed, held.alpha)
        return together(each), each
    return decide(found.contrasts, held.p_adjusted, belief.sesoi, belief.directed, held.alpha), ()


def _judged(
    asked: Asked, found: Finding, look: _Look, test: Tested, held: Held, tests: Sequence[Tested]
) -> HypothesisResult:
    """The result with verdict and reason, and the sentence: the facts, what they mean, and no cause unless known."""
    belief, result = asked.belief, asked.untested("")
    times = held.p_adjusted / found.p_value if found.p_value > 0 else 1.0
    verdict, each = _verdict(belief, found, held, times)
    lead = next((i for i, own in enumerate(each) if own == verdict), 0)
    first = found.contrasts[lead]
    p = min(1.0, first.p_joint * times) if each else held.p_adjusted
    k = len(found.contrasts)
    mde = first.mde if held.level <= 0 else _mde_at(first, held.level, k)
    values = {
        "interval": interval_in_words(first),
        "p": p,
        "sesoi": size_in_words(first.measure, belief.sesoi, first.effects),
        "mde": size_in_words(first.measure, mde, first.effects),
    }
    because = "above_share" if first.measure == "share" and verdict == "supported" else verdict
    associated = result.arm_source == "observational" and not found.descriptive
    warned = associated and verdict in FOUND
    arms = tuple(
        ArmVerdict(c.label, own, min(1.0, c.p_joint * times), next(iter(c.effects), None))
        for c, own in zip(found.contrasts, each, strict=bool(each))
    )
    kept = look.kept
    new = verdict in FOUND and (kept is None or kept.found is None)
    memory = (verdict, look.this) if new else (kept.found, kept.found_at) if kept else (None, None)
    says = "lead" if test.family == "screen" and verdict in FOUND else verdict
    return replace(
        result,
        verdict=verdict,
        reason=sentences(
            say(f"hypotheses.because.{because}", **values),
            sentences(found.notes, _look_in_words(asked, look)),
            _family_in_words(test.family, tests, first, held, k),
        ),
        effect=next(iter(first.effects), None),
        effects=found.effects,
        n=found.n,
        p_value=found.p_value,
        p_adjusted=held.p_adjusted,
        mde=mde,
        scale=first.measure,
        preregistration=found.preregistration,
        confirmatory=test.family in ("own", "confirmatory"),
        description=test.family == "description",
        level=held.level,
        looks=Looks(look.this, look.spent, *memory, look.level),
        arms=arms,
        usual=found.usual or result.usual,
        method=found.method,
        sentence=sentences(
            found.sentence,
            say(f"hypotheses.verdict.{says}", **values),
            _arms_in_words(arms),
            found.usual.says if found.usual else "",
            say("hypotheses.no_cause") if warned else "",
        ),
    )


def _mde_at(first: Contrast, level: float, k: int) -> float | None:
    """The detectable effect at the level of the verdict, the correction within the test already in it."""
    return at_bound(first.measure, first.mde, *(float(norm.isf(a / 2 / k)) for a in (ALPHA, level)))


def _arms_in_words(arms: tuple[ArmVerdict, ...]) -> Text:
    if not arms:
        return ""
    told = [say("hypotheses.of_arm", name=a.label, verdict=say(f"hypotheses.arm_is.{a.verdict}")) for a in arms]
    return say("hypotheses.arms", arms=told)


def _look_in_words(asked: Asked, look: _Look) -> Text:
    """Which look this is, where it is not the first; an experiment always says so."""
    planned = asked.experiment is not None and asked.experiment.stopping.looks > 1
    if look.this > 1:
        level = Quantity(look.level, "percent.2")
        return say("hypotheses.note.look", look=look.this, level=level, spent=Quantity(look.spent, "percent.2"))
    return say("hypotheses.note.one_look") if asked.experiment is not None and not planned else ""


def _family_in_words(family: Family, tests: Sequence[Tested], first: Contrast, held: Held, k: int) -> Text:
    """With how many others the belief is judged, and the interval that holds for all of them."""
    n = sum(test.family == family for test in tests)
    if family in ("own", "description"):
        return say(f"hypotheses.family.{family}")
    if held.level <= 0 or (n == 1 and family == "confirmatory"):
        return ""
    factor = norm.isf(held.level / 2 / k) / norm.isf(ALPHA / 2 / k)
    low, high = widened(first.measure, first.estimate, (first.low, first.high), float(factor))
    interval = interval_in_words(replace(first, low=float(low), high=float(high)))
    return say(f"hypotheses.family.{family}", n=n, interval=interval)


def published(found: Mapping[str, Any] | None) -> Before:
    """The results of a publication by their ids; none where there is none."""
    return {result["id"]: result for result in (found or {}).get("results", [])}
