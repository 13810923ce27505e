"""Moving notes from a coder who leaves to another coder of the study."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db import transaction
from django.db.models import Max

from annotation.models import Assignment, Rater, Study, User, Workspace
from annotation.selectors.queues import with_done
from annotation.services.events import event_record
from annotation.services.sync import workspace_pull
from annotation.services.workstation import workstation

PRIMARY = Assignment.AssignmentRole.PRIMARY


def notes_reassign(*, study: Study, giver: Rater, taker: Rater, actor: User | None = None) -> int:
    """Move the own notes that `giver` has not submitted to the end of `taker`'s queue.

    Returns how many were moved. Answers are pulled first, so that nothing submitted moves;
    nor does what is submitted on our page until the end.

    - A note that `taker` shares already becomes one of the taker's own.
    - Shared notes of other coders that `giver` leaves undone are dropped: agreement is counted
      between fewer raters then.
    - An answer that `giver` submits later is quarantined, not lost.

    Raises ValueError, and LabelStudioError; then nothing has changed.
    """
    if study.status != Study.Status.OPEN:
        raise ValueError(f"study {study.slug} is {study.status}; notes move only while it is open")
    workspaces = study.workspaces.select_related("rater__user")
    of_giver = list(workspaces.filter(rater=giver))
    of_taker = list(workspaces.filter(rater=taker))
    if giver.pk == taker.pk or not of_giver or not of_taker:
        raise ValueError("choose two different coders of this study")
    for workspace in of_giver:
        workspace_pull(workspace=workspace)
    before = _undone(study, giver)
    moving = [assignment for assignment in before if assignment.role == PRIMARY]
    shared_by_taker = dict(study.assignments.filter(rater=taker).values_list("note_id", "pk"))
    new = [assignment for assignment in moving if assignment.note_id not in shared_by_taker]
    tasks = _load_notes(new, taker, of_taker)
    with transaction.atomic():
        # What was sent on our page meanwhile stays, and what is being sent is waited for.
        list(study.assignments.select_for_update().order_by("pk").values_list("pk"))
        still = {assignment.pk for assignment in _undone(study, giver)}
        left = [assignment for assignment in before if assignment.pk in still]
        moving = [assignment for assignment in left if assignment.role == PRIMARY]
        new = [assignment for assignment in moving if assignment.note_id not in shared_by_taker]
        notes = [assignment.note_id for assignment in moving]
        Assignment.objects.filter(pk__in=[assignment.pk for assignment in left]).delete()
        study.assignments.filter(rater=taker, note__in=notes).update(role=PRIMARY)
        _queue_append(study, taker, new, tasks)
        event_record(
            actor=actor,
            verb="notes.reassigned",
            object=f"study:{study.slug}",
            giver=giver.pk,
            taker=taker.pk,
            notes=notes,
            dropped=len(left) - len(moving),
        )
    return len(moving)


def _undone(study: Study, rater: Rater) -> list[Assignment]:
    """The notes that a coder has not submitted, in the order of the queue."""
    mine = with_done(study.assignments.filter(rater=rater))
    return list(mine.filter(is_done=False).select_related("note").order_by("position"))


def _load_notes(
    assignments: Sequence[Assignment], taker: Rater, workspaces: Sequence[Workspace]
) -> dict[str, int]:
    """Load the notes into the taker's projects, each in its arm. Returns note id -> task id."""
    tasks: dict[str, int] = {}
    for workspace in workspaces:
        notes = []
        for assignment in assignments:
            if assignment.arm == workspace.arm:
                notes.append((str(assignment.note_id), assignment.note.text))
        if not notes:
            continue
        if workspace.project_id is None:
            raise ValueError(f"{taker} has no project in Label Studio yet; open the study again")
        tasks |= workstation().push_tasks(workspace.project_id, notes)
    return tasks


def _queue_append(
    study: Study, taker: Rater, assignments: Sequence[Assignment], tasks: Mapping[str, int]
) -> None:
    """Put the notes at the end of the taker's queue, as own notes."""
    queue = study.assignments.filter(rater=taker)
    last = queue.aggregate(last=Max("position"))["last"] or 0
    moved = []
    for position, assignment in enumerate(assignments, start=last + 1):
        moved.append(
            Assignment(
                study=study,
                note=assignment.note,
                rater=taker,
                role=PRIMARY,
                arm=assignment.arm,
                position=position,
                task_id=tasks[str(assignment.note_id)],
            )
        )
    Assignment.objects.bulk_create(moved)
