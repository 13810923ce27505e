"""Scores of a whole test split of MIMIC-III, 3,372 notes x 8,921 codes in 120 MB, in memory and
time that a small server has."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from django.core.management import call_command

from annotation.models import Code, Rater
from benchmark.services.benchmarks import benchmark_run
from tests.cast import CODES as CODES_OF_STUDY
from tests.stored import scores_of

NOTES, CODES = 3_372, 8_921
ROOT = Path(__file__).resolve().parents[2]
READ = """
import sys, time
import numpy, pyarrow, pyarrow.ipc, pyarrow.parquet
from pathlib import Path
from files.codings import parse_codings
from files.source import from_path

def peak():
    # Not getrusage: a process begins with the peak of the one that started it.
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM"))

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
def test_a_whole_split_into_a_study_of_a_few_of_its_notes(study, scores, tmp_path):
    """Of 3,372 notes twelve are the study's: by the command, with what the others cost."""
    pd = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    study.workspaces.all().delete()
    codes = sorted(set(Code.objects.of_systems().values_list("code", flat=True)))[: CODES - 8]
    columns = [*CODES_OF_STUDY, *(code for code in codes if code not in CODES_OF_STUDY)]
    table = pd.DataFrame(scores[:, : len(columns)], columns=columns)
    table["_id"] = [f"n{number}" for number in range(NOTES)]
    path = tmp_path / "predictions_test.feather"
    table.to_feather(path)
    expected = table[CODES_OF_STUDY][:12].to_numpy()
    del table
    before = resident("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    began = time.perf_counter()
    call_command("import_codings", path, kind="model", rater="Wide", notes_of_study=True)
    seconds = time.perf_counter() - began
    megabytes = resident("VmHWM") - before
    print(f"{seconds:.1f} s, {megabytes} MB above what the process had")
    rater = Rater.objects.get(name="Wide")
    kept = scores_of(study, rater, [f"n{number}" for number in range(12)], CODES_OF_STUDY)
    assert np.array_equal(kept, expected)
    assert benchmark_run(study=study).result.ranking["Wide"]["auc_micro"] is not None
    assert megabytes < 600
    assert seconds < 120


def resident(name: str) -> int:
    """A size of this process, in MB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) // 1024 for line in lines if line.startswith(name))


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
    assert megabytes < 500
    assert seconds < 60
