"""The raters of a study: who they are, what they gave, what the work took."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery

from annotation.models import Coding, Rater, Study
from annotation.selectors.codings import Codings, codings_of, primary_codings
from benchmark.models import ModelRun
from benchmark.scoring.arms import PEOPLE, Arms
from benchmark.tables.coders import CoderFacts

REFERENCE = "The reference"
"""Its name as a rater, against the panel."""


def people_of(study: Study) -> list[Rater]:
    """The coders that the study is planned for, in its order."""
    return list(
        dict.fromkeys(
            space.rater for space in study.workspaces.select_related("rater").order_by("pk")
        )
    )


def imported_raters(study: Study) -> QuerySet[Rater]:
    """Raters whose codes came from a file alone; `coded` is how many of the study's notes each has coded."""
    here = Q(workspaces__study=study) | Q(runs__study=study)
    mine = Coding.objects.filter(study=study, rater=OuterRef("pk"))
    coded = mine.order_by().values("rater").annotate(n=Count("note", distinct=True)).values("n")
    outside = Rater.objects.filter(Exists(mine)).exclude(
        kind__in=[Rater.Kind.PANEL, Rater.Kind.REFERENCE]
    )
    outside = outside.exclude(pk__in=Rater.objects.filter(here).values("pk"))
    return outside.annotate(coded=Subquery(coded)).order_by("kind", "name")


def imported_coders(study: Study) -> QuerySet[Rater]:
    """Coders who work elsewhere and whose codes were imported, by name."""
    return imported_raters(study).filter(kind=Rater.Kind.CODER)


def coder_facts(study: Study) -> list[CoderFacts]:
    """Of each coder, from the newest coding of each note; days are those on which the coder submitted (UTC)."""
    raters = people_of(study)
    codings = Coding.objects.filter(study=study, rater__in=raters).order_by("submitted_at", "id")
    newest: dict[int, dict[int, tuple[datetime, float | None]]] = {rater.pk: {} for rater in raters}
    fields = codings.values_list("rater_id", "note_id", "submitted_at", "active_seconds")
    for rater_id, note_id, at, seconds in fields.iterator(2000):
        newest[rater_id][note_id] = (at, seconds)
    facts = []
    for rater in raters:
        mine = newest[rater.pk].values()
        minutes = [seconds / 60 for _, seconds in mine if seconds is not None]
        facts.append(
            CoderFacts(
                rater_id=rater.pk,
                name=rater.name,
                label=str(rater),
                certification=rater.certification,
                years_experience=rater.years_experience,
                simulated=rater.simulated,
                notes=len(mine),
                days=len({at.date() for at, _ in mine}),
                minutes=minutes,
            )
        )
    return facts


def table1_raters(study: Study, against: str = "reference") -> dict[str, Rater | None]:
    """Table 1's raters by their names in it: the human coders pooled (None), then coders whose codes were imported,
    then each model run in the study or imported. One that has coded nothing yet is there too. Against the panel, the
    reference is a rater like the others."""
    found: dict[str, Rater | None] = (
        {_humans_name(study): None} if study.workspaces.exists() else {}
    )
    ran = Exists(ModelRun.objects.filter(study=study, rater=OuterRef("pk")))
    gave = Exists(Coding.objects.filter(study=study, rater=OuterRef("pk")))
    models = Rater.objects.filter(Q(ran) | Q(gave), kind=Rater.Kind.MODEL)
    for rater in (*imported_coders(study), *models.order_by("name")):
        found[f"{rater.name} ({rater.kind})" if rater.name in found else rater.name] = rater
    if against == "panel" and study.reference:
        found[REFERENCE] = study.reference
    return found


def table1_codings(study: Study, rater: Rater | None) -> Codings:
    """note -> codes of one of them; the human coders' are each note's primary coding."""
    return codings_of(study, rater) if rater else primary_codings(study)


def coders_of(study: Study) -> dict[str, Codings]:
    """Each person who codes in the study, and coders whose codes were imported, by name, with all of their notes."""
    return {
        str(rater): codings_of(study, rater)
        for rater in (*people_of(study), *imported_coders(study))
    }


def arms_of(study: Study) -> Arms | None:
    """Where each note that its own coder has coded stood; None for a study of one arm."""
    if len(study.arms) < 2:
        return None
    own = (
        study.assignments.filter(role="primary")
        .select_related("rater")
        .defer("note__text")
        .select_related("note")
    )
    rows = {row.note_id: row for row in own}
    newest = {
        note: (rater, seconds)
        for note, rater, seconds in Coding.objects.filter(study=study, note__in=rows)
        .order_by("submitted_at", "id")
        .values_list("note_id", "rater_id", "active_seconds")
        if rows[note].rater_id == rater
    }
    done = {rows[note].note.external_id: rows[note] for note in newest}
    minutes = {
        rows[note].note.external_id: seconds / 60
        for note, (_, seconds) in newest.items()
        if seconds
    }
    return Arms(
        names=study.arms,
        arm={note: row.arm for note, row in sorted(done.items())},
        coder={note: str(row.rater) for note, row in sorted(done.items())},
        minutes=dict(sorted(minutes.items())),
    )


def _humans_name(study: Study) -> str:
    simulated = {rater.simulated for rater in people_of(study)}
    if simulated == {True}:
        return f"{PEOPLE} (simulated)"
    return f"{PEOPLE} (some simulated)" if True in simulated else PEOPLE
