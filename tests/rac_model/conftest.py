from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from rac_model.models.linear import LinearConfig
from rac_model.models.rac_config import SMALL
from rac_model.models.title_match import TitleMatchConfig
from rac_model.training.train import train
from tests.rac_model.folder import write_folder

"""Learns the tiny folder in its only epoch, which has every note thirty times."""
TINY = replace(
    SMALL,
    dim=16,
    kernel=4,
    convolutions=1,
    modules=1,
    feed_forward=16,
    dropout=0.0,
    min_count=1,
    last_gain=3.0,
    readout_bias=-2.0,
    batch_size=8,
    learning_rate=1e-2,
    epochs=1,
    permutations=29,
    negatives=0,
    dev_notes=0,
    fresh_permutations=False,
    averaging="none",
)


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_folder(tmp_path_factory.mktemp("mimic"))


@pytest.fixture(scope="session")
def checkpoints(tmp_path_factory: pytest.TempPathFactory, folder: Path) -> dict[str, Path]:
    """A trained checkpoint folder of each kind."""
    configs = {
        "rac": TINY,
        "lr": LinearConfig(
            learning_rate=0.3, batch_size=8, epochs=6, permutations=0, averaging="none", min_notes=1
        ),
        "title-match": TitleMatchConfig(),
    }
    root = tmp_path_factory.mktemp("checkpoints")
    for kind, config in configs.items():
        train(kind, config, [folder], root / kind, progress=False)
    return {kind: root / kind for kind in configs}
