"""Who may send what to Label Studio: one table, first row that fits wins, and what is not in the table is refused.

Label Studio's community edition has no walls between its accounts, so these are the walls. The table names every
route of Label Studio (held by a test that walks its URL resolver): a route that a new release adds has no row, is
refused at run time, and fails that test until somebody classifies it. No Django here: plain values in and out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cache

from label_studio_guard.wall_table import (
    LAYOUT,
    QUERY_IDS,
    ROWS,
    Key,
    Row,
    Scope,
)

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


class Role(Enum):
    """Who is asking."""

    NOBODY = "nobody"
    CODER = "coder"
    ADMIN = "admin"


class Verdict(Enum):
    """ALLOW still depends on `ids`: the object named must be in the coder's own project. HOME: send to our site.
    STAND_IN: the guard answers."""

    ALLOW = "allow"
    DENY = "deny"
    HOME = "home"
    STAND_IN = "stand-in"


@dataclass(frozen=True)
class Decision:
    """ids: the objects that must belong to the coder ("project" -> 7); writes: the project must be open for answers;
    body: the only keys that a coder's body may have (see answer)."""

    verdict: Verdict
    ids: Mapping[str, int] = field(default_factory=dict)
    writes: bool = False
    body: Mapping[str, Key] = field(default_factory=dict)


DENIED = Decision(Verdict.DENY)


def decide(method: str, path: str, query: Mapping[str, Sequence[str]], role: Role) -> Decision:
    """The table's answer to one request. `path` without its query, `query` as lists of values by name."""
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
    """The first row that fits, and the ids that its pattern finds in the path."""
    for row in ROWS:
        if row.methods != "*" and method not in row.methods.split():
            continue
        match = _compiled(row.path).fullmatch(path)
        if match:
            return row, {name: int(text) for name, text in match.groupdict().items()}
    return None, {}


def merge(*named: Mapping[str, int]) -> dict[str, int] | None:
    """All ids together; None when two of one kind differ: a request is about one task, one draft."""
    together: dict[str, int] = {}
    for ids in named:
        for kind, number in ids.items():
            if together.setdefault(kind, number) != number:
                return None
    return together


def number_in(value: object) -> int | None:
    """The id that a value of a query or a JSON body is, spelled as the page does; None in doubt."""
    if type(value) is int:
        value = str(value)
    if isinstance(value, str) and re.fullmatch(r"[1-9][0-9]{0,8}", value, re.ASCII):
        return int(value)
    return None


def session_lasts(began: object, now: float) -> bool:
    """A session began when the ticket was spent and lasts a working day, whatever Label Studio would allow."""
    return isinstance(began, int | float) and 0 <= now - began < SESSION_SECONDS


def _query_ids(query: Mapping[str, Sequence[str]]) -> Iterator[dict[str, int]]:
    """Every id of the query, wherever a view might read it; a doubtful value is nobody's."""
    for name, kind in QUERY_IDS.items():
        for value in query.get(name, ()):
            yield {kind: number_in(value) or NOBODYS}


@cache
def _compiled(template: str) -> re.Pattern[str]:
    """`<task>` is a number, `*` one segment, `**` anything; a slash at the end may be missing."""
    parts = re.split(r"(<[a-z]+>|\*\*|\*)", template.rstrip("/"))
    regex = "".join(
        f"(?P<{part[1:-1]}>[0-9]{{1,9}})"
        if part.startswith("<")
        else {"**": ".*", "*": "[^/]*"}.get(part) or re.escape(part)
        for part in parts
    )
    return re.compile(regex + "/?", re.DOTALL)
