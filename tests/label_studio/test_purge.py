"""Notes leave Label Studio for good: projects, copies elsewhere, files, the database's bytes."""

from __future__ import annotations

import hashlib
import json

from annotation.label_studio.forget import clean, forget
from tests.label_studio.conftest import BEN, new_project, person_with
from tests.live import LiveLabelStudio
from tests.on_file import holding

GONE, STAYS = "Quagga-7731 was here.", "Okapi-4402 is here."


def test_what_is_forgotten_is_in_no_byte_and_what_is_kept_stays(label_studio: LiveLabelStudio):
    client = label_studio.client()
    client.ensure_account(BEN, "Ben")
    own, by_hand, kept = (new_project(label_studio, BEN) for _ in range(3))
    client.push_tasks(own, [("1", GONE), ("2", GONE + " " + "x" * 5000)])
    client.push_tasks(by_hand, [("3", GONE), ("4", STAYS)])
    client.push_tasks(kept, [("5", STAYS)])
    sam = person_with(label_studio, label_studio.token)
    rows = json.dumps([{"data": {"note_id": "6", "text": GONE}}]).encode()
    assert sam("POST", f"/api/projects/{own}/import", files={"file": ("r.json", rows)}).is_success
    every = f"/api/projects/{own}/export?exportType=JSON&download_all_tasks=true"
    assert sam("GET", every).is_success
    assert len(holding(label_studio.data_dir, [GONE])) >= 3  # the database and two files

    client.delete_project(own)
    texts = [hashlib.sha256(text.encode()).hexdigest() for text in (GONE, STAYS)]
    found = forget(client, [own], texts[:1], [kept])
    assert (found["tasks"], found["files"]) == (1, 3)  # an export is two files
    assert clean(client) == ("", [])
    assert holding(label_studio.data_dir, [GONE]) == []
    assert set(client.task_texts_sha256(by_hand).values()) == {texts[1]}

    assert forget(client, [own], texts, [by_hand, kept])["tasks"] == 0
    assert forget(client, [own], texts, [by_hand])["tasks"] == 1
    assert list(client.task_texts_sha256(kept)) == []
