"""Table 2's document: its figures against plain ones, its order, its label spaces.

And what stops it.
"""

from __future__ import annotations

import csv
import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import f1_score, precision_score, roc_auc_score

from benchmark.metrics.files.codings_file import read_codings
from benchmark.metrics.files.table2_document import read_evaluation
from benchmark.metrics.sets.compare import compare
from icd.codes import CodeRow
from mimic.folder import read_admissions, read_splits
from rac_model.checkpoint import CheckpointError, save
from rac_model.checkpoint import load as load_checkpoint
from rac_model.evaluation.entries import entries
from rac_model.evaluation.evaluate import evaluate
from rac_model.inference.predict import load
from rac_model.models.linear import LinearConfig
from rac_model.models.title_match import TitleMatchConfig
from rac_model.training.train import train
from tests.rac_model.folder import write_folder


@pytest.fixture(scope="module")
def document(checkpoints: dict[str, Path], folder: Path) -> dict:
    return evaluate(list(checkpoints.values()), folder, "test", progress=False)


def plain(checkpoint: Path, folder: Path, split: str) -> tuple[np.ndarray, np.ndarray]:
    """(truth, probabilities) over the codes of the checkpoint, note by note."""
    model = load(checkpoint)
    admissions = read_admissions(folder, read_splits(folder)[split])
    notes = sorted(admissions, key=lambda note: note.hadm_id)
    truth = np.array([[code in note.codes for code in model.codes] for note in notes])
    return truth, model.probabilities([note.text for note in notes])


def test_figures_are_those_of_plain_code(
    checkpoints: dict[str, Path], folder: Path, document: dict
) -> None:
    found = next(row for row in document["checkpoints"] if row["kind"] == "lr")
    metrics = found["metrics"]
    truth, scores = plain(checkpoints["lr"], folder, "test")
    dev_truth, dev_scores = plain(checkpoints["lr"], folder, "dev")
    assert metrics["micro_f1"] == pytest.approx(f1_score(truth.ravel(), scores.ravel() > 0.5))
    hits = np.take_along_axis(truth, np.argsort(-scores, kind="stable")[:, :5], axis=1)
    assert metrics["p@5"] == pytest.approx(hits.mean())
    judged = [i for i in range(truth.shape[1]) if 0 < truth[:, i].sum() < len(truth)]
    areas = [roc_auc_score(truth[:, i], scores[:, i]) for i in judged]
    assert metrics["auc_macro"] == pytest.approx(np.mean(areas))
    tuned = metrics["threshold_tuned"]
    best = max(f1_score(dev_truth.ravel(), dev_scores.ravel() > t) for t in np.linspace(0, 1, 200))
    assert f1_score(dev_truth.ravel(), dev_scores.ravel() > tuned) >= best
    given = scores.ravel() > tuned
    assert metrics["micro_f1_tuned"] == pytest.approx(f1_score(truth.ravel(), given))
    assert metrics["micro_precision_tuned"] == pytest.approx(precision_score(truth.ravel(), given))
    interval = found["intervals"]["micro_f1"]
    assert interval["low"] <= metrics["micro_f1"] <= interval["high"]


def test_the_document_says_what_it_is_about(document: dict) -> None:
    assert read_evaluation(json.dumps(document)) == document
    assert (document["notes"], document["dev"]["notes"], document["synthetic"]) == (18, 12, False)
    assert document["reference_codes_per_note"] == 2 and document["reference_outside"] == 0
    assert document["label_space"]["name"] == "union"


def test_rows_are_in_the_order_of_table_2_with_what_was_published(document: dict) -> None:
    assert [row["system"] for row in document["checkpoints"]] == ["LR", "RAC", ""]
    lr, rac, titles = document["checkpoints"]
    assert rac["published"]["micro_f1"] == 0.586 and titles["published"] == {}
    assert lr["training"]["stop"] in ("patience", "epochs") and titles["training"] is None


def test_parts_add_up_to_the_whole(document: dict) -> None:
    lr, _, titles = document["checkpoints"]
    for by in ("by_frequency", "by_kind"):
        assert sum(part["codes"] for part in lr[by]) == document["label_space"]["size"]
        assert sum(part["reference"] for part in lr[by]) == 36
    assert titles["by_frequency"] == [] and titles["by_kind"] != []


def test_training_notes_of_a_folder_say_how_frequent_codes_are(
    checkpoints: dict[str, Path], folder: Path
) -> None:
    kinds = [checkpoints["lr"], checkpoints["title-match"]]
    lr, titles = evaluate(kinds, folder, "test", train_data=[folder], progress=False)["checkpoints"]
    own = evaluate(kinds[:1], folder, "test", progress=False)["checkpoints"][0]
    sizes = {row["name"]: [part["codes"] for part in row["by_frequency"]] for row in (lr, titles)}
    assert sizes["lr"] == sizes["title-match"]
    reference = [part["reference"] for part in lr["by_frequency"]]
    assert [part["reference"] for part in own["by_frequency"]] == reference


def test_the_label_space_of_the_training_notes(checkpoints: dict[str, Path], folder: Path) -> None:
    """00.66 has a title and no note, so only title matching knows it: it is in the union alone."""
    kinds = [checkpoints["lr"], checkpoints["title-match"]]
    sizes = {}
    for labels in ("union", "train"):
        found = evaluate(kinds, folder, "test", labels=labels, progress=False)
        sizes[labels] = found["label_space"]["size"]
    assert sizes == {"union": 15, "train": 14}


def with_angioplasty(folder: Path) -> Path:
    """The tiny folder with procedure 00.66 in two test notes, once in the text."""
    write_folder(folder)
    rows = list(csv.reader((folder / "NOTEEVENTS.csv").open(newline="")))
    for row in rows:
        row[-1] += " Angioplasty." * (row[2] == "192")
    with (folder / "NOTEEVENTS.csv").open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    (folder / "PROCEDURES_ICD.csv").write_text("HADM_ID,ICD9_CODE\n192,0066\n193,0066\n")
    return folder


def test_the_published_reading_of_codes_is_for_all_alike(tmp_path: Path) -> None:
    folder = with_angioplasty(tmp_path / "mimic")
    for reading in ("correct", "caml"):
        config = TitleMatchConfig(reading=reading)
        train("titles", config, [folder], tmp_path / reading, progress=False)
    checkpoints = [tmp_path / "correct", tmp_path / "caml"]
    both = evaluate(checkpoints, folder, "test", reading="caml", progress=False)
    plainly = evaluate([tmp_path / "correct"], folder, "test", progress=False)
    for row in (*both["checkpoints"], *plainly["checkpoints"]):
        dx, proc = row["by_kind"]
        assert (proc["codes"], proc["reference"]) == (1, 2)
        assert (proc["micro_precision"], proc["micro_recall"]) == (1, 0.5)
        assert dx["micro_f1"] == 1
    assert both["label_space"]["sha256"] != plainly["label_space"]["sha256"]
    refusal = r"caml learned codes as published tables read them.*--reading caml"
    with pytest.raises(CheckpointError, match=refusal):
        evaluate([tmp_path / "caml"], folder, "test", progress=False)


def test_reference_codes_outside_the_list_are_misses(
    checkpoints: dict[str, Path], tmp_path: Path
) -> None:
    folder = with_angioplasty(tmp_path / "mimic")
    found = evaluate([checkpoints["lr"]], folder, "test", labels="train", progress=False)
    before = evaluate([checkpoints["lr"]], folder, "test", progress=False)
    assert found["reference_outside"] == 2 and before["reference_outside"] == 0
    metrics = found["checkpoints"][0]["metrics"]
    for key in ("micro_recall", "micro_f1", "micro_f1_tuned"):
        assert metrics[key] == pytest.approx(before["checkpoints"][0]["metrics"][key])


def test_predictions_can_be_scored_by_the_metrics_command(
    checkpoints: dict[str, Path], folder: Path, tmp_path: Path, document: dict
) -> None:
    written = tmp_path / "codings"
    evaluate(list(checkpoints.values()), folder, "test", predictions=written, progress=False)
    files = {path.stem: read_codings(str(path)).only().codings for path in written.glob("*.csv")}
    assert files.keys() == {"reference", "rac", "lr", "title-match"}
    reference = files.pop("reference")
    again = compare(reference, files)
    for row in document["checkpoints"]:
        assert again.raters[row["folder"]].micro.f1 == pytest.approx(row["metrics"]["micro_f1"])


def test_one_damaged_checkpoint_stops_all_before_any_work(
    checkpoints: dict[str, Path], folder: Path, tmp_path: Path
) -> None:
    damaged = Path(shutil.copytree(checkpoints["rac"], tmp_path / "damaged"))
    with (damaged / "codes.csv").open("ab") as out:
        out.write(b"x")
    both = [checkpoints["lr"], damaged]
    written = tmp_path / "codings"
    with pytest.raises(CheckpointError, match=r"damaged: codes\.csv"):
        evaluate(both, folder, "test", predictions=written, progress=False)
    assert not written.exists()
    shutil.copytree(checkpoints["rac"], tmp_path / "other")
    (tmp_path / "other" / "training.json").write_text("{}")
    with pytest.raises(CheckpointError, match=r"other: training.json is not what `train` writes"):
        evaluate([tmp_path / "other"], folder, "test", progress=False)


def test_folders_of_one_name_are_told_apart_by_their_parents(
    checkpoints: dict[str, Path], folder: Path, tmp_path: Path
) -> None:
    twins = [tmp_path / "seed0" / "lr", tmp_path / "seed1" / "lr"]
    for twin in twins:
        shutil.copytree(checkpoints["lr"], twin)
    found = evaluate(twins, folder, "dev", progress=False)
    assert [row["folder"] for row in found["checkpoints"]] == ["seed0-lr", "seed1-lr"]
    assert found["split"] == "dev" and found["notes"] == found["dev"]["notes"] == 12


def test_kinds_are_those_of_the_checkpoints_own_list(
    checkpoints: dict[str, Path], folder: Path, tmp_path: Path
) -> None:
    """0DJ08ZZ is a procedure of ICD-10: its string does not say so, the list does."""
    loaded = load_checkpoint(checkpoints["title-match"])
    inspection = CodeRow("0DJ08ZZ", "proc", "Inspection", "Inspection of upper intestinal tract")
    save(replace(loaded, codes=[inspection, *loaded.codes]), tmp_path / "more")
    codes = []
    for path in (checkpoints["title-match"], tmp_path / "more"):
        (row,) = evaluate([path], folder, "test", progress=False)["checkpoints"]
        codes.append([part["codes"] for part in row["by_kind"]])
    assert codes == [[14, 1], [14, 2]]


def test_codes_learned_as_published_tables_read_them_are_not_read_again(tmp_path: Path) -> None:
    """00.09 is 9.0 there.

    Read once more it would be 90.0, and its training notes another code's.
    """
    folder = write_folder(tmp_path / "mimic")
    rows = "".join(f"{hadm},0009\n" for hadm in (100, 101, 192))
    (folder / "PROCEDURES_ICD.csv").write_text(f"HADM_ID,ICD9_CODE\n{rows}")
    config = LinearConfig(
        reading="caml", batch_size=8, epochs=1, permutations=0, averaging="none", min_notes=1
    )
    train("lr", config, [folder], tmp_path / "lr", progress=False)
    (entry,) = entries([tmp_path / "lr"], "caml")
    assert entry.counts["9.0"] == 2 and entry.kinds["9.0"] == "proc"
    assert set(entry.counts) == set(entry.codes) == set(entry.kinds)
    found = evaluate([tmp_path / "lr"], folder, "test", reading="caml", progress=False)
    (row,) = found["checkpoints"]
    assert [part["reference"] for part in row["by_kind"]] == [36, 1]
    assert row["by_frequency"][0]["reference"] == 0


def test_counts_of_codes_that_a_checkpoint_lacks_are_refused(
    checkpoints: dict[str, Path], tmp_path: Path
) -> None:
    loaded = load_checkpoint(checkpoints["lr"])
    save(replace(loaded, metrics={**loaded.metrics, "code_counts": {"999.9": 3}}), tmp_path / "odd")
    refusal = r"odd: metrics\.json counts 999\.9, which codes\.csv lacks"
    with pytest.raises(CheckpointError, match=refusal):
        entries([tmp_path / "odd"], "correct")
