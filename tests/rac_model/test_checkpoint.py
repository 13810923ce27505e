"""A checkpoint that is damaged or patched together is refused, with a line that says why."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from files.code_files import CountsFile, read_counts
from rac_model.checkpoint import COUNTS, FILES, CheckpointError, load, save, sha256
from rac_model.data.held_out import training_counts


@pytest.fixture
def copy(checkpoints: dict[str, Path], tmp_path: Path) -> Path:
    return Path(shutil.copytree(checkpoints["rac"], tmp_path / "copy"))


def hash_again(folder: Path, names: Sequence[str] = (*FILES, COUNTS)) -> None:
    sums = [
        f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}\n" for name in names
    ]
    (folder / "SHA256SUMS").write_text("".join(sums))


def test_saved_again_it_is_the_same(copy: Path, tmp_path: Path) -> None:
    assert save(load(copy), tmp_path / "again") == sha256(copy) == sha256(tmp_path / "again")


def test_its_sums_are_those_of_sha256sum(copy: Path) -> None:
    check = ["sha256sum", "--check", "--quiet", "SHA256SUMS"]
    assert subprocess.run(check, cwd=copy).returncode == 0


def test_it_has_the_counts_of_the_notes_it_learned_from(copy: Path, folder: Path) -> None:
    """By a plain count of the folder's training stays."""
    counts = load(copy).counts
    learned = training_counts([folder], "correct")
    assert counts == CountsFile(learned.counts, learned.notes)
    assert read_counts(str(copy / COUNTS)) == counts


def test_a_checkpoint_of_before_there_were_counts_is_read(copy: Path, tmp_path: Path) -> None:
    (copy / COUNTS).unlink()
    hash_again(copy, FILES)
    old = load(copy)
    assert old.counts is None and save(old, tmp_path / "again") == sha256(copy)
    shutil.copytree(copy, tmp_path / "more")
    save(replace(old, counts=CountsFile({"401.9": 1}, 2)), tmp_path / "more")
    save(old, tmp_path / "more")
    assert not (tmp_path / "more" / COUNTS).exists(), "the counts of an earlier save"


@pytest.mark.parametrize("name", [*FILES, COUNTS])
def test_one_flipped_bit_is_refused(copy: Path, name: str) -> None:
    content = bytearray((copy / name).read_bytes())
    content[len(content) // 2] ^= 1
    (copy / name).write_bytes(content)
    with pytest.raises(CheckpointError, match=rf"{name} is damaged"):
        load(copy)
    with pytest.raises(CheckpointError):
        sha256(copy)


@pytest.mark.parametrize("name", [*FILES, COUNTS, "SHA256SUMS"])
def test_a_missing_file_is_refused(copy: Path, name: str) -> None:
    (copy / name).unlink()
    with pytest.raises(CheckpointError, match=name):
        load(copy)


def test_another_code_list_is_refused_though_its_sums_fit(copy: Path) -> None:
    lines = (copy / "codes.csv").read_text().splitlines()
    (copy / "codes.csv").write_text("\n".join([lines[0], *reversed(lines[1:])]) + "\n")
    hash_again(copy)
    with pytest.raises(CheckpointError, match="not the list of 14 codes"):
        load(copy)


def test_another_vocabulary_is_refused_though_its_sums_fit(copy: Path) -> None:
    with (copy / "vocabulary.txt").open("a") as file:
        file.write("newword\n")
    hash_again(copy)
    with pytest.raises(CheckpointError, match=r"vocabulary\.txt is not the one"):
        load(copy)


def test_settings_that_the_weights_do_not_fit_are_refused(copy: Path) -> None:
    from rac_model.inference.predict import load as load_predictor

    settings = json.loads((copy / "config.json").read_text())
    settings["model"]["modules"] = 2
    (copy / "config.json").write_text(json.dumps(settings))
    hash_again(copy)
    with pytest.raises(CheckpointError, match=r"attentions\.1"):
        load_predictor(copy)


def test_a_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="is no checkpoint"):
        load(tmp_path)
