"""A study out of this installation as one file, and into another, which checks it and can score it again."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from django.db import transaction
from django.utils.dateparse import parse_datetime

from annotation.models import Assignment, Batch, Code, Coding, CodingItem, Note, Rater, Study, User, Workspace
from annotation.services.batches import sha256_of
from annotation.services.codes import code_set_create, codes_ensure, icd9_load
from annotation.services.events import event_record
from annotation.services.studies import protocol_sha256, slug_free
from benchmark import board
from benchmark.agreement_tables import AGREEMENT
from benchmark.board import CHARTS
from benchmark.bundle import BundleError, csv_file, csv_rows, json_file, pack, unpack
from benchmark.charts import standalone
from benchmark.metrics.certainty import differences_table, intervals_table
from benchmark.metrics.rendering import RENDERERS, render
from benchmark.metrics.spreadsheet import xlsx
from benchmark.models import BenchmarkRun
from benchmark.presets import PRESETS
from benchmark.selectors import newest_benchmark, people_of
from benchmark.services.bundle_scores import scores_files, scores_read
from benchmark.table1 import study_table

PROTOCOL = ("slug", "overlap", "interface", "guideline", "seed", "sample", "status", "protocol_sha256")
RATER = ("kind", "name", "simulated", "certification", "years_experience", "checkpoint_sha256")
CODING = ("kind", "rater", "note_id", "revision", "submitted_at", "active_seconds", "unlisted")
CODINGS_AT_ONCE = 500
BATCH_KEYS = ("name", "sha256", "origin", "details")


def study_export(
    *,
    study: Study,
    actor: User | None = None,
    with_text: bool = False,
    progress: Callable[[int, int], object] = lambda done, total: None,
) -> bytes:
    """The bundle: protocol, codes, raters, assignments, every coding, what models thought of every code, the newest
    benchmark of each preset with its tables and figures. Note text only where asked for. Same study, same bytes.

    `progress` is told how many codings of all are written.
    """
    notes = study.notes.order_by("external_id")
    codings = _codings(study)
    raters = sorted({(c.rater.kind, c.rater.name): c.rater for c in codings}.items())
    files = {
        "protocol.json": json_file(_protocol(study)),
        "codes.csv": csv_file(
            ("code", "kind", "title"),
            study.code_set.codes.order_by("codesetmember__position").values_list("code", "kind", "long_title"),
        ),
        "notes.csv": csv_file(("note_id", "sha256", "split"), notes.values_list("external_id", "sha256", "split")),
        "raters.csv": csv_file(RATER, ([getattr(rater, field) for field in RATER] for _, rater in raters)),
        "assignments.csv": csv_file(
            ("rater", "note_id", "role", "arm", "position"),
            study.assignments.order_by("rater__name", "position").values_list(
                "rater__name", "note__external_id", "role", "arm", "position"
            ),
        ),
        "codings.csv": csv_file((*CODING, "code", "score"), _coding_rows(codings, progress)),
    }
    if with_text:
        texts = notes.values_list("external_id", "text").iterator(200)
        lines = (json.dumps({"note_id": note, "text": text}, ensure_ascii=False) for note, text in texts)
        files["notes.jsonl"] = "\n".join(lines).encode()
    files |= dict(scores_files(study))
    for preset in PRESETS:
        if run := newest_benchmark(study, preset):
            files |= {f"benchmark/{preset}/{name}": content for name, content in _results(run)}
    event_record(actor=actor, verb="study.exported", object=f"study:{study.slug}", text=with_text)
    return pack(files)


def _protocol(study: Study) -> dict[str, Any]:
    coders = [rater.name for rater in people_of(study)]
    return {
        **{field: getattr(study, field) for field in PROTOCOL},
        "opened_at": study.opened_at and study.opened_at.isoformat(),
        "closed_at": study.closed_at and study.closed_at.isoformat(),
        "batch": {field: getattr(study.batch, field) for field in BATCH_KEYS},
        "code_set": {"name": study.code_set.name, "sha256": study.code_set.sha256},
        "reference": study.reference.name if study.reference else None,
        "coders": coders,
    }


def _codings(study: Study) -> list[Coding]:
    """All of the study and the reference's, every revision."""
    rows = Coding.objects.filter(study=study)
    if study.reference_id:
        rows |= Coding.objects.filter(rater=study.reference_id, study=None, note__studies=study)
    return list(
        rows.select_related("rater", "note").defer("note__text").order_by(
            "rater__kind", "rater__name", "note__external_id", "revision", "pk"
        )
    )  # fmt: skip


def _coding_rows(codings: list[Coding], progress: Callable[[int, int], object]) -> Iterator[list[object]]:
    """A row a code, one with an empty code where none was given."""
    for start in range(0, len(codings), CODINGS_AT_ONCE):
        some = codings[start : start + CODINGS_AT_ONCE]
        items: dict[int, list[tuple[str, float | None]]] = defaultdict(list)
        given = CodingItem.objects.filter(coding__in=[coding.pk for coding in some]).order_by("code__code")
        for coding, code, score in given.values_list("coding_id", "code__code", "score"):
            items[coding].append((code, score))
        for c in some:
            head = [c.rater.kind, c.rater.name, c.note.external_id, c.revision, c.submitted_at.isoformat(),
                    c.active_seconds, c.unlisted]  # fmt: skip
            for code, score in items[c.pk] or [("", None)]:
                yield [*head, code, score]
        progress(start + len(some), len(codings))


def _results(run: BenchmarkRun) -> Iterator[tuple[str, bytes]]:
    """A benchmark's document, counts, tables and figure."""
    result = run.result
    yield "result.json", json_file(result)
    yield "counts.json", (run.counts + "\n").encode()
    tables = {
        "table1": study_table(run), "intervals": intervals_table(result),
        "differences": differences_table(result) if result.get("differences") else None,
        "coders": board.coders_table(result), "arms": board.arms_table(result),
        **{name: lay_out(result) for name, lay_out in AGREEMENT.items()},
        "ranking": board.ranking_table(result), "partial": board.partial_table(result),
    }  # fmt: skip
    for name, table in tables.items():
        if table:
            for extension in RENDERERS:
                yield f"{name}.{'txt' if extension == 'text' else extension}", render(table, extension).encode()
            yield f"{name}.xlsx", xlsx(table)
    for name, draw in CHARTS.items():
        if chart := draw(result, run.tally):
            yield f"{name}.svg", standalone(chart).encode()


@transaction.atomic
def study_import(*, data: bytes, slug: str | None = None, actor: User | None = None) -> Study:
    """Read a bundle back as a closed study, under its own name or `slug`. All or nothing.

    Notes that are here already, with the same hashes, are used; others are stored without text where the bundle has
    none. Raters of other installations get a name of their own where theirs is taken. Raises BundleError, ValueError.
    """
    files = unpack(data)
    protocol = json.loads(files["protocol.json"]) if "protocol.json" in files else {}
    protocol.setdefault("sample", None)  # bundles of before
    if not {*PROTOCOL, "batch", "code_set", "coders"} <= protocol.keys():
        raise BundleError("protocol.json is missing or lacks fields")
    name = slug or protocol["slug"]
    slug_free(name)
    icd9_load()
    codes = [row["code"] for row in csv_rows(files, "codes.csv")]
    if hashlib.sha256("\n".join(sorted(codes)).encode()).hexdigest() != protocol["code_set"]["sha256"]:
        raise BundleError("codes.csv is not the list whose hash the protocol names")
    batch = _batch(files, protocol["batch"])
    rows = csv_rows(files, "codings.csv")
    raters = _raters(files, name, batch, protocol)
    study = Study(
        slug=name, batch=batch, code_set=code_set_create(name=f"{name}-codes"[:60], codes=codes),
        reference=raters.get(("reference", protocol["reference"])), status=Study.Status.CLOSED,
        opened_at=_time(protocol["opened_at"]), closed_at=_time(protocol["closed_at"]),
        **{field: protocol[field] for field in PROTOCOL if field not in ("slug", "status")},
    )  # fmt: skip
    study.full_clean()
    _check_protocol(study, protocol["coders"])
    study.save()
    told = [row["note_id"] for row in csv_rows(files, "notes.csv")]
    study.notes.set(batch.notes.filter(external_id__in=told))
    _assign(study, files, [raters["coder", coder] for coder in protocol["coders"]], raters)
    _store(study, rows, raters)
    scores_read(files, study, raters)
    event_record(actor=actor, verb="study.imported", object=f"study:{study.slug}", of=protocol["slug"])
    return study


def _check_protocol(study: Study, coders: list[str]) -> None:
    if protocol_sha256(study, [Rater(name=coder) for coder in coders]) != study.protocol_sha256:
        raise BundleError("protocol.json is not the protocol whose hash it names")


def _time(text: str | None):  # noqa: ANN202
    return parse_datetime(text) if text else None


def _batch(files: Mapping[str, bytes], head: Mapping[str, Any]) -> Batch:
    """The batch with these notes: the one that is here, which may lack some of them, or a new one."""
    told = {row["note_id"]: row for row in csv_rows(files, "notes.csv")}
    batch = Batch.objects.filter(sha256=head["sha256"]).first()
    here = dict(batch.notes.values_list("external_id", "sha256")) if batch else {}
    if batch and any(here.get(note, row["sha256"]) != row["sha256"] for note, row in told.items()):
        raise BundleError(f"batch {batch.name} is here with other notes")
    lines = files.get("notes.jsonl", b"").decode().splitlines()
    texts = {row["note_id"]: row["text"] for row in map(json.loads, lines)}
    for note, text in texts.items():
        if note not in told or sha256_of(text) != told[note]["sha256"]:
            raise BundleError(f"the text of note {note[:64]} is not the one that was coded")
    batch = batch or Batch.objects.create(**{field: head[field] for field in BATCH_KEYS})
    Note.objects.bulk_create(
        [
            Note(batch=batch, external_id=note, text=texts.get(note, ""), sha256=row["sha256"], split=row["split"])
            for note, row in told.items()
            if note not in here
        ],
        batch_size=200,
    )
    return batch


def _raters(
    files: Mapping[str, bytes], slug: str, batch: Batch, protocol: Mapping[str, Any]
) -> dict[tuple[str, str], Rater]:
    """(kind, name in the bundle) -> rater here."""
    local = Rater.objects.filter(kind=Rater.Kind.REFERENCE, codings__note__batch=batch).first()
    found = {}
    for row in csv_rows(files, "raters.csv"):
        key = (row["kind"], row["name"])
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
            found[key] = Rater.objects.create(kind=row["kind"], name=name, **fields)
    lacking = [coder for coder in protocol["coders"] if ("coder", coder) not in found]
    for coder in lacking:  # has coded nothing
        taken = Rater.objects.filter(kind=Rater.Kind.CODER, name=coder).exists()
        name = f"{coder} of {slug}"[:80] if taken else coder
        found["coder", coder] = Rater.objects.create(kind=Rater.Kind.CODER, name=name)
    return found


def _assign(
    study: Study, files: Mapping[str, bytes], coders: list[Rater], raters: Mapping[tuple[str, str], Rater]
) -> None:
    Workspace.objects.bulk_create([Workspace(study=study, rater=who, arm=arm) for who in coders for arm in study.arms])
    notes = _notes(study)
    Assignment.objects.bulk_create(
        Assignment(
            study=study, note=notes[row["note_id"]], rater=raters["coder", row["rater"]], role=row["role"],
            arm=row.get("arm") or study.interface, position=int(row["position"]),
        )
        for row in csv_rows(files, "assignments.csv")
    )  # fmt: skip


def _notes(study: Study) -> dict[str, Note]:
    return {note.external_id: note for note in study.notes.defer("text")}


def _store(study: Study, rows: list[dict[str, str]], raters: Mapping[tuple[str, str], Rater]) -> None:
    """Every coding with its revision; a reference that is here already is not stored twice."""
    notes, codes = _notes(study), codes_ensure({row["code"] for row in rows if row["code"]})
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
        note=notes[note], rater=raters[kind, rater], study=of_study, revision=int(revision),
        submitted_at=_time(submitted), active_seconds=float(seconds) if seconds else None, unlisted=unlisted,
        source_key=f"bundle:{study.pk}:{raters[kind, rater].pk}:{notes[note].pk}:{revision}",
    )  # fmt: skip


def _items(made: Iterable[tuple[Coding, list[dict[str, str]]]], codes: Mapping[str, Code]) -> Iterator[CodingItem]:
    for coding, members in made:
        for row in members:
            if row["code"]:
                yield CodingItem(
                    coding=coding, code=codes[row["code"]], score=float(row["score"]) if row["score"] else None
                )
