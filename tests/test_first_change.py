"""docs/first-change.md is true.

Its test fails on the tree as it is, and passes after its change.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "first-change.md").read_text()
LEFT_OUT = shutil.ignore_patterns(".*", "var", "__pycache__", "pictures", "staticfiles")


def blocks(language: str) -> list[tuple[str, str]]:
    """(file, text) of every block in that language; the file is the last one named before it."""
    found = []
    for match in re.finditer(rf"(?ms)^```{language}\n(.*?)^```", PAGE):
        named = re.findall(r"`([\w/-]+\.(?:py|html))`", PAGE[: match.start()])
        found.append((named[-1], match[1]))
    return found


def changes() -> list[tuple[str, str, str]]:
    """A change for each run of - and + lines.

    (file, what stands there, what stands there afterwards).
    """
    found = []
    for file, text in blocks("diff"):
        for before, after in re.findall(r"(?m)((?:^-.*\n)+)((?:^\+.*\n)+)", text):
            found.append(
                (file, *(re.sub(r"(?m)^[-+]", "", lines).rstrip("\n") for lines in (before, after)))
            )
    return found


@pytest.mark.parametrize(("file", "before", "after"), changes())
def test_what_is_to_be_changed_stands_there_once(file, before, after):
    """Also in the clone of somebody who has just made the change."""
    assert (ROOT / file).read_text().replace(after, before).count(before) == 1


@pytest.mark.slow
def test_the_test_fails_before_the_change_and_passes_after_it(tmp_path):
    tree = tmp_path / "clone"
    shutil.copytree(ROOT, tree, ignore=LEFT_OUT)
    ((file, test),) = blocks("python")
    tests = tree / file
    tests.write_text(f"{tests.read_text().replace(test, '').rstrip()}\n\n\n{test}")
    for changed, before, after in changes():
        replace(tree / changed, after, before)  # where somebody has just made the change
    assert "1 failed" in run(tree, file)
    for changed, before, after in changes():
        replace(tree / changed, before, after)
    assert "1 passed" in run(tree, file)


def replace(path: Path, old: str, new: str) -> None:
    path.write_text(path.read_text().replace(old, new))


def run(tree: Path, file: str) -> str:
    """What pytest says of the test that the page adds, which it picks as the page does."""
    (picked,) = re.findall(r"-k (\w+)", PAGE)
    command = [sys.executable, "-m", "pytest", "-q", file, "-k", picked]
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")
    }
    return subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True).stdout
