"""The rules of docs/architecture.md, and that its tree is there.

What may import what, what is pure, who writes.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MAY_IMPORT = {
    "icd": set(),
    "files": {"icd"},
    "mimic": {"icd", "files"},
    "benchmark/metrics": {"files", "icd"},
    "benchmark/tables": {"benchmark/metrics", "benchmark/scoring", "icd", "files"},
    "benchmark/scoring": {"benchmark/metrics", "icd", "files"},
    "rac_model": {"benchmark/metrics", "mimic", "icd", "files"},
    "label_studio_guard": set(),
    "scripts": {"icd"},
    "config": {"annotation", "api", "files", "pages"},
    "annotation": {"benchmark/metrics", "label_studio_guard", "icd", "files", "mimic"},
    "benchmark": {"annotation", "rac_model", "icd", "files", "mimic"},
    "api": {"annotation", "benchmark", "icd", "files"},
    "pages": {"annotation", "benchmark", "icd", "files"},
    "demo": {"annotation", "benchmark", "label_studio_guard", "rac_model", "mimic"},
}
"""Folder -> the folders of ours that it may import, besides itself.

A folder within another stands for itself.
"""
PURE = (
    "icd",
    "files",
    "mimic",
    "benchmark/metrics",
    "benchmark/scoring",
    "benchmark/tables",
    "rac_model",
)
WRITES = {
    "create",
    "bulk_create",
    "get_or_create",
    "update_or_create",
    "bulk_update",
    "update",
    "save",
    "delete",
}


def files(folder: str) -> list[Path]:
    """Its Python files, but for those of a folder within it that has its own line in MAY_IMPORT."""
    inner = [ROOT / other for other in MAY_IMPORT if other.startswith(f"{folder}/")]
    found = sorted((ROOT / folder).rglob("*.py"))
    return [path for path in found if not any(other in path.parents for other in inner)]


def imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def importers(folder: str, wanted: str) -> list[str]:
    found = []
    for path in files(folder):
        if any(name == wanted or name.startswith(f"{wanted}.") for name in imported(path)):
            found.append(str(path.relative_to(ROOT)))
    return found


def folder_of(module: str) -> str | None:
    """The line of MAY_IMPORT that a dotted name falls under."""
    parts = module.split(".")
    for length in (2, 1):
        folder = "/".join(parts[:length])
        if folder in MAY_IMPORT:
            return folder
    return None


def modules(folder: str) -> list[str]:
    dotted = [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in files(folder)]
    return [name.removesuffix(".__init__") for name in dotted if not name.endswith("__main__")]


@pytest.mark.parametrize("folder", MAY_IMPORT)
def test_a_folder_imports_no_folder_above_it(folder):
    allowed = MAY_IMPORT[folder] | {folder}
    wrong = []
    for path in files(folder):
        for name in imported(path):
            to = folder_of(name)
            if to is None or to in allowed:
                continue
            inside = to.startswith(f"{folder}/") or to.split("/")[0] in allowed
            if not inside:
                wrong.append((str(path.relative_to(ROOT)), name))
    assert files(folder)
    assert wrong == []


@pytest.mark.parametrize("folder", PURE)
def test_pure_folders_never_import_django(folder):
    assert files(folder) and importers(folder, "django") == []


@pytest.mark.parametrize("folder", PURE)
def test_nor_do_they_load_it_by_way_of_others(folder):
    code = f"import sys, {', '.join(modules(folder))}; assert 'django' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


@pytest.mark.parametrize(
    "folder",
    ["icd", "files", "mimic", "benchmark/metrics", "benchmark/scoring", "benchmark/tables"],
)
def test_only_models_need_pytorch(folder):
    code = f"import sys, {', '.join(modules(folder))}; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


@pytest.mark.parametrize(
    "module", ["icd.check", "icd.tally", "icd.groups", "files.notes", "files.checked"]
)
def test_the_pure_packages_of_codes_and_files_need_nothing_heavy(module):
    heavy = "{'django', 'torch', 'pandas', 'numpy', 'scipy'}"
    code = (
        f"import {module}, sys; assert not {heavy} & {{name.split('.')[0] for name in sys.modules}}"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_the_web_process_never_needs_pytorch():
    code = (
        "import os, sys, django; "
        "os.environ['DJANGO_SETTINGS_MODULE'] = 'config.settings'; "
        "django.setup(); "
        "import config.urls; assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


@pytest.mark.parametrize("folder", ["annotation/selectors", "benchmark/selectors"])
def test_reads_import_no_writes(folder):
    assert files(folder)
    assert importers(folder, "annotation.services") + importers(folder, "benchmark.services") == []


@pytest.mark.parametrize("folder", ["pages", "api", "annotation/selectors", "benchmark/selectors"])
def test_pages_api_and_selectors_write_nothing_themselves(folder):
    """No write by a manager, a row or a queryset, and no transaction.

    A call of `update` counts if it has keywords: that of a set or a dict has none.
    """
    wrong = importers(folder, "django.db.transaction")
    for path in files(folder):
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in WRITES
            ):
                plain_dict_or_set = node.func.attr == "update" and not node.keywords
                if not plain_dict_or_set:
                    wrong.append(f"{path.relative_to(ROOT)}:{node.lineno} .{node.func.attr}(")
    assert wrong == []


def test_only_the_way_to_label_studio_imports_its_sdk():
    found = [name for folder in MAY_IMPORT for name in importers(folder, "label_studio_sdk")]
    assert found == ["annotation/label_studio/client.py", "annotation/label_studio/errors.py"]


def test_nothing_imports_a_test():
    assert [name for folder in MAY_IMPORT for name in importers(folder, "tests")] == []


def test_generated_cases_come_by_way_of_the_file_that_sets_their_number():
    """Otherwise `make thorough` would miss them, and a busy machine fail them."""
    direct = [
        path
        for path in sorted((ROOT / "tests").rglob("*.py"))
        if "hypothesis.given" in imported(path)
    ]
    assert direct == [ROOT / "tests" / "generated.py"]


def test_every_folder_with_code_has_its_rule():
    tracked = subprocess.run(
        ["git", "ls-files", "*.py"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    tops = {name.split("/")[0] for name in tracked.stdout.split() if "/" in name}
    assert tops - {"tests"} <= set(MAY_IMPORT)


def test_files_can_be_read_in_one_sitting():
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text().splitlines())
        for f in MAY_IMPORT
        for path in files(f)
    }
    assert {name: length for name, length in lengths.items() if length > 400} == {}


def test_the_tree_in_the_docs_is_there():
    """Every folder and file of the tree in the docs exists.

    An entry's place is the folder above it that is indented by less.
    """
    tree = (ROOT / "docs" / "architecture.md").read_text().split("```")[1]
    above: list[tuple[int, str]] = []
    named = []
    for line in tree.strip().splitlines():
        entry = re.match(r"( *)([a-z_.*-]+(?:/[a-z_.-]+)*/?)(?: |$)", line)
        if entry is None or not entry[2].endswith(("/", ".py", ".yml")):
            continue
        indent = len(entry[1])
        above = [(depth, folder) for depth, folder in above if depth < indent]
        path = "".join(folder for _, folder in above) + entry[2]
        named.append(path)
        if path.endswith("/"):
            above.append((indent, entry[2]))
    assert len(named) > 40
    assert [path for path in named if not (ROOT / path).exists()] == []
