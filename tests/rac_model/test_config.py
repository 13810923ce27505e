from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import pytest

from rac_model.config import ConfigError
from rac_model.models.registry import (
    PRESETS,
    deviations,
    from_dict,
    load_config,
    published,
)


def test_the_rac_preset_is_the_published_one() -> None:
    assert PRESETS["rac"].config == published("rac")
    assert deviations(published("rac")) == []
    rac = published("rac")
    figures = (rac.dim, rac.kernel, rac.convolutions, rac.modules, rac.feed_forward)
    assert figures == (300, 10, 2, 4, 1024)
    assert (rac.learning_rate, rac.dropout, rac.max_tokens) == (8e-5, 0.1, 4096)


@pytest.mark.parametrize("name", PRESETS)
def test_a_config_survives_its_dictionary(name: str) -> None:
    config = PRESETS[name].config
    assert from_dict(asdict(config)) == config


def test_a_deviation_names_meaning_field_and_both_values() -> None:
    _, config = load_config("rac", ["modules=2", "readout_bias=-4"])
    assert deviations(config) == [
        "self-attention modules (modules): 2 instead of 4",
        "start of the readout's bias; without, no bias (readout_bias): -4 instead of none",
    ]


def test_a_file_changes_fields_of_its_preset(tmp_path: Path) -> None:
    (tmp_path / "two.toml").write_text('preset = "rac-small"\nmodules = 2\n')
    name, config = load_config(str(tmp_path / "two.toml"))
    assert name == "two"
    assert (config.modules, config.dim) == (2, 64)


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("modules", "FIELD=VALUE"),
        ("layers=2", "no field"),
        ("modules=two", "does not fit"),
        ("modules=1.5", "does not fit"),
        ("queries=title", "does not fit"),
        ("mask_padding=1", "does not fit"),
        ("kind=lr", "does not fit"),
        ("epochs=0", "1 or more"),
    ],
)
def test_a_wrong_override_is_refused(override: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        load_config("rac", [override])


def test_a_name_that_is_nothing_lists_the_presets() -> None:
    with pytest.raises(ConfigError, match="rac-small"):
        load_config("rac-smal")
