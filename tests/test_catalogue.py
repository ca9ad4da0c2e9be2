"""The catalogues: every message is reached by the code, every one that the code names is there, in every language."""

import ast
import json
import re
from pathlib import Path
from string import Formatter

import pytest

from helpers.beliefs.belief import built_in
from helpers.run.stages import exhibits
from helpers.words import PLURAL_ORDER, catalogue, languages

ROOT = Path(__file__).parents[1]
TYPES = {"", "number", "count", "percent", "points", "money", "ratio", "times", "p", "date", "list"}


def sources() -> list[str]:
    """All code that can name a message."""
    files = [*ROOT.glob("src/helpers/**/*.py")]
    notebooks = [json.loads(file.read_text(encoding="utf-8")) for file in ROOT.glob("notebooks/*.ipynb")]
    cells = [c for n in notebooks for c in n["cells"] if c["cell_type"] == "code"]
    return [file.read_text(encoding="utf-8") for file in files] + ["".join(c["source"]) for c in cells]


def named() -> tuple[set[str], list[re.Pattern]]:
    """Every text of the code, and what its f-strings can become."""
    literal, made = set(), []
    for code in sources():
        for node in ast.walk(ast.parse(code)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                literal.add(node.value)
            elif isinstance(node, ast.JoinedStr):
                parts = [re.escape(p.value) if isinstance(p, ast.Constant) else r"[\w. -]+" for p in node.values]
                if re.match(r"[a-z_]+\\\.", parts[0]) if parts else False:
                    made.append(re.compile("".join(parts)))
    for file in ROOT.glob("src/helpers/**/templates/*.html"):
        text = file.read_text(encoding="utf-8")
        literal |= set(re.findall(r"\"([\w.]+)\"", text))
        made += [re.compile(re.escape(head) + r"[\w. -]+") for head in re.findall(r"\"([a-z_.]+\.)\" ~", text)]
    for name in exhibits():
        file, _, own = name.partition(".")
        literal |= {f"{file}.exhibit.{own}.caption", f"{file}.exhibit.{own}.alt"}
    literal |= {belief.says(part).key for belief in built_in().values() for part in ("title", "theory", "estimand")}
    return literal, made


def test_every_message_can_be_reached():
    literal, made = named()
    lost = [key for key in catalogue("en") if key not in literal and not any(m.fullmatch(key) for m in made)]
    assert lost == []


def test_every_message_that_the_code_says_is_there():
    said = {
        node.args[0].value
        for code in sources()
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant)
        if getattr(node.func, "id", getattr(node.func, "attr", "")) == "say"
    }
    assert said - catalogue("en").keys() == {""}


@pytest.mark.parametrize("name", sorted(exhibits()))
def test_every_table_has_its_caption_and_every_figure_its_alternative(name):
    file, _, own = name.partition(".")
    told = [key for key in ("caption", "alt") if f"{file}.exhibit.{own}.{key}" in catalogue("en")]
    sentences = name in ("voice.words", "voice.coding", "voice.interviews", "report.cards", "findings.crm_file")
    assert told == ([] if sentences else ["alt"] if exhibits()[name].draw else ["caption"])


@pytest.mark.parametrize("language", languages())
def test_every_language_has_every_message_with_the_same_parts_of_known_types(language):
    ours, english = catalogue(language), catalogue("en")
    assert ours.keys() == english.keys()
    for key, template in ours.items():
        parts = [(name, spec) for _, name, spec, _ in Formatter().parse(template) if name is not None]
        theirs = {name for _, name, _, _ in Formatter().parse(english[key]) if name is not None}
        assert {name for name, _ in parts} == theirs, key
        for _, spec in parts:
            kind = spec.partition(".")[0]
            forms = re.fullmatch(r"plural\(([^()]*)\)", spec)
            assert kind in TYPES or (forms and 1 < len(forms[1].split("|")) <= len(PLURAL_ORDER)), (key, spec)
