"""What the docs say, the code does, and the other way round.

Every setting, command, page and make target that they name.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
APPS = ("annotation", "benchmark", "demo")
PAGES = [
    "README.md",
    "CONTRIBUTING.md",
    *(f"docs/{path.name}" for path in sorted((ROOT / "docs").glob("*.md"))),
]
OPERATIONS = (ROOT / "docs" / "operations.md").read_text()


def test_every_setting_is_explained_and_every_explained_setting_exists():
    code = (ROOT / "config" / "settings.py").read_text()
    read = set(re.findall(r'(?:env\.\w+|required)\(\s*"([A-Z_]+)"', code))
    explained = set(re.findall(r"(?m)^\| `([A-Z_]+)`", OPERATIONS))
    assert read == explained


def test_every_command_is_named():
    folders = [ROOT / app / "management" / "commands" for app in APPS]
    there = {
        path.stem for folder in folders for path in folder.glob("*.py") if path.stem != "__init__"
    }
    assert there - set(re.findall(r"manage\.py (\w+)", OPERATIONS)) == {"demo_steps"}


@pytest.mark.parametrize("page", PAGES)
def test_links_and_commands_of_a_page_lead_somewhere(page):
    text = (ROOT / page).read_text()
    for target in re.findall(r"\]\(([^)#]+)", text):
        assert target.startswith("http") or (ROOT / page).parent.joinpath(target).exists(), target
    targets = (ROOT / "Makefile").read_text()
    for name in re.findall(r"`make ([a-z-]+)", text):
        assert re.search(rf"(?m)^{name}:", targets), f"make {name}"
    for name in re.findall(r"manage\.py (\w+)", text):
        assert name in DJANGO_OWN or any(
            (ROOT / a / "management/commands" / f"{name}.py").exists() for a in APPS
        ), name


DJANGO_OWN = {"migrate", "help", "collectstatic", "check"}


def sections(text: str) -> set[str]:
    """What a link can name after #: each heading in small letters, with hyphens for blanks."""
    found = set()
    for heading in re.findall(r"(?m)^#+ (.*)$", text):
        kept = re.sub(r"[^\w\- ]", "", heading.lower())
        found.add(kept.replace(" ", "-"))
    return found


@pytest.mark.parametrize("page", PAGES)
def test_links_to_a_section_lead_to_it(page):
    path = ROOT / page
    for target, section in re.findall(r"\]\(([^)#:]*)#([^)]+)\)", path.read_text()):
        linked = path.parent / target if target else path
        assert section in sections(linked.read_text()), f"{target}#{section}"


def test_the_project_speaks_of_itself_alone():
    """No machine's path and no registry's host in any file."""
    named = re.compile(
        r"(?<![\w.:/])/(?:wor[k]|roo[t]|hom[e]/\w+)/[\w.]|pyp[i]\.org|pythonhoste[d]|npmj[s]|deb\.debia[n]"
    )
    suffixes = {".py", ".md", ".html", ".css", ".js", ".toml", ".yml", ".txt", ".sh", ""}
    read, hits = 0, []
    for path in files_of_the_project():
        if path.suffix in suffixes and path.stat().st_size < 10**6:
            read += 1
            if named.search(path.read_text(errors="ignore")):
                hits.append(str(path.relative_to(ROOT)))
    assert read > 300
    assert hits == []


def files_of_the_project() -> Iterator[Path]:
    """Every file but what .gitignore names; a copy without git has the same."""
    ignored = {line.strip("/") for line in (ROOT / ".gitignore").read_text().split()} | {
        ".git",
        ".ci",
    }
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in ignored]
        for name in names:
            path = Path(folder) / name
            if name not in ignored and path.suffix != ".pyc" and path.is_file():
                yield path


@pytest.mark.parametrize("page", PAGES)
def test_every_file_and_folder_that_a_page_names_is_there(page):
    """Names in backticks that begin with a folder of ours."""
    tops = "|".join(
        sorted(path.name for path in ROOT.iterdir() if path.is_dir() and path.name.isidentifier())
    )
    named = re.findall(rf"`((?:{tops})/[a-z0-9_./-]+)`", (ROOT / page).read_text())
    kept = [name for name in named if not name.startswith("var/")]
    assert [name for name in kept if not (ROOT / name).exists()] == []
