"""Packages that the web image does not have, made absent here.

`python -m tests.containers.absent check` is `manage.py check` without them.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
MODULE_OF = {"scikit-learn": "sklearn"}
"""Where a package's module has another name."""


def packages(file: str) -> set[str]:
    """The packages that a requirements file names itself."""
    lines = (ROOT / file).read_text().splitlines()
    found = (re.match(r"[A-Za-z][\w-]*", line) for line in lines)
    return {match[0].lower() for match in found if match}


def absent_modules() -> set[str]:
    """Modules of requirements.txt alone, which the web image is made without."""
    return {MODULE_OF.get(name, name) for name in packages("requirements.txt")}


def finders_without(modules: set[str]) -> list[Any]:
    """What `sys.meta_path` must be for `modules` not to be found."""

    class PathWithout(PathFinder):
        """Python's finder of installed modules, short-sighted."""

        @classmethod
        def find_spec(
            cls, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
        ) -> ModuleSpec | None:
            if name.partition(".")[0] in modules:
                return None
            return PathFinder.find_spec(name, path, target)

    return [PathWithout if finder is PathFinder else finder for finder in sys.meta_path]


def main(arguments: list[str]) -> None:
    sys.meta_path = finders_without(absent_modules())
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    from django.core.management import execute_from_command_line

    execute_from_command_line(["manage.py", *arguments])


if __name__ == "__main__":
    main(sys.argv[1:])
