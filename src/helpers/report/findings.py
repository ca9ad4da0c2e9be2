"""What each notebook found, as sentences: the numbers of the prose come from here and are never typed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import get_args

import numpy as np
import pandas as pd

from helpers.beliefs.verdict import size_in_words
from helpers.cards.knowledge import Knowledge
from helpers.contracts import UNASSIGNED, Card, Drift, FileAccount, HypothesisResult, Verdict
from helpers.customers.customers import Customers, customers_summary
from helpers.negative.segments import Negative
from helpers.survey.survey import Survey
from helpers.types.division import Personas
from helpers.voice.voice import Voice, sets_apart
from helpers.words import ENGLISH, Words

TRUST = ("set_aside", "missing", "stopped", "straight_lining", "long_string", "alpha", "weights", "zero_weight",
         "trimmed", "not_heard", "not_weighted", "no_share", "not_raked")  # fmt: skip
"""Checks on the answers that say how far they can be trusted."""


def of_quality(accounts: Sequence[FileAccount], words: Words) -> list[str]:
    """How many rows were read, used, repaired and set aside."""
    used, set_aside = sum(a.rows_used for a in accounts), sum(a.rows_quarantined for a in accounts)
    repaired = sum(a.rows_repaired for a in accounts)
    if not set_aside and not repaired:
        return [words.say("findings.quality.clean")]
    counts = {"rows_in": used + set_aside, "rows_used": used, "quarantined": set_aside, "repaired": repaired}
    numbers = {name: words.number(count) for name, count in counts.items()}
    lines = [words.say("findings.quality.rows", files=words.number(len(accounts)), **numbers)]
    worst = max(accounts, key=lambda account: account.rows_quarantined / max(account.rows_in, 1))
    if worst.rows_quarantined:
        share = words.percent(worst.rows_quarantined / worst.rows_in, 1)
        lines.append(words.say("findings.quality.worst", table=worst.table, share=share))
    return lines


def of_customers(customers: Customers | None, words: Words) -> list[str]:
    """Who bought, how much, and how unequal spending is."""
    if customers is None:
        return [words.say("findings.customers.none")]
    features, period = customers.features, customers.period
    spend = features["spend"].sort_values(ascending=False)
    low, median, high = spend.quantile([0.25, 0.5, 0.75])
    top = spend.iloc[: max(1, round(len(spend) / 5))].sum() / spend.sum() if spend.sum() > 0 else None
    counts = {"n": words.number(len(features)), "orders": words.number(features["orders"].sum())}
    days = {"start": words.date(period.start), "end": words.date(period.holdout_from)}
    money = {"median": words.money(median), "low": words.money(low), "high": words.money(high)}
    lines = [
        words.say("findings.customers.who", **counts, **days),
        words.say("findings.customers.spend", **money),
        words.say("findings.customers.top", share=words.percent(top)),
        words.say("findings.customers.one_order", share=words.percent((features["orders"] == 1).mean())),
    ]
    if "margin" in features:
        lines.append(words.say("findings.customers.margin", share=words.percent((features["margin"] < 0).mean())))
    else:
        lines.append(words.say("findings.customers.no_margin"))
    return [*lines, words.say("findings.customers.held_out", start=days["end"])]


def of_survey(survey: Survey | None, customers: Customers | None, words: Words) -> list[str]:
    """Who answered, and for whom they can speak."""
    if survey is None:
        return [words.say("findings.survey.none")]
    people = {"n": words.number(len(survey.answers)), "matched": words.number(survey.matched)}
    key = "who" if survey.matched else "alone" if customers is None else "strangers"
    lines = [words.say(f"findings.survey.{key}", **people)]
    if customers is not None and survey.matched:
        answered = customers.features["customer_id"].isin(survey.answers["customer_id"]).mean()
        lines.append(words.say("findings.survey.share", share=words.percent(answered)))
    if survey.unmatched and survey.matched:
        lines.append(words.say("findings.survey.unmatched", n=words.number(survey.unmatched)))
    lines += list(survey.checks.loc[survey.checks["check"].isin(TRUST), "text"])
    spoken = survey.open_answers
    if spoken.empty:
        return [*lines, words.say("findings.survey.no_open")]
    counts = {"n": words.number(len(spoken)), "questions": words.number(spoken["question"].nunique())}
    return [*lines, words.say("findings.survey.open", **counts)]


def of_personas(personas: Personas, words: Words) -> list[str]:
    """What kind of division the data support, how it was made, and how many are clear members."""
    unassigned = (personas.assignments["persona"] == UNASSIGNED).mean()
    shares = {"share": words.percent(1 - unassigned), "unassigned": words.percent(unassigned)}
    return [personas.structure.statement, personas.method, words.say("findings.personas.assigned", **shares)]


def of_voice(voice: Voice | None, personas: Personas, least: int, words: Words) -> list[str]:
    """Per persona what its answers name most of each kind, with their counts."""
    if voice is None:
        return [words.say("findings.voice.none")]
    if voice.codes.empty:
        return [words.say("findings.voice.uncoded")]
    lines = []
    for group in personas.groups:
        told = voice.codes[(voice.codes["id"] == group.id) & voice.codes["share"].notna()]
        if told.empty:
            lines.append(words.say("findings.voice.silent", handle=group.handle, least=words.number(least)))
            continue
        parts = []
        for about in ("drivers", "barriers", "mindset"):
            most = told[told["about"] == about].sort_values(["share", "code"], ascending=[False, True])
            for row in most.head(1).itertuples():
                said = {"says": words.theirs(row.says), "code": words.theirs(row.code.replace("_", " "))}
                counts = {"share": words.percent(row.share), "n": words.number(row.n_coded)}
                parts.append(words.say(f"findings.voice.{about}.{'says' if row.says else 'code'}", **said, **counts))
        lines.append(words.say("findings.voice.line", handle=group.handle, parts=words.listing(parts)))
    return lines


def of_words(voice: Voice, personas: Personas, least: int, words: Words) -> list[str]:
    """Per group the words that set its answers apart, or that none does."""
    if voice.words.empty:
        return [words.say("findings.words.none", least=words.number(least))]
    lines = []
    for group in personas.groups:
        own = voice.words[voice.words["id"] == group.id]
        counted = [
            words.say("findings.words.word", word=words.theirs(row.word), n=words.number(row.n))
            for row in own.itertuples()
        ]
        if counted:
            lines.append(words.say("findings.words.line", handle=group.handle, words=words.listing(counted)))
    return lines


def of_negative(negative: Negative | None, words: Words) -> list[str]:
    """Whom not to court, where the data say so."""
    return [words.say("findings.customers.none")] if negative is None else [negative.statement]


def of_beliefs(results: Sequence[HypothesisResult], words: Words) -> list[str]:
    """How many beliefs hold, point the other way, make no difference, stay open or could not be tested."""
    counts = Counter(result.verdict for result in results)
    answers = [
        words.say(f"findings.beliefs.{verdict.replace(' ', '_')}", n=words.number(counts[verdict]))
        for verdict in get_args(Verdict)
        if counts[verdict]
    ]
    told = [result.sentence for result in results if result.verdict != "not testable"]
    return [words.say("findings.beliefs.count", n=words.number(len(results)), answers=words.listing(answers)), *told]


def of_cards(cards: Sequence[Card], words: Words) -> list[str]:
    """One line a card."""
    lines = []
    for card in cards:
        said = {"handle": card.handle, "share": words.percent(card.size.share), "grade": card.grade}
        lines.append(words.say("findings.cards.line", name=card.name, **said))
    return lines


def of_assignments(assignments: pd.DataFrame, words: Words) -> list[str]:
    """How many customers the file for the CRM holds."""
    return [words.say("findings.cards.saved", n=words.number(len(assignments)))]


def of_proof(figures: pd.DataFrame, trap: pd.DataFrame, words: Words) -> list[str]:
    """How many published figures come out (``passed`` is missing where that could not be tried), and the trap."""
    done = figures[figures["passed"].notna()]
    failed = done[~done["passed"].astype(bool)]
    if failed.empty:
        counts = {"n": words.number(len(done)), "methods": words.number(done["method"].nunique())}
        lines = [words.say("findings.proof.all", **counts)]
    else:
        counts = {"failed": words.number(len(failed)), "n": words.number(len(done))}
        lines = [words.say("findings.proof.some", names=words.listing(list(failed["quantity"])), **counts)]
    if skipped := len(figures) - len(done):
        lines.append(words.say("findings.proof.skipped", n=words.number(skipped)))
    shares = dict(zip(("made", "split", "aside"), trap["share"].map(words.percent), strict=True))
    return [*lines, words.say("findings.proof.trap", **shares)]


def proof_frame(figures: pd.DataFrame) -> pd.DataFrame:
    """What was published and what came out, with the digits that the tolerance asks for (no id)."""
    digits = {name: figures[name].map("{:.5g}".format) for name in ("published", "ours", "tolerance")}
    return figures.assign(**digits)[["method", "quantity", *digits, "passed", "source", "note"]]


def habits_frame(customers: Customers | None, personas: Personas, least: int) -> pd.DataFrame:
    """Spend thresholds and habits of everybody and of each group: measure, all, and a column per handle."""
    if customers is None:
        return pd.DataFrame(columns=["measure"])
    persona = personas.assignments.set_index("customer_id")["persona"]
    own = persona.reindex(customers.features["customer_id"]).to_numpy()
    parts = {"all": customers} | {
        group.handle: replace(customers, features=customers.features[own == group.id], no_order=())
        for group in personas.groups
        if (own == group.id).sum() >= least
    }
    made = {name: customers_summary(part, least).set_index("measure")["value"] for name, part in parts.items()}
    return pd.DataFrame(made).drop(index="customers without an order").reset_index()


def groups_frame(personas: Personas, least: int) -> pd.DataFrame:
    """One row per group: id, handle, kind, n, answered (NaN under ``least``), share, ci_low, ci_high, revenue_share,
    within, across."""
    size = ["n", "answered", "share", "ci_low", "ci_high", "revenue_share"]
    frame = pd.DataFrame(list(personas.groups), columns=["id", "handle", "kind", *size, "within", "across"])
    return frame.assign(answered=frame["answered"].where(frame["answered"] >= least))


def knowledge_frame(knowledge: Knowledge, words: Words) -> pd.DataFrame:
    """What is held of each kind of knowledge and block: by, what, fields, and a column of shares per handle."""
    shares = knowledge.shares.assign(share=knowledge.shares["share"].map(words.percent))
    wide = shares.pivot(index=["by", "what", "fields"], columns="handle", values="share")
    order = shares[["by", "what", "fields"]].drop_duplicates()
    return wide.loc[pd.MultiIndex.from_frame(order), list(dict.fromkeys(shares["handle"]))].reset_index()


def codes_by_handle(voice: Voice, personas: Personas) -> pd.DataFrame:
    """``Voice.codes`` for readers: handle and says (what people mean by the code, else its name) first, no id.

    Codes of which people mean the same are told apart by their names behind it.
    """
    handle = voice.codes["id"].map({group.id: group.handle for group in personas.groups})
    name, says = voice.codes["code"].str.replace("_", " "), voice.codes["says"]
    says = says.where(says != "", name)
    shared = voice.codes.groupby(says)["code"].transform("nunique") > 1
    codes = voice.codes.assign(handle=handle, says=says.where(~shared, says + " (" + name + ")"))
    numbers = ["n", "n_coded", "share", "share_others", "lift", "ci_low", "ci_high", "p_adjusted"]
    return codes[["handle", "about", "says", *numbers]]


def codes_frame(codes: pd.DataFrame, words: Words) -> pd.DataFrame:
    """The share of every group in which each code was given: about, says, and a column per handle, in words.

    codes : as `codes_by_handle`. Marked are the shares that set a group apart; too small a cell is a dash.
    """
    marks = np.select([sets_apart(codes) & (codes["lift"] > 1), sets_apart(codes)], [" ▲", " ▼"], "")
    cells = codes.assign(cell=codes["share"].map(words.percent) + marks)
    order = codes[["about", "says"]].drop_duplicates()
    wide = cells.pivot(index=["about", "says"], columns="handle", values="cell")
    return wide.loc[pd.MultiIndex.from_frame(order), list(dict.fromkeys(codes["handle"]))].reset_index()


def intents_frame(voice: Voice) -> pd.DataFrame:
    """``Voice.intents`` with what people mean by each code, where the codebook tells, in place of its name."""
    says = voice.codes[voice.codes["says"] != ""].set_index("code")["says"].to_dict()
    return voice.intents.replace({"intent": says, "code": says})


def apart_frame(codes: pd.DataFrame) -> pd.DataFrame:
    """The rows of `codes_by_handle` that set a group apart, group by group, in each the clearest first."""
    apart = codes[sets_apart(codes)]
    clear = apart.assign(handle=pd.Categorical(apart["handle"], dict.fromkeys(codes["handle"])))
    return apart.loc[clear.sort_values(["handle", "p_adjusted"], kind="stable").index]


def effects_frame(results: Sequence[HypothesisResult]) -> pd.DataFrame:
    """One row per effect: id, title, label, measure, estimate, ci_low, ci_high, verdict of its belief.

    Where an odds ratio stands, the risk ratio says the same again and is left to hypotheses.json.
    """
    rows = [
        (r.id, r.title, e.label, e.measure, e.estimate, e.ci_low, e.ci_high, r.verdict)
        for r in results
        if r.effect
        for e in dict.fromkeys((r.effect, *r.effects))
        if e.measure != "risk ratio" or ("odds ratio", e.label) not in {(o.measure, o.label) for o in r.effects}
    ]
    return pd.DataFrame(rows, columns=["id", "title", "label", "measure", "estimate", "ci_low", "ci_high", "verdict"])


def verdicts_frame(results: Sequence[HypothesisResult], words: Words = ENGLISH) -> pd.DataFrame:
    """One row per belief: belief, verdict, answer (the sentence, or why there is none), n, what_is_compared,
    smallest_that_matters and smallest_that_would_show, in words."""
    rows = [
        (
            r.title, r.verdict, r.sentence or r.reason, sum(r.n.values()) or None, r.estimand,
            *(size_in_words(words, r.scale, size, r.effects) for size in (r.sesoi, r.mde)),
        )
        for r in results
    ]  # fmt: skip
    sizes = ["what_is_compared", "smallest_that_matters", "smallest_that_would_show"]
    return pd.DataFrame(rows, columns=["belief", "verdict", "answer", "n", *sizes])


def matches_frame(drift: Drift) -> pd.DataFrame:
    """One row per persona: id, previous_id, jaccard, share, previous_share."""
    return pd.DataFrame(list(drift.matches), columns=["id", "previous_id", "jaccard", "share", "previous_share"])


def migration_frame(drift: Drift) -> pd.DataFrame:
    """One row per shown move: was, to, share (of the earlier group), by_chance (NaN where not known)."""
    chance = drift.by_chance or {}
    rows = [
        (was, to, share, chance.get(was, {}).get(to, np.nan))
        for was, cells in (drift.migration or {}).items()
        for to, share in cells.items()
    ]
    return pd.DataFrame(rows, columns=["was", "to", "share", "by_chance"])


def negatives_frame(drift: Drift) -> pd.DataFrame:
    """One row per negative persona of this run or the one before: handle, share, ci_low, ci_high, and _before."""
    size = ["share", "ci_low", "ci_high"]
    columns = ["handle", *size, *(f"{name}_before" for name in size)]
    return pd.DataFrame(list(drift.negatives), columns=columns)
