"""A study that has been compared."""

import pytest
from django.utils import timezone

from annotation.models import Code, Rater, Study
from annotation.services.codings import Given, coding_append
from benchmark.services.benchmarks import benchmark_run
from tests.imports import codings_import
from tests.pages.coded import coded_study


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


@pytest.fixture
def coded(ada, ben, db) -> Study:
    """Two coders who shared notes, a model beside them, and a run."""
    ada, ben = (Rater.objects.get(user=user) for user in (ada, ben))
    study = coded_study(Ada=ada, Ben=ben)
    benchmark_run(study=study)
    return study


@pytest.fixture
def rater(coded) -> Rater:
    """Ada, in the study `coded`."""
    return Rater.objects.get(user__username="ada")
