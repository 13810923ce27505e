"""Checking the body of a coder's request: it may hold the answer, and nothing else.

Label Studio would take more: another task, another person, a copied answer. So a body may have the
keys that the page sends, and no others. The ids in it are handed on, to be checked as well. Plain
values in and out; no Django here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from math import inf
from typing import Any

from label_studio_guard.wall_table import Key
from label_studio_guard.walls import merge, number_in

# An item of `result` as Label Studio's editor writes one for the controls of our page: its id is
# a name within the answer, and it says nothing of any other object.
WORDS = {"id", "from_name", "to_name", "type", "origin"}
FLAGS = {"hidden", "locked", "readonly"}
GIVEN = {"choices", "taxonomy", "text"}
CLOCK = "clock"
"""The control whose item holds the seconds worked, as a number."""


class Forged(ValueError):
    """A coder may not send this body. The message says what is wrong, without any value of it."""


def ids_in(raw: bytes, content_type: str, charset: str, keys: Mapping[str, Key]) -> dict[str, int]:
    """The ids that a body names, by kind, as {"draft": 4}.

    Raises Forged where it has any key that is not among `keys`.
    """
    if not raw:
        return {}
    if not keys:
        raise Forged("nothing may be sent here")
    if content_type != "application/json":
        raise Forged("only JSON is taken")
    # Label Studio reads the body by the charset that is named, so it must be the one used here.
    if charset.lower() not in {"", "utf-8", "utf8"}:
        raise Forged("only UTF-8 is taken")
    try:
        return _named(_body(raw), keys)
    except RecursionError:
        raise Forged("the body is nested too deeply") from None


def _body(raw: bytes) -> Any:
    """The JSON of a body. Raises Forged."""
    try:
        return json.loads(raw.decode(), object_pairs_hook=_once, parse_constant=_no_constant)
    except Forged:
        raise
    except ValueError:
        raise Forged("the body is not JSON") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object without doubled keys: of two values Label Studio might take the other one."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Forged("a key is doubled")
    return found


def _no_constant(name: str) -> None:
    """Called for NaN and Infinity, which Python's reader would take."""
    raise Forged(f"{name} is not JSON")


def _named(body: Any, keys: Mapping[str, Key]) -> dict[str, int]:
    """The ids in a body. Raises Forged."""
    if not isinstance(body, dict):
        raise Forged("the body is not an object")
    named: dict[str, int] = {}
    for name, value in body.items():
        if name not in keys:
            raise Forged("a coder may write the answer alone")
        together = merge(named, _ids(name, value, keys[name]))
        if together is None:
            raise Forged(f"{name} is doubtful")
        named = together
    return named


def _ids(name: str, value: Any, key: Key) -> dict[str, int]:
    """The id that a key names, if any. Raises Forged for a value that the key may not have."""
    if key is Key.RESULT:
        _check_result(value)
        return {}
    if key is Key.PLAIN:
        if isinstance(value, dict | list):
            raise Forged(f"{name} is no word and no number")
        return {}
    if key is not Key.PROJECT and value is None:
        return {}
    if key is Key.DRAFT and value == 0 and type(value) is int:
        return {}  # The page sends 0 when there is no draft yet.
    number = number_in(value)
    if key is Key.EMPTY or number is None:
        raise Forged(f"a coder may not set {name}")
    return {key.value: number}


def _check_result(result: Any) -> None:
    """Raises Forged where the codes of an answer hold anything else."""
    if not isinstance(result, list):
        raise Forged("result is not a list")
    for item in result:
        if not isinstance(item, dict):
            raise Forged("an item of result is not an object")
        for name, value in item.items():
            if name == "value" and item.get("from_name") == CLOCK:
                fits = _is_time(value)
            else:
                fits = _belongs(name, value)
            if not fits:
                raise Forged("an item of result may hold the codes alone")


def _belongs(name: str, value: Any) -> bool:
    """Whether an item of an answer may have this key with this value."""
    if name in WORDS:
        return isinstance(value, str)
    if name in FLAGS:
        return isinstance(value, bool)
    if name == "value":
        if not isinstance(value, dict):
            return False
        return value.keys() <= GIVEN and all(map(_is_text, value.values()))
    return False


def _is_time(value: Any) -> bool:
    """Whether it is {"number": seconds}, and these are a time."""
    if not isinstance(value, dict) or value.keys() != {"number"}:
        return False
    seconds = value["number"]
    return type(seconds) in (int, float) and 0 <= seconds < inf


def _is_text(value: Any) -> bool:
    """Whether it is a text, a list of texts, or a list of such lists (paths in a tree of codes)."""
    if isinstance(value, list):
        return all(map(_is_text, value))
    return isinstance(value, str)
