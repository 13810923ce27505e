"""Fills an empty installation with one study that everybody has coded, and that is scored.

What each coder and model is good and bad at is written below, so that each question about the
results has one answer. Run as `python -m tests.results.furnish`, with CODERBENCH_HOME set.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import django

STUDY = "ward"
TITLE = "Ward letters"
NOTES = 60
SHARED = 24
CLOSED = "shut"
"""A second study, closed: coders see how they did. Its notes are others, for what is being coded
elsewhere stays out of sight."""

OFTEN = {
    "401.9": 0.5,
    "428.0": 0.5,
    "427.31": 0.4,
    "250.00": 0.45,
    "250.60": 0.2,
    "414.01": 0.4,
    "272.4": 0.35,
    "584.9": 0.35,
    "38.93": 0.5,
    "96.04": 0.4,
    "99.04": 0.35,
    "V58.61": 0.45,
}
"""Code -> the chance that the reference gives it to a note."""
TICKED_BESIDES = ("250.01", "486", "599.0")
"""Codes that can be ticked and that the reference never gives."""
ADA_FINDS = {"38.93": 0.15, "96.04": 0.3, "99.04": 0.35, "428.0": 0.85, "250.00": 0.75}
BEN_FINDS = {"250.00": 0.6, "250.60": 0.5}
RAC_FINDS = {"V58.61": 0.25, "428.0": 1.0}
TITLES_FIND = {"V58.61": 1.0, "428.0": 0.7}
"""Code -> the chance to find it, where it is another than the rater's usual one."""
USUALLY = {"ada": 0.85, "ben": 0.62, "RAC": 0.93, "Title matching": 0.4}
INSTEAD = {"250.00": "250.01"}
"""What coders give where they miss a code."""
LOST = (17, 41)
"""Notes of which nobody finds anything: the text says nothing of their codes."""
BEGAN = datetime(2026, 10, 5, 8, tzinfo=UTC)
A_DAY = 11
"""Notes that a coder does on one day."""
SLOWEST = 660
FASTER = 9
"""Seconds that Ada's first note takes, and by how many each note is faster than the one before."""
BEN_TAKES = 400


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    _furnish()


def reference_of(number: int) -> list[str]:
    """The reference's codes of a note."""
    lot = random.Random(number)
    given = [code for code, chance in OFTEN.items() if lot.random() < chance]
    return given or ["401.9"]


def given_by(
    name: str, number: int, true: Iterable[str], others: dict[str, float], wrong: float
) -> list[str]:
    """What a rater gives to a note."""
    if number in LOST:
        return ["486"]
    lot = random.Random(f"{name} {number}")
    found = []
    for code in true:
        if lot.random() < others.get(code, USUALLY[name]):
            found.append(code)
        elif name in ("ada", "ben") and code in INSTEAD:
            found.append(INSTEAD[code])
    if lot.random() < wrong:
        found.append("599.0")
    return found


def _furnish() -> None:
    from annotation.models import Role
    from annotation.services.batches import batch_create, sha256_of
    from annotation.services.codes import code_set_create, icd9_load
    from annotation.services.people import user_create
    from benchmark.services.benchmarks import benchmark_run
    from files.notes import NoteRow
    from mimic.folder import read_admissions
    from tests.cast import MIMIC_30, PASSWORD

    icd9_load()
    for name in ("ada", "ben"):
        user_create(username=name, password=PASSWORD, role=Role.CODER)
    for name, role in (("cid", Role.ADJUDICATOR), ("rae", Role.RESEARCHER), ("sam", Role.ADMIN)):
        user_create(username=name, password=PASSWORD, role=role)
    texts = [each.text for each in read_admissions(MIMIC_30)]
    listed = code_set_create(name="ward", codes=[*OFTEN, *TICKED_BESIDES])
    for slug, title in ((STUDY, TITLE), (CLOSED, "")):
        rows = []
        for number in range(NOTES):
            text = f"Unit No: {number} {slug}\n{texts[number % len(texts)]}"
            rows.append(NoteRow(f"letter-{number:02}", text, tuple(reference_of(number))))
        batch, _ = batch_create(
            name=slug, sha256=sha256_of(slug), origin="own", rows=rows, split="", user=None
        )
        study = _studied(slug, title, batch, listed)
        benchmark_run(study=study)


def _studied(slug: str, title: str, batch: Any, listed: Any) -> Any:
    """A study that coders and models have been through."""
    from annotation.models import Rater, Study
    from annotation.services.studies import study_draft
    from tests.imports import codings_import

    coders = list(Rater.objects.filter(user__username__in=("ada", "ben")).order_by("name"))
    study = study_draft(
        slug=slug,
        title=title,
        batch=batch,
        code_set=listed,
        coders=coders,
        overlap=SHARED,
        seed=3,
        interface="page",
        margin=0.05,
    )
    for coder in coders:
        _code(study, coder)
    status = Study.Status.CLOSED if slug == CLOSED else Study.Status.OPEN
    times = {"opened_at": BEGAN, "closed_at": datetime.now(UTC) if slug == CLOSED else None}
    Study.objects.filter(pk=study.pk).update(status=status, **times)
    study.refresh_from_db()
    if slug == STUDY:
        for name, data in (("RAC", _rac(study)), ("Title matching", _titles(study))):
            codings_import(study=study, name=name, kind="model", file="given.csv", data=data)
    return study


def _code(study: Any, coder: Any) -> None:
    """One coder's notes, in the order of the queue, some of them on each day."""
    from annotation.models import Code
    from annotation.services.codings import Given, coding_append

    name = coder.user.username
    others, wrong = (ADA_FINDS, 0.05) if name == "ada" else (BEN_FINDS, 0.25)
    assignments = study.assignments.filter(rater=coder).select_related("note").order_by("position")
    for place, assignment in enumerate(assignments):
        number = _number(assignment.note)
        codes = given_by(name, number, reference_of(number), others, wrong)
        day, turn = divmod(place, A_DAY)
        seconds = SLOWEST - FASTER * place if name == "ada" else BEN_TAKES
        given = Given(
            assignment.note,
            dict.fromkeys(Code.objects.filter(code__in=codes, system__name="ICD-9-CM")),
            f"{study.slug} {assignment.pk}",
            BEGAN + timedelta(days=day, minutes=15 * turn),
            float(seconds),
        )
        coding_append(study=study, rater=coder, given=given)


def _rac(study: Any) -> bytes:
    """What the model gives, with probabilities; one note's 428.0 it misses, which Ada finds."""
    coder = study.assignments.filter(rater__user__username="ada").order_by("position")
    missed = None
    for assignment in coder.select_related("note"):
        number = _number(assignment.note)
        true = reference_of(number)
        found = given_by("ada", number, true, ADA_FINDS, 0.05)
        if "428.0" in true and "428.0" in found:
            missed = number
            break
    lines = ["note_id,code,score"]
    for note in study.notes.order_by("external_id"):
        number = _number(note)
        given = given_by("RAC", number, reference_of(number), RAC_FINDS, 0.1)
        lot = random.Random(f"score {number}")
        for code in (*OFTEN, *TICKED_BESIDES):
            high = code in given and not (code == "428.0" and number == missed)
            score = lot.uniform(0.55, 0.99) if high else lot.uniform(0.01, 0.4)
            lines.append(f"{note.external_id},{code},{score:.4f}")
    return "\n".join(lines).encode()


def _titles(study: Any) -> bytes:
    lines = ["note_id,code"]
    for note in study.notes.order_by("external_id"):
        number = _number(note)
        codes = given_by("Title matching", number, reference_of(number), TITLES_FIND, 0.3)
        lines += [f"{note.external_id},{code}" for code in codes or [""]]
    return "\n".join(lines).encode()


def _number(note: Any) -> int:
    return int(note.external_id.removeprefix("letter-"))


if __name__ == "__main__":
    main()
