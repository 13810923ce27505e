"""Whatever is wrong with a bundle, its own error names the member.

And nothing is stored.
"""

from __future__ import annotations

import csv
import io
import json
import random
import zipfile
from collections.abc import Iterator

import pytest
from django.apps import apps
from django.utils import timezone

from annotation.models import Code, Coding
from annotation.services.codings import Given, coding_append
from benchmark.bundle.export import study_export
from benchmark.bundle.import_study import study_import
from benchmark.bundle.zip_format import (
    MANIFEST,
    BundleError,
    pack,
    unpack,
)

READ = (
    "protocol.json",
    "codes.csv",
    "notes.csv",
    "raters.csv",
    "assignments.csv",
    "codings.csv",
    "notes.jsonl",
)
ODD = (None, [], {}, "", "x", "x" * 500, -1, 10**30, 1.5, True, "\0", "../../x")
FIELDS = ("", "x", "x" * 500, "-1", "9" * 30, "nan", "1e999", "\0", "../../x", "2020-13-01")
DEEP = b"[" * 100_000
EACH = 2
"""Mutations of a kind and member that are tried; which ones is drawn with a seed."""


@pytest.fixture
def bundle(study) -> bytes:
    """An export with everything that a bundle can hold but probabilities."""
    codes = Code.objects.filter(code__in=["401.9", "428.0"])
    for assignment in study.assignments.select_related("note", "rater"):
        given = Given(
            assignment.note, dict.fromkeys(codes), f"t{assignment.pk}", timezone.now(), 30.5
        )
        coding_append(study=study, rater=assignment.rater, given=given)
    return study_export(study=study, with_text=True)


def mutations(data: bytes) -> Iterator[tuple[str, bytes]]:
    """(what was done, the bundle) of each kind of damage."""
    rng = random.Random(0)
    files = unpack(data)
    yield from _of_the_zip(data, rng)
    for name in READ:
        content = files[name]
        yield f"{name} is gone", pack({other: x for other, x in files.items() if other != name})
        damaged = {
            "empty": b"",
            "a list": b"[]",
            "null": b"null",
            "deep": DEEP,
            "latin": b"\xff\xfe" + content,
        }
        damaged["cut"] = content[: len(content) // 2]
        for what, changed in damaged.items():
            yield f"{name} is {what}", pack({**files, name: changed})
        of_kind = (
            _of_json
            if name.endswith(".json")
            else _of_lines
            if name.endswith(".jsonl")
            else _of_csv
        )
        found = list(of_kind(content))
        for what, changed in rng.sample(found, min(EACH * 3, len(found))):
            yield f"{name}: {what}", pack({**files, name: changed})


def _of_the_zip(data: bytes, rng: random.Random) -> Iterator[tuple[str, bytes]]:
    for place in rng.sample(range(len(data)), EACH * 4):
        yield (
            f"byte {place} is flipped",
            data[:place] + bytes([data[place] ^ 0x55]) + data[place + 1 :],
        )
    yield "the file is cut", data[: len(data) // 2]
    for what, manifest in (
        ("a list", b"[]"),
        ("deep", DEEP),
        ("of numbers", b'{"format": 1, "files": 2}'),
    ):
        yield f"the manifest is {what}", _zipped(data, {MANIFEST: manifest})
    yield "a member is doubled", _zipped(data, {}, twice="codes.csv")


def _zipped(data: bytes, changed: dict[str, bytes], twice: str = "") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w") as new:
        for info in old.infolist():
            for _ in range(1 + (info.filename == twice)):
                new.writestr(info, changed.get(info.filename, old.read(info)))
    return buffer.getvalue()


def _of_json(content: bytes) -> Iterator[tuple[str, bytes]]:
    whole = json.loads(content)
    for key in whole:
        yield f"{key} is gone", json.dumps({k: v for k, v in whole.items() if k != key}).encode()
        for odd in ODD:
            yield f"{key} is {odd!r:.20}", json.dumps({**whole, key: odd}).encode()


def _of_lines(content: bytes) -> Iterator[tuple[str, bytes]]:
    first, *others = content.split(b"\n")
    for _, changed in _of_json(first):
        yield "the first line", b"\n".join([changed, *others])


def _of_csv(content: bytes) -> Iterator[tuple[str, bytes]]:
    header, *rows = list(csv.reader(io.StringIO(content.decode(), newline="")))
    for place, column in enumerate(header):
        yield f"{column} is gone", _csv([row[:place] + row[place + 1 :] for row in (header, *rows)])
        for odd in FIELDS:
            changed = [*rows[0][:place], odd, *rows[0][place + 1 :]]
            yield f"{column} is {odd!r:.20}", _csv([header, changed, *rows[1:]])
    yield "a short row", _csv([header, rows[0][:1], *rows])
    yield "a long row", _csv([header, [*rows[0], "more"], *rows])
    yield "a row twice", _csv([header, rows[0], *rows])


def _csv(rows: list[list[str]]) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(rows)
    return buffer.getvalue().encode()


def everything() -> dict[str, int]:
    """How many rows each table has."""
    models = [
        *apps.get_app_config("annotation").get_models(),
        *apps.get_app_config("benchmark").get_models(),
    ]
    return {model.__name__: model.objects.count() for model in models}


@pytest.mark.slow
def test_a_damaged_bundle_is_refused_in_words_and_nothing_is_stored(bundle):
    before, refused, surprises = everything(), 0, []
    for number, (what, damaged) in enumerate(mutations(bundle)):
        try:
            study_import(data=damaged, slug=f"copy-{number}")
        except BundleError as error:
            refused += 1
            if everything() != before:
                surprises.append(f"{what}: refused, but something is stored")
            if "\n" in str(error) or len(str(error)) > 400:
                surprises.append(f"{what}: {error}")
        except Exception as error:
            surprises.append(f"{what}: {type(error).__name__}: {error}")
        else:
            before = everything()
    assert not surprises, "\n".join(surprises)
    assert refused > 50


@pytest.mark.parametrize("seconds", ["-30.5", "1e300"])
def test_times_that_cannot_be_true_are_dropped_and_their_codings_kept(bundle, seconds):
    files = unpack(bundle)
    content = files["codings.csv"].replace(b",30.5,", f",{seconds},".encode())
    assert content != files["codings.csv"]
    copy = study_import(data=pack({**files, "codings.csv": content}), slug="copy")
    times = set(Coding.objects.filter(study=copy).values_list("active_seconds", "lead_time"))
    assert times == {(None, None)}


@pytest.mark.parametrize("odd", ["2026-03-05T09:30:00", "2026-03-05", "", None, 5, []])
def test_a_reopening_is_at_a_time_with_its_zone(bundle, odd):
    files = unpack(bundle)
    protocol = json.loads(files["protocol.json"])
    good = "2026-03-05T09:30:00+00:00"
    for field in ("closed_at", "reopened_at"):
        reopening = {"closed_at": good, "reopened_at": good, "could_see": [], field: odd}
        forged = json.dumps({**protocol, "reopenings": [reopening]}).encode()
        with pytest.raises(BundleError, match="reopenings"):
            study_import(data=pack({**files, "protocol.json": forged}), slug="copy")
