"""Who may send what to Label Studio, by one table (`wall_table`).

Label Studio's community edition has no walls between its accounts, so these are the walls. The
table names every route of Label Studio; a test walks its URL resolver to see that it does. A route
that a new release adds has no row: it is refused, and that test fails until somebody gives it one.
No Django here: plain values in and out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cache

from label_studio_guard.wall_table import LAYOUT, QUERY_IDS, ROWS, Key, Row, Scope

__all__ = [
    "Decision",
    "Role",
    "Row",
    "Scope",
    "Verdict",
    "decide",
    "merge",
    "number_in",
    "row_for",
    "session_lasts",
]

SAFE = ("GET", "HEAD")
SESSION_SECONDS = 12 * 3600
NOBODYS = -1
"""An id that no object has."""


class Role(Enum):
    """Who is asking."""

    NOBODY = "nobody"
    CODER = "coder"
    ADMIN = "admin"


class Verdict(Enum):
    """What becomes of a request."""

    ALLOW = "allow"
    """It may pass, if the objects that it names are the coder's own (`Decision.ids`)."""
    DENY = "deny"
    HOME = "home"
    """The browser is sent to our site."""
    STAND_IN = "stand-in"
    """The guard answers itself."""


@dataclass(frozen=True)
class Decision:
    """The table's answer to a request."""

    verdict: Verdict
    ids: Mapping[str, int] = field(default_factory=dict)
    """The objects that must be the coder's own: kind -> id."""
    writes: bool = False
    """Whether the project must be open for answers."""
    body: Mapping[str, Key] = field(default_factory=dict)
    """The only keys that the body may have (see `answer`)."""


DENIED = Decision(Verdict.DENY)


def decide(method: str, path: str, query: Mapping[str, Sequence[str]], role: Role) -> Decision:
    """The table's answer to a request. `path` is without the query, `query` has lists of values."""
    row, found = row_for(method, path)
    if row is None or row.scope is Scope.CLOSED:
        return DENIED
    if row.scope is Scope.PUBLIC or role is Role.ADMIN:
        return Decision(Verdict.ALLOW)
    if row.scope is Scope.PAGE:
        return Decision(Verdict.HOME)
    if row.scope is Scope.ADMIN or role is Role.NOBODY:
        return DENIED
    if row.scope is Scope.STAND_IN:
        return Decision(Verdict.STAND_IN)
    if row.scope is Scope.OWN and not query.keys() <= QUERY_IDS.keys() | LAYOUT:
        return DENIED
    ids = merge(found, *_query_ids(query))
    if ids is None or (row.scope is Scope.OWN and not ids.keys() - {"view"}):
        return DENIED
    writes = row.scope is Scope.OWN and method not in SAFE
    return Decision(Verdict.ALLOW, ids, writes, row.body)


def row_for(method: str, path: str) -> tuple[Row | None, dict[str, int]]:
    """The first row of the table that fits, and the ids in the path by kind."""
    for row in ROWS:
        if row.methods != "*" and method not in row.methods.split():
            continue
        match = _compiled(row.path).fullmatch(path)
        if match:
            return row, {name: int(text) for name, text in match.groupdict().items()}
    return None, {}


def merge(*named: Mapping[str, int]) -> dict[str, int] | None:
    """All ids together; None where two of one kind differ, for a request is about one task."""
    together: dict[str, int] = {}
    for ids in named:
        for kind, number in ids.items():
            if together.setdefault(kind, number) != number:
                return None
    return together


def number_in(value: object) -> int | None:
    """The id that a value of a query or a body is; None where the page would not write it so."""
    if type(value) is int:
        value = str(value)
    if isinstance(value, str) and re.fullmatch(r"[1-9][0-9]{0,8}", value, re.ASCII):
        return int(value)
    return None


def session_lasts(began: object, now: float) -> bool:
    """Whether a session is not over: it lasts a working day, whatever Label Studio allows.

    `began`, when the ticket was used, and `now` are seconds since 1970.
    """
    return isinstance(began, int | float) and 0 <= now - began < SESSION_SECONDS


def _query_ids(query: Mapping[str, Sequence[str]]) -> Iterator[dict[str, int]]:
    """Every id of the query, by kind. A value that is no id becomes one that is nobody's."""
    for name, kind in QUERY_IDS.items():
        for value in query.get(name, ()):
            yield {kind: number_in(value) or NOBODYS}


@cache
def _compiled(template: str) -> re.Pattern[str]:
    """The pattern of a row's path: `<task>` is a number, `*` one segment, `**` anything.

    A slash at the end may be missing.
    """
    pattern = ""
    for part in re.split(r"(<[a-z]+>|\*\*|\*)", template.rstrip("/")):
        if part.startswith("<"):
            kind = part[1:-1]
            pattern += f"(?P<{kind}>[0-9]{{1,9}})"
        elif part == "**":
            pattern += ".*"
        elif part == "*":
            pattern += "[^/]*"
        else:
            pattern += re.escape(part)
    return re.compile(pattern + "/?", re.DOTALL)
