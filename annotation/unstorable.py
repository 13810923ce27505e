"""What is wrong with a value that no column of a database can hold."""

from __future__ import annotations

from django.db import DataError


def unstorable(error: Exception) -> str:
    """What is wrong with a value that no column of a database can hold, in words; "" for another error.

    Django lets such values through where a query is made without a form: numbers of thirty digits, NUL characters.
    """
    if isinstance(error, OverflowError | DataError):
        return "a number or text is out of range"
    if isinstance(error, ValueError) and ("NUL" in str(error) or "null character" in str(error)):
        return "a NUL character is in the address or in a field"
    return ""
