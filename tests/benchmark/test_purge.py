"""A batch leaves: withdrawn, or its notes removed for good, down to the bytes of the database."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.utils import timezone

from annotation.event_names import PRACTICE_DRAWN
from annotation.models import (
    Batch,
    Code,
    Coding,
    Draft,
    Event,
    Note,
    PracticeAnswer,
    Purge,
    QuarantinedAnswer,
    Rater,
    Study,
    Workspace,
)
from annotation.selectors.studies import batches_to_code
from annotation.services.batches import batch_create, sha256_of
from annotation.services.codings import Given, coding_append
from annotation.services.events import event_record
from annotation.services.notes_in import upload_work_on
from annotation.services.studies import study_draft
from annotation.services.study_life import reopening_refusal
from annotation.services.uploads import upload_keep
from annotation.services.withdraw import batch_put_back, batch_withdraw
from benchmark.bundle.export import study_export
from benchmark.bundle.import_study import study_import
from benchmark.models import BenchmarkRun, Chunk, Evidence, Export, ExportPart, NoteScores
from benchmark.selectors.purges import purge_facts
from benchmark.services.benchmarks import benchmark_run
from benchmark.services.claims import chunk_claim
from benchmark.services.purge import id_ranges, purge_ask, purge_go_on, purges_sweep
from benchmark.services.runs import chunk_work, run_create
from files.notes import NoteRow
from tests.addresses import addresses
from tests.cast import CODES, logged_in
from tests.imports import codings_import
from tests.on_file import database_file, holding

NOWHERE = "http://127.0.0.1:9"
MARK = "Quagga-{}-marked"
TEXT, PATIENT, OWN_WORDS, DRAFTED, QUOTED, BUNDLED = (MARK.format(k) for k in range(6))
STAYS = "Okapi-4402 stays"
MARKS = [TEXT, PATIENT, OWN_WORDS, DRAFTED, QUOTED, BUNDLED]


@pytest.fixture
def batch(codes) -> Batch:
    """Twelve notes whose text and patient can be found again; takes the place of the cast's."""
    rows = []
    for k in range(12):
        text = f"{TEXT} {k}: hypertension. " + f"{TEXT} went on. " * 400
        rows.append(NoteRow(f"n{k}", text, (CODES[k % 8],), f"{PATIENT}-{k}"))
    made, _ = batch_create(
        name="twelve",
        sha256=sha256_of("twelve"),
        origin="synthetic",
        rows=rows,
        split="test",
        user=None,
    )
    return made


@pytest.fixture
def on_disk(tmp_path):
    """Called when all is furnished: from then on the database is a file."""
    with ExitStack() as stack:

        def begin() -> Path:
            stack.enter_context(database_file(tmp_path / "coderbench.sqlite3"))
            return tmp_path

        yield begin


def set_status(study: Study, status: str) -> None:
    closed_at = timezone.now() if status == Study.Status.CLOSED else None
    Study.objects.filter(pk=study.pk).update(
        status=status, closed_at=closed_at, opened_at=timezone.now()
    )
    study.refresh_from_db()


def codes_given(study: Study) -> None:
    """Every note coded by its coders, with words of their own."""
    for assignment in study.assignments.select_related("note", "rater"):
        given = Given(
            assignment.note,
            dict.fromkeys(Code.objects.filter(code="401.9")),
            f"t{assignment.pk}",
            timezone.now() - timedelta(hours=1),
            30.5,
            unlisted=OWN_WORDS,
        )
        coding_append(study=study, rater=assignment.rater, given=given)


def furnish(study: Study, titles: Rater, sam) -> BenchmarkRun:
    """All that comes of a study's notes: codings, a model's, Table 1, drafts, bundles."""
    codes_given(study)
    run = run_create(study=study, rater=titles, actor=None, poke=lambda run_id: None)
    while chunk := chunk_claim(run.pk):
        chunk_work(chunk)
    scores = "".join(f"n{k},{code},0.{k % 9 + 1}\n" for k in range(12) for code in CODES)
    data = f"note_id,code,score\n{scores}".encode()
    codings_import(study=study, name="Theirs", kind="model", file="a.csv", data=data)
    made = benchmark_run(study=study, actor=None)
    assignment = study.assignments.first()
    Draft.objects.create(
        assignment=assignment,
        rater=assignment.rater,
        tab="t",
        sequence=1,
        unlisted=DRAFTED,
        saved_at=timezone.now(),
    )
    QuarantinedAnswer.objects.create(
        study=study,
        workspace=study.workspaces.first(),
        annotation_id=1,
        task_id=1,
        reason=f"codes that the study's list lacks: {QUOTED}",
        source_key="q",
    )
    export = Export.objects.create(study=study, with_text=True, asked_by=sam)
    ExportPart.objects.create(export=export, position=0, data=BUNDLED.encode())
    study_export(study=study, actor=sam, with_text=True)
    return made


def no_page_fails(study: Study, person, some: Sequence[str] = ()) -> None:
    """Every page, or those whose address holds one of `some`."""
    client = logged_in(person)
    client.raise_request_exception = False
    failed = []
    for address in addresses(study):
        if "logout" in address or "log-out" in address or address == "/readyz":
            continue
        if some and not any(part in address for part in some):
            continue
        answer = client.get(address)
        if answer.status_code >= 500:
            failed.append((address, answer.status_code))
    assert failed == []


@pytest.mark.parametrize("status", ["draft", "open"])
def test_a_batch_in_use_is_refused_in_words_that_name_the_study(study, sam, status):
    set_status(study, status)
    batch = study.batch
    client = logged_in(sam)
    for act in (
        lambda: batch_withdraw(batch=batch, actor=sam),
        lambda: purge_ask(batch=batch, actor=sam),
        lambda: call_command("withdraw_batch", "twelve"),
        lambda: call_command("purge_batch", "twelve", yes_purge="twelve"),
    ):
        with pytest.raises((ValueError, CommandError), match=rf"small \({status}\)"):
            act()
    for page in ("withdraw", "purge"):
        answer = client.get(f"/batches/{batch.pk}/{page}/", follow=True)
        assert f"small ({status})" in answer.text
        answer = client.post(f"/batches/{batch.pk}/{page}/", {"name": "twelve"}, follow=True)
        assert f"small ({status})" in answer.text
        answer = client.post(
            f"/api/v1/batches/{batch.pk}/{page}/", {"name": "twelve"}, "application/json"
        )
        assert answer.status_code == 400 and f"small ({status})" in answer.text
    batch.refresh_from_db()
    assert batch.withdrawn_at is None
    assert not Purge.objects.exists() and not Note.objects.filter(text="").exists()


def test_a_withdrawn_batch_is_in_no_choice_and_comes_back(study, codes, sam, rae):
    set_status(study, "closed")
    batch = study.batch
    page = f"/batches/{batch.pk}/withdraw/"
    assert logged_in(rae).post(page).status_code == 403
    client = logged_in(sam)
    assert "Its notes stay for closed studies: small." in client.get(page).text
    assert client.post(page).status_code == 302
    assert batch not in batches_to_code()
    assert "/studies/new/" not in client.get(f"/batches/{batch.pk}/").text
    coders = list(Rater.objects.filter(kind="coder"))
    with pytest.raises(ValueError, match="twelve is withdrawn"):
        study_draft(slug="late", batch=batch, code_set=codes, coders=coders)
    with pytest.raises(ValueError, match="already"):
        batch_withdraw(batch=batch, actor=sam)
    assert Note.objects.filter(batch=batch).exclude(text="").count() == 12
    client.post(f"/batches/{batch.pk}/put-back/")
    assert batch in batches_to_code()
    with pytest.raises(ValueError, match="not withdrawn"):
        batch_put_back(batch=batch, actor=sam)
    verbs = Event.objects.filter(object=f"batch:{batch.pk}").order_by("pk")
    assert list(verbs.values_list("verb", flat=True))[-2:] == ["batch.withdrawn", "batch.put-back"]


def test_a_closed_study_keeps_its_counts_and_no_byte_of_the_text_is_left(
    study, titles, sam, on_disk
):
    before = furnish(study, titles, sam)
    assert before.result.ranking
    set_status(study, "closed")
    batch = study.batch
    folder = on_disk()
    there = {word for _, word in holding(folder, MARKS)}
    assert there == set(MARKS)
    client = logged_in(sam)
    page = f"/batches/{batch.pk}/purge/"
    assert "keeps its tables as they were run" in client.get(page).text
    assert client.post(page, {"name": "twelv"}).status_code == 422
    assert client.post(page, {"name": "twelve"}).status_code == 302
    assert purges_sweep() == 1
    purge = Purge.objects.get()
    assert holding(folder, MARKS) == []
    assert not Note.objects.exclude(text="").exists()
    assert not Evidence.objects.exists() and not NoteScores.objects.exists()
    assert not Draft.objects.exists() and not Export.objects.exists()
    assert Coding.objects.filter(study=study).count() == 14 + 12 + 12
    removed = purge.done["rows"]
    assert (removed["texts"], removed["notes_kept_by_id"], removed["notes_gone"]) == (12, 12, 0)

    study = Study.objects.get(pk=study.pk)
    old = BenchmarkRun.objects.get(pk=before.pk)
    assert old.document == before.document and old.counts == before.counts
    assert "n fell from 12 to 0" in client.get("/studies/small/").text
    table = client.get("/studies/small/results/table1.txt").text
    assert "As it was run, before the texts of the study's 12 notes were removed" in table
    no_page_fails(study, sam, some=("/notes/", "results/?", "/batches/", "/purges/", "/runs/"))

    new = benchmark_run(study=study, actor=None)
    assert new.pk != before.pk and new.notes == 12
    assert new.result.texts_removed.notes == 12 and not new.result.ranking
    assert new.result.raters["Human coders"].micro == old.result.raters["Human coders"].micro
    assert "n fell from 12 to 0" in client.get("/studies/small/results/table1.txt").text
    for preset in ("paper", "tuned", "panel"):
        assert client.get(f"/studies/small/results/?preset={preset}").status_code == 200

    bundle = study_export(study=study, actor=sam, with_text=True)
    with zipfile.ZipFile(io.BytesIO(bundle)) as files:
        protocol = json.loads(files.read("protocol.json"))
        assert "notes.jsonl" not in files.namelist()
    assert protocol["texts_removed"]["notes"] == 12
    assert reopening_refusal(study).startswith("the notes of study small were removed")
    with pytest.raises(ValueError, match="removed"):
        run_create(study=study, rater=titles, actor=None, poke=lambda run_id: None)
    receipt = client.get(f"/purges/{purge.pk}/receipt.txt").text
    assert "Bundle of study small, with the notes' text, exported on" in receipt
    assert "by sam" in receipt.lower() and "Complete on" in receipt
    events = Event.objects.filter(object=f"batch:{batch.pk}").order_by("pk")
    assert [event.verb for event in events][-2:] == ["batch.purge-asked", "batch.purged"]
    assert TEXT not in json.dumps([event.data for event in events])


@pytest.mark.chaos
def test_no_page_fails_for_anybody_before_a_new_benchmark_and_after(
    study, titles, sam, ada, cid, on_disk
):
    furnish(study, titles, sam)
    set_status(study, "closed")
    on_disk()
    assert purge_go_on(purge_ask(batch=study.batch, actor=sam))
    for benchmarks in range(2):
        study = Study.objects.get(pk=study.pk)
        for person in (sam, ada, cid):
            no_page_fails(study, person)
        assert study.benchmarks.count() == 1 + benchmarks
        benchmark_run(study=study, actor=None)


def test_practice_notes_stay_while_an_open_study_practises_on_them(study, batch, ada, sam, on_disk):
    set_status(study, "open")
    Batch.objects.filter(pk=batch.pk).update(for_practice=True)
    batch.refresh_from_db()
    Study.objects.filter(pk=study.pk).update(interface="page")
    other, _ = batch_create(
        name="other", sha256="o", origin="own", rows=[NoteRow("o", "x", None)], split="", user=None
    )
    Study.objects.filter(pk=study.pk).update(batch=other)
    study.notes.clear()
    study.assignments.all().delete()
    note = batch.notes.first()
    event_record(actor=None, verb=PRACTICE_DRAWN, object="study:small", notes=[note.pk])
    PracticeAnswer.objects.create(study=study, note=note, rater=ada.rater, unlisted=OWN_WORDS)
    for act in (batch_withdraw, purge_ask):
        with pytest.raises(ValueError, match=r"in use, for practice, .* small \(open\)"):
            act(batch=batch, actor=sam)
    set_status(study, "closed")
    folder = on_disk()
    assert purge_go_on(purge_ask(batch=batch, actor=sam))
    assert holding(folder, MARKS) == []
    assert not PracticeAnswer.objects.exists()
    no_page_fails(Study.objects.get(), ada, some=("/queue/", "/code/"))


def test_a_batch_that_no_study_uses_goes_whole(batch, on_disk, capsys):
    number = batch.pk
    folder = on_disk()
    with pytest.raises(CommandError, match="'nine' is not twelve"):
        call_command("purge_batch", "twelve", yes_purge="nine")
    with pytest.raises(CommandError, match="give --yes-purge 'twelve'"):
        call_command("purge_batch", "twelve")
    call_command("purge_batch", str(number), yes_purge="twelve")
    assert holding(folder, MARKS) == []
    said = capsys.readouterr().out
    assert "12 notes gone whole" in said
    assert said.count("nothing to do: Label Studio never had these texts") > 1
    assert not Batch.objects.exists() and not Note.objects.exists()
    assert not Rater.objects.filter(kind="reference").exists()
    with pytest.raises(CommandError, match="no batch named twelve"):
        call_command("purge_batch", "twelve", yes_purge="twelve")


def test_uploaded_files_that_wait_with_its_notes_go_too(batch, sam, on_disk, settings, tmp_path):
    settings.UPLOADS = tmp_path / "uploads"
    settings.UPLOADS.mkdir()
    kept = []
    for name, text in (("same.csv", batch.notes.get(external_id="n3").text), ("other.csv", STAYS)):
        file = SimpleUploadedFile(name, f"note_id,text\nn3,{text}\n".encode())
        kept.append(upload_keep(owner=sam, kind="notes", file=file))
    with pytest.raises(ValueError, match=r"same\.csv, other\.csv"):
        purge_ask(batch=batch, actor=sam)
    for upload in kept:
        upload_work_on(upload.pk)
    facts = " ".join(purge_facts(batch))
    assert "wait and have its notes go too: same.csv." in facts
    folder = on_disk()
    assert {file for file, _ in holding(folder, [TEXT])} >= {f"{kept[0].pk}-0"}
    purge = purge_ask(batch=batch, actor=sam)
    assert purge_go_on(purge) and purge.done["files"]["uploads"] == 1
    assert holding(folder, MARKS) == []
    assert {file for file, _ in holding(folder, [STAYS])} == {f"{kept[1].pk}-0"}


def test_while_label_studio_is_away_the_rest_is_done_and_the_receipt_says_so(
    study, sam, settings, on_disk, capsys
):
    settings.LABEL_STUDIO_URL = NOWHERE
    codes_given(study)
    Workspace.objects.filter(pk=study.workspaces.first().pk).update(project_id=71)
    set_status(study, "closed")
    on_disk()
    with pytest.raises(CommandError, match="not complete"):
        call_command("purge_batch", "twelve", yes_purge="twelve")
    said = capsys.readouterr().out
    assert "NOT COMPLETE" in said and "Label Studio does not answer" in said
    purge = Purge.objects.get()
    assert set(purge.done) == {"rows", "files", "pages"} and purge.finished_at is None
    assert purge.plan["projects"] == [71] and len(purge.plan["texts"]) == 12
    client = logged_in(sam)
    assert "Label Studio does not answer" in client.get(f"/purges/{purge.pk}/").text
    for address in ("/batches/", f"/batches/{purge.number}/", "/studies/small/"):
        assert client.get(address).status_code == 200
    asked_again = purge_ask(batch=study.batch, actor=sam)
    assert asked_again == purge and not purge_go_on(purge)


def test_one_that_was_killed_after_any_step_goes_on(study, sam, on_disk, monkeypatch):
    """A kill is an exception that nobody expects, in the moment after a step was done."""
    from benchmark.services import purge as service

    codes_given(study)
    set_status(study, "closed")
    on_disk()
    purge = purge_ask(batch=study.batch, actor=sam)

    class Killed(BaseException):
        """As SIGKILL: nothing catches it."""

    for step in Purge.Step:
        act = service._DO[step]

        def then_killed(purge, act=act):
            act(purge)
            raise Killed

        monkeypatch.setitem(service._DO, step, then_killed)
        with pytest.raises(Killed):
            purge_go_on(Purge.objects.get())
        monkeypatch.setitem(service._DO, step, act)
    assert purges_sweep() == 1 and purges_sweep() == 0
    purge.refresh_from_db()
    assert purge.done["rows"]["texts"] == 12
    assert Event.objects.filter(verb="batch.purged").count() == 1


def test_the_very_same_notes_do_not_come_in_again_where_a_closed_study_names_them(
    study, sam, on_disk
):
    set_status(study, "closed")
    bundle = study_export(study=study, actor=sam, with_text=True)
    on_disk()
    purge_go_on(purge_ask(batch=study.batch, actor=sam))
    with pytest.raises(ValueError, match="removed from here for good"):
        study_import(data=bundle, slug="again", actor=sam)
    assert not Note.objects.exclude(text="").exists()


def test_a_model_at_work_is_waited_for(study, titles, sam):
    run_create(study=study, rater=titles, actor=None, poke=lambda run_id: None)
    set_status(study, "closed")
    with pytest.raises(ValueError, match="Title matching on small"):
        purge_ask(batch=study.batch, actor=sam)
    Chunk.objects.all().delete()
    purge_ask(batch=study.batch, actor=sam)


def test_ids_are_recorded_as_ranges():
    assert id_ranges([]) == []
    assert id_ranges([1, 2, 3, 7, 9, 10]) == [[1, 3], [7, 7], [9, 10]]
