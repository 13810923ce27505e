"""Every small preset from folder to predictor.

Trained on the tiny folder, saved, loaded, and right about its notes.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors import safe_open
from scipy.sparse import csr_matrix
from sklearn.multiclass import OneVsRestClassifier
from sklearn.svm import LinearSVC

from mimic.folder import read_admissions
from rac_model.config import Training, changed
from rac_model.inference.predict import load
from rac_model.models.linear import feature_matrix
from rac_model.models.registry import PRESETS, SYSTEMS
from rac_model.models.svm import solve
from rac_model.training.train import train
from tests.rac_model.folder import SPLITS
from tests.rac_model.test_models import LEARNS, made, notes

NAMES = {
    "lr": {"bias", "rarity", "weight"},
    "svm": {"bias", "rarity", "weight"},
    "cnn": {"conv", "linear", "note_words"},
    "bigru": {"gru", "linear", "note_words"},
    "caml": {"codes", "conv", "note_words"},
    "drcaml": {"codes", "conv", "met", "note_words", "title_conv", "title_linear", "title_words"},
    "msattkg": {"blocks", "codes", "far", "near", "nodes", "note_words", "scale"},
    "multirescnn": {"blocks", "codes", "note_words"},
    "laat": {"codes", "keys", "lstm", "note_words"},
    "jointlaat": {
        "categories",
        "category_keys",
        "codes",
        "joint",
        "keys",
        "lstm",
        "note_words",
        "squashed",
    },
    "rac": {
        "attentions",
        "bias",
        "convolutions",
        "note_words",
        "readout",
        "title_convolution",
        "title_words",
    },
}
"""Where weights stand in a checkpoint: another name makes every checkpoint of before unreadable."""
QUICK: dict[str, Any] = {
    "dim": 24,
    "hidden": 24,
    "attention": 24,
    "filters": 24,
    "feed_forward": 32,
    "kernel": 3,
    "kernels": "1,3",
    "dropout": 0.0,
    "min_notes": 1,
    "epochs": 12,
    "batch_size": 8,
    "learning_rate": 2e-2,
    "negatives": 4,
    "schedule": "constant",
    "dev_notes": 0,
    "patience": 12,
    "precision": "float32",
    "averaging": "none",
}


def quick(kind: str) -> Training:
    """The small preset of a kind, narrower and with larger steps."""
    config = PRESETS[f"{kind}-small"].config
    assert isinstance(config, Training)
    return changed(config, {name: value for name, value in QUICK.items() if name in asdict(config)})


@pytest.mark.slow
@pytest.mark.parametrize("kind", LEARNS)
def test_a_small_preset_learns_the_tiny_folder(folder: Path, tmp_path: Path, kind: str) -> None:
    prepared = tmp_path / "prepared"
    out = tmp_path / kind
    checkpoint = train(kind, quick(kind), [folder], out, prepared=prepared, progress=False)
    learned = checkpoint.metrics["development"]["p@8"]
    assert learned > 0.2, "of two codes a note: .25 is all, .14 is chance"
    with safe_open(tmp_path / kind / "weights.safetensors", "np") as weights:
        assert {name.partition(".")[0] for name in weights.keys()} == NAMES[kind]  # noqa: SIM118
    predictor, dev = load(tmp_path / kind), list(read_admissions(folder, SPLITS["dev"]))
    rows = predictor.probabilities([note.text for note in dev])
    hits = []
    for note, row in zip(dev, rows, strict=True):
        likeliest = [predictor.codes[place] for place in row.argsort()[-8:]]
        hits += [code in note.codes for code in likeliest]
    # As in training, but for 16-bit weights.
    assert np.mean(hits) == pytest.approx(learned, abs=0.011)


def test_every_row_has_a_preset_of_published_size_and_a_small_one() -> None:
    for kind in LEARNS:
        whole, small = next(iter(SYSTEMS[kind].presets)), PRESETS[f"{kind}-small"].config
        assert (whole, small.kind, small.row) == (kind, kind, PRESETS[whole].config.row)


def test_the_svm_is_scikit_learns_one_against_the_rest() -> None:
    model, some = made("svm"), notes(12, seed=2)
    labels = np.random.default_rng(2).random((12, 6)) < 0.4
    labels[:, 4], labels[:, 5] = False, True
    solve(model, some, csr_matrix(labels.astype(np.float32)), False)
    features = feature_matrix(model, some)
    margins = features @ model.weight.detach().numpy() + model.bias.detach().numpy()
    oracle = OneVsRestClassifier(LinearSVC(C=1.0, random_state=0)).fit(features, labels[:, :4])
    np.testing.assert_allclose(margins[:, :4], oracle.decision_function(features), atol=1e-4)
    assert (margins[:, 4] == -1).all() and (margins[:, 5] == 1).all()
