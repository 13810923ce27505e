"""A large study straight into the database.

Notes, studies that share them, six raters, a benchmark. `make bench` takes 20,000 notes, the tests
a few hundred. Nobody's words: the texts are drawn from a seed.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from unittest.mock import patch

from annotation.event_names import ACKNOWLEDGED
from annotation.models import (
    Assignment,
    Batch,
    Code,
    CodeSet,
    Coding,
    CodingItem,
    Event,
    Note,
    NoteOpening,
    QuarantinedAnswer,
    Rater,
    Role,
    Study,
    User,
    Workspace,
)
from annotation.services.codes import code_set_create, icd9_load
from annotation.services.people import user_create
from benchmark.models import Chunk, Evidence, ModelRun
from benchmark.scoring import figures
from benchmark.services.agreements import agreements_store
from benchmark.services.benchmarks import benchmark_run

PASSWORD = "a long enough phrase"
BEGAN = datetime(2024, 1, 8, 9, tzinfo=UTC)
ROWS_AT_ONCE = 5_000
SENTENCE = (
    "patient admitted with chest pain and shortness of breath history of hypertension "
    "discharged home in stable condition on aspirin metoprolol lisinopril "
    "follow up with primary care in two weeks labs notable for creatinine"
)
ROLES = {
    "ada": Role.CODER,
    "ben": Role.CODER,
    "cid": Role.ADJUDICATOR,
    "rae": Role.RESEARCHER,
    "sam": Role.ADMIN,
}


OUTSIDE = (
    ("model", "model one"),
    ("model", "model two"),
    ("coder", "coder elsewhere"),
    ("model", "model three"),
)


@dataclass(frozen=True)
class Size:
    """How large: notes, studies over them, and codes of the list.

    Also the codes of a rater on a note, and the characters of a note.
    """

    notes: int = 20_000
    studies: int = 20
    codes_a_note: int = 15
    characters: int = 8_500
    listed: int = 4_075
    resamples: int = 20


def people() -> dict[str, User]:
    """One person of each role, and two coders."""
    return {
        name: user_create(username=name, password=PASSWORD, role=role)
        for name, role in ROLES.items()
    }


def large_study(size: Size, say: Callable[[str], object] = lambda stage: None) -> Study:
    """The large study, scored; the others share its notes.

    The code system and the people are made where missing. `say` is told what has been made.
    """
    icd9_load()
    users = {user.username: user for user in User.objects.filter(username__in=ROLES)} or people()
    rng = random.Random(size.notes)
    step = max(1, Code.objects.count() // size.listed)
    codes = list(Code.objects.order_by("code")[::step][: size.listed])
    code_set = code_set_create(name="large-list", codes=[code.code for code in codes])
    notes = _notes(size, rng)
    study = _studies(size, notes, code_set, users)
    say("notes and studies")
    _codings(size, study, notes, codes, rng)
    say("codings")
    _run(study, notes)
    _events(study, users, size)
    _keep(NoteOpening, _openings(notes, list(users.values())))
    say("a run of a model, with evidence")
    _scored(study, size)
    say("benchmarks")
    agreements_store(study)
    say("agreement")
    return study


def _notes(size: Size, rng: random.Random) -> list[Note]:
    batch = Batch.objects.create(
        name="large.csv", sha256=hashlib.sha256(b"large").hexdigest(), origin="synthetic"
    )
    words = SENTENCE.split()
    page = " ".join(rng.choice(words) for _ in range(size.characters // 5))
    made = []
    for number in range(size.notes):
        turn = rng.randrange(len(page))
        text = f"Note {number}, {rng.random()}. {page[turn:]} {page[:turn]}"[: size.characters]
        digest = hashlib.sha256(text.encode()).hexdigest()
        made.append(
            Note(batch=batch, external_id=f"n{number:06}", text=text, sha256=digest, split="test")
        )
    _keep(Note, made, 500)
    return list(Note.objects.filter(batch=batch).defer("text").order_by("external_id"))


def _openings(notes: Sequence[Note], people: Sequence[User]) -> Iterator[NoteOpening]:
    """Every note was opened ten times."""
    for number in range(10 * len(notes)):
        note = notes[number % len(notes)]
        yield NoteOpening(
            at=BEGAN + timedelta(minutes=number),
            user=people[number % len(people)],
            note=note.pk,
            external_id=note.external_id,
            way="note",
            slot=number,
        )


def _studies(size: Size, notes: Sequence[Note], code_set: CodeSet, users: dict[str, User]) -> Study:
    """Make the studies and return the first, the large one.

    The others share its notes and are open, closed or drafts by turns.
    """
    reference = Rater.objects.create(kind=Rater.Kind.REFERENCE, name="reference of large.csv")
    coders = [Rater.objects.get(user=users[name]) for name in ("ada", "ben")]
    through = Study.notes.through
    studies = []
    for number in range(size.studies):
        status = ("open", "closed", "draft")[number % 3]
        study = Study.objects.create(
            interface="list",
            slug=f"large-{number}",
            batch=notes[0].batch,
            code_set=code_set,
            reference=reference,
            guideline="Code it.",
            status=status,
            protocol_sha256=f"{number:064}",
            overlap=0,
            opened_at=BEGAN,
            closed_at=BEGAN if status == "closed" else None,
        )
        _keep(through, (through(study_id=study.pk, note_id=note.pk) for note in notes))
        Workspace.objects.bulk_create(
            [Workspace(study=study, rater=who, arm="list") for who in coders]
        )
        own = notes if number == 0 else notes[: len(notes) // 20]
        _keep(Assignment, _assignments(study, own, coders))
        studies.append(study)
    return studies[0]


def _assignments(
    study: Study, notes: Sequence[Note], coders: Sequence[Rater]
) -> Iterator[Assignment]:
    for place, note in enumerate(notes):
        rater = coders[place % len(coders)]
        yield Assignment(
            study=study,
            note=note,
            rater=rater,
            role="primary",
            arm="list",
            position=place + 1,
            task_id=study.pk * 1_000_000 + place,
        )


def _codings(
    size: Size, study: Study, notes: Sequence[Note], codes: Sequence[Code], rng: random.Random
) -> None:
    """The codings of every rater.

    The reference, two coders on their own notes, two models, a coder and a model from outside, a
    panel in part.
    """
    true = {note.pk: rng.sample(range(len(codes)), size.codes_a_note) for note in notes}
    _give(size, None, study.reference, notes, codes, true, rng)
    coders = list(Rater.objects.filter(kind=Rater.Kind.CODER, user__isnull=False).order_by("pk"))
    left = max(1, len(notes) // 2_000)
    for place, coder in enumerate(coders[:2]):
        _give(size, study, coder, notes[place::2][:-left], codes, true, rng)
    for kind, name in OUTSIDE:
        digest = hashlib.sha256(name.encode()).hexdigest() if name == "model one" else ""
        rater = Rater.objects.create(kind=kind, name=name, checkpoint_sha256=digest)
        _give(size, study, rater, notes, codes, true, rng)
    panel = Rater.objects.create(kind=Rater.Kind.PANEL, name=f"panel of {study.slug}")
    _give(size, study, panel, notes[: max(2, len(notes) // 20)], codes, true, rng)


def _give(size: Size, study: Study | None, rater: Rater, notes, codes, true, rng) -> None:
    """Two codes in three are the reference's; the others are drawn."""
    at = [BEGAN + timedelta(minutes=7 * place) for place in range(len(notes))]
    _keep(
        Coding,
        (
            Coding(
                note=note,
                rater=rater,
                study=study,
                submitted_at=when,
                active_seconds=60.0 + note.pk % 300,
                source_key=f"large:{study.pk if study else 0}:{rater.pk}:{note.pk}",
            )
            for note, when in zip(notes, at, strict=True)
        ),
    )
    stored = Coding.objects.filter(rater=rater, study=study).values_list("pk", "note_id")

    def items() -> Iterator[CodingItem]:
        for coding, note in stored:
            given = set(true[note])
            if rater.kind != Rater.Kind.REFERENCE:
                given = set(true[note][: 2 * size.codes_a_note // 3])
                while len(given) < size.codes_a_note:
                    given.add(rng.randrange(len(codes)))
            for place in given:
                yield CodingItem(
                    coding_id=coding,
                    code=codes[place],
                    score=0.5 if rater.kind == "model" else None,
                )

    _keep(CodingItem, items())


def _run(study: Study, notes: Sequence[Note]) -> None:
    """A finished run of the first model, eight notes a chunk, with evidence of every code."""
    rater = Rater.objects.get(name="model one")
    run = ModelRun.objects.create(
        study=study, rater=rater, checkpoint_sha256=rater.checkpoint_sha256, threshold=0.5
    )
    for start in range(0, len(notes), 8):
        ids = [note.pk for note in notes[start : start + 8]]
        Chunk.objects.create(
            run=run, note_ids=ids, state="done", attempts=1, claimed_at=BEGAN, finished_at=BEGAN
        )
    items = CodingItem.objects.filter(coding__rater=rater, coding__study=study).values_list(
        "pk", flat=True
    )
    _keep(
        Evidence,
        (
            Evidence(item_id=item, logit=0.0, bias=-1.0, rest=0.0, spans=[[5, 12, 1.0]])
            for item in items
        ),
    )


def _events(study: Study, users: dict[str, User], size: Size) -> None:
    for name in ("ada", "ben"):
        Event.objects.create(actor=users[name], verb=ACKNOWLEDGED, object=f"study:{study.slug}")
    _keep(
        Event,
        (
            Event(
                actor=users["ada"],
                verb="coding.stored",
                object=f"study:{study.slug}",
                data={"note": k},
            )
            for k in range(size.notes)
        ),
    )
    space = study.workspaces.first()
    QuarantinedAnswer.objects.bulk_create(
        [
            QuarantinedAnswer(
                study=study,
                workspace=space,
                annotation_id=k,
                task_id=k,
                reason="no such task",
                source_key=f"quarantine:{k}",
            )
            for k in range(200)
        ]
    )


def _scored(study: Study, size: Size) -> None:
    """The paper's benchmark and another, with few resamples.

    Intervals are not what is timed here.
    """
    few = size.resamples
    tests = partial(figures.paired_tests, draws=few, replicates=few)
    bounds = partial(figures.intervals, replicates=few)
    with patch.object(figures, "paired_tests", tests), patch.object(figures, "intervals", bounds):
        for preset in ("paper", "panel"):
            benchmark_run(study=study, preset=preset)


def _keep(model, rows, at_once: int = ROWS_AT_ONCE) -> None:
    """Store many rows, some thousands at a time, so that memory stays small."""
    waiting = []
    for row in rows:
        waiting.append(row)
        if len(waiting) == at_once:
            model.objects.bulk_create(waiting)
            waiting = []
    model.objects.bulk_create(waiting)
