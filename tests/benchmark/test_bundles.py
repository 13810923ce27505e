"""A study is exported as one file and imported again.

Checked, without the notes' text, with the same Table 1.
"""

import io
import json
import zipfile

import openpyxl
import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from annotation.models import (
    Assignment,
    Batch,
    Code,
    CodeSet,
    CodeSetMember,
    Coding,
    CodingItem,
    Event,
    Note,
    Rater,
    Study,
    Workspace,
)
from annotation.services.codings import Given, coding_append
from benchmark.bundle.export import study_export
from benchmark.bundle.import_study import study_import
from benchmark.bundle.zip_format import BundleError, pack, unpack
from benchmark.models import BenchmarkRun, Chunk, Evidence, ModelRun
from benchmark.selectors.model_store import _code_list
from benchmark.services.benchmarks import benchmark_run
from benchmark.services.claims import chunk_claim
from benchmark.services.runs import chunk_work, run_create
from tests.cast import logged_in

pytestmark = pytest.mark.slow


@pytest.fixture
def scored(study, titles):
    """A study coded by people and a model, with its Table 1.

    One note is coded twice, one with no code.
    """
    for number, assignment in enumerate(
        study.assignments.select_related("note", "rater").order_by("pk")
    ):
        codes = ["401.9", "428.0"][: 2 - number % 3]
        for turn in range(1 + (number == 0)):
            given = Given(
                assignment.note,
                dict.fromkeys(Code.objects.filter(code__in=codes)),
                f"t{assignment.pk}.{turn}",
                timezone.now(),
                30.5,
            )
            coding_append(study=study, rater=assignment.rater, given=given)
    run = run_create(study=study, rater=titles, actor=None, poke=lambda run_id: None)
    while chunk := chunk_claim(run.pk):
        chunk_work(chunk)
    benchmark_run(study=study)
    return study


def forget_everything():
    """Another installation: the code tables are there, nothing else."""
    for model in (
        Evidence,
        CodingItem,
        Coding,
        Assignment,
        Workspace,
        Chunk,
        ModelRun,
        BenchmarkRun,
        Study,
        Note,
        Batch,
        CodeSetMember,
        CodeSet,
        Rater,
    ):
        model.objects.all().delete()


def test_another_installation_reads_it_back_with_the_same_table(scored, settings, tmp_path):
    """The model's probabilities come along with their codes, even where it is not registered."""
    data, before = study_export(study=scored), BenchmarkRun.objects.get().result.to_json()
    assert data == study_export(study=scored), "the same study, the same bytes"
    revisions = Coding.objects.filter(study=scored).count()
    forget_everything()
    settings.MODEL_STORE = tmp_path / "elsewhere"
    _code_list.cache_clear()
    study = study_import(data=data)
    assert (study.slug, study.status, study.protocol_sha256) == (
        "small",
        "closed",
        scored.protocol_sha256,
    )
    after = benchmark_run(study=study).result.to_json()
    assert before["ranking"] and before.pop("subgroups") and not after.pop("subgroups")
    assert after == before, "but for the length of texts that stayed where they are"
    assert Coding.objects.filter(study=study).count() == revisions
    assert Coding.objects.filter(revision=2).count() == 1
    assert set(study.batch.notes.values_list("text", flat=True)) == {""}
    again = unpack(study_export(study=study))
    kept = (
        "codings.csv",
        "notes.csv",
        "codes.csv",
        "assignments.csv",
        "scores/1.json",
        "scores/1.npy",
    )
    assert {name: again[name] for name in kept} == {name: unpack(data)[name] for name in kept}
    with pytest.raises(
        ValueError, match="checkpoint of Title matching is not on this installation"
    ):
        run_create(
            study=study, rater=Rater.objects.get(kind="model"), actor=None, poke=lambda run_id: None
        )


def test_beside_the_original_it_takes_names_of_its_own(scored):
    before = BenchmarkRun.objects.get().result.to_json()
    copy = study_import(data=study_export(study=scored), slug="copy")
    assert copy.batch == scored.batch and copy.reference == scored.reference
    assert {w.rater.name for w in copy.workspaces.all()} == {"Ada of copy", "Ben of copy"}
    after = benchmark_run(study=copy).result.to_json()
    assert after["raters"] == before["raters"] and Batch.objects.count() == 1


def test_text_leaves_only_where_asked_and_is_checked(scored, rae, sam):
    text = scored.batch.notes.first().text.encode()
    answer = logged_in(rae).post("/studies/small/export/")
    assert answer["Content-Disposition"] == 'attachment; filename="small.zip"'
    assert not any(text in content for content in unpack(answer.content).values())
    assert logged_in(rae).post("/studies/small/export/", {"text": ""}).status_code == 403
    files = unpack(logged_in(sam).post("/studies/small/export/", {"text": ""}).content)
    assert text in files["notes.jsonl"]
    assert Event.objects.filter(verb="study.exported", actor=sam, data__text=True).count() == 1
    forged = pack({**files, "notes.jsonl": files["notes.jsonl"].replace(b"Note 0.", b"Note X.")})
    forget_everything()
    with pytest.raises(BundleError, match="note n0 is not the one"):
        study_import(data=forged)
    assert not Study.objects.exists() and not Batch.objects.exists()
    assert study_import(data=pack(files)).batch.notes.first().text.encode() == text


def test_a_changed_bundle_is_refused(scored):
    data = study_export(study=scored)
    files = unpack(data)
    assert {"benchmark/paper/table1.csv", "benchmark/paper/precision_recall.svg"} <= files.keys()
    workbook = openpyxl.load_workbook(io.BytesIO(files["benchmark/paper/table1.xlsx"]))
    assert workbook.active.max_row > 4
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w") as new:
        for info in old.infolist():
            content = old.read(info)
            new.writestr(
                info,
                content.replace(b"401.9", b"401.1") if info.filename == "codings.csv" else content,
            )
    for bad, words in (
        (buffer.getvalue(), "codings.csv is not what was exported"),
        (b"PK no zip", "no bundle"),
        (pack({"a": b""}), "protocol.json is missing"),
        (
            pack({**files, "codes.csv": files["codes.csv"].rsplit(b"\n", 2)[0]}),
            "codes.csv is not the list",
        ),
        (
            pack(
                {
                    **files,
                    "protocol.json": files["protocol.json"].replace(b'"seed": 1', b'"seed": 2'),
                }
            ),
            "the protocol",
        ),
        (
            pack({**files, "codings.csv": files["codings.csv"].replace(b",n3,", b",n99,")}),
            "bundle does not list",
        ),
        (
            pack({**files, "scores/1.npy": files["scores/1.npy"][:-4]}),
            "scores/1.json and its matrix cannot be read",
        ),
        (
            pack({**files, "scores/1.json": files["scores/1.json"].replace(b'"n3"', b'"n99"')}),
            "a coding that the",
        ),
        (
            pack({**files, "scores/1.json": files["scores/1.json"].replace(b"Title", b"Other")}),
            "does not list",
        ),
        (
            pack({name: x for name, x in files.items() if name != "scores/1.npy"}),
            "its matrix cannot be read",
        ),
    ):
        with pytest.raises(BundleError, match=words):
            study_import(data=bad, slug="copy")
    with pytest.raises(ValueError, match="small is taken"):
        study_import(data=data)
    assert Study.objects.count() == 1
    manifest = json.loads(zipfile.ZipFile(io.BytesIO(data)).read("manifest.json"))
    assert manifest["files"].keys() == files.keys()


def test_by_command(scored, tmp_path, capsys):
    out = tmp_path / "a.zip"
    call_command("export_study", "small", out=out)
    call_command("import_study", out, name="copy")
    assert "copy: 12 notes, 3 raters" in capsys.readouterr().out
    with pytest.raises(CommandError, match="is taken"):
        call_command("import_study", out, name="copy")
