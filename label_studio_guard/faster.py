"""Making Label Studio's answers faster, by remembering what it reads of a project's label config.

Label Studio reads the whole config each time it loads a project, six times an answer. With 4,075
codes that is most of the time of an answer, and what it reads depends on the config alone.
"""

from __future__ import annotations

from functools import lru_cache

import projects.models as label_studio
from core.label_config import extract_data_types


@lru_cache(maxsize=64)
def _data_types(label_config: str) -> dict[str, str]:
    found: dict[str, str] = extract_data_types(label_config)
    return found


def _fresh_data_types(label_config: str) -> dict[str, str]:
    """What `extract_data_types` gives: a dict of its own for each caller, who may change it."""
    return dict(_data_types(label_config))


def remember_label_configs() -> None:
    """Put the memory in. Called once, when Label Studio's models are loaded."""
    label_studio.extract_data_types = _fresh_data_types
