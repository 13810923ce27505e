"""What a coder may write: the answer alone. Any other key of a body is refused, its ids are handed on.

Label Studio's serializers take what names other objects too (another task, another person, a
copied answer), so a body may have the keys that the page sends and no more. Plain values in and
out; no Django here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from label_studio_guard.wall_table import Key
from label_studio_guard.walls import merge, number_in

# An item of `result` as Label Studio's editor writes one for the controls of our page: its id is
# a name within the answer, and it says nothing of any other object.
WORDS = {"id", "from_name", "to_name", "type", "origin"}
FLAGS = {"hidden", "locked", "readonly"}
GIVEN = {"choices", "taxonomy", "text"}


class Forged(ValueError):
    """A body that a coder may not send; the message says what is wrong and holds no value."""


def ids_in(raw: bytes, content_type: str, charset: str, keys: Mapping[str, Key]) -> dict[str, int]:
    """The ids that a body names, by kind: draft 4. Raises Forged when it holds anything but `keys`."""
    if not raw:
        return {}
    if not keys:
        raise Forged("nothing may be sent here")
    if content_type != "application/json":
        raise Forged("only JSON is taken")
    # Label Studio would read the body by the charset that is named: not by another than is read here.
    if charset.lower() not in {"", "utf-8", "utf8"}:
        raise Forged("only UTF-8 is taken")
    try:
        return _named(_body(raw), keys)
    except RecursionError:
        raise Forged("the body is nested too deeply") from None


def _body(raw: bytes) -> Any:
    try:
        return json.loads(raw.decode(), object_pairs_hook=_once, parse_constant=_no_constant)
    except ValueError as error:
        raise error if isinstance(error, Forged) else Forged("the body is not JSON") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose keys differ: of a doubled key two readers may take two different values."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Forged("a key is doubled")
    return found


def _no_constant(name: str) -> None:
    raise Forged(f"{name} is not JSON")


def _named(body: Any, keys: Mapping[str, Key]) -> dict[str, int]:
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
    """The id that a key names, if it names one. Raises Forged on a value that the key may not have."""
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
    if not isinstance(result, list):
        raise Forged("result is not a list")
    for item in result:
        if not isinstance(item, dict):
            raise Forged("an item of result is not an object")
        for name, value in item.items():
            if not _belongs(name, value):
                raise Forged("an item of result may hold the codes alone")


def _belongs(name: str, value: Any) -> bool:
    if name in WORDS:
        return isinstance(value, str)
    if name in FLAGS:
        return isinstance(value, bool)
    if name == "value":
        if not isinstance(value, dict):
            return False
        return value.keys() <= GIVEN and all(map(_is_text, value.values()))
    return False


def _is_text(value: Any) -> bool:
    """A text, or a list of texts, or (a path in a tree of codes) a list of such lists."""
    if isinstance(value, list):
        return all(map(_is_text, value))
    return isinstance(value, str)
