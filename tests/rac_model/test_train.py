"""The loop: it learns, averages, samples, stops, and is the same twice."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.sparse import csr_matrix

from rac_model import train as training
from rac_model.checkpoint import load, sha256
from rac_model.data import batches, labels, padded
from rac_model.mimic import MimicError
from tests.rac_model.conftest import TINY
from tests.rac_model.folder import write_folder


def test_a_tiny_rac_learns_its_notes(checkpoints: dict[str, Path]) -> None:
    figures = load(checkpoints["rac"]).metrics["development"]
    assert figures["micro_f1"] > 0.9
    assert figures["p@8"] == pytest.approx(2 / 8)


def test_same_notes_and_seed_give_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    config = replace(TINY, epochs=1, negatives=2, permutations=1, dropout=0.1)
    for run in ("one", "two"):
        training.train("tiny", config, [folder], tmp_path / run, progress=False)
    training.train("tiny", replace(config, seed=1), [folder], tmp_path / "three", progress=False)
    assert sha256(tmp_path / "one") == sha256(tmp_path / "two") != sha256(tmp_path / "three")


@pytest.mark.parametrize("queries", ["titles", "free", "both"])
def test_switches_train_and_load(folder: Path, tmp_path: Path, queries: str) -> None:
    config = replace(
        TINY, queries=queries, readout="per-label", tie_embeddings=queries == "both", title_words="own", epochs=1,
        codes="all", schedule="constant", fresh_permutations=True, permutations=1, averaging="ema", stored="float16",
    )  # fmt: skip
    training.train("tiny", config, [folder], tmp_path, progress=False)
    checkpoint = load(tmp_path)
    assert "00.66" in [row.code for row in checkpoint.codes]
    assert checkpoint.config == config
    assert {line["weights"] for line in map(json.loads, (tmp_path / "log.jsonl").open())} == {"raw", "averaged"}


def test_swa_is_the_running_mean_of_the_epochs_it_takes(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: dict[str, list[torch.Tensor]] = {"raw": [], "averaged": []}
    task = training.prepare(
        "tiny", replace(TINY, averaging="swa", average_every=2, epochs=4, patience=9, permutations=0), [folder]
    )

    def development(task: training.Task, model: training.Model) -> dict[str, float]:
        seen["raw" if model is task.model else "averaged"].append(model.readout.detach().clone())
        return {"p@8": 0.0}

    monkeypatch.setattr(training, "development", development)
    training.fit(task, tmp_path, lambda line: None, progress=False)
    raw, averaged = seen["raw"], seen["averaged"]
    torch.testing.assert_close(averaged[1], raw[0])
    torch.testing.assert_close(averaged[2], (raw[0] + raw[2]) / 2)
    assert not torch.equal(raw[0], raw[2])


def test_training_stops_when_p_at_8_stays(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    figures = iter([0.1, 0.3, 0.3, 0.2, 0.9])
    lines: list[dict] = []
    task = training.prepare("tiny", replace(TINY, patience=2, epochs=5, permutations=0), [folder])
    monkeypatch.setattr(training, "development", lambda task, model: {"p@8": next(figures)})
    kept = training.fit(task, tmp_path, lines.append, progress=False)
    assert len(lines) == 4
    assert kept.metrics["development"]["epoch"] == 2


def test_sampled_codes_hold_every_present_one_and_stand_for_the_others() -> None:
    reference = csr_matrix(np.eye(2, 50, dtype=np.float32))
    rows, targets, weights = training.chosen_codes(reference, 6, np.random.default_rng(0))
    assert rows is not None
    assert {0, 1} <= set(rows.tolist())
    assert len(set(rows.tolist())) == 8
    assert targets.tolist() == reference[:, rows.numpy()].toarray().tolist()
    assert weights.sum() == pytest.approx(50)
    rows, targets, weights = training.chosen_codes(reference, 48, np.random.default_rng(0))
    assert rows is None
    assert targets.shape == (2, 50)


def test_batches_hold_every_note_once_and_pad_little() -> None:
    lengths = [int(size) for size in np.random.default_rng(1).integers(10, 1000, 300)]
    plan = list(batches(lengths, 8, np.random.default_rng(2)))
    assert sorted(np.concatenate(plan)) == list(range(300))
    padding = sum(max(lengths[i] for i in batch) - lengths[j] for batch in plan for j in batch)
    assert padding < 0.1 * sum(lengths)


def test_an_empty_note_is_one_unknown_word() -> None:
    ids, mask = padded([np.zeros(0, np.int32)])
    assert ids.tolist() == [[1]]
    assert mask is None


def test_labels_leave_out_codes_that_are_not_listed(folder: Path) -> None:
    lexicon = training.Lexicon()
    notes = training.read_notes([folder], "dev", lexicon, 50)
    matrix = labels(notes, ["401.9", "428.0"])
    assert matrix.shape == (len(notes), 2)
    assert matrix.sum() == sum(code in ("401.9", "428.0") for note in notes for code in note.codes)


def test_a_split_without_notes_is_refused(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "mimic")
    (folder / "dev_full_hadm_ids.csv").write_text("")
    with pytest.raises(MimicError, match="dev split has no notes"):
        training.train("tiny", TINY, [folder], tmp_path / "out", progress=False)
