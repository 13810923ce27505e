"""Codings written in any mixture of ways are read back: separator, encoding, names, shape."""

from __future__ import annotations

import csv
import gzip
import random

from hypothesis import settings
from hypothesis import strategies as st

from files.checked import check_codings
from files.codings import parse_codings
from files.problems import Problems
from files.source import from_bytes
from icd.check import CodeCheck
from icd.tables import kinds
from tests.files.written import text
from tests.generated import given

CODES = random.Random(3).sample(sorted(code for code in kinds() if "." in code), 60)
NOTES = st.from_regex(r"[A-Za-z]{0,3}[1-9][0-9]{1,6}", fullmatch=True)
CODINGS = st.dictionaries(
    NOTES, st.sets(st.sampled_from(CODES), min_size=1, max_size=6), min_size=1, max_size=6
)
WRITINGS = st.fixed_dictionaries(
    {
        "separator": st.sampled_from([",", ";", "\t", "|"]),
        "encoding": st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252"]),
        "line_end": st.sampled_from(["\n", "\r\n", "\r"]),
        "quoting": st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
        "note": st.sampled_from(["note_id", "HADM_ID", "Doc ID", "id"]),
        "code": st.sampled_from(["code", "ICD9_CODE", "icd code", "labels"]),
        "shape": st.sampled_from(["long", "list", "wide"]),
        "ward": st.booleans(),
        "title": st.booleans(),
        "turned": st.booleans(),
        "packed": st.booleans(),
    }
)


def table(codings: dict[str, set[str]], writing: dict) -> list[list[str]]:
    note, code = writing["note"], writing["code"]
    if writing["shape"] == "long":
        rows = [[note, code]]
        rows += [[name, each] for name, codes in codings.items() for each in sorted(codes)]
    elif writing["shape"] == "list":
        rows = [[note, code]]
        rows += [[name, "/".join(sorted(codes))] for name, codes in codings.items()]
    else:
        given_codes = sorted(set().union(*codings.values()))
        rows = [[note, *given_codes]]
        for name, codes in codings.items():
            rows.append([name, *("1" if each in codes else "0" for each in given_codes)])
    if writing["ward"]:
        rows = [[*row, "Ward" if not number else "café"] for number, row in enumerate(rows)]
    if writing["turned"]:
        rows = [row[::-1] for row in rows]
    return rows


def written(codings: dict[str, set[str]], writing: dict) -> bytes:
    separator = writing["separator"]
    joined = "|" if separator != "|" else ";"
    rows = [[cell.replace("/", joined) for cell in row] for row in table(codings, writing)]
    options = {"lineterminator": writing["line_end"], "quoting": writing["quoting"]}
    body = text(rows, separator, **options)
    if writing["title"]:
        body = f"Codings of May{writing['line_end']}{body}"
    data = body.encode(writing["encoding"])
    return gzip.compress(data) if writing["packed"] else data


@settings(max_examples=150, deadline=None)
@given(CODINGS, WRITINGS)
def test_any_mixture_is_read_back(codings: dict[str, set[str]], writing: dict) -> None:
    name = "a.csv.gz" if writing["packed"] else "a.csv"
    file = parse_codings(from_bytes(name, written(codings, writing)))
    problems = Problems(name)
    checked = check_codings(file.raters, CodeCheck(), problems)
    problems.refuse()
    assert checked.raters == {"": codings}
    assert ("ignored: Ward" in file.understood) == writing["ward"]
