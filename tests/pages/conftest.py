"""A study that has been compared."""

import pytest
from django.utils import timezone

from annotation.models import Code
from annotation.services.codings import Given, coding_append
from benchmark.services.benchmarks import benchmark_run
from tests.imports import codings_import


@pytest.fixture
def compared(study):
    """Every note coded by people, not always alike, and by an imported model.

    The model also gives a code off the list.
    """
    listed = sorted(study.code_set.codes.values_list("code", flat=True))
    assignments = study.assignments.select_related("note", "rater").order_by("pk")
    for number, assignment in enumerate(assignments):
        codes = [listed[number % 8], listed[(number * 3 + 1) % 8]]
        rows = dict.fromkeys(Code.objects.filter(code__in=codes))
        seconds = 60.0 + number
        given = Given(assignment.note, rows, f"t{assignment.pk}", timezone.now(), seconds)
        coding_append(study=study, rater=assignment.rater, given=given)
    rows = [f"n{k},{listed[k % 8]}" for k in range(12)] + ["n3,038.9"]
    data = "\n".join(["note_id,code", *rows]).encode()
    codings_import(study=study, name="Theirs", kind="model", file="a.csv", data=data)
    benchmark_run(study=study)
    return study
