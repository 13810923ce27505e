"""Values that no column of a database can hold, such as a number of thirty digits."""

from __future__ import annotations

from django.db import DataError


def unstorable(error: Exception) -> str:
    """What is wrong with such a value, in words; "" where the error has another cause.

    Django lets such values through to the database where a query is made without a form.
    """
    if isinstance(error, OverflowError | DataError):
        return "a number or text is out of range"
    if isinstance(error, ValueError) and ("NUL" in str(error) or "null character" in str(error)):
        return "a NUL character is in the address or in a field"
    return ""
