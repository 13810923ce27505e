"""Code systems and the lists that coders tick from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, QuerySet

from annotation.models import (
    Batch,
    Code,
    CodeSet,
    CodingItem,
    Rater,
    Study,
)
from icd.check import CodeCheck
from icd.codes import as_kind

GIVES_ANSWERS_AWAY = 300
"""A list of fewer codes, each of them right somewhere, is as good as the answers."""
LONG_PAGE = 5_000
"""Codes on one page of Label Studio above which it becomes slow; the paper's list has 4,075."""


@dataclass(frozen=True)
class ListPreview:
    """The list of codes that a draft's coders would tick from."""

    name: str
    size: int
    answer_key: bool
    long_page: bool

    @property
    def size_words(self) -> str:
        return f"{self.size:,}"


def list_preview(chosen: CodeSet | str, batch: Batch, arms: Sequence[str]) -> ListPreview:
    """Of a list, of the whole code system, or ("") of the distinct codes of the notes' reference, which is not made
    yet."""
    given = CodingItem.objects.filter(
        coding__note__batch=batch, coding__rater__kind=Rater.Kind.REFERENCE
    )
    reference = set(given.values_list("code", flat=True).distinct())
    if isinstance(chosen, CodeSet):
        name, codes = chosen.name, set(chosen.codes.values_list("pk", flat=True))
    elif chosen == WHOLE_SYSTEM:
        name, codes = WHOLE_SYSTEM, set(whole_system_codes().values_list("pk", flat=True))
    else:
        name, codes = "the distinct codes of the notes' reference", reference
    return ListPreview(
        name=name,
        size=len(codes),
        answer_key=bool(codes) and len(codes) < GIVES_ANSWERS_AWAY and codes <= reference,
        long_page=len(codes) > LONG_PAGE and Study.Interface.LIST in arms,
    )


def lists_of_codes() -> list[tuple[str, str]]:
    """(what a form sends, its words) of each list that coders can tick from."""
    choices = [
        ("", "the distinct codes of the notes' reference"),
        (WHOLE_SYSTEM, f"the whole code system, {whole_system_codes().count():,} codes"),
    ]
    lists = CodeSet.objects.exclude(name=WHOLE_SYSTEM).annotate(size=Count("codes")).order_by("-pk")
    for code_set in lists:
        choices.append((str(code_set.pk), f"{code_set.name}, {code_set.size:,} codes"))
    return choices


ICD9 = ("ICD-9-CM", "v32")


def check_of_installation() -> CodeCheck:
    """The check for every door of this installation: its code system may have codes that version 32 lacks, which a
    MIMIC folder brought."""
    rows = Code.objects.of_systems().filter(retired=True).values_list("code", "kind")
    return CodeCheck(besides={code: as_kind(kind) for code, kind in rows})


WHOLE_SYSTEM = "-".join(ICD9)
"""Name of the list that has every code of the system."""


def whole_system_codes() -> QuerySet[Code]:
    """Every code of the code system but the retired ones."""
    return Code.objects.filter(system__name=ICD9[0], system__version=ICD9[1], retired=False)
