"""Coders' answers as Label Studio's API gives them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from annotation.label_studio.labeling_page import ParsedAnswer, parse_result


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
        lead_time=given["lead_time"],
        parsed=parse_result(given["result"]),
    )
