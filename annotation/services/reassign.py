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

    Returns how many were moved. Answers are pulled first, so that nothing submitted moves.

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
    undone = with_done(study.assignments.filter(rater=giver)).filter(is_done=False)
    left = list(undone.select_related("note"))
    moving = [assignment for assignment in left if assignment.role == PRIMARY]
    shared_by_taker = dict(study.assignments.filter(rater=taker).values_list("note_id", "pk"))
    shared = []
    new = []
    for assignment in moving:
        if assignment.note_id in shared_by_taker:
            shared.append(shared_by_taker[assignment.note_id])
        else:
            new.append(assignment)
    new.sort(key=lambda assignment: assignment.position)
    tasks = _load_notes(new, taker, of_taker)
    with transaction.atomic():
        Assignment.objects.filter(pk__in=[assignment.pk for assignment in left]).delete()
        Assignment.objects.filter(pk__in=shared).update(role=PRIMARY)
        _queue_append(study, taker, new, tasks)
        event_record(
            actor=actor,
            verb="notes.reassigned",
            object=f"study:{study.slug}",
            giver=giver.pk,
            taker=taker.pk,
            notes=[assignment.note_id for assignment in moving],
            dropped=len(left) - len(moving),
        )
    return len(moving)


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
