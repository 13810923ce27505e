"""Codings from outside: anybody's model, audit or coder, on the notes of a study, as a rater of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping

from django.db import transaction
from django.utils import timezone

from annotation.models import Batch, Code, Note, Rater, Study, User
from annotation.services.batches import batch_create
from annotation.services.codes import code_set_of, icd9_load
from annotation.services.codings import Given, codings_append
from annotation.services.events import event_record
from annotation.services.studies import protocol_sha256, slug_free
from annotation.upload import MAX_ERRORS, NOTE_ID_LIMIT, NoteRow, RowError, UploadError, unknown_code
from benchmark.metrics.codings_file import BadFileError, CodingsFile, parse_codings

ELSEWHERE = "Coded elsewhere: only the codings are here."
KINDS = (Rater.Kind.CODER, Rater.Kind.MODEL, Rater.Kind.REFERENCE)


def codings_import(
    *, study: Study, name: str, kind: str, file: str, data: bytes, actor: User | None = None
) -> tuple[Rater, int]:
    """Store what the file named `file` says as codings of the rater `name`; returns the rater and the new codings.

    All or nothing. The same file again changes nothing; another file of the same rater is a newer answer to its notes.
    Raises UploadError with what is wrong: a file that cannot be read, every row that names a note the study lacks or a
    code that is none; ValueError where the name is taken by a rater that codes here.
    """
    given = _read(file, data)
    codes, notes = known_codes(), {note.external_id: note for note in study.notes.all()}
    if errors := list(_problems(given, notes, codes))[:MAX_ERRORS]:
        raise UploadError(errors)
    if not given.codings:
        raise UploadError([RowError(0, "the file has no codings")])
    digest = hashlib.sha256(data).hexdigest()
    now = timezone.now()
    with transaction.atomic():
        rater = _rater(study, name, Rater.Kind(kind))
        answers = [
            Given(
                notes[note],
                {codes[code]: None for code in found},
                f"import:{study.pk}:{rater.pk}:{digest}:{notes[note].pk}",
                now,
            )
            for note, found in given.codings.items()
        ]
        scope = None if rater.kind == Rater.Kind.REFERENCE else study
        new = codings_append(study=scope, rater=rater, given=answers)
        if new:
            what = {"rater": rater.pk, "notes": new, "file": digest}
            event_record(actor=actor, verb="codings.imported", object=f"study:{study.slug}", **what)
    return rater, new


def study_from_codings(*, slug: str, file: str, data: bytes, actor: User | None = None) -> Study:
    """A closed study of nothing but codings: the file is the reference, its notes are known by their ids alone.

    Its distinct codes are the list. Raises UploadError with the rows, ValueError or ValidationError for the name.
    """
    slug_free(slug)
    icd9_load()
    given, codes = _read(file, data), known_codes()
    long = [RowError(row, f"the note id {note[:20]}... is over {NOTE_ID_LIMIT} characters")
            for (note, _), row in given.places.items() if len(note) > NOTE_ID_LIMIT]  # fmt: skip
    wrong = [RowError(row, unknown_code(c, codes)) for (_, c), row in given.places.items() if c and c not in codes]
    if errors := (long + wrong)[:MAX_ERRORS]:
        raise UploadError(errors)
    if not any(given.codings.values()):
        raise UploadError([RowError(0, "the file has no codes")])
    digest = hashlib.sha256(data).hexdigest()
    with transaction.atomic():
        batch = Batch.objects.filter(sha256=digest).first() or batch_create(
            name=f"notes of {slug}, without text", sha256=digest, origin=Batch.Origin.OWN, split="", user=actor,
            rows=[NoteRow(note, "", tuple(sorted(found))) for note, found in sorted(given.codings.items())],
        )[0]  # fmt: skip
        study = Study(
            slug=slug, batch=batch, code_set=code_set_of(batch), status=Study.Status.CLOSED, guideline=ELSEWHERE,
            reference=Rater.objects.filter(kind=Rater.Kind.REFERENCE, codings__note__batch=batch).first(),
            opened_at=timezone.now(), closed_at=timezone.now(),
        )  # fmt: skip
        study.full_clean()
        study.protocol_sha256 = protocol_sha256(study, [])
        study.save()
        study.notes.set(batch.notes.all())
        event_record(actor=actor, verb="study.from-codings", object=f"study:{slug}", file=digest)
    return study


def _read(file: str, data: bytes) -> CodingsFile:
    try:
        return parse_codings(file, data)
    except BadFileError as error:
        raise UploadError([RowError(0, str(error))]) from error


def known_codes() -> dict[str, Code]:
    """Every code of the code system."""
    return {code.code: code for code in Code.objects.all()}


def _problems(given: CodingsFile, notes: Mapping[str, Note], codes: Mapping[str, Code]) -> Iterator[RowError]:
    for (note, code), row in given.places.items():
        if not code and note not in notes:
            yield RowError(row, f"note {note[:64]} is not of this study; its notes are on the study's page")
        elif code and code not in codes:
            yield RowError(row, unknown_code(code, codes))


def _rater(study: Study, name: str, kind: Rater.Kind) -> Rater:
    """The rater of that name and kind, made where there is none."""
    if not name.strip() or len(name) > 80:
        raise ValueError("a rater's name has 1 to 80 characters")
    rater, _ = Rater.objects.get_or_create(kind=kind, name=name)
    if rater.user_id or rater.checkpoint_sha256 or study.workspaces.filter(rater=rater).exists():
        raise ValueError(f"{name} codes on this installation; import under another name")
    if kind == Rater.Kind.REFERENCE and study.reference_id != rater.pk:
        if study.reference_id:
            raise ValueError(f"{study.slug} has a reference already, {study.reference}; import under that name")
        study.reference = rater
        study.save(update_fields=["reference"])
    return rater
