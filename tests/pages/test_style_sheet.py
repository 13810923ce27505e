"""The style sheets read top to bottom, and have no name that means nothing."""

import re
from pathlib import Path

import pytest

STATIC = Path(__file__).resolve().parents[2] / "static"
SHARED = "coderbench.css"
SHEETS = (SHARED, "desk.css")


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


def test_each_custom_property_is_set_and_used():
    assert len(declared(SHARED)) == len(set(declared(SHARED))) > 20
    assert set(declared(SHARED)) == used(SHARED)


def test_the_coding_page_uses_the_names_of_all_pages():
    own = declared("desk.css")
    assert len(own) == len(set(own)) and not set(own) & set(declared(SHARED))
    assert used("desk.css") <= set(own) | set(declared(SHARED))
    assert set(own) <= used("desk.css")
