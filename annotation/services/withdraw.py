"""Withdrawing a batch: no new study can have it. It can be put back."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from annotation.event_names import PUT_BACK, WITHDRAWN
from annotation.models import Batch, User
from annotation.selectors.removal import put_back_refusal, withdrawal_refusal
from annotation.services.events import event_record


@transaction.atomic
def batch_withdraw(*, batch: Batch, actor: User | None) -> None:
    """Take a batch out of the choices for new studies. Its notes stay, for closed studies.

    Raises ValueError where a draft or an open study uses it.
    """
    held = batch_held(batch)
    refusal = withdrawal_refusal(held)
    if refusal:
        raise ValueError(refusal)
    held.withdrawn_at = timezone.now()
    held.save(update_fields=["withdrawn_at"])
    event_record(actor=actor, verb=WITHDRAWN, object=f"batch:{held.pk}")


@transaction.atomic
def batch_put_back(*, batch: Batch, actor: User | None) -> None:
    """Let new studies have a batch again. Raises ValueError where its notes were removed."""
    held = batch_held(batch)
    refusal = put_back_refusal(held)
    if refusal:
        raise ValueError(refusal)
    held.withdrawn_at = None
    held.save(update_fields=["withdrawn_at"])
    event_record(actor=actor, verb=PUT_BACK, object=f"batch:{held.pk}")


def batch_held(batch: Batch) -> Batch:
    """The batch's row, locked until the transaction ends: no draft is made of it meanwhile.

    Raises ValueError where it is gone.
    """
    held = Batch.objects.select_for_update().filter(pk=batch.pk).first()
    if held is None:
        raise ValueError(f"{batch.name} is gone: its notes were removed")
    return held


def check_not_withdrawn(batch: Batch) -> None:
    """Raises ValueError where no new study can have a batch. Its row is locked from then on."""
    if batch_held(batch).withdrawn_at is not None:
        raise ValueError(
            f"{batch.name} is withdrawn: no new study can have its notes; choose another batch, "
            "or ask an admin to put it back"
        )
