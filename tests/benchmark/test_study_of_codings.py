"""A study without a word of text: a reference's file makes it, raters' files are scored in it."""

import json
import random
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command

from annotation.models import (
    Batch,
    Code,
    CodeSetMember,
    CodeSystem,
    Event,
    Note,
    Rater,
    Study,
)
from annotation.services.studies import protocol_sha256, study_draft
from benchmark.bundle.export import study_export
from benchmark.bundle.import_study import study_import
from benchmark.bundle.zip_format import BundleError, json_file, pack, unpack
from benchmark.metrics.__main__ import main as metrics
from benchmark.models import BenchmarkRun
from benchmark.selectors.table1 import study_table
from benchmark.services.benchmarks import benchmark_run
from benchmark.services.runs import run_create
from tests.cast import logged_in
from tests.imports import codings_import, imported

REFERENCE = b"note_id,code\nn1,401.9\nn1,428.0\nn2,250.00\nn3,\n"
THEIRS = b"note_id,code\nn1,401.9\nn2,250.00\nn2,428.0\nn3,401.9\n"


def upload(content: bytes, name: str = "codes.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


@pytest.fixture
def files(tmp_path):
    paths = tmp_path / "reference.csv", tmp_path / "theirs.csv"
    for path, content in zip(paths, (REFERENCE, THEIRS), strict=True):
        path.write_bytes(content)
    return paths


def study_of(reference, raters: dict[str, object]) -> Study:
    """The study `audit` of these files."""
    keep = {"study": "audit", "unknown": "keep"}
    call_command("import_codings", reference, kind="reference", new=True, **keep)
    for name, path in raters.items():
        call_command("import_codings", path, kind="model", rater=name, **keep)
    return Study.objects.get(slug="audit")


def alone(capsys, reference, raters: dict[str, object]) -> dict[str, object]:
    """What the metrics command says of the same files."""
    capsys.readouterr()
    named = [f"{name}={path}" for name, path in raters.items()]
    assert metrics([str(reference), *named, "--format", "json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_by_command_it_is_what_the_metrics_command_says_to_the_last_digit(db, files, capsys):
    reference, theirs = files
    call_command("import_codings", reference, study="audit", kind="reference", new=True)
    assert capsys.readouterr().out == "audit: a study of 3 notes and 3 codes\n"
    call_command("import_codings", theirs, study="audit", kind="model", rater="Theirs")
    capsys.readouterr()
    call_command("run_benchmark", "audit", format="json")
    assert figures(json.loads(capsys.readouterr().out)) == figures(
        alone(capsys, reference, {"Theirs": theirs})
    )
    assert set(Note.objects.values_list("text", flat=True)) == {""}
    assert Study.objects.get().status == "closed"


def figures(document: dict[str, Any]) -> dict[str, Any]:
    """What the documents of a study and of the metrics command have in common."""
    raters = {}
    for name, figures in document["raters"].items():
        raters[name] = {key: value for key, value in figures.items() if key != "intervals"}
    common = ("notes", "label_space", "reference")
    return {**{key: document[key] for key in common}, "raters": raters}


def test_the_union_has_every_code_that_anybody_gave_also_kept_strings(db, tmp_path, rae, capsys):
    """Codes that the reference lacks, strings that are no code on either side, drawn by lot."""
    draw = random.Random(7)
    strings = ["401.9", "428.0", "250.00", "38.93", "V58.61", "427.31", ".786.2", "V99.99"]
    paths = {}
    for number, name in enumerate(("Reference", "Theirs", "Others")):
        lines = ["note_id,code"]
        for note in range(40):
            given = draw.sample(strings[number:], draw.randint(0, 4))
            for code in given or [""]:
                lines.append(f"n{note},{code}")
        paths[name] = tmp_path / f"{name}.csv"
        paths[name].write_text("\n".join(lines) + "\n")
    reference = paths.pop("Reference")
    study = study_of(reference, paths)
    document = benchmark_run(study=study).result.to_json()
    assert figures(document) == figures(alone(capsys, reference, dict(sorted(paths.items()))))
    assert (document["preset"], document["label_space"]["name"]) == ("union", "union")
    assert document["label_space"]["size"] == len(strings)


def test_its_label_space_is_named_everywhere_and_the_papers_rows_nowhere(db, files, rae):
    run = benchmark_run(study=study_of(files[0], {"Theirs": files[1]}))
    client = logged_in(rae)
    compare = client.get("/studies/audit/results/")
    for page in (compare, client.get("/models/")):
        assert ": union, 3 codes, sha256" in page.content.decode()
    assert compare.context["presets"][0].name == "union"
    assert "paper" not in [preset.name for preset in compare.context["presets"]]
    for ending in ("csv", "md", "tex", "txt"):
        table = client.get(f"/studies/audit/results/table1.{ending}").content.decode()
        assert "union" in table and "Human coders" not in table
    told = client.get("/api/v1/studies/audit/table1/").json()
    assert told == run.result.to_json() and told["label_space"]["name"] == "union"
    assert client.get("/api/v1/studies/audit/").json()["preset"] == "union"
    assert client.get("/api/v1/leaderboard/").json()["results"][0]["rater"] == "Theirs"
    text = study_table(run).title
    assert text.startswith("Table 1 (union of codes). Raters of study audit against its reference")
    asked = benchmark_run(study=run.study, preset="paper")
    assert asked.result.label_space.name == "codes of the reference's file"
    assert "The paper's rows are left out: nobody coded" in " ".join(study_table(asked).footnotes)


def test_another_rater_makes_another_union_and_the_page_says_so(db, files, tmp_path, rae):
    study = study_of(files[0], {"Theirs": files[1]})
    run = benchmark_run(study=study)
    before = run.document
    client = logged_in(rae)
    assert "after this was scored" not in client.get("/studies/audit/results/").content.decode()
    more = tmp_path / "more.csv"
    more.write_text("note_id,code\nn1,427.31\nn2,\nn3,\n")
    call_command("import_codings", more, study="audit", kind="coder", rater="Others")
    page = client.get("/studies/audit/results/").content.decode()
    assert "Codings came in after this was scored: Others." in page
    run.refresh_from_db()
    assert run.document == before, "a stored run stays as it was scored"
    again = benchmark_run(study=study)
    assert (run.result.label_space.size, again.result.label_space.size) == (3, 4)
    assert "after this was scored" not in client.get("/studies/audit/results/").content.decode()
    narrow = benchmark_run(study=study, only=["Theirs"])
    assert narrow.result.label_space == run.result.label_space


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda study: None, ""),
        (lambda study: Batch.objects.update(origin="mimic"), ""),
        (lambda study: Batch.objects.update(origin="own"), "nothing says that these notes are"),
        (lambda study: study.workspaces.all().delete(), "nobody coded these notes here"),
        (lambda study: other_code(study), "its coders have a list of ICD-10-CM"),
    ],
)
def test_the_papers_rows_stand_beside_its_design_alone(study, change, words):
    audit = study_from_file("Theirs", study)
    change(study)
    table = study_table(BenchmarkRun.objects.get(pk=audit.pk))
    beside = [row.name for row in table.rows if row.kind == "paper"]
    said = " ".join(table.footnotes)
    if words:
        assert not beside and f"The paper's rows are left out: {words}" in said
    else:
        assert beside == ["Human coders", "RAC"] and "left out" not in said


def other_code(study: Study) -> None:
    """Put a code of another code system into the study's list."""
    system = CodeSystem.objects.create(name="ICD-10-CM", version="2026")
    code = Code.objects.create(system=system, code="I10", kind="dx", short_title="", long_title="")
    CodeSetMember.objects.create(code_set=study.code_set, code=code, position=99)


def study_from_file(rater: str, study: Study) -> BenchmarkRun:
    """The study scored with a rater's file."""
    rows = "".join(f"{note},401.9\n" for note in study.notes.values_list("external_id", flat=True))
    codings_import(
        study=study, name=rater, kind="model", file="r.csv", data=f"note_id,code\n{rows}".encode()
    )
    return benchmark_run(study=study, only=[rater])


def test_bundles_carry_how_a_study_is_scored_and_earlier_ones_go_in(db, files):
    study = study_of(files[0], {"Theirs": files[1]})
    run = benchmark_run(study=study)
    bundle = study_export(study=study)
    assert "benchmark/union/result.json" in unpack(bundle)
    there = study_import(data=bundle, slug="there")
    assert there.preset == "union" and there.protocol_sha256 == study.protocol_sha256
    assert benchmark_run(study=there).result.raters == run.result.raters
    # A study of codings of an earlier version: the same, scored as the paper.
    Study.objects.filter(pk=study.pk).update(preset="paper")
    study.refresh_from_db()
    study.protocol_sha256 = protocol_sha256(study, [])
    study.save()
    parts = dict(unpack(study_export(study=study)))
    protocol = json.loads(parts["protocol.json"])
    del protocol["preset"]
    parts["protocol.json"] = json_file(protocol)
    old = study_import(data=pack(parts), slug="old")
    assert old.preset == "paper" and benchmark_run(study=old).preset == "paper"
    protocol["preset"] = "union"
    parts["protocol.json"] = json_file(protocol)
    with pytest.raises(BundleError, match="not the protocol whose hash"):
        study_import(data=pack(parts), slug="forged")


def test_by_page(db, rae):
    client = logged_in(rae)
    answer = imported(client, "/studies/from-codings/", "codes.csv", REFERENCE, slug="audit")
    assert answer.redirect_chain[-1] == ("/studies/audit/import/", 302)
    assert "3 notes" in answer.content.decode()
    page = client.get("/studies/audit/").content.decode()
    assert "Nobody has coded these notes yet" in page and "Import codings" in page
    assert "Run a model" not in page and 'Coding<span class="out-of-sight"> (now)' in page
    imported(client, "/studies/audit/import/", "codes.csv", THEIRS, rater="Theirs", kind="coder")
    benchmark_run(study=Study.objects.get())
    assert "Theirs" in client.get("/studies/audit/results/").content.decode()
    page = client.get("/studies/audit/").content.decode()
    assert "Nobody codes here" in page
    assert "Run a model" not in page and 'Coding<span class="out-of-sight"> (done)' in page
    page = client.get("/studies/audit/runs/").content.decode()
    assert "3 notes are here without their text" in page
    assert "Run on every" not in page
    note = Note.objects.get(external_id="n1")
    page = client.get(f"/studies/audit/notes/{note.pk}/").content.decode()
    assert "The text of this note is not on this installation" in page
    assert Event.objects.get(verb="study.from-codings").actor == rae


@pytest.mark.parametrize(
    ("slug", "content", "words"),
    [
        (
            "audit",
            b"note_id,code\nn1,401.9\nn1,nonsense\n",
            "row 3: code of 8 characters is free text",
        ),
        (
            "audit",
            b"note_id,code\n" + b"x" * 70 + b",401.9\n",
            "row 2: the note id xxxxxxxxxxxxxxxxxxxx",
        ),
        ("audit", b"note_id,code\nn1,\n", "the file has no codes"),
        ("audit", b"nothing", "note_id"),
        ("small", REFERENCE, "the name small is taken"),
        ("new", REFERENCE, "the name new is taken"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_stored(study, rae, slug, content, words):
    before = Batch.objects.count(), Note.objects.count(), Rater.objects.count()
    answer = imported(logged_in(rae), "/studies/from-codings/", "codes.csv", content, slug=slug)
    assert answer.status_code == 422 and words.lower() in answer.content.decode().lower()
    assert (Batch.objects.count(), Note.objects.count(), Rater.objects.count()) == before
    api = logged_in(rae).post("/api/v1/studies/", {"slug": slug, "file": upload(content)})
    assert api.status_code in (400, 422) and words.split(": ")[-1] in api.content.decode()
    assert Study.objects.count() == 1


def test_by_api(db, rae, cid):
    sent = {"slug": "audit", "file": upload(REFERENCE)}
    assert logged_in(cid).post("/api/v1/studies/", sent).status_code == 403
    answer = logged_in(rae).post("/api/v1/studies/", {"slug": "audit", "file": upload(REFERENCE)})
    assert answer.status_code == 201 and answer.json()["slug"] == "audit"
    again = logged_in(rae).post("/api/v1/studies/", {"slug": "second", "file": upload(REFERENCE)})
    assert again.status_code == 201 and Batch.objects.count() == 1


def test_the_form_of_a_new_study_offers_notes_with_text_alone(batch, rae):
    client = logged_in(rae)
    offered = client.get("/studies/new/").content.decode()
    imported(client, "/studies/from-codings/", "codes.csv", REFERENCE, slug="audit")
    assert Batch.objects.count() == 2 and f'<option value="{batch.pk}">' in offered
    again = (
        client.get("/studies/new/").content.decode().split('name="batch"')[1].split("</select>")[0]
    )
    assert again.count('<option value="') == 2, "the empty choice and the batch"


def test_nobody_can_code_or_run_on_notes_without_text(db, files, ada, titles):
    call_command("import_codings", files[0], study="audit", kind="reference", new=True)
    study = Study.objects.get()
    with pytest.raises(ValueError, match="without their text"):
        study_draft(
            slug="b",
            batch=study.batch,
            code_set=study.code_set,
            coders=[Rater.objects.get(user=ada)],
        )
    with pytest.raises(ValueError, match="3 notes of audit are here without their text"):
        run_create(study=study, rater=titles, actor=None, poke=lambda run_id: None)
    assert Study.objects.count() == 1


def test_new_needs_a_reference_and_a_name(db, files):
    with pytest.raises(CommandError, match="--kind reference and --study NAME"):
        call_command("import_codings", files[0], study="audit", kind="model", rater="x", new=True)
    call_command("import_codings", files[0], study="audit", kind="reference", new=True)
    with pytest.raises(CommandError, match="--rater NAME"):
        call_command("import_codings", files[0], kind="model")
