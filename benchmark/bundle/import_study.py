"""Read a study from its bundle into this installation.

Nothing that the bundle says is trusted: all of it is checked, and all of it is stored or nothing.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.db import transaction

from annotation.label_studio.answers import possible_seconds
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
from annotation.selectors.removal import purge_of
from annotation.services.codes import code_set_create, codes_ensure, icd9_load
from annotation.services.events import event_record
from annotation.services.studies import protocol_sha256, slug_free
from benchmark.bundle.export import BATCH_KEYS, CODING, NOTE, PROTOCOL, RATER
from benchmark.bundle.fields import (
    SHA256,
    Files,
    Raters,
    Row,
    count,
    count_or_none,
    member,
    number_or_none,
    short,
    time,
    time_or_none,
)
from benchmark.bundle.optional_files import outside_counts_read, texts_read, weights_read
from benchmark.bundle.probabilities import scores_read
from benchmark.bundle.zip_format import BundleError, csv_rows, json_object, unpack
from icd.codes import Kind, as_kind

REQUIRED = {*PROTOCOL, "batch", "code_set", "coders", "reference", "opened_at", "closed_at"}
"""Keys that protocol.json must have."""


def study_import(*, data: bytes, slug: str | None = None, actor: User | None = None) -> Study:
    """Read a bundle back as a closed study, under its own name or `slug`. All or nothing.

    Notes that are here already, with the same hashes, are used; others are stored without text
    where the bundle has none. Raters of other installations get a name of their own where theirs is
    taken. Raises BundleError, which names the file that is at fault; ValueError for a name that is
    taken.
    """
    files = unpack(data)
    protocol, coders = _protocol_of(files)
    name = slug or str(protocol["slug"])
    code_set = f"{name}-codes"[:60]
    with member("protocol.json"):
        Study._meta.get_field("slug").run_validators(name)
        same_name = CodeSet.objects.filter(name=code_set)
        other_codes = same_name.exclude(sha256=protocol["code_set"]["sha256"]).exists()
    slug_free(name)
    if other_codes:
        raise ValueError(
            f"a code set named {code_set} with other codes exists; choose another name"
        )
    with transaction.atomic(), member("the bundle"):
        return _import(files, protocol, name, code_set, coders, actor)


def _protocol_of(files: Files) -> tuple[dict[str, Any], list[str]]:
    """The protocol, with every field that it must have, and its coders' names."""
    protocol = json_object(files, "protocol.json")
    # What earlier versions did not write, or wrote otherwise.
    protocol.setdefault("sample", None)
    protocol.setdefault("search_sha256", "")
    protocol.setdefault("margin", None)
    protocol.setdefault("title", "")
    protocol.setdefault("preset", Study.Preset.PAPER)
    interface = protocol.get("interface")
    protocol["interface"] = Study.NAMED_BEFORE.get(str(interface), interface)
    lacking = REQUIRED - protocol.keys()
    if lacking:
        raise BundleError(f"protocol.json is missing or lacks {', '.join(sorted(lacking))}")
    with member("protocol.json"):
        for name in ("batch", "code_set"):
            if not isinstance(protocol[name], dict):
                raise TypeError("no object")
        for text in (protocol["code_set"]["sha256"], protocol["slug"]):
            if not isinstance(text, str):
                raise TypeError("no text")
        return protocol, [str(coder) for coder in protocol["coders"]]


def _import(
    files: Files,
    protocol: Mapping[str, Any],
    name: str,
    code_set: str,
    coders: list[str],
    actor: User | None,
) -> Study:
    """Store everything; `name` and `code_set` are what the study and its codes are called here."""
    icd9_load()
    listed = csv_rows(files, "codes.csv", ("code",))
    codes = [short(row["code"], 10, "codes.csv: the code") for row in listed]
    kinds = _kinds(listed)
    digest = hashlib.sha256("\n".join(sorted(codes)).encode()).hexdigest()
    if digest != protocol["code_set"]["sha256"]:
        raise BundleError("codes.csv is not the list whose hash the protocol names")
    with member("notes.csv"):
        batch = _batch(files, protocol["batch"])
    rows = _coding_rows(files)
    with member("raters.csv"):
        raters = _raters(files, name, batch, coders)
    weights = weights_read(files, protocol.get("weights"))
    outside_counts_read(files, batch)
    with member("protocol.json"):
        kept = [field for field in PROTOCOL if field not in ("slug", "status")]
        study = Study(
            slug=name,
            batch=batch,
            code_set=code_set_create(name=code_set, codes=codes, kinds=kinds),
            reference=raters.get(("reference", protocol["reference"])),
            status=Study.Status.CLOSED,
            opened_at=time_or_none(protocol["opened_at"]),
            closed_at=time_or_none(protocol["closed_at"]),
            margin_set_at=time_or_none(protocol.get("margin_set_at")),
            weights=weights,
            weights_set_at=time_or_none(protocol.get("weights_set_at")),
            **{field: protocol[field] for field in kept},
        )
        study.full_clean()
        _check_protocol(study, coders)
        study.save()
    of_study = {row["note_id"] for row in csv_rows(files, "notes.csv", NOTE)}
    here = batch.notes.values_list("external_id", "pk")
    study.notes.set([pk for note, pk in here if note in of_study])
    with member("assignments.csv"):
        _assign(study, files, [raters["coder", coder] for coder in coders], raters)
    with member("the reopenings of protocol.json"):
        _reopenings(study, protocol.get("reopenings", []))
    with member("codings.csv"):
        _store(study, rows, kinds, raters)
    with member("scores"):
        scores_read(files, study, raters)
    event_record(
        actor=actor, verb="study.imported", object=f"study:{study.slug}", of=str(protocol["slug"])
    )
    return study


def _coding_rows(files: Files) -> list[dict[str, str]]:
    """The rows of codings.csv. Earlier versions called Label Studio's clock active_seconds."""
    always = [column for column in CODING if column != "lead_time"]
    rows = csv_rows(files, "codings.csv", (*always, "code", "score"))
    for row in rows:
        if "lead_time" not in row:
            row["lead_time"] = row["active_seconds"]
            row["active_seconds"] = ""
    return rows


def _check_protocol(study: Study, coders: list[str]) -> None:
    if protocol_sha256(study, [Rater(name=coder) for coder in coders]) != study.protocol_sha256:
        raise BundleError("protocol.json is not the protocol whose hash it names")


def _reopenings(study: Study, reopenings: Sequence[Mapping[str, Any]]) -> None:
    """When the study had been closed and reopened.

    Which answers came after it follows from their times.
    """
    for each in reopenings:
        Reopening.objects.create(
            study=study,
            closed_at=time(each["closed_at"]),
            reopened_at=time(each["reopened_at"]),
            could_see=[str(line) for line in each["could_see"]],
        )


def _batch(files: Files, head: Mapping[str, Any]) -> Batch:
    """The batch with these notes: the one that is here, or a new one.

    The one that is here may lack some of the notes; they are added.
    """
    rows = {short(row["note_id"], 64, "note"): row for row in csv_rows(files, "notes.csv", NOTE)}
    for row in rows.values():
        if not SHA256.fullmatch(row["sha256"]):
            raise BundleError(f"notes.csv: the SHA-256 of note {row['note_id']} is none")
        short(row["split"], 5, "notes.csv: the split")
    batch = Batch.objects.filter(sha256=str(head["sha256"])).first()
    here: dict[str, str] = {}
    if batch and batch.for_practice:
        raise BundleError(f"its notes are here for practice, as {batch.name}")
    if batch and "notes.jsonl" in files and purge_of(batch):
        raise BundleError(f"it has texts that were removed from here for good, of {batch.name}")
    if batch:
        here = dict(batch.notes.values_list("external_id", "sha256"))
        for note, row in rows.items():
            if here.get(note, row["sha256"]) != row["sha256"]:
                raise BundleError(f"batch {batch.name} is here with other notes")
    texts = texts_read(files, rows)
    if batch is None:
        batch = Batch(**{field: head[field] for field in BATCH_KEYS})
        batch.full_clean()
        batch.save()
    made = []
    for note, row in rows.items():
        if note not in here:
            made.append(
                Note(
                    batch=batch,
                    external_id=note,
                    text=texts.get(note, ""),
                    sha256=row["sha256"],
                    split=row["split"],
                )
            )
    Note.objects.bulk_create(made, batch_size=200)
    return batch


def _raters(files: Files, slug: str, batch: Batch, coders: Sequence[str]) -> Raters:
    """The raters of raters.csv, and coders who have coded nothing."""
    local = Rater.objects.filter(kind=Rater.Kind.REFERENCE, codings__note__batch=batch).first()
    found: dict[tuple[str, str], Rater] = {}
    for row in csv_rows(files, "raters.csv", RATER):
        key = (row["kind"], row["name"])
        if key in found:
            raise BundleError(f"raters.csv has {row['name'][:80]} twice")
        if row["checkpoint_sha256"] and not SHA256.fullmatch(row["checkpoint_sha256"]):
            raise BundleError(f"raters.csv: the checkpoint of {row['name'][:80]} is no SHA-256")
        if row["kind"] == Rater.Kind.REFERENCE and local:
            found[key] = local
            continue
        found[key] = _rater_here(_rater_of(row), slug)
    for coder in coders:
        if ("coder", coder) not in found:
            rater = Rater(kind=Rater.Kind.CODER, name=coder)
            found["coder", coder] = _rater_here(rater, slug)
    return found


def _rater_of(row: Row) -> Rater:
    """The rater of a row of raters.csv, not stored yet."""
    years = row["years_experience"]
    return Rater(
        kind=row["kind"],
        name=row["name"],
        simulated=row["simulated"] == "True",
        certification=row["certification"],
        years_experience=int(years) if years else None,
        checkpoint_sha256=row["checkpoint_sha256"],
    )


def _rater_here(rater: Rater, slug: str) -> Rater:
    """The very same model, if it is here; else the rater is stored.

    Where its name is taken it is named after the study as well.
    """
    namesake = Rater.objects.filter(kind=rater.kind, name=rater.name).first()
    if namesake:
        same_checkpoint = namesake.checkpoint_sha256 == rater.checkpoint_sha256
        if rater.kind == Rater.Kind.MODEL and same_checkpoint:
            return namesake
        rater.name = f"{rater.name} of {slug}"[:80]
    rater.full_clean()
    rater.save()
    return rater


def _assign(study: Study, files: Files, coders: list[Rater], raters: Raters) -> None:
    """The coders' places of work, and which notes they have."""
    workspaces = []
    for coder in coders:
        for arm in study.arms:
            workspaces.append(Workspace(study=study, rater=coder, arm=arm))
    Workspace.objects.bulk_create(workspaces)
    notes = _notes(study)
    made = []
    for row in csv_rows(files, "assignments.csv", ("rater", "note_id", "role", "position")):
        arm = row.get("arm") or study.interface
        if row["role"] not in Assignment.AssignmentRole.values or arm not in study.arms:
            raise BundleError(
                "assignments.csv has a role or an arm that there is not: "
                f"{row['role'][:20]}, {arm[:20]}"
            )
        made.append(
            Assignment(
                study=study,
                note=notes[row["note_id"]],
                rater=raters["coder", row["rater"]],
                role=row["role"],
                arm=arm,
                position=count(row["position"]),
            )
        )
    Assignment.objects.bulk_create(made)


def _kinds(listed: Iterable[Mapping[str, str]]) -> dict[str, Kind]:
    """The kinds that codes.csv tells; a file may have no such column."""
    found = {}
    for row in listed:
        if row.get("kind"):
            with member("codes.csv"):
                found[row["code"]] = as_kind(row["kind"])
    return found


def _notes(study: Study) -> dict[str, Note]:
    """The study's notes by their ids in files, without their texts."""
    return {note.external_id: note for note in study.notes.defer("text")}


def _store(
    study: Study, rows: list[dict[str, str]], kinds: Mapping[str, Kind], raters: Raters
) -> None:
    """Every coding with its revision; a reference that is here already is not stored twice."""
    named = {short(row["code"], 10, "codings.csv: the code") for row in rows if row["code"]}
    codes = codes_ensure(named, kinds=kinds, keep_unknown=True)
    notes = _notes(study)
    by_coding: dict[tuple[str, ...], list[dict[str, str]]] = defaultdict(list)
    for row in rows:
        by_coding[tuple(row[field] for field in CODING)].append(row)
    here = Coding.objects.filter(rater=study.reference, note__studies=study)
    with_reference = set(here.values_list("note__external_id", flat=True))
    made = []
    for key, code_rows in by_coding.items():
        kind = key[CODING.index("kind")]
        note = key[CODING.index("note_id")]
        if kind != Rater.Kind.REFERENCE or note not in with_reference:
            made.append((_coding(study, key, raters, notes), code_rows))
    Coding.objects.bulk_create([coding for coding, _ in made], batch_size=1000)
    CodingItem.objects.bulk_create(_items(made, codes), batch_size=2000)


def _coding(
    study: Study, key: tuple[str, ...], raters: Raters, notes: Mapping[str, Note]
) -> Coding:
    """A coding from its fields of codings.csv, in the order of CODING."""
    kind, name, note_id, revision, submitted, active_seconds, lead_time, unlisted = key
    if (kind, name) not in raters or note_id not in notes:
        raise BundleError(
            f"codings.csv has a coding of {name[:80]} on note {note_id[:64]}, "
            "which the bundle does not list"
        )
    rater = raters[kind, name]
    note = notes[note_id]
    return Coding(
        note=note,
        rater=rater,
        study=None if kind == Rater.Kind.REFERENCE else study,
        revision=count(revision),
        submitted_at=time(submitted),
        active_seconds=possible_seconds(number_or_none(active_seconds)),
        lead_time=possible_seconds(number_or_none(lead_time)),
        unlisted=unlisted,
        source_key=f"bundle:{study.pk}:{rater.pk}:{note.pk}:{revision}",
    )


def _items(
    made: Iterable[tuple[Coding, list[dict[str, str]]]], codes: Mapping[str, Code]
) -> Iterator[CodingItem]:
    """The codes of codings, from the rows of each; a row with an empty code stands for no code."""
    for coding, rows in made:
        for row in rows:
            if row["code"]:
                yield CodingItem(
                    coding=coding,
                    code=codes[row["code"]],
                    score=number_or_none(row["score"]),
                    rank=count_or_none(row.get("rank", "")),
                )
