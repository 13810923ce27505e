"""A model whose file has scores: figures as far as the file tells them, everywhere they show."""

from __future__ import annotations

import io
import json
import re

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from sklearn import metrics as sk

from annotation.models import Coding, CodingItem, Rater
from annotation.selectors.codings import codings_of
from benchmark.bundle.export import study_export
from benchmark.bundle.import_study import study_import
from benchmark.bundle.zip_format import unpack
from benchmark.models import BenchmarkRun, NoteScores, ScoredFile
from benchmark.selectors.import_plan import ImportOptions
from benchmark.services.benchmarks import benchmark_run
from benchmark.services.claims import chunk_claim
from benchmark.services.runs import chunk_work, run_create
from files.codings import Asked
from files.score_cells import AskedScores
from tests.cast import CODES, logged_in
from tests.imports import codings_import
from tests.imports import imported as by_page
from tests.stored import scores_of

LISTED = sorted(CODES)
IDS = sorted(f"n{k}" for k in range(12))


@pytest.fixture
def alone(study):
    """The study, where nobody works."""
    study.workspaces.all().delete()
    return study


@pytest.fixture
def truth(study) -> np.ndarray:
    """(notes, codes) of the reference."""
    reference = codings_of(study, study.reference)
    return np.array([[code in reference[note] for code in LISTED] for note in IDS])


@pytest.fixture
def scores(truth) -> np.ndarray:
    """(notes, codes): mostly right, no two of a note alike, some of each note above .5."""
    rng = np.random.default_rng(3)
    ranks = rng.permuted(np.tile(np.arange(8), (12, 1)), axis=1)
    return ((ranks + 4.5 * truth) / 12 + rng.random((12, 1)) / 100).round(4)


def long_file(scores: np.ndarray, k: int = 8) -> bytes:
    """note_id,code,score of the highest k codes of each note."""
    lines = ["note_id,code,score"]
    for note, row in zip(IDS, scores, strict=True):
        for place in np.argsort(-row)[:k]:
            lines.append(f"{note},{LISTED[place]},{row[place]}")
    return "\n".join(lines).encode()


def caml_file(scores: np.ndarray, k: int) -> bytes:
    """{note: {code: score}}, highest first, indented as CAML writes it."""
    notes = {}
    for note, row in zip(IDS, scores, strict=True):
        notes[note] = {LISTED[place]: float(row[place]) for place in np.argsort(-row)[:k]}
    return json.dumps(notes, indent=1).encode()


def imported(study, file: str, data: bytes, kind: str = "model", name: str = "CAML", **asked):
    options = ImportOptions(asked=Asked(scores=AskedScores(**asked)))
    return codings_import(study=study, kind=kind, file=file, data=data, name=name, options=options)


def result(study, preset: str = "paper") -> dict:
    return benchmark_run(study=study, preset=preset).result.to_json()


def test_a_file_with_every_score_has_every_figure(alone, truth, scores):
    done = imported(alone, "long.csv", long_file(scores), threshold=0.5)
    assert done.new == 12 and NoteScores.objects.count() == 12
    rater = Rater.objects.get(name="CAML")
    assert rater.checkpoint_sha256 == ""
    kept = scores_of(alone, rater, IDS, LISTED)
    assert np.array_equal(kept, scores.astype(np.float32))
    given = {note: set(codes) for note, codes in codings_of(alone, rater).items()}
    for note, row in zip(IDS, scores, strict=True):
        assert given[note] == {LISTED[place] for place in np.flatnonzero(row > 0.5)}
    stored = CodingItem.objects.filter(coding__rater=rater)
    assert stored.filter(score__gt=0.5).count() == stored.count() > 0
    found = result(alone)
    figures = found["ranking"]["CAML"]
    for name, value in {
        "auc_micro": sk.roc_auc_score(truth.ravel(), scores.ravel()),
        "auc_macro": sk.roc_auc_score(truth, scores, average="macro"),
        "pr_micro": sk.average_precision_score(truth.ravel(), scores.ravel()),
        "pr_macro": sk.average_precision_score(truth, scores, average="macro"),
        "p@5": np.mean([truth[n][np.argsort(-scores[n])[:5]].sum() / 5 for n in range(12)]),
        "map": sk.label_ranking_average_precision_score(truth, scores),
    }.items():
        assert figures[name] == pytest.approx(value), name
    assert figures["threshold_dev"] is None
    assert list(found["not_told"]["CAML"]["reasons"]) == ["threshold_dev"]


def test_a_top_k_list_has_no_area_and_says_why_beside_it(alone, truth, scores, rae):
    imported(alone, "pred_100_scores_test.json", caml_file(scores, 5), threshold_dev=0.9)
    figures = result(alone)["ranking"]["CAML"]
    at_5 = [truth[n][np.argsort(-scores[n])[:5]].sum() / 5 for n in range(12)]
    assert figures["p@5"] == pytest.approx(np.mean(at_5))
    for name in ("auc_macro", "auc_micro", "pr_macro", "pr_micro", "p@8", "r@15"):
        assert figures[name] is None, name
    expected = sk.f1_score(truth, scores > 0.9, average="micro", zero_division=0)
    assert figures["threshold_dev"] == 0.9 and figures["micro_f1_dev"] == pytest.approx(expected)
    missing = result(alone)["not_told"]["CAML"]
    assert "5 of the 8 codes are listed for a note" in missing["reasons"]["auc_micro"]
    low, high = missing["between"]["auc_micro"]
    assert low <= sk.roc_auc_score(truth.ravel(), scores.ravel()) <= high
    for form, cell in (("text", "  -"), ("md", "| - |"), ("csv", ",,"), ("tex", " & -")):
        call_command("run_benchmark", table="ranking", format=form, stdout=(out := io.StringIO()))
        assert cell in out.getvalue() and "CAML" in out.getvalue()
        if form != "csv":
            assert "needs the score of every code" in out.getvalue()
    client = logged_in(rae)
    assert "of CAML: " in client.get("/studies/small/results/").content.decode()
    page = client.get("/studies/small/results/tables/ranking/").content.decode()
    words = re.sub(r"<[^>]+>", "", page)
    assert "CAML, - for macro AUC, micro AUC" in words and "What is told leaves: macro AUC" in words


def test_what_is_not_told_is_not_zero(alone, scores):
    imported(alone, "long.csv", long_file(scores, 3), threshold=0.5)
    rater = Rater.objects.get(name="CAML")
    kept = scores_of(alone, rater, IDS, [*LISTED, "780.6"])
    assert np.isnan(kept).sum() == 12 * 6
    assert np.isnan(kept[:, -1]).all()
    full = imported(
        alone, "all.csv", long_file(scores), name="Full", threshold=0.5, every_code=True
    )
    kept = scores_of(alone, full.raters[0].rater, IDS, [*LISTED, "780.6"])
    assert not np.isnan(kept).any() and not kept[:, -1].any()


def test_codes_that_the_file_never_lists_are_unknown_unless_it_has_every_code(alone, scores):
    imported(alone, "all.csv", long_file(scores), threshold=0.5)
    found = result(alone, "full")
    assert found["ranking"]["CAML"]["auc_micro"] is None
    assert "never lists" in found["not_told"]["CAML"]["reasons"]["auc_micro"]
    imported(alone, "all.csv", long_file(scores), threshold=0.5, every_code=True)
    assert result(alone, "full")["ranking"]["CAML"]["auc_micro"] > 0.5


def test_the_tuned_preset_needs_a_threshold_that_was_told(alone, scores):
    imported(alone, "long.csv", long_file(scores), threshold=0.9)
    assert result(alone, "tuned")["as_run"] == ["CAML"]
    imported(alone, "long.csv", long_file(scores), threshold=0.9, threshold_dev=0.3)
    found = result(alone, "tuned")
    assert found["as_run"] == []
    assert found["raters"]["CAML"]["codes_per_note"] == pytest.approx((scores > 0.3).sum() / 12)
    # Of a list that is cut above the threshold nobody knows what else is above it.
    imported(alone, "top.csv", long_file(scores, 2), threshold=0.9, threshold_dev=0.3)
    assert result(alone, "tuned")["as_run"] == ["CAML"]


def test_the_same_file_again_is_nothing_and_with_another_threshold_a_newer_answer(alone, scores):
    data = long_file(scores)
    assert imported(alone, "long.csv", data, threshold=0.5).new == 12
    first = benchmark_run(study=alone)
    assert imported(alone, "long.csv", data, threshold=0.5).new == 0
    assert benchmark_run(study=alone) == first
    assert (NoteScores.objects.count(), ScoredFile.objects.count()) == (12, 1)
    # The same codes are given, yet the figures differ: it is another benchmark.
    assert imported(alone, "long.csv", data, threshold=0.5, threshold_dev=0.2).new == 12
    assert benchmark_run(study=alone) != first
    assert result(alone)["ranking"]["CAML"]["threshold_dev"] == 0.2
    assert imported(alone, "long.csv", data, threshold=0.8).new == 12
    assert Coding.objects.filter(rater__name="CAML").count() == 36


def test_a_wide_table_has_every_score_of_every_code(alone, truth, scores):
    pd = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    table = pd.DataFrame(scores.astype(np.float32), columns=LISTED)
    table["target"] = [["428.0"]] * 12  # the reference there, and not what the model gave
    table["_id"] = IDS
    table.to_feather(buffer := io.BytesIO())
    imported(alone, "predictions_test.feather", buffer.getvalue())
    found = result(alone, "full")
    area = sk.roc_auc_score(truth.ravel(), scores.ravel())
    assert result(alone)["ranking"]["CAML"]["auc_micro"] == pytest.approx(area)
    # A code without a column is one that the model does not know, as of a model that runs here.
    assert found["ranking"]["CAML"]["auc_micro"] > area
    assert list(found["not_told"]["CAML"]["reasons"]) == ["threshold_dev"]


def test_predict_output_goes_in_with_its_scores(alone):
    lines = []
    for note in IDS:
        codes = [{"code": "401.9", "title": "x", "probability": 0.75, "logit": 1.1, "bias": 0}]
        lines.append(json.dumps({"note_id": note, "codes": codes if note != "n3" else []}))
    imported(alone, "predicted.jsonl", "\n".join(lines).encode(), floor=0.5, threshold_dev=0.5)
    rater = Rater.objects.get(name="CAML")
    assert codings_of(alone, rater)["n3"] == [] and codings_of(alone, rater)["n1"] == ["401.9"]
    found = result(alone)
    assert found["ranking"]["CAML"]["micro_f1_dev"] is not None
    assert found["ranking"]["CAML"]["auc_micro"] is None and found["ranking"]["CAML"]["p@5"] is None


def test_a_bundle_carries_them_to_another_installation(study, scores):
    imported(study, "top.csv", long_file(scores, 5), threshold=0.5, floor=0.6, threshold_dev=0.7)
    before = result(study)
    bundle = study_export(study=study)
    assert study_export(study=study) == bundle
    made = study_import(data=bundle, slug="copy")
    BenchmarkRun.objects.all().delete()
    after = result(made)
    for part in ("ranking", "not_told", "raters"):
        assert after[part] == before[part]
    ScoredFile.objects.update(codes=json.dumps(["428.0"]))
    with pytest.raises(ValueError, match="other codes"):
        study_import(data=bundle, slug="again")


def test_by_three_doors(alone, scores, rae, tmp_path):
    file = tmp_path / "top.json"
    file.write_bytes(caml_file(scores, 5))
    call_command(
        "import_codings", file, kind="model", rater="One", threshold=0.4, stdout=io.StringIO()
    )
    sent = {"file": SimpleUploadedFile("top.json", caml_file(scores, 5)), "kind": "model"}
    client = logged_in(rae)
    answer = client.post(
        "/api/v1/studies/small/codings/", {**sent, "rater": "Two", "threshold": "0.4"}
    )
    assert answer.status_code == 201
    assert any("above 0.4" in remark for remark in answer.json()["remarks"])
    fields = {"rater": "Three", "kind": "model", "threshold": "0.4"}
    page = by_page(client, "/studies/small/import/", "top.json", caml_file(scores, 5), **fields)
    assert "Three: 12 new codings" in page.content.decode()
    found = result(alone)
    for part in ("ranking", "raters"):
        assert found[part]["One"] == found[part]["Two"] == found[part]["Three"]
    answer = client.get("/api/v1/studies/small/table1/").json()
    assert answer["ranking"] == found["ranking"] and answer["not_told"] == found["not_told"]


def test_scores_of_a_coder_are_left_out_and_options_without_scores_refused(alone, scores, tmp_path):
    done = imported(alone, "long.csv", long_file(scores), kind="coder", name="Eve", threshold=0.5)
    assert any("models alone" in said for said in done.plan.said())
    assert not NoteScores.objects.exists() and result(alone)["ranking"] == {}
    file = tmp_path / "plain.csv"
    file.write_text("note_id,code\nn1,401.9\n")
    for option in ({"threshold": 0.5}, {"every_code": True}, {"threshold": 3.0}):
        with pytest.raises(CommandError) as error:
            call_command("import_codings", file, kind="model", rater="V", **option)
        assert error.value.returncode == 2


def test_a_model_that_runs_here_has_its_document_and_bundle_as_before(alone, titles):
    run = run_create(study=alone, rater=titles, actor=None, poke=lambda run_id: None)
    while chunk := chunk_claim(run.pk):
        chunk_work(chunk)
    found = result(alone)
    assert "not_told" not in found and None not in found["ranking"][titles.name].values()
    about = json.loads(unpack(study_export(study=alone))["scores/1.json"])
    expected = {"rater", "checkpoint_sha256", "codes", "threshold_dev", "codings"}
    assert about.keys() == expected
