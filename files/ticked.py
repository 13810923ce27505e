"""A task as Label Studio exports it (JSON): who ticked which codes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from files.cells import CellError, Written, code_text, codes_of_value

BROKEN = "a task of Label Studio that cannot be read; export it again as JSON"
TICKS = ("choices", "taxonomy")


def is_task(value: Mapping[str, Any]) -> bool:
    """Whether an object is a task with its annotations."""
    return isinstance(value.get("annotations"), list) and isinstance(value.get("data"), dict)


def ticked(task: Mapping[str, Any]) -> Iterator[tuple[str | None, list[Written]]]:
    """(who completed it, the codes) of each annotation; one that was skipped is none. CellError.

    >>> ticks = {"type": "choices", "value": {"choices": ["428.0"]}}
    >>> list(ticked({"annotations": [{"completed_by": 3, "result": [ticks]}]}))
    [('3', [Written(text='428.0', kind=None)])]
    """
    for annotation in task["annotations"]:
        if not isinstance(annotation, dict):
            raise CellError(BROKEN)
        if annotation.get("was_cancelled"):
            continue
        codes = []
        for result in _results(annotation):
            codes += [Written(code_text(code)) for code in _codes(result)]
        yield _who(annotation.get("completed_by")), codes


def _results(annotation: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    results = annotation.get("result")
    if not isinstance(results, list):
        raise CellError(BROKEN)
    for result in results:
        if not isinstance(result, dict):
            raise CellError(BROKEN)
        if result.get("type") in TICKS:
            yield result


def _codes(result: Mapping[str, Any]) -> list[str]:
    try:
        return list(codes_of_value(result.get("value")))
    except ValueError:
        raise CellError(BROKEN) from None


def _who(completed_by: object) -> str | None:
    if isinstance(completed_by, dict):
        completed_by = completed_by.get("email") or completed_by.get("id")
    return rater_named(completed_by)


def rater_named(value: object) -> str | None:
    """A rater's name as JSON has it; None for none. CellError.

    >>> rater_named("Ada"), rater_named(3), rater_named(None)
    ('Ada', '3', None)
    """
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise CellError("a rater is neither a name nor a number; write a name")
    return str(value)
