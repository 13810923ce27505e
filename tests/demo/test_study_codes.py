"""The list of codes that the search is tried over is that of the demo's study."""

from __future__ import annotations

from pathlib import Path

import pytest

from annotation.mimic_sample import draw_sample
from demo.steps import SAMPLE, SHORTLIST, SPLITS
from mimic.synthetic import DEMO_SEED, write_corpus

CODES = Path(__file__).resolve().parents[1] / "icd" / "study_codes.txt"


@pytest.mark.chaos
def test_the_kept_list_is_the_demo_s(tmp_path):
    folder = tmp_path / "corpus"
    write_corpus(folder, notes=sum(SPLITS), seed=DEMO_SEED, jobs=2, splits=SPLITS)
    sample = draw_sample(folder, size=SAMPLE, seed=0, shortlist_size=SHORTLIST)
    assert sample.shortlist == CODES.read_text().split()
