"""Having Label Studio tell us of new answers."""

from __future__ import annotations

from django.conf import settings

from annotation.event_names import WEBHOOKS
from annotation.label_studio.client import LabelStudio, LabelStudioRefused
from annotation.models import Study
from annotation.services.events import event_record


def webhooks_set(study: Study, client: LabelStudio) -> str:
    """Ask Label Studio to tell us of new answers; returns its words where it refuses the address.

    Only a pull brings answers in, a webhook makes the next one come sooner. So a refusal is
    recorded, and stops nothing.
    """
    if not settings.WEBHOOK_URL:
        return ""
    refused = ""
    for project_id in study.workspaces.order_by("pk").values_list("project_id", flat=True):
        assert project_id is not None  # each was loaded just now
        address = f"{settings.WEBHOOK_URL}{project_id}/"
        try:
            client.add_webhook(project_id, address, settings.WEBHOOK_SECRET)
        except LabelStudioRefused as refusal:
            refused = str(refusal)
    event_record(actor=None, verb=WEBHOOKS, object=f"study:{study.slug}", error=refused)
    return refused
