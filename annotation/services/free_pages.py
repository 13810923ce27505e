"""Our own database, cleaned of what was deleted from it, as the guard cleans Label Studio's."""

from __future__ import annotations

from django.db import connection

from label_studio_guard.free_pages import DatabaseBusyError, clean

__all__ = ["DatabaseBusyError", "database_clean"]


def database_clean() -> list[str]:
    """Write the whole database anew; nothing of a deleted row is left in its files.

    Returns what was beyond reach, a sentence each. Raises DatabaseBusyError.
    """
    return clean(connection)
