"""Our coding page on the server's side: drafts, Submit, and who overwrites whom."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta

import pytest
from django.utils import timezone

from annotation.models import Assignment, Coding, Draft, Event, Mirror, Study, Workspace
from annotation.selectors.codings import codings_of
from annotation.selectors.desk import drafts_begun, place_of, submitted_of
from annotation.services import reassign
from annotation.services.codings import Given, coding_append
from annotation.services.desk import (
    DeskRefusal,
    Seen,
    Ticked,
    coding_submit,
    draft_save,
    work_event,
)
from annotation.services.reassign import notes_reassign
from annotation.services.studies import study_draft

ONE = Seen("tab-1")
TICKED = Ticked(("428.0", "401.9"), active_seconds=30.0)


@pytest.fixture
def desk(batch, codes, ada, ben) -> Study:
    """A study of our own page, marked open without Label Studio."""
    study = study_draft(
        slug="desk", batch=batch, code_set=codes, coders=[ada.rater, ben.rater], overlap=2
    )
    Study.objects.filter(pk=study.pk).update(status=Study.Status.OPEN)
    return Study.objects.get(pk=study.pk)


@pytest.fixture
def assignment(desk, ada) -> Assignment:
    return desk.assignments.filter(rater=ada.rater).order_by("position").first()


def refused(act) -> str:
    with pytest.raises(DeskRefusal) as refusal:
        act()
    return refusal.value.reason


def save(assignment, sequence, ticked=TICKED, seen=ONE):
    return draft_save(assignment=assignment, seen=seen, sequence=sequence, ticked=ticked)


def submit(assignment, key="first", ticked=TICKED, seen=ONE) -> Coding:
    return coding_submit(assignment=assignment, key=key, seen=seen, ticked=ticked)


def test_our_page_is_what_a_new_study_has(desk):
    assert (desk.interface, desk.arms) == ("page", ["page"])


def test_a_draft_keeps_the_order_of_ticking_and_is_no_coding(assignment):
    save(assignment, 1)
    draft = Draft.objects.get()
    assert draft.codes == ["428.0", "401.9"]
    assert not Coding.objects.filter(study=assignment.study).exists()
    assert place_of(assignment).done == 0


def test_submit_makes_one_coding_however_often_it_arrives(assignment):
    save(assignment, 1)
    first = submit(assignment)
    assert submit(assignment) == first, "sent again, for its answer was lost"
    assert Coding.objects.filter(study=assignment.study).count() == 1
    assert not Draft.objects.exists()
    assert submitted_of(assignment).codes == ["428.0", "401.9"]
    assert (first.revision, first.active_seconds, first.lead_time) == (1, 30.0, None)
    place = place_of(assignment)
    assert (place.done, place.next.position) == (1, 2)


def test_no_listed_code_applies_is_an_answer_without_codes(assignment):
    coding = submit(assignment, ticked=Ticked(none_applies=True, unlisted="a code for X"))
    assert coding.items.count() == 0 and coding.unlisted == "a code for X"
    assert submitted_of(assignment).none_applies


@pytest.mark.parametrize(
    ("ticked", "reason"),
    [
        (Ticked(), "empty"),
        (Ticked(unlisted="only words"), "empty"),
        (Ticked(("401.9",), none_applies=True), "both"),
        (Ticked(("401.9", "V22.1")), "codes"),
        (Ticked(("401.9",), unlisted="x" * 2_001), "value"),
        (Ticked(("401.9",), active_seconds=-1.0), "value"),
        (Ticked(("401.9",), active_seconds=float("nan")), "value"),
    ],
)
def test_what_is_no_answer_is_refused_and_stores_nothing(assignment, ticked, reason):
    assert refused(lambda: submit(assignment, ticked=ticked)) == reason
    assert not Coding.objects.filter(study=assignment.study).exists()


def test_a_draft_that_arrives_late_changes_nothing(assignment):
    save(assignment, 5)
    assert refused(lambda: save(assignment, 4, Ticked(("250.00",)))) == "older"
    assert save(assignment, 5) == Draft.objects.get().saved_at, "the same once more is no error"
    assert Draft.objects.get().codes == ["428.0", "401.9"]


def test_a_second_tab_takes_over_only_what_it_has_seen(assignment):
    save(assignment, 1)
    other = Ticked(("250.00",))
    assert refused(lambda: save(assignment, 1, other, Seen("tab-2"))) == "other-tab"
    assert refused(lambda: submit(assignment, "k", other, Seen("tab-2"))) == "other-tab"
    save(assignment, 1, other, Seen("tab-2", after="tab-1:1"))
    assert Draft.objects.get().codes == ["250.00"]
    # Now the first one has not seen what is there.
    assert refused(lambda: save(assignment, 2)) == "other-tab"
    assert refused(lambda: submit(assignment)) == "other-tab"


def test_a_note_submitted_elsewhere_makes_no_silent_second_revision(assignment):
    submit(assignment)
    again = Ticked(("250.00",))
    assert refused(lambda: save(assignment, 1, again, Seen("tab-2"))) == "changed"
    assert refused(lambda: submit(assignment, "second", again, Seen("tab-2"))) == "changed"
    seen = Seen("tab-2", based_on=1)
    save(assignment, 1, again, seen)
    assert submit(assignment, "second", again, seen).revision == 2
    assert codings_of(assignment.study, assignment.rater)[assignment.note.external_id] == ["250.00"]


@pytest.mark.parametrize("between", [None, 100.0])
def test_what_was_worked_does_not_become_less_with_a_revision(assignment, between):
    """A tab that knows nothing of the first answer, or one of Label Studio without a clock."""
    submit(assignment, ticked=Ticked(("428.0",), active_seconds=300.0))
    code = assignment.study.code_set.codes.get(code="96.04")
    given = Given(
        assignment.note, {code: None}, "label-studio:1:1:x", timezone.now(), active_seconds=between
    )
    coding_append(study=assignment.study, rater=assignment.rater, given=given)
    fewer = Ticked(("428.0",), active_seconds=2.0)
    last = submit(assignment, "third", fewer, Seen("t", based_on=2))
    assert last.active_seconds == 300.0


def test_answers_of_both_doors_are_revisions_in_the_order_of_submit(assignment):
    """Also where Label Studio's clock is ahead of ours."""
    submit(assignment)
    code = assignment.study.code_set.codes.get(code="96.04")
    ahead = timezone.now() + timedelta(minutes=5)
    given = Given(assignment.note, {code: None}, "label-studio:1:1:x", submitted_at=ahead)
    coding_append(study=assignment.study, rater=assignment.rater, given=given)
    assert refused(lambda: submit(assignment, "third", TICKED, Seen("t", based_on=1))) == "changed"
    last = submit(assignment, "third", TICKED, Seen("t", based_on=2))
    assert (last.revision, last.submitted_at > ahead) == (3, True)
    assert submitted_of(assignment).codes == ["428.0", "401.9"]


@pytest.mark.parametrize("status", ["closed", "draft"])
def test_a_study_that_is_not_open_takes_nothing(assignment, status):
    Study.objects.filter(pk=assignment.study_id).update(status=status)
    assert refused(lambda: save(assignment, 1)) == "closed"
    assert refused(lambda: submit(assignment)) == "closed"


def test_a_note_of_another_interface_is_not_coded_here(assignment):
    Assignment.objects.filter(pk=assignment.pk).update(arm="list")
    assert refused(lambda: submit(assignment)) == "interface"


def test_a_note_that_was_given_to_another_coder_is_gone(assignment):
    save(assignment, 1)
    Assignment.objects.filter(pk=assignment.pk).delete()
    assert refused(lambda: submit(assignment)) == "gone"
    assert not Draft.objects.exists(), "whoever takes the note over must not see it"


def test_a_mirror_is_left_only_where_label_studio_has_the_note(assignment):
    submit(assignment)
    assert not Mirror.objects.exists()
    Assignment.objects.filter(pk=assignment.pk).update(task_id=7)
    Workspace.objects.filter(study=assignment.study).update(project_id=None)
    Workspace.objects.filter(study=assignment.study, rater=assignment.rater).update(project_id=3)
    submit(assignment, "second", TICKED, Seen("tab-1", based_on=1))
    assert Mirror.objects.get().coding.revision == 2


def test_pauses_are_kept_as_events(assignment, ada):
    work_event(assignment=assignment, user=ada, event="paused", active_seconds=61.04)
    event = Event.objects.first()
    assert (event.verb, event.object) == ("coding.paused", f"assignment:{assignment.pk}")
    assert event.data == {"active_seconds": 61.0}
    act = {"assignment": assignment, "user": ada, "active_seconds": 1.0}
    assert refused(lambda: work_event(event="slept", **act)) == "value"


def test_what_the_search_goes_by_is_part_of_the_protocol(batch, codes, ada):
    """Where our page is an arm; other studies keep the hash that they always had."""

    def protocol(slug: str, interface: str) -> str:
        study = study_draft(
            slug=slug, batch=batch, code_set=codes, coders=[ada.rater], interface=interface
        )
        assert bool(study.search_sha256) == ("page" in study.arms)
        return study.protocol_sha256

    hashes = {protocol("one", "page"), protocol("two", "list+page"), protocol("three", "list")}
    codes.frequencies = {"401.9": 3}
    codes.save()
    assert protocol("four", "list") in hashes
    assert protocol("five", "page") not in hashes and protocol("six", "list+page") not in hashes


def test_two_arms_keep_the_hash_that_they_had_by_their_earlier_name(batch, codes, ada):
    study = study_draft(
        slug="arms", batch=batch, code_set=codes, coders=[ada.rater], interface="list+search"
    )
    protocol = {
        "notes": batch.sha256,
        "codes": codes.sha256,
        "coders": ["Ada"],
        "overlap": 0,
        "interface": "both",
        "guideline": study.guideline,
        "seed": 0,
        "blind": True,
    }
    expected = hashlib.sha256(json.dumps(protocol, sort_keys=True).encode()).hexdigest()
    assert study.protocol_sha256 == expected


def test_a_change_that_was_undone_is_no_change(assignment):
    """Else the queue would say that it was changed and not sent."""
    submit(assignment)
    seen = Seen("tab-1", based_on=1)
    save(assignment, 1, Ticked(("428.0", "401.9", "250.00")), seen)
    assert drafts_begun(assignment.study) == 1
    save(assignment, 2, Ticked(("401.9", "428.0"), active_seconds=40.0), seen)
    assert drafts_begun(assignment.study) == 0
    assert Draft.objects.get().active_seconds == 40.0, "the time that it took stays"
    save(assignment, 3, Ticked(("401.9", "428.0"), unlisted="a code for X"), seen)
    assert drafts_begun(assignment.study) == 1


def test_a_note_sent_while_others_are_moved_stays(assignment, ben, monkeypatch):
    """Loading notes into Label Studio takes seconds, in which their coder may go on."""

    def load(new, *_):
        submit(assignment)
        return {str(each.note_id): 1 for each in new}

    monkeypatch.setattr(reassign, "_load_notes", load)
    left = assignment.study.assignments.filter(rater=assignment.rater, role="primary").count()
    moved = notes_reassign(study=assignment.study, giver=assignment.rater, taker=ben.rater)
    assert moved == left - (assignment.role == "primary")
    assert Assignment.objects.get(pk=assignment.pk).rater == assignment.rater
    moves = Event.objects.get(verb="notes.reassigned")
    assert assignment.note_id not in moves.data["notes"]
