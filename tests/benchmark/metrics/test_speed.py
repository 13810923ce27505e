"""The size of MIMIC-III's test split: 3,373 notes, 8,921 codes, 16 codes a note."""

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import random as random_sparse

from benchmark.metrics.probabilities.all_figures import figures

ROOT = Path(__file__).resolve().parents[3]
NOTES, CODES, CODES_A_NOTE = 3_373, 8_921, 16


def write_codings(path: Path, seed: int) -> Path:
    rng = random.Random(seed)
    codes = [f"{i // 100:03d}.{i % 100:02d}" for i in range(CODES)]
    rows = [f"n{note},{code}" for note in range(NOTES) for code in rng.sample(codes, CODES_A_NOTE)]
    path.write_text("\n".join(["note_id,code", *rows]) + "\n")
    return path


def bench(folder: Path) -> float:
    """Wall seconds of the command, from start to exit, for a reference and two raters."""
    files = [str(write_codings(folder / f"{seed}.csv", seed)) for seed in range(3)]
    labels = folder / "full.txt"
    labels.write_text("\n".join(f"{i // 100:03d}.{i % 100:02d}" for i in range(CODES)))
    arguments = [
        files[0],
        f"Ada={files[1]}",
        f"RAC={files[2]}",
        "--labels",
        str(labels),
        "--format",
        "json",
    ]
    start = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "benchmark.metrics", *arguments],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    return time.perf_counter() - start


def test_the_command_answers_at_once(tmp_path):
    assert bench(tmp_path) < 6


@pytest.mark.slow
def test_figures_of_scores_take_seconds():
    reference = random_sparse(NOTES, CODES, CODES_A_NOTE / CODES, format="csr", random_state=0)
    reference.data[:] = 1
    scores = np.random.default_rng(0).random((NOTES, CODES), dtype=np.float32)
    start = time.process_time()
    figures(scores, reference.astype(np.int64))
    assert time.process_time() - start < 15


def test_the_command_imports_nothing_slow():
    """A result needs NumPy and scipy.sparse only.

    Django, torch, pandas and scikit-learn stay out.
    """
    code = (
        "import sys, benchmark.metrics.__main__; "
        "print(*{name.partition('.')[0] for name in sys.modules})"
    )
    environment = {
        key: value for key, value in os.environ.items() if key != "DJANGO_SETTINGS_MODULE"
    }
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    assert not {"django", "torch", "pandas", "sklearn", "rac_model", "annotation"} & set(
        done.stdout.split()
    )
