"""Every system that can be trained, measured and run as a rater, in the order of the paper's Table 2."""

from __future__ import annotations

import json
import tomllib
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from rac_model.config import Coder, ConfigError, changed, override
from rac_model.models import (
    bigru,
    caml,
    cnn,
    drcaml,
    jointlaat,
    laat,
    linear,
    msattkg,
    multirescnn,
    rac,
    svm,
    title_match,
)
from rac_model.models.base import Preset, System

SYSTEMS: dict[str, System] = {
    system.kind: system
    for system in (
        linear.SYSTEM,
        svm.SYSTEM,
        cnn.SYSTEM,
        bigru.SYSTEM,
        caml.SYSTEM,
        drcaml.SYSTEM,
        msattkg.SYSTEM,
        multirescnn.SYSTEM,
        laat.SYSTEM,
        jointlaat.SYSTEM,
        rac.SYSTEM,
        title_match.SYSTEM,
    )
}
PRESETS: dict[str, Preset] = {
    name: preset for system in SYSTEMS.values() for name, preset in system.presets.items()
}


def load_config(source: str, overrides: list[str] | None = None) -> tuple[str, Coder]:
    """(name, config) of a preset or of a TOML/JSON file (a table of fields, `preset` names its base)."""
    if source in PRESETS:
        name, config = source, PRESETS[source].config
    else:
        name, config = _read(Path(source))
    return name, changed(config, dict(override(text) for text in overrides or []))


def from_dict(values: dict[str, Any]) -> Coder:
    """The config that `dataclasses.asdict` gave."""
    kind = values.get("kind")
    if kind not in SYSTEMS:
        raise ConfigError(f"model kind {kind!r} is unknown; it is one of {', '.join(SYSTEMS)}")
    return changed(SYSTEMS[kind].config(), values)


def published(kind: str) -> Coder:
    """The config of a kind with the published hyper-parameters."""
    return next(iter(SYSTEMS[kind].presets.values())).config


def deviations(config: Coder) -> list[str]:
    """How a config differs from the published one of its kind, a sentence a field.

    >>> deviations(changed(published("rac"), {"dim": 64}))
    ['width of the word vectors, convolutions and attention (dim): 64 instead of 300']
    """
    whole, here = asdict(published(config.kind)), asdict(config)
    return [
        f"{item.metadata['meaning']} ({item.name}): {_show(here[item.name])} instead of {_show(whole[item.name])}"
        for item in fields(config)
        if here[item.name] != whole[item.name] and item.name not in SYSTEMS[config.kind].settings
    ]


def _show(value: Any) -> str:
    return (
        "none"
        if value is None
        else "yes"
        if value is True
        else "no"
        if value is False
        else str(value)
    )


def _read(path: Path) -> tuple[str, Coder]:
    if not path.is_file():
        raise ConfigError(f"{path.name} is neither a preset ({', '.join(PRESETS)}) nor a file")
    try:
        text = path.read_text(encoding="utf-8")
        values = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except ValueError as error:
        raise ConfigError(f"{path.name} is not readable as TOML or JSON: {error}") from None
    base = values.pop("preset", "rac")
    if base not in PRESETS:
        raise ConfigError(
            f"{path.name}: preset {base!r} is unknown; it is one of {', '.join(PRESETS)}"
        )
    return path.stem, changed(PRESETS[base].config, values)
