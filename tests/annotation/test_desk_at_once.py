"""Two tabs, two computers and a request sent twice, at the very same moment, on a real database."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event
from types import SimpleNamespace

import pytest
from django.db import connection
from django.utils import timezone

from annotation.label_studio.answers import Answer
from annotation.label_studio.labeling_page import ParsedAnswer
from annotation.models import Assignment, Coding, Draft, Study, Workspace
from annotation.models import Event as Record
from annotation.services import desk, reassign, sync
from annotation.services.codes import icd9_load
from annotation.services.desk import DeskRefusal, Seen, Ticked, coding_submit, draft_save
from annotation.services.reassign import notes_reassign
from annotation.services.studies import study_draft
from annotation.services.study_life import study_close

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        "connection.vendor == 'sqlite'", reason="the tests' SQLite is in memory: one at a time"
    ),
]
AT_ONCE = 6


@pytest.fixture
def assignment(transactional_db, codes, batch, ada) -> Assignment:
    study = study_draft(slug="desk", batch=batch, code_set=codes, coders=[ada.rater], overlap=0)
    Study.objects.filter(pk=study.pk).update(status=Study.Status.OPEN)
    return study.assignments.order_by("position").first()


@pytest.fixture(autouse=True)
def codes_again(transactional_db) -> None:
    """The flush after such a test has emptied the tables."""
    icd9_load()


def all_at_once(act) -> list[str]:
    """What each of some threads gets that begin together: "done", or a refusal's reason."""
    barrier = Barrier(AT_ONCE)

    def one(number: int) -> str:
        barrier.wait()
        try:
            act(number)
        except DeskRefusal as refusal:
            return refusal.reason
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(AT_ONCE) as threads:
        return sorted(threads.map(one, range(AT_ONCE)))


def test_one_press_sent_many_times_is_one_coding(assignment):
    def press(number: int) -> None:
        ticked = Ticked(("401.9",))
        coding_submit(assignment=assignment, key="same", seen=Seen("tab"), ticked=ticked)

    assert all_at_once(press) == ["done"] * AT_ONCE
    assert Coding.objects.filter(study=assignment.study).count() == 1


def test_of_many_tabs_that_submit_one_wins_and_the_others_are_told(assignment):
    def press(number: int) -> None:
        ticked = Ticked(("401.9",))
        coding_submit(assignment=assignment, key=f"k{number}", seen=Seen("tab"), ticked=ticked)

    assert all_at_once(press) == ["changed"] * (AT_ONCE - 1) + ["done"]
    assert Coding.objects.filter(study=assignment.study).count() == 1


def test_of_many_tabs_that_begin_one_holds_the_draft(assignment):
    def tick(number: int) -> None:
        draft_save(
            assignment=assignment,
            seen=Seen(f"tab-{number}"),
            sequence=1,
            ticked=Ticked(("401.9",)),
        )

    assert all_at_once(tick) == ["done"] + ["other-tab"] * (AT_ONCE - 1)
    assert Draft.objects.count() == 1


def while_sending(monkeypatch, assignment, act, after: str = "check_not_empty") -> None:
    """Press Submit, and do `act` when it is half-way: the note is held, nothing is stored yet.

    `after` names the step of `annotation.services.desk` after which that is.
    """
    half_way = Event()
    acted = Event()
    step = getattr(desk, after)

    def slowly(*given, **named):
        done = step(*given, **named)
        half_way.set()
        acted.wait(3)
        return done

    def press() -> None:
        try:
            ticked = Ticked(("401.9",))
            coding_submit(assignment=assignment, key="k", seen=Seen("tab"), ticked=ticked)
        finally:
            connection.close()

    monkeypatch.setattr(desk, after, slowly)
    with ThreadPoolExecutor(1) as threads:
        pressed = threads.submit(press)
        assert half_way.wait(30)
        act()
        acted.set()
        pressed.result()


def test_closing_a_study_waits_for_what_is_being_sent(monkeypatch, assignment):
    """Else an answer would be there that was given after the study was closed."""
    study = Study.objects.get(pk=assignment.study_id)
    while_sending(monkeypatch, assignment, lambda: study_close(study=study, actor=None))
    study.refresh_from_db()
    assert study.closed_at > Coding.objects.get(study=study).submitted_at
    closed = Record.objects.get(verb="study.closed")
    assert closed.data["codings"] == 1


def test_a_note_that_is_being_sent_is_not_moved(monkeypatch, assignment, ben):
    study = Study.objects.get(pk=assignment.study_id)
    study.workspaces.create(rater=ben.rater, arm="page")
    monkeypatch.setattr(
        reassign, "_load_notes", lambda new, *_: {str(each.note_id): 1 for each in new}
    )
    moved = []

    def move() -> None:
        moved.append(notes_reassign(study=study, giver=assignment.rater, taker=ben.rater))

    while_sending(monkeypatch, assignment, move)
    assert Coding.objects.filter(study=study, rater=assignment.rater).count() == 1
    assert Assignment.objects.get(pk=assignment.pk).rater == assignment.rater
    assert moved == [study.assignments.filter(rater=ben.rater).count()] == [11]


def test_answers_of_both_doors_at_once_are_two_revisions(monkeypatch, assignment):
    """With one number twice the study's bundle could not be read."""
    Assignment.objects.filter(pk=assignment.pk).update(task_id=7)
    space = assignment.study.workspaces.get()
    Workspace.objects.filter(pk=space.pk).update(project_id=3, account_id=5)
    said = ParsedAnswer(codes=("428.0",), none_applies=False, unlisted="")
    now = timezone.now()
    answer = Answer(
        annotation_id=1,
        task_id=7,
        note_id=str(assignment.note_id),
        project_id=3,
        completed_by=5,
        created_at=now,
        updated_at=now,
        lead_time=9.0,
        active_seconds=None,
        parsed=said,
    )
    there = SimpleNamespace(changed=lambda project, since: [answer])
    monkeypatch.setattr(sync, "workstation", lambda: there)

    def pull() -> None:
        pulled = sync.workspace_pull(workspace=Workspace.objects.get(pk=space.pk))
        assert pulled == sync.Pulled(stored=1)

    while_sending(monkeypatch, assignment, pull, after="coding_append")
    codings = Coding.objects.filter(study=assignment.study)
    assert sorted(codings.values_list("revision", flat=True)) == [1, 2]
