"""The same files at every door: page, API, commands and readers.

All take them alike, or refuse them in words.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from html import unescape
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import transaction

from annotation.models import Batch, Code, Coding, Event, Note, Rater, Study, Upload
from annotation.selectors.codings import latest_codes
from annotation.services.batches import batch_create, sha256_of
from annotation.services.codes import code_set_create
from benchmark.metrics.__main__ import main as metrics
from files.notes import NoteRow
from files.problems import FileError
from rac_model.data.note_files import read_notes
from tests.cast import logged_in
from tests.clerk import brought_in
from tests.files.inputs import CODINGS, NOTES, Refused, Taken
from tests.imports import imported

TABLES = (Batch, Note, Rater, Coding, Code, Study, Event)


@dataclass(frozen=True)
class Outcome:
    """`refused`: the message, or "" where the file was taken; `said`: what else was told."""

    refused: str
    said: str = ""


Door = Callable[[str, bytes], Outcome]


def counts() -> list[int]:
    return [table.objects.count() for table in TABLES]


def attempt(
    door: Door, name: str, data: bytes, look: Callable[[], object]
) -> tuple[Outcome, object]:
    """What a door says of a file and what `look` then sees, taken back again.

    After a refusal nothing must be there.
    """
    with transaction.atomic():
        before = counts()
        outcome = door(name, data)
        seen = look()
        if outcome.refused:
            assert counts() == before, door.__name__
        transaction.set_rollback(True)
    return outcome, seen


def page(answer) -> Outcome:
    text = unescape(answer.content.decode())
    assert answer.status_code in (200, 422), (answer.status_code, text[:300])
    return Outcome(text if answer.status_code == 422 else "", text)


def api(answer) -> Outcome:
    assert answer.status_code in (200, 201, 422), answer.content[:300]
    if answer.status_code != 422:
        return Outcome("", answer.content.decode())
    told = answer.json()
    assert told["total"] == sum(group["count"] for group in told["groups"]) == len(told["errors"])
    return Outcome(
        "; ".join(f"row {each['row']}: {each['message']}" for each in told["errors"])
        + str(told["groups"])
    )


def command(
    tmp_path: Path, capsys: pytest.CaptureFixture, *arguments: str, **options: object
) -> Door:
    def door(name: str, data: bytes) -> Outcome:
        path = tmp_path / name
        path.write_bytes(data)
        try:
            call_command(arguments[0], path, stdout=io.StringIO(), **options)
        except CommandError as error:
            assert error.returncode == 2
            return Outcome(str(error))
        return Outcome("", capsys.readouterr().err)

    door.__name__ = arguments[0]
    return door


def expect(outcome: Outcome, expected: Taken | Refused, door: str) -> None:
    if isinstance(expected, Taken):
        assert outcome.refused == "", door
        assert expected.said.lower() in outcome.said.lower(), door
        return
    assert outcome.refused, f"{door} has taken it"
    for words in expected.words:
        assert words.lower() in outcome.refused.lower(), door


@pytest.mark.slow
@pytest.mark.parametrize("case", NOTES)
def test_a_file_of_notes_at_every_door(case, db, sam, tmp_path, capsys):
    name, data, expected = NOTES[case]
    client = logged_in(sam)

    def by_page(name: str, data: bytes) -> Outcome:
        told = brought_in(client, name, data)
        was_refused = Upload.objects.latest("pk").state == Upload.State.REFUSED
        return Outcome(told if was_refused else "", told)

    def by_api(name: str, data: bytes) -> Outcome:
        return api(client.post("/api/v1/batches/", {"file": SimpleUploadedFile(name, data)}))

    def stored() -> tuple[dict[str, list[str] | None], dict[str, str]]:
        coded = latest_codes(Coding.objects.all())
        notes = dict(Note.objects.values_list("external_id", "text"))
        return {note: coded.get(note) for note in notes}, notes

    for door in (by_page, by_api, command(tmp_path, capsys, "load_notes")):
        outcome, (codes, texts) = attempt(door, name, data, stored)
        expect(outcome, expected, door.__name__)
        if isinstance(expected, Taken):
            assert codes == expected.codes, door.__name__
            assert expected.texts.items() <= texts.items(), door.__name__


@pytest.mark.parametrize("case", NOTES)
def test_a_file_of_notes_to_code_with_a_model(case, tmp_path):
    name, data, expected = NOTES[case]
    path = tmp_path / name
    path.write_bytes(data)
    if isinstance(expected, Refused) and expected.by_readers:
        with pytest.raises(FileError) as error:
            list(read_notes(str(path)))
        assert str(error.value).startswith((name, f"{name} row"))
        return
    notes = dict(read_notes(str(path)))
    if isinstance(expected, Taken):
        assert notes.keys() == expected.codes.keys()
        assert expected.texts.items() <= notes.items()


@pytest.fixture
def two_notes(db, ada) -> Study:
    """A closed study of the notes n1 and n2."""
    rows = [NoteRow("n1", "First.", ("428.0",)), NoteRow("n2", "Second.", ("401.9",))]
    batch, _ = batch_create(
        name="two", sha256=sha256_of("two"), origin="own", rows=rows, split="", user=None
    )
    codes = code_set_create(name="both", codes=["401.9", "428.0"])
    study = Study.objects.create(
        slug="two", batch=batch, code_set=codes, status=Study.Status.CLOSED
    )
    study.notes.set(batch.notes.all())
    return study


@pytest.mark.slow
@pytest.mark.parametrize("case", CODINGS)
def test_a_file_of_codings_at_every_door(case, two_notes, rae, tmp_path, capsys):
    name, data, expected = CODINGS[case]
    client = logged_in(rae)
    vendor = {"rater": "Vendor", "kind": "model"}

    def by_page(name: str, data: bytes) -> Outcome:
        return page(imported(client, "/studies/two/import/", name, data, **vendor))

    def by_api(name: str, data: bytes) -> Outcome:
        return api(
            client.post(
                "/api/v1/studies/two/codings/", {"file": SimpleUploadedFile(name, data), **vendor}
            )
        )

    by_command = command(tmp_path, capsys, "import_codings", study="two", **vendor)
    for door in (by_page, by_api, by_command):
        outcome, codes = attempt(
            door, name, data, lambda: latest_codes(Coding.objects.filter(rater__name="Vendor"))
        )
        expect(outcome, expected, door.__name__)
        if isinstance(expected, Taken):
            assert codes == expected.codes, door.__name__


@pytest.mark.parametrize("case", CODINGS)
def test_a_file_of_codings_that_makes_a_study(case, db, rae, tmp_path, capsys):
    name, data, expected = CODINGS[case]
    if isinstance(expected, Taken) and not any(expected.codes.values()):
        expected = Refused(("no codes",))
    client = logged_in(rae)

    def by_page(name: str, data: bytes) -> Outcome:
        return page(imported(client, "/studies/from-codings/", name, data, slug="made"))

    def by_api(name: str, data: bytes) -> Outcome:
        return api(
            client.post(
                "/api/v1/studies/", {"slug": "made", "file": SimpleUploadedFile(name, data)}
            )
        )

    by_command = command(
        tmp_path, capsys, "import_codings", study="made", kind="reference", new=True
    )
    for door in (by_page, by_api, by_command):
        outcome, codes = attempt(door, name, data, lambda: latest_codes(Coding.objects.all()))
        expect(outcome, expected, door.__name__)
        if isinstance(expected, Taken):
            assert codes == expected.codes, door.__name__


@pytest.mark.parametrize("case", CODINGS)
def test_a_file_of_codings_to_score(case, tmp_path, capsys):
    name, data, expected = CODINGS[case]
    path = tmp_path / name
    path.write_bytes(data)
    status = metrics([str(path), f"Same={path}"])
    told = capsys.readouterr()
    if isinstance(expected, Refused) and expected.by_readers:
        assert status == 2 and told.err.count("\n") == 1 and "Traceback" not in told.err
        assert any(words in told.err for words in expected.words)
    else:
        assert status == 0 and "Same" in told.out
