"""The practice set of a study: which notes it may have, and that it stays and counts nowhere."""

from __future__ import annotations

import pytest

from annotation.models import Batch, Coding, Note, PracticeAnswer, Rater, Study
from annotation.selectors.practice import (
    practice_notes,
    practice_reference,
    practised_before,
    practised_by,
)
from annotation.services.batches import batch_create, sha256_of
from annotation.services.desk import DeskRefusal, Ticked
from annotation.services.drafts import draft_change
from annotation.services.practice import practice_fix, practice_submit
from annotation.services.studies import study_draft
from files.notes import NoteRow
from tests.cast import CODES, NOTES, logged_in


def batch_of(name: str, rows: list[NoteRow], **fields: object) -> Batch:
    given = {"origin": "synthetic", "split": "", "user": None, **fields}
    return batch_create(name=name, sha256=sha256_of(name), rows=rows, **given)[0]


def to_practise(count: int, name: str = "practice", patient: str = "p") -> Batch:
    """A batch for practice: notes of texts and patients of their own."""
    rows = []
    for k in range(count):
        text = f"Practice note {k} of {name}."
        rows.append(NoteRow(f"{name}-{k}", text, (CODES[k % 8],), f"{patient}{k}"))
    return batch_of(name, rows, for_practice=True)


def drafted(batch: Batch, codes, ada, slug: str = "desk", **fields: object) -> Study:
    settings = {"interface": "page", "seed": 4, **fields}
    return study_draft(
        slug=slug, batch=batch, code_set=codes, coders=[ada.rater], overlap=0, **settings
    )


def opened(study: Study) -> Study:
    """The study, open without Label Studio."""
    Study.objects.filter(pk=study.pk).update(status=Study.Status.OPEN)
    practice_fix(study)
    study.refresh_from_db()
    return study


def ids(study: Study) -> list[str]:
    return [each.note.external_id for each in practice_notes(study)]


@pytest.mark.parametrize(
    ("interface", "notes"),
    [("page", 3), ("list+page", 3), ("search+page", 3), ("list", 0), ("list+search", 0)],
)
def test_a_study_with_our_page_has_three_notes(interface, notes, batch, codes, ada):
    to_practise(9)
    study = drafted(batch, codes, ada, interface=interface)
    assert len(ids(study)) == notes
    assert ids(study) == ids(study)


def test_another_seed_draws_others(batch, codes, ada):
    to_practise(30)
    drawn = set()
    for seed in range(5):
        study = drafted(batch, codes, ada, slug=f"s{seed}", seed=seed)
        drawn.add(tuple(ids(study)))
    assert len(drawn) == 5


LEFT_OUT = {
    "the text of a note of the study": NoteRow("x", NOTES[0].text, ("401.9",)),
    "the patient of a note of the study": NoteRow("x", "A text.", ("401.9",), "p7"),
    "no reference": NoteRow("x", "A text.", None),
}


@pytest.mark.parametrize("kind", LEFT_OUT)
@pytest.mark.parametrize("where", ["the study", "a draft", "an open study"])
def test_what_must_not_be_practised_on(kind, where, batch, codes, ada, ben):
    """Neither in the study itself nor in another one that is not closed."""
    Note.objects.filter(batch=batch, external_id="n0").update(patient="p7")
    batch_of("practice", [LEFT_OUT[kind]], for_practice=True)
    study = drafted(batch, codes, ada)
    if where != "the study":
        rows = [NoteRow("o1", "Of another batch.", ("401.9",), "p1")]
        other = drafted(batch_of("other", rows), codes, ben, slug="other")
        study, theirs = other, study
        if where == "an open study":
            Study.objects.filter(pk=theirs.pk).update(status=Study.Status.OPEN)
    assert ids(study) == []


@pytest.mark.parametrize("patient", ["", "p8"])
def test_unknown_patients_and_other_ones_are_no_obstacle(patient, batch, codes, ada):
    Note.objects.filter(batch=batch, external_id="n0").update(patient="p7")
    batch_of("practice", [NoteRow("x", "A text.", ("401.9",), patient)], for_practice=True)
    assert ids(drafted(batch, codes, ada)) == ["x"]


def test_a_closed_study_does_not_matter_nor_do_notes_of_another_origin(batch, codes, ada, study):
    Study.objects.filter(pk=study.pk).update(status=Study.Status.CLOSED)
    rows = [NoteRow("o1", "Of another batch.", ("401.9",))]
    other = drafted(batch_of("other", rows), codes, ada)
    batch_of("mine", [NoteRow("m", "Mine.", ("401.9",))], origin="own", for_practice=True)
    assert ids(other) == []
    batch_of("practice", [NoteRow("x", NOTES[0].text, ("401.9",))], for_practice=True)
    assert ids(other) == ["x"]


def test_no_two_notes_of_one_patient_or_text(batch, codes, ada):
    rows = [NoteRow(f"a{k}", f"Stay {k}.", ("401.9",), "one") for k in range(5)]
    rows += [NoteRow(f"b{k}", "The same.", ("401.9",)) for k in range(5)]
    batch_of("practice", rows, for_practice=True)
    assert sorted(name[0] for name in ids(drafted(batch, codes, ada))) == ["a", "b"]


def test_an_open_study_keeps_its_set_whatever_comes_in(batch, codes, ada):
    to_practise(4)
    study = opened(drafted(batch, codes, ada))
    before = ids(study)
    to_practise(40, name="more", patient="q")
    practice_fix(study)
    assert ids(study) == before and len(before) == 3


def test_an_open_study_without_practice_notes_gets_those_that_come_later(batch, codes, ada):
    study = opened(drafted(batch, codes, ada))
    assert ids(study) == []
    to_practise(3)
    practice_fix(study)
    assert len(ids(study)) == 3


def test_a_note_that_comes_into_a_study_is_practised_on_no_more(batch, codes, ada, ben):
    practice = to_practise(3)
    study = opened(drafted(batch, codes, ada))
    places = {each.note.external_id: each.place for each in practice_notes(study)}
    first = practice.notes.get(external_id=ids(study)[0])
    rows = [NoteRow("same", first.text, ("401.9",)), NoteRow("o1", "Another.", ("401.9",))]
    drafted(batch_of("other", rows), codes, ben, slug="other")
    left = {each.note.external_id: each.place for each in practice_notes(study)}
    assert left == {name: place for name, place in places.items() if name != first.external_id}


@pytest.mark.parametrize("where", ["the study", "another"])
def test_a_note_whose_patient_comes_into_a_study_is_practised_on_no_more(
    where, batch, codes, ada, ben
):
    """Also where it is known later only whose the study's notes are."""
    practice = to_practise(3)
    study = opened(drafted(batch, codes, ada))
    first, *others = ids(study)
    patient = practice.notes.get(external_id=first).patient
    if where == "the study":
        Note.objects.filter(batch=batch, external_id="n0").update(patient=patient)
    else:
        rows = [NoteRow("o1", "Another stay.", ("401.9",), patient)]
        drafted(batch_of("other", rows), codes, ben, slug="other")
    assert ids(study) == others


def test_a_batch_for_practice_is_in_no_study(batch, codes, ada, rae):
    practice = to_practise(3)
    with pytest.raises(ValueError, match="practice is for practice"):
        drafted(practice, codes, ada)
    study = drafted(batch, codes, ada)
    settings = {
        "slug": "desk",
        "code_set": codes,
        "coders": [ada.rater],
        "sample": None,
        "overlap": 0,
        "interface": "page",
        "guideline": "Code.",
        "seed": 0,
    }
    with pytest.raises(ValueError, match="practice is for practice"):
        draft_change(
            study=study, seen=study.protocol_sha256, actor=None, batch=practice, **settings
        )
    offered = logged_in(rae).get("/studies/new/").content.decode()
    assert f'<option value="{batch.pk}">' in offered
    assert f'<option value="{practice.pk}">' not in offered


def answer(study: Study, rater: Rater, note: Note, *codes: str) -> PracticeAnswer:
    ticked = Ticked(codes, none_applies=not codes, active_seconds=12.5)
    return practice_submit(study=study, note=note, rater=rater, ticked=ticked)


def test_who_has_practised_on_a_text_cannot_be_given_it_in_a_study(batch, codes, ada, ben):
    practice = to_practise(3)
    study = opened(drafted(batch, codes, ada))
    note = practice.notes.first()
    answer(study, ada.rater, note, "401.9")
    other = batch_of("other", [NoteRow("same", note.text, ("401.9",))])
    with pytest.raises(ValueError, match=r"practised on 1 of these notes.*: same; choose"):
        drafted(other, codes, ada, slug="other")
    assert practised_before(set(other.notes.values_list("pk", flat=True)), [ben.rater]) == ""
    assert drafted(other, codes, ben, slug="other").status == "draft"


def test_a_practice_answer_is_kept_and_is_no_coding(batch, codes, ada):
    to_practise(3)
    study = opened(drafted(batch, codes, ada))
    codings = Coding.objects.count()
    note = practice_notes(study)[1].note
    answer(study, ada.rater, note, "428.0", "401.9")
    answer(study, ada.rater, note)
    given = [each.answer for each in practised_by(study, ada.rater)]
    assert [one is not None for one in given] == [False, True, False]
    assert given[1].none_applies and PracticeAnswer.objects.count() == 2
    assert PracticeAnswer.objects.first().codes == ["428.0", "401.9"]
    assert Coding.objects.count() == codings
    assert [code.code for code in practice_reference(note)] == sorted(
        item.code.code for item in note.codings.get().items.all()
    )


@pytest.mark.parametrize(
    ("codes_given", "none", "words"),
    [
        (("401.9",), True, "together with"),
        ((), False, "tick a code"),
        (("999.99", "401.9"), False, "the study's list lacks: 999.99"),
    ],
)
def test_a_wrong_practice_answer_is_refused_in_words(codes_given, none, words, batch, codes, ada):
    to_practise(1)
    study = opened(drafted(batch, codes, ada))
    ticked = Ticked(codes_given, none_applies=none)
    note = practice_notes(study)[0].note
    with pytest.raises(DeskRefusal, match=words):
        practice_submit(study=study, note=note, rater=ada.rater, ticked=ticked)
    assert not PracticeAnswer.objects.exists()
