"""What a study states before it opens: in its protocol, on its page, in its bundle."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command

from annotation.management.commands import open_study
from annotation.models import (
    Batch,
    CodeSet,
    CodingItem,
    Note,
    OutsideCounts,
    Rater,
    Study,
    WeightList,
)
from annotation.services.drafts import draft_change
from annotation.services.statements import weights_keep
from annotation.services.studies import protocol_sha256, study_draft
from benchmark.bundle.export import study_export
from benchmark.bundle.import_study import study_import
from benchmark.bundle.zip_format import BundleError, pack, unpack
from files.code_files import WeightsFile
from mimic.folder import read_codes, read_splits
from tests.benchmark.test_bundles import forget_everything
from tests.cast import MIMIC_30, logged_in

WEIGHTS = "code,weight,tier\n428.0,2,2\n401.9,.5,\n999.9,1,1\n"


@pytest.fixture
def weights_csv(tmp_path) -> Path:
    path = tmp_path / "payment.csv"
    path.write_text(WEIGHTS)
    return path


def unsaved(**fields: object) -> Study:
    batch, codes = Batch(sha256="1" * 64), CodeSet(sha256="2" * 64)
    return Study(batch=batch, code_set=codes, guideline="Code as at work.", **fields)


def test_studies_that_state_nothing_keep_the_hash_that_they_had():
    """The hashes are those of the version before there were margins and weights."""
    coders = [Rater(name="Ada"), Rater(name="Ben")]
    arms = unsaved(overlap=10, interface="list+page", seed=5, sample=6, search_sha256="3" * 64)
    before = "3e635526e48f1f7ea274693301bfc1240293c41f66a2127fdcb20846a9d529eb"
    assert protocol_sha256(arms, coders) == before
    plain = "1f8100d695461ff8b12fdb704e519b98043bec56b56277642c552df84156c811"
    assert protocol_sha256(unsaved(), coders[:1]) == plain


def test_what_is_stated_is_part_of_the_protocol():
    coders = [Rater(name="Ada")]
    stated = (
        unsaved(),
        unsaved(margin=0.05),
        unsaved(margin=0.03),
        unsaved(weights=WeightList(sha256="4" * 64)),
        unsaved(weights=WeightList(sha256="5" * 64), margin=0.05),
    )
    assert len({protocol_sha256(study, coders) for study in stated}) == len(stated)


@pytest.mark.django_db
@pytest.mark.parametrize("margin", [0.0, -0.05, 1.0, 5.0, float("nan"), float("inf")])
def test_a_margin_that_is_none_is_refused(batch, codes, ada, margin):
    with pytest.raises(CommandError, match="give one above 0 and below 1"):
        call_command("open_study", "s", margin=margin, codes="eight")
    assert not Study.objects.exists()


def test_open_study_states_them_and_says_what_to_expect(
    batch, codes, ada, ben, weights_csv, monkeypatch, capsys
):
    """Opened without Label Studio: the command drafts, which is what this is about."""
    monkeypatch.setattr(open_study, "study_open", lambda study, actor, progress: study)
    stated = {"codes": "eight", "margin": 0.05, "weights": weights_csv, "overlap": 4}
    call_command("open_study", "s", **stated)
    study = Study.objects.get()
    assert study.margin == 0.05 and study.margin_set_at and study.weights_set_at
    assert study.weights.weights == {"428.0": 2.0, "401.9": 0.5, "999.9": 1.0}
    assert study.weights.tiers == {"428.0": 2, "401.9": 0, "999.9": 1}
    said = capsys.readouterr().err
    assert "payment.csv: 2 of the list's 8 codes have a weight, the others weigh 0" in said
    assert "these 2 coders +-" in said and "two coders cannot speak for others" in said
    assert "Non-inferiority with margin .05, if truly equal: power" in said
    call_command("open_study", "s", **stated)
    with pytest.raises(CommandError, match="is there already, with another margin"):
        call_command("open_study", "s", margin=0.04)
    weights_csv.write_text("code,weight\n428.0,-2\n401.9,x\n")
    with pytest.raises(CommandError, match=r"payment\.csv has 2 errors"):
        call_command("open_study", "t", **stated)
    weights_csv.write_text("code,weight\n4280,2\n")
    with pytest.raises(
        CommandError, match=r"none of the codes of payment\.csv is in the list eight"
    ):
        call_command("open_study", "t", **stated)
    assert Study.objects.count() == 1


def test_a_change_of_something_else_keeps_the_date(batch, codes, ada):
    settings = {
        "batch": batch,
        "code_set": codes,
        "coders": [ada.rater],
        "slug": "s",
        "margin": 0.05,
    }
    settings["weights"] = weights_keep("w.csv", WeightsFile({"428.0": 2.0}, None))
    study = study_draft(**settings)
    said_at = (study.margin_set_at, study.weights_set_at)
    rest = {"sample": None, "overlap": 0, "interface": "page", "guideline": "Code."}

    def change(**settings: object) -> Study:
        seen = Study.objects.get().protocol_sha256
        return draft_change(study=study, seen=seen, actor=None, **settings)

    changed = change(**settings, **rest, seed=3)
    assert (changed.margin_set_at, changed.weights_set_at) == said_at
    changed = change(**{**settings, "margin": 0.04}, **rest, seed=3)
    assert changed.margin_set_at > said_at[0] and changed.weights_set_at == said_at[1]
    changed = change(**{**settings, "margin": None, "weights": None}, **rest, seed=0)
    assert changed.margin_set_at is None and changed.weights_set_at is None


def test_the_form_has_them_under_more(batch, codes, ada, rae):
    client = logged_in(rae)
    sent = {
        "slug": "mine",
        "batch": batch.pk,
        "code_set": codes.pk,
        "coders": [ada.rater.pk],
        "overlap": 3,
        "seed": 5,
        "interface": "search",
        "guideline": "Code as at work.",
        "margin": "0.05",
    }

    def post(button: str, content: str, **change: object) -> str:
        file = SimpleUploadedFile("payment.csv", content.encode())
        answer = client.post(
            "/studies/new/", {**sent, **change, "weights_file": file, button: ""}, follow=True
        )
        return answer.content.decode()

    page = post("preview", WEIGHTS)
    assert "have a weight" in page and "how well this coder codes" in page.lower()
    assert "<details open>" in page and not Study.objects.exists()
    assert "the weight is x" in post("draft", "code,weight\n428.0,x\n")
    assert "give one above 0 and below 1" in post("draft", WEIGHTS, margin="2")
    post("draft", WEIGHTS)
    study = Study.objects.get()
    assert study.margin == 0.05 and study.weights == WeightList.objects.get()
    page = client.get("/studies/mine/settings/").content.decode()
    assert "margin" in page and "0.05 in micro Jaccard" in page
    assert f"payment.csv ({study.weights.sha256[:7]})" in page
    page = client.get("/studies/new/", {"like": "mine"}).content.decode()
    assert f'<option value="{study.weights.pk}" selected>' in page and 'value="0.05"' in page
    answer = client.get("/api/v1/studies/mine/").json()
    assert answer["margin"] == 0.05 and answer["margin_set_at"]
    assert answer["weights"] == {"name": "payment.csv", "sha256": study.weights.sha256}


@pytest.fixture
def sampled(db) -> Study:
    """A study of four stays of the folder, with what it states and one coding."""
    out = io.StringIO()
    call_command("load_mimic", MIMIC_30, name="few", sample=4, seed=1, stdout=out)
    batch = Batch.objects.get(for_practice=False)
    codes = CodeSet.objects.get(name="few")
    coder = Rater.objects.create(kind=Rater.Kind.CODER, name="Ada")
    some = codes.codes.first().code
    weights = weights_keep("w.csv", WeightsFile({some: 0.1, "999.9": 3.0}, {some: 2, "999.9": 0}))
    return study_draft(
        slug="s", batch=batch, code_set=codes, coders=[coder], margin=0.05, weights=weights
    )


def ranks_of(batch: Batch) -> dict[tuple[str, str], int | None]:
    items = CodingItem.objects.filter(coding__note__batch=batch)
    rows = items.values_list("coding__note__external_id", "code__code", "rank")
    return {(note, code): rank for note, code, rank in rows}


def test_a_bundle_carries_them(sampled):
    data = study_export(study=sampled)
    files = unpack(data)
    before = ranks_of(sampled.batch), sampled.batch.outside_counts.counts
    for name, words in (("weights.csv", "0.1"), ("outside_counts.csv", "code,count")):
        assert words in files[name].decode()
    for name, change, words in (
        ("weights.csv", lambda x: x.replace(b"0.1", b"0.2"), "weights.csv is not the list"),
        ("weights.csv", lambda x: b"x", "weights.csv"),
        ("outside_counts.csv", lambda x: b"code,count\n,x\n", "outside_counts.csv"),
        ("protocol.json", lambda x: x.replace(b'"margin": 0.05', b'"margin": 0.1'), "the protocol"),
        ("protocol.json", lambda x: x.replace(b'"margin": 0.05', b'"margin": "x"'), "protocol"),
    ):
        assert change(files[name]) != files[name]
        with pytest.raises(BundleError, match=words):
            study_import(data=pack({**files, name: change(files[name])}), slug="bad")
    forget_everything()
    WeightList.objects.all().delete()
    bad = files["codings.csv"].replace(b",,,1\n", b",,,one\n")
    with pytest.raises(BundleError, match=r"codings\.csv"):
        study_import(data=pack({**files, "codings.csv": bad}))
    read = study_import(data=data)
    assert (read.margin, read.margin_set_at) == (sampled.margin, sampled.margin_set_at)
    assert read.weights.tiers == sampled.weights.tiers
    assert read.weights_set_at == sampled.weights_set_at
    assert (ranks_of(read.batch), read.batch.outside_counts.counts) == before


def test_reference_codes_have_the_rank_of_their_table(sampled):
    for note in sampled.batch.notes.all():
        of_note = {
            key: rank for key, rank in ranks_of(sampled.batch).items() if key[0] == note.external_id
        }
        assert None not in of_note.values()
        kinds = dict(note.codings.get().items.values_list("code__code", "code__kind"))
        principal = sorted(kinds[code] for (_, code), rank in of_note.items() if rank == 1)
        assert principal in (["dx"], ["dx", "proc"])


def test_counts_are_of_the_stays_that_no_study_has(sampled):
    """Of all splits; also without the stays of a study that was there before."""
    everywhere = {stay for split in read_splits(MIMIC_30).values() for stay in split}
    counts = OutsideCounts.objects.get(batch=sampled.batch)
    ours = {int(note.external_id) for note in Note.objects.all()}
    assert counts.stays == len(everywhere - ours) > 0
    expected: dict[str, int] = {}
    for codes in read_codes(MIMIC_30, everywhere - ours).values():
        for code in codes:
            expected[code] = expected.get(code, 0) + 1
    assert counts.counts == expected
    call_command(
        "load_mimic",
        MIMIC_30,
        name="more",
        split="train",
        sample=3,
        practice=0,
        stdout=io.StringIO(),
    )
    more = Batch.objects.get(name="more")
    studied = {int(note.external_id) for note in sampled.notes.all()}
    drawn = {int(note.external_id) for note in more.notes.all()}
    assert more.outside_counts.stays == len(everywhere - studied - drawn)


@pytest.mark.django_db
def test_ranks_and_counts_are_added_to_what_is_here_already(tmp_path):
    folder = tmp_path / "mimic"
    shutil.copytree(MIMIC_30, folder)
    for table in ("DIAGNOSES_ICD", "PROCEDURES_ICD"):
        path = folder / f"{table}.csv"
        path.write_text(path.read_text().replace('"SEQ_NUM"', '"ORDER"'))
    out = io.StringIO()
    call_command("load_mimic", folder, name="few", sample=4, practice=0, stdout=out)
    assert "no ranks: the folder has no SEQ_NUM" in out.getvalue()
    assert not CodingItem.objects.exclude(rank=None).exists()
    OutsideCounts.objects.all().delete()
    call_command("load_mimic", MIMIC_30, name="few", sample=4, practice=0, stdout=out)
    assert "ranks (SEQ_NUM) added to" in out.getvalue()
    assert CodingItem.objects.filter(rank=1).exists() and OutsideCounts.objects.exists()
