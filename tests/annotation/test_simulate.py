"""Simulated coders on our own page: they answer by its service, once, and not in Label Studio."""

from __future__ import annotations

import pytest

from annotation.models import Coding, Draft, Rater, Study
from annotation.selectors.queues import queues_of
from annotation.services.simulate import coders_simulate
from annotation.services.studies import study_draft
from benchmark.services.benchmarks import benchmark_run
from tests.cast import logged_in


@pytest.fixture
def simulated(batch, codes, ada, ben) -> Study:
    """An open study on our page, Ada and Ben being programs."""
    Rater.objects.filter(user__in=(ada, ben)).update(simulated=True)
    coders = [Rater.objects.get(user=user) for user in (ada, ben)]
    study = study_draft(slug="sim", batch=batch, code_set=codes, coders=coders, overlap=3)
    Study.objects.filter(pk=study.pk).update(status=Study.Status.OPEN)
    study.refresh_from_db()
    return study


def test_they_answer_every_note_once_by_the_pages_own_service(simulated, ada):
    told = []
    assert coders_simulate(study=simulated, progress=told.append) == 15 == len(told)
    given = Coding.objects.filter(study=simulated)
    assert given.count() == 15 and not Draft.objects.exists()
    assert all(coding.source_key.startswith("page:") for coding in given)
    assert all(coding.active_seconds and coding.lead_time is None for coding in given)
    assert coders_simulate(study=simulated) == 0 and given.count() == 15
    assert queues_of(ada)[0].next is None


def test_people_are_left_to_themselves(simulated, ben):
    Rater.objects.filter(user=ben).update(simulated=False)
    coders_simulate(study=simulated)
    raters = set(Coding.objects.filter(study=simulated).values_list("rater__name", flat=True))
    assert raters == {"Ada"}


def test_two_arms_of_programs_are_compared_without_minutes(batch, codes, ada, ben, rae):
    Rater.objects.filter(user__in=(ada, ben)).update(simulated=True)
    coders = [Rater.objects.get(user=user) for user in (ada, ben)]
    study = study_draft(
        slug="arms", batch=batch, code_set=codes, coders=coders, overlap=0, interface="list+page"
    )
    # There is no Label Studio here: notes of the list are answered as those of the page.
    study.workspaces.filter(arm="list").delete()
    study.assignments.update(arm="page")
    Study.objects.filter(pk=study.pk).update(status=Study.Status.OPEN)
    study.refresh_from_db()
    coders_simulate(study=study)
    for number, assignment in enumerate(study.assignments.all()):
        if number % 2:
            study.assignments.filter(pk=assignment.pk).update(arm="list")
    benchmark_run(study=study, preset="paper")
    page = logged_in(rae).get("/studies/arms/results/").content.decode()
    assert "Simulated coders are programs: their minutes are not compared." in page
