"""Bundles too large to be made while somebody waits.

They are asked for, made by a worker, and kept for a day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from annotation.models import Study, User
from benchmark.bundle.export import study_export
from benchmark.models import Export, ExportPart

PART = 2**20
KEPT = timedelta(days=1)
LOST = timedelta(hours=1)
"""After which a worker is thought to have stopped without a word."""


def export_ask(
    *, study: Study, actor: User, with_text: bool, queue: Callable[[int], object]
) -> Export:
    """Ask a worker, by `queue(export id)`, to make the bundle.

    One that is on its way is not asked for twice.
    """
    Export.objects.filter(asked_at__lt=timezone.now() - KEPT).delete()
    states = [Export.State.WAITING, Export.State.WORKING]
    since = timezone.now() - LOST
    same = study.exports.filter(with_text=with_text, state__in=states, asked_at__gte=since)
    under_way = same.first()
    if under_way:
        return under_way
    made = Export.objects.create(study=study, with_text=with_text, asked_by=actor)
    queue(made.pk)
    return made


def export_make(export_id: int) -> None:
    """Make the bundle of an export that waits; another worker's is left alone.

    Of an error its kind is kept, and it is raised again.
    """
    waiting = Export.objects.filter(pk=export_id, state=Export.State.WAITING)
    claimed = waiting.update(state=Export.State.WORKING)
    if not claimed:
        return
    export = Export.objects.select_related("study", "asked_by").get(pk=export_id)

    def progress(done: int, total: int) -> None:
        Export.objects.filter(pk=export_id).update(done=done, total=total)

    try:
        data = study_export(
            study=export.study, actor=export.asked_by, with_text=export.with_text, progress=progress
        )
        _keep(export, data)
    except Exception as error:
        export_failed(export_id, type(error).__name__)
        raise


def export_failed(export_id: int, error: str) -> None:
    """Say on the study's page that there is no bundle. `error` is the error's kind, no words."""
    Export.objects.filter(pk=export_id).update(state=Export.State.FAILED, error=error)


def export_parts(export: Export) -> Iterator[bytes]:
    """The bundle's bytes, a part at a time."""
    for part in export.parts.order_by("position").iterator(chunk_size=1):
        yield bytes(part.data)


def _keep(export: Export, data: bytes) -> None:
    """Store the parts in place of the study's earlier bundles."""
    with transaction.atomic():
        for position, start in enumerate(range(0, len(data), PART)):
            part = data[start : start + PART]
            ExportPart.objects.create(export=export, position=position, data=part)
        Export.objects.filter(pk=export.pk).update(state=Export.State.DONE, size=len(data))
        export.study.exports.filter(with_text=export.with_text, pk__lt=export.pk).delete()
