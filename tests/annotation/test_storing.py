"""A batch is stored some notes at a time, and yet it is there whole or not at all."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from annotation.models import Batch, Coding, Note, Rater
from annotation.services import batches, notes_in
from annotation.services.batches import GrowingBatch
from annotation.services.notes_in import batch_upload
from annotation.tasks import sweep_uploads
from files.problems import FileError
from tests.cast import logged_in

FILE = b"note_id,text,codes\n" + b"".join(b"g%d,text %d,428.0\n" % (k, k) for k in range(5))
TABLES = (Note, Coding, Rater)


@pytest.fixture
def one_at_a_time(monkeypatch, codes):
    monkeypatch.setattr(batches, "AT_ONCE", 1)


def broken_off(monkeypatch, after: int, look=lambda: None) -> None:
    """Storing fails at the note after so many."""
    whole = GrowingBatch.add

    def add(self: GrowingBatch, rows) -> None:
        if self.count == after:
            look()
            raise RuntimeError("the disk is gone")
        whole(self, rows)

    monkeypatch.setattr(GrowingBatch, "add", add)


def test_nobody_sees_a_batch_before_its_last_note(one_at_a_time, monkeypatch, rae):
    client = logged_in(rae)
    seen = []

    def look() -> None:
        assert Note.objects.count() == 3
        seen.append(client.get("/batches/").content.decode())
        for name in ("notes", "codings", "batches"):
            assert client.get(f"/api/v1/{name}/").json()["count"] == 0, name

    with monkeypatch.context() as broken:
        broken_off(broken, 3, look)
        with pytest.raises(RuntimeError):
            batch_upload(name="g.csv", data=FILE, user=None)
    assert "g.csv" not in seen[0]
    assert Batch.all_objects.count() == 0
    assert [table.objects.count() for table in TABLES] == [0, 0, 0]
    batch, _ = batch_upload(name="g.csv", data=FILE, user=None)
    assert batch.notes.count() == 5 and "g.csv" in client.get("/batches/").content.decode()


def test_what_a_killed_process_left_is_removed_and_stored_anew(one_at_a_time, monkeypatch):
    with monkeypatch.context() as killed:
        broken_off(killed, 3)
        killed.setattr(notes_in, "batch_forget", lambda batch: None)
        with pytest.raises(RuntimeError):
            batch_upload(name="g.csv", data=FILE, user=None)
    assert Note.objects.count() == 3 and Batch.objects.count() == 0
    with pytest.raises(FileError, match="being stored just now"):
        batch_upload(name="g.csv", data=FILE, user=None)
    Batch.all_objects.update(grown_at=timezone.now() - timedelta(minutes=3))
    batch, new = batch_upload(name="g.csv", data=FILE, user=None)
    assert new and batch.notes.count() == Note.objects.count() == Coding.objects.count() == 5
    assert Rater.objects.count() == 1


def test_the_sweep_removes_it_too(one_at_a_time, monkeypatch):
    with monkeypatch.context() as killed:
        broken_off(killed, 3)
        killed.setattr(notes_in, "batch_forget", lambda batch: None)
        with pytest.raises(RuntimeError):
            batch_upload(name="g.csv", data=FILE, user=None)
    sweep_uploads()
    assert Batch.all_objects.count() == 1, "somebody may be at work on it"
    Batch.all_objects.update(grown_at=timezone.now() - timedelta(minutes=3))
    sweep_uploads()
    assert Batch.all_objects.count() == Note.objects.count() == 0
