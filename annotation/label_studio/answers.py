"""Coders' answers as Label Studio's API gives them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from annotation.label_studio.labeling_page import ParsedAnswer, parse_result

GRACE = 3600
"""Seconds that may be worked before a reload which Label Studio's clock forgets."""
LONGEST_LEAD = 366 * 24 * 3600
"""Seconds that a note may have been open: over a holiday, say, but no longer than a study."""


@dataclass(frozen=True)
class Answer:
    """A coder's answer on one note (an annotation), as it stands now."""

    annotation_id: int
    task_id: int
    note_id: str
    project_id: int
    completed_by: int
    """Id of the account that gave it."""
    created_at: datetime
    updated_at: datetime
    lead_time: float | None
    """Seconds by the clock that the page was open, pauses included."""
    active_seconds: float | None
    """Seconds as it was worked; None where nobody measured them, or they cannot be true."""
    parsed: ParsedAnswer


def touched_after(since: datetime) -> dict[str, Any]:
    """Label Studio's filter for tasks that were touched after a time."""
    moment = since.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    item = {
        "filter": "filter:tasks:updated_at",
        "operator": "greater",
        "type": "Datetime",
        "value": moment,
    }
    return {"filters": {"conjunction": "and", "items": [item]}}


def answer_from(project_id: int, row: Mapping[str, Any], given: Mapping[str, Any]) -> Answer:
    """An answer from a task and one of its annotations, as Label Studio writes them."""
    parsed = parse_result(given["result"])
    lead_time = possible_seconds(given["lead_time"])
    account = given["completed_by"]
    if isinstance(account, Mapping):
        account = account["id"]
    return Answer(
        annotation_id=given["id"],
        task_id=row["id"],
        note_id=row["data"].get("note_id", ""),
        project_id=project_id,
        completed_by=account,
        created_at=datetime.fromisoformat(given["created_at"]),
        updated_at=datetime.fromisoformat(given["updated_at"]),
        lead_time=lead_time,
        active_seconds=believable(parsed.active_seconds, lead_time),
        parsed=parsed,
    )


def possible_seconds(seconds: float | None) -> float | None:
    """What a clock says; None where it says nothing, or what cannot be true.

    A coder's browser sends it, so it may be anything.

    >>> possible_seconds(86_400.0), time_or_none(-5.0), time_or_none(1e300)
    (86400.0, None, None)
    """
    if seconds is None or not 0 <= seconds <= LONGEST_LEAD:
        return None
    return seconds


def believable(active_seconds: float | None, lead_time: float | None) -> float | None:
    """The seconds worked, or None where they cannot be true.

    Label Studio's clock begins anew at a reload without a draft, the seconds worked go on: so they
    may be more, by an hour at most.

    >>> believable(300, 200), believable(30_000, 200)
    (300, None)
    """
    if active_seconds is None or lead_time is None:
        return active_seconds
    if active_seconds > lead_time + GRACE:
        return None
    return active_seconds
