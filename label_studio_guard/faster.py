"""Label Studio reads a project's whole label config anew for each of the six times an answer loads its project.

With 4,075 codes that is most of the time of an answer; what it reads depends on the config alone, so it is remembered.
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
    """A dict of its own for each caller."""
    return dict(_data_types(label_config))


def remember_label_configs() -> None:
    """Put the memory in; to be called once, when Label Studio's models are loaded."""
    label_studio.extract_data_types = _fresh_data_types
