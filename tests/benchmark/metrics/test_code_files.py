"""Files of weights, counts and groups: what is read, and every way to be wrong."""

import pytest

from files.code_files import (
    CountsFile,
    WeightsFile,
    read_counts,
    read_groups,
    read_weights,
    written_counts,
    written_weights,
)
from files.problems import FileError
from tests.benchmark.metrics.test_codings_file import written


@pytest.mark.parametrize(
    ("content", "tiers"),
    [
        ("code,weight\n428.0,2\n401.9,0.5\n", None),
        ("Weight;Code\n2;428.0\n.5;401.9\n", None),
        ("code,weight,tier\n428.0,2,2\n401.9,5e-1,\n", {"428.0": 2, "401.9": 0}),
        ("\ufefftier,weight,code\r\n2,2,428.0\r\n0, 0.5 ,401.9", {"428.0": 2, "401.9": 0}),
    ],
)
def test_weights(tmp_path, content, tiers):
    found = read_weights(written(tmp_path, "w.csv", content))
    assert found == WeightsFile({"428.0": 2, "401.9": 0.5}, tiers)


def test_counts_are_written_and_read_back(tmp_path):
    counts = {"428.0": 30, "401.9": 20, "250.00": 0}
    path = written(tmp_path, "c.csv", written_counts(counts, 50))
    assert read_counts(path) == CountsFile(counts, 50)


@pytest.mark.parametrize("tiers", [None, {"428.0": 2, "401.9": 0}])
def test_weights_are_written_and_read_back(tmp_path, tiers):
    weights = {"428.0": 2.0, "401.9": 0.1, "V58.61": 1e-7}
    if tiers:
        tiers = {**tiers, "V58.61": 1}
    path = written(tmp_path, "w.csv", written_weights(weights, tiers))
    assert read_weights(path) == WeightsFile(weights, tiers)


def test_groups(tmp_path):
    path = written(tmp_path, "g.csv", "note_id,group\nn1,ward\nn2, intensive care \n")
    assert read_groups(path) == {"n1": "ward", "n2": "intensive care"}


@pytest.mark.parametrize(
    ("read", "content", "message"),
    [
        (read_weights, "code,weight\n428.0,-1\n", "row 2: 428.0: the weight is -1; write a"),
        (read_weights, 'code,weight\n428.0,"2,5"\n', "the weight is 2,5; write a number of 0"),
        (read_weights, "code,weight\n428.0,nan\n", "the weight is nan"),
        (read_weights, "code,weight\n428.0,1e300\n", "the weight is 1e300; write a number of 0"),
        (read_weights, "code,weight\n428.0,\n", "the weight is empty"),
        (read_weights, "code,weight,tier\n428.0,1,MCC\n", "the tier is MCC; write 0 (none), 1"),
        (read_weights, "code,weight\n428.0,1\n428.0,2\n", "row 3: 428.0 is in row 2 already"),
        (read_weights, "code,weight\n,1\n", "row 2: no code; write one"),
        (read_weights, "code,weight\n", "no row in it; write code,weight"),
        (read_weights, "code,count\n428.0,1\n", "missing: weight"),
        (read_counts, "code,count\n428.0,1\n", "no row says how many notes were counted"),
        (read_counts, "code,count\n,50\n428.0,51\n", "428.0 is in 51 notes, but only 50"),
        (read_counts, "code,count\n,50\n428.0,1.5\n", "row 3: the count is 1.5; write a whole"),
        (read_counts, "code,count\n,50\n,60\n", "the row without a code is in row 2 already"),
        (read_groups, "note_id,group\nn1,\n", "row 2: no group; write one"),
        (read_groups, "note_id,group\nn1,a\nn1,b\n", "row 3: n1 is in row 2 already"),
    ],
)
def test_what_is_wrong_is_said_with_its_row(tmp_path, read, content, message):
    with pytest.raises(FileError) as refused:
        read(written(tmp_path, "f.csv", content))
    assert message in str(refused.value)
