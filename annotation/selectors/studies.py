"""Studies, batches and notes, and who may see which of them."""

from __future__ import annotations

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from annotation.models import Batch, Note, Study, User


def study_get(slug: str | None) -> Study:
    """The study of that slug; without one the newest. Raises ValueError naming what there is."""
    studies = Study.objects.all()
    found = studies.filter(slug=slug).first() if slug else studies.first()
    if found is None:
        names = (
            ", ".join(studies.values_list("slug", flat=True))
            or "none yet: open one with open_study"
        )
        raise ValueError(
            f"no study named {slug}; there is: {names}" if slug else f"no study; there is: {names}"
        )
    return found


def may_see_reference(user: User, study: Study) -> bool:
    """Researchers and admins may; a coder of the study never while it is open, whatever else the person is."""
    rater = getattr(user, "rater", None)
    if (
        rater
        and study.status != Study.Status.CLOSED
        and study.workspaces.filter(rater=rater).exists()
    ):
        return False
    return user.is_researcher


def studies_of(user: User) -> QuerySet[Study]:
    """Studies whose results the person may look at."""
    if not user.is_researcher:
        return Study.objects.none()
    coding_now = Q(workspaces__rater__user=user) & ~Q(status=Study.Status.CLOSED)
    return Study.objects.exclude(pk__in=Study.objects.filter(coding_now).values("pk"))


def batches_with_counts() -> QuerySet[Batch]:
    """Newest first, each with `note_count`."""
    notes = (
        Note.objects.filter(batch=OuterRef("pk"))
        .order_by()
        .values("batch")
        .annotate(n=Count("pk"))
        .values("n")
    )
    counted = Batch.objects.annotate(note_count=Coalesce(Subquery(notes), 0))
    return counted.select_related("uploaded_by").order_by("-created_at", "-pk")


def batches_to_code() -> QuerySet[Batch]:
    """Batches that a study can be made of: they have notes, and none is without its text."""
    notes = Note.objects.filter(batch=OuterRef("pk"))
    return Batch.objects.filter(Exists(notes), ~Exists(notes.filter(text="")))


def notes_without_text(study: Study) -> int:
    """How many of a study's notes are known by their ids alone. An index of such notes answers, not their texts."""
    bare = Note.objects.filter(batch=study.batch_id, text="")
    return bare.filter(studies=study).count() if bare.exists() else 0


def batches_hidden_from(user: User) -> list[int]:
    """Batches whose codings the person may not see: of studies on which the person is coding just now."""
    hidden = Study.objects.exclude(pk__in=studies_of(user).values("pk"))
    return list(hidden.order_by().values_list("batch", flat=True).distinct())


def notes_seen_by(user: User) -> QuerySet[Note]:
    """Notes of batches on which the person is not coding just now."""
    hidden = batches_hidden_from(user)
    return Note.objects.exclude(batch__in=hidden) if hidden else Note.objects.all()
