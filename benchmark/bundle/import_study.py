"""A study back from its bundle, which is believed in nothing: all of it is checked, and all or nothing is stored."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.utils.dateparse import parse_datetime

from annotation.models import (
    Assignment,
    Batch,
    Code,
    CodeSet,
    Coding,
    CodingItem,
    Note,
    Rater,
    Reopening,
    Study,
    User,
    Workspace,
)
from annotation.services.batches import sha256_of
from annotation.services.codes import code_set_create, codes_ensure, icd9_load
from annotation.services.events import event_record
from annotation.services.studies import protocol_sha256, slug_free
from benchmark.bundle.export import (
    BATCH_KEYS,
    CODING,
    NOTE,
    PROTOCOL,
    RATER,
)
from benchmark.bundle.probabilities import scores_read
from benchmark.bundle.zip_format import (
    BundleError,
    csv_rows,
    json_object,
    reading,
    unpack,
)
from icd.codes import Kind, as_kind

SHA256 = re.compile("[0-9a-f]{64}")


def study_import(*, data: bytes, slug: str | None = None, actor: User | None = None) -> Study:
    """Read a bundle back as a closed study, under its own name or `slug`. All or nothing.

    Notes that are here already, with the same hashes, are used; others are stored without text where the bundle has
    none. Raters of other installations get a name of their own where theirs is taken. Raises BundleError, which names
    the member that is at fault; ValueError for a name that is taken.
    """
    files = unpack(data)
    protocol, coders = _protocol_of(files)
    name = slug or str(protocol["slug"])
    code_set = f"{name}-codes"[:60]
    with member("protocol.json"):
        Study._meta.get_field("slug").run_validators(name)
        other_codes = CodeSet.objects.filter(name=code_set).exclude(sha256=protocol["code_set"]["sha256"]).exists()
    slug_free(name)
    if other_codes:
        raise ValueError(f"a code set named {code_set} with other codes exists; choose another name")
    with transaction.atomic(), member("the bundle"):
        return _import(files, protocol, name, code_set, coders, actor)


@contextmanager
def member(name: str) -> Iterator[None]:
    """What is wrong with a member of the bundle, also what the database or a model will not take, in words."""
    try:
        with reading(name):
            yield
    except ValidationError as error:
        raise BundleError(f"{name}: {'; '.join(error.messages)}"[:300]) from error
    except DatabaseError as error:
        raise BundleError(f"{name} has a value that does not fit, or one twice") from error


def _protocol_of(files: Mapping[str, bytes]) -> tuple[dict[str, Any], list[str]]:
    """The protocol, with every field that it must have, and its coders' names."""
    protocol = json_object(files, "protocol.json")
    protocol.setdefault("sample", None)  # bundles of before
    lacking = {*PROTOCOL, "batch", "code_set", "coders", "reference", "opened_at", "closed_at"} - protocol.keys()
    if lacking:
        raise BundleError(f"protocol.json is missing or lacks {', '.join(sorted(lacking))}")
    with member("protocol.json"):
        if not all(isinstance(protocol[name], dict) for name in ("batch", "code_set")):
            raise TypeError("no object")
        if not isinstance(protocol["code_set"]["sha256"], str) or not isinstance(protocol["slug"], str):
            raise TypeError("no text")
        return protocol, [str(coder) for coder in protocol["coders"]]


def _import(
    files: Mapping[str, bytes],
    protocol: Mapping[str, Any],
    name: str,
    code_set: str,
    coders: list[str],
    actor: User | None,
) -> Study:
    icd9_load()
    listed = csv_rows(files, "codes.csv", ("code",))
    codes = [_short(row["code"], 10, "codes.csv: the code") for row in listed]
    kinds = _kinds(listed)
    if hashlib.sha256("\n".join(sorted(codes)).encode()).hexdigest() != protocol["code_set"]["sha256"]:
        raise BundleError("codes.csv is not the list whose hash the protocol names")
    with member("notes.csv"):
        batch = _batch(files, protocol["batch"])
    rows = csv_rows(files, "codings.csv", (*CODING, "code", "score"))
    with member("raters.csv"):
        raters = _raters(files, name, batch, coders)
    with member("protocol.json"):
        study = Study(
            slug=name, batch=batch, code_set=code_set_create(name=code_set, codes=codes, kinds=kinds),
            reference=raters.get(("reference", protocol["reference"])), status=Study.Status.CLOSED,
            opened_at=_time_or_none(protocol["opened_at"]),
            closed_at=_time_or_none(protocol["closed_at"]),
            **{field: protocol[field] for field in PROTOCOL if field not in ("slug", "status")},
        )  # fmt: skip
        study.full_clean()
        _check_protocol(study, coders)
        study.save()
    told = {row["note_id"] for row in csv_rows(files, "notes.csv", NOTE)}
    here = batch.notes.values_list("external_id", "pk")
    study.notes.set([pk for note, pk in here if note in told])
    with member("assignments.csv"):
        _assign(study, files, [raters["coder", coder] for coder in coders], raters)
    with member("the reopenings of protocol.json"):
        _reopenings(study, protocol.get("reopenings", []))
    with member("codings.csv"):
        _store(study, rows, kinds, raters)
    with member("scores"):
        scores_read(files, study, raters)
    event_record(actor=actor, verb="study.imported", object=f"study:{study.slug}", of=str(protocol["slug"]))
    return study


def _check_protocol(study: Study, coders: list[str]) -> None:
    if protocol_sha256(study, [Rater(name=coder) for coder in coders]) != study.protocol_sha256:
        raise BundleError("protocol.json is not the protocol whose hash it names")


def _reopenings(study: Study, told: Sequence[Mapping[str, Any]]) -> None:
    """When the study had been closed and reopened: which answers came after it follows from their times."""
    for each in told:
        Reopening.objects.create(
            study=study,
            closed_at=datetime.fromisoformat(each["closed_at"]),
            reopened_at=datetime.fromisoformat(each["reopened_at"]),
            could_see=[str(line) for line in each["could_see"]],
        )


def _time_or_none(text: str | None) -> datetime | None:
    """A time with its zone; None for none. ValueError for what is no time."""
    return _time(text) if text else None


def _time(text: str) -> datetime:
    """A time with its zone. ValueError for what is no time."""
    found = parse_datetime(text)
    if found is None or found.tzinfo is None:
        raise ValueError("no time with its zone")
    return found


def _number(text: str) -> float:
    """A finite number. ValueError for another."""
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("no number")
    return number


def _short(text: str, longest: int, what: str) -> str:
    """A text that a column holds. BundleError for a longer one."""
    if len(text) > longest:
        raise BundleError(f"{what} {text[:40]}... is over {longest} characters")
    return text


def _batch(files: Mapping[str, bytes], head: Mapping[str, Any]) -> Batch:
    """The batch with these notes: the one that is here, which may lack some of them, or a new one."""
    told = {_short(row["note_id"], 64, "note"): row for row in csv_rows(files, "notes.csv", NOTE)}
    for row in told.values():
        if not SHA256.fullmatch(row["sha256"]):
            raise BundleError(f"notes.csv: the SHA-256 of note {row['note_id']} is none")
        _short(row["split"], 5, "notes.csv: the split")
    batch = Batch.objects.filter(sha256=str(head["sha256"])).first()
    here = dict(batch.notes.values_list("external_id", "sha256")) if batch else {}
    if batch and any(here.get(note, row["sha256"]) != row["sha256"] for note, row in told.items()):
        raise BundleError(f"batch {batch.name} is here with other notes")
    texts = _texts(files, told)
    if batch is None:
        batch = Batch(**{field: head[field] for field in BATCH_KEYS})
        batch.full_clean()
        batch.save()
    Note.objects.bulk_create(
        [
            Note(batch=batch, external_id=note, text=texts.get(note, ""), sha256=row["sha256"], split=row["split"])
            for note, row in told.items()
            if note not in here
        ],
        batch_size=200,
    )
    return batch


def _texts(files: Mapping[str, bytes], told: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """The notes' texts, where the bundle has them. BundleError for one that is not what was coded."""
    texts = {}
    with member("notes.jsonl"):
        for line in files.get("notes.jsonl", b"").decode().split("\n"):
            if not line:
                continue
            row = json.loads(line)
            note, text = row["note_id"], row["text"]
            if note not in told or sha256_of(text) != told[note]["sha256"]:
                raise BundleError(f"the text of note {str(note)[:64]} is not the one that was coded")
            texts[note] = text
    return texts


def _raters(files: Mapping[str, bytes], slug: str, batch: Batch, coders: Sequence[str]) -> dict[tuple[str, str], Rater]:
    """(kind, name in the bundle) -> rater here."""
    local = Rater.objects.filter(kind=Rater.Kind.REFERENCE, codings__note__batch=batch).first()
    found = {}
    for row in csv_rows(files, "raters.csv", RATER):
        key = (row["kind"], row["name"])
        if key in found:
            raise BundleError(f"raters.csv has {row['name'][:80]} twice")
        if row["checkpoint_sha256"] and not SHA256.fullmatch(row["checkpoint_sha256"]):
            raise BundleError(f"raters.csv: the checkpoint of {row['name'][:80]} is no SHA-256")
        if row["kind"] == Rater.Kind.REFERENCE and local:
            found[key] = local
            continue
        fields = {
            "simulated": row["simulated"] == "True", "certification": row["certification"],
            "years_experience": int(row["years_experience"]) if row["years_experience"] else None,
            "checkpoint_sha256": row["checkpoint_sha256"],
        }  # fmt: skip
        same = Rater.objects.filter(kind=row["kind"], name=row["name"]).first()
        if same and row["kind"] == Rater.Kind.MODEL and same.checkpoint_sha256 == row["checkpoint_sha256"]:
            found[key] = same
        else:
            name = f"{row['name']} of {slug}"[:80] if same else row["name"]
            found[key] = _rater(row["kind"], name, fields)
    for coder in coders:
        if ("coder", coder) not in found:  # has coded nothing
            taken = Rater.objects.filter(kind=Rater.Kind.CODER, name=coder).exists()
            found["coder", coder] = _rater(Rater.Kind.CODER, f"{coder} of {slug}"[:80] if taken else coder, {})
    return found


def _rater(kind: str, name: str, fields: Mapping[str, Any]) -> Rater:
    rater = Rater(kind=kind, name=name, **fields)
    rater.full_clean()
    rater.save()
    return rater


def _assign(
    study: Study, files: Mapping[str, bytes], coders: list[Rater], raters: Mapping[tuple[str, str], Rater]
) -> None:
    Workspace.objects.bulk_create([Workspace(study=study, rater=who, arm=arm) for who in coders for arm in study.arms])
    notes, made = _notes(study), []
    for row in csv_rows(files, "assignments.csv", ("rater", "note_id", "role", "position")):
        arm = row.get("arm") or study.interface
        if row["role"] not in Assignment.AssignmentRole.values or arm not in study.arms:
            raise BundleError(f"assignments.csv has a role or an arm that there is not: {row['role'][:20]}, {arm[:20]}")
        made.append(
            Assignment(
                study=study, note=notes[row["note_id"]], rater=raters["coder", row["rater"]], role=row["role"],
                arm=arm, position=_count(row["position"]),
            )
        )  # fmt: skip
    Assignment.objects.bulk_create(made)


def _count(text: str) -> int:
    """A whole number that a column holds. ValueError for another."""
    number = int(text)
    if not 0 <= number < 2**31:
        raise ValueError("no count")
    return number


def _kinds(listed: Iterable[Mapping[str, str]]) -> dict[str, Kind]:
    """The kinds that codes.csv tells; a file may have no such column."""
    found = {}
    for row in listed:
        if row.get("kind"):
            with member("codes.csv"):
                found[row["code"]] = as_kind(row["kind"])
    return found


def _notes(study: Study) -> dict[str, Note]:
    return {note.external_id: note for note in study.notes.defer("text")}


def _store(
    study: Study, rows: list[dict[str, str]], kinds: Mapping[str, Kind], raters: Mapping[tuple[str, str], Rater]
) -> None:
    """Every coding with its revision; a reference that is here already is not stored twice."""
    named = {_short(row["code"], 10, "codings.csv: the code") for row in rows if row["code"]}
    notes, codes = _notes(study), codes_ensure(named, kinds=kinds, keep_unknown=True)
    grouped: dict[tuple[str, ...], list[dict[str, str]]] = defaultdict(list)
    for row in rows:
        grouped[tuple(row[field] for field in CODING)].append(row)
    have = set(
        Coding.objects.filter(rater=study.reference, note__studies=study).values_list("note__external_id", flat=True)
    )
    made = [
        (_coding(study, key, raters, notes), members)
        for key, members in grouped.items()
        if not (key[0] == Rater.Kind.REFERENCE and key[2] in have)
    ]
    Coding.objects.bulk_create([coding for coding, _ in made], batch_size=1000)
    CodingItem.objects.bulk_create(_items(made, codes), batch_size=2000)


def _coding(
    study: Study, key: tuple[str, ...], raters: Mapping[tuple[str, str], Rater], notes: Mapping[str, Note]
) -> Coding:
    kind, rater, note, revision, submitted, seconds, unlisted = key
    if (kind, rater) not in raters or note not in notes:
        raise BundleError(
            f"codings.csv has a coding of {rater[:80]} on note {note[:64]}, which the bundle does not list"
        )
    of_study = None if kind == Rater.Kind.REFERENCE else study
    return Coding(
        note=notes[note], rater=raters[kind, rater], study=of_study, revision=_count(revision),
        submitted_at=_time(submitted), active_seconds=_number(seconds) if seconds else None, unlisted=unlisted,
        source_key=f"bundle:{study.pk}:{raters[kind, rater].pk}:{notes[note].pk}:{revision}",
    )  # fmt: skip


def _items(made: Iterable[tuple[Coding, list[dict[str, str]]]], codes: Mapping[str, Code]) -> Iterator[CodingItem]:
    for coding, members in made:
        for row in members:
            if row["code"]:
                yield CodingItem(
                    coding=coding, code=codes[row["code"]], score=_number(row["score"]) if row["score"] else None
                )
