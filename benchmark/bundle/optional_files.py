"""A bundle's files that not every bundle has: texts, weights, counts of other stays."""

from __future__ import annotations

import json
from collections.abc import Mapping

from annotation.models import Batch, OutsideCounts, WeightList
from annotation.services.batches import sha256_of
from annotation.services.statements import weights_keep
from benchmark.bundle.fields import Files, Row, member
from benchmark.bundle.zip_format import BundleError
from files.code_files import parse_counts, parse_weights
from files.source import from_bytes


def weights_read(files: Files, named: object) -> WeightList | None:
    """The weights of the study, kept; None for a bundle of a study without.

    `named`: what protocol.json says of them. BundleError where weights.csv is another list.
    """
    if named is None:
        return None
    with member("weights.csv"):
        if not isinstance(named, dict):
            raise TypeError("no object")
        file = parse_weights(from_bytes("weights.csv", files["weights.csv"]))
        kept = weights_keep(str(named["name"]), file)
        if kept.sha256 != named["sha256"]:
            raise BundleError("weights.csv is not the list whose hash the protocol names")
        return kept


def outside_counts_read(files: Files, batch: Batch) -> None:
    """Keep the counts of other stays where the batch has none yet."""
    if "outside_counts.csv" not in files:
        return
    with member("outside_counts.csv"):
        file = parse_counts(from_bytes("outside_counts.csv", files["outside_counts.csv"]))
        OutsideCounts.objects.get_or_create(
            batch=batch, defaults={"stays": file.notes, "counts": file.counts}
        )


def texts_read(files: Files, rows: Mapping[str, Row]) -> dict[str, str]:
    """The notes' texts, where the bundle has them; `rows` are those of notes.csv by the note.

    BundleError for a text that is not what was coded.
    """
    texts = {}
    with member("notes.jsonl"):
        for line in files.get("notes.jsonl", b"").decode().split("\n"):
            if not line:
                continue
            found = json.loads(line)
            note = found["note_id"]
            text = found["text"]
            if note not in rows or sha256_of(text) != rows[note]["sha256"]:
                raise BundleError(
                    f"the text of note {str(note)[:64]} is not the one that was coded"
                )
            texts[note] = text
    return texts
