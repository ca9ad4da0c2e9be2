"""Clouds of people in a few columns, as the gate sees them: copulas, rings, horseshoes, and types at known distances.

Of what sets a person apart from the others of a type half of the variance lasts and half is the luck of what was seen;
by one half of what is known of them that luck is twice as large.
"""

from __future__ import annotations

import numpy as np
from scipy.stats import expon, norm

from worlds import Base

COLUMNS = 8


def seen(rng: np.random.Generator, lasting: np.ndarray, luck: float, truth: np.ndarray | None) -> Base:
    """People at ``lasting`` places, seen with luck of this spread: as a whole, and by each half."""
    halves = [lasting + luck * np.sqrt(2) * rng.standard_normal(lasting.shape) for _ in range(2)]
    whole = (halves[0] + halves[1]) / 2
    centre, spread = whole.mean(axis=0), whole.std(axis=0)
    return Base(
        truth,
        shape=(whole - centre) / spread,
        again=tuple((half - half.mean(axis=0)) / half.std(axis=0) for half in halves),
    )


# --- without types -----------------------------------------------------------------------------------------------


def clayton(rng: np.random.Generator, n: int) -> Base:
    """Six skewed columns that go together at their low ends (Clayton, theta 2)."""
    frailty = rng.gamma(0.5, 1, (n, 1))
    uniform = (1 + rng.exponential(size=(n, 6)) / frailty) ** -0.5
    return seen(rng, expon.ppf(np.clip(uniform, 1e-6, 1 - 1e-6)), 0.5, None)


def gumbel(rng: np.random.Generator, n: int) -> Base:
    """Six columns that go together at their high ends (Gumbel, theta 2), half of them with a heavy tail."""
    angle, waiting = rng.uniform(0, np.pi, (n, 1)), rng.exponential(size=(n, 1))
    stable = np.sin(angle / 2) / np.sin(angle) ** 2 * (np.sin(angle / 2) / waiting)  # positive stable, index 1/2
    uniform = np.clip(np.exp(-((rng.exponential(size=(n, 6)) / stable) ** 0.5)), 1e-6, 1 - 1e-6)
    return seen(rng, np.hstack([norm.ppf(uniform[:, :3]), np.exp(0.7 * norm.ppf(uniform[:, 3:]))]), 0.5, None)


def ring(rng: np.random.Generator, n: int) -> Base:
    """A ring in two columns beside three columns of nothing."""
    angle = rng.uniform(0, 2 * np.pi, n)
    return seen(rng, np.c_[3 * np.cos(angle), 3 * np.sin(angle), rng.standard_normal((n, 3))], 0.4, None)


def horseshoe(rng: np.random.Generator, n: int) -> Base:
    """One continuum, bent to a horseshoe, as ordinal answers to it are."""
    place = rng.uniform(-1, 1, n)
    bent = np.c_[3 * np.sin(1.4 * place), 3 * np.cos(1.4 * place), place, rng.standard_normal((n, 2))]
    return seen(rng, bent, 0.4, None)


def helix(rng: np.random.Generator, n: int) -> Base:
    """One continuum, wound once and a half about an axis, beside two columns of nothing."""
    turn = rng.uniform(-1.5 * np.pi, 1.5 * np.pi, n)
    wound = np.c_[2 * np.cos(turn), 2 * np.sin(turn), 0.8 * turn, rng.standard_normal((n, 2))]
    return seen(rng, wound, 0.4, None)


def branches(rng: np.random.Generator, n: int) -> Base:
    """Three continua that begin at the same middle."""
    arm, far = rng.integers(0, 3, n), 4 * rng.random(n)
    return seen(rng, np.c_[np.eye(3)[arm] * far[:, None], 0.5 * rng.standard_normal((n, 3))], 0.4, None)


def shell(rng: np.random.Generator, n: int) -> Base:
    """All about an empty middle, in three columns beside two of nothing."""
    way = rng.standard_normal((n, 3))
    way *= 3 / np.linalg.norm(way, axis=1, keepdims=True)
    return seen(rng, np.c_[way, rng.standard_normal((n, 2))], 0.4, None)


def wedge(rng: np.random.Generator, n: int) -> Base:
    """Heavier buyers differ more from one another: a wedge."""
    size = rng.exponential(size=(n, 1))
    return seen(rng, np.hstack([size, size * rng.standard_normal((n, 4))]), 0.4, None)


# --- with types --------------------------------------------------------------------------------------------------


def types(
    rng: np.random.Generator, n: int, sizes: tuple[float, ...], apart: float, columns: int = COLUMNS, noise: int = 0
) -> Base:
    """Round types whose centres are each ``apart`` standard deviations from one another, beside columns of noise."""
    truth = rng.choice(len(sizes), n, p=sizes)
    corners = np.linalg.qr(rng.standard_normal((columns, columns)))[0][: len(sizes)] * apart / np.sqrt(2)
    lasting = corners[truth] + np.sqrt(0.5) * rng.standard_normal((n, columns))
    return seen(rng, np.hstack([lasting, np.sqrt(0.5) * rng.standard_normal((n, noise))]), np.sqrt(0.5), truth)


def apart_2(rng: np.random.Generator, n: int) -> Base:
    """Three types of 70, 20 and 10 %, 2 standard deviations apart: one hill to the eye."""
    return types(rng, n, (0.7, 0.2, 0.1), 2)


def apart_3(rng: np.random.Generator, n: int) -> Base:
    """Three types of 70, 20 and 10 %, 3 standard deviations apart."""
    return types(rng, n, (0.7, 0.2, 0.1), 3)


def apart_4(rng: np.random.Generator, n: int) -> Base:
    """Three types of 70, 20 and 10 %, 4 standard deviations apart."""
    return types(rng, n, (0.7, 0.2, 0.1), 4)


def apart_6(rng: np.random.Generator, n: int) -> Base:
    """Three types of 85, 8 and 7 %, 6 standard deviations apart."""
    return types(rng, n, (0.85, 0.08, 0.07), 6)


def two_of_94_and_6(rng: np.random.Generator, n: int) -> Base:
    """Two types of 94 and 6 %, 5 standard deviations apart."""
    return types(rng, n, (0.94, 0.06), 5)


def three_of_80_15_5(rng: np.random.Generator, n: int) -> Base:
    """Three types of 80, 15 and 5 %, 6 standard deviations apart; the smallest lies at the floor of a card."""
    return types(rng, n, (0.8, 0.15, 0.05), 6)


def with_noise_columns(rng: np.random.Generator, n: int) -> Base:
    """Three types of 60, 30 and 10 %, 5 standard deviations apart, and as many columns of noise again."""
    return types(rng, n, (0.6, 0.3, 0.1), 5, noise=COLUMNS)


def four_types(rng: np.random.Generator, n: int) -> Base:
    """Four types of 40, 30, 18 and 12 %, 5 standard deviations apart."""
    return types(rng, n, (0.4, 0.3, 0.18, 0.12), 5)


def five_types(rng: np.random.Generator, n: int) -> Base:
    """Five types of 30, 25, 20, 15 and 10 %, 5 standard deviations apart: one more than a report has unless asked."""
    return types(rng, n, (0.3, 0.25, 0.2, 0.15, 0.1), 5)


def long_types(rng: np.random.Generator, n: int) -> Base:
    """Two types of 65 and 35 %, each three times as long as wide, side by side."""
    truth = rng.choice(2, n, p=[0.65, 0.35])
    places = np.c_[3 * rng.standard_normal(n), 5 * truth + rng.standard_normal(n), rng.standard_normal((n, 4))]
    return seen(rng, places * np.sqrt(0.5), np.sqrt(0.5), truth)


def bands(rng: np.random.Generator, n: int) -> Base:
    """Three bands of 50, 30 and 20 %, aslant in two columns, each 16 standard deviations long and 6 from the next."""
    truth = rng.choice(3, n, p=[0.5, 0.3, 0.2])
    along, across = 8 * rng.uniform(-1, 1, n), 6 * truth + np.sqrt(0.5) * rng.standard_normal(n)
    aslant = np.c_[along + across, along - across] / np.sqrt(2)
    return seen(rng, np.c_[aslant, np.sqrt(0.5) * rng.standard_normal((n, 2))], np.sqrt(0.5), truth)


WORLDS = dict.fromkeys((clayton, gumbel, ring, horseshoe, helix, branches, shell, wedge), 0) | {
    apart_2: 3,
    apart_3: 3,
    apart_4: 3,
    apart_6: 3,
    two_of_94_and_6: 2,
    three_of_80_15_5: 3,
    with_noise_columns: 3,
    four_types: 4,
    five_types: 5,
    long_types: 2,
    bands: 3,
}
