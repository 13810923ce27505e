"""A study in which Ada codes 30 notes, faster from note to note, and the same counted by hand."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, datetime, timedelta

from django.utils import timezone

from annotation.models import Code, Coding, CodingItem, Rater, Study, User
from annotation.services.batches import batch_create, sha256_of
from annotation.services.codes import code_set_create
from annotation.services.codings import Given, coding_append
from annotation.services.studies import study_draft
from files.notes import NoteRow
from tests.cast import logged_in
from tests.imports import codings_import

LISTED = ["250.00", "250.01", "401.1", "401.9", "428.0", "428.1", "38.93", "96.04", "V58.61"]
NOTES = 48
SHARED = 12
BEGAN = datetime(2026, 3, 2, 8, tzinfo=UTC)
SECRET = "SECRET text of a patient"


def coded_study(slug: str = "coded", notes: int = NOTES, **coders: Rater) -> Study:
    """Two coders share 12 notes and halve the others; a model has coded every note."""
    rng = random.Random(1)
    codes = code_set_create(name=f"nine of {slug}", codes=LISTED)
    rows = []
    for number in range(notes):
        true = tuple(rng.sample(LISTED, 5))
        rows.append(NoteRow(f"{slug}-{number}", f"{SECRET} {slug} {number}", true))
    kept = {"origin": "own", "split": "", "user": None}
    batch = batch_create(name=slug, sha256=sha256_of(slug), rows=rows, **kept)[0]
    study = study_draft(
        slug=slug, batch=batch, code_set=codes, coders=list(coders.values()), overlap=SHARED
    )
    Study.objects.filter(pk=study.pk).update(status=Study.Status.OPEN)
    study.refresh_from_db()
    for name, rater in coders.items():
        _code(study, rater, random.Random(name))
    model = []
    for row in rows:
        model += [f"{row.note_id},{code}" for code in row.codes[:4]]
    data = "\n".join(["note_id,code", *model]).encode()
    codings_import(study=study, name=f"Model of {slug}", kind="model", file="a.csv", data=data)
    return study


def _code(study: Study, rater: Rater, rng: random.Random) -> None:
    """Half of the reference's codes and one at random, 12 minutes at first and 3 at the end."""
    by_code = {code.code: code for code in Code.objects.filter(code__in=LISTED)}
    mine = study.assignments.filter(rater=rater).select_related("note").order_by("position")
    count = mine.count()
    for place, assignment in enumerate(mine):
        true = truth(study)[assignment.note.external_id]
        given = {*sorted(true)[place % 2 :: 2], rng.choice(LISTED)}
        minutes = 12 - 9 * place / count + rng.random()
        answer = Given(
            note=assignment.note,
            scores=dict.fromkeys(by_code[code] for code in sorted(given)),
            source_key=f"{study.slug}:{assignment.pk}",
            submitted_at=BEGAN + timedelta(hours=place),
            active_seconds=60 * minutes,
        )
        coding_append(study=study, rater=rater, given=answer)


def truth(study: Study) -> dict[str, set[str]]:
    """Note -> the reference's codes."""
    items = CodingItem.objects.filter(coding__rater=study.reference, coding__study=None)
    return _by_note(items)


def given_by(study: Study, rater: Rater) -> dict[str, set[str]]:
    """Note -> the codes a rater gave."""
    found = {name: set() for name in _notes_of(study, rater)}
    items = CodingItem.objects.filter(coding__rater=rater, coding__study=study)
    return found | _by_note(items)


def _notes_of(study: Study, rater: Rater) -> list[str]:
    codings = Coding.objects.filter(study=study, rater=rater)
    return list(codings.values_list("note__external_id", flat=True))


def _by_note(items) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for note, code in items.values_list("coding__note__external_id", "code__code"):
        found.setdefault(note, set()).add(code)
    return found


class Counted:
    """What a rater found, missed and added over some notes, counted one by one."""

    def __init__(self, true: dict[str, set[str]], given: dict[str, set[str]]) -> None:
        self.notes = len(given)
        self.found, self.missed, self.added = Counter(), Counter(), Counter()
        self.confused = Counter()
        self.near = 0
        for note, codes in given.items():
            self.found.update(codes & true[note])
            self.missed.update(true[note] - codes)
            self.added.update(codes - true[note])
            for code in codes - true[note]:
                kin = {c for c in true[note] - codes if c.split(".")[0] == code.split(".")[0]}
                self.near += bool(kin)
                self.confused.update((code, other) for other in kin)

    @property
    def f1(self) -> float:
        wrong = self.missed.total() + self.added.total()
        return 2 * self.found.total() / (2 * self.found.total() + wrong)

    @property
    def recall(self) -> float:
        return self.found.total() / (self.found.total() + self.missed.total())

    @property
    def precision(self) -> float:
        return self.found.total() / (self.found.total() + self.added.total())


def address(study: Study, rater: Rater) -> str:
    return f"/studies/{study.slug}/coders/{rater.pk}/"


def read(user: User, url: str, **query: str) -> str:
    answer = logged_in(user).get(url, query)
    assert answer.status_code == 200
    return answer.content.decode()


def closed(study: Study) -> None:
    Study.objects.filter(pk=study.pk).update(status=Study.Status.CLOSED, closed_at=timezone.now())
