"""The import rules of docs/architecture.md, and that the tree it draws is there."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("annotation", "benchmark", "rac_model", "label_studio_guard", "config", "files", "icd", "mimic")


def files(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


def imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def importers(package: str, wanted: str) -> list[str]:
    found = (p for p in files(package) if any(n == wanted or n.startswith(f"{wanted}.") for n in imported(p)))
    return [str(path.relative_to(ROOT)) for path in found]


@pytest.mark.parametrize("package", ["rac_model", "benchmark/metrics", "annotation/synthetic", "files", "icd", "mimic"])
def test_pure_packages_never_import_django(package):
    assert files(package) and importers(package, "django") == []


@pytest.mark.parametrize("module", ["rac_model.predict", "rac_model.__main__", "benchmark.metrics.__main__"])
def test_nor_do_they_load_it_by_way_of_others(module):
    code = f"import {module}, sys; assert not any(m.split('.')[0] == 'django' for m in sys.modules)"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_reading_a_folder_does_not_need_pytorch():
    code = "import mimic.folder, sys; assert 'torch' not in sys.modules and 'django' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


@pytest.mark.parametrize("module", ["icd.check", "icd.tally", "icd.groups", "files.notes", "files.checked"])
def test_the_pure_packages_of_codes_and_files_need_nothing_heavy(module):
    heavy = "{'django', 'torch', 'pandas', 'numpy', 'scipy'}"
    code = f"import {module}, sys; assert not {heavy} & {{name.split('.')[0] for name in sys.modules}}"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_the_web_process_never_needs_pytorch():
    code = (
        "import os, sys, django; os.environ['DJANGO_SETTINGS_MODULE'] = 'config.settings'; django.setup();"
        "import config.urls; assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_annotation_never_imports_benchmark():
    assert importers("annotation", "benchmark") == []


def test_only_one_file_imports_the_label_studio_sdk():
    found = [name for package in PACKAGES for name in importers(package, "label_studio_sdk")]
    assert found == ["annotation/label_studio.py"]


def test_nothing_imports_a_test():
    assert [name for package in PACKAGES for name in importers(package, "tests")] == []


def test_files_can_be_read_in_one_sitting():
    long = {
        str(p.relative_to(ROOT)): n for k in PACKAGES for p in files(k) if (n := len(p.read_text().splitlines())) > 400
    }
    assert long == {}


def test_the_tree_in_the_docs_is_there():
    tree = (ROOT / "docs" / "architecture.md").read_text().split("```")[1]
    named = re.findall(r"(?m)^(?:  )?([a-z_]+(?:/|\.py))", tree)
    assert len(named) > 15
    folders = ("", "annotation/", "benchmark/")
    missing = [name for name in named if not any((ROOT / folder / name).exists() for folder in folders)]
    assert missing == []
