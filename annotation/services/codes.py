"""Code systems and the lists that coders tick from."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence

from django.db import transaction

from annotation.models import Batch, Code, CodeSet, CodeSetMember, CodeSystem
from annotation.selectors.codes import (
    ICD9,
    WHOLE_SYSTEM,
    codes_of_reference,
    whole_system_codes,
)
from files.checked import LONGEST_KEPT
from icd.chapters import NO_CHAPTER, chapter
from icd.check import CodeCheck, Refused, Taken
from icd.codes import CodeRow, Kind, parent
from icd.tables import kind_of, nearest_titles, read_icd9_tables

AT_ONCE = 500
"""Codes that one query asks after."""
NO_CODE = "no code of ICD-9-CM: kept as it was written"


@transaction.atomic
def icd9_load() -> tuple[CodeSystem, int]:
    """Load the ICD-9-CM v32 tables into the database; loading them twice adds nothing.

    Returns the code system and how many rows were added.
    """
    system, _ = CodeSystem.objects.get_or_create(name=ICD9[0], version=ICD9[1])
    before = system.codes.filter(retired=False).count()
    if before == len(read_icd9_tables()):
        return system, 0
    rows = []
    for row in read_icd9_tables():
        rows.append(
            Code(
                system=system,
                code=row.code,
                kind=row.kind,
                short_title=row.short,
                long_title=row.long,
                parent=parent(row.code),
                chapter=chapter(row.code, row.kind),
            )
        )
    Code.objects.bulk_create(rows, ignore_conflicts=True, batch_size=2000)
    return system, system.codes.filter(retired=False).count() - before


def codes_ensure(
    codes: Iterable[str],
    *,
    kinds: Mapping[str, Kind] | None = None,
    as_written: Collection[str] = (),
    keep_unknown: bool = False,
) -> dict[str, Code]:
    """The database rows of these dotted codes, by code; those that are not there yet are added.

    A code that the v32 tables lack, yet older ones may have had, is added as retired, with the
    nearest title. `kinds`: the kind of each code where its file or table told it; of the others
    `icd.tables.kind_of` finds it. `as_written`: strings that are no codes and are kept as they
    are, outside the code system. Any other string that is no code raises ValueError; with
    `keep_unknown` it is kept too.
    """
    wanted = set(codes)
    kept = sorted(wanted.intersection(as_written))
    wanted -= set(kept)
    system = CodeSystem.objects.get(name=ICD9[0], version=ICD9[1])
    known = _rows_of(system, sorted(wanted))
    missing = sorted(wanted - known.keys())
    if not missing:
        return known | _kept_as_written(kept)
    kind_told = kinds or {}
    check = CodeCheck(unlisted_procedures=True, old_tables=True)
    retired = []
    for code in missing:
        answer = check.read(code, kind_told.get(code) or kind_of(code))
        if isinstance(answer, Taken) and answer.code == code:
            retired.append(_retired(system, nearest_titles().row(code, answer.kind)))
        elif keep_unknown and len(code) <= LONGEST_KEPT and code.isprintable():
            kept.append(code)
        elif isinstance(answer, Refused):
            raise ValueError(answer.words)
        else:
            raise ValueError(f"{code[:20]} is no code")
    for row in Code.objects.bulk_create(retired):
        known[row.code] = row
    return known | _kept_as_written(kept)


def _rows_of(system: CodeSystem, codes: Sequence[str]) -> dict[str, Code]:
    """The rows of those codes that the system has, by code."""
    found = {}
    for start in range(0, len(codes), AT_ONCE):
        for row in system.codes.filter(code__in=codes[start : start + AT_ONCE]):
            found[row.code] = row
    return found


def _retired(system: CodeSystem, row: CodeRow) -> Code:
    """A new row for a retired code.

    It has no short title of its own: the long one stands for it, cut, for simulated coders read
    both.
    """
    return Code(
        system=system,
        code=row.code,
        kind=row.kind,
        retired=True,
        parent=parent(row.code),
        chapter=chapter(row.code, row.kind),
        short_title=row.long[:80],
        long_title=row.long[:400],
    )


def _kept_as_written(strings: Sequence[str]) -> dict[str, Code]:
    """The rows of strings that raters wrote and that are no codes; new ones are added."""
    if not strings:
        return {}
    system, _ = CodeSystem.objects.get_or_create(name=CodeSystem.AS_WRITTEN, version="")
    found = {row.code: row for row in system.codes.filter(code__in=strings)}
    new = []
    for text in strings:
        if text in found:
            continue
        new.append(
            Code(
                system=system,
                code=text,
                kind="",
                short_title=NO_CODE,
                long_title=NO_CODE,
                chapter=NO_CHAPTER,
            )
        )
    for row in Code.objects.bulk_create(new):
        found[row.code] = row
    return found


@transaction.atomic
def code_set_create(
    *, name: str, codes: Sequence[str], kinds: Mapping[str, Kind] | None = None
) -> CodeSet:
    """Make a list of codes, in code order, that nobody can change any more.

    A list of the same name with the same codes is given as it is; with other codes ValueError is
    raised. `kinds` are those of `codes_ensure`.
    """
    ordered = sorted(set(codes))
    digest = hashlib.sha256("\n".join(ordered).encode()).hexdigest()
    existing = CodeSet.objects.filter(name=name).first()
    if existing:
        if existing.sha256 != digest:
            raise ValueError(
                f"a code set named {name} with other codes exists; choose another name"
            )
        return existing
    rows = codes_ensure(ordered, kinds=kinds)
    code_set = CodeSet.objects.create(name=name, sha256=digest)
    members = []
    for position, code in enumerate(ordered):
        members.append(CodeSetMember(code_set=code_set, code=rows[code], position=position))
    CodeSetMember.objects.bulk_create(members, batch_size=2000)
    return code_set


def code_set_of(batch: Batch) -> CodeSet:
    """The distinct codes of a batch's reference as a list to tick from.

    Raises ValueError where its notes have no reference codes.
    """
    names = sorted(set(codes_of_reference(batch).values()))
    return code_set_create(name=f"reference-of-batch-{batch.pk}", codes=names)


def code_set_chosen(chosen: CodeSet | str, batch: Batch) -> CodeSet:
    """The list of codes that somebody chose for a new study.

    `chosen` is a list that is there; or WHOLE_SYSTEM for every code of the code system, a list
    that is made when it is chosen first; or "" for the distinct codes of the batch's reference.
    """
    if isinstance(chosen, CodeSet):
        return chosen
    if chosen == WHOLE_SYSTEM:
        icd9_load()
        codes = list(whole_system_codes().values_list("code", flat=True))
        return code_set_create(name=WHOLE_SYSTEM, codes=codes)
    return code_set_of(batch)
