"""Import codings: what anybody's model, audit or coder gave to the notes of a study."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from annotation.models import Batch, Rater, Study, User
from annotation.selectors.codes import check_of_installation
from annotation.services.batches import batch_create
from annotation.services.codes import code_set_of, codes_ensure, icd9_load
from annotation.services.codings import Given, codings_append
from annotation.services.events import event_record
from annotation.services.studies import protocol_sha256, slug_free
from files.cells import ID_LIMIT
from files.checked import CheckedCodings, Unknown, check_codings, unknown_notes
from files.codings import CodingsFile, form_of, parse_codings
from files.notes import NoteRow
from files.problems import Problems, refused
from files.source import from_bytes

ELSEWHERE = "Coded elsewhere: only the codings are here."
KINDS = (Rater.Kind.CODER, Rater.Kind.MODEL, Rater.Kind.REFERENCE)
"""What a rater whose codings are imported can be."""
UNKNOWN: tuple[Unknown, ...] = ("refuse", "keep")
"""What to do with a string that is no code: refuse the file, or keep it as it was written."""

Tell = Callable[[str], object]
"""Takes a sentence on how the file was read: what was collapsed, kept or left out."""


def _silent(sentence: str) -> None:
    """Say it to nobody."""


def codings_import(
    *,
    study: Study,
    name: str,
    kind: str,
    file: str,
    data: bytes,
    actor: User | None = None,
    unknown: Unknown = "refuse",
    input_format: str | None = None,
    tell: Tell = _silent,
) -> tuple[Rater, int]:
    """Store what a file says as codings of the rater `name`. Returns the rater, and how many
    codings are new.

    `file` is the file's name, `data` its bytes. All or nothing. The same file again changes
    nothing; another file of the same rater is a newer answer to its notes.

    Raises FileError with everything that is wrong: a file that cannot be read, each row that
    names a note the study lacks or a code that is none (unless `unknown` is "keep"). Raises
    ValueError where `name` is not 1 to 80 characters or belongs to a rater that codes here, and
    where a reference is imported into a study that has another.
    """
    notes = {note.external_id: note for note in study.notes.defer("text")}
    checked = _read(file, data, input_format, unknown, tell, notes)
    file_sha256 = hashlib.sha256(data).hexdigest()
    now = timezone.now()
    with transaction.atomic():
        codes = codes_ensure(_codes(checked), kinds=checked.kinds, as_written=checked.as_written)
        rater = _rater_ensure(study, name, Rater.Kind(kind))
        answers = []
        for note_id, note_codes in checked.codings.items():
            note = notes[note_id]
            source_key = f"import:{study.pk}:{rater.pk}:{file_sha256}:{note.pk}"
            without_scores = {codes[code]: None for code in note_codes}
            answers.append(Given(note, without_scores, source_key, now))
        # A reference is of the notes, whatever study they are in.
        scope = None if rater.kind == Rater.Kind.REFERENCE else study
        new = codings_append(study=scope, rater=rater, given=answers)  # one coding a note
        if new:
            what = {
                "rater": rater.pk,
                "notes": new,
                "file": file_sha256,
                "remarks": checked.remarks,
            }
            event_record(actor=actor, verb="codings.imported", object=f"study:{study.slug}", **what)
    return rater, new


def study_from_codings(
    *,
    slug: str,
    file: str,
    data: bytes,
    actor: User | None = None,
    unknown: Unknown = "refuse",
    input_format: str | None = None,
    tell: Tell = _silent,
) -> Study:
    """A closed study of nothing but codings: the file is the reference, its notes are known by
    their ids alone.

    The study's list of codes is the file's distinct codes; nobody ticked from it, so the study is
    scored over the union of all that anybody gave. Raises FileError with the rows,
    ValueError or ValidationError for the slug.
    """
    slug_free(slug)
    icd9_load()  # this may be the first thing that an installation is asked for
    checked = _read(file, data, input_format, unknown, tell)
    if not checked.kinds:
        raise refused("the file has no codes of the code system", file)
    file_sha256 = hashlib.sha256(data).hexdigest()
    with transaction.atomic():
        batch = _batch_of(slug, file_sha256, checked, actor)
        references = Rater.objects.filter(kind=Rater.Kind.REFERENCE, codings__note__batch=batch)
        study = Study(
            slug=slug,
            batch=batch,
            code_set=code_set_of(batch),
            status=Study.Status.CLOSED,
            guideline=ELSEWHERE,
            preset=Study.Preset.UNION,
            reference=references.first(),
            opened_at=timezone.now(),
            closed_at=timezone.now(),
        )
        study.full_clean()
        study.protocol_sha256 = protocol_sha256(study, [])
        study.save()
        study.notes.set(batch.notes.all())
        event_record(
            actor=actor, verb="study.from-codings", object=f"study:{slug}", file=file_sha256
        )
    return study


def _batch_of(slug: str, file_sha256: str, checked: CheckedCodings, actor: User | None) -> Batch:
    """A batch of the file's notes, without text, with its codings as their reference. A batch
    that was made of the same file before is returned as it is."""
    digest = file_sha256
    if checked.as_written:
        # The same file with strings kept is another batch than with them refused.
        kept = sorted(checked.as_written)
        digest = hashlib.sha256(f"{digest} kept {kept}".encode()).hexdigest()
    existing = Batch.objects.filter(sha256=digest).first()
    if existing:
        return existing
    rows = []
    for note, codes in sorted(checked.codings.items()):
        rows.append(NoteRow(note, "", tuple(sorted(codes))))
    batch, _ = batch_create(
        name=f"notes of {slug}, without text",
        sha256=digest,
        origin=Batch.Origin.OWN,
        split="",
        user=actor,
        rows=rows,
        details={"remarks": checked.remarks},
        as_written=checked.as_written,
        kinds=checked.kinds,
    )
    return batch


def _read(
    file_name: str,
    data: bytes,
    input_format: str | None,
    unknown: Unknown,
    tell: Tell,
    notes: Collection[str] | None = None,
) -> CheckedCodings:
    """The file's codings. Every code is checked, and every note id where `notes` has the study's.
    Raises FileError."""
    source = from_bytes(file_name, data, limit=settings.UPLOAD_LIMIT)
    form = form_of(source, input_format)
    if form is None:
        raise refused(
            "the file's name must end in .csv, .tsv, .jsonl or .psv, or in one of these and .gz",
            file_name,
        )
    parsed = parse_codings(source, form)
    problems = Problems(source.name)
    if notes is None:
        _refuse_long_ids(parsed, problems)
    else:
        unknown_notes(parsed, notes, problems)
    checked = check_codings(parsed, check_of_installation(), problems, unknown)
    problems.refuse()
    if not parsed.codings:
        raise refused("the file has no codings", file_name)
    tell(f"read as {parsed.read_as}")
    if parsed.repeats:
        tell(f"{parsed.repeats:,} repeated (note, code) collapsed")
    for remark in checked.remarks:
        tell(remark)
    return checked


def _refuse_long_ids(parsed: CodingsFile, problems: Problems) -> None:
    """Refuse ids of notes that the database cannot take."""
    for note in parsed.codings:
        if len(note) > ID_LIMIT:
            words = f"the note id {note[:20]}... is over {ID_LIMIT} characters; shorten it"
            problems.add(parsed.places[note, ""], words, "a note_id that cannot be taken")


def _codes(checked: CheckedCodings) -> set[str]:
    """Every code of the file."""
    return set().union(*checked.codings.values())


def _rater_ensure(study: Study, name: str, kind: Rater.Kind) -> Rater:
    """The rater of that name and kind, made if it is missing; a reference becomes the study's.

    Raises ValueError where the name cannot be used, or the study has another reference.
    """
    if not name.strip() or len(name) > 80:
        raise ValueError("a rater's name has 1 to 80 characters")
    rater, _ = Rater.objects.get_or_create(kind=kind, name=name)
    if rater.user_id or rater.checkpoint_sha256 or study.workspaces.filter(rater=rater).exists():
        raise ValueError(f"{name} codes on this installation; import under another name")
    if kind == Rater.Kind.REFERENCE and study.reference_id != rater.pk:
        if study.reference_id:
            raise ValueError(
                f"{study.slug} has a reference already, {study.reference}; import under that name"
            )
        study.reference = rater
        study.save(update_fields=["reference"])
    return rater
