"""Every system that can be trained, measured and run as a rater, in the order of Table 2."""

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
    "lr": linear.SYSTEM,
    "svm": svm.SYSTEM,
    "cnn": cnn.SYSTEM,
    "bigru": bigru.SYSTEM,
    "caml": caml.SYSTEM,
    "drcaml": drcaml.SYSTEM,
    "msattkg": msattkg.SYSTEM,
    "multirescnn": multirescnn.SYSTEM,
    "laat": laat.SYSTEM,
    "jointlaat": jointlaat.SYSTEM,
    "rac": rac.SYSTEM,
    "title-match": title_match.SYSTEM,
}
"""By their `kind`."""
PRESETS: dict[str, Preset] = {}
for _system in SYSTEMS.values():
    PRESETS.update(_system.presets)


def load_config(source: str, overrides: list[str] | None = None) -> tuple[str, Coder]:
    """(name, config) of a preset, or of a TOML or JSON file.

    A file is a table of fields; `preset` names what it starts from.
    """
    if source in PRESETS:
        name = source
        config = PRESETS[source].config
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
    as_published = asdict(published(config.kind))
    here = asdict(config)
    found = []
    for item in fields(config):
        name = item.name
        if here[name] == as_published[name] or name in SYSTEMS[config.kind].settings:
            continue
        change = f"{_show(here[name])} instead of {_show(as_published[name])}"
        found.append(f"{item.metadata['meaning']} ({name}): {change}")
    return found


def _show(value: Any) -> str:
    if value is None:
        return "none"
    if value is True:
        return "yes"
    if value is False:
        return "no"
    return str(value)


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
