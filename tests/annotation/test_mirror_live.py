"""What is coded on our page reaches the coder's project in a real Label Studio, once."""

from __future__ import annotations

import secrets

import pytest

from annotation.label_studio.client import LabelStudio, LabelStudioDown, LabelStudioRefused
from annotation.models import Assignment, Coding, Mirror, Study
from annotation.selectors.desk import newest_coding, submitted_of
from annotation.services import mirror
from annotation.services.desk import Seen, Ticked, coding_submit
from annotation.services.mirror import assignment_mirror, mirrors_sweep
from annotation.services.people import user_set_active
from annotation.services.studies import study_draft, study_open
from annotation.services.study_life import study_close, study_reopen
from annotation.services.sync import Pulled, workspace_pull

pytestmark = pytest.mark.label_studio


@pytest.fixture
def client(label_studio, settings) -> LabelStudio:
    settings.LABEL_STUDIO_URL = label_studio.url
    settings.LABEL_STUDIO_TOKEN = label_studio.token
    settings.GUARD_SECRET = label_studio.secret
    return label_studio.client()


@pytest.fixture
def study(client, batch, codes, ada, ben) -> Study:
    draft = study_draft(
        slug=f"desk-{secrets.token_hex(4)}",
        batch=batch,
        code_set=codes,
        coders=[ada.rater, ben.rater],
        overlap=0,
        sample=4,
    )
    return study_open(study=draft, actor=None)


@pytest.fixture
def assignment(study, ada) -> Assignment:
    rows = study.assignments.select_related("study", "rater__user")
    return rows.filter(rater=ada.rater).order_by("position").first()


def submit(assignment, *codes: str, unlisted: str = "") -> Coding:
    before = submitted_of(assignment)
    seen = Seen("tab", based_on=before.revision if before else 0)
    ticked = Ticked(codes, not codes, unlisted, 42.0)
    return coding_submit(assignment=assignment, key=secrets.token_hex(8), seen=seen, ticked=ticked)


def workspace(assignment):
    return assignment.study.workspaces.get(rater=assignment.rater)


def held(client, assignment) -> list[tuple[tuple[str, ...], bool, str]]:
    """What Label Studio holds of the note: codes, none applies, words; one entry an answer."""
    answers = client.changed(workspace(assignment).project_id)
    return [
        (answer.parsed.codes, answer.parsed.none_applies, answer.parsed.unlisted)
        for answer in answers
        if answer.task_id == assignment.task_id
    ]


def test_each_answer_is_copied_under_the_coders_name_and_is_not_pulled_back(client, assignment):
    submit(assignment, "428.0", "401.9", unlisted="two\nlines")
    assert mirrors_sweep(study=assignment.study) == 1
    (answer,) = client.changed(workspace(assignment).project_id)
    assert answer.parsed.codes == ("428.0", "401.9") and answer.lead_time == 0.0
    assert answer.active_seconds == 42.0, "who goes on there goes on from it"
    assert answer.completed_by == workspace(assignment).account_id
    assert workspace_pull(workspace=workspace(assignment)) == Pulled()
    submit(assignment)
    assert mirrors_sweep(study=assignment.study) == 1
    assert held(client, assignment) == [((), True, "")]
    assert workspace_pull(workspace=workspace(assignment), reconcile=True) == Pulled()
    assert Coding.objects.filter(study=assignment.study).count() == 2
    assert mirrors_sweep(study=assignment.study) == 0, "nothing is left to do"


def test_a_worker_that_dies_after_writing_makes_no_second_answer(client, assignment, monkeypatch):
    submit(assignment, "428.0")
    write = mirror._write

    def dies(*given):
        write(*given)
        raise KeyboardInterrupt

    monkeypatch.setattr(mirror, "_write", dies)
    with pytest.raises(KeyboardInterrupt):
        assignment_mirror(assignment=assignment)
    monkeypatch.setattr(mirror, "_write", write)
    # The webhook's pull may come first, or the sweep: neither takes it for the coder's own.
    assert workspace_pull(workspace=workspace(assignment)) == Pulled()
    assert assignment_mirror(assignment=assignment)
    assert held(client, assignment) == [(("428.0",), False, "")]
    assert Coding.objects.filter(study=assignment.study).count() == 1


def test_a_later_answer_given_in_label_studio_is_a_revision_and_stays(client, assignment, ada):
    submit(assignment, "428.0")
    mirrors_sweep()
    space = workspace(assignment)
    (answer,) = client.changed(space.project_id)
    token = client.ensure_account(ada.email, "Ada").token
    client.resubmit(token, answer, ["250.00"], 50.0)
    assert workspace_pull(workspace=space) == Pulled(stored=1)
    assert submitted_of(assignment).codes == ["250.00"]
    submit(assignment, "401.9")
    mirrors_sweep()
    assert held(client, assignment) == [(("401.9",), False, "")]
    assert workspace_pull(workspace=space) == Pulled()
    revisions = Coding.objects.filter(study=assignment.study).order_by("submitted_at")
    assert list(revisions.values_list("revision", flat=True)) == [1, 2, 3]


def test_an_answer_of_label_studio_is_stored_before_it_is_written_over(client, assignment, ada):
    submit(assignment, "428.0")
    mirrors_sweep()
    (answer,) = client.changed(workspace(assignment).project_id)
    token = client.ensure_account(ada.email, "Ada").token
    client.resubmit(token, answer, ["250.00"], 50.0)
    submit(assignment, "401.9")  # before anything was pulled
    mirrors_sweep()
    given = Coding.objects.filter(study=assignment.study).order_by("submitted_at")
    assert [[item.code.code for item in coding.items.all()] for coding in given] == [
        ["428.0"],
        ["250.00"],
        ["401.9"],
    ]
    assert newest_coding(assignment).source_key.startswith("page:")
    assert held(client, assignment) == [(("401.9",), False, "")]


def test_label_studio_that_is_away_costs_a_later_try_and_nothing_else(client, assignment, settings):
    settings.LABEL_STUDIO_URL = "http://127.0.0.1:9"
    submit(assignment, "428.0")
    with pytest.raises(LabelStudioDown):
        assignment_mirror(assignment=assignment)
    waiting = Mirror.objects.get()
    assert (waiting.tries, waiting.done_at) == (1, None) and "does not answer" in waiting.error
    settings.LABEL_STUDIO_URL = client.url
    assert mirrors_sweep() == 0, "not tried again at once"
    assert mirrors_sweep(at_once=True) == 1
    assert held(client, assignment) == [(("428.0",), False, "")]
    assert Mirror.objects.get().error == ""


def test_what_is_left_is_copied_before_a_study_is_closed_and_after(client, study, assignment):
    submit(assignment, "428.0")
    study_close(study=study, actor=None)
    assert held(client, assignment) == [(("428.0",), False, "")]
    # Submitted in the very moment of closing: its copy comes late.
    Mirror.objects.update(done_at=None, source_key="", tries=0)
    Study.objects.filter(pk=study.pk).update(status="open")
    submit(assignment, "401.9")
    Study.objects.filter(pk=study.pk).update(status="closed")
    assert mirrors_sweep() == 1
    assert held(client, assignment) == [(("401.9",), False, "")]
    assert workspace_pull(workspace=workspace(assignment)) == Pulled()


def test_an_answer_of_label_studio_like_an_older_one_of_our_page_is_stored(
    client, assignment, ada, settings
):
    """The first was tried while Label Studio was away, and was never copied: the second was."""
    settings.LABEL_STUDIO_URL = "http://127.0.0.1:9"
    submit(assignment, "428.0")
    with pytest.raises(LabelStudioDown):
        assignment_mirror(assignment=assignment)
    settings.LABEL_STUDIO_URL = client.url
    submit(assignment, "401.9")
    assert mirrors_sweep(at_once=True) == 1
    space = workspace(assignment)
    (answer,) = client.changed(space.project_id)
    client.resubmit(client.ensure_account(ada.email, "Ada").token, answer, ["428.0"], 50.0)
    assert workspace_pull(workspace=space) == Pulled(stored=1)
    assert submitted_of(assignment).codes == ["428.0"]


def test_an_answer_of_label_studio_like_one_that_waits_is_stored(client, assignment, ada, settings):
    """Of two answers that were not copied it says what the first did: it is the coder's last."""
    settings.LABEL_STUDIO_URL = "http://127.0.0.1:9"
    for code in ("428.0", "401.9"):
        submit(assignment, code)
        with pytest.raises(LabelStudioDown):
            assignment_mirror(assignment=assignment)
    settings.LABEL_STUDIO_URL = client.url
    client.submit(client.ensure_account(ada.email, "Ada").token, assignment.task_id, ["428.0"], 9.0)
    assert mirrors_sweep(at_once=True) == 1
    assert held(client, assignment) == [(("428.0",), False, "")]
    assert submitted_of(assignment).codes == ["428.0"]


def test_a_change_in_the_moment_of_copying_is_not_taken_for_the_copy(
    client, assignment, ada, monkeypatch
):
    submit(assignment, "428.0")
    read = LabelStudio.answer_on
    told = []

    def changed_before(self, project, task):
        there = read(self, project, task)
        told.append(there)
        if len(told) == 2:  # after writing: what is there now is read
            token = client.ensure_account(ada.email, "Ada").token
            client.resubmit(token, there, ["250.00"], 50.0)
            there = read(self, project, task)
        return there

    monkeypatch.setattr(LabelStudio, "answer_on", changed_before)
    assignment_mirror(assignment=assignment)
    mirrors_sweep(at_once=True)
    assert submitted_of(assignment).codes == ["250.00"]
    assert held(client, assignment) == [(("250.00",), False, "")]
    assert not Mirror.objects.filter(done_at=None).exists()


def test_a_copy_is_made_though_the_account_was_closed(client, assignment, ada, sam):
    submit(assignment, "428.0")
    user_set_active(user=ada, active=False, actor=sam)
    assert mirrors_sweep() == 1
    assert held(client, assignment) == [(("428.0",), False, "")]
    token = client.ensure_account(ada.email, "Ada").token
    with pytest.raises(LabelStudioRefused, match="403"):
        client.submit(token, assignment.task_id, ["401.9"], 9.0)
    user_set_active(user=ada, active=True, actor=sam)  # other tests use the same Label Studio


def test_a_study_reopened_while_a_copy_is_made_stays_open(
    client, study, assignment, ada, monkeypatch
):
    submit(assignment, "428.0")
    study_close(study=study, actor=None)
    Study.objects.filter(pk=study.pk).update(status="open")
    submit(assignment, "401.9")
    Study.objects.filter(pk=study.pk).update(status="closed")
    write = LabelStudio.resubmit

    def reopened_meanwhile(*given):
        write(*given)
        study_reopen(study=Study.objects.get(pk=study.pk), actor=None)

    monkeypatch.setattr(LabelStudio, "resubmit", reopened_meanwhile)
    assert mirrors_sweep() == 1
    assert Study.objects.get(pk=study.pk).status == "open"
    token = client.ensure_account(ada.email, "Ada").token
    other = study.assignments.filter(rater=ada.rater).exclude(pk=assignment.pk).first()
    client.submit(token, other.task_id, ["401.9"], 9.0)


def test_what_was_deleted_in_label_studio_waits_and_holds_up_nothing(
    client, study, assignment, ben
):
    other = study.assignments.select_related("study", "rater__user").filter(rater=ben.rater).first()
    gone = assignment
    client._sdk.tasks.delete(id=str(gone.task_id))
    submit(gone, "428.0")
    submit(other, "401.9")
    assert mirrors_sweep() == 1
    assert Mirror.objects.get(assignment=gone).error
    assert held(client, other) == [(("401.9",), False, "")]


def test_a_worker_that_dies_at_a_closed_study_leaves_it_closed(
    client, study, assignment, ada, monkeypatch
):
    study_close(study=study, actor=None)
    Study.objects.filter(pk=study.pk).update(status="open")
    submit(assignment, "428.0")
    Study.objects.filter(pk=study.pk).update(status="closed")
    write = LabelStudio.submit
    named = LabelStudio.name_coder

    def dies(*given):
        write(*given)
        # The process ends: nothing after this is done.
        monkeypatch.setattr(LabelStudio, "name_coder", lambda *given, **more: None)
        raise KeyboardInterrupt

    monkeypatch.setattr(LabelStudio, "submit", dies)
    with pytest.raises(KeyboardInterrupt):
        mirrors_sweep()
    monkeypatch.setattr(LabelStudio, "submit", write)
    monkeypatch.setattr(LabelStudio, "name_coder", named)
    assert mirrors_sweep(at_once=True) == 1
    token = client.ensure_account(ada.email, "Ada").token
    (answer,) = client.changed(workspace(assignment).project_id)
    with pytest.raises(LabelStudioRefused, match="403"):
        client.resubmit(token, answer, ["401.9"], 9.0)


def test_a_copy_that_fails_for_a_reason_of_its_own_holds_up_nothing(
    client, study, assignment, ben, monkeypatch
):
    other = study.assignments.select_related("study", "rater__user").filter(rater=ben.rater).first()
    submit(assignment, "428.0")
    submit(other, "401.9")
    newest = mirror.newest_coding

    def fails(given):
        if given.pk == assignment.pk:
            raise KeyError("words of a note")
        return newest(given)

    monkeypatch.setattr(mirror, "newest_coding", fails)
    assert mirrors_sweep() == 1
    assert Mirror.objects.get(assignment=assignment).error == "KeyError"
    assert held(client, other) == [(("401.9",), False, "")]
