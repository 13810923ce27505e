"""Scores of a whole test split of MIMIC-III, 3,372 notes x 8,921 codes in 120 MB, in memory and
time that a small server has."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

NOTES, CODES = 3_372, 8_921
ROOT = Path(__file__).resolve().parents[2]
READ = """
import resource, sys, time
import numpy, pyarrow, pyarrow.ipc, pyarrow.parquet
from pathlib import Path
from files.checked_scores import CheckedScores
from files.codings import parse_codings
from files.source import from_path

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024

before, began = peak(), time.perf_counter()
file = parse_codings(from_path(Path(sys.argv[1])))
(scores,) = file.scores.values()
given = sum(map(len, file.raters[""].codings.values()))
print(*scores.matrix.shape, given, round(peak() - before), round(time.perf_counter() - began, 1))
"""


@pytest.fixture(scope="module")
def scores() -> np.ndarray:
    """15 codes of each note are above .5, as in a file of a model that codes well."""
    rng = np.random.default_rng(1)
    matrix = rng.random((NOTES, CODES), dtype=np.float32) * 0.3
    for row in matrix:
        row[rng.choice(CODES, 15, replace=False)] = 0.9
    return matrix


@pytest.mark.chaos
@pytest.mark.parametrize("form", ["feather", "parquet"])
def test_a_wide_table_of_a_whole_split(tmp_path, scores, form):
    pd = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    codes = [f"{200 + place // 100}.{place % 100:02}" for place in range(CODES)]
    table = pd.DataFrame(scores, columns=codes)
    table["target"] = [["401.9", "428.0"]] * NOTES
    table["_id"] = np.arange(100_000, 100_000 + NOTES)
    path = tmp_path / f"predictions_test.{form}"
    getattr(table, f"to_{form}")(path)
    del table
    done = subprocess.run(
        [sys.executable, "-c", READ, str(path)],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    notes, columns, given, megabytes, seconds = map(float, done.stdout.split())
    print(f"{form}: {path.stat().st_size / 2**20:.0f} MB, peak {megabytes} MB, {seconds} s")
    assert (notes, columns, given) == (NOTES, CODES, 15 * NOTES)
    # The matrix itself is 115 MB; the file's bytes and pyarrow's own copy are as much each.
    assert megabytes < 700
    assert seconds < 60
