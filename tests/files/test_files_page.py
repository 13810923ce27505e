"""Every example of docs/files.md is read as the page says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from files.checked import check_codings
from files.codings import parse_codings
from files.problems import Problems
from files.source import from_bytes
from icd.check import CodeCheck

PAGE = Path(__file__).resolve().parents[2] / "docs" / "files.md"
EXAMPLE = re.compile(r"^```\w+ (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
EXAMPLES = dict(EXAMPLE.findall(PAGE.read_text()))
TWO = {"": {"n1": {"428.0", "401.9"}}}
RATERS = {"Ada": {"n1": {"428.0"}}, "Ben": {"n1": {"401.9"}}}
EXPECTED = {
    "plain.csv": {"": {"n1": {"428.0"}, "n2": set()}},
    "semicolons.csv": TWO,
    "lists.csv": {"": {"n1": {"428.0", "401.9"}, "n2": {"038.9", "99.04"}}},
    "claims.csv": {"": {"n1": {"428.0", "401.9", "38.93"}, "n2": {"038.9"}}},
    "DIAGNOSES_ICD.csv": TWO,
    "kinds.csv": {"": {"n1": {"428.0", "38.93"}}},
    "wide.csv": {"": {"n1": {"428.0", "401.9"}, "n2": set()}},
    "raters.csv": RATERS,
    "column_a_rater.csv": {"Ada": {"n1": {"428.0", "401.9"}}, "Ben": {"n1": {"401.9"}}},
    "list_a_rater.csv": {
        "Ada": {"n1": {"428.0", "401.9"}, "n2": {"038.9"}},
        "Ben": {"n1": {"401.9"}, "n2": {"038.9"}},
    },
    "titles.csv": TWO,
    "formulas.csv": {"": {"n1": {"250.00", "038.9"}}},
    "preds_test.psv": {
        "": {"104128": {"34.04", "401.9", "96.71"}, "193800": set(), "176502": {"244.9", "250.00"}}
    },
    "notes.jsonl": {"": {"n1": {"428.0", "401.9"}, "n2": set()}},
    "codes.jsonl": RATERS,
    "by_note.json": {"": {"n1": {"428.0", "401.9"}, "n2": set()}},
    "by_code.json": {"": {"n1": {"428.0"}, "n2": {"038.9"}}},
    "by_rater.json": {"Ada": {"n1": {"428.0"}}, "Ben": {"n1": {"428.0", "401.9"}}},
    "columns.json": TWO,
    "split.json": TWO,
    "export.json": {"3": {"n1": {"428.0", "401.9"}}},
    "cmc.xml": {"CMC_MAJORITY": {"97634811": {"786.2"}}, "COMPANY1": {"97634811": {"780.6"}}},
}


def test_every_example_has_its_pairs_here() -> None:
    assert EXAMPLES.keys() == EXPECTED.keys()


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_read_as_the_page_says(name: str) -> None:
    file = parse_codings(from_bytes(name, EXAMPLES[name].encode()))
    problems = Problems(name)
    checked = check_codings(file.raters, CodeCheck(), problems)
    problems.refuse()
    assert checked.raters == EXPECTED[name]


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_short(name: str) -> None:
    assert len(EXAMPLES[name].splitlines()) <= 3
