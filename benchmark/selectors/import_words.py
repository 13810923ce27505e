"""What an import would store, in words: for the command's dry run and for the page."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence

from annotation.models import Rater
from benchmark.selectors.import_plan import ImportPlan, RaterPlan
from files.cells import shown_id

SHOWN_NOTES = 5
SHOWN_CODES = 8
SHOWN_NEW = 20


def counted(number: int, noun: str) -> str:
    """A number with its noun.

    >>> counted(1, "note"), counted(2000, "note")
    ('1 note', '2,000 notes')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def first_of(names: Sequence[str], most: int = SHOWN_NOTES) -> str:
    """The first few of some names, and how many more there are.

    >>> first_of(["n1", "n2", "n3"], 2)
    'n1, n2 and 1 more'
    """
    more = len(names) - most
    shown = ", ".join(shown_id(name) for name in names[:most])
    return f"{shown} and {more:,} more" if more > 0 else shown


def codes_of_row(codes: Sequence[str]) -> str:
    """The codes of a coding as a table shows them."""
    if not codes:
        return "coded, with no code"
    more = len(codes) - SHOWN_CODES
    shown = " ".join(codes[:SHOWN_CODES])
    return f"{shown} and {more} more" if more > 0 else shown


def rater_facts(plan: ImportPlan, planned: RaterPlan) -> Iterator[str]:
    """A sentence each on what a rater's codings mean for the study."""
    if planned.scores:
        yield f"its scores of {counted(len(planned.scores.codes), 'code')} are kept"
    same = len(planned.codings) - planned.new
    if same:
        yield f"{counted(same, 'coding')} of this file are here already and stay as they are"
    if planned.earlier > same:
        yield f"a newer answer to {counted(planned.earlier - same, 'note')} that it coded before"
    if planned.lacking:
        verb = "has" if len(planned.lacking) == 1 else "have"
        yield (
            f"{counted(len(planned.lacking), 'note')} of the study {verb} no coding: "
            f"{first_of(planned.lacking)}"
        )


def new_codes(plan: ImportPlan) -> str:
    """The codes that the database lacks and would get; "" where it has all."""
    found = [f"{code} ({what})" for code, what in plan.new_codes]
    return first_of(found, SHOWN_NEW)


def plan_lines(plan: ImportPlan, place: str) -> Iterator[str]:
    """The plan as the command's dry run prints it. `place`: where it would be stored."""
    yield f"dry run: nothing is stored. {plan.file} would become, in {place}:"
    yield f"understood: {plan.understood}"
    for planned in plan.raters:
        known = "known here" if planned.rater else "new here"
        name = planned.name or "the reference"
        yield (
            f"{name} ({Rater.Kind(plan.kind).label.lower()}, {known}): "
            f"{counted(len(planned.codings), 'note')}, {counted(planned.pairs, 'code')}, "
            f"{len(planned.codes):,} of them distinct"
        )
        for fact in rater_facts(plan, planned):
            yield f"  {fact}"
    yield f"codes new here: {new_codes(plan) or 'none'}"
    for remark in plan.remarks:
        yield f"remark: {remark}"
    yield "first rows:"
    for row in plan.rows:
        whose = f"{row.rater}  " if len(plan.raters) > 1 else ""
        yield f"  {whose}{shown_id(row.note)}  {codes_of_row(row.codes)}"


def found_in(plan: ImportPlan) -> dict[str, object]:
    """The plan as the page shows it, and as it is kept until it is confirmed: plain JSON."""
    raters = []
    for planned in plan.raters:
        raters.append(
            {
                "name": planned.name or "The reference",
                "is_new": planned.rater is None,
                "notes": len(planned.codings),
                "codes": planned.pairs,
                "distinct": len(planned.codes),
                "new": planned.new,
                "facts": list(rater_facts(plan, planned)),
            }
        )
    rows = []
    for row in plan.rows:
        rows.append({"rater": row.rater, "note": row.note, "codes": codes_of_row(row.codes)})
    found = {
        "sha256": plan.sha256,
        "digest": plan.digest,
        "kind": Rater.Kind(plan.kind).label.lower(),
        "understood": plan.understood,
        "raters": raters,
        "notes": len(plan.notes),
        "codes": len(plan.codes),
        "new": sum(planned.new for planned in plan.raters),
        "new_codes": new_codes(plan),
        "remarks": plan.remarks,
        "rows": rows,
    }
    seen = hashlib.sha256(json.dumps(found, sort_keys=True).encode()).hexdigest()
    return {**found, "seen": seen}
