"""Code systems and the lists that coders tick from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, QuerySet

from annotation.models import (
    Batch,
    Code,
    CodeSet,
    CodeSystem,
    CodingItem,
    Rater,
    Study,
    WeightList,
)
from icd.check import CodeCheck
from icd.codes import as_kind
from icd.search import tables_sha256

GIVES_ANSWERS_AWAY = 300
"""A shorter list that has only codes of the reference gives the answers away."""
LONG_PAGE = 5_000
"""With more codes on it a page of Label Studio becomes slow; the paper's list has 4,075."""
ICD9 = ("ICD-9-CM", "v32")
"""Name and version of the code system."""
WHOLE_SYSTEM = "-".join(ICD9)
"""Name of the list that has every code of the system."""


@dataclass(frozen=True)
class ListPreview:
    """The list of codes that a draft's coders would tick from."""

    name: str
    size: int
    answer_key: bool
    """Whether it gives the answers away: it is short, and has only codes of the reference."""
    long_page: bool
    """Whether it makes Label Studio's page slow."""
    scored: bool
    """Whether the notes have codes of a reference at all."""
    weighted: int
    """How many of its codes have a weight, of the weights that were chosen."""

    @property
    def size_words(self) -> str:
        return f"{self.size:,}"


def list_preview(
    chosen: CodeSet | str, batch: Batch, arms: Sequence[str], weights: WeightList | None = None
) -> ListPreview:
    """What a list of codes would be like for the coders of this batch.

    `chosen` is as for `code_set_chosen`: a list, WHOLE_SYSTEM, or "" for the distinct codes of the
    notes' reference. The last two need not be made yet. Raises ValueError where the notes have
    no reference to make a list of.
    """
    given = CodingItem.objects.filter(
        coding__note__batch=batch, coding__rater__kind=Rater.Kind.REFERENCE
    )
    reference = dict(given.values_list("code", "code__code").distinct())
    if isinstance(chosen, CodeSet):
        name = chosen.name
        codes = dict(chosen.codes.values_list("pk", "code"))
    elif chosen == WHOLE_SYSTEM:
        name = WHOLE_SYSTEM
        codes = dict(whole_system_codes().values_list("pk", "code"))
    else:
        name = "the distinct codes of the notes' reference"
        codes = codes_of_reference(batch)
    few = 0 < len(codes) < GIVES_ANSWERS_AWAY
    weighted = 0
    if weights is not None:
        weighted = len(weights.weights.keys() & set(codes.values()))
    return ListPreview(
        name=name,
        size=len(codes),
        answer_key=few and codes.keys() <= reference.keys(),
        long_page=len(codes) > LONG_PAGE and Study.Interface.LIST in arms,
        scored=bool(reference),
        weighted=weighted,
    )


def codes_of_reference(batch: Batch) -> dict[int, str]:
    """The distinct codes of a batch's reference that can be ticked: their ids and codes.

    Raises ValueError where its notes have no reference codes.
    """
    given = CodingItem.objects.filter(
        coding__note__batch=batch, coding__rater__kind=Rater.Kind.REFERENCE
    )
    of_systems = given.exclude(code__system__name=CodeSystem.AS_WRITTEN)
    codes = dict(of_systems.values_list("code", "code__code").distinct())
    if not codes:
        raise ValueError(
            f"the notes of {batch.name} have no reference codes; choose a list of codes"
        )
    return codes


def search_sha256(code_set: CodeSet) -> str:
    """Hash of what our page's search goes by: its tables, its rules, and the list's frequencies.

    It steers coders to codes, so it is part of a study's protocol.
    """
    frequencies = json.dumps(code_set.frequencies, sort_keys=True)
    return hashlib.sha256(f"{tables_sha256()}\n{frequencies}".encode()).hexdigest()


def search_changed(study: Study) -> bool:
    """Whether coders would search by other tables than the protocol names: a newer version does."""
    if study.status == Study.Status.CLOSED or not study.search_sha256:
        return False
    return search_sha256(study.code_set) != study.search_sha256


def lists_of_codes() -> list[tuple[str, str]]:
    """The lists that coders can tick from, as choices of a form: (value, label)."""
    choices = [
        ("", "the distinct codes of the notes' reference"),
        (WHOLE_SYSTEM, f"the whole code system, {whole_system_codes().count():,} codes"),
    ]
    lists = CodeSet.objects.exclude(name=WHOLE_SYSTEM).annotate(size=Count("codes")).order_by("-pk")
    for code_set in lists:
        choices.append((str(code_set.pk), f"{code_set.name}, {code_set.size:,} codes"))
    return choices


def check_of_installation() -> CodeCheck:
    """The check that codes pass wherever they come into this installation.

    It also takes the retired codes that are in the database already: a MIMIC folder brought them.
    """
    rows = Code.objects.of_systems().filter(retired=True).values_list("code", "kind")
    return CodeCheck(besides={code: as_kind(kind) for code, kind in rows})


def whole_system_codes() -> QuerySet[Code]:
    """Every code of the code system but the retired ones."""
    return Code.objects.filter(system__name=ICD9[0], system__version=ICD9[1], retired=False)
