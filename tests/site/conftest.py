"""A registered model for the tests about runs: title matching, made from the thirty-note folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from annotation.models import Rater
from benchmark.services.registry import model_register
from rac_model.__main__ import main as rac_model

MIMIC_30 = Path(__file__).resolve().parent.parent.parent / "fixtures" / "mimic_30"


@pytest.fixture(scope="session")
def title_checkpoint(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("checkpoint") / "titles"
    assert rac_model(["train", "title-match", "--data", str(MIMIC_30), "--out", str(out)]) in (0, None)
    return out


@pytest.fixture
def titles(db, title_checkpoint) -> Rater:
    return model_register(folder=title_checkpoint, name="Title matching")
