"""The command ``personas plan``: how many people a test, or personas, need; heavy rooms are imported when asked."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from helpers.contracts import StudyError


def plan(
    base: Annotated[
        float | None, typer.Option(help="today's share, 0 to 1; without it the outcome is a number")
    ] = None,
    effect: Annotated[float | None, typer.Option(help="change of the share, or standard deviations")] = None,
    n: Annotated[int | None, typer.Option("--n", help="people per group, to learn what effect they can show")] = None,
    power: Annotated[float, typer.Option(help="chance to see the effect if it is there")] = 0.80,
    alpha: Annotated[float, typer.Option(help="chance to see one that is not there")] = 0.05,
    arms: Annotated[int, typer.Option(help="groups, the first of which the others are compared with")] = 2,
    icc: Annotated[float, typer.Option(help="how alike people of one cluster are, 0 to 1")] = 0.0,
    cluster_size: Annotated[float, typer.Option(help="people per cluster, such as a household or a shop")] = 1.0,
    looks: Annotated[int, typer.Option(help="how often you will look at the data")] = 1,
    also: Annotated[
        int | None, typer.Option(help="how many other confirmatory beliefs are tested beside it, unless preregistered")
    ] = None,
    beside: Annotated[Path | None, typer.Option(metavar="STUDY", help="count them in this study instead")] = None,
    within: Annotated[
        float | None, typer.Option(help="the same people in every group: how their answers correlate")
    ] = None,
    per_week: Annotated[float | None, typer.Option(help="people per week in all groups, to learn how long")] = None,
    known: Annotated[
        str | None,
        typer.Option("--design", metavar="NAME", help="a known experiment: its questions, and people needed"),
    ] = None,
    hypothesis: Annotated[str | None, typer.Option(metavar="ID", help="the belief that --out registers")] = None,
    out: Annotated[Path | None, typer.Option(help="write the plan down here, before the data come")] = None,
    personas: Annotated[
        bool, typer.Option("--personas", help="how many customers personas need, by the options from here on")
    ] = False,
    customers: Annotated[int, typer.Option(help="customers (or respondents, with --orders 0)")] = 800,
    orders: Annotated[float, typer.Option(help="orders of each in the period; 0: a survey alone")] = 4.0,
    questions: Annotated[int, typer.Option(help="rating questions of the survey; 0: sales alone")] = 0,
    response: Annotated[float, typer.Option(help="share of the customers who answer it")] = 1.0,
    shares: Annotated[str, typer.Option(help="sizes of the types that you think there are")] = ".6,.25,.15",
    apart: Annotated[
        float, typer.Option(help="standard deviations between types: 3 overlap, 6 are plain to see")
    ] = 4.0,
    sets: Annotated[int, typer.Option(help="made-up data sets for each line")] = 8,
) -> None:
    """Say how many people a test needs, or the smallest effect that a number of people can show, and how long it takes.

    With --hypothesis and --out the plan is written down; name the file in study.yml under preregistration.
    With --design: what is usually found with a known experiment, people for that, questions to paste, and study.yml.
    With --personas: how often the pipeline would find the types of customers like yours, and what would help.
    """
    if personas:
        _rehearsed(customers, orders, questions, response, shares, apart, sets)
        return
    if known is not None:
        from helpers.prospect.known_here import declaration, ready
        from helpers.words import Words

        typer.echo("\n".join([*map(Words().tell, ready(known)), "", declaration(known).rstrip()]))
        return
    from helpers.beliefs.plan import Design, duration, plan_test
    from helpers.words import Words

    if (out is None) != (hypothesis is None):
        raise StudyError("--out and --hypothesis go together: a plan is written down for one belief")
    if out is not None and (also is not None or beside is not None):
        raise StudyError("--also and --beside are for a test that is not preregistered; --out makes it one of its own")
    if out is not None and within is not None and arms > 2:
        raise StudyError("--out registers two groups of the same people, or several of different people")
    if beside is not None:
        from helpers.beliefs.registry import confirmatory_beside
        from helpers.study import load_study

        also = confirmatory_beside(load_study(beside), hypothesis)
    words, design = Words(), Design(arms, icc, cluster_size, looks, also, within)
    made = plan_test(base, effect, n, power, alpha, design)
    if base is None:
        told = words.say("run.plan.means", effect=words.number(made.effect))
    else:
        shares = {"base": words.percent(base, 1), "target": words.percent(base + made.effect, 1)}
        told = words.say("run.plan.shares", **shares, points=words.points(made.effect))
    groups = words.say("run.plan.two" if arms == 2 else "run.plan.groups", arms=arms)
    figures = {"power": words.percent(power), "alpha": words.number(alpha), "n": words.number(made.n, 0)}
    lines = [words.say(f"run.plan.{'people' if n is None else 'effect'}", effect=told, groups=groups, **figures)]
    if arms > 2:
        lines.append(words.say("run.plan.arms", comparisons=arms - 1))
    if also is None:
        lines.append(words.say("run.plan.own" if out is not None else "run.plan.ask"))
    else:
        lines.append(words.say("run.plan.also", also=also, level=words.number(design.level(alpha), 4)))
    if within is not None:
        lines.append(words.say("run.plan.within"))
    if looks > 1:
        lines.append(words.say("run.plan.looks", looks=looks))
    if design.inflation > 1:
        clusters = {"clusters": words.number(-(-made.n // cluster_size), 0), "size": words.number(cluster_size)}
        lines.append(words.say("run.plan.clusters", inflation=words.number(design.inflation, 2), **clusters))
    if per_week is not None:
        people = made.n * (arms if within is None else 1)
        weeks = words.number(duration(people, per_week), 0)
        lines.append(words.say("run.plan.weeks", people=words.number(people, 0), weeks=weeks))
    if out is not None:
        from helpers.beliefs.preregistration import write_plan

        plan = {
            "hypothesis": hypothesis,
            "test": f"{'means' if base is None else 'shares'}_{'between' if within is None else 'within'}",
        }
        plan |= {"sesoi": abs(made.effect), "n_per_arm": made.n, "arms": arms, "alpha": alpha, "power": power}
        plan |= {"looks": looks, "stop": words.say("run.plan.stop", n=made.n, looks=looks)}
        plan |= {"date": dt.datetime.now(dt.UTC).date().isoformat()} | ({} if base is None else {"base": base})
        lines.append(words.say("run.plan.written", file=out, sha=write_plan(out, plan)))
    typer.echo("\n".join(lines))


def _rehearsed(
    customers: int, orders: float, questions: int, response: float, shares: str, apart: float, sets: int
) -> None:
    """Print how often types would be found among such customers, line by line as it is known."""
    from helpers.beliefs.rehearsal import Shape, advice, how_many, told
    from helpers.words import Words

    try:
        sizes = tuple(float(part) for part in shares.split(","))
    except ValueError:
        raise StudyError(f"--shares {shares}: give shares separated by commas, such as .7,.2,.1") from None
    words, shape = Words(), Shape(customers, orders, questions, response, sizes, apart)
    typer.echo(words.say("rehearsal.begin", sets=sets), err=True)
    found = how_many(shape, sets, lambda tried: typer.echo(words.tell(told(tried))))
    typer.echo("\n".join(map(words.tell, advice(found, customers))))
