"""Studies, batches and notes, and who may see which of them."""

from __future__ import annotations

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from annotation.models import Batch, Note, Study, User


def study_get(slug: str | None) -> Study:
    """The study of that name; without a name the newest. Raises ValueError naming what there is."""
    studies = Study.objects.all()
    if slug:
        found = studies.filter(slug=slug).first()
        missing = f"no study named {slug}"
    else:
        found = studies.first()
        missing = "no study"
    if found is None:
        names = ", ".join(studies.values_list("slug", flat=True))
        raise ValueError(f"{missing}; there is: {names or 'none yet: open one with open_study'}")
    return found


def may_see_reference(user: User, study: Study) -> bool:
    """Whether a person may see the study's reference and results.

    Researchers and admins may, but not those who code in the study, until it is closed.
    """
    if not user.is_researcher:
        return False
    rater = getattr(user, "rater", None)
    if rater is None or study.status == Study.Status.CLOSED:
        return True
    return not study.workspaces.filter(rater=rater).exists()


def studies_of(user: User) -> QuerySet[Study]:
    """Studies whose results the person may look at."""
    if not user.is_researcher:
        return Study.objects.none()
    coding_now = Q(workspaces__rater__user=user) & ~Q(status=Study.Status.CLOSED)
    return Study.objects.exclude(pk__in=Study.objects.filter(coding_now).values("pk"))


def batches_with_counts() -> QuerySet[Batch]:
    """Newest first, each with `note_count`."""
    of_batch = Note.objects.filter(batch=OuterRef("pk")).order_by().values("batch")
    notes = of_batch.annotate(n=Count("pk")).values("n")
    counted = Batch.objects.annotate(note_count=Coalesce(Subquery(notes), 0))
    return counted.select_related("uploaded_by").order_by("-created_at", "-pk")


def batches_to_code() -> QuerySet[Batch]:
    """Batches that a study can be made of: they have notes, and none is without its text.

    Those for practice, and those that were withdrawn, are not among them.
    """
    notes = Note.objects.filter(batch=OuterRef("pk"))
    batches = Batch.objects.filter(Exists(notes), ~Exists(notes.filter(text="")))
    return batches.filter(for_practice=False, withdrawn_at=None)


def notes_without_text(study: Study) -> int:
    """How many of a study's notes are known by their ids alone."""
    bare = Note.objects.filter(batch=study.batch_id, text="")
    # Most batches have none, and the index `note_without_text` says so without reading the notes.
    if not bare.exists():
        return 0
    return bare.filter(studies=study).count()


def texts_hidden_from(user: User) -> QuerySet[Note, str] | None:
    """Texts whose codings the person may not see, as SHA-256; None where there are none.

    They are those of the batches of studies that `studies_of` leaves out, for the same text may
    stand in another batch as well. Who codes in one of these must not look up the codes of practice
    notes either.
    """
    hidden = Study.objects.exclude(pk__in=studies_of(user).values("pk"))
    batches = set(hidden.order_by().values_list("batch", flat=True).distinct())
    if not batches:
        return None
    batches.update(Batch.objects.filter(for_practice=True).values_list("pk", flat=True))
    return Note.objects.filter(batch__in=batches).order_by().values_list("sha256", flat=True)


def unfinished_batches() -> list[int]:
    """The ids of batches that are just being stored: nobody sees their notes yet."""
    return list(Batch.all_objects.filter(whole=False).values_list("pk", flat=True))


def notes_seen_by(user: User) -> QuerySet[Note]:
    """Notes that the person may see: those whose texts the person is not coding."""
    notes = Note.objects.all()
    hidden = texts_hidden_from(user)
    if hidden is not None:
        notes = notes.exclude(sha256__in=hidden)
    unfinished = unfinished_batches()
    if unfinished:
        notes = notes.exclude(batch__in=unfinished)
    return notes


def stays_in_studies() -> set[int]:
    """The admissions of MIMIC's shape that studies have, whichever folder they are from."""
    folders = [Batch.Origin.MIMIC, Batch.Origin.SYNTHETIC]
    notes = Note.objects.filter(batch__origin__in=folders, studies__isnull=False)
    ids = notes.order_by().values_list("external_id", flat=True).distinct()
    return {int(each) for each in ids if each.isdecimal()}
