"""A coder leaves: the notes that the coder has not submitted go to another coder of the study."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Max

from annotation.models import Assignment, Rater, Study, User
from annotation.selectors.queues import with_done
from annotation.services.events import event_record
from annotation.services.sync import workspace_pull
from annotation.services.workstation import workstation

PRIMARY = Assignment.AssignmentRole.PRIMARY


def notes_reassign(*, study: Study, giver: Rater, taker: Rater, actor: User | None = None) -> int:
    """Move every own note of `giver` that has no coding to the end of `taker`'s queue; returns how many.

    Answers are pulled first, so that nothing submitted moves. A note that `taker` shares already becomes the taker's
    own; shared notes of others that `giver` leaves uncoded are dropped, for agreement has fewer raters then. A late
    answer of `giver` is quarantined, not lost. Raises ValueError, and LabelStudioError with nothing changed.
    """
    if study.status != Study.Status.OPEN:
        raise ValueError(f"study {study.slug} is {study.status}; notes move only while it is open")
    workspaces = list(study.workspaces.select_related("rater__user"))
    if giver.pk == taker.pk or not {giver.pk, taker.pk} <= {
        workspace.rater_id for workspace in workspaces
    }:
        raise ValueError("choose two different coders of this study")
    for workspace in workspaces:
        if workspace.rater_id == giver.pk:
            workspace_pull(workspace=workspace)
    left = list(
        with_done(study.assignments.filter(rater=giver))
        .filter(is_done=False)
        .select_related("note")
    )
    moving = [assignment for assignment in left if assignment.role == PRIMARY]
    theirs = dict(study.assignments.filter(rater=taker).values_list("note_id", "pk"))
    new = [assignment for assignment in moving if assignment.note_id not in theirs]
    projects = {
        workspace.arm: workspace.project_id
        for workspace in workspaces
        if workspace.rater_id == taker.pk
    }
    tasks: dict[str, int] = {}
    for arm, project in projects.items():
        of_arm = [(str(a.note_id), a.note.text) for a in new if a.arm == arm]
        if of_arm and project is None:
            raise ValueError(f"{taker} has no project in Label Studio yet; open the study again")
        if of_arm and project is not None:
            tasks |= workstation().push_tasks(project, of_arm)
    with transaction.atomic():
        Assignment.objects.filter(pk__in=[assignment.pk for assignment in left]).delete()
        shared = [
            theirs[assignment.note_id] for assignment in moving if assignment.note_id in theirs
        ]
        Assignment.objects.filter(pk__in=shared).update(role=PRIMARY)
        last = study.assignments.filter(rater=taker).aggregate(last=Max("position"))["last"] or 0
        Assignment.objects.bulk_create(
            Assignment(
                study=study,
                note=assignment.note,
                rater=taker,
                role=PRIMARY,
                arm=assignment.arm,
                position=last + place,
                task_id=tasks[str(assignment.note_id)],
            )
            for place, assignment in enumerate(sorted(new, key=lambda a: a.position), start=1)
        )
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
