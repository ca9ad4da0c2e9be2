"""What answers without a code speak of: groups of alike answers, to find codes that a codebook lacks."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
from sklearn.decomposition import NMF
from sklearn.feature_extraction.text import TfidfVectorizer

TOPICS, EACH = 5, 12
"""At most so many topics per script, and at least so many answers for each."""
WORDS, EXAMPLES = 6, 3
_SCRIPTS = {
    "Georgian": "\u10a0-\u10ff",
    "Arabic": "\u0600-\u06ff",
    "Cyrillic": "\u0400-\u04ff",
    "Latin": "A-Za-z\u00c0-\u024f",
}
COLUMNS = ["script", "topic", "answers", "words", *(f"example_{place}" for place in range(1, EXAMPLES + 1))]


def suggest(texts: pd.Series, *, seed: int) -> pd.DataFrame:
    """Topics of answers, per script.

    Pieces of three to five letters stand for words, since most of these languages have no stemmer; topics are the parts
    of a non-negative factorisation of their TF-IDF (Lee & Seung 1999), each answer in the one that weighs most.

    Returns
    -------
    script, topic (its number), answers (how many), words (that the topic has more of than the others of its script),
    example_1 to example_3 (the answers that it fits best). No rows for a script with under ``EACH`` answers.
    """
    rows = []
    script = texts.map(script_of)
    for name in _SCRIPTS:
        own = texts[script == name].drop_duplicates()
        if len(own) >= EACH:
            rows += [(name, *row) for row in _topics(own.to_list(), seed)]
    return pd.DataFrame(rows, columns=COLUMNS)


def script_of(text: str) -> str:
    """The script that most letters of a text belong to; empty where it has none of those known."""
    counts = {name: len(re.findall(f"[{letters}]", text)) for name, letters in _SCRIPTS.items()}
    best = max(counts, key=counts.__getitem__)
    return best if counts[best] else ""


def _topics(texts: list[str], seed: int) -> list[tuple]:
    """Rows of ``suggest`` for one script."""
    pieces = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), min_df=2, sublinear_tf=True)
    whole = TfidfVectorizer(token_pattern=r"[^\W\d_]{3,}(?:[\u200c'’ʻ-][^\W\d_]+)*")
    try:
        weights, by_word = pieces.fit_transform(texts), whole.fit_transform(texts).toarray()
    except ValueError:  # not one piece of a word occurs twice, or there are no words
        return []
    k = min(TOPICS, len(texts) // EACH, min(weights.shape))
    fit = NMF(k, init="nndsvda", random_state=seed, max_iter=1_000, tol=1e-3).fit_transform(weights)
    topic, vocabulary = fit.argmax(axis=1), whole.get_feature_names_out()
    rows = []
    for number in np.argsort(-np.bincount(topic, minlength=k), kind="stable"):
        inside = topic == number
        if inside.sum() >= 2:
            rest = by_word[~inside].mean(axis=0) if (~inside).any() else 0.0
            top = np.argsort(rest - by_word[inside].mean(axis=0), kind="stable")[:WORDS]
            best = [texts[i] for i in np.argsort(-fit[:, number], kind="stable") if inside[i]][:EXAMPLES]
            words = ", ".join(vocabulary[top])
            rows.append((len(rows) + 1, int(inside.sum()), words, *best, *[""] * (EXAMPLES - len(best))))
    return rows
