"""The style sheet reads top to bottom, and has no name that means nothing."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SHEET = (ROOT / "static" / "coderbench.css").read_text()
RULES = re.sub(r"/\*.*?\*/", "", SHEET, flags=re.DOTALL)


def test_one_declaration_a_line():
    crowded = [
        line
        for line in RULES.splitlines()
        if line.count(";") > 1 or re.search(r"\{\s*\S|\S.*\}", line)
    ]
    assert crowded == []


def test_each_custom_property_is_set_and_used():
    declared = re.findall(r"(?m)^\s*(--[\w-]+):", RULES)
    assert len(declared) == len(set(declared)) > 20
    assert set(declared) == set(re.findall(r"var\((--[\w-]+)\)", RULES))
