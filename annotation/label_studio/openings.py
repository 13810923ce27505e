"""Who opened which note, as Label Studio tells it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class OpenedThere:
    """A note's text reached a person in Label Studio."""

    name: str
    """What Label Studio calls this row."""
    at: datetime
    email: str
    """Of a coder's account; "" for the one that admins share."""
    user: int
    """The id on our site of the admin behind the account that admins share; 0 for a coder."""
    note: str
    """What its task calls the note: the note's number on our site."""
    way: str

    @classmethod
    def read(cls, row: Mapping[str, Any]) -> OpenedThere:
        """One row of the guard's answer."""
        return cls(
            name=row["name"],
            at=datetime.fromisoformat(row["at"]),
            email=row["email"],
            user=row["user"],
            note=row["note"],
            way=row["way"],
        )
