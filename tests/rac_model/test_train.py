"""The loop: it learns, averages, samples, stops, and is the same twice."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.sparse import csr_matrix

from mimic.table import MimicError
from rac_model.__main__ import main as rac_model
from rac_model.checkpoint import load, sha256
from rac_model.config import ConfigError
from rac_model.data.corpus import opened
from rac_model.data.samples import batches, padded
from rac_model.models.registry import SYSTEMS
from rac_model.training import loop
from rac_model.training import train as training
from rac_model.training.distributed import Place
from tests.rac_model.conftest import TINY
from tests.rac_model.folder import write_folder

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent.parent


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
        TINY,
        queries=queries,
        readout="per-label",
        tie_embeddings=queries == "both",
        title_words="own",
        epochs=1,
        codes="all",
        schedule="constant",
        fresh_permutations=True,
        permutations=1,
        averaging="ema",
        stored="float16",
    )
    training.train("tiny", config, [folder], tmp_path, progress=False)
    checkpoint = load(tmp_path)
    assert "00.66" in [row.code for row in checkpoint.codes]
    assert checkpoint.config == config
    lines = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert {line["weights"] for line in lines} == {"raw", "averaged"}


def started(folder: Path, out: Path, **changes: object) -> training.Task:
    config = replace(TINY, permutations=0, **changes)
    return training.prepare_task("tiny", config, opened([folder], out / "prepared", progress=False))


def test_swa_is_the_running_mean_of_the_epochs_it_takes(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: dict[str, list[torch.Tensor]] = {"raw": [], "averaged": []}
    task = started(folder, tmp_path, averaging="swa", average_every=2, epochs=4, patience=9)

    def development(task: training.Task, model: training.Model) -> dict[str, float]:
        seen["raw" if model is task.model else "averaged"].append(model.readout.detach().clone())
        return {"p@8": 0.0}

    monkeypatch.setattr(loop, "development", development)
    training.fit(task, tmp_path, Place(), progress=False)
    raw, averaged = seen["raw"], seen["averaged"]
    torch.testing.assert_close(averaged[1], raw[0])
    torch.testing.assert_close(averaged[2], (raw[0] + raw[2]) / 2)
    assert not torch.equal(raw[0], raw[2])


def test_training_stops_when_p_at_8_stays(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    figures = iter([0.1, 0.3, 0.3, 0.2, 0.9])
    task = started(folder, tmp_path, patience=2, epochs=5)
    monkeypatch.setattr(loop, "development", lambda task, model: {"p@8": next(figures)})
    training.fit(task, tmp_path, Place(), progress=False)
    assert len((tmp_path / "log.jsonl").read_text().splitlines()) == 4
    assert load(tmp_path).metrics["development"]["epoch"] == 2
    report = json.loads((tmp_path / "training.json").read_text())
    assert (report["stop"], report["epochs"], report["best_epoch"]) == ("patience", 4, 2)
    assert (tmp_path / "training.svg").read_text().startswith("<svg")


def test_the_plateau_schedule_waits_for_micro_f1(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = started(folder, tmp_path, schedule="plateau", epochs=7, patience=9)
    monkeypatch.setattr(loop, "development", lambda task, model: {"p@8": 0.0, "micro_f1": 0.5})
    seen: list[float] = []
    judge = loop.judge

    def watching(running: loop.Loop, out: Path) -> None:
        judge(running, out)
        seen.append(running.mover.optimizer.param_groups[0]["lr"])

    monkeypatch.setattr(loop, "judge", watching)
    training.fit(task, tmp_path, Place(), progress=False)
    assert seen == pytest.approx([1e-2] * 6 + [9e-3])


@pytest.mark.parametrize("killed_at", [3, 10, 15])
def test_a_kill_at_any_step_changes_nothing(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, killed_at: int
) -> None:
    config = replace(
        TINY,
        epochs=2,
        permutations=0,
        dropout=0.2,
        negatives=4,
        averaging="swa",
        average_every=1,
        fresh_permutations=True,
    )
    training.train("tiny", config, [folder], tmp_path / "whole", progress=False)
    monkeypatch.setattr(loop, "KEEP_SECONDS", 0)
    one_step, steps = loop.Loop.one_step, []

    def dying(self: loop.Loop, step: int, chosen: np.ndarray) -> float:
        steps.append(step)
        if len(steps) == killed_at:
            raise KeyboardInterrupt
        return one_step(self, step, chosen)

    monkeypatch.setattr(loop.Loop, "one_step", dying)
    with pytest.raises(KeyboardInterrupt):
        training.train("tiny", config, [folder], tmp_path / "killed", progress=False)
    assert (tmp_path / "killed" / "state.pt").stat().st_mode & 0o777 == 0o600
    training.train("tiny", config, [folder], tmp_path / "killed", progress=False)
    assert len(steps) == 20 + 1
    assert sha256(tmp_path / "killed") == sha256(tmp_path / "whole")
    assert not (tmp_path / "killed" / "state.pt").exists()


def test_an_unfinished_training_with_other_settings_is_not_gone_on_with(
    folder: Path, tmp_path: Path
) -> None:
    task = started(folder, tmp_path)
    loop.keep(tmp_path / "state.pt", {"fingerprint": "another"})
    with pytest.raises(ConfigError, match="--restart"):
        training.fit(task, tmp_path, Place(), progress=False)
    training.train("tiny", task.config, [folder], tmp_path, restart=True, progress=False)
    assert load(tmp_path).name == "tiny"


def test_a_budget_ends_the_epoch_and_says_so(folder: Path, tmp_path: Path) -> None:
    config = replace(TINY, epochs=50)
    training.train("tiny", config, [folder], tmp_path, minutes=0.005, progress=False)
    report = json.loads((tmp_path / "training.json").read_text())
    assert report["stop"] == "budget"
    assert report["epochs"] < 50
    assert 0.2 < report["cpu_seconds"] < 20


def test_accumulated_gradients_are_those_of_the_whole_batch(folder: Path, tmp_path: Path) -> None:
    config = replace(
        TINY, epochs=1, permutations=0, negatives=0, precision="float32", stored="float32"
    )
    weights = {}
    for at_once in (0, 3):
        out = tmp_path / str(at_once)
        training.train("tiny", replace(config, at_once=at_once), [folder], out, progress=False)
        weights[at_once] = load(out).weights
    for name, value in weights[0].items():
        torch.testing.assert_close(weights[3][name], value, atol=2e-4, rtol=1e-3)


def test_two_processes_train_as_one(folder: Path, tmp_path: Path) -> None:
    as_tiny = ("dim", "kernel", "convolutions", "modules", "feed_forward")
    settings = {
        **{name: getattr(TINY, name) for name in as_tiny},
        "dropout": 0.0,
        "min_count": 1,
        "last_gain": 3.0,
        "readout_bias": -2.0,
        "batch_size": 7,
        "epochs": 1,
        "negatives": 4,
        "learning_rate": 1e-2,
        "precision": "float32",
        "stored": "float32",
        "permutations": 0,
        "fresh_permutations": False,
        "averaging": "none",
        "preset": "rac-small",
    }
    (tmp_path / "tiny.json").write_text(json.dumps(settings))
    common = ["train", str(tmp_path / "tiny.json"), "--data", str(folder), "--threads", "1"]
    assert rac_model([*common, "--out", str(tmp_path / "one")]) in (0, None)
    options = ["--standalone", "--nproc-per-node", "2"]
    torchrun = [sys.executable, "-m", "torch.distributed.run", *options]
    command = [*torchrun, "-m", "rac_model", *common, "--out", str(tmp_path / "two")]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    one, two = load(tmp_path / "one"), load(tmp_path / "two")
    for name, value in one.weights.items():
        torch.testing.assert_close(two.weights[name], value, atol=1e-4, rtol=1e-3)
    lines = [json.loads((tmp_path / name / "log.jsonl").read_text()) for name in ("one", "two")]
    assert lines[1]["loss"] == pytest.approx(lines[0]["loss"], rel=1e-4)
    assert json.loads((tmp_path / "two" / "training.json").read_text())["processes"] == 2


def test_guideline_notes_hold_the_titles_of_their_codes(folder: Path, tmp_path: Path) -> None:
    task = started(folder, tmp_path, guideline_notes=1, title_words="shared")
    notes = len(task.samples.notes)
    assert len(task.samples) == 2 * notes
    words = dict(enumerate(task.vocabulary, start=2))
    told = " ".join(words[i] for i in task.samples.ids(notes + 3, epoch=1))
    codes = [task.codes[i] for i in task.samples.labels(np.array([3])).indices]
    assert all(row.long.lower() in told for row in codes)
    assert task.samples.lengths()[notes + 3] == len(task.samples.ids(notes + 3, epoch=1))


def test_r_drop_is_refused_where_a_model_has_its_own_loss(folder: Path, tmp_path: Path) -> None:
    config = replace(TINY, r_drop=1.0, dropout=0.3, permutations=0)
    training.train("tiny", config, [folder], tmp_path, progress=False)
    for system in SYSTEMS.values():
        if system.model is None or system.model.loss is training.Model.loss:
            continue
        config = replace(next(iter(system.presets.values())).config, r_drop=1.0, dim=4)
        with pytest.raises(ConfigError, match="r_drop"):
            training.train("own", config, [folder], tmp_path / system.kind, progress=False)


def test_sampled_codes_hold_every_present_one_and_stand_for_the_others() -> None:
    reference = csr_matrix(np.eye(2, 50, dtype=np.float32))
    rows, targets, weights = loop.sampled_codes(reference, 6, np.random.default_rng(0))
    assert rows is not None
    assert {0, 1} <= set(rows.tolist())
    assert len(set(rows.tolist())) == 8
    assert targets.tolist() == reference[:, rows.numpy()].toarray().tolist()
    assert weights.sum() == pytest.approx(50)
    rows, targets, weights = loop.sampled_codes(reference, 48, np.random.default_rng(0))
    assert rows is None
    assert targets.shape == (2, 50)


def test_batches_hold_every_note_once_and_pad_little() -> None:
    lengths = np.random.default_rng(1).integers(10, 1000, 300)
    plan = list(batches(lengths, 8, np.random.default_rng(2)))
    assert sorted(np.concatenate(plan)) == list(range(300))
    padding = sum(max(lengths[i] for i in batch) - lengths[j] for batch in plan for j in batch)
    assert padding < 0.1 * sum(lengths)


def test_an_empty_note_is_one_unknown_word() -> None:
    ids, mask = padded([np.zeros(0, np.int32)])
    assert ids.tolist() == [[1]]
    assert mask is None


def test_a_split_without_notes_is_refused(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "mimic")
    (folder / "dev_full_hadm_ids.csv").write_text("")
    with pytest.raises(MimicError, match="dev split has no notes"):
        training.train("tiny", TINY, [folder], tmp_path / "out", progress=False)
