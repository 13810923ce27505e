"""Every read of the annotation side: queues, progress, codings as plain sets of codes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from annotation.models import Assignment, Batch, Coding, CodingItem, Event, Note, Rater, Study, User
from annotation.services.events import (
    ACKNOWLEDGED,
    CHANGED,
    DISCARDED,
    LEAVING_OWED,
    LEFT,
    NOT_OPENED,
    OPENING,
    OPENING_BEGUN,
    RENAMED,
    WEBHOOKS,
)

Codings = dict[str, list[str]]
PATIENCE_SECONDS = 600
"""After which a worker that was asked is thought to be away."""
SWEEP_AFTER_SECONDS = 5
"""After which a sweep does what was asked for, if its task did not arrive."""
SWEEP_FOR_SECONDS = 24 * 3600
"""After which nobody reckons with it any more: a study must not open by itself."""
BEGINS = 3
"""How often a worker begins what ends every worker, as for want of memory."""


@dataclass(frozen=True)
class Queue:
    """A coder's work in an open study. The counts keep primary notes and the shared (overlap) ones apart."""

    study: Study
    acknowledged: bool
    done: int
    total: int
    primary_done: int
    primary_total: int
    next: Assignment | None
    submitted: QuerySet[Assignment]
    """The notes that are done, in the order they were to be coded."""

    @property
    def left(self) -> int:
        return self.total - self.done

    @property
    def shared_total(self) -> int:
        return self.total - self.primary_total

    @property
    def shared_done(self) -> int:
        return self.done - self.primary_done


@dataclass(frozen=True)
class CoderProgress:
    rater: Rater
    done: int
    total: int
    last_activity: datetime | None

    @property
    def left(self) -> int:
        return self.total - self.done

    @property
    def percent(self) -> int:
        return round(100 * self.done / self.total) if self.total else 0


def study_get(slug: str | None) -> Study:
    """The study of that slug; without one the newest. Raises ValueError naming what there is."""
    studies = Study.objects.all()
    found = studies.filter(slug=slug).first() if slug else studies.first()
    if found is None:
        names = ", ".join(studies.values_list("slug", flat=True)) or "none yet: open one with open_study"
        raise ValueError(f"no study named {slug}; there is: {names}" if slug else f"no study; there is: {names}")
    return found


def with_done(assignments: QuerySet[Assignment]) -> QuerySet[Assignment]:
    """Assignments with `is_done`: whether a coding of that note by that rater exists in the study."""
    given = Coding.objects.filter(study=OuterRef("study"), note=OuterRef("note"), rater=OuterRef("rater"))
    return assignments.annotate(is_done=Exists(given))


def queues_of(user: User) -> list[Queue]:
    """The queue of a coder in each open study, notes in the order they are to be coded."""
    studies = Study.objects.filter(status=Study.Status.OPEN, workspaces__rater__user=user).distinct()
    return [_queue(study, user) for study in studies]


def _queue(study: Study, user: User) -> Queue:
    mine = with_done(study.assignments.filter(rater__user=user))
    primary = Q(role=Assignment.AssignmentRole.PRIMARY)
    counts = mine.aggregate(
        total=Count("pk"),
        done=Count("pk", filter=Q(is_done=True)),
        primary_total=Count("pk", filter=primary),
        primary_done=Count("pk", filter=primary & Q(is_done=True)),
    )
    rows = mine.select_related("note").defer("note__text").order_by("position")
    return Queue(
        study=study,
        acknowledged=has_acknowledged(study, user),
        next=rows.filter(is_done=False).first(),
        submitted=rows.filter(is_done=True),
        **counts,
    )


def has_acknowledged(study: Study, user: User) -> bool:
    return Event.objects.filter(actor=user, verb=ACKNOWLEDGED, object=f"study:{study.slug}").exists()


def study_progress(study: Study) -> list[CoderProgress]:
    """Done, left and last activity of each coder; nothing about quality."""
    raters = Rater.objects.filter(workspaces__study=study).distinct().order_by("pk")
    totals = dict(study.assignments.order_by().values_list("rater").annotate(Count("pk")))
    given = Coding.objects.filter(study=study, rater__in=raters.values("pk")).order_by().values_list("rater")
    coded = {
        rater: (notes, latest)
        for rater, notes, latest in given.annotate(Count("note", distinct=True), Max("submitted_at"))
    }
    return [CoderProgress(r, coded.get(r.pk, (0, None))[0], totals.get(r.pk, 0), coded.get(r.pk, (0, None))[1])
            for r in raters]  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """What a worker was asked for last, or why it failed."""

    at: datetime
    seconds: int
    data: Mapping[str, str]
    actor_id: int | None
    begun: int
    """How often a worker has begun it since."""

    @property
    def error(self) -> str:
        return self.data.get("error", "")

    @property
    def late(self) -> bool:
        """It failed, or nobody seems to be at work on it."""
        return bool(self.error) or self.seconds >= PATIENCE_SECONDS

    @property
    def left(self) -> bool:
        """A sweep should see to it: nobody has begun it, or whoever did ended without a word. Sweeps and what they look
        after have one worker, so while a sweep runs nobody else is at work on it."""
        return not self.error and SWEEP_AFTER_SECONDS <= self.seconds < SWEEP_FOR_SECONDS


def last_asked(study: Study, asked: str, begun: str, failed: str, **data: str) -> Asked | None:
    """What was asked for last of a study with these data, or how it failed; None where nothing was.

    `asked`, `begun` and `failed` are verbs of events. What was asked of a draft before it was changed does not count,
    nor what was asked of one that had the name before, and was discarded or renamed.
    """
    told = {f"data__{key}": value for key, value in data.items()}
    of_study = Event.objects.filter(object=f"study:{study.slug}")
    ends = [CHANGED, DISCARDED, RENAMED]
    event = of_study.filter(Q(verb__in=[asked, failed], **told) | Q(verb__in=ends)).first()
    if event is None or event.verb in ends:
        return None
    begins = of_study.filter(verb=begun, pk__gt=event.pk, **told).count()
    return Asked(event.at, int((timezone.now() - event.at).total_seconds()), event.data, event.actor_id, begins)


@dataclass(frozen=True)
class Opening:
    """How far a draft is loaded into Label Studio, since somebody pressed the button; notes of several coders count
    for each."""

    asked: Asked
    loaded: int
    notes: int

    @property
    def going_on(self) -> bool:
        return not self.asked.late


def opening_of(study: Study) -> Opening | None:
    """None for a draft that nobody has asked to open, and for a study that is no draft any more."""
    if study.status != Study.Status.DRAFT:
        return None
    asked = last_asked(study, OPENING, OPENING_BEGUN, NOT_OPENED)
    if asked is None:
        return None
    loaded = study.assignments.aggregate(loaded=Count("task_id"), notes=Count("pk"))
    return Opening(asked, **loaded)


def leavings_owed() -> list[User]:
    """People who logged out while Label Studio could not be told: their sessions there may live on."""
    newest = Event.objects.filter(verb__in=[LEAVING_OWED, LEFT]).values("object").annotate(newest=Max("pk"))
    owed = Event.objects.filter(verb=LEAVING_OWED, pk__in=newest.values("newest"))
    return [event.actor for event in owed.select_related("actor").order_by("pk") if event.actor]


def webhooks_refused(study: Study) -> str:
    """Why Label Studio tells us of no answer of an open study, so that they arrive by the poll alone; else empty."""
    if study.status != Study.Status.OPEN:
        return ""
    told = Event.objects.filter(verb=WEBHOOKS, object=f"study:{study.slug}").first()
    return told.data["error"] if told else ""


def may_see_reference(user: User, study: Study) -> bool:
    """Researchers and admins may; a coder of the study never while it is open, whatever else the person is."""
    rater = getattr(user, "rater", None)
    if rater and study.status != Study.Status.CLOSED and study.workspaces.filter(rater=rater).exists():
        return False
    return user.is_researcher


def codings_of(study: Study, rater: Rater) -> Codings:
    """note external id -> codes of this rater's latest revision (the reference's, for the reference)."""
    scope = {"study__isnull": True, "note__studies": study} if rater.kind == Rater.Kind.REFERENCE else {"study": study}
    return latest_codes(Coding.objects.filter(rater=rater, **scope))


def primary_codings(study: Study) -> Codings:
    """note external id -> codes given by the note's primary coder: Table 1's human coders."""
    primary = Assignment.objects.filter(
        study=OuterRef("study"), note=OuterRef("note"), rater=OuterRef("rater"), role="primary"
    )
    return latest_codes(Coding.objects.filter(Exists(primary), study=study))


def latest_codes(codings: QuerySet[Coding]) -> Codings:
    """The codes of each note's newest coding among `codings` (of one rater, or one rater a note)."""
    newest = dict(codings.order_by("submitted_at", "id").values_list("note__external_id", "id"))
    note_of = {pk: note for note, pk in newest.items()}
    result: Codings = {note: [] for note in newest}
    items = CodingItem.objects.filter(coding__in=codings).values_list("coding_id", "code__code")
    for coding, code in items:
        if coding in note_of:
            result[note_of[coding]].append(code)
    return {note: sorted(codes) for note, codes in sorted(result.items())}


def studies_of(user: User) -> QuerySet[Study]:
    """Studies whose results the person may look at."""
    if not user.is_researcher:
        return Study.objects.none()
    coding_now = Q(workspaces__rater__user=user) & ~Q(status=Study.Status.CLOSED)
    return Study.objects.exclude(pk__in=Study.objects.filter(coding_now).values("pk"))


def batches_with_counts() -> QuerySet[Batch]:
    """Newest first, each with `note_count`."""
    notes = Note.objects.filter(batch=OuterRef("pk")).order_by().values("batch").annotate(n=Count("pk")).values("n")
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


def codings_seen_by(user: User) -> QuerySet[Coding]:
    """Codings, the reference's included, of notes that the person may see."""
    hidden = batches_hidden_from(user)
    return Coding.objects.exclude(note__batch__in=hidden) if hidden else Coding.objects.all()
