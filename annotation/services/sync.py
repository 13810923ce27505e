"""Pulling answers from Label Studio. A webhook only makes the next pull come sooner."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from annotation.label_studio.answers import Answer
from annotation.label_studio.client import LabelStudioError
from annotation.models import (
    Assignment,
    Code,
    Coding,
    Event,
    Mirror,
    QuarantinedAnswer,
    Study,
    User,
    Workspace,
)
from annotation.services.codings import Given, coding_append
from annotation.services.events import event_record
from annotation.services.workstation import workstation

OVERLAP = timedelta(minutes=2)  # an answer saved while the last pull ran is seen by the next one
DELETED = "annotation.deleted"


@dataclass(frozen=True)
class Pulled:
    """What a pull did: answers newly stored, and newly quarantined."""

    stored: int = 0
    quarantined: int = 0

    def __add__(self, other: Pulled) -> Pulled:
        return Pulled(self.stored + other.stored, self.quarantined + other.quarantined)


def workspace_pull(*, workspace: Workspace, reconcile: bool = False) -> Pulled:
    """Store the answers in one coder's project that changed since the last pull.

    Pulling twice changes nothing. With `reconcile`, answers that were deleted in Label Studio are
    recorded as events; their codings stay.
    """
    if workspace.project_id is None:
        return Pulled()
    client = workstation()
    since = None
    if workspace.pulled_to:
        since = workspace.pulled_to - OVERLAP
    answers = client.changed(workspace.project_id, since)
    answers.sort(key=lambda answer: answer.updated_at)
    codings = Coding.objects.filter(study_id=workspace.study_id)
    stored_keys = set(codings.values_list("source_key", flat=True))
    copies = Mirror.objects.filter(coding__study_id=workspace.study_id)
    stored_keys.update(copies.values_list("source_key", flat=True))
    pulled = Pulled()
    for answer in answers:
        if source_key(answer) not in stored_keys and not _is_own_copy(workspace, answer):
            pulled += _answer_store(workspace, answer)
    if answers:
        _advance(workspace, answers[-1].updated_at)
    if reconcile:
        _deletions_record(workspace, client.annotation_ids(workspace.project_id))
    return pulled


def coder_pull(user: User) -> None:
    """Pull what a coder has answered, so that the queue does not name a note that is done.

    Where Label Studio does not answer, the queue goes by what is stored. What is coded on our own
    page is here already: nobody waits for its copies.
    """
    open_ones = Workspace.objects.filter(rater__user=user, study__status=Study.Status.OPEN)
    open_ones = open_ones.exclude(arm=Study.Interface.PAGE)
    for workspace in open_ones.select_related("study", "rater__user"):
        with suppress(LabelStudioError):
            workspace_pull(workspace=workspace)


def source_key(answer: Answer) -> str:
    """The name of an answer as it stands: a changed answer has another."""
    return (
        f"label-studio:{answer.project_id}:{answer.annotation_id}:{answer.updated_at.isoformat()}"
    )


def is_known(workspace: Workspace, answer: Answer) -> bool:
    """Whether an answer is stored here already, or is our own copy of one that is."""
    key = source_key(answer)
    if Coding.objects.filter(study_id=workspace.study_id, source_key=key).exists():
        return True
    copies = Mirror.objects.filter(coding__study_id=workspace.study_id, source_key=key)
    return copies.exists() or _is_own_copy(workspace, answer)


def is_copy(coding: Coding, answer: Answer) -> bool:
    """Whether an answer says what a coding of our page does, as our copy of it would.

    Label Studio's clock has not run for a copy; it has for what a coder says there.
    """
    said = answer.parsed
    codes = set(coding.items.values_list("code__code", flat=True))
    return (
        not answer.lead_time
        and codes == set(said.codes)
        and said.none_applies == (not codes)
        and coding.unlisted.split() == said.unlisted.split()
    )


def _is_own_copy(workspace: Workspace, answer: Answer) -> bool:
    """Whether we wrote it ourselves, and the worker that did has not said so (yet).

    Such a copy is known by what it says. Its name is stored, for it may be changed later.
    """
    tried = Mirror.objects.filter(
        assignment__study_id=workspace.study_id,
        assignment__rater_id=workspace.rater_id,
        assignment__task_id=answer.task_id,
        source_key="",
        done_at=None,
        tries__gt=0,
    )
    for mirror in tried.select_related("coding").order_by("-pk"):
        if is_copy(mirror.coding, answer):
            Mirror.objects.filter(pk=mirror.pk).update(source_key=source_key(answer))
            return True
    return False


def _advance(workspace: Workspace, newest: datetime) -> None:
    """Note how far the project was pulled, unless another pull has come further meanwhile."""
    behind = Workspace.objects.filter(pk=workspace.pk).exclude(pulled_to__gte=newest)
    behind.update(pulled_to=newest)


@transaction.atomic
def _answer_store(workspace: Workspace, answer: Answer) -> Pulled:
    """Store an answer as a coding, or in quarantine where it cannot count.

    The assignment is held meanwhile: an answer that is sent on our page waits, and the two are
    revisions one after the other.
    """
    assignments = Assignment.objects.select_for_update(of=("self",)).filter(
        study=workspace.study, rater=workspace.rater, task_id=answer.task_id
    )
    assignment = assignments.select_related("note").first()
    listed = Code.objects.filter(codeset=workspace.study.code_set, code__in=answer.parsed.codes)
    codes = {code.code: code for code in listed}
    reason = _refusal(workspace, answer, assignment, codes)
    if reason or assignment is None:
        return Pulled(quarantined=_quarantine(workspace, answer, reason))
    given = Given(
        note=assignment.note,
        scores=dict.fromkeys(codes.values()),
        source_key=source_key(answer),
        submitted_at=answer.updated_at,
        active_seconds=answer.active_seconds,
        lead_time=answer.lead_time,
        unlisted=answer.parsed.unlisted,
    )
    return Pulled(stored=coding_append(study=workspace.study, rater=workspace.rater, given=given))


def _refusal(
    workspace: Workspace, answer: Answer, assignment: Assignment | None, codes: dict[str, Code]
) -> str:
    """Why an answer cannot count, in words; "" where it counts."""
    if _given_while_closed(workspace.study, answer.updated_at):
        return "answered after the study was closed"
    if assignment is None:
        return f"task {answer.task_id} is not assigned to {workspace.rater.name}"
    if answer.completed_by != workspace.account_id:
        return "answered under another person's name"
    if answer.parsed.none_applies and answer.parsed.codes:
        return "codes ticked together with 'No listed code applies'"
    unknown = sorted(set(answer.parsed.codes) - codes.keys())
    if unknown:
        return f"codes that the study's list lacks: {', '.join(unknown[:10])}"[:300]
    return ""


def _given_while_closed(study: Study, at: datetime) -> bool:
    """Whether an answer came after the study was closed and before it was reopened.

    Reopenings are read anew, for the pull may have begun before one. A reopening counts from its
    first moment on, even while Label Studio is still being told: some coders can answer already.
    """
    reopenings = list(study.reopenings.all())
    if any(each.closed_at < at <= each.reopened_at for each in reopenings):
        return True
    reopened = any(each.closed_at == study.closed_at for each in reopenings)
    return study.status == Study.Status.CLOSED and not reopened


def _quarantine(workspace: Workspace, answer: Answer, reason: str) -> bool:
    """Keep an answer that cannot count, for the study's page. Returns whether it is new there."""
    _, created = QuarantinedAnswer.objects.get_or_create(
        source_key=source_key(answer),
        defaults={
            "study": workspace.study,
            "workspace": workspace,
            "annotation_id": answer.annotation_id,
            "task_id": answer.task_id,
            "reason": reason,
        },
    )
    return created


def _deletions_record(workspace: Workspace, present: set[int]) -> None:
    """Record each answer that was stored once and is not among those present in Label Studio."""
    prefix = f"label-studio:{workspace.project_id}:"
    keys = Coding.objects.filter(source_key__startswith=prefix).values_list("source_key", flat=True)
    gone = {int(key.split(":")[2]) for key in keys} - present
    project = f"project:{workspace.project_id}"
    recorded = Event.objects.filter(verb=DELETED, object=project)
    known = set(recorded.values_list("data__annotation", flat=True))
    for annotation in sorted(gone - known):
        event_record(actor=None, verb=DELETED, object=project, annotation=annotation)
