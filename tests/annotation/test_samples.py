"""What load_mimic keeps beside its sample: patients, practice notes, training frequencies."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from annotation.mimic_sample import draw_sample
from annotation.models import Batch, CodeSet, Coding, Note
from annotation.services.samples import batch_from_sample
from mimic.folder import read_admissions, read_codes, read_splits
from tests.cast import MIMIC_30

BEFORE = {"seed": 3, "size": 5, "split": "train"}
"""A sample, and the hash that its batch had before practice notes were drawn."""
SHA256 = "1bf1a3c1d8c2637a51068e959ef32906442012e00b9a845e7a5954d1f3068af5"


def load(folder: Path = MIMIC_30, **options: object) -> str:
    out = io.StringIO()
    chosen = {"name": "few", "sample": 4, "seed": 1, **options}
    call_command("load_mimic", folder, stdout=out, **chosen)
    return out.getvalue()


def patients_of_folder() -> dict[str, str]:
    found = {}
    for admission in read_admissions(MIMIC_30):
        found[str(admission.hadm_id)] = str(admission.subject_id)
    return found


def others_left(split: str) -> int:
    """How many patients of the split have no note in the sample."""
    known = patients_of_folder()
    in_split = {known[str(hadm_id)] for hadm_id in read_splits(MIMIC_30)[split]}
    sample = Note.objects.filter(batch__for_practice=False)
    return len(in_split - set(sample.values_list("patient", flat=True)))


@pytest.mark.django_db
@pytest.mark.parametrize("split", ["train", "dev", "test"])
def test_notes_keep_their_patients_and_practice_notes_are_of_others(split):
    load(split=split, sample=2)
    known = patients_of_folder()
    for note in Note.objects.all():
        assert note.patient == known[note.external_id]
    sample = Note.objects.filter(batch__for_practice=False)
    practice = Note.objects.filter(batch__for_practice=True)
    assert practice.count() == min(3, others_left(split))
    assert {note.split for note in practice} == {split}
    everybody = [note.patient for note in practice]
    assert len(set(everybody)) == len(everybody)
    assert not set(everybody) & {note.patient for note in sample}
    assert all(note.codings.get().items.exists() for note in practice)


@pytest.mark.parametrize("practice", [0, 3, 500])
def test_practice_does_not_change_the_sample(practice):
    drawn = draw_sample(MIMIC_30, **BEFORE, practice=practice)
    plain = draw_sample(MIMIC_30, **BEFORE)
    assert (drawn.rows, drawn.shortlist, drawn.details) == (
        plain.rows,
        plain.shortlist,
        plain.details,
    )


@pytest.mark.django_db
def test_a_batch_has_the_hash_that_it_always_had():
    loaded = batch_from_sample(draw_sample(MIMIC_30, **BEFORE, practice=3), name="few")
    assert loaded.batch.sha256 == SHA256
    assert "practice" not in str(loaded.batch.details)


@pytest.mark.django_db
def test_too_few_other_patients_give_fewer_practice_notes_and_it_says_so():
    in_split = len(read_splits(MIMIC_30)["dev"])
    assert "practice notes: none, not 3: the split has too few" in load(
        split="dev", sample=in_split
    )
    assert not Batch.objects.filter(for_practice=True).exists()
    words = load(name="other", split="test", sample=7, practice=9)
    left = others_left("test")
    assert 0 < left < 9
    assert f"practice notes: {left} in the batch other practice, not 9: the split has" in words


@pytest.mark.django_db
def test_none_can_be_asked_for_and_less_than_none_cannot():
    assert "none asked for" in load(practice=0)
    assert not Batch.objects.filter(for_practice=True).exists()
    with pytest.raises(CommandError, match="--practice -1"):
        load(practice=-1)


@pytest.mark.django_db
def test_loading_again_adds_what_an_earlier_version_did_not_keep():
    load()
    practice = Batch.objects.get(for_practice=True)
    Coding.objects.filter(note__batch=practice).delete()
    practice.notes.all().delete()
    practice.delete()
    Note.objects.update(patient="")
    CodeSet.objects.update(frequencies=None)
    before = Batch.objects.get()
    words = load()
    assert "here already, nothing changed" in words and "patients added to 4 notes" in words
    after = Batch.objects.get(for_practice=False)
    assert after.details == before.details and after.sha256 == before.sha256
    assert not Note.objects.filter(patient="").exists()
    assert Note.objects.filter(batch__for_practice=True).count() == 3
    assert CodeSet.objects.get(name="few").frequencies
    again = load()
    assert "patients added" not in again and Note.objects.count() == 7


@pytest.mark.django_db
@pytest.mark.parametrize("split", ["test", "train"])
def test_frequencies_are_counted_over_training_stays_that_nobody_codes(split):
    load(split=split)
    counted = set(read_splits(MIMIC_30)["train"])
    counted -= {int(note.external_id) for note in Note.objects.all()}
    expected: dict[str, int] = {}
    for codes in read_codes(MIMIC_30, counted).values():
        for code in codes:
            expected[code] = expected.get(code, 0) + 1
    assert CodeSet.objects.get(name="few").frequencies == expected and expected


@pytest.mark.django_db
def test_without_a_training_split_there_are_no_frequencies(tmp_path):
    folder = tmp_path / "mimic"
    shutil.copytree(MIMIC_30, folder)
    (folder / "train_full_hadm_ids.csv").write_text("HADM_ID\n")
    load(folder)
    assert CodeSet.objects.get(name="few").frequencies is None
