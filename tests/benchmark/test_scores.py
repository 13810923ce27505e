"""A model's probabilities of every code are kept.

Ranks, areas and other thresholds come from them.
"""

from pathlib import Path

import numpy as np
import pytest
from sklearn import metrics as sk

from annotation.models import Rater
from annotation.selectors.codings import codings_of
from benchmark.models import NoteScores
from benchmark.selectors.model_store import code_list, dev_threshold
from benchmark.services.benchmarks import benchmark_run
from benchmark.services.checkpoints import model_register, predictor
from benchmark.services.claims import chunk_claim
from benchmark.services.runs import chunk_work, run_create
from tests.cast import logged_in
from tests.imports import codings_import
from tests.stored import scores_of

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def rac(study) -> Rater:
    """The shipped RAC has coded the study, where nobody else works."""
    study.workspaces.all().delete()
    rater = model_register(folder=ROOT / "fixtures" / "rac_demo", name="RAC")
    run = run_create(study=study, rater=rater, actor=None, poke=lambda run_id: None)
    while chunk := chunk_claim(run.pk):
        chunk_work(chunk)
    return rater


def test_what_is_kept_is_what_the_model_said(study, rac):
    codes = code_list(rac.checkpoint_sha256)
    reference = codings_of(study, study.reference)
    texts = dict(study.batch.notes.values_list("external_id", "text"))
    said = predictor(rac.checkpoint_sha256).probabilities([texts[note] for note in reference])
    assert np.array_equal(scores_of(study, rac, list(reference), codes), said)
    some = [codes[5], "999.99", codes[2]]
    kept = scores_of(study, rac, list(reference), some)
    assert np.array_equal(kept[:, [0, 2]], said[:, [5, 2]]) and not kept[:, 1].any()


def test_figures_over_probabilities_are_scikit_learns(study, rac, rae):
    result = benchmark_run(study=study).result.to_json()
    reference, codes = (
        codings_of(study, study.reference),
        sorted(study.code_set.codes.values_list("code", flat=True)),
    )
    scores = scores_of(study, rac, list(reference), codes)
    truth = np.array([[code in given for code in codes] for given in reference.values()])
    found = result["ranking"]["RAC"]
    assert found["auc_micro"] == pytest.approx(
        sk.roc_auc_score(truth.ravel(), scores.ravel()), abs=1e-9
    )
    assert found["pr_micro"] == pytest.approx(
        sk.average_precision_score(truth, scores, average="micro"), abs=1e-9
    )
    assert found["pr_macro"] == pytest.approx(
        sk.average_precision_score(truth, scores, average="macro"), abs=1e-9
    )
    at = dev_threshold(rac.checkpoint_sha256)
    assert found["threshold_dev"] == at and 0 < at < 1
    assert found["micro_f1_dev"] == pytest.approx(
        sk.f1_score(truth, scores > at, average="micro", zero_division=0)
    )
    page = logged_in(rae).get("/studies/small/results/").content.decode()
    assert "Models by their probabilities" in page and f"{100 * found['auc_micro']:.1f}" in page


def test_the_tuned_preset_gives_what_is_above_the_development_notes_threshold(study, rac):
    at = dev_threshold(rac.checkpoint_sha256)
    codings_import(
        study=study,
        name="Theirs",
        kind="model",
        file="a.psv",
        data=b"\n".join(b"n%d|401.9" % k for k in range(12)),
    )
    result = benchmark_run(study=study, preset="tuned").result.to_json()
    reference, codes = codings_of(study, study.reference), code_list(rac.checkpoint_sha256)
    scores = scores_of(study, rac, list(reference), codes)
    listed = set(study.code_set.codes.values_list("code", flat=True))
    inside = np.array([code in listed for code in codes])
    assert result["raters"]["RAC"]["codes_per_note"] == pytest.approx(
        (scores[:, inside] > at).sum() / 12
    )
    assert result["raters"]["RAC"]["outside"] == (scores[:, ~inside] > at).sum()
    assert result["as_run"] == ["Theirs"]


def test_a_run_of_before_has_no_such_figures(study, rac):
    NoteScores.objects.first().delete()
    assert benchmark_run(study=study).result.to_json()["ranking"] == {}
    assert benchmark_run(study=study, preset="tuned").result.to_json()["as_run"] == ["RAC"]
