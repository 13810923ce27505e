"""The demo's checkpoint: small, whole, true to its settings.

And better than title matching on notes it never saw.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mimic.synthetic import DEMO_SEED, write_corpus
from rac_model.checkpoint import Checkpoint, load, save
from rac_model.evaluation.evaluate import evaluate
from rac_model.models.rac import RacConfig
from rac_model.models.registry import deviations
from rac_model.models.title_match import TitleMatchConfig

SHIPPED = Path(__file__).resolve().parents[2] / "fixtures" / "rac_demo"
FRESH_SEED = 14
NOTES = 40


@pytest.fixture(scope="module")
def shipped() -> Checkpoint:
    return load(SHIPPED)


def test_it_is_small_and_says_how_it_deviates(shipped: Checkpoint) -> None:
    assert sum(path.stat().st_size for path in SHIPPED.iterdir()) <= 6e6
    assert isinstance(shipped.config, RacConfig)
    settings = json.loads((SHIPPED / "config.json").read_text())
    assert settings["deviations"] == deviations(shipped.config)
    assert settings["deviations"]


def test_its_page_has_its_figures(shipped: Checkpoint) -> None:
    page = (SHIPPED.parents[1] / "docs" / "rac.md").read_text()
    assert f"{shipped.metrics['notes']['train']:,}" in page
    assert f"{100 * shipped.metrics['development']['p@8']:.1f}" in page
    for line in deviations(shipped.config):
        field = line.split("(")[-1].split(")")[0]
        assert f"`{field}`" in page


@pytest.mark.slow
def test_it_beats_title_matching_on_fresh_full_length_notes(
    shipped: Checkpoint, tmp_path: Path
) -> None:
    assert FRESH_SEED != DEMO_SEED
    write_corpus(tmp_path, notes=NOTES, seed=FRESH_SEED, splits=(0, 10, NOTES - 10))
    titles = Checkpoint("title-match", TitleMatchConfig(), shipped.codes, [], {}, {})
    save(titles, tmp_path / "titles")
    table = evaluate([SHIPPED, tmp_path / "titles"], tmp_path, "test", progress=False)
    figures = {row["name"]: row["metrics"] for row in table["checkpoints"]}
    rac, matching = figures[shipped.name], figures["title-match"]
    assert rac["micro_f1"] > matching["micro_f1"] + 0.05
    assert rac["p@8"] > matching["p@8"] + 0.05
