"""The same file gives the same pairs by the command, the page and the API, whatever its shape."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field

import pandas as pd
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import transaction

from annotation.models import Coding, Rater, Study
from annotation.selectors.codings import codings_of
from tests.cast import logged_in
from tests.imports import imported

Pairs = dict[str, dict[str, list[str]]]
"""Rater -> note -> codes."""
TWO_NOTES = {"n0": ["401.9", "428.0"], "n1": ["38.93"]}
LONG = pd.DataFrame(
    {"note_id": ["n0", "n0", "n1"], "code": ["401.9", "428.0", "38.93"], "ward": [1, 2, 3]}
)


def table(frame: pd.DataFrame, form: str) -> bytes:
    """The table as a file of this form."""
    buffer = io.BytesIO()
    if form == "xlsx":
        frame.to_excel(buffer, index=False)
    elif form == "parquet":
        frame.to_parquet(buffer, index=False)
    else:
        frame.to_feather(buffer)
    return buffer.getvalue()


@dataclass(frozen=True)
class Shape:
    """A file, what is said of it, and the pairs that it has; or words why it is refused."""

    name: str
    data: Callable[[], bytes]
    options: dict[str, str] = field(default_factory=lambda: {"rater": "Vendor"})
    pairs: Pairs = field(default_factory=lambda: {"Vendor": TWO_NOTES})
    refused: str = ""


def text(written: str) -> Callable[[], bytes]:
    return written.encode


def of(form: str) -> Callable[[], bytes]:
    return lambda: table(LONG, form)


NORTH_SOUTH = "hadm_id;rater;ICD9_CODE\nn0;North;4019\nn0;South;4280\nn1;South;V103\n"
SHAPES: dict[str, Shape] = {
    "comma": Shape("c.csv", text("note_id,code\nn0,401.9\nn0,428.0\nn1,38.93\n")),
    "tab, gzipped": Shape(
        "c.tsv.gz",
        lambda: gzip.compress(b"HADM_ID\tICD9_CODE\nn0\t401.9\nn0\t428.0\nn1\t38.93\n"),
    ),
    "a list in a cell": Shape("c.csv", text("note_id,codes\nn0,401.9|428.0\nn1,38.93\n")),
    "psv": Shape("c.psv", text("n0|401.9|428.0\nn1|38.93\n")),
    "jsonl": Shape(
        "c.jsonl",
        text("".join(json.dumps({"note_id": n, "codes": c}) + "\n" for n, c in TWO_NOTES.items())),
    ),
    "a dict": Shape("c.json", text(json.dumps(TWO_NOTES))),
    "wide": Shape("c.csv", text("note_id,401.9,428.0,38.93\nn0,1,1,0\nn1,0,0,1\n")),
    "xlsx": Shape("c.xlsx", of("xlsx")),
    "parquet": Shape("c.parquet", of("parquet")),
    "feather": Shape("c.feather", of("feather")),
    "undotted, one kind": Shape(
        "c.csv",
        text("note_id,code\nn0,4019\nn0,4280\n"),
        {"rater": "Vendor", "codes_are": "dx"},
        {"Vendor": {"n0": ["401.9", "428.0"]}},
    ),
    "CAML's zeros": Shape(
        "c.csv",
        text("note_id,code\nn0,401.9\nn0,428.0\nn1,38.93\nn1,30.9\n"),
        {"rater": "Vendor", "reading": "caml"},
        {"Vendor": {"n0": ["401.9", "428.0"], "n1": ["03.09", "38.93"]}},
    ),
    "two raters": Shape(
        "c.csv",
        text(NORTH_SOUTH),
        {"codes_are": "dx"},
        {"North": {"n0": ["401.9"]}, "South": {"n0": ["428.0"], "n1": ["V10.3"]}},
    ),
    "typos kept, notes outside": Shape(
        "c.csv",
        text("note_id,code\nn0,.786.2\nn0,518.5\nelse,401.9\n"),
        {"rater": "Vendor", "unknown": "keep", "notes_of_study": "on"},
        {"Vendor": {"n0": [".786.2", "518.5"]}},
    ),
    "typos dropped": Shape(
        "c.csv",
        text("note_id,code\nn0,401.9\nn0,i50.22\nn1,\n"),
        {"rater": "Vendor", "unknown": "drop"},
        {"Vendor": {"n0": ["401.9"], "n1": []}},
    ),
    "no header": Shape("c.csv", text("n0,401.9\nn1,428.0\n"), refused="header"),
    "spoilt": Shape("c.csv", text("note_id,code\nn0,66\n"), refused="00.66"),
    "kind unknown": Shape("c.csv", text("note_id,code\nn0,4019\n"), refused="has no dot"),
    "nobody named": Shape(
        "c.csv", text("note_id,code\nn0,401.9\n"), {}, refused="the file names no rater"
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("shape", SHAPES)
def test_three_doors_give_the_same_pairs(shape, study, rae, tmp_path):
    file = SHAPES[shape]
    data = file.data()
    client = logged_in(rae)
    fields = {"kind": "model", **file.options}

    def by_command() -> str:
        (tmp_path / file.name).write_bytes(data)
        options = {**fields, "notes_of_study": bool(fields.get("notes_of_study"))}
        try:
            call_command("import_codings", tmp_path / file.name, stdout=io.StringIO(), **options)
        except CommandError as error:
            return str(error)
        return ""

    def by_api() -> str:
        sent = {"file": SimpleUploadedFile(file.name, data), **fields}
        answer = client.post("/api/v1/studies/small/codings/", sent)
        return "" if answer.status_code == 201 else answer.content.decode()

    def by_page() -> str:
        page = imported(client, "/studies/small/import/", file.name, data, **fields)
        return "" if page.status_code == 200 else page.content.decode()

    for door in (by_command, by_api, by_page):
        with transaction.atomic():
            said = door()
            assert bool(said) == bool(file.refused), (door.__name__, said)
            assert file.refused.lower() in said.lower(), door.__name__
            expected = {} if file.refused else file.pairs
            assert stored(study) == expected, door.__name__
            transaction.set_rollback(True)


def stored(study: Study) -> Pairs:
    """What is stored of models, by rater."""
    ids = Coding.objects.filter(rater__kind="model").values("rater")
    raters = Rater.objects.filter(pk__in=ids)
    return {rater.name: codings_of(study, rater) for rater in raters}
