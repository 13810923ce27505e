"""This machine's own settings of pip, for pip inside an image's build."""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from urllib.parse import urlsplit

from tests.containers.engine import run

KEPT = (
    "index-url",
    "extra-index-url",
    "find-links",
    "no-index",
    "trusted-host",
    "cert",
    "constraint",
    "proxy",
    "timeout",
    "default-timeout",
)


def pip_settings() -> tuple[str, list[Path]]:
    """The text of a pip.conf, and the files and folders of this machine that it names."""
    return written(run([sys.executable, "-m", "pip", "config", "list"]))


def written(listed: str) -> tuple[str, list[Path]]:
    """The same from the output of `pip config list`, one `scope.name='value'` a line.

    An environment's value comes first.
    """
    values: dict[str, str] = {}
    for line in sorted(listed.splitlines()):
        place, _, quoted = line.partition("=")
        name = place.rpartition(".")[2]
        if name in KEPT and name not in values:
            values[name] = ast.literal_eval(quoted)
    lines = [f"{name} = {' '.join(value.split())}" for name, value in values.items()]
    return "\n".join(["[global]", *lines, ""]), needed(values)


def needed(values: dict[str, str]) -> list[Path]:
    """Files and folders that these settings name and that exist here."""
    paths = set()
    for name, value in values.items():
        for word in value.split():
            path = Path(urlsplit(word).path if word.startswith("file://") else word)
            if not path.is_absolute() or not path.exists():
                continue
            # The pages of an index lead to files beside it.
            paths.add(path.parent if name.endswith("index-url") else path)
    return sorted(paths)
