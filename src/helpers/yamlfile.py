"""A YAML file as plain values with the line of each, and what is wrong with them in the words of the file."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import BaseModel, ValidationError

from helpers.contracts import StudyError
from helpers.listed import LOADER
from helpers.text import nearest

MAX_BYTES = 1_000_000
MAX_DEPTH = 20
_TAGS = (None, "!", "tag:yaml.org,2002:str")
_PLAIN_NUMBER = re.compile(
    r"[-+]?(?:0|[1-9]\d*)(?:\.\d*)?(?:[eE][-+]?\d+)?|[-+]?\.\d+(?:[eE][-+]?\d+)?|[-+]?\.(?:inf|nan)", re.IGNORECASE
)
Keys = tuple[str | int, ...]
"""The way to a value: keys, and positions in lists."""


def compose(file: Path) -> yaml.Node:
    """The syntax tree of a study file: one small document without anchors and aliases."""
    try:
        data = file.read_bytes()
    except OSError as error:
        raise StudyError(f"{file}: no such study: {error.strerror}; give a study.yml or its folder") from None
    if len(data) > MAX_BYTES:
        raise StudyError(f"{file}: {len(data)} bytes; a study file has at most {MAX_BYTES}")
    try:
        text = data.decode("utf-8-sig")
        refuse_tricks(text, str(file))
        node = yaml.compose(text, yaml.SafeLoader)
    except UnicodeDecodeError:
        raise StudyError(f"{file}: not UTF-8; save the file as UTF-8") from None
    except yaml.YAMLError as error:
        raise StudyError(f"{file}: not YAML: {' '.join(str(error).split())}") from None
    if not isinstance(node, yaml.MappingNode):
        raise StudyError(f"{file}: a study is a list of `key: value` lines, and the first of them is `study: name`")
    return node


def refuse_tricks(text: str, shown: str) -> None:
    """Raise StudyError for what no file of a study needs, before anything is built of it: deep nesting, which overflows
    the stack; anchors and aliases, which multiply; and tags, which make objects."""
    depth = 0
    for event in yaml.parse(text, LOADER):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        what = ""
        if depth > MAX_DEPTH:
            what = f"more than {MAX_DEPTH} levels are not allowed"
        elif getattr(event, "anchor", None):
            what = "anchors and aliases (& and *) are not allowed"
        elif getattr(event, "tag", None) not in _TAGS:
            what = f"the tag {event.tag.replace('tag:yaml.org,2002:', '!!')} is not allowed"
        if what:
            raise StudyError(f"{shown}, line {event.start_mark.line + 1}: {what}; write it out")


def places(node: yaml.Node, keys: Keys = ()) -> Iterator[tuple[Keys, yaml.Node]]:
    """Every value of the tree and the way to it."""
    yield keys, node
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from places(value, (*keys, str(key.value)))
    elif isinstance(node, yaml.SequenceNode):
        for position, value in enumerate(node.value):
            yield from places(value, (*keys, position))


def bad_keys(node: yaml.Node) -> Iterator[tuple[Keys, str]]:
    """Keys that come twice, that merge (<<), or that YAML does not read as text."""
    for keys, mapping in places(node):
        seen: set[str] = set()
        for key, _ in mapping.value if isinstance(mapping, yaml.MappingNode) else ():
            way = (*keys, str(key.value))
            if key.tag != "tag:yaml.org,2002:str":
                yield way, f"YAML does not read this key as text; put it in quotes: {str(key.value)!r}"
            elif key.value in seen:
                yield way, f"comes twice (again on line {key.start_mark.line + 1}); keep one"
            seen.add(str(key.value))


def bad_values(places: dict[Keys, yaml.Node]) -> Iterator[tuple[Keys, str]]:
    """Numbers that YAML reads as others than stand there (017 is 15), and signs that steer a screen."""
    for keys, node in places.items():
        if not isinstance(node, yaml.ScalarNode):
            continue
        number = node.tag in ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")
        if number and not _PLAIN_NUMBER.fullmatch(node.value):
            read = yaml.SafeLoader("").construct_object(node)
            mend = f'put it in quotes if it is a text, "{node.value}"; write it without leading zeros if it is a number'
            yield keys, f"YAML reads {node.value} as {read}; {mend}"
        elif keys[-1:] != ("sep",) and any(unicodedata.category(s) == "Cc" and s not in "\t\n\r" for s in node.value):
            yield keys, "holds signs that cannot be seen (control characters); write it without them"


def line(places: dict[Keys, yaml.Node], keys: Keys) -> int:
    """The line of a value, or of the nearest thing above it that is written."""
    while keys not in places:
        keys = keys[:-1]
    return places[keys].start_mark.line + 1


def dotted(keys: Keys) -> str:
    return ".".join(f"[{key}]" if isinstance(key, int) else key for key in keys).replace(".[", "[") or "study.yml"


# --- what pydantic found, in the words of study.yml ---------------------------------------------------------------


def explain(error: ValidationError, places: dict[Keys, yaml.Node], root: type[BaseModel]) -> list[tuple[Keys, str]]:
    """One fault per value; what several allowed types say of the same value is joined."""
    faults: dict[Keys, list[str]] = {}
    for fault in error.errors(include_url=False):
        keys = tuple(fault["loc"])
        if fault["type"] not in ("missing", "extra_forbidden"):
            while keys not in places:
                keys = keys[:-1]
        text = _fault_text(fault, keys, places, root)
        if text not in faults.setdefault(keys, []):
            faults[keys].append(text)
    return [(keys, "; or ".join(texts)) for keys, texts in faults.items()]


def _fault_text(fault: dict[str, Any], keys: Keys, places: dict[Keys, yaml.Node], root: type[BaseModel]) -> str:
    """What is wrong, what is allowed, what was given and how to mend it."""
    if fault["type"] == "extra_forbidden":
        return f"unknown key; {nearest(str(keys[-1]), _known_keys(keys, root))}"
    if fault["type"] == "missing":
        return "is required"
    node = places[keys]
    given = node.value if isinstance(node, yaml.ScalarNode) else "a list or mapping"
    text = f"{fault['msg'].removeprefix('Input ')}; given: {given}"
    misread = fault["type"] in ("string_type", "literal_error") and node.tag != "tag:yaml.org,2002:str"
    if misread and isinstance(node, yaml.ScalarNode):
        text += f'. YAML reads it as {node.tag.rpartition(":")[2]}: put it in quotes, "{given}"'
    elif fault["type"].startswith("date") and node.tag == "tag:yaml.org,2002:str":
        text += ". Write a date as 2025-12-31, without quotes"
    return text


def _known_keys(keys: Keys, root: type[BaseModel]) -> list[str]:
    """The valid keys beside the last of ``keys``."""
    model = root
    for key in keys[:-1]:
        if key in model.model_fields:
            model = _model_in(model.model_fields[key].annotation) or model
    return [name for name in model.model_fields if not (model is root and name == "path")]


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The part of study.yml inside an annotation such as ``dict[str, OpenEnded]``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for inner in get_args(annotation) if (found := _model_in(inner))), None)
