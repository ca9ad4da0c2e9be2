"""The map of everybody: the groups as areas on the axes that part them best, and who lies between them.

The axes are the discriminant axes of the division that the gate judged, on the columns that it judged. Nobody can be
found on it: what is kept and drawn are areas and cells that hold as many people as the smallest cell of a table.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from contourpy import contour_generator
from matplotlib import patheffects
from matplotlib.axes import Axes
from scipy.ndimage import gaussian_filter, label
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from helpers.cards.personas import Personas
from helpers.contracts import UNASSIGNED
from helpers.customers.customers import Customers
from helpers.report.style import INK, MUTED, PALETTE, finish, label_of, styled
from helpers.study import Study
from helpers.survey.survey import Survey
from helpers.types.gate import judged_rows
from helpers.types.groups import floor_of, grow
from helpers.types.pool import Pool, gather
from helpers.types.prepare import gate_columns, gate_matrix
from helpers.types.repeated import LABEL_STARTS, divide
from helpers.words import Said, Text, Words, few, say, sentences

CORES = (0.8, 0.5)
"""Parts of a group's people that its outer and its inner area hold."""
GRID = 120
"""Steps of the grid on which densities are drawn."""
PEOPLE_A_CELL = 4
"""Cells of who lies between hold about so many times the smallest cell where people lie densest."""
TELLS = 0.3
"""A column names an axis from this correlation on."""


@dataclass(frozen=True)
class CustomerMap:
    """The map as rows, and what it shows.

    parts : what (area, cell, group, axis), group (number from 0; -1 for none), handle (its name, or the axis in words),
        part (of an area: which outline, and how much of the group it holds in ``held``), x, y (standard deviations
        within the groups), n (people in a cell).
    shown : share of the variance between the groups that the two axes hold. right : share of those whom the model
        placed and the gate could judge whom the two axes alone would place alike. people, between : those on it, and
        those of them in no group. told : what it shows, in sentences.
    """

    parts: pd.DataFrame
    shown: float
    right: float
    people: int
    between: int
    told: Text


def map_customers(
    customers: Customers | None, survey: Survey | None, personas: Personas, study: Study
) -> CustomerMap | None:
    """Everybody of whom the model knows something; None where no model divides them."""
    if personas.model["kind"] != "mixture":
        return None
    pool = gather(customers, survey, study)
    ids, least = personas.model["ids"], study.privacy.min_cell
    placed = personas.assignments.set_index("customer_id")
    placed = placed[placed[f"p_{ids[0]}"].notna()]
    fitted = pool.prepared.at(pool.fit)
    matrix = gate_matrix(fitted)
    rows = judged_rows(len(matrix), study.seed)
    axes = _Axes(matrix[rows], _judged(matrix[rows], personas.choice, len(ids), study.seed))
    known = pool.answers.index.isin(placed.index)
    everybody = _filled(pool, known, placed.loc[pool.answers.index[known], [f"p_{group}" for group in ids]].to_numpy())
    scores = axes.of(everybody)
    persona = placed.loc[pool.answers.index[known], "persona"]
    group = pd.Index(ids).get_indexer(persona)
    between = int((persona == UNASSIGNED).sum())
    names = {group.id: group.handle for group in personas.groups}
    shares = {found.id: found.share for found in personas.groups}
    whole = np.isin(np.flatnonzero(known), pool.fit)
    right = _alone(scores[whole], group[whole])
    drawn = [_areas(scores[group == g], g, least) for g in range(len(ids))]
    drawn.append(_cells(scores[(persona == UNASSIGNED).to_numpy()], scores, least))
    centres = np.array([np.median(scores[group == g], axis=0) for g in range(len(ids))])
    labels = [{"what": "group", "group": g, "handle": names[i], "held": shares[i]} for g, i in enumerate(ids)]
    drawn.append(pd.DataFrame(labels).assign(x=centres[:, 0], y=centres[:, 1]))
    columns = gate_columns(pool.prepared)
    ends = [{"what": "axis", "group": i, "handle": axes.named(matrix[rows], i, columns)} for i in range(2)]
    parts = pd.concat([*drawn, pd.DataFrame(ends)], ignore_index=True)
    told = sentences(
        _told(axes.shown, right, [names[i] for i in ids], centres, len(scores), between, least),
        say("map.filled") if pool.path == "behaviour and survey" and not whole.all() else "",
    )
    return CustomerMap(parts, axes.shown, right, len(scores), between, told)


def _judged(X: np.ndarray, choice: pd.DataFrame, k: int, seed: int) -> np.ndarray:
    """The division that the gate judged, made anew."""
    begun = {j: divide(X, j, seed, LABEL_STARTS).labels_ for j in range(2, k + 1)}
    grown = choice.loc[choice["k"] == k, "grown"].any() and grow(X, begun, floor_of(len(X)))[k]
    return grown.labels if grown else begun[k]


# --- the axes ----------------------------------------------------------------------------------------------------


class _Axes:
    """The two axes: discriminant ones; where two groups have but one, what else people of a group differ in most."""

    def __init__(self, X: np.ndarray, labels: np.ndarray) -> None:
        found = LinearDiscriminantAnalysis(solver="eigen", shrinkage="auto").fit(X, labels)
        places = (
            found.means_ - X.mean(axis=0)
        ) @ found.scalings_  # of the centres, on all axes: whitened within groups
        between = found.priors_ @ places**2
        self.shown = float(between[:2].sum() / between.sum()) if labels.max() > 2 else 1.0
        self._transform = found.transform
        self._mean, self._other, self._scale = X.mean(axis=0), None, 1.0
        if labels.max() < 2:
            centres = np.array([X[labels == c].mean(axis=0) for c in range(labels.max() + 1)])
            within, first = X - centres[labels], found.transform(X)[:, 0]
            first = first - np.array([first[labels == c].mean() for c in range(labels.max() + 1)])[labels]
            within = within - np.outer(first, first @ within / max(first @ first, 1e-12))
            self._other = np.linalg.svd(within, full_matrices=False)[2][0]
            self._scale = max(float((within @ self._other).std()), 1e-9)
        # the most of people on the right, so that the same data never come out mirrored
        self._ways = np.where(np.median(self._raw(X), axis=0) >= 0, 1.0, -1.0)

    def _raw(self, X: np.ndarray) -> np.ndarray:
        scores = self._transform(X)[:, :2]
        if self._other is None:
            return scores
        return np.c_[scores[:, 0], (X - self._mean) @ self._other / self._scale]

    def of(self, X: np.ndarray) -> np.ndarray:
        """People's places."""
        return self._raw(X) * self._ways

    def named(self, X: np.ndarray, axis: int, columns: list[str]) -> Text:
        """The axis in words: the two columns that go with it most."""
        score, spread = self.of(X)[:, axis], X.std(axis=0)
        r = np.nan_to_num([np.corrcoef(x, score)[0, 1] if s > 1e-9 else 0.0 for x, s in zip(X.T, spread, strict=True)])
        most = [i for i in np.argsort(-np.abs(r), kind="stable")[:2] if abs(r[i]) >= TELLS]
        return say("map.axis", parts=[say(f"map.{'more' if r[i] > 0 else 'less'}", what=columns[i]) for i in most])


def _filled(pool: Pool, known: np.ndarray, posterior: np.ndarray) -> np.ndarray:
    """The gate's matrix of everybody; an answer that is not there is what people of their likely groups gave."""
    prepared, rows = pool.prepared.at(np.flatnonzero(known)), pool.prepared.at(pool.fit)
    given = gate_matrix(prepared, by=rows, gaps=True)
    weights = np.nan_to_num(posterior)
    told = ~np.isnan(given)
    means = (weights.T @ np.nan_to_num(given)) / np.maximum(weights.T @ told, 1e-9)
    return np.where(told, given, weights @ means)


def _alone(scores: np.ndarray, group: np.ndarray) -> float:
    """Share of the people whom the model placed whom these two axes would place alike."""
    placed = group >= 0
    found = LinearDiscriminantAnalysis().fit(scores[placed], group[placed])
    return float((found.predict(scores[placed]) == group[placed]).mean())


# --- what is drawn -----------------------------------------------------------------------------------------------


def _areas(scores: np.ndarray, group: int, least: int) -> pd.DataFrame:
    """Outlines of where the parts ``CORES`` of a group lie densest; islands of too few people are none."""
    low, high = scores.min(axis=0), scores.max(axis=0)
    margin = 0.25 * (high - low) + 0.1
    edges = [np.linspace(a, b, GRID + 1) for a, b in zip(low - margin, high + margin, strict=True)]
    counts = np.histogram2d(scores[:, 0], scores[:, 1], bins=edges)[0]
    step = np.array([edge[1] - edge[0] for edge in edges])
    density = gaussian_filter(counts, scores.std(axis=0) * len(scores) ** (-1 / 6) / step)
    x, y = ((edge[1:] + edge[:-1]) / 2 for edge in edges)
    ordered = np.sort(density.ravel())[::-1]
    outlines = []
    for held in CORES:
        level = ordered[np.searchsorted(ordered.cumsum(), held * ordered.sum())]
        islands, number = label(density >= level)
        people = np.bincount(islands.ravel(), counts.ravel(), minlength=number + 1)
        kept = np.where((people[islands] >= least) | (islands == 0), density, 0.0)
        for line in contour_generator(x, y, kept.T).lines(level):
            outlines.append(pd.DataFrame(line, columns=["x", "y"]).assign(part=len(outlines), held=held))
    return pd.concat([pd.DataFrame(columns=["x", "y", "part", "held"], dtype=float), *outlines]).assign(
        what="area", group=group
    )


def _cells(scores: np.ndarray, everybody: np.ndarray, least: int) -> pd.DataFrame:
    """Six-cornered cells of people who belong to no group: how many lie in each, where they are not too few."""
    none = pd.DataFrame({"what": [], "group": [], "x": [], "y": [], "n": [], "held": []})
    if len(scores) < least:
        return none
    spread = np.sqrt(np.prod(np.maximum(scores.std(axis=0), 1e-3)))
    width = np.clip(spread * np.sqrt(2 * np.pi * PEOPLE_A_CELL * least / len(scores)), 0.15, 1.5)
    tall = np.array([width, width * np.sqrt(3)])
    centre = np.median(everybody, axis=0)
    lattices = [np.round((scores - centre - shift) / tall) * tall + shift + centre for shift in (0 * tall, tall / 2)]
    away = [((scores - places) ** 2).sum(axis=1) for places in lattices]
    nearest = np.where((away[0] <= away[1])[:, None], *lattices)
    cells = pd.DataFrame(nearest.round(6), columns=["x", "y"]).value_counts().reset_index(name="n")
    cells = cells[cells["n"] >= least].sort_values(["x", "y"])
    return cells.assign(what="cell", group=-1, held=width) if len(cells) else none


# --- what it says ------------------------------------------------------------------------------------------------


def _told(
    shown: float, right: float, names: list[Text], centres: np.ndarray, people: int, between: int, least: int
) -> Said:
    """What the map shows: how much of the division, which groups lie nearest to one another, and who lies between."""
    pairs = list(combinations(range(len(names)), 2))
    a, b = min(pairs, key=lambda pair: np.linalg.norm(centres[pair[0]] - centres[pair[1]]))
    nearest = say("map.two") if len(pairs) == 1 else say("map.nearest", a=names[a], b=names[b])
    axes = say("map.one_axis") if len(names) == 2 else say("map.axes", shown=shown)
    who = say("map.nobody") if not between else say("map.some", n=few(between, least), share=between / people)
    if 0 < between < least:
        who = say("map.few", n=few(between, least))
    return say("map.told", n=people, axes=axes, right=right, nearest=nearest, who=who, least=least)


@styled
def plot_map(parts: pd.DataFrame, *, ax: Axes, words: Words) -> Axes:
    """Areas of the groups and cells of who belongs to none (``CustomerMap.parts``)."""
    figure = ax.get_figure()
    if len(figure.axes) == 1:
        figure.set_size_inches(4.4, 5.0)  # its letters are to be read on a phone
    cells, areas = parts[parts["what"] == "cell"], parts[parts["what"] == "area"]
    names = parts[parts["what"] == "group"]
    for (group, held, _), line in areas.groupby(["group", "held", "part"]):
        colour = PALETTE[int(group) % len(PALETTE)]
        ax.fill(line["x"], line["y"], color=colour, alpha=0.16 if held == max(CORES) else 0.26, lw=0, zorder=1)
        ax.plot(line["x"], line["y"], color=colour, lw=1.2, ls="-" if held == min(CORES) else (0, (4, 2)), zorder=2)
    ax.autoscale_view()
    _draw_cells(cells, ax)
    halo = [patheffects.withStroke(linewidth=3, foreground="white")]
    for number, row in enumerate(names.itertuples()):
        colour = PALETTE[number % len(PALETTE)]
        ax.text(row.x, row.y, str(number + 1), ha="center", va="center", fontsize=15, fontweight="bold", color=INK,
                path_effects=halo, zorder=5)  # fmt: skip
        told = f"{number + 1}  {label_of(row.handle, 38)}, {words.percent(row.held)}"
        ax.fill([], [], color=colour, alpha=0.5, lw=0, label=told)
    if len(cells):
        ax.fill([], [], color=MUTED, alpha=0.55, lw=0, label=words.say("report.figure.map.between"))
    axes = parts[parts["what"] == "axis"].set_index("group")["handle"]
    ax.set(xticks=[], yticks=[], aspect="equal")
    finish(ax, "map", words)
    ax.set_xlabel(label_of(axes.get(0, ""), 48))
    ax.set_ylabel(label_of(axes.get(1, ""), 40))
    ax.legend(loc="upper left", bbox_to_anchor=(-0.08, -0.18), handlelength=1.2)
    return ax


def _draw_cells(cells: pd.DataFrame, ax: Axes) -> None:
    """Hexagons whose size grows with their people, in data units."""
    if cells.empty:
        return
    radius = cells["held"].iloc[0] / np.sqrt(3)
    most = cells["n"].max()
    corners = np.pi / 3 * np.arange(6) + np.pi / 6
    for row in cells.itertuples():
        size = radius * (0.45 + 0.5 * np.sqrt(row.n / most))
        ax.fill(row.x + size * np.cos(corners), row.y + size * np.sin(corners), color=MUTED, alpha=0.55, lw=0, zorder=3)
