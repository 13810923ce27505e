"""The style sheets read top to bottom, and have no name that means nothing."""

import re
from pathlib import Path

import pytest

STATIC = Path(__file__).resolve().parents[2] / "static"
SHARED = "coderbench.css"
SHEETS = sorted(path.name for path in STATIC.glob("*.css"))


def rules(sheet: str) -> str:
    return re.sub(r"/\*.*?\*/", "", (STATIC / sheet).read_text(), flags=re.DOTALL)


def declared(sheet: str) -> list[str]:
    return re.findall(r"(?m)^\s*(--[\w-]+):", rules(sheet))


def used(sheet: str) -> set[str]:
    return set(re.findall(r"var\((--[\w-]+)\)", rules(sheet)))


@pytest.mark.parametrize("sheet", SHEETS)
def test_one_declaration_a_line(sheet):
    crowded = [
        line
        for line in rules(sheet).splitlines()
        if line.count(";") > 1 or re.search(r"\{\s*\S|\S.*\}", line)
    ]
    assert crowded == []


def test_each_custom_property_of_all_pages_is_set_once_and_used():
    assert len(declared(SHARED)) == len(set(declared(SHARED))) > 20
    used_somewhere = set().union(*(used(sheet) for sheet in SHEETS))
    assert set(declared(SHARED)) <= used_somewhere


@pytest.mark.parametrize("sheet", [sheet for sheet in SHEETS if sheet != SHARED])
def test_a_page_uses_the_names_of_all_pages(sheet):
    own = declared(sheet)
    assert len(own) == len(set(own)) and not set(own) & set(declared(SHARED))
    assert used(sheet) <= set(own) | set(declared(SHARED))
    assert set(own) <= used(sheet)
