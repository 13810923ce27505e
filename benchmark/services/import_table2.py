"""Tables of `python -m rac_model evaluate --format json` come into the database."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.db import transaction

from annotation.models import User
from annotation.services.events import event_record
from benchmark.metrics.files.table2_document import read_evaluation
from benchmark.models import EvaluationRow, EvaluationTable


def evaluation_import(*, text: str, actor: User | None = None) -> tuple[EvaluationTable, bool]:
    """Store a document of Table 2; returns its table, and whether it is new.

    The same document again only becomes the newest.

    Raises BadEvaluationError naming the row; then nothing is stored.
    """
    document = read_evaluation(text)
    digest = _sha256(document)
    rows = document.pop("checkpoints")
    with transaction.atomic():
        table, created = EvaluationTable.objects.get_or_create(
            sha256=digest, defaults={"head": json.dumps(document), "imported_by": actor}
        )
        if created:
            made = []
            for position, row in enumerate(rows):
                made.append(
                    EvaluationRow(
                        table=table,
                        position=position,
                        checkpoint_sha256=row["sha256"],
                        document=json.dumps(row),
                    )
                )
            EvaluationRow.objects.bulk_create(made)
        else:
            table.save(update_fields=["imported_at"])
        event_record(
            actor=actor, verb="evaluation.imported", object=f"evaluation:{table.pk}", sha256=digest
        )
    return table, created


def evaluation_known(*, text: str) -> bool:
    """Whether this very document has been imported."""
    return EvaluationTable.objects.filter(sha256=_sha256(read_evaluation(text))).exists()


def _sha256(document: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()
