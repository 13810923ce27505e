"""The raters of a study: who they are, and what they gave."""

from __future__ import annotations

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery

from annotation.models import Coding, Rater, Study
from annotation.selectors.clocks import CLOCK_FIELDS, NO_CLOCK, Took, clock_of, minutes_by
from annotation.selectors.codings import Codings, codings_of, primary_codings
from benchmark.models import ModelRun
from benchmark.scoring.arms import PEOPLE, Arms

REFERENCE = "The reference"
"""Its name as a rater, against the panel."""


def people_of(study: Study) -> list[Rater]:
    """The coders that the study is planned for, in its order."""
    workspaces = study.workspaces.select_related("rater").order_by("pk")
    # A study of two arms has two workspaces a coder.
    return list(dict.fromkeys(workspace.rater for workspace in workspaces))


def imported_raters(study: Study) -> QuerySet[Rater]:
    """Raters whose codes came from a file alone.

    `coded` is how many of the study's notes each has coded.
    """
    of_rater = Coding.objects.filter(study=study, rater=OuterRef("pk"))
    coded = of_rater.order_by().values("rater").annotate(n=Count("note", distinct=True)).values("n")
    codes_here = Rater.objects.filter(Q(workspaces__study=study) | Q(runs__study=study))
    raters = Rater.objects.filter(Exists(of_rater))
    raters = raters.exclude(kind__in=[Rater.Kind.PANEL, Rater.Kind.REFERENCE])
    raters = raters.exclude(pk__in=codes_here.values("pk"))
    return raters.annotate(coded=Subquery(coded)).order_by("kind", "name")


def imported_coders(study: Study) -> QuerySet[Rater]:
    """Coders who work elsewhere and whose codes were imported, by name."""
    return imported_raters(study).filter(kind=Rater.Kind.CODER)


def table1_raters(study: Study, against: str = "reference") -> dict[str, Rater | None]:
    """Table 1's raters by their names in it.

    The human coders pooled (None), then coders whose codes were imported, then each model run in
    the study or imported. One that has coded nothing yet is there too. Against the panel, the
    reference is a rater like the others.
    """
    found: dict[str, Rater | None] = {}
    if study.workspaces.exists():
        found[_humans_name(study)] = None
    ran = Exists(ModelRun.objects.filter(study=study, rater=OuterRef("pk")))
    gave = Exists(Coding.objects.filter(study=study, rater=OuterRef("pk")))
    models = Rater.objects.filter(Q(ran) | Q(gave), kind=Rater.Kind.MODEL)
    for rater in (*imported_coders(study), *models.order_by("name")):
        name = rater.name
        if name in found:
            name = f"{name} ({rater.kind})"
        found[name] = rater
    if against == "panel" and study.reference:
        found[REFERENCE] = study.reference
    return found


def table1_codings(study: Study, rater: Rater | None) -> Codings:
    """note -> codes of one of them; the human coders' are each note's primary coding."""
    if rater is None:
        return primary_codings(study)
    return codings_of(study, rater)


def coders_of(study: Study) -> dict[str, Codings]:
    """What each coder gave to all of their notes, by the coder's name.

    The people who code in the study, then coders whose codes were imported.
    """
    coders = [*people_of(study), *imported_coders(study)]
    return {str(coder): codings_of(study, coder) for coder in coders}


def arms_of(study: Study) -> Arms | None:
    """In which arm each note was that its own coder has coded; None for a study of one arm."""
    if len(study.arms) < 2:
        return None
    own = study.assignments.filter(role="primary")
    own = own.select_related("rater", "note").defer("note__text")
    assignments = {assignment.note_id: assignment for assignment in own}
    codings = Coding.objects.filter(study=study, note__in=assignments)
    codings = codings.order_by("submitted_at", "id")
    took: dict[int, Took] = {}  # by the note's newest coding of its own coder
    for note, rater, *seconds in codings.values_list("note_id", "rater_id", *CLOCK_FIELDS):
        if assignments[note].rater_id == rater:
            took[note] = Took(*seconds)
    simulated = any(assignments[note].rater.simulated for note in took)
    clock = NO_CLOCK if simulated else clock_of(took.values())
    arm = {}
    coder = {}
    minutes = {}
    for note in sorted(took, key=lambda note: assignments[note].note.external_id):
        assignment = assignments[note]
        name = assignment.note.external_id
        arm[name] = assignment.arm
        coder[name] = str(assignment.rater)
        measured = minutes_by(clock, took[note])
        if measured is not None:
            minutes[name] = measured
    return Arms(
        names=study.arms,
        arm=arm,
        coder=coder,
        minutes=minutes,
        clock=clock,
        simulated=simulated,
    )


def _humans_name(study: Study) -> str:
    """What the human coders together are called; says where some are programs."""
    simulated = {rater.simulated for rater in people_of(study)}
    if simulated == {True}:
        return f"{PEOPLE} (simulated)"
    if True in simulated:
        return f"{PEOPLE} (some simulated)"
    return PEOPLE
