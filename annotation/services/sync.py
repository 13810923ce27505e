"""Answers come from Label Studio by pulling what changed; a webhook only makes the next pull come sooner."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from annotation.label_studio.client import Answer, LabelStudioError
from annotation.models import (
    Assignment,
    Code,
    Coding,
    Event,
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
    """Store every answer of one coder that changed since the last pull; pulling twice changes nothing.

    With `reconcile`, answers that were deleted in Label Studio are recorded as events (their codings stay).
    """
    if workspace.project_id is None:
        return Pulled()
    client = workstation()
    since = workspace.pulled_to - OVERLAP if workspace.pulled_to else None
    answers = sorted(
        client.changed(workspace.project_id, since), key=lambda answer: answer.updated_at
    )
    stored_keys = set(
        Coding.objects.filter(study_id=workspace.study_id).values_list("source_key", flat=True)
    )
    fresh = [answer for answer in answers if source_key(answer) not in stored_keys]
    pulled = (
        sum((_answer_store(workspace, answer) for answer in fresh), Pulled()) if fresh else Pulled()
    )
    if answers:
        _advance(workspace, answers[-1].updated_at)
    if reconcile:
        _deletions_record(workspace, client.annotation_ids(workspace.project_id))
    return pulled


def coder_pull(user: User) -> None:
    """What this coder has answered so far, so that the queue knows before it names the next note; best effort."""
    open_ones = Workspace.objects.filter(rater__user=user, study__status=Study.Status.OPEN)
    for workspace in open_ones.select_related("study", "rater__user"):
        with suppress(LabelStudioError):
            workspace_pull(workspace=workspace)


def source_key(answer: Answer) -> str:
    return (
        f"label-studio:{answer.project_id}:{answer.annotation_id}:{answer.updated_at.isoformat()}"
    )


def _advance(workspace: Workspace, newest: datetime) -> None:
    Workspace.objects.filter(pk=workspace.pk).exclude(pulled_to__gte=newest).update(
        pulled_to=newest
    )


def _answer_store(workspace: Workspace, answer: Answer) -> Pulled:
    assignment = (
        Assignment.objects.filter(
            study=workspace.study, rater=workspace.rater, task_id=answer.task_id
        )
        .select_related("note")
        .first()
    )
    codes = {
        code.code: code
        for code in Code.objects.filter(
            codeset=workspace.study.code_set, code__in=answer.parsed.codes
        )
    }
    reason = _refusal(workspace, answer, assignment, codes)
    if reason or assignment is None:
        return Pulled(quarantined=_quarantine(workspace, answer, reason))
    given = Given(
        note=assignment.note,
        scores=dict.fromkeys(codes.values()),
        source_key=source_key(answer),
        submitted_at=answer.updated_at,
        active_seconds=answer.lead_time,
        unlisted=answer.parsed.unlisted,
    )
    return Pulled(stored=coding_append(study=workspace.study, rater=workspace.rater, given=given))


def _refusal(
    workspace: Workspace, answer: Answer, assignment: Assignment | None, codes: dict[str, Code]
) -> str:
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
    """Whether an answer of that time came after the study was closed and before it was reopened.

    Reopenings are read anew: the pull may have begun before. A reopening that Label Studio has not followed to the end
    counts already, since its first coders can answer.
    """
    reopenings = list(study.reopenings.all())
    if any(each.closed_at < at <= each.reopened_at for each in reopenings):
        return True
    reopened = any(each.closed_at == study.closed_at for each in reopenings)
    return study.status == Study.Status.CLOSED and not reopened


def _quarantine(workspace: Workspace, answer: Answer, reason: str) -> bool:
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
    prefix = f"label-studio:{workspace.project_id}:"
    keys = Coding.objects.filter(source_key__startswith=prefix).values_list("source_key", flat=True)
    gone = {int(key.split(":")[2]) for key in keys} - present
    known = set(
        Event.objects.filter(verb=DELETED, object=f"project:{workspace.project_id}").values_list(
            "data__annotation", flat=True
        )
    )
    for annotation in sorted(gone - known):
        event_record(
            actor=None,
            verb=DELETED,
            object=f"project:{workspace.project_id}",
            annotation=annotation,
        )
