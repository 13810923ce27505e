"""Code systems and the lists that coders tick from."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from django.db import transaction

from annotation.codes import chapter, parent, read_icd9_tables, title_or_nearest
from annotation.models import Batch, Code, CodeSet, CodeSetMember, CodeSystem, CodingItem, Rater
from rac_model.mimic import kind_of

FEW = 500
"""Codes that are looked up one by one; for more the whole system is read."""
ICD9 = ("ICD-9-CM", "v32")


@transaction.atomic
def icd9_load() -> tuple[CodeSystem, int]:
    """The ICD-9-CM v32 tables into the database; loading twice adds nothing. Returns the system and rows added."""
    system, _ = CodeSystem.objects.get_or_create(name=ICD9[0], version=ICD9[1])
    before = system.codes.filter(retired=False).count()
    if before == len(read_icd9_tables()):
        return system, 0
    rows = [
        Code(
            system=system, code=row.code, kind=row.kind, short_title=row.short_title, long_title=row.long_title,
            parent=row.parent, chapter=row.chapter,
        )
        for row in read_icd9_tables()
    ]  # fmt: skip
    Code.objects.bulk_create(rows, ignore_conflicts=True, batch_size=2000)
    return system, system.codes.filter(retired=False).count() - before


def codes_ensure(codes: Iterable[str]) -> dict[str, Code]:
    """The rows of these dotted codes; those the tables lack are added as retired, with the nearest title."""
    system = CodeSystem.objects.get(name=ICD9[0], version=ICD9[1])
    wanted = set(codes)
    if len(wanted) <= FEW:
        rows = {row.code: row for row in system.codes.filter(code__in=wanted)}
        if wanted <= rows.keys():
            return rows
    known = {row.code: row for row in system.codes.all()}
    titles = {code: row.long_title for code, row in known.items() if not row.retired}
    retired = [
        Code(
            system=system, code=code, kind=kind_of(code), retired=True, parent=parent(code),
            chapter=chapter(code, kind_of(code)),
            short_title=title_or_nearest(code, titles)[:80], long_title=title_or_nearest(code, titles)[:400],
        )
        for code in sorted(wanted - known.keys())
    ]  # fmt: skip
    known |= {row.code: row for row in Code.objects.bulk_create(retired)}
    return {code: known[code] for code in wanted}


@transaction.atomic
def code_set_create(*, name: str, codes: Sequence[str]) -> CodeSet:
    """A frozen list in code order; asking again for the same name and codes gives the one that is there.

    Raises ValueError when the name is taken by other codes.
    """
    ordered = sorted(set(codes))
    digest = hashlib.sha256("\n".join(ordered).encode()).hexdigest()
    existing = CodeSet.objects.filter(name=name).first()
    if existing:
        if existing.sha256 != digest:
            raise ValueError(f"a code set named {name} with other codes exists; choose another name")
        return existing
    rows = codes_ensure(ordered)
    code_set = CodeSet.objects.create(name=name, sha256=digest)
    CodeSetMember.objects.bulk_create(
        [CodeSetMember(code_set=code_set, code=rows[code], position=k) for k, code in enumerate(ordered)],
        batch_size=2000,
    )
    return code_set


def code_set_of(batch: Batch) -> CodeSet:
    """The distinct codes of a batch's reference as a list to tick from. ValueError where its notes have none."""
    codes = CodingItem.objects.filter(coding__note__batch=batch, coding__rater__kind=Rater.Kind.REFERENCE)
    names = sorted(set(codes.values_list("code__code", flat=True)))
    if not names:
        raise ValueError(f"the notes of {batch.name} have no reference codes; choose a list of codes")
    return code_set_create(name=f"reference-of-batch-{batch.pk}", codes=names)
