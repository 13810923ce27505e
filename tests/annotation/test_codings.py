"""Codings are append-only and stored once an event."""

import pytest
from django.utils import timezone

from annotation.models import Code, Coding, Rater
from annotation.selectors.codings import codings_of, primary_codings
from annotation.services.codings import Given, coding_append


def given_for(assignment, codes, key):
    rows = Code.objects.filter(code__in=codes)
    return Given(assignment.note, dict.fromkeys(rows), key, timezone.now())


@pytest.mark.django_db
def test_the_same_event_twice_is_stored_once_and_a_change_is_a_revision(study, ada):
    rater = Rater.objects.get(user=ada)
    assignment = study.assignments.filter(rater=rater).first()
    assert coding_append(study=study, rater=rater, given=given_for(assignment, ["401.9"], "k1"))
    assert not coding_append(study=study, rater=rater, given=given_for(assignment, ["428.0"], "k1"))
    assert coding_append(
        study=study, rater=rater, given=given_for(assignment, ["428.0", "38.93"], "k2")
    )
    assert list(Coding.objects.filter(rater=rater).values_list("revision", flat=True)) == [1, 2]
    assert codings_of(study, rater) == {assignment.note.external_id: ["38.93", "428.0"]}


@pytest.mark.django_db
def test_the_reference_comes_from_the_batch(study):
    reference = codings_of(study, study.reference)
    assert len(reference) == 12 and reference["n0"] == ["250.00", "401.9"]


@pytest.mark.django_db
def test_human_coders_are_the_primary_codings_alone(study):
    for n, assignment in enumerate(study.assignments.select_related("note", "rater")):
        codes = ["401.9"] if assignment.role == "primary" else ["428.0"]
        coding_append(
            study=study, rater=assignment.rater, given=given_for(assignment, codes, f"k{n}")
        )
    assert study.assignments.filter(role="overlap").count() == 2
    assert primary_codings(study) == {f"n{k}": ["401.9"] for k in range(12)}
