"""Who may send what to Label Studio: one table, first row that fits wins, and what is not in the table is refused.

Label Studio's community edition has no walls between its accounts, so these are the walls. The table names every
route of Label Studio (held by a test that walks its URL resolver): a route that a new release adds has no row, is
refused at run time, and fails that test until somebody classifies it. No Django here: plain values in and out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cache

from label_studio_guard.table import ROWS, Row, Scope

__all__ = ["Decision", "Role", "Row", "Scope", "Verdict", "decide", "forged", "row_for", "session_lasts"]

SAFE = ("GET", "HEAD")
SESSION_SECONDS = 12 * 3600


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
    body: the only keys a JSON body may have, None where a body is not looked at."""

    verdict: Verdict
    ids: Mapping[str, int] = field(default_factory=dict)
    writes: bool = False
    body: frozenset[str] | None = None


DENIED = Decision(Verdict.DENY)


def decide(method: str, path: str, query: Mapping[str, Sequence[str]], role: Role) -> Decision:
    """The table's answer to one request. `path` without its query, `query` as lists of values by name."""
    row, found = row_for(method, path, query)
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
    if "was_cancelled" in query:
        return DENIED
    ids = found | _query_ids(query)
    if row.scope is Scope.OWN and not ids:
        return DENIED
    writes = row.scope is Scope.OWN and method not in SAFE and not row.reads
    return Decision(Verdict.ALLOW, ids, writes, None if method in SAFE else frozenset(row.body))


def row_for(method: str, path: str, query: Mapping[str, Sequence[str]]) -> tuple[Row | None, dict[str, int]]:
    """The first row that fits, and the ids that its pattern finds in the path."""
    for row in ROWS:
        if row.methods != "*" and method not in row.methods.split():
            continue
        match = _compiled(row.path).fullmatch(path)
        if match and all(list(query.get(name, ())) == [value] for name, value in row.query.items()):
            return row, {name: int(text) for name, text in match.groupdict().items()}
    return None, {}


def forged(body: object, allowed: frozenset[str], fixed: Mapping[str, int]) -> str | None:
    """Name of a key that a coder's JSON body may not have, or of one that contradicts `fixed` (his id, the task)."""
    if not isinstance(body, dict):
        return "body"
    for name, value in body.items():
        if name not in allowed:
            return str(name)
        if name in fixed and value is not None and str(value) != str(fixed[name]):
            return str(name)
    return None


def session_lasts(began: object, now: float) -> bool:
    """A coder's session began when the ticket was spent and lasts a working day, whatever Label Studio would allow."""
    return isinstance(began, int | float) and 0 <= now - began < SESSION_SECONDS


def _query_ids(query: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """`project` and `task` of the query, wherever a view might read them; a doubtful value refuses the request."""
    found = {}
    for name in ("project", "task"):
        values = list(query.get(name, ()))
        if values:
            found[name] = int(values[0]) if len(values) == 1 and re.fullmatch(r"[0-9]{1,9}", values[0]) else -1
    return found


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
